//! Every trap: a world that has it, and one that is nearly the same and has not.

use std::collections::BTreeMap;

use meshscope::migration::{migration, Decisions};
use meshscope::world::{Options, Source};

use super::source;

/// The codes of the traps of a world, each once.
fn codes(sources: &[Source]) -> Vec<String> {
    let report = migration(sources, &Options::default(), &Decisions::default());
    let mut out: Vec<String> = report.traps.into_iter().map(|t| t.code).collect();
    out.dedup();
    out
}

const MESH: &str = "type: Mesh\nname: default\nskipCreatingInitialPolicies: ['*']\n";

/// A Dataplane of one inbound in a zone; in the one zone that there is where the zone is empty.
fn dataplane(name: &str, zone: &str, port: u32, service: &str) -> String {
    let labels = if zone.is_empty() { String::new() } else { format!("labels: {{kuma.io/zone: {zone}}}\n") };
    format!(
        "---\ntype: Dataplane\nname: {name}\nmesh: default\n{labels}networking: {{address: 10.0.0.1, inbound: [{{port: {port}, name: http, tags: {{kuma.io/service: {service}, kuma.io/protocol: http}}}}]}}\n"
    )
}

/// A MeshTimeout about a target; with a zone's label where it is a zone's.
fn timeout(zone: &str, targets: &[&str]) -> String {
    let labels = if zone.is_empty() { String::new() } else { format!("labels: {{kuma.io/zone: {zone}}}\n") };
    let items: Vec<String> = targets
        .iter()
        .map(|t| format!("  - {{targetRef: {{kind: MeshService, {t}}}, default: {{http: {{requestTimeout: 1s}}}}}}\n"))
        .collect();
    format!("---\ntype: MeshTimeout\nname: t\nmesh: default\n{labels}spec:\n  to:\n{}", items.concat())
}

/// A cluster's Namespaces, two Services with Pods, and a policy of a namespace about a service.
fn cluster(namespace: &str, target: &str) -> Vec<Source> {
    let pod = |name: &str, namespace: &str| {
        format!(
            "---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{clusterIP: 10.91.0.1, selector: {{app: {name}}}, ports: [{{name: main, port: 8080, targetPort: 8080, appProtocol: http}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}-0, namespace: {namespace}, labels: {{app: {name}}}, annotations: {{kuma.io/sidecar-injected: 'true'}}}}
spec: {{containers: [{{name: app, ports: [{{containerPort: 8080}}]}}]}}
status: {{podIP: 10.11.0.1, phase: Running, containerStatuses: [{{name: app, ready: true}}, {{name: kuma-sidecar, ready: true}}], conditions: [{{type: Ready, status: 'True'}}]}}
"
        )
    };
    let namespaces = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {kuma.io/sidecar-injection: enabled}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: bank, labels: {kuma.io/sidecar-injection: enabled}}\n";
    let policy = format!(
        "---\napiVersion: kuma.io/v1alpha1\nkind: MeshTimeout\nmetadata: {{name: t, namespace: {namespace}, labels: {{kuma.io/mesh: default}}}}\nspec:\n  to: [{{targetRef: {{kind: MeshService, name: {target}}}, default: {{http: {{requestTimeout: 1s}}}}}}]\n"
    );
    let zone = Source {
        zone: Some("one".into()),
        ..source("one", &format!("{namespaces}{}{}{policy}", pod("api", "shop"), pod("db", "bank")))
    };
    let global = Source {
        zone: Some("global".into()),
        ..source("global", "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: default}\nspec: {skipCreatingInitialPolicies: ['*']}\n")
    };
    vec![global, zone]
}

/// A trap is in the one world and not in the other; nothing else is different between their lists.
fn assert_trap(code: &str, with: &[Source], without: &[Source]) {
    let (with, without) = (codes(with), codes(without));
    assert!(with.iter().any(|c| c == code), "{code} is not in {with:?}");
    let rest: Vec<&String> = with.iter().filter(|c| *c != code).collect();
    assert_eq!(rest, without.iter().collect::<Vec<_>>(), "{code}");
}

fn one(text: &str) -> [Source; 1] {
    [source("world.yaml", text)]
}

#[test]
fn a_name_from_global_finds_nothing_in_zones() {
    let world = |targets: &[&str]| {
        format!(
            "{MESH}{}{}{}",
            dataplane("a", "east", 80, "api"),
            dataplane("a", "west", 80, "api"),
            timeout("", targets)
        )
    };
    let with = world(&["name: api"]);
    assert_trap("MS0901", &one(&with), &one(&world(&["name: api", "labels: {kuma.io/display-name: api}"])));
    // in a world of one zone a name means that zone's
    let alone = format!("{MESH}{}{}", dataplane("a", "", 80, "api"), timeout("", &["name: api"]));
    assert_trap("MS0901", &one(&with), &one(&alone));
}

