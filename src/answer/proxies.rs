//! The answer about one proxy: its outbounds and routes, endpoints, and policies with the origin of each field.

use crate::collections::Gather;
use crate::policy::rules::{self, FieldOrigin, Level, List, Merged, Origin, RuleKey, Written};
use crate::policy::subset::Tag;
use crate::report::{
    BackendReport, BehindReport, ClusterReport, DestinationReport, DroppedBackendReport, DroppedRuleReport,
    EndpointReport, EndpointVia, FieldReport, HeaderChangeReport, HiddenReport, HttpMatchReport, InboundPolicyReport,
    InboundReport, InboundRuleReport, InspectedOutboundReport, ListenerKind, LocationReport, MirrorReport,
    OriginReport, OutboundReport, OverriddenReport, PathRewriteReport, Places, PolicyLevel, PolicyReport, ProxyName,
    ProxyReport, RedirectReport, RewriteReport, RouteOriginReport, RouteReport, TimeoutReport, UnreachableReport,
    ValueMatchReport,
};
use crate::resource::{HeaderMatchType, HttpMatch, InboundState, Kind, PathMatch, Provenance};
use crate::traffic::endpoints::{self, Endpoint, EndpointSet, Via, DEFAULT_OVERPROVISIONING};
use crate::traffic::http::{self, Filter, PathRewrite};
use crate::traffic::outbound::{inspected, outbounds, redirects, skipped, Destination, Outbound};
use crate::traffic::routes::{
    self, Conf, ConfLevel, DroppedBackend, DroppedRule, Handling, HttpRoute, Listener, Mirror, RouteSource, Setting,
    Split, TcpRoute,
};
use crate::traffic::zones::{ZoneTraffic, Zones};
use crate::world::World;
use crate::yaml::Span;
use crate::zone::{Stored, StoredId, View};

/// The kinds of policy that have a conf for each destination, routes left out.
const OUTBOUND_KINDS: [Kind; 9] = [
    Kind::MeshTimeout,
    Kind::MeshRetry,
    Kind::MeshCircuitBreaker,
    Kind::MeshHealthCheck,
    Kind::MeshLoadBalancingStrategy,
    Kind::MeshAccessLog,
    Kind::MeshFaultInjection,
    Kind::MeshRateLimit,
    Kind::MeshTLS,
];

/// The answer about a proxy; nothing if there is none of this name.
pub fn proxy(world: &World, zones: &Zones, name: &ProxyName) -> Option<ProxyReport> {
    let writer = Writer::of(world, zones, &name.zone, &name.mesh)?;
    let id = writer.setting.view.named(Kind::Dataplane, &name.mesh, &name.name)?;
    writer.proxy(id)
}

/// What turns what was worked out for one zone and mesh into reports.
pub(super) struct Writer<'a> {
    pub(super) world: &'a World,
    pub(super) places: Places<'a>,
    pub(super) shared: &'a ZoneTraffic,
    pub(super) setting: Setting<'a>,
    zone: &'a str,
}

impl<'a> Writer<'a> {
    /// For the proxies of a mesh in a zone.
    pub(super) fn of(world: &'a World, zones: &'a Zones, zone: &'a str, mesh: &str) -> Option<Writer<'a>> {
        Some(Writer {
            world,
            places: Places::of(&world.sources),
            shared: zones.zone(world, zone)?,
            setting: zones.setting(world, zone, mesh)?,
            zone,
        })
    }

    fn view(&self) -> &'a View {
        self.setting.view
    }

