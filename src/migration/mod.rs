//! From `kuma.io/service` to MeshService: what to decide, what to write, and what changes by it; and, more generally, what
//! is different between two versions of a world.
//!
//! [`migration`] says what is left to do and offers rewrites as edits; [`edit::apply`] makes them and [`edit::invert`]
//! undoes them; [`proof::prove`] compares the requests of two versions; [`modes::modes`] tries every mode;
//! [`diff::diff`] compares problems, references and requests.

pub mod diff;
pub mod edit;
mod inventory;
pub mod modes;
pub mod proof;
mod rewrite;
mod traps;

use crate::collections::{Gather, SortedMap};

use crate::report::{
    ChoiceReport, EditReport, LegacyServiceReport, MeshModeReport, MigrationReport, OfferReport, Places,
    PositionReport, RewrittenReport, RewrittenSource, ServiceZoneReport, StepItemReport, StepReport, UseKind,
    UseReport,
};
use crate::resource::{Body, Kind, MeshServicesMode};
use crate::traffic::endpoints::shares;
use crate::traffic::outbound::Destination;
use crate::traffic::routes::balanced;
use crate::traffic::zones::Zones;
use crate::world::{self, Options, Source, World};

use edit::Edit;
use inventory::{Service, UseForm};
use rewrite::{Planner, Rewrite};

/// What a `kuma.io/service` becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// MeshServices: each reference means one zone.
    MeshService,
    /// A MeshMultiZoneService: all zones.
    MeshMultiZoneService,
}

impl From<Choice> for ChoiceReport {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::MeshService => ChoiceReport::MeshService,
            Choice::MeshMultiZoneService => ChoiceReport::MeshMultiZoneService,
        }
    }
}

/// What the user decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Decisions {
    /// By mesh and service with a slash between; what is not here follows the suggestion.
    pub choices: SortedMap<String, Choice>,
    /// The mode between Disabled and Exclusive: Everywhere or ReachableBackends.
    pub via: MeshServicesMode,
}

impl Default for Decisions {
    fn default() -> Self {
        Decisions { choices: SortedMap::new(), via: MeshServicesMode::Everywhere }
    }
}

/// True for an RFC 1035 label.
pub(crate) use crate::service::generate::is_dns_label;

/// A world with what its migration needs.
struct Work {
    world: World,
    ahead: World,
    services: Vec<Service>,
}

impl Work {
    fn of(sources: &[Source], options: &Options, decisions: &Decisions) -> Work {
        let world = world::build(sources, options);
        let disabled = world
            .views
            .iter()
            .any(|v| v.meshes().iter().any(|m| v.mesh(m).is_some_and(|mesh| mesh.mode == MeshServicesMode::Disabled)));
        let ahead = match disabled {
            true => world::build(sources, &Options { mode: Some(MeshServicesMode::Everywhere), ..options.clone() }),
            false => world.clone(),
        };
        let mut services = inventory::services(&world);
        for service in &mut services {
            service.suggestion = suggestion(&world, service);
            let chosen = decisions.choices.get(&format!("{}/{}", service.mesh, service.name));
            service.choice = chosen.copied().unwrap_or(service.suggestion.0);
        }
        Work { world, ahead, services }
    }

    fn planner(&self, via: MeshServicesMode) -> Planner<'_> {
        Planner { world: &self.world, ahead: &self.ahead, services: &self.services, via }
    }
}

/// What is to be decided, what is done and left, and what to write.
pub fn migration(sources: &[Source], options: &Options, decisions: &Decisions) -> MigrationReport {
    let work = Work::of(sources, options, decisions);
    let planner = work.planner(decisions.via);
    let (rewrites, by_hand): (Vec<Rewrite>, Vec<Rewrite>) =
        planner.all().into_iter().partition(|r| !r.edits.is_empty());
    let places = Places::of(&work.world.sources);
    let zones = Zones::of(&work.world);
    MigrationReport {
        meshes: meshes(&work.world),
        services: work.services.iter().map(|s| service(&work, &zones, s, &places)).gather(),
        steps: steps(&work, &rewrites, &by_hand, &places),
        traps: traps::traps(&work.world, &work.ahead, &work.services, &places),
        virtual_outbounds: traps::virtual_outbounds(&work.world, &places),
        rewrites: rewrites.iter().map(|r| report(r, &places)).gather(),
    }
}

/// The rewrites that are left, in the order in which to make them, with their edits.
pub fn rewrites(sources: &[Source], options: &Options, decisions: &Decisions) -> Vec<(String, Vec<Edit>)> {
    let work = Work::of(sources, options, decisions);
    work.planner(decisions.via).rewrites().into_iter().map(|r| (r.id, r.edits)).gather()
}

