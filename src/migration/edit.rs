//! Changes of text: applying and undoing them, and the places in YAML where something is put, replaced or taken out
//! without touching the comments and the formatting around it.

use crate::diagnostic::SourceId;
use crate::world::{Source, SourceText};
use crate::yaml::{Entry, Node, Span, Value};

use crate::collections::{sort_by, Gather};

/// A change of one source: what stands at a span is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The source.
    pub source: SourceId,
    /// What is replaced; empty where something is put in.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// The sources after the edits. Edits of one place are put in in their order; one that overlaps an earlier one, or lies
/// outside of the text, is left out.
pub fn apply(sources: &[Source], edits: &[Edit]) -> Vec<Source> {
    let mut out = sources.to_vec();
    for (source, id) in out.iter_mut().zip((0..).map(SourceId)) {
        let kept = sorted(&source.text, edits, id);
        let mut text = String::with_capacity(source.text.len());
        let mut at = 0;
        for edit in kept {
            text.push_str(part(&source.text, Span::new(at, edit.span.start)));
            text.push_str(&edit.text);
            at = edit.span.end;
        }
        text.push_str(source.text.get(at as usize..).unwrap_or_default());
        source.text = text.into();
    }
    out
}

/// The edits of the changed sources that give the old ones back, byte for byte.
pub fn invert(sources: &[Source], edits: &[Edit]) -> Vec<Edit> {
    let mut out = Vec::new();
    for (source, id) in sources.iter().zip((0..).map(SourceId)) {
        let mut shift: i64 = 0;
        for edit in sorted(&source.text, edits, id) {
            let start = u32::try_from(i64::from(edit.span.start) + shift).unwrap_or(u32::MAX);
            let length = edit.text.len() as u32;
            out.push(Edit {
                source: id,
                span: Span::new(start, start + length),
                text: part(&source.text, edit.span).to_owned(),
            });
            shift += i64::from(length) - i64::from(edit.span.end - edit.span.start);
        }
    }
    out
}

/// The edits of a source that can be made together, by place.
fn sorted<'a>(text: &str, edits: &'a [Edit], source: SourceId) -> Vec<&'a Edit> {
    let inside = |e: &&Edit| text.get(e.span.start as usize..e.span.end as usize).is_some();
    let mut list: Vec<&Edit> = edits.iter().filter(|e| e.source == source).filter(inside).gather();
    sort_by(&mut list, |a, b| (a.span.start, a.span.end).cmp(&(b.span.start, b.span.end)));
    let mut end = 0;
    list.retain(|e| {
        let fits = e.span.start >= end;
        if fits {
            end = e.span.end;
        }
        fits
    });
    list
}

fn part(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// What is put into YAML: keys with scalars or with more of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yaml {
    /// A scalar, as it is to be written.
    Scalar(String),
    /// A mapping.
    Map(Vec<(String, Yaml)>),
    /// A sequence.
    Seq(Vec<Yaml>),
}

impl Yaml {
    /// Text, quoted where a reader could take it for something else.
    pub fn text(value: &str) -> Yaml {
        Yaml::Scalar(crate::yaml::scalar_text(value))
    }

    /// A number.
    pub fn number(value: i64) -> Yaml {
        Yaml::Scalar(value.to_string())
    }

    /// A mapping.
    pub fn map<const N: usize>(entries: [(&str, Yaml); N]) -> Yaml {
        Yaml::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).gather())
    }

    /// A mapping of text to text.
    pub fn strings<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Yaml {
        Yaml::Map(pairs.into_iter().map(|(k, v)| (k.to_owned(), Yaml::text(v))).gather())
    }

    /// A value as it was read.
    pub fn of(node: &Node) -> Yaml {
        match &node.value {
            Value::Map(map) => {
                Yaml::Map(map.entries.iter().map(|e| (String::from(&e.key), Yaml::of(&e.value))).gather())
            }
            Value::Seq(items) => Yaml::Seq(items.iter().map(Yaml::of).gather()),
            Value::String(text) => Yaml::text(text),
            _ => Yaml::Scalar(node.to_json().to_string()),
        }
    }

    /// True if a mapping says nothing that another does not say.
    pub fn covers(&self, other: &Yaml) -> bool {
        match (self, other) {
            (Yaml::Map(own), Yaml::Map(all)) => own.iter().all(|entry| all.contains(entry)),
            _ => false,
        }
    }

    /// In flow style, on one line.
    pub fn flow(&self) -> String {
        let list = |parts: Vec<String>| parts.join(", ");
        match self {
            Yaml::Scalar(text) => text.clone(),
            Yaml::Map(entries) => {
                format!("{{{}}}", list(entries.iter().map(|(k, v)| format!("{}: {}", key_text(k), v.flow())).gather()))
            }
            Yaml::Seq(items) => format!("[{}]", list(items.iter().map(Yaml::flow).gather())),
        }
    }

    /// As the value of a key that stands at an indent in block style: with the space or line break before it.
    fn after_key(&self, indent: usize) -> String {
        match self {
            Yaml::Scalar(text) => format!(" {text}"),
            Yaml::Map(entries) if !entries.is_empty() => {
                let pad = indent + 2;
                entries.iter().map(|(k, v)| format!("\n{:pad$}{}:{}", "", key_text(k), v.after_key(pad))).gather()
            }
            Yaml::Seq(items) if !items.is_empty() => {
                items.iter().map(|item| format!("\n{:indent$}- {}", "", item.in_item(indent + 2))).gather()
            }
            empty => format!(" {}", empty.flow()),
        }
    }

    /// After the dash of an item whose content stands at an indent.
    pub fn in_item(&self, indent: usize) -> String {
        match self {
            Yaml::Map(entries) if !entries.is_empty() => block_entries(entries, indent),
            other => other.flow(),
        }
    }
}

