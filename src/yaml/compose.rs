//! From events to values: anchors and aliases, merge keys, duplicate keys, limits.

use crate::collections::{Gather, SortedMap};
use std::borrow::Cow;

use super::events::{Event, Mark, Style};
use super::limits::{Budget, Limits};
use super::node::{Entry, Map, Node, Span, Value};
use super::scalar::{self, Mismatch, Resolved, Tag};
use crate::diagnostic::{Code, Diagnostic, SourceId, Violation};
use crate::text::{Text, Texts};

/// A finished value with what an alias to it would cost.
#[derive(Clone, Debug)]
struct Sized {
    node: Node,
    /// Values in it, itself included.
    nodes: usize,
    /// Bytes of text in it.
    bytes: usize,
    /// Levels of nesting in it, itself included.
    height: usize,
}

/// A mapping or sequence that is being read.
#[derive(Debug)]
struct Frame<'a> {
    anchor: Option<&'a str>,
    start: u32,
    end: u32,
    nodes: usize,
    bytes: usize,
    height: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Seq(Vec<Node>),
    Map { entries: Vec<Draft>, key: Key },
}

/// An entry before duplicates are settled.
#[derive(Debug)]
struct Draft {
    entry: Entry,
    merged: bool,
}

/// What stands before the value that comes next in a mapping.
#[derive(Debug)]
enum Key {
    /// Nothing: a key comes next.
    Expected,
    Text(Text, Span),
    Merge(Span),
    /// A key that JSON cannot have and that is refused in words that tell the value.
    Unfit {
        what: &'static str,
        go: String,
        span: Span,
    },
    /// A key that JSON cannot have, already reported.
    Refused,
}

/// Builds one document from its events.
#[derive(Debug)]
pub(super) struct Composer<'a, 'b> {
    source: SourceId,
    /// The document's text and where it begins in its source.
    text: &'a str,
    base: u32,
    limits: &'b Limits,
    budget: &'b mut Budget,
    texts: &'b mut Texts,
    frames: Vec<Frame<'a>>,
    anchors: SortedMap<&'a str, Sized>,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
    /// Why Kuma refuses the document.
    refusal: Option<Refusal>,
    /// No more is read, and nothing that comes of breaking off counts as a problem.
    stopped: bool,
}

/// What Kuma's reader says of a document, and the diagnostic it belongs to.
#[derive(Debug)]
struct Refusal {
    phase: Phase,
    index: usize,
    /// Nothing where only a limit of meshscope was reached.
    reason: Option<String>,
}

/// The passes of Kuma's reader over a document. The first that finds a problem is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Parse,
    Resolve,
    Keys,
    Json,
    /// Not Kuma's, but a limit here.
    Limit,
}

impl<'a, 'b> Composer<'a, 'b> {
    pub(super) fn new(
        source: SourceId,
        text: &'a str,
        base: u32,
        limits: &'b Limits,
        budget: &'b mut Budget,
        texts: &'b mut Texts,
    ) -> Self {
        Composer {
            source,
            text,
            base,
            limits,
            budget,
            texts,
            frames: Vec::new(),
            anchors: SortedMap::new(),
            root: None,
            diagnostics: Vec::new(),
            refusal: None,
            stopped: false,
        }
    }

    /// Takes the next event; false if there is no use in going on.
    pub(super) fn take(&mut self, event: Event<'a>, span: Span) -> bool {
        if matches!(event, Event::Scalar { .. } | Event::SeqStart(_) | Event::MapStart(_)) && !self.budget.value() {
            self.too_many_values(span);
            return false;
        }
        match event {
            Event::Scalar { text, style, mark } => self.scalar(text, style, mark, span),
            Event::Alias(name) => self.alias(name, span),
            Event::SeqStart(mark) => self.open(mark, span, Kind::Seq(Vec::new())),
            Event::MapStart(mark) => self.open(mark, span, Kind::Map { entries: Vec::new(), key: Key::Expected }),
            Event::SeqEnd | Event::MapEnd => self.close(span.end),
        }
        !self.stopped
    }

