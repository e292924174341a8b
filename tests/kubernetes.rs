//! Clusters as people paste them: lists, workloads without Pods, settings of the control plane, and worlds in which a
//! Kubernetes and a Universal zone share a mesh.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use meshscope::answer::requests;
use meshscope::diagnostic::Code;
use meshscope::kubernetes::dataplane::{NoDataplane, PodOutcome};
use meshscope::kubernetes::mesh_service::{Generated, NoMeshService, Outcome};
use meshscope::kubernetes::Evaluation;
use meshscope::policy::matching::{self, Proxy};
use meshscope::policy::resolve;
use meshscope::report::RequestInput;
use meshscope::resource::{InboundState, Kind, Selector};
use meshscope::service::select;
use meshscope::traffic::network::Network;
use meshscope::traffic::outbound;
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source, World};
use meshscope::zone::{Stored, StoredId, View};

const MESH: &str = "
apiVersion: kuma.io/v1alpha1
kind: Mesh
metadata: {name: default}
spec: {meshServices: {mode: Exclusive}, mtls: {enabledBackend: ca, backends: [{name: ca, type: builtin}]}}
---
apiVersion: v1
kind: Namespace
metadata: {name: kuma-system, labels: {kuma.io/sidecar-injection: disabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kuma.io/sidecar-injection: enabled}}
---
";

const CART: &str = "
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  clusterIP: 10.0.0.1
  selector: {app: cart}
  ports: [{name: web, port: 80, targetPort: http, appProtocol: http}]
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart, team: blue}, annotations: {kuma.io/sidecar-injected: 'true'}}
spec: {containers: [{name: app, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 192.168.0.1}
---
";

fn source(text: &str, zone: Option<&str>) -> Source {
    Source { name: "f.yaml".into(), text: text.into(), zone: zone.map(str::to_owned), ..Source::default() }
}

fn world(text: &str) -> World {
    world_with(text, |_| {})
}

fn world_with(text: &str, change: impl FnOnce(&mut Options)) -> World {
    let mut options = Options::default();
    change(&mut options);
    build(&[source(&format!("{MESH}{text}"), Some("east"))], &options)
}

fn cluster<'a>(world: &'a World, zone: &str) -> &'a Evaluation {
    world.kubernetes.get(zone).unwrap()
}

fn pod<'a>(world: &'a World, key: &str) -> &'a PodOutcome {
    cluster(world, "east").pods.iter().find(|p| p.key == key).unwrap()
}

fn find<'a>(view: &'a View, kind: Kind, name: &str) -> Option<(StoredId, &'a Stored)> {
    view.all().find(|(_, s)| s.kind() == kind && s.name == name)
}

fn generated<'a>(world: &'a World, key: &str) -> &'a [Generated] {
    match &cluster(world, "east").services.iter().find(|s| s.key == key).unwrap().outcome {
        Outcome::Generated(all) => all,
        Outcome::None { reason, .. } => panic!("{key}: {}", reason.code()),
    }
}

fn reason<'a>(world: &'a World, key: &str) -> &'a NoMeshService {
    match &cluster(world, "east").services.iter().find(|s| s.key == key).unwrap().outcome {
        Outcome::None { reason, .. } => reason,
        Outcome::Generated(_) => panic!("{key} has MeshServices"),
    }
}

fn codes(world: &World) -> Vec<&'static str> {
    world.diagnostics.iter().map(|d| d.code.text()).collect()
}

#[test]
fn a_list_with_server_fields_reads_like_its_items() {
    let items = CART.trim().trim_end_matches("---").split("\n---\n").map(|item| {
        let with_server_fields = item
            .replace(
                "metadata: {",
                "metadata: {managedFields: [{manager: m, fieldsV1: {'f:spec': {}}}], resourceVersion: '7', uid: u1, ",
            )
            .replace("status: {", "status: {conditions: [{type: Ready, status: 'True'}], phase: Running, ");
        let indented: Vec<String> = with_server_fields.trim().lines().map(|l| format!("  {l}")).collect();
        indented.join("\n").replacen("  ", "- ", 1)
    });
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{}\n", items.collect::<Vec<_>>().join("\n"));
    let (listed, plain) = (world(&list), world(CART));
    let both = [&listed, &plain].map(|w| generated(w, "shop/cart").first().unwrap().resource.body.clone());
    assert_eq!(
        format!("{:?}", both[0]).replace(|c: char| c.is_ascii_digit(), ""),
        format!("{:?}", both[1]).replace(|c: char| c.is_ascii_digit(), "")
    );
    assert_eq!(
        pod(&listed, "shop/cart-1").spec.as_ref().map(|s| s.to_json()),
        pod(&plain, "shop/cart-1").spec.as_ref().map(|s| s.to_json())
    );
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: app, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: web, port: 80, targetPort: http}]}
---
";

