//! One request, followed from a proxy to those who can answer it.

use std::fmt;

use crate::collections::{sort_by_key, Gather};
use crate::resource::Kind;
use crate::world::World;
use crate::zone::{Stored, StoredId, View};

use super::endpoints::{self, Behind, EndpointSet};
use super::http::{self, Filter, HeaderModifier, MatchVerdict, Matcher, RedirectAnswer, Request};
use super::outbound::{outbounds, redirects, Address, Destination, Outbound};
use super::permission::{permission, Client, Permission, Verdict};
use super::routes::{balanced, listener, Handling, HttpRoute, Listener, Mirror, NoListener, Setting, Split};
use super::zones::{ZoneTraffic, Zones};

/// A request to ask about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// The zone of the proxy that sends it.
    pub zone: String,
    /// The mesh of the proxy.
    pub mesh: String,
    /// The Dataplane's name.
    pub proxy: String,
    /// Where to, as the user says it.
    pub to: String,
    /// The method; GET if empty.
    pub method: String,
    /// The path with its query; that of `to`, else `/`, if empty.
    pub path: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

/// What `to` says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    host: String,
    port: Option<String>,
    /// The port that the URL's scheme stands for, if it has no other.
    scheme_port: Option<u32>,
    path: Option<String>,
    /// The host and port as written: what the `host` header says.
    authority: String,
}

/// Reads `to`: a URL, or a host with or without port.
fn target(to: &str) -> Target {
    let to = to.trim();
    let (scheme_port, rest) = match to.split_once("://") {
        Some(("https", rest)) => (Some(443), rest),
        Some((_, rest)) => (Some(80), rest),
        None => (None, to),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => {
            let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
            (authority, Some(path.to_owned()))
        }
        None => (rest, None),
    };
    let (host, port) = split_port(authority);
    Target { host: host.to_owned(), port: port.map(str::to_owned), scheme_port, path, authority: authority.to_owned() }
}

/// Splits the port off. `vip:` and IPv6 addresses have colons of their own.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let (prefix, rest) = match authority.strip_prefix("vip:") {
        Some(rest) => ("vip:".len(), rest),
        None => (0, authority),
    };
    let colon = match rest.starts_with('[') {
        true => rest.rfind("]:").map(|at| at + 1),
        // an IPv6 address without brackets has several and no port
        false if rest.matches(':').count() > 1 => None,
        false => rest.rfind(':'),
    };
    match colon.and_then(|at| authority.split_at_checked(prefix + at)) {
        Some((host, port)) => (trim_brackets(host), port.strip_prefix(':').filter(|p| !p.is_empty())),
        None => (trim_brackets(authority), None),
    }
}

fn trim_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

/// In which way `to` means an outbound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// By the address and port that the proxy listens on.
    Address,
    /// By a KRI.
    Kri,
    /// By a hostname that a HostnameGenerator gives the service.
    Hostname,
    /// By the `.mesh` name of a `kuma.io/service`.
    MeshName,
    /// By the service's display name.
    DisplayName,
}

/// Why an outbound is not the one meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundVerdict {
    /// It takes the request.
    Chosen {
        /// How `to` means it.
        means: Means,
        /// True if the application cannot resolve the name to this address, since nothing redirects its traffic.
        only_by_address: bool,
    },
    /// It is meant as well, but another one is nearer.
    AlsoMeant {
        /// How `to` means it.
        means: Means,
    },
    /// The service or address is meant, but another port.
    OtherPort {
        /// The port asked for.
        asked: String,
        /// Its port.
        has: String,
    },
}

impl fmt::Display for OutboundVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = |means: &Means| match means {
            Means::Address => "it listens at this address",
            Means::Kri => "its destination has this KRI",
            Means::Hostname => "its destination has this hostname",
            Means::MeshName => "its destination has this `.mesh` name",
            Means::DisplayName => "its destination has this name",
        };
        match self {
            OutboundVerdict::Chosen { means, only_by_address: false } => f.write_str(way(means)),
            OutboundVerdict::Chosen { means, only_by_address: true } => write!(
                f,
                "{}; without transparent proxying the application has to connect to the outbound's address",
                way(means)
            ),
            OutboundVerdict::AlsoMeant { means } => {
                write!(f, "{} too, but another outbound comes first: name the port or address to mean it", way(means))
            }
            OutboundVerdict::OtherPort { asked, has } => write!(f, "its port is {has}, asked for {asked}"),
        }
    }
}

