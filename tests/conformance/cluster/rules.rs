//! Groups `references` and `rules`: what references mean, which policies each Dataplane gets, and what they merge to.

use std::collections::{BTreeMap, BTreeSet};

use meshscope::policy::matching::{self, Match};
use meshscope::policy::resolve::{self, Backend, Hit, Owner};
use meshscope::policy::rules::{self, Merged, Origin, TagRule, ViewRules};
use meshscope::resource::{BackendRef, Dataplane, Kind, TargetRef};
use meshscope::zone::{Stored, StoredId, View};
use serde_json::{json, Map, Value};

use super::Case;
use crate::facts::{equal, sorted, Fact};

/// The facts about references and rules.
pub fn facts(case: &Case) -> Vec<Fact> {
    let view = case.view();
    let mut out = Vec::new();
    for (name, kuma) in case.entries("toTargetsResolved") {
        let ours = policy(view, name).map(|p| targets(view, p)).unwrap_or(Value::Null);
        // each item's targets are a set
        let sets = Value::Array(kuma.as_array().into_iter().flatten().map(sorted).collect());
        out.push(equal("references", format!("to {name}"), &sets, ours));
    }
    for (name, kuma) in case.entries("backendRefs") {
        let ours = policy(view, name).map(|p| backends(view, p)).unwrap_or(Value::Null);
        out.push(equal("references", format!("backendRefs {name}"), kuma, ours));
    }
    let all = rules::evaluate(view);
    for (name, answers) in case.entries("perDataplane") {
        let Some((proxy, stored)) = view.all().find(|(_, s)| s.kind() == Kind::Dataplane && s.name == *name) else {
            continue;
        };
        for (kind, kuma) in answers.get("policies").and_then(Value::as_object).into_iter().flatten() {
            let kind = Kind::named(kind).expect("a kind");
            let ours = of_kind(view, &all, proxy, stored, kind, kuma);
            for (key, kuma) in kuma.as_object().into_iter().flatten() {
                let ours = ours.get(key).cloned().unwrap_or(Value::Null);
                out.push(equal("rules", format!("{name} {kind} {key}"), kuma, ours));
            }
        }
    }
    out
}

/// The policy of a name such as `MeshTimeout t.client`.
fn policy<'a>(view: &'a View, name: &str) -> Option<&'a Stored> {
    let (kind, name) = name.split_once(' ')?;
    view.all().map(|(_, s)| s).find(|s| s.kind().name() == kind && s.name == name)
}

fn kri(view: &View, id: StoredId, section: &str) -> String {
    view.get(id).map(|s| s.kri().with_section(section).to_string()).unwrap_or_default()
}

fn targets(view: &View, policy: &Stored) -> Value {
    let of_item = |target: &TargetRef| -> BTreeSet<String> {
        let section = |hit: &Hit| hit.section.as_ref().map(|s| s.name.clone()).unwrap_or_default();
        let hits = resolve::to_target(view, Owner::from(policy), target);
        hits.iter().map(|hit| kri(view, hit.id, &section(hit))).collect()
    };
    let items = policy.as_policy().map(|p| p.to.as_slice()).unwrap_or_default();
    json!(items.iter().map(|item| of_item(&item.target_ref)).collect::<Vec<_>>())
}

fn backends(view: &View, policy: &Stored) -> Value {
    let mut out = Vec::new();
    for item in policy.as_policy().map(|p| p.to.as_slice()).unwrap_or_default() {
        for rule in &item.rules {
            for (index, backend) in rule.backend_refs.iter().flatten().enumerate() {
                let mut one = meant(view, policy, backend);
                one.insert("to".into(), json!(item.index));
                one.insert("rule".into(), json!(rule.index));
                one.insert("backendRef".into(), json!(index));
                out.push(Value::Object(one));
            }
        }
    }
    Value::Array(out)
}

fn meant(view: &View, policy: &Stored, backend: &BackendRef) -> Map<String, Value> {
    let owner = Owner::from(policy);
    let section = backend.section().unwrap_or_default();
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.into(), value);
    };
    let found = match resolve::backend(view, owner, backend) {
        Backend::Service { name, .. } => {
            put("result", json!("legacy"));
            put("kuma.io/service", json!(name));
            return out;
        }
        Backend::NoMatch => {
            put("result", json!("unresolved"));
            return out;
        }
        Backend::NoResource => {
            let kind = backend.target.kind.resource().expect("a real resource");
            put("kri", json!(resolve::kri_of(owner, kind, &backend.target).with_section(&section).to_string()));
            None
        }
        Backend::NoPort(id) => {
            put("kri", json!(kri(view, id, &section)));
            put("port", json!("not-found"));
            Some(id)
        }
        Backend::Found(hit) => {
            put("kri", json!(kri(view, hit.id, &section)));
            let port = hit.section.as_ref().and_then(|s| s.port(view.get(hit.id)?)).expect("a port");
            put("port", json!({"name": port.section(), "value": port.port, "protocol": port.app_protocol}));
            Some(hit.id)
        }
    };
    put("result", json!("real"));
    put("destinationExists", json!(found.is_some()));
    put("weight", json!(backend.weight()));
    out
}

