//! The flows of a verification: pairs of instances, by the million, and flows that only checks need.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::counters::{self, Counts};
use super::ends::who;
use super::outcome::{AnsweredBy, Observed};
use super::pairs::{self, Answered, Pair, Pairs};
use super::prober::Prober;
use super::selection::Selected;
use crate::cloud::InstanceName;
use crate::error::Errors;
use crate::flow::{Disposition, Endpoint, Protocol, Reason, Traffic};
use crate::network::compile;
use crate::probe::{Batch, Probe};
use crate::progress::{Progress, Work};
use crate::target::{self, Sent};
use crate::trace::Matrix;

/// A flow with its result.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) from: Endpoint,
    pub(super) to: Endpoint,
    pub(super) traffic: Traffic,
    pub(super) predicted: Disposition,
    /// Whether it is a pair of instances that is sent, not only a check's flow.
    pub(super) pair: bool,
    /// `None`: there is no sender, or it is gone, or no address to send to. For a pair, the probe is created when it is
    /// sent.
    pub(super) probe: Option<Probe>,
    pub(super) observed: Observed,
    pub(super) answered_by: AnsweredBy,
    /// Whether the sender's kernel did not send it, because it is too big for the sender's own link.
    pub(super) unsent: bool,
}

impl Flow {
    pub(super) fn agrees(&self) -> bool {
        self.observed.agrees(self.predicted, &self.answered_by)
    }

    /// Whether a router counts it: the sender's own link is too small for it otherwise, as the sender's kernel says.
    pub(super) fn is_counted(&self) -> bool {
        !(self.unsent && self.predicted == Disposition::drop(Reason::TooBig))
    }

    /// Whether a packet is sent.
    pub(super) fn is_sent(&self) -> bool {
        self.pair || self.probe.is_some()
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
    /// The instances whose namespaces are gone, by index: they send nothing.
    gone: Arc<BTreeSet<u32>>,
}

impl<'a> Flows<'a> {
    /// A ping for every pair of instances, or for the selected ones that represent all pairs.
    pub(super) fn of(lab: &str, prober: &'a Prober<'a>, matrix: &Matrix, selected: Vec<Selected>) -> Self {
        let pair = |it: Selected| Pair {
            from: it.from as u32,
            to: it.to as u32,
            stands_for: it.stands_for as u32,
            rtt: None,
            predicted: matrix.at(it.from, it.to),
        };
        let mut pairs: Vec<_> = selected.into_iter().map(pair).collect();
        // Instances are in the order of their names, and so are the pairs.
        pairs.sort_unstable_by_key(|pair| (pair.from, pair.to));
        let instances: Arc<[InstanceName]> = matrix.instances().into();
        let places = pairs.iter().map(|pair| (pair.from as usize, pair.to as usize));
        let answerers = matrix.answerers(prober.cloud, Protocol::Icmp, places).into_iter();
        let answered = Answered::predicted(answerers);
        let target = target::of(lab);
        let is_gone = |name: &InstanceName| !target.is_there(lab, &compile::of_instance(prober.cloud, name));
        let gone = instances.iter().zip(0..).filter(|(name, _)| is_gone(name)).map(|(_, at)| at);
        let gone = Arc::new(gone.collect());
        Flows { prober, instances, pairs, answered, others: Vec::new(), gone }
    }

    /// The index of a pair, if it is one of those that are pinged.
    pub(super) fn pair(&self, from: &Endpoint, to: &Endpoint) -> Option<usize> {
        pairs::find(&self.instances, &self.pairs, from, to)
    }

    /// Each flow, the pairs first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Flow> {
        (0..self.pairs.len() + self.others.len()).map(|at| self.at(at))
    }

