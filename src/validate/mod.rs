//! What Kuma refuses, in Kuma's own words.
//!
//! A document passes four stages, and the first that finds something answers alone (semantics 9.1): the OpenAPI schema,
//! decoding, Kuma's validator of the kind, and labels and names. Around them stand what depends on other documents: the
//! mesh must exist, the control plane must be one where the kind may be written, and a resource that is replaced must
//! keep some of its labels.
//!
//! [`validate`] does this for a whole input in the order in which it would be applied. [`kinds::validate`] is one stage
//! alone, for callers whose other stages differ, such as Kubernetes.

pub mod at;
pub mod checks;
pub mod kinds;
pub mod kubernetes;
pub mod names;
pub mod protobuf;
pub mod reference;
mod unknown;
mod warnings;

use crate::collections::{sort, sort_by_key, Gather, SortedMap, SortedSet};

use crate::diagnostic::{Code, Diagnostic, SourceId, Violation};
use crate::resource::{label, Labels};
use crate::schema::{self, Family, Scope, Type};
use crate::yaml::{Node, Span};

pub use at::{At, Report};
pub use unknown::{unknown_fields, Unknown};
pub use warnings::warnings;

/// One violation and the place in the text that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Kuma's field and reason.
    pub violation: Violation,
    /// The value it speaks of, or the nearest one around it.
    pub span: Span,
}

/// What a policy may do, by where it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything: policies on Universal, and those in Kuma's own namespace on Kubernetes.
    System,
    /// No gateways: policies in other namespaces.
    Namespaced,
}

/// How documents reach the control plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Client {
    /// By `kumactl apply`, which reads and checks the YAML before it asks the control plane.
    #[default]
    Kumactl,
    /// By the HTTP API, as JSON.
    Api,
}

/// The control plane that a document is written to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plane {
    /// The global one.
    Global,
    /// A zone's.
    Zone {
        /// The zone.
        name: String,
        /// Whether it is connected to a global control plane.
        federated: bool,
    },
}

/// One document to check.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// What was read; nothing if it could not be.
    pub root: Option<&'a Node>,
    /// What could be read of a document that has no root, for its type and name.
    pub partial: Option<&'a Node>,
    /// Why it has no root, in the words of Kuma's YAML reader.
    pub unreadable: Option<&'a str>,
    /// Where it is written to.
    pub plane: Plane,
    /// What [`study`] gave, if it was asked before. Of the root only `type`, `mesh`, `name` and `labels` are needed then,
    /// except of a Mesh.
    pub studied: Option<&'a Studied>,
}

/// What stands on a control plane beside the documents.
pub trait Existing {
    /// The labels of a resource that Kuma generated on a control plane before the document at `index` was written.
    fn generated(&self, index: usize, plane: &Plane, kind: &str, mesh: &str, name: &str) -> Option<Labels>;
}

/// Nothing beside the documents.
pub struct Nothing;

impl Existing for Nothing {
    fn generated(&self, _: usize, _: &Plane, _: &str, _: &str, _: &str) -> Option<Labels> {
        None
    }
}

/// The circumstances of a whole input.
pub struct Context<'a> {
    /// How documents are applied.
    pub client: Client,
    /// True if documents are written in exactly their order. Otherwise Meshes come first and Dataplanes last.
    pub in_file_order: bool,
    /// True if a mesh exists though no document defines it: an input without any Mesh is a part of something larger.
    pub assume_meshes: bool,
    /// What Kuma generates on the way.
    pub existing: &'a dyn Existing,
}

/// What there is to say of a document in Universal form whatever else there is, and whatever control plane it is for:
/// most of the work.
#[derive(Clone, Debug)]
pub struct Studied {
    /// Nothing for most documents, of which nothing is to be said.
    said: Option<Box<Said>>,
}

#[derive(Clone, Debug)]
struct Said {
    content: Result<(), Rejection>,
    workload: Result<(), Rejection>,
    warnings: Vec<String>,
}

