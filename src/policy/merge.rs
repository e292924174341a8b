//! How confs merge, and where each field of the result comes from (rules 5.6 and 6.2).
//!
//! Confs are JSON as Kuma prints it, weakest first. Objects merge key by key, lists and scalars are replaced, `null`
//! removes (RFC 7396); lists in fields named `append…` are joined instead. Routes merge rule by rule.

use crate::collections::{sort_by, Gather};
use serde_json::{Map, Value};

/// Fields whose lists are joined in merge order.
fn joins(key: &str) -> bool {
    key.starts_with("append")
}

/// Merges confs, weakest first.
pub fn merge<'a>(confs: impl IntoIterator<Item = &'a Value>) -> Value {
    let mut merged = Value::Null;
    for conf in confs {
        patch(&mut merged, conf);
    }
    merged
}

/// Applies one conf over what is there.
fn patch(target: &mut Value, conf: &Value) {
    let Value::Object(fields) = conf else {
        *target = conf.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(out) = target else { return };
    for (key, value) in fields {
        match value {
            Value::Null => {
                out.remove(key);
            }
            Value::Object(_) => patch(out.entry(key.as_str()).or_insert(Value::Null), value),
            Value::Array(items) if joins(key) => match out.get_mut(key) {
                Some(Value::Array(before)) => before.extend(items.iter().cloned()),
                _ => {
                    out.insert(key.clone(), value.clone());
                }
            },
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
}

/// A step of a path into a conf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of an object.
    Key(String),
    /// A position in a list.
    Index(u32),
}

/// A value in one of the confs.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Which conf, counted from 0, weakest first.
    pub conf: usize,
    /// Where it is in that conf; in joined lists and in routes not where it is in the merged one.
    pub path: Vec<Step>,
    /// The value.
    pub value: Value,
}

/// One field of a merged conf: a scalar, a whole list, an empty object, or one entry of a joined list.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Where it is in the merged conf.
    pub path: Vec<Step>,
    /// Where its value comes from.
    pub source: Source,
    /// The values of weaker confs that it overrode, strongest first.
    pub overrode: Vec<Source>,
}

/// Where each field of the merged conf comes from, in the order of the paths.
pub fn fields(confs: &[&Value]) -> Vec<Field> {
    let mut out: Vec<Field> = Vec::new();
    for (from, conf) in confs.iter().enumerate() {
        trace(&mut out, &mut Vec::new(), conf, from);
    }
    sort_by(&mut out, |a, b| a.path.cmp(&b.path));
    out
}

fn trace(out: &mut Vec<Field>, path: &mut Vec<Step>, conf: &Value, from: usize) {
    match conf {
        Value::Object(fields) if !fields.is_empty() => {
            // an object replaces a scalar or list that stood in its place, and an empty object
            take(out, |p| p == path.as_slice());
            for (key, value) in fields {
                path.push(Step::Key(key.clone()));
                match value {
                    Value::Null => {
                        let gone = path.clone();
                        take(out, |p| p.starts_with(&gone));
                    }
                    Value::Array(items) if joins(key) => {
                        // anything but items gives way, an empty list included
                        let item = |p: &[Step]| matches!(p.get(path.len()), Some(Step::Index(_)));
                        take(out, |p| p.starts_with(path) && !item(p));
                        let before = out.iter().filter(|f| f.path.starts_with(path)).count();
                        if before == 0 && items.is_empty() {
                            let source = Source { conf: from, path: path.clone(), value: value.clone() };
                            out.push(Field { path: path.clone(), source, overrode: Vec::new() });
                        }
                        for (i, item) in (0u32..).zip(items) {
                            let at = |n: u32| path.iter().cloned().chain([Step::Index(n)]).gather::<Vec<_>>();
                            let base = u32::try_from(before).unwrap_or(u32::MAX);
                            out.push(Field {
                                path: at(base.saturating_add(i)),
                                source: Source { conf: from, path: at(i), value: item.clone() },
                                overrode: Vec::new(),
                            });
                        }
                    }
                    _ => trace(out, path, value, from),
                }
                path.pop();
            }
        }
        Value::Object(_) => {
            // an empty object changes nothing where an object is, and replaces anything else
            let inside = path.clone();
            take(out, |p| p == inside);
            if !out.iter().any(|f| f.path.starts_with(&inside)) {
                out.push(Field {
                    path: path.clone(),
                    source: Source { conf: from, path: path.clone(), value: conf.clone() },
                    overrode: Vec::new(),
                });
            }
        }
        _ => {
            let here = path.clone();
            let old = take(out, |p| p.starts_with(&here));
            let overrode = old.into_iter().flat_map(|f| std::iter::once(f.source).chain(f.overrode)).gather();
            let source = Source { conf: from, path: here.clone(), value: conf.clone() };
            out.push(Field { path: here, source, overrode });
        }
    }
}

