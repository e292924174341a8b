//! What the filters of a MeshHTTPRoute do to a request or response.

use super::envoy::{rewrite_of, EnvoyPath, EnvoyPathRewrite, Expanded};
use super::Request;
use crate::collections::Gather;
use crate::traffic::regex::{self, Compiled};
use crate::yaml::Node;

/// A filter of a route rule. RequestMirror does not change the request and is not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// RequestHeaderModifier
    RequestHeaderModifier(HeaderModifier),
    /// ResponseHeaderModifier
    ResponseHeaderModifier(HeaderModifier),
    /// RequestRedirect
    RequestRedirect(Redirect),
    /// URLRewrite
    UrlRewrite(UrlRewrite),
}

/// Changes of headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderModifier {
    /// Names and values that replace what is there.
    pub set: Vec<(String, String)>,
    /// Names and values that are added to what is there.
    pub add: Vec<(String, String)>,
    /// Names that are removed.
    pub remove: Vec<String>,
}

/// An answer that sends the client elsewhere. What it does not name stays as in the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirect {
    /// `http` or `https`.
    pub scheme: Option<String>,
    /// The host.
    pub hostname: Option<String>,
    /// The port.
    pub port: Option<u32>,
    /// The path.
    pub path: Option<PathRewrite>,
    /// The status; Kuma takes a missing one for 302.
    pub status_code: Option<u32>,
}

/// A change of what is requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlRewrite {
    /// The host.
    pub hostname: Option<String>,
    /// The path.
    pub path: Option<PathRewrite>,
}

/// A replacement of a path or its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRewrite {
    /// All of the path; the query stays.
    ReplaceFullPath(String),
    /// What the match's PathPrefix stands for.
    ReplacePrefixMatch(String),
}

impl Filter {
    /// Reads a filter; nothing for one of another type or without its part.
    pub fn read(node: &Node) -> Option<Filter> {
        match node.text("type")? {
            "RequestHeaderModifier" => {
                Some(Filter::RequestHeaderModifier(HeaderModifier::read(node.get("requestHeaderModifier")?)))
            }
            "ResponseHeaderModifier" => {
                Some(Filter::ResponseHeaderModifier(HeaderModifier::read(node.get("responseHeaderModifier")?)))
            }
            "RequestRedirect" => Some(Filter::RequestRedirect(Redirect::read(node.get("requestRedirect")?))),
            "URLRewrite" => {
                let rewrite = node.get("urlRewrite")?;
                Some(Filter::UrlRewrite(UrlRewrite {
                    hostname: rewrite.text("hostname").map(str::to_owned),
                    path: rewrite.get("path").and_then(PathRewrite::read),
                }))
            }
            _ => None,
        }
    }
}

impl HeaderModifier {
    fn read(node: &Node) -> HeaderModifier {
        let pairs = |key: &str| {
            let pair = |n: &Node| Some((n.text("name")?.to_owned(), n.text("value").unwrap_or_default().to_owned()));
            node.items(key).iter().filter_map(pair).gather()
        };
        HeaderModifier {
            set: pairs("set"),
            add: pairs("add"),
            remove: node.items("remove").iter().filter_map(|n| Some(n.as_str()?.to_owned())).gather(),
        }
    }
}

impl Redirect {
    fn read(node: &Node) -> Redirect {
        let text = |key: &str| node.text(key).map(str::to_owned);
        let number = |key: &str| node.get(key).and_then(Node::as_i64).and_then(|n| u32::try_from(n).ok());
        Redirect {
            scheme: text("scheme"),
            hostname: text("hostname"),
            port: number("port"),
            path: node.get("path").and_then(PathRewrite::read),
            status_code: number("statusCode"),
        }
    }
}

impl PathRewrite {
    fn read(node: &Node) -> Option<PathRewrite> {
        match node.text("type")? {
            "ReplaceFullPath" => Some(PathRewrite::ReplaceFullPath(node.text("replaceFullPath")?.to_owned())),
            "ReplacePrefixMatch" => Some(PathRewrite::ReplacePrefixMatch(node.text("replacePrefixMatch")?.to_owned())),
            _ => None,
        }
    }
}

