//! Sends one packet alone and reads the counters that it changed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use super::account::strays;
use super::counters::{awaited, reason};
use super::ends::router;
use super::outcome::{AnsweredBy, Observed};
use super::prober;
use super::results::{milliseconds, text};
use crate::cloud::{Cloud, Instance};
use crate::error::Errors;
use crate::flow::{Disposition, Endpoint, Reason, Traffic};
use crate::kernel::{self, Counters};
use crate::network::compile;
use crate::network::model::NamespaceName;
use crate::probe::Batch;
use crate::progress::Unwatched;
use crate::{target, trace};

/// The result of a real packet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sighting {
    /// The observed result.
    #[serde(serialize_with = "text")]
    pub observed: Observed,
    /// The one that answered instead of the named receiver, observed and predicted.
    #[serde(skip)]
    pub answered_by: AnsweredBy,
    /// The round trip, in milliseconds.
    #[serde(rename = "rtt_ms", serialize_with = "milliseconds")]
    pub rtt: Option<Duration>,
    /// Whether the sender's kernel did not send it, because it is too big for the sender's own link.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsent: bool,
    /// Whether drops were counted.
    #[serde(skip)]
    pub counted: bool,
    /// The kernel's counters that changed meanwhile.
    pub counters: Vec<Moved>,
}

/// A counter of drops that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Its router: a VPC, or `internet`.
    pub vpc: String,
    /// Its reason.
    pub reason: String,
    /// The number of packets.
    pub packets: u64,
    /// The rule of a group, or the entry of a network ACL, that dropped them, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

impl Sighting {
    /// Whether it ended as predicted and, if dropped, was counted under the predicted reason.
    pub fn agrees(&self, predicted: Disposition) -> bool {
        let is_counted = |reason: Reason| self.counters.iter().any(|counter| counter.reason == reason.as_str());
        self.observed.agrees(predicted, &self.answered_by)
            && (!self.counted
                || reason(predicted).is_none_or(is_counted)
                || self.unsent && predicted == Disposition::drop(Reason::TooBig))
    }
}

/// Sends the packet, and finds the counters that changed. Sends nothing if an instance that it names does not exist.
pub fn sight(
    lab: &str,
    cloud: &Cloud,
    from: &Endpoint,
    to: &Endpoint,
    traffic: impl Into<Traffic>,
) -> Result<Sighting, Errors> {
    let traffic = traffic.into();
    let mut answered_by = AnsweredBy::predicted(trace::answerer(cloud, from, to, traffic));
    let Some(probe) = prober::probe(cloud, from, to, traffic) else {
        let (observed, counters) = (Observed::Drop, Vec::new());
        return Ok(Sighting { observed, answered_by, rtt: None, unsent: false, counted: true, counters });
    };
    let vpcs = cloud.vpcs().map(|vpc| compile::of_vpc(&vpc.name));
    let stopped = cloud.instances().filter(|it| !it.runs()).map(|it| compile::of_instance(cloud, &it.name));
    let names: Vec<_> = vpcs.chain(stopped).chain([NamespaceName::from("internet")]).collect();
    let groups = routers_of(cloud, [from, to]);
    let target = target::of(lab);
    let count = || {
        if !target.is_spread() {
            return Ok(Some((kernel::counters(lab, &names)?, kernel::rule_counters(lab, &groups)?)));
        }
        let mut counters = Counters::<String>::new();
        let Some(drops) = target.drops(lab, cloud)? else { return Ok(None) };
        for ((name, reason), packets) in drops {
            counters.entry(name).or_default().insert(reason.as_str().to_owned(), packets);
        }
        Ok::<_, Errors>(Some((counters, Counters::new())))
    };
    let before = count()?;
    let dropped = || {
        let (before, now) = (before.as_ref()?, kernel::counters(lab, &names).ok()?);
        Some(risen(&before.0, &now).iter().map(|it| it.2).sum())
    };
    let batch = Batch { probes: vec![probe.clone()], ..Batch::default() };
    let mut sent = target.send(lab, batch, &dropped, &Unwatched)?;
    let seen = sent.seen.pop().unwrap_or_default();
    let mut observed;
    (observed, answered_by.seen) = Observed::of(cloud, to, &probe, &seen);
    if !seen.reached && !sent.lost.is_empty() {
        observed = Observed::Unknown;
    }
    let predicted = trace::predict(cloud, from, to, traffic);
    let strays = target.is_spread() && strays(predicted, traffic.protocol, true);
    // What was not sent is counted by nobody.
    let awaits = reason(predicted).filter(|_| !strays && !seen.unsent && observed == Observed::Drop);
    let is_counted = |after: &(Counters<String>, _)| {
        let rose = |(before, reason): (&(Counters<String>, _), Reason)| {
            risen(&before.0, &after.0).iter().any(|it| it.1 == reason.as_str())
        };
        before.as_ref().zip(awaits).is_none_or(rose)
    };
    let after = awaited(target.is_spread(), count, is_counted)?;
    let counted = before.is_some() && after.is_some() && !strays;
    let (before, after) = before.zip(after).unwrap_or_default();
    let rules = risen(&before.1, &after.1);
    let moved = risen(&before.0, &after.0).into_iter().map(|(vpc, reason, packets)| {
        let rule = rules.iter().find(|(there, (dropped_as, _), _)| *there == vpc && *dropped_as == reason);
        Moved { vpc: router(cloud, &vpc), reason, packets, rule: rule.map(|(_, (_, rule), _)| rule.clone()) }
    });
    Ok(Sighting { observed, answered_by, rtt: seen.rtt, unsent: seen.unsent, counted, counters: moved.collect() })
}

/// The routers that apply the groups of these endpoints.
fn routers_of(cloud: &Cloud, ends: [&Endpoint; 2]) -> Vec<NamespaceName> {
    let is = |instance: &Instance, end: &Endpoint| match end {
        Endpoint::Instance(name) => instance.name == *name,
        Endpoint::Address(ip) => instance.ip == *ip || instance.public_ip == Some(*ip),
        Endpoint::Internet => false,
    };
    let there = cloud.instances().filter(|instance| ends.iter().any(|end| is(instance, end)));
    let vpcs: BTreeSet<_> = there.map(|instance| &instance.subnet.vpc).collect();
    vpcs.into_iter().map(compile::of_vpc).collect()
}

/// The counters that rose, with their increase.
fn risen<K: Ord + Clone>(before: &Counters<K>, after: &Counters<K>) -> Vec<(NamespaceName, K, u64)> {
    let earlier = |name, key| before.get(name).and_then(|counters| counters.get(key)).copied().unwrap_or(0);
    let all = after.iter().flat_map(|(name, counters)| counters.iter().map(move |(key, now)| (name, key, now)));
    let risen = all.map(|(name, key, now)| (name.clone(), key.clone(), now.saturating_sub(earlier(name, key))));
    risen.filter(|(_, _, packets)| *packets > 0).collect()
}
