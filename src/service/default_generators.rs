//! The HostnameGenerators that control planes create by themselves (rule 4.7).

use crate::collections::Gather;
use crate::resource::{label, Body, Environment, HostnameGenerator, Kind, Labels, Provenance, Resource};
use crate::yaml::Span;
use crate::zone::ControlPlane;

/// Label of MeshServices of headless Kubernetes Services, `true` or `false`.
const HEADLESS: &str = "k8s.kuma.io/is-headless-service";

/// The default generators of a control plane. A zone makes those for what it owns, global those for what zones get
/// from elsewhere; so an unfederated zone has none for MeshMultiZoneServices.
pub fn default_generators(plane: &ControlPlane, environment: Environment, system_namespace: &str) -> Vec<Resource> {
    let generator = |name: &str, selects: Kind, labels: &[(&str, &str)], template: &str| Resource {
        kind: Kind::HostnameGenerator,
        mesh: String::new(),
        name: name.to_owned(),
        namespace: (environment == Environment::Kubernetes).then(|| system_namespace.to_owned()),
        labels: Labels::new(),
        annotations: Labels::new(),
        created: None,
        environment,
        provenance: Provenance::Default,
        name_span: Span::default(),
        body: Body::HostnameGenerator(HostnameGenerator {
            selects,
            match_labels: labels.iter().map(|(k, v)| ((*k).into(), (*v).into())).gather(),
            selector_span: Span::default(),
            template: template.to_owned(),
            template_span: Span::default(),
        }),
    };
    let synced = (label::ORIGIN, "global");
    let local = (label::ORIGIN, "zone");
    match plane {
        ControlPlane::Global => vec![
            generator(
                "synced-mesh-multi-zone-service",
                Kind::MeshMultiZoneService,
                &[synced],
                "{{ .DisplayName }}.mzsvc.mesh.local",
            ),
            generator(
                "synced-kube-mesh-service",
                Kind::MeshService,
                &[synced, (HEADLESS, "false"), (label::ENV, Environment::Kubernetes.name())],
                "{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
            ),
            generator(
                "synced-headless-kube-mesh-service",
                Kind::MeshService,
                &[synced, (HEADLESS, "true"), (label::ENV, Environment::Kubernetes.name())],
                "{{ label \"statefulset.kubernetes.io/pod-name\" }}.{{ label \"k8s.kuma.io/service-name\" }}.\
                 {{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
            ),
            generator(
                "synced-universal-mesh-service",
                Kind::MeshService,
                &[synced, (label::ENV, Environment::Universal.name())],
                "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local",
            ),
            generator(
                "synced-mesh-external-service",
                Kind::MeshExternalService,
                &[synced],
                "{{ .DisplayName }}.extsvc.mesh.local",
            ),
        ],
        ControlPlane::Zone(_) => {
            let mut all = vec![generator(
                "local-mesh-external-service",
                Kind::MeshExternalService,
                &[local],
                "{{ .DisplayName }}.extsvc.mesh.local",
            )];
            if environment == Environment::Universal {
                all.push(generator(
                    "local-universal-mesh-service",
                    Kind::MeshService,
                    &[local],
                    "{{ .DisplayName }}.svc.mesh.local",
                ));
            }
            all
        }
    }
}
