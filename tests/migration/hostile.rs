//! Worlds that are hard to rewrite: whatever is offered for them must be applicable, must keep the YAML readable and what
//! is not its business untouched, must come to an end, and its proof must agree with the traces of single requests.

use std::collections::BTreeSet;

use meshscope::answer::requests::request;
use meshscope::diagnostic::Severity;
use meshscope::migration::edit::{apply, invert};
use meshscope::migration::{migrate, migration, rewrites, Choice, Decisions};
use meshscope::report::{ProofReport, RequestInput, RequestOutcome, RequestReport};
use meshscope::resource::{Kind, MeshServicesMode};
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source, World};

use super::{changes, compare};

/// The sources of a world: the whole file, or its parts behind lines `#### file NAME [ZONE]`.
fn hostile(name: &str) -> Vec<Source> {
    let path = format!("{}/tests/fixtures/migration/hostile/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    if !text.starts_with("#### file ") {
        return vec![super::source(name, &text)];
    }
    let parts = text.split("#### file ").skip(1);
    parts
        .map(|part| {
            let (head, text) = part.split_once('\n').unwrap();
            let mut words = head.split_whitespace();
            let name = words.next().unwrap();
            Source { zone: words.next().map(str::to_owned), ..super::source(name, text) }
        })
        .collect()
}

/// Every choice that a user could make for all services alike, by both ways.
fn decisions(sources: &[Source]) -> Vec<Decisions> {
    let names: Vec<String> = migration(sources, &Options::default(), &Decisions::default())
        .services
        .into_iter()
        .map(|service| service.id)
        .collect();
    let mut out = vec![Decisions::default()];
    for choice in [Choice::MeshService, Choice::MeshMultiZoneService] {
        let choices = names.iter().map(|name| (name.clone(), choice)).collect();
        out.push(Decisions { choices, via: MeshServicesMode::ReachableBackends });
    }
    out
}

/// The problems that make a document of no use, without their places.
fn errors(world: &World) -> Vec<String> {
    let all = world.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let mut out: Vec<String> =
        all.map(|d| format!("{:?} {}", d.code, d.message.split(" opened at ").next().unwrap())).collect();
    out.sort();
    out
}

/// What stands behind `#` in a text, roughly: enough to see that comments are kept.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| Some(line.trim_end().split_once("# ")?.1)).collect()
}

/// Where a request lands, for comparing: the outcome and who gets which share.
fn landing(report: &RequestReport) -> (RequestOutcome, Vec<(String, String, u32, u32)>) {
    let mut places: Vec<(String, String, u32, u32)> = Vec::new();
    for backend in &report.backends {
        for endpoint in &backend.endpoints {
            let share = (endpoint.share * 1e4).round() as u32;
            let place = |p: &&mut (String, String, u32, u32)| {
                p.0 == endpoint.zone && p.1 == endpoint.name && p.2 == endpoint.port
            };
            match places.iter_mut().find(place) {
                Some(known) => known.3 += share,
                None if share > 0 => places.push((endpoint.zone.clone(), endpoint.name.clone(), endpoint.port, share)),
                None => {}
            }
        }
    }
    places.sort();
    (report.outcome, places)
}

/// Requests as a user could try them, to every address that the outbounds of proxies have.
fn tries(world: &World) -> Vec<RequestInput> {
    let mut out = Vec::new();
    for view in &world.views {
        let Some(zone) = view.plane.zone() else { continue };
        for (_, stored) in view.all().filter(|(_, s)| s.kind() == Kind::Dataplane) {
            let Some(dataplane) = stored.as_dataplane() else { continue };
            for outbound in &dataplane.outbounds {
                let to = format!("{}:{}", outbound.address, outbound.port);
                for (method, path, header) in [
                    ("GET", "/", None),
                    ("GET", "/new/1", None),
                    ("GET", "/nowhere", None),
                    ("POST", "/orders", Some(("x-user", "anna"))),
                    ("GET", "/?q=7", None),
                    ("GET", "/?canary=yes", None),
                    ("GET", "/a/b", Some(("x-canary", "1"))),
                    ("GET", "/b", None),
                    ("GET", "/c", None),
                    ("GET", "/x", Some(("x-old", "v1"))),
                    ("GET", "/pay", None),
                    ("GET", "/old/1", None),
                    ("GET", "/1", None),
                    ("GET", "/2", None),
                    ("GET", "/3/4", None),
                    ("GET", "/red", None),
                    ("GET", "/admin", None),
                    ("GET", "/moved/x", None),
                    ("GET", "/nothing", None),
                    ("GET", "/stock", None),
                    ("PUT", "/v2/5", None),
                ] {
                    out.push(RequestInput {
                        zone: zone.to_owned(),
                        mesh: stored.mesh().to_owned(),
                        proxy: stored.name.clone(),
                        to: to.clone(),
                        method: method.to_owned(),
                        path: path.to_owned(),
                        headers: header.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
                    });
                }
            }
        }
    }
    out
}

