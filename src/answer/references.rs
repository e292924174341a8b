//! Every reference of the input and what it hits, from each control plane where it has an effect.

use crate::text::Text;
use std::cell::RefCell;
use std::sync::Arc;

use crate::collections::{sort_by, Gather, SortedMap};
use crate::diagnostic::SourceId;
use crate::policy::resolve::{self, Backend, Nothing, Owner, Resolution};
use crate::report::{
    CandidateReport, FixReport, HitReport, LocationReport, Places, ReferenceForm, ReferenceInZone, ReferenceOutcome,
    ReferenceReport,
};
use crate::resource::{
    label, BackendRef, Body, Dataplane, Kind, Labels, OutboundTarget, Policy, Provenance, Resource, Selector,
    TargetKind, TargetRef,
};
use crate::rules_book::{self, Section};
use crate::service::select;
use crate::traffic::endpoints::EndpointSet;
use crate::traffic::network::Network;
use crate::traffic::outbound::Destination;
use crate::traffic::zones::Zones;
use crate::world::World;
use crate::yaml::{self, Span};
use crate::zone::{ControlPlane, Stored, StoredId, View};

use super::services;

/// A reference as it is written.
struct Written<'a> {
    path: String,
    form: ReferenceForm,
    asks: String,
    span: Span,
    what: Reference<'a>,
}