impl Studied {
    fn content(&self) -> Result<(), Rejection> {
        self.said.as_ref().map_or(Ok(()), |said| said.content.clone())
    }

    fn workload(&self) -> Result<(), Rejection> {
        self.said.as_ref().map_or(Ok(()), |said| said.workload.clone())
    }
}

/// Looks at a document alone.
pub fn study(root: &Node, client: Client) -> Studied {
    let kind = root.text("type").unwrap_or_default();
    let content = content(kind, schema::of(kind), root, client);
    let at = At::root(root);
    let (workload, warnings) = match content {
        Ok(()) => (workload(&at, kind), warnings(kind, &at)),
        Err(_) => (Ok(()), Vec::new()),
    };
    let plain = content.is_ok() && workload.is_ok() && warnings.is_empty();
    Studied { said: (!plain).then(|| Box::new(Said { content, workload, warnings })) }
}

/// What Kuma says of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Why it is refused; nothing if it is taken.
    pub rejected: Option<Rejection>,
    /// What is said of it though it is taken.
    pub warnings: Vec<String>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status: 400, 404 where the mesh does not exist, 405 on the wrong control plane.
    pub status: u16,
    /// What is wrong, each with its place.
    pub findings: Vec<Finding>,
}

impl Rejection {
    fn new(status: u16, reason: impl Into<String>, span: Span) -> Self {
        let violation = Violation { field: String::new(), reason: reason.into() };
        Rejection { status, findings: vec![Finding { violation, span }] }
    }

    /// Kuma's violations, sorted; Kuma itself gives those of the schema in no promised order.
    pub fn violations(&self) -> Vec<Violation> {
        let mut all: Vec<_> = self.findings.iter().map(|f| f.violation.clone()).gather();
        sort(&mut all);
        all
    }
}

type Key = (Plane, String, String, String);

/// Checks documents in the order in which they would be applied; verdicts come in the order of the documents.
pub fn validate(documents: &[Candidate<'_>], context: &Context<'_>) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..documents.len()).gather();
    let kind_of = |i: &usize| documents.get(*i).and_then(|d| d.root).and_then(|r| r.text("type"));
    if !context.in_file_order {
        sort_by_key(&mut order, |i| match kind_of(i) {
            Some("Mesh") => 0,
            Some("Dataplane") => 2,
            _ => 1,
        });
    }
    let has_mesh = (0..documents.len()).any(|i| kind_of(&i) == Some("Mesh"));
    let mut state =
        State { meshes: SortedSet::new(), any_mesh: context.assume_meshes && !has_mesh, stored: SortedMap::new() };
    let mut verdicts: SortedMap<usize, Verdict> = SortedMap::new();
    for index in order {
        if let Some(document) = documents.get(index) {
            verdicts.insert(index, one(index, document, context, &mut state));
        }
    }
    verdicts.into_values().gather()
}

struct State {
    /// Names of the Meshes that were taken. Global's reach every zone.
    meshes: SortedSet<String>,
    any_mesh: bool,
    stored: SortedMap<Key, Labels>,
}

fn one(index: usize, document: &Candidate<'_>, context: &Context<'_>, state: &mut State) -> Verdict {
    match apply(index, document, context, state) {
        Ok(warnings) => Verdict { rejected: None, warnings },
        Err(rejected) => Verdict { rejected: Some(rejected), warnings: Vec::new() },
    }
}

fn refuse_if_any(report: Report) -> Result<(), Rejection> {
    match report.findings.is_empty() {
        true => Ok(()),
        false => Err(Rejection { status: 400, findings: report.findings }),
    }
}

fn invalid_meta(reason: &str, span: Span) -> Rejection {
    Rejection::new(400, format!("invalid meta type: {}", protobuf::go_quote(reason)), span)
}

