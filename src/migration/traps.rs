//! What goes wrong in migrations if nobody looks: warnings `MS09xx`, and VirtualOutbounds.

use crate::diagnostic::{Code, Diagnostic, SourceId};
use crate::policy::resolve::{self, Owner};
use crate::report::{DiagnosticReport, Places, VirtualOutboundReport};
use crate::resource::{label, pairs, Body, Environment, Kind, Labels, MeshServicesMode, Policy, TargetKind, TargetRef};
use crate::service::generate::Outcome;
use crate::traffic::outbound::redirects;
use crate::world::{What, World};
use crate::yaml::{Node, Span};
use crate::zone::{ControlPlane, View};

use super::inventory::{document_of, find, names_service, written, Service, UseForm, Written};
use super::Choice;
use crate::collections::{sort_by, Gather};

/// Every trap of a world, in the order of codes and places.
pub fn traps(world: &World, ahead: &World, services: &[Service], places: &Places) -> Vec<DiagnosticReport> {
    let mut out = Vec::new();
    let documents = written(world);
    for document in &documents {
        match &document.resource.body {
            Body::Policy(policy) => about_policy(ahead, document, policy, services, &mut out),
            Body::MeshService(_) => about_service(world, document, services, &mut out),
            _ => {}
        }
    }
    generation(ahead, services, &mut out);
    hostnames(world, services, &mut out);
    mirrors(world, services, &mut out);
    sort_by(&mut out, |a, b| (a.code, a.at).cmp(&(b.code, b.at)));
    out.iter().map(|d| DiagnosticReport::of(d, places)).gather()
}

fn zone_views(world: &World) -> impl Iterator<Item = &View> {
    world.views.iter().filter(|v| v.plane != ControlPlane::Global)
}

fn about_policy(
    ahead: &World,
    document: &Written<'_>,
    policy: &Policy,
    services: &[Service],
    out: &mut Vec<Diagnostic>,
) {
    let source = document.page.source;
    let is_route = matches!(document.resource.kind, Kind::MeshHTTPRoute | Kind::MeshTCPRoute);
    let hits = |target: &TargetRef| {
        zone_views(ahead).any(|view| {
            let stored = document.stored(view);
            stored.is_some_and(|s| !resolve::to_target(view, Owner::from(s), target).is_empty())
        })
    };
    let is_service = |target: &TargetRef| target.kind == TargetKind::MeshService && names_service(target);
    for item in &policy.to {
        let target = &item.target_ref;
        // with a namespace or sectionName it never meant a `kuma.io/service`
        let is_legacy = is_service(target) && target.namespace.is_none() && target.section_name.is_none();
        let Some(name) = target.name.as_ref().filter(|_| is_legacy) else { continue };
        let Some(service) = find(services, &document.resource.mesh, name) else { continue };
        let twin = policy.to.iter().any(|other| {
            let labels = &other.target_ref.labels;
            labels.get(label::DISPLAY_NAME).is_some_and(|n| *n == service.real.name) && hits(&other.target_ref)
        });
        if twin || hits(target) {
            continue;
        }
        let labels: Vec<String> = service.real.labels().iter().map(|(k, v)| format!("{k}: {v}")).gather();
        let (code, message) = match document.home {
            ControlPlane::Global => (
                Code::NameFromGlobal,
                format!("from global the name `{name}` finds no MeshService in any zone; it works only while it means a `kuma.io/service`"),
            ),
            ControlPlane::Zone(zone) => (
                Code::PolicyWithoutRealTarget,
                format!("zone `{zone}` has no MeshService `{name}` of its own, so in mode Exclusive this applies to nothing"),
            ),
        };
        out.push(
            Diagnostic::new(code, message)
                .help(format!("add an item with labels {{{}}}", labels.join(", ")))
                .at(source, target.span),
        );
    }
    for backend in policy.to.iter().flat_map(|i| &i.rules).flat_map(|r| r.backend_refs.iter().flatten()) {
        let target = &backend.target;
        let by_name = backend.is_real() && is_service(target) && *document.home == ControlPlane::Global;
        if by_name && is_route {
            let name = target.name.clone().unwrap_or_default();
            out.push(
                Diagnostic::new(
                    Code::NameFromGlobal,
                    format!("from global the name `{name}` finds no MeshService in any zone"),
                )
                .help(format!("write labels {{{}: {name}}} in its place", label::DISPLAY_NAME))
                .at(source, target.span),
            );
        }
    }
    role(document, policy, services, out);
}

