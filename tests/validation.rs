//! What Kuma refuses, document by document, beyond the recorded worlds; and admission on Kubernetes against those.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable,
    reason = "tests fail by panicking"
)]

use meshscope::resource::Labels;
use std::fs;
use std::path::Path;

use meshscope::diagnostic::SourceId;
use meshscope::validate::{self, kubernetes, Candidate, Client, Context, Existing, Nothing, Plane, Role, Verdict};
use meshscope::yaml::{self, Limits, Node};
use serde_json::Value as Json;

fn read(text: &str) -> Vec<Node> {
    yaml::read(SourceId(0), text, &Limits::default()).documents.into_iter().map(|d| *d.root.unwrap()).collect()
}

fn zone() -> Plane {
    Plane::Zone { name: "default".into(), federated: false }
}

fn verdicts(text: &str, plane: &Plane, client: Client, existing: &dyn Existing) -> Vec<Verdict> {
    let roots = read(text);
    let candidate =
        |root| Candidate { root: Some(root), partial: None, unreadable: None, plane: plane.clone(), studied: None };
    let candidates: Vec<_> = roots.iter().map(candidate).collect();
    let context = Context { client, in_file_order: true, assume_meshes: true, existing };
    validate::validate(&candidates, &context)
}

/// What is said of the last document: `field: reason`, sorted.
fn said(text: &str) -> Vec<String> {
    let verdict = verdicts(text, &zone(), Client::Api, &Nothing).pop().unwrap();
    let violations = verdict.rejected.map(|r| r.violations()).unwrap_or_default();
    violations.into_iter().map(|v| format!("{}: {}", v.field, v.reason)).collect()
}

/// What is said of a policy with this specification.
fn policy(kind: &str, spec: &str) -> Vec<String> {
    said(&format!("type: {kind}\nname: p\nmesh: default\nspec: {spec}\n"))
}

#[test]
fn values_of_the_wrong_type_are_refused_by_the_schema() {
    assert_eq!(
        policy("MeshTimeout", "{to: [{targetRef: {kind: 5}, default: {http: []}}]}"),
        [
            "spec.to[0].default.http: in body must be of type object: \"array\"",
            "spec.to[0].targetRef.kind: in body must be of type string: \"number\"",
            "spec.to[0].targetRef.kind: in body should be one of [Mesh MeshSubset MeshGateway MeshService \
             MeshExternalService MeshMultiZoneService MeshServiceSubset MeshHTTPRoute Dataplane]",
        ]
    );
    assert_eq!(
        said("{type: MeshService, name: a, mesh: default, spec: {ports: [{port: 80, targetPort: true}]}}"),
        [
            ": \"spec.ports[0].targetPort\" must validate at least one schema (anyOf)",
            "spec.ports[0].targetPort: in body must be of type integer: \"boolean\"",
        ]
    );
    assert_eq!(
        said("{type: MeshService, name: a, mesh: default, spec: {ports: [{port: 4294967296}]}}"),
        [": Checked value must be of type integer with format int32 in spec.ports[0].port"]
    );
    assert_eq!(
        policy(
            "MeshLoadBalancingStrategy",
            "{to: [{targetRef: {kind: Mesh}, default: {loadBalancer: {type: Maglev, maglev: {tableSize: 6000000}}}}]}"
        ),
        ["spec.to[0].default.loadBalancer.maglev.tableSize: in body should be less than or equal to 5.000011e+06"]
    );
}

#[test]
fn null_is_no_text_but_an_absent_map() {
    assert_eq!(
        said("{type: MeshService, name: a, mesh: default, spec: {selector: null}}"),
        ["spec.selector: in body must be of type object: \"null\""]
    );
    assert_eq!(
        said("{type: Dataplane, name: a, mesh: default, networking: {address: 127.0.0.1, inbound: null}}"),
        [""; 0]
    );
}

#[test]
fn gos_decoder_stops_at_a_bad_duration_before_a_bad_number() {
    assert_eq!(
        policy(
            "MeshRetry",
            "{to: [{targetRef: {kind: Mesh}, default: {http: {numRetries: -1, perTryTimeout: soon}}}]}"
        ),
        [": invalid MeshRetry object: \"time: invalid duration \\\"soon\\\"\""]
    );
}

