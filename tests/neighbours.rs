//! Neighbours of what is recorded: rules that Kuma's source or its documentation states and no recorded world asks.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use meshscope::diagnostic::SourceId;
use meshscope::resource::{Environment, Kind};
use meshscope::service::default_generators::default_generators;
use meshscope::service::document;
use meshscope::validate::{self, Candidate, Client, Context, Nothing, Plane, Verdict};
use meshscope::world::{self, Options, Source};
use meshscope::yaml::{self, Limits};
use meshscope::zone::ControlPlane;
use serde_json::json;

/// What Kuma says of the one document: `field: reason`, sorted.
fn said(text: &str) -> Vec<String> {
    said_in(text, Plane::Zone { name: "default".into(), federated: false })
}

fn said_in(text: &str, plane: Plane) -> Vec<String> {
    let violations = verdict(text, plane, Client::Api).rejected.map(|r| r.violations()).unwrap_or_default();
    violations.into_iter().map(|v| format!("{}: {}", v.field, v.reason)).collect()
}

fn verdict(text: &str, plane: Plane, client: Client) -> Verdict {
    let roots: Vec<_> =
        yaml::read(SourceId(0), text, &Limits::default()).documents.into_iter().map(|d| d.root).collect();
    let candidates: Vec<_> = roots
        .iter()
        .map(|root| Candidate {
            root: root.as_deref(),
            partial: None,
            unreadable: None,
            studied: None,
            plane: plane.clone(),
        })
        .collect();
    let context = Context { client, in_file_order: true, assume_meshes: true, existing: &Nothing };
    validate::validate(&candidates, &context).pop().unwrap()
}

/// 4.7: a MeshExternalService that a zone has from global is named without a zone, for it has none.
#[test]
fn synced_external_services_have_no_zone_in_their_name() {
    let generators = default_generators(&ControlPlane::Global, Environment::Universal, "kuma-system");
    let templates: Vec<String> = generators
        .iter()
        .filter_map(|g| match &g.body {
            meshscope::resource::Body::HostnameGenerator(g) if g.selects == Kind::MeshExternalService => {
                Some(g.template.clone())
            }
            _ => None,
        })
        .collect();
    assert_eq!(templates, ["{{ .DisplayName }}.extsvc.mesh.local"]);
}

fn access_log(address: &str) -> Vec<String> {
    said(&format!(
        "type: MeshAccessLog\nname: a\nmesh: default\nspec: {{to: [{{targetRef: {{kind: Mesh}}, default: {{backends: \
         [{{type: Tcp, tcp: {{address: '{address}'}}}}]}}}}]}}\n"
    ))
}

/// The library that Kuma asks takes a host of one label if a scheme or a port tells it from a path.
#[test]
fn an_address_of_one_label_needs_a_port_or_a_scheme() {
    for fine in ["logstash:5000", "http://logstash", "logstash.test", "127.0.0.1:80", "[::1]:80", "a-b.test.:80"] {
        assert_eq!(access_log(fine), Vec::<String>::new(), "{fine}");
    }
    let refused = ["spec.to[0].default.backends[0].tcp.address: tcp backend requires valid address"];
    for wrong in ["logstash", "irc://logstash.test", "-logstash:80", "logstash-:80", "log stash:80", "logstash:port"] {
        assert_eq!(access_log(wrong), refused, "{wrong}");
    }
}

fn tracing(backend: &str) -> Vec<String> {
    said(&format!("type: Mesh\nname: default\ntracing: {{backends: [{{name: z, type: zipkin, {backend}}}]}}\n"))
}

/// A Mesh's Zipkin backend: a request URI with a port, one of three versions, a share of 0 to 100.
#[test]
fn tracing_backends_of_a_mesh() {
    assert_eq!(tracing("conf: {url: 'http://zipkin:9411/api/v2/spans', apiVersion: httpProto}"), Vec::<String>::new());
    assert_eq!(
        tracing("conf: {url: 'http://zipkin.test/api'}"),
        ["tracing.backends[0].config.url: port has to be explicitly specified"]
    );
    assert_eq!(tracing("conf: {url: 'zipkin'}"), ["tracing.backends[0].config.url: invalid URL"]);
    assert_eq!(
        tracing("sampling: 100.1, conf: {url: 'http://z:1', apiVersion: v2}"),
        [
            "tracing.backends[0].config.apiVersion: has invalid value. Allowed values: httpJsonV1, httpJson, httpProto",
            "tracing.backends[0].sampling: has to be in [0.0 - 100.0] range",
        ]
    );
}

