//! What references mean: `to[].targetRef`, `backendRef`, top-level Dataplane references, `reachableBackends`.
//!
//! Each form has two functions. The quick one gives what Kuma finds; the `explain_` one adds every resource that
//! could have been meant, each with one reason why it was not.

use std::fmt;

use crate::collections::{sort, sort_by_key, Gather};
use crate::resource::{label, BackendRef, Kind, Kri, Labels, Port, TargetKind, TargetRef};
use crate::zone::{Stored, StoredId, View};

/// Who makes a reference. Names in it mean things of this mesh, zone and namespace (rule 1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The owner's mesh.
    pub mesh: &'a str,
    /// The value of its label `kuma.io/zone`; empty without one.
    pub zone: &'a str,
    /// The value of its label `k8s.kuma.io/namespace`; empty without one.
    pub namespace: &'a str,
}

impl<'a> From<&'a Stored> for Owner<'a> {
    fn from(stored: &'a Stored) -> Self {
        Owner { mesh: stored.mesh(), zone: stored.zone(), namespace: stored.namespace() }
    }
}

/// A port of a destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Section {
    /// Its position in [`Stored::ports`].
    pub index: u32,
    /// The name that rules for it go by. For `to` items: the port's name, or its number as text. For backends: what
    /// the reference says, which may be the number of a named port (rule 5.3).
    pub name: String,
}

impl Section {
    /// The port itself.
    pub fn port<'a>(&self, stored: &'a Stored) -> Option<&'a Port> {
        stored.ports().get(self.index as usize)
    }
}

/// What a reference means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// The resource.
    pub id: StoredId,
    /// The port, where the reference is about one.
    pub section: Option<Section>,
}

/// A resource that a reference could have meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The resource.
    pub id: StoredId,
    /// Whether the reference means it, and if not, why.
    pub verdict: Verdict,
}

/// Whether a reference means a resource, and if not, the first reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It does.
    Meant,
    /// It matches, but an older one is taken (rule 6.8).
    Younger {
        /// Display name of the one taken.
        taken: String,
    },
    /// A label is missing or has another value.
    Label {
        /// The label.
        key: String,
        /// The value asked for.
        wanted: String,
        /// The value it has.
        found: Option<String>,
    },
    /// It has the name but lives in another zone than the owner (rule 1.7).
    Zone {
        /// Its zone; empty for global.
        lives_in: String,
        /// The owner's zone; empty for global.
        asked: String,
    },
    /// It has the name but lives in another namespace than the one asked for.
    Namespace {
        /// Its namespace.
        lives_in: String,
        /// The one asked for.
        asked: String,
    },
    /// It has the name but belongs to another mesh.
    Mesh {
        /// Its mesh.
        lives_in: String,
    },
    /// It has the name but is of another kind.
    OtherKind {
        /// Its kind.
        is: Kind,
        /// The kind asked for.
        asked: &'static str,
    },
    /// It is stored under this name, but names mean display names.
    StoredName {
        /// Its display name.
        display_name: String,
    },
    /// Its name is only similar.
    Similar {
        /// Its display name.
        name: String,
    },
    /// It is meant, but has no such port.
    NoPort {
        /// The port asked for.
        wanted: String,
        /// Its ports: sectionName and number.
        ports: Vec<(String, i64)>,
        /// The sectionName of the port that has the wanted number, if that is the mistake (rule 5.2).
        number_of: Option<String>,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |zone: &str| match zone {
            "" => "in no zone".to_owned(),
            zone => format!("in zone `{zone}`"),
        };
        match self {
            Verdict::Meant => f.write_str("is meant"),
            Verdict::Younger { taken } => write!(f, "matches too, but the oldest match, `{taken}`, is taken"),
            Verdict::Label { key, wanted, found: Some(found) } => {
                write!(f, "has label `{key}: {found}`, asked for `{wanted}`")
            }
            Verdict::Label { key, wanted, found: None } => write!(f, "has no label `{key}`, asked for `{wanted}`"),
            Verdict::Zone { lives_in, asked } if asked.is_empty() => write!(
                f,
                "is named like this but lives {}; a name written on global means global's own: refer to it by labels",
                place(lives_in)
            ),
            Verdict::Zone { lives_in, asked } => write!(
                f,
                "is named like this but lives {}; a name means zone `{asked}`'s own: refer to it by labels",
                place(lives_in)
            ),
            Verdict::Namespace { lives_in, asked } => match asked.is_empty() {
                true => write!(f, "is named like this but lives in namespace `{lives_in}`, and none is asked for"),
                false => write!(f, "is named like this but lives in namespace `{lives_in}`, asked for `{asked}`"),
            },
            Verdict::Mesh { lives_in } => write!(f, "is named like this but belongs to mesh `{lives_in}`"),
            Verdict::OtherKind { is, asked } => write!(f, "is named like this but is a {is}, asked for a {asked}"),
            Verdict::StoredName { display_name } => {
                write!(f, "is stored under this name, but a name means the display name, `{display_name}`")
            }
            Verdict::Similar { .. } => f.write_str("has a similar name"),
            Verdict::NoPort { wanted, ports, number_of } => {
                if let Some(name) = number_of {
                    return write!(
                        f,
                        "its port {wanted} is named `{name}`, and a sectionName means the name: write `{name}`"
                    );
                }
                if ports.is_empty() {
                    return write!(f, "has no port `{wanted}`; it has no ports");
                }
                let list: Vec<String> = ports
                    .iter()
                    .map(|(name, number)| match *name == number.to_string() {
                        true => format!("`{name}`"),
                        false => format!("`{name}` ({number})"),
                    })
                    .gather();
                let are = if list.len() == 1 { "port is" } else { "ports are" };
                write!(f, "has no port `{wanted}`; its {are} {}", list.join(", "))
            }
        }
    }
}

