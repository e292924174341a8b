//! Two versions of a world compared request by request.
//!
//! What a proxy does with a request is decided by the first rule whose conditions hold. The conditions of both versions
//! cut the space of requests into classes whose members are treated alike; one request of each class is compared. Where
//! both versions have the same conditions in the same order the rules are compared one by one, regular expressions
//! included.

use crate::collections::{sort_by, Gather, SortedMap, SortedSet};

use serde_json::Value;

use crate::answer;
use crate::report::{
    ChangeKind, ChangeTraces, PlaceReport, ProofReport, ProxyName, RequestChange, RequestInput, SideReport,
};
use crate::resource::{HeaderMatchType, HttpMatch, Kind, PathMatch};
use crate::traffic::endpoints;
use crate::traffic::http::{Filter, MatchVerdict, Matcher, Redirect, Request};
use crate::traffic::outbound::{Address, Destination};
use crate::traffic::permission::{permission, Client, Verdict};
use crate::traffic::regex::{self, Compiled};
use crate::traffic::routes::{balanced, plan, Handling, HttpRoute, Listener, Plan, Setting, Split};
use crate::traffic::zones::Zones;
use crate::world::World;
use crate::zone::{Stored, StoredId};

/// A version of a world, and what its zones share.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The world.
    pub world: &'a World,
    /// Its zones.
    pub zones: &'a Zones,
}

/// The kinds of policy whose conf is part of how a request is handled.
const POLICIES: [Kind; 7] = [
    Kind::MeshTimeout,
    Kind::MeshRetry,
    Kind::MeshCircuitBreaker,
    Kind::MeshHealthCheck,
    Kind::MeshRateLimit,
    Kind::MeshFaultInjection,
    Kind::MeshAccessLog,
];

/// The most requests that are compared for one address of one proxy.
const MOST_REQUESTS: usize = 20_000;

/// Shares that differ by less are the same.
const LEAST_SHARE: f64 = 1e-6;

/// The most changes for which both traces are given.
const MOST_TRACES: usize = 12;

/// What becomes of a request, in terms that both versions share.
#[derive(Clone, Debug, Default, PartialEq)]
struct Effect {
    /// In a few words, if it lands nowhere.
    ends: Option<String>,
    /// The redirect that it is answered with.
    redirect: Option<Redirect>,
    /// Where it lands while everything is healthy, by name.
    places: Vec<PlaceReport>,
    /// Where it can land besides.
    backup: Vec<PlaceReport>,
    /// What is done to it on the way.
    treatment: Treatment,
    /// The conf of policies, in the order of [`POLICIES`].
    policies: Vec<Option<Value>>,
    /// The names of the policies behind each of them, weakest first.
    origins: Vec<Vec<String>>,
    /// Where it leads, in a few words.
    destination: String,
    /// True if that is, or is among others, a `kuma.io/service`.
    tagged: bool,
}

/// What is done to a request on the way.
#[derive(Clone, Debug, Default, PartialEq)]
struct Treatment {
    filters: Vec<Filter>,
    /// Who gets copies, and how many of a hundred.
    mirrors: Vec<(Vec<PlaceReport>, Option<f64>)>,
    host_of_endpoint: bool,
    timeout: Option<String>,
}

impl Effect {
    fn ending(why: String) -> Effect {
        Effect { ends: Some(why), ..Effect::default() }
    }

    fn report(&self) -> SideReport {
        let summary = match (&self.ends, &self.redirect) {
            (Some(ends), _) => ends.clone(),
            (None, Some(redirect)) => {
                format!("redirected with status {}", redirect.status_code.unwrap_or(302))
            }
            (None, None) => format!("to {}", self.destination),
        };
        SideReport { summary, places: self.places.clone(), backup: self.backup.clone() }
    }
}

fn is_same_place(a: &PlaceReport, b: &PlaceReport) -> bool {
    (a.port, &a.zone, &a.name) == (b.port, &b.zone, &b.name)
}

