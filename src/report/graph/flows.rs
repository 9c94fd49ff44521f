//! Why each pair reaches or not, as data for the page; equivalent pairs share one explanation.
//!
//! Pairs of one class ([`trace::Matrix::class_of`]) between the same subnets differ only in the two instances' names
//! and addresses. So all of them share one explanation with placeholders. It is checked against that of another pair of
//! the class, because a name may also be a word of the text.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::model::Graph;
use crate::cloud::{Cloud, Instance, Operation};
use crate::error::Source;
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::message::Message;
use crate::report::explain::{command, written};
use crate::trace::{self, Explanation, Hop, Place};

/// With more classes of pairs than this, fixes are searched only for pairs that a peering joins, and for at most this
/// many classes: a search tries up to 200 Clouds. For the others the page gives the command.
const SEARCHED: usize = 150;
const SEARCHED_OF_JOINED: usize = 400;

/// The placeholders for the sender's name, private and public address, and for the receiver's.
const HOLES: [char; 6] = ['\u{1}', '\u{2}', '\u{3}', '\u{4}', '\u{5}', '\u{6}'];

/// Every pair, and why it ends as it does.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Flows {
    /// Whether the internet is an additional end, after the instances.
    internet: bool,
    /// The index of the explanation by sender and receiver; `None` if both are the same instance.
    cells: Vec<Vec<Option<usize>>>,
    whys: Vec<Why>,
    /// The texts to which the explanations' numbers refer.
    texts: Vec<String>,
    /// The command that asks about a pair of this lab, as in `peerlab explain FROM TO -f lab.toml`.
    ask: String,
}

/// An explanation, with texts as indices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Why {
    /// `reach`, or the reason, as lab files have it.
    end: usize,
    there: Vec<Step>,
    back: Vec<Step>,
    /// The one that receives the packet instead of the named receiver.
    instead: Option<usize>,
    blockers: Vec<Blocker>,
    /// The commands of the fix; `None`: there is none.
    fix: Option<Vec<usize>>,
    /// Whether blockers and the fix were searched.
    searched: bool,
}

/// The place (`i3` an instance, `f` and `t` the two ends, `v2` a VPC, `p1:ri-a` a peering entered by ri-a, `n` the
/// internet), the kind, the decision, where it is written, and whether the packet ends there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Step(String, usize, usize, Option<usize>, bool);

/// The reason, the place and decision, where it is written, and what to build instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Blocker(usize, usize, Option<usize>, Option<usize>);

impl Flows {
    pub(super) fn of(cloud: &Cloud, graph: &Graph, protocol: Protocol, source: Option<&Source>) -> Self {
        let joined: BTreeSet<_> =
            graph.peerings.iter().filter_map(|it| it.vpcs()).flat_map(|(a, b)| [(a, b), (b, a)]).collect();
        let is_joined = |from: usize, to: usize| {
            let (a, b) = (graph.instances[from].vpc, graph.instances[to].vpc);
            a == b || joined.contains(&(a, b))
        };
        let mut left = SEARCHED_OF_JOINED;
        let matrix = trace::matrix(cloud, protocol);
        let instances: Vec<&Instance> = cloud.instances().collect();
        let mut writer = Writer { cloud, graph, protocol, source, texts: Texts::default(), whys: BTreeMap::new() };
        let internet = !graph.internet.is_empty();
        let width = instances.len() + usize::from(internet);
        let mut cells = vec![vec![None; width]; width];

        let mut classes: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
        for (from, to) in matrix.pairs() {
            let key = (matrix.class_of(from, to), &instances[from].subnet, &instances[to].subnet);
            classes.entry(key).or_default().push((from, to));
        }
        for pairs in classes.values() {
            let ends = |(from, to): (usize, usize)| (Some(instances[from]), Some(instances[to]));
            let (first, last) = (pairs[0], pairs[pairs.len() - 1]);
            let search = classes.len() <= SEARCHED || (left > 0 && is_joined(first.0, first.1));
            left -= usize::from(search && classes.len() > SEARCHED && !matrix.at(first.0, first.1).reaches());
            let shared = writer.why(ends(first), search, true);
            let is_shared = first == last || writer.why(ends(last), search, true) == shared;
            for (from, to) in pairs {
                let why = if is_shared { shared } else { writer.why(ends((*from, *to)), search, false) };
                cells[*from][*to] = Some(why);
            }
        }
        if internet {
            let out_there = instances.len();
            for (index, instance) in instances.iter().enumerate() {
                cells[index][out_there] = Some(writer.why((Some(instance), None), true, true));
                cells[out_there][index] = Some(writer.why((None, Some(instance)), true, true));
            }
        }
        let mut whys: Vec<_> = writer.whys.into_iter().collect();
        whys.sort_by_key(|(_, number)| *number);
        let whys = whys.into_iter().map(|(why, _)| why).collect();
        let asked = match protocol {
            Protocol::Icmp => String::new(),
            protocol => format!(" {protocol}"),
        };
        let ask = format!("peerlab explain FROM TO{asked}{}", graph.caption.ask);
        Flows { internet, cells, whys, texts: writer.texts.all, ask }
    }
}

