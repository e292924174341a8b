//! Gateway API HTTPRoutes whose parent is a Service: the MeshHTTPRoutes that Kuma writes for them (section 14).

use crate::collections::{Gather, SortedMap};

use crate::resource::{label, Body, Environment, Kind, Labels, Policy, Provenance, Resource};
use crate::unicode;
use crate::yaml::{Node, Span};

use super::annotation;
use super::object::{service_tag, Meta, Service};
use super::{build, Cluster};

/// What stands for a backend that cannot be resolved.
const UNRESOLVED: &str = "kuma.io/unresolved-backend";

/// What became of an HTTPRoute.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteOutcome {
    /// `namespace/name`.
    pub key: String,
    /// Its metadata.
    pub meta: Meta,
    /// Per parentRef: what became of it.
    pub parents: Vec<(String, ParentOutcome)>,
    /// The MeshHTTPRoutes, with their `spec` as Kuma writes it.
    pub routes: Vec<(Resource, Node)>,
    /// Backends that do not resolve.
    pub unresolved: Vec<Unresolved>,
}

/// A backend that does not resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The reason of condition `ResolvedRefs`: `BackendNotFound` or `InvalidKind`.
    pub reason: &'static str,
    /// Kuma's message.
    pub message: String,
}

impl RouteOutcome {
    /// The conditions that Kuma writes, `Service/cart Accepted=True Accepted`, two for every parent that exists.
    pub fn conditions(&self) -> Vec<String> {
        let attached = self.parents.iter().filter(|(_, what)| matches!(what, ParentOutcome::Attached(_)));
        let resolved = match self.unresolved.first() {
            None => "ResolvedRefs=True ResolvedRefs".to_owned(),
            Some(unresolved) => format!("ResolvedRefs=False {}", unresolved.reason),
        };
        attached
            .flat_map(|(parent, _)| [format!("{parent} Accepted=True Accepted"), format!("{parent} {resolved}")])
            .gather()
    }
}

/// What became of a parentRef.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParentOutcome {
    /// It gives a MeshHTTPRoute of this name.
    Attached(String),
    /// The Service does not exist: nothing, and no condition.
    ServiceNotFound,
    /// Not a Service; Gateways are not evaluated here.
    OtherKind(String),
    /// The route's Namespace is not in the input.
    NamespaceNotPasted,
}

/// Works out what becomes of every HTTPRoute.
pub fn routes(cluster: &Cluster) -> Vec<RouteOutcome> {
    cluster.routes.iter().map(|(meta, node)| route(cluster, meta, node)).gather()
}

fn route(cluster: &Cluster, meta: &Meta, node: &Node) -> RouteOutcome {
    let mut out = RouteOutcome {
        key: meta.key(),
        meta: meta.clone(),
        parents: Vec::new(),
        routes: Vec::new(),
        unresolved: Vec::new(),
    };
    let parents = node.get("spec").map(|s| s.items("parentRefs")).unwrap_or_default();
    let rules: Vec<Node> = node
        .get("spec")
        .map(|s| s.items("rules"))
        .unwrap_or_default()
        .iter()
        .map(|rule| mesh_rule(cluster, meta, rule, &mut out.unresolved))
        .gather();
    // two parents of one Service have one name: the later one stays
    let mut routes: SortedMap<String, (Resource, Node)> = SortedMap::new();
    for parent in parents {
        let kind = parent.text("kind").unwrap_or("Gateway");
        let group = parent.get("group").and_then(Node::as_str).unwrap_or("gateway.networking.k8s.io");
        let name = parent.text("name").unwrap_or_default();
        let namespace = parent.text("namespace").filter(|n| !n.is_empty()).unwrap_or(&meta.namespace);
        let described = format!("{kind}/{name}");
        let outcome = match () {
            () if kind != "Service" || !(group.is_empty() || group == "gateway.networking.k8s.io") => {
                ParentOutcome::OtherKind(kind.to_owned())
            }
            () if cluster.namespace(&meta.namespace).is_none() => ParentOutcome::NamespaceNotPasted,
            () => match service(cluster, name, namespace) {
                None => ParentOutcome::ServiceNotFound,
                Some(service) => {
                    let port = parent.get("port").and_then(Node::as_i64);
                    let (resource, spec) = mesh_route(cluster, meta, service, port, &rules);
                    let name = resource.name.clone();
                    routes.insert(name.clone(), (resource, spec));
                    ParentOutcome::Attached(name)
                }
            },
        };
        out.parents.push((described, outcome));
    }
    out.routes = routes.into_values().gather();
    out
}

fn service<'a>(cluster: &'a Cluster, name: &str, namespace: &str) -> Option<&'a Service> {
    cluster.services.iter().find(|s| s.meta.name == name && s.meta.namespace == namespace)
}