/// Compares what every proxy does with every request.
pub fn prove(old: Side<'_>, new: Side<'_>) -> ProofReport {
    let mut out = ProofReport::default();
    let mut grouped: SortedMap<String, usize> = SortedMap::new();
    let mut unknown: SortedSet<String> = SortedSet::new();
    let mut names = proxies(old.world);
    names.extend(proxies(new.world));
    for name in names {
        let (Some(old_proxy), Some(new_proxy)) = (Caller::of(old, &name), Caller::of(new, &name)) else { continue };
        out.proxies += 1;
        let old_calls = old_proxy.calls();
        let new_calls = new_proxy.calls();
        out.new_calls += new_calls.keys().filter(|k| !old_calls.contains_key(*k)).count() as u32;
        for (to, at) in &old_calls {
            out.calls += 1;
            let Some(listener) = old_proxy.plan.listeners.get(*at) else { continue };
            let other = new_calls.get(to).and_then(|at| new_proxy.plan.listeners.get(*at));
            for found in compare(&old_proxy, listener, &new_proxy, other, &mut out.classes, &mut unknown) {
                record(&mut out, &mut grouped, &name, to, found);
            }
        }
    }
    out.not_evaluated = unknown.into_iter().gather();
    sort_by(&mut out.changes, |a, b| a.kind.cmp(&b.kind));
    for change in out.changes.iter_mut().filter(|c| c.kind != ChangeKind::Shares).take(MOST_TRACES) {
        change.traces = Some(ChangeTraces {
            before: answer::requests::request(old.world, old.zones, &change.request),
            after: answer::requests::request(new.world, new.zones, &change.request),
        });
    }
    out.unchanged = out.changes.is_empty() && out.not_evaluated.is_empty();
    out
}

/// Every proxy of every zone, as `zone/mesh/name`.
fn proxies(world: &World) -> SortedSet<String> {
    let mut out = SortedSet::new();
    for view in &world.views {
        let Some(zone) = view.plane.zone() else { continue };
        for (_, stored) in view.all().filter(|(_, s)| s.kind() == Kind::Dataplane) {
            out.insert(format!("{zone}/{}/{}", stored.mesh(), stored.name));
        }
    }
    out
}

/// Changes of the same kind, to the same address, from and to the same places, are one with several proxies.
fn record(out: &mut ProofReport, grouped: &mut SortedMap<String, usize>, name: &str, to: &str, found: Difference) {
    let [zone, mesh, proxy] = parts(name);
    let mut key = format!("{} {zone} {mesh} {to} {} {}", found.kind as u8, found.request.method, found.request.path);
    for part in found.request.headers.iter().flat_map(|(name, value)| [name, value]).chain(&found.policies) {
        key.push_str(part);
    }
    for side in [&found.before, &found.after] {
        key.push_str(&side.to_string());
    }
    let proxy_name = ProxyName { zone: zone.clone(), mesh: mesh.clone(), name: proxy.clone() };
    if let Some(known) = grouped.get(&key).and_then(|i| out.changes.get_mut(*i)) {
        known.proxies.push(proxy_name);
        return;
    }
    grouped.insert(key, out.changes.len());
    let headers = found.request.headers.into_iter().gather();
    out.changes.push(RequestChange {
        kind: found.kind,
        what: found.what,
        proxies: vec![proxy_name],
        request: RequestInput {
            zone,
            mesh,
            proxy,
            to: to.to_owned(),
            method: found.request.method,
            path: found.request.path,
            headers,
        },
        before: found.before,
        after: found.after,
        policies: found.policies,
        traces: None,
    });
}

/// The zone, mesh and name of a proxy.
fn parts(name: &str) -> [String; 3] {
    let mut all = name.splitn(3, '/').map(str::to_owned);
    std::array::from_fn(|_| all.next().unwrap_or_default())
}

/// A change of one class of requests.
struct Difference {
    kind: ChangeKind,
    what: String,
    request: Request,
    before: SideReport,
    after: SideReport,
    policies: Vec<String>,
}

