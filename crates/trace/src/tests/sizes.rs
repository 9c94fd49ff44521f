//! Sizes of packets: where one that must not be fragmented ends (docs/cloud.md §13).

use super::{build, endpoint};
use crate::cloud::Cloud;
use crate::explain;
use crate::flow::{Protocol, Traffic};
use crate::hop::Place;
use crate::{predict, trace};

/// Two VPCs in two regions, and a third whose links are the smallest; `mute` may not send to VPC2.
const LAB: &str = "
    A: create-vpc V1 --region r --cidr 10.1.0.0/16 --mtu 8500
    A: create-vpc V2 --region q --cidr 10.2.0.0/16 --mtu 8500
    A: create-vpc V3 --region r --cidr 10.3.0.0/16
    A: create-subnet s --vpc V1 --cidr 10.1.1.0/24
    A: create-subnet t --vpc V1 --cidr 10.1.2.0/24
    A: create-subnet s --vpc V2 --cidr 10.2.1.0/24
    A: create-subnet s --vpc V3 --cidr 10.3.1.0/24
    A: create-security-group g --vpc V1
    A: authorize-security-group-egress g --protocol all --cidr 10.3.0.0/16 --policy drop
    A: create-instance a --subnet V1/s --public-ip 203.0.113.1
    A: create-instance a2 --subnet V1/t
    A: create-instance mute --subnet V1/s --security-group g
    A: create-instance b --subnet V2/s
    A: create-instance c --subnet V3/s
    A: create-vpc-peering-connection p12 --vpc V1 --peer-vpc V2
    A: create-vpc-peering-connection p13 --vpc V1 --peer-vpc V3
    A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop p12
    A: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop p12
    A: create-route-entry --vpc V1 --destination 10.3.0.0/16 --next-hop p13
    A: create-route-entry --vpc V3 --destination 10.1.0.0/16 --next-hop p13";

fn of(size: u16) -> Traffic {
    Traffic::from(Protocol::Icmp).sized(Some(size))
}

fn ends(cloud: &Cloud, from: &str, to: &str, size: u16) -> String {
    let (from, to) = (endpoint(from), endpoint(to));
    let disposition = predict(cloud, &from, &to, of(size));
    assert_eq!(trace(cloud, &from, &to, of(size)).disposition, disposition);
    disposition.to_string()
}

/// Where it ends.
fn place(cloud: &Cloud, from: &str, to: &str, size: u16) -> String {
    let trace = trace(cloud, &endpoint(from), &endpoint(to), of(size));
    trace.last_word().map_or_else(String::new, |(place, _): (&Place, _)| place.to_string())
}

#[test]
fn the_smallest_link_on_the_way_decides() {
    let cloud = build("alibaba", &[LAB]);
    for (from, to, most) in [("a", "a2", 8500), ("a", "b", 8500), ("a", "c", 1500), ("c", "a", 1500)] {
        assert_eq!(ends(&cloud, from, to, most), "reach", "{from} {to}");
        assert_eq!(ends(&cloud, from, to, most + 1), "too-big", "{from} {to}");
    }
    for (from, to) in [("a", "internet"), ("internet", "a")] {
        assert_eq!((ends(&cloud, from, to, 1500), ends(&cloud, from, to, 1501)), ("reach".into(), "too-big".into()));
    }
    assert_eq!(ends(&cloud, "a", "a", 60_000), "reach", "it never leaves");
    assert_eq!(place(&cloud, "a", "c", 1501), "p13");
    assert_eq!(place(&cloud, "c", "a", 1501), "c", "its own link");
    assert_eq!(place(&cloud, "a", "internet", 1501), "V1");
    assert_eq!(place(&cloud, "internet", "a", 1501), "internet");
}

#[test]
fn a_peering_of_its_own_mtu_only_lowers() {
    let peered = |mtu: &str| LAB.replace("p12 --vpc V1 --peer-vpc V2", &format!("p12 --vpc V1 --peer-vpc V2{mtu}"));
    let cloud = build("alibaba", &[&peered(" --mtu 1400")]);
    assert_eq!((ends(&cloud, "a", "b", 1400), ends(&cloud, "b", "a", 1401)), ("reach".into(), "too-big".into()));
    let cloud = build("alibaba", &[&peered(" --mtu 9000")]);
    assert_eq!((ends(&cloud, "a", "b", 8500), ends(&cloud, "a", "b", 8501)), ("reach".into(), "too-big".into()));
}

#[test]
fn the_next_link_comes_before_what_is_asked_of_the_sender() {
    let cloud = build("alibaba", &[LAB]);
    assert_eq!(
        (ends(&cloud, "mute", "c", 1500), ends(&cloud, "mute", "c", 1501)),
        ("egress-security-group".into(), "too-big".into())
    );
    let explanation = explain(&cloud, &endpoint("mute"), &endpoint("c"), of(1501));
    let reasons: Vec<_> = explanation.blockers.iter().map(|it| it.disposition().to_string()).collect();
    assert_eq!(reasons, ["too-big", "egress-security-group"]);
    // Without a route, or by a peering that does not carry, no link is met.
    assert_eq!(ends(&cloud, "a", "172.16.0.1", 1501), "no-route");
    assert_eq!(ends(&cloud, "a2", "internet", 1501), "no-route");
    let public = "
        A: create-vpc V1 --region r --cidr 10.1.0.0/16 --mtu 8500
        A: create-subnet s --vpc V1 --cidr 10.1.1.0/24
        A: create-instance a --subnet V1/s";
    let cloud = build("jdcloud", &[public]);
    assert_eq!(ends(&cloud, "a", "internet", 1501), "no-public-ip", "its VPC has no link to the internet");
    let cloud = build("jdcloud", &[public, "A: create-instance b --subnet V1/s --public-ip 203.0.113.1"]);
    assert_eq!(ends(&cloud, "a", "internet", 1501), "too-big", "before it is found to have no public address");
}

#[test]
fn an_explanation_says_how_much_can_be_sent() {
    let cloud = build("alibaba", &[LAB]);
    let explanation = explain(&cloud, &endpoint("a"), &endpoint("c"), of(9000));
    assert!(explanation.fix.is_none());
    // Its own link and the peering: one blocker, and the smaller link decides.
    let advice: Vec<_> = explanation.blockers.iter().map(|it| it.instead.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        advice,
        ["send at most 1500 bytes (ping -s 1472), allow fragments, or give the VPCs on the way a larger mtu"]
    );
}
