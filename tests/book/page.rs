//! Pages of the book: headings, links, worlds and the answers that follow them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A page.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
    pub anchors: Vec<String>,
    pub links: Vec<Link>,
    pub worlds: Vec<WorldBlock>,
}

/// A link of a page.
pub struct Link {
    pub line: usize,
    pub target: String,
}

/// One or more files of YAML and what is said about them.
pub struct WorldBlock {
    pub line: usize,
    pub files: Vec<File>,
    pub answers: Vec<AnswerBlock>,
}

/// One file of a world.
pub struct File {
    pub attributes: Attributes,
    pub text: String,
}

/// A block of answers.
pub struct AnswerBlock {
    /// The line of its fence, from 1.
    pub line: usize,
    pub form: String,
    pub attributes: Attributes,
    pub text: String,
}

/// The `key=value` words after a fence's language; a lone word has an empty value.
#[derive(Default)]
pub struct Attributes(BTreeMap<String, String>);

impl Attributes {
    fn read<'a>(words: impl Iterator<Item = &'a str>) -> Attributes {
        Attributes(words.map(|w| w.split_once('=').unwrap_or((w, ""))).map(|(k, v)| (k.into(), v.into())).collect())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// An error if there are others than these: a misspelt one would go unnoticed.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.0.keys().find(|k| !known.contains(&k.as_str())) {
            Some(other) => Err(format!("`{other}` is none of {}", known.join(", "))),
            None => Ok(()),
        }
    }
}

/// The `docs` directory.
pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// All pages of the rules by name, and problems of their structure.
pub fn rules() -> (Vec<Page>, Vec<String>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(docs().join("rules"))
        .expect("docs/rules is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    paths.sort();
    let mut problems = Vec::new();
    let pages = paths.into_iter().map(|path| read(path, &mut problems)).collect();
    (pages, problems)
}

/// A name as people see it: relative to the repository.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display().to_string()
}

/// Reads a page.
pub fn read(path: PathBuf, problems: &mut Vec<String>) -> Page {
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut page = Page { path, text, anchors: Vec::new(), links: Vec::new(), worlds: Vec::new() };
    let name = shown(&page.path);
    let mut open: Option<WorldBlock> = None;
    let close = |open: &mut Option<WorldBlock>, worlds: &mut Vec<WorldBlock>, problems: &mut Vec<String>| {
        if let Some(world) = open.take() {
            if world.answers.is_empty() {
                problems.push(format!("{name}:{}: a world without an answer", world.line));
            }
            worlds.push(world);
        }
    };
    let mut lines = page.text.lines().enumerate().map(|(i, l)| (i + 1, l));
    while let Some((line, text)) = lines.next() {
        if let Some(info) = text.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().map(|(_, l)| l).take_while(|l| *l != "```").collect();
            let text: String = body.iter().flat_map(|l| [*l, "\n"]).collect();
            let mut words = info.split_whitespace();
            match words.next() {
                Some("yaml") => {
                    let attributes = Attributes::read(words);
                    let joins = open.as_ref().is_some_and(|w| w.answers.is_empty() && attributes.get("zone").is_some());
                    if !joins {
                        close(&mut open, &mut page.worlds, problems);
                        open = Some(WorldBlock { line, files: Vec::new(), answers: Vec::new() });
                    }
                    if let Some(world) = &mut open {
                        world.files.push(File { attributes, text });
                    }
                }
                Some("answer") => match (&mut open, words.next()) {
                    (Some(world), Some(form)) => world.answers.push(AnswerBlock {
                        line,
                        form: form.to_owned(),
                        attributes: Attributes::read(words),
                        text,
                    }),
                    (None, _) => problems.push(format!("{name}:{line}: an answer without a world")),
                    (_, None) => problems.push(format!("{name}:{line}: an answer to nothing: name a form")),
                },
                Some("sh") => {}
                other => problems.push(format!("{name}:{line}: a block of `{}`", other.unwrap_or_default())),
            }
        } else if let Some(title) = text.strip_prefix('#') {
            close(&mut open, &mut page.worlds, problems);
            let anchor = anchor(title.trim_start_matches('#'));
            if page.anchors.contains(&anchor) {
                problems.push(format!("{name}:{line}: a second heading `#{anchor}`"));
            }
            page.anchors.push(anchor);
        } else {
            page.links.extend(links(text).map(|target| Link { line, target: target.to_owned() }));
        }
    }
    close(&mut open, &mut page.worlds, problems);
    page
}

/// A heading's anchor, as GitHub makes it.
fn anchor(title: &str) -> String {
    title
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The targets of `[text](target)` in a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// What is wrong with a link of a page in `docs`, if anything. `pages` are those whose anchors are known.
pub fn broken(from: &Path, target: &str, pages: &[&Page]) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => from.to_owned(),
        file => normal(&from.parent()?.join(file)),
    };
    if !path.exists() {
        return Some(format!("there is no {}", shown(&path)));
    }
    let known = pages.iter().find(|p| p.path == path);
    match (anchor, known) {
        ("", _) => None,
        (anchor, Some(page)) if page.anchors.iter().any(|a| a == anchor) => None,
        _ => Some(format!("{} has no heading `#{anchor}`", shown(&path))),
    }
}

/// The path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}
