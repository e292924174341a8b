//! Two versions of a world compared request by request.
//!
//! What a proxy does with a request is decided by the first rule whose conditions hold. The conditions of both versions
//! cut the space of requests into classes whose members are treated alike; one request of each class is compared. Where
//! both versions have the same conditions in the same order the rules are compared one by one, regular expressions
//! included.

use crate::collections::{sort_by_key, SortedMap, SortedSet};

use serde_json::Value;

use crate::answer;
use crate::report::{
    ChangeKind, ChangeTraces, PlaceReport, ProofReport, ProxyName, RequestChange, RequestInput, SideReport,
};
use crate::resource::{HeaderMatchType, HttpMatch, Kind, PathMatch};
use crate::traffic::endpoints;
use crate::traffic::http::{Filter, MatchVerdict, Matcher, Request};
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

/// The most changes for which both traces are given.
const MOST_TRACES: usize = 12;

/// A zone, a proxy or address, and a port: where a request lands.
type Place = (String, String, u32);

/// What becomes of a request, in terms that both versions share.
#[derive(Clone, Debug, Default, PartialEq)]
struct Effect {
    /// In a few words, if it lands nowhere.
    ends: Option<String>,
    /// Where it lands while everything is healthy, with the share in millionths.
    places: SortedMap<Place, u32>,
    /// Where it can land besides.
    backup: SortedSet<Place>,
    /// The places that refuse it.
    refused: SortedSet<Place>,
    /// What is done to it on the way.
    treatment: String,
    /// The conf of policies.
    policies: SortedMap<&'static str, Value>,
    /// Where it leads, in a few words.
    destination: String,
}

impl Effect {
    fn report(&self) -> SideReport {
        let summary = match &self.ends {
            Some(ends) => ends.clone(),
            None => format!("to {}", self.destination),
        };
        let place = |((zone, name, port), share): (&Place, u32)| PlaceReport {
            zone: zone.clone(),
            name: name.clone(),
            port: *port,
            share: f64::from(share) / 1e6,
            refused: self.refused.contains(&(zone.clone(), name.clone(), *port)),
        };
        SideReport {
            summary,
            places: self.places.iter().map(|(p, s)| place((p, *s))).collect(),
            backup: self.backup.iter().map(|p| place((p, 0))).collect(),
        }
    }
}

/// Compares what every proxy does with every request.
pub fn prove(old: Side<'_>, new: Side<'_>) -> ProofReport {
    let mut out = ProofReport::default();
    let mut grouped: SortedMap<String, usize> = SortedMap::new();
    let mut unknown: SortedSet<String> = SortedSet::new();
    let before = proxies(old.world);
    let after = proxies(new.world);
    for name in before.iter().chain(&after).cloned().collect::<SortedSet<_>>() {
        let pair = (Caller::of(old, &name), Caller::of(new, &name));
        let (Some(old_proxy), Some(new_proxy)) = pair else { continue };
        out.proxies += 1;
        let old_calls = old_proxy.calls();
        let new_calls = new_proxy.calls();
        out.new_calls += new_calls.keys().filter(|k| !old_calls.contains_key(*k)).count() as u32;
        for (to, listener) in &old_calls {
            out.calls += 1;
            let other = new_calls.get(to).copied();
            for found in compare(&old_proxy, listener, &new_proxy, other, &mut out.classes, &mut unknown) {
                record(&mut out, &mut grouped, &name, to, found);
            }
        }
    }
    out.not_evaluated = unknown.into_iter().collect();
    sort_by_key(&mut out.changes, |c| c.kind);
    for change in out.changes.iter_mut().filter(|c| c.kind != ChangeKind::Shares).take(MOST_TRACES) {
        change.traces = Some(ChangeTraces {
            before: answer::requests::request(old.world, old.zones, &change.request),
            after: answer::requests::request(new.world, new.zones, &change.request),
        });
    }
    out.unchanged = out.changes.is_empty() && out.not_evaluated.is_empty();
    out
}