/// What kind of reference it is.
enum Reference<'a> {
    TopLevel(&'a Policy),
    To(&'a TargetRef),
    From(&'a TargetRef),
    Backend(&'a BackendRef),
    Mirror(&'a TargetRef),
    Reachable(&'a BackendRef),
    Service(&'a Labels),
    Dataplanes(&'a Selector),
    Labels(Kind, &'a Labels),
}

impl Reference<'_> {
    /// Where its sectionName stands, if it is one whose sectionName means a port of a destination.
    fn section_name_span(&self) -> Option<Span> {
        match self {
            Reference::To(target) => target.section_name_span,
            Reference::Backend(backend) | Reference::Reachable(backend) => backend.target.section_name_span,
            _ => None,
        }
    }
}

/// From where a reference is answered.
struct Seen<'a> {
    view: &'a View,
    network: Option<&'a Network>,
    places: Places<'a>,
    detail: Detail,
    proxies: RefCell<SortedMap<Asked<'a>, Arc<Vec<HitReport>>>>,
}

/// What the targetRef of a policy asks of proxies. Many policies ask the same and share the list of what they hit.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'a> {
    mesh: &'a str,
    kind: TargetKind,
    name: Option<&'a str>,
    tags: &'a Labels,
}

impl Seen<'_> {
    /// What a reference hits, as far as it is wanted: of an outcome only whether there is anything.
    fn hits(&self, hits: Vec<HitReport>) -> Arc<Vec<HitReport>> {
        match self.detail {
            Detail::Everything => Arc::new(hits),
            Detail::Outcome => Arc::default(),
        }
    }
}

/// How much of an answer is wanted.
#[derive(Clone, Copy, PartialEq)]
enum Detail {
    /// All of it.
    Everything,
    /// What comes of the reference, and why if that is nothing; not what it hits.
    Outcome,
}

/// The rows, in the order of the input.
pub fn references(world: &World, zones: &Zones) -> Vec<ReferenceReport> {
    let mut rows = Vec::new();
    each(world, zones, &mut |row| rows.push(row));
    rows
}

/// The rows one by one, in the order of the input; all of them together are large.
pub fn each(world: &World, zones: &Zones, take: &mut dyn FnMut(ReferenceReport)) {
    rows(world, zones, Detail::Everything, take);
}

/// The rows without what they hit, which in a large world is most of the work.
pub(super) fn outcomes(world: &World, zones: &Zones, take: &mut dyn FnMut(ReferenceReport)) {
    rows(world, zones, Detail::Outcome, take);
}

fn rows(world: &World, zones: &Zones, detail: Detail, take: &mut dyn FnMut(ReferenceReport)) {
    let places = Places::of(&world.sources);
    let documents: SortedMap<_, _> =
        world.documents.iter().map(|d| ((d.document, d.span.start), (d.ordinal, d.document.source))).gather();
    let views = world.views.iter().filter(|v| v.plane != ControlPlane::Global);
    let seen: Vec<Seen<'_>> = views
        .map(|view| {
            let network = zones.zone(world, view.plane.name()).map(|z| &z.network);
            Seen { view, network, places, detail, proxies: RefCell::default() }
        })
        .gather();
    let mut written_in = Vec::new();
    for (one, zone) in seen.iter().zip(0u32..) {
        for (_, stored) in one.view.all() {
            let Provenance::Written { document, span } = stored.resource.provenance else { continue };
            let Some((ordinal, source)) = documents.get(&(document, span.start)).copied() else { continue };
            written_in.push((ordinal, zone, source, one, stored));
        }
    }
    sort_by(&mut written_in, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    for of_document in written_in.chunk_by(|a, b| a.0 == b.0) {
        let mut rows: Vec<ReferenceReport> = Vec::new();
        for (ordinal, _, source, seen, stored) in of_document {
            for (position, written) in written(stored).into_iter().enumerate() {
                let answer = answer(seen, stored, &written.what);
                let section_name = written.what.section_name_span();
                if rows.len() <= position {
                    rows.push(ReferenceReport {
                        id: format!("{ordinal}/{}", written.path),
                        document: *ordinal,
                        kind: stored.kind().name().to_owned(),
                        name: stored.resource.name.clone(),
                        path: written.path,
                        form: written.form,
                        asks: written.asks,
                        weight: match (written.form, &written.what) {
                            (ReferenceForm::BackendRef, Reference::Backend(backend)) => Some(backend.weight()),
                            _ => None,
                        },
                        location: places.place(*source, written.span),
                        answers: Vec::new(),
                        fixes: Vec::new(),
                    });
                }
                let Some(row) = rows.get_mut(position) else { continue };
                row.answers.push(answer);
                row.fixes = section_fix(row, *source, section_name, &places).into_iter().gather();
            }
        }
        rows.into_iter().for_each(&mut *take);
    }
}

/// The port's name instead of its number as the sectionName, if that is what keeps a reference from hitting anything
/// from every zone (rule 5.2).
fn section_fix(row: &ReferenceReport, source: SourceId, span: Option<Span>, places: &Places) -> Option<FixReport> {
    let name = row.answers.first()?.candidates.first()?.section_name.as_ref()?;
    let same = |a: &ReferenceInZone| {
        a.outcome == ReferenceOutcome::Nothing
            && a.candidates.first().is_some_and(|c| c.section_name.as_ref() == Some(name))
    };
    if !row.answers.iter().all(same) {
        return None;
    }
    Some(FixReport {
        title: format!("Write `{name}`"),
        location: places.place(source, span?)?,
        text: yaml::scalar_text(name),
    })
}

/// The references of a resource. What selects (services and generators) does so on every control plane that has it;
/// a MeshService and a Dataplane only where they live.
fn written(stored: &Stored) -> Vec<Written<'_>> {
    match &stored.resource.body {
        Body::Policy(policy) => policy_references(stored.kind(), policy),
        Body::Dataplane(dataplane) if stored.is_local() => dataplane_references(dataplane),
        Body::MeshService(service) if stored.is_local() && service.selector != Selector::None => vec![Written {
            path: "spec.selector".into(),
            form: ReferenceForm::Selector,
            asks: describe_selector(&service.selector),
            span: service.selector_span,
            what: Reference::Dataplanes(&service.selector),
        }],
        Body::MeshMultiZoneService(service) => {
            vec![labels_reference(Kind::MeshService, &service.match_labels, service.selector_span)]
        }
        Body::HostnameGenerator(generator) => {
            vec![labels_reference(generator.selects, &generator.match_labels, generator.selector_span)]
        }
        _ => Vec::new(),
    }
}

fn labels_reference(kind: Kind, labels: &Labels, span: Span) -> Written<'_> {
    let asks = match labels.is_empty() {
        true => format!("every {kind}"),
        false => format!("{kind} with labels {}", crate::resource::pairs(labels)),
    };
    Written {
        path: "spec.selector".into(),
        form: ReferenceForm::Selector,
        asks,
        span,
        what: Reference::Labels(kind, labels),
    }
}

fn describe_selector(selector: &Selector) -> String {
    match selector {
        Selector::None => "nothing".into(),
        Selector::DataplaneTags(tags) if tags.is_empty() => "no Dataplane (no tags)".into(),
        Selector::DataplaneTags(tags) => format!("Dataplane with an inbound tagged {}", crate::resource::pairs(tags)),
        Selector::DataplaneRef(name) => format!("Dataplane `{name}`"),
        Selector::DataplaneLabels(labels) if labels.is_empty() => "every Dataplane that has an inbound".into(),
        Selector::DataplaneLabels(labels) => format!("Dataplane with labels {}", crate::resource::pairs(labels)),
    }
}

fn policy_references(kind: Kind, policy: &Policy) -> Vec<Written<'_>> {
    let mut out = Vec::new();
    if policy.target_ref_written {
        out.push(Written {
            path: "spec.targetRef".into(),
            form: ReferenceForm::TopLevel,
            asks: policy.target_ref.describe(),
            span: policy.target_ref.span,
            what: Reference::TopLevel(policy),
        });
    }
    for item in &policy.to {
        let to = format!("spec.to[{}]", item.index);
        out.push(Written {
            path: format!("{to}.targetRef"),
            form: ReferenceForm::To,
            asks: item.target_ref.describe(),
            // an item without a targetRef means the mesh
            span: if item.target_ref.span == Span::default() { item.span } else { item.target_ref.span },
            what: Reference::To(&item.target_ref),
        });
        for rule in &item.rules {
            let default = match kind {
                Kind::MeshHTTPRoute | Kind::MeshTCPRoute => format!("{to}.rules[{}].default", rule.index),
                _ => continue,
            };
            for (index, backend) in rule.backend_refs.iter().flatten().enumerate() {
                out.push(Written {
                    path: format!("{default}.backendRefs[{index}]"),
                    form: ReferenceForm::BackendRef,
                    asks: backend.describe(),
                    span: backend.target.span,
                    what: Reference::Backend(backend),
                });
            }
            for (index, mirror) in &rule.mirrors {
                out.push(Written {
                    path: format!("{default}.filters[{index}].requestMirror.backendRef"),
                    form: ReferenceForm::Mirror,
                    asks: mirror.describe(),
                    span: mirror.target.span,
                    what: Reference::Mirror(&mirror.target),
                });
            }
        }
    }
    for item in &policy.from {
        out.push(Written {
            path: format!("spec.from[{}].targetRef", item.index),
            form: ReferenceForm::From,
            asks: item.target_ref.describe(),
            span: item.target_ref.span,
            what: Reference::From(&item.target_ref),
        });
    }
    out
}

fn dataplane_references(dataplane: &Dataplane) -> Vec<Written<'_>> {
    let mut out = Vec::new();
    for (index, outbound) in dataplane.outbounds.iter().enumerate() {
        let path = format!("networking.outbound[{index}]");
        out.push(match &outbound.target {
            OutboundTarget::Backend(backend) => Written {
                path: format!("{path}.backendRef"),
                form: ReferenceForm::Outbound,
                asks: backend.describe(),
                span: backend.target.span,
                what: Reference::Backend(backend),
            },
            OutboundTarget::Tags(tags) => Written {
                path: format!("{path}.tags"),
                form: ReferenceForm::Outbound,
                asks: format!("tags {}", crate::resource::pairs(tags)),
                span: outbound.span,
                what: Reference::Service(tags),
            },
        });
    }
    let reachable = dataplane.transparent_proxying.as_ref().and_then(|t| t.reachable_backends.as_ref());
    for (index, backend) in reachable.into_iter().flatten().enumerate() {
        out.push(Written {
            path: format!("networking.transparentProxying.reachableBackends.refs[{index}]"),
            form: ReferenceForm::ReachableBackend,
            asks: backend.describe(),
            span: backend.target.span,
            what: Reference::Reachable(backend),
        });
    }
    out
}

/// An answer that is still to be filled.
fn blank(view: &View, outcome: ReferenceOutcome) -> ReferenceInZone {
    ReferenceInZone {
        zone: view.plane.name().to_owned(),
        outcome,
        hits: Arc::default(),
        reason: None,
        help: None,
        rule: None,
        candidates: Vec::new(),
    }
}

fn answer<'a>(seen: &Seen<'a>, stored: &'a Stored, reference: &Reference<'a>) -> ReferenceInZone {
    let view = seen.view;
    let owner = Owner::from(stored);
    match reference {
        Reference::TopLevel(policy) => top_level(seen, owner, policy),
        Reference::To(target) if target.kind == TargetKind::Mesh => mesh(view, owner),
        Reference::To(target) => {
            let resolution = resolve::explain_to(view, owner, target);
            let mut answer = of_resolution(seen, &resolution);
            if answer.outcome == ReferenceOutcome::Nothing {
                answer.help.get_or_insert_with(|| "Kuma ignores this item without notice".into());
            }
            answer
        }
        Reference::From(target) => match target.kind {
            TargetKind::Mesh => mesh(view, owner),
            _ => ReferenceInZone {
                reason: Some("clients are told apart by the tags in their certificates".into()),
                ..blank(view, ReferenceOutcome::Legacy)
            },
        },
        Reference::Backend(backend) => of_backend(seen, owner, backend),
        Reference::Mirror(target) => {
            let why = "a mirror is always a `kuma.io/service`; port, sectionName and labels are ignored";
            let rule = Some(Section::Mirrors.link());
            ReferenceInZone { rule, ..legacy_service(view, owner, target.name.as_deref().unwrap_or_default(), why) }
        }
        Reference::Reachable(backend) => {
            let resolution = resolve::explain_reachable(view, owner, backend);
            of_resolution(seen, &resolution)
        }
        Reference::Service(tags) => {
            let name = tags.get(label::SERVICE_TAG).map(Text::as_str).unwrap_or_default();
            legacy_service(view, owner, name, "tags mean a `kuma.io/service`, in every mode")
        }
        Reference::Dataplanes(selector) => of_selector(seen, stored, selector),
        Reference::Labels(kind, labels) => {
            let mut all = blank(view, ReferenceOutcome::Nothing);
            let mut hits = Vec::new();
            let mut found = false;
            let target = TargetRef { kind: target_kind(*kind), labels: (*labels).clone(), ..TargetRef::mesh() };
            for mesh in view.meshes() {
                let owner = Owner { mesh, ..owner };
                let one = match labels.is_empty() {
                    true => Resolution {
                        hits: view.of_kind(*kind, mesh).map(|(id, _)| resolve::Hit { id, section: None }).gather(),
                        ..Resolution::default()
                    },
                    false => resolve::explain_to(view, owner, &target),
                };
                let one = of_resolution(seen, &one);
                // The list is empty where only the outcome is wanted.
                found |= one.outcome == ReferenceOutcome::Hits;
                hits.extend(Arc::unwrap_or_clone(one.hits));
                all.candidates.extend(one.candidates);
                all.reason = all.reason.or(one.reason);
            }
            if found {
                all.hits = Arc::new(hits);
                all.outcome = ReferenceOutcome::Hits;
                all.reason = None;
            }
            all
        }
    }
}

