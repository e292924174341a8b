//! Group `rules`: what policies come to for every proxy, and how the inspection API looks rules up for an outbound.

use std::collections::{BTreeMap, BTreeSet};

use meshscope::policy::rules::{self, Merged, TagRule, ViewRules};
use meshscope::resource::{Kind, MeshServicesMode};
use meshscope::zone::{Stored, StoredId, View};
use serde_json::{json, Map, Value};

use crate::facts::{equal, Fact};
use crate::setup::Case;

/// The facts about rules of every proxy.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    let zones = case.answers.get("zones").and_then(Value::as_object).cloned().unwrap_or_default();
    for (zone, meshes) in &zones {
        let view = match zone.as_str() {
            "global" => case.world.global().or_else(|| case.world.zone(zone)),
            zone => case.world.zone(zone),
        };
        let Some(view) = view else { continue };
        let all = rules::evaluate(view);
        for (mesh, answers) in meshes.as_object().into_iter().flatten() {
            for (name, proxy) in answers.get("proxies").and_then(Value::as_object).into_iter().flatten() {
                let at = format!("{zone}/{mesh}/{name}");
                let id = view.named(Kind::Dataplane, mesh, name);
                if let Some(kuma) = proxy.get("rules").and_then(Value::as_array) {
                    by_type(&mut out, &at, kuma, id.map(|id| inspected(view, &all, mesh, id)).unwrap_or_default());
                }
                for (kri, kuma) in proxy.get("byOutbound").and_then(Value::as_object).into_iter().flatten() {
                    let ours = id.and_then(|id| outbound(view, &all, id, kri)).unwrap_or(Value::Null);
                    out.push(equal("rules", format!("{at} byOutbound {kri}"), &in_order(kuma), in_order(&ours)));
                }
            }
        }
    }
    out
}

/// Compares the rules type by type and list by list.
fn by_type(out: &mut Vec<Fact>, at: &str, kuma: &[Value], ours: BTreeMap<String, Value>) {
    let text = |v: &Value| v.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let theirs: BTreeMap<String, &Value> = kuma.iter().map(|v| (text(v), v)).collect();
    let types: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    for kind in types {
        let empty = json!({});
        let kuma = theirs.get(kind).copied().unwrap_or(&empty);
        let ours = ours.get(kind).unwrap_or(&empty);
        for key in ["toResourceRules", "toRules", "fromRules", "inboundRules", "proxyRule", "warnings"] {
            let of = |side: &Value| side.get(key).cloned().map(|v| by_key(&v)).unwrap_or(Value::Null);
            if kuma.get(key).is_some() || ours.get(key).is_some() {
                out.push(equal("rules", format!("{at} {kind} {key}"), &of(kuma), of(ours)));
            }
        }
    }
}

/// Lists of rules by what they are about; other lists keep their order.
fn by_key(list: &Value) -> Value {
    let Some(items) = list.as_array() else { return list.clone() };
    let key = |v: &Value| {
        v.get("resource")
            .map(|r| format!("{} {} {}", r["type"], r["name"], v["sectionName"]))
            .or_else(|| v.get("inbound").and_then(|i| i["port"].as_u64()).map(|port| format!("{port:08}")))
    };
    let mut items = items.clone();
    items.sort_by_cached_key(key);
    Value::Array(items)
}

/// What applies to an outbound, with the policies by kind.
fn in_order(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(policies) = answer.get_mut("policies").and_then(Value::as_array_mut) {
        policies.sort_by_key(|p| p["kind"].to_string());
    }
    answer
}

