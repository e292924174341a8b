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

pub(super) fn ingress(root: &At<'_>, report: &mut Report) {
    let networking = root.proto("networking");
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
    optional_address(&networking.proto("address"), report);
    port_in_range(&networking.proto("port"), number(&networking, "port"), report);
}
