//! Unicode properties of characters outside of ASCII, which are rare here and whose tables are large.
//!
//! WebAssembly asks JavaScript, which has them anyway; native code asks the standard library.

/// The text in lower case.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        host::lower(text)
    }
}

/// Whether it is a letter or a number in any script.
pub(crate) fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        host::is_alphanumeric(c)
    }
}

/// What Go calls printable: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(crate) fn is_print(c: char) -> bool {
    if c.is_ascii() {
        matches!(c, ' '..='~')
    } else {
        host::is_print(c)
    }
}

/// Whether it has no other case, outside of ASCII.
pub(crate) fn is_caseless(c: char) -> bool {
    host::is_caseless(c)
}

#[cfg(not(feature = "wasm"))]
mod host {
    pub fn lower(text: &str) -> String {
        text.to_lowercase()
    }

    pub fn is_alphanumeric(c: char) -> bool {
        c.is_alphanumeric()
    }

    pub fn is_print(c: char) -> bool {
        // The standard library escapes exactly the others, but also a combining mark at the start of a text.
        format!("a{c}").escape_debug().count() == 2
    }

    pub fn is_caseless(c: char) -> bool {
        c.to_lowercase().eq([c]) && c.to_uppercase().eq([c])
    }
}

#[cfg(feature = "wasm")]
mod host {
    use js_sys::{JsString, RegExp};

    pub fn lower(text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    fn is(class: &str, c: char) -> bool {
        RegExp::new(class, "u").test(c.encode_utf8(&mut [0; 4]))
    }

    pub fn is_alphanumeric(c: char) -> bool {
        is("[\\p{Alphabetic}\\p{N}]", c)
    }

    pub fn is_print(c: char) -> bool {
        is("[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}]", c)
    }

    pub fn is_caseless(c: char) -> bool {
        let text = JsString::from(c.encode_utf8(&mut [0; 4]) as &str);
        text.to_lower_case() == text && text.to_upper_case() == text
    }
}
