//! The reachability of all pairs at one time, and the difference between two times. No I/O here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::cloud::{Cloud, InstanceName, VpcName};
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::trace::{self, Matrix};
use crate::verify::{AnsweredBy, Answerer, Observed, foretold};
use crate::watch::messages::Said;

/// Up to this many pairs with the same change are reported one by one.
const SINGLY: usize = 4;

/// The reachability of all pairs: the prediction for every pair, and the pairs whose last ping contradicts it.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The prediction.
    pub matrix: Matrix,
    /// The VPC of each instance of the matrix.
    pub vpcs: Vec<VpcName>,
    /// For pairs predicted to end in `answered-by-another`: who answers; by index.
    pub answerers: BTreeMap<(usize, usize), Endpoint>,
    /// The pairs whose last ping was not as predicted: how it ended, and who answered instead of the receiver.
    pub wrong: BTreeMap<(InstanceName, InstanceName), (Observed, Option<Answerer>)>,
    /// The round trips of the pairs that were pinged last.
    pub rtts: BTreeMap<(InstanceName, InstanceName), Duration>,
}

/// The state of a pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// The prediction.
    pub predicted: Disposition,
    /// How its last ping ended, if not as predicted.
    pub wrong: Option<Observed>,
    /// The one that answers instead of the receiver.
    pub answered_by: AnsweredBy,
}

/// Pairs with the same change between the same two VPCs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The pairs, by name.
    pub pairs: Vec<(InstanceName, InstanceName)>,
    /// The senders' VPC, and the receivers'.
    pub vpcs: (VpcName, VpcName),
    /// The old state; `None`: the pair did not exist.
    pub was: Option<State>,
    /// The new state; `None`: the pair no longer exists.
    pub now: Option<State>,
}

impl Picture {
    /// The predicted picture, before the first ping.
    pub fn predicted(cloud: &Cloud) -> Self {
        let matrix = trace::matrix(cloud, Protocol::Icmp);
        let vpc = |name| cloud.instance(name).map(|it| it.subnet.vpc.clone());
        let vpcs = matrix.instances().iter().filter_map(vpc).collect();
        let answerers = matrix.answerers(cloud, Protocol::Icmp, matrix.pairs());
        Picture { matrix, vpcs, answerers, wrong: BTreeMap::new(), rtts: BTreeMap::new() }
    }

    /// The state of a pair, by the instances' indices in the matrix.
    pub fn at(&self, from: usize, to: usize) -> State {
        let wrong = if self.wrong.is_empty() { None } else { self.wrong.get(&self.pair(from, to)).cloned() };
        let (wrong, seen) = wrong.map_or((None, None), |(observed, by)| (Some(observed), by));
        let answered_by = AnsweredBy { seen, ..AnsweredBy::predicted(self.answerers.get(&(from, to)).cloned()) };
        State { predicted: self.matrix.at(from, to), wrong, answered_by }
    }

    /// The state of a pair, by the instances' names; `None` if one does not exist.
    pub fn of(&self, from: &InstanceName, to: &InstanceName) -> Option<State> {
        let place = |name| self.matrix.instances().binary_search(name).ok();
        Some(self.at(place(from)?, place(to)?))
    }

    fn pair(&self, from: usize, to: usize) -> (InstanceName, InstanceName) {
        (self.matrix.instances()[from].clone(), self.matrix.instances()[to].clone())
    }

    /// The number of pairs, of those that reach, and of those that are not as predicted.
    pub fn counts(&self) -> (usize, usize, usize) {
        let members = self.matrix.classes();
        let all = members.iter().map(|it| it.pairs).sum();
        let predicted: usize = members.iter().filter(|it| it.disposition.reaches()).map(|it| it.pairs).sum();
        let against =
            |(from, to): &&(InstanceName, InstanceName)| self.matrix.get(from, to) == Some(Disposition::Reach);
        let lost = self.wrong.keys().filter(against).count();
        let gained = self.wrong.values().filter(|(observed, _)| *observed == Observed::Reach).count();
        (all, (predicted + gained).saturating_sub(lost), self.wrong.len())
    }

