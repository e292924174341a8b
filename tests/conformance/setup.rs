//! Reads a recorded world and asks every group for its facts.

use std::path::Path;

use meshscope::service::generate::LabelPropagation;
use meshscope::world::{self, Options, Source, World};
use serde_json::Value;

use crate::facts::Fact;
use crate::services;

/// A recorded world and what we make of it.
pub struct Case {
    /// Our world.
    pub world: World,
    /// Kuma's answers.
    pub answers: Value,
}

/// All facts of the world in a directory.
pub fn run(dir: &Path) -> Vec<Fact> {
    let case = load(dir);
    match case.answers.get("zones").is_some() {
        true => services::facts(&case),
        false => Vec::new(),
    }
}

/// Reads world, options and answers.
pub fn load(dir: &Path) -> Case {
    let read = |name: &str| std::fs::read_to_string(dir.join(name));
    let text = read("world.yaml").unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let json = |text: String| serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let answers: Value = json(read("answers.json").unwrap_or_else(|e| panic!("{}: {e}", dir.display())));
    let options: Value = read("options.json").map(json).unwrap_or(Value::Null);
    let sources = [Source { name: "world.yaml".into(), text, zone: None }];
    Case { world: world::build(&sources, &read_options(&options)), answers }
}

fn read_options(json: &Value) -> Options {
    let flag = |key: &str| json.get(key).and_then(Value::as_bool).unwrap_or(false);
    let mut options = Options { default_hostname_generators: flag("defaultHostnameGenerators"), ..Options::default() };
    if let Some(zone) = json.get("zone").and_then(Value::as_str) {
        options.zone = zone.to_owned();
    }
    options.federated = json.get("federated").and_then(Value::as_bool);
    options.created_in_file_order = json.get("created").is_some();
    if let Some(pauses) = json.get("pauses").and_then(Value::as_object) {
        options.pauses = pauses.keys().filter_map(|k| k.parse().ok()).collect();
        options.pauses.sort_unstable();
    }
    options.generation.inbound_tags_disabled = flag("inboundTagsDisabled");
    if let Some(propagation) = json.get("labelPropagation") {
        if propagation.get("enabled").and_then(Value::as_bool) == Some(true) {
            let keys = propagation.get("allowedKeys").and_then(Value::as_array).cloned().unwrap_or_default();
            options.generation.label_propagation = Some(LabelPropagation {
                allowed_keys: keys.iter().filter_map(|k| k.as_str().map(str::to_owned)).collect(),
            });
        }
    }
    options
}
