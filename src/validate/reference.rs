//! References: targetRef, backendRef, tags and client matches.

use super::at::{At, Report};
use super::checks::DEFINED;
use super::names;

/// What a reference at some place may be.
#[derive(Clone, Debug, Default)]
pub struct Allowed<'a> {
    /// The kinds.
    pub kinds: &'a [&'a str],
    /// Whether the policy configures inbound traffic, and may so name an inbound.
    pub inbound: bool,
    /// Whether a MeshGateway may be narrowed by tags of its listeners.
    pub gateway_tags: bool,
    /// What is said of other kinds, in place of the usual.
    pub otherwise: Option<&'a str>,
}

/// Checks a targetRef that is there.
pub fn target_ref(at: &At<'_>, allowed: &Allowed<'_>, report: &mut Report) {
    let kind_at = at.field("kind");
    let kind = kind_at.text();
    if kind.is_empty() {
        return report.say(&kind_at, DEFINED);
    }
    if !allowed.kinds.contains(&kind) {
        let usual = format!("value '{kind}' is not supported");
        return report.say(&kind_at, allowed.otherwise.map_or(usual, str::to_owned));
    }
    let name = at.field("name");
    let has_labels = at.field("labels").is_set();
    let by_name = name.is_set() || at.field("namespace").is_set();
    let forbid = |fields: &[&str], report: &mut Report| {
        for field in fields {
            let at = at.field(field);
            if at.is_set() {
                report.say(&at, format!("must not be set with kind {kind}"));
            }
        }
    };
    match kind {
        "Mesh" => {
            if name.is_set() {
                report.say(&name, "using name with kind Mesh is not yet supported");
            }
            forbid(&["mesh", "tags", "labels", "namespace", "sectionName"], report);
            some_proxy_types(at, report);
        }
        "MeshSubset" => {
            forbid(&["name", "mesh", "labels", "namespace", "sectionName"], report);
            tags(&at.field("tags"), &Tags::default(), report);
            some_proxy_types(at, report);
        }
        "Dataplane" => {
            forbid(&["tags", "mesh", "proxyTypes"], report);
            if has_labels && by_name {
                report.say(&at.field("labels"), "either labels or name and namespace must be specified");
            }
            if !allowed.inbound && at.field("sectionName").is_set() {
                report.say(&at.field("sectionName"), "can only be used with inbound policies");
            }
        }
        "MeshService" | "MeshHTTPRoute" => {
            reference_name(&name, report);
            forbid(&["mesh", "tags", "proxyTypes"], report);
            if kind == "MeshHTTPRoute" {
                forbid(&["sectionName"], report);
            }
            name_or_labels(at, kind, report);
            if has_labels && by_name {
                report.say(&at.field("labels"), "either labels or name and namespace must be specified");
            }
        }
        "MeshExternalService" => {
            reference_name(&name, report);
            forbid(&["mesh", "tags", "proxyTypes", "sectionName"], report);
            name_or_labels(at, kind, report);
            if has_labels && by_name {
                report.say(&at.field("labels"), "either labels or name must be specified");
            }
        }
        "MeshServiceSubset" | "MeshGateway" => {
            if !name.is_set() {
                report.say(&name, format!("must be set when kind is {kind}"));
            }
            reference_name(&name, report);
            forbid(&["mesh", "proxyTypes", "labels", "namespace", "sectionName"], report);
            tags(&at.field("tags"), &Tags { selector: true, ..Tags::default() }, report);
            if kind == "MeshGateway" && !allowed.gateway_tags {
                forbid(&["tags"], report);
            }
        }
        // MeshMultiZoneService is not looked at any further.
        _ => {}
    }
}

fn name_or_labels(at: &At<'_>, kind: &str, report: &mut Report) {
    if !at.field("name").is_set() && !at.field("labels").is_set() {
        report.say(at, format!("name or labels must be set when kind is {kind}"));
    }
}

fn some_proxy_types(at: &At<'_>, report: &mut Report) {
    let types = at.field("proxyTypes");
    if types.exists() && !types.is_set() {
        report.say(&types, "must be undefined or have at least one element");
    }
}

fn reference_name(at: &At<'_>, report: &mut Report) {
    // The name that the converter of the Gateway API gives to a backend that it did not find.
    if !names::is_reference_name(at.text()) && at.text() != "kuma.io/unresolved-backend" {
        report.say(at, "invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'.");
    }
}

/// The kinds of a backendRef.
pub const BACKENDS: &[&str] = &["MeshService", "MeshServiceSubset", "MeshExternalService", "MeshMultiZoneService"];

/// Checks a backendRef.
pub fn backend_ref(at: &At<'_>, report: &mut Report) {
    target_ref(at, &Allowed { kinds: BACKENDS, ..Allowed::default() }, report);
    if at.field("kind").text() == "MeshMultiZoneService" && at.field("port").is_absent() {
        report.say(&at.field("port"), "must be defined with kind MeshMultiZoneService");
    }
}

