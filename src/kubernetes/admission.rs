//! What becomes of Kuma's objects as they are written (sections 1 and 2): the labels that Kuma computes, the role of
//! policies, and who may create what.

use crate::collections::Gather;
use crate::diagnostic::Violation;
use crate::resource::{label, Body, Environment, Kind, Labels, Resource, TargetKind, TargetRef};
use crate::text::Text;
use crate::validate::{self, kubernetes as rules, Finding};
use crate::yaml::{Node, Span};
use crate::zone::names::synced_name;
use crate::zone::ControlPlane;

use super::annotation;
use super::build;
use super::{Cluster, KumaObject};

/// What kind of claim a policy makes, and so whom it applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Written in Kuma's own namespace: applies to everybody.
    System,
    /// By the owner of the destination: applies to clients everywhere.
    Producer,
    /// By a client: applies to its namespace.
    Consumer,
    /// About the namespace's own proxies.
    WorkloadOwner,
}

impl Role {
    /// The value of label `kuma.io/policy-role`.
    pub const fn name(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::Producer => "producer",
            Role::Consumer => "consumer",
            Role::WorkloadOwner => "workload-owner",
        }
    }
}

/// Why a policy has its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleReason {
    /// It is in Kuma's own namespace.
    SystemNamespace,
    /// It has no `to` items.
    NoToItems,
    /// Each `to` item names a MeshService or MeshHTTPRoute of the policy's own namespace.
    AllItemsName,
    /// No `to` item does; why not, item by item.
    NoItemNames(Vec<String>),
}

impl RoleReason {
    /// One sentence.
    pub fn explain(&self) -> String {
        match self {
            RoleReason::SystemNamespace => "it is in Kuma's own namespace".into(),
            RoleReason::NoToItems => "it has no `to` items, so it is about the namespace's own proxies".into(),
            RoleReason::AllItemsName => {
                "every `to` item names a MeshService or MeshHTTPRoute of the policy's own namespace".into()
            }
            RoleReason::NoItemNames(items) => {
                format!("no `to` item names a MeshService of the policy's own namespace: {}", items.join("; "))
            }
        }
    }
}

/// A stage of admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Kuma's defaulter, which also computes labels.
    Defaulter,
    /// Kuma's look-up of the Mesh, which becomes the owner.
    OwnerReference,
    /// The schema of the CRD.
    CrdSchema,
    /// Kuma's validator.
    Validator,
}

impl Stage {
    /// A name.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Defaulter => "defaulter-webhook",
            Stage::OwnerReference => "owner-reference-webhook",
            Stage::CrdSchema => "crd-schema",
            Stage::Validator => "validator-webhook",
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Who refuses.
    pub stage: Stage,
    /// The message, in the words of Kuma or the API server.
    pub message: String,
    /// The single violations, as `field: reason`.
    pub violations: Vec<String>,
    /// The same with their places in the text.
    pub findings: Vec<Finding>,
}

impl Denied {
    fn defaulter(message: impl Into<String>) -> Denied {
        Denied { stage: Stage::Defaulter, message: message.into(), violations: Vec::new(), findings: Vec::new() }
    }
}

/// What became of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    /// `Kind namespace/name`.
    pub object: String,
    /// Who wrote it.
    pub author: Author,
    /// True if Kuma's webhooks saw it (rule 1.2).
    pub webhooks_ran: bool,
    /// The labels it is stored with, or why it is not.
    pub result: Result<Labels, Denied>,
    /// The role of a policy, and why.
    pub role: Option<(Role, RoleReason)>,
    /// Kuma's warnings.
    pub warnings: Vec<String>,
    /// Fields that the schema does not know, which are dropped without notice, and where they stand.
    pub dropped: Vec<(String, Span)>,
}

/// Who writes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A user.
    User,
    /// Kuma itself, which may do anything.
    ControlPlane,
}

