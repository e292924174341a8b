//! Answers as text that reads without a legend: one thing a line, what belongs to it indented below, `→` for where
//! something leads, `✗` and the reason for what leads nowhere. Control planes are named where there are several.

use std::fmt::Write;

use meshscope::answer;
use meshscope::report::{
    HitReport, HostnameStatus, PortReport, ReferenceInZone, ReferenceOutcome, ServiceOrigin, ServiceReport,
    SeverityReport,
};
use meshscope::resource::{Kind, Provenance, TargetPort};
use meshscope::traffic::zones::Zones;
use meshscope::world::World;
use meshscope::zone::{Stored, View};

use crate::page::Attributes;

/// Longer lines are broken after what they are about.
pub const WIDTH: usize = 100;

/// Breaks long lines at spaces; what follows is indented.
pub fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let mut column = 0;
        for word in line.split_whitespace() {
            let width = word.chars().count();
            if column == 0 {
                out.push_str(&" ".repeat(indent));
                column = indent;
            } else if column + 1 + width > WIDTH {
                out.push_str(&format!("\n{}", " ".repeat(indent + 2)));
                column = indent + 2;
            } else {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += width;
        }
        out.push('\n');
    }
    out
}

/// True unless an attribute asks for another value.
pub fn wanted(attributes: &Attributes, key: &str, value: &str) -> bool {
    attributes.get(key).is_none_or(|asked| asked.split(',').any(|a| a == value))
}

/// A head and the result that belongs to it.
pub fn line(out: &mut String, head: &str, result: &str) {
    let _ = match head.chars().count() + result.chars().count() < WIDTH {
        true => writeln!(out, "{head} {result}"),
        false => writeln!(out, "{head}\n  {result}"),
    };
}

/// ` in east`, where there are several control planes.
fn place(world: &World, plane: &str) -> String {
    match world.views.len() {
        0 | 1 => String::new(),
        _ => format!(" in {plane}"),
    }
}

/// The resources to list, with the control plane that has them.
fn resources<'a>(world: &'a World, attributes: &'a Attributes) -> impl Iterator<Item = (&'a View, &'a Stored)> {
    world.views.iter().flat_map(|view| view.all().map(move |(_, s)| (view, s))).filter(|(view, stored)| {
        stored.kind() != Kind::Mesh
            && stored.resource.provenance != Provenance::Default
            && wanted(attributes, "in", view.plane.name())
            && wanted(attributes, "kind", stored.kind().name())
            && wanted(attributes, "name", stored.display_name())
    })
}

/// Stored names and KRIs.
pub fn names(world: &World, attributes: &Attributes) -> String {
    let mut out = String::new();
    for (view, stored) in resources(world, attributes) {
        let head = format!("{} {}{}", stored.kind(), stored.name, place(world, view.plane.name()));
        line(&mut out, &head, &format!("= {}", stored.kri()));
    }
    out
}

/// Labels.
pub fn labels(world: &World, attributes: &Attributes) -> String {
    let mut out = String::new();
    for (view, stored) in resources(world, attributes) {
        let _ = writeln!(out, "{} {}{}", stored.kind(), stored.name, place(world, view.plane.name()));
        for (key, value) in stored.labels.iter() {
            let _ = match value.is_empty() {
                true => writeln!(out, "  {key}: \"\""),
                false => writeln!(out, "  {key}: {value}"),
            };
        }
    }
    out
}

/// `api 8080 http`; a port without a name is its number.
fn port(port: &PortReport) -> String {
    match &port.name {
        Some(name) if *name != port.port.to_string() => format!("{name} {} {}", port.port, port.protocol),
        _ => format!("{} {}", port.port, port.protocol),
    }
}

fn services_of(world: &World, attributes: &Attributes) -> Vec<ServiceReport> {
    let mut all = answer::services::services(world);
    all.retain(|s| {
        wanted(attributes, "in", &s.zone)
            && wanted(attributes, "kind", &s.kind)
            && wanted(attributes, "name", &s.display_name)
    });
    all
}

/// What each port maps to. A number in quotes is a name, which a report's text does not show.
fn targets(world: &World, service: &ServiceReport) -> Vec<String> {
    let view = world.views.iter().find(|v| v.plane.name() == service.zone);
    let stored = view.and_then(|v| v.all().find(|(_, s)| s.kri().to_string() == service.kri));
    let ports = stored.map(|(_, s)| s.ports()).unwrap_or_default();
    ports
        .iter()
        .map(|p| match &p.target_port {
            None => String::new(),
            Some(TargetPort::Number(number)) => format!(" → inbound {number}"),
            Some(TargetPort::Name(name)) if name.parse::<u32>().is_ok() => format!(" → inbound named `{name}`"),
            Some(TargetPort::Name(name)) => format!(" → inbound {name}"),
        })
        .collect()
}

