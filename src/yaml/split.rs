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
        match outline(part).content {
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
    let part = text.get(at.start as usize..at.end as usize).unwrap_or_default();
    let Outline { after_marker, directive, .. } = outline(part);
    let end = at.start as usize + part.trim_end().len();
    let start = at.start as usize + after_marker;
    // Blank lines are skipped, but not the indentation of the first line that is not blank.
    let rest = text.get(start..end).unwrap_or_default();
    let blank = rest.len() - rest.trim_start().len();
    let line = rest.get(..blank).and_then(|b| b.rfind('\n')).map_or(0, |newline| newline + 1);
    // Without a marker after it the directive belongs to the value, and is reported there.
    let directive = directive.filter(|_| after_marker > 0);
    Body {
        start: start + line,
        end: end.max(start + line),
        directive: directive.map(|(from, to)| Span::new(at.start + from as u32, at.start + to as u32)),
    }
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

/// What a part of a text holds, as far as its first lines tell.
struct Outline {
    content: Content,
    /// Where the value can begin: after the `---` if there is one.
    after_marker: usize,
    /// The first directive.
    directive: Option<(usize, usize)>,
}

enum Content {
    Blank,
    Directives,
    Document,
}

fn outline(part: &str) -> Outline {
    let mut outline = Outline { content: Content::Blank, after_marker: 0, directive: None };
    let mut offset = 0;
    for line in part.split_inclusive('\n') {
        let from = offset + bom_len(line);
        offset += line.len();
        let line = part.get(from..offset).unwrap_or_default();
        let marked = outline.after_marker > 0;
        if line.starts_with('%') && !marked {
            outline.directive = outline.directive.or(Some((from, from + line.trim_end().len())));
            outline.content = Content::Directives;
            continue;
        }
        let rest = match (after(line, "---"), after(line, "...")) {
            (Some(rest), _) if !marked => {
                outline.after_marker = from + 3;
                rest
            }
            (_, Some(rest)) => rest,
            _ => line,
        };
        let rest = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
        if !rest.is_empty() && !rest.starts_with('#') {
            outline.content = Content::Document;
            return outline;
        }
    }
    // A document that says something of itself and is empty.
    if outline.directive.is_some() && outline.after_marker > 0 {
        outline.content = Content::Document;
    }
    outline
}

/// The rest of a line that starts with a marker.
fn after<'t>(line: &'t str, marker: &str) -> Option<&'t str> {
    line.strip_prefix(marker).filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}
