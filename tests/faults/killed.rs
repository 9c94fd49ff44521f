//! Kills and interrupts at every call to the kernel: `up` completes the lab, `down` leaves the host unchanged.

use std::fs;

use nix::sys::signal::Signal;

use crate::killer::{Struck, strike};
use crate::setting;
use crate::support::{CROSS, Machine, Run};

/// A normal run kills at every `STRIDE`-th call: some hundred kills in total, a quarter of a second each.
const STRIDE: usize = 4;

/// The way out after a kill.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// `up` completes it.
    Up,
    /// `up FILE` builds what the file says.
    UpFile,
    /// `down` removes it.
    Down,
}

/// The command to kill, and the commands before it.
struct Case {
    before: &'static [&'static str],
    struck: &'static str,
}

pub fn cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    // One more instance, and one that moved.
    let more = "[instance.ecs-c]\nsubnet = \"VPC2/vsw-2\"\n[[check]]";
    machine.file("edited.toml", &CROSS.replacen("[[check]]", more, 1).replace("192.168.1.10", "192.168.1.99"));
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
    // Each stride begins at another call, so that all combinations of ways and calls occur over time.
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

/// The journal is absent, or its lines are complete, except for one that was being appended.
pub fn whole_journal(place: &str) {
    match fs::read_to_string("/run/peerlab/cross/journal") {
        Ok(log) => {
            for line in log.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
                let (checksum, text) = line.trim_end().split_once(' ').unwrap_or_else(|| panic!("{place}: {line}"));
                assert_eq!(checksum, format!("{:08x}", crc32fast::hash(text.as_bytes())), "{place}");
                serde_json::from_str::<serde_json::Value>(text).unwrap_or_else(|e| panic!("{place}: {e}"));
            }
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{place}"),
    }
}

/// Ends a killed lab, and checks that nothing is left.
pub fn end(machine: &Machine, way: Way, place: &str) {
    let labs = machine.ok("list --json").json()["labs"].clone();
    let is_up = labs[0].is_object();
    match way {
        Way::Down => {}
        Way::Up if !fs::exists("/run/peerlab/cross/journal").unwrap() => {}
        Way::Up | Way::UpFile => {
            let line = if matches!(way, Way::Up) { "up --no-verify" } else { "up cross.toml --no-verify" };
            let run = machine.ok(line);
            // A lab reported as up is complete.
            let whole = labs[0]["state"] == "up" && matches!(way, Way::Up);
            assert!(!whole || run.stderr.contains("nothing to do"), "{place}: {run}");
            machine.ok(line).tells("nothing to do");
            machine.agrees("verify", place);
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
fn an_up_of_an_edited_file_is_killed_everywhere() {
    kill_everywhere(Case { before: &["up edited.toml --no-verify --name cross"], struck: "up cross.toml --no-verify" });
}

/// A kill between the two calls that remove a namespace leaves its name, an empty file.
#[test]
fn a_name_without_its_namespace_that_the_lab_has_no_more_is_removed() {
    let machine = cross();
    machine.ok("up edited.toml --no-verify --name cross");
    nix::mount::umount("/run/netns/cross.ecs-c").unwrap();
    machine.ok("up cross.toml --no-verify");
    assert_eq!(machine.left().iter().filter(|it| it.contains("ecs-c")).count(), 0);
    machine.ok("down");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

#[test]
fn api_is_killed_everywhere() {
    kill_everywhere(Case {
        before: &["up cross.toml --no-verify"],
        struck: "api --as A deactivate-router-interface ri-a",
    });
}

/// The ninth operation, which makes a snapshot.
#[test]
fn an_api_that_makes_a_snapshot_is_killed_everywhere() {
    const ON: &str = "api --as A activate-router-interface ri-a";
    const OFF: &str = "api --as A deactivate-router-interface ri-a";
    kill_everywhere(Case { before: &["up cross.toml --no-verify", OFF, ON, OFF, ON, OFF, ON, OFF, ON], struck: OFF });
}

#[test]
fn undo_is_killed_everywhere() {
    kill_everywhere(Case {
        before: &["up cross.toml --no-verify", "api --as A deactivate-router-interface ri-a"],
        struck: "undo",
    });
}

#[test]
fn next_is_killed_everywhere() {
    kill_everywhere(Case { before: &["up cross.toml --no-verify --until 2"], struck: "next" });
}

/// A sequence of verbs, each killed somewhere; afterwards everything works again.
#[test]
fn whatever_is_killed_one_upon_the_other_up_completes_and_down_removes() {
    let machine = cross();
    let untouched = machine.snapshot();
    let verbs = [
        "up cross.toml --no-verify",
        "api --as A deactivate-router-interface ri-a",
        "up edited.toml --no-verify --name cross",
        "down cross",
        "up --no-verify",
        "next",
        "up cross.toml --no-verify --until 2",
        "api --as B deactivate-router-interface ri-b",
    ];
    // Pseudo-random numbers, the same each time.
    let mut seed: usize = 7;
    let mut draw = |below: usize| {
        seed = (seed * 1_103_515_245 + 12_345) % (1 << 31);
        (seed >> 8) % below
    };
    for round in 0..setting("PEERLAB_ROUNDS", 10) {
        let mut story = Vec::new();
        for _ in 0..5 {
            let (verb, nth) = (verbs[draw(verbs.len())], 1 + draw(150));
            strike(machine.command(verb), Signal::SIGKILL, nth);
            story.push(format!("{verb} killed at {nth}"));
        }
        let story = format!("round {round}: {story:#?}");
        whole_journal(&story);
        end(&machine, if round % 2 == 0 { Way::UpFile } else { Way::Down }, &story);
        assert_eq!(machine.left(), [] as [&str; 0], "{story}");
    }
    machine.is_as(&untouched, "killed one upon the other");
}

/// Ctrl-C at each `STRIDE`-th call of `up`, including its pings: the process ends by the signal, and reports the lab's
/// state if there is a lab.
#[test]
fn ctrl_c_anywhere_during_up_leaves_a_whole_lab_or_none_and_says_so() {
    let machine = cross();
    let untouched = machine.snapshot();
    let stride = setting("PEERLAB_STRIDE", 3 * STRIDE);
    let (mut nth, mut during, mut said) = (1, 0, 0);
    loop {
        let Struck { hit, output, .. } = strike(machine.command("up cross.toml"), Signal::SIGINT, nth);
        let run = Run::ended(format!("up, interrupted at call {nth}"), output);
        if !hit {
            run.exits(0);
            machine.ok("down cross");
            break;
        }
        let spoke = run.stderr.contains("interrupted: lab cross is up, not verified");
        // After the last calls there is nothing left to interrupt.
        if run.ended_well() {
            machine.ok("down cross");
        } else {
            let run = run.killed_by(2);
            during += 1;
            said += usize::from(spoke);
            if machine.left().is_empty() {
                assert!(!spoke, "{run}");
            } else {
                // A signal after the verification ends the process once the report is shown.
                let is_verified = run.stdout.contains("all as predicted; 2 checks passed");
                assert_ne!(spoke, is_verified, "a lab is left, and nothing said of it, or both: {run}");
                machine.ok("up --no-verify").tells("nothing to do");
                machine.ok("verify");
                machine.ok("down cross");
            }
        }
        assert_eq!(machine.left(), [] as [&str; 0], "interrupted at call {nth}");
        nth += stride;
    }
    assert!(said * 2 > during, "{said} of {during} said how the lab is");
    machine.is_as(&untouched, "interrupted");
}
