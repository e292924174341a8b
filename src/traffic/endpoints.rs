//! Endpoints: who stands behind a destination, in which order and with which weight (rules 3.3, 7.4, 8.1 to 8.5).

use crate::collections::{sort, Gather, SortedMap};
use crate::float;
use crate::text::Text;
use std::fmt;

use serde_json::Value;

use crate::resource::{label, Dataplane, Labels};
use crate::service::select;
use crate::sha256;
use crate::world::World;
use crate::zone::{Stored, StoredId, View};

use super::network::{self, MeshNetwork};
use super::outbound::Destination;

/// What stands at an endpoint's address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// An inbound of a proxy of this zone.
    Dataplane {
        /// The Dataplane.
        dataplane: StoredId,
        /// The position of the inbound in it.
        inbound: u32,
    },
    /// The ZoneIngress of another zone.
    Ingress {
        /// The ZoneIngress.
        ingress: StoredId,
        /// For a `kuma.io/service`: the tags of the instances behind it.
        tags: Labels,
    },
    /// A ZoneEgress of this zone.
    Egress {
        /// The ZoneEgress.
        egress: StoredId,
        /// The ZoneIngress behind it, for `kuma.io/service`s of other zones in meshes with `routing.zoneEgress`.
        ingress: Option<StoredId>,
        /// The tags of the instances behind it.
        tags: Labels,
    },
}

/// Someone who can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub address: Text,
    /// The port.
    pub port: u32,
    /// The zone of its locality; empty if it has none.
    pub zone: Text,
    /// 0 is tried first.
    pub priority: u32,
    /// The weight within its locality.
    pub weight: u32,
    /// The weight of its locality, where a policy sets one.
    pub locality_weight: Option<u32>,
    /// The affinity tag that puts it in a locality of its own, as `key=value`.
    pub affinity: Option<Text>,
    /// The MeshService or MeshExternalService that a zone proxy leads to; none for `kuma.io/service`s and Dataplanes.
    pub service: Option<StoredId>,
    /// What stands there.
    pub via: Via,
}

/// Why a destination, or a member of it, has no endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// A MeshService without selector.
    NoSelector,
    /// The selector selects no Dataplane.
    NothingSelected,
    /// Dataplanes are selected, but none has a Ready inbound that the port maps to.
    NothingServes {
        /// The selected Dataplanes.
        selected: Vec<StoredId>,
    },
    /// The port has no targetPort, which maps to nothing (rule 3.2).
    NoTargetPort,
    /// It lives in another zone, and traffic between zones needs mTLS.
    NoMtls {
        /// The zone.
        zone: String,
    },
    /// It lives in another zone, which has no ZoneIngress.
    NoIngress {
        /// The zone.
        zone: String,
    },
    /// It lives in another zone, whose ZoneIngress has no advertised address and port.
    NoPublicAddress {
        /// The zone.
        zone: String,
    },
    /// MeshExternalServices are reached through a ZoneEgress, and this zone has none.
    NoEgress,
    /// A MeshMultiZoneService without members.
    NoMembers,
    /// A member of another mesh.
    OtherMesh {
        /// The member.
        member: StoredId,
    },
    /// A member of another zone that is not Available there.
    Unavailable {
        /// The member.
        member: StoredId,
    },
    /// A member without a port of this number.
    NoSuchPort {
        /// The member.
        member: StoredId,
        /// The number.
        port: i64,
    },
    /// A member that has no endpoints itself.
    EmptyMember {
        /// The member.
        member: StoredId,
        /// Why.
        absent: Vec<Absence>,
    },
    /// No zone has a Ready inbound with this `kuma.io/service`, or none that can be reached.
    UnknownService {
        /// The service.
        service: String,
    },
    /// None of the instances of a `kuma.io/service` has the tags asked for.
    NoInstanceWithTags {
        /// The service.
        service: String,
    },
    /// A MeshLoadBalancingStrategy has no failover rule for these zones.
    NoFailover {
        /// The zones.
        zones: Vec<String>,
    },
}

