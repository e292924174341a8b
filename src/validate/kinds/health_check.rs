//! MeshHealthCheck.

use super::super::checks::{
    at_least_one, is_file_path, percentage, positive_duration, positive_signed, status, whole_percentage, DEFINED,
};
use super::{external_only_for_mesh, item_ref, top, At, Report, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, PROXIES_AND_GATEWAYS, true, report);
    for item in spec.field("to").items() {
        item_ref(&item, &["Mesh", "MeshService", "MeshMultiZoneService"], report);
        external_only_for_mesh(spec, &item, report);
        conf(&item.field("default"), report);
    }
}

fn conf(at: &At<'_>, report: &mut Report) {
    for name in ["interval", "unhealthyInterval", "timeout", "initialJitter", "intervalJitter", "noTrafficInterval"] {
        positive_duration(&at.field(name), report);
    }
    positive_signed(&at.field("unhealthyThreshold"), report);
    positive_signed(&at.field("healthyThreshold"), report);
    whole_percentage(&at.field("intervalJitterPercent"), report);
    let panic = at.field("healthyPanicThreshold");
    if panic.exists() {
        percentage(&panic, true, report);
    }
    let log = at.field("eventLogPath");
    if log.exists() && !is_file_path(log.text()) {
        report.say(&log, "must be a valid path when defined");
    }
    let http = at.field("http");
    if http.is_absent() && at.field("tcp").is_absent() && at.field("grpc").is_absent() {
        report.say(at, at_least_one(&["http", "tcp", "grpc"]));
    }
    let path = http.field("path");
    if path.exists() && path.text().is_empty() {
        report.say(&path, DEFINED);
    }
    for expected in http.field("expectedStatuses").items() {
        status(&expected, report);
    }
}
