//! Which proxies a policy is for, which resources a reference means, what groups of tags there are, and why not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

use meshscope::diagnostic::Severity;
use meshscope::policy::matching::{self, Match, Proxy, Selected, Why};
use meshscope::policy::merge;
use meshscope::policy::order::{Criterion, Origin, PolicyKey, Role};
use meshscope::policy::resolve::{self, Nothing, Owner, Resolution, Verdict};
use meshscope::policy::rules::{self, List};
use meshscope::policy::subset::{self, Subset, Tag};
use meshscope::resource::{Kind, TargetKind, TargetRef};
use meshscope::world::{self, Options, Source, World};
use meshscope::zone::{Stored, View};
use serde_json::{json, Value};

fn world(documents: &[&str]) -> World {
    const MESH: &str =
        "type: Mesh\nname: default\nskipCreatingInitialPolicies: ['*']\nmeshServices: {mode: Exclusive}\n";
    let text = [&[MESH], documents].concat().join("\n---\n");
    let options = Options { default_hostname_generators: false, ..Options::default() };
    let world = world::build(&[Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }], &options);
    let errors = world.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    assert_eq!(errors.map(|d| d.message.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    world
}

/// A document of mesh `default`; a zone of `-` is none.
fn document(kind: &str, name: &str, zone: &str, rest: &str) -> String {
    let zone = if zone == "-" { String::new() } else { format!("labels: {{kuma.io/zone: {zone}}}\n") };
    format!("type: {kind}\nname: {name}\nmesh: default\n{zone}{rest}")
}

fn sidecar(name: &str, zone: &str, tags: &str) -> String {
    let inbound = format!("{{port: 8080, name: http, tags: {{{tags}, kuma.io/protocol: http}}}}");
    document("Dataplane", name, zone, &format!("networking: {{address: 10.0.0.1, inbound: [{inbound}]}}"))
}

fn gateway(name: &str, zone: &str, kind: &str, tags: &str) -> String {
    document(
        "Dataplane",
        name,
        zone,
        &format!("networking: {{address: 10.0.0.2, gateway: {{type: {kind}, tags: {{{tags}}}}}}}"),
    )
}

fn timeout(name: &str, zone: &str, target: &str) -> String {
    let spec =
        format!("spec: {{targetRef: {target}, to: [{{targetRef: {{kind: Mesh}}, default: {{idleTimeout: 1s}}}}]}}");
    document("MeshTimeout", name, zone, &spec)
}

/// A policy for the inbounds of proxies.
fn inbound_timeout(name: &str, target: &str) -> String {
    document(
        "MeshTimeout",
        name,
        "-",
        &format!("spec: {{targetRef: {target}, rules: [{{default: {{idleTimeout: 1s}}}}]}}"),
    )
}

fn named<'a>(view: &'a View, kind: Kind, name: &str) -> &'a Stored {
    let found = view.of_kind(kind, "default").find(|(_, s)| s.display_name() == name || s.object_name() == name);
    found.ok_or(name).unwrap().1
}

fn applies(view: &View, policy: &str, proxy: &str) -> Match {
    let stored = named(view, Kind::MeshTimeout, policy);
    let proxy = Proxy::of(view, named(view, Kind::Dataplane, proxy)).unwrap();
    matching::matches(view, stored, stored.as_policy().unwrap(), &proxy)
}

fn inbounds(list: &[u32]) -> Match {
    Match::Applies(Selected { inbounds: list.to_vec(), ..Selected::default() })
}

fn listeners(list: &[u32]) -> Match {
    Match::Applies(Selected { listeners: list.to_vec(), ..Selected::default() })
}

fn delegated() -> Match {
    Match::Applies(Selected { delegated_gateway: true, ..Selected::default() })
}

