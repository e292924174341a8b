//! From sources to control planes: documents are read, checked, sent home, and every control plane gets what it would
//! have.

use crate::collections::{keep_latest, Gather, SortedMap, SortedSet};
use std::sync::Arc;

use crate::check::{self, Checks};
use crate::diagnostic::{Code, Diagnostic, SourceId};
use crate::documents::{self, Known, KnownDocument, Memory, Moved, Values};
use crate::kubernetes::{self, Cluster, Evaluation, Input};
use crate::resource::{
    self, Body, DocumentId, Environment, Kind, Labels, Mesh, MeshServicesMode, Provenance, Reading, Resource,
};
use crate::service::default_generators::default_generators;
use crate::service::generate::{generate, Decision, GenerationOptions};
use crate::service::hostname::{self, Hostname};
use crate::service::select;
use crate::text::{Text, Texts};
use crate::validate::{self, Candidate, Client, Existing, Plane, Studied, Verdict};
use crate::yaml::{Document, Limits, LineIndex, Node, Span};
use crate::zone::defaults::default_policies;
use crate::zone::{self, ControlPlane, Created, DataplaneIndex, Stored, StoredId, Topology, View};

/// One file of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its name, for messages.
    pub name: String,
    /// Its text.
    pub text: Text,
    /// The zone that its documents belong to, where their labels do not say; `global` for the global control plane.
    pub zone: Option<String>,
    /// Where it would be applied. Documents in the other form are refused there; without it both forms are taken.
    pub environment: Option<Environment>,
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
    /// Settings of Kubernetes control planes.
    pub kubernetes: kubernetes::Options,
    /// How documents reach the control planes, which changes what is said of those that are refused.
    pub client: Client,
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
            kubernetes: kubernetes::Options::default(),
            client: Client::default(),
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
    pub text: Text,
    /// Its lines.
    pub lines: LineIndex,
    /// Where documents stand that were read when they stood elsewhere.
    pub moved: Moved,
    /// Its documents. After [`build_without_values`] none of them has a value.
    pub documents: Vec<Document>,
}

impl SourceText {
    /// Where in the text a span stands.
    pub fn place(&self, span: Span) -> Span {
        let before = self.moved.partition_point(|(start, _, _)| *start <= span.start);
        match before.checked_sub(1).and_then(|at| self.moved.get(at)) {
            // no span at all stands at the very start, whatever stands there
            Some((start, end, now)) if span.start <= *end && span != Span::default() => {
                Span { start: span.start - start + now, end: span.end - start + now }
            }
            _ => span,
        }
    }

    /// What is written at a span.
    pub fn at(&self, span: Span) -> &str {
        let Span { start, end } = self.place(span);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
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
    Kubernetes {
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
        /// Its namespace, as written.
        namespace: Option<String>,
        /// The cluster it is in.
        home: ControlPlane,
    },
    /// Checks, which have no part in the mesh.
    Checks(Arc<Checks>),
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
    pub generation: SortedMap<String, Vec<Decision>>,
    /// What Kuma makes of the objects of each Kubernetes control plane, by [`ControlPlane::name`].
    pub kubernetes: SortedMap<String, Evaluation>,
    /// Problems found on the way.
    pub diagnostics: Vec<Diagnostic>,
    /// What the text did not say.
    pub options: Options,
}

impl World {
    /// A world without anything.
    fn empty(options: &Options) -> World {
        World {
            sources: Vec::new(),
            documents: Vec::new(),
            topology: Topology::default(),
            views: Vec::new(),
            generation: SortedMap::new(),
            kubernetes: SortedMap::new(),
            diagnostics: Vec::new(),
            options: options.clone(),
        }
    }

    /// The view of a zone.
    pub fn zone(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|v| v.plane.zone() == Some(name))
    }

    /// The view of the global control plane, if zones are connected to one.
    pub fn global(&self) -> Option<&View> {
        self.views.iter().find(|v| v.plane == ControlPlane::Global)
    }

