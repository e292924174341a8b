//! Dataplane: a proxy, what it serves (inbounds) and what it asks for (outbounds).

use crate::collections::Gather;
use crate::text::Text;
use crate::yaml::{Node, Span};

use super::{label, BackendRef, Labels, Protocol};

/// A proxy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataplane {
    /// The address that others reach it at.
    pub address: Text,
    /// The address shown to others where it differs.
    pub advertised_address: Option<Text>,
    /// What it serves.
    pub inbounds: Vec<Inbound>,
    /// What it asks for explicitly.
    pub outbounds: Vec<Outbound>,
    /// Set for gateways.
    pub gateway: Option<Gateway>,
    /// Set where traffic is redirected to the proxy.
    pub transparent_proxying: Option<TransparentProxying>,
}

/// `networking.inbound[]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inbound {
    /// The name; without one, sections use the port's number.
    pub name: Option<Text>,
    /// The port that others connect to.
    pub port: u32,
    /// Overrides the Dataplane's address.
    pub address: Option<Text>,
    /// Tags, `kuma.io/service` among them.
    pub tags: Labels,
    /// The protocol: the inbound's own field (Kubernetes), else the tag, else tcp.
    pub protocol: Protocol,
    /// Whether it takes traffic.
    pub state: InboundState,
    /// Where it stands.
    pub span: Span,
}

impl Inbound {
    /// The name, or the port's number as text.
    pub fn section(&self) -> String {
        self.name.as_ref().map_or_else(|| self.port.to_string(), String::from)
    }

    /// True if the inbound has all the tags.
    pub fn has_tags(&self, tags: &Labels) -> bool {
        tags.iter().all(|(k, v)| self.tags.get(k) == Some(v))
    }

    /// The value of `kuma.io/service`.
    pub fn service(&self) -> Option<&str> {
        self.tags.get(label::SERVICE_TAG).map(Text::as_str)
    }
}

/// Whether an inbound takes traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InboundState {
    /// It does.
    #[default]
    Ready,
    /// It is not healthy; it is selected but is no endpoint.
    NotReady,
    /// It is left out altogether.
    Ignored,
}

/// `networking.outbound[]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbound {
    /// The address the application connects to; 127.0.0.1 if none is written.
    pub address: Text,
    /// The port the application connects to.
    pub port: u32,
    /// Where it goes.
    pub target: OutboundTarget,
    /// Where it stands.
    pub span: Span,
}

/// Where an explicit outbound goes.
#[derive(Clone, Debug, PartialEq)]
pub enum OutboundTarget {
    /// To a real resource.
    Backend(BackendRef),
    /// To a `kuma.io/service`, with more tags perhaps.
    Tags(Labels),
}

/// `networking.gateway`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gateway {
    /// Its tags.
    pub tags: Labels,
    /// True for gateways that Kuma itself configures (`BUILTIN`).
    pub builtin: bool,
}

/// `networking.transparentProxying`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransparentProxying {
    /// The port that outgoing traffic is redirected to.
    pub redirect_port_outbound: u32,
    /// The port that incoming traffic is redirected to.
    pub redirect_port_inbound: u32,
    /// Limits `kuma.io/service` destinations; absent means all.
    pub reachable_services: Option<Vec<String>>,
    /// Limits real destinations; absent means what the mode says, an empty list means none.
    pub reachable_backends: Option<Vec<BackendRef>>,
}

