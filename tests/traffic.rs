//! One request at a time: which outbound, which rule, who answers, who is let in. And what no request reaches.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

use meshscope::answer::{proxies, requests};
use meshscope::diagnostic::Severity;
use meshscope::report::{
    ClusterReport, ListenerKind, MatchVerdict, Permission, ProxyName, ProxyReport, RequestInput, RequestOutcome,
    RequestReport,
};
use meshscope::resource::Kind;
use meshscope::traffic::endpoints::{shares, Absence, Endpoint};
use meshscope::traffic::findings::findings;
use meshscope::traffic::network::Network;
use meshscope::traffic::outbound::Destination;
use meshscope::traffic::request::Ask;
use meshscope::traffic::zones::Zones;
use meshscope::world::{self, Options, Source, World};

const MESH: &str = "
type: Mesh
name: default
skipCreatingInitialPolicies: ['*']
meshServices: {mode: Exclusive}
mtls: {enabledBackend: ca-1, backends: [{name: ca-1, type: builtin}]}
";

const ALLOW: &str = "
type: MeshTrafficPermission
name: allow-all
mesh: default
spec: {from: [{targetRef: {kind: Mesh, proxyTypes: [Sidecar]}, default: {action: Allow}}]}
";

fn build(documents: &[&str]) -> World {
    let text = documents.join("---\n");
    let world = world::build(
        &[Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }],
        &Options::default(),
    );
    let errors = world.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    assert_eq!(errors.map(|d| d.message.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    world
}

fn dataplane(zone: &str, name: &str, address: &str, inbounds: &str, rest: &str) -> String {
    let label = if zone == "default" { String::new() } else { format!("labels: {{kuma.io/zone: {zone}}}\n") };
    format!(
        "type: Dataplane\nname: {name}\nmesh: default\n{label}networking:\n  address: {address}\n  inbound: [{inbounds}]\n{rest}"
    )
}

fn http(service: &str, port: u32) -> String {
    format!("{{port: {port}, name: api, tags: {{kuma.io/service: {service}, kuma.io/protocol: http}}}}")
}

const TPROXY: &str = "  transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001}\n";

fn ask(world: &World, zone: &str, to: &str, path: &str) -> RequestReport {
    let input = RequestInput {
        zone: zone.into(),
        mesh: "default".into(),
        proxy: "web".into(),
        to: to.into(),
        path: path.into(),
        ..RequestInput::default()
    };
    requests::request(world, &Zones::of(world), &input)
}

fn proxy(world: &World, zone: &str, name: &str) -> ProxyReport {
    let name = ProxyName { zone: zone.into(), mesh: "default".into(), name: name.into() };
    proxies::proxy(world, &Zones::of(world), &name).unwrap()
}

fn landings(report: &RequestReport) -> Vec<(String, f64)> {
    let endpoints = report.backends.iter().flat_map(|b| &b.endpoints);
    endpoints.map(|e| (format!("{}/{}:{}", e.zone, e.name, e.port), e.share)).collect()
}

fn shop(rest: &[&str]) -> World {
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let v2 = dataplane("default", "orders-v2-1", "10.0.0.2", &http("orders-v2", 8080), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
    let mut documents = vec![MESH, ALLOW, &orders, &v2, &web];
    documents.extend(rest);
    build(&documents)
}

const CANARY: &str = "
type: MeshHTTPRoute
name: canary
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: orders}
    rules:
    - matches: [{path: {type: PathPrefix, value: /v2}}]
      default:
        backendRefs:
        - {kind: MeshService, name: orders, port: 8080, weight: 90}
        - {kind: MeshService, name: orders-v2, port: 8080, weight: 10}
";

#[test]
fn hostname_finds_the_virtual_ip_of_its_service() {
    let world = shop(&[]);
    let report = ask(&world, "default", "http://orders.svc.mesh.local:8080/x", "");
    assert_eq!(report.outcome, RequestOutcome::Routed, "{}", report.summary);
    assert_eq!(report.request.path, "/x");
    assert_eq!(report.outbounds[0].address, "vip:kri_msvc_default_default__orders_");
    assert_eq!(landings(&report), [("default/orders-1:8080".to_owned(), 1.0)]);
}

#[test]
fn wrong_port_is_told_from_unknown_name() {
    let world = shop(&[]);
    let report = ask(&world, "default", "orders.svc.mesh.local:9999", "/");
    assert_eq!(report.outcome, RequestOutcome::NoOutbound);
    assert_eq!(report.outbounds[0].reason, "its port is `api` (8080), asked for 9999");
    let report = ask(&world, "default", "example.com", "/");
    assert_eq!((report.outcome, report.outbounds.len()), (RequestOutcome::NoOutbound, 0));
}

#[test]
fn weights_are_shares_and_losers_say_why() {
    let world = shop(&[CANARY]);
    let report = ask(&world, "default", "orders:api", "/v2/items");
    assert_eq!(
        landings(&report),
        [("default/orders-1:8080".to_owned(), 0.9), ("default/orders-v2-1:8080".to_owned(), 0.1)]
    );
    assert_eq!(report.winner.as_ref().unwrap().origin.as_ref().unwrap().name, "canary");
    assert_eq!(report.candidates[1].verdict, MatchVerdict::AlsoMatches);
    let report = ask(&world, "default", "orders", "/v2x");
    assert_eq!(report.candidates[0].reason, "path `/v2x` does not have the prefix `/v2`");
    assert_eq!(landings(&report), [("default/orders-1:8080".to_owned(), 1.0)]);
}

#[test]
fn explicit_outbound_is_meant_by_its_address() {
    let web = dataplane(
        "default",
        "web",
        "10.0.0.3",
        &http("web", 80),
        "  outbound:\n  - {port: 20080, address: 127.0.0.1, backendRef: {kind: MeshService, name: orders, port: 8080}}\n",
    );
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let world = build(&[MESH, ALLOW, &orders, &web]);
    let report = ask(&world, "default", "127.0.0.1:20080", "/");
    assert_eq!(report.outbounds[0].reason, "it listens at this address");
    assert_eq!(report.forwarded.unwrap().host.as_deref(), Some("127.0.0.1:20080"));
    let report = ask(&world, "default", "orders", "/");
    assert!(report.outbounds[0].reason.contains("without transparent proxying"), "{}", report.outbounds[0].reason);
}

#[test]
fn permission_by_service_and_by_default() {
    let only_api = "
type: MeshTrafficPermission
name: only-api
mesh: default
spec:
  targetRef: {kind: MeshSubset, tags: {kuma.io/service: orders}, proxyTypes: [Sidecar]}
  from:
  - {targetRef: {kind: Mesh}, default: {action: Deny}}
  - {targetRef: {kind: MeshSubset, tags: {kuma.io/service: api}}, default: {action: Allow}}
";
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
    let world = build(&[MESH, only_api, &orders, &web]);
    let report = ask(&world, "default", "orders", "/");
    let permission = &report.backends[0].endpoints[0].permission;
    assert_eq!(permission.permission, Permission::Denied);
    assert_eq!(permission.reason, "action Deny for clients with not `kuma.io/service: api`: status 403");
    assert_eq!(permission.origins[0].name, "only-api");
    assert!(report.summary.contains("refuses"), "{}", report.summary);
    let report = ask(&world, "default", "web", "/");
    let permission = &report.backends[0].endpoints[0].permission;
    assert_eq!(permission.reason, "with mTLS and no MeshTrafficPermission nobody is let in: status 403");
}

#[test]
fn permission_by_spiffe_id() {
    let rules = "
type: MeshTrafficPermission
name: rules
mesh: default
spec:
  targetRef: {kind: Dataplane}
  rules:
  - default:
      deny: [{spiffeID: {type: Exact, value: 'spiffe://default/api'}}]
      allow: [{spiffeID: {type: Prefix, value: 'spiffe://default'}}]
";
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
    let api = dataplane("default", "api", "10.0.0.4", &http("api", 80), TPROXY);
    let world = build(&[MESH, rules, &orders, &web, &api]);
    let report = ask(&world, "default", "orders", "/");
    assert_eq!(report.backends[0].endpoints[0].permission.permission, Permission::Allowed);
    let input = RequestInput {
        zone: "default".into(),
        mesh: "default".into(),
        proxy: "api".into(),
        to: "orders".into(),
        ..RequestInput::default()
    };
    let report = requests::request(&world, &Zones::of(&world), &input);
    assert_eq!(report.backends[0].endpoints[0].permission.reason, "`deny` names `spiffe://default/api`: status 403");
}

fn two_zones(rest: &[&str]) -> World {
    let documents = [
        dataplane("east", "orders-1", "10.1.0.1", &http("orders", 8080), ""),
        dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY),
        dataplane("west", "orders-1", "10.2.0.1", &http("orders", 8080), ""),
        dataplane("west", "orders-2", "10.2.0.2", &http("orders", 8080), ""),
        "type: ZoneIngress\nname: in\nlabels: {kuma.io/zone: west}\nnetworking: {address: 10.2.0.9, port: 10001, advertisedAddress: 192.0.2.1, advertisedPort: 443}\n".to_owned(),
        "type: MeshMultiZoneService\nname: orders\nmesh: default\nspec:\n  selector: {meshService: {matchLabels: {kuma.io/display-name: orders}}}\n  ports: [{port: 8080, appProtocol: http}]\n".to_owned(),
    ];
    let mut all: Vec<&str> = vec![MESH, ALLOW];
    all.extend(documents.iter().map(String::as_str));
    all.extend(rest);
    build(&all)
}

