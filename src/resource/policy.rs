//! Policies: what every targetRef policy has in common, and the rules of routes.

use crate::collections::Gather;
use crate::yaml::{Node, Span};

use super::{BackendRef, HttpMatch, Kind, TargetRef};

/// A policy or route.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The top-level targetRef; a missing one means the mesh.
    pub target_ref: TargetRef,
    /// True if the top-level targetRef is written.
    pub target_ref_written: bool,
    /// `spec.to[]`.
    pub to: Vec<Item>,
    /// `spec.from[]` (deprecated).
    pub from: Vec<Item>,
    /// `spec.rules[]` of inbound policies.
    pub rules: Vec<InboundRule>,
    /// `spec.default` of policies that have one conf for the proxy.
    pub default: Option<Node>,
}

/// `spec.to[]` or `spec.from[]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is about.
    pub target_ref: TargetRef,
    /// Its conf: `default`, or for routes the whole item without its targetRef (only `rules` counts).
    pub conf: Node,
    /// The rules, for routes.
    pub rules: Vec<RouteRule>,
    /// Its position in the list as written.
    pub index: u32,
    /// Where it stands.
    pub span: Span,
}

/// `spec.rules[]` of an inbound policy.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundRule {
    /// `matches`, as written.
    pub matches: Vec<Node>,
    /// `default`.
    pub conf: Node,
    /// Its position.
    pub index: u32,
    /// Where it stands.
    pub span: Span,
}

/// A rule of a MeshHTTPRoute or MeshTCPRoute.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteRule {
    /// What it matches; one of them is enough. Empty for MeshTCPRoute.
    pub matches: Vec<HttpMatch>,
    /// `default.backendRefs`; nothing if the field is not written.
    pub backend_refs: Option<Vec<BackendRef>>,
    /// `default.filters`, as written.
    pub filters: Option<Vec<Node>>,
    /// The backendRefs of its RequestMirror filters, with the filter's position.
    pub mirrors: Vec<(u32, BackendRef)>,
    /// Its position in `to[].rules`.
    pub index: u32,
    /// Where it stands.
    pub span: Span,
}

impl Policy {
    /// Reads `spec`.
    pub fn read(kind: Kind, spec: &Node) -> Policy {
        let written = spec.get("targetRef").and_then(TargetRef::read);
        Policy {
            target_ref_written: written.is_some(),
            target_ref: written.unwrap_or_else(TargetRef::mesh),
            to: items(kind, spec, "to"),
            from: items(kind, spec, "from"),
            rules: spec
                .items("rules")
                .iter()
                .zip(0..)
                .map(|(rule, index)| InboundRule {
                    matches: rule.items("matches").to_vec(),
                    conf: rule.get("default").cloned().unwrap_or_else(empty),
                    index,
                    span: rule.span,
                })
                .gather(),
            default: spec.get("default").cloned(),
        }
    }

    /// True for policies that speak of inbound traffic (`from` or `rules`).
    pub fn is_inbound(&self) -> bool {
        !self.from.is_empty() || !self.rules.is_empty()
    }
}

fn empty() -> Node {
    Node::unplaced(crate::yaml::Value::Map(Default::default()))
}

fn items(kind: Kind, spec: &Node, key: &str) -> Vec<Item> {
    let is_route = matches!(kind, Kind::MeshHTTPRoute | Kind::MeshTCPRoute);
    let mut out = Vec::new();
    for (node, index) in spec.items(key).iter().zip(0u32..) {
        // a missing targetRef in an item means the mesh, as at the top
        let target_ref = match node.get("targetRef") {
            Some(written) => match TargetRef::read(written) {
                Some(read) => read,
                None => continue,
            },
            None => TargetRef::mesh(),
        };
        let rules = match is_route {
            true => node.items("rules").iter().zip(0..).map(|(rule, i)| route_rule(rule, i)).gather(),
            false => Vec::new(),
        };
        let conf = match is_route {
            true => node.clone(),
            false => node.get("default").cloned().unwrap_or_else(empty),
        };
        out.push(Item { target_ref, conf, rules, index, span: node.span });
    }
    out
}

fn route_rule(node: &Node, index: u32) -> RouteRule {
    let default = node.get("default");
    let mirrors = default
        .map(|d| d.items("filters"))
        .unwrap_or_default()
        .iter()
        .zip(0..)
        .filter_map(|(filter, at)| Some((at, BackendRef::read(filter.at(&["requestMirror", "backendRef"])?)?)))
        .gather();
    RouteRule {
        mirrors,
        matches: node.items("matches").iter().map(HttpMatch::read).gather(),
        backend_refs: default
            .and_then(|d| d.get("backendRefs"))
            .and_then(Node::as_seq)
            .map(|refs| refs.iter().filter_map(BackendRef::read).gather()),
        filters: default.and_then(|d| d.get("filters")).and_then(Node::as_seq).map(<[Node]>::to_vec),
        index,
        span: node.span,
    }
}