#[test]
fn kumactl_adds_its_own_words_to_decoding_errors() {
    let text = "{type: MeshTimeout, name: a, mesh: default, spec: {to: [{targetRef: {kind: Mesh}, default: {idleTimeout: x}}]}}";
    let verdict = verdicts(text, &zone(), Client::Kumactl, &Nothing).pop().unwrap();
    assert_eq!(
        verdict.rejected.unwrap().findings[0].violation.reason,
        "invalid MeshTimeout object: \"error unmarshaling JSON: while decoding JSON: time: invalid duration \\\"x\\\"\""
    );
}

#[test]
fn inbound_policies_know_rules_from_and_to() {
    let conf = "default: {connectionLimits: {maxRetries: 3}}";
    assert_eq!(
        policy("MeshCircuitBreaker", &format!("{{rules: [{{{conf}}}], to: [{{targetRef: {{kind: Mesh}}, {conf}}}]}}")),
        ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"]
    );
    assert_eq!(policy("MeshAccessLog", "{}"), ["spec: at least one of 'from', 'to' or 'rules' has to be defined"]);
    let inbound = "targetRef: {kind: Dataplane, labels: {app: a}, sectionName: main}";
    assert_eq!(policy("MeshCircuitBreaker", &format!("{{{inbound}, rules: [{{{conf}}}]}}")), [""; 0]);
}

#[test]
fn gateways_in_scope_leave_no_room_for_inbound_limits() {
    let rate = "default: {local: {http: {requestRate: {num: 1, interval: 1s}}}}";
    assert_eq!(policy("MeshRateLimit", &format!("{{rules: [{{{rate}}}]}}")), ["spec.rules: must not be defined"]);
    let sidecars = "targetRef: {kind: Mesh, proxyTypes: [Sidecar]}";
    assert_eq!(policy("MeshRateLimit", &format!("{{{sidecars}, rules: [{{{rate}}}]}}")), [""; 0]);
    assert_eq!(
        policy("MeshRateLimit", &format!("{{{sidecars}, to: [{{targetRef: {{kind: Mesh}}, {rate}}}]}}")),
        ["spec.to: must not be defined"]
    );
    assert_eq!(
        policy(
            "MeshRateLimit",
            &format!("{{{sidecars}, rules: [{{default: {{local: {{tcp: {{connectionRate: {{num: 0, interval: 50ms}}}}}}}}}}]}}")
        ),
        [
            "spec.rules[0].default.local.tcp.connectionRate.interval: must be greater than: 50ms",
            "spec.rules[0].default.local.tcp.connectionRate.num: must be greater than 0",
        ]
    );
}

#[test]
fn faults_have_their_index_behind_their_kind() {
    assert_eq!(
        policy(
            "MeshFaultInjection",
            "{targetRef: {kind: Dataplane}, rules: [{matches: [{spiffeID: {type: Exact, value: nobody}}], default: {http: \
             [{abort: {httpStatus: 600, percentage: 101}, responseBandwidth: {limit: 5Mb, percentage: x}}]}}]}"
        ),
        [
            "spec.rules[0].default.http.abort[0].httpStatus: must be in inclusive range [100, 599]",
            "spec.rules[0].default.http.abort[0].percentage: must be in inclusive range [0.0, 100.0]",
            "spec.rules[0].default.http.responseBandwidth[0].percentage: string must be a valid number",
            "spec.rules[0].default.http.responseBandwidth[0].responseBandwidth: must be in kbps/Mbps/Gbps units",
            "spec.rules[0].matches[0].spiffeID: must be a valid Spiffe ID: scheme is missing or invalid",
        ]
    );
}

#[test]
fn permissions_by_rules_name_somebody() {
    assert_eq!(
        policy("MeshTrafficPermission", "{rules: [{default: {}}]}"),
        ["spec.rules[0]: at least one of 'allow', 'allowWithShadowDeny', 'deny' has to be defined"]
    );
    assert_eq!(
        policy(
            "MeshTrafficPermission",
            "{rules: [{default: {allow: [{spiffeID: {type: Prefix, value: 'spiffe://a/'}}]}}]}"
        ),
        ["spec.rules[0].allow[0].spiffeID: must be a valid Spiffe ID: path cannot have a trailing slash"]
    );
}

