//! AWS's ways to the internet, and those that peers do not have (docs/cloud.md §15).

use super::{build, flow};
use crate::cloud::Cloud;
use crate::flow::Traffic;
use crate::{explain, predict};

/// A VPC with both gateways, and a peer without.
const SHARED: &str = "
    A: create-vpc S --region us-east-1 --cidr 10.1.0.0/16
    A: create-subnet public --vpc S --cidr 10.1.1.0/24
    A: create-subnet private --vpc S --cidr 10.1.2.0/24
    A: create-security-group gs --vpc S
    A: authorize-security-group gs --protocol all --cidr 0.0.0.0/0
    A: create-gateway igw --vpc S
    A: create-nat-gateway nat --subnet S/public --public-ip 203.0.113.20
    A: create-route-entry --vpc S --destination 0.0.0.0/0 --next-hop igw
    A: create-route-entry --vpc S --destination 10.2.0.0/16 --next-hop p
    A: create-route-table t --vpc S
    A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop nat
    A: associate-route-table t --subnet S/private
    A: create-instance web --subnet S/public --public-ip 203.0.113.21 --security-group gs
    A: create-instance job --subnet S/private --security-group gs
    A: create-instance app --subnet T/s --ip 10.2.1.10 --security-group gt
    A: create-route-entry --vpc T --destination 10.1.0.0/16 --next-hop p";

/// What it needs first.
const PEERED: &str = "
    A: create-vpc S --region us-east-1 --cidr 10.1.0.0/16
    A: create-vpc T --region us-east-1 --cidr 10.2.0.0/16
    A: create-subnet s --vpc T --cidr 10.2.1.0/24
    A: create-security-group gt --vpc T
    A: authorize-security-group gt --protocol all --cidr 0.0.0.0/0
    A: create-vpc-peering-connection p --vpc S --peer-vpc T
    A: accept-vpc-peering-connection p";
const BY_PEER: &str = "A: create-route-entry --vpc T --destination 0.0.0.0/0 --next-hop p";

fn cloud(lines: &[&str]) -> Cloud {
    let shared = SHARED.replacen("A: create-vpc S --region us-east-1 --cidr 10.1.0.0/16", "", 1);
    build("aws", &[&[PEERED, &shared], lines].concat())
}

fn ends(cloud: &Cloud, text: &str) -> String {
    let (from, to, protocol) = flow(text);
    predict(cloud, &from, &to, protocol).to_string()
}

fn fix(cloud: &Cloud, text: &str) -> Vec<String> {
    let (from, to, protocol) = flow(text);
    let fix = explain(cloud, &from, &to, protocol).fix.expect("a fix");
    fix.iter().map(|it| it.call.to_string()).collect()
}

#[test]
fn a_peers_gateways_lead_nobody_else_out() {
    let shared = cloud(&[]);
    for from in ["web", "job"] {
        assert_eq!(ends(&shared, &format!("{from} internet tcp/443")), "reach");
    }
    assert_eq!(ends(&shared, "app internet"), "no-internet-gateway");
    let by_peer = cloud(&[BY_PEER]);
    assert_eq!(ends(&by_peer, "app internet tcp/443"), "not-transitive");
    let (from, to, protocol) = flow("app internet tcp/443");
    let why = explain(&by_peer, &from, &to, protocol);
    assert_eq!(
        why.blockers[0].at.to_string(),
        "S: what comes by a peering cannot use igw and nat of S: they serve its own subnets only"
    );
    assert_eq!(
        fix(&by_peer, "app internet tcp/443"),
        [
            "create-gateway T-gateway --vpc T",
            "delete-route-entry --vpc T --destination 0.0.0.0/0 --next-hop p",
            "create-route-entry --vpc T --destination 0.0.0.0/0 --next-hop T-gateway",
            "associate-public-ip app",
        ]
    );
}

#[test]
fn without_a_gateway_nothing_passes_the_border() {
    let early = cloud(&["A: create-instance early --subnet T/s --public-ip 203.0.113.30 --security-group gt"]);
    assert_eq!(ends(&early, "early internet"), "no-internet-gateway");
    assert_eq!(ends(&early, "internet early"), "no-internet-gateway");
    assert_eq!(ends(&early, "web 203.0.113.30"), "no-internet-gateway");
    assert_eq!(ends(&early, "internet app"), "no-public-ip");
    // What no internet host has needs a route.
    assert_eq!(ends(&early, "early 10.9.0.1"), "no-route");
    assert_eq!(
        fix(&early, "early internet"),
        ["create-gateway T-gateway --vpc T", "create-route-entry --vpc T --destination 0.0.0.0/0 --next-hop T-gateway"]
    );
    // The gateway alone is half of it.
    let attached = cloud(&["A: create-gateway other --vpc T"]);
    assert_eq!(ends(&attached, "app internet"), "no-route");
}

