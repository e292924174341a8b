//! Writes answers as JSON text, in as little code as serde lets one.
//!
//! Writing cannot fail, so [`Never`] is its error and the compiler drops every check for one. Commas need no state: one
//! is due unless a bracket or a colon has just been written.

use serde::ser::{self, Serialize};

/// The JSON text of an answer. Numbers that JSON cannot carry become `null`, as in JavaScript.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    let mut json = Json { out: String::new() };
    let Ok(()) = value.serialize(&mut json);
    json.out
}

struct Json {
    out: String,
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
        for c in text.chars() {
            let short = match c {
                '"' => '"',
                '\\' => '\\',
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                '\0'..=' ' if c < ' ' => {
                    self.out.push_str("\\u00");
                    for digit in [u32::from(c) >> 4, u32::from(c) & 15] {
                        self.out.extend(char::from_digit(digit, 16));
                    }
                    continue;
                }
                _ => {
                    self.out.push(c);
                    continue;
                }
            };
            self.out.push('\\');
            self.out.push(short);
        }
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
            true => self.number(&number),
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
        let mut written = Json { out: String::new() };
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
