//! Reading YAML the way Kuma does, keeping the span of every value.
//!
//! Kuma reads through a YAML 1.1 reader and converts to JSON, so this room resolves scalars, merge keys and duplicate
//! keys by those rules. [`read`] never fails as a whole: each document stands or falls alone.

mod compose;
mod events;
mod explain;
mod limits;
pub mod node;
mod parse;
mod problem;
mod read;
mod scalar;
mod scan;
mod split;
mod write;

pub use limits::{Budget, Limits};
pub use node::{Document, Entry, LineIndex, Map, Node, Position, Span, Value};
pub use read::{read, read_document, too_large, too_many, Reader, Reading};
pub use split::document_spans;
pub use write::{text as scalar_text, write};
