//! Services as Kuma stores and prints them.

use serde_json::{json, Map, Value};

use crate::collections::Gather;
use crate::resource::{label, Selector, TargetPort};
use crate::zone::Stored;

/// `spec` of a MeshService, MeshMultiZoneService or MeshExternalService, as Kuma prints it back: defaults filled in and,
/// for a MeshService, the state that its owner found.
pub fn spec(stored: &Stored) -> Value {
    let ports: Vec<Value> = stored
        .ports()
        .iter()
        .map(|port| {
            let mut out = Map::new();
            out.insert("port".into(), json!(port.port));
            out.insert("appProtocol".into(), json!(port.app_protocol));
            if let Some(name) = &port.name {
                out.insert("name".into(), json!(name));
            }
            match &port.target_port {
                Some(TargetPort::Number(n)) => out.insert("targetPort".into(), json!(n)),
                Some(TargetPort::Name(n)) => out.insert("targetPort".into(), json!(n)),
                None => None,
            };
            Value::Object(out)
        })
        .gather();
    let mut spec = Map::new();
    if let Some(service) = stored.as_mesh_service() {
        let selector = match &service.selector {
            Selector::None => json!({}),
            Selector::DataplaneTags(tags) => json!({"dataplaneTags": tags}),
            Selector::DataplaneRef(name) => json!({"dataplaneRef": {"name": name}}),
            Selector::DataplaneLabels(labels) if labels.is_empty() => json!({"dataplaneLabels": {}}),
            Selector::DataplaneLabels(labels) => json!({"dataplaneLabels": {"matchLabels": labels}}),
        };
        spec.insert("selector".into(), selector);
        if !ports.is_empty() {
            spec.insert("ports".into(), Value::Array(ports));
        }
        if let Some(available) = stored.available {
            spec.insert("state".into(), json!(state(available)));
        }
    } else if let Some(multi) = stored.as_multi_zone() {
        spec.insert("selector".into(), json!({"meshService": {"matchLabels": multi.match_labels}}));
        spec.insert("ports".into(), Value::Array(ports));
    } else if let Some(external) = stored.as_external() {
        return crate::schema::normalize("MeshExternalService", &[], &external.spec);
    }
    Value::Object(spec)
}

/// Kuma's name of a MeshService's state.
pub fn state(available: bool) -> &'static str {
    match available {
        true => "Available",
        false => "Unavailable",
    }
}

/// The whole document as Kuma would store it: on Universal as `kumactl get -o yaml` prints it, on Kubernetes as
/// `kubectl` does. Text that a YAML 1.1 reader would take for something else is quoted.
pub fn yaml(stored: &Stored) -> String {
    use crate::resource::Environment;
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.into(), value);
    match (stored.resource.environment, &stored.resource.namespace) {
        (Environment::Kubernetes, Some(namespace)) => {
            put("apiVersion", json!("kuma.io/v1alpha1"));
            put("kind", json!(stored.kind().name()));
            let labels: Map<String, Value> = stored
                .labels
                .iter()
                .filter(|(k, _)| *k != label::DISPLAY_NAME)
                .map(|(k, v)| (k.into(), json!(v)))
                .gather();
            put("metadata", json!({"name": stored.resource.name, "namespace": namespace, "labels": labels}));
        }
        _ => {
            put("type", json!(stored.kind().name()));
            put("name", json!(stored.name));
            put("mesh", json!(stored.mesh()));
            put("labels", json!(*stored.labels));
        }
    }
    put("spec", spec(stored));
    crate::yaml::write(&document, &["apiVersion", "kind", "type", "name", "mesh", "metadata", "labels", "spec"])
}
