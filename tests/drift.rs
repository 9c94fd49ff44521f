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
    assert!(first_line(&machine.peerlab("ping ecs-a ecs-b -c1").exits(1)).starts_with(drift));
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
fn drift_is_the_first_line_also_when_everything_is_as_predicted() {
    let machine = cross();
    let changes = [
        ("ecs-a", "ip addr add 192.168.1.77/24 dev eth0", "address 192.168.1.77/24 of link eth0 is not the lab's"),
        ("VPC2", "ip rule add from all lookup 77 priority 5", "policy rule 5 lookup 77 is not the lab's"),
        ("VPC1", "ip route add blackhole 172.16.99.0/24", "route blackhole 172.16.99.0/24 table 254 is not the lab's"),
    ];
    for (place, by_hand, fact) in changes {
        machine.program(&format!("ip netns exec cross.{place} {by_hand}")).exits(0);
        let fact = format!("{place}: {fact}");
        for line in ["verify", "explain ecs-a ecs-b", "ping ecs-a ecs-b -c1", "explain ecs-a ecs-b --fix", "status"] {
            let run = machine.ok(line);
            let text: String = run.stdout.lines().take(3).collect::<Vec<_>>().join(" ");
            assert!(text.starts_with(&format!("drift: {fact}")), "{run}");
            assert!(!run.stderr.contains("nothing to repair"), "{run}");
            let json = machine.ok(&format!("{line} --json")).json();
            assert_eq!(json["drift"], serde_json::json!([fact]), "{line}: one fact, and only true ones");
        }
        machine.ok("up --lab cross --no-verify");
    }
    machine.ok("explain ecs-a ecs-b --fix").tells("nothing to repair");
}

