//! What is different between two versions of a world: problems, references, requests.

use crate::collections::{Gather, SortedMap};

use crate::answer;
use crate::report::{DiagnosticReport, DiffReport, ReferenceChange, ReferenceInZone, ReferenceReport};
use crate::traffic::zones::Zones;
use crate::world::{What, World};
use crate::yaml::{Node, Span, Value};

use super::inventory::document_of;
use super::proof::{prove, Side};
use crate::diagnostic::SourceId;

/// Compares two versions. Problems and references are the same if they are of the same resource and path; lines do
/// not count.
pub fn diff(old: &World, new: &World) -> DiffReport {
    let (old_zones, new_zones) = (Zones::of(old), Zones::of(new));
    let mut before: Vec<(String, DiagnosticReport)> =
        answer::diagnostics(old, &old_zones).into_iter().map(|p| (identity(old, &p), p)).gather();
    let (mut introduced, mut unchanged) = (Vec::new(), Vec::new());
    for problem in answer::diagnostics(new, &new_zones) {
        let key = identity(new, &problem);
        let same = |(known, old): &(String, DiagnosticReport)| *known == key && old.message == problem.message;
        let twin = before.iter().position(same).or_else(|| before.iter().position(|(known, _)| *known == key));
        match twin {
            Some(at) => {
                before.remove(at);
                unchanged.push(problem);
            }
            None => introduced.push(problem),
        }
    }
    DiffReport {
        introduced,
        fixed: before.into_iter().map(|(_, problem)| problem).gather(),
        unchanged,
        references: references((old, &old_zones), (new, &new_zones)),
        requests: prove(Side { world: old, zones: &old_zones }, Side { world: new, zones: &new_zones }),
    }
}

/// The code, the resource and the path of a problem.
fn identity(world: &World, problem: &DiagnosticReport) -> String {
    let Some(at) = &problem.location else { return format!("{} {}", problem.code, problem.message) };
    let source = SourceId(at.source);
    let span = Span::new(at.start.byte, at.end.byte);
    let inside = |s: Span| s.start <= span.start && span.end <= s.end;
    let placed = world.documents.iter().find(|d| d.document.source == source && inside(d.span));
    let resource = placed.map(|p| resource_key(&p.what)).unwrap_or_default();
    let root = document_of(world, source, span).and_then(|d| d.root.as_ref());
    let mut path = String::new();
    if let Some(root) = root {
        let root = match root.items("items").iter().find(|i| placed.is_some_and(|p| p.span == i.span)) {
            Some(item) => item,
            None => root,
        };
        path_to(root, span, &mut path);
    }
    format!("{} {resource} {path}", problem.code)
}

fn resource_key(what: &What) -> String {
    match what {
        What::Accepted { resource, home } => {
            format!("{} {} {} {}", resource.kind, home.name(), resource.mesh, resource.name)
        }
        What::Rejected(resource) => format!("{} {} {}", resource.kind, resource.mesh, resource.name),
        What::Kubernetes { kind, name, namespace, home } => {
            format!("{kind} {} {} {name}", home.name(), namespace.as_deref().unwrap_or_default())
        }
        What::Checks(_) | What::Unknown => String::new(),
    }
}

/// The way to the deepest value that holds a span.
fn path_to(node: &Node, span: Span, path: &mut String) {
    let inside = |s: Span| s.start <= span.start && span.end <= s.end;
    match &node.value {
        Value::Map(map) => {
            if let Some(entry) = map.entries.iter().find(|e| inside(e.key_span.to(e.value.span))) {
                path.push('.');
                path.push_str(&entry.key);
                path_to(&entry.value, span, path);
            }
        }
        Value::Seq(items) => {
            if let Some((index, item)) = items.iter().enumerate().find(|(_, item)| inside(item.span)) {
                path.push_str(&format!("[{index}]"));
                path_to(item, span, path);
            }
        }
        _ => {}
    }
}

fn references(old: (&World, &Zones), new: (&World, &Zones)) -> Vec<ReferenceChange> {
    type Keyed = Vec<(String, ReferenceReport)>;
    let keyed = |(world, zones): (&World, &Zones)| -> Keyed {
        let home = |ordinal: u32| {
            let at = world.documents.iter().position(|d| d.ordinal >= ordinal);
            at.and_then(|at| world.documents.get(at)).map(|d| resource_key(&d.what)).unwrap_or_default()
        };
        let all = answer::references::references(world, zones).into_iter();
        all.map(|r| (format!("{} {}", home(r.document), r.path), r)).gather()
    };
    let mut before: Vec<Option<(String, ReferenceReport)>> = keyed(old).into_iter().map(Some).gather();
    let places: SortedMap<String, usize> =
        before.iter().flatten().zip(0..).map(|((key, _), at)| (key.clone(), at)).gather();
    let mut out = Vec::new();
    for (key, now) in keyed(new) {
        let was = places.get(&key).and_then(|at| before.get_mut(*at)?.take()).map(|(_, was)| was);
        let (old_hits, new_hits) = (was.as_ref().map(hits).unwrap_or_default(), hits(&now));
        if was.is_some() && old_hits == new_hits {
            continue;
        }
        out.push(ReferenceChange {
            kind: now.kind,
            name: now.name,
            path: now.path,
            asked_before: was.map(|r| r.asks),
            asks_after: Some(now.asks),
            before: old_hits,
            after: new_hits,
            location: now.location,
        });
    }
    out.extend(before.into_iter().flatten().map(|(_, was)| ReferenceChange {
        before: hits(&was),
        kind: was.kind,
        name: was.name,
        path: was.path,
        asked_before: Some(was.asks),
        asks_after: None,
        after: Vec::new(),
        location: None,
    }));
    out
}

/// What a reference hits, one text for each zone.
fn hits(reference: &ReferenceReport) -> Vec<String> {
    let text = |answer: &ReferenceInZone| {
        let hits: Vec<String> = answer.hits.iter().map(|h| format!("{} {}", h.kri, h.zone)).gather();
        let what = match hits.is_empty() {
            true => answer.reason.clone().unwrap_or_default(),
            false => hits.join(", "),
        };
        format!("{}: {what}", answer.zone)
    };
    reference.answers.iter().map(text).gather()
}
