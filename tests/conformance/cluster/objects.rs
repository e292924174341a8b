//! Groups `meshServices`, `hostnames`, `selected`, `proxies`, `policies`.

use std::collections::{BTreeMap, BTreeSet};

use meshscope::collections::SortedMap;
use meshscope::kubernetes::mesh_service::{NoMeshService, Outcome};
use meshscope::kubernetes::vip::virtual_ips;
use meshscope::resource::{InboundState, Kind, MeshService};
use meshscope::service::hostname::{hostnames, HostnameResult};
use meshscope::service::{document, select};
use meshscope::zone::{Stored, StoredId, View};
use serde_json::{json, Map, Value};

use super::Case;
use crate::facts::{equal, names, sorted, Fact};

/// The facts about the objects of a world, one by one.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    services(case, &mut out);
    mesh_services(case, &mut out);
    dataplanes(case, &mut out);
    resources(case, &mut out);
    gateway_api(case, &mut out);
    out
}

fn of<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// Services: MeshServices, or the reason for none.
fn services(case: &Case, out: &mut Vec<Fact>) {
    let ours: BTreeMap<String, Value> = case
        .evaluation()
        .services
        .iter()
        .map(|outcome| {
            let value = match &outcome.outcome {
                Outcome::Generated(all) => {
                    let keys = all.iter().filter(|g| g.written).map(|g| {
                        format!("{}/{}", g.resource.namespace.as_deref().unwrap_or_default(), g.resource.name)
                    });
                    json!({"meshServices": keys.collect::<Vec<_>>(), "reason": null})
                }
                Outcome::None { reason, .. } => {
                    let code = match reason {
                        NoMeshService::InvalidInjectionLabel(_) | NoMeshService::NotOwned { .. } => "error",
                        other => other.code(),
                    };
                    json!({"meshServices": [], "reason": code})
                }
            };
            (outcome.key.clone(), value)
        })
        .collect();
    let kuma: BTreeMap<&str, &Value> = case.entries("services").into_iter().map(|(k, v)| (k.as_str(), v)).collect();
    for key in names(kuma.keys().copied(), ours.keys().map(String::as_str)) {
        let theirs = kuma.get(key.as_str()).copied().unwrap_or(&Value::Null);
        let reason = match of(theirs, "error") {
            Value::Null => of(theirs, "reason").clone(),
            _ => json!("error"),
        };
        let ours = ours.get(&key).cloned().unwrap_or(Value::Null);
        let list = |v: &Value| sorted(of(v, "meshServices"));
        out.push(equal("meshServices", format!("services {key} meshServices"), &list(theirs), list(&ours)));
        out.push(equal("meshServices", format!("services {key} reason"), &reason, of(&ours, "reason").clone()));
    }
}

/// `namespace/name` of a stored object.
pub fn object_key(stored: &Stored) -> String {
    let (namespace, name) = stored.listed();
    format!("{namespace}/{name}")
}

/// A JSON object without the entries whose value is null.
fn compact(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| ((*k).to_owned(), v.clone()));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// `number`, or null for zero, which Kuma leaves out.
fn positive(number: usize) -> Value {
    if number == 0 {
        Value::Null
    } else {
        json!(number)
    }
}