/// What the policies of a kind come to for a Dataplane.
fn of_kind(
    view: &View,
    all: &ViewRules,
    proxy: StoredId,
    stored: &Stored,
    kind: Kind,
    kuma: &Value,
) -> BTreeMap<String, Value> {
    let dataplane = stored.as_dataplane().expect("a Dataplane");
    let mut out = BTreeMap::new();
    let found = all.of(proxy).and_then(|rules| rules.kinds.get(&kind));
    let in_order: Vec<String> = found.into_iter().flat_map(|k| &k.matched).map(|(id, _)| kri(view, *id, "")).collect();
    out.insert("matchedInOrder".into(), json!(in_order));
    let selected: BTreeMap<String, Value> = view
        .of_kind(kind, stored.mesh())
        .filter_map(|(_, p)| {
            let selected = matching::matches(view, p, p.as_policy()?, &matching::Proxy::of(view, stored)?);
            let inbounds = match selected {
                Match::Applies(selected) => selected.inbounds.iter().map(|i| listener(dataplane, *i)).collect(),
                Match::Not(_) => BTreeSet::new(),
            };
            Some((p.kri().to_string(), json!({"inbounds": inbounds})))
        })
        .collect();
    out.insert("selectedInboundsByPolicy".into(), json!(selected));
    if let Some(set) = all.outbound(proxy, kind) {
        let real: BTreeMap<String, Value> = set
            .to
            .iter()
            .map(|(key, merged)| {
                let origins: Vec<Value> = merged.origins.iter().map(|o| origin(view, o)).collect();
                (kri(view, key.resource, &key.section), json!({"conf": [merged.conf], "origins": origins}))
            })
            .collect();
        out.insert("toResourceRules".into(), json!(real));
        let by_tags: Vec<Value> = set.by_tags.iter().map(|rule| tag_rule(view, rule)).collect();
        out.insert("toLegacyRules".into(), json!(by_tags));
        let applies: BTreeMap<&String, String> = kuma
            .get("appliesToOutbound")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(outbound, _)| {
                let rule = destination(view, outbound)
                    .and_then(|(id, section)| set.find(view, id, &section))
                    .map(|found| format!("rule {}", kri(view, found.key.resource, &found.key.section)));
                (outbound, rule.unwrap_or_else(|| "none".into()))
            })
            .collect();
        out.insert("appliesToOutbound".into(), json!(applies));
    }
    let inbound: BTreeMap<String, Value> = (0u32..)
        .zip(&dataplane.inbounds)
        .filter_map(|(i, _)| {
            let rules = &all.inbound(proxy, kind, i)?.rules;
            let list: Vec<Value> =
                rules.iter().map(|r| json!({"conf": r.conf, "origin": origin(view, &r.origin)})).collect();
            (!list.is_empty()).then(|| (listener(dataplane, i), json!(list)))
        })
        .collect();
    out.insert("inboundRules".into(), json!(inbound));
    out
}

fn listener(dataplane: &Dataplane, inbound: u32) -> String {
    let inbound = &dataplane.inbounds[inbound as usize];
    format!("{}:{}", inbound.address.as_ref().unwrap_or(&dataplane.address), inbound.port)
}

fn origin(view: &View, origin: &Origin) -> Value {
    json!({"policy": kri(view, origin.policy, ""), "ruleIndex": origin.rule_index})
}

fn tag_rule(view: &View, rule: &TagRule) -> Value {
    let tags: Vec<String> = rule.subset.iter().map(|t| format!("{{{} {} {}}}", t.key, t.value, t.not)).collect();
    json!({"conf": rule.merged.conf, "origins": policies(view, &rule.merged), "subset": format!("[{}]", tags.join(" "))})
}

fn policies(view: &View, merged: &Merged) -> Vec<String> {
    merged.policies().into_iter().map(|id| kri(view, id, "")).collect()
}

/// The destination and section of an outbound's KRI.
fn destination(view: &View, outbound: &str) -> Option<(StoredId, String)> {
    view.all().filter(|(_, s)| s.kind().is_service()).find_map(|(id, s)| {
        let port = s.ports().iter().find(|p| s.kri().with_section(p.section()).to_string() == outbound)?;
        Some((id, port.section()))
    })
}
