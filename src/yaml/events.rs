//! The events of one document.

use std::borrow::Cow;

use super::scalar::Tag;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// Quoted, or a block after `|` or `>`: always text.
    Text,
}

/// The properties before a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    pub(super) anchor: Option<&'a str>,
    pub(super) tag: Option<Tag>,
}

/// One step through a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    Scalar { text: Cow<'a, str>, style: Style, mark: Mark<'a> },
    Alias(&'a str),
    SeqStart(Mark<'a>),
    SeqEnd,
    MapStart(Mark<'a>),
    MapEnd,
}