/// Every proxy of every zone: zone, mesh, name.
fn proxies(world: &World) -> SortedSet<(String, String, String)> {
    let mut out = SortedSet::new();
    for view in &world.views {
        let Some(zone) = view.plane.zone() else { continue };
        for (_, stored) in view.all().filter(|(_, s)| s.kind() == Kind::Dataplane) {
            out.insert((zone.to_owned(), stored.mesh().to_owned(), stored.name.clone()));
        }
    }
    out
}

/// Changes of the same kind, to the same address, from and to the same places, are one with several proxies.
fn record(
    out: &mut ProofReport,
    grouped: &mut SortedMap<String, usize>,
    name: &(String, String, String),
    to: &str,
    found: Difference,
) {
    let (zone, mesh, proxy) = name.clone();
    let key = format!(
        "{:?} {zone} {mesh} {to} {} {} {:?} {:?} {:?}",
        found.kind, found.request.method, found.request.path, found.before, found.after, found.policies
    );
    let proxy_name = ProxyName { zone: zone.clone(), mesh: mesh.clone(), name: proxy.clone() };
    if let Some(known) = grouped.get(&key).and_then(|i| out.changes.get_mut(*i)) {
        known.proxies.push(proxy_name);
        return;
    }
    grouped.insert(key, out.changes.len());
    let headers = found.request.headers.into_iter().collect();
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
    fn of(side: Side<'a>, name: &(String, String, String)) -> Option<Caller<'a>> {
        let (zone, mesh, proxy) = name;
        let setting = side.zones.setting(side.world, zone, mesh)?;
        let shared = side.zones.zone(side.world, zone)?;
        let id = setting.view.named(Kind::Dataplane, mesh, proxy)?;
        let stored = setting.view.get(id)?;
        let plan = plan(&setting, id);
        let tagged = plan
            .listeners
            .iter()
            .filter_map(|l| match &l.outbound.destination {
                Destination::Tagged { service, .. } => Some(service.clone()),
                Destination::Real { .. } => None,
            })
            .collect();
        let client = Client::of(stored, stored.as_dataplane()?);
        Some(Caller { side, setting, id, client, plan, tagged, hostnames: &shared.hostnames })
    }

    /// What an application can ask for, and the listener that takes it. Where a name has two addresses the first in
    /// the order of listeners counts.
    fn calls(&self) -> SortedMap<String, &Listener> {
        let mut out = SortedMap::new();
        for listener in &self.plan.listeners {
            for host in hosts(&self.setting, self.hostnames, listener) {
                out.entry(format!("{host}:{}", listener.outbound.port)).or_insert(listener);
            }
        }
        out
    }

    fn effects(&self, listener: &Listener) -> Vec<Effect> {
        match &listener.handling {
            Handling::Http(routes) => routes.iter().map(|r| self.http(listener, r)).collect(),
            Handling::Tcp(route) => vec![self.landing(listener, &route.backends, String::new())],
            Handling::Nothing(why) => {
                vec![Effect { ends: Some(format!("nothing listens: {why}")), ..Effect::default() }]
            }
        }
    }

    fn http(&self, listener: &Listener, route: &HttpRoute) -> Effect {
        if let Some(redirect) = route.redirect() {
            let ends = Some(format!("redirected: {}", debug(redirect)));
            return Effect { ends, ..Effect::default() };
        }
        let filters: Vec<&Filter> = route.filters.iter().collect();
        let mirrors: Vec<String> = route
            .mirrors
            .iter()
            .map(|m| {
                let split = Split { destination: m.destination.clone(), weight: 1, written: None };
                let copy = self.landing(listener, &[split], String::new());
                format!("{:?} {:?} {:?}", m.percentage, copy.places, copy.ends)
            })
            .collect();
        let rewrites = route.rewrites_host_to_endpoint(self.setting.view);
        let timeout = route.timeout.as_ref().map(|t| t.value.clone());
        self.landing(listener, &route.backends, format!("{filters:?} {mirrors:?} {rewrites} {timeout:?}"))
    }

    fn landing(&self, listener: &Listener, splits: &[Split], treatment: String) -> Effect {
        let view = self.setting.view;
        let mesh = &self.setting.network.mesh;
        let mut out =
            Effect { treatment, policies: self.policies(&listener.outbound.destination), ..Effect::default() };
        let total: u64 = splits.iter().map(|s| u64::from(s.weight)).sum();
        let names: Vec<String> = splits.iter().map(|s| s.destination.describe(view)).collect();
        out.destination = names.join(", ");
        let mut sums: SortedMap<Place, f64> = SortedMap::new();
        for split in splits {
            let part = if total == 0 { 0.0 } else { f64::from(split.weight) / total as f64 };
            let set = balanced(&self.setting, self.id, &split.destination, &self.tagged);
            let port = split.destination.port(view).map(|p| p.port);
            for (endpoint, share) in set.endpoints.iter().zip(endpoints::shares(&set.endpoints)) {
                for who in endpoints::behind(self.side.world, view, mesh, port, endpoint) {
                    let stored = who.dataplane.and_then(|id| self.side.world.zone(&who.zone)?.get(id));
                    let name = stored.map_or_else(|| who.address.clone(), |s| s.name.clone());
                    let place = (who.zone.clone(), name, who.port.unwrap_or_default());
                    *sums.entry(place.clone()).or_default() += part * share * who.share;
                    let denied = who.dataplane.is_some_and(|id| {
                        permission(self.side.world, self.side.zones, &self.client, &who.zone, id, who.inbound).verdict
                            == Verdict::Denied
                    });
                    if denied {
                        out.refused.insert(place);
                    }
                }
            }
        }
        for (place, share) in sums {
            match (share * 1e6).round() as u32 {
                0 => {
                    out.backup.insert(place);
                }
                parts => {
                    out.places.insert(place, parts);
                }
            }
        }
        if out.places.is_empty() && out.backup.is_empty() {
            out.ends = Some(format!("{} has no endpoints", out.destination));
        }
        out
    }

    fn policies(&self, destination: &Destination) -> SortedMap<&'static str, Value> {
        let conf = |kind: Kind| Some((kind.name(), self.setting.conf(self.id, kind, destination)?.merged.conf.clone()));
        POLICIES.iter().filter_map(|kind| conf(*kind)).collect()
    }
}

