//! The shipped labs and the README's examples, on a real kernel.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::Machine;
use support::oracle::{aloud, untested};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join("labs")).unwrap();
    let mut labs: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    labs.sort();
    assert!(labs.len() >= 4, "{labs:?}");
    labs
}

#[test]
fn every_shipped_lab_holds_at_every_step_and_leaves_nothing() {
    let machine = Machine::new();
    let before = machine.snapshot();
    for lab in shipped() {
        machine.ok(&format!("test {}", lab.display())).says("all hold");
    }
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    machine.is_as(&before, "every lab tested");
}

/// A lab's line in the table of a README, in its language, is its story.
#[test]
fn every_shipped_lab_has_its_story_in_the_readmes() {
    let machine = Machine::new();
    let labs = machine.ok("labs --json").json();
    let labs = labs["labs"].as_array().unwrap();
    assert_eq!(labs.len(), shipped().len());
    assert_eq!(machine.ok("labs --json").json()["exercises"].as_array().unwrap().len(), 12);
    for (readme, language) in [("README.md", None), ("README.zh.md", Some("zh"))] {
        let readme_text = fs::read_to_string(repository().join(readme)).unwrap();
        for lab in labs {
            let name = lab["name"].as_str().unwrap();
            let story = language.map_or(lab, |language| &lab[language])["story"].as_str().unwrap();
            let line = readme_text.lines().find(|line| line.starts_with(&format!("| [{name}](labs/{name}.toml)")));
            let line = line.unwrap_or_else(|| panic!("the table of {readme} has no labs/{name}.toml"));
            let told = line.trim_end_matches([' ', '|']).rsplit("| ").next().unwrap();
            let (told, story) = (told.to_lowercase(), story.to_lowercase());
            assert_eq!(told, story.trim_end_matches(['.', '。']), "{readme}: {name}");
        }
    }
}

