//! What Kuma refuses and warns of, against every recorded world of universal control planes.
//!
//! A fact is one document (refused or not, with which violations) or one entry of `warnings`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say how far they agree"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use meshscope::diagnostic::{Code, SourceId};
use meshscope::validate::{self, Candidate, Client, Context, Nothing, Plane, Verdict};
use meshscope::yaml::{self, Limits, Node};
use serde_json::Value as Json;

/// Documents on which we may disagree with Kuma, and why.
const KNOWN: &[(&str, usize, &str)] =
    &[("route-without-backendrefs", 1, "`name: n` is a boolean to kumactl; the recording sent it as text")];

fn worlds() -> Vec<PathBuf> {
    let given = std::env::var_os("CONFORMANCE_DIR").map(PathBuf::from);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/universal");
    let mut all: Vec<PathBuf> = fs::read_dir(given.unwrap_or(own)).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|path| path.join("world.yaml").exists());
    all.sort();
    all
}

fn json(path: &Path) -> Json {
    fs::read_to_string(path).map_or(Json::Null, |text| serde_json::from_str(&text).unwrap())
}

fn verdicts(world: &Path) -> Vec<(Verdict, Option<Node>)> {
    let text = fs::read_to_string(world.join("world.yaml")).unwrap();
    let options = json(&world.join("options.json"));
    let reading = yaml::read(SourceId(0), &text, &Limits::default());
    let zone_of = |root: Option<&Node>| root?.get("labels")?.text("kuma.io/zone").map(str::to_owned);
    let zones: BTreeSet<String> = reading.documents.iter().filter_map(|d| zone_of(d.root.as_ref())).collect();
    let plane = |root: Option<&Node>| match zone_of(root) {
        Some(name) => Plane::Zone { name, federated: true },
        None if zones.is_empty() && options["control-plane"] != "global" => {
            let name = options["zone"].as_str().unwrap_or("default").to_owned();
            Plane::Zone { name, federated: options["federated"] == true }
        }
        None => Plane::Global,
    };
    let infinite = |index: u32| {
        let document = reading.documents.iter().find(|d| d.index == index)?;
        let here = reading
            .diagnostics
            .iter()
            .any(|d| d.code == Code::NotANumber && d.at.is_some_and(|at| document.span.touches(at.span.start)));
        here.then_some("error converting YAML to JSON: json: unsupported value: +Inf")
    };
    let candidates: Vec<Candidate<'_>> = reading
        .documents
        .iter()
        .map(|document| Candidate {
            root: document.root.as_ref(),
            partial: document.partial.as_ref(),
            unreadable: infinite(document.index),
            plane: plane(document.root.as_ref()),
        })
        .collect();
    let context = Context {
        client: if options["applied"] == "kumactl" { Client::Kumactl } else { Client::Api },
        in_file_order: options.get("created").is_some(),
        assume_meshes: true,
        existing: &Nothing,
    };
    let verdicts = validate::validate(&candidates, &context);
    verdicts.into_iter().zip(reading.documents.into_iter().map(|d| d.root.or(d.partial))).collect()
}

fn violations(rejected: &Json) -> BTreeSet<(String, String)> {
    let pair = |v: &Json| (v["field"].as_str().unwrap().to_owned(), v["reason"].as_str().unwrap().to_owned());
    rejected["violations"].as_array().unwrap().iter().map(pair).collect()
}

#[test]
fn documents_are_refused_as_kuma_refuses_them() {
    let (mut agreed, mut total, mut unexplained) = (0, 0, Vec::new());
    for world in worlds() {
        let name = world.file_name().unwrap().to_string_lossy().into_owned();
        let answers = json(&world.join("answers.json"));
        if answers.get("zones").is_none() {
            continue;
        }
        let entry = |list: &str, index: usize| {
            answers[list].as_array().into_iter().flatten().find(|e| e["index"] == index).cloned()
        };
        for (index, (verdict, root)) in verdicts(&world).into_iter().enumerate() {
            let kuma = entry("rejected", index);
            let ours = verdict.rejected.as_ref().map(|r| {
                let pairs = r.findings.iter().map(|f| (f.violation.field.clone(), f.violation.reason.clone()));
                (r.status, pairs.collect::<BTreeSet<_>>())
            });
            let theirs = kuma.map(|k| (k["status"].as_u64().unwrap() as u16, violations(&k)));
            let mut facts = vec![(format!("{theirs:?}"), format!("{ours:?}"))];
            let warned = entry("warnings", index).map(|w| w["warnings"].clone());
            if warned.is_some() || !verdict.warnings.is_empty() {
                facts.push((format!("{}", warned.unwrap_or_default()), format!("{}", Json::from(verdict.warnings))));
            }
            for (kuma, ours) in facts {
                total += 1;
                if kuma == ours {
                    agreed += 1;
                } else if !KNOWN.iter().any(|(world, document, _)| *world == name && *document == index) {
                    let what = root.as_ref().and_then(|r| r.text("name")).unwrap_or_default().to_owned();
                    unexplained.push(format!("{name}[{index}] {what}\n   kuma {kuma}\n   ours {ours}"));
                }
            }
        }
    }
    println!("validation {agreed}/{total}");
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(total > 0);
}
