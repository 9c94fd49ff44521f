//! The content of a picture, before it is drawn: boxes, lines, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::cloud::{self, Cloud, Missing, PeeringName, VpcName};
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::report::count::counted;
use crate::report::graph::messages::Said;
use crate::report::order::natural;
use crate::trace;

/// A lab as boxes and lines.
#[derive(Clone, Debug, Serialize)]
pub struct Graph {
    /// The caption of the picture.
    #[serde(flatten)]
    pub caption: Caption,
    /// The protocol for which every pair is predicted.
    pub protocol: String,
    /// By name.
    pub vpcs: Vec<Vpc>,
    /// By name.
    pub instances: Vec<Instance>,
    /// Each pair of ends once.
    pub peerings: Vec<Peering>,
    /// The VPCs with a public address.
    pub internet: Vec<Border>,
    /// All ordered pairs of instances.
    pub pairs: Passage,
}

/// The caption of the picture.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Caption {
    /// The lab's name.
    pub lab: String,
    /// Its title.
    pub title: Option<String>,
    /// The provider.
    pub provider: String,
    /// The lab's progress, as in `after step 5 of 10: Connect`.
    pub state: String,
    /// The text to append to `peerlab explain FROM TO` to ask about the drawn lab: nothing for a running lab.
    #[serde(skip)]
    pub ask: String,
    /// The page to which an instance and a line lead, with `from` and `to` in its query: the picture has links then.
    #[serde(skip)]
    pub links: Option<String>,
    /// The reader's language, for everything except the provider's own words.
    #[serde(skip)]
    pub language: Language,
}

/// A VPC.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)] // the fields are what the provider's API calls them
pub struct Vpc {
    pub name: String,
    pub account: String,
    pub region: String,
    pub cidr: String,
    pub subnets: Vec<Subnet>,
    /// The faults inside, a clause each.
    pub notes: Vec<String>,
}

/// A subnet.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Subnet {
    pub name: String,
    pub cidr: String,
    /// The custom route table that serves it.
    pub route_table: Option<String>,
    /// Its network ACL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_acl: Option<String>,
    /// The NAT gateways in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nat_gateways: Vec<String>,
    /// Indices of the graph's instances, by address.
    pub instances: Vec<usize>,
}

impl Subnet {
    /// Its name, with those of its custom route table, its network ACL and its NAT gateways.
    pub fn label(&self) -> String {
        let parts = [Some(&self.name), self.route_table.as_ref(), self.network_acl.as_ref()];
        let parts = parts.into_iter().flatten().cloned();
        parts.chain(self.nat_gateways.iter().map(|nat| format!("NAT {nat}"))).collect::<Vec<_>>().join(" · ")
    }
}

/// An instance.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Instance {
    pub name: String,
    pub ip: String,
    pub public_ip: Option<String>,
    /// The index of the graph's VPC.
    pub vpc: usize,
}

/// A peering, drawn as a line.
#[derive(Clone, Debug, Serialize)]
pub struct Peering {
    /// One end; the one that connects, or the first by name.
    pub near: End,
    /// The other end, as the first one names it, whether it exists or not. `None`: the first one names none yet.
    pub far: Option<End>,
    /// Whether it carries traffic.
    pub carries: bool,
    /// As in `2 Mbit/s`.
    pub bandwidth: Option<String>,
    /// The one-way latency, as in `30 ms`.
    pub latency: Option<String>,
    /// Its MTU, as in `MTU 1500`, if it is not the usual one, or less than that of a VPC.
    pub mtu: Option<String>,
    /// The steps needed before it carries traffic.
    pub missing: Vec<Lack>,
    /// The results of the pairs from the near VPC to the far one; none if the peering does not carry traffic.
    pub there: Passage,
    /// The same in the other direction.
    pub back: Passage,
}

/// One end of a peering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct End {
    /// `None`: the end does not exist yet.
    pub name: Option<String>,
    /// The index of the graph's VPC; `None`: unknown.
    pub vpc: Option<usize>,
    /// The provider's word for its status.
    pub status: Option<&'static str>,
    /// Whether this end's status allows traffic.
    pub up: bool,
}

/// Something a peering lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lack {
    /// In a few words.
    pub short: String,
    /// In full: who must do what.
    pub long: String,
}

