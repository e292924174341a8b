//! The checks of the input, compared with what was worked out, and the rules that they use.

use crate::collections::{Gather, SortedMap, SortedSet};
use crate::float;

use crate::check::{Expected, Place, ReferenceCheck, RequestCheck};
use crate::report::{
    CheckAnswerReport, CheckForm, CheckReport, CheckVerdict, ChecksReport, CoveredRuleReport, HitReport,
    InboundPolicyReport, LocationReport, OriginReport, Permission, Places, PolicyReport, ReferenceInZone,
    ReferenceOutcome, ReferenceReport, RequestInput, RequestOutcome, RequestReport, RouteReport,
};
use crate::resource::{Body, Kind, Policy, RouteRule};
use crate::traffic::zones::Zones;
use crate::world::{Placed, What, World};
use crate::yaml::Span;

use super::references::references;
use super::requests::request;

/// How far a share may be from what was expected, in percentage points: shares are written rounded.
const TOLERANCE: f64 = 0.5;

/// Runs every check.
pub fn checks(world: &World, zones: &Zones) -> ChecksReport {
    let places = Places::of(&world.sources);
    let any = world.documents.iter().any(|d| matches!(&d.what, What::Checks(_)));
    let all = if any { references(world, zones) } else { Vec::new() };
    let mut coverage = Coverage::of(world, &places);
    let mut reports: Vec<CheckReport> = Vec::new();
    for placed in &world.documents {
        let What::Checks(checks) = &placed.what else { continue };
        let report = |title: &str, form, answers: Vec<CheckAnswerReport>, span| CheckReport {
            document: placed.ordinal,
            suite: checks.name.clone(),
            title: title.to_owned(),
            form,
            verdict: answers.iter().map(|a| a.verdict).max().unwrap_or(CheckVerdict::Failed),
            answers,
            location: places.place(placed.document.source, span),
        };
        for check in &checks.requests {
            let number = reports.len() as u32;
            let answers = run_request(world, zones, check, |found| coverage.request(number, found));
            reports.push(report(&check.title, CheckForm::Request, answers, check.span));
        }
        for check in &checks.references {
            let number = reports.len() as u32;
            let answers = run_reference(&all, check, |row| coverage.reference(number, row));
            reports.push(report(&check.title, CheckForm::Reference, answers, check.span));
        }
    }
    ChecksReport::of(reports, coverage.rules)
}

/// The references that a text such as `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]` names. `spec.`, `.default` and a
/// final `.targetRef` may be left out; without a path it names all of the document.
pub fn named<'a>(all: &'a [ReferenceReport], text: &str) -> Vec<&'a ReferenceReport> {
    let (document, path) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    let Some((kind, name)) = document.split_once('/') else { return Vec::new() };
    let wanted = short_path(path.trim());
    all.iter()
        .filter(|row| row.kind == kind && row.name == name)
        .filter(|row| wanted.is_empty() || short_path(&row.path) == wanted)
        .gather()
}

/// A path without the parts that are always there.
fn short_path(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('.').filter(|p| !matches!(*p, "spec" | "default" | "")).gather();
    if parts.len() > 1 && parts.last() == Some(&"targetRef") {
        parts.pop();
    }
    parts.join(".")
}

fn run_request(
    world: &World,
    zones: &Zones,
    check: &RequestCheck,
    mut used: impl FnMut(&RequestReport),
) -> Vec<CheckAnswerReport> {
    let senders = senders(world, check);
    if senders.is_empty() {
        let place = check.zone.as_ref().map(|z| format!(" of zone `{z}`")).unwrap_or_default();
        return vec![nobody(format!("there is no proxy `{}` in mesh `{}`{place}", check.from, check.mesh))];
    }
    senders
        .into_iter()
        .map(|zone| {
            let report = request(
                world,
                zones,
                &RequestInput {
                    zone: zone.to_owned(),
                    mesh: check.mesh.clone(),
                    proxy: check.from.clone(),
                    to: check.to.clone(),
                    method: check.method.clone(),
                    path: check.path.clone(),
                    headers: check.headers.clone(),
                },
            );
            used(&report);
            judge_request(zone, check, &report)
        })
        .gather()
}

