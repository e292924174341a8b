//! The same validators on Kubernetes: what the API server and Kuma's webhooks say of an object.
//!
//! The API server drops what a CRD does not know ([`dropped`]); Kuma's defaulter decodes the object ([`undecodable`]) and
//! computes labels; the API server checks the CRD's schema ([`schema`]); Kuma's validator comes last ([`validator`]).

use crate::collections::{Gather, SortedMap};
use crate::json;

use crate::diagnostic::Violation;
use crate::schema::{self as tables, Family, Type};
use crate::yaml::{Entry, Map, Node, Span, Value};

use super::at::{At, Report};
use super::{kinds, protobuf, Finding, Role};

/// The paths of fields that the CRD does not know, each with its place. Kinds of [`Family::Protobuf`] keep all fields.
pub fn dropped(kind: &str, root: &Node) -> Vec<(String, Span)> {
    match tables::of(kind).map(|s| s.family) {
        Some(Family::Schema) => {
            super::unknown_fields(kind, root).into_iter().map(|u| (u.path, u.key.to(u.value))).gather()
        }
        _ => Vec::new(),
    }
}

/// Why Kuma's webhooks cannot decode the object: Go's message, and where.
pub fn undecodable(kind: &str, root: &Node) -> Option<(String, Span)> {
    labels_undecodable(root).or_else(|| {
        let schema = tables::of(kind)?;
        let spec = root.get("spec")?;
        match schema.family {
            Family::Schema => tables::decode_spec(schema, spec),
            Family::Protobuf => protobuf::decode_message(schema, spec),
        }
    })
}

fn labels_undecodable(root: &Node) -> Option<(String, Span)> {
    for field in ["labels", "annotations"] {
        let map = root.get("metadata")?.get(field).and_then(Node::as_map);
        let entries = map.map(|m| m.entries.as_slice()).unwrap_or_default();
        if let Some(entry) = entries.iter().find(|e| e.value.as_str().is_none() && !e.value.is_null()) {
            let what = match entry.value.value {
                Value::Bool(_) => "bool",
                Value::Seq(_) => "array",
                Value::Map(_) => "object",
                _ => "number",
            };
            let message = format!(
                "json: cannot unmarshal {what} into Go struct field ObjectMeta.metadata.{field} of type string"
            );
            return Some((message, entry.value.span));
        }
    }
    None
}

/// What the CRD's schema has against the object, in the words of the API server.
pub fn schema(kind: &str, root: &Node) -> Vec<Finding> {
    let Some(schema) = tables::of(kind).filter(|s| s.family == Family::Schema) else { return Vec::new() };
    let Some(spec) = root.get("spec") else { return Vec::new() };
    let without_nulls = without_nulls(spec);
    let mut out: Vec<Finding> =
        tables::check_spec(schema, &without_nulls).into_iter().filter_map(|f| reword(f, &without_nulls)).gather();
    if out.is_empty() {
        duplicates(Type::Object(schema.spec), &without_nulls, "spec", &mut out);
    }
    out
}

/// The API server takes null for absent before it checks.
fn without_nulls(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(map) => Value::Map(Map {
            entries: map
                .entries
                .iter()
                .filter(|e| !e.value.is_null())
                .map(|e| Entry { value: without_nulls(&e.value), ..e.clone() })
                .gather(),
        }),
        Value::Seq(items) => Value::Seq(items.iter().map(without_nulls).gather()),
        other => other.clone(),
    };
    Node { value, span: node.span }
}

fn reword(finding: Finding, spec: &Node) -> Option<Finding> {
    let Violation { field, reason } = finding.violation;
    if field.is_empty() && !reason.starts_with("spec ") {
        // that a number has the wrong form is said once more, in other words
        return None;
    }
    let (field, reason) = match field.as_str() {
        "" => ("spec".to_owned(), reason.strip_prefix("spec ").unwrap_or_default().to_owned()),
        _ => (field, reason),
    };
    let value = resolve(spec, field.strip_prefix("spec.").unwrap_or_default());
    let shown = value.map(|v| v.to_json().to_string()).unwrap_or_default();
    let said = match reason.as_str() {
        "in body is required" => "Required value".to_owned(),
        reason => {
            if let Some(allowed) = reason.strip_prefix("in body should be one of [").and_then(|r| r.strip_suffix(']')) {
                let quote = |v: &str| match value.and_then(Node::as_i64) {
                    Some(_) => v.to_owned(),
                    None => protobuf::go_quote(v),
                };
                let allowed: Vec<String> = allowed.split(' ').map(quote).gather();
                format!("Unsupported value: {shown}: supported values: {}", allowed.join(", "))
            } else if let Some((_, is)) =
                reason.split_once("in body must be of type ").and_then(|(_, r)| r.split_once(": "))
            {
                format!("Invalid value: {is}: {field} {reason}")
            } else if let Some(most) = reason.strip_prefix("in body should have at most ") {
                let count = value.and_then(Node::as_seq).map(<[Node]>::len).unwrap_or_default();
                format!("Too many: {count}: must have at most {most}")
            } else if reason.starts_with("in body should have at least ") {
                let count = value.and_then(Node::as_seq).map(<[Node]>::len).unwrap_or_default();
                format!("Invalid value: {count}: {field} {reason}")
            } else if let Some(most) =
                reason.strip_prefix("in body should be at most ").and_then(|r| r.strip_suffix(" chars long"))
            {
                format!("Too long: may not be more than {most} bytes")
            } else {
                format!("Invalid value: {shown}: {field} {reason}")
            }
        }
    };
    Some(Finding { violation: Violation { field, reason: said }, span: finding.span })
}

