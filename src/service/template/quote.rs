//! Go's string literals: reading them and writing them as `%q` does. A Go string is bytes, not necessarily UTF-8.

pub(super) use crate::unicode::is_print;

/// The code points of a Go string; a byte that belongs to none comes as an error.
pub(super) fn runes(bytes: &[u8]) -> impl Iterator<Item = Result<char, u8>> + '_ {
    bytes
        .utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars().map(Ok).chain(chunk.invalid().iter().map(|byte| Err(*byte))))
}

/// Writes text as Go's `%q` does, with double quotes.
///
/// ```
/// assert_eq!(meshscope::service::template::quote(b"a \"b\"\n\xff"), r#""a \"b\"\n\xff""#);
/// ```
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, '"', false)
}

pub(super) fn quote_with(bytes: &[u8], mark: char, ascii: bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push(mark);
    for rune in runes(bytes) {
        match rune {
            Ok(c) => escape(c, mark, ascii, &mut out),
            Err(byte) => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(mark);
    out
}

fn escape(c: char, mark: char, ascii: bool, out: &mut String) {
    if c == mark || c == '\\' {
        out.push('\\');
        out.push(c);
        return;
    }
    if (c.is_ascii() || !ascii) && is_print(c) {
        out.push(c);
        return;
    }
    match c {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        c if c.is_ascii() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c if u32::from(c) < 0x10000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
    }
}

/// Text that Go can write between backquotes: one line without control characters, tab excepted.
pub(super) fn can_backquote(bytes: &[u8]) -> bool {
    runes(bytes).all(|rune| match rune {
        Ok('\t') => true,
        Ok('`' | '\x7f' | '\u{feff}') => false,
        Ok(c) => c >= ' ',
        Err(_) => false,
    })
}

/// One character of a literal.
pub(super) enum Unit {
    /// A code point.
    Rune(char),
    /// A single byte, from `\x..` or `\...` in octal.
    Byte(u8),
}

/// Takes one character, escapes resolved, from the front of a literal that `mark` ends. `None` is a syntax error.
pub(super) fn unquote_char(text: &str, mark: char) -> Option<(Unit, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first == mark {
        return None;
    }
    if first != '\\' {
        return Some((Unit::Rune(first), chars.as_str()));
    }
    let kind = chars.next()?;
    let rest = chars.as_str();
    let simple = |c| Some((Unit::Rune(c), rest));
    match kind {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        '\'' | '"' if kind == mark => simple(mark),
        'x' => {
            let (value, rest) = digits(rest, 2, 16)?;
            Some((Unit::Byte(u8::try_from(value).ok()?), rest))
        }
        'u' | 'U' => {
            let (value, rest) = digits(rest, if kind == 'u' { 4 } else { 8 }, 16)?;
            Some((Unit::Rune(char::from_u32(value)?), rest))
        }
        '0'..='7' => {
            let (low, rest) = digits(rest, 2, 8)?;
            Some((Unit::Byte(u8::try_from(kind.to_digit(8)? * 64 + low).ok()?), rest))
        }
        _ => None,
    }
}

fn digits(text: &str, count: usize, radix: u32) -> Option<(u32, &str)> {
    let mut chars = text.chars();
    let mut value = 0u32;
    for _ in 0..count {
        value = value.checked_mul(radix)?.checked_add(chars.next()?.to_digit(radix)?)?;
    }
    Some((value, chars.as_str()))
}

/// The value of a string literal in double quotes or backquotes. `None` is a syntax error.
pub(super) fn unquote(literal: &str) -> Option<Vec<u8>> {
    if let Some(raw) = literal.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', "").into_bytes());
    }
    let mut rest = literal.strip_prefix('"')?;
    let mut out = Vec::with_capacity(rest.len());
    loop {
        if rest == "\"" {
            return Some(out);
        }
        let (unit, tail) = unquote_char(rest, '"')?;
        match unit {
            Unit::Rune(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => out.push(byte),
        }
        rest = tail;
    }
}
