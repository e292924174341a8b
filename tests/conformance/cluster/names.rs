//! Group `names`: an object on every kind of control plane that it reaches.

use meshscope::resource::{Environment, Kind};
use meshscope::world::{self, Source, What, World};
use meshscope::zone::{ControlPlane, Stored, View};
use serde_json::{json, Map, Value};

use crate::facts::{equal, Fact};
use crate::setup;

const ENVIRONMENTS: [(&str, Environment); 2] =
    [("k8s", Environment::Kubernetes), ("universal", Environment::Universal)];

/// The facts about every object and every control plane that it may be created on.
pub fn facts(text: &str, json: &Value, answers: &Value) -> Vec<Fact> {
    let zone = json.get("zone").and_then(Value::as_str).unwrap_or("default");
    let other = json.get("kds").and_then(|k| k.get("otherZone")).and_then(Value::as_str).unwrap_or("west");
    let documents: Vec<&str> = text.split("\n---\n").collect();
    let mut out = Vec::new();
    for entry in answers.get("kds").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let (created_on, object) = (text("createdOn"), text("object"));
        let Some((role, environment)) = created_on.split_once('-') else { continue };
        let Some((_, environment)) = ENVIRONMENTS.iter().find(|(name, _)| *name == environment) else { continue };
        let trial = Trial { zone, other, object, documents: &documents, json, role, home: *environment };
        trial.facts(entry, created_on, &mut out);
    }
    out
}

/// One object, created on one control plane.
struct Trial<'a> {
    zone: &'a str,
    other: &'a str,
    object: &'a str,
    documents: &'a [&'a str],
    json: &'a Value,
    role: &'a str,
    home: Environment,
}