/// A producer policy that stops being one when names become labels.
fn role(document: &Written<'_>, policy: &Policy, services: &[Service], out: &mut Vec<Diagnostic>) {
    let resource = document.resource;
    let namespace = resource.namespace.as_deref();
    let producer = |t: &TargetRef| {
        matches!(t.kind, TargetKind::MeshService | TargetKind::MeshHTTPRoute)
            && t.name.is_some()
            && (t.namespace.is_none() || t.namespace.as_deref() == namespace)
    };
    let in_application = namespace.is_some_and(|n| n != "kuma-system") && document.home.zone().is_some();
    if resource.environment != Environment::Kubernetes || !in_application || policy.to.is_empty() {
        return;
    }
    if !policy.to.iter().all(|i| producer(&i.target_ref)) {
        return;
    }
    for item in &policy.to {
        let name = item.target_ref.name.clone().unwrap_or_default();
        let Some(service) = find(services, &resource.mesh, &name) else { continue };
        let elsewhere = Some(service.real.namespace.as_str()) != namespace || service.zones.len() > 1;
        if elsewhere {
            out.push(
                Diagnostic::new(
                    Code::RoleFlips,
                    format!("`{name}` makes this a producer policy, which applies to clients everywhere; with labels in its place it becomes a consumer policy of namespace `{}`", namespace.unwrap_or_default()),
                )
                .help("name the MeshService and keep the policy in its namespace, or move the policy to Kuma's namespace")
                .at(document.page.source, item.target_ref.span),
            );
        }
    }
}

/// A hand-made MeshService without display name, where something looks for it by that.
fn about_service(world: &World, document: &Written<'_>, services: &[Service], out: &mut Vec<Diagnostic>) {
    let resource = document.resource;
    if resource.environment != Environment::Universal || resource.labels.contains_key(label::DISPLAY_NAME) {
        return;
    }
    let wants = |labels: &Labels| labels.get(label::DISPLAY_NAME).is_some_and(|n| *n == resource.name);
    let asked = world.views.iter().flat_map(View::all).any(|(_, stored)| match &stored.resource.body {
        Body::MeshMultiZoneService(multi) => wants(&multi.match_labels),
        Body::Policy(policy) => {
            let rules = policy.to.iter().flat_map(|i| &i.rules);
            let backends = rules.flat_map(|r| r.backend_refs.iter().flatten()).map(|b| &b.target);
            policy.to.iter().map(|i| &i.target_ref).chain(backends).any(|t| wants(&t.labels))
        }
        _ => false,
    });
    let generated = find(services, &resource.mesh, &resource.name).is_some();
    if asked || generated {
        let why = match asked {
            true => "references by that label do not find it in its own zone",
            false => "Kuma refuses it where it has generated one of this name already",
        };
        out.push(
            Diagnostic::new(
                Code::NoDisplayName,
                format!("MeshService `{}` has no label `kuma.io/display-name`: {why}", resource.name),
            )
            .help(format!("add the label `{}: {}`", label::DISPLAY_NAME, resource.name))
            .at(document.page.source, resource.name_span),
        );
    }
}

