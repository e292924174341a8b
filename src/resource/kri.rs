//! Kuma Resource Identifiers: `kri_<short>_<mesh>_<zone>_<namespace>_<display name>_<section>`.

use std::fmt;

use super::Kind;

/// What identifies a resource on every control plane (rule 1.5). Empty parts stay empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kri {
    /// The kind.
    pub kind: Kind,
    /// The mesh; empty for global-scoped kinds.
    pub mesh: String,
    /// The value of label `kuma.io/zone`.
    pub zone: String,
    /// The value of label `k8s.kuma.io/namespace`.
    pub namespace: String,
    /// The display name.
    pub name: String,
    /// A port's name (or its number as text); empty for the whole resource.
    pub section: String,
}

impl Kri {
    /// The same resource with another section.
    pub fn with_section(&self, section: impl Into<String>) -> Kri {
        Kri { section: section.into(), ..self.clone() }
    }
}

impl fmt::Display for Kri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "kri_{}_{}_{}_{}_{}_{}",
            self.kind.short(),
            self.mesh,
            self.zone,
            self.namespace,
            self.name,
            self.section
        )
    }
}
