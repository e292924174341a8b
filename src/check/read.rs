//! Reading documents of checks.

use crate::collections::{Gather, SortedMap};
use crate::float;

use crate::diagnostic::{Code, Diagnostic, SourceId};
use crate::report::RequestOutcome;
use crate::unicode;
use crate::yaml::{Node, Value};

use super::{Checks, Expected, Place, ReferenceCheck, RequestCheck};

/// What stands in `type`.
pub const KIND: &str = "MeshscopeCheck";

const DOCUMENT: &[&str] = &["type", "name", "mesh", "requests", "references"];
const REQUEST: &[&str] =
    &["name", "from", "zone", "mesh", "to", "method", "path", "headers", "rule", "lands", "outcome"];
const REFERENCE: &[&str] = &["name", "at", "zone", "hits"];
const LANDING: &[&str] = &["kind", "service", "port", "zone", "endpoint", "share"];
const HIT: &[&str] = &["kind", "service", "port", "zone"];
const DENIED: &str = "denied";

/// Reads one document. What cannot be run is left out and spoken of: a check that is wrong must not look like one that
/// holds.
pub fn read(root: &Node, source: SourceId) -> (Checks, Vec<Diagnostic>) {
    let mut reader = Reader { source, problems: Vec::new() };
    reader.known(root, DOCUMENT, "a document of checks");
    let name = scalar(root.get("name")).unwrap_or_default();
    let mesh = scalar(root.get("mesh")).unwrap_or_else(|| "default".into());
    let requests = reader.list(root, "requests").iter().filter_map(|n| reader.request(n, &mesh)).gather();
    let references = reader.list(root, "references").iter().filter_map(|n| reader.reference(n)).gather();
    if root.items("requests").is_empty() && root.items("references").is_empty() {
        reader.say(root, "the document checks nothing").help("add `requests` or `references`");
    }
    (Checks { name, mesh, requests, references }, reader.problems)
}

struct Reader {
    source: SourceId,
    problems: Vec<Diagnostic>,
}

/// The problem that was said last, which may still get a help line.
struct Said<'a>(Option<&'a mut Diagnostic>);

impl Said<'_> {
    fn help(self, help: impl Into<String>) {
        if let Some(diagnostic) = self.0 {
            diagnostic.help = Some(help.into());
        }
    }
}

