//! The maps of a Cloud. A kept map is not read as a whole: an entry is decoded on demand, so an operation decodes only
//! the entries that it touches.
//!
//! The kept form of a map, with all numbers in 32 bits, little-endian:
//!
//! ```text
//! count │ count + 1 places: where each entry begins, and where the last one ends │ entries: key, value (postcard)
//! ```
//!
//! The entries are in the order of their keys; places count from the first byte of the whole.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::collections::btree_map::{self, BTreeMap};
use std::fmt;
use std::iter::Peekable;
use std::ops::{Bound, Index, Range, RangeBounds};
use std::sync::Arc;

use elsa::sync::FrozenBTreeMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes of a whole kept Cloud.
pub(super) type Bytes = Arc<Vec<u8>>;

/// Types that can be kept.
pub(super) trait Keep: Clone + Serialize + DeserializeOwned {}

impl<T: Clone + Serialize + DeserializeOwned> Keep for T {}

/// A map sorted by key: entries in memory, and behind them the kept ones. A copy shares the values until they change.
#[derive(Clone)]
pub(super) struct Map<K, V> {
    own: BTreeMap<K, Arc<V>>,
    /// The kept map, shared by all maps derived from it.
    kept: Option<Arc<Kept<K, V>>>,
    /// The kept keys that are no longer valid: removed ones, and those in `own`.
    hidden: BTreeSet<K>,
}

impl<K: Ord + Keep, V: Keep> Map<K, V> {
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.own.get(key).map(|value| &**value).or_else(|| self.kept(key).map(|(_, value)| value))
    }

    pub(super) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if let Some((key, value)) = self.kept(key).cloned() {
            self.insert(key, value);
        }
        self.own.get_mut(key).map(Arc::make_mut)
    }

    /// The value of a key; inserts the default if there is none.
    pub(super) fn get_or_default(&mut self, key: &K) -> &mut V
    where
        V: Default,
    {
        // This moves a kept entry to `own`.
        self.get_mut(key);
        Arc::make_mut(self.own.entry(key.clone()).or_default())
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.kept(&key).is_some() {
            self.hidden.insert(key.clone());
        }
        self.own.insert(key, value.into());
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        match self.kept(key).cloned() {
            Some((key, value)) => {
                self.hidden.insert(key);
                Some(value)
            }
            None => self.own.remove(key).map(Arc::unwrap_or_clone),
        }
    }

    /// A kept entry, if it is still valid.
    fn kept<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        let kept = self.kept.as_ref().filter(|_| !self.hidden.contains(key))?;
        kept.find(key)
    }

    /// The entries whose keys are in a range.
    pub(super) fn range(&self, range: impl RangeBounds<K>) -> Iter<'_, K, V> {
        let kept = self.kept.as_ref().map(|kept| {
            let kept = KeptIter { kept, left: kept.positions(&range), hidden: &self.hidden };
            kept.peekable()
        });
        let bounds = (range.start_bound(), range.end_bound());
        Iter { own: self.own.range::<K, _>(bounds).peekable(), kept }
    }

    pub(super) fn iter(&self) -> Iter<'_, K, V> {
        self.range(..)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Whether both are derived from the same kept map.
    pub(super) fn is_kin(&self, other: &Self) -> bool {
        matches!((&self.kept, &other.kept), (Some(one), Some(other)) if Arc::ptr_eq(one, other))
    }

    /// The keys at which this map may differ from the kept one.
    pub(super) fn changed(&self) -> impl Iterator<Item = &K> {
        self.own.keys().chain(&self.hidden)
    }

    /// Decodes every kept entry.
    pub(super) fn become_whole(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        let entries = (0..kept.count).map(|at| whole(postcard::from_bytes::<(K, V)>(kept.encoded(at)).ok()));
        let entries = entries.filter(|(key, _)| !self.hidden.contains(key));
        let mut entries: BTreeMap<_, _> = entries.map(|(key, value)| (key, Arc::new(value))).collect();
        entries.append(&mut self.own);
        (self.own, self.hidden) = (entries, BTreeSet::new());
    }

    /// The number of kept entries that were decoded so far.
    pub(super) fn decoded(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.decoded.len())
    }

    /// The number of entries that are not as they were kept.
    pub(super) fn renewed(&self) -> usize {
        self.own.len()
    }

    /// Appends its kept form to `out`. Copies unchanged kept entries without decoding them.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let kept = self.kept.as_deref();
        let position = |key: &K| kept.map_or(0, |kept| kept.position(key).unwrap_or_else(|next| next));
        let hidden: BTreeSet<_> = self.hidden.iter().map(position).collect();
        let mut own = self.own.iter().map(|(key, value)| (position(key), (key, &**value))).peekable();
        let kept_count = kept.map_or(0, |kept| kept.count);

        let count = kept_count - hidden.len() + self.own.len();
        out.extend(number(count));
        let mut place = out.len();
        out.resize(place + (count + 1) * SIZE, 0);
        let mut begin = |out: &mut Vec<u8>| {
            let begin = number(out.len());
            out[place..][..SIZE].copy_from_slice(&begin);
            place += SIZE;
        };
        for position in 0..=kept_count {
            while let Some((_, entry)) = own.next_if(|(before, _)| *before == position) {
                begin(out);
                let written = postcard::to_io(&entry, &mut *out);
                written.expect("a vector takes whatever is written, and every value of a Cloud has a form");
            }
            if let Some(kept) = kept.filter(|_| position < kept_count && !hidden.contains(&position)) {
                begin(out);
                out.extend_from_slice(kept.encoded(position));
            }
        }
        begin(out);
    }

    /// The map at a place, and the place after it. `None` if there is none.
    pub(super) fn read(bytes: &Bytes, at: usize) -> Option<(Self, usize)> {
        let count = number_at(bytes, at)?;
        let (decoded, found) = (FrozenBTreeMap::default(), FrozenBTreeMap::default());
        let kept = Kept { bytes: bytes.clone(), places: at + SIZE, count, decoded, found };
        let end = number_at(bytes, kept.places.checked_add(count.checked_mul(SIZE)?)?)?;
        let map = Map { own: BTreeMap::new(), kept: Some(Arc::new(kept)), hidden: BTreeSet::new() };
        (end <= bytes.len()).then_some((map, end))
    }
}