/// Why a reference means nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Nothing {
    /// Nothing that was pasted comes near: whether it exists elsewhere cannot be known here.
    NotPasted {
        /// What was asked for, in words.
        asked: String,
    },
    /// Something comes near; each candidate says why it is not meant.
    Elsewhere {
        /// What was asked for, in words.
        asked: String,
    },
    /// The resource is there, its port is not.
    NoPort {
        /// What was asked for, in words.
        asked: String,
    },
    /// A kind that cannot be resolved to resources here.
    NotAResource {
        /// The kind.
        kind: TargetKind,
    },
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Nothing::NotPasted { asked } => write!(f, "nothing like {asked} is in the pasted set"),
            Nothing::Elsewhere { asked } => write!(f, "no {asked} can be reached from here"),
            Nothing::NoPort { asked } => write!(f, "{asked} has no such port"),
            Nothing::NotAResource { kind } => write!(f, "{} stands for tags, not for a resource", kind.name()),
        }
    }
}

/// What a reference means, and what else it could have meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// What it means, oldest first.
    pub hits: Vec<Hit>,
    /// What was considered: those meant first, then the nearest misses.
    pub candidates: Vec<Candidate>,
    /// How many more misses there are than `candidates` lists.
    pub more: usize,
    /// Why there are no hits.
    pub nothing: Option<Nothing>,
}

/// At most this many misses are listed; the rest is counted.
const MISSES: usize = 8;

/// What a `backendRef` means (rule 6.8).
#[derive(Clone, Debug, PartialEq)]
pub enum Backend {
    /// A `kuma.io/service`, by its literal name, perhaps with tags.
    Service {
        /// The name; empty for a reference by labels without a port (Kubernetes, 6.1).
        name: String,
        /// More tags.
        tags: Labels,
    },
    /// A port of a real resource.
    Found(Hit),
    /// By labels, and nothing matches: as if it were not written.
    NoMatch,
    /// By name, and there is no such thing: dropped.
    NoResource,
    /// The resource has no such port: dropped.
    NoPort(StoredId),
}

/// The Kuma Resource Identifier that a name stands for.
pub fn kri_of(owner: Owner<'_>, kind: Kind, target: &TargetRef) -> Kri {
    if kind == Kind::Mesh {
        return Kri {
            kind,
            mesh: String::new(),
            zone: String::new(),
            namespace: String::new(),
            name: owner.mesh.to_owned(),
            section: String::new(),
        };
    }
    Kri {
        kind,
        mesh: owner.mesh.to_owned(),
        zone: owner.zone.to_owned(),
        namespace: target.namespace.clone().unwrap_or_else(|| owner.namespace.to_owned()),
        name: target.name.clone().unwrap_or_default(),
        section: String::new(),
    }
}

