//! What a cluster would add to the input: Pods of workloads, and cluster IPs.

use crate::collections::Gather;
use crate::resource::Labels;
use crate::yaml::Node;

use super::annotation::{self, enabled};
use super::object::{pod_spec, Assumed, Endpoint, EndpointSlice, Meta, Owner, Pod, PodRef};
use super::Cluster;

/// At most so many Pods are derived from one workload: they are all alike.
const MOST_REPLICAS: i64 = 3;

/// Adds the Pods of Deployments, StatefulSets, ReplicaSets, DaemonSets, Jobs and CronJobs that have none in the input,
/// and EndpointSlices for Services that select them and have none.
pub(super) fn assume_pods(cluster: &mut Cluster, workloads: &[(Meta, &Node)]) {
    let pasted: Vec<Meta> = cluster.pods.iter().map(|p| p.meta.clone()).gather();
    for (workload, node) in workloads {
        let kind = workload.kind.split(' ').next_back().unwrap_or_default();
        let template = match kind {
            "Deployment" | "StatefulSet" | "ReplicaSet" | "DaemonSet" | "Job" => node.at(&["spec", "template"]),
            "CronJob" => node.at(&["spec", "jobTemplate", "spec", "template"]),
            _ => None,
        };
        let Some(template) = template else { continue };
        let owner_is_pasted = workload.owners.iter().any(|o| {
            workloads.iter().any(|(w, _)| is_kind(w, &o.kind) && w.name == o.name && w.namespace == workload.namespace)
        });
        if owner_is_pasted || pasted.iter().any(|pod| belongs(pod, workload, kind, template, workloads)) {
            continue;
        }
        let replicas = match kind {
            "Deployment" | "StatefulSet" | "ReplicaSet" => {
                node.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1)
            }
            _ => 1,
        };
        for ordinal in 0..replicas.clamp(0, MOST_REPLICAS) {
            let pod = derive(cluster, workload, kind, template, ordinal);
            cluster.pods.push(pod);
        }
    }
    assume_slices(cluster);
}

fn is_kind(meta: &Meta, kind: &str) -> bool {
    meta.kind.split(' ').next_back() == Some(kind)
}

/// True if a pasted Pod is one of a workload's: an owner says so, or, for Pods without owners, its labels.
fn belongs(pod: &Meta, workload: &Meta, kind: &str, template: &Node, workloads: &[(Meta, &Node)]) -> bool {
    if pod.namespace != workload.namespace {
        return false;
    }
    let owned_by = |owners: &[Owner]| owners.iter().any(|o| o.kind == kind && o.name == workload.name);
    if owned_by(&pod.owners) {
        return true;
    }
    let through = |owner: &Owner| {
        let between = workloads
            .iter()
            .find(|(w, _)| is_kind(w, &owner.kind) && w.name == owner.name && w.namespace == workload.namespace);
        match between {
            Some((between, _)) => owned_by(&between.owners),
            // a ReplicaSet or Job that was not pasted is named after its owner, plus one part
            None => owner.name.rsplit_once('-').is_some_and(|(name, _)| name == workload.name),
        }
    };
    let middle = pod.owners.iter().any(|o| matches!(o.kind.as_str(), "ReplicaSet" | "Job") && through(o));
    let labels = template.get("metadata").and_then(|m| m.strings("labels")).unwrap_or_default();
    middle
        || pod.owners.is_empty()
            && !labels.is_empty()
            && labels.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
}

