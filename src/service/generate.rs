//! The MeshServices that a Universal zone generates from `kuma.io/service` tags (rules 2.1 to 2.8).

use crate::collections::{sort_by, Gather, SortedMap, SortedSet};
use crate::text::{Text, Texts};
use std::sync::Arc;

use crate::resource::{
    label, Body, Dataplane, Environment, Kind, Labels, Mesh, MeshService, Port, Protocol, Provenance, Resource,
    Selector, TargetPort,
};
use crate::sha256;
use crate::yaml::Span;
use crate::zone::{Created, Stored};

/// Switches of the control plane that change generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenerationOptions {
    /// Label propagation, off by default (rule 2.7).
    pub label_propagation: Option<LabelPropagation>,
    /// True if inbound tags are disabled: one MeshService per workload (rule 2.8).
    pub inbound_tags_disabled: bool,
}

/// Which labels and tags are copied to generated MeshServices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelPropagation {
    /// Only these keys; empty means all.
    pub allowed_keys: Vec<String>,
}

/// What became of one `kuma.io/service` value (or workload) of one mesh.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The mesh.
    pub mesh: String,
    /// The value of `kuma.io/service`, or of label `kuma.io/workload`.
    pub service: String,
    /// Every Dataplane that has it, oldest first.
    pub contributors: Vec<Contributor>,
    /// What Kuma does.
    pub outcome: Outcome,
}

/// A Dataplane with inbounds of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributor {
    /// The Dataplane's name.
    pub dataplane: String,
    /// The ports that it would give.
    pub ports: Arc<Vec<Port>>,
    /// True if the MeshService has exactly these ports.
    pub agrees: bool,
}

/// What Kuma does about a service.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It generates a MeshService of this name with the ports of this Dataplane.
    Generated {
        /// The Dataplane whose list of ports is used: the oldest when the service was created.
        ports_from: String,
    },
    /// A MeshService of this name was there first and stays as it is (rule 2.6).
    HandMade,
    /// The name is no RFC 1035 label: nothing, without notice (rule 2.2).
    NotDnsLabel,
    /// The mesh's mode is Disabled or not set (rule 2.1).
    ModeDisabled,
}

/// True for an RFC 1035 label: a lower case letter, then letters, digits, dashes, no dash at the end, at most 63.
pub fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last().is_some_and(|b| *b != b'-')
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

