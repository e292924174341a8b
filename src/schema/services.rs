//! MeshService, MeshMultiZoneService, MeshExternalService and HostnameGenerator.

use super::common::{LABEL_SELECTOR, PORTS, SOME_PORTS, TLS_VERSION};
use super::{field, int, list, Default, Family, Field, List, Object, Schema, Scope, Type, Width, FILLED, TEXT};

static DATAPLANE_REF: Object =
    Object { go: "DataplaneRef", fields: &[field("name", TEXT, "The name of the Dataplane.").omit_empty()] };
static SELECTOR: Object = Object {
    go: "Selector",
    fields: &[
        field("dataplaneTags", Type::TextMap, "Tags that one inbound of a Dataplane has."),
        field("dataplaneRef", Type::Object(&DATAPLANE_REF), "One Dataplane."),
        field("dataplaneLabels", Type::Object(&LABEL_SELECTOR), "Labels that a Dataplane carries."),
    ],
};
static IDENTITY: Object = Object {
    go: "MeshServiceIdentity",
    fields: &[
        field("type", Type::Enum(&["ServiceTag", "SpiffeID"]), "What the identity is.").required(),
        field("value", TEXT, "The identity.").required(),
    ],
};
static IDENTITIES: List = list(Type::Object(&IDENTITY));

/// MeshService.
pub static MESH_SERVICE: Schema = Schema {
    kind: "MeshService",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "A destination of one zone: which proxies, which ports.",
    spec: &Object {
        go: "MeshService",
        fields: &[
            field("selector", Type::Object(&SELECTOR), "Which proxies are behind it: exactly one of the three ways."),
            field("ports", Type::List(&PORTS), "Its ports.").omit_empty(),
            field(
                "state",
                Type::Enum(&["Available", "Unavailable"]),
                "Whether it has endpoints; the zone computes it.",
            )
            .or(Default::Text("Unavailable"))
            .omit_empty(),
            field("identities", Type::List(&IDENTITIES), "Who its proxies are, by their certificates."),
        ],
    },
};

static SERVICE_SELECTOR: Object = Object {
    go: "Selector",
    fields: &[field("meshService", Type::Object(&SERVICE_LABELS), "Which MeshServices belong to it.").required()],
};
static SERVICE_LABELS: Object = Object {
    go: "MeshServiceSelector",
    fields: &[field("matchLabels", Type::TextMap, "Labels that a member carries.")],
};

/// MeshMultiZoneService.
pub static MESH_MULTI_ZONE_SERVICE: Schema = Schema {
    kind: "MeshMultiZoneService",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "MeshServices of several zones under one name.",
    spec: &Object {
        go: "MeshMultiZoneService",
        fields: &[
            field("selector", Type::Object(&SERVICE_SELECTOR), "Which MeshServices belong to it.").required(),
            field("ports", Type::List(&SOME_PORTS), "Its ports; a member serves those whose number it has.").required(),
        ],
    },
};

const PORT_NUMBER: Type = int(Width::Int32, 1, 65535);
static MATCH: Object = Object {
    go: "Match",
    fields: &[
        field("type", Type::Enum(&["HostnameGenerator"]), "How clients reach it.")
            .or(Default::Text("HostnameGenerator")),
        field("port", PORT_NUMBER, "The port that clients use.").required(),
        field("protocol", Type::Enum(&["tcp", "grpc", "http", "http2"]), "The protocol that is spoken.")
            .or(Default::Text("tcp")),
    ],
};
static EXTENSION: Object = Object {
    go: "Extension",
    fields: &[
        field("type", TEXT, "The extension's type.").required(),
        field("config", Type::Any, "What the extension reads."),
    ],
};
static ENDPOINT: Object = Object {
    go: "Endpoint",
    fields: &[
        field("address", FILLED, "An IP address or host name.").required(),
        field("port", PORT_NUMBER, "The port there.").required(),
        field("priority", int(Width::Uint32, 0, 128), "Order of failover; 0 comes first."),
    ],
};
static ENDPOINTS: List = list(Type::Object(&ENDPOINT));
static SAN: Object = Object {
    go: "SANMatch",
    fields: &[
        field("type", Type::Enum(&["Exact", "Prefix"]), "How the name is compared.").or(Default::Text("Exact")),
        field("value", TEXT, "The name.").required(),
    ],
};
static SANS: List = list(Type::Object(&SAN));

