//! Kinds that follow the JSON mapping of protobuf: Mesh, Dataplane, ZoneIngress, ZoneEgress.
//!
//! The names of these objects are those of the protobuf messages and enums, which decoding errors quote.

use super::common::TEXTS;
use super::{field, list, Family, List, Object, Schema, Scope, Type, TEXT, U32};

// Dataplane

const STATES: Type = Type::Enum(&["Ready", "NotReady", "Ignored"]);
static SERVICE_PROBE: Object = Object {
    go: "ServiceProbe",
    fields: &[
        field("interval", TEXT, "How often the application is asked."),
        field("timeout", TEXT, "How long it may take to answer."),
        field("unhealthyThreshold", U32, "How many failures in a row are too many."),
        field("healthyThreshold", U32, "How many successes in a row are enough."),
        field("tcp", Type::Any, "Ask by opening a TCP connection."),
    ],
};
static HEALTH: Object =
    Object { go: "Health", fields: &[field("ready", Type::Bool, "Whether the application is ready; deprecated.")] };
static INBOUND: Object = Object {
    go: "Inbound",
    fields: &[
        field("port", U32, "The port that the proxy listens on for this service."),
        field("name", TEXT, "A name, by which a MeshService's targetPort or a policy's sectionName finds it."),
        field("servicePort", U32, "The port of the application; the same port if absent."),
        field("serviceAddress", TEXT, "The address of the application; 127.0.0.1 if absent."),
        field("address", TEXT, "The address that the proxy listens on; the Dataplane's if absent."),
        field("tags", Type::TextMap, "Tags such as kuma.io/service and kuma.io/protocol."),
        field("state", STATES, "Whether it takes traffic."),
        field("health", Type::Object(&HEALTH), "Whether it takes traffic; deprecated in favour of state."),
        field("serviceProbe", Type::Object(&SERVICE_PROBE), "How the proxy asks the application whether it is well."),
        field("protocol", TEXT, "The protocol, where inbounds have no tags."),
    ],
};
static INBOUNDS: List = list(Type::Object(&INBOUND));
static OUTBOUND_REF: Object = Object {
    go: "BackendRef",
    fields: &[
        field("kind", Type::Enum(&["MeshService", "MeshMultiZoneService", "MeshExternalService"]), "The kind."),
        field("name", TEXT, "The name, looked up in this Dataplane's zone."),
        field("port", U32, "The number of the destination's port."),
        field("labels", Type::TextMap, "Labels that it carries, in place of a name."),
    ],
};
static OUTBOUND: Object = Object {
    go: "Outbound",
    fields: &[
        field("address", TEXT, "The address that the proxy listens on; 127.0.0.1 if absent."),
        field("port", U32, "The port that the proxy listens on for this destination."),
        field("tags", Type::TextMap, "The destination by kuma.io/service."),
        field("backendRef", Type::Object(&OUTBOUND_REF), "The destination as a resource."),
    ],
};
static OUTBOUNDS: List = list(Type::Object(&OUTBOUND));
static GATEWAY: Object = Object {
    go: "Gateway",
    fields: &[
        field("tags", Type::TextMap, "Tags; kuma.io/service at least."),
        field("type", Type::Enum(&["DELEGATED", "BUILTIN"]), "Whether the gateway is another program or Kuma's own."),
    ],
};
static REACHABLE_REF: Object = Object {
    go: "BackendRef",
    fields: &[
        field("kind", Type::Enum(&["MeshService", "MeshMultiZoneService", "MeshExternalService"]), "The kind."),
        field("name", TEXT, "The name, looked up in this Dataplane's zone."),
        field("namespace", TEXT, "The namespace of the name."),
        field("port", U32, "One port; all if absent."),
        field("labels", Type::TextMap, "Labels that it carries, in place of a name."),
    ],
};
static REACHABLE_REFS: List = list(Type::Object(&REACHABLE_REF));
static REACHABLE: Object =
    Object { go: "ReachableBackends", fields: &[field("refs", Type::List(&REACHABLE_REFS), "The destinations.")] };
