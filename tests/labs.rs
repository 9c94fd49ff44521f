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
    let mut labs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
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

#[test]
fn every_shipped_lab_has_its_line_in_the_readme() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    for lab in shipped() {
        let file = lab.file_name().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("(labs/{file})")), "the README's table has no labs/{file}");
    }
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
