//! Pod to Dataplane (section 9 of the Kubernetes rules).

use crate::collections::{sort_by, Gather, SortedMap};
use crate::text::Text;

use crate::resource::{label, Body, Dataplane, Environment, Kind, Labels, Protocol, Provenance, Resource, TargetPort};
use crate::unicode;
use crate::yaml::{Node, Span};

use super::annotation::{self, enabled};
use super::object::{service_tag, Container, Pod, Service, ServicePort};
use super::{build, Cluster};

/// The port of the inbound that a Pod without Services gets: TCP never hands it out.
const RESERVED_PORT: i64 = 49151;
/// The sidecar's container.
const SIDECAR: &str = "kuma-sidecar";
/// Labels that are copied from a Pod's Node to the tags of its inbounds.
const NODE_LABELS: [&str; 3] =
    ["topology.kubernetes.io/zone", "topology.kubernetes.io/region", "kubernetes.io/hostname"];

/// What became of a Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodOutcome {
    /// The Pod, by its position in [`Cluster::pods`].
    pub pod: usize,
    /// `namespace/name`.
    pub key: String,
    /// The mesh it would be in.
    pub mesh: String,
    /// The Services of its namespace that ask for something it has, by name, and what each means for it.
    pub services: Vec<(String, ServiceForPod)>,
    /// The Dataplane, or why there is none.
    pub result: Result<Box<Resource>, NoDataplane>,
    /// The Dataplane as Kuma writes it: `networking`, and `metrics` if there are any; nothing without a Dataplane.
    pub spec: Option<Node>,
    /// For each inbound: where it comes from.
    pub inbounds: Vec<InboundOrigin>,
    /// True if the Pod is derived from its workload and nobody pasted it.
    pub assumed: bool,
}

/// What a Service means for a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceForPod {
    /// It gives inbounds.
    Selects,
    /// An EndpointSlice of it, which has no selector, lists the Pod.
    ListedInSlice,
    /// It says `kuma.io/ignore`.
    Ignored,
    /// Its selector asks for a label that the Pod does not have.
    SelectorDiffers {
        /// The label.
        key: String,
        /// What is asked for.
        wanted: String,
        /// What the Pod has.
        has: Option<String>,
    },
    /// It has no selector and no EndpointSlice lists the Pod.
    NotInSlices,
    /// ExternalName Services give no inbounds.
    ExternalName,
    /// It leads to a zone proxy: listeners instead of inbounds.
    ZoneProxy,
}

/// Where an inbound comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundOrigin {
    /// A port of a Service.
    Service {
        /// The Service's name.
        service: String,
        /// The Service port.
        port: i64,
        /// The container that declares the port; nothing if none does.
        container: Option<String>,
    },
    /// The Pod has no Service (or none of whose ports it has).
    Serviceless,
}

/// Why a Pod has no Dataplane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDataplane {
    /// Its Namespace is not in the input.
    NamespaceNotPasted,
    /// The Namespace is going away.
    NamespaceTerminating,
    /// No sidecar was injected.
    NotInjected,
    /// It is a zone ingress or egress.
    ZoneProxy,
    /// It is a gateway that Kuma configures itself.
    BuiltinGateway,
    /// It has succeeded.
    Succeeded,
    /// It has no IP yet.
    NoIp,
    /// It was evicted.
    Evicted,
    /// Its Mesh does not exist.
    MeshNotFound(String),
    /// Kuma cannot translate it; its own words.
    Failed(String),
    /// Kuma's admission refuses what it would write; its own words.
    Refused(String),
}

