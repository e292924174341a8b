//! What a MeshHTTPRoute rule matches. How matches are compared and ordered is in `traffic::http`.

use crate::collections::Gather;
use crate::yaml::Node;

/// One entry of `matches`: all that it names must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpMatch {
    /// The path, without the query.
    pub path: Option<PathMatch>,
    /// The method, in upper case.
    pub method: Option<String>,
    /// Headers.
    pub headers: Vec<HeaderMatch>,
    /// Query parameters.
    pub query_params: Vec<QueryMatch>,
}

/// A condition on the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathMatch {
    /// The whole path.
    Exact(String),
    /// The path or a parent of it, by segments.
    PathPrefix(String),
    /// The whole path, as RE2 reads it.
    RegularExpression(String),
}

/// A condition on a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderMatch {
    /// How the value is compared.
    pub kind: HeaderMatchType,
    /// The name; headers have no case.
    pub name: String,
    /// The value; empty for `Present` and `Absent`.
    pub value: String,
}

/// How a header's value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderMatchType {
    /// Equal.
    Exact,
    /// Starts with.
    Prefix,
    /// Matches as a whole.
    RegularExpression,
    /// Is there.
    Present,
    /// Is not there.
    Absent,
}

/// A condition on a query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryMatch {
    /// True for RegularExpression, false for Exact.
    pub regex: bool,
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl HttpMatch {
    /// Reads one; what is not well-formed is left out (validation speaks of it).
    pub fn read(node: &Node) -> HttpMatch {
        let text = |n: &Node, key: &str| n.text(key).unwrap_or_default().to_owned();
        HttpMatch {
            path: node.get("path").and_then(|p| {
                let value = text(p, "value");
                match p.text("type")? {
                    "Exact" => Some(PathMatch::Exact(value)),
                    "PathPrefix" => Some(PathMatch::PathPrefix(value)),
                    "RegularExpression" => Some(PathMatch::RegularExpression(value)),
                    _ => None,
                }
            }),
            method: node.text("method").map(str::to_owned),
            headers: node
                .items("headers")
                .iter()
                .filter_map(|h| {
                    Some(HeaderMatch {
                        kind: match h.text("type").unwrap_or("Exact") {
                            "Exact" => HeaderMatchType::Exact,
                            "Prefix" => HeaderMatchType::Prefix,
                            "RegularExpression" => HeaderMatchType::RegularExpression,
                            "Present" => HeaderMatchType::Present,
                            "Absent" => HeaderMatchType::Absent,
                            _ => return None,
                        },
                        name: text(h, "name"),
                        value: text(h, "value"),
                    })
                })
                .gather(),
            query_params: node
                .items("queryParams")
                .iter()
                .map(|q| QueryMatch {
                    regex: q.text("type") == Some("RegularExpression"),
                    name: text(q, "name"),
                    value: text(q, "value"),
                })
                .gather(),
        }
    }
}
