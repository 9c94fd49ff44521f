//! docs/cloud.md §3: VPCs and subnets.

use super::*;
use crate::message::Message;

#[test]
fn a_vpc_comes_with_its_table_and_its_group() {
    let mut alibaba = cloud("alibaba");
    alibaba.run("A", "create-vpc V --region r --cidr 10.0.0.0/8");
    assert!(alibaba.table("V/default").entries.is_empty());
    let rules: Vec<_> = alibaba.group("V/default").rules.iter().map(Rule::to_string).collect();
    assert_eq!(
        rules,
        [
            "accept icmp from 0.0.0.0/0 priority 1",
            "accept tcp 22/22 from 0.0.0.0/0 priority 1",
            "accept tcp 3389/3389 from 0.0.0.0/0 priority 1",
        ]
    );
    let mut jd = cloud("jdcloud");
    jd.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
    let entry = &jd.table("V/default").entries_for("0.0.0.0/0".parse().unwrap())[0];
    assert_eq!(entry.next_hop, NextHop::Internet);
    assert!(matches!(entry.origin, Origin::Provider));
}

#[test]
fn a_vpc_s_block_is_where_the_provider_has_vpcs_and_of_a_length_that_the_provider_takes() {
    let judge = |provider: &str, cidr: &str| {
        let line = format!("create-vpc V --region r --cidr {cidr}");
        cloud(provider).apply(&operation("A", &line)).map_err(|refusal| (refusal.code, refusal.argument))
    };
    let refused = Err((Code("InvalidCidrBlock"), Some("cidr")));
    for none in ["10.0.0.0", "ten", "10.0.0.0/33", "10.0.0/16"] {
        assert_eq!(judge("alibaba", none), Err((Code("InvalidCidrBlock.Malformed"), Some("cidr"))), "{none}");
    }
    for cidr in
        ["10.0.0.0/8", "172.16.0.0/12", "172.31.0.0/28", "192.168.0.0/16", "8.8.0.0/16", "172.32.0.0/16", "30.0.0.0/8"]
    {
        assert!(judge("alibaba", cidr).is_ok(), "{cidr}");
    }
    for cidr in ["10.0.0.0/7", "10.0.0.0/29", "10.0.0.1/16", "0.0.0.0/0"] {
        assert_eq!(judge("alibaba", cidr), refused, "{cidr}");
    }
    for kept in
        ["100.64.0.0/10", "100.100.0.0/16", "100.0.0.0/8", "224.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8"]
    {
        assert_eq!(judge("alibaba", kept), refused, "{kept}");
    }
    for cidr in ["10.7.0.0/16", "172.31.0.0/16", "192.168.0.0/28"] {
        assert!(judge("jdcloud", cidr).is_ok(), "{cidr}");
    }
    for cidr in ["10.0.0.0/8", "10.0.0.0/15", "192.168.0.0/29", "30.0.0.0/16"] {
        assert_eq!(judge("jdcloud", cidr), refused, "{cidr}");
    }
}

#[test]
fn a_block_with_host_bits_is_refused_with_the_block_that_was_meant() {
    assert_eq!(cloud("alibaba").refuse("A", "create-vpc V --region r --cidr 10.1.2.3/16").hint, "write 10.1.0.0/16");
}

#[test]
fn a_subnet_is_named_by_name_or_id_behind_its_vpc_s_name_or_id() {
    let mut cloud = cloud("alibaba");
    cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/16 --id vpc-1");
    cloud.run("A", "create-vpc W --region r --cidr 10.1.0.0/16 --id vpc-2");
    cloud.run("A", "create-subnet s --vpc V --cidr 10.0.1.0/24 --id vsw-1");
    for (index, subnet) in ["V/s", "vpc-1/s", "vsw-1", "V/vsw-1", "vpc-1/vsw-1"].iter().enumerate() {
        cloud.run("A", &format!("create-instance i{index} --subnet {subnet}"));
    }
    for subnet in ["W/s", "W/vsw-1", "s", "V/V/s", "V/vpc-1", "V/"] {
        let line = format!("create-instance i --subnet {subnet}");
        assert_eq!(cloud.code("A", &line), "InvalidVSwitchId.NotFound", "{subnet}");
    }
}

