//! Look-ups by what resources have, so that a thousand services don't each read every Dataplane.

use crate::resource::{Dataplane, Labels, Selector};
use crate::text::hash;

use super::Stored;

/// A number made of some texts. Equal texts give equal numbers; the reverse mostly holds, and whoever looks something up
/// compares what he finds.
#[derive(Clone, Copy)]
pub(super) struct Hash(u32);

impl Hash {
    /// Of nothing yet; what is looked up in different ways starts from different numbers.
    pub(super) const fn of(start: u32) -> Hash {
        Hash(start)
    }

    /// With one more text.
    pub(super) fn and(self, text: &str) -> Hash {
        Hash(hash(self.0, text))
    }
}

/// Positions in a list by hash, each once and ascending. Those of a few other hashes are among them: whoever looks
/// something up compares what it finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Postings {
    /// Where each bucket ends in `entries`; one starts where the one before it ends. Their number is a power of two.
    ends: Vec<u32>,
    entries: Vec<u32>,
}

impl Postings {
    /// Of hashes with positions, ascending by position.
    pub(super) fn of(found: &[(Hash, u32)]) -> Postings {
        let size = found.len().next_power_of_two();
        let bucket = |hash: &Hash| hash.0 as usize & (size - 1);
        let mut ends = vec![0u32; size];
        for (hash, _) in found {
            ends.get_mut(bucket(hash)).into_iter().for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for end in &mut ends {
            // the start of the bucket; it moves to its end as the bucket is filled
            (sum, *end) = (sum + *end, sum);
        }
        let mut entries = vec![0; found.len()];
        for (hash, position) in found {
            let Some(next) = ends.get_mut(bucket(hash)) else { continue };
            if let Some(entry) = entries.get_mut(*next as usize) {
                *entry = *position;
            }
            *next += 1;
        }
        Postings { ends, entries }
    }

    /// The positions of a hash, and perhaps others.
    pub(super) fn get(&self, hash: Hash) -> impl Iterator<Item = u32> + Clone + '_ {
        let bucket = hash.0 as usize & self.ends.len().wrapping_sub(1);
        let start = bucket.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(bucket).copied().unwrap_or(0);
        let entries = self.entries.get(start as usize..end as usize).unwrap_or_default();
        // a position that is there for several hashes of a bucket stands side by side
        let first = |at: &usize| at.checked_sub(1).and_then(|before| entries.get(before)) != entries.get(*at);
        (0..entries.len()).filter(move |at| first(at)).filter_map(|at| entries.get(at).copied())
    }
}

/// The Dataplanes of a list by mesh, and name, tag or label. It holds their positions in the list, ascending.
#[derive(Clone, Debug, Default)]
pub struct DataplaneIndex {
    postings: Postings,
}

/// What is looked up.
const ALL: Hash = Hash::of(1);
const NAME: Hash = Hash::of(2);
const TAG: Hash = Hash::of(3);
const LABEL: Hash = Hash::of(4);

impl DataplaneIndex {
    /// Reads a list; what is no Dataplane keeps its position and is left out.
    pub fn of<'a>(list: impl IntoIterator<Item = &'a Stored>) -> DataplaneIndex {
        let mut found: Vec<(Hash, u32)> = Vec::new();
        for (stored, position) in list.into_iter().zip(0u32..) {
            let Some(dataplane) = stored.as_dataplane() else { continue };
            let mesh = stored.mesh();
            found.push((ALL.and(mesh), position));
            found.push((NAME.and(mesh).and(&stored.name), position));
            found.extend(stored.labels.iter().map(|(k, v)| (LABEL.and(mesh).and(k).and(v), position)));
            let tags = found.len();
            for (key, value) in dataplane.inbounds.iter().flat_map(|i| &i.tags) {
                let hash = TAG.and(mesh).and(key).and(value);
                if !found.iter().skip(tags).any(|(known, _)| known.0 == hash.0) {
                    found.push((hash, position));
                }
            }
        }
        DataplaneIndex { postings: Postings::of(&found) }
    }

    /// The positions of the Dataplanes of a mesh that a selector may select, and perhaps others: all that it selects are
    /// among them.
    pub fn candidates(&self, mesh: &str, selector: &Selector) -> impl Iterator<Item = u32> + '_ {
        let rarest = |start: Hash, pairs: &Labels| {
            let hashes = pairs.iter().map(|(k, v)| start.and(mesh).and(k).and(v));
            hashes.min_by_key(|hash| self.postings.get(*hash).count())
        };
        let hash = match selector {
            Selector::None => None,
            Selector::DataplaneRef(name) => Some(NAME.and(mesh).and(name)),
            Selector::DataplaneTags(tags) => rarest(TAG, tags),
            Selector::DataplaneLabels(labels) => Some(rarest(LABEL, labels).unwrap_or(ALL.and(mesh))),
        };
        hash.into_iter().flat_map(|hash| self.postings.get(hash))
    }

    /// The positions of the Dataplanes of a mesh that may have a tag on some inbound: all that do are among them.
    pub fn with_tag(&self, mesh: &str, key: &str, value: &str) -> impl Iterator<Item = u32> + '_ {
        self.postings.get(TAG.and(mesh).and(key).and(value))
    }
}

/// True if some inbound has the tag.
pub(super) fn has_tag(dataplane: &Dataplane, key: &str, value: &str) -> bool {
    dataplane.inbounds.iter().any(|i| i.tags.get(key).is_some_and(|v| v == value))
}
