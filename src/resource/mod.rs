//! Typed resources: what Kuma's documents say, checked once at the door, with the place each came from.

mod dataplane;
mod kind;
mod kri;
pub mod label;
mod mesh;
mod mesh_gateway;
mod policy;
mod protocol;
mod reference;
mod route;
mod service;
mod zone_proxy;

use std::sync::Arc;

use crate::collections::SortedMap;

use crate::check;
use crate::diagnostic::SourceId;
use crate::text::Text;
use crate::yaml::{Node, Span};

pub use dataplane::{Dataplane, Gateway, Inbound, InboundState, Outbound, OutboundTarget, TransparentProxying};
pub use kind::Kind;
pub use kri::Kri;
pub use mesh::{Mesh, MeshServicesMode};
pub use mesh_gateway::{GatewayListener, MeshGateway};
pub use policy::{InboundRule, Item, Policy, RouteRule};
pub use protocol::Protocol;
pub use reference::{pairs, BackendRef, ProxyType, TargetKind, TargetRef};
pub use route::{HeaderMatch, HeaderMatchType, HttpMatch, PathMatch, QueryMatch};
pub use service::{
    HostnameGenerator, MeshExternalService, MeshMultiZoneService, MeshService, Port, Selector, TargetPort,
};
pub use zone_proxy::ZoneProxy;

/// Labels, tags and annotations.
pub type Labels = SortedMap<Text, Text>;

/// Where a zone's control plane runs, and so how documents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// On machines: `type:`, `name:`, `mesh:` at the top.
    #[default]
    Universal,
    /// On Kubernetes: `apiVersion:`, `kind:`, `metadata:`.
    Kubernetes,
}

impl Environment {
    /// The value of label `kuma.io/env`.
    pub const fn name(self) -> &'static str {
        match self {
            Environment::Universal => "universal",
            Environment::Kubernetes => "kubernetes",
        }
    }
}

/// A document of the input: which source, and which in it (items of a `List` share their document's index).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId {
    /// Which source.
    pub source: SourceId,
    /// Which document in it.
    pub index: u32,
}

/// Where a resource comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The user wrote it.
    Written {
        /// In this document.
        document: DocumentId,
        /// The document's (or `List` item's) text.
        span: Span,
    },
    /// Kuma generates it: a MeshService, a Dataplane of a Pod.
    Generated,
    /// Kuma adds it by default: initial policies of a Mesh, default HostnameGenerators.
    Default,
}

/// A resource as its author handed it to a control plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The kind.
    pub kind: Kind,
    /// The mesh; empty for global-scoped kinds.
    pub mesh: String,
    /// The name.
    pub name: String,
    /// The Kubernetes namespace; nothing on Universal.
    pub namespace: Option<String>,
    /// The labels.
    pub labels: Labels,
    /// The annotations (Kubernetes).
    pub annotations: Labels,
    /// `creationTimestamp` or `creationTime` as written.
    pub created: Option<String>,
    /// How it is written.
    pub environment: Environment,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Where its name stands.
    pub name_span: Span,
    /// Its content.
    pub body: Body,
}

/// The content of a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A Mesh.
    Mesh(Mesh),
    /// A Dataplane.
    Dataplane(Dataplane),
    /// A MeshService.
    MeshService(MeshService),
    /// A MeshMultiZoneService.
    MeshMultiZoneService(MeshMultiZoneService),
    /// A MeshExternalService.
    MeshExternalService(MeshExternalService),
    /// A HostnameGenerator.
    HostnameGenerator(HostnameGenerator),
    /// A MeshGateway.
    MeshGateway(MeshGateway),
    /// A ZoneIngress.
    ZoneIngress(ZoneProxy),
    /// A ZoneEgress.
    ZoneEgress(ZoneProxy),
    /// A policy or route.
    Policy(Box<Policy>),
    /// A kind that has no part in destinations, or a body that cannot be read.
    Other,
}

impl Resource {
    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(Text::as_str)
    }

    /// The document it was written in.
    pub fn document(&self) -> Option<DocumentId> {
        match self.provenance {
            Provenance::Written { document, .. } => Some(document),
            Provenance::Generated | Provenance::Default => None,
        }
    }
}

/// What a document turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A Kuma resource.
    Kuma(Arc<Resource>),
    /// A Kubernetes object of another API (Service, Pod …), by `apiVersion` and `kind`.
    Kubernetes {
        /// `apiVersion`.
        api_version: String,
        /// `kind`.
        kind: String,
    },
    /// Checks of meshscope's own, which have no part in the mesh.
    Checks,
    /// Not a resource: no mapping, no `type`, or a kind that Kuma does not have.
    Unknown {
        /// What stands in `type` or `kind`, if it is text.
        kind: Option<String>,
    },
}

