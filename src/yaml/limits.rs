//! How much the reader takes on.

/// Bounds on time and memory. Whatever exceeds one gives a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one source; at most 4 GiB, which offsets can count.
    pub bytes: usize,
    /// Levels of nesting of one document, aliases expanded.
    pub depth: usize,
    /// Documents of one source.
    pub documents: usize,
    /// Values that aliases may stand for in all of one source.
    pub alias_nodes: usize,
    /// Bytes of text that aliases may stand for in all of one source.
    pub alias_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 16 << 20, depth: 100, documents: 20_000, alias_nodes: 1_000_000, alias_bytes: 32 << 20 }
    }
}

/// What is left of the limits that hold for all documents of a source together.
#[derive(Debug)]
pub(super) struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Budget { nodes: limits.alias_nodes, bytes: limits.alias_bytes }
    }

    /// Takes from the budget; false, and nothing taken, if there is not enough.
    pub(super) fn spend(&mut self, nodes: usize, bytes: usize) -> bool {
        let (Some(nodes), Some(bytes)) = (self.nodes.checked_sub(nodes), self.bytes.checked_sub(bytes)) else {
            return false;
        };
        (self.nodes, self.bytes) = (nodes, bytes);
        true
    }
}