/// The parts of an old-style service name `<name>_<namespace>_svc[_<port>]` (rule 5.2).
fn legacy_name(target: &TargetRef) -> Option<(Labels, Option<u32>)> {
    if target.kind != TargetKind::MeshService || target.section_name.is_some() || !target.labels.is_empty() {
        return None;
    }
    let parts: Vec<&str> = target.name.as_deref()?.split('_').gather();
    let (name, namespace, port) = match parts.as_slice() {
        [name, namespace, _] => (name, namespace, None),
        [name, namespace, _, port] => (name, namespace, Some(port.parse().ok()?)),
        _ => return None,
    };
    let labels = [(label::NAMESPACE, *namespace), (label::DISPLAY_NAME, *name)].map(|(k, v)| (k.into(), v.into()));
    Some((Labels::from(labels), port.filter(|p| *p != 0)))
}

/// How a reference looks for resources.
enum Query {
    Name(Kri),
    Labels(Labels),
}

fn query(owner: Owner<'_>, kind: Kind, target: &TargetRef) -> Query {
    match target.labels.is_empty() || kind == Kind::Mesh {
        true => Query::Name(kri_of(owner, kind, target)),
        false => Query::Labels(target.labels.clone()),
    }
}

fn find(view: &View, owner: Owner<'_>, kind: Kind, query: &Query) -> Vec<StoredId> {
    match query {
        Query::Name(kri) if kind == Kind::Mesh => view.named(Kind::Mesh, "", &kri.name).into_iter().gather(),
        Query::Name(kri) => view.by_kri(kri).into_iter().gather(),
        Query::Labels(labels) => view.with_labels(kind, owner.mesh, labels),
    }
}

/// The port whose name is equal to a sectionName; an unnamed port goes by its number (rule 5.2).
pub fn port_by_name(ports: &[Port], name: &str) -> Option<Section> {
    let found = (0u32..).zip(ports).find(|(_, p)| match &p.name {
        Some(own) => own == name,
        None => name.parse() == Ok(p.port),
    });
    found.map(|(index, p)| Section { index, name: p.section() })
}

/// The first port, in list order, whose name or number is this section (rule 6.8). The empty section is the name of
/// an unnamed port.
pub fn port_by_name_or_number(ports: &[Port], section: &str) -> Option<Section> {
    let fits = |p: &Port| p.name.as_deref().unwrap_or_default() == section || p.port.to_string() == section;
    let found = (0u32..).zip(ports).find(|(_, p)| fits(p));
    found.map(|(index, _)| Section { index, name: section.to_owned() })
}

fn port_by_number(ports: &[Port], number: u32) -> Option<Section> {
    let found = (0u32..).zip(ports).find(|(_, p)| p.port == i64::from(number));
    found.map(|(index, p)| Section { index, name: p.section() })
}

/// What a `to[].targetRef` of a policy or route means: resources of its mesh, in the order of the list, oldest first
/// (rule 5.2). Nothing found means that Kuma ignores the item.
pub fn to_target(view: &View, owner: Owner<'_>, target: &TargetRef) -> Vec<Hit> {
    let Some(kind) = target.kind.resource() else { return Vec::new() };
    if let Some((labels, port)) = legacy_name(target) {
        let ids = view.with_labels(kind, owner.mesh, &labels).into_iter();
        return ids
            .filter_map(|id| {
                let section = match port {
                    Some(number) => Some(port_by_number(view.get(id)?.ports(), number)?),
                    None => None,
                };
                Some(Hit { id, section })
            })
            .gather();
    }
    let ids = find(view, owner, kind, &query(owner, kind, target)).into_iter();
    match target.section_name.as_deref().filter(|_| kind.is_service()) {
        None => ids.map(|id| Hit { id, section: None }).gather(),
        Some(name) => {
            ids.filter_map(|id| Some(Hit { id, section: Some(port_by_name(view.get(id)?.ports(), name)?) })).gather()
        }
    }
}

/// What a `backendRef` of a route or of a Dataplane's outbound means (rule 6.8, 7.1).
pub fn backend(view: &View, owner: Owner<'_>, backend: &BackendRef) -> Backend {
    let target = &backend.target;
    let kind = match target.kind.resource() {
        Some(kind) if backend.is_real() => kind,
        _ => {
            return Backend::Service { name: target.name.clone().unwrap_or_default(), tags: target.tags.clone() };
        }
    };
    let query = query(owner, kind, target);
    let Some(id) = oldest(view, &find(view, owner, kind, &query)) else {
        return match query {
            Query::Labels(_) => Backend::NoMatch,
            Query::Name(_) => Backend::NoResource,
        };
    };
    match backend_port(view, id, backend) {
        Some(section) => Backend::Found(Hit { id, section: Some(section) }),
        None => Backend::NoPort(id),
    }
}

