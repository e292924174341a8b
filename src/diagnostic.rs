//! Problems, as the user reads them: a stable code, what is wrong in their terms, where, and what to write instead.

use crate::yaml::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Kuma would refuse it, or it cannot be read.
    Error,
    /// Kuma takes it, but it does not do what it seems to.
    Warning,
    /// Worth knowing.
    Info,
}

/// A source (file) of the input, by its position in the list of sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Which source.
    pub source: SourceId,
    /// Where in it.
    pub span: Span,
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Which problem.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong: lower case, no final period, user input in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where.
    pub at: Option<Location>,
    /// Other places that matter, each with what it has to do with it.
    pub related: Vec<(String, Location)>,
    /// Where Kuma itself refuses: its own field path and reason, to the letter.
    pub kuma: Option<Violation>,
    /// Edits after which the problem is gone, each by itself.
    pub fixes: Vec<Fix>,
}

/// An edit that makes a problem go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does: a command, without a final period, user input in backticks.
    pub title: String,
    /// What is replaced.
    pub at: Location,
    /// What stands there then.
    pub text: String,
}

/// Kuma's own words for a refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Kuma's path, such as `spec.to[0].targetRef.kind`; empty where Kuma names none.
    pub field: String,
    /// Kuma's reason.
    pub reason: String,
}

impl Diagnostic {
    /// The same with all its spans elsewhere.
    pub(crate) fn moved(mut self, to: &dyn Fn(Span) -> Span) -> Self {
        let places = self.at.iter_mut().chain(self.related.iter_mut().map(|(_, at)| at));
        for place in places.chain(self.fixes.iter_mut().map(|fix| &mut fix.at)) {
            place.span = to(place.span);
        }
        self
    }

    /// A diagnostic of this code with its usual severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            help: None,
            at: None,
            related: Vec::new(),
            kuma: None,
            fixes: Vec::new(),
        }
    }

    /// Adds an edit after which the problem is gone.
    pub fn fix(mut self, title: impl Into<String>, source: SourceId, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title: title.into(), at: Location { source, span }, text: text.into() });
        self
    }

    /// Says what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says in which words Kuma refuses it.
    pub fn refusal(mut self, field: impl Into<String>, reason: impl Into<String>) -> Self {
        self.kuma = Some(Violation { field: field.into(), reason: reason.into() });
        self
    }

    /// Says where.
    pub fn at(mut self, source: SourceId, span: Span) -> Self {
        self.at = Some(Location { source, span });
        self
    }

    /// Adds another place that matters.
    pub fn related(mut self, message: impl Into<String>, source: SourceId, span: Span) -> Self {
        self.related.push((message.into(), Location { source, span }));
        self
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal $severity:ident,)*) => {
        /// Every problem there is. Codes are never reused; a retired one stays in the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $name,)* }

        impl Code {
            /// All codes in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as it is shown, `MS0101`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// How bad it usually is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// What it means, for the page that explains it.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc, "\n"),+),)* }
            }
        }
    };
}