    fn proxy(&self, id: StoredId) -> Option<ProxyReport> {
        let view = self.view();
        let stored = view.get(id)?;
        let dataplane = stored.as_dataplane()?;
        let plan = routes::plan(&self.setting, id);
        let unreachable = skipped(view, self.setting.network, id);
        let tagged = self.tagged_outbounds(id);
        Some(ProxyReport {
            proxy: ProxyName { zone: self.zone.to_owned(), mesh: stored.mesh().to_owned(), name: stored.name.clone() },
            kri: stored.kri().to_string(),
            gateway: dataplane.is_gateway(),
            transparent_proxying: redirects(stored, dataplane),
            mode: self.setting.network.switches.mode.name().to_owned(),
            labels: (*stored.labels).clone(),
            inbounds: dataplane
                .inbounds
                .iter()
                .zip(0u32..)
                .map(|(inbound, index)| InboundReport {
                    section: inbound.section(),
                    port: inbound.port,
                    protocol: inbound.protocol.name().to_owned(),
                    state: match inbound.state {
                        InboundState::Ready => "Ready",
                        InboundState::NotReady => "NotReady",
                        InboundState::Ignored => "Ignored",
                    }
                    .to_owned(),
                    tags: inbound.tags.clone(),
                    policies: self.inbound_policies(id, index),
                    location: self.within(stored, inbound.span),
                })
                .gather(),
            outbounds: plan.listeners.iter().map(|l| self.outbound(id, &tagged, l)).gather(),
            unreachable: unreachable
                .iter()
                .map(|s| UnreachableReport {
                    asks: s.what.clone(),
                    reason: s.missing.to_string(),
                    location: s.at.and_then(|(owner, span)| self.within(view.get(owner)?, span)),
                })
                .gather(),
            inspected: inspected(view, id)
                .into_iter()
                .map(|o| InspectedOutboundReport { kri: o.kri.to_string(), port: o.port, protocol: o.protocol })
                .gather(),
            clusters: plan.clusters.iter().map(|(name, c)| self.cluster(name, &c.destination, &c.endpoints)).gather(),
            policies: self.proxy_policies(id),
            failure: plan.failures.first().map(|mirror| self.mirror_problem(mirror)),
            location: self.place(stored),
        })
    }

    /// Where a resource stands in the input.
    pub(super) fn place(&self, stored: &Stored) -> Option<LocationReport> {
        match stored.resource.provenance {
            Provenance::Written { document, span } => self.places.place(document.source, span),
            Provenance::Generated | Provenance::Default => None,
        }
    }

    /// Where something of a resource stands in the input.
    pub(super) fn within(&self, stored: &Stored, span: Span) -> Option<LocationReport> {
        let document = stored.resource.document().filter(|_| span != Span::default())?;
        self.places.place(document.source, span)
    }

    fn in_policy(&self, policy: StoredId, span: Span) -> Option<LocationReport> {
        self.within(self.view().get(policy)?, span)
    }

    /// A destination.
    pub(super) fn destination(&self, destination: &Destination) -> DestinationReport {
        let view = self.view();
        let cluster = destination.cluster(view);
        match destination {
            Destination::Real { id, .. } => {
                let stored = view.get(*id);
                let port = destination.port(view);
                DestinationReport {
                    kind: stored.map(|s| s.kind().name().to_owned()).unwrap_or_default(),
                    name: stored.map(|s| s.display_name().to_owned()).unwrap_or_default(),
                    zone: stored
                        .filter(|s| s.kind() != Kind::MeshMultiZoneService)
                        .map(|s| s.zone().to_owned())
                        .unwrap_or_default(),
                    kri: destination.kri(view).map(|k| k.to_string()),
                    port: port.map(|p| p.port),
                    port_name: port.and_then(|p| p.name.as_ref().map(String::from)),
                    tags: Default::default(),
                    cluster,
                }
            }
            Destination::Tagged { service, tags } => DestinationReport {
                kind: "kuma.io/service".into(),
                name: service.clone(),
                zone: String::new(),
                kri: None,
                port: None,
                port_name: None,
                tags: tags
                    .iter()
                    .filter(|(key, _)| *key != crate::resource::label::SERVICE_TAG)
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .gather(),
                cluster,
            },
        }
    }

