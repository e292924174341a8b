//! Inputs made to exhaust whoever reads them: each gets a clear diagnostic, in bounded time. And names made to fool
//! people, which come out as they went in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop"
)]

use std::time::{Duration, Instant};

use meshscope::answer;
use meshscope::json;
use meshscope::report::{DiagnosticReport, Summary};
use meshscope::traffic::regex::{self, Compiled};
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source};

/// Far above what any of these takes on an idle machine, and far below what any of them would take without limits.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tables of a world, as the playground asks for them.
fn diagnostics(text: String) -> Vec<DiagnosticReport> {
    let from = Instant::now();
    let world =
        build(&[Source { name: "bomb.yaml".into(), text: text.into(), ..Source::default() }], &Options::default());
    let zones = Zones::of(&world);
    let all = answer::diagnostics(&world, &zones);
    let out = [
        json::text(&Summary::of(&world)),
        json::text(&answer::references::references(&world, &zones)),
        json::text(&answer::services::services(&world)),
    ];
    assert!(out.iter().all(|text| !text.is_empty()));
    assert!(from.elapsed() < PATIENCE, "{:?}", from.elapsed());
    all
}

fn messages(text: String) -> Vec<String> {
    diagnostics(text).into_iter().map(|d| d.message).collect()
}

fn has(messages: &[String], part: &str) {
    assert!(messages.iter().any(|m| m.contains(part)), "`{part}` is not in {:?}", &messages[..messages.len().min(5)]);
}

#[test]
fn aliases_of_aliases() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    has(&messages(text), "alias");
}

#[test]
fn aliases_in_merge_keys() {
    let mut text = String::from("a0: &a0 {k0: v}\n");
    for level in 1..60 {
        text += &format!("a{level}: &a{level} {{<<: [*a{0}, *a{0}], k{level}: v}}\n", level - 1);
    }
    diagnostics(text);
}

#[test]
fn an_alias_of_what_it_stands_in() {
    let all = messages("type: Mesh\nname: default\nx: &a [*a]\n".into());
    has(&all, "a");
}

#[test]
fn brackets_without_end() {
    for bracket in ["[", "{a: ", "- ", "? "] {
        let all = messages(bracket.repeat(200_000));
        assert!(!all.is_empty(), "{bracket}");
    }
    has(&messages("[".repeat(200_000)), "levels deep");
}

#[test]
fn fifty_megabytes() {
    let line = "# a comment that goes on and on\n";
    has(&messages(line.repeat(50_000_000 / line.len())), "meshscope reads at most");
}

#[test]
fn sixteen_megabytes_of_one_text() {
    let all = messages(format!("type: Mesh\nname: {}\n", "x".repeat(16_000_000)));
    assert!(!all.is_empty());
}

#[test]
fn a_hundred_thousand_documents() {
    let mut text = String::new();
    for n in 0..100_000 {
        // backwards, so that whatever keeps an order by name inserts in front
        text += &format!("---\ntype: Dataplane\nmesh: default\nname: d{}\n", 999_999 - n);
        text += &format!(
            "networking: {{address: 10.0.0.1, inbound: [{{port: 80, tags: {{kuma.io/service: s{}}}}}]}}\n",
            999_999 - n
        );
    }
    has(&messages(text), "documents; the rest is not read");
}

#[test]
fn as_many_documents_as_are_read() {
    let mut text = String::from("type: Mesh\nname: default\nmeshServices: {mode: Exclusive}\n");
    for n in 0..19_990 {
        text += "---\ntype: Dataplane\nmesh: default\n";
        text += &format!(
            "name: d{n}\nnetworking: {{address: 10.0.0.1, inbound: [{{port: 80, tags: {{kuma.io/service: s{}}}}}]}}\n",
            n * 7919 % 19_990
        );
    }
    diagnostics(text);
}