#[test]
fn a_zones_policy_is_for_proxies_of_its_zone_and_globals_for_all() {
    let world = world(&[
        &sidecar("east-1", "east", "kuma.io/service: a"),
        &sidecar("west-1", "west", "kuma.io/service: a"),
        &timeout("of-east", "east", "{kind: Mesh}"),
        &timeout("of-global", "-", "{kind: Mesh}"),
    ]);
    // global has the policies and the proxies of both
    let view = world.global().unwrap();
    assert_eq!(applies(view, "of-east", "east-1"), inbounds(&[0]));
    assert_eq!(
        applies(view, "of-east", "west-1"),
        Match::Not(Why::Zone { policy: "east".into(), proxy: "west".into() })
    );
    assert_eq!(applies(view, "of-global", "east-1"), inbounds(&[0]));
    assert_eq!(applies(view, "of-global", "west-1"), inbounds(&[0]));
    let key = |view: &View, name: &str| {
        let stored = named(view, Kind::MeshTimeout, name);
        PolicyKey::of(stored, stored.as_policy().unwrap()).origin
    };
    assert_eq!(key(view, "of-east"), Origin::Zone);
    assert_eq!(key(view, "of-global"), Origin::Unknown);
    assert_eq!(key(world.zone("east").unwrap(), "of-global"), Origin::Global);
}

#[test]
fn roles_go_by_their_labels() {
    for (role, name) in [
        (Role::System, "system"),
        (Role::Producer, "producer"),
        (Role::Consumer, "consumer"),
        (Role::WorkloadOwner, "workload-owner"),
    ] {
        assert_eq!(role.name(), name);
    }
}

#[test]
fn a_dataplane_is_named_in_the_zone_of_the_policy() {
    let policy = timeout("t", "east", "{kind: Dataplane, name: east-1}");
    let twin = timeout("twin", "east", "{kind: Dataplane, name: west-1}");
    let world = world(&[
        &sidecar("east-1", "east", "kuma.io/service: a"),
        &sidecar("west-1", "west", "kuma.io/service: a"),
        &policy,
        &twin,
    ]);
    let view = world.global().unwrap();
    let verdict = |policy: &str, proxy: &str| {
        let stored = named(view, Kind::MeshTimeout, policy);
        let target = &stored.as_policy().unwrap().target_ref;
        resolve::dataplane_verdict(Owner::from(stored), target, named(view, Kind::Dataplane, proxy))
    };
    assert_eq!(verdict("t", "east-1"), Verdict::Meant);
    assert_eq!(verdict("twin", "west-1"), Verdict::Zone { lives_in: "west".into(), asked: "east".into() });

    let explain = |policy: &str| {
        let stored = named(view, Kind::MeshTimeout, policy);
        resolve::explain_dataplanes(view, Owner::from(stored), &stored.as_policy().unwrap().target_ref)
    };
    assert_eq!(hits(view, &explain("t")), ["east-1"]);
    assert_eq!(hits(view, &explain("twin")), Vec::<&str>::new());
    assert!(matches!(explain("twin").nothing, Some(Nothing::Elsewhere { .. })));
}

fn hits<'a>(view: &'a View, resolution: &Resolution) -> Vec<&'a str> {
    resolution.hits.iter().map(|hit| view.get(hit.id).unwrap().display_name()).collect()
}

#[test]
fn dataplanes_by_name_by_labels_and_all() {
    let labelled = "type: Dataplane\nname: b-1\nmesh: default\nlabels: {app: b}\nnetworking: {address: 10.0.0.3, \
                    inbound: [{port: 80, tags: {kuma.io/service: b}}]}";
    let world = world(&[
        &sidecar("a-1", "-", "kuma.io/service: a"),
        labelled,
        &timeout("all", "-", "{kind: Dataplane}"),
        &timeout("name", "-", "{kind: Dataplane, name: a-1}"),
        &timeout("labels", "-", "{kind: Dataplane, labels: {app: b}}"),
        &timeout("nobody", "-", "{kind: Dataplane, name: c-1}"),
    ]);
    let view = world.zone("default").unwrap();
    let means = |policy: &str| {
        let stored = named(view, Kind::MeshTimeout, policy);
        let target = &stored.as_policy().unwrap().target_ref;
        hits(view, &resolve::explain_dataplanes(view, Owner::from(stored), target))
    };
    assert_eq!(means("all"), ["a-1", "b-1"]);
    assert_eq!(means("name"), ["a-1"]);
    assert_eq!(means("labels"), ["b-1"]);
    assert_eq!(means("nobody"), Vec::<&str>::new());
}

const EDGE: &str = "kuma.io/service: edge";

/// A MeshGateway with two listeners, one of them tagged.
fn mesh_gateway(name: &str, zone: &str, selector: &str) -> String {
    let conf = "conf: {listeners: [{port: 8080, protocol: HTTP, tags: {name: main}}, {port: 8081, protocol: HTTP}]}";
    document("MeshGateway", name, zone, &format!("selectors: [{{match: {{{selector}}}}}]\n{conf}"))
}

