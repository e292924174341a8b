//! Checks that are written into a world: what holds, what does not and why, what is covered, and that Kuma's side of the
//! world does not notice them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use meshscope::answer::{checks::checks, diagnostics};
use meshscope::report::{CheckVerdict, ChecksReport, DocumentVerdict, Summary};
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source, World};

const WORLD: &str = "
type: Mesh
name: default
meshServices: {mode: Exclusive}
skipCreatingInitialPolicies: ['*']
---
type: Dataplane
name: web-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{port: 80, tags: {kuma.io/service: web, kuma.io/protocol: http}}]
  transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001}
---
type: Dataplane
name: orders-1
mesh: default
networking:
  address: 10.0.0.2
  inbound: [{name: main, port: 8080, tags: {kuma.io/service: orders, kuma.io/protocol: http}}]
---
type: Dataplane
name: next-1
mesh: default
networking:
  address: 10.0.0.3
  inbound: [{name: main, port: 8080, tags: {kuma.io/service: orders-next, kuma.io/protocol: http}}]
---
type: MeshHTTPRoute
name: split
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: orders}
    rules:
    - matches: [{path: {type: PathPrefix, value: /v2}}]
      default:
        backendRefs:
        - {kind: MeshService, name: orders, port: 8080, weight: 90}
        - {kind: MeshService, name: orders-next, port: 8080, weight: 10}
    - matches: [{path: {type: Exact, value: /old}}]
      default:
        filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301, path: {type: ReplaceFullPath, replaceFullPath: /v2}}}]
---
type: MeshTimeout
name: slow
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: orders}
    default: {http: {requestTimeout: 10s}}
  - targetRef: {kind: MeshService, name: nobody}
    default: {http: {requestTimeout: 20s}}
---
";

fn world(checks: &str) -> World {
    let text = format!("{WORLD}{checks}");
    build(&[Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }], &Options::default())
}

fn run_world(world: &World) -> ChecksReport {
    checks(world, &Zones::of(world))
}

fn run(text: &str) -> ChecksReport {
    run_world(&world(text))
}

fn differences(text: &str) -> Vec<String> {
    let report = run(text);
    report.checks.iter().flat_map(|c| &c.answers).flat_map(|a| a.differences.clone()).collect()
}

fn requests(checks: &str) -> String {
    format!("type: MeshscopeCheck\nname: orders\nrequests:\n{checks}")
}

#[test]
fn a_split_holds_with_its_shares_in_percent() {
    let report = run(&requests(
        "- from: web-1
  to: orders:8080
  path: /v2/x
  rule: MeshHTTPRoute/split to[0].rules[0]
  lands: [{service: orders, port: main, zone: default, share: 90%}, {service: orders-next, endpoint: next-1, share: 10}]",
    ));
    assert_eq!(report.checks[0].answers[0].differences, Vec::<String>::new());
    assert_eq!((report.passed, report.failed), (1, 0));
    assert_eq!(report.checks[0].title, "GET orders:8080/v2/x from web-1");
    assert_eq!(
        report.checks[0].answers[0].found,
        ["90 % `orders` port main in `default`", "10 % `orders-next` port main in `default`"]
    );
}

#[test]
fn a_wrong_share_and_a_place_that_nobody_expects_are_told() {
    let check = "- {from: web-1, to: 'orders:8080', path: /v2, lands: [{service: orders, share: 100%}]}";
    assert_eq!(
        differences(&requests(check)),
        ["90 % of it goes to `orders`, not 100 %", "10 % of it goes to `orders-next` port main in `default`"]
    );
}

#[test]
fn a_place_without_share_must_get_something() {
    let check = "- {from: web-1, to: 'orders:8080', lands: [{service: orders}, {service: elsewhere}]}";
    assert_eq!(differences(&requests(check)), ["none of it goes to `elsewhere`"]);
}

#[test]
fn outcomes_other_than_landing_can_be_expected() {
    let redirect = "- {from: web-1, to: 'orders:8080', path: /old, outcome: redirected}\n";
    let nowhere = "- {from: web-1, to: 'example.com:80', outcome: noOutbound}\n";
    let wrong = "- {from: web-1, to: 'orders:8080', outcome: noRoute}\n";
    let report = run(&requests(&format!("{redirect}{nowhere}{wrong}")));
    let verdicts: Vec<CheckVerdict> = report.checks.iter().map(|c| c.verdict).collect();
    assert_eq!(verdicts, [CheckVerdict::Passed, CheckVerdict::Passed, CheckVerdict::Failed]);
    assert!(report.checks[2].answers[0].differences[0].starts_with("the outcome is `routed`, not `noRoute`"));
}

#[test]
fn the_rule_that_wins_can_be_expected() {
    let check =
        "- {from: web-1, to: 'orders:8080', path: /v2, rule: 'MeshHTTPRoute/split to[0].rules[1]', lands: [{}]}";
    assert_eq!(
        differences(&requests(check)),
        ["`MeshHTTPRoute/split to[0].rules[0]` takes it, not `MeshHTTPRoute/split to[0].rules[1]`"]
    );
}