/// A Mesh's metrics: applications to scrape have different names.
#[test]
fn applications_to_scrape_have_different_names() {
    assert_eq!(
        said(
            "type: Mesh\nname: default\nmetrics: {backends: [{name: p, type: prometheus, conf: {aggregate: [{name: a, \
             port: 1}, {name: b, port: 2}, {name: a, port: 3}]}}]}\n"
        ),
        ["metrics.backends[0].conf.aggregate[2].name: duplicate entry: a, values have to be unique"]
    );
}

/// A MeshExternalService is printed as it is written, with the schema's defaults in the objects that are there.
#[test]
fn external_services_are_printed_whole() {
    let text = "type: Mesh
name: default
---
type: MeshExternalService
name: a
mesh: default
spec:
  match: {type: HostnameGenerator, port: 443}
  endpoints: [{address: a.test, port: 443, priority: 1}]
  tls: {enabled: true, verification: {subjectAltNames: [{value: a.test}]}}
---
type: MeshExternalService
name: b
mesh: default
spec:
  match: {type: HostnameGenerator, port: 80, protocol: http}
  extension: {type: Lambda, config: {arn: x}}
";
    let world = world::build(
        &[Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }],
        &Options::default(),
    );
    let view = world.views.first().unwrap();
    let specs: Vec<_> =
        view.of_kind(Kind::MeshExternalService, "default").map(|(_, stored)| document::spec(stored)).collect();
    assert_eq!(
        specs,
        [
            json!({
                "match": {"type": "HostnameGenerator", "port": 443, "protocol": "tcp"},
                "endpoints": [{"address": "a.test", "port": 443, "priority": 1}],
                "tls": {
                    "enabled": true,
                    "allowRenegotiation": false,
                    "verification": {"mode": "Secured", "subjectAltNames": [{"type": "Exact", "value": "a.test"}]},
                },
            }),
            json!({
                "match": {"type": "HostnameGenerator", "port": 80, "protocol": "http"},
                "extension": {"type": "Lambda", "config": {"arn": "x"}},
            }),
        ]
    );
}

/// Global may store what a zone has as `zone.name`, which must fit as well.
#[test]
fn names_of_a_federated_zone_are_shorter() {
    let verdict = |federated, length| {
        let name = "n".repeat(length);
        said_in(
            &format!(
                "type: MeshTimeout\nname: {name}\nmesh: default\nspec: {{to: [{{targetRef: {{kind: Mesh}}, default: \
                 {{idleTimeout: 1s}}}}]}}\n"
            ),
            Plane::Zone { name: "east".into(), federated },
        )
        .into_iter()
        .filter(|v| v.starts_with("name"))
        .collect::<Vec<_>>()
    };
    assert_eq!(verdict(true, 247), Vec::<String>::new());
    assert_eq!(verdict(true, 248), ["name: the length of the name must be shorter"]);
    assert_eq!(verdict(false, 248), Vec::<String>::new());
}

/// A Pod's annotation about Envoy's admin interface is part of its Dataplane.
#[test]
fn the_admin_port_of_a_pod_is_written_to_its_dataplane() {
    let spec = |port: &str| {
        let text = format!(
            "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {{name: default}}\n---\napiVersion: v1\nkind: \
             Namespace\nmetadata: {{name: shop, labels: {{kuma.io/sidecar-injection: enabled}}}}\n---\napiVersion: \
             v1\nkind: Pod\nmetadata: {{name: a, namespace: shop, annotations: {{kuma.io/sidecar-injected: 'true', \
             kuma.io/envoy-admin-port: '{port}'}}}}\nspec: {{containers: [{{name: app}}]}}\nstatus: {{podIP: 10.0.0.1}}\n"
        );
        let source =
            Source { name: "cluster.yaml".into(), text: text.into(), zone: Some("east".into()), ..Source::default() };
        let world = world::build(&[source], &Options::default());
        let pod = world.kubernetes.get("east").unwrap().pods.first().unwrap();
        match &pod.result {
            Ok(_) => pod.spec.as_ref().unwrap().to_json().pointer("/networking/admin").cloned(),
            Err(why) => Some(json!(why.explain())),
        }
    };
    assert_eq!(spec("9901"), Some(json!({"port": 9901})));
    assert!(spec("x").unwrap().as_str().unwrap().contains("kuma.io/envoy-admin-port"));
}