#[test]
fn other_zone_takes_over_through_its_ingress() {
    let world = two_zones(&[]);
    let report = ask(&world, "east", "orders.mzsvc.mesh.local:8080", "/");
    let endpoints = &report.backends[0].endpoints;
    let seen: Vec<_> =
        endpoints.iter().map(|e| (e.zone.as_str(), e.name.as_str(), e.priority, e.share, e.via.len())).collect();
    assert_eq!(
        seen,
        [("east", "orders-1", 0, 1.0, 0), ("west", "orders-1", 1, 0.0, 1), ("west", "orders-2", 1, 0.0, 1)]
    );
    assert_eq!(
        endpoints[1].takes_over.as_deref(),
        Some("when less than 71.4 % of the endpoints of priority 0 are healthy")
    );
    let report = ask(&world, "east", "orders.svc.west.mesh.local:8080", "/");
    assert_eq!(landings(&report), [("west/orders-1:8080".to_owned(), 0.5), ("west/orders-2:8080".to_owned(), 0.5)]);
}

#[test]
fn failover_threshold_is_told() {
    let strategy = "
type: MeshLoadBalancingStrategy
name: near
mesh: default
spec:
  to:
  - targetRef: {kind: MeshMultiZoneService, name: orders}
    default: {localityAwareness: {crossZone: {failover: [{to: {type: Any}}], failoverThreshold: {percentage: 25}}}}
";
    let world = two_zones(&[strategy]);
    let report = ask(&world, "east", "orders.mzsvc.mesh.local", "/");
    assert_eq!(report.backends[0].overprovisioning_factor, 400);
    assert_eq!(
        report.backends[0].endpoints[1].takes_over.as_deref(),
        Some("when less than 25 % of the endpoints of priority 0 are healthy")
    );
}

#[test]
fn affinity_tags_share_by_locality() {
    let strategy = "
type: MeshLoadBalancingStrategy
name: near
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: orders}
    default: {localityAwareness: {localZone: {affinityTags: [{key: rack}]}}}
";
    let inbound = |rack: &str| {
        format!("{{port: 8080, name: api, tags: {{kuma.io/service: orders, kuma.io/protocol: http, rack: {rack}}}}}")
    };
    let near = dataplane("default", "near", "10.0.0.1", &inbound("a"), "");
    let far = dataplane("default", "far", "10.0.0.2", &inbound("b"), "");
    let web = dataplane(
        "default",
        "web",
        "10.0.0.3",
        "{port: 80, tags: {kuma.io/service: web, kuma.io/protocol: http, rack: a}}",
        TPROXY,
    );
    let world = build(&[MESH, ALLOW, strategy, &near, &far, &web]);
    let report = ask(&world, "default", "orders", "/");
    assert_eq!(landings(&report), [("default/far:8080".to_owned(), 0.1), ("default/near:8080".to_owned(), 0.9)]);
}

#[test]
fn mirror_to_nowhere_fails_the_proxy() {
    let route = "
type: MeshHTTPRoute
name: m
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: orders}
    rules:
    - matches: [{path: {type: PathPrefix, value: /}}]
      default:
        filters: [{type: RequestMirror, requestMirror: {backendRef: {kind: MeshService, name: ghost, port: 80}}}]
";
    let world = shop(&[route]);
    let report = ask(&world, "default", "orders", "/");
    assert_eq!(report.outcome, RequestOutcome::ConfigurationFails);
    assert!(proxy(&world, "default", "web").failure.is_some());
    let codes: Vec<&str> = findings(&world, &Zones::of(&world)).iter().map(|d| d.code.text()).collect();
    assert_eq!(codes, ["MS0705"]);
}

#[test]
fn own_kind_of_backend_that_means_nothing_or_is_not_usable() {
    let route = |backend: &str| {
        format!(
            "type: MeshHTTPRoute\nname: r\nmesh: default\nspec:\n  to:\n  - targetRef: {{kind: MeshService, name: orders}}\n    rules:\n    - matches: [{{path: {{type: PathPrefix, value: /a}}}}]\n      default: {{backendRefs: [{backend}]}}\n"
        )
    };
    // by labels, and nothing has them: the rule stays, with the destination's own backend
    let world = shop(&[&route("{kind: MeshService, labels: {team: none}, port: 8080}")]);
    let outbounds = proxy(&world, "default", "web").outbounds;
    let orders = outbounds.iter().find(|o| o.destination.name == "orders").unwrap();
    assert_eq!((orders.routes.len(), orders.routes[0].own_backend), (2, true));
    // by name, and there is none: the rule is left out
    let world = shop(&[&route("{kind: MeshService, name: ghost, port: 8080}")]);
    let outbounds = proxy(&world, "default", "web").outbounds;
    let orders = outbounds.iter().find(|o| o.destination.name == "orders").unwrap();
    assert_eq!((orders.routes.len(), orders.dropped.len()), (1, 1));
    let found = findings(&world, &Zones::of(&world));
    let codes: Vec<&str> = found.iter().map(|d| d.code.text()).collect();
    assert_eq!(codes, ["MS0702", "MS0703"]);
    assert_eq!(found[0].message, "MeshService `ghost` port 8080 gets no traffic: there is no such resource here");
}

#[test]
fn tcp_route_on_an_http_service() {
    let route = |weight: u32| {
        format!(
            "type: MeshTCPRoute\nname: t\nmesh: default\nspec:\n  to:\n  - targetRef: {{kind: MeshService, name: orders}}\n    rules: [{{default: {{backendRefs: [{{kind: MeshService, name: orders-v2, port: 8080, weight: {weight}}}]}}}}]\n"
        )
    };
    let listener = |world: &World| {
        let outbounds = proxy(world, "default", "web").outbounds;
        let orders = outbounds.into_iter().find(|o| o.destination.name == "orders").unwrap();
        (orders.listener, orders.no_listener)
    };
    assert_eq!(listener(&shop(&[&route(1)])), (ListenerKind::Tcp, None));
    let why = "a MeshTCPRoute takes all connections, and none of its backendRefs is usable";
    assert_eq!(listener(&shop(&[&route(0)])), (ListenerKind::None, Some(why.into())));
}

