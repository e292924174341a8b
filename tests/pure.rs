//! Evaluation is a pure function: the same input gives the same bytes, and what Kuma does not order by creation does not
//! depend on the order of documents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop"
)]

use std::path::{Path, PathBuf};

use meshscope::answer;
use meshscope::report::Summary;
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source};
use serde_json::{json, Value};

/// Everything that can be asked of a world, as JSON.
fn everything(text: &str) -> Value {
    let source = Source { name: "world.yaml".into(), text: text.into(), ..Source::default() };
    let world = build(&[source], &Options::default());
    let zones = Zones::of(&world);
    let summary = Summary::of(&world);
    let proxies: Vec<_> = summary
        .zones
        .iter()
        .flat_map(|z| &z.proxies)
        .map(|name| answer::proxies::proxy(&world, &zones, name))
        .collect();
    json!({
        "summary": summary,
        "diagnostics": answer::diagnostics(&world, &zones),
        "rules": answer::references::references(&world, &zones),
        "services": answer::services::services(&world),
        "generated": answer::generated(&world),
        "proxies": proxies,
    })
}

fn worlds(below: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut dirs: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    dirs.sort();
    dirs.into_iter()
        .filter_map(|dir| {
            let text = std::fs::read_to_string(dir.join("world.yaml")).ok()?;
            Some((dir, text))
        })
        .collect()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for below in ["tests/conformance/universal", "tests/conformance/kubernetes"] {
        for (dir, text) in worlds(below) {
            assert_eq!(everything(&text).to_string(), everything(&text).to_string(), "{}", dir.display());
        }
    }
}

/// What no span shows: the hits of each reference by name, and each proxy's policies and routes.
fn without_places(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for key in ["location", "documents", "document", "id", "related"] {
                    map.remove(key);
                }
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}

#[test]
fn policies_and_routes_may_stand_in_any_order() {
    let is_policy = |document: &str| {
        document.trim_start().lines().next().is_some_and(|l| l.starts_with("type: Mesh") && l != "type: Mesh")
            && !document.contains("type: MeshService")
            && !document.contains("type: MeshMultiZoneService")
            && !document.contains("type: MeshExternalService")
    };
    let mut turned = 0;
    for (dir, text) in worlds("tests/conformance/universal") {
        let documents: Vec<&str> = text.split("\n---\n").collect();
        let policies: Vec<&str> = documents.iter().copied().filter(|d| is_policy(d)).collect();
        let names: std::collections::BTreeSet<&str> = policies.iter().copied().collect();
        // a document that replaces another of the same name is an order that matters
        if policies.len() < 2 || names.len() < policies.len() || dir.ends_with("invalid-mesh-reference-and-duplicates")
        {
            continue;
        }
        let mut reversed = policies.iter().rev();
        let other: Vec<&str> =
            documents.iter().map(|d| if is_policy(d) { *reversed.next().unwrap() } else { *d }).collect();
        turned += 1;
        let proxies = |text: &str| without_places(everything(text)["proxies"].clone());
        assert_eq!(proxies(&text), proxies(&other.join("\n---\n")), "{}", dir.display());
    }
    assert!(turned > 10, "only {turned} worlds have policies that could be turned round");
}