#[test]
fn a_pattern_of_five_megabytes() {
    let from = Instant::now();
    for pattern in ["a".repeat(5_000_000), "(".repeat(5_000_000), "[a-z]*".repeat(800_000), "(a*)*".repeat(1_000_000)] {
        assert!(!matches!(regex::compile(&pattern), Compiled::Ok(_)));
    }
    for pattern in ["((((a{1000}){1000}){1000}){1000})", "(a|b|ab)*c{900}", "(?i)\\p{L}{1000}"] {
        let _ = regex::compile(pattern);
    }
    if let Compiled::Ok(slow) = regex::compile("(a|a|aa)*b") {
        assert!(!slow.full_match(&"a".repeat(20_000)));
    }
    assert!(from.elapsed() < PATIENCE, "{:?}", from.elapsed());
}

#[test]
fn routes_that_lead_to_each_other() {
    let mut text = String::from("type: Mesh\nname: default\nmeshServices: {mode: Exclusive}\n");
    for (name, other) in [("a", "b"), ("b", "a")] {
        text += &format!(
            "---\ntype: Dataplane\nmesh: default\nname: {name}\nnetworking:\n  address: 10.0.0.1\n  inbound: [{{port: 80, tags: {{kuma.io/service: {name}, kuma.io/protocol: http}}}}]\n\
             ---\ntype: MeshMultiZoneService\nmesh: default\nname: {name}\nspec: {{selector: {{meshService: {{matchLabels: {{kuma.io/display-name: {other}}}}}}}, ports: [{{port: 80, appProtocol: http}}]}}\n\
             ---\ntype: MeshHTTPRoute\nmesh: default\nname: {name}\nspec:\n  to:\n  - targetRef: {{kind: MeshService, name: {name}}}\n    rules:\n    - matches: [{{path: {{type: PathPrefix, value: /}}}}]\n      default: {{backendRefs: [{{kind: MeshService, name: {other}, port: 80}}]}}\n\
             ---\ntype: MeshTimeout\nmesh: default\nname: {name}\nspec: {{targetRef: {{kind: MeshHTTPRoute, name: {name}}}, to: [{{targetRef: {{kind: MeshHTTPRoute, name: {other}}}, default: {{idleTimeout: 1s}}}}]}}\n"
        );
    }
    diagnostics(text);
}

#[test]
fn a_list_of_lists_of_objects() {
    let mut text = String::from("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n");
    for _ in 0..90 {
        text = format!("apiVersion: v1\nkind: List\nitems:\n- {}", text.replace('\n', "\n  "));
    }
    diagnostics(text);
}

#[test]
fn a_deployment_of_a_billion_pods() {
    diagnostics(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {kuma.io/sidecar-injection: enabled}}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: x}\nspec: {replicas: 1000000000, selector: {matchLabels: {app: d}}, template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}}\n"
            .into(),
    );
}

#[test]
fn names_come_out_as_they_went_in() {
    // markup; right-to-left override; zero-width space; a Cyrillic letter that looks Latin; every kind of control
    for name in
        ["<img src=x onerror=alert(1)>", "a\u{202e}b", "web\u{200b}", "w\u{435}b", "a\u{7f}\u{85}\u{2028}b", "'\"`$(x)"]
    {
        let quoted: String = name.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let text = format!("type: MeshTimeout\nmesh: default\nname: \"{quoted}\"\nspec: {{to: [{{targetRef: {{kind: Mesh}}, default: {{idleTimeout: 1s}}}}]}}\n");
        let world =
            build(&[Source { name: "w.yaml".into(), text: text.into(), ..Source::default() }], &Options::default());
        // as text, untouched: showing it safely is the page's part, and it cannot show what is hidden from it
        let read: serde_json::Value = serde_json::from_str(&json::text(&Summary::of(&world))).unwrap();
        assert_eq!(read["documents"][0]["name"], *name);
        let said = answer::diagnostics(&world, &Zones::of(&world));
        assert!(said.iter().any(|d| d.message.contains("name")), "{said:?}");
    }
}