/// A VPC and the internet.
#[derive(Clone, Debug, Serialize)]
pub struct Border {
    /// The index of the graph's VPC.
    pub vpc: usize,
    /// The results from the instances with a public address to the internet.
    pub out: Passage,
    /// The results from the internet to them.
    pub into: Passage,
}

/// The results of several pairs' flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The number of pairs.
    pub pairs: usize,
    /// The number of pairs that reach.
    pub reach: usize,
    /// The number of pairs by reason.
    pub dropped: BTreeMap<String, usize>,
}

/// The condition of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// All flows arrive.
    Good,
    /// Some flows are dropped.
    Partly,
    /// No flow arrives.
    Broken,
}

impl Passage {
    fn add(&mut self, disposition: Disposition) {
        self.pairs += 1;
        match disposition {
            Disposition::Reach => self.reach += 1,
            drop => *self.dropped.entry(drop.to_string()).or_default() += 1,
        }
    }

    /// In a few words, as in `✗ no-route` or `2 of 4 ✗ ingress-security-group`; `None` if all reach.
    pub fn complaint(&self, language: Language) -> Option<String> {
        let dropped = self.pairs - self.reach;
        let mut reasons: Vec<_> = self.dropped.iter().collect();
        reasons.sort_by_key(|(_, pairs)| std::cmp::Reverse(**pairs));
        let (reason, _) = reasons.first()?;
        let reason = counted(reason);
        let more = (reasons.len() > 1).then_some(Said::AndOthers);
        Some(language.say(match self.reach {
            0 => msg!(Said::AllDropped { reason, more }),
            _ => msg!(Said::SomeDropped { dropped, pairs: self.pairs, reason, more }),
        }))
    }
}

/// The condition of the flows in both directions.
fn state_of(there: &Passage, back: &Passage) -> State {
    match there.reach + back.reach {
        reach if reach == there.pairs + back.pairs => State::Good,
        0 => State::Broken,
        _ => State::Partly,
    }
}

impl Peering {
    /// Its condition.
    pub fn state(&self) -> State {
        if self.carries { state_of(&self.there, &self.back) } else { State::Broken }
    }

    /// The two VPCs that it joins or will join.
    pub fn vpcs(&self) -> Option<(usize, usize)> {
        self.near.vpc.zip(self.far.as_ref()?.vpc)
    }
}

impl Border {
    /// Its condition.
    pub fn state(&self) -> State {
        state_of(&self.out, &self.into)
    }
}

impl Graph {
    /// The picture of a cloud; every pair is predicted for `protocol`.
    pub fn of(cloud: &Cloud, protocol: Protocol, caption: Caption) -> Self {
        let mut vpcs: Vec<_> = cloud.vpcs().collect();
        vpcs.sort_by(|a, b| natural(a.name.as_str(), b.name.as_str()));
        let place = |name: &VpcName| vpcs.iter().position(|vpc| vpc.name == *name);
        let language = caption.language;
        let instances: Vec<_> = cloud.instances().collect();
        let instance = |it: &&cloud::Instance| Instance {
            name: it.name.to_string(),
            ip: it.ip.to_string(),
            public_ip: it.public_ip.map(|ip| ip.to_string()),
            vpc: place(&it.subnet.vpc).unwrap_or_default(),
        };
        let mut graph = Graph {
            caption,
            protocol: protocol.to_string(),
            vpcs: vpcs.iter().map(|vpc| vpc_of(cloud, vpc, language)).collect(),
            instances: instances.iter().map(instance).collect(),
            peerings: peerings(cloud, &place, language),
            internet: Vec::new(),
            pairs: Passage::default(),
        };
        for peering in graph.peerings.iter().filter(|peering| peering.vpcs().is_none()) {
            if let (Some(vpc), Some(name)) = (peering.near.vpc, &peering.near.name) {
                let status = peering.near.status.unwrap_or_default();
                let state = cloud.peering(&PeeringName::trusted(name.as_str())).map(|end| end.state);
                let note = match state == Some(cloud::EndState::Waiting) {
                    true => msg!(Said::IdleAlone { name, status }),
                    false => msg!(Said::Alone { name, status }),
                };
                graph.vpcs[vpc].notes.push(language.say(note));
            }
        }
        graph.count_pairs(cloud, protocol);
        graph.count_internet(cloud, protocol);
        graph
    }

