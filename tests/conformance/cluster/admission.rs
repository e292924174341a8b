//! Group `validation`: what the API server and Kuma's webhooks say of every object.

use std::collections::BTreeMap;

use meshscope::kubernetes::admission::{Admission, Author};
use serde_json::{json, Map, Value};

use super::Case;
use crate::facts::{equal, names, sorted, Fact};

/// The facts about written and generated objects.
pub fn facts(case: &Case) -> Vec<Fact> {
    let evaluation = case.evaluation();
    let written: Vec<&Admission> = evaluation.admission.iter().map(|(_, a)| a).collect();
    let generated: Vec<&Admission> = evaluation.generated_admission.iter().collect();
    let mut out = Vec::new();
    for (key, ours) in [("admission", written), ("generatedAdmission", generated)] {
        let ours: BTreeMap<String, Value> = ours.into_iter().map(|a| (a.object.clone(), said(a))).collect();
        let list = case.answers.get(key).and_then(Value::as_array).into_iter().flatten();
        let kuma: BTreeMap<&str, &Value> = list.filter_map(|v| Some((v.get("object")?.as_str()?, v))).collect();
        for object in names(kuma.keys().copied(), ours.keys().map(String::as_str)) {
            let ours = ours.get(&object).cloned().unwrap_or(Value::Null);
            let kuma = kuma.get(object.as_str()).map_or(Value::Null, |v| as_sets(v));
            out.push(equal("validation", format!("{key} {object}"), &kuma, as_sets(&ours)));
        }
    }
    out
}

fn said(admission: &Admission) -> Value {
    let mut out = Map::new();
    let author = match admission.author {
        Author::User => "user",
        Author::ControlPlane => "control-plane",
    };
    out.insert("object".into(), json!(admission.object));
    out.insert("appliedBy".into(), json!(author));
    out.insert("kumaWebhooksRan".into(), json!(admission.webhooks_ran));
    match &admission.result {
        Ok(_) => drop(out.insert("result".into(), json!("allowed"))),
        Err(denied) => {
            out.insert("result".into(), json!("denied"));
            out.insert("stage".into(), json!(denied.stage.name()));
            out.insert("message".into(), json!(denied.message));
            if !denied.violations.is_empty() {
                out.insert("violations".into(), json!(denied.violations));
            }
        }
    }
    if !admission.warnings.is_empty() {
        out.insert("warnings".into(), json!(admission.warnings));
    }
    if !admission.dropped.is_empty() {
        let fields: Vec<&str> = admission.dropped.iter().map(|(field, _)| field.as_str()).collect();
        out.insert("unknownFieldsDropped".into(), json!(fields));
    }
    Value::Object(out)
}

/// Several violations come in an order of their own, in the message too.
fn as_sets(value: &Value) -> Value {
    let mut value = value.clone();
    if let Value::Object(map) = &mut value {
        for key in ["violations", "unknownFieldsDropped"] {
            if let Some(list) = map.get_mut(key) {
                *list = sorted(list);
            }
        }
        if let (Some(Value::Array(list)), Some(Value::String(message))) =
            (map.get("violations").cloned(), map.get_mut("message"))
        {
            let mut parts: Vec<&str> = message.split("; ").collect();
            parts.sort_unstable();
            if list.len() > 1 {
                *message = parts.join("; ");
            }
        }
    }
    value
}