/// The sources after the rewrites of these ids, or after all that there are and that come up by them, and what becomes of
/// requests by it.
pub fn rewritten(
    sources: &[Source],
    options: &Options,
    decisions: &Decisions,
    ids: Option<&[String]>,
) -> RewrittenReport {
    let (after, made) = match ids {
        None => migrate_counting(sources, options, decisions),
        Some(ids) => {
            let mut list = rewrites(sources, options, decisions);
            list.retain(|(id, _)| ids.contains(id));
            let made = list.len() as u32;
            let edits: Vec<Edit> = list.into_iter().flat_map(|(_, edits)| edits).gather();
            (edit::apply(sources, &edits), made)
        }
    };
    let (old, new) = (world::build(sources, options), world::build(&after, options));
    let (old_zones, new_zones) = (Zones::of(&old), Zones::of(&new));
    RewrittenReport {
        proof: proof::prove(
            proof::Side { world: &old, zones: &old_zones },
            proof::Side { world: &new, zones: &new_zones },
        ),
        sources: after.into_iter().map(|s| RewrittenSource { name: s.name, text: String::from(&s.text) }).gather(),
        made,
    }
}

/// The sources after all rewrites: stage by stage, since each stage is worked out from what the one before gave.
pub fn migrate(sources: &[Source], options: &Options, decisions: &Decisions) -> Vec<Source> {
    migrate_counting(sources, options, decisions).0
}

fn migrate_counting(sources: &[Source], options: &Options, decisions: &Decisions) -> (Vec<Source>, u32) {
    let mut out = sources.to_vec();
    let mut made = 0;
    // more stages than there are, so that what comes up late is still made
    for _ in 0..12 {
        let work = Work::of(&out, options, decisions);
        let mut list = work.planner(decisions.via).rewrites();
        let Some(stage) = list.first().map(|r| r.stage) else { break };
        list.retain(|r| r.stage == stage);
        made += list.len() as u32;
        let edits: Vec<Edit> = list.into_iter().flat_map(|r| r.edits).gather();
        out = edit::apply(&out, &edits);
    }
    (out, made)
}

fn meshes(world: &World) -> Vec<MeshModeReport> {
    let mut out: Vec<MeshModeReport> = Vec::new();
    for view in &world.views {
        for (name, mesh) in view.meshes().into_iter().filter_map(|name| Some((name, view.mesh(name)?))) {
            if !out.iter().any(|m| m.mesh == name) {
                out.push(MeshModeReport { mesh: name.to_owned(), mode: mesh.mode.name().to_owned() });
            }
        }
    }
    crate::collections::sort_by(&mut out, |a, b| a.mesh.cmp(&b.mesh));
    out
}

fn report(rewrite: &Rewrite, places: &Places) -> OfferReport {
    OfferReport {
        id: rewrite.id.clone(),
        step: rewrite.stage.step(),
        stage: rewrite.stage as u32,
        title: rewrite.title.clone(),
        reason: rewrite.reason.clone(),
        document: rewrite.document,
        services: rewrite.services.clone(),
        edits: rewrite.edits.iter().filter_map(|e| edit_report(e, places)).gather(),
    }
}

/// An edit with places in UTF-16 too.
pub fn edit_report(edit: &Edit, places: &Places) -> Option<EditReport> {
    let place = places.place(edit.source, edit.span)?;
    let (start, end): (PositionReport, PositionReport) = (place.start, place.end);
    Some(EditReport { source: edit.source.0, start, end, text: edit.text.clone() })
}

/// What to make of a service, and why.
fn suggestion(world: &World, service: &Service) -> (Choice, String) {
    let count = service.zones.len();
    if let Some(multi) = rewrite::multi_of(world, &service.mesh, &service.real) {
        return (Choice::MeshMultiZoneService, format!("MeshMultiZoneService `{multi}` selects it already"));
    }
    if count < 2 {
        let zone = service.zone_names().next().map(String::as_str).unwrap_or_default();
        return (Choice::MeshService, format!("it runs in zone `{zone}` only, so there is nothing to spread"));
    }
    let mtls = world.views.iter().any(|v| v.mesh(&service.mesh).is_some_and(|m| m.mtls));
    if !mtls {
        return (
            Choice::MeshService,
            format!("it runs in {count} zones, but without mTLS no request leaves its zone today either"),
        );
    }
    let doors = service.zone_names().filter(|zone| has_door(world, zone)).count();
    match doors {
        0 => (
            Choice::MeshService,
            format!("it runs in {count} zones, but none of them has a ZoneIngress that others could use"),
        ),
        _ => (
            Choice::MeshMultiZoneService,
            format!(
                "it runs in {count} zones that reach each other: a MeshService would tie each reference to one of them"
            ),
        ),
    }
}

