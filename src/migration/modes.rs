//! Every mode of `meshServices`, tried on the same world.

use crate::collections::{sort_by, Gather, SortedSet};

use crate::report::{ModeDestinationReport, ModeNumbers, ModeProxyReport, ModeReport, ProxyName};
use crate::resource::{Kind, MeshServicesMode};
use crate::traffic::endpoints::shares;
use crate::traffic::outbound::Destination;
use crate::traffic::routes::{balanced, plan, Handling};
use crate::traffic::zones::Zones;
use crate::world::{self, Options, Source, World};

use super::proof::{hosts, prove, Side};

/// The four modes side by side, in the order of migration.
pub fn modes(sources: &[Source], options: &Options) -> Vec<ModeReport> {
    let current = world::build(sources, options);
    let zones = Zones::of(&current);
    let is_in_use = |mode: MeshServicesMode| {
        let mut all = current.views.iter().flat_map(|v| v.meshes().into_iter().filter_map(|m| v.mesh(m)));
        all.all(|mesh| mesh.mode == mode)
    };
    MeshServicesMode::ALL
        .iter()
        .map(|mode| {
            let world = world::build(sources, &Options { mode: Some(*mode), ..options.clone() });
            let there = Zones::of(&world);
            let is_used = is_in_use(*mode);
            let proxies = proxies(&world, &there);
            let mut totals = ModeNumbers::default();
            for proxy in &proxies {
                let own = &proxy.numbers;
                totals.legacy += own.legacy;
                totals.real += own.real;
                totals.listeners += own.listeners;
                totals.clusters += own.clusters;
                totals.endpoints += own.endpoints;
                totals.addresses += own.addresses;
            }
            let changes = (!is_used)
                .then(|| prove(Side { world: &current, zones: &zones }, Side { world: &world, zones: &there }));
            ModeReport { mode: mode.name().to_owned(), in_use: is_used, totals, proxies, changes }
        })
        .gather()
}

fn proxies(world: &World, zones: &Zones) -> Vec<ModeProxyReport> {
    let mut out = Vec::new();
    for zone in world.topology.zones.keys() {
        let Some((view, shared)) = world.zone(zone).zip(zones.zone(world, zone)) else { continue };
        for mesh in view.meshes() {
            let Some(setting) = zones.setting(world, zone, mesh) else { continue };
            let mut ids: Vec<_> = view.of_kind(Kind::Dataplane, mesh).gather();
            sort_by(&mut ids, |(_, a), (_, b)| a.name.cmp(&b.name));
            for (id, stored) in ids {
                let plan = plan(&setting, id);
                let tagged: Vec<String> = plan
                    .listeners
                    .iter()
                    .filter_map(|l| match &l.outbound.destination {
                        Destination::Tagged { service, .. } => Some(service.clone()),
                        Destination::Real { .. } => None,
                    })
                    .gather();
                let mut numbers = ModeNumbers { clusters: plan.clusters.len() as u32, ..ModeNumbers::default() };
                numbers.endpoints = plan.clusters.values().map(|c| c.endpoints.endpoints.len() as u32).sum();
                let mut destinations: Vec<ModeDestinationReport> = Vec::new();
                for listener in &plan.listeners {
                    let destination = &listener.outbound.destination;
                    numbers.listeners += u32::from(!matches!(listener.handling, Handling::Nothing(_)));
                    let (kind, name) = match destination {
                        Destination::Real { id, .. } => (
                            view.get(*id).map(|s| s.kind().name()).unwrap_or_default().to_owned(),
                            destination.kri(view).map(|k| k.to_string()).unwrap_or_default(),
                        ),
                        Destination::Tagged { service, .. } => ("kuma.io/service".to_owned(), service.clone()),
                    };
                    let mut addresses: Vec<String> = hosts(&setting, &shared.hostnames, listener)
                        .into_iter()
                        .map(|host| format!("{host}:{}", listener.outbound.port))
                        .gather();
                    numbers.addresses += addresses.len() as u32;
                    if let Some(known) = destinations.iter_mut().find(|d| d.kind == kind && d.name == name) {
                        known.addresses.append(&mut addresses);
                        continue;
                    }
                    match destination {
                        Destination::Real { .. } => numbers.real += 1,
                        Destination::Tagged { .. } => numbers.legacy += 1,
                    }
                    let set = balanced(&setting, id, destination, &tagged);
                    let parts = shares(&set.endpoints);
                    let active = set.endpoints.iter().zip(parts).filter(|(_, share)| *share > 0.0);
                    let zones: SortedSet<String> = active.map(|(e, _)| String::from(&e.zone)).gather();
                    destinations.push(ModeDestinationReport {
                        kind,
                        name,
                        addresses,
                        endpoints: set.endpoints.len() as u32,
                        zones: zones.into_iter().gather(),
                    });
                }
                sort_by(&mut destinations, |a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
                out.push(ModeProxyReport {
                    proxy: ProxyName { zone: zone.clone(), mesh: mesh.to_owned(), name: stored.name.clone() },
                    numbers,
                    destinations,
                });
            }
        }
    }
    out
}
