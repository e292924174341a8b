//! Reads a recorded world and asks every group for its facts.

use std::path::Path;

use meshscope::resource::Environment;
use meshscope::service::generate::LabelPropagation;
use meshscope::validate::Client;
use meshscope::world::{self, Options, Source, World};
use serde_json::Value;

use crate::cluster;
use crate::facts::Fact;
use crate::{live, proxies, rules, services, traffic, validation};

/// A recorded world and what we make of it.
pub struct Case {
    /// Our world.
    pub world: World,
    /// The text that it was read from.
    pub text: String,
    /// What is recorded about how it was run.
    pub options: Value,
    /// Kuma's answers.
    pub answers: Value,
}

/// All facts of the world in a directory.
pub fn run(dir: &Path) -> Vec<Fact> {
    let case = load(dir);
    if case.answers.get("zones").is_none() {
        return cluster::facts(dir, &case.text, &case.options, &case.answers);
    }
    let mut facts = validation::facts(&case.text, &case.options, &case.answers);
    for group in [services::facts, proxies::facts, rules::facts, traffic::facts, live::facts] {
        facts.extend(group(&case));
    }
    facts
}

/// Reads world, options and answers.
pub fn load(dir: &Path) -> Case {
    let read = |name: &str| std::fs::read_to_string(dir.join(name));
    let text = read("world.yaml").unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let json = |text: String| serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let answers: Value = json(read("answers.json").unwrap_or_else(|e| panic!("{}: {e}", dir.display())));
    let options: Value = read("options.json").map(json).unwrap_or(Value::Null);
    let text = match options.get("applied").and_then(Value::as_str) {
        Some("kumactl") => text,
        _ => as_sent(&text),
    };
    // the universal worlds were applied to control planes that run on machines
    let environment = answers.get("zones").map(|_| Environment::Universal);
    // a world without zones is one zone unless it says that it is a global control plane
    let zone = (options.get("control-plane").and_then(Value::as_str) == Some("global")).then(|| "global".to_owned());
    let sources = [Source { name: "world.yaml".into(), text: text.as_str().into(), zone, environment }];
    Case { world: world::build(&sources, &read_options(&options)), text, options, answers }
}

/// The text with every bare `y` and `n` in quotes. Worlds that did not go through kumactl were sent as JSON by a program
/// to which these are text, while Kuma's own YAML reader takes them for booleans.
fn as_sent(text: &str) -> String {
    let line = |line: &str| {
        let bytes = line.as_bytes();
        let at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).copied();
        let mut out = String::new();
        for (index, c) in line.char_indices() {
            let before = (0..index).rev().find(|i| bytes.get(*i) != Some(&b' '));
            let opens = match at(before) {
                Some(b':' | b',' | b'-') => index.checked_sub(1).and_then(|i| bytes.get(i)) == Some(&b' '),
                Some(b'[' | b'{') | None => true,
                _ => false,
            };
            let closes = matches!(at(Some(index + 1)), None | Some(b',' | b']' | b'}' | b':'));
            match c {
                'y' | 'n' | 'Y' | 'N' if opens && closes => out.extend(['\'', c, '\'']),
                c => out.push(c),
            }
        }
        out
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// What options.json says, for every kind of world.
pub fn read_options(json: &Value) -> Options {
    let flag = |key: &str| json.get(key).and_then(Value::as_bool).unwrap_or(false);
    let mut options = Options { default_hostname_generators: flag("defaultHostnameGenerators"), ..Options::default() };
    if let Some(zone) = json.get("zone").and_then(Value::as_str) {
        options.zone = zone.to_owned();
    }
    options.federated = json.get("federated").and_then(Value::as_bool);
    options.client = match json.get("applied").and_then(Value::as_str) {
        Some("kumactl") => Client::Kumactl,
        _ => Client::Api,
    };
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
