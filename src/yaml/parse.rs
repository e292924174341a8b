//! Events from text.

use std::borrow::Cow;

use saphyr_parser::{Event as Raw, Parser, ScalarStyle};

use super::compose::Composer;
use super::events::{Event, Mark, Style};
use super::node::Span;
use super::scalar::Tag;
use crate::diagnostic::{Code, Diagnostic};

/// Feeds the composer with one document; a failure ends it.
pub(super) fn run<'a>(part: &'a str, base: u32, composer: &mut Composer<'a, '_>) -> Option<Diagnostic> {
    let offsets: Option<Vec<u32>> =
        (!part.is_ascii()).then(|| part.char_indices().map(|(i, _)| i as u32).chain([part.len() as u32]).collect());
    let byte = |index: usize| match &offsets {
        None => index as u32,
        Some(offsets) => offsets.get(index).copied().unwrap_or(part.len() as u32),
    };
    let name_at = |start: u32, sign: char| -> Option<&'a str> {
        let rest = part.get(start as usize..)?;
        let rest = rest.get(rest.find(sign)? + 1..)?;
        rest.split([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}']).next()
    };
    for event in Parser::new_from_str(part) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                return Some(Diagnostic::new(Code::InvalidYaml, error.info().to_owned()));
            }
        };
        let start = byte(span.start.index());
        let mut end = byte(span.end.index());
        let mark = |anchor: usize, tag: Option<Cow<'_, saphyr_parser::Tag>>| Mark {
            anchor: (anchor > 0).then(|| name_at(start, '&')).flatten(),
            tag: tag.map(|t| if t.is_yaml_core_schema() { Tag::core(&t.suffix) } else { Tag::Other }),
        };
        let event = match event {
            Raw::Nothing | Raw::StreamStart | Raw::DocumentStart(_) => continue,
            Raw::DocumentEnd | Raw::StreamEnd => break,
            Raw::Alias(_) => Event::Alias(name_at(start, '*')?),
            Raw::Scalar(text, style, anchor, tag) => {
                let style = if style == ScalarStyle::Plain { Style::Plain } else { Style::Text };
                let written = part.get(start as usize..end as usize).unwrap_or_default();
                end = start + written.trim_end().len() as u32;
                Event::Scalar { text, style, mark: mark(anchor, tag) }
            }
            Raw::SequenceStart(anchor, tag) => Event::SeqStart(mark(anchor, tag)),
            Raw::MappingStart(anchor, tag) => Event::MapStart(mark(anchor, tag)),
            Raw::SequenceEnd => Event::SeqEnd,
            Raw::MappingEnd => Event::MapEnd,
        };
        if !composer.take(event, Span::new(base + start, base + end)) {
            break;
        }
    }
    None
}
