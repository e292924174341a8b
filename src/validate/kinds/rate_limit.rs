//! MeshRateLimit.

use super::super::checks::{at_least_one, DEFINED, NOT_DEFINED};
use super::{includes_gateways, item_ref, top_by_role, At, Report, Role, PROXIES_GATEWAYS_ROUTES};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    let (to, from, rules) = (spec.field("to"), spec.field("from"), spec.field("rules"));
    if rules.is_set() && (to.is_set() || from.is_set()) {
        report.say(spec, "fields 'to' and 'from' must be empty when 'rules' is defined");
    }
    top_by_role(spec, role, PROXIES_GATEWAYS_ROUTES, report);
    let gateways = includes_gateways(spec);
    if gateways && rules.is_set() {
        report.say(&rules, NOT_DEFINED);
    } else {
        for rule in rules.items() {
            conf(&rule.field("default"), report);
        }
    }
    if gateways && from.is_set() {
        report.say(&from, "must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways and use spec.to");
    } else {
        for item in from.items() {
            item_ref(&item, &["Mesh"], report);
            conf(&item.field("default"), report);
        }
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

fn conf(at: &At<'_>, report: &mut Report) {
    let local = at.field("local");
    if local.is_absent() {
        return report.say(&local, DEFINED);
    }
    let (http, tcp) = (local.field("http"), local.field("tcp"));
    if http.is_absent() && tcp.is_absent() {
        report.say(&local, at_least_one(&["tcp", "http"]));
    }
    if http.exists() {
        let fields = ["disabled", "requestRate", "onRateLimit"];
        if fields.iter().all(|name| http.field(name).is_absent()) {
            report.say(&http, at_least_one(&fields));
        } else {
            rate(&http.field("requestRate"), report);
            let status = http.field("onRateLimit").field("status");
            if status.number() == Some(0) {
                report.say(&status, "must be greater than 0");
            }
        }
    }
    if tcp.exists() {
        let fields = ["disabled", "connectionRate"];
        if fields.iter().all(|name| tcp.field(name).is_absent()) {
            report.say(&tcp, at_least_one(&fields));
        } else {
            rate(&tcp.field("connectionRate"), report);
        }
    }
}

fn rate(at: &At<'_>, report: &mut Report) {
    if at.is_absent() {
        return;
    }
    if at.field("num").number() == Some(0) {
        report.say(&at.field("num"), "must be greater than 0");
    }
    if at.field("interval").duration().is_some_and(|d| d <= 50_000_000) {
        report.say(&at.field("interval"), "must be greater than: 50ms");
    }
}