fn apply(
    index: usize,
    document: &Candidate<'_>,
    context: &Context<'_>,
    state: &mut State,
) -> Result<Vec<String>, Rejection> {
    let Some(root) = document.root else {
        let reason = document.unreadable.unwrap_or("error converting YAML to JSON");
        let span = document.partial.map(|p| p.span).unwrap_or_default();
        return Err(invalid_meta(reason, span));
    };
    if let (Client::Kumactl, Some((error, span))) = (context.client, protobuf::meta(root, true)) {
        return Err(invalid_meta(&format!("error unmarshaling JSON: while decoding JSON: {error}"), span));
    }
    let kind = root.text("type").unwrap_or_default();
    let Some(scope) = schema::scope(kind) else {
        let span = root.get("type").map_or(root.span, |n| n.span);
        return Err(Rejection::new(400, format!("invalid resource type {}", protobuf::go_quote(kind)), span));
    };
    let schema = schema::of(kind);
    let mesh = mesh_of(root, kind, scope);
    let own;
    let studied = match document.studied {
        Some(studied) => studied,
        None => {
            own = study(root, context.client);
            &own
        }
    };
    match context.client {
        Client::Api => {
            may_write(kind, document, root)?;
            mesh_exists(&mesh, root, state)?;
            studied.content()?;
        }
        Client::Kumactl => {
            studied.content()?;
            let mut report = Report::default();
            identity(root, scope, schema, &mut report);
            refuse_if_any(report)?;
            may_write(kind, document, root)?;
            mesh_exists(&mesh, root, state)?;
        }
    }
    let at = At::root(root);
    let mut report = Report::default();
    if let Plane::Zone { name: zone, federated: true } = &document.plane {
        let name = at.field("name");
        // global may store it as `zone.name`
        report.unless(zone.len() + 1 + name.text().len() < 253, &name, "the length of the name must be shorter");
    }
    labels(&at, kind, &mesh, &document.plane, &mut report);
    identity(root, scope, schema, &mut report);
    refuse_if_any(report)?;
    studied.workload()?;

    let key = (document.plane.clone(), kind.to_owned(), mesh.clone(), at.field("name").text().to_owned());
    let written: Labels = root.strings("labels").unwrap_or_default();
    let generated = || context.existing.generated(index, &document.plane, kind, &key.2, &key.3);
    if let Some(before) = state.stored.get(&key).cloned().or_else(generated) {
        let mut report = Report::default();
        immutable(&at, &before, &written, &mut report);
        refuse_if_any(report)?;
    }
    if kind == "Mesh" {
        let mut report = Report::default();
        if at.field("name").text().len() > 63 {
            report.say(&at.field("name"), "cannot be longer than 63 characters");
        }
        kinds::mesh_authorities(&at, &mut report);
        refuse_if_any(report)?;
        state.meshes.insert(key.3.clone());
    }
    state.stored.insert(key, written);
    Ok(studied.said.as_ref().map(|said| said.warnings.clone()).unwrap_or_default())
}

/// The mesh of a document; none for kinds without one. Kinds with a schema default to `default`.
fn mesh_of(root: &Node, kind: &str, scope: Scope) -> String {
    if scope == Scope::Global {
        return String::new();
    }
    let written = root.text("mesh").unwrap_or_default();
    match schema::of(kind).map(|s| s.family) {
        Some(Family::Protobuf) => written.to_owned(),
        _ if root.get("mesh").is_none() => "default".to_owned(),
        _ => written.to_owned(),
    }
}

/// Stages a to c: what is wrong with the document by itself.
fn content(kind: &str, schema: Option<&'static schema::Schema>, root: &Node, client: Client) -> Result<(), Rejection> {
    let Some(schema) = schema else { return Ok(()) };
    let findings = schema::check(schema, root);
    if !findings.is_empty() {
        return Err(Rejection { status: 400, findings });
    }
    if let Some((error, span)) = schema::decode(schema, root) {
        let error = match client {
            Client::Kumactl => format!("error unmarshaling JSON: while decoding JSON: {error}"),
            Client::Api => error,
        };
        return Err(Rejection::new(400, format!("invalid {kind} object: {}", protobuf::go_quote(&error)), span));
    }
    let mut report = Report::default();
    kinds::validate(kind, &At::without_paths(root), Role::System, &mut report);
    if !report.findings.is_empty() {
        report = Report::default();
        kinds::validate(kind, &At::root(root), Role::System, &mut report);
    }
    refuse_if_any(report)
}

