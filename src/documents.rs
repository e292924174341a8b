//! The documents of sources, each read by itself, and not again while its text stays the same.
//!
//! Spans of a document that is not read again must not change though text before it did. So they do not count from the
//! start of its source but from a number that the document got when it was read; [`Moved`] tells where that is now. As
//! long as every document has been read once only, the two are the same.

use std::sync::Arc;

use crate::collections::Gather;
use crate::diagnostic::{Diagnostic, SourceId};
use crate::resource::{self, DocumentId, Environment, Kind, Reading, Resource};
use crate::text::Text;
use crate::validate::{self, Studied};
use crate::world::{Options, Source};
use crate::yaml::{self, Budget, Document, Entry, Limits, Map, Node, Span, Value};

/// What was read of sources, for the next time. Answers never depend on it.
#[derive(Debug, Default)]
pub struct Memory {
    options: Option<Options>,
    pub(crate) sources: Vec<Known>,
}

/// A source that was read.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: String,
    zone: Option<String>,
    environment: Option<Environment>,
    pub(crate) text: Text,
    pub(crate) documents: Vec<KnownDocument>,
    /// What is wrong with the source as a whole.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// A number that no document's spans reach.
    next: u32,
}

/// A document that was read.
#[derive(Debug)]
pub(crate) struct KnownDocument {
    /// Where it stands.
    at: Span,
    /// What its spans say instead of `at.start`.
    start: u32,
    /// What it took of the limits; nothing if it is to be read again every time: problems that the reader finds may speak
    /// of lines.
    spent: Option<Budget>,
    /// Without values, unless they are kept.
    pub(crate) document: Document,
    /// True if nothing stands in it for it could not be read.
    pub(crate) unreadable: bool,
    /// What the reader found.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What stands in it: one resource, or the items of a `List`.
    pub(crate) items: Vec<KnownItem>,
}

/// A document or an item of a `List`.
#[derive(Debug)]
pub(crate) struct KnownItem {
    /// Where it stands.
    pub(crate) span: Span,
    /// Its values; of Universal resources but Meshes only those that say what it is, and nothing if they are what
    /// [`head`] gives.
    pub(crate) node: Option<Box<Node>>,
    /// What it is.
    pub(crate) reading: Reading,
    /// True if the resource has got the tag of its zone.
    pub(crate) tagged: bool,
    /// What Kuma says of it alone, if it is in Universal form.
    pub(crate) studied: Option<Studied>,
    /// Fields that Kuma does not know.
    pub(crate) unknown: Vec<Diagnostic>,
}

/// Where documents of a source stand that were read when they stood elsewhere: the first and last number that their spans
/// may have, and what the first means now. Ascending; empty if all spans are what they say.
pub type Moved = Vec<(u32, u32, u32)>;

/// Whether all values are kept in [`KnownDocument::document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Kept,
    Forgotten,
}

impl Memory {
    /// Reads sources, as far as they are not known.
    pub(crate) fn read(&mut self, sources: &[Source], options: &Options, values: Values) {
        if self.options.as_ref() != Some(options) || values == Values::Kept {
            *self = Memory { options: Some(options.clone()), sources: Vec::new() };
        }
        let mut known = std::mem::take(&mut self.sources).into_iter();
        for (source, id) in sources.iter().zip((0..).map(SourceId)) {
            let old = known.next().filter(|old| {
                old.name == source.name && old.zone == source.zone && old.environment == source.environment
            });
            let again = old.and_then(|old| read(id, source, options, Some(old), values));
            self.sources.extend(again.or_else(|| read(id, source, options, None, values)));
        }
    }
}

impl Memory {
    /// Takes out what each document is; [`Memory::put_back`] takes it again in the same order.
    pub(crate) fn take_readings(&mut self) -> Vec<(Reading, bool)> {
        self.items_mut().map(|item| (std::mem::replace(&mut item.reading, Reading::Checks), item.tagged)).gather()
    }

