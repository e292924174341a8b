//! Confs as Kuma prints them, and the way back to where a field was written.

use serde_json::{Map, Value};

use crate::resource::Kind;
use crate::schema;
use crate::yaml::{Node, Span};

use super::merge::Step;
use super::rules::List;

/// True for the kinds that have one conf for the whole proxy, in `spec.default`.
pub const fn is_single_item(kind: Kind) -> bool {
    matches!(kind, Kind::MeshTrace | Kind::MeshMetric | Kind::MeshPassthrough | Kind::MeshProxyPatch)
}

/// The conf of an item as Kuma prints it. For a MeshTCPRoute that is its first rule, the only one that counts.
pub fn printed(kind: Kind, list: List, node: &Node) -> Value {
    match kind {
        Kind::MeshHTTPRoute => {
            let mut out = Map::new();
            for key in ["hostnames", "rules"] {
                if let Some(value) = node.get(key) {
                    out.insert(key.into(), schema::normalize(kind.name(), &["to", key], value));
                }
            }
            Value::Object(out)
        }
        Kind::MeshTCPRoute => match node.items("rules").first() {
            Some(rule) => schema::normalize(kind.name(), &["to", "rules"], rule),
            None => Value::Object(Map::new()),
        },
        _ => schema::normalize(kind.name(), list.path(), node),
    }
}

/// The place of a field of a printed conf in what the user wrote; where Kuma filled it in, that of what holds it.
pub fn span_at(kind: Kind, node: &Node, path: &[Step]) -> Span {
    let mut here = node;
    if kind == Kind::MeshTCPRoute {
        if let Some(rule) = node.items("rules").first() {
            here = rule;
        }
    }
    for step in path {
        let next = match step {
            Step::Key(key) => here.get(key),
            Step::Index(index) => here.as_seq().and_then(|s| s.get(*index as usize)),
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here.span
}
