//! Kuma's own validators, one file a kind.

mod access_log;
mod circuit_breaker;
mod dataplane;
mod fault_injection;
mod health_check;
mod hostname_generator;
mod http_route;
mod load_balancing_strategy;
mod mesh;
mod mesh_external_service;
mod mesh_multi_zone_service;
mod mesh_service;
mod metric;
mod passthrough;
mod proxy_patch;
mod rate_limit;
mod retry;
mod tcp_route;
mod timeout;
mod tls;
mod trace;
mod traffic_permission;
mod zone_proxy;

use super::at::{At, Report};
use super::reference::{target_ref, Allowed};
use super::Role;

/// Says what Kuma's validator of the kind has against a document. `root` is the document, or on Kubernetes an object with
/// the same members.
pub fn validate(kind: &str, root: &At<'_>, role: Role, report: &mut Report) {
    let spec = root.field("spec");
    match kind {
        "Dataplane" => dataplane::validate(root, report),
        "HostnameGenerator" => hostname_generator::validate(&spec, report),
        "Mesh" => mesh::validate(root, report),
        "MeshAccessLog" => access_log::validate(&spec, report),
        "MeshCircuitBreaker" => circuit_breaker::validate(&spec, report),
        "MeshExternalService" => mesh_external_service::validate(root, report),
        "MeshFaultInjection" => fault_injection::validate(&spec, role, report),
        "MeshHTTPRoute" => http_route::validate(&spec, role, report),
        "MeshHealthCheck" => health_check::validate(&spec, report),
        "MeshLoadBalancingStrategy" => load_balancing_strategy::validate(&spec, report),
        "MeshMetric" => metric::validate(&spec, role, report),
        "MeshMultiZoneService" => mesh_multi_zone_service::validate(&spec, report),
        "MeshPassthrough" => passthrough::validate(&spec, report),
        "MeshProxyPatch" => proxy_patch::validate(&spec, role, report),
        "MeshRateLimit" => rate_limit::validate(&spec, role, report),
        "MeshRetry" => retry::validate(&spec, role, report),
        "MeshService" => mesh_service::validate(root, report),
        "MeshTCPRoute" => tcp_route::validate(&spec, role, report),
        "MeshTLS" => tls::validate(&spec, report),
        "MeshTimeout" => timeout::validate(&spec, role, report),
        "MeshTrace" => trace::validate(&spec, role, report),
        "MeshTrafficPermission" => traffic_permission::validate(&spec, report),
        "ZoneEgress" => zone_proxy::egress(root, report),
        "ZoneIngress" => zone_proxy::ingress(root, report),
        _ => {}
    }
}

/// Says which certificate authorities of a Mesh the control plane does not know, which it checks last.
pub fn mesh_authorities(root: &At<'_>, report: &mut Report) {
    mesh::authorities(root, report);
}

/// Top-level kinds that every policy takes, with inbounds chosen by labels or tags.
const PROXIES: &[&str] = &["Mesh", "MeshSubset", "MeshService", "MeshServiceSubset", "Dataplane"];
/// The same and gateways.
const PROXIES_AND_GATEWAYS: &[&str] =
    &["Mesh", "MeshSubset", "MeshGateway", "MeshService", "MeshServiceSubset", "Dataplane"];
/// The same and routes of gateways.
const PROXIES_GATEWAYS_ROUTES: &[&str] =
    &["Mesh", "MeshSubset", "MeshGateway", "MeshService", "MeshServiceSubset", "MeshHTTPRoute", "Dataplane"];

/// The kind of the top-level targetRef; a missing one means the mesh.
fn top_kind<'a>(spec: &At<'a>) -> &'a str {
    match spec.field("targetRef").field("kind").text() {
        "" => "Mesh",
        kind => kind,
    }
}

/// Whether the policy configures inbound traffic.
fn is_inbound(spec: &At<'_>) -> bool {
    spec.field("from").is_set() || spec.field("rules").is_set()
}

/// Checks the top-level targetRef, if there is one.
fn top(spec: &At<'_>, kinds: &[&str], gateway_tags: bool, report: &mut Report) {
    let at = spec.field("targetRef");
    if at.exists() {
        let allowed = Allowed { kinds, inbound: is_inbound(spec), gateway_tags, otherwise: None };
        target_ref(&at, &allowed, report);
    }
}

/// Checks the top-level targetRef of a policy that takes gateways only from Kuma's own namespace.
fn top_by_role(spec: &At<'_>, role: Role, system: &[&str], report: &mut Report) {
    match role {
        Role::System => top(spec, system, true, report),
        Role::Namespaced => top(spec, PROXIES, false, report),
    }
}

/// Checks the targetRef of an item.
fn item_ref(item: &At<'_>, kinds: &[&str], report: &mut Report) {
    target_ref(&item.field("targetRef"), &Allowed { kinds, ..Allowed::default() }, report);
}

/// `from` and `to` leave no room for `rules`, and one of the three must be there.
fn lists(spec: &At<'_>, report: &mut Report) {
    let set = |name: &str| spec.field(name).is_set();
    if set("rules") && (set("to") || set("from")) {
        report.say(spec, "fields 'to' and 'from' must be empty when 'rules' is defined");
    }
    if !set("rules") && !set("to") && !set("from") {
        report.say(spec, "at least one of 'from', 'to' or 'rules' has to be defined");
    }
}

/// Whether the policy's proxies include gateways: those of the whole mesh do, unless it says sidecars only.
fn includes_gateways(spec: &At<'_>) -> bool {
    let types = spec.field("targetRef").field("proxyTypes");
    match top_kind(spec) {
        "MeshGateway" | "MeshHTTPRoute" => true,
        "Mesh" | "MeshSubset" => !types.is_set() || types.items().iter().any(|t| t.text() == "Gateway"),
        _ => false,
    }
}

const EGRESS_ONLY: &str = "kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and shared by all clients in the mesh";

/// What a ZoneEgress is configured with holds for all of the mesh.
fn external_only_for_mesh(spec: &At<'_>, item: &At<'_>, report: &mut Report) {
    let kind = item.field("targetRef").field("kind");
    if kind.text() == "MeshExternalService" && top_kind(spec) != "Mesh" {
        report.say(&kind, EGRESS_ONLY);
    }
}