/// What generation leaves out or decides silently.
fn generation(ahead: &World, services: &[Service], out: &mut Vec<Diagnostic>) {
    for (zone, decisions) in &ahead.generation {
        let Some(view) = ahead.zone(zone) else { continue };
        let at = |dataplane: &str, mesh: &str| {
            let stored = view.named(Kind::Dataplane, mesh, dataplane).and_then(|id| view.get(id))?;
            Some((stored.resource.document()?.source, stored.resource.name_span))
        };
        for decision in decisions {
            let first = decision.contributors.first().and_then(|c| at(&c.dataplane, &decision.mesh));
            let mut add = |diagnostic: Diagnostic, place| {
                out.push(match place {
                    Some((source, span)) => diagnostic.at(source, span),
                    None => diagnostic,
                });
            };
            match &decision.outcome {
                // one that somebody wrote takes its place
                Outcome::NotDnsLabel
                    if find(services, &decision.mesh, &decision.service).is_some_and(|service| {
                        view.of_kind(Kind::MeshService, &decision.mesh).any(|(_, s)| s.is_local() && service.real.is(s))
                    }) => {}
                Outcome::NotDnsLabel => add(
                    Diagnostic::new(
                        Code::NoServiceForName,
                        format!(
                            "`{}` is no DNS label, so zone `{zone}` generates no MeshService for it",
                            decision.service
                        ),
                    )
                    .help("write a MeshService with a DNS label as its name that selects the tag `kuma.io/service`"),
                    first,
                ),
                Outcome::Generated { ports_from } => {
                    for loser in decision.contributors.iter().filter(|c| !c.agrees) {
                        add(
                            Diagnostic::new(
                                Code::PortsDisagree,
                                format!("Dataplane `{}` of `{}` has other ports than `{ports_from}`, whose ports the MeshService of zone `{zone}` gets", loser.dataplane, decision.service),
                            )
                            .help("give all Dataplanes of the service the same inbounds, or write the MeshService by hand"),
                            at(&loser.dataplane, &decision.mesh),
                        );
                    }
                }
                Outcome::HandMade | Outcome::ModeDisabled => {}
            }
        }
    }
}

/// Names that applications use today and that mode Exclusive has no more.
fn hostnames(world: &World, services: &[Service], out: &mut Vec<Diagnostic>) {
    for view in zone_views(world) {
        for mesh in view.meshes() {
            let Some(switches) = view.mesh(mesh) else { continue };
            let clients =
                view.of_kind(Kind::Dataplane, mesh).filter(|(_, s)| s.as_dataplane().is_some_and(|d| redirects(s, d)));
            if switches.mode == MeshServicesMode::Exclusive || clients.count() == 0 {
                continue;
            }
            let names: Vec<String> = services
                .iter()
                .filter(|s| s.mesh == mesh)
                .map(|s| match s.choice {
                    Choice::MeshMultiZoneService if !s.real.namespace.is_empty() => {
                        format!("`{}.mesh` (its MeshMultiZoneService has another)", s.name)
                    }
                    _ => format!("`{}.mesh`", s.name),
                })
                .gather();
            if names.is_empty() {
                continue;
            }
            let shown: Vec<&String> = names.iter().take(4).gather();
            let more = if names.len() > 4 { format!(" and {} more", names.len() - 4) } else { String::new() };
            let text: Vec<&str> = shown.iter().map(|s| s.as_str()).gather();
            out.push(
                Diagnostic::new(
                    Code::HostnamesDisappear,
                    format!("in mode Exclusive proxies of zone `{}` lose {}{more}, each with port 80", view.plane.name(), text.join(", ")),
                )
                .help("write HostnameGenerators for the names, and MeshServices with port 80, before the switch; the rewrites here do both for Universal names"),
            );
        }
    }
}

/// Where something stands.
type At = Option<(SourceId, Span)>;