impl NoDataplane {
    /// A short code.
    pub fn code(&self) -> &'static str {
        match self {
            NoDataplane::NamespaceNotPasted => "namespace-not-found",
            NoDataplane::NamespaceTerminating => "namespace-terminating",
            NoDataplane::NotInjected => "not-injected",
            NoDataplane::ZoneProxy => "zone-proxy",
            NoDataplane::BuiltinGateway => "builtin-gateway",
            NoDataplane::Succeeded => "pod-succeeded",
            NoDataplane::NoIp => "no-pod-ip",
            NoDataplane::Evicted => "pod-evicted",
            NoDataplane::MeshNotFound(_) => "mesh-not-found",
            NoDataplane::Failed(_) => "error",
            NoDataplane::Refused(_) => "refused",
        }
    }

    /// One sentence.
    pub fn explain(&self) -> String {
        match self {
            NoDataplane::NamespaceNotPasted => "its Namespace is not in the pasted set".into(),
            NoDataplane::NamespaceTerminating => "its Namespace is terminating".into(),
            NoDataplane::NotInjected => {
                format!("it has no sidecar: annotation `{}` is not `true`", annotation::SIDECAR_INJECTED)
            }
            NoDataplane::ZoneProxy => "it is a zone ingress or egress, not a Dataplane".into(),
            NoDataplane::BuiltinGateway => "it is a builtin gateway, which serves no MeshService".into(),
            NoDataplane::Succeeded => "it has run to its end (phase Succeeded)".into(),
            NoDataplane::NoIp => "it has no `status.podIP` yet".into(),
            NoDataplane::Evicted => "it was evicted".into(),
            NoDataplane::MeshNotFound(mesh) => format!("Mesh `{mesh}` does not exist"),
            NoDataplane::Failed(text) => format!("Kuma cannot translate it: {text}"),
            NoDataplane::Refused(text) => format!("Kuma refuses the Dataplane that it would be: {text}"),
        }
    }
}

/// Works out what becomes of every Pod.
pub fn dataplanes(cluster: &Cluster) -> Vec<PodOutcome> {
    let services = by_namespace(cluster);
    let none = Vec::new();
    let of = |pod: &Pod| services.get(pod.meta.namespace.as_str()).unwrap_or(&none);
    (0..).zip(&cluster.pods).map(|(index, pod)| dataplane(cluster, index, pod, of(pod))).gather()
}

/// The Services of each namespace, by name.
fn by_namespace<'a>(cluster: &'a Cluster<'_>) -> SortedMap<&'a str, Vec<&'a Service>> {
    let mut out: SortedMap<&str, Vec<&Service>> = SortedMap::new();
    for service in &cluster.services {
        out.entry(service.meta.namespace.as_str()).or_default().push(service);
    }
    out.values_mut().for_each(|services| sort_by(services, |a, b| a.meta.name.cmp(&b.meta.name)));
    out
}

fn dataplane(cluster: &Cluster, index: usize, pod: &Pod, services: &[&Service]) -> PodOutcome {
    let services = verdicts(cluster, pod, services);
    let mut outcome = PodOutcome {
        pod: index,
        key: pod.meta.key(),
        mesh: cluster.mesh_of(&pod.meta),
        services: services.iter().map(|(s, verdict)| (s.meta.name.clone(), verdict.clone())).gather(),
        result: Err(NoDataplane::NotInjected),
        spec: None,
        inbounds: Vec::new(),
        assumed: pod.assumed.is_some(),
    };
    match convert(cluster, pod, &outcome.mesh, &services) {
        Ok((resource, spec, inbounds)) => {
            outcome.result = Ok(Box::new(resource));
            outcome.spec = Some(spec);
            outcome.inbounds = inbounds;
        }
        Err(why) => outcome.result = Err(why),
    }
    outcome
}

