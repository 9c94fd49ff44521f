//! The snapshot of a running lab: operations continue from it, and damage to it affects only the time.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

#[allow(dead_code)]
mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;

use support::{CROSS, Machine};

const KEPT: &str = "/run/peerlab/ring/snapshot";
const TEXT: &str = "/run/peerlab/ring/lab-1.toml";

fn machine_with_ring() -> Machine {
    let machine = Machine::new();
    machine.ok("init ring --vpcs 4 --instances 2");
    machine.ok("up ring.toml --no-verify");
    machine
}

/// The identity of the snapshot: each is a new file.
fn kept() -> Option<u64> {
    fs::metadata(KEPT).ok().map(|file| file.ino())
}

/// Checks that kernel, journal and Cloud agree with a replay of the lab's file.
#[track_caller]
fn is_whole(machine: &Machine) {
    machine.ok("up --lab ring --no-verify").tells("nothing to do");
    machine.agrees("verify --full", "ring");
}

#[test]
fn an_operation_reads_neither_the_labs_file_nor_its_namespaces() {
    let machine = machine_with_ring();
    let text = fs::read(TEXT).unwrap();
    let names = fs::read("/run/peerlab/ring/namespaces").unwrap();
    fs::remove_file(TEXT).unwrap();
    fs::remove_file("/run/peerlab/ring/namespaces").unwrap();
    machine.ok("api deactivate-router-interface p1.initiator").says("Active → Deactivating → Inactive");
    machine.ok("api create-route-entry --vpc v3 --destination 172.16.0.0/12 --next-hop p3");
    fs::write(TEXT, text).unwrap();
    fs::write("/run/peerlab/ring/namespaces", names).unwrap();
    is_whole(&machine);
}

#[test]
fn a_list_of_namespaces_that_was_lost_is_not_begun_anew() {
    let machine = machine_with_ring();
    fs::remove_file("/run/peerlab/ring/namespaces").unwrap();
    machine.peerlab("api create-instance new --subnet v1/s1").exits(4).tells("exists and is not this lab's");
    assert!(!fs::exists("/run/peerlab/ring/namespaces").unwrap());
    machine.ok("down ring");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

#[test]
fn many_operations_in_a_row_are_what_a_replay_of_them_is() {
    let machine = machine_with_ring();
    let mut seen = Vec::new();
    for n in 0..12 {
        machine.ok(&format!("api create-instance new{n} --subnet v{}/s1 --public-ip 8.8.8.{}", n % 4 + 1, n + 1));
        machine.ok(&format!(
            "api authorize-security-group sg{} --protocol tcp --port {} --cidr 10.0.0.0/8",
            n % 4 + 1,
            n + 1
        ));
        machine.ok(&format!("api {}activate-router-interface p2.acceptor", if n % 2 == 0 { "de" } else { "" }));
        if n % 3 == 2 {
            machine.ok(&format!("api delete-instance new{}", n - 1));
        }
        seen.push(kept().unwrap());
    }
    seen.dedup();
    assert!((3..9).contains(&seen.len()), "it is kept anew now and then: {seen:?}");
    is_whole(&machine);
}

#[test]
fn without_a_cloud_that_can_be_used_the_lab_is_replayed() {
    let machine = machine_with_ring();
    // The snapshot of another log: an `up` of an edited file creates the log anew.
    let former = fs::read(KEPT).unwrap();
    let text = fs::read_to_string(TEXT).unwrap();
    machine.file("ring.toml", &(text + "# edited\n"));
    machine.ok("up ring.toml --no-verify");
    let damages: [(&str, &dyn Fn()); 6] = [
        ("none", &|| fs::remove_file(KEPT).unwrap()),
        ("empty", &|| fs::write(KEPT, "").unwrap()),
        ("half", &|| fs::write(KEPT, &fs::read(KEPT).unwrap()[..500]).unwrap()),
        ("a bit", &|| {
            let mut bytes = fs::read(KEPT).unwrap();
            bytes[700] ^= 1;
            fs::write(KEPT, bytes).unwrap();
        }),
        ("of another log", &|| fs::write(KEPT, &former).unwrap()),
        ("of another form", &|| {
            let mut bytes = fs::read(KEPT).unwrap();
            let form = bytes.len() - 10;
            bytes[form] ^= 1;
            fs::write(KEPT, bytes).unwrap();
        }),
    ];
    for (n, (what, damage)) in damages.into_iter().enumerate() {
        damage();
        let before = kept();
        machine.ok(&format!("api create-route-entry --vpc v1 --destination 172.{}.0.0/16 --next-hop p1", n + 16));
        assert!(kept().is_some() && kept() != before, "{what}: it is kept anew");
        is_whole(&machine);
    }
}

/// The output about a lab does not depend on the origin of its Cloud: lines, causes and origins included.
#[test]
fn what_is_shown_with_a_snapshot_is_what_is_shown_without() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 4");
    for line in [
        "deactivate-router-interface ri-a",
        "create-security-group web --vpc VPC1",
        "create-instance new --subnet VPC1/vsw-1 --security-group web",
    ] {
        machine.ok(&format!("api --as A {line}"));
    }
    let snapshot = "/run/peerlab/cross/snapshot";
    for line in [
        "status --json",
        "status",
        "explain ecs-a ecs-b",
        "explain ecs-b ecs-a --json",
        "explain ecs-a new",
        "export",
        "graph --format mermaid",
        "list --json",
        "next --diff --json",
        "plan cross.toml --json",
        "verify --quiet",
    ] {
        let with = machine.peerlab(line);
        fs::rename(snapshot, "/run/aside").unwrap();
        let without = machine.peerlab(line);
        fs::rename("/run/aside", snapshot).unwrap();
        assert_eq!((with.status(), &with.stdout), (without.status(), &without.stdout), "{line}");
    }
}

#[test]
fn each_change_of_the_lab_keeps_another() {
    let machine = machine_with_ring();
    machine.ok("api deactivate-router-interface p1.initiator");
    // The same file again drops operations by hand; a new operation continues from there.
    machine.ok("up ring.toml --no-verify");
    machine.ok("api deactivate-router-interface p1.initiator");
    is_whole(&machine);
    // A changed text gets another number, and the previous one is removed.
    let text = fs::read_to_string(TEXT).unwrap();
    machine.file("ring.toml", &text.replace("i1-2", "i1-9"));
    machine.ok("up ring.toml --no-verify");
    assert!(!fs::exists(TEXT).unwrap() && fs::exists("/run/peerlab/ring/lab-2.toml").unwrap());
    machine.ok("api delete-instance i1-9");
    machine.peerlab("api delete-instance i1-2").exits(3);
    is_whole(&machine);
}

/// Refusals and ownership do not depend on whether the Cloud was kept or replayed.
#[test]
fn what_is_refused_is_told_alike() {
    let machine = machine_with_ring();
    let lines = [
        "api delete-vpc v1",
        "api delete-vpc v9",
        "api --as B delete-vpc v1",
        "api create-route-entry --vpc v1 --destination 10.2.0.0/16 --next-hop p1",
        "api connect-router-interface p1.initiator",
        "api create-instance i2-1 --subnet v1/s1",
    ];
    for line in lines {
        let with = machine.peerlab(line);
        fs::rename(KEPT, "/run/aside").unwrap();
        let without = machine.peerlab(line);
        fs::rename("/run/aside", KEPT).unwrap();
        assert!(!with.ended_with(0));
        assert_eq!((with.status(), &with.stderr), (without.status(), &without.stderr), "{line}");
    }
}