#[test]
fn pods_and_cluster_ips_of_plain_manifests_are_assumed_and_said_to_be() {
    let world = world(DEPLOYMENT);
    let pods = &cluster(&world, "east").pods;
    assert_eq!(
        pods.iter().map(|p| (p.key.as_str(), p.assumed)).collect::<Vec<_>>(),
        [("shop/cart-0", true), ("shop/cart-1", true)]
    );
    assert!(pods.iter().all(|p| p.result.is_ok()));
    let view = world.zone("east").unwrap();
    let (_, service) = find(view, Kind::MeshService, "cart.shop").unwrap();
    assert_eq!(service.available, Some(true));
    let codes = codes(&world);
    assert_eq!(codes.iter().filter(|c| **c == Code::PodAssumed.text()).count(), 2);
    assert_eq!(codes.iter().filter(|c| **c == Code::ClusterIpAssumed.text()).count(), 1);
}

#[test]
fn nothing_is_assumed_where_that_is_not_wanted() {
    let world = world_with(DEPLOYMENT, |o| o.kubernetes.assume = false);
    assert!(cluster(&world, "east").pods.is_empty());
    assert_eq!(reason(&world, "shop/cart"), &NoMeshService::NoClusterIp);
}

#[test]
fn a_workload_whose_pods_are_pasted_derives_none() {
    let owned = "
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: cart-5d4, namespace: shop, ownerReferences: [{kind: Deployment, name: cart}]}
spec: {replicas: 2, template: {metadata: {labels: {app: cart}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-5d4-x1, namespace: shop, ownerReferences: [{kind: ReplicaSet, name: cart-5d4}], annotations: {kuma.io/sidecar-injected: 'true'}}
spec: {containers: [{name: app}]}
status: {podIP: 192.168.0.9}
---
";
    let world = world(&format!("{DEPLOYMENT}{owned}"));
    let keys: Vec<&str> = cluster(&world, "east").pods.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["shop/cart-5d4-x1"]);
    // no Service covers it, so it is named after the Deployment that owns its ReplicaSet
    let spec = pod(&world, "shop/cart-5d4-x1").spec.as_ref().unwrap().to_json();
    assert_eq!(spec["networking"]["inbound"][0]["tags"]["kuma.io/service"], "cart_shop_svc");
    assert_eq!(spec["networking"]["inbound"][0]["port"], 49151);
}

#[test]
fn an_assumed_stateful_set_behind_a_headless_service_gives_one_mesh_service_a_pod() {
    let text = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: pg, namespace: shop}
