//! MeshTrace.

use super::super::checks::{decimal, is_url, only_one, DEFINED, NOT_DEFINED, NOT_EMPTY, PORT};
use super::super::reference::otel_backend;
use super::{top, At, Report, Role, PROXIES, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    match role {
        Role::System => top(spec, PROXIES_AND_GATEWAYS, false, report),
        Role::Namespaced => top(spec, PROXIES, false, report),
    }
    let conf = spec.field("default");
    let backends = conf.field("backends");
    report.unless(backends.exists(), &backends, DEFINED);
    match backends.items().as_slice() {
        [] => {}
        [one] => backend(one, report),
        _ => report.say(&backends, "must have zero or one backend defined"),
    }
    for tag in conf.field("tags").items() {
        report.unless(tag.field("name").is_set(), &tag.field("name"), NOT_EMPTY);
        if tag.field("header").exists() == tag.field("literal").exists() {
            report.say(&tag, only_one("tag", &["header", "literal"]));
        }
    }
    for name in ["client", "random", "overall"] {
        let share = conf.field("sampling").field(name);
        match decimal(&share) {
            Some(Err(())) => report.say(&share, "string is not a number"),
            Some(Ok(value)) if !(0.0..=100.0).contains(&value) => report.say(&share, "must be between 0 and 100"),
            _ => {}
        }
    }
}

fn backend(at: &At<'_>, report: &mut Report) {
    let kind = at.field("type").text();
    let settings = at.field(match kind {
        "Datadog" => "datadog",
        "Zipkin" => "zipkin",
        "OpenTelemetry" => "openTelemetry",
        _ => return,
    });
    if settings.is_absent() {
        return report.say(&settings, DEFINED);
    }
    let url = settings.field("url");
    match kind {
        "Datadog" => datadog(&url, report),
        "Zipkin" if !url.is_set() => report.say(&url, NOT_EMPTY),
        "Zipkin" => report.unless(is_url(url.text()), &url, "must be a valid url"),
        _ => {
            otel_backend(&settings, report);
        }
    }
}

fn datadog(at: &At<'_>, report: &mut Report) {
    let Some(url) = Url::parse(at.text()) else { return report.say(at, "must be a valid url") };
    report.unless(url.scheme == "http", at, "scheme must be http");
    match url.port {
        "" => report.say(at, format!("port {DEFINED}")),
        port => report.unless(port.parse::<u16>().is_ok_and(|p| p != 0), at, PORT),
    }
    for (name, used) in
        [("opaque", url.opaque), ("user", url.user), ("path", !url.path.is_empty()), ("query", url.query)]
    {
        if used {
            report.say(at, format!("{name} {NOT_DEFINED}"));
        }
    }
}

/// The parts of a request URI as Go reads it: absolute, or a path.
pub(super) struct Url<'a> {
    scheme: String,
    opaque: bool,
    user: bool,
    /// The port's text; empty without one.
    pub(super) port: &'a str,
    path: &'a str,
    query: bool,
}

impl<'a> Url<'a> {
    /// Reads it; nothing if Go refuses it.
    pub(super) fn parse(text: &'a str) -> Option<Url<'a>> {
        if text.is_empty() || text.contains(|c: char| c.is_control() || c == ' ') {
            return None;
        }
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            Some(("", _)) => return None,
            _ if text.starts_with('/') => (String::new(), text),
            _ => return None,
        };
        let (rest, query) = rest.split_once('?').map_or((rest, false), |(rest, query)| (rest, !query.is_empty()));
        let opaque = !scheme.is_empty() && !rest.starts_with('/');
        let Some(after) = rest.strip_prefix("//") else {
            return Some(Url { scheme, opaque, user: false, port: "", path: if opaque { "" } else { rest }, query });
        };
        let end = after.find('/').unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        let (user, host) = authority.rsplit_once('@').map_or((false, authority), |(_, host)| (true, host));
        let port = match host.rsplit_once(':') {
            Some((_, port)) if !port.contains(']') => port,
            _ => "",
        };
        if !port.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Url { scheme, opaque, user, port, path, query })
    }
}

fn is_scheme(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}
