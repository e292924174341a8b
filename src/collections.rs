//! Ordered maps, ordered sets and sorting that stay small as WebAssembly.
//!
//! The standard library writes its sorting and its B-trees out anew for every type, which made up a fifth of the engine.
//! Here there is one merge sort, which sees items by position only, and [`SortedMap`] and [`SortedSet`] are vectors in
//! the order of their keys. `clippy.toml` keeps the others out.
//!
//! What that costs: inserting in the middle moves what stands behind it. Collecting sorts once, and a key above all others
//! is appended, so build large maps from iterators or in ascending order.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// Sorts a list, keeping the order of equal items.
pub fn sort_by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let order = |list: &[T]| {
        order_of(list.len(), &|a, b| match (list.get(a as usize), list.get(b as usize)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        })
    };
    if let Some(order) = order(list) {
        permute(order, &mut |a, b| list.swap(a, b));
    }
}

/// Sorts a list by its items' own order, keeping the order of equal items.
pub fn sort<T: Ord>(list: &mut [T]) {
    sort_by(list, T::cmp);
}

/// Sorts a list by a key of each item, keeping the order of items with equal keys.
pub fn sort_by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(list, |a, b| key(a).cmp(&key(b)));
}

/// Sorts a list by a key that is worked out once for each item, keeping the order of items with equal keys.
pub fn sort_by_cached_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    let keys: Vec<K> = list.iter().map(key).gather();
    let compare = |a: u32, b: u32| keys.get(a as usize).cmp(&keys.get(b as usize));
    if let Some(order) = order_of(keys.len(), &compare) {
        permute(order, &mut |a, b| list.swap(a, b));
    }
}

/// Leaves one of equal items, in the place of the first: what `join` makes of the first and the last.
pub fn keep_latest<T>(list: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering, join: impl Fn(T, T) -> T) {
    let by_place = |a: u32, b: u32| match (list.get(a as usize), list.get(b as usize)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    };
    let order = order_of(list.len(), &by_place).unwrap_or_else(|| (0..).take(list.len()).gather());
    // for the first of equal items the last of them, for the others nothing
    let mut last: Vec<Option<u32>> = vec![None; list.len()];
    for equal in order.chunk_by(|a, b| by_place(*a, *b) == Ordering::Equal) {
        if let Some((first, end)) = equal.first().zip(equal.last()) {
            last.get_mut(*first as usize).into_iter().for_each(|place| *place = Some(*end));
        }
    }
    if last.iter().all(Option::is_some) {
        return;
    }
    let mut slots: Vec<Option<T>> = list.drain(..).map(Some).gather();
    let mut take = |at: u32| slots.get_mut(at as usize).and_then(Option::take);
    for (at, last) in (0..).zip(last) {
        let Some((first, end)) = take(at).zip(last) else { continue };
        list.push(match take(end) {
            Some(last) => join(first, last),
            None => first,
        });
    }
}

