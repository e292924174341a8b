//! Control planes and what each of them has: the home of every document, and synchronisation between zones.

pub mod defaults;
mod index;
pub mod names;
mod view;

use crate::collections::{Gather, SortedMap};
use std::sync::Arc;

use crate::resource::{label, Body, Environment, Kind, Labels, Resource};
use crate::text::Texts;

pub use index::DataplaneIndex;
pub use view::{Created, Stored, StoredId, View};

/// A control plane.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlPlane {
    /// The global one, which zones synchronise with.
    Global,
    /// A zone's.
    Zone(String),
}

impl ControlPlane {
    /// The zone's name, or `global`.
    pub fn name(&self) -> &str {
        match self {
            ControlPlane::Global => "global",
            ControlPlane::Zone(zone) => zone,
        }
    }

    /// The zone's name.
    pub fn zone(&self) -> Option<&str> {
        match self {
            ControlPlane::Global => None,
            ControlPlane::Zone(zone) => Some(zone),
        }
    }
}

/// The control planes of the input and which documents are at home on each.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// True if the zones are connected to a global control plane.
    pub federated: bool,
    /// The zones by name, and the environment of each.
    pub zones: SortedMap<String, Environment>,
    /// Where the global control plane runs.
    pub global: Environment,
    /// Kuma's namespace on Kubernetes, which copies from other control planes live in.
    pub system_namespace: String,
}

/// The home of one document before the whole topology is known: its label `kuma.io/zone`, else its file's zone.
pub fn written_zone<'a>(resource: &'a Resource, file_zone: Option<&'a str>) -> Option<&'a str> {
    // a copy that arrived from another zone is at home where it was pasted from
    match resource.label(label::ORIGIN) == Some("global") && file_zone.is_some() {
        true => file_zone,
        false => resource.label(label::ZONE).or(file_zone),
    }
}

impl Topology {
    /// Finds the zones: those that documents or files name. If none does, there is one unfederated zone
    /// (`unfederated_zone`).
    pub fn of<'a>(
        homes: impl Iterator<Item = (Option<&'a str>, Environment)> + Clone,
        unfederated_zone: &str,
        federated: Option<bool>,
    ) -> Topology {
        let mut zones = SortedMap::new();
        for (zone, environment) in homes.clone() {
            if let Some(zone) = zone {
                let known = zones.entry(zone.to_owned()).or_insert(environment);
                *known = (*known).max(environment);
            }
        }
        let named = !zones.is_empty();
        if !named {
            let environment = homes.map(|(_, e)| e).max().unwrap_or_default();
            zones.insert(unfederated_zone.to_owned(), environment);
        }
        Topology { federated: federated.unwrap_or(named), zones, ..Topology::default() }
    }

    /// Where a control plane runs.
    pub fn environment(&self, plane: &ControlPlane) -> Environment {
        match plane {
            ControlPlane::Global => self.global,
            ControlPlane::Zone(zone) => self.zones.get(zone).copied().unwrap_or_default(),
        }
    }

    /// The name under which a control plane stores a copy: the hashed name, and on Kubernetes the namespace of Kuma for
    /// all kinds that have one (Kubernetes, rule 13.2).
    fn copy_name(&self, copy: &Stored, receiver: &ControlPlane) -> String {
        let hashed = copy.synced_name();
        let namespaced = !crate::kubernetes::admission::is_cluster_scoped(copy.kind());
        match self.environment(receiver) == Environment::Kubernetes && namespaced {
            true => format!("{hashed}.{}", self.system_namespace),
            false => hashed,
        }
    }

    /// The control plane where a document of this zone (or none) was created.
    pub fn home(&self, zone: Option<&str>) -> ControlPlane {
        match (zone, self.federated) {
            (Some(zone), _) => ControlPlane::Zone(zone.to_owned()),
            (None, true) => ControlPlane::Global,
            (None, false) => match self.zones.keys().next() {
                Some(only) => ControlPlane::Zone(only.clone()),
                None => ControlPlane::Global,
            },
        }
    }
}

/// The labels that a control plane computes when a resource is created (rule 1.1). Labels that are there are kept.
pub fn labels_at_home(resource: &Resource, home: &ControlPlane, texts: &mut Texts) -> Labels {
    let mut labels = resource.labels.clone();
    let mut keep = |labels: &mut Labels, key: &str, value: &str| {
        labels.entry(texts.share(key)).or_insert_with(|| texts.share(value));
    };
    if !resource.kind.is_global_scoped() {
        keep(&mut labels, label::MESH, &resource.mesh);
    }
    if let (ControlPlane::Zone(zone), true) = (home, resource.kind.is_zone_owned()) {
        keep(&mut labels, label::ORIGIN, "zone");
        // what says of itself that it comes from global is not given the zone that it was written in
        if labels.get(label::ORIGIN).is_some_and(|origin| origin != "global") {
            keep(&mut labels, label::ZONE, zone);
            keep(&mut labels, label::ENV, Environment::Universal.name());
        }
    }
    if let Body::Dataplane(dataplane) = &resource.body {
        // a delegated gateway counts as a sidecar here
        let builtin = dataplane.gateway.as_ref().is_some_and(|gateway| gateway.builtin);
        keep(&mut labels, label::PROXY_TYPE, if builtin { "gateway" } else { "sidecar" });
    }
    labels
}