fn convert(
    cluster: &Cluster,
    pod: &Pod,
    mesh: &str,
    services: &[(&Service, ServiceForPod)],
) -> Result<(Resource, Node, Vec<InboundOrigin>), NoDataplane> {
    let annotations = &pod.meta.annotations;
    let switch = |key| enabled(annotations, key).map(Option::unwrap_or_default).map_err(NoDataplane::Failed);
    if switch(annotation::INGRESS)? || switch(annotation::EGRESS)? {
        return Err(NoDataplane::ZoneProxy);
    }
    if annotations.get(annotation::GATEWAY).is_some_and(|g| g == "builtin") {
        return Err(NoDataplane::BuiltinGateway);
    }
    if !pod.is_injected().map_err(NoDataplane::Failed)? {
        return Err(NoDataplane::NotInjected);
    }
    let namespace = cluster.namespace(&pod.meta.namespace).ok_or(NoDataplane::NamespaceNotPasted)?;
    match () {
        () if namespace.terminating => return Err(NoDataplane::NamespaceTerminating),
        () if pod.phase == "Succeeded" => return Err(NoDataplane::Succeeded),
        () if pod.ip.is_empty() => return Err(NoDataplane::NoIp),
        () if pod.reason == "Evicted" => return Err(NoDataplane::Evicted),
        () => {}
    }
    let exclusive = cluster.mesh_mode(mesh).ok_or_else(|| NoDataplane::MeshNotFound(mesh.to_owned()))?
        == crate::resource::MeshServicesMode::Exclusive;

    let listeners = match exclusive && !annotations.contains_key(annotation::GATEWAY) {
        true => listeners(pod, services),
        false => Ok(Vec::new()),
    };
    // what only leads between zones sends nothing of its own
    let closed = listeners.as_ref().is_ok_and(|l| !l.is_empty()) && only_zone_proxy(services);
    let transparent = transparent_proxying(annotations, closed).map_err(NoDataplane::Failed)?;
    let (gateway, inbounds) = match annotations.get(annotation::GATEWAY).map(Text::as_str) {
        Some("enabled") => (Some(gateway_by_service(cluster, pod, services)), Vec::new()),
        Some("provided") => (Some(gateway_by_deployment(cluster, pod, services)), Vec::new()),
        Some(other) => return Err(NoDataplane::Failed(format!("invalid delegated gateway type '{other}'"))),
        None => (None, inbounds(cluster, pod, services, exclusive)),
    };
    let listeners = listeners.map_err(NoDataplane::Failed)?;
    let metrics = metrics(annotations).map_err(NoDataplane::Failed)?;
    let admin = annotation::number(annotations, annotation::ENVOY_ADMIN_PORT).map_err(NoDataplane::Failed)?;
    let admin = admin.map(|n| build::map([("port", (n != 0).then(|| build::number(i64::from(n))))]));
    let (inbounds, origins): (Vec<Node>, Vec<InboundOrigin>) = inbounds.into_iter().unzip();
    let networking = build::map([
        ("address", Some(build::text(&pod.ip))),
        ("admin", admin),
        ("gateway", gateway.map(|tags| build::map([("tags", (!tags.is_empty()).then(|| build::strings(&tags)))]))),
        ("inbound", (!inbounds.is_empty()).then(|| build::seq(inbounds))),
        ("listeners", (!listeners.is_empty()).then(|| build::seq(listeners))),
        ("transparentProxying", transparent),
    ]);
    let spec = build::map([("metrics", metrics), ("networking", Some(networking))]);

    let mut labels = pod.meta.labels.clone();
    cluster.keep_labels(&mut labels, mesh, &pod.meta.namespace);
    labels.insert(label::DISPLAY_NAME.into(), pod.meta.name.as_str().into());
    // Kuma computes labels before it fills in the gateway, so gateways are labelled as sidecars too
    labels.entry(label::PROXY_TYPE.into()).or_insert_with(|| "sidecar".into());
    labels.insert(annotation::SERVICE_ACCOUNT.into(), pod.service_account.as_str().into());
    labels.insert(label::WORKLOAD.into(), workload(cluster, pod).into());
    let resource = Resource {
        kind: Kind::Dataplane,
        mesh: mesh.to_owned(),
        name: pod.meta.name.clone(),
        namespace: Some(pod.meta.namespace.clone()),
        labels,
        annotations: Labels::new(),
        created: pod.meta.created.clone(),
        environment: Environment::Kubernetes,
        provenance: Provenance::Generated,
        name_span: Span::default(),
        body: Body::Dataplane(Dataplane::read(&spec)),
    };
    Ok((resource, spec, origins))
}

/// The first of the configured Pod labels that is there and not empty, else the service account.
fn workload(cluster: &Cluster, pod: &Pod) -> String {
    let mut configured = cluster.options.workload_labels.iter().filter_map(|key| pod.meta.labels.get(key.as_str()));
    configured.find(|v| !v.is_empty()).map_or_else(|| pod.service_account.clone(), String::from)
}

/// The Services that lead to a Pod, by name.
pub(super) fn selecting<'a>(cluster: &'a Cluster, pod: &Pod) -> Vec<&'a Service> {
    let leads = |v: &ServiceForPod| matches!(v, ServiceForPod::Selects | ServiceForPod::ListedInSlice);
    let services = by_namespace(cluster).remove(pod.meta.namespace.as_str()).unwrap_or_default();
    verdicts(cluster, pod, &services).into_iter().filter(|(_, v)| leads(v)).map(|(s, _)| s).gather()
}