/// The `.mesh` names that no HostnameGenerator can give, of services that proxies with redirected traffic can use, each
/// with a Dataplane of it.
pub fn lost_names(world: &World, services: &[Service]) -> Vec<(String, At)> {
    let mut out = Vec::new();
    for service in services {
        let exclusive = |view: &View| view.mesh(&service.mesh).is_none_or(|m| m.mode == MeshServicesMode::Exclusive);
        let called = zone_views(world).filter(|v| !exclusive(v)).any(|v| {
            let mut all = v.of_kind(Kind::Dataplane, &service.mesh);
            all.any(|(_, s)| s.as_dataplane().is_some_and(|d| redirects(s, d)))
        });
        if !called || service.real.namespace.is_empty() && service.real.name == service.name {
            continue;
        }
        let first = service.zones.first();
        let stored = first.and_then(|r| world.zone(&r.zone)?.get(*r.dataplanes.first()?));
        let at = stored.and_then(|s| Some((s.resource.document()?.source, s.resource.name_span)));
        let instead = match service.real.namespace.as_str() {
            "" => format!("a name of MeshService `{}`", service.real.name),
            namespace => format!(
                "`{}.{namespace}` with port {}",
                service.real.name,
                service.real.port.map_or_else(|| "80".to_owned(), |p| p.to_string())
            ),
        };
        out.push((
            format!(
                "`{}.mesh` with port 80 cannot be kept: let applications use {instead} before the switch",
                service.name
            ),
            at,
        ));
    }
    out
}

/// The ExternalServices of meshes that are not in mode Exclusive, which has none of them.
pub fn external_services(world: &World) -> Vec<(String, At)> {
    let mut out = Vec::new();
    for placed in &world.documents {
        let found = document_of(world, placed.document.source, placed.span).and_then(|d| d.root.as_ref());
        let Some(node) = found.filter(|_| matches!(placed.what, What::Unknown)) else { continue };
        let named = [node.text("type"), node.text("kind")].contains(&Some("ExternalService"));
        let mesh = node.text("mesh").unwrap_or("default");
        let exclusive = |view: &View| view.mesh(mesh).is_none_or(|m| m.mode == MeshServicesMode::Exclusive);
        if !named || zone_views(world).all(exclusive) {
            continue;
        }
        let name = node.text("name").or_else(|| node.at(&["metadata", "name"])?.as_str()).unwrap_or_default();
        out.push((
            format!(
                "ExternalService `{name}` has no part in mode Exclusive: write a MeshExternalService, and refer to it"
            ),
            Some((placed.document.source, placed.span)),
        ));
    }
    out
}

/// Mirrors whose service other zones have and the own one has not.
fn mirrors(world: &World, services: &[Service], out: &mut Vec<Diagnostic>) {
    for service in services {
        for place in service.uses.iter().filter(|u| u.form == UseForm::Mirror) {
            let lacking: Vec<String> = world
                .topology
                .zones
                .keys()
                .filter(|zone| !service.runs_in(zone) && (place.zone.is_empty() || place.zone == **zone))
                .map(|zone| format!("`{zone}`"))
                .gather();
            if !lacking.is_empty() {
                out.push(
                    Diagnostic::new(
                        Code::MirrorBreaks,
                        format!("mirrors mean a `kuma.io/service`, and in mode Exclusive zone {} has no `{}`: proxies that this route applies to cannot be configured", lacking.join(", "), service.name),
                    )
                    .help("remove the mirror, or limit the route to proxies of a zone that runs the service")
                    .at(place.source, place.span),
                );
            }
        }
    }
}

/// A VirtualOutbound that names inbounds of a mesh in which proxies still get `kuma.io/service`s.
pub struct Virtual<'a> {
    /// Where it is written.
    pub document: Written<'a>,
    inbounds: u32,
    /// What it does, and what takes its place.
    pub text: String,
    /// The template that gives the same names.
    pub template: Option<String>,
    labels: Labels,
}

impl Virtual<'_> {
    /// A HostnameGenerator that gives the same names, of a name.
    pub fn generator(&self, name: &str) -> Option<String> {
        Some(generator(&self.document, name, &self.labels, self.template.as_ref()?))
    }
}

/// The VirtualOutbounds that matter, for reports.
pub fn virtual_outbounds(world: &World, places: &Places) -> Vec<VirtualOutboundReport> {
    let report = |each: Virtual<'_>| {
        let resource = each.document.resource;
        VirtualOutboundReport {
            mesh: resource.mesh.clone(),
            name: resource.name.clone(),
            inbounds: each.inbounds,
            generator: each.generator(&resource.name),
            location: places.place(each.document.page.source, resource.name_span),
            text: each.text,
        }
    };
    virtuals(world).into_iter().map(report).gather()
}