    /// Reports why the text could not be read to its end, with the words of Kuma's reader.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic, kuma: String) {
        self.refuse(Phase::Parse, diagnostic, Some(kuma));
    }

    /// Gives the value, as root if Kuma takes it or else as what could be read, and adds the diagnostics.
    pub(super) fn finish(mut self, diagnostics: &mut Vec<Diagnostic>) -> (Option<Node>, Option<Node>) {
        self.stopped = true;
        while let Some(frame) = self.frames.last() {
            let end = frame.end;
            self.close(end);
        }
        if let Some(Refusal { index, reason: Some(reason), .. }) = &self.refusal {
            if let Some(diagnostic) = self.diagnostics.get_mut(*index) {
                let reason = scalar::quote(&format!("error converting YAML to JSON: {reason}"));
                diagnostic.kuma =
                    Some(Violation { field: String::new(), reason: format!("invalid meta type: {reason}") });
            }
        }
        diagnostics.append(&mut self.diagnostics);
        if self.refusal.is_some() {
            (None, self.root)
        } else {
            (self.root, None)
        }
    }

    fn refuse(&mut self, phase: Phase, diagnostic: Diagnostic, reason: Option<String>) {
        if self.stopped {
            return;
        }
        self.stopped = phase == Phase::Limit;
        let first = self.refusal.as_ref().is_none_or(|r| phase < r.phase);
        if first {
            self.refusal = Some(Refusal { phase, index: self.diagnostics.len(), reason });
        }
        if self.budget.diagnostic() || first {
            self.diagnostics.push(diagnostic);
        }
    }

    fn open(&mut self, mark: Mark<'a>, span: Span, kind: Kind) {
        if self.frames.len() >= self.limits.depth {
            return self.too_deep(span);
        }
        self.frames.push(Frame {
            anchor: mark.anchor,
            start: span.start,
            end: span.end,
            nodes: 1,
            bytes: 0,
            height: 1,
            kind,
        });
    }

    fn too_many_values(&mut self, span: Span) {
        let values = self.limits.values;
        self.refuse(
            Phase::Limit,
            Diagnostic::new(Code::InputTooLarge, format!("the input has more than {values} values"))
                .help("read only the documents that matter here, such as one mesh")
                .at(self.source, span),
            None,
        );
    }

    fn too_deep(&mut self, span: Span) {
        let depth = self.limits.depth;
        self.refuse(
            Phase::Limit,
            Diagnostic::new(Code::NestingTooDeep, format!("nested more than {depth} levels deep"))
                .help("meshscope reads no deeper; Kuma's resources need fewer than 20 levels")
                .at(self.source, span),
            None,
        );
    }

    fn close(&mut self, end: u32) {
        let Some(frame) = self.frames.pop() else { return };
        let value = match frame.kind {
            Kind::Seq(mut items) => {
                items.shrink_to_fit();
                Value::Seq(items)
            }
            Kind::Map { entries, .. } => Value::Map(self.settle(entries)),
        };
        let node = Node { value, span: Span::new(frame.start, end.max(frame.end)) };
        let sized = Sized { node, nodes: frame.nodes, bytes: frame.bytes, height: frame.height };
        self.place(sized, frame.anchor);
    }

    fn scalar(&mut self, text: Cow<'a, str>, style: Style, mark: Mark<'a>, span: Span) {
        if style == Style::Plain && text == "<<" && matches!(mark.tag, None | Some(Tag::Merge)) && self.expects_key() {
            self.set_key(Key::Merge(span));
            return;
        }
        let resolved = match mark.tag {
            None if style == Style::Plain => Ok(scalar::plain(&text)),
            None => Ok(Resolved::Text),
            Some(tag) => scalar::tagged(tag, &text),
        };
        let value = match resolved {
            Ok(Resolved::Value(value)) if self.expects_key() => value,
            Ok(Resolved::Value(value)) => scalar::in_json(value),
            Ok(Resolved::Text) => Value::String(self.texts.share(&text)),
            Ok(Resolved::Decoded(decoded)) => Value::String(decoded.into()),
            Err(mismatch) => {
                self.mismatch(mismatch, &text, span);
                Value::String(self.texts.share(&text))
            }
        };
        let bytes = if let Value::String(text) = &value { text.len() } else { 0 };
        self.place(Sized { node: Node { value, span }, nodes: 1, bytes, height: 0 }, mark.anchor);
    }

    fn mismatch(&mut self, mismatch: Mismatch, text: &str, span: Span) {
        let (message, help, reason) = match mismatch {
            Mismatch::Kind { is, asked } => (
                format!("`{}` is {}, but its tag asks for {}", excerpt(text), kind(is), kind(asked)),
                format!("remove the tag `{asked}` or write a value of that kind"),
                format!("yaml: cannot decode {is} `{text}` as a {asked}"),
            ),
            Mismatch::Base64 => (
                "the text after `!!binary` is not base64".to_owned(),
                "remove the tag `!!binary` or encode the text as base64, with padding".to_owned(),
                "yaml: !!binary value contains invalid base64 data".to_owned(),
            ),
        };
        let diagnostic = Diagnostic::new(Code::InvalidYaml, message).help(help).at(self.source, span);
        self.refuse(Phase::Resolve, diagnostic, Some(reason));
    }

    fn alias(&mut self, name: &'a str, span: Span) {
        let Some(anchored) = self.anchors.get(name) else {
            let (phase, reason, diagnostic) = if self.frames.iter().any(|f| f.anchor == Some(name)) {
                (
                    Phase::Resolve,
                    format!("yaml: anchor '{name}' value contains itself"),
                    Diagnostic::new(
                        Code::InvalidYaml,
                        format!("alias `*{name}` stands inside the value that it names"),
                    )
                    .help("a value cannot contain itself; write the value out"),
                )
            } else {
                (
                    Phase::Parse,
                    format!("yaml: unknown anchor '{name}' referenced"),
                    Diagnostic::new(Code::InvalidYaml, format!("unknown alias `*{name}`"))
                        .help(format!("mark a value earlier in the same document with `&{name}`, or quote the text")),
                )
            };
            self.refuse(phase, diagnostic.at(self.source, span), Some(reason));
            self.place(Sized { node: Node { value: Value::Null, span }, nodes: 1, bytes: 0, height: 0 }, None);
            return;
        };
        if self.frames.len() + anchored.height > self.limits.depth {
            return self.too_deep(span);
        }
        if !self.budget.alias(anchored.nodes, anchored.bytes) {
            return self.expanded_too_far(span);
        }
        let copy = anchored.clone();
        if let (Some(merge), false) = (self.merge_key(), copy.node.as_map().is_some()) {
            // A list may be merged, but not through an alias.
            self.not_mergeable(merge);
            self.set_key(Key::Refused);
        }
        self.place(copy, None);
        if let Some(frame) = self.frames.last_mut() {
            frame.end = frame.end.max(span.end);
        }
    }

    fn expanded_too_far(&mut self, span: Span) {
        let nodes = self.limits.alias_nodes;
        self.refuse(
            Phase::Limit,
            Diagnostic::new(Code::AliasExpansion, format!("aliases stand for more than {nodes} values in all"))
                .help("write the values out, or read fewer documents at once")
                .at(self.source, span),
            None,
        );
    }

    /// True if the next value would be the key of a mapping.
    fn expects_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { kind: Kind::Map { key: Key::Expected, .. }, .. }))
    }

    /// The `<<` before the next value, if there is one.
    fn merge_key(&self) -> Option<Span> {
        match self.frames.last() {
            Some(Frame { kind: Kind::Map { key: Key::Merge(span), .. }, .. }) => Some(*span),
            _ => None,
        }
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame { kind: Kind::Map { key, .. }, .. }) = self.frames.last_mut() {
            *key = new;
        }
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, sized: Sized, anchor: Option<&'a str>) {
        if let Some(name) = anchor {
            // The copy that is kept for aliases counts, so that anchors within anchors cannot multiply memory.
            if self.budget.alias(sized.nodes, sized.bytes) {
                self.anchors.insert(name, sized.clone());
            } else {
                self.expanded_too_far(sized.node.span);
            }
        }
        if self.expects_key() {
            let key = self.key(sized.node);
            self.set_key(key);
            return;
        }
        let Sized { node, nodes, bytes, height } = sized;
        if !is_json(&node.value) {
            self.not_a_number(&node);
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.nodes += nodes;
        frame.bytes += bytes;
        frame.height = frame.height.max(height + 1);
        frame.end = frame.end.max(node.span.end);
        let (entries, key) = match &mut frame.kind {
            Kind::Seq(items) => {
                items.push(node);
                return;
            }
            Kind::Map { entries, key } => (entries, std::mem::replace(key, Key::Expected)),
        };
        match key {
            Key::Text(key, key_span) => {
                frame.bytes += key.len();
                entries.push(Draft { entry: Entry { key, key_span, value: node }, merged: false });
            }
            Key::Merge(span) => {
                if merge(entries, node).is_none() {
                    self.not_mergeable(span);
                }
            }
            Key::Unfit { what, go, span } => {
                let value = if node.is_null() { "<nil>".to_owned() } else { scalar::in_go(&node.value) };
                let reason = format!("unsupported map key of type: {go}, value: {value}");
                self.complex_key(what, Phase::Keys, reason, span);
            }
            Key::Refused | Key::Expected => {}
        }
    }

    fn not_mergeable(&mut self, span: Span) {
        self.refuse(
            Phase::Resolve,
            Diagnostic::new(Code::InvalidYaml, "`<<` takes a mapping or a list of mappings")
                .help("write `<<: *name` where `&name` marks a mapping, or quote the key")
                .at(self.source, span),
            Some("yaml: map merge requires map or sequence of maps as the value".to_owned()),
        );
    }

    fn not_a_number(&mut self, node: &Node) {
        let Value::Float(f) = node.value else { return };
        let name = if f.is_nan() {
            "NaN"
        } else if f > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        self.refuse(
            Phase::Json,
            Diagnostic::new(Code::NotANumber, format!("{name} is a number that JSON, and so Kuma, cannot have"))
                .help("quote it if it is meant as text, or write a finite number")
                .at(self.source, node.span),
            Some(format!("json: unsupported value: {name}")),
        );
    }

    fn key(&mut self, node: Node) -> Key {
        let span = node.span;
        let (what, reason) = match &node.value {
            Value::Seq(_) => ("a list", format!("yaml: invalid map key: {}", scalar::in_go(&node.value))),
            Value::Map(_) => ("a mapping", format!("yaml: invalid map key: {}", scalar::in_go(&node.value))),
            Value::Null => {
                return Key::Unfit { what: "null", go: "%!s(<nil>), key: <nil>".to_owned(), span };
            }
            Value::UInt(n) => {
                return Key::Unfit { what: "a number above 2^63", go: format!("uint64, key: {n:#x}"), span };
            }
            _ => return scalar::key(node.value).map_or(Key::Refused, |text| Key::Text(text, span)),
        };
        self.complex_key(what, Phase::Resolve, reason, span);
        Key::Refused
    }

    fn complex_key(&mut self, what: &str, phase: Phase, reason: String, span: Span) {
        let diagnostic = Diagnostic::new(Code::ComplexKey, format!("a key cannot be {what}"))
            .help("write plain text as the key, and quote text that starts with a bracket; render templates (`{{ … }}`) first")
            .at(self.source, span);
        self.refuse(phase, diagnostic, Some(reason));
    }

    /// Settles duplicates: the last entry of a key wins, wherever it came from.
    fn settle(&mut self, drafts: Vec<Draft>) -> Map {
        let winners = winners(&drafts);
        if winners.iter().enumerate().all(|(i, w)| i == *w) {
            let mut entries = Vec::with_capacity(drafts.len());
            entries.extend(drafts.into_iter().map(|d| d.entry));
            return Map { entries };
        }
        for (i, &winner) in winners.iter().enumerate() {
            let (Some(lost), Some(won)) = (drafts.get(i), drafts.get(winner)) else { continue };
            if i != winner && !lost.merged {
                self.duplicate(lost, won, drafts.get(i + 1));
            }
        }
        let kept = drafts.into_iter().zip(winners).enumerate().filter(|(i, (_, winner))| i == winner);
        Map { entries: kept.map(|(_, (draft, _))| draft.entry).gather() }
    }

    fn duplicate(&mut self, lost: &Draft, won: &Draft, next: Option<&Draft>) {
        if !self.budget.diagnostic() {
            return;
        }
        let key = excerpt(&lost.entry.key);
        let mut diagnostic = if won.merged {
            // go-yaml 2 merges where `<<` stands, so it overrides the keys above it, against the YAML specification.
            Diagnostic::new(Code::DuplicateKey, format!("`<<` replaces `{key}`, which stands above it"))
                .help("put `<<` first in the mapping, so that the keys after it win")
                .at(self.source, lost.entry.key_span)
                .related("this value is taken", self.source, won.entry.value.span)
        } else {
            Diagnostic::new(Code::DuplicateKey, format!("key `{key}` is written twice; Kuma takes the last one"))
                .help("remove one of the two")
                .at(self.source, lost.entry.key_span)
                .related("this one is taken", self.source, won.entry.key_span)
        };
        if let Some(span) = next.filter(|_| !won.merged).and_then(|next| self.removable(&lost.entry, &next.entry)) {
            diagnostic = diagnostic.fix(format!("Remove the first `{key}`"), self.source, span, "");
        }
        self.diagnostics.push(diagnostic);
    }

    /// The text of an entry up to the next one, if nothing else would go with it: no comment on a line of its own, which
    /// may be about the next entry, and no anchor, which later values may refer to.
    fn removable(&self, entry: &Entry, next: &Entry) -> Option<Span> {
        let part = |start: u32, end: u32| {
            let at = |offset: u32| usize::try_from(offset.checked_sub(self.base)?).ok();
            self.text.get(at(start)?..at(end)?)
        };
        let value = part(entry.key_span.start, entry.value.span.end)?;
        let gap = part(entry.value.span.end, next.key_span.start)?;
        let comments = gap.lines().skip(1).any(|line| line.trim_start().starts_with('#'));
        (!comments && !value.contains('&')).then(|| Span::new(entry.key_span.start, next.key_span.start))
    }
}