fn oldest(view: &View, ids: &[StoredId]) -> Option<StoredId> {
    // a view lists what it has oldest first
    ids.first().copied().filter(|id| view.get(*id).is_some())
}

/// The port of a backend. A MeshExternalService has one, and a wrong or missing one does not matter.
fn backend_port(view: &View, id: StoredId, backend: &BackendRef) -> Option<Section> {
    let stored = view.get(id)?;
    let section = backend.section().unwrap_or_default();
    match stored.kind() {
        Kind::MeshExternalService => Some(Section { index: 0, name: section }),
        _ => port_by_name_or_number(stored.ports(), &section),
    }
}

/// The ports that one entry of `reachableBackends.refs` opens (rule 7.3). A port that does not exist counts as no
/// port; no port opens all of them, or only the first unnamed one where there is one.
pub fn reachable(view: &View, owner: Owner<'_>, backend: &BackendRef) -> Vec<Hit> {
    let Some(kind) = backend.target.kind.resource().filter(|k| k.is_service()) else { return Vec::new() };
    let mut hits = Vec::new();
    for id in find(view, owner, kind, &query(owner, kind, &backend.target)) {
        let Some(stored) = view.get(id) else { continue };
        let ports = stored.ports();
        let asked = backend.section().unwrap_or_default();
        let one = port_by_name_or_number(ports, &asked).or_else(|| port_by_name_or_number(ports, ""));
        match one {
            Some(section) => hits.push(open(id, section.index, ports)),
            None => hits.extend((0u32..).zip(ports).map(|(index, _)| open(id, index, ports))),
        }
    }
    hits
}

fn open(id: StoredId, index: u32, ports: &[Port]) -> Hit {
    let name = ports.get(index as usize).map(Port::section).unwrap_or_default();
    Hit { id, section: Some(Section { index, name }) }
}

/// Whether a top-level targetRef of kind Dataplane means this Dataplane, its sectionName aside (rule 5.1).
pub fn dataplane_verdict(owner: Owner<'_>, target: &TargetRef, dataplane: &Stored) -> Verdict {
    if target.name.is_none() && target.namespace.is_none() && target.labels.is_empty() {
        return Verdict::Meant;
    }
    let namespace = target.namespace.as_deref().unwrap_or(owner.namespace);
    let is_named = target.name.as_deref() == Some(dataplane.display_name())
        && (dataplane.mesh(), dataplane.zone(), dataplane.namespace()) == (owner.mesh, owner.zone, namespace);
    if is_named {
        return Verdict::Meant;
    }
    if !target.labels.is_empty() {
        return label_verdict(dataplane, &target.labels);
    }
    named_verdict(owner, Kind::Dataplane, target, dataplane)
}

/// Explains what a `to[].targetRef` means.
pub fn explain_to(view: &View, owner: Owner<'_>, target: &TargetRef) -> Resolution {
    let hits = to_target(view, owner, target);
    let Some(kind) = target.kind.resource() else {
        return Resolution { nothing: Some(Nothing::NotAResource { kind: target.kind }), ..Resolution::default() };
    };
    let legacy = legacy_name(target);
    let (query, wanted) = match legacy {
        Some((labels, port)) => (Query::Labels(labels), port.map(|p| p.to_string())),
        None => (query(owner, kind, target), target.section_name.clone().filter(|_| kind.is_service())),
    };
    explain(view, owner, Asked { target, kind, query, port: wanted, oldest_only: false, said: target.describe() }, hits)
}

/// Explains what a `backendRef` means; a `kuma.io/service` is no resource, so it has no candidates.
pub fn explain_backend(view: &View, owner: Owner<'_>, backend_ref: &BackendRef) -> (Backend, Resolution) {
    let meant = backend(view, owner, backend_ref);
    let target = &backend_ref.target;
    let (Some(kind), true) = (target.kind.resource(), backend_ref.is_real()) else {
        return (meant, Resolution::default());
    };
    let hits = match &meant {
        Backend::Found(hit) => vec![hit.clone()],
        _ => Vec::new(),
    };
    let port = backend_ref.section().filter(|_| kind != Kind::MeshExternalService);
    let query = query(owner, kind, target);
    let resolution = explain(
        view,
        owner,
        Asked { target, kind, query, port, oldest_only: true, said: backend_ref.describe() },
        hits,
    );
    (meant, resolution)
}

