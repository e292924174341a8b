//! One proxy: what it can reach and how, and which policies shape it.

use serde::Serialize;

use crate::resource::Labels;

use super::{LocationReport, ProxyName};

/// A proxy, as its zone's control plane configures it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ProxyReport {
    /// Which proxy.
    pub proxy: ProxyName,
    /// Its KRI.
    pub kri: String,
    /// True for a Dataplane with `networking.gateway`.
    pub gateway: bool,
    /// True where traffic is redirected to it: its outbounds are virtual IPs.
    pub transparent_proxying: bool,
    /// The mesh's `meshServices.mode`.
    pub mode: String,
    /// The labels here.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, string>"))]
    pub labels: Labels,
    /// What it serves.
    pub inbounds: Vec<InboundReport>,
    /// What it listens on for its application, and where each leads.
    pub outbounds: Vec<OutboundReport>,
    /// What one could expect among the outbounds, and why it is not there.
    pub unreachable: Vec<UnreachableReport>,
    /// The outbounds that Kuma's inspection API lists. It answers from another list than the one the proxy is configured from.
    pub inspected: Vec<InspectedOutboundReport>,
    /// Every destination that some outbound leads to, with its endpoints.
    pub clusters: Vec<ClusterReport>,
    /// The policies that have one conf for the whole proxy.
    pub policies: Vec<PolicyReport>,
    /// Why Kuma fails to configure this proxy at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Where the Dataplane stands in the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// An inbound of a proxy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct InboundReport {
    /// Its name, or its port as text: what a sectionName means it by.
    pub section: String,
    /// Its port.
    pub port: u32,
    /// Its protocol.
    pub protocol: String,
    /// `Ready`, `NotReady` or `Ignored`.
    pub state: String,
    /// Its tags.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, string>"))]
    pub tags: Labels,
    /// The policies on what arrives here.
    pub policies: Vec<InboundPolicyReport>,
    /// Where it stands in the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// The policies of one kind on an inbound.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct InboundPolicyReport {
    /// The kind of policy.
    pub kind: String,
    /// Rules, weakest first. Kuma does not merge those of `spec.rules`.
    pub rules: Vec<InboundRuleReport>,
}

/// A rule on what arrives at an inbound.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct InboundRuleReport {
    /// Which clients it is about, in a few words.
    pub clients: String,
    /// The conf.
    #[cfg_attr(feature = "wasm", tsify(type = "unknown"))]
    pub conf: serde_json::Value,
    /// The items it comes from, weakest first.
    pub origins: Vec<OriginReport>,
}

/// How an outbound handles what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ListenerKind {
    /// Request by request.
    Http,
    /// Connection by connection.
    Tcp,
    /// Nothing listens: `reason` says why.
    None,
}

/// An address on which a proxy takes its application's traffic to one destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OutboundReport {
    /// Stable within one input: address and port.
    pub id: String,
    /// The address. Virtual IPs are `vip:` and the KRI or `kuma.io/service` that owns them, since Kuma allocates them in no promised order.
    pub address: String,
    /// The port.
    pub port: u32,
    /// Names that resolve to the address.
    pub hostnames: Vec<String>,
    /// Where it leads unless a route says otherwise.
    pub destination: DestinationReport,
    /// The protocol of the destination.
    pub protocol: String,
    /// The section that policies find it by. For an explicit outbound with a `port` that is the number, even if the port has a name; empty for a `kuma.io/service`.
    pub section: String,
    /// Why it is there.
    pub reason: String,
    /// How it handles what it gets, or that nothing listens.
    pub listener: ListenerKind,
    /// Why nothing listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_listener: Option<String>,
    /// The rules in the order in which requests are compared with them; one for TCP.
    pub routes: Vec<RouteReport>,
    /// Rules that apply but are left out, and why.
    pub dropped: Vec<DroppedRuleReport>,
    /// The policies on this outbound.
    pub policies: Vec<PolicyReport>,
    /// Where it stands in the Dataplane, if it is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// Something that is not among a proxy's outbounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct UnreachableReport {
    /// What it is, in a few words.
    pub asks: String,
    /// Why it is not there.
    pub reason: String,
    /// Where it is asked for, or where the service stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// An outbound as Kuma's inspection API lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct InspectedOutboundReport {
    /// The KRI with the port's section.
    pub kri: String,
    /// The port of the destination.
    #[cfg_attr(feature = "wasm", tsify(type = "number"))]
    pub port: i64,
    /// Its protocol.
    pub protocol: String,
}

