//! Compares meshscope's answers with those that a running Kuma gave, fact by fact (see FORMAT.md beside this file).
//!
//! `CONFORMANCE_DIR=/some/dir` runs another directory: of worlds, or of `universal/` and `kubernetes/` with worlds.
//! Without it the project's own worlds are run, and what `differences.txt` lists, with its reason, may disagree.
//! `CONFORMANCE_WORLDS="one another"` runs only the worlds of these names, in this order, up to the first that disagrees.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::unreachable,
    reason = "a test that fails should stop"
)]

mod cluster;
mod facts;
mod live;
mod proxies;
mod rules;
mod services;
mod setup;
mod traffic;
mod validation;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use facts::{Fact, Outcome};

fn main() -> ExitCode {
    let only = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let chosen = std::env::var("CONFORMANCE_WORLDS").ok();
    let given = std::env::var_os("CONFORMANCE_DIR").map(PathBuf::from);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let root = given.clone().unwrap_or_else(|| own.clone());
    let verbose = std::env::var_os("CONFORMANCE_VERBOSE").is_some();
    let listed = match given {
        Some(_) => BTreeMap::new(),
        None => differences(&own.join("differences.txt")),
    };

    let mut groups: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    let (mut agreed, mut total, mut worlds, mut whole) = (0, 0, 0, 0);
    let mut unlisted = Vec::new();
    let mut seen = BTreeSet::new();
    let mut found = find_worlds(&root);
    if let Some(chosen) = &chosen {
        let rank = |w: &PathBuf| chosen.split_whitespace().position(|name| w.file_name().is_some_and(|n| n == name));
        found.retain(|w| rank(w).is_some());
        found.sort_by_key(rank);
    }
    for world in found {
        let name = world.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|o| !name.contains(o.as_str())) {
            continue;
        }
        let facts = setup::run(&world);
        let wrong: Vec<&Fact> = facts.iter().filter(|f| f.outcome != Outcome::Agrees).collect();
        let ok = facts.len() - wrong.len();
        for fact in &facts {
            let group = groups.entry(fact.group).or_default();
            group.0 += usize::from(fact.outcome == Outcome::Agrees);
            group.1 += 1;
        }
        println!("{} {name} {ok}/{}", if wrong.is_empty() { "ok  " } else { "DIFF" }, facts.len());
        for fact in &wrong {
            let key = (name.clone(), fact.group.to_owned());
            let known = listed.get(&key);
            seen.insert(key);
            if known.is_none() {
                unlisted.push(format!("{name}: {} {}", fact.group, fact.path));
            }
            if known.is_none() || verbose || only.is_some() {
                println!("       {} {}: {}", fact.group, fact.path, fact.outcome.short(verbose || only.is_some()));
            }
        }
        agreed += ok;
        total += facts.len();
        worlds += 1;
        whole += usize::from(wrong.is_empty());
        if chosen.is_some() && !unlisted.is_empty() {
            break;
        }
    }

    println!("\nby group:");
    for (group, (ok, all)) in &groups {
        println!("  {group} {ok}/{all}");
    }
    if !listed.is_empty() {
        println!("\nlisted differences:");
        for ((world, group), reason) in &listed {
            println!("  {world} {group}: {reason}");
        }
    }
    let stale: Vec<_> = match only.is_some() || chosen.is_some() {
        true => Vec::new(),
        false => listed.keys().filter(|k| !seen.contains(*k)).collect(),
    };
    for (world, group) in &stale {
        println!("differences.txt lists {world} {group}, which agrees: remove it");
    }
    println!("agreement: {agreed} of {total} facts in {whole} of {worlds} worlds");
    match unlisted.is_empty() && stale.is_empty() && total > 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Every directory below the root, up to two deep, that holds a world, by name.
fn find_worlds(root: &Path) -> Vec<PathBuf> {
    let children = |dir: &Path| -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
        all.sort();
        all
    };
    if root.join("world.yaml").is_file() {
        return vec![root.to_path_buf()];
    }
    let mut worlds = Vec::new();
    for child in children(root) {
        match child.join("world.yaml").is_file() {
            true => worlds.push(child),
            false => worlds.extend(children(&child).into_iter().filter(|c| c.join("world.yaml").is_file())),
        }
    }
    worlds
}

/// Lines of `world group: reason`; `#` starts a comment.
fn differences(path: &Path) -> BTreeMap<(String, String), String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        .map(|line| {
            let (key, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason in differences.txt: {line}"));
            let (world, group) = key.split_once(' ').unwrap_or_else(|| panic!("no group in differences.txt: {line}"));
            ((world.to_owned(), group.to_owned()), reason.to_owned())
        })
        .collect()
}