impl Absence {
    /// In a few words.
    pub fn describe(&self, view: &View) -> String {
        let name = |id: &StoredId| match view.get(*id) {
            Some(s) if s.zone().is_empty() => format!("`{}`", s.display_name()),
            Some(s) => format!("`{}` of zone `{}`", s.display_name(), s.zone()),
            None => String::new(),
        };
        match self {
            Absence::NoSelector => "its MeshService has no selector, so it selects nobody".into(),
            Absence::NothingSelected => "its selector selects no Dataplane".into(),
            Absence::NothingServes { selected } => {
                let names: Vec<String> = selected.iter().take(3).map(name).gather();
                let more = if selected.len() > 3 { " and others" } else { "" };
                let (are, have) = if selected.len() == 1 { ("is", "has") } else { ("are", "have") };
                format!("{}{more} {are} selected, but {have} no Ready inbound that the port maps to", names.join(", "))
            }
            Absence::NoTargetPort => "its port has no targetPort, and there is no default for it".into(),
            Absence::NoMtls { zone } => {
                format!("it is served by zone `{zone}`, and traffic between zones needs mTLS, which the Mesh does not enable")
            }
            Absence::NoIngress { zone } => format!("it is served by zone `{zone}`, which has no ZoneIngress"),
            Absence::NoPublicAddress { zone } => {
                format!("it is served by zone `{zone}`, whose ZoneIngress has no advertisedAddress and advertisedPort")
            }
            Absence::NoEgress => "MeshExternalServices are reached through a ZoneEgress, and this zone has none".into(),
            Absence::NoMembers => "no MeshService has the labels that it selects".into(),
            Absence::OtherMesh { member } => format!("its member {} belongs to another mesh", name(member)),
            Absence::Unavailable { member } => format!("its member {} is Unavailable there", name(member)),
            Absence::NoSuchPort { member, port } => format!("its member {} has no port {port}", name(member)),
            Absence::EmptyMember { member, absent } => {
                let why: Vec<String> = absent.iter().map(|a| a.describe(view)).gather();
                format!("its member {} has none: {}", name(member), why.join("; "))
            }
            Absence::UnknownService { service } => {
                format!("no Ready inbound that can be reached has `kuma.io/service: {service}`")
            }
            Absence::NoInstanceWithTags { service } => format!("no instance of `{service}` has all the tags"),
            Absence::NoFailover { zones } => {
                format!("MeshLoadBalancingStrategy has no failover rule for {}", zones.join(", "))
            }
        }
    }
}

/// The endpoints of a destination.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointSet {
    /// The endpoints.
    pub endpoints: Vec<Endpoint>,
    /// The overprovisioning factor, where a policy sets it; Envoy's own is 140.
    pub overprovisioning: Option<u32>,
    /// Why there are none, or why some are missing.
    pub absent: Vec<Absence>,
}

/// Envoy's overprovisioning factor where none is set.
pub const DEFAULT_OVERPROVISIONING: u32 = 140;

impl MeshNetwork {
    /// The endpoints of a destination, before any MeshLoadBalancingStrategy.
    pub fn endpoints(&self, view: &View, destination: &Destination) -> EndpointSet {
        match destination {
            Destination::Real { id, port, .. } => {
                let number = view.get(*id).and_then(|s| s.ports().get(*port as usize)).map(|p| p.port);
                number.and_then(|n| self.real.get(&(*id, n))).cloned().unwrap_or_default()
            }
            Destination::Tagged { service, tags } => {
                let Some(found) = self.tagged.get(service) else {
                    let absent = vec![Absence::UnknownService { service: service.clone() }];
                    return EndpointSet { absent, ..EndpointSet::default() };
                };
                let wanted: Vec<(&Text, &Text)> = tags.iter().filter(|(k, _)| *k != label::SERVICE_TAG).gather();
                let mut endpoints = found.endpoints.clone();
                if !wanted.is_empty() {
                    endpoints.retain(|e| {
                        let own = self.tags(view, e);
                        wanted.iter().all(|(k, v)| own.get(k.as_str()) == Some(*v))
                    });
                }
                let absent = match endpoints.is_empty() {
                    true => vec![Absence::NoInstanceWithTags { service: service.clone() }],
                    false => Vec::new(),
                };
                EndpointSet { endpoints, overprovisioning: None, absent }
            }
        }
    }

    /// The tags of what stands at an endpoint.
    fn tags(&self, view: &View, endpoint: &Endpoint) -> Labels {
        match &endpoint.via {
            Via::Ingress { tags, .. } | Via::Egress { tags, .. } => tags.clone(),
            Via::Dataplane { dataplane, inbound } => {
                let dataplane = view.get(*dataplane).and_then(Stored::as_dataplane);
                let inbound = dataplane.and_then(|d| d.inbounds.get(*inbound as usize));
                inbound.map(|i| network::tags_in(&self.zone, &i.tags)).unwrap_or_default()
            }
        }
    }

