//! MeshTLS.

use super::super::reference::tls_version;
use super::{item_ref, top, top_kind, At, Report};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, &["Mesh", "MeshSubset", "Dataplane"], false, report);
    let (from, rules) = (spec.field("from"), spec.field("rules"));
    if rules.is_set() && from.is_set() {
        report.say(spec, "field 'from' must be empty when 'rules' is defined");
    }
    for rule in rules.items() {
        conf(&rule.field("default"), top_kind(spec), report);
    }
    for item in from.items() {
        item_ref(&item, &["Mesh"], report);
        conf(&item.field("default"), top_kind(spec), report);
    }
}

fn conf(at: &At<'_>, top: &str, report: &mut Report) {
    let (ciphers, version) = (at.field("tlsCiphers"), at.field("tlsVersion"));
    if ciphers.is_set() && top != "Mesh" {
        report.say(&ciphers, "tlsCiphers can only be defined with top level targetRef kind: Mesh");
    }
    if version.exists() {
        match top {
            "Mesh" => tls_version(&version, report),
            _ => report.say(&version, "tlsVersion can only be defined with top level targetRef kind: Mesh"),
        }
    }
}
