//! docs/cloud.md §3: route tables.

use super::*;

fn one(provider: &str) -> Cloud {
    let mut cloud = cloud(provider);
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/24
         A: create-instance i --subnet V/s
         A: create-route-table t --vpc V",
    );
    cloud
}

fn entry(cloud: &mut Cloud, destination: &str) -> Result<(), (Code, Option<&'static str>)> {
    let line = format!("create-route-entry --table t --destination {destination} --next-hop i");
    cloud.apply(&operation("A", &line)).map(drop).map_err(|refusal| (refusal.code, refusal.argument))
}

#[test]
fn a_destination_is_no_local_route() {
    let refused = Err((Code("InvalidCidrBlock"), Some("destination")));
    let mut alibaba = one("alibaba");
    assert_eq!(entry(&mut alibaba, "10.0.1.0/24"), refused, "equal to a subnet");
    assert_eq!(entry(&mut alibaba, "10.0.1.128/25"), refused, "inside a subnet");
    assert_eq!(entry(&mut alibaba, "100.64.1.0/24"), refused, "the provider's services");
    assert_eq!(entry(&mut alibaba, "10.0.1.1/16"), refused, "host bits");
    assert_eq!(entry(&mut alibaba, "10.0.2.0/24"), Ok(()), "in the VPC, in no subnet");
    assert_eq!(entry(&mut alibaba, "10.0.0.0/16"), Ok(()), "holds a subnet");
    let mut jd = one("jdcloud");
    assert_eq!(entry(&mut jd, "10.0.2.0/24"), refused, "the whole VPC is local");
    assert_eq!(entry(&mut jd, "10.0.0.0/16"), refused);
    assert_eq!(entry(&mut jd, "10.0.0.0/8"), Ok(()));
}

#[test]
fn a_destination_is_unique_in_its_table() {
    let mut cloud = one("alibaba");
    assert_eq!(entry(&mut cloud, "0.0.0.0/0"), Ok(()));
    assert_eq!(entry(&mut cloud, "0.0.0.0/0"), Err((Code("InvalidCIDRBlock.Duplicate"), Some("destination"))));
    cloud.run("A", "create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop i");
}

#[test]
fn a_table_is_full_at_the_provider_s_limit() {
    for (provider, limit) in [("alibaba", 200), ("jdcloud", 50)] {
        let mut cloud = one(provider);
        for i in 0..limit {
            assert_eq!(entry(&mut cloud, &format!("8.0.{i}.0/24")), Ok(()), "{provider} {i}");
        }
        assert_eq!(entry(&mut cloud, "9.0.0.0/24"), Err((Code("QuotaExceeded"), None)));
    }
}

#[test]
fn a_next_hop_is_a_peering_or_an_instance_and_with_jd_cloud_the_internet() {
    let mut cloud = one("alibaba");
    let line = |hop: &str| format!("create-route-entry --table t --destination 8.8.8.0/24 --next-hop {hop}");
    for hop in ["V", "t", "A", "internet"] {
        let refusal = cloud.refuse("A", &line(hop));
        assert_eq!((refusal.code, refusal.argument), (Code("InvalidNextHopType"), Some("next-hop")), "{hop}");
    }
    assert_eq!(cloud.code("A", &line("nothing")), "InvalidNextHop.NotFound");
    cloud.run_all(
        "A: create-vpc W --region r --cidr 192.168.0.0/16
         A: create-subnet s --vpc W --cidr 192.168.0.0/24
         A: create-instance w --subnet W/s
         A: create-vpc X --region r --cidr 172.16.0.0/16
         A: create-peering p --vpc W --peer-vpc X --spec Mini.2",
    );
    assert_eq!(cloud.code("A", &line("w")), "InvalidNextHop.NotFound", "another VPC's instance");
    assert_eq!(cloud.code("A", &line("p")), "InvalidNextHop.NotFound", "a peering of two other VPCs");
    cloud.run("A", &line("i"));
    one("jdcloud").run("A", &line("internet"));
}

