//! What became of each change: the list of the last run, and the list of those that no test can or should notice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What became of a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// File, what is done, and the code that it is done to: the same when lines move.
    pub key: String,
    /// `file:line:column`.
    pub place: String,
    /// What became of it.
    pub result: Outcome,
    /// The test that noticed, or how many did not.
    pub by: String,
}

/// What became of a change, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A test fails with it.
    Caught,
    /// A test does not end with it.
    Hung,
    /// Every test that runs the code passes with it.
    Missed,
    /// No test runs the code.
    Unreached,
    /// It does not build.
    Unbuildable,
    /// It cannot be switched at run time.
    Unswitched,
}

/// Which changes are explained, each with its reason.
pub type Explained = BTreeMap<String, String>;

/// Reads the explained changes: `= reason`, and below it one key a line. `#` starts a comment.
pub fn explained(path: &Path) -> Result<Explained, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut all = Explained::new();
    let mut reason = "";
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(next) => reason = next,
            None if reason.is_empty() => return Err(format!("{}: no reason for {line}", path.display())),
            None => {
                all.insert(line.to_owned(), reason.to_owned());
            }
        }
    }
    Ok(all)
}

/// The entries of the last run.
pub fn last(path: &Path) -> Vec<Entry> {
    std::fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Keeps the entries for the next run.
pub fn keep(path: &Path, entries: &[Entry]) -> Result<(), String> {
    let text = serde_json::to_vec_pretty(entries).map_err(|e| e.to_string())?;
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Prints what is left to do and one line of figures. True if nothing is left.
pub fn print(entries: &[Entry], explained: &Explained, whole: bool) -> bool {
    let survives = |e: &&Entry| matches!(e.result, Outcome::Missed | Outcome::Unreached);
    let known = |e: &&Entry| explained.contains_key(&e.key);
    let mut good = true;
    for entry in entries.iter().filter(survives).filter(|e| !known(e)) {
        good = false;
        let how = match entry.result {
            Outcome::Unreached => "no test runs it".to_owned(),
            _ => format!("{} tests run it", entry.by),
        };
        println!("survives ({how}): {}\n    {}", entry.place, entry.key);
    }
    let surviving: BTreeSet<&str> = entries.iter().filter(survives).map(|e| e.key.as_str()).collect();
    let tried: BTreeSet<&str> = entries.iter().map(|e| e.key.as_str()).collect();
    for key in explained.keys().map(String::as_str).filter(|key| !surviving.contains(key)) {
        if tried.contains(key) || whole {
            good = false;
            let what = if tried.contains(key) { "is noticed by tests" } else { "is no change" };
            println!("explained.txt lists what {what}: remove it\n    {key}");
        }
    }
    let count = |outcome: Outcome| entries.iter().filter(|e| e.result == outcome).count();
    let survivors = entries.iter().filter(survives).count();
    let kept = entries.iter().filter(survives).filter(known).count();
    println!(
        "mutants: {} changes: {} caught, {} hang, {survivors} survive ({kept} explained, {} not; {} of them run by no test), {} do not \
         build, {} cannot be switched",
        entries.len(),
        count(Outcome::Caught),
        count(Outcome::Hung),
        survivors - kept,
        count(Outcome::Unreached),
        count(Outcome::Unbuildable),
        count(Outcome::Unswitched),
    );
    good
}