/// An outbound that could be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboundCandidate {
    /// The outbound.
    pub outbound: Outbound,
    /// Whether it is meant.
    pub verdict: OutboundVerdict,
}

/// A rule and whether it takes the request.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteCandidate {
    /// The position among the listener's routes.
    pub route: usize,
    /// Whether it matches, by itself.
    pub verdict: MatchVerdict,
    /// True for the first that matches.
    pub wins: bool,
}

/// A request as it is sent on.
#[derive(Clone, Debug, PartialEq)]
pub struct Forwarded {
    /// The path with its query, or why it is not known.
    pub path: Result<String, String>,
    /// The host; none if it becomes that of the endpoint.
    pub host: Option<String>,
    /// The headers after the changes, `host` left out, or why they are not known.
    pub headers: Result<Vec<(String, String)>, String>,
    /// What the changes of the response's headers add to a response without headers, or why it is not known.
    pub response_headers: Result<Vec<(String, String)>, String>,
}

/// Someone who can answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Landing {
    /// The position of the endpoint in its destination.
    pub endpoint: usize,
    /// Who answers.
    pub who: Behind,
    /// The share of all such requests while everything is healthy.
    pub share: f64,
    /// Whether it lets the request in.
    pub permission: Permission,
}

/// A destination where a request can land.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendTrace {
    /// Which.
    pub split: Split,
    /// Its share of all such requests.
    pub share: f64,
    /// Its endpoints.
    pub set: EndpointSet,
    /// Who answers.
    pub landings: Vec<Landing>,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It goes to endpoints.
    Routed,
    /// It is answered with a redirect.
    Redirected(RedirectAnswer),
    /// No outbound takes it.
    NoOutbound,
    /// There is an outbound but nothing listens.
    NoListener(NoListener),
    /// No rule matches: status 404.
    NoRoute,
    /// Its backends have no endpoints: status 503.
    NoEndpoints,
    /// It depends on something that cannot be worked out here.
    NotEvaluated(String),
    /// Kuma cannot configure the proxy, for want of the targets of these mirrors.
    ConfigurationFails(Vec<Mirror>),
    /// There is no such proxy.
    UnknownProxy,
}

/// A request, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The request as it leaves the application.
    pub request: Request,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The outbounds that could be meant, the chosen one first.
    pub candidates: Vec<OutboundCandidate>,
    /// The outbound that takes it and its rules.
    pub listener: Option<Listener>,
    /// The rules in the order of comparison; empty for TCP.
    pub routes: Vec<RouteCandidate>,
    /// The position of the rule that wins.
    pub winner: Option<usize>,
    /// The request as it is sent on.
    pub forwarded: Option<Forwarded>,
    /// Where it can land.
    pub backends: Vec<BackendTrace>,
    /// Who gets copies.
    pub mirrors: Vec<(Mirror, BackendTrace)>,
}

/// Follows a request.
pub fn trace(world: &World, zones: &Zones, ask: &Ask) -> Trace {
    let target = target(&ask.to);
    let request = request_of(ask, &target);
    let empty = |outcome, request| Trace {
        request,
        outcome,
        candidates: Vec::new(),
        listener: None,
        routes: Vec::new(),
        winner: None,
        forwarded: None,
        backends: Vec::new(),
        mirrors: Vec::new(),
    };
    let setting = zones.setting(world, &ask.zone, &ask.mesh);
    let shared = zones.zone(world, &ask.zone);
    let (Some(setting), Some(shared)) = (setting, shared) else { return empty(Outcome::UnknownProxy, request) };
    let Some(proxy) = setting.view.named(Kind::Dataplane, &ask.mesh, &ask.proxy) else {
        return empty(Outcome::UnknownProxy, request);
    };
    let candidates = outbound_candidates(&setting, shared, proxy, &target);
    let mut trace = Trace { candidates, ..empty(Outcome::NoOutbound, request) };
    let failures: Vec<Mirror> = super::routes::plan(&setting, proxy).failures;
    if !failures.is_empty() {
        trace.outcome = Outcome::ConfigurationFails(failures);
        return trace;
    }
    let chosen = trace.candidates.iter().find(|c| matches!(c.verdict, OutboundVerdict::Chosen { .. }));
    let Some(outbound) = chosen.map(|c| c.outbound.clone()) else { return trace };
    let listener = listener(&setting, proxy, outbound);
    follow(world, zones, &setting, proxy, &listener, &mut trace);
    trace.listener = Some(listener);
    trace
}

