//! Mesh.

use crate::collections::SortedSet;
use crate::yaml::Value;

use super::super::checks::{decimal, port_in_range};
use super::super::protobuf::{self, go_quote};
use super::super::reference::{tags, Tags};
use super::trace::Url;
use super::{At, Report};

pub(super) fn validate(root: &At<'_>, report: &mut Report) {
    let mtls = root.proto("mtls");
    self::mtls(&mtls, report);
    for (section, what, default, one) in [
        ("logging", "logging backend in mesh", "defaultBackend", logging as fn(&At<'_>, &mut Report)),
        ("tracing", "tracing backend in mesh", "defaultBackend", tracing),
        ("metrics", "backends in the mesh", "enabledBackend", metrics),
    ] {
        let at = root.proto(section);
        let names = backend_names(&at.proto("backends"), report);
        for backend in at.proto("backends").items() {
            one(&backend, report);
        }
        let default = at.proto(default);
        if default.is_set() && !names.contains(default.text()) {
            report.say(&default, format!("has to be set to one of the {what}"));
        }
    }
    let constraints = root.proto("constraints").proto("dataplaneProxy");
    for list in ["requirements", "restrictions"] {
        for one in constraints.proto(list).items() {
            tags(&one.proto("tags"), &Tags { some: true, selector: true, service: false }, report);
        }
    }
    let egress = root.proto("routing").proto("zoneEgress");
    if egress.node.and_then(|n| n.as_bool()) == Some(true) && !mtls.proto("enabledBackend").is_set() {
        report.say(&At { path: "mtls".into(), ..mtls }, "has to be set when zoneEgress enabled");
    }
}

/// The names of backends; says which are there twice.
fn backend_names<'a>(at: &At<'a>, report: &mut Report) -> SortedSet<&'a str> {
    let mut names = SortedSet::new();
    for backend in at.items() {
        let name = backend.proto("name");
        if !names.insert(name.text()) {
            report.say(&name, format!("{} name is already used for another backend", go_quote(name.text())));
        }
    }
    names
}

fn mtls(at: &At<'_>, report: &mut Report) {
    let backends = at.proto("backends");
    if backends.items().len() > 1 {
        report.say(&backends, "cannot have more than 1 backends");
    }
    let names = backend_names(&backends, report);
    let enabled = at.proto("enabledBackend");
    if enabled.is_set() && !names.contains(enabled.text()) {
        report.say(&enabled, "has to be set to one of the backends in the mesh");
    }
    for backend in backends.items() {
        let certificate = backend.proto("dpCert");
        let expiration = certificate.proto("rotation").proto("expiration");
        if certificate.exists() && !is_expiration(expiration.text()) {
            let at = At { path: format!("{}.dpcert.rotation.expiration", at.path), ..expiration };
            report.say(&at, "has to be a valid format");
        }
    }
}

/// Durations of certificates: years, weeks and days beside hours and less, in this order; empty and `0` too.
fn is_expiration(text: &str) -> bool {
    if text == "0" {
        return true;
    }
    let mut rest = text;
    for unit in ["y", "w", "d", "h", "m", "s", "ms"] {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let fits = !number.is_empty() && after.strip_prefix(unit).is_some_and(|a| !(unit == "m" && a.starts_with('s')));
        if fits {
            rest = after.strip_prefix(unit).unwrap_or_default();
        }
    }
    rest.is_empty() && !text.is_empty()
}

/// The certificate authorities that a control plane must know, checked after everything else.
pub(super) fn authorities(root: &At<'_>, report: &mut Report) {
    for backend in root.proto("mtls").proto("backends").items() {
        let kind = backend.proto("type");
        if !matches!(kind.text(), "builtin" | "provided" | "vault" | "acmpca" | "certmanager") {
            report.say(&kind, "could not find installed plugin for this type");
        }
    }
}

