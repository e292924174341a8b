//! Makes the copy of the crate that holds every change, and builds its tests once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::list::Change;
use crate::switch::{self, CLOSE, OPEN};

/// What the copy of the crate gets besides the switches: which change is made, and a note of those that are reached.
const SWITCHES: &str = r#"
#[doc(hidden)]
pub mod mutants {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

    const UNKNOWN: u32 = u32::MAX;
    const RECORD: u32 = u32::MAX - 1;
    static MADE: AtomicU32 = AtomicU32::new(UNKNOWN);
    static REACHED: [AtomicBool; COUNT + 1] = [const { AtomicBool::new(false) }; COUNT + 1];

    #[inline]
    pub fn on(change: u32) -> bool {
        let made = MADE.load(Relaxed);
        made == change || made >= RECORD && uncommon(change)
    }

    #[cold]
    #[inline(never)]
    fn uncommon(change: u32) -> bool {
        if MADE.load(Relaxed) == UNKNOWN {
            let number = std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
            let record = std::env::var_os("MUTANTS_REACHED").is_some();
            MADE.store(if record { RECORD } else { number }, Relaxed);
        }
        let made = MADE.load(Relaxed);
        if made == RECORD {
            if REACHED.get(change as usize).is_some_and(|r| !r.swap(true, Relaxed)) {
                let path = std::env::var_os("MUTANTS_REACHED").unwrap_or_default();
                let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
                let _ = file.and_then(|mut f| f.write_all(format!("{change}\n").as_bytes()));
            }
            return false;
        }
        made == change
    }
}
"#;

/// The copy with its tests built.
pub struct Built {
    /// Where the copy is.
    pub tree: PathBuf,
    /// The test binaries by their name.
    pub tests: BTreeMap<String, PathBuf>,
    /// The code that each change with a switch concerns.
    pub code: BTreeMap<u32, String>,
    /// Changes that do not build.
    pub refused: BTreeSet<u32>,
}

/// Copies the crate into a directory, puts the changes behind switches, leaves out those that do not build, and builds.
pub fn build(root: &Path, into: &Path, changes: &[Change], tests: &[String]) -> Result<Built, String> {
    let tree = into.join("tree");
    copy(root, &tree)?;
    let mut refused = BTreeSet::new();
    loop {
        let code = instrument(root, &tree, changes, &mut refused)?;
        let errors = check(&tree, into)?;
        println!("mutants: {} of {} changes have a switch, {} errors", code.len(), changes.len(), errors.len());
        if errors.is_empty() {
            let tests = binaries(&tree, into, tests)?;
            return Ok(Built { tree, tests, code, refused });
        }
        let mut found = BTreeSet::new();
        for error in &errors {
            found.extend(blamed(&tree, error));
        }
        if let (true, Some(error)) = (found.is_empty(), errors.first()) {
            return Err(format!(
                "an error that no change explains: {}",
                error["rendered"].as_str().unwrap_or_default()
            ));
        }
        refused.extend(found);
    }
}

/// Writes a file where its text differs, so that cargo builds no more than it has to.
fn write(path: &Path, text: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| format!("{}: {e}", parent.display()))?;
    }
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Copies what git knows or would add. The files that get switches are written afterwards.
fn copy(root: &Path, tree: &Path) -> Result<(), String> {
    let out = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .map_err(|e| format!("git ls-files: {e}"))?;
    let mut wanted = BTreeSet::new();
    for name in String::from_utf8_lossy(&out.stdout).split('\0').filter(|n| !n.is_empty()) {
        let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
        wanted.insert(tree.join(name));
        if !(name.starts_with("src/") && name.ends_with(".rs")) {
            write(&tree.join(name), &bytes)?;
        }
    }
    remove_others(tree, &wanted)
}

fn remove_others(dir: &Path, wanted: &BTreeSet<PathBuf>) -> Result<(), String> {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            remove_others(&path, wanted)?;
        } else if !wanted.contains(&path) && path.file_name().is_some_and(|n| n != "Cargo.lock") {
            std::fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    Ok(())
}

