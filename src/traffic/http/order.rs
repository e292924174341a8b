//! Which match is compared first.

use std::cmp::Reverse;

use crate::collections::sort_by_key;
use crate::resource::{HttpMatch, PathMatch};

/// The place of a match among others: the smallest is compared first, equal ones keep their order. Field order is the
/// rule. Lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchOrder {
    path: PathOrder,
    method: MethodOrder,
    headers: Reverse<usize>,
    query_params: Reverse<usize>,
}

/// Exact paths first, all equal; then prefixes, then regular expressions, longer ones first; then no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PathOrder {
    Exact,
    PathPrefix(Reverse<usize>),
    RegularExpression(Reverse<usize>),
    Any,
}

/// With a method first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum MethodOrder {
    Given,
    Any,
}

/// What puts one match before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// The type of the path: Exact, PathPrefix, RegularExpression, none.
    PathType,
    /// The longer path.
    PathLength,
    /// Naming a method.
    Method,
    /// More headers.
    Headers,
    /// More query parameters.
    QueryParams,
    /// The order in which they are written, after the strength of their policies.
    Position,
}

impl MatchOrder {
    /// The place of a match.
    pub fn of(condition: &HttpMatch) -> MatchOrder {
        MatchOrder {
            path: match &condition.path {
                Some(PathMatch::Exact(_)) => PathOrder::Exact,
                Some(PathMatch::PathPrefix(prefix)) => PathOrder::PathPrefix(Reverse(prefix.len())),
                Some(PathMatch::RegularExpression(regex)) => PathOrder::RegularExpression(Reverse(regex.len())),
                None => PathOrder::Any,
            },
            method: if condition.method.is_some() { MethodOrder::Given } else { MethodOrder::Any },
            headers: Reverse(condition.headers.len()),
            query_params: Reverse(condition.query_params.len()),
        }
    }

    /// What decides between this place and another.
    pub fn decided_by(&self, other: &MatchOrder) -> Criterion {
        if std::mem::discriminant(&self.path) != std::mem::discriminant(&other.path) {
            Criterion::PathType
        } else if self.path != other.path {
            Criterion::PathLength
        } else if self.method != other.method {
            Criterion::Method
        } else if self.headers != other.headers {
            Criterion::Headers
        } else if self.query_params != other.query_params {
            Criterion::QueryParams
        } else {
            Criterion::Position
        }
    }
}

/// Puts candidates in the order of comparison. They come with the strongest policy's first and as written; where the
/// rule does not decide that order stays.
pub fn order<T>(candidates: &mut [T], condition: impl Fn(&T) -> &HttpMatch) {
    sort_by_key(candidates, |candidate| MatchOrder::of(condition(candidate)));
}

/// The match of the rule that Kuma appends to an outbound's routes unless one of them has exactly this match. It is
/// last, even after a match without conditions.
pub fn catch_all() -> HttpMatch {
    HttpMatch { path: Some(PathMatch::PathPrefix("/".into())), ..HttpMatch::default() }
}

/// Whether a match keeps Kuma from appending its own catch-all.
pub fn is_catch_all(condition: &HttpMatch) -> bool {
    *condition == catch_all()
}
