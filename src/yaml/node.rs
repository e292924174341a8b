//! The values that the reader gives: JSON's data model, each value with the place it came from.

use crate::collections::{Gather, SortedMap};
use crate::text::Text;

/// A half-open range of byte offsets into one source text. Lines, columns and UTF-16 offsets are computed from it by
/// [`LineIndex`] when an answer is written, so that a value costs eight bytes of position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset after the last byte; never less than `start`.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`, in bytes.
    pub fn new(start: u32, end: u32) -> Self {
        Span { start, end: end.max(start) }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// True if the byte offset lies inside, or at the end (where a caret can stand).
    pub fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }
}

/// A resolved value. Numbers are those of JSON after YAML 1.1 resolution: `0x50`, `014` and `80.0` are integers.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites, unquoted.
    Bool(bool),
    /// An integer that fits `i64`.
    Int(i64),
    /// An integer above `i64::MAX` that fits `u64`.
    UInt(u64),
    /// Any other finite number.
    Float(f64),
    /// Text.
    String(Text),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, in the order of the text, each key once.
    Map(Map),
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands. For a value reached through an alias or merge key: where the anchored value stands.
    pub span: Span,
}

/// One key and its value in a [`Map`].
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, as Kuma's YAML to JSON conversion spells it (`1:` is `"1"`, `yes:` is `"true"`).
    pub key: Text,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A mapping in the order of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The entries. INVARIANT: no two have the same key.
    pub entries: Vec<Entry>,
}

impl Map {
    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }
}

impl Node {
    /// A value that stands nowhere, for what Kuma generates.
    pub fn unplaced(value: Value) -> Self {
        Node { value, span: Span::default() }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, if it is a sequence.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    /// The same as [`Node::as_str`], to be shared.
    pub fn as_text(&self) -> Option<&Text> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if it is one that fits `i64`; a float without a fraction counts, as in JSON (`80.0`).
    pub fn as_i64(&self) -> Option<i64> {
        match self.value {
            Value::Int(n) => Some(n),
            Value::Float(f) if f.fract() == 0.0 && f.abs() < 9.0e15 => Some(f as i64),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// True for `null`, `~` and nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The value of a key, if this is a mapping that has it and it is not null (Kuma treats null as absent).
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key).filter(|n| !n.is_null())
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The items of the sequence at a key; empty if there is none.
    pub fn items(&self, key: &str) -> &[Node] {
        self.get(key).and_then(Node::as_seq).unwrap_or_default()
    }

    /// The text at a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The mapping at a key as text to text; values that are not strings are left out.
    pub fn strings(&self, key: &str) -> Option<SortedMap<Text, Text>> {
        let map = self.get(key)?.as_map()?;
        let pair = |e: &Entry| Some((e.key.clone(), e.value.as_text()?.clone()));
        Some(map.entries.iter().filter_map(pair).gather())
    }

    /// The text of the value as it is written, quotes included, in the source that it was read from.
    pub fn source<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.start as usize..self.span.end as usize).unwrap_or_default()
    }

    /// True if it is a scalar written without quotes and not as a block after `|` or `>`: such text YAML may have taken
    /// for another type than text.
    pub fn is_plain(&self, text: &str) -> bool {
        !matches!(self.value, Value::Seq(_) | Value::Map(_)) && !self.source(text).starts_with(['"', '\'', '|', '>'])
    }

    /// The same value as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(n) => Json::from(*n),
            Value::UInt(n) => Json::from(*n),
            Value::Float(f) => serde_json::Number::from_f64(*f).map_or(Json::Null, Json::Number),
            Value::String(s) => Json::String(s.into()),
            Value::Seq(items) => Json::Array(items.iter().map(Node::to_json).gather()),
            Value::Map(map) => {
                Json::Object(map.entries.iter().map(|e| (String::from(&e.key), e.value.to_json())).gather())
            }
        }
    }
}

/// One YAML document of a source.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its position in the source, counting from 0 and leaving out documents of nothing but space and comments.
    pub index: u32,
    /// From its first value to its last; the whole text if it could not be read.
    pub span: Span,
    /// The value, or nothing if Kuma could not read it; a diagnostic then says why.
    pub root: Option<Box<Node>>,
    /// What could be read of a document that has no root: enough to name it or to go on editing, never to evaluate it.
    pub partial: Option<Box<Node>>,
}

/// A place in a text as people and editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 code units, from 1.
    pub column: u32,
    /// Byte offset, from 0.
    pub byte: u32,
    /// Offset in UTF-16 code units, from 0; what JavaScript and CodeMirror count.
    pub utf16: u32,
}

/// Turns byte offsets of one text into lines, columns and UTF-16 offsets, and back. A line ends with `\n`.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    /// Byte offset of the start of every line but the first.
    starts: Vec<u32>,
    /// After each character of more than one byte: the byte offset, and by how much it exceeds the UTF-16 offset.
    wide: Vec<(u32, u32)>,
}

impl LineIndex {
    /// Reads the text once.
    pub fn new(text: &str) -> Self {
        let lines = text.as_bytes().iter().filter(|b| **b == b'\n').count();
        let mut index = LineIndex { starts: Vec::with_capacity(lines), wide: Vec::new() };
        let mut excess = 0;
        for (byte, &b) in (0u32..).zip(text.as_bytes()) {
            // Of a wide character only the first byte counts.
            let (length, units) = match b {
                b'\n' => {
                    index.starts.push(byte + 1);
                    continue;
                }
                0..=0xbf => continue,
                0xc0..=0xdf => (2, 1),
                0xe0..=0xef => (3, 1),
                0xf0.. => (4, 2),
            };
            excess += length - units;
            index.wide.push((byte + length, excess));
        }
        index
    }

    /// The place of a byte offset; it must lie on a character boundary to be exact.
    pub fn position(&self, byte: u32) -> Position {
        let line = self.starts.partition_point(|&start| start <= byte);
        let start = line.checked_sub(1).and_then(|i| self.starts.get(i)).copied().unwrap_or(0);
        let utf16 = self.utf16(byte);
        Position { line: line as u32 + 1, column: utf16.saturating_sub(self.utf16(start)) + 1, byte, utf16 }
    }

    fn utf16(&self, byte: u32) -> u32 {
        let seen = self.wide.partition_point(|&(after, _)| after <= byte);
        let excess = seen.checked_sub(1).and_then(|i| self.wide.get(i)).map_or(0, |&(_, excess)| excess);
        byte.saturating_sub(excess)
    }

    /// The byte offset of a UTF-16 offset, as an editor gives it for its caret.
    pub fn byte(&self, utf16: u32) -> u32 {
        let seen = self.wide.partition_point(|&(after, excess)| after - excess <= utf16);
        utf16 + seen.checked_sub(1).and_then(|i| self.wide.get(i)).map_or(0, |&(_, excess)| excess)
    }
}
