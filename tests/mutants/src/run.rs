//! Runs tests with one change made at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::build::Built;
use crate::list::Change;

/// The harness of its own whose tests are worlds.
const CONFORMANCE: &str = "conformance";
/// What a test process may allocate, in kB: a change may make one that never ends.
const MEMORY: u32 = 4_000_000;
/// Tests that take longer say too little for their time: they are about size and speed.
const SLOW: Duration = Duration::from_secs(2);

/// A test: of a binary, by name; in the conformance run, a world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The binary's name.
    pub binary: String,
    /// The test's name.
    pub name: String,
}

impl std::fmt::Display for Test {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.binary, self.name)
    }
}

/// What a test did with no change made.
struct Plain {
    test: Test,
    time: Duration,
    reached: BTreeSet<u32>,
}

/// All tests that pass in the copy, quickest first, and the changes that each reaches.
pub struct Tests {
    plain: Vec<Plain>,
    /// Tests that are not used, each with the reason.
    pub unused: Vec<(Test, &'static str)>,
}

/// What the tests made of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed.
    Caught(Test),
    /// A test did not end.
    Hung(Test),
    /// So many tests ran the changed code and passed.
    Missed(usize),
    /// No test runs the code.
    Unreached,
}

enum Ran {
    Passed,
    Failed(String),
    Hung,
}

impl Tests {
    /// Runs every test once with no change made.
    pub fn record(built: &Built, jobs: usize) -> Result<Tests, String> {
        let mut all = Vec::new();
        for (binary, path) in &built.tests {
            let names = match binary.as_str() {
                CONFORMANCE => worlds(&built.tree.join("tests/conformance")),
                _ => listed(path)?,
            };
            all.extend(names.into_iter().map(|name| Test { binary: binary.clone(), name }));
        }
        let found = Mutex::new((Vec::new(), Vec::new()));
        each(&all, jobs, |test| {
            let note =
                built.tree.with_file_name(format!("reached-{}-{}", test.binary, test.name.replace([':', '/'], "-")));
            let _ = std::fs::remove_file(&note);
            let start = Instant::now();
            let ran =
                run(built, &test.binary, &[test.name.as_str()], ("MUTANTS_REACHED", &note.to_string_lossy()), SLOW);
            let time = start.elapsed();
            let text = std::fs::read_to_string(&note).unwrap_or_default();
            let _ = std::fs::remove_file(&note);
            let reached = text.lines().filter_map(|l| l.parse().ok()).collect();
            let mut found = found.lock().unwrap_or_else(|e| e.into_inner());
            match ran {
                Ran::Passed => found.0.push(Plain { test: test.clone(), time, reached }),
                Ran::Failed(_) => found.1.push((test.clone(), "fails in the copy with no change made")),
                Ran::Hung => found.1.push((test.clone(), "takes too long")),
            }
        });
        let (mut plain, unused) = found.into_inner().unwrap_or_else(|e| e.into_inner());
        plain.sort_by(|a, b| (a.time, &a.test).cmp(&(b.time, &b.test)));
        Ok(Tests { plain, unused })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.plain.len()
    }

    /// Makes each change in turn and runs the tests that reach it until one fails.
    pub fn judge(&self, built: &Built, changes: &[&Change], jobs: usize) -> BTreeMap<u32, Verdict> {
        let verdicts = Mutex::new(BTreeMap::new());
        // what caught the last changes to a file is likely to catch the next
        let catchers: Mutex<BTreeMap<String, Vec<Test>>> = Mutex::new(BTreeMap::new());
        each(changes, jobs, |change| {
            let reaching: Vec<&Plain> = self.plain.iter().filter(|p| p.reached.contains(&change.id)).collect();
            let likely: Vec<Test> =
                catchers.lock().unwrap_or_else(|e| e.into_inner()).get(&change.file).cloned().unwrap_or_default();
            let first = likely.iter().filter_map(|t| reaching.iter().find(|p| p.test == *t).copied());
            let first: Vec<&Plain> = first.take(2).collect();
            let mut rounds: Vec<Vec<&Plain>> = first.iter().map(|p| vec![*p]).collect();
            let mut by_binary: BTreeMap<&str, Vec<&Plain>> = BTreeMap::new();
            for plain in reaching.iter().filter(|p| !first.iter().any(|f| f.test == p.test)) {
                by_binary.entry(&plain.test.binary).or_default().push(plain);
            }
            let mut rest: Vec<Vec<&Plain>> = by_binary.into_values().collect();
            rest.sort_by_key(|round| round.iter().map(|p| p.time).sum::<Duration>());
            rounds.extend(rest);
            let verdict =
                rounds.iter().find_map(|round| one(built, change.id, round)).unwrap_or(match reaching.len() {
                    0 => Verdict::Unreached,
                    n => Verdict::Missed(n),
                });
            if let Verdict::Caught(test) = &verdict {
                let mut catchers = catchers.lock().unwrap_or_else(|e| e.into_inner());
                let known = catchers.entry(change.file.clone()).or_default();
                known.retain(|t| t != test);
                known.insert(0, test.clone());
                known.truncate(6);
            }
            let mut verdicts = verdicts.lock().unwrap_or_else(|e| e.into_inner());
            verdicts.insert(change.id, verdict);
            if verdicts.len() % 100 == 0 {
                println!("mutants: {} of {} changes tried", verdicts.len(), changes.len());
            }
        });
        verdicts.into_inner().unwrap_or_else(|e| e.into_inner())
    }
}