spec: {replicas: 2, template: {metadata: {labels: {app: pg}}, spec: {containers: [{name: pg, ports: [{containerPort: 5432}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: pg, namespace: shop}
spec: {clusterIP: None, selector: {app: pg}, ports: [{name: sql, port: 5432}]}
";
    let world = world(text);
    let all = generated(&world, "shop/pg");
    assert_eq!(all.len(), 2);
    assert!(all
        .iter()
        .all(|g| g.owner.0 == "Pod" && matches!(g.resource.body, meshscope::resource::Body::MeshService(_))));
    let view = world.zone("east").unwrap();
    for one in all {
        let (_, stored) = find(view, Kind::MeshService, &format!("{}.shop", one.resource.name)).unwrap();
        assert_eq!(stored.label("apps.kubernetes.io/pod-index").map(str::len), Some(1));
        assert_eq!(select::selected(view, "default", stored.as_mesh_service().unwrap()).len(), 1);
    }
}

#[test]
fn transparent_proxying_needs_its_ports() {
    let with = |annotations: &str| CART.replace("kuma.io/sidecar-injected: 'true'", annotations);
    let enabled = "kuma.io/sidecar-injected: 'true', kuma.io/transparent-proxying: enabled";
    let world_without = world(&with(enabled));
    let failed = NoDataplane::Failed("transparent proxying inbound port has to be set in transparent mode".into());
    assert_eq!(pod(&world_without, "shop/cart-1").result, Err(failed));
    let ports =
        "kuma.io/transparent-proxying-inbound-port: '15006', kuma.io/transparent-proxying-outbound-port: '15001'";
    let backends = "kuma.io/reachable-backends: '{refs: [{kind: MeshService, name: cart, port: 80}]}'";
    let world_with = world(&with(&format!("{enabled}, {ports}, {backends}")));
    let spec = pod(&world_with, "shop/cart-1").spec.as_ref().unwrap().to_json();
    let tproxy = &spec["networking"]["transparentProxying"];
    assert_eq!(tproxy["redirectPortOutbound"], 15001);
    assert_eq!(tproxy["reachableBackends"]["refs"][0]["name"], "cart");
    // YAML that is not of that form
    let bad = world(&with(&format!("{enabled}, {ports}, kuma.io/reachable-backends: 'refs: 7'")));
    assert!(
        matches!(&pod(&bad, "shop/cart-1").result, Err(NoDataplane::Failed(text)) if text.contains("has invalid format"))
    );
}

#[test]
fn ignored_selector_labels_bring_pods_in_as_ignored() {
    let text = CART.replace("selector: {app: cart}", "selector: {app: cart, version: v2}");
    assert_eq!(pod(&world(&text), "shop/cart-1").inbounds.len(), 1);
    let world = world_with(&text, |o| o.kubernetes.ignored_service_selector_labels = vec!["version".into()]);
    let view = world.zone("east").unwrap();
    let (_, dataplane) = find(view, Kind::Dataplane, "cart-1.shop").unwrap();
    let inbound = dataplane.as_dataplane().unwrap().inbounds.first().unwrap();
    assert_eq!((inbound.port, inbound.state), (8080, InboundState::Ignored));
}

#[test]
fn workloads_are_named_by_the_first_configured_label_that_is_set() {
    let labels = vec!["none".to_owned(), "team".to_owned()];
    let world = world_with(CART, |o| o.kubernetes.workload_labels = labels);
    let resource = pod(&world, "shop/cart-1").result.as_ref().unwrap();
    assert_eq!(resource.label("kuma.io/workload"), Some("blue"));
}

#[test]
fn without_inbound_tags_selectors_go_by_labels() {
    let twice = format!(
        "{CART}{}",
        CART.split("\n---\n").next().unwrap().replace("name: cart,", "name: cart2,").replace("10.0.0.1", "10.0.0.2")
    );
    let world = world_with(&twice, |o| o.kubernetes.inbound_tags_disabled = true);
    let view = world.zone("east").unwrap();
    let (_, service) = find(view, Kind::MeshService, "cart.shop").unwrap();
    let service = service.as_mesh_service().unwrap();
    assert!(matches!(&service.selector, Selector::DataplaneLabels(l) if l.contains_key("k8s.kuma.io/namespace")));
    assert_eq!(select::selected(view, "default", service).len(), 1);
    // two Services of one port are one inbound in mode Exclusive
    let (_, dataplane) = find(view, Kind::Dataplane, "cart-1.shop").unwrap();
    assert_eq!(dataplane.as_dataplane().unwrap().inbounds.len(), 1);
}

#[test]
fn federated_zones_refuse_what_belongs_to_global() {
    let text = "
apiVersion: kuma.io/v1alpha1
kind: MeshTimeout
metadata: {name: plain, namespace: kuma-system}
spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 1s}}]}
---
apiVersion: kuma.io/v1alpha1
kind: MeshTimeout
metadata: {name: own, namespace: kuma-system, labels: {kuma.io/origin: zone}}
spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 1s}}]}
---
apiVersion: kuma.io/v1alpha1
kind: MeshTimeout
metadata: {name: app, namespace: shop}
spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 1s}}]}
---
apiVersion: kuma.io/v1alpha1
kind: MeshMultiZoneService
metadata: {name: mz, namespace: kuma-system}
spec: {selector: {meshService: {matchLabels: {a: b}}}, ports: [{port: 80}]}
";
    // a zone's Mesh is a copy of global's
    let mesh = MESH.replacen("{name: default}", "{name: default, labels: {kuma.io/origin: global}}", 1);
    let verdicts = |federated: bool| -> Vec<(String, bool)> {
        let options = Options { federated: Some(federated), ..Options::default() };
        let world = build(&[source(&format!("{mesh}{text}"), Some("east"))], &options);
        let all = &cluster(&world, "east").admission;
        all.iter()
            .skip(1)
            .map(|(_, a)| (a.object.split('/').next_back().unwrap().to_owned(), a.result.is_ok()))
            .collect()
    };
    let expected = |plain: bool| {
        [("plain", plain), ("own", true), ("app", true), ("mz", plain)].map(|(n, ok)| (n.to_owned(), ok)).to_vec()
    };
    assert_eq!(verdicts(true), expected(false));
    assert_eq!(verdicts(false), expected(true));
}