/// The VirtualOutbounds that matter.
pub fn virtuals(world: &World) -> Vec<Virtual<'_>> {
    let mut out = Vec::new();
    for document in written(world) {
        if document.resource.kind != Kind::VirtualOutbound {
            continue;
        }
        let top = document.node.get("spec").unwrap_or(document.node);
        let (Some(conf), mesh) = (top.get("conf"), &document.resource.mesh) else { continue };
        let selectors: Vec<Labels> = top.items("selectors").iter().filter_map(|s| s.strings("match")).gather();
        let exclusive = world.views.iter().any(|v| v.mesh(mesh).is_some_and(|m| m.mode == MeshServicesMode::Exclusive));
        let selected = |tags: &Labels| {
            selectors
                .iter()
                .any(|wanted| wanted.iter().all(|(k, v)| v == "*" && tags.contains_key(k) || tags.get(k) == Some(v)))
        };
        let dataplanes = || zone_views(world).flat_map(|v| v.of_kind(Kind::Dataplane, mesh));
        let inbounds = dataplanes()
            .filter_map(|(_, s)| s.as_dataplane())
            .flat_map(|d| &d.inbounds)
            .filter(|i| selected(&i.tags))
            .count() as u32;
        let clients = dataplanes().any(|(_, s)| s.as_dataplane().is_some_and(|d| redirects(s, d)));
        if inbounds == 0 || exclusive || !clients {
            continue;
        }
        let host = conf.text("host").unwrap_or_default();
        let port = conf.text("port").map(str::to_owned).or_else(|| conf.get("port")?.as_i64().map(|n| n.to_string()));
        let template = template(host, conf.items("parameters"));
        let labels = selectors.first().cloned().unwrap_or_default();
        let port = port.unwrap_or_default();
        let text = match &template {
            Some(_) => format!("it gives {inbounds} inbounds names from `{host}` at port `{port}`; MeshServices get names from HostnameGenerators instead, and keep their own ports"),
            None => format!("it gives {inbounds} inbounds names from `{host}` at port `{port}`, which uses more than parameters and cannot be said as a HostnameGenerator here"),
        };
        out.push(Virtual { inbounds, text, template, labels, document });
    }
    out
}

/// The host of a VirtualOutbound as the template of a HostnameGenerator: each parameter is the field or label that its tag
/// stands for.
fn template(host: &str, parameters: &[Node]) -> Option<String> {
    let mut out = String::new();
    let mut rest = host;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}")?;
        let name = inside.trim().strip_prefix('.')?;
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let parameter = parameters.iter().find(|p| p.text("name") == Some(name));
        let tag = parameter.map_or(name, |p| p.text("tagKey").unwrap_or(name));
        out.push_str(before);
        out.push_str(&match tag {
            label::SERVICE_TAG | "service" => "{{ .DisplayName }}".to_owned(),
            label::ZONE => "{{ .Zone }}".to_owned(),
            label::NAMESPACE => "{{ .Namespace }}".to_owned(),
            other => format!("{{{{ label \"{other}\" }}}}"),
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

fn generator(document: &Written<'_>, name: &str, selector: &Labels, template: &str) -> String {
    let labels: Labels = selector
        .iter()
        .filter(|(k, v)| *k != label::SERVICE_TAG && *v != "*")
        .map(|(k, v)| (k.clone(), v.clone()))
        .gather();
    let quoted = crate::yaml::scalar_text(template);
    let matching = match labels.is_empty() {
        true => "{}".to_owned(),
        false => format!("{{matchLabels: {{{}}}}}", pairs(&labels).replace('`', "")),
    };
    let spec = format!("spec:\n  selector:\n    meshService: {matching}\n  template: {quoted}\n");
    match document.resource.environment {
        Environment::Universal => format!("type: HostnameGenerator\nname: {name}\n{spec}"),
        Environment::Kubernetes => format!(
            "apiVersion: kuma.io/v1alpha1\nkind: HostnameGenerator\nmetadata:\n  name: {name}\n  namespace: kuma-system\n{spec}"
        ),
    }
}