#[test]
fn kind_mesh_gateway_is_for_builtin_gateways_by_the_name_of_their_mesh_gateway() {
    let world = world(&[
        &gateway("builtin-1", "-", "BUILTIN", EDGE),
        &gateway("delegated-1", "-", "DELEGATED", "kuma.io/service: front"),
        &mesh_gateway("edge", "-", EDGE),
        &mesh_gateway("front", "-", "kuma.io/service: front"),
        &timeout("named", "-", "{kind: MeshGateway, name: edge}"),
        &timeout("tagged", "-", "{kind: MeshGateway, name: edge, tags: {name: main}}"),
        &timeout("other", "-", "{kind: MeshGateway, name: other}"),
        &timeout("of-delegated", "-", "{kind: MeshGateway, name: front}"),
        &inbound_timeout("all-inbound", "{kind: Mesh}"),
        &inbound_timeout("main-inbound", "{kind: MeshSubset, tags: {name: main}}"),
    ]);
    let view = world.zone("default").unwrap();
    assert_eq!(applies(view, "named", "builtin-1"), listeners(&[8080, 8081]));
    assert_eq!(applies(view, "tagged", "builtin-1"), listeners(&[8080]));
    assert_eq!(applies(view, "other", "builtin-1"), Match::Not(Why::NotThisGateway { wanted: "other".into() }));
    assert_eq!(
        applies(view, "of-delegated", "delegated-1"),
        Match::Not(Why::NotThisGateway { wanted: "front".into() })
    );

    let all = rules::evaluate(view);
    let proxy = view.named(Kind::Dataplane, "default", "builtin-1").unwrap();
    let of = |port: u32| {
        let rules = &all.listener(proxy, Kind::MeshTimeout, port).unwrap().rules;
        rules.iter().map(|rule| view.get(rule.origin.policy).unwrap().display_name()).collect::<Vec<_>>()
    };
    assert_eq!(of(8080), ["all-inbound", "main-inbound"]);
    assert_eq!(of(8081), ["all-inbound"]);
}

#[test]
fn globals_mesh_gateway_goes_by_its_display_name() {
    let world = world(&[
        &gateway("builtin-1", "east", "BUILTIN", EDGE),
        &sidecar("west-1", "west", "kuma.io/service: a"),
        &mesh_gateway("edge", "-", EDGE),
        &timeout("named", "-", "{kind: MeshGateway, name: edge}"),
    ]);
    assert_eq!(applies(world.zone("east").unwrap(), "named", "builtin-1"), listeners(&[8080, 8081]));
}

#[test]
fn a_zones_mesh_gateway_is_for_its_zone_and_an_exact_value_is_closer_than_any() {
    let world = world(&[
        &gateway("east-1", "east", "BUILTIN", EDGE),
        &gateway("west-1", "west", "BUILTIN", EDGE),
        &gateway("west-2", "west", "BUILTIN", "kuma.io/service: lone"),
        &mesh_gateway("exact", "-", EDGE),
        &mesh_gateway("of-east", "east", "kuma.io/service: edge, kuma.io/zone: '*'"),
        &mesh_gateway("star", "-", "kuma.io/service: '*'"),
    ]);
    let of = |view: &View, proxy: &str| {
        Proxy::of(view, named(view, Kind::Dataplane, proxy)).unwrap().gateway.unwrap().stored.display_name().to_owned()
    };
    let global = world.global().unwrap();
    assert_eq!(of(global, "east-1"), "of-east");
    assert_eq!(of(global, "west-1"), "exact");
    assert_eq!(of(global, "west-2"), "star");
    assert_eq!(of(world.zone("west").unwrap(), "west-1"), "exact");
}

