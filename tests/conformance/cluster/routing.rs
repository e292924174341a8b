//! Group `routes`: what each outbound of a Pod does with its traffic.

use meshscope::policy::resolve::{self, Backend, Owner};
use meshscope::policy::rules::{self, Route};
use meshscope::resource::{BackendRef, HttpMatch, Kind, Protocol};
use meshscope::traffic::http;
use meshscope::traffic::network::Network;
use meshscope::traffic::outbound::{Address, Destination, Outbound, Why};
use meshscope::traffic::routes::{self, Handling, Listener, RouteSource, Setting};
use meshscope::zone::{Stored, StoredId, View};
use serde_json::{json, Map, Value};

use super::proxies::outbound_list;
use super::Case;
use crate::facts::{equal, names, Fact};

/// The facts about the routes of every Pod.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    let Some(network) = Network::of(&case.world, case.plane.zone().unwrap_or_default()) else { return out };
    let view = case.view();
    let all = rules::evaluate(view);
    for (name, kuma) in case.entries("perDataplane") {
        let Some((id, stored)) = view.all().find(|(_, s)| s.kind() == Kind::Dataplane && s.name == *name) else {
            continue;
        };
        let Some(mesh) = network.meshes.get(stored.mesh()) else { continue };
        let setting = Setting { view, network: mesh, rules: &all };
        let empty = Map::new();
        let theirs = kuma.get("routing").and_then(Value::as_object).unwrap_or(&empty);
        let mut ours = Map::new();
        for (_, destination) in outbound_list(view, &network, id) {
            if let Some(kri) = destination.kri(view) {
                // several ports of one name: the last one counts, as in a map
                ours.entry(kri.to_string()).or_insert_with(|| routing(&setting, id, &destination));
            }
        }
        for key in names(theirs.keys().map(String::as_str), ours.keys().map(String::as_str)) {
            let side = |map: &Map<String, Value>| map.get(&key).cloned().unwrap_or(Value::Null);
            out.push(equal("routes", format!("perDataplane {name} {key}"), &side(theirs), side(&ours)));
        }
    }
    out
}

fn routing(setting: &Setting, proxy: StoredId, destination: &Destination) -> Value {
    let view = setting.view;
    let Some(port) = destination.port(view) else { return Value::Null };
    let listener = routes::listener(setting, proxy, outbound(view, destination));
    let mut answer = Map::new();
    answer.insert("protocol".into(), json!(port.app_protocol));
    let tcp = setting.conf(proxy, Kind::MeshTCPRoute, destination);
    // Kuma looks at the protocol in lower case here, and only later finds that it is none that it supports
    if Protocol::parse(&port.app_protocol).is_http() {
        let list = http_routes(setting, proxy, destination, &listener);
        answer.insert("httpRoutes".into(), json!(list));
        if let (Handling::Tcp(_), Some(rule)) = (&listener.handling, tcp.and_then(|c| c.merged.routes.first())) {
            answer.extend(
                backends(setting, Kind::MeshTCPRoute, Some(rule), destination).map(|b| ("tcpOverHttp".into(), b)),
            );
        }
    } else {
        let rule = tcp.and_then(|c| c.merged.routes.first());
        answer.extend(backends(setting, Kind::MeshTCPRoute, rule, destination).map(|b| ("tcp".into(), b)));
    }
    Value::Object(answer)
}

fn outbound(view: &View, destination: &Destination) -> Outbound {
    let port = destination.port(view).expect("a port");
    Outbound {
        address: Address::Explicit(String::new()),
        port: u32::try_from(port.port).unwrap_or_default(),
        destination: destination.clone(),
        protocol: port.protocol(),
        why: Why::ReachableBackend,
        span: None,
    }
}

/// A match, as Kuma prints it, and the rule it is of with its position there.
type Candidate<'a> = (HttpMatch, Value, Option<(&'a Route, u32)>);

