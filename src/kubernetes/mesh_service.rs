//! Service to MeshService: the checks of Kuma's controller in their order (sections 7 and 8 of the Kubernetes rules).

use crate::collections::{Gather, SortedMap};

use crate::resource::{
    label, Body, Environment, Kind, Labels, MeshService, MeshServicesMode, Port, Provenance, Resource, Selector,
    TargetPort,
};
use crate::yaml::{Node, Span};
use crate::zone::names::headless_name;

use super::annotation::{self, enabled};
use super::object::{core_name, Endpoint, PodRef, Service, ServicePort};
use super::{build, Cluster};

/// What became of a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceOutcome {
    /// The Service, by its position in [`Cluster::services`].
    pub service: usize,
    /// `namespace/name`.
    pub key: String,
    /// The mesh, and which of the five places names it; nothing if an earlier check ended it.
    pub mesh: Option<(String, MeshFrom)>,
    /// What Kuma makes of it.
    pub outcome: Outcome,
    /// Names (or numbers) of ports that are left out because they are not TCP.
    pub dropped_ports: Vec<String>,
}

/// What Kuma makes of a Service.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// MeshServices: one, or for headless Services one a Pod.
    Generated(Vec<Generated>),
    /// Nothing. Where `deletes`, a MeshService of the Service's name is deleted, a hand-made one too.
    None {
        /// Why.
        reason: NoMeshService,
        /// True if Kuma deletes a MeshService of that name.
        deletes: bool,
    },
}

/// One generated MeshService.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The MeshService. Its ports carry the spans of the Service's ports.
    pub resource: Resource,
    /// The kind and name of the object that owns it: the Service, or the Pod of a headless one.
    pub owner: (String, String),
    /// False if an object of that name is there that the Service does not own: Kuma reports an error and leaves it.
    pub written: bool,
}

/// Where the mesh of an object is named, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeshFrom {
    /// Its label.
    Label,
    /// Its annotation.
    Annotation,
    /// Its Namespace's label.
    NamespaceLabel,
    /// Its Namespace's annotation.
    NamespaceAnnotation,
    /// Nowhere: `default`.
    Default,
}

/// Why a Service gets no MeshService.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoMeshService {
    /// Its Namespace is not in the input.
    NamespaceNotPasted,
    /// The Namespace's injection label has a value that Kuma does not know; its own words.
    InvalidInjectionLabel(String),
    /// The Namespace is not injected, and the Service has no label `kuma.io/mesh`.
    NotInAMesh,
    /// The Mesh does not exist.
    MeshNotFound(String),
    /// `meshServices.mode` of the Mesh is Disabled or not set.
    ModeDisabled(String),
    /// Annotation `kuma.io/ignore`.
    Ignored,
    /// Annotation `kuma.io/gateway`, whatever its value.
    Gateway,
    /// It leads to a zone proxy.
    ZoneProxy,
    /// The first Pod of its EndpointSlices is a gateway.
    FirstEndpointIsGateway {
        /// The Pod, `namespace/name`.
        pod: String,
    },
    /// It has no clusterIP, or none yet.
    NoClusterIp,
    /// It is headless, and no EndpointSlice of it lists a Pod.
    HeadlessWithoutPods,
    /// A MeshService of the name exists that the Service does not own.
    NotOwned {
        /// The MeshService's name.
        name: String,
    },
}

