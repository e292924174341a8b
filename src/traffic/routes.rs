//! What each outbound of a proxy does with its traffic: HTTP routes in the order of comparison, or TCP backends (rules 6.1 to 6.9).

use crate::collections::{Gather, SortedMap};
use crate::float;
use std::fmt;

use serde_json::Value;

use crate::policy::resolve::{self, Backend, Owner};
use crate::policy::rules::{Level, Merged, Origin, Route, RuleKey, ViewRules};
use crate::resource::{label, BackendRef, HttpMatch, Kind, Labels, Protocol};
use crate::yaml::{Node, Span};
use crate::zone::{Stored, StoredId, View};

use super::endpoints::EndpointSet;
use super::http::{self, Filter};
use super::network::MeshNetwork;
use super::outbound::{outbounds, Destination, Outbound};

/// What is known about the mesh of a proxy: what its routes are made from.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The zone's resources.
    pub view: &'a View,
    /// The mesh's endpoints.
    pub network: &'a MeshNetwork,
    /// The merged rules of policies.
    pub rules: &'a ViewRules,
}

/// How specific the conf of an outbound is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfLevel {
    /// As rule 5.3 says, for real destinations.
    Real(Level),
    /// For `kuma.io/service`s: by tags (rule 5.8).
    Tagged,
}

/// The conf of a kind of policy on a destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Conf<'a> {
    /// How specific it is.
    pub level: ConfLevel,
    /// The conf and its origins.
    pub merged: &'a Merged,
    /// Less specific rules that exist but do not count.
    pub passed_over: Vec<(Level, RuleKey)>,
}

impl<'a> Setting<'a> {
    /// The conf of a kind of policy for a destination of a proxy (rules 5.3 and 5.8).
    pub fn conf(&self, proxy: StoredId, kind: Kind, destination: &Destination) -> Option<Conf<'a>> {
        let rules = self.rules.outbound(proxy, kind)?;
        match destination {
            Destination::Real { id, section, .. } => {
                let found = rules.find(self.view, *id, section)?;
                Some(Conf { level: ConfLevel::Real(found.level), merged: found.rule, passed_over: found.passed_over })
            }
            Destination::Tagged { service, .. } => {
                let tags = Labels::from([(label::SERVICE_TAG.into(), service.as_str().into())]);
                let found = rules.find_by_tags(&tags)?;
                Some(Conf { level: ConfLevel::Tagged, merged: &found.merged, passed_over: Vec::new() })
            }
        }
    }
}

/// Where a rule of an outbound was written.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteSource {
    /// The kind of route.
    pub kind: Kind,
    /// The item of the policy.
    pub origin: Origin,
    /// The position in the item's `rules`.
    pub rule: u32,
    /// The position in the rule's `matches`.
    pub condition: u32,
    /// The rules of weaker policies with the same matches, which fill in what this one leaves out.
    pub merged_from: Vec<(Origin, u32)>,
}

/// A backendRef of a rule, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenBackend {
    /// The policy that it is written in.
    pub policy: StoredId,
    /// What it says.
    pub backend: BackendRef,
    /// Where it stands.
    pub span: Span,
}

/// A destination that gets traffic of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Which.
    pub destination: Destination,
    /// Its weight; 1 if it is the only one.
    pub weight: u32,
    /// Its backendRef; none for the outbound's own destination.
    pub written: Option<WrittenBackend>,
}

/// A backendRef that gets no traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedBackend {
    /// The backendRef.
    pub written: WrittenBackend,
    /// Why.
    pub reason: DropReason,
}

/// Why a backendRef gets no traffic.
#[derive(Clone, Debug, PartialEq)]
pub enum DropReason {
    /// Its weight is 0.
    ZeroWeight,
    /// By labels, and nothing has them: as if it were not written.
    NoMatch,
    /// By name, and there is no such resource here.
    NoResource,
    /// The resource has no such port.
    NoPort(StoredId),
    /// The protocol is none that this kind of route can use.
    Protocol {
        /// The protocol.
        protocol: Protocol,
        /// The kind of route.
        route: Kind,
    },
    /// A MeshService without port, which means a `kuma.io/service`, and there is none of this name.
    UnknownService {
        /// The name; empty for a reference by labels.
        name: String,
    },
}