/// The role of a policy in a namespace; an error in Kuma's words.
///
/// Items by labels are the consumer's, even where the labels name one service: the role is computed from names alone.
pub fn role(resource: &Resource, namespace: &str, system_namespace: &str) -> Result<(Role, RoleReason), String> {
    if namespace == system_namespace {
        return Ok((Role::System, RoleReason::SystemNamespace));
    }
    let Body::Policy(policy) = &resource.body else {
        return Ok((Role::WorkloadOwner, RoleReason::NoToItems));
    };
    if !policy.to.is_empty() && !policy.from.is_empty() {
        return Err("it's not allowed to mix 'to' and 'from' arrays in the same policy".into());
    }
    if policy.to.is_empty() {
        return Ok((Role::WorkloadOwner, RoleReason::NoToItems));
    }
    let objections: Vec<String> =
        policy.to.iter().filter_map(|item| why_not_producer(&item.target_ref, namespace)).gather();
    match objections.len() {
        0 => Ok((Role::Producer, RoleReason::AllItemsName)),
        n if n == policy.to.len() => Ok((Role::Consumer, RoleReason::NoItemNames(objections))),
        _ => Err("it's not allowed to mix producer and consumer items in the same policy".into()),
    }
}

fn why_not_producer(target: &TargetRef, namespace: &str) -> Option<String> {
    match target.kind {
        TargetKind::MeshService | TargetKind::MeshHTTPRoute => match (&target.name, &target.namespace) {
            (None, _) => Some(format!("{} is not by name", target.describe())),
            (_, Some(other)) if other != namespace => Some(format!("{} is elsewhere", target.describe())),
            _ => None,
        },
        kind => Some(format!("`{}` is nobody's own", kind.name())),
    }
}

/// Kinds that Kuma's plugins define, which on federated control planes are subject to rules about their origin.
fn is_plugin(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Mesh | Kind::Dataplane | Kind::ZoneIngress | Kind::ZoneEgress | Kind::MeshGateway | Kind::VirtualOutbound
    )
}

/// Kinds that are created on global only, where there is one.
fn is_global_owned(kind: Kind) -> bool {
    matches!(kind, Kind::Mesh | Kind::MeshMultiZoneService | Kind::MeshGateway | Kind::VirtualOutbound)
}

/// Kinds that are created in zones only.
fn is_zone_only(kind: Kind) -> bool {
    matches!(kind, Kind::MeshService | Kind::Dataplane | Kind::ZoneIngress | Kind::ZoneEgress)
}

/// Kinds without a namespace on Kubernetes.
pub fn is_cluster_scoped(kind: Kind) -> bool {
    matches!(kind, Kind::Mesh | Kind::MeshGateway | Kind::VirtualOutbound)
}

/// Adds zone and environment, unless the object comes from global.
pub(super) fn keep_zone(labels: &mut Labels, zone: &str) {
    if labels.get(label::ORIGIN).is_none_or(|o| o != "global") {
        labels.entry(label::ZONE.into()).or_insert_with(|| zone.into());
        labels.entry(label::ENV.into()).or_insert_with(|| Environment::Kubernetes.name().into());
    }
}

/// Adds the namespace, if the object is local.
pub(super) fn keep_namespace(labels: &mut Labels, namespace: &str) {
    if labels.get(label::ORIGIN).is_none_or(|o| o == "zone") {
        labels.entry(label::NAMESPACE.into()).or_insert_with(|| namespace.into());
    }
}

/// Decides about an object, stage by stage: the first that refuses answers alone.
pub fn admit(cluster: &Cluster, resource: &Resource, object: &Node, author: Author) -> Admission {
    let namespace = match is_cluster_scoped(resource.kind) {
        true => None,
        false => resource.namespace.as_deref(),
    };
    let kind = resource.kind.name();
    let mut admission = Admission {
        object: match namespace {
            Some(namespace) => format!("{kind} {namespace}/{}", resource.name),
            None => format!("{kind} {}", resource.name),
        },
        author,
        webhooks_ran: cluster.webhooks_see(namespace),
        result: Ok(stored_labels(resource)),
        role: None,
        warnings: Vec::new(),
        dropped: rules::dropped(kind, object),
    };
    if let Err(denied) = stages(cluster, resource, object, namespace, &mut admission) {
        admission.result = Err(denied);
    } else if admission.webhooks_ran {
        admission.warnings = rules::warnings(kind, object);
    }
    admission
}