/// Go names the field also where a type decodes itself: durations, and numbers that may be text.
#[test]
fn go_names_the_field_of_values_that_decode_themselves() {
    let said = |kind: &str, spec: &str| {
        let root = yaml::read(SourceId(0), &format!("spec: {spec}\n"), &Limits::default()).documents.remove(0).root;
        validate::kubernetes::undecodable(kind, &root.unwrap()).map(|(message, _)| message)
    };
    assert_eq!(
        said("MeshTimeout", "{to: [{targetRef: {kind: Mesh}, default: {http: {requestTimeout: 5}}}]}").unwrap(),
        "json: cannot unmarshal number into Go struct field Http.spec.to.default.http.requestTimeout of type string"
    );
    let port = |target: &str| said("MeshService", &format!("{{ports: [{{port: 80, targetPort: {target}}}]}}"));
    for (target, what) in [("true", "bool"), ("80.5", "number 80.5"), ("4294967296", "number 4294967296")] {
        assert_eq!(
            port(target).unwrap(),
            format!("json: cannot unmarshal {what} into Go struct field Port.spec.ports.targetPort of type int32")
        );
    }
    assert_eq!(port("web"), None);
    assert_eq!(port("8080"), None);
}

/// Envoy's admin interface listens on the loopback address: no inbound, outbound or zone proxy may have its port there.
/// Probes and metrics of a Dataplane are checked as the ports, paths and backends that they are.
#[test]
fn what_stands_beside_the_networking_of_a_dataplane() {
    let dataplane = |networking: &str, more: &str| {
        said(&format!(
            "type: Dataplane\nname: d\nmesh: default\nnetworking: {{address: 10.0.0.1, admin: {{port: 9901}}, \
             {networking}}}\n{more}"
        ))
    };
    let fine = "inbound: [{port: 9901, servicePort: 80, tags: {kuma.io/service: a}}]";
    assert_eq!(dataplane(fine, ""), Vec::<String>::new());
    assert_eq!(
        dataplane(
            "inbound: [{port: 80, servicePort: 9901, serviceAddress: 127.0.0.1, tags: {kuma.io/service: a}}]",
            ""
        ),
        ["networking.admin.port: must differ from inbound"]
    );
    assert_eq!(
        dataplane("outbound: [{port: 9901, tags: {kuma.io/service: a}}]", ""),
        ["networking.admin.port: must differ from outbound"]
    );
    assert_eq!(
        dataplane(fine, "probes: {port: 0, endpoints: [{inboundPort: 80, inboundPath: /ok, path: x}]}\n"),
        ["probes.endpoints[0].path: should be a valid URL Path", "probes.port: port must be in the range [1, 65535]"]
    );
    assert_eq!(
        dataplane(fine, "metrics: {type: statsd}\n"),
        ["metrics.type: unknown backend type. Available backends: \"prometheus\""]
    );
    for (kind, address, refused) in [("ZoneIngress", "127.0.0.1", true), ("ZoneEgress", "10.0.0.1", false)] {
        let text =
            format!("type: {kind}\nname: z\nnetworking: {{address: {address}, port: 10001, admin: {{port: 10001}}}}\n");
        let wanted: &[&str] = if refused { &["networking.admin.port: must differ from port"] } else { &[] };
        assert_eq!(said(&text), wanted);
    }
}

/// Metrics of a Mesh: `skipMTLS` and `tls` may stand together only if they say the same.
#[test]
fn metrics_of_a_mesh_say_once_how_they_are_scraped() {
    let metrics = |conf: &str| {
        said(&format!(
            "type: Mesh\nname: default\nmetrics: {{backends: [{{name: p, type: prometheus, conf: {{{conf}}}}}]}}\n"
        ))
    };
    for fine in ["skipMTLS: false, tls: {mode: activeMTLSBackend}", "skipMTLS: true, tls: {mode: disabled}", "tls: {}"]
    {
        assert_eq!(metrics(fine), Vec::<String>::new(), "{fine}");
    }
    assert_eq!(
        metrics("skipMTLS: true, tls: {mode: providedTLS}"),
        ["metrics.backends[0].conf: skipMTLS and tls configuration cannot be defined together"]
    );
    assert_eq!(
        metrics("envoy: {filterRegex: 'a('}"),
        ["metrics.backends[0].conf.envoy.filterRegex: provided regexp isn't correct"]
    );
}

