//! A Kubernetes zone as a whole: from its objects to what its control plane stores.

use crate::collections::{Gather, SortedMap, SortedSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Violation};

use crate::resource::{Environment, Kind, Labels, Resource};
use crate::world::Placed;
use crate::yaml::Node;
use crate::zone::{ControlPlane, Created, Stored};

use super::admission::{self, Admission, Denied};
use super::annotation::{enabled, SIDECAR_INJECTION};
use super::dataplane::{dataplanes, NoDataplane, PodOutcome};
use super::gateway_api::{routes, RouteOutcome};
use super::mesh_service::{mesh_services, NoMeshService, Outcome, ServiceOutcome};
use super::object::{core_name, EndpointSlice, Namespace, Pod, Service};
use super::zone_proxy::{zone_proxies, ZoneProxyOutcome};
use super::{build, Cluster};

/// What Kuma makes of a cluster's objects, with the reasons.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// What became of Kuma's own objects, in their order, with their place in the whole input.
    pub admission: Vec<(u32, Admission)>,
    /// What became of what Kuma itself writes.
    pub generated_admission: Vec<Admission>,
    /// What became of every Service.
    pub services: Vec<ServiceOutcome>,
    /// What became of every Pod.
    pub pods: Vec<PodOutcome>,
    /// What became of Pods that are zone ingresses or egresses.
    pub zone_proxies: Vec<ZoneProxyOutcome>,
    /// What became of every HTTPRoute.
    pub routes: Vec<RouteOutcome>,
    /// Names of Kuma's objects that Kuma's controllers delete: core names of MeshServices.
    pub deleted: Vec<String>,
    /// The objects themselves.
    pub objects: Objects,
}

/// The objects of a cluster that outcomes speak of by position.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// Namespaces.
    pub namespaces: Vec<Namespace>,
    /// Services.
    pub services: Vec<Service>,
    /// Pods, assumed ones last.
    pub pods: Vec<Pod>,
    /// EndpointSlices.
    pub slices: Vec<EndpointSlice>,
    /// Services whose clusterIP is assumed, by position.
    pub assumed_cluster_ips: Vec<usize>,
    /// What means nothing here: `apiVersion kind`, and how many.
    pub unused: SortedMap<String, u32>,
}

/// Runs admission and the controllers. The second part is what the control plane then stores of its own.
///
/// `created` tells when an object of the input was created, from its place in the input; what is generated follows.
pub fn run(cluster: Cluster, created: impl Fn(&Resource, u32) -> Created) -> (Evaluation, Vec<Stored>) {
    let (mut evaluation, stored) = evaluate(&cluster, created);
    evaluation.objects = Objects {
        namespaces: cluster.namespaces,
        services: cluster.services,
        pods: cluster.pods,
        slices: cluster.slices,
        assumed_cluster_ips: cluster.assumed_cluster_ips,
        unused: cluster.unused,
    };
    (evaluation, stored)
}

fn evaluate(cluster: &Cluster, created: impl Fn(&Resource, u32) -> Created) -> (Evaluation, Vec<Stored>) {
    let mut evaluation = Evaluation::default();
    let mut stored: Vec<Stored> = Vec::new();
    for object in &cluster.kuma {
        let admission = admission::admit_written(cluster, object);
        if let Ok(labels) = &admission.result {
            stored.push(Stored {
                name: stored_name(&object.resource),
                labels: Arc::new(labels.clone()),
                resource: Arc::new(object.resource.clone()),
                created: created(&object.resource, object.ordinal),
                available: None,
            });
        }
        evaluation.admission.push((object.ordinal, admission));
    }

    // global control planes run no controllers for Services and Pods
    if cluster.plane == ControlPlane::Global {
        return (evaluation, stored);
    }
    let mut index = 0;
    let mut next = || {
        index += 1;
        Created { phase: 3, time: 0, index }
    };
    evaluation.services = mesh_services(cluster);
    for outcome in &evaluation.services {
        match &outcome.outcome {
            Outcome::Generated(all) => {
                for one in all.iter().filter(|g| g.written) {
                    write(
                        cluster,
                        &one.resource,
                        &one.spec(),
                        &mut evaluation.generated_admission,
                        &mut stored,
                        &mut next,
                    );
                }
            }
            Outcome::None { deletes: true, .. } => {
                let service = cluster.services.get(outcome.service);
                let Some(meta) = service.map(|s| &s.meta) else { continue };
                let name = core_name(&meta.name, &meta.namespace);
                let count = stored.len();
                stored.retain(|s| s.kind() != Kind::MeshService || s.name != name);
                if stored.len() < count {
                    evaluation.deleted.push(name);
                }
            }
            Outcome::None { .. } => {}
        }
    }
    evaluation.pods = dataplanes(cluster);
    for outcome in &mut evaluation.pods {
        if let Ok(resource) = &mut outcome.result {
            let spec = outcome.spec.clone().unwrap_or_else(|| build::map([]));
            let admission = admission::admit_generated(cluster, resource, spec);
            let result = admission.result.clone();
            if !admission.warnings.is_empty() || result.is_err() {
                evaluation.generated_admission.push(admission);
            }
            match result {
                Ok(labels) => stored.push(generated(resource, labels, next())),
                Err(Denied { stage, message, .. }) => {
                    outcome.result = Err(NoDataplane::Refused(format!("denied by {}: {message}", stage.name())));
                    outcome.spec = None;
                    outcome.inbounds.clear();
                }
            }
        }
    }
    evaluation.zone_proxies = zone_proxies(cluster);
    for outcome in &evaluation.zone_proxies {
        if let Ok((resource, spec)) = &outcome.result {
            write(cluster, resource, spec, &mut evaluation.generated_admission, &mut stored, &mut next);
        }
    }
    evaluation.routes = routes(cluster);
    for route in &evaluation.routes {
        for (resource, spec) in &route.routes {
            write(cluster, resource, spec, &mut evaluation.generated_admission, &mut stored, &mut next);
        }
    }
    (evaluation, stored)
}