    /// The hostnames of every service of one of the views.
    pub fn hostnames(&self, view: &View) -> SortedMap<StoredId, Vec<Hostname>> {
        match view.plane {
            ControlPlane::Zone(_) => hostname::hostnames(view),
            ControlPlane::Global => {
                hostname::hostnames_at_global(view, self.views.iter().filter(|v| v.plane != ControlPlane::Global))
            }
        }
    }
}

/// One document (or item of a `List`) after reading.
struct Item<'a> {
    document: DocumentId,
    ordinal: u32,
    span: Span,
    /// Nothing of a resource that says what it is in so many words.
    node: Option<&'a Node>,
    /// The document that it stands in, and its position there.
    known: (&'a KnownDocument, usize),
    reading: Reading,
    tagged: bool,
    studied: Option<&'a Studied>,
    unknown: &'a [Diagnostic],
    file_zone: Option<&'a str>,
}

impl Item<'_> {
    /// As a cluster takes it; nothing for what is in Universal form.
    fn input(&self) -> Option<Input<'_>> {
        Some(Input { document: self.document, ordinal: self.ordinal, node: self.node?, reading: &self.reading })
    }

    fn environment(&self) -> Environment {
        self.reading.environment()
    }

    /// What says what it is, for a resource that has no values of its own; without places.
    fn head(&self) -> Option<Node> {
        match (&self.reading, self.node) {
            (Reading::Kuma(resource), None) => Some(documents::head(resource)),
            _ => None,
        }
    }

    /// The same with places.
    fn head_again(&self, sources: &[SourceText], limits: &Limits) -> Option<Node> {
        let source = self.document.source;
        let text = &sources.get(source.0 as usize)?.text;
        let (document, position) = self.known;
        documents::head_again(source, text, document, position, limits)
    }

    /// The zone that its label or file names. On Kubernetes the file comes first: there the label is the user's own,
    /// and what a cluster prints also carries the zones of copies.
    fn written_zone(&self) -> Option<&str> {
        let file_zone = self.file_zone.filter(|_| !self.is_of_global_file());
        match &self.reading {
            Reading::Kuma(resource) if resource.environment == Environment::Kubernetes => {
                match self.is_of_global_file() {
                    true => None,
                    false => file_zone.or_else(|| zone::written_zone(resource, None)),
                }
            }
            Reading::Kuma(resource) => zone::written_zone(resource, file_zone),
            Reading::Kubernetes { .. } => file_zone,
            Reading::Checks | Reading::Unknown { .. } => None,
        }
    }

    /// True if its file is said to be the global control plane's.
    fn is_of_global_file(&self) -> bool {
        self.file_zone == Some(ControlPlane::Global.name())
    }

    /// True for what cannot live on global: objects of a cluster's own, and Kuma's in application namespaces.
    fn needs_cluster(&self, system_namespace: &str) -> bool {
        match &self.reading {
            _ if self.is_of_global_file() => false,
            Reading::Kuma(r) => r.namespace.as_deref().is_some_and(|n| n != system_namespace),
            Reading::Kubernetes { .. } => true,
            Reading::Checks | Reading::Unknown { .. } => false,
        }
    }
}

/// Reads sources and works out what every control plane has.
pub fn build(sources: &[Source], options: &Options) -> World {
    build_in(&mut Memory::default(), sources, options, Values::Kept)
}

/// The same without the values of the documents, which take more memory than all that is made of them. A migration
/// needs them, questions do not.
pub fn build_without_values(sources: &[Source], options: &Options) -> World {
    build_in(&mut Memory::default(), sources, options, Values::Forgotten)
}

/// The same again: what has been read before and has not changed is taken from memory.
pub fn build_again(memory: &mut Memory, sources: &[Source], options: &Options) -> World {
    build_in(memory, sources, options, Values::Forgotten)
}