/// The path of a request, query included, after a replacement, given the Envoy match that took it.
///
/// # Errors
/// Why it cannot be told: Envoy refuses the replacement.
pub fn rewrite_path(rewrite: &PathRewrite, matched: &Expanded, path: &str) -> Result<String, String> {
    match (rewrite_of(rewrite, matched), &matched.envoy.path) {
        (Some(EnvoyPathRewrite::Whole(substitution)), _) => {
            let length = path.find(['?', '#']).unwrap_or(path.len());
            let (before, query) = path.split_at_checked(length).unwrap_or((path, ""));
            let Compiled::Ok(whole) = regex::compile(".*") else { return Ok(path.into()) };
            let replaced = whole.replace(before, &substitution).map_err(|message| {
                format!(
                    "Envoy refuses the replacement `{substitution}` ({message}), and with it the proxy's configuration"
                )
            })?;
            Ok(replaced + query)
        }
        // The prefix that is replaced ends with a slash: `/old` to `/new` makes `/old/a` into `/newa`.
        (Some(EnvoyPathRewrite::Prefix(replacement)), EnvoyPath::Prefix(prefix)) if !replacement.is_empty() => {
            Ok(path.strip_prefix(prefix.as_str()).map_or_else(|| path.to_owned(), |rest| replacement + rest))
        }
        _ => Ok(path.into()),
    }
}

/// A redirect as the client gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectAnswer {
    /// The status code.
    pub status: u32,
    /// The `location` header.
    pub location: String,
}

/// The answer to a request over plain HTTP that a redirect takes, given the Envoy match that took it.
///
/// # Errors
/// Why it cannot be told: Envoy refuses the replacement of the path.
pub fn redirect(redirect: &Redirect, matched: &Expanded, request: &Request) -> Result<RedirectAnswer, String> {
    const REQUEST_SCHEME: &str = "http";
    let path = match &redirect.path {
        Some(rewrite) => rewrite_path(rewrite, matched, &request.path)?,
        None => request.path.clone(),
    };
    let scheme = redirect.scheme.as_deref().unwrap_or(REQUEST_SCHEME);
    let host = request.header("host").unwrap_or_default();
    let host = match &redirect.hostname {
        Some(hostname) => hostname.as_str(),
        None => {
            let (name, port) = split_port(&host);
            // The request's own port goes if there is a new one, or if it was the usual one of the scheme that goes.
            let drops = redirect.port.is_some() || (scheme != REQUEST_SCHEME && port == ":80");
            if drops {
                name
            } else {
                host.as_str()
            }
        }
    };
    let port = redirect.port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(RedirectAnswer {
        status: redirect.status_code.unwrap_or(302),
        location: format!("{scheme}://{host}{port}{path}"),
    })
}

/// A host without and with its port; the port has its colon.
fn split_port(host: &str) -> (&str, &str) {
    let colon = match host.starts_with('[') {
        true => host.rfind("]:").map(|bracket| bracket + 1),
        false => host.rfind(':'),
    };
    colon.and_then(|colon| host.split_at_checked(colon)).unwrap_or((host, ""))
}

/// Headers after the modifiers of all filters: Envoy removes first, then sets, then adds.
///
/// # Errors
/// Why it cannot be told: Envoy refuses to change `host`, and reads `%` in a value as a command.
pub fn change_headers(
    modifiers: &[&HeaderModifier],
    headers: &[(String, String)],
) -> Result<Vec<(String, String)>, String> {
    let set = || modifiers.iter().flat_map(|modifier| &modifier.set);
    let add = || modifiers.iter().flat_map(|modifier| &modifier.add);
    let remove = || modifiers.iter().flat_map(|modifier| &modifier.remove);
    let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let names = set().chain(add()).map(|(name, _)| name).chain(remove());
    if names.into_iter().any(|name| is(name, "host") || name.starts_with(':')) {
        return Err("Envoy refuses changes of `host` in header modifiers, and with them the proxy's configuration; \
                    URLRewrite has `hostname` for that"
            .into());
    }
    if let Some((name, _)) = set().chain(add()).find(|(_, value)| value.contains('%')) {
        return Err(format!("Envoy reads `%` in the value of `{name}` as a command, which is not evaluated here"));
    }
    let mut out: Vec<(String, String)> =
        headers.iter().filter(|(name, _)| !remove().any(|removed| is(removed, name))).cloned().gather();
    // Envoy leaves out values of nothing.
    for (name, value) in set().filter(|(_, value)| !value.is_empty()) {
        out.retain(|(there, _)| !is(there, name));
        out.push((name.clone(), value.clone()));
    }
    out.extend(add().filter(|(_, value)| !value.is_empty()).cloned());
    Ok(out)
}
