//! MeshLoadBalancingStrategy.

use super::super::checks::{decimal, percentage, positive, ABSOLUTE, DEFINED, NOT_EMPTY};
use super::super::reference::{target_ref, Allowed};
use super::{external_only_for_mesh, top, top_kind, At, Report, PROXIES_AND_GATEWAYS};

pub(super) fn validate(spec: &At<'_>, report: &mut Report) {
    top(spec, PROXIES_AND_GATEWAYS, true, report);
    let to = spec.field("to");
    if !to.is_set() {
        report.say(&to, "needs at least one item");
    }
    for item in to.items() {
        let balances = item.field("default").field("loadBalancer").exists();
        let allowed = match (top_kind(spec), balances) {
            ("MeshGateway", true) => Allowed {
                kinds: &["Mesh"],
                otherwise: Some("value is not supported, only Mesh is allowed if loadBalancer is set"),
                ..Allowed::default()
            },
            ("MeshGateway", false) => {
                Allowed { kinds: &["Mesh", "MeshService", "MeshMultiZoneService"], ..Allowed::default() }
            }
            _ => Allowed {
                kinds: &["Mesh", "MeshService", "MeshMultiZoneService", "MeshHTTPRoute"],
                ..Allowed::default()
            },
        };
        target_ref(&item.field("targetRef"), &allowed, report);
        external_only_for_mesh(spec, &item, report);
        conf(&item, report);
    }
}

fn conf(item: &At<'_>, report: &mut Report) {
    let at = item.field("default");
    let (balancer, locality, hashes) =
        (at.field("loadBalancer"), at.field("localityAwareness"), at.field("hashPolicies"));
    hash_policies(&hashes, report);
    if item.field("targetRef").field("kind").text() == "MeshHTTPRoute" {
        for field in [&balancer, &locality] {
            if field.exists() {
                report.say(
                    field,
                    "field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported",
                );
            }
        }
        return;
    }
    match balancer.field("type").text() {
        "RingHash" => hash_policies(&balancer.field("ringHash").field("hashPolicies"), report),
        "Maglev" => hash_policies(&balancer.field("maglev").field("hashPolicies"), report),
        "LeastRequest" => {
            let bias = balancer.field("leastRequest").field("activeRequestBias");
            match decimal(&bias) {
                Some(Err(())) => report.say(&bias, "string must be a valid number"),
                Some(Ok(value)) if value < 0.0 => report.say(&bias, "must be greater or equal then: 0"),
                _ => {}
            }
        }
        _ => {}
    }
    if hashes.exists() {
        for algorithm in ["ringHash", "maglev"] {
            let twice = balancer.field(algorithm).field("hashPolicies");
            if twice.exists() {
                report.say(&twice, "hashPolicies already specified in the root level");
            }
        }
    }
    local_zone(&locality.field("localZone"), report);
    cross_zone(&locality.field("crossZone"), &item.field("targetRef"), report);
}

fn local_zone(at: &At<'_>, report: &mut Report) {
    let tags = at.field("affinityTags");
    let mut weights = 0;
    let items = tags.items();
    for tag in &items {
        report.unless(tag.field("key").is_set(), &tag.field("key"), NOT_EMPTY);
        positive(&tag.field("weight"), report);
        weights += usize::from(tag.field("weight").exists());
    }
    if weights > 0 && weights != items.len() {
        report.say(&tags, "all or none affinity tags should have weight");
    }
}

fn cross_zone(at: &At<'_>, target: &At<'_>, report: &mut Report) {
    if at.is_absent() {
        return;
    }
    if target.field("kind").text() == "MeshService"
        && (target.field("sectionName").is_set() || target.field("labels").is_set())
    {
        report.say(at, "must not be set: MeshService traffic is local");
    }
    for failover in at.field("failover").items() {
        let from = failover.field("from");
        if from.exists() {
            let zones = from.field("zones");
            report.unless(zones.is_set(), &zones, NOT_EMPTY);
            for zone in zones.items() {
                report.unless(zone.is_set(), &zone, NOT_EMPTY);
            }
        }
        let to = failover.field("to");
        let (kind, zones) = (to.field("type").text(), to.field("zones"));
        match kind {
            "Any" | "None" if zones.is_set() => report.say(&zones, format!("must be empty when type is {kind}")),
            "AnyExcept" | "Only" if !zones.is_set() => {
                report.say(&zones, format!("must not be empty when type is {kind}"));
            }
            _ => {}
        }
    }
    let threshold = at.field("failoverThreshold");
    if threshold.exists() {
        percentage(&threshold.field("percentage"), false, report);
    }
}

fn hash_policies(at: &At<'_>, report: &mut Report) {
    for policy in at.items() {
        let field = match policy.field("type").text() {
            "Header" => "header",
            "Cookie" => "cookie",
            "QueryParameter" => "queryParameter",
            "FilterState" => "filterState",
            "Connection" | "SourceIP" => "connection",
            _ => continue,
        };
        let settings = policy.field(field);
        report.unless(settings.exists(), &settings, DEFINED);
        let path = settings.field("path");
        if field == "cookie" && path.exists() && !path.text().starts_with('/') {
            report.say(&path, ABSOLUTE);
        }
    }
}