    /// The changes since `old`; pairs between the same VPCs with the same change are grouped.
    pub fn since(&self, old: &Picture) -> Vec<Change> {
        let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let places = |names: &[InstanceName]| names.iter().cloned().zip(0..).collect::<BTreeMap<_, usize>>();
        let (before, after) = (places(old.matrix.instances()), places(self.matrix.instances()));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let ends: Vec<_> =
            names.iter().map(|name| (*name, before.get(*name).copied(), after.get(*name).copied())).collect();
        for (from, old_from, new_from) in &ends {
            for (to, old_to, new_to) in ends.iter().filter(|(to, ..)| to != from) {
                let was = old_from.zip(*old_to).map(|(from, to)| old.at(from, to));
                let now = new_from.zip(*new_to).map(|(from, to)| self.at(from, to));
                if was == now {
                    continue;
                }
                let vpc = |old_place: &Option<usize>, place: &Option<usize>| {
                    place.map(|it| &self.vpcs[it]).or(old_place.map(|it| &old.vpcs[it])).cloned()
                };
                let (Some(there), Some(here)) = (vpc(old_from, new_from), vpc(old_to, new_to)) else { continue };
                let pair = ((*from).clone(), (*to).clone());
                let vpcs = (there, here);
                let alike = (vpcs.clone(), was.as_ref().map(State::alike), now.as_ref().map(State::alike));
                changes.entry(alike).or_default().push(Change { pairs: vec![pair], vpcs, was, now });
            }
        }
        // A few pairs are reported separately.
        let told = |((vpcs, was, now), singly): (_, Vec<Change>)| match singly.len() {
            ..=SINGLY => singly,
            _ => {
                let pairs = singly.into_iter().flat_map(|change| change.pairs).collect();
                vec![Change { pairs, vpcs, was, now }]
            }
        };
        changes.into_iter().flat_map(told).collect()
    }
}

impl Change {
    /// The pairs: two instances, or two VPCs and the number of pairs.
    pub fn who(&self, language: Language) -> String {
        match &self.pairs[..] {
            [(from, to)] => format!("{from} → {to}"),
            pairs => {
                let (from, to) = &self.vpcs;
                language.say(msg!(Said::Pairs { from, to, pairs: pairs.len() }))
            }
        }
    }

    /// The old and the new state.
    pub fn what(&self, language: Language) -> String {
        match (&self.was, &self.now) {
            (None, Some(now)) => language.say(msg!(Said::New { now })),
            (Some(was), Some(now)) => format!("{} → {}", language.say(was), language.say(now)),
            (Some(was), None) => language.say(msg!(Said::Gone { was })),
            (None, None) => String::new(),
        }
    }

    /// Why its first pair ends as predicted, as in `VPC1: no entry …`; `None` if it reaches.
    pub fn why(&self, cloud: &Cloud) -> Option<Message> {
        let (from, to) = self.pairs.first()?;
        self.now.as_ref()?;
        let end = |name: &InstanceName| Endpoint::Instance(name.clone());
        let trace = trace::trace(cloud, &end(from), &end(to), Protocol::Icmp);
        trace.last_word().filter(|_| !trace.disposition.reaches()).map(|(place, step)| place.with(&step.decision))
    }
}

impl State {
    /// Whether the last ping was as predicted.
    pub fn agrees(&self) -> bool {
        self.wrong.is_none()
    }

    /// How the last ping ended.
    pub fn observed(&self) -> Observed {
        match (self.wrong, self.predicted) {
            (Some(observed), _) => observed,
            (None, Disposition::Reach) => Observed::Reach,
            (None, Disposition::ANSWERED_BY_ANOTHER) => Observed::AnsweredByAnother,
            (None, Disposition::Drop { .. }) => Observed::Drop,
        }
    }

    /// Whether pings get there and back.
    pub fn reaches(&self) -> bool {
        self.observed() == Observed::Reach
    }

    /// The state without who answers, for grouping pairs.
    pub(super) fn alike(&self) -> Self {
        State { answered_by: AnsweredBy::default(), ..self.clone() }
    }
}

