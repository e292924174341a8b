//! MeshFaultInjection.

use super::super::checks::{duration_not_negative, percentage, status, DEFINED, NOT_DEFINED};
use super::super::reference::client_match;
use super::{includes_gateways, item_ref, top_by_role, At, Report, Role, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    let (to, from, rules) = (spec.field("to"), spec.field("from"), spec.field("rules"));
    top_by_role(spec, role, PROXIES_AND_GATEWAYS, report);
    if rules.is_set() && (to.is_set() || from.is_set()) {
        report.say(spec, "fields 'to' and 'from' must be empty when 'rules' is defined");
    }
    let gateways = includes_gateways(spec);
    if gateways && from.is_set() {
        report.say(&from, "must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways and use spec.to");
    } else {
        for item in from.items() {
            item_ref(&item, &["Mesh", "MeshSubset", "MeshServiceSubset", "MeshService"], report);
            conf(&item.field("default"), report);
        }
    }
    for rule in rules.items() {
        for one in rule.field("matches").items() {
            client_match(&one, report);
        }
        conf(&rule.field("default"), report);
    }
    if !gateways && to.is_set() {
        report.say(&to, NOT_DEFINED);
    } else {
        for item in to.items() {
            item_ref(&item, &["Mesh"], report);
            conf(&item.field("default"), report);
        }
    }
}

/// Kuma's paths put the index behind the kind of fault: `http.abort[0]`.
fn conf(at: &At<'_>, report: &mut Report) {
    let http = at.field("http");
    for (index, fault) in http.items().iter().enumerate() {
        let place = |name: &str| {
            let value = fault.field(name);
            At { path: format!("{}.{name}[{index}]", http.path), ..value }
        };
        let (abort, delay, bandwidth) = (place("abort"), place("delay"), place("responseBandwidth"));
        if abort.exists() {
            status(&abort.field("httpStatus"), report);
            percentage(&abort.field("percentage"), true, report);
        }
        if delay.exists() {
            duration_not_negative(&delay.field("value"), report);
            percentage(&delay.field("percentage"), true, report);
        }
        if bandwidth.exists() {
            let limit = bandwidth.field("limit");
            let said = At { path: format!("{}.responseBandwidth", bandwidth.path), ..limit.clone() };
            match limit.text() {
                "" => report.say(&said, DEFINED),
                text => report.unless(is_bandwidth(text), &said, "must be in kbps/Mbps/Gbps units"),
            }
            percentage(&bandwidth.field("percentage"), true, report);
        }
    }
}

/// Digits, perhaps a space, then some of `G`, `M` and `k` before `bps`.
fn is_bandwidth(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix([' ', '\t', '\n', '\r', '\u{c}']).unwrap_or(rest);
    rest.strip_suffix("bps").is_some_and(|unit| !unit.is_empty() && unit.bytes().all(|b| b"GMk".contains(&b)))
}
