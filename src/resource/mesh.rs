//! Mesh: the switches that matter for destinations.

use crate::collections::Gather;
use crate::yaml::Node;

use super::dataplane::{field, text};

/// `meshServices.mode`: how far MeshServices replace `kuma.io/service`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeshServicesMode {
    /// No generation; `kuma.io/service` only. Also what a missing mode means in 2.14.
    #[default]
    Disabled,
    /// Both, for every proxy.
    Everywhere,
    /// Both, but real destinations only for proxies that set reachableBackends.
    ReachableBackends,
    /// MeshServices only.
    Exclusive,
}

impl MeshServicesMode {
    /// All of them, in the order of migration.
    pub const ALL: &'static [MeshServicesMode] = &[
        MeshServicesMode::Disabled,
        MeshServicesMode::Everywhere,
        MeshServicesMode::ReachableBackends,
        MeshServicesMode::Exclusive,
    ];

    /// Kuma's name.
    pub const fn name(self) -> &'static str {
        match self {
            MeshServicesMode::Disabled => "Disabled",
            MeshServicesMode::Everywhere => "Everywhere",
            MeshServicesMode::ReachableBackends => "ReachableBackends",
            MeshServicesMode::Exclusive => "Exclusive",
        }
    }

    /// The mode of this name.
    pub fn named(name: &str) -> Option<MeshServicesMode> {
        MeshServicesMode::ALL.iter().copied().find(|m| m.name() == name)
    }

    /// True if Kuma generates MeshServices in this mode (rule 2.1).
    pub const fn generates(self) -> bool {
        !matches!(self, MeshServicesMode::Disabled)
    }
}

/// A mesh.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mesh {
    /// The mode.
    pub mode: MeshServicesMode,
    /// True if `mtls.enabledBackend` is set: traffic between zones needs it (rule 8.1).
    pub mtls: bool,
    /// `routing.zoneEgress`.
    pub zone_egress: bool,
    /// `routing.localityAwareLoadBalancing`.
    pub locality_aware: bool,
    /// `skipCreatingInitialPolicies`: names of kinds, or `*`.
    pub skip_initial_policies: Vec<String>,
}

impl Mesh {
    /// Reads a Mesh; on Kubernetes the node is its `spec`.
    pub fn read(node: &Node) -> Mesh {
        let routing = field(node, "routing");
        let routing_flag = |key| routing.and_then(|r| field(r, key)).and_then(Node::as_bool).unwrap_or(false);
        let mode = field(node, "meshServices").and_then(|m| field(m, "mode"));
        Mesh {
            mode: match mode {
                Some(m) => match (m.as_str(), m.as_i64()) {
                    (Some(name), _) => MeshServicesMode::named(name).unwrap_or_default(),
                    // protobuf's JSON takes the enum's number too; the order there is that of `ALL`
                    (_, Some(n)) => {
                        usize::try_from(n).ok().and_then(|i| MeshServicesMode::ALL.get(i).copied()).unwrap_or_default()
                    }
                    _ => MeshServicesMode::default(),
                },
                None => MeshServicesMode::default(),
            },
            mtls: field(node, "mtls").and_then(|m| text(m, "enabledBackend")).is_some(),
            zone_egress: routing_flag("zoneEgress"),
            locality_aware: routing_flag("localityAwareLoadBalancing"),
            skip_initial_policies: field(node, "skipCreatingInitialPolicies")
                .and_then(Node::as_seq)
                .unwrap_or_default()
                .iter()
                .filter_map(|n| n.as_str().map(str::to_owned))
                .gather(),
        }
    }
}