#[test]
fn a_subnet_lies_in_its_vpc_and_beside_its_siblings() {
    let mut cloud = cloud("alibaba");
    cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/8");
    cloud.run("A", "create-subnet s --vpc V --cidr 10.1.0.0/16");
    for (cidr, code) in [
        ("192.168.0.0/24", Code("InvalidCidrBlock")),
        ("10.0.0.0/15", Code("InvalidCidrBlock")),
        ("10.2.0.0/30", Code("InvalidCidrBlock")),
        ("10.1.2.0/24", Code("InvalidCidrBlock.Overlapped")),
        ("10.1.0.0/16", Code("InvalidCidrBlock.Overlapped")),
    ] {
        let refusal = cloud.refuse("A", &format!("create-subnet t --vpc V --cidr {cidr}"));
        assert_eq!((refusal.code, refusal.argument), (code, Some("cidr")), "{cidr}");
    }
    assert_eq!(cloud.code("A", "create-subnet s --vpc V --cidr 10.2.0.0/16"), "AlreadyExists");
    cloud.run("A", "create-vpc W --region r --cidr 10.0.0.0/8");
    cloud.run("A", "create-subnet s --vpc W --cidr 10.1.0.0/29");
}

#[test]
fn the_gateway_stands_where_the_provider_puts_it() {
    let gateway = |provider: &str| {
        let mut cloud = cloud(provider);
        cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
        cloud.run("A", "create-subnet s --vpc V --cidr 10.0.1.0/24");
        cloud.subnet(&"V/s".parse().unwrap()).unwrap().gateway.to_string()
    };
    assert_eq!((&*gateway("alibaba"), &*gateway("jdcloud")), ("10.0.1.253", "10.0.1.1"));
}

#[test]
fn a_subnet_cannot_swallow_a_route_entry() {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.0.0.0/8
         A: create-subnet other --vpc V --cidr 10.9.0.0/16
         A: create-instance i --subnet V/other
         A: create-route-entry --vpc V --destination 10.1.2.0/24 --next-hop i",
    );
    let refusal = cloud.refuse("A", "create-subnet s --vpc V --cidr 10.1.0.0/16");
    assert_eq!(refusal.code, Code("InvalidCidrBlock"));
    assert!(refusal.message.to_string().contains("10.1.2.0/24 of route table V/default"), "{}", refusal.message);
    cloud.run("A", "create-subnet s --vpc V --cidr 10.1.2.0/25");
}

#[test]
fn a_vpc_is_deleted_when_it_is_empty_and_says_what_is_in_the_way() {
    let mut cloud = connected();
    cloud.run_all(
        "A: create-route-table t --vpc VPC1
         A: create-security-group g --vpc VPC1
         A: create-security-group h --vpc VPC1
         A: authorize-security-group h --protocol icmp --group g
         A: create-route-entry --table t --destination 172.16.0.0/16 --next-hop ri-a",
    );
    let refusal = cloud.refuse("A", "delete-vpc VPC1");
    assert_eq!(refusal.code, Code("DependencyViolation.RouteEntry"));
    let order = "route entry 172.16.0.0/16 of t, instance ecs-a, subnet VPC1/vsw-1, route table t, \
                 peering ri-a (deactivate it first), security group g (revoke the rules of h by it first), \
                 security group h";
    assert!(refusal.message.to_string().ends_with(order), "{}", refusal.message);
    assert_eq!(cloud.code("A", "delete-subnet VPC1/vsw-1"), "DependencyViolation.Instance");
    cloud.run_all(
        "A: delete-route-entry --table t --destination 172.16.0.0/16
         A: delete-instance ecs-a
         A: delete-subnet VPC1/vsw-1
         A: delete-route-table t
         A: deactivate-router-interface ri-a
         A: delete-router-interface ri-a
         A: revoke-security-group h --protocol icmp --group g
         A: delete-security-group g
         A: delete-security-group h
         A: delete-vpc vpc-m5e1",
    );
    assert_eq!(cloud.vpcs().count(), 1);
    cloud.run("B", "create-vpc VPC1 --region r --cidr 10.0.0.0/8 --id vpc-m5e1 --router-id vrt-AAA");
}

#[test]
fn an_id_has_the_provider_s_shape() {
    let mut alibaba = cloud("alibaba");
    let create = |id: &str| format!("create-vpc V --region r --cidr 10.0.0.0/16 --id {id}");
    for id in ["vrt-1", "vpc-", "vpc-a-b", "m5e1", &format!("vpc-{}", "x".repeat(33))] {
        let refusal = alibaba.refuse("A", &create(id));
        assert_eq!((refusal.code, refusal.argument), (Code("InvalidId"), Some("id")), "{id}");
    }
    alibaba.run("A", &create("vpc-m5E1"));
    let mut jd = cloud("jdcloud");
    assert_eq!(jd.code("A", &create("a/b")), "InvalidId");
    jd.run("A", &create("anything-goes"));
}

