//! Where documents begin and end.

use super::node::Span;

/// The documents of a text, in order, without those that hold nothing but comments. Each span runs from the line of
/// its `---` (or the end of the document before) to the next `---`.
///
/// Nothing needs to be parsed for this: YAML forbids a line that starts with `---` and a space or line end within every
/// kind of value, quoted and block text included. So each span can be read by itself, with
/// [`read_document`](super::read_document), and read again only if its text changed.
pub fn document_spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = bom_len(text);
    let mut from = start;
    loop {
        let next = next_marker(text, from);
        let end = next.unwrap_or(text.len());
        let part = text.get(start..end).unwrap_or_default();
        match content(part) {
            Content::Blank => start = end,
            // Directives belong to the document that follows them.
            Content::Directives if next.is_some() => {}
            Content::Directives | Content::Document => {
                spans.push(Span::new(start as u32, end as u32));
                start = end;
            }
        }
        match next {
            Some(marker) => from = marker + 3,
            None => return spans,
        }
    }
}

/// The part of a document that is read.
pub(super) struct Body {
    /// Where it starts: after the `---`.
    pub(super) start: usize,
    /// Where it ends, before any space at the end: Kuma's tools cut that off before they read.
    pub(super) end: usize,
    /// A directive that stands before it.
    pub(super) directive: Option<Span>,
}

/// The part of a document's span that is read.
pub(super) fn body(text: &str, at: Span) -> Body {
    let (mut start, end) = (at.start as usize, at.end as usize);
    let part = text.get(start..end).unwrap_or_default();
    let end = start + part.trim_end().len();
    let mut directive = None;
    if matches!(content(part), Content::Document) {
        let mut offset = start;
        for line in part.split_inclusive('\n') {
            if line.starts_with("---") && line.get(3..4).is_none_or(|c| c.trim().is_empty()) {
                start = offset + 3;
                break;
            } else if line.starts_with('%') {
                let first = Span::new(offset as u32, (offset + line.trim_end().len()) as u32);
                directive = directive.or(Some(first));
            } else if !line.trim().is_empty() && !line.starts_with('#') && line.trim_end() != "..." {
                // Without a marker the directive belongs to the value, and is reported there.
                directive = None;
                break;
            }
            offset += line.len();
        }
    }
    // Blank lines are skipped, but not the indentation of the first line that is not blank.
    let rest = text.get(start..end).unwrap_or_default();
    let blank = rest.len() - rest.trim_start().len();
    let line = rest.get(..blank).and_then(|b| b.rfind('\n')).map_or(0, |newline| newline + 1);
    Body { start: (start + line).min(end), end: end.max(start), directive }
}

/// The length of a byte order mark at the start.
fn bom_len(text: &str) -> usize {
    if text.starts_with('\u{feff}') {
        3
    } else {
        0
    }
}

/// The offset of the next document start marker at or after `from`.
fn next_marker(text: &str, mut from: usize) -> Option<usize> {
    let is_marker = |at: usize| {
        let bytes = text.as_bytes();
        bytes.get(at..at + 3) == Some(b"---") && matches!(bytes.get(at + 3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    };
    if from == bom_len(text) && is_marker(from) {
        return Some(from);
    }
    loop {
        let at = from + text.get(from..)?.find("\n---")? + 1;
        if is_marker(at) {
            return Some(at);
        }
        from = at;
    }
}

enum Content {
    Blank,
    Directives,
    Document,
}

fn content(part: &str) -> Content {
    let (mut directives, mut marker) = (false, false);
    for (n, line) in part.lines().enumerate() {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if line.starts_with('%') && !marker {
            directives = true;
            continue;
        }
        let rest = match line.strip_prefix("---") {
            Some(rest) if n == 0 || directives => {
                marker = true;
                rest
            }
            _ => line.strip_prefix("...").filter(|rest| rest.trim_start() != *rest || rest.is_empty()).unwrap_or(line),
        };
        let rest = rest.trim_start_matches([' ', '\t', '\r', '\u{feff}']);
        if !rest.is_empty() && !rest.starts_with('#') {
            return Content::Document;
        }
    }
    match (directives, marker) {
        (false, _) => Content::Blank,
        (true, false) => Content::Directives,
        // A document that says something of itself and is empty.
        (true, true) => Content::Document,
    }
}
