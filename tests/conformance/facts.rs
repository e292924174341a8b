//! A fact, and the ways in which it is compared.

use std::collections::BTreeSet;

use serde_json::Value;

/// One fact of a recorded world.
#[derive(Debug)]
pub struct Fact {
    /// The group, as FORMAT.md names it.
    pub group: &'static str,
    /// Which fact: zone, mesh, name.
    pub path: String,
    /// Whether we agree.
    pub outcome: Outcome,
}

/// Whether we agree with Kuma.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// We do.
    Agrees,
    /// We say something else.
    Differs { kuma: Value, ours: Value },
    /// We have no answer to it yet.
    #[allow(dead_code, reason = "used while a group is being built")]
    Missing,
}

impl Outcome {
    /// In a few words.
    pub fn short(&self, whole: bool) -> String {
        let cut = |v: &Value| {
            let text = v.to_string();
            match whole || text.chars().count() <= 160 {
                true => text,
                false => text.chars().take(160).chain("…".chars()).collect(),
            }
        };
        match self {
            Outcome::Agrees => "agrees".into(),
            Outcome::Differs { kuma, ours } => format!("Kuma {}\n         ours {}", cut(kuma), cut(ours)),
            Outcome::Missing => "not built yet".into(),
        }
    }
}

/// A fact whose two sides must be equal as JSON.
pub fn equal(group: &'static str, path: impl Into<String>, kuma: &Value, ours: Value) -> Fact {
    let outcome = match *kuma == ours {
        true => Outcome::Agrees,
        false => Outcome::Differs { kuma: kuma.clone(), ours },
    };
    Fact { group, path: path.into(), outcome }
}

/// The keys of either side, for named things that compare as sets.
pub fn names<'a>(kuma: impl Iterator<Item = &'a str>, ours: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    kuma.chain(ours).map(str::to_owned).collect()
}

/// A list as a sorted list, for lists whose order means nothing.
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items = items.clone();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    }
}
