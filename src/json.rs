//! Writes answers as JSON text, in as little code as serde lets one.
//!
//! Writing cannot fail, so [`Never`] is its error and the compiler drops every check for one. Commas need no state: one
//! is due unless a bracket or a colon has just been written.

use serde::ser::{self, Serialize};

use crate::float;

/// How much text is handed over at once, in bytes.
pub const PART: usize = 1 << 16;

/// The JSON text of an answer. Numbers that JSON cannot carry become `null`, as in JavaScript.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    let mut json = Json { out: String::new(), take: None };
    let Ok(()) = value.serialize(&mut json);
    json.out
}

/// What takes text.
pub type Take = Box<dyn FnMut(&str)>;

/// JSON text that is handed over while it is written.
pub struct Parts {
    json: Json,
}

impl Parts {
    /// The function gets text as soon as there are about [`PART`] bytes of it.
    pub fn new(take: Take) -> Parts {
        Parts { json: Json { out: String::new(), take: Some(take) } }
    }

    /// Writes a value, after a comma unless one would be wrong there.
    pub fn write<T: Serialize + ?Sized>(&mut self, value: &T) {
        let Ok(()) = value.serialize(&mut self.json);
    }

    /// Writes the bracket that begins a list.
    pub fn open(&mut self) {
        self.json.raw("[");
    }

    /// Writes the bracket that ends a list.
    pub fn close(&mut self) {
        self.json.close(']');
    }

    /// How many bytes wait to be handed over.
    pub fn waiting(&self) -> usize {
        self.json.out.len()
    }

    /// Hands over the rest.
    pub fn end(&mut self) {
        if let Some(take) = &mut self.json.take {
            take(&self.json.out);
        }
        self.json.out.clear();
    }
}

/// Whether a text is JSON, as Go's `encoding/json` reads it: one value, at most 10,000 levels deep.
pub fn is_valid(text: &str) -> bool {
    let mut open: Vec<u8> = Vec::new();
    let mut rest = text.as_bytes();
    loop {
        // a value, or a bracket that opens
        rest = trimmed(rest);
        match rest.split_first() {
            Some((bracket @ (b'{' | b'['), after)) => {
                open.push(*bracket);
                rest = trimmed(after);
                let close = if *bracket == b'{' { b'}' } else { b']' };
                match (rest.first() == Some(&close), bracket) {
                    (true, _) => {}
                    (false, _) if open.len() > 10_000 => return false,
                    (false, b'{') => match key(rest) {
                        Some(after) => {
                            rest = after;
                            continue;
                        }
                        None => return false,
                    },
                    (false, _) => continue,
                }
            }
            Some(_) => match scalar(rest) {
                Some(after) => rest = after,
                None => return false,
            },
            None => return false,
        }
        // what closes, until something follows
        loop {
            rest = trimmed(rest);
            match (open.last(), rest.split_first()) {
                (None, after) => return after.is_none(),
                (Some(b'{'), Some((b'}', after))) | (Some(b'['), Some((b']', after))) => {
                    open.pop();
                    rest = after;
                }
                (Some(b'{'), Some((b',', after))) => match key(trimmed(after)) {
                    Some(after) => {
                        rest = after;
                        break;
                    }
                    None => return false,
                },
                (Some(b'['), Some((b',', after))) => {
                    rest = after;
                    break;
                }
                _ => return false,
            }
        }
    }
}

/// Without the space in front, which in JSON is one of four characters.
fn trimmed(text: &[u8]) -> &[u8] {
    let space = text.iter().take_while(|b| b" \t\r\n".contains(b)).count();
    text.get(space..).unwrap_or_default()
}

/// What follows a key and its colon.
fn key(text: &[u8]) -> Option<&[u8]> {
    trimmed(string(text)?).strip_prefix(b":")
}

/// What follows a value without brackets.
fn scalar(text: &[u8]) -> Option<&[u8]> {
    if text.first() == Some(&b'"') {
        return string(text);
    }
    if let Some(rest) = ["true", "false", "null"].iter().find_map(|word| text.strip_prefix(word.as_bytes())) {
        return Some(rest);
    }
    let end = text.iter().position(|b| !(b.is_ascii_digit() || b"+-.eE".contains(b))).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let (whole, more) = digits.split_at_checked(digits.iter().take_while(|b| b.is_ascii_digit()).count())?;
    let one_zero = whole.first() != Some(&b'0') || whole.len() == 1;
    let point = more.strip_prefix(b".").is_none_or(|after| after.first().is_some_and(u8::is_ascii_digit));
    let finite = std::str::from_utf8(number).ok().and_then(float::parse).is_some_and(f64::is_finite);
    (!whole.is_empty() && one_zero && point && finite).then_some(rest)
}

