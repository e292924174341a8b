//! From sources to control planes: documents are read, checked, sent home, and every control plane gets what it would
//! have.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, SourceId};
use crate::resource::{
    self, Body, DocumentId, Environment, Kind, Labels, Mesh, MeshServicesMode, Provenance, Reading, Resource,
};
use crate::service::default_generators::default_generators;
use crate::service::generate::{generate, Decision, GenerationOptions};
use crate::service::select;
use crate::yaml::{self, Document, Limits, LineIndex, Node, Span};
use crate::zone::{self, ControlPlane, Created, Stored, Topology, View};

/// One file of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its name, for messages.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The zone that its documents belong to, where their labels do not say.
    pub zone: Option<String>,
}

/// What the text does not say about the control planes.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The name of the one zone of a world that names none.
    pub zone: String,
    /// Whether zones are connected to a global control plane; by default they are if the world names zones.
    pub federated: Option<bool>,
    /// True if Kuma's default HostnameGenerators exist.
    pub default_hostname_generators: bool,
    /// What changes generation.
    pub generation: GenerationOptions,
    /// Overrides `meshServices.mode` of every Mesh, to try another one.
    pub mode: Option<MeshServicesMode>,
    /// The mode of a Mesh that is not in the input.
    pub assumed_mode: MeshServicesMode,
    /// True if documents were created in exactly their order. By default Meshes come first and Dataplanes last.
    pub created_in_file_order: bool,
    /// With `created_in_file_order`: before these documents there was time for Kuma to generate what it could.
    pub pauses: Vec<u32>,
    /// Kuma's own namespace on Kubernetes.
    pub system_namespace: String,
    /// Limits of the reader.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            zone: "default".into(),
            federated: None,
            default_hostname_generators: true,
            generation: GenerationOptions::default(),
            mode: None,
            assumed_mode: MeshServicesMode::Exclusive,
            created_in_file_order: false,
            pauses: Vec::new(),
            system_namespace: "kuma-system".into(),
            limits: Limits::default(),
        }
    }
}

/// A source after reading.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its lines.
    pub lines: LineIndex,
    /// Its documents.
    pub documents: Vec<Document>,
}

/// What became of one document (or item of a `List`).
#[derive(Clone, Debug)]
pub struct Placed {
    /// Which document.
    pub document: DocumentId,
    /// Its place in the whole stream of documents, over all sources.
    pub ordinal: u32,
    /// Its text.
    pub span: Span,
    /// What it is.
    pub what: What,
}

/// What a document is.
#[derive(Clone, Debug)]
pub enum What {
    /// A resource that Kuma takes.
    Accepted {
        /// The resource.
        resource: Arc<Resource>,
        /// Where it lives.
        home: ControlPlane,
    },
    /// A resource that Kuma refuses; diagnostics say why.
    Rejected(Arc<Resource>),
    /// A Kubernetes object of another API.
    Kubernetes(String),
    /// No resource; a diagnostic says why.
    Unknown,
}

/// Everything that the input says, as each control plane has it.
#[derive(Clone, Debug)]
pub struct World {
    /// The sources.
    pub sources: Vec<SourceText>,
    /// Every document.
    pub documents: Vec<Placed>,
    /// The control planes.
    pub topology: Topology,
    /// What each control plane has; zones by name, then global if there is one.
    pub views: Vec<View>,
    /// How MeshServices were generated, per zone.
    pub generation: BTreeMap<String, Vec<Decision>>,
    /// Problems found on the way.
    pub diagnostics: Vec<Diagnostic>,
    /// What the text did not say.
    pub options: Options,
}

impl World {
    /// The view of a zone.
    pub fn zone(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|v| v.plane.zone() == Some(name))
    }

    /// The view of the global control plane, if zones are connected to one.
    pub fn global(&self) -> Option<&View> {
        self.views.iter().find(|v| v.plane == ControlPlane::Global)
    }
}