/// The container port of a Service port, if the Pod has it.
pub(super) fn container_port(pod: &Pod, port: &ServicePort) -> Option<i64> {
    find_port(pod, port).map(|(number, _, _)| number)
}

/// What the Services of its namespace mean for a Pod. Those that ask for nothing that the Pod has are left out.
fn verdicts<'a>(cluster: &Cluster, pod: &Pod, services: &[&'a Service]) -> Vec<(&'a Service, ServiceForPod)> {
    let near = |s: &&&Service| {
        s.selector.is_empty() || s.selector.iter().any(|(key, value)| pod.meta.labels.get(key) == Some(value))
    };
    // where selector labels are ignored, a Service may fit without any of them
    let all = !cluster.options.ignored_service_selector_labels.is_empty();
    let considered = services.iter().filter(|s| all || near(s));
    considered.map(|service| (*service, service_for_pod(cluster, pod, service))).gather()
}

fn service_for_pod(cluster: &Cluster, pod: &Pod, service: &Service) -> ServiceForPod {
    // a value that is no switch counts as not ignored here
    if enabled(&service.meta.annotations, annotation::IGNORE) == Ok(Some(true)) {
        return ServiceForPod::Ignored;
    }
    let selected = match service.selector.is_empty() {
        true => match cluster
            .slices_of(service)
            .flat_map(|s| &s.endpoints)
            .any(|e| e.pod.as_ref().is_some_and(|p| p.is(&pod.meta)))
        {
            true => ServiceForPod::ListedInSlice,
            false => return ServiceForPod::NotInSlices,
        },
        false => {
            let ignored = &cluster.options.ignored_service_selector_labels;
            match differs(&service.selector, &pod.meta.labels, |key| ignored.iter().any(|i| i == key)) {
                Some(differs) => return differs,
                None => ServiceForPod::Selects,
            }
        }
    };
    match () {
        () if service.external_name => ServiceForPod::ExternalName,
        () if service.meta.labels.contains_key(annotation::ZONE_PROXY_TYPE) => ServiceForPod::ZoneProxy,
        () => selected,
    }
}

fn differs(selector: &Labels, labels: &Labels, ignored: impl Fn(&str) -> bool) -> Option<ServiceForPod> {
    selector.iter().filter(|(key, _)| !ignored(key)).find(|(key, value)| labels.get(*key) != Some(value)).map(
        |(key, value)| ServiceForPod::SelectorDiffers {
            key: key.as_str().to_owned(),
            wanted: value.as_str().to_owned(),
            has: labels.get(key).map(String::from),
        },
    )
}

/// The inbounds that the Services give, or the one that a Pod without any gets.
fn inbounds(
    cluster: &Cluster,
    pod: &Pod,
    services: &[(&Service, ServiceForPod)],
    exclusive: bool,
) -> Vec<(Node, InboundOrigin)> {
    let mut out = Vec::new();
    let counted = |v: &ServiceForPod| matches!(v, ServiceForPod::Selects | ServiceForPod::ListedInSlice);
    for (service, _) in services.iter().filter(|(_, v)| counted(v)) {
        for port in service.ports.iter().filter(|p| p.is_tcp()) {
            out.extend(inbound(cluster, pod, service, port));
        }
    }
    if out.is_empty() && !(only_zone_proxy(services) && exclusive) {
        out.push(serviceless(cluster, pod));
    }
    if cluster.options.inbound_tags_disabled && exclusive {
        // without tags, inbounds of one port say the same
        let mut seen = crate::collections::SortedSet::new();
        out.retain(|(node, _)| seen.insert(node.get("port").and_then(Node::as_i64)));
    }
    out
}

/// True if the Services that lead to a Pod all make it a zone proxy.
fn only_zone_proxy(services: &[(&Service, ServiceForPod)]) -> bool {
    let leads = |v: &ServiceForPod| {
        matches!(v, ServiceForPod::Selects | ServiceForPod::ListedInSlice | ServiceForPod::ExternalName)
    };
    services.iter().any(|(_, v)| *v == ServiceForPod::ZoneProxy) && !services.iter().any(|(_, v)| leads(v))
}

