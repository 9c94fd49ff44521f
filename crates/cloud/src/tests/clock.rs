//! Changes that take a moment: what shows meanwhile, what is refused, and that all ends as it does at once
//! (docs/cloud.md §11).

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use super::random::ground;
use super::*;
use crate::random::random_operation;

/// The time of the first call, in milliseconds since 1970.
const T: u64 = 1_796_000_000_000;

impl Cloud {
    /// A cloud whose changes take three seconds.
    fn slow(self) -> Cloud {
        self.at_pace(Some(Duration::from_secs(3)))
    }

    /// Begins `line` as `caller` at a time; it must be accepted.
    #[track_caller]
    fn begins(&mut self, caller: &str, line: &str, time: u64) -> Vec<&'static str> {
        let outcome = self.begin(&operation(caller, line), time).unwrap_or_else(|refusal| panic!("{line}: {refusal}"));
        self.check_invariants().unwrap_or_else(|broken| panic!("after {line}: {broken}"));
        outcome.transitions.into_iter().flat_map(|it| it.states).collect()
    }

    /// The code and the argument at fault of `line`, called at a time.
    #[track_caller]
    fn refuses(&mut self, caller: &str, line: &str, time: u64) -> (&'static str, Option<&'static str>) {
        let refusal = self.begin(&operation(caller, line), time).map(|_| panic!("{line} was not refused"));
        let refusal: Refusal = refusal.unwrap_err();
        let known = self.provider.code(refusal.fault, parse(line).name());
        assert_eq!(known, refusal.code);
        (refusal.code.0, refusal.argument)
    }

    fn words(&self, names: [&str; 2]) -> [&'static str; 2] {
        names.map(|name| self.end(name).status)
    }
}

/// Two accounts' ends, ready to connect, and a third VPC.
fn pair() -> Cloud {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         B: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-vpc own --region r --cidr 10.8.0.0/16
         A: create-router-interface a --vpc V --role initiator --spec Mini.2 --opposite-region r
         B: create-router-interface b --vpc W --role acceptor --opposite-region r
         B: modify-router-interface-attribute b --opposite-account A --opposite-interface a --opposite-router V
         A: modify-router-interface-attribute a --opposite-account B --opposite-interface b --opposite-router W",
    );
    cloud.slow()
}

#[test]
fn a_pair_connects_for_three_seconds() {
    let mut cloud = pair();
    assert_eq!(
        cloud.begins("A", "connect-router-interface a", T),
        ["Idle", "Connecting", "Idle", "AcceptingConnecting"]
    );
    assert_eq!(cloud.words(["a", "b"]), ["Connecting", "AcceptingConnecting"]);
    assert!(!cloud.end("a").carries);
    assert_eq!(cloud.due_in(T + 1_000), Some(Duration::from_secs(2)));
    assert!(cloud.pass(T + 2_999).is_empty() && !cloud.is_due(T + 2_999) && cloud.is_due(T + 3_000));
    let ended: Vec<_> = cloud.pass(T + 3_000).into_iter().map(|it| it.states).collect();
    assert_eq!(ended, [["Connecting", "Active"], ["AcceptingConnecting", "Active"]]);
    assert!(cloud.end("a").carries && cloud.due_in(T).is_none());
}

