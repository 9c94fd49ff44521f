//! A lab of the previous version, from a journal that its binary wrote (`tests/former`): steps, and operations by hand.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;

use support::{CROSS, Machine};

const LAB: &str = "/run/peerlab/cross";

/// A machine on which the lab is up after its third step, with its directory as the previous version left it.
fn machine_with_former() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 3");
    let folder = format!("{}/tests/former", env!("CARGO_MANIFEST_DIR"));
    for name in ["journal", "snapshot"] {
        fs::remove_file(format!("{LAB}/{name}")).unwrap();
    }
    for name in ["journal.json", "cloud"] {
        fs::copy(format!("{folder}/{name}"), format!("{LAB}/{name}")).unwrap();
    }
    machine
}

fn is_there(name: &str) -> bool {
    fs::exists(format!("{LAB}/{name}")).unwrap()
}

#[test]
fn it_is_listed_and_taken_down() {
    let machine = machine_with_former();
    let lab = machine.ok("list --json").json()["labs"][0].clone();
    assert_eq!(
        (&lab["state"], &lab["steps_done"], &lab["file"]),
        (&"up".into(), &3.into(), &"/labs/cross.toml".into())
    );
    machine.ok("down").says("5 namespaces removed");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

#[test]
fn whoever_only_looks_leaves_it_as_it_is() {
    let machine = machine_with_former();
    let status = machine.ok("status --json").json();
    assert_eq!(status["operations"].as_array().unwrap().len(), 2, "{status:#}");
    machine.peerlab("verify");
    machine.ok("export").says("create-vpc mine");
    assert!(is_there("journal.json") && !is_there("journal"));
}

#[test]
fn each_verb_that_changes_the_lab_writes_it_anew() {
    for verb in [
        "next",
        "api --as A delete-router-interface ri-x",
        "api --as A create-vpc other --region cn-qingdao --cidr 10.8.0.0/16",
        "undo",
        "undo 3",
        "up --no-verify",
        "up cross.toml --no-verify",
    ] {
        let machine = machine_with_former();
        let run = machine.peerlab(verb);
        // A refused operation writes nothing.
        let refused = verb.ends_with("ri-x");
        assert!(if refused { run.ended_with(3) } else { run.ended_with(0) }, "{run}");
        assert_eq!((is_there("journal"), is_there("journal.json")), (!refused, refused), "{verb}");
        assert!(refused || !is_there("cloud"), "{verb}");
        machine.ok("up --no-verify");
        let again = machine.ok("up --no-verify");
        assert!(again.stderr.contains("nothing to do"), "{verb}: {again}");
        machine.agrees("verify", verb);
        machine.ok("down");
    }
}