fn target_kind(kind: Kind) -> TargetKind {
    match kind {
        Kind::MeshMultiZoneService => TargetKind::MeshMultiZoneService,
        Kind::MeshExternalService => TargetKind::MeshExternalService,
        _ => TargetKind::MeshService,
    }
}

fn mesh(view: &View, owner: Owner<'_>) -> ReferenceInZone {
    ReferenceInZone {
        reason: Some(format!("every destination of mesh `{}`", owner.mesh)),
        ..blank(view, ReferenceOutcome::Mesh)
    }
}

fn of_resolution(seen: &Seen, resolution: &Resolution) -> ReferenceInZone {
    let view = seen.view;
    let hits: Vec<HitReport> = resolution.hits.iter().filter_map(|h| hit(seen, h)).gather();
    let outcome = match hits.is_empty() {
        true => ReferenceOutcome::Nothing,
        false => ReferenceOutcome::Hits,
    };
    ReferenceInZone {
        hits: seen.hits(hits),
        reason: resolution.nothing.as_ref().map(|n| reason(view, n, resolution)),
        rule: resolution.nothing.as_ref().map(|n| rules_book::of_resolution(n, resolution).link()),
        candidates: candidates(view, resolution),
        ..blank(view, outcome)
    }
}

/// One plain reason: what is wrong in general, and the nearest miss.
fn reason(view: &View, nothing: &Nothing, resolution: &Resolution) -> String {
    let nearest = resolution.candidates.first().and_then(|c| Some((view.get(c.id)?, &c.verdict)));
    match nearest {
        Some((stored, verdict @ resolve::Verdict::NoPort { .. })) => format!("`{}`: {verdict}", stored.display_name()),
        Some((stored, verdict)) => format!("{nothing}: `{}` {verdict}", stored.display_name()),
        None => nothing.to_string(),
    }
}