#[test]
fn rules_that_nothing_reaches() {
    let route = "
type: MeshHTTPRoute
name: r
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: orders}
    rules:
    - matches: [{path: {type: RegularExpression, value: /a/.*}}]
      default: {backendRefs: [{kind: MeshService, name: orders-v2, port: 8080}]}
    - matches: [{path: {type: PathPrefix, value: /a}}]
      default: {backendRefs: [{kind: MeshService, name: orders, port: 8080}]}
";
    let world = shop(&[route]);
    let found = findings(&world, &Zones::of(&world));
    let seen: Vec<(&str, &str)> = found.iter().map(|d| (d.code.text(), d.message.as_str())).collect();
    assert_eq!(seen, [("MS0701", "no request reaches this rule: the rule for path prefix `/a` takes them all before")]);
    assert_eq!(found[0].related.len(), 1);
    let outbounds = proxy(&world, "default", "web").outbounds;
    let orders = outbounds.iter().find(|o| o.destination.name == "orders").unwrap();
    let hidden: Vec<bool> = orders.routes.iter().map(|r| r.hidden_by.is_some()).collect();
    assert_eq!(hidden, [false, true, false]);
}

#[test]
fn http_route_on_a_tcp_port() {
    let ledger = dataplane(
        "default",
        "ledger-1",
        "10.0.0.5",
        "{port: 6000, name: api, tags: {kuma.io/service: ledger, kuma.io/protocol: tcp}}",
        "",
    );
    let route = CANARY.replace("name: orders}", "name: ledger}");
    let world = shop(&[&ledger, &route]);
    let codes: Vec<&str> = findings(&world, &Zones::of(&world)).iter().map(|d| d.code.text()).collect();
    assert_eq!(codes, ["MS0704"]);
    let report = ask(&world, "default", "ledger:6000", "/");
    assert_eq!(report.outcome, RequestOutcome::Routed);
    assert!(report.candidates.is_empty());
}

#[test]
fn policies_say_where_each_field_comes_from() {
    let timeout = "
type: MeshTimeout
name: slow
mesh: default
spec: {to: [{targetRef: {kind: MeshService, name: orders}, default: {http: {requestTimeout: 3s}}}]}
";
    let world = shop(&[timeout]);
    let report = ask(&world, "default", "orders", "/");
    let policy = report.policies.iter().find(|p| p.kind == "MeshTimeout").unwrap();
    assert_eq!(policy.fields[0].path, "http.requestTimeout");
    assert_eq!(policy.fields[0].location.as_ref().unwrap().start.line, 40);
    assert_eq!(report.forwarded.unwrap().timeout.as_deref(), Some("3s"));
}

/// The cluster of a proxy that has a text in its name.
fn cluster(world: &World, zone: &str, name: &str) -> ClusterReport {
    let clusters = proxy(world, zone, "web").clusters;
    let names: Vec<String> = clusters.iter().map(|c| c.name.clone()).collect();
    clusters.into_iter().find(|c| c.name.contains(name)).ok_or(names).unwrap()
}

/// Zone, priority and weight of each endpoint.
fn endpoints(cluster: &ClusterReport) -> Vec<(String, u32, u32)> {
    cluster.endpoints.iter().map(|e| (e.zone.clone(), e.priority, e.weight)).collect()
}

const NO_MODE: &str = "
type: Mesh
name: default
skipCreatingInitialPolicies: ['*']
mtls: {enabledBackend: ca-1, backends: [{name: ca-1, type: builtin}]}
";

fn ingress(zone: &str, address: &str) -> String {
    format!(
        "type: ZoneIngress\nname: in-{zone}\nlabels: {{kuma.io/zone: {zone}}}\nnetworking: {{address: 10.9.0.1, port: \
         10001, advertisedAddress: {address}, advertisedPort: 443}}\n"
    )
}

fn strategy(to: &str, default: &str) -> String {
    format!(
        "type: MeshLoadBalancingStrategy\nname: near\nmesh: default\nspec: {{to: [{{targetRef: {to}, default: \
         {default}}}]}}\n"
    )
}

/// Three zones with `orders`, as MeshMultiZoneService of one name.
fn three_zones(strategy: &str) -> World {
    let orders =
        ["east", "west", "north"].map(|zone| dataplane(zone, "orders-1", "10.1.0.1", &http("orders", 8080), ""));
    let web = ["east", "west"].map(|zone| dataplane(zone, "web", "10.1.0.2", &http("web", 80), TPROXY));
    let doors = [ingress("west", "192.0.2.1"), ingress("north", "192.0.2.2"), ingress("east", "192.0.2.3")];
    let multi =
        "type: MeshMultiZoneService\nname: orders\nmesh: default\nspec:\n  selector: {meshService: {matchLabels: \
                 {kuma.io/display-name: orders}}}\n  ports: [{port: 8080, appProtocol: http}]\n";
    let mut all = vec![MESH, ALLOW, multi, strategy];
    all.extend(orders.iter().chain(&web).chain(&doors).map(String::as_str));
    build(&all)
}

#[test]
fn failover_rules_cover_zones_in_their_order() {
    let multi = "{kind: MeshMultiZoneService, name: orders}";
    let seen = |failover: &str, zone: &str| {
        let conf = format!("{{localityAwareness: {{crossZone: {{failover: [{failover}]}}}}}}");
        let cluster = cluster(&three_zones(&strategy(multi, &conf)), zone, "mzsvc");
        let mut all: Vec<(String, u32)> = cluster.endpoints.iter().map(|e| (e.zone.clone(), e.priority)).collect();
        all.sort();
        all
    };
    let is = |list: &[(&str, u32)]| list.iter().map(|(z, p)| ((*z).to_owned(), *p)).collect::<Vec<_>>();
    let rules =
        "{from: {zones: [west]}, to: {type: Any}}, {from: {zones: [east]}, to: {type: AnyExcept, zones: [north]}}, \
                 {to: {type: Only, zones: [north]}}";
    // the priority is the position in the whole list, those of other zones included
    assert_eq!(seen(rules, "east"), is(&[("east", 0), ("north", 3), ("west", 2)]));
    assert_eq!(seen(rules, "west"), is(&[("east", 1), ("north", 1), ("west", 0)]));
    assert_eq!(seen("{to: {type: AnyExcept, zones: [north]}}", "east"), is(&[("east", 0), ("west", 1)]));
    assert_eq!(seen("{to: {type: None}}", "east"), is(&[("east", 0)]));
}

#[test]
fn a_strategy_alone_prefers_the_own_zone() {
    let zones = |strategy: &str| {
        let orders = ["east", "west"].map(|zone| dataplane(zone, "orders-1", "10.1.0.1", &http("orders", 8080), ""));
        let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY);
        build(&[NO_MODE, ALLOW, &orders[0], &orders[1], &web, &ingress("west", "192.0.2.1"), strategy])
    };
    let of = |world: &World| {
        let mut all = endpoints(&cluster(world, "east", "orders"));
        all.sort();
        all
    };
    assert_eq!(of(&zones("")), [("east".to_owned(), 0, 1), ("west".to_owned(), 0, 1)]);
    let near = strategy("{kind: MeshService, name: orders}", "{loadBalancer: {type: Random}}");
    assert_eq!(of(&zones(&near)), [("east".to_owned(), 0, 1), ("west".to_owned(), 1, 1)]);
}

