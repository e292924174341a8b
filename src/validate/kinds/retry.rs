//! MeshRetry.

use super::super::checks::{DEFINED, NOT_EMPTY, POSITIVE};
use super::{item_ref, top_by_role, top_kind, At, Report, Role, PROXIES_GATEWAYS_ROUTES};

const HTTP_CONDITIONS: &[&str] = &[
    "5xx",
    "GatewayError",
    "Reset",
    "Retriable4xx",
    "ConnectFailure",
    "EnvoyRatelimited",
    "RefusedStream",
    "Http3PostConnectFailure",
    "HttpMethodConnect",
    "HttpMethodDelete",
    "HttpMethodGet",
    "HttpMethodHead",
    "HttpMethodOptions",
    "HttpMethodPatch",
    "HttpMethodPost",
    "HttpMethodPut",
    "HttpMethodTrace",
];

/// Statuses that Go's `net/http` has a text for.
fn is_known_status(text: &str) -> bool {
    matches!(
        text.parse::<u16>(),
        Ok(
            100..=103
            | 200..=208
            | 226
            | 300..=305
            | 307
            | 308
            | 400..=418
            | 421..=426
            | 428
            | 429
            | 431
            | 451
            | 500..=508
            | 510
            | 511,
        )
    )
}

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    top_by_role(spec, role, PROXIES_GATEWAYS_ROUTES, report);
    let to = spec.field("to");
    if !to.is_set() {
        report.say(&to, "needs at least one item");
    }
    let kinds: &[&str] = match top_kind(spec) {
        "MeshGateway" | "MeshHTTPRoute" => &["Mesh", "MeshExternalService"],
        _ => &["Mesh", "MeshService", "MeshExternalService", "MeshMultiZoneService", "MeshHTTPRoute"],
    };
    for item in to.items() {
        item_ref(&item, kinds, report);
        conf(&item.field("default").named("conf"), report);
    }
}

fn conf(at: &At<'_>, report: &mut Report) {
    let (tcp, http, grpc) = (at.field("tcp"), at.field("http"), at.field("grpc"));
    if tcp.is_absent() && http.is_absent() && grpc.is_absent() {
        report.say(at, "at least one of the 'tcp', 'http', 'grpc' must be specified");
    }
    if tcp.exists() {
        let attempts = tcp.field("maxConnectAttempt");
        match attempts.number() {
            None => report.say(&tcp, NOT_EMPTY),
            Some(number) => report.unless(number != 0, &attempts, POSITIVE),
        }
    }
    let none = |at: &At<'_>, of: &[&str]| of.iter().all(|name| at.field(name).is_absent());
    if http.exists() {
        let fields = [
            "numRetries",
            "perTryTimeout",
            "backOff",
            "retryOn",
            "retriableRequestHeaders",
            "retriableResponseHeaders",
            "rateLimitedBackOff",
            "hostSelection",
        ];
        report.unless(!none(&http, &fields), &http, NOT_EMPTY);
        back_off(&http, report);
        for condition in http.field("retryOn").items() {
            let text = condition.text();
            if !HTTP_CONDITIONS.contains(&text) && !is_known_status(text) {
                report.say(&condition, format!("unknown item '{text}'"));
            }
        }
        host_selection(&http.field("hostSelection"), report);
    }
    if grpc.exists() {
        let fields = ["numRetries", "perTryTimeout", "backOff", "retryOn", "rateLimitedBackOff"];
        report.unless(!none(&grpc, &fields), &grpc, NOT_EMPTY);
        back_off(&grpc, report);
    }
}

fn back_off(at: &At<'_>, report: &mut Report) {
    let plain = at.field("backOff");
    if plain.exists() && plain.field("baseInterval").is_absent() && plain.field("maxInterval").is_absent() {
        report.say(&plain, NOT_EMPTY);
    }
    let limited = at.field("rateLimitedBackOff");
    if limited.exists() {
        if limited.field("maxInterval").duration().is_some_and(|d| d <= 0) {
            report.say(&limited.field("maxInterval"), "must be defined and greater than zero");
        }
        report.unless(limited.field("resetHeaders").exists(), &limited.field("resetHeaders"), DEFINED);
    }
}

fn host_selection(at: &At<'_>, report: &mut Report) {
    let mut priorities = false;
    for predicate in at.items() {
        match predicate.field("predicate").text() {
            "OmitHostsWithTags" => {
                report.unless(predicate.field("tags").exists(), &predicate.field("tags"), DEFINED);
            }
            "OmitPreviousPriorities" => {
                if priorities {
                    report.say(&predicate.field("predicate"), "OmitPreviousPriorities must only be specified once");
                }
                let frequency = predicate.field("updateFrequency");
                // the schema fills in 2 where it is absent
                if frequency.number().is_some_and(|n| n <= 0) {
                    report.say(&frequency, "must be defined and greater than zero");
                }
                priorities = true;
            }
            _ => {}
        }
    }
}