fn has_door(world: &World, zone: &str) -> bool {
    world.zone(zone).is_some_and(|view| {
        view.of_kind(Kind::ZoneIngress, "").any(|(_, s)| match &s.resource.body {
            Body::ZoneIngress(proxy) => {
                s.is_local() && proxy.advertised_address.is_some() && proxy.advertised_port.is_some()
            }
            _ => false,
        })
    })
}

/// Whether requests for a service go to other zones today.
fn crossing(world: &World, zones: &Zones, service: &Service) -> (bool, String) {
    let destination = Destination::Tagged { service: service.name.clone(), tags: Default::default() };
    let (mut crosses, mut held) = (Vec::new(), Vec::new());
    for zone in world.topology.zones.keys() {
        let Some(setting) = zones.setting(world, zone, &service.mesh) else { continue };
        let mut away = false;
        let mut could = false;
        for (id, _) in setting.view.of_kind(Kind::Dataplane, &service.mesh) {
            let set = balanced(&setting, id, &destination, std::slice::from_ref(&service.name));
            let parts = shares(&set.endpoints);
            could |= set.endpoints.iter().any(|e| e.zone != *zone);
            away |= set.endpoints.iter().zip(parts).any(|(e, share)| e.zone != *zone && share > 0.0);
        }
        match (away, could) {
            (true, _) => crosses.push(format!("`{zone}`")),
            (false, true) => held.push(format!("`{zone}`")),
            (false, false) => {}
        }
    }
    let exclusive =
        world.views.iter().any(|v| v.mesh(&service.mesh).is_some_and(|m| m.mode == MeshServicesMode::Exclusive));
    let text = match (crosses.is_empty(), held.is_empty()) {
        _ if exclusive => "in mode Exclusive zones do not offer `kuma.io/service`s to each other".to_owned(),
        (false, true) => format!("requests from {} go to other zones too", crosses.join(", ")),
        (false, false) => format!(
            "requests from {} go to other zones too; from {} only if no local instance is healthy, by locality awareness",
            crosses.join(", "),
            held.join(", ")
        ),
        (true, false) => format!(
            "locality awareness keeps requests from {} in the zone while a local instance is healthy",
            held.join(", ")
        ),
        (true, true) => "no request goes to another zone".to_owned(),
    };
    (!crosses.is_empty(), text)
}

fn service(work: &Work, zones: &Zones, service: &Service, places: &Places) -> LegacyServiceReport {
    let (crosses_zones, text) = crossing(&work.world, zones, service);
    let list = |zones: &mut dyn Iterator<Item = &String>| zones.map(|z| format!("`{z}`")).gather::<Vec<_>>().join(", ");
    let without: Vec<&String> = work.world.topology.zones.keys().filter(|z| !service.runs_in(z)).gather();
    let remote = match without.is_empty() {
        true => String::new(),
        false => format!("; {} has none and must name the zone that it means", list(&mut without.iter().copied())),
    };
    LegacyServiceReport {
        id: format!("{}/{}", service.mesh, service.name),
        mesh: service.mesh.clone(),
        name: service.name.clone(),
        zones: service
            .zones
            .iter()
            .map(|running| ServiceZoneReport {
                zone: running.zone.clone(),
                dataplanes: running.dataplanes.len() as u32,
                ready: running.ready,
                ports: running.ports.iter().map(|p| format!("{} {}", p.port, p.app_protocol)).gather(),
            })
            .gather(),
        uses: service
            .uses
            .iter()
            .map(|u| UseReport {
                document: u.document,
                kind: u.kind.clone(),
                name: u.name.clone(),
                path: u.path.clone(),
                form: use_kind(u.form),
                location: places.place(u.source, u.span),
            })
            .gather(),
        crosses_zones,
        crossing: text,
        suggestion: service.suggestion.0.into(),
        reason: service.suggestion.1.clone(),
        choice: service.choice.into(),
        as_mesh_service: match service.zones.len() {
            1 => format!("requests go to zone {} only, as they do today{remote}", list(&mut service.zone_names())),
            _ => format!("requests stay in the client's zone, and fail if no local instance is healthy{remote}"),
        },
        as_multi_zone: match service.zones.len() {
            1 => "it has one member; another zone that starts to run it takes part by itself".to_owned(),
            n => format!(
                "it has {n} members; requests go to the own zone first and to the others if no local instance is healthy"
            ),
        },
    }
}