#[test]
fn a_destination_without_a_mask_is_one_address() {
    for provider in ["alibaba", "jdcloud"] {
        let mut cloud = one(provider);
        let line = |verb: &str, table: &str, destination: &str, hop: &str| {
            format!("{verb}-route-entry {table} --destination {destination}{hop}")
        };
        for table in ["--table t", "--vpc V"] {
            let create = line("create", table, "10.9.8.7", " --next-hop i");
            cloud.run("A", &create);
            assert!(cloud.already(&operation("A", &create)), "{create}");
            assert_eq!(
                cloud.code("A", &line("create", table, "10.9.8.7/32", " --next-hop i")),
                "InvalidCIDRBlock.Duplicate"
            );
            let delete = line("delete", table, "10.9.8.7", "");
            cloud.run("A", &delete);
            assert!(cloud.already(&operation("A", &delete)), "{delete}");
            cloud.run("A", &line("create", table, "10.9.8.7/32", " --next-hop i"));
            cloud.run("A", &line("delete", table, "10.9.8.7", " --next-hop i"));
        }
        let refused = cloud.refuse("A", &line("create", "--table t", "10.9.8.7/24", " --next-hop i"));
        assert_eq!((refused.code, refused.hint.to_string()), (Code("InvalidCidrBlock"), "write 10.9.8.0/24".into()));
        for wrong in ["10.9.8", "10.9.8.7/", "10.9.8.256", "/32", "10.9.8.7/33", "010.9.8.7", "10.9.8.7/032"] {
            assert_eq!(
                entry(&mut cloud, wrong),
                Err((Code("InvalidCidrBlock.Malformed"), Some("destination"))),
                "{wrong}"
            );
        }
    }
}

#[test]
fn an_entry_for_the_own_block_is_warned_of() {
    let mut cloud = one("alibaba");
    let mut warned = |destination: &str| {
        let line = format!("create-route-entry --table t --destination {destination} --next-hop i");
        cloud.run("A", &line).warnings
    };
    assert!(
        warned("10.0.0.0/16")[0]
            .to_string()
            .contains("lies in V's own block (10.0.0.0/16), and its subnets stay local")
    );
    assert_eq!(warned("10.0.2.0/24").len(), 1);
    assert!(warned("10.0.0.0/8").is_empty() && warned("172.16.0.0/12").is_empty());
}

#[test]
fn an_entry_may_name_a_peering_in_any_state() {
    let mut cloud = bound();
    cloud.run("A", "create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-a");
    assert!(!cloud.end("ri-a").carries);
}

#[test]
fn association_replaces_and_unassociation_gives_back() {
    let mut cloud = one("alibaba");
    cloud.run("A", "create-route-table u --vpc V");
    let serves = |cloud: &Cloud| cloud.table_of(cloud.subnet(&"V/s".parse().unwrap()).unwrap()).name.to_string();
    assert_eq!(serves(&cloud), "V/default");
    cloud.run("A", "associate-route-table t --subnet V/s");
    cloud.run("A", "associate-route-table u --subnet V/s");
    assert_eq!(serves(&cloud), "u");
    assert_eq!(cloud.subnets_served_by(cloud.table("t")).count(), 0);
    assert_eq!(cloud.code("A", "unassociate-route-table t --subnet V/s"), "InvalidAssociation.NotFound");
    let refusal = cloud.refuse("A", "delete-route-table u");
    assert_eq!(refusal.code, Code("DependencyViolation.VSwitch"));
    cloud.run("A", refusal.hint.to_string().strip_prefix("first ").unwrap());
    assert_eq!(serves(&cloud), "V/default");
    cloud.run("A", "delete-route-table u");
    cloud.run("A", "associate-route-table t --subnet V/s");
    cloud.run("A", "associate-route-table V/default --subnet V/s");
    assert_eq!(cloud.subnet(&"V/s".parse().unwrap()).unwrap().association, None, "the default table is no association");
}

#[test]
fn a_table_serves_its_own_vpc() {
    let mut cloud = one("alibaba");
    cloud.run_all("A: create-vpc W --region r --cidr 10.0.0.0/16\nA: create-subnet s --vpc W --cidr 10.0.0.0/24");
    assert_eq!(cloud.code("A", "associate-route-table t --subnet W/s"), "InvalidVpcId.Mismatch");
}