/// The positions 0 to `len` in the order of what stands there; nothing if they are in order already.
fn order_of(len: usize, compare: &dyn Fn(u32, u32) -> Ordering) -> Option<Vec<u32>> {
    let mut order: Vec<u32> = (0..).take(len).gather();
    let ascending = |pair: &[u32]| matches!(pair, [a, b] if compare(*a, *b) != Ordering::Greater);
    if order.windows(2).all(ascending) {
        return None;
    }
    // merge runs of doubling length; a run starts where the one before it ends, so equal items keep their order
    let mut merged = Vec::with_capacity(len);
    let mut width = 1;
    while width < len {
        merged.clear();
        for pair in order.chunks(width.saturating_mul(2)) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([a, rest_of_left @ ..], [b, rest_of_right @ ..]) = (left, right) {
                match compare(*a, *b) {
                    Ordering::Greater => (merged.push(*b), right = rest_of_right).1,
                    _ => (merged.push(*a), left = rest_of_left).1,
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        width = width.saturating_mul(2);
    }
    Some(order)
}

/// Moves items so that the one at position `order[i]` comes to stand at `i`, by swaps.
fn permute(order: Vec<u32>, swap: &mut dyn FnMut(usize, usize)) {
    let mut target = vec![0; order.len()];
    for (to, from) in (0u32..).zip(&order) {
        if let Some(place) = target.get_mut(*from as usize) {
            *place = to;
        }
    }
    for at in 0..target.len() {
        while let Some(to) = target.get(at).map(|t| *t as usize).filter(|to| *to != at) {
            swap(at, to);
            target.swap(at, to);
        }
    }
}

/// `collect` in little code.
///
/// The standard library writes several functions for every iterator that is collected into a vector; here it is one loop,
/// and what a list does with an item is written once for each type of items. `clippy.toml` keeps `collect` out.
pub trait Gather: Iterator + Sized {
    /// The same as `collect`.
    fn gather<C: Gathered<Self::Item>>(self) -> C {
        C::gathered(self)
    }
}

impl<I: Iterator> Gather for I {}

/// What [`Gather::gather`] makes.
pub trait Gathered<T>: Sized {
    /// Of all items, in their order.
    fn gathered<I: Iterator<Item = T>>(items: I) -> Self;
}

#[inline(never)]
fn with_room<T>(room: usize) -> Vec<T> {
    Vec::with_capacity(room)
}

#[inline(never)]
fn push<T>(list: &mut Vec<T>, item: T) {
    list.push(item);
}

impl<T> Gathered<T> for Vec<T> {
    fn gathered<I: Iterator<Item = T>>(items: I) -> Self {
        let mut list = with_room(items.size_hint().0);
        items.for_each(|item| push(&mut list, item));
        list
    }
}

/// Nothing if an item is nothing; no item after it is asked for.
impl<T, C: Gathered<T>> Gathered<Option<T>> for Option<C> {
    fn gathered<I: Iterator<Item = Option<T>>>(items: I) -> Self {
        let mut missing = false;
        let all = C::gathered(items.map_while(|item| {
            missing = item.is_none();
            item
        }));
        (!missing).then_some(all)
    }
}

/// The first error; no item after it is asked for.
impl<T, E, C: Gathered<T>> Gathered<Result<T, E>> for Result<C, E> {
    fn gathered<I: Iterator<Item = Result<T, E>>>(items: I) -> Self {
        let mut failed = None;
        let all = C::gathered(items.map_while(|item| item.map_err(|e| failed = Some(e)).ok()));
        failed.map_or(Ok(all), Err)
    }
}

/// Of equal keys the last one counts.
impl<K: Ord, V> Gathered<(K, V)> for SortedMap<K, V> {
    fn gathered<I: Iterator<Item = (K, V)>>(items: I) -> Self {
        SortedMap::of(Vec::gathered(items))
    }
}

impl<T: Ord> Gathered<T> for SortedSet<T> {
    fn gathered<I: Iterator<Item = T>>(items: I) -> Self {
        SortedSet::of(Vec::gathered(items))
    }
}

impl Gathered<char> for String {
    fn gathered<I: Iterator<Item = char>>(items: I) -> Self {
        let mut text = String::new();
        items.for_each(|c| text.push(c));
        text
    }
}

impl Gathered<String> for String {
    fn gathered<I: Iterator<Item = String>>(items: I) -> Self {
        let mut text = String::new();
        items.for_each(|part| text.push_str(&part));
        text
    }
}

impl<'a> Gathered<&'a str> for String {
    fn gathered<I: Iterator<Item = &'a str>>(items: I) -> Self {
        let mut text = String::new();
        items.for_each(|part| text.push_str(part));
        text
    }
}

impl Gathered<(String, serde_json::Value)> for serde_json::Map<String, serde_json::Value> {
    fn gathered<I: Iterator<Item = (String, serde_json::Value)>>(items: I) -> Self {
        let mut map = serde_json::Map::new();
        items.for_each(|(key, value)| drop(map.insert(key, value)));
        map
    }
}

/// A map in the order of its keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedMap<K, V> {
    /// Strictly ascending by key.
    entries: Vec<(K, V)>,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The entries of a map, in order.
pub type Iter<'a, K, V> = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

impl<K, V> SortedMap<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        SortedMap { entries: Vec::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.entries.iter().map(|(k, v)| (k, v))
    }

    /// The entries with values that can be changed, in order.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(k, v)| (&*k, v))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(k, _)| k)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, v)| v)
    }

    /// The values, to change them, in the order of their keys.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, v)| v)
    }

    /// The values alone, in the order of their keys.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.entries.into_iter().map(|(_, v)| v)
    }

    /// The keys alone, in order.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> {
        self.entries.into_iter().map(|(k, _)| k)
    }

    /// The entry with the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries.first().map(|(k, v)| (k, v))
    }

    /// The entry with the greatest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.entries.last().map(|(k, v)| (k, v))
    }

    /// Gives back memory that is kept for more entries.
    pub fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Drops entries that do not pass.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(k, v)| keep(k, v));
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        if self.entries.last().is_none_or(|(last, _)| last.borrow() < key) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by(|(k, _)| k.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|(_, v)| v)
    }

    /// The key as it is stored, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|(k, v)| (k, v))
    }

    /// The last entry whose key is not above this one.
    pub fn last_at_most(&self, key: &K) -> Option<(&K, &V)> {
        let after = self.entries.partition_point(|(k, _)| k <= key);
        self.entries.get(after.checked_sub(1)?).map(|(k, v)| (k, v))
    }

    /// The value of a key, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.entries.get_mut(at).map(|(_, v)| v)
    }

    /// True if there is an entry of this key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key and returns the one that it replaces.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => self.entries.get_mut(at).map(|(_, v)| std::mem::replace(v, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes an entry out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(self.entries.remove(at).1)
    }

    /// The place of a key, to look at it and fill it.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { at: self.find(&key), map: self, key }
    }
}

