//! Every `kuma.io/service`: where it runs, who uses it, and the real resource that takes its place.

use std::sync::Arc;

use crate::diagnostic::SourceId;
use crate::resource::{
    label, Body, Dataplane, Environment, InboundState, Kind, Labels, OutboundTarget, Policy, Port, Protocol,
    Provenance, Resource, Selector, TargetKind, TargetPort, TargetRef,
};
use crate::world::{What, World};
use crate::yaml::{Document, Node, Span};
use crate::zone::{ControlPlane, Stored, StoredId, View};

use super::edit::Page;
use super::{is_dns_label, Choice};
use crate::collections::{sort_by, Gather};

/// A `kuma.io/service` of a mesh.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// The mesh.
    pub mesh: String,
    /// The value of the tag.
    pub name: String,
    /// What it is called as a real resource.
    pub real: RealName,
    /// Where it runs, by zone.
    pub zones: Vec<Running>,
    /// The combinations of more tags that references ask for.
    pub subsets: Vec<Labels>,
    /// Who uses it.
    pub uses: Vec<Use>,
    /// What is suggested, and why.
    pub suggestion: (Choice, String),
    /// What holds.
    pub choice: Choice,
}

impl Service {
    /// The zones in which it runs.
    pub fn zone_names(&self) -> impl Iterator<Item = &String> {
        self.zones.iter().map(|running| &running.zone)
    }

    /// True if it runs in a zone.
    pub fn runs_in(&self, zone: &str) -> bool {
        self.zones.iter().any(|running| running.zone == zone)
    }
}

/// The service of a name.
pub fn find<'a>(services: &'a [Service], mesh: &str, name: &str) -> Option<&'a Service> {
    let at = services.binary_search_by(|s| (s.mesh.as_str(), s.name.as_str()).cmp(&(mesh, name))).ok()?;
    services.get(at)
}

/// The name of the MeshService that takes the place of a `kuma.io/service`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RealName {
    /// The display name.
    pub name: String,
    /// The Kubernetes namespace; empty on Universal.
    pub namespace: String,
    /// The port, which on Kubernetes is part of the tag's value.
    pub port: Option<i64>,
}

impl RealName {
    /// Reads the value of a tag: on Kubernetes it is `<service>_<namespace>_svc_<port>`.
    fn of(tag: &str, environment: Environment) -> RealName {
        let parts: Vec<&str> = tag.split('_').gather();
        match parts.as_slice() {
            [name, namespace, "svc", rest @ ..] if environment == Environment::Kubernetes && rest.len() < 2 => {
                RealName {
                    name: (*name).to_owned(),
                    namespace: (*namespace).to_owned(),
                    port: rest.first().and_then(|port| port.parse().ok()),
                }
            }
            _ => RealName { name: tag.to_owned(), namespace: String::new(), port: None },
        }
    }

    /// The labels that its MeshServices have on every control plane but perhaps that of a hand-made one.
    pub fn labels(&self) -> Vec<(&str, &str)> {
        let mut out = vec![(label::DISPLAY_NAME, self.name.as_str())];
        if !self.namespace.is_empty() {
            out.push((label::NAMESPACE, &self.namespace));
        }
        out
    }

    /// True if this is its MeshService.
    pub fn is(&self, stored: &Stored) -> bool {
        stored.kind() == Kind::MeshService && stored.display_name() == self.name && stored.namespace() == self.namespace
    }
}

/// A service in one of its zones.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// The zone.
    pub zone: String,
    /// Its Dataplanes.
    pub dataplanes: Vec<StoredId>,
    /// How many of them have a Ready inbound.
    pub ready: u32,
    /// The ports that its inbounds give, those of the oldest Dataplane first.
    pub ports: Vec<Port>,
}

/// A place that speaks of a `kuma.io/service`.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The document.
    pub document: u32,
    /// The kind of its resource.
    pub kind: String,
    /// The name of its resource.
    pub name: String,
    /// The path inside the document.
    pub path: String,
    /// What the place does.
    pub form: UseForm,
    /// The zone of the document; empty for global's.
    pub zone: String,
    /// Where it stands.
    pub source: SourceId,
    /// Where it stands.
    pub span: Span,
}

/// What a place that speaks of a `kuma.io/service` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseForm {
    /// `to[].targetRef` of a route.
    Route,
    /// `to[].targetRef` of another policy.
    Policy,
    /// A backendRef of a route.
    BackendRef,
    /// A mirror of a route.
    Mirror,
    /// `networking.outbound[]` of a Dataplane.
    Outbound,
    /// `reachableServices` of a Dataplane or Pod.
    ReachableServices,
    /// A top-level targetRef or `from` item, which is about proxies and stays as it is.
    Proxies,
}

