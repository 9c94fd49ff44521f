//! A learner does the tutorials by hand in many ways, and `next` continues in each.

use super::*;
use crate::error::Source;
use crate::lab::{self, DoneResult};
use crate::shipped::Shipped;
use crate::trace;

const CROSS: &str = include_str!("../../../labs/cross-account.toml");

/// A lab's run with nothing but its tables.
pub(in crate::session) fn begin(text: &str) -> Run {
    let lab = lab::read(Source::new("lab.toml", text)).unwrap();
    Run::begin(lab, "lab.toml".into()).unwrap()
}

pub(in crate::session) fn shipped(name: &str) -> Run {
    let path = format!("{}/labs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "a test reads the shipped labs")]
    begin(&std::fs::read_to_string(path).unwrap())
}

/// Types operations, each with its account.
#[track_caller]
pub(in crate::session) fn type_all(run: &mut Run, script: &str) {
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (account, line) = line.split_once(": ").unwrap();
        run.operate(account, lab::parse_operation(line).unwrap()).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

/// Does all remaining steps, and checks the lab's final state, now and when it is replayed.
#[track_caller]
fn finish(run: &mut Run) -> Vec<crate::session::StepDone> {
    let mut done = Vec::new();
    while let Some(step) = run.step().unwrap_or_else(|error| panic!("step {}: {error}", run.steps_done() + 1)) {
        done.push(step);
    }
    finished(run);
    done
}

#[track_caller]
pub(in crate::session) fn finished(run: &Run) {
    for check in run.checks(run.lab().final_checks()) {
        for (from, to) in
            [(&check.from, &check.to), (&check.to, &check.from)].into_iter().take(1 + usize::from(check.both_ways))
        {
            let found = trace::predict(run.cloud(), from, to, check.traffic());
            let holds = match check.expect {
                crate::lab::Expect::Reach | crate::lab::Expect::Bandwidth(_) => found.reaches(),
                crate::lab::Expect::Drop(because) => because.map_or(!found.reaches(), |because| because == found),
            };
            let lab = &run.lab().name;
            assert!(holds, "{lab}: {from} → {to} {}: {found} after {:#?}", check.protocol, run.events());
        }
    }
    let again = Run::replay(run.lab().clone(), run.path().to_owned(), run.events()).unwrap();
    assert!(again.cloud() == run.cloud(), "it is another when it is done again");
    run.cloud().check_invariants().unwrap();
}

/// Types the command that an error proposes.
#[track_caller]
pub(in crate::session) fn follow(run: &mut Run, error: &Error) {
    let hint = error.hint.as_ref().unwrap().to_string();
    let command = hint.split('`').nth(1).unwrap();
    if command.ends_with("--skip") {
        run.skip().unwrap();
        return;
    }
    let line = command.strip_prefix("peerlab api --as ").unwrap_or_else(|| panic!("{hint}"));
    let (account, line) = line.split_once(' ').unwrap();
    type_all(run, &format!("{account}: {line}"));
}

/// Does the steps until all are done. Each error is looked at, with the number of those before it, and its command typed;
/// returns how many there were.
pub(in crate::session) fn to_the_end(run: &mut Run, mut look: impl FnMut(&Error, usize)) -> usize {
    let mut errors = 0;
    loop {
        match run.step() {
            Ok(Some(_)) => {}
            Ok(None) => return errors,
            Err(error) => {
                look(&error, errors);
                errors += 1;
                follow(run, &error);
            }
        }
    }
}

/// Makes one of the lab's calls by hand, with the names of what is bound; under the learner's own name, it has no id.
pub(in crate::session) fn make(
    run: &mut Run,
    bindings: &mut Bindings,
    operation: &Operation,
    own_name: bool,
) -> Result<(), Error> {
    let mut call = bindings.references(run.cloud(), &operation.call);
    let created = call.created(run.cloud()).filter(|_| own_name);
    if let Some(created) = &created {
        call.rename(&format!("my-{}", created.name.rsplit('/').next().unwrap()));
    }
    let made = call.created(run.cloud());
    run.operate(operation.caller.as_str(), call)?;
    if let (Some(created), Some(made)) = (created, made) {
        let ends = [".initiator", ".acceptor"].map(|end| Binding {
            kind: ResourceKind::RouterInterface,
            lab: vec![format!("{}{end}", created.name)],
            made: format!("{}{end}", made.name),
        });
        let lab = [Some(created.name), created.id].into_iter().flatten().collect();
        bindings.extend([Binding { kind: created.kind, lab, made: made.name }]);
        bindings.extend(ends);
    }
    Ok(())
}

/// Makes the lab's own calls by hand, without ids and under the learner's names.
fn by_hand(run: &mut Run) {
    let steps = run.lab().steps.clone();
    let mut bindings = Bindings::default();
    for operation in steps.iter().flat_map(making) {
        make(run, &mut bindings, operation, true).unwrap_or_else(|error| panic!("{}: {error}", operation.call));
    }
}

#[test]
fn every_tutorial_done_by_hand_with_own_names_and_without_ids_is_done() {
    for name in ["vpc-peering", "cross-account", "same-account", "router-interfaces"] {
        let mut run = shipped(name);
        by_hand(&mut run);
        finished(&run);
        let things = run.cloud().peerings().count();
        let done = finish(&mut run);
        assert_eq!(run.cloud().peerings().count(), things, "{name}: nothing is made twice");
        assert!(done.iter().any(|step| !step.bound.is_empty()), "{name}");
    }
}

#[test]
fn every_shipped_lab_goes_on_from_any_number_of_its_operations_by_hand() {
    for path in [
        "vpc-peering",
        "cross-account",
        "same-account",
        "router-interfaces",
        "life-of-a-pair",
        "jd-half",
        "deactivated-end",
        "bandwidth",
        "unassociated",
        "hub-and-spoke",
        "groups-both-ways",
        "overlapping",
        "asymmetric-routes",
        "transitive-hope",
    ] {
        let operations = shipped(path).lab().steps.iter().flat_map(making).count();
        for count in 0..=operations.min(14) {
            let mut run = shipped(path);
            let (all, lab) = (run.lab().clone(), run.lab().clone());
            let mut left = count;
            // This many of the operations by hand.
            let steps = all.steps.iter().cloned().map(|mut step| {
                if step.refused.take().is_some() {
                    step.operations.pop();
                }
                let take = left.min(step.operations.len());
                left -= take;
                step.operations.truncate(take);
                step
            });
            let part = lab::Lab { steps: steps.collect(), ..lab };
            let mut typed = Run::begin(part, "lab.toml".into()).unwrap();
            by_hand(&mut typed);
            for (account, line) in typed.by_hand() {
                run.operate(account, lab::parse_operation(line).unwrap()).unwrap();
            }
            to_the_end(&mut run, |error, before| {
                // Resources made and deleted by hand may interfere once, but there must always be a command to continue.
                let way_on =
                    before < 3 && error.hint.as_ref().is_some_and(|hint| hint.to_string().contains("peerlab api"));
                assert!(way_on, "{path} after {count} by hand: {error}");
            });
            finished(&run);
        }
    }
}

#[test]
fn what_was_done_by_hand_before_its_step_is_shown_as_done_already() {
    for Shipped { name, text } in crate::shipped::ALL {
        let mut run = begin(text);
        for index in 0..run.lab().steps.len() {
            let step = run.lab().steps[index].clone();
            let mut typed = run.clone();
            for (count, operation) in making(&step).enumerate() {
                typed.operate(operation.caller.as_str(), operation.call.clone()).unwrap();
                // These leave nothing that shows that they were done.
                let shows =
                    |operation: &&Operation| !matches!(operation.call, Call::RebootInstance(_) | Call::PassTime(_));
                let seen = typed.next_seen().unwrap();
                let done = typed.clone().step().unwrap().unwrap().done;
                for (at, operation) in making(&step).enumerate().take(count + 1).filter(|(_, it)| shows(it)) {
                    let what = format!("{name}, step {}: {}", index + 1, operation.call);
                    assert_eq!(seen.operations[at].state, State::Done, "{what}");
                    assert!(matches!(done[at].result, DoneResult::Already(_)), "{what}: {:?}", done[at].result);
                }
            }
            run.step().unwrap();
        }
    }
}

#[test]
fn a_name_a_spec_or_an_id_of_ones_own_is_bound_or_told() {
    // The line in the documentation: without the id that later steps use.
    let mut run = begin(CROSS);
    run.step().unwrap();
    type_all(&mut run, "B: create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-qingdao");
    let done = finish(&mut run);
    assert_eq!(done[0].bound[0].lab, ["ri-b", "ri-2zeix2q86uoyisagyz0pn"]);
    assert_eq!(done[0].bound[0].made, "ri-b");

    // Another name, with the tutorial's id and without.
    for id in ["", " --id ri-m5e33r3n78zyi5573kf85"] {
        let mut run = begin(CROSS);
        let line =
            "A: create-router-interface my-ri --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing";
        type_all(&mut run, &format!("{line}{id}"));
        let done = finish(&mut run);
        assert!(matches!(&done[0].done[0].result, DoneResult::Already(Some(made)) if made == "my-ri"), "{done:?}");
        assert!(run.cloud().peerings().count() == 2);
    }
}

#[test]
fn what_differs_is_said_with_the_command_that_gets_on() {
    for name in ["ri-a", "my-ri"] {
        let mut run = begin(CROSS);
        let line =
            "create-router-interface NAME --vpc VPC1 --role initiator --spec Mini.5 --opposite-region cn-beijing";
        type_all(&mut run, &format!("A: {}", line.replace("NAME", name)));
        let error = run.step().unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (Kind::Refused, Some("StepDiffers")));
        assert!(error.message.to_string().ends_with("spec is Mini.5 instead of Mini.2"), "{error}");
        let seen = run.next_seen().unwrap();
        assert_eq!(seen.operations[0].state, State::Differs);
        assert_eq!(seen.operations[0].differences[0].wanted, "Mini.2");
        assert!(seen.command.unwrap().ends_with(&format!("modify-router-interface-spec {name} --spec Mini.2")));
        follow(&mut run, &error);
        finish(&mut run);
    }
}

#[test]
fn of_two_equal_ends_the_one_that_is_bound_both_ways_is_meant() {
    for (bound, other) in [("x1", "x2"), ("x2", "x1")] {
        let mut run = begin(CROSS);
        let script =
            "A: create-router-interface x1 --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
             A: create-router-interface x2 --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
             B: create-router-interface y --vpc VPC2 --role acceptor --opposite-region cn-qingdao
             B: modify-router-interface-attribute y --opposite-account A --opposite-interface BOUND --opposite-router VPC1
             A: modify-router-interface-attribute BOUND --opposite-account B --opposite-interface y --opposite-router VPC2";
        type_all(&mut run, &script.replace("BOUND", bound));
        let done = finish(&mut run);
        assert_eq!(done[0].bound[0].made, bound);
        let state = |name: &str| run.cloud().peerings().find(|it| it.name.as_str() == name).unwrap().status;
        assert_eq!((state(bound), state(other)), ("Active", "Idle"));
    }
}

#[test]
fn names_that_the_learner_gave_the_other_way_round_are_understood() {
    let mut run = begin(CROSS);
    type_all(
        &mut run,
        "A: create-router-interface ri-b --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         B: create-router-interface ri-a --vpc VPC2 --role acceptor --opposite-region cn-qingdao",
    );
    finish(&mut run);
    assert_eq!(run.cloud().peerings().count(), 2);
}

#[test]
fn a_name_that_something_else_has_is_no_dead_end() {
    // The acceptor has the initiator's name, and the initiator was not made.
    let mut run = begin(CROSS);
    type_all(&mut run, "B: create-router-interface ri-a --vpc VPC2 --role acceptor --opposite-region cn-qingdao");
    let error = run.step().unwrap_err();
    follow(&mut run, &error);
    finish(&mut run);
    // In another account: B's VPC has the name of the one that A should create.
    let lab = "[lab]\nprovider = \"alibaba\"\n[account.A]\n[account.B]\n[[step]]\ntitle = \"One\"\naccount = \"A\"\n\
               run = [\"create-vpc V --region cn-qingdao --cidr 10.0.0.0/16\", \"create-subnet s --vpc V --cidr 10.0.1.0/24\"]";
    let mut run = begin(lab);
    type_all(&mut run, "B: create-vpc V --region cn-qingdao --cidr 10.0.0.0/16");
    let error = run.step().unwrap_err();
    assert!(error.message.to_string().contains("account is B instead of A"), "{error}");
    follow(&mut run, &error);
    finish(&mut run);
}

#[test]
fn the_order_of_lines_and_a_thing_made_anew_do_not_matter() {
    let mut run = begin(CROSS);
    type_all(
        &mut run,
        "B: create-router-interface mine --vpc VPC2 --role acceptor --opposite-region cn-qingdao
         A: create-router-interface theirs --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         B: delete-router-interface mine
         B: create-router-interface mine --vpc VPC2 --role acceptor --opposite-region cn-qingdao
         A: modify-router-interface-attribute theirs --opposite-account B --opposite-interface mine
         B: authorize-security-group sg-b --protocol all --group sg-a --group-account A",
    );
    finish(&mut run);
    assert_eq!(run.cloud().peerings().count(), 2);
}

#[test]
fn what_was_bound_and_deleted_is_made_anew_or_found_again() {
    let mut run = begin(CROSS);
    let line = "B: create-router-interface NAME --vpc VPC2 --role acceptor --opposite-region cn-qingdao";
    run.step().unwrap();
    type_all(&mut run, &line.replace("NAME", "mine"));
    run.step().unwrap();
    // Under a third name.
    let mut other = run.clone();
    type_all(&mut other, &format!("B: delete-router-interface mine\n{}", line.replace("NAME", "third")));
    finish(&mut other);
    // Not made at all: the command creates it.
    type_all(&mut run, "B: delete-router-interface mine");
    let error = run.step().unwrap_err();
    follow(&mut run, &error);
    finish(&mut run);
}

#[test]
fn a_step_that_was_skipped_counts_as_done_and_its_names_are_found() {
    let mut run = begin(CROSS);
    assert_eq!(run.skip(), Some(0));
    assert!(run.is_skipped(0));
    // Its name refers to nothing; the step that needs it says what to do.
    run.step().unwrap();
    let error = run.step().map(|_| ()).and_then(|()| run.step().map(|_| ())).unwrap_err();
    assert!(error.hint.as_ref().unwrap().to_string().contains("create-router-interface ri-a"), "{error}");
    follow(&mut run, &error);
    finish(&mut run);
    // A similar resource is enough.
    let mut run = begin(CROSS);
    type_all(
        &mut run,
        "A: create-router-interface my-ri --vpc VPC1 --role initiator --spec Mini.5 --opposite-region cn-beijing",
    );
    run.skip();
    assert_eq!(run.bound_by(0)[0].made, "my-ri");
    finish(&mut run);
    while run.skip().is_some() {}
    assert_eq!(run.steps_done(), run.lab().steps.len());
}

#[test]
fn of_several_the_id_decides_then_the_name_then_which_was_made_first() {
    let line = "A: create-router-interface NAME --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing";
    let bound = |names: &[&str]| {
        let mut run = begin(CROSS);
        names.iter().for_each(|name| type_all(&mut run, &line.replace("NAME", name)));
        let done = run.step().unwrap().unwrap();
        done.bound.first().map_or("ri-a".to_owned(), |it| it.made.clone())
    };
    assert_eq!(bound(&["one", "two"]), "one");
    assert_eq!(bound(&["one", "ri-a"]), "ri-a");
    let run = || {
        let mut run = begin(CROSS);
        type_all(&mut run, &line.replace("NAME", "ri-a"));
        type_all(&mut run, &(line.replace("NAME", "one") + " --id ri-m5e33r3n78zyi5573kf85"));
        run.step().unwrap().unwrap().bound[0].made.clone()
    };
    assert_eq!(run(), "one");
}

/// Every kind of thing, made by steps.
const KINDS: &str = r#"
[lab]
provider = "alibaba"
[account.A]
[[step]]
title = "VPCs"
run = [
  "create-vpc V --region cn-qingdao --cidr 10.1.0.0/16 --id vpc-1 --router-id vrt-1",
  "create-vpc W --region cn-qingdao --cidr 10.2.0.0/16 --id vpc-2",
]
[[step]]
title = "In them"
run = [
  "create-subnet s --vpc vpc-1 --cidr 10.1.1.0/24 --id vsw-1",
  "create-subnet t --vpc W --cidr 10.2.1.0/24",
  "create-security-group g --vpc V --id sg-1",
  "create-instance i --subnet V/s --ip 10.1.1.5 --security-group sg-1 --id i-1",
  "create-instance j --subnet W/t --ip 10.2.1.5",
  "create-route-table r --vpc V --id vtb-1",
]
[[step]]
title = "Between them"
run = [
  "create-peering p --vpc V --peer-vpc W --spec Mini.2",
  "create-route-entry --table vtb-1 --destination 10.2.0.0/16 --next-hop p",
  "create-route-entry --vpc W --destination 10.1.0.0/16 --next-hop p.acceptor",
  "associate-route-table r --subnet vsw-1",
  "authorize-security-group sg-1 --protocol all --cidr 10.2.0.0/16",
]
[[step]]
title = "Once more"
run = ["create-instance i --subnet V/s --ip 10.1.1.5"]
refused = "InvalidInstanceName.Duplicate"
[[step]]
title = "Switched off and on"
run = ["deactivate-router-interface p.initiator", "activate-router-interface p.initiator"]
[[check]]
from = "i"
to = "j"
expect = "reach"
"#;

#[test]
fn every_kind_of_thing_may_have_a_name_of_the_learners() {
    let text = KINDS.replace("InvalidInstanceName.Duplicate", "AlreadyExists");
    let mut run = begin(&text);
    by_hand(&mut run);
    assert!(run.cloud().instances().all(|it| it.name.as_str().starts_with("my-")));
    finished(&run);
    finish(&mut run);
    assert_eq!((run.cloud().vpcs().count(), run.cloud().instances().count()), (2, 2));
    // A pair that was made one end after the other is the compound.
    let mut run = begin(&text);
    (0..2).for_each(|_| _ = run.step().unwrap());
    type_all(
        &mut run,
        "A: create-router-interface x --vpc V --role initiator --spec Mini.2 --opposite-region cn-qingdao
         A: create-router-interface y --vpc W --role acceptor --opposite-region cn-qingdao
         A: modify-router-interface-attribute x --opposite-account A --opposite-interface y --opposite-router W
         A: modify-router-interface-attribute y --opposite-account A --opposite-interface x --opposite-router V
         A: connect-router-interface x",
    );
    finish(&mut run);
    assert_eq!(run.cloud().peerings().count(), 2);
}

#[test]
fn a_lab_that_nobody_touched_has_steps_as_ever() {
    let mut run = shipped("life-of-a-pair");
    while run.step().unwrap().is_some() {}
    assert!(run.events().iter().all(|event| matches!(event, crate::journal::Event::Step(_))));
}

/// The learner deletes what the lab made and makes it anew: under the same name or another, with an id of its own.
#[test]
fn whatever_was_deleted_and_made_anew_by_hand_is_found() {
    let mut tried = 0;
    for name in ["cross-account", "same-account", "vpc-peering", "router-interfaces", "alibaba-peer-cross-account"] {
        for done in 1..shipped(name).lab().steps.len() {
            let lab = shipped(name).lab().clone();
            let before = lab.steps[..done].iter().flat_map(making);
            for operation in lab.base.iter().chain(before) {
                for renamed in ["", "anew"] {
                    let mut run = shipped(name);
                    (0..done).for_each(|_| _ = run.step().unwrap());
                    let Some(created) = operation.call.created(run.cloud()) else { continue };
                    let Some(deletion) = deletion(created.kind, &created.name) else { continue };
                    let owner = operation.caller.as_str();
                    let mut call = operation.call.clone();
                    let plain = created.name.rsplit('/').next().unwrap();
                    call.rename(if renamed.is_empty() { plain } else { renamed });
                    if run.operate(owner, deletion).is_err() {
                        continue;
                    }
                    run.operate(owner, call.clone()).unwrap_or_else(|error| panic!("{name} {call}: {error}"));
                    let mut followed = Vec::new();
                    to_the_end(&mut run, |error, _| {
                        let hint = error.hint.as_ref().unwrap().to_string();
                        followed.push(hint.clone());
                        assert!(
                            followed.len() < 8 && hint.contains("peerlab api"),
                            "{name}: {done} steps, deleted, and {call}: {error}; followed {followed:#?}"
                        );
                    });
                    let again = Run::replay(run.lab().clone(), run.path().to_owned(), run.events()).unwrap();
                    assert!(again.cloud() == run.cloud());
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn of_several_the_one_that_the_learner_went_on_with_is_bound() {
    let line = "B: create-router-interface NAME --vpc VPC2 --role acceptor --opposite-region cn-qingdao\n";
    for (used, other) in [("b1", "b2"), ("b2", "b1"), ("b2", "ri-b")] {
        let mut run = begin(CROSS);
        run.step().unwrap();
        let mut names = [used, other];
        names.sort_unstable();
        names.iter().for_each(|name| type_all(&mut run, &line.replace("NAME", name)));
        type_all(
            &mut run,
            &format!(
                "B: modify-router-interface-attribute {used} --opposite-account A --opposite-interface ri-a --opposite-router VPC1
                 A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface {used} --opposite-router VPC2
                 A: connect-router-interface ri-a"
            ),
        );
        let before = run.cloud().clone();
        for _ in 2..=5 {
            run.step().unwrap_or_else(|error| panic!("{used}, {other}: {error}"));
        }
        assert!(*run.cloud() == before, "{used}, {other}: nothing is changed");
        finish(&mut run);
    }
}

/// A request for another account's VPC is not one for one's own account, which fails.
#[test]
fn a_request_with_another_account_is_another_request() {
    let mut run = shipped("aws-cross-account");
    type_all(&mut run, "A: create-vpc-peering-connection mine --vpc vpc-a --peer-vpc vpc-b --peer-account B");
    finish(&mut run);
    assert_eq!(run.bindings().made(run.cloud(), ResourceKind::PeeringConnection, "pcx-ab"), Some("mine"));
    assert_eq!(run.bindings().made(run.cloud(), ResourceKind::PeeringConnection, "wrong"), None);
}

/// Where the lab makes two alike, one to fail or to be deleted, and so did the learner, each is one of the lab's.
#[test]
fn of_as_many_as_the_lab_makes_the_dead_one_is_the_first() {
    for (lab, script) in [
        (
            "aws-failed-overlap",
            "A: create-vpc-peering-connection p1 --vpc tools --peer-vpc prod
             A: remove-cidr tools --cidr 100.64.0.0/16
             A: create-vpc-peering-connection p2 --vpc tools --peer-vpc prod
             A: accept-vpc-peering-connection p2
             A: create-route-entry --vpc tools --destination 10.1.0.0/16 --next-hop p2
             A: create-route-entry --vpc prod --destination 10.2.0.0/16 --next-hop p2",
        ),
        (
            "aws-blackhole",
            "A: create-vpc-peering-connection p1 --vpc vpc-a --peer-vpc vpc-b --peer-account B
             A: create-route-entry --vpc vpc-a --destination 10.18.0.0/16 --next-hop p1
             B: create-route-entry --vpc vpc-b --destination 10.17.0.0/16 --next-hop p1
             B: accept-vpc-peering-connection p1
             A: delete-vpc-peering-connection p1
             A: create-vpc-peering-connection p2 --vpc vpc-a --peer-vpc vpc-b --peer-account B
             B: accept-vpc-peering-connection p2",
        ),
    ] {
        let mut run = shipped(lab);
        type_all(&mut run, script);
        finish(&mut run);
        let made = |name| run.bindings().made(run.cloud(), ResourceKind::PeeringConnection, name).map(str::to_owned);
        assert_eq!((made("first").as_deref(), made("second").as_deref()), (Some("p1"), Some("p2")), "{lab}");
    }
}

/// A pair whose initiator the learner made on the other side is the same network.
#[test]
fn a_pair_with_its_roles_exchanged_is_the_labs() {
    let script = "B: create-router-interface left --vpc VPC2 --role initiator --spec Mini.2 --opposite-region cn-qingdao
         A: create-router-interface right --vpc VPC1 --role acceptor --opposite-region cn-beijing
         B: modify-router-interface-attribute left --opposite-account A --opposite-interface right --opposite-router VPC1
         A: modify-router-interface-attribute right --opposite-account B --opposite-interface left --opposite-router VPC2
         B: connect-router-interface left
         A: create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop right
         B: create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop left";
    let lines: Vec<_> = script.lines().collect();
    for count in 1..=lines.len() {
        let mut run = begin(CROSS);
        type_all(&mut run, &lines[..count].join("\n"));
        let is_bound = count >= 3;
        let commands = to_the_end(&mut run, |error, _| {
            // What differs is said; or the learner's own initiator connects.
            let what = if is_bound { "router interface right is the acceptor" } else { "role is " };
            assert!(error.to_string().contains(what), "after {count} lines: {error}");
        });
        finished(&run);
        let connected = count >= 5;
        assert_eq!(commands, if is_bound { usize::from(!connected) } else { count }, "after {count} lines");
        assert_eq!(run.cloud().peerings().count(), 2, "after {count} lines: nothing is made twice");
    }
    // Another class is another bandwidth.
    let mut run = begin(CROSS);
    type_all(&mut run, &lines[..5].join("\n").replace("Mini.2", "Mini.5"));
    let error = run.step().unwrap_err();
    assert!(error.to_string().contains("spec is Mini.5 instead of Mini.2"), "{error}");
}
