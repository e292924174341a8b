//! Groups `outbounds`, `routes`, `endpoints`.

use std::collections::BTreeMap;

use meshscope::policy::rules::{self, ViewRules};
use meshscope::resource::Kind;
use meshscope::schema::parse_duration;
use meshscope::traffic::endpoints::Endpoint;
use meshscope::traffic::http::{self, EnvoyPathRewrite, Filter, PathRewrite};
use meshscope::traffic::network::Network;
use meshscope::traffic::outbound::{self, Destination};
use meshscope::traffic::routes::{self, Cluster, Handling, HttpRoute, Listener, Mirror, Plan, Setting, Split};
use meshscope::zone::{StoredId, View};
use serde_json::{json, Map, Value};

use crate::facts::{equal, names, Fact};
use crate::setup::Case;

/// The facts about where each proxy's traffic goes.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    let mut zones: BTreeMap<String, Option<(Network, ViewRules)>> = BTreeMap::new();
    for (zone, mesh, proxy, answers) in proxies(case) {
        let view = case.world.zone(&zone);
        let at = format!("{zone}/{mesh}/{proxy}");
        if let Some(kuma) = answers.get("outbounds").filter(|o| o.is_array()) {
            let ours = view.map_or(Value::Null, |v| inspected(v, &mesh, &proxy));
            out.push(equal("outbounds", at.clone(), &by_kri(kuma), by_kri(&ours)));
        }
        let Some(kuma) = answers.get("xds") else { continue };
        let known = zones
            .entry(zone.clone())
            .or_insert_with(|| Some((Network::of(&case.world, &zone)?, rules::evaluate(case.world.zone(&zone)?))));
        let id = view.and_then(|v| v.named(Kind::Dataplane, &mesh, &proxy));
        let ours = match (view, known, id) {
            (Some(view), Some((network, rules)), Some(id)) => network.meshes.get(&mesh).map(|network| {
                let setting = Setting { view, network, rules };
                xds(view, id, &routes::plan(&setting, id))
            }),
            _ => None,
        };
        configuration(&mut out, &at, kuma, &ours.unwrap_or(Value::Null));
    }
    out
}

/// Every recorded proxy: zone, mesh, name, answers.
pub fn proxies(case: &Case) -> Vec<(String, String, String, Value)> {
    let object = |v: Option<&Value>| v.and_then(Value::as_object).cloned().unwrap_or_default();
    let mut out = Vec::new();
    for (zone, meshes) in object(case.answers.get("zones")) {
        for (mesh, answers) in object(Some(&meshes)) {
            for (proxy, answers) in object(answers.get("proxies")) {
                out.push((zone.clone(), mesh.clone(), proxy, answers));
            }
        }
    }
    out
}

fn by_kri(list: &Value) -> Value {
    let mut items = list.as_array().cloned().unwrap_or_default();
    items.sort_by_key(|i| i.get("kri").map(Value::to_string));
    Value::Array(items)
}

fn inspected(view: &View, mesh: &str, proxy: &str) -> Value {
    let Some(id) = view.named(Kind::Dataplane, mesh, proxy) else { return Value::Null };
    let list = outbound::inspected(view, id);
    list.into_iter().map(|o| json!({"kri": o.kri.to_string(), "port": o.port, "protocol": o.protocol})).collect()
}

