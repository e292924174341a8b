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
    /// Values (mappings, lists, scalars) of one source, aliases not expanded.
    pub values: usize,
    /// Values that aliases may stand for in all of one source.
    pub alias_nodes: usize,
    /// Bytes of text that aliases may stand for in all of one source.
    pub alias_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            bytes: 16 << 20,
            depth: 100,
            documents: 20_000,
            values: 2_000_000,
            alias_nodes: 1_000_000,
            alias_bytes: 32 << 20,
        }
    }
}

/// What is left of the limits that hold for all documents of a source together, or what was taken of them.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    values: usize,
    alias_nodes: usize,
    alias_bytes: usize,
    diagnostics: usize,
}

/// Diagnostics of one source beyond which only one for each document that cannot be read is added: a text that goes
/// wrong everywhere must not cost more to complain about than to read.
const DIAGNOSTICS: usize = 1_000;

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Budget {
            values: limits.values,
            alias_nodes: limits.alias_nodes,
            alias_bytes: limits.alias_bytes,
            diagnostics: DIAGNOSTICS,
        }
    }

    /// What is gone when so much is left.
    pub fn less(&self, left: &Budget) -> Budget {
        Budget {
            values: self.values.saturating_sub(left.values),
            alias_nodes: self.alias_nodes.saturating_sub(left.alias_nodes),
            alias_bytes: self.alias_bytes.saturating_sub(left.alias_bytes),
            diagnostics: self.diagnostics.saturating_sub(left.diagnostics),
        }
    }

    /// Takes so much; false, and nothing taken, if there is not enough.
    pub(super) fn spend(&mut self, spent: &Budget) -> bool {
        let enough = self.values >= spent.values
            && self.alias_nodes >= spent.alias_nodes
            && self.alias_bytes >= spent.alias_bytes
            && self.diagnostics >= spent.diagnostics;
        if enough {
            *self = self.less(spent);
        }
        enough
    }

    /// Takes what an alias stands for; false, and nothing taken, if there is not enough.
    pub(super) fn alias(&mut self, nodes: usize, bytes: usize) -> bool {
        let (nodes, bytes) = (self.alias_nodes.checked_sub(nodes), self.alias_bytes.checked_sub(bytes));
        let (Some(nodes), Some(bytes)) = (nodes, bytes) else { return false };
        (self.alias_nodes, self.alias_bytes) = (nodes, bytes);
        true
    }

    /// Takes one value; false if there is none left.
    pub(super) fn value(&mut self) -> bool {
        take(&mut self.values)
    }

    /// Takes one diagnostic; false if there is none left.
    pub(super) fn diagnostic(&mut self) -> bool {
        take(&mut self.diagnostics)
    }
}

fn take(left: &mut usize) -> bool {
    match left.checked_sub(1) {
        Some(less) => {
            *left = less;
            true
        }
        None => false,
    }
}