fn build_in(memory: &mut Memory, sources: &[Source], options: &Options, values: Values) -> World {
    memory.read(sources, options, values);
    match build_of(memory, sources, options) {
        Some(world) => world,
        None => {
            // what is remembered has the tag of a zone that it is no longer in
            *memory = Memory::default();
            memory.read(sources, options, values);
            build_of(memory, sources, options).unwrap_or_else(|| World::empty(options))
        }
    }
}

/// Nothing if a resource in memory does not fit its control plane.
fn build_of(memory: &mut Memory, sources: &[Source], options: &Options) -> Option<World> {
    let mut diagnostics = Vec::new();
    let mut read = Vec::new();
    let mut texts = Texts::default();
    for known in &mut memory.sources {
        diagnostics.extend(known.documents.iter().flat_map(|d| &d.diagnostics).chain(&known.diagnostics).cloned());
        let forgotten = |d: &Document| Document { root: None, partial: None, ..*d };
        let documents = known.documents.iter_mut().map(|d| {
            let forgotten = forgotten(&d.document);
            std::mem::replace(&mut d.document, forgotten)
        });
        read.push(SourceText {
            name: known.name.clone(),
            text: known.text.clone(),
            lines: LineIndex::new(&known.text),
            documents: documents.gather(),
            moved: known.moved(),
        });
    }
    let readings = memory.take_readings();
    let mut items = read_items(sources, &memory.sources, readings);
    let options = &Options { system_namespace: system_namespace(&items, options), ..options.clone() };
    let (topology, cluster_zone) = topology(&items, options);
    let home = |item: &Item| match item.written_zone() {
        Some(zone) => topology.home(Some(zone)),
        None if item.needs_cluster(&options.system_namespace) => topology.home(cluster_zone.as_deref()),
        None => topology.home(None),
    };

    let refused = refused(&items, &topology, &home, options, &read, &mut diagnostics);

    for item in &mut items {
        let home = home(item);
        let Reading::Kuma(resource) = &mut item.reading else { continue };
        let takes_tag = !refused.contains(&item.ordinal) && home != ControlPlane::Global;
        if item.tagged && !takes_tag {
            return None;
        }
        if takes_tag && zone::lacks_zone_tag(resource, &home) {
            zone::tag_with_zone(Arc::make_mut(resource), &home, &mut texts);
            item.tagged = true;
        }
    }
    let mut own: SortedMap<ControlPlane, Vec<Stored>> = SortedMap::new();
    for zone in topology.zones.keys() {
        own.insert(ControlPlane::Zone(zone.clone()), Vec::new());
    }
    if topology.federated {
        own.insert(ControlPlane::Global, Vec::new());
    }
    let mut clusters: SortedMap<ControlPlane, Vec<Input>> = SortedMap::new();
    let mut documents = Vec::with_capacity(items.len());
    for item in &items {
        let Item { document, ordinal, node, span, .. } = *item;
        let home = home(item);
        let what = match &item.reading {
            Reading::Kuma(resource) if refused.contains(&ordinal) => What::Rejected(Arc::clone(resource)),
            Reading::Kuma(resource) => {
                let resource = Arc::clone(resource);
                match resource.environment {
                    Environment::Universal => {
                        let created = created(&resource, ordinal, options);
                        let new = stored_at_home(Arc::clone(&resource), &home, created, &mut texts);
                        own.entry(home.clone()).or_default().push(new);
                    }
                    Environment::Kubernetes => clusters.entry(home.clone()).or_default().extend(item.input()),
                }
                What::Accepted { resource, home }
            }
            Reading::Kubernetes { kind, .. } => {
                clusters.entry(home.clone()).or_default().extend(item.input());
                let text =
                    |key: &str| node.and_then(|n| n.at(&["metadata", key])).and_then(Node::as_str).map(str::to_owned);
                What::Kubernetes {
                    kind: kind.clone(),
                    name: text("name").unwrap_or_default(),
                    namespace: text("namespace"),
                    home,
                }
            }
            Reading::Checks => match node {
                Some(node) => {
                    let (checks, problems) = check::read(node, document.source);
                    diagnostics.extend(problems);
                    What::Checks(Arc::new(checks))
                }
                None => What::Unknown,
            },
            // a kind that Kuma has but that has no part in destinations, or one that validation has spoken of
            Reading::Unknown { .. } if node.is_some_and(|n| n.get("type").is_some()) => What::Unknown,
            Reading::Unknown { kind } => {
                diagnostics.push(unknown(kind.as_deref()).at(document.source, span));
                What::Unknown
            }
        };
        documents.push(Placed { document, ordinal, span, what });
    }

    own.values_mut().for_each(replace_earlier);
    let mut settings = options.kubernetes.clone();
    settings.inbound_tags_disabled |= options.generation.inbound_tags_disabled;
    let mut clusters: Vec<Cluster> = clusters
        .into_iter()
        .map(|(plane, inputs)| {
            Cluster::read(plane, topology.federated, &options.system_namespace, &settings, inputs.into_iter())
        })
        .gather();
    let meshes = spread_meshes(&mut own, &clusters, &topology, options, &mut texts);
    let mut kubernetes = SortedMap::new();
    for mut cluster in clusters.drain(..) {
        let plane = cluster.plane.clone();
        cluster.set_meshes(meshes.iter().map(|(name, mesh)| (name.as_str(), mesh)));
        let (evaluation, stored) = kubernetes::run(cluster, |resource, ordinal| created(resource, ordinal, options));
        for (ordinal, admission) in &evaluation.admission {
            let Err(_) = &admission.result else { continue };
            let place = documents.binary_search_by_key(ordinal, |d: &Placed| d.ordinal);
            if let Some(placed) = place.ok().and_then(|place| documents.get_mut(place)) {
                if let What::Accepted { resource, .. } = &placed.what {
                    placed.what = What::Rejected(Arc::clone(resource));
                }
            }
        }
        diagnostics.extend(kubernetes::diagnostics(&evaluation, &documents));
        kubernetes.insert(plane.name().to_owned(), evaluation);
        let all = own.entry(plane).or_default();
        match all.is_empty() {
            // the cluster's own are distinct already
            true => *all = stored,
            false => {
                all.extend(stored);
                replace_earlier(all);
            }
        }
    }
    let readings: Vec<(Reading, bool)> = items.into_iter().map(|item| (item.reading, item.tagged)).gather();
    memory.put_back(readings);
    for (plane, stored) in &mut own {
        add_default_policies(stored, plane, &topology, options, &mut texts);
    }
    if options.default_hostname_generators {
        for (plane, stored) in &mut own {
            let environment = topology.environment(plane);
            for generator in default_generators(plane, environment, &options.system_namespace) {
                let fresh = match environment {
                    Environment::Universal => {
                        stored_at_home(Arc::new(generator), plane, Created::default(), &mut texts)
                    }
                    Environment::Kubernetes => {
                        kubernetes::default_resource(generator, plane, topology.federated, &options.system_namespace)
                    }
                };
                if !stored.iter().any(|s| s.kind() == Kind::HostnameGenerator && s.name == fresh.name) {
                    stored.push(fresh);
                }
            }
        }
    }

    let steps = steps(options);
    let mut generation = SortedMap::new();
    for (plane, stored) in &mut own {
        if let ControlPlane::Zone(zone) = plane {
            let meshes: Vec<(&str, &Mesh)> = meshes.iter().map(|(name, mesh)| (name.as_str(), mesh)).gather();
            let (services, decisions) = generate(zone, stored, &meshes, &steps, &options.generation);
            stored.extend(services);
            generation.insert(zone.clone(), decisions);
            set_availability(stored);
        }
    }

    let views = zone::synchronise(&topology, own.into_iter().gather());
    let options = options.clone();
    Some(World { sources: read, documents, topology, views, generation, kubernetes, diagnostics, options })
}

