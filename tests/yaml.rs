//! Reading YAML as Kuma's tools do.

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

use meshscope::diagnostic::SourceId;
use meshscope::yaml::{read, Limits};

/// The JSON of every document of a text that has no errors.
fn json(text: &str) -> Vec<String> {
    let reading = read(SourceId(0), text, &Limits::default());
    reading.documents.iter().map(|d| d.root.as_ref().expect("a root").to_json().to_string()).collect()
}

#[test]
fn documents_are_told_apart_by_markers() {
    assert_eq!(
        json("a: 1\n---\nb: yes\n---\n# nothing\n---\nc: 014\n"),
        [r#"{"a":1}"#, r#"{"b":true}"#, r#"{"c":12}"#]
    );
}
