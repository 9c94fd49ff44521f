//! Labs side by side do not reach or disturb each other.

use std::process::Child;

use crate::pings::Pings;
use crate::support::{CROSS, Machine, Run};

/// The lab with different addresses.
fn with_addresses(number: usize) -> String {
    CROSS.replace("192.168.", &format!("10.{number}.")).replace("172.16.", &format!("172.{}.", 17 + number))
}

/// Ten labs at once: five of the same file, five with different addresses. All verify.
fn ten(machine: &Machine) -> (Vec<String>, Vec<String>) {
    machine.file("cross.toml", CROSS);
    let (mut same, mut own) = (Vec::new(), Vec::new());
    let mut started: Vec<(String, Child)> = Vec::new();
    for number in 0..5 {
        machine.file(&format!("own{number}.toml"), &with_addresses(number));
        for (file, names) in [("cross".into(), &mut same), (format!("own{number}"), &mut own)] {
            let name = format!("{}-{number}", &file[..3]);
            started.push((name.clone(), machine.start(&format!("up {file}.toml --name {name}"))));
            names.push(name);
        }
    }
    for (name, child) in started {
        Run::ended(format!("up of {name}"), child.wait_with_output().unwrap()).exits(0).says("2 pairs: 2 reach");
    }
    (same, own)
}

/// The lines with counters of a lab's rulesets.
fn arrived(machine: &Machine, lab: &str) -> String {
    let spaces = machine.namespaces().into_iter().filter(|space| space.starts_with(&format!("{lab}.")));
    let listed = |space: String| {
        let line = format!("ip netns exec {space} sh -c 'nft list ruleset; grep Icmp: /proc/net/snmp'");
        let listed = machine.program(&line).exits(0).stdout;
        let lines = listed.lines().map(|line| format!("{space}: {}\n", line.trim()));
        lines.filter(|line| line.contains("packets ") || line.contains("Icmp:")).collect::<String>()
    };
    spaces.map(listed).collect()
}

/// Checks that a lab has seen no packet of another.
#[track_caller]
fn nothing_new(machine: &Machine, lab: &str, seen: &str, of: &str) {
    let now = arrived(machine, lab);
    let new: Vec<_> = now.lines().zip(seen.lines()).filter(|(now, seen)| now != seen).collect();
    assert!(new.is_empty() && now.len() == seen.len(), "{lab} has seen packets of {of} (now, before): {new:#?}");
}

#[test]
fn ten_labs_started_together_verify_and_no_packet_crosses() {
    let machine = Machine::new();
    let before = machine.snapshot();
    let (same, own) = ten(&machine);
    // Nobody reaches an address of another lab, and nothing of the attempt arrives there.
    for (number, lab) in own.iter().enumerate() {
        let other = &own[(number + 1) % own.len()];
        let seen = arrived(&machine, other);
        for address in [format!("172.{}.1.10", 17 + (number + 1) % own.len()), format!("10.{}.1.10", (number + 1) % 5)]
        {
            for from in ["ecs-a", "VPC1"] {
                let line = format!("ip netns exec {lab}.{from} ping -n -c1 -W0.1 {address}");
                let answered = machine.program(&line).stdout;
                assert!(!answered.contains("1 received"), "{line}: {answered}");
            }
        }
        nothing_new(&machine, other, &seen, lab);
    }
    // Where all have the same addresses, each reaches its own.
    let seen: Vec<_> = same.iter().map(|it| arrived(&machine, it)).collect();
    machine.ok(&format!("ping --lab {} ecs-a ecs-b -c 2", same[0])).says("2 answered");
    for (other, seen) in same.iter().zip(&seen).skip(1) {
        nothing_new(&machine, other, seen, &same[0]);
    }
    assert_ne!(arrived(&machine, &same[0]), seen[0], "its own packets are seen");
    // They go down one after the other, and the others lose no packet.
    let pings = Pings::start(&same[0]);
    for lab in same.iter().skip(1).chain(&own) {
        machine.ok(&format!("down {lab}"));
    }
    pings.all_answered("nine labs going down");
    machine.ok("verify");
    machine.ok("down --all");
    machine.is_as(&before, "ten labs up and down");
}

#[test]
fn operations_called_at_once_are_done_one_after_the_other() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let call = |number: usize| {
        machine.start(&format!(
            "api --as A create-route-entry --vpc VPC1 --destination 10.{number}.0.0/16 --next-hop ri-a"
        ))
    };
    let calls: Vec<_> = (0..8).map(call).collect();
    let spoken: Vec<_> = calls
        .into_iter()
        .map(|child| Run::ended("api".into(), child.wait_with_output().unwrap()).exits(0).stderr)
        .collect();
    assert!(spoken.iter().any(|said| said.contains("waiting for process ")), "nobody waited: {spoken:#?}");
    assert_eq!(machine.ok("status --json").json()["operations"].as_array().unwrap().len(), 8);
    machine.ok("up").tells("nothing to do");
    machine.ok("down");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

#[test]
fn the_same_lab_brought_up_and_down_at_once_ends_whole_or_gone() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    for round in 0..6 {
        let lines = ["up cross.toml --no-verify", "down cross", "up cross.toml --no-verify", "down --all"];
        let started: Vec<_> = (0..8).map(|at| machine.start(lines[(at + round) % lines.len()])).collect();
        for child in started {
            let run = Run::ended("one of eight".into(), child.wait_with_output().unwrap());
            // Down of a lab that is not up is the only refusal.
            assert!(
                run.stderr.is_empty() || !run.stderr.contains("error") || run.stderr.contains("is not up"),
                "{run}"
            );
        }
        if !machine.left().is_empty() {
            machine.ok("up --no-verify").tells("nothing to do");
            machine.ok("verify");
            machine.ok("down cross");
        }
        assert_eq!(machine.left(), [] as [&str; 0], "round {round}");
    }
}