#[test]
fn deleted_next_hops_have_their_own_reasons() {
    let cloud = cloud(&["A: create-gateway other --vpc T
         A: create-route-entry --vpc T --destination 0.0.0.0/0 --next-hop other
         A: create-instance hop --subnet T/s --forwards true
         A: create-route-entry --vpc T --destination 30.0.0.0/16 --next-hop hop
         A: create-nat-gateway n --subnet T/s --public-ip 203.0.113.40
         A: create-route-entry --vpc T --destination 40.0.0.0/16 --next-hop n
         A: delete-instance hop
         A: delete-nat-gateway n
         A: delete-gateway other"]);
    assert_eq!(ends(&cloud, "app internet"), "no-internet-gateway");
    assert_eq!(ends(&cloud, "app 30.0.0.1"), "next-hop-gone");
    assert_eq!(ends(&cloud, "app 40.0.0.1"), "next-hop-gone");
    let (from, to, protocol) = flow("app internet");
    let trace = explain(&cloud, &from, &to, protocol).trace;
    let said: Vec<_> = trace.there.iter().flat_map(|hop| &hop.steps).map(|it| it.decision.to_string()).collect();
    assert!(said.iter().any(|it| it.ends_with("(blackhole)")), "{said:?}");
    let fix = fix(&cloud, "app internet");
    assert!(fix.iter().any(|it| it.starts_with("delete-route-entry")), "{fix:?}");
}

#[test]
fn a_nat_gateway_needs_a_public_subnet_and_translates_all_that_comes() {
    let private = cloud(&["A: create-nat-gateway bad --subnet S/private --public-ip 203.0.113.41
         A: create-route-table u --vpc S
         A: create-route-entry --table u --destination 0.0.0.0/0 --next-hop bad
         A: replace-route-table-association u --subnet S/private"]);
    assert_eq!(ends(&private, "job internet"), "next-hop-gone");
}

#[test]
fn a_region_carries_9001_bytes_two_regions_8500_and_the_internet_1500() {
    let far = "
        A: create-vpc far --region us-west-2 --cidr 10.3.0.0/16
        A: create-subnet s --vpc far --cidr 10.3.1.0/24
        A: create-security-group gf --vpc far
        A: authorize-security-group gf --protocol all --cidr 0.0.0.0/0
        A: create-instance away --subnet far/s --security-group gf
        A: create-vpc-peering-connection q --vpc S --peer-vpc far --peer-region us-west-2
        A: accept-vpc-peering-connection q
        A: create-route-entry --vpc S --destination 10.3.0.0/16 --next-hop q
        A: create-route-entry --vpc far --destination 10.1.0.0/16 --next-hop q";
    let cloud = cloud(&[far]);
    for (to, most) in [("job", 9001), ("app", 9001), ("away", 8500), ("internet", 1500)] {
        let (from, to, protocol) = flow(&format!("web {to}"));
        let sent = |size| predict(&cloud, &from, &to, Traffic::of(protocol, None).sized(Some(size))).to_string();
        assert_eq!((sent(most).as_str(), sent(most + 1).as_str()), ("reach", "too-big"), "{to}");
    }
}

#[test]
fn an_answer_that_leaves_for_the_internet_is_lost_even_where_the_asker_has_a_public_block() {
    let lines = |route: &str| {
        format!(
            "
        A: create-vpc abroad --region us-east-1 --cidr 30.1.0.0/16
        A: create-subnet s --vpc abroad --cidr 30.1.1.0/24
        A: create-security-group ga --vpc abroad
        A: create-instance asks --subnet abroad/s --security-group ga
        A: create-vpc-peering-connection q --vpc abroad --peer-vpc S
        A: accept-vpc-peering-connection q
        A: create-route-entry --vpc abroad --destination 10.1.0.0/16 --next-hop q
        {route}"
        )
    };
    assert_eq!(ends(&cloud(&[&lines("")]), "asks web"), "return:no-such-address");
    let back = "A: create-route-entry --vpc S --destination 30.1.0.0/16 --next-hop q";
    assert_eq!(ends(&cloud(&[&lines(back)]), "asks web"), "reach");
    assert_eq!(fix(&cloud(&[&lines("")]), "asks web"), [back.trim_start_matches("A: ")]);
}