/// The answer of the inspection API about a proxy's rules, by type.
fn inspected(view: &View, all: &ViewRules, mesh: &str, proxy: StoredId) -> BTreeMap<String, Value> {
    let exclusive = view.mesh(mesh).is_some_and(|m| m.mode == MeshServicesMode::Exclusive);
    let mut out = BTreeMap::new();
    let Some(found) = all.of(proxy) else { return out };
    let dataplane = view.get(proxy).and_then(Stored::as_dataplane).expect("a Dataplane");
    for (kind, of_kind) in &found.kinds {
        let mut answer = Map::new();
        let mut put = |key: &str, list: Vec<Value>| {
            if !list.is_empty() {
                answer.insert(key.into(), Value::Array(list));
            }
        };
        if let Some(set) = all.outbound(proxy, *kind) {
            let real = set.to.iter().map(|(key, merged)| {
                let resource = view.get(key.resource).expect("a resource");
                json!({
                    "resource": meta(resource),
                    "sectionName": key.section,
                    "conf": [merged.conf],
                    "origin": origins(view, merged),
                })
            });
            put("toResourceRules", real.collect());
            if !exclusive {
                put("toRules", set.by_tags.iter().map(|r| tag_rule(view, r)).collect());
            }
        }
        let mut from = Vec::new();
        let mut inbound_rules = Vec::new();
        let inbounds =
            (0u32..).zip(&dataplane.inbounds).map(|(i, inbound)| (inbound.port, all.inbound(proxy, *kind, i)));
        let listeners = of_kind.listeners.keys().map(|port| (*port, all.listener(proxy, *kind, *port)));
        for (port, set) in inbounds.chain(listeners) {
            let Some(set) = set else { continue };
            let about = json!({"port": port});
            if !set.from.is_empty() {
                let rules: Vec<Value> = set.from.iter().map(|r| tag_rule(view, r)).collect();
                from.push(json!({"inbound": about, "rules": rules}));
            }
            let rules: Vec<Value> = set
                .rules
                .iter()
                .map(|r| {
                    let policy = view.get(r.origin.policy).expect("a policy");
                    let origin = json!({"resourceMeta": meta(policy), "ruleIndex": r.origin.rule_index});
                    json!({"conf": [r.conf], "origin": [origin]})
                })
                .collect();
            if !rules.is_empty() {
                inbound_rules.push(json!({"inbound": about, "rules": rules}));
            }
        }
        put("fromRules", from);
        put("inboundRules", inbound_rules);
        put("warnings", of_kind.warnings.iter().map(|w| json!(w)).collect());
        if let Some(proxy_conf) = all.proxy(proxy, *kind) {
            let origin = policies(view, &proxy_conf.merged);
            answer.insert("proxyRule".into(), json!({"conf": proxy_conf.merged.conf, "origin": origin}));
        }
        if !answer.is_empty() {
            out.insert(kind.name().to_owned(), Value::Object(answer));
        }
    }
    out
}

fn meta(stored: &Stored) -> Value {
    json!({"type": stored.kind().name(), "mesh": stored.mesh(), "name": stored.name, "labels": *stored.labels})
}

fn origins(view: &View, merged: &Merged) -> Vec<Value> {
    let mut out = Vec::new();
    for origin in &merged.origins {
        let mut one = meta(view.get(origin.policy).expect("a policy"));
        one["ruleIndex"] = json!(origin.rule_index);
        out.push(one);
    }
    out
}

fn policies(view: &View, merged: &Merged) -> Vec<Value> {
    merged.policies().iter().map(|id| meta(view.get(*id).expect("a policy"))).collect()
}

fn tag_rule(view: &View, rule: &TagRule) -> Value {
    let matchers: Vec<Value> =
        rule.subset.iter().map(|t| json!({"key": t.key, "value": t.value, "not": t.not})).collect();
    json!({"conf": rule.merged.conf, "matchers": matchers, "origin": policies(view, &rule.merged)})
}

/// The answer of the inspection API about one outbound. It names the port by its name (rule 5.3).
fn outbound(view: &View, all: &ViewRules, proxy: StoredId, kri: &str) -> Option<Value> {
    let (resource, section) = view.all().filter(|(_, s)| s.kind().is_service()).find_map(|(id, s)| {
        let port = s.ports().iter().find(|p| s.kri().with_section(p.section()).to_string() == kri)?;
        Some((id, port.section()))
    })?;
    let mut found = Vec::new();
    let mut routes = Vec::new();
    for kind in all.of(proxy)?.kinds.keys() {
        let Some(rule) = all.outbound(proxy, *kind).and_then(|set| set.find(view, resource, &section)) else {
            continue;
        };
        let kri_of = |id: StoredId| view.get(id).map(|s| s.kri().to_string()).unwrap_or_default();
        let origins: Vec<Value> = rule.rule.origins.iter().map(|o| json!({"kri": kri_of(o.policy)})).collect();
        found.push(json!({"kind": kind.name(), "conf": [rule.rule.conf], "origins": origins}));
        let rules: Vec<Value> = match kind {
            Kind::MeshHTTPRoute => rule.rule.conf["rules"]
                .as_array()
                .into_iter()
                .flatten()
                .zip(&rule.rule.routes)
                .map(|(conf, route)| {
                    json!({"kri": kri_of(route.origin.policy), "matches": conf["matches"], "conf": conf["default"]})
                })
                .collect(),
            Kind::MeshTCPRoute => vec![json!({"kri": "", "matches": null, "conf": rule.rule.conf["default"]})],
            _ => continue,
        };
        routes.push(json!({"kind": kind.name(), "origins": origins, "rules": rules}));
    }
    Some(json!({"policies": found, "routes": routes}))
}