/// Each single request that lands elsewhere is one of an address and proxy that the proof names.
fn assert_honest(proof: &ProofReport, old: &World, new: &World, what: &str) {
    let (old_zones, new_zones) = (Zones::of(old), Zones::of(new));
    let mut named: BTreeSet<(String, String, String, String)> = BTreeSet::new();
    for change in &proof.changes {
        for proxy in &change.proxies {
            named.insert((proxy.zone.clone(), proxy.mesh.clone(), proxy.name.clone(), change.request.to.clone()));
        }
    }
    for input in tries(old) {
        let (before, after) = (request(old, &old_zones, &input), request(new, &new_zones, &input));
        if landing(&before) != landing(&after) && before.outcome != RequestOutcome::NoOutbound {
            let key = (input.zone.clone(), input.mesh.clone(), input.proxy.clone(), input.to.clone());
            let ended = |r: &RequestReport| !matches!(r.outcome, RequestOutcome::Routed | RequestOutcome::Redirected);
            if ended(&before) && ended(&after) {
                continue;
            }
            assert!(
                named.contains(&key),
                "{what}: the proof is silent about {input:?}\nbefore {} {:?}\nafter {} {:?}",
                before.summary,
                landing(&before),
                after.summary,
                landing(&after)
            );
        }
    }
}

/// Goes all the way, one rewrite after the other, and says what changed: `id: change`.
fn walk(name: &str, sources: &[Source], decisions: &Decisions) -> (Vec<String>, Vec<Source>) {
    let options = Options::default();
    let mut now = sources.to_vec();
    let mut world = build(&now, &options);
    let at_first = errors(&world);
    let mut out = Vec::new();
    let (mut seen, mut tried) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let all = rewrites(&now, &options, decisions);
        let ids: BTreeSet<&String> = all.iter().map(|(id, _)| id).collect();
        assert_eq!(
            ids.len(),
            all.len(),
            "{name}: ids are not unique: {:?}",
            all.iter().map(|(id, _)| id).collect::<Vec<_>>()
        );
        // every one that is offered can be made alone; for the suggested way that is enough to see
        let suggested = decisions.choices.iter().next().is_none();
        for (id, edits) in all.iter().filter(|_| suggested) {
            if !tried.insert(id.clone()) {
                continue;
            }
            let what = format!("{name}: {id}");
            assert_eq!(invert(&now, edits).len(), edits.len(), "{what}: edits overlap");
            let next = apply(&now, edits);
            assert_ne!(next, now, "{what}: changes nothing");
            assert_eq!(apply(&next, &invert(&now, edits)), now, "{what}: undoing");
            let after = build(&next, &options);
            let text: Vec<&str> = next.iter().map(|s| s.text.as_str()).collect();
            assert_eq!(errors(&after), at_first, "{what}:\n{}", text.join("\n=====\n"));
            let offered: Vec<String> = rewrites(&next, &options, decisions).into_iter().map(|(id, _)| id).collect();
            let again = rewrites(&next, &options, decisions).into_iter().find(|(other, _)| other == id);
            assert!(
                again.is_none_or(|(_, edits)| apply(&next, &edits) != next) && offered.len() < all.len() + 20,
                "{what}: offered again"
            );
        }
        let Some((id, edits)) = all.into_iter().next() else { break };
        let what = format!("{name}: {id}");
        let next = apply(&now, &edits);
        let after = build(&next, &options);
        let proof = compare(&world, &after);
        assert_honest(&proof, &world, &after, &what);
        for change in &proof.changes {
            let request = &change.request;
            out.push(format!("{id}: {} {}{}: {}", request.proxy, request.to, request.path, change.what));
        }
        for line in &proof.not_evaluated {
            out.push(format!("{id}: not evaluated {line}"));
        }
        assert!(out.len() < 400 && seen.len() < 200, "{name}: no end at {id}: {seen:?}");
        seen.insert(id);
        now = next;
        world = after;
    }
    let report = migration(&now, &options, decisions);
    for (old, new) in sources.iter().zip(&now) {
        let kept = comments(&new.text);
        for comment in comments(&old.text) {
            // what they are about is removed
            let gone = ["everything", "the first", "the second"].contains(&comment);
            assert!(gone || kept.contains(&comment), "{name}: comment {comment:?} is gone:\n{}", new.text);
        }
        let carriage = |t: &str| t.matches("\r\n").count() == t.matches('\n').count();
        assert!(!carriage(&old.text) || carriage(&new.text), "{name}: line breaks are mixed:\n{:?}", new.text);
    }
    if name != "no-mesh" {
        assert!(report.meshes.iter().all(|m| m.mode == "Exclusive"), "{name}: {:?}", report.meshes);
    }
    let at_once = migrate(sources, &options, decisions);
    assert_eq!(rewrites(&at_once, &options, decisions), [], "{name}: left after all at once");
    let proof = compare(&build(&now, &options), &build(&at_once, &options));
    assert!(proof.unchanged, "{name}: all at once comes to {:?} {:?}", changes(&proof), proof.not_evaluated);
    (out, now)
}

