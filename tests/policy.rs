//! Properties and examples of matching, references, order and merging.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

use std::collections::BTreeSet;

use meshscope::policy::matching::{self, Match, Proxy, Why};
use meshscope::policy::merge::{self, Step};
use meshscope::policy::order::{self, Criterion, ItemKey, PolicyKey, Ranked, Role};
use meshscope::policy::resolve::{self, Backend, Nothing, Owner, Verdict};
use meshscope::policy::rules::{self, Level, List};
use meshscope::resource::Kind;
use meshscope::world::{self, Options, Source, World};
use meshscope::zone::{Stored, View};
use proptest::prelude::*;
use serde_json::{json, Value};

fn world(text: &str) -> World {
    let options = Options { default_hostname_generators: false, ..Options::default() };
    world::build(&[Source { name: "world.yaml".into(), text: text.into(), zone: None, ..Source::default() }], &options)
}

const MESH: &str = "
type: Mesh
name: default
skipCreatingInitialPolicies: ['*']
meshServices: {mode: Exclusive}
";

const SHOP: &str = "
type: Dataplane
name: orders-1
mesh: default
labels: {app: orders}
networking:
  address: 10.0.0.1
  inbound:
  - {port: 8080, name: http, tags: {kuma.io/service: orders, kuma.io/protocol: http}}
  - {port: 9090, tags: {kuma.io/service: orders, kuma.io/protocol: http}}
---
type: Dataplane
name: web-1
mesh: default
labels: {app: web}
networking:
  address: 10.0.0.2
  inbound: [{port: 80, tags: {kuma.io/service: web, kuma.io/protocol: http}}]
";

fn shop(policies: &str) -> World {
    world(&format!("{MESH}---{SHOP}---{policies}"))
}

fn named<'a>(view: &'a View, kind: Kind, name: &str) -> &'a Stored {
    view.get(view.named(kind, "default", name).unwrap()).unwrap()
}

/// What `to[0]` of a policy means.
fn explain(view: &View, kind: Kind, policy: &str) -> resolve::Resolution {
    let stored = named(view, kind, policy);
    resolve::explain_to(view, Owner::from(stored), &stored.as_policy().unwrap().to[0].target_ref)
}

fn reasons(view: &View, resolution: &resolve::Resolution) -> Vec<String> {
    let line = |c: &resolve::Candidate| format!("{} {}", view.get(c.id).unwrap().display_name(), c.verdict);
    resolution.candidates.iter().map(line).collect()
}

#[test]
fn a_section_name_is_the_name_of_the_port_and_only_an_unnamed_port_goes_by_its_number() {
    let timeout = |section: &str| {
        format!(
            "\ntype: MeshTimeout\nname: t\nmesh: default\nspec: {{to: [{{targetRef: {{kind: MeshService, name: orders, \
             sectionName: '{section}'}}, default: {{idleTimeout: 1s}}}}]}}\n"
        )
    };
    for (section, hits) in [("http", 1), ("9090", 1), ("8080", 0), ("grpc", 0)] {
        let world = shop(&timeout(section));
        let view = world.zone("default").unwrap();
        let resolution = explain(view, Kind::MeshTimeout, "t");
        assert_eq!(resolution.hits.len(), hits, "{section}");
        let text = reasons(view, &resolution).join("\n");
        match section {
            "8080" => {
                assert_eq!(text, "orders its port 8080 is named `http`, and a sectionName means the name: write `http`")
            }
            "grpc" => assert_eq!(text, "orders has no port `grpc`; its ports are `http` (8080), `9090`"),
            _ => assert_eq!(text, "orders is meant"),
        }
    }
}

#[test]
fn a_name_means_the_zones_own_and_what_lives_elsewhere_is_pointed_to() {
    let zoned = |zone: &str| {
        format!(
            "type: Dataplane\nname: orders-1\nmesh: default\nlabels: {{kuma.io/zone: {zone}}}\nnetworking: {{address: \
             10.0.0.1, inbound: [{{port: 80, tags: {{kuma.io/service: orders-{zone}, kuma.io/protocol: http}}}}]}}\n"
        )
    };
    let policy = "type: MeshTimeout\nname: t\nmesh: default\nlabels: {kuma.io/zone: east}\nspec: {to: [{targetRef: \
                  {kind: MeshService, name: orders-west}, default: {idleTimeout: 1s}}]}\n";
    let world = world(&[MESH, &zoned("east"), &zoned("west"), policy].join("---\n"));
    let view = world.zone("east").unwrap();
    let resolution = explain(view, Kind::MeshTimeout, "t");
    assert!(resolution.hits.is_empty());
    assert!(matches!(resolution.nothing, Some(Nothing::Elsewhere { .. })));
    assert_eq!(
        reasons(view, &resolution),
        ["orders-west is named like this but lives in zone `west`; a name means zone `east`'s own: refer to it by labels"]
    );
}

