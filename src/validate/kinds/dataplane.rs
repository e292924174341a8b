//! Dataplane.

use super::super::checks::{is_dns_name, is_ip, port_in_range};
use super::super::names;
use super::super::protobuf::{self, go_quote};
use super::super::reference::{tags, Tags};
use super::trace::Url;
use super::{At, Report};
use crate::float;

const DESTINATIONS: &[&str] = &["MeshExternalService", "MeshMultiZoneService", "MeshService"];
const KNOWN_PROTOCOLS: &[&str] = &["http", "http2", "tcp", "tls", "grpc", "kafka", "mysql"];

pub(super) fn validate(root: &At<'_>, report: &mut Report) {
    let networking = root.proto("networking");
    let gateway = networking.proto("gateway");
    let has_inbounds = !networking.proto("inbound").items().is_empty();
    admin(&networking, report);
    let builtin = gateway.node.is_some_and(|n| protobuf::enum_index(n, "type", &["DELEGATED", "BUILTIN"]) == 1);
    if gateway.exists() {
        let kind = if builtin { "builtin" } else { "delegated" };
        if has_inbounds {
            report.say(&networking.proto("inbound"), format!("inbound cannot be defined for {kind} gateways"));
        }
        if builtin && !networking.proto("outbound").items().is_empty() {
            report.say(&networking.proto("outbound"), "outbound cannot be defined for builtin gateways");
        }
        if builtin && root.proto("probes").exists() {
            let at = At { path: "networking.probes".into(), ..root.proto("probes") };
            report.say(&at, "probes cannot be defined for builtin gateways");
        }
        gateway_tags(&gateway, report);
    }
    self::networking(&networking, report);
    if !builtin {
        probes(&root.proto("probes"), report);
    }
    let metrics = root.proto("metrics");
    if gateway.is_absent() && metrics.exists() {
        super::mesh::metrics(&metrics, report);
    }
}

/// The admin interface, which listens on the loopback address, needs a port of its own.
fn admin(networking: &At<'_>, report: &mut Report) {
    let admin = networking.proto("admin");
    let port = number(&admin, "port");
    let takes = |address: &str, at: u32| at == port && matches!(address, "127.0.0.1" | "0.0.0.0" | "::");
    let or = |text: &At<'_>, other: &str| if text.is_set() { text.text().to_owned() } else { other.to_owned() };
    let by_inbound = |inbound: &At<'_>| {
        let (own, service_port) = (number(inbound, "port"), number(inbound, "servicePort"));
        let address = or(&inbound.proto("address"), networking.proto("address").text());
        let workload = or(&inbound.proto("serviceAddress"), &address);
        takes(&address, own) || takes(&workload, if service_port == 0 { own } else { service_port })
    };
    let by_outbound = |outbound: &At<'_>| takes(&or(&outbound.proto("address"), "127.0.0.1"), number(outbound, "port"));
    if admin.exists() {
        report.unless(
            !networking.proto("inbound").items().iter().any(by_inbound),
            &admin.proto("port"),
            "must differ from inbound",
        );
        report.unless(
            !networking.proto("outbound").items().iter().any(by_outbound),
            &admin.proto("port"),
            "must differ from outbound",
        );
    }
}

fn probes(at: &At<'_>, report: &mut Report) {
    if at.is_absent() {
        return;
    }
    port_in_range(&at.proto("port"), number(at, "port"), report);
    for endpoint in at.proto("endpoints").items() {
        port_in_range(&endpoint.proto("inboundPort"), number(&endpoint, "inboundPort"), report);
        for name in ["inboundPath", "path"] {
            let path = endpoint.proto(name);
            report.unless(Url::parse(path.text()).is_some(), &path, "should be a valid URL Path");
        }
    }
}

fn gateway_tags(at: &At<'_>, report: &mut Report) {
    let gateway_tags = at.proto("tags");
    let protocol = gateway_tags.key("kuma.io/protocol");
    if protocol.exists() && protocol.text() != "tcp" {
        report.say(&protocol, format!("other values than tcp are not allowed, provided value \"{}\"", protocol.text()));
    }
    tags(&gateway_tags, &Tags { service: true, ..Tags::default() }, report);
}

/// Checks an address of a proxy.
pub(super) fn address(at: &At<'_>, report: &mut Report) {
    match at.text() {
        "" => report.say(at, "address can't be empty"),
        text => {
            if matches!(text, "0.0.0.0" | "::") {
                report.say(at, "must not be 0.0.0.0 or ::");
            }
            if !is_ip(text) && !is_dns_name(text) {
                report.say(at, "address has to be valid IP address or domain name");
            }
        }
    }
}

fn networking(at: &At<'_>, report: &mut Report) {
    address(&at.proto("address"), report);
    for inbound in at.proto("inbound").items() {
        self::inbound(&inbound, at.proto("address").text(), report);
    }
    for outbound in at.proto("outbound").items() {
        self::outbound(&outbound, report);
    }
    // Kuma's own spelling.
    let transparent = At { path: "networking.transparentProxing".into(), ..at.proto("transparentProxying") };
    for reference in transparent.proto("reachableBackends").proto("refs").items() {
        reachable(&reference, report);
    }
}

