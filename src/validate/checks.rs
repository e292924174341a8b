//! Checks of single values, in Kuma's words.

use super::at::{At, Report};
use crate::float;
use crate::unicode;

/// Must be there.
pub const DEFINED: &str = "must be defined";
/// Must not be there.
pub const NOT_DEFINED: &str = "must not be defined";
/// Must not be empty.
pub const NOT_EMPTY: &str = "must not be empty";
/// Must be positive.
pub const POSITIVE: &str = "must be greater than 0";
/// Paths begin with a slash.
pub const ABSOLUTE: &str = "must be an absolute path";
/// Ports of newer kinds.
pub const PORT: &str = "port must be a valid (1-65535)";

/// `must have at least one defined: …`.
pub fn at_least_one(of: &[&str]) -> String {
    format!("must have at least one defined: {}", of.join(", "))
}

/// `X must have only one type defined: …`.
pub fn only_one(what: &str, of: &[&str]) -> String {
    format!("{what} must have only one type defined: {}", of.join(", "))
}

/// `X must have exactly one defined: …`.
pub fn exactly_one(what: &str, of: &[&str]) -> String {
    format!("{what} must have exactly one defined: {}", of.join(", "))
}

/// `X must be one of: …`.
pub fn one_of(what: &str, of: &[&str]) -> String {
    format!("{what} must be one of: {}", of.join(", "))
}

/// A duration that, if set, is more than nothing.
pub fn positive_duration(at: &At<'_>, report: &mut Report) {
    if at.duration().is_some_and(|d| d <= 0) {
        report.say(at, "must be greater than zero when defined");
    }
}

/// A duration that, if set, is not below zero.
pub fn duration_not_negative(at: &At<'_>, report: &mut Report) {
    if at.duration().is_some_and(|d| d < 0) {
        report.say(at, "must not be negative when defined");
    }
}

/// A count that, if set, is more than nothing.
pub fn positive(at: &At<'_>, report: &mut Report) {
    if at.number().is_some_and(|n| n <= 0) {
        report.say(at, POSITIVE);
    }
}

/// As [`positive`], in the words of signed numbers.
pub fn positive_signed(at: &At<'_>, report: &mut Report) {
    if at.number().is_some_and(|n| n <= 0) {
        report.say(at, "must be greater than zero when defined");
    }
}

/// A whole percentage, if set.
pub fn whole_percentage(at: &At<'_>, report: &mut Report) {
    if at.number().is_some_and(|n| !(0..=100).contains(&n)) {
        report.say(at, "must be in inclusive range [0, 100]");
    }
}

/// The value of a number or decimal text; `Err` if it is neither.
pub fn decimal(at: &At<'_>) -> Option<Result<f64, ()>> {
    let node = at.node?;
    if let Some(number) = node.as_i64() {
        return Some(Ok(number as f64));
    }
    let text = node.as_str()?;
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    Some(if plain { float::parse(text).ok_or(()) } else { Err(()) })
}

/// A percentage that must be there; `zero` says whether it may be nothing.
pub fn percentage(at: &At<'_>, zero: bool, report: &mut Report) {
    match decimal(at) {
        None => report.say(at, DEFINED),
        Some(Err(())) => report.say(at, "string must be a valid number"),
        Some(Ok(value)) if !(0.0..=100.0).contains(&value) => report.say(at, "must be in inclusive range [0.0, 100.0]"),
        Some(Ok(value)) if !zero && value == 0.0 => report.say(at, POSITIVE),
        Some(Ok(_)) => {}
    }
}

/// An HTTP status.
pub fn status(at: &At<'_>, report: &mut Report) {
    if !at.number().is_some_and(|n| (100..600).contains(&n)) {
        report.say(at, "must be in inclusive range [100, 599]");
    }
}

/// A port of a newer kind.
pub fn port(at: &At<'_>, number: i64, report: &mut Report) {
    report.unless((1..=65535).contains(&number), at, PORT);
}

/// A port of an older kind.
pub fn port_in_range(at: &At<'_>, number: u32, report: &mut Report) {
    report.unless((1..=65535).contains(&number), at, "port must be in the range [1, 65535]");
}

/// An IP address as Go's `net.ParseIP` reads it.
pub fn is_ip(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// A network in CIDR notation.
pub fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit()) && bits.parse::<u8>().is_ok_and(|b| b <= most)
}

/// A DNS name as the library that Kuma uses takes it: labels of letters, digits, `_` and `-`, no address.
pub fn is_dns_name(text: &str) -> bool {
    let letters: usize = text.chars().filter(|c| *c != '.').count();
    if text.is_empty() || letters > 255 || is_ip(text) {
        return false;
    }
    let label = |label: &str| {
        let start = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let bytes = label.as_bytes();
        bytes.first().is_some_and(|b| start(*b))
            && bytes.len() <= 63
            && bytes.iter().all(|b| start(*b) || *b == b'-')
            && bytes.last().is_some_and(|b| start(*b))
    };
    let text = text.strip_suffix('.').unwrap_or(text);
    text.split('.').all(label)
}

/// A file path as Unix and that library take it.
pub fn is_file_path(text: &str) -> bool {
    let windows = {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.as_str().starts_with(":\\")
    };
    windows || (text.starts_with('/') && !text.contains('\0'))
}

/// A URL, or host with a port, as that library takes it. A host of one label needs a scheme or a port.
pub fn is_url(text: &str) -> bool {
    if text.is_empty() || text.len() >= 2083 || text.len() <= 3 || text.starts_with('.') || text.contains(' ') {
        return false;
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) => {
            if !matches!(scheme, "http" | "https" | "ftp" | "tcp" | "udp" | "ws" | "wss") {
                return false;
            }
            rest
        }
        None => {
            // without both, Go takes all of it for a path, and a path alone must look like a host
            let path = text.split(['?', '#']).next().unwrap_or_default();
            if !text.contains(':') && !path.contains('.') {
                return false;
            }
            text
        }
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.strip_prefix('[').and_then(|r| r.split_once(']')) {
        Some((host, after)) => (host, after.strip_prefix(':')),
        None => match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port_fits = port.is_none_or(|p| (1..=5).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    let named = host.strip_suffix('.').unwrap_or(host).split('.').all(|part| {
        !part.is_empty()
            && part.chars().all(|c| unicode::is_alphanumeric(c) || c == '-' || c == '_')
            && !part.starts_with(['-', '_'])
            && !part.ends_with(['-', '_'])
    });
    port_fits && (is_ip(host) || named)
}