fn stages(
    cluster: &Cluster,
    resource: &Resource,
    object: &Node,
    namespace: Option<&str>,
    admission: &mut Admission,
) -> Result<(), Denied> {
    let kind = resource.kind.name();
    let refuse = |stage, findings: Vec<Finding>| match findings.is_empty() {
        true => Ok(()),
        false => {
            Err(Denied { stage, message: rules::message(&findings), violations: rules::lines(&findings), findings })
        }
    };
    if admission.webhooks_ran {
        if let Some((message, span)) = rules::undecodable(kind, object) {
            let violation = Violation { field: String::new(), reason: message.clone() };
            let findings = vec![Finding { violation, span }];
            return Err(Denied { findings, ..Denied::defaulter(message) });
        }
        if admission.author == Author::User {
            may_create(cluster, resource, namespace)?;
        }
        if let (true, true, Some(namespace)) = (resource.kind.is_policy(), is_local(&resource.labels), namespace) {
            let written = role(resource, namespace, &cluster.system_namespace).map_err(Denied::defaulter)?;
            admission.role = Some(written);
        }
        if let Ok(labels) = &mut admission.result {
            compute_labels(cluster, resource, namespace, labels);
            if let Some((role, _)) = &admission.role {
                labels.insert(label::POLICY_ROLE.into(), role.name().into());
            }
        }
        let owned_by_mesh = resource.kind.is_policy() || resource.kind == Kind::Dataplane;
        if owned_by_mesh && !cluster.meshes.contains_key(&resource.mesh) {
            return Err(Denied {
                stage: Stage::OwnerReference,
                message: format!("meshes.kuma.io \"{}\" not found", resource.mesh),
                violations: Vec::new(),
                findings: Vec::new(),
            });
        }
    }
    refuse(Stage::CrdSchema, rules::schema(kind, object))?;
    if !admission.webhooks_ran {
        return Ok(());
    }
    let in_system = namespace.is_none_or(|n| n == cluster.system_namespace);
    let role = if in_system { validate::Role::System } else { validate::Role::Namespaced };
    let display_name = resource.annotations.get(label::DISPLAY_NAME).map_or(resource.name.as_str(), Text::as_str);
    refuse(Stage::Validator, rules::validator(kind, object, role, display_name))
}

/// What becomes of an object that somebody wrote.
pub fn admit_written(cluster: &Cluster, object: &KumaObject) -> Admission {
    let author = match is_copy(cluster, &object.resource) {
        true => Author::ControlPlane,
        false => Author::User,
    };
    admit(cluster, &object.resource, object.node, author)
}

/// What becomes of an object that Kuma itself writes; `spec` is what it writes.
pub fn admit_generated(cluster: &Cluster, resource: &Resource, spec: Node) -> Admission {
    let metadata = build::map([
        ("labels", Some(build::strings(&resource.labels))),
        ("name", Some(build::text(&resource.name))),
        ("namespace", resource.namespace.as_deref().map(build::text)),
    ]);
    let object = build::map([("metadata", Some(metadata)), ("spec", Some(spec))]);
    admit(cluster, resource, &object, Author::ControlPlane)
}

/// True for a copy from another control plane, which only Kuma itself writes into its own namespace.
fn is_copy(cluster: &Cluster, resource: &Resource) -> bool {
    let in_system = is_cluster_scoped(resource.kind) || resource.namespace.as_ref() == Some(&cluster.system_namespace);
    in_system
        && match (&cluster.plane, resource.label(label::ORIGIN)) {
            (ControlPlane::Zone(_), origin) => origin == Some("global"),
            // global's copies carry the hash that a user would hardly write
            (ControlPlane::Global, Some("zone")) => {
                let label = |key| resource.label(key).unwrap_or_default();
                let display_name =
                    resource.annotations.get(label::DISPLAY_NAME).map_or(resource.name.as_str(), Text::as_str);
                resource.name == synced_name(&resource.mesh, display_name, label(label::ZONE), label(label::NAMESPACE))
            }
            (ControlPlane::Global, _) => false,
        }
}

/// The labels of what a control plane creates by default.
pub(super) fn default_labels(cluster: &Cluster, resource: &Resource) -> Labels {
    let namespace = resource.namespace.as_deref().filter(|_| !is_cluster_scoped(resource.kind));
    let mut labels = stored_labels(resource);
    compute_labels(cluster, resource, namespace, &mut labels);
    if resource.kind.is_policy() {
        labels.insert(label::POLICY_ROLE.into(), Role::System.name().into());
    }
    labels
}

