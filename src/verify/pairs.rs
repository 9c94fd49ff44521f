//! Pairs of instances by the million, in few bytes each, and how they came out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ends::Answerer;
use super::outcome::{AnsweredBy, Observed};
use super::results::PairResult;
use crate::cloud::InstanceName;
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::probe::Rtt;

/// A pair of instances to ping, in 20 bytes, because a thousand instances have a million pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    /// The indices of the instances.
    pub(super) from: u32,
    pub(super) to: u32,
    /// The number of pairs that it represents, including itself.
    pub(super) stands_for: u32,
    /// `None`: no answer came.
    pub(super) rtt: Option<Rtt>,
    pub(super) predicted: Disposition,
}

/// The pairs that another instance answers, or is predicted to answer, by the indices of their instances: few or none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answered {
    by: BTreeMap<(u32, u32), ByAnother>,
    /// The instances of which nothing is known, because their host did not answer.
    lost: BTreeSet<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct ByAnother {
    /// Whether another instance received the packet.
    seen: bool,
    who: AnsweredBy,
}

impl Answered {
    /// The predicted answerer, by the places of the pair's instances.
    pub(super) fn predicted(answerers: impl Iterator<Item = ((usize, usize), Endpoint)>) -> Self {
        let another = answerers.map(|((from, to), who)| {
            let who = AnsweredBy::predicted(Some(who));
            ((from as u32, to as u32), ByAnother { seen: false, who })
        });
        Answered { by: another.collect(), lost: BTreeSet::new() }
    }

    /// Records the instances of which nothing is known.
    pub(super) fn lose(&mut self, lost: BTreeSet<u32>) {
        self.lost = lost;
    }

    fn of(&self, pair: &Pair) -> Option<&ByAnother> {
        self.by.get(&(pair.from, pair.to))
    }

    pub(super) fn by(&self, pair: &Pair) -> AnsweredBy {
        self.of(pair).map(|it| it.who.clone()).unwrap_or_default()
    }

    pub(super) fn observed(&self, pair: &Pair) -> Observed {
        match pair.rtt {
            None if self.lost.contains(&pair.from) || self.lost.contains(&pair.to) => Observed::Unknown,
            None => Observed::Drop,
            Some(_) if self.of(pair).is_some_and(|it| it.seen) => Observed::AnsweredByAnother,
            Some(_) => Observed::Reach,
        }
    }

    pub(super) fn agrees(&self, pair: &Pair) -> bool {
        match self.of(pair) {
            None => self.observed(pair) != Observed::Unknown && pair.predicted.reaches() == pair.rtt.is_some(),
            Some(another) => self.observed(pair).agrees(pair.predicted, &another.who),
        }
    }

    /// Records that another instance received the packet, and which one, if known.
    pub(super) fn see(&mut self, pair: &Pair, by: Option<Answerer>) {
        let another = self.by.entry((pair.from, pair.to)).or_default();
        another.seen = true;
        another.who.seen = by;
    }

    /// Records that no other instance received the packet.
    pub(super) fn see_none(&mut self, pair: &Pair) {
        if let Some(another) = self.by.get_mut(&(pair.from, pair.to)) {
            another.seen = false;
            another.who.seen = None;
        }
    }
}

/// The pairs of a report, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    instances: Arc<[InstanceName]>,
    pairs: Vec<Pair>,
    answered: Answered,
}

impl Pairs {
    /// These pairs, in the order of the places of their instances.
    pub(super) fn new(instances: Arc<[InstanceName]>, pairs: Vec<Pair>, answered: Answered) -> Self {
        Pairs { instances, pairs, answered }
    }

    /// The number of flows or pairs.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The instances of the pairs, by name.
    pub fn instances(&self) -> &[InstanceName] {
        &self.instances
    }

    /// Each pair, with the indices of its two instances.
    pub fn placed(&self) -> impl Iterator<Item = ((usize, usize), PairResult)> {
        self.pairs.iter().map(|pair| (pair.from as usize, pair.to as usize)).zip(self.iter())
    }

    /// Each pair.
    pub fn iter(&self) -> impl Iterator<Item = PairResult> {
        let endpoint = |at: u32| Endpoint::Instance(self.instances[at as usize].clone());
        self.pairs.iter().map(move |pair| PairResult {
            from: endpoint(pair.from),
            to: endpoint(pair.to),
            protocol: Protocol::Icmp,
            predicted: pair.predicted,
            observed: self.answered.observed(pair),
            answered_by: self.answered.by(pair),
            rtt: pair.rtt.map(Into::into),
            stands_for: pair.stands_for as usize,
        })
    }

    /// Whether a flow is one of the pairs.
    pub fn contains(&self, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> bool {
        protocol == Protocol::Icmp && find(&self.instances, &self.pairs, from, to).is_some()
    }
}

impl serde::Serialize for Pairs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The index of a pair.
pub(super) fn find(instances: &[InstanceName], pairs: &[Pair], from: &Endpoint, to: &Endpoint) -> Option<usize> {
    let place = |endpoint: &Endpoint| match endpoint {
        Endpoint::Instance(name) => instances.binary_search(name).ok().map(|at| at as u32),
        Endpoint::Internet | Endpoint::Address(_) => None,
    };
    let wanted = (place(from)?, place(to)?);
    pairs.binary_search_by_key(&wanted, |pair| (pair.from, pair.to)).ok()
}

#[cfg(test)]
impl FromIterator<PairResult> for Pairs {
    fn from_iter<I: IntoIterator<Item = PairResult>>(results: I) -> Self {
        let results: Vec<_> = results.into_iter().collect();
        let name = |endpoint: &Endpoint| match endpoint {
            Endpoint::Instance(name) => name.clone(),
            other => panic!("{other} is no instance"),
        };
        let instances: std::collections::BTreeSet<_> =
            results.iter().flat_map(|it| [name(&it.from), name(&it.to)]).collect();
        let instances: Arc<[_]> = instances.into_iter().collect();
        let place = |endpoint: &Endpoint| instances.binary_search(&name(endpoint)).unwrap() as u32;
        let mut pairs: Vec<_> = results
            .iter()
            .map(|it| Pair {
                from: place(&it.from),
                to: place(&it.to),
                stands_for: it.stands_for as u32,
                rtt: (it.observed != Observed::Drop).then(|| it.rtt.unwrap_or_default().into()),
                predicted: it.predicted,
            })
            .collect();
        let another = |it: &PairResult| {
            let seen = it.observed == Observed::AnsweredByAnother;
            let who = it.answered_by.clone();
            (seen || who.predicted.is_some()).then(|| ((place(&it.from), place(&it.to)), ByAnother { seen, who }))
        };
        let answered = Answered { by: results.iter().filter_map(another).collect(), lost: BTreeSet::new() };
        pairs.sort_unstable_by_key(|pair| (pair.from, pair.to));
        Pairs { instances, pairs, answered }
    }
}
