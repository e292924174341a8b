//! What the proxies of one zone and mesh have in common: the endpoints of every destination, worked out once.

use crate::collections::{sort_by, Gather, SortedMap, SortedSet};
use crate::text::Text;

use crate::resource::{
    label, Body, Dataplane, InboundState, Kind, Labels, Mesh, MeshServicesMode, Protocol, Selector, ZoneProxy,
};
use crate::service::{multi_zone, select};
use crate::world::World;
use crate::zone::{Stored, StoredId, View};

use super::endpoints::{Absence, Endpoint, EndpointSet, Via};

/// A `kuma.io/service` with its tags, as a zone's ingress offers it to other zones (rule 7.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer {
    /// The mesh.
    pub mesh: String,
    /// All tags, `kuma.io/service` and the zone among them.
    pub tags: Labels,
    /// How many inbounds have exactly these tags.
    pub instances: u32,
}

/// What a zone's ingress offers: the tags of every Ready inbound of meshes whose mode is not Exclusive.
pub fn offers(view: &View, zone: &str) -> Vec<Offer> {
    let mut counts: SortedMap<(&str, Labels), u32> = SortedMap::new();
    for mesh in view.meshes() {
        if view.mesh(mesh).is_some_and(|m| m.mode == MeshServicesMode::Exclusive) {
            continue;
        }
        for (_, stored) in view.of_kind(Kind::Dataplane, mesh) {
            let inbounds = stored.as_dataplane().map(|d| d.inbounds.as_slice()).unwrap_or_default();
            for inbound in inbounds.iter().filter(|i| i.state == InboundState::Ready) {
                *counts.entry((mesh, tags_in(zone, &inbound.tags))).or_default() += 1;
            }
        }
    }
    counts.into_iter().map(|((mesh, tags), instances)| Offer { mesh: mesh.to_owned(), tags, instances }).gather()
}

/// Tags of an inbound as its control plane stores them: with the zone.
pub(super) fn tags_in(zone: &str, tags: &Labels) -> Labels {
    let mut tags = tags.clone();
    tags.insert(label::ZONE_TAG.into(), zone.into());
    tags
}

/// A `kuma.io/service` as the proxies of a zone see it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaggedService {
    /// The protocol that all its endpoints have in common; unknown without endpoints.
    pub protocol: Protocol,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// A door of another zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The ZoneIngress.
    pub id: StoredId,
    /// The address that other zones use.
    pub address: String,
    /// The port that other zones use.
    pub port: u32,
}

/// One mesh as the proxies of one zone see it.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshNetwork {
    /// The mesh's name.
    pub mesh: String,
    /// The zone.
    pub zone: String,
    /// The mesh's switches.
    pub switches: Mesh,
    /// `kuma.io/service`s by name.
    pub tagged: SortedMap<String, TaggedService>,
    /// `kuma.io/service`s that get a virtual IP: those that some zone has, whether they can be reached or not.
    pub tagged_vips: SortedSet<String>,
    /// Cluster IPs and ports of Kubernetes Services of this zone that some inbound serves, each with the
    /// `kuma.io/service` that Kuma sends their traffic to unless a MeshService takes the address.
    pub cluster_ips: SortedMap<(String, u32), String>,
    /// Endpoints of MeshServices, MeshMultiZoneServices and MeshExternalServices by port number. Ports of one number
    /// share their endpoints (rule 1.6).
    pub real: SortedMap<(StoredId, i64), EndpointSet>,
}

/// A zone as its proxies see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The zone.
    pub zone: String,
    /// By mesh.
    pub meshes: SortedMap<String, MeshNetwork>,
}

impl Network {
    /// Works out what the proxies of a zone see; nothing if there is no such zone.
    pub fn of(world: &World, zone: &str) -> Option<Network> {
        let view = world.zone(zone)?;
        let offered: SortedMap<&str, Vec<Offer>> = world
            .views
            .iter()
            .filter_map(|v| Some((v, v.plane.zone()?)))
            .map(|(view, name)| (name, offers(view, name)))
            .gather();
        let meshes = view
            .meshes()
            .into_iter()
            .filter_map(|mesh| {
                let mut network = mesh_network(view, zone, mesh, view.mesh(mesh)?, &offered);
                network.cluster_ips = cluster_ips(world, view, zone, mesh);
                Some((mesh.to_owned(), network))
            })
            .gather();
        Some(Network { zone: zone.to_owned(), meshes })
    }
}

