//! HostnameGenerator.

use super::super::checks::NOT_EMPTY;
use super::{At, Report};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    let selector = spec.field("selector");
    let kinds = ["meshService", "meshExternalService", "meshMultiZoneService"];
    if kinds.iter().filter(|kind| selector.field(kind).exists()).count() != 1 {
        report.say(&selector, "exact one selector (meshService, meshExternalService) must be defined");
    }
    let template = spec.field("template");
    if !template.is_set() {
        report.say(&template, NOT_EMPTY);
    }
    let extension = spec.field("extension");
    if extension.exists() {
        report.unless(extension.field("type").is_set(), &extension.field("type"), NOT_EMPTY);
    }
}