fn pod_spec(mesh: &str, service: &str, annotations: &str) -> serde_json::Value {
    let text = format!(
        "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {{name: default}}\nspec: {mesh}\n---\napiVersion: v1\nkind: \
         Namespace\nmetadata: {{name: shop, labels: {{kuma.io/sidecar-injection: enabled}}}}\n---\napiVersion: v1\nkind: \
         Service\nmetadata: {{name: zp, namespace: shop, {service}}}\nspec: {{clusterIP: 10.1.0.1, selector: {{app: a}}, \
         ports: [{{port: 10001}}]}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: shop, labels: {{app: \
         a}}, annotations: {{kuma.io/sidecar-injected: 'true', {annotations}}}}}\nspec: {{containers: [{{name: app}}]}}\n\
         status: {{podIP: 10.0.0.1}}\n"
    );
    let source =
        Source { name: "cluster.yaml".into(), text: text.into(), zone: Some("east".into()), ..Source::default() };
    let world = world::build(&[source], &Options::default());
    let pod = world.kubernetes.get("east").unwrap().pods.first().unwrap();
    match &pod.result {
        Ok(_) => pod.spec.as_ref().unwrap().to_json(),
        Err(why) => json!(why.explain()),
    }
}

/// A Pod behind Services of a zone proxy alone has listeners in place of inbounds, in mode Exclusive, and calls nobody.
#[test]
fn zone_proxies_listen() {
    let (exclusive, everywhere) = ("{meshServices: {mode: Exclusive}}", "{meshServices: {mode: Everywhere}}");
    let label = |value: &str| format!("labels: {{k8s.kuma.io/zone-proxy-type: {value}}}");
    let listener = json!({"address": "10.0.0.1", "name": "zp-10001", "port": 10001, "type": "ZoneEgress"});
    assert_eq!(
        pod_spec(exclusive, &label("egress"), "")["networking"],
        json!({"address": "10.0.0.1", "listeners": [listener], "transparentProxying": {"reachableBackends": {}}})
    );
    let elsewhere = pod_spec(everywhere, &label("egress"), "");
    assert_eq!(
        (elsewhere["networking"].get("listeners"), &elsewhere["networking"]["inbound"][0]["port"]),
        (None, &json!(49151))
    );
    let wrong = pod_spec(exclusive, &label("door"), "");
    assert!(wrong
        .as_str()
        .unwrap()
        .contains("service shop/zp has invalid k8s.kuma.io/zone-proxy-type label value \"door\""));
}

/// A Pod's annotations about Prometheus are part of its Dataplane.
#[test]
fn metrics_of_a_pod_are_written_to_its_dataplane() {
    let prefix = "prometheus.metrics.kuma.io";
    let metrics = |annotations: &str| pod_spec("{}", "labels: {}", annotations)["metrics"].clone();
    assert_eq!(metrics(""), serde_json::Value::Null);
    assert_eq!(
        metrics(&format!("{prefix}/port: '9090', {prefix}/path: /m, {prefix}/aggregate-my-app-port: '81'")),
        json!({"type": "prometheus", "conf": {
            "aggregate": [{"enabled": true, "name": "my-app", "path": "/metrics", "port": 81}],
            "path": "/m",
            "port": 9090,
        }})
    );
    let wrong = pod_spec("{}", "labels: {}", &format!("{prefix}/aggregate-app-path: /x"));
    assert!(wrong.as_str().unwrap().contains("port needs to be specified for metrics scraping"));
}

/// A MeshExternalService of a zone is reached through that zone, so the other zones have a copy as of a MeshService.
#[test]
fn external_services_of_a_zone_are_known_in_the_others() {
    let text = "type: Mesh\nname: default\n---\ntype: MeshExternalService\nname: a\nmesh: default\nlabels: {kuma.io/zone: \
                east}\nspec: {match: {type: HostnameGenerator, port: 80}, endpoints: [{address: a.test, port: 80}]}\n---\n\
                type: Dataplane\nname: d\nmesh: default\nlabels: {kuma.io/zone: west}\nnetworking: {address: 10.0.0.1, \
                inbound: [{port: 80, tags: {kuma.io/service: b}}]}\n";
    let source = Source { name: "world.yaml".into(), text: text.into(), ..Source::default() };
    let world = world::build(&[source], &Options::default());
    let west = world.zone("west").unwrap();
    let copies: Vec<_> = west
        .of_kind(Kind::MeshExternalService, "default")
        .map(|(_, s)| (s.kri().to_string(), s.label("kuma.io/origin").map(str::to_owned)))
        .collect();
    assert_eq!(copies, [("kri_extsvc_default_east__a_".to_owned(), Some("global".to_owned()))]);
}