/// The cluster IPs that lead to `kuma.io/service`s: those of Services whose tag some inbound of the zone has.
fn cluster_ips(world: &World, view: &View, zone: &str, mesh: &str) -> SortedMap<(String, u32), String> {
    let mut out = SortedMap::new();
    let services = world.kubernetes.get(zone).map(|e| e.objects.services.as_slice()).unwrap_or_default();
    for service in services.iter().filter(|s| !s.cluster_ip.is_empty() && !s.is_headless()) {
        for port in &service.ports {
            let tag = service.tag(port.port);
            let served = view.with_tag(mesh, label::SERVICE_TAG, &tag).next().is_some();
            if let (Ok(number), true) = (u32::try_from(port.port), served) {
                out.insert((service.cluster_ip.clone(), number), tag);
            }
        }
    }
    out
}

/// Zone proxies of a kind by stored name, the order in which Kuma reads them.
fn zone_proxies(view: &View, kind: Kind) -> Vec<(StoredId, &Stored, &ZoneProxy)> {
    let mut list: Vec<_> = view
        .of_kind(kind, "")
        .filter_map(|(id, stored)| match &stored.resource.body {
            Body::ZoneIngress(proxy) | Body::ZoneEgress(proxy) => Some((id, stored, proxy)),
            _ => None,
        })
        .gather();
    sort_by(&mut list, |a, b| a.1.name.cmp(&b.1.name));
    list
}

fn door(id: StoredId, proxy: &ZoneProxy) -> Option<Door> {
    Some(Door { id, address: String::from(&proxy.advertised_address.clone()?), port: proxy.advertised_port? })
}

