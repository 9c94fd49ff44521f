//! Names and other words, in a file and on the command line.

use std::fs;

use crate::support::{CROSS, Machine, Run, SMALL};
use crate::{soon, tame};

/// Names with paths or special meanings.
const NAMES: [&str; 14] = [
    "../../etc",
    "..",
    ".",
    "/",
    "a/b",
    "/etc/passwd",
    "a\nb",
    "%s%n",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}abc",
    "a\u{200b}b",
    "-rf",
    "\u{feff}",
];

#[test]
fn a_name_leads_nowhere_else() {
    let machine = Machine::new();
    let around = || {
        let names = ["/run", "/run/test", "/"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
        let names = names.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("peerlab"));
        names.collect::<std::collections::BTreeSet<_>>()
    };
    machine.file("name.toml", "");
    let before = around();
    for name in NAMES {
        let quoted = serde_json::to_string(name).unwrap();
        for text in [
            SMALL.replace("name = \"small\"", &format!("name = {quoted}")),
            SMALL
                .replace("[instance.one]", &format!("[instance.{quoted}]"))
                .replace("from = \"one\"", &format!("from = {quoted}")),
            SMALL.replace("[vpc.VPC1]", &format!("[vpc.{quoted}]")),
            SMALL.replace("[vpc.VPC1.subnet.s1]", &format!("[vpc.VPC1.subnet.{quoted}]")),
        ] {
            machine.file("name.toml", &text);
            soon(&machine, "up name.toml --no-verify").exits(2);
            assert_eq!(machine.namespaces(), [] as [&str; 0], "{name:?}");
        }
    }
    assert_eq!(around(), before);
}

#[test]
fn what_a_lab_says_of_itself_moves_no_terminal() {
    let machine = Machine::new();
    let hostile = "\\u001b[2J\\u001b]0;owned\\u0007 \\u009b31m \\u202etxt\\u200b";
    let lab = CROSS.replace("Connect two VPCs of two accounts", hostile).replace("Create the initiator", hostile);
    let lab = lab.replace("Account A creates the initiator on VPC1's router.", hostile);
    machine.file("evil.toml", &lab);
    for line in [
        "validate evil.toml",
        "plan evil.toml",
        "up evil.toml --until 0",
        "next",
        "status",
        "list",
        "status --json",
        "list --json",
        "next --json",
        "verify",
        "explain ecs-a ecs-b",
        "test evil.toml",
        "down",
    ] {
        let run = soon(&machine, line);
        assert!(run.ended_with(0) || run.ended_with(1), "{run}");
    }
}

#[test]
fn what_is_typed_moves_no_terminal() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let evil = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}";
    machine.file(&format!("{evil}.toml"), &CROSS.replace("name = \"cross\"", ""));
    machine.file(&format!("{evil}-good.toml"), CROSS);
    machine.file(&format!("{evil}-bad.toml"), "[lab]\nname = 1\n");
    for line in [
        "EVIL",
        "validate EVIL",
        "validate EVIL.toml",
        "validate EVIL-good.toml",
        "validate EVIL-bad.toml",
        "validate EVIL-good.toml --json",
        "plan EVIL-good.toml",
        "up EVIL-good.toml --no-verify",
        "status",
        "status --json",
        "down EVIL",
        "down ./EVIL",
        "status EVIL",
        "verify --lab EVIL",
        "next --lab EVIL",
        "api --as EVIL delete-vpc x",
        "api --as A delete-vpc EVIL",
        "api --as A EVIL",
        "api --as A create-vpc EVIL --region EVIL --cidr EVIL",
        "api --as A authorize-security-group EVIL --protocol EVIL --cidr EVIL",
        "ping EVIL ecs-a",
        "ping ecs-a EVIL",
        "explain ecs-a EVIL",
        "explain ecs-a ecs-b EVIL",
        "exec EVIL -- true",
        "exec ecs-a -- EVIL",
        "shell EVIL",
        "up --name EVIL cross.toml",
        "up --until EVIL cross.toml",
        "--EVIL",
        "test EVIL-bad.toml",
    ] {
        for json in ["", "--json "] {
            let line = format!("{json}{}", line.replace("EVIL", evil));
            let mut command = machine.command("");
            command.args(line.split(' ').filter(|word| !word.is_empty()));
            let run = Run::of(command);
            tame(&run);
            assert!(!run.stderr.contains("panicked"), "{run}");
        }
    }
}
