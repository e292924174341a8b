//! The tables as an editor asks for them.

use super::{of, Default, Family, Object, Type};
use crate::collections::Gather;

/// One field that may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// The key.
    pub name: &'static str,
    /// What its value is: `text`, `number`, `true or false`, `duration`, `list`, `map` …
    pub kind: &'static str,
    /// Whether Kuma asks for it.
    pub required: bool,
    /// What it does.
    pub doc: &'static str,
    /// The values it may have, if they are few.
    pub values: Vec<String>,
    /// What Kuma fills in.
    pub default: Option<String>,
}

/// What stands at a path below the specification of a kind; lists need no step of their own.
pub fn type_at(kind: &str, path: &[&str]) -> Option<Type> {
    let mut ty = Type::Object(of(kind)?.spec);
    for step in path {
        ty = object_of(ty)?.field(step)?.ty;
    }
    Some(ty)
}

/// The object that a type is, or whose items it lists.
fn object_of(ty: Type) -> Option<&'static Object> {
    match ty {
        Type::Object(object) => Some(object),
        Type::List(list) => object_of(list.of),
        _ => None,
    }
}

/// The fields that may stand in the mapping at a path of a document, in the order of the tables. The path starts at the
/// document's top: `[]` gives `type`, `name` and so on, `["spec", "to", "targetRef"]` the fields of a reference.
pub fn fields(kind: &str, path: &[&str]) -> Vec<FieldInfo> {
    let Some(schema) = of(kind) else { return Vec::new() };
    let at = |path: &[&str]| type_at(kind, path).and_then(object_of).map(describe).unwrap_or_default();
    match (schema.family, path) {
        (Family::Protobuf, []) => top(kind).into_iter().chain(describe(schema.spec)).gather(),
        (Family::Protobuf, path) => at(path),
        (Family::Schema, []) => {
            let mut all = top(kind);
            all.push(info("spec", "map", true, schema.doc));
            all
        }
        (Family::Schema, ["spec", rest @ ..]) => at(rest),
        (Family::Schema, _) => Vec::new(),
    }
}

fn info(name: &'static str, kind: &'static str, required: bool, doc: &'static str) -> FieldInfo {
    FieldInfo { name, kind, required, doc, values: Vec::new(), default: None }
}

fn top(kind: &str) -> Vec<FieldInfo> {
    let mut all = vec![
        info("type", "text", true, "The kind of the resource."),
        info("name", "text", true, "Its name: lower case letters, digits, dashes and dots."),
    ];
    if super::scope(kind) == Some(super::Scope::Mesh) {
        all.push(info("mesh", "text", false, "The mesh it lives in."));
    }
    all.push(info("labels", "map of text", false, "Labels, by which others may refer to it."));
    all
}

fn describe(object: &'static Object) -> Vec<FieldInfo> {
    object
        .fields
        .iter()
        .map(|field| FieldInfo {
            name: field.name,
            kind: type_name(field.ty),
            required: field.required,
            doc: field.doc,
            values: values(field.ty),
            default: field.default.map(|default| match default {
                Default::Text(text) => text.to_owned(),
                Default::Int(number) => number.to_string(),
                Default::Bool(truth) => truth.to_string(),
            }),
        })
        .gather()
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Text(_) | Type::Enum(_) | Type::Bytes => "text",
        Type::Int(_) | Type::IntEnum(_) => "number",
        Type::Bool => "true or false",
        Type::Duration => "duration",
        Type::IntOrText => "number or text",
        Type::List(_) => "list",
        Type::TextMap => "map of text",
        Type::Object(_) => "map",
        Type::Any => "anything",
    }
}

fn values(ty: Type) -> Vec<String> {
    match ty {
        Type::Enum(texts) => texts.iter().map(|t| (*t).to_owned()).gather(),
        Type::IntEnum(numbers) => numbers.iter().map(i64::to_string).gather(),
        Type::Bool => vec!["true".to_owned(), "false".to_owned()],
        Type::List(list) => values(list.of),
        _ => Vec::new(),
    }
}