/// A document with its place in the text.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Its place among all documents.
    pub ordinal: u32,
    /// The resource.
    pub resource: &'a Arc<Resource>,
    /// Where it lives.
    pub home: &'a ControlPlane,
    /// Its values.
    pub node: &'a Node,
    /// Its text.
    pub page: Page<'a>,
}

/// The accepted documents of a world.
pub fn written(world: &World) -> Vec<Written<'_>> {
    let mut out = Vec::new();
    for placed in &world.documents {
        let What::Accepted { resource, home } = &placed.what else { continue };
        let Some(page) = Page::of(&world.sources, placed.document.source) else { continue };
        let Some(node) = document_of(world, placed.document.source, placed.span).and_then(|d| root_at(d, placed.span))
        else {
            continue;
        };
        out.push(Written { ordinal: placed.ordinal, resource, home, node, page });
    }
    out
}

/// The document that a span lies in.
pub fn document_of(world: &World, source: SourceId, span: Span) -> Option<&Document> {
    let documents = &world.sources.get(source.0 as usize)?.documents;
    documents.iter().find(|d| d.root.as_ref().is_some_and(|r| r.span.start <= span.start && span.end <= r.span.end))
}

/// The document's value, or the item of its list, that has a span.
fn root_at(document: &Document, span: Span) -> Option<&Node> {
    let root = document.root.as_ref()?;
    match root.span == span {
        true => Some(root),
        false => root.items("items").iter().find(|item| item.span == span),
    }
}

impl Written<'_> {
    /// The zone that it lives in; empty on global.
    pub fn zone(&self) -> &str {
        self.home.zone().unwrap_or_default()
    }

    /// The same resource as a view has it.
    pub fn stored<'v>(&self, view: &'v View) -> Option<&'v Stored> {
        let is_same = |s: &&Stored| s.kind() == self.resource.kind && s.resource.provenance == self.resource.provenance;
        view.all().map(|(_, s)| s).find(is_same)
    }
}

/// Every `kuma.io/service` that runs somewhere, by mesh and name.
pub fn services(world: &World) -> Vec<Service> {
    let mut out: Vec<Service> = Vec::new();
    for view in &world.views {
        let Some(zone) = view.plane.zone() else { continue };
        for mesh in view.meshes() {
            for (id, stored) in view.of_kind(Kind::Dataplane, mesh) {
                let Some(dataplane) = stored.as_dataplane() else { continue };
                add_dataplane(&mut out, (zone, world.topology.environment(&view.plane)), mesh, id, dataplane);
            }
        }
    }
    sort_by(&mut out, |a, b| (&a.mesh, &a.name).cmp(&(&b.mesh, &b.name)));
    for at in 0..out.len() {
        let Some(service) = out.get(at).filter(|s| s.real.namespace.is_empty() && !is_dns_label(&s.name)) else {
            continue;
        };
        let tags = Labels::from([(label::SERVICE_TAG.into(), service.name.as_str().into())]);
        let known = |name: &str| out.iter().any(|s| s.mesh == service.mesh && s.real.name == name);
        let name = service_name(world, &service.mesh, &service.name, &tags, &known);
        if let Some(service) = out.get_mut(at) {
            service.real.name = name;
        }
    }
    for document in written(world) {
        for (service, tags, form, path, span) in uses(&document) {
            let mesh = &document.resource.mesh;
            let Some(service) = out.iter_mut().find(|s| s.mesh == *mesh && s.name == service) else { continue };
            if !tags.is_empty() && !service.subsets.contains(&tags) {
                service.subsets.push(tags);
            }
            service.uses.push(Use {
                document: document.ordinal,
                kind: document.resource.kind.name().to_owned(),
                name: document.resource.name.clone(),
                path,
                form,
                zone: document.zone().to_owned(),
                source: document.page.source,
                span,
            });
        }
    }
    pod_uses(world, &mut out);
    out
}

/// The name of a MeshService for inbounds that have some tags: one that selects just them, or a name like the wanted one
/// that is a DNS label and not taken.
pub fn service_name(world: &World, mesh: &str, wanted: &str, tags: &Labels, known: &dyn Fn(&str) -> bool) -> String {
    let all = || world.views.iter().flat_map(|v| v.of_kind(Kind::MeshService, mesh)).map(|(_, s)| s);
    let selects = |s: &Stored| {
        let selector = s.as_mesh_service().map(|m| &m.selector);
        matches!(selector, Some(Selector::DataplaneTags(selected)) if selected == tags)
    };
    if let Some(made) = all().find(|s| selects(s) && s.is_local()) {
        return made.display_name().to_owned();
    }
    free_name(wanted, &|name| known(name) || all().any(|s| s.display_name() == name && !selects(s)))
}

