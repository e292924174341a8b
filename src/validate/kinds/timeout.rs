//! MeshTimeout.

use super::super::checks::{duration_not_negative, positive_duration, NOT_DEFINED};
use super::{item_ref, lists, top_by_role, top_kind, At, Report, Role, PROXIES_GATEWAYS_ROUTES};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    top_by_role(spec, role, PROXIES_GATEWAYS_ROUTES, report);
    lists(spec, report);
    let top = top_kind(spec);
    let of_gateway = matches!(top, "MeshHTTPRoute" | "MeshGateway");
    for list in ["from", "rules"] {
        if of_gateway && spec.field(list).is_set() {
            report.say(&spec.field(list), NOT_DEFINED);
        }
    }
    let kinds: &[&str] = match of_gateway {
        true => &["Mesh", "MeshExternalService"],
        false => &["Mesh", "MeshService", "MeshExternalService", "MeshMultiZoneService", "MeshHTTPRoute"],
    };
    for item in spec.field("to").items() {
        item_ref(&item, kinds, report);
        conf(&item.field("default"), top == "MeshHTTPRoute", report);
    }
    if of_gateway {
        return;
    }
    for item in spec.field("from").items() {
        item_ref(&item, &["Mesh"], report);
        conf(&item.field("default"), false, report);
    }
    for rule in spec.field("rules").items() {
        conf(&rule.field("default"), false, report);
    }
}

fn conf(at: &At<'_>, of_route: bool, report: &mut Report) {
    let http = at.field("http");
    if at.field("connectionTimeout").is_absent() && at.field("idleTimeout").is_absent() && http.is_absent() {
        return report.say(at, "at least one timeout should be configured");
    }
    if of_route {
        let of_connection = ["connectionTimeout", "idleTimeout"].map(|name| at.field(name));
        let of_stream = ["maxStreamDuration", "maxConnectionDuration"].map(|name| http.field(name));
        for field in of_connection.iter().chain(&of_stream).filter(|f| f.exists()) {
            report.say(field, "can't be specified when top-level TargetRef is referencing MeshHTTPRoute");
        }
    }
    positive_duration(&at.field("connectionTimeout"), report);
    duration_not_negative(&at.field("idleTimeout"), report);
    if http.is_absent() {
        return;
    }
    // requestHeadersTimeout alone is not enough for Kuma.
    let fields = ["requestTimeout", "streamIdleTimeout", "maxStreamDuration", "maxConnectionDuration"];
    if fields.iter().all(|name| http.field(name).is_absent()) {
        report.say(&http, "at least one timeout in this section should be configured");
    }
    for name in fields.iter().chain(&["requestHeadersTimeout"]) {
        duration_not_negative(&http.field(name), report);
    }
}
