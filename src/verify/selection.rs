//! Selects the pairs to ping: all of them, or in a large lab enough to represent all.

use std::collections::BTreeMap;

use crate::trace::{Class, Matrix};

/// Above this many pairs, `verify` pings all of them only with `--full`.
const MANY: usize = 100_000;

/// A selected pair, by the instances' indices in the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The number of pairs of its class that it represents, including itself. Together the selected pairs represent
    /// all.
    pub(super) stands_for: usize,
}

/// All pairs; or, above [`MANY`], every instance once as sender and once as receiver, and a pair of every class of
/// equivalent pairs.
pub(super) fn select(matrix: &Matrix, full: bool) -> Vec<Selected> {
    let all = matrix.instances().len();
    if full || all * all.saturating_sub(1) <= MANY {
        return matrix.pairs().map(|(from, to)| Selected { from, to, stands_for: 1 }).collect();
    }
    let mut chosen: Vec<Selected> = Vec::new();
    let mut by_class: BTreeMap<Class, Vec<usize>> = BTreeMap::new();
    let mut pairs_of: BTreeMap<Class, usize> = BTreeMap::new();
    // By distance, so that the pairs of the first distance have every instance at both ends, and different instances
    // represent the classes.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cloud::Cloud;
    use crate::error::Source;
    use crate::flow::Protocol;
    use crate::trace;

    /// Two unconnected VPCs, one with `many` instances and one with two.
    fn cloud(many: usize) -> Cloud {
        let mut text = String::from("[lab]\nprovider = \"alibaba\"\n[account.A]\n");
        for (v, instances) in [(0, many), (1, 2)] {
            text += &format!("[vpc.V{v}]\naccount = \"A\"\nregion = \"r\"\ncidr = \"10.{v}.0.0/16\"\n");
            text += &format!("[vpc.V{v}.subnet.s]\ncidr = \"10.{v}.0.0/20\"\n");
            text.extend((0..instances).map(|i| format!("[instance.v{v}-{i}]\nsubnet = \"V{v}/s\"\n")));
        }
        let lab = crate::lab::read(Source::new("lab.toml", text)).unwrap();
        lab.build().unwrap().0
    }

    fn covers(selected: &[Selected], instances: usize) {
        let senders: BTreeSet<_> = selected.iter().map(|it| it.from).collect();
        let receivers: BTreeSet<_> = selected.iter().map(|it| it.to).collect();
        assert_eq!((senders.len(), receivers.len()), (instances, instances));
        assert!(selected.iter().all(|it| it.from != it.to && it.stands_for > 0));
        assert_eq!(selected.iter().map(|it| it.stands_for).sum::<usize>(), instances * (instances - 1));
    }

    #[test]
    fn a_small_lab_is_pinged_whole() {
        let matrix = trace::matrix(&cloud(8), Protocol::Icmp);
        let selected = select(&matrix, false);
        assert_eq!(selected.len(), 90);
        covers(&selected, 10);
    }

    #[test]
    fn a_large_lab_is_pinged_by_classes_and_every_instance_both_ways() {
        let matrix = trace::matrix(&cloud(338), Protocol::Icmp);
        let selected = select(&matrix, false);
        assert!((340..400).contains(&selected.len()), "{}", selected.len());
        covers(&selected, 340);
        let classes = |pairs: BTreeSet<_>| pairs.len();
        let all = classes(matrix.pairs().map(|(from, to)| matrix.class_of(from, to)).collect());
        assert_eq!(classes(selected.iter().map(|it| matrix.class_of(it.from, it.to)).collect()), all);
        assert_eq!(all, 4);
    }

    #[test]
    fn a_large_lab_is_pinged_whole_when_that_is_asked_for() {
        let matrix = trace::matrix(&cloud(338), Protocol::Icmp);
        let selected = select(&matrix, true);
        assert_eq!(selected.len(), 340 * 339);
        covers(&selected, 340);
    }
}