/// The listeners of a zone proxy; an error in Kuma's words.
fn listeners(pod: &Pod, services: &[(&Service, ServiceForPod)]) -> Result<Vec<Node>, String> {
    const TYPE: &str = annotation::ZONE_PROXY_TYPE;
    let mut taken: SortedMap<i64, (&str, &str)> = SortedMap::new();
    let mut out = Vec::new();
    for (service, _) in services.iter().filter(|(_, v)| *v == ServiceForPod::ZoneProxy) {
        let written = service.meta.labels.get(TYPE).map(Text::as_str).unwrap_or_default();
        if !matches!(written, "ingress" | "egress") {
            let key = service.meta.key();
            return Err(format!(
                "service {key} has invalid {TYPE} label value \"{written}\"; allowed: \"ingress\", \"egress\""
            ));
        }
        for port in service.ports.iter().filter(|p| p.is_tcp()) {
            let Some((number, _, container)) = find_port(pod, port) else { continue };
            let own = service.meta.name.as_str();
            match taken.get(&number).copied() {
                Some((_, same)) if same == written => continue,
                Some((other, _)) => {
                    return Err(format!(
                    "conflicting listener types on port {number}: services \"{other}\" and \"{own}\" have different \
                         {TYPE} labels, please remove one of the Services"
                ))
                }
                None => taken.insert(number, (own, written)),
            };
            let name = if port.name.is_empty() { format!("{own}-{}", port.port) } else { port.name.clone() };
            out.push(build::map([
                ("address", Some(build::text(&pod.ip))),
                ("name", Some(build::text(name))),
                ("port", Some(build::number(number))),
                ("state", (!is_ready(pod, container)).then(|| build::text("NotReady"))),
                // ZoneIngress is what the type is where it is not written
                ("type", (written == "egress").then(|| build::text("ZoneEgress"))),
            ]));
        }
    }
    Ok(out)
}

/// `metrics` of the Dataplane, from the Pod's annotations; an error in Kuma's words.
fn metrics(annotations: &Labels) -> Result<Option<Node>, String> {
    const PREFIX: &str = "prometheus.metrics.kuma.io/";
    let key = |name: &str| format!("{PREFIX}{name}");
    let text = |name: &str| annotations.get(key(name).as_str()).map(|t| build::text(t.as_str()));
    let number = |name: &str| Ok::<_, String>(annotation::number(annotations, &key(name))?.map(i64::from));
    let mut apps: Vec<&str> = Vec::new();
    for written in annotations.keys().filter_map(|k| k.strip_prefix(PREFIX)?.strip_prefix("aggregate-")) {
        if let Some((app, "port" | "path" | "enabled" | "address")) = written.rsplit_once('-') {
            if !apps.contains(&app) {
                apps.push(app);
            }
        }
    }
    let mut aggregate = Vec::new();
    for app in apps {
        let of = |what: &str| format!("aggregate-{app}-{what}");
        let on = enabled(annotations, &key(&of("enabled")))?.unwrap_or(true);
        let port = number(&of("port"))?;
        if port.is_none() && on {
            return Err("port needs to be specified for metrics scraping".into());
        }
        aggregate.push(build::map([
            ("address", text(&of("address"))),
            ("enabled", Some(build::boolean(on))),
            ("name", Some(build::text(app))),
            ("path", Some(text(&of("path")).unwrap_or_else(|| build::text("/metrics")))),
            ("port", port.map(build::number)),
        ]));
    }
    let (path, port) = (text("path"), number("port")?);
    if path.is_none() && port.is_none() && aggregate.is_empty() {
        return Ok(None);
    }
    let conf = build::map([
        ("aggregate", (!aggregate.is_empty()).then(|| build::seq(aggregate))),
        ("path", path),
        ("port", port.map(build::number)),
    ]);
    Ok(Some(build::map([("conf", Some(conf)), ("type", Some(build::text("prometheus")))])))
}

