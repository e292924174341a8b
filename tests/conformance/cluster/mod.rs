//! Kubernetes worlds: Kuma's controllers, converters, admission, matchers and rule builders on the same objects.

mod admission;
mod names;
mod objects;
mod proxies;
mod routing;
mod rules;

use std::path::Path;

use meshscope::kubernetes::Evaluation;
use meshscope::resource::Environment;
use meshscope::world::{self, Options, Source, World};
use meshscope::zone::{ControlPlane, View};
use serde_json::Value;

use crate::facts::Fact;
use crate::setup;

/// A Kubernetes world and what we make of it.
pub struct Case {
    /// Our world.
    pub world: World,
    /// Where its objects live.
    pub plane: ControlPlane,
    /// Kuma's answers.
    pub answers: Value,
    /// Its text.
    pub sources: Vec<Source>,
    /// How it was run.
    pub options: Options,
}

impl Case {
    /// What the control plane has.
    pub fn view(&self) -> &View {
        self.world.views.iter().find(|v| v.plane == self.plane).expect("the control plane of the world")
    }

    /// What the controllers made of its objects.
    pub fn evaluation(&self) -> &Evaluation {
        self.world.kubernetes.get(self.plane.name()).expect("the cluster of the world")
    }

    /// The answers under a key, by name.
    pub fn entries(&self, key: &str) -> Vec<(&String, &Value)> {
        self.answers.get(key).and_then(Value::as_object).into_iter().flatten().collect()
    }
}

/// All facts of a world.
pub fn facts(dir: &Path, text: &str, json: &Value, answers: &Value) -> Vec<Fact> {
    if json.get("kds").is_some() {
        return names::facts(text, json, answers);
    }
    let case = case(text, json, answers).unwrap_or_else(|| panic!("{}: no cluster", dir.display()));
    let mut facts = admission::facts(&case);
    facts.extend(objects::facts(&case));
    facts.extend(rules::facts(&case));
    facts.extend(routing::facts(&case));
    facts.extend(proxies::facts(&case));
    facts
}

fn case(text: &str, json: &Value, answers: &Value) -> Option<Case> {
    let mut options = setup::read_options(json);
    options.kubernetes.assume = false;
    let list = |key: &str| -> Vec<String> {
        let all = json.get(key).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    options.kubernetes.workload_labels = list("workloadLabels");
    options.kubernetes.ignored_service_selector_labels = list("ignoredServiceSelectorLabels");
    let global = json.get("control-plane").and_then(Value::as_str) == Some("global");
    let plane = if global { ControlPlane::Global } else { ControlPlane::Zone(options.zone.clone()) };
    let zone = Some(plane.name().to_owned());
    options.federated = Some(global || options.federated == Some(true));
    let sources =
        vec![Source { name: "world.yaml".into(), text: text.into(), zone, environment: Some(Environment::Kubernetes) }];
    let world = world::build(&sources, &options);
    debug_assert_eq!(world.topology.environment(&plane), Environment::Kubernetes);
    Some(Case { world, plane, answers: answers.clone(), sources, options })
}
