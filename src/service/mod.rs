//! Destinations of a control plane: generated MeshServices, what each service selects, its members and hostnames.

pub mod default_generators;
pub mod document;
pub mod generate;
pub mod hostname;
pub mod multi_zone;
pub mod select;
pub mod template;
