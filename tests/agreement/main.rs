//! Predictions agree with packets for any Cloud, and the kernel counts each drop under the predicted reason. Random
//! Clouds of both providers, changed by random operations while they run. Needs root.
//!
//! `PEERLAB_CLOUDS=5000` sets the number of Clouds, `PEERLAB_SEED=7` the first story; `PEERLAB_CLOUDS=1` with the seed
//! of a failure runs that story alone. `PEERLAB_PROVIDER=aws`: Clouds of this provider only. A failure is reduced to the lines that it needs, and printed as a lab.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod author;
#[path = "../world/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use peerlab::verify::Report;
use world::{Disagreement, Story, World, agree, isolate};

/// The number of Clouds in a normal run.
const CLOUDS: usize = 500;

/// The number of changes of a lab in a story.
const CHANGES: usize = 5;

/// The number of labs at once; they spend most of their time waiting for packets that do not come.
const AT_ONCE: usize = 6;

/// With this many Clouds, every result must have occurred.
const ENOUGH: usize = 400;

/// A result that few Clouds have, so that a run may be without it: the answer's VPC lost its gateway.
const RARE: &str = "return:no-internet-gateway";

/// Every other possible result of a flow. Groups do not apply to answers.
const ENDS: [&str; 25] = [
    "answered-by-another",
    "egress-network-acl",
    "egress-security-group",
    "ingress-network-acl",
    "ingress-security-group",
    "instance-stopped",
    "next-hop-gone",
    "no-internet-gateway",
    "no-public-ip",
    "no-route",
    "no-such-address",
    "not-forwarded",
    "not-transitive",
    "peering-inactive",
    "reach",
    "return:egress-network-acl",
    "return:ingress-network-acl",
    "return:next-hop-gone",
    "return:no-public-ip",
    "return:no-route",
    "return:no-such-address",
    "return:not-forwarded",
    "return:not-transitive",
    "return:peering-inactive",
    "too-big",
];

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Runs the story on one lab. With `each`, verifies after every phase, else after the last one.
fn live(name: &str, story: &Story, each: bool, mut seen: impl FnMut(&Report)) -> Result<(), (usize, Disagreement)> {
    let mut world = World::new(name);
    let clouds = story.clouds();
    for (phase, cloud) in clouds.iter().enumerate() {
        if each || phase + 1 == clouds.len() {
            seen(&agree(&mut world, cloud).map_err(|disagreement| (phase, disagreement))?);
        } else {
            let settled = world.settle(&peerlab::network::compile::compile(cloud));
            settled.map_err(|text| (phase, Disagreement { checks: Vec::new(), text }))?;
        }
    }
    Ok(())
}

/// Reduces the story while its last phase still fails: first to one phase, then by ever smaller parts.
fn shrink(name: &str, mut story: Story) -> Story {
    let trials = AtomicUsize::new(0);
    let fails = |story: &Story| {
        let trial = trials.fetch_add(1, Ordering::Relaxed);
        live(&format!("{name}-{trial}"), story, false, |_| ()).is_err()
    };
    let whole = Story { phases: vec![story.phases.concat()], ..story.clone() };
    if fails(&whole) {
        story = whole;
    }
    let mut part = story.phases.iter().map(Vec::len).sum::<usize>().div_ceil(2);
    loop {
        let mut at = 0;
        while at < story.phases.iter().map(Vec::len).sum() {
            let mut smaller = story.clone();
            let mut number = 0;
            for lines in &mut smaller.phases {
                lines.retain(|_| {
                    number += 1;
                    !(at..at + part).contains(&(number - 1))
                });
            }
            if fails(&smaller) { story = smaller } else { at += part }
        }
        if part == 1 {
            return story;
        }
        part = part.div_ceil(2);
    }
}

/// The message of a failure: the lab and the disagreement.
fn failure(seed: u64, story: Story, phase: usize, disagreement: Disagreement) -> String {
    let reached = Story { phases: story.phases[..=phase].to_vec(), ..story };
    let small = shrink(&format!("shrink-{seed}"), reached);
    let (again, Disagreement { checks, text }) = match live(&format!("small-{seed}"), &small, false, |_| ()) {
        Err((_, small)) => ("", small),
        Ok(()) => (" (not every time: this is of the first time)", disagreement),
    };
    let lab = small.lab_text(&checks);
    format!("story {seed}, phase {}{again}\n--- lab.toml\n{lab}\n--- disagreement\n{text}", phase + 1)
}

#[test]
fn random_clouds_do_as_predicted() {
    isolate();
    let wanted = setting("PEERLAB_CLOUDS").map_or(CLOUDS, |number| number as usize);
    let next = AtomicU64::new(setting("PEERLAB_SEED").unwrap_or(1));
    let asked = AtomicUsize::new(0);
    let ends: Mutex<BTreeMap<String, usize>> = Mutex::default();
    let failures: Mutex<Vec<(u64, Story, usize, Disagreement)>> = Mutex::default();
    let provider = std::env::var("PEERLAB_PROVIDER").ok();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(wanted.div_ceil(CHANGES + 1)) {
            scope.spawn(|| {
                while asked.load(Ordering::Relaxed) < wanted && failures.lock().unwrap().is_empty() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let story = author::story(seed, CHANGES, provider.as_deref());
                    let lived = live(&format!("story-{seed}"), &story, true, |report| {
                        asked.fetch_add(1, Ordering::Relaxed);
                        let pairs = report.pairs.iter().map(|it| it.predicted);
                        let mut ends = ends.lock().unwrap();
                        for end in pairs.chain(report.checks.iter().map(|it| it.predicted)) {
                            *ends.entry(end.to_string()).or_default() += 1;
                        }
                    });
                    if let Err((phase, disagreement)) = lived {
                        // Print it now, because reducing it takes a minute.
                        eprintln!("story {seed}, phase {}:\n{disagreement}", phase + 1);
                        failures.lock().unwrap().push((seed, story, phase, disagreement));
                    }
                }
            });
        }
    });
    let ends = ends.into_inner().unwrap();
    println!("{} clouds; {ends:#?}", asked.load(Ordering::Relaxed));
    let failures = failures.into_inner().unwrap();
    if let Some((seed, story, phase, why)) = failures.into_iter().next() {
        panic!("{}", failure(seed, story, phase, why));
    }
    if wanted >= ENOUGH && provider.is_none() {
        let seen: Vec<_> = ends.keys().map(String::as_str).filter(|end| *end != RARE).collect();
        assert_eq!(seen, ENDS);
    }
}

/// The output of a failure is a valid lab that gives the same Cloud.
#[test]
fn a_story_is_a_lab() {
    for seed in 1..40 {
        let story = author::story(seed, CHANGES, None);
        let cloud = story.clouds().pop().unwrap();
        let text = story.lab_text(&world::questions(&cloud));
        let lab = peerlab::lab::read(peerlab::error::Source::new("lab.toml", text.as_str()))
            .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        assert_eq!(lab.rehearse().unwrap().0, cloud, "{text}");
        assert_eq!(lab.checks.len(), world::questions(&cloud).len());
    }
}