impl DropReason {
    /// In a few words.
    pub fn describe(&self, view: &View) -> String {
        match self {
            DropReason::ZeroWeight => "its weight is 0".into(),
            DropReason::NoMatch => {
                "no resource has these labels, so it counts as if it were not written".into()
            }
            DropReason::NoResource => "there is no such resource here".into(),
            DropReason::NoPort(id) => match view.get(*id) {
                Some(stored) => format!("`{}` has no such port", stored.display_name()),
                None => "it has no such port".into(),
            },
            DropReason::Protocol { protocol, route } => {
                format!("its protocol is {}, which a {route} cannot send to", protocol.name())
            }
            DropReason::UnknownService { name } if name.is_empty() => {
                "a MeshService without port means a `kuma.io/service` by its name, and labels are ignored there: add a port".into()
            }
            DropReason::UnknownService { name } => format!(
                "a MeshService without port means the `kuma.io/service` of this name, and no reachable inbound has `{name}`"
            ),
        }
    }
}

/// A copy of requests for another service.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// Who gets it; always a `kuma.io/service` (rule 6.7).
    pub destination: Destination,
    /// The part of requests in percent; all of them if the filter does not say.
    pub percentage: Option<f64>,
    /// False if there is no such service with an HTTP protocol: then Kuma cannot configure the proxy.
    pub usable: bool,
    /// Where the filter stands.
    pub span: Span,
}

/// A rule of an HTTP outbound: one match.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpRoute {
    /// What it matches.
    pub condition: HttpMatch,
    /// Where it was written; none for the rule that Kuma adds.
    pub source: Option<RouteSource>,
    /// Where its traffic goes.
    pub backends: Vec<Split>,
    /// backendRefs that get none.
    pub dropped: Vec<DroppedBackend>,
    /// What it does to requests and responses.
    pub filters: Vec<Filter>,
    /// Copies.
    pub mirrors: Vec<Mirror>,
    /// How long a request may take, where a MeshTimeout says so.
    pub timeout: Option<Timeout>,
}

impl HttpRoute {
    /// True if it leads to the outbound's own destination for want of backendRefs.
    pub fn is_own_backend(&self) -> bool {
        self.backends.iter().all(|b| b.written.is_none())
    }

    /// True if the host becomes that of the endpoint: some backend is a MeshExternalService, and no filter sets a
    /// hostname (rule 11.2).
    pub fn rewrites_host_to_endpoint(&self, view: &View) -> bool {
        let external = self.backends.iter().any(|b| is_external(view, &b.destination));
        let sets_host = |f: &Filter| matches!(f, Filter::UrlRewrite(rewrite) if rewrite.hostname.is_some());
        external && !self.filters.iter().any(sets_host)
    }

    /// The redirect that it answers with.
    pub fn redirect(&self) -> Option<&http::Redirect> {
        self.filters.iter().find_map(|f| match f {
            Filter::RequestRedirect(redirect) => Some(redirect),
            _ => None,
        })
    }
}

fn is_external(view: &View, destination: &Destination) -> bool {
    match destination {
        Destination::Real { id, .. } => view.get(*id).is_some_and(|s| s.kind() == Kind::MeshExternalService),
        Destination::Tagged { .. } => false,
    }
}

/// How long a request may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeout {
    /// The duration, as the policy says it.
    pub value: String,
    /// The items of MeshTimeouts that it comes from, weakest first.
    pub origins: Vec<Origin>,
    /// True if it is the conf of the MeshHTTPRoute rather than of the destination (rule 5.7).
    pub of_route: bool,
}

/// A rule that applies to an outbound but is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedRule {
    /// What it would match; nothing for TCP.
    pub condition: Option<HttpMatch>,
    /// Where it was written.
    pub source: RouteSource,
    /// Why.
    pub reason: DroppedRuleReason,
    /// What became of its backendRefs.
    pub backends: Vec<DroppedBackend>,
}

/// Why a rule is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DroppedRuleReason {
    /// None of its backendRefs is usable: its requests go on to later rules.
    NoBackend,
    /// None of the backendRefs of a MeshTCPRoute is usable.
    NoTcpBackend,
    /// The outbound's protocol is not HTTP, and its connections are not split into requests.
    NotHttp,
    /// A MeshHTTPRoute for the same destination takes all of it.
    HttpRouteTakesOver,
    /// Its own destination cannot be used in an HTTP route.
    OwnBackend,
}

