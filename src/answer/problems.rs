//! Problems that only show once everything is worked out: references that hit nothing, services that are not what they
//! seem, hostnames that nobody gets.

use crate::collections::Gather;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::report::{DiagnosticReport, ReferenceForm, ReferenceOutcome, ReferenceReport, SeverityReport};
use crate::resource::{Body, Kind, MeshServicesMode, Provenance, Resource};
use crate::rules_book::{self, Section};
use crate::service::generate::{Decision, Outcome};
use crate::service::hostname::HostnameResult;
use crate::world::World;
use crate::zone::{ControlPlane, Stored, View};

/// The problems of meshes, services and hostnames.
pub fn of_services(world: &World) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for mesh in assumed_meshes(world) {
        let mode = world.options.mode.unwrap_or(world.options.assumed_mode).name();
        out.push(
            Diagnostic::new(
                Code::MeshAssumed,
                format!("no Mesh is in the input; `{mesh}` is assumed, with mode {mode} and without mTLS"),
            )
            .help("add the Mesh to the input"),
        );
    }
    for view in world.views.iter().filter(|v| v.plane != ControlPlane::Global) {
        let decisions = view.plane.zone().and_then(|zone| world.generation.get(zone));
        for decision in decisions.into_iter().flatten() {
            out.extend(of_generation(view, decision));
        }
        of_hostnames(world, view, &mut out);
    }
    out
}

fn assumed_meshes(world: &World) -> Vec<&str> {
    let mut names: Vec<&str> = world
        .views
        .iter()
        .flat_map(|v| v.of_kind(Kind::Mesh, ""))
        .filter(|(_, s)| s.resource.provenance == Provenance::Default)
        .map(|(_, s)| s.name.as_str())
        .gather();
    names.dedup();
    names
}

fn written(resource: &Resource) -> Option<Location> {
    match resource.provenance {
        Provenance::Written { document, .. } => Some(Location { source: document.source, span: resource.name_span }),
        Provenance::Generated | Provenance::Default => None,
    }
}

fn dataplane<'a>(view: &'a View, mesh: &str, name: &str) -> Option<&'a Stored> {
    view.get(view.named(Kind::Dataplane, mesh, name)?)
}

/// Where a Dataplane says that it serves a service: its first inbound with the tag.
fn inbound_of(stored: &Stored, service: &str) -> Option<Location> {
    let at = written(&stored.resource)?;
    let inbound = stored.as_dataplane()?.inbounds.iter().find(|i| i.service() == Some(service))?;
    Some(Location { span: inbound.span, ..at })
}

fn of_generation(view: &View, decision: &Decision) -> Option<Diagnostic> {
    let Decision { mesh, service, contributors, outcome } = decision;
    let at = |name: &str| dataplane(view, mesh, name).and_then(|s| inbound_of(s, service));
    match outcome {
        Outcome::NotDnsLabel => {
            let message = format!("Kuma generates no MeshService for `{service}`, which is no DNS label");
            let first = contributors.first()?;
            Some(Diagnostic { at: at(&first.dataplane), ..Diagnostic::new(Code::NoDnsLabel, message) }.help(
                "use a name of lower case letters, digits and dashes that starts with a letter, at most 63 long; or \
                 write the MeshService by hand",
            ))
        }
        Outcome::Generated { ports_from } => {
            let loser = contributors.iter().find(|c| !c.agrees)?;
            let ports = |c: &crate::service::generate::Contributor| {
                let list: Vec<String> = c.ports.iter().map(|p| format!("{} ({})", p.section(), p.port)).gather();
                list.join(", ")
            };
            let winner = contributors.iter().find(|c| c.dataplane == *ports_from)?;
            let message = format!(
                "Dataplane `{}` has other ports for `{service}` than `{ports_from}`, the oldest, whose ports MeshService \
                 `{service}` gets: {}",
                loser.dataplane,
                ports(winner)
            );
            let mut diagnostic =
                Diagnostic { at: at(&loser.dataplane), ..Diagnostic::new(Code::PortConflict, message) };
            if let Some(place) = at(ports_from) {
                diagnostic.related.push((format!("`{ports_from}` was created first"), place));
            }
            Some(diagnostic.help(
                "give every inbound of a service the same port, name and protocol, or write the MeshService by hand \
                 with `targetPort` as a name",
            ))
        }
        Outcome::HandMade | Outcome::ModeDisabled => None,
    }
}