fn mesh_exists(mesh: &str, root: &Node, state: &State) -> Result<(), Rejection> {
    if mesh.is_empty() || state.any_mesh || state.meshes.contains(mesh) {
        return Ok(());
    }
    Err(Rejection::new(404, "Not found", root.get("mesh").map_or(root.span, |n| n.span)))
}

const GLOBAL_READ_ONLY: &str = "On global control plane you can not modify dataplane resources with 'kumactl apply' or via the HTTP API. You can still use 'kumactl' or the HTTP API to modify them on the zone control plane.\n";
const ZONE_READ_ONLY: &str = "On zone control plane you can only modify dataplane resources with 'kumactl apply' or via the HTTP API. You can still use 'kumactl' or the HTTP API to modify the rest of the resource on the global control plane.\n";

/// Each kind belongs to zones, to global, or to both; in a zone without a global control plane anything goes.
fn may_write(kind: &str, document: &Candidate<'_>, root: &Node) -> Result<(), Rejection> {
    let of_zones = matches!(kind, "Dataplane" | "MeshService" | "ZoneIngress" | "ZoneEgress" | "Workload");
    let of_global = matches!(kind, "Mesh" | "MeshMultiZoneService" | "Zone");
    match &document.plane {
        Plane::Global if of_zones => Err(Rejection::new(405, GLOBAL_READ_ONLY, root.span)),
        Plane::Zone { federated: true, .. } if of_global => Err(Rejection::new(405, ZONE_READ_ONLY, root.span)),
        _ => Ok(()),
    }
}

/// Name and mesh.
fn identity(root: &Node, scope: Scope, schema: Option<&'static schema::Schema>, report: &mut Report) {
    let at = At::root(root);
    let name = at.field("name");
    match name.text() {
        "" => report.say(&name, "cannot be empty"),
        text if text.len() > 253 => report.say(&name, "value length must less or equal 253"),
        text => report.unless(names::is_subdomain(text), &name, names::NAME_RULE),
    }
    let mesh = at.field("mesh");
    let defaulted = schema.is_none_or(|s| s.family == Family::Schema) && mesh.is_absent();
    if scope == Scope::Mesh && !defaulted {
        match mesh.text() {
            "" => report.say(&mesh, "cannot be empty"),
            text if text.len() > 253 => report.say(&mesh, "value length must less or equal 253"),
            text => report.unless(
                names::is_reference_name(text),
                &mesh,
                "invalid characters. Valid characters are numbers, lowercase latin letters and '-', '_', '.' symbols.",
            ),
        }
    }
}

/// Stage d: labels that Kuma gives a meaning, and the form of all.
fn labels(root: &At<'_>, kind: &str, mesh: &str, plane: &Plane, report: &mut Report) {
    let at = root.field("labels");
    let pairs = at.pairs();
    let value = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let origin = value(label::ORIGIN);
    if let Some(origin) = origin.filter(|o| !matches!(*o, "zone" | "global")) {
        report.say(&at.key(label::ORIGIN), format!("unknown resource origin {}", protobuf::go_quote(origin)));
    }
    match plane {
        Plane::Global => {
            if origin.is_some_and(|o| o != "global") {
                report.say(&at.key(label::ORIGIN), "the origin label must be set to 'global'");
            }
        }
        Plane::Zone { name, .. } if origin != Some("global") => {
            if value(label::ZONE).is_some_and(|zone| zone != name) {
                report.say(&at.key(label::ZONE), format!("{} label should have {name} value", label::ZONE));
            }
            if value(label::MESH).is_some_and(|written| written != mesh) {
                let reason = format!("{} label must not differ from mesh set on resource", label::MESH);
                report.say(&at.key(label::MESH), reason);
            }
        }
        Plane::Zone { .. } => {}
    }
    let is_policy = crate::resource::Kind::named(kind).is_some_and(crate::resource::Kind::is_policy);
    if let Some(role) = value(label::POLICY_ROLE).filter(|role| is_policy && *role != "system") {
        let reason = format!("{} label should have system value, got {role}", label::POLICY_ROLE);
        report.say(&at.key(label::POLICY_ROLE), reason);
    }
    for (key, value) in &pairs {
        for error in names::label_key_errors(key).into_iter().chain(names::label_value_errors(value)) {
            report.say(&at.key(key), error);
        }
    }
}