#[test]
fn retries_say_when() {
    assert_eq!(
        policy(
            "MeshRetry",
            "{to: [{targetRef: {kind: Mesh}, default: {http: {retryOn: [5xx, '503', '599', Sometimes], backOff: {}, \
             rateLimitedBackOff: {maxInterval: 0s}, hostSelection: [{predicate: OmitHostsWithTags}]}, grpc: {}}}]}"
        ),
        [
            "spec.to[0].default.conf.grpc: must not be empty",
            "spec.to[0].default.conf.http.backOff: must not be empty",
            "spec.to[0].default.conf.http.hostSelection[0].tags: must be defined",
            "spec.to[0].default.conf.http.rateLimitedBackOff.maxInterval: must be defined and greater than zero",
            "spec.to[0].default.conf.http.rateLimitedBackOff.resetHeaders: must be defined",
            "spec.to[0].default.conf.http.retryOn[2]: unknown item '599'",
            "spec.to[0].default.conf.http.retryOn[3]: unknown item 'Sometimes'",
        ]
    );
}

#[test]
fn outliers_need_a_detector() {
    assert_eq!(
        policy("MeshCircuitBreaker", "{to: [{targetRef: {kind: Mesh}, default: {outlierDetection: {}}}]}"),
        ["spec.to[0].default.outlierDetection.detectors: must be defined"]
    );
    assert_eq!(
        policy(
            "MeshCircuitBreaker",
            "{to: [{targetRef: {kind: Mesh}, default: {outlierDetection: {healthyPanicThreshold: '120', detectors: \
             {successRate: {standardDeviationFactor: '0', minimumHosts: 0}}}}}]}"
        ),
        [
            "spec.to[0].default.outlierDetection.detectors.successRate.minimumHosts: must be greater than 0",
            "spec.to[0].default.outlierDetection.detectors.successRate.standardDeviationFactor: must be greater than 0",
            "spec.to[0].default.outlierDetection.healthyPanicThreshold: must be in inclusive range [0.0, 100.0]",
        ]
    );
}

#[test]
fn external_services_are_configured_for_the_whole_mesh() {
    let to = "to: [{targetRef: {kind: MeshExternalService, name: x}, default: {connectionLimits: {maxRetries: 1}}}]";
    assert_eq!(
        policy("MeshCircuitBreaker", &format!("{{targetRef: {{kind: Dataplane}}, {to}}}")),
        ["spec.to[0].targetRef.kind: kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is \
          configured on the Zone Egress and shared by all clients in the mesh"]
    );
    assert_eq!(policy("MeshCircuitBreaker", &format!("{{{to}}}")), [""; 0]);
}

#[test]
fn passthrough_destinations_make_sense() {
    assert_eq!(
        policy(
            "MeshPassthrough",
            "{default: {passthroughMode: Matched, appendMatch: [{type: Domain, value: '*.a.test', protocol: http}, {type: \
             IP, value: a, port: 1}, {type: CIDR, value: 10.0.0.0/33, port: 2}, {type: Domain, value: b.test, port: 3}]}}"
        ),
        [
            "spec.default.appendMatch[0].port: wildcard domains doesn't work for all ports and layer 7 protocol",
            "spec.default.appendMatch[1].value: provided IP has incorrect value",
            "spec.default.appendMatch[2].value: provided CIDR has incorrect value",
            "spec.default.appendMatch[3].protocol: protocol tcp is not supported for a domain",
        ]
    );
}

#[test]
fn ciphers_belong_to_the_whole_mesh() {
    assert_eq!(
        policy("MeshTLS", "{targetRef: {kind: Dataplane}, rules: [{default: {tlsVersion: {min: TLS13}}}]}"),
        ["spec.rules[0].default.tlsVersion: tlsVersion can only be defined with top level targetRef kind: Mesh"]
    );
    assert_eq!(
        policy("MeshTLS", "{rules: [{default: {tlsVersion: {min: TLS13, max: TLS12}}}]}"),
        ["spec.rules[0].default.tlsVersion.min: min version must be lower than max"]
    );
}