fn is_local(labels: &Labels) -> bool {
    labels.get(label::ORIGIN).is_none_or(|origin| origin == "zone")
}

/// Labels as Kuma sees them: display name, service account and workload live in annotations.
fn stored_labels(resource: &Resource) -> Labels {
    let mut labels = resource.labels.clone();
    let from_annotation = |key: &str| resource.annotations.get(key).filter(|v| !v.is_empty());
    let display_name = from_annotation(label::DISPLAY_NAME).cloned().unwrap_or_else(|| resource.name.as_str().into());
    labels.insert(label::DISPLAY_NAME.into(), display_name);
    for key in [annotation::SERVICE_ACCOUNT, label::WORKLOAD] {
        if let Some(value) = from_annotation(key) {
            labels.insert(key.into(), value.clone());
        }
    }
    labels
}

fn compute_labels(cluster: &Cluster, resource: &Resource, namespace: Option<&str>, labels: &mut Labels) {
    let kind = resource.kind;
    if !kind.is_global_scoped() {
        labels.entry(label::MESH.into()).or_insert_with(|| resource.mesh.as_str().into());
    }
    if let ControlPlane::Zone(zone) = &cluster.plane {
        if kind.is_zone_owned() || matches!(kind, Kind::ZoneIngress | Kind::ZoneEgress) {
            labels.entry(label::ORIGIN.into()).or_insert_with(|| "zone".into());
            keep_zone(labels, zone);
        }
    }
    if let Some(namespace) = namespace {
        keep_namespace(labels, namespace);
    }
    if let Body::Dataplane(dataplane) = &resource.body {
        let proxy_type = if dataplane.is_gateway() { "gateway" } else { "sidecar" };
        labels.entry(label::PROXY_TYPE.into()).or_insert_with(|| proxy_type.into());
    }
}

/// Who may create what (rule 1.7).
fn may_create(cluster: &Cluster, resource: &Resource, namespace: Option<&str>) -> Result<(), Denied> {
    let kind = resource.kind;
    let system = &cluster.system_namespace;
    let in_system = namespace.is_none_or(|n| n == system);
    let origin = resource.label(label::ORIGIN);
    let only_from = |other: &str, this: &str| {
        Denied::defaulter(format!(
            "Operation not allowed. Kuma resources like {kind} can be updated or deleted only from the {other} control \
             plane and not from a {this} control plane."
        ))
    };
    match &cluster.plane {
        ControlPlane::Global => {
            if !in_system {
                return Err(Denied::defaulter(format!(
                    "on Global CP the policy can be created only in the system namespace:{system}"
                )));
            }
            if is_zone_only(kind) {
                return Err(only_from("ZONE", "GLOBAL"));
            }
            if is_plugin(kind) && origin.is_some_and(|o| o != "global") {
                return Err(Denied::defaulter(format!(
                    "Operation not allowed. {} label should have global value, got {}",
                    label::ORIGIN,
                    origin.unwrap_or_default()
                )));
            }
        }
        ControlPlane::Zone(zone) => {
            if matches!(kind, Kind::HostnameGenerator | Kind::MeshExternalService) && !in_system {
                return Err(Denied::defaulter(format!(
                    "resource type {kind} can be created only in the system namespace:{system}"
                )));
            }
            if !cluster.federated {
                return Ok(());
            }
            if is_global_owned(kind) {
                return Err(only_from("GLOBAL", "ZONE"));
            }
            if is_plugin(kind) && in_system && origin != Some("zone") {
                return Err(Denied::defaulter(format!(
                    "Operation not allowed. Applying policies on Zone CP requires '{}' label to be set to 'zone'.",
                    label::ORIGIN
                )));
            }
            if let Some(written) = resource.label(label::ZONE).filter(|z| is_plugin(kind) && z != zone) {
                if origin.is_some_and(|o| o != "global") {
                    return Err(Denied::defaulter(format!(
                        "Operation not allowed. {} label should have {zone} value, got {written}",
                        label::ZONE
                    )));
                }
            }
        }
    }
    Ok(())
}