// MS01xx: reading YAML. MS02xx: documents and resources. MS03xx: what Kuma refuses or warns of. MS04xx: zones and names.
// MS05xx: MeshServices and hostnames. MS06xx: references. MS07xx: routes and backends. MS08xx: policies.
// MS09xx: migration. MS10xx: Kubernetes. MS11xx: checks.
codes! {
    /// The text is not YAML at this place. Kuma refuses the whole document.
    InvalidYaml = "MS0101" Error,
    /// The input is larger than meshscope reads.
    InputTooLarge = "MS0102" Error,
    /// Values are nested deeper than meshscope reads.
    NestingTooDeep = "MS0103" Error,
    /// Aliases would expand to more than meshscope reads (a "YAML bomb").
    AliasExpansion = "MS0104" Error,
    /// More documents than meshscope reads.
    TooManyDocuments = "MS0105" Error,
    /// A key is written twice in one mapping. Kuma takes the last one and says nothing.
    DuplicateKey = "MS0106" Warning,
    /// A key is a list or mapping, which JSON, and so Kuma, cannot have.
    ComplexKey = "MS0107" Error,
    /// A number such as `.inf` or `.nan`, which JSON, and so Kuma, cannot have.
    NotANumber = "MS0108" Error,
    /// YAML turned unquoted text such as `on` or `1.10` into a boolean or number where Kuma needs text.
    QuoteIt = "MS0109" Error,
    /// The document is no resource: Kuma needs a `type` (Universal), or `apiVersion` and `kind` (Kubernetes).
    NotAResource = "MS0201" Error,
    /// The kind is none that Kuma has. Names of kinds are case-sensitive.
    UnknownKind = "MS0202" Error,
    /// The kind has no such field. Kuma ignores it without notice, so a typo looks as if it worked.
    UnknownField = "MS0203" Warning,
    /// Text after the end of a document (`...`, or a value that is complete) that Kuma leaves out without a word.
    NotRead = "MS0110" Warning,
    /// A line such as `%YAML 1.2` before a document. Kuma's tools cut it off as a document of its own and fail on it.
    Directive = "MS0111" Warning,
    /// A policy from global names a service, and a name means the policy's own zone, which global does not have: no zone
    /// finds a real service. Labels are found.
    NameFromGlobal = "MS0901" Warning,
    /// A hand-made MeshService without the label `kuma.io/display-name`. In its own zone labels do not find it, and a
    /// generated one of the same name cannot be replaced by it.
    NoDisplayName = "MS0902" Warning,
    /// A policy in an application namespace is a producer policy because it names services of that namespace. With labels
    /// in their place it becomes a consumer policy, which applies to proxies of its own namespace only.
    RoleFlips = "MS0903" Warning,
    /// A value of `kuma.io/service` that is no DNS label: Kuma generates no MeshService for it, without notice.
    NoServiceForName = "MS0904" Warning,
    /// Dataplanes of one service disagree about its ports: the MeshService has those of the oldest.
    PortsDisagree = "MS0905" Warning,
    /// A policy speaks of a `kuma.io/service` by name, and applies to nothing once mode Exclusive is set.
    PolicyWithoutRealTarget = "MS0906" Warning,
    /// Names that applications can use today and that nothing resolves in mode Exclusive.
    HostnamesDisappear = "MS0907" Warning,
    /// A mirror means a `kuma.io/service`, and in mode Exclusive the zone has none of this name: Kuma cannot configure the
    /// proxies that the route applies to.
    MirrorBreaks = "MS0908" Warning,
    /// A Kubernetes API server refuses the object, or one of Kuma's webhooks does.
    AdmissionDenied = "MS1001" Error,
    /// The Namespace has no label `kuma.io/sidecar-injection`, so Kuma's webhooks neither check nor label what is written
    /// there: policies get no role, and KRIs no zone and no namespace.
    WebhooksDoNotSee = "MS1002" Warning,
    /// The schema of the kind has no such field. The API server drops it without notice, and Kuma never sees it.
    FieldDropped = "MS1003" Warning,
    /// Kuma makes no MeshService of this Service.
    NoMeshService = "MS1004" Info,
    /// MeshServices have TCP ports only.
    PortDropped = "MS1005" Info,
    /// The Service has no clusterIP yet; meshscope shows one that stands for it.
    ClusterIpAssumed = "MS1006" Info,
    /// The Pod is no proxy of the mesh.
    NoDataplane = "MS1007" Info,
    /// Kuma cannot make a Dataplane of the Pod, which therefore serves nothing.
    DataplaneRefused = "MS1008" Warning,
    /// The input has a workload but none of its Pods, so meshscope derives one as the workload would make it.
    PodAssumed = "MS1009" Info,
    /// Kuma stores the object and says that something in it is deprecated or doubtful.
    AdmissionWarning = "MS1010" Warning,
    /// A Pod is to be a zone's ingress or egress, and something that it needs is missing.
    ZoneProxyIncomplete = "MS1011" Warning,
    /// Kuma refuses the document; its own field and reason are beside the message.
    KumaRefuses = "MS0301" Error,
    /// The mesh that the document names does not exist.
    MeshNotFound = "MS0302" Error,
    /// The kind cannot be written to this control plane: it belongs to zones, or to global.
    WrongControlPlane = "MS0303" Error,
    /// Kuma takes the document, but warns of it.
    KumaWarns = "MS0304" Warning,
    /// A rule or match of a MeshHTTPRoute that no request can reach: rules that are compared before it take everything.
    RuleNeverHit = "MS0701" Warning,
    /// A backendRef of a route gets no traffic: it means nothing, its port or protocol does not fit, or its weight is 0.
    BackendWithoutTraffic = "MS0702" Warning,
    /// None of the backendRefs of a rule is usable. Kuma then leaves out the whole rule, filters included.
    RuleLeftOut = "MS0703" Warning,
    /// A MeshHTTPRoute for a destination whose protocol is not HTTP. Kuma takes it, and it does nothing.
    RouteWithoutRequests = "MS0704" Warning,
    /// A RequestMirror whose target does not exist. Kuma then cannot configure the proxies that the rule reaches.
    MirrorFails = "MS0705" Error,
    /// No Mesh is in the input, so meshscope assumes the one that is named. Its mode and mTLS decide much: add it.
    MeshAssumed = "MS0401" Info,
    /// Dataplanes of one service have different ports. Kuma uses those of the oldest and says nothing.
    PortConflict = "MS0501" Warning,
    /// The value of `kuma.io/service` is no DNS label, so Kuma generates no MeshService for it, without notice.
    NoDnsLabel = "MS0502" Warning,
    /// The hostname already belongs to another service.
    HostnameCollision = "MS0503" Warning,
    /// The template of a HostnameGenerator fails for a service, or gives no DNS name.
    HostnameFails = "MS0504" Warning,
    /// A reference hits nothing. Kuma takes the document and ignores the reference without notice.
    HitsNothing = "MS0601" Warning,
    /// A reference is read as a `kuma.io/service`, which this mesh's mode no longer uses or no inbound has.
    LegacyReference = "MS0602" Warning,
    /// A check that meshscope cannot run as it is written. It counts as one that does not hold.
    CheckCannotRun = "MS1101" Error,
}