fn key_text(key: &str) -> String {
    crate::yaml::scalar_text(key)
}

/// Entries of a mapping in block style; the first stands where the text is put.
pub fn block_entries(entries: &[(String, Yaml)], indent: usize) -> String {
    let lines: Vec<String> = entries.iter().map(|(k, v)| format!("{}:{}", key_text(k), v.after_key(indent))).gather();
    lines.join(&format!("\n{:indent$}", ""))
}

/// A source in which edits are made.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Which.
    pub source: SourceId,
    /// Its text.
    pub text: &'a str,
}

impl<'a> Page<'a> {
    /// A source of a world.
    pub fn of(sources: &'a [SourceText], source: SourceId) -> Option<Page<'a>> {
        Some(Page { source, text: &sources.get(source.0 as usize)?.text })
    }

    fn edit(&self, span: Span, text: impl Into<String>) -> Edit {
        Edit { source: self.source, span, text: text.into() }
    }

    fn char_at(&self, at: u32) -> Option<char> {
        self.text.get(at as usize..)?.chars().next()
    }

    /// True if a mapping or sequence is written in flow style. An empty one cannot be written otherwise.
    pub fn is_flow(&self, node: &Node) -> bool {
        matches!(self.char_at(node.span.start), Some('{' | '['))
    }

    /// The column of a place, in characters from 0.
    pub fn column(&self, at: u32) -> usize {
        let before = self.text.get(..at as usize).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().chars().count()
    }

    /// The end of the line of a place, before its line break.
    fn line_end(&self, at: u32) -> u32 {
        let rest = self.text.get(at as usize..).unwrap_or_default();
        let length = rest.find('\n').unwrap_or(rest.len());
        let carriage = rest.get(..length).is_some_and(|line| line.ends_with('\r'));
        at + length as u32 - u32::from(carriage)
    }

    /// The start of the line of a place.
    fn line_start(&self, at: u32) -> u32 {
        self.text.get(..at as usize).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline as u32 + 1)
    }

    /// The start of the line after a place; the end of the text if there is none.
    fn next_line(&self, at: u32) -> u32 {
        let rest = self.text.get(at as usize..).unwrap_or_default();
        at + rest.find('\n').map_or(rest.len(), |newline| newline + 1) as u32
    }

    /// Replaces a scalar.
    pub fn replace(&self, node: &Node, value: &Yaml) -> Edit {
        self.edit(node.span, value.flow())
    }

    /// Replaces an entry of a mapping by others; comments after it stay behind the last of them, those inside of it come
    /// before. Nothing for one that is not written in the mapping, or that has an anchor which is used later.
    pub fn replace_entry(&self, map: &Node, key: &str, entries: &[(String, Yaml)]) -> Option<Edit> {
        let entry = map.as_map()?.entry(key)?;
        let span = self.entry_span(map, entry)?;
        let indent = self.column(entry.key_span.start);
        let mut text = String::new();
        for comment in self.marks(&entry.value, span, '#') {
            text.push_str(&format!("{}\n{:indent$}", part(self.text, comment).trim_end(), ""));
        }
        text.push_str(&match self.is_flow(map) {
            true => flow_entries(entries),
            false => block_entries(entries, indent),
        });
        self.without_anchors(&entry.value, span).then(|| self.edit(span, text))
    }

