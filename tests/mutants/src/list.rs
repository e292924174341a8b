//! The changes, as cargo-mutants lists them.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// One change to the code.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    /// Its number in this run, from 1.
    #[serde(skip)]
    pub id: u32,
    /// The file, from the root of the crate.
    pub file: String,
    /// `file:line:column: what is done`.
    pub name: String,
    /// What kind of change it is.
    pub genre: Genre,
    /// What the span is replaced by.
    pub replacement: String,
    /// What is replaced.
    pub span: Place,
}

impl Change {
    /// What is done, without the place.
    pub fn what(&self) -> &str {
        self.name.split_once(": ").map_or(self.name.as_str(), |(_, what)| what)
    }
}

/// cargo-mutants' kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Genre {
    /// A function returns at once.
    FnValue,
    /// Another operator between two operands.
    BinaryOperator,
    /// An operator before an operand is left out.
    UnaryOperator,
    /// An arm of a match is left out.
    MatchArm,
    /// The condition of an arm always or never holds.
    MatchArmGuard,
    /// A field is left to the base of a struct expression.
    StructField,
}

/// From where to where, lines and columns from 1.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    /// The first character.
    pub start: Position,
}

/// A line and a column, from 1.
#[derive(Clone, Debug, Deserialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Lists the changes to the files that match one of the patterns, numbered from 1.
pub fn list(root: &Path, patterns: &[String]) -> Result<Vec<Change>, String> {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(["mutants", "--list", "--json"]);
    for pattern in patterns {
        command.args(["-f", pattern]);
    }
    let out = command.output().map_err(|e| format!("cargo mutants: {e}"))?;
    if !out.status.success() {
        return Err(format!("cargo mutants --list: {}", String::from_utf8_lossy(&out.stderr)));
    }
    let mut changes: Vec<Change> = serde_json::from_slice(&out.stdout).map_err(|e| format!("cargo mutants: {e}"))?;
    for (change, id) in changes.iter_mut().zip(1..) {
        change.id = id;
    }
    Ok(changes)
}
