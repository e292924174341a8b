//! Decoding by the JSON mapping of protobuf: Mesh, Dataplane, ZoneIngress, ZoneEgress.

use crate::collections::{sort_by, Gather};
use crate::float;
use crate::schema::{Object, Schema, Type};
use crate::yaml::{Node, Span, Value};

/// Fields that are enums in protobuf, by message and field, with the full name that errors quote. Other fields with few
/// values are texts, which a validator checks.
const ENUMS: &[(&str, &str, &str)] = &[
    ("Inbound", "state", "kuma.mesh.v1alpha1.Dataplane.Networking.Inbound.State"),
    ("Gateway", "type", "kuma.mesh.v1alpha1.Dataplane.Networking.Gateway.GatewayType"),
    ("TransparentProxying", "ipFamilyMode", "kuma.mesh.v1alpha1.Dataplane.Networking.TransparentProxying.IpFamilyMode"),
    ("MeshServices", "mode", "kuma.mesh.v1alpha1.Mesh.MeshServices.Mode"),
    ("CertificateAuthorityBackend", "mode", "kuma.mesh.v1alpha1.CertificateAuthorityBackend.Mode"),
];

/// The value of a field under either of its spellings, `servicePort` or `service_port`; null counts as absent.
pub fn get<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get(name).or_else(|| node.get(&snake(name)))
}

/// The items of a list under either spelling.
pub fn items<'a>(node: &'a Node, name: &str) -> &'a [Node] {
    get(node, name).and_then(Node::as_seq).unwrap_or_default()
}

/// A whole number, which may be written as text.
pub fn number(node: &Node, name: &str) -> u32 {
    let value = get(node, name);
    let number = value.and_then(|n| n.as_i64().or_else(|| n.as_str().and_then(|t| t.parse().ok())));
    number.and_then(|n| u32::try_from(n).ok()).unwrap_or_default()
}

/// Text; empty if absent.
pub fn text<'a>(node: &'a Node, name: &str) -> &'a str {
    get(node, name).and_then(Node::as_str).unwrap_or_default()
}

fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The index of an enum's value, given by name or number.
pub fn enum_index(node: &Node, name: &str, values: &[&str]) -> usize {
    match get(node, name).map(|n| &n.value) {
        Some(Value::String(text)) => values.iter().position(|v| text == v).unwrap_or_default(),
        Some(Value::Int(number)) => usize::try_from(*number).unwrap_or_default(),
        _ => 0,
    }
}

/// The first reason why a document cannot be decoded, and where.
pub fn decode(schema: &Schema, root: &Node) -> Option<(String, Span)> {
    meta(root, false).or_else(|| message(schema.spec, root))
}

/// As [`decode`], for the message alone, which on Kubernetes stands under `spec`.
pub fn decode_message(schema: &Schema, node: &Node) -> Option<(String, Span)> {
    message(schema.spec, node)
}

/// Go's name of a value's type.
fn go_name(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Seq(_) => "array".to_owned(),
        Value::Map(_) => "object".to_owned(),
    }
}

fn mismatch(node: &Node, go: &str) -> Option<(String, Span)> {
    Some((format!("json: cannot unmarshal {} into Go value of type {go}", go_name(node)), node.span))
}

/// The first reason why the metadata cannot be decoded. `lenient` is kumactl's first look at a document, whose YAML
/// reader writes any scalar where text is wanted as text.
pub fn meta(root: &Node, lenient: bool) -> Option<(String, Span)> {
    let wrong =
        |node: &Node, into: &str| Some((format!("json: cannot unmarshal {} into Go {into}", go_name(node)), node.span));
    let fits = |node: &Node| match node.value {
        Value::String(_) | Value::Null => true,
        Value::Seq(_) | Value::Map(_) => false,
        _ => lenient,
    };
    if root.as_map().is_none() && !root.is_null() {
        return wrong(root, "value of type v1alpha1.ResourceMeta");
    }
    for field in ["type", "mesh", "name"] {
        if let Some(node) = root.get(field).filter(|n| !fits(n)) {
            return wrong(node, &format!("struct field ResourceMeta.{field} of type string"));
        }
    }
    let labels = root.get("labels").filter(|n| !n.is_null())?;
    let Some(map) = labels.as_map() else {
        return wrong(labels, "struct field ResourceMeta.labels of type map[string]string");
    };
    let mut entries: Vec<_> = map.entries.iter().gather();
    sort_by(&mut entries, |a, b| a.key.cmp(&b.key));
    let entry = entries.iter().find(|e| !fits(&e.value))?;
    wrong(&entry.value, "struct field ResourceMeta.labels of type string")
}