fn take(out: &mut Vec<Field>, which: impl Fn(&[Step]) -> bool) -> Vec<Field> {
    let (taken, kept) = std::mem::take(out).into_iter().partition(|f| which(&f.path));
    *out = kept;
    taken
}

/// A rule of a route conf: which conf, counted from 0, weakest first, and which rule in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleAt {
    /// The conf.
    pub conf: usize,
    /// The rule's position in it.
    pub rule: usize,
}

/// A merged rule of MeshHTTPRoutes: rules of equal `matches`, strongest first. The first gives the rule its place
/// and its name; each field of `default` comes from the first that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedRule {
    /// The rules. INVARIANT: never empty.
    pub sources: Vec<RuleAt>,
}

impl MergedRule {
    /// The strongest of the rules.
    pub fn strongest(&self) -> RuleAt {
        self.sources.first().copied().unwrap_or(RuleAt { conf: 0, rule: 0 })
    }
}

fn rules_of(conf: &Value) -> &[Value] {
    conf.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Merges the rules of MeshHTTPRoute confs, weakest conf first. The strongest conf's rules come first, each conf's in
/// their written order; a rule whose `matches` are equal to an earlier one's joins it.
pub fn merge_routes(confs: &[&Value]) -> Vec<MergedRule> {
    let mut merged: Vec<(&Value, MergedRule)> = Vec::new();
    for (conf, value) in confs.iter().enumerate().rev() {
        for (rule, written) in rules_of(value).iter().enumerate() {
            let matches = written.get("matches").unwrap_or(&Value::Null);
            let at = RuleAt { conf, rule };
            match merged.iter_mut().find(|(m, _)| *m == matches) {
                Some((_, same)) => same.sources.push(at),
                None => merged.push((matches, MergedRule { sources: vec![at] })),
            }
        }
    }
    merged.into_iter().map(|(_, rule)| rule).gather()
}

/// The merged conf of MeshHTTPRoutes.
pub fn merged_routes(confs: &[&Value], rules: &[MergedRule]) -> Value {
    let written = |at: &RuleAt| confs.get(at.conf).and_then(|c| rules_of(c).get(at.rule));
    let list = rules.iter().filter_map(|rule| {
        let mut out = written(&rule.strongest())?.as_object()?.clone();
        let defaults: Vec<&Value> =
            rule.sources.iter().rev().filter_map(written).filter_map(|r| r.get("default")).gather();
        if !defaults.is_empty() {
            out.insert("default".into(), merge(defaults));
        }
        Some(Value::Object(out))
    });
    let mut out = Map::new();
    for (key, value) in confs.iter().filter_map(|c| c.as_object()).flatten().filter(|(key, _)| *key != "rules") {
        out.insert(key.clone(), value.clone());
    }
    out.insert("rules".into(), Value::Array(list.gather()));
    Value::Object(out)
}

/// Where each field of merged MeshHTTPRoute rules comes from: one field for each `matches`, and for each field of
/// `default`.
pub fn route_fields(confs: &[&Value], rules: &[MergedRule]) -> Vec<Field> {
    let path = |rule: u32, keys: &[&str]| -> Vec<Step> {
        let mut path = vec![Step::Key("rules".into()), Step::Index(rule)];
        path.extend(keys.iter().map(|k| Step::Key((*k).to_owned())));
        path
    };
    let index = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut out = Vec::new();
    for (position, merged) in (0u32..).zip(rules) {
        let strongest = merged.strongest();
        let written = |at: &RuleAt| confs.get(at.conf).and_then(|c| rules_of(c).get(at.rule));
        if let Some(matches) = written(&strongest).and_then(|r| r.get("matches")) {
            out.push(Field {
                path: path(position, &["matches"]),
                source: Source {
                    conf: strongest.conf,
                    path: path(index(strongest.rule), &["matches"]),
                    value: matches.clone(),
                },
                overrode: Vec::new(),
            });
        }
        for key in ["filters", "backendRefs"] {
            let mut having = merged.sources.iter().filter_map(|at| {
                let value = written(at)?.get("default")?.get(key).filter(|v| !v.is_null())?.clone();
                Some(Source { conf: at.conf, path: path(index(at.rule), &["default", key]), value })
            });
            let Some(source) = having.next() else { continue };
            out.push(Field { path: path(position, &["default", key]), source, overrode: having.gather() });
        }
    }
    out
}
