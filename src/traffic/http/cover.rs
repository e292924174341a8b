//! Whether one match takes every request that another takes, for telling which rules no request can reach.

use super::{below, first_of_each, trimmed, SET_BY_ENVOY, TAKEN_BY_ENVOY};
use crate::collections::Gather;
use crate::resource::{HeaderMatchType, HttpMatch, PathMatch};
use crate::traffic::regex::{compile, Compiled, Regex, Shape};

/// Whether one match takes everything that another takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Every request.
    Yes,
    /// There is a request that only the other takes.
    No,
    /// It cannot be told.
    Unknown,
}

/// Whether every request that matches `b` matches `a`. Requests have paths that start with `/`.
pub fn covers(a: &HttpMatch, b: &HttpMatch) -> Covers {
    Sets::of(a).cover(&Sets::of(b))
}

/// For each of several matches in the order of comparison, an earlier one that takes all its requests.
pub fn hidden_by(ordered: &[&HttpMatch]) -> Vec<Option<usize>> {
    let sets: Vec<Sets> = ordered.iter().map(|condition| Sets::of(condition)).gather();
    let earlier = |(place, later): (usize, &Sets)| {
        sets.iter().take(place).position(|earlier| earlier.cover(later) == Covers::Yes)
    };
    sets.iter().enumerate().map(earlier).gather()
}

/// The requests that a match takes, condition by condition.
struct Sets {
    path: Values,
    method: Option<String>,
    headers: Vec<(String, Presence)>,
    query_params: Vec<(String, Presence)>,
}

impl Sets {
    fn of(condition: &HttpMatch) -> Sets {
        Sets {
            path: path_set(condition),
            method: condition.method.clone(),
            headers: header_sets(condition),
            query_params: query_sets(condition),
        }
    }

    fn cover(&self, other: &Sets) -> Covers {
        if let Values::Nothing = other.path {
            return Covers::Yes;
        }
        let mut parts = vec![values_cover(&self.path, &other.path)];
        parts.push(match &self.method {
            Some(method) if other.method.as_ref() != Some(method) => Covers::No,
            _ => Covers::Yes,
        });
        for (name, set) in &self.headers {
            let theirs = other.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, set)| set);
            let by_envoy = SET_BY_ENVOY.iter().chain(&TAKEN_BY_ENVOY).any(|n| n.eq_ignore_ascii_case(name));
            parts.push(match presence_covers(set, theirs) {
                // What Envoy sets itself cannot be left out at will.
                Covers::No if by_envoy => Covers::Unknown,
                covers => covers,
            });
        }
        for (name, set) in &self.query_params {
            let theirs = other.query_params.iter().find(|(n, _)| n == name).map(|(_, set)| set);
            parts.push(presence_covers(set, theirs));
        }
        if parts.iter().all(|part| *part == Covers::Yes) {
            return Covers::Yes;
        }
        if parts.contains(&Covers::No) && other.is_possible() {
            Covers::No
        } else {
            Covers::Unknown
        }
    }

    /// Whether there certainly is a request that matches: a request that shows a difference in one condition must
    /// match all the rest.
    fn is_possible(&self) -> bool {
        let values = self.headers.iter().chain(&self.query_params).filter_map(|(_, set)| match set {
            Presence::Value(values) => Some(values),
            Presence::Present | Presence::Absent => None,
        });
        values.chain([&self.path]).all(Values::is_possible)
    }
}

/// The texts that a condition on a path or value takes.
#[derive(Clone, Debug)]
enum Values {
    /// No path at all, such as one with a query in it.
    Nothing,
    /// Every path.
    AnyPath,
    Exact(String),
    StartsWith(String),
    /// A path and all below it.
    Below(String),
    Regex(Regex),
    /// A regular expression that cannot be run here.
    Unusable(String),
}

/// What a condition on a header or query parameter takes.
#[derive(Clone, Debug)]
enum Presence {
    Present,
    Absent,
    Value(Values),
}

fn path_set(condition: &HttpMatch) -> Values {
    let values = match &condition.path {
        None => return Values::AnyPath,
        Some(PathMatch::Exact(path)) => Values::Exact(path.clone()),
        Some(PathMatch::PathPrefix(prefix)) => Values::Below(trimmed(prefix).into()),
        Some(PathMatch::RegularExpression(pattern)) => regex_set(pattern),
    };
    match &values {
        Values::StartsWith(prefix) if prefix.is_empty() || prefix == "/" => Values::AnyPath,
        Values::Below(prefix) if prefix.is_empty() => Values::AnyPath,
        Values::Exact(text) | Values::StartsWith(text) | Values::Below(text)
            if !text.starts_with('/') || text.contains(['?', '#']) =>
        {
            Values::Nothing
        }
        _ => values,
    }
}

fn regex_set(pattern: &str) -> Values {
    match compile(pattern) {
        Compiled::Ok(regex) => match regex.shape() {
            Shape::Exact(text) => Values::Exact(text.clone()),
            Shape::StartsWith(prefix) => Values::StartsWith(prefix.clone()),
            Shape::PathPrefix(prefix) => Values::Below(prefix.clone()),
            Shape::Other { .. } => Values::Regex(regex),
        },
        _ => Values::Unusable(pattern.into()),
    }
}