const WORLDS: &[&str] = &[
    "aliases",
    "broken",
    "collisions",
    "external",
    "gateways",
    "legacy-policies",
    "matches",
    "meshes",
    "mixed",
    "names",
    "namespaces",
    "no-mesh",
    "ports",
    "reachable",
    "sections",
    "styles",
    "subsets",
    "virtual",
    "windows",
];

/// What changes on the way of every world, by every decision, as a text: `UPDATE=1` writes it anew.
#[test]
fn every_hostile_world_is_rewritten_safely() {
    let mut text = String::new();
    for name in WORLDS {
        let sources = hostile(name);
        for decisions in decisions(&sources) {
            let choice = decisions.choices.values().next().map_or("as suggested".to_owned(), |c| format!("all {c:?}"));
            text.push_str(&format!("{name}, {choice}, by way of {}:\n", decisions.via.name()));
            for line in walk(name, &sources, &decisions).0 {
                text.push_str(&format!("  {line}\n"));
            }
        }
    }
    let path = format!("{}/tests/fixtures/migration/hostile/changes.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
}

/// What cannot be rewritten is in the steps, with its line.
#[test]
fn what_is_left_to_do_by_hand_is_in_the_steps() {
    let sources = hostile("aliases");
    let report = migration(&sources, &Options::default(), &Decisions::default());
    let end = migrate(&sources, &Options::default(), &Decisions::default());
    let left = migration(&end, &Options::default(), &Decisions::default());
    let by_hand = |report: &meshscope::report::MigrationReport| {
        let items = report.steps.iter().flat_map(|s| &s.items).filter(|i| !i.done && i.rewrite.is_none());
        items.map(|i| (i.location.as_ref().unwrap().start.line, i.text.clone())).collect::<Vec<_>>()
    };
    for report in [&report, &left] {
        let texts: Vec<String> = by_hand(report).into_iter().map(|(_, text)| text).collect();
        assert!(texts.iter().any(|t| t.contains("by hand") && t.contains("`aliased`")), "{texts:?}");
    }
    assert!(!left.steps[2].done || !left.steps[4].done);
}

/// What no rewrite can do is said before the switch: names with underscores and port 80, and ExternalServices.
#[test]
fn what_the_switch_takes_away_is_in_the_fourth_step() {
    let left = |sources: &[Source]| {
        let report = migration(sources, &Options::default(), &Decisions::default());
        let items = report.steps[3].items.iter().filter(|i| !i.done && i.rewrite.is_none());
        items.map(|i| (i.text.clone(), i.location.is_some())).collect::<Vec<_>>()
    };
    let external =
        "ExternalService `old-bank` has no part in mode Exclusive: write a MeshExternalService, and refer to it";
    assert_eq!(left(&hostile("external")), [(external.to_owned(), true)]);
    let names: Vec<String> = left(&hostile("namespaces")).into_iter().map(|(text, _)| text).collect();
    let kept = "`api_blue_svc_8080.mesh` with port 80 cannot be kept: let applications use `api.blue` with port 8080 before the switch";
    assert!(names.contains(&kept.to_owned()), "{names:?}");
    for world in ["external", "namespaces"] {
        let end = migrate(&hostile(world), &Options::default(), &Decisions::default());
        assert_eq!(left(&end), []);
    }
    assert_eq!(left(&hostile("mixed")), []);
}

/// Names that are no DNS labels get MeshServices of other names, which nothing else has.
#[test]
fn odd_names_become_dns_labels() {
    let end = migrate(&hostile("names"), &Options::default(), &Decisions::default());
    for name in ["orders-v2", "under-score", "cart-shop-svc-8080", "service-1234"] {
        assert!(end[0].text.contains(&format!("\nname: {name}\n")), "{name}:\n{}", end[0].text);
    }
    // names that were free stay free
    let taken = migrate(&hostile("collisions"), &Options::default(), &Decisions::default());
    assert!(taken[0].text.contains("\nname: api-2\n") && taken[0].text.contains("\nname: api-v2-2\n"));
}
