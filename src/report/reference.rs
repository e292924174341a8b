//! References and what they hit: the rows of the table.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{FixReport, LocationReport, PortReport};

/// Which kind of place a reference stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ReferenceForm {
    /// `spec.targetRef`: which proxies a policy is for.
    TopLevel,
    /// `spec.to[].targetRef`: which destination a policy or route is about.
    To,
    /// `spec.from[].targetRef`: which clients an inbound policy is about.
    From,
    /// `backendRefs[]` of a route.
    BackendRef,
    /// `requestMirror.backendRef` of a route's filter.
    Mirror,
    /// `networking.outbound[]` of a Dataplane.
    Outbound,
    /// `transparentProxying.reachableBackends.refs[]` of a Dataplane.
    ReachableBackend,
    /// `spec.selector` of a MeshService, MeshMultiZoneService or HostnameGenerator.
    Selector,
}

/// A reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ReferenceReport {
    /// Stable within one input: the document's id and the path.
    pub id: String,
    /// The document it stands in (see `DocumentReport.id`).
    pub document: u32,
    /// The kind of that document's resource.
    pub kind: String,
    /// The name of that document's resource.
    pub name: String,
    /// The path inside the document, such as `spec.to[0].targetRef`.
    pub path: String,
    /// Which kind of place it stands in.
    pub form: ReferenceForm,
    /// What it asks for, in a few words.
    pub asks: String,
    /// The weight of a backend among those of its rule, 1 if none is written; nothing for other references.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
    /// What it hits, from each control plane where the document has an effect.
    pub answers: Vec<ReferenceInZone>,
    /// If it hits nothing from anywhere: edits after which it hits what was meant, each by itself.
    pub fixes: Vec<FixReport>,
}

/// What comes of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ReferenceOutcome {
    /// It hits resources (`hits`).
    Hits,
    /// It is about the whole mesh.
    Mesh,
    /// It is read as a `kuma.io/service`, not as a real resource.
    Legacy,
    /// It hits nothing; `reason` says why.
    Nothing,
    /// It cannot be worked out here; `reason` says why.
    NotEvaluated,
}

/// What a reference hits, seen from one control plane.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ReferenceInZone {
    /// The zone.
    pub zone: String,
    /// What comes of it.
    pub outcome: ReferenceOutcome,
    /// What it hits. References that ask the same of proxies share one list, so do not change it.
    #[serde(serialize_with = "shared")]
    #[cfg_attr(feature = "wasm", tsify(type = "HitReport[]"))]
    pub hits: Arc<Vec<HitReport>>,
    /// Why it hits nothing, or what to know about the hits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to write instead, where there is something better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The section of the book of rules that explains why it hits nothing, such as
    /// `docs/rules/targets.md#section-names`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Everything that could have been meant, each loser with one reason.
    pub candidates: Vec<CandidateReport>,
}

fn shared<S: Serializer>(list: &Arc<Vec<HitReport>>, serializer: S) -> Result<S::Ok, S::Error> {
    list.serialize(serializer)
}

/// One thing that a reference hits.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HitReport {
    /// The kind of resource.
    pub kind: String,
    /// The display name.
    pub name: String,
    /// The KRI, with the port's section if one port is meant.
    pub kri: String,
    /// The zone that traffic goes to; empty if that is decided per request (MeshMultiZoneService).
    pub zone: String,
    /// The ports: one, if the reference names it; else all of them.
    pub ports: Vec<PortReport>,
    /// How many endpoints there are behind it, seen from here; nothing for what has none (proxies, routes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<u32>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_endpoints: Option<String>,
    /// Where it stands in the input; generated resources stand nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// One thing that could have been meant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CandidateReport {
    /// The kind of resource.
    pub kind: String,
    /// The display name.
    pub name: String,
    /// The KRI.
    pub kri: String,
    /// True if it is a hit.
    pub chosen: bool,
    /// Why it is not, or why it is.
    pub reason: String,
    /// If the sectionName asked for is the number of a named port: the port's name, which is what has to be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
}
