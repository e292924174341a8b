//! Which policies apply to a proxy, and to which of its inbounds (rule 5.1).

use std::fmt;

use crate::resource::{label, pairs, Dataplane, InboundState, Kind, Labels, Policy, ProxyType, TargetKind, TargetRef};
use crate::zone::{Stored, View};

use super::order::Role;
use super::resolve::{self, Owner, Verdict};

/// What of a proxy a policy selects.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selected {
    /// Positions of the selected inbounds in the Dataplane.
    pub inbounds: Vec<u32>,
    /// Ports of the selected listeners of a MeshGateway that this proxy belongs to.
    pub listeners: Vec<u32>,
    /// True if the proxy is a delegated gateway and selected as such.
    pub delegated_gateway: bool,
}

impl Selected {
    fn is_empty(&self) -> bool {
        self.inbounds.is_empty() && self.listeners.is_empty() && !self.delegated_gateway
    }
}

/// Whether a policy applies to a proxy.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// It does.
    Applies(Selected),
    /// It does not.
    Not(Why),
}

impl Match {
    /// What is selected, if it applies.
    pub fn selected(self) -> Option<Selected> {
        match self {
            Match::Applies(selected) => Some(selected),
            Match::Not(_) => None,
        }
    }
}

/// Why a policy does not apply to a proxy.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// It belongs to another mesh.
    Mesh {
        /// The policy's mesh.
        policy: String,
    },
    /// It has the label `kuma.io/effect: shadow`.
    Shadow,
    /// It was created in another zone.
    Zone {
        /// The policy's zone.
        policy: String,
        /// The proxy's zone.
        proxy: String,
    },
    /// Its role keeps it in its namespace.
    Namespace {
        /// Its role.
        role: Role,
        /// Its namespace.
        policy: Option<String>,
        /// The proxy's namespace.
        proxy: Option<String>,
    },
    /// `proxyTypes` does not list this type of proxy.
    ProxyType {
        /// The proxy's type.
        is: ProxyType,
    },
    /// No inbound has the tags.
    Tags {
        /// The tags asked for.
        wanted: Labels,
    },
    /// The Dataplane reference means others.
    Dataplane(Verdict),
    /// The Dataplane is meant, but no inbound has the name.
    Section {
        /// The sectionName.
        wanted: String,
        /// The sections that there are.
        has: Vec<String>,
    },
    /// The proxy has no inbound that takes traffic, and is no gateway.
    NoInbounds,
    /// It is about a builtin gateway, and this proxy is none, or one of another MeshGateway.
    NotThisGateway {
        /// The gateway's name.
        wanted: String,
    },
    /// The route that it is about is not there.
    NoRoute {
        /// The route's name.
        wanted: String,
    },
    /// The route that it is about does not apply to this proxy.
    Route(Box<Why>),
    /// The kind cannot stand in a top-level targetRef.
    Unsupported {
        /// The kind.
        kind: TargetKind,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Mesh { policy } => write!(f, "belongs to mesh `{policy}`"),
            Why::Shadow => write!(f, "is a shadow policy (label `{}: shadow`)", label::EFFECT),
            Why::Zone { policy, proxy } => {
                write!(f, "was created in zone `{policy}`, and works only there; the proxy is in `{proxy}`")
            }
            Why::Namespace { role, policy, proxy } => {
                let name = |n: &Option<String>| n.as_deref().map_or("none".to_owned(), |n| format!("`{n}`"));
                write!(
                    f,
                    "has the role {} and works only in its own namespace, {}; the proxy's is {}",
                    role.name(),
                    name(policy),
                    name(proxy)
                )
            }
            Why::ProxyType { is } => {
                let is = match is {
                    ProxyType::Sidecar => "Sidecar",
                    ProxyType::Gateway => "Gateway",
                };
                write!(f, "its `proxyTypes` do not list `{is}`, which this proxy is")
            }
            Why::Tags { wanted } => write!(f, "no inbound has the tags {}", pairs(wanted)),
            Why::Dataplane(verdict) => write!(f, "the Dataplane {verdict}"),
            Why::Section { wanted, has } => {
                let has: Vec<String> = has.iter().map(|s| format!("`{s}`")).collect();
                write!(f, "the Dataplane has no inbound `{wanted}`; it has {}", has.join(", "))
            }
            Why::NoInbounds => write!(f, "the Dataplane has no inbound that could be selected"),
            Why::NotThisGateway { wanted } => write!(f, "the proxy is not part of MeshGateway `{wanted}`"),
            Why::NoRoute { wanted } => write!(f, "there is no MeshHTTPRoute `{wanted}`"),
            Why::Route(why) => write!(f, "its MeshHTTPRoute does not apply: {why}"),
            Why::Unsupported { kind } => write!(f, "a policy cannot be attached to a {}", kind.name()),
        }
    }
}

/// Whether a policy applies to a proxy, and to which inbounds.
pub fn matches(view: &View, stored: &Stored, policy: &Policy, proxy: &Stored, dataplane: &Dataplane) -> Match {
    if stored.mesh() != proxy.mesh() {
        return Match::Not(Why::Mesh { policy: stored.mesh().to_owned() });
    }
    if stored.label(label::EFFECT) == Some("shadow") {
        return Match::Not(Why::Shadow);
    }
    match select(view, stored, &policy.target_ref, proxy, dataplane) {
        Ok(selected) => Match::Applies(selected),
        Err(why) => Match::Not(why),
    }
}

