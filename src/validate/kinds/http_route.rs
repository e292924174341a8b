//! MeshHTTPRoute.

use crate::collections::SortedSet;

use super::super::checks::{is_ip, ABSOLUTE, DEFINED, NOT_DEFINED, NOT_EMPTY};
use super::super::names;
use super::super::reference::{backend_ref, header_modifier, target_ref, Allowed};
use super::{item_ref, top_by_role, top_kind, At, Report, Role, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    top_by_role(spec, role, PROXIES_AND_GATEWAYS, report);
    let of_gateway = top_kind(spec) == "MeshGateway";
    for to in spec.field("to").items() {
        let kinds: &[&str] = match of_gateway {
            true => &["Mesh"],
            false => &["MeshService", "MeshExternalService", "MeshMultiZoneService"],
        };
        item_ref(&to, kinds, report);
        let hostnames = to.field("hostnames");
        if !of_gateway && hostnames.is_set() {
            report.say(&hostnames, NOT_DEFINED);
        }
        for rule in to.field("rules").items() {
            self::rule(&rule, of_gateway, report);
        }
    }
}

fn rule(at: &At<'_>, of_gateway: bool, report: &mut Report) {
    let matches = at.field("matches").items();
    for one in &matches {
        path(&one.field("path"), report);
        let mut names = SortedSet::new();
        for query in one.field("queryParams").items() {
            let name = query.field("name");
            if !names.insert(name.text()) {
                report.say(&name, format!("multiple entries for name {}", name.text()));
            }
        }
        for header in one.field("headers").items() {
            let value = header.field("value");
            if matches!(header.field("type").text(), "Present" | "Absent") && value.is_set() {
                report.say(&value, NOT_DEFINED);
            }
        }
    }
    // Without a path a match is not one of a prefix, though Envoy gets the prefix `/`.
    let only_prefixes = matches.iter().all(|m| m.field("path").field("type").text() == "PathPrefix");
    let filters = at.field("default").field("filters").items();
    for filter in &filters {
        self::filter(filter, of_gateway, only_prefixes, report);
    }
    let backends = at.field("default").field("backendRefs");
    let redirects = filters.iter().any(|f| f.field("type").text() == "RequestRedirect");
    if of_gateway && !backends.is_set() && !redirects {
        report.say(&backends, NOT_EMPTY);
    }
    for backend in backends.items() {
        backend_ref(&backend, report);
    }
}

fn path(at: &At<'_>, report: &mut Report) {
    let value = at.field("value");
    let text = value.text();
    match at.field("type").text() {
        "PathPrefix" if text != "/" => {
            if text.ends_with('/') {
                report.say(
                    &value,
                    "does not need a trailing slash because only a `/`-separated prefix or an entire path is matched",
                );
            }
            report.unless(text.starts_with('/'), &value, ABSOLUTE);
        }
        "Exact" => report.unless(text.starts_with('/'), &value, ABSOLUTE),
        _ => {}
    }
}

fn filter(at: &At<'_>, of_gateway: bool, only_prefixes: bool, report: &mut Report) {
    let kind = at.field("type").text();
    let settings = at.field(match kind {
        "RequestHeaderModifier" => "requestHeaderModifier",
        "ResponseHeaderModifier" => "responseHeaderModifier",
        "RequestRedirect" => "requestRedirect",
        "URLRewrite" => "urlRewrite",
        "RequestMirror" => "requestMirror",
        _ => return,
    });
    if settings.is_absent() {
        return report.say(&settings, DEFINED);
    }
    match kind {
        "RequestRedirect" | "URLRewrite" => {
            let prefix = settings.field("path").field("replacePrefixMatch");
            if prefix.exists() && !only_prefixes {
                report.say(&prefix, "can only appear if all matches match a path prefix");
            }
            hostname(&settings.field("hostname"), report);
            let backend = settings.field("hostToBackendHostname");
            if backend.node.and_then(|n| n.as_bool()) == Some(true) {
                report.unless(of_gateway, &backend, "can only be set with MeshGateway");
                if settings.field("hostname").exists() {
                    report.say(&backend, "cannot be set together with hostname");
                }
            }
        }
        "RequestMirror" => {
            let allowed = Allowed { kinds: &["MeshService", "MeshServiceSubset"], ..Allowed::default() };
            target_ref(&settings.field("backendRef"), &allowed, report);
        }
        _ => header_modifier(&settings, report),
    }
}

fn hostname(at: &At<'_>, report: &mut Report) {
    if at.is_absent() {
        return;
    }
    if is_ip(at.text()) {
        return report.say(at, "cannot be an IP address");
    }
    for error in names::subdomain_errors(at.text()) {
        report.say(at, error);
    }
}
