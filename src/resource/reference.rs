//! References: `targetRef`, `backendRef` and their like.

use crate::collections::Gather;
use crate::yaml::{Node, Span};

use super::{Kind, Labels};

/// What a reference may name in `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// The whole mesh.
    Mesh,
    /// Proxies by inbound tags (deprecated).
    MeshSubset,
    /// Proxies by name or labels.
    Dataplane,
    /// A MeshService; as a top-level targetRef and in legacy positions: a `kuma.io/service`.
    MeshService,
    /// A `kuma.io/service` with more tags.
    MeshServiceSubset,
    /// A MeshExternalService.
    MeshExternalService,
    /// A MeshMultiZoneService.
    MeshMultiZoneService,
    /// A builtin gateway.
    MeshGateway,
    /// A route, for policies on its requests.
    MeshHTTPRoute,
}

impl TargetKind {
    /// All of them.
    pub const ALL: &'static [TargetKind] = &[
        TargetKind::Mesh,
        TargetKind::MeshSubset,
        TargetKind::Dataplane,
        TargetKind::MeshService,
        TargetKind::MeshServiceSubset,
        TargetKind::MeshExternalService,
        TargetKind::MeshMultiZoneService,
        TargetKind::MeshGateway,
        TargetKind::MeshHTTPRoute,
    ];

    /// Kuma's name.
    pub const fn name(self) -> &'static str {
        match self {
            TargetKind::Mesh => "Mesh",
            TargetKind::MeshSubset => "MeshSubset",
            TargetKind::Dataplane => "Dataplane",
            TargetKind::MeshService => "MeshService",
            TargetKind::MeshServiceSubset => "MeshServiceSubset",
            TargetKind::MeshExternalService => "MeshExternalService",
            TargetKind::MeshMultiZoneService => "MeshMultiZoneService",
            TargetKind::MeshGateway => "MeshGateway",
            TargetKind::MeshHTTPRoute => "MeshHTTPRoute",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<TargetKind> {
        TargetKind::ALL.iter().copied().find(|k| k.name() == name)
    }

    /// The kind of resource that a reference of this kind resolves to, if it is a real resource.
    pub const fn resource(self) -> Option<Kind> {
        match self {
            TargetKind::Mesh => Some(Kind::Mesh),
            TargetKind::Dataplane => Some(Kind::Dataplane),
            TargetKind::MeshService => Some(Kind::MeshService),
            TargetKind::MeshExternalService => Some(Kind::MeshExternalService),
            TargetKind::MeshMultiZoneService => Some(Kind::MeshMultiZoneService),
            TargetKind::MeshHTTPRoute => Some(Kind::MeshHTTPRoute),
            TargetKind::MeshGateway => Some(Kind::MeshGateway),
            TargetKind::MeshSubset | TargetKind::MeshServiceSubset => None,
        }
    }
}

/// A kind of proxy, as `proxyTypes` and the label `kuma.io/proxy-type` tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProxyType {
    /// A Dataplane without `networking.gateway`.
    Sidecar,
    /// A Dataplane with it.
    Gateway,
}

/// A `targetRef`.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetRef {
    /// What kind of thing.
    pub kind: TargetKind,
    /// By name; empty names count as absent, as in Kuma.
    pub name: Option<String>,
    /// The namespace of the name (Kubernetes).
    pub namespace: Option<String>,
    /// By labels; an empty map counts as absent, as in Kuma.
    pub labels: Labels,
    /// A port (or inbound) of it.
    pub section_name: Option<String>,
    /// Where that stands; nothing if there is none.
    pub section_name_span: Option<Span>,
    /// Tags of subset kinds.
    pub tags: Labels,
    /// Which proxies; empty means all.
    pub proxy_types: Vec<ProxyType>,
    /// The whole reference; empty for one that Kuma filled in.
    pub span: Span,
}

