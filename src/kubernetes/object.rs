//! Kubernetes objects of other APIs than Kuma's, as far as Kuma's controllers read them.

use crate::collections::Gather;
use crate::resource::{DocumentId, Labels, TargetPort};
use crate::yaml::{Node, Span};

use super::annotation;

/// `metadata`, and where the object stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// `apiVersion` and `kind`, as in `apps/v1 Deployment`, without the version: `apps Deployment`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// The labels.
    pub labels: Labels,
    /// The annotations.
    pub annotations: Labels,
    /// The UID, where it was pasted.
    pub uid: Option<String>,
    /// Who owns it.
    pub owners: Vec<Owner>,
    /// `creationTimestamp`, as written.
    pub created: Option<String>,
    /// True if it is being deleted.
    pub deleting: bool,
    /// The document it stands in.
    pub document: DocumentId,
    /// Its text.
    pub span: Span,
}

/// An entry of `ownerReferences`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The UID.
    pub uid: Option<String>,
}

impl Meta {
    /// Reads `metadata`. A namespaced object without a namespace is in `default`.
    pub fn read(root: &Node, document: DocumentId, namespaced: bool) -> Meta {
        let metadata = root.get("metadata");
        let text = |key: &str| metadata.and_then(|m| m.text(key)).filter(|t| !t.is_empty());
        let map = |key: &str| metadata.and_then(|m| m.strings(key)).unwrap_or_default();
        let group = root.text("apiVersion").and_then(|v| v.split_once('/')).map_or("", |(group, _)| group);
        Meta {
            kind: format!("{group} {}", root.text("kind").unwrap_or_default()).trim_start().to_owned(),
            name: text("name").unwrap_or_default().to_owned(),
            namespace: match namespaced {
                true => text("namespace").unwrap_or("default").to_owned(),
                false => String::new(),
            },
            labels: map("labels"),
            annotations: map("annotations"),
            uid: text("uid").map(str::to_owned),
            owners: metadata.map(|m| m.items("ownerReferences")).unwrap_or_default().iter().filter_map(owner).gather(),
            created: text("creationTimestamp").map(str::to_owned),
            deleting: metadata.is_some_and(|m| m.get("deletionTimestamp").is_some()),
            document,
            span: root.span,
        }
    }

    /// `namespace/name`, or the name of a cluster-scoped object.
    pub fn key(&self) -> String {
        match self.namespace.is_empty() {
            true => self.name.clone(),
            false => format!("{}/{}", self.namespace, self.name),
        }
    }

    /// `name.namespace`: Kuma's name for what it makes of the object.
    pub fn core_name(&self) -> String {
        core_name(&self.name, &self.namespace)
    }
}

/// Kuma's name for a Kubernetes object.
pub fn core_name(name: &str, namespace: &str) -> String {
    match namespace.is_empty() {
        true => name.to_owned(),
        false => format!("{name}.{namespace}"),
    }
}

fn owner(node: &Node) -> Option<Owner> {
    Some(Owner {
        kind: node.text("kind")?.to_owned(),
        name: node.text("name")?.to_owned(),
        uid: node.text("uid").filter(|u| !u.is_empty()).map(str::to_owned),
    })
}

/// A Namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Namespace {
    /// Its metadata.
    pub meta: Meta,
    /// True if it is going away.
    pub terminating: bool,
}

/// A Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// `type`: ClusterIP unless written.
    pub kind: String,
    /// True for type ExternalName.
    pub external_name: bool,
    /// The first address of its load balancer, from `status`.
    pub load_balancer: Option<String>,
    /// `clusterIP`; empty if it has none (yet), `None` for headless Services.
    pub cluster_ip: String,
    /// `selector`; empty if it has none.
    pub selector: Labels,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

impl Service {
    /// Reads a Service.
    pub fn read(root: &Node, meta: Meta) -> Service {
        let spec = root.get("spec");
        let kind = spec.and_then(|s| s.text("type")).unwrap_or("ClusterIP");
        let balancer = root.at(&["status", "loadBalancer"]).map(|b| b.items("ingress")).and_then(<[Node]>::first);
        Service {
            meta,
            kind: kind.to_owned(),
            external_name: kind == "ExternalName",
            load_balancer: balancer.and_then(|b| b.text("ip").or_else(|| b.text("hostname"))).map(str::to_owned),
            cluster_ip: spec.and_then(|s| s.text("clusterIP")).unwrap_or_default().to_owned(),
            selector: spec.and_then(|s| s.strings("selector")).unwrap_or_default(),
            ports: spec.map(|s| s.items("ports")).unwrap_or_default().iter().filter_map(ServicePort::read).gather(),
        }
    }

