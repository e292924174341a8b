//! What is wrong with a text, in the words of the person who wrote it.

use super::compose::excerpt;
use super::node::Span;
use super::problem::{Failure, Problem};
use crate::collections::Gather;
use crate::diagnostic::{Code, Diagnostic, SourceId};

/// A whole source and the part of it that is one document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    /// Where the document's text begins and ends.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The line, from 1, on which it begins.
    pub(super) line: usize,
}

impl<'a> Place<'a> {
    fn document(&self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// The text from an offset in the document on.
    fn from(&self, at: usize) -> &'a str {
        self.document().get(at..).unwrap_or_default()
    }

    /// Where the line begins in which an offset lies.
    fn line_start(&self, at: usize) -> usize {
        self.document().get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
    }

    /// The line in which an offset lies, without its line break.
    fn line_at(&self, at: usize) -> &'a str {
        self.from(self.line_start(at)).lines().next().unwrap_or_default()
    }

    /// The spaces before the first character of a line.
    fn indentation(&self, at: usize) -> usize {
        let line = self.line_at(at);
        line.len() - line.trim_start_matches(' ').len()
    }

    fn column(&self, at: usize) -> usize {
        let at = self.start + at;
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.get(before.rfind('\n').map_or(0, |newline| newline + 1)..).unwrap_or_default();
        line.trim_start_matches('\u{feff}').chars().map(char::len_utf16).sum::<usize>() + 1
    }

    /// `3:8`: line and column, both from 1.
    fn position(&self, at: usize) -> String {
        let line = self.line + self.document().get(..at).unwrap_or_default().matches('\n').count();
        format!("{line}:{}", self.column(at))
    }

    fn span(&self, at: usize, length: usize) -> Span {
        let mut start = (self.start + at).min(self.end);
        let mut end = (start + length).min(self.end);
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span::new(start as u32, end as u32)
    }
}

/// A diagnostic in the making.
struct Explanation {
    message: String,
    help: String,
    /// Offset and length of what it points at.
    at: (usize, usize),
    related: Option<(&'static str, usize)>,
}

impl Explanation {
    fn new(at: (usize, usize), message: impl Into<String>, help: impl Into<String>) -> Self {
        Explanation { message: message.into(), help: help.into(), at, related: None }
    }

