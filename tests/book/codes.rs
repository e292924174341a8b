//! `docs/diagnostics.md`: the table of codes as a page.

use std::fmt::Write;
use std::fs;

use meshscope::diagnostic::{Code, Severity};
use meshscope::rules_book;

use crate::page::{self, Page};

/// What the hundreds of codes are about.
const GROUPS: [(&str, &str); 11] = [
    ("MS01", "Reading YAML"),
    ("MS02", "Documents and resources"),
    ("MS03", "What Kuma refuses or warns of"),
    ("MS04", "Zones and names"),
    ("MS05", "MeshServices and hostnames"),
    ("MS06", "References"),
    ("MS07", "Routes and backends"),
    ("MS08", "Policies"),
    ("MS09", "Migration"),
    ("MS10", "Kubernetes"),
    ("MS11", "Checks"),
];

/// The page as it should be.
fn wanted() -> String {
    let mut out = String::from(
        "# Diagnostics\n\n\
         Every problem that meshscope reports has a code. Codes do not change their meaning, and a code that is no \
         longer used is not given to another problem.\n\n\
         An error is something that Kuma refuses or that cannot be read. A warning is something that Kuma takes, but \
         that does something else than it seems to. An info is worth knowing.\n",
    );
    let mut codes: Vec<Code> = Code::ALL.to_vec();
    codes.sort_by_key(|c| c.text());
    for (prefix, title) in GROUPS {
        let mut group = codes.iter().filter(|c| c.text().starts_with(prefix)).peekable();
        if group.peek().is_none() {
            continue;
        }
        let _ = write!(out, "\n## {title}\n");
        for code in group {
            let severity = match code.severity() {
                Severity::Error => "Error",
                Severity::Warning => "Warning",
                Severity::Info => "Info",
            };
            let meaning = code.explanation().split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = write!(out, "\n### {}\n\n**{severity}.** {meaning}\n", code.text());
            if let Some(section) = rules_book::of_code(*code) {
                let link = section.link().trim_start_matches("docs/").to_owned();
                let _ = write!(out, "\nThe rule: [{}]({link})\n", section.title());
            }
        }
    }
    out
}

#[test]
fn the_page_of_diagnostics_is_in_step_with_the_table() {
    let path = page::docs().join("diagnostics.md");
    if crate::write() {
        fs::write(&path, wanted()).expect("the page can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found,
        wanted(),
        "docs/diagnostics.md is not what the table of codes says: run MESHSCOPE_WRITE=1 cargo test --test book"
    );
}

#[test]
fn every_code_is_in_a_group_and_once() {
    let mut seen = Vec::new();
    for code in Code::ALL {
        assert!(GROUPS.iter().any(|(prefix, _)| code.text().starts_with(prefix)), "{}", code.text());
        assert!(!seen.contains(&code.text()), "{} twice", code.text());
        seen.push(code.text());
    }
}

#[test]
fn every_section_of_the_book_that_the_engine_links_to_exists() {
    let (pages, mut problems) = page::rules();
    let known: Vec<&Page> = pages.iter().collect();
    for section in rules_book::Section::ALL {
        let link = section.link();
        let from = page::docs().join("diagnostics.md");
        if let Some(problem) = page::broken(&from, link.trim_start_matches("docs/"), &known) {
            problems.push(format!("{section:?}: {problem}"));
        }
    }
    crate::report(&problems);
}