impl From<&State> for Message {
    fn from(state: &State) -> Self {
        let predicted = foretold(state.predicted, &state.answered_by);
        match state.wrong {
            None => predicted,
            Some(Observed::Drop | Observed::Unknown) => msg!(Said::DropPredicted { predicted }),
            Some(Observed::AnsweredByAnother) => {
                let observed = Observed::AnsweredByAnother.told(&state.answered_by);
                msg!(Said::AnotherPredicted { observed, predicted })
            }
            Some(Observed::Reach | Observed::Bandwidth(_)) => msg!(Said::ReachPredicted { predicted }),
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            predicted: String,
            observed: String,
            #[serde(flatten)]
            answered_by: AnsweredBy,
        }
        let (predicted, observed) = (self.predicted.to_string(), self.observed().to_string());
        Written { predicted, observed, answered_by: self.answered_by.clone() }.serialize(serializer)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::error::Source;

    /// Two peered VPCs with this many instances each, routed in one direction or both.
    pub(in crate::watch) fn cloud(instances: usize, back: bool) -> Cloud {
        let mut text = String::from("[lab]\nprovider = \"alibaba\"\n[account.A]\n");
        for (v, other) in [(1, 2), (2, 1)] {
            text += &format!("[vpc.V{v}]\nregion = \"r\"\ncidr = \"10.{v}.0.0/16\"\n");
            if back || v == 1 {
                text += &format!("routes = [{{ to = \"10.{other}.0.0/16\", via = \"p\" }}]\n");
            }
            text += &format!("[vpc.V{v}.subnet.s]\ncidr = \"10.{v}.0.0/24\"\n");
            text.extend((0..instances).map(|i| format!("[instance.v{v}-{i}]\nsubnet = \"V{v}/s\"\n")));
        }
        text += "[peering.p]\nlocal = \"V1\"\npeer = \"V2\"\nspec = \"Mini.2\"\n";
        crate::lab::read(Source::new("lab.toml", text)).unwrap().build().unwrap().0
    }

    pub(in crate::watch) fn name(text: &str) -> InstanceName {
        text.parse().unwrap()
    }

    /// Adds a pair whose last ping ended like this, against the prediction.
    pub(in crate::watch) fn wrong(
        from: &str,
        to: &str,
        observed: Observed,
    ) -> BTreeMap<(InstanceName, InstanceName), (Observed, Option<Answerer>)> {
        [((name(from), name(to)), (observed, None))].into()
    }

    fn told(new: &Picture, old: &Picture) -> Vec<String> {
        new.since(old)
            .iter()
            .map(|it| format!("{}: {}", it.who(Language::English), it.what(Language::English)))
            .collect()
    }

    #[test]
    fn nothing_changes_between_two_that_are_alike() {
        let picture = Picture::predicted(&cloud(2, true));
        assert_eq!(told(&picture, &picture.clone()), [] as [&str; 0]);
        assert_eq!(picture.counts(), (12, 12, 0));
    }

    #[test]
    fn pairs_that_change_alike_are_told_by_themselves_where_they_are_few() {
        let (old, new) = (Picture::predicted(&cloud(1, true)), Picture::predicted(&cloud(1, false)));
        let expected = ["v1-0 → v2-0: reach → return:no-route", "v2-0 → v1-0: reach → no-route"];
        assert_eq!(told(&new, &old), expected);
        let changes = new.since(&old);
        let why = changes[1].why(&cloud(1, false)).unwrap();
        assert!(why.to_string().starts_with("V2: "), "{why}");
        assert_eq!(old.since(&new)[0].why(&cloud(1, true)), None, "it reaches");
    }

    #[test]
    fn pairs_that_change_alike_are_told_together_where_they_are_many() {
        let (old, new) = (Picture::predicted(&cloud(3, true)), Picture::predicted(&cloud(3, false)));
        let expected = ["V1 → V2 (9 pairs): reach → return:no-route", "V2 → V1 (9 pairs): reach → no-route"];
        assert_eq!(told(&new, &old), expected);
    }

    #[test]
    fn a_ping_that_does_not_do_as_predicted_is_a_change_and_so_is_its_end() {
        let good = Picture::predicted(&cloud(1, true));
        let bad = Picture { wrong: wrong("v1-0", "v2-0", Observed::Drop), ..good.clone() };
        assert_eq!(told(&bad, &good), ["v1-0 → v2-0: reach → drop! (predicted reach)"]);
        assert_eq!(told(&good, &bad), ["v1-0 → v2-0: drop! (predicted reach) → reach"]);
        assert_eq!(bad.counts(), (2, 1, 1));
        let none = Picture::predicted(&cloud(1, false));
        let leaks = Picture { wrong: wrong("v2-0", "v1-0", Observed::Reach), ..none.clone() };
        assert_eq!(told(&leaks, &none), ["v2-0 → v1-0: no-route → reach! (predicted no-route)"]);
        assert_eq!((none.counts(), leaks.counts()), ((2, 0, 0), (2, 1, 1)));
    }

    #[test]
    fn an_instance_that_comes_or_goes_changes_its_pairs() {
        let (one, two) = (Picture::predicted(&cloud(1, true)), Picture::predicted(&cloud(2, true)));
        assert!(told(&two, &one).contains(&"v1-0 → v1-1: new: reach".to_owned()));
        assert!(told(&one, &two).contains(&"v1-0 → v1-1: reach → gone".to_owned()));
    }
}
