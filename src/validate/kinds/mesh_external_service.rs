//! MeshExternalService.

use super::super::checks::{is_dns_name, is_ip, one_of, DEFINED, NOT_EMPTY};
use super::super::reference::tls_version;
use super::{At, Report};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    let extension = spec.field("extension");
    if extension.exists() {
        // endpoints and tls are the extension's own matter
        report.unless(extension.field("type").is_set(), &extension.field("type"), NOT_EMPTY);
        return sources(&spec.field("tls").field("verification"), report);
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
    sources(&verification, report);
}

/// Data sources in the form that Kuma 3 reads must be complete, and must not read what the control plane can.
fn sources(verification: &At<'_>, report: &mut Report) {
    for name in ["caCert", "clientCert", "clientKey"] {
        let at = verification.field(name);
        let kind = at.field("type");
        match kind.text() {
            "File" | "EnvVar" => report.say(&kind, one_of(kind.text(), &["Secret", "InsecureInline"])),
            "InsecureInline" => {
                let inline = at.field("insecureInline");
                if inline.is_absent() {
                    report.say(&inline, DEFINED);
                } else {
                    report.unless(inline.field("value").is_set(), &inline.field("value"), DEFINED);
                }
            }
            "Secret" => {
                let secret = at.field("secretRef");
                if secret.is_absent() {
                    report.say(&secret, DEFINED);
                } else {
                    report.unless(secret.field("name").is_set(), &secret.field("name"), DEFINED);
                }
            }
            _ => {}
        }
    }
}
