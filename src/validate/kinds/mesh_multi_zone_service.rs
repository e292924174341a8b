//! MeshMultiZoneService.

use super::super::checks::{one_of, NOT_EMPTY};
use super::{At, Report};

/// Protocols in the order in which messages list them.
pub(super) const PROTOCOLS: &[&str] = &["grpc", "http", "http2", "kafka", "tcp"];

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    let labels = spec.field("selector").field("meshService").field("matchLabels");
    report.unless(labels.is_set(), &labels, "cannot be empty");
    for port in spec.field("ports").items() {
        let (name, protocol) = (port.field("name"), port.field("appProtocol"));
        if name.exists() && name.text().is_empty() {
            report.say(&name, NOT_EMPTY);
        }
        // tcp if absent, by the schema
        if protocol.exists() && !PROTOCOLS.contains(&protocol.text()) {
            report.say(&protocol, one_of("appProtocol", PROTOCOLS));
        }
    }
}
