//! Rules that no request reaches and backendRefs that get no traffic.
//!
//! A finding is about a place in the input. It is made only if it holds wherever the policy has an effect; where it holds
//! in some zones only, it names them.

use crate::collections::{sort, Gather, SortedMap, SortedSet};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::policy::resolve::{self, Owner};
use crate::policy::rules::Merged;
use crate::resource::{DocumentId, HttpMatch, Item, Kind, Provenance, RouteRule};
use crate::world::World;
use crate::yaml::Span;
use crate::zone::{Stored, StoredId, View};

use super::http;
use super::routes::{backend_of, mirrors_of, DropReason, Setting};
use super::zones::Zones;

/// A resource of the input. Items of a `List` share their document and differ in where they start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Anchor {
    document: DocumentId,
    start: u32,
}

impl Anchor {
    fn of(stored: &Stored) -> Option<Anchor> {
        match stored.resource.provenance {
            Provenance::Written { document, span } => Some(Anchor { document, start: span.start }),
            Provenance::Generated | Provenance::Default => None,
        }
    }
}

/// A rule of a route in the input: resource, position in `to`, position in `rules`.
type Place = (Anchor, u32, u32);

/// What zones say of one thing: for each, a message if there is something to say.
#[derive(Default)]
struct Said {
    zones: SortedMap<String, Option<(String, Severity)>>,
    span: Span,
    help: Option<String>,
}

impl Said {
    fn add(&mut self, zone: &str, span: Span, message: Option<(String, Severity)>) {
        self.span = span;
        self.zones.insert(zone.to_owned(), message);
    }

    /// The diagnostic, if some zone has something to say: the first zone's words, and which zones if not all do.
    fn diagnostic(self, code: Code, anchor: Anchor) -> Option<Diagnostic> {
        let (message, severity) = self.zones.values().flatten().next()?.clone();
        let some: Vec<String> =
            self.zones.iter().filter(|(_, m)| m.is_some()).map(|(zone, _)| format!("`{zone}`")).gather();
        let message = match some.len() == self.zones.len() {
            true => message,
            false => format!("{message} (seen from zone {})", some.join(", ")),
        };
        let mut out = Diagnostic::new(code, message).at(anchor.document.source, self.span);
        out.severity = severity;
        out.help = self.help;
        Some(out)
    }
}

/// Everything that is found about routes.
pub fn findings(world: &World, zones: &Zones) -> Vec<Diagnostic> {
    let mut backends: SortedMap<(Place, usize), Said> = SortedMap::new();
    let mut rules: SortedMap<Place, Said> = SortedMap::new();
    let mut mirrors: SortedMap<(Place, usize), Said> = SortedMap::new();
    let mut protocols: SortedMap<Place, Said> = SortedMap::new();
    let mut reach: SortedMap<(Place, u32), Reach> = SortedMap::new();
    for zone in world.topology.zones.keys() {
        let Some(view) = world.zone(zone) else { continue };
        for mesh in view.meshes() {
            let Some(setting) = zones.setting(world, zone, mesh) else { continue };
            let effective: SortedSet<StoredId> =
                setting.rules.all_outbound().iter().flat_map(|set| set.policies.iter().copied()).gather();
            for kind in [Kind::MeshHTTPRoute, Kind::MeshTCPRoute] {
                for (id, stored) in view.of_kind(kind, mesh).filter(|(id, _)| effective.contains(id)) {
                    let (Some(anchor), Some(policy)) = (Anchor::of(stored), stored.as_policy()) else {
                        continue;
                    };
                    for item in &policy.to {
                        for rule in &item.rules {
                            let place = (anchor, item.index, rule.index);
                            about_backends(&setting, zone, kind, id, place, rule, &mut backends, &mut rules);
                            about_mirrors(&setting, zone, place, rule, &mut mirrors);
                        }
                        if kind == Kind::MeshHTTPRoute {
                            about_protocol(view, zone, stored, anchor, item, &mut protocols);
                        }
                    }
                }
            }
            for set in setting.rules.all_outbound().iter().filter(|set| set.kind == Kind::MeshHTTPRoute) {
                let merged = set.to.values().chain(set.by_tags.iter().map(|rule| &rule.merged));
                for merged in merged {
                    about_order(&setting, merged, &mut reach);
                }
            }
        }
    }
    let mut out = Vec::new();
    out.extend(
        backends.into_iter().filter_map(|((place, _), said)| said.diagnostic(Code::BackendWithoutTraffic, place.0)),
    );
    out.extend(rules.into_iter().filter_map(|(place, said)| said.diagnostic(Code::RuleLeftOut, place.0)));
    out.extend(mirrors.into_iter().filter_map(|((place, _), said)| said.diagnostic(Code::MirrorFails, place.0)));
    out.extend(protocols.into_iter().filter_map(|(place, said)| said.diagnostic(Code::RouteWithoutRequests, place.0)));
    out.extend(unreached(world, reach));
    out
}