/// Kuma's own namespace. Kong Mesh is installed in another one, which is taken if only that one is there.
fn system_namespace(items: &[Item], options: &Options) -> String {
    const KONG_MESH: &str = "kong-mesh-system";
    let has = |name: &str| {
        items.iter().any(|item| match &item.reading {
            Reading::Kuma(resource) => resource.namespace.as_deref() == Some(name),
            Reading::Kubernetes { kind, .. } => {
                let of =
                    |key: &str| item.node.and_then(|n| n.at(&["metadata", key])).and_then(Node::as_str) == Some(name);
                of("namespace") || kind == "Namespace" && of("name")
            }
            Reading::Checks | Reading::Unknown { .. } => false,
        })
    };
    match has(KONG_MESH) && !has(&options.system_namespace) {
        true => KONG_MESH.to_owned(),
        false => options.system_namespace.clone(),
    }
}

/// Every document and every item of a `List`, with where it is kept. Documents that cannot be read have a number too.
fn read_items<'a>(sources: &'a [Source], known: &'a [Known], readings: Vec<(Reading, bool)>) -> Vec<Item<'a>> {
    let mut out = Vec::with_capacity(readings.len());
    let mut readings = readings.into_iter();
    let mut ordinal = 0;
    for ((source, known), id) in sources.iter().zip(known).zip((0..).map(SourceId)) {
        for document in &known.documents {
            let document_id = DocumentId { source: id, index: document.document.index };
            for ((item, position), (reading, tagged)) in document.items.iter().zip(0..).zip(&mut readings) {
                out.push(Item {
                    document: document_id,
                    ordinal,
                    span: item.span,
                    node: item.node.as_deref(),
                    known: (document, position),
                    reading,
                    tagged,
                    studied: item.studied.as_ref(),
                    unknown: &item.unknown,
                    file_zone: source.zone.as_deref(),
                });
                ordinal += 1;
            }
            if document.unreadable {
                ordinal += 1;
            }
        }
    }
    out
}

