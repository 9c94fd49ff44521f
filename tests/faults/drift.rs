//! Changes by hand in a running lab: `plan` shows them, and `up` repairs them and nothing else.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::pings::Pings;
use crate::support::oracle::untested;
use crate::support::{CROSS, Machine};

/// A namespace as `ip`, `bridge`, `tc`, `nft` and `sysctl` show it, without values that change by themselves.
fn listed(machine: &Machine, space: &str) -> String {
    let program = "{ ip -d -o link; ip -o addr; ip route show table all; ip rule; ip neigh; bridge fdb; bridge -d link
            tc qdisc; nft -s list ruleset; grep -s . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/*; } | sort";
    let run = machine.program(&format!("ip netns exec {space} sh -c '{program}'")).exits(0);
    // The kernel's own entries for multicast come and go.
    let lines = run.stdout.lines().filter(|line| !line.contains("self permanent"));
    lines.map(|line| still(line) + "\n").collect()
}

/// Removes a bridge's timers, and port states that the kernel updates late.
fn still(line: &str) -> String {
    let mut kept = Vec::new();
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "hello_timer"
            | "tcn_timer"
            | "topology_change_timer"
            | "gc_timer"
            | "hold_timer"
            | "message_age_timer"
            | "forward_delay_timer"
            | "refcnt" => _ = words.next(),
            "linkdown" => {}
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

/// The namespace, the change by hand, and the most changes that repair it.
type Drift = (&'static str, &'static str, u64);

/// At least one for each possible change of a link; and so below.
const LINKS: &[Drift] = &[
    ("VPC1", "ip link set vsw-1 down", 8),
    ("VPC1", "ip link set vsw-1 mtu 1280", 1),
    ("VPC1", "ip link set vsw-1 address 02:00:00:00:00:99", 3),
    ("VPC1", "ip link set vsw-1 type bridge stp_state 1", 2),
    ("VPC1", "ip link set vsw-1 type bridge vlan_filtering 1", 1),
    ("VPC1", "ip link set vsw-1 group 9", 1),
    ("VPC1", "ip link set ecs-a down", 1),
    ("VPC1", "ip link set ecs-a mtu 1400", 2),
    ("VPC1", "ip link set ecs-a nomaster", 2),
    ("VPC1", "bridge link set dev ecs-a isolated off", 2),
    ("VPC1", "bridge link set dev ecs-a learning on", 2),
    ("VPC1", "bridge link set dev ecs-a hairpin on", 2),
    ("VPC1", "bridge link set dev ecs-a flood off", 2),
    ("VPC1", "bridge link set dev ecs-a state 1", 2),
    ("VPC1", "ip link set ri-a down", 4),
    ("VPC1", "ip link set ri-a mtu 576", 1),
    ("VPC1", "ip link set ri-a address 02:00:00:00:00:98", 2),
    ("VPC1", "ip link delete ri-a", 9),
    ("VPC1", "ip link delete ecs-a", 10),
    ("VPC1", "ip link delete vsw-1", 12),
    ("VPC1", "ip link add stray type bridge", 1),
    ("VPC1", "ip link add stray type veth peer name stray2", 1),
    ("VPC1", "ip link set lo down", 5),
    ("VPC1", "ip link set lo mtu 1500", 1),
    ("ecs-a", "ip link set eth0 down", 4),
    ("ecs-a", "ip link set eth0 mtu 1280", 1),
    ("ecs-a", "ip link set eth0 arp off", 3),
    ("ecs-a", "ip link delete eth0", 10),
];

/// Addresses, neighbours, forwarding entries, queueing disciplines.
const ADDRESSES: &[Drift] = &[
    ("ecs-a", "ip addr flush dev eth0", 3),
    ("ecs-a", "ip addr add 192.168.1.77/24 dev eth0", 4),
    ("VPC1", "ip addr del 192.168.1.253/24 dev vsw-1", 6),
    ("internet", "ip addr add 203.0.113.99/32 dev lo", 4),
    ("VPC1", "ip neigh del 169.254.0.1 dev ri-a", 1),
    ("VPC1", "ip neigh replace 192.168.1.10 lladdr 02:00:00:00:00:97 dev vsw-1 nud permanent", 1),
    ("VPC1", "ip neigh add 192.168.1.77 lladdr 02:00:00:00:00:97 dev vsw-1 nud permanent", 1),
    ("ecs-a", "ip neigh flush all nud permanent", 1),
    ("VPC1", "bridge fdb del 02:00:c0:a8:01:0a dev ecs-a master", 1),
    ("VPC1", "bridge fdb add 02:00:00:00:00:96 dev ecs-a master static", 1),
    ("VPC1", "tc qdisc del dev ri-a root", 1),
    ("VPC1", "tc qdisc change dev ri-a root tbf rate 1mbit burst 5k limit 50k", 1),
    ("VPC1", "tc qdisc add dev ecs-a root pfifo limit 7", 1),
    ("VPC1", "tc qdisc replace dev ri-a root pfifo limit 7", 1),
    ("ecs-a", "tc qdisc add dev eth0 root tbf rate 1mbit burst 5k limit 50k", 1),
    ("ecs-a", "tc qdisc add dev eth0 ingress", 1),
];

/// Routes and policy rules.
const ROUTES: &[Drift] = &[
    ("VPC1", "ip route flush table main", 4),
    ("VPC1", "sh -c 'ip route del 172.16.0.0/16 table $(ip rule | sed -n \"s/.*vsw-1 lookup //p\")'", 1),
    ("VPC1", "ip route replace 192.168.0.0/16 via 169.254.0.1 dev ri-a onlink", 2),
    ("VPC1", "ip route add blackhole 172.16.1.0/24", 1),
    ("ecs-a", "ip route del default", 1),
    ("ecs-a", "ip route add local 172.16.1.10/32 dev lo", 1),
    ("ecs-a", "ip route add local 172.16.0.0/16 dev lo table local", 1),
    ("VPC1", "ip route add broadcast 172.16.1.255 dev vsw-1 table local", 1),
    ("VPC1", "ip route add unreachable 172.16.1.10 table local", 1),
    ("ecs-a", "ip route add 172.16.1.0/24 via 192.168.1.77 dev eth0 onlink", 1),
    ("internet", "ip route del local default table local", 1),
    ("VPC1", "ip rule del priority 1000", 1),
    ("VPC1", "ip rule add from all lookup 77 priority 5", 1),
    ("VPC1", "ip rule add from 192.168.1.10 to 172.16.0.0/16 blackhole priority 6", 1),
];

/// Tables, chains, rules, sets, elements, counters.
const RULESETS: &[Drift] = &[
    ("VPC1", "nft flush ruleset", 1),
    ("VPC1", "nft flush table ip vpc", 1),
    ("VPC1", "nft delete table bridge guard", 1),
    ("VPC1", "nft add table ip stray", 1),
    ("VPC1", "nft add chain ip vpc stray", 1),
    ("VPC1", "nft chain ip vpc forward { policy accept \\; }", 1),
    ("VPC1", "nft flush chain ip vpc forward", 1),
    ("VPC1", "nft insert rule ip vpc forward accept", 1),
    ("VPC1", "sh -c 'nft flush chain ip vpc input && nft delete chain ip vpc input'", 1),
    ("VPC1", "nft flush set bridge guard sources", 1),
    ("VPC1", "nft flush set ip vpc from/VPC1/default", 1),
    ("VPC1", "nft flush map ip vpc ingress-chain", 1),
    ("VPC1", "nft delete element ip vpc ingress-chain { 192.168.1.10 }", 1),
    ("VPC1", "nft add element ip vpc ingress-chain { 192.168.1.66 : accept }", 1),
    ("VPC1", "nft add counter ip vpc stray", 1),
    ("VPC1", "sh -c 'nft flush chain ip vpc no-route && nft delete counter ip vpc no-route'", 1),
    ("VPC1", "nft add set ip vpc stray { type ipv4_addr \\; }", 1),
    ("ecs-a", "nft add table inet filter", 1),
    (
        "ecs-a",
        "sh -c 'nft add table ip f && nft add chain ip f o { type filter hook output priority 0 \\; policy drop \\; }'",
        1,
    ),
    ("internet", "nft delete table ip internet", 1),
];

/// Sysctls. The kernel turns others with ip_forward.
const SETTINGS: &[Drift] = &[
    ("VPC1", "sysctl -qw net.ipv4.ip_forward=0", 9),
    ("VPC1", "sysctl -qw net.ipv4.conf.all.rp_filter=1", 1),
    ("VPC1", "sysctl -qw net.ipv4.conf.default.rp_filter=1", 9),
    ("VPC1", "sysctl -qw net.ipv4.conf.all.send_redirects=1", 1),
    ("VPC1", "sysctl -qw net.ipv4.conf.vsw-1.forwarding=0", 1),
    ("VPC1", "sysctl -qw net.ipv4.conf.ri-a.rp_filter=1", 1),
    ("VPC1", "sysctl -qw net.ipv4.conf.vsw-1.send_redirects=1", 1),
    ("VPC1", "sysctl -qw net.ipv4.conf.vsw-1.proxy_arp_pvlan=0", 1),
    ("ecs-a", "sysctl -qw net.ipv4.ip_forward=1", 9),
    ("ecs-a", "sysctl -qw net.ipv4.icmp_echo_ignore_all=1", 1),
    ("ecs-a", "sysctl -qw net.ipv4.ip_default_ttl=1", 1),
    ("internet", "sysctl -qw net.ipv4.icmp_echo_ignore_all=1", 1),
];

/// Makes each change by hand, and checks that it is shown and repaired, and that nothing else changes.
#[track_caller]
fn shown_and_mended(drifts: &[Drift]) {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let whole: BTreeMap<_, _> =
        ["VPC1", "ecs-a", "internet"].map(|space| (space, listed(&machine, &format!("cross.{space}")))).into();
    for (place, by_hand, most) in drifts {
        let what = format!("{place}: {by_hand}");
        let command = by_hand.replace('"', "\\\"");
        let done = machine.program(&format!("bash -c \"ip netns exec cross.{place} {command}\""));
        if by_hand.contains("vlan_filtering") && done.stderr.contains("not supported") {
            untested("VLAN filtering of the kernel", &what);
            continue;
        }
        done.exits(0);
        let plan = machine.ok("plan cross.toml --json").json();
        let drift = plan["drift"].as_array().unwrap().len() as u64;
        assert!((1..=*most).contains(&drift), "{what}: {plan:#}");
        assert_eq!(plan["kernel"], plan["drift"], "{what}");
        // As facts, which are no more than the changes that repair them, and none of them is the lab's own state.
        let facts = machine.ok("status --json").json()["drift"].as_array().unwrap().len() as u64;
        assert!((1..=drift).contains(&facts), "{what}: {facts} facts, {drift} changes");
        // It verifies, too.
        let up = machine.ok("up --json").json();
        assert_eq!(up["changes"], drift, "{what}: {plan:#}");
        let found = as_soon_as_seen(|| listed(&machine, &format!("cross.{place}")), &whole[place]);
        let differing = found.lines().zip(whole[place].lines()).find(|(a, b)| a != b);
        assert!(found == whole[place], "{what}: after `up` (found, wanted): {differing:#?}\n{plan:#}");
    }
    machine.ok("plan cross.toml").says("is up to date");
}

/// Waits until the list is as `wanted`: on a slow machine the kernel takes seconds to report that a link has a carrier
/// again.
fn as_soon_as_seen(listed: impl Fn() -> String, wanted: &str) -> String {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let found = listed();
        if found == wanted || Instant::now() > end {
            return found;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_link_that_somebody_changed_is_mended() {
    shown_and_mended(LINKS);
}

#[test]
fn what_hangs_on_a_link_is_mended() {
    shown_and_mended(ADDRESSES);
}

#[test]
fn a_route_or_a_policy_rule_that_somebody_changed_is_mended() {
    shown_and_mended(ROUTES);
}

#[test]
fn a_ruleset_that_somebody_changed_is_mended() {
    shown_and_mended(RULESETS);
}

#[test]
fn a_sysctl_that_somebody_changed_is_mended() {
    shown_and_mended(SETTINGS);
}

#[test]
fn a_namespace_that_somebody_removed_comes_again() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    for space in machine.namespaces() {
        machine.program(&format!("ip netns delete {space}")).exits(0);
        let plan = machine.ok("plan cross.toml").says("drift: somebody changed the kernel; `up` repairs it");
        let name = space.trim_start_matches("cross.");
        assert!(plan.stdout.contains(&format!("{name}: create namespace")), "{plan}");
        machine.ok("up");
    }
}

// -------------------------------------------------------------------------------------------------------- nothing to do

/// Programs that report every change in a namespace.
struct Monitors(Vec<(String, Child)>);

impl Monitors {
    fn start(machine: &Machine) -> Self {
        let spaces = machine.namespaces();
        let monitors =
            spaces.iter().flat_map(|space| ["ip monitor all", "tc monitor", "nft monitor"].map(|it| (space, it)));
        let start = |(space, monitor): (&String, &str)| {
            let line = format!("netns exec {space} {monitor}");
            let child = Command::new("ip").args(line.split(' ')).stdout(Stdio::piped()).spawn().unwrap();
            (format!("{space}: {monitor}"), child)
        };
        let monitors = Monitors(monitors.map(start).collect());
        // Until each listens: it has a netlink socket in its namespace.
        thread::sleep(Duration::from_millis(500));
        monitors
    }

    /// The reported changes.
    fn heard(self) -> String {
        thread::sleep(Duration::from_millis(200));
        let mut heard = String::new();
        for (monitor, mut child) in self.0 {
            child.kill().unwrap();
            let said = child.wait_with_output().unwrap().stdout;
            if !said.is_empty() {
                heard += &format!("# {monitor}\n{}", String::from_utf8_lossy(&said));
            }
        }
        heard
    }
}

#[test]
fn with_nothing_to_do_up_says_so_and_the_kernel_hears_nothing() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml");
    let settled = |space: &str| !machine.program(&format!("ip -n {space} route")).exits(0).stdout.contains("linkdown");
    // The kernel notices a bridge's carrier late.
    while !(settled("cross.VPC1") && settled("cross.VPC2")) {
        thread::sleep(Duration::from_millis(20));
    }
    let monitors = Monitors::start(&machine);
    // Each write makes a new file or changes its time.
    let journal = || {
        let files = ["journal", "lab-1.toml", "snapshot", "namespaces"];
        let files = files.map(|name| format!("/run/peerlab/cross/{name}")).join(" ");
        machine.program(&format!("stat -c %i:%y {files}")).exits(0)
    };
    let written = journal().stdout;
    for line in ["up cross.toml --no-verify", "up --no-verify"] {
        assert_eq!(machine.ok(line).tells("nothing to do").stderr.lines().count(), 1);
    }
    assert_eq!(journal().stdout, written);
    machine.ok("plan cross.toml").says("is up to date");
    machine.ok("status");
    assert_eq!(monitors.heard(), "");
    // The monitors work: they report exactly one changed route.
    machine.program("ip -n cross.ecs-a route del default").exits(0);
    let monitors = Monitors::start(&machine);
    machine.ok("up --no-verify").tells("1 change made in the kernel");
    let heard = monitors.heard();
    assert_eq!(heard.lines().filter(|line| !line.starts_with('#')).count(), 1, "{heard}");
    assert!(heard.contains("default via 192.168.1.253 dev eth0"), "{heard}");
}

// --------------------------------------------------------------------------------------------------- flows that go on

/// Text to insert before the lab's first check.
fn with(more: &str) -> String {
    CROSS.replacen("[[check]]", &format!("{more}\n[[check]]"), 1)
}

#[test]
fn a_flow_that_an_edit_does_not_concern_loses_no_packet() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml");
    let neighbour = "[instance.ecs-c]\nsubnet = \"VPC1/vsw-1\"\n";
    let moved = "[instance.ecs-c]\nsubnet = \"VPC1/vsw-1\"\nip = \"192.168.1.66\"\n";
    let group =
        "[security_group.sg]\nvpc = \"VPC1\"\nrules = [{ from = \"10.0.0.0/8\", protocol = \"tcp\", port = \"80\" }]\n";
    let grouped = format!("{group}{moved}security_groups = [\"sg\"]\n");
    let subnet = "[vpc.VPC1.subnet.vsw-9]\ncidr = \"192.168.9.0/24\"\n";
    let public = "[instance.ecs-c]\nsubnet = \"VPC1/vsw-1\"\npublic_ip = \"203.0.113.10\"\n";
    let vpc = "[vpc.VPC3]\naccount = \"A\"\nregion = \"cn-qingdao\"\ncidr = \"10.0.0.0/16\"\n";
    for edit in [neighbour, moved, &grouped, &format!("{subnet}{neighbour}"), public, vpc, ""] {
        machine.file("cross.toml", &with(edit));
        let pings = Pings::start("cross");
        let run = machine.ok("up cross.toml --no-verify");
        assert!(!run.stderr.contains("nothing to do"), "{edit}: {run}");
        pings.all_answered(edit);
    }
    machine.ok("verify");
}

#[test]
fn a_flow_that_drift_does_not_concern_loses_no_packet_while_it_is_mended() {
    let machine = Machine::new();
    machine.file("cross.toml", &with("[instance.ecs-c]\nsubnet = \"VPC1/vsw-1\"\nip = \"192.168.1.20\"\n"));
    machine.ok("up cross.toml");
    for by_hand in [
        "ip -n cross.VPC1 link del ecs-c",
        "ip netns del cross.ecs-c",
        "ip netns exec cross.VPC1 nft delete element ip vpc ingress-chain { 192.168.1.20 }",
        "ip netns exec cross.VPC1 nft add rule ip vpc forward accept",
        "ip netns exec cross.VPC1 nft add table ip stray",
        "ip netns exec cross.VPC1 bridge link set dev ecs-c learning on",
        "ip -n cross.VPC1 route add blackhole 10.9.0.0/16",
        "ip -n cross.VPC1 neigh del 192.168.1.20 dev vsw-1",
        "ip -n cross.VPC1 addr add 10.8.0.1/32 dev lo",
        "ip netns exec cross.VPC1 sysctl -qw net.ipv4.conf.ecs-c.rp_filter=1",
        "ip netns exec cross.ecs-c nft add table ip stray",
    ] {
        machine.program(by_hand).exits(0);
        let pings = Pings::start("cross");
        let run = machine.ok("up --no-verify");
        assert!(!run.stderr.contains("nothing to do"), "{by_hand}: {run}");
        pings.all_answered(by_hand);
    }
    machine.ok("verify");
}