impl Reading {
    /// Where a document in this form would be applied.
    pub fn environment(&self) -> Environment {
        match self {
            Reading::Kuma(resource) => resource.environment,
            Reading::Kubernetes { .. } => Environment::Kubernetes,
            Reading::Checks | Reading::Unknown { .. } => Environment::Universal,
        }
    }
}

/// Reads one document (or one item of a `List`).
pub fn read(root: &Node, document: DocumentId) -> Reading {
    if root.get("type").is_none() && root.get("apiVersion").is_some() && root.get("kind").is_some() {
        return read_kubernetes(root, document);
    }
    let written = root.text("type");
    if written == Some(check::KIND) {
        return Reading::Checks;
    }
    let Some(kind) = written.and_then(Kind::named) else {
        return Reading::Unknown { kind: written.map(str::to_owned) };
    };
    let spec = root.get("spec");
    let mesh = match kind.is_global_scoped() {
        true => String::new(),
        false => root.text("mesh").filter(|m| !m.is_empty()).unwrap_or("default").to_owned(),
    };
    let name = root.get("name");
    Reading::Kuma(Arc::new(Resource {
        kind,
        mesh,
        name: name.and_then(Node::as_str).unwrap_or_default().to_owned(),
        namespace: None,
        labels: root.strings("labels").unwrap_or_default(),
        annotations: Labels::new(),
        created: root.text("creationTime").map(str::to_owned),
        environment: Environment::Universal,
        provenance: Provenance::Written { document, span: root.span },
        name_span: name.map_or(root.span, |n| n.span),
        body: body(kind, root, spec, root.get("status")),
    }))
}

fn read_kubernetes(root: &Node, document: DocumentId) -> Reading {
    let api_version = root.text("apiVersion").unwrap_or_default();
    let written = root.text("kind").unwrap_or_default();
    if !api_version.starts_with("kuma.io/") {
        return Reading::Kubernetes { api_version: api_version.to_owned(), kind: written.to_owned() };
    }
    let Some(kind) = Kind::named(written) else { return Reading::Unknown { kind: Some(written.to_owned()) } };
    let metadata = root.get("metadata");
    let meta_text = |key: &str| metadata.and_then(|m| m.text(key)).filter(|t| !t.is_empty()).map(str::to_owned);
    let labels = metadata.and_then(|m| m.strings("labels")).unwrap_or_default();
    let mesh = match kind.is_global_scoped() {
        true => String::new(),
        false => labels
            .get(label::MESH)
            .map(Text::as_str)
            .or_else(|| root.text("mesh"))
            .filter(|m| !m.is_empty())
            .unwrap_or("default")
            .to_owned(),
    };
    let spec = root.get("spec");
    let name = metadata.and_then(|m| m.get("name"));
    Reading::Kuma(Arc::new(Resource {
        kind,
        mesh,
        name: name.and_then(Node::as_str).unwrap_or_default().to_owned(),
        namespace: match kind {
            Kind::Mesh | Kind::MeshGateway | Kind::VirtualOutbound => None,
            _ => Some(meta_text("namespace").unwrap_or_else(|| "default".into())),
        },
        labels,
        annotations: metadata.and_then(|m| m.strings("annotations")).unwrap_or_default(),
        created: meta_text("creationTimestamp"),
        environment: Environment::Kubernetes,
        provenance: Provenance::Written { document, span: root.span },
        name_span: name.map_or(root.span, |n| n.span),
        // Mesh, Dataplane and zone proxies keep on Kubernetes under `spec` what Universal has at the top
        body: body(kind, spec.unwrap_or(root), spec, root.get("status")),
    }))
}

fn body(kind: Kind, top: &Node, spec: Option<&Node>, status: Option<&Node>) -> Body {
    let read = || {
        Some(match kind {
            Kind::Mesh => Body::Mesh(Mesh::read(top)),
            Kind::Dataplane => Body::Dataplane(Dataplane::read(top)),
            Kind::ZoneIngress => Body::ZoneIngress(ZoneProxy::read(top)),
            Kind::ZoneEgress => Body::ZoneEgress(ZoneProxy::read(top)),
            Kind::MeshService => Body::MeshService(MeshService::read(spec?, status)),
            Kind::MeshMultiZoneService => Body::MeshMultiZoneService(MeshMultiZoneService::read(spec?)),
            Kind::MeshExternalService => Body::MeshExternalService(MeshExternalService::read(spec?)?),
            Kind::HostnameGenerator => Body::HostnameGenerator(HostnameGenerator::read(spec?)?),
            Kind::MeshGateway => Body::MeshGateway(MeshGateway::read(top)),
            Kind::VirtualOutbound => Body::Other,
            policy => Body::Policy(Box::new(Policy::read(policy, spec?))),
        })
    };
    read().unwrap_or(Body::Other)
}