#[allow(clippy::too_many_arguments, reason = "one call per rule; a struct would only name the same things again")]
fn about_backends(
    setting: &Setting<'_>,
    zone: &str,
    kind: Kind,
    policy: StoredId,
    place: Place,
    rule: &RouteRule,
    backends: &mut SortedMap<(Place, usize), Said>,
    rules: &mut SortedMap<Place, Said>,
) {
    let refs = rule.backend_refs.as_deref().unwrap_or_default();
    let mut reasons = Vec::new();
    for (backend, index) in refs.iter().zip(0usize..) {
        let reason = backend_of(setting, kind, policy, backend).err();
        let said = backends.entry((place, index)).or_default();
        let message = reason.as_ref().map(|reason| {
            let severity = match reason {
                DropReason::ZeroWeight => Severity::Info,
                _ => Severity::Warning,
            };
            let why = reason.describe(setting.view);
            (format!("{} gets no traffic: {why}", backend.describe()), severity)
        });
        said.add(zone, backend.target.span, message);
        reasons.extend(reason);
    }
    let unusable = !refs.is_empty() && reasons.len() == refs.len();
    let nothing_meant = reasons.iter().all(|r| *r == DropReason::NoMatch);
    let message = match (unusable, nothing_meant, kind) {
        (true, true, Kind::MeshHTTPRoute) => Some(
            "none of the backendRefs of this rule means anything, so its requests go to the destination that it is for",
        ),
        (true, false, Kind::MeshHTTPRoute) => Some(
            "none of the backendRefs of this rule is usable, so the rule is left out and its requests go on to other rules",
        ),
        (true, _, _) => Some(
            "none of the backendRefs of this rule is usable, so nothing listens for connections to its destination",
        ),
        (false, _, _) => None,
    };
    rules.entry(place).or_default().add(zone, rule.span, message.map(|m| (m.to_owned(), Severity::Warning)));
}

fn about_mirrors(
    setting: &Setting<'_>,
    zone: &str,
    place: Place,
    rule: &RouteRule,
    mirrors: &mut SortedMap<(Place, usize), Said>,
) {
    let nodes = rule.filters.as_deref().unwrap_or_default();
    for (mirror, index) in mirrors_of(setting, nodes).iter().zip(0usize..) {
        let said = mirrors.entry((place, index)).or_default();
        let message = (!mirror.usable).then(|| {
            let to = mirror.destination.describe(setting.view);
            let message = format!(
                "RequestMirror reads its backendRef as {to}, which no reachable inbound has with an HTTP protocol: Kuma fails to configure every proxy that this rule reaches"
            );
            (message, Severity::Error)
        });
        said.add(zone, mirror.span, message);
        said.help = Some("name a `kuma.io/service` that exists here; ports and labels are ignored in mirrors".into());
    }
}

/// MeshHTTPRoutes on ports whose protocol is not HTTP.
fn about_protocol(
    view: &View,
    zone: &str,
    stored: &Stored,
    anchor: Anchor,
    item: &Item,
    protocols: &mut SortedMap<Place, Said>,
) {
    let hits = resolve::to_target(view, Owner::from(stored), &item.target_ref);
    let services: Vec<(&Stored, Vec<String>)> = hits
        .iter()
        .filter_map(|hit| {
            let service = view.get(hit.id).filter(|s| s.kind().is_service())?;
            let ports = service.ports().iter().zip(0u32..);
            let meant = ports.filter(|(_, index)| hit.section.as_ref().is_none_or(|s| s.index == *index));
            let (http, other): (Vec<_>, Vec<_>) = meant.partition(|(port, _)| port.protocol().is_http());
            http.is_empty().then(|| (service, other.iter().map(|(port, _)| String::from(&port.app_protocol)).gather()))
        })
        .gather();
    let all = !hits.is_empty() && services.len() == hits.len();
    let message = services.first().filter(|_| all).map(|(service, found)| {
        let mut found = found.clone();
        sort(&mut found);
        found.dedup();
        let message = format!(
            "this MeshHTTPRoute does nothing: the protocol of `{}` is {}, and requests are looked at for http, http2 and grpc only",
            service.display_name(),
            found.join(", ")
        );
        (message, Severity::Warning)
    });
    let said = protocols.entry((anchor, item.index, 0)).or_default();
    said.add(zone, item.target_ref.span, message);
    said.help = Some(
        "set the port's `appProtocol`, or the inbound's tag `kuma.io/protocol`, to http; or use a MeshTCPRoute".into(),
    );
}