fn of_hostnames(world: &World, view: &View, out: &mut Vec<Diagnostic>) {
    for (id, names) in world.hostnames(view) {
        let Some(service) = view.get(id) else { continue };
        for name in names {
            if matches!(name.result, HostnameResult::Generated(_)) {
                continue;
            }
            let generator = view.named(Kind::HostnameGenerator, "", &name.generator).and_then(|id| view.get(id));
            let template = generator.and_then(|s| match (&s.resource.body, written(&s.resource)) {
                (Body::HostnameGenerator(g), Some(at)) => Some(Location { span: g.template_span, ..at }),
                _ => None,
            });
            let of = format!("{} `{}` in zone `{}`", service.kind(), service.display_name(), view.plane.name());
            let diagnostic = match name.result {
                HostnameResult::Generated(_) => continue,
                HostnameResult::Collision { hostname, winner, .. } => Diagnostic::new(
                    Code::HostnameCollision,
                    format!("{of} does not get `{hostname}`, which `{winner}` has already"),
                )
                .help("put something into the template that tells the services apart, such as the zone or namespace"),
                HostnameResult::TemplateError { message } => {
                    Diagnostic::new(Code::HostnameFails, format!("{of} gets no hostname from this template: {message}"))
                }
                HostnameResult::NotEvaluated { reason } => Diagnostic {
                    severity: crate::diagnostic::Severity::Info,
                    ..Diagnostic::new(Code::HostnameFails, format!("the hostname of {of} is not worked out: {reason}"))
                },
            };
            out.push(Diagnostic { at: template.or_else(|| written(&service.resource)), ..diagnostic });
        }
    }
}

/// True if every mesh is in mode Exclusive.
pub fn is_exclusive(world: &World) -> bool {
    let mut meshes = world.views.iter().flat_map(|v| v.of_kind(Kind::Mesh, ""));
    meshes.all(|(_, s)| s.as_mesh().is_some_and(|m| m.mode == MeshServicesMode::Exclusive))
}

/// The problem of a reference: one that hits nothing from any zone, or an old-style one that nothing answers.
pub fn of_reference(exclusive: bool, row: &ReferenceReport) -> Option<DiagnosticReport> {
    let first = row.answers.first()?;
    let all = |outcome| row.answers.iter().all(|a| a.outcome == outcome);
    let reason = || first.reason.clone().unwrap_or_default();
    let (code, message) = match row.form {
        _ if all(ReferenceOutcome::Nothing) => {
            let reason = reason();
            // the reason often names what was asked for already
            let message = match reason.contains(&row.asks) {
                true => reason,
                false => format!("{} hits nothing: {reason}", row.asks),
            };
            (Code::HitsNothing, message)
        }
        ReferenceForm::BackendRef if exclusive && all(ReferenceOutcome::Legacy) => {
            (Code::LegacyReference, format!("{} hits no MeshService: {}", row.asks, reason()))
        }
        _ => return None,
    };
    let help = first.help.clone();
    Some(DiagnosticReport {
        code: code.text().to_owned(),
        severity: SeverityReport::Warning,
        message,
        help: help.or_else(|| (code == Code::LegacyReference).then(|| "add `port` or `sectionName`".to_owned())),
        location: row.location.clone(),
        rule: first.rule.clone().or_else(|| rules_book::of_code(code).map(Section::link)),
        related: Vec::new(),
        kuma: None,
        fixes: row.fixes.clone(),
    })
}