    /// What a MeshLoadBalancingStrategy makes of a destination's endpoints for a proxy (rule 8.5).
    pub fn balance(
        &self,
        view: &View,
        proxy: &Dataplane,
        destination: &Destination,
        conf: &Value,
        set: EndpointSet,
    ) -> EndpointSet {
        let locality = conf.get("localityAwareness");
        let disabled = locality.and_then(|l| l.get("disabled")).and_then(Value::as_bool).unwrap_or(false);
        let local_zone = locality.and_then(|l| l.get("localZone")).filter(|v| v.is_object());
        let cross_zone = locality.and_then(|l| l.get("crossZone")).filter(|v| v.is_object());
        let mut set = set;
        if disabled {
            for endpoint in &mut set.endpoints {
                endpoint.priority = 0;
            }
            return set;
        }
        if local_zone.is_none() && cross_zone.is_none() {
            // the presence of the policy alone prefers the local zone
            for endpoint in set.endpoints.iter_mut().filter(|e| !e.zone.is_empty() && e.zone != self.zone) {
                endpoint.priority = 1;
            }
            return set;
        }
        let affinities = local_zone.map(|l| affinities(l, proxy)).unwrap_or_default();
        let failover = cross_zone.map(|c| failover(c, &self.zone)).unwrap_or_default();
        let through_egress = self.switches.zone_egress && matches!(destination, Destination::Tagged { .. });
        let mut kept = Vec::new();
        let mut removed: Vec<String> = Vec::new();
        for mut endpoint in std::mem::take(&mut set.endpoints) {
            if endpoint.zone == self.zone {
                let tags = if affinities.is_empty() { Labels::new() } else { self.tags(view, &endpoint) };
                let near = affinities.iter().find(|a| tags.get(&*a.key) == Some(&a.value));
                endpoint.priority = 0;
                endpoint.locality_weight = Some(near.map_or(1, |a| a.weight));
                endpoint.affinity = near.map(|a| format!("{}={}", a.key, a.value).into());
                kept.push(endpoint);
            } else if through_egress {
                endpoint.zone = egress_locality(&failover).into();
                endpoint.priority = 1;
                kept.push(endpoint);
            } else if let Some(rule) = failover.iter().find(|rule| rule.to.covers(&endpoint.zone)) {
                endpoint.priority = rule.priority;
                kept.push(endpoint);
            } else if !removed.iter().any(|zone| endpoint.zone == *zone) {
                removed.push(String::from(&endpoint.zone));
            }
        }
        set.endpoints = kept;
        if !removed.is_empty() {
            set.absent.push(Absence::NoFailover { zones: removed });
        }
        let percentage = cross_zone.and_then(|c| c.get("failoverThreshold")).and_then(|t| t.get("percentage"));
        set.overprovisioning = Some(percentage.and_then(overprovisioning).unwrap_or(200));
        set
    }
}

/// 100 divided by the percentage, rounded down, times 100.
fn overprovisioning(percentage: &Value) -> Option<u32> {
    let value = percentage.as_f64().or_else(|| float::parse(percentage.as_str()?.trim()))?;
    (value != 0.0).then(|| ((100.0 / value) as u32).saturating_mul(100))
}

/// An affinity tag of a policy, with the proxy's own value.
struct Affinity {
    key: String,
    value: Text,
    weight: u32,
}

/// `localityAwareness.localZone.affinityTags`. Without a weight the first of n weighs 9 * 10^(n-1), the next a tenth of
/// that, and so on; a tag that the proxy does not have is left out.
fn affinities(local_zone: &Value, proxy: &Dataplane) -> Vec<Affinity> {
    let list = local_zone.get("affinityTags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let own = |key: &str| -> Option<Text> {
        let tags = proxy.gateway.iter().map(|g| &g.tags).chain(proxy.inbounds.iter().map(|i| &i.tags));
        // the first in the order of the alphabet
        tags.filter_map(|t| t.get(key)).min().cloned()
    };
    list.iter()
        .enumerate()
        .filter_map(|(index, tag)| {
            let key = tag.get("key")?.as_str()?.to_owned();
            let rank = u32::try_from(list.len() - index - 1).unwrap_or(u32::MAX);
            let weight = tag.get("weight").and_then(Value::as_u64).and_then(|w| u32::try_from(w).ok());
            let default = || 10u32.checked_pow(rank).and_then(|p| p.checked_mul(9)).unwrap_or(u32::MAX);
            Some(Affinity { value: own(&key)?, weight: weight.unwrap_or_else(default), key })
        })
        .gather()
}