/// One fact for each listener and each cluster of either side; where Kuma fails, one fact for that.
fn configuration(out: &mut Vec<Fact>, at: &str, kuma: &Value, ours: &Value) {
    let fails = |side: &Value| json!(side.get("error").is_some());
    if kuma.get("error").is_some() || ours.get("error").is_some() {
        out.push(equal("endpoints", format!("{at} error"), &fails(kuma), fails(ours)));
        return;
    }
    let by = |side: &Value, list: &str, key: fn(&Value) -> String| -> BTreeMap<String, Value> {
        let items = side.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        items.into_iter().map(|item| (key(&item), item)).collect()
    };
    let (theirs, own) = (by(kuma, "listeners", listener_key), by(ours, "listeners", listener_key));
    for key in names(theirs.keys().map(String::as_str), own.keys().map(String::as_str)) {
        let kuma = theirs.get(&key).cloned().unwrap_or(Value::Null);
        let mut ours = own.get(&key).cloned().unwrap_or(Value::Null);
        let kuma = without_unset_timeouts(kuma, &mut ours);
        out.push(equal("routes", format!("{at} {key}"), &kuma, ours));
    }
    let (theirs, own) = (by(kuma, "clusters", cluster_key), by(ours, "clusters", cluster_key));
    for key in names(theirs.keys().map(String::as_str), own.keys().map(String::as_str)) {
        let of = |side: &BTreeMap<String, Value>| {
            let mut cluster = side.get(&key).cloned().unwrap_or(Value::Null);
            if let Some(endpoints) = cluster.get_mut("endpoints").and_then(Value::as_array_mut) {
                endpoints.sort_by_key(Value::to_string);
            }
            cluster
        };
        out.push(equal("endpoints", format!("{at} {key}"), &of(&theirs), of(&own)));
    }
}

fn listener_key(listener: &Value) -> String {
    let text = |key: &str| listener.get(key).map(Value::to_string).unwrap_or_default();
    format!("{}:{}", text("address").trim_matches('"'), text("port"))
}

fn cluster_key(cluster: &Value) -> String {
    match cluster.get("cluster").and_then(Value::as_str) {
        Some(name) => name.to_owned(),
        None => ["kind", "mesh", "name", "namespace", "zone", "port"]
            .iter()
            .map(|key| cluster.get(*key).map(Value::to_string).unwrap_or_default().trim_matches('"').to_owned())
            .collect::<Vec<_>>()
            .join("/"),
    }
}

/// Timeouts count only where a policy sets them: Kuma's others are left out.
fn without_unset_timeouts(mut kuma: Value, ours: &mut Value) -> Value {
    let routes = |side: &mut Value| -> Vec<Value> {
        let at = |v: &mut Value, keys: &[&str]| -> Option<Value> {
            keys.iter().try_fold(v.clone(), |v, key| match key.parse::<usize>() {
                Ok(index) => v.get(index).cloned(),
                Err(_) => v.get(*key).cloned(),
            })
        };
        at(side, &["chains", "0", "http", "0", "routes"]).and_then(|r| r.as_array().cloned()).unwrap_or_default()
    };
    let set: Vec<bool> = routes(ours).iter().map(|r| r.get("timeout").is_some()).collect();
    if let Some(list) = kuma.pointer_mut("/chains/0/http/0/routes").and_then(Value::as_array_mut) {
        for (route, index) in list.iter_mut().zip(0..) {
            if !set.get(index).copied().unwrap_or(false) {
                if let Some(route) = route.as_object_mut() {
                    route.remove("timeout");
                }
            }
        }
    }
    kuma
}

/// Our configuration of a proxy in the shape of the recorded one.
fn xds(view: &View, id: StoredId, plan: &Plan) -> Value {
    if !plan.failures.is_empty() {
        return json!({"error": "a mirror cannot be configured"});
    }
    let mut listeners: Vec<Value> = plan.listeners.iter().filter_map(|l| listener(view, l)).collect();
    let mut clusters: Vec<Value> = plan.clusters.values().map(|c| cluster(view, c)).collect();
    let tproxy = view.get(id).and_then(|s| s.as_dataplane()).and_then(|d| d.transparent_proxying.clone());
    if let Some(tproxy) = tproxy {
        for (address, name) in [("0.0.0.0", "outbound:passthrough:ipv4"), ("::", "outbound:passthrough:ipv6")] {
            let chains = json!([{"tcp": [{"cluster": name, "weight": 1}]}]);
            listeners.push(json!({"address": address, "port": tproxy.redirect_port_outbound, "chains": chains}));
            clusters.push(json!({"cluster": name, "endpoints": [], "lbPolicy": "CLUSTER_PROVIDED"}));
        }
    }
    json!({"listeners": listeners, "clusters": clusters})
}