impl NoMeshService {
    /// A short code.
    pub fn code(&self) -> &'static str {
        match self {
            NoMeshService::NamespaceNotPasted => "namespace-not-found",
            NoMeshService::InvalidInjectionLabel(_) => "invalid-injection-label",
            NoMeshService::NotInAMesh => "not-in-a-mesh",
            NoMeshService::MeshNotFound(_) => "mesh-not-found",
            NoMeshService::ModeDisabled(_) => "mesh-mode-disabled",
            NoMeshService::Ignored => "ignored-by-annotation",
            NoMeshService::Gateway => "gateway-annotation-on-service",
            NoMeshService::ZoneProxy => "zone-proxy-service",
            NoMeshService::FirstEndpointIsGateway { .. } => "first-endpoint-is-a-gateway-pod",
            NoMeshService::NoClusterIp => "no-cluster-ip",
            NoMeshService::HeadlessWithoutPods => "headless-without-pod-endpoints",
            NoMeshService::NotOwned { .. } => "mesh-service-not-owned",
        }
    }

    /// One sentence, and what to do about it.
    pub fn explain(&self, service: &Service) -> String {
        let namespace = &service.meta.namespace;
        match self {
            NoMeshService::NamespaceNotPasted => {
                format!("Namespace `{namespace}` is not in the pasted set; Kuma reads its labels first")
            }
            NoMeshService::InvalidInjectionLabel(_) => format!(
                "label `{}` of Namespace `{namespace}` has a value that Kuma does not know; write `enabled`",
                annotation::SIDECAR_INJECTION
            ),
            NoMeshService::NotInAMesh => format!(
                "Namespace `{namespace}` has no label `{}: enabled`, and the Service has no label `{}`",
                annotation::SIDECAR_INJECTION,
                label::MESH
            ),
            NoMeshService::MeshNotFound(mesh) => format!("Mesh `{mesh}` does not exist"),
            NoMeshService::ModeDisabled(mesh) => {
                format!(
                    "`meshServices.mode` of Mesh `{mesh}` is Disabled or not set; `Exclusive` generates MeshServices"
                )
            }
            NoMeshService::Ignored => format!("annotation `{}` hides the Service", annotation::IGNORE),
            NoMeshService::Gateway => {
                format!("annotation `{}`, whatever its value, keeps the Service out", annotation::GATEWAY)
            }
            NoMeshService::ZoneProxy => {
                format!("label `{}` says that it leads to a zone proxy", annotation::ZONE_PROXY_TYPE)
            }
            NoMeshService::FirstEndpointIsGateway { pod } => {
                format!("the first Pod of its EndpointSlices, `{pod}`, is a gateway; Kuma looks at no other")
            }
            NoMeshService::NoClusterIp if service.external_name => {
                "ExternalName Services have no clusterIP; a MeshExternalService can stand for what they lead to".into()
            }
            NoMeshService::NoClusterIp => "it has no `spec.clusterIP`: the cluster assigns one when the Service is \
                                           created, so paste what `kubectl get service -o yaml` prints"
                .into(),
            NoMeshService::HeadlessWithoutPods => {
                "it is headless and no EndpointSlice of it lists a Pod; paste its EndpointSlices too".into()
            }
            NoMeshService::NotOwned { name } => {
                format!("MeshService `{name}` exists and is not the Service's own: Kuma leaves it as it is")
            }
        }
    }
}

/// Works out what becomes of every Service.
pub fn mesh_services(cluster: &Cluster) -> Vec<ServiceOutcome> {
    (0..).zip(&cluster.services).map(|(index, service)| mesh_service(cluster, index, service)).gather()
}

fn mesh_service(cluster: &Cluster, index: usize, service: &Service) -> ServiceOutcome {
    let mut out = ServiceOutcome {
        service: index,
        key: service.meta.key(),
        mesh: None,
        outcome: Outcome::Generated(Vec::new()),
        dropped_ports: service.ports.iter().filter(|p| !p.is_tcp()).map(ServicePort::section).gather(),
    };
    out.outcome = match check(cluster, service, &mut out.mesh) {
        Ok(mesh) => generate(cluster, service, &mesh),
        Err((reason, deletes)) => Outcome::None { reason, deletes },
    };
    out
}