/// A kept map.
struct Kept<K, V> {
    bytes: Bytes,
    /// The beginning of its table of places.
    places: usize,
    count: usize,
    /// The decoded entries, by position.
    decoded: FrozenBTreeMap<usize, Box<(K, V)>>,
    /// The positions of the keys that were found.
    found: FrozenBTreeMap<K, Box<usize>>,
}

impl<K: Ord + Keep, V: Keep> Kept<K, V> {
    /// The bytes of an entry.
    fn encoded(&self, position: usize) -> &[u8] {
        let place = |position| number_at(&self.bytes, self.places + position * SIZE);
        let bytes = || self.bytes.get(place(position)?..place(position + 1)?);
        whole(bytes())
    }

    fn key(&self, position: usize) -> K {
        whole(postcard::take_from_bytes(self.encoded(position)).ok()).0
    }

    fn entry(&self, position: usize) -> &(K, V) {
        self.decoded.get(&position).unwrap_or_else(|| {
            let entry = whole(postcard::from_bytes(self.encoded(position)).ok());
            self.decoded.insert(position, Box::new(entry))
        })
    }

    /// The entry of a key.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        if let Some(at) = self.found.get(key) {
            return Some(self.entry(*at));
        }
        let at = self.position(key).ok()?;
        let entry = self.entry(at);
        self.found.insert(entry.0.clone(), Box::new(at));
        Some(entry)
    }

    /// The position of a key, or where it would be inserted.
    fn position<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        let mut left = 0..self.count;
        while !left.is_empty() {
            let middle = left.start + left.len() / 2;
            match self.key(middle).borrow().cmp(key) {
                std::cmp::Ordering::Less => left.start = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => left.end = middle,
            }
        }
        Err(left.start)
    }

    /// The positions of a range's keys.
    fn positions(&self, range: &impl RangeBounds<K>) -> Range<usize> {
        let from = |key| self.position(key).unwrap_or_else(|next| next);
        let behind = |key| self.position(key).map_or_else(|next| next, |at| at + 1);
        let start = match range.start_bound() {
            Bound::Included(key) => from(key),
            Bound::Excluded(key) => behind(key),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(key) => behind(key),
            Bound::Excluded(key) => from(key),
            Bound::Unbounded => self.count,
        };
        start..end
    }
}

/// The storage guarantees that a kept Cloud is intact or absent.
fn whole<T>(read: Option<T>) -> T {
    read.expect("what was kept is whole")
}

/// The size of a number.
const SIZE: usize = size_of::<u32>();

fn number(number: usize) -> [u8; SIZE] {
    u32::try_from(number).expect("no lab has 4 GiB").to_le_bytes()
}

fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

/// Entries in the order of their keys.
pub(super) struct Iter<'a, K: Ord + Keep, V: Keep> {
    own: Peekable<btree_map::Range<'a, K, Arc<V>>>,
    kept: Option<Peekable<KeptIter<'a, K, V>>>,
}

impl<'a, K: Ord + Keep, V: Keep> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(kept) = &mut self.kept
            && let Some((other, _)) = kept.peek()
            && self.own.peek().is_none_or(|(own, _)| own >= other)
        {
            return kept.next();
        }
        self.own.next().map(|(key, value)| (key, &**value))
    }
}

struct KeptIter<'a, K, V> {
    kept: &'a Kept<K, V>,
    left: Range<usize>,
    hidden: &'a BTreeSet<K>,
}

impl<'a, K: Ord + Keep, V: Keep> Iterator for KeptIter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let mut entries = self.left.by_ref().map(|position| self.kept.entry(position));
        let entry = entries.find(|(key, _)| !self.hidden.contains(key));
        entry.map(|(key, value)| (key, value))
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map { own: BTreeMap::new(), kept: None, hidden: BTreeSet::new() }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        Map { own: entries.into_iter().map(|(key, value)| (key, value.into())).collect(), ..Map::default() }
    }
}

impl<K: Ord + Keep + Borrow<Q>, V: Keep, Q: Ord + ?Sized> Index<&Q> for Map<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

impl<K: Ord + Keep, V: Keep + PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Ord + Keep, V: Keep + Eq> Eq for Map<K, V> {}

impl<K: Ord + Keep + fmt::Debug, V: Keep + fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