#[test]
fn gateways_are_selected_by_tags_of_their_own() {
    let world = world(&[
        &gateway("builtin-1", "-", "BUILTIN", EDGE),
        &gateway("delegated-1", "-", "DELEGATED", EDGE),
        &gateway("delegated-2", "-", "DELEGATED", "kuma.io/service: front"),
        &timeout("tags", "-", "{kind: MeshSubset, tags: {kuma.io/service: edge}}"),
        &timeout("mesh", "-", "{kind: Mesh}"),
        &timeout("dataplanes", "-", "{kind: Dataplane}"),
    ]);
    let view = world.zone("default").unwrap();
    assert_eq!(applies(view, "tags", "delegated-1"), delegated());
    // without a MeshGateway there is nothing to select
    let wanted = [("kuma.io/service".into(), "edge".into())].into_iter().collect();
    assert_eq!(applies(view, "tags", "builtin-1"), Match::Not(Why::Tags { wanted }));
    assert_eq!(applies(view, "mesh", "builtin-1"), Match::Not(Why::NoInbounds));
    assert_eq!(applies(view, "mesh", "delegated-2"), delegated());
    assert_eq!(applies(view, "dataplanes", "delegated-1"), delegated());
    assert_eq!(applies(view, "dataplanes", "builtin-1"), Match::Not(Why::NoInbounds));

    // each gateway has rules of its own
    let all = rules::evaluate(view);
    let policies = |proxy: &str| {
        let set = all.outbound(view.named(Kind::Dataplane, "default", proxy).unwrap(), Kind::MeshTimeout).unwrap();
        set.policies.iter().map(|id| view.get(*id).unwrap().display_name()).collect::<Vec<_>>()
    };
    assert_eq!(policies("delegated-1"), ["mesh", "dataplanes", "tags"]);
    assert_eq!(policies("delegated-2"), ["mesh", "dataplanes"]);
}

#[test]
fn a_policy_for_a_route_is_for_the_proxies_of_the_route() {
    let route = "type: MeshHTTPRoute\nname: r\nmesh: default\nspec: {targetRef: {kind: MeshSubset, tags: \
                 {kuma.io/service: a}}, to: [{targetRef: {kind: MeshService, name: b}, rules: [{matches: [{path: {type: \
                 PathPrefix, value: /}}], default: {}}]}]}";
    let requests = |name: &str, route: &str| {
        let spec = "to: [{targetRef: {kind: Mesh}, default: {http: {requestTimeout: 1s}}}]";
        let target = format!("targetRef: {{kind: MeshHTTPRoute, name: {route}}}");
        document("MeshTimeout", name, "-", &format!("spec: {{{target}, {spec}}}"))
    };
    let world = world(&[
        &sidecar("a-1", "-", "kuma.io/service: a"),
        &sidecar("b-1", "-", "kuma.io/service: b"),
        route,
        &requests("of-route", "r"),
        &requests("of-nothing", "gone"),
    ]);
    let view = world.zone("default").unwrap();
    assert_eq!(applies(view, "of-route", "a-1"), inbounds(&[0]));
    assert!(
        matches!(applies(view, "of-route", "b-1"), Match::Not(Why::Route(why)) if matches!(*why, Why::Tags { .. }))
    );
    assert_eq!(applies(view, "of-nothing", "a-1"), Match::Not(Why::NoRoute { wanted: "gone".into() }));
    let all = rules::evaluate(view);
    let proxy = view.named(Kind::Dataplane, "default", "a-1").unwrap();
    let warnings = &all.of(proxy).unwrap().kinds.get(&Kind::MeshTimeout).unwrap().warnings;
    assert_eq!(
        *warnings,
        ["unable to resolve TargetRef on policy: mesh:default name:of-nothing error:\"couldn't resolve MeshHTTPRoute \
          targetRef with name 'gone'\""]
    );
    // what a route's requests get is not what the whole service gets
    assert_eq!(all.outbound(proxy, Kind::MeshTimeout).unwrap().by_tags, []);
}

fn tag(key: &str, value: &str, not: bool) -> Tag {
    Tag { key: key.into(), value: value.into(), not }
}

/// `a=1 !b=2`
fn group(text: &str) -> Subset {
    let one = |word: &str| {
        let (not, rest) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
        let (key, value) = rest.split_once('=').unwrap();
        tag(key, value, not)
    };
    text.split_whitespace().map(one).collect()
}

fn partition(items: &[&str]) -> Vec<Subset> {
    subset::partition(&items.iter().map(|i| group(i)).collect::<Vec<_>>(), true)
}

fn groups(list: &[&str]) -> Vec<Subset> {
    list.iter().map(|text| group(text)).collect()
}

