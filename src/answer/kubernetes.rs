//! What Kuma makes of each cluster's objects.

use crate::collections::Gather;
use crate::kubernetes::admission::Admission;
use crate::kubernetes::dataplane::{InboundOrigin, PodOutcome, ServiceForPod};
use crate::kubernetes::gateway_api::{ParentOutcome, RouteOutcome};
use crate::kubernetes::mesh_service::{Outcome, ServiceOutcome};
use crate::kubernetes::Evaluation;
use crate::report::{
    HttpRouteReport, KubernetesReport, KubernetesServiceReport, ObjectReport, OtherServiceReport, Places,
    PodInboundReport, PodReport,
};
use crate::resource::{Body, Inbound};
use crate::world::World;

/// Every cluster, by zone.
pub fn clusters(world: &World) -> Vec<KubernetesReport> {
    let places = Places::of(&world.sources);
    world.kubernetes.iter().map(|(zone, evaluation)| cluster(world, zone, evaluation, &places)).gather()
}

fn cluster(world: &World, zone: &str, evaluation: &Evaluation, places: &Places) -> KubernetesReport {
    KubernetesReport {
        zone: zone.to_owned(),
        services: evaluation.services.iter().filter_map(|s| service(world, zone, evaluation, s, places)).gather(),
        pods: evaluation.pods.iter().filter_map(|p| pod(evaluation, p, places)).gather(),
        objects: evaluation.admission.iter().map(|(_, a)| object(a)).gather(),
        routes: evaluation.routes.iter().map(|r| route(r, places)).gather(),
        unused: evaluation.objects.unused.clone(),
    }
}

fn service(
    world: &World,
    zone: &str,
    evaluation: &Evaluation,
    outcome: &ServiceOutcome,
    places: &Places,
) -> Option<KubernetesServiceReport> {
    let service = evaluation.objects.services.get(outcome.service)?;
    let meta = &service.meta;
    let view = world.views.iter().find(|v| v.plane.name() == zone);
    let domain = format!("{}.{}.svc.cluster.local", meta.name, meta.namespace);
    let mut cluster_names = vec![domain.clone()];
    let mut mesh_services = Vec::new();
    let mut reason = None;
    match &outcome.outcome {
        Outcome::Generated(all) => {
            for one in all {
                let name = format!("{}.{}", one.resource.name, meta.namespace);
                let stored =
                    view.and_then(|v| v.named(one.resource.kind, &one.resource.mesh, &name).and_then(|id| v.get(id)));
                mesh_services.extend(stored.map(|s| s.kri().to_string()));
                if service.is_headless() {
                    cluster_names.push(format!("{}.{domain}", one.owner.1));
                }
            }
        }
        Outcome::None { reason: why, .. } => reason = Some(why),
    }
    Some(KubernetesServiceReport {
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        mesh: outcome.mesh.as_ref().map(|(mesh, _)| mesh.clone()),
        mesh_services,
        reason: reason.map(|r| r.code().to_owned()),
        explanation: reason.map(|r| r.explain(service)),
        dropped_ports: outcome.dropped_ports.clone(),
        cluster_names,
        assumed_cluster_ip: evaluation
            .objects
            .assumed_cluster_ips
            .contains(&outcome.service)
            .then(|| service.cluster_ip.clone()),
        location: places.place(meta.document.source, meta.span),
    })
}