#[test]
fn affinity_tags_weigh_less_from_one_to_the_next() {
    let strategy = strategy(
        "{kind: MeshService, name: orders}",
        "{localityAwareness: {localZone: {affinityTags: [{key: node}, {key: rack}, {key: kuma.io/zone}]}}}",
    );
    let inbound = |service: &str, tags: &str| {
        format!("{{port: 8080, name: api, tags: {{kuma.io/service: {service}, kuma.io/protocol: http{tags}}}}}")
    };
    let of = [", rack: a, node: n1", ", rack: a", ", rack: b"].map(|tags| inbound("orders", tags));
    let instances: Vec<String> = of
        .iter()
        .enumerate()
        .map(|(i, tags)| dataplane("default", &format!("orders-{i}"), &format!("10.0.0.{i}"), tags, ""))
        .collect();
    let web = dataplane("default", "web", "10.0.1.1", &inbound("web", ", rack: a, node: n1"), TPROXY);
    let world = build(&[MESH, ALLOW, &strategy, &instances[0], &instances[1], &instances[2], &web]);
    let cluster = cluster(&world, "default", "orders");
    let weights: Vec<_> = cluster.endpoints.iter().map(|e| (e.name.as_str(), e.locality_weight)).collect();
    assert_eq!(weights, [("orders-0", Some(900)), ("orders-1", Some(90)), ("orders-2", Some(9))]);
}

#[test]
fn through_an_egress_the_locality_is_named_by_the_rules() {
    let mesh = format!("{NO_MODE}routing: {{zoneEgress: true}}\n");
    let egress =
        "type: ZoneEgress\nname: out\nlabels: {kuma.io/zone: east}\nnetworking: {address: 10.1.0.8, port: 10002}\n";
    let zones = |failover: &str| {
        let orders = ["east", "west"].map(|zone| dataplane(zone, "orders-1", "10.1.0.1", &http("orders", 8080), ""));
        let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY);
        let conf = format!("{{localityAwareness: {{crossZone: {{failover: [{failover}]}}}}}}");
        let near = strategy("{kind: MeshService, name: orders}", &conf);
        build(&[&mesh, ALLOW, &orders[0], &orders[1], &web, &ingress("west", "192.0.2.1"), egress, &near])
    };
    let of = |failover: &str| {
        let cluster = cluster(&zones(failover), "east", "orders");
        cluster.endpoints.iter().map(|e| (e.zone.clone(), e.priority)).collect::<Vec<_>>()
    };
    // the name is the start of the SHA-256 of the rules as text: `1:Any;` here
    assert_eq!(of("{to: {type: Any}}"), [("egress_91d2a2fb".to_owned(), 1), ("east".to_owned(), 0)]);
    let rules =
        "{to: {type: Only, zones: [west2, east2]}}, {to: {type: AnyExcept, zones: [north]}}, {to: {type: None}}";
    assert_eq!(of(rules), [("egress_cc179afa".to_owned(), 1), ("east".to_owned(), 0)]);
}

#[test]
fn egresses_are_for_other_zones_kuma_io_services_only() {
    // a MeshMultiZoneService goes straight to the ingress of the other zone
    let world = three_zones(
        "type: ZoneEgress\nname: out\nlabels: {kuma.io/zone: east}\nnetworking: {address: 10.1.0.8, port: 10002}\n",
    );
    let cluster = cluster(&world, "east", "mzsvc");
    assert!(cluster.endpoints.iter().all(|e| e.address != "10.1.0.8"), "{:?}", cluster.endpoints);
}

#[test]
fn tags_of_an_outbound_choose_instances() {
    let inbound = |version: &str| {
        format!("{{port: 8080, tags: {{kuma.io/service: orders, kuma.io/protocol: http, version: {version}}}}}")
    };
    let written = |version: &str, port: u32| {
        format!("  - {{port: {port}, address: 127.0.0.1, tags: {{kuma.io/service: orders, version: {version}}}}}\n")
    };
    let outbounds = format!("  outbound:\n{}{}", written("v1", 1001), written("v9", 1009));
    let v1 = dataplane("default", "orders-1", "10.0.0.1", &inbound("v1"), "");
    let v2 = dataplane("default", "orders-2", "10.0.0.2", &inbound("v2"), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), &outbounds);
    let world = build(&[NO_MODE, ALLOW, &v1, &v2, &web]);
    let report = ask(&world, "default", "127.0.0.1:1001", "/");
    assert_eq!(landings(&report), [("default/orders-1:8080".to_owned(), 1.0)]);
    let report = ask(&world, "default", "127.0.0.1:1009", "/");
    assert_eq!(report.outcome, RequestOutcome::NoEndpoints);
    let clusters = proxy(&world, "default", "web").clusters;
    let reasons: Vec<_> = clusters.iter().map(|c| (c.endpoints.len(), c.reason.as_deref())).collect();
    assert_eq!(reasons, [(0, Some("no instance of `orders` has all the tags")), (1, None)]);
}

#[test]
fn shares_are_none_where_nothing_has_weight() {
    let world = shop(&[]);
    let network = Network::of(&world, "default").unwrap();
    let set = network.meshes.get("default").unwrap().real.values().find(|s| !s.endpoints.is_empty()).unwrap();
    let one = |weight: u32, affinity: Option<&str>, locality_weight: u32| Endpoint {
        weight,
        affinity: affinity.map(Into::into),
        locality_weight: Some(locality_weight),
        ..set.endpoints[0].clone()
    };
    assert_eq!(shares(&[one(0, None, 1)]), [0.0]);
    assert_eq!(shares(&[one(1, Some("a=b"), 0)]), [0.0]);
    assert_eq!(shares(&[one(0, Some("a=b"), 3), one(1, Some("a=c"), 1)]), [0.0, 0.25]);
    assert_eq!(shares(&[one(1, None, 1), one(3, None, 1)]), [0.25, 0.75]);
}

#[test]
fn an_external_service_shares_what_it_gets_among_its_addresses() {
    let external =
        "type: MeshExternalService\nname: pay\nmesh: default\nspec: {match: {type: HostnameGenerator, port: 443, \
                    protocol: http}, endpoints: [{address: a.test, port: 443}, {address: b.test, port: 443}]}\n";
    let egress = "type: ZoneEgress\nname: out\nnetworking: {address: 10.1.0.8, port: 10002}\n";
    let world = shop(&[external, egress]);
    let cluster = cluster(&world, "default", "extsvc");
    let behind: Vec<_> = cluster.endpoints[0].behind.iter().map(|b| (b.address.as_str(), b.share)).collect();
    assert_eq!(behind, [("a.test", 0.5), ("b.test", 0.5)]);
}

#[test]
fn behind_an_ingress_are_the_ready_inbounds_with_exactly_the_tags() {
    let inbound = |port: u32, more: &str| {
        format!("{{port: {port}, {more}tags: {{kuma.io/service: orders, kuma.io/protocol: http}}}}")
    };
    let tagged = "{port: 8083, tags: {kuma.io/service: orders, kuma.io/protocol: http, version: v2}}";
    let there = [
        dataplane("west", "orders-1", "10.2.0.1", &inbound(8081, ""), ""),
        dataplane("west", "orders-2", "10.2.0.2", &inbound(8082, "state: NotReady, "), ""),
        dataplane("west", "orders-3", "10.2.0.3", tagged, ""),
    ];
    let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY);
    let world = build(&[NO_MODE, ALLOW, &there[0], &there[1], &there[2], &web, &ingress("west", "192.0.2.1")]);
    let cluster = cluster(&world, "east", "orders");
    let behind = |at: usize| cluster.endpoints[at].behind.iter().map(|b| b.port).collect::<Vec<_>>();
    assert_eq!((cluster.endpoints.len(), behind(0), behind(1)), (2, vec![Some(8081)], vec![Some(8083)]));
}

#[test]
fn addresses_of_version_six_have_colons_of_their_own() {
    let outbound = "  outbound:\n  - {port: 20080, address: 'fd00::1', backendRef: {kind: MeshService, name: orders, port: 8080}}\n";
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), outbound);
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let world = build(&[MESH, ALLOW, &orders, &web]);
    for to in ["[fd00::1]:20080", "fd00::1", "[fd00::1]"] {
        let report = ask(&world, "default", to, "/");
        assert_eq!(report.outcome, RequestOutcome::Routed, "{to}: {}", report.summary);
    }
    let report = ask(&world, "default", "[fd00::1]:1", "/");
    assert_eq!(report.outbounds[0].reason, "its port is 20080, asked for 1");
}

