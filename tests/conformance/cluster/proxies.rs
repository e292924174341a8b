//! Groups `outbounds`, `endpoints`, `modes`: where the traffic of proxies goes.

use std::collections::{BTreeMap, BTreeSet};

use meshscope::kubernetes::vip::virtual_ips;
use meshscope::resource::{Kind, MeshServicesMode};
use meshscope::traffic::network::Network;
use meshscope::traffic::outbound::{self, Destination, Missing};
use meshscope::world;
use meshscope::zone::{StoredId, View};
use serde_json::{json, Value};

use super::Case;
use crate::facts::{equal, names, sorted, Fact};

/// The facts about proxies and modes.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    let zone = case.plane.zone().unwrap_or_default();
    if let Some(network) = Network::of(&case.world, zone) {
        let view = case.view();
        for (name, kuma) in case.entries("perDataplane") {
            proxy(view, &network, name, kuma, &mut out);
        }
        endpoints(case, view, &network, &mut out);
    }
    modes(case, &mut out);
    out
}

fn of<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// `address:port kri` of every outbound to a real destination, every virtual IP on its own. What shares an address and
/// port with another is listed too.
pub fn outbound_list(view: &View, network: &Network, id: StoredId) -> Vec<(String, Destination)> {
    let Some((stored, dataplane)) = view.get(id).and_then(|s| Some((s, s.as_dataplane()?))) else { return Vec::new() };
    let Some(mesh) = network.meshes.get(stored.mesh()) else { return Vec::new() };
    let vips = virtual_ips(view);
    let taken = outbound::skipped(view, mesh, id).into_iter().filter(|s| s.missing == Missing::Taken);
    let there = outbound::outbounds(view, mesh, id).into_iter().map(|o| o.destination);
    let mut out = Vec::new();
    for destination in there.chain(taken.filter_map(|s| s.destination)) {
        let (Some(kri), Some(port)) = (destination.kri(view), destination.port(view)) else { continue };
        let Destination::Real { id, .. } = &destination else { continue };
        for ip in vips.get(id).into_iter().flatten() {
            let own =
                dataplane.inbounds.iter().any(|i| dataplane.address_of(i) == ip && i64::from(i.port) == port.port);
            if !own {
                out.push((format!("{ip}:{} {kri}", port.port), destination.clone()));
            }
        }
    }
    out
}

fn texts(list: &[(String, Destination)]) -> Value {
    json!(list.iter().map(|(text, _)| text).collect::<BTreeSet<_>>())
}

fn proxy(view: &View, network: &Network, name: &str, kuma: &Value, out: &mut Vec<Fact>) {
    let at = |what: &str| format!("perDataplane {name} {what}");
    let found = view.all().find(|(_, s)| s.kind() == Kind::Dataplane && s.name == name);
    let Some((id, _)) = found else {
        out.push(equal("outbounds", at("exists"), kuma, Value::Null));
        return;
    };
    let outbounds = outbound_list(view, network, id);
    out.push(equal("outbounds", at("outbounds"), &sorted(of(kuma, "outbounds")), sorted(&texts(&outbounds))));
}

/// The addresses of every cluster that has any.
fn endpoints(case: &Case, view: &View, network: &Network, out: &mut Vec<Fact>) {
    let mut ours: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mesh in network.meshes.values() {
        for (service, found) in &mesh.tagged {
            let list = ours.entry(service.clone()).or_default();
            list.extend(found.endpoints.iter().map(|e| format!("{}:{}", e.address, e.port)));
        }
        let mut done = BTreeSet::new();
        for ((id, number), set) in &mesh.real {
            let Some(stored) = view.get(*id) else { continue };
            let Some(port) = stored.ports().iter().position(|p| p.port == *number) else { continue };
            let port = u32::try_from(port).unwrap_or_default();
            let cluster = Destination::Real { id: *id, port, section: String::new() }.cluster(view);
            if done.insert(cluster.clone()) {
                ours.insert(cluster, set.endpoints.iter().map(|e| format!("{}:{}", e.address, e.port)).collect());
            }
        }
    }
    ours.retain(|_, list| !list.is_empty());
    let kuma: BTreeMap<&str, &Value> = case.entries("endpoints").into_iter().map(|(k, v)| (k.as_str(), v)).collect();
    for key in names(kuma.keys().copied(), ours.keys().map(String::as_str)) {
        let theirs = kuma.get(key.as_str()).map_or(Value::Null, |v| sorted(v));
        let ours = ours.get(&key).map_or(Value::Null, |list| sorted(&json!(list)));
        out.push(equal("endpoints", format!("endpoints {key}"), &theirs, ours));
    }
}

/// The same world with every mesh in each of the modes.
fn modes(case: &Case, out: &mut Vec<Fact>) {
    let specs = |case: &Case| -> BTreeMap<String, Value> {
        let of = |p: &meshscope::kubernetes::dataplane::PodOutcome| {
            (p.key.clone(), p.spec.as_ref().map_or(Value::Null, meshscope::yaml::Node::to_json))
        };
        case.evaluation().pods.iter().map(of).collect()
    };
    let declared = specs(case);
    for (name, kuma) in case.entries("modes") {
        let at = |what: &str| format!("modes {name} {what}");
        let mut options = case.options.clone();
        options.mode = MeshServicesMode::named(name);
        let world = world::build(&case.sources, &options);
        let other = Case { world, plane: case.plane.clone(), answers: Value::Null, sources: Vec::new(), options };
        let view = other.view();
        let services: BTreeSet<String> = view
            .all()
            .filter(|(_, s)| s.kind() == Kind::MeshService)
            .map(|(_, s)| super::objects::object_key(s))
            .collect();
        out.push(equal("modes", at("meshServices"), &sorted(of(kuma, "meshServices")), sorted(&json!(services))));
        if of(kuma, "dataplanes") == &json!("same-as-declared") {
            out.push(equal("modes", at("dataplanes"), &json!(declared), json!(specs(&other))));
        }
        let zone = other.plane.zone().unwrap_or_default();
        let Some(network) = Network::of(&other.world, zone) else { continue };
        for (proxy, kuma) in of(kuma, "outbounds").as_object().into_iter().flatten() {
            let id = view.all().find(|(_, s)| s.kind() == Kind::Dataplane && s.name == *proxy).map(|(id, _)| id);
            let list = id.map(|id| outbound_list(view, &network, id)).unwrap_or_default();
            out.push(equal("modes", at(proxy), &sorted(kuma), sorted(&texts(&list))));
        }
    }
}
