//! Which Dataplanes a MeshService selects, which inbound serves each port, and whether the whole is available
//! (rules 3.1 to 3.4).

use crate::collections::Gather;
use crate::resource::{Dataplane, Inbound, InboundState, Kind, MeshService, Port, Selector, TargetPort};
use crate::zone::{Stored, StoredId, View};

/// True if a selector selects this Dataplane.
pub fn selects(selector: &Selector, stored: &Stored, dataplane: &Dataplane) -> bool {
    match selector {
        Selector::None => false,
        Selector::DataplaneTags(tags) => !tags.is_empty() && dataplane.inbounds.iter().any(|i| i.has_tags(tags)),
        Selector::DataplaneRef(name) => !dataplane.inbounds.is_empty() && stored.name == *name,
        Selector::DataplaneLabels(labels) => !dataplane.inbounds.is_empty() && stored.has_labels(labels),
    }
}

/// True if an inbound is one that makes its Dataplane selected: with tags it must have them all.
fn fulfils(selector: &Selector, inbound: &Inbound) -> bool {
    match selector {
        Selector::DataplaneTags(tags) => inbound.has_tags(tags),
        _ => true,
    }
}

/// True if a port maps to an inbound. A missing targetPort maps to nothing (rule 3.2).
pub fn serves(port: &Port, inbound: &Inbound) -> bool {
    match &port.target_port {
        Some(TargetPort::Number(number)) => *number == i64::from(inbound.port),
        Some(TargetPort::Name(name)) => inbound.name.as_ref().is_some_and(|n| n == name),
        None => false,
    }
}

/// The Dataplanes of a view that a MeshService selects.
pub fn selected(view: &View, mesh: &str, service: &MeshService) -> Vec<StoredId> {
    view.candidates(mesh, &service.selector)
        .filter(|(_, s)| s.as_dataplane().is_some_and(|d| selects(&service.selector, s, d)))
        .map(|(id, _)| id)
        .gather()
}

/// One inbound that traffic to a port reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalEndpoint {
    /// The Dataplane.
    pub dataplane: StoredId,
    /// The position of the inbound in it.
    pub inbound: usize,
    /// The address.
    pub address: String,
    /// The port.
    pub port: u32,
}

/// The endpoints of one port of a local MeshService (rule 3.3): a Dataplane counts if one Ready inbound fulfils the
/// selector, and then every Ready inbound that the port maps to.
pub fn endpoints(view: &View, selected: &[StoredId], service: &MeshService, port: &Port) -> Vec<LocalEndpoint> {
    let mut out = Vec::new();
    for id in selected {
        let Some(dataplane) = view.get(*id).and_then(Stored::as_dataplane) else { continue };
        if !dataplane.inbounds.iter().any(|i| i.state == InboundState::Ready && fulfils(&service.selector, i)) {
            continue;
        }
        for (index, inbound) in dataplane.inbounds.iter().enumerate() {
            if inbound.state == InboundState::Ready && serves(port, inbound) {
                out.push(LocalEndpoint {
                    dataplane: *id,
                    inbound: index,
                    address: String::from(dataplane.address_of(inbound)),
                    port: inbound.port,
                });
            }
        }
    }
    out
}

/// How many of a MeshService's Dataplanes are there, and how many of them serve every port (rule 3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Selected Dataplanes.
    pub total: usize,
    /// Those with a Ready inbound for every port.
    pub healthy: usize,
}

impl Health {
    /// True if some one Dataplane serves every port.
    pub fn is_available(self) -> bool {
        self.healthy > 0
    }
}

/// Counts a MeshService's Dataplanes among those of its own zone.
pub fn health<'a>(service: &MeshService, dataplanes: impl Iterator<Item = &'a Stored>) -> Health {
    let mut health = Health::default();
    for stored in dataplanes {
        let Some(dataplane) = stored.as_dataplane() else { continue };
        if selects(&service.selector, stored, dataplane) {
            health.total += 1;
            let ready =
                |port: &Port| dataplane.inbounds.iter().any(|i| i.state == InboundState::Ready && serves(port, i));
            health.healthy += usize::from(service.ports.iter().all(ready));
        }
    }
    health
}

/// The Dataplanes that the inspect API says a MeshService matches. Unlike [`selected`], it also looks at the tags of
/// gateways, and empty tags match everything (Kubernetes, rule 10.1).
pub fn inspected(view: &View, mesh: &str, service: &MeshService) -> Vec<StoredId> {
    let matches = |stored: &Stored, dataplane: &Dataplane| match &service.selector {
        Selector::DataplaneTags(tags) => {
            let gateway = dataplane.gateway.as_ref().map(|g| &g.tags);
            tags.is_empty()
                || dataplane.inbounds.iter().any(|i| i.has_tags(tags))
                || gateway.is_some_and(|own| tags.iter().all(|(k, v)| own.get(k) == Some(v)))
        }
        Selector::DataplaneRef(name) => stored.name == *name,
        Selector::DataplaneLabels(labels) => stored.has_labels(labels),
        Selector::None => false,
    };
    view.of_kind(Kind::Dataplane, mesh)
        .filter(|(_, s)| s.as_dataplane().is_some_and(|d| matches(s, d)))
        .map(|(id, _)| id)
        .gather()
}

/// The values of `kuma.io/service` that the selected Dataplanes present, which clients accept: every inbound of a
/// selected Dataplane counts, those for other services too.
pub fn identities(view: &View, selected: &[StoredId]) -> Vec<String> {
    let dataplanes = selected.iter().filter_map(|id| view.get(*id)?.as_dataplane());
    let tags = dataplanes.flat_map(|d| &d.inbounds).filter_map(|i| i.service());
    tags.map(str::to_owned).gather::<crate::collections::SortedSet<_>>().into_iter().gather()
}
