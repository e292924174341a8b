//! The way from `kuma.io/service` to MeshService, and what two versions of a world have in common.

use serde::Serialize;

use super::{DiagnosticReport, LocationReport, PositionReport, ProxyName, RequestInput, RequestReport};

/// A migration: what to decide, what is done and left, what to write.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MigrationReport {
    /// The meshes and their modes, by name.
    pub meshes: Vec<MeshModeReport>,
    /// Every `kuma.io/service`, by mesh and name.
    pub services: Vec<LegacyServiceReport>,
    /// The steps of Kuma's documentation.
    pub steps: Vec<StepReport>,
    /// What is offered, in the order in which to make it.
    pub rewrites: Vec<OfferReport>,
    /// What goes wrong on the way if nobody looks.
    pub traps: Vec<DiagnosticReport>,
    /// VirtualOutbounds that matter today, and what to write instead.
    pub virtual_outbounds: Vec<VirtualOutboundReport>,
}

/// A mesh and its mode.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MeshModeReport {
    /// The mesh.
    pub mesh: String,
    /// `meshServices.mode`.
    pub mode: String,
}

/// What a `kuma.io/service` becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ChoiceReport {
    /// MeshServices: each reference means one zone.
    MeshService,
    /// A MeshMultiZoneService: all zones, the own one first.
    MeshMultiZoneService,
}

/// A `kuma.io/service` and the decision about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct LegacyServiceReport {
    /// Its name in choices: mesh and service with a slash between.
    pub id: String,
    /// The mesh.
    pub mesh: String,
    /// The value of the tag.
    pub name: String,
    /// The zones in which it runs.
    pub zones: Vec<ServiceZoneReport>,
    /// Who uses it.
    pub uses: Vec<UseReport>,
    /// True if requests of some proxy go to another zone today, while all instances are healthy.
    pub crosses_zones: bool,
    /// The same in words, with what holds them back if they don't.
    pub crossing: String,
    /// What is suggested.
    pub suggestion: ChoiceReport,
    /// Why.
    pub reason: String,
    /// What holds: the user's choice, or the suggestion.
    pub choice: ChoiceReport,
    /// What follows from a MeshService.
    pub as_mesh_service: String,
    /// What follows from a MeshMultiZoneService.
    pub as_multi_zone: String,
}

/// A service in one zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ServiceZoneReport {
    /// The zone.
    pub zone: String,
    /// How many Dataplanes have it.
    pub dataplanes: u32,
    /// How many of them are Ready.
    pub ready: u32,
    /// The ports, as `8080 http`.
    pub ports: Vec<String>,
}

/// A place that speaks of a `kuma.io/service`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct UseReport {
    /// The document.
    pub document: u32,
    /// The kind of its resource.
    pub kind: String,
    /// The name of its resource.
    pub name: String,
    /// The path inside the document.
    pub path: String,
    /// What the place is.
    pub form: UseKind,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// What a place that speaks of a `kuma.io/service` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum UseKind {
    /// `to[].targetRef` of a route.
    Route,
    /// `to[].targetRef` of another policy.
    Policy,
    /// A backendRef of a route.
    BackendRef,
    /// A mirror of a route; it means a `kuma.io/service` in every mode.
    Mirror,
    /// `networking.outbound[]` of a Dataplane.
    Outbound,
    /// `reachableServices` of a Dataplane or Pod.
    ReachableServices,
    /// A top-level targetRef or `from` item: it is about proxies and stays as it is.
    Proxies,
}

/// A step of a migration.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// Its number in Kuma's documentation, from 1.
    pub number: u32,
    /// What it is about.
    pub title: String,
    /// True if nothing is left.
    pub done: bool,
    /// What is done and what is left.
    pub items: Vec<StepItemReport>,
}

/// Something that a step is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct StepItemReport {
    /// True if it is done.
    pub done: bool,
    /// What it is.
    pub text: String,
    /// The rewrite that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A change of the text that is offered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OfferReport {
    /// Stable while other rewrites are applied.
    pub id: String,
    /// The step that it belongs to.
    pub step: u32,
    /// When to make it; all of one stage can be made together.
    pub stage: u32,
    /// What it does.
    pub title: String,
    /// Why, and what to know about it.
    pub reason: String,
    /// The document that it changes; nothing for a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<u32>,
    /// The `kuma.io/service`s that it is about.
    pub services: Vec<String>,
    /// The changes.
    pub edits: Vec<EditReport>,
}

/// A change of one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct EditReport {
    /// The position of the source in the input, from 0.
    pub source: u32,
    /// Where what is replaced starts.
    pub start: PositionReport,
    /// Where it ends; the same where something is put in.
    pub end: PositionReport,
    /// The new text.
    pub text: String,
}

/// A VirtualOutbound that matters today.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct VirtualOutboundReport {
    /// The mesh.
    pub mesh: String,
    /// Its name.
    pub name: String,
    /// The inbounds that it names today.
    pub inbounds: u32,
    /// What becomes of it.
    pub text: String,
    /// The HostnameGenerator to write instead, where its host can be said as a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// One mode of `meshServices`, tried on every mesh.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ModeReport {
    /// The mode.
    pub mode: String,
    /// True if every mesh is in it.
    pub in_use: bool,
    /// The numbers of all proxies together.
    pub totals: ModeNumbers,
    /// Every proxy, by zone, mesh and name.
    pub proxies: Vec<ModeProxyReport>,
    /// What changes from the modes in use to this one; nothing if they are this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ProofReport>,
}