/// The zones that have a proxy of this name.
fn senders<'a>(world: &'a World, check: &RequestCheck) -> Vec<&'a str> {
    world
        .views
        .iter()
        .filter_map(|view| view.plane.zone().zip(Some(view)))
        .filter(|(zone, _)| check.zone.as_deref().is_none_or(|wanted| wanted == *zone))
        .filter(|(_, view)| view.named(Kind::Dataplane, &check.mesh, &check.from).is_some())
        .map(|(zone, _)| zone)
        .gather()
}

fn nobody(difference: String) -> CheckAnswerReport {
    CheckAnswerReport {
        zone: String::new(),
        verdict: CheckVerdict::Failed,
        found: Vec::new(),
        differences: vec![difference],
    }
}

fn answer(zone: &str, found: Vec<String>, differences: Vec<String>, evaluated: bool) -> CheckAnswerReport {
    let verdict = match (differences.is_empty(), evaluated) {
        (true, _) => CheckVerdict::Passed,
        (false, true) => CheckVerdict::Failed,
        (false, false) => CheckVerdict::NotEvaluated,
    };
    CheckAnswerReport { zone: zone.to_owned(), verdict, found, differences }
}

/// Where a part of the requests lands.
struct Landing {
    kind: String,
    service: String,
    port: Option<i64>,
    port_name: Option<String>,
    zone: String,
    endpoint: String,
    share: f64,
}

fn landings(report: &RequestReport) -> Vec<Landing> {
    let of_backends = report.backends.iter().flat_map(|backend| {
        backend.endpoints.iter().filter(|e| e.share > 0.0).map(|endpoint| Landing {
            kind: backend.destination.kind.clone(),
            service: backend.destination.name.clone(),
            port: backend.destination.port,
            port_name: backend.destination.port_name.clone(),
            zone: endpoint.zone.clone(),
            endpoint: endpoint.name.clone(),
            share: endpoint.share * 100.0,
        })
    });
    of_backends.gather()
}

fn judge_request(zone: &str, check: &RequestCheck, report: &RequestReport) -> CheckAnswerReport {
    let landings = landings(report);
    let mut found: Vec<String> =
        summed(&landings).into_iter().map(|(place, share)| format!("{} {place}", percent(share))).gather();
    if found.is_empty() {
        found.push(format!("{}: {}", report.outcome.name(), report.summary));
    }
    let mut differences = Vec::new();
    match &check.expected {
        Expected::Lands(places) => match report.outcome {
            RequestOutcome::Routed => {
                differences.extend(missing(places, &landings));
                differences.extend(refusals(report));
            }
            other => differences.push(format!("it lands nowhere ({}): {}", other.name(), report.summary)),
        },
        Expected::Outcome(wanted) if *wanted == report.outcome => {}
        Expected::Outcome(wanted) => differences.push(format!(
            "the outcome is `{}`, not `{}`: {}",
            report.outcome.name(),
            wanted.name(),
            report.summary
        )),
        Expected::Denied if is_denied(report) => {}
        Expected::Denied => differences.push(format!("it is not denied everywhere: {}", report.summary)),
    }
    if let Some(wanted) = &check.rule {
        let winner = report.winner.as_ref().and_then(rule_name);
        let same = winner.as_deref().is_some_and(|w| same_rule(w, wanted));
        if !same {
            let winner = winner.map_or("no rule of a route".to_owned(), |w| format!("`{w}`"));
            differences.push(format!("{winner} takes it, not `{wanted}`"));
        }
    }
    answer(zone, found, differences, report.outcome != RequestOutcome::NotEvaluated)
}

fn rule_name(route: &RouteReport) -> Option<String> {
    let origin = route.origin.as_ref()?;
    Some(format!("{}/{} to[{}].rules[{}]", origin.kind, origin.name, origin.to_index, origin.rule_index))
}