impl fmt::Display for DroppedRuleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DroppedRuleReason::NoBackend => {
                "none of its backendRefs is usable, so it is left out and its requests go on to the rules after it"
            }
            DroppedRuleReason::NoTcpBackend => "none of its backendRefs is usable, so it is left out",
            DroppedRuleReason::NotHttp => {
                "the destination's protocol is not http, http2 or grpc, so requests are not looked at"
            }
            DroppedRuleReason::HttpRouteTakesOver => {
                "a MeshHTTPRoute speaks of the same destination and takes all of its traffic"
            }
            DroppedRuleReason::OwnBackend => {
                "it leads to the destination itself, whose protocol is not http, http2 or grpc"
            }
        })
    }
}

/// What all connections of a TCP outbound do.
#[derive(Clone, Debug, PartialEq)]
pub struct TcpRoute {
    /// Where it was written; none for the destination itself.
    pub source: Option<RouteSource>,
    /// Where connections go.
    pub backends: Vec<Split>,
    /// backendRefs that get none.
    pub dropped: Vec<DroppedBackend>,
}

/// Why nothing listens for an outbound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoListener {
    /// The protocol is none that Kuma listens for.
    Protocol(Protocol),
    /// No usable route is left.
    NoRoute,
    /// A MeshTCPRoute takes all connections and none of its backends is usable.
    NoTcpBackend,
}

impl fmt::Display for NoListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoListener::Protocol(protocol) => write!(f, "Kuma has no listeners for protocol {}", protocol.name()),
            NoListener::NoRoute => f.write_str("no route has a usable backend"),
            NoListener::NoTcpBackend => {
                f.write_str("a MeshTCPRoute takes all connections, and none of its backendRefs is usable")
            }
        }
    }
}

/// How an outbound handles what it gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Handling {
    /// Request by request; the first rule that matches takes it.
    Http(Vec<HttpRoute>),
    /// Connection by connection.
    Tcp(TcpRoute),
    /// Not at all.
    Nothing(NoListener),
}

/// An outbound and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// The outbound.
    pub outbound: Outbound,
    /// What it does.
    pub handling: Handling,
    /// Rules that apply but are left out.
    pub dropped: Vec<DroppedRule>,
}

/// A destination of a proxy with its endpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The destination; of several with the same cluster, the first.
    pub destination: Destination,
    /// Its endpoints.
    pub endpoints: EndpointSet,
}

/// Everything that a proxy is configured with for its application's traffic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The outbounds by address and port.
    pub listeners: Vec<Listener>,
    /// The destinations by the name of their cluster.
    pub clusters: SortedMap<String, Cluster>,
    /// Mirrors that Kuma cannot configure, which fails the whole proxy (rule 6.7).
    pub failures: Vec<Mirror>,
}

/// What a proxy is configured with.
pub fn plan(setting: &Setting<'_>, proxy: StoredId) -> Plan {
    let list = outbounds(setting.view, setting.network, proxy);
    let mut out = Plan::default();
    let mut used: SortedMap<String, Destination> = SortedMap::new();
    let tagged: Vec<String> = list
        .iter()
        .filter_map(|o| match &o.destination {
            Destination::Tagged { service, .. } => Some(service.clone()),
            Destination::Real { .. } => None,
        })
        .gather();
    for outbound in list {
        let listener = listen(setting, proxy, outbound, &mut used, &mut out.failures);
        out.listeners.push(listener);
    }
    for (name, destination) in used {
        let endpoints = balanced(setting, proxy, &destination, &tagged);
        out.clusters.insert(name, Cluster { destination, endpoints });
    }
    out
}

/// What one outbound of a proxy does, without its clusters.
pub fn listener(setting: &Setting<'_>, proxy: StoredId, outbound: Outbound) -> Listener {
    listen(setting, proxy, outbound, &mut SortedMap::new(), &mut Vec::new())
}

/// The endpoints of a destination for a proxy, after its MeshLoadBalancingStrategy. That of a `kuma.io/service` is
/// applied only where the proxy has an outbound to it, and that of a MeshExternalService only at the ZoneEgress.
pub fn balanced(
    setting: &Setting<'_>,
    proxy: StoredId,
    destination: &Destination,
    tagged_outbounds: &[String],
) -> EndpointSet {
    let set = setting.network.endpoints(setting.view, destination);
    let applies = match destination {
        Destination::Tagged { service, .. } => tagged_outbounds.contains(service),
        Destination::Real { .. } => !is_external(setting.view, destination),
    };
    let conf = match applies {
        true => setting.conf(proxy, Kind::MeshLoadBalancingStrategy, destination),
        false => None,
    };
    let dataplane = setting.view.get(proxy).and_then(Stored::as_dataplane);
    match (conf, dataplane) {
        (Some(conf), Some(dataplane)) => {
            setting.network.balance(setting.view, dataplane, destination, &conf.merged.conf, set)
        }
        _ => set,
    }
}

