//! Group `validation` of universal worlds: what Kuma refuses, and what it warns of.
//!
//! A fact is one document (refused or not, with which violations), or one entry of `warnings`.

use std::collections::BTreeSet;

use meshscope::diagnostic::SourceId;
use meshscope::validate::{self, Candidate, Client, Context, Nothing, Plane, Rejection};
use meshscope::yaml::{self, Limits, Node};
use serde_json::{json, Value};

use crate::facts::{equal, Fact};

/// The facts about every document of a world.
pub fn facts(text: &str, options: &Value, answers: &Value) -> Vec<Fact> {
    let reading = yaml::read(SourceId(0), text, &Limits::default());
    let zone_of = |root: Option<&Node>| root?.get("labels")?.text("kuma.io/zone").map(str::to_owned);
    let zones: BTreeSet<String> = reading.documents.iter().filter_map(|d| zone_of(d.root.as_deref())).collect();
    let plane = |root: Option<&Node>| match zone_of(root) {
        Some(name) => Plane::Zone { name, federated: true },
        None if zones.is_empty() && options.get("control-plane") != Some(&json!("global")) => {
            let name = options.get("zone").and_then(Value::as_str).unwrap_or("default").to_owned();
            Plane::Zone { name, federated: options.get("federated") == Some(&json!(true)) }
        }
        None => Plane::Global,
    };
    let candidates: Vec<Candidate<'_>> = reading
        .documents
        .iter()
        .map(|document| Candidate {
            root: document.root.as_deref(),
            partial: document.partial.as_deref(),
            unreadable: None,
            plane: plane(document.root.as_deref()),
            studied: None,
        })
        .collect();
    let context = Context {
        client: if options.get("applied") == Some(&json!("kumactl")) { Client::Kumactl } else { Client::Api },
        in_file_order: options.get("created").is_some(),
        assume_meshes: true,
        existing: &Nothing,
    };
    let mut out = Vec::new();
    for (index, verdict) in validate::validate(&candidates, &context).into_iter().enumerate() {
        let root = candidates.get(index).and_then(|c| c.root.or(c.partial));
        let path = format!("[{index}] {}", root.and_then(|r| r.text("name")).unwrap_or_default());
        let entry = |list: &str| {
            let entries = answers.get(list).and_then(Value::as_array);
            entries.into_iter().flatten().find(|e| e.get("index") == Some(&json!(index)))
        };
        let kuma = entry("rejected")
            .map_or(Value::Null, |e| json!({ "status": e.get("status"), "violations": as_set(e.get("violations")) }));
        // why a document cannot be read is known to the reader
        let unreadable = reading.documents.get(index).filter(|d| d.root.is_none()).and_then(|document| {
            let within =
                reading.diagnostics.iter().filter(|d| d.at.is_some_and(|at| document.span.touches(at.span.start)));
            within.filter_map(|d| d.kuma.as_ref()).next()
        });
        let ours = match (unreadable, &verdict.rejected) {
            (Some(why), _) => {
                json!({ "status": 400, "violations": as_set(Some(&json!([{ "field": why.field, "reason": why.reason }]))) })
            }
            (None, rejected) => rejected.as_ref().map_or(Value::Null, refusal),
        };
        out.push(equal("validation", path.clone(), &kuma, ours));
        let warned = entry("warnings").and_then(|e| e.get("warnings")).cloned();
        if warned.is_some() || !verdict.warnings.is_empty() {
            let ours = json!(verdict.warnings);
            out.push(equal("validation", format!("{path} warnings"), &warned.unwrap_or(json!([])), ours));
        }
    }
    out
}

fn refusal(rejection: &Rejection) -> Value {
    let pairs = rejection.violations().into_iter().map(|v| json!({ "field": v.field, "reason": v.reason }));
    json!({ "status": rejection.status, "violations": as_set(Some(&pairs.collect())) })
}

/// Violations in an order of their own, each once: Kuma's order says nothing.
fn as_set(violations: Option<&Value>) -> Value {
    let items = violations.and_then(Value::as_array).into_iter().flatten().map(Value::to_string);
    items.collect::<BTreeSet<_>>().into_iter().collect()
}