fn debug(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
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
            vips.into_iter().filter(|_| own).chain(names).collect()
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
        let gone = Effect { ends: Some("no outbound has this address".into()), ..Effect::default() };
        // what led nowhere before does not stop
        let worked = first.ends.is_none();
        return Vec::from_iter(worked.then(|| difference(ChangeKind::Stops, plain_request(), &first, &gone)));
    };
    let new_effects = new.effects(new_listener);
    let old_conditions = conditions(old_listener);
    let new_conditions = conditions(new_listener);
    let mut seen: SortedSet<(usize, usize)> = SortedSet::new();
    let mut out = Vec::new();
    let mut add = |i: usize, j: usize, request: &Request| {
        if !seen.insert((i, j)) {
            return;
        }
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
    let all: Vec<&HttpMatch> = old_conditions.iter().chain(&new_conditions).copied().collect();
    let (requests, complete) = representatives(&all);
    let matchers = |list: &[&HttpMatch]| -> Vec<Matcher> { list.iter().map(|c| Matcher::new(c)).collect() };
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
        Handling::Http(routes) => routes.iter().map(|r| &r.condition).collect(),
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
        (Some(x), Some(y)) if x.starts_with("redirected") || y.starts_with("redirected") => {
            return (x != y).then_some(ChangeKind::Elsewhere)
        }
        (Some(_), Some(_)) => return None,
        (None, None) => {}
    }
    let taken = |e: &Effect| e.places.keys().filter(|p| !e.refused.contains(*p)).cloned().collect::<SortedSet<_>>();
    if !taken(a).is_empty() && taken(b).is_empty() {
        Some(ChangeKind::Stops)
    } else if !a.places.keys().eq(b.places.keys()) || a.refused != b.refused {
        Some(ChangeKind::Elsewhere)
    } else if a.treatment != b.treatment || a.policies != b.policies {
        Some(ChangeKind::Treated)
    } else if a.places.iter().any(|(p, s)| b.places.get(p).is_none_or(|t| s.abs_diff(*t) > 2)) {
        Some(ChangeKind::Shares)
    } else {
        None
    }
}

