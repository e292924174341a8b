//! What Kuma takes, with a word of warning.

use super::at::At;
use super::names;
use super::protobuf::go_quote;
use crate::collections::Gather;

/// The warnings that a control plane answers with when it stores the document.
pub fn warnings(kind: &str, root: &At<'_>) -> Vec<String> {
    let spec = root.field("spec");
    let mut out = Vec::new();
    match kind {
        "Mesh" | "MeshService" | "MeshExternalService" | "MeshMultiZoneService" => service(kind, root, &mut out),
        "MeshTrafficPermission" if spec.field("from").is_set() => out.push(
            "'from' field is deprecated and will be removed in 3.0, use 'rules' with MeshIdentity (spiffeId) instead"
                .to_owned(),
        ),
        "MeshTimeout" | "MeshCircuitBreaker" | "MeshRateLimit" | "MeshAccessLog" | "MeshTLS" | "MeshFaultInjection"
            if spec.field("from").is_set() =>
        {
            out.push("'from' field is deprecated, use 'rules' instead".to_owned());
        }
        _ => {}
    }
    match kind {
        "MeshRateLimit" => rate_limit(&spec, &mut out),
        "MeshAccessLog" => {
            let backends = ["to", "from", "rules"].iter().flat_map(|list| spec.field(list).items());
            let backends: Vec<_> = backends.flat_map(|i| i.field("default").field("backends").items()).gather();
            otel_endpoint(&backends, &mut out);
        }
        "MeshMetric" | "MeshTrace" => otel_endpoint(&spec.field("default").field("backends").items(), &mut out),
        "MeshLoadBalancingStrategy" => hash_policies(&spec, &mut out),
        _ => {}
    }
    if matches!(kind, "MeshTrafficPermission" | "MeshFaultInjection") {
        let by_service = |item: &At<'_>| item.field("targetRef").field("kind").text() == "MeshService";
        let all = spec.field("from").items();
        out.extend(all.iter().filter(|item| by_service(item)).map(|_| FROM_SERVICE.to_owned()));
    }
    top_target(&spec, &mut out);
    if kind == "MeshHealthCheck" {
        for item in spec.field("to").items() {
            if item.field("default").field("healthyPanicThreshold").exists() {
                out.push("healthyPanicThreshold for 'to[].default' is deprecated. The setting has been moved to MeshCircuitBreaker policy, please use MeshCircuitBreaker policy instead.".to_owned());
            }
        }
    }
    out
}

const FROM_SERVICE: &str =
    "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead";

fn top_target(spec: &At<'_>, out: &mut Vec<String>) {
    let kind = spec.field("targetRef").field("kind").text();
    if matches!(kind, "MeshSubset" | "MeshService" | "MeshServiceSubset") {
        out.push(format!("{kind} value for 'targetRef.kind' is deprecated, use Dataplane with labels instead"));
    }
}

fn rate_limit(spec: &At<'_>, out: &mut Vec<String>) {
    for list in ["from", "rules", "to"] {
        for (index, item) in spec.field(list).items().iter().enumerate() {
            let http = item.field("default").field("local").field("http");
            if http.field("onRateLimit").field("status").number().is_some_and(|status| status < 400) {
                out.push(format!("'spec.{list}[{index}].default.local.http.requestRate.status' must be 400 or higher. Please update your configuration."));
            }
        }
    }
}

fn otel_endpoint(backends: &[At<'_>], out: &mut Vec<String>) {
    let inline = |backend: &At<'_>| {
        let otel = backend.field("openTelemetry");
        otel.field("endpoint").is_set() && otel.field("backendRef").is_absent()
    };
    if backends.iter().any(inline) {
        out.push("openTelemetry.endpoint is deprecated, use openTelemetry.backendRef with a MeshOpenTelemetryBackend resource instead".to_owned());
    }
}

fn hash_policies(spec: &At<'_>, out: &mut Vec<String>) {
    for (index, item) in spec.field("to").items().iter().enumerate() {
        let balancer = item.field("default").field("loadBalancer");
        let algorithm = match balancer.field("type").text() {
            "RingHash" => "ringHash",
            "Maglev" => "maglev",
            _ => continue,
        };
        for (policy, at) in balancer.field(algorithm).field("hashPolicies").items().iter().enumerate() {
            if at.field("type").text() == "SourceIP" {
                out.push(format!("SourceIP type for 'spec.to[{index}].default.loadBalancer.{algorithm}.hashPolicies[{policy}].type' is deprecated, use Connection instead"));
            }
        }
    }
}

/// The name of a Mesh or of a service becomes part of host names and, as the names of its ports, of TLS server names.
fn service(kind: &str, root: &At<'_>, out: &mut Vec<String>) {
    let (name, spec) = (root.field("name").text(), root.field("spec"));
    let errors = names::rfc1035_errors(name);
    if !errors.is_empty() {
        out.push(format!(
            "Invalid {kind} resource name: '{name}'. It does not conform to the DNS format (RFC 1035). This is deprecated. Errors: {}",
            errors.join("; ")
        ));
    }
    let ports = if kind == "MeshExternalService" { vec![spec.field("match")] } else { spec.field("ports").items() };
    let named = |what: &str, name: &str| {
        let because = names::label_errors(name);
        (!because.is_empty())
            .then(|| format!("{what} {} does not conform to RFC 1123: {}", go_quote(name), because.join("; ")))
    };
    for port in ports {
        let number = port.field("port").number().unwrap_or_default().to_string();
        let section = if port.field("name").is_set() { port.field("name").text() } else { &number };
        let mesh = Some(root.field("mesh").text()).filter(|mesh| !mesh.is_empty());
        let errors = mesh.and_then(|mesh| named("mesh", mesh)).into_iter().chain(named("name", name));
        let of_section = Some(names::label_errors(section).join("; ")).filter(|error| !error.is_empty());
        for error in errors.chain(of_section) {
            out.push(format!("Invalid {kind} SNI (port {}): {error}. This is deprecated.", go_quote(section)));
        }
    }
}
