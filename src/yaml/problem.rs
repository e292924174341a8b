//! What can be wrong with the text of a document.

/// One kind of problem; [`Problem::kuma`] has the words in which Kuma's reader puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    ControlCharacter,
    NoToken,
    KeyWithoutColon,
    EntryHere,
    KeyHere,
    ValueHere,
    Name,
    Tag,
    TagName,
    TagHandle,
    DirectiveName,
    DirectiveLetter,
    UnknownDirective,
    BlockHeader,
    BlockIndentZero,
    BlockTab,
    QuoteMarker,
    QuoteEnd,
    Escape,
    EscapeDigits,
    EscapeCharacter,
    PlainTab,
    NodeContent,
    BlockMapKey,
    BlockSeqEntry,
    FlowSeqEntry,
    FlowMapEntry,
    DocumentStart,
}

impl Problem {
    /// The message of the reader that Kuma uses.
    pub(super) fn kuma(self) -> &'static str {
        match self {
            Problem::ControlCharacter => "control characters are not allowed",
            Problem::NoToken => "found character that cannot start any token",
            Problem::KeyWithoutColon => "could not find expected ':'",
            Problem::EntryHere => "block sequence entries are not allowed in this context",
            Problem::KeyHere => "mapping keys are not allowed in this context",
            Problem::ValueHere => "mapping values are not allowed in this context",
            Problem::Name => "did not find expected alphabetic or numeric character",
            Problem::Tag => "did not find expected whitespace or line break",
            Problem::TagName => "did not find expected tag URI",
            Problem::TagHandle => "found undefined tag handle",
            Problem::DirectiveName => "could not find expected directive name",
            Problem::DirectiveLetter => "found unexpected non-alphabetical character",
            Problem::UnknownDirective => "found unknown directive name",
            Problem::BlockHeader => "did not find expected comment or line break",
            Problem::BlockIndentZero => "found an indentation indicator equal to 0",
            Problem::BlockTab => "found a tab character where an indentation space is expected",
            Problem::QuoteMarker => "found unexpected document indicator",
            Problem::QuoteEnd => "found unexpected end of stream",
            Problem::Escape => "found unknown escape character",
            Problem::EscapeDigits => "did not find expected hexdecimal number",
            Problem::EscapeCharacter => "found invalid Unicode character escape code",
            Problem::PlainTab => "found a tab character that violates indentation",
            Problem::NodeContent => "did not find expected node content",
            Problem::BlockMapKey => "did not find expected key",
            Problem::BlockSeqEntry => "did not find expected '-' indicator",
            Problem::FlowSeqEntry => "did not find expected ',' or ']'",
            Problem::FlowMapEntry => "did not find expected ',' or '}'",
            Problem::DocumentStart => "did not find expected <document start>",
        }
    }
}

/// A problem at its place, which ends the reading of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) problem: Problem,
    /// Byte offset where it shows.
    pub(super) at: usize,
    /// Byte offset of what it is about, such as the bracket that is not closed.
    pub(super) about: Option<usize>,
    /// The line that Kuma's reader names, if it names one.
    pub(super) kuma_line: Option<usize>,
}

impl Failure {
    /// A problem with a token. The reader names its line unless it is the first.
    pub(super) fn scanner(problem: Problem, at: usize, line: usize) -> Self {
        Failure { problem, at, about: None, kuma_line: (line > 0).then_some(line + 1) }
    }

    /// A problem with the order of tokens, for which the reader names the line before.
    pub(super) fn parser(problem: Problem, at: usize, line: usize) -> Self {
        Failure { problem, at, about: None, kuma_line: (line > 0).then_some(line) }
    }

    /// Says what it is about; the reader falls back on that line.
    pub(super) fn about(mut self, at: usize, line: usize) -> Self {
        self.about = Some(at);
        self.kuma_line = self.kuma_line.or((line > 0).then_some(line));
        self
    }

    /// The whole message of Kuma's reader.
    pub(super) fn kuma(&self) -> String {
        match self.kuma_line {
            Some(line) => format!("yaml: line {line}: {}", self.problem.kuma()),
            None => format!("yaml: {}", self.problem.kuma()),
        }
    }
}
