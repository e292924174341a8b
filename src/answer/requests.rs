//! The answer about one request.

use crate::collections::{sort_by, Gather};
use crate::float;
use crate::report::{
    BackendTraceReport, EndpointTraceReport, EndpointVia, ForwardedReport, HopReport, MatchVerdict as Verdict,
    OutboundCandidateReport, Permission as Lets, PermissionReport, ProxyName, RedirectAnswerReport, RequestInput,
    RequestOutcome, RequestReport, RouteCandidateReport,
};
use crate::resource::Kind;
use crate::traffic::endpoints::{Endpoint, Via, DEFAULT_OVERPROVISIONING};
use crate::traffic::http::{Filter, MatchVerdict};
use crate::traffic::permission::{Permission, Verdict as Let};
use crate::traffic::request::{trace, Ask, BackendTrace, Forwarded, Landing, OutboundVerdict, Outcome, Trace};
use crate::traffic::routes::{Handling, HttpRoute};
use crate::traffic::zones::Zones;
use crate::world::World;
use crate::zone::{Stored, StoredId};

use super::proxies::{header_changes, Writer};

/// Follows a request.
pub fn request(world: &World, zones: &Zones, input: &RequestInput) -> RequestReport {
    let ask = Ask {
        zone: input.zone.clone(),
        mesh: input.mesh.clone(),
        proxy: input.proxy.clone(),
        to: input.to.clone(),
        method: input.method.clone(),
        path: input.path.clone(),
        headers: input.headers.iter().map(|(k, v)| (k.clone(), v.clone())).gather(),
    };
    let trace = trace(world, zones, &ask);
    let writer = Writer::of(world, zones, &input.zone, &input.mesh);
    let proxy = writer.as_ref().and_then(|w| w.setting.view.named(Kind::Dataplane, &input.mesh, &input.proxy));
    match writer.as_ref().zip(proxy) {
        Some((writer, proxy)) => Page { world, zones, writer, proxy, trace: &trace }.report(input),
        None => blank(input, &trace),
    }
}

fn blank(input: &RequestInput, trace: &Trace) -> RequestReport {
    RequestReport {
        request: RequestInput {
            method: trace.request.method.clone(),
            path: trace.request.path.clone(),
            headers: trace.request.headers.iter().cloned().gather(),
            ..input.clone()
        },
        from: ProxyName { zone: input.zone.clone(), mesh: input.mesh.clone(), name: input.proxy.clone() },
        outcome: RequestOutcome::UnknownProxy,
        summary: format!("there is no Dataplane `{}` in mesh `{}` of zone `{}`", input.proxy, input.mesh, input.zone),
        outbounds: Vec::new(),
        outbound: None,
        candidates: Vec::new(),
        winner: None,
        redirect: None,
        forwarded: None,
        backends: Vec::new(),
        mirrors: Vec::new(),
        policies: Vec::new(),
    }
}

struct Page<'a> {
    world: &'a World,
    zones: &'a Zones,
    writer: &'a Writer<'a>,
    proxy: StoredId,
    trace: &'a Trace,
}