    fn related(mut self, message: &'static str, at: usize) -> Self {
        self.related = Some((message, at));
        self
    }
}

/// Explains why a document cannot be read.
pub(super) fn explain(place: Place<'_>, failure: &Failure) -> Diagnostic {
    let Explanation { message, help, at: (at, length), related } = explanation(place, failure);
    let diagnostic =
        Diagnostic::new(Code::InvalidYaml, message).help(help).at(place.source, place.span(at, length.max(1)));
    match related {
        Some((message, at)) => diagnostic.related(message, place.source, place.span(at, 1)),
        None => diagnostic,
    }
}

fn explanation(place: Place<'_>, failure: &Failure) -> Explanation {
    let at = failure.at;
    let about = failure.about.unwrap_or(at);
    if let Some(explanation) = tab(place, failure) {
        return explanation;
    }
    let here = (at, word(place.from(at)).len());
    match failure.problem {
        Problem::ControlCharacter => {
            let c = place.from(at).chars().next().unwrap_or_default();
            Explanation::new(
                (at, c.len_utf8()),
                format!("control character U+{:04X}", c as u32),
                "remove it; in double quotes it can be written as an escape such as `\\x07`",
            )
        }
        Problem::NoToken => no_token(place, at),
        Problem::KeyWithoutColon => key_without_colon(place, about),
        Problem::ValueHere => value_here(place, at),
        Problem::EntryHere => Explanation::new(
            here,
            "a list item cannot start in the middle of a line",
            "start each `- ` on a line of its own, or write the list in brackets: `[a, b]`",
        ),
        Problem::KeyHere => Explanation::new(
            here,
            "`? ` cannot start a key in the middle of a line",
            "start it on a line of its own, or quote the text",
        ),
        Problem::Name => name(place, about),
        Problem::Tag | Problem::TagName | Problem::TagHandle => {
            let text = word(place.from(about));
            Explanation::new(
                (about, text.len()),
                format!("`{}` is no tag that can be read", excerpt(text)),
                "quote the text if `!` belongs to it",
            )
        }
        Problem::DirectiveName | Problem::DirectiveLetter | Problem::UnknownDirective | Problem::DocumentStart => {
            directive(place, at)
        }
        Problem::BlockHeader => Explanation::new(
            here,
            "text on the line of `|` or `>`",
            "start the text on the next line, indented; quote the value if `|` or `>` belongs to it",
        ),
        Problem::BlockIndentZero => {
            Explanation::new(here, "an indentation of 0 after `|` or `>`", "write 1 to 9, or nothing")
        }
        Problem::QuoteEnd | Problem::QuoteMarker => {
            let quote = place.from(about).chars().next().unwrap_or('"');
            Explanation::new(
                (about, 1),
                format!("unclosed quote `{quote}` opened at {}", place.position(about)),
                format!("end the text with `{quote}`"),
            )
        }
        Problem::Escape => {
            let text: String = place.from(at).chars().take(2).gather();
            Explanation::new(
                (at, text.len()),
                format!("unknown escape `{text}` in double quotes"),
                format!("write `\\{text}` for a backslash, or use single quotes, which know no escapes"),
            )
        }
        Problem::EscapeDigits => Explanation::new(
            (at, 2),
            "too few hexadecimal digits in an escape",
            "`\\x` takes two digits, `\\u` four, `\\U` eight",
        ),
        Problem::EscapeCharacter => Explanation::new(
            (at, 2),
            "an escape that stands for no character",
            "write characters beyond U+FFFF as they are, or as `\\U` with eight digits",
        ),
        Problem::NodeContent => node_content(place, at),
        Problem::BlockMapKey => block_map_key(place, at, about),
        Problem::BlockSeqEntry => block_seq_entry(place, at, about),
        Problem::FlowSeqEntry | Problem::FlowMapEntry => flow_entry(place, at, about),
        Problem::BlockTab | Problem::PlainTab => tab_at(at),
    }
}

fn tab_at(at: usize) -> Explanation {
    Explanation::new((at, 1), "tab where indentation is expected", "indent with spaces; YAML does not allow tabs there")
}

/// A tab in the indentation of the line, which is behind most other problems of that line.
fn tab(place: Place<'_>, failure: &Failure) -> Option<Explanation> {
    if matches!(failure.problem, Problem::ControlCharacter | Problem::QuoteEnd | Problem::QuoteMarker) {
        return None;
    }
    let line = place.line_at(failure.at);
    let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
    let tab = line.find('\t').filter(|&tab| tab < indentation)?;
    let at = place.line_start(failure.at) + tab;
    let flow = matches!(failure.problem, Problem::FlowSeqEntry | Problem::FlowMapEntry | Problem::NodeContent);
    (!flow && at <= failure.at).then(|| tab_at(at))
}

/// The text up to the next space.
fn word(text: &str) -> &str {
    text.split([' ', '\t', '\n', '\r']).next().unwrap_or_default()
}

/// The key with which a line begins, as far as it looks like one.
fn key_of(line: &str) -> &str {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    line.split(": ").next().unwrap_or(line).trim_end().trim_end_matches(':')
}

fn no_token(place: Place<'_>, at: usize) -> Explanation {
    match place.from(at).chars().next() {
        Some('\t') => tab_at(at),
        Some(c) => {
            let text = word(place.from(at));
            Explanation::new(
                (at, text.len()),
                format!("a value cannot start with `{c}`"),
                format!("quote it: `\"{}\"`", excerpt(text)),
            )
        }
        None => Explanation::new((at, 1), "the text ends too early", "write the missing value"),
    }
}

fn key_without_colon(place: Place<'_>, at: usize) -> Explanation {
    let rest = place.from(at);
    if rest.starts_with(['[', '{']) && !is_closed(rest) {
        return unclosed(place, at);
    }
    let line = rest.lines().next().unwrap_or_default().trim_end();
    let text = excerpt(line);
    match line.split_once(':') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() && !value.starts_with(' ') => Explanation::new(
            (at, line.len()),
            format!("no space after the colon in `{text}`"),
            format!("write `{}: {}`", excerpt(key), excerpt(value)),
        ),
        _ => Explanation::new(
            (at, line.len()),
            format!("expected `:` after `{text}`"),
            "write `key: value`; a text that goes on from the line above must be indented deeper than its key",
        ),
    }
}

fn value_here(place: Place<'_>, at: usize) -> Explanation {
    let start = place.line_start(at);
    let before = place.document().get(start..at).unwrap_or_default();
    let text = before.trim_start();
    let key_at = start + before.len() - text.len();
    if let Some((_, rest)) = text.split_once(": ") {
        let value = place.from(at - rest.len().min(at)).lines().next().unwrap_or_default().trim_end();
        return Explanation::new(
            (at, 1),
            "a second `: ` in one line",
            format!("quote the text if the colon belongs to it: `\"{}\"`; or start a new line", excerpt(value)),
        );
    }
    let key = excerpt(text.trim_start_matches("- "));
    Explanation::new(
        (key_at, at + 1 - key_at),
        format!("`{key}:` goes on a value that began on the line above"),
        "indent it like the key above; or remove the value of that key, if this is meant to stand under it",
    )
}

fn name(place: Place<'_>, at: usize) -> Explanation {
    let text = word(place.from(at));
    let what = if text.starts_with('*') { "alias" } else { "anchor" };
    Explanation::new(
        (at, text.len()),
        format!("`{}` is no {what}: its name takes letters, digits, `-` and `_`", excerpt(text)),
        format!("quote it if it is meant as text: `\"{}\"`", excerpt(text)),
    )
}

fn directive(place: Place<'_>, at: usize) -> Explanation {
    let line = place.line_at(at);
    Explanation::new(
        (at, line.len()),
        format!("`{}` is no value", excerpt(line)),
        "remove the line, or quote the text if it is meant as a value",
    )
}

