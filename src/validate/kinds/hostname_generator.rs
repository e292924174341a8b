//! HostnameGenerator.

use super::super::checks::NOT_EMPTY;
use super::{At, Report};
use crate::service::template;

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    let selector = spec.field("selector");
    let kinds = ["meshService", "meshExternalService", "meshMultiZoneService"];
    if kinds.iter().filter(|kind| selector.field(kind).exists()).count() != 1 {
        report.say(&selector, "exact one selector (meshService, meshExternalService) must be defined");
    }
    let text = spec.field("template");
    // what the template engine does not evaluate is taken: Kuma refuses little that it can read
    if let Ok(Some(reason)) = template::refusal(text.text()) {
        report.say(&text, reason);
    }
    let extension = spec.field("extension");
    if extension.exists() {
        report.unless(extension.field("type").is_set(), &extension.field("type"), NOT_EMPTY);
    }
}
