//! Tokens of one document.
//!
//! The grammar is that of the reader Kuma's tools use (libyaml's, as go-yaml 2 has it), not that of YAML 1.2: the two
//! accept different texts. A mapping key is known as one only when its `:` comes, so tokens wait in a queue while the
//! first of them may still turn out to be a key. Such a key stands on one line and is at most 1024 characters long,
//! which bounds the queue.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::problem::{Failure, Problem};
use super::scalar::Tag;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    End,
    /// `---`, which only a byte order mark before it can bring inside a document.
    DocumentStart,
    /// `...`
    DocumentEnd,
    /// `%YAML` or `%TAG`
    Directive,
    BlockSeqStart,
    BlockMapStart,
    BlockEnd,
    FlowSeqStart,
    FlowSeqEnd,
    FlowMapStart,
    FlowMapEnd,
    /// `- `
    BlockEntry,
    /// `,`
    FlowEntry,
    /// A key follows; the token itself is `?` or stands for nothing.
    Key,
    /// `:`
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag(Tag),
    /// A scalar and whether it is written plainly.
    Scalar(Cow<'a, str>, bool),
}

/// A token with its place: byte offsets in the document's text, and the line from 0.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: usize,
}

/// A place where a key may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    possible: bool,
    /// Its token is held back until it is known whether it is a key.
    held: bool,
    /// Nothing but a key may stand there.
    required: bool,
    /// The number of its token, counted from the start.
    token: usize,
    at: usize,
    line: usize,
    column: usize,
}

/// Cuts a document into tokens.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: usize,
    line_start: usize,
    tokens: VecDeque<Token<'a>>,
    /// How many tokens have been given out.
    taken: usize,
    /// Columns of the open block collections, the innermost apart; -1 outside of all.
    indents: Vec<isize>,
    indent: isize,
    /// One for the block context and one for each open bracket. INVARIANT: never empty.
    candidates: Vec<Candidate>,
    key_allowed: bool,
    ended: bool,
    tags: Vec<(&'a str, &'a str)>,
}

