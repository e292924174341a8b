//! Fields that Kuma does not know. It ignores them without notice, on Universal as on Kubernetes (semantics 9.2).

use crate::diagnostic::{Code, Diagnostic, SourceId};
use crate::schema::{self, Family, Type};
use crate::yaml::{Node, Span};

/// A field that Kuma does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its path.
    pub path: String,
    /// Where its key stands.
    pub key: Span,
    /// Where its value stands.
    pub value: Span,
    /// The field that may have been meant.
    pub similar: Option<&'static str>,
}

impl Unknown {
    /// What there is to say of it.
    pub fn diagnostic(self, source: SourceId) -> Diagnostic {
        let message = format!("Kuma does not know `{}` and ignores it without notice", self.path);
        let diagnostic = Diagnostic::new(Code::UnknownField, message).at(source, self.key);
        match self.similar {
            Some(name) => {
                diagnostic.help(format!("write `{name}`")).fix(format!("Write `{name}`"), source, self.key, name)
            }
            None => diagnostic,
        }
    }
}

/// The fields of a document that the schema of its kind does not know.
pub fn unknown_fields(kind: &str, root: &Node) -> Vec<Unknown> {
    let mut out = Vec::new();
    match schema::of(kind) {
        Some(schema) if schema.family == Family::Schema => {
            if let Some(spec) = root.get("spec") {
                walk(Type::Object(schema.spec), spec, "spec", &mut out);
            }
        }
        // the fields of these stand at the top on Universal; what every document has there is not theirs
        Some(schema) => {
            for field in schema.spec.fields {
                if let Some(node) = root.get(field.name) {
                    walk(field.ty, node, field.name, &mut out);
                }
            }
        }
        None => {}
    }
    out
}

fn walk(ty: Type, node: &Node, path: &str, out: &mut Vec<Unknown>) {
    match ty {
        Type::List(list) => {
            for (index, item) in node.as_seq().unwrap_or_default().iter().enumerate() {
                walk(list.of, item, &format!("{path}[{index}]"), out);
            }
        }
        Type::Object(object) => {
            for entry in node.as_map().map(|m| m.entries.as_slice()).unwrap_or_default() {
                let below = || format!("{path}.{}", entry.key);
                match object.field(&entry.key).or_else(|| object.field(&camel(&entry.key))) {
                    Some(field) if matches!(field.ty, Type::List(_) | Type::Object(_)) => {
                        walk(field.ty, &entry.value, &below(), out);
                    }
                    Some(_) => {}
                    None => out.push(Unknown {
                        path: below(),
                        key: entry.key_span,
                        value: entry.value.span,
                        similar: object
                            .fields
                            .iter()
                            .map(|f| f.name)
                            .find(|name| looks_like(name, &entry.key) && node.get(name).is_none()),
                    }),
                }
            }
        }
        _ => {}
    }
}

/// Protobuf's JSON takes `snake_case` for `camelCase`.
fn camel(key: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in key.chars() {
        match (c, upper) {
            ('_', _) => upper = true,
            (c, true) => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            (c, false) => out.push(c),
        }
    }
    out
}

/// True for names that differ in case, in a plural, or in one letter left out, added or changed.
fn looks_like(known: &str, written: &str) -> bool {
    let (a, b) = (known.to_ascii_lowercase().replace('_', ""), written.to_ascii_lowercase().replace(['_', '-'], ""));
    let same_at_start = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let same_at_end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    a == b || (a.len() > 3 && a.len().abs_diff(b.len()) <= 1 && same_at_start + same_at_end + 1 >= a.len().max(b.len()))
}
