//! Answers: what the rooms before worked out, put into the public types of [`crate::report`].

pub mod kubernetes;
pub mod proxies;
pub mod references;
pub mod requests;
pub mod services;

use crate::report::{DiagnosticReport, Places};
use crate::resource::{Kind, Provenance};
use crate::service::document;
use crate::world::World;
use crate::zone::ControlPlane;

/// All problems, in the order of the input; those that stand nowhere come last.
pub fn diagnostics(world: &World) -> Vec<DiagnosticReport> {
    let places = Places::of(&world.sources);
    let mut all: Vec<_> = world.diagnostics.iter().collect();
    all.sort_by_key(|d| (d.at.is_none(), d.at, d.code));
    all.into_iter().map(|d| DiagnosticReport::of(d, &places)).collect()
}

/// The MeshServices that zones generate, as one YAML stream.
pub fn generated(world: &World) -> String {
    let zones = world.views.iter().filter(|v| v.plane != ControlPlane::Global);
    let services = zones.flat_map(|view| {
        view.all()
            .filter(|(_, s)| s.kind() == Kind::MeshService && s.is_local())
            .filter(|(_, s)| s.resource.provenance == Provenance::Generated)
            .map(|(_, s)| document::yaml(s))
    });
    services.collect::<Vec<_>>().join("---\n")
}
