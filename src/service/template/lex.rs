//! Tokens of a template. Spaces are tokens too: they separate arguments.

use std::borrow::Cow;
use std::fmt;

use super::quote::{is_print, quote};
use crate::collections::Gather;
use crate::unicode;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Bool,
    /// A printable ASCII character with no meaning of its own, such as a comma.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Kind {
    fn keyword(word: &str) -> Option<Kind> {
        Some(match word {
            "block" => Kind::Block,
            "break" => Kind::Break,
            "continue" => Kind::Continue,
            "define" => Kind::Define,
            "else" => Kind::Else,
            "end" => Kind::End,
            "if" => Kind::If,
            "nil" => Kind::Nil,
            "range" => Kind::Range,
            "template" => Kind::Template,
            "with" => Kind::With,
            _ => return None,
        })
    }

    fn is_keyword(self) -> bool {
        use Kind::{Block, Break, Continue, Define, Dot, Else, End, If, Nil, Range, Template, With};
        matches!(self, Block | Break | Continue | Dot | Define | Else | End | If | Nil | Range | Template | With)
    }
}

/// A token. The text of an error is its message.
#[derive(Clone, Debug)]
pub(super) struct Token<'s> {
    pub kind: Kind,
    /// Byte offset in the template.
    pub pos: usize,
    /// The line it starts on, from 1.
    pub line: usize,
    pub text: Cow<'s, str>,
}

impl Token<'_> {
    pub(super) fn nothing() -> Self {
        Token { kind: Kind::Eof, pos: 0, line: 0, text: Cow::Borrowed("") }
    }
}

/// As Go names a token in a message.
impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Error => f.write_str(&self.text),
            kind if kind.is_keyword() => write!(f, "<{}>", self.text),
            _ if self.text.len() > 10 => {
                let start: String = self.text.chars().take(10).gather();
                write!(f, "{}...", quote(start.as_bytes()))
            }
            _ => f.write_str(&quote(self.text.as_bytes())),
        }
    }
}

/// A reader of tokens. After an error it reads nothing more.
pub(super) struct Lexer<'s> {
    input: &'s str,
    pos: usize,
    start: usize,
    line: usize,
    start_line: usize,
    parens: usize,
    inside_action: bool,
    /// Set when a character decides between words and its Unicode class is not known here.
    pub unknown_character: bool,
}

const TRIM_MARKER: usize = 2;

impl<'s> Lexer<'s> {
    pub(super) fn new(input: &'s str) -> Self {
        Lexer {
            input,
            pos: 0,
            start: 0,
            line: 1,
            start_line: 1,
            parens: 0,
            inside_action: false,
            unknown_character: false,
        }
    }

