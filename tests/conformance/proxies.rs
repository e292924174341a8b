//! Group `proxies`: the labels and inbounds of every proxy.

use meshscope::resource::Kind;
use meshscope::zone::Stored;
use serde_json::{json, Value};

use crate::facts::{equal, Fact};
use crate::setup::Case;

/// The facts about proxies of every control plane and mesh.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    let zones = case.answers.get("zones").and_then(Value::as_object).cloned().unwrap_or_default();
    for (zone, meshes) in &zones {
        let view = match zone.as_str() {
            "global" => case.world.global().or_else(|| case.world.zone(zone)),
            zone => case.world.zone(zone),
        };
        for (mesh, answers) in meshes.as_object().into_iter().flatten() {
            for (name, kuma) in answers.get("proxies").and_then(Value::as_object).into_iter().flatten() {
                let stored = view.and_then(|v| v.get(v.named(Kind::Dataplane, mesh, name)?));
                let at = format!("{zone}/{mesh}/{name}");
                for (key, ours) in [("labels", stored.map(|s| json!(*s.labels))), ("inbound", stored.map(inbounds))] {
                    if let Some(kuma) = kuma.get(key) {
                        out.push(equal("proxies", format!("{at} {key}"), kuma, ours.unwrap_or(Value::Null)));
                    }
                }
            }
        }
    }
    out
}

fn inbounds(stored: &Stored) -> Value {
    let inbounds = stored.as_dataplane().map(|d| d.inbounds.as_slice()).unwrap_or_default();
    let list = inbounds.iter().map(|i| {
        let tags = (!i.tags.is_empty()).then_some(&i.tags);
        json!({"name": i.name, "port": i.port, "tags": tags})
    });
    Value::Array(list.collect())
}