fn mesh_services(case: &Case, out: &mut Vec<Fact>) {
    let view = case.view();
    let vips = virtual_ips(view);
    let hostnames = hostnames(view);
    let owners: BTreeMap<String, String> = case
        .evaluation()
        .services
        .iter()
        .filter_map(|s| match &s.outcome {
            Outcome::Generated(all) => Some(all),
            Outcome::None { .. } => None,
        })
        .flatten()
        .map(|g| {
            let namespace = g.resource.namespace.as_deref().unwrap_or_default();
            (format!("{}.{namespace}", g.resource.name), format!("{} {}", g.owner.0, g.owner.1))
        })
        .collect();
    let ours: BTreeMap<String, (StoredId, &Stored)> =
        view.all().filter(|(_, s)| s.kind() == Kind::MeshService).map(|(id, s)| (object_key(s), (id, s))).collect();
    let kuma: BTreeMap<&str, &Value> = case.entries("meshServices").into_iter().map(|(k, v)| (k.as_str(), v)).collect();
    for key in names(kuma.keys().copied(), ours.keys().map(String::as_str)) {
        let theirs = kuma.get(key.as_str()).copied().unwrap_or(&Value::Null);
        let path = |what: &str| format!("meshServices {key} {what}");
        let Some((id, stored)) = ours.get(&key).copied() else {
            out.push(equal("meshServices", path("whole"), theirs, Value::Null));
            continue;
        };
        if theirs.is_null() {
            out.push(equal("meshServices", path("whole"), theirs, json!(stored.kri().to_string())));
            continue;
        }
        let Some(service) = stored.as_mesh_service() else { continue };
        let mut fact = |group, what: &str, kuma: &Value, ours: Value| out.push(equal(group, path(what), kuma, ours));
        fact("meshServices", "coreName", of(theirs, "coreName"), json!(stored.name));
        fact("meshServices", "kri", of(theirs, "kri"), json!(stored.kri().to_string()));
        fact("meshServices", "mesh", of(theirs, "mesh"), json!(stored.mesh()));
        fact("meshServices", "labels", of(theirs, "labels"), json!(*stored.labels));
        fact("meshServices", "local", of(theirs, "local"), json!(stored.is_local()));
        let owner = owners.get(&stored.name).map_or(Value::Null, |o| json!(o));
        fact("meshServices", "owner", of(theirs, "owner"), owner);

        let selected = select::selected(view, stored.mesh(), service);
        let mut spec = document::spec(stored);
        if let (Value::Object(spec), true) = (&mut spec, stored.is_local()) {
            let identities = select::identities(view, &selected);
            let identities = identities.iter().map(|i| json!({"type": "ServiceTag", "value": i}));
            let identities: Vec<Value> = identities.collect();
            if !identities.is_empty() {
                spec.insert("identities".into(), json!(identities));
            }
        }
        fact("meshServices", "spec", of(theirs, "spec"), spec);

        let status = of(theirs, "status");
        let addresses: Vec<Value> = vips.get(&id).into_iter().flatten().map(|ip| json!({"ip": ip})).collect();
        fact(
            "meshServices",
            "vips",
            of(status, "vips"),
            if addresses.is_empty() { Value::Null } else { json!(addresses) },
        );
        let health = match stored.is_local() {
            true => {
                let dataplanes = view.of_kind(Kind::Dataplane, stored.mesh()).map(|(_, s)| s);
                select::health(service, dataplanes)
            }
            false => select::Health::default(),
        };
        let counts = compact(&[("healthy", positive(health.healthy)), ("total", positive(health.total))]);
        fact("meshServices", "dataplaneProxies", of(status, "dataplaneProxies"), counts);

        let of_service = hostnames.get(&id).map(Vec::as_slice).unwrap_or_default();
        let generator = |name: &str| json!({"coreName": name});
        let addresses: Vec<Value> = of_service
            .iter()
            .filter_map(|h| match &h.result {
                HostnameResult::Generated(name) => Some(json!({
                    "hostname": name, "hostnameGeneratorRef": generator(&h.generator), "origin": "HostnameGenerator",
                })),
                _ => None,
            })
            .collect();
        let conditions: Vec<Value> = of_service
            .iter()
            .map(|h| {
                let (status, reason, message) = match &h.result {
                    HostnameResult::Generated(_) => ("True", "Generated", ""),
                    HostnameResult::Collision { message, .. } => ("False", "Collision", message.as_str()),
                    HostnameResult::TemplateError { message } => ("False", "TemplateError", message.as_str()),
                    HostnameResult::NotEvaluated { reason } => ("Unknown", "NotEvaluated", reason.as_str()),
                };
                let condition = json!({"message": message, "reason": reason, "status": status, "type": "Generated"});
                json!({"conditions": [condition], "hostnameGeneratorRef": generator(&h.generator)})
            })
            .collect();
        let list = |v: &Value| if v.is_null() { json!([]) } else { v.clone() };
        fact("hostnames", "addresses", &list(of(status, "addresses")), json!(addresses));
        fact("hostnames", "hostnameGenerators", &list(of(status, "hostnameGenerators")), json!(conditions));

        let matches = select::inspected(view, stored.mesh(), service);
        let matched = sorted(&json!(core_names(view, &matches)));
        fact("selected", "matchesDataplane", &sorted(&list(of(theirs, "matchesDataplane"))), matched);
        for (what, ready) in [("selected", false), ("selectedHealthy", true)] {
            fact("selected", what, of(theirs, what), selection(view, &selected, service, ready));
        }
    }
}

