//! What Kuma refuses, in Kuma's own words.

pub mod names;
pub mod protobuf;

use crate::diagnostic::Violation;
use crate::yaml::Span;

/// One violation and the place in the text that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Kuma's field and reason.
    pub violation: Violation,
    /// The value it speaks of, or the nearest one around it.
    pub span: Span,
}