/// Explains what one entry of `reachableBackends.refs` opens.
pub fn explain_reachable(view: &View, owner: Owner<'_>, backend_ref: &BackendRef) -> Resolution {
    let hits = reachable(view, owner, backend_ref);
    let target = &backend_ref.target;
    let Some(kind) = target.kind.resource() else {
        return Resolution { nothing: Some(Nothing::NotAResource { kind: target.kind }), ..Resolution::default() };
    };
    let query = query(owner, kind, target);
    explain(
        view,
        owner,
        Asked { target, kind, query, port: None, oldest_only: false, said: backend_ref.describe() },
        hits,
    )
}

/// Explains which Dataplanes a top-level targetRef of kind Dataplane means, its sectionName aside.
pub fn explain_dataplanes(view: &View, owner: Owner<'_>, target: &TargetRef) -> Resolution {
    let kind = Kind::Dataplane;
    let everything = target.name.is_none() && target.namespace.is_none() && target.labels.is_empty();
    let query = query(owner, kind, target);
    let ids = match everything {
        true => view.of_kind(kind, owner.mesh).map(|(id, _)| id).gather(),
        false => find(view, owner, kind, &query),
    };
    let hits = ids.into_iter().map(|id| Hit { id, section: None }).gather();
    explain(view, owner, Asked { target, kind, query, port: None, oldest_only: false, said: target.describe() }, hits)
}

/// What was asked for.
struct Asked<'a> {
    target: &'a TargetRef,
    kind: Kind,
    query: Query,
    port: Option<String>,
    /// True where only the oldest match counts.
    oldest_only: bool,
    said: String,
}

fn explain(view: &View, owner: Owner<'_>, asked: Asked<'_>, hits: Vec<Hit>) -> Resolution {
    let meant: Vec<StoredId> = hits.iter().map(|h| h.id).gather();
    let mut candidates: Vec<Candidate> = Vec::new();
    for id in &meant {
        if candidates.last().map(|c| c.id) != Some(*id) {
            candidates.push(Candidate { id: *id, verdict: Verdict::Meant });
        }
    }
    let mut without_port = false;
    let found = find(view, owner, asked.kind, &asked.query);
    let oldest = found.first().copied();
    for id in found {
        let Some(stored) = view.get(id).filter(|_| !meant.contains(&id)) else { continue };
        let verdict = match oldest.filter(|o| asked.oldest_only && *o != id).and_then(|o| view.get(o)) {
            Some(taken) => Verdict::Younger { taken: taken.display_name().to_owned() },
            None => no_port(stored, asked.port.as_deref().unwrap_or_default()),
        };
        without_port |= matches!(verdict, Verdict::NoPort { .. });
        candidates.push(Candidate { id, verdict });
    }
    let (misses, more) = match &asked.query {
        Query::Name(_) => misses_by_name(view, owner, &asked, !candidates.is_empty()),
        Query::Labels(labels) => misses_by_labels(view, owner, asked.kind, labels, !candidates.is_empty()),
    };
    let near = !misses.is_empty();
    candidates.extend(misses);
    let nothing = match (hits.is_empty(), without_port) {
        (false, _) => None,
        (true, true) => Some(Nothing::NoPort { asked: asked.said }),
        (true, false) if near => Some(Nothing::Elsewhere { asked: asked.said }),
        (true, false) => Some(Nothing::NotPasted { asked: asked.said }),
    };
    Resolution { hits, candidates, more, nothing }
}

fn no_port(stored: &Stored, wanted: &str) -> Verdict {
    Verdict::NoPort {
        wanted: wanted.to_owned(),
        ports: stored.ports().iter().map(|p| (p.section(), p.port)).gather(),
        number_of: stored.ports().iter().find(|p| p.port.to_string() == wanted).map(Port::section),
    }
}

