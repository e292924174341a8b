//! From text to documents.

use super::compose::Composer;
use super::explain::{explain, Place};
use super::limits::{Budget, Limits};
use super::node::{Document, Span};
use super::parse::{parse, End};
use super::split::{body, document_spans, Body};
use crate::diagnostic::{Code, Diagnostic, SourceId};

/// What was read of one source.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The documents in order, those that could not be read included.
    pub documents: Vec<Document>,
    /// What is wrong with them, in the order of the documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads all documents of a source.
///
/// Never fails as a whole: a document that cannot be read has no root and a diagnostic that says why; the others are
/// read all the same. Documents are told apart by `---` lines, as Kuma's tools do; blank ones do not count.
pub fn read(source: SourceId, text: &str, limits: &Limits) -> Reading {
    let mut reading = Reading::default();
    if text.len() > limits.bytes.min(u32::MAX as usize) {
        let message = format!("the input has {} bytes; meshscope reads at most {}", text.len(), limits.bytes);
        reading.diagnostics.push(
            Diagnostic::new(Code::InputTooLarge, message)
                .help("read only the documents that matter here, such as one mesh")
                .at(source, Span::default()),
        );
        return reading;
    }
    let mut reader = Reader { source, text, limits, budget: Budget::new(limits), lines: Lines::default() };
    for (index, span) in document_spans(text).into_iter().enumerate() {
        if index >= limits.documents {
            reading.diagnostics.push(
                Diagnostic::new(
                    Code::TooManyDocuments,
                    format!("more than {} documents; the rest is not read", limits.documents),
                )
                .help("read only the documents that matter here, such as one mesh")
                .at(source, Span::new(span.start, span.start)),
            );
            break;
        }
        reading.documents.push(reader.document(span, index as u32, &mut reading.diagnostics));
    }
    reading
}

/// Reads the one document that stands at a span, one of those of [`document_spans`].
///
/// All spans count from the start of the text, and `index` is what the document will have as its position. The limits
/// on aliases hold for this document alone.
pub fn read_document(
    source: SourceId,
    text: &str,
    at: Span,
    index: u32,
    limits: &Limits,
) -> (Document, Vec<Diagnostic>) {
    let mut reader = Reader { source, text, limits, budget: Budget::new(limits), lines: Lines::default() };
    let mut diagnostics = Vec::new();
    let document = reader.document(at, index, &mut diagnostics);
    (document, diagnostics)
}

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    limits: &'a Limits,
    budget: Budget,
    lines: Lines,
}

impl Reader<'_> {
    fn document(&mut self, at: Span, index: u32, diagnostics: &mut Vec<Diagnostic>) -> Document {
        let Body { start, end, directive } = body(self.text, at);
        let part = self.text.get(start..end).unwrap_or_default();
        if let Some(directive) = directive {
            diagnostics.push(
                Diagnostic::new(Code::Directive, "Kuma's tools cannot read a line that starts with `%`")
                    .help("remove the line; Kuma reads YAML 1.1 whatever it says")
                    .at(self.source, directive),
            );
        }
        let mut composer = Composer::new(self.source, part, start as u32, self.limits, &mut self.budget);
        let ended = parse(part, start as u32, &mut composer);
        if let End::Failed(failure) = &ended {
            let place =
                Place { source: self.source, text: self.text, start, end, line: self.lines.line(self.text, start) };
            composer.fail(explain(place, failure), failure.kuma());
        }
        let (root, partial) = composer.finish(diagnostics);
        if let End::Ignored { at } = ended {
            let (from, to) = (start + at, end);
            diagnostics.push(
                Diagnostic::new(Code::NotRead, "Kuma does not read what follows the end of a document")
                    .help("put `---` on a line of its own before it, so that it becomes a document")
                    .at(self.source, Span::new(from as u32, to as u32)),
            );
        }
        let span = root.as_ref().map_or(Span::new(start as u32, end as u32), |node| node.span);
        Document { index, span, root, partial }
    }
}

/// Counts lines; going forward costs no more than the way.
#[derive(Debug, Default)]
struct Lines {
    at: usize,
    newlines: usize,
}

impl Lines {
    /// The line, from 1, of an offset.
    fn line(&mut self, text: &str, offset: usize) -> usize {
        if offset < self.at {
            *self = Lines::default();
        }
        self.newlines += text.get(self.at..offset).unwrap_or_default().matches('\n').count();
        self.at = offset;
        self.newlines + 1
    }
}