fn mesh_route(
    cluster: &Cluster,
    route: &Meta,
    parent: &Service,
    port: Option<i64>,
    rules: &[Node],
) -> (Resource, Node) {
    let service = &parent.meta;
    let same_namespace = route.namespace == service.namespace;
    let target_ref = match same_namespace {
        // a producer's route applies to everybody, any other to the clients of its namespace
        true => build::map([("kind", Some(build::text("Mesh")))]),
        false => build::map([
            ("kind", Some(build::text("MeshSubset"))),
            ("tags", Some(build::strings(&Labels::from([(label::NAMESPACE.into(), route.namespace.as_str().into())])))),
        ]),
    };
    let ports: Vec<i64> = match port {
        Some(port) => vec![port],
        None => parent.ports.iter().map(|p| p.port).gather(),
    };
    let to = ports.into_iter().map(|port| {
        build::map([
            ("rules", (!rules.is_empty()).then(|| build::seq(rules.iter().cloned()))),
            (
                "targetRef",
                Some(build::map([
                    ("kind", Some(build::text("MeshService"))),
                    ("name", Some(build::text(service_tag(&service.name, &service.namespace, Some(port))))),
                ])),
            ),
        ])
    });
    let spec = build::map([("targetRef", Some(target_ref)), ("to", Some(build::seq(to)))]);
    let mesh = cluster.mesh_of(route);
    let resource = Resource {
        kind: Kind::MeshHTTPRoute,
        mesh: mesh.clone(),
        name: format!("{}-{}-{}.{}", route.name, route.namespace, service.name, service.namespace),
        namespace: Some(cluster.system_namespace.clone()),
        labels: Labels::from([
            (annotation::ROUTE_OWNER.into(), owner_label(&route.namespace, &route.name).into()),
            (label::MESH.into(), mesh.into()),
        ]),
        annotations: Labels::new(),
        created: route.created.clone(),
        environment: Environment::Kubernetes,
        provenance: Provenance::Generated,
        name_span: Span::default(),
        body: Body::Policy(Box::new(Policy::read(Kind::MeshHTTPRoute, &spec))),
    };
    (resource, spec)
}

/// `namespace_name`, at most 54 characters, and FNV-1 (32 bit, in hexadecimal) over both.
fn owner_label(namespace: &str, name: &str) -> String {
    let hash = namespace
        .bytes()
        .chain(name.bytes())
        .fold(0x811c_9dc5_u32, |hash, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(byte));
    let whole: String = format!("{namespace}_{name}").chars().take(54).gather();
    format!("{whole}-{hash:08x}")
}

fn mesh_rule(cluster: &Cluster, route: &Meta, rule: &Node, unresolved: &mut Vec<Unresolved>) -> Node {
    let matches: Vec<Node> = match rule.items("matches") {
        // what the API server fills in
        [] => vec![build::map([("path", Some(path("PathPrefix", "/")))])],
        written => written.iter().filter_map(mesh_match).gather(),
    };
    let filters: Vec<Node> =
        rule.items("filters").iter().filter_map(|f| mesh_filter(cluster, route, f, unresolved)).gather();
    let backends: Vec<Node> = rule
        .items("backendRefs")
        .iter()
        .map(|backend| {
            let (kind, name, tags) = backend_target(cluster, route, backend, unresolved);
            build::map([
                ("kind", Some(build::text(kind))),
                ("name", Some(build::text(name))),
                ("tags", tags.map(|t| build::strings(&t))),
                ("weight", Some(build::number(backend.get("weight").and_then(Node::as_i64).unwrap_or(1)))),
            ])
        })
        .gather();
    let list = |nodes: Vec<Node>| (!nodes.is_empty()).then(|| build::seq(nodes));
    build::map([
        ("default", Some(build::map([("backendRefs", list(backends)), ("filters", list(filters))]))),
        ("matches", Some(build::seq(matches))),
    ])
}

fn backend_target(
    cluster: &Cluster,
    route: &Meta,
    backend: &Node,
    unresolved: &mut Vec<Unresolved>,
) -> (&'static str, String, Option<Labels>) {
    let group = backend.get("group").and_then(Node::as_str).unwrap_or_default();
    let kind = backend.text("kind").unwrap_or("Service");
    let name = backend.text("name").unwrap_or_default();
    let namespace = backend.text("namespace").filter(|n| !n.is_empty()).unwrap_or(&route.namespace);
    if kind != "Service" || !group.is_empty() {
        let message = "backend reference must be Service or externalservice.kuma.io".into();
        unresolved.push(Unresolved { reason: "InvalidKind", message });
        return ("MeshService", UNRESOLVED.into(), None);
    }
    match service(cluster, name, namespace) {
        Some(_) => {
            let port = backend.get("port").and_then(Node::as_i64);
            let zone = Labels::from([(label::ZONE_TAG.into(), cluster.zone().into())]);
            ("MeshServiceSubset", service_tag(name, namespace, port), Some(zone))
        }
        None => {
            let message = format!("backend reference references a non-existent Service \"{namespace}/{name}\"");
            unresolved.push(Unresolved { reason: "BackendNotFound", message });
            ("MeshService", UNRESOLVED.into(), None)
        }
    }
}

fn path(kind: &str, value: &str) -> Node {
    build::map([("type", Some(build::text(kind))), ("value", Some(build::text(value)))])
}

