//! Kubernetes zones: what Kuma's controllers make of Services and Pods, and what its webhooks do to Kuma's own objects.
//!
//! A [`Cluster`] holds the objects of one zone. [`mesh_service`] turns Services into MeshServices, [`dataplane`] Pods
//! into Dataplanes, [`gateway_api`] HTTPRoutes into MeshHTTPRoutes; [`admission`] says what becomes of Kuma's objects
//! as they are written. Rule numbers in this room are those of the Kubernetes rules.

pub mod admission;
pub mod annotation;
mod build;
pub mod dataplane;
pub mod gateway_api;
pub mod mesh_service;
pub mod object;
mod run;
pub mod vip;
pub mod workload;
pub mod zone_proxy;

use crate::collections::{keep_latest, sort_by, Gather, SortedMap};

use crate::resource::{label, DocumentId, Kind, Labels, Mesh, MeshServicesMode, Reading, Resource};
use crate::yaml::Node;
use crate::zone::ControlPlane;

use annotation::SIDECAR_INJECTION;
use mesh_service::MeshFrom;
use object::{EndpointSlice, Meta, Namespace, Owner, Pod, PodRef, Service};

pub use run::{default_resource, diagnostics, run, Evaluation};

/// Settings of a Kubernetes control plane, and what may be assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Pod labels that name the workload; the first that is there counts.
    pub workload_labels: Vec<String>,
    /// Labels that are left out of Services' selectors when Pods get inbounds.
    pub ignored_service_selector_labels: Vec<String>,
    /// True if inbound tags are disabled.
    pub inbound_tags_disabled: bool,
    /// True if what a cluster would add may be assumed: Pods of workloads that have none in the input, and the
    /// clusterIP of Services that have none.
    pub assume: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            workload_labels: Vec::new(),
            ignored_service_selector_labels: Vec::new(),
            inbound_tags_disabled: false,
            assume: true,
        }
    }
}

/// One object of the input, with what was read of it.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The document.
    pub document: DocumentId,
    /// Its place in the whole input.
    pub ordinal: u32,
    /// Its text as values.
    pub node: &'a Node,
    /// What it is.
    pub reading: &'a Reading,
}

/// One of Kuma's own objects.
#[derive(Clone, Debug)]
pub struct KumaObject<'a> {
    /// Its place in the whole input.
    pub ordinal: u32,
    /// Its text as values.
    pub node: &'a Node,
    /// The resource.
    pub resource: Resource,
    /// Who owns it.
    pub owners: Vec<Owner>,
}

/// The objects of one control plane.
#[derive(Clone, Debug)]
pub struct Cluster<'a> {
    /// Whose objects they are.
    pub plane: ControlPlane,
    /// True if the zone is connected to a global control plane.
    pub federated: bool,
    /// Kuma's own namespace.
    pub system_namespace: String,
    /// Settings.
    pub options: Options,
    /// The modes of the meshes.
    pub meshes: SortedMap<String, MeshServicesMode>,
    /// Namespaces.
    pub namespaces: Vec<Namespace>,
    /// Services.
    pub services: Vec<Service>,
    /// Pods.
    pub pods: Vec<Pod>,
    /// EndpointSlices, by name.
    pub slices: Vec<EndpointSlice>,
    /// Nodes.
    pub nodes: Vec<Meta>,
    /// Addresses of Nodes, in their order.
    pub node_addresses: Vec<String>,
    /// ReplicaSets, Jobs and other owners of Pods.
    pub owners: Vec<Meta>,
    /// Gateway API HTTPRoutes.
    pub routes: Vec<(Meta, &'a Node)>,
    /// Kuma's own objects.
    pub kuma: Vec<KumaObject<'a>>,
    /// Services whose clusterIP is assumed, by position.
    pub assumed_cluster_ips: Vec<usize>,
    /// ConfigMaps, Secrets and the like, which mean nothing here: `apiVersion kind`, and how many.
    pub unused: SortedMap<String, u32>,
}

