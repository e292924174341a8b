//! Shapes that several kinds share.

use super::{field, int, list, Default, Field, List, Object, Pattern, Text, Type, Width, I32, TEXT, U32};

/// Kinds that a reference may name as far as the schema goes; each place allows fewer.
pub static TARGET_KINDS: &[&str] = &[
    "Mesh",
    "MeshSubset",
    "MeshGateway",
    "MeshService",
    "MeshExternalService",
    "MeshMultiZoneService",
    "MeshServiceSubset",
    "MeshHTTPRoute",
    "Dataplane",
];

static PROXY_TYPES: List = list(Type::Enum(&["Sidecar", "Gateway"]));
/// A list of any texts.
pub static TEXTS: List = list(TEXT);

const REF_KIND: Field = field("kind", Type::Enum(TARGET_KINDS), "The kind of what is meant.").required();
const REF_NAME: Field = field("name", TEXT, "Its name, looked up in the zone (and namespace) of the document itself.");
const REF_NAMESPACE: Field = field("namespace", TEXT, "The namespace of the name; the document's own if absent.");
const REF_LABELS: Field = field("labels", Type::TextMap, "Labels that it carries, in place of a name.");
const REF_SECTION: Field = field("sectionName", TEXT, "The name of one port or inbound of it.");
const REF_TAGS: Field =
    field("tags", Type::TextMap, "Inbound tags, for the kinds MeshSubset, MeshServiceSubset and MeshGateway.");
const REF_TYPES: Field =
    field("proxyTypes", Type::List(&PROXY_TYPES), "Which proxies of the mesh: sidecars, gateways, or both if absent.");
const REF_MESH: Field = field("mesh", TEXT, "Reserved by Kuma for references to other meshes; must stay unset.");

/// `targetRef`.
pub static TARGET_REF: Object = Object {
    go: "TargetRef",
    fields: &[REF_KIND, REF_NAME, REF_NAMESPACE, REF_LABELS, REF_SECTION, REF_TAGS, REF_TYPES, REF_MESH],
};

/// `backendRefs[]`.
pub static BACKEND_REF: Object = Object {
    go: "BackendRef",
    fields: &[
        REF_KIND,
        REF_NAME,
        REF_NAMESPACE,
        REF_LABELS,
        REF_SECTION,
        field("port", U32, "The number of the destination's port."),
        field("weight", int(Width::Uint, 0, i64::MAX), "Its share of the requests, relative to the other backends.")
            .or(Default::Int(1)),
        REF_TAGS,
        REF_TYPES,
        REF_MESH,
    ],
};

/// A list of backends.
pub static BACKEND_REFS: List = list(Type::Object(&BACKEND_REF));

/// The top-level reference of every policy.
pub const TOP: Field =
    field("targetRef", Type::Object(&TARGET_REF), "Which proxies the policy configures; all of the mesh if absent.");
/// The reference of a `to` item.
pub const TO_REF: Field =
    field("targetRef", Type::Object(&TARGET_REF), "Which destinations the item is about.").required();
/// The reference of a `from` item.
pub const FROM_REF: Field =
    field("targetRef", Type::Object(&TARGET_REF), "Which clients the item is about.").required();

fn is_header_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// The name of an HTTP header, in lower case.
pub const HEADER_NAME: Type = Type::Text(Text {
    min: 1,
    max: 256,
    pattern: Some(Pattern { text: r"^[a-z0-9!#$%&'*+\-.^_\x60|~]+$", fits: is_header_name }),
});

fn is_hostname(text: &str) -> bool {
    crate::validate::names::is_subdomain(text)
}

/// A host name without wildcards.
pub const HOSTNAME: Type = Type::Text(Text {
    min: 1,
    max: 253,
    pattern: Some(Pattern {
        text: r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        fits: is_hostname,
    }),
});

/// `headers[]` of a match.
pub static HEADER_MATCH: Object = Object {
    go: "HeaderMatch",
    fields: &[
        field(
            "type",
            Type::Enum(&["Exact", "Present", "RegularExpression", "Absent", "Prefix"]),
            "How the value is compared, or whether the header must be there at all.",
        )
        .or(Default::Text("Exact")),
        field("name", HEADER_NAME, "The header, in lower case.").required(),
        field("value", TEXT, "What its value is compared with; unset for Present and Absent."),
    ],
};
/// Header matches.
pub static HEADER_MATCHES: List = list(Type::Object(&HEADER_MATCH));

