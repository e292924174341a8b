//! Services: given, generated, synchronised.

use serde::Serialize;

use super::LocationReport;

/// Where a service comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ServiceOrigin {
    /// It is in the input, and lives here.
    Written,
    /// Kuma generates it here.
    Generated,
    /// It arrives from another control plane.
    Synced,
}

/// A MeshService, MeshMultiZoneService or MeshExternalService as one control plane has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ServiceReport {
    /// The control plane: a zone's name, or `global`.
    pub zone: String,
    /// The kind.
    pub kind: String,
    /// The mesh.
    pub mesh: String,
    /// The name as stored here; synchronised copies carry a hash.
    pub name: String,
    /// The name as its author knows it.
    pub display_name: String,
    /// The KRI.
    pub kri: String,
    /// Where it comes from.
    pub origin: ServiceOrigin,
    /// The zone that serves it; empty for those of no single zone.
    pub home: String,
    /// The labels here.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, string>"))]
    pub labels: crate::resource::Labels,
    /// The ports.
    pub ports: Vec<PortReport>,
    /// `Available` or `Unavailable`; MeshServices only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The Dataplanes it selects; local MeshServices only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected: Option<Vec<String>>,
    /// KRIs of the members; MeshMultiZoneServices only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<String>>,
    /// The hostnames, by generator.
    pub hostnames: Vec<HostnameReport>,
    /// How it was generated, where Dataplanes disagree about its ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictReport>,
    /// The YAML that Kuma would store.
    pub yaml: String,
    /// Where it stands in the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A port of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PortReport {
    /// The name, if it has one. Without one, sections use the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number.
    #[cfg_attr(feature = "wasm", tsify(type = "number"))]
    pub port: i64,
    /// The inbound's port or name that it maps to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port: Option<String>,
    /// The protocol.
    pub protocol: String,
    /// How many endpoints serve it here; local MeshServices only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<u32>,
}

/// What became of a generator's hostname.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum HostnameStatus {
    /// It resolves.
    Generated,
    /// Another service has it.
    Collision,
    /// The template fails or gives no DNS name.
    TemplateError,
    /// The template uses something that is not worked out here.
    NotEvaluated,
}

/// A hostname of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HostnameReport {
    /// The HostnameGenerator's name as stored here.
    pub generator: String,
    /// What became of it.
    pub status: HostnameStatus,
    /// The hostname, if one came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Kuma's own message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it means, in our words; names the service that has the hostname.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// Dataplanes that disagree about the ports of a generated MeshService.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ConflictReport {
    /// The Dataplane whose ports are used.
    pub ports_from: String,
    /// Every Dataplane of the service, oldest first.
    pub contributors: Vec<ContributorReport>,
}

/// A Dataplane's part in a generated MeshService.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ContributorReport {
    /// The Dataplane.
    pub dataplane: String,
    /// The ports it would give.
    pub ports: Vec<PortReport>,
    /// True if the MeshService has exactly these.
    pub agrees: bool,
}