    /// An outbound of a proxy with its routes and policies.
    pub(super) fn outbound(&self, proxy: StoredId, tagged: &[String], listener: &Listener) -> OutboundReport {
        let outbound = &listener.outbound;
        let hidden = match &listener.handling {
            Handling::Http(list) => {
                let conditions: Vec<&HttpMatch> = list.iter().map(|r| &r.condition).gather();
                http::hidden_by(&conditions)
            }
            _ => Vec::new(),
        };
        let (kind, no_listener, routes) = match &listener.handling {
            Handling::Http(list) => {
                let routes = list
                    .iter()
                    .enumerate()
                    .map(|(position, route)| {
                        let hidden_by = hidden.get(position).copied().flatten();
                        let hider = hidden_by.and_then(|h| Some((h, list.get(h)?)));
                        RouteReport {
                            hidden_by: hider.map(|(place, r)| HiddenReport {
                                position: place as u32,
                                reason: format!(
                                    "the rule before it for {} takes every request that it could take",
                                    condition_text(&r.condition)
                                ),
                            }),
                            ..self.http_route(proxy, tagged, position, route)
                        }
                    })
                    .gather();
                (ListenerKind::Http, None, routes)
            }
            Handling::Tcp(route) => (ListenerKind::Tcp, None, vec![self.tcp_route(proxy, tagged, route)]),
            Handling::Nothing(why) => (ListenerKind::None, Some(why.to_string()), Vec::new()),
        };
        let dataplane = self.view().get(proxy);
        OutboundReport {
            id: format!("{}:{}", outbound.address, outbound.port),
            address: outbound.address.to_string(),
            port: outbound.port,
            hostnames: self.hostnames(outbound),
            destination: self.destination(&outbound.destination),
            protocol: outbound.protocol.name().to_owned(),
            section: match &outbound.destination {
                Destination::Real { section, .. } => section.clone(),
                Destination::Tagged { .. } => String::new(),
            },
            reason: outbound.why.to_string(),
            listener: kind,
            no_listener,
            routes,
            dropped: listener.dropped.iter().map(|d| self.dropped_rule(d)).gather(),
            policies: self.policies_on(proxy, &outbound.destination),
            location: outbound.span.and_then(|span| self.within(dataplane?, span)),
        }
    }

    /// Names that resolve to an outbound: those of its destination, if its address is virtual.
    fn hostnames(&self, outbound: &Outbound) -> Vec<String> {
        use crate::traffic::outbound::Address;
        match (&outbound.address, &outbound.destination) {
            (Address::Virtual(_), Destination::Real { id, .. }) => {
                self.shared.hostnames.get(id).cloned().unwrap_or_default()
            }
            (Address::VirtualTagged(service), _) => vec![format!("{service}.mesh")],
            _ => Vec::new(),
        }
    }

    fn http_route(&self, proxy: StoredId, tagged: &[String], position: usize, route: &HttpRoute) -> RouteReport {
        let rewrite = route.filters.iter().find_map(|f| match f {
            Filter::UrlRewrite(rewrite) => Some(rewrite),
            _ => None,
        });
        let to_backend_hostname = route.rewrites_host_to_endpoint(self.view());
        let redirects = route.redirect().is_some();
        RouteReport {
            position: position as u32,
            matches: condition_text(&route.condition),
            condition: Some(condition(&route.condition)),
            origin: route.source.as_ref().map(|s| self.route_origin(s)),
            backends: if redirects { Vec::new() } else { self.backends(proxy, tagged, &route.backends) },
            dropped: route.dropped.iter().map(|d| self.dropped_backend(d)).gather(),
            own_backend: route.is_own_backend() && !redirects,
            redirect: route.redirect().map(redirect),
            rewrite: (rewrite.is_some() || to_backend_hostname).then(|| RewriteReport {
                hostname: rewrite.and_then(|r| r.hostname.clone()),
                path: rewrite.and_then(|r| r.path.as_ref()).map(path_rewrite),
                to_backend_hostname,
            }),
            request_headers: header_changes(&route.filters, |f| match f {
                Filter::RequestHeaderModifier(m) => Some(m),
                _ => None,
            }),
            response_headers: header_changes(&route.filters, |f| match f {
                Filter::ResponseHeaderModifier(m) => Some(m),
                _ => None,
            }),
            mirrors: route
                .mirrors
                .iter()
                .map(|m| self.mirror(m, route.source.as_ref().map(|s| s.origin.policy)))
                .gather(),
            timeout: route
                .timeout
                .as_ref()
                .and_then(|t| Some(TimeoutReport { value: t.value.clone(), policy: self.origin(*t.origins.last()?)? })),
            hidden_by: None,
        }
    }