/// The control planes, and the zone of clusters that no label and no file names: the one Kubernetes zone that is named,
/// else the zone of the options.
fn topology(items: &[Item], options: &Options) -> (Topology, Option<String>) {
    let named = items
        .iter()
        .filter(|i| !matches!(i.reading, Reading::Checks | Reading::Unknown { .. }))
        .map(|item| (item.written_zone(), item.environment()));
    let federated = options
        .federated
        .or_else(|| items.iter().any(Item::is_of_global_file).then_some(true))
        .or_else(|| is_cluster_alone(items).then_some(false));
    let mut topology = Topology::of(named, &options.zone, federated);
    topology.system_namespace = options.system_namespace.clone();
    let homeless = |item: &&Item| item.written_zone().is_none();
    let needs_cluster = items.iter().filter(homeless).any(|i| i.needs_cluster(&options.system_namespace));
    let mut cluster_zone = None;
    if needs_cluster && topology.federated {
        let mut candidates = topology.zones.iter().filter(|(_, e)| **e == Environment::Kubernetes).map(|(z, _)| z);
        let zone = candidates.next().unwrap_or(&options.zone).clone();
        topology.zones.insert(zone.clone(), Environment::Kubernetes);
        cluster_zone = Some(zone);
    }
    let on_global = items.iter().filter(homeless).filter(|i| !i.needs_cluster(&options.system_namespace));
    topology.global = on_global.map(Item::environment).max().unwrap_or_default();
    (topology, cluster_zone)
}

/// True for the objects of one Kubernetes zone, none of which has come from a global control plane.
fn is_cluster_alone(items: &[Item]) -> bool {
    let of_cluster = |item: &Item| item.environment() == Environment::Kubernetes;
    let known = || items.iter().filter(|i| !matches!(i.reading, Reading::Unknown { .. }));
    let copied = |item: &Item| match &item.reading {
        Reading::Kuma(resource) => resource.label(resource::label::ORIGIN) == Some("global"),
        _ => false,
    };
    let zones: SortedSet<Option<&str>> = known().map(Item::written_zone).gather();
    matches!(zones.first(), Some(Some(_))) && zones.len() == 1 && known().all(|i| of_cluster(i) && !copied(i))
}

