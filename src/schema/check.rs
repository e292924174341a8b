//! The first two stages of validation: the OpenAPI schema, and decoding into Go's structs.

use crate::collections::{sort_by, Gather};
use crate::diagnostic::Violation;
use crate::float;
use crate::validate::Finding;
use crate::yaml::{Node, Span, Value};

use super::{parse_duration, Family, Int, Object, Schema, Type, Width};

/// What the schema of a kind has against a document: all of it, in the order of the text.
///
/// Kuma checks with the OpenAPI validator of Kubernetes, whose messages these are; paths below `spec` become the field of
/// the violation, everything else stays in the message. Kinds without a schema stage pass.
pub fn check(schema: &Schema, root: &Node) -> Vec<Finding> {
    let mut out = Vec::new();
    if schema.family == Family::Protobuf {
        return out;
    }
    let Some(map) = root.as_map() else {
        out.push(type_error("", "object", root));
        return out;
    };
    let text = super::TEXT;
    for (name, ty) in
        [("type", text), ("mesh", text), ("name", text), ("labels", Type::TextMap), ("spec", Type::Object(schema.spec))]
    {
        match map.get(name) {
            Some(node) => value(ty, node, name, &mut out),
            None if matches!(name, "name" | "spec" | "type") => {
                out.push(finding("", format!("{name} in body is required"), root.span));
            }
            None => {}
        }
    }
    out
}

/// What the schema of a kind has against a specification alone.
pub fn check_spec(schema: &Schema, spec: &Node) -> Vec<Finding> {
    let mut out = Vec::new();
    value(Type::Object(schema.spec), spec, "spec", &mut out);
    out
}

/// A finding of the schema stage. The message begins with the path, which becomes the field if it lies below `spec`.
fn finding(path: &str, reason: String, span: Span) -> Finding {
    let violation = if path.starts_with("spec.") {
        Violation { field: path.to_owned(), reason }
    } else if path.is_empty() && reason.ends_with("is required") {
        Violation { field: String::new(), reason: format!(".{reason}") }
    } else {
        Violation { field: String::new(), reason: format!("{path} {reason}") }
    };
    Finding { violation, span }
}

/// The JSON type of a value, as messages name it.
fn type_name(node: &Node) -> &'static str {
    match node.value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::Seq(_) => "array",
        Value::Map(_) => "object",
    }
}

fn type_error(path: &str, expected: &str, node: &Node) -> Finding {
    finding(path, format!("in body must be of type {expected}: \"{}\"", type_name(node)), node.span)
}

fn value(ty: Type, node: &Node, path: &str, out: &mut Vec<Finding>) {
    let mut say = |reason: String| out.push(finding(path, reason, node.span));
    match ty {
        Type::Any => {}
        Type::Bool => {
            if node.as_bool().is_none() {
                out.push(type_error(path, "boolean", node));
            }
        }
        Type::Duration | Type::Bytes => {
            if node.as_str().is_none() {
                out.push(type_error(path, "string", node));
            }
        }
        Type::Text(limits) => match node.as_str() {
            None => out.push(type_error(path, "string", node)),
            Some(text) => {
                let length = text.chars().count();
                if length < limits.min {
                    say(format!("in body should be at least {} chars long", limits.min));
                }
                if length > limits.max {
                    say(format!("in body should be at most {} chars long", limits.max));
                }
                if let Some(pattern) = limits.pattern.filter(|p| !(p.fits)(text)) {
                    say(format!("in body should match '{}'", pattern.text));
                }
            }
        },
        Type::Enum(allowed) => {
            // The validator compares a value of the wrong type with the enum all the same, so both messages appear.
            if !node.as_str().is_some_and(|text| allowed.contains(&text)) {
                say(format!("in body should be one of [{}]", allowed.join(" ")));
            }
            if node.as_str().is_none() {
                out.push(type_error(path, "string", node));
            }
        }
        Type::IntEnum(allowed) => {
            if !node.as_i64().is_some_and(|number| allowed.contains(&number)) {
                let list: Vec<String> = allowed.iter().map(i64::to_string).gather();
                say(format!("in body should be one of [{}]", list.join(" ")));
            }
            integer(Int { go: Width::Int64, min: None, max: None }, node, path, out);
        }
        Type::Int(limits) => integer(limits, node, path, out),
        Type::IntOrText => {
            if node.is_null() || node.as_str().is_some() || node.as_i64().is_some() {
                return;
            }
            let reason = format!("\"{path}\" must validate at least one schema (anyOf)");
            out.push(Finding { violation: Violation { field: String::new(), reason }, span: node.span });
            integer(Int { go: Width::Int64, min: None, max: None }, node, path, out);
        }
        Type::List(list) => match node.as_seq() {
            None => out.push(type_error(path, "array", node)),
            Some(items) => {
                if items.len() < list.min {
                    say(format!("in body should have at least {} items", list.min));
                }
                if items.len() > list.max {
                    say(format!("in body should have at most {} items", list.max));
                }
                for (index, item) in items.iter().enumerate() {
                    value(list.of, item, &format!("{path}[{index}]"), out);
                }
            }
        },
        Type::TextMap => match node.as_map() {
            None => out.push(type_error(path, "object", node)),
            Some(map) => {
                for entry in &map.entries {
                    value(super::TEXT, &entry.value, &format!("{path}.{}", entry.key), out);
                }
            }
        },
        Type::Object(object) => match node.as_map() {
            None => out.push(type_error(path, "object", node)),
            Some(map) => {
                for field in object.fields {
                    let below = format!("{path}.{}", field.name);
                    match map.get(field.name) {
                        Some(node) => value(field.ty, node, &below, out),
                        None if field.required => {
                            out.push(finding(&below, "in body is required".to_owned(), node.span));
                        }
                        None => {}
                    }
                }
            }
        },
    }
}