/// Generates a zone's MeshServices.
///
/// `own` is what the zone has of its own. Kuma's generator runs again and again; `steps` are the moments at which it
/// ran while resources were still being created (a generator run sees what was created before it). One last run
/// follows when everything is there.
pub fn generate(
    zone: &str,
    own: &[Stored],
    meshes: &[(&str, &Mesh)],
    steps: &[Created],
    options: &GenerationOptions,
) -> (Vec<Stored>, Vec<Decision>) {
    let mut generated = Vec::new();
    let mut texts = Texts::default();
    let mut decisions = Vec::new();
    for (mesh_name, mesh) in meshes {
        let mut dataplanes: Vec<(&Stored, &Dataplane)> = own
            .iter()
            .filter(|s| s.mesh() == *mesh_name)
            .filter_map(|s| Some((s, s.as_dataplane()?)))
            .filter(|(s, _)| s.resource.environment == Environment::Universal)
            .gather();
        sort_by(&mut dataplanes, |(a, _), (b, _)| a.created.cmp(&b.created).then_with(|| a.name.cmp(&b.name)));

        let mut contributions: SortedMap<&str, Vec<Contribution<'_>>> = SortedMap::new();
        for (stored, dataplane) in &dataplanes {
            for (service, mut ports) in contribution(stored, dataplane, options) {
                ports.shrink_to_fit();
                let all = contributions.entry(service).or_default();
                // most Dataplanes of a service have the same ports
                let ports = match all.last() {
                    Some((_, before)) if **before == ports => Arc::clone(before),
                    _ => Arc::new(ports),
                };
                all.push((stored, ports));
            }
        }
        // of several of one name the first counts
        let services = own.iter().rev().filter(|s| s.kind() == Kind::MeshService && s.mesh() == *mesh_name);
        let services: SortedMap<&str, Created> = services.map(|s| (s.name.as_str(), s.created)).gather();
        for (service, by_dataplane) in contributions {
            let hand_made = services.get(service).copied();
            let mut outcome = match () {
                () if !mesh.mode.generates() => Outcome::ModeDisabled,
                () if !is_dns_label(service) => Outcome::NotDnsLabel,
                () => Outcome::HandMade,
            };
            let mut current: Option<(Created, &Stored, &Arc<Vec<Port>>)> = None;
            if let (Outcome::HandMade, Some((oldest, ports))) = (&outcome, by_dataplane.first()) {
                // the run that first sees the oldest Dataplane decides: nothing is taken away later, so its ports stay
                let last = Created { phase: 3, time: 0, index: u32::MAX };
                let step = steps.iter().find(|step| oldest.created < **step).unwrap_or(&last);
                if hand_made.is_none_or(|at| *step < at) {
                    current = Some((*step, oldest, ports));
                }
            }
            if let Some((created, from, ports)) = current {
                outcome = Outcome::Generated { ports_from: from.name.clone() };
                let members: Vec<&Stored> = by_dataplane.iter().map(|(d, _)| *d).gather();
                let origin = Origin { zone, mesh: mesh_name, service };
                generated.push(mesh_service(origin, ports, created, &members, options, &mut texts));
            }
            let used = current.map(|(_, _, ports)| ports);
            decisions.push(Decision {
                mesh: (*mesh_name).to_owned(),
                service: service.to_owned(),
                contributors: by_dataplane
                    .iter()
                    .map(|(d, ports)| Contributor {
                        dataplane: d.name.clone(),
                        ports: Arc::clone(ports),
                        agrees: used.is_none_or(|u| u == ports),
                    })
                    .gather(),
                outcome,
            });
        }
    }
    (generated, decisions)
}

/// A Dataplane and the ports that it would give a service.
type Contribution<'a> = (&'a Stored, Arc<Vec<Port>>);

/// What one Dataplane gives: the ports of each service that it has inbounds of. A gateway has none (rule 2.2).
fn contribution<'a>(
    stored: &'a Stored,
    dataplane: &'a Dataplane,
    options: &GenerationOptions,
) -> Vec<(&'a str, Vec<Port>)> {
    let port = |inbound: &crate::resource::Inbound| Port {
        name: Some(inbound.section().into()),
        port: i64::from(inbound.port),
        target_port: Some(TargetPort::Number(i64::from(inbound.port))),
        app_protocol: match inbound.protocol {
            Protocol::Unknown => Protocol::Tcp.name().into(),
            known => known.name().into(),
        },
        span: Span::default(),
    };
    if options.inbound_tags_disabled {
        return match stored.label(label::WORKLOAD) {
            Some(workload) if !dataplane.inbounds.is_empty() => {
                vec![(workload, dataplane.inbounds.iter().map(port).gather())]
            }
            _ => Vec::new(),
        };
    }
    let mut by_service: SortedMap<&str, Vec<Port>> = SortedMap::new();
    for inbound in &dataplane.inbounds {
        if let Some(service) = inbound.service() {
            by_service.entry(service).or_default().push(port(inbound));
        }
    }
    by_service.into_iter().gather()
}

/// What a MeshService is generated for.
#[derive(Clone, Copy)]
struct Origin<'a> {
    zone: &'a str,
    mesh: &'a str,
    service: &'a str,
}

