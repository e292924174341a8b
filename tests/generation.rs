//! Which MeshServices a Universal zone generates, and whom they select.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

use meshscope::diagnostic::Severity;
use meshscope::resource::{Environment, Kind, Port};
use meshscope::service::default_generators::default_generators;
use meshscope::service::generate::LabelPropagation;
use meshscope::service::select;
use meshscope::world::{self, Options, Source, World};
use meshscope::zone::{ControlPlane, Stored};

const MESH: &str = "type: Mesh\nname: default\nskipCreatingInitialPolicies: ['*']\nmeshServices: {mode: Exclusive}\n";

fn build(documents: &[&str], change: impl FnOnce(&mut Options)) -> World {
    let text = [&[MESH], documents].concat().join("\n---\n");
    let mut options = Options::default();
    change(&mut options);
    let world = world::build(&[Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }], &options);
    let errors = world.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    assert_eq!(errors.map(|d| d.message.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    world
}

fn dataplane(name: &str, labels: &str, inbounds: &str) -> String {
    format!(
        "type: Dataplane\nname: {name}\nmesh: default\nlabels: {{{labels}}}\nnetworking: {{address: 10.0.0.1, inbound: \
         [{inbounds}]}}"
    )
}

fn inbound(port: u32, tags: &str) -> String {
    format!("{{port: {port}, name: p{port}, tags: {{kuma.io/service: orders, kuma.io/protocol: http{tags}}}}}")
}

fn service<'a>(world: &'a World, name: &str) -> Option<&'a Stored> {
    let view = world.zone("default").unwrap();
    view.of_kind(Kind::MeshService, "default").map(|(_, s)| s).find(|s| s.name == name)
}

fn ports(world: &World) -> Vec<i64> {
    service(world, "orders").unwrap().ports().iter().map(|p: &Port| p.port).collect()
}

#[test]
fn the_oldest_dataplane_that_the_generator_saw_gives_the_ports() {
    let first = dataplane("b-first", "", &inbound(1, ""));
    let second = dataplane("a-second", "", &inbound(2, ""));
    let hand_made =
        "type: MeshService\nname: orders\nmesh: default\nspec: {selector: {dataplaneTags: {kuma.io/service: orders}}, \
                     ports: [{port: 9, targetPort: 1}]}";
    let in_order = |o: &mut Options| o.created_in_file_order = true;
    assert_eq!(ports(&build(&[&first, &second], in_order)), [1]);
    assert_eq!(ports(&build(&[&second, &first], in_order)), [2]);
    // what users wrote comes first, unless the generator ran before it
    assert_eq!(ports(&build(&[&first, hand_made], |_| {})), [9]);
    let world = build(&[hand_made, &first], |o| {
        o.created_in_file_order = true;
        o.pauses = vec![2];
    });
    assert_eq!(ports(&world), [9]);
    // between the two the generator made its own, and the user's is refused; without a pause it did not run
    let text = [MESH, &first, hand_made].join("\n---\n");
    let late = |pauses: &[u32]| {
        let options = Options { created_in_file_order: true, pauses: pauses.to_vec(), ..Options::default() };
        world::build(&[Source { name: "world.yaml".into(), text: text.clone().into(), ..Source::default() }], &options)
    };
    assert_eq!(ports(&late(&[2])), [1]);
    assert_eq!(ports(&late(&[1])), [9]);
    assert_eq!(ports(&late(&[])), [9]);
    // the oldest is seen before the pause, the younger one after it
    let world = build(&[&first, &second], |o| {
        o.created_in_file_order = true;
        o.pauses = vec![1, 2];
    });
    assert_eq!(ports(&world), [1]);
}

#[test]
fn without_inbound_tags_there_is_a_service_for_each_workload_with_inbounds() {
    let orders = dataplane("orders-1", "kuma.io/workload: orders", "{port: 80, name: http}");
    let nothing = "type: Dataplane\nname: edge-1\nmesh: default\nlabels: {kuma.io/workload: edge}\nnetworking: {address: 10.0.0.2, \
                   gateway: {type: DELEGATED, tags: {kuma.io/service: edge}}}";
    let world = build(&[&orders, nothing], |o| o.generation.inbound_tags_disabled = true);
    let view = world.zone("default").unwrap();
    let names: Vec<&str> = view.of_kind(Kind::MeshService, "default").map(|(_, s)| s.name.as_str()).collect();
    assert_eq!(names, ["orders"]);
}

