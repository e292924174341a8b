//! MeshService.

use super::{At, Report};

pub(super) fn validate(root: &At<'_>, report: &mut Report) {
    let display = root.field("labels").field("kuma.io/display-name");
    let name = root.field("name");
    let shown = if display.is_set() { display.text() } else { name.text() };
    if shown.len() > 63 {
        report.say(&name, "must not be longer than 63 characters");
    }
    let selector = root.field("spec").field("selector");
    let ways = ["dataplaneTags", "dataplaneRef", "dataplaneLabels"];
    if ways.iter().filter(|way| selector.field(way).exists()).count() > 1 {
        report.say(&selector, "must specify only one of: dataplaneTags, dataplaneRef, or dataplaneLabels");
    }
}