fn difference(kind: ChangeKind, request: Request, a: &Effect, b: &Effect) -> Difference {
    let zones = |e: &Effect| {
        let set: SortedSet<&str> = e.places.keys().map(|(zone, _, _)| zone.as_str()).collect();
        set.into_iter().map(|z| format!("`{z}`")).collect::<Vec<_>>().join(", ")
    };
    let differing = || POLICIES.iter().filter(|k| a.policies.get(k.name()) != b.policies.get(k.name()));
    let policies: Vec<String> = differing().map(|k| k.name().to_owned()).collect();
    let what = match kind {
        ChangeKind::Stops => match &b.ends {
            Some(ends) => format!("stops working: {ends}"),
            None => "stops working: MeshTrafficPermission refuses it".into(),
        },
        ChangeKind::Starts => "starts working".into(),
        ChangeKind::Elsewhere if zones(a) != zones(b) => format!("lands in {} instead of {}", zones(b), zones(a)),
        ChangeKind::Elsewhere => "lands elsewhere".into(),
        ChangeKind::Treated if policies.is_empty() => "is handled otherwise on the way".into(),
        ChangeKind::Treated => format!("lands where it did, with another conf of {}", policies.join(", ")),
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
    let named: SortedSet<&str> = conditions.iter().filter_map(|c| c.method.as_deref()).collect();
    methods.extend(["GET", "POST", "PATCH", "TRACE"].iter().find(|m| !named.contains(*m)).map(|m| (*m).to_owned()));
    methods.extend(named.into_iter().map(str::to_owned));
    let mut headers: SortedMap<String, Vec<Option<String>>> = SortedMap::new();
    let mut queries: SortedMap<String, Vec<Option<String>>> = SortedMap::new();
    for condition in conditions {
        for header in &condition.headers {
            let values = headers.entry(header.name.to_ascii_lowercase()).or_insert_with(|| vec![None]);
            match header.kind {
                HeaderMatchType::Exact => values.push(Some(header.value.clone())),
                HeaderMatchType::Prefix => {
                    values.extend([Some(header.value.clone()), Some(format!("{}{filler}", header.value))]);
                }
                HeaderMatchType::RegularExpression => values.extend(samples(&header.value).into_iter().map(Some)),
                HeaderMatchType::Present | HeaderMatchType::Absent => {}
            }
            values.push(Some(filler.to_owned()));
        }
        for query in &condition.query_params {
            let values = queries.entry(query.name.clone()).or_insert_with(|| vec![None]);
            match query.regex {
                true => values.extend(samples(&query.value).into_iter().map(Some)),
                false => values.push(Some(query.value.clone())),
            }
            values.push(Some(filler.to_owned()));
        }
    }
    for values in headers.values_mut().chain(queries.values_mut()) {
        let mut seen = SortedSet::new();
        values.retain(|v| seen.insert(v.clone()));
    }
    let size = [paths.len(), methods.len()]
        .into_iter()
        .chain(headers.values().chain(queries.values()).map(Vec::len))
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
                    let text: Vec<String> = query.iter().map(|(k, v)| format!("{k}={v}")).collect();
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

/// A word that no condition speaks of.
fn filler(conditions: &[&HttpMatch]) -> &'static str {
    let said = format!("{conditions:?}");
    ["x", "other", "elsewhere", "unmentioned"].into_iter().find(|w| !said.contains(w)).unwrap_or("zqxjk")
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
fn combinations(values: &SortedMap<String, Vec<Option<String>>>, few: bool) -> Vec<Vec<(String, String)>> {
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
                let count: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let least = count.split(',').next().and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                last = last.repeat(least.min(64));
                continue;
            }
            '.' => filler.chars().next().unwrap_or('a').to_string(),
            '[' => {
                let set: String = chars.by_ref().take_while(|c| *c != ']').collect();
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
