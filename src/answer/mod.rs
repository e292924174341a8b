//! Answers: what the rooms before worked out, put into the public types of [`crate::report`].

pub mod checks;
pub mod kubernetes;
pub mod problems;
pub mod proxies;
pub mod references;
pub mod requests;
pub mod services;

use crate::collections::{sort_by_cached_key, Gather};
use crate::diagnostic::Code;
use crate::report::{DiagnosticReport, Places};
use crate::resource::{Kind, Provenance};
use crate::service::document;
use crate::traffic::findings;
use crate::traffic::zones::Zones;
use crate::world::World;
use crate::zone::ControlPlane;

/// All problems, in the order of the input; those that stand nowhere come last.
pub fn diagnostics(world: &World, zones: &Zones) -> Vec<DiagnosticReport> {
    let places = Places::of(&world.sources);
    let found = problems::of_services(world).into_iter().chain(findings::findings(world, zones));
    let mut all: Vec<DiagnosticReport> =
        world.diagnostics.iter().cloned().chain(found).map(|d| DiagnosticReport::of(&d, &places)).gather();
    // a backendRef that gets no traffic has been spoken of with what becomes of its rule
    let spoken: Vec<_> =
        all.iter().filter(|d| d.code == Code::BackendWithoutTraffic.text()).map(|d| d.location.clone()).gather();
    let exclusive = problems::is_exclusive(world);
    references::outcomes(world, zones, &mut |row| {
        all.extend(problems::of_reference(exclusive, &row).into_iter().filter(|d| !spoken.contains(&d.location)));
    });
    let key = |d: &DiagnosticReport| d.location.as_ref().map(|l| (l.source, l.start.byte, l.end.byte));
    sort_by_cached_key(&mut all, |d| (d.location.is_none(), key(d), d.code.clone()));
    all
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
    services.gather::<Vec<_>>().join("---\n")
}
