//! Which policies apply to a proxy, and to which of its inbounds (rule 5.1).

use std::fmt;

use crate::collections::{sort_by, Gather};
use crate::resource::{
    label, pairs, Body, Dataplane, InboundState, Kind, Labels, MeshGateway, Policy, ProxyType, TargetKind, TargetRef,
};
use crate::zone::{Created, Stored, View};

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
                let has: Vec<String> = has.iter().map(|s| format!("`{s}`")).gather();
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

/// A proxy, with what matching asks of it for every policy.
#[derive(Clone, Copy, Debug)]
pub struct Proxy<'a> {
    /// The Dataplane as it is stored.
    pub stored: &'a Stored,
    /// Its content.
    pub dataplane: &'a Dataplane,
    /// The MeshGateway that it belongs to.
    pub gateway: Option<Gateway<'a>>,
}

impl<'a> Proxy<'a> {
    /// The proxy of a Dataplane; nothing if it is none.
    pub fn of(view: &'a View, stored: &'a Stored) -> Option<Proxy<'a>> {
        let dataplane = stored.as_dataplane()?;
        Some(Proxy { stored, dataplane, gateway: gateway_of(view, stored, dataplane) })
    }
}

/// Whether a policy applies to a proxy, and to which inbounds.
pub fn matches(view: &View, stored: &Stored, policy: &Policy, proxy: &Proxy<'_>) -> Match {
    if stored.mesh() != proxy.stored.mesh() {
        return Match::Not(Why::Mesh { policy: stored.mesh().to_owned() });
    }
    if stored.label(label::EFFECT) == Some("shadow") {
        return Match::Not(Why::Shadow);
    }
    match select(view, stored, &policy.target_ref, proxy) {
        Ok(selected) => Match::Applies(selected),
        Err(why) => Match::Not(why),
    }
}

/// The MeshGateway that configures a proxy: the one whose selector names the most of its tags; of equals the youngest.
/// Kuma asks so for every proxy, so a MeshGateway can get hold of a delegated gateway or a sidecar too (rule 11.5).
pub fn gateway_of<'a>(view: &'a View, proxy: &'a Stored, dataplane: &Dataplane) -> Option<Gateway<'a>> {
    let selects = |wanted: &Labels| match &dataplane.gateway {
        Some(own) => has_tags(wanted, &own.tags),
        None => dataplane.inbounds.iter().any(|i| has_tags(wanted, &i.tags)),
    };
    let in_zone = |gateway: &Stored| {
        gateway.label(label::ORIGIN).is_none_or(|origin| origin == "global")
            || proxy.label(label::ZONE).is_none()
            || gateway.label(label::ZONE) == proxy.label(label::ZONE)
    };
    let mut best: Option<((usize, usize, Created), Gateway<'a>)> = None;
    let mut all: Vec<&Stored> = view.of_kind(Kind::MeshGateway, proxy.mesh()).map(|(_, s)| s).gather();
    sort_by(&mut all, |a, b| a.name.cmp(&b.name));
    for stored in all.into_iter().filter(|s| in_zone(s)) {
        let Body::MeshGateway(content) = &stored.resource.body else { continue };
        let everybody = [Labels::new()];
        let selectors = if content.selectors.is_empty() { &everybody[..] } else { &content.selectors[..] };
        let exact = |wanted: &Labels| wanted.values().filter(|v| *v != "*").count();
        let rank = selectors.iter().filter(|w| selects(w)).map(|w| (w.len(), exact(w), stored.created)).max();
        if let Some(rank) = rank.filter(|rank| best.as_ref().is_none_or(|(before, _)| rank > before)) {
            best = Some((rank, Gateway { stored, content }));
        }
    }
    best.map(|(_, gateway)| gateway)
}

/// True if tags have all the wanted ones; `*` wants any value.
fn has_tags(wanted: &Labels, tags: &Labels) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key).is_some_and(|own| value == "*" || own == value))
}