fn logging(at: &At<'_>, report: &mut Report) {
    report.unless(at.proto("name").is_set(), &at.proto("name"), "cannot be empty");
    let conf = At { path: format!("{}.config", at.path), ..at.proto("conf") };
    match at.proto("type").text() {
        "file" => report.unless(conf.proto("path").is_set(), &conf.proto("path"), "cannot be empty"),
        "tcp" => {
            let address = conf.proto("address");
            match address.text().rsplit_once(':') {
                _ if !address.is_set() => report.say(&address, "cannot be empty"),
                Some((host, port)) if !host.is_empty() && !port.is_empty() => {}
                _ => report.say(&address, "has to be in format of HOST:PORT"),
            }
        }
        _ => report.say(&at.proto("type"), "unknown backend type. Available backends: \"tcp\", \"file\""),
    }
}

const ZIPKIN_VERSIONS: &[&str] = &["httpJsonV1", "httpJson", "httpProto"];

fn tracing(at: &At<'_>, report: &mut Report) {
    report.unless(at.proto("name").is_set(), &at.proto("name"), "cannot be empty");
    let conf = At { path: format!("{}.config", at.path), ..at.proto("conf") };
    let sampling = at.proto("sampling");
    let share = match sampling.node.map(|n| &n.value) {
        Some(Value::Float(share)) => Some(*share),
        _ => decimal(&sampling).and_then(Result::ok),
    };
    if let Some(share) = share {
        report.unless((0.0..=100.0).contains(&share), &sampling, "has to be in [0.0 - 100.0] range");
    }
    match at.proto("type").text() {
        "zipkin" => {
            let version = conf.proto("apiVersion");
            if version.is_set() && !ZIPKIN_VERSIONS.contains(&version.text()) {
                let allowed = ZIPKIN_VERSIONS.join(", ");
                report.say(&version, format!("has invalid value. Allowed values: {allowed}"));
            }
            let url = conf.proto("url");
            if !url.is_set() {
                report.say(&url, "cannot be empty");
            } else {
                match Url::parse(url.text()).map(|u| u.port) {
                    None => report.say(&url, "invalid URL"),
                    Some("") => report.say(&url, "port has to be explicitly specified"),
                    Some(_) => {}
                }
            }
        }
        "datadog" => {
            report.unless(conf.proto("address").is_set(), &conf.proto("address"), "cannot be empty");
            let number = conf.node.map(|n| protobuf::number(n, "port")).unwrap_or_default();
            port_in_range(&conf.proto("port"), number, report);
        }
        _ => report.say(&at.proto("type"), "unknown backend type. Available backends: \"zipkin\", \"datadog\""),
    }
}

/// A backend of metrics, a Mesh's or a Dataplane's own.
pub(super) fn metrics(at: &At<'_>, report: &mut Report) {
    if at.proto("type").text() != "prometheus" {
        return report.say(&at.proto("type"), "unknown backend type. Available backends: \"prometheus\"");
    }
    let conf = at.proto("conf");
    let (skip, tls) = (conf.proto("skipMTLS"), conf.proto("tls"));
    if let (Some(skip), Some(tls)) = (skip.node, tls.node) {
        // they may stand together if they say the same
        let mode = protobuf::enum_index(tls, "mode", &["activeMTLSBackend", "providedTLS", "disabled"]);
        if !matches!((skip.as_bool(), mode), (Some(false), 0) | (Some(true), 2)) {
            return report.say(&conf, "skipMTLS and tls configuration cannot be defined together");
        }
    }
    let filter = conf.proto("envoy").proto("filterRegex");
    // Go's and this crate's regular expressions agree on what is malformed, not on the words for it
    if regex_lite::Regex::new(filter.text()).is_err() {
        return report.say(&filter, "provided regexp isn't correct");
    }
    let mut names = SortedSet::new();
    for one in conf.proto("aggregate").items() {
        let name = one.proto("name");
        if !names.insert(name.text()) {
            report.say(&name, format!("duplicate entry: {}, values have to be unique", name.text()));
        }
    }
}
