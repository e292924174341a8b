//! Which section of the book of rules (`docs/rules`) explains a problem or an answer.

use crate::collections::Gather;
use crate::diagnostic::Code;
use crate::policy::resolve::{Nothing, Resolution, Verdict};

macro_rules! sections {
    ($($(#[doc = $doc:literal])+ $name:ident = $page:literal $title:literal,)*) => {
        /// A section of the book.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Section { $($(#[doc = $doc])+ $name,)* }

        impl Section {
            /// All sections that something links to.
            pub const ALL: &'static [Section] = &[$(Section::$name,)*];

            /// The page's name, without directory and ending.
            pub fn page(self) -> &'static str {
                match self { $(Section::$name => $page,)* }
            }

            /// The heading.
            pub fn title(self) -> &'static str {
                match self { $(Section::$name => $title,)* }
            }
        }
    };
}

sections! {
    /// What YAML turns into booleans and numbers.
    YamlScalars = "documents" "Words that become something else",
    /// Two equal keys in one mapping.
    DuplicateKeys = "documents" "The same key twice",
    /// What YAML can say but Kuma cannot hear.
    BeyondJson = "documents" "What JSON cannot say",
    /// Where documents begin and end.
    DocumentEnds = "documents" "Where a document ends",
    /// What a document has to say about itself.
    Types = "documents" "What a document says about itself",
    /// What Kuma refuses.
    Refusals = "documents" "What Kuma refuses",
    /// Deprecations.
    Warnings = "documents" "What Kuma warns of",
    /// Documents of a mesh that is not there.
    MissingMesh = "documents" "The mesh must exist",
    /// Which kinds belong to which control plane.
    Homes = "zones" "What may live where",
    /// The display name of what is written by hand.
    DisplayName = "identity" "The label for the display name",
    /// Stored names of copies.
    CopyNames = "identity" "Names of copies",
    /// MeshServices of Services.
    KubernetesServices = "generation" "On Kubernetes",
    /// Dataplanes of Pods.
    KubernetesPods = "generation" "Pods",
    /// What webhooks do not see.
    KubernetesNamespaces = "generation" "Namespaces without injection",
    /// References by name from another zone.
    NamesAcrossZones = "zones" "Names mean the own zone",
    /// References by labels.
    Labels = "targets" "By labels",
    /// Modes of a Mesh.
    Mode = "generation" "The mode switches it on",
    /// Dataplanes of one service with different ports.
    PortConflicts = "generation" "Dataplanes that disagree",
    /// Services that get no MeshService.
    DnsLabels = "generation" "Names that are no DNS labels",
    /// Hostnames that two services want.
    HostnameCollisions = "hostnames" "Two services, one hostname",
    /// Templates that fail.
    TemplatesThatFail = "hostnames" "Templates that fail",
    /// The oldest of several.
    OldestMatch = "backends" "By labels",
    /// A sectionName of a `to` item.
    SectionNames = "targets" "Section names",
    /// How a backendRef finds a port.
    BackendPorts = "backends" "Ports of a backend",
    /// A backendRef of the old kind.
    BackendWithoutPort = "backends" "A MeshService without a port",
    /// Backends that get nothing.
    DroppedBackends = "backends" "Backends that are dropped",
    /// Rules whose backends all get nothing.
    DroppedRules = "backends" "All backends dropped",
    /// Which rule comes first.
    RuleOrder = "routes" "The order of rules",
    /// Routes on ports that are not for HTTP.
    OnlyHttp = "routes" "Only for HTTP",
    /// Copies of requests.
    Mirrors = "routes" "Mirrors",
    /// References that find nothing.
    NothingFound = "targets" "Nothing found",
    /// The kinds of destination.
    Kinds = "targets" "Three kinds of destination",
    /// Tags in place of resources.
    Subsets = "targets" "Kinds that stand for tags",
}

impl Section {
    /// Its place, from the root of the repository: `docs/rules/targets.md#section-names`.
    pub fn link(self) -> String {
        let anchor: String = self
            .title()
            .chars()
            .map(|c| c.to_ascii_lowercase())
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .gather();
        format!("docs/rules/{}.md#{anchor}", self.page())
    }
}

/// The section that explains a problem; nothing where the code's own text says all there is.
pub fn of_code(code: Code) -> Option<Section> {
    Some(match code {
        Code::DuplicateKey => Section::DuplicateKeys,
        Code::ComplexKey | Code::NotANumber => Section::BeyondJson,
        Code::QuoteIt => Section::YamlScalars,
        Code::NotRead | Code::Directive => Section::DocumentEnds,
        Code::NotAResource | Code::UnknownKind => Section::Types,
        Code::KumaRefuses => Section::Refusals,
        Code::KumaWarns => Section::Warnings,
        Code::MeshNotFound => Section::MissingMesh,
        Code::WrongControlPlane => Section::Homes,
        Code::NoMeshService | Code::PortDropped | Code::ClusterIpAssumed => Section::KubernetesServices,
        Code::NoDataplane | Code::DataplaneRefused | Code::PodAssumed => Section::KubernetesPods,
        Code::MeshAssumed => Section::Mode,
        Code::PortConflict => Section::PortConflicts,
        Code::NoDnsLabel => Section::DnsLabels,
        Code::HostnameCollision => Section::HostnameCollisions,
        Code::HostnameFails => Section::TemplatesThatFail,
        Code::HitsNothing => Section::NothingFound,
        Code::LegacyReference => Section::BackendWithoutPort,
        Code::RuleNeverHit => Section::RuleOrder,
        Code::BackendWithoutTraffic => Section::DroppedBackends,
        Code::RuleLeftOut => Section::DroppedRules,
        Code::RouteWithoutRequests => Section::OnlyHttp,
        Code::MirrorFails => Section::Mirrors,
        Code::WebhooksDoNotSee => Section::KubernetesNamespaces,
        _ => return None,
    })
}

/// The section that explains why a reference does not mean a resource.
pub fn of_verdict(verdict: &Verdict) -> Option<Section> {
    Some(match verdict {
        Verdict::Meant | Verdict::Similar { .. } => return None,
        Verdict::Younger { .. } => Section::OldestMatch,
        Verdict::Label { key, .. } if key == crate::resource::label::DISPLAY_NAME => Section::DisplayName,
        Verdict::Label { .. } => Section::Labels,
        Verdict::Zone { .. } => Section::NamesAcrossZones,
        Verdict::Namespace { .. } | Verdict::Mesh { .. } => Section::NothingFound,
        Verdict::OtherKind { .. } => Section::Kinds,
        Verdict::StoredName { .. } => Section::CopyNames,
        Verdict::NoPort { .. } => Section::SectionNames,
    })
}

/// The section that explains why a reference means nothing: that of the nearest miss, if there is one.
pub fn of_resolution(nothing: &Nothing, resolution: &Resolution) -> Section {
    let nearest = resolution.candidates.first().and_then(|c| of_verdict(&c.verdict));
    nearest.unwrap_or(match nothing {
        Nothing::NotPasted { .. } | Nothing::Elsewhere { .. } => Section::NothingFound,
        Nothing::NoPort { .. } => Section::SectionNames,
        Nothing::NotAResource { .. } => Section::Subsets,
    })
}
