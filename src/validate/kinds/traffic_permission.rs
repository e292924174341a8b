//! MeshTrafficPermission.

use super::super::checks::DEFINED;
use super::super::reference::client_match;
use super::{item_ref, top, At, Report, PROXIES};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, PROXIES, false, report);
    let (from, rules) = (spec.field("from"), spec.field("rules"));
    match (from.is_set(), rules.is_set()) {
        (true, true) => report.say(spec, "field 'from' must be empty when 'rules' is defined"),
        (false, false) => report.say(spec, "at least one of 'from' or 'rules' has to be defined"),
        _ => {}
    }
    for rule in rules.items() {
        let lists = ["allow", "allowWithShadowDeny", "deny"].map(|name| (name, rule.field("default").field(name)));
        if !lists.iter().any(|(_, list)| list.is_set()) {
            report.say(&rule, "at least one of 'allow', 'allowWithShadowDeny', 'deny' has to be defined");
        }
        for (name, list) in lists {
            // Kuma's path leaves `default` out.
            let list = At { path: format!("{}.{name}", rule.path), ..list };
            for one in list.items() {
                client_match(&one, report);
            }
        }
    }
    for item in from.items() {
        item_ref(&item, &["Mesh", "MeshSubset", "MeshService", "MeshServiceSubset"], report);
        let action = item.field("default").field("action");
        report.unless(action.is_set(), &action, DEFINED);
    }
}