fn header_sets(condition: &HttpMatch) -> Vec<(String, Presence)> {
    first_of_each(&condition.headers, |h| &h.name)
        .into_iter()
        .map(|header| {
            let value = header.value.clone();
            let set = match header.kind {
                HeaderMatchType::Present => Presence::Present,
                HeaderMatchType::Absent => Presence::Absent,
                HeaderMatchType::Prefix if value.is_empty() => Presence::Present,
                HeaderMatchType::Exact => Presence::Value(Values::Exact(value)),
                HeaderMatchType::Prefix => Presence::Value(Values::StartsWith(value)),
                HeaderMatchType::RegularExpression => any_value(regex_set(&value)),
            };
            (header.name.clone(), set)
        })
        .gather()
}

fn query_sets(condition: &HttpMatch) -> Vec<(String, Presence)> {
    first_of_each(&condition.query_params, |q| &q.name)
        .into_iter()
        .map(|query| {
            let set = match query.regex {
                true => any_value(regex_set(&query.value)),
                false => Presence::Value(Values::Exact(query.value.clone())),
            };
            (query.name.clone(), set)
        })
        .gather()
}

/// `.*` takes every value there is.
fn any_value(values: Values) -> Presence {
    match values {
        Values::StartsWith(prefix) if prefix.is_empty() => Presence::Present,
        values => Presence::Value(values),
    }
}

/// `b` is nothing where the other match has no condition on the name.
fn presence_covers(a: &Presence, b: Option<&Presence>) -> Covers {
    match (a, b) {
        (Presence::Present, Some(Presence::Present | Presence::Value(_))) => Covers::Yes,
        (Presence::Absent, Some(Presence::Absent)) => Covers::Yes,
        (Presence::Value(a), Some(Presence::Value(b))) => values_cover(a, b),
        // A value may be nothing, or anything.
        (Presence::Value(values), Some(Presence::Present)) if values.takes("") && values.takes("x") => Covers::Unknown,
        _ => Covers::No,
    }
}

impl Values {
    /// Whether a text is among them; also yes where that cannot be told.
    fn takes(&self, text: &str) -> bool {
        match self {
            Values::Nothing => false,
            Values::AnyPath | Values::Unusable(_) => true,
            Values::Exact(only) => text == only,
            Values::StartsWith(prefix) => text.starts_with(prefix.as_str()),
            Values::Below(prefix) => below(text, prefix),
            Values::Regex(regex) => regex.full_match(text),
        }
    }

    /// Whether there certainly is such a text.
    fn is_possible(&self) -> bool {
        !matches!(self, Values::Nothing | Values::Regex(_) | Values::Unusable(_))
    }
}

fn values_cover(a: &Values, b: &Values) -> Covers {
    let yes_or = |holds: bool, otherwise: Covers| if holds { Covers::Yes } else { otherwise };
    match (a, b) {
        (Values::AnyPath, _) | (_, Values::Nothing) => Covers::Yes,
        (Values::Unusable(a), Values::Unusable(b)) => yes_or(a == b, Covers::Unknown),
        (Values::Unusable(_), _) | (_, Values::Unusable(_)) => Covers::Unknown,
        (a, Values::AnyPath) => values_cover(a, &Values::StartsWith("/".into())),
        (a, Values::Exact(only)) => yes_or(a.takes(only), Covers::No),
        (Values::Regex(a), Values::Regex(b)) => yes_or(a.pattern() == b.pattern(), Covers::Unknown),
        (Values::StartsWith(start), Values::StartsWith(prefix) | Values::Below(prefix)) => {
            yes_or(prefix.starts_with(start.as_str()), Covers::No)
        }
        (Values::Below(path), Values::StartsWith(prefix)) => {
            yes_or(prefix.starts_with(&format!("{path}/")), Covers::No)
        }
        (Values::Below(path), Values::Below(prefix)) => yes_or(below(prefix, path), Covers::No),
        (Values::Regex(a), Values::StartsWith(prefix) | Values::Below(prefix)) => {
            let some = [prefix.clone(), format!("{prefix}/"), format!("{prefix}/x")];
            if some.iter().all(|text| a.full_match(text)) {
                Covers::Unknown
            } else {
                Covers::No
            }
        }
        (Values::StartsWith(_) | Values::Below(_), Values::Regex(regex)) => {
            let Shape::Other { prefix } = regex.shape() else { return Covers::Unknown };
            let covered = match a {
                Values::StartsWith(start) => prefix.starts_with(start.as_str()),
                Values::Below(path) => prefix.starts_with(&format!("{path}/")),
                _ => false,
            };
            yes_or(covered, Covers::Unknown)
        }
        (Values::Nothing | Values::Exact(_), Values::Regex(_)) => Covers::Unknown,
        (Values::Nothing | Values::Exact(_), _) => Covers::No,
    }
}