#[test]
fn a_pasted_generated_mesh_service_is_the_same_one_and_a_hand_made_one_stays() {
    let pasted = |owner: &str| {
        format!(
            "{CART}
apiVersion: kuma.io/v1alpha1
kind: MeshService
metadata: {{name: cart, namespace: shop, {owner}}}
spec: {{selector: {{dataplaneTags: {{app: other}}}}, ports: [{{port: 81, targetPort: 81}}]}}
status: {{vips: [{{ip: 10.0.0.1}}]}}
"
        )
    };
    let world_owned = world(&pasted("ownerReferences: [{apiVersion: v1, kind: Service, name: cart}]"));
    let port = |w: &World| {
        find(w.zone("east").unwrap(), Kind::MeshService, "cart.shop").unwrap().1.ports().first().unwrap().port
    };
    assert_eq!(port(&world_owned), 80);
    let world_own = world(&pasted("labels: {a: b}"));
    assert!(matches!(reason(&world_own, "shop/cart"), NoMeshService::NotOwned { .. }));
    assert_eq!(port(&world_own), 81);
}

const INGRESS: &str = "
apiVersion: v1
kind: Service
metadata: {name: kuma-ingress, namespace: kuma-system}
spec: {type: LoadBalancer, clusterIP: 10.0.0.9, selector: {app: kuma-ingress}, ports: [{port: 10001, targetPort: 10001}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.7}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: kuma-ingress-1, namespace: kuma-system, labels: {app: kuma-ingress}, annotations: {kuma.io/ingress: enabled}}
spec: {containers: [{name: ingress, ports: [{containerPort: 10001}]}]}
status: {podIP: 192.168.0.77}
---
";

const WEST: &str = "
type: Dataplane
name: orders-1
mesh: default
networking:
  address: 172.16.0.1
  inbound: [{port: 9000, name: http, tags: {kuma.io/service: orders, kuma.io/protocol: http}}]
---
type: ZoneIngress
name: ingress
networking: {address: 172.16.0.9, port: 10001, advertisedAddress: 198.51.100.3, advertisedPort: 10001}
";

const GLOBAL: &str = "
type: Mesh
name: default
meshServices: {mode: Exclusive}
mtls: {enabledBackend: ca, backends: [{name: ca, type: builtin}]}
---
type: MeshTimeout
name: to-cart
mesh: default
spec: {to: [{targetRef: {kind: MeshService, labels: {kuma.io/display-name: cart, k8s.kuma.io/namespace: shop}}, default: {connectionTimeout: 3s}}]}
";

fn mixed() -> World {
    mixed_with("")
}

/// With more in the Kubernetes zone.
fn mixed_with(more: &str) -> World {
    let east = format!("{}{CART}{INGRESS}{more}", MESH.split_once("---\n").unwrap().1);
    build(
        &[source(GLOBAL, Some("global")), source(&east, Some("east")), source(WEST, Some("west"))],
        &Options::default(),
    )
}

#[test]
fn a_kubernetes_and_a_universal_zone_see_each_others_services() {
    let world = mixed();
    assert!(world.topology.federated);
    let (east, west) = (world.zone("east").unwrap(), world.zone("west").unwrap());
    // the same hash everywhere; only Kubernetes adds Kuma's namespace
    let (_, cart) = west.all().find(|(_, s)| s.kind() == Kind::MeshService && s.display_name() == "cart").unwrap();
    assert_eq!(cart.name, "cart-6v46wf2cf2749779");
    assert_eq!(cart.kri().to_string(), "kri_msvc_default_east_shop_cart_");
    let (_, orders) = east.all().find(|(_, s)| s.kind() == Kind::MeshService && s.display_name() == "orders").unwrap();
    assert!(orders.name.starts_with("orders-") && orders.name.ends_with(".kuma-system"), "{}", orders.name);
    assert_eq!(orders.object_name().len(), "orders-".len() + 16);
    assert_eq!(orders.kri().to_string(), "kri_msvc_default_west__orders_");
}