    /// Remembers what each document is, with the tags that it has got.
    pub(crate) fn put_back(&mut self, readings: Vec<(Reading, bool)>) {
        for (item, (reading, tagged)) in self.items_mut().zip(readings) {
            (item.reading, item.tagged) = (reading, tagged);
        }
    }

    fn items_mut(&mut self) -> impl Iterator<Item = &mut KnownItem> {
        self.sources.iter_mut().flat_map(|known| &mut known.documents).flat_map(|d| &mut d.items)
    }
}

impl Known {
    /// Where its documents stand.
    pub(crate) fn moved(&self) -> Moved {
        if self.documents.iter().all(|d| d.start == d.at.start) {
            return Moved::new();
        }
        let mut moved: Moved =
            self.documents.iter().map(|d| (d.start, d.start + (d.at.end - d.at.start), d.at.start)).gather();
        crate::collections::sort(&mut moved);
        moved
    }
}

/// Reads a source. Nothing if what is known of it does not go together with the limits.
fn read(id: SourceId, source: &Source, options: &Options, old: Option<Known>, values: Values) -> Option<Known> {
    let limits = &options.limits;
    let fresh = old.is_none();
    let (old_text, mut next, mut old) = match old {
        Some(old) => (old.text, old.next, old.documents),
        None => (Text::default(), 0, Vec::new()),
    };
    let mut known = Known {
        name: source.name.clone(),
        zone: source.zone.clone(),
        environment: source.environment,
        text: source.text.clone(),
        documents: Vec::new(),
        diagnostics: Vec::new(),
        next,
    };
    let text = source.text.as_str();
    if let Some(problem) = yaml::too_large(id, text, limits) {
        known.diagnostics.push(problem);
        return fresh.then_some(known);
    }
    let spans = yaml::document_spans(text);
    if let Some(span) = spans.get(limits.documents) {
        if !fresh {
            return None;
        }
        known.diagnostics.push(yaml::too_many(id, *span, limits));
    }
    let mut reader = yaml::Reader::new(id, text, limits);
    let mut olds = old.drain(..);
    known.documents.reserve_exact(spans.len().min(limits.documents));
    for (at, index) in spans.into_iter().take(limits.documents).zip(0..) {
        let part = |text: &str, at: Span| text.get(at.start as usize..at.end as usize).map(str::len);
        let same = olds.next().filter(|old| {
            old.spent.is_some()
                && part(&old_text, old.at) == part(text, at)
                && old_text.get(old.at.start as usize..old.at.end as usize)
                    == text.get(at.start as usize..at.end as usize)
        });
        if let Some(mut same) = same {
            if !same.spent.as_ref().is_some_and(|spent| reader.spend(spent)) {
                return None;
            }
            same.at = at;
            known.documents.push(same);
            continue;
        }
        let start = if fresh { at.start } else { next };
        next = start.checked_add(at.end - at.start)?.checked_add(1)?;
        known.documents.push(document(
            &mut reader,
            source,
            DocumentId { source: id, index },
            at,
            start,
            options,
            values,
        ));
    }
    // beyond all that is read of this text
    known.next = next.max(u32::try_from(text.len()).ok()?.checked_add(1)?);
    Some(known)
}

fn document(
    reader: &mut yaml::Reader<'_>,
    source: &Source,
    id: DocumentId,
    at: Span,
    start: u32,
    options: &Options,
    values: Values,
) -> KnownDocument {
    let mut diagnostics = Vec::new();
    let before = reader.left();
    let mut document = reader.document(at, start, id.index, &mut diagnostics);
    let readable = document.root.is_some();
    let lasts = readable && diagnostics.is_empty();
    let spent = lasts.then(|| before.less(&reader.left()));
    let root = match values {
        Values::Kept => document.root.clone().map(|root| *root),
        Values::Forgotten => {
            document.partial = None;
            document.root.take().map(|root| *root)
        }
    };
    let roots = root.map(items).unwrap_or_default();
    let mut items = Vec::with_capacity(roots.len());
    items.extend(roots.into_iter().map(|node| item(node, source, id, options)));
    KnownDocument { at, start, spent, unreadable: !readable, document, diagnostics, items }
}