/// Whether some request reaches a match, and which rule hides it if not.
#[derive(Default)]
struct Reach {
    reached: bool,
    hider: Option<(Place, String)>,
    by_default: bool,
}

/// Notes for each match of merged rules whether an earlier one takes everything.
fn about_order(setting: &Setting<'_>, merged: &Merged, reach: &mut SortedMap<(Place, u32), Reach>) {
    let mut candidates: Vec<(HttpMatch, Option<(Place, u32)>)> = Vec::new();
    for rule in &merged.routes {
        let policy = rule.origin.policy;
        let refs = rule.backend_refs.as_deref().unwrap_or_default();
        let reasons: Vec<DropReason> =
            refs.iter().filter_map(|b| backend_of(setting, Kind::MeshHTTPRoute, policy, b).err()).gather();
        let left_out = reasons.len() == refs.len() && reasons.iter().any(|r| *r != DropReason::NoMatch);
        if left_out {
            continue;
        }
        let place = rule.sources.first().and_then(|(origin, index)| {
            let anchor = Anchor::of(setting.view.get(origin.policy)?)?;
            Some((anchor, origin.rule_index, *index))
        });
        for (condition, index) in rule.matches.iter().zip(0u32..) {
            candidates.push((condition.clone(), place.map(|p| (p, index))));
        }
    }
    http::order(&mut candidates, |(condition, _)| condition);
    let conditions: Vec<&HttpMatch> = candidates.iter().map(|(condition, _)| condition).gather();
    for ((_, own), hidden) in candidates.iter().zip(http::hidden_by(&conditions)) {
        let Some(own) = own else { continue };
        let entry = reach.entry(*own).or_default();
        match hidden.and_then(|h| candidates.get(h)) {
            Some((condition, Some((place, _)))) => entry.hider = Some((*place, text(condition))),
            Some((_, None)) => entry.by_default = true,
            None => entry.reached = true,
        }
    }
}

fn text(condition: &HttpMatch) -> String {
    use crate::resource::PathMatch;
    match &condition.path {
        None => "any path".into(),
        Some(PathMatch::Exact(path)) => format!("path `{path}`"),
        Some(PathMatch::PathPrefix(path)) => format!("path prefix `{path}`"),
        Some(PathMatch::RegularExpression(pattern)) => format!("path like `{pattern}`"),
    }
}

/// The rules and matches that no request reaches.
fn unreached(world: &World, reach: SortedMap<(Place, u32), Reach>) -> Vec<Diagnostic> {
    let mut by_rule: SortedMap<Place, Vec<(u32, Reach)>> = SortedMap::new();
    for ((place, index), reach) in reach {
        by_rule.entry(place).or_default().push((index, reach));
    }
    let mut out = Vec::new();
    for (place, matches) in by_rule {
        let total = matches.len();
        let hidden: Vec<&(u32, Reach)> = matches.iter().filter(|(_, r)| !r.reached).gather();
        let Some((_, first)) = hidden.first().copied() else { continue };
        let which = match hidden.len() == total {
            true => "no request reaches this rule".to_owned(),
            false => {
                let list: Vec<String> = hidden.iter().map(|(index, _)| format!("matches[{index}]")).gather();
                format!("no request reaches {} of this rule", list.join(" and "))
            }
        };
        let why = match (&first.hider, first.by_default) {
            (Some((hider, condition)), _) if *hider == place => {
                format!("its own match for {condition} takes them all before")
            }
            (Some((_, condition)), _) => format!("the rule for {condition} takes them all before"),
            (None, _) => "an earlier rule takes them all".into(),
        };
        let mut diagnostic = Diagnostic::new(Code::RuleNeverHit, format!("{which}: {why}"))
            .at(place.0.document.source, span_of(world, place).unwrap_or_default())
            .help(
                "rules are compared by type of path (Exact, PathPrefix, RegularExpression, none), then longer paths, a method, more headers, more query parameters; the order in which they are written comes last",
            );
        if let Some((hider, _)) = first.hider.as_ref().filter(|(hider, _)| *hider != place) {
            if let Some(span) = span_of(world, *hider) {
                diagnostic = diagnostic.related("takes every request", hider.0.document.source, span);
            }
        }
        out.push(diagnostic);
    }
    out
}

/// Where a rule stands.
fn span_of(world: &World, place: Place) -> Option<Span> {
    let (anchor, to, rule) = place;
    world.views.iter().flat_map(View::all).find_map(|(_, stored)| {
        let policy = stored.as_policy().filter(|_| Anchor::of(stored) == Some(anchor))?;
        let item = policy.to.iter().find(|item| item.index == to)?;
        Some(item.rules.iter().find(|r| r.index == rule)?.span)
    })
}
