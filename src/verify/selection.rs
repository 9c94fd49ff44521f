//! Which pairs are pinged: all of them, or in a large lab enough to stand for all.

use std::collections::BTreeMap;

use crate::trace::{Class, Matrix};

/// Above this many pairs, not every one of them is pinged unless it is asked for.
const MANY: usize = 100_000;

/// A pair that is pinged, by the instances' indices in the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How many pairs of its class it stands for, itself among them. All together stand for every pair.
    pub(super) stands_for: usize,
}

/// All pairs; or, above [`MANY`], every instance once as sender and once as receiver, and a pair of every class of
/// pairs that the Cloud does not tell apart.
pub(super) fn select(matrix: &Matrix, full: bool) -> Vec<Selected> {
    let all = matrix.instances().len();
    if full || all * all.saturating_sub(1) <= MANY {
        return matrix.pairs().map(|(from, to)| Selected { from, to, stands_for: 1 }).collect();
    }
    let mut chosen: Vec<Selected> = Vec::new();
    let mut by_class: BTreeMap<Class, Vec<usize>> = BTreeMap::new();
    let mut pairs_of: BTreeMap<Class, usize> = BTreeMap::new();
    // By distance, so that the pairs of the first have every instance at both ends, and classes are stood for by pairs
    // of different instances.
    for distance in 1..all {
        for from in 0..all {
            let to = (from + distance) % all;
            let class = matrix.class_of(from, to);
            *pairs_of.entry(class).or_default() += 1;
            let of_class = by_class.entry(class).or_default();
            if distance == 1 || of_class.is_empty() {
                of_class.push(chosen.len());
                chosen.push(Selected { from, to, stands_for: 0 });
            }
        }
    }
    for (class, of_class) in by_class {
        let (share, rest) = (pairs_of[&class] / of_class.len(), pairs_of[&class] % of_class.len());
        for (place, index) in of_class.into_iter().enumerate() {
            chosen[index].stands_for = share + usize::from(place < rest);
        }
    }
    chosen
}
