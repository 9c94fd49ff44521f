//! What is asked of the kernel: pairs of instances by the million, and the flows that only checks ask about.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::counters::{self, Counts};
use super::prober::{Prober, endpoint};
use super::{AnsweredBy, Observed, PairResult};
use crate::cloud::InstanceName;
use crate::error::Errors;
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::probe::{self, Probe, Rtt};
use crate::progress::Progress;
use crate::trace::Matrix;

/// A flow that is asked about, with what came of it.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) from: Endpoint,
    pub(super) to: Endpoint,
    pub(super) protocol: Protocol,
    pub(super) predicted: Disposition,
    /// Whether it is a pair of instances, and not only a check's.
    pub(super) pair: bool,
    /// `None`: there is nobody to send it, or no address to send it to. Of a pair it is made when it is sent.
    pub(super) probe: Option<Probe>,
    pub(super) observed: Observed,
    pub(super) answered_by: AnsweredBy,
}

impl Flow {
    pub(super) fn agrees(&self) -> bool {
        self.observed.agrees(self.predicted, &self.answered_by)
    }

    /// Whether a packet of it is sent.
    pub(super) fn is_sent(&self) -> bool {
        self.pair || self.probe.is_some()
    }
}

/// A pair of instances that is pinged: 20 bytes, as a thousand instances have a million of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    /// Places among the instances.
    pub(super) from: u32,
    pub(super) to: u32,
    /// How many pairs, this one included, it speaks for.
    pub(super) stands_for: u32,
    /// `None`: no answer came.
    pub(super) rtt: Option<Rtt>,
    pub(super) predicted: Disposition,
}

/// Of the pairs that are answered by another, or are predicted to be, by the places of their instances: few or none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answered(BTreeMap<(u32, u32), ByAnother>);

#[derive(Clone, Debug, Default, PartialEq)]
struct ByAnother {
    /// Another got the packet.
    seen: bool,
    who: AnsweredBy,
}

impl Answered {
    fn of(&self, pair: &Pair) -> Option<&ByAnother> {
        self.0.get(&(pair.from, pair.to))
    }

    pub(super) fn by(&self, pair: &Pair) -> AnsweredBy {
        self.of(pair).map(|it| it.who.clone()).unwrap_or_default()
    }

    pub(super) fn observed(&self, pair: &Pair) -> Observed {
        match pair.rtt {
            None => Observed::Drop,
            Some(_) if self.of(pair).is_some_and(|it| it.seen) => Observed::AnsweredByAnother,
            Some(_) => Observed::Reach,
        }
    }

    pub(super) fn agrees(&self, pair: &Pair) -> bool {
        match self.of(pair) {
            None => pair.predicted.reaches() == pair.rtt.is_some(),
            Some(another) => self.observed(pair).agrees(pair.predicted, &another.who),
        }
    }

    /// Another got the packet: this one, where it is known.
    fn see(&mut self, pair: &Pair, by: Option<Endpoint>) {
        let another = self.0.entry((pair.from, pair.to)).or_default();
        another.seen = true;
        another.who.seen = by;
    }
}

/// All flows of a verification, or some of them.
pub(super) struct Flows<'a> {
    prober: &'a Prober<'a>,
    /// The instances, by name.
    pub(super) instances: Arc<[InstanceName]>,
    pub(super) pairs: Vec<Pair>,
    pub(super) answered: Answered,
    pub(super) others: Vec<Flow>,
}

impl<'a> Flows<'a> {
    /// A ping for every pair of instances, or for those that stand for all of them.
    pub(super) fn of(prober: &'a Prober<'a>, matrix: &Matrix, selected: Vec<super::selection::Selected>) -> Self {
        let pair = |it: super::selection::Selected| Pair {
            from: it.from as u32,
            to: it.to as u32,
            stands_for: it.stands_for as u32,
            rtt: None,
            predicted: matrix.at(it.from, it.to),
        };
        let mut pairs: Vec<_> = selected.into_iter().map(pair).collect();
        // Instances are in the order of their names: so are the pairs.
        pairs.sort_unstable_by_key(|pair| (pair.from, pair.to));
        let instances: Arc<[InstanceName]> = matrix.instances().into();
        let places = pairs.iter().map(|pair| (pair.from as usize, pair.to as usize));
        let answerers = matrix.answerers(prober.cloud, Protocol::Icmp, places).into_iter();
        let another = answerers.map(|((from, to), who)| {
            let who = AnsweredBy { predicted: Some(who), seen: None };
            ((from as u32, to as u32), ByAnother { seen: false, who })
        });
        let answered = Answered(another.collect());
        Flows { prober, instances, pairs, answered, others: Vec::new() }
    }