static TRANSPARENT: Object = Object {
    go: "TransparentProxying",
    fields: &[
        field("redirectPortInbound", U32, "The port to which incoming traffic is redirected."),
        field("redirectPortOutbound", U32, "The port to which outgoing traffic is redirected."),
        field("directAccessServices", Type::List(&TEXTS), "Services whose instances are reached directly."),
        field("reachableServices", Type::List(&TEXTS), "The kuma.io/services that the proxy knows; all if absent."),
        field("reachableBackends", Type::Object(&REACHABLE), "The destinations that the proxy knows; all if absent."),
        field("ipFamilyMode", Type::Enum(&["UnSpecified", "DualStack", "IPv4", "IPv6"]), "Which IP families."),
    ],
};
static NETWORKING: Object = Object {
    go: "Networking",
    fields: &[
        field("address", TEXT, "The address at which other proxies reach this one."),
        field("advertisedAddress", TEXT, "The address that others are told, if it is another."),
        field("inbound", Type::List(&INBOUNDS), "What the proxy takes traffic for."),
        field("outbound", Type::List(&OUTBOUNDS), "Where the proxy sends traffic, without transparent proxying."),
        field("gateway", Type::Object(&GATEWAY), "Set for a gateway."),
        field("transparentProxying", Type::Object(&TRANSPARENT), "Set if traffic is redirected to the proxy."),
        field("admin", Type::Any, "Envoy's admin endpoint."),
        field("listeners", Type::Any, "Listeners of a zone proxy."),
    ],
};

/// Dataplane.
pub static DATAPLANE: Schema = Schema {
    kind: "Dataplane",
    family: Family::Protobuf,
    scope: Scope::Mesh,
    doc: "One proxy beside one instance of an application.",
    spec: &Object {
        go: "Dataplane",
        fields: &[
            field("networking", Type::Object(&NETWORKING), "Addresses, inbounds and outbounds."),
            field("metrics", Type::Any, "Metrics of this proxy; deprecated in favour of MeshMetric."),
            field("probes", Type::Any, "Probes of Kubernetes; deprecated."),
        ],
    },
};

// Mesh

static ROTATION: Object =
    Object { go: "Rotation", fields: &[field("expiration", TEXT, "How long a certificate is valid.")] };
static DP_CERT: Object = Object {
    go: "DpCert",
    fields: &[
        field("rotation", Type::Object(&ROTATION), "When certificates are renewed."),
        field("requestTimeout", TEXT, "How long issuing a certificate may take."),
    ],
};
static CA_BACKEND: Object = Object {
    go: "CertificateAuthorityBackend",
    fields: &[
        field("name", TEXT, "The backend's name."),
        field("type", TEXT, "builtin, provided, vault, …"),
        field("conf", Type::Any, "Settings of the type."),
        field("mode", Type::Enum(&["STRICT", "PERMISSIVE"]), "Whether plain traffic is taken too."),
        field("dpCert", Type::Object(&DP_CERT), "Certificates of the proxies."),
        field("rootChain", Type::Any, "Further authorities that are trusted."),
    ],
};
static CA_BACKENDS: List = list(Type::Object(&CA_BACKEND));
static MTLS: Object = Object {
    go: "Mtls",
    fields: &[
        field("enabledBackend", TEXT, "The backend in use; traffic is plain without one."),
        field("backends", Type::List(&CA_BACKENDS), "Certificate authorities."),
        field("skipValidation", Type::Bool, "Whether the authority is not tried when the Mesh is saved."),
    ],
};
static MESH_SERVICES: Object = Object {
    go: "MeshServices",
    fields: &[field(
        "mode",
        Type::Enum(&["Disabled", "Everywhere", "ReachableBackends", "Exclusive"]),
        "Whether MeshServices are generated, and who gets outbounds to them.",
    )],
};
static ROUTING: Object = Object {
    go: "Routing",
    fields: &[
        field("localityAwareLoadBalancing", Type::Bool, "Whether the own zone comes first for kuma.io/service."),
        field("zoneEgress", Type::Bool, "Whether traffic that leaves the zone goes through its ZoneEgress."),
        field("defaultForbidMeshExternalServiceAccess", Type::Bool, "Whether MeshExternalServices need a permission."),
    ],
};
static BACKEND: Object = Object {
    go: "Backend",
    fields: &[
        field("name", TEXT, "Its name."),
        field("type", TEXT, "Its type."),
        field("conf", Type::Any, "Its settings."),
    ],
};
static BACKENDS: List = list(Type::Object(&BACKEND));
static LOGGING: Object = Object {
    go: "Logging",
    fields: &[
        field("defaultBackend", TEXT, "The backend in use unless a policy names another."),
        field("backends", Type::List(&BACKENDS), "Where logs go."),
    ],
};
static TRACING: Object = Object {
    go: "Tracing",
    fields: &[
        field("defaultBackend", TEXT, "The backend in use unless a policy names another."),
        field("backends", Type::List(&BACKENDS), "Where traces go."),
    ],
};
static METRICS: Object = Object {
    go: "Metrics",
    fields: &[
        field("enabledBackend", TEXT, "The backend in use."),
        field("backends", Type::List(&BACKENDS), "Where metrics go."),
    ],
};
static OUTBOUND_DEFAULT: Object = Object {
    go: "Outbound",
    fields: &[field("passthrough", Type::Bool, "Whether destinations outside the mesh are reachable.")],
};
static MESH_NETWORKING: Object = Object {
    go: "Networking",
    fields: &[field("outbound", Type::Object(&OUTBOUND_DEFAULT), "Traffic that leaves the mesh.")],
};