/// The workload of a Dataplane names a MeshService one day, and so must be fit for one.
fn workload(root: &At<'_>, kind: &str) -> Result<(), Rejection> {
    let at = root.field("labels").key(label::WORKLOAD);
    if kind != "Dataplane" || !at.is_set() {
        return Ok(());
    }
    let errors = names::rfc1035_errors(at.text());
    if errors.is_empty() {
        return Ok(());
    }
    let reason = format!(
        "labels[\"kuma.io/workload\"]: must be a valid DNS-1035 label (at most 63 characters, matching regex [a-z]([-a-z0-9]*[a-z0-9])?): {}",
        errors.join("; ")
    );
    Err(Rejection::new(400, reason, at.span))
}

/// A resource that is replaced keeps its display name. Zone and origin cannot change between documents of one control
/// plane, unless they are written by hand.
fn immutable(root: &At<'_>, before: &Labels, after: &Labels, report: &mut Report) {
    let at = root.field("labels");
    for key in [label::ORIGIN, label::ZONE, label::DISPLAY_NAME] {
        // absent ones of these are computed, to the same value as before
        let computed = key != label::DISPLAY_NAME && !after.contains_key(key);
        match (before.get(key), after.get(key)) {
            (Some(was), None) if !computed => {
                let was = protobuf::go_quote(was);
                report.say(&at.key(key), format!("is immutable, cannot be removed (was {was})"));
            }
            (Some(was), Some(is)) if was != is => {
                let (was, is) = (protobuf::go_quote(was), protobuf::go_quote(is));
                report.say(&at.key(key), format!("is immutable, cannot be changed from {was} to {is}"));
            }
            _ => {}
        }
    }
}

/// A document's verdict as diagnostics, each where the text is at fault.
pub fn diagnostics(verdict: &Verdict, kind: &str, source: SourceId, document: Span) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if let Some(rejection) = &verdict.rejected {
        for finding in &rejection.findings {
            out.push(refusal(rejection.status, finding, kind).at(source, finding.span));
        }
    }
    for warning in &verdict.warnings {
        let message = format!("Kuma takes this {kind} with a warning: {}", warning.trim_end_matches('.'));
        out.push(Diagnostic::new(Code::KumaWarns, message).at(source, document));
    }
    out
}

/// What YAML made of a value that should be text, if that is what Kuma's reason says.
fn turned_by_yaml(reason: &str) -> Option<&'static str> {
    let stage_a = |what: &str| reason.ends_with(&format!("must be of type string: \"{what}\""));
    let decoding =
        |go: &str| reason.contains(&format!("cannot unmarshal {go} into Go")) && reason.contains("of type string");
    match () {
        () if stage_a("boolean") || decoding("bool") => Some("boolean"),
        () if stage_a("number") || decoding("number") => Some("number"),
        () => None,
    }
}

/// Quotes around the value as it is written, for a problem of code [`Code::QuoteIt`] in a document of this kind. Nothing
/// where quotes alone do not help: a duration also needs a unit, an enumeration one of its values.
/// `text` tells what is written at a span.
pub fn quoted<'t>(diagnostic: Diagnostic, kind: &str, text: impl Fn(Span) -> &'t str) -> Diagnostic {
    let Some(at) = diagnostic.at.filter(|_| diagnostic.code == Code::QuoteIt) else { return diagnostic };
    let field = diagnostic.kuma.as_ref().map(|v| v.field.as_str()).unwrap_or_default();
    let steps: Vec<&str> = field.split('.').map(|s| s.split('[').next().unwrap_or_default()).gather();
    let ty = schema::type_at(kind, steps.strip_prefix(&["spec"]).unwrap_or(&steps));
    if matches!(ty, Some(Type::Duration | Type::Enum(_) | Type::Bytes)) {
        return diagnostic;
    }
    let raw = text(at.span);
    // an anchor or a tag in front of the value is part of the span
    let scalar =
        !raw.is_empty() && raw.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_' | ':'));
    match scalar {
        true => diagnostic.fix(format!("Write `\"{raw}\"`"), at.source, at.span, format!("\"{raw}\"")),
        false => diagnostic,
    }
}