/// Gives the tagged inbounds of a Universal Dataplane, and its gateway, the tag of the zone that it is created in,
/// whatever was written.
pub fn tag_with_zone(resource: &mut Resource, home: &ControlPlane, texts: &mut Texts) {
    if resource.environment != Environment::Universal {
        return;
    }
    let (Body::Dataplane(dataplane), ControlPlane::Zone(zone)) = (&mut resource.body, home) else { return };
    let inbounds = dataplane.inbounds.iter_mut().map(|inbound| &mut inbound.tags);
    let gateway = dataplane.gateway.iter_mut().map(|gateway| &mut gateway.tags);
    for tags in inbounds.chain(gateway).filter(|tags| !tags.is_empty()) {
        tags.insert(texts.share(label::ZONE_TAG), texts.share(zone));
    }
}

/// True if [`tag_with_zone`] would change something.
pub fn lacks_zone_tag(resource: &Resource, home: &ControlPlane) -> bool {
    let (Body::Dataplane(dataplane), ControlPlane::Zone(zone)) = (&resource.body, home) else { return false };
    let gateway = dataplane.gateway.iter().map(|gateway| &gateway.tags);
    let mut tags = dataplane.inbounds.iter().map(|inbound| &inbound.tags).chain(gateway);
    resource.environment == Environment::Universal
        && tags.any(|tags| !tags.is_empty() && tags.get(label::ZONE_TAG).is_none_or(|tag| tag != zone))
}

/// What a zone sends to global (and, for MeshServices, global to the other zones).
fn travels_up(kind: Kind) -> bool {
    kind.is_zone_owned() || matches!(kind, Kind::ZoneIngress | Kind::ZoneEgress)
}

/// What of a zone's resources global passes on to the other zones.
fn travels_across(stored: &Stored) -> bool {
    match stored.resource.kind {
        // an external service of a zone is reached through that zone, so the others have it too
        Kind::MeshService | Kind::MeshExternalService | Kind::ZoneIngress => true,
        // a producer policy follows the service it is about
        kind if kind.is_policy() => stored.label(label::POLICY_ROLE) == Some("producer"),
        _ => false,
    }
}

/// What global sends to every zone of its own.
fn travels_down(kind: Kind) -> bool {
    !matches!(kind, Kind::Dataplane | Kind::MeshService | Kind::ZoneIngress | Kind::ZoneEgress)
}

/// Exchanges resources between control planes. `own` holds, per control plane, what was created there (generated
/// MeshServices included); the result holds what each has in the end, global last if there is one.
pub fn synchronise(topology: &Topology, own: Vec<(ControlPlane, Vec<Stored>)>) -> Vec<View> {
    if !topology.federated {
        return own.into_iter().map(|(plane, stored)| View::new(plane, stored)).gather();
    }
    let mut at_global: Vec<Stored> = Vec::new();
    let mut from_zone: Vec<(&ControlPlane, Stored)> = Vec::new();
    for (plane, stored) in &own {
        for one in stored.iter().filter(|s| s.label(label::KDS_SYNC) != Some("disabled")) {
            match plane {
                ControlPlane::Global => {}
                ControlPlane::Zone(zone) => {
                    if one.is_local() && travels_up(one.resource.kind) {
                        from_zone.push((plane, copy_up(topology, one, zone)));
                    }
                }
            }
        }
    }
    let global_own: &[Stored] = own
        .iter()
        .find(|(plane, _)| *plane == ControlPlane::Global)
        .map(|(_, stored)| stored.as_slice())
        .unwrap_or_default();
    at_global.extend(global_own.iter().cloned());
    at_global.extend(from_zone.iter().map(|(_, copy)| copy.clone()));

    let mut views: Vec<View> = Vec::new();
    for (plane, stored) in &own {
        if *plane == ControlPlane::Global {
            continue;
        }
        let mut all = stored.clone();
        all.extend(
            global_own
                .iter()
                .filter(|s| travels_down(s.resource.kind) && s.label(label::KDS_SYNC) != Some("disabled"))
                .map(|s| copy_down(topology, s, plane)),
        );
        all.extend(
            from_zone
                .iter()
                .filter(|(home, copy)| *home != plane && travels_across(copy))
                .map(|(_, copy)| copy_down(topology, copy, plane)),
        );
        views.push(View::new(plane.clone(), all));
    }
    views.push(View::new(ControlPlane::Global, at_global));
    views
}

/// A zone's resource as global stores it: hashed name, display name, and the zone even if it had no label.
fn copy_up(topology: &Topology, stored: &Stored, zone: &str) -> Stored {
    let mut labels = (*stored.labels).clone();
    labels.entry(label::DISPLAY_NAME.into()).or_insert_with(|| stored.name.as_str().into());
    labels.insert(label::ORIGIN.into(), "zone".into());
    labels.insert(label::ZONE.into(), zone.into());
    if let Some(namespace) = &stored.resource.namespace {
        if !crate::kubernetes::admission::is_cluster_scoped(stored.kind()) {
            labels.entry(label::NAMESPACE.into()).or_insert_with(|| namespace.as_str().into());
        }
    }
    let copy = Stored { labels: Arc::new(labels), created: stored.created.copied(), ..stored.clone() };
    Stored { name: topology.copy_name(&copy, &ControlPlane::Global), ..copy }
}

/// A resource of global as a zone stores it. A Mesh keeps its name, and needs no other.
fn copy_down(topology: &Topology, stored: &Stored, receiver: &ControlPlane) -> Stored {
    let mut labels = (*stored.labels).clone();
    labels.insert(label::ORIGIN.into(), "global".into());
    if stored.resource.kind == Kind::Mesh {
        return Stored { labels: Arc::new(labels), ..stored.clone() };
    }
    labels.entry(label::DISPLAY_NAME.into()).or_insert_with(|| stored.name.as_str().into());
    let copy = Stored { labels: Arc::new(labels), created: stored.created.copied(), ..stored.clone() };
    Stored { name: topology.copy_name(&copy, receiver), ..copy }
}