#[test]
fn a_reference_stands_for_a_group_of_tags() {
    let tags = [("v".into(), "1".into())].into_iter().collect();
    let target = |kind| TargetRef { kind, name: Some("a".into()), tags, ..TargetRef::mesh() };
    let subset = target(TargetKind::MeshServiceSubset);
    assert_eq!(subset::of(&subset), Some(group("kuma.io/service=a v=1")));
    let of = |kind| subset::of(&TargetRef { kind, ..subset.clone() });
    assert_eq!(of(TargetKind::MeshService), Some(group("kuma.io/service=a")));
    assert_eq!(of(TargetKind::MeshSubset), Some(group("v=1")));
    assert_eq!(of(TargetKind::Mesh), Some(group("")));
    assert_eq!(of(TargetKind::MeshExternalService), None);
}

#[test]
fn a_group_contains_those_whose_tags_imply_its_own() {
    for (outer, inner, is) in [
        ("", "a=1", true),
        ("a=1", "a=1 b=2", true),
        ("a=1", "b=2", false),
        ("a=1", "a=2", false),
        ("a=1", "!a=1", false),
        ("a=1", "!a=2", false),
        ("!a=1", "a=2", true),
        ("!a=1", "a=1", false),
        ("!a=1", "!a=1", true),
        ("!a=1", "!a=2", false),
    ] {
        assert_eq!(subset::contains(&group(outer), &group(inner)), is, "{outer} in {inner}");
    }
}

#[test]
fn groups_that_can_meet_are_combined_with_their_opposites() {
    // the whole mesh meets everybody
    assert_eq!(partition(&["", "a=1"]), groups(&["a=1", "!a=1"]));
    assert_eq!(partition(&["a=1", "b=1"]), groups(&["a=1 b=1", "!a=1 b=1", "a=1 !b=1", "!a=1 !b=1"]));
    // nobody has two values of one tag, so these do not meet
    assert_eq!(partition(&["a=1", "a=2"]), groups(&["a=2", "a=1", "!a=2", "!a=1"]).into_iter().collect::<Vec<_>>());
    // of four of which every two meet but those of one key, the four pairs
    let pairs = partition(&["a=1", "a=2", "b=1", "b=2"]);
    let both: Vec<Subset> = pairs.iter().filter(|g| g.iter().all(|t| !t.not)).cloned().collect();
    assert_eq!(both, groups(&["a=2 b=2", "a=2 b=1", "a=1 b=2", "a=1 b=1"]));
    assert_eq!(pairs.len(), 16);
}

#[test]
fn a_positive_tag_says_all_about_its_key() {
    // the mesh and one group of two tags of one key each: of the combinations that say both no, all tags stay
    let all = partition(&["", "a=1 b=1"]);
    assert_eq!(all, groups(&["a=1 b=1", "!a=1 b=1", "a=1 !b=1", "!a=1 !b=1"]));
    // a group with a tag and one without another value of it
    let all = partition(&["!a=1", "a=2"]);
    assert!(all.contains(&group("a=2")), "{all:?}");
    assert!(all.iter().all(|g| g.iter().filter(|t| t.key == "a" && !t.not).count() <= 1), "{all:?}");
}

#[test]
fn kinds_without_destinations_have_one_conf_for_the_proxy() {
    let trace = |name: &str, target: &str, sampling: &str| {
        let backend = "backends: [{type: Zipkin, zipkin: {url: 'http://zipkin:9411'}}]";
        let spec = format!("spec: {{targetRef: {target}, default: {{{sampling}{backend}}}}}");
        document("MeshTrace", name, "-", &spec)
    };
    let world = world(&[
        &sidecar("a-1", "-", "kuma.io/service: a"),
        &sidecar("b-1", "-", "kuma.io/service: b"),
        &trace("all", "{kind: Mesh}", "sampling: {overall: 80, random: 40}, "),
        &trace("one", "{kind: Dataplane, name: a-1}", "sampling: {overall: 10}, "),
    ]);
    let view = world.zone("default").unwrap();
    let all = rules::evaluate(view);
    let of = |name: &str| {
        let conf = all.proxy(view.named(Kind::Dataplane, "default", name).unwrap(), Kind::MeshTrace).unwrap();
        let from = |o: &rules::Origin| view.get(o.policy).unwrap().display_name().to_owned();
        let origins: Vec<String> = conf.merged.origins.iter().map(from).collect();
        (conf.merged.conf["sampling"].clone(), origins)
    };
    assert_eq!(of("a-1"), (json!({"overall": 10, "random": 40}), vec!["all".to_owned(), "one".to_owned()]));
    assert_eq!(of("b-1"), (json!({"overall": 80, "random": 40}), vec!["all".to_owned()]));
}