fn number(at: &At<'_>, name: &str) -> u32 {
    at.node.map(|n| protobuf::number(n, name)).unwrap_or_default()
}

fn inbound(at: &At<'_>, dataplane_address: &str, report: &mut Report) {
    let (port, service_port) = (number(at, "port"), number(at, "servicePort"));
    port_in_range(&at.proto("port"), port, report);
    if service_port != 0 {
        port_in_range(&at.proto("servicePort"), service_port, report);
    }
    let (service, own) = (at.proto("serviceAddress"), at.proto("address"));
    let same_port = service_port == 0 || service_port == port;
    const SAME: &str = "serviceAddress and servicePort has to differ from address and port";
    if service.is_set() {
        report.unless(is_ip(service.text()), &service, "serviceAddress has to be valid IP address");
        if service.text() == dataplane_address && same_port {
            report.say(&service, SAME);
        }
    }
    if own.is_set() {
        report.unless(is_ip(own.text()), &own, "address has to be valid IP address");
        if own.text() == service.text() && same_port {
            report.say(&service, SAME);
        }
    }
    let inbound_tags = at.proto("tags");
    let protocol = inbound_tags.key("kuma.io/protocol");
    let pairs = inbound_tags.pairs();
    let has = |key: &str| pairs.iter().any(|(k, _)| *k == key);
    let hint = "Allowed values: grpc, http, http2, kafka, tcp";
    if has("kuma.io/protocol") && !KNOWN_PROTOCOLS.contains(&protocol.text().to_ascii_lowercase().as_str()) {
        let value = go_quote(protocol.text());
        report.say(&protocol, format!("tag \"kuma.io/protocol\" has an invalid value {value}. {hint}"));
    }
    let written = at.proto("protocol");
    if written.is_set() && !KNOWN_PROTOCOLS.contains(&written.text().to_ascii_lowercase().as_str()) {
        report.say(&written, format!("has an invalid value {}. {hint}", go_quote(written.text())));
    }
    tags(&inbound_tags, &Tags::default(), report);
    // An inbound without any tag is one of a mesh whose inbounds have none.
    if !pairs.is_empty() && !has("kuma.io/service") {
        report.say(&inbound_tags.key("kuma.io/service"), "tag has to exist");
    }
    let probe = at.proto("serviceProbe");
    for name in ["interval", "timeout"] {
        let duration = probe.proto(name);
        if duration.text().strip_suffix('s').is_some_and(|n| float::parse(n) == Some(0.0)) {
            report.say(&duration, "must have a positive value");
        }
    }
    for name in ["unhealthyThreshold", "healthyThreshold"] {
        if probe.proto(name).exists() && number(&probe, name) == 0 {
            report.say(&probe.proto(name), "must have a positive value");
        }
    }
}

fn no_destination() -> String {
    format!("invalid value. Available values are: {}", DESTINATIONS.join(","))
}

fn outbound(at: &At<'_>, report: &mut Report) {
    port_in_range(&at.proto("port"), number(at, "port"), report);
    let own = at.proto("address");
    if own.is_set() && !is_ip(own.text()) {
        report.say(&own, "address has to be valid IP address");
    }
    let (backend, outbound_tags) = (at.proto("backendRef"), at.proto("tags"));
    if backend.is_absent() {
        return tags(&outbound_tags, &Tags { service: true, ..Tags::default() }, report);
    }
    let kind = backend.proto("kind");
    report.unless(DESTINATIONS.contains(&kind.text()), &kind, no_destination());
    if !backend.proto("name").is_set() && !backend.proto("labels").is_set() {
        report.say(&backend, "either 'name' or 'labels' should be specified");
    }
    if kind.text() != "MeshExternalService" {
        port_in_range(&backend.proto("port"), number(&backend, "port"), report);
    }
    if outbound_tags.is_set() {
        report.say(&backend, "both backendRef and tags/service cannot be defined");
    }
}

fn reachable(at: &At<'_>, report: &mut Report) {
    let kind = at.proto("kind");
    report.unless(DESTINATIONS.contains(&kind.text()), &kind, no_destination());
    let (name, namespace, labels) = (at.proto("name"), at.proto("namespace"), at.proto("labels"));
    if name.is_set() && !names::is_subdomain(name.text()) {
        report.say(&name, names::NAME_RULE);
    }
    match (name.is_set(), namespace.is_set(), labels.is_set()) {
        (false, false, false) => report.say(&name, "name or labels are required"),
        (false, true, _) => report.say(&name, "name is required, when namespace is defined"),
        _ => {}
    }
    if (name.is_set() || namespace.is_set()) && labels.is_set() {
        report.say(&labels, "labels cannot be defined when name is specified");
    }
}