/// Runs tests of one binary with a change made. None if they pass.
fn one(built: &Built, change: u32, round: &[&Plain]) -> Option<Verdict> {
    let first = &round.first()?.test;
    let names: Vec<&str> = round.iter().map(|p| p.test.name.as_str()).collect();
    let slowest = round.iter().map(|p| p.time).max().unwrap_or_default();
    let limit = Duration::from_secs(5).max(slowest * 20);
    let name = |name: String| Test { binary: first.binary.clone(), name };
    match run(built, &first.binary, &names, ("MUTANT", &change.to_string()), limit) {
        Ran::Passed => None,
        Ran::Failed(test) => Some(Verdict::Caught(name(test))),
        Ran::Hung => Some(Verdict::Hung(first.clone())),
    }
}

/// Runs tests of one binary until one fails, or until nothing was heard for as long as the limit says.
fn run(built: &Built, binary: &str, names: &[&str], (key, value): (&str, &str), limit: Duration) -> Ran {
    let Some(path) = built.tests.get(binary) else { return Ran::Passed };
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
        .arg(path)
        .current_dir(&built.tree)
        .env("CARGO_MANIFEST_DIR", &built.tree)
        .env("RUST_BACKTRACE", "0")
        .env("PROPTEST_RNG_SEED", "1")
        .env(key, value)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    match binary {
        CONFORMANCE => command.env("CONFORMANCE_WORLDS", names.join(" ")),
        _ => command.args(["--test-threads=1", "--exact"]).args(names),
    };
    let Ok(mut child) = command.spawn() else { return Ran::Failed("does not start".into()) };
    let (send, lines) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(out.take(1 << 24)).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
    }
    let ran = loop {
        match lines.recv_timeout(limit) {
            Ok(line) => {
                if let Some(test) = line.strip_suffix(" ... FAILED").and_then(|l| l.strip_prefix("test ")) {
                    break Ran::Failed(test.to_owned());
                }
                if let Some(world) = line.strip_prefix("DIFF ").filter(|_| binary == CONFORMANCE) {
                    break Ran::Failed(world.split(' ').next().unwrap_or_default().to_owned());
                }
            }
            Err(RecvTimeoutError::Timeout) => break Ran::Hung,
            Err(RecvTimeoutError::Disconnected) => {
                break match child.wait().is_ok_and(|status| status.success()) {
                    true => Ran::Passed,
                    false => Ran::Failed(names.first().copied().unwrap_or_default().to_owned()),
                }
            }
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    ran
}

/// The tests of a libtest binary.
fn listed(path: &Path) -> Result<Vec<String>, String> {
    let out = Command::new(path).args(["--list", "--format=terse"]).output().map_err(|e| format!("{e}"))?;
    let text = String::from_utf8_lossy(&out.stdout);
    Ok(text.lines().filter_map(|l| l.strip_suffix(": test")).map(str::to_owned).collect())
}

/// The names of the worlds of the conformance run.
fn worlds(root: &Path) -> Vec<String> {
    let children = |dir: &Path| -> Vec<PathBuf> {
        let all = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
        all.filter(|p| p.is_dir()).collect()
    };
    let all: Vec<PathBuf> = children(root).iter().flat_map(|c| children(c)).collect();
    let worlds = all.iter().filter(|w| w.join("world.yaml").is_file());
    worlds.filter_map(|w| Some(w.file_name()?.to_str()?.to_owned())).collect()
}

/// Does something with each of many, several at a time.
fn each<T: Sync>(all: &[T], jobs: usize, work: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(item) = all.get(at) else { break };
                work(item);
            });
        }
    });
}
