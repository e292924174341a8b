//! What an outbound does with its traffic, and where one request goes, as text.

use std::fmt::Write;

use meshscope::policy::rules::Origin;
use meshscope::resource::{HeaderMatch, HeaderMatchType, HttpMatch, PathMatch};
use meshscope::traffic::http::{self, Filter, PathRewrite};
use meshscope::traffic::permission::Verdict;
use meshscope::traffic::request::{trace, Ask, OutboundVerdict, Outcome, Trace};
use meshscope::traffic::routes::{plan, DroppedBackend, Handling, HttpRoute, Listener, RouteSource, Split};

use crate::page::Attributes;
use crate::text::{wanted, WIDTH};
use crate::traffic::{percent, Proxy};

/// The rules of each outbound in the order of comparison.
pub fn routes_of(proxy: &Proxy, attributes: &Attributes) -> String {
    let mut out = String::new();
    let plan = plan(&proxy.setting(), proxy.id);
    for listener in plan.listeners.iter().filter(|l| wanted(attributes, "to", proxy.outbound_name(&l.outbound))) {
        let kind = match &listener.handling {
            Handling::Http(_) => "HTTP",
            Handling::Tcp(_) => "TCP",
            Handling::Nothing(_) => "nothing listens",
        };
        let _ = writeln!(out, "{} · {kind}", proxy.head(&listener.outbound));
        match &listener.handling {
            Handling::Http(routes) => {
                let conditions: Vec<&HttpMatch> = routes.iter().map(|r| &r.condition).collect();
                let hidden = http::hidden_by(&conditions);
                for (index, route) in routes.iter().enumerate() {
                    http_route(proxy, &mut out, index, route);
                    if let Some(Some(by)) = hidden.get(index) {
                        let _ = writeln!(out, "     never reached: {} takes it all", by + 1);
                    }
                }
            }
            Handling::Tcp(route) => {
                let _ = writeln!(out, "  every connection → {}", splits(proxy, &route.backends));
                source(proxy, &mut out, route.source.as_ref());
                dropped(proxy, &mut out, &route.dropped);
            }
            Handling::Nothing(why) => {
                let _ = writeln!(out, "  ✗ {why}");
            }
        }
        left_out(proxy, &mut out, listener);
    }
    for mirror in &plan.failures {
        let _ =
            writeln!(out, "✗ Kuma cannot configure this proxy: no {} for HTTP", proxy.destination(&mirror.destination));
    }
    out
}

fn http_route(proxy: &Proxy, out: &mut String, index: usize, route: &HttpRoute) {
    let goes = match route.redirect() {
        Some(_) => "a redirect".to_owned(),
        None => splits(proxy, &route.backends),
    };
    let head = format!("  {}. {}", index + 1, condition(&route.condition));
    let gap = match head.chars().count() + goes.chars().count() < WIDTH - 3 {
        true => " ",
        false => "\n     ",
    };
    let _ = writeln!(out, "{head}{gap}→ {goes}");
    source(proxy, out, route.source.as_ref());
    for filter in &route.filters {
        let _ = writeln!(out, "     {}", effect(filter));
    }
    if let Some(timeout) = &route.timeout {
        let by: Vec<String> = timeout.origins.iter().map(|o| proxy.origin(o, "to")).collect();
        let _ = writeln!(out, "     timeout {} by MeshTimeout {}", timeout.value, by.join(", then "));
    }
    if route.rewrites_host_to_endpoint(proxy.view) {
        let _ = writeln!(out, "     host becomes that of the endpoint");
    }
    for mirror in &route.mirrors {
        let part = mirror.percentage.map(|p| format!("{p} % of requests")).unwrap_or("every request".into());
        let _ = writeln!(out, "     copies {part} to {}", proxy.destination(&mirror.destination));
    }
    dropped(proxy, out, &route.dropped);
}