#[test]
fn traces_go_to_one_place() {
    assert_eq!(
        policy(
            "MeshTrace",
            "{default: {backends: [{type: Datadog, datadog: {url: 'https://a.test/x'}}], sampling: {overall: 101}, tags: \
             [{name: t, literal: l, header: {name: h}}]}}"
        ),
        [
            "spec.default.backends[0].datadog.url: path must not be defined",
            "spec.default.backends[0].datadog.url: port must be defined",
            "spec.default.backends[0].datadog.url: scheme must be http",
            "spec.default.sampling.overall: must be between 0 and 100",
            "spec.default.tags[0]: tag must have only one type defined: header, literal",
        ]
    );
}

#[test]
fn hashing_is_said_once() {
    let hash = "[{type: Header, header: {name: x}}]";
    assert_eq!(
        policy(
            "MeshLoadBalancingStrategy",
            &format!(
                "{{to: [{{targetRef: {{kind: MeshService, name: a, sectionName: b}}, default: {{hashPolicies: {hash}, \
                 loadBalancer: {{type: RingHash, ringHash: {{hashPolicies: {hash}}}}}, localityAwareness: {{crossZone: \
                 {{}}}}}}}}]}}"
            )
        ),
        [
            "spec.to[0].default.loadBalancer.ringHash.hashPolicies: hashPolicies already specified in the root level",
            "spec.to[0].default.localityAwareness.crossZone: must not be set: MeshService traffic is local",
        ]
    );
}

#[test]
fn envoy_patches_are_one_at_a_time() {
    assert_eq!(
        policy(
            "MeshProxyPatch",
            "{default: {appendModifications: [{}, {cluster: {operation: Patch}}, {httpFilter: {operation: AddBefore}}]}}"
        ),
        [
            "spec.default.appendModifications[0]: exactly one modification can be defined at a time. Currently, 0 \
             modifications are defined",
            "spec.default.appendModifications[1].cluster: cluster must have exactly one defined: value, jsonPatches",
            "spec.default.appendModifications[2].httpFilter.match.name: must be defined. You need to pick a filter before \
             which this one will be added",
            "spec.default.appendModifications[2].httpFilter.value: must be defined",
        ]
    );
}

#[test]
fn a_mesh_keeps_its_sections_in_order() {
    assert_eq!(
        said(
            "{type: Mesh, name: a, routing: {zoneEgress: true}, logging: {defaultBackend: x, backends: [{name: '', type: \
             file, conf: {path: ''}}]}, metrics: {backends: [{name: m, type: carbon}]}}"
        ),
        [
            "logging.backends[0].config.path: cannot be empty",
            "logging.backends[0].name: cannot be empty",
            "logging.defaultBackend: has to be set to one of the logging backend in mesh",
            "metrics.backends[0].type: unknown backend type. Available backends: \"prometheus\"",
            "mtls: has to be set when zoneEgress enabled",
        ]
    );
}

#[test]
fn replaced_resources_keep_their_display_name() {
    struct Orders;
    impl Existing for Orders {
        fn generated(&self, _: usize, _: &Plane, kind: &str, _: &str, name: &str) -> Option<Labels> {
            (kind == "MeshService" && name == "orders")
                .then(|| Labels::from([("kuma.io/display-name".into(), "orders".into())]))
        }
    }
    let document = "{type: MeshService, name: orders, mesh: default, spec: {}}";
    let refused = |text: &str| {
        let verdict = verdicts(text, &zone(), Client::Api, &Orders).pop().unwrap();
        verdict.rejected.map(|r| format!("{} {}", r.findings[0].violation.field, r.findings[0].violation.reason))
    };
    assert_eq!(
        refused(document).unwrap(),
        "labels[\"kuma.io/display-name\"] is immutable, cannot be removed (was \"orders\")"
    );
    let kept = "{type: MeshService, name: orders, mesh: default, labels: {kuma.io/display-name: orders}, spec: {}}";
    assert_eq!(refused(kept), None);
}