fn candidates(view: &View, resolution: &Resolution) -> Vec<CandidateReport> {
    resolution
        .candidates
        .iter()
        .filter_map(|c| {
            let stored = view.get(c.id)?;
            Some(CandidateReport {
                kind: stored.kind().name().to_owned(),
                name: stored.display_name().to_owned(),
                kri: stored.kri().to_string(),
                chosen: c.verdict == resolve::Verdict::Meant,
                reason: c.verdict.to_string(),
                section_name: match &c.verdict {
                    resolve::Verdict::NoPort { number_of, .. } => number_of.clone(),
                    _ => None,
                },
            })
        })
        .gather()
}

fn hit(seen: &Seen, hit: &resolve::Hit) -> Option<HitReport> {
    let view = seen.view;
    let stored = view.get(hit.id)?;
    if seen.detail == Detail::Outcome {
        return Some(HitReport::default());
    }
    let numbers: Vec<u32> = match &hit.section {
        Some(section) => vec![section.index],
        None => (0..).zip(stored.ports()).map(|(index, _)| index).gather(),
    };
    let section = hit.section.as_ref().map(|s| s.name.clone()).unwrap_or_default();
    let behind = endpoints(seen, hit.id, &numbers);
    Some(HitReport {
        kind: stored.kind().name().to_owned(),
        name: stored.display_name().to_owned(),
        kri: stored.kri().with_section(section).to_string(),
        zone: zone_of_traffic(view, stored),
        no_endpoints: behind
            .as_ref()
            .filter(|b| b.endpoints.is_empty())
            .and_then(|b| b.absent.first())
            .map(|absence| absence.describe(view)),
        endpoints: behind.map(|b| b.endpoints.len() as u32),
        ports: numbers.iter().filter_map(|n| stored.ports().get(*n as usize)).map(services::port).gather(),
        location: location(&stored.resource, &seen.places),
    })
}