    /// Where an entry stands, if it is written in its mapping; its value may be an alias.
    fn entry_span(&self, map: &Node, entry: &Entry) -> Option<Span> {
        if is_own(map, entry) {
            return Some(entry.key_span.to(entry.value.span));
        }
        let inside = map.span.start <= entry.key_span.start && entry.key_span.end <= map.span.end;
        let rest = self.text.get(entry.key_span.end as usize..).filter(|_| inside)?;
        let alias = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('*')?;
        let after = alias.trim_start_matches(|c: char| !c.is_whitespace() && !",]}".contains(c));
        Some(Span::new(entry.key_span.start, (self.text.len() - after.len()) as u32))
    }

    /// The comments (`#`) or anchors (`&`) within a span of a value: what stands between its scalars.
    fn marks(&self, value: &Node, span: Span, sign: char) -> Vec<Span> {
        let mut scalars = Vec::new();
        leaves(value, &mut scalars);
        let mut out = Vec::new();
        let mut at = span.start;
        while at < span.end {
            let Some(c) = self.char_at(at) else { break };
            let scalar = scalars.iter().find(|s| s.start <= at && at < s.end);
            let lone =
                at == 0 || self.char_at(at - 1).is_none_or(|before| before.is_whitespace() || "[{,".contains(before));
            let end = match c {
                _ if scalar.is_some() => scalar.map_or(span.end, |s| s.end),
                '#' if lone => self.line_end(at),
                '&' if lone => {
                    let rest = self.text.get(at as usize..).unwrap_or_default();
                    let length = rest.find(|c: char| c.is_whitespace() || ",]}".contains(c)).unwrap_or(rest.len());
                    at + length as u32
                }
                _ => at + c.len_utf8() as u32,
            };
            if c == sign && lone && scalar.is_none() {
                out.push(Span::new(at, end.min(span.end)));
            }
            at = end;
        }
        out
    }

    /// True if no anchor within a span of a value is used behind it.
    fn without_anchors(&self, value: &Node, span: Span) -> bool {
        let after = self.text.get(span.end as usize..).unwrap_or_default();
        self.marks(value, span, '&').iter().all(|anchor| !after.contains(&part(self.text, *anchor).replace('&', "*")))
    }

    /// Puts an entry into a mapping, after the last one that is written in it.
    pub fn add_entry(&self, map: &Node, key: &str, value: Yaml) -> Option<Edit> {
        let entries = [(key.to_owned(), value)];
        let written = &map.as_map()?.entries;
        if written.is_empty() {
            return self.is_flow(map).then(|| self.edit(map.span, format!("{{{}}}", flow_entries(&entries))));
        }
        let (last, end) =
            written.iter().filter_map(|e| Some((e, self.entry_span(map, e)?.end))).max_by_key(|(_, end)| *end)?;
        let end = end.max(last.key_span.end + 1);
        Some(match self.is_flow(map) {
            true => self.put(end, format!(", {}", flow_entries(&entries))),
            false => {
                let indent = self.column(last.key_span.start);
                self.put(self.last_line_end(end), format!("\n{:indent$}{}", "", block_entries(&entries, indent)))
            }
        })
    }

    /// The end of the last line with something on it before a place: block scalars end behind their line breaks.
    fn last_line_end(&self, at: u32) -> u32 {
        let before = self.text.get(..at as usize).unwrap_or_default();
        self.line_end(before.trim_end().len() as u32)
    }

    /// Puts text in at a place.
    pub fn put(&self, at: u32, text: impl Into<String>) -> Edit {
        self.edit(Span::new(at, at), text)
    }

    /// Takes an entry out of a mapping that has others.
    pub fn remove_entry(&self, map: &Node, key: &str) -> Option<Edit> {
        let entries = &map.as_map()?.entries;
        let at = entries.iter().position(|e| e.key == key)?;
        let entry = entries.get(at)?;
        let span = match (at.checked_sub(1).and_then(|i| entries.get(i)), entries.get(at + 1), self.is_flow(map)) {
            (Some(before), _, true) => Span::new(before.value.span.end, entry.value.span.end),
            (_, Some(after), true) | (None, Some(after), false) => {
                Span::new(entry.key_span.start, after.key_span.start)
            }
            (Some(_), _, false) => {
                Span::new(self.line_start(entry.key_span.start), self.next_line(entry.value.span.end))
            }
            (None, None, _) => return None,
        };
        self.without_anchors(&entry.value, span).then(|| self.edit(span, ""))
    }

