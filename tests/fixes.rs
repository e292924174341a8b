//! Fixes: each one, applied to the text, gives what is expected, and its problem is gone and no other has come.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test that fails should stop")]

use meshscope::answer;
use meshscope::report::DiagnosticReport;
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source};

fn problems(text: &str) -> Vec<DiagnosticReport> {
    let source = Source { name: "world.yaml".into(), text: text.into(), ..Source::default() };
    let world = build(&[source], &Options::default());
    answer::diagnostics(&world, &Zones::of(&world))
}

fn codes(text: &str) -> Vec<String> {
    problems(text).into_iter().map(|d| d.code).collect()
}

/// The text after the only fix of the only problem with this code.
fn fixed(text: &str, code: &str) -> String {
    let found: Vec<_> = problems(text).into_iter().filter(|d| d.code == code).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    let fixes = &found.first().unwrap().fixes;
    assert_eq!(fixes.len(), 1, "{found:#?}");
    let fix = fixes.first().unwrap();
    let (start, end) = (fix.location.start.byte as usize, fix.location.end.byte as usize);
    format!("{}{}{}", &text[..start], fix.text, &text[end..])
}

const WORLD: &str = "\
type: Mesh
name: default
meshServices: { mode: Exclusive }
---
type: MeshService
name: redis
mesh: default
spec:
  selector: { dataplaneTags: { app: redis } }
  ports: [{ port: 6379, name: tcp-redis, appProtocol: tcp }]
---
type: Dataplane
name: redis-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{ port: 6379, name: tcp-redis, tags: { kuma.io/service: redis, app: redis } }]
---
type: MeshTimeout
name: t
mesh: default
spec:
  to:
    - targetRef: { kind: MeshService, name: redis }
      default: { connectionTimeout: 2s }
";

/// The correct world with something in place of what is right, which the fix has to bring back, up to quotes.
fn breaks(right: &str, wrong: &str, code: &str, written: &str) {
    assert!(WORLD.contains(right));
    assert!(!codes(WORLD).iter().any(|c| c == code));
    let broken = WORLD.replace(right, wrong);
    let after = fixed(&broken, code);
    assert_eq!(after, WORLD.replace(right, written));
    assert_eq!(codes(&after), codes(WORLD));
}

#[test]
fn a_misspelt_field_is_renamed() {
    breaks("connectionTimeout: 2s", "conectionTimeout: 2s", "MS0203", "connectionTimeout: 2s");
    breaks("connectionTimeout: 2s", "\"conectionTimeout\": 2s", "MS0203", "connectionTimeout: 2s");
}

#[test]
fn a_field_that_is_there_already_is_not_offered_again() {
    let both = WORLD.replace("connectionTimeout: 2s", "connectionTimeout: 2s, conectionTimeout: 3s");
    let found = problems(&both);
    let unknown: Vec<_> = found.iter().filter(|d| d.code == "MS0203").collect();
    assert_eq!(unknown.len(), 1);
    assert!(unknown.iter().all(|d| d.fixes.is_empty() && d.help.is_none()), "{unknown:#?}");
}

#[test]
fn a_value_that_yaml_takes_for_another_type_is_quoted() {
    let broken = WORLD.replace("name: redis }", "name: redis, sectionName: 6379 }");
    let after = fixed(&broken, "MS0109");
    assert_eq!(after, broken.replace("sectionName: 6379", "sectionName: \"6379\""));
    assert!(!codes(&after).contains(&"MS0109".to_owned()));
}

#[test]
fn a_duration_without_a_unit_is_not_quoted() {
    let broken = WORLD.replace("connectionTimeout: 2s", "connectionTimeout: 2");
    let found = problems(&broken);
    let quote: Vec<_> = found.iter().filter(|d| d.code == "MS0109").collect();
    assert_eq!(quote.len(), 1, "{found:#?}");
    assert!(quote.iter().all(|d| d.fixes.is_empty()));
}

#[test]
fn the_number_of_a_named_port_becomes_its_name() {
    let right = "{ kind: MeshService, name: redis }";
    let with = |section: &str| format!("{{ kind: MeshService, name: redis, sectionName: {section} }}");
    breaks(right, &with("\"6379\""), "MS0601", &with("tcp-redis"));
}

#[test]
fn the_first_of_two_equal_keys_goes() {
    for (once, twice) in [
        ("{ connectionTimeout: 2s }", "{ connectionTimeout: 1s, connectionTimeout: 2s }"),
        ("\nmesh: default\nspec:\n  selector", "\nmesh: other # before\nmesh: default\nspec:\n  selector"),
    ] {
        assert_eq!(fixed(&WORLD.replace(once, twice), "MS0106"), WORLD, "{twice}");
    }
}

#[test]
fn equal_keys_stay_where_a_comment_or_an_anchor_would_go_with_them() {
    for twice in [
        "\n  # the right one\n  ports: [{ port: 6379, name: tcp-redis, appProtocol: tcp }]\n---",
        "\n  ports: &here [{ port: 6379, name: tcp-redis, appProtocol: tcp }]\n---",
    ] {
        let line = "\n  ports: [{ port: 6379, name: tcp-redis, appProtocol: tcp }]\n---";
        let first = if twice.contains('&') { twice } else { line }.trim_end_matches("\n---");
        let second = if twice.contains('&') { line } else { twice };
        let found = problems(&WORLD.replace(line, &format!("{first}{second}")));
        let duplicate: Vec<_> = found.iter().filter(|d| d.code == "MS0106").collect();
        assert_eq!(duplicate.len(), 1, "{found:#?}");
        assert!(duplicate.iter().all(|d| d.fixes.is_empty()));
    }
}