/// The MeshGateway of a proxy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gateway<'a> {
    /// As it is stored.
    pub stored: &'a Stored,
    /// Its content.
    pub content: &'a MeshGateway,
}

fn select(view: &View, stored: &Stored, target: &TargetRef, proxy: &Proxy<'_>) -> Result<Selected, Why> {
    in_zone(stored, proxy.stored)?;
    in_namespace(stored, proxy.stored)?;
    let Proxy { dataplane, gateway, .. } = *proxy;
    let name = || target.name.clone().unwrap_or_default();
    let service = || Labels::from([(label::SERVICE_TAG.into(), name().into())]);
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
            by_tags(if target.kind == TargetKind::MeshSubset { &target.tags } else { &nothing }, dataplane, gateway)
        }
        TargetKind::MeshService => by_tags(&service(), dataplane, gateway),
        TargetKind::MeshServiceSubset => {
            let mut tags = service();
            tags.extend(target.tags.clone());
            by_tags(&tags, dataplane, gateway)
        }
        TargetKind::Dataplane => by_dataplane(stored, target, proxy.stored, dataplane),
        TargetKind::MeshGateway => {
            let builtin = dataplane.gateway.as_ref().is_some_and(|own| own.builtin);
            match gateway.filter(|g| {
                builtin && (target.name.as_deref().is_some_and(|n| g.stored.name == n || g.stored.display_name() == n))
            }) {
                Some(_) => by_tags(&target.tags, dataplane, gateway),
                None => Err(Why::NotThisGateway { wanted: name() }),
            }
        }
        TargetKind::MeshHTTPRoute => {
            let routes = resolve::to_target(view, Owner::from(stored), target);
            let route = routes.first().and_then(|hit| view.get(hit.id));
            match route.and_then(|r| Some((r, r.as_policy()?))) {
                Some((route, content)) if content.target_ref.kind != TargetKind::MeshHTTPRoute => {
                    select(view, route, &content.target_ref, proxy).map_err(|why| Why::Route(Box::new(why)))
                }
                _ => Err(Why::NoRoute { wanted: name() }),
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

/// The inbounds that have all the tags, the delegated gateway if it has them, and the listeners of its MeshGateway
/// that have them together with the proxy and the MeshGateway.
fn by_tags(tags: &Labels, dataplane: &Dataplane, gateway: Option<Gateway<'_>>) -> Result<Selected, Why> {
    let inbounds = (0u32..)
        .zip(&dataplane.inbounds)
        .filter(|(_, i)| i.state != InboundState::Ignored && has_tags(tags, &i.tags))
        .map(|(index, _)| index)
        .gather();
    let own = dataplane.gateway.as_ref();
    let mut listeners = Vec::new();
    for (content, listener) in gateway.into_iter().flat_map(|g| g.content.listeners.iter().map(move |l| (g.content, l)))
    {
        let mut all = own.map(|own| own.tags.clone()).unwrap_or_default();
        all.extend(content.tags.clone());
        all.extend(listener.tags.clone());
        if has_tags(tags, &all) && !listeners.contains(&listener.port) {
            listeners.push(listener.port);
        }
    }
    let delegated_gateway = own.is_some_and(|own| !own.builtin && has_tags(tags, &own.tags));
    let selected = Selected { inbounds, listeners, delegated_gateway };
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
        .gather();
    let delegated_gateway = dataplane.gateway.as_ref().is_some_and(|g| !g.builtin);
    let selected = Selected { inbounds, listeners: Vec::new(), delegated_gateway };
    match (selected.is_empty(), &target.section_name) {
        (false, _) => Ok(selected),
        (true, None) => Err(Why::NoInbounds),
        (true, Some(wanted)) => {
            Err(Why::Section { wanted: wanted.clone(), has: dataplane.inbounds.iter().map(|i| i.section()).gather() })
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
