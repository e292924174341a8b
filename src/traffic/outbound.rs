//! A proxy's outbounds: where its application's traffic is taken, and where each leads (rules 7.1 to 7.3).

use crate::collections::{sort_by, sort_by_cached_key, Gather, SortedSet};
use crate::text::Text;
use std::fmt;

use crate::policy::resolve::{self, Backend, Owner};
use crate::resource::{
    label, BackendRef, Dataplane, Environment, Inbound, Kind, Kri, Labels, MeshServicesMode, OutboundTarget, Port,
    Protocol,
};
use crate::sha256;
use crate::yaml::Span;
use crate::zone::{Stored, StoredId, View};

use super::network::MeshNetwork;

/// Where traffic goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// A port of a MeshService, MeshMultiZoneService or MeshExternalService.
    Real {
        /// The resource.
        id: StoredId,
        /// The port's position in [`Stored::ports`].
        port: u32,
        /// The section that policies find it by; what the reference says, which may be the number of a named port
        /// (rule 5.3).
        section: String,
    },
    /// A `kuma.io/service`.
    Tagged {
        /// Its name.
        service: String,
        /// All tags that instances must have, `kuma.io/service` perhaps among them.
        tags: Labels,
    },
}

impl Destination {
    /// The port, if it has one.
    pub fn port<'a>(&self, view: &'a View) -> Option<&'a Port> {
        match self {
            Destination::Real { id, port, .. } => view.get(*id)?.ports().get(*port as usize),
            Destination::Tagged { .. } => None,
        }
    }

    /// The KRI, with the section of the port's name.
    pub fn kri(&self, view: &View) -> Option<Kri> {
        match self {
            Destination::Real { id, .. } => Some(view.get(*id)?.kri().with_section(self.port(view)?.section())),
            Destination::Tagged { .. } => None,
        }
    }

    /// The protocol.
    pub fn protocol(&self, view: &View, network: &MeshNetwork) -> Protocol {
        match self {
            Destination::Real { .. } => self.port(view).map_or(Protocol::Unknown, Port::protocol),
            Destination::Tagged { service, .. } => {
                network.tagged.get(service).map_or(Protocol::Unknown, |s| s.protocol)
            }
        }
    }

    /// The name of its Envoy cluster (rule 1.6). Ports of one number share a cluster; more tags than `kuma.io/service`
    /// give a name with a hash.
    pub fn cluster(&self, view: &View) -> String {
        match self {
            Destination::Real { id, .. } => {
                let Some(stored) = view.get(*id) else { return String::new() };
                format!(
                    "{}_{}_{}_{}_{}_{}",
                    stored.mesh(),
                    stored.display_name(),
                    stored.namespace(),
                    stored.zone(),
                    stored.kind().short(),
                    self.port(view).map(|p| p.port).unwrap_or_default()
                )
            }
            Destination::Tagged { service, tags } => {
                let mut all = tags.clone();
                all.insert(label::SERVICE_TAG.into(), service.as_str().into());
                if all.len() == 1 {
                    return service.clone();
                }
                let text: String = all.iter().flat_map(|(key, value)| [key.as_str(), value]).gather();
                format!("{service}-{}", sha256::hex(&text, 8))
            }
        }
    }

    /// What it is, in a few words.
    pub fn describe(&self, view: &View) -> String {
        match self {
            Destination::Real { id, .. } => {
                let Some(stored) = view.get(*id) else { return String::new() };
                let mut out = format!("{} `{}`", stored.kind(), stored.display_name());
                if let Some(port) = self.port(view) {
                    out.push_str(&format!(" port `{}`", port.section()));
                }
                if !stored.zone().is_empty() {
                    out.push_str(&format!(" of zone `{}`", stored.zone()));
                }
                out
            }
            Destination::Tagged { service, tags } => {
                let more: Labels = tags.iter().filter(|(k, _)| *k != label::SERVICE_TAG).map(pair).gather();
                match more.is_empty() {
                    true => format!("kuma.io/service `{service}`"),
                    false => format!("kuma.io/service `{service}` with tags {}", crate::resource::pairs(&more)),
                }
            }
        }
    }
}