#[test]
fn an_id_that_nobody_gave_is_the_same_on_every_run() {
    let id = |provider: &str| {
        let mut cloud = cloud(provider);
        cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
        cloud.run("A", "create-subnet s --vpc V --cidr 10.0.0.0/24");
        let subnet = cloud.subnets().next().unwrap().id.to_string();
        (cloud.vpcs().next().unwrap().id.to_string(), subnet)
    };
    assert_eq!(id("alibaba"), id("alibaba"));
    let (vpc, subnet) = id("alibaba");
    assert!(vpc.starts_with("vpc-") && subnet.starts_with("vsw-"), "{vpc} {subnet}");
    assert!(id("jdcloud").1.starts_with("subnet-"));
}

#[test]
fn a_thing_is_known_by_name_and_id() {
    let mut cloud = two_accounts();
    let subnet = cloud.subnet(&"VPC1/vsw-1".parse().unwrap()).unwrap().id.to_string();
    cloud.run("A", &format!("create-instance by-id --subnet {subnet}"));
    cloud.run("A", "create-instance by-name --subnet VPC1/vsw-1");
    cloud.run("A", "create-instance by-both --subnet vpc-m5e1/vsw-1");
    assert_eq!(cloud.host("by-both").ip.to_string(), "192.168.1.3");
}

#[test]
fn what_is_not_there_is_said_with_what_is_near() {
    let mut cloud = two_accounts();
    assert_eq!(cloud.refuse("A", "create-subnet s --vpc vpc1 --cidr 10.0.0.0/24").hint, "did you mean VPC1?");
    let refusal = cloud.refuse("A", "create-subnet s --vpc ecs-a --cidr 10.0.0.0/24");
    assert!(refusal.message.to_string().contains("is an instance, not a VPC"), "{}", refusal.message);
}