fn integer(limits: Int, node: &Node, path: &str, out: &mut Vec<Finding>) {
    let number = match node.value {
        Value::Int(n) => n as f64,
        Value::UInt(n) => n as f64,
        Value::Float(f) => f,
        _ => {
            out.push(type_error(path, "integer", node));
            return;
        }
    };
    if number.fract() != 0.0 || number.abs() >= 9_007_199_254_740_991.0 {
        out.push(type_error(path, "integer", node));
    }
    // The validator knows no unsigned types: the schema of an `uint32` says int32.
    let (format, fits) = match limits.go {
        Width::Int32 | Width::Uint32 => {
            ("with format int32", number.fract() == 0.0 && (-2_147_483_648.0..=2_147_483_647.0).contains(&number))
        }
        Width::Int64 | Width::Uint => {
            ("(default format)", number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0)
        }
    };
    if !fits {
        let reason = format!("Checked value must be of type integer {format} in {path}");
        out.push(Finding { violation: Violation { field: String::new(), reason }, span: node.span });
    }
    if let Some(min) = limits.min.filter(|min| number < *min as f64) {
        let reason = format!("in body should be greater than or equal to {}", go_float(min));
        out.push(finding(path, reason, node.span));
    }
    if let Some(max) = limits.max.filter(|max| number > *max as f64) {
        let reason = format!("in body should be less than or equal to {}", go_float(max));
        out.push(finding(path, reason, node.span));
    }
}

/// A whole number as Go prints a float: with an exponent from a million on.
fn go_float(number: i64) -> String {
    if number.unsigned_abs() < 1_000_000 {
        return number.to_string();
    }
    let digits = number.unsigned_abs().to_string();
    let exponent = digits.len() - 1;
    let mantissa = digits.trim_end_matches('0');
    let (first, rest) = mantissa.split_at(1);
    let sign = if number < 0 { "-" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e+{exponent:02}")
}

/// Why Go cannot decode a document that its schema accepts: the message, and where. Of several reasons Go reports one:
/// a failing duration before a number out of range, and among equals the first by key.
pub fn decode(schema: &Schema, root: &Node) -> Option<(String, Span)> {
    match schema.family {
        Family::Schema => decode_spec(schema, root.get("spec")?),
        Family::Protobuf => crate::validate::protobuf::decode(schema, root),
    }
}

/// As [`decode`], for the specification of a kind with a schema, whether or not the schema accepts it.
pub fn decode_spec(schema: &Schema, spec: &Node) -> Option<(String, Span)> {
    let mut errors = Decoding::default();
    errors.value(Type::Object(schema.spec), spec, schema.kind, "spec");
    errors.aborting.or(errors.saved)
}

/// Go's decoder goes on after a value of the wrong type and stops at one whose own decoding fails.
#[derive(std::default::Default)]
struct Decoding {
    saved: Option<(String, Span)>,
    aborting: Option<(String, Span)>,
}

/// What Go calls the kind of a value.
fn go_kind(node: &Node) -> &'static str {
    match node.value {
        Value::Bool(_) => "bool",
        _ => type_name(node),
    }
}

