//! Killed at every call to the kernel, and interrupted: `up` completes, `down` leaves the host as it was.

use std::fs;

use nix::sys::signal::Signal;

use crate::killer::{Struck, strike};
use crate::setting;
use crate::support::{CROSS, Machine, Run};

/// At how many calls an ordinary run passes by: all together are some hundred kills, a quarter of a second each.
const STRIDE: usize = 4;

/// How a lab that was killed is brought to an end.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// `up` completes it as it was meant.
    Up,
    /// `up FILE` builds what the file says.
    UpFile,
    /// `down` takes it away.
    Down,
}

/// What is killed, and what goes before.
struct Case {
    before: &'static [&'static str],
    struck: &'static str,
}

fn cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine
}

/// Kills at each `STRIDE`-th call, with each way out in turn.
#[track_caller]
fn kill_everywhere(case: Case) {
    let machine = cross();
    let untouched = machine.snapshot();
    let stride = setting("PEERLAB_STRIDE", STRIDE);
    let mut kills = 0;
    let ways: &[Way] = if stride == 1 { &[Way::Up, Way::UpFile, Way::Down] } else { &[] };
    // Each stride begins elsewhere, so that ways and calls meet in every pairing over time.
    let mut nth = 1;
    'calls: loop {
        let turn = [[Way::Up, Way::Down, Way::UpFile][kills % 3]];
        for way in if ways.is_empty() { &turn } else { ways } {
            for line in case.before {
                machine.ok(line);
            }
            let Struck { calls, hit, output } = strike(machine.command(case.struck), Signal::SIGKILL, nth);
            let place = format!("{} killed at call {nth}, then {way:?}", case.struck);
            if !hit {
                Run::ended(case.struck.into(), output).exits(0);
                assert!(nth > calls && kills > 0, "{place}");
                machine.ok("down --all");
                break 'calls;
            }
            kills += 1;
            Run::ended(place.clone(), output).killed_by(9);
            whole_journal(&place);
            end(&machine, *way, &place);
            assert_eq!(machine.left(), [] as [&str; 0], "{place}");
        }
        nth += stride;
    }
    machine.is_as(&untouched, case.struck);
    println!("{}: {kills} kills at calls 1 to {nth}", case.struck);
}

/// The journal is there wholly or not at all.
fn whole_journal(place: &str) {
    match fs::read("/run/peerlab/cross/journal.json") {
        Ok(text) => _ = serde_json::from_slice::<serde_json::Value>(&text).unwrap_or_else(|e| panic!("{place}: {e}")),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{place}"),
    }
}

/// Brings a lab that was killed to an end: down, as if it had never been.
fn end(machine: &Machine, way: Way, place: &str) {
    let is_up = !machine.ok("list --json").json()["labs"].as_array().unwrap().is_empty();
    match way {
        Way::Down => {}
        Way::Up if !fs::exists("/run/peerlab/cross/journal.json").unwrap() => {}
        Way::Up | Way::UpFile => {
            let line = if matches!(way, Way::Up) { "up --no-verify" } else { "up cross.toml --no-verify" };
            machine.ok(line);
            machine.ok(line).tells("nothing to do");
            let summary = machine.peerlab("verify --json").json()["summary"].clone();
            assert_eq!((&summary["pairs"], &summary["disagree"]), (&2.into(), &0.into()), "{place}");
        }
    }
    // A kill before the lab had a directory leaves nothing to take down.
    machine.ok(if is_up { "down cross" } else { "down --all" });
}

#[test]
fn up_is_killed_everywhere() {
    kill_everywhere(Case { before: &[], struck: "up cross.toml --no-verify" });
}

#[test]
fn down_is_killed_everywhere() {
    kill_everywhere(Case { before: &["up cross.toml --no-verify"], struck: "down cross" });
}

#[test]
fn api_is_killed_everywhere() {
    kill_everywhere(Case {
        before: &["up cross.toml --no-verify"],
        struck: "api --as A deactivate-router-interface ri-a",
    });
}

#[test]
fn next_is_killed_everywhere() {
    kill_everywhere(Case { before: &["up cross.toml --no-verify --until 2"], struck: "next" });
}