/// The container port of a Service port: its number, its name and its container. A name that no container has gives
/// nothing; a number needs no container.
fn find_port<'a>(pod: &'a Pod, port: &ServicePort) -> Option<(i64, &'a str, Option<&'a Container>)> {
    let ports = || pod.containers.iter().flat_map(|c| c.ports.iter().map(move |p| (c, p)));
    match &port.target_port {
        TargetPort::Name(name) => ports()
            .find(|(_, p)| p.name == *name && p.protocol == port.protocol)
            .map(|(c, p)| (p.port, p.name.as_str(), Some(c))),
        TargetPort::Number(number) => Some(
            ports()
                .find(|(_, p)| p.port == *number && p.protocol == port.protocol)
                .map_or((*number, "", None), |(c, p)| (p.port, p.name.as_str(), Some(c))),
        ),
    }
}

fn inbound(cluster: &Cluster, pod: &Pod, service: &Service, port: &ServicePort) -> Option<(Node, InboundOrigin)> {
    let (number, name, container) = find_port(pod, port)?;
    let state = match () {
        // ignored selector labels bring Pods in that the Service itself would not take
        () if differs(&service.selector, &pod.meta.labels, |_| false).is_some() => "Ignored",
        () if !is_ready(pod, container) => "NotReady",
        () => "Ready",
    };
    let tags = match cluster.options.inbound_tags_disabled {
        true => None,
        false => Some(tags_for_service(cluster, pod, service, port)),
    };
    let origin = InboundOrigin::Service {
        service: service.meta.name.clone(),
        port: port.port,
        container: container.map(|c| c.name.clone()),
    };
    Some((inbound_node(number, name, tags, state, &protocol(service, port)), origin))
}

fn inbound_node(port: i64, name: &str, tags: Option<Labels>, state: &str, protocol: &str) -> Node {
    build::map([
        (
            "health",
            Some(match state {
                "Ready" => build::map([("ready", Some(build::boolean(true)))]),
                _ => build::map([]),
            }),
        ),
        ("name", (!name.is_empty()).then(|| build::text(name))),
        ("port", Some(build::number(port))),
        ("protocol", Some(build::text(protocol))),
        ("state", (state != "Ready").then(|| build::text(state))),
        ("tags", tags.map(|t| build::strings(&t))),
    ])
}

/// The inbound of a Pod that no Service covers, on a port that nothing listens on.
fn serviceless(cluster: &Cluster, pod: &Pod) -> (Node, InboundOrigin) {
    let apps_ready = pod.containers.iter().filter(|c| c.name != SIDECAR);
    let ready = apps_ready.map(|c| c.name.as_str()).chain([SIDECAR]).all(|c| pod.container_ready(c).unwrap_or(true));
    let tags = (!cluster.options.inbound_tags_disabled).then(|| tags_for_pod(cluster, pod));
    let state = if ready { "Ready" } else { "NotReady" };
    (inbound_node(RESERVED_PORT, "", tags, state, "tcp"), InboundOrigin::Serviceless)
}

fn is_ready(pod: &Pod, container: Option<&Container>) -> bool {
    container.is_none_or(|c| pod.container_ready(&c.name).unwrap_or(true))
        && pod.container_ready(SIDECAR).unwrap_or(true)
        && !pod.meta.deleting
}

/// The tags of an inbound: the Pod's labels (none of Kuma's), then what says which Service, port and zone.
fn tags_for_service(cluster: &Cluster, pod: &Pod, service: &Service, port: &ServicePort) -> Labels {
    let own = pod.meta.labels.iter().filter(|(k, v)| !v.is_empty() && !k.contains("kuma.io/"));
    let mut tags: Labels = own.map(|(k, v)| (k.clone(), v.clone())).gather();
    tags.insert(label::NAMESPACE.into(), pod.meta.namespace.as_str().into());
    tags.insert(annotation::SERVICE_NAME.into(), service.meta.name.as_str().into());
    tags.insert(annotation::SERVICE_PORT.into(), port.port.to_string().into());
    tags.insert(label::SERVICE_TAG.into(), service.tag(port.port).into());
    tags.insert(label::ZONE_TAG.into(), cluster.zone().into());
    tags.extend(node_labels(cluster, pod));
    let protocol = protocol(service, port);
    // gateways are taken for TCP whatever the Service says
    let gateway = enabled(&pod.meta.annotations, annotation::GATEWAY) == Ok(Some(true));
    if !gateway || protocol == "tcp" {
        tags.insert(label::PROTOCOL_TAG.into(), protocol.into());
    }
    if service.is_headless() {
        tags.insert(annotation::INSTANCE.into(), pod.meta.name.as_str().into());
    }
    tags
}

