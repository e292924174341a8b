//! MeshExternalService.

use super::super::checks::{is_dns_name, is_ip, DEFINED, NOT_EMPTY};
use super::super::reference::tls_version;
use super::{At, Report};

pub(super) fn validate(root: &At<'_>, report: &mut Report) {
    let (name, spec) = (root.field("name"), root.field("spec"));
    report.unless(name.text().len() <= 63, &name, "must not be longer than 63 characters");
    let extension = spec.field("extension");
    if extension.exists() {
        // endpoints and tls are the extension's own matter
        report.unless(extension.field("type").is_set(), &extension.field("type"), NOT_EMPTY);
        return;
    }
    for endpoint in spec.field("endpoints").items() {
        let address = endpoint.field("address");
        if !is_ip(address.text()) && !is_dns_name(address.text()) {
            report.say(&address, "address has to be a valid IP or hostname");
        }
    }
    tls(&spec.field("tls"), report);
}

fn tls(at: &At<'_>, report: &mut Report) {
    tls_version(&at.field("version"), report);
    let verification = at.field("verification");
    let server = verification.field("serverName");
    if server.exists() && !is_dns_name(server.text()) {
        report.say(&server, "must be a valid DNS name");
    }
    let (cert, key) = (verification.field("clientCert"), verification.field("clientKey"));
    if cert.exists() && key.is_absent() {
        report.say(&key, format!("{DEFINED} when clientCert is defined"));
    }
    if cert.is_absent() && key.exists() {
        report.say(&cert, format!("{DEFINED} when clientKey is defined"));
    }
}