/// A document, or the items of a `List`.
fn items(root: Node) -> Vec<Node> {
    let is_list =
        root.text("kind").is_some_and(|k| k == "List" || (k.ends_with("List") && root.get("items").is_some()));
    if !is_list {
        return vec![root];
    }
    let Value::Map(map) = root.value else { return Vec::new() };
    let items = map.entries.into_iter().find(|e| e.key == "items").map(|e| e.value.value);
    match items {
        Some(Value::Seq(items)) => items,
        _ => Vec::new(),
    }
}

fn item(mut node: Node, source: &Source, id: DocumentId, options: &Options) -> KnownItem {
    let mut reading = resource::read(&node, id);
    let elsewhere = source.environment.is_some_and(|e| reading.environment() != e);
    if elsewhere && !matches!(reading, Reading::Checks) {
        reading = Reading::Unknown { kind: None };
    }
    if let Reading::Kuma(resource) = &mut reading {
        Arc::get_mut(resource).into_iter().for_each(|resource| crate::world::apply_mode(resource, options.mode));
    }
    let span = node.span;
    let mut item = KnownItem { span, node: None, reading, tagged: false, studied: None, unknown: Vec::new() };
    if item.reading.environment() == Environment::Universal && !matches!(item.reading, Reading::Checks) {
        item.studied = Some(validate::study(&node, options.client));
        if let Some(kind) = node.text("type") {
            let unknown = validate::unknown_fields(kind, &node);
            item.unknown = unknown.into_iter().map(|field| field.diagnostic(id.source)).gather();
        }
        if node.text("type") != Some(Kind::Mesh.name()) {
            forget(&mut node);
            let known = match &item.reading {
                Reading::Kuma(resource) => same(&node, &head(resource)),
                _ => false,
            };
            if known {
                return item;
            }
        }
    }
    item.node = Some(Box::new(node));
    item
}

/// What says of a Universal resource what it is, without places.
pub(crate) fn head(resource: &Resource) -> Node {
    let entry = |key: &str, value| Entry { key: key.into(), key_span: Span::default(), value: Node::unplaced(value) };
    let text = |key, text: &str| entry(key, Value::String(text.into()));
    let mut entries = vec![text("type", resource.kind.name())];
    if !resource.kind.is_global_scoped() {
        entries.push(text("mesh", &resource.mesh));
    }
    entries.push(text("name", &resource.name));
    if !resource.labels.is_empty() {
        let labels = resource.labels.iter().map(|(key, value)| Entry {
            key: key.clone(),
            key_span: Span::default(),
            value: Node::unplaced(Value::String(value.clone())),
        });
        entries.push(entry("labels", Value::Map(Map { entries: labels.gather() })));
    }
    Node::unplaced(Value::Map(Map { entries }))
}

/// True if two values are the same text, or mappings of the same text in any order.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::String(one), Value::String(other)) => one == other,
        (Value::Map(one), Value::Map(other)) => {
            let has = |entry: &Entry| other.get(&entry.key).is_some_and(|other| same(&entry.value, other));
            one.entries.len() == other.entries.len() && one.entries.iter().all(has)
        }
        _ => false,
    }
}

/// Reads again what [`forget`] leaves of the item at a position of a document, with places.
pub(crate) fn head_again(
    source: SourceId,
    text: &str,
    document: &KnownDocument,
    position: usize,
    limits: &Limits,
) -> Option<Node> {
    let mut reader = yaml::Reader::new(source, text, limits);
    let read = reader.document(document.at, document.start, document.document.index, &mut Vec::new());
    let mut node = items(*read.root?).into_iter().nth(position)?;
    forget(&mut node);
    Some(node)
}

/// Forgets all of a Universal resource but what says what it is.
fn forget(node: &mut Node) {
    if let Value::Map(Map { entries }) = &mut node.value {
        entries.retain(|e| matches!(e.key.as_str(), "type" | "mesh" | "name" | "labels"));
        entries.shrink_to_fit();
        for entry in entries {
            if let Value::Map(labels) = &mut entry.value.value {
                labels.entries.shrink_to_fit();
            }
        }
    }
}