#[test]
fn fields_of_routes_lead_to_where_they_are_written() {
    let tcp = "type: MeshTCPRoute
name: tcp
mesh: default
spec: {to: [{targetRef: {kind: MeshService, name: a}, \
               rules: [{default: {backendRefs: [{kind: MeshService, name: b, port: 8080}]}}]}]}";
    let http = |name: &str, default: &str| {
        document(
            "MeshHTTPRoute",
            name,
            "-",
            &format!(
                "spec: {{to: [{{targetRef: {{kind: MeshService, name: a}}, rules: [{{matches: [{{path: {{type: \
                 PathPrefix, value: /x}}}}], default: {{{default}}}}}]}}]}}"
            ),
        )
    };
    let world = world(&[
        &sidecar("a-1", "-", "kuma.io/service: a"),
        &sidecar("b-1", "-", "kuma.io/service: b"),
        tcp,
        &http("a-strong", "backendRefs: [{kind: MeshService, name: b, port: 8080}]"),
        &http("z-weak", "filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301}}], backendRefs: []"),
    ]);
    let view = world.zone("default").unwrap();
    let all = rules::evaluate(view);
    let proxy = view.named(Kind::Dataplane, "default", "a-1").unwrap();
    let service = view.named(Kind::MeshService, "default", "a").unwrap();
    let written = |kind: Kind| -> Vec<(String, String, String)> {
        let set = all.outbound(proxy, kind).unwrap();
        let merged = set.find(view, service, "http").unwrap().rule;
        let text = &world.sources[0].text;
        let fields = rules::field_origins(view, kind, List::To, merged);
        let one = |f: &rules::FieldOrigin| {
            let at = &f.chosen;
            let text = text.get(at.span.start as usize..at.span.end as usize).unwrap();
            (f.path.clone(), view.get(at.origin.policy).unwrap().display_name().to_owned(), text.to_owned())
        };
        fields.iter().map(one).collect()
    };
    let http = written(Kind::MeshHTTPRoute);
    let line = |path: &str| http.iter().find(|(p, ..)| p == path).map(|(_, from, text)| (from.as_str(), text.as_str()));
    let (from, text) = line("rules[0].default.filters").unwrap();
    assert_eq!(from, "z-weak");
    assert!(text.starts_with("[{type: RequestRedirect"), "{text}");
    let (from, text) = line("rules[0].default.backendRefs").unwrap();
    assert_eq!(from, "a-strong");
    assert_eq!(text, "[{kind: MeshService, name: b, port: 8080}]");
    let tcp = written(Kind::MeshTCPRoute);
    assert_eq!(tcp.len(), 1, "{tcp:?}");
    assert_eq!(tcp[0].2, "[{kind: MeshService, name: b, port: 8080}]");
}

#[test]
fn two_dataplane_references_are_told_apart_by_how_they_select() {
    let world = world(&[
        "type: Dataplane\nname: a-1\nmesh: default\nlabels: {app: a}\nnetworking: {address: 10.0.0.1, inbound: \
         [{port: 80, name: http, tags: {kuma.io/service: a}}]}",
        &timeout("a", "-", "{kind: Dataplane, labels: {app: a}}"),
        &timeout("b", "-", "{kind: Dataplane, name: a-1}"),
        &timeout("c", "-", "{kind: Mesh}"),
    ]);
    let view = world.zone("default").unwrap();
    let all = rules::evaluate(view);
    let set = all.outbound(view.named(Kind::Dataplane, "default", "a-1").unwrap(), Kind::MeshTimeout).unwrap();
    let origins = &set.to.values().next().unwrap().origins;
    let names: Vec<&str> = origins.iter().map(|o| view.get(o.policy).unwrap().display_name()).collect();
    assert_eq!(names, ["c", "a", "b"]);
    assert_eq!(rules::order_reasons(view, origins), [Some(Criterion::TopLevelKind), Some(Criterion::DataplaneBy)]);
}

