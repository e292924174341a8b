//! What the input holds and which control planes there are.

use serde::Serialize;

use crate::check;
use crate::collections::{sort_by, Gather};
use crate::resource::{Environment, Kind, Provenance};
use crate::world::{What, World};
use crate::zone::ControlPlane;

use super::{LocationReport, Places, KUMA_VERSION, SCHEMA_VERSION};

/// The input at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The version of the shape of answers.
    pub schema_version: u32,
    /// The Kuma release whose rules the answers follow.
    pub kuma_version: String,
    /// The sources, in their order.
    pub sources: Vec<SourceReport>,
    /// The documents, in their order; items of a `List` one by one.
    pub documents: Vec<DocumentReport>,
    /// The zones by name.
    pub zones: Vec<ZoneReport>,
    /// True if zones are connected to a global control plane.
    pub federated: bool,
    /// The meshes by name.
    pub meshes: Vec<MeshReport>,
}

/// A source.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct SourceReport {
    /// Its name.
    pub name: String,
    /// How many documents it has.
    pub documents: u32,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum DocumentVerdict {
    /// Kuma takes it.
    Accepted,
    /// Kuma refuses it; diagnostics say why.
    Rejected,
    /// A Kubernetes object of another API.
    Kubernetes,
    /// Checks of meshscope's own, which have no part in the mesh.
    Checks,
    /// No resource.
    Unknown,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DocumentReport {
    /// Its place among all documents, from 0: what references name it by.
    pub id: u32,
    /// The position of its source, from 0.
    pub source: u32,
    /// Its position in the source, from 0.
    pub index: u32,
    /// The kind, as written.
    pub kind: String,
    /// The name, as written.
    pub name: String,
    /// The mesh; empty for global-scoped kinds.
    pub mesh: String,
    /// The Kubernetes namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The control plane where it lives: a zone's name, or `global`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
    /// What became of it.
    pub verdict: DocumentVerdict,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ZoneReport {
    /// Its name.
    pub name: String,
    /// `universal` or `kubernetes`.
    pub environment: String,
    /// Its proxies, as `mesh/name`.
    pub proxies: Vec<ProxyName>,
}

/// What names a proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ProxyName {
    /// The zone.
    pub zone: String,
    /// The mesh.
    pub mesh: String,
    /// The Dataplane's name.
    pub name: String,
}

/// A mesh.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MeshReport {
    /// Its name.
    pub name: String,
    /// `meshServices.mode`.
    pub mode: String,
    /// True if mTLS is on: traffic between zones needs it.
    pub mtls: bool,
    /// True if no document says so and meshscope assumes the mesh.
    pub assumed: bool,
}

impl Summary {
    /// The summary of a world.
    pub fn of(world: &World) -> Self {
        let places = Places::of(&world.sources);
        let documents = world
            .documents
            .iter()
            .map(|placed| {
                let (resource, home, verdict) = match &placed.what {
                    What::Accepted { resource, home } => (Some(resource), Some(home), DocumentVerdict::Accepted),
                    What::Rejected(resource) => (Some(resource), None, DocumentVerdict::Rejected),
                    What::Kubernetes { home, .. } => (None, Some(home), DocumentVerdict::Kubernetes),
                    What::Checks(_) => (None, None, DocumentVerdict::Checks),
                    What::Unknown => (None, None, DocumentVerdict::Unknown),
                };
                DocumentReport {
                    id: placed.ordinal,
                    source: placed.document.source.0,
                    index: placed.document.index,
                    kind: match (&placed.what, resource) {
                        (What::Kubernetes { kind, .. }, _) => kind.clone(),
                        (What::Checks(_), _) => check::KIND.to_owned(),
                        (_, Some(resource)) => resource.kind.name().to_owned(),
                        _ => String::new(),
                    },
                    name: match (&placed.what, resource) {
                        (What::Kubernetes { name, .. }, _) => name.clone(),
                        (What::Checks(checks), _) => checks.name.clone(),
                        _ => resource.map(|r| r.name.clone()).unwrap_or_default(),
                    },
                    mesh: resource.map(|r| r.mesh.clone()).unwrap_or_default(),
                    namespace: match (&placed.what, resource) {
                        (What::Kubernetes { namespace, .. }, _) => namespace.clone(),
                        _ => resource.and_then(|r| r.namespace.clone()),
                    },
                    home: home.map(|h| h.name().to_owned()),
                    location: places.place(placed.document.source, placed.span),
                    verdict,
                }
            })
            .gather();
        let mut meshes: Vec<MeshReport> = Vec::new();
        for view in &world.views {
            for (_, stored) in view.of_kind(Kind::Mesh, "") {
                if let Some(mesh) = stored.as_mesh().filter(|_| !meshes.iter().any(|m| m.name == stored.name)) {
                    meshes.push(MeshReport {
                        name: stored.name.clone(),
                        mode: mesh.mode.name().to_owned(),
                        mtls: mesh.mtls,
                        assumed: stored.resource.provenance == Provenance::Default,
                    });
                }
            }
        }
        sort_by(&mut meshes, |a, b| a.name.cmp(&b.name));
        let zones = world
            .topology
            .zones
            .iter()
            .map(|(name, environment)| ZoneReport {
                name: name.clone(),
                environment: Environment::name(*environment).to_owned(),
                proxies: world.zone(name).into_iter().flat_map(|view| proxies(view, name)).gather(),
            })
            .gather();
        Summary {
            schema_version: SCHEMA_VERSION,
            kuma_version: KUMA_VERSION.to_owned(),
            sources: world
                .sources
                .iter()
                .map(|s| SourceReport { name: s.name.clone(), documents: s.documents.len() as u32 })
                .gather(),
            documents,
            zones,
            federated: world.topology.federated,
            meshes,
        }
    }
}

fn proxies(view: &crate::zone::View, zone: &str) -> Vec<ProxyName> {
    debug_assert_eq!(view.plane, ControlPlane::Zone(zone.to_owned()));
    view.all()
        .filter(|(_, s)| s.kind() == Kind::Dataplane)
        .map(|(_, s)| ProxyName { zone: zone.to_owned(), mesh: s.mesh().to_owned(), name: s.name.clone() })
        .gather()
}