fn same_rule(found: &str, wanted: &str) -> bool {
    let key = |text: &str| {
        let (document, path) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        (document.to_owned(), short_path(path.trim()))
    };
    let (found, wanted) = (key(found), key(wanted));
    found.0 == wanted.0 && (wanted.1.is_empty() || found.1 == wanted.1)
}

/// Shares by service, port and zone.
fn summed(landings: &[Landing]) -> Vec<(String, f64)> {
    let mut out: Vec<(String, f64)> = Vec::new();
    for landing in landings {
        let text = landing.describe();
        match out.iter_mut().find(|(place, _)| *place == text) {
            Some((_, share)) => *share += landing.share,
            None => out.push((text, landing.share)),
        }
    }
    out
}

/// Expected places that get another share than they have to, and places that nobody expected.
fn missing(places: &[Place], landings: &[Landing]) -> Vec<String> {
    let mut out = Vec::new();
    let mut expected = SortedSet::new();
    for place in places {
        let hit: Vec<usize> = (0..).zip(landings).filter(|(_, l)| place.takes(l)).map(|(at, _)| at).gather();
        let share: f64 = (0..).zip(landings).filter(|(at, _)| hit.contains(at)).map(|(_, l)| l.share).sum();
        expected.extend(hit.iter().copied());
        match place.share {
            Some(wanted) if (wanted - share).abs() > TOLERANCE => {
                out.push(format!("{} of it goes to {}, not {}", percent(share), place.describe(), percent(wanted)));
            }
            None if hit.is_empty() => out.push(format!("none of it goes to {}", place.describe())),
            _ => {}
        }
    }
    let others = (0..).zip(landings).filter(|(at, _)| !expected.contains(at)).map(|(_, l)| l);
    let mut unexpected: SortedMap<String, f64> = SortedMap::new();
    for landing in others {
        *unexpected.entry(landing.describe()).or_default() += landing.share;
    }
    out.extend(unexpected.into_iter().map(|(place, share)| format!("{} of it goes to {place}", percent(share))));
    out
}

/// Places that get requests and refuse them.
fn refusals(report: &RequestReport) -> Vec<String> {
    let endpoints = report.backends.iter().flat_map(|b| &b.endpoints);
    endpoints
        .filter(|e| e.share > 0.0 && e.permission.permission == Permission::Denied)
        .map(|e| format!("MeshTrafficPermission refuses it at `{}`: {}", e.name, e.permission.reason))
        .gather()
}

fn is_denied(report: &RequestReport) -> bool {
    let mut reached = report.backends.iter().flat_map(|b| &b.endpoints).filter(|e| e.share > 0.0).peekable();
    reached.peek().is_some() && reached.all(|e| e.permission.permission == Permission::Denied)
}

impl Landing {
    fn describe(&self) -> String {
        let port = self.port_name.clone().or(self.port.map(|p| p.to_string()));
        describe(&self.service, port.as_deref(), &self.zone, None)
    }
}

fn describe(service: &str, port: Option<&str>, zone: &str, endpoint: Option<&str>) -> String {
    let mut out = if service.is_empty() { "any service".to_owned() } else { format!("`{service}`") };
    if let Some(port) = port {
        out.push_str(&format!(" port {port}"));
    }
    if !zone.is_empty() {
        out.push_str(&format!(" in `{zone}`"));
    }
    if let Some(endpoint) = endpoint {
        out.push_str(&format!(" at `{endpoint}`"));
    }
    out
}

impl Place {
    fn describe(&self) -> String {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let service = match (&self.service, &self.kind) {
            (Some(service), _) => service.clone(),
            (None, Some(kind)) => kind.clone(),
            (None, None) => String::new(),
        };
        describe(&service, self.port.as_deref(), &text(&self.zone), self.endpoint.as_deref())
    }