/// For each entry, the index of the last one with the same key.
fn winners(drafts: &[Draft]) -> Vec<usize> {
    const FEW: usize = 24;
    let key = |i: usize| drafts.get(i).map(|d| d.entry.key.as_str());
    if drafts.len() <= FEW {
        return (0..drafts.len()).map(|i| (i..drafts.len()).rev().find(|&j| key(j) == key(i)).unwrap_or(i)).gather();
    }
    let mut last = SortedMap::new();
    for (i, draft) in drafts.iter().enumerate() {
        last.insert(draft.entry.key.as_str(), i);
    }
    drafts.iter().enumerate().map(|(i, d)| last.get(d.entry.key.as_str()).copied().unwrap_or(i)).gather()
}

/// Adds the entries of a merged mapping, or of a list of them, of which the first has the last word.
fn merge(entries: &mut Vec<Draft>, node: Node) -> Option<()> {
    let mut add = |map: Map| entries.extend(map.entries.into_iter().map(|entry| Draft { entry, merged: true }));
    match node.value {
        Value::Map(map) => add(map),
        Value::Seq(items) => {
            for item in items.into_iter().rev() {
                let Value::Map(map) = item.value else { return None };
                add(map);
            }
        }
        _ => return None,
    }
    Some(())
}

fn is_json(value: &Value) -> bool {
    !matches!(value, Value::Float(f) if !f.is_finite())
}

fn kind(tag: &str) -> &'static str {
    match tag {
        "!!int" => "an integer",
        "!!float" => "a number",
        "!!bool" => "a boolean",
        "!!null" => "null",
        "!!timestamp" => "a time",
        _ => "text",
    }
}

/// The start of a text that a message quotes.
pub(super) fn excerpt(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