fn tags_for_pod(cluster: &Cluster, pod: &Pod) -> Labels {
    let own = pod.meta.labels.iter().filter(|(_, v)| !v.is_empty());
    let mut tags: Labels = own.map(|(k, v)| (k.clone(), v.clone())).gather();
    let (owner, _) = owner_name(cluster, pod);
    tags.insert(label::NAMESPACE.into(), pod.meta.namespace.as_str().into());
    tags.insert(label::SERVICE_TAG.into(), service_tag(&owner, &pod.meta.namespace, None).into());
    tags.insert(label::ZONE_TAG.into(), cluster.zone().into());
    tags.insert(label::PROTOCOL_TAG.into(), "tcp".into());
    tags.insert(annotation::INSTANCE.into(), pod.meta.name.as_str().into());
    tags.extend(node_labels(cluster, pod));
    tags
}

fn node_labels(cluster: &Cluster, pod: &Pod) -> Labels {
    let node = cluster.nodes.iter().find(|n| n.name == pod.node);
    let labels = NODE_LABELS.iter().filter_map(|key| Some(((*key).into(), node?.labels.get(*key)?.clone())));
    labels.gather()
}

/// The protocol of an inbound: `appProtocol` if Kuma knows it, else the annotation of the Service port, else tcp.
/// An annotation that is no protocol stays, so that the Dataplane is refused.
fn protocol(service: &Service, port: &ServicePort) -> String {
    let known = port.app_protocol.as_deref().filter(|p| Protocol::parse(p) != Protocol::Unknown);
    let annotated =
        service.meta.annotations.get(format!("{}.service.kuma.io/protocol", port.port).as_str()).map(Text::as_str);
    known.or(annotated).filter(|p| !p.is_empty()).map_or_else(|| "tcp".into(), unicode::lower)
}

/// The name for a Pod without Services, and the kind of its owner if Kuma looks it up: the Deployment or CronJob at
/// the top, else the Pod's name without its last two parts.
fn owner_name(cluster: &Cluster, pod: &Pod) -> (String, Option<&'static str>) {
    for owner in &pod.meta.owners {
        let (between, top) = match owner.kind.as_str() {
            "ReplicaSet" => ("ReplicaSet", "Deployment"),
            "Job" => ("Job", "CronJob"),
            _ => break,
        };
        let found = cluster
            .owners
            .iter()
            .find(|w| w.namespace == pod.meta.namespace && w.name == owner.name && w.kind.ends_with(between));
        let Some(found) = found else {
            // not pasted: a ReplicaSet is named after its Deployment, a Job after its CronJob, plus one part
            break;
        };
        if found.owners.is_empty() {
            break;
        }
        if let Some(owner) = found.owners.iter().find(|o| o.kind == top) {
            return (owner.name.clone(), Some(top));
        }
    }
    let mut parts: Vec<&str> = pod.meta.name.split('-').gather();
    if parts.len() > 2 {
        parts.truncate(parts.len() - 2);
    }
    (parts.join("-"), None)
}

fn gateway_by_service(cluster: &Cluster, pod: &Pod, services: &[(&Service, ServiceForPod)]) -> Labels {
    // zone proxies or not, a gateway takes the tags of the first inbound that it would have
    let first = services
        .iter()
        .filter(|(_, v)| matches!(v, ServiceForPod::Selects | ServiceForPod::ListedInSlice | ServiceForPod::ZoneProxy))
        .flat_map(|(s, _)| s.ports.iter().filter(|p| p.is_tcp()).map(move |p| (*s, p)))
        .find(|(_, port)| find_port(pod, port).is_some());
    match first {
        _ if cluster.options.inbound_tags_disabled => Labels::new(),
        Some((service, port)) => tags_for_service(cluster, pod, service, port),
        None => tags_for_pod(cluster, pod),
    }
}

fn gateway_by_deployment(cluster: &Cluster, pod: &Pod, services: &[(&Service, ServiceForPod)]) -> Labels {
    match owner_name(cluster, pod) {
        (name, Some("Deployment")) => {
            Labels::from([("kuma.io/service-name".into(), service_tag(&name, &pod.meta.namespace, None).into())])
        }
        _ => gateway_by_service(cluster, pod, services),
    }
}