#[test]
fn what_is_called_meanwhile_is_refused() {
    let mut cloud = pair();
    cloud.begins("A", "connect-router-interface a", T);
    for (caller, line, expected) in [
        ("A", "connect-router-interface a", ("IncorrectStatus", "name")),
        ("A", "deactivate-router-interface a", ("IncorrectStatus", "name")),
        ("A", "activate-router-interface a", ("IncorrectRIStatus", "name")),
        ("B", "deactivate-router-interface b", ("IncorrectStatus", "name")),
        ("B", "delete-router-interface b", ("IncorrectStatus", "name")),
        ("A", "modify-router-interface-spec a --spec Mini.5", ("IncorrectStatus", "name")),
        ("A", "create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop a", ("TaskConflict", "destination")),
        ("B", "delete-route-entry --vpc W --destination 10.0.0.0/16", ("TaskConflict", "destination")),
        ("A", "create-peering p --vpc V --peer-vpc own --spec Mini.2", ("TaskConflict", "vpc")),
    ] {
        let (code, argument) = expected;
        assert_eq!(cloud.refuses(caller, line, T + 1), (code, Some(argument)), "{line}");
    }
    // What is no part of the router has no task.
    cloud.begins("A", "create-route-table t --vpc V", T + 2);
    cloud.begins("A", "delete-route-table t", T + 3);
    cloud.begins("A", "create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop a", T + 3_001);
    cloud.begins("A", "deactivate-router-interface a", T + 4_000);
    assert_eq!(cloud.words(["a", "b"]), ["Deactivating", "Active"]);
    assert_eq!(cloud.lacks("a"), ["a is Deactivating: that takes a moment"]);
    cloud.begins("B", "deactivate-router-interface b", T + 4_001);
    assert_eq!(cloud.refuses("A", "activate-router-interface a", T + 5_000).0, "IncorrectRIStatus");
    cloud.begins("A", "delete-route-entry --vpc V --destination 172.16.0.0/16", T + 7_100);
    cloud.begins("B", "activate-router-interface b", T + 7_200);
    cloud.begins("A", "delete-router-interface a", T + 7_300);
    assert_eq!(cloud.words(["a", "b"]), ["Deleting", "Activating"]);
    assert_eq!(cloud.refuses("A", "delete-vpc V", T + 7_400).0, "DependencyViolation.RouterInterface");
    cloud.pass(T + 10_300);
    assert!(cloud.peering(&PeeringName::trusted("a")).is_none());
    cloud.begins("A", "delete-vpc V", T + 10_500);
}

#[test]
fn connections_of_a_vpc_are_changed_one_at_a_time() {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         B: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-vpc far --region q --cidr 192.168.0.0/16",
    );
    let mut cloud = cloud.slow();
    assert_eq!(cloud.begins("A", "create-vpc-peering-connection c --vpc V --peer-vpc far", T), ["Creating"]);
    for line in [
        "create-vpc-peering-connection d --vpc V --peer-vpc W",
        "create-vpc-peering-connection d --vpc far --peer-vpc W",
    ] {
        assert_eq!(cloud.refuses("A", line, T + 1), ("Conflict.Operation", Some("name")), "{line}");
    }
    assert_eq!(cloud.refuses("A", "delete-vpc-peering-connection c", T + 2).0, "IncorrectStatus.VpcPeer");
    let entry = "create-route-entry --vpc V --destination 192.168.0.0/16 --next-hop c";
    assert_eq!(cloud.refuses("A", entry, T + 2).0, "IncorrectStatus.VpcPeer");
    cloud.begins("A", entry, T + 3_000);
    assert!(cloud.end("c").carries);
    // While its bandwidth changes it carries on; while it is deleted, nothing.
    assert_eq!(
        cloud.begins("A", "modify-vpc-peering-connection c --bandwidth 10Mbit", T + 3_100),
        ["Activated", "Updating"]
    );
    assert!(cloud.end("c").carries);
    assert_eq!(cloud.begins("A", "delete-vpc-peering-connection c --force", T + 6_100), ["Activated", "Deleting"]);
    assert!(!cloud.end("c").carries && cloud.table("V/default").entries.is_empty());
    cloud.begins("A", "pass-time 4s", T + 6_200);
    assert!(cloud.peering(&PeeringName::trusted("c")).is_none(), "time that passed by an operation ends it as well");

    cloud.begins("A", "create-vpc-peering-connection d --vpc V --peer-vpc W", T + 6_300);
    assert_eq!(cloud.refuses("B", "accept-vpc-peering-connection d", T + 6_400).0, "IncorrectStatus.VpcPeer");
    assert_eq!(cloud.begins("B", "accept-vpc-peering-connection d", T + 9_300), ["Accepting", "Updating"]);
    assert!(!cloud.end("d").carries);
    cloud.settle();
    assert_eq!(cloud.end("d").status, "Activated");
}