fn listener(view: &View, listener: &Listener) -> Option<Value> {
    let chain = match &listener.handling {
        Handling::Nothing(_) => return None,
        Handling::Tcp(route) => json!({"tcp": splits(view, &route.backends)}),
        Handling::Http(list) => {
            let real = matches!(listener.outbound.destination, Destination::Real { .. });
            let routes: Vec<Value> = list.iter().flat_map(|r| envoy_routes(view, r, real)).collect();
            json!({"http": [{"domains": ["*"], "routes": routes}]})
        }
    };
    let outbound = &listener.outbound;
    Some(json!({"address": outbound.address.to_string(), "port": outbound.port, "chains": [chain]}))
}

fn named(view: &View, destination: &Destination) -> Map<String, Value> {
    let value = match destination {
        Destination::Tagged { .. } => json!({"cluster": destination.cluster(view)}),
        Destination::Real { id, .. } => {
            let stored = view.get(*id).unwrap_or_else(|| panic!("no resource of a destination"));
            json!({
                "kind": stored.kind().name(), "mesh": stored.mesh(), "name": stored.display_name(),
                "namespace": stored.namespace(), "zone": stored.zone(), "port": destination.port(view).map(|p| p.port),
            })
        }
    };
    value.as_object().cloned().unwrap_or_default()
}

fn splits(view: &View, splits: &[Split]) -> Vec<Value> {
    let one = |split: &Split| {
        let mut out = named(view, &split.destination);
        out.insert("weight".into(), json!(split.weight));
        Value::Object(out)
    };
    splits.iter().map(one).collect()
}

/// The Envoy routes of one rule.
fn envoy_routes(view: &View, route: &HttpRoute, real: bool) -> Vec<Value> {
    let name = match (&route.source, real) {
        (Some(source), true) => view.get(source.origin.policy).map(|s| s.kri().to_string()),
        _ => None,
    };
    let one = |expanded: http::Expanded| {
        let mut out = Map::new();
        out.insert("match".into(), json!(expanded.envoy));
        out.insert("route".into(), json!(name));
        if let Some(redirect) = route.redirect() {
            out.insert("redirect".into(), redirect_action(redirect, &expanded));
        } else {
            out.insert("backends".into(), json!(splits(view, &route.backends)));
            if let Some(timeout) = &route.timeout {
                out.insert("timeout".into(), json!(envoy_duration(&timeout.value)));
            }
            if route.rewrites_host_to_endpoint(view) {
                out.insert("autoHostRewrite".into(), json!(true));
            }
        }
        for filter in &route.filters {
            apply(&mut out, filter, &expanded);
        }
        if !route.mirrors.is_empty() && route.redirect().is_none() {
            let mirrors: Vec<Value> = route.mirrors.iter().map(|m| mirror(view, m)).collect();
            out.insert("mirrors".into(), Value::Array(mirrors));
        }
        Value::Object(out)
    };
    http::expand(&route.condition).into_iter().map(one).collect()
}

fn apply(out: &mut Map<String, Value>, filter: &Filter, expanded: &http::Expanded) {
    let extend = |out: &mut Map<String, Value>, key: &str, more: Vec<Value>| {
        if !more.is_empty() {
            let list = out.entry(key).or_insert_with(|| json!([]));
            list.as_array_mut().into_iter().for_each(|l| l.extend(more.clone()));
        }
    };
    match filter {
        Filter::RequestRedirect(_) => {}
        Filter::UrlRewrite(rewrite) => {
            if let Some(hostname) = &rewrite.hostname {
                out.insert("hostRewriteLiteral".into(), json!(hostname));
            }
            if let Some(path) = &rewrite.path {
                path_rewrite(out, path, expanded);
            }
        }
        Filter::RequestHeaderModifier(modifier) | Filter::ResponseHeaderModifier(modifier) => {
            let side = if matches!(filter, Filter::RequestHeaderModifier(_)) { "request" } else { "response" };
            let set = modifier.set.iter().map(|(name, value)| {
                json!({"appendAction": "OVERWRITE_IF_EXISTS_OR_ADD", "header": {"key": name, "value": value}})
            });
            let add = modifier.add.iter().map(|(name, value)| json!({"header": {"key": name, "value": value}}));
            extend(out, &format!("{side}HeadersToAdd"), set.chain(add).collect());
            let remove = modifier.remove.iter().map(|name| json!(name)).collect();
            extend(out, &format!("{side}HeadersToRemove"), remove);
        }
    }
}