/// Kuma writes HTTP listeners first and lets TCP listeners replace them (rule 6.9).
fn listen(
    setting: &Setting<'_>,
    proxy: StoredId,
    outbound: Outbound,
    used: &mut SortedMap<String, Destination>,
    failures: &mut Vec<Mirror>,
) -> Listener {
    let mut dropped = Vec::new();
    let http = http_routes(setting, proxy, &outbound, used, failures, &mut dropped);
    let handling = match tcp_route(setting, proxy, &outbound, used, &mut dropped) {
        Tcp::Listens(route) => {
            if let Some(routes) = http {
                dropped.extend(routes.into_iter().filter_map(|route| {
                    Some(DroppedRule {
                        condition: Some(route.condition),
                        source: route.source?,
                        reason: DroppedRuleReason::NotHttp,
                        backends: route.dropped,
                    })
                }));
            }
            Handling::Tcp(route)
        }
        Tcp::Nothing(why) => Handling::Nothing(why),
        Tcp::NotManaged => match http {
            Some(routes) => Handling::Http(routes),
            None => Handling::Nothing(NoListener::NoRoute),
        },
    };
    Listener { outbound, handling, dropped }
}

fn http_routes(
    setting: &Setting<'_>,
    proxy: StoredId,
    outbound: &Outbound,
    used: &mut SortedMap<String, Destination>,
    failures: &mut Vec<Mirror>,
    dropped: &mut Vec<DroppedRule>,
) -> Option<Vec<HttpRoute>> {
    let conf = setting.conf(proxy, Kind::MeshHTTPRoute, &outbound.destination);
    let rules: &[Route] = conf.as_ref().map(|c| c.merged.routes.as_slice()).unwrap_or_default();
    if rules.is_empty() && !outbound.protocol.is_http() {
        return None;
    }
    let mut candidates: Vec<(HttpMatch, Option<(RouteSource, &Route)>)> = Vec::new();
    for rule in rules {
        for (condition, index) in rule.matches.iter().zip(0u32..) {
            candidates.push((condition.clone(), Some((source(Kind::MeshHTTPRoute, rule, index), rule))));
        }
    }
    http::order(&mut candidates, |(condition, _)| condition);
    if !candidates.iter().any(|(condition, _)| http::is_catch_all(condition)) {
        candidates.push((http::catch_all(), None));
    }
    let mut routes = Vec::new();
    for (condition, rule) in candidates {
        let (source, rule) = match rule {
            Some((source, rule)) => (Some(source), Some(rule)),
            None => (None, None),
        };
        let resolved = backends(setting, Kind::MeshHTTPRoute, rule, outbound, used);
        let Resolved { splits, dropped: lost } = resolved;
        if splits.is_empty() {
            if let Some(source) = source {
                let own = lost.iter().all(|d| d.reason == DropReason::NoMatch);
                let reason = if own { DroppedRuleReason::OwnBackend } else { DroppedRuleReason::NoBackend };
                dropped.push(DroppedRule { condition: Some(condition), source, reason, backends: lost });
            }
            continue;
        }
        let nodes = rule.and_then(|r| r.filters.as_deref()).unwrap_or_default();
        let mirrors = mirrors_of(setting, nodes);
        for mirror in &mirrors {
            match mirror.usable {
                true => note(setting.view, used, &mirror.destination),
                false => failures.push(mirror.clone()),
            }
        }
        routes.push(HttpRoute {
            timeout: timeout(setting, proxy, outbound, source.as_ref()),
            condition,
            source,
            backends: splits,
            dropped: lost,
            filters: nodes.iter().filter_map(Filter::read).gather(),
            mirrors,
        });
    }
    (!routes.is_empty()).then_some(routes)
}

fn source(kind: Kind, rule: &Route, condition: u32) -> RouteSource {
    let strongest = rule.sources.first().copied().unwrap_or((rule.origin, 0));
    RouteSource {
        kind,
        origin: strongest.0,
        rule: strongest.1,
        condition,
        merged_from: rule.sources.iter().skip(1).copied().gather(),
    }
}