/// A DNS label like a text that is not taken.
pub fn free_name(wanted: &str, is_taken: &dyn Fn(&str) -> bool) -> String {
    let dashed = wanted.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let base = match dashed.trim_matches('-') {
        text if text.starts_with(|c: char| c.is_ascii_lowercase()) => text.to_owned(),
        text => format!("service-{text}"),
    };
    let short = |length: usize| base.get(..length).unwrap_or(&base).trim_end_matches('-');
    let mut name = short(63).to_owned();
    let mut next = 2;
    while is_taken(&name) {
        name = format!("{}-{next}", short(58));
        next += 1;
    }
    name
}

fn add_dataplane(
    out: &mut Vec<Service>,
    (zone, environment): (&str, Environment),
    mesh: &str,
    id: StoredId,
    dataplane: &Dataplane,
) {
    for inbound in dataplane.inbounds.iter().filter(|i| i.state != InboundState::Ignored) {
        let Some(name) = inbound.service() else { continue };
        let at = match out.iter().position(|s| s.mesh == mesh && s.name == name) {
            Some(at) => at,
            None => {
                out.push(Service {
                    mesh: mesh.to_owned(),
                    name: name.to_owned(),
                    real: RealName::of(name, environment),
                    zones: Vec::new(),
                    subsets: Vec::new(),
                    uses: Vec::new(),
                    suggestion: (Choice::MeshService, String::new()),
                    choice: Choice::MeshService,
                });
                out.len() - 1
            }
        };
        let Some(service) = out.get_mut(at) else { continue };
        let number = service.real.port.unwrap_or(i64::from(inbound.port));
        // zones come by name, one after the other
        if service.zones.last().is_none_or(|running| running.zone != zone) {
            let (dataplanes, ports) = (Vec::new(), Vec::new());
            service.zones.push(Running { zone: zone.to_owned(), dataplanes, ready: 0, ports });
        }
        let Some(running) = service.zones.last_mut() else { continue };
        if running.dataplanes.last() != Some(&id) {
            running.dataplanes.push(id);
            running.ready += u32::from(inbound.state == InboundState::Ready);
        }
        if !running.ports.iter().any(|p| p.port == number) {
            running.ports.push(Port {
                name: Some(inbound.section().into()),
                port: number,
                target_port: Some(TargetPort::Number(i64::from(inbound.port))),
                app_protocol: match inbound.protocol {
                    Protocol::Unknown => Protocol::Tcp.name().into(),
                    known => known.name().into(),
                },
                span: Span::default(),
            });
        }
    }
}

/// The name and more tags of a `kuma.io/service`, what the place does, its path, and where it stands.
type Found = (String, Labels, UseForm, String, Span);

/// The places of a document that speak of a `kuma.io/service`.
fn uses(document: &Written<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    match &document.resource.body {
        Body::Policy(policy) => policy_uses(document.resource.kind, policy, &mut out),
        Body::Dataplane(dataplane) => {
            for (outbound, index) in dataplane.outbounds.iter().zip(0u32..) {
                let OutboundTarget::Tags(tags) = &outbound.target else { continue };
                let Some(service) = tags.get(label::SERVICE_TAG) else { continue };
                let path = format!("networking.outbound[{index}].tags");
                out.push((service.as_str().to_owned(), more_tags(tags), UseForm::Outbound, path, outbound.span));
            }
            let list = document.node.at(&["networking", "transparentProxying", "reachableServices"]);
            for (item, index) in list.and_then(Node::as_seq).unwrap_or_default().iter().zip(0u32..) {
                let Some(service) = item.as_str() else { continue };
                let path = format!("networking.transparentProxying.reachableServices[{index}]");
                out.push((service.to_owned(), Labels::new(), UseForm::ReachableServices, path, item.span));
            }
        }
        _ => {}
    }
    out
}

/// The tags besides `kuma.io/service`.
pub fn more_tags(tags: &Labels) -> Labels {
    tags.iter().filter(|(k, _)| *k != label::SERVICE_TAG).map(|(k, v)| (k.clone(), v.clone())).gather()
}

/// True if a reference names a `kuma.io/service` by its name.
pub fn names_service(target: &TargetRef) -> bool {
    matches!(target.kind, TargetKind::MeshService | TargetKind::MeshServiceSubset)
        && target.name.is_some()
        && target.labels.is_empty()
}