/// The verbs take its name where they take a file, in a folder without labs.
#[test]
fn a_shipped_lab_is_taken_wherever_a_file_is() {
    let machine = Machine::new();
    machine.ok("validate cross-account overlapping").says("✓ cross-account: lab cross-account, 10 steps");
    machine.ok("plan cross-account").says("to the kernel");
    machine.ok("graph -f cross-account").says("<svg");
    machine.ok("explain ecs-a ecs-b -f cross-account --until 0").says("no-route");
    machine.ok("test --mutate unassociated");
    machine.ok("test deactivated-end").says("✓ deactivated-end").says("all hold");
    let up = machine.ok("up cross-account --until 1 --no-verify");
    assert!(!up.stderr.contains("cannot"), "{up}");
    assert_eq!(machine.ok("status --json").json()["file"], "cross-account");
    // It goes on, as one of a file does.
    machine.ok("next").says("Step 2 of 10");
    machine.ok("undo");
    machine.ok("up --lab cross-account --no-verify");
    machine.ok("up cross-account --name second --until 0 --no-verify");
    machine.ok("down cross-account").says("lab cross-account is down");
    machine.ok("down cross-account").says("lab second is down");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

#[test]
fn a_shipped_lab_s_file_is_printed_and_can_be_changed() {
    let machine = Machine::new();
    let text = machine.ok("labs cross-account").stdout;
    assert_eq!(text, fs::read_to_string(repository().join("labs/cross-account.toml")).unwrap());
    assert_eq!(machine.ok("labs cross-account --json").json()["text"], *text);
    machine.file("mine.toml", &text);
    machine.ok("validate mine.toml").says("lab cross-account");
}

#[test]
fn a_file_comes_before_a_shipped_lab_and_a_folder_does_not() {
    let machine = Machine::new();
    fs::create_dir("/run/test/bandwidth").unwrap();
    machine.ok("validate bandwidth").says("✓ bandwidth: lab bandwidth");
    machine.file("cross-account", &fs::read_to_string(repository().join("labs/internet.toml")).unwrap());
    machine.ok("validate cross-account").says("lab internet");
    machine.ok("validate ./cross-account").says("lab internet");
}

#[test]
fn an_unknown_lab_is_an_error_that_says_what_was_meant() {
    let machine = Machine::new();
    for (typed, meant) in [
        ("cross-acount", "did you mean cross-account, which ships with peerlab?"),
        ("cross-account.toml", "did you mean cross-account? This lab ships with peerlab"),
        ("labs/cross-account.toml", "did you mean cross-account? This lab ships with peerlab"),
        ("wholly-unknown", "`peerlab labs` lists them"),
    ] {
        machine.peerlab(&format!("up {typed}")).exits(2).tells("there is no such file").tells(meant);
    }
    machine.peerlab("labs cross-acount").exits(2).tells("LabNotFound").tells("did you mean cross-account");
    machine.peerlab("labs wholly-unknown").exits(2).tells("`peerlab labs` lists those that do");
}

/// Both labs have the same addresses; a change of one lab's peering must not affect the other.
#[test]
fn two_labs_at_once_do_not_reach_each_other() {
    let machine = Machine::new();
    let lab = repository().join("labs/deactivated-end.toml");
    machine.ok(&format!("up {} --name first", lab.display()));
    machine.ok(&format!("up {} --name second --until 1", lab.display()));
    machine.ok("ping ecs-a ecs-b -c 1 --lab first");
    machine.peerlab("ping ecs-a ecs-b -c 1 --lab second").exits(1).says("0 answered");
    let listening = machine.program("ip netns exec second.ecs-b cat /proc/net/snmp").exits(0).stdout;
    let received = |text: &str| {
        let rows: Vec<Vec<&str>> =
            text.lines().filter(|row| row.starts_with("Icmp:")).map(|row| row.split(' ').collect()).collect();
        let column = rows[0].iter().position(|name| *name == "InMsgs").unwrap();
        rows[1][column].parse::<u32>().unwrap()
    };
    let before = received(&listening);
    machine.ok("verify --lab first");
    let after = received(&machine.program("ip netns exec second.ecs-b cat /proc/net/snmp").exits(0).stdout);
    assert_eq!(before, after, "a packet of the first lab arrived in the second");
    machine.ok("down --all");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

/// With netem, pings take as long as the lab says; without it, `up` and `doctor` say so.
#[test]
fn the_latency_of_a_peering_is_felt_or_is_said_to_be_left_out() {
    let machine = Machine::new();
    let report = machine.ok("doctor --json").json();
    let findings = report["findings"].as_array().unwrap();
    let netem = findings.iter().find(|finding| finding["what"] == "netem").unwrap();
    let up = machine.ok(&format!("up {} --no-verify", repository().join("labs/latency.toml").display()));
    let said = up.stderr.contains("latency left out: the kernel has no netem");
    let fastest = |to: &str| {
        let pinged = machine.ok(&format!("ping app {to} -c 3 --json")).json();
        let answers = pinged["rtt_ms"].as_array().unwrap().iter().map(|rtt| rtt.as_f64().unwrap());
        answers.fold(f64::INFINITY, f64::min)
    };
    let (far, near) = (fastest("database"), fastest("replica"));
    if netem["state"] == "good" {
        aloud(&format!("a peering of 30 ms: {far:.1} ms there and back, and {near:.1} ms beside it"));
        assert!(!said, "{up}");
        // 30 ms each way, plus the machine's own time, which is longest in emulation.
        assert!((60.0..90.0).contains(&far), "{far} ms for 30 ms each way");
    } else {
        untested("netem of the kernel", "nothing delays packets; that `up` and `doctor` say so is tested");
        assert!(said, "{up}");
        assert!(netem["consequence"].as_str().unwrap().contains("left out, and `up` says so"), "{netem}");
        assert!(netem["remedy"].as_str().unwrap().contains("modprobe sch_netem"), "{netem}");
        assert!(far < 60.0, "{far} ms, with no netem");
    }
    assert!(near < 30.0, "{near} ms in one VPC");
}
