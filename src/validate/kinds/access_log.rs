//! MeshAccessLog.

use super::super::checks::{is_file_path, is_url, DEFINED, NOT_EMPTY};
use super::super::names;
use super::super::reference::otel_backend;
use super::{item_ref, lists, top, At, Report, PROXIES_AND_GATEWAYS};
use crate::json;

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, PROXIES_AND_GATEWAYS, true, report);
    lists(spec, report);
    for item in spec.field("to").items() {
        let kinds = ["Mesh", "MeshService", "MeshExternalService", "MeshMultiZoneService", "MeshHTTPRoute"];
        item_ref(&item, &kinds, report);
        conf(&item.field("default"), report);
    }
    for item in spec.field("from").items() {
        item_ref(&item, &["Mesh"], report);
        conf(&item.field("default"), report);
    }
    for rule in spec.field("rules").items() {
        conf(&rule.field("default"), report);
    }
}

fn conf(at: &At<'_>, report: &mut Report) {
    let backends = at.field("backends");
    if backends.is_absent() {
        return report.say(&backends, DEFINED);
    }
    for backend in backends.items() {
        match backend.field("type").text() {
            "File" => {
                let file = backend.field("file");
                if file.is_absent() {
                    report.say(&file, DEFINED);
                    continue;
                }
                format(&file.field("format"), report);
                let path = file.field("path");
                report.unless(is_file_path(path.text()), &path, "file backend requires a valid path");
            }
            "Tcp" => {
                let tcp = backend.field("tcp");
                if tcp.is_absent() {
                    report.say(&tcp, DEFINED);
                    continue;
                }
                format(&tcp.field("format"), report);
                let address = tcp.field("address");
                report.unless(is_url(address.text()), &address, "tcp backend requires valid address");
            }
            "OpenTelemetry" => {
                let otel = backend.field("openTelemetry");
                if otel.is_absent() {
                    report.say(&otel, DEFINED);
                    continue;
                }
                otel_backend(&otel, report);
                for attribute in otel.field("attributes").items() {
                    attribute_name(&attribute.field("key"), report);
                }
            }
            _ => {}
        }
    }
}

fn attribute_name(at: &At<'_>, report: &mut Report) {
    let text = at.text();
    if text.is_empty() {
        report.say(at, DEFINED);
    } else if text.contains('%') {
        report.say(at, "must be a static OpenTelemetry attribute name; placeholders are only supported in values");
    } else if text.starts_with("otel.") {
        report.say(at, "must not use the reserved OpenTelemetry prefix 'otel.'");
    } else if !names::is_otel_attribute(text) {
        report.say(at, "must start with a lowercase letter, use only lowercase letters, digits, '.' or '_', avoid consecutive delimiters, and end with a letter or digit");
    }
}

fn format(at: &At<'_>, report: &mut Report) {
    if at.is_absent() {
        return;
    }
    match at.field("type").text() {
        "Plain" => {
            let plain = at.field("plain");
            if plain.is_absent() {
                report.say(&plain, DEFINED);
            } else {
                report.unless(plain.is_set(), &plain, NOT_EMPTY);
            }
        }
        "Json" => {
            let json = at.field("json");
            if json.is_absent() {
                return report.say(&json, DEFINED);
            }
            report.unless(json.is_set(), &json, NOT_EMPTY);
            for pair in json.items() {
                let (key, value) = (pair.field("key"), pair.field("value"));
                report.unless(key.is_set(), &key, "key cannot be empty");
                report.unless(value.is_set(), &value, "value cannot be empty");
                let object = format!("{{\"{}\": \"{}\"}}", key.text(), value.text());
                let valid = json::is_valid(&object);
                report.unless(valid, &pair, "is not a valid JSON object");
            }
        }
        _ => {}
    }
}
