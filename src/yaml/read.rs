//! From text to documents.

use super::compose::Composer;
use super::limits::{Budget, Limits};
use super::node::{Document, Span};
use super::parse;
use super::split::document_spans;
use crate::diagnostic::{Code, Diagnostic, SourceId};

/// What was read of one source.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The documents in order, those that could not be read included.
    pub documents: Vec<Document>,
    /// What is wrong with them, in the order of the text.
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
    let mut budget = Budget::new(limits);
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
        let (document, diagnostics) = one(source, text, span, index as u32, limits, &mut budget);
        reading.documents.push(document);
        reading.diagnostics.extend(diagnostics);
    }
    reading
}

/// Reads the one document that stands at a span, one of those of [`document_spans`](super::document_spans). All
/// spans count from the start of the text, and `index` is what the document will have as its position. The limits on
/// aliases hold for this document alone.
pub fn read_document(
    source: SourceId,
    text: &str,
    at: Span,
    index: u32,
    limits: &Limits,
) -> (Document, Vec<Diagnostic>) {
    one(source, text, at, index, limits, &mut Budget::new(limits))
}

fn one(
    source: SourceId,
    text: &str,
    at: Span,
    index: u32,
    limits: &Limits,
    budget: &mut Budget,
) -> (Document, Vec<Diagnostic>) {
    let part = text.get(at.start as usize..at.end as usize).unwrap_or_default();
    let mut composer = Composer::new(source, limits, budget);
    let failure = parse::run(part, at.start, &mut composer);
    let (root, mut diagnostics, mut refused) = composer.finish();
    if let Some(failure) = failure {
        refused = true;
        diagnostics.push(failure.at(source, Span::new(at.start, at.start)));
    }
    let span = root.as_ref().map_or(at, |node| node.span);
    let (root, partial) = if refused { (None, root) } else { (root, None) };
    (Document { index, span, root, partial }, diagnostics)
}