fn message(object: &Object, node: &Node) -> Option<(String, Span)> {
    if node.as_map().is_none() {
        return mismatch(node, "map[string]json.RawMessage");
    }
    object.fields.iter().find_map(|field| {
        let value = get(node, field.name)?;
        let enum_name = ENUMS.iter().find(|(m, f, _)| *m == object.go && *f == field.name).map(|(_, _, full)| *full);
        match (field.ty, enum_name) {
            (Type::Enum(values), Some(full)) => enumeration(values, full, value),
            (ty, _) => field_value(ty, value),
        }
    })
}

fn enumeration(values: &[&str], full: &str, node: &Node) -> Option<(String, Span)> {
    match &node.value {
        Value::String(text) if values.contains(&text.as_str()) => None,
        Value::String(text) => {
            let quoted = go_quote(&go_quote(text));
            Some((format!("unknown value {quoted} for enum {full}"), node.span))
        }
        Value::Int(number) if i32::try_from(*number).is_ok() => None,
        _ => unmarshal_number(node, "protoreflect.EnumNumber"),
    }
}

fn field_value(ty: Type, node: &Node) -> Option<(String, Span)> {
    match ty {
        Type::Object(object) => message(object, node),
        Type::List(list) => match node.as_seq() {
            None => mismatch(node, "[]json.RawMessage"),
            Some(items) => items.iter().find_map(|item| field_value(list.of, item)),
        },
        Type::TextMap => match node.as_map() {
            None => mismatch(node, "map[string]json.RawMessage"),
            Some(map) => map.entries.iter().find_map(|e| field_value(crate::schema::TEXT, &e.value)),
        },
        Type::Text(_) | Type::Enum(_) => match node.as_str() {
            None if !node.is_null() => mismatch(node, "string"),
            _ => None,
        },
        Type::Bool => match node.as_bool() {
            None => mismatch(node, "bool"),
            Some(_) => None,
        },
        Type::Int(_) => match &node.value {
            Value::String(text) if text.parse::<u32>().is_ok() => None,
            Value::String(text) if text.is_empty() => Some(("unexpected end of JSON input".to_owned(), node.span)),
            Value::String(text) => match float::parse(text) {
                Some(_) => {
                    Some((format!("json: cannot unmarshal number {text} into Go value of type uint32"), node.span))
                }
                None => {
                    let first = text.chars().next().unwrap_or_default();
                    Some((format!("invalid character '{first}' looking for beginning of value"), node.span))
                }
            },
            _ if node.as_i64().is_some_and(|n| u32::try_from(n).is_ok()) => None,
            _ => unmarshal_number(node, "uint32"),
        },
        Type::Duration | Type::Bytes | Type::IntOrText | Type::IntEnum(_) | Type::Any => None,
    }
}

fn unmarshal_number(node: &Node, go: &str) -> Option<(String, Span)> {
    let shown = match &node.value {
        Value::Int(n) => format!("number {n}"),
        Value::UInt(n) => format!("number {n}"),
        Value::Float(f) => format!("number {}", float::shortest(*f)),
        _ => go_name(node),
    };
    Some((format!("json: cannot unmarshal {shown} into Go value of type {go}"), node.span))
}

/// A text in double quotes, escaped as Go's `%q` does.
pub fn go_quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