fn derive(cluster: &Cluster, workload: &Meta, kind: &str, template: &Node, ordinal: i64) -> Pod {
    let metadata = template.get("metadata");
    let map = |key: &str| metadata.and_then(|m| m.strings(key)).unwrap_or_default();
    let (mut labels, mut annotations) = (map("labels"), map("annotations"));
    let name = format!("{}-{ordinal}", workload.name);
    if kind == "StatefulSet" {
        labels.insert(annotation::POD_NAME.into(), name.as_str().into());
        labels.insert(annotation::POD_INDEX.into(), ordinal.to_string().into());
    }
    if is_injected(cluster, &workload.namespace, &labels, &annotations) {
        for (key, value) in [
            (annotation::SIDECAR_INJECTED, "true"),
            (annotation::TRANSPARENT_PROXYING, "enabled"),
            (annotation::TRANSPARENT_PROXYING_INBOUND_PORT, "15006"),
            (annotation::TRANSPARENT_PROXYING_OUTBOUND_PORT, "15001"),
        ] {
            annotations.entry(key.into()).or_insert_with(|| value.into());
        }
    }
    let (containers, service_account, node) = pod_spec(template.get("spec"));
    let number = cluster.pods.iter().filter(|p| p.assumed.is_some()).count();
    Pod {
        meta: Meta {
            kind: "Pod".into(),
            name,
            labels,
            annotations,
            uid: None,
            owners: vec![Owner { kind: kind.to_owned(), name: workload.name.clone(), uid: workload.uid.clone() }],
            deleting: false,
            ..workload.clone()
        },
        containers,
        service_account,
        node,
        ip: documentation_address(number),
        phase: "Running".into(),
        reason: String::new(),
        ready: Vec::new(),
        assumed: Some(Assumed { kind: kind.to_owned(), workload: workload.key() }),
    }
}

/// Whether the injector would add a sidecar: the Pod's label (or annotation, as long ago), else the Namespace's label.
fn is_injected(cluster: &Cluster, namespace: &str, labels: &Labels, annotations: &Labels) -> bool {
    let own =
        [labels, annotations].into_iter().find_map(|map| enabled(map, annotation::SIDECAR_INJECTION).ok().flatten());
    let by_namespace = || {
        let labels = &cluster.namespace(namespace)?.meta.labels;
        enabled(labels, annotation::SIDECAR_INJECTION).ok().flatten()
    };
    own.or_else(by_namespace).unwrap_or(false)
}

/// An address of the ranges that documentation may use, so that nobody takes it for a real one.
fn documentation_address(number: usize) -> String {
    let (range, host) = (number / 254, number % 254 + 1);
    match range {
        0 => format!("192.0.2.{host}"),
        1 => format!("198.51.100.{host}"),
        2 => format!("203.0.113.{host}"),
        _ => format!("2001:db8::{number:x}"),
    }
}

fn assume_slices(cluster: &mut Cluster) {
    let mut slices = Vec::new();
    for service in cluster.services.iter().filter(|s| !s.selector.is_empty() && !s.external_name) {
        if cluster.slices_of(service).next().is_some() {
            continue;
        }
        let endpoints: Vec<Endpoint> = cluster
            .pods
            .iter()
            .filter(|p| p.assumed.is_some() && p.meta.namespace == service.meta.namespace)
            .filter(|p| service.selector.iter().all(|(k, v)| p.meta.labels.get(k) == Some(v)))
            .map(|p| Endpoint {
                addresses: vec![p.ip.clone()],
                pod: Some(PodRef { name: p.meta.name.clone(), namespace: p.meta.namespace.clone(), uid: None }),
            })
            .gather();
        if !endpoints.is_empty() {
            slices.push(EndpointSlice { meta: service.meta.clone(), service: service.meta.name.clone(), endpoints });
        }
    }
    cluster.slices.extend(slices);
}

/// Gives Services that have no clusterIP yet one, as the cluster would. Services without ports stay as they are.
pub(super) fn assume_cluster_ips(cluster: &mut Cluster) {
    let mut assumed = Vec::new();
    for (index, service) in cluster.services.iter_mut().enumerate() {
        if service.cluster_ip.is_empty() && !service.external_name && !service.ports.is_empty() {
            let number = assumed.len() + 1;
            service.cluster_ip = format!("10.96.{}.{}", number / 256, number % 256);
            assumed.push(index);
        }
    }
    cluster.assumed_cluster_ips = assumed;
}
