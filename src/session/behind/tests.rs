//! A learner does the labs by hand in orders of their own: what they have made is not taken apart.

use std::collections::BTreeMap;

use super::super::recognize::tests::{begin, finished, make, shipped, to_the_end, type_all};
use super::*;
use crate::cloud::{Bindings, Operation};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }
}

/// Does the lab's operations by hand in an order in which only those of one thing follow each other as in the lab; under
/// names of the learner's own or the lab's. How many are left that the cloud does not allow so.
fn in_another_order(run: &mut Run, dice: &mut Dice, own_names: bool) -> usize {
    let lab = run.lab().clone();
    let mut left: Vec<&Operation> = lab.steps.iter().flat_map(making).collect();
    let mut bindings = Bindings::default();
    let things = |operation: &Operation| {
        let effects = operation.call.effects();
        effects.into_iter().map(|it| (it.kind, it.name)).collect::<BTreeSet<_>>()
    };
    let mut refused = 0;
    while refused < 40 && !left.is_empty() {
        let at = dice.roll(left.len());
        let of = things(left[at]);
        let first = left[..at].iter().position(|earlier| !things(earlier).is_disjoint(&of)).unwrap_or(at);
        if make(run, &mut bindings, left[first], own_names).is_err() {
            refused += 1;
            continue;
        }
        refused = 0;
        left.remove(first);
    }
    left.len()
}

fn ids(run: &Run) -> BTreeMap<(ResourceKind, String), String> {
    run.cloud().made_by_hand().into_iter().map(|(kind, name, id)| ((kind, name), id.to_string())).collect()
}

#[test]
fn whatever_the_order_what_was_made_by_hand_stays_what_it_is() {
    for lab in ["life-of-a-pair", "jd-half", "cross-account", "vpc-peering", "groups-both-ways", "thirty-students"] {
        let mut whole = 0;
        for seed in 0..12 {
            let mut run = shipped(lab);
            let left = in_another_order(&mut run, &mut Dice(seed), seed % 2 == 1);
            let before = ids(&run);
            let remakes = run.remakes();
            let commands = to_the_end(&mut run, |error, before| assert!(before < 3, "{lab}, {seed}: {error}"));
            finished(&run);
            let after = ids(&run);
            whole += usize::from(left == 0);
            if left == 0 {
                assert_eq!(remakes, [], "{lab}, {seed}: all of it was done");
                assert!(
                    before.iter().all(|(thing, id)| after.get(thing) == Some(id)),
                    "{lab}, {seed}: {before:?} {after:?}"
                );
            }
            for (thing, id) in &before {
                let foretold =
                    remakes.iter().any(|it| (it.kind.to_string(), &it.name) == (thing.0.to_string(), &thing.1));
                let same = after.get(thing).is_none_or(|now| now == id);
                assert!(same || foretold || commands > 0, "{lab}, {seed}: {thing:?} is another");
            }
        }
        assert!(whole > 0, "{lab} was never done to its end");
    }
}

/// A peering that is made, deleted and made again.
const AGAIN: &str = r#"
[lab]
provider = "jdcloud"
[account.A]
[account.B]
[vpc.V]
account = "A"
region = "cn-north-1"
cidr = "10.1.0.0/16"
[vpc.W]
account = "B"
region = "cn-north-1"
cidr = "10.2.0.0/16"
[[step]]
title = "Made"
account = "A"
run = ["create-vpc-peering p --vpc V --peer-vpc-id W", "create-route-entry --vpc V --destination 10.2.0.0/16 --next-hop p"]
[[step]]
title = "The other half"
account = "B"
run = ["create-vpc-peering q --vpc W --peer-vpc-id V"]
[[step]]
title = "Gone"
account = "A"
run = ["delete-route-entry --vpc V --destination 10.2.0.0/16", "delete-vpc-peering p"]
[[step]]
title = "Made again"
account = "A"
run = ["create-vpc-peering p --vpc V --peer-vpc-id W"]
"#;

#[test]
fn a_thing_that_was_made_again_by_hand_is_not_made_a_third_time() {
    // The other half last, and under another name.
    for (p, q) in [("p", "q"), ("mine", "q"), ("mine", "yours"), ("q", "p")] {
        let mut run = begin(AGAIN);
        let script = "A: create-vpc-peering P --vpc V --peer-vpc-id W
            A: create-route-entry --vpc V --destination 10.2.0.0/16 --next-hop P
            A: delete-route-entry --vpc V --destination 10.2.0.0/16
            A: delete-vpc-peering P
            A: create-vpc-peering P --vpc V --peer-vpc-id W
            B: create-vpc-peering Q --vpc W --peer-vpc-id V";
        type_all(&mut run, &script.replace('P', p).replace('Q', q));
        let before = ids(&run);
        let entries = |run: &Run| run.cloud().route_tables().map(|table| table.entries.len()).sum::<usize>();
        let entries_before = entries(&run);
        assert_eq!(run.remakes(), []);
        assert!(run.next_seen().unwrap().operations.iter().all(|it| it.state == super::super::State::Done));
        while run.step().unwrap().is_some() {}
        assert_eq!(ids(&run), before, "{p}, {q}");
        assert_eq!(entries(&run), entries_before);
        finished(&run);
    }
}

#[test]
fn what_a_step_would_take_apart_is_foretold() {
    // Only the end of it was done: that the peering goes in between is still to be seen.
    let mut run = begin(AGAIN);
    type_all(&mut run, "A: create-vpc-peering mine --vpc V --peer-vpc-id W");
    let before = ids(&run);
    let remakes = run.remakes();
    assert_eq!(remakes.len(), 1, "{remakes:?}");
    let it = &remakes[0];
    assert_eq!((it.kind.to_string().as_str(), it.name.as_str(), it.deleted, it.made), ("VPC peering", "mine", 3, 4));
    while run.step().unwrap().is_some() {}
    finished(&run);
    assert_ne!(
        before.values().next(),
        run.cloud().vpc_peerings().find(|it| it.name.as_str() == "mine").map(|it| it.id.to_string()).as_ref()
    );
    // The names the other way round.
    let mut run = begin(AGAIN);
    type_all(
        &mut run,
        "A: create-vpc-peering q --vpc V --peer-vpc-id W
         B: create-vpc-peering p --vpc W --peer-vpc-id V",
    );
    assert_eq!(run.remakes().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["q"]);
    while run.step().unwrap().is_some() {}
    finished(&run);
    assert_eq!(run.cloud().vpc_peerings().count(), 2);
    // Skipped, it stays.
    let mut run = begin(AGAIN);
    type_all(&mut run, "A: create-vpc-peering mine --vpc V --peer-vpc-id W");
    (0..2).for_each(|_| _ = run.step().unwrap());
    run.skip();
    assert_eq!(run.remakes(), []);
    while run.step().unwrap().is_some() {}
    assert_eq!(ids(&run), before);
}

#[test]
fn a_mistake_that_was_mended_is_no_step_of_the_lab() {
    // Made, deleted by mistake, made again: the step that deletes it is not done yet.
    let lab = AGAIN.split("[[step]]\ntitle = \"Made again\"").next().unwrap().to_owned();
    let mut run = begin(&lab);
    type_all(
        &mut run,
        "A: create-vpc-peering p --vpc V --peer-vpc-id W
         A: delete-vpc-peering p
         A: create-vpc-peering p --vpc V --peer-vpc-id W",
    );
    while run.step().unwrap().is_some() {}
    assert_eq!(run.cloud().vpc_peerings().count(), 1, "q alone");
    finished(&run);
}