#[test]
fn labels_that_hit_something_tell_of_what_they_nearly_hit() {
    let service = |name: &str, tier: &str| {
        format!("type: MeshService\nname: {name}\nmesh: default\nlabels: {{team: a, tier: {tier}}}\nspec: {{ports: [{{port: 1}}]}}\n---\n")
    };
    let policy = "type: MeshTimeout\nname: t\nmesh: default\nspec: {to: [{targetRef: {kind: MeshService, labels: {team: a, tier: one}}, default: {idleTimeout: 1s}}]}\n";
    let world = shop(&format!("\n{}{}{policy}", service("first", "one"), service("second", "two")));
    let view = world.zone("default").unwrap();
    let resolution = explain(view, Kind::MeshTimeout, "t");
    assert_eq!(resolution.hits.len(), 1);
    let text = reasons(view, &resolution);
    assert_eq!(text.last().map(String::as_str), Some("second has label `tier: two`, asked for `one`"), "{text:?}");
}

#[test]
fn what_nobody_pasted_is_said_to_be_missing_and_similar_names_are_offered() {
    let policy = |target: &str| {
        format!("\ntype: MeshTimeout\nname: t\nmesh: default\nspec: {{to: [{{targetRef: {target}, default: {{idleTimeout: 1s}}}}]}}\n")
    };
    let world = shop(&policy("{kind: MeshService, name: invoices}"));
    let view = world.zone("default").unwrap();
    let resolution = explain(view, Kind::MeshTimeout, "t");
    assert_eq!(resolution.candidates, []);
    assert_eq!(resolution.nothing.unwrap().to_string(), "nothing like MeshService `invoices` is in the pasted set");

    let world = shop(&policy("{kind: MeshService, name: order}"));
    let view = world.zone("default").unwrap();
    assert_eq!(reasons(view, &explain(view, Kind::MeshTimeout, "t")), ["orders has a similar name"]);

    let world = shop(&policy("{kind: MeshService, labels: {kuma.io/zone: east}}"));
    let view = world.zone("default").unwrap();
    let text = reasons(view, &explain(view, Kind::MeshTimeout, "t"));
    assert_eq!(text[0], "orders has label `kuma.io/zone: default`, asked for `east`");
}

#[test]
fn a_backend_is_found_by_name_or_number_and_by_labels_the_oldest_is_taken() {
    let route = |backend: &str| {
        format!(
            "\ntype: MeshHTTPRoute\nname: r\nmesh: default\nspec: {{to: [{{targetRef: {{kind: MeshService, name: web}}, \
             rules: [{{matches: [{{path: {{type: PathPrefix, value: /}}}}], default: {{backendRefs: [{backend}]}}}}]}}]}}\n"
        )
    };
    let found = |backend: &str| {
        let world = shop(&route(backend));
        let view = world.zone("default").unwrap();
        let stored = named(view, Kind::MeshHTTPRoute, "r");
        let backend = stored.as_policy().unwrap().to[0].rules[0].backend_refs.clone().unwrap().remove(0);
        let (meant, resolution) = resolve::explain_backend(view, Owner::from(stored), &backend);
        assert_eq!(meant, resolve::backend(view, Owner::from(stored), &backend));
        (meant, reasons(view, &resolution))
    };
    let (by_number, _) = found("{kind: MeshService, name: orders, port: 8080}");
    assert!(matches!(by_number, Backend::Found(hit) if hit.section.as_ref().unwrap().name == "8080"));
    let (by_name, _) = found("{kind: MeshService, name: orders, sectionName: http}");
    assert!(matches!(by_name, Backend::Found(hit) if hit.section.as_ref().unwrap().index == 0));
    let (legacy, _) = found("{kind: MeshService, name: orders}");
    assert!(matches!(legacy, Backend::Service { name, .. } if name == "orders"));
    let (none, why) = found("{kind: MeshService, name: orders, port: 1}");
    assert!(matches!(none, Backend::NoPort(_)));
    assert_eq!(why, ["orders has no port `1`; its ports are `http` (8080), `9090`"]);
    let (oldest, why) = found("{kind: MeshService, labels: {kuma.io/managed-by: meshservice-generator}, port: 80}");
    assert!(matches!(oldest, Backend::NoPort(_)), "the oldest match counts, whether or not it has the port");
    assert!(why.contains(&"web matches too, but the oldest match, `orders`, is taken".to_owned()), "{why:?}");
    assert_eq!(found("{kind: MeshService, labels: {a: b}, port: 80}").0, Backend::NoMatch);
    assert_eq!(found("{kind: MeshService, name: ghost, port: 80}").0, Backend::NoResource);
}