/// What the API says in warning of one document.
fn warned(text: &str) -> Vec<String> {
    verdict(text, Plane::Zone { name: "default".into(), federated: false }, Client::Api).warnings
}

/// Every service has a host name and TLS server names of its name and its ports' names, and each that is no label is
/// warned of (Kuma's `Deprecations` of the three kinds, and of Mesh for its name).
#[test]
fn names_of_services_and_ports_should_be_labels() {
    let rule = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
                character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for \
                validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    let name = |kind: &str, name: &str| {
        format!("Invalid {kind} resource name: '{name}'. It does not conform to the DNS format (RFC 1035). This is deprecated. Errors: {rule}")
    };
    let dots = |kind: &str, port: &str, what: &str| {
        format!("Invalid {kind} SNI (port \"{port}\"): {what}must not contain dots. This is deprecated.")
    };
    assert_eq!(warned("{type: Mesh, name: 1st}"), [name("Mesh", "1st")]);
    assert_eq!(
        warned(
            "{type: MeshExternalService, name: a.b, mesh: default, spec: {match: {type: HostnameGenerator, port: 80}}}"
        ),
        [
            name("MeshExternalService", "a.b"),
            dots("MeshExternalService", "80", "name \"a.b\" does not conform to RFC 1123: ")
        ]
    );
    let spec = "{selector: {meshService: {matchLabels: {a: b}}}, ports: [{port: 80}, {port: 81, name: c.d}]}";
    assert_eq!(
        warned(&format!("{{type: MeshMultiZoneService, name: a, mesh: x.y, spec: {spec}}}")),
        ["80", "c.d", "c.d"]
            .iter()
            .enumerate()
            .map(|(index, port)| {
                let what = if index == 2 { "" } else { "mesh \"x.y\" does not conform to RFC 1123: " };
                dots("MeshMultiZoneService", port, what)
            })
            .collect::<Vec<_>>()
    );
}

/// Names of MeshExternalServices are as long as those of MeshServices; the form of Kuma 3 for their secrets came with
/// 2.14.6.
#[test]
fn names_and_secrets_of_external_services() {
    let service = |name: &str, secret: &str| {
        said(&format!(
            "{{type: MeshExternalService, name: {name}, mesh: default, spec: {{match: {{type: HostnameGenerator, port: 80}}, \
             tls: {{verification: {{caCert: {secret}}}}}}}}}"
        ))
    };
    assert_eq!(service(&"a".repeat(63), "{inlineString: x}"), [""; 0]);
    assert_eq!(service(&"a".repeat(64), "{secret: x}"), ["name: must not be longer than 63 characters"]);
    assert_eq!(service("a", "{type: File}"), [""; 0], "unknown and so ignored");
}

/// kumactl looks at a document's metadata before anything else, with a reader that writes numbers and booleans as text
/// where text is wanted (Kuma's `UnmarshalCore`, sigs.k8s.io/yaml).
#[test]
fn metadata_that_kumactl_cannot_read() {
    let said = |text: &str| {
        let plane = Plane::Zone { name: "default".into(), federated: false };
        verdict(text, plane, Client::Kumactl).rejected.map(|r| r.violations().remove(0).reason).unwrap_or_default()
    };
    let meta = |what: &str| {
        format!("invalid meta type: \"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {what}\"")
    };
    let policy = |members: &str| said(&format!("{{type: MeshTimeout, mesh: default, spec: {{}}, {members}}}"));
    assert_eq!(said("[{type: Mesh, name: a}]"), meta("array into Go value of type v1alpha1.ResourceMeta"));
    assert_eq!(said("some text"), meta("string into Go value of type v1alpha1.ResourceMeta"));
    assert_eq!(policy("name: [a]"), meta("array into Go struct field ResourceMeta.name of type string"));
    assert_eq!(
        policy("name: a, labels: b"),
        meta("string into Go struct field ResourceMeta.labels of type map[string]string")
    );
    assert_eq!(
        policy("name: a, labels: {b: {c: d}}"),
        meta("object into Go struct field ResourceMeta.labels of type string")
    );
    assert_eq!(policy("name: 12"), "name in body must be of type string: \"number\"");
    // and protobuf's JSON takes null for nothing
    let dataplane = "networking: {address: 10.0.0.1, inbound: [{port: 80}]}";
    assert_eq!(said(&format!("{{type: Dataplane, mesh: default, name: d, labels: null, {dataplane}}}")), "");
    assert_eq!(said(&format!("{{type: Dataplane, mesh: default, name: null, {dataplane}}}")), "cannot be empty");
}