/// Writes a generated object as the controllers do; where an object of that name is there, it keeps its age.
fn write(
    cluster: &Cluster,
    resource: &Resource,
    spec: &Node,
    admissions: &mut Vec<Admission>,
    stored: &mut Vec<Stored>,
    next: &mut impl FnMut() -> Created,
) {
    let admission = admission::admit_generated(cluster, resource, spec.clone());
    let result = admission.result.clone();
    if !admission.warnings.is_empty() || result.is_err() {
        admissions.push(admission);
    }
    let Ok(labels) = result else { return };
    let new = generated(resource, labels, next());
    match stored.iter_mut().find(|s| s.kind() == new.kind() && s.name == new.name) {
        Some(old) => *old = Stored { created: old.created, ..new },
        None => stored.push(new),
    }
}

fn generated(resource: &Resource, labels: Labels, created: Created) -> Stored {
    Stored {
        name: stored_name(resource),
        labels: Arc::new(labels),
        resource: Arc::new(resource.clone()),
        created,
        available: None,
    }
}

/// The name that Kuma knows a Kubernetes object by: `name.namespace`, or the name of a cluster-scoped one.
fn stored_name(resource: &Resource) -> String {
    debug_assert_eq!(resource.environment, Environment::Kubernetes);
    match admission::is_cluster_scoped(resource.kind) {
        true => resource.name.clone(),
        false => core_name(&resource.name, resource.namespace.as_deref().unwrap_or_default()),
    }
}

/// A resource that a Kubernetes control plane creates by default, as it stores it.
pub fn default_resource(resource: Resource, plane: &ControlPlane, federated: bool, system_namespace: &str) -> Stored {
    let cluster =
        Cluster::read(plane.clone(), federated, system_namespace, &super::Options::default(), std::iter::empty());
    let labels = admission::default_labels(&cluster, &resource);
    generated(&resource, labels, Created::default())
}

/// A refusal, one diagnostic a violation, each where the text is at fault.
fn refusals(admission: &Admission, denied: &Denied, placed: &Placed) -> Vec<Diagnostic> {
    let one = |reason: &str, violation: Violation, span| {
        let message = format!("`{}` is refused by the {}: {reason}", admission.object, denied.stage.name());
        let mut diagnostic = Diagnostic::new(Code::AdmissionDenied, message).at(placed.document.source, span);
        diagnostic.kuma = Some(violation);
        diagnostic
    };
    if denied.findings.is_empty() {
        let violation = Violation { field: String::new(), reason: denied.message.clone() };
        return vec![one(&denied.message, violation, placed.span)];
    }
    let reason = |v: &Violation| match v.field.is_empty() {
        true => v.reason.clone(),
        false => format!("`{}`: {}", v.field, v.reason),
    };
    denied.findings.iter().map(|f| one(&reason(&f.violation), f.violation.clone(), f.span)).gather()
}