#[test]
fn each_policy_that_does_not_apply_says_why() {
    let policy = |name: &str, labels: &str, target: &str| {
        format!(
            "\ntype: MeshTimeout\nname: {name}\nmesh: default\nlabels: {labels}\nspec: {{targetRef: {target}, to: \
             [{{targetRef: {{kind: Mesh}}, default: {{idleTimeout: 1s}}}}]}}\n"
        )
    };
    let text = [
        policy("shadow", "{kuma.io/effect: shadow}", "{kind: Mesh}"),
        policy("gateways", "{}", "{kind: Mesh, proxyTypes: [Gateway]}"),
        policy("other-name", "{}", "{kind: Dataplane, name: orders-1}"),
        policy("other-label", "{}", "{kind: Dataplane, labels: {app: orders}}"),
        policy("mine", "{}", "{kind: Dataplane, labels: {app: web}}"),
    ]
    .join("---");
    let world = shop(&text);
    let view = world.zone("default").unwrap();
    let proxy = named(view, Kind::Dataplane, "web-1");
    let of = |name: &str| {
        let stored = named(view, Kind::MeshTimeout, name);
        matching::matches(view, stored, stored.as_policy().unwrap(), &Proxy::of(view, proxy).unwrap())
    };
    assert_eq!(of("shadow"), Match::Not(Why::Shadow));
    assert!(matches!(of("gateways"), Match::Not(Why::ProxyType { .. })));
    assert!(matches!(of("other-name"), Match::Not(Why::Dataplane(Verdict::Similar { .. }))));
    assert!(matches!(of("other-label"), Match::Not(Why::Dataplane(Verdict::Label { .. }))));
    assert_eq!(of("mine").selected().unwrap().inbounds, [0]);
}

#[test]
fn the_rule_of_a_port_hides_that_of_the_service_and_that_of_the_mesh() {
    let policies = "
type: MeshTimeout
name: t
mesh: default
spec:
  to:
  - {targetRef: {kind: Mesh}, default: {idleTimeout: 1s, connectionTimeout: 1s}}
  - {targetRef: {kind: MeshService, name: orders}, default: {idleTimeout: 2s}}
  - {targetRef: {kind: MeshService, name: orders, sectionName: http}, default: {idleTimeout: 3s}}
";
    let world = shop(policies);
    let view = world.zone("default").unwrap();
    let all = rules::evaluate(view);
    let proxy = view.named(Kind::Dataplane, "default", "web-1").unwrap();
    let orders = view.named(Kind::MeshService, "default", "orders").unwrap();
    let set = all.outbound(proxy, Kind::MeshTimeout).unwrap();

    let port = set.find(view, orders, "http").unwrap();
    assert_eq!(port.level, Level::Section);
    assert_eq!(port.passed_over.iter().map(|(l, _)| *l).collect::<Vec<_>>(), [Level::Resource, Level::Mesh]);
    assert_eq!(port.rule.conf, json!({"idleTimeout": "3s", "connectionTimeout": "1s"}));
    assert_eq!(
        rules::order_reasons(view, &port.rule.origins),
        [Some(Criterion::ItemKind), Some(Criterion::ItemSection)]
    );
    // the number of a named port is not its section, so an explicit outbound gets the service's rule
    assert_eq!(set.find(view, orders, "8080").unwrap().level, Level::Resource);

    let fields = rules::field_origins(view, Kind::MeshTimeout, List::To, port.rule);
    let idle = fields.iter().find(|f| f.path == "idleTimeout").unwrap();
    assert_eq!((idle.chosen.origin.rule_index, idle.chosen.value.clone()), (2, json!("3s")));
    assert_eq!(idle.overrode.iter().map(|w| w.origin.rule_index).collect::<Vec<_>>(), [1, 0]);
    let source = &world.sources[0].text;
    let (start, end) = (idle.chosen.span.start as usize, idle.chosen.span.end as usize);
    assert_eq!(source.get(start..end), Some("3s"));
    let connection = fields.iter().find(|f| f.path == "connectionTimeout").unwrap();
    assert_eq!(connection.chosen.origin.rule_index, 0);
}