#[derive(Default)]
struct Texts {
    all: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Texts {
    fn number(&mut self, text: String) -> usize {
        *self.numbers.entry(text).or_insert_with_key(|text| {
            self.all.push(text.clone());
            self.all.len() - 1
        })
    }
}

/// Two ends; `None` is the internet.
type Ends<'a> = (Option<&'a Instance>, Option<&'a Instance>);

struct Writer<'a> {
    cloud: &'a Cloud,
    graph: &'a Graph,
    protocol: Protocol,
    source: Option<&'a Source>,
    texts: Texts,
    whys: BTreeMap<Why, usize>,
}

impl Writer<'_> {
    /// The index of a pair's explanation; `search`: with every blocker and the fix; `holes`: with placeholders for
    /// names and addresses.
    fn why(&mut self, ends: Ends, search: bool, holes: bool) -> usize {
        let end = |instance: Option<&Instance>| match instance {
            Some(instance) => Endpoint::Instance(instance.name.clone()),
            None => Endpoint::Internet,
        };
        let (from, to) = (end(ends.0), end(ends.1));
        let explanation = match search {
            true => trace::explain(self.cloud, &from, &to, self.protocol),
            false => {
                let trace = trace::trace(self.cloud, &from, &to, self.protocol);
                Explanation { trace, blockers: Vec::new(), fix: None }
            }
        };
        let searched = search || explanation.trace.disposition.reaches();
        let words = if holes { words(ends) } else { Vec::new() };
        let graph = self.graph;
        let mut text = |text: &str| self.texts.number(with_holes(text, &words));
        let say = |message: Message| graph.say(message);
        let source = self.source;
        let mut steps = |hops: &[Hop]| -> Vec<Step> {
            let mut steps = Vec::new();
            for hop in hops {
                let place = place(graph, &hop.place, ends);
                for step in &hop.steps {
                    let origin = step.origin.as_ref().and_then(|origin| written(origin, source));
                    let origin = origin.map(|origin| text(&origin));
                    let (kind, decision) = (Message::from(step.decision.kind()), Message::from(&step.decision));
                    let (kind, decision) = (text(&say(kind)), text(&say(decision)));
                    steps.push(Step(place.clone(), kind, decision, origin, step.drop.is_some()));
                }
            }
            steps
        };
        let (there, back) = (steps(&explanation.trace.there), steps(&explanation.trace.back));
        let blockers = explanation.blockers.iter().map(|blocker| {
            let origin = blocker.origin.as_ref().and_then(|origin| written(origin, source));
            Blocker(
                text(&say(blocker.disposition().into())),
                text(&say(blocker.at.clone())),
                origin.map(|origin| text(&origin)),
                blocker.instead.clone().map(|instead| text(&say(instead))),
            )
        });
        let blockers = blockers.collect();
        let mut commands = |operations: &[Operation]| operations.iter().map(|it| text(&command(it))).collect();
        let fix = explanation.fix.as_deref().map(&mut commands);
        let end = match explanation.trace.disposition {
            Disposition::Reach => text("reach"),
            drop => text(&drop.to_string()),
        };
        let instead = explanation.trace.impostor().map(|end| text(&end.to_string()));
        let next = self.whys.len();
        *self.whys.entry(Why { end, there, back, instead, blockers, fix, searched }).or_insert(next)
    }
}

fn place(graph: &Graph, place: &Place, ends: Ends) -> String {
    let is = |end: Option<&Instance>, name: &str| end.is_some_and(|end| end.name.as_str() == name);
    match place {
        Place::Instance(name) if is(ends.0, name.as_str()) => "f".into(),
        Place::Instance(name) if is(ends.1, name.as_str()) => "t".into(),
        Place::Instance(name) => {
            let at = graph.instances.iter().position(|it| it.name == name.as_str());
            at.map_or(String::new(), |at| format!("i{at}"))
        }
        Place::Vpc(name) => {
            let at = graph.vpcs.iter().position(|it| it.name == name.as_str());
            at.map_or(String::new(), |at| format!("v{at}"))
        }
        Place::NatGateway(name) => {
            let has = |it: &super::model::Vpc| {
                it.subnets.iter().any(|it| it.nat_gateways.iter().any(|it| it == name.as_str()))
            };
            let at = graph.vpcs.iter().position(has);
            at.map_or(String::new(), |at| format!("v{at}"))
        }
        Place::Peering { near, .. } => {
            let is = |end: &super::model::End| end.name.as_deref() == Some(near.as_str());
            let at = graph.peerings.iter().position(|it| is(&it.near) || it.far.as_ref().is_some_and(is));
            at.map_or(String::new(), |at| format!("p{at}:{near}"))
        }
        Place::Internet => "n".into(),
    }
}

