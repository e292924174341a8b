//! From text to documents.

use super::compose::Composer;
use super::explain::{explain, Place};
use super::limits::{Budget, Limits};
use super::node::{Document, Span};
use super::parse::{parse, End};
use super::split::{body, document_spans, Body};
use crate::diagnostic::{Code, Diagnostic, SourceId};
use crate::text::Texts;

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
    if let Some(problem) = too_large(source, text, limits) {
        reading.diagnostics.push(problem);
        return reading;
    }
    let mut reader = Reader::new(source, text, limits);
    for (index, span) in document_spans(text).into_iter().enumerate() {
        if index >= limits.documents {
            reading.diagnostics.push(too_many(source, span, limits));
            break;
        }
        reading.documents.push(reader.document(span, span.start, index as u32, &mut reading.diagnostics));
    }
    reading
}

/// The problem of a text that is larger than the limits allow.
pub fn too_large(source: SourceId, text: &str, limits: &Limits) -> Option<Diagnostic> {
    if text.len() <= limits.bytes.min(u32::MAX as usize) {
        return None;
    }
    let message = format!("the input has {} bytes; meshscope reads at most {}", text.len(), limits.bytes);
    let problem = Diagnostic::new(Code::InputTooLarge, message);
    Some(problem.help("read only the documents that matter here, such as one mesh").at(source, Span::default()))
}

/// The problem of a text with more documents than the limits allow; the span is that of the first too many.
pub fn too_many(source: SourceId, at: Span, limits: &Limits) -> Diagnostic {
    let message = format!("more than {} documents; the rest is not read", limits.documents);
    Diagnostic::new(Code::TooManyDocuments, message)
        .help("read only the documents that matter here, such as one mesh")
        .at(source, Span::new(at.start, at.start))
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
    let mut diagnostics = Vec::new();
    let document = Reader::new(source, text, limits).document(at, at.start, index, &mut diagnostics);
    (document, diagnostics)
}

/// Reads the documents of a source, in order and one by one. The limits hold for all of them together.
#[derive(Debug)]
pub struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    limits: &'a Limits,
    budget: Budget,
    texts: Texts,
    lines: Lines,
}

impl<'a> Reader<'a> {
    /// Of a source.
    pub fn new(source: SourceId, text: &'a str, limits: &'a Limits) -> Self {
        Reader { source, text, limits, budget: Budget::new(limits), texts: Texts::default(), lines: Lines::default() }
    }

    /// What is left of the limits.
    pub fn left(&self) -> Budget {
        self.budget
    }

    /// Counts a document that needs no reading; false, and nothing counted, if not enough is left.
    pub fn spend(&mut self, spent: &Budget) -> bool {
        self.budget.spend(spent)
    }

    /// Reads the document at a span, one of those of [`document_spans`]. Its own spans, and those of its diagnostics, say
    /// `start` for the place where it begins.
    pub fn document(&mut self, at: Span, start: u32, index: u32, diagnostics: &mut Vec<Diagnostic>) -> Document {
        let Body { start: body, end, directive } = body(self.text, at);
        let part = self.text.get(body..end).unwrap_or_default();
        let moved = |span: Span| Span::new(span.start - at.start + start, span.end - at.start + start);
        if let Some(directive) = directive {
            diagnostics.push(
                Diagnostic::new(Code::Directive, "Kuma's tools cannot read a line that starts with `%`")
                    .help("remove the line; Kuma reads YAML 1.1 whatever it says")
                    .at(self.source, moved(directive)),
            );
        }
        let whole = moved(Span::new(body as u32, end as u32));
        let mut composer =
            Composer::new(self.source, part, whole.start, self.limits, &mut self.budget, &mut self.texts);
        let ended = parse(part, whole.start, &mut composer);
        if let End::Failed(failure) = &ended {
            let line = self.lines.line(self.text, body);
            let place = Place { source: self.source, text: self.text, start: body, end, line };
            composer.fail(explain(place, failure).moved(&moved), failure.kuma());
        }
        let (root, partial) = composer.finish(diagnostics);
        if let End::Ignored { at } = ended {
            diagnostics.push(
                Diagnostic::new(Code::NotRead, "Kuma does not read what follows the end of a document")
                    .help("put `---` on a line of its own before it, so that it becomes a document")
                    .at(self.source, Span::new(whole.start + at as u32, whole.end)),
            );
        }
        let span = root.as_ref().map_or(whole, |node| node.span);
        Document { index, span, root: root.map(Box::new), partial: partial.map(Box::new) }
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