    fn takes(&self, landing: &Landing) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
        is(&self.kind, &landing.kind)
            && is(&self.service, &landing.service)
            && is(&self.zone, &landing.zone)
            && is(&self.endpoint, &landing.endpoint)
            && self.port.as_deref().is_none_or(|w| {
                landing.port_name.as_deref() == Some(w) || landing.port.is_some_and(|p| p.to_string() == w)
            })
    }

    fn is_hit(&self, hit: &HitReport) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
        is(&self.kind, &hit.kind)
            && is(&self.service, &hit.name)
            && is(&self.zone, &hit.zone)
            && self
                .port
                .as_deref()
                .is_none_or(|w| hit.ports.iter().any(|p| p.name.as_deref() == Some(w) || p.port.to_string() == w))
    }
}

fn run_reference(
    all: &[ReferenceReport],
    check: &ReferenceCheck,
    mut used: impl FnMut(&ReferenceReport),
) -> Vec<CheckAnswerReport> {
    let rows = named(all, &check.at);
    let row = match rows.as_slice() {
        [row] => row,
        [] => return vec![nobody(format!("there is no reference `{}`", check.at))],
        [first, ..] if rows.iter().all(|r| r.document == first.document) => {
            let paths: Vec<String> = rows.iter().map(|r| format!("`{}`", short_path(&r.path))).gather();
            return vec![nobody(format!("`{}` names several references: {}", check.at, paths.join(", ")))];
        }
        _ => return vec![nobody(format!("`{}` stands in several documents", check.at))],
    };
    used(row);
    let seen = row.answers.iter().filter(|a| check.zone.as_deref().is_none_or(|zone| zone == a.zone));
    let answers: Vec<CheckAnswerReport> = seen.map(|seen| judge_reference(check, seen)).gather();
    match answers.is_empty() {
        true => vec![nobody(match &check.zone {
            Some(zone) => format!("the document has no effect in zone `{zone}`"),
            None => "the document has no effect in any zone".to_owned(),
        })],
        false => answers,
    }
}

fn judge_reference(check: &ReferenceCheck, seen: &ReferenceInZone) -> CheckAnswerReport {
    let ports = |hit: &HitReport| {
        let names: Vec<String> = hit.ports.iter().map(|p| p.name.clone().unwrap_or(p.port.to_string())).gather();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let text =
        |hit: &HitReport| format!("{} {}", hit.kind, describe(&hit.name, ports(hit).as_deref(), &hit.zone, None));
    let mut found: Vec<String> = seen.hits.iter().map(text).gather();
    let reason = seen.reason.clone().unwrap_or_default();
    let mut differences = Vec::new();
    for place in &check.hits {
        if !seen.hits.iter().any(|hit| place.is_hit(hit)) {
            differences.push(format!("it does not hit {}", place.describe()));
        }
    }
    for hit in seen.hits.iter().filter(|hit| !check.hits.iter().any(|place| place.is_hit(hit))) {
        differences.push(format!("it hits {}", text(hit)));
    }
    if seen.outcome == ReferenceOutcome::Mesh {
        found.push("the whole mesh".into());
        if check.hits.is_empty() {
            differences.push("it is about the whole mesh".into());
        }
    }
    if found.is_empty() {
        found.push(format!("nothing: {reason}"));
    }
    if let (false, false) = (differences.is_empty(), reason.is_empty()) {
        differences.push(reason);
    }
    answer(&seen.zone, found, differences, seen.outcome != ReferenceOutcome::NotEvaluated)
}

fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round() / 100.0;
    format!("{} %", float::shortest(rounded))
}

/// What identifies a rule: its document and path.
type RuleKey = (u32, String);

/// Which rules are used, and by what.
struct Coverage {
    rules: Vec<CoveredRuleReport>,
    numbers: SortedMap<RuleKey, usize>,
    /// Documents by source and first byte, which is how answers say where a policy stands.
    documents: SortedMap<(u32, u32), u32>,
}

