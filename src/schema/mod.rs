//! What Kuma's resources look like: fields, types, limits and defaults of every kind, as static tables.
//!
//! Three readers share the tables: the schema stage of [`crate::validate`], [`normalize`] (what a control plane stores
//! after it has read a document), and the editor, which completes field names and values from [`fields`].
//!
//! Kinds come in two families. The newer ones ([`Family::Schema`]) are checked against an OpenAPI schema before they are
//! decoded; Mesh, Dataplane, ZoneIngress and ZoneEgress ([`Family::Protobuf`]) follow the JSON mapping of protobuf, which
//! takes numbers as text and both spellings of a field name.

mod check;
mod common;
mod complete;
mod core;
mod duration;
mod normalize;
mod policies;
mod routes;
mod services;

pub use check::{check, check_spec, decode, decode_spec};
pub use complete::{fields, type_at, FieldInfo};
pub use duration::{format_duration, parse_duration, DurationError};
pub use normalize::{normalize, normalize_at};

/// The schema of one kind.
#[derive(Debug)]
pub struct Schema {
    /// The kind, which universal documents call `type`.
    pub kind: &'static str,
    /// How documents of the kind are read.
    pub family: Family,
    /// Whether resources of the kind live in a mesh.
    pub scope: Scope,
    /// What they are, in one sentence.
    pub doc: &'static str,
    /// The specification: what stands below `spec` for [`Family::Schema`], the document itself for [`Family::Protobuf`].
    pub spec: &'static Object,
}

/// How documents of a kind are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Checked against an OpenAPI schema, then decoded by Go's `encoding/json`.
    Schema,
    /// Decoded by the JSON mapping of protobuf.
    Protobuf,
}

/// Where resources of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In one mesh.
    Mesh,
    /// Beside the meshes.
    Global,
}

/// A mapping with known fields.
#[derive(Debug)]
pub struct Object {
    /// The name of the Go struct, which decoding errors quote.
    pub go: &'static str,
    /// The fields in the order in which people usually write them.
    pub fields: &'static [Field],
}

/// One field of an [`Object`].
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What the value is.
    pub ty: Type,
    /// Whether the schema asks for it.
    pub required: bool,
    /// What the control plane fills in when the field is absent.
    pub default: Option<Default>,
    /// Whether an empty value is dropped when Kuma writes the resource back.
    pub omit_empty: bool,
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// A value that the control plane fills in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// Text.
    Text(&'static str),
    /// A number.
    Int(i64),
    /// A truth value.
    Bool(bool),
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Text within limits.
    Text(Text),
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// A whole number within limits.
    Int(Int),
    /// A truth value.
    Bool,
    /// Text that Go's `time.ParseDuration` reads.
    Duration,
    /// Base64 text.
    Bytes,
    /// A whole number or text, such as a percentage.
    IntOrText,
    /// One of these whole numbers.
    IntEnum(&'static [i64]),
    /// A list.
    List(&'static List),
    /// Text by text.
    TextMap,
    /// A mapping with known fields.
    Object(&'static Object),
    /// Anything.
    Any,
}

/// Limits of a text.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The fewest characters.
    pub min: usize,
    /// The most characters.
    pub max: usize,
    /// What it must match.
    pub pattern: Option<Pattern>,
}

/// A pattern, as Kuma writes it and as a function.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The regular expression that messages quote.
    pub text: &'static str,
    /// Whether a text fits.
    pub fits: fn(&str) -> bool,
}

/// Limits of a whole number.
#[derive(Clone, Copy, Debug)]
pub struct Int {
    /// The Go type that it is decoded into.
    pub go: Width,
    /// The least value that the schema allows.
    pub min: Option<i64>,
    /// The greatest value that the schema allows.
    pub max: Option<i64>,
}

/// Go's integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// `int32`.
    Int32,
    /// `uint32`, which the schema takes for an `int32`.
    Uint32,
    /// `int` or `int64`.
    Int64,
    /// `uint`.
    Uint,
}

/// A list and its limits.
#[derive(Debug)]
pub struct List {
    /// What its items are.
    pub of: Type,
    /// The fewest items.
    pub min: usize,
    /// The most items.
    pub max: usize,
    /// On Kubernetes: fields whose values together may stand in one item only.
    pub keys: &'static [&'static str],
}

