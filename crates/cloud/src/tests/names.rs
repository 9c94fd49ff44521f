//! Valid names, what a name refers to, and the ids derived from it (docs/cloud.md §5).

use super::*;

const VPC: &str = "create-vpc prod --region r --cidr 10.0.0.0/16";

#[test]
fn a_name_is_letters_of_any_script_and_digits() {
    let long = "名".repeat(128);
    let create = |name: &str| format!("create-vpc {name} --region r --cidr 10.0.0.0/16");
    for provider in ["alibaba", "jdcloud"] {
        for name in ["生产-1", "1a", "2022_测试到生产", "é.x", "हिन्दी", "ไทยน้ำ", "٣", "x", &long, "10.0.0.1"]
        {
            cloud(provider).run("A", &create(name));
        }
        let too_long = "名".repeat(129);
        for name in [
            "internet",
            "Internet",
            "localhost",
            "LOCALHOST",
            "_a",
            ".",
            "a/b",
            "''",
            "'a b'",
            "a:b",
            "a\u{200b}b",
            "\u{3164}",
            "a\u{fe0f}",
            "\u{301}a",
            "😀",
            &too_long,
        ] {
            assert_eq!(cloud(provider).code("A", &create(name)), "InvalidName", "{name}");
        }
    }
}

#[test]
fn a_name_is_unique_in_its_kind_and_an_id_over_all() {
    let mut cloud = two_accounts();
    let create = |rest: &str| format!("create-vpc {rest} --region r --cidr 10.0.0.0/8");
    for taken in ["VPC1", "vpc-m5e1"] {
        let refusal = cloud.refuse("A", &create(taken));
        assert_eq!((refusal.code, refusal.argument), (Code("AlreadyExists"), Some("name")), "{taken}");
    }
    assert_eq!(cloud.code("A", &create("V --id vpc-m5e1")), "AlreadyExists");
    assert_eq!(cloud.code("A", &create("V --router-id vrt-AAA")), "AlreadyExists");
    for other_kind in ["A", "ecs-a", "vrt-AAA"] {
        cloud.run("A", &create(other_kind));
    }
}

#[test]
fn one_name_for_all_is_told_apart_by_where_it_stands() {
    let mut cloud = cloud("alibaba");
    cloud.run_all(&format!(
        "A: {VPC}
         A: create-subnet prod --vpc prod --cidr 10.0.1.0/24
         A: create-security-group prod --vpc prod
         A: create-route-table prod --vpc prod
         A: create-instance prod --subnet prod/prod --security-group prod
         A: associate-route-table prod --subnet prod/prod
         A: create-route-entry --table prod --destination 10.9.0.0/16 --next-hop prod
         A: create-router-interface prod --vpc prod --role initiator --spec Mini.2 --opposite-region r"
    ));
    let entry = |hop: &str| format!("create-route-entry --vpc prod --destination 10.9.0.0/16 --next-hop {hop}");
    let refusal = cloud.refuse("A", &entry("prod"));
    assert_eq!((refusal.code, refusal.argument), (Code("AmbiguousReference"), Some("next-hop")));
    let id = cloud.end("prod").id;
    for way in ["instance:prod", "router_interface:prod", &id.0] {
        assert!(refusal.hint.to_string().contains(way), "{way}: {}", refusal.hint);
    }
    for (way, hop) in [
        ("instance:prod", NextHop::Instance(InstanceName::trusted("prod"))),
        ("router-interface:prod", NextHop::Peering(PeeringName::trusted("prod"))),
        (&*id.0, NextHop::Peering(PeeringName::trusted("prod"))),
    ] {
        let mut cloud = cloud.clone();
        cloud.run("A", &entry(way));
        assert_eq!(cloud.table("prod/default").entries.last().unwrap().next_hop, hop, "{way}");
        // The proposed spelling refers to the same resource.
        assert!(["instance:prod", "router_interface:prod"].contains(&&*cloud.reference_to(&hop)));
        // If only one entry matches, its own next hop is meant.
        cloud.run("A", "delete-route-entry --vpc prod --destination 10.9.0.0/16 --next-hop prod");
    }
    cloud.run("A", "leave-security-group instance:prod --group security_group:prod");
    assert_eq!(cloud.code("A", "delete-vpc instance:prod"), "InvalidVpcId.NotFound");
}

#[test]
fn an_id_comes_before_a_name() {
    let mut cloud = cloud("alibaba");
    cloud.run("A", &format!("{VPC} --id vpc-1"));
    let refusal = cloud.refuse("A", "create-vpc vpc-1 --region r --cidr 10.0.0.0/16");
    assert_eq!(refusal.code, Code("AlreadyExists"), "the id is another's of the kind");
    // A resource of another kind is never possible in the same position.
    cloud.run("A", "create-security-group vpc-1 --vpc vpc-1");
    cloud.run("A", "delete-security-group vpc-1");
}

/// docs/cloud.md §5: the first resource of a name has the id derived from the name alone, each later one a different
/// id.
#[test]
fn an_id_is_of_a_name_and_of_how_often_it_was_made() {
    let id = |cloud: &Cloud| cloud.vpc(&VpcName::trusted("prod")).unwrap().id.to_string();
    let mut cloud = cloud("alibaba");
    let mut ids = BTreeSet::new();
    for _ in 0..4 {
        cloud.run("A", VPC);
        assert!(ids.insert(id(&cloud)), "{ids:?}");
        cloud.check_invariants().unwrap();
        cloud.run("A", "delete-vpc prod");
    }
    let mut other = super::cloud("alibaba");
    other.run("A", VPC);
    assert!(ids.contains(&id(&other)), "the first is the same in every lab");
    // One with a given id counts as well.
    other.run("A", "delete-vpc prod");
    other.run("A", &format!("{VPC} --id vpc-1"));
    other.run("A", "delete-vpc prod");
    other.run("A", VPC);
    assert!(ids.contains(&id(&other)));
}

#[test]
fn a_rule_does_not_come_back_to_life_by_a_name() {
    let mut cloud = two_accounts();
    cloud.run("B", "create-security-group far --vpc VPC2");
    cloud.run("A", "create-security-group near --vpc VPC1");
    let allow = |cloud: &mut Cloud| {
        cloud.allow.cross_region_group = true;
        cloud.run("A", "authorize-security-group near --protocol all --group far --group-account B")
    };
    allow(&mut cloud);
    cloud.run("B", "delete-security-group far");
    cloud.run("B", "create-security-group far --vpc VPC2");
    let stale = |cloud: &Cloud| {
        let group = cloud.security_group(&GroupName::trusted("near")).unwrap();
        group.rules.iter().map(|rule| cloud.stale(group, rule)).collect::<Vec<_>>()
    };
    assert_eq!(stale(&cloud), [Some(Stale::GroupGone)]);
    allow(&mut cloud);
    assert_eq!(stale(&cloud), [Some(Stale::GroupGone), Some(Stale::NoActivePeering)], "it is another group");
    let revoke = "revoke-security-group near --protocol all --group far --group-account B";
    cloud.run("A", revoke);
    assert_eq!(stale(&cloud), [Some(Stale::GroupGone)], "a name means what has it");
    cloud.run("A", revoke);
    assert_eq!(stale(&cloud), []);
}
