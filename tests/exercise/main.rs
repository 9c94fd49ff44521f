//! Exercises of the shipped labs, as the generator makes them, and on a real kernel.
//!
//! `PEERLAB_SEEDS=1000 cargo test --test exercise` tries more seeds.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod same;
mod verbs;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use peerlab::cloud::{AccountName, Cloud, Operation, Origin, Rule, typed};
use peerlab::error::Source;
use peerlab::exercise::{
    Assessment, FaultSeen, Maker, Score, Unmade, Weights, Wish, assess, hints, repair, solution, symptoms, text,
};
use peerlab::flow::Reason;
use peerlab::lab::{self, FaultKind, Lab};
use peerlab::language::Language;
use peerlab::trace::predict;

/// Whether a check of the finished lab fails, by the trace alone.
fn fails(lab: &Lab, cloud: &Cloud) -> bool {
    lab.final_checks().iter().any(|check| {
        let holds = |from, to| check.expect.is_met_by(predict(cloud, from, to, check.traffic()));
        !holds(&check.from, &check.to) || check.both_ways && !holds(&check.to, &check.from)
    })
}

/// A Cloud after operations; `None`: one is refused.
fn applied<'o>(cloud: &Cloud, operations: impl IntoIterator<Item = &'o Operation>) -> Option<Cloud> {
    let mut cloud = cloud.clone();
    operations.into_iter().try_for_each(|operation| cloud.apply(operation).map(drop)).ok()?;
    Some(cloud)
}

/// The shipped labs, each with its Cloud once all steps are done.
fn labs() -> Vec<(Lab, Cloud)> {
    let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("labs")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    let lab = |text: String, name: &str| lab::read(Source::new(name, text)).unwrap();
    let labs = files.iter().map(|path| lab(fs::read_to_string(path).unwrap(), path.to_str().unwrap()));
    labs.map(|lab| {
        let cloud = lab.rehearse().unwrap().0;
        (lab, cloud)
    })
    .collect()
}

/// How many seeds; more by `PEERLAB_SEEDS`.
fn seeds() -> u64 {
    std::env::var("PEERLAB_SEEDS").ok().and_then(|number| number.parse().ok()).unwrap_or(8)
}

/// An exercise of a lab, read from its text as a learner gets it.
fn exercise(lab: &Lab, text: String) -> Lab {
    lab::read_as(Source::new(&*lab.source.name, text), Some("exercise")).unwrap()
}

/// What the issue asks of each exercise, with a seed of its own.
#[test]
fn every_exercise_of_every_shipped_lab_is_broken_and_each_fault_needed_and_mended() {
    let (mut made_at_all, mut kinds, mut difficulties) = (0, BTreeSet::new(), BTreeSet::new());
    for (lab, healthy) in &labs() {
        let Ok(mut maker) = Maker::new(lab, healthy, &[]) else { continue };
        let fails = |cloud: &Cloud| fails(lab, cloud);
        for seed in 0..seeds() {
            let wish = Wish { seed, faults: Some(1 + seed as usize % 3), difficulty: None };
            let made = match maker.make(&wish) {
                Ok(made) => made,
                Err(Unmade::TooFew(_)) => continue,
                Err(other) => panic!("{} {seed}: {other:?}", lab.name),
            };
            let of = format!("{} {seed}: {made:?}", lab.name);
            assert_eq!(maker.make(&wish).unwrap(), made, "again");
            made_at_all += 1;
            kinds.extend(made.faults.iter().map(|fault| fault.kind));
            difficulties.insert(made.difficulty);

            let broken_lab = exercise(lab, text(lab, Some(&made), Some(seed), Some("Ada")));
            let broken = broken_lab.build().unwrap_or_else(|errors| panic!("{of}: {errors}")).0;
            assert_eq!(broken_lab.healthy().build().unwrap().0.vpcs().count(), healthy.vpcs().count());
            assert!(fails(&broken), "{of}: nothing fails");
            let solution = solution(&broken_lab, healthy);
            for left in 0..made.faults.len() {
                let others = solution.mends.iter().enumerate().filter(|(index, _)| *index != left);
                let mended = applied(&broken, others.flat_map(|(_, mend)| mend)).expect(&of);
                assert!(fails(&mended), "{of}: fault {left} is not needed");
            }
            let mended = applied(&broken, solution.mends.iter().flatten()).expect(&of);
            assert!(!fails(&mended), "{of}: {solution:?}");
            let found = repair(lab, healthy, &broken).unwrap_or_else(|| panic!("{of}: the search finds no repair"));
            assert!(!fails(&applied(&broken, &found).unwrap()), "{of}");
            assert!((1..=5).contains(&made.difficulty));

            // Untouched, nothing is earned; mended, everything.
            let untouched = assess(&broken_lab, healthy, &broken, &broken, &[]);
            assert!(untouched.faults.iter().all(|fault| !fault.found && !fault.mended), "{of}: {untouched:?}");
            let deeds: Vec<_> =
                solution.mends.iter().flatten().map(|it| (it.caller.clone(), it.call.clone())).collect();
            let done = assess(&broken_lab, healthy, &broken, &mended, &deeds);
            assert!(done.faults.iter().all(|fault| fault.found && fault.mended), "{of}: {done:?}");
            assert_eq!((&*done.collateral, done.made), (&[][..], 0), "{of}");
            let score = |it: &Assessment, operations| {
                let count = |is: fn(&FaultSeen) -> bool| it.faults.iter().filter(|fault| is(fault)).count();
                Weights::default().score(&Score {
                    failed_at_start: it.failed_at_start,
                    failing: it.failing,
                    faults: it.faults.len(),
                    mended: count(|fault| fault.mended),
                    found: count(|fault| fault.found && !fault.mended),
                    collateral: it.made,
                    operations,
                    best: it.best,
                    ..Score::default()
                })
            };
            assert_eq!(score(&untouched, 0), 0, "{of}");
            assert_eq!(score(&done, untouched.best), 100, "{of}");
            assert!(hints(&broken_lab, healthy, &mended, Language::English).is_none(), "{of}");
        }
    }
    assert!(made_at_all > 100, "only {made_at_all}");
    assert!(kinds.len() >= 6, "only {kinds:?}");
    assert!(difficulties.len() >= 3, "only {difficulties:?}");
}

