//! What was done to a lab is not lost: which lab a command means, what `up` would drop, `export`, `undo`.
//!
//! Each test runs the binary on a machine of its own (see `support`), as root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use support::{CROSS, Machine, Run, SMALL};

fn two_labs() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.file("small.toml", SMALL);
    machine.ok("up cross.toml --no-verify --until 0");
    machine.ok("up small.toml --no-verify");
    machine
}

// ------------------------------------------------------------------------------------------------- which lab is meant

/// Runs peerlab with the variable that names the lab.
fn with_lab(machine: &Machine, lab: &str, line: &str) -> Run {
    let mut command = machine.command(line);
    command.env("PEERLAB_LAB", lab);
    Run::of(command)
}

#[test]
fn the_environment_names_the_lab_where_a_command_does_not() {
    let machine = two_labs();
    for line in [
        "status",
        "verify",
        "api --as A create-vpc V --region r --cidr 10.0.0.0/16",
        "explain internet internet",
        "graph",
        "plan cross.toml",
        "up --no-verify",
        "next",
        "ping ecs-a 192.168.1.10",
        "exec ecs-a -- true",
    ] {
        let run = with_lab(&machine, "cross", line);
        assert!(run.ended_well() || run.ended_with(1), "{run}");
    }
    assert_eq!(with_lab(&machine, "small.toml", "status --json").exits(0).json()["lab"], "small");
    assert_eq!(with_lab(&machine, "cross", "status small --json").exits(0).json()["lab"], "small");
    assert_eq!(with_lab(&machine, "cross", "status --lab small --json").exits(0).json()["lab"], "small");
    with_lab(&machine, "", "status").exits(2).tells("2 labs are up").tells("PEERLAB_LAB");
    let gone = with_lab(&machine, "gone", "status --json").exits(2);
    assert_eq!(gone.error()["code"], "LabNotUp");
    for line in ["status", "api --as A connect-router-interface ri-a", "down", "watch", "up", "next", "capture ecs-a"] {
        with_lab(&machine, "gone", line).exits(2).tells("lab gone is not up; PEERLAB_LAB names it");
        with_lab(&machine, "No Lab", line).exits(2).tells("PEERLAB_LAB names it");
    }
    with_lab(&machine, "small", "down").exits(0).says("lab small is down");
}

// ----------------------------------------------------------------------------------------------- what a lab is about

#[test]
fn a_labs_text_is_shown_before_its_first_step_and_by_up_with_v() {
    let machine = Machine::new();
    let text =
        "title = \"Two VPCs\"\ntext = \"You need two accounts.\"\nzh.title = \"两个\"\nzh.text = \"需要两个账号。\"";
    machine.file("cross.toml", &CROSS.replacen("title = \"Connect two VPCs of two accounts\"", text, 1));
    let silent = machine.ok("up cross.toml --until 0 --no-verify");
    assert!(!silent.stdout.contains("You need"), "{silent}");
    let up = machine.ok("up cross.toml --until 0 --no-verify -v").says("cross  Two VPCs\n  You need two accounts.\n");
    drop(up);
    assert_eq!(machine.ok("up --no-verify --json").json()["text"], "You need two accounts.");
    let mut chinese = machine.command("next");
    chinese.env("LC_ALL", "zh_CN.UTF-8");
    Run::of(chinese).exits(0).says("需要两个账号。\n\n");
    let second = machine.ok("next");
    assert!(!second.stdout.contains("You need"), "{second}");
    machine.ok("up cross.toml --until 0 --no-verify");
    let first = machine.ok("next");
    assert!(first.stdout.starts_with("You need two accounts.\n\nStep 1 of 5"), "{first}");
    machine.ok("up cross.toml --until 0 --no-verify");
    assert_eq!(machine.ok("next --json").json()["text"], "You need two accounts.");
}
