//! Numbers as a template writes them. Go keeps each constant as every type that can hold it; what decides here is
//! whether it is an integer, a float or a complex number where nothing says which.

use super::quote::{quote, unquote_char, Unit};
use crate::float;

/// A numeric constant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    /// As written.
    pub text: String,
    /// What it stands for where any type will do.
    pub value: Constant,
}

/// The value of a constant that no parameter type decides.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    Int(i64),
    Float(f64),
    Complex(f64, f64),
    /// Too large for Go's `int`: refused when evaluated, not when read.
    Overflow,
}

/// Why a number cannot be had.
pub(super) enum Fault {
    /// Go's own message.
    Go(String),
    /// A form that is not read here.
    NotEvaluated(&'static str),
}

/// A character constant with its quotes.
pub(super) fn character(text: &str) -> Result<Number, Fault> {
    let inner = text.strip_prefix('\'').unwrap_or(text);
    let Some((unit, tail)) = unquote_char(inner, '\'') else { return Err(Fault::Go("invalid syntax".into())) };
    if tail != "'" {
        return Err(Fault::Go(format!("malformed character constant: {text}")));
    }
    let value = match unit {
        Unit::Rune(c) => i64::from(u32::from(c)),
        Unit::Byte(byte) => i64::from(byte),
    };
    Ok(Number { text: text.into(), value: Constant::Int(value) })
}

/// A sum such as `1+2i`.
pub(super) fn complex(text: &str) -> Result<Number, Fault> {
    const ODD: Fault = Fault::NotEvaluated("a complex constant of this form");
    let body = text.strip_suffix('i').ok_or(ODD)?;
    let sign = body.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map(|(at, _)| at).ok_or(ODD)?;
    let (real, imaginary) = body.split_at_checked(sign).ok_or(ODD)?;
    let plain = |part: &str| {
        let digits = part.trim_start_matches(['+', '-']);
        let simple = digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.starts_with(|c: char| c != '.');
        if simple {
            float::parse(part)
        } else {
            None
        }
    };
    match (plain(real), plain(imaginary)) {
        (Some(real), Some(imaginary)) => Ok(Number { text: text.into(), value: Constant::Complex(real, imaginary) }),
        _ => Err(ODD),
    }
}

/// Any other number: integer in some base, float, or purely imaginary.
pub(super) fn number(text: &str) -> Result<Number, Fault> {
    let done = |value| Ok(Number { text: text.into(), value });
    if let Some(body) = text.strip_suffix('i') {
        if let Some(value) = float(body)? {
            return done(Constant::Complex(0.0, value));
        }
    }
    let unsigned = integer(text);
    let signed = match text.strip_prefix(['+', '-']) {
        Some(digits) => integer(digits).map(|value| if text.starts_with('-') { -value } else { value }),
        None => unsigned,
    };
    let signed = signed.and_then(|value| i64::try_from(value).ok());
    let looks_float = text.contains(['.', 'e', 'E', 'p', 'P']);
    let hexadecimal = (text.starts_with("0x") || text.starts_with("0X")) && !text.contains(['p', 'P']);
    match (signed, unsigned) {
        // `+0xe` has an `e` and does not start with `0x`: a float to Go.
        (Some(value), _) if looks_float && !hexadecimal => done(Constant::Float(value as f64)),
        (Some(value), _) => done(Constant::Int(value)),
        (None, Some(_)) => done(Constant::Overflow),
        (None, None) => match float(text)? {
            Some(_) if !looks_float => Err(Fault::Go(format!("integer overflow: {}", quote(text.as_bytes())))),
            Some(value) => done(Constant::Float(value)),
            None => Err(Fault::Go(format!("illegal number syntax: {}", quote(text.as_bytes())))),
        },
    }
}

/// An unsigned integer with Go's base prefixes and underscores, if it fits in 64 bits.
fn integer(text: &str) -> Option<i128> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.as_str() {
        s if s.starts_with("0b") && s.len() > 2 => (2, s.strip_prefix("0b")?),
        s if s.starts_with("0o") && s.len() > 2 => (8, s.strip_prefix("0o")?),
        s if s.starts_with("0x") && s.len() > 2 => (16, s.strip_prefix("0x")?),
        s if s.starts_with('0') => (8, s.strip_prefix('0')?),
        s => (10, s),
    };
    if lower.is_empty() || (lower.contains('_') && !underscores_separate_digits(&lower)) {
        return None;
    }
    let mut value = 0i128;
    for c in digits.chars().filter(|c| *c != '_') {
        value = value * radix + i128::from(c.to_digit(u32::try_from(radix).ok()?)?);
        if value > i128::from(u64::MAX) {
            return None;
        }
    }
    Some(value)
}

/// A float in decimal notation; `None` where Go would not read one, or where it is out of range.
fn float(text: &str) -> Result<Option<f64>, Fault> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.trim_start_matches(['+', '-']);
    if lower.len() - digits.len() > 1 {
        return Ok(None);
    }
    if digits.starts_with("0x") {
        return if digits.contains('p') {
            Err(Fault::NotEvaluated("a hexadecimal floating-point constant"))
        } else {
            Ok(None)
        };
    }
    let known = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | '+' | '-'));
    if !known || (lower.contains('_') && !underscores_separate_digits(&lower)) {
        return Ok(None);
    }
    Ok(float::parse(&lower.replace('_', "")).filter(|value| value.is_finite()))
}

/// Each underscore stands between two digits, or between a base prefix and a digit.
fn underscores_separate_digits(lower: &str) -> bool {
    #[derive(PartialEq)]
    enum Saw {
        Start,
        Digit,
        Underscore,
        Other,
    }
    let mut rest = lower.strip_prefix(['+', '-']).unwrap_or(lower);
    let mut saw = Saw::Start;
    let mut hexadecimal = false;
    for prefix in ["0b", "0o", "0x"] {
        if let Some(after) = rest.strip_prefix(prefix) {
            (rest, saw, hexadecimal) = (after, Saw::Digit, prefix == "0x");
            break;
        }
    }
    for c in rest.chars() {
        saw = match c {
            c if c.is_ascii_digit() || (hexadecimal && c.is_ascii_hexdigit()) => Saw::Digit,
            '_' if saw == Saw::Digit => Saw::Underscore,
            '_' => return false,
            _ if saw == Saw::Underscore => return false,
            _ => Saw::Other,
        };
    }
    saw != Saw::Underscore
}