/// `networking.transparentProxying`, from the Pod's annotations; an error in Kuma's words.
fn transparent_proxying(annotations: &Labels, closed: bool) -> Result<Option<Node>, String> {
    let by_config = annotations.get(annotation::TRANSPARENT_PROXYING_CONFIG).is_some_and(|c| !c.is_empty());
    let by_switch = enabled(annotations, annotation::TRANSPARENT_PROXYING)?.unwrap_or(false);
    let nothing = || closed.then(|| build::map([]));
    if !by_config && !by_switch {
        return Ok(nothing().map(|none| build::map([("reachableBackends", Some(none))])));
    }
    let list = |key| {
        annotation::list(annotations, key).filter(|l| !l.is_empty()).map(|l| build::seq(l.into_iter().map(build::text)))
    };
    let direct = list(annotation::DIRECT_ACCESS);
    let services = list(annotation::REACHABLE_SERVICES);
    let backends = match annotations.get(annotation::REACHABLE_BACKENDS) {
        Some(text) => Some(
            reachable_backends(text)
                .ok_or_else(|| format!("cannot parse, {} has invalid format", annotation::REACHABLE_BACKENDS))?,
        ),
        None => nothing(),
    };
    let (mut inbound, mut outbound, mut family) = (None, None, None);
    if by_switch {
        let port = |key, which| {
            annotation::number(annotations, key)?
                .ok_or_else(|| format!("transparent proxying {which} port has to be set in transparent mode"))
        };
        inbound = Some(port(annotation::TRANSPARENT_PROXYING_INBOUND_PORT, "inbound")?);
        outbound = Some(port(annotation::TRANSPARENT_PROXYING_OUTBOUND_PORT, "outbound")?);
        family = Some(match annotations.get(annotation::TRANSPARENT_PROXYING_IP_FAMILY).map(Text::as_str) {
            None | Some("dualstack" | "") => "DualStack",
            Some("ipv4") => "IPv4",
            Some(other) => return Err(format!("invalid ip family mode '{other}'")),
        });
    }
    let positive = |n: Option<u32>| n.filter(|n| *n != 0).map(|n| build::number(i64::from(n)));
    let parts = [
        ("directAccessServices", direct),
        ("ipFamilyMode", family.map(build::text)),
        ("reachableBackends", backends),
        ("reachableServices", services),
        ("redirectPortInbound", positive(inbound)),
        ("redirectPortOutbound", positive(outbound)),
    ];
    Ok(parts.iter().any(|(_, v)| v.is_some()).then(|| build::map(parts)))
}

/// The annotation's YAML, with the fields that Kuma reads; nothing if it is not of that form.
fn reachable_backends(text: &str) -> Option<Node> {
    let limits = crate::yaml::Limits::default();
    let reading = crate::yaml::read(crate::diagnostic::SourceId::default(), text, &limits);
    let root = match reading.documents.into_iter().next() {
        Some(document) => document.root?,
        None => return Some(build::map([])),
    };
    if root.is_null() {
        return Some(build::map([]));
    }
    root.as_map()?;
    let refs = match root.get("refs") {
        Some(refs) => refs.as_seq()?.iter().map(reachable_backend).gather::<Option<Vec<_>>>()?,
        None => Vec::new(),
    };
    Some(build::map([("refs", (!refs.is_empty()).then(|| build::seq(refs)))]))
}

fn reachable_backend(node: &Node) -> Option<Node> {
    node.as_map()?;
    let text = |key: &str| match node.get(key) {
        Some(value) => value.as_str().map(|t| Some(t).filter(|t| !t.is_empty()).map(build::text)),
        None => Some(None),
    };
    let port = match node.get("port") {
        Some(port) => Some(build::number(i64::from(u32::try_from(port.as_i64()?).ok()?))),
        None => None,
    };
    let labels = match node.get("labels") {
        Some(labels) => {
            let all = labels.as_map()?.entries.len();
            let read = node.strings("labels").filter(|l| l.len() == all)?;
            (!read.is_empty()).then(|| build::strings(&read))
        }
        None => None,
    };
    Some(build::map([
        ("kind", text("kind")?),
        ("labels", labels),
        ("name", text("name")?),
        ("namespace", text("namespace")?),
        ("port", port),
    ]))
}