fn meant(report: &RequestReport) -> Vec<(String, String, bool)> {
    let one = |o: &meshscope::report::OutboundCandidateReport| {
        (o.destination.kind.clone(), format!("{} {}", o.destination.zone, o.port), o.chosen)
    };
    report.outbounds.iter().map(one).collect()
}

#[test]
fn of_several_of_a_name_mesh_services_come_first_and_those_of_the_own_zone() {
    let external =
        "type: MeshExternalService\nname: orders\nmesh: default\nspec: {match: {type: HostnameGenerator, port: \
                    8080, protocol: http}, endpoints: [{address: a.test, port: 443}]}\n";
    let world = two_zones(&[
        external,
        &ingress("east", "192.0.2.7"),
        &dataplane("west", "web", "10.2.0.7", &http("web", 80), TPROXY),
    ]);
    for (zone, other) in [("east", "west"), ("west", "east")] {
        let report = ask(&world, zone, "orders", "/");
        assert_eq!(
            meant(&report),
            [
                ("MeshService".to_owned(), format!("{zone} 8080"), true),
                ("MeshService".to_owned(), format!("{other} 8080"), false),
                ("MeshMultiZoneService".to_owned(), " 8080".to_owned(), false),
                ("MeshExternalService".to_owned(), " 8080".to_owned(), false),
            ]
        );
    }
}

#[test]
fn a_scheme_prefers_its_port_and_a_kri_is_one_port_or_the_whole_service() {
    let inbounds = format!(
        "{}, {{port: 80, name: web, tags: {{kuma.io/service: shop, kuma.io/protocol: http}}}}",
        http("shop", 443)
    );
    let world = shop(&[&dataplane("default", "shop-1", "10.0.0.7", &inbounds, "")]);
    let ports = |to: &str| -> Vec<(u32, bool)> {
        ask(&world, "default", to, "/").outbounds.iter().map(|o| (o.port, o.chosen)).collect()
    };
    assert_eq!(ports("http://shop.svc.mesh.local/"), [(80, true), (443, false)]);
    assert_eq!(ports("https://shop.svc.mesh.local/"), [(443, true), (80, false)]);
    assert_eq!(ports("kri_msvc_default_default__shop_web"), [(80, true)]);
    assert_eq!(ports("kri_msvc_default_default__shop_"), [(80, true), (443, false)]);
    assert_eq!(ports("kri_msvc_default_default__nobody_"), []);
}

#[test]
fn kuma_io_services_have_names_in_the_mesh() {
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders_shop_svc_80", 8080), "");
    let other = dataplane("default", "other-1", "10.0.0.2", &http("other", 8080), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
    let world = build(&[NO_MODE, ALLOW, &orders, &other, &web]);
    let means = |to: &str| -> Vec<String> {
        ask(&world, "default", to, "/").outbounds.iter().map(|o| o.destination.name.clone()).collect()
    };
    assert_eq!(means("orders_shop_svc_80.mesh"), ["orders_shop_svc_80"]);
    assert_eq!(means("orders.shop.svc.80.mesh"), ["orders_shop_svc_80"]);
    assert_eq!(means("other.mesh"), ["other"]);
    assert_eq!(means("other"), ["other"]);
    assert_eq!(means("nobody.mesh"), Vec::<String>::new());
    let reasons: Vec<String> = proxy(&world, "default", "web").outbounds.iter().map(|o| o.reason.clone()).collect();
    assert_eq!(reasons[0], "transparent proxying reaches every service, in mode Disabled");
}

#[test]
fn each_outbound_says_why_it_is_there() {
    let reasons = |networking: &str| {
        let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), networking);
        let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
        let mesh = NO_MODE.replace("mtls:", "meshServices: {mode: Everywhere}\nmtls:");
        let world = build(&[&mesh, ALLOW, &orders, &web]);
        let report = proxy(&world, "default", "web");
        report.outbounds.iter().map(|o| format!("{} {}", o.destination.kind, o.reason)).collect::<Vec<_>>()
    };
    let to = "backendRef: {kind: MeshService, name: orders, port: 8080}";
    assert_eq!(
        reasons(&format!("  outbound: [{{port: 1, address: 127.0.0.1, {to}}}]\n")),
        ["MeshService `networking.outbound[0]` of the Dataplane"]
    );
    let redirect = "redirectPortInbound: 15006, redirectPortOutbound: 15001";
    assert_eq!(
        reasons(&format!("  transparentProxying: {{{redirect}, reachableServices: [orders], reachableBackends: {{refs: [{{kind: MeshService, name: orders}}]}}}}\n")),
        ["MeshService `reachableBackends` opens it", "kuma.io/service `reachableServices` names it"]
    );
    // without ports to redirect to there is no transparent proxying
    assert_eq!(reasons("  transparentProxying: {reachableServices: [orders]}\n"), Vec::<String>::new());
}

#[test]
fn two_ports_of_one_number_have_one_listener() {
    let service = "type: MeshService\nname: twice\nmesh: default\nspec: {selector: {dataplaneTags: {kuma.io/service: orders}}, \
                   ports: [{port: 80, name: a, targetPort: 8080, appProtocol: http}, {port: 80, name: b, targetPort: 8080, \
                   appProtocol: http}]}\n";
    let report = proxy(&shop(&[service]), "default", "web");
    let of_twice: Vec<_> =
        report.outbounds.iter().filter(|o| o.destination.name == "twice").map(|o| o.section.as_str()).collect();
    assert_eq!(of_twice, ["a"]);
    let missing: Vec<_> =
        report.unreachable.iter().filter(|u| u.asks.contains("twice")).map(|u| u.reason.as_str()).collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
}

#[test]
fn a_service_has_the_protocol_that_its_inbounds_have_in_common() {
    let inbound =
        |protocol: &str| format!("{{port: 8080, tags: {{kuma.io/service: orders, kuma.io/protocol: {protocol}}}}}");
    let protocol = |one: &str, other: &str| {
        let orders = [one, other].map(|p| dataplane("default", &format!("orders-{p}"), "10.0.0.1", &inbound(p), ""));
        let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
        let world = build(&[NO_MODE, ALLOW, &orders[0], &orders[1], &web]);
        let outbounds = proxy(&world, "default", "web").outbounds;
        outbounds.into_iter().find(|o| o.destination.name == "orders").unwrap().protocol
    };
    for (one, other, common) in [
        ("http", "tcp", "tcp"),
        ("grpc", "http2", "http2"),
        ("grpc", "http", "tcp"),
        ("kafka", "http", "tcp"),
        ("tls", "tcp", "unknown"),
    ] {
        assert_eq!(protocol(one, other), common, "{one} and {other}");
        assert_eq!(protocol(other, one), common, "{other} and {one}");
    }
    let twin = |name: &str| dataplane("default", name, "10.0.0.1", &inbound("tls"), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
    let world = build(&[NO_MODE, ALLOW, &twin("orders-1"), &twin("orders-2"), &web]);
    let network = Network::of(&world, "default").unwrap();
    let tagged = &network.meshes.get("default").unwrap().tagged;
    assert_eq!(tagged.get("orders").unwrap().protocol, meshscope::resource::Protocol::Tls);
}

#[test]
fn ingresses_at_one_address_count_once_and_offers_are_of_their_mesh() {
    let second = ingress("west", "192.0.2.1").replace("in-west", "in-west-2");
    let other_mesh = "type: Mesh\nname: other\nskipCreatingInitialPolicies: ['*']\n";
    let alien =
        dataplane("west", "alien-1", "10.2.0.5", &http("alien", 8080), "").replace("mesh: default", "mesh: other");
    let orders = dataplane("west", "orders-1", "10.2.0.1", &http("orders", 8080), "");
    let here = dataplane("east", "orders-1", "10.1.0.1", &http("orders", 8080), "");
    let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY);
    // a zone that offers nothing does not make what is here weigh more
    let idle = ingress("north", "192.0.2.9");
    let world = build(&[
        NO_MODE,
        other_mesh,
        ALLOW,
        &orders,
        &here,
        &alien,
        &web,
        &ingress("west", "192.0.2.1"),
        &second,
        &idle,
    ]);
    let cluster = cluster(&world, "east", "orders");
    let mut all = endpoints(&cluster);
    all.sort();
    assert_eq!(all, [("east".to_owned(), 0, 1), ("west".to_owned(), 0, 1)]);
    let names: Vec<String> =
        proxy(&world, "east", "web").outbounds.iter().map(|o| o.destination.name.clone()).collect();
    assert_eq!(names, ["orders", "web"]);
}