fn request_of(ask: &Ask, target: &Target) -> Request {
    let path = match (ask.path.is_empty(), &target.path) {
        (false, _) => ask.path.clone(),
        (true, Some(path)) => path.clone(),
        (true, None) => "/".to_owned(),
    };
    let mut headers = ask.headers.clone();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        headers.insert(0, ("host".into(), target.authority.clone()));
    }
    Request {
        method: if ask.method.is_empty() { "GET".into() } else { ask.method.to_ascii_uppercase() },
        path: if path.starts_with('/') { path } else { format!("/{path}") },
        headers,
    }
}

/// The outbounds that `to` could mean. Of several, those nearer to what is written come first: addresses before names,
/// MeshServices before other kinds, the own zone before others.
fn outbound_candidates(
    setting: &Setting<'_>,
    shared: &ZoneTraffic,
    proxy: StoredId,
    target: &Target,
) -> Vec<OutboundCandidate> {
    let view = setting.view;
    let sender = view.get(proxy).and_then(|s| Some((s, s.as_dataplane()?)));
    let redirected = sender.is_some_and(|(stored, dataplane)| redirects(stored, dataplane));
    let list = outbounds(view, setting.network, proxy);
    let named: Vec<(Means, Outbound)> =
        list.into_iter().filter_map(|o| Some((means(view, shared, &o, &target.host)?, o))).gather();
    let fits = |(means, outbound): &(Means, Outbound)| match &target.port {
        None => true,
        Some(port) => has_port(view, outbound, *means, port),
    };
    let (mut fitting, others): (Vec<_>, Vec<_>) = named.into_iter().partition(fits);
    let nearness = |(means, outbound): &(Means, Outbound)| {
        let by_scheme = target.scheme_port.is_some_and(|port| port == outbound.port);
        let zone = match &outbound.destination {
            Destination::Real { id, .. } => view.get(*id).map(Stored::zone).unwrap_or_default(),
            Destination::Tagged { .. } => "",
        };
        let kind = match &outbound.destination {
            Destination::Real { id, .. } => match view.get(*id).map(Stored::kind) {
                Some(Kind::MeshService) => 0,
                _ => 1,
            },
            Destination::Tagged { .. } => 2,
        };
        (*means, !by_scheme, kind, zone != setting.network.zone)
    };
    sort_by_key(&mut fitting, nearness);
    let mut out = Vec::new();
    for ((means, outbound), position) in fitting.into_iter().zip(0..) {
        let only_by_address = means != Means::Address && !redirected;
        let verdict = match position {
            0 => OutboundVerdict::Chosen { means, only_by_address },
            _ => OutboundVerdict::AlsoMeant { means },
        };
        out.push(OutboundCandidate { outbound, verdict });
    }
    for (means, outbound) in others {
        let has = match (means, outbound.destination.port(view)) {
            (Means::Address, _) | (_, None) => outbound.port.to_string(),
            (_, Some(port)) if port.section() == port.port.to_string() => port.section(),
            (_, Some(port)) => format!("`{}` ({})", port.section(), port.port),
        };
        let asked = target.port.clone().unwrap_or_default();
        out.push(OutboundCandidate { outbound, verdict: OutboundVerdict::OtherPort { asked, has } });
    }
    out
}