    fn tcp_route(&self, proxy: StoredId, tagged: &[String], route: &TcpRoute) -> RouteReport {
        RouteReport {
            position: 0,
            matches: "every connection".into(),
            condition: None,
            origin: route.source.as_ref().map(|s| self.route_origin(s)),
            backends: self.backends(proxy, tagged, &route.backends),
            dropped: route.dropped.iter().map(|d| self.dropped_backend(d)).gather(),
            own_backend: route.backends.iter().all(|b| b.written.is_none()),
            redirect: None,
            rewrite: None,
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            mirrors: Vec::new(),
            timeout: None,
            hidden_by: None,
        }
    }

    fn backends(&self, proxy: StoredId, tagged: &[String], splits: &[Split]) -> Vec<BackendReport> {
        let total: u64 = splits.iter().map(|s| u64::from(s.weight)).sum();
        let one = |split: &Split| BackendReport {
            destination: self.destination(&split.destination),
            weight: split.weight,
            share: if total == 0 { 0.0 } else { f64::from(split.weight) / total as f64 },
            endpoints: routes::balanced(&self.setting, proxy, &split.destination, tagged).endpoints.len() as u32,
            location: split.written.as_ref().and_then(|w| self.in_policy(w.policy, w.span)),
        };
        splits.iter().map(one).gather()
    }

    /// The `kuma.io/service`s that a proxy has outbounds to.
    pub(super) fn tagged_outbounds(&self, proxy: StoredId) -> Vec<String> {
        let list = outbounds(self.view(), self.setting.network, proxy).into_iter();
        list.filter_map(|o| match o.destination {
            Destination::Tagged { service, .. } => Some(service),
            Destination::Real { .. } => None,
        })
        .gather()
    }

    fn dropped_backend(&self, dropped: &DroppedBackend) -> DroppedBackendReport {
        DroppedBackendReport {
            asks: dropped.written.backend.describe(),
            reason: dropped.reason.describe(self.view()),
            location: self.in_policy(dropped.written.policy, dropped.written.span),
        }
    }

    fn dropped_rule(&self, dropped: &DroppedRule) -> DroppedRuleReport {
        DroppedRuleReport {
            matches: dropped.condition.as_ref().map_or_else(|| "every connection".into(), condition_text),
            origin: self.route_origin(&dropped.source),
            reason: dropped.reason.to_string(),
            backends: dropped.backends.iter().map(|d| self.dropped_backend(d)).gather(),
        }
    }

    fn route_origin(&self, source: &RouteSource) -> RouteOriginReport {
        let stored = self.view().get(source.origin.policy);
        let item = stored
            .and_then(Stored::as_policy)
            .and_then(|p| p.to.iter().find(|item| item.index == source.origin.rule_index));
        let rule = item.and_then(|i| i.rules.iter().find(|rule| rule.index == source.rule));
        RouteOriginReport {
            kind: source.kind.name().to_owned(),
            name: stored.map(|s| s.display_name().to_owned()).unwrap_or_default(),
            kri: stored.map(|s| s.kri().to_string()).unwrap_or_default(),
            to_index: source.origin.rule_index,
            rule_index: source.rule,
            match_index: source.condition,
            merged_from: source.merged_from.iter().filter_map(|(origin, _)| self.origin(*origin)).gather(),
            location: rule.and_then(|r| self.within(stored?, r.span)),
        }
    }

    /// Who gets copies of requests.
    pub(super) fn mirror(&self, mirror: &Mirror, policy: Option<StoredId>) -> MirrorReport {
        let endpoints = self.setting.network.endpoints(self.view(), &mirror.destination).endpoints.len() as u32;
        MirrorReport {
            service: match &mirror.destination {
                Destination::Tagged { service, .. } => service.clone(),
                Destination::Real { .. } => mirror.destination.cluster(self.view()),
            },
            percentage: mirror.percentage.unwrap_or(100.0),
            endpoints,
            problem: (!mirror.usable).then(|| self.mirror_problem(mirror)),
            location: policy.and_then(|p| self.in_policy(p, mirror.span)),
        }
    }