impl TargetRef {
    /// The reference that a missing top-level targetRef means.
    pub fn mesh() -> Self {
        TargetRef {
            kind: TargetKind::Mesh,
            name: None,
            namespace: None,
            labels: Labels::new(),
            section_name: None,
            section_name_span: None,
            tags: Labels::new(),
            proxy_types: Vec::new(),
            span: Span::default(),
        }
    }

    /// Reads one; nothing if the kind is none of Kuma's.
    pub fn read(node: &Node) -> Option<TargetRef> {
        let text = |key: &str| node.text(key).filter(|s| !s.is_empty()).map(str::to_owned);
        let proxy_types = node
            .items("proxyTypes")
            .iter()
            .filter_map(|n| match n.as_str()? {
                "Sidecar" => Some(ProxyType::Sidecar),
                "Gateway" => Some(ProxyType::Gateway),
                _ => None,
            })
            .gather();
        Some(TargetRef {
            kind: TargetKind::named(node.text("kind")?)?,
            name: text("name"),
            namespace: text("namespace"),
            labels: node.strings("labels").unwrap_or_default(),
            section_name: text("sectionName"),
            section_name_span: node.get("sectionName").map(|n| n.span),
            tags: node.strings("tags").unwrap_or_default(),
            proxy_types,
            span: node.span,
        })
    }

    /// What it asks for, in a few words: "MeshService `redis` section `main`".
    pub fn describe(&self) -> String {
        let mut out = String::from(self.kind.name());
        if let Some(name) = &self.name {
            out.push_str(&format!(" `{name}`"));
        }
        if let Some(namespace) = &self.namespace {
            out.push_str(&format!(" in namespace `{namespace}`"));
        }
        if !self.labels.is_empty() {
            out.push_str(&format!(" with labels {}", pairs(&self.labels)));
        }
        if !self.tags.is_empty() {
            out.push_str(&format!(" with tags {}", pairs(&self.tags)));
        }
        if let Some(section) = &self.section_name {
            out.push_str(&format!(" section `{section}`"));
        }
        out
    }
}

/// Pairs as people write them: `a: b`, `c: d`.
pub fn pairs(map: &Labels) -> String {
    map.iter().map(|(k, v)| format!("`{k}: {v}`")).gather::<Vec<_>>().join(", ")
}

/// A `backendRef` of a route, a Dataplane outbound or `reachableBackends`.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendRef {
    /// What it refers to.
    pub target: TargetRef,
    /// The port's number.
    pub port: Option<u32>,
    /// The share of traffic; Kuma takes a missing one for 1.
    pub weight: Option<u32>,
}

impl BackendRef {
    /// Reads one; nothing if the kind is none of Kuma's.
    pub fn read(node: &Node) -> Option<BackendRef> {
        let number = |key: &str| node.get(key).and_then(Node::as_i64).and_then(|n| u32::try_from(n).ok());
        Some(BackendRef { target: TargetRef::read(node)?, port: number("port"), weight: number("weight") })
    }

    /// The weight, 1 if none is written.
    pub fn weight(&self) -> u32 {
        self.weight.unwrap_or(1)
    }

    /// The section that names the port: sectionName, else the port's number as text (rule 6.8: sectionName beats port).
    pub fn section(&self) -> Option<String> {
        self.target.section_name.clone().or_else(|| self.port.map(|p| p.to_string()))
    }

    /// True if Kuma 2.14 looks for a real resource: a MeshService needs a port or sectionName for that (rule 6.8),
    /// otherwise its name is read as a `kuma.io/service`.
    pub fn is_real(&self) -> bool {
        match self.target.kind {
            TargetKind::MeshService => self.port.is_some() || self.target.section_name.is_some(),
            TargetKind::MeshMultiZoneService | TargetKind::MeshExternalService => true,
            _ => false,
        }
    }

    /// What it asks for, in a few words.
    pub fn describe(&self) -> String {
        let mut out = self.target.describe();
        if let Some(port) = self.port {
            out.push_str(&format!(" port {port}"));
        }
        out
    }
}