#[test]
fn traffic_between_a_kubernetes_and_a_universal_zone_goes_through_the_ingress() {
    let world = mixed();
    let address = |zone: &str, service: &str| {
        let view = world.zone(zone).unwrap();
        let network = Network::of(&world, zone).unwrap();
        let (id, stored) =
            view.all().find(|(_, s)| s.kind() == Kind::MeshService && s.display_name() == service).unwrap();
        let port = stored.ports().first().unwrap().port;
        let set = network.meshes.get("default").unwrap().real.get(&(id, port)).unwrap();
        set.endpoints.iter().map(|e| format!("{}:{}", e.address, e.port)).collect::<Vec<_>>()
    };
    assert_eq!(address("west", "cart"), ["203.0.113.7:10001"]);
    assert_eq!(address("east", "orders"), ["198.51.100.3:10001"]);
    assert_eq!(address("east", "cart"), ["192.168.0.1:8080"]);
}

#[test]
fn policies_of_global_reach_services_of_both_kinds_of_zones() {
    let world = mixed();
    for zone in ["east", "west"] {
        let view = world.zone(zone).unwrap();
        let policy = view
            .all()
            .map(|(_, s)| s)
            .find(|s| s.kind() == Kind::MeshTimeout && s.display_name() == "to-cart")
            .unwrap();
        let target = &policy.as_policy().unwrap().to.first().unwrap().target_ref;
        let hits = meshscope::policy::resolve::to_target(view, policy.into(), target);
        assert_eq!(hits.len(), 1, "{zone}");
    }
}

fn timeout(name: &str, target: &str) -> String {
    format!(
        "apiVersion: kuma.io/v1alpha1\nkind: MeshTimeout\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{to: \
         [{{targetRef: {target}, default: {{connectionTimeout: 1s}}}}]}}\n---\n"
    )
}

/// What a policy selects of a proxy of another zone, as global sees it.
#[test]
fn a_producers_policy_is_for_proxies_of_every_zone_and_a_consumers_for_its_own() {
    let producer = timeout("of-producer", "{kind: MeshService, name: cart}");
    let world = mixed_with(&(producer + &timeout("of-consumer", "{kind: Mesh}")));
    let view = world.global().unwrap();
    let proxy = Proxy::of(view, named(view, Kind::Dataplane, "orders-1").1).unwrap();
    let selects = |policy: &str| {
        let (_, stored) = named(view, Kind::MeshTimeout, policy);
        matching::matches(view, stored, stored.as_policy().unwrap(), &proxy).selected().map(|s| s.inbounds)
    };
    assert_eq!(selects("of-producer"), Some(vec![0]));
    assert_eq!(selects("of-consumer"), None);
}

#[test]
fn kind_mesh_means_the_mesh_however_it_is_labelled() {
    let renamed = MESH.replace("{name: default}", "{name: default, annotations: {kuma.io/display-name: shown}}");
    let source = source(&format!("{renamed}{CART}{}", timeout("t", "{kind: Mesh}")), Some("east"));
    let world = build(&[source], &Options::default());
    let view = world.zone("east").unwrap();
    let (_, policy) = named(view, Kind::MeshTimeout, "t");
    let hits = resolve::to_target(view, policy.into(), &policy.as_policy().unwrap().to[0].target_ref);
    assert_eq!(hits.iter().map(|h| view.get(h.id).unwrap().name.as_str()).collect::<Vec<_>>(), ["default"]);
    assert_eq!(view.get(hits[0].id).unwrap().display_name(), "shown");
}

#[test]
fn clusters_without_a_zone_go_to_the_one_kubernetes_zone_that_is_named() {
    let labelled = "
apiVersion: kuma.io/v1alpha1
kind: MeshTimeout
metadata: {name: t, namespace: shop, labels: {kuma.io/zone: east}}
spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 1s}}]}
---
";
    let text = format!("{labelled}{}{CART}", MESH.split_once("---\n").unwrap().1);
    let world = build(&[source(GLOBAL, None), source(&text, None)], &Options::default());
    assert_eq!(world.topology.zones.keys().collect::<Vec<_>>(), ["east"]);
    assert!(find(world.zone("east").unwrap(), Kind::MeshService, "cart.shop").is_some());
}