/// How much a mode makes of the proxies' configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ModeNumbers {
    /// `kuma.io/service`s that can be reached.
    pub legacy: u32,
    /// Ports of MeshServices, MeshMultiZoneServices and MeshExternalServices that can be reached.
    pub real: u32,
    /// Listeners.
    pub listeners: u32,
    /// Clusters.
    pub clusters: u32,
    /// Endpoints.
    pub endpoints: u32,
    /// Hostnames and addresses, each with its port.
    pub addresses: u32,
}

/// A proxy in one mode.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ModeProxyReport {
    /// Which proxy.
    pub proxy: ProxyName,
    /// How much it has.
    pub numbers: ModeNumbers,
    /// Its destinations.
    pub destinations: Vec<ModeDestinationReport>,
}

/// A destination of a proxy in one mode.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ModeDestinationReport {
    /// `MeshService`, `MeshMultiZoneService`, `MeshExternalService` or `kuma.io/service`.
    pub kind: String,
    /// The KRI with the port's section, or the value of `kuma.io/service`.
    pub name: String,
    /// Hostnames and addresses, each with the port.
    pub addresses: Vec<String>,
    /// How many endpoints.
    pub endpoints: u32,
    /// The zones that get requests while everything is healthy.
    pub zones: Vec<String>,
}

/// Two versions of a world, compared request by request.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ProofReport {
    /// True if no request changes and all could be compared.
    pub unchanged: bool,
    /// How many proxies were compared.
    pub proxies: u32,
    /// How many addresses of theirs.
    pub calls: u32,
    /// How many classes of requests.
    pub classes: u32,
    /// Addresses that only the new version has.
    pub new_calls: u32,
    /// What changes, the worst first.
    pub changes: Vec<RequestChange>,
    /// What could not be compared, and why.
    pub not_evaluated: Vec<String>,
}

/// What is different about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// It was answered and is not any more.
    Stops,
    /// It lands somewhere else.
    Elsewhere,
    /// It lands where it did, but is changed otherwise on the way, or by other policies.
    Treated,
    /// It was not answered and is now.
    Starts,
    /// It lands where it did, with other probabilities.
    Shares,
}

/// A class of requests that changes, with one of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RequestChange {
    /// What is different.
    pub kind: ChangeKind,
    /// The same in words.
    pub what: String,
    /// The proxies whose requests they are.
    pub proxies: Vec<ProxyName>,
    /// One such request of the first of them.
    pub request: RequestInput,
    /// What becomes of it in the old version.
    pub before: SideReport,
    /// What becomes of it in the new version.
    pub after: SideReport,
    /// The kinds of policy whose conf differs.
    pub policies: Vec<String>,
    /// Both traces; given for the first changes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traces: Option<ChangeTraces>,
}

/// The traces of one request in both versions.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ChangeTraces {
    /// In the old version.
    pub before: RequestReport,
    /// In the new version.
    pub after: RequestReport,
}

/// What becomes of a request in one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct SideReport {
    /// In words.
    pub summary: String,
    /// Where it lands while everything is healthy.
    pub places: Vec<PlaceReport>,
    /// Where it can land besides.
    pub backup: Vec<PlaceReport>,
}

impl std::fmt::Display for SideReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.summary)?;
        for place in &self.places {
            write!(f, " {}/{}:{}", place.zone, place.name, place.port)?;
        }
        Ok(())
    }
}

/// Someone who answers a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PlaceReport {
    /// The zone; empty for the outside.
    pub zone: String,
    /// The Dataplane, or the address outside.
    pub name: String,
    /// The port.
    pub port: u32,
    /// The share of such requests, 0 to 1.
    pub share: f64,
    /// True if MeshTrafficPermission refuses them there.
    pub refused: bool,
}

/// What is different between two versions of a world.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DiffReport {
    /// Problems that only the new version has.
    pub introduced: Vec<DiagnosticReport>,
    /// Problems that only the old version has.
    pub fixed: Vec<DiagnosticReport>,
    /// Problems of both, as the new version has them.
    pub unchanged: Vec<DiagnosticReport>,
    /// References whose answer differs.
    pub references: Vec<ReferenceChange>,
    /// Requests that are handled differently.
    pub requests: ProofReport,
}

/// A reference whose answer differs, or that only one version has.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ReferenceChange {
    /// The kind of the resource that it stands in.
    pub kind: String,
    /// The name of that resource.
    pub name: String,
    /// The path inside.
    pub path: String,
    /// What it asks for in the old version; nothing if it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_before: Option<String>,
    /// What it asks for in the new version; nothing if it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks_after: Option<String>,
    /// What it hits, by zone, in the old version.
    pub before: Vec<String>,
    /// What it hits, by zone, in the new version.
    pub after: Vec<String>,
    /// Where it stands in the new version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// Sources after some rewrites, and what they change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RewrittenReport {
    /// The sources, in their order.
    pub sources: Vec<RewrittenSource>,
    /// What becomes of requests.
    pub proof: ProofReport,
    /// The rewrites that were made.
    pub made: u32,
}

/// A source after some rewrites.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RewrittenSource {
    /// Its name.
    pub name: String,
    /// Its new text.
    pub text: String,
}