#[test]
fn kinds_belong_to_control_planes() {
    let status = |text: &str, plane: &Plane| {
        verdicts(text, plane, Client::Api, &Nothing).pop().unwrap().rejected.map(|r| r.status)
    };
    let federated = Plane::Zone { name: "east".into(), federated: true };
    let service = "{type: MeshService, name: a, mesh: default, spec: {}}";
    assert_eq!(status(service, &Plane::Global), Some(405));
    assert_eq!(status(service, &federated), None);
    let multi = "{type: MeshMultiZoneService, name: a, mesh: default, spec: {selector: {meshService: {matchLabels: {a: b}}}, ports: [{port: 1}]}}";
    assert_eq!(status(multi, &Plane::Global), None);
    assert_eq!(status(multi, &federated), Some(405));
    assert_eq!(status(multi, &zone()), None);
}

#[test]
fn findings_point_into_the_text() {
    let text = "type: MeshTimeout\nname: a\nmesh: default\nspec:\n  to:\n  - targetRef: {kind: MeshSubset}\n    default: {idleTimeout: 1s}\n";
    let verdict = verdicts(text, &zone(), Client::Api, &Nothing).pop().unwrap();
    let diagnostics = validate::diagnostics(&verdict, "MeshTimeout", SourceId(0), yaml::Span::default());
    let span = diagnostics[0].at.unwrap().span;
    assert_eq!(&text[span.start as usize..span.end as usize], "MeshSubset");
    assert_eq!(diagnostics[0].message, "Kuma refuses `spec.to[0].targetRef.kind`: value 'MeshSubset' is not supported");
    assert_eq!(diagnostics[0].code.text(), "MS0301");
}

/// Each recorded object of a Kubernetes zone is refused by the stage and in the words of Kuma and the API server, loses
/// the same fields and gets the same warnings. What depends on the rest of the cluster (roles, who may create what) is not
/// looked at here.
#[test]
fn objects_are_refused_as_the_api_server_and_the_webhooks_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/kubernetes");
    let mut compared = 0;
    for world in fs::read_dir(root).unwrap().map(|e| e.unwrap().path()) {
        let Ok(text) = fs::read_to_string(world.join("world.yaml")) else { continue };
        let answers: Json = serde_json::from_str(&fs::read_to_string(world.join("answers.json")).unwrap()).unwrap();
        let objects = read(&text);
        for entry in answers["admission"].as_array().into_iter().flatten() {
            let object = entry["object"].as_str().unwrap();
            let (kind, rest) = object.split_once(' ').unwrap();
            let (namespace, name) = rest.split_once('/').map_or((None, rest), |(n, o)| (Some(n), o));
            let found = objects.iter().find(|o| {
                let meta = o.get("metadata");
                o.text("kind") == Some(kind)
                    && meta.and_then(|m| m.text("name")) == Some(name)
                    && namespace.is_none_or(|n| meta.and_then(|m| m.text("namespace")) == Some(n))
            });
            let Some(object) = found.filter(|_| entry["kumaWebhooksRan"] == true) else { continue };
            let role = if namespace.is_none_or(|n| n == "kuma-system") { Role::System } else { Role::Namespaced };
            let ours = match kubernetes::undecodable(kind, object) {
                Some((message, _)) => Some(("defaulter-webhook", message)),
                None => match kubernetes::schema(kind, object) {
                    findings if !findings.is_empty() => Some(("crd-schema", kubernetes::message(&findings))),
                    _ => match kubernetes::validator(kind, object, role, name) {
                        findings if !findings.is_empty() => Some(("validator-webhook", kubernetes::message(&findings))),
                        _ => None,
                    },
                },
            };
            let theirs = entry["stage"].as_str().map(|stage| (stage, entry["message"].as_str().unwrap().to_owned()));
            if theirs.as_ref().is_some_and(|(_, message)| message.starts_with("it's not allowed to mix")) {
                continue;
            }
            assert_eq!(theirs, ours, "{}: {rest}", world.display());
            if theirs.is_none() {
                let warnings = Json::from(kubernetes::warnings(kind, object));
                assert_eq!(entry.get("warnings").cloned().unwrap_or(Json::Array(Vec::new())), warnings, "{rest}");
            }
            let dropped: Vec<String> = kubernetes::dropped(kind, object).into_iter().map(|(path, _)| path).collect();
            assert_eq!(
                entry.get("unknownFieldsDropped").cloned().unwrap_or(Json::Array(Vec::new())),
                Json::from(dropped)
            );
            compared += 1;
        }
    }
    assert!(compared > 60, "only {compared} objects were compared");
}

