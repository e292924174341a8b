//! What one control plane has.

use crate::text::Text;
use std::sync::Arc;

use crate::collections::{sort_by, Gather, SortedMap, SortedSet};
use crate::resource::{label, Kind, Kri, Labels, Mesh, Resource, Selector};
use crate::resource::{Body, Dataplane, MeshExternalService, MeshMultiZoneService, MeshService, Policy, Port};

use super::index::{has_tag, Hash, Postings};
use super::{names, ControlPlane, DataplaneIndex};

/// When something came into being on a control plane: what Kuma's "oldest" compares. Field order is the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Created {
    /// 0 Meshes, 1 what users wrote, 2 their Dataplanes, 3 what Kuma generates from those, 4 copies from elsewhere.
    pub phase: u8,
    /// Seconds since 1970 where the input tells; 0 otherwise.
    pub time: i64,
    /// Position in the input.
    pub index: u32,
}

impl Created {
    /// The time of a copy: when it arrives, which is after everything local (rule 4.8).
    pub fn copied(self) -> Created {
        Created { phase: 4, ..self }
    }
}

/// A resource as one control plane stores it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What was written (or generated).
    pub resource: Arc<Resource>,
    /// The name here: hashed for copies.
    pub name: String,
    /// The labels here.
    pub labels: Arc<Labels>,
    /// When it came into being here.
    pub created: Created,
    /// For MeshServices: whether the owning zone found it Available (rule 3.4); `None` for other kinds.
    pub available: Option<bool>,
}

impl Stored {
    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(Text::as_str)
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.resource.kind
    }

    /// The mesh; empty for global-scoped kinds.
    pub fn mesh(&self) -> &str {
        &self.resource.mesh
    }

    /// The display name: the label, else the name (rule 1.2).
    pub fn display_name(&self) -> &str {
        self.label(label::DISPLAY_NAME).unwrap_or(&self.name)
    }

    /// The name without the Kubernetes namespace that [`Stored::name`] ends with.
    pub fn object_name(&self) -> &str {
        let namespace = match (self.created.phase, &self.resource.namespace) {
            // a copy lives in Kuma's namespace, if it is on Kubernetes at all
            (4, _) => return self.name.get(..self.synced_name().len()).unwrap_or(&self.name),
            (_, Some(namespace)) => namespace,
            (_, None) => return &self.name,
        };
        let own = self.name.strip_suffix(namespace.as_str()).and_then(|n| n.strip_suffix('.'));
        own.unwrap_or(&self.name)
    }

    /// Namespace and name by which control planes list what they store, which decides where nothing else does. On
    /// Universal the namespace is empty.
    pub fn listed(&self) -> (&str, &str) {
        let name = self.object_name();
        let namespace = self.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        (namespace.unwrap_or_default(), name)
    }

    /// The zone that its KRI names; empty if it has no zone label.
    pub fn zone(&self) -> &str {
        self.label(label::ZONE).unwrap_or_default()
    }

    /// The namespace that its KRI names; empty if it has no namespace label.
    pub fn namespace(&self) -> &str {
        self.label(label::NAMESPACE).unwrap_or_default()
    }

    /// True unless it came from another control plane: origin is absent or `zone`.
    pub fn is_local(&self) -> bool {
        self.label(label::ORIGIN).is_none_or(|origin| origin == "zone")
    }

    /// The KRI of the whole resource.
    pub fn kri(&self) -> Kri {
        Kri {
            kind: self.kind(),
            mesh: self.mesh().to_owned(),
            zone: self.zone().to_owned(),
            namespace: self.namespace().to_owned(),
            name: self.display_name().to_owned(),
            section: String::new(),
        }
    }

    /// The name that a copy of it gets.
    pub fn synced_name(&self) -> String {
        names::synced_name(self.mesh(), self.display_name(), self.zone(), self.namespace())
    }

    /// True if its labels contain all the pairs.
    pub fn has_labels(&self, wanted: &Labels) -> bool {
        wanted.iter().all(|(k, v)| self.labels.get(k) == Some(v))
    }

    /// The content, if it is a Mesh.
    pub fn as_mesh(&self) -> Option<&Mesh> {
        match &self.resource.body {
            Body::Mesh(mesh) => Some(mesh),
            _ => None,
        }
    }

    /// The content, if it is a Dataplane.
    pub fn as_dataplane(&self) -> Option<&Dataplane> {
        match &self.resource.body {
            Body::Dataplane(dataplane) => Some(dataplane),
            _ => None,
        }
    }

    /// The content, if it is a MeshService.
    pub fn as_mesh_service(&self) -> Option<&MeshService> {
        match &self.resource.body {
            Body::MeshService(service) => Some(service),
            _ => None,
        }
    }

    /// The content, if it is a MeshMultiZoneService.
    pub fn as_multi_zone(&self) -> Option<&MeshMultiZoneService> {
        match &self.resource.body {
            Body::MeshMultiZoneService(service) => Some(service),
            _ => None,
        }
    }

    /// The content, if it is a MeshExternalService.
    pub fn as_external(&self) -> Option<&MeshExternalService> {
        match &self.resource.body {
            Body::MeshExternalService(service) => Some(service),
            _ => None,
        }
    }

    /// The content, if it is a policy or route.
    pub fn as_policy(&self) -> Option<&Policy> {
        match &self.resource.body {
            Body::Policy(policy) => Some(policy),
            _ => None,
        }
    }

    /// The ports, if it is one of the three kinds of destination.
    pub fn ports(&self) -> &[Port] {
        match &self.resource.body {
            Body::MeshService(s) => &s.ports,
            Body::MeshMultiZoneService(s) => &s.ports,
            Body::MeshExternalService(s) => std::slice::from_ref(&s.port),
            _ => &[],
        }
    }
}