    /// True for `clusterIP: None`.
    pub fn is_headless(&self) -> bool {
        self.cluster_ip == "None"
    }

    /// The value of tag `kuma.io/service` for one of its ports.
    pub fn tag(&self, port: i64) -> String {
        service_tag(&self.meta.name, &self.meta.namespace, Some(port))
    }
}

/// The value of tag `kuma.io/service` for a Kubernetes Service, `name_namespace_svc_port`.
pub fn service_tag(name: &str, namespace: &str, port: Option<i64>) -> String {
    match port {
        Some(port) => format!("{name}_{namespace}_svc_{port}"),
        None => format!("{name}_{namespace}_svc"),
    }
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePort {
    /// The name; empty if it has none.
    pub name: String,
    /// The number.
    pub port: i64,
    /// The container port, by number or name. The API server fills in the number of the port itself.
    pub target_port: TargetPort,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// `appProtocol`, as written.
    pub app_protocol: Option<String>,
    /// `nodePort`.
    pub node_port: Option<i64>,
    /// Where it stands.
    pub span: Span,
}

impl ServicePort {
    fn read(node: &Node) -> Option<ServicePort> {
        let port = node.get("port")?.as_i64()?;
        let target = node.get("targetPort");
        Some(ServicePort {
            name: node.text("name").unwrap_or_default().to_owned(),
            port,
            target_port: match target.map(|t| (t.as_i64(), t.as_str())) {
                Some((Some(number), _)) if number != 0 => TargetPort::Number(number),
                Some((_, Some(name))) if !name.is_empty() => TargetPort::Name(name.to_owned()),
                _ => TargetPort::Number(port),
            },
            protocol: node.text("protocol").filter(|p| !p.is_empty()).unwrap_or("TCP").to_owned(),
            app_protocol: node.text("appProtocol").map(str::to_owned),
            node_port: node.get("nodePort").and_then(Node::as_i64),
            span: node.span,
        })
    }

    /// The name, or the number as text: the name of the MeshService's port.
    pub fn section(&self) -> String {
        match self.name.is_empty() {
            true => self.port.to_string(),
            false => self.name.clone(),
        }
    }

    /// True for TCP, the only protocol that Kuma takes.
    pub fn is_tcp(&self) -> bool {
        self.protocol == "TCP"
    }
}

/// A Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Pod {
    /// Its metadata.
    pub meta: Meta,
    /// Its containers.
    pub containers: Vec<Container>,
    /// `serviceAccountName`; the API server fills in `default`.
    pub service_account: String,
    /// `nodeName`.
    pub node: String,
    /// `status.podIP`.
    pub ip: String,
    /// `status.phase`.
    pub phase: String,
    /// `status.reason`.
    pub reason: String,
    /// Readiness of its containers, by name, those of init containers after the others.
    pub ready: Vec<(String, bool)>,
    /// The workload that it is derived from, if no such Pod was pasted.
    pub assumed: Option<Assumed>,
}

/// Why a Pod is assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// The kind of the workload, `Deployment`.
    pub kind: String,
    /// The workload's `namespace/name`.
    pub workload: String,
}

/// A container of a Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// The name.
    pub name: String,
    /// Its ports.
    pub ports: Vec<ContainerPort>,
}

/// A port of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerPort {
    /// The name; empty if it has none.
    pub name: String,
    /// The number.
    pub port: i64,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

impl Pod {
    /// Reads a Pod.
    pub fn read(root: &Node, meta: Meta) -> Pod {
        let status = root.get("status");
        let text = |key: &str| status.and_then(|s| s.text(key)).unwrap_or_default().to_owned();
        let readiness = |key: &str| {
            status
                .map(|s| s.items(key))
                .unwrap_or_default()
                .iter()
                .filter_map(|c| {
                    Some((c.text("name")?.to_owned(), c.get("ready").and_then(Node::as_bool).unwrap_or(false)))
                })
                .gather::<Vec<_>>()
        };
        let (containers, service_account, node) = pod_spec(root.get("spec"));
        let mut ready = readiness("containerStatuses");
        ready.extend(readiness("initContainerStatuses"));
        Pod {
            meta,
            containers,
            service_account,
            node,
            ip: text("podIP"),
            phase: text("phase"),
            reason: text("reason"),
            ready,
            assumed: None,
        }
    }

    /// Whether a container's status says that it is ready; nothing if there is no status.
    pub fn container_ready(&self, name: &str) -> Option<bool> {
        self.ready.iter().find(|(n, _)| n == name).map(|(_, ready)| *ready)
    }

    /// True if the Pod says that its sidecar is there.
    pub fn is_injected(&self) -> Result<bool, String> {
        Ok(annotation::enabled(&self.meta.annotations, annotation::SIDECAR_INJECTED)?.unwrap_or(false))
    }
}