/// Services: where from, state, ports and who serves them.
pub fn services(world: &World, attributes: &Attributes) -> String {
    let mut out = String::new();
    for service in services_of(world, attributes) {
        let origin = match service.origin {
            ServiceOrigin::Written => "written by hand".to_owned(),
            ServiceOrigin::Generated => "generated".to_owned(),
            ServiceOrigin::Synced if service.home.is_empty() => "from global".to_owned(),
            ServiceOrigin::Synced => format!("from zone {}", service.home),
        };
        let state = service.state.as_ref().map(|s| format!(" · {s}")).unwrap_or_default();
        let _ = writeln!(out, "{} {}{} · {origin}{state}", service.kind, service.name, place(world, &service.zone));
        let targets = targets(world, &service);
        for (index, p) in service.ports.iter().enumerate() {
            let target = targets.get(index).cloned().unwrap_or_default();
            let endpoints = match p.endpoints {
                None => String::new(),
                Some(1) => " · 1 endpoint".to_owned(),
                Some(n) => format!(" · {n} endpoints"),
            };
            let _ = writeln!(out, "  port {}{target}{endpoints}", port(p));
        }
        if let Some(selected) = &service.selected {
            let _ = match selected.is_empty() {
                true => writeln!(out, "  selects nobody"),
                false => writeln!(out, "  selects {}", selected.join(", ")),
            };
        }
        if let Some(members) = &service.members {
            let _ = match members.is_empty() {
                true => writeln!(out, "  has no members"),
                false => writeln!(out, "  members {}", members.join(", ")),
            };
        }
        for contributor in service.conflict.iter().flat_map(|c| &c.contributors).filter(|c| !c.agrees) {
            let ports: Vec<String> = contributor.ports.iter().map(port).collect();
            let _ = writeln!(out, "  {} would give it: {}", contributor.dataplane, ports.join(", "));
        }
    }
    out
}

/// Hostnames and why there are none.
pub fn hostnames(world: &World, attributes: &Attributes) -> String {
    let mut out = String::new();
    for service in services_of(world, attributes).iter().filter(|s| s.zone != "global") {
        let _ = writeln!(out, "{} {}{}", service.kind, service.name, place(world, &service.zone));
        if service.hostnames.is_empty() {
            let _ = writeln!(out, "  no hostname");
        }
        for hostname in &service.hostnames {
            let text = hostname.hostname.as_deref().unwrap_or_default();
            let message = hostname.message.as_deref().unwrap_or_default();
            let explanation = hostname.explanation.as_deref().unwrap_or_default();
            let by = &hostname.generator;
            let _ = match hostname.status {
                HostnameStatus::Generated => writeln!(out, "  {text} · by {by}"),
                HostnameStatus::Collision => writeln!(out, "  ✗ {text} · by {by}: {message}\n    {explanation}"),
                HostnameStatus::TemplateError => writeln!(out, "  ✗ by {by}: {message}"),
                HostnameStatus::NotEvaluated => writeln!(out, "  ? by {by}: {explanation}"),
            };
        }
    }
    out
}

/// What a reference hits: `orders · api 8080 http · zone west`.
fn hit(hit: &HitReport, whole: bool) -> String {
    let mut out = match hit.kind.as_str() {
        "MeshService" | "Dataplane" => hit.name.clone(),
        kind => format!("{kind} {}", hit.name),
    };
    match (hit.ports.as_slice(), whole) {
        ([], _) => {}
        ([only], false) => out.push_str(&format!(" · {}", port(only))),
        _ => out.push_str(" · all ports"),
    }
    if !hit.zone.is_empty() {
        out.push_str(&format!(" · zone {}", hit.zone));
    }
    out
}

/// References: what each hits, or why it hits nothing.
pub fn rules(world: &World, attributes: &Attributes) -> String {
    let mut out = String::new();
    for reference in answer::references::references(world, &Zones::of(world)) {
        let asked = wanted(attributes, "kind", &reference.kind)
            && wanted(attributes, "name", &reference.name)
            && attributes.get("path").is_none_or(|p| reference.path.starts_with(p));
        for zone in reference.answers.iter().filter(|a| asked && wanted(attributes, "in", &a.zone)) {
            let head = format!("{} {} {}{}", reference.kind, reference.name, reference.path, place(world, &zone.zone));
            match outcomes(zone).as_slice() {
                [only] => line(&mut out, &head, only),
                all => {
                    let _ = writeln!(out, "{head}");
                    all.iter().for_each(|outcome| out.push_str(&format!("  {outcome}\n")));
                }
            }
        }
    }
    out
}

fn outcomes(zone: &ReferenceInZone) -> Vec<String> {
    let reason = zone.reason.as_deref().unwrap_or_default();
    let help = zone.help.as_ref().map(|h| format!(". {h}")).unwrap_or_default();
    match zone.outcome {
        ReferenceOutcome::Hits => {
            let note = zone.reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
            // the section after the last `_` tells one port from a service that has one port only
            zone.hits.iter().map(|h| format!("→ {}{note}{help}", hit(h, h.kri.ends_with('_')))).collect()
        }
        ReferenceOutcome::Mesh => vec![format!("→ {reason}{help}")],
        ReferenceOutcome::Legacy => vec![format!("→ kuma.io/service: {reason}{help}")],
        ReferenceOutcome::Nothing => vec![format!("✗ {reason}{help}")],
        ReferenceOutcome::NotEvaluated => vec![format!("? {reason}{help}")],
    }
}

/// Problems, by line; Kuma's own words on a line of their own. What is only worth knowing is left out unless it is
/// asked for by its code.
pub fn problems(world: &World, attributes: &Attributes) -> String {
    let mut out = String::new();
    for diagnostic in answer::diagnostics(world, &Zones::of(world)) {
        match attributes.get("code") {
            Some(_) if wanted(attributes, "code", &diagnostic.code) => {}
            None if diagnostic.severity != SeverityReport::Info => {}
            _ => continue,
        }
        let severity = match diagnostic.severity {
            SeverityReport::Error => "error",
            SeverityReport::Warning => "warning",
            SeverityReport::Info => "info",
        };
        let at = diagnostic.location.as_ref().map(|l| format!(", line {}", l.start.line)).unwrap_or_default();
        line(&mut out, &format!("{severity} {}{at}:", diagnostic.code), &diagnostic.message);
        if let Some(kuma) = diagnostic.kuma.as_ref().filter(|k| !diagnostic.message.contains(&k.reason)) {
            let colon = if kuma.field.is_empty() { "" } else { ": " };
            let _ = writeln!(out, "  Kuma: {}{colon}{}", kuma.field, kuma.reason.trim());
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}