#[test]
fn the_default_table_goes_with_its_vpc() {
    assert_eq!(one("alibaba").code("A", "delete-route-table V/default"), "OperationDenied.DefaultResource");
}

#[test]
fn an_entry_is_deleted_by_destination_and_the_next_hop_is_a_safeguard() {
    let mut cloud = one("jdcloud");
    let line = "delete-route-entry --vpc V --destination 0.0.0.0/0";
    let refusal = cloud.refuse("A", &format!("{line} --next-hop i"));
    assert_eq!((refusal.code, refusal.argument), (Code("InvalidRouteEntry.NotFound"), Some("next-hop")));
    cloud.run("A", &format!("{line} --next-hop internet"));
    let refusal = cloud.refuse("A", line);
    assert_eq!((refusal.code, refusal.argument), (Code("InvalidRouteEntry.NotFound"), Some("destination")));
}

/// Two routes from V to W and one to X, for the same block.
fn ways() -> Cloud {
    let mut cloud = one("jdcloud");
    cloud.run_all(
        "A: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-vpc X --region r --cidr 192.168.0.0/16
         A: create-vpc-peering w --vpc V --peer-vpc-id W
         A: create-vpc-peering w-back --vpc W --peer-vpc-id V
         A: create-vpc-peering x --vpc V --peer-vpc-id X
         A: create-vpc-peering x-back --vpc X --peer-vpc-id V
         A: create-route-entry --table t --destination 8.0.0.0/8 --next-hop w --priority 10
         A: create-route-entry --table t --destination 8.0.0.0/8 --next-hop x",
    );
    cloud
}

/// The entries in use, and the one for each of two neighbours.
fn used(cloud: &Cloud) -> (Vec<String>, [String; 2]) {
    let entries = cloud.table("t").entries_for("8.0.0.0/8".parse().unwrap());
    let of = |address: &str| cloud.entry_for(entries, address.parse().unwrap()).next_hop.to_string();
    let in_use = cloud.in_use(entries).iter().map(|entry| entry.next_hop.to_string()).collect();
    (in_use, [of("10.0.1.4"), of("10.0.1.5")])
}

fn all(hops: &[&str], by_neighbours: [&str; 2]) -> (Vec<String>, [String; 2]) {
    (hops.iter().map(ToString::to_string).collect(), by_neighbours.map(String::from))
}

#[test]
fn the_best_priority_that_carries_is_in_use_and_gives_way_to_the_next() {
    let mut cloud = ways();
    assert_eq!(used(&cloud), all(&["w"], ["w", "w"]));
    cloud.run("A", "delete-vpc-peering w-back");
    assert_eq!(used(&cloud), all(&["x"], ["x", "x"]));
    cloud.run("A", "delete-vpc-peering x-back");
    assert_eq!(used(&cloud), all(&["w"], ["w", "w"]), "where none carries it is the first");
    cloud.run("A", "create-vpc-peering w-back --vpc W --peer-vpc-id V");
    cloud.run("A", "delete-vpc-peering w");
    let entries = cloud.table("t").entries_for("8.0.0.0/8".parse().unwrap());
    assert!(!cloud.in_use(entries)[0].next_hop.is_live(), "the first is gone, and none carries");
    cloud.run("A", "create-route-entry --table t --destination 8.0.0.0/8 --next-hop i --priority 255");
    assert_eq!(used(&cloud), all(&["i"], ["i", "i"]), "a table knows of an instance only that it is there");
}

#[test]
fn next_hops_of_one_priority_share_the_instances_those_that_carry() {
    let mut cloud = ways();
    cloud.run("A", "create-route-entry --table t --destination 8.0.0.0/8 --next-hop x --priority 10");
    assert_eq!(used(&cloud), all(&["w", "x"], ["w", "x"]));
    let table = |cloud: &Cloud| cloud.table("t").clone();
    assert_eq!(cloud.choices(&table(&cloud), "10.0.1.4".parse().unwrap()), [] as [usize; 0]);
    assert_eq!(cloud.choices(&table(&cloud), "10.0.1.5".parse().unwrap()), [1]);
    cloud.run("A", "delete-vpc-peering w-back");
    assert_eq!(used(&cloud), all(&["x"], ["x", "x"]));
}