    pub(super) fn next(&mut self) -> Token<'s> {
        if self.inside_action {
            self.action()
        } else {
            self.text()
        }
    }

    fn rest(&self) -> &'s str {
        self.input.get(self.pos..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.advance(c.len_utf8());
        Some(c)
    }

    /// Moves on over text, counting its lines.
    fn advance(&mut self, bytes: usize) {
        let skipped = self.input.get(self.pos..self.pos + bytes).unwrap_or("");
        self.line += skipped.matches('\n').count();
        self.pos += bytes;
    }

    fn skip(&mut self, bytes: usize) {
        self.advance(bytes);
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn token(&mut self, kind: Kind) -> Token<'s> {
        let text = self.input.get(self.start..self.pos).unwrap_or("");
        let token = Token { kind, pos: self.start, line: self.start_line, text: Cow::Borrowed(text) };
        self.start = self.pos;
        self.start_line = self.line;
        token
    }

    fn error(&mut self, message: impl Into<Cow<'s, str>>) -> Token<'s> {
        let token = Token { kind: Kind::Error, pos: self.start, line: self.start_line, text: message.into() };
        (self.input, self.pos, self.start) = ("", 0, 0);
        token
    }

    /// Outside of actions, up to the next `{{`.
    fn text(&mut self) -> Token<'s> {
        loop {
            let Some(length) = self.rest().find("{{") else {
                self.advance(self.rest().len());
                return if self.pos > self.start { self.token(Kind::Text) } else { self.token(Kind::Eof) };
            };
            let text = self.rest().get(..length).unwrap_or("");
            let trims = self.rest().get(length + 2..).is_some_and(has_left_trim_marker);
            let kept = if trims { text.trim_end_matches(is_space).len() } else { length };
            self.advance(kept);
            let token = self.token(Kind::Text);
            self.skip(length - kept);
            if kept > 0 {
                return token;
            }
            match self.left_delim() {
                Some(token) => return token,
                None => continue,
            }
        }
    }

    /// At `{{`. A comment gives no token.
    fn left_delim(&mut self) -> Option<Token<'s>> {
        let after = self.rest().get(2..).unwrap_or("");
        let marker = if has_left_trim_marker(after) { TRIM_MARKER } else { 0 };
        if after.get(marker..).is_some_and(|rest| rest.starts_with("/*")) {
            self.pos += 2;
            self.skip(marker);
            return self.comment();
        }
        self.pos += 2;
        let token = self.token(Kind::LeftDelim);
        self.inside_action = true;
        self.skip(marker);
        self.parens = 0;
        Some(token)
    }

    fn comment(&mut self) -> Option<Token<'s>> {
        let Some(end) = self.rest().get(2..).and_then(|rest| rest.find("*/")) else {
            return Some(self.error("unclosed comment"));
        };
        // The comment's lines count only when it is closed properly.
        self.pos += end + 4;
        let Some(marker) = self.at_right_delim() else {
            return Some(self.error("comment ends before closing delimiter"));
        };
        self.line += self.input.get(self.start..self.pos).unwrap_or("").matches('\n').count();
        self.token(Kind::Text);
        self.pos += marker + 2;
        self.line += self.input.get(self.start..self.pos).unwrap_or("").matches('\n').count();
        self.skip(if marker > 0 { leading_space(self.rest()) } else { 0 });
        None
    }

    /// At `}}` or ` -}}`: how long the trim marker is.
    fn at_right_delim(&self) -> Option<usize> {
        let rest = self.rest();
        if has_right_trim_marker(rest) && rest.get(TRIM_MARKER..).is_some_and(|rest| rest.starts_with("}}")) {
            return Some(TRIM_MARKER);
        }
        rest.starts_with("}}").then_some(0)
    }

    fn right_delim(&mut self, marker: usize) -> Token<'s> {
        self.skip(marker);
        self.pos += 2;
        let token = self.token(Kind::RightDelim);
        if marker > 0 {
            self.skip(leading_space(self.rest()));
        }
        self.inside_action = false;
        token
    }

    fn action(&mut self) -> Token<'s> {
        if let Some(marker) = self.at_right_delim() {
            return if self.parens == 0 { self.right_delim(marker) } else { self.error("unclosed left paren") };
        }
        let Some(c) = self.peek() else { return self.error("unclosed action") };
        if is_space(c) {
            return self.space();
        }
        if c == '.' {
            let number = self
                .rest()
                .get(1..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()));
            if number {
                return self.number();
            }
        } else if matches!(c, '+' | '-' | '0'..='9') {
            return self.number();
        } else if self.is_alphanumeric(c) {
            return self.identifier();
        }
        self.bump();
        match c {
            '=' => self.token(Kind::Assign),
            ':' => match self.bump() {
                Some('=') => self.token(Kind::Declare),
                _ => self.error("expected :="),
            },
            '|' => self.token(Kind::Pipe),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string"),
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant"),
            '`' => self.raw_string(),
            '$' => self.word(Kind::Variable, Kind::Variable),
            '.' => self.word(Kind::Dot, Kind::Field),
            '(' => {
                self.parens += 1;
                self.token(Kind::LeftParen)
            }
            ')' => match self.parens.checked_sub(1) {
                Some(parens) => {
                    self.parens = parens;
                    self.token(Kind::RightParen)
                }
                None => self.error("unexpected right paren"),
            },
            c if c.is_ascii_graphic() => self.token(Kind::Char),
            c => self.error(format!("unrecognized character in action: {}", code_point(c))),
        }
    }

    /// A run of spaces, except one that belongs to a ` -}}`.
    fn space(&mut self) -> Token<'s> {
        let spaces = leading_space(self.rest());
        let marked = self.rest().get(spaces.saturating_sub(1)..).is_some_and(|rest| {
            has_right_trim_marker(rest) && rest.get(TRIM_MARKER..).is_some_and(|rest| rest.starts_with("}}"))
        });
        self.advance(if marked { spaces - 1 } else { spaces });
        self.token(Kind::Space)
    }

    fn identifier(&mut self) -> Token<'s> {
        if let Some(error) = self.take_word() {
            return error;
        }
        let word = self.input.get(self.start..self.pos).unwrap_or("");
        let kind = match word {
            "true" | "false" => Kind::Bool,
            _ => Kind::keyword(word).unwrap_or(Kind::Identifier),
        };
        self.token(kind)
    }

    /// After `.` or `$`: the name that follows, if one does.
    fn word(&mut self, alone: Kind, named: Kind) -> Token<'s> {
        if self.at_terminator() {
            return self.token(alone);
        }
        self.take_word().unwrap_or_else(|| self.token(named))
    }

    /// Reads letters and digits. Gives an error if something follows that cannot end a word.
    fn take_word(&mut self) -> Option<Token<'s>> {
        loop {
            match self.peek() {
                Some(c) if self.is_alphanumeric(c) => self.bump(),
                Some(c) if !self.at_terminator() => {
                    return Some(self.error(format!("bad character {}", code_point(c))));
                }
                _ => return None,
            };
        }
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some(c) if is_space(c) => true,
            Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with("}}"),
        }
    }

    fn quoted(&mut self, mark: char, kind: Kind, unterminated: &'static str) -> Token<'s> {
        loop {
            match self.bump() {
                Some('\\') => {
                    if matches!(self.bump(), None | Some('\n')) {
                        return self.error(unterminated);
                    }
                }
                None | Some('\n') => return self.error(unterminated),
                Some(c) if c == mark => return self.token(kind),
                Some(_) => {}
            }
        }
    }

    fn raw_string(&mut self) -> Token<'s> {
        match self.rest().find('`') {
            Some(end) => {
                self.advance(end + 1);
                self.token(Kind::RawString)
            }
            None => self.error("unterminated raw quoted string"),
        }
    }

    fn number(&mut self) -> Token<'s> {
        let mut good = self.scan_number();
        let mut kind = Kind::Number;
        if good && matches!(self.peek(), Some('+' | '-')) {
            kind = Kind::Complex;
            good = self.scan_number() && self.input.get(..self.pos).is_some_and(|text| text.ends_with('i'));
        }
        if good {
            return self.token(kind);
        }
        let text = self.input.get(self.start..self.pos).unwrap_or("");
        self.error(format!("bad number syntax: {}", quote(text.as_bytes())))
    }

    fn scan_number(&mut self) -> bool {
        self.accept(|c| matches!(c, '+' | '-'));
        let mut radix = 10;
        if self.accept(|c| c == '0') {
            if self.accept(|c| matches!(c, 'x' | 'X')) {
                radix = 16;
            } else if self.accept(|c| matches!(c, 'o' | 'O')) {
                radix = 8;
            } else if self.accept(|c| matches!(c, 'b' | 'B')) {
                radix = 2;
            }
        }
        self.digits(radix);
        if self.accept(|c| c == '.') {
            self.digits(radix);
        }
        let exponent = match radix {
            10 => self.accept(|c| matches!(c, 'e' | 'E')),
            16 => self.accept(|c| matches!(c, 'p' | 'P')),
            _ => false,
        };
        if exponent {
            self.accept(|c| matches!(c, '+' | '-'));
            self.digits(10);
        }
        self.accept(|c| c == 'i');
        match self.peek() {
            Some(c) if self.is_alphanumeric(c) => {
                self.bump();
                false
            }
            _ => true,
        }
    }

    fn digits(&mut self, radix: u32) {
        while self.accept(|c| c == '_' || c.is_digit(radix)) {}
    }

    fn accept(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        if found {
            self.bump();
        }
        found
    }

    fn is_alphanumeric(&mut self, c: char) -> bool {
        if c.is_ascii() {
            return c == '_' || c.is_ascii_alphanumeric();
        }
        // Rust's classes are wider than Go's letters and decimal digits; these scripts are letters in both.
        let letter = matches!(u32::from(c),
            0xaa | 0xb5 | 0xba | 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0x24f | 0x391..=0x3a1 | 0x3a3..=0x3f5
            | 0x400..=0x481 | 0x48a..=0x52f | 0x5d0..=0x5ea | 0x620..=0x64a | 0x3041..=0x3096 | 0x30a1..=0x30fa
            | 0x4e00..=0x9fff | 0xac00..=0xd7a3);
        if !letter && unicode::is_alphanumeric(c) {
            self.unknown_character = true;
        }
        letter
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn leading_space(text: &str) -> usize {
    text.len() - text.trim_start_matches(is_space).len()
}

fn has_left_trim_marker(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_space))
}

fn has_right_trim_marker(text: &str) -> bool {
    text.strip_prefix(is_space).is_some_and(|rest| rest.starts_with('-'))
}

/// As Go's `%#U`.
fn code_point(c: char) -> String {
    if is_print(c) {
        format!("U+{:04X} '{c}'", u32::from(c))
    } else {
        format!("U+{:04X}", u32::from(c))
    }
}