#[test]
fn diagnostics_say_what_to_write_instead() {
    let first = |text: &str| {
        let verdict = verdicts(text, &zone(), Client::Api, &Nothing).pop().unwrap();
        let diagnostic = validate::diagnostics(&verdict, "MeshTimeout", SourceId(0), yaml::Span::default()).remove(0);
        (diagnostic.code.text(), diagnostic.help.unwrap_or_default())
    };
    let timeout = |conf: &str| {
        first(&format!(
            "{{type: MeshTimeout, name: a, mesh: default, spec: {{to: [{{targetRef: {{kind: Mesh}}, default: {conf}}}]}}}}"
        ))
    };
    assert_eq!(timeout("{idleTimeout: '10'}"), ("MS0301", "add a unit, such as `10s`".into()));
    assert_eq!(
        timeout("{idleTimeout: 10}"),
        ("MS0109", "quote it; if it is a duration, it also needs a unit, such as `10s`".into())
    );
    let state = "{type: MeshService, name: a, mesh: default, spec: {state: Up}}";
    assert_eq!(first(state), ("MS0301", "write one of `Available`, `Unavailable`".into()));
}

/// Whatever stands in place of any one value of a recorded document, there is a verdict, and it points into the text.
#[test]
fn any_value_anywhere_gets_a_verdict() {
    fn places(node: &Node, path: &mut Vec<usize>, out: &mut Vec<Vec<usize>>) {
        out.push(path.clone());
        let children: Vec<&Node> = match &node.value {
            yaml::Value::Seq(items) => items.iter().collect(),
            yaml::Value::Map(map) => map.entries.iter().map(|e| &e.value).collect(),
            _ => Vec::new(),
        };
        for (index, child) in children.into_iter().enumerate() {
            path.push(index);
            places(child, path, out);
            path.pop();
        }
    }
    fn at<'a>(node: &'a mut Node, path: &[usize]) -> &'a mut Node {
        path.iter().fold(node, |node, index| match &mut node.value {
            yaml::Value::Seq(items) => &mut items[*index],
            yaml::Value::Map(map) => &mut map.entries[*index].value,
            _ => unreachable!("paths lead through lists and mappings"),
        })
    }
    let values = [
        yaml::Value::Null,
        yaml::Value::Bool(true),
        yaml::Value::Int(-1),
        yaml::Value::Float(0.5),
        yaml::Value::String("ünicode \u{1f980}".into()),
        yaml::Value::Seq(Vec::new()),
        yaml::Value::Map(yaml::Map::default()),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/universal");
    let mut changed = 0;
    for world in [
        "invalid-policy-confs",
        "invalid-http-routes",
        "invalid-dataplane-outbounds",
        "invalid-multizone-and-external-services",
    ] {
        for document in read(&fs::read_to_string(root.join(world).join("world.yaml")).unwrap()) {
            let mut all = Vec::new();
            places(&document, &mut Vec::new(), &mut all);
            for path in all {
                for value in &values {
                    let mut node = document.clone();
                    at(&mut node, &path).value = value.clone();
                    let candidate =
                        Candidate { root: Some(&node), partial: None, unreadable: None, plane: zone(), studied: None };
                    let context = Context {
                        client: Client::Kumactl,
                        in_file_order: false,
                        assume_meshes: true,
                        existing: &Nothing,
                    };
                    let verdict = validate::validate(&[candidate], &context).pop().unwrap();
                    for finding in verdict.rejected.into_iter().flat_map(|r| r.findings) {
                        assert!(document.span.start <= finding.span.start && finding.span.end <= document.span.end);
                        assert!(!finding.violation.reason.is_empty());
                    }
                    changed += 1;
                }
            }
        }
    }
    assert!(changed > 10_000, "only {changed} documents were checked");
}
