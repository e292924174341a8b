//! The services of every control plane.

use crate::collections::{sort_by, Gather, SortedMap};
use crate::report::{
    ConflictReport, ContributorReport, HostnameReport, HostnameStatus, Places, PortReport, ServiceOrigin, ServiceReport,
};
use crate::resource::{Kind, Port, Provenance, TargetPort};
use crate::service::generate::{Decision, Outcome};
use crate::service::hostname::{Hostname, HostnameResult};
use crate::service::{document, multi_zone, select};
use crate::world::World;
use crate::zone::{ControlPlane, Stored, StoredId, View};

/// The kinds of destination, in the order in which they are listed.
const KINDS: [Kind; 3] = [Kind::MeshService, Kind::MeshMultiZoneService, Kind::MeshExternalService];

/// How MeshServices were generated, by mesh and name.
type Decisions<'a> = SortedMap<(&'a str, &'a str), &'a Decision>;

/// Every service of every control plane: zones by name, then global; meshes, kinds and services by name.
pub fn services(world: &World) -> Vec<ServiceReport> {
    let mut all = Vec::new();
    each(world, &mut |service| all.push(service));
    all
}

/// The services one by one; all of them together are large.
pub fn each(world: &World, take: &mut dyn FnMut(ServiceReport)) {
    world.views.iter().for_each(|view| each_of(world, view, take));
}

/// The services of one control plane.
pub fn services_of(world: &World, view: &View) -> Vec<ServiceReport> {
    let mut all = Vec::new();
    each_of(world, view, &mut |service| all.push(service));
    all
}

fn each_of(world: &World, view: &View, take: &mut dyn FnMut(ServiceReport)) {
    let places = Places::of(&world.sources);
    let hostnames = world.hostnames(view);
    let decisions = view.plane.zone().and_then(|z| world.generation.get(z)).into_iter().flatten();
    let decisions = decisions.map(|d| ((d.mesh.as_str(), d.service.as_str()), d)).gather();
    for mesh in view.meshes() {
        for kind in KINDS {
            let mut services: Vec<_> = view.of_kind(kind, mesh).gather();
            sort_by(&mut services, |(_, a), (_, b)| a.name.cmp(&b.name));
            for (id, stored) in services {
                let names = hostnames.get(&id).map(Vec::as_slice).unwrap_or_default();
                take(service(view, stored, names, &decisions, &places));
            }
        }
    }
}

fn service(
    view: &View,
    stored: &Stored,
    names: &[Hostname],
    decisions: &Decisions<'_>,
    places: &Places,
) -> ServiceReport {
    let local = stored.is_local() && view.plane != ControlPlane::Global;
    let selected = stored.as_mesh_service().filter(|_| local).map(|s| select::selected(view, stored.mesh(), s));
    let ports = stored
        .ports()
        .iter()
        .map(|p| PortReport {
            endpoints: stored
                .as_mesh_service()
                .zip(selected.as_ref())
                .map(|(service, ids)| select::endpoints(view, ids, service, p).len() as u32),
            ..port(p)
        })
        .gather();
    let name_of = |id: &StoredId| view.get(*id).map(|s| s.name.clone());
    ServiceReport {
        zone: view.plane.name().to_owned(),
        kind: stored.kind().name().to_owned(),
        mesh: stored.mesh().to_owned(),
        name: stored.name.clone(),
        display_name: stored.display_name().to_owned(),
        kri: stored.kri().to_string(),
        origin: match stored.resource.provenance {
            _ if !local => ServiceOrigin::Synced,
            Provenance::Generated => ServiceOrigin::Generated,
            Provenance::Written { .. } | Provenance::Default => ServiceOrigin::Written,
        },
        home: match stored.kind() {
            Kind::MeshService => stored.zone().to_owned(),
            _ => String::new(),
        },
        labels: (*stored.labels).clone(),
        ports,
        state: stored.available.map(|a| document::state(a).to_owned()),
        selected: selected.map(|ids| ids.iter().filter_map(name_of).gather()),
        members: stored.as_multi_zone().map(|multi| {
            multi_zone::members(view, multi).iter().filter_map(|id| Some(view.get(*id)?.kri().to_string())).gather()
        }),
        hostnames: names.iter().map(|n| hostname(stored, n)).gather(),
        conflict: conflict(stored, decisions),
        yaml: document::yaml(stored),
        location: match stored.resource.provenance {
            Provenance::Written { document, span } => places.place(document.source, span),
            Provenance::Generated | Provenance::Default => None,
        },
    }
}

/// A port as it is reported.
pub fn port(port: &Port) -> PortReport {
    PortReport {
        name: port.name.as_ref().map(String::from),
        port: port.port,
        target_port: port.target_port.as_ref().map(|t| match t {
            TargetPort::Number(n) => n.to_string(),
            // a quoted number is a name
            TargetPort::Name(n) if n.parse::<u32>().is_ok() => format!("\"{n}\""),
            TargetPort::Name(n) => n.clone(),
        }),
        protocol: port.app_protocol.as_str().to_owned(),
        endpoints: None,
    }
}

fn hostname(service: &Stored, name: &Hostname) -> HostnameReport {
    let generator = name.generator.clone();
    let report = |status| HostnameReport { generator, status, hostname: None, message: None, explanation: None };
    match &name.result {
        HostnameResult::Generated(hostname) => {
            HostnameReport { hostname: Some(hostname.clone()), ..report(HostnameStatus::Generated) }
        }
        HostnameResult::TemplateError { message } => {
            HostnameReport { message: Some(message.clone()), ..report(HostnameStatus::TemplateError) }
        }
        HostnameResult::Collision { hostname, winner, message } => HostnameReport {
            hostname: Some(hostname.clone()),
            message: Some(message.clone()),
            explanation: Some(format!("`{hostname}` already belongs to {} `{winner}`", service.kind())),
            ..report(HostnameStatus::Collision)
        },
        HostnameResult::NotEvaluated { reason } => {
            HostnameReport { explanation: Some(reason.clone()), ..report(HostnameStatus::NotEvaluated) }
        }
    }
}

fn conflict(stored: &Stored, decisions: &Decisions<'_>) -> Option<ConflictReport> {
    if stored.resource.provenance != Provenance::Generated {
        return None;
    }
    let decision = decisions.get(&(stored.mesh(), stored.name.as_str()))?;
    let Outcome::Generated { ports_from } = &decision.outcome else { return None };
    if decision.contributors.iter().all(|c| c.agrees) {
        return None;
    }
    Some(ConflictReport {
        ports_from: ports_from.clone(),
        contributors: decision
            .contributors
            .iter()
            .map(|c| ContributorReport {
                dataplane: c.dataplane.clone(),
                ports: c.ports.iter().map(port).gather(),
                agrees: c.agrees,
            })
            .gather(),
    })
}
