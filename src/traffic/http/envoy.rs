//! The Envoy matches that Kuma makes of one match of a MeshHTTPRoute. They serialize as Envoy's JSON.

use serde::Serialize;

use super::effect::PathRewrite;
use super::{first_of_each, trimmed};
use crate::collections::Gather;
use crate::resource::{HeaderMatch, HeaderMatchType, HttpMatch, PathMatch};

/// An Envoy match and whether it is half of a path prefix, which path replacements depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    /// What Envoy compares.
    pub envoy: EnvoyMatch,
    /// True if the match has the type PathPrefix.
    pub from_prefix: bool,
}

/// Envoy's `RouteMatch`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvoyMatch {
    /// The path.
    #[serde(flatten)]
    pub path: EnvoyPath,
    /// Headers; the method is one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<EnvoyHeaderMatch>,
    /// Query parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query_parameters: Vec<EnvoyQueryMatch>,
}

/// How Envoy compares a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvoyPath {
    /// All of it.
    Path(String),
    /// Its start, not by segments.
    Prefix(String),
    /// All of it.
    SafeRegex(EnvoyRegex),
}

/// Envoy's `RegexMatcher`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvoyRegex {
    /// The pattern.
    pub regex: String,
}

/// Envoy's `HeaderMatcher`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvoyHeaderMatch {
    /// The header, or `:method`.
    pub name: String,
    /// What about it.
    #[serde(flatten)]
    pub test: EnvoyHeaderTest,
}

/// What Envoy wants of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvoyHeaderTest {
    /// Its value.
    StringMatch(EnvoyStringMatch),
    /// That it is there, or not.
    PresentMatch(bool),
}

/// Envoy's `QueryParameterMatcher`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvoyQueryMatch {
    /// The parameter.
    pub name: String,
    /// Its value.
    pub string_match: EnvoyStringMatch,
}

/// Envoy's `StringMatcher`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvoyStringMatch {
    /// Equal.
    Exact(String),
    /// Starts so.
    Prefix(String),
    /// Matches as a whole.
    SafeRegex(EnvoyRegex),
}

/// How Envoy changes a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvoyPathRewrite {
    /// `regexRewrite` of `.*`: the whole path, the query stays.
    Whole(String),
    /// `prefixRewrite`: what the match compared.
    Prefix(String),
}

fn regex(pattern: &str) -> EnvoyRegex {
    EnvoyRegex { regex: pattern.to_owned() }
}

/// One match becomes one or two: a path prefix other than `/` is the path itself and everything after a slash.
pub fn expand(condition: &HttpMatch) -> Vec<Expanded> {
    let paths = match &condition.path {
        None => vec![EnvoyPath::Prefix("/".into())],
        Some(PathMatch::Exact(path)) => vec![EnvoyPath::Path(path.clone())],
        Some(PathMatch::RegularExpression(pattern)) => vec![EnvoyPath::SafeRegex(regex(pattern))],
        Some(PathMatch::PathPrefix(prefix)) if prefix == "/" => vec![EnvoyPath::Prefix("/".into())],
        Some(PathMatch::PathPrefix(prefix)) => {
            let prefix = trimmed(prefix);
            vec![EnvoyPath::Path(prefix.into()), EnvoyPath::Prefix(format!("{prefix}/"))]
        }
    };
    let method = condition.method.iter().map(|method| EnvoyHeaderMatch {
        name: ":method".into(),
        test: EnvoyHeaderTest::StringMatch(EnvoyStringMatch::Exact(method.clone())),
    });
    let headers = first_of_each(&condition.headers, |h| &h.name);
    let headers: Vec<EnvoyHeaderMatch> = method.chain(headers.into_iter().map(header)).gather();
    let query_parameters: Vec<EnvoyQueryMatch> = first_of_each(&condition.query_params, |q| &q.name)
        .into_iter()
        .map(|query| EnvoyQueryMatch {
            name: query.name.clone(),
            string_match: match query.regex {
                true => EnvoyStringMatch::SafeRegex(regex(&query.value)),
                false => EnvoyStringMatch::Exact(query.value.clone()),
            },
        })
        .gather();
    paths
        .into_iter()
        .map(|path| Expanded {
            envoy: EnvoyMatch { path, headers: headers.clone(), query_parameters: query_parameters.clone() },
            from_prefix: matches!(condition.path, Some(PathMatch::PathPrefix(_))),
        })
        .gather()
}

fn header(header: &HeaderMatch) -> EnvoyHeaderMatch {
    let text = |test| EnvoyHeaderTest::StringMatch(test);
    EnvoyHeaderMatch {
        name: header.name.clone(),
        test: match header.kind {
            HeaderMatchType::Exact => text(EnvoyStringMatch::Exact(header.value.clone())),
            HeaderMatchType::Prefix if header.value.is_empty() => EnvoyHeaderTest::PresentMatch(true),
            HeaderMatchType::Prefix => text(EnvoyStringMatch::Prefix(header.value.clone())),
            HeaderMatchType::RegularExpression => text(EnvoyStringMatch::SafeRegex(regex(&header.value))),
            HeaderMatchType::Present => EnvoyHeaderTest::PresentMatch(true),
            HeaderMatchType::Absent => EnvoyHeaderTest::PresentMatch(false),
        },
    }
}

impl Expanded {
    /// Whether Envoy would say that a path, with or without query, matches; for telling the two halves of a prefix
    /// apart once it is known that the whole match takes the request.
    pub fn takes_path(&self, path: &str) -> bool {
        let path = path.split(['?', '#']).next().unwrap_or("");
        match &self.envoy.path {
            EnvoyPath::Path(wanted) => path == wanted,
            EnvoyPath::Prefix(prefix) => path.starts_with(prefix.as_str()),
            EnvoyPath::SafeRegex(_) => true,
        }
    }
}

/// What a path replacement becomes for one Envoy match. A prefix replacement counts only for a PathPrefix.
pub fn rewrite_of(rewrite: &PathRewrite, expanded: &Expanded) -> Option<EnvoyPathRewrite> {
    match (rewrite, &expanded.envoy.path) {
        (PathRewrite::ReplaceFullPath(path), _) => Some(EnvoyPathRewrite::Whole(path.clone())),
        (PathRewrite::ReplacePrefixMatch(_), _) if !expanded.from_prefix => None,
        (PathRewrite::ReplacePrefixMatch(prefix), EnvoyPath::Path(_)) => Some(EnvoyPathRewrite::Whole(prefix.clone())),
        (PathRewrite::ReplacePrefixMatch(prefix), _) => Some(EnvoyPathRewrite::Prefix(prefix.clone())),
    }
}