/// How a host means an outbound, if it does.
fn means(view: &View, shared: &ZoneTraffic, outbound: &Outbound, host: &str) -> Option<Means> {
    if outbound.address.to_string() == host {
        return Some(Means::Address);
    }
    match &outbound.destination {
        Destination::Real { id, .. } => {
            let stored = view.get(*id)?;
            let virtual_ip = matches!(outbound.address, Address::Virtual(_));
            let vips = stored.as_mesh_service().map(|s| s.vips.as_slice()).unwrap_or_default();
            if virtual_ip && vips.iter().any(|vip| vip == host) {
                return Some(Means::Address);
            }
            let whole = stored.kri();
            if host.starts_with("kri_") && (whole.to_string() == host || kri_text(view, outbound) == host) {
                return Some(Means::Kri);
            }
            let hostnames = shared.hostnames.get(id).map(Vec::as_slice).unwrap_or_default();
            if hostnames.iter().any(|h| h.eq_ignore_ascii_case(host)) {
                return Some(Means::Hostname);
            }
            (stored.display_name() == host || stored.name == host).then_some(Means::DisplayName)
        }
        Destination::Tagged { service, .. } => {
            // Kuma's DNS also takes dots where the name of the service has underscores
            let mesh_name = host.strip_suffix(".mesh");
            if mesh_name.is_some_and(|name| name == service || name.replace('.', "_") == *service) {
                return Some(Means::MeshName);
            }
            (service == host).then_some(Means::DisplayName)
        }
    }
}

fn kri_text(view: &View, outbound: &Outbound) -> String {
    outbound.destination.kri(view).map(|k| k.to_string()).unwrap_or_default()
}

/// True if an outbound has the port asked for: by address that is the port it listens on, by name that of the service.
fn has_port(view: &View, outbound: &Outbound, means: Means, asked: &str) -> bool {
    let own = outbound.port.to_string() == asked;
    match (means, outbound.destination.port(view)) {
        (Means::Address, _) | (_, None) => own,
        (_, Some(port)) => port.port.to_string() == asked || port.section() == asked,
    }
}

/// Takes a request through a listener.
fn follow(
    world: &World,
    zones: &Zones,
    setting: &Setting<'_>,
    proxy: StoredId,
    listener: &Listener,
    trace: &mut Trace,
) {
    match &listener.handling {
        Handling::Nothing(why) => trace.outcome = Outcome::NoListener(why.clone()),
        Handling::Tcp(route) => {
            trace.backends = backends(world, zones, setting, proxy, &route.backends);
            trace.outcome = routed(&trace.backends);
        }
        Handling::Http(routes) => {
            let verdicts: Vec<MatchVerdict> =
                routes.iter().map(|r| Matcher::new(&r.condition).verdict(&trace.request)).gather();
            let first = verdicts.iter().position(|v| !matches!(v, MatchVerdict::No { .. }));
            let winner = first.filter(|i| verdicts.get(*i) == Some(&MatchVerdict::Yes));
            trace.routes = verdicts
                .into_iter()
                .enumerate()
                .map(|(route, verdict)| RouteCandidate { route, verdict, wins: Some(route) == winner })
                .gather();
            trace.winner = winner;
            match (winner.and_then(|w| routes.get(w)), first) {
                (Some(route), _) => take(world, zones, setting, proxy, route, trace),
                (None, None) => trace.outcome = Outcome::NoRoute,
                (None, Some(first)) => {
                    let reason = match trace.routes.get(first).map(|c| &c.verdict) {
                        Some(MatchVerdict::NotEvaluated { reason }) => reason.clone(),
                        _ => String::new(),
                    };
                    trace.outcome = Outcome::NotEvaluated(reason);
                }
            }
        }
    }
}