impl Trial<'_> {
    /// The document of the object: `Kind namespace/name` on Kubernetes, `Kind name` on Universal.
    fn document(&self) -> Option<String> {
        let (kind, name) = self.object.split_once(' ')?;
        let (namespace, name) = name.rsplit_once('/').map_or((None, name), |(namespace, name)| (Some(namespace), name));
        let parsed = self.documents.iter().filter_map(|text| Some((*text, serde_yaml::from_str::<Value>(text).ok()?)));
        let parsed: Vec<(&str, Value)> = parsed.collect();
        let text =
            |document: &Value, pointer: &str| document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let is = |document: &Value| match self.home {
            Environment::Kubernetes => {
                text(document, "/kind").as_deref() == Some(kind)
                    && text(document, "/metadata/name").as_deref() == Some(name)
                    && (namespace.is_none() || text(document, "/metadata/namespace").as_deref() == namespace)
            }
            Environment::Universal => {
                text(document, "/type").as_deref() == Some(kind) && text(document, "/name").as_deref() == Some(name)
            }
        };
        let (document, _) = parsed.iter().find(|(_, document)| is(document))?;
        let is_namespace = |document: &Value| text(document, "/kind").as_deref() == Some("Namespace");
        let namespaces = parsed.iter().filter(|(_, document)| is_namespace(document)).map(|(text, _)| text);
        Some(match self.home {
            Environment::Kubernetes => namespaces.chain([document]).copied().collect::<Vec<_>>().join("\n---\n"),
            Environment::Universal => (*document).to_owned(),
        })
    }

    /// The object's world, with global and the other zone running on these.
    fn world(&self, global: Environment, other: Environment) -> World {
        let mut options = setup::read_options(self.json);
        options.federated = Some(true);
        options.kubernetes.assume = false;
        let marker = |name: &str, environment, zone: Option<&str>| {
            Source {
            name: name.into(),
            text: match (environment, zone) {
                (Environment::Kubernetes, None) => {
                    "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: default}\n".into()
                }
                (Environment::Universal, None) => "type: Mesh\nname: default\n".into(),
                (Environment::Kubernetes, Some(_)) => "apiVersion: v1\nkind: Namespace\nmetadata: {name: kuma-system}\n".into(),
                (Environment::Universal, Some(_)) => {
                    "type: Dataplane\nname: d\nmesh: default\nnetworking: {address: 1.1.1.1, inbound: [{port: 1, tags: {kuma.io/service: x}}]}\n".into()
                }
            },
            zone: zone.map(str::to_owned),
            environment: Some(environment),
        }
        };
        let own = Source {
            name: "object".into(),
            text: self.document().unwrap_or_default().into(),
            zone: Some(if self.role == "zone" { self.zone } else { "global" }.to_owned()),
            environment: Some(self.home),
        };
        let sources = [
            marker("global", global, None),
            marker("zone", self.home, Some(self.zone)),
            marker("other", other, Some(self.other)),
            own,
        ];
        world::build(&sources, &options)
    }

    fn facts(&self, entry: &Value, created_on: &str, out: &mut Vec<Fact>) {
        let mut fact = |what: &str, kuma: &Value, ours: Value| {
            out.push(equal("names", format!("{} {created_on} {what}", self.object), kuma, ours));
        };
        let world = self.world(self.home, self.home);
        if let Some(rejected) = entry.get("rejected") {
            let refused =
                world.documents.iter().any(|d| d.document.source.0 == 3 && matches!(d.what, What::Rejected(_)));
            fact("rejected", &json!(true), json!(refused));
            if let Some(message) = rejected.get("message") {
                let denied =
                    world.kubernetes.values().flat_map(|e| &e.admission).find_map(|(_, a)| a.result.clone().err());
                fact("message", message, json!(denied.map(|d| d.message)));
            }
            return;
        }
        if let Some(kuma) = entry.get(format!("at {created_on}")) {
            let home = match self.role {
                "zone" => ControlPlane::Zone(self.zone.to_owned()),
                _ => ControlPlane::Global,
            };
            self.compare("at home", kuma, &world, &home, &mut fact);
        }
        let zone = ControlPlane::Zone(self.zone.to_owned());
        let other = ControlPlane::Zone(self.other.to_owned());
        for (global_name, global) in ENVIRONMENTS {
            let key = format!("then global-{global_name}");
            if let Some(at_global) = entry.get(&key) {
                let world = self.world(global, Environment::Universal);
                self.compare(&key, at_global, &world, &ControlPlane::Global, &mut fact);
                for (other_name, environment) in ENVIRONMENTS {
                    let second = format!("then other zone-{other_name}");
                    if let Some(kuma) = at_global.get(&second) {
                        let world = self.world(global, environment);
                        self.compare(&format!("{key} {second}"), kuma, &world, &other, &mut fact);
                    }
                }
            }
            // what global creates goes to zones at once
            for plane in [&zone, &other] {
                let key = match plane == &zone {
                    true => format!("then zone-{global_name}"),
                    false => format!("then other zone-{global_name}"),
                };
                if let (Some(kuma), "global") = (entry.get(&key), self.role) {
                    let world = self.world(self.home, global);
                    self.compare(&key, kuma, &world, &other, &mut fact);
                }
            }
        }
    }

    fn compare(
        &self,
        what: &str,
        kuma: &Value,
        world: &World,
        plane: &ControlPlane,
        fact: &mut impl FnMut(&str, &Value, Value),
    ) {
        let view = world.views.iter().find(|v| v.plane == *plane);
        let stored = view.and_then(|v| self.find(v));
        // `no: ` and why, where it does not travel
        let verdict = kuma.as_str().or_else(|| kuma.get("synced")?.as_str()).unwrap_or_default();
        if verdict.starts_with("no") {
            fact(&format!("{what} synced"), &json!(false), json!(stored.is_some()));
            return;
        }
        let Some(stored) = stored else {
            fact(what, kuma, Value::Null);
            return;
        };
        let environment = world.topology.environment(plane);
        let mut ours = Map::new();
        ours.insert("coreName".into(), json!(stored.name));
        ours.insert("kri".into(), json!(stored.kri().to_string()));
        ours.insert("labels".into(), json!(*stored.labels));
        ours.insert("mesh".into(), json!(stored.mesh()));
        ours.insert("local".into(), json!(stored.is_local()));
        if environment == Environment::Kubernetes {
            let namespace = stored.name.strip_prefix(stored.object_name()).and_then(|n| n.strip_prefix('.'));
            ours.insert(
                "k8sObject".into(),
                json!(format!("{}/{}", namespace.unwrap_or_default(), stored.object_name())),
            );
        }
        if stored.created.phase == 4 {
            ours.insert("nameOnWire".into(), json!(stored.object_name()));
        }
        for (key, value) in ours {
            if let Some(kuma) = kuma.get(&key) {
                fact(&format!("{what} {key}"), kuma, value);
            }
        }
    }

    fn find<'v>(&self, view: &'v View) -> Option<&'v Stored> {
        let (kind, name) = self.object.split_once(' ')?;
        let kind = Kind::named(kind)?;
        let name = name.rsplit('/').next()?;
        view.all().map(|(_, s)| s).find(|s| s.kind() == kind && s.display_name() == name)
    }
}
