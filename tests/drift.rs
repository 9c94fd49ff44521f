//! A kernel that somebody changed by hand: every verb reports it first, with the fix; and leftovers of dead labs.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::io::{BufRead, BufReader};

use support::oracle::others;
use support::{CROSS, Machine, Run};

fn cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml");
    machine
}

fn first_line(run: &Run) -> &str {
    run.stdout.lines().next().unwrap_or_default()
}

#[test]
fn the_first_line_says_what_drifted_and_what_mends_it() {
    let machine = cross();
    machine.program("ip netns exec cross.VPC1 ip link set ecs-a down").exits(0);
    let drift = "drift: VPC1: link ecs-a is down";
    let mends = "`peerlab up --lab cross` repairs it";
    for line in ["verify", "explain ecs-a ecs-b", "status"] {
        let run = machine.peerlab(line);
        let text: String = run.stdout.lines().take(3).collect::<Vec<_>>().join(" ");
        assert!(first_line(&run).starts_with(drift) && text.contains("repairs it"), "{run}");
    }
    let verified = machine.peerlab("verify").exits(1);
    assert_eq!(verified.stdout.matches("\nsent  ").count(), 1, "one explain at most: {verified}");
    assert!(machine.peerlab("ping ecs-a ecs-b -c1").exits(1).stdout.contains(drift));
    assert!(machine.ok("list").stdout.contains(drift));
    for line in ["verify --json", "explain ecs-a ecs-b --json", "ping ecs-a ecs-b -c1 --json", "status --json"] {
        let run = machine.peerlab(line);
        let json = run.json();
        let facts = json["drift"].as_array().unwrap_or_else(|| panic!("{run}"));
        assert_eq!(facts[0], "VPC1: link ecs-a is down", "{run}");
    }
    assert_eq!(machine.ok("list --json").json()["labs"][0]["drift"][0], "VPC1: link ecs-a is down");
    machine.ok("up --lab cross");
    for line in ["verify", "explain ecs-a ecs-b", "status", "list", "ping ecs-a ecs-b -c1"] {
        let run = machine.peerlab(line);
        assert!(!run.stdout.contains("drift") && !run.stdout.contains(mends), "{run}");
    }
}

#[test]
fn a_namespace_that_is_gone_is_in_the_list() {
    let machine = cross();
    machine.program("ip netns del cross.ecs-a").exits(0);
    machine.ok("list").says("1 of 5 namespaces gone").says("drift: ecs-a: the namespace is gone");
    let lab = &machine.ok("list --json").json()["labs"][0];
    assert_eq!((&lab["namespaces"], &lab["gone"]), (&5.into(), &serde_json::json!(["ecs-a"])));
    machine.ok("status").says("drift: ecs-a: the namespace is gone");
    // The file without its namespace, as after a restart of the container.
    machine.ok("up --lab cross");
    machine.program("umount /run/netns/cross.ecs-b").exits(0);
    machine.ok("list").says("1 of 5 namespaces gone");
    machine.ok("up --lab cross");
    machine.ok("list").says("5 namespaces");
}

#[test]
fn a_ruleset_that_was_flushed_is_shown_without_empty_lines() {
    let machine = cross();
    machine.program("ip netns exec cross.VPC1 nft flush ruleset").exits(0);
    machine.program("ip netns exec cross.VPC1 ip rule add priority 1 lookup main").exits(0);
    for line in ["plan cross.toml", "plan cross.toml -v"] {
        let plan = machine.ok(line).says("drift");
        assert!(!plan.stdout.contains("\n\n") && !plan.stdout.contains("iif  lookup"), "{plan}");
    }
    machine.ok("list").says("drift: VPC1: ");
}

#[test]
fn watch_goes_on_where_a_namespace_goes_and_comes_back() {
    let machine = cross();
    let mut watch = machine.start("watch --interval 200ms");
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |wanted: &str| {
        let found = lines.by_ref().find(|line| line.contains(wanted));
        assert!(found.is_some(), "watch ended before it said {wanted:?}");
    };
    until("all as predicted");
    machine.program("ip netns del cross.ecs-a").exits(0);
    until("drop! (predicted reach)");
    machine.ok("up --lab cross --no-verify");
    until("drop! (predicted reach) → reach");
    machine.ok("down cross");
    let ended = watch.wait().unwrap();
    assert!(ended.success(), "{ended}");
}

#[test]
fn what_a_dead_lab_left_is_removed_and_nothing_else() {
    let machine = cross();
    machine.program("ip netns add gone.ecs-a").exits(0);
    machine.program("ip netns add cross-not.ours").exits(0);
    machine.ok("up cross.toml --name alive --no-verify");
    fs::create_dir("/run/peerlab/begun").unwrap();
    fs::remove_dir_all("/run/peerlab/cross").unwrap();

    let up = machine.peerlab("up cross.toml --json").exits(4);
    assert_eq!(up.stderr.lines().count(), 1, "one error: {up}");
    assert_eq!(up.error()["code"], "NameTaken", "{up}");
    assert!(up.error()["hint"].as_str().unwrap().contains("peerlab doctor --clean"), "{up}");
    machine.peerlab("down cross").exits(2).tells("LabNotUp").tells("peerlab doctor --clean");
    machine.ok("doctor").says("`peerlab doctor --clean` removes them").says("`ip netns delete gone.ecs-a`");

    if others() {
        machine.user("doctor --clean").exits(0).says("nothing is left of dead labs");
    }
    let before = machine.namespaces().len();
    let run = machine.ok("doctor --clean").says("lab cross cleaned: 5 namespaces removed").says("lab begun cleaned");
    run.tells("lab cross is dead; it left cross.VPC1, cross.VPC2, cross.ecs-a, cross.ecs-b, cross.internet");
    assert_eq!(machine.namespaces().len(), before - 5);
    assert!(machine.namespaces().contains(&"gone.ecs-a".to_owned()));
    assert!(machine.namespaces().contains(&"cross-not.ours".to_owned()));
    machine.ok("verify --lab alive");
    assert_eq!(machine.ok("list --json").json()["labs"].as_array().unwrap().len(), 1);
    let again = machine.ok("doctor --clean --json").json();
    assert_eq!(again["removed"], serde_json::json!([]));
    machine.ok("up cross.toml");
}

#[test]
fn small_slips_are_answered() {
    let machine = cross();
    machine.peerlab("test -j 0 cross.toml").exits(2).tells("give a number from 1 on");
    machine.peerlab("exec ecs-a nosuch").exits(127).tells("there is no program nosuch");
    machine.peerlab("exec ecs-a /etc/hosts").exits(126);
    machine.peerlab("init /dev/full").exits(2).tells("device");
    assert!(!fs::exists("/dev/full.toml").unwrap());
}