fn pair((key, value): (&Text, &Text)) -> (Text, Text) {
    (key.clone(), value.clone())
}

/// Where an outbound listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// At an address that the Dataplane says.
    Explicit(String),
    /// At a virtual IP of a service. Which one is not promised.
    Virtual(Kri),
    /// At a virtual IP of a `kuma.io/service`.
    VirtualTagged(String),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Explicit(address) => f.write_str(address),
            Address::Virtual(owner) => write!(f, "vip:{owner}"),
            Address::VirtualTagged(service) => write!(f, "vip:{service}"),
        }
    }
}

/// Why an outbound is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// `networking.outbound` has it.
    Written {
        /// The position in the list.
        index: u32,
    },
    /// Traffic is redirected to the proxy, and nothing limits what it reaches.
    Everything {
        /// The mesh's mode.
        mode: MeshServicesMode,
    },
    /// `reachableBackends` opens it.
    ReachableBackend,
    /// `reachableServices` names it.
    ReachableService,
    /// Traffic is redirected to the proxy, and `networking.outbound` names it, which then limits virtual IPs.
    WrittenLimit,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Written { index } => write!(f, "`networking.outbound[{index}]` of the Dataplane"),
            Why::Everything { mode } => {
                write!(f, "transparent proxying reaches every service, in mode {}", mode.name())
            }
            Why::ReachableBackend => f.write_str("`reachableBackends` opens it"),
            Why::ReachableService => f.write_str("`reachableServices` names it"),
            Why::WrittenLimit => {
                f.write_str("`networking.outbound` names it, which with transparent proxying limits virtual IPs to it")
            }
        }
    }
}

/// An address on which a proxy takes its application's traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbound {
    /// Where it listens.
    pub address: Address,
    /// The port.
    pub port: u32,
    /// Where it leads unless a route says otherwise.
    pub destination: Destination,
    /// The destination's protocol.
    pub protocol: Protocol,
    /// Why it is there.
    pub why: Why,
    /// Where it stands in the Dataplane, if it is written there.
    pub span: Option<Span>,
}

/// Why something is not among the outbounds.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// A written outbound whose backendRef means nothing.
    Unresolved {
        /// The position in `networking.outbound`.
        index: u32,
        /// What the reference means.
        backend: Backend,
    },
    /// A written outbound without `kuma.io/service` or backendRef.
    NoTarget {
        /// The position in `networking.outbound`.
        index: u32,
    },
    /// With transparent proxying written outbounds get no listener of their own.
    Redirected {
        /// The position in `networking.outbound`.
        index: u32,
    },
    /// In mode Exclusive `kuma.io/service`s get no virtual IP.
    Exclusive,
    /// In mode ReachableBackends services get a virtual IP only for proxies that set `reachableBackends`.
    ReachableBackendsMode,
    /// `reachableServices` is set and `reachableBackends` is not, which leaves out all services but the named ones.
    ReachableServicesOnly,
    /// `reachableBackends` does not open it.
    NotReachable,
    /// `reachableServices` does not name it.
    NotNamed,
    /// `networking.outbound` does not name it, which with transparent proxying limits virtual IPs.
    NotWritten,
    /// Another port of the service has the number already, and an address and port can be taken once.
    Taken,
    /// Its address and port are the proxy's own inbound.
    OwnInbound,
}