/// The place of a key in a map.
#[derive(Debug)]
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    key: K,
    at: Result<usize, usize>,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value; if there is none, this one is put there.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value; if there is none, the type's default is put there.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// The value; if there is none, what the function gives is put there.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        let entries = &mut self.map.entries;
        let at = match self.at {
            Ok(at) => at,
            Err(at) => {
                entries.insert(at, (self.key, value()));
                at
            }
        };
        // `at` is a place that was found or has just been filled
        #[allow(clippy::indexing_slicing, reason = "see above; the signature leaves no other way out")]
        &mut entries[at].1
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Of equal keys the last one counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Self {
        SortedMap::of(Vec::gathered(iter.into_iter()))
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    #[inline(never)]
    fn of(mut entries: Vec<(K, V)>) -> Self {
        sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        SortedMap { entries }
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        SortedMap::of(entries.into())
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, iter: I) {
        for (key, value) in iter {
            self.insert(key, value);
        }
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut SortedMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = std::iter::Map<std::slice::IterMut<'a, (K, V)>, fn(&'a mut (K, V)) -> (&'a K, &'a mut V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter_mut().map(|(k, v)| (k, v))
    }
}

impl<K: Serialize, V: Serialize> Serialize for SortedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A set in order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedSet<T> {
    /// Strictly ascending.
    items: Vec<T>,
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        SortedSet::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for SortedSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T> SortedSet<T> {
    /// An empty set.
    pub const fn new() -> Self {
        SortedSet { items: Vec::new() }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True without items.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// The least item.
    pub fn first(&self) -> Option<&T> {
        self.items.first()
    }

    /// The greatest item.
    pub fn last(&self) -> Option<&T> {
        self.items.last()
    }
}

impl<T: Ord> SortedSet<T> {
    /// True if the item is there.
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.items.binary_search_by(|i| i.borrow().cmp(item)).is_ok()
    }

    /// Adds an item; false if it was there already.
    pub fn insert(&mut self, item: T) -> bool {
        let at = match self.items.last().is_none_or(|last| *last < item) {
            true => Err(self.items.len()),
            false => self.items.binary_search(&item),
        };
        if let Err(at) = at {
            self.items.insert(at, item);
        }
        at.is_err()
    }

    /// Takes an item out; false if it was not there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        let at = self.items.binary_search_by(|i| i.borrow().cmp(item));
        at.map(|at| self.items.remove(at)).is_ok()
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        SortedSet::of(Vec::gathered(iter.into_iter()))
    }
}

impl<T: Ord> SortedSet<T> {
    #[inline(never)]
    fn of(mut items: Vec<T>) -> Self {
        sort(&mut items);
        items.dedup();
        SortedSet { items }
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(items: [T; N]) -> Self {
        SortedSet::of(items.into())
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        for item in iter {
            self.insert(item);
        }
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Serialize> Serialize for SortedSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for item in self {
            list.serialize_element(item)?;
        }
        list.end()
    }
}