fn policy_uses(kind: Kind, policy: &Policy, out: &mut Vec<Found>) {
    let is_route = matches!(kind, Kind::MeshHTTPRoute | Kind::MeshTCPRoute);
    let mut add = |target: &TargetRef, form, path: String| {
        if let Some(name) = target.name.clone().filter(|_| names_service(target)) {
            out.push((name, target.tags.clone(), form, path, target.span));
        }
    };
    add(&policy.target_ref, UseForm::Proxies, "spec.targetRef".into());
    for item in &policy.to {
        let to = format!("spec.to[{}]", item.index);
        let form = if is_route { UseForm::Route } else { UseForm::Policy };
        if item.target_ref.namespace.is_none() && item.target_ref.section_name.is_none() {
            add(&item.target_ref, form, format!("{to}.targetRef"));
        }
        for rule in &item.rules {
            let default = format!("{to}.rules[{}].default", rule.index);
            for (backend, index) in rule.backend_refs.iter().flatten().zip(0u32..) {
                if !backend.is_real() {
                    add(&backend.target, UseForm::BackendRef, format!("{default}.backendRefs[{index}]"));
                }
            }
            for (index, mirror) in &rule.mirrors {
                let path = format!("{default}.filters[{index}].requestMirror.backendRef");
                add(&mirror.target, UseForm::Mirror, path);
            }
        }
    }
    for item in &policy.from {
        add(&item.target_ref, UseForm::Proxies, format!("spec.from[{}].targetRef", item.index));
    }
}

/// The annotation of Pods that lists `kuma.io/service`s.
pub const REACHABLE_SERVICES: &str = crate::kubernetes::annotation::REACHABLE_SERVICES;

/// A Kubernetes object with the annotation: its place, kind and name, the annotations, and the zone.
pub struct Annotated<'a> {
    /// Its place among all documents.
    pub ordinal: u32,
    /// Its kind.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// Where it lives.
    pub home: &'a ControlPlane,
    /// The path of the annotations.
    pub path: &'static str,
    /// The annotations.
    pub annotations: &'a Node,
    /// Its text.
    pub page: Page<'a>,
}

/// The Pods and workloads that set `reachableServices`.
pub fn annotated(world: &World) -> Vec<Annotated<'_>> {
    let mut out = Vec::new();
    for placed in &world.documents {
        let What::Kubernetes { kind, name, namespace, home } = &placed.what else { continue };
        let root = document_of(world, placed.document.source, placed.span).and_then(|d| root_at(d, placed.span));
        let (Some(root), Some(page)) = (root, Page::of(&world.sources, placed.document.source)) else { continue };
        for path in ["metadata.annotations", "spec.template.metadata.annotations"] {
            let keys: Vec<&str> = path.split('.').gather();
            let Some(annotations) = root.at(&keys).filter(|a| a.get(REACHABLE_SERVICES).is_some()) else { continue };
            let namespace = namespace.as_deref().unwrap_or("default");
            out.push(Annotated { ordinal: placed.ordinal, kind, name, namespace, home, path, annotations, page });
        }
    }
    out
}

/// The names in the annotation.
pub fn annotated_services(annotations: &Node) -> Vec<String> {
    let text = annotations.text(REACHABLE_SERVICES).unwrap_or_default();
    text.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).gather()
}

fn pod_uses(world: &World, out: &mut [Service]) {
    for object in annotated(world) {
        let Some(list) = object.annotations.get(REACHABLE_SERVICES) else { continue };
        for name in annotated_services(object.annotations) {
            for service in out.iter_mut().filter(|s| s.name == name) {
                service.uses.push(Use {
                    document: object.ordinal,
                    kind: object.kind.to_owned(),
                    name: object.name.to_owned(),
                    path: format!("{}[{REACHABLE_SERVICES}]", object.path),
                    form: UseForm::ReachableServices,
                    zone: object.home.zone().unwrap_or_default().to_owned(),
                    source: object.page.source,
                    span: list.span,
                });
            }
        }
    }
}

/// How documents of a control plane are written.
pub fn environment(world: &World, home: &ControlPlane) -> Environment {
    world.topology.environment(home)
}

/// The document of a Mesh, if it is in the input.
pub fn mesh_document<'a>(documents: &'a [Written<'a>], mesh: &str) -> Option<&'a Written<'a>> {
    let is_mesh = |d: &&Written<'_>| d.resource.kind == Kind::Mesh && d.resource.name == mesh;
    documents.iter().rev().find(is_mesh).filter(|d| matches!(d.resource.provenance, Provenance::Written { .. }))
}
