//! The rules as a book that runs. Every YAML world in `docs/rules/*.md` is evaluated, and what the page answers must be
//! what the engine answers. `MESHSCOPE_WRITE=1 cargo test --test book` writes the engine's answers into the pages
//! instead, and `docs/diagnostics.md` anew; read the difference before you keep it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that fails should stop")]

mod ask;
mod codes;
mod page;
mod routes;
mod text;
mod traffic;

use std::fs;

use page::{Page, WorldBlock};

/// True where answers are to be written instead of compared.
fn write() -> bool {
    std::env::var_os("MESHSCOPE_WRITE").is_some_and(|v| !v.is_empty())
}

/// Fails with all problems.
fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_answer_is_the_engines() {
    let (pages, mut problems) = page::rules();
    assert!(pages.iter().any(|p| !p.worlds.is_empty()), "there are no worlds");
    for page in &pages {
        let mut answered = Vec::new();
        for block in &page.worlds {
            check(page, block, &mut answered, &mut problems);
        }
        if write() {
            fs::write(&page.path, rewritten(page, &answered)).expect("the page can be written");
        }
    }
    report(&problems);
}

/// Compares the answers of a world. Collects (line of the fence, the engine's answer).
fn check(page: &Page, block: &WorldBlock, answered: &mut Vec<(usize, String)>, problems: &mut Vec<String>) {
    let name = page::shown(&page.path);
    let world = match ask::build(block) {
        Ok(world) => world,
        Err(problem) => return problems.push(format!("{name}:{}: {problem}", block.line)),
    };
    for answer in &block.answers {
        match ask::answer(&world, answer) {
            Err(problem) => problems.push(format!("{name}:{}: {problem}", answer.line)),
            Ok(found) if found == answer.text => {}
            Ok(found) if write() => answered.push((answer.line, found)),
            Ok(found) => problems.push(format!(
                "{name}:{}: answer {} differs\n--- the page\n{}--- the engine\n{found}",
                answer.line, answer.form, answer.text
            )),
        }
    }
    // a world that Kuma refuses in part answers something else than it seems to, unless the page says so
    let shows_problems = block.answers.iter().any(|a| a.form == "problems");
    for error in ask::errors(&world).filter(|_| !shows_problems) {
        problems.push(format!("{name}:{}: {error}; add an `answer problems` block", block.line));
    }
}

/// The page with the engine's answers.
fn rewritten(page: &Page, answered: &[(usize, String)]) -> String {
    let mut out = String::new();
    let mut lines = page.text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        out.extend([line, "\n"]);
        if let Some((_, found)) = answered.iter().find(|(at, _)| *at == index + 1) {
            out.push_str(found);
            let end = lines.by_ref().find(|(_, l)| *l == "```");
            out.extend(end.map(|(_, l)| [l, "\n"]).into_iter().flatten());
        }
    }
    out
}

#[test]
fn every_link_leads_somewhere() {
    let (mut pages, mut problems) = page::rules();
    pages.push(page::read(page::docs().join("diagnostics.md"), &mut problems));
    let known: Vec<&Page> = pages.iter().collect();
    for page in &pages {
        for link in &page.links {
            if let Some(problem) = page::broken(&page.path, &link.target, &known) {
                problems.push(format!("{}:{}: {problem}", page::shown(&page.path), link.line));
            }
        }
    }
    report(&problems);
}

#[test]
fn the_index_lists_every_page() {
    let (pages, mut problems) = page::rules();
    let index = pages.iter().find(|p| p.path.ends_with("README.md")).expect("docs/rules/README.md is there");
    for page in pages.iter().filter(|p| !p.path.ends_with("README.md")) {
        let file = page.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !index.links.iter().any(|l| l.target == file) {
            problems.push(format!("docs/rules/README.md has no link to {file}"));
        }
    }
    report(&problems);
}
