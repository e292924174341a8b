//! MeshPassthrough.

use crate::collections::{SortedMap, SortedSet};

use super::super::checks::{is_cidr, is_dns_name, is_ip, PORT};
use super::{top, At, Report};

const REQUESTS: &[&str] = &["http", "http2", "grpc"];

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, &["Mesh", "MeshSubset", "Dataplane"], false, report);
    let mut by_port: SortedMap<i64, &str> = SortedMap::new();
    let mut seen: SortedSet<(i64, &str, &str)> = SortedSet::new();
    for one in spec.field("default").field("appendMatch").items() {
        let (value, port, protocol) = (one.field("value"), one.field("port"), one.field("protocol"));
        let protocol_text = match protocol.text() {
            "" => "tcp",
            text => text,
        };
        if protocol_text == "mysql" && port.is_absent() {
            report.say(&port, "port must be defined for Mysql protocol");
        }
        if port.number().is_some_and(|p| !(1..=65535).contains(&p)) {
            report.say(&port, PORT);
        }
        if let Some(number) = port.number() {
            if REQUESTS.contains(&protocol_text) && *by_port.entry(number).or_insert(protocol_text) != protocol_text {
                let reason = "using the same port in multiple matches requires the same protocol for the following \
                              protocols: [grpc http http2]";
                report.say(&port, reason);
            }
            if !seen.insert((number, protocol_text, value.text())) {
                report.say(&value, format!("value {} is already defiend for this port and protocol", value.text()));
            }
        }
        match one.field("type").text() {
            "CIDR" => report.unless(is_cidr(value.text()), &value, "provided CIDR has incorrect value"),
            "IP" => report.unless(is_ip(value.text()), &value, "provided IP has incorrect value"),
            "Domain" => domain(&one, protocol_text, report),
            _ => {}
        }
    }
}

fn domain(at: &At<'_>, protocol: &str, report: &mut Report) {
    let (value, port) = (at.field("value"), at.field("port"));
    let text = value.text();
    if matches!(protocol, "tcp" | "mysql") {
        report.say(&at.field("protocol"), format!("protocol {protocol} is not supported for a domain"));
    }
    if text.strip_prefix('*').is_some_and(|rest| !rest.is_empty() && !rest.starts_with('.')) {
        report.say(&value, "provided DNS has incorrect value, partial wildcard is currently not supported");
    }
    if port.is_absent() && text.starts_with('*') && REQUESTS.contains(&protocol) {
        report.say(&port, "wildcard domains doesn't work for all ports and layer 7 protocol");
    }
    let plain = text.strip_prefix("*.").unwrap_or(text);
    if !plain.starts_with('*') && !is_dns_name(plain) {
        report.say(&value, "provided DNS has incorrect value");
    }
}