/// A small copyable handle of something in a [`View`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredId(pub u32);

/// Everything that one control plane has, in the order of creation, with the look-ups that references need.
#[derive(Clone, Debug)]
pub struct View {
    /// Whose view it is.
    pub plane: ControlPlane,
    stored: Vec<Stored>,
    by_kind: SortedMap<Kind, Vec<StoredId>>,
    by_label: Postings,
    by_kri: Postings,
    by_name: Postings,
    dataplanes: DataplaneIndex,
}

fn label_hash(kind: Kind, key: &str, value: &str) -> Hash {
    Hash::of(kind as u32).and(key).and(value)
}

fn kri_hash(kind: Kind, mesh: &str, zone: &str, namespace: &str, name: &str) -> Hash {
    Hash::of(kind as u32).and(mesh).and(zone).and(namespace).and(name)
}

fn name_hash(name: &str) -> Hash {
    Hash::of(0).and(name)
}

impl View {
    /// Indexes what a control plane has.
    pub fn new(plane: ControlPlane, mut stored: Vec<Stored>) -> View {
        sort_by(&mut stored, |a, b| a.created.cmp(&b.created).then_with(|| a.name.cmp(&b.name)));
        stored.shrink_to_fit();
        let mut by_kind: SortedMap<Kind, Vec<StoredId>> = SortedMap::new();
        let (mut by_label, mut by_kri, mut by_name) = (Vec::new(), Vec::new(), Vec::new());
        for (one, position) in stored.iter().zip(0..) {
            by_kind.entry(one.kind()).or_default().push(StoredId(position));
            let display_name = one.display_name();
            by_name.push((name_hash(&one.name), position));
            if display_name != one.name {
                by_name.push((name_hash(display_name), position));
            }
            if one.kind().is_service() || matches!(one.kind(), Kind::Dataplane | Kind::MeshHTTPRoute) {
                by_label.extend(one.labels.iter().map(|(k, v)| (label_hash(one.kind(), k, v), position)));
            }
            let hash = kri_hash(one.kind(), one.mesh(), one.zone(), one.namespace(), display_name);
            by_kri.push((hash, position));
        }
        let dataplanes = DataplaneIndex::of(&stored);
        View {
            plane,
            by_kind,
            by_label: Postings::of(&by_label),
            by_kri: Postings::of(&by_kri),
            by_name: Postings::of(&by_name),
            dataplanes,
            stored,
        }
    }

    fn at(&self, position: u32) -> Option<(StoredId, &Stored)> {
        let id = StoredId(position);
        Some((id, self.get(id)?))
    }

    /// The resource of a handle that this view gave out.
    pub fn get(&self, id: StoredId) -> Option<&Stored> {
        self.stored.get(id.0 as usize)
    }

    /// Everything, oldest first.
    pub fn all(&self) -> impl Iterator<Item = (StoredId, &Stored)> {
        (0..).map(StoredId).zip(&self.stored)
    }