    /// Why a mirror fails the whole proxy.
    pub(super) fn mirror_problem(&self, mirror: &Mirror) -> String {
        format!(
            "RequestMirror goes to the {}, and no reachable inbound has it with an HTTP protocol: Kuma cannot configure the proxy",
            mirror.destination.describe(self.view())
        )
    }

    fn cluster(&self, name: &str, destination: &Destination, set: &EndpointSet) -> ClusterReport {
        ClusterReport {
            name: name.to_owned(),
            destination: self.destination(destination),
            endpoints: self.endpoints(destination, set),
            overprovisioning_factor: set.overprovisioning.unwrap_or(DEFAULT_OVERPROVISIONING),
            reason: self.absence(set),
        }
    }

    /// Why a destination has no endpoints, or not all one could expect.
    pub(super) fn absence(&self, set: &EndpointSet) -> Option<String> {
        let reasons: Vec<String> = set.absent.iter().map(|a| a.describe(self.view())).gather();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    fn endpoints(&self, destination: &Destination, set: &EndpointSet) -> Vec<EndpointReport> {
        let port = destination.port(self.view()).map(|p| p.port);
        let shares = endpoints::shares(&set.endpoints);
        let one = |(endpoint, share): (&Endpoint, f64)| {
            let (via, id) = match &endpoint.via {
                Via::Dataplane { dataplane, .. } => (EndpointVia::Dataplane, *dataplane),
                Via::Ingress { ingress, .. } => (EndpointVia::ZoneIngress, *ingress),
                Via::Egress { egress, .. } => (EndpointVia::ZoneEgress, *egress),
            };
            let behind = match via {
                EndpointVia::Dataplane => Vec::new(),
                _ => endpoints::behind(self.world, self.view(), &self.setting.network.mesh, port, endpoint),
            };
            EndpointReport {
                address: endpoint.address.as_str().to_owned(),
                port: endpoint.port,
                zone: endpoint.zone.as_str().to_owned(),
                priority: endpoint.priority,
                weight: endpoint.weight,
                locality_weight: endpoint.locality_weight,
                share,
                via,
                name: self.view().get(id).map(|s| s.display_name().to_owned()).unwrap_or_default(),
                behind: behind
                    .into_iter()
                    .map(|b| BehindReport {
                        name: b
                            .dataplane
                            .and_then(|id| self.world.zone(&b.zone)?.get(id))
                            .map_or_else(|| b.address.clone(), |s| s.name.clone()),
                        zone: b.zone,
                        address: b.address,
                        port: b.port,
                        share: b.share,
                    })
                    .gather(),
            }
        };
        set.endpoints.iter().zip(shares).map(one).gather()
    }

    /// The policies on a destination, routes left out.
    pub(super) fn policies_on(&self, proxy: StoredId, destination: &Destination) -> Vec<PolicyReport> {
        OUTBOUND_KINDS
            .iter()
            .filter_map(|kind| Some(self.policy(*kind, &self.setting.conf(proxy, *kind, destination)?)))
            .gather()
    }

    fn policy(&self, kind: Kind, conf: &Conf<'_>) -> PolicyReport {
        let level = match conf.level {
            ConfLevel::Real(level) => policy_level(level),
            ConfLevel::Tagged => PolicyLevel::Service,
        };
        let note = match conf.passed_over.as_slice() {
            [] => None,
            passed => Some(format!(
                "rules of {} are not used here: the most specific one counts alone, and they are merged into it already",
                passed.iter().map(|(level, key)| self.passed(*level, key)).gather::<Vec<_>>().join(" and of ")
            )),
        };
        PolicyReport { note, ..self.merged(kind, level, List::To, conf.merged) }
    }

    fn passed(&self, level: Level, key: &RuleKey) -> String {
        let name = self.view().get(key.resource).map(|s| s.display_name().to_owned()).unwrap_or_default();
        match level {
            Level::Mesh => format!("the mesh `{name}`"),
            Level::Resource => format!("`{name}` as a whole"),
            Level::Section => format!("`{name}` section `{}`", key.section),
        }
    }

    /// The policies on what a rule's route resource says, which beat those on the destination (rule 5.7).
    pub(super) fn policies_of_route(&self, proxy: StoredId, route: StoredId) -> Vec<PolicyReport> {
        let key = RuleKey { resource: route, section: String::new() };
        OUTBOUND_KINDS
            .iter()
            .filter_map(|kind| {
                let merged = self.setting.rules.outbound(proxy, *kind)?.to.get(&key)?;
                Some(self.merged(*kind, PolicyLevel::Resource, List::To, merged))
            })
            .gather()
    }

    fn proxy_policies(&self, proxy: StoredId) -> Vec<PolicyReport> {
        let kinds = Kind::ALL.iter().copied().filter(|k| k.is_policy());
        kinds
            .filter_map(|kind| {
                let conf = self.setting.rules.proxy(proxy, kind)?;
                Some(self.merged(kind, PolicyLevel::Proxy, List::Default, &conf.merged))
            })
            .gather()
    }

    fn merged(&self, kind: Kind, level: PolicyLevel, list: List, merged: &Merged) -> PolicyReport {
        let fields = rules::field_origins(self.view(), kind, list, merged);
        PolicyReport {
            kind: kind.name().to_owned(),
            level,
            conf: merged.conf.clone(),
            origins: merged.origins.iter().filter_map(|o| self.origin(*o)).gather(),
            fields: fields.iter().filter_map(|f| self.field(f)).gather(),
            note: None,
        }
    }

    fn field(&self, field: &FieldOrigin) -> Option<FieldReport> {
        let location = |w: &Written| self.places.place(w.document?.source, w.span);
        Some(FieldReport {
            path: field.path.clone(),
            value: field.chosen.value.clone(),
            origin: self.origin(field.chosen.origin)?,
            location: location(&field.chosen),
            overrode: field
                .overrode
                .iter()
                .filter_map(|w| {
                    Some(OverriddenReport {
                        value: w.value.clone(),
                        origin: self.origin(w.origin)?,
                        location: location(w),
                    })
                })
                .gather(),
        })
    }

    /// An item of a policy of this zone.
    pub(super) fn origin(&self, origin: Origin) -> Option<OriginReport> {
        let stored = self.view().get(origin.policy)?;
        Some(OriginReport {
            kind: stored.kind().name().to_owned(),
            name: stored.display_name().to_owned(),
            kri: stored.kri().to_string(),
            rule_index: origin.rule_index,
            location: self.place(stored),
        })
    }

    /// The policies on an inbound.
    pub(super) fn inbound_policies(&self, proxy: StoredId, inbound: u32) -> Vec<InboundPolicyReport> {
        let kinds = Kind::ALL.iter().copied().filter(|k| k.is_policy());
        kinds
            .filter_map(|kind| {
                let found = self.setting.rules.inbound(proxy, kind, inbound)?;
                let by_client = found.from.iter().map(|rule| InboundRuleReport {
                    clients: clients(&rule.subset),
                    conf: rule.merged.conf.clone(),
                    origins: rule.merged.origins.iter().filter_map(|o| self.origin(*o)).gather(),
                });
                // `from` items stand among the rules as well; where they are shown by client that is enough
                let rules = found.rules.iter().filter(|r| !r.is_from || found.from.is_empty());
                let by_rule = rules.map(|rule| InboundRuleReport {
                    clients: "every client".into(),
                    conf: rule.conf.clone(),
                    origins: self.origin(rule.origin).into_iter().gather(),
                });
                Some(InboundPolicyReport { kind: kind.name().to_owned(), rules: by_client.chain(by_rule).gather() })
            })
            .gather()
    }
}

fn policy_level(level: Level) -> PolicyLevel {
    match level {
        Level::Section => PolicyLevel::Section,
        Level::Resource => PolicyLevel::Resource,
        Level::Mesh => PolicyLevel::Mesh,
    }
}

/// A group of clients in a few words.
fn clients(subset: &[Tag]) -> String {
    if subset.is_empty() {
        return "every client".into();
    }
    let tag = |t: &Tag| format!("{}`{}: {}`", if t.not { "not " } else { "" }, t.key, t.value);
    format!("clients with {}", subset.iter().map(tag).gather::<Vec<_>>().join(", "))
}

/// A match in a few words.
pub(super) fn condition_text(condition: &HttpMatch) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(method) = &condition.method {
        parts.push(method.clone());
    }
    parts.push(match &condition.path {
        None => "any path".into(),
        Some(PathMatch::Exact(path)) => format!("path `{path}`"),
        Some(PathMatch::PathPrefix(path)) => format!("path prefix `{path}`"),
        Some(PathMatch::RegularExpression(pattern)) => format!("path like `{pattern}`"),
    });
    for header in &condition.headers {
        let name = &header.name;
        parts.push(match header.kind {
            HeaderMatchType::Exact => format!("header `{name}: {}`", header.value),
            HeaderMatchType::Prefix => format!("header `{name}` that starts with `{}`", header.value),
            HeaderMatchType::RegularExpression => format!("header `{name}` like `{}`", header.value),
            HeaderMatchType::Present => format!("header `{name}`"),
            HeaderMatchType::Absent => format!("no header `{name}`"),
        });
    }
    for query in &condition.query_params {
        let like = if query.regex { " like" } else { "" };
        parts.push(format!("query parameter `{}`{like} `{}`", query.name, query.value));
    }
    parts.join(", ")
}