/// What the winning rule does with the request.
fn take(world: &World, zones: &Zones, setting: &Setting<'_>, proxy: StoredId, route: &HttpRoute, trace: &mut Trace) {
    let expanded = http::expand(&route.condition).into_iter().find(|e| e.takes_path(&trace.request.path));
    let Some(expanded) = expanded else {
        trace.outcome = Outcome::NoRoute;
        return;
    };
    if let Some(redirect) = route.redirect() {
        trace.outcome = match http::redirect(redirect, &expanded, &trace.request) {
            Ok(answer) => Outcome::Redirected(answer),
            Err(reason) => Outcome::NotEvaluated(reason),
        };
        return;
    }
    let rewrite = route.filters.iter().find_map(|f| match f {
        Filter::UrlRewrite(rewrite) => Some(rewrite),
        _ => None,
    });
    let path = match rewrite.and_then(|r| r.path.as_ref()) {
        Some(path) => http::rewrite_path(path, &expanded, &trace.request.path),
        None => Ok(trace.request.path.clone()),
    };
    let host = match rewrite.and_then(|r| r.hostname.clone()) {
        Some(hostname) => Some(hostname),
        None if route.rewrites_host_to_endpoint(setting.view) => None,
        None => trace.request.header("host"),
    };
    let modifiers = |of_request: bool| -> Vec<&HeaderModifier> {
        route
            .filters
            .iter()
            .filter_map(|f| match f {
                Filter::RequestHeaderModifier(m) if of_request => Some(m),
                Filter::ResponseHeaderModifier(m) if !of_request => Some(m),
                _ => None,
            })
            .gather()
    };
    let given: Vec<(String, String)> =
        trace.request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")).cloned().gather();
    trace.forwarded = Some(Forwarded {
        path,
        host,
        headers: http::change_headers(&modifiers(true), &given),
        response_headers: http::change_headers(&modifiers(false), &[]),
    });
    trace.backends = backends(world, zones, setting, proxy, &route.backends);
    trace.mirrors = route
        .mirrors
        .iter()
        .flat_map(|mirror| {
            let split = Split { destination: mirror.destination.clone(), weight: 1, written: None };
            let traces = backends(world, zones, setting, proxy, &[split]);
            traces.into_iter().map(|t| (mirror.clone(), t)).gather::<Vec<_>>()
        })
        .gather();
    trace.outcome = routed(&trace.backends);
}

fn routed(backends: &[BackendTrace]) -> Outcome {
    match backends.iter().all(|b| b.set.endpoints.is_empty()) {
        true => Outcome::NoEndpoints,
        false => Outcome::Routed,
    }
}

/// Where the backends of a rule lead.
fn backends(
    world: &World,
    zones: &Zones,
    setting: &Setting<'_>,
    proxy: StoredId,
    splits: &[Split],
) -> Vec<BackendTrace> {
    let view = setting.view;
    let client = view.get(proxy).and_then(|s| Some(Client::of(s, s.as_dataplane()?)));
    let tagged: Vec<String> = outbounds(view, setting.network, proxy)
        .into_iter()
        .filter_map(|o| match o.destination {
            Destination::Tagged { service, .. } => Some(service),
            Destination::Real { .. } => None,
        })
        .gather();
    let total: u64 = splits.iter().map(|s| u64::from(s.weight)).sum();
    splits
        .iter()
        .map(|split| {
            let share = if total == 0 { 0.0 } else { f64::from(split.weight) / total as f64 };
            let set = balanced(setting, proxy, &split.destination, &tagged);
            let port = split.destination.port(view).map(|p| p.port);
            let shares = endpoints::shares(&set.endpoints);
            let mut landings = Vec::new();
            for ((endpoint, part), index) in set.endpoints.iter().zip(shares).zip(0usize..) {
                for who in endpoints::behind(world, view, &setting.network.mesh, port, endpoint) {
                    let permission = allowed(world, zones, client.as_ref(), &who);
                    landings.push(Landing { endpoint: index, share: share * part * who.share, permission, who });
                }
            }
            BackendTrace { split: split.clone(), share, set, landings }
        })
        .gather()
}

fn allowed(world: &World, zones: &Zones, client: Option<&Client>, who: &Behind) -> Permission {
    match (client, who.dataplane) {
        (Some(client), Some(dataplane)) => permission(world, zones, client, &who.zone, dataplane, who.inbound),
        _ => Permission {
            verdict: Verdict::NotEvaluated,
            reason: "access to MeshExternalServices is not decided by MeshTrafficPermission but by \
                     `routing.defaultForbidMeshExternalServiceAccess` of the Mesh"
                .into(),
            zone: String::new(),
            origins: Vec::new(),
        },
    }
}