fn refusal(status: u16, finding: &Finding, kind: &str) -> Diagnostic {
    let Violation { field, reason } = &finding.violation;
    let words = reason.trim_end_matches(['.', '\n']);
    let diagnostic = match status {
        404 => Diagnostic::new(Code::MeshNotFound, format!("the mesh of this {kind} does not exist"))
            .help("add a Mesh of this name to the input, or correct `mesh`"),
        405 => Diagnostic::new(Code::WrongControlPlane, format!("a {kind} cannot be written to this control plane"))
            .help("label `kuma.io/zone` says which zone's control plane a document is written to; without it that is global's"),
        _ if turned_by_yaml(reason).is_some() => {
            let what = turned_by_yaml(reason).unwrap_or_default();
            Diagnostic::new(Code::QuoteIt, format!("YAML reads this as a {what}, and Kuma needs text here"))
        }
        _ if field.is_empty() => Diagnostic::new(Code::KumaRefuses, format!("Kuma refuses this {kind}: {words}")),
        _ => Diagnostic::new(Code::KumaRefuses, format!("Kuma refuses `{field}`: {words}")),
    };
    let help = diagnostic.help.clone().or_else(|| help(reason));
    Diagnostic { kuma: Some(finding.violation.clone()), help, ..diagnostic }
}

/// What to write instead, where Kuma's words alone do not say it.
fn help(reason: &str) -> Option<String> {
    let allowed = |start: &str| {
        let list = reason.split_once(start)?.1.strip_suffix(']')?;
        Some(format!("write one of {}", list.split(' ').map(|v| format!("`{v}`")).gather::<Vec<_>>().join(", ")))
    };
    if let Some(values) = allowed("in body should be one of [") {
        return Some(values);
    }
    if let Some(what) = turned_by_yaml(reason) {
        let unit = if what == "number" { "; if it is a duration, it also needs a unit, such as `10s`" } else { "" };
        return Some(format!("quote it{unit}"));
    }
    let fixed = [
        ("must be of type integer: \"string\"", "write a number, without quotes"),
        ("must be of type array: \"object\"", "write a list: put `- ` in front"),
        ("time: missing unit in duration", "add a unit, such as `10s`"),
        ("time: unknown unit", "the units are `ns`, `us`, `ms`, `s`, `m` and `h`; a day is `24h`"),
        ("name or labels must be set", "add a `name`, or `labels` that are not empty"),
        ("either labels or name", "keep the `labels`, or the `name` (and its `namespace`)"),
        ("must specify only one of: dataplaneTags", "keep one of the selectors"),
        ("'from' must be empty when 'rules' is defined", "move the items of `from` to `rules`"),
        (
            "'to' and 'from' must be empty when 'rules' is defined",
            "write two policies: one with `rules`, one with `to`",
        ),
        ("can only be used with inbound policies", "`sectionName` names an inbound here, so the policy needs `rules`"),
        ("in body is required", "add the field"),
        ("invalid characters", "use lower case letters, digits, `-` and `.`"),
        ("tag has to exist", "add the tag `kuma.io/service`, or leave out all tags of this inbound"),
        ("must be defined with kind MeshMultiZoneService", "add the `port` of the destination"),
        ("must be an absolute path", "begin the path with `/`"),
    ];
    fixed.iter().find(|(words, _)| reason.contains(words)).map(|(_, help)| (*help).to_owned())
}
