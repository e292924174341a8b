//! What a control plane stores after it has read a document.

use serde_json::{Map, Value as Json};

use crate::collections::Gather;
use crate::yaml::{Node, Value};

use super::{format_duration, parse_duration, type_at, Default, Object, Type};

/// The value as Kuma prints it back after decoding: unknown fields and nulls dropped, durations as Go prints them,
/// defaults filled in.
///
/// `path` leads from the specification of `kind` to what `node` is; lists need no step of their own, so that the
/// configuration of a policy's `to` item is `&["to", "default"]`. A place that the tables do not know is returned as it is.
pub fn normalize(kind: &str, path: &[&str], node: &Node) -> Json {
    match type_at(kind, path) {
        Some(ty) => normalize_at(ty, node),
        None => node.to_json(),
    }
}

/// As [`normalize`], for a value of this type. A list type also takes one of its items.
pub fn normalize_at(ty: Type, node: &Node) -> Json {
    match ty {
        Type::Duration => match node.as_str().map(parse_duration) {
            Some(Ok(nanoseconds)) => Json::from(format_duration(nanoseconds)),
            _ => node.to_json(),
        },
        Type::Int(_) | Type::IntOrText | Type::IntEnum(_) => node.as_i64().map_or_else(|| node.to_json(), Json::from),
        Type::List(list) => match &node.value {
            Value::Seq(items) => Json::Array(items.iter().map(|item| normalize_at(list.of, item)).gather()),
            _ => normalize_at(list.of, node),
        },
        Type::TextMap => match &node.value {
            Value::Map(map) => Json::Object(
                map.entries
                    .iter()
                    .filter(|entry| !entry.value.is_null())
                    .map(|entry| (String::from(&entry.key), entry.value.to_json()))
                    .gather(),
            ),
            _ => node.to_json(),
        },
        Type::Object(object) => match node.as_map() {
            Some(_) => members(object, node),
            None => node.to_json(),
        },
        Type::Text(_) | Type::Enum(_) | Type::Bool | Type::Bytes | Type::Any => node.to_json(),
    }
}

fn members(object: &Object, node: &Node) -> Json {
    let mut out = Map::new();
    for field in object.fields {
        let value = match (node.get(field.name), field.default) {
            (Some(value), _) => normalize_at(field.ty, value),
            (None, Some(Default::Text(text))) => Json::from(text),
            (None, Some(Default::Int(number))) => Json::from(number),
            (None, Some(Default::Bool(truth))) => Json::from(truth),
            (None, None) => continue,
        };
        if !(field.omit_empty && is_empty(&value)) {
            out.insert(field.name.to_owned(), value);
        }
    }
    Json::Object(out)
}

/// What `omitempty` of Go's `encoding/json` drops.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(truth) => !truth,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
    }
}