    /// A flow, by its index.
    pub(super) fn at(&self, at: usize) -> Flow {
        let Some(pair) = self.pairs.get(at) else { return self.others[at - self.pairs.len()].clone() };
        let endpoint = |at: u32| Endpoint::Instance(self.instances[at as usize].clone());
        Flow {
            from: endpoint(pair.from),
            to: endpoint(pair.to),
            traffic: Protocol::Icmp.into(),
            predicted: pair.predicted,
            pair: !self.gone.contains(&pair.from),
            probe: None,
            observed: self.answered.observed(pair),
            answered_by: self.answered.by(pair),
            unsent: false,
        }
    }

    /// The flows that `keep` selects.
    pub(super) fn only(&self, keep: impl Fn(&Flow) -> bool) -> Flows<'a> {
        let pairs = self.pairs.iter().enumerate().filter(|(at, _)| keep(&self.at(*at)));
        Flows {
            prober: self.prober,
            instances: self.instances.clone(),
            pairs: pairs.map(|(_, pair)| *pair).collect(),
            answered: self.answered.clone(),
            others: self.others.iter().filter(|flow| keep(flow)).cloned().collect(),
            gone: self.gone.clone(),
        }
    }

    /// The pairs, for a report.
    pub(super) fn pairs(&self) -> Pairs {
        Pairs::new(self.instances.clone(), self.pairs.clone(), self.answered.clone())
    }

    /// The number of flows or pairs.
    pub(super) fn len(&self) -> usize {
        self.pairs.len() + self.others.len()
    }

    /// Splits off the second half.
    pub(super) fn split_half(&mut self) -> Flows<'a> {
        let kept = self.len() / 2;
        let pairs = self.pairs.split_off(kept.min(self.pairs.len()));
        let others = self.others.split_off(kept.saturating_sub(self.pairs.len()).min(self.others.len()));
        let (instances, answered, gone) = (self.instances.clone(), self.answered.clone(), self.gone.clone());
        Flows { prober: self.prober, instances, pairs, answered, others, gone }
    }

    /// Sends everything at once. `before` is the kernel's count before that, if it counts.
    pub(super) fn observe(
        &mut self,
        lab: &str,
        before: Option<&Counts>,
        progress: &dyn Progress,
    ) -> Result<(), Errors> {
        let probes: Vec<_> = self.others.iter().filter_map(|flow| flow.probe.clone()).collect();
        let sweep = self.prober.sweep(&self.instances, &self.pairs, &self.answered);
        progress.begin(Work::Pinging, self.pairs.len());
        let cloud = self.prober.cloud;
        let dropped = || Some(counters::rise(before?, &counters::read(lab, cloud).ok()??));
        let batch = Batch { sweep, probes: probes.clone() };
        let Sent { swept, seen, lost } = target::of(lab).send(lab, batch, &dropped, progress)?;
        let is_lost = |name: &InstanceName| lost.contains(&compile::of_instance(cloud, name));
        if !lost.is_empty() {
            let places = self.instances.iter().zip(0..).filter(|(name, _)| is_lost(name));
            self.answered.lose(places.map(|(_, place)| place).collect());
        }
        for (place, (pair, ping)) in self.pairs.iter_mut().zip(&swept.pings).enumerate() {
            pair.rtt = ping.rtt();
            // The sweep's senders are the instances.
            let is_another = swept.got_by.number(place) != Some(pair.to as usize);
            match is_another && pair.rtt.is_some() {
                true => self.answered.see(pair, swept.got_by.get(place).and_then(|it| who(cloud, it))),
                false => self.answered.see_none(pair),
            }
        }
        for (flow, (probe, seen)) in
            self.others.iter_mut().filter(|flow| flow.probe.is_some()).zip(probes.iter().zip(seen))
        {
            flow.unsent = seen.unsent;
            (flow.observed, flow.answered_by.seen) = Observed::of(cloud, &flow.to, probe, &seen);
            let is_lost = lost.contains(&probe.from) || probe.claimants.iter().any(|name| lost.contains(name));
            if is_lost && !seen.reached {
                flow.observed = Observed::Unknown;
            }
        }
        Ok(())
    }
}
