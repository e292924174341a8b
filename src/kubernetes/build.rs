//! Values of generated objects, as if they had been read.

use crate::collections::Gather;
use crate::resource::Labels;
use crate::yaml::{Entry, Map, Node, Span, Value};

/// A mapping; entries whose value is nothing are left out.
pub(super) fn map<const N: usize>(entries: [(&str, Option<Node>); N]) -> Node {
    let entries = entries.into_iter().filter_map(|(key, value)| Some(entry(key, value?))).gather();
    Node::unplaced(Value::Map(Map { entries }))
}

/// A list.
pub(super) fn seq(items: impl IntoIterator<Item = Node>) -> Node {
    Node::unplaced(Value::Seq(items.into_iter().gather()))
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Node {
    Node::unplaced(Value::String(text.into().into()))
}

/// A number.
pub(super) fn number(number: i64) -> Node {
    Node::unplaced(Value::Int(number))
}

/// True or false.
pub(super) fn boolean(value: bool) -> Node {
    Node::unplaced(Value::Bool(value))
}

/// Pairs.
pub(super) fn strings(pairs: &Labels) -> Node {
    let entries = pairs.iter().map(|(k, v)| entry(k, text(v))).gather();
    Node::unplaced(Value::Map(Map { entries }))
}

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.into(), key_span: Span::default(), value }
}
