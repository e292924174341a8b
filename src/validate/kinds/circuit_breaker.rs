//! MeshCircuitBreaker.

use super::super::checks::{
    at_least_one, decimal, percentage, positive, positive_duration, whole_percentage, DEFINED, POSITIVE,
};
use super::{external_only_for_mesh, item_ref, lists, top, At, Report, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, PROXIES_AND_GATEWAYS, true, report);
    lists(spec, report);
    for item in spec.field("from").items() {
        item_ref(&item, &["Mesh"], report);
        conf(&item.field("default"), report);
    }
    for item in spec.field("to").items() {
        item_ref(&item, &["Mesh", "MeshService", "MeshExternalService", "MeshMultiZoneService"], report);
        external_only_for_mesh(spec, &item, report);
        conf(&item.field("default"), report);
    }
    for rule in spec.field("rules").items() {
        conf(&rule.field("default"), report);
    }
}

fn conf(at: &At<'_>, report: &mut Report) {
    let (limits, outliers) = (at.field("connectionLimits"), at.field("outlierDetection"));
    if limits.is_absent() && outliers.is_absent() {
        return report.say(at, "at least one of: 'connectionLimits' or 'outlierDetection' should be configured");
    }
    for name in ["maxConnections", "maxConnectionPools", "maxPendingRequests", "maxRetries", "maxRequests"] {
        positive(&limits.field(name), report);
    }
    if outliers.is_absent() {
        return;
    }
    positive_duration(&outliers.field("interval"), report);
    positive_duration(&outliers.field("baseEjectionTime"), report);
    whole_percentage(&outliers.field("maxEjectionPercent"), report);
    let panic = outliers.field("healthyPanicThreshold");
    if panic.exists() {
        percentage(&panic, true, report);
    }
    detectors(&outliers.field("detectors"), report);
}

fn detectors(at: &At<'_>, report: &mut Report) {
    let kinds = ["totalFailures", "gatewayFailures", "localOriginFailures", "successRate", "failurePercentage"];
    if at.is_absent() {
        return report.say(at, DEFINED);
    }
    if kinds.iter().all(|kind| at.field(kind).is_absent()) {
        return report.say(at, at_least_one(&kinds));
    }
    for kind in ["totalFailures", "gatewayFailures", "localOriginFailures"] {
        positive(&at.field(kind).field("consecutive"), report);
    }
    for kind in ["successRate", "failurePercentage"] {
        positive(&at.field(kind).field("minimumHosts"), report);
        positive(&at.field(kind).field("requestVolume"), report);
    }
    let factor = at.field("successRate").field("standardDeviationFactor");
    match decimal(&factor) {
        Some(Err(())) => report.say(&factor, "invalid number"),
        Some(Ok(value)) => report.unless(value > 0.0, &factor, POSITIVE),
        None => {}
    }
    whole_percentage(&at.field("failurePercentage").field("threshold"), report);
}
