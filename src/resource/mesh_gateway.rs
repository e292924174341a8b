//! MeshGateway: listeners that Kuma gives to the proxies it selects.

use crate::collections::Gather;
use crate::yaml::Node;

use super::dataplane::{field, number};
use super::Labels;

/// A MeshGateway.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeshGateway {
    /// Tags of the proxies that it is for; one of these is enough, and none at all is everybody.
    pub selectors: Vec<Labels>,
    /// Tags of all its listeners.
    pub tags: Labels,
    /// What it listens on.
    pub listeners: Vec<GatewayListener>,
}

/// `conf.listeners[]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GatewayListener {
    /// The port.
    pub port: u32,
    /// More tags.
    pub tags: Labels,
}

impl MeshGateway {
    /// Reads a MeshGateway; on Kubernetes the node is its `spec`.
    pub fn read(node: &Node) -> MeshGateway {
        let listeners = field(node, "conf").and_then(|conf| field(conf, "listeners")).and_then(Node::as_seq);
        MeshGateway {
            selectors: node.items("selectors").iter().map(|s| s.strings("match").unwrap_or_default()).gather(),
            tags: node.strings("tags").unwrap_or_default(),
            listeners: listeners
                .unwrap_or_default()
                .iter()
                .map(|listener| GatewayListener {
                    port: number(listener, "port").unwrap_or(0),
                    tags: listener.strings("tags").unwrap_or_default(),
                })
                .gather(),
        }
    }
}