/// What a MeshTCPRoute, or the protocol alone, makes of an outbound.
enum Tcp {
    /// HTTP decides.
    NotManaged,
    /// A TCP listener.
    Listens(TcpRoute),
    /// No listener, not even for HTTP.
    Nothing(NoListener),
}

fn tcp_route(
    setting: &Setting<'_>,
    proxy: StoredId,
    outbound: &Outbound,
    used: &mut SortedMap<String, Destination>,
    dropped: &mut Vec<DroppedRule>,
) -> Tcp {
    let conf = setting.conf(proxy, Kind::MeshTCPRoute, &outbound.destination);
    let rule = conf.as_ref().and_then(|c| c.merged.routes.first());
    if outbound.protocol.is_http() {
        let http = setting.conf(proxy, Kind::MeshHTTPRoute, &outbound.destination).is_some();
        if let (true, Some(rule)) = (http, rule) {
            dropped.push(DroppedRule {
                condition: None,
                source: source(Kind::MeshTCPRoute, rule, 0),
                reason: DroppedRuleReason::HttpRouteTakesOver,
                backends: Vec::new(),
            });
        }
        if http || conf.is_none() {
            return Tcp::NotManaged;
        }
    }
    if conf.is_none() {
        let own = backends(setting, Kind::MeshTCPRoute, None, outbound, used);
        return match own.splits.is_empty() {
            true => Tcp::Nothing(NoListener::Protocol(outbound.protocol)),
            false => Tcp::Listens(TcpRoute { source: None, backends: own.splits, dropped: own.dropped }),
        };
    }
    let Some(rule) = rule else { return Tcp::NotManaged };
    let resolved = written_backends(setting, Kind::MeshTCPRoute, rule);
    // nothing to resolve: the route manages nothing; something, but nothing usable: nothing listens
    let nothing_meant = resolved.dropped.iter().all(|d| d.reason == DropReason::NoMatch);
    let source = source(Kind::MeshTCPRoute, rule, 0);
    if resolved.splits.is_empty() {
        let reason = DroppedRuleReason::NoTcpBackend;
        dropped.push(DroppedRule { condition: None, source, reason, backends: resolved.dropped });
        return match nothing_meant && outbound.protocol.is_http() {
            true => Tcp::NotManaged,
            false => Tcp::Nothing(NoListener::NoTcpBackend),
        };
    }
    for split in &resolved.splits {
        note(setting.view, used, &split.destination);
    }
    Tcp::Listens(TcpRoute { source: Some(source), backends: resolved.splits, dropped: resolved.dropped })
}

/// The usable backends of a rule and what became of the others.
struct Resolved {
    splits: Vec<Split>,
    dropped: Vec<DroppedBackend>,
}

/// The backends of a rule: its own, or the outbound's destination if it has none that mean anything (rule 6.8).
fn backends(
    setting: &Setting<'_>,
    kind: Kind,
    rule: Option<&Route>,
    outbound: &Outbound,
    used: &mut SortedMap<String, Destination>,
) -> Resolved {
    let mut resolved = match rule {
        Some(rule) => written_backends(setting, kind, rule),
        None => Resolved { splits: Vec::new(), dropped: Vec::new() },
    };
    let meant_nothing = resolved.dropped.iter().all(|d| d.reason == DropReason::NoMatch);
    if resolved.splits.is_empty() && meant_nothing {
        let destination = &outbound.destination;
        if usable(kind, outbound.protocol, destination) {
            resolved.splits.push(Split { destination: destination.clone(), weight: 1, written: None });
        }
    }
    for split in &resolved.splits {
        note(setting.view, used, &split.destination);
    }
    resolved
}

fn note(view: &View, used: &mut SortedMap<String, Destination>, destination: &Destination) {
    used.entry(destination.cluster(view)).or_insert_with(|| destination.clone());
}

fn written_backends(setting: &Setting<'_>, kind: Kind, rule: &Route) -> Resolved {
    let mut resolved = Resolved { splits: Vec::new(), dropped: Vec::new() };
    let policy = rule.origin.policy;
    for backend in rule.backend_refs.iter().flatten() {
        let written = WrittenBackend { policy, backend: backend.clone(), span: backend.target.span };
        match backend_of(setting, kind, policy, backend) {
            Ok(destination) => {
                resolved.splits.push(Split { destination, weight: backend.weight(), written: Some(written) })
            }
            Err(reason) => resolved.dropped.push(DroppedBackend { written, reason }),
        }
    }
    if let [only] = resolved.splits.as_mut_slice() {
        only.weight = 1;
    }
    resolved
}