fn label_verdict(stored: &Stored, wanted: &Labels) -> Verdict {
    let differs = wanted.iter().find(|(k, v)| stored.label(k) != Some(v.as_str()));
    match differs {
        None => Verdict::Meant,
        Some((key, value)) => Verdict::Label {
            key: key.as_str().to_owned(),
            wanted: value.as_str().to_owned(),
            found: stored.label(key).map(str::to_owned),
        },
    }
}

fn named_verdict(owner: Owner<'_>, kind: Kind, target: &TargetRef, stored: &Stored) -> Verdict {
    let asked = kri_of(owner, kind, target);
    let own = stored.kri();
    if own == asked {
        Verdict::Meant
    } else if own.kind != kind {
        Verdict::OtherKind { is: own.kind, asked: kind.name() }
    } else if own.name != asked.name && stored.name == asked.name {
        Verdict::StoredName { display_name: own.name }
    } else if own.name != asked.name {
        Verdict::Similar { name: own.name }
    } else if own.mesh != asked.mesh {
        Verdict::Mesh { lives_in: own.mesh }
    } else if own.zone != asked.zone {
        Verdict::Zone { lives_in: own.zone, asked: asked.zone }
    } else {
        Verdict::Namespace { lives_in: own.namespace, asked: asked.namespace }
    }
}

/// What has the name but is not meant; if nothing has it, what has a similar one.
fn misses_by_name(view: &View, owner: Owner<'_>, asked: &Asked<'_>, found: bool) -> (Vec<Candidate>, usize) {
    let Some(name) = asked.target.name.as_deref() else { return (Vec::new(), 0) };
    let comparable = |kind: Kind| kind == asked.kind || (kind.is_service() && asked.kind.is_service());
    let mut same: Vec<Candidate> = view
        .called(name)
        .filter(|(_, s)| comparable(s.kind()))
        .map(|(id, stored)| Candidate { id, verdict: named_verdict(owner, asked.kind, asked.target, stored) })
        .filter(|candidate| candidate.verdict != Verdict::Meant)
        .gather();
    if same.is_empty() && !found {
        let most = 1 + name.len() / 5;
        let mut similar: Vec<_> = view
            .of_kind(asked.kind, owner.mesh)
            .map(|(id, stored)| (stored.display_name(), id))
            // no name is nearer than their lengths
            .filter(|(own, _)| own.len().abs_diff(name.len()) <= most)
            .map(|(own, id)| (distance(own, name), id, own))
            .filter(|(distance, ..)| *distance <= most)
            .gather();
        sort(&mut similar);
        let nearest = similar.into_iter().take(3);
        return (
            nearest.map(|(_, id, own)| Candidate { id, verdict: Verdict::Similar { name: own.to_owned() } }).gather(),
            0,
        );
    }
    let more = same.len().saturating_sub(MISSES);
    same.truncate(MISSES);
    (same, more)
}

/// What has some of the labels: those with the fewest differences; if nothing is found, what has the first key.
fn misses_by_labels(
    view: &View,
    owner: Owner<'_>,
    kind: Kind,
    wanted: &Labels,
    found: bool,
) -> (Vec<Candidate>, usize) {
    let worth_a_look: Vec<StoredId> = match found {
        true => view.with_some_label(kind, owner.mesh, wanted),
        false => view.of_kind(kind, owner.mesh).map(|(id, _)| id).gather(),
    };
    let mut near: Vec<(usize, StoredId, &Stored)> = worth_a_look
        .into_iter()
        .filter_map(|id| Some((id, view.get(id)?)))
        .filter_map(|(id, stored)| {
            let equal = wanted.iter().filter(|(k, v)| stored.label(k) == Some(v.as_str())).count();
            let keys = wanted.keys().filter(|k| stored.label(k).is_some()).count();
            // where something was found, all that is looked at has some label in common
            let worth = found || keys > 0;
            (equal < wanted.len() && worth).then_some((wanted.len() - equal, id, stored))
        })
        .gather();
    sort_by_key(&mut near, |(differences, id, _)| (*differences, *id));
    let more = near.len().saturating_sub(MISSES);
    let candidates = near
        .into_iter()
        .take(MISSES)
        .map(|(_, id, stored)| Candidate { id, verdict: label_verdict(stored, wanted) })
        .gather();
    (candidates, more)
}

/// The number of letters to insert, remove or replace to get from one name to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().gather();
    let mut row: Vec<usize> = (0..=b.len()).gather();
    for (i, ca) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (cb, around) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = around else { continue };
            let left = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(ca != *cb)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