fn condition(condition: &HttpMatch) -> HttpMatchReport {
    let (path_type, path) = match &condition.path {
        None => (None, None),
        Some(PathMatch::Exact(path)) => (Some("Exact"), Some(path.clone())),
        Some(PathMatch::PathPrefix(path)) => (Some("PathPrefix"), Some(path.clone())),
        Some(PathMatch::RegularExpression(pattern)) => (Some("RegularExpression"), Some(pattern.clone())),
    };
    HttpMatchReport {
        path_type: path_type.map(str::to_owned),
        path,
        method: condition.method.clone(),
        headers: condition
            .headers
            .iter()
            .map(|h| ValueMatchReport {
                kind: match h.kind {
                    HeaderMatchType::Exact => "Exact",
                    HeaderMatchType::Prefix => "Prefix",
                    HeaderMatchType::RegularExpression => "RegularExpression",
                    HeaderMatchType::Present => "Present",
                    HeaderMatchType::Absent => "Absent",
                }
                .to_owned(),
                name: h.name.clone(),
                value: match h.kind {
                    HeaderMatchType::Present | HeaderMatchType::Absent => None,
                    _ => Some(h.value.clone()),
                },
            })
            .gather(),
        query_params: condition
            .query_params
            .iter()
            .map(|q| ValueMatchReport {
                kind: if q.regex { "RegularExpression" } else { "Exact" }.to_owned(),
                name: q.name.clone(),
                value: Some(q.value.clone()),
            })
            .gather(),
    }
}

