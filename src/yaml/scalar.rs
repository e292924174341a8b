//! What an unquoted scalar means: the YAML 1.1 rules of the reader that Kuma's tools use (go-yaml 2, through
//! sigs.k8s.io/yaml), which are neither those of YAML 1.2 nor all of YAML 1.1.

use super::node::Value;
use crate::collections::{sort, Gather};
use crate::float;
use crate::text::Text;

/// A tag that changes how a scalar is read. Every other tag makes text of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Str,
    Int,
    Float,
    Bool,
    Null,
    Binary,
    Timestamp,
    Merge,
    Other,
}

impl Tag {
    /// The tag that goes with a name after `!!` or after `tag:yaml.org,2002:`.
    pub(super) fn core(name: &str) -> Tag {
        match name {
            "str" => Tag::Str,
            "int" => Tag::Int,
            "float" => Tag::Float,
            "bool" => Tag::Bool,
            "null" => Tag::Null,
            "binary" => Tag::Binary,
            "timestamp" => Tag::Timestamp,
            "merge" => Tag::Merge,
            _ => Tag::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Tag::Str | Tag::Other => "!!str",
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Bool => "!!bool",
            Tag::Null => "!!null",
            Tag::Binary => "!!binary",
            Tag::Timestamp => "!!timestamp",
            Tag::Merge => "!!merge",
        }
    }
}

/// Why a tagged scalar cannot be what its tag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// The text is of another kind: what it is, and what the tag asks for.
    Kind { is: &'static str, asked: &'static str },
    /// `!!binary` text that is not base64.
    Base64,
}

/// What a scalar resolves to; text is left to the caller, who may have it without a copy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    Text,
    Value(Value),
    /// Text that is not the written one (`!!binary`).
    Decoded(String),
}

/// Resolves an unquoted scalar without a tag.
pub(super) fn plain(text: &str) -> Resolved {
    let Some(&first) = text.as_bytes().first() else {
        return Resolved::Value(Value::Null);
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => match word(text) {
            Some(value) => Resolved::Value(value),
            None => Resolved::Text,
        },
        b'.' => match point(text) {
            Some(f) => Resolved::Value(Value::Float(f)),
            None => Resolved::Text,
        },
        b'0'..=b'9' | b'+' | b'-' => {
            if let Some(value) = integer_fast(text) {
                return Resolved::Value(value);
            }
            match number(text) {
                Some(value) => Resolved::Value(value),
                None => Resolved::Text,
            }
        }
        _ => Resolved::Text,
    }
}

/// Resolves a scalar, quoted or not, that carries a tag.
pub(super) fn tagged(tag: Tag, text: &str) -> Result<Resolved, Mismatch> {
    match tag {
        Tag::Str | Tag::Other | Tag::Merge => return Ok(Resolved::Text),
        Tag::Binary => {
            let bytes = base64(text).ok_or(Mismatch::Base64)?;
            return Ok(Resolved::Decoded(String::from_utf8_lossy(&bytes).into_owned()));
        }
        // A time stays text for Kuma.
        Tag::Timestamp if starts_with_date(text) => return Ok(Resolved::Text),
        _ => {}
    }
    let resolved = plain(text);
    let is = match &resolved {
        Resolved::Text | Resolved::Decoded(_) => Tag::Str,
        Resolved::Value(Value::Null) => Tag::Null,
        Resolved::Value(Value::Bool(_)) => Tag::Bool,
        Resolved::Value(Value::Int(_) | Value::UInt(_)) => Tag::Int,
        Resolved::Value(_) => Tag::Float,
    };
    match resolved {
        Resolved::Value(Value::Int(n)) if tag == Tag::Float => Ok(Resolved::Value(Value::Float(n as f64))),
        resolved if is == tag => Ok(resolved),
        _ => Err(Mismatch::Kind { is: is.name(), asked: tag.name() }),
    }
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => return None,
    })
}

/// Decimal integers without sign tricks, underscores or leading zeros: nearly all that occur.
fn integer_fast(text: &str) -> Option<Value> {
    let digits = text.as_bytes();
    if digits.len() > 18 || (digits.len() > 1 && digits.first() == Some(&b'0')) {
        return None;
    }
    let mut n = 0i64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        n = n * 10 + i64::from(digit - b'0');
    }
    Some(Value::Int(n))
}

/// Text that starts with a point: `.inf`, `.nan`, `.5`.
fn point(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" => return Some(f64::INFINITY),
        _ => {}
    }
    // Go takes single underscores between digits here, and no special names, which Rust's parser would.
    let bytes = text.as_bytes();
    let lone = |i: usize| {
        i > 0 && bytes.get(i - 1).is_some_and(u8::is_ascii_digit) && bytes.get(i + 1).is_some_and(u8::is_ascii_digit)
    };
    if bytes.iter().enumerate().any(|(i, &b)| b == b'_' && !lone(i)) {
        return None;
    }
    decimal(&without_underscores(text))
}

