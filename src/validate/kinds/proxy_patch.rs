//! MeshProxyPatch. Whether a value is a valid Envoy resource is not looked at.

use super::super::checks::{exactly_one, only_one, DEFINED, NOT_DEFINED, NOT_EMPTY};
use super::{top, At, Report, Role, PROXIES, PROXIES_AND_GATEWAYS};
use crate::collections::Gather;

const KINDS: &[&str] = &["cluster", "listener", "virtualHost", "networkFilter", "httpFilter"];

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    match role {
        Role::System => top(spec, PROXIES_AND_GATEWAYS, false, report),
        Role::Namespaced => top(spec, PROXIES, false, report),
    }
    let modifications = spec.field("default").field("appendModifications");
    report.unless(modifications.is_set(), &modifications, NOT_EMPTY);
    for modification in modifications.items() {
        let written: Vec<&str> = KINDS.iter().copied().filter(|k| modification.field(k).exists()).gather();
        match written.as_slice() {
            [kind] => one(kind, &modification.field(kind), report),
            _ => report.say(
                &modification,
                format!(
                    "exactly one modification can be defined at a time. Currently, {} modifications are defined",
                    written.len()
                ),
            ),
        }
    }
}

fn one(kind: &str, at: &At<'_>, report: &mut Report) {
    let is_filter = matches!(kind, "networkFilter" | "httpFilter");
    let (value, name) = (at.field("value"), at.field("match").field("name"));
    match at.field("operation").text() {
        "Add" => {
            let forbidden = if kind == "virtualHost" { name } else { at.field("match") };
            if forbidden.exists() {
                report.say(&forbidden, NOT_DEFINED);
            }
            report.unless(value.exists(), &value, DEFINED);
        }
        "Patch" => {
            if is_filter {
                report.unless(name.exists(), &name, DEFINED);
            }
            let patches = at.field("jsonPatches").is_set();
            // the words of the message hold the path inside the modification
            match (value.exists(), patches) {
                (true, true) => report.say(at, only_one(kind, &["value", "jsonPatches"])),
                (false, false) => report.say(at, exactly_one(kind, &["value", "jsonPatches"])),
                _ => {}
            }
        }
        "Remove" if value.exists() => report.say(&value, NOT_DEFINED),
        "AddFirst" | "AddLast" => report.unless(value.exists(), &value, DEFINED),
        side @ ("AddBefore" | "AddAfter") => {
            let side = if side == "AddBefore" { "before" } else { "after" };
            if name.is_absent() {
                report.say(
                    &name,
                    format!("must be defined. You need to pick a filter {side} which this one will be added"),
                );
            }
            report.unless(value.exists(), &value, DEFINED);
        }
        _ => {}
    }
}