    /// Translates one of peerlab's English texts to the reader's language.
    pub fn say(&self, message: impl Into<Message>) -> String {
        self.caption.language.say(message)
    }

    /// Groups of VPCs of one account and region, each with its VPCs, in the order of the VPCs.
    pub fn groups(&self) -> Vec<((&str, &str), Vec<usize>)> {
        let mut groups: Vec<((&str, &str), Vec<usize>)> = Vec::new();
        for (index, vpc) in self.vpcs.iter().enumerate() {
            let key = (vpc.account.as_str(), vpc.region.as_str());
            match groups.iter_mut().find(|(other, _)| *other == key) {
                Some((_, members)) => members.push(index),
                None => groups.push((key, vec![index])),
            }
        }
        groups
    }

    /// The accounts, by name; the index selects the colour.
    pub fn accounts(&self) -> Vec<&str> {
        let accounts: BTreeSet<_> = self.vpcs.iter().map(|vpc| vpc.account.as_str()).collect();
        accounts.into_iter().collect()
    }

    fn count_pairs(&mut self, cloud: &Cloud, protocol: Protocol) {
        let matrix = trace::matrix(cloud, protocol);
        let mut inside = vec![Passage::default(); self.vpcs.len()];
        let mut between: BTreeMap<(usize, usize), Passage> = BTreeMap::new();
        for (from, to) in matrix.pairs() {
            let disposition = matrix.at(from, to);
            let (a, b) = (self.instances[from].vpc, self.instances[to].vpc);
            self.pairs.add(disposition);
            match a == b {
                true => inside[a].add(disposition),
                false => between.entry((a, b)).or_default().add(disposition),
            }
        }
        for (vpc, inside) in self.vpcs.iter_mut().zip(inside) {
            let note = inside.complaint(self.caption.language).map(|complaint| msg!(Said::Inside { complaint }));
            vpc.notes.extend(note.map(|note| self.caption.language.say(note)));
        }
        for peering in self.peerings.iter_mut().filter(|peering| peering.carries) {
            if let Some((a, b)) = peering.vpcs() {
                peering.there = between.get(&(a, b)).cloned().unwrap_or_default();
                peering.back = between.get(&(b, a)).cloned().unwrap_or_default();
            }
        }
    }

    fn count_internet(&mut self, cloud: &Cloud, protocol: Protocol) {
        let mut borders: BTreeMap<usize, Border> = BTreeMap::new();
        for (instance, shown) in cloud.instances().zip(&self.instances) {
            if instance.public_ip.is_none() {
                continue;
            }
            let new = Border { vpc: shown.vpc, out: Passage::default(), into: Passage::default() };
            let border = borders.entry(shown.vpc).or_insert(new);
            let end = Endpoint::Instance(instance.name.clone());
            border.out.add(trace::predict(cloud, &end, &Endpoint::Internet, protocol));
            border.into.add(trace::predict(cloud, &Endpoint::Internet, &end, protocol));
        }
        self.internet = borders.into_values().collect();
    }
}

fn vpc_of(cloud: &Cloud, vpc: &cloud::Vpc, language: Language) -> Vpc {
    let places: BTreeMap<_, _> = cloud.instances().zip(0..).map(|(instance, index)| (&instance.name, index)).collect();
    let nats = |subnet: &cloud::Subnet| {
        let here = cloud.nat_gateways_of(&vpc.name).filter(|nat| nat.host.subnet == subnet.name);
        here.map(|nat| nat.name.to_string()).collect()
    };
    let subnet = |subnet: &cloud::Subnet| Subnet {
        name: subnet.name.subnet.to_string(),
        cidr: subnet.cidr.to_string(),
        route_table: subnet.association.as_ref().map(|association| association.table.to_string()),
        nat_gateways: nats(subnet),
        network_acl: subnet.acl.as_ref().map(|association| association.acl.to_string()),
        instances: cloud
            .instances_of(&vpc.name)
            .filter(|instance| instance.subnet == subnet.name)
            .map(|instance| places[&instance.name])
            .collect(),
    };
    let unused = cloud.route_tables().filter(|table| {
        let serves = |subnet: &cloud::Subnet| cloud.table_of(subnet).name == table.name;
        table.vpc == vpc.name && !table.is_default() && !cloud.subnets_of(&vpc.name).any(serves)
    });
    Vpc {
        name: vpc.name.to_string(),
        account: vpc.account.to_string(),
        region: vpc.region.to_string(),
        cidr: {
            let blocks = vpc.blocks().map(|block| block.to_string()).collect::<Vec<_>>().join(", ");
            if vpc.mtu == cloud.provider().mtu { blocks } else { format!("{blocks} · MTU {}", vpc.mtu) }
        },
        subnets: cloud.subnets_of(&vpc.name).map(subnet).collect(),
        notes: unused.map(|table| language.say(msg!(Said::NoSubnetUses { table: &table.name }))).collect(),
    }
}

