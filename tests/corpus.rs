//! The inputs that fuzzing kept, through the same functions as there (`make fuzz`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails should stop"
)]

use std::fs;
use std::path::Path;

#[path = "../fuzz/targets.rs"]
mod targets;

fn each(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let data = fs::read(&path).unwrap();
        if std::panic::catch_unwind(|| run(&data)).is_err() {
            panic!("{}", path.display());
        }
    }
}

#[test]
fn yaml() {
    each("yaml", targets::yaml);
}

#[test]
fn world() {
    each("world", targets::world);
}

#[test]
fn structured() {
    each("structured", targets::structured);
}

#[test]
fn template() {
    each("template", targets::template);
}

#[test]
fn regex() {
    each("regex", targets::regex);
}

#[test]
fn merge() {
    each("merge", targets::merge);
}

#[test]
fn numbers() {
    each("numbers", targets::numbers);
}
