//! MeshMetric.

use super::super::checks::{is_url, port, DEFINED};
use super::super::reference::otel_backend;
use super::{top_by_role, At, Report, Role, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, role: Role, report: &mut Report) {
    top_by_role(spec, role, PROXIES_AND_GATEWAYS, report);
    let conf = spec.field("default");
    let profiles = conf.field("sidecar").field("profiles");
    for list in ["exclude", "include"] {
        for metric in profiles.field(list).items() {
            let pattern = metric.field("match");
            // Go's and this crate's regular expressions agree on what is malformed.
            if metric.field("type").text() == "Regex" && regex_lite::Regex::new(pattern.text()).is_err() {
                report.say(&pattern, "invalid regex");
            }
        }
    }
    let applications = conf.field("applications");
    for (index, application) in applications.items().iter().enumerate() {
        // Kuma's own path: `applications.application[0]`.
        let at = At { path: format!("{}.application[{index}]", applications.path), ..application.clone() };
        port(&at, application.field("port").number().unwrap_or_default(), report);
    }
    let backends = conf.field("backends");
    for (index, backend) in backends.items().iter().enumerate() {
        let at = At { path: format!("{}.backend[{index}]", backends.path), ..backend.clone() };
        match at.field("type").text() {
            "Prometheus" => {
                let prometheus = at.field("prometheus");
                if prometheus.is_absent() {
                    report.say(&prometheus, DEFINED);
                } else {
                    // 5670 if unset, by the schema
                    let number = prometheus.field("port").number().unwrap_or(5670);
                    port(&At { path: format!("{}.port", at.path), ..prometheus.field("port") }, number, report);
                }
            }
            "OpenTelemetry" => {
                let otel = at.field("openTelemetry");
                if otel.is_absent() {
                    report.say(&otel, DEFINED);
                } else if otel_backend(&otel, report) {
                    let endpoint = otel.field("endpoint");
                    report.unless(is_url(endpoint.text()), &endpoint, "must be a valid url");
                }
            }
            _ => {}
        }
    }
}
