//! Group `live`: recorded requests, and where we say that they land.

use std::collections::BTreeMap;

use meshscope::resource::{Inbound, Kind, OutboundTarget};
use meshscope::traffic::endpoints::Behind;
use meshscope::traffic::permission::Verdict;
use meshscope::traffic::request::{trace, Ask, BackendTrace, Outcome as Fate, Trace};
use meshscope::traffic::zones::Zones;
use meshscope::world::World;
use serde_json::{json, Value};

use crate::facts::{Fact, Outcome};
use crate::setup::Case;

/// One fact for each recorded request.
pub fn facts(case: &Case) -> Vec<Fact> {
    let recorded = case.answers.get("live").and_then(Value::as_array).cloned().unwrap_or_default();
    let zones = Zones::of(&case.world);
    recorded.iter().map(|live| fact(&case.world, &zones, live)).collect()
}

/// What happens, by name, and how likely it is.
type Shares = BTreeMap<String, f64>;

fn fact(world: &World, zones: &Zones, live: &Value) -> Fact {
    let request = live.get("request").cloned().unwrap_or(Value::Null);
    let path = request.to_string();
    let count = request.get("count").and_then(Value::as_f64).unwrap_or(1.0);
    let Some(ask) = ask(world, &request) else {
        let ours = json!("no proxy listens there");
        return Fact { group: "live", path, outcome: Outcome::Differs { kuma: live.clone(), ours } };
    };
    let trace = trace(world, zones, &ask);
    let (hits, received) = predict(world, &trace, &request);
    let agrees = fits(live.get("hits"), &hits, count) && fits(live.get("received"), &received, count);
    let outcome = match agrees {
        true => Outcome::Agrees,
        false => Outcome::Differs { kuma: live.clone(), ours: json!({"hits": hits, "received": received}) },
    };
    Fact { group: "live", path, outcome }
}

/// The proxy that listens at the address, and what is sent to it.
fn ask(world: &World, request: &Value) -> Option<Ask> {
    let connect = request.get("connect")?.as_str()?.to_owned();
    let text = |key: &str| request.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let headers = request.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
    for view in &world.views {
        let Some(zone) = view.plane.zone() else { continue };
        for (_, stored) in view.all().filter(|(_, s)| s.kind() == Kind::Dataplane) {
            let outbounds = stored.as_dataplane().map(|d| d.outbounds.as_slice()).unwrap_or_default();
            let listens = |o: &meshscope::resource::Outbound| {
                matches!(o.target, OutboundTarget::Backend(_) | OutboundTarget::Tags(_))
                    && format!("{}:{}", o.address, o.port) == connect
            };
            if outbounds.iter().any(listens) {
                return Some(Ask {
                    zone: zone.to_owned(),
                    mesh: stored.mesh().to_owned(),
                    proxy: stored.name.clone(),
                    to: connect,
                    method: text("method"),
                    path: text("path"),
                    headers: headers
                        .iter()
                        .map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
                        .collect(),
                });
            }
        }
    }
    None
}

/// Shares of what the client sees, and of what servers receive.
fn predict(world: &World, trace: &Trace, request: &Value) -> (Shares, Shares) {
    let mut hits = Shares::new();
    let mut received = Shares::new();
    let mut only = |status: String| {
        hits.insert(status, 1.0);
    };
    match &trace.outcome {
        Fate::Routed => {}
        Fate::Redirected(answer) => only(format!("status {} -> {}", answer.status, answer.location)),
        Fate::NoRoute => only("status 404".into()),
        Fate::NoEndpoints => only("status 503".into()),
        other => only(format!("{other:?}")),
    }
    if trace.outcome != Fate::Routed {
        return (hits, received);
    }
    let suffix = suffix(trace, request);
    for backend in &trace.backends {
        if backend.set.endpoints.is_empty() {
            *hits.entry("status 503".into()).or_default() += backend.share;
        }
        for landing in &backend.landings {
            let lets_in = !matches!(landing.permission.verdict, Verdict::Denied);
            let name = server(world, &landing.who);
            match lets_in {
                true => {
                    *hits.entry(format!("{name}{suffix}")).or_default() += landing.share;
                    *received.entry(name).or_default() += landing.share;
                }
                false => *hits.entry("status 403".into()).or_default() += landing.share,
            }
        }
    }
    for (mirror, copies) in &trace.mirrors {
        let part = mirror.percentage.unwrap_or(100.0) / 100.0;
        copied(world, copies, part, &mut received);
    }
    hits.retain(|_, share| *share > 0.0);
    received.retain(|_, share| *share > 0.0);
    (hits, received)
}

fn copied(world: &World, copies: &BackendTrace, part: f64, received: &mut Shares) {
    for landing in copies.landings.iter().filter(|l| l.permission.verdict != Verdict::Denied) {
        *received.entry(format!("{} (shadow)", server(world, &landing.who))).or_default() += part * landing.share;
    }
}

/// `zone/dataplane:port`.
fn server(world: &World, who: &Behind) -> String {
    let view = world.zone(&who.zone);
    let stored = view.zip(who.dataplane).and_then(|(view, id)| view.get(id));
    let inbound: Option<&Inbound> =
        stored.and_then(|s| s.as_dataplane()).and_then(|d| d.inbounds.get(who.inbound as usize));
    match (stored, inbound) {
        (Some(stored), Some(inbound)) => format!("{}/{}:{}", who.zone, stored.name, inbound.port),
        _ => format!("{}:{}", who.address, who.port.unwrap_or_default()),
    }
}

/// What the recording says of a request as the server saw it, and of its response, where it was told to.
fn suffix(trace: &Trace, request: &Value) -> String {
    let Some(forwarded) = &trace.forwarded else { return String::new() };
    let asked = |key: &str| request.get(key).and_then(Value::as_bool).unwrap_or(false);
    let listed = |key: &str| -> Vec<String> {
        let list = request.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let known = |text: &Result<String, String>| text.clone().unwrap_or_else(|e| format!("({e})"));
    // of several values the servers report the last
    let last = |headers: &Result<Vec<(String, String)>, String>, name: &str| match headers {
        Ok(list) => list.iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone()),
        Err(reason) => Some(format!("({reason})")),
    };
    let mut out = String::new();
    if asked("paths") {
        out.push_str(&format!(" {}", known(&forwarded.path)));
    }
    if asked("hosts") {
        out.push_str(&format!(" host={}", forwarded.host.clone().unwrap_or_default()));
    }
    for name in listed("echo") {
        let value = last(&forwarded.headers, &name).unwrap_or_else(|| "None".into());
        out.push_str(&format!(" {name}={value}"));
    }
    for name in listed("response") {
        let value = last(&forwarded.response_headers, &name).unwrap_or_else(|| "None".into());
        out.push_str(&format!(" <{name}={value}"));
    }
    out
}

/// True if every observed number is within four standard deviations of what its share predicts, nothing else was
/// observed, and what is certain happened exactly.
fn fits(observed: Option<&Value>, shares: &Shares, count: f64) -> bool {
    let observed = observed.and_then(Value::as_object).cloned().unwrap_or_default();
    let known = observed.keys().all(|name| shares.contains_key(name));
    known
        && shares.iter().all(|(name, share)| {
            let seen = observed.get(name).and_then(Value::as_f64).unwrap_or(0.0);
            let spread = (count * share * (1.0 - share)).max(0.0).sqrt();
            (seen - count * share).abs() <= 4.0 * spread + 1e-6
        })
}