/// Items of a list that must differ in some fields and do not.
fn duplicates(ty: Type, node: &Node, path: &str, out: &mut Vec<Finding>) {
    match ty {
        Type::List(list) => {
            let mut seen: Vec<SortedMap<&str, serde_json::Value>> = Vec::new();
            for (index, item) in node.as_seq().unwrap_or_default().iter().enumerate() {
                let below = format!("{path}[{index}]");
                duplicates(list.of, item, &below, out);
                if list.keys.is_empty() {
                    continue;
                }
                let stored = tables::normalize_at(list.of, item);
                let key: SortedMap<&str, serde_json::Value> =
                    list.keys.iter().filter_map(|k| Some((*k, stored.get(k)?.clone()))).gather();
                if seen.contains(&key) {
                    let shown: serde_json::Map<String, serde_json::Value> =
                        key.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).gather();
                    let reason = format!("Duplicate value: {}", json::text(&shown));
                    out.push(Finding { violation: Violation { field: below, reason }, span: item.span });
                }
                seen.push(key);
            }
        }
        Type::Object(object) => {
            for field in object.fields {
                if let Some(value) = node.get(field.name) {
                    duplicates(field.ty, value, &format!("{path}.{}", field.name), out);
                }
            }
        }
        _ => {}
    }
}

/// What Kuma's validator has against the object. `display_name` is the name that Kuma shows, which an annotation may give.
pub fn validator(kind: &str, root: &Node, role: Role, display_name: &str) -> Vec<Finding> {
    let mut report = Report::default();
    let labels = root.get("metadata").and_then(|m| m.get("labels"));
    if let Some(origin) = labels.and_then(|l| l.get("kuma.io/origin")) {
        let text = origin.as_str().unwrap_or_default();
        if !matches!(text, "zone" | "global") {
            let reason = format!("unknown resource origin {}", protobuf::go_quote(text));
            let field = "labels[\"kuma.io/origin\"]".to_owned();
            report.findings.push(Finding { violation: Violation { field, reason }, span: origin.span });
        }
    }
    let spec = root.get("spec");
    match tables::of(kind).map(|s| s.family) {
        Some(Family::Protobuf) => {
            let at =
                At { path: "spec".to_owned(), with_paths: true, node: spec, span: spec.map_or(root.span, |s| s.span) };
            kinds::validate(kind, &at, role, &mut report);
            if kind == "Mesh" {
                kinds::mesh_authorities(&at, &mut report);
            }
        }
        _ => {
            let object = as_universal(root, display_name);
            kinds::validate(kind, &At::root(&object), role, &mut report);
        }
    }
    report.findings
}

/// The warnings of Kuma's validator.
pub fn warnings(kind: &str, root: &Node) -> Vec<String> {
    let name = root.get("metadata").and_then(|m| m.text("name")).unwrap_or_default();
    super::warnings(kind, &At::root(&as_universal(root, name)))
}

/// The object with its name where validators look for it.
fn as_universal(root: &Node, name: &str) -> Node {
    let span = root.get("metadata").and_then(|m| m.get("name")).map_or(root.span, |n| n.span);
    let entry = |key: &str, value: Node| Entry { key: key.into(), key_span: value.span, value };
    let mut entries = vec![entry("name", Node { value: Value::String(name.into()), span })];
    entries.extend(root.get("spec").cloned().map(|spec| entry("spec", spec)));
    Node { value: Value::Map(Map { entries }), span: root.span }
}

/// The message of a refusal: its violations one after the other.
pub fn message(findings: &[Finding]) -> String {
    lines(findings).join("; ")
}

/// Each violation as `field: reason`.
pub fn lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{}: {}", f.violation.field, f.violation.reason)).gather()
}

/// The value at one of Kuma's paths (`to[0].targetRef`, `tags["kuma.io/service"]`) below a value; nothing where the path
/// leaves the document.
pub fn resolve<'a>(root: &'a Node, path: &str) -> Option<&'a Node> {
    let mut node = root;
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[\"") {
            let (key, after) = after.split_once("\"]")?;
            node = node.get(key)?;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            node = node.as_seq()?.get(index.parse::<usize>().ok()?)?;
            rest = after;
        } else {
            let trimmed = rest.strip_prefix('.').unwrap_or(rest);
            let end = trimmed.find(['.', '[']).unwrap_or(trimmed.len());
            let (key, after) = trimmed.split_at(end);
            node = node.get(key).or_else(|| protobuf::get(node, key))?;
            rest = after;
        }
    }
    Some(node)
}