/// Something that is not among a proxy's outbounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Skipped {
    /// What, in a few words.
    pub what: String,
    /// What, if it is something that exists.
    pub destination: Option<Destination>,
    /// Why not.
    pub missing: Missing,
    /// Where it is asked for, or where the service says it: in which resource.
    pub at: Option<(StoredId, Span)>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Unresolved { backend, .. } => f.write_str(match backend {
                Backend::NoMatch => "no service has these labels, so nothing listens",
                Backend::NoResource => "there is no such service here, so nothing listens",
                Backend::NoPort(_) => "the service has no such port, so nothing listens",
                Backend::Service { .. } => "it names no port, so it means no service and nothing listens",
                Backend::Found(_) => "it has no port, so nothing listens",
            }),
            Missing::NoTarget { .. } => f.write_str("it has neither backendRef nor tag `kuma.io/service`"),
            Missing::Redirected { .. } => {
                f.write_str("with transparent proxying only virtual IPs get listeners, not `networking.outbound`")
            }
            Missing::Exclusive => f.write_str("mode Exclusive has no virtual IPs for `kuma.io/service`"),
            Missing::ReachableBackendsMode => f.write_str(
                "mode ReachableBackends opens services only to Dataplanes that set `transparentProxying.reachableBackends`",
            ),
            Missing::ReachableServicesOnly => {
                f.write_str("`reachableServices` is set and `reachableBackends` is not, which leaves it out")
            }
            Missing::NotReachable => f.write_str("`reachableBackends` does not open it"),
            Missing::NotNamed => f.write_str("`reachableServices` does not name it"),
            Missing::NotWritten => {
                f.write_str("`networking.outbound` does not name it, which with transparent proxying limits virtual IPs")
            }
            Missing::Taken => f.write_str("an earlier port of the service has the same number"),
            Missing::OwnInbound => f.write_str("its address and port are the proxy's own inbound"),
        }
    }
}

/// The outbounds of a proxy by address and port.
pub fn outbounds(view: &View, network: &MeshNetwork, id: StoredId) -> Vec<Outbound> {
    let mut list = Vec::new();
    walk(view, network, id, &mut |item| {
        if let Item::There(outbound) = item {
            list.push(outbound);
        }
    });
    sort_by(&mut list, |a, b| (&a.address, a.port).cmp(&(&b.address, b.port)));
    list
}

/// What one could expect among a proxy's outbounds, and why it is not there.
pub fn skipped(view: &View, network: &MeshNetwork, id: StoredId) -> Vec<Skipped> {
    let mut list = Vec::new();
    walk(view, network, id, &mut |item| {
        if let Item::Missing { destination, what, missing, at } = item {
            let what = what.unwrap_or_else(|| destination.as_ref().map(|d| d.describe(view)).unwrap_or_default());
            list.push(Skipped { what, destination, missing, at });
        }
    });
    list
}

/// Something that could be an outbound.
enum Item {
    There(Outbound),
    Missing { destination: Option<Destination>, what: Option<String>, missing: Missing, at: Option<(StoredId, Span)> },
}

fn walk(view: &View, network: &MeshNetwork, id: StoredId, visit: &mut dyn FnMut(Item)) {
    let Some((stored, dataplane)) = view.get(id).and_then(|s| Some((s, s.as_dataplane()?))) else { return };
    match redirects(stored, dataplane) {
        true => virtual_ips(view, network, id, stored, dataplane, visit),
        false => written(view, network, id, stored, dataplane, visit),
    }
}

/// True if traffic is redirected to the proxy. On Kubernetes it always is; the Pod's annotations say which ports.
pub fn redirects(stored: &Stored, dataplane: &Dataplane) -> bool {
    let redirected = dataplane
        .transparent_proxying
        .as_ref()
        .is_some_and(|t| t.redirect_port_outbound != 0 || t.redirect_port_inbound != 0);
    redirected || stored.resource.environment == Environment::Kubernetes
}

/// True if every virtual IP of a port is an address that the proxy itself serves, as that of a headless Service's own
/// Pod is (Kubernetes, rule 11).
fn is_own_inbound(dataplane: &Dataplane, service: &Stored, port: &Port) -> bool {
    let vips = service.as_mesh_service().map(|s| s.vips.as_slice()).unwrap_or_default();
    let own = |ip: &String| {
        let serves = |i: &Inbound| *dataplane.listens_at(i) == *ip && i64::from(i.port) == port.port;
        dataplane.inbounds.iter().any(serves)
    };
    !vips.is_empty() && vips.iter().all(own)
}

