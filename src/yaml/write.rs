//! Writing YAML that every reader of it, YAML 1.1 or 1.2, takes for the same value.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::scalar;

/// Writes a mapping in block style. Keys in `order` come first, the others after them by name. Text that a YAML 1.1
/// reader would take for a boolean, number, date or merge key comes out quoted, which `serde_yaml` and its forks do
/// not do (`on`, `1_000` and `<<` stay plain there).
pub fn write(map: &Map<String, Value>, order: &[&str]) -> String {
    let mut out = String::new();
    let first = order.iter().filter_map(|key| Some((*key, map.get(*key)?)));
    let rest = map.iter().map(|(k, v)| (k.as_str(), v)).filter(|(k, _)| !order.contains(k));
    for (key, value) in first.chain(rest) {
        entry(&mut out, key, value, 0);
    }
    out
}

fn entry(out: &mut String, key: &str, value: &Value, indent: usize) {
    let _ = write!(out, "{:indent$}{}:", "", text(key));
    after_key(out, value, indent);
}

/// The value of a key: on the same line, or below it.
fn after_key(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            for (key, value) in map {
                entry(out, key, value, indent + 2);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            for value in items {
                item(out, value, indent);
            }
        }
        flat => {
            let _ = writeln!(out, " {}", scalar_text(flat));
        }
    }
}

/// An item of a sequence; its first key stands on the line of the dash.
fn item(out: &mut String, value: &Value, indent: usize) {
    let _ = write!(out, "{:indent$}-", "");
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (position, (key, value)) in map.iter().enumerate() {
                let lead = if position == 0 { 1 } else { indent + 2 };
                let _ = write!(out, "{:lead$}{}:", "", text(key));
                after_key(out, value, indent + 2);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            for value in items {
                item(out, value, indent + 2);
            }
        }
        flat => {
            let _ = writeln!(out, " {}", scalar_text(flat));
        }
    }
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(string) => text(string),
        // `null`, booleans and numbers are the same in JSON; so are empty lists and mappings
        other => other.to_string(),
    }
}

/// Text as a scalar: plain where every reader takes it for text, else double-quoted.
pub fn text(string: &str) -> String {
    match is_safe_plain(string) {
        true => string.to_owned(),
        // JSON's escapes are YAML's
        false => Value::String(string.to_owned()).to_string(),
    }
}

/// True if text can stand unquoted: it looks like nothing else in YAML 1.1 or 1.2 and has no character with a meaning.
fn is_safe_plain(string: &str) -> bool {
    let starts_safely = string.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.'));
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.' | '-' | '+' | '(' | ')' | ' ');
    // dates and base-60 numbers are text to Kuma's reader but not to others
    let looks_numeric = string.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && string.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '-' | '_' | 'x' | 'o' | '+'));
    let is_word = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .iter()
        .any(|word| string.eq_ignore_ascii_case(word));
    starts_safely
        && !string.ends_with(' ')
        && string.chars().all(harmless)
        && !looks_numeric
        && !is_word
        && scalar::plain(string) == scalar::Resolved::Text
}