#[test]
fn equal_matches_join_in_the_place_of_the_stronger() {
    let rule = |path: &str, default: Value| json!({"matches": [{"path": {"type": "PathPrefix", "value": path}}], "default": default});
    let weak = json!({"rules": [rule("/a", json!({"filters": [1]})), rule("/b", json!({}))]});
    let strong = json!({"rules": [rule("/c", json!({})), rule("/a", json!({"backendRefs": [2]}))]});
    let confs = [&weak, &strong];
    let rules = merge::merge_routes(&confs);
    let merged = merge::merged_routes(&confs, &rules);
    assert_eq!(
        merged,
        json!({"rules": [
            rule("/c", json!({})),
            rule("/a", json!({"filters": [1], "backendRefs": [2]})),
            rule("/b", json!({})),
        ]})
    );
    let fields = merge::route_fields(&confs, &rules);
    let filters = fields.iter().find(|f| f.path.last() == Some(&Step::Key("filters".into()))).unwrap();
    assert_eq!(filters.source.conf, 0);
    assert_eq!(filters.source.path[1], Step::Index(0));
    assert_eq!(filters.path[1], Step::Index(1));
}

#[test]
fn a_dataplane_reference_without_name_and_labels_is_equal_to_both() {
    let policy = |name: &str, target: &str| {
        format!(
            "\ntype: MeshTimeout\nname: {name}\nmesh: default\nspec: {{targetRef: {target}, to: [{{targetRef: {{kind: \
             Mesh}}, default: {{idleTimeout: 1s}}}}]}}\n"
        )
    };
    let text = [
        policy("z-dp-name", "{kind: Dataplane, name: web-1}"),
        policy("a-dp-labels", "{kind: Dataplane, labels: {app: web}}"),
        policy("k-dp-all", "{kind: Dataplane}"),
    ]
    .join("---");
    let world = shop(&text);
    let view = world.zone("default").unwrap();
    let all = rules::evaluate(view);
    let proxy = view.named(Kind::Dataplane, "default", "web-1").unwrap();
    let set = all.outbound(proxy, Kind::MeshTimeout).unwrap();
    let names: Vec<&str> =
        set.to.values().next().unwrap().origins.iter().map(|o| view.get(o.policy).unwrap().name.as_str()).collect();
    assert_eq!(names, ["k-dp-all", "a-dp-labels", "z-dp-name"]);
}

#[test]
fn a_mesh_gateway_gives_its_listeners_to_the_proxy_that_its_selector_fits_best() {
    let gateways = "
type: Dataplane
name: edge-1
mesh: default
networking: {address: 10.0.0.9, gateway: {type: DELEGATED, tags: {kuma.io/service: edge, version: v1}}}
---
type: MeshGateway
name: any
mesh: default
selectors: [{match: {kuma.io/service: '*'}}]
conf: {listeners: [{port: 1000, protocol: HTTP}]}
---
type: MeshGateway
name: edge
mesh: default
selectors: [{match: {kuma.io/service: edge, version: v1}}]
conf: {listeners: [{port: 8080, protocol: HTTP, tags: {name: main}}, {port: 8081, protocol: HTTP}]}
---
type: MeshTimeout
name: t
mesh: default
spec:
  targetRef: {kind: MeshSubset, tags: {name: main}}
  rules: [{default: {idleTimeout: 1s}}]
";
    let world = shop(gateways);
    let view = world.zone("default").unwrap();
    let proxy = named(view, Kind::Dataplane, "edge-1");
    let proxy = Proxy::of(view, proxy).unwrap();
    assert_eq!(proxy.gateway.unwrap().stored.name, "edge");
    let policy = named(view, Kind::MeshTimeout, "t");
    let selected = matching::matches(view, policy, policy.as_policy().unwrap(), &proxy).selected();
    assert_eq!(selected.unwrap().listeners, [8080]);
}