const KEY_LENGTH: usize = 1024;
const CORE_TAG: &str = "tag:yaml.org,2002:";

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner {
            text,
            bytes: text.as_bytes(),
            at: 0,
            line: 0,
            line_start: 0,
            tokens: VecDeque::with_capacity(8),
            taken: 0,
            indents: Vec::with_capacity(16),
            indent: -1,
            candidates: vec![Candidate::default()],
            key_allowed: true,
            ended: false,
            tags: Vec::new(),
        }
    }

    /// The next token, which stays where it is.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Failure> {
        // A candidate that the end makes impossible is found out even then.
        while self.needs_more()? && !self.ended {
            self.fetch()?;
        }
        self.tokens.front().ok_or(Failure::scanner(Problem::DocumentStart, self.at, self.line))
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<Token<'a>, Failure> {
        self.peek()?;
        self.taken += 1;
        self.tokens.pop_front().ok_or(Failure::scanner(Problem::DocumentStart, self.at, self.line))
    }

    fn needs_more(&mut self) -> Result<bool, Failure> {
        if self.tokens.is_empty() {
            return Ok(true);
        }
        // Candidates stand in the order of their tokens, so only the first can be the first token in the queue.
        let taken = self.taken;
        match self.candidates.iter().position(|c| c.possible && c.held) {
            Some(i) if self.candidates.get(i).is_some_and(|c| c.token == taken) => self.still_possible(i),
            _ => Ok(false),
        }
    }

    /// True if the key at this place can still end here.
    fn still_possible(&mut self, i: usize) -> Result<bool, Failure> {
        let (at, line, text) = (self.at, self.line, self.text);
        let Some(candidate) = self.candidates.get_mut(i) else { return Ok(false) };
        if !candidate.possible {
            return Ok(false);
        }
        let bytes = at.saturating_sub(candidate.at);
        let too_long = bytes > KEY_LENGTH
            && (bytes > 4 * KEY_LENGTH
                || text.get(candidate.at..at).is_none_or(|key| key.chars().count() > KEY_LENGTH));
        if candidate.line == line && !too_long {
            return Ok(true);
        }
        if candidate.required {
            return Err(Failure::scanner(Problem::KeyWithoutColon, at, line).about(candidate.at, candidate.line));
        }
        candidate.possible = false;
        Ok(false)
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn column(&self) -> usize {
        self.at - self.line_start
    }

    fn in_flow(&self) -> bool {
        self.candidates.len() > 1
    }

    fn fail<T>(&self, problem: Problem) -> Result<T, Failure> {
        Err(Failure::scanner(problem, self.at, self.line))
    }

    /// Bytes of the line break at an offset; 0 if there is none.
    fn line_break(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\n' => 1,
            b'\r' => 1 + usize::from(self.byte(ahead + 1) == b'\n'),
            0xc2 if self.byte(ahead + 1) == 0x85 => 2,
            0xe2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn blank_or_end(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t' | 0) || self.line_break(ahead) > 0
    }

    fn skip_line_break(&mut self) {
        self.at += self.line_break(0);
        self.line += 1;
        self.line_start = self.at;
    }

    /// Skips a line break and gives it as it counts in a value.
    fn take_line_break(&mut self) -> &'static str {
        let text = match (self.byte(0), self.byte(2)) {
            (0xe2, 0xa8) => "\u{2028}",
            (0xe2, 0xa9) => "\u{2029}",
            _ => "\n",
        };
        if self.line_break(0) == 0 {
            return "";
        }
        self.skip_line_break();
        text
    }

    fn skip_comment(&mut self) {
        if self.byte(0) == b'#' {
            while !self.at_end() && self.line_break(0) == 0 {
                self.at += 1;
            }
        }
    }

    /// True at `---` or `...` alone at the start of a line.
    fn at_marker(&self) -> bool {
        self.column() == 0
            && matches!((self.byte(0), self.byte(1), self.byte(2)), (b'-', b'-', b'-') | (b'.', b'.', b'.'))
            && self.blank_or_end(3)
    }

    fn push(&mut self, kind: Kind<'a>, start: usize, line: usize) {
        self.tokens.push_back(Token { kind, start, end: self.at, line });
    }

    fn indicator(&mut self, kind: Kind<'a>, length: usize) {
        let start = self.at;
        self.at += length;
        self.push(kind, start, self.line);
    }

    fn fetch(&mut self) -> Result<(), Failure> {
        self.skip_to_token();
        self.unroll(self.column() as isize);
        if self.at_end() {
            return self.end();
        }
        if self.column() == 0 {
            if self.byte(0) == b'%' {
                return self.directive();
            }
            if self.at_marker() {
                self.unroll(-1);
                self.drop_candidate()?;
                self.key_allowed = false;
                let kind = if self.byte(0) == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
                self.indicator(kind, 3);
                return Ok(());
            }
        }
        let flow = self.in_flow();
        match self.byte(0) {
            b'[' => self.open(Kind::FlowSeqStart),
            b'{' => self.open(Kind::FlowMapStart),
            b']' => self.close(Kind::FlowSeqEnd),
            b'}' => self.close(Kind::FlowMapEnd),
            b',' => {
                self.drop_candidate()?;
                self.key_allowed = true;
                self.indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.blank_or_end(1) => self.entry(),
            b'?' if flow || self.blank_or_end(1) => self.explicit_key(),
            b':' if flow || self.blank_or_end(1) => self.value(),
            b'*' => self.name(Kind::Alias),
            b'&' => self.name(Kind::Anchor),
            b'!' => self.tag(),
            b'|' if !flow => self.block_scalar(true),
            b'>' if !flow => self.block_scalar(false),
            b'\'' => self.quoted(true),
            b'"' => self.quoted(false),
            b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b'\t' => self.fail(Problem::NoToken),
            _ => self.plain(),
        }
    }

    /// Skips spaces, comments and line breaks. Tabs count as space only where no indentation can be.
    fn skip_to_token(&mut self) {
        loop {
            if self.column() == 0 && self.text.get(self.at..).is_some_and(|t| t.starts_with('\u{feff}')) {
                self.at += 3;
                self.line_start = self.at;
            }
            let tabs = self.in_flow() || !self.key_allowed;
            while self.byte(0) == b' ' || (tabs && self.byte(0) == b'\t') {
                self.at += 1;
            }
            self.skip_comment();
            if self.line_break(0) == 0 {
                return;
            }
            self.skip_line_break();
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.column() != 0 {
            self.line += 1;
            self.line_start = self.at;
        }
        self.unroll(-1);
        self.drop_candidate()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(Kind::End, self.at, self.line);
        Ok(())
    }

    fn directive(&mut self) -> Result<(), Failure> {
        self.unroll(-1);
        self.drop_candidate()?;
        self.key_allowed = false;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let named = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let name = line.bytes().skip(1).take_while(|&b| named(b)).count();
        if name == 0 {
            return self.fail(Problem::DirectiveName);
        }
        if !matches!(line.as_bytes().get(name + 1), None | Some(b' ' | b'\t')) {
            return self.fail(Problem::DirectiveLetter);
        }
        let mut words = line.split([' ', '\t']).filter(|w| !w.is_empty());
        match (words.next(), words.next(), words.next()) {
            (Some("%YAML"), ..) => {}
            (Some("%TAG"), Some(handle), Some(prefix)) => self.tags.push((handle, prefix)),
            _ => return self.fail(Problem::UnknownDirective),
        }
        self.indicator(Kind::Directive, line.len());
        Ok(())
    }

    /// Closes the block collections that are indented deeper than a column.
    fn unroll(&mut self, column: isize) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.at, self.line);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Opens a block collection at a column if none is open there; its token goes before the one of that number.
    fn roll(&mut self, column: usize, number: Option<usize>, kind: Kind<'a>, at: usize, line: usize) {
        if self.in_flow() || self.indent >= column as isize {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        let index = number.map_or(self.tokens.len(), |n| self.place_in_queue(n));
        self.tokens.insert(index, Token { kind, start: at, end: at, line });
    }

    /// Where a token of this number stands in the queue: at the end if it has been given out.
    fn place_in_queue(&self, number: usize) -> usize {
        number.checked_sub(self.taken).map_or(self.tokens.len(), |index| index.min(self.tokens.len()))
    }

    /// Notes that a key may begin here.
    fn note_candidate(&mut self) -> Result<(), Failure> {
        if !self.key_allowed {
            return Ok(());
        }
        self.drop_candidate()?;
        let candidate = Candidate {
            possible: true,
            held: true,
            required: !self.in_flow() && self.indent == self.column() as isize,
            token: self.taken + self.tokens.len(),
            at: self.at,
            line: self.line,
            column: self.column(),
        };
        if let Some(last) = self.candidates.last_mut() {
            *last = candidate;
        }
        Ok(())
    }

    /// Gives up the key that may have begun at this level of brackets.
    fn drop_candidate(&mut self) -> Result<(), Failure> {
        let (at, line) = (self.at, self.line);
        let Some(last) = self.candidates.last_mut() else { return Ok(()) };
        if last.possible && last.required {
            return Err(Failure::scanner(Problem::KeyWithoutColon, at, line).about(last.at, last.line));
        }
        last.possible = false;
        Ok(())
    }

    fn open(&mut self, kind: Kind<'a>) -> Result<(), Failure> {
        self.note_candidate()?;
        self.candidates.push(Candidate::default());
        self.key_allowed = true;
        self.indicator(kind, 1);
        Ok(())
    }

    fn close(&mut self, kind: Kind<'a>) -> Result<(), Failure> {
        self.drop_candidate()?;
        if self.in_flow() {
            let inner = self.candidates.pop().unwrap_or_default();
            // Empty brackets are not held back: the reader forgets that they may be a key, and so fails on `[]: x`.
            if inner.token == 0 {
                if let Some(outer) = self.candidates.last_mut() {
                    outer.held = false;
                }
            }
        }
        self.key_allowed = false;
        self.indicator(kind, 1);
        Ok(())
    }

    fn entry(&mut self) -> Result<(), Failure> {
        if !self.in_flow() {
            if !self.key_allowed {
                return self.fail(Problem::EntryHere);
            }
            self.roll(self.column(), None, Kind::BlockSeqStart, self.at, self.line);
        }
        self.drop_candidate()?;
        self.key_allowed = true;
        self.indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn explicit_key(&mut self) -> Result<(), Failure> {
        if !self.in_flow() {
            if !self.key_allowed {
                return self.fail(Problem::KeyHere);
            }
            self.roll(self.column(), None, Kind::BlockMapStart, self.at, self.line);
        }
        self.drop_candidate()?;
        self.key_allowed = !self.in_flow();
        self.indicator(Kind::Key, 1);
        Ok(())
    }

    fn value(&mut self) -> Result<(), Failure> {
        let last = self.candidates.len() - 1;
        if self.still_possible(last)? {
            let key = self.candidates.get(last).copied().unwrap_or_default();
            let token = Token { kind: Kind::Key, start: key.at, end: key.at, line: key.line };
            self.tokens.insert(self.place_in_queue(key.token), token);
            self.roll(key.column, Some(key.token), Kind::BlockMapStart, key.at, key.line);
            if let Some(candidate) = self.candidates.last_mut() {
                candidate.possible = false;
            }
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    return self.fail(Problem::ValueHere);
                }
                self.roll(self.column(), None, Kind::BlockMapStart, self.at, self.line);
            }
            self.key_allowed = !self.in_flow();
        }
        self.indicator(Kind::Value, 1);
        Ok(())
    }

    /// An anchor or alias.
    fn name(&mut self, kind: fn(&'a str) -> Kind<'a>) -> Result<(), Failure> {
        self.note_candidate()?;
        self.key_allowed = false;
        let start = self.at;
        self.at += 1;
        while matches!(self.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.at += 1;
        }
        let name = self.text.get(start + 1..self.at).unwrap_or_default();
        let ends = matches!(self.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !(ends || self.blank_or_end(0)) {
            return Err(Failure::scanner(Problem::Name, self.at, self.line).about(start, self.line));
        }
        self.push(kind(name), start, self.line);
        Ok(())
    }

    fn tag(&mut self) -> Result<(), Failure> {
        self.note_candidate()?;
        self.key_allowed = false;
        let start = self.at;
        let verbatim = self.byte(1) == b'<';
        self.at += if verbatim { 2 } else { 1 };
        let name = self.at;
        while matches!(self.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')
            || b"_-;/?:@&=+$,.!~*'()[]%".contains(&self.byte(0))
        {
            self.at += 1;
        }
        let name = self.text.get(name..self.at).unwrap_or_default();
        let tag = if verbatim {
            let closed = self.byte(0) == b'>' && !name.is_empty();
            self.at += usize::from(closed);
            name.strip_prefix(CORE_TAG).filter(|_| closed).map_or(Tag::Other, Tag::core)
        } else {
            self.named_tag(name, start)?
        };
        if !self.blank_or_end(0) {
            return Err(Failure::scanner(Problem::Tag, self.at, self.line).about(start, self.line));
        }
        self.push(Kind::Tag(tag), start, self.line);
        Ok(())
    }

    /// The tag of `!name`, or of `!handle!name` with a handle of letters, digits, `-` and `_`.
    fn named_tag(&self, name: &str, start: usize) -> Result<Tag, Failure> {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let Some((handle, suffix)) = name.split_once('!').filter(|(handle, _)| handle.bytes().all(letter)) else {
            return Ok(Tag::Other);
        };
        if suffix.is_empty() {
            return Err(Failure::scanner(Problem::TagName, self.at, self.line).about(start, self.line));
        }
        let handle = self.text.get(start..start + handle.len() + 2).unwrap_or_default();
        match self.tags.iter().find(|(h, _)| *h == handle) {
            None if handle == "!!" => Ok(Tag::core(suffix)),
            None => Err(Failure::parser(Problem::TagHandle, start, self.line).about(start, self.line)),
            Some((_, prefix)) if *prefix == CORE_TAG => Ok(Tag::core(suffix)),
            Some(_) => Ok(Tag::Other),
        }
    }

    fn block_scalar(&mut self, literal: bool) -> Result<(), Failure> {
        self.drop_candidate()?;
        self.key_allowed = true;
        let (start, line) = (self.at, self.line);
        let wrong = |this: &Self, problem| Err(Failure::scanner(problem, this.at, this.line).about(start, line));
        self.at += 1;
        let (mut chomp, mut increment) = (None, None);
        for _ in 0..2 {
            match self.byte(0) {
                sign @ (b'+' | b'-') if chomp.is_none() => chomp = Some(sign),
                b'0' if increment.is_none() => return wrong(self, Problem::BlockIndentZero),
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => break,
            }
            self.at += 1;
        }
        while matches!(self.byte(0), b' ' | b'\t') {
            self.at += 1;
        }
        self.skip_comment();
        if !self.at_end() && self.line_break(0) == 0 {
            return wrong(self, Problem::BlockHeader);
        }
        let mut end = self.at;
        if self.line_break(0) > 0 {
            self.skip_line_break();
        }
        let parent = self.indent.max(0) as usize;
        let given = increment.map(|n| parent + n);
        let mut breaks = String::new();
        let first = self.block_breaks(given, &mut breaks, (start, line))?;
        let indent = given.unwrap_or_else(|| first.max((self.indent + 1) as usize).max(1));
        let mut text = String::new();
        let mut last_break = "";
        let mut was_blank = false;
        while self.column() == indent && !self.at_end() {
            let blank = matches!(self.byte(0), b' ' | b'\t');
            if !literal && !was_blank && !blank && last_break == "\n" {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(last_break);
            }
            text.push_str(&breaks);
            breaks.clear();
            was_blank = blank;
            let from = self.at;
            while !self.at_end() && self.line_break(0) == 0 {
                self.at += 1;
            }
            text.push_str(self.text.get(from..self.at).unwrap_or_default());
            end = self.at;
            last_break = self.take_line_break();
            self.block_breaks(Some(indent), &mut breaks, (start, line))?;
        }
        if chomp != Some(b'-') {
            text.push_str(last_break);
        }
        if chomp == Some(b'+') {
            text.push_str(&breaks);
        }
        self.tokens.push_back(Token { kind: Kind::Scalar(text.into(), false), start, end, line });
        Ok(())
    }

    /// Skips the indentation and blank lines before a line of a block scalar; gives the widest indentation seen.
    fn block_breaks(
        &mut self,
        indent: Option<usize>,
        breaks: &mut String,
        start: (usize, usize),
    ) -> Result<usize, Failure> {
        let mut widest = 0;
        loop {
            let inside = |this: &Self| indent.is_none_or(|indent| this.column() < indent);
            while inside(self) && self.byte(0) == b' ' {
                self.at += 1;
            }
            widest = widest.max(self.column());
            if inside(self) && self.byte(0) == b'\t' {
                return Err(Failure::scanner(Problem::BlockTab, self.at, self.line).about(start.0, start.1));
            }
            if self.line_break(0) == 0 {
                return Ok(widest);
            }
            breaks.push_str(self.take_line_break());
        }
    }

    fn quoted(&mut self, single: bool) -> Result<(), Failure> {
        self.note_candidate()?;
        self.key_allowed = false;
        let (start, line) = (self.at, self.line);
        let quote = if single { b'\'' } else { b'"' };
        self.at += 1;
        // Nearly always the text stands on one line and means what is written.
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let special = |b: &u8| *b == quote || (!single && *b == b'\\') || matches!(b, b'\n' | b'\r' | 0xc2 | 0xe2);
        if let Some(length) = rest.iter().position(special) {
            if rest.get(length) == Some(&quote) && !(single && rest.get(length + 1) == Some(&quote)) {
                let text = self.text.get(self.at..self.at + length).unwrap_or_default();
                self.at += length + 1;
                self.push(Kind::Scalar(text.into(), false), start, line);
                return Ok(());
            }
        }
        let text = self.quoted_text(single, start)?;
        self.at += 1;
        self.push(Kind::Scalar(text.into(), false), start, line);
        Ok(())
    }

    /// Reads up to the closing quote.
    fn quoted_text(&mut self, single: bool, start: usize) -> Result<String, Failure> {
        let quote = if single { b'\'' } else { b'"' };
        let opened = self.line;
        let wrong = |this: &Self, problem| Err(Failure::scanner(problem, this.at, this.line).about(start, opened));
        let mut text = String::new();
        loop {
            if self.at_marker() {
                return wrong(self, Problem::QuoteMarker);
            }
            if self.at_end() {
                return wrong(self, Problem::QuoteEnd);
            }
            let mut folding = false;
            let mut from = self.at;
            while !self.blank_or_end(0) {
                let byte = self.byte(0);
                if single && byte == quote && self.byte(1) == quote {
                    text.push_str(self.text.get(from..=self.at).unwrap_or_default());
                    self.at += 2;
                    from = self.at;
                } else if byte == quote {
                    break;
                } else if !single && byte == b'\\' {
                    text.push_str(self.text.get(from..self.at).unwrap_or_default());
                    if self.line_break(1) > 0 {
                        self.at += 1;
                        self.skip_line_break();
                        folding = true;
                    } else {
                        text.push(self.escape(start, opened)?);
                    }
                    from = self.at;
                    if folding {
                        break;
                    }
                } else {
                    self.at += 1;
                }
            }
            text.push_str(self.text.get(from..self.at).unwrap_or_default());
            if self.byte(0) == quote {
                return Ok(text);
            }
            self.fold(&mut text, folding);
        }
    }

    /// Reads blanks and line breaks within a quoted text. `escaped` says that an escaped line break comes before.
    fn fold(&mut self, text: &mut String, escaped: bool) {
        let mut folding = escaped;
        let from = self.at;
        let mut first = "";
        let mut breaks = String::new();
        while !self.at_end() {
            if matches!(self.byte(0), b' ' | b'\t') {
                self.at += 1;
            } else if self.line_break(0) == 0 {
                break;
            } else if folding {
                breaks.push_str(self.take_line_break());
            } else {
                first = self.take_line_break();
                folding = true;
            }
        }
        if !folding {
            text.push_str(self.text.get(from..self.at).unwrap_or_default());
        } else {
            join(text, first, &breaks);
        }
    }

    fn escape(&mut self, start: usize, opened: usize) -> Result<char, Failure> {
        let wrong = |this: &Self, problem| Err(Failure::scanner(problem, this.at, this.line).about(start, opened));
        let simple = match self.byte(1) {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' => ' ',
            b'"' => '"',
            b'\'' => '\'',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            letter @ (b'x' | b'u' | b'U') => {
                let length = match letter {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let digits = self.text.get(self.at + 2..self.at + 2 + length).unwrap_or_default();
                if digits.len() != length || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return wrong(self, Problem::EscapeDigits);
                }
                let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) else {
                    return wrong(self, Problem::EscapeCharacter);
                };
                self.at += 2 + length;
                return Ok(c);
            }
            _ => return wrong(self, Problem::Escape),
        };
        self.at += 2;
        Ok(simple)
    }

    fn plain(&mut self) -> Result<(), Failure> {
        self.note_candidate()?;
        self.key_allowed = false;
        let (start, line) = (self.at, self.line);
        let flow = self.in_flow();
        let indent = (self.indent + 1) as usize;
        // What was read before the last fold; what comes after it is a slice of the source.
        let mut folded: Option<String> = None;
        let mut from = self.at;
        let mut end = self.at;
        // The fold that waits for more text to come after it.
        let mut waiting: Option<(&'static str, String)> = None;
        loop {
            if self.at_marker() || self.byte(0) == b'#' {
                break;
            }
            let word = self.plain_word(flow);
            if self.at > word {
                if let Some((first, breaks)) = waiting.take() {
                    let text = folded.get_or_insert_with(String::new);
                    text.push_str(self.text.get(from..end).unwrap_or_default());
                    join(text, first, &breaks);
                    from = word;
                }
                end = self.at;
            }
            if !(matches!(self.byte(0), b' ' | b'\t') || self.line_break(0) > 0) {
                break;
            }
            while !self.at_end() {
                match self.byte(0) {
                    b'\t' if waiting.is_some() && self.column() < indent => {
                        return Err(Failure::scanner(Problem::PlainTab, self.at, self.line).about(start, line));
                    }
                    b' ' | b'\t' => self.at += 1,
                    _ if self.line_break(0) == 0 => break,
                    _ => {
                        let text = self.take_line_break();
                        match &mut waiting {
                            None => waiting = Some((text, String::new())),
                            Some((_, breaks)) => breaks.push_str(text),
                        }
                    }
                }
            }
            if !flow && waiting.is_some() && self.column() < indent {
                break;
            }
        }
        if waiting.is_some() {
            self.key_allowed = true;
        }
        let last = self.text.get(from..end).unwrap_or_default();
        let text = match folded {
            None => Cow::Borrowed(last),
            Some(mut text) => {
                text.push_str(last);
                Cow::Owned(text)
            }
        };
        self.tokens.push_back(Token { kind: Kind::Scalar(text, true), start, end, line });
        Ok(())
    }

    /// Skips what is neither blank nor the end of a plain scalar; gives where it began.
    fn plain_word(&mut self, flow: bool) -> usize {
        let start = self.at;
        loop {
            match self.byte(0) {
                b' ' | b'\t' | b'\n' | b'\r' | 0 => break,
                b':' if self.blank_or_end(1) => break,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => break,
                0xc2 | 0xe2 if self.line_break(0) > 0 => break,
                _ => self.at += 1,
            }
        }
        start
    }
}

/// Joins lines: one line break becomes a space, more become one less.
fn join(text: &mut String, first: &str, breaks: &str) {
    if first != "\n" {
        text.push_str(first);
        text.push_str(breaks);
    } else if breaks.is_empty() {
        text.push(' ');
    } else {
        text.push_str(breaks);
    }
}