/// The schemas of all kinds, by name.
pub static SCHEMAS: &[&Schema] = &[
    &core::DATAPLANE,
    &services::HOSTNAME_GENERATOR,
    &core::MESH,
    &policies::MESH_ACCESS_LOG,
    &policies::MESH_CIRCUIT_BREAKER,
    &services::MESH_EXTERNAL_SERVICE,
    &policies::MESH_FAULT_INJECTION,
    &routes::MESH_HTTP_ROUTE,
    &policies::MESH_HEALTH_CHECK,
    &policies::MESH_LOAD_BALANCING_STRATEGY,
    &policies::MESH_METRIC,
    &services::MESH_MULTI_ZONE_SERVICE,
    &policies::MESH_PASSTHROUGH,
    &policies::MESH_PROXY_PATCH,
    &policies::MESH_RATE_LIMIT,
    &policies::MESH_RETRY,
    &services::MESH_SERVICE,
    &routes::MESH_TCP_ROUTE,
    &policies::MESH_TLS,
    &policies::MESH_TIMEOUT,
    &policies::MESH_TRACE,
    &policies::MESH_TRAFFIC_PERMISSION,
    &core::ZONE_EGRESS,
    &core::ZONE_INGRESS,
];

/// Kinds that Kuma knows and meshscope reads only by name, type and labels.
pub static OTHER_KINDS: &[(&str, Scope)] = &[
    ("CircuitBreaker", Scope::Mesh),
    ("ExternalService", Scope::Mesh),
    ("FaultInjection", Scope::Mesh),
    ("GlobalSecret", Scope::Global),
    ("HealthCheck", Scope::Mesh),
    ("MeshGateway", Scope::Mesh),
    ("MeshGatewayRoute", Scope::Mesh),
    ("MeshIdentity", Scope::Mesh),
    ("MeshOpenTelemetryBackend", Scope::Mesh),
    ("MeshTrust", Scope::Mesh),
    ("ProxyTemplate", Scope::Mesh),
    ("RateLimit", Scope::Mesh),
    ("Retry", Scope::Mesh),
    ("Secret", Scope::Mesh),
    ("Timeout", Scope::Mesh),
    ("TrafficLog", Scope::Mesh),
    ("TrafficPermission", Scope::Mesh),
    ("TrafficRoute", Scope::Mesh),
    ("TrafficTrace", Scope::Mesh),
    ("VirtualOutbound", Scope::Mesh),
    ("Workload", Scope::Mesh),
    ("Zone", Scope::Global),
];

/// The schema of a kind, if there is a table for it.
pub fn of(kind: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().copied().find(|s| s.kind == kind)
}

/// Whether Kuma knows a kind of this name.
pub fn is_known(kind: &str) -> bool {
    scope(kind).is_some()
}

/// Where resources of a kind live; nothing if Kuma does not know the kind.
pub fn scope(kind: &str) -> Option<Scope> {
    of(kind).map(|s| s.scope).or_else(|| OTHER_KINDS.iter().find(|(k, _)| *k == kind).map(|(_, s)| *s))
}

impl Object {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

// Builders, so that a table row stays one line.

/// A field that may be absent.
const fn field(name: &'static str, ty: Type, doc: &'static str) -> Field {
    Field { name, ty, required: false, default: None, omit_empty: false, doc }
}

impl Field {
    /// The schema asks for it.
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The control plane fills this in.
    const fn or(mut self, default: Default) -> Self {
        self.default = Some(default);
        self
    }

    /// Dropped when empty.
    const fn omit_empty(mut self) -> Self {
        self.omit_empty = true;
        self
    }
}

/// A list without limits.
const fn list(of: Type) -> List {
    List { of, min: 0, max: usize::MAX, keys: &[] }
}

impl List {
    /// With at least so many items.
    const fn least(mut self, min: usize) -> Self {
        self.min = min;
        self
    }

    /// With at most so many items.
    const fn most(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// With items that differ in these fields.
    const fn keyed(mut self, keys: &'static [&'static str]) -> Self {
        self.keys = keys;
        self
    }
}

/// Any text.
pub(crate) const TEXT: Type = Type::Text(Text { min: 0, max: usize::MAX, pattern: None });
/// Text of at least one character.
const FILLED: Type = Type::Text(Text { min: 1, max: usize::MAX, pattern: None });
/// `uint32`.
const U32: Type = Type::Int(Int { go: Width::Uint32, min: None, max: None });
/// `int32`.
const I32: Type = Type::Int(Int { go: Width::Int32, min: None, max: None });
/// `int64`.
const I64: Type = Type::Int(Int { go: Width::Int64, min: None, max: None });

/// An integer with limits.
const fn int(go: Width, min: i64, max: i64) -> Type {
    Type::Int(Int { go, min: Some(min), max: if max == i64::MAX { None } else { Some(max) } })
}