fn mesh_network(
    view: &View,
    zone: &str,
    mesh: &str,
    switches: &Mesh,
    offered: &SortedMap<&str, Vec<Offer>>,
) -> MeshNetwork {
    let ingresses = zone_proxies(view, Kind::ZoneIngress);
    let egresses = zone_proxies(view, Kind::ZoneEgress);
    let remote = |stored: &Stored| !stored.zone().is_empty() && stored.zone() != zone;

    let here = Text::from(zone);
    let mut tagged: SortedMap<String, Vec<Endpoint>> = SortedMap::new();
    let mut doors: SortedSet<(String, u32)> = SortedSet::new();
    for (id, stored, proxy) in ingresses.iter().filter(|(_, s, _)| switches.mtls && remote(s)) {
        let offers = offered.get(stored.zone()).map(Vec::as_slice).unwrap_or_default();
        let Some(door) = door(*id, proxy) else { continue };
        // several ingresses behind one load balancer count once
        if offers.is_empty() || !doors.insert((door.address.clone(), door.port)) {
            continue;
        }
        for offer in offers.iter().filter(|o| o.mesh == mesh) {
            let Some(service) = offer.tags.get(label::SERVICE_TAG) else { continue };
            let list = tagged.entry(service.as_str().to_owned()).or_default();
            let locality = |address: &str, port, weight, via| Endpoint {
                address: address.into(),
                port,
                zone: stored.zone().into(),
                priority: u32::from(switches.locality_aware),
                weight,
                locality_weight: None,
                affinity: None,
                service: None,
                via,
            };
            if switches.zone_egress {
                list.extend(egresses.iter().map(|(egress, _, proxy)| {
                    let via = Via::Egress { egress: *egress, ingress: Some(door.id), tags: offer.tags.clone() };
                    locality(&proxy.address, proxy.port, 1, via)
                }));
            } else {
                let via = Via::Ingress { ingress: door.id, tags: offer.tags.clone() };
                list.push(locality(&door.address, door.port, offer.instances, via));
            }
        }
    }
    // each of n ingresses is weighted with all instances behind it, so a local instance weighs n
    let local_weight = (doors.len() as u32).max(1);
    let mut tagged_vips: SortedSet<String> = SortedSet::new();
    for (id, stored) in view.of_kind(Kind::Dataplane, mesh) {
        let Some(dataplane) = stored.as_dataplane() else { continue };
        for (inbound, index) in dataplane.inbounds.iter().zip(0..) {
            let Some(service) = inbound.service() else { continue };
            if inbound.state != InboundState::Ignored {
                tagged_vips.insert(service.to_owned());
            }
            if inbound.state == InboundState::Ready {
                let endpoint = local_endpoint(&here, id, dataplane, index, local_weight);
                tagged.entry(service.to_owned()).or_default().extend(endpoint);
            }
        }
    }
    for (_, stored, _) in &ingresses {
        let offers = offered.get(stored.zone()).map(Vec::as_slice).unwrap_or_default();
        let names = offers.iter().filter(|o| o.mesh == mesh).filter_map(|o| o.tags.get(label::SERVICE_TAG));
        tagged_vips.extend(names.map(String::from));
    }
    let tagged = tagged
        .into_iter()
        .map(|(name, mut endpoints): (String, Vec<Endpoint>)| {
            endpoints.shrink_to_fit();
            (name, TaggedService { protocol: common_protocol(view, &endpoints), endpoints })
        })
        .gather();

    let mut real = SortedMap::new();
    for (id, stored) in view.of_kind(Kind::MeshService, mesh) {
        mesh_service(view, &here, switches, &ingresses, id, stored, &mut real);
    }
    for (id, stored) in view.of_kind(Kind::MeshExternalService, mesh) {
        let own = stored.zone();
        let endpoints: Vec<Endpoint> = egresses
            .iter()
            .map(|(egress, _, proxy)| Endpoint {
                address: proxy.address.as_str().into(),
                port: proxy.port,
                zone: own.into(),
                priority: u32::from(switches.locality_aware && !own.is_empty() && own != zone),
                weight: 1,
                locality_weight: None,
                affinity: None,
                service: Some(id),
                via: Via::Egress { egress: *egress, ingress: None, tags: Labels::new() },
            })
            .gather();
        let absent = if endpoints.is_empty() { vec![Absence::NoEgress] } else { Vec::new() };
        for port in stored.ports() {
            let set = EndpointSet { endpoints: endpoints.clone(), overprovisioning: None, absent: absent.clone() };
            real.insert((id, port.port), set);
        }
    }
    // last, since their endpoints are those of MeshServices
    for (id, stored) in view.of_kind(Kind::MeshMultiZoneService, mesh) {
        let Some(service) = stored.as_multi_zone() else { continue };
        let members = multi_zone::members(view, service);
        for port in &service.ports {
            let set = members_endpoints(view, mesh, &members, port.port, &real);
            // ports of one number share a cluster, and each brings its endpoints
            let shared: &mut EndpointSet = real.entry((id, port.port)).or_default();
            shared.endpoints.extend(set.endpoints);
            shared.absent = set.absent;
        }
    }
    MeshNetwork {
        mesh: mesh.to_owned(),
        zone: zone.to_owned(),
        switches: switches.clone(),
        tagged,
        tagged_vips,
        cluster_ips: SortedMap::new(),
        real,
    }
}

/// An inbound as an endpoint of its own zone.
fn local_endpoint(zone: &Text, id: StoredId, dataplane: &Dataplane, index: u32, weight: u32) -> Option<Endpoint> {
    let inbound = dataplane.inbounds.get(index as usize)?;
    Some(Endpoint {
        address: dataplane.address_of(inbound).clone(),
        port: inbound.port,
        zone: zone.clone(),
        priority: 0,
        weight,
        locality_weight: None,
        affinity: None,
        service: None,
        via: Via::Dataplane { dataplane: id, inbound: index },
    })
}

