//! HTTP routes: whether a match takes a request, which of several goes first, and what becomes of the request.
//!
//! What decides is Envoy, with the configuration that Kuma derives from a MeshHTTPRoute: paths are compared without
//! the query and as they come, header names have no case, several values of a header count as one text with commas.

mod cover;
mod effect;
mod envoy;
mod order;

pub use cover::{covers, hidden_by, Covers};
pub use effect::{
    change_headers, redirect, rewrite_path, Filter, HeaderModifier, PathRewrite, Redirect, RedirectAnswer, UrlRewrite,
};
pub use envoy::{
    expand, rewrite_of, EnvoyHeaderMatch, EnvoyHeaderTest, EnvoyMatch, EnvoyPath, EnvoyPathRewrite, EnvoyQueryMatch,
    EnvoyRegex, EnvoyStringMatch, Expanded,
};
pub use order::{catch_all, is_catch_all, order, Criterion, MatchOrder};

use super::regex::{self, Compiled, Regex};
use crate::collections::Gather;
use crate::resource::{HeaderMatch, HeaderMatchType, HttpMatch, PathMatch, QueryMatch};

/// A request as it leaves the application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, in upper case.
    pub method: String,
    /// The path with its query, starting with `/`.
    pub path: String,
    /// Headers in order, `host` among them. A name may occur several times.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The path without the query, which is what paths are compared with.
    pub fn path_only(&self) -> &str {
        self.path.split(['?', '#']).next().unwrap_or("")
    }

    /// All values of a header, with commas between.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).gather();
        if values.is_empty() {
            None
        } else {
            Some(values.join(","))
        }
    }

    /// The first value of a query parameter, as it is written: nothing is decoded.
    pub fn query_param(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v)
    }
}

/// Whether a match takes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchVerdict {
    /// It does.
    Yes,
    /// It does not.
    No {
        /// The first thing that differs, such as ``path `/v1` does not have the prefix `/v2` ``.
        reason: String,
    },
    /// It cannot be told here.
    NotEvaluated {
        /// Why.
        reason: String,
    },
}

/// Whether a match takes a request. For many requests make a [`Matcher`] once.
pub fn matches(condition: &HttpMatch, request: &Request) -> MatchVerdict {
    Matcher::new(condition).verdict(request)
}

/// A match ready to be compared with requests.
#[derive(Clone, Debug)]
pub struct Matcher {
    path: PathTest,
    method: Option<String>,
    headers: Vec<(String, ValueTest)>,
    query_params: Vec<(String, ValueTest)>,
}

#[derive(Clone, Debug)]
enum PathTest {
    Exact(String),
    /// This path and all below, without a slash at the end.
    Prefix(String),
    Regex(Pattern),
}

#[derive(Clone, Debug)]
enum ValueTest {
    Exact(String),
    Prefix(String),
    Regex(Pattern),
    Present,
    Absent,
}

/// A regular expression, or why there is none.
#[derive(Clone, Debug)]
enum Pattern {
    Usable(Regex),
    Unusable(String),
}

impl Pattern {
    fn new(pattern: &str) -> Pattern {
        match regex::compile(pattern) {
            Compiled::Ok(regex) => Pattern::Usable(regex),
            Compiled::Invalid { message } => Pattern::Unusable(format!(
                "Envoy refuses the regular expression `{pattern}` ({message}), and with it the proxy's configuration"
            )),
            Compiled::NotEvaluated { reason } => Pattern::Unusable(format!(
                "the regular expression `{pattern}` has {reason}, which is not evaluated here"
            )),
        }
    }
}

/// What one condition says: nothing if it holds.
type Finding = Option<MatchVerdict>;

fn no(reason: String) -> Finding {
    Some(MatchVerdict::No { reason })
}

fn unknown(reason: &str) -> Finding {
    Some(MatchVerdict::NotEvaluated { reason: reason.into() })
}

/// Headers that Envoy itself sets before it looks for a route, where the application does not.
const SET_BY_ENVOY: [&str; 4] = ["host", "x-request-id", "x-forwarded-proto", "x-envoy-internal"];

/// Headers that belong to one connection: Envoy takes them off before it looks for a route.
const TAKEN_BY_ENVOY: [&str; 6] =
    ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// Kuma takes the first condition on a name and ignores the rest.
fn first_of_each<T>(conditions: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut kept: Vec<&T> = Vec::with_capacity(conditions.len());
    for condition in conditions {
        if !kept.iter().any(|there| name(there) == name(condition)) {
            kept.push(condition);
        }
    }
    kept
}

/// A prefix without the slash at its end; that of the root is empty.
fn trimmed(prefix: &str) -> &str {
    prefix.strip_suffix('/').unwrap_or(prefix)
}