impl Coverage {
    fn of(world: &World, places: &Places) -> Self {
        let mut out = Coverage { rules: Vec::new(), numbers: SortedMap::new(), documents: SortedMap::new() };
        for placed in &world.documents {
            let start = world.sources.get(placed.document.source.0 as usize).map(|s| s.place(placed.span).start);
            out.documents.extend(start.map(|start| ((placed.document.source.0, start), placed.ordinal)));
            let What::Accepted { resource, .. } = &placed.what else { continue };
            let Body::Policy(policy) = &resource.body else { continue };
            out.add(placed, resource.kind, &resource.name, policy, places);
        }
        out
    }

    fn add(&mut self, placed: &Placed, kind: Kind, name: &str, policy: &Policy, places: &Places) {
        let is_route = matches!(kind, Kind::MeshHTTPRoute | Kind::MeshTCPRoute);
        let mut rules: Vec<(String, Span)> = Vec::new();
        for item in &policy.to {
            match is_route {
                true => {
                    let of_item = |rule: &RouteRule| format!("to[{}].rules[{}]", item.index, rule.index);
                    rules.extend(item.rules.iter().map(|rule| (of_item(rule), rule.span)));
                }
                false => rules.push((format!("to[{}]", item.index), item.span)),
            }
        }
        rules.extend(policy.from.iter().map(|item| (format!("from[{}]", item.index), item.span)));
        rules.extend(policy.rules.iter().map(|rule| (format!("rules[{}]", rule.index), rule.span)));
        for (path, span) in rules {
            self.numbers.insert((placed.ordinal, path.clone()), self.rules.len());
            self.rules.push(CoveredRuleReport {
                document: placed.ordinal,
                kind: kind.name().to_owned(),
                name: name.to_owned(),
                path,
                checks: Vec::new(),
                location: places.place(placed.document.source, span),
            });
        }
    }

    fn hit(&mut self, check: u32, document: u32, path: String) {
        let rule = self.numbers.get(&(document, path)).and_then(|number| self.rules.get_mut(*number));
        if let Some(rule) = rule.filter(|rule| rule.checks.last() != Some(&check)) {
            rule.checks.push(check);
        }
    }

    fn document(&self, at: Option<&LocationReport>) -> Option<u32> {
        let at = at?;
        self.documents.last_at_most(&(at.source, at.start.byte)).filter(|(key, _)| key.0 == at.source).map(|(_, d)| *d)
    }

    /// A reference uses the rule that it stands in.
    fn reference(&mut self, check: u32, row: &ReferenceReport) {
        let path = short_path(&row.path);
        let inside = |rule: &&CoveredRuleReport| {
            rule.document == row.document
                && path.strip_prefix(&rule.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let path = self.rules.iter().find(inside).map(|rule| rule.path.clone());
        if let Some(path) = path {
            self.hit(check, row.document, path);
        }
    }

    /// A request uses the rule that takes it and the policies on its way.
    fn request(&mut self, check: u32, report: &RequestReport) {
        if let Some(origin) = report.winner.as_ref().and_then(|w| w.origin.as_ref()) {
            if let Some(document) = self.document(origin.location.as_ref()) {
                self.hit(check, document, format!("to[{}].rules[{}]", origin.to_index, origin.rule_index));
            }
        }
        let policies = report.policies.iter().chain(report.backends.iter().flat_map(|b| &b.policies));
        for PolicyReport { origins, .. } in policies {
            origins.iter().for_each(|origin| self.origin(check, origin, &["to"]));
        }
        let reached = report.backends.iter().flat_map(|b| &b.endpoints).filter(|e| e.share > 0.0);
        for endpoint in reached {
            for InboundPolicyReport { rules, .. } in &endpoint.policies {
                let origins = rules.iter().flat_map(|rule| &rule.origins);
                origins.for_each(|origin| self.origin(check, origin, &["from", "rules"]));
            }
            endpoint.permission.origins.iter().for_each(|origin| self.origin(check, origin, &["from", "rules"]));
        }
    }

    fn origin(&mut self, check: u32, origin: &OriginReport, lists: &[&str]) {
        let Some(document) = self.document(origin.location.as_ref()) else { return };
        for list in lists {
            self.hit(check, document, format!("{list}[{}]", origin.rule_index));
        }
    }
}