#[test]
fn no_text_makes_it_panic() {
    for cut in (0..CART.len()).step_by(7) {
        if let Some(text) = CART.get(..cut) {
            let _ = world(text);
        }
    }
    for odd in [
        "kind: Pod\napiVersion: v1",
        "kind: Service\napiVersion: v1\nmetadata: 7\nspec: []",
        "kind: EndpointSlice\napiVersion: discovery.k8s.io/v1\nendpoints: {a: b}",
    ] {
        let _ = world(odd);
    }
}

fn gallery(name: &str, files: &[(&str, Option<&str>)]) -> World {
    let sources: Vec<Source> = files
        .iter()
        .map(|(file, zone)| {
            let path = format!("{}/gallery/{name}/{file}", env!("CARGO_MANIFEST_DIR"));
            source(&std::fs::read_to_string(path).unwrap(), *zone)
        })
        .collect();
    build(&sources, &Options::default())
}

/// The stored object of this display name.
fn named<'a>(view: &'a View, kind: Kind, name: &str) -> (StoredId, &'a Stored) {
    view.all().find(|(_, s)| s.kind() == kind && s.display_name() == name).unwrap()
}

#[test]
fn the_documentations_example_reaches_what_it_says() {
    let world = gallery("kubernetes-docs", &[("cluster.yaml", None), ("policies.yaml", None)]);
    assert_eq!(world.diagnostics, []);
    let view = world.zone("default").unwrap();
    let (id, redis) = named(view, Kind::MeshService, "redis");
    assert_eq!(redis.available, Some(true));
    let network = Network::of(&world, "default").unwrap();
    let mesh = network.meshes.get("default").unwrap();
    for (port, address) in [(6739, "10.1.0.12:6739"), (16739, "10.1.0.12:26739")] {
        let endpoints = &mesh.real.get(&(id, port)).unwrap().endpoints;
        assert_eq!(endpoints.iter().map(|e| format!("{}:{}", e.address, e.port)).collect::<Vec<_>>(), [address]);
    }
    let roles = ["to-test-server", "v2"].map(|name| {
        let kind = if name == "v2" { Kind::MeshHTTPRoute } else { Kind::MeshTimeout };
        named(view, kind, name).1.label("kuma.io/policy-role").unwrap().to_owned()
    });
    assert_eq!(roles, ["system", "producer"]);
}

#[test]
fn the_producers_policy_reaches_everybody_and_the_consumers_wins_at_home() {
    let world = gallery("kubernetes-producer-consumer", &[("cluster.yaml", None), ("policies.yaml", None)]);
    let errors: Vec<&str> =
        world.diagnostics.iter().filter(|d| d.code == Code::AdmissionDenied).map(|d| d.message.as_str()).collect();
    assert!(errors.len() == 1 && errors[0].contains("mix producer and consumer items"), "{errors:?}");
    let view = world.zone("default").unwrap();
    let rules = meshscope::policy::rules::evaluate(view);
    let (orders, _) = named(view, Kind::MeshService, "orders");
    let timeout = |proxy: &str| {
        let (id, _) = view.all().find(|(_, s)| s.kind() == Kind::Dataplane && s.name == proxy).unwrap();
        let set = rules.outbound(id, Kind::MeshTimeout).unwrap();
        set.find(view, orders, "http").unwrap().rule.conf["http"]["requestTimeout"].clone()
    };
    assert_eq!(timeout("shop-0.frontend"), "10s");
    assert_eq!(timeout("orders-0.backend"), "2s");
}

#[test]
fn the_mixed_example_connects_its_zones() {
    let files = [("east.yaml", Some("east")), ("west.yaml", Some("west")), ("global.yaml", Some("global"))];
    let world = gallery("kubernetes-mixed", &files);
    assert_eq!(world.diagnostics, []);
    let west = world.zone("west").unwrap();
    let (id, _) = named(west, Kind::MeshMultiZoneService, "cart");
    let network = Network::of(&world, "west").unwrap();
    let endpoints = &network.meshes.get("default").unwrap().real.get(&(id, 80)).unwrap().endpoints;
    assert_eq!(endpoints.iter().map(|e| e.address.as_str()).collect::<Vec<_>>(), ["203.0.113.7"]);
}