/// Which zones a failover rule covers.
enum To {
    Any,
    AnyExcept(Vec<String>),
    Only(Vec<String>),
    None,
}

impl To {
    fn covers(&self, zone: &str) -> bool {
        let in_list = |zones: &[String]| zones.iter().any(|z| z == zone);
        match self {
            To::Any => true,
            To::AnyExcept(zones) => !in_list(zones),
            To::Only(zones) => in_list(zones),
            To::None => false,
        }
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorted = |zones: &[String]| {
            let mut zones = zones.to_vec();
            sort(&mut zones);
            zones.dedup();
            zones.join(",")
        };
        match self {
            To::Any => f.write_str("Any"),
            To::AnyExcept(zones) => write!(f, "AnyExcept:{}", sorted(zones)),
            To::Only(zones) => f.write_str(&sorted(zones)),
            To::None => Ok(()),
        }
    }
}

/// A failover rule that applies to the local zone.
struct Failover {
    to: To,
    priority: u32,
}

/// `crossZone.failover`: the priority is the position among all rules, those of other zones included.
fn failover(cross_zone: &Value, zone: &str) -> Vec<Failover> {
    let texts = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|v| v.as_str().map(str::to_owned)).gather()
    };
    let rules = cross_zone.get("failover").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    rules
        .iter()
        .zip(1u32..)
        .filter(|(rule, _)| match rule.get("from").filter(|f| !f.is_null()) {
            None => true,
            Some(from) => texts(from.get("zones")).iter().any(|z| z == zone),
        })
        .map(|(rule, priority)| {
            let to = rule.get("to");
            let zones = texts(to.and_then(|t| t.get("zones")));
            let to = match to.and_then(|t| t.get("type")).and_then(Value::as_str) {
                Some("Any") => To::Any,
                Some("AnyExcept") => To::AnyExcept(zones),
                Some("Only") => To::Only(zones),
                _ => To::None,
            };
            Failover { to, priority }
        })
        .gather()
}

/// The locality of what lies behind a ZoneEgress: a name made of the failover rules, since the egress applies them.
fn egress_locality(rules: &[Failover]) -> String {
    let text: String = rules
        .iter()
        .filter(|rule| !matches!(rule.to, To::None))
        .map(|rule| format!("{}:{};", rule.priority, rule.to))
        .gather();
    format!("egress_{}", sha256::hex(&text, 4))
}

/// The share of a destination's traffic that each endpoint gets while all are healthy, in their order.
///
/// Only the lowest priority gets any. Within it, localities share by their weights if they have some, and endpoints of
/// a locality by theirs; without locality weights all endpoints share by weight.
pub fn shares(endpoints: &[Endpoint]) -> Vec<f64> {
    let Some(first) = endpoints.iter().map(|e| e.priority).min() else { return Vec::new() };
    let active = |e: &&Endpoint| e.priority == first;
    let by_affinity = endpoints.iter().filter(active).any(|e| e.affinity.is_some());
    let mut localities: SortedMap<(&str, Option<&str>), (u32, u64)> = SortedMap::new();
    for endpoint in endpoints.iter().filter(active) {
        let key = match by_affinity {
            true => (endpoint.zone.as_str(), endpoint.affinity.as_deref()),
            false => ("", None),
        };
        let locality = localities.entry(key).or_insert((endpoint.locality_weight.unwrap_or(1), 0));
        locality.1 += u64::from(endpoint.weight);
    }
    let total: u64 = localities.values().map(|(weight, _)| u64::from(*weight)).sum();
    endpoints
        .iter()
        .map(|endpoint| {
            let key = match by_affinity {
                true => (endpoint.zone.as_str(), endpoint.affinity.as_deref()),
                false => ("", None),
            };
            match localities.get(&key).filter(|_| endpoint.priority == first) {
                Some((weight, sum)) if total > 0 && *sum > 0 => {
                    let locality = if by_affinity { f64::from(*weight) / total as f64 } else { 1.0 };
                    locality * f64::from(endpoint.weight) / *sum as f64
                }
                _ => 0.0,
            }
        })
        .gather()
}

