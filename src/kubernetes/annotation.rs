//! The labels and annotations that Kuma reads on Kubernetes objects, and how it reads their values.

use crate::collections::Gather;
use crate::resource::Labels;
use crate::text::Text;

/// On Namespaces: whether Pods get a sidecar. Any value makes the webhooks look at the Namespace.
pub const SIDECAR_INJECTION: &str = "kuma.io/sidecar-injection";
/// On Pods: the sidecar is there.
pub const SIDECAR_INJECTED: &str = "kuma.io/sidecar-injected";
/// On Services: leave it alone.
pub const IGNORE: &str = "kuma.io/ignore";
/// On Pods: it is a gateway, `enabled`, `provided` or `builtin`. On Services: any value stops generation.
pub const GATEWAY: &str = "kuma.io/gateway";
/// On Services: they lead to a zone proxy.
pub const ZONE_PROXY_TYPE: &str = "k8s.kuma.io/zone-proxy-type";
/// On Pods: traffic is redirected to the sidecar.
pub const TRANSPARENT_PROXYING: &str = "kuma.io/transparent-proxying";
/// The port that incoming traffic is redirected to.
pub const TRANSPARENT_PROXYING_INBOUND_PORT: &str = "kuma.io/transparent-proxying-inbound-port";
/// The port that outgoing traffic is redirected to.
pub const TRANSPARENT_PROXYING_OUTBOUND_PORT: &str = "kuma.io/transparent-proxying-outbound-port";
/// `ipv4` or `dualstack`.
pub const TRANSPARENT_PROXYING_IP_FAMILY: &str = "kuma.io/transparent-proxying-ip-family-mode";
/// The whole redirection as one YAML text.
pub const TRANSPARENT_PROXYING_CONFIG: &str = "traffic.kuma.io/transparent-proxy-config";
/// Limits real destinations.
pub const REACHABLE_BACKENDS: &str = "kuma.io/reachable-backends";
/// Limits `kuma.io/service` destinations.
pub const REACHABLE_SERVICES: &str = "kuma.io/transparent-proxying-reachable-services";
/// `kuma.io/service`s that are reached past the virtual IP.
pub const DIRECT_ACCESS: &str = "kuma.io/direct-access-services";
/// The port of the sidecar's Envoy admin interface.
pub const ENVOY_ADMIN_PORT: &str = "kuma.io/envoy-admin-port";
/// On Pods of a zone's ingress.
pub const INGRESS: &str = "kuma.io/ingress";
/// On Pods of a zone's egress.
pub const EGRESS: &str = "kuma.io/egress";
/// The service account of a Pod, as a label of its Dataplane.
pub const SERVICE_ACCOUNT: &str = "k8s.kuma.io/service-account";
/// The Service that a MeshService was generated from.
pub const SERVICE_NAME: &str = "k8s.kuma.io/service-name";
/// The Service's port, as a tag of an inbound.
pub const SERVICE_PORT: &str = "k8s.kuma.io/service-port";
/// Whether a MeshService comes from a headless Service.
pub const HEADLESS: &str = "k8s.kuma.io/is-headless-service";
/// The instance of a headless Service, as a tag of an inbound.
pub const INSTANCE: &str = "kuma.io/instance";
/// On EndpointSlices: their Service.
pub const SLICE_SERVICE: &str = "kubernetes.io/service-name";
/// On Pods of a StatefulSet: the Pod's name.
pub const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
/// On Pods of a StatefulSet: its ordinal.
pub const POD_INDEX: &str = "apps.kubernetes.io/pod-index";
/// On routes that Kuma writes for Gateway API: whose they are.
pub const ROUTE_OWNER: &str = "gateways.kuma.io/gateway.networking.k8s.io-owner";

/// A switch that may also be spelled `enabled` and `disabled`. A value that is none of the six spellings is an error;
/// the text is Kuma's.
pub fn enabled(map: &Labels, key: &str) -> Result<Option<bool>, String> {
    match map.get(key).map(Text::as_str) {
        None => Ok(None),
        Some("enabled" | "true" | "yes") => Ok(Some(true)),
        Some("disabled" | "false" | "no") => Ok(Some(false)),
        Some(other) => Err(format!("annotation \"{key}\" has wrong value \"{other}\"")),
    }
}

/// A number; the error's text is Kuma's.
pub fn number(map: &Labels, key: &str) -> Result<Option<u32>, String> {
    map.get(key)
        .map(|text| {
            text.parse().map_err(|_| {
                format!("failed to parse annotation \"{key}\": strconv.ParseUint: parsing \"{text}\": invalid syntax")
            })
        })
        .transpose()
}

/// A list, separated by commas.
pub fn list(map: &Labels, key: &str) -> Option<Vec<String>> {
    map.get(key).map(|text| text.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).gather())
}