/// The checks before generation: the mesh, or the first reason against it and whether Kuma then deletes.
fn check(
    cluster: &Cluster,
    service: &Service,
    found: &mut Option<(String, MeshFrom)>,
) -> Result<String, (NoMeshService, bool)> {
    let meta = &service.meta;
    let Some(namespace) = cluster.namespace(&meta.namespace) else {
        return Err((NoMeshService::NamespaceNotPasted, false));
    };
    let injected = enabled(&namespace.meta.labels, annotation::SIDECAR_INJECTION)
        .map_err(|text| (NoMeshService::InvalidInjectionLabel(text), false))?;
    if !meta.labels.contains_key(label::MESH) && injected != Some(true) {
        return Err((NoMeshService::NotInAMesh, true));
    }
    let (mesh, from) = cluster.mesh_and_place(meta);
    *found = Some((mesh.clone(), from));
    match cluster.mesh_mode(&mesh) {
        None => return Err((NoMeshService::MeshNotFound(mesh), true)),
        Some(MeshServicesMode::Disabled) => return Err((NoMeshService::ModeDisabled(mesh), true)),
        Some(_) => {}
    }
    // other spellings hide the Service only from Dataplanes
    if meta.annotations.get(annotation::IGNORE).is_some_and(|v| v == "true" || v == "yes") {
        return Err((NoMeshService::Ignored, true));
    }
    if meta.annotations.contains_key(annotation::GATEWAY) {
        return Err((NoMeshService::Gateway, false));
    }
    if meta.labels.contains_key(annotation::ZONE_PROXY_TYPE) {
        return Err((NoMeshService::ZoneProxy, true));
    }
    let mut endpoints = cluster.slices_of(service).flat_map(|s| &s.endpoints).filter_map(|e| e.pod.as_ref());
    if let Some(pod) = endpoints.find_map(|p| cluster.pod(p)) {
        if pod.meta.annotations.contains_key(annotation::GATEWAY) {
            return Err((NoMeshService::FirstEndpointIsGateway { pod: pod.meta.key() }, true));
        }
    }
    match service.cluster_ip.is_empty() {
        true => Err((NoMeshService::NoClusterIp, false)),
        false => Ok(mesh),
    }
}

fn generate(cluster: &Cluster, service: &Service, mesh: &str) -> Outcome {
    let meta = &service.meta;
    let generated = match service.is_headless() {
        false => {
            let mut tags = service.selector.clone();
            tags.insert(label::NAMESPACE.into(), meta.namespace.as_str().into());
            let selector = match cluster.options.inbound_tags_disabled {
                true => Selector::DataplaneLabels(tags),
                false => Selector::DataplaneTags(tags),
            };
            let owner = ("Service".to_owned(), meta.name.clone());
            let vips = vec![service.cluster_ip.clone()];
            vec![resource(
                cluster,
                service,
                mesh,
                &meta.name,
                selector,
                vips,
                Labels::new(),
                owner,
                meta.uid.as_deref(),
            )]
        }
        true => headless(cluster, service, mesh),
    };
    match generated.as_slice() {
        [] => Outcome::None { reason: NoMeshService::HeadlessWithoutPods, deletes: false },
        [one] if !one.written => {
            Outcome::None { reason: NoMeshService::NotOwned { name: one.resource.name.clone() }, deletes: false }
        }
        _ => Outcome::Generated(generated),
    }
}

fn headless(cluster: &Cluster, service: &Service, mesh: &str) -> Vec<Generated> {
    let mut by_pod: SortedMap<(&str, &str), (&PodRef, &Endpoint)> = SortedMap::new();
    for endpoint in cluster.slices_of(service).flat_map(|s| &s.endpoints) {
        if let Some(pod) = &endpoint.pod {
            // of several slices (IPv4 and IPv6) the last one counts
            by_pod.insert((&pod.namespace, &pod.name), (pod, endpoint));
        }
    }
    let one = |(pod_ref, endpoint): (&PodRef, &Endpoint)| {
        let name = headless_name(&service.meta.name, &service.meta.namespace, &pod_ref.name);
        let selector = Selector::DataplaneRef(core_name(&pod_ref.name, &pod_ref.namespace));
        let mut labels = Labels::new();
        if let Some(pod) = cluster.pod(pod_ref) {
            for key in [annotation::POD_NAME, annotation::POD_INDEX] {
                labels.extend(pod.meta.labels.get_key_value(key).map(|(k, v)| (k.clone(), v.clone())));
            }
        }
        let owner = ("Pod".to_owned(), pod_ref.name.clone());
        let vips = endpoint.addresses.clone();
        resource(cluster, service, mesh, &name, selector, vips, labels, owner, pod_ref.uid.as_deref())
    };
    by_pod.into_values().map(one).gather()
}