    /// Everything of a kind in a mesh, oldest first. For global-scoped kinds the mesh is empty.
    pub fn of_kind<'a>(&'a self, kind: Kind, mesh: &'a str) -> impl Iterator<Item = (StoredId, &'a Stored)> + 'a {
        let ids = self.by_kind.get(&kind).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| Some((*id, self.get(*id)?))).filter(move |(_, s)| s.mesh() == mesh)
    }

    /// Everything of a kind in a mesh whose labels contain all the pairs, oldest first.
    pub fn with_labels(&self, kind: Kind, mesh: &str, wanted: &Labels) -> Vec<StoredId> {
        let hashes = wanted.iter().map(|(k, v)| label_hash(kind, k, v));
        match hashes.min_by_key(|hash| self.by_label.get(*hash).count()) {
            Some(rarest) => {
                let found = self.by_label.get(rarest).filter_map(|position| self.at(position));
                let fits = |s: &Stored| s.kind() == kind && s.mesh() == mesh && s.has_labels(wanted);
                found.filter(|(_, s)| fits(s)).map(|(id, _)| id).gather()
            }
            None => self.of_kind(kind, mesh).map(|(id, _)| id).gather(),
        }
    }

    /// Everything of a kind in a mesh whose labels contain at least one of the pairs, oldest first.
    pub fn with_some_label(&self, kind: Kind, mesh: &str, wanted: &Labels) -> Vec<StoredId> {
        let of = |(k, v): (&Text, &Text)| self.by_label.get(label_hash(kind, k, v)).map(StoredId);
        let ids: SortedSet<StoredId> = wanted.iter().flat_map(of).gather();
        let has_one = |s: &Stored| wanted.iter().any(|(k, v)| s.labels.get(k) == Some(v));
        let fits = |s: &Stored| s.kind() == kind && s.mesh() == mesh && has_one(s);
        ids.into_iter().filter(|id| self.get(*id).is_some_and(fits)).gather()
    }

    /// Everything that is stored under this name or has it as its display name, oldest first.
    pub fn called<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (StoredId, &'a Stored)> + 'a {
        let found = self.by_name.get(name_hash(name)).filter_map(|position| self.at(position));
        found.filter(move |(_, s)| s.name == name || s.display_name() == name)
    }

    /// The Dataplanes of a mesh that a selector may select, and perhaps others, oldest first: all that it selects are
    /// among them.
    pub fn candidates<'a>(
        &'a self,
        mesh: &str,
        selector: &Selector,
    ) -> impl Iterator<Item = (StoredId, &'a Stored)> + 'a {
        let positions = self.dataplanes.candidates(mesh, selector);
        // resources of other kinds have no place in the index, but other meshes may share a hash
        let mesh = mesh.to_owned();
        positions.filter_map(|position| self.at(position)).filter(move |(_, s)| s.mesh() == mesh)
    }

    /// The Dataplanes of a mesh that have a tag on some inbound, oldest first.
    pub fn with_tag<'a>(
        &'a self,
        mesh: &'a str,
        key: &'a str,
        value: &'a str,
    ) -> impl Iterator<Item = (StoredId, &'a Stored)> + 'a {
        let positions = self.dataplanes.with_tag(mesh, key, value).filter_map(|position| self.at(position));
        positions.filter(move |(_, s)| s.mesh() == mesh && s.as_dataplane().is_some_and(|d| has_tag(d, key, value)))
    }

    /// The resource of a KRI (its section does not matter).
    pub fn by_kri(&self, kri: &Kri) -> Option<StoredId> {
        let found = self.by_kri.get(kri_hash(kri.kind, &kri.mesh, &kri.zone, &kri.namespace, &kri.name));
        let is = |s: &Stored| {
            s.kind() == kri.kind
                && (s.mesh(), s.zone()) == (kri.mesh.as_str(), kri.zone.as_str())
                && (s.namespace(), s.display_name()) == (kri.namespace.as_str(), kri.name.as_str())
        };
        let found = found.filter_map(|position| self.at(position)).filter(|(_, s)| is(s));
        // two resources may share a KRI through hand-written labels; the one listed later wins (Kubernetes, 15.4)
        let last = found.reduce(|old, new| if old.1.listed() <= new.1.listed() { new } else { old });
        last.map(|(id, _)| id)
    }

    /// The Mesh of this name.
    pub fn mesh(&self, name: &str) -> Option<&Mesh> {
        self.of_kind(Kind::Mesh, "").find(|(_, s)| s.name == name).and_then(|(_, s)| s.as_mesh())
    }

    /// The names of all meshes.
    pub fn meshes(&self) -> Vec<&str> {
        self.of_kind(Kind::Mesh, "").map(|(_, s)| s.name.as_str()).gather()
    }

    /// The resource stored under this name.
    pub fn named(&self, kind: Kind, mesh: &str, name: &str) -> Option<StoredId> {
        let is = |s: &Stored| s.kind() == kind && s.mesh() == mesh && s.name == name;
        self.called(name).find(|(_, s)| is(s)).map(|(id, _)| id)
    }
}