#[test]
fn a_mesh_that_a_federated_zone_refuses_does_not_exist() {
    let world = world_with(CART, |o| o.federated = Some(true));
    assert_eq!(reason(&world, "shop/cart"), &NoMeshService::MeshNotFound("default".into()));
    assert_eq!(pod(&world, "shop/cart-1").result, Err(NoDataplane::MeshNotFound("default".into())));
}

#[test]
fn global_takes_policies_in_its_own_namespace_only_and_runs_no_controllers() {
    let text = "
apiVersion: kuma.io/v1alpha1
kind: MeshTimeout
metadata: {name: t, namespace: NS}
spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 1s}}]}
---
";
    let text = format!("{}{}{CART}", text.replace("NS", "kuma-system"), text.replace("NS", "shop"));
    let world = build(&[source(&format!("{MESH}{text}"), Some("global"))], &Options::default());
    let admitted: Vec<bool> = cluster(&world, "global").admission.iter().map(|(_, a)| a.result.is_ok()).collect();
    assert_eq!(admitted, [true, true, false]);
    let (_, policy) = find(world.global().unwrap(), Kind::MeshTimeout, "t.kuma-system").unwrap();
    assert_eq!(policy.kri().to_string(), "kri_mt_default__kuma-system_t_");
    assert_eq!(policy.label("kuma.io/policy-role"), Some("system"));
    assert_eq!(policy.label("kuma.io/origin"), None);
    assert!(cluster(&world, "global").services.is_empty());
}

/// The outbounds of a proxy of the cluster: where each listens, and the way it is written of where it leads.
fn outbounds_of(world: &World, proxy: &str) -> Vec<(String, String)> {
    let zones = Zones::of(world);
    let setting = zones.setting(world, "east", "default").unwrap();
    let (id, _) = find(setting.view, Kind::Dataplane, proxy).unwrap();
    let all = outbound::outbounds(setting.view, setting.network, id);
    all.iter().map(|o| (format!("{}:{}", o.address, o.port), o.destination.describe(setting.view))).collect()
}

fn client(annotations: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: client-1, namespace: shop, labels: {{app: client}}, annotations: \
         {{kuma.io/sidecar-injected: 'true', kuma.io/transparent-proxying: enabled, kuma.io/transparent-proxying-inbound-port: '15006', \
         kuma.io/transparent-proxying-outbound-port: '15001'{annotations}}}}}\nspec: {{containers: [{{name: app}}]}}\nstatus: {{podIP: \
         192.168.0.9}}\n---\n"
    )
}

#[test]
fn cluster_ips_lead_to_kuma_io_services_unless_a_mesh_service_is_there() {
    let in_mode = |mode: &str, annotations: &str| {
        let mesh = MESH.replace("mode: Exclusive", &format!("mode: {mode}"));
        let headless = CART.replace("name: cart,", "name: headless,").replace("clusterIP: 10.0.0.1", "clusterIP: None");
        let text = format!(
            "{mesh}{CART}{}{}",
            headless.split_once("apiVersion: v1\nkind: Pod").unwrap().0,
            client(annotations)
        );
        let world = build(&[source(&text, Some("east"))], &Options::default());
        outbounds_of(&world, "client-1.shop")
            .into_iter()
            .filter(|(address, _)| !address.starts_with("vip:"))
            .collect::<Vec<_>>()
    };
    let tagged = [("10.0.0.1:80".to_owned(), "kuma.io/service `cart_shop_svc_80`".to_owned())];
    assert_eq!(in_mode("Disabled", ""), tagged);
    // a MeshService has the same address
    assert_eq!(in_mode("Everywhere", ""), []);
    assert_eq!(in_mode("Exclusive", ""), []);
    // in this mode the client has no MeshServices, so nothing stands in the way
    assert_eq!(in_mode("ReachableBackends", ""), tagged);
    let reaches = |service: &str| format!(", kuma.io/transparent-proxying-reachable-services: {service}");
    assert_eq!(in_mode("Disabled", &reaches("cart_shop_svc_80")), tagged);
    assert_eq!(in_mode("Disabled", &reaches("other_shop_svc_80")), []);
    assert_eq!(in_mode("Exclusive", &reaches("cart_shop_svc_80")), []);
}

