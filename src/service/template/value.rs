//! The values a hostname template can have.

use std::rc::Rc;

/// A struct's fields in order, by name.
pub(super) type Fields = Rc<[(&'static str, Rc<[u8]>)]>;

/// A value of one of the Go types that Kuma's data, constants and built-in functions can give.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Go's nil, or no value at all.
    Nothing,
    Bool(bool),
    /// `int`
    Int(i64),
    /// `uint8`: one byte of a text.
    Byte(u8),
    Float(f64),
    Complex(f64, f64),
    Text(Rc<[u8]>),
    /// The struct that Kuma passes in.
    Data(Fields),
}

/// Values that Go compares with each other.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Basic {
    None,
    Bool,
    Complex,
    Int,
    Float,
    Text,
    Byte,
}

impl Value {
    pub(super) fn text(bytes: impl Into<Rc<[u8]>>) -> Value {
        Value::Text(bytes.into())
    }

    /// Not empty, not zero, not nil.
    pub(super) fn truth(&self) -> bool {
        match self {
            Value::Nothing => false,
            Value::Bool(truth) => *truth,
            Value::Int(number) => *number != 0,
            Value::Byte(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::Data(_) => true,
        }
    }

    /// Go's name of the type; the struct's depends on who renders.
    pub(super) fn type_name<'a>(&self, data: &'a str) -> &'a str {
        match self {
            Value::Nothing => "<nil>",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Byte(_) => "uint8",
            Value::Float(_) => "float64",
            Value::Complex(..) => "complex128",
            Value::Text(_) => "string",
            Value::Data(_) => data,
        }
    }

    pub(super) fn basic(&self) -> Basic {
        match self {
            Value::Nothing | Value::Data(_) => Basic::None,
            Value::Bool(_) => Basic::Bool,
            Value::Int(_) => Basic::Int,
            Value::Byte(_) => Basic::Byte,
            Value::Float(_) => Basic::Float,
            Value::Complex(..) => Basic::Complex,
            Value::Text(_) => Basic::Text,
        }
    }

    /// An integer of either sort.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Byte(number) => Some(i64::from(*number)),
            _ => None,
        }
    }
}