/// Where traffic goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DestinationReport {
    /// `MeshService`, `MeshMultiZoneService`, `MeshExternalService` or `kuma.io/service`.
    pub kind: String,
    /// The display name, or the value of `kuma.io/service`.
    pub name: String,
    /// The zone that serves it; empty if it is decided per request.
    pub zone: String,
    /// The KRI with the port's section; nothing for a `kuma.io/service`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kri: Option<String>,
    /// The port; nothing for a `kuma.io/service`, which has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// The port's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_name: Option<String>,
    /// More tags that endpoints of a `kuma.io/service` must have.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, string>"))]
    pub tags: Labels,
    /// The name that ties it to an entry of `clusters`.
    pub cluster: String,
}

/// A rule of an outbound: one match, or for TCP all connections.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RouteReport {
    /// Its place in the order of comparison, from 0.
    pub position: u32,
    /// What it matches, in a few words.
    pub matches: String,
    /// What it matches; nothing for TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<HttpMatchReport>,
    /// The route it comes from; nothing for what Kuma adds by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<RouteOriginReport>,
    /// Where its traffic goes. Empty if it redirects.
    pub backends: Vec<BackendReport>,
    /// backendRefs that get no traffic, and why.
    pub dropped: Vec<DroppedBackendReport>,
    /// True if it has no usable backendRefs of its own and so leads to the outbound's destination.
    pub own_backend: bool,
    /// It answers with a redirect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<RedirectReport>,
    /// What it changes about the request's target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<RewriteReport>,
    /// What it changes about the request's headers.
    pub request_headers: Vec<HeaderChangeReport>,
    /// What it changes about the response's headers.
    pub response_headers: Vec<HeaderChangeReport>,
    /// Who gets copies of its requests.
    pub mirrors: Vec<MirrorReport>,
    /// How long a request may take, where a MeshTimeout says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeoutReport>,
    /// Why no request can reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_by: Option<HiddenReport>,
}

/// What a rule matches; all of it must hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HttpMatchReport {
    /// `Exact`, `PathPrefix` or `RegularExpression`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_type: Option<String>,
    /// The path that is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Headers.
    #[cfg_attr(feature = "wasm", tsify(type = "unknown"))]
    pub headers: Vec<ValueMatchReport>,
    /// Query parameters.
    #[cfg_attr(feature = "wasm", tsify(type = "unknown"))]
    pub query_params: Vec<ValueMatchReport>,
}

/// A condition on a header or query parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ValueMatchReport {
    /// `Exact`, `Prefix`, `RegularExpression`, `Present` or `Absent`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The value that is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The policy that a rule of an outbound comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RouteOriginReport {
    /// `MeshHTTPRoute` or `MeshTCPRoute`.
    pub kind: String,
    /// Its display name.
    pub name: String,
    /// Its KRI.
    pub kri: String,
    /// The position in its `to`.
    pub to_index: u32,
    /// The position in `to[].rules`.
    pub rule_index: u32,
    /// The position in the rule's `matches`.
    pub match_index: u32,
    /// Rules with the same matches of weaker policies, which fill in what this one leaves out.
    pub merged_from: Vec<OriginReport>,
    /// Where the rule stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A destination that gets traffic of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct BackendReport {
    /// Which.
    pub destination: DestinationReport,
    /// Its weight, as Envoy gets it.
    pub weight: u32,
    /// Its share of the rule's traffic, 0 to 1.
    pub share: f64,
    /// How many endpoints it has from here.
    pub endpoints: u32,
    /// Where its backendRef stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A backendRef that gets no traffic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DroppedBackendReport {
    /// What it asks for.
    pub asks: String,
    /// Why it gets none.
    pub reason: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A rule that applies to an outbound but is left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DroppedRuleReport {
    /// What it would match.
    pub matches: String,
    /// Where it comes from.
    pub origin: RouteOriginReport,
    /// Why it is left out, and what happens to its requests.
    pub reason: String,
    /// What became of each backendRef.
    pub backends: Vec<DroppedBackendReport>,
}

/// A redirect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RedirectReport {
    /// The status code.
    pub status: u32,
    /// The new scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The new hostname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The new port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// What becomes of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathRewriteReport>,
}

/// A change of a request's target.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RewriteReport {
    /// The new hostname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// What becomes of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathRewriteReport>,
    /// True if the hostname becomes that of the endpoint, as for MeshExternalServices.
    pub to_backend_hostname: bool,
}

