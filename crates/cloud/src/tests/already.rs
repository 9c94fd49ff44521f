//! A learner does steps by hand, and `next` skips what exists.

use super::*;

fn is_there(cloud: &Cloud, caller: &str, line: &str) -> bool {
    cloud.already(&operation(caller, line))
}

/// Each operation's effect is absent before it and present after it.
#[track_caller]
fn each_is_there_once_it_is_done(mut cloud: Cloud, script: &str) {
    for line in script.lines().map(str::trim) {
        let (caller, line) = line.split_once(": ").unwrap();
        assert!(!is_there(&cloud, caller, line), "before: {line}");
        cloud.run(caller, line);
        assert!(is_there(&cloud, caller, line), "after: {line}");
    }
}

#[test]
fn every_operation_of_alibaba_is_recognized() {
    each_is_there_once_it_is_done(
        cloud("alibaba"),
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         B: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/24
         A: create-security-group g --vpc V --inner-access drop
         A: create-instance i --subnet V/s --ip 10.0.1.7 --public-ip 203.0.113.1
         A: join-security-group i --group g
         A: leave-security-group i --group g
         A: authorize-security-group g --protocol tcp --port 22 --cidr 10.0.0.0/8
         A: revoke-security-group g --protocol tcp --port 22 --cidr 10.0.0.0/8
         A: authorize-security-group-egress g --protocol all --group g --policy drop --priority 7
         A: revoke-security-group-egress g --protocol all --group g --policy drop --priority 7
         A: create-route-table t --vpc V
         A: associate-route-table t --subnet V/s
         A: create-router-interface ri-a --vpc V --role initiator --spec Mini.2 --opposite-region r
         B: create-router-interface ri-b --vpc W --role acceptor --opposite-region r
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router W
         B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router V
         A: connect-router-interface ri-a
         A: modify-router-interface-spec ri-a --spec Small.1
         A: create-route-entry --table t --destination 172.16.0.0/16 --next-hop ri-a
         A: delete-route-entry --table t --destination 172.16.0.0/16
         A: deactivate-router-interface ri-a
         A: activate-router-interface ri-a
         B: deactivate-router-interface ri-b
         B: delete-router-interface ri-b
         A: unassociate-route-table t --subnet V/s
         A: delete-route-table t
         A: create-vpc X --region r --cidr 192.168.0.0/16
         A: create-peering p --vpc V --peer-vpc X --spec Mini.2
         A: delete-security-group g
         A: delete-instance i
         A: delete-subnet V/s
         B: delete-vpc W",
    );
}

#[test]
fn every_operation_of_jd_cloud_is_recognized() {
    each_is_there_once_it_is_done(
        jd(),
        "A: create-vpc-peering atob --vpc VPCA --peer-vpc-id VPCB
         B: create-vpc-peering btoa --vpc VPCB --peer-vpc-id vpc-xxvpcforpeeringaxx
         A: create-route-entry --vpc VPCA --destination 172.16.0.0/16 --next-hop atob
         A: delete-vpc-peering atob",
    );
}

#[test]
fn the_same_thing_may_be_said_in_other_words() {
    let cloud = connected();
    let id = cloud.router_interface(&PeeringName::trusted("ri-b")).unwrap().id.clone();
    let line = format!("modify-router-interface-attribute ri-a --opposite-account 2 --opposite-interface {id}");
    assert!(is_there(&cloud, "A", &line));
    let router = &cloud.vpc(&VpcName::trusted("VPC2")).unwrap().router_id;
    assert!(is_there(&cloud, "A", &format!("{line} --opposite-router {router}")));
    assert!(!is_there(&cloud, "A", &format!("{line} --opposite-router VPC1")), "another router was said");
}

#[test]
fn something_else_of_the_same_name_is_not_it() {
    let cloud = two_accounts();
    for line in [
        "create-vpc VPC1 --region cn-beijing --cidr 192.168.0.0/16",
        "create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/17",
        "create-subnet vsw-1 --vpc VPC1 --cidr 192.168.2.0/24",
        "create-instance ecs-a --subnet VPC1/vsw-1 --ip 192.168.1.11",
        "create-vpc VPC2 --region cn-beijing --cidr 172.16.0.0/16",
    ] {
        assert!(!is_there(&cloud, "A", line), "{line}");
    }
}

#[test]
fn an_entry_that_leads_nowhere_is_not_there() {
    let mut cloud = jd();
    cloud.run_all(
        "A: create-vpc-peering atob --vpc VPCA --peer-vpc-id VPCB
         A: create-route-entry --vpc VPCA --destination 172.16.0.0/16 --next-hop atob
         A: delete-vpc-peering atob",
    );
    assert!(!is_there(&cloud, "A", "create-route-entry --vpc VPCA --destination 172.16.0.0/16 --next-hop atob"));
    assert!(is_there(&cloud, "A", "delete-vpc-peering atob"));
}