fn select(
    view: &View,
    stored: &Stored,
    target: &TargetRef,
    proxy: &Stored,
    dataplane: &Dataplane,
) -> Result<Selected, Why> {
    in_zone(stored, proxy)?;
    in_namespace(stored, proxy)?;
    let name = target.name.clone().unwrap_or_default();
    let service = || Labels::from([(label::SERVICE_TAG.to_owned(), name.clone())]);
    match target.kind {
        TargetKind::Mesh | TargetKind::MeshSubset => {
            let is = match dataplane.is_gateway() {
                true => ProxyType::Gateway,
                false => ProxyType::Sidecar,
            };
            if !target.proxy_types.is_empty() && !target.proxy_types.contains(&is) {
                return Err(Why::ProxyType { is });
            }
            let nothing = Labels::new();
            by_tags(if target.kind == TargetKind::MeshSubset { &target.tags } else { &nothing }, dataplane)
        }
        TargetKind::MeshService => by_tags(&service(), dataplane),
        TargetKind::MeshServiceSubset => {
            let mut tags = service();
            tags.extend(target.tags.clone());
            by_tags(&tags, dataplane)
        }
        TargetKind::Dataplane => by_dataplane(stored, target, proxy, dataplane),
        TargetKind::MeshGateway => Err(Why::NotThisGateway { wanted: name }),
        TargetKind::MeshHTTPRoute => {
            let routes = resolve::to_target(view, Owner::from(stored), target);
            let route = routes.first().and_then(|hit| view.get(hit.id));
            match route.and_then(|r| Some((r, r.as_policy()?))) {
                Some((route, content)) if content.target_ref.kind != TargetKind::MeshHTTPRoute => {
                    select(view, route, &content.target_ref, proxy, dataplane).map_err(|why| Why::Route(Box::new(why)))
                }
                _ => Err(Why::NoRoute { wanted: name }),
            }
        }
        kind @ (TargetKind::MeshExternalService | TargetKind::MeshMultiZoneService) => Err(Why::Unsupported { kind }),
    }
}

/// A zone's policy works in its zone only; a producer's follows its service everywhere.
fn in_zone(policy: &Stored, proxy: &Stored) -> Result<(), Why> {
    if Role::of(policy) == Role::Producer || matches!(proxy.label(label::ORIGIN), None | Some("global")) {
        return Ok(());
    }
    match (policy.label(label::ORIGIN), policy.label(label::ZONE)) {
        (Some("zone"), Some(zone)) if proxy.label(label::ZONE) != Some(zone) => {
            Err(Why::Zone { policy: zone.to_owned(), proxy: proxy.zone().to_owned() })
        }
        _ => Ok(()),
    }
}

/// Policies of consumers and workload owners work in their own namespace only.
fn in_namespace(policy: &Stored, proxy: &Stored) -> Result<(), Why> {
    let role = Role::of(policy);
    if !matches!(role, Role::Consumer | Role::WorkloadOwner) {
        return Ok(());
    }
    let of = |s: &Stored| s.label(label::NAMESPACE).map(str::to_owned);
    match policy.label(label::NAMESPACE) {
        Some(own) if own == proxy.namespace() => Ok(()),
        _ => Err(Why::Namespace { role, policy: of(policy), proxy: of(proxy) }),
    }
}

/// The inbounds that have all the tags, and the delegated gateway if it has them.
fn by_tags(tags: &Labels, dataplane: &Dataplane) -> Result<Selected, Why> {
    let inbounds = (0u32..)
        .zip(&dataplane.inbounds)
        .filter(|(_, i)| i.state != InboundState::Ignored && i.has_tags(tags))
        .map(|(index, _)| index)
        .collect();
    let delegated_gateway =
        dataplane.gateway.as_ref().is_some_and(|g| !g.builtin && tags.iter().all(|(k, v)| g.tags.get(k) == Some(v)));
    let selected = Selected { inbounds, listeners: Vec::new(), delegated_gateway };
    match selected.is_empty() {
        false => Ok(selected),
        true if tags.is_empty() => Err(Why::NoInbounds),
        true => Err(Why::Tags { wanted: tags.clone() }),
    }
}

fn by_dataplane(stored: &Stored, target: &TargetRef, proxy: &Stored, dataplane: &Dataplane) -> Result<Selected, Why> {
    match resolve::dataplane_verdict(Owner::from(stored), target, proxy) {
        Verdict::Meant => {}
        verdict => return Err(Why::Dataplane(verdict)),
    }
    let inbounds: Vec<u32> = (0u32..)
        .zip(&dataplane.inbounds)
        .filter(|(_, i)| target.section_name.as_ref().is_none_or(|s| i.section() == *s))
        .filter(|(_, i)| i.state != InboundState::Ignored)
        .map(|(index, _)| index)
        .collect();
    let delegated_gateway = dataplane.gateway.as_ref().is_some_and(|g| !g.builtin);
    let selected = Selected { inbounds, listeners: Vec::new(), delegated_gateway };
    match (selected.is_empty(), &target.section_name) {
        (false, _) => Ok(selected),
        (true, None) => Err(Why::NoInbounds),
        (true, Some(wanted)) => {
            Err(Why::Section { wanted: wanted.clone(), has: dataplane.inbounds.iter().map(|i| i.section()).collect() })
        }
    }
}

/// True for the kinds whose `from` items of kind Mesh count as inbound `rules` too.
pub const fn from_counts_as_rules(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::MeshTimeout | Kind::MeshCircuitBreaker | Kind::MeshRateLimit | Kind::MeshAccessLog | Kind::MeshTLS
    )
}
