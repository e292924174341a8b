//! Groups of clients or `kuma.io/service` destinations by tags, for what came before real resources: `from` items and
//! the rules of `kuma.io/service` outbounds (rule 5.8).

use crate::collections::{sort, sort_by_key, Gather};

use crate::resource::{label, Labels, TargetKind, TargetRef};
use crate::text::Text;

/// A tag that members of a group have, or (negated) have not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// The key.
    pub key: Text,
    /// The value.
    pub value: Text,
    /// True if members must not have it.
    pub not: bool,
}

/// A group: all its tags hold. Without tags it is everybody.
pub type Subset = Vec<Tag>;

/// Combinations of more tags than this are not computed: their number doubles with each.
const MOST_TAGS: usize = 12;

/// The group that a targetRef stands for; nothing for kinds that are real resources only.
pub fn of(target: &TargetRef) -> Option<Subset> {
    let tag = |(key, value): (&Text, &Text)| Tag { key: key.clone(), value: value.clone(), not: false };
    let name = || target.name.as_deref().unwrap_or_default();
    let service = || Tag { key: label::SERVICE_TAG.into(), value: name().into(), not: false };
    match target.kind {
        TargetKind::Mesh => Some(Vec::new()),
        TargetKind::MeshSubset => Some(target.tags.iter().map(tag).gather()),
        TargetKind::MeshService => Some(vec![service()]),
        TargetKind::MeshServiceSubset => Some(std::iter::once(service()).chain(target.tags.iter().map(tag)).gather()),
        _ => None,
    }
}

/// True if every member of `inner` is one of `outer`.
pub fn contains(outer: &[Tag], inner: &[Tag]) -> bool {
    outer.iter().all(|wanted| {
        let mut same_key = inner.iter().filter(|t| t.key == wanted.key).peekable();
        same_key.peek().is_some()
            && same_key.all(|has| match (wanted.not, has.not) {
                (true, false) => wanted.value != has.value,
                (false, true) => false,
                _ => wanted.value == has.value,
            })
    })
}

/// True if something with these tags is a member.
pub fn has_member(group: &[Tag], tags: &Labels) -> bool {
    group.iter().all(|t| (tags.get(&*t.key) == Some(&t.value)) != t.not)
}

/// True if two groups can have a common member.
fn intersect(a: &[Tag], b: &[Tag]) -> bool {
    let positive = |s: &'_ [Tag]| s.iter().filter(|t| !t.not).cloned().gather::<Vec<_>>();
    let (a, b) = (positive(a), positive(b));
    a.iter().all(|x| b.iter().all(|y| x.key != y.key || x.value == y.value))
}

/// The groups for which confs can differ. Without negations: the groups as written, each once, those with more tags
/// first. With them: every combination of tags of items that can meet, in Kuma's order.
pub fn partition(items: &[Subset], with_negations: bool) -> Vec<Subset> {
    let mut keys: Vec<&str> = items.iter().flatten().map(|t| t.key.as_str()).gather();
    sort(&mut keys);
    keys.dedup();
    let mut out: Vec<Subset> = Vec::new();
    if !with_negations && keys.len() <= 1 {
        for item in items {
            if !out.contains(item) {
                out.push(item.clone());
            }
        }
        sort_by_key(&mut out, |s| std::cmp::Reverse(s.len()));
        return out;
    }
    let mut groups = cliques(items);
    sort_by_key(&mut groups, |ids| {
        let joined = ids.iter().map(usize::to_string).gather::<Vec<_>>().join(":");
        std::cmp::Reverse(joined)
    });
    for group in groups {
        let mut tags: Vec<Tag> = group.iter().filter_map(|i| items.get(*i)).flatten().cloned().gather();
        sort(&mut tags);
        tags.dedup();
        tags.truncate(MOST_TAGS);
        combinations(&tags, &mut out);
    }
    sort_by_key(&mut out, |s| std::cmp::Reverse(s.iter().filter(|t| !t.not).count()));
    out
}

/// All combinations of tags and their negations, the first tag changing fastest, all positive last.
fn combinations(tags: &[Tag], out: &mut Vec<Subset>) {
    let all = 1usize << tags.len();
    for negated in (1..all).chain([0]) {
        let current =
            tags.iter().enumerate().map(|(bit, tag)| Tag { not: negated >> bit & 1 == 1, ..tag.clone() }).gather();
        if let Some(simple) = simplify(current) {
            out.push(simple);
        }
    }
}

/// Drops negations that a positive tag of the same key makes redundant; nothing if two positive ones contradict.
fn simplify(tags: Vec<Tag>) -> Option<Subset> {
    let mut by_key: Vec<(Text, Vec<Tag>)> = Vec::new();
    for tag in tags {
        match by_key.iter_mut().find(|(key, _)| *key == tag.key) {
            Some((_, same)) => same.push(tag),
            None => by_key.push((tag.key.clone(), vec![tag])),
        }
    }
    let mut out = Vec::new();
    for (_, same) in by_key {
        let mut positive = same.iter().filter(|t| !t.not);
        match (positive.next(), positive.next()) {
            (Some(_), Some(_)) => return None,
            (Some(only), None) => out.push(only.clone()),
            (None, _) => out.extend(same),
        }
    }
    Some(out)
}

/// The largest sets of items in which every two can have a common member; positions ascending.
fn cliques(items: &[Subset]) -> Vec<Vec<usize>> {
    let neighbours: Vec<Vec<usize>> = items
        .iter()
        .enumerate()
        .map(|(i, a)| items.iter().enumerate().filter(|(j, b)| i != *j && intersect(a, b)).map(|(j, _)| j).gather())
        .gather();
    let mut out = Vec::new();
    grow(&neighbours, Vec::new(), (0..items.len()).gather(), Vec::new(), &mut out);
    out
}

/// Bron and Kerbosch's enumeration with a pivot: every clique is found once.
fn grow(
    neighbours: &[Vec<usize>],
    chosen: Vec<usize>,
    mut open: Vec<usize>,
    mut done: Vec<usize>,
    out: &mut Vec<Vec<usize>>,
) {
    if open.is_empty() && done.is_empty() {
        if !chosen.is_empty() {
            let mut clique = chosen;
            sort(&mut clique);
            out.push(clique);
        }
        return;
    }
    let of = |v: usize| neighbours.get(v).map(Vec::as_slice).unwrap_or_default();
    let pivot = open
        .iter()
        .chain(&done)
        .copied()
        .max_by_key(|v| open.iter().filter(|u| of(*v).contains(u)).count())
        .unwrap_or_default();
    let branch: Vec<usize> = open.iter().copied().filter(|v| !of(pivot).contains(v)).gather();
    for v in branch {
        let near = |list: &[usize]| list.iter().copied().filter(|u| of(v).contains(u)).gather();
        let next = chosen.iter().copied().chain([v]).gather();
        grow(neighbours, next, near(&open), near(&done), out);
        open.retain(|u| *u != v);
        done.push(v);
    }
}