/// Policies, each in its own document, in any order.
fn documents() -> impl Strategy<Value = Vec<String>> {
    let target = prop_oneof![
        Just("{kind: Mesh}"),
        Just("{kind: MeshService, name: orders}"),
        Just("{kind: MeshService, name: orders, sectionName: http}"),
        Just("{kind: MeshService, labels: {kuma.io/origin: zone}}"),
    ];
    let top = prop_oneof![
        Just("{kind: Mesh}"),
        Just("{kind: Dataplane, name: web-1}"),
        Just("{kind: Dataplane, labels: {app: web}}"),
        Just("{kind: Dataplane}"),
        Just("{kind: MeshSubset, tags: {kuma.io/service: web}}"),
    ];
    let items = prop::collection::vec((target, 1..9u32, 1..9u32), 1..4);
    prop::collection::vec((top, items), 1..6).prop_map(|policies| {
        let mut out = Vec::new();
        for (i, (top, items)) in policies.iter().enumerate() {
            let list: Vec<String> = items
                .iter()
                .map(|(target, idle, connect)| {
                    format!(
                        "{{targetRef: {target}, default: {{idleTimeout: {idle}s, http: {{requestTimeout: {connect}s}}}}}}"
                    )
                })
                .collect();
            out.push(format!(
                "type: MeshTimeout\nname: p{i}\nmesh: default\nspec: {{targetRef: {top}, to: [{}]}}\n",
                list.join(", ")
            ));
        }
        out
    })
}