impl Page<'_> {
    fn report(&self, input: &RequestInput) -> RequestReport {
        let listener = self.trace.listener.as_ref();
        let tagged = self.writer.tagged_outbounds(self.proxy);
        let outbound = listener.map(|l| self.writer.outbound(self.proxy, &tagged, l));
        let routes = outbound.as_ref().map(|o| o.routes.clone()).unwrap_or_default();
        let winner = self.trace.winner.and_then(|w| routes.get(w).cloned());
        let won = self.route();
        let tcp = listener.is_some_and(|l| matches!(l.handling, Handling::Tcp(_)));
        let (outcome, summary) = self.outcome(input);
        let mut policies = outbound.as_ref().map(|o| o.policies.clone()).unwrap_or_default();
        if let Some(source) = won.and_then(|r| r.source.as_ref()) {
            policies.extend(self.writer.policies_of_route(self.proxy, source.origin.policy));
        }
        RequestReport {
            outcome,
            summary,
            outbounds: self
                .trace
                .candidates
                .iter()
                .map(|c| OutboundCandidateReport {
                    address: c.outbound.address.to_string(),
                    port: c.outbound.port,
                    destination: self.writer.destination(&c.outbound.destination),
                    chosen: matches!(c.verdict, OutboundVerdict::Chosen { .. }),
                    reason: c.verdict.to_string(),
                })
                .gather(),
            candidates: self
                .trace
                .routes
                .iter()
                .filter_map(|c| {
                    let route = routes.get(c.route)?.clone();
                    let (verdict, reason) = match (&c.verdict, c.wins) {
                        (MatchVerdict::Yes, true) => (Verdict::Wins, "it is the first that matches".to_owned()),
                        (MatchVerdict::Yes, false) => (Verdict::AlsoMatches, self.why_later(c.route)),
                        (MatchVerdict::No { reason }, _) => (Verdict::NoMatch, reason.clone()),
                        (MatchVerdict::NotEvaluated { reason }, _) => (Verdict::NotEvaluated, reason.clone()),
                    };
                    Some(RouteCandidateReport { route, verdict, reason })
                })
                .gather(),
            winner: if tcp { routes.first().cloned() } else { winner },
            outbound,
            redirect: match &self.trace.outcome {
                Outcome::Redirected(answer) => {
                    Some(RedirectAnswerReport { status: answer.status, location_header: Some(answer.location.clone()) })
                }
                _ => None,
            },
            forwarded: self.trace.forwarded.as_ref().map(|f| self.forwarded(f, won)),
            backends: self.trace.backends.iter().map(|b| self.backend(b)).gather(),
            mirrors: self
                .trace
                .mirrors
                .iter()
                .map(|(mirror, _)| {
                    self.writer.mirror(mirror, won.and_then(|r| r.source.as_ref()).map(|s| s.origin.policy))
                })
                .gather(),
            policies,
            ..blank(input, self.trace)
        }
    }

    /// The rule that wins.
    fn route(&self) -> Option<&HttpRoute> {
        match &self.trace.listener.as_ref()?.handling {
            Handling::Http(list) => list.get(self.trace.winner?),
            _ => None,
        }
    }

    /// Why a rule that matches comes after the one that wins.
    fn why_later(&self, position: usize) -> String {
        use crate::traffic::http::{Criterion, MatchOrder};
        let routes = match self.trace.listener.as_ref().map(|l| &l.handling) {
            Some(Handling::Http(list)) => list.as_slice(),
            _ => &[],
        };
        let pair = self.trace.winner.and_then(|w| Some((routes.get(w)?, routes.get(position)?)));
        let Some((winner, later)) = pair else {
            return "it matches, but it is not known whether an earlier one does".into();
        };
        if later.source.is_none() {
            return "Kuma adds it after all others, for requests that none of them takes".into();
        }
        let why = match MatchOrder::of(&winner.condition).decided_by(&MatchOrder::of(&later.condition)) {
            Criterion::PathType => {
                "of its type of path: Exact comes before PathPrefix, then RegularExpression, then none"
            }
            Criterion::PathLength => "its path is shorter",
            Criterion::Method => "the other names a method",
            Criterion::Headers => "the other names more headers",
            Criterion::QueryParams => "the other names more query parameters",
            Criterion::Position => "the other is of a stronger policy or written before it",
        };
        format!("it matches too, but comes later, because {why}")
    }

    fn outcome(&self, input: &RequestInput) -> (RequestOutcome, String) {
        let view = self.writer.setting.view;
        let chosen = self.trace.listener.as_ref().map(|l| l.outbound.destination.describe(view)).unwrap_or_default();
        match &self.trace.outcome {
            Outcome::Routed => (RequestOutcome::Routed, self.routed()),
            Outcome::Redirected(answer) => (
                RequestOutcome::Redirected,
                format!("it is answered with status {} and sent to {}", answer.status, answer.location),
            ),
            Outcome::NoOutbound => (
                RequestOutcome::NoOutbound,
                match self.trace.candidates.is_empty() {
                    true => format!("no outbound of `{}` has the address or name `{}`", input.proxy, input.to),
                    false => format!("no outbound of `{}` for `{}` has that port", input.proxy, input.to),
                },
            ),
            Outcome::NoListener(why) => (RequestOutcome::NoListener, format!("nothing listens for {chosen}: {why}")),
            Outcome::NoRoute => (RequestOutcome::NoRoute, "no rule matches, so it is answered with status 404".into()),
            Outcome::NoEndpoints => {
                let http = self.trace.listener.as_ref().is_some_and(|l| matches!(l.handling, Handling::Http(_)));
                let answer = if http { "it is answered with status 503" } else { "the connection is closed" };
                let why = self.trace.backends.iter().find_map(|b| self.writer.absence(&b.set));
                let why = why.map(|w| format!(" ({w})")).unwrap_or_default();
                (RequestOutcome::NoEndpoints, format!("its destination has no endpoints{why}, so {answer}"))
            }
            Outcome::NotEvaluated(reason) => (RequestOutcome::NotEvaluated, reason.clone()),
            Outcome::ConfigurationFails(mirrors) => (
                RequestOutcome::ConfigurationFails,
                mirrors.first().map(|m| self.writer.mirror_problem(m)).unwrap_or_default(),
            ),
            Outcome::UnknownProxy => (RequestOutcome::UnknownProxy, String::new()),
        }
    }

    fn routed(&self) -> String {
        let view = self.writer.setting.view;
        let parts: Vec<String> = self
            .trace
            .backends
            .iter()
            .map(|b| {
                let to = b.split.destination.describe(view);
                match self.trace.backends.len() {
                    1 => format!("to {to}"),
                    _ => format!("{} to {to}", percent(b.share)),
                }
            })
            .gather();
        let landings = self.trace.backends.iter().flat_map(|b| &b.landings).filter(|l| l.share > 0.0);
        let denied: f64 = landings.filter(|l| l.permission.verdict == Let::Denied).map(|l| l.share).sum();
        let refusal = match denied {
            d if d <= 0.0 => String::new(),
            d if d > 0.999_999 => "; MeshTrafficPermission refuses it there".to_owned(),
            d => format!("; MeshTrafficPermission refuses {} of it there", percent(d)),
        };
        format!("it goes {}{refusal}", parts.join(", "))
    }

    fn forwarded(&self, forwarded: &Forwarded, route: Option<&HttpRoute>) -> ForwardedReport {
        let filters = route.map(|r| r.filters.as_slice()).unwrap_or_default();
        ForwardedReport {
            method: self.trace.request.method.clone(),
            path: forwarded.path.clone().ok(),
            host: forwarded.host.clone(),
            headers: forwarded.headers.clone().unwrap_or_default().into_iter().gather(),
            request_headers: header_changes(filters, |f| match f {
                Filter::RequestHeaderModifier(m) => Some(m),
                _ => None,
            }),
            response_headers: header_changes(filters, |f| match f {
                Filter::ResponseHeaderModifier(m) => Some(m),
                _ => None,
            }),
            timeout: route.and_then(|r| r.timeout.as_ref()).map(|t| t.value.clone()),
        }
    }

    fn backend(&self, backend: &BackendTrace) -> BackendTraceReport {
        let view = self.writer.setting.view;
        let mut endpoints: Vec<EndpointTraceReport> =
            backend.landings.iter().map(|l| self.landing(backend, l)).gather();
        sort_by(&mut endpoints, |a, b| {
            (a.priority, &a.zone, &a.name, a.port).cmp(&(b.priority, &b.zone, &b.name, b.port))
        });
        let written = backend.split.written.as_ref();
        let own = self.trace.listener.as_ref().map(|l| &l.outbound.destination);
        BackendTraceReport {
            destination: self.writer.destination(&backend.split.destination),
            weight: backend.split.weight,
            share: backend.share,
            endpoints,
            overprovisioning_factor: backend.set.overprovisioning.unwrap_or(DEFAULT_OVERPROVISIONING),
            note: self.writer.absence(&backend.set),
            location: written.and_then(|w| self.writer.within(view.get(w.policy)?, w.span)),
            policies: match own == Some(&backend.split.destination) {
                true => Vec::new(),
                false => self.writer.policies_on(self.proxy, &backend.split.destination),
            },
        }
    }

    fn landing(&self, backend: &BackendTrace, landing: &Landing) -> EndpointTraceReport {
        let who = &landing.who;
        let endpoint = backend.set.endpoints.get(landing.endpoint);
        let stored = who.dataplane.and_then(|id| self.world.zone(&who.zone)?.get(id));
        let inbound = stored.and_then(Stored::as_dataplane).and_then(|d| d.inbounds.get(who.inbound as usize));
        let mesh = &self.writer.setting.network.mesh;
        let there = Writer::of(self.world, self.zones, &who.zone, mesh);
        EndpointTraceReport {
            zone: who.zone.clone(),
            name: stored.map_or_else(|| who.address.clone(), |s| s.name.clone()),
            address: who.address.clone(),
            port: who.port.unwrap_or_default(),
            section: inbound.map(|i| i.section()).unwrap_or_default(),
            via: endpoint.map(|e| self.hops(e)).unwrap_or_default(),
            priority: endpoint.map(|e| e.priority).unwrap_or_default(),
            share: landing.share,
            takes_over: endpoint.and_then(|e| takes_over(backend, e)),
            permission: self.permission(&landing.permission, backend),
            policies: match (&there, who.dataplane) {
                (Some(writer), Some(id)) => writer.inbound_policies(id, who.inbound),
                _ => Vec::new(),
            },
            location: stored.zip(inbound).and_then(|(s, i)| self.writer.within(s, i.span)),
        }
    }

    /// The zone proxies on the way to an endpoint.
    fn hops(&self, endpoint: &Endpoint) -> Vec<HopReport> {
        let view = self.writer.setting.view;
        let hop = |via, id: StoredId, zone: &str, address: &str, port| HopReport {
            via,
            name: view.get(id).map(|s| s.display_name().to_owned()).unwrap_or_default(),
            zone: zone.to_owned(),
            address: address.to_owned(),
            port,
        };
        match &endpoint.via {
            Via::Dataplane { .. } => Vec::new(),
            Via::Ingress { ingress, .. } => {
                vec![hop(EndpointVia::ZoneIngress, *ingress, &endpoint.zone, &endpoint.address, endpoint.port)]
            }
            Via::Egress { egress, ingress, .. } => {
                let own = &self.writer.setting.network.zone;
                let mut hops = vec![hop(EndpointVia::ZoneEgress, *egress, own, &endpoint.address, endpoint.port)];
                if let Some((id, stored)) = ingress.and_then(|id| Some((id, view.get(id)?))) {
                    let door = match &stored.resource.body {
                        crate::resource::Body::ZoneIngress(proxy) => Some(proxy),
                        _ => None,
                    };
                    let address = door.and_then(|d| d.advertised_address.clone()).unwrap_or_default();
                    let port = door.and_then(|d| d.advertised_port).unwrap_or_default();
                    hops.push(hop(EndpointVia::ZoneIngress, id, stored.zone(), &address, port));
                }
                hops
            }
        }
    }

    fn permission(&self, permission: &Permission, backend: &BackendTrace) -> PermissionReport {
        let mesh = &self.writer.setting.network.mesh;
        let there = Writer::of(self.world, self.zones, &permission.zone, mesh);
        let protocol = backend.split.destination.protocol(self.writer.setting.view, self.writer.setting.network);
        let consequence = match (permission.verdict, protocol.is_http()) {
            (Let::Denied, true) => ": status 403",
            (Let::Denied, false) => ": the connection is closed",
            _ => "",
        };
        PermissionReport {
            permission: match permission.verdict {
                Let::Allowed => Lets::Allowed,
                Let::AllowedWithShadowDeny => Lets::AllowedWithShadowDeny,
                Let::Denied => Lets::Denied,
                Let::NotChecked => Lets::NotChecked,
                Let::NotEvaluated => Lets::NotEvaluated,
            },
            reason: format!("{}{consequence}", permission.reason),
            origins: match &there {
                Some(writer) => permission.origins.iter().filter_map(|o| writer.origin(*o)).gather(),
                None => Vec::new(),
            },
        }
    }
}

/// When an endpoint gets traffic that gets none while everything is healthy.
fn takes_over(backend: &BackendTrace, endpoint: &Endpoint) -> Option<String> {
    let first = backend.set.endpoints.iter().map(|e| e.priority).min()?;
    if endpoint.priority == first {
        return None;
    }
    let before = backend.set.endpoints.iter().map(|e| e.priority).filter(|p| *p < endpoint.priority).max()?;
    let factor = backend.set.overprovisioning.unwrap_or(DEFAULT_OVERPROVISIONING).max(1);
    let threshold = 10_000.0 / f64::from(factor);
    Some(format!("when less than {} % of the endpoints of priority {before} are healthy", trimmed(threshold)))
}

fn percent(share: f64) -> String {
    format!("{} %", trimmed(share * 100.0))
}

/// A number with at most one decimal.
fn trimmed(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    float::shortest(rounded)
}