#[test]
fn clusters_without_endpoints_say_why() {
    let reason = |doors: &[&str], name: &str| {
        let orders = dataplane("west", "orders-1", "10.2.0.1", &http("orders", 8080), "");
        let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY);
        let empty = "type: MeshService\nname: empty\nmesh: default\nlabels: {kuma.io/zone: east}\nspec: {selector: {dataplaneTags: \
                     {kuma.io/service: nobody}}, ports: [{port: 80, targetPort: 80}]}\n";
        let unserved =
            "type: MeshService\nname: unserved\nmesh: default\nlabels: {kuma.io/zone: east}\nspec: {selector: \
                        {dataplaneTags: {kuma.io/service: web}}, ports: [{port: 81, targetPort: 81}]}\n";
        let multi =
            "type: MeshMultiZoneService\nname: all\nmesh: default\nspec: {selector: {meshService: {matchLabels: \
                     {kuma.io/zone: east}}}, ports: [{port: 80}]}\n";
        let world = build(&[&[MESH, ALLOW, &orders, &web, empty, unserved, multi], doors].concat());
        cluster(&world, "east", name).reason.unwrap()
    };
    assert_eq!(reason(&[], "orders_"), "it is served by zone `west`, which has no ZoneIngress");
    let hidden =
        "type: ZoneIngress\nname: in\nlabels: {kuma.io/zone: west}\nnetworking: {address: 10.2.0.9, port: 10001}\n";
    let text = reason(&[hidden], "orders_");
    assert!(text.contains("whose ZoneIngress has no advertisedAddress"), "{text}");
    assert_eq!(reason(&[], "empty_"), "its selector selects no Dataplane");
    assert_eq!(
        reason(&[], "unserved_"),
        "`web` of zone `east` is selected, but has no Ready inbound that the port maps to"
    );
    let text = reason(&[], "mzsvc");
    assert!(text.contains("`empty`") && text.contains("its selector selects no Dataplane"), "{text}");
}

#[test]
fn many_that_are_selected_are_named_in_part() {
    let unserved =
        "type: MeshService\nname: unserved\nmesh: default\nspec: {selector: {dataplaneTags: {kuma.io/service: a}}, \
                    ports: [{port: 81, targetPort: 81}]}\n";
    let reason = |count: usize| {
        let many: Vec<String> =
            (0..count).map(|i| dataplane("default", &format!("a-{i}"), "10.0.0.9", &http("a", 80), "")).collect();
        let mut rest = vec![unserved];
        rest.extend(many.iter().map(String::as_str));
        cluster(&shop(&rest), "default", "unserved").reason.unwrap()
    };
    assert!(
        reason(3).starts_with("`a-0` of zone `default`, `a-1` of zone `default`, `a-2` of zone `default` are selected")
    );
    assert!(reason(5).starts_with(
        "`a-0` of zone `default`, `a-1` of zone `default`, `a-2` of zone `default` and others are selected"
    ));
}

#[test]
fn a_group_with_its_tags_is_let_in() {
    let permission = |action: &str| {
        format!(
            "type: MeshTrafficPermission\nname: p\nmesh: default\nspec: {{targetRef: {{kind: Mesh, proxyTypes: [Sidecar]}}, from: \
             [{{targetRef: {{kind: MeshSubset, tags: {{kuma.io/service: web}}}}, default: {{action: {action}}}}}]}}\n"
        )
    };
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), TPROXY);
    let verdict = |action: &str| {
        let report = ask(&build(&[MESH, &permission(action), &orders, &web]), "default", "orders", "/");
        report.backends[0].endpoints[0].permission.permission
    };
    assert_eq!(verdict("Allow"), Permission::Allowed);
    assert_eq!(verdict("AllowWithShadowDeny"), Permission::AllowedWithShadowDeny);
    assert_eq!(verdict("Deny"), Permission::Denied);
}

fn route_with(rule: &str) -> String {
    format!(
        "type: MeshHTTPRoute\nname: r\nmesh: default\nspec: {{to: [{{targetRef: {{kind: MeshService, name: orders}}, rules: \
         [{rule}]}}]}}\n"
    )
}

/// A request of `web` to `orders` that has a header.
fn with_header(name: &str, value: &str) -> RequestInput {
    RequestInput {
        zone: "default".into(),
        mesh: "default".into(),
        proxy: "web".into(),
        to: "orders".into(),
        headers: [(name.to_owned(), value.to_owned())].into(),
        ..RequestInput::default()
    }
}

#[test]
fn a_condition_that_cannot_be_told_leaves_the_request_open() {
    let route = route_with("{matches: [{headers: [{name: x, type: RegularExpression, value: '['}]}], default: {}}");
    let input = with_header("x", "y");
    let world = shop(&[&route]);
    let report = requests::request(&world, &Zones::of(&world), &input);
    assert_eq!(report.outcome, RequestOutcome::NotEvaluated);
    assert!(report.summary.contains(&report.candidates[0].reason), "{}", report.summary);
    assert!(!report.candidates[0].reason.is_empty());
}

#[test]
fn what_is_sent_on_has_the_headers_of_requests_only() {
    let modifier = |kind: &str, field: &str, name: &str| {
        format!("{{type: {kind}, {field}: {{set: [{{name: {name}, value: new}}]}}}}")
    };
    let filters = [
        modifier("RequestHeaderModifier", "requestHeaderModifier", "x-request"),
        modifier("ResponseHeaderModifier", "responseHeaderModifier", "x-response"),
    ];
    let rule = format!(
        "{{matches: [{{path: {{type: PathPrefix, value: /}}}}], default: {{filters: [{}]}}}}",
        filters.join(", ")
    );
    let input = with_header("x-own", "kept");
    let world = shop(&[&route_with(&rule)]);
    let report = requests::request(&world, &Zones::of(&world), &input);
    let forwarded = report.forwarded.unwrap();
    let headers: Vec<(&str, &str)> = forwarded.headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(headers, [("x-own", "kept"), ("x-request", "new")]);
    assert_eq!(forwarded.host.as_deref(), Some("orders"));
    let changed =
        |list: &[meshscope::report::HeaderChangeReport]| list.iter().map(|h| h.name.clone()).collect::<Vec<_>>();
    assert_eq!(changed(&forwarded.response_headers), ["x-response"]);
    assert_eq!(changed(&forwarded.request_headers), ["x-request"]);
    let ask = Ask {
        zone: "default".into(),
        mesh: "default".into(),
        proxy: "web".into(),
        to: "orders".into(),
        ..Ask::default()
    };
    let trace = meshscope::traffic::request::trace(&world, &Zones::of(&world), &ask);
    assert_eq!(trace.forwarded.unwrap().response_headers, Ok(vec![("x-response".to_owned(), "new".to_owned())]));
}