#[test]
fn a_request_on_aws_passes_its_states() {
    let mut cloud = cloud("aws");
    cloud.run_all(
        "A: create-vpc V --region us-east-1 --cidr 10.0.0.0/16
         A: create-vpc own --region us-east-1 --cidr 10.8.0.0/16
         A: create-vpc same --region us-east-1 --cidr 10.0.0.0/16",
    );
    let mut cloud = cloud.slow();
    cloud.begins("A", "create-vpc-peering-connection p --vpc V --peer-vpc own", T);
    assert_eq!(cloud.end("p").status, "initiating-request");
    assert_eq!(cloud.refuses("A", "accept-vpc-peering-connection p", T + 1).0, "InvalidStateTransition");
    // Requests do not wait for each other there.
    cloud.begins("A", "create-vpc-peering-connection fails --vpc V --peer-vpc same", T + 2);
    cloud.begins("A", "accept-vpc-peering-connection p", T + 3_000);
    assert_eq!(cloud.words(["p", "fails"]), ["provisioning", "initiating-request"]);
    cloud.pass(T + 3_100);
    assert_eq!(cloud.words(["p", "fails"]), ["provisioning", "failed"]);
    cloud.begins("A", "delete-vpc-peering-connection p", T + 6_000);
    assert_eq!(cloud.end("p").status, "deleting");
    cloud.pass(T + 9_000);
    assert_eq!(cloud.end("p").status, "deleted");
}

#[test]
fn who_waits_sees_no_transient_state() {
    let mut cloud = pair();
    cloud.begins("A", "connect-router-interface a", T);
    let refused = cloud.clone().apply(&operation("A", "connect-router-interface a")).unwrap_err();
    assert_eq!(refused.code, Code("IncorrectStatus"), "it is Active by then: {refused}");
    cloud.run("A", "deactivate-router-interface a");
    assert_eq!(cloud.words(["a", "b"]), ["Inactive", "Active"]);
    let before = cloud.kept_and_read();
    assert!(before == cloud && before.has_pace());
}

/// Found by the properties with 20,000 cases.
#[test]
fn a_rejected_request_is_deleted_after_its_vpc() {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         B: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-vpc-peering-connection p --vpc V --peer-vpc W --peer-account B
         B: reject-vpc-peering-connection p
         B: delete-vpc W",
    );
    let mut cloud = cloud.slow();
    cloud.begins("A", "delete-vpc-peering-connection p", T);
    let status = |cloud: &Cloud| cloud.peering_connections.get(&PeeringName::trusted("p")).map(|it| it.status);
    assert_eq!(status(&cloud), Some(ConnectionStatus::Deleting));
    cloud.pass(T + 3_000);
    assert_eq!(status(&cloud), None);
    cloud.check_invariants().unwrap();
}

/// Random operations: what begins and ends later is what is done at once, and the states between are sound.
#[test]
fn what_takes_time_ends_as_it_does_at_once() {
    for provider in ["alibaba", "jdcloud", "aws", "tencent"] {
        let ground = ground(provider);
        let strategy = prop::collection::vec(prop::collection::vec(any::<u16>(), 24), 1..50);
        let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
        config.cases = config.cases.div_ceil(4);
        if config.rng_seed == RngSeed::Random {
            config.rng_seed = RngSeed::Fixed(1);
        }
        let walked = TestRunner::new(config).run(&strategy, |rolls| {
            let (mut at_once, mut slow) = (ground.clone(), ground.clone().slow());
            for (number, rolls) in (0u64..).zip(&rolls) {
                let operation = random_operation(&at_once, rolls);
                let (one, other) = (at_once.apply(&operation), slow.begin(&operation, T + number * 10_000));
                prop_assert_eq!(one.is_ok(), other.is_ok(), "{}: {:?}", &operation.call, &other);
                prop_assert_eq!(one.err(), other.err());
                let checked = slow.check_invariants();
                prop_assert!(checked.is_ok(), "{}: {:?}", operation.call, checked);
                let mut now = slow.clone();
                now.settle();
                prop_assert!(now.clone().at_pace(None) == at_once, "{} ends otherwise", operation.call);
            }
            // A burst: what is refused meanwhile changes nothing, and the rest ends soundly.
            let mut burst = ground.clone().slow();
            for rolls in &rolls {
                let operation = random_operation(&burst, rolls);
                let before = burst.clone();
                if burst.begin(&operation, T).is_err() {
                    prop_assert!(burst == before, "{} was refused and changed something", operation.call);
                }
                let checked = burst.check_invariants();
                prop_assert!(checked.is_ok(), "{}: {:?}", operation.call, checked);
            }
            burst.settle();
            let checked = burst.check_invariants();
            prop_assert!(checked.is_ok() && burst.due_in(T).is_none(), "{:?}", checked);
            Ok(())
        });
        walked.unwrap_or_else(|failure| panic!("{provider}: {failure}"));
    }
}