/// Containers (sidecars that are init containers included), service account and node of a Pod's `spec`.
pub(super) fn pod_spec(spec: Option<&Node>) -> (Vec<Container>, String, String) {
    let text = |key: &str| spec.and_then(|s| s.text(key)).filter(|t| !t.is_empty());
    let containers = spec.map(|s| s.items("containers")).unwrap_or_default().iter().map(container).gather();
    (
        containers,
        text("serviceAccountName").unwrap_or("default").to_owned(),
        text("nodeName").unwrap_or_default().to_owned(),
    )
}

fn container(node: &Node) -> Container {
    Container {
        name: node.text("name").unwrap_or_default().to_owned(),
        ports: node
            .items("ports")
            .iter()
            .filter_map(|p| {
                Some(ContainerPort {
                    name: p.text("name").unwrap_or_default().to_owned(),
                    port: p.get("containerPort")?.as_i64()?,
                    protocol: p.text("protocol").filter(|t| !t.is_empty()).unwrap_or("TCP").to_owned(),
                })
            })
            .gather(),
    }
}

/// An EndpointSlice (or the older Endpoints, which say the same).
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointSlice {
    /// Its metadata.
    pub meta: Meta,
    /// The Service that it belongs to.
    pub service: String,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// An entry of `endpoints`.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// The addresses.
    pub addresses: Vec<String>,
    /// The Pod that it is, if it is one.
    pub pod: Option<PodRef>,
}

/// A reference to a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodRef {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The UID.
    pub uid: Option<String>,
}

impl PodRef {
    fn read(node: Option<&Node>, namespace: &str) -> Option<PodRef> {
        let node = node?;
        let core = node.text("apiVersion").is_none_or(|v| v.is_empty() || v == "v1");
        let is_pod = node.text("kind") == Some("Pod") && core;
        is_pod.then_some(PodRef {
            name: node.text("name")?.to_owned(),
            namespace: node.text("namespace").filter(|n| !n.is_empty()).unwrap_or(namespace).to_owned(),
            uid: node.text("uid").filter(|u| !u.is_empty()).map(str::to_owned),
        })
    }

    /// True if it refers to this Pod. UIDs decide only where both are known.
    pub fn is(&self, pod: &Meta) -> bool {
        match (&self.uid, &pod.uid) {
            (Some(a), Some(b)) => a == b,
            _ => self.name == pod.name && self.namespace == pod.namespace,
        }
    }
}

impl EndpointSlice {
    /// Reads an EndpointSlice; nothing if it belongs to no Service.
    pub fn read(root: &Node, meta: Meta) -> Option<EndpointSlice> {
        let service = meta.labels.get(annotation::SLICE_SERVICE)?.clone();
        let endpoints = root
            .items("endpoints")
            .iter()
            .map(|e| Endpoint {
                addresses: e.items("addresses").iter().filter_map(|a| a.as_str().map(str::to_owned)).gather(),
                pod: PodRef::read(e.get("targetRef"), &meta.namespace),
            })
            .gather();
        Some(EndpointSlice { meta, service: String::from(&service), endpoints })
    }

    /// Reads Endpoints, from which Kubernetes makes an EndpointSlice of the same content.
    pub fn from_endpoints(root: &Node, meta: Meta) -> EndpointSlice {
        let endpoints = root
            .items("subsets")
            .iter()
            .flat_map(|s| s.items("addresses").iter().chain(s.items("notReadyAddresses")))
            .map(|a| Endpoint {
                addresses: a.text("ip").map(str::to_owned).into_iter().gather(),
                pod: PodRef::read(a.get("targetRef"), &meta.namespace),
            })
            .gather();
        EndpointSlice { service: meta.name.clone(), meta, endpoints }
    }
}

/// Seconds since 1970 of a `creationTimestamp`, RFC 3339 in UTC, such as `2024-05-01T10:00:00Z`.
pub fn seconds(timestamp: &str) -> Option<i64> {
    let (date, time) = timestamp.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split(':').map(|part| part.split('.').next()?.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    // days of the proleptic Gregorian calendar, counted in years that start in March
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// The address of a Node that others reach it at: the first ExternalIP, else the first InternalIP.
pub fn node_address(root: &Node) -> Option<String> {
    let addresses = root.get("status").map(|s| s.items("addresses")).unwrap_or_default();
    let of = |kind: &str| addresses.iter().find(|a| a.text("type") == Some(kind)).and_then(|a| a.text("address"));
    of("ExternalIP").or_else(|| of("InternalIP")).map(str::to_owned)
}
