//! One request, followed from a proxy to the endpoints that can get it.

use crate::collections::SortedMap;

use serde::Serialize;

use super::{
    DestinationReport, EndpointVia, HeaderChangeReport, LocationReport, MirrorReport, OutboundReport, PolicyReport,
    ProxyName, RouteReport,
};

/// A request to ask about.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RequestInput {
    /// The zone of the proxy that sends it.
    pub zone: String,
    /// The mesh of the proxy.
    pub mesh: String,
    /// The Dataplane's name.
    pub proxy: String,
    /// Where to: a hostname, `vip:` address or outbound address, with or without port; a service's display name with a
    /// port's name or number; a KRI; or a URL of any of these.
    pub to: String,
    /// The method; GET if empty.
    #[serde(default)]
    #[cfg_attr(feature = "wasm", tsify(optional))]
    pub method: String,
    /// The path with its query; `/` if empty, unless `to` is a URL that has one.
    #[serde(default)]
    #[cfg_attr(feature = "wasm", tsify(optional))]
    pub path: String,
    /// Headers; names have no case. `host` defaults to the host in `to`.
    #[serde(default)]
    #[cfg_attr(feature = "wasm", tsify(optional, type = "Record<string, string>"))]
    pub headers: SortedMap<String, String>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum RequestOutcome {
    /// It goes to endpoints.
    Routed,
    /// It is answered with a redirect.
    Redirected,
    /// No outbound takes it: it is no mesh traffic.
    NoOutbound,
    /// There is an outbound but nothing listens.
    NoListener,
    /// No rule matches: status 404.
    NoRoute,
    /// Its backend has no endpoints: status 503.
    NoEndpoints,
    /// It depends on something that cannot be worked out here.
    NotEvaluated,
    /// Kuma cannot configure the proxy.
    ConfigurationFails,
    /// There is no such proxy.
    UnknownProxy,
}

impl RequestOutcome {
    /// All of them.
    pub const ALL: &'static [RequestOutcome] = &[
        RequestOutcome::Routed,
        RequestOutcome::Redirected,
        RequestOutcome::NoOutbound,
        RequestOutcome::NoListener,
        RequestOutcome::NoRoute,
        RequestOutcome::NoEndpoints,
        RequestOutcome::NotEvaluated,
        RequestOutcome::ConfigurationFails,
        RequestOutcome::UnknownProxy,
    ];

    /// Its name, as it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RequestOutcome::Routed => "routed",
            RequestOutcome::Redirected => "redirected",
            RequestOutcome::NoOutbound => "noOutbound",
            RequestOutcome::NoListener => "noListener",
            RequestOutcome::NoRoute => "noRoute",
            RequestOutcome::NoEndpoints => "noEndpoints",
            RequestOutcome::NotEvaluated => "notEvaluated",
            RequestOutcome::ConfigurationFails => "configurationFails",
            RequestOutcome::UnknownProxy => "unknownProxy",
        }
    }
}

/// A request, step by step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RequestReport {
    /// What was asked, with what was left out filled in.
    pub request: RequestInput,
    /// The proxy that sends it.
    pub from: ProxyName,
    /// What becomes of it.
    pub outcome: RequestOutcome,
    /// The same in a sentence.
    pub summary: String,
    /// The outbounds that could have been meant, the chosen one first.
    pub outbounds: Vec<OutboundCandidateReport>,
    /// The outbound that takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound: Option<OutboundReport>,
    /// Every rule of the outbound, in the order of comparison.
    pub candidates: Vec<RouteCandidateReport>,
    /// The rule that wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<RouteReport>,
    /// The redirect that it is answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<RedirectAnswerReport>,
    /// The request as it is sent on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<ForwardedReport>,
    /// Where it can land.
    pub backends: Vec<BackendTraceReport>,
    /// Who gets a copy.
    pub mirrors: Vec<MirrorReport>,
    /// The policies on the way, of the outbound and of the rule.
    pub policies: Vec<PolicyReport>,
}

/// An outbound that could have been meant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OutboundCandidateReport {
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u32,
    /// Where it leads.
    pub destination: DestinationReport,
    /// True for the one that takes the request.
    pub chosen: bool,
    /// Why it does, or why not.
    pub reason: String,
}

/// Whether a rule takes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum MatchVerdict {
    /// It is the first that matches.
    Wins,
    /// It matches, but an earlier one did.
    AlsoMatches,
    /// It does not match.
    NoMatch,
    /// It cannot be worked out here.
    NotEvaluated,
}

/// A rule and whether it takes the request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RouteCandidateReport {
    /// The rule.
    pub route: RouteReport,
    /// Whether it takes the request.
    pub verdict: MatchVerdict,
    /// Why, or what differs first.
    pub reason: String,
}

/// A redirect as the client gets it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RedirectAnswerReport {
    /// The status code.
    pub status: u32,
    /// The `location` header; nothing if it cannot be worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_header: Option<String>,
}

/// A request as it is sent on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ForwardedReport {
    /// The method.
    pub method: String,
    /// The path with its query; nothing if it cannot be worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The host; nothing if it becomes the endpoint's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The headers that were given, after the changes.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, string>"))]
    pub headers: SortedMap<String, String>,
    /// The changes to the request's headers.
    pub request_headers: Vec<HeaderChangeReport>,
    /// The changes to the response's headers.
    pub response_headers: Vec<HeaderChangeReport>,
    /// How long it may take, where a policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// A destination where a request can land.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct BackendTraceReport {
    /// Which.
    pub destination: DestinationReport,
    /// Its weight.
    pub weight: u32,
    /// Its share of such requests, 0 to 1.
    pub share: f64,
    /// Its endpoints, those that get traffic first.
    pub endpoints: Vec<EndpointTraceReport>,
    /// How soon the next priority gets traffic; Envoy's own is 140.
    pub overprovisioning_factor: u32,
    /// Why it has no endpoints, or what to know about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where its backendRef stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
    /// Policies that Kuma applies to the destination rather than to the outbound.
    pub policies: Vec<PolicyReport>,
}

/// Someone who can answer a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct EndpointTraceReport {
    /// The zone; empty for the outside.
    pub zone: String,
    /// The Dataplane's name, or the address outside.
    pub name: String,
    /// The address.
    pub address: String,
    /// The port.
    pub port: u32,
    /// The inbound's name, or its port as text; empty for the outside.
    pub section: String,
    /// The zone proxies on the way.
    pub via: Vec<HopReport>,
    /// The priority.
    pub priority: u32,
    /// The share of all such requests while everything is healthy, 0 to 1.
    pub share: f64,
    /// When it gets traffic, if it gets none while everything is healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<String>,
    /// Whether MeshTrafficPermission lets the request in.
    pub permission: PermissionReport,
    /// The policies on the inbound.
    pub policies: Vec<super::InboundPolicyReport>,
    /// Where the inbound stands in the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A zone proxy on the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HopReport {
    /// Which kind.
    pub via: EndpointVia,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u32,
}

/// Whether a request is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Permission {
    /// It is.
    Allowed,
    /// It is, and would be logged as if it were not.
    AllowedWithShadowDeny,
    /// It is not: status 403, or a closed connection for TCP.
    Denied,
    /// Without mTLS nothing is checked.
    NotChecked,
    /// It cannot be worked out here.
    NotEvaluated,
}

/// Whether a request is let in, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PermissionReport {
    /// Whether it is.
    pub permission: Permission,
    /// Why.
    pub reason: String,
    /// The MeshTrafficPermission items that decided.
    pub origins: Vec<super::OriginReport>,
}