    /// Puts an item into a sequence after one of its items.
    pub fn add_item(&self, seq: &Node, after: &Node, text: &str) -> Edit {
        match self.is_flow(seq) {
            true => self.put(after.span.end, format!(", {text}")),
            false => {
                let indent = self.column(seq.span.start);
                let end = self.last_line_end(after.span.end);
                // the comment behind the item is the new one's too, since the old one may go
                let comment = part(self.text, Span::new(after.span.end.min(end), end));
                self.put(end, format!("\n{:indent$}- {text}{comment}", ""))
            }
        }
    }

    /// Takes an item out of a sequence that has others.
    pub fn remove_item(&self, seq: &Node, index: usize) -> Option<Edit> {
        let items = seq.as_seq()?;
        let item = items.get(index)?;
        let before = index.checked_sub(1).and_then(|i| items.get(i));
        let span = match (before, items.get(index + 1), self.is_flow(seq)) {
            (Some(before), _, true) => Span::new(before.span.end, item.span.end),
            (None, Some(after), true) => Span::new(item.span.start, after.span.start),
            (None, None, _) => return None,
            // the dash of the first item may stand behind other things on its line
            (None, Some(after), false) => Span::new(item.span.start, after.span.start),
            (Some(_), _, false) => Span::new(self.line_start(item.span.start), self.next_line(item.span.end)),
        };
        self.without_anchors(item, span).then(|| self.edit(span, ""))
    }

    /// Puts a document at the end.
    pub fn add_document(&self, text: &str) -> Edit {
        let end = self.text.len() as u32;
        let body = self.text.trim_end();
        let newline = if self.text.ends_with('\n') || self.text.is_empty() { "" } else { "\n" };
        let marker = if body.is_empty() || body.ends_with("---") { "" } else { "---\n" };
        self.put(end, format!("{newline}{marker}{text}"))
    }

    /// The text of a value with some edits within it made, as it can stand again in the same text: without anchors, which
    /// would mean something else from there on.
    pub fn copy_with(&self, item: &Node, edits: &[Edit]) -> String {
        let anchors: Vec<Edit> = self
            .marks(item, item.span, '&')
            .into_iter()
            .map(|anchor| {
                let rest = self.text.get(anchor.end as usize..).unwrap_or_default();
                let gap = rest.len() - rest.trim_start_matches(' ').len();
                self.edit(Span::new(anchor.start, anchor.end + gap as u32), "")
            })
            .filter(|a| !edits.iter().any(|e| e.span.start <= a.span.start && a.span.start < e.span.end))
            .gather();
        let mut list: Vec<&Edit> = edits.iter().chain(&anchors).gather();
        sort_by(&mut list, |a, b| a.span.start.cmp(&b.span.start));
        let mut out = String::new();
        let mut at = item.span.start;
        for edit in list {
            out.push_str(part(self.text, Span::new(at, edit.span.start)));
            out.push_str(&edit.text);
            at = edit.span.end;
        }
        out.push_str(part(self.text, Span::new(at, item.span.end)));
        out
    }
}

fn flow_entries(entries: &[(String, Yaml)]) -> String {
    let parts: Vec<String> = entries.iter().map(|(k, v)| format!("{}: {}", key_text(k), v.flow())).gather();
    parts.join(", ")
}

/// The scalars of a value that are written in it, keys among them.
fn leaves(node: &Node, out: &mut Vec<Span>) {
    match &node.value {
        Value::Map(map) => {
            for entry in &map.entries {
                out.push(entry.key_span);
                leaves(&entry.value, out);
            }
        }
        Value::Seq(items) => items.iter().for_each(|item| leaves(item, out)),
        _ => out.push(node.span),
    }
}

/// True if an entry stands in its mapping, and its value behind its key: not behind an alias or merge key.
fn is_own(map: &Node, entry: &Entry) -> bool {
    let inside = |span: Span| map.span.start <= span.start && span.end <= map.span.end;
    inside(entry.key_span) && inside(entry.value.span) && entry.key_span.end <= entry.value.span.start
}

/// The entry of a key, if it stands where its mapping does: not behind an alias or merge key.
pub fn own_entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    node.as_map()?.entry(key).filter(|e| !e.value.is_null() && is_own(node, e))
}

/// The value at a path of keys, none of which is behind an alias or merge key.
pub fn own_value<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, key| Some(&own_entry(node, key)?.value))
}

/// The item of a sequence, if it is written there and no alias.
pub fn own_item(list: &Node, index: usize) -> Option<&Node> {
    let items = list.as_seq()?;
    let item = items.get(index)?;
    let from = index.checked_sub(1).and_then(|i| items.get(i)).map_or(list.span.start, |before| before.span.end);
    (from <= item.span.start && item.span.end <= list.span.end).then_some(item)
}
