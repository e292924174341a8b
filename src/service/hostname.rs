//! Hostnames from HostnameGenerators (rules 4.1 to 4.7).

use crate::collections::{sort_by, Gather, SortedMap};

use crate::resource::{label, Body, HostnameGenerator, Kind};
use crate::zone::{Stored, StoredId, View};

use super::template::{self, Data, ParseError, Template};

/// What one generator made of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Hostname {
    /// The generator's name, as the zone that owns the service stores it.
    pub generator: String,
    /// The hostname, or why there is none.
    pub result: HostnameResult,
}

/// A hostname, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum HostnameResult {
    /// It resolves.
    Generated(String),
    /// The template fails, or gives no DNS name; Kuma's message.
    TemplateError {
        /// Kuma's condition message.
        message: String,
    },
    /// An older service has it.
    Collision {
        /// The hostname.
        hostname: String,
        /// The display name of the service that has it.
        winner: String,
        /// Kuma's condition message, which names the loser (rule 4.4).
        message: String,
    },
    /// The template uses something that cannot be worked out here.
    NotEvaluated {
        /// What.
        reason: String,
    },
}

/// The hostnames of every service of a view, per service ordered by the generator's name (rule 4.5).
pub fn hostnames(view: &View) -> SortedMap<StoredId, Vec<Hostname>> {
    let mut generators: Vec<(&Stored, &HostnameGenerator)> = view
        .of_kind(Kind::HostnameGenerator, "")
        .filter_map(|(_, s)| match &s.resource.body {
            Body::HostnameGenerator(generator) => Some((s, generator)),
            _ => None,
        })
        .gather();
    // origin zone first, then age, then name (rule 4.1)
    sort_by(&mut generators, |(a, _), (b, _)| {
        let key = |s: &Stored| (s.label(label::ORIGIN) != Some("zone"), s.created);
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });

    let mut taken: SortedMap<(&str, Kind, String), StoredId> = SortedMap::new();
    let mut out: SortedMap<StoredId, Vec<Hostname>> = SortedMap::new();
    for (stored, generator) in &generators {
        let parsed = template::parse(&generator.template);
        for mesh in view.meshes() {
            // `of_kind` gives the oldest first, which is the order of rule 4.1
            for (id, service) in view.of_kind(generator.selects, mesh) {
                if !service.has_labels(&generator.match_labels) {
                    continue;
                }
                let result = match render(view, service, &parsed) {
                    Ok(hostname) => {
                        let owner = *taken.entry((mesh, generator.selects, hostname.clone())).or_insert(id);
                        match owner == id {
                            true => HostnameResult::Generated(hostname),
                            false => HostnameResult::Collision {
                                hostname,
                                winner: view.get(owner).map(|w| w.display_name().to_owned()).unwrap_or_default(),
                                message: format!("Hostname collision with {}: {}", service.kind(), service.name),
                            },
                        }
                    }
                    Err(failure) => failure,
                };
                out.entry(id).or_default().push(Hostname { generator: stored.name.clone(), result });
            }
        }
    }
    for list in out.values_mut() {
        list.shrink_to_fit();
        sort_by(list, |a, b| a.generator.cmp(&b.generator));
    }
    out
}

/// The hostnames that global shows: each zone reports those of its own services, so they are the owner's.
pub fn hostnames_at_global<'a>(
    global: &View,
    zones: impl Iterator<Item = &'a View>,
) -> SortedMap<StoredId, Vec<Hostname>> {
    let mut out = SortedMap::new();
    for zone in zones {
        for (id, names) in hostnames(zone) {
            let local = zone.get(id).filter(|s| s.is_local() && s.kind() != Kind::MeshMultiZoneService);
            if let Some(copy) = local.and_then(|s| global.by_kri(&s.kri())) {
                out.insert(copy, names);
            }
        }
    }
    out
}

/// Fields of the template: rule 4.2.
fn render(view: &View, service: &Stored, parsed: &Result<Template, ParseError>) -> Result<String, HostnameResult> {
    let data = Data {
        name: service.object_name().to_owned(),
        display_name: service.display_name().to_owned(),
        namespace: service.namespace().to_owned(),
        mesh: service.mesh().to_owned(),
        zone: service.label(label::ZONE).filter(|zone| !zone.is_empty()).unwrap_or(view.plane.name()).to_owned(),
        labels: service.labels.clone(),
    };
    match template::hostname(parsed, &data) {
        template::Hostname::Generated(hostname) => Ok(hostname),
        template::Hostname::TemplateError(message) => Err(HostnameResult::TemplateError { message }),
        template::Hostname::NotEvaluated(what) => Err(HostnameResult::NotEvaluated { reason: what.reason }),
    }
}
