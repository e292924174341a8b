//! Migrations from Disabled to Exclusive, made only of what is offered, and two versions compared.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

mod corpus;
mod hostile;
mod traps;

use std::collections::BTreeSet;

use meshscope::diagnostic::Severity;
use meshscope::migration::diff::diff;
use meshscope::migration::edit::{apply, invert};
use meshscope::migration::modes::modes;
use meshscope::migration::proof::{prove, Side};
use meshscope::migration::{migrate, migration, rewrites, Choice, Decisions};
use meshscope::report::{ChangeKind, ChoiceReport, ProofReport, RequestChange, RequestReport, SideReport, UseKind};
use meshscope::resource::MeshServicesMode;
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source, World};
use serde_json::Value;

fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), text: text.into(), ..Source::default() }
}

fn fixture(name: &str) -> Source {
    let path = format!("{}/tests/fixtures/migration/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    source(name, &std::fs::read_to_string(path).unwrap())
}

fn compare(old: &World, new: &World) -> ProofReport {
    prove(Side { world: old, zones: &Zones::of(old) }, Side { world: new, zones: &Zones::of(new) })
}

/// One rewrite and what it changes.
struct Step {
    id: String,
    proof: ProofReport,
}

/// Applies the offered rewrites one by one. After each the new text is read again and undoing it must give the old bytes.
fn walk(sources: &[Source], decisions: &Decisions) -> (Vec<Step>, Vec<Source>) {
    let options = Options::default();
    let mut now = sources.to_vec();
    let mut world = build(&now, &options);
    let mut steps = Vec::new();
    while let Some((id, edits)) = rewrites(&now, &options, decisions).into_iter().next() {
        let next = apply(&now, &edits);
        assert_eq!(apply(&next, &invert(&now, &edits)), now, "undoing {id}");
        let after = build(&next, &options);
        let bad: Vec<_> = after.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(bad.is_empty(), "{id}: {bad:#?}\n{}", next[0].text);
        steps.push(Step { id, proof: compare(&world, &after) });
        assert!(steps.len() < 200, "no end: {:?}", steps.iter().map(|s| &s.id).collect::<Vec<_>>());
        now = next;
        world = after;
    }
    (steps, now)
}

fn clusters() -> Vec<Source> {
    let zone = |name: &str, zone: &str| Source { zone: Some(zone.into()), ..fixture(name) };
    vec![
        zone("clusters", "global"),
        zone("cluster-one", "one"),
        zone("cluster-two", "two"),
        zone("machines", "machines"),
    ]
}

/// `Kind proxy address path`, one for each change.
fn changes(proof: &ProofReport) -> Vec<String> {
    let line = |c: &RequestChange| format!("{:?} {} {}{}", c.kind, c.request.proxy, c.request.to, c.request.path);
    proof.changes.iter().map(line).collect()
}

/// The steps that change requests which were possible before.
fn steps_with_changes(steps: &[Step], of: &[ChangeKind]) -> Vec<String> {
    steps.iter().filter(|s| s.proof.changes.iter().any(|c| of.contains(&c.kind))).map(|s| s.id.clone()).collect()
}

/// At the end every mesh is in mode Exclusive, every step is done, and nothing speaks of a `kuma.io/service` but what is
/// about proxies.
fn assert_done(sources: &[Source]) {
    let report = migration(sources, &Options::default(), &Decisions::default());
    assert!(report.meshes.iter().all(|m| m.mode == "Exclusive"), "{:?}", report.meshes);
    assert_eq!(report.rewrites, [], "offered at the end");
    for step in &report.steps {
        assert!(step.done, "step {}: {:?}", step.number, step.items);
    }
    let left: Vec<_> = report
        .services
        .iter()
        .flat_map(|s| &s.uses)
        // a name in a zone's own policy is that of the MeshService, too
        .filter(|u| !matches!(u.form, UseKind::Proxies | UseKind::Policy | UseKind::Route))
        .collect();
    assert_eq!(left, Vec::<&meshscope::report::UseReport>::new());
}

#[test]
fn one_universal_zone_moves_to_exclusive() {
    let start = [fixture("one-zone")];
    let (steps, end) = walk(&start, &Decisions::default());
    assert_done(&end);
    assert_eq!(steps_with_changes(&steps, &[ChangeKind::Stops, ChangeKind::Elsewhere, ChangeKind::Shares]), [""; 0]);
    // Kuma orders legacy rules by name alone, so the default policy outweighed MeshTimeout `orders`, which now counts
    assert_eq!(
        steps_with_changes(&steps, &[ChangeKind::Treated]),
        ["Dataplane/default/default/web-1/networking.outbound[0]", "mode/default/Exclusive"]
    );
    let proof = compare(&build(&start, &Options::default()), &build(&end, &Options::default()));
    assert_eq!(proof.not_evaluated, [""; 0]);
    let all = changes(&proof);
    for path in ["/", "/stock", "/v2", "/items/0"] {
        assert!(all.contains(&format!("Treated web-1 127.0.0.1:10001{path}")), "{all:?}");
        assert!(all.contains(&format!("Treated batch-1 orders.mesh:80{path}")), "{all:?}");
    }
    assert_eq!(all.len(), 8);
    let traces = proof.changes[0].traces.as_ref().unwrap();
    // and the change says which policy decides now, and why it did not before
    assert_eq!(
        proof.changes[0].what,
        "lands where it did, with another conf of MeshTimeout: `orders` decides instead of `mesh-timeout-all-default`; \
         for a `kuma.io/service` Kuma orders policies by their names, for a real service what is more specific comes first"
    );
    let timeout = |report: &RequestReport| report.forwarded.as_ref().unwrap().timeout.clone();
    assert_eq!((timeout(&traces.before), timeout(&traces.after)), (Some("15s".into()), Some("3s".into())));
}

#[test]
fn comments_and_styles_stay_as_they_are() {
    let (_, end) = walk(&[fixture("one-zone")], &Decisions::default());
    let text = &end[0].text;
    for kept in [
        "  mode: Exclusive # to be changed\n",
        "    # the new version for those who ask for it\n",
        "  - port: 10001 # orders\n    backendRef:\n      kind: MeshService\n      name: orders\n      port: 8080 # whichever version\n",
        "  - {port: 10002, backendRef: {kind: MeshService, name: stock, port: 7070}} # in one line\n",
        "        - kind: MeshService\n          name: orders-v2\n          port: 8080\n",
        "{kind: MeshService, name: stock, port: 7070, weight: 9}, {kind: MeshService, name: orders-v1, port: 8080, weight: 1}]",
        "    redirectPortOutbound: 15001\n    reachableBackends:\n      refs:\n      - kind: MeshService\n        name: orders\n",
    ] {
        assert!(text.contains(kept), "{kept:?} is not in\n{text}");
    }
    assert!(!text.contains("reachableServices"));
}

#[test]
fn three_universal_zones_move_to_exclusive() {
    let start = [fixture("three-zones")];
    let (steps, end) = walk(&start, &Decisions::default());
    assert_done(&end);
    assert_eq!(steps_with_changes(&steps, &[ChangeKind::Stops]), [""; 0]);
    let proof = compare(&build(&start, &Options::default()), &build(&end, &Options::default()));
    // each of three ingresses counted all instances behind it; a MeshMultiZoneService counts zones
    assert_eq!(changes(&proof), ["Shares web-1 127.0.0.1:20080/"]);
    assert_eq!(proof.not_evaluated, [""; 0]);
    let share = |side: &SideReport| side.places.iter().map(|p| (p.zone.clone(), p.share)).collect::<Vec<_>>();
    let change = &proof.changes[0];
    assert_eq!(share(&change.after), [("east".to_owned(), 0.5), ("west".to_owned(), 0.5)]);
    assert_ne!(share(&change.before), share(&change.after));
    assert!(
        change.what.ends_with("a MeshMultiZoneService is shared out by zones, not by instances"),
        "{}",
        change.what
    );
    assert!(end[0].text.contains("backendRefs: [{kind: MeshService, labels: {kuma.io/display-name: stock, kuma.io/zone: west}, port: 7070}] # all of it\n"));
}

#[test]
fn the_choice_is_the_users() {
    let start = [fixture("three-zones")];
    let mut decisions = Decisions::default();
    decisions.choices.insert("default/orders".into(), Choice::MeshService);
    let end = migrate(&start, &Options::default(), &decisions);
    assert!(!end[0].text.contains("MeshMultiZoneService"));
    let proof = compare(&build(&start, &Options::default()), &build(&end, &Options::default()));
    let moved = changes(&proof);
    assert!(moved.contains(&"Elsewhere web-1 127.0.0.1:20080/".to_owned()), "{moved:?}");
    let change = proof.changes.iter().find(|c| c.kind == ChangeKind::Elsewhere).unwrap();
    assert_eq!(change.what, "lands in `east` instead of `east`, `west`");
}

#[test]
fn two_clusters_and_machines_move_to_exclusive() {
    let start = clusters();
    let (steps, end) = walk(&start, &Decisions::default());
    assert_done(&end);
    // the names of `kuma.io/service`s in clusters have underscores, or port 80 in front of another: no generator gives these
    assert_eq!(steps_with_changes(&steps, &[ChangeKind::Stops]), ["mode/default/Exclusive"]);
    let proof = compare(&build(&start, &Options::default()), &build(&end, &Options::default()));
    for change in &proof.changes {
        match change.kind {
            ChangeKind::Stops => assert!(change.request.to.ends_with(".mesh:80"), "{}", change.request.to),
            ChangeKind::Shares => assert!(change.request.to.starts_with("10.9"), "{}", change.request.to),
            other => panic!("{other:?} {:?}", change.request),
        }
    }
    let pod = &end[1].text;
    assert!(pod.contains(
        "    # what the page needs\n    kuma.io/reachable-backends: \"{refs: [{kind: MeshService, name: backend, port: 8080}, "
    ));
    assert!(pod.contains("      name: cache # the old form\n"));
    assert!(end[3]
        .text
        .contains("  - port: 10080 # the shop, in the clusters\n    backendRef:\n      kind: MeshMultiZoneService\n"));
}

#[test]
fn all_at_once_comes_to_the_same_as_one_by_one() {
    for sources in [vec![fixture("one-zone")], vec![fixture("three-zones")], clusters()] {
        let (_, one_by_one) = walk(&sources, &Decisions::default());
        let at_once = migrate(&sources, &Options::default(), &Decisions::default());
        assert_done(&at_once);
        let proof = compare(&build(&one_by_one, &Options::default()), &build(&at_once, &Options::default()));
        assert!(proof.unchanged, "{:?} {:?}", changes(&proof), proof.not_evaluated);
    }
}

#[test]
fn by_way_of_reachable_backends_too() {
    let decisions = Decisions { via: MeshServicesMode::ReachableBackends, ..Decisions::default() };
    let (steps, end) = walk(&clusters(), &decisions);
    assert!(steps.iter().any(|s| s.id == "mode/default/ReachableBackends"));
    assert_done(&end);
}

#[test]
fn decisions_come_with_their_reasons() {
    let report = migration(&[fixture("three-zones")], &Options::default(), &Decisions::default());
    let of = |name: &str| report.services.iter().find(|s| s.name == name).unwrap();
    let orders = of("orders");
    assert_eq!(orders.suggestion, ChoiceReport::MeshMultiZoneService);
    assert!(orders.crosses_zones, "{}", orders.crossing);
    assert!(orders.uses.iter().any(|u| u.path == "networking.outbound[0].tags" && u.location.is_some()));
    assert!(orders.uses.iter().any(|u| u.kind == "MeshTimeout" && u.path == "spec.to[1].targetRef"));
    assert_eq!(of("db").suggestion, ChoiceReport::MeshService);
    assert_eq!(report.steps.iter().map(|s| s.done).collect::<Vec<_>>(), [false, false, false, false, true]);
    assert_eq!(report.traps.iter().filter(|t| t.code == "MS0901").count(), 3);
    let hostnames: Vec<_> = report.traps.iter().filter(|t| t.code == "MS0907").map(|t| &t.message).collect();
    assert!(hostnames[0].contains("zone `north` lose"), "{hostnames:?}");
}

#[test]
fn virtual_outbounds_are_named_with_what_to_write_instead() {
    let text = "
type: VirtualOutbound
name: by-version
mesh: default
selectors:
- match: {kuma.io/service: '*', version: '*'}
conf:
  host: '{{.version}}.{{.name}}.shop'
  port: '8080'
  parameters:
  - {name: name, tagKey: kuma.io/service}
  - {name: version}
";
    let report = migration(&[fixture("one-zone"), source("vo", text)], &Options::default(), &Decisions::default());
    let [one] = report.virtual_outbounds.as_slice() else { panic!("{:?}", report.virtual_outbounds) };
    assert_eq!(one.inbounds, 2);
    let generator = one.generator.as_ref().unwrap();
    assert!(generator.contains(r#"template: "{{ label \"version\" }}.{{ .DisplayName }}.shop""#), "{generator}");
    let item = |report: &meshscope::report::MigrationReport| {
        report.steps[2].items.iter().find(|i| i.text.contains("`by-version`")).cloned()
    };
    // MeshServices have no label `version`: it is up to the user
    let by_hand = item(&report).unwrap();
    assert_eq!((by_hand.rewrite, by_hand.location.unwrap().source), (None, 1));
    // names that are made of fields are offered, and once
    let simple = text.replace("{{.version}}.", "");
    let sources = [fixture("one-zone"), source("vo", &simple)];
    let report = migration(&sources, &Options::default(), &Decisions::default());
    assert_eq!(item(&report).unwrap().rewrite.unwrap(), "virtual-outbound/default/by-version");
    let end = migrate(&sources, &Options::default(), &Decisions::default());
    assert_eq!(end[1].text.matches("template: \"{{ .DisplayName }}.shop\"").count(), 1);
    let proof = compare(&build(&sources, &Options::default()), &build(&end, &Options::default()));
    assert!(proof.changes.iter().all(|c| c.kind == ChangeKind::Treated));
}

/// A Mesh in mode Exclusive, a client with an outbound to `api`, and a route.
fn routed(rules: &str) -> World {
    let text = format!(
        "
type: Mesh
name: default
skipCreatingInitialPolicies: ['*']
meshServices: {{mode: Exclusive}}
---
type: Dataplane
name: api-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{{port: 80, name: http, tags: {{kuma.io/service: api, kuma.io/protocol: http}}}}]
---
type: Dataplane
name: new-1
mesh: default
networking:
  address: 10.0.0.2
  inbound: [{{port: 80, name: http, tags: {{kuma.io/service: new, kuma.io/protocol: http}}}}]
---
type: Dataplane
name: web-1
mesh: default
networking:
  address: 10.0.0.3
  inbound: [{{port: 80, tags: {{kuma.io/service: web, kuma.io/protocol: http}}}}]
  outbound: [{{port: 8080, backendRef: {{kind: MeshService, name: api, port: 80}}}}]
---
type: MeshHTTPRoute
name: r
mesh: default
spec:
  to:
  - targetRef: {{kind: MeshService, name: api}}
    rules:
{rules}"
    );
    build(&[source("world.yaml", &text)], &Options::default())
}

/// A rule that sends what matches to `new`.
fn rule(matches: &str) -> String {
    format!(
        "    - {{matches: [{{{matches}}}], default: {{backendRefs: [{{kind: MeshService, name: new, port: 80}}]}}}}\n"
    )
}

#[test]
fn a_class_of_requests_is_found_wherever_conditions_cut() {
    let prefix = |p: &str| rule(&format!("path: {{type: PathPrefix, value: {p}}}"));
    let cases = [
        (prefix("/a"), prefix("/a/b"), vec!["Elsewhere web-1 127.0.0.1:8080/a"]),
        (prefix("/a"), rule("path: {type: Exact, value: /a}"), vec!["Elsewhere web-1 127.0.0.1:8080/a/"]),
        (
            prefix("/a"),
            rule("path: {type: PathPrefix, value: /a}, method: GET"),
            vec!["Elsewhere web-1 127.0.0.1:8080/a"],
        ),
        (
            rule("headers: [{name: x-v, value: two}]"),
            rule("headers: [{name: x-v, type: Prefix, value: two}]"),
            vec!["Elsewhere web-1 127.0.0.1:8080/"],
        ),
        (
            rule("queryParams: [{name: v, type: Exact, value: '2'}]"),
            rule("queryParams: [{name: v, type: Exact, value: '3'}]"),
            vec!["Elsewhere web-1 127.0.0.1:8080/?v=2", "Elsewhere web-1 127.0.0.1:8080/?v=3"],
        ),
        (
            rule("path: {type: RegularExpression, value: '/v[0-9]+/.*'}"),
            prefix("/v1"),
            vec!["Elsewhere web-1 127.0.0.1:8080/v0/x", "Elsewhere web-1 127.0.0.1:8080/v1"],
        ),
        (prefix("/a"), prefix("/a"), vec![]),
        (prefix("/a") + &prefix("/b"), prefix("/b") + &prefix("/a"), vec![]),
    ];
    for (before, after, expected) in cases {
        let proof = compare(&routed(&before), &routed(&after));
        assert_eq!(changes(&proof), expected, "{before} -> {after}");
        assert_eq!(proof.not_evaluated, [""; 0]);
        assert_eq!(proof.unchanged, expected.is_empty());
    }
}

#[test]
fn what_is_not_compared_is_said() {
    let strange = rule("path: {type: RegularExpression, value: '/(a|b){2}c[^d]'}");
    let same = compare(&routed(&strange), &routed(&strange));
    assert!(same.unchanged);
    let greek = rule("path: {type: RegularExpression, value: '/\\pL+'}");
    let proof = compare(&routed(&greek), &routed(&rule("path: {type: Exact, value: /a}")));
    assert!(!proof.unchanged);
    assert!(proof.not_evaluated.iter().any(|n| n.contains("is not evaluated here")), "{:?}", proof.not_evaluated);
}

#[test]
fn weights_and_policies_are_part_of_the_proof() {
    let split = |a: u32, b: u32| {
        routed(&format!(
            "    - default: {{backendRefs: [{{kind: MeshService, name: api, port: 80, weight: {a}}}, {{kind: MeshService, name: new, port: 80, weight: {b}}}]}}\n      matches: [{{path: {{type: PathPrefix, value: /}}}}]\n"
        ))
    };
    assert_eq!(changes(&compare(&split(9, 1), &split(8, 2))), ["Shares web-1 127.0.0.1:8080/"]);
    assert_eq!(changes(&compare(&split(9, 1), &split(90, 10))), [""; 0]);
    assert_eq!(changes(&compare(&split(9, 1), &split(1, 0))), ["Elsewhere web-1 127.0.0.1:8080/"]);
}

fn case(name: &str) -> (Source, Value) {
    let directory = format!("{}/tests/conformance/universal/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read_to_string(format!("{directory}/{file}")).unwrap();
    (source("world.yaml", &read("world.yaml")), serde_json::from_str(&read("answers.json")).unwrap())
}

fn recorded() -> Options {
    Options { default_hostname_generators: false, ..Options::default() }
}

/// The outbound listeners of a proxy as they were recorded: `address:port`.
fn recorded_listeners(xds: &Value) -> BTreeSet<String> {
    let all = xds["listeners"].as_array().unwrap().iter();
    all.map(|l| (l["address"].as_str().unwrap(), l["port"].as_u64().unwrap()))
        .filter(|(_, port)| *port != 15001)
        .map(|(address, port)| format!("{address}:{port}"))
        .collect()
}

#[test]
fn each_mode_has_the_recorded_destinations() {
    let (world, _) = case("tproxy-mode-disabled");
    let modes = modes(&[world], &recorded());
    for (mode, name) in [
        ("Disabled", "tproxy-mode-disabled"),
        ("Everywhere", "tproxy-mode-everywhere"),
        ("Exclusive", "tproxy-mode-exclusive"),
    ] {
        let (_, answers) = case(name);
        let kuma = recorded_listeners(&answers["zones"]["default"]["default"]["proxies"]["web-1"]["xds"]);
        let report = modes.iter().find(|m| m.mode == mode).unwrap();
        let web = report.proxies.iter().find(|p| p.proxy.name == "web-1").unwrap();
        assert_eq!(web.numbers.listeners as usize, kuma.len(), "{mode}");
        let ours: BTreeSet<String> = web
            .destinations
            .iter()
            .map(|d| match d.kind.as_str() {
                "kuma.io/service" => format!("vip:{}", d.name),
                _ => format!("vip:{}_", d.name.rsplit_once('_').unwrap().0),
            })
            .collect();
        let owners: BTreeSet<String> = kuma.iter().map(|l| l.rsplit_once(':').unwrap().0.to_owned()).collect();
        assert_eq!(ours, owners, "{mode}");
    }
    let numbers = |mode: &str| modes.iter().find(|m| m.mode == mode).unwrap();
    assert!(numbers("Disabled").in_use && numbers("Disabled").changes.is_none());
    let stops = |mode: &str| {
        numbers(mode).changes.as_ref().unwrap().changes.iter().filter(|c| c.kind == ChangeKind::Stops).count()
    };
    assert_eq!((stops("Everywhere"), stops("ReachableBackends"), stops("Exclusive")), (0, 0, 4));
}

#[test]
fn modes_generate_the_recorded_services() {
    let (world, answers) = case("gen-modes-side-by-side");
    for (mode, mesh) in [
        ("Disabled", "m-disabled"),
        ("Everywhere", "m-everywhere"),
        ("ReachableBackends", "m-reachablebackends"),
        ("Exclusive", "m-exclusive"),
    ] {
        let options = Options { mode: MeshServicesMode::named(mode), ..recorded() };
        let there = build(std::slice::from_ref(&world), &options);
        let kuma: Vec<&str> = answers["zones"]["default"][mesh]["meshServices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["name"].as_str().unwrap())
            .collect();
        let view = there.zone("default").unwrap();
        let ours: Vec<&str> =
            view.of_kind(meshscope::resource::Kind::MeshService, mesh).map(|(_, s)| s.name.as_str()).collect();
        assert_eq!(ours, kuma, "{mode}");
    }
}

#[test]
fn the_mode_in_use_leads_where_the_recorded_requests_went() {
    for name in ["everywhere-legacy-outbound-routes", "live-kuma-service-everywhere"] {
        let (world, answers) = case(name);
        let modes = modes(&[world], &recorded());
        let used = modes.iter().find(|m| m.in_use).unwrap();
        assert_eq!(used.mode, "Everywhere");
        let web = used.proxies.iter().find(|p| p.proxy.name == "web-1").unwrap();
        let zone = &web.proxy.zone;
        let kuma = recorded_listeners(&answers["zones"][zone]["default"]["proxies"]["web-1"]["xds"]);
        let ours: BTreeSet<String> = web.destinations.iter().flat_map(|d| d.addresses.clone()).collect();
        assert_eq!(ours, kuma, "{name}");
        for live in answers["live"].as_array().into_iter().flatten() {
            let to = live["request"]["connect"].as_str().unwrap();
            let hit: BTreeSet<&str> =
                live["hits"].as_object().unwrap().keys().map(|k| k.split_once('/').unwrap().0).collect();
            let there = web.destinations.iter().find(|d| d.addresses.iter().any(|a| a == to)).unwrap();
            assert_eq!(there.zones.iter().map(String::as_str).collect::<BTreeSet<_>>(), hit, "{to}");
        }
    }
}

#[test]
fn differences_are_of_resources_not_of_lines() {
    let old = fixture("three-zones");
    let moved = format!("# a line more\n\n{}", old.text);
    let options = Options::default();
    let same = diff(&build(std::slice::from_ref(&old), &options), &build(&[source("other", &moved)], &options));
    assert_eq!((same.introduced.len(), same.fixed.len(), same.references.len()), (0, 0, 0));
    assert!(same.requests.unchanged);
    let renamed =
        old.text.replace("name: stock}]", "name: shock, port: 1}]").replace("    address: 10", "    adress: 10");
    let changed = diff(&build(&[old], &options), &build(&[source("new", &renamed)], &options));
    assert_ne!(changed.introduced, []);
    assert_eq!(changed.fixed, []);
    let reference = changed.references.iter().find(|r| r.path.ends_with("backendRefs[0]")).unwrap();
    assert_eq!(reference.asked_before.as_deref(), Some("MeshService `stock`"));
    assert!(changed.requests.changes.iter().any(|c| c.request.path == "/stock"));
}
