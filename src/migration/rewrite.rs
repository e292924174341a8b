//! What to write instead, stage by stage, as edits that keep comments and formatting.
//!
//! The stages are ordered so that each keeps requests where they are as far as Kuma allows: real references are put
//! beside the old ones while both work, the old ones go when mode Exclusive no longer reads them.

use crate::collections::{sort_by, Gather, SortedSet};
use crate::text::Text;

use crate::diagnostic::SourceId;
use crate::policy::resolve::{self, Owner};
use crate::resource::{
    label, BackendRef, Body, Dataplane, Environment, Kind, Labels, MeshServicesMode, OutboundTarget, Policy, Port,
    RouteRule, TargetKind, TargetRef,
};
use crate::traffic::outbound::redirects;
use crate::world::World;
use crate::yaml::{Node, Span};
use crate::zone::{ControlPlane, View};

use super::edit::{own_entry, own_item, own_value, Edit, Page, Yaml};
use super::inventory::{self, names_service, written, Annotated, RealName, Service, UseForm, Written};
use super::Choice;

/// A change that is offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewrite {
    /// Stable while other rewrites are applied: what it does, to which resource, where in it.
    pub id: String,
    /// When: rewrites of one stage can be made together.
    pub stage: Stage,
    /// What it does.
    pub title: String,
    /// Why, and what to know about it.
    pub reason: String,
    /// The document that is changed; nothing for new ones.
    pub document: Option<u32>,
    /// The `kuma.io/service`s that it is about.
    pub services: Vec<String>,
    /// The changes; none for what can only be done by hand.
    pub edits: Vec<Edit>,
    /// Where that stands which is to be done by hand.
    pub at: Option<(SourceId, Span)>,
}

/// When a rewrite is made. The order is the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// MeshServices that Kuma does not generate, and MeshMultiZoneServices; first, so that they are there when addresses
    /// begin to lead to them.
    Services,
    /// Kuma generates MeshServices beside `kuma.io/service`s.
    Mode,
    /// Routes and policies speak of real resources.
    Policies,
    /// Clients ask for real resources.
    Clients,
    /// `kuma.io/service`s are no destinations any more.
    Exclusive,
    /// What speaks of `kuma.io/service`s goes.
    CleanUp,
}

impl Stage {
    /// The migration step of Kuma's documentation that it belongs to, from 1.
    pub const fn step(self) -> u32 {
        match self {
            Stage::Mode => 1,
            Stage::Services => 2,
            Stage::Policies | Stage::Clients => 3,
            Stage::Exclusive => 4,
            Stage::CleanUp => 5,
        }
    }
}

/// What is known when rewrites are worked out.
pub struct Planner<'a> {
    /// The world as it is.
    pub world: &'a World,
    /// The same, with MeshServices generated in every mesh.
    pub ahead: &'a World,
    /// Every `kuma.io/service`.
    pub services: &'a [Service],
    /// The mode between Disabled and Exclusive.
    pub via: MeshServicesMode,
}

/// What takes the place of a `kuma.io/service`, or of a subset of one.
#[derive(Clone, Debug)]
struct Target {
    choice: Choice,
    real: RealName,
    /// The display name of its MeshMultiZoneService.
    multi: String,
    zones: Vec<String>,
    ports: Vec<Port>,
}

/// How a reference says it.
struct Wanted {
    kind: TargetKind,
    labels: Labels,
    entries: Vec<(String, Yaml)>,
}

