//! MeshTCPRoute.

use super::super::checks::DEFINED;
use super::super::reference::backend_ref;
use super::{item_ref, top_by_role, top_kind, At, Report, Role, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    top_by_role(spec, role, PROXIES_AND_GATEWAYS, report);
    let kinds: &[&str] = match top_kind(spec) {
        "MeshGateway" => &["Mesh"],
        _ => &["MeshService", "MeshExternalService", "MeshMultiZoneService"],
    };
    for to in spec.field("to").items() {
        item_ref(&to, kinds, report);
        for rule in to.field("rules").items() {
            let backends = rule.field("default").field("backendRefs");
            report.unless(backends.is_set(), &backends, DEFINED);
            for backend in backends.items() {
                backend_ref(&backend, report);
            }
        }
    }
}