/// What the user should know about a cluster's objects.
pub fn diagnostics(evaluation: &Evaluation, documents: &[Placed]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (ordinal, admission) in &evaluation.admission {
        let Some(placed) = documents.iter().find(|d| d.ordinal == *ordinal) else { continue };
        let at = |d: Diagnostic| d.at(placed.document.source, placed.span);
        if let Err(denied) = &admission.result {
            out.extend(refusals(admission, denied, placed));
        } else if !admission.webhooks_ran {
            out.push(at(Diagnostic::new(
                Code::WebhooksDoNotSee,
                format!("Kuma's webhooks do not see `{}`: its Namespace has no injection label", admission.object),
            )
            .help("label the Namespace `kuma.io/sidecar-injection: enabled` (or `disabled`): with either value Kuma checks and labels what is written there")));
        }
        for (field, span) in &admission.dropped {
            let message = format!("`{field}` is no field of the schema: the API server drops it and says nothing");
            out.push(Diagnostic::new(Code::FieldDropped, message).at(placed.document.source, *span));
        }
        for warning in &admission.warnings {
            let message =
                format!("Kuma takes `{}` with a warning: {}", admission.object, warning.trim_end_matches('.'));
            out.push(at(Diagnostic::new(Code::AdmissionWarning, message)));
        }
    }
    let mut missing_namespaces = SortedSet::new();
    for outcome in &evaluation.services {
        let Some(service) = evaluation.objects.services.get(outcome.service) else { continue };
        let meta = &service.meta;
        if let Outcome::None { reason, .. } = &outcome.outcome {
            if !is_news(evaluation, reason, &meta.namespace, &mut missing_namespaces) {
                continue;
            }
            out.push(
                Diagnostic::new(
                    Code::NoMeshService,
                    format!("Service `{}` gets no MeshService: {}", outcome.key, reason.explain(service)),
                )
                .at(meta.document.source, meta.span),
            );
        } else if !outcome.dropped_ports.is_empty() {
            let ports: Vec<String> = outcome.dropped_ports.iter().map(|p| format!("`{p}`")).gather();
            out.push(
                Diagnostic::new(
                    Code::PortDropped,
                    format!(
                        "ports {} of Service `{}` are not TCP: Kuma leaves them out",
                        ports.join(", "),
                        outcome.key
                    ),
                )
                .at(meta.document.source, meta.span),
            );
        }
        if evaluation.objects.assumed_cluster_ips.contains(&outcome.service) {
            out.push(
                Diagnostic::new(
                    Code::ClusterIpAssumed,
                    format!(
                        "Service `{}` has no clusterIP: `{}` stands for the one that the cluster assigns",
                        outcome.key, service.cluster_ip
                    ),
                )
                .at(meta.document.source, meta.span),
            );
        }
    }
    for outcome in &evaluation.zone_proxies {
        let Some(pod) = evaluation.objects.pods.iter().find(|p| p.meta.key() == outcome.key) else { continue };
        let why = match (&outcome.result, &outcome.unreachable) {
            (Err(why), _) => format!("Pod `{}` gets no {}: {why}", outcome.key, outcome.kind),
            (Ok(_), Some(why)) => format!("other zones cannot reach {} `{}` yet: {why}", outcome.kind, outcome.key),
            (Ok(_), None) => continue,
        };
        out.push(Diagnostic::new(Code::ZoneProxyIncomplete, why).at(pod.meta.document.source, pod.meta.span));
    }
    for outcome in &evaluation.pods {
        let Some(pod) = evaluation.objects.pods.get(outcome.pod) else { continue };
        let at = |d: Diagnostic| d.at(pod.meta.document.source, pod.meta.span);
        if let Err(why) = &outcome.result {
            let by_design = match why {
                NoDataplane::ZoneProxy | NoDataplane::BuiltinGateway | NoDataplane::Succeeded => true,
                NoDataplane::NotInjected => !is_injected(evaluation, &pod.meta.namespace),
                NoDataplane::NamespaceNotPasted => !missing_namespaces.insert(pod.meta.namespace.clone()),
                _ => false,
            };
            if by_design {
                continue;
            }
            let code = match why {
                NoDataplane::Refused(_) | NoDataplane::Failed(_) => Code::DataplaneRefused,
                _ => Code::NoDataplane,
            };
            out.push(at(Diagnostic::new(code, format!("Pod `{}` gets no Dataplane: {}", outcome.key, why.explain()))));
        } else if let Some(assumed) = &pod.assumed {
            out.push(at(Diagnostic::new(
                Code::PodAssumed,
                format!(
                    "Pod `{}` stands for those of {} `{}`, none of which is in the input",
                    outcome.key, assumed.kind, assumed.workload
                ),
            )
            .help("paste `kubectl get pods -A -o yaml` to see the real ones")));
        }
    }
    out
}

/// True if a Namespace says that Pods get sidecars.
fn is_injected(evaluation: &Evaluation, namespace: &str) -> bool {
    let found = evaluation.objects.namespaces.iter().find(|n| n.meta.name == namespace);
    found.is_some_and(|n| enabled(&n.meta.labels, SIDECAR_INJECTION) == Ok(Some(true)))
}

/// True if it is worth a word that a Service gets no MeshService. Clusters are full of Services that are no part of a
/// mesh; a Namespace that was not pasted is worth one word only.
fn is_news(evaluation: &Evaluation, reason: &NoMeshService, namespace: &str, missing: &mut SortedSet<String>) -> bool {
    match reason {
        NoMeshService::NotInAMesh => !evaluation.services.iter().any(|s| matches!(s.outcome, Outcome::Generated(_))),
        NoMeshService::NamespaceNotPasted => missing.insert(namespace.to_owned()),
        NoMeshService::ZoneProxy => false,
        _ => true,
    }
}