/// The endpoints of a MeshService: Dataplanes if it is this zone's own (rule 3.3), else the door of its zone (8.1).
fn mesh_service(
    view: &View,
    zone: &Text,
    switches: &Mesh,
    ingresses: &[(StoredId, &Stored, &ZoneProxy)],
    id: StoredId,
    stored: &Stored,
    real: &mut SortedMap<(StoredId, i64), EndpointSet>,
) {
    let Some(service) = stored.as_mesh_service() else { return };
    let local = stored.is_local();
    let selected = if local { select::selected(view, stored.mesh(), service) } else { Vec::new() };
    for port in &service.ports {
        let set = real.entry((id, port.port)).or_default();
        if local {
            let found = select::endpoints(view, &selected, service, port);
            for found in &found {
                let dataplane = view.get(found.dataplane).and_then(Stored::as_dataplane);
                let index = u32::try_from(found.inbound).unwrap_or(u32::MAX);
                let endpoint = dataplane.and_then(|d| local_endpoint(zone, found.dataplane, d, index, 1));
                set.endpoints.extend(endpoint);
            }
            set.endpoints.shrink_to_fit();
            if set.endpoints.is_empty() {
                set.absent = vec![match (&service.selector, selected.is_empty()) {
                    (Selector::None, _) => Absence::NoSelector,
                    (_, true) => Absence::NothingSelected,
                    (_, false) if port.target_port.is_none() => Absence::NoTargetPort,
                    (_, false) => Absence::NothingServes { selected: selected.clone() },
                }];
            } else {
                set.absent.clear();
            }
            continue;
        }
        let home = stored.zone();
        let there: Vec<_> = ingresses.iter().filter(|(_, s, _)| s.zone() == home && *zone != *home).gather();
        match there.iter().find_map(|(id, _, proxy)| door(*id, proxy)) {
            _ if !switches.mtls => set.absent = vec![Absence::NoMtls { zone: home.to_owned() }],
            None if there.is_empty() => set.absent = vec![Absence::NoIngress { zone: home.to_owned() }],
            None => set.absent = vec![Absence::NoPublicAddress { zone: home.to_owned() }],
            Some(door) => set.endpoints.push(Endpoint {
                address: door.address.into(),
                port: door.port,
                zone: home.into(),
                priority: 1,
                weight: 1,
                locality_weight: None,
                affinity: None,
                service: Some(id),
                via: Via::Ingress { ingress: door.id, tags: Labels::new() },
            }),
        }
    }
}

/// The endpoints of a port of a MeshMultiZoneService: those of its members' port of the same number (rule 8.3).
fn members_endpoints(
    view: &View,
    mesh: &str,
    members: &[StoredId],
    port: i64,
    real: &SortedMap<(StoredId, i64), EndpointSet>,
) -> EndpointSet {
    let mut set = EndpointSet::default();
    if members.is_empty() {
        set.absent.push(Absence::NoMembers);
    }
    for id in members {
        let Some(member) = view.get(*id) else { continue };
        if member.mesh() != mesh {
            set.absent.push(Absence::OtherMesh { member: *id });
        } else if !member.is_local() && member.available != Some(true) {
            set.absent.push(Absence::Unavailable { member: *id });
        } else {
            match real.get(&(*id, port)) {
                None => set.absent.push(Absence::NoSuchPort { member: *id, port }),
                Some(own) if own.endpoints.is_empty() => {
                    set.absent.push(Absence::EmptyMember { member: *id, absent: own.absent.clone() });
                }
                Some(own) => set.endpoints.extend(own.endpoints.iter().cloned()),
            }
        }
    }
    set
}

/// The protocol that a `kuma.io/service` is given: what all its endpoints have in common.
fn common_protocol(view: &View, endpoints: &[Endpoint]) -> Protocol {
    let of = |endpoint: &Endpoint| match &endpoint.via {
        Via::Dataplane { dataplane, inbound } => view
            .get(*dataplane)
            .and_then(Stored::as_dataplane)
            .and_then(|d| d.inbounds.get(*inbound as usize))
            .map_or(Protocol::Unknown, |i| i.protocol),
        Via::Ingress { tags, .. } | Via::Egress { tags, .. } => {
            match tags.get(label::PROTOCOL_TAG).map(|p| Protocol::parse(p)) {
                None | Some(Protocol::Unknown) => Protocol::Tcp,
                Some(known) => known,
            }
        }
    };
    endpoints.iter().map(of).reduce(common).unwrap_or(Protocol::Unknown)
}

/// What two protocols have in common; protocols that are built on nothing else have only themselves.
fn common(one: Protocol, other: Protocol) -> Protocol {
    let stack = |p: Protocol| -> &'static [Protocol] {
        match p {
            Protocol::Grpc => &[Protocol::Grpc, Protocol::Http2, Protocol::Tcp],
            Protocol::Http2 => &[Protocol::Http2, Protocol::Tcp],
            Protocol::Http => &[Protocol::Http, Protocol::Tcp],
            Protocol::Kafka => &[Protocol::Kafka, Protocol::Tcp],
            Protocol::Tcp => &[Protocol::Tcp],
            Protocol::Tls | Protocol::Mysql | Protocol::Unknown => &[],
        }
    };
    match one == other {
        true => one,
        false => stack(one).iter().copied().find(|p| stack(other).contains(p)).unwrap_or(Protocol::Unknown),
    }
}
