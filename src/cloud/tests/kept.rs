//! A Cloud that was kept is the same one, and what is not asked for of it is not read.

use std::net::Ipv4Addr;

use super::*;

/// A ring of VPCs with two instances each, of one account.
fn ring(vpcs: usize) -> Cloud {
    let mut cloud = cloud("alibaba");
    let mut run_all = |script: String| {
        for line in script.lines() {
            cloud.apply(&operation("A", line)).unwrap_or_else(|refusal| panic!("{line}: {refusal}"));
        }
    };
    for n in 0..vpcs {
        run_all(format!(
            "create-vpc v{n} --region r --cidr 10.{n}.0.0/16
             create-subnet s --vpc v{n} --cidr 10.{n}.1.0/24
             create-security-group g{n} --vpc v{n}
             authorize-security-group g{n} --protocol icmp --cidr 10.0.0.0/8
             create-instance i{n} --subnet v{n}/s --security-group g{n} --public-ip 8.8.{n}.1
             create-instance j{n} --subnet v{n}/s"
        ));
    }
    for n in 0..vpcs {
        let next = (n + 1) % vpcs;
        run_all(format!(
            "create-peering p{n} --vpc v{n} --peer-vpc v{next} --spec Small.1
             create-route-entry --vpc v{n} --destination 10.{next}.0.0/16 --next-hop p{n}"
        ));
    }
    cloud
}

#[test]
fn it_is_the_same_cloud() {
    let cloud = ring(4);
    let kept = cloud.kept_and_read();
    kept.check_invariants().unwrap();
    assert_eq!(kept, cloud);
    assert_eq!(kept.kept_and_read(), cloud);
    assert!(kept.vpcs_that_differ(&cloud).is_empty());
    assert_eq!(format!("{kept:?}").len(), format!("{:?}", kept.kept_and_read()).len());
}

#[test]
fn ranges_see_what_was_added_and_removed_since() {
    let mut kept = ring(3).kept_and_read();
    kept.run_all(
        "A: create-instance a --subnet v1/s --ip 10.1.1.9
         A: delete-instance i1
         A: create-instance z --subnet v1/s
         A: join-security-group j1 --group g1",
    );
    let of = |cloud: &Cloud| -> Vec<(String, Ipv4Addr)> {
        cloud.instances_of(&VpcName::trusted("v1")).map(|it| (it.name.to_string(), it.ip)).collect()
    };
    let expected = ["z", "j1", "a"].map(str::to_owned);
    assert_eq!(of(&kept).into_iter().map(|it| it.0).collect::<Vec<_>>(), expected);
    assert_eq!(of(&kept.kept_and_read()), of(&kept));
    assert_eq!(kept.instances().count(), 7);
}

/// What a lab of any size has: an operation decodes no more of a large one.
#[test]
fn an_operation_reads_what_it_touches() {
    let decoded = |vpcs: usize, line: &str| {
        let before = ring(vpcs).kept_and_read();
        let mut after = before.clone();
        let done = after.apply(&operation("A", line));
        assert!(done.is_ok(), "{line}: {done:?}");
        let differ = before.vpcs_that_differ(&after);
        assert!(!differ.is_empty() && differ.len() <= 2, "{line}: {differ:?}");
        after.decoded()
    };
    for line in [
        "deactivate-router-interface p1.initiator",
        "modify-router-interface-spec p1.initiator --spec Small.2",
        "create-route-entry --vpc v1 --destination 10.200.0.0/16 --next-hop p1",
        "delete-route-entry --vpc v1 --destination 10.2.0.0/16",
        "authorize-security-group g1 --protocol tcp --port 22 --cidr 0.0.0.0/0",
        "authorize-security-group g1 --protocol tcp --port 22 --group g2",
        "join-security-group j1 --group g1",
        "leave-security-group i1 --group g1",
        "create-vpc new --region r --cidr 192.168.0.0/16",
        "create-subnet new --vpc v1 --cidr 10.1.2.0/24",
        "create-route-table new --vpc v1",
        "create-security-group new --vpc v1",
        "create-instance new --subnet v1/s --public-ip 8.8.8.8",
        "delete-instance i1",
    ] {
        let (small, large) = (decoded(5, line), decoded(50, line));
        // Who reads to the end of a VPC reads the first of the next.
        let fits = small > 0 && large <= small + 1;
        assert!(fits, "{line}: {small} entries of a small lab, {large} of a large one");
    }
}

#[test]
fn what_is_no_kept_cloud_is_none() {
    let bytes = ring(3).to_kept();
    for length in 0..40 {
        assert!(Cloud::from_kept(bytes[..length].to_vec()).is_none());
    }
    assert!(Cloud::from_kept(bytes[..bytes.len() - 1].to_vec()).is_none());
    assert!(Cloud::from_kept(vec![0xff; 1000]).is_none());
}
