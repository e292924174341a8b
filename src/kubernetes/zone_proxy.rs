//! Zone ingresses and egresses: Pods that are doors between zones and to the outside.

use crate::collections::Gather;
use crate::resource::{Body, Environment, Kind, Labels, Provenance, Resource, ZoneProxy};
use crate::yaml::{Node, Span};

use super::annotation::{self, enabled};
use super::object::{Pod, Service};
use super::{build, dataplane, Cluster};

/// On Pods of an ingress: the address that other zones use, instead of the Service's.
const PUBLIC_ADDRESS: &str = "kuma.io/ingress-public-address";
/// On Pods of an ingress: the port that other zones use.
const PUBLIC_PORT: &str = "kuma.io/ingress-public-port";

/// What became of a Pod of a zone proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneProxyOutcome {
    /// The Pod, `namespace/name`.
    pub key: String,
    /// ZoneIngress or ZoneEgress.
    pub kind: Kind,
    /// The resource and its `spec`, or why there is none.
    pub result: Result<(Box<Resource>, Node), String>,
    /// For an ingress that other zones cannot reach yet: why.
    pub unreachable: Option<String>,
}

/// Works out what becomes of the Pods of zone proxies.
pub fn zone_proxies(cluster: &Cluster) -> Vec<ZoneProxyOutcome> {
    let is = |pod: &Pod, key| enabled(&pod.meta.annotations, key) == Ok(Some(true));
    let kind = |pod: &Pod| match () {
        () if is(pod, annotation::INGRESS) => Some(Kind::ZoneIngress),
        () if is(pod, annotation::EGRESS) => Some(Kind::ZoneEgress),
        () => None,
    };
    cluster.pods.iter().filter_map(|pod| Some(zone_proxy(cluster, pod, kind(pod)?))).gather()
}

fn zone_proxy(cluster: &Cluster, pod: &Pod, kind: Kind) -> ZoneProxyOutcome {
    let mut unreachable = None;
    let result = convert(cluster, pod, kind, &mut unreachable);
    ZoneProxyOutcome { key: pod.meta.key(), kind, result, unreachable }
}

fn convert(
    cluster: &Cluster,
    pod: &Pod,
    kind: Kind,
    unreachable: &mut Option<String>,
) -> Result<(Box<Resource>, Node), String> {
    let system = &cluster.system_namespace;
    if pod.ip.is_empty() {
        return Err("it has no `status.podIP` yet".into());
    }
    if pod.meta.namespace != *system {
        let name = if kind == Kind::ZoneIngress { "Ingress" } else { "Egress" };
        return Err(format!("{name} can only be deployed in system namespace \"{system}\""));
    }
    let services = dataplane::selecting(cluster, pod);
    let [service] = services.as_slice() else {
        let name = if kind == Kind::ZoneIngress { "ingress" } else { "egress" };
        return Err(format!("{name} should be matched by exactly one service. Matched {} services", services.len()));
    };
    let mut ports = service.ports.iter().filter(|p| p.is_tcp());
    let port =
        ports.find_map(|p| dataplane::container_port(pod, p)).ok_or("no port of its Service is one of the Pod's")?;
    let public = match kind {
        Kind::ZoneIngress => public_address(cluster, pod, service, unreachable)?,
        _ => None,
    };
    let networking = build::map([
        ("address", Some(build::text(&pod.ip))),
        ("advertisedAddress", public.as_ref().map(|(address, _)| build::text(address))),
        ("advertisedPort", public.as_ref().map(|(_, port)| build::number(*port))),
        ("port", Some(build::number(port))),
    ]);
    let spec = build::map([("networking", Some(networking)), ("zone", Some(build::text(cluster.zone())))]);
    let proxy = ZoneProxy::read(&spec);
    let resource = Resource {
        kind,
        mesh: String::new(),
        name: pod.meta.name.clone(),
        namespace: Some(pod.meta.namespace.clone()),
        labels: pod.meta.labels.clone(),
        annotations: Labels::new(),
        created: pod.meta.created.clone(),
        environment: Environment::Kubernetes,
        provenance: Provenance::Generated,
        name_span: Span::default(),
        body: if kind == Kind::ZoneIngress { Body::ZoneIngress(proxy) } else { Body::ZoneEgress(proxy) },
    };
    Ok((Box::new(resource), spec))
}

/// The address and port that other zones use: the Pod's annotations, else the Service's load balancer or node port.
fn public_address(
    cluster: &Cluster,
    pod: &Pod,
    service: &Service,
    unreachable: &mut Option<String>,
) -> Result<Option<(String, i64)>, String> {
    let annotated = pod.meta.annotations.get(PUBLIC_ADDRESS);
    let port = annotation::number(&pod.meta.annotations, PUBLIC_PORT)?;
    match (annotated, port) {
        (Some(address), Some(port)) => return Ok(Some((address.as_str().to_owned(), i64::from(port)))),
        (None, None) => {}
        _ => return Err(format!("both {PUBLIC_ADDRESS} and {PUBLIC_PORT} has to be defined")),
    }
    let first = service.ports.first();
    let found = match service.kind.as_str() {
        "LoadBalancer" => service.load_balancer.clone().zip(first.map(|p| p.port)),
        "NodePort" => cluster.node_addresses.first().cloned().zip(first.and_then(|p| p.node_port)),
        _ => None,
    };
    if found.is_none() {
        *unreachable = Some(match service.kind.as_str() {
            "LoadBalancer" => format!("Service `{}` has no load balancer address in its `status`", service.meta.name),
            "NodePort" => "no Node with an address, or no nodePort, is in the pasted set".into(),
            _ => format!("Service `{}` is neither a LoadBalancer nor a NodePort", service.meta.name),
        });
    }
    Ok(found)
}