fn path_rewrite(out: &mut Map<String, Value>, path: &PathRewrite, expanded: &http::Expanded) {
    match http::rewrite_of(path, expanded) {
        Some(EnvoyPathRewrite::Whole(value)) => {
            out.insert("regexRewrite".into(), json!({"pattern": {"regex": ".*"}, "substitution": value}));
        }
        Some(EnvoyPathRewrite::Prefix(value)) => {
            out.insert("prefixRewrite".into(), json!(value));
        }
        None => {}
    }
}

fn redirect_action(redirect: &http::Redirect, expanded: &http::Expanded) -> Value {
    let mut out = Map::new();
    if let Some(scheme) = &redirect.scheme {
        out.insert("schemeRedirect".into(), json!(scheme));
    }
    if let Some(hostname) = &redirect.hostname {
        out.insert("hostRedirect".into(), json!(hostname));
    }
    if let Some(port) = redirect.port {
        out.insert("portRedirect".into(), json!(port));
    }
    if let Some(path) = &redirect.path {
        path_rewrite(&mut out, path, expanded);
    }
    let code = match redirect.status_code.unwrap_or(302) {
        302 => Some("FOUND"),
        303 => Some("SEE_OTHER"),
        307 => Some("TEMPORARY_REDIRECT"),
        308 => Some("PERMANENT_REDIRECT"),
        // 301 is Envoy's own default, which its JSON leaves out
        _ => None,
    };
    if let Some(code) = code {
        out.insert("responseCode".into(), json!(code));
    }
    Value::Object(out)
}

fn mirror(view: &View, mirror: &Mirror) -> Value {
    let fraction = mirror.percentage.map(|percentage| {
        let mut value = Map::new();
        // whole percents stay; others become parts of ten thousand, or of a million
        let (numerator, denominator) = match percentage {
            p if p.fract() == 0.0 => (p, None),
            p if (p * 100.0).fract() == 0.0 => (p * 100.0, Some("TEN_THOUSAND")),
            p => (p * 10_000.0, Some("MILLION")),
        };
        if numerator != 0.0 {
            value.insert("numerator".into(), json!(numerator.round() as u64));
        }
        if let Some(denominator) = denominator {
            value.insert("denominator".into(), json!(denominator));
        }
        json!({"defaultValue": value})
    });
    json!({"cluster": mirror.destination.cluster(view), "fraction": fraction})
}

/// Envoy's JSON of a duration: seconds with as many digits as needed, in threes.
fn envoy_duration(text: &str) -> String {
    let nanos = parse_duration(text).unwrap_or_else(|_| panic!("no duration: {text}"));
    let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    match rest {
        0 => format!("{seconds}s"),
        r if r % 1_000_000 == 0 => format!("{seconds}.{:03}s", r / 1_000_000),
        r if r % 1_000 == 0 => format!("{seconds}.{:06}s", r / 1_000),
        r => format!("{seconds}.{r:09}s"),
    }
}

fn cluster(view: &View, cluster: &Cluster) -> Value {
    let mut out = named(view, &cluster.destination);
    if let Some(factor) = cluster.endpoints.overprovisioning {
        out.insert("overprovisioningFactor".into(), json!(factor));
    }
    out.insert("endpoints".into(), cluster.endpoints.endpoints.iter().map(endpoint).collect());
    Value::Object(out)
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let mut out = Map::new();
    out.insert("address".into(), json!(endpoint.address));
    out.insert("port".into(), json!(endpoint.port));
    out.insert("zone".into(), json!(endpoint.zone));
    out.insert("priority".into(), json!(endpoint.priority));
    out.insert("weight".into(), json!(endpoint.weight));
    if let Some(weight) = endpoint.locality_weight {
        out.insert("localityWeight".into(), json!(weight));
    }
    Value::Object(out)
}