impl Planner<'_> {
    /// Every rewrite that is left, in the order in which to make them.
    pub fn rewrites(&self) -> Vec<Rewrite> {
        let mut out = self.all();
        out.retain(|r| !r.edits.is_empty());
        out
    }

    /// The same, and what can only be done by hand, which has no edits.
    pub fn all(&self) -> Vec<Rewrite> {
        let documents = written(self.world);
        let mut out = Vec::new();
        for mesh in self.meshes() {
            let Some(mode) = self.world.views.iter().find_map(|v| v.mesh(&mesh)).map(|m| m.mode) else { continue };
            self.modes(&documents, &mesh, mode, &mut out);
            self.new_services(&documents, &mesh, mode, &mut out);
            for document in documents.iter().filter(|d| d.resource.mesh == mesh) {
                match &document.resource.body {
                    Body::Policy(policy) => self.policy(&documents, document, policy, mode, &mut out),
                    Body::Dataplane(_) => self.dataplane(document, mode, &mut out),
                    _ => {}
                }
            }
            self.annotations(&mesh, mode, &mut out);
        }
        self.virtual_outbounds(&mut out);
        sort_by(&mut out, |a, b| a.stage.cmp(&b.stage));
        for edit in out.iter_mut().flat_map(|r| &mut r.edits) {
            let source = self.world.sources.get(edit.source.0 as usize);
            if source.is_some_and(|s| s.text.contains("\r\n")) {
                edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
            }
        }
        out
    }

    /// HostnameGenerators in the place of VirtualOutbounds.
    fn virtual_outbounds(&self, out: &mut Vec<Rewrite>) {
        for each in super::traps::virtuals(self.world) {
            let Written { ordinal, resource, page, .. } = each.document;
            let all = || self.world.views.iter().flat_map(|v| v.of_kind(Kind::HostnameGenerator, ""));
            let is_it =
                |body: &Body| matches!(body, Body::HostnameGenerator(g) if Some(&g.template) == each.template.as_ref());
            if all().any(|(_, s)| is_it(&s.resource.body)) {
                continue;
            }
            let name = inventory::free_name(&resource.name, &|name| self.has(Kind::HostnameGenerator, "", name));
            // labels that only inbounds have are no labels of MeshServices
            let known = each.template.as_ref().is_some_and(|t| !t.contains("label \""));
            let text = each.generator(&name).filter(|_| known);
            out.push(Rewrite {
                id: format!("virtual-outbound/{}/{}", resource.mesh, resource.name),
                stage: Stage::Clients,
                title: match &text {
                    Some(_) => {
                        format!("create HostnameGenerator `{name}` in the place of VirtualOutbound `{}`", resource.name)
                    }
                    None => format!("write a HostnameGenerator in the place of VirtualOutbound `{}`", resource.name),
                },
                reason: each.text,
                document: text.is_none().then_some(ordinal),
                services: Vec::new(),
                edits: text.iter().map(|text| page.add_document(text)).gather(),
                at: Some((page.source, resource.name_span)),
            });
        }
    }

    fn meshes(&self) -> SortedSet<String> {
        self.world.views.iter().flat_map(View::meshes).map(str::to_owned).gather()
    }

    fn zone_views(&self) -> impl Iterator<Item = (&str, &View)> {
        self.ahead.views.iter().filter_map(|v| Some((v.plane.zone()?, v)))
    }

    /// What takes the place of a service, or of the instances of it that have more tags.
    fn target(&self, mesh: &str, name: &str, tags: &Labels) -> Option<Target> {
        let service = inventory::find(self.services, mesh, name)?;
        let mut real = service.real.clone();
        let mut zones: Vec<String> = service.zone_names().cloned().gather();
        let mut ports = self.ports(service);
        if !tags.is_empty() {
            let values: Vec<&str> =
                tags.iter().filter(|(k, _)| *k != label::ZONE_TAG).map(|(_, v)| v.as_str()).gather();
            let all = Labels::from([(label::SERVICE_TAG.into(), name.into())]);
            let all: Labels = all.into_iter().chain(tags.clone()).gather();
            if !values.is_empty() {
                let mut selector = all.clone();
                selector.remove(label::ZONE_TAG);
                let known = |name: &str| self.services.iter().any(|s| s.mesh == mesh && s.real.name == name);
                let wanted = format!("{}-{}", real.name, values.join("-"));
                real.name = inventory::service_name(self.world, mesh, &wanted, &selector, &known);
            }
            ports = service.zones.iter().flat_map(|running| running.ports.clone()).gather();
            ports.dedup_by_key(|p| p.port);
            let mut made = self.world.views.iter().flat_map(|v| v.of_kind(Kind::MeshService, mesh));
            if let Some((_, made)) = made.find(|(_, s)| s.is_local() && real.is(s)) {
                ports = made.ports().to_vec();
            }
            zones.retain(|zone| {
                let view = self.world.zone(zone);
                let mut tagged = view.into_iter().flat_map(|v| v.with_tag(mesh, label::SERVICE_TAG, name));
                tagged.any(|(_, s)| s.as_dataplane().is_some_and(|d| d.inbounds.iter().any(|i| i.has_tags(&all))))
            });
        }
        if let Some(number) = real.port {
            ports.retain(|p| p.port == number);
        }
        let choice = match zones.len() {
            0 => return None,
            // a tag may already say which zone
            _ if tags.contains_key(label::ZONE_TAG) => Choice::MeshService,
            _ => service.choice,
        };
        Some(Target { choice, multi: self.multi_name(mesh, &real), real, zones, ports })
    }

    /// The ports of a service's MeshServices, over all zones; those of its inbounds where there are none.
    fn ports(&self, service: &Service) -> Vec<Port> {
        let mut ports: Vec<Port> = Vec::new();
        let mut add = |port: &Port| {
            if !ports.iter().any(|p| p.port == port.port) {
                ports.push(port.clone());
            }
        };
        for (_, view) in self.zone_views() {
            for (_, stored) in view.of_kind(Kind::MeshService, &service.mesh) {
                if stored.is_local() && service.real.is(stored) {
                    stored.ports().iter().for_each(&mut add);
                }
            }
        }
        service.zones.iter().flat_map(|running| &running.ports).for_each(&mut add);
        ports
    }

    /// The display name of the MeshMultiZoneService of a service: of the one that there is, else the service's own.
    fn multi_name(&self, mesh: &str, real: &RealName) -> String {
        let existing = self.multi_of(mesh, real);
        existing.unwrap_or_else(|| {
            let twin = self
                .services
                .iter()
                .any(|s| s.mesh == mesh && s.real.name == real.name && s.real.namespace != real.namespace);
            let wanted = match twin && !real.namespace.is_empty() {
                true => format!("{}-{}", real.name, real.namespace),
                false => real.name.clone(),
            };
            inventory::free_name(&wanted, &|name| self.has(Kind::MeshMultiZoneService, mesh, name))
        })
    }

    /// The display name of the MeshMultiZoneService that selects a service's MeshServices by name.
    fn multi_of(&self, mesh: &str, real: &RealName) -> Option<String> {
        multi_of(self.world, mesh, real)
    }

    /// How a reference of a document says what takes the place of a service. In `to` every MeshService of the name is
    /// meant, elsewhere one.
    fn wanted(&self, document: &Written<'_>, target: &Target, in_to: bool) -> Wanted {
        self.wanted_by(document.home, document.resource.namespace.as_deref(), target, in_to)
    }

    fn wanted_by(&self, home: &ControlPlane, namespace: Option<&str>, target: &Target, in_to: bool) -> Wanted {
        if target.choice == Choice::MeshMultiZoneService {
            let labels = Labels::from([(label::DISPLAY_NAME.into(), target.multi.as_str().into())]);
            let entries = vec![("labels".into(), label_yaml(&labels))];
            return Wanted { kind: TargetKind::MeshMultiZoneService, labels, entries };
        }
        let kind = TargetKind::MeshService;
        if home.zone().is_some_and(|zone| target.zones.iter().any(|z| z == zone)) {
            let mut entries = vec![("name".into(), Yaml::text(&target.real.name))];
            if !target.real.namespace.is_empty() && namespace != Some(&target.real.namespace) {
                entries.push(("namespace".into(), Yaml::text(&target.real.namespace)));
            }
            return Wanted { kind, labels: Labels::new(), entries };
        }
        let mut labels: Labels = target.real.labels().into_iter().map(|(k, v)| (k.into(), v.into())).gather();
        match target.zones.as_slice() {
            [first, rest @ ..] if !in_to && (rest.is_empty() || home.zone().is_some()) => {
                labels.insert(label::ZONE.into(), first.as_str().into());
            }
            _ => {}
        }
        Wanted { kind, entries: vec![("labels".into(), label_yaml(&labels))], labels }
    }

    /// The edits that make a reference say what is wanted, with a port or sectionName.
    fn reference(
        &self,
        page: &Page<'_>,
        node: &Node,
        wanted: Wanted,
        port: Option<(String, Yaml)>,
    ) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        if node.text("kind") != Some(wanted.kind.name()) {
            edits.push(page.replace(own_value(node, &["kind"])?, &Yaml::text(wanted.kind.name())));
        }
        let mut entries = wanted.entries;
        entries.extend(port.filter(|(key, _)| node.get(key).is_none()));
        edits.push(page.replace_entry(node, "name", &entries)?);
        for stale in ["namespace", "tags"] {
            if own_entry(node, stale).is_some() {
                edits.push(page.remove_entry(node, stale)?);
            }
        }
        Some(edits)
    }

    /// Mode edits: the first switch, and the last with the hostnames that go on to work.
    fn modes(&self, documents: &[Written<'_>], mesh: &str, mode: MeshServicesMode, out: &mut Vec<Rewrite>) {
        let Some(document) = inventory::mesh_document(documents, mesh) else { return };
        let mut push = |stage, to: MeshServicesMode, reason: String, more: Vec<Edit>| {
            let Some(edit) = mode_edit(document, to) else { return };
            let mut edits = vec![edit];
            edits.extend(more);
            out.push(Rewrite {
                id: format!("mode/{mesh}/{}", to.name()),
                stage,
                title: format!("set `meshServices.mode` of Mesh `{mesh}` to {}", to.name()),
                reason,
                document: Some(document.ordinal),
                services: Vec::new(),
                edits,
                at: None,
            });
        };
        if mode == MeshServicesMode::Disabled {
            let reason = match self.via {
                MeshServicesMode::ReachableBackends => {
                    "Kuma generates MeshServices; proxies get them once they set `reachableBackends`"
                }
                _ => "Kuma generates MeshServices and gives them to every proxy, beside `kuma.io/service`s: about twice as many resources",
            };
            push(Stage::Mode, self.via, reason.into(), Vec::new());
        }
        if mode != MeshServicesMode::Exclusive {
            let names = self.hostname_generators(mesh);
            let reason = match names.is_empty() {
                true => "proxies stop getting `kuma.io/service`s".to_owned(),
                false => "proxies stop getting `kuma.io/service`s, and with them their `.mesh` names; HostnameGenerators give the same names to real services".to_owned(),
            };
            let edits = names.iter().map(|text| document.page.add_document(text)).gather();
            push(Stage::Exclusive, MeshServicesMode::Exclusive, reason, edits);
        }
    }

    /// The HostnameGenerators that keep the `.mesh` names which Universal proxies with transparent proxying use.
    fn hostname_generators(&self, mesh: &str) -> Vec<String> {
        let taken: SortedSet<String> = generator_templates(self.world);
        let named: Vec<&Service> = self
            .services
            .iter()
            .filter(|s| s.mesh == mesh && super::is_dns_label(&s.name) && s.real.namespace.is_empty())
            .filter(|s| self.is_called_by_name(s))
            .gather();
        if named.is_empty() {
            return Vec::new();
        }
        let multi = named.iter().any(|s| s.choice == Choice::MeshMultiZoneService);
        let several_meshes = self.meshes().len() > 1;
        let home = self.world.topology.home(None);
        let all_zones = self.world.topology.zones.len();
        let mut out = Vec::new();
        let mut add = |name: String, key: &str, mut labels: Labels| {
            if several_meshes {
                labels.insert(label::MESH.into(), mesh.into());
            }
            if !taken.contains(&template_key(key, &labels)) {
                let name = inventory::free_name(&name, &|name| self.has(Kind::HostnameGenerator, "", name));
                out.push(self.generator(&home, &name, key, &labels));
            }
        };
        if multi {
            add(format!("{mesh}-mesh-names-multi-zone"), "meshMultiZoneService", Labels::new());
        } else {
            let local = Labels::from([(label::ORIGIN.into(), "zone".into())]);
            add(format!("{mesh}-mesh-names"), "meshService", local);
        }
        for service in named.iter().filter(|s| s.choice == Choice::MeshService) {
            let mut labels = Labels::from([(label::DISPLAY_NAME.into(), service.name.as_str().into())]);
            match service.zone_names().next() {
                // everywhere: each zone names its own
                _ if service.zones.len() == all_zones && !multi => continue,
                Some(zone) if service.zones.len() == 1 && self.world.topology.federated => {
                    labels.insert(label::ZONE.into(), zone.as_str().into());
                }
                _ => {
                    labels.insert(label::ORIGIN.into(), "zone".into());
                }
            }
            add(format!("{mesh}-mesh-name-{}", service.name), "meshService", labels);
        }
        out
    }

    fn generator(&self, home: &ControlPlane, name: &str, selects: &str, labels: &Labels) -> String {
        let matching = match labels.is_empty() {
            true => Yaml::Map(Vec::new()),
            false => Yaml::map([("matchLabels", label_yaml(labels))]),
        };
        let spec = Yaml::map([("selector", Yaml::map([(selects, matching)])), ("template", Yaml::text(MESH_NAME))]);
        self.document(home, Kind::HostnameGenerator, name, None, Labels::new(), spec)
    }

    /// A new document for a control plane.
    fn document(
        &self,
        home: &ControlPlane,
        kind: Kind,
        name: &str,
        mesh: Option<&str>,
        labels: Labels,
        spec: Yaml,
    ) -> String {
        let mut labels = labels;
        let entries = match inventory::environment(self.world, home) {
            Environment::Universal => {
                if let (Some(zone), true) = (home.zone(), self.world.topology.federated) {
                    labels.insert(label::ZONE.into(), zone.into());
                }
                let mut entries =
                    vec![("type".to_owned(), Yaml::text(kind.name())), ("name".to_owned(), Yaml::text(name))];
                entries.extend(mesh.map(|m| ("mesh".to_owned(), Yaml::text(m))));
                if !labels.is_empty() {
                    entries.push(("labels".into(), label_yaml(&labels)));
                }
                entries
            }
            Environment::Kubernetes => {
                if let Some(mesh) = mesh {
                    labels.insert(label::MESH.into(), mesh.into());
                }
                labels.remove(label::DISPLAY_NAME);
                if home.zone().is_some() && self.world.topology.federated {
                    labels.insert(label::ORIGIN.into(), "zone".into());
                }
                let mut meta = vec![
                    ("name".to_owned(), Yaml::text(name)),
                    ("namespace".to_owned(), Yaml::text(&self.world.topology.system_namespace)),
                ];
                if !labels.is_empty() {
                    meta.push(("labels".into(), label_yaml(&labels)));
                }
                vec![
                    ("apiVersion".to_owned(), Yaml::text("kuma.io/v1alpha1")),
                    ("kind".to_owned(), Yaml::text(kind.name())),
                    ("metadata".to_owned(), Yaml::Map(meta)),
                ]
            }
        };
        let mut all = entries;
        all.push(("spec".into(), spec));
        format!("{}\n", super::edit::block_entries(&all, 0))
    }

    /// MeshMultiZoneServices for what is to stay in all zones, MeshServices for subsets, and for ports that clients use.
    fn new_services(&self, documents: &[Written<'_>], mesh: &str, mode: MeshServicesMode, out: &mut Vec<Rewrite>) {
        let global = self.world.topology.home(None);
        let at_home = documents.iter().find(|d| d.resource.mesh == mesh && *d.home == global);
        let page = inventory::mesh_document(documents, mesh).or(at_home).map(|d| d.page);
        let mut made: SortedSet<String> = SortedSet::new();
        for service in self.services.iter().filter(|s| s.mesh == mesh) {
            let means_one = |u: &inventory::Use| matches!(u.form, UseForm::Outbound | UseForm::BackendRef);
            let exclusive = mode == MeshServicesMode::Exclusive;
            if exclusive && !service.uses.iter().any(means_one) {
                continue;
            }
            let keeps_port = !exclusive && self.keeps_port(service);
            for zone in service.zone_names().filter(|_| keeps_port) {
                out.extend(self.port_80(documents, service, zone));
            }
            let subsets = service.subsets.iter().filter(|t| t.keys().any(|k| k != label::ZONE_TAG));
            for tags in [&Labels::new()].into_iter().chain(subsets) {
                let Some(target) = self.target(mesh, &service.name, tags) else { continue };
                let renamed = target.real.namespace.is_empty() && target.real.name != service.name;
                if !tags.is_empty() || renamed {
                    for zone in &target.zones {
                        out.extend(self.subset(documents, service, tags, &target, zone));
                    }
                }
                let chosen = target.choice == Choice::MeshMultiZoneService;
                let (Some(page), true) = (page, chosen && made.insert(target.multi.clone())) else { continue };
                out.extend(self.spread(mesh, service, &target, page));
                out.extend(self.forward(mesh, service, &target, page));
                if self.multi_of(mesh, &target.real).is_some() {
                    continue;
                }
                let mut ports = match target.real.port {
                    Some(_) => self.ports(service),
                    None => target.ports.clone(),
                };
                if keeps_port && tags.is_empty() {
                    ports.extend(port_80_of(&ports));
                }
                let labels: Labels = target.real.labels().into_iter().map(|(k, v)| (k.into(), v.into())).gather();
                let selector = Yaml::map([("meshService", Yaml::map([("matchLabels", label_yaml(&labels))]))]);
                let spec = Yaml::map([("selector", selector), ("ports", ports_yaml(&ports, false))]);
                let own = Labels::from([(label::DISPLAY_NAME.into(), target.multi.as_str().into())]);
                let text = self.document(&global, Kind::MeshMultiZoneService, &target.multi, Some(mesh), own, spec);
                out.push(Rewrite {
                    id: format!("multi-zone/{mesh}/{}", target.multi),
                    stage: Stage::Services,
                    title: format!("create MeshMultiZoneService `{}`", target.multi),
                    reason: format!(
                        "`{}` runs in {}; a MeshMultiZoneService has all of them, those of the own zone first",
                        service.name,
                        target.zones.join(", ")
                    ),
                    document: None,
                    services: vec![service.name.clone()],
                    edits: vec![page.add_document(&text)],
                    at: None,
                });
            }
        }
    }

    /// On Kubernetes the cluster IP of a Service belongs to the own zone's MeshService: a route that sends its requests on
    /// to all zones.
    fn forward(&self, mesh: &str, service: &Service, target: &Target, page: Page<'_>) -> Option<Rewrite> {
        let name = format!("{}-all-zones", target.multi);
        if target.real.namespace.is_empty()
            || self.has(Kind::MeshHTTPRoute, mesh, &name)
            || self.has(Kind::MeshTCPRoute, mesh, &name)
        {
            return None;
        }
        let ports = self.ports(service);
        let http = ports.iter().all(|p| p.protocol().is_http());
        let kind = if http { Kind::MeshHTTPRoute } else { Kind::MeshTCPRoute };
        let mut labels: Labels = target.real.labels().into_iter().map(|(k, v)| (k.into(), v.into())).gather();
        labels.insert(label::ORIGIN.into(), "zone".into());
        let item = |port: &Port| {
            let backend = Yaml::map([
                ("kind", Yaml::text(TargetKind::MeshMultiZoneService.name())),
                ("labels", Yaml::strings([(label::DISPLAY_NAME, target.multi.as_str())])),
                ("port", Yaml::number(port.port)),
            ]);
            let default = Yaml::map([("backendRefs", Yaml::Seq(vec![backend]))]);
            let path = Yaml::map([("type", Yaml::text("PathPrefix")), ("value", Yaml::text("/"))]);
            let matches = Yaml::Seq(vec![Yaml::map([("path", path)])]);
            let rule = match http {
                true => Yaml::map([("matches", matches), ("default", default)]),
                false => Yaml::map([("default", default)]),
            };
            let reference = Yaml::map([
                ("kind", Yaml::text(TargetKind::MeshService.name())),
                ("labels", label_yaml(&labels)),
                ("sectionName", Yaml::text(&port.section())),
            ]);
            Yaml::map([("targetRef", reference), ("rules", Yaml::Seq(vec![rule]))])
        };
        let spec = Yaml::map([("to", Yaml::Seq(ports.iter().map(item).gather()))]);
        let home = self.world.topology.home(None);
        let text = self.document(&home, kind, &name, Some(mesh), Labels::new(), spec);
        Some(Rewrite {
            id: format!("forward/{mesh}/{}", target.multi),
            stage: Stage::Services,
            title: format!("create {kind} `{name}`"),
            reason: format!(
                "applications in clusters use the cluster IP of `{}`, which leads to the own zone's MeshService once there is one; the route sends its requests on to the MeshMultiZoneService",
                target.real.name
            ),
            document: None,
            services: vec![service.name.clone()],
            edits: vec![page.add_document(&text)],
            at: None,
        })
    }

    /// True if some control plane has a resource of this display name.
    fn has(&self, kind: Kind, mesh: &str, name: &str) -> bool {
        self.world
            .views
            .iter()
            .any(|v| v.of_kind(kind, mesh).any(|(_, s)| s.display_name() == name || s.object_name() == name))
    }

    /// Where requests are spread over zones today, a MeshLoadBalancingStrategy that goes on to spread them.
    fn spread(&self, mesh: &str, service: &Service, target: &Target, page: Page<'_>) -> Option<Rewrite> {
        let switches = self.world.views.iter().find_map(|v| v.mesh(mesh))?;
        let labels = Labels::from([(label::DISPLAY_NAME.into(), target.multi.as_str().into())]);
        let speaks = |to: &TargetRef| {
            to.kind == TargetKind::Mesh || to.name.as_ref() == Some(&service.name) || to.labels == labels
        };
        let strategies = self.world.views.iter().flat_map(|v| v.of_kind(Kind::MeshLoadBalancingStrategy, mesh));
        let mut policies = strategies.filter_map(|(_, s)| s.as_policy());
        if switches.locality_aware || policies.any(|p| p.to.iter().any(|i| speaks(&i.target_ref))) {
            return None;
        }
        let to = Yaml::map([
            (
                "targetRef",
                Yaml::map([
                    ("kind", Yaml::text(TargetKind::MeshMultiZoneService.name())),
                    ("labels", label_yaml(&labels)),
                ]),
            ),
            ("default", Yaml::map([("localityAwareness", Yaml::map([("disabled", Yaml::Scalar("true".into()))]))])),
        ]);
        let spec = Yaml::map([("to", Yaml::Seq(vec![to]))]);
        let kind = Kind::MeshLoadBalancingStrategy;
        let name = inventory::free_name(&format!("{}-all-zones", target.multi), &|name| self.has(kind, mesh, name));
        let home = self.world.topology.home(None);
        let text = self.document(&home, kind, &name, Some(mesh), Labels::new(), spec);
        Some(Rewrite {
            id: format!("spread/{mesh}/{}", target.multi),
            stage: Stage::Services,
            title: format!("create MeshLoadBalancingStrategy `{name}`"),
            reason: format!(
                "requests to `{}` are spread over zones today; a MeshMultiZoneService prefers the own zone unless locality awareness is off",
                service.name
            ),
            document: None,
            services: vec![service.name.clone()],
            edits: vec![page.add_document(&text)],
            at: None,
        })
    }

    /// True if applications use the port that `kuma.io/service`s have at their virtual IP, 80, and no MeshService of it has one.
    fn keeps_port(&self, service: &Service) -> bool {
        let universal = service.real.namespace.is_empty() && super::is_dns_label(&service.name);
        universal && self.is_called_by_name(service) && !self.has_written_80(service)
    }

    /// True if some proxy to which traffic is redirected reaches a service: its application can use the `.mesh` name.
    fn is_called_by_name(&self, service: &Service) -> bool {
        let reaches = |dataplane: &Dataplane| {
            let named = dataplane.transparent_proxying.as_ref().and_then(|t| t.reachable_services.as_ref());
            named.is_none_or(|names| names.contains(&service.name))
        };
        let proxies = self.zone_views().flat_map(|(_, view)| view.of_kind(Kind::Dataplane, &service.mesh));
        let mut dataplanes = proxies.filter_map(|(_, s)| Some((s, s.as_dataplane()?)));
        dataplanes.any(|(s, d)| redirects(s, d) && reaches(d))
    }

    /// True if every zone's MeshService has a port 80.
    fn has_written_80(&self, service: &Service) -> bool {
        service.zone_names().all(|zone| {
            let view = self.ahead.zone(zone);
            let mut all = view.into_iter().flat_map(|v| v.of_kind(Kind::MeshService, &service.mesh));
            all.any(|(_, s)| s.is_local() && service.real.is(s) && s.ports().iter().any(|p| p.port == 80))
        })
    }

    /// A MeshService in the place of the generated one, with port 80 besides.
    fn port_80(&self, documents: &[Written<'_>], service: &Service, zone: &str) -> Option<Rewrite> {
        let home = ControlPlane::Zone(zone.to_owned());
        let view = self.ahead.zone(zone)?;
        let own =
            view.of_kind(Kind::MeshService, &service.mesh).map(|(_, s)| s).find(|s| s.is_local() && service.real.is(s));
        // one that somebody wrote is theirs to change
        if own.is_some_and(|s| s.resource.document().is_some() || s.ports().iter().any(|p| p.port == 80)) {
            return None;
        }
        let running = service.zones.iter().find(|r| r.zone == zone)?;
        let mut ports = own.map_or_else(|| running.ports.clone(), |s| s.ports().to_vec());
        let extra = port_80_of(&ports)?;
        let target = ports.first()?.section();
        ports.push(extra);
        let page = self.page_of(documents, service, zone)?;
        let tags = Labels::from([(label::SERVICE_TAG.into(), service.name.as_str().into())]);
        let spec = Yaml::map([
            ("selector", Yaml::map([("dataplaneTags", label_yaml(&tags))])),
            ("ports", ports_yaml(&ports, true)),
        ]);
        let labels = Labels::from([(label::DISPLAY_NAME.into(), service.name.as_str().into())]);
        let text = self.document(&home, Kind::MeshService, &service.name, Some(&service.mesh), labels, spec);
        Some(Rewrite {
            id: format!("port-80/{}/{zone}/{}", service.mesh, service.name),
            stage: Stage::Services,
            title: format!("create MeshService `{}` with port 80 in zone `{zone}`", service.name),
            reason: format!(
                "applications reach `{0}.mesh` at port 80 today; a generated MeshService has only the inbounds' ports. Port 80 leads to `{target}`. The label `kuma.io/display-name` lets it take the place of the generated one",
                service.name
            ),
            document: None,
            services: vec![service.name.clone()],
            edits: vec![page.add_document(&text)],
            at: None,
        })
    }

    /// The source that has the first Dataplane of a service in a zone.
    fn page_of<'d>(&self, documents: &[Written<'d>], service: &Service, zone: &str) -> Option<Page<'d>> {
        let serves = |d: &&Written<'_>| match &d.resource.body {
            Body::Dataplane(dataplane) => dataplane.inbounds.iter().any(|i| i.service() == Some(service.name.as_str())),
            _ => false,
        };
        let in_zone = |d: &&Written<'_>| d.home.zone() == Some(zone);
        let first = documents.iter().filter(in_zone).find(serves).or_else(|| documents.iter().find(in_zone));
        first.map(|d| d.page)
    }

    /// A MeshService for the instances of a service that have more tags.
    fn subset(
        &self,
        documents: &[Written<'_>],
        service: &Service,
        tags: &Labels,
        target: &Target,
        zone: &str,
    ) -> Option<Rewrite> {
        let view = self.ahead.zone(zone)?;
        if view.of_kind(Kind::MeshService, &service.mesh).any(|(_, s)| s.is_local() && target.real.is(s)) {
            return None;
        }
        let home = ControlPlane::Zone(zone.to_owned());
        let page = self.page_of(documents, service, zone)?;
        let mut selector = tags.clone();
        selector.remove(label::ZONE_TAG);
        selector.insert(label::SERVICE_TAG.into(), service.name.as_str().into());
        let spec = Yaml::map([
            ("selector", Yaml::map([("dataplaneTags", label_yaml(&selector))])),
            ("ports", ports_yaml(&target.ports, true)),
        ]);
        let labels = Labels::from([(label::DISPLAY_NAME.into(), target.real.name.as_str().into())]);
        let text = self.document(&home, Kind::MeshService, &target.real.name, Some(&service.mesh), labels, spec);
        Some(Rewrite {
            id: format!("subset/{}/{zone}/{}", service.mesh, target.real.name),
            stage: Stage::Services,
            title: format!("create MeshService `{}` in zone `{zone}`", target.real.name),
            reason: match tags.is_empty() {
                true => format!("`{}` is no DNS label, so Kuma generates no MeshService for it", service.name),
                false => format!(
                    "references to `{}` with tags {} need a MeshService that selects just these instances",
                    service.name,
                    crate::resource::pairs(tags)
                ),
            },
            document: None,
            services: vec![service.name.clone()],
            edits: vec![page.add_document(&text)],
            at: None,
        })
    }

    /// Items and backendRefs of a policy or route.
    fn policy(
        &self,
        documents: &[Written<'_>],
        document: &Written<'_>,
        policy: &Policy,
        mode: MeshServicesMode,
        out: &mut Vec<Rewrite>,
    ) {
        let Some(list) = document.node.at(&["spec", "to"]) else { return };
        let nodes = list.as_seq().unwrap_or_default();
        let written = |index: u32| {
            let own = own_value(document.node, &["spec", "to"]).is_some();
            own_item(list, index as usize).filter(|_| own)
        };
        let mesh = &document.resource.mesh;
        let kind = document.resource.kind;
        let is_route = matches!(kind, Kind::MeshHTTPRoute | Kind::MeshTCPRoute);
        let name_of =
            |path: &str| format!("{}/{mesh}/{}/{}/{path}", kind.name(), document.zone(), document.resource.name);
        for item in &policy.to {
            let Some(node) = nodes.get(item.index as usize) else { continue };
            let reference = &item.target_ref;
            let is_legacy =
                names_service(reference) && reference.namespace.is_none() && reference.section_name.is_none();
            let target = match (&reference.name, is_legacy) {
                (Some(name), true) => self.target(mesh, name, &reference.tags),
                _ => None,
            };
            let mut goes = false;
            if let (Some(target), Some(name)) = (target, reference.name.clone()) {
                let wanted = self.wanted(document, &target, true);
                let by_name = wanted.labels.is_empty().then_some(&target.real.name);
                let is_twin = |other: &TargetRef| {
                    other.kind == wanted.kind
                        && other.labels == wanted.labels
                        && (by_name.is_none() || other.name.as_ref() == by_name && reference.name.as_ref() != by_name)
                };
                let mixes = mixes_roles(document, policy, &wanted);
                let twin = match mixes {
                    true => documents.iter().any(|d| match &d.resource.body {
                        Body::Policy(other) if d.resource.kind == kind => {
                            other.to.iter().any(|i| is_twin(&i.target_ref))
                        }
                        _ => false,
                    }),
                    // several items of one name have as many twins
                    false => {
                        let before =
                            policy.to.iter().filter(|i| i.index < item.index && i.target_ref.name == reference.name);
                        let conf = |index: u32| nodes.get(index as usize)?.get("default").map(Node::to_json);
                        let same = |i: u32| conf(i).is_some() && conf(i) == conf(item.index);
                        let twins: Vec<u32> =
                            policy.to.iter().filter(|i| is_twin(&i.target_ref)).map(|i| i.index).gather();
                        let legacy = policy.to.iter().filter(|i| i.target_ref.name == reference.name).count();
                        twins.iter().any(|i| same(*i))
                            || twins.len() >= legacy
                            || legacy == 1 && twins.len() > before.count()
                    }
                };
                let lasts = self.hits_somewhere(document, reference);
                let covered = twin || self.covers(document, reference, &target);
                goes = !lasts;
                let mut rewrite = |stage, title: String, reason: String, edits: Vec<Edit>| {
                    out.push(Rewrite {
                        id: name_of(&format!("spec.to[{}]", item.index)),
                        stage,
                        title,
                        reason,
                        document: Some(document.ordinal),
                        services: vec![name.clone()],
                        edits,
                        at: Some((document.page.source, reference.span)),
                    });
                };
                let what = format!("{} `{}`", kind.name(), document.resource.name);
                let exclusive = mode == MeshServicesMode::Exclusive;
                let is_namesake = target.choice == Choice::MeshService && !target.real.namespace.is_empty();
                if exclusive && twin && (!lasts || is_namesake) {
                    let edit = match nodes.len() {
                        1 => None,
                        _ => document.page.remove_item(list, item.index as usize),
                    };
                    if let Some(edit) = edit {
                        rewrite(
                            Stage::CleanUp,
                            format!("remove the item for `{name}` from {what}"),
                            "in mode Exclusive it applies to nothing; the item for the real resource takes its place"
                                .into(),
                            vec![edit],
                        );
                    }
                } else if exclusive && !target.real.namespace.is_empty() && lasts {
                    let own = document.resource.namespace.as_ref() == Some(&target.real.namespace);
                    // a producer policy that names another namespace's service would become a consumer policy
                    if !own && in_application(document) {
                        continue;
                    }
                    let section = self.section(mesh, &target);
                    if let Some(target_ref) = own_value(node, &["targetRef"]) {
                        // in its own namespace a name keeps the policy's role; elsewhere labels keep all zones
                        let zones = if own { target.zones.clone() } else { Vec::new() };
                        let services = Target { choice: Choice::MeshService, zones, ..target.clone() };
                        let wanted = self.wanted(document, &services, true);
                        if let Some(edits) = self.reference(&document.page, target_ref, wanted, section) {
                            rewrite(
                                Stage::CleanUp,
                                format!("name MeshService `{}` in {what}", target.real.name),
                                format!("`{name}` still means it, through the old form of the name"),
                                edits,
                            );
                        }
                    }
                } else if !covered {
                    let section = match wanted.kind {
                        TargetKind::MeshService => self.section(mesh, &target),
                        _ => None,
                    };
                    let wanted_text = describe(&wanted);
                    let inner = own_value(node, &["targetRef"])
                        .filter(|_| written(item.index).is_some())
                        .and_then(|t| self.reference(&document.page, t, wanted, section));
                    let title = format!("add an item for {wanted_text} to {what}");
                    let Some(mut inner) = inner else {
                        let reason = "it stands behind an alias or merge key; write it by hand";
                        rewrite(Stage::Policies, title, reason.into(), Vec::new());
                        continue;
                    };
                    if is_route {
                        for rule in &item.rules {
                            inner.extend(
                                self.backends(document, Some(node), rule).into_iter().filter_map(|b| b.2).flatten(),
                            );
                        }
                    }
                    let text = document.page.copy_with(node, &inner);
                    if mixes {
                        let indent = document.page.column(node.span.start);
                        if let Some((title, edit)) = self.beside(documents, document, &format!("{:indent$}{text}", ""))
                        {
                            let reason = format!("{what} is a producer policy and cannot speak of {wanted_text}: producer and consumer items must not be mixed");
                            rewrite(Stage::Policies, title, reason, vec![edit]);
                        }
                        continue;
                    }
                    let reason = match document.home {
                        ControlPlane::Global => format!("a name in a policy from global finds no real resource in zones; the item for `{name}` stays while it serves `kuma.io/service`s"),
                        ControlPlane::Zone(_) => format!("the item for `{name}` stays while it serves `kuma.io/service`s"),
                    };
                    rewrite(Stage::Policies, title, reason, vec![document.page.add_item(list, node, &text)]);
                }
            }
            if is_route && !goes {
                for rule in &item.rules {
                    for (path, backend, edits) in self.backends(document, written(item.index), rule) {
                        let name = backend.target.name.clone().unwrap_or_default();
                        out.push(Rewrite {
                            id: name_of(&format!("spec.to[{}].{path}", item.index)),
                            stage: if mode == MeshServicesMode::Exclusive { Stage::CleanUp } else { Stage::Policies },
                            title: format!(
                                "send to a real resource instead of `{name}` in {} `{}`",
                                kind.name(),
                                document.resource.name
                            ),
                            reason: match edits {
                                Some(_) => "a MeshService without `port` is read as a `kuma.io/service`".into(),
                                None => "it stands behind an alias or merge key; write it by hand".into(),
                            },
                            document: Some(document.ordinal),
                            services: vec![name],
                            edits: edits.unwrap_or_default(),
                            at: Some((document.page.source, backend.target.span)),
                        });
                    }
                }
            }
        }
    }

    /// A policy of its own for an item, on the global control plane: what the item's policy is and its title.
    fn beside(&self, documents: &[Written<'_>], document: &Written<'_>, item: &str) -> Option<(String, Edit)> {
        let (mesh, kind) = (&document.resource.mesh, document.resource.kind);
        let page = inventory::mesh_document(documents, mesh).map_or(document.page, |d| d.page);
        let home = inventory::mesh_document(documents, mesh).map_or(document.home, |d| d.home);
        let whole = Span::new(0, item.len() as u32);
        let (read, _) = crate::yaml::read_document(SourceId(0), item, whole, 0, &crate::yaml::Limits::default());
        let mut spec = Vec::new();
        if let Some(target) = document.node.at(&["spec", "targetRef"]) {
            spec.push(("targetRef".to_owned(), Yaml::of(target)));
        }
        spec.push(("to".to_owned(), Yaml::Seq(vec![Yaml::of(read.root.as_ref()?)])));
        let wanted = format!("{}-multi-zone", document.resource.name);
        let name = inventory::free_name(&wanted, &|name| self.has(kind, mesh, name));
        let text = self.document(home, kind, &name, Some(mesh), Labels::new(), Yaml::Map(spec));
        Some((format!("create {} `{name}`", kind.name()), page.add_document(&text)))
    }

    /// True if its MeshServices have just the port that the tag's value names.
    fn has_one_port(&self, mesh: &str, target: &Target) -> bool {
        let mut all = self.zone_views().flat_map(|(_, v)| v.of_kind(Kind::MeshService, mesh));
        target.real.port.is_some() && all.all(|(_, s)| !target.real.is(s) || s.ports().len() == 1)
    }

    /// The section of a target's port, where the tag's value names one of several. A policy for a section does not apply
    /// to outbounds of Dataplanes, which ask for a number.
    fn section(&self, mesh: &str, target: &Target) -> Option<(String, Yaml)> {
        let number = target.real.port.filter(|_| !self.has_one_port(mesh, target))?;
        let port = target.ports.iter().find(|p| p.port == number)?;
        Some(("sectionName".into(), Yaml::text(&port.section())))
    }

    /// True if a reference means some real resource, from some zone in which its document has an effect.
    fn hits_somewhere(&self, document: &Written<'_>, reference: &TargetRef) -> bool {
        self.zone_views().any(|(_, view)| {
            let stored = document.stored(view);
            stored.is_some_and(|s| !resolve::to_target(view, Owner::from(s), reference).is_empty())
        })
    }

    /// True if a reference already means the real resources that clients of each zone will use.
    fn covers(&self, document: &Written<'_>, reference: &TargetRef, target: &Target) -> bool {
        if target.choice == Choice::MeshMultiZoneService {
            return false;
        }
        let name = reference.name.as_deref().unwrap_or_default();
        let service = inventory::find(self.services, &document.resource.mesh, name);
        let asked_by_number = service.is_some_and(|s| s.uses.iter().any(|u| u.form == UseForm::Outbound))
            && self.has_one_port(&document.resource.mesh, target);
        self.zone_views().all(|(zone, view)| {
            let Some(stored) = document.stored(view) else { return true };
            let hits = resolve::to_target(view, Owner::from(stored), reference);
            let local = target.zones.iter().any(|z| z == zone);
            let mesh = &document.resource.mesh;
            let mut used =
                view.of_kind(Kind::MeshService, mesh).filter(|(_, s)| target.real.is(s) && (s.is_local() || !local));
            used.all(|(id, _)| hits.iter().any(|h| h.id == id && (h.section.is_none() || !asked_by_number)))
        })
    }

    /// The backendRefs of a rule that mean `kuma.io/service`s: their path, and the edits that make them real.
    fn backends<'r>(
        &self,
        document: &Written<'_>,
        item: Option<&Node>,
        rule: &'r RouteRule,
    ) -> Vec<(String, &'r BackendRef, Option<Vec<Edit>>)> {
        let rule_node =
            item.and_then(|item| own_value(item, &["rules"])).and_then(|rules| own_item(rules, rule.index as usize));
        let refs = rule_node.and_then(|r| own_value(r, &["default", "backendRefs"]));
        let mut out = Vec::new();
        for (backend, index) in rule.backend_refs.iter().flatten().zip(0usize..) {
            if backend.is_real() || !names_service(&backend.target) {
                continue;
            }
            let Some(name) = &backend.target.name else { continue };
            let Some(target) = self.target(&document.resource.mesh, name, &backend.target.tags) else { continue };
            let Some(port) = target.ports.first() else { continue };
            let wanted = self.wanted(document, &target, false);
            let port = Some(("port".to_owned(), Yaml::number(port.port)));
            let node = refs.and_then(|refs| own_item(refs, index));
            let edits = node.and_then(|node| self.reference(&document.page, node, wanted, port));
            out.push((format!("rules[{}].default.backendRefs[{index}]", rule.index), backend, edits));
        }
        out
    }

    /// Outbounds and `reachableServices` of a written Dataplane.
    fn dataplane(&self, document: &Written<'_>, mode: MeshServicesMode, out: &mut Vec<Rewrite>) {
        let Body::Dataplane(dataplane) = &document.resource.body else { return };
        let mesh = &document.resource.mesh;
        let name = &document.resource.name;
        let id = |path: &str| format!("Dataplane/{mesh}/{}/{name}/{path}", document.zone());
        let nodes = own_value(document.node, &["networking", "outbound"]).and_then(Node::as_seq).unwrap_or_default();
        for (outbound, index) in dataplane.outbounds.iter().zip(0usize..) {
            let OutboundTarget::Tags(tags) = &outbound.target else { continue };
            let Some(service) = tags.get(label::SERVICE_TAG) else { continue };
            let Some(node) = nodes.iter().find(|n| n.span == outbound.span) else { continue };
            let Some(target) = self.target(mesh, service, &inventory::more_tags(tags)) else { continue };
            let Some(port) = target.ports.first() else { continue };
            let wanted = self.wanted(document, &target, false);
            let title = format!("point outbound {} of Dataplane `{name}` at {}", outbound.port, describe(&wanted));
            let backend = reference_yaml(wanted, port.port);
            let more = match target.ports.len() {
                0 | 1 => String::new(),
                n => format!(" It has {n} ports, and today connections are spread over all of them"),
            };
            out.push(Rewrite {
                id: id(&format!("networking.outbound[{index}]")),
                stage: if mode == MeshServicesMode::Exclusive { Stage::CleanUp } else { Stage::Clients },
                title,
                reason: format!("an outbound with tags means a `kuma.io/service` in every mode; in mode Exclusive it reaches the own zone only.{more}"),
                document: Some(document.ordinal),
                services: vec![service.as_str().to_owned()],
                edits: document.page.replace_entry(node, "tags", &[("backendRef".into(), backend)]).into_iter().gather(),
                at: Some((document.page.source, outbound.span)),
            });
        }
        let Some(tproxy) = own_value(document.node, &["networking", "transparentProxying"]) else { return };
        let Some(list) = own_entry(tproxy, "reachableServices") else { return };
        let names: Vec<String> =
            list.value.as_seq().unwrap_or_default().iter().filter_map(|n| n.as_str().map(str::to_owned)).gather();
        // an empty list limits nothing
        if names.is_empty() {
            return;
        }
        let exclusive = mode == MeshServicesMode::Exclusive;
        let refs = self.reachable(document.home, None, mesh, &names);
        let known = own_value(tproxy, &["reachableBackends", "refs"]);
        let has = own_entry(tproxy, "reachableBackends").is_some();
        let path = id("networking.transparentProxying.reachableServices");
        let edit = match known.and_then(|known| Some((known, known.as_seq()?.last()?))) {
            _ if has && exclusive => document.page.remove_entry(tproxy, "reachableServices"),
            // those that the list lacks
            Some((known, last)) => {
                let there: Vec<Yaml> = known.as_seq().unwrap_or_default().iter().map(Yaml::of).gather();
                let flow = document.page.is_flow(known);
                let indent = document.page.column(known.span.start);
                let lacking: Vec<String> = refs
                    .iter()
                    .filter(|one| !there.iter().any(|known| known.covers(one)))
                    .map(|one| if flow { one.flow() } else { one.in_item(indent + 2) })
                    .gather();
                let between = if flow { ", ".to_owned() } else { format!("\n{:indent$}- ", "") };
                let lacks = !lacking.is_empty();
                lacks.then(|| document.page.add_item(known, last, &lacking.join(&between)))
            }
            None if has => None,
            None => document.page.add_entry(tproxy, "reachableBackends", Yaml::map([("refs", Yaml::Seq(refs))])),
        };
        let Some(edit) = edit else { return };
        out.push(match has && exclusive {
            true => Rewrite {
                id: path,
                stage: Stage::CleanUp,
                title: format!("remove `reachableServices` of Dataplane `{name}`"),
                reason: "it limits `kuma.io/service`s, which mode Exclusive does not have".into(),
                document: Some(document.ordinal),
                services: names,
                edits: vec![edit],
                at: None,
            },
            false => Rewrite {
                id: path,
                stage: Stage::Clients,
                title: format!("set `reachableBackends` of Dataplane `{name}`"),
                reason: "`reachableServices` without it leaves out every real service, in every mode".into(),
                document: Some(document.ordinal),
                services: names,
                edits: vec![edit],
                at: None,
            },
        });
    }

    /// Entries of `reachableBackends` for the services of a list.
    fn reachable(&self, home: &ControlPlane, namespace: Option<&str>, mesh: &str, names: &[String]) -> Vec<Yaml> {
        let mut out: Vec<Yaml> = Vec::new();
        for name in names {
            let Some(target) = self.target(mesh, name, &Labels::new()) else { continue };
            let mut forms = vec![target.clone()];
            // cluster IPs belong to the own zone's MeshService, whatever is chosen
            if !target.real.namespace.is_empty() && target.choice == Choice::MeshMultiZoneService {
                forms.insert(0, Target { choice: Choice::MeshService, ..target });
            }
            for target in forms {
                let wanted = self.wanted_by(home, namespace, &target, false);
                let mut entries = vec![("kind".to_owned(), Yaml::text(wanted.kind.name()))];
                entries.extend(wanted.entries);
                if let Some(port) = target.real.port {
                    entries.push(("port".into(), Yaml::number(port)));
                }
                let one = Yaml::Map(entries);
                if !out.contains(&one) {
                    out.push(one);
                }
            }
        }
        out
    }

    /// Pods that set `reachableServices`.
    fn annotations(&self, mesh: &str, mode: MeshServicesMode, out: &mut Vec<Rewrite>) {
        const BACKENDS: &str = crate::kubernetes::annotation::REACHABLE_BACKENDS;
        for object in inventory::annotated(self.world) {
            let Annotated { ordinal, kind, name, namespace, home, annotations, page, .. } = object;
            let names = inventory::annotated_services(annotations);
            let has = annotations.get(BACKENDS).is_some();
            let (stage, edit, title, reason) = match (mode == MeshServicesMode::Exclusive, has) {
                (true, true) => (
                    Stage::CleanUp,
                    page.remove_entry(annotations, inventory::REACHABLE_SERVICES),
                    format!("remove `{}` of {kind} `{name}`", inventory::REACHABLE_SERVICES),
                    "it limits `kuma.io/service`s, which mode Exclusive does not have",
                ),
                (false, true) => continue,
                (_, false) => {
                    let refs = self.reachable(home, Some(namespace), mesh, &names);
                    if refs.is_empty() {
                        continue;
                    }
                    let value = Yaml::text(&Yaml::map([("refs", Yaml::Seq(refs))]).flow());
                    (
                        Stage::Clients,
                        page.add_entry(annotations, BACKENDS, value),
                        format!("set `{BACKENDS}` of {kind} `{name}`"),
                        "`reachable-services` without it leaves out every real service, in every mode",
                    )
                }
            };
            let Some(edit) = edit else { continue };
            out.push(Rewrite {
                id: format!("{kind}/{}/{namespace}/{name}/{BACKENDS}", home.name()),
                stage,
                title,
                reason: reason.into(),
                document: Some(ordinal),
                services: names,
                edits: vec![edit],
                at: None,
            });
        }
    }
}

/// True for a policy in a namespace of applications, whose role depends on what it refers to.
fn in_application(document: &Written<'_>) -> bool {
    document.resource.environment == Environment::Kubernetes
        && document.home.zone().is_some()
        && document.resource.namespace.as_deref().is_some_and(|n| n != "kuma-system")
}

/// True if items for what is wanted must not stand in a policy: producer and consumer items are not to be mixed.
fn mixes_roles(document: &Written<'_>, policy: &Policy, wanted: &Wanted) -> bool {
    let producer = |t: &TargetRef| {
        let own = t.namespace.is_none() || t.namespace == document.resource.namespace;
        matches!(t.kind, TargetKind::MeshService | TargetKind::MeshHTTPRoute) && t.name.is_some() && own
    };
    let names = wanted.entries.iter().all(|(key, _)| key == "name");
    in_application(document) && policy.to.iter().any(|i| producer(&i.target_ref) != names)
}

/// The template of the name that `kuma.io/service`s have.
const MESH_NAME: &str = "{{ .DisplayName }}.mesh";

/// The display name of the MeshMultiZoneService that selects a service's MeshServices by name.
pub fn multi_of(world: &World, mesh: &str, real: &RealName) -> Option<String> {
    let selects = |labels: &Labels| {
        labels.get(label::DISPLAY_NAME).is_some_and(|n| *n == real.name)
            && labels.get(label::NAMESPACE).map_or("", Text::as_str) == real.namespace
            && labels.keys().all(|k| k == label::DISPLAY_NAME || k == label::NAMESPACE)
    };
    let mut all = world.views.iter().flat_map(|v| v.of_kind(Kind::MeshMultiZoneService, mesh));
    all.find(|(_, s)| s.as_multi_zone().is_some_and(|m| selects(&m.match_labels)))
        .map(|(_, s)| s.display_name().to_owned())
}

/// What tells generators of `.mesh` names apart.
fn template_key(selects: &str, labels: &Labels) -> String {
    format!("{selects} {}", crate::resource::pairs(labels))
}

/// The generators of `.mesh` names that there are.
fn generator_templates(world: &World) -> SortedSet<String> {
    let all = world.views.iter().flat_map(|v| v.of_kind(Kind::HostnameGenerator, ""));
    all.filter_map(|(_, s)| match &s.resource.body {
        Body::HostnameGenerator(g) if g.template == MESH_NAME => {
            let selects = match g.selects {
                Kind::MeshMultiZoneService => "meshMultiZoneService",
                Kind::MeshExternalService => "meshExternalService",
                _ => "meshService",
            };
            Some(template_key(selects, &g.match_labels))
        }
        _ => None,
    })
    .gather()
}

fn label_yaml(labels: &Labels) -> Yaml {
    Yaml::strings(labels.iter().map(|(k, v)| (k.as_str(), v.as_str())))
}

/// Port 80 for the first of some ports, unless one has the number.
fn port_80_of(ports: &[Port]) -> Option<Port> {
    let first = ports.first().filter(|_| !ports.iter().any(|p| p.port == 80))?;
    Some(Port { name: Some("mesh-80".into()), port: 80, ..first.clone() })
}

fn ports_yaml(ports: &[Port], with_target: bool) -> Yaml {
    use crate::resource::TargetPort;
    let one = |port: &Port| {
        let mut entries =
            vec![("name".to_owned(), Yaml::text(&port.section())), ("port".to_owned(), Yaml::number(port.port))];
        match &port.target_port {
            Some(TargetPort::Number(n)) if with_target => entries.push(("targetPort".into(), Yaml::number(*n))),
            Some(TargetPort::Name(n)) if with_target => entries.push(("targetPort".into(), Yaml::text(n))),
            _ => {}
        }
        entries.push(("appProtocol".into(), Yaml::text(&port.app_protocol)));
        Yaml::Map(entries)
    };
    Yaml::Seq(ports.iter().map(one).gather())
}

fn reference_yaml(wanted: Wanted, port: i64) -> Yaml {
    let mut entries = vec![("kind".to_owned(), Yaml::text(wanted.kind.name()))];
    entries.extend(wanted.entries);
    entries.push(("port".into(), Yaml::number(port)));
    Yaml::Map(entries)
}

fn describe(wanted: &Wanted) -> String {
    let parts: Vec<String> = wanted.entries.iter().map(|(_, v)| v.flow()).gather();
    format!("{} `{}`", wanted.kind.name(), parts.join(" "))
}

/// The edit that gives a Mesh a mode.
fn mode_edit(document: &Written<'_>, mode: MeshServicesMode) -> Option<Edit> {
    let value = Yaml::text(mode.name());
    let with_mode = || Yaml::map([("mode", value.clone())]);
    let top = match document.resource.environment {
        Environment::Universal => document.node,
        Environment::Kubernetes => match own_value(document.node, &["spec"]) {
            Some(spec) => spec,
            None => return document.page.add_entry(document.node, "spec", Yaml::map([("meshServices", with_mode())])),
        },
    };
    match own_value(top, &["meshServices"]) {
        Some(services) => match own_value(services, &["mode"]) {
            Some(node) => Some(document.page.replace(node, &value)),
            None => document.page.add_entry(services, "mode", value),
        },
        None => document.page.add_entry(top, "meshServices", with_mode()),
    }
}