/// The documents in Universal form that Kuma refuses, by ordinal. What Kuma says of them, and warns of in others,
/// becomes diagnostics.
fn refused(
    items: &[Item],
    topology: &Topology,
    home: &dyn Fn(&Item) -> ControlPlane,
    options: &Options,
    sources: &[SourceText],
    diagnostics: &mut Vec<Diagnostic>,
) -> SortedSet<u32> {
    let universal: Vec<&Item> = items
        .iter()
        .filter(|i| i.environment() == Environment::Universal && !matches!(i.reading, Reading::Checks))
        .gather();
    // what Kuma refuses is read again, since only then anybody asks where it stands
    let mut heads: Vec<Option<Node>> = universal.iter().map(|item| item.head()).gather();
    let mut said = judge(&universal, &heads, topology, home, options);
    let mut read_again = false;
    for ((item, verdict), head) in universal.iter().zip(&said).zip(&mut heads) {
        if head.is_some() && verdict.rejected.is_some() {
            *head = item.head_again(sources, &options.limits);
            read_again = true;
        }
    }
    if read_again {
        said = judge(&universal, &heads, topology, home, options);
    }
    let mut refused = SortedSet::new();
    for (item, verdict) in universal.iter().zip(&said) {
        if verdict.rejected.is_some() {
            refused.insert(item.ordinal);
        }
        let source = item.document.source;
        let kind = match (&item.reading, item.node) {
            (Reading::Kuma(resource), _) => Some(resource.kind.name()),
            (_, node) => node.and_then(|n| n.text("type")),
        };
        // a document without a type has been spoken of
        let Some(kind) = kind else { continue };
        diagnostics.extend(item.unknown.iter().cloned());
        let text = |span| sources.get(source.0 as usize).map(|s| s.at(span)).unwrap_or_default();
        let said = validate::diagnostics(verdict, kind, source, item.span);
        diagnostics.extend(said.into_iter().map(|d| validate::quoted(d, kind, text)));
    }
    refused
}

/// What Kuma says of each document in Universal form. `heads` stand for those that have no values of their own.
fn judge(
    universal: &[&Item],
    heads: &[Option<Node>],
    topology: &Topology,
    home: &dyn Fn(&Item) -> ControlPlane,
    options: &Options,
) -> Vec<Verdict> {
    let candidates: Vec<Candidate> = universal
        .iter()
        .zip(heads)
        .map(|(item, head)| Candidate {
            root: item.node.or(head.as_ref()),
            partial: None,
            unreadable: None,
            studied: item.studied,
            plane: match home(item) {
                ControlPlane::Global => Plane::Global,
                ControlPlane::Zone(name) => Plane::Zone { name, federated: topology.federated },
            },
        })
        .gather();
    let verdicts = |existing: &dyn Existing| {
        let context = validate::Context {
            client: options.client,
            in_file_order: options.created_in_file_order,
            assume_meshes: true,
            existing,
        };
        validate::validate(&candidates, &context)
    };
    let mut said = verdicts(&validate::Nothing);
    if !options.pauses.is_empty() {
        // what Kuma generates in a pause stands in the way of later documents of the same name
        let taken = universal.iter().zip(&said).filter(|(_, v)| v.rejected.is_none()).map(|(item, _)| *item);
        let generated = Generated::between(taken, universal, home, options);
        said = verdicts(&generated);
    }
    said
}

/// MeshServices that were generated while documents were still being created.
struct Generated {
    /// The zone, mesh and name; before which document, as a position among those that are validated; the labels.
    services: SortedMap<(String, String, String), (usize, Labels)>,
}