/// Each pair of ends once; an end without an opposite alone.
fn peerings(cloud: &Cloud, place: &dyn Fn(&VpcName) -> Option<usize>, language: Language) -> Vec<Peering> {
    let mut ends: Vec<cloud::Peering> = cloud.peerings().collect();
    // The one that connects speaks for its pair.
    let accepts = |name: &PeeringName| cloud.end_details(name).is_some_and(|end| end.is_second());
    let key = |end: &cloud::Peering| (end.vpc.clone(), end.name.clone());
    ends.sort_by(|a, b| {
        accepts(&a.name).cmp(&accepts(&b.name)).then_with(|| natural(a.name.as_str(), b.name.as_str()))
    });
    let mut drawn = BTreeSet::new();
    let mut peerings = Vec::new();
    for end in &ends {
        if !drawn.insert(key(end)) {
            continue;
        }
        let other = cloud.opposite_end(end).filter(|other| drawn.insert(key(other)));
        let show = |end: &cloud::Peering| End {
            name: Some(end.name.to_string()),
            vpc: place(&end.vpc),
            status: Some(end.status),
            up: end.state == cloud::EndState::Up,
        };
        let toward = cloud.end_details(&end.name).and_then(|end| end.toward);
        let missing_end = toward.map(|vpc| End { name: None, vpc: place(&vpc), status: None, up: false });
        let mut missing = cloud.missing(&end.name);
        for lack in other.iter().flat_map(|other| cloud.missing(&other.name)) {
            if !missing.contains(&lack) {
                missing.push(lack);
            }
        }
        // Whether it is connected matters only once the ends name each other.
        let connects = |lack: &Missing| lack.lack.comes_last();
        if !missing.iter().all(connects) {
            missing.retain(|lack| !connects(lack));
        }
        // Both ends may lack the same thing.
        let mut lacks: Vec<Lack> = Vec::new();
        for lack in missing.iter().map(|missing| lack(missing, language)) {
            if lacks.iter().all(|told| told.short != lack.short) {
                lacks.push(lack);
            }
        }
        let own = |name: &PeeringName| cloud.end_details(name)?.bandwidth;
        let bandwidth = own(&end.name).or_else(|| own(&other.as_ref()?.name));
        peerings.push(Peering {
            near: show(end),
            far: other.as_ref().map(show).or(missing_end),
            carries: end.carries,
            bandwidth: bandwidth.map(|bandwidth| bandwidth.to_string()),
            mtu: mtu_of(cloud, end),
            latency: end.latency.map(|latency| format!("{} ms", latency.as_micros() as f64 / 1000.0)),
            missing: lacks,
            there: Passage::default(),
            back: Passage::default(),
        });
    }
    peerings
}

/// The MTU of a peering, where it matters.
fn mtu_of(cloud: &Cloud, end: &cloud::Peering) -> Option<String> {
    let vpcs = [Some(&end.vpc), end.far.as_ref().map(|far| &far.vpc)].into_iter().flatten();
    let most = vpcs.filter_map(|vpc| cloud.vpc(vpc)).map(|vpc| vpc.mtu).max();
    let matters = end.mtu != cloud.provider().mtu || most.is_some_and(|most| most > end.mtu);
    matters.then(|| format!("MTU {}", end.mtu))
}

fn lack(missing: &Missing, language: Language) -> Lack {
    Lack { short: language.say(missing.lack.short()), long: language.say(missing) }
}