/// Without transparent proxying: exactly what the Dataplane says, in every mode (rule 7.1).
fn written(
    view: &View,
    network: &MeshNetwork,
    id: StoredId,
    stored: &Stored,
    dataplane: &Dataplane,
    visit: &mut dyn FnMut(Item),
) {
    for (outbound, index) in dataplane.outbounds.iter().zip(0u32..) {
        let skip = |missing, what| Item::Missing {
            destination: None,
            what: Some(what),
            missing,
            at: Some((id, outbound.span)),
        };
        let destination = match &outbound.target {
            OutboundTarget::Backend(backend_ref) => match resolve::backend(view, Owner::from(stored), backend_ref) {
                Backend::Found(hit) => {
                    let (port, section) = hit.section.map(|s| (s.index, s.name)).unwrap_or_default();
                    Destination::Real { id: hit.id, port, section }
                }
                backend => {
                    visit(skip(Missing::Unresolved { index, backend }, backend_ref.describe()));
                    continue;
                }
            },
            OutboundTarget::Tags(tags) => match tags.get(label::SERVICE_TAG) {
                Some(service) => Destination::Tagged { service: service.as_str().to_owned(), tags: tags.clone() },
                None => {
                    visit(skip(Missing::NoTarget { index }, format!("outbound port {}", outbound.port)));
                    continue;
                }
            },
        };
        visit(Item::There(Outbound {
            address: Address::Explicit(outbound.address.as_str().to_owned()),
            port: outbound.port,
            protocol: destination.protocol(view, network),
            destination,
            why: Why::Written { index },
            span: Some(outbound.span),
        }));
    }
}

/// The services of a mesh that get virtual IPs.
fn services<'a>(view: &'a View, mesh: &'a str) -> impl Iterator<Item = (StoredId, &'a Stored)> + 'a {
    [Kind::MeshService, Kind::MeshExternalService, Kind::MeshMultiZoneService]
        .into_iter()
        .flat_map(move |kind| view.of_kind(kind, mesh))
}

/// The ports that a proxy may reach: those of its written outbounds if they mean any, else those of
/// `reachableBackends`, else all (`None`). Kuma's inspection API lists these. A written outbound counts here like an entry
/// of `reachableBackends`: with a port that does not exist it stands for all ports (rule 7.3).
fn selected(view: &View, stored: &Stored, dataplane: &Dataplane) -> Option<SortedSet<(StoredId, u32)>> {
    let open = |r: &BackendRef| resolve::reachable(view, Owner::from(stored), r);
    let ports = |hit: resolve::Hit| Some((hit.id, hit.section?.index));
    let named = dataplane.outbounds.iter().filter_map(|o| match &o.target {
        OutboundTarget::Backend(backend) => Some(backend),
        OutboundTarget::Tags(_) => None,
    });
    let written: SortedSet<(StoredId, u32)> = named.flat_map(open).filter_map(ports).gather();
    if !written.is_empty() {
        return Some(written);
    }
    let refs = dataplane.transparent_proxying.as_ref()?.reachable_backends.as_ref()?;
    Some(refs.iter().flat_map(open).filter_map(ports).gather())
}