/// A proxy in one version of the world.
struct Caller<'a> {
    side: Side<'a>,
    setting: Setting<'a>,
    id: StoredId,
    client: Client,
    plan: Plan,
    tagged: Vec<String>,
    hostnames: &'a SortedMap<StoredId, Vec<String>>,
}

impl<'a> Caller<'a> {
    fn of(side: Side<'a>, name: &str) -> Option<Caller<'a>> {
        let [zone, mesh, proxy] = parts(name);
        let setting = side.zones.setting(side.world, &zone, &mesh)?;
        let shared = side.zones.zone(side.world, &zone)?;
        let id = setting.view.named(Kind::Dataplane, &mesh, &proxy)?;
        let stored = setting.view.get(id)?;
        let plan = plan(&setting, id);
        let tagged = plan
            .listeners
            .iter()
            .filter_map(|l| match &l.outbound.destination {
                Destination::Tagged { service, .. } => Some(service.clone()),
                Destination::Real { .. } => None,
            })
            .gather();
        let client = Client::of(stored, stored.as_dataplane()?);
        Some(Caller { side, setting, id, client, plan, tagged, hostnames: &shared.hostnames })
    }

    /// What an application can ask for, and the position of the listener that takes it. Where a name has two addresses the
    /// first in the order of listeners counts.
    fn calls(&self) -> SortedMap<String, usize> {
        let mut out = SortedMap::new();
        for (listener, at) in self.plan.listeners.iter().zip(0usize..) {
            for host in hosts(&self.setting, self.hostnames, listener) {
                out.entry(format!("{host}:{}", listener.outbound.port)).or_insert(at);
            }
        }
        out
    }

    fn effects(&self, listener: &Listener) -> Vec<Effect> {
        match &listener.handling {
            Handling::Http(routes) => routes.iter().map(|r| self.http(listener, r)).gather(),
            Handling::Tcp(route) => vec![self.landing(listener, &route.backends)],
            Handling::Nothing(why) => vec![Effect::ending(format!("nothing listens: {why}"))],
        }
    }

    fn http(&self, listener: &Listener, route: &HttpRoute) -> Effect {
        if let Some(redirect) = route.redirect() {
            return Effect { redirect: Some(redirect.clone()), ..Effect::default() };
        }
        let mut mirrors = Vec::new();
        for mirror in &route.mirrors {
            let split = Split { destination: mirror.destination.clone(), weight: 1, written: None };
            mirrors.push((self.landing(listener, &[split]).places, mirror.percentage));
        }
        let treatment = Treatment {
            filters: route.filters.clone(),
            mirrors,
            host_of_endpoint: route.rewrites_host_to_endpoint(self.setting.view),
            timeout: route.timeout.as_ref().map(|t| t.value.clone()),
        };
        Effect { treatment, ..self.landing(listener, &route.backends) }
    }

    fn landing(&self, listener: &Listener, splits: &[Split]) -> Effect {
        let view = self.setting.view;
        let mesh = &self.setting.network.mesh;
        let tagged = matches!(listener.outbound.destination, Destination::Tagged { .. });
        let mut out = Effect { tagged, ..Effect::default() };
        (out.policies, out.origins) = self.policies(&listener.outbound.destination).into_iter().unzip();
        let total: u64 = splits.iter().map(|s| u64::from(s.weight)).sum();
        for split in splits {
            if !out.destination.is_empty() {
                out.destination.push_str(", ");
            }
            out.destination.push_str(&split.destination.describe(view));
            let part = if total == 0 { 0.0 } else { f64::from(split.weight) / total as f64 };
            let set = balanced(&self.setting, self.id, &split.destination, &self.tagged);
            let port = split.destination.port(view).map(|p| p.port);
            for (endpoint, share) in set.endpoints.iter().zip(endpoints::shares(&set.endpoints)) {
                for who in endpoints::behind(self.side.world, view, mesh, port, endpoint) {
                    let stored = who.dataplane.and_then(|id| self.side.world.zone(&who.zone)?.get(id));
                    let refused = who.dataplane.is_some_and(|id| {
                        permission(self.side.world, self.side.zones, &self.client, &who.zone, id, who.inbound).verdict
                            == Verdict::Denied
                    });
                    let place = PlaceReport {
                        name: stored.map_or_else(|| who.address.clone(), |s| s.name.clone()),
                        zone: who.zone,
                        port: who.port.unwrap_or_default(),
                        share: part * share * who.share,
                        refused,
                    };
                    match out.places.iter_mut().find(|p| is_same_place(p, &place)) {
                        Some(known) => known.share += place.share,
                        None => out.places.push(place),
                    }
                }
            }
        }
        sort_by(&mut out.places, |a, b| (&a.zone, &a.name, a.port).cmp(&(&b.zone, &b.name, b.port)));
        out.backup = out.places.clone();
        out.backup.retain(|p| p.share < LEAST_SHARE);
        out.places.retain(|p| p.share >= LEAST_SHARE);
        if out.places.is_empty() && out.backup.is_empty() {
            out.ends = Some(format!("{} has no endpoints", out.destination));
        }
        out
    }

    fn policies(&self, destination: &Destination) -> Vec<(Option<Value>, Vec<String>)> {
        let conf = |kind: &Kind| match self.setting.conf(self.id, *kind, destination) {
            Some(found) => {
                let policies = found.merged.policies();
                let names =
                    policies.iter().filter_map(|id| Some(self.setting.view.get(*id)?.display_name().to_owned()));
                (Some(found.merged.conf.clone()), names.gather())
            }
            None => (None, Vec::new()),
        };
        POLICIES.iter().map(conf).gather()
    }
}

/// The addresses and names by which applications reach a listener.
pub fn hosts(setting: &Setting<'_>, hostnames: &SortedMap<StoredId, Vec<String>>, listener: &Listener) -> Vec<String> {
    match (&listener.outbound.address, &listener.outbound.destination) {
        (Address::Explicit(address), _) => vec![address.clone()],
        (Address::Virtual(_), Destination::Real { id, .. }) => {
            let stored = setting.view.get(*id);
            let vips = stored.and_then(Stored::as_mesh_service).map(|s| s.vips.clone()).unwrap_or_default();
            let names = hostnames.get(id).cloned().unwrap_or_default();
            // the addresses of copies are those of another zone
            let own = stored.is_some_and(Stored::is_local);
            vips.into_iter().filter(|_| own).chain(names).gather()
        }
        (_, Destination::Tagged { service, .. }) => {
            let mut names = vec![format!("{service}.mesh")];
            if service.contains('_') {
                names.push(format!("{}.mesh", service.replace('_', ".")));
            }
            names
        }
        _ => Vec::new(),
    }
}

/// The differences in how two versions handle what is sent to one address.
fn compare(
    old: &Caller<'_>,
    old_listener: &Listener,
    new: &Caller<'_>,
    new_listener: Option<&Listener>,
    classes: &mut u32,
    unknown: &mut SortedSet<String>,
) -> Vec<Difference> {
    let old_effects = old.effects(old_listener);
    let fails = |client: &Caller<'_>| !client.plan.failures.is_empty();
    if fails(old) || fails(new) {
        let first = old_effects.first().cloned().unwrap_or_default();
        let failed = Effect {
            ends: Some("Kuma cannot configure the proxy: a mirror has no target".into()),
            ..Effect::default()
        };
        return match (fails(old), fails(new)) {
            (false, true) => vec![difference(ChangeKind::Stops, Request::default(), &first, &failed)],
            _ => Vec::new(),
        };
    }
    let Some(new_listener) = new_listener else {
        let first = old_effects.first().cloned().unwrap_or_default();
        *classes += 1;
        let gone = Effect::ending("no outbound has this address".into());
        // what led nowhere before does not stop
        let worked = first.ends.is_none();
        return Vec::from_iter(worked.then(|| difference(ChangeKind::Stops, plain_request(), &first, &gone)));
    };
    let new_effects = new.effects(new_listener);
    let old_conditions = conditions(old_listener);
    let new_conditions = conditions(new_listener);
    let mut seen: Vec<(usize, usize)> = Vec::new();
    let mut out = Vec::new();
    let mut add = |i: usize, j: usize, request: &Request| {
        if seen.contains(&(i, j)) {
            return;
        }
        seen.push((i, j));
        *classes += 1;
        let (Some(a), Some(b)) = (old_effects.get(i), new_effects.get(j)) else { return };
        if let Some(kind) = differ(a, b) {
            out.push(difference(kind, request.clone(), a, b));
        }
    };
    let same = old_conditions == new_conditions;
    if same && old_effects.iter().zip(&new_effects).all(|(a, b)| differ(a, b).is_none()) {
        *classes += old_effects.len() as u32;
        return Vec::new();
    }
    let all: Vec<&HttpMatch> = old_conditions.iter().chain(&new_conditions).copied().gather();
    let (requests, complete) = representatives(&all);
    let matchers = |list: &[&HttpMatch]| -> Vec<Matcher> { list.iter().map(|c| Matcher::new(c)).gather() };
    let (old_matchers, new_matchers) = (matchers(&old_conditions), matchers(&new_conditions));
    for request in &requests {
        match (first_match(&old_matchers, request), first_match(&new_matchers, request)) {
            (Ok(i), Ok(j)) => add(i, j, request),
            (Err(reason), _) | (_, Err(reason)) if !same => {
                unknown.insert(reason);
            }
            _ => {}
        }
    }
    if same {
        // rules for which no request was found, such as those of regular expressions
        for i in 0..old_effects.len() {
            add(i, i, &Request { path: format!("({})", describe(old_conditions.get(i).copied())), ..plain_request() });
        }
    } else if !complete {
        unknown.insert(format!(
            "more than {MOST_REQUESTS} combinations of conditions on one address: not all are compared"
        ));
    } else {
        unknown.extend(all.iter().filter_map(|c| match &c.path {
            Some(PathMatch::RegularExpression(pattern)) if samples(pattern).is_empty() => {
                Some(format!("no example was found for the regular expression `{pattern}`"))
            }
            _ => None,
        }));
    }
    out
}

fn plain_request() -> Request {
    Request { method: "GET".into(), path: "/".into(), headers: Vec::new() }
}

/// The conditions of a listener's rules in order; one that holds for everything where it does not look at requests.
fn conditions(listener: &Listener) -> Vec<&HttpMatch> {
    match &listener.handling {
        Handling::Http(routes) => routes.iter().map(|r| &r.condition).gather(),
        _ => vec![&ANYTHING],
    }
}

static ANYTHING: HttpMatch = HttpMatch { path: None, method: None, headers: Vec::new(), query_params: Vec::new() };

/// The first rule that takes a request; one past the last if none does.
fn first_match(matchers: &[Matcher], request: &Request) -> Result<usize, String> {
    for (matcher, index) in matchers.iter().zip(0..) {
        match matcher.verdict(request) {
            MatchVerdict::Yes => return Ok(index),
            MatchVerdict::No { .. } => {}
            MatchVerdict::NotEvaluated { reason } => return Err(reason),
        }
    }
    Ok(matchers.len())
}

/// How two effects differ, by what matters most.
fn differ(a: &Effect, b: &Effect) -> Option<ChangeKind> {
    match (&a.ends, &b.ends) {
        (None, Some(_)) => return Some(ChangeKind::Stops),
        (Some(_), None) => return Some(ChangeKind::Starts),
        (Some(_), Some(_)) => return None,
        (None, None) => {}
    }
    let reached = |e: &Effect| e.places.iter().any(|p| !p.refused);
    let same = |p: &PlaceReport, q: &PlaceReport| is_same_place(p, q) && p.refused == q.refused;
    let is_elsewhere = a.places.len() != b.places.len() || !a.places.iter().zip(&b.places).all(|(p, q)| same(p, q));
    let shares = || a.places.iter().zip(&b.places).any(|(p, q)| (p.share - q.share).abs() > 2.0 * LEAST_SHARE);
    if reached(a) && !reached(b) && b.redirect.is_none() {
        Some(ChangeKind::Stops)
    } else if is_elsewhere || a.redirect != b.redirect {
        Some(ChangeKind::Elsewhere)
    } else if a.treatment != b.treatment || a.policies != b.policies {
        Some(ChangeKind::Treated)
    } else {
        shares().then_some(ChangeKind::Shares)
    }
}

fn difference(kind: ChangeKind, request: Request, a: &Effect, b: &Effect) -> Difference {
    let zones = |e: &Effect| {
        let mut names: Vec<String> = Vec::new();
        for name in e.places.iter().map(|p| format!("`{}`", p.zone)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    };
    let confs = a.policies.iter().zip(&b.policies).zip(POLICIES);
    let policies: Vec<String> = confs.filter(|((x, y), _)| x != y).map(|(_, kind)| kind.name().to_owned()).gather();
    let what = match kind {
        ChangeKind::Stops => match &b.ends {
            Some(ends) => format!("stops working: {ends}"),
            None => "stops working: MeshTrafficPermission refuses it".into(),
        },
        ChangeKind::Starts => "starts working".into(),
        ChangeKind::Elsewhere if a.redirect.is_some() || b.redirect.is_some() => "is redirected otherwise".into(),
        ChangeKind::Elsewhere if zones(a) != zones(b) => format!("lands in {} instead of {}", zones(b), zones(a)),
        ChangeKind::Elsewhere => "lands elsewhere".into(),
        ChangeKind::Treated if policies.is_empty() => "is handled otherwise on the way".into(),
        ChangeKind::Treated => {
            let mut text = format!("lands where it did, with another conf of {}", policies.join(", "));
            let names = |e: &Effect, at: usize| e.origins.get(at).and_then(|o| o.last()).cloned();
            let changed = (0..POLICIES.len()).filter(|at| a.policies.get(*at) != b.policies.get(*at));
            let mut reordered = false;
            for (old, new) in changed.map(|at| (names(a, at), names(b, at))).filter(|(old, new)| old != new) {
                let sign = if text.contains(": ") { ", " } else { ": " };
                text.push_str(&match (&old, &new) {
                    (Some(old), Some(new)) => format!("{sign}`{new}` decides instead of `{old}`"),
                    (Some(old), None) => format!("{sign}`{old}` does not apply any more"),
                    (None, new) => format!("{sign}`{}` applies now", new.as_deref().unwrap_or_default()),
                });
                reordered |= old.is_some() && new.is_some();
            }
            if reordered && a.tagged && !b.tagged {
                text.push_str("; for a `kuma.io/service` Kuma orders policies by their names, for a real service what is more specific comes first");
            }
            text
        }
        ChangeKind::Shares if a.tagged && !b.tagged => {
            "lands where it did, in other shares: a MeshMultiZoneService is shared out by zones, not by instances"
                .into()
        }
        ChangeKind::Shares => "lands where it did, in other shares".into(),
    };
    Difference { kind, what, request, before: a.report(), after: b.report(), policies }
}

fn describe(condition: Option<&HttpMatch>) -> String {
    match condition.and_then(|c| c.path.as_ref()) {
        Some(PathMatch::RegularExpression(pattern)) => format!("a path that matches {pattern}"),
        Some(PathMatch::Exact(path) | PathMatch::PathPrefix(path)) => format!("a request for {path}"),
        None => "any path".into(),
    }
}

/// One request of every class that the conditions cut out, simple ones first, and whether they are all.
fn representatives(conditions: &[&HttpMatch]) -> (Vec<Request>, bool) {
    let filler = filler(conditions);
    let paths = paths(conditions, filler);
    let mut methods: Vec<String> = Vec::new();
    let named: SortedSet<&str> = conditions.iter().filter_map(|c| c.method.as_deref()).gather();
    methods.extend(["GET", "POST", "PATCH", "TRACE"].iter().find(|m| !named.contains(*m)).map(|m| (*m).to_owned()));
    methods.extend(named.into_iter().map(str::to_owned));
    let mut headers: Vec<(String, Vec<Option<String>>)> = Vec::new();
    let mut queries: Vec<(String, Vec<Option<String>>)> = Vec::new();
    for condition in conditions {
        for header in &condition.headers {
            let name = header.name.to_ascii_lowercase();
            match header.kind {
                HeaderMatchType::Exact => add_value(&mut headers, &name, &header.value),
                HeaderMatchType::Prefix => {
                    add_value(&mut headers, &name, &header.value);
                    add_value(&mut headers, &name, &format!("{}{filler}", header.value));
                }
                HeaderMatchType::RegularExpression => {
                    samples(&header.value).iter().for_each(|value| add_value(&mut headers, &name, value));
                }
                HeaderMatchType::Present | HeaderMatchType::Absent => {}
            }
            add_value(&mut headers, &name, filler);
        }
        for query in &condition.query_params {
            match query.regex {
                true => samples(&query.value).iter().for_each(|value| add_value(&mut queries, &query.name, value)),
                false => add_value(&mut queries, &query.name, &query.value),
            }
            add_value(&mut queries, &query.name, filler);
        }
    }
    let size = [paths.len(), methods.len()]
        .into_iter()
        .chain(headers.iter().chain(&queries).map(|(_, values)| values.len()))
        .fold(1usize, usize::saturating_mul);
    let header_sets = combinations(&headers, size > MOST_REQUESTS);
    let query_sets = combinations(&queries, size > MOST_REQUESTS);
    let mut out = Vec::new();
    for query in &query_sets {
        for header in &header_sets {
            for method in &methods {
                for path in &paths {
                    if out.len() >= MOST_REQUESTS {
                        return (out, false);
                    }
                    let text: Vec<String> = query.iter().map(|(k, v)| format!("{k}={v}")).gather();
                    let query = if text.is_empty() { String::new() } else { format!("?{}", text.join("&")) };
                    out.push(Request {
                        method: method.clone(),
                        path: format!("{path}{query}"),
                        headers: header.clone(),
                    });
                }
            }
        }
    }
    (out, size <= MOST_REQUESTS)
}

/// Adds a value that a header or query parameter may have; the first is always that it is not there.
fn add_value(all: &mut Vec<(String, Vec<Option<String>>)>, name: &str, value: &str) {
    let at = match all.iter().position(|(known, _)| known == name) {
        Some(at) => at,
        None => {
            all.push((name.to_owned(), vec![None]));
            all.len() - 1
        }
    };
    let Some((_, values)) = all.get_mut(at) else { return };
    if !values.iter().any(|v| v.as_deref() == Some(value)) {
        values.push(Some(value.to_owned()));
    }
}

/// A word that no condition speaks of.
fn filler(conditions: &[&HttpMatch]) -> &'static str {
    let says = |word: &str| {
        conditions.iter().any(|c| {
            let path = match &c.path {
                Some(PathMatch::Exact(p) | PathMatch::PathPrefix(p) | PathMatch::RegularExpression(p)) => p.as_str(),
                None => "",
            };
            let headers = c.headers.iter().map(|h| h.value.as_str());
            headers.chain(c.query_params.iter().map(|q| q.value.as_str())).chain([path]).any(|t| t.contains(word))
        })
    };
    ["x", "other", "elsewhere", "unmentioned"].into_iter().find(|word| !says(word)).unwrap_or("zqxjk")
}

/// Paths at, below and beside every path that a condition names.
fn paths(conditions: &[&HttpMatch], filler: &str) -> Vec<String> {
    let mut out: Vec<String> = vec!["/".into(), format!("/{filler}")];
    for condition in conditions {
        match &condition.path {
            Some(PathMatch::Exact(path) | PathMatch::PathPrefix(path)) => {
                let at = path.strip_suffix('/').unwrap_or(path);
                out.extend([
                    path.clone(),
                    at.to_owned(),
                    format!("{at}/"),
                    format!("{at}/{filler}"),
                    format!("{at}{filler}"),
                ]);
            }
            Some(PathMatch::RegularExpression(pattern)) => {
                for sample in samples(pattern) {
                    out.extend([format!("{sample}{filler}"), format!("{sample}/{filler}"), sample]);
                }
            }
            None => {}
        }
    }
    let mut seen = SortedSet::new();
    out.retain(|p| p.starts_with('/') && seen.insert(p.clone()));
    out
}

/// Every assignment of values to names; or, if there are too many, those in which at most two names have a value.
fn combinations(values: &[(String, Vec<Option<String>>)], few: bool) -> Vec<Vec<(String, String)>> {
    let mut out: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for (name, list) in values {
        let mut next = Vec::new();
        for value in list {
            for set in out.iter().filter(|s| value.is_none() || !few || s.len() < 2) {
                let mut set = set.clone();
                set.extend(value.as_ref().map(|v| (name.clone(), v.clone())));
                next.push(set);
            }
        }
        out = next;
    }
    out
}

/// Texts that a regular expression matches; none if no attempt at one succeeds.
pub fn samples(pattern: &str) -> Vec<String> {
    let Compiled::Ok(compiled) = regex::compile(pattern) else { return Vec::new() };
    let mut out: Vec<String> = Vec::new();
    for filler in ["a", "1", "v1"] {
        for long in [false, true] {
            let text = attempt(pattern, filler, long);
            if compiled.full_match(&text) && !out.contains(&text) {
                out.push(text);
            }
        }
    }
    out
}

/// Writes down the shortest text that a simple pattern asks for: classes give their first character, groups their first
/// alternative. What it does not understand makes the attempt fail, which the caller finds out by matching.
fn attempt(pattern: &str, filler: &str, long: bool) -> String {
    let mut stack: Vec<(String, bool)> = vec![(String::new(), false)];
    let mut last = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let atom = match c {
            '^' | '$' => continue,
            '(' => {
                if chars.peek() == Some(&'?') {
                    // flags and names end with a colon or angle bracket
                    chars.by_ref().find(|c| matches!(c, ':' | '>' | ')'));
                }
                let before = std::mem::take(&mut last);
                if let Some((text, done)) = stack.last_mut() {
                    if !*done {
                        text.push_str(&before);
                    }
                }
                stack.push((String::new(), false));
                continue;
            }
            ')' => {
                let (mut text, done) = stack.pop().unwrap_or_default();
                if !done {
                    text.push_str(&last);
                }
                if stack.is_empty() {
                    stack.push((String::new(), false));
                }
                last = text;
                continue;
            }
            '|' => {
                if let Some((text, done)) = stack.last_mut() {
                    if !*done {
                        text.push_str(&last);
                    }
                    *done = true;
                }
                last.clear();
                continue;
            }
            '*' | '?' => {
                if !long {
                    last.clear();
                }
                continue;
            }
            '+' => continue,
            '{' => {
                let count: String = chars.by_ref().take_while(|c| *c != '}').gather();
                let least = count.split(',').next().and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                last = last.repeat(least.min(64));
                continue;
            }
            '.' => filler.chars().next().unwrap_or('a').to_string(),
            '[' => {
                let set: String = chars.by_ref().take_while(|c| *c != ']').gather();
                match set.strip_prefix('^') {
                    Some(_) => filler.to_owned(),
                    None => set.chars().find(|c| *c != '\\').map(String::from).unwrap_or_default(),
                }
            }
            '\\' => match chars.next() {
                Some('d') => "1".into(),
                Some('w') => filler.chars().next().unwrap_or('a').to_string(),
                Some('s') => " ".into(),
                Some(other) => other.to_string(),
                None => String::new(),
            },
            other => other.to_string(),
        };
        let before = std::mem::replace(&mut last, atom);
        if let Some((text, done)) = stack.last_mut() {
            if !*done {
                text.push_str(&before);
            }
        }
    }
    let mut out = String::new();
    for (text, done) in stack {
        out.push_str(&text);
        if done {
            last.clear();
        }
    }
    out + &last
}