fn use_kind(form: UseForm) -> UseKind {
    match form {
        UseForm::Route => UseKind::Route,
        UseForm::Policy => UseKind::Policy,
        UseForm::BackendRef => UseKind::BackendRef,
        UseForm::Mirror => UseKind::Mirror,
        UseForm::Outbound => UseKind::Outbound,
        UseForm::ReachableServices => UseKind::ReachableServices,
        UseForm::Proxies => UseKind::Proxies,
    }
}

/// Steps 1 to 5 of Kuma's documentation.
fn steps(work: &Work, rewrites: &[Rewrite], by_hand: &[Rewrite], places: &Places) -> Vec<StepReport> {
    let left = |number: u32| {
        rewrites.iter().chain(by_hand).filter(move |r| r.stage.step() == number).map(|r| {
            let (text, rewrite) = match r.edits.is_empty() {
                true => (format!("{}: {}", r.title, r.reason), None),
                false => (r.title.clone(), Some(r.id.clone())),
            };
            let first = r.edits.first().map(|e| (e.source, e.span));
            let at = r.at.filter(|_| first.is_none()).or(first);
            StepItemReport { done: false, text, rewrite, location: at.and_then(|(s, span)| places.place(s, span)) }
        })
    };
    let done = |text: String| StepItemReport { done: true, text, rewrite: None, location: None };
    let mut lists: [Vec<StepItemReport>; 5] = Default::default();
    for view in work.world.views.iter() {
        for mesh in view.meshes() {
            let Some((stored, switches)) =
                view.named(Kind::Mesh, "", mesh).and_then(|id| view.get(id)).zip(view.mesh(mesh))
            else {
                continue;
            };
            let item = |text: &str| StepItemReport {
                location: stored.resource.document().and_then(|d| places.place(d.source, stored.resource.name_span)),
                ..done(format!("Mesh `{mesh}` is in mode {text}"))
            };
            let [first, _, _, fourth, _] = &mut lists;
            if switches.mode.generates() && !first.iter().any(|i| i.text == item(switches.mode.name()).text) {
                first.push(item(switches.mode.name()));
                if switches.mode == MeshServicesMode::Exclusive {
                    fourth.push(item("Exclusive"));
                }
            }
        }
    }
    let [_, _, _, fourth, _] = &mut lists;
    let lost = traps::lost_names(&work.world, &work.services).into_iter();
    fourth.extend(lost.chain(traps::external_services(&work.world)).map(|(text, at)| StepItemReport {
        location: at.and_then(|(source, span)| places.place(source, span)),
        done: false,
        ..done(text)
    }));
    for service in &work.services {
        let choice = service.choice;
        let running = service.zones.first().and_then(|running| {
            let stored = work.world.zone(&running.zone)?.get(*running.dataplanes.first()?)?;
            Some((stored.resource.document()?.source, stored.resource.name_span))
        });
        let exists = match choice {
            Choice::MeshService => true,
            Choice::MeshMultiZoneService => rewrite::multi_of(&work.world, &service.mesh, &service.real).is_some(),
        };
        if let ([_, second, third, _, fifth], true) = (&mut lists, exists) {
            second.push(StepItemReport {
                location: running.and_then(|(source, span)| places.place(source, span)),
                ..done(match choice {
                    Choice::MeshService => format!("`{}` becomes MeshService `{}`", service.name, service.real.name),
                    Choice::MeshMultiZoneService => format!("`{}` has its MeshMultiZoneService", service.name),
                })
            });
            let stays = service.uses.iter().filter(|u| matches!(u.form, UseForm::Proxies | UseForm::Mirror));
            for place in stays {
                let list = if place.form == UseForm::Mirror { &mut *third } else { &mut *fifth };
                list.push(StepItemReport {
                    location: places.place(place.source, place.span),
                    ..done(format!(
                        "{} of {} `{}` stays as it is: {}",
                        place.path,
                        place.kind,
                        place.name,
                        match place.form {
                            UseForm::Mirror => "a mirror means a `kuma.io/service` in every mode",
                            _ => "it is about proxies, which keep their tags",
                        }
                    ))
                });
            }
        }
    }
    let titles = [
        "choose Everywhere, or ReachableBackends to go client by client",
        "decide what every kuma.io/service becomes",
        "let routes, policies and clients refer to real services",
        "set mode Exclusive",
        "use real names and labels everywhere",
    ];
    titles
        .iter()
        .zip(lists)
        .zip(1u32..)
        .map(|((title, mut items), number)| {
            items.extend(left(number));
            StepReport {
                number,
                title: (*title).to_owned(),
                done: items.iter().all(|i| i.done)
                    && (number != 4 || !items.is_empty())
                    && (number != 1 || !items.is_empty()),
                items,
            }
        })
        .gather()
}