/// A MeshService's traffic goes to one zone; what is decided per request has none.
fn zone_of_traffic(view: &View, stored: &Stored) -> String {
    match stored.kind() {
        Kind::MeshService | Kind::Dataplane => match stored.zone() {
            "" => view.plane.name().to_owned(),
            zone => zone.to_owned(),
        },
        _ => String::new(),
    }
}

/// What is behind ports of a destination from here; nothing for what has no endpoints.
fn endpoints(seen: &Seen, id: StoredId, ports: &[u32]) -> Option<EndpointSet> {
    let stored = seen.view.get(id).filter(|s| s.kind().is_service())?;
    let network = seen.network?.meshes.get(stored.mesh())?;
    let mut all = EndpointSet::default();
    for port in ports {
        let destination = Destination::Real { id, port: *port, section: String::new() };
        let one = network.endpoints(seen.view, &destination);
        all.endpoints.extend(one.endpoints);
        all.absent.extend(one.absent);
    }
    Some(all)
}

fn location(resource: &Resource, places: &Places) -> Option<LocationReport> {
    match resource.provenance {
        Provenance::Written { document, span } => places.place(document.source, span),
        Provenance::Generated | Provenance::Default => None,
    }
}

fn of_backend(seen: &Seen, owner: Owner<'_>, backend: &BackendRef) -> ReferenceInZone {
    let view = seen.view;
    let (meant, resolution) = resolve::explain_backend(view, owner, backend);
    let mut answer = of_resolution(seen, &resolution);
    match meant {
        Backend::Service { name, .. } => {
            let why =
                "a MeshService without `port` and `sectionName` is read as a `kuma.io/service`, and labels are ignored";
            let rule = Some(Section::BackendWithoutPort.link());
            return ReferenceInZone { rule, ..legacy_service(view, owner, &name, why) };
        }
        Backend::NoMatch => answer.help = Some("Kuma acts as if this backendRef were not written".into()),
        Backend::NoResource => answer.help = Some("Kuma drops this backendRef".into()),
        Backend::NoPort(_) => {
            answer.help = Some("Kuma drops this backendRef".into());
            answer.rule = Some(Section::BackendPorts.link());
        }
        Backend::Found(_) => {}
    }
    if backend.weight == Some(0) && answer.outcome == ReferenceOutcome::Hits {
        answer.reason = Some("weight 0: no requests go there".into());
    }
    answer
}