#[allow(clippy::too_many_arguments, reason = "the parts in which the two forms of MeshServices differ")]
fn resource(
    cluster: &Cluster,
    service: &Service,
    mesh: &str,
    name: &str,
    selector: Selector,
    vips: Vec<String>,
    more_labels: Labels,
    owner: (String, String),
    owner_uid: Option<&str>,
) -> Generated {
    let meta = &service.meta;
    let existing = cluster.kuma.iter().find(|k| {
        let r = &k.resource;
        r.kind == Kind::MeshService && r.name == name && r.namespace.as_deref() == Some(&meta.namespace)
    });
    let written = existing.is_none_or(|k| {
        k.owners.first().is_some_and(|o| match (o.uid.as_deref(), owner_uid) {
            (Some(a), Some(b)) => a == b,
            _ => o.kind == owner.0 && o.name == owner.1,
        })
    });
    let mut labels = meta.labels.clone();
    // the display name comes from an annotation, which the controller does not set
    labels.remove(label::DISPLAY_NAME);
    labels.insert(label::MESH.into(), mesh.into());
    labels.insert(annotation::SERVICE_NAME.into(), meta.name.as_str().into());
    labels.insert(label::MANAGED_BY.into(), "k8s-controller".into());
    labels.insert(label::ENV.into(), Environment::Kubernetes.name().into());
    labels.insert(annotation::HEADLESS.into(), service.is_headless().to_string().into());
    labels.extend(more_labels);
    let resource = Resource {
        kind: Kind::MeshService,
        mesh: mesh.to_owned(),
        name: name.to_owned(),
        namespace: Some(meta.namespace.clone()),
        labels,
        annotations: Labels::new(),
        created: None,
        environment: Environment::Kubernetes,
        provenance: Provenance::Generated,
        name_span: Span::default(),
        body: Body::MeshService(MeshService {
            selector,
            ports: service.ports.iter().filter(|p| p.is_tcp()).map(port).gather(),
            selector_span: Span::default(),
            state: None,
            vips,
        }),
    };
    Generated { resource, owner, written }
}

impl Generated {
    /// Its `spec` as Kuma writes it.
    pub fn spec(&self) -> Node {
        let Body::MeshService(service) = &self.resource.body else { return build::map([]) };
        let selector = match &service.selector {
            Selector::DataplaneTags(tags) => build::map([("dataplaneTags", Some(build::strings(tags)))]),
            Selector::DataplaneRef(name) => {
                build::map([("dataplaneRef", Some(build::map([("name", Some(build::text(name)))])))])
            }
            Selector::DataplaneLabels(labels) => {
                let labels = build::map([("matchLabels", Some(build::strings(labels)))]);
                build::map([("dataplaneLabels", Some(labels))])
            }
            Selector::None => build::map([]),
        };
        let ports = service.ports.iter().map(|p| {
            build::map([
                ("appProtocol", Some(build::text(&p.app_protocol))),
                ("name", p.name.as_ref().map(build::text)),
                ("port", Some(build::number(p.port))),
                (
                    "targetPort",
                    p.target_port.as_ref().map(|target| match target {
                        TargetPort::Number(number) => build::number(*number),
                        TargetPort::Name(name) => build::text(name),
                    }),
                ),
            ])
        });
        build::map([("ports", Some(build::seq(ports))), ("selector", Some(selector))])
    }
}

fn port(port: &ServicePort) -> Port {
    Port {
        name: Some(port.section().into()),
        port: port.port,
        target_port: Some(port.target_port.clone()),
        app_protocol: port.app_protocol.clone().unwrap_or_else(|| "tcp".into()).into(),
        span: port.span,
    }
}
