//! A kept Cloud is equal to the original, and only what is needed is read.

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
            "create-vpc v{n:02} --region r --cidr 10.{n}.0.0/16
             create-subnet s --vpc v{n:02} --cidr 10.{n}.1.0/24
             create-security-group g{n:02} --vpc v{n:02}
             authorize-security-group g{n:02} --protocol icmp --cidr 10.0.0.0/8
             create-instance i{n:02} --subnet v{n:02}/s --security-group g{n:02} --public-ip 8.8.{n}.1
             create-instance j{n:02} --subnet v{n:02}/s"
        ));
    }
    for n in 0..vpcs {
        let next = (n + 1) % vpcs;
        run_all(format!(
            "create-peering p{n:02} --vpc v{n:02} --peer-vpc v{next:02} --spec Small.1
             create-route-entry --vpc v{n:02} --destination 10.{next}.0.0/16 --next-hop p{n:02}"
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
        "A: create-instance a --subnet v01/s --ip 10.1.1.9
         A: delete-instance i01
         A: create-instance z --subnet v01/s
         A: join-security-group j01 --group g01",
    );
    let of = |cloud: &Cloud| -> Vec<(String, Ipv4Addr)> {
        cloud.instances_of(&VpcName::trusted("v01")).map(|it| (it.name.to_string(), it.ip)).collect()
    };
    let expected = ["z", "j01", "a"].map(str::to_owned);
    assert_eq!(of(&kept).into_iter().map(|it| it.0).collect::<Vec<_>>(), expected);
    assert_eq!(of(&kept.kept_and_read()), of(&kept));
    assert_eq!(kept.instances().count(), 7);
}

/// An operation decodes no more entries in a large lab than in a small one.
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
        "deactivate-router-interface p01.initiator",
        "modify-router-interface-spec p01.initiator --spec Small.2",
        "create-route-entry --vpc v01 --destination 10.200.0.0/16 --next-hop p01",
        "delete-route-entry --vpc v01 --destination 10.2.0.0/16",
        "authorize-security-group g01 --protocol tcp --port 22 --cidr 0.0.0.0/0",
        "authorize-security-group g01 --protocol tcp --port 22 --group g02",
        "join-security-group j01 --group g01",
        "leave-security-group i01 --group g01",
        "create-vpc new --region r --cidr 192.168.0.0/16",
        "create-subnet new --vpc v01 --cidr 10.1.2.0/24",
        "create-route-table new --vpc v01",
        "create-security-group new --vpc v01",
        "create-instance new --subnet v01/s --public-ip 8.8.8.8",
        "delete-instance i01",
    ] {
        let (small, large) = (decoded(5, line), decoded(50, line));
        assert_eq!(small, large, "{line}");
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