    /// The pair, where it is one of those that are pinged.
    pub(super) fn pair(&self, from: &Endpoint, to: &Endpoint) -> Option<usize> {
        find(&self.instances, &self.pairs, from, to)
    }

    /// Each flow, the pairs first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Flow> {
        (0..self.pairs.len() + self.others.len()).map(|at| self.at(at))
    }

    /// A flow, by its place.
    pub(super) fn at(&self, at: usize) -> Flow {
        let Some(pair) = self.pairs.get(at) else { return self.others[at - self.pairs.len()].clone() };
        let endpoint = |at: u32| Endpoint::Instance(self.instances[at as usize].clone());
        Flow {
            from: endpoint(pair.from),
            to: endpoint(pair.to),
            protocol: Protocol::Icmp,
            predicted: pair.predicted,
            pair: true,
            probe: None,
            observed: self.answered.observed(pair),
            answered_by: self.answered.by(pair),
        }
    }

    /// Those that `keep`.
    pub(super) fn only(&self, keep: impl Fn(&Flow) -> bool) -> Flows<'a> {
        let pairs = self.pairs.iter().enumerate().filter(|(at, _)| keep(&self.at(*at)));
        Flows {
            prober: self.prober,
            instances: self.instances.clone(),
            pairs: pairs.map(|(_, pair)| *pair).collect(),
            answered: self.answered.clone(),
            others: self.others.iter().filter(|flow| keep(flow)).cloned().collect(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.pairs.len() + self.others.len()
    }

    /// Takes the second half of them away.
    pub(super) fn split_half(&mut self) -> Flows<'a> {
        let kept = self.len() / 2;
        let pairs = self.pairs.split_off(kept.min(self.pairs.len()));
        let others = self.others.split_off(kept.saturating_sub(self.pairs.len()).min(self.others.len()));
        let answered = self.answered.clone();
        Flows { prober: self.prober, instances: self.instances.clone(), pairs, answered, others }
    }

    /// Sends everything at once. `before` is what the kernel counted until then.
    pub(super) fn observe(&mut self, lab: &str, before: &Counts, progress: &dyn Progress) -> Result<(), Errors> {
        let probes: Vec<_> = self.others.iter().filter_map(|flow| flow.probe.clone()).collect();
        let sweep = self.prober.sweep(&self.instances, &self.pairs, &self.answered);
        progress.begin("pinging", self.pairs.len());
        let cloud = self.prober.cloud;
        let dropped = || counters::read(lab, cloud).ok().map(|now| counters::rise(before, &now));
        let (swept, seen) = probe::run_beside(lab, sweep, &probes, probe::TIMEOUT, &dropped, progress)?;
        for (place, (pair, ping)) in self.pairs.iter_mut().zip(&swept.pings).enumerate() {
            pair.rtt = ping.rtt();
            let to = &self.instances[pair.to as usize];
            if pair.rtt.is_some() && self.prober.is_claimed(to) {
                let got_by = swept.got_by.get(&place).and_then(|namespace| endpoint(cloud, namespace));
                if got_by.as_ref() != Some(&Endpoint::Instance(to.clone())) {
                    self.answered.see(pair, got_by);
                }
            }
        }
        for (flow, (probe, seen)) in
            self.others.iter_mut().filter(|flow| flow.probe.is_some()).zip(probes.iter().zip(seen))
        {
            (flow.observed, flow.answered_by.seen) = Observed::of(cloud, &flow.to, probe, &seen);
        }
        Ok(())
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
    pub(super) fn of(flows: &Flows<'_>) -> Self {
        Pairs { instances: flows.instances.clone(), pairs: flows.pairs.clone(), answered: flows.answered.clone() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The instances that they are pairs of, by name.
    pub fn instances(&self) -> &[InstanceName] {
        &self.instances
    }

    /// Each of them, with the places of its two instances.
    pub fn placed(&self) -> impl Iterator<Item = ((usize, usize), PairResult)> {
        self.pairs.iter().map(|pair| (pair.from as usize, pair.to as usize)).zip(self.iter())
    }

    /// Each of them.
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

    /// Whether a flow is one of them.
    pub fn contains(&self, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> bool {
        protocol == Protocol::Icmp && find(&self.instances, &self.pairs, from, to).is_some()
    }
}

impl serde::Serialize for Pairs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The place of a pair.
fn find(instances: &[InstanceName], pairs: &[Pair], from: &Endpoint, to: &Endpoint) -> Option<usize> {
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
        let answered = Answered(results.iter().filter_map(another).collect());
        pairs.sort_unstable_by_key(|pair| (pair.from, pair.to));
        Pairs { instances, pairs, answered }
    }
}