/// Where a backendRef of a route sends traffic, or why it does not.
pub fn backend_of(
    setting: &Setting<'_>,
    kind: Kind,
    policy: StoredId,
    backend: &BackendRef,
) -> Result<Destination, DropReason> {
    let Some(owner) = setting.view.get(policy).map(Owner::from) else { return Err(DropReason::NoResource) };
    let destination = match resolve::backend(setting.view, owner, backend) {
        Backend::Found(hit) => {
            let (port, section) = hit.section.map(|s| (s.index, s.name)).unwrap_or_default();
            Destination::Real { id: hit.id, port, section }
        }
        Backend::Service { name, tags } => Destination::Tagged { service: name, tags },
        Backend::NoMatch => return Err(DropReason::NoMatch),
        Backend::NoResource => return Err(DropReason::NoResource),
        Backend::NoPort(id) => return Err(DropReason::NoPort(id)),
    };
    if backend.weight() == 0 {
        return Err(DropReason::ZeroWeight);
    }
    let protocol = destination.protocol(setting.view, setting.network);
    match usable(kind, protocol, &destination) {
        true => Ok(destination),
        false => Err(match &destination {
            Destination::Tagged { service, .. } if !setting.network.tagged.contains_key(service) => {
                DropReason::UnknownService { name: service.clone() }
            }
            _ => DropReason::Protocol { protocol, route: kind },
        }),
    }
}

/// True if a route of a kind can send to a destination of a protocol. A `kuma.io/service` whose protocol is not known,
/// for one that has no endpoints, counts as TCP; the text of a port that is no protocol does not.
fn usable(kind: Kind, protocol: Protocol, destination: &Destination) -> bool {
    match (kind, protocol) {
        (_, Protocol::Http | Protocol::Http2 | Protocol::Grpc) => true,
        (Kind::MeshTCPRoute, Protocol::Tcp | Protocol::Kafka) => true,
        (Kind::MeshTCPRoute, Protocol::Unknown) => matches!(destination, Destination::Tagged { .. }),
        _ => false,
    }
}

/// The mirrors among filters.
pub fn mirrors_of(setting: &Setting<'_>, filters: &[Node]) -> Vec<Mirror> {
    filters.iter().filter_map(|node| mirror(setting, node)).gather()
}

fn mirror(setting: &Setting<'_>, node: &Node) -> Option<Mirror> {
    if node.text("type")? != "RequestMirror" {
        return None;
    }
    let mirror = node.get("requestMirror")?;
    let backend = mirror.get("backendRef")?;
    let service = backend.text("name").unwrap_or_default().to_owned();
    let destination = Destination::Tagged { service, tags: backend.strings("tags").unwrap_or_default() };
    let protocol = destination.protocol(setting.view, setting.network);
    Some(Mirror {
        percentage: mirror.get("percentage").and_then(percent),
        usable: usable(Kind::MeshHTTPRoute, protocol, &destination),
        destination,
        span: node.span,
    })
}

/// A number, or the text of one.
fn percent(node: &Node) -> Option<f64> {
    match node.to_json() {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => float::parse(text.trim()),
        _ => None,
    }
}

/// The request timeout of a rule: that of its MeshHTTPRoute if a MeshTimeout speaks of it, else of the destination
/// (rule 5.7).
fn timeout(
    setting: &Setting<'_>,
    proxy: StoredId,
    outbound: &Outbound,
    source: Option<&RouteSource>,
) -> Option<Timeout> {
    let of = |merged: &Merged, of_route| {
        let value = merged.conf.get("http")?.get("requestTimeout")?.as_str()?.to_owned();
        Some(Timeout { value, origins: merged.origins.clone(), of_route })
    };
    let real = matches!(outbound.destination, Destination::Real { .. });
    if let Some(source) = source.filter(|_| real) {
        let key = RuleKey { resource: source.origin.policy, section: String::new() };
        let rule = setting.rules.outbound(proxy, Kind::MeshTimeout).and_then(|rules| rules.to.get(&key));
        if let Some(found) = rule {
            return of(found, true);
        }
    }
    of(setting.conf(proxy, Kind::MeshTimeout, &outbound.destination)?.merged, false)
}