fn propagated(dataplanes: &[&str], allowed: &[&str]) -> Vec<(String, String)> {
    let world = build(dataplanes, |o| {
        let allowed_keys = allowed.iter().map(|k| (*k).to_owned()).collect();
        o.generation.label_propagation = Some(LabelPropagation { allowed_keys });
    });
    let labels = &service(&world, "orders").unwrap().labels;
    let own = labels.iter().filter(|(k, _)| !k.starts_with("kuma.io/"));
    own.map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

#[test]
fn the_most_frequent_value_is_passed_on_and_then_the_newest() {
    let with = |name: &str, tier: &str| dataplane(name, "", &inbound(1, &format!(", tier: {tier}")));
    let pair = |value: &str| vec![("tier".to_owned(), value.to_owned())];
    let all = [with("a", "gold"), with("b", "gold"), with("c", "tin")];
    assert_eq!(propagated(&[&all[0], &all[1], &all[2]], &[]), pair("gold"));
    assert_eq!(propagated(&[&all[0], &all[2]], &[]), pair("tin"));
    assert_eq!(propagated(&[&all[2], &all[0]], &[]), pair("gold"));
    assert_eq!(propagated(&[&all[0]], &["other"]), []);
    assert_eq!(propagated(&[&all[0]], &["tier"]), pair("gold"));
}

#[test]
fn only_what_may_be_a_label_is_passed_on() {
    let long = "x".repeat(64);
    let prefix = |length: usize| format!("{}/name", "p".repeat(length));
    let passes = |key: &str, value: &str| {
        let labels = propagated(&[&dataplane("a", "", &inbound(1, &format!(", '{key}': '{value}'")))], &[]);
        labels == [(key.to_owned(), value.to_owned())]
    };
    for (key, value) in
        [("tier", "gold"), ("a.b_c-d", "A.b_c-D"), ("team.example-1.com/tier", "1"), ("9/x", "x"), (&prefix(253), "x")]
    {
        assert!(passes(key, value), "{key}: {value}");
    }
    for (key, value) in [
        ("-tier", "gold"),
        ("tier-", "gold"),
        ("a/b/c", "gold"),
        ("Team/tier", "gold"),
        ("team-/tier", "gold"),
        ("-team/tier", "gold"),
        ("te_am/tier", "gold"),
        ("team..com/tier", "gold"),
        ("/tier", "gold"),
        ("team/", "gold"),
        (&long, "gold"),
        (&prefix(254), "x"),
        ("tier", "-gold"),
        ("tier", "gold-"),
        ("tier", &long),
    ] {
        assert!(!passes(key, value), "{key}: {value}");
    }
}

#[test]
fn labels_select_dataplanes_with_inbounds() {
    let by_labels = "type: MeshService\nname: all\nmesh: default\nspec: {selector: {dataplaneLabels: {matchLabels: {app: a}}}, ports: \
                     [{port: 80, targetPort: 1}]}";
    let edge = "type: Dataplane\nname: edge-1\nmesh: default\nlabels: {app: a}\nnetworking: {address: 10.0.0.2, gateway: {type: \
                DELEGATED, tags: {kuma.io/service: edge}}}";
    let world = build(
        &[&dataplane("a-1", "app: a", &inbound(1, "")), &dataplane("b-1", "app: b", &inbound(1, "")), edge, by_labels],
        |_| {},
    );
    let view = world.zone("default").unwrap();
    let selected = select::selected(view, "default", service(&world, "all").unwrap().as_mesh_service().unwrap());
    let names: Vec<&str> = selected.iter().map(|id| view.get(*id).unwrap().name.as_str()).collect();
    assert_eq!(names, ["a-1"]);
}

#[test]
fn default_generators_stand_in_the_namespace_of_the_control_plane_on_kubernetes() {
    let zone = ControlPlane::Global;
    let namespaces = |environment| -> Vec<Option<String>> {
        default_generators(&zone, environment, "mesh-system").into_iter().map(|g| g.namespace).collect()
    };
    assert!(namespaces(Environment::Kubernetes).iter().all(|n| n.as_deref() == Some("mesh-system")));
    assert!(namespaces(Environment::Universal).iter().all(Option::is_none));
}