/// What follows a text in quotes.
fn string(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        match rest {
            [b'"', after @ ..] => return Some(after),
            [b'\\', b'u', a, b, c, d, after @ ..] if [a, b, c, d].iter().all(|b| b.is_ascii_hexdigit()) => rest = after,
            [b'\\', c, after @ ..] if b"\"\\/bfnrt".contains(c) => rest = after,
            [b'\\' | 0..0x20, ..] | [] => return None,
            [_, after @ ..] => rest = after,
        }
    }
}

struct Json {
    out: String,
    /// Takes parts of the text.
    take: Option<Take>,
}

/// The error of what cannot fail.
#[derive(Debug)]
enum Never {}

impl std::fmt::Display for Never {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    /// Called by types that refuse to be written, of which answers have none.
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        std::process::abort()
    }
}

impl Json {
    /// The comma that is due, and then this.
    fn raw(&mut self, text: &str) {
        if self.out.len() >= PART {
            if let Some(take) = &mut self.take {
                // what has been written ends in ASCII, and the last of it says whether a comma is due
                let last = self.out.pop();
                take(&self.out);
                self.out.clear();
                self.out.extend(last);
            }
        }
        if !matches!(self.out.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(',');
        }
        self.out.push_str(text);
    }

    fn close(&mut self, bracket: char) {
        self.out.push(bracket);
    }

    fn key(&mut self, name: &str) {
        self.quoted(name);
        self.out.push(':');
    }

    fn quoted(&mut self, text: &str) {
        self.raw("\"");
        let mut rest = text;
        // runs of bytes that stand for themselves, and one that does not
        while let Some(at) = rest.bytes().position(|b| b < b' ' || b == b'"' || b == b'\\') {
            let (plain, from) = rest.split_at(at);
            self.out.push_str(plain);
            let mut chars = from.chars();
            let c = chars.next().unwrap_or_default();
            rest = chars.as_str();
            let short = match c {
                '"' => '"',
                '\\' => '\\',
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                _ => {
                    self.out.push_str("\\u00");
                    for digit in [u32::from(c) >> 4, u32::from(c) & 15] {
                        self.out.extend(char::from_digit(digit, 16));
                    }
                    continue;
                }
            };
            self.out.push('\\');
            self.out.push(short);
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    fn number(&mut self, number: &dyn std::fmt::Display) {
        self.raw("");
        let _ = std::fmt::Write::write_fmt(&mut self.out, format_args!("{number}"));
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, number: $type) -> Result<(), Never> {
            self.number(&number);
            Ok(())
        })+
    };
}

impl<'a> ser::Serializer for &'a mut Json {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.raw(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Never> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Result<(), Never> {
        match number.is_finite() {
            true => self.raw(&float::shortest(number)),
            false => self.raw("null"),
        }
        Ok(())
    }

    fn serialize_char(self, c: char) -> Result<(), Never> {
        self.quoted(c.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Never> {
        self.quoted(text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Never> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        self.raw("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Never> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.raw("{");
        self.key(name);
        let Ok(()) = value.serialize(&mut *self);
        self.close('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a>, Never> {
        self.raw("[");
        Ok(Open { json: self, brackets: "]" })
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'a>, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, name: &'static str, _: usize) -> Result<Open<'a>, Never> {
        self.raw("{");
        self.key(name);
        self.raw("[");
        Ok(Open { json: self, brackets: "]}" })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a>, Never> {
        self.raw("{");
        Ok(Open { json: self, brackets: "}" })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, Never> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Open<'a>, Never> {
        self.raw("{");
        self.key(name);
        self.raw("{");
        Ok(Open { json: self, brackets: "}}" })
    }
}

/// A list or an object that is being written.
struct Open<'a> {
    json: &'a mut Json,
    /// What closes it.
    brackets: &'static str,
}

impl Open<'_> {
    fn close(self) -> Result<(), Never> {
        self.json.out.push_str(self.brackets);
        Ok(())
    }
}

macro_rules! lists {
    ($($of:ident $method:ident),+) => {
        $(impl ser::$of for Open<'_> {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                value.serialize(&mut *self.json)
            }

            fn end(self) -> Result<(), Never> {
                self.close()
            }
        })+
    };
}

lists!(
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
);

macro_rules! objects {
    ($($of:ident),+) => {
        $(impl ser::$of for Open<'_> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Never> {
                self.json.key(name);
                value.serialize(&mut *self.json)
            }

            fn end(self) -> Result<(), Never> {
                self.close()
            }
        })+
    };
}

objects!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Never;

    /// Keys that are no text are written as text.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        let mut written = Json { out: String::new(), take: None };
        let Ok(()) = key.serialize(&mut written);
        match written.out.starts_with('"') {
            true => self.json.raw(&written.out),
            false => self.json.quoted(&written.out),
        }
        self.json.out.push(':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result<(), Never> {
        self.close()
    }
}