#[test]
fn a_request_may_name_a_cluster_ip() {
    let world = world(&format!("{CART}{}", client("")));
    let ask = |to: &str| {
        let input = RequestInput {
            zone: "east".into(),
            mesh: "default".into(),
            proxy: "client-1.shop".into(),
            to: to.into(),
            ..RequestInput::default()
        };
        requests::request(&world, &Zones::of(&world), &input)
            .outbounds
            .iter()
            .map(|o| o.reason.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ask("10.0.0.1:80"), ["it listens at this address"]);
    assert_eq!(ask("10.0.0.2:80"), Vec::<String>::new());
}

#[test]
fn a_pod_has_no_outbound_to_what_it_serves_at_its_own_address() {
    let pod = |name: &str, address: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, uid: {name}, labels: {{app: pg}}, annotations: \
             {{kuma.io/sidecar-injected: 'true'}}}}\nspec: {{containers: [{{name: pg, ports: [{{name: sql, containerPort: \
             5432}}]}}]}}\nstatus: {{podIP: {address}}}\n---\n"
        )
    };
    let endpoint = |name: &str, address: &str| {
        format!("{{addresses: [{address}], targetRef: {{kind: Pod, name: {name}, namespace: shop, uid: {name}}}}}")
    };
    let text = format!(
        "{}{}apiVersion: v1\nkind: Service\nmetadata: {{name: pg, namespace: shop}}\nspec: {{clusterIP: None, selector: {{app: pg}}, \
         ports: [{{name: sql, port: 5432, targetPort: sql}}, {{name: other, port: 5433, targetPort: sql}}]}}\n---\napiVersion: \
         discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: pg-1, namespace: shop, labels: {{kubernetes.io/service-name: \
         pg}}}}\naddressType: IPv4\nendpoints: [{}, {}]\nports: [{{name: sql, port: 5432}}]\n",
        pod("pg-0", "192.168.0.10"),
        pod("pg-1", "192.168.0.11"),
        endpoint("pg-0", "192.168.0.10"),
        endpoint("pg-1", "192.168.0.11"),
    );
    let world = world(&text);
    let ports = |proxy: &str| {
        outbounds_of(&world, proxy).iter().map(|(at, _)| at.rsplit(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // the other Pod's at 5432, and 5433 of both, which is no port of the Pod's own
    let mut seen = ports("pg-0.shop");
    seen.sort();
    assert_eq!(seen, ["5432", "5433", "5433"]);
}

/// A label of the user's may put a MeshExternalService into another zone.
#[test]
fn an_external_service_of_another_zone_comes_second_where_localities_count() {
    let egress = "apiVersion: v1\nkind: Pod\nmetadata: {name: kuma-egress-1, namespace: kuma-system, labels: {app: egress}, annotations: \
                  {kuma.io/egress: enabled}}\nspec: {containers: [{name: egress, ports: [{containerPort: 10002}]}]}\nstatus: {podIP: \
                  192.168.0.78}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: kuma-egress, namespace: kuma-system}\nspec: \
                  {clusterIP: 10.0.0.8, selector: {app: egress}, ports: [{port: 10002, targetPort: 10002}]}\n---\n";
    let external = |name: &str, labels: &str| {
        format!(
            "apiVersion: kuma.io/v1alpha1\nkind: MeshExternalService\nmetadata: {{name: {name}, namespace: kuma-system, labels: \
             {{{labels}}}}}\nspec: {{match: {{type: HostnameGenerator, port: 443, protocol: http}}, endpoints: [{{address: a.test, port: \
             443}}]}}\n---\n"
        )
    };
    let priorities = |routing: &str| {
        let mesh = MESH.replace("spec: {", &format!("spec: {{{routing}"));
        let text = format!("{mesh}{CART}{egress}{}{}", external("own", ""), external("other", "kuma.io/zone: west"));
        let world = build(&[source(&text, Some("east"))], &Options::default());
        let network = Network::of(&world, "east").unwrap();
        let view = world.zone("east").unwrap();
        let real = &network.meshes.get("default").unwrap().real;
        ["own", "other"].map(|name| {
            let (id, _) = named(view, Kind::MeshExternalService, name);
            real.get(&(id, 443)).unwrap().endpoints.iter().map(|e| e.priority).collect::<Vec<_>>()
        })
    };
    assert_eq!(priorities("routing: {localityAwareLoadBalancing: true}, "), [vec![0], vec![1]]);
    assert_eq!(priorities(""), [vec![0], vec![0]]);
}
