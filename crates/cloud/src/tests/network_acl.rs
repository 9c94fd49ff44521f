//! Network ACLs: what a new one does, entries by number, associations.

use super::*;
use crate::flow::{Protocol, Traffic};

const GROUND: &str = "A: create-vpc V --region r --cidr 10.0.0.0/16
    A: create-subnet s --vpc V --cidr 10.0.1.0/24
    A: create-subnet t --vpc V --cidr 10.0.2.0/24
    A: create-network-acl n --vpc V";

fn ground(provider: &str) -> Cloud {
    let mut cloud = cloud(provider);
    cloud.run_all(GROUND);
    cloud
}

fn entries(cloud: &Cloud) -> Vec<String> {
    let acl = cloud.network_acl(&NetworkAclName::trusted("n")).expect("the ACL");
    acl.entries.iter().map(ToString::to_string).collect()
}

#[test]
fn a_new_acl_accepts_everything_or_nothing_by_provider() {
    let mut alibaba = ground("alibaba");
    assert_eq!(entries(&alibaba), ["32766 accept all from 0.0.0.0/0", "32766 accept all to 0.0.0.0/0"]);
    alibaba.run("A", "delete-network-acl-entry n --number 32766 --direction egress");
    assert_eq!(entries(&alibaba), ["32766 accept all from 0.0.0.0/0"]);
    assert!(entries(&ground("jdcloud")).is_empty());
}

#[test]
fn entries_are_in_the_order_of_their_numbers_in_each_direction() {
    let mut cloud = ground("jdcloud");
    cloud.run_all(
        "A: create-network-acl-entry n --number 200 --direction ingress --protocol TCP --port 22 --cidr 10.0.0.0/8
         A: create-network-acl-entry n --number 100 --direction Ingress --protocol all --cidr 10.9.9.9 --policy DROP
         A: create-network-acl-entry n --number 200 --direction egress --protocol tcp --cidr 0.0.0.0/0",
    );
    assert_eq!(
        entries(&cloud),
        ["100 drop all from 10.9.9.9/32", "200 accept tcp 22/22 from 10.0.0.0/8", "200 accept tcp to 0.0.0.0/0"]
    );
}

#[test]
fn an_acl_has_as_many_entries_in_a_direction_as_the_provider_allows() {
    let mut cloud = ground("jdcloud");
    let line = |n: usize, way: &str| {
        format!("create-network-acl-entry n --number {n} --direction {way} --protocol all --cidr 0.0.0.0/0")
    };
    for number in 1..=20 {
        cloud.run("A", &line(number, "ingress"));
    }
    assert_eq!(cloud.code("A", &line(21, "ingress")), "NetworkAclEntryLimitExceeded");
    cloud.run("A", &line(21, "egress"));
}

#[test]
fn an_association_replaces_and_keeps_the_acl_from_being_deleted() {
    let mut cloud = ground("alibaba");
    cloud.run_all(
        "A: create-network-acl m --vpc V
         A: associate-network-acl n --subnet V/s
         A: associate-network-acl n --subnet V/t
         A: associate-network-acl m --subnet V/s",
    );
    let of = |cloud: &Cloud, subnet: &str| {
        let subnet = cloud.subnet(&subnet.parse().unwrap()).expect("a subnet");
        cloud.acl_of(subnet).map(|acl| acl.name.to_string())
    };
    assert_eq!((of(&cloud, "V/s").as_deref(), of(&cloud, "V/t").as_deref()), (Some("m"), Some("n")));
    assert_eq!(cloud.code("A", "unassociate-network-acl n --subnet V/s"), "InvalidAssociation.NotFound");
    assert_eq!(cloud.code("A", "delete-network-acl n"), "DependencyViolation");
    cloud.run_all(
        "A: unassociate-network-acl n --subnet V/t
         A: delete-network-acl n
         A: delete-subnet V/s
         A: delete-network-acl m",
    );
    assert!(!cloud.has_acls());
}

#[test]
fn ports_are_alike_where_no_entry_tells_them_apart() {
    let mut cloud = ground("alibaba");
    cloud.run_all(
        "A: create-network-acl-entry n --number 1 --direction egress --protocol tcp --port 1024/65535 --cidr 0.0.0.0/0
         A: create-network-acl-entry n --number 2 --direction egress --protocol udp --port 49000/50100 --cidr 0.0.0.0/0
         A: create-network-acl-entry n --number 3 --direction ingress --protocol udp --port 50001 --cidr 0.0.0.0/0",
    );
    let like = |protocol, port| cloud.ports_like(Traffic::of(protocol, Some(port)));
    assert_eq!(like(Protocol::Udp(53), 50_000), 49_000..=50_000);
    assert_eq!(like(Protocol::Udp(53), 50_001), 50_001..=50_001);
    assert_eq!(like(Protocol::Tcp(22), 50_001), 1024..=65_535);
    assert_eq!(like(Protocol::Tcp(22), 22), 1..=1023);
}