/// The HTTP routes of an outbound in their order, the ones without a usable backend too. Which of them are emitted is
/// what the listener says.
fn http_routes(setting: &Setting, proxy: StoredId, destination: &Destination, listener: &Listener) -> Vec<Value> {
    let conf = setting.conf(proxy, Kind::MeshHTTPRoute, destination);
    let mut candidates: Vec<Candidate> = Vec::new();
    if let Some(conf) = &conf {
        let printed = conf.merged.conf["rules"].as_array().cloned().unwrap_or_default();
        for (route, printed) in conf.merged.routes.iter().zip(printed) {
            for (condition, index) in route.matches.iter().zip(0u32..) {
                candidates.push((condition.clone(), printed["matches"][index as usize].clone(), Some((route, index))));
            }
        }
    }
    http::order(&mut candidates, |(condition, _, _)| condition);
    if !candidates.iter().any(|(condition, _, _)| http::is_catch_all(condition)) {
        let printed = json!({"path": {"type": "PathPrefix", "value": "/"}});
        candidates.push((http::catch_all(), printed, None));
    }
    let emitted = |route: Option<(&Route, u32)>| match &listener.handling {
        Handling::Http(list) => list.iter().any(|r| match (&r.source, route) {
            (Some(source), Some((route, index))) => is_source(source, route, index),
            (None, None) => true,
            _ => false,
        }),
        // what a TCP listener replaces was prepared all the same
        Handling::Tcp(_) => true,
        Handling::Nothing(_) => false,
    };
    candidates
        .into_iter()
        .filter_map(|(_, printed, route)| {
            let Value::Object(mut one) = backends(setting, Kind::MeshHTTPRoute, route.map(|(r, _)| r), destination)?
            else {
                return None;
            };
            one.insert("emitted".into(), json!(emitted(route)));
            one.insert("match".into(), printed);
            Some(Value::Object(one))
        })
        .collect()
}

fn is_source(source: &RouteSource, route: &Route, condition: u32) -> bool {
    let strongest = route.sources.first().copied();
    strongest == Some((source.origin, source.rule)) && source.condition == condition
}

/// The backends of a rule and the clusters that come of them; its own destination if it has none that mean anything.
fn backends(setting: &Setting, kind: Kind, rule: Option<&Route>, destination: &Destination) -> Option<Value> {
    let view = setting.view;
    let (mut listed, mut clusters) = (Vec::new(), Vec::new());
    for (route, backend) in rule.into_iter().flat_map(|r| r.backend_refs.iter().flatten().map(move |b| (r, b))) {
        let Some(text) = named(view, route, backend) else { continue };
        listed.push(text);
        if let Ok(found) = routes::backend_of(setting, kind, route.origin.policy, backend) {
            clusters.push(format!("{} weight={}", found.cluster(view), backend.weight()));
        }
    }
    if listed.is_empty() {
        if kind == Kind::MeshTCPRoute && rule.is_some() {
            return None;
        }
        let kri = destination.kri(view)?;
        listed.push(format!("{kri} weight=100"));
        let protocol = destination.port(view)?.protocol();
        if protocol.is_http() || kind == Kind::MeshTCPRoute && matches!(protocol, Protocol::Tcp | Protocol::Kafka) {
            clusters.push(format!("{} weight=100", destination.cluster(view)));
        }
    }
    Some(json!({"backends": listed, "clusters": clusters}))
}

/// A backendRef as Kuma names it after resolving; nothing if it is dropped.
fn named(view: &View, route: &Route, backend: &BackendRef) -> Option<String> {
    let owner = Owner::from(view.get(route.origin.policy)?);
    let section = backend.section().unwrap_or_default();
    let kri = match resolve::backend(view, owner, backend) {
        Backend::Service { name, .. } => return Some(format!("legacy {name}")),
        Backend::NoMatch => return None,
        Backend::Found(hit) => view.get(hit.id).map(Stored::kri)?,
        Backend::NoPort(id) => view.get(id).map(Stored::kri)?,
        Backend::NoResource => resolve::kri_of(owner, backend.target.kind.resource()?, &backend.target),
    };
    Some(format!("{} weight={}", kri.with_section(section), backend.weight()))
}
