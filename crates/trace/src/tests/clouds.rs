//! Small clouds, written as operations. Also included by path in the tests of the explanations' words.

use crate::cloud::{Account, Allow, Cloud, Id, Operation, Origin, Provider};
use crate::flow::{Endpoint, Protocol};

/// Two VPCs of two accounts in one region, joined, routed and open to each other.
pub(crate) const PEERED: &str = "
    A: create-vpc V1 --region r1 --cidr 10.1.0.0/16
    B: create-vpc V2 --region r1 --cidr 10.2.0.0/16
    A: create-subnet s1 --vpc V1 --cidr 10.1.1.0/24
    A: create-subnet s2 --vpc V1 --cidr 10.1.2.0/24
    B: create-subnet s1 --vpc V2 --cidr 10.2.1.0/24
    A: create-security-group g1 --vpc V1
    B: create-security-group g2 --vpc V2
    A: create-instance a --subnet V1/s1 --ip 10.1.1.10 --security-group g1
    A: create-instance a2 --subnet V1/s2 --ip 10.1.2.10 --security-group g1
    B: create-instance b --subnet V2/s1 --ip 10.2.1.10 --security-group g2
    A: authorize-security-group g1 --protocol all --cidr 10.2.0.0/16
    B: authorize-security-group g2 --protocol all --cidr 10.1.0.0/16
    A: create-router-interface ri-a --vpc V1 --role initiator --spec Mini.2 --opposite-region r1
    B: create-router-interface ri-b --vpc V2 --role acceptor --opposite-region r1
    A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router V2
    B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router V1
    A: connect-router-interface ri-a
    A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a
    B: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b
";

/// The same with jdcloud's halves, and its default groups.
pub(crate) const JD_PEERED: &str = "
    A: create-vpc V1 --region r1 --cidr 10.1.0.0/16
    B: create-vpc V2 --region r1 --cidr 10.2.0.0/16
    A: create-subnet s1 --vpc V1 --cidr 10.1.1.0/24
    B: create-subnet s1 --vpc V2 --cidr 10.2.1.0/24
    A: create-instance a --subnet V1/s1 --ip 10.1.1.10
    B: create-instance b --subnet V2/s1 --ip 10.2.1.10
    A: create-vpc-peering p1 --vpc V1 --peer-vpc-id V2
    B: create-vpc-peering p2 --vpc V2 --peer-vpc-id V1
    A: create-route-table t1 --vpc V1
    B: create-route-table t2 --vpc V2
    A: create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p1
    B: create-route-entry --table t2 --destination 10.1.0.0/16 --next-hop p2
    A: associate-route-table t1 --subnet V1/s1
    B: associate-route-table t2 --subnet V2/s1
";

pub(crate) fn operation(line: &str) -> Operation {
    let (caller, call) = line.trim().split_once(": ").unwrap_or_else(|| panic!("no caller in {line:?}"));
    let call = call.parse().unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
    Operation { caller: caller.parse().unwrap(), call, origin: Origin::Api(line.trim().into()) }
}

pub(crate) fn empty(provider: &str) -> Cloud {
    let account = |(name, id): (&str, &str)| Account { name: name.parse().unwrap(), id: Id(id.into()) };
    let accounts = [("A", "1001"), ("B", "1002"), ("C", "1003")].map(account);
    Cloud::new(Provider::named(provider).unwrap(), Allow::default(), accounts.into())
}

/// A cloud from the operations that build it, a line each; `-` before a line: without it.
pub(crate) fn build(provider: &str, texts: &[&str]) -> Cloud {
    let mut cloud = empty(provider);
    let lines: Vec<_> =
        texts.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| !line.is_empty()).collect();
    let without: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix('-')).collect();
    for missing in &without {
        assert!(lines.contains(missing), "there is no line {missing:?} to leave out");
    }
    for line in lines.iter().filter(|line| !line.starts_with('-') && !without.contains(line)) {
        cloud.apply(&operation(line)).unwrap_or_else(|refusal| panic!("{line}: {refusal:?}"));
    }
    cloud
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    if text == "internet" {
        Endpoint::Internet
    } else if let Ok(address) = text.parse() {
        Endpoint::Address(address)
    } else {
        Endpoint::Instance(text.parse().unwrap())
    }
}

/// `a b tcp/22`; icmp where no protocol is given.
pub(crate) fn flow(text: &str) -> (Endpoint, Endpoint, Protocol) {
    let words: Vec<_> = text.split_whitespace().collect();
    let protocol = words.get(2).map_or(Protocol::Icmp, |protocol| protocol.parse().unwrap());
    (endpoint(words[0]), endpoint(words[1]), protocol)
}