/// The ticket has symptoms; no cause, no thing at fault, no operation.
#[test]
fn a_ticket_names_no_cause_and_the_last_hint_names_it() {
    let mut seen = 0;
    for (lab, healthy) in labs().iter().take(8) {
        let Ok(mut maker) = Maker::new(lab, healthy, &[FaultKind::Route, FaultKind::Group, FaultKind::Peering]) else {
            continue;
        };
        let Ok(made) = maker.make(&Wish { seed: 7, faults: None, difficulty: None }) else { continue };
        let broken_lab = exercise(lab, text(lab, Some(&made), Some(7), None));
        let broken = broken_lab.build().unwrap().0;
        let ticket: Vec<_> = symptoms(&broken_lab, &broken, None).iter().map(|it| it.message().to_string()).collect();
        let hints = hints(&broken_lab, healthy, &broken, Language::English).unwrap();
        assert!(hints.steps.len() >= 3, "{hints:?}");
        assert!(hints.steps.last().unwrap().to_string().contains("peerlab api --as "), "{hints:?}");
        for reason in Reason::ALL {
            assert!(ticket.iter().all(|line| !line.contains(reason.as_str())), "{ticket:?}");
        }
        seen += 1;
    }
    assert!(seen >= 4, "only {seen}");
}

/// Nothing that a Cloud shows says where, or that, something was changed.
#[test]
fn an_exercise_has_no_trace_of_its_faults() {
    for (lab, healthy) in labs().iter().take(6) {
        let Ok(mut maker) = Maker::new(lab, healthy, &[FaultKind::Group]) else { continue };
        let Ok(made) = maker.make(&Wish { seed: 1, faults: None, difficulty: None }) else { continue };
        let broken = exercise(lab, text(lab, Some(&made), Some(1), None));
        assert!(broken.base.iter().all(|operation| matches!(operation.origin, Origin::Provider)));
        let (cloud, warnings) = broken.build().unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        for group in cloud.security_groups() {
            let key = |rule: &Rule| (rule.direction, rule.priority, rule.policy, rule.protocol);
            assert!(group.rules.is_sorted_by_key(key), "{group:?}");
        }
    }
}

/// A rule from everywhere is collateral even where no pair of the lab shows it.
#[test]
fn a_rule_from_everywhere_is_collateral() {
    let labs = labs();
    let (lab, healthy) = labs.iter().find(|(lab, _)| lab.name == "cross-account").unwrap();
    let mut maker = Maker::new(lab, healthy, &[FaultKind::Route]).unwrap();
    let made = maker.make(&Wish { seed: 3, faults: None, difficulty: None }).unwrap();
    let broken_lab = exercise(lab, text(lab, Some(&made), Some(3), None));
    let broken = broken_lab.build().unwrap().0;
    for cidr in ["0.0.0.0/0", "0.0.0.0/1"] {
        let line = format!("authorize-security-group sg-a --protocol tcp --port 22 --cidr {cidr}");
        let owner = AccountName::trusted("A");
        let wide = typed(&owner, line.parse().unwrap());
        let now = applied(&broken, [&wide]).unwrap();
        let seen = assess(&broken_lab, healthy, &broken, &now, &[(owner, wide.call.clone())]);
        assert!(seen.collateral.iter().any(|it| it.from == cidr && it.to == "sg-a"), "{seen:?}");
        assert!(seen.made >= 1);
    }
}

#[test]
fn weights_are_read_and_others_refused() {
    let read = |text: &str| Weights::read(&Source::new("weights.toml", text));
    assert_eq!(read("pass = 80\nhint = 2\n").unwrap(), Weights { pass: 80, hint: 2, ..Weights::default() });
    for wrong in ["pass = -1", "pass = 1.5", "passs = 1", "pass = \"1\"", "pass = 5000", "pass ="] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}
