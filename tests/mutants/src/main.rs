//! Makes every change that cargo-mutants lists for policies, services and traffic, and sees which of them tests notice.
//!
//! All changes are in one build of a copy of the crate, each behind a switch that an environment variable sets, so a change costs a
//! run of the tests that reach it and no build. `docs/testing.md` says how to read the result.

#![forbid(unsafe_code)]

mod build;
mod list;
mod report;
mod run;
mod switch;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use list::{Change, Genre};
use report::{Entry, Outcome};
use run::{Tests, Verdict};

/// The files that are changed.
const FILES: [&str; 3] = ["src/policy/*.rs", "src/service/**/*.rs", "src/traffic/**/*.rs"];
/// Tests that are not asked: those of size and speed take long, the others are of nothing that is changed.
const NOT_ASKED: [&str; 6] = ["bombs", "collections", "edits", "float", "pure", "yaml"];

/// What is tried.
#[derive(Default)]
struct Chosen {
    /// Only changes whose key holds this.
    only: Option<String>,
    /// Only every so manieth change: which, of how many.
    shard: Option<(u32, u32)>,
    /// Only those that survived the last time.
    missed: bool,
    /// How many at a time.
    jobs: usize,
}

fn main() -> ExitCode {
    match chosen().and_then(|chosen| all(&chosen)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("mutants: {error}");
            ExitCode::from(2)
        }
    }
}

fn chosen() -> Result<Chosen, String> {
    let mut chosen = Chosen { jobs: 2, ..Chosen::default() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().filter(|v| !v.is_empty()).ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--only" => chosen.only = Some(value()?),
            "--jobs" => chosen.jobs = value()?.parse().map_err(|_| "--jobs needs a number")?,
            "--missed" => chosen.missed = true,
            "--shard" => {
                let text = value()?;
                let (which, of) = text.split_once('/').ok_or("--shard needs something like 3/50")?;
                let number = |t: &str| t.parse::<u32>().map_err(|_| "--shard needs something like 3/50");
                chosen.shard = Some((number(which)?, number(of)?.max(1)));
            }
            _ => return Err(format!("{arg}: there are --only TEXT, --shard 3/50, --missed and --jobs 2")),
        }
    }
    Ok(chosen)
}

fn all(chosen: &Chosen) -> Result<bool, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().map_err(|e| e.to_string())?;
    let into = root.join(".cache/mutants");
    let kept = into.join("results.json");
    std::fs::create_dir_all(&into).map_err(|e| e.to_string())?;
    let explained = report::explained(&root.join("tests/mutants/explained.txt"))?;

    let start = Instant::now();
    let changes = list::list(&root, &FILES.map(String::from))?;
    let built = build::build(&root, &into, &changes, &asked(&root))?;
    println!("mutants: built in {} s", start.elapsed().as_secs());
    let start = Instant::now();
    let tests = Tests::record(&built, chosen.jobs)?;
    println!("mutants: {} tests and worlds, run once in {} s", tests.len(), start.elapsed().as_secs());
    for (test, why) in &tests.unused {
        println!("mutants: not used: {test}, which {why}");
    }

    let keys = keys(&changes, &built.code);
    let before = report::last(&kept);
    let survived: BTreeSet<&str> = before
        .iter()
        .filter(|e| matches!(e.result, Outcome::Missed | Outcome::Unreached))
        .map(|e| e.key.as_str())
        .collect();
    let wanted = |change: &&Change| {
        let key = keys.get(&change.id).map_or("", String::as_str);
        chosen.only.as_ref().is_none_or(|only| key.contains(only.as_str()))
            && chosen.shard.is_none_or(|(which, of)| change.id % of == which % of)
            && (!chosen.missed || survived.contains(key))
    };
    let start = Instant::now();
    let tried: Vec<&Change> = changes.iter().filter(wanted).collect();
    let switched: Vec<&Change> = tried.iter().copied().filter(|c| built.code.contains_key(&c.id)).collect();
    let verdicts = tests.judge(&built, &switched, chosen.jobs);
    println!("mutants: {} changes tried in {} s", switched.len(), start.elapsed().as_secs());

    let entries: Vec<Entry> = tried
        .iter()
        .map(|change| {
            let (result, by) = match verdicts.get(&change.id) {
                Some(Verdict::Caught(test)) => (Outcome::Caught, test.to_string()),
                Some(Verdict::Hung(test)) => (Outcome::Hung, test.to_string()),
                Some(Verdict::Missed(n)) => (Outcome::Missed, n.to_string()),
                Some(Verdict::Unreached) => (Outcome::Unreached, String::new()),
                // a base that is moved can be there once only, so a switch may not build where the change would
                None if built.refused.contains(&change.id) && change.genre != Genre::StructField => {
                    (Outcome::Unbuildable, String::new())
                }
                None => (Outcome::Unswitched, String::new()),
            };
            let place = change.name.split(": ").next().unwrap_or_default().to_owned();
            Entry { key: keys.get(&change.id).cloned().unwrap_or_default(), place, result, by }
        })
        .collect();
    let new: BTreeSet<&str> = entries.iter().map(|e| e.key.as_str()).collect();
    let now: BTreeSet<&str> = keys.values().map(String::as_str).collect();
    let mut every = entries.clone();
    every.extend(before.into_iter().filter(|e| !new.contains(e.key.as_str()) && now.contains(e.key.as_str())));
    report::keep(&kept, &every)?;
    let whole = chosen.only.is_none() && chosen.shard.is_none() && !chosen.missed;
    Ok(report::print(&entries, &explained, whole))
}

/// The tests that may notice, by the names that cargo gives them.
fn asked(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root.join("tests"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs") || path.join("main.rs").is_file())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !NOT_ASKED.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

/// What a change is called wherever its line is: `file | what is done | the code it is done to`, and a number where that is not one.
fn keys(changes: &[Change], code: &BTreeMap<u32, String>) -> BTreeMap<u32, String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    changes
        .iter()
        .map(|change| {
            let code = code.get(&change.id).filter(|c| !c.is_empty());
            let code =
                code.map_or(String::new(), |c| format!(" | {}", c.chars().take(100).collect::<String>().trim_end()));
            let key = format!("{} | {}{code}", change.file, change.what());
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            let key = if *count > 1 { format!("{key} | {count}") } else { key };
            (change.id, key)
        })
        .collect()
}