/// The English of warnings.
fn joined(warnings: &[Message]) -> String {
    warnings.iter().map(Message::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_region_that_the_provider_does_not_have_is_a_warning() {
    let warned = |provider: &str, region: &str| {
        let outcome = cloud(provider).run("A", &format!("create-vpc V --region {region} --cidr 10.0.0.0/16"));
        joined(&outcome.warnings)
    };
    for provider in Provider::ALL {
        for region in provider.regions {
            assert_eq!(warned(provider.name, region), "", "{region}");
            assert_eq!(warned(provider.name, &region.to_uppercase()), "", "{region}");
        }
    }
    for (provider, region, near) in [
        ("alibaba", "beijing", "cn-beijing"),
        ("alibaba", "cn-bejing", "cn-beijing"),
        ("alibaba", "qingdo", "cn-qingdao"),
        ("alibaba", "cn_hangzhou".trim_start_matches("cn_"), "cn-hangzhou"),
        ("alibaba", "southeast-2", "ap-southeast-2"),
        ("alibaba", "CN-Hangzou", "cn-hangzhou"),
        ("jdcloud", "north-1", "cn-north-1"),
        ("jdcloud", "cn-north1", "cn-north-1"),
    ] {
        let lower = region.to_lowercase();
        let said = format!("{provider} has no region {lower} that peerlab knows: did you mean {near}?");
        assert_eq!(warned(provider, region), said);
    }
    assert_eq!(warned("jdcloud", "cn-qingdao"), "jdcloud has no region cn-qingdao that peerlab knows");
    assert_eq!(warned("alibaba", "r"), "alibaba has no region r that peerlab knows");
}

#[test]
fn a_region_is_compared_with_those_of_the_lab() {
    let mut cloud = cloud("alibaba");
    let doubts = |cloud: &mut Cloud, line: &str| joined(&cloud.run("A", line).warnings);
    assert_eq!(doubts(&mut cloud, "create-vpc V --region mars-1 --cidr 10.0.0.0/16").matches("mars-1").count(), 1);
    assert_eq!(doubts(&mut cloud, "create-vpc W --region mars-1 --cidr 10.1.0.0/16"), "", "it was said");
    let said = doubts(&mut cloud, "create-vpc X --region mars-2 --cidr 10.2.0.0/16");
    assert!(said.ends_with("did you mean mars-1?"), "{said}");
    let line = |name: &str, region: &str| {
        format!("create-router-interface {name} --vpc V --role acceptor --opposite-region {region}")
    };
    let said = doubts(&mut cloud, &line("a", "beijing"));
    assert_eq!(said, "alibaba has no region beijing that peerlab knows: did you mean cn-beijing?");
    assert_eq!(doubts(&mut cloud, &line("b", "cn-beijing")), "");
    assert_eq!(doubts(&mut cloud, &line("c", "mars-2")), "");
}

#[test]
fn every_fault_of_a_vpc_is_found() {
    let cloud = cloud("alibaba");
    let faults = cloud.faults(&operation("A", "create-vpc V --region ? --cidr 010.0.0.0/8 --id x --router-id y"));
    let arguments: Vec<_> = faults.iter().map(|fault| fault.argument.unwrap()).collect();
    assert_eq!(arguments, ["region", "cidr", "id", "router-id"]);
}

#[test]
fn a_vpc_gets_more_blocks_and_gives_them_back() {
    let mut cloud = cloud("alibaba");
    cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
    cloud.run("A", "add-cidr V --cidr 10.1.0.0/16");
    cloud.run("A", "add-cidr V --cidr 192.168.0.0/24");
    cloud.run("A", "create-subnet s --vpc V --cidr 10.1.7.0/24");
    cloud.run("A", "create-subnet t --vpc V --cidr 192.168.0.0/24");
    let blocks = |cloud: &Cloud| cloud.vpcs().next().unwrap().blocks().map(|it| it.to_string()).collect::<Vec<_>>();
    assert_eq!(blocks(&cloud), ["10.0.0.0/16", "10.1.0.0/16", "192.168.0.0/24"]);
    for (line, code, argument) in [
        ("add-cidr V --cidr 10.1.128.0/17", "InvalidCidrBlock.Overlapped", "cidr"),
        ("add-cidr V --cidr 10.0.0.0/8", "InvalidCidrBlock.Overlapped", "cidr"),
        ("add-cidr V --cidr 100.64.0.0/16", "InvalidCidrBlock", "cidr"),
        ("add-cidr W --cidr 10.2.0.0/16", "InvalidVpcId.NotFound", "vpc"),
        ("remove-cidr V --cidr 10.0.0.0/16", "OperationDenied.DefaultResource", "cidr"),
        ("remove-cidr V --cidr 10.1.0.0/24", "InvalidCidrBlock.NotFound", "cidr"),
        ("remove-cidr V --cidr 10.1.0.0/16", "DependencyViolation.VSwitch", "cidr"),
        ("create-subnet u --vpc V --cidr 10.2.0.0/24", "InvalidCidrBlock", "cidr"),
    ] {
        let refusal = cloud.apply(&operation("A", line)).unwrap_err();
        assert_eq!((refusal.code, refusal.argument), (Code(code), Some(argument)), "{line}");
    }
    cloud.run("A", "delete-subnet V/s");
    cloud.run("A", "remove-cidr V --cidr 10.1.0.0/16");
    assert_eq!(blocks(&cloud), ["10.0.0.0/16", "192.168.0.0/24"]);
    for n in 2..=5 {
        cloud.run("A", &format!("add-cidr V --cidr 10.{n}.0.0/16"));
    }
    let refusal = cloud.apply(&operation("A", "add-cidr V --cidr 10.6.0.0/16")).unwrap_err();
    assert_eq!(refusal.code, Code("QuotaExceeded"));
    let refusal = cloud.apply(&operation("B", "add-cidr V --cidr 10.6.0.0/16")).unwrap_err();
    assert_eq!(refusal.code, Code("Forbidden.NotOwner"));
}

#[test]
fn a_vpc_of_a_provider_with_one_block_gets_no_other() {
    let mut jd = cloud("jdcloud");
    jd.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
    for line in ["add-cidr V --cidr 10.1.0.0/16", "remove-cidr V --cidr 10.0.0.0/16"] {
        assert_eq!(jd.apply(&operation("A", line)).unwrap_err().code, Code("UnsupportedOperation"), "{line}");
    }
}

#[test]
fn a_new_block_that_a_peer_has_is_a_warning_where_overlaps_are_allowed() {
    let mut cloud = cloud("alibaba");
    cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
    cloud.run("A", "create-vpc W --region r --cidr 10.1.0.0/16");
    cloud.run("A", "create-vpc-peering-connection c --vpc V --peer-vpc W");
    let outcome = cloud.apply(&operation("A", "add-cidr V --cidr 10.1.0.0/16")).unwrap();
    let said: Vec<_> = outcome.warnings.iter().map(Message::to_string).collect();
    assert_eq!(said, ["10.1.0.0/16 overlaps block 10.1.0.0/16 of VPC W, the peer by c"]);
}