#[test]
fn a_proxy_that_is_not_there_fails_the_check() {
    let check = "- {from: nobody, to: 'orders:8080', lands: [{service: orders}]}";
    assert_eq!(differences(&requests(check)), ["there is no proxy `nobody` in mesh `default`"]);
}

const REFUSE: &str = "
type: MeshTrafficPermission
name: nobody
mesh: default
spec: {rules: [{default: {deny: [{spiffeID: {type: Prefix, value: 'spiffe://'}}]}}]}
---
";

#[test]
fn what_is_refused_on_arrival_does_not_land() {
    let mesh = WORLD.replace(
        "meshServices: {mode: Exclusive}",
        "meshServices: {mode: Exclusive}\nmtls: {enabledBackend: ca, backends: [{name: ca, type: builtin}]}",
    );
    let check = |expected: &str| {
        let text = format!("{mesh}{REFUSE}{}", requests(&format!("- {{from: web-1, to: 'orders:8080', {expected}}}")));
        let world = build(&[Source { name: "w".into(), text: text.into(), ..Source::default() }], &Options::default());
        run_world(&world)
    };
    assert_eq!(check("outcome: denied").failed, 0);
    let landing = check("lands: [{service: orders}]");
    assert_eq!(landing.failed, 1);
    assert!(landing.checks[0].answers[0].differences[0].starts_with("MeshTrafficPermission refuses it at `orders-1`"));
}

#[test]
fn references_hold_or_say_what_they_hit() {
    let text = "type: MeshscopeCheck
name: refs
references:
- {at: 'MeshHTTPRoute/split to[0].rules[0].backendRefs[1]', hits: [{service: orders-next, port: 8080}]}
- {at: 'MeshTimeout/slow spec.to[1].targetRef', hits: []}
- {at: 'MeshTimeout/slow to[0]', hits: [{service: other}]}
- {at: 'MeshTimeout/slow to[7]', hits: []}
";
    let report = run(text);
    let verdicts: Vec<CheckVerdict> = report.checks.iter().map(|c| c.verdict).collect();
    use CheckVerdict::{Failed, Passed};
    assert_eq!(verdicts, [Passed, Passed, Failed, Failed]);
    assert_eq!(report.checks[2].answers[0].differences[0], "it does not hit `other`");
    assert_eq!(report.checks[3].answers[0].differences, ["there is no reference `MeshTimeout/slow to[7]`"]);
}

#[test]
fn rules_that_a_check_uses_are_covered() {
    let covered = |text: &str| {
        let report = run(text);
        let used = report.coverage.rules.iter().filter(|r| !r.checks.is_empty());
        (used.map(|r| format!("{} {}", r.name, r.path)).collect::<Vec<_>>(), report.coverage.total)
    };
    let request = requests("- {from: web-1, to: 'orders:8080', path: /v2, lands: [{}]}");
    assert_eq!(covered(&request), (vec!["split to[0].rules[0]".to_owned(), "slow to[0]".into()], 4));
    let reference =
        "type: MeshscopeCheck\nreferences: [{at: 'MeshHTTPRoute/split to[0].rules[0].backendRefs[0]', hits: [{}]}]";
    assert_eq!(covered(reference).0, ["split to[0].rules[0]"]);
}

#[test]
fn a_check_that_cannot_run_is_a_problem_where_it_stands() {
    let problems = |text: &str| {
        let world = world(text);
        let all = diagnostics(&world, &Zones::of(&world));
        all.into_iter().filter(|d| d.code == "MS1101").map(|d| d.message).collect::<Vec<_>>()
    };
    assert_eq!(problems("type: MeshscopeCheck\nname: a"), ["the document checks nothing"]);
    assert_eq!(problems(&requests("- {from: web-1, to: 'a:1'}")), ["a request does not say what has to become of it"]);
    assert_eq!(problems(&requests("- {from: web-1, to: 'a:1', outcome: lost}")), ["`lost` is no outcome of a request"]);
    assert_eq!(
        problems(&requests("- {from: web-1, to: 'a:1', lands: [{servce: a}]}")),
        ["an item of `lands` has no field `servce`"]
    );
    assert_eq!(problems(&requests("- {from: web-1, to: 'a:1', lands: [{share: most}]}")), ["a share is a percentage"]);
    assert_eq!(problems(&requests("- {to: 'a:1', lands: []}")), ["a request has no `from`", "`lands` is empty"]);
}

#[test]
fn checks_have_no_part_in_the_mesh() {
    let with = world(&requests("- {from: web-1, to: 'orders:8080', lands: [{}]}"));
    let without = world("");
    assert_eq!(with.views.len(), without.views.len());
    let summary = Summary::of(&with);
    let last = summary.documents.last().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.name.as_str(), last.verdict),
        ("MeshscopeCheck", "orders", DocumentVerdict::Checks)
    );
    let codes =
        |world: &World| -> Vec<String> { diagnostics(world, &Zones::of(world)).into_iter().map(|d| d.code).collect() };
    assert_eq!(codes(&with), codes(&without));
}