fn core_names(view: &View, ids: &[StoredId]) -> Vec<String> {
    ids.iter().filter_map(|id| view.get(*id)).map(|s| s.name.clone()).collect()
}

/// Which Dataplanes, and which inbounds per port; only ready ones where `ready`.
fn selection(view: &View, selected: &[StoredId], service: &MeshService, ready: bool) -> Value {
    let counts = |i: &&meshscope::resource::Inbound| !ready || i.state == InboundState::Ready;
    let mut dataplanes = BTreeSet::new();
    let mut ports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for port in &service.ports {
        ports.entry(port.section()).or_default();
    }
    for stored in selected.iter().filter_map(|id| view.get(*id)) {
        let Some(dataplane) = stored.as_dataplane() else { continue };
        let inbounds: Vec<_> = dataplane.inbounds.iter().filter(counts).collect();
        if inbounds.is_empty() {
            continue;
        }
        dataplanes.insert(stored.name.clone());
        for port in &service.ports {
            for inbound in inbounds.iter().filter(|i| select::serves(port, i)) {
                let entry = format!("{} inbound {}", stored.name, inbound.port);
                ports.entry(port.section()).or_default().push(entry);
            }
        }
    }
    ports.values_mut().for_each(|list| list.sort());
    json!({"dataplanes": dataplanes, "inboundsPerPort": ports})
}

fn dataplanes(case: &Case, out: &mut Vec<Fact>) {
    let view = case.view();
    let kuma: BTreeMap<&str, &Value> = case.entries("dataplanes").into_iter().map(|(k, v)| (k.as_str(), v)).collect();
    for outcome in &case.evaluation().pods {
        let path = |what: &str| format!("dataplanes {} {what}", outcome.key);
        let theirs = kuma.get(outcome.key.as_str()).copied().unwrap_or(&Value::Null);
        let exists = theirs.get("spec").is_some();
        out.push(equal("proxies", path("exists"), &json!(exists), json!(outcome.result.is_ok())));
        if let (Value::String(error), Err(why)) = (of(theirs, "error"), &outcome.result) {
            use meshscope::kubernetes::dataplane::NoDataplane;
            let ours = match why {
                NoDataplane::Refused(text) | NoDataplane::Failed(text) => text.as_str(),
                other => other.code(),
            };
            // the controller says what it was doing, and then why it failed
            let error = error.strip_prefix("unable to translate a Pod into a Dataplane: ").unwrap_or(error);
            out.push(equal("proxies", path("error"), &json!(error), json!(ours)));
        }
        let (true, Ok(resource)) = (exists, &outcome.result) else { continue };
        let name = format!("{}.{}", resource.name, resource.namespace.as_deref().unwrap_or_default());
        let stored = view.all().find(|(_, s)| s.kind() == Kind::Dataplane && s.name == name).map(|(_, s)| s);
        let mut fact = |what: &str, ours: Value| out.push(equal("proxies", path(what), of(theirs, what), ours));
        fact("coreName", stored.map_or(Value::Null, |s| json!(s.name)));
        fact("kri", stored.map_or(Value::Null, |s| json!(s.kri().to_string())));
        fact("mesh", stored.map_or(Value::Null, |s| json!(s.mesh())));
        fact("labels", stored.map_or(Value::Null, |s| json!(*s.labels)));
        fact("spec", outcome.spec.as_ref().map_or(Value::Null, meshscope::yaml::Node::to_json));
    }
    for key in kuma.keys().filter(|k| !case.evaluation().pods.iter().any(|p| p.key == **k)) {
        out.push(equal(
            "proxies",
            format!("dataplanes {key}"),
            kuma.get(key).copied().unwrap_or(&Value::Null),
            Value::Null,
        ));
    }
}