/// The texts in which two pairs of a class may differ, with their placeholders.
fn words((from, to): Ends) -> Vec<(String, char)> {
    let of = |end: Option<&Instance>, holes: &[char]| {
        let Some(end) = end else { return Vec::new() };
        let public = end.public_ip.map(|ip| (ip.to_string(), holes[2]));
        let own = [(end.name.to_string(), holes[0]), (end.ip.to_string(), holes[1])];
        own.into_iter().chain(public).collect()
    };
    let mut words: Vec<(String, char)> = of(from, &HOLES[..3]);
    words.extend(of(to, &HOLES[3..]));
    words
}

/// Replaces every whole word of `words` in the text.
fn with_holes(text: &str, words: &[(String, char)]) -> String {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = is_inside(first);
        let end = rest.find(|c| is_inside(c) != inside).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        match words.iter().find(|(word, _)| inside && word == part) {
            Some((_, hole)) => out.push(*hole),
            None => out.push_str(part),
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab;
    use crate::report::graph::Caption;

    #[test]
    fn whole_words_make_holes() {
        let words = [("a".to_owned(), '\u{1}'), ("10.0.0.1".to_owned(), '\u{2}')];
        let text = "a at 10.0.0.1/32, not a-b, not 10.0.0.11";
        assert_eq!(with_holes(text, &words), "\u{1} at \u{2}/32, not a-b, not 10.0.0.11");
    }

    /// Instances whose names are words of explanations, in two subnets of one table.
    const WORDS: &str = r#"
        [lab]
        name = "words"
        provider = "jdcloud"
        [account.A]
        [vpc.V1]
        account = "A"
        region = "r"
        cidr = "10.1.0.0/16"
        subnet.s.cidr = "10.1.1.0/24"
        subnet.web.cidr = "10.1.2.0/24"
        [vpc.V2]
        account = "A"
        region = "r"
        cidr = "10.2.0.0/16"
        subnet.s.cidr = "10.2.1.0/24"
        [instance.api]
        subnet = "V1/s"
        [instance.has]
        subnet = "V1/s"
        [instance.web]
        subnet = "V1/web"
        public_ip = "203.0.113.7"
        [instance.no]
        subnet = "V1/web"
        [instance.accept]
        subnet = "V2/s"
        [instance.x]
        subnet = "V2/s"
        [peering.p]
        local = "V1"
        peer = "V2"
        [peering.q]
        local = "V2"
        peer = "V1"
    "#;

    #[test]
    fn what_a_page_says_of_a_pair_is_what_explain_says() {
        let source = Source::new("lab.toml", WORDS.to_owned());
        let cloud = lab::read(source.clone()).unwrap().build().unwrap().0;
        let graph = Graph::of(&cloud, Protocol::Icmp, Caption::default());
        let flows = Flows::of(&cloud, &graph, Protocol::Icmp, Some(&source));
        let instances: Vec<_> = cloud.instances().collect();
        assert!(flows.internet && instances.len() == 6);
        let mut shared = BTreeMap::new();
        for (from, row) in flows.cells.iter().enumerate() {
            for (to, cell) in row.iter().enumerate() {
                let Some(number) = cell else {
                    assert_eq!(from, to);
                    continue;
                };
                *shared.entry(number).or_insert(0) += 1;
                let (sender, receiver) = (instances.get(from).copied(), instances.get(to).copied());
                let words = words((sender, receiver));
                let filled = |number: &usize| {
                    let word = |hole: char| words.iter().find(|(_, it)| *it == hole).map(|(word, _)| word.clone());
                    flows.texts[*number].chars().map(|c| word(c).unwrap_or(c.to_string())).collect::<String>()
                };
                let end =
                    |it: Option<&Instance>| it.map_or(Endpoint::Internet, |it| Endpoint::Instance(it.name.clone()));
                let explanation = trace::explain(&cloud, &end(sender), &end(receiver), Protocol::Icmp);
                let why = &flows.whys[*number];
                let steps = |hops: &[Hop]| {
                    hops.iter()
                        .flat_map(|hop| hop.steps.clone())
                        .map(|step| step.decision.to_string())
                        .collect::<Vec<_>>()
                };
                assert_eq!(
                    why.there.iter().map(|step| filled(&step.2)).collect::<Vec<_>>(),
                    steps(&explanation.trace.there)
                );
                assert_eq!(
                    why.back.iter().map(|step| filled(&step.2)).collect::<Vec<_>>(),
                    steps(&explanation.trace.back)
                );
                let at: Vec<_> = explanation.blockers.iter().map(|blocker| blocker.at.to_string()).collect();
                assert_eq!(why.blockers.iter().map(|blocker| filled(&blocker.1)).collect::<Vec<_>>(), at);
                let fix = explanation.fix.map(|fix| fix.iter().map(command).collect::<Vec<_>>());
                assert_eq!(why.fix.as_ref().map(|fix| fix.iter().map(filled).collect::<Vec<_>>()), fix);
                assert_eq!(filled(&why.end), explanation.trace.disposition.to_string());
            }
        }
        assert!(shared.values().any(|pairs| *pairs > 1), "equal pairs share what is said of them");
    }
}