fn mesh_service(
    Origin { zone, mesh, service }: Origin<'_>,
    ports: &[Port],
    created: Created,
    members: &[&Stored],
    options: &GenerationOptions,
    texts: &mut Texts,
) -> Stored {
    let mut labels = match &options.label_propagation {
        Some(propagation) => propagated(service, members, propagation, options),
        None => Labels::new(),
    };
    for (key, value) in [
        (label::MESH, mesh),
        (label::DISPLAY_NAME, service),
        (label::MANAGED_BY, "meshservice-generator"),
        (label::ENV, Environment::Universal.name()),
        (label::ZONE, zone),
        (label::ORIGIN, "zone"),
    ] {
        labels.insert(texts.share(key), texts.share(value));
    }
    let selector = match options.inbound_tags_disabled {
        true => Selector::DataplaneLabels(Labels::from([(texts.share(label::WORKLOAD), texts.share(service))])),
        false => Selector::DataplaneTags(Labels::from([(texts.share(label::SERVICE_TAG), texts.share(service))])),
    };
    let body = MeshService { selector, ports: ports.to_vec(), ..MeshService::default() };
    let labels = Arc::new(labels);
    Stored {
        resource: Arc::new(Resource {
            kind: Kind::MeshService,
            mesh: mesh.to_owned(),
            name: service.to_owned(),
            namespace: None,
            labels: (*labels).clone(),
            annotations: Labels::new(),
            created: None,
            environment: Environment::Universal,
            provenance: Provenance::Generated,
            name_span: Span::default(),
            body: Body::MeshService(body),
        }),
        name: service.to_owned(),
        labels,
        created,
        available: None,
    }
}

/// The labels that Dataplanes pass on to their MeshService (rule 2.7), with a tracking label for each key.
fn propagated(
    service: &str,
    members: &[&Stored],
    propagation: &LabelPropagation,
    options: &GenerationOptions,
) -> Labels {
    // per key and value: how many Dataplanes say so, and the newest of them
    let mut votes: SortedMap<Text, SortedMap<Text, (usize, Created)>> = SortedMap::new();
    for member in members {
        for (key, value) in passed_on(service, member, options) {
            let allowed = propagation.allowed_keys.is_empty() || propagation.allowed_keys.iter().any(|k| key == *k);
            if allowed && is_label_key(&key) && is_label_value(&value) {
                let vote = votes.entry(key).or_default().entry(value).or_insert((0, member.created));
                vote.0 += 1;
                vote.1 = vote.1.max(member.created);
            }
        }
    }
    let mut labels = Labels::new();
    for (key, values) in votes {
        // most frequent, then newest, then the smaller value; `max_by` keeps the last of equals and the map ascends,
        // so values are compared the other way round
        let best = values.into_iter().max_by(|(va, a), (vb, b)| a.cmp(b).then_with(|| vb.cmp(va)));
        if let Some((value, _)) = best {
            labels.insert(format!("kuma.io/pkey-{}", sha256::hex(&key, 8)).into(), Text::default());
            labels.insert(key, value);
        }
    }
    labels
}

/// One Dataplane's own labels over the tags of its inbounds of the service, where those have one value.
fn passed_on(service: &str, member: &Stored, options: &GenerationOptions) -> Labels {
    let Some(dataplane) = member.as_dataplane() else { return Labels::new() };
    let mut values: SortedMap<&Text, SortedSet<&Text>> = SortedMap::new();
    for inbound in &dataplane.inbounds {
        if options.inbound_tags_disabled || inbound.service() == Some(service) {
            for (key, value) in inbound.tags.iter().filter(|(k, _)| !is_reserved(k)) {
                values.entry(key).or_default().insert(value);
            }
        }
    }
    let mut out: Labels = values
        .into_iter()
        .filter(|(_, v)| v.len() == 1)
        .filter_map(|(k, v)| Some((k.clone(), (*v.first()?).clone())))
        .gather();
    out.extend(member.labels.iter().filter(|(k, _)| !is_reserved(k)).map(|(k, v)| (k.clone(), v.clone())));
    out
}

/// Keys that Kuma keeps for itself.
fn is_reserved(key: &str) -> bool {
    key.split_once('/').is_some_and(|(prefix, _)| prefix == "kuma.io" || prefix.ends_with(".kuma.io"))
}

/// Kubernetes' rule for a label's value: at most 63, alphanumeric at both ends, `-`, `_`, `.` between.
fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_qualified_part(value)
}

/// Kubernetes' rule for a label's key: an optional DNS prefix and a name.
fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        None => is_qualified_part(key),
        Some((prefix, name)) => {
            is_qualified_part(name)
                && prefix.len() <= 253
                && prefix.split('.').all(|p| {
                    let ends = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                    ends(p.as_bytes().first())
                        && ends(p.as_bytes().last())
                        && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                })
        }
    }
}

fn is_qualified_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}