fn number(text: &str) -> Option<Value> {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Some(Value::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Value::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    let text = without_underscores(text);
    let (negative, signed, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, true, text.get(1..).unwrap_or_default()),
        _ => (false, false, text.as_ref()),
    };
    let (radix, digits) = radix(rest);
    let mut too_large = false;
    if digits.bytes().all(|b| char::from(b).is_digit(radix)) && !digits.is_empty() {
        match u64::from_str_radix(digits, radix) {
            Ok(n) if negative && n <= i64::MIN.unsigned_abs() => return Some(Value::Int((n as i64).wrapping_neg())),
            Ok(n) if !negative && n <= i64::MAX as u64 => return Some(Value::Int(n as i64)),
            // Above i64 Go tries an unsigned number, which takes no sign.
            Ok(n) if !signed => return Some(Value::UInt(n)),
            _ => too_large = true,
        }
    }
    if let Some(f) = decimal(&text) {
        return Some(Value::Float(f));
    }
    // What is left of a second try of go-yaml at binary numbers: the sign may follow the prefix.
    if let Some(signed_digits) = text.strip_prefix("0b") {
        if let Ok(n) = i64::from_str_radix(signed_digits, 2) {
            return Some(Value::Int(n));
        }
    }
    too_large.then(|| big(negative, radix, digits)).flatten()
}

/// An integer beyond 64 bits, which becomes the nearest float in JSON.
fn big(negative: bool, radix: u32, digits: &str) -> Option<Value> {
    let mut f = 0f64;
    for c in digits.chars() {
        f = f * f64::from(radix) + f64::from(c.to_digit(radix)?);
    }
    Some(Value::Float(if negative { -f } else { f }))
}

/// The base that a prefix announces, and the digits after it: `0x`, `0o`, `0b`, and a leading `0` for octal.
fn radix(text: &str) -> (u32, &str) {
    let bytes = text.as_bytes();
    let after = |n: usize| text.get(n..).unwrap_or_default();
    match (bytes.first(), bytes.get(1)) {
        (Some(b'0'), Some(b'x' | b'X')) => (16, after(2)),
        (Some(b'0'), Some(b'o' | b'O')) => (8, after(2)),
        (Some(b'0'), Some(b'b' | b'B')) => (2, after(2)),
        (Some(b'0'), Some(_)) => (8, after(1)),
        _ => (10, text),
    }
}

/// A finite decimal number: sign, digits with at most one point, exponent. Anything that overflows is no number.
fn decimal(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let digits = |at: &mut usize| {
        let from = *at;
        while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        *at - from
    };
    let whole = digits(&mut at);
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        fraction = digits(&mut at);
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        if digits(&mut at) == 0 {
            return None;
        }
    }
    if at != bytes.len() {
        return None;
    }
    float::parse(text).filter(|f| f.is_finite())
}

fn without_underscores(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    }
}

fn starts_with_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-').map(|part| part.bytes().take_while(u8::is_ascii_digit).count());
    parts.next() == Some(4) && matches!(parts.next(), Some(1 | 2)) && matches!(parts.next(), Some(1 | 2))
}

/// Decodes base64 with padding; line breaks are allowed anywhere.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0u32, 0u32);
    for b in text.bytes() {
        let six = match b {
            b'\r' | b'\n' => continue,
            b'=' => {
                padding += 1;
                if count + padding > 4 || count < 2 {
                    return None;
                }
                continue;
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        group = group << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            bytes.extend(group.to_be_bytes().iter().skip(1));
            (group, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => bytes.extend((group << 12).to_be_bytes().iter().skip(1).take(1)),
        (3, 1) => bytes.extend((group << 6).to_be_bytes().iter().skip(1).take(2)),
        _ => return None,
    }
    Some(bytes)
}

/// A number as JSON has it: one without a fraction is an integer, however it is written.
pub(super) fn in_json(value: Value) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Float(f) if f.fract() == 0.0 && f.abs() < EXACT => Value::Int(f as i64),
        other => other,
    }
}

/// A key as text, the way the conversion to JSON spells it; nothing for null, which cannot be a key.
pub(super) fn key(value: Value) -> Option<Text> {
    Some(match value {
        Value::String(text) => text,
        Value::Bool(b) => b.to_string().into(),
        Value::Int(n) => n.to_string().into(),
        Value::UInt(n) => n.to_string().into(),
        Value::Float(f) => float_key(f).into(),
        Value::Null | Value::Seq(_) | Value::Map(_) => return None,
    })
}

/// The shortest text that gives the same 32-bit float, with an exponent below 1e-4 and from 1e6 on.
fn float_key(f: f64) -> String {
    if f.is_nan() {
        return ".nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let narrow = f as f32;
    if narrow.is_infinite() {
        return if f > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let text = float::scientific_single(narrow);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or_default();
    if !(-4..6).contains(&power) {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", power.abs());
    }
    float::shortest_single(narrow)
}

/// A text as Go quotes it.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A value as Go prints it in its own syntax, which is how Kuma's reader names keys that it cannot take.
pub(super) fn in_go(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::UInt(n) => format!("{n:#x}"),
        Value::Float(f) => float::shortest(*f),
        Value::String(text) => quote(text),
        Value::Seq(items) => {
            let items: Vec<_> = items.iter().map(|item| in_go(&item.value)).gather();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.entries.iter().map(|e| (quote(&e.key), in_go(&e.value.value))).gather();
            sort(&mut entries);
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}:{value}")).gather();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}