impl Dataplane {
    /// Reads `networking`. Dataplanes follow protobuf's JSON, which takes snake_case and numbers as text too (rule 9.1).
    pub fn read(doc: &Node) -> Dataplane {
        let Some(net) = field(doc, "networking") else { return Dataplane::default() };
        Dataplane {
            address: text(net, "address").unwrap_or_default(),
            advertised_address: text(net, "advertisedAddress"),
            inbounds: field(net, "inbound").and_then(Node::as_seq).unwrap_or_default().iter().map(inbound).gather(),
            outbounds: field(net, "outbound")
                .and_then(Node::as_seq)
                .unwrap_or_default()
                .iter()
                .filter_map(outbound)
                .gather(),
            gateway: field(net, "gateway").map(|g| Gateway {
                tags: g.strings("tags").unwrap_or_default(),
                builtin: match field(g, "type") {
                    Some(t) => t.as_str() == Some("BUILTIN") || t.as_i64() == Some(1),
                    None => false,
                },
            }),
            transparent_proxying: field(net, "transparentProxying").map(|t| TransparentProxying {
                redirect_port_outbound: number(t, "redirectPortOutbound").unwrap_or(0),
                redirect_port_inbound: number(t, "redirectPortInbound").unwrap_or(0),
                reachable_services: field(t, "reachableServices")
                    .and_then(Node::as_seq)
                    .map(|s| s.iter().filter_map(|n| n.as_str().map(str::to_owned)).gather::<Vec<_>>())
                    // protobuf cannot tell an empty list from none
                    .filter(|s| !s.is_empty()),
                reachable_backends: field(t, "reachableBackends").map(|b| {
                    field(b, "refs")
                        .and_then(Node::as_seq)
                        .unwrap_or_default()
                        .iter()
                        .filter_map(proto_backend_ref)
                        .gather()
                }),
            }),
        }
    }

    /// True if it has `networking.gateway`.
    pub fn is_gateway(&self) -> bool {
        self.gateway.is_some()
    }

    /// The address of an inbound as others see it: the advertised one, else where it listens.
    pub fn address_of<'a>(&'a self, inbound: &'a Inbound) -> &'a Text {
        self.advertised_address.as_ref().unwrap_or_else(|| self.listens_at(inbound))
    }

    /// The address where an inbound listens: its own, else the Dataplane's.
    pub fn listens_at<'a>(&'a self, inbound: &'a Inbound) -> &'a Text {
        inbound.address.as_ref().unwrap_or(&self.address)
    }
}

fn inbound(node: &Node) -> Inbound {
    let tags = node.strings("tags").unwrap_or_default();
    let written = text(node, "protocol").or_else(|| tags.get(label::PROTOCOL_TAG).cloned());
    let state = field(node, "state");
    let ready = field(node, "health").and_then(|h| h.get("ready")).and_then(Node::as_bool);
    Inbound {
        name: text(node, "name"),
        port: number(node, "port").unwrap_or(0),
        address: text(node, "address"),
        protocol: match written.as_deref().map(Protocol::parse) {
            None | Some(Protocol::Unknown) => Protocol::Tcp,
            Some(known) => known,
        },
        tags,
        state: match (state.and_then(Node::as_str), state.and_then(Node::as_i64)) {
            (Some("NotReady"), _) | (_, Some(1)) => InboundState::NotReady,
            (Some("Ignored"), _) | (_, Some(2)) => InboundState::Ignored,
            _ if ready == Some(false) => InboundState::NotReady,
            _ => InboundState::Ready,
        },
        span: node.span,
    }
}

fn outbound(node: &Node) -> Option<Outbound> {
    let target = match field(node, "backendRef") {
        Some(backend) => OutboundTarget::Backend(proto_backend_ref(backend)?),
        None => OutboundTarget::Tags(node.strings("tags").unwrap_or_default()),
    };
    Some(Outbound {
        address: text(node, "address").unwrap_or_else(|| "127.0.0.1".into()),
        port: number(node, "port")?,
        target,
        span: node.span,
    })
}

fn proto_backend_ref(node: &Node) -> Option<BackendRef> {
    let mut backend = BackendRef::read(node)?;
    backend.port = number(node, "port").filter(|p| *p != 0);
    Some(backend)
}

/// A field in protobuf's JSON: `camelCase` or `snake_case`.
pub(super) fn field<'a>(node: &'a Node, camel: &str) -> Option<&'a Node> {
    node.get(camel).or_else(|| {
        let snake = camel.chars().fold(String::new(), |mut out, c| {
            if c.is_ascii_uppercase() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
            out
        });
        node.get(&snake)
    })
}

pub(super) fn text(node: &Node, key: &str) -> Option<Text> {
    field(node, key)?.as_text().filter(|text| !text.is_empty()).cloned()
}

/// A number in protobuf's JSON: a number or its text.
pub(super) fn number(node: &Node, key: &str) -> Option<u32> {
    let value = field(node, key)?;
    value.as_i64().and_then(|n| u32::try_from(n).ok()).or_else(|| value.as_str()?.parse().ok())
}
