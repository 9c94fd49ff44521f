//! The kept Cloud of a running lab: operations continue from it, and damage to it affects only the time.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

#[allow(dead_code)]
mod support;

use std::fs;

use support::Machine;

const KEPT: &str = "/run/peerlab/ring/cloud";
const TEXT: &str = "/run/peerlab/ring/lab-1.toml";
const JOURNAL: &str = "/run/peerlab/ring/journal.json";

fn machine_with_ring() -> Machine {
    let machine = Machine::new();
    machine.ok("init ring --vpcs 4 --instances 2");
    machine.ok("up ring.toml --no-verify");
    machine
}

/// How many operations the kept Cloud already includes, according to the journal.
fn kept() -> Option<u64> {
    let journal: serde_json::Value = serde_json::from_slice(&fs::read(JOURNAL).unwrap()).unwrap();
    journal["kept"].as_u64()
}

/// Checks that kernel, journal and Cloud agree with a replay of the lab's file.
#[track_caller]
fn is_whole(machine: &Machine) {
    machine.ok("up --lab ring --no-verify").tells("nothing to do");
    let summary = machine.peerlab("verify --full --json").json()["summary"].clone();
    assert!(summary["pairs"] != 0 && summary["disagree"] == 0, "{summary}");
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
    assert!(seen.is_sorted() && seen[0] == 0 && seen[11] > 8, "it is kept anew now and then: {seen:?}");
    is_whole(&machine);
}

#[test]
fn without_a_cloud_that_can_be_used_the_lab_is_replayed() {
    let machine = machine_with_ring();
    let damages: [(&str, &dyn Fn()); 6] = [
        ("none", &|| fs::remove_file(KEPT).unwrap()),
        ("empty", &|| fs::write(KEPT, "").unwrap()),
        ("half", &|| fs::write(KEPT, &fs::read(KEPT).unwrap()[..500]).unwrap()),
        ("a bit", &|| {
            let mut bytes = fs::read(KEPT).unwrap();
            bytes[700] ^= 1;
            fs::write(KEPT, bytes).unwrap();
        }),
        ("not in the journal", &|| {
            let journal = fs::read_to_string(JOURNAL).unwrap();
            let number = kept().unwrap();
            fs::write(JOURNAL, journal.replace(&format!("\"kept\": {number}"), "\"kept\": null")).unwrap();
        }),
        ("of more than was done", &|| {
            let journal = fs::read_to_string(JOURNAL).unwrap();
            let number = kept().unwrap();
            fs::write(JOURNAL, journal.replace(&format!("\"kept\": {number}"), "\"kept\": 4000000000")).unwrap();
        }),
    ];
    for (n, (what, damage)) in damages.into_iter().enumerate() {
        damage();
        machine.ok(&format!("api create-route-entry --vpc v1 --destination 172.{}.0.0/16 --next-hop p1", n + 16));
        assert_eq!(kept(), Some(n as u64 + 1), "{what}: it is kept anew");
        is_whole(&machine);
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