impl Generated {
    fn between<'a>(
        taken: impl Iterator<Item = &'a Item<'a>>,
        validated: &[&Item],
        home: &dyn Fn(&Item) -> ControlPlane,
        options: &Options,
    ) -> Generated {
        let mut own: SortedMap<String, Vec<Stored>> = SortedMap::new();
        let mut meshes: SortedMap<String, Mesh> = SortedMap::new();
        let mut texts = Texts::default();
        for item in taken {
            if let (Reading::Kuma(resource), plane) = (&item.reading, home(item)) {
                if let Body::Mesh(mesh) = &resource.body {
                    meshes.insert(resource.name.clone(), mesh.clone());
                }
                if let Some(zone) = plane.zone() {
                    let created = created(resource, item.ordinal, options);
                    let stored = stored_at_home(Arc::clone(resource), &plane, created, &mut texts);
                    own.entry(zone.to_owned()).or_default().push(stored);
                }
            }
        }
        let meshes: Vec<(&str, &Mesh)> = meshes.iter().map(|(name, mesh)| (name.as_str(), mesh)).gather();
        let mut services = SortedMap::new();
        for (zone, stored) in &own {
            for service in generate(zone, stored, &meshes, &steps(options), &options.generation).0 {
                let before = validated.iter().position(|i| i.ordinal * 2 >= service.created.index);
                if let (Some(before), true) = (before, service.created.phase < 3) {
                    let key = (zone.clone(), service.mesh().to_owned(), service.name.clone());
                    services.insert(key, (before, (*service.labels).clone()));
                }
            }
        }
        Generated { services }
    }
}

impl Existing for Generated {
    fn generated(&self, index: usize, plane: &Plane, kind: &str, mesh: &str, name: &str) -> Option<Labels> {
        let Plane::Zone { name: zone, .. } = plane else { return None };
        let (before, labels) = self.services.get(&(zone.clone(), mesh.to_owned(), name.to_owned()))?;
        (kind == Kind::MeshService.name() && *before <= index).then(|| labels.clone())
    }
}

/// The moments before the last at which Kuma generated what it could.
fn steps(options: &Options) -> Vec<Created> {
    options.pauses.iter().map(|before| Created { phase: 1, time: 0, index: before * 2 }).gather()
}

fn unknown(kind: Option<&str>) -> Diagnostic {
    match kind {
        Some(kind) => Diagnostic::new(Code::UnknownKind, format!("`{kind}` is no kind of resource that Kuma has"))
            .help("names of kinds are case-sensitive, as in `MeshService` or `MeshHTTPRoute`"),
        None => Diagnostic::new(Code::NotAResource, "this document has no `type` (or `apiVersion` and `kind`)")
            .help("start it with `type: MeshService` on Universal, or `apiVersion: kuma.io/v1alpha1` and `kind:` on Kubernetes"),
    }
}

pub(crate) fn apply_mode(resource: &mut Resource, mode: Option<MeshServicesMode>) {
    if let (Body::Mesh(mesh), Some(mode)) = (&mut resource.body, mode) {
        mesh.mode = mode;
    }
}

/// When a document was created (the order that `oldest` compares).
fn created(resource: &Resource, ordinal: u32, options: &Options) -> Created {
    if let Some(time) = resource.created.as_deref().and_then(kubernetes::object::seconds) {
        if resource.environment == Environment::Kubernetes {
            return Created { phase: u8::from(resource.kind != Kind::Mesh), time, index: ordinal * 2 + 1 };
        }
    }
    let phase = match (options.created_in_file_order, resource.kind) {
        (true, _) => 1,
        (false, Kind::Mesh) => 0,
        (false, Kind::Dataplane) if resource.environment == Environment::Universal => 2,
        (false, _) => 1,
    };
    // odd, so that a pause before the document fits in front of it
    Created { phase, time: 0, index: ordinal * 2 + 1 }
}

fn stored_at_home(resource: Arc<Resource>, home: &ControlPlane, created: Created, texts: &mut Texts) -> Stored {
    let mut labels = zone::labels_at_home(&resource, home, texts);
    labels.shrink_to_fit();
    let labels = Arc::new(labels);
    Stored { name: resource.name.clone(), resource, labels, created, available: None }
}

