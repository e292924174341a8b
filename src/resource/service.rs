//! The three kinds of destination: MeshService, MeshMultiZoneService, MeshExternalService; and HostnameGenerator.

use crate::collections::Gather;
use crate::text::Text;
use crate::yaml::{Node, Span};

use super::{Labels, Protocol};

/// Which Dataplanes a MeshService selects (rule 3.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Selector {
    /// No selector, or an empty one: nobody.
    #[default]
    None,
    /// By the tags of one inbound.
    DataplaneTags(Labels),
    /// By the Dataplane's name.
    DataplaneRef(String),
    /// By the Dataplane's labels; empty selects all that have an inbound.
    DataplaneLabels(Labels),
}

/// A `targetPort`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetPort {
    /// The inbound's port.
    Number(i64),
    /// The inbound's name; a quoted number is a name (rule 3.2).
    Name(String),
}

/// A port of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// The name, if it has one.
    pub name: Option<Text>,
    /// The number; hand-made ones may be anything (rule 3.5).
    pub port: i64,
    /// What it maps to; MeshServices only. Without one it matches nothing.
    pub target_port: Option<TargetPort>,
    /// `appProtocol` as written; `tcp` if none is.
    pub app_protocol: Text,
    /// Where it stands.
    pub span: Span,
}

/// The text at a key, unless it is empty.
fn shared(node: &Node, key: &str) -> Option<Text> {
    node.get(key)?.as_text().filter(|text| !text.is_empty()).cloned()
}

impl Port {
    /// The name, or the number as text: what a sectionName is compared with (rule 5.2).
    pub fn section(&self) -> String {
        self.name.as_ref().map_or_else(|| self.port.to_string(), String::from)
    }

    /// The protocol as outbounds see it.
    pub fn protocol(&self) -> Protocol {
        Protocol::exact(&self.app_protocol)
    }

    fn read(node: &Node) -> Option<Port> {
        let target_port = node.get("targetPort").and_then(|t| match (t.as_i64(), t.as_str()) {
            (Some(n), _) => Some(TargetPort::Number(n)),
            (_, Some(s)) => Some(TargetPort::Name(s.to_owned())),
            _ => None,
        });
        Some(Port {
            name: shared(node, "name"),
            port: node.get("port")?.as_i64()?,
            target_port,
            app_protocol: shared(node, "appProtocol").unwrap_or_else(|| "tcp".into()),
            span: node.span,
        })
    }

    fn read_all(spec: &Node) -> Vec<Port> {
        spec.items("ports").iter().filter_map(Port::read).gather()
    }
}

/// A MeshService.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeshService {
    /// Who serves it.
    pub selector: Selector,
    /// Where the selector stands.
    pub selector_span: Span,
    /// What it offers.
    pub ports: Vec<Port>,
    /// `spec.state` as written; the owning zone computes its own.
    pub state: Option<String>,
    /// Virtual IPs: of the `status` that was pasted, or of the Kubernetes Service.
    pub vips: Vec<String>,
}

impl MeshService {
    /// Reads `spec` (and `status` for the addresses).
    pub fn read(spec: &Node, status: Option<&Node>) -> MeshService {
        let selector = spec.get("selector");
        let by = |key: &str| selector.and_then(|s| s.get(key));
        MeshService {
            selector: if let Some(tags) = selector.and_then(|s| s.strings("dataplaneTags")) {
                Selector::DataplaneTags(tags)
            } else if let Some(name) = by("dataplaneRef").and_then(|r| r.text("name")).filter(|n| !n.is_empty()) {
                Selector::DataplaneRef(name.to_owned())
            } else if let Some(labels) = by("dataplaneLabels") {
                Selector::DataplaneLabels(labels.strings("matchLabels").unwrap_or_default())
            } else {
                Selector::None
            },
            selector_span: selector.map(|s| s.span).unwrap_or_default(),
            ports: Port::read_all(spec),
            state: spec.text("state").map(str::to_owned),
            vips: status
                .map(|s| s.items("vips").iter().filter_map(|v| v.text("ip").map(str::to_owned)).gather())
                .unwrap_or_default(),
        }
    }
}

/// A MeshMultiZoneService.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeshMultiZoneService {
    /// Labels of its members.
    pub match_labels: Labels,
    /// Where the selector stands.
    pub selector_span: Span,
    /// What it offers.
    pub ports: Vec<Port>,
}

impl MeshMultiZoneService {
    /// Reads `spec`.
    pub fn read(spec: &Node) -> MeshMultiZoneService {
        MeshMultiZoneService {
            match_labels: spec
                .at(&["selector", "meshService"])
                .and_then(|s| s.strings("matchLabels"))
                .unwrap_or_default(),
            selector_span: spec.get("selector").map(|s| s.span).unwrap_or_default(),
            ports: Port::read_all(spec),
        }
    }
}

/// A MeshExternalService.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshExternalService {
    /// The one port; its name is its number.
    pub port: Port,
    /// Where the zone egress sends it: address and port (none for Unix sockets).
    pub endpoints: Vec<(String, Option<u32>)>,
    /// True where TLS is originated.
    pub tls: bool,
    /// Everything as it is written.
    pub spec: Node,
}

impl MeshExternalService {
    /// Reads `spec`; nothing if it has no port.
    pub fn read(spec: &Node) -> Option<MeshExternalService> {
        let matched = spec.get("match")?;
        Some(MeshExternalService {
            port: Port {
                name: None,
                port: matched.get("port")?.as_i64()?,
                target_port: None,
                app_protocol: shared(matched, "protocol").unwrap_or_else(|| "tcp".into()),
                span: matched.span,
            },
            endpoints: spec
                .items("endpoints")
                .iter()
                .filter_map(|e| {
                    let port = e.get("port").and_then(Node::as_i64).and_then(|p| u32::try_from(p).ok());
                    Some((e.text("address")?.to_owned(), port))
                })
                .gather(),
            tls: spec.get("tls").is_some(),
            spec: spec.clone(),
        })
    }
}

/// A HostnameGenerator.
#[derive(Clone, Debug, PartialEq)]
pub struct HostnameGenerator {
    /// Which kind of destination it names.
    pub selects: super::Kind,
    /// Labels that the destination must have; empty matches all.
    pub match_labels: Labels,
    /// Where the selector stands.
    pub selector_span: Span,
    /// The template of the hostname.
    pub template: String,
    /// Where the template stands.
    pub template_span: Span,
}

impl HostnameGenerator {
    /// Reads `spec`; nothing without a selector.
    pub fn read(spec: &Node) -> Option<HostnameGenerator> {
        let selector = spec.get("selector")?;
        let (selects, labels) = [
            ("meshService", super::Kind::MeshService),
            ("meshMultiZoneService", super::Kind::MeshMultiZoneService),
            ("meshExternalService", super::Kind::MeshExternalService),
        ]
        .into_iter()
        .find_map(|(key, kind)| Some((kind, selector.get(key)?)))?;
        let template = spec.get("template");
        Some(HostnameGenerator {
            selects,
            match_labels: labels.strings("matchLabels").unwrap_or_default(),
            selector_span: selector.span,
            template: template.and_then(Node::as_str).unwrap_or_default().to_owned(),
            template_span: template.map(|t| t.span).unwrap_or_default(),
        })
    }
}
