//! Places in a document, by Kuma's paths, and what is said of them.

use crate::collections::{sort, Gather};
use crate::diagnostic::Violation;
use crate::schema;
use crate::yaml::{Node, Span};

use super::protobuf::go_quote;
use super::Finding;

/// A place in a document: Kuma's path to it, what stands there, and where.
///
/// Kuma's paths do not always follow the document (`spec.to[0].default.conf.tcp`), so the path and the value go along
/// separately.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// Kuma's path; empty where nobody is to read it.
    pub path: String,
    /// Whether paths are wanted at all.
    pub with_paths: bool,
    /// The value; nothing if it is absent or null.
    pub node: Option<&'a Node>,
    /// The span of the value, or of the nearest value around it.
    pub span: Span,
}

impl<'a> At<'a> {
    /// The whole document.
    pub fn root(node: &'a Node) -> Self {
        At { path: String::new(), with_paths: true, node: Some(node), span: node.span }
    }

    /// The whole document, to find out whether anything is to be said of it. To put paths together is most of the work
    /// of validation.
    pub fn without_paths(node: &'a Node) -> Self {
        At { with_paths: false, ..At::root(node) }
    }

    /// A member of a mapping.
    pub fn field(&self, name: &str) -> At<'a> {
        self.to(self.join(name), self.node.and_then(|n| n.get(name)))
    }

    /// A member of a protobuf message, under either spelling; the path has the first.
    pub fn proto(&self, name: &str) -> At<'a> {
        self.to(self.join(name), self.node.and_then(|n| super::protobuf::get(n, name)))
    }

    /// The value of a key that is no identifier: `tags["kuma.io/service"]`.
    pub fn key(&self, key: &str) -> At<'a> {
        let path = match self.with_paths {
            true => format!("{}[{}]", self.path, go_quote(key)),
            false => String::new(),
        };
        self.to(path, self.node.and_then(|n| n.get(key)))
    }

    /// The same value under a longer path.
    pub fn named(&self, name: &str) -> At<'a> {
        At { path: self.join(name), ..*self }
    }

    fn to(&self, path: String, node: Option<&'a Node>) -> At<'a> {
        At { path, with_paths: self.with_paths, node, span: node.map_or(self.span, |n| n.span) }
    }

    fn join(&self, name: &str) -> String {
        match self.path.as_str() {
            _ if !self.with_paths => String::new(),
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// The items of a list; none if it is absent.
    pub fn items(&self) -> Vec<At<'a>> {
        let items = self.node.and_then(Node::as_seq).unwrap_or_default();
        let at = |(index, node): (usize, &'a Node)| At {
            path: if self.with_paths { format!("{}[{index}]", self.path) } else { String::new() },
            with_paths: self.with_paths,
            node: Some(node),
            span: node.span,
        };
        items.iter().enumerate().map(at).gather()
    }

    /// Whether anything but null stands there.
    pub fn exists(&self) -> bool {
        self.node.is_some()
    }

    /// Whether nothing stands there.
    pub fn is_absent(&self) -> bool {
        self.node.is_none()
    }

    /// Whether something stands there that is not the empty text, list or mapping.
    pub fn is_set(&self) -> bool {
        self.node.is_some_and(|node| {
            node.as_str() != Some("")
                && node.as_seq().is_none_or(|s| !s.is_empty())
                && node.as_map().is_none_or(|m| !m.entries.is_empty())
        })
    }

    /// The text; empty if absent.
    pub fn text(&self) -> &'a str {
        self.node.and_then(Node::as_str).unwrap_or_default()
    }

    /// The whole number.
    pub fn number(&self) -> Option<i64> {
        self.node.and_then(Node::as_i64)
    }

    /// The duration in nanoseconds.
    pub fn duration(&self) -> Option<i64> {
        schema::parse_duration(self.node?.as_str()?).ok()
    }

    /// The pairs of a map of text, by key; null is the empty text.
    pub fn pairs(&self) -> Vec<(&'a str, &'a str)> {
        let entries = self.node.and_then(Node::as_map).map(|m| m.entries.as_slice()).unwrap_or_default();
        let mut pairs: Vec<_> = entries.iter().map(|e| (e.key.as_str(), e.value.as_str().unwrap_or_default())).gather();
        sort(&mut pairs);
        pairs
    }
}

/// What is said of a document.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order in which it was said.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Says it of a place.
    pub fn say(&mut self, at: &At<'_>, reason: impl Into<String>) {
        let violation = Violation { field: at.path.clone(), reason: reason.into() };
        self.findings.push(Finding { violation, span: at.span });
    }

    /// Says it of a place unless the condition holds.
    pub fn unless(&mut self, holds: bool, at: &At<'_>, reason: impl Into<String>) {
        if !holds {
            self.say(at, reason);
        }
    }
}