/// Leaves one resource of each kind, mesh and name: a later one replaces the first but keeps its age (rule 9.4).
fn replace_earlier(stored: &mut Vec<Stored>) {
    fn key(one: &Stored) -> (Kind, &str, &str, Option<&str>) {
        (one.kind(), one.mesh(), &one.name, one.resource.namespace.as_deref())
    }
    keep_latest(stored, |a, b| key(a).cmp(&key(b)), |first, last| Stored { created: first.created, ..last });
}

/// Adds the policies that Kuma creates together with each Mesh that was written, unless the input has them.
fn add_default_policies(
    stored: &mut Vec<Stored>,
    plane: &ControlPlane,
    topology: &Topology,
    options: &Options,
    texts: &mut Texts,
) {
    let environment = topology.environment(plane);
    let mut fresh = Vec::new();
    for (one, mesh) in stored.iter().filter_map(|s| Some((s, s.as_mesh()?))) {
        if one.resource.document().is_none() {
            continue;
        }
        for policy in default_policies(&one.name, mesh, environment, &options.system_namespace) {
            let new = match environment {
                Environment::Universal => stored_at_home(Arc::new(policy), plane, one.created, texts),
                Environment::Kubernetes => {
                    kubernetes::default_resource(policy, plane, topology.federated, &options.system_namespace)
                }
            };
            let same = |s: &&Stored| s.kind() == new.kind() && s.mesh() == new.mesh() && s.name == new.name;
            if !stored.iter().any(|s| same(&s)) {
                fresh.push(new);
            }
        }
    }
    stored.extend(fresh);
}

/// Meshes live on global, or on the one zone; each zone has them all. A mesh that is only named, in an input without
/// any Mesh, is assumed.
fn spread_meshes(
    own: &mut SortedMap<ControlPlane, Vec<Stored>>,
    clusters: &[Cluster],
    topology: &Topology,
    options: &Options,
    texts: &mut Texts,
) -> SortedMap<String, Mesh> {
    let mut meshes: SortedMap<String, Mesh> = SortedMap::new();
    for stored in own.values().flatten() {
        if let Some(mesh) = stored.as_mesh() {
            meshes.insert(stored.name.clone(), mesh.clone());
        }
    }
    let written = clusters.iter().flat_map(|c| c.kuma.iter().map(move |object| (c, object)));
    let mut refused = false;
    for (cluster, object) in written {
        if let Body::Mesh(mesh) = &object.resource.body {
            match kubernetes::admission::admit_written(cluster, object).result {
                Ok(_) => drop(meshes.insert(object.resource.name.clone(), mesh.clone())),
                Err(_) => refused = true,
            }
        }
    }
    if meshes.is_empty() && !refused {
        let names: crate::collections::SortedSet<String> = own
            .values()
            .flatten()
            .map(|s| s.mesh().to_owned())
            .chain(clusters.iter().flat_map(Cluster::mentioned_meshes))
            .filter(|m| !m.is_empty())
            .gather();
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
            own.entry(home.clone()).or_default().push(stored_at_home(
                Arc::new(resource),
                &home,
                Created::default(),
                texts,
            ));
        }
    }
    meshes
}

/// Each zone judges its own MeshServices (rule 3.4).
fn set_availability(stored: &mut [Stored]) {
    let index = DataplaneIndex::of(&*stored);
    let available = |one: &Stored| {
        let service = one.as_mesh_service()?;
        Some(match one.is_local() {
            true => {
                let candidates = index.candidates(one.mesh(), &service.selector);
                let candidates = candidates.filter_map(|position| stored.get(position as usize));
                select::health(service, candidates.filter(|s| s.mesh() == one.mesh())).is_available()
            }
            // a copy (or what claims to be one) says what its owner found
            false => service.state.as_deref() == Some("Available"),
        })
    };
    let found: Vec<Option<bool>> = stored.iter().map(available).gather();
    for (one, available) in stored.iter_mut().zip(found) {
        one.available = available;
    }
}