/// A change of a path.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PathRewriteReport {
    /// `ReplaceFullPath` or `ReplacePrefixMatch`.
    pub kind: String,
    /// The replacement.
    pub value: String,
}

/// A change of a header.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HeaderChangeReport {
    /// `set`, `add` or `remove`.
    pub action: String,
    /// The header.
    pub name: String,
    /// The value; nothing for `remove`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Who gets copies of requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MirrorReport {
    /// The `kuma.io/service`: Kuma reads a mirror's name as one, whatever else the backendRef says.
    pub service: String,
    /// The part of requests that is copied, 0 to 100.
    pub percentage: f64,
    /// How many endpoints it has from here.
    pub endpoints: u32,
    /// Why Kuma cannot configure it, which fails the whole proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// How long a request may take.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct TimeoutReport {
    /// The duration, as the policy says it.
    pub value: String,
    /// The strongest policy of those it comes from.
    pub policy: OriginReport,
}

/// Why no request can reach a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HiddenReport {
    /// The place of the rule that takes everything before.
    pub position: u32,
    /// Why it does.
    pub reason: String,
}

/// What stands at an endpoint's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum EndpointVia {
    /// A proxy of the service.
    Dataplane,
    /// The door of another zone.
    ZoneIngress,
    /// The door to the outside.
    ZoneEgress,
    /// An address outside of the mesh.
    External,
}

/// A destination and its endpoints.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ClusterReport {
    /// The name that other places refer to it by.
    pub name: String,
    /// What it is.
    pub destination: DestinationReport,
    /// The endpoints.
    pub endpoints: Vec<EndpointReport>,
    /// The part of healthy endpoints, times this, that must be below 100 before the next priority gets traffic. Envoy's own is 140.
    pub overprovisioning_factor: u32,
    /// Why there are none, or what to know about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An endpoint of a destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct EndpointReport {
    /// The address.
    pub address: String,
    /// The port.
    pub port: u32,
    /// The zone; empty for what has none.
    pub zone: String,
    /// The priority; traffic goes to the lowest that is healthy.
    pub priority: u32,
    /// The weight among those of its locality.
    pub weight: u32,
    /// The weight of its locality, where one is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality_weight: Option<u32>,
    /// Its share of the destination's traffic while all endpoints are healthy, 0 to 1.
    pub share: f64,
    /// What stands at the address.
    pub via: EndpointVia,
    /// The name of what stands there.
    pub name: String,
    /// Who answers behind a zone proxy.
    pub behind: Vec<BehindReport>,
}

/// Who answers behind a zone proxy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct BehindReport {
    /// The Dataplane or address.
    pub name: String,
    /// Its zone; empty for the outside.
    pub zone: String,
    /// Its address.
    pub address: String,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// Its share of what arrives at the zone proxy for this destination, 0 to 1.
    pub share: f64,
}

/// Where the conf of a destination was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum PolicyLevel {
    /// A rule of its port.
    Section,
    /// A rule of the whole destination.
    Resource,
    /// A rule of the mesh.
    Mesh,
    /// A rule of a `kuma.io/service`, by tags.
    Service,
    /// One conf for the whole proxy.
    Proxy,
}

/// The merged conf of policies of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// The kind of policy.
    pub kind: String,
    /// Where the conf was found.
    pub level: PolicyLevel,
    /// The conf.
    #[cfg_attr(feature = "wasm", tsify(type = "unknown"))]
    pub conf: serde_json::Value,
    /// The items it is merged from, weakest first.
    pub origins: Vec<OriginReport>,
    /// Where each field comes from.
    pub fields: Vec<FieldReport>,
    /// What to know about it, such as rules that were passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An item of a policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OriginReport {
    /// The kind of policy.
    pub kind: String,
    /// Its display name.
    pub name: String,
    /// Its KRI.
    pub kri: String,
    /// The position of the item in `to`, `from` or `rules`.
    pub rule_index: u32,
    /// Where the policy stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A field of a merged conf.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct FieldReport {
    /// The path, such as `http.requestTimeout`.
    pub path: String,
    /// The value.
    #[cfg_attr(feature = "wasm", tsify(type = "unknown"))]
    pub value: serde_json::Value,
    /// The item that set it.
    pub origin: OriginReport,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
    /// What it overrode, strongest first.
    pub overrode: Vec<OverriddenReport>,
}

/// A value that was overridden.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OverriddenReport {
    /// The value.
    #[cfg_attr(feature = "wasm", tsify(type = "unknown"))]
    pub value: serde_json::Value,
    /// The item that set it.
    pub origin: OriginReport,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}