/// What a kernel adds by itself, removed or changed by hand, is drift like everything else, and `up` repairs it. `what`:
/// of the first fact.
#[test]
fn what_the_kernel_itself_added_is_watched_too() {
    let machine = cross();
    let changes = [
        ("ecs-a", "ip rule del priority 32766", "policy rule 32766 lookup 254 is gone"),
        ("ecs-a", "ip rule del priority 0", "policy rule 0 lookup 255 is gone"),
        ("VPC1", "ip rule del priority 32766", "policy rule 32766 lookup 254 is gone"),
        ("VPC1", "ip rule del priority 0", "policy rule 0 lookup 255 is gone"),
        ("ecs-b", "ip route flush table local", "route local 127.0.0.0/8 dev lo table 255 is gone"),
        ("VPC2", "ip route flush table local", "route local 127.0.0.0/8 dev lo table 255 is gone"),
        (
            "ecs-b",
            "ip route del local 172.16.1.10 table local",
            "route local 172.16.1.10/32 dev eth0 table 255 is gone",
        ),
        ("ecs-a", "ip rule add prohibit priority 32766", "policy rule 32766 is not the lab's"),
        ("ecs-a", "ip rule add to 172.16.0.0/12 lookup 99 priority 32766", "policy rule 32766 is not the lab's"),
        ("VPC1", "ip rule add ipproto icmp blackhole priority 1000", "policy rule 1000 is not the lab's"),
        (
            "ecs-a",
            "ip route add blackhole 172.16.1.10 proto kernel",
            "route blackhole 172.16.1.10/32 table 254 is not the lab's",
        ),
        (
            "ecs-b",
            "ip route add 192.168.0.0/16 dev lo proto kernel",
            "route 192.168.0.0/16 dev lo table 254 is not the lab's",
        ),
        (
            "VPC2",
            "ip route add 192.168.1.0/24 dev lo table local proto kernel",
            "route 192.168.1.0/24 dev lo table 255 is not the lab's",
        ),
        (
            "ecs-a",
            "ip route change default via 192.168.1.253 dev eth0 onlink mtu lock 576",
            "route unicast 0.0.0.0/0 table 254 is not the lab's",
        ),
        (
            "ecs-a",
            "sh -c 'ip addr del 192.168.1.10/24 dev eth0; ip addr add 192.168.1.10/24 dev eth0'",
            "route 0.0.0.0/0 via 192.168.1.253 dev eth0 table 254 is gone",
        ),
    ];
    let mut faults = Vec::new();
    for (place, by_hand, fact) in changes {
        machine.program(&format!("ip netns exec cross.{place} {by_hand}")).exits(0);
        let drift = machine.peerlab("verify --json").json()["drift"].take();
        if drift[0] != format!("{place}: {fact}") {
            faults.push(format!("{place}: {by_hand}: {drift}, not {fact}"));
        }
        let up = machine.peerlab("up --lab cross");
        let verify = machine.peerlab("verify --json");
        if !up.ended_well() || !verify.ended_well() || !verify.json()["drift"].is_null() {
            faults.push(format!("{place}: {by_hand}: not repaired: {} {}", up.stderr, verify.json()["drift"]));
            machine.ok("down cross");
            machine.ok("up cross.toml");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The internet answers for every address, whatever is done by hand to its rules and routes and repaired again.
#[test]
fn the_internets_rules_and_routes_are_repaired() {
    let machine = Machine::new();
    machine.ok("up internet");
    for by_hand in [
        "rule del priority 0",
        "rule del priority 32766",
        "rule add priority 5 lookup main",
        "route flush table local",
        "addr flush dev lo",
    ] {
        machine.program(&format!("ip netns exec internet.internet ip {by_hand}")).exits(0);
        for line in ["verify --json", "ping internet web -c1 --json", "explain internet web --json"] {
            let run = machine.peerlab(line);
            assert!(!run.json()["drift"].is_null(), "{by_hand}: {run}");
        }
        let up = machine.ok("up --lab internet");
        assert!(!up.stdout.contains("drift"), "{by_hand}: {up}");
    }
}

/// Whether an object's pair or flow says who answered.
fn answered_by(json: &serde_json::Value) -> (&str, &str) {
    (json["observed"].as_str().unwrap(), json["answered_by"].as_str().unwrap_or_default())
}

/// The lab, with checks of TCP and of the bandwidth.
fn cross_with_checks() -> Machine {
    let machine = Machine::new();
    let group = "security_groups = [\"sg-b\"]\n\n[security_group.sg-b]\nvpc = \"VPC2\"\n\
        rules = [{ from = \"192.168.0.0/16\" }]\n\n\
        [[check]]\nfrom = \"ecs-a\"\nto = \"ecs-b\"\nprotocol = \"tcp/22\"\nexpect = \"reach\"\n\n\
        [[check]]\nfrom = \"ecs-a\"\nto = \"ecs-b\"\nbandwidth = \"2Mbit\"\n";
    machine.file("cross.toml", &CROSS.replacen("ip = \"172.16.1.10\"\n", &format!("ip = \"172.16.1.10\"\n{group}"), 1));
    machine.ok("up cross.toml");
    machine
}

#[test]
fn whoever_took_an_address_by_hand_is_seen_by_every_verb() {
    let machine = cross_with_checks();
    machine.program("ip netns exec cross.ecs-a ip addr add 172.16.1.10/32 dev lo").exits(0);
    let stolen = ("answered-by-another", "ecs-a");
    let report = machine.peerlab("verify --json").exits(1).json();
    // Flows of checks count apart, so that the pairs add up.
    let sums = serde_json::json!({
        "pairs": 2, "agree": 0, "disagree": 2, "others_disagree": 1, "checks_passed": 0, "checks_failed": 4
    });
    assert_eq!(report["summary"], sums);
    let pair = report["pairs"].as_array().unwrap().iter().find(|it| it["from"] == "ecs-a").unwrap();
    assert_eq!(answered_by(pair), stolen, "{report:#}");
    let checks = report["checks"].as_array().unwrap().iter().filter(|it| it["from"] == "ecs-a");
    let checks: Vec<_> = checks.map(|it| (it["protocol"].as_str().unwrap(), answered_by(it), &it["passed"])).collect();
    let failed = |protocol| (protocol, stolen, &serde_json::json!(false));
    assert_eq!(checks, ["tcp/22", "tcp/5201", "icmp"].map(failed), "{report:#}");
    for line in ["ping ecs-a ecs-b -c1 --json", "explain ecs-a ecs-b --json", "explain ecs-a ecs-b tcp/22 --json"] {
        let json = machine.peerlab(line).exits(1).json();
        assert_eq!(answered_by(&json), stolen, "{line}: {json:#}");
    }
    machine.peerlab("verify").exits(1).says("! answer of ecs-a").says("observed answered-by-another (ecs-a)");
    machine.peerlab("ping ecs-a ecs-b -c1").exits(1).says("answer of ecs-a").says("by ecs-a: not as predicted");
    machine.peerlab("explain ecs-a ecs-b").exits(1).says("answered by ecs-a");
    let mut watch = machine.start("watch --json --interval 200ms");
    let lines = BufReader::new(watch.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut events = lines.map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
    let change = events.find(|it| it["event"] == "change" && it["from"] == "ecs-a").unwrap();
    assert_eq!(answered_by(&change["now"]), stolen, "{change:#}");
    let because = change["because"].as_str().unwrap();
    assert!(because.contains("ecs-a: address 172.16.1.10/32 of link lo is not the lab's"), "{because}");
    watch.kill().unwrap();
    watch.wait().unwrap();
}

#[test]
fn a_router_that_took_an_address_is_named() {
    let machine = cross();
    machine.program("ip netns exec cross.VPC1 ip addr add 172.16.1.10/32 dev lo").exits(0);
    // It answers where it lets the request in.
    machine.program("ip netns exec cross.VPC1 nft flush ruleset").exits(0);
    let json = machine.peerlab("ping ecs-a ecs-b -c1 --json").exits(1).json();
    assert_eq!(answered_by(&json), ("answered-by-another", "vpc:VPC1"), "{json:#}");
    machine.peerlab("verify").exits(1).says("! answer of vpc:VPC1");
}

#[test]
fn the_pairs_of_a_namespace_that_is_gone_drop_and_the_others_are_probed() {
    let machine = Machine::new();
    let third = "[instance.ecs-c]\nsubnet = \"VPC1/vsw-1\"\nip = \"192.168.1.20\"\n";
    machine.file("cross.toml", &CROSS.replacen("[[check]]", &format!("{third}\n[[check]]"), 1));
    machine.ok("up cross.toml");
    for gone in ["ecs-a", "internet", "VPC1"] {
        machine.program(&format!("ip netns del cross.{gone}")).exits(0);
        // The kernel dismantles it later, and its links with it.
        let (near, link) = if gone == "VPC1" { ("ecs-a", "eth0") } else { ("VPC1", gone) };
        while machine.program(&format!("ip -n cross.{near} link show {link}")).stdout.contains(link) {}
        let fact = format!("{gone}: the namespace is gone");
        let is_needed = gone != "internet";
        let verified = machine.peerlab("verify").exits(i32::from(is_needed));
        assert!(first_line(&verified).starts_with(&format!("drift: {fact}")), "{verified}");
        let report = machine.peerlab("verify --json").json();
        assert_eq!(report["drift"], serde_json::json!([fact]), "{report:#}");
        for pair in report["pairs"].as_array().unwrap() {
            let of = |end: &str| pair[end].as_str().unwrap();
            let is_cut = match gone {
                "VPC1" => true,
                _ => of("from") == gone || of("to") == gone,
            };
            assert_eq!(of("observed") == "drop", is_cut || of("predicted") != "reach", "{gone}: {pair}");
        }
        for line in ["explain ecs-b ecs-a", "explain ecs-a ecs-b", "ping ecs-b ecs-a -c1", "ping ecs-a ecs-b -c1"] {
            let run = machine.peerlab(line).exits(i32::from(is_needed));
            assert!(first_line(&run).starts_with(&format!("drift: {fact}")), "{run}");
        }
        machine.ok("up --lab cross");
    }
}

#[test]
fn what_has_a_chinese_name_is_shown_by_it() {
    let machine = Machine::new();
    let quoted = CROSS.replace("[vpc.VPC1", "[vpc.\"VPC1\"").replace("[instance.ecs-a]", "[instance.\"ecs-a\"]");
    let renamed = quoted.replace("VPC1", "青岛").replace("ecs-a", "机甲");
    machine.file("cross.toml", &renamed);
    machine.ok("up cross.toml --until 3");
    let explained = machine.ok("explain 机甲 ecs-b").says("青岛 counted 1 no-route; as predicted");
    assert!(!explained.stdout.contains("cross.-"), "{explained}");
    assert_eq!(machine.ok("explain 机甲 ecs-b --json").json()["counters"][0]["vpc"], "青岛");
    let status = machine.ok("status --json").json();
    let namespace = |kind: &str| {
        let named =
            status[kind].as_array().unwrap().iter().find(|it| !it["name"].as_str().unwrap().is_ascii()).unwrap();
        named["namespace"].as_str().unwrap().to_owned()
    };
    machine.program(&format!("ip -n {} link set eth0 down", namespace("instances"))).exits(0);
    machine.program(&format!("ip -n {} rule add priority 5 table 77", namespace("vpcs"))).exits(0);
    let drift = ["机甲: link eth0 is down", "青岛: policy rule 5 lookup 77 is not the lab's"];
    assert_eq!(machine.ok("status --json").json()["drift"], serde_json::json!(drift));
}

#[test]
fn a_chinese_reader_gets_chinese_signs_and_facts() {
    let machine = cross();
    machine.file("other.toml", &CROSS.replace("name = \"cross\"", "name = \"other\""));
    machine.ok("up other.toml --until 1 --no-verify");
    let chinese = |line: &str| {
        let mut command = machine.command(line);
        command.env("LC_ALL", "zh_CN.UTF-8");
        Run::of(command).exits(0)
    };
    chinese("api --lab cross --as A create-security-group sg --vpc VPC1")
        .says("✓ A：create-security-group sg --vpc VPC1");
    machine.ok("api --lab cross --as A create-security-group sg2 --vpc VPC1");
    machine.ok("api --lab cross --as A join-security-group ecs-a --group sg");
    machine.ok("api --lab cross --as A join-security-group ecs-a --group sg2");
    chinese("status --lab cross").says("sg、sg2");
    machine.program("ip netns exec cross.VPC1 ip addr add 10.9.9.9/32 dev lo").exits(0);
    chinese("status --lab cross").says("偏差：VPC1：链路lo的地址10.9.9.9/32不属于该实验");
}

#[test]
fn watch_that_begins_after_a_namespace_went_says_so_at_once() {
    let machine = cross();
    machine.program("ip netns del cross.ecs-a").exits(0);
    while machine.program("ip -n cross.VPC1 link show ecs-a").stdout.contains("ecs-a") {}
    let mut watch = machine.start("watch --json --interval 5s");
    let lines = BufReader::new(watch.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut events = lines.map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
    let begin = events.next().unwrap();
    assert_eq!((&begin["event"], &begin["reach"], &begin["wrong"]), (&"begin".into(), &0.into(), &2.into()), "{begin}");
    watch.kill().unwrap();
    watch.wait().unwrap();
}

#[test]
fn a_path_that_swallows_large_packets_fails_the_bandwidth_and_nothing_else() {
    let machine = cross_with_checks();
    let rules = "add table ip f; add chain ip f i { type filter hook input priority 0; }; \
        add rule ip f i tcp dport 5201 meta length > 1000 drop";
    machine.program(&format!("ip netns exec cross.ecs-b nft '{rules}'")).exits(0);
    let verified = machine.peerlab("verify").exits(1).says("observed 0.00 kbit/s").says("1 of 4 checks failed");
    assert!(first_line(&verified).starts_with("drift: ecs-b: the nftables ruleset is changed"), "{verified}");
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
fn the_way_on_names_the_lab_only_where_several_are_up() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --until 1 --no-verify");
    machine.ok("api --as B create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-shanghai");
    let api = "--as B delete-router-interface ri-b";
    machine.peerlab("next").exits(3).tells(&format!("`peerlab api {api}`, then `peerlab next`"));
    assert_eq!(machine.ok("next --diff --json").json()["step"]["command"], format!("peerlab api {api}"));
    machine.ok("up cross.toml --name other --no-verify");
    let full = format!("`peerlab api --lab cross {api}`, then `peerlab next --lab cross`");
    machine.peerlab("next --lab cross").exits(3).tells(&full);
    let json = machine.ok("next --lab cross --diff --json").json();
    assert_eq!(json["step"]["command"], format!("peerlab api --lab cross {api}"));
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