fn pod(evaluation: &Evaluation, outcome: &PodOutcome, places: &Places) -> Option<PodReport> {
    let pod = evaluation.objects.pods.get(outcome.pod)?;
    let inbounds: &[Inbound] = match outcome.result.as_ref().map(|r| &r.body) {
        Ok(Body::Dataplane(dataplane)) => &dataplane.inbounds,
        _ => &[],
    };
    let why = outcome.result.as_ref().err();
    Some(PodReport {
        namespace: pod.meta.namespace.clone(),
        name: pod.meta.name.clone(),
        mesh: outcome.mesh.clone(),
        dataplane: outcome.result.is_ok().then(|| pod.meta.core_name()),
        reason: why.map(|w| w.code().to_owned()),
        explanation: why.map(crate::kubernetes::dataplane::NoDataplane::explain),
        assumed_from: pod.assumed.as_ref().map(|a| format!("{} {}", a.kind, a.workload)),
        inbounds: inbounds.iter().zip(&outcome.inbounds).map(|(i, origin)| inbound(i, origin)).gather(),
        other_services: outcome
            .services
            .iter()
            .filter_map(|(name, verdict)| {
                Some(OtherServiceReport { service: name.clone(), explanation: gives_nothing(verdict)? })
            })
            .gather(),
        location: places.place(pod.meta.document.source, pod.meta.span),
    })
}

fn inbound(inbound: &Inbound, origin: &InboundOrigin) -> PodInboundReport {
    let (service, service_port, container) = match origin {
        InboundOrigin::Service { service, port, container } => (Some(service.clone()), Some(*port), container.clone()),
        InboundOrigin::Serviceless => (None, None, None),
    };
    PodInboundReport {
        port: inbound.port,
        name: inbound.name.as_ref().map(String::from),
        protocol: inbound.protocol.name().to_owned(),
        service,
        service_port,
        container,
    }
}

/// Why a Service gives a Pod no inbounds; nothing if it does.
fn gives_nothing(verdict: &ServiceForPod) -> Option<String> {
    Some(match verdict {
        ServiceForPod::Selects | ServiceForPod::ListedInSlice => return None,
        ServiceForPod::Ignored => "it says `kuma.io/ignore`".into(),
        ServiceForPod::SelectorDiffers { key, wanted, has: Some(has) } => {
            format!("it asks for label `{key}: {wanted}`, and the Pod has `{has}`")
        }
        ServiceForPod::SelectorDiffers { key, wanted, has: None } => {
            format!("it asks for label `{key}: {wanted}`, which the Pod does not have")
        }
        ServiceForPod::NotInSlices => "it has no selector, and no EndpointSlice of it lists the Pod".into(),
        ServiceForPod::ExternalName => "it is an ExternalName".into(),
        ServiceForPod::ZoneProxy => "it leads to a zone proxy".into(),
    })
}

fn object(admission: &Admission) -> ObjectReport {
    let denied = admission.result.as_ref().err();
    ObjectReport {
        object: admission.object.clone(),
        role: admission.role.as_ref().map(|(role, _)| role.name().to_owned()),
        role_explanation: admission.role.as_ref().map(|(_, reason)| reason.explain()),
        webhooks_ran: admission.webhooks_ran,
        denied_by: denied.map(|d| d.stage.name().to_owned()),
        message: denied.map(|d| d.message.clone()),
        labels: admission.result.as_ref().ok().cloned().unwrap_or_default(),
        warnings: admission.warnings.clone(),
        dropped_fields: admission.dropped.iter().map(|(field, _)| field.clone()).gather(),
    }
}

fn route(outcome: &RouteOutcome, places: &Places) -> HttpRouteReport {
    let meta = &outcome.meta;
    let problem = |(parent, what): &(String, ParentOutcome)| match what {
        ParentOutcome::Attached(_) => None,
        ParentOutcome::ServiceNotFound => Some(format!("parent `{parent}` is not in the pasted set: it gives nothing")),
        ParentOutcome::OtherKind(kind) => Some(format!("parent `{parent}`: routes of a {kind} are not evaluated here")),
        ParentOutcome::NamespaceNotPasted => Some(format!("Namespace `{}` is not in the pasted set", meta.namespace)),
    };
    HttpRouteReport {
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        mesh_http_routes: outcome.routes.iter().map(|(r, _)| r.name.clone()).gather(),
        problems: outcome
            .parents
            .iter()
            .filter_map(problem)
            .chain(outcome.unresolved.iter().map(|u| u.message.clone()))
            .gather(),
        location: places.place(meta.document.source, meta.span),
    }
}