// Kuma 3 reads another form, which 2.14 takes from 2.14.6 on.
static SECRET_SOURCE: Object = Object {
    go: "DataSource",
    fields: &[
        field("secret", TEXT, "The name of a Kuma Secret."),
        field("inline", Type::Bytes, "The value itself, in base64."),
        field("inlineString", TEXT, "The value itself."),
    ],
};
static VERIFICATION: Object = Object {
    go: "Verification",
    fields: &[
        field("mode", Type::Enum(&["SkipSAN", "SkipCA", "Secured", "SkipAll"]), "What is checked.")
            .or(Default::Text("Secured")),
        field("serverName", TEXT, "The server name that is asked for."),
        field("subjectAltNames", Type::List(&SANS), "Names that the certificate must bear."),
        field("caCert", Type::Object(&SECRET_SOURCE), "The authority that signs the certificate."),
        field("clientCert", Type::Object(&SECRET_SOURCE), "The certificate that the proxy shows."),
        field("clientKey", Type::Object(&SECRET_SOURCE), "The key of that certificate."),
    ],
};
static TLS: Object = Object {
    go: "Tls",
    fields: &[
        field("enabled", Type::Bool, "Whether the proxy encrypts.").or(Default::Bool(false)),
        field("version", Type::Object(&TLS_VERSION), "Which TLS versions."),
        field("allowRenegotiation", Type::Bool, "Whether the server may renegotiate.").or(Default::Bool(false)),
        field("verification", Type::Object(&VERIFICATION), "How the server's certificate is checked."),
    ],
};

/// MeshExternalService.
pub static MESH_EXTERNAL_SERVICE: Schema = Schema {
    kind: "MeshExternalService",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "A destination outside the mesh.",
    spec: &Object {
        go: "MeshExternalService",
        fields: &[
            field("match", Type::Object(&MATCH), "What clients address.").required(),
            field("extension", Type::Object(&EXTENSION), "An extension that takes the place of endpoints and tls."),
            field("endpoints", Type::List(&ENDPOINTS), "Where the traffic goes."),
            field("tls", Type::Object(&TLS), "How the proxy encrypts it."),
        ],
    },
};

const SELECT: &str = "Labels of the services that get a host name; the empty map selects all of the kind.";
static GENERATOR_SELECTOR: Object = Object {
    go: "Selector",
    fields: &[
        field("meshService", Type::Object(&LABEL_SELECTOR), SELECT),
        field("meshExternalService", Type::Object(&LABEL_SELECTOR), SELECT),
        field("meshMultiZoneService", Type::Object(&LABEL_SELECTOR), SELECT),
    ],
};

/// HostnameGenerator.
pub static HOSTNAME_GENERATOR: Schema = Schema {
    kind: "HostnameGenerator",
    family: Family::Schema,
    scope: Scope::Global,
    doc: "Gives host names to services.",
    spec: &Object { go: "HostnameGenerator", fields: &GENERATOR_FIELDS },
};
static GENERATOR_FIELDS: [Field; 3] = [
    field("selector", Type::Object(&GENERATOR_SELECTOR), "Which services: exactly one of the kinds."),
    field("template", TEXT, "The host name as a Go template, such as `{{ .DisplayName }}.{{ .Zone }}.mesh.local`.")
        .omit_empty(),
    field("extension", Type::Object(&EXTENSION), "An extension that makes the names."),
];