/// Policies and other resources as stored.
fn resources(case: &Case, out: &mut Vec<Fact>) {
    let view = case.view();
    for (list, wanted) in [("policies", true), ("otherResources", false)] {
        let skipped = [Kind::MeshService, Kind::Dataplane];
        let ours: BTreeMap<String, &Stored> = view
            .all()
            .map(|(_, s)| s)
            .filter(|s| s.kind().is_policy() == wanted && !skipped.contains(&s.kind()))
            .map(|s| (format!("{} {}", s.kind(), s.name), s))
            .collect();
        let kuma: BTreeMap<&str, &Value> = case.entries(list).into_iter().map(|(k, v)| (k.as_str(), v)).collect();
        for key in names(kuma.keys().copied(), ours.keys().map(String::as_str)) {
            let theirs = kuma.get(key.as_str()).copied().unwrap_or(&Value::Null);
            let Some(stored) = ours.get(&key) else {
                out.push(equal("policies", format!("{list} {key}"), theirs, Value::Null));
                continue;
            };
            let mut fact = |what: &str, ours: Value| {
                out.push(equal("policies", format!("{list} {key} {what}"), of(theirs, what), ours));
            };
            fact("coreName", json!(stored.name));
            fact("kri", json!(stored.kri().to_string()));
            fact("mesh", json!(stored.mesh()));
            fact("labels", json!(*stored.labels));
            if let Some(policy) = stored.as_policy() {
                fact("policyRole", json!(stored.label("kuma.io/policy-role").unwrap_or("system")));
                fact("effectiveTargetRef", target_ref(&policy.target_ref));
            }
        }
    }
}

fn target_ref(target: &meshscope::resource::TargetRef) -> Value {
    use meshscope::resource::ProxyType;
    let map =
        |m: &SortedMap<meshscope::text::Text, meshscope::text::Text>| if m.is_empty() { Value::Null } else { json!(m) };
    let text = |t: &Option<String>| t.as_ref().map_or(Value::Null, |t| json!(t));
    let types: Vec<&str> = target
        .proxy_types
        .iter()
        .map(|t| match t {
            ProxyType::Sidecar => "Sidecar",
            ProxyType::Gateway => "Gateway",
        })
        .collect();
    compact(&[
        ("kind", json!(target.kind.name())),
        ("name", text(&target.name)),
        ("namespace", text(&target.namespace)),
        ("labels", map(&target.labels)),
        ("tags", map(&target.tags)),
        ("sectionName", text(&target.section_name)),
        ("proxyTypes", if types.is_empty() { Value::Null } else { json!(types) }),
    ])
}

/// HTTPRoutes of the Gateway API: their conditions, and what Kuma writes for them.
fn gateway_api(case: &Case, out: &mut Vec<Fact>) {
    let routes = &case.evaluation().routes;
    for (key, kuma) in case.entries("gatewayApiHTTPRoutes") {
        let ours = routes.iter().find(|r| r.key == *key).map(|r| json!(r.conditions()));
        let kuma = sorted(of(kuma, "conditions"));
        out.push(equal("policies", format!("HTTPRoute {key}"), &kuma, sorted(&ours.unwrap_or(Value::Null))));
    }
    let Some(kuma) = case.answers.get("meshHTTPRoutesInSystemNamespace").and_then(Value::as_object) else { return };
    let view = case.view();
    let ours: BTreeMap<String, Value> = routes
        .iter()
        .flat_map(|r| &r.routes)
        .map(|(resource, spec)| {
            let name = format!("{}.{}", resource.name, case.options.system_namespace);
            let stored = view.all().map(|(_, s)| s).find(|s| s.kind() == Kind::MeshHTTPRoute && s.name == name);
            let labels = stored.map_or(Value::Null, |s| json!(*s.labels));
            (name, json!({"labels": labels, "spec": spec.to_json()}))
        })
        .collect();
    for name in names(kuma.keys().map(String::as_str), ours.keys().map(String::as_str)) {
        let ours = ours.get(&name).cloned().unwrap_or(Value::Null);
        out.push(equal("policies", format!("MeshHTTPRoute {name}"), kuma.get(&name).unwrap_or(&Value::Null), ours));
    }
}