/// Reads sources and works out what every control plane has.
pub fn build(sources: &[Source], options: &Options) -> World {
    let mut diagnostics = Vec::new();
    let mut texts = Vec::new();
    let mut read = Vec::new();
    let mut ordinal = 0;
    for (source, id) in sources.iter().zip((0..).map(SourceId)) {
        let reading = yaml::read(id, &source.text, &options.limits);
        diagnostics.extend(reading.diagnostics);
        for document in &reading.documents {
            let document_id = DocumentId { source: id, index: document.index };
            for item in document.root.iter().flat_map(items) {
                read.push((document_id, ordinal, item.span, source.zone.as_deref(), resource::read(item, document_id)));
                ordinal += 1;
            }
            if document.root.is_none() {
                ordinal += 1;
            }
        }
        texts.push(SourceText {
            name: source.name.clone(),
            text: source.text.clone(),
            lines: LineIndex::new(&source.text),
            documents: reading.documents,
        });
    }

    let zones = read.iter().filter_map(|(_, _, _, file_zone, reading)| match reading {
        Reading::Kuma(r) => Some((zone::written_zone(r, *file_zone), r.environment)),
        Reading::Kubernetes { .. } => Some((*file_zone, Environment::Kubernetes)),
        Reading::Unknown { .. } => None,
    });
    let topology = Topology::of(zones, &options.zone, options.federated);

    let mut own: BTreeMap<ControlPlane, Vec<Stored>> = BTreeMap::new();
    for zone in topology.zones.keys() {
        own.insert(ControlPlane::Zone(zone.clone()), Vec::new());
    }
    if topology.federated {
        own.insert(ControlPlane::Global, Vec::new());
    }
    let mut documents = Vec::new();
    for (document, ordinal, span, file_zone, reading) in read {
        let what = match reading {
            Reading::Kuma(resource) => {
                let mut resource = *resource;
                apply_mode(&mut resource, options.mode);
                let home = topology.home(zone::written_zone(&resource, file_zone));
                let resource = Arc::new(resource);
                let stored = stored_at_home(Arc::clone(&resource), &home, created(&resource, ordinal, options));
                put(own.entry(home.clone()).or_default(), stored);
                What::Accepted { resource, home }
            }
            Reading::Kubernetes { kind, .. } => What::Kubernetes(kind),
            Reading::Unknown { kind } => {
                diagnostics.push(unknown(kind.as_deref()).at(document.source, span));
                What::Unknown
            }
        };
        documents.push(Placed { document, ordinal, span, what });
    }

    let meshes = spread_meshes(&mut own, &topology, options);
    if options.default_hostname_generators {
        for (plane, stored) in &mut own {
            let environment = plane.zone().and_then(|z| topology.zones.get(z)).copied().unwrap_or_default();
            for generator in default_generators(plane, environment, &options.system_namespace) {
                let fresh = stored_at_home(Arc::new(generator), plane, Created::default());
                if !stored.iter().any(|s| s.kind() == Kind::HostnameGenerator && s.name == fresh.name) {
                    stored.push(fresh);
                }
            }
        }
    }

    let steps: Vec<Created> =
        options.pauses.iter().map(|before| Created { phase: 1, time: 0, index: before * 2 }).collect();
    let mut generation = BTreeMap::new();
    for (plane, stored) in &mut own {
        if let ControlPlane::Zone(zone) = plane {
            let meshes: Vec<(&str, &Mesh)> = meshes.iter().map(|(name, mesh)| (name.as_str(), mesh)).collect();
            let (services, decisions) = generate(zone, stored, &meshes, &steps, &options.generation);
            stored.extend(services);
            generation.insert(zone.clone(), decisions);
            set_availability(stored);
        }
    }

    let views = zone::synchronise(&topology, own.into_iter().rev().collect());
    World { sources: texts, documents, topology, views, generation, diagnostics, options: options.clone() }
}

/// A document, or the items of a `List`.
fn items(root: &Node) -> Vec<&Node> {
    let is_list =
        root.text("kind").is_some_and(|k| k == "List" || (k.ends_with("List") && root.get("items").is_some()));
    match is_list {
        true => root.items("items").iter().collect(),
        false => vec![root],
    }
}

