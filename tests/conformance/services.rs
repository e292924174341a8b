//! Groups `meshServices`, `multiZone`, `hostnames`, `selected`.

use std::collections::BTreeMap;

use meshscope::resource::Kind;
use meshscope::service::hostname::{Hostname, HostnameResult};
use meshscope::service::{document, multi_zone, select};
use meshscope::zone::{ControlPlane, Stored, View};
use serde_json::{json, Map, Value};

use crate::facts::{equal, names, sorted, Fact};
use crate::setup::Case;

/// The facts about services of every control plane and mesh.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    let zones = case.answers.get("zones").and_then(Value::as_object).cloned().unwrap_or_default();
    for (zone, meshes) in &zones {
        let view = match zone.as_str() {
            "global" => case.world.global().or_else(|| case.world.zone(zone)),
            zone => case.world.zone(zone),
        };
        for (mesh, answers) in meshes.as_object().into_iter().flatten() {
            let at = format!("{zone}/{mesh}");
            for (key, kind, group) in [
                ("meshServices", Kind::MeshService, "meshServices"),
                ("meshMultiZoneServices", Kind::MeshMultiZoneService, "multiZone"),
                ("meshExternalServices", Kind::MeshExternalService, "multiZone"),
            ] {
                if let Some(list) = answers.get(key).and_then(Value::as_array) {
                    services(&mut out, case, view, mesh, &at, (kind, group), list);
                }
            }
            if let Some(selected) = answers.get("selected").and_then(Value::as_object) {
                for (service, dataplanes) in selected {
                    let ours = view.and_then(|v| selected_names(v, mesh, service)).unwrap_or(Value::Null);
                    out.push(equal("selected", format!("{at}/{service}"), &sorted(dataplanes), sorted(&ours)));
                }
            }
        }
    }
    out
}

fn services(
    out: &mut Vec<Fact>,
    case: &Case,
    view: Option<&View>,
    mesh: &str,
    at: &str,
    (kind, group): (Kind, &'static str),
    kuma: &[Value],
) {
    let ours: BTreeMap<String, Value> = match view {
        Some(view) => {
            let hostnames = case.world.hostnames(view);
            view.of_kind(kind, mesh)
                .map(|(id, s)| {
                    let names = hostnames.get(&id).map(Vec::as_slice).unwrap_or_default();
                    (s.name.clone(), service(view, s, names))
                })
                .collect()
        }
        None => BTreeMap::new(),
    };
    let theirs: BTreeMap<&str, &Value> = kuma.iter().filter_map(|s| Some((s.get("name")?.as_str()?, s))).collect();
    for name in names(theirs.keys().copied(), ours.keys().map(String::as_str)) {
        let nothing = Value::Null;
        let kuma = theirs.get(name.as_str()).copied().unwrap_or(&nothing);
        let ours = ours.get(&name).unwrap_or(&nothing);
        let path = format!("{at}/{kind} {name}");
        for key in ["kri", "labels", "spec", "meshServices"] {
            if key != "meshServices" || kuma.get(key).is_some() || ours.get(key).is_some() {
                let of = |side: &Value| side.get(key).cloned().unwrap_or(Value::Null);
                out.push(equal(group, format!("{path} {key}"), &of(kuma), of(ours)));
            }
        }
        if kuma.is_null() {
            continue;
        }
        for key in ["hostnames", "hostnameConditions"] {
            let of = |side: &Value| side.get(key).cloned().unwrap_or(json!([]));
            out.push(equal("hostnames", format!("{path} {key}"), &of(kuma), of(ours)));
        }
    }
}

fn service(view: &View, stored: &Stored, names: &[Hostname]) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), json!(stored.name));
    out.insert("kri".into(), json!(stored.kri().to_string()));
    out.insert("labels".into(), json!(*stored.labels));
    out.insert("spec".into(), document::spec(stored));
    if let Some(multi) = stored.as_multi_zone() {
        let members: Vec<Value> = multi_zone::members(view, multi)
            .into_iter()
            .filter_map(|id| view.get(id))
            .map(|m| json!({"mesh": m.mesh(), "name": m.display_name(), "namespace": m.namespace(), "zone": m.zone()}))
            .collect();
        if !members.is_empty() && view.plane != ControlPlane::Global {
            out.insert("meshServices".into(), Value::Array(members));
        }
    }
    let hostnames: Vec<Value> = names
        .iter()
        .filter_map(|name| match &name.result {
            HostnameResult::Generated(hostname) => Some(json!({"generator": name.generator, "hostname": hostname})),
            _ => None,
        })
        .collect();
    let conditions: Vec<Value> = names
        .iter()
        .filter_map(|name| {
            let (status, reason, message) = match &name.result {
                HostnameResult::Generated(_) => ("True", "Generated", ""),
                HostnameResult::TemplateError { message } => ("False", "TemplateError", message.as_str()),
                HostnameResult::Collision { message, .. } => ("False", "Collision", message.as_str()),
                HostnameResult::NotEvaluated { .. } => return None,
            };
            let condition = json!({"type": "Generated", "status": status, "reason": reason, "message": message});
            Some(json!({"generator": name.generator, "conditions": [condition]}))
        })
        .collect();
    out.insert("hostnames".into(), Value::Array(hostnames));
    out.insert("hostnameConditions".into(), Value::Array(conditions));
    Value::Object(out)
}

fn selected_names(view: &View, mesh: &str, name: &str) -> Option<Value> {
    let stored = view.get(view.named(Kind::MeshService, mesh, name)?)?;
    let service = stored.as_mesh_service()?;
    let names: Vec<&str> = select::inspected(view, mesh, service)
        .into_iter()
        .filter_map(|id| view.get(id))
        .map(|d| d.name.as_str())
        .collect();
    Some(json!(names))
}