/// The Go type of a field, as far as the tables say.
fn go_type(ty: Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int(Int { go: Width::Int32, .. }) => "int32".to_owned(),
        Type::Int(Int { go: Width::Uint32, .. }) => "uint32".to_owned(),
        Type::Int(Int { go: Width::Int64, .. }) => "int64".to_owned(),
        Type::Int(Int { go: Width::Uint, .. }) => "uint".to_owned(),
        Type::IntEnum(_) => "int".to_owned(),
        Type::List(list) => format!("[]{}", go_type(list.of)),
        Type::TextMap => "map[string]string".to_owned(),
        Type::Object(object) => format!("v1alpha1.{}", object.go),
        Type::Bytes => "[]uint8".to_owned(),
        Type::Text(_) | Type::Enum(_) | Type::Duration | Type::IntOrText | Type::Any => "string".to_owned(),
    }
}

/// What Go says of a value of the wrong type. Where a type decodes itself, Go adds the field to its words, too.
fn mismatch(what: &str, owner: &str, path: &str, go: &str) -> String {
    format!("json: cannot unmarshal {what} into Go struct field {owner}.{path} of type {go}")
}

/// What Go calls a number that an integer type does not take.
fn go_number(node: &Node) -> String {
    match node.value {
        Value::Int(n) => format!("number {n}"),
        Value::UInt(n) => format!("number {n}"),
        Value::Float(f) => format!("number {}", float::shortest(f)),
        _ => go_kind(node).to_owned(),
    }
}

impl Decoding {
    fn mismatch(&mut self, node: &Node, what: &str, owner: &str, path: &str, go: &str) {
        self.saved.get_or_insert((mismatch(what, owner, path, go), node.span));
    }

    fn object(&mut self, object: &Object, node: &Node, path: &str) {
        let mut entries: Vec<_> = node.as_map().map(|m| m.entries.iter().gather()).unwrap_or_default();
        sort_by(&mut entries, |a, b| a.key.cmp(&b.key));
        for entry in entries {
            if let Some(field) = object.field(&entry.key) {
                self.value(field.ty, &entry.value, object.go, &format!("{path}.{}", entry.key));
            }
        }
    }

    fn value(&mut self, ty: Type, node: &Node, owner: &str, path: &str) {
        if self.aborting.is_some() || node.is_null() {
            return;
        }
        let fits = match ty {
            Type::Object(_) | Type::TextMap => node.as_map().is_some(),
            Type::List(_) => node.as_seq().is_some(),
            Type::Text(_) | Type::Enum(_) | Type::Bytes => node.as_str().is_some(),
            Type::Bool => node.as_bool().is_some(),
            Type::Int(_) | Type::IntEnum(_) => matches!(node.value, Value::Int(_) | Value::UInt(_) | Value::Float(_)),
            Type::Duration | Type::IntOrText | Type::Any => true,
        };
        if !fits {
            return self.mismatch(node, go_kind(node), owner, path, &go_type(ty));
        }
        match ty {
            Type::Object(object) => self.object(object, node, path),
            Type::List(list) => {
                for item in node.as_seq().unwrap_or_default() {
                    self.value(list.of, item, owner, path);
                }
            }
            Type::TextMap => {
                for entry in node.as_map().map(|m| m.entries.as_slice()).unwrap_or_default() {
                    self.value(super::TEXT, &entry.value, owner, path);
                }
            }
            Type::Duration => match node.as_str() {
                Some(text) => {
                    if let Err(error) = parse_duration(text) {
                        self.aborting = Some((error.to_string(), node.span));
                    }
                }
                None => self.aborting = Some((mismatch(go_kind(node), owner, path, "string"), node.span)),
            },
            Type::IntOrText
                if node.as_str().is_none() && node.as_i64().is_none_or(|number| i32::try_from(number).is_err()) =>
            {
                self.aborting = Some((mismatch(&go_number(node), owner, path, "int32"), node.span));
            }
            Type::Int(Int { go, .. }) => {
                let range = match go {
                    Width::Int32 => i64::from(i32::MIN)..=i64::from(i32::MAX),
                    Width::Uint32 => 0..=i64::from(u32::MAX),
                    Width::Int64 => i64::MIN..=i64::MAX,
                    Width::Uint => 0..=i64::MAX,
                };
                if !node.as_i64().is_some_and(|number| range.contains(&number)) {
                    self.mismatch(node, &go_number(node), owner, path, &go_type(ty));
                }
            }
            _ => {}
        }
    }
}
