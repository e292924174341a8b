//! Where the time goes, natively, stage by stage: `cargo bench --bench evaluate -- world.yaml …`, with worlds from
//! `node benches/world.mjs 300 > world.yaml`. The least of several runs counts: other work on a machine only ever adds.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for the command line")]

use std::hint::black_box;
use std::time::Instant;

use meshscope::answer;
use meshscope::diagnostic::SourceId;
use meshscope::documents::Memory;
use meshscope::json;
use meshscope::report::Summary;
use meshscope::resource::Kind;
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, build_again, Options, Source, World};
use meshscope::yaml::{self, Limits};

/// The least time of three runs, in milliseconds, and what the last one gave.
fn least<T>(work: impl Fn() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    loop {
        let mut last = None;
        for _ in 0..3 {
            let from = Instant::now();
            last = Some(black_box(work()));
            best = best.min(from.elapsed().as_secs_f64() * 1e3);
        }
        if let Some(last) = last {
            return (best, last);
        }
    }
}

fn stage<T>(name: &str, bytes: usize, work: impl Fn() -> T) -> T {
    let (time, last) = least(work);
    println!("  {name:<34} {time:>10.2} ms  {:>8.1} MB/s", bytes as f64 / 1e3 / time);
    last
}

fn proxies(world: &World, zones: &Zones) -> usize {
    let summary = Summary::of(world);
    let names = summary.zones.iter().flat_map(|zone| &zone.proxies);
    names.map(|name| json::text(&answer::proxies::proxy(world, zones, name)).len()).sum()
}

/// How many rules of destinations all proxies have together: a figure to check that the same work was done.
fn resource_rules(world: &World, zones: &Zones) -> usize {
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.is_policy()).collect();
    let mut sum = 0;
    for view in &world.views {
        let Some(zone) = zones.zone(world, view.plane.name()) else { continue };
        for (id, _) in view.all().filter(|(_, stored)| stored.kind() == Kind::Dataplane) {
            sum += kinds
                .iter()
                .filter_map(|kind| zone.rules.outbound(id, *kind))
                .map(|rules| rules.to.len())
                .sum::<usize>();
        }
    }
    sum
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let only = std::env::var("STAGE").ok();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let bytes = text.len();
        println!("{path}: {bytes} bytes");
        let sources = [Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }];
        let [Source { text, .. }] = &sources;
        // for a memory profiler, which wants to see it once
        if only.as_deref() == Some("memory") {
            let world = build_again(&mut Memory::default(), &sources, &Options::default());
            let zones = Zones::of(&world);
            answer::references::each(&world, &zones, &mut |row| drop(black_box(row)));
            answer::services::each(&world, &mut |service| drop(black_box(service)));
            continue;
        }
        if only.is_none() {
            stage("read YAML", bytes, || yaml::read(SourceId(0), text, &Limits::default()).documents.len());
        }
        let world = stage("read, check, place, generate", bytes, || build(&sources, &Options::default()));
        if only.is_none() {
            stage("forget it", bytes, || drop(world.clone()));
        }
        let zones = stage("endpoints, merged rules, hostnames", bytes, || {
            let zones = Zones::of(&world);
            world.topology.zones.keys().for_each(|zone| {
                black_box(zones.zone(&world, zone));
            });
            zones
        });
        println!("  resource rules of all proxies      {:>10}", resource_rules(&world, &zones));
        let all = |name: &str| only.as_deref().is_none_or(|only| name.contains(only));
        if all("summary") {
            stage("summary", bytes, || json::text(&Summary::of(&world)).len());
        }
        if all("references") {
            stage("references", bytes, || answer::references::references(&world, &zones).len());
        }
        if all("diagnostics") {
            stage("diagnostics", bytes, || json::text(&answer::diagnostics(&world, &zones)).len());
        }
        if all("services") {
            stage("services", bytes, || json::text(&answer::services::services(&world)).len());
        }
        // each repeats what it shares with others: far more than a page asks for
        if all("proxies") && (only.is_some() || bytes < 500_000) {
            stage("every proxy", bytes, || proxies(&world, &zones));
        }
    }
}
