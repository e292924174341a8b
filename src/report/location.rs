//! Places in the input.

use serde::Serialize;

use crate::diagnostic::{Location, SourceId};
use crate::world::SourceText;
use crate::yaml::Span;

/// A place in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PositionReport {
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 code units, from 1.
    pub column: u32,
    /// Byte offset in UTF-8, from 0.
    pub byte: u32,
    /// Offset in UTF-16 code units, from 0: an index into a JavaScript string.
    pub utf16: u32,
}

/// A range in one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct LocationReport {
    /// The position of the source in the input, from 0.
    pub source: u32,
    /// Its first character.
    pub start: PositionReport,
    /// After its last character.
    pub end: PositionReport,
}

/// Turns spans into places, which needs the lines of every source.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    sources: &'a [SourceText],
}

impl<'a> Places<'a> {
    /// For these sources.
    pub fn of(sources: &'a [SourceText]) -> Self {
        Places { sources }
    }

    /// The place of a span; nothing for a source that is not there.
    pub fn place(&self, source: SourceId, span: Span) -> Option<LocationReport> {
        let text = self.sources.get(source.0 as usize)?;
        let span = text.place(span);
        let position = |byte| {
            let p = text.lines.position(byte);
            PositionReport { line: p.line, column: p.column, byte: p.byte, utf16: p.utf16 }
        };
        Some(LocationReport { source: source.0, start: position(span.start), end: position(span.end) })
    }

    /// The place of a location.
    pub fn location(&self, location: Location) -> Option<LocationReport> {
        self.place(location.source, location.span)
    }
}