fn redirect(redirect: &http::Redirect) -> RedirectReport {
    RedirectReport {
        status: redirect.status_code.unwrap_or(302),
        scheme: redirect.scheme.clone(),
        hostname: redirect.hostname.clone(),
        port: redirect.port,
        path: redirect.path.as_ref().map(path_rewrite),
    }
}

fn path_rewrite(rewrite: &PathRewrite) -> PathRewriteReport {
    let (kind, value) = match rewrite {
        PathRewrite::ReplaceFullPath(value) => ("ReplaceFullPath", value),
        PathRewrite::ReplacePrefixMatch(value) => ("ReplacePrefixMatch", value),
    };
    PathRewriteReport { kind: kind.to_owned(), value: value.clone() }
}

/// The changes that filters make to headers, in the order in which they are made.
pub(super) fn header_changes(
    filters: &[Filter],
    pick: impl Fn(&Filter) -> Option<&http::HeaderModifier>,
) -> Vec<HeaderChangeReport> {
    let change = |action: &str, name: &String, value: Option<&String>| HeaderChangeReport {
        action: action.to_owned(),
        name: name.clone(),
        value: value.cloned(),
    };
    let mut out = Vec::new();
    for modifier in filters.iter().filter_map(pick) {
        out.extend(modifier.remove.iter().map(|name| change("remove", name, None)));
        out.extend(modifier.set.iter().map(|(name, value)| change("set", name, Some(value))));
        out.extend(modifier.add.iter().map(|(name, value)| change("add", name, Some(value))));
    }
    out
}