/// Everything that the rules of a view say, without handles, which depend on the order of documents.
fn told(world: &World) -> String {
    let view = world.zone("default").unwrap();
    let all = rules::evaluate(view);
    let name = |id| view.get(id).unwrap().name.clone();
    let mut lines = BTreeSet::new();
    for (id, proxy) in view.of_kind(Kind::Dataplane, "default") {
        let Some(set) = all.outbound(id, Kind::MeshTimeout) else { continue };
        for (key, rule) in &set.to {
            let origins: Vec<String> =
                rule.origins.iter().map(|o| format!("{}#{}", name(o.policy), o.rule_index)).collect();
            lines.insert(format!("{} {}:{} {} {origins:?}", proxy.name, name(key.resource), key.section, rule.conf));
        }
    }
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

/// Confs of one shape: a field has the same type in all of them, as in the confs of one kind of policy.
fn conf() -> impl Strategy<Value = Value> {
    let scalar = || prop::option::of((0..9u32).prop_map(|n| json!(n)));
    let list = || prop::option::of(prop::collection::vec(0..9u32, 0..3).prop_map(|v| json!(v)));
    let object = |fields: Vec<(&'static str, Option<Value>)>| {
        json!(fields.into_iter().filter_map(|(k, v)| Some((k, v?))).collect::<std::collections::BTreeMap<_, _>>())
    };
    let inner = (scalar(), list(), list()).prop_map(move |(a, b, c)| object(vec![("a", a), ("b", b), ("appendC", c)]));
    (scalar(), list(), list(), prop::option::of(inner))
        .prop_map(move |(a, b, c, d)| object(vec![("a", a), ("b", b), ("appendC", c), ("d", d)]))
}

fn key() -> impl Strategy<Value = (PolicyKey, String)> {
    use meshscope::policy::order::{DataplaneBy, Origin};
    use meshscope::resource::TargetKind;
    let kinds = prop_oneof![Just(TargetKind::Mesh), Just(TargetKind::MeshSubset), Just(TargetKind::Dataplane)];
    let by = prop_oneof![Just(DataplaneBy::Labels), Just(DataplaneBy::Name)];
    let origin = prop_oneof![Just(Origin::Global), Just(Origin::Unknown), Just(Origin::Zone)];
    let role = prop_oneof![Just(Role::System), Just(Role::Producer), Just(Role::Consumer), Just(Role::WorkloadOwner)];
    (kinds, by, any::<bool>(), origin, role, "[a-c]").prop_map(|(kind, by, has_section, origin, role, name)| {
        let is_dataplane = kind == TargetKind::Dataplane;
        let by = is_dataplane.then_some(by);
        (PolicyKey { kind: kind.into(), by, has_section: is_dataplane && has_section, origin, role }, name)
    })
}

fn item() -> impl Strategy<Value = ItemKey> {
    use meshscope::resource::TargetKind;
    (prop_oneof![Just(TargetKind::Mesh), Just(TargetKind::MeshService)], any::<bool>()).prop_map(|(kind, section)| {
        ItemKey { kind: kind.into(), has_section: section && kind == TargetKind::MeshService }
    })
}

#[test]
fn an_empty_list_is_a_field_too() {
    for (confs, path) in [
        (vec![json!({"d": {"appendC": []}}), json!({})], 2),
        (vec![json!({"appendC": []}), json!({"appendC": [1]})], 2),
        (vec![json!({"appendC": "x"}), json!({"appendC": [1]})], 2),
        (vec![json!({"appendC": {"a": 1}}), json!({"appendC": []})], 1),
    ] {
        let fields = merge::fields(&confs.iter().collect::<Vec<_>>());
        assert_eq!(fields.iter().map(|f| f.path.len()).collect::<Vec<_>>(), [path], "{confs:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Where references by name or labels meet, comparing is total, antisymmetric and transitive.
    #[test]
    fn the_order_is_an_order(a in (key(), item()), b in (key(), item()), c in (key(), item())) {
        let decide = |x: &((PolicyKey, String), ItemKey), y: &((PolicyKey, String), ItemKey)| {
            let rank = |e: &((PolicyKey, String), ItemKey)| (e.0.0, e.0.1.clone());
            let ((kx, nx), (ky, ny)) = (rank(x), rank(y));
            order::decided_by((&Ranked { key: kx, name: &nx }, &x.1, 0), (&Ranked { key: ky, name: &ny }, &y.1, 0))
                .map_or(std::cmp::Ordering::Equal, |(_, o)| o)
        };
        prop_assert_eq!(decide(&a, &b), decide(&b, &a).reverse());
        if decide(&a, &b).is_eq() {
            prop_assert_eq!(&a, &b);
        }
        if decide(&a, &b).is_le() && decide(&b, &c).is_le() {
            prop_assert!(decide(&a, &c).is_le());
        }
    }

    /// Sorting does not depend on the order of policies, as long as equal ones are the same.
    #[test]
    fn sorting_does_not_depend_on_the_order_given(mut list in prop::collection::vec(key(), 0..12), seed in any::<u64>()) {
        list.sort_by(|a, b| a.1.cmp(&b.1));
        let rank = |(key, name): &(PolicyKey, String)| (*key, name.clone());
        let sorted = order::sort_policies(list.clone(), |(key, name)| Ranked { key: *key, name });
        let turn = (seed as usize) % list.len().max(1);
        list.rotate_left(turn);
        list.reverse();
        let again = order::sort_policies(list, |(key, name)| Ranked { key: *key, name });
        prop_assert_eq!(sorted.iter().map(rank).collect::<Vec<_>>(), again.iter().map(rank).collect::<Vec<_>>());
    }

    /// Merging the first confs, or the last, beforehand changes nothing.
    #[test]
    fn merging_is_associative(a in conf(), b in conf(), c in conf()) {
        let whole = merge::merge([&a, &b, &c]);
        prop_assert_eq!(&whole, &merge::merge([&merge::merge([&a, &b]), &c]));
        prop_assert_eq!(&whole, &merge::merge([&a, &merge::merge([&b, &c])]));
    }

    /// The fields that are traced are those of the merged conf, with the same values.
    #[test]
    fn every_field_of_the_merged_conf_has_a_source(confs in prop::collection::vec(conf(), 1..5)) {
        let refs: Vec<&Value> = confs.iter().collect();
        let merged = merge::merge(refs.iter().copied());
        for field in merge::fields(&refs) {
            let at = |value: &Value, path: &[Step]| {
                path.iter().try_fold(value.clone(), |v, step| match step {
                    Step::Key(key) => v.get(key).cloned(),
                    Step::Index(i) => v.get(*i as usize).cloned(),
                })
            };
            prop_assert_eq!(at(&merged, &field.path), Some(field.source.value.clone()), "{:?} in {}", field.path, merged);
            prop_assert_eq!(at(&confs[field.source.conf], &field.source.path), Some(field.source.value.clone()));
        }
    }

    /// The order of documents does not matter, and the same input gives the same answer.
    #[test]
    fn rules_do_not_depend_on_the_order_of_documents(policies in documents()) {
        let forward = shop(&policies.join("---\n").replacen("type", "\ntype", 1));
        let backward: Vec<String> = policies.iter().rev().cloned().collect();
        let backward = shop(&backward.join("---\n").replacen("type", "\ntype", 1));
        prop_assert_eq!(told(&forward), told(&backward));
        prop_assert_eq!(told(&forward), told(&forward));
    }
}
