//! ZoneIngress and ZoneEgress.

use super::super::checks::port_in_range;
use super::super::protobuf;
use super::super::reference::{tags, Tags};
use super::dataplane::address;
use super::{At, Report};

fn number(at: &At<'_>, name: &str) -> u32 {
    at.node.map(|n| protobuf::number(n, name)).unwrap_or_default()
}

/// Kuma's path says `address` twice.
fn optional_address(at: &At<'_>, report: &mut Report) {
    if at.is_set() {
        address(&at.named("address"), report);
    }
}

/// The admin interface listens on the loopback address, which may be the proxy's own.
fn admin(networking: &At<'_>, report: &mut Report) {
    let port = networking.proto("admin").proto("port");
    let same = number(&networking.proto("admin"), "port") == number(networking, "port");
    if port.exists() && same && matches!(networking.proto("address").text(), "127.0.0.1" | "0.0.0.0" | "::") {
        report.say(&port, "must differ from port");
    }
}

pub(super) fn ingress(root: &At<'_>, report: &mut Report) {
    let networking = root.proto("networking");
    admin(&networking, report);
    let (advertised, advertised_port) = (networking.proto("advertisedAddress"), networking.proto("advertisedPort"));
    let port = number(&networking, "advertisedPort");
    if !advertised.is_set() && port != 0 {
        report.say(&advertised, "has to be defined with advertisedPort");
    }
    if advertised.is_set() && port == 0 {
        report.say(&advertised_port, "has to be defined with advertisedAddress");
    }
    optional_address(&networking.proto("address"), report);
    optional_address(&advertised, report);
    port_in_range(&networking.proto("port"), number(&networking, "port"), report);
    if port != 0 {
        port_in_range(&advertised_port, port, report);
    }
    let services = At { path: "availableService".into(), ..root.proto("availableServices") };
    for service in services.items() {
        tags(&service.proto("tags"), &Tags { service: true, ..Tags::default() }, report);
    }
}

pub(super) fn egress(root: &At<'_>, report: &mut Report) {
    let networking = root.proto("networking");
    admin(&networking, report);
    optional_address(&networking.proto("address"), report);
    port_in_range(&networking.proto("port"), number(&networking, "port"), report);
}