#[test]
fn merging_removes_what_is_null_and_keeps_what_is_empty() {
    let merged = |confs: &[Value]| merge::merge(confs.iter());
    assert_eq!(
        merged(&[json!({"a": 1, "b": {"c": 1, "d": 2}}), json!({"a": null, "b": {"c": null}})]),
        json!({"b": {"d": 2}})
    );
    assert_eq!(merged(&[json!({"a": 1}), json!({"a": {}})]), json!({"a": {}}));
    let paths = |confs: &[Value]| -> Vec<(String, usize)> {
        let fields = merge::fields(&confs.iter().collect::<Vec<_>>());
        fields.iter().map(|f| (rules::path_text(&f.path), f.source.conf)).collect()
    };
    assert_eq!(
        paths(&[json!({"a": 1, "b": {"c": 1, "d": 2}}), json!({"a": null, "b": {"c": null}})]),
        [("b.d".to_owned(), 0)]
    );
    assert_eq!(paths(&[json!({"a": 1}), json!({"a": {}})]), [("a".to_owned(), 1)]);
    assert_eq!(paths(&[json!({"a": {"b": 1}}), json!({"a": {}})]), [("a.b".to_owned(), 0)]);
}

#[test]
fn merged_routes_keep_what_stands_beside_their_rules() {
    let weak = json!({"hostnames": ["a"], "rules": [{"matches": [], "default": {}}]});
    let strong = json!({"hostnames": ["b"], "rules": []});
    let confs = [&weak, &strong];
    let merged = merge::merged_routes(&confs, &merge::merge_routes(&confs));
    assert_eq!(merged, json!({"hostnames": ["b"], "rules": [{"matches": [], "default": {}}]}));
}

fn service(kind: &str, name: &str, labels: &str) -> String {
    format!(
        "type: {kind}\nname: {name}\nmesh: default\nlabels: {{{labels}}}\nspec: {{ports: [{{port: 80, name: http}}]}}"
    )
}

/// What a reference of a policy in a zone means.
fn means(view: &View, owner: &Stored, target: &TargetRef) -> (Resolution, Vec<String>) {
    let resolution = resolve::explain_to(view, Owner::from(owner), target);
    let line = |c: &resolve::Candidate| format!("{} {}", view.get(c.id).unwrap().display_name(), c.verdict);
    let lines = resolution.candidates.iter().map(line).collect();
    (resolution, lines)
}

fn by_name(kind: TargetKind, name: &str) -> TargetRef {
    TargetRef { kind, name: Some(name.into()), ..TargetRef::mesh() }
}

fn by_labels(pairs: &[(&str, &str)], section: Option<&str>) -> TargetRef {
    let labels = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    TargetRef { kind: TargetKind::MeshService, labels, section_name: section.map(str::to_owned), ..TargetRef::mesh() }
}

#[test]
fn a_service_of_another_kind_is_pointed_to_and_nothing_else_of_the_name() {
    let route = |zone: &str| {
        let rules = "rules: [{matches: [{path: {type: PathPrefix, value: /}}], default: {}}]";
        document(
            "MeshHTTPRoute",
            "r",
            zone,
            &format!("spec: {{to: [{{targetRef: {{kind: MeshService, name: orders}}, {rules}}}]}}"),
        )
    };
    let external = "type: MeshExternalService\nname: pay\nmesh: default\nlabels: {kuma.io/zone: east}\nspec: {match: \
                    {type: HostnameGenerator, port: 80}, endpoints: [{address: pay.test, port: 80}]}";
    let world = world(&[
        &service("MeshService", "orders", "kuma.io/zone: east"),
        external,
        &route("west"),
        &timeout("t", "east", "{kind: Mesh}"),
    ]);
    let view = world.global().unwrap();
    let owner = named(view, Kind::MeshTimeout, "t");
    let (_, lines) = means(view, owner, &by_name(TargetKind::MeshService, "pay"));
    assert_eq!(lines, ["pay is named like this but is a MeshExternalService, asked for a MeshService"]);
    // a route is no service
    let (resolution, lines) = means(view, owner, &by_name(TargetKind::MeshHTTPRoute, "orders"));
    assert_eq!((lines.len(), matches!(resolution.nothing, Some(Nothing::NotPasted { .. }))), (0, true), "{lines:?}");
    let (resolution, lines) = means(view, owner, &by_name(TargetKind::MeshHTTPRoute, "r"));
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("r is named like this but lives in zone `west`"), "{lines:?}");
    assert!(matches!(resolution.nothing, Some(Nothing::Elsewhere { .. })));
    let (resolution, _) = means(view, owner, &by_name(TargetKind::MeshSubset, "orders"));
    assert_eq!(resolution.nothing, Some(Nothing::NotAResource { kind: TargetKind::MeshSubset }));
}