#[test]
fn jd_cloud_s_entries_are_told_apart_by_priority_and_next_hop() {
    let mut cloud = ways();
    let create = |rest: &str| format!("create-route-entry --table t --destination 8.0.0.0/8 {rest}");
    for again in
        ["--next-hop w --priority 10", "--next-hop x", "--next-hop x --priority 100", "--next-hop i --next-hop i"]
    {
        let refusal = cloud.refuse("A", &create(again));
        assert_eq!(refusal.code, Code("InvalidCIDRBlock.Duplicate"), "{again}");
    }
    for wrong in ["0", "256", "-1", "x", ""] {
        let refusal = cloud.refuse("A", &create(&format!("--next-hop i --priority={wrong:?}")));
        assert_eq!(
            (refusal.code, refusal.argument),
            (Code("InvalidPriority.ValueNotSupported"), Some("priority")),
            "{wrong}"
        );
    }
    cloud.run("A", &create("--next-hop w --priority 255"));
    let delete = |rest: &str| format!("delete-route-entry --table t --destination 8.0.0.0/8 {rest}");
    for several in ["", "--next-hop w"] {
        let refusal = cloud.refuse("A", &delete(several));
        assert_eq!(refusal.code, Code("AmbiguousReference"), "{several}");
        cloud.clone().run("A", refusal.hint.to_string().split_once("as in ").unwrap().1);
    }
    for (none, argument) in
        [("--priority 7", "priority"), ("--priority 10 --next-hop x", "next-hop"), ("--next-hop i", "next-hop")]
    {
        let refusal = cloud.refuse("A", &delete(none));
        assert_eq!((refusal.code, refusal.argument), (Code("InvalidRouteEntry.NotFound"), Some(argument)), "{none}");
    }
    for one in ["--priority 10", "--next-hop w", "--next-hop x --priority 100"] {
        cloud.run("A", &delete(one));
    }
    assert!(cloud.table("t").entries.is_empty());
}

#[test]
fn a_deleted_half_s_entries_stay_in_order_and_one_each() {
    let mut cloud = ways();
    for hop in ["x --priority 10", "w"] {
        cloud.run("A", &format!("create-route-entry --table t --destination 8.0.0.0/8 --next-hop {hop}"));
    }
    cloud.run("A", "delete-vpc-peering w");
    cloud.run("A", "create-vpc-peering w --vpc V --peer-vpc-id W");
    cloud.run("A", "create-route-entry --table t --destination 8.0.0.0/8 --next-hop w --priority 10");
    cloud.run("A", "delete-vpc-peering w");
    assert_eq!(cloud.table("t").entries.len(), 5);
}

#[test]
fn alibaba_s_destination_gets_its_next_hops_at_once_and_no_priority() {
    let mut cloud = one("alibaba");
    cloud.run("A", "create-instance j --subnet V/s");
    let create = "create-route-entry --table t --destination 8.0.0.0/8";
    let refusal = cloud.refuse("A", &format!("{create} --next-hop i --priority 10"));
    assert_eq!((refusal.code, refusal.argument), (Code("UnsupportedOperation"), Some("priority")));
    cloud.run("A", &format!("{create} --next-hop i --next-hop j"));
    assert_eq!(used(&cloud), all(&["i", "j"], ["i", "j"]));
    assert_eq!(cloud.code("A", &format!("{create} --next-hop i")), Code("InvalidCIDRBlock.Duplicate").0);
    let delete = "delete-route-entry --table t --destination 8.0.0.0/8";
    let mut part = cloud.clone();
    part.run("A", &format!("{delete} --next-hop j"));
    assert_eq!(used(&part), all(&["i"], ["i", "i"]));
    cloud.run("A", delete);
    assert!(cloud.table("t").entries.is_empty());
}