fn unknown(kind: Option<&str>) -> Diagnostic {
    match kind {
        Some(kind) => Diagnostic::new(Code::UnknownKind, format!("`{kind}` is no kind of resource that Kuma has"))
            .help("names of kinds are case-sensitive, as in `MeshService` or `MeshHTTPRoute`"),
        None => Diagnostic::new(Code::NotAResource, "this document has no `type` (or `apiVersion` and `kind`)")
            .help("start it with `type: MeshService` on Universal, or `apiVersion: kuma.io/v1alpha1` and `kind:` on Kubernetes"),
    }
}

fn apply_mode(resource: &mut Resource, mode: Option<MeshServicesMode>) {
    if let (Body::Mesh(mesh), Some(mode)) = (&mut resource.body, mode) {
        mesh.mode = mode;
    }
}

/// When a document was created (the order that `oldest` compares).
fn created(resource: &Resource, ordinal: u32, options: &Options) -> Created {
    let phase = match (options.created_in_file_order, resource.kind) {
        (true, _) => 1,
        (false, Kind::Mesh) => 0,
        (false, Kind::Dataplane) if resource.environment == Environment::Universal => 2,
        (false, _) => 1,
    };
    // odd, so that a pause before the document fits in front of it
    Created { phase, time: 0, index: ordinal * 2 + 1 }
}

fn stored_at_home(resource: Arc<Resource>, home: &ControlPlane, created: Created) -> Stored {
    let labels = Arc::new(zone::labels_at_home(&resource, home));
    Stored { name: resource.name.clone(), resource, labels, created, available: None }
}

/// Adds a resource; a second one of the same kind, mesh and name replaces the first but keeps its age (rule 9.4).
fn put(stored: &mut Vec<Stored>, new: Stored) {
    let same = |s: &&mut Stored| {
        s.kind() == new.kind()
            && s.mesh() == new.mesh()
            && s.name == new.name
            && s.resource.namespace == new.resource.namespace
    };
    match stored.iter_mut().find(same) {
        Some(old) => *old = Stored { created: old.created, ..new },
        None => stored.push(new),
    }
}

/// Meshes live on global, or on the one zone; each zone has them all. A mesh that is only named, in an input without
/// any Mesh, is assumed.
fn spread_meshes(
    own: &mut BTreeMap<ControlPlane, Vec<Stored>>,
    topology: &Topology,
    options: &Options,
) -> BTreeMap<String, Mesh> {
    let mut meshes: BTreeMap<String, Mesh> = BTreeMap::new();
    for stored in own.values().flatten() {
        if let Some(mesh) = stored.as_mesh() {
            meshes.insert(stored.name.clone(), mesh.clone());
        }
    }
    if meshes.is_empty() {
        let names: std::collections::BTreeSet<String> =
            own.values().flatten().map(|s| s.mesh().to_owned()).filter(|m| !m.is_empty()).collect();
        let home = topology.home(None);
        for name in names {
            let mesh = Mesh { mode: options.mode.unwrap_or(options.assumed_mode), ..Mesh::default() };
            meshes.insert(name.clone(), mesh.clone());
            let resource = Resource {
                kind: Kind::Mesh,
                mesh: String::new(),
                name,
                namespace: None,
                labels: Labels::new(),
                annotations: Labels::new(),
                created: None,
                environment: Environment::Universal,
                provenance: Provenance::Default,
                name_span: Span::default(),
                body: Body::Mesh(mesh),
            };
            own.entry(home.clone()).or_default().push(stored_at_home(Arc::new(resource), &home, Created::default()));
        }
    }
    meshes
}

/// Each zone judges its own MeshServices (rule 3.4).
fn set_availability(stored: &mut [Stored]) {
    let dataplanes: Vec<Stored> = stored.iter().filter(|s| s.kind() == Kind::Dataplane).cloned().collect();
    for one in stored.iter_mut().filter(|s| s.kind() == Kind::MeshService) {
        let Some(service) = one.as_mesh_service() else { continue };
        one.available = Some(match one.is_local() {
            true => {
                let same_mesh = dataplanes.iter().filter(|d| d.mesh() == one.mesh());
                select::health(service, same_mesh).is_available()
            }
            // a copy (or what claims to be one) says what its owner found
            false => service.state.as_deref() == Some("Available"),
        });
    }
}