fn node_content(place: Place<'_>, at: usize) -> Explanation {
    let rest = place.from(at);
    match rest.chars().next() {
        None => Explanation::new((at, 1), "the text ends where a value is expected", "write the missing value"),
        Some('-') if rest.starts_with("- ") || rest.starts_with("-\n") => Explanation::new(
            (at, 1),
            "`- ` within brackets",
            "separate items within brackets by commas: `[a, b]`; or close the bracket before the list",
        ),
        Some(c) => Explanation::new(
            (at, c.len_utf8()),
            format!("a value is expected before `{c}`"),
            "write the missing value, or remove the superfluous character",
        ),
    }
}

fn block_map_key(place: Place<'_>, at: usize, about: usize) -> Explanation {
    let rest = place.from(at);
    let before = place.document().get(..at).unwrap_or_default();
    let same_line = before.get(place.line_start(at)..).unwrap_or_default().trim_end();
    let text = word(rest);
    match rest.chars().next() {
        Some(c @ (']' | '}' | ',')) => {
            return Explanation::new(
                (at, 1),
                format!("`{c}` without a bracket that it belongs to"),
                "remove it, or quote the text",
            )
        }
        _ if same_line.ends_with(['"', '\'']) => {
            let quote = same_line.chars().next_back().unwrap_or('"');
            let help = if quote == '\'' {
                "write a quote within single quotes twice: `'it''s'`"
            } else {
                "write a quote within double quotes as `\\\"`"
            };
            return Explanation::new((at, text.len()), format!("text after the closing quote `{quote}`"), help);
        }
        Some('-') if rest.starts_with("- ") => {
            return Explanation::new(
                (at, 1),
                "a list item among keys",
                "indent the list deeper than its key, or start the items at the column of their key",
            )
            .related("the mapping began here", about)
        }
        _ => {}
    }
    if rest.starts_with(['[', '{']) && !is_closed(rest) {
        return unclosed(place, at);
    }
    let (is, should) = (place.indentation(at), place.column(about) - 1);
    if same_line.is_empty() && is != should {
        return Explanation::new(
            (at, text.len()),
            format!("`{}` is indented by {}, which fits nothing above", excerpt(key_of(place.line_at(at))), spaces(is)),
            format!("indent it by {}, like the keys of the mapping it belongs to", spaces(should)),
        )
        .related("that mapping began here", about);
    }
    Explanation::new(
        (at, text.len()),
        format!("unexpected `{}`", excerpt(text)),
        "start a new key on a line of its own, or quote the whole value",
    )
}

fn spaces(n: usize) -> String {
    if n == 1 {
        "1 space".to_owned()
    } else {
        format!("{n} spaces")
    }
}

fn block_seq_entry(place: Place<'_>, at: usize, about: usize) -> Explanation {
    let text = word(place.from(at));
    Explanation::new(
        (at, text.len()),
        format!("expected a list item, found `{}`", excerpt(text)),
        format!("start it with `- `, or indent it by {} to belong to the item above", spaces(place.column(about) + 1)),
    )
    .related("the list began here", about)
}

fn flow_entry(place: Place<'_>, at: usize, about: usize) -> Explanation {
    let open = place.from(about).chars().next().unwrap_or('[');
    let (close, what) = if open == '{' { ('}', "mapping") } else { (']', "list") };
    let opened = place.position(about);
    let found = place.from(at).chars().next();
    if let Some(c @ (']' | '}')) = found {
        return Explanation::new(
            (at, 1),
            format!("`{c}` closes the `{open}` opened at {opened}"),
            format!("close it with `{close}`"),
        )
        .related("opened here", about);
    }
    if !is_closed(place.from(about)) {
        return unclosed(place, about).related("it is still open here", at);
    }
    // A colon comes after the key that is meant.
    let text = match found {
        Some(':') => place.document().get(place.line_start(at)..at).unwrap_or_default().trim(),
        _ => word(place.from(at)),
    };
    let start = if found == Some(':') { at.saturating_sub(text.len()) } else { at };
    Explanation::new(
        (start, text.len()),
        format!("missing `,` before `{}` in the {what} opened at {opened}", excerpt(text)),
        "separate the items with commas, and quote text that holds `: `, brackets or braces",
    )
    .related("opened here", about)
}

fn unclosed(place: Place<'_>, at: usize) -> Explanation {
    let (open, close) = if place.from(at).starts_with('{') { ('{', '}') } else { ('[', ']') };
    Explanation::new(
        (at, 1),
        format!("unclosed bracket `{open}` opened at {}", place.position(at)),
        format!("close it with `{close}`"),
    )
}

/// True if the bracket with which a text starts is closed in it.
fn is_closed(text: &str) -> bool {
    let mut open = 0usize;
    let mut quote = None;
    let mut before = ' ';
    for c in text.chars() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            // Elsewhere a quote is part of a word.
            (None, '"' | '\'') if matches!(before, ' ' | ',' | '[' | '{' | ':' | '\n') => quote = Some(c),
            (None, '[' | '{') => open += 1,
            (None, ']' | '}') => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return true;
                }
            }
            _ => {}
        }
        before = c;
    }
    false
}
