//! The labels and tags that Kuma gives a meaning.

/// The zone of a resource.
pub const ZONE: &str = "kuma.io/zone";
/// `zone` or `global`: which control plane a resource comes from, as seen where it is stored.
pub const ORIGIN: &str = "kuma.io/origin";
/// The environment of the zone, `universal` or `kubernetes`.
pub const ENV: &str = "kuma.io/env";
/// The mesh.
pub const MESH: &str = "kuma.io/mesh";
/// The name as the user wrote it, before synchronisation added a hash.
pub const DISPLAY_NAME: &str = "kuma.io/display-name";
/// Who maintains a generated resource.
pub const MANAGED_BY: &str = "kuma.io/managed-by";
/// `sidecar` or `gateway`, on Dataplanes.
pub const PROXY_TYPE: &str = "kuma.io/proxy-type";
/// `shadow` makes a policy be shown but not applied.
pub const EFFECT: &str = "kuma.io/effect";
/// `system`, `producer`, `consumer` or `workload-owner`.
pub const POLICY_ROLE: &str = "kuma.io/policy-role";
/// The Kubernetes namespace.
pub const NAMESPACE: &str = "k8s.kuma.io/namespace";
/// The workload of a Dataplane.
pub const WORKLOAD: &str = "kuma.io/workload";
/// `disabled` keeps a resource from being synchronised.
pub const KDS_SYNC: &str = "kuma.io/kds-sync";
/// The tag that named services before MeshService.
pub const SERVICE_TAG: &str = "kuma.io/service";
/// The tag that names an inbound's protocol.
pub const PROTOCOL_TAG: &str = "kuma.io/protocol";
/// The zone, as a tag on inbounds.
pub const ZONE_TAG: &str = ZONE;