impl<'a> Cluster<'a> {
    /// Sorts the objects of a control plane.
    pub fn read(
        plane: ControlPlane,
        federated: bool,
        system_namespace: &str,
        options: &Options,
        inputs: impl Iterator<Item = Input<'a>>,
    ) -> Cluster<'a> {
        let mut cluster = Cluster {
            plane,
            federated,
            system_namespace: system_namespace.to_owned(),
            options: options.clone(),
            meshes: SortedMap::new(),
            namespaces: Vec::new(),
            services: Vec::new(),
            pods: Vec::new(),
            slices: Vec::new(),
            nodes: Vec::new(),
            node_addresses: Vec::new(),
            owners: Vec::new(),
            routes: Vec::new(),
            kuma: Vec::new(),
            assumed_cluster_ips: Vec::new(),
            unused: SortedMap::new(),
        };
        let mut workloads = Vec::new();
        let mut endpoints = Vec::new();
        for input in inputs {
            match input.reading {
                Reading::Kuma(resource) => {
                    let owners = Meta::read(input.node, input.document, true).owners;
                    cluster.kuma.push(KumaObject {
                        ordinal: input.ordinal,
                        node: input.node,
                        resource: (**resource).clone(),
                        owners,
                    });
                }
                Reading::Kubernetes { api_version, kind } => {
                    let meta = |namespaced| Meta::read(input.node, input.document, namespaced);
                    match (group(api_version), kind.as_str()) {
                        ("", "Namespace") => {
                            let terminating = input.node.at(&["status", "phase"]).and_then(Node::as_str);
                            cluster
                                .namespaces
                                .push(Namespace { meta: meta(false), terminating: terminating == Some("Terminating") });
                        }
                        ("", "Service") => {
                            cluster.services.push(Service::read(input.node, meta(true)));
                        }
                        ("", "Pod") => cluster.pods.push(Pod::read(input.node, meta(true))),
                        ("", "Node") => {
                            cluster.nodes.push(meta(false));
                            cluster.node_addresses.extend(object::node_address(input.node));
                        }
                        ("", "Endpoints") => {
                            let slice = EndpointSlice::from_endpoints(input.node, meta(true));
                            endpoints.push(slice);
                        }
                        ("discovery.k8s.io", "EndpointSlice") => {
                            if let Some(slice) = EndpointSlice::read(input.node, meta(true)) {
                                cluster.slices.push(slice);
                            }
                        }
                        ("gateway.networking.k8s.io", "HTTPRoute") => {
                            cluster.routes.push((meta(true), input.node));
                        }
                        ("apps" | "batch", _) => {
                            cluster.owners.push(meta(true));
                            workloads.push((meta(true), input.node));
                        }
                        _ => *cluster.unused.entry(format!("{api_version} {kind}")).or_default() += 1,
                    }
                }
                Reading::Checks | Reading::Unknown { .. } => {}
            }
        }
        latest(&mut cluster.namespaces, |n| &n.meta);
        latest(&mut cluster.services, |s| &s.meta);
        latest(&mut cluster.pods, |p| &p.meta);
        latest(&mut cluster.slices, |s| &s.meta);
        latest(&mut cluster.owners, |m| m);
        latest(&mut cluster.routes, |(m, _)| m);
        latest(&mut workloads, |(m, _)| m);
        latest(&mut endpoints, |e| &e.meta);
        latest_kuma(&mut cluster.kuma);
        // Kubernetes mirrors Endpoints to EndpointSlices
        let listed = |e: &EndpointSlice, all: &[EndpointSlice]| {
            all.iter().any(|s| s.meta.namespace == e.meta.namespace && s.service == e.service)
        };
        endpoints.retain(|e| !listed(e, &cluster.slices));
        cluster.slices.extend(endpoints);
        sort_by(&mut cluster.slices, |a, b| a.meta.name.cmp(&b.meta.name));
        if cluster.options.assume {
            workload::assume_pods(&mut cluster, &workloads);
            workload::assume_cluster_ips(&mut cluster);
        }
        cluster
    }

    /// The zone's name; empty on a global control plane.
    pub fn zone(&self) -> &str {
        self.plane.zone().unwrap_or_default()
    }

    /// Says which meshes there are.
    pub fn set_meshes<'m>(&mut self, meshes: impl Iterator<Item = (&'m str, &'m Mesh)>) {
        self.meshes = meshes.map(|(name, mesh)| (name.to_owned(), mesh.mode)).gather();
    }

    /// The names of meshes that objects are in, or say they are in.
    pub fn mentioned_meshes(&self) -> impl Iterator<Item = String> + '_ {
        let services = self.services.iter().map(|s| &s.meta);
        let pods = self.pods.iter().filter(|p| p.is_injected() == Ok(true)).map(|p| &p.meta);
        let kuma = self.kuma.iter().map(|k| k.resource.mesh.clone());
        kuma.chain(services.chain(pods).map(|meta| self.mesh_of(meta)))
    }

    /// A Namespace.
    pub fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.iter().find(|n| n.meta.name == name)
    }

    /// The mode of a mesh, if it exists.
    pub fn mesh_mode(&self, mesh: &str) -> Option<MeshServicesMode> {
        self.meshes.get(mesh).copied()
    }

    /// The Pod of a reference, if it is there.
    pub fn pod(&self, reference: &PodRef) -> Option<&Pod> {
        self.pods.iter().find(|p| p.meta.name == reference.name && p.meta.namespace == reference.namespace)
    }

    /// The EndpointSlices of a Service, by name.
    pub fn slices_of<'s>(&'s self, service: &'s Service) -> impl Iterator<Item = &'s EndpointSlice> + 's {
        let meta = &service.meta;
        self.slices.iter().filter(|s| s.meta.namespace == meta.namespace && s.service == meta.name)
    }

    /// The mesh of a Service, Pod or route.
    pub fn mesh_of(&self, meta: &Meta) -> String {
        self.mesh_and_place(meta).0
    }

    /// The mesh of a Service, Pod or route, and where it is named: the first of five places whose value is not empty.
    pub fn mesh_and_place(&self, meta: &Meta) -> (String, MeshFrom) {
        let namespace = self.namespace(&meta.namespace).map(|n| &n.meta);
        [
            (Some(&meta.labels), MeshFrom::Label),
            (Some(&meta.annotations), MeshFrom::Annotation),
            (namespace.map(|n| &n.labels), MeshFrom::NamespaceLabel),
            (namespace.map(|n| &n.annotations), MeshFrom::NamespaceAnnotation),
        ]
        .into_iter()
        .find_map(|(map, from)| {
            let mesh = map?.get(label::MESH).filter(|m| !m.is_empty())?;
            Some((mesh.into(), from))
        })
        .unwrap_or_else(|| ("default".into(), MeshFrom::Default))
    }

    /// True if Kuma's webhooks see objects of a namespace (rule 1.2): its Namespace has the injection label, whatever
    /// the value. A Namespace that was not pasted is taken to have it.
    pub fn webhooks_see(&self, namespace: Option<&str>) -> bool {
        match namespace {
            None => true,
            Some("kube-system") => false,
            Some(name) => self.namespace(name).is_none_or(|n| n.meta.labels.contains_key(SIDECAR_INJECTION)),
        }
    }

    /// The labels that the control plane adds where they are absent (rule 1.5), for what a zone may create.
    pub fn keep_labels(&self, labels: &mut Labels, mesh: &str, namespace: &str) {
        let mut keep = |key: &str, value: &str| {
            labels.entry(key.into()).or_insert_with(|| value.into());
        };
        keep(label::MESH, mesh);
        if let ControlPlane::Zone(zone) = &self.plane {
            keep(label::ORIGIN, "zone");
            admission::keep_zone(labels, zone);
        }
        admission::keep_namespace(labels, namespace);
    }
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Leaves one object of each name: the last one, in the place of the first.
fn latest<T>(objects: &mut Vec<T>, meta: impl Fn(&T) -> &Meta) {
    fn key(of: &Meta) -> (&str, &str, &str) {
        (&of.kind, &of.namespace, &of.name)
    }
    keep_latest(objects, |a, b| key(meta(a)).cmp(&key(meta(b))), |_, last| last);
}

/// The same for Kuma's own objects, which keep the age of the first.
fn latest_kuma(objects: &mut Vec<KumaObject>) {
    fn key<'a>(of: &'a KumaObject<'_>) -> (Kind, Option<&'a str>, &'a str) {
        (of.resource.kind, of.resource.namespace.as_deref(), &of.resource.name)
    }
    let join = |first: KumaObject, last| KumaObject { ordinal: first.ordinal, ..last };
    keep_latest(objects, |a, b| key(a).cmp(&key(b)), join);
}