impl Reader {
    fn say(&mut self, node: &Node, message: impl Into<String>) -> Said<'_> {
        let new = Diagnostic::new(Code::CheckCannotRun, message).at(self.source, node.span);
        self.problems.push(new);
        Said(self.problems.last_mut())
    }

    /// A field that is not known is a slip that would make a check hold for no reason.
    fn known(&mut self, node: &Node, fields: &[&str], what: &str) -> bool {
        let Some(map) = node.as_map() else {
            self.say(node, format!("{what} is a mapping")).help(format!("its fields are `{}`", fields.join("`, `")));
            return false;
        };
        let mut all = true;
        for entry in &map.entries {
            if !fields.contains(&entry.key.as_str()) {
                let key = Node { value: Value::Null, span: entry.key_span };
                self.say(&key, format!("{what} has no field `{}`", entry.key))
                    .help(format!("its fields are `{}`", fields.join("`, `")));
                all = false;
            }
        }
        all
    }

    fn list<'a>(&mut self, node: &'a Node, key: &str) -> &'a [Node] {
        match node.get(key) {
            Some(value) if value.as_seq().is_none() && !value.is_null() => {
                self.say(value, format!("`{key}` is a list"));
                &[]
            }
            _ => node.items(key),
        }
    }

    fn needed(&mut self, node: &Node, key: &str, what: &str) -> Option<String> {
        let found = scalar(node.get(key)).filter(|text| !text.is_empty());
        if found.is_none() {
            self.say(node, format!("{what} has no `{key}`"));
        }
        found
    }

    fn request(&mut self, node: &Node, mesh: &str) -> Option<RequestCheck> {
        let what = "a request";
        let known = self.known(node, REQUEST, what);
        let from = self.needed(node, "from", what);
        let to = self.needed(node, "to", what);
        let expected = self.expected(node);
        let (from, to, expected) = (from?, to?, expected?);
        let method = scalar(node.get("method")).unwrap_or_default();
        let path = scalar(node.get("path")).unwrap_or_default();
        let verb = if method.is_empty() { "GET" } else { &method };
        let title = scalar(node.get("name")).unwrap_or_else(|| format!("{verb} {to}{path} from {from}"));
        known.then(|| RequestCheck {
            title,
            zone: scalar(node.get("zone")),
            mesh: scalar(node.get("mesh")).unwrap_or_else(|| mesh.to_owned()),
            headers: headers(node),
            rule: scalar(node.get("rule")),
            span: node.span,
            from,
            to,
            method,
            path,
            expected,
        })
    }

    fn expected(&mut self, node: &Node) -> Option<Expected> {
        match (node.get("lands"), scalar(node.get("outcome"))) {
            (Some(lands), outcome) => {
                if outcome.as_deref().is_some_and(|o| o != RequestOutcome::Routed.name()) {
                    self.say(node, "a request that lands somewhere has no other outcome")
                        .help("leave out `lands` or `outcome`");
                    return None;
                }
                let places = self.places(lands, "lands", LANDING)?;
                if places.is_empty() {
                    self.say(lands, "`lands` is empty")
                        .help("for a request that must not get through write `outcome`, such as `outcome: noRoute`");
                    return None;
                }
                Some(Expected::Lands(places))
            }
            (None, Some(text)) if text == DENIED => Some(Expected::Denied),
            (None, Some(text)) => {
                let found = RequestOutcome::ALL.iter().copied().find(|o| o.name() == text);
                if found.is_none() {
                    let names: Vec<&str> = RequestOutcome::ALL.iter().map(|o| o.name()).gather();
                    self.say(node.get("outcome").unwrap_or(node), format!("`{text}` is no outcome of a request"))
                        .help(format!("outcomes are `{}` and `{DENIED}`", names.join("`, `")));
                }
                found.map(Expected::Outcome)
            }
            (None, None) => {
                self.say(node, "a request does not say what has to become of it")
                    .help("add `lands`, such as `lands: [{service: orders, port: http, share: 100%}]`, or `outcome`");
                None
            }
        }
    }

    fn reference(&mut self, node: &Node) -> Option<ReferenceCheck> {
        let what = "a reference";
        let known = self.known(node, REFERENCE, what);
        let at = self.needed(node, "at", what);
        let hits = match node.get("hits") {
            Some(hits) => self.places(hits, "hits", HIT),
            None => {
                self.say(node, "a reference does not say what it has to hit")
                    .help("add `hits`; `hits: []` if it has to hit nothing");
                None
            }
        };
        let (at, hits) = (at?, hits?);
        let title = scalar(node.get("name")).unwrap_or_else(|| at.clone());
        known.then(|| ReferenceCheck { title, zone: scalar(node.get("zone")), span: node.span, at, hits })
    }

    fn places(&mut self, node: &Node, key: &str, fields: &[&str]) -> Option<Vec<Place>> {
        let Some(items) = node.as_seq() else {
            self.say(node, format!("`{key}` is a list")).help(format!("write `{key}: [{{service: orders}}]`"));
            return None;
        };
        items.iter().map(|item| self.place(item, key, fields)).gather::<Vec<_>>().into_iter().gather()
    }

    fn place(&mut self, node: &Node, key: &str, fields: &[&str]) -> Option<Place> {
        if !self.known(node, fields, &format!("an item of `{key}`")) {
            return None;
        }
        let share = match node.get("share") {
            None => None,
            Some(written) => {
                let share = scalar(Some(written)).and_then(|text| percent(&text));
                if share.is_none() {
                    self.say(written, "a share is a percentage").help("write `share: 90%`");
                    return None;
                }
                share
            }
        };
        let text = |key: &str| scalar(node.get(key));
        Some(Place {
            kind: text("kind"),
            service: text("service"),
            port: text("port"),
            zone: text("zone"),
            endpoint: text("endpoint"),
            share,
        })
    }
}

fn headers(node: &Node) -> SortedMap<String, String> {
    let map = node.get("headers").and_then(Node::as_map);
    let entries = map.into_iter().flat_map(|m| &m.entries);
    entries.filter_map(|e| Some((unicode::lower(&e.key), scalar(Some(&e.value))?))).gather()
}

/// `90%` and `90` are both ninety percent.
fn percent(text: &str) -> Option<f64> {
    let number = float::parse(text.strip_suffix('%').unwrap_or(text).trim_end())?;
    (0.0..=100.0).contains(&number).then_some(number)
}

/// Text, or what YAML made of text without quotes.
fn scalar(node: Option<&Node>) -> Option<String> {
    match &node?.value {
        Value::String(text) => Some(text.as_str().to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::UInt(value) => Some(value.to_string()),
        Value::Float(value) => Some(float::shortest(*value)),
        Value::Null | Value::Seq(_) | Value::Map(_) => None,
    }
}