/// A destination of the old kind: the inbounds with that tag, wherever they are.
fn legacy_service(view: &View, owner: Owner<'_>, name: &str, why: &str) -> ReferenceInZone {
    let inbounds = view
        .with_tag(owner.mesh, label::SERVICE_TAG, name)
        .filter_map(|(_, s)| s.as_dataplane())
        .flat_map(|d| &d.inbounds)
        .filter(|i| i.service() == Some(name))
        .count();
    let found = match inbounds {
        0 => format!("no inbound here is tagged `kuma.io/service: {name}`"),
        1 => format!("1 inbound here is tagged `kuma.io/service: {name}`"),
        n => format!("{n} inbounds here are tagged `kuma.io/service: {name}`"),
    };
    let outcome = match name.is_empty() {
        true => ReferenceOutcome::Nothing,
        false => ReferenceOutcome::Legacy,
    };
    ReferenceInZone { reason: Some(format!("{why}; {found}")), ..blank(view, outcome) }
}

fn of_selector(seen: &Seen, stored: &Stored, selector: &Selector) -> ReferenceInZone {
    let view = seen.view;
    let hits: Vec<HitReport> = view
        .candidates(stored.mesh(), selector)
        .filter(|(_, s)| s.as_dataplane().is_some_and(|d| select::selects(selector, s, d)))
        .filter_map(|(id, _)| hit(seen, &resolve::Hit { id, section: None }))
        .gather();
    match hits.is_empty() {
        false => ReferenceInZone { hits: seen.hits(hits), ..blank(view, ReferenceOutcome::Hits) },
        true => ReferenceInZone {
            reason: Some(format!("no {} is in the pasted set", describe_selector(selector))),
            ..blank(view, ReferenceOutcome::Nothing)
        },
    }
}

/// Which proxies a policy is for.
fn top_level<'a>(seen: &Seen<'a>, owner: Owner<'a>, policy: &'a Policy) -> ReferenceInZone {
    let view = seen.view;
    let target = &policy.target_ref;
    let by_inbound = |wanted: &dyn Fn(&crate::resource::Inbound) -> bool| -> Arc<Vec<HitReport>> {
        let asked = Asked { mesh: owner.mesh, kind: target.kind, name: target.name.as_deref(), tags: &target.tags };
        let mut known = seen.proxies.borrow_mut();
        let found = || {
            let proxies = view
                .of_kind(Kind::Dataplane, owner.mesh)
                .filter(|(_, s)| s.as_dataplane().is_some_and(|d| d.inbounds.iter().any(wanted)));
            Arc::new(proxies.filter_map(|(id, _)| hit(seen, &resolve::Hit { id, section: None })).gather())
        };
        Arc::clone(known.entry(asked).or_insert_with(found))
    };
    let hits = match target.kind {
        TargetKind::Mesh => {
            return ReferenceInZone {
                reason: Some(format!("every proxy of mesh `{}`", owner.mesh)),
                ..blank(view, ReferenceOutcome::Mesh)
            }
        }
        TargetKind::Dataplane => return of_resolution(seen, &resolve::explain_dataplanes(view, owner, target)),
        TargetKind::MeshSubset => by_inbound(&|i| i.has_tags(&target.tags)),
        TargetKind::MeshService => by_inbound(&|i| i.service() == target.name.as_deref()),
        TargetKind::MeshServiceSubset => {
            by_inbound(&|i| i.service() == target.name.as_deref() && i.has_tags(&target.tags))
        }
        TargetKind::MeshHTTPRoute => return of_resolution(seen, &resolve::explain_to(view, owner, target)),
        TargetKind::MeshGateway | TargetKind::MeshExternalService | TargetKind::MeshMultiZoneService => {
            return ReferenceInZone {
                reason: Some(format!("policies for a {} are not worked out here", target.kind.name())),
                ..blank(view, ReferenceOutcome::NotEvaluated)
            }
        }
    };
    match hits.is_empty() {
        false => ReferenceInZone { hits, ..blank(view, ReferenceOutcome::Hits) },
        true => ReferenceInZone {
            reason: Some(format!("no proxy of {} is in the pasted set", target.describe())),
            ..blank(view, ReferenceOutcome::Nothing)
        },
    }
}
