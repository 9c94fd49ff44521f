//! The shipped labs, without root: their checks cover every part, and `explain` explains every drop that they show.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "this reads the folder; the stages that it calls are the pure ones")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use peerlab::cloud::Cloud;
use peerlab::error::Source;
use peerlab::flow::{Disposition, Endpoint, Traffic};
use peerlab::lab::{self, Check, Expect, Lab};
use peerlab::mutate::mutate;
use peerlab::report::diagnostics;
use peerlab::terminal::Terminal;
use peerlab::trace::{explain, predict};

fn labs() -> Vec<Lab> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    assert!(files.len() >= 15, "only {} labs were found", files.len());
    let read = |file: &Path| lab::read(Source::new(file.display().to_string(), fs::read_to_string(file).unwrap()));
    files.iter().map(|file| read(file).unwrap()).collect()
}

#[test]
fn every_part_of_every_lab_is_missed_by_a_check_or_the_lab_says_why_not() {
    for lab in labs() {
        let report = mutate(&lab);
        assert!(report.parts >= 4, "{}: only {} parts were left out", lab.name, report.parts);
        assert!(report.passed(), "\n{}", diagnostics::render(&report.errors(&lab), &Terminal::PLAIN));
    }
}

/// A drop that a check expects, with its Cloud.
struct Dropped {
    place: String,
    cloud: Cloud,
    from: Endpoint,
    to: Endpoint,
    protocol: Traffic,
    because: Option<Disposition>,
}

fn drops() -> Vec<Dropped> {
    let mut drops = Vec::new();
    for lab in labs() {
        let mut cloud = lab.build().unwrap().0;
        for (index, step) in lab.steps.iter().enumerate() {
            lab.play(&mut cloud, index).unwrap();
            drops.extend(step.checks.iter().flat_map(|check| dropped(&lab, check, &cloud)));
        }
        drops.extend(lab.checks.iter().flat_map(|check| dropped(&lab, check, &cloud)));
    }
    assert!(drops.len() >= 60, "only {} drops are expected in all labs", drops.len());
    drops
}

fn dropped(lab: &Lab, check: &Check, cloud: &Cloud) -> Vec<Dropped> {
    let Expect::Drop(because) = check.expect else { return Vec::new() };
    let both = [(&check.from, &check.to), (&check.to, &check.from)];
    let one = |(from, to): (&Endpoint, &Endpoint)| Dropped {
        place: format!("{}:{}: {from} to {to}", lab.source.name, lab.source.line(check.span.start)),
        cloud: cloud.clone(),
        from: from.clone(),
        to: to.clone(),
        protocol: check.traffic(),
        because,
    };
    both.into_iter().take(1 + usize::from(check.both_ways)).map(one).collect()
}

#[test]
fn explain_names_the_reason_of_every_expected_drop_first() {
    for Dropped { place, cloud, from, to, protocol, because } in drops() {
        let explanation = explain(&cloud, &from, &to, protocol);
        let first = explanation.blockers.first().map(|blocker| blocker.disposition());
        assert_eq!(first, Some(explanation.trace.disposition), "{place}");
        assert!(because.is_none() || first == because, "{place}: {first:?}");
    }
}

#[test]
fn the_fix_of_every_expected_drop_makes_it_reach_and_none_of_it_is_needless() {
    let mut fixed = 0;
    for Dropped { place, cloud, from, to, protocol, .. } in drops() {
        let Some(fix) = explain(&cloud, &from, &to, protocol).fix else { continue };
        let reaches = |left_out: Option<usize>| {
            let mut cloud = cloud.clone();
            let kept = fix.iter().enumerate().filter(|(index, _)| Some(*index) != left_out);
            // A refusal without the removed operation shows that it is necessary.
            kept.fold(true, |done, (_, operation)| cloud.apply(operation).is_ok() && done)
                && predict(&cloud, &from, &to, protocol).reaches()
        };
        assert!(reaches(None), "{place}: {fix:?}");
        for (index, operation) in fix.iter().enumerate() {
            assert!(!reaches(Some(index)), "{place}: {} is needless", operation.call);
        }
        fixed += 1;
    }
    assert!(fixed >= 40, "only {fixed} drops could be mended");
}

#[test]
fn where_no_operation_helps_explain_says_what_to_build_instead() {
    let mut reasons = BTreeSet::new();
    for Dropped { place, cloud, from, to, protocol, .. } in drops() {
        let explanation = explain(&cloud, &from, &to, protocol);
        if explanation.fix.is_some() {
            continue;
        }
        assert!(explanation.blockers.iter().any(|blocker| blocker.instead.is_some()), "{place}");
        reasons.insert(explanation.trace.disposition.to_string());
    }
    assert!(reasons.contains("no-public-ip") && reasons.contains("no-such-address"), "{reasons:?}");
}