/// With transparent proxying: virtual IPs (rules 7.2 and 7.3).
fn virtual_ips(
    view: &View,
    network: &MeshNetwork,
    id: StoredId,
    stored: &Stored,
    dataplane: &Dataplane,
    visit: &mut dyn FnMut(Item),
) {
    let mode = network.switches.mode;
    let tproxy = dataplane.transparent_proxying.as_ref();
    let named = tproxy.and_then(|t| t.reachable_services.as_ref());
    let with_backends = tproxy.is_some_and(|t| t.reachable_backends.is_some());
    for (outbound, index) in dataplane.outbounds.iter().zip(0u32..) {
        let what = match &outbound.target {
            OutboundTarget::Backend(backend) => backend.describe(),
            OutboundTarget::Tags(tags) => format!("kuma.io/service with tags {}", crate::resource::pairs(tags)),
        };
        let missing = Missing::Redirected { index };
        visit(Item::Missing { destination: None, what: Some(what), missing, at: Some((id, outbound.span)) });
    }
    for service in &network.tagged_vips {
        let destination = Destination::Tagged { service: service.clone(), tags: Labels::new() };
        let missing = match named {
            _ if mode == MeshServicesMode::Exclusive => Some(Missing::Exclusive),
            Some(names) if !names.contains(service) => Some(Missing::NotNamed),
            _ => None,
        };
        visit(match missing {
            Some(missing) => Item::Missing { destination: Some(destination), what: None, missing, at: None },
            None => Item::There(Outbound {
                address: Address::VirtualTagged(service.clone()),
                port: 80,
                protocol: destination.protocol(view, network),
                destination,
                why: if named.is_some() { Why::ReachableService } else { Why::Everything { mode } },
                span: None,
            }),
        });
    }
    let limit = selected(view, stored, dataplane);
    let by_written = limit.is_some() && !with_backends;
    let mut taken: SortedSet<(&str, u32)> = SortedSet::new();
    for (service_id, service) in services(view, &network.mesh) {
        let mut numbers: SortedSet<i64> = SortedSet::new();
        for (port, index) in service.ports().iter().zip(0u32..) {
            let destination = Destination::Real { id: service_id, port: index, section: port.section() };
            let missing = match &limit {
                None if named.is_some() => Some(Missing::ReachableServicesOnly),
                _ if !with_backends && mode == MeshServicesMode::ReachableBackends => {
                    Some(Missing::ReachableBackendsMode)
                }
                Some(ports) if !ports.contains(&(service_id, index)) => Some(match by_written {
                    true => Missing::NotWritten,
                    false => Missing::NotReachable,
                }),
                _ if is_own_inbound(dataplane, service, port) => Some(Missing::OwnInbound),
                _ if u32::try_from(port.port).is_ok() && !numbers.insert(port.port) => Some(Missing::Taken),
                _ => None,
            };
            if let Some(missing) = missing {
                let at = Some((service_id, port.span));
                visit(Item::Missing { destination: Some(destination), what: None, missing, at });
                continue;
            }
            let Ok(number) = u32::try_from(port.port) else { continue };
            let vips = service.as_mesh_service().map(|s| s.vips.as_slice()).unwrap_or_default();
            taken.extend(vips.iter().map(|vip| (vip.as_str(), number)));
            visit(Item::There(Outbound {
                address: Address::Virtual(service.kri()),
                port: number,
                protocol: port.protocol(),
                destination,
                why: match (&limit, by_written) {
                    (None, _) => Why::Everything { mode },
                    (Some(_), false) => Why::ReachableBackend,
                    (Some(_), true) => Why::WrittenLimit,
                },
                span: None,
            }));
        }
    }
    // a MeshService at the same address and port comes before the `kuma.io/service`
    for ((address, port), service) in &network.cluster_ips {
        let reachable = named.is_none_or(|names| names.contains(service));
        if mode == MeshServicesMode::Exclusive || !reachable || taken.contains(&(address.as_str(), *port)) {
            continue;
        }
        let destination = Destination::Tagged { service: service.clone(), tags: Labels::new() };
        visit(Item::There(Outbound {
            address: Address::Explicit(address.clone()),
            port: *port,
            protocol: destination.protocol(view, network),
            destination,
            why: if named.is_some() { Why::ReachableService } else { Why::Everything { mode } },
            span: None,
        }));
    }
}

/// An outbound as Kuma's inspection API lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// The KRI with the port's section.
    pub kri: Kri,
    /// The port's number.
    pub port: i64,
    /// The port's protocol, as the service says it.
    pub protocol: String,
}

/// What Kuma's inspection API lists: not what the proxy is configured from, but all that it may reach. It answers in
/// mode Exclusive only (rule 7.5).
pub fn inspected(view: &View, id: StoredId) -> Vec<Inspected> {
    let Some((stored, dataplane)) = view.get(id).and_then(|s| Some((s, s.as_dataplane()?))) else { return Vec::new() };
    let limit = selected(view, stored, dataplane);
    let mut out: Vec<Inspected> = Vec::new();
    for (id, service) in services(view, stored.mesh()) {
        for (port, index) in service.ports().iter().zip(0u32..) {
            if limit.as_ref().is_some_and(|ports| !ports.contains(&(id, index))) {
                continue;
            }
            out.push(Inspected {
                kri: service.kri().with_section(port.section()),
                port: port.port,
                protocol: port.app_protocol.as_str().to_owned(),
            });
        }
    }
    sort_by_cached_key(&mut out, |o| o.kri.to_string());
    // the API keys its list by KRI; of equal ones the last port counts
    out.dedup_by(|next, kept| {
        let same = next.kri == kept.kri;
        if same {
            std::mem::swap(next, kept);
        }
        same
    });
    out
}
