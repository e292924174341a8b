//! The tables of kinds against the recorded worlds: what a policy's configuration becomes when Kuma stores it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use std::fs;
use std::path::Path;

use meshscope::diagnostic::SourceId;
use meshscope::schema;
use meshscope::yaml::{self, Limits, Node};
use serde_json::Value as Json;

/// The worlds of a folder of the corpus: name, documents, answers.
fn worlds(folder: &str) -> Vec<(String, Vec<Node>, Json)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(folder);
    let mut names: Vec<_> = fs::read_dir(&root).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    let read = |name: &std::ffi::OsStr| {
        let world = fs::read_to_string(root.join(name).join("world.yaml")).unwrap();
        let answers = fs::read_to_string(root.join(name).join("answers.json")).unwrap();
        let documents = yaml::read(SourceId(0), &world, &Limits::default()).documents;
        let roots = documents.into_iter().filter_map(|d| Some(*d.root?)).collect();
        (name.to_string_lossy().into_owned(), roots, serde_json::from_str(&answers).unwrap())
    };
    names.iter().filter(|n| root.join(n).join("world.yaml").exists()).map(|n| read(n)).collect()
}

/// Every rule of an answer that one item alone made: kind, policy, index of the item, configuration.
fn single(answer: &Json, kind: &str, out: &mut Vec<(String, String, usize, Json)>) {
    match answer {
        Json::Object(map) => {
            if let (Some(conf), Some([origin])) =
                (map.get("conf"), map.get("origin").and_then(Json::as_array).map(Vec::as_slice))
            {
                let labels = &origin["labels"];
                let name = labels["kuma.io/display-name"].as_str().or(origin["name"].as_str()).unwrap();
                let index = origin["ruleIndex"].as_u64().unwrap_or_default() as usize;
                let kind = origin["type"].as_str().unwrap_or(kind);
                let conf = conf.as_array().map_or(conf, |confs| &confs[0]);
                out.push((kind.to_owned(), name.to_owned(), index, conf.clone()));
            }
            map.values().for_each(|value| single(value, kind, out));
        }
        Json::Array(items) => items.iter().for_each(|item| single(item, kind, out)),
        _ => {}
    }
}

#[test]
fn confs_are_stored_as_kuma_stores_them() {
    let mut checked = 0;
    for (world, documents, answers) in worlds("universal") {
        let mut expected = Vec::new();
        for zone in answers["zones"].as_object().into_iter().flat_map(|zones| zones.values()) {
            for proxy in zone.as_object().into_iter().flat_map(|meshes| meshes.values()) {
                for proxy in proxy["proxies"].as_object().into_iter().flat_map(|proxies| proxies.values()) {
                    for rules in proxy["rules"].as_array().into_iter().flatten() {
                        single(&rules["toResourceRules"], rules["type"].as_str().unwrap(), &mut expected);
                    }
                }
            }
        }
        for (kind, name, index, conf) in expected {
            // of several documents of one name any may be meant; worlds with such names say which elsewhere
            let mut candidates = documents
                .iter()
                .filter(|d| d.text("type") == Some(&kind) && d.text("name") == Some(&name))
                .filter_map(|d| d.get("spec")?.items("to").get(index))
                .map(|item| match kind.as_str() {
                    "MeshHTTPRoute" => {
                        let rules = schema::normalize(&kind, &["to", "rules"], item.get("rules").unwrap());
                        serde_json::json!({ "rules": rules })
                    }
                    "MeshTCPRoute" => {
                        let rules = schema::normalize(&kind, &["to", "rules"], item.get("rules").unwrap());
                        rules[0].clone()
                    }
                    _ => schema::normalize(&kind, &["to", "default"], item.get("default").unwrap()),
                })
                .peekable();
            if candidates.peek().is_none() {
                // a default policy of the Mesh; or a name such as `n`, which is a boolean to us and was sent as text
                let unnamed = documents.iter().any(|d| d.get("name").is_some_and(|n| n.as_str().is_none()));
                assert!(name.contains("-all-") || unnamed, "{world}: no document {kind} {name}");
                continue;
            }
            let candidates: Vec<Json> = candidates.collect();
            assert!(candidates.contains(&conf), "{world}: {kind} {name} [{index}]\n kuma {conf}\n ours {candidates:?}");
            checked += 1;
        }
    }
    assert!(checked > 180, "only {checked} configurations were compared");
}

#[test]
fn fields_are_offered_for_completion() {
    let names = |kind: &str, path: &[&str]| -> Vec<&str> {
        schema::fields(kind, path).into_iter().map(|field| field.name).collect()
    };
    assert_eq!(names("MeshTimeout", &["spec", "to", "default", "http"])[0], "requestTimeout");
    assert_eq!(names("MeshService", &[]), ["type", "name", "mesh", "labels", "spec"]);
    assert_eq!(names("Mesh", &["meshServices"]), ["mode"]);
    let kinds = &schema::fields("MeshHTTPRoute", &["spec", "to", "targetRef"])[0];
    assert!(kinds.values.iter().any(|value| value == "MeshMultiZoneService"));
}

/// Every field is explained, in a sentence.
#[test]
fn every_field_is_explained() {
    fn walk(kind: &str, path: &mut Vec<&'static str>, seen: &mut usize) {
        for field in schema::fields(kind, path) {
            assert!(
                field.doc.ends_with('.') || field.doc.ends_with('…'),
                "{kind} {path:?} {}: {}",
                field.name,
                field.doc
            );
            *seen += 1;
            if path.len() < 12 {
                path.push(field.name);
                walk(kind, path, seen);
                path.pop();
            }
        }
    }
    let mut seen = 0;
    for schema in schema::SCHEMAS {
        walk(schema.kind, &mut Vec::new(), &mut seen);
    }
    assert!(seen > 1000, "{seen}");
}
