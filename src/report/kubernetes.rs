//! Kubernetes zones: what Kuma makes of Services, Pods and HTTPRoutes, and what its webhooks say of its own objects.

use serde::Serialize;

use super::LocationReport;

/// One cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct KubernetesReport {
    /// The control plane: a zone's name, or `global`.
    pub zone: String,
    /// The Services, in the order of the input.
    pub services: Vec<KubernetesServiceReport>,
    /// The Pods, in the order of the input; assumed ones last.
    pub pods: Vec<PodReport>,
    /// Kuma's own objects.
    pub objects: Vec<ObjectReport>,
    /// Gateway API HTTPRoutes.
    pub routes: Vec<HttpRouteReport>,
    /// What means nothing to Kuma, such as `v1 ConfigMap`, and how many there are.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, number>"))]
    pub unused: crate::collections::SortedMap<String, u32>,
}

/// A Service and its MeshServices.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct KubernetesServiceReport {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The mesh it would be in; nothing if an earlier check ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mesh: Option<String>,
    /// KRIs of its MeshServices.
    pub mesh_services: Vec<String>,
    /// Why it has none: a short code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it has none: a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Ports that are left out because they are not TCP.
    pub dropped_ports: Vec<String>,
    /// The names of Kubernetes that keep working, such as `cart.shop.svc.cluster.local`.
    pub cluster_names: Vec<String>,
    /// The clusterIP that is assumed because the Service has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_cluster_ip: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A Pod and its Dataplane.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PodReport {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The mesh.
    pub mesh: String,
    /// The Dataplane's name; nothing if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataplane: Option<String>,
    /// Why it has none: a short code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it has none: a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The workload that it is derived from, such as `Deployment shop/cart`, if it was not pasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_from: Option<String>,
    /// The inbounds, and where each comes from.
    pub inbounds: Vec<PodInboundReport>,
    /// The Services of its namespace that give it nothing, and why.
    pub other_services: Vec<OtherServiceReport>,
    /// Where it (or its workload) stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// An inbound of a Pod's Dataplane.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PodInboundReport {
    /// The container port.
    pub port: u32,
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The protocol.
    pub protocol: String,
    /// The Service it comes from; nothing for a Pod without Services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The Service's port.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "wasm", tsify(type = "number"))]
    pub service_port: Option<i64>,
    /// The container that declares the port; nothing if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}

/// A Service that gives a Pod no inbounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OtherServiceReport {
    /// Its name.
    pub service: String,
    /// Why not.
    pub explanation: String,
}

/// One of Kuma's own objects, as admission leaves it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ObjectReport {
    /// `Kind namespace/name`.
    pub object: String,
    /// The role of a policy: `system`, `producer`, `consumer` or `workload-owner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Why it has this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_explanation: Option<String>,
    /// True if Kuma's webhooks see its namespace.
    pub webhooks_ran: bool,
    /// Who refuses it: `crd-schema`, `defaulter-webhook`, `owner-reference-webhook` or `validator-webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<String>,
    /// The message of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The labels it is stored with.
    #[cfg_attr(feature = "wasm", tsify(type = "Record<string, string>"))]
    pub labels: crate::resource::Labels,
    /// Kuma's warnings.
    pub warnings: Vec<String>,
    /// Fields that are dropped because the schema does not know them.
    pub dropped_fields: Vec<String>,
}

/// A Gateway API HTTPRoute and what Kuma writes for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteReport {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// Names of the MeshHTTPRoutes in Kuma's namespace.
    pub mesh_http_routes: Vec<String>,
    /// What is wrong: parents that give nothing, backends that do not resolve.
    pub problems: Vec<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}