#[test]
fn the_host_of_an_external_service_is_that_of_its_endpoint() {
    let external =
        "type: MeshExternalService\nname: pay\nmesh: default\nspec: {match: {type: HostnameGenerator, port: 443, \
                    protocol: http}, endpoints: [{address: a.test, port: 443}]}\n";
    let egress = "type: ZoneEgress\nname: out\nnetworking: {address: 10.1.0.8, port: 10002}\n";
    let route = route_with(
        "{matches: [{path: {type: PathPrefix, value: /}}], default: {backendRefs: [{kind: MeshExternalService, name: pay}]}}",
    );
    let world = shop(&[external, egress, &route]);
    assert_eq!(ask(&world, "default", "orders", "/").forwarded.unwrap().host, None);
    assert_eq!(ask(&shop(&[]), "default", "orders", "/").forwarded.unwrap().host.as_deref(), Some("orders"));
}

#[test]
fn each_backend_that_gets_nothing_says_why() {
    let dropped = |backend: &str| {
        let rule = format!(
            "{{matches: [{{path: {{type: PathPrefix, value: /}}}}], default: {{backendRefs: [{backend}, {{kind: MeshService, name: \
             orders-v2, port: 8080}}]}}}}"
        );
        let ledger = dataplane(
            "default",
            "ledger-1",
            "10.0.0.5",
            "{port: 6000, tags: {kuma.io/service: ledger, kuma.io/protocol: tcp}}",
            "",
        );
        let world = shop(&[&ledger, &route_with(&rule)]);
        let found = findings(&world, &Zones::of(&world));
        let outbounds = proxy(&world, "default", "web").outbounds;
        let orders = outbounds.into_iter().find(|o| o.destination.name == "orders").unwrap();
        assert!(!orders.routes[0].own_backend, "{:?}", orders.routes);
        (orders.routes[0].dropped[0].reason.clone(), found.first().map(|d| (d.code.text(), d.severity)))
    };
    let warning = Some(("MS0702", Severity::Warning));
    let (why, found) = dropped("{kind: MeshService, labels: {a: b}}");
    assert!(why.starts_with("a MeshService without port means a `kuma.io/service` by its name, and labels"), "{why}");
    assert_eq!(found, warning);
    let (why, found) = dropped("{kind: MeshService, name: ghost}");
    assert!(why.ends_with("no reachable inbound has `ghost`"), "{why}");
    assert_eq!(found, warning);
    let (why, _) = dropped("{kind: MeshService, name: ledger}");
    assert_eq!(why, "its protocol is tcp, which a MeshHTTPRoute cannot send to");
    let (_, found) = dropped("{kind: MeshService, name: orders, port: 8080, weight: 0}");
    assert_eq!(found, Some(("MS0702", Severity::Info)));
}

fn found(world: &World) -> Vec<(&'static str, String)> {
    findings(world, &Zones::of(world)).into_iter().map(|d| (d.code.text(), d.message)).collect()
}

#[test]
fn a_rule_without_backends_is_left_out_or_goes_to_its_destination() {
    let of = |backends: &str| {
        let rule =
            format!("{{matches: [{{path: {{type: PathPrefix, value: /a}}}}], default: {{backendRefs: [{backends}]}}}}");
        let all = found(&shop(&[&route_with(&rule)]));
        all.into_iter().filter(|(code, _)| *code == "MS0703").map(|(_, message)| message).collect::<Vec<_>>()
    };
    let (labels, ghost) =
        ("{kind: MeshService, labels: {a: b}, port: 80}", "{kind: MeshService, name: ghost, port: 80}");
    assert_eq!(of(labels).len(), 1);
    assert!(of(labels)[0].contains("go to the destination that it is for"));
    assert!(of(ghost)[0].contains("the rule is left out"));
    assert!(of(&format!("{labels}, {ghost}"))[0].contains("the rule is left out"));
    assert_eq!(of(&format!("{ghost}, {{kind: MeshService, name: orders, port: 8080}}")), Vec::<String>::new());
}

#[test]
fn a_rule_that_is_left_out_hides_nothing_and_one_of_no_meaning_does() {
    let of = |backends: &str| {
        let rules = format!(
            "{{matches: [{{path: {{type: PathPrefix, value: /a}}}}], default: {{backendRefs: [{backends}]}}}}, {{matches: [{{path: {{type: \
             PathPrefix, value: /a}}, method: GET}}, {{path: {{type: RegularExpression, value: /a/.*}}}}], default: {{}}}}"
        );
        found(&shop(&[&route_with(&rules)])).into_iter().filter(|(code, _)| *code == "MS0701").collect::<Vec<_>>()
    };
    assert_eq!(of("{kind: MeshService, name: ghost, port: 80}"), []);
    let usable = of("{kind: MeshService, name: orders, port: 8080}");
    assert_eq!(
        usable,
        [(
            "MS0701",
            "no request reaches matches[1] of this rule: the rule for path prefix `/a` takes them all before"
                .to_owned()
        )]
    );
    assert_eq!(of("{kind: MeshService, labels: {a: b}, port: 80}"), usable);
    assert_eq!(of("{kind: MeshService, name: ghost, port: 80}, {kind: MeshService, name: orders, port: 8080}"), usable);
}

#[test]
fn a_match_may_be_hidden_by_its_own_rule() {
    let rule = "{matches: [{path: {type: PathPrefix, value: /a}}, {path: {type: RegularExpression, value: /a/.*}}], default: {}}";
    let world = shop(&[&route_with(rule)]);
    let all = findings(&world, &Zones::of(&world));
    assert_eq!(
        all.iter().map(|d| d.message.as_str()).collect::<Vec<_>>(),
        ["no request reaches matches[1] of this rule: its own match for path prefix `/a` takes them all before"]
    );
    let text = &world.sources[0].text;
    let at = all[0].at.as_ref().unwrap().span;
    assert!(text.get(at.start as usize..at.end as usize).unwrap().starts_with("{matches: [{path: {type: PathPrefix"));
}

#[test]
fn an_http_route_does_nothing_only_if_no_port_is_http() {
    let of = |target: &str| {
        let inbounds = format!(
            "{}, {{port: 6000, name: raw, tags: {{kuma.io/service: both, kuma.io/protocol: tcp}}}}",
            http("both", 8080)
        );
        let both = dataplane("default", "both-1", "10.0.0.5", &inbounds, "");
        let route = format!(
            "type: MeshHTTPRoute\nname: r\nmesh: default\nspec: {{to: [{{targetRef: {{kind: MeshService, {target}}}, rules: [{{matches: \
             [{{path: {{type: PathPrefix, value: /a}}}}], default: {{}}}}]}}]}}\n"
        );
        let ledger = dataplane(
            "default",
            "l-1",
            "10.0.0.6",
            "{port: 1, tags: {kuma.io/service: ledger, kuma.io/protocol: tcp}}",
            "",
        );
        found(&shop(&[&both, &ledger, &route])).into_iter().filter(|(code, _)| *code == "MS0704").count()
    };
    assert_eq!(of("name: both"), 0);
    assert_eq!(of("name: both, sectionName: api"), 0);
    assert_eq!(of("name: both, sectionName: raw"), 1);
    assert_eq!(of("name: ghost"), 0);
    // one of those that the labels mean is not enough
    assert_eq!(of("labels: {kuma.io/origin: zone}"), 0);
    assert_eq!(of("name: ledger"), 1);
}

#[test]
fn a_kuma_io_service_is_described_with_its_tags() {
    let world = shop(&[]);
    let view = world.zone("default").unwrap();
    let of = |pairs: &[(&str, &str)]| {
        let tags = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Destination::Tagged { service: "a".into(), tags }.describe(view)
    };
    assert_eq!(of(&[]), "kuma.io/service `a`");
    assert_eq!(of(&[("kuma.io/service", "a")]), "kuma.io/service `a`");
    assert_eq!(of(&[("kuma.io/service", "a"), ("version", "v1")]), "kuma.io/service `a` with tags `version: v1`");
}

