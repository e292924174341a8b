//! Text that several places share.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::ser::{Serialize, Serializer};

/// Text that is never changed. A copy shares it: keys and values of labels and tags stand in a document, in the resource
/// that is read from it, on every control plane that has it and in look-ups, and take memory once.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

impl From<&Text> for String {
    fn from(text: &Text) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        &*self.0 == other.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A number made of a text and a number before it. Equal texts give equal numbers; the reverse mostly holds.
pub(crate) fn hash(before: u32, text: &str) -> u32 {
    let mix = |hash: u32, byte: &u8| (hash.rotate_left(5) ^ u32::from(*byte)).wrapping_mul(0x9e37_79b1);
    text.as_bytes().iter().chain(&[0xff]).fold(before, mix)
}

/// Gives equal texts the same memory as far as it remembers them. It remembers a fixed number: a new text takes the place
/// of another one.
#[derive(Debug, Default)]
pub struct Texts {
    recent: Vec<Text>,
}

impl Texts {
    /// A power of two.
    const REMEMBERED: usize = 1024;
    /// Longer texts, in bytes, are hardly ever written twice.
    const LONGEST: usize = 64;

    /// The text, shared with others that are equal.
    pub fn share(&mut self, text: &str) -> Text {
        if text.len() > Texts::LONGEST {
            return text.into();
        }
        if self.recent.is_empty() {
            self.recent.resize(Texts::REMEMBERED, Text::default());
        }
        // the upper bits of a product depend on all bits of its factors
        let place = (hash(0, text) >> 16) as usize % Texts::REMEMBERED;
        let Some(known) = self.recent.get_mut(place) else { return text.into() };
        if *known != *text {
            *known = text.into();
        }
        known.clone()
    }
}