impl Matcher {
    /// Reads a match.
    pub fn new(condition: &HttpMatch) -> Matcher {
        Matcher {
            path: match &condition.path {
                None => PathTest::Prefix(String::new()),
                Some(PathMatch::Exact(path)) => PathTest::Exact(path.clone()),
                Some(PathMatch::PathPrefix(prefix)) => PathTest::Prefix(trimmed(prefix).to_owned()),
                Some(PathMatch::RegularExpression(pattern)) => PathTest::Regex(Pattern::new(pattern)),
            },
            method: condition.method.clone(),
            headers: first_of_each(&condition.headers, |h| &h.name).into_iter().map(header_test).gather(),
            query_params: first_of_each(&condition.query_params, |q| &q.name).into_iter().map(query_test).gather(),
        }
    }

    /// Compares a request. A part that certainly differs outweighs one that cannot be told.
    pub fn verdict(&self, request: &Request) -> MatchVerdict {
        if !request.path.starts_with('/') || request.method == "CONNECT" {
            return MatchVerdict::NotEvaluated {
                reason: "requests without an absolute path, and CONNECT, are not evaluated here".into(),
            };
        }
        let mut not_evaluated = None;
        let headers = self.headers.iter().map(|(name, test)| header_finding(name, test, request));
        let query_params = self
            .query_params
            .iter()
            .map(|(name, test)| value_finding(&format!("query parameter `{name}`"), request.query_param(name), test));
        let parts = [self.path_finding(request), self.method_finding(request)];
        for finding in parts.into_iter().chain(headers).chain(query_params).flatten() {
            match finding {
                MatchVerdict::No { .. } => return finding,
                _ => not_evaluated = not_evaluated.or(Some(finding)),
            }
        }
        not_evaluated.unwrap_or(MatchVerdict::Yes)
    }

    fn path_finding(&self, request: &Request) -> Finding {
        let path = request.path_only();
        match &self.path {
            PathTest::Exact(wanted) if path != wanted => no(format!("path `{path}` is not `{wanted}`")),
            PathTest::Prefix(prefix) if !below(path, prefix) => {
                no(format!("path `{path}` does not have the prefix `{prefix}`"))
            }
            PathTest::Regex(Pattern::Unusable(reason)) => unknown(reason),
            PathTest::Regex(Pattern::Usable(regex)) if !regex.full_match(path) => {
                no(format!("path `{path}` does not match `{}` as a whole", regex.pattern()))
            }
            _ => None,
        }
    }

    fn method_finding(&self, request: &Request) -> Finding {
        match &self.method {
            Some(wanted) if *wanted != request.method => no(format!("method is {}, not {wanted}", request.method)),
            _ => None,
        }
    }
}

/// Whether a path is the prefix or below it. The prefix has no slash at its end.
fn below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn header_test(header: &HeaderMatch) -> (String, ValueTest) {
    let test = match header.kind {
        HeaderMatchType::Exact => ValueTest::Exact(header.value.clone()),
        HeaderMatchType::Prefix => ValueTest::Prefix(header.value.clone()),
        HeaderMatchType::RegularExpression => ValueTest::Regex(Pattern::new(&header.value)),
        HeaderMatchType::Present => ValueTest::Present,
        HeaderMatchType::Absent => ValueTest::Absent,
    };
    (header.name.clone(), test)
}

fn query_test(query: &QueryMatch) -> (String, ValueTest) {
    let test = match query.regex {
        true => ValueTest::Regex(Pattern::new(&query.value)),
        false => ValueTest::Exact(query.value.clone()),
    };
    (query.name.clone(), test)
}

fn header_finding(name: &str, test: &ValueTest, request: &Request) -> Finding {
    let is = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let value = request.header(name);
    if is(&TAKEN_BY_ENVOY) || (value.is_none() && is(&SET_BY_ENVOY)) {
        return unknown(&format!("Envoy itself sets or removes the header `{name}`, which is not evaluated here"));
    }
    value_finding(&format!("header `{name}`"), value.as_deref(), test)
}

fn value_finding(what: &str, value: Option<&str>, test: &ValueTest) -> Finding {
    match (value, test) {
        (None, ValueTest::Absent) | (Some(_), ValueTest::Present) => None,
        (None, _) => no(format!("{what} is missing")),
        (Some(_), ValueTest::Absent) => no(format!("{what} is there")),
        (Some(value), ValueTest::Exact(wanted)) if value != wanted => {
            no(format!("{what} is `{value}`, not `{wanted}`"))
        }
        (Some(value), ValueTest::Prefix(wanted)) if !value.starts_with(wanted) => {
            no(format!("{what} is `{value}`, which does not start with `{wanted}`"))
        }
        (Some(_), ValueTest::Regex(Pattern::Unusable(reason))) => unknown(reason),
        (Some(value), ValueTest::Regex(Pattern::Usable(regex))) if !regex.full_match(value) => {
            no(format!("{what} is `{value}`, which does not match `{}` as a whole", regex.pattern()))
        }
        _ => None,
    }
}
