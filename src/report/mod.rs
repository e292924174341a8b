//! The public types: what leaves the engine, as plain data with stable names. Nothing is decided here.
//!
//! Every type serialises to camelCase JSON; with feature `wasm` its TypeScript type is generated from it. Answers carry
//! [`SCHEMA_VERSION`]; a change that breaks readers raises it.

mod check;
mod diagnostic;
mod document;
mod kubernetes;
mod location;
mod migration;
mod proxy;
mod reference;
mod request;
mod schema;
mod service;

pub use check::{
    CheckAnswerReport, CheckForm, CheckReport, CheckVerdict, ChecksReport, CoverageReport, CoveredRuleReport,
};
pub use diagnostic::{DiagnosticReport, FixReport, RelatedReport, SeverityReport, ViolationReport};
pub use document::{DocumentReport, DocumentVerdict, MeshReport, ProxyName, SourceReport, Summary, ZoneReport};
pub use kubernetes::{
    HttpRouteReport, KubernetesReport, KubernetesServiceReport, ObjectReport, OtherServiceReport, PodInboundReport,
    PodReport,
};
pub use location::{LocationReport, Places, PositionReport};
pub use migration::{
    ChangeKind, ChangeTraces, ChoiceReport, DiffReport, EditReport, LegacyServiceReport, MeshModeReport,
    MigrationReport, ModeDestinationReport, ModeNumbers, ModeProxyReport, ModeReport, OfferReport, PlaceReport,
    ProofReport, ReferenceChange, RequestChange, RewrittenReport, RewrittenSource, ServiceZoneReport, SideReport,
    StepItemReport, StepReport, UseKind, UseReport, VirtualOutboundReport,
};
pub use proxy::{
    BackendReport, BehindReport, ClusterReport, DestinationReport, DroppedBackendReport, DroppedRuleReport,
    EndpointReport, EndpointVia, FieldReport, HeaderChangeReport, HiddenReport, HttpMatchReport, InboundPolicyReport,
    InboundReport, InboundRuleReport, InspectedOutboundReport, ListenerKind, MirrorReport, OriginReport,
    OutboundReport, OverriddenReport, PathRewriteReport, PolicyLevel, PolicyReport, ProxyReport, RedirectReport,
    RewriteReport, RouteOriginReport, RouteReport, TimeoutReport, UnreachableReport, ValueMatchReport,
};
pub use reference::{CandidateReport, HitReport, ReferenceForm, ReferenceInZone, ReferenceOutcome, ReferenceReport};
pub use request::{
    BackendTraceReport, EndpointTraceReport, ForwardedReport, HopReport, MatchVerdict, OutboundCandidateReport,
    Permission, PermissionReport, RedirectAnswerReport, RequestInput, RequestOutcome, RequestReport,
    RouteCandidateReport,
};
pub use schema::SchemaFieldReport;
pub use service::{
    ConflictReport, ContributorReport, HostnameReport, HostnameStatus, PortReport, ServiceOrigin, ServiceReport,
};

/// The version of the shape of answers.
pub const SCHEMA_VERSION: u32 = 1;

/// The Kuma release whose rules the answers follow.
pub const KUMA_VERSION: &str = "2.14.3";