static HEADER_VALUE: Object = Object {
    go: "HeaderKeyValue",
    fields: &[
        field("name", HEADER_NAME, "The header, in lower case.").required(),
        field("value", TEXT, "Its value.").required(),
    ],
};
static HEADER_VALUES: List = list(Type::Object(&HEADER_VALUE)).most(16).keyed(&["name"]);
static HEADER_NAMES: List = list(TEXT).most(16);

/// `set`, `add` and `remove` of headers.
pub static HEADER_MODIFIER: Object = Object {
    go: "HeaderModifier",
    fields: &[
        field("set", Type::List(&HEADER_VALUES), "Headers to overwrite."),
        field("add", Type::List(&HEADER_VALUES), "Headers to add beside those that are there."),
        field("remove", Type::List(&HEADER_NAMES), "Headers to take away."),
    ],
};

/// `set` and `add` of headers.
pub static HEADERS_TO_ADD: Object = Object {
    go: "HeaderModifier",
    fields: &[
        field("set", Type::List(&HEADER_VALUES), "Headers to overwrite."),
        field("add", Type::List(&HEADER_VALUES), "Headers to add beside those that are there."),
    ],
};

static SPIFFE_ID: Object = Object {
    go: "SpiffeIDMatch",
    fields: &[
        field("type", Type::Enum(&["Exact", "Prefix"]), "Whether the whole identity or its beginning is compared.")
            .required(),
        field("value", TEXT, "The identity, such as `spiffe://mesh/service`.").required(),
    ],
};

/// A match of a client.
pub static CLIENT_MATCH: Object = Object {
    go: "Match",
    fields: &[field("spiffeID", Type::Object(&SPIFFE_ID), "The identity that the client proves by its certificate.")],
};
/// Client matches.
pub static CLIENT_MATCHES: List = list(Type::Object(&CLIENT_MATCH));

static LABEL_SELECTOR_FIELDS: [Field; 1] =
    [field("matchLabels", Type::TextMap, "Labels that it must carry; empty selects everything of the kind.")];
/// `matchLabels`.
pub static LABEL_SELECTOR: Object = Object { go: "LabelSelector", fields: &LABEL_SELECTOR_FIELDS };

/// A reference to a MeshOpenTelemetryBackend.
pub static OTEL_BACKEND_REF: Object = Object {
    go: "BackendResourceRef",
    fields: &[
        field("kind", Type::Enum(&["MeshOpenTelemetryBackend"]), "The kind of the backend.").required(),
        field("name", TEXT, "Its name.").omit_empty(),
        field("labels", Type::TextMap, "Labels that it carries, in place of a name.").omit_empty(),
    ],
};

const TLS_VERSIONS: Type = Type::Enum(&["TLSAuto", "TLS10", "TLS11", "TLS12", "TLS13"]);
/// A range of TLS versions.
pub static TLS_VERSION: Object = Object {
    go: "Version",
    fields: &[
        field("min", TLS_VERSIONS, "The oldest version that is spoken.").or(Default::Text("TLSAuto")),
        field("max", TLS_VERSIONS, "The newest version that is spoken.").or(Default::Text("TLSAuto")),
    ],
};

static JSON_PATCH: Object = Object {
    go: "JsonPatchBlock",
    fields: &[
        field("op", Type::Enum(&["add", "remove", "replace", "move", "copy"]), "What to do.").required(),
        field("path", TEXT, "Where in the Envoy resource, as a JSON pointer.").required(),
        field("value", Type::Any, "What to put there."),
        field("from", TEXT, "Where to take it from, for move and copy."),
    ],
};
/// JSON patches of an Envoy resource.
pub static JSON_PATCHES: List = list(Type::Object(&JSON_PATCH));

/// A service's port.
pub static PORT: Object = Object {
    go: "Port",
    fields: &[
        field("name", TEXT, "The port's name, by which `sectionName` refers to it."),
        field("port", I32, "The number that clients use.").required(),
        field(
            "targetPort",
            Type::IntOrText,
            "The number or name of the inbound behind it; without one the port has no endpoints.",
        ),
        field("appProtocol", TEXT, "The protocol that is spoken: tcp, http, http2, grpc, kafka.")
            .or(Default::Text("tcp"))
            .omit_empty(),
    ],
};
/// A service's ports.
pub static PORTS: List = list(Type::Object(&PORT)).keyed(&["port", "appProtocol"]);
/// A service's ports, at least one.
pub static SOME_PORTS: List = list(Type::Object(&PORT)).least(1);
