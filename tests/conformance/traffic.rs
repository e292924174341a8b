//! Groups `outbounds`, `routes`, `endpoints`.

use meshscope::resource::Kind;
use meshscope::traffic::outbound;
use meshscope::zone::View;
use serde_json::{json, Value};

use crate::facts::{equal, Fact};
use crate::setup::Case;

/// The facts about where each proxy's traffic goes.
pub fn facts(case: &Case) -> Vec<Fact> {
    let mut out = Vec::new();
    for (zone, mesh, proxy, answers) in proxies(case) {
        let view = case.world.zone(&zone);
        let at = format!("{zone}/{mesh}/{proxy}");
        if let Some(kuma) = answers.get("outbounds").filter(|o| o.is_array()) {
            let ours = view.map_or(Value::Null, |v| inspected(v, &mesh, &proxy));
            out.push(equal("outbounds", at.clone(), &by_kri(kuma), by_kri(&ours)));
        }
    }
    out
}

/// Every recorded proxy: zone, mesh, name, answers.
pub fn proxies(case: &Case) -> Vec<(String, String, String, Value)> {
    let empty = serde_json::Map::new();
    let object = |v: Option<&Value>| v.and_then(Value::as_object).cloned().unwrap_or_else(|| empty.clone());
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