/// What tags at some place must be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tags {
    /// Whether there must be one.
    pub some: bool,
    /// Whether `kuma.io/service` must be among them.
    pub service: bool,
    /// Whether they select, and so may be `*`.
    pub selector: bool,
}

/// Checks tags.
pub fn tags(at: &At<'_>, wanted: &Tags, report: &mut Report) {
    let pairs = at.pairs();
    if wanted.some && pairs.is_empty() {
        report.say(at, "must have at least one tag");
    }
    for (key, value) in &pairs {
        let one = at.key(key);
        if key.is_empty() {
            report.say(at, "tag name must be non-empty");
        }
        if !names::is_tag_name(key) {
            report.say(&one, "tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores");
        }
        if value.is_empty() {
            report.say(&one, "tag value must be non-empty");
        }
        if wanted.selector {
            if !names::is_tag_name(value) && *value != "*" {
                report.say(
                    &one,
                    "tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be \"*\"",
                );
            }
        } else if !names::is_tag_value(value) {
            report.say(&one, "tag value must consist of alphanumeric characters, dots, dashes and underscores");
        }
    }
    if wanted.service && !pairs.iter().any(|(key, _)| *key == "kuma.io/service") {
        report.say(at, "mandatory tag \"kuma.io/service\" is missing");
    }
}

/// Checks the match of a client.
pub fn client_match(at: &At<'_>, report: &mut Report) {
    let id = at.field("spiffeID");
    if id.exists() {
        if let Err(error) = spiffe_id(id.field("value").text()) {
            report.say(&id, format!("must be a valid Spiffe ID: {error}"));
        }
    }
}

/// What is wrong with a SPIFFE identity, in the words of the library that Kuma uses.
fn spiffe_id(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("cannot be empty");
    }
    let rest = text.strip_prefix("spiffe://").ok_or("scheme is missing or invalid")?;
    let (domain, path) = rest.split_once('/').map_or((rest, None), |(domain, path)| (domain, Some(path)));
    if domain.is_empty() {
        return Err("trust domain is missing");
    }
    let domain_char = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    if !domain.bytes().all(domain_char) {
        return Err("trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores");
    }
    let Some(path) = path else { return Ok(()) };
    for (index, segment) in path.split('/').enumerate() {
        let last = path.split('/').count() == index + 1;
        match segment {
            "" if last => return Err("path cannot have a trailing slash"),
            "" => return Err("path cannot contain empty segments"),
            "." | ".." => return Err("path cannot contain dot segments"),
            _ => {}
        }
        if !segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
            return Err("path segment characters are limited to letters, numbers, dots, dashes, and underscores");
        }
    }
    Ok(())
}

/// Checks the backend of an OpenTelemetry exporter: an endpoint or a reference. The result says whether it is an endpoint
/// that the caller may look at further.
pub fn otel_backend(at: &At<'_>, report: &mut Report) -> bool {
    let (endpoint, backend) = (at.field("endpoint"), at.field("backendRef"));
    match (endpoint.is_set(), backend.exists()) {
        (true, true) => {
            report.say(at, super::checks::only_one("openTelemetry", &["endpoint", "backendRef"]));
            false
        }
        (false, false) => {
            report.say(at, super::checks::exactly_one("openTelemetry", &["endpoint", "backendRef"]));
            false
        }
        (false, true) => {
            let (name, labels) = (backend.field("name").is_set(), backend.field("labels").is_set());
            if !name && !labels {
                report.say(&backend, super::checks::exactly_one("backendRef", &["name", "labels"]));
            }
            if name && labels {
                report.say(&backend, super::checks::only_one("backendRef", &["name", "labels"]));
            }
            false
        }
        (true, false) if endpoint.text().contains(['/', '?', '#']) => {
            report.say(&endpoint, "must be in host:port format, not a URL");
            false
        }
        (true, false) => true,
    }
}

/// The version limits of TLS.
pub fn tls_version(at: &At<'_>, report: &mut Report) {
    const ORDER: &[&str] = &["TLS10", "TLS11", "TLS12", "TLS13"];
    let place = |field: &str| ORDER.iter().position(|v| *v == at.field(field).text());
    if let (Some(min), Some(max)) = (place("min"), place("max")) {
        if min > max {
            report.say(&at.field("min"), "min version must be lower than max");
        }
    }
}

/// A list whose header names must differ from each other, over `set`, `add` and `remove`.
pub fn header_modifier(at: &At<'_>, report: &mut Report) {
    let lists = [at.field("set"), at.field("add"), at.field("remove")];
    if lists.iter().all(At::is_absent) {
        return report.say(at, super::checks::at_least_one(&["set", "add", "remove"]));
    }
    let mut seen = crate::collections::SortedSet::new();
    for (index, list) in lists.iter().enumerate() {
        for item in list.items() {
            let (name, place) = if index == 2 {
                (item.text(), item.named("name"))
            } else {
                (item.field("name").text(), item.field("name"))
            };
            if !seen.insert(name) {
                report.say(&place, "duplicate header name");
            }
        }
    }
}