/// The selector counts for whether an instance takes part; then every Ready inbound that the port maps to does.
#[test]
fn an_instance_takes_part_while_a_ready_inbound_has_the_tags() {
    let inbounds = |state: &str| {
        format!(
            "{{port: 8080, name: api, state: {state}, tags: {{kuma.io/service: pay, kuma.io/protocol: http}}}}, {{port: 9090, name: more, \
             tags: {{kuma.io/service: more, kuma.io/protocol: http}}}}"
        )
    };
    let service = "type: MeshService\nname: both\nmesh: default\nspec: {selector: {dataplaneTags: {kuma.io/service: pay}}, ports: [{port: 1, \
                   name: api, targetPort: 8080}, {port: 2, name: more, targetPort: 9090}]}\n";
    let ports = |state: &str| {
        let pay = dataplane("default", "pay-1", "10.0.0.6", &inbounds(state), "");
        let world = shop(&[&pay, service]);
        let clusters = proxy(&world, "default", "web").clusters;
        let of_both = clusters.iter().filter(|c| c.destination.name == "both");
        of_both.map(|c| c.endpoints.iter().map(|e| e.port).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(ports("Ready"), [vec![8080], vec![9090]]);
    assert_eq!(ports("NotReady"), [Vec::<u32>::new(), Vec::new()]);
}

#[test]
fn a_kuma_io_service_that_nobody_has_is_said_to_be_unknown() {
    let outbounds = "  outbound: [{port: 1001, address: 127.0.0.1, tags: {kuma.io/service: ghost}}]\n";
    let web = dataplane("default", "web", "10.0.0.3", &http("web", 80), outbounds);
    let reason = cluster(&build(&[NO_MODE, ALLOW, &web]), "default", "ghost").reason.unwrap();
    assert_eq!(reason, "no Ready inbound that can be reached has `kuma.io/service: ghost`");
}

#[test]
fn rules_of_failover_hold_for_real_services_also_where_an_egress_is_on_the_way_of_others() {
    let conf = "{localityAwareness: {crossZone: {failover: [{to: {type: Any}}]}}}";
    let zones = |mesh: &str, to: &str| {
        let orders = ["east", "west"].map(|zone| dataplane(zone, "orders-1", "10.1.0.1", &http("orders", 8080), ""));
        let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), TPROXY);
        let multi =
            "type: MeshMultiZoneService\nname: all\nmesh: default\nspec:\n  selector: {meshService: {matchLabels: \
                     {kuma.io/display-name: orders}}}\n  ports: [{port: 8080, appProtocol: http}]\n";
        let egress =
            "type: ZoneEgress\nname: out\nlabels: {kuma.io/zone: east}\nnetworking: {address: 10.1.0.8, port: 10002}\n";
        build(&[
            mesh,
            ALLOW,
            multi,
            &orders[0],
            &orders[1],
            &web,
            &ingress("west", "192.0.2.1"),
            egress,
            &strategy(to, conf),
        ])
    };
    let of = |world: &World, name: &str| {
        let cluster = cluster(world, "east", name);
        let mut all: Vec<_> = cluster.endpoints.iter().map(|e| (e.zone.clone(), e.priority)).collect();
        all.sort();
        all
    };
    let expected = [("east".to_owned(), 0), ("west".to_owned(), 1)];
    let with_egress = format!("{MESH}routing: {{zoneEgress: true}}\n");
    assert_eq!(of(&zones(&with_egress, "{kind: MeshMultiZoneService, name: all}"), "mzsvc"), expected);
    assert_eq!(of(&zones(NO_MODE, "{kind: MeshService, name: orders}"), "orders"), expected);
}

#[test]
fn an_unnamed_port_is_told_by_its_number() {
    let plain = dataplane(
        "default",
        "plain-1",
        "10.0.0.8",
        "{port: 7000, tags: {kuma.io/service: plain, kuma.io/protocol: http}}",
        "",
    );
    let report = ask(&shop(&[&plain]), "default", "plain:1", "/");
    assert_eq!(report.outbounds[0].reason, "its port is 7000, asked for 1");
}

#[test]
fn one_redirected_port_is_enough_for_transparent_proxying() {
    for ports in ["redirectPortOutbound: 15001", "redirectPortInbound: 15006"] {
        let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
        let web =
            dataplane("default", "web", "10.0.0.3", &http("web", 80), &format!("  transparentProxying: {{{ports}}}\n"));
        let world = build(&[MESH, ALLOW, &orders, &web]);
        assert!(!proxy(&world, "default", "web").outbounds.is_empty(), "{ports}");
    }
}

#[test]
fn the_zone_is_an_affinity_of_those_who_have_its_tag() {
    let strategy = strategy(
        "{kind: MeshService, name: orders}",
        "{localityAwareness: {localZone: {affinityTags: [{key: kuma.io/zone}]}}}",
    );
    let orders = dataplane("default", "orders-1", "10.0.0.1", &http("orders", 8080), "");
    let weights = |inbound: &str| {
        let web = dataplane("default", "web", "10.0.0.3", inbound, TPROXY);
        let world = build(&[MESH, &strategy, &orders, &web]);
        cluster(&world, "default", "orders").endpoints.iter().map(|e| e.locality_weight).collect::<Vec<_>>()
    };
    assert_eq!(weights(&http("web", 80)), [Some(9)]);
    assert_eq!(weights("{port: 80}"), [Some(1)]);
}

#[test]
fn what_has_no_zone_is_named_without_one() {
    let world = two_zones(&[]);
    let view = world.global().unwrap();
    let of = |kind: Kind| {
        let (member, _) = view.of_kind(kind, "default").find(|(_, s)| s.display_name() == "orders").unwrap();
        Absence::NothingServes { selected: vec![member] }.describe(view)
    };
    assert!(of(Kind::MeshMultiZoneService).starts_with("`orders` is selected"), "{}", of(Kind::MeshMultiZoneService));
    assert!(of(Kind::MeshService).starts_with("`orders` of zone `"), "{}", of(Kind::MeshService));
}

#[test]
fn zones_that_no_rule_of_failover_covers_are_named_each_once() {
    let conf = "{localityAwareness: {crossZone: {failover: [{to: {type: None}}]}}}";
    let world = three_zones(&strategy("{kind: MeshMultiZoneService, name: orders}", conf));
    let report = ask(&world, "east", "orders.mzsvc.mesh.local", "/");
    let note = report.backends[0].note.as_deref().unwrap();
    assert_eq!((note.matches("west").count(), note.matches("north").count()), (1, 1), "{note}");
}

#[test]
fn of_written_outbounds_a_mesh_service_of_another_zone_comes_before_a_multi_zone_service() {
    let refs = "  outbound:\n  - {port: 1001, address: 127.0.0.1, backendRef: {kind: MeshMultiZoneService, labels: {all: orders}, port: \
                8080}}\n  - {port: 1002, address: 127.0.0.1, backendRef: {kind: MeshService, labels: {kuma.io/zone: west, \
                kuma.io/display-name: orders}, port: 8080}}\n";
    let multi = "type: MeshMultiZoneService\nname: orders\nmesh: default\nlabels: {all: orders}\nspec:\n  selector: {meshService: \
                 {matchLabels: {kuma.io/display-name: orders}}}\n  ports: [{port: 8080, appProtocol: http}]\n";
    let orders = dataplane("west", "orders-1", "10.2.0.1", &http("orders", 8080), "");
    let web = dataplane("east", "web", "10.1.0.2", &http("web", 80), refs);
    let world = build(&[MESH, ALLOW, multi, &orders, &web, &ingress("west", "192.0.2.1")]);
    let ports: Vec<_> = ask(&world, "east", "orders", "/").outbounds.iter().map(|o| (o.port, o.chosen)).collect();
    assert_eq!(ports, [(1002, true), (1001, false)]);
}