/// Mesh.
pub static MESH: Schema = Schema {
    kind: "Mesh",
    family: Family::Protobuf,
    scope: Scope::Global,
    doc: "A mesh: the unit within which services find and trust each other.",
    spec: &Object {
        go: "Mesh",
        fields: &[
            field("mtls", Type::Object(&MTLS), "Encryption and identity."),
            field("meshServices", Type::Object(&MESH_SERVICES), "How MeshServices are used."),
            field("routing", Type::Object(&ROUTING), "How traffic crosses zones."),
            field("networking", Type::Object(&MESH_NETWORKING), "Traffic that leaves the mesh."),
            field(
                "skipCreatingInitialPolicies",
                Type::List(&TEXTS),
                "Default policies that are not made; `*` for all.",
            ),
            field("logging", Type::Object(&LOGGING), "Backends of TrafficLog."),
            field("tracing", Type::Object(&TRACING), "Backends of TrafficTrace."),
            field("metrics", Type::Object(&METRICS), "Backends of metrics."),
            field("constraints", Type::Any, "Which Dataplanes may join."),
        ],
    },
};

// ZoneIngress and ZoneEgress

static INGRESS_NETWORKING: Object = Object {
    go: "Networking",
    fields: &[
        field("address", TEXT, "The address inside the zone."),
        field("port", U32, "The port there."),
        field("advertisedAddress", TEXT, "The address at which other zones reach it."),
        field("advertisedPort", U32, "The port there."),
        field("admin", Type::Any, "Envoy's admin endpoint."),
    ],
};
static AVAILABLE: Object = Object {
    go: "AvailableService",
    fields: &[
        field("tags", Type::TextMap, "The service's tags."),
        field("instances", U32, "How many instances."),
        field("mesh", TEXT, "The mesh."),
        field("externalService", Type::Bool, "Whether it lies outside the mesh."),
    ],
};
static AVAILABLES: List = list(Type::Object(&AVAILABLE));

/// ZoneIngress.
pub static ZONE_INGRESS: Schema = Schema {
    kind: "ZoneIngress",
    family: Family::Protobuf,
    scope: Scope::Global,
    doc: "The proxy through which other zones reach a zone.",
    spec: &Object {
        go: "ZoneIngress",
        fields: &[
            field("zone", TEXT, "The zone; the control plane's own if absent."),
            field("networking", Type::Object(&INGRESS_NETWORKING), "Its addresses."),
            field("availableServices", Type::List(&AVAILABLES), "What it offers; the control plane computes it."),
        ],
    },
};

static EGRESS_NETWORKING: Object = Object {
    go: "Networking",
    fields: &[
        field("address", TEXT, "The address inside the zone."),
        field("port", U32, "The port there."),
        field("admin", Type::Any, "Envoy's admin endpoint."),
    ],
};

/// ZoneEgress.
pub static ZONE_EGRESS: Schema = Schema {
    kind: "ZoneEgress",
    family: Family::Protobuf,
    scope: Scope::Global,
    doc: "The proxy through which traffic leaves a zone.",
    spec: &Object {
        go: "ZoneEgress",
        fields: &[
            field("zone", TEXT, "The zone; the control plane's own if absent."),
            field("networking", Type::Object(&EGRESS_NETWORKING), "Its address."),
        ],
    },
};