/// Writes the sources with their switches and returns the code that each concerns.
fn instrument(
    root: &Path,
    tree: &Path,
    changes: &[Change],
    refused: &mut BTreeSet<u32>,
) -> Result<BTreeMap<u32, String>, String> {
    let mut code = BTreeMap::new();
    let mut sources = Vec::new();
    rust_files(&root.join("src"), &mut sources);
    for source in sources {
        let name = source.strip_prefix(root).map_err(|e| e.to_string())?.to_string_lossy().into_owned();
        let mut text = std::fs::read_to_string(&source).map_err(|e| format!("{name}: {e}"))?;
        let here: Vec<&Change> = changes.iter().filter(|c| c.file == name && !refused.contains(&c.id)).collect();
        if !here.is_empty() {
            let switched = switch::switch(&text, &here).map_err(|e| format!("{name}: {e}"))?;
            code.extend(switched.code);
            refused.extend(switched.refused);
            text = switched.text;
        }
        if name == "src/lib.rs" {
            text.push_str(&SWITCHES.replace("COUNT", &changes.len().to_string()));
        }
        write(&tree.join(&name), text.as_bytes())?;
    }
    Ok(code)
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Cargo in the copy: quick code with checked arithmetic, and no lints, which say nothing about changes.
fn cargo(tree: &Path, into: &Path) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", into.join("target"))
        .env("CARGO_INCREMENTAL", "1")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("RUSTFLAGS", "--cap-lints allow");
    command
}

fn messages(out: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(out).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The compiler's errors in the library.
fn check(tree: &Path, into: &Path) -> Result<Vec<Value>, String> {
    let out = cargo(tree, into)
        .args(["check", "--lib", "--quiet", "--message-format=json"])
        .output()
        .map_err(|e| format!("cargo check: {e}"))?;
    let errors: Vec<Value> = messages(&out.stdout)
        .into_iter()
        .filter(|m| m["reason"] == "compiler-message" && m["message"]["level"] == "error")
        .map(|m| m["message"].clone())
        .filter(|m| m["spans"].as_array().is_some_and(|s| !s.is_empty()))
        .collect();
    match errors.is_empty() && !out.status.success() {
        true => Err(format!("cargo check: {}", String::from_utf8_lossy(&out.stderr))),
        false => Ok(errors),
    }
}

/// The changes that an error is laid to: of its places, the first in the text of changes; the innermost of those.
fn blamed(tree: &Path, error: &Value) -> Vec<u32> {
    let mut spans: Vec<&Value> = error["spans"].as_array().into_iter().flatten().collect();
    spans.sort_by_key(|s| s["is_primary"] != true);
    let children = error["children"].as_array().into_iter().flatten();
    spans.extend(children.flat_map(|c| c["spans"].as_array().into_iter().flatten()));
    for span in &spans {
        let (Some(file), Some(start), Some(end)) =
            (span["file_name"].as_str(), span["byte_start"].as_u64(), span["byte_end"].as_u64())
        else {
            continue;
        };
        let Ok(text) = std::fs::read_to_string(tree.join(file)) else { continue };
        if let Some(change) = innermost(&text, start as usize, end as usize) {
            return vec![change];
        }
    }
    Vec::new()
}

/// The innermost change whose text holds a range, or else the first whose text lies in it.
fn innermost(text: &str, start: usize, end: usize) -> Option<u32> {
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut closed: Vec<(u32, usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("/*") {
        let here = at + found;
        if text[here..].starts_with(CLOSE) {
            if let Some((id, from)) = open.pop() {
                closed.push((id, from, here));
            }
        } else if let Some(rest) = text[here..].strip_prefix(OPEN) {
            if let Some(id) = rest.split("*/").next().and_then(|n| n.parse().ok()) {
                open.push((id, here));
            }
        }
        at = here + 2;
    }
    // a text that closes earlier is further in
    let around = closed.iter().find(|(_, from, to)| *from <= start && end <= *to);
    around.or_else(|| closed.iter().find(|(_, from, to)| start <= *from && *to <= end)).map(|(id, ..)| *id)
}

/// Builds the tests and returns where they are.
fn binaries(tree: &Path, into: &Path, tests: &[String]) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut command = cargo(tree, into);
    command.args(["test", "--no-run", "--quiet", "--message-format=json"]);
    for test in tests {
        command.args(["--test", test]);
    }
    let out = command.output().map_err(|e| format!("cargo test: {e}"))?;
    if !out.status.success() {
        return Err(format!("cargo test --no-run: {}", String::from_utf8_lossy(&out.stderr)));
    }
    Ok(messages(&out.stdout)
        .iter()
        .filter(|m| m["profile"]["test"] == true)
        .filter_map(|m| Some((m["target"]["name"].as_str()?.to_owned(), PathBuf::from(m["executable"].as_str()?))))
        .collect())
}