#[test]
fn a_similar_name_is_some_letters_away_the_longer_the_more() {
    for (asked, exists, offered) in [
        ("web", "wet", true),
        ("web", "xweb", true),
        ("web", "weby", true),
        ("web", "eb", true),
        ("web", "xyweb", false),
        ("web", "webxy", false),
        ("web", "wxxeb", false),
        ("web", "w", false),
        ("web", "abc", false),
        ("abcde", "xyzcde", false),
        ("orders-api", "orders-ipa", true),
        ("orders-api", "oders-ipa", true),
        ("orders-api", "oder-ipa", false),
        ("checkout-service", "chekout-servise", true),
    ] {
        let world = world(&[&service("MeshService", exists, "a: b"), &timeout("t", "-", "{kind: Mesh}")]);
        let view = world.zone("default").unwrap();
        let (_, lines) = means(view, named(view, Kind::MeshTimeout, "t"), &by_name(TargetKind::MeshService, asked));
        assert_eq!(!lines.is_empty(), offered, "{asked} and {exists}: {lines:?}");
    }
}

#[test]
fn by_labels_the_nearest_is_told_first_and_a_missing_port_is_the_reason() {
    let world = world(&[
        &service("MeshService", "far", "team: a, tier: two, area: x"),
        &service("MeshService", "near", "team: a, tier: one, area: x"),
        &service("MeshService", "none", "other: a"),
        &timeout("t", "-", "{kind: Mesh}"),
    ]);
    let view = world.zone("default").unwrap();
    let owner = named(view, Kind::MeshTimeout, "t");
    let (resolution, lines) = means(view, owner, &by_labels(&[("team", "a"), ("tier", "one"), ("area", "y")], None));
    assert_eq!(
        lines,
        ["near has label `area: x`, asked for `y`", "far has label `area: x`, asked for `y`"],
        "and nothing of what has none of the labels"
    );
    assert!(matches!(resolution.nothing, Some(Nothing::Elsewhere { .. })));

    let (resolution, lines) = means(view, owner, &by_labels(&[("team", "a")], Some("grpc")));
    assert_eq!(
        lines,
        ["far has no port `grpc`; its port is `http` (80)", "near has no port `grpc`; its port is `http` (80)"]
    );
    assert!(matches!(resolution.nothing, Some(Nothing::NoPort { .. })));
    let (resolution, _) = means(view, owner, &by_labels(&[("team", "a")], Some("http")));
    assert_eq!((hits(view, &resolution), resolution.nothing), (vec!["far", "near"], None));
}

#[test]
fn what_a_dataplane_may_reach_is_explained() {
    let reachable = "type: Dataplane\nname: web\nmesh: default\nnetworking: {address: 10.0.0.1, inbound: [{port: 80, tags: \
                     {kuma.io/service: web}}], transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001, \
                     reachableBackends: {refs: [{kind: MeshService, name: orders}, {kind: MeshService, labels: {team: a}, \
                     port: 80}, {kind: MeshService, name: order}]}}}";
    let world = world(&[
        &service("MeshService", "orders", "team: b"),
        &service("MeshService", "billing", "team: a"),
        reachable,
    ]);
    let view = world.zone("default").unwrap();
    let stored = named(view, Kind::Dataplane, "web");
    let backends =
        stored.as_dataplane().unwrap().transparent_proxying.as_ref().unwrap().reachable_backends.clone().unwrap();
    let explain = |at: usize| resolve::explain_reachable(view, Owner::from(stored), &backends[at]);
    assert_eq!(hits(view, &explain(0)), ["orders"]);
    assert_eq!(hits(view, &explain(1)), ["billing"]);
    let nothing = explain(2);
    assert_eq!(hits(view, &nothing), Vec::<&str>::new());
    assert!(matches!(nothing.nothing, Some(Nothing::Elsewhere { .. })), "{nothing:?}");
    let mut other = backends[0].clone();
    other.target.kind = TargetKind::MeshServiceSubset;
    let nothing = resolve::explain_reachable(view, Owner::from(stored), &other).nothing;
    assert_eq!(nothing, Some(Nothing::NotAResource { kind: TargetKind::MeshServiceSubset }));
}