/// Who answers in the end, behind an endpoint that is a zone proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// The zone; empty for the outside.
    pub zone: String,
    /// The Dataplane in that zone's view; none for the outside.
    pub dataplane: Option<StoredId>,
    /// The position of its inbound.
    pub inbound: u32,
    /// The address.
    pub address: String,
    /// The port; none for Unix sockets.
    pub port: Option<u32>,
    /// The share of what arrives at the zone proxy for this destination.
    pub share: f64,
}

/// Who answers behind an endpoint: itself if it is a proxy, else what its zone proxy forwards to.
pub fn behind(world: &World, view: &View, mesh: &str, port: Option<i64>, endpoint: &Endpoint) -> Vec<Behind> {
    let zone = view.plane.zone().unwrap_or_default();
    match &endpoint.via {
        Via::Dataplane { dataplane, inbound } => vec![Behind {
            zone: zone.to_owned(),
            dataplane: Some(*dataplane),
            inbound: *inbound,
            address: endpoint.address.as_str().to_owned(),
            port: Some(endpoint.port),
            share: 1.0,
        }],
        Via::Ingress { tags, .. } => in_zone(world, view, mesh, &endpoint.zone, port, endpoint.service, tags),
        Via::Egress { tags, ingress: Some(_), .. } => {
            let zone = tags.get(label::ZONE_TAG).map(Text::as_str).unwrap_or_default();
            in_zone(world, view, mesh, zone, port, None, tags)
        }
        Via::Egress { ingress: None, .. } => {
            let outside = endpoint.service.and_then(|id| view.get(id)).and_then(Stored::as_external);
            let endpoints = outside.map(|s| s.endpoints.as_slice()).unwrap_or_default();
            endpoints
                .iter()
                .map(|(address, port)| Behind {
                    zone: String::new(),
                    dataplane: None,
                    inbound: 0,
                    address: address.clone(),
                    port: *port,
                    share: 1.0 / endpoints.len() as f64,
                })
                .gather()
        }
    }
}

/// Who answers behind the ingress of a zone: the endpoints of that zone's own MeshService, or its inbounds with the tags.
fn in_zone(
    world: &World,
    view: &View,
    mesh: &str,
    zone: &str,
    port: Option<i64>,
    service: Option<StoredId>,
    tags: &Labels,
) -> Vec<Behind> {
    let Some(there) = world.zone(zone) else { return Vec::new() };
    let mut found: Vec<(StoredId, u32)> = Vec::new();
    if let Some(copy) = service.and_then(|id| view.get(id)) {
        let original = there.by_kri(&copy.kri()).and_then(|id| there.get(id));
        if let Some((stored, service)) = original.and_then(|s| Some((s, s.as_mesh_service()?))) {
            let selected = select::selected(there, stored.mesh(), service);
            for own in service.ports.iter().filter(|p| Some(p.port) == port) {
                let endpoints = select::endpoints(there, &selected, service, own);
                found.extend(endpoints.iter().map(|e| (e.dataplane, u32::try_from(e.inbound).unwrap_or(u32::MAX))));
            }
        }
    } else if let Some(name) = tags.get(label::SERVICE_TAG) {
        for (id, stored) in there.with_tag(mesh, label::SERVICE_TAG, name) {
            let inbounds = stored.as_dataplane().map(|d| d.inbounds.as_slice()).unwrap_or_default();
            for (inbound, index) in inbounds.iter().zip(0u32..) {
                let ready = inbound.state == crate::resource::InboundState::Ready;
                if ready && network::tags_in(zone, &inbound.tags) == *tags {
                    found.push((id, index));
                }
            }
        }
    }
    let share = 1.0 / found.len().max(1) as f64;
    found
        .into_iter()
        .filter_map(|(id, index)| {
            let dataplane = there.get(id)?.as_dataplane()?;
            let inbound = dataplane.inbounds.get(index as usize)?;
            Some(Behind {
                zone: zone.to_owned(),
                dataplane: Some(id),
                inbound: index,
                address: dataplane.address_of(inbound).as_str().to_owned(),
                port: Some(inbound.port),
                share,
            })
        })
        .gather()
}