#[test]
fn a_hand_made_service_without_display_name_is_not_found_by_it() {
    let world = |labels: &str| {
        format!(
            "{MESH}{}---\ntype: MeshService\nname: front\nmesh: default\n{labels}spec: {{selector: {{dataplaneTags: {{kuma.io/service: api}}}}, ports: [{{port: 80, appProtocol: http}}]}}\n{}",
            dataplane("a", "", 80, "api"),
            timeout("", &["labels: {kuma.io/display-name: front}"])
        )
    };
    assert_trap("MS0902", &one(&world("")), &one(&world("labels: {kuma.io/display-name: front}\n")));
    let unasked = world("").replace("display-name: front", "display-name: other");
    assert_trap("MS0902", &one(&world("")), &one(&unasked));
}

#[test]
fn a_producer_policy_becomes_a_consumer_policy_by_labels() {
    let with = cluster("shop", "db_bank_svc_8080");
    assert_trap("MS0903", &with, &cluster("shop", "api_shop_svc_8080"));
    assert_trap("MS0903", &with, &cluster("kuma-system", "db_bank_svc_8080"));
}

#[test]
fn a_name_that_is_no_dns_label_gets_no_service() {
    let world = |name: &str| format!("{MESH}{}", dataplane("a", "", 80, name));
    assert_trap("MS0904", &one(&world("my_api")), &one(&world("my-api")));
    let made = format!(
        "{}---\ntype: MeshService\nname: mine\nmesh: default\nspec: {{selector: {{dataplaneTags: {{kuma.io/service: my_api}}}}, ports: [{{port: 80, appProtocol: http}}]}}\n",
        world("my_api")
    );
    assert_trap("MS0904", &one(&world("my_api")), &one(&made));
}

#[test]
fn dataplanes_of_one_service_disagree_about_ports() {
    let world = |port: u32| format!("{MESH}{}{}", dataplane("a", "", 80, "api"), dataplane("b", "", port, "api"));
    assert_trap("MS0905", &one(&world(8080)), &one(&world(80)));
}

#[test]
fn a_zones_policy_about_a_service_of_another_zone_applies_to_nothing() {
    let world = |zone: &str| {
        format!(
            "{MESH}{}{}{}",
            dataplane("a", "east", 80, "api"),
            dataplane("w", "west", 80, "web"),
            timeout(zone, &["name: api"])
        )
    };
    assert_trap("MS0906", &one(&world("west")), &one(&world("east")));
}

#[test]
fn mesh_names_disappear_where_applications_use_them() {
    let world = |more: &str| {
        format!(
            "{MESH}{}{}",
            dataplane("a", "", 80, "api"),
            dataplane("w", "", 80, "web").replace("}]}\n", &format!("}}]{more}}}\n"))
        )
    };
    let redirected = ", transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001}";
    assert_trap("MS0907", &one(&world(redirected)), &one(&world("")));
    let exclusive = world(redirected).replace(MESH, &format!("{MESH}meshServices: {{mode: Exclusive}}\n"));
    assert_trap("MS0907", &one(&world(redirected)), &one(&exclusive));
}

#[test]
fn a_mirror_breaks_where_the_zone_has_no_such_service() {
    let world = |zone: &str| {
        format!(
            "{MESH}{}{}{}---\ntype: MeshHTTPRoute\nname: r\nmesh: default\nlabels: {{kuma.io/zone: {zone}}}\nspec:\n  to: [{{targetRef: {{kind: MeshService, labels: {{kuma.io/display-name: api}}}}, rules: [{{matches: [{{path: {{type: PathPrefix, value: /}}}}], default: {{filters: [{{type: RequestMirror, requestMirror: {{backendRef: {{kind: MeshService, name: log}}}}}}]}}}}]}}]\n",
            dataplane("a", "east", 80, "api"),
            dataplane("w", "west", 80, "web"),
            dataplane("l", "east", 80, "log")
        )
    };
    assert_trap("MS0908", &one(&world("west")), &one(&world("east")));
}

/// The traps of every world of the gallery, the documentation page among them.
#[test]
fn traps_of_the_gallery() {
    let root = format!("{}/gallery", env!("CARGO_MANIFEST_DIR"));
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let directory = entry.unwrap().path();
        if !directory.is_dir() {
            continue;
        }
        let about = std::fs::read_to_string(directory.join("about.json")).unwrap();
        let about: serde_json::Value = serde_json::from_str(&about).unwrap();
        let read = |file: &serde_json::Value| {
            let name = file["name"].as_str().unwrap();
            let zone = file["zone"].as_str().map(str::to_owned);
            Source { zone, ..source(name, &std::fs::read_to_string(directory.join(name)).unwrap()) }
        };
        let sources: Vec<Source> = about["files"].as_array().unwrap().iter().map(read).collect();
        let traps = codes(&sources);
        if !traps.is_empty() {
            found.insert(directory.file_name().unwrap().to_string_lossy().into_owned(), traps);
        }
    }
    let lines: Vec<String> = found.iter().map(|(name, codes)| format!("{name}: {}", codes.join(" "))).collect();
    let expected = [
        "display-name: MS0902",
        "global-names: MS0901",
        "multizone-no-match: MS0902",
        "section-names: MS0902",
        "seed: MS0902 MS0905",
        "wrong-port: MS0902",
    ];
    assert_eq!(lines, expected);
}