fn mesh_match(node: &Node) -> Option<Node> {
    let written = node.get("path");
    let kind = written.and_then(|p| p.text("type")).unwrap_or("PathPrefix");
    let value = written.and_then(|p| p.text("value")).unwrap_or("/");
    // Kuma's routes allow no slash at the end of a prefix
    let value = match kind == "PathPrefix" && value != "/" {
        true => value.strip_suffix('/').unwrap_or(value),
        false => value,
    };
    let headers = node.items("headers").iter().map(|h| {
        build::map([
            ("name", Some(build::text(unicode::lower(h.text("name").unwrap_or_default())))),
            ("type", Some(build::text(h.text("type").unwrap_or("Exact")))),
            ("value", Some(build::text(h.text("value").unwrap_or_default()))),
        ])
    });
    let headers: Vec<Node> = headers.gather();
    let params = node.items("queryParams").iter().map(|q| {
        let kind = q.text("type").unwrap_or("Exact");
        matches!(kind, "Exact" | "RegularExpression").then(|| {
            build::map([
                ("name", Some(build::text(q.text("name").unwrap_or_default()))),
                ("type", Some(build::text(kind))),
                ("value", Some(build::text(q.text("value").unwrap_or_default()))),
            ])
        })
    });
    let params: Vec<Node> = params.gather::<Option<_>>()?;
    let list = |nodes: Vec<Node>| (!nodes.is_empty()).then(|| build::seq(nodes));
    Some(build::map([
        ("headers", list(headers)),
        ("method", node.text("method").map(build::text)),
        ("path", Some(path(kind, value))),
        ("queryParams", list(params)),
    ]))
}

fn mesh_filter(cluster: &Cluster, route: &Meta, filter: &Node, unresolved: &mut Vec<Unresolved>) -> Option<Node> {
    let kind = filter.text("type")?;
    let (key, value) = match kind {
        "RequestHeaderModifier" => ("requestHeaderModifier", header_modifier(filter.get("requestHeaderModifier")?)),
        "ResponseHeaderModifier" => ("responseHeaderModifier", header_modifier(filter.get("responseHeaderModifier")?)),
        "URLRewrite" => {
            let rewrite = filter.get("urlRewrite")?;
            let path = match rewrite.get("path") {
                Some(path) => Some(path_rewrite(path)?),
                None => None,
            };
            ("urlRewrite", build::map([("hostname", rewrite.text("hostname").map(build::text)), ("path", path)]))
        }
        "RequestRedirect" => {
            let redirect = filter.get("requestRedirect")?;
            let path = match redirect.get("path") {
                Some(path) => Some(path_rewrite(path)?),
                None => None,
            };
            let port = redirect.get("port").and_then(Node::as_i64).or_else(|| match redirect.text("scheme") {
                Some("http") => Some(80),
                Some("https") => Some(443),
                _ => None,
            });
            let status = redirect.get("statusCode").and_then(Node::as_i64).unwrap_or(302);
            (
                "requestRedirect",
                build::map([
                    ("hostname", redirect.text("hostname").map(build::text)),
                    ("path", path),
                    ("port", port.map(build::number)),
                    ("scheme", redirect.text("scheme").map(build::text)),
                    ("statusCode", Some(build::number(status))),
                ]),
            )
        }
        "RequestMirror" => {
            let before = unresolved.len();
            let (kind, name, tags) =
                backend_target(cluster, route, filter.at(&["requestMirror", "backendRef"])?, unresolved);
            if unresolved.len() > before {
                return None;
            }
            let backend = build::map([
                ("kind", Some(build::text(kind))),
                ("name", Some(build::text(name))),
                ("tags", tags.map(|t| build::strings(&t))),
            ]);
            ("requestMirror", build::map([("backendRef", Some(backend))]))
        }
        _ => return None,
    };
    Some(build::map([(key, Some(value)), ("type", Some(build::text(kind)))]))
}

fn header_modifier(node: &Node) -> Node {
    let headers = |key: &str| {
        let all: Vec<Node> = node
            .items(key)
            .iter()
            .map(|h| {
                build::map([
                    ("name", Some(build::text(unicode::lower(h.text("name").unwrap_or_default())))),
                    ("value", Some(build::text(h.text("value").unwrap_or_default()))),
                ])
            })
            .gather();
        (!all.is_empty()).then(|| build::seq(all))
    };
    let remove = node.items("remove");
    build::map([
        ("add", headers("add")),
        ("remove", (!remove.is_empty()).then(|| build::seq(remove.iter().cloned()))),
        ("set", headers("set")),
    ])
}

fn path_rewrite(node: &Node) -> Option<Node> {
    let kind = node.text("type")?;
    let (key, value) = match kind {
        "ReplaceFullPath" => ("replaceFullPath", node.text("replaceFullPath")),
        "ReplacePrefixMatch" => ("replacePrefixMatch", node.text("replacePrefixMatch")),
        _ => return None,
    };
    Some(build::map([(key, value.map(build::text)), ("type", Some(build::text(kind)))]))
}