fn source(proxy: &Proxy, out: &mut String, source: Option<&RouteSource>) {
    let Some(source) = source else { return };
    let at = |origin: &Origin, rule: u32| format!("{} rules[{rule}]", proxy.origin(origin, "to"));
    let more: Vec<String> = source.merged_from.iter().map(|(o, r)| format!(", filled in by {}", at(o, *r))).collect();
    let _ = writeln!(out, "     {} {}{}", source.kind, at(&source.origin, source.rule), more.concat());
}

fn dropped(proxy: &Proxy, out: &mut String, dropped: &[DroppedBackend]) {
    for backend in dropped {
        let asks = backend.written.backend.target.describe();
        let port = backend.written.backend.port.map(|p| format!(" port {p}")).unwrap_or_default();
        let _ = writeln!(out, "     ✗ {asks}{port}: {}", backend.reason.describe(proxy.view));
    }
}

fn left_out(proxy: &Proxy, out: &mut String, listener: &Listener) {
    for rule in &listener.dropped {
        let what = rule.condition.as_ref().map_or("every connection".into(), condition);
        let _ = writeln!(out, "  ✗ {what}: {}", rule.reason);
        source(proxy, out, Some(&rule.source));
        dropped(proxy, out, &rule.backends);
    }
}

/// `orders · api 8080 http · zone east (75 %)`.
fn splits(proxy: &Proxy, splits: &[Split]) -> String {
    let total: u64 = splits.iter().map(|s| u64::from(s.weight)).sum();
    let one = |s: &Split| match splits.len() {
        1 => proxy.destination(&s.destination),
        _ => format!("{} ({})", proxy.destination(&s.destination), percent(f64::from(s.weight) / total as f64)),
    };
    splits.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A match in a few words.
fn condition(condition: &HttpMatch) -> String {
    let mut parts = Vec::new();
    match &condition.path {
        Some(PathMatch::Exact(path)) => parts.push(format!("path is {path}")),
        Some(PathMatch::PathPrefix(path)) if path == "/" => {}
        Some(PathMatch::PathPrefix(path)) => parts.push(format!("path starts with {path}")),
        Some(PathMatch::RegularExpression(regex)) => parts.push(format!("path matches {regex}")),
        None => {}
    }
    parts.extend(condition.method.iter().map(|m| format!("method is {m}")));
    parts.extend(condition.headers.iter().map(header));
    parts.extend(condition.query_params.iter().map(|q| match q.regex {
        true => format!("query {} matches {}", q.name, q.value),
        false => format!("query {} is {}", q.name, q.value),
    }));
    match parts.is_empty() {
        true => "everything".to_owned(),
        false => parts.join(" and "),
    }
}

fn header(header: &HeaderMatch) -> String {
    let HeaderMatch { name, value, kind } = header;
    match kind {
        HeaderMatchType::Exact => format!("header {name} is {value}"),
        HeaderMatchType::Prefix => format!("header {name} starts with {value}"),
        HeaderMatchType::RegularExpression => format!("header {name} matches {value}"),
        HeaderMatchType::Present => format!("header {name} is there"),
        HeaderMatchType::Absent => format!("header {name} is not there"),
    }
}

fn effect(filter: &Filter) -> String {
    let path = |p: &PathRewrite| match p {
        PathRewrite::ReplaceFullPath(to) => format!("the path becomes {to}"),
        PathRewrite::ReplacePrefixMatch(to) => format!("the prefix becomes {to}"),
    };
    let changes = |m: &http::HeaderModifier, what: &str| {
        let mut all: Vec<String> = m.set.iter().map(|(k, v)| format!("sets {what} header {k}: {v}")).collect();
        all.extend(m.add.iter().map(|(k, v)| format!("adds {what} header {k}: {v}")));
        all.extend(m.remove.iter().map(|k| format!("removes {what} header {k}")));
        all.join(", ")
    };
    match filter {
        Filter::RequestHeaderModifier(m) => changes(m, "request"),
        Filter::ResponseHeaderModifier(m) => changes(m, "response"),
        Filter::RequestRedirect(redirect) => format!("answers with status {}", redirect.status_code.unwrap_or(302)),
        Filter::UrlRewrite(rewrite) => {
            let mut all: Vec<String> = rewrite.path.iter().map(path).collect();
            all.extend(rewrite.hostname.iter().map(|h| format!("the host becomes {h}")));
            all.join(", ")
        }
    }
}

/// Requests: each line that starts with `>` is asked, the answer follows.
pub fn requests_of(proxy: &Proxy, text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut asked = text.lines().filter_map(|l| l.strip_prefix("> ")).peekable();
    if asked.peek().is_none() {
        return Err("no line starts with `> `".into());
    }
    for request in asked {
        let _ = writeln!(out, "> {request}");
        answer(proxy, &mut out, &trace(proxy.world, &proxy.zones, &ask(proxy, request)?));
    }
    Ok(out)
}

/// Reads `GET orders:8080/list x-user: beta`.
fn ask(proxy: &Proxy, request: &str) -> Result<Ask, String> {
    let mut words = request.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let to = words.next().ok_or(format!("`{request}`: where to?"))?.to_owned();
    let mut headers = Vec::new();
    while let Some(name) = words.next() {
        let name = name.strip_suffix(':').ok_or(format!("`{request}`: `{name}` is no header"))?;
        headers.push((name.to_owned(), words.next().unwrap_or_default().to_owned()));
    }
    Ok(Ask {
        zone: proxy.view.plane.name().to_owned(),
        mesh: proxy.stored.mesh().to_owned(),
        proxy: proxy.stored.name.clone(),
        to,
        method,
        path: String::new(),
        headers,
    })
}

fn answer(proxy: &Proxy, out: &mut String, trace: &Trace) {
    let chosen = trace.winner.map(|w| format!(" by rule {}", w + 1)).unwrap_or_default();
    let _ = match &trace.outcome {
        Outcome::Routed => Ok(()),
        Outcome::Redirected(answer) => {
            writeln!(out, "  answered with {} and location {}{chosen}", answer.status, answer.location)
        }
        Outcome::NoOutbound => writeln!(out, "  ✗ no outbound takes it"),
        Outcome::NoListener(why) => writeln!(out, "  ✗ {why}"),
        Outcome::NoRoute => writeln!(out, "  ✗ no rule matches: status 404"),
        Outcome::NoEndpoints => writeln!(out, "  ✗ nobody is there{chosen}: status 503"),
        Outcome::NotEvaluated(reason) => writeln!(out, "  ? {reason}"),
        Outcome::ConfigurationFails(mirrors) => {
            let who: Vec<String> = mirrors.iter().map(|m| proxy.destination(&m.destination)).collect();
            writeln!(out, "  ✗ Kuma cannot configure the proxy: no {} for HTTP", who.join(", "))
        }
        Outcome::UnknownProxy => writeln!(out, "  ✗ there is no such proxy"),
    };
    for candidate in trace.candidates.iter().filter(|_| trace.listener.is_none()) {
        if !matches!(candidate.verdict, OutboundVerdict::Chosen { .. }) {
            let _ = writeln!(out, "    {}: {}", proxy.head(&candidate.outbound), candidate.verdict);
        }
    }
    for backend in &trace.backends {
        for landing in &backend.landings {
            let there = proxy.world.zone(&landing.who.zone);
            let name = landing.who.dataplane.and_then(|id| there?.get(id)).map_or(String::new(), |s| s.name.clone());
            let at = match landing.who.port {
                Some(port) => format!("{}:{port}", landing.who.address),
                None => landing.who.address.clone(),
            };
            let verdict = match landing.permission.verdict {
                Verdict::Denied => " · denied",
                _ => "",
            };
            let who = format!("{name} {at}");
            let _ = writeln!(out, "  → {} · {}{verdict}{chosen}", who.trim(), percent(landing.share));
        }
    }
    if let Some(forwarded) = &trace.forwarded {
        match &forwarded.path {
            Ok(path) if *path != trace.request.path => {
                let _ = writeln!(out, "    path {path}");
            }
            Ok(_) => {}
            Err(reason) => {
                let _ = writeln!(out, "    path not evaluated: {reason}");
            }
        }
    }
}
