//! A running lab: the effect of changes on running TCP flows, and that every way through its steps ends in the same
//! cloud and the same kernel.
//!
//! Each test runs the binary on a separate machine (see `support`), as root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, clocks and oracles

mod stream;
#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use peerlab::error::Source;
use peerlab::lab::{self, Lab};
use peerlab::network::compile::compile;
use peerlab::{journal, session};
use stream::{Direction, Seen, Stream, watch};
use support::Machine;

// -------------------------------------------------------------------------------------------------- to oneself

/// All of 127/8 is local to each instance and to the internet; packets to it never leave.
#[test]
fn every_loopback_address_is_reached_by_every_protocol() {
    let machine = Machine::new();
    let mut text = support::SMALL.to_owned();
    for (address, protocol) in ["127.0.0.1", "127.0.0.9", "127.255.255.254"]
        .into_iter()
        .flat_map(|it| ["icmp", "udp/53", "tcp/80"].map(|p| (it, p)))
    {
        for from in ["one", "internet"] {
            text += &format!(
                "[[check]]\nfrom = \"{from}\"\nto = \"{address}\"\nprotocol = \"{protocol}\"\nexpect = \"reach\"\n"
            );
        }
    }
    machine.file("loopback.toml", &text);
    machine.ok("up loopback.toml").says("19 checks passed");
}

// -------------------------------------------------------------------------------------- flows that began otherwise

/// An instance whose packets for the internet may be sent to another VPC. Because of its network ACL, checks ask from the
/// same ports each time.
const ASTRAY: &str = r#"
[lab]
name = "astray"
provider = "jdcloud"
[account.A]
[vpc.V]
region = "cn-north-1"
cidr = "10.1.0.0/16"
subnet.s.cidr = "10.1.1.0/24"
[vpc.W]
region = "cn-north-1"
cidr = "10.2.0.0/16"
[peering.p]
local = "V"
peer = "W"
[peering.q]
local = "W"
peer = "V"
[network_acl.all]
vpc = "V"
subnets = ["s"]
rules = [
  { number = 1, from = "0.0.0.0/0", protocol = "tcp", port = "1024/65535" },
  { number = 2, from = "0.0.0.0/0", protocol = "udp", port = "1024/65535" },
  { number = 1, to = "0.0.0.0/0" },
]
[instance.i]
subnet = "V/s"
public_ip = "203.0.113.5"
[[check]]
from = "i"
to = "internet"
protocol = "tcp/443"
expect = "reach"
[[check]]
from = "i"
to = "internet"
protocol = "udp/53"
expect = "reach"
"#;

/// The kernel decides with a flow's first packet whether its addresses are translated, so a flow that a change reroutes
/// must begin anew there.
#[test]
fn a_flow_that_began_on_another_way_reaches_once_the_route_is_right() {
    let machine = Machine::new();
    machine.file("astray.toml", ASTRAY);
    machine.ok("up astray.toml --no-verify");
    let observed = || {
        let checks = machine.peerlab("verify --json").json()["checks"].take();
        checks.as_array().unwrap().iter().map(|check| check["observed"].clone()).collect::<Vec<_>>()
    };
    for (next_hop, seen) in [("p", "drop"), ("internet", "reach"), ("p", "drop"), ("internet", "reach")] {
        machine.ok("api --as A delete-route-entry --vpc V --destination 0.0.0.0/0");
        machine.ok(&format!("api --as A create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop {next_hop}"));
        assert_eq!(observed(), [seen, seen]);
    }
}

// -------------------------------------------------------------------------------------------- flows that are running

/// VPC1 is joined with VPC2 and with VPC3 by peerings of 2 Mbit/s. Each instance is in a group with the rules that it
/// needs.
const HUB: &str = r#"
[lab]
name = "hub"
provider = "alibaba"
[account.A]
[account.B]

[vpc.VPC1]
account = "A"
region = "cn-qingdao"
cidr = "10.1.0.0/16"
routes = [{ to = "10.2.0.0/16", via = "ri-12" }, { to = "10.3.0.0/16", via = "ri-13" }]
[vpc.VPC1.subnet.s]
cidr = "10.1.0.0/24"
[vpc.VPC2]
account = "B"
region = "cn-qingdao"
cidr = "10.2.0.0/16"
routes = [{ to = "10.1.0.0/16", via = "ri-21" }]
[vpc.VPC2.subnet.s]
cidr = "10.2.0.0/24"
[vpc.VPC3]
account = "B"
region = "cn-qingdao"
cidr = "10.3.0.0/16"
routes = [{ to = "10.1.0.0/16", via = "ri-31" }]
[vpc.VPC3.subnet.s]
cidr = "10.3.0.0/24"

[router_interface.ri-12]
vpc = "VPC1"
role = "initiator"
spec = "Mini.2"
opposite_region = "cn-qingdao"
opposite = { account = "B", interface = "ri-21" }
connect = true
[router_interface.ri-21]
vpc = "VPC2"
role = "acceptor"
opposite_region = "cn-qingdao"
opposite = { account = "A", interface = "ri-12" }
[router_interface.ri-13]
vpc = "VPC1"
role = "initiator"
spec = "Mini.2"
opposite_region = "cn-qingdao"
opposite = { account = "B", interface = "ri-31" }
connect = true
[router_interface.ri-31]
vpc = "VPC3"
role = "acceptor"
opposite_region = "cn-qingdao"
opposite = { account = "A", interface = "ri-13" }

[security_group.sg-1]
vpc = "VPC1"
rules = [{ to = "10.2.0.0/16", protocol = "tcp", port = "5000", priority = 2 }]
[security_group.sg-2]
vpc = "VPC2"
rules = [{ from = "10.1.0.0/16", protocol = "tcp", port = "5000", priority = 2 }]
[security_group.sg-3]
vpc = "VPC3"
rules = [{ from = "10.1.0.0/16", protocol = "tcp", port = "5000" }]

[instance.one]
subnet = "VPC1/s"
ip = "10.1.0.10"
security_groups = ["sg-1"]
[instance.two]
subnet = "VPC2/s"
ip = "10.2.0.10"
security_groups = ["sg-2"]
[instance.three]
subnet = "VPC3/s"
ip = "10.3.0.10"
security_groups = ["sg-3"]
"#;

/// Changes the lab during a flow from `one` to `two`, while another flow to `three` goes through the same router of
/// VPC1: the first must stop within a second after the command, the other must never pause. For an upload, then for a
/// download.
#[track_caller]
fn stops_and_spares(account: &str, operation: &str) {
    let machine = Machine::new();
    machine.file("hub.toml", HUB);
    for direction in [Direction::Upload, Direction::Download] {
        machine.ok("up hub.toml --no-verify");
        let hit = Stream::start("hub", "one", "two", ([10, 2, 0, 10], 5000), direction);
        let spared = Stream::start("hub", "one", "three", ([10, 3, 0, 10], 5000), direction);
        for stream in [&hit, &spared] {
            let bytes = watch(stream, Duration::from_secs(1)).bytes;
            assert!(bytes > 50_000, "{direction:?} had {bytes} bytes in the second before anything is changed");
        }
        machine.ok(&format!("api --as {account} {operation}"));
        std::thread::scope(|scope| {
            let spared = scope.spawn(|| watch(&spared, Duration::from_secs(4)));
            std::thread::sleep(Duration::from_secs(1));
            let seen = watch(&hit, Duration::from_secs(3));
            assert_eq!(seen.bytes, 0, "{direction:?} goes on after {operation}");
            let Seen { bytes, longest_pause } = spared.join().unwrap();
            let what = format!("{direction:?} of the other pair, at {operation}");
            assert!(longest_pause < Duration::from_secs(1), "{what}: pauses for {longest_pause:?}");
            assert!(bytes > 500_000, "{what}: {bytes} bytes in 4 s");
        });
        drop((hit, spared));
        machine.ok("down");
    }
}

#[test]
fn a_flow_stops_when_its_ingress_rule_is_revoked() {
    stops_and_spares("B", "revoke-security-group sg-2 --protocol tcp --port 5000 --cidr 10.1.0.0/16 --priority 2");
}

#[test]
fn a_flow_stops_when_a_rule_drops_it_at_the_sender() {
    stops_and_spares("A", "authorize-security-group-egress sg-1 --protocol tcp --cidr 10.2.0.0/16 --policy drop");
}

#[test]
fn a_flow_stops_when_the_initiator_is_deactivated() {
    stops_and_spares("A", "deactivate-router-interface ri-12");
}

#[test]
fn a_flow_stops_when_the_acceptor_is_deactivated() {
    stops_and_spares("B", "deactivate-router-interface ri-21");
}

// ---------------------------------------------------------------------------------------------------- ways of walking

/// The state of a lab after a walk: the cloud by `status`, the kernel as peerlab reads it, and as `ip` and `nft` list
/// it.
#[derive(PartialEq)]
struct Place {
    cloud: String,
    kernel: String,
    listed: String,
}

impl Place {
    /// The lab's current state; checks that its kernel agrees with its Cloud.
    fn of(machine: &Machine, name: &str) -> Self {
        let mut status = machine.ok(&format!("status {name} --json")).json();
        // The history.
        status.as_object_mut().unwrap().retain(|key, _| !["steps", "operations"].contains(&key.as_str()));
        let desired = compile(session::look(name).unwrap().run.cloud());
        let found = peerlab::target::linux::read(name, &desired).unwrap();
        assert_eq!(found.to_string(), desired.to_string(), "the kernel of {name} is not what its cloud means");
        let mut listed = String::new();
        for space in machine.namespaces() {
            for line in
                ["ip -o addr", "ip route show table all", "ip rule", "ip neigh", "tc qdisc", "nft -s list ruleset"]
            {
                let run = machine.program(&format!("ip netns exec {space} {line}")).exits(0);
                // The kernel lists objects in the order of creation, and notices late that a bridge's ports are up.
                // IPv6, which the lab does not have, comes up late too.
                let lines = run.stdout.lines().filter(|line| !line.starts_with("multicast ff00::"));
                let mut lines: Vec<_> = lines.map(|line| line.replace(" linkdown", "")).collect();
                lines.sort_unstable();
                listed += &format!("# {space}: {line}\n{}\n", lines.join("\n"));
            }
        }
        Place { cloud: format!("{status:#}"), kernel: found.to_string(), listed }
    }

    /// The same without the resources' ids.
    fn without_ids(&self) -> Self {
        let is_id =
            |line: &&str| ["id", "next_hop_id"].iter().any(|key| line.trim_start().starts_with(&format!("\"{key}\":")));
        let cloud = self.cloud.lines().filter(|line| !is_id(line)).map(|line| format!("{line}\n")).collect();
        Place { cloud, kernel: self.kernel.clone(), listed: self.listed.clone() }
    }

    #[track_caller]
    fn is(&self, other: &Place, way: &str) {
        let texts = [(&self.cloud, &other.cloud), (&self.kernel, &other.kernel), (&self.listed, &other.listed)];
        for (one, two) in texts {
            let differing = one.lines().zip(two.lines()).find(|(a, b)| a != b);
            assert!(one == two, "{way}: differs from `up`, first here (up, this): {differing:#?}");
        }
    }
}

/// A shipped lab without its bandwidth checks, which take seconds each and do not depend on the way.
fn shipped(file: &str) -> (String, Lab) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let tables = text.split_inclusive('\n').fold(vec![String::new()], |mut tables, line| {
        if line.starts_with('[') {
            tables.push(String::new());
        }
        *tables.last_mut().unwrap() += line;
        tables
    });
    let is_of_bandwidth = |table: &String| table.contains("check]]\n") && table.contains("\nbandwidth = ");
    let text: String = tables.into_iter().filter(|table| !is_of_bandwidth(table)).collect();
    let lab = lab::read(Source::new(file, text.clone())).unwrap();
    (text, lab)
}

/// Does the steps' operations by hand, each as its account; operations that must be refused are refused.
fn by_hand(machine: &Machine, lab: &Lab) {
    for step in &lab.steps {
        for (index, operation) in step.operations.iter().enumerate() {
            let last = index + 1 == step.operations.len();
            let refused = step.refused.is_some() && last;
            if !refused {
                wait_for_changes(&lab.name);
            }
            let line = format!("api --as {} {}", operation.caller, operation.call);
            machine.peerlab(&line).exits(if refused { 3 } else { 0 });
        }
    }
    wait_for_changes(&lab.name);
    machine.ok("status");
}

/// Waits until no change takes its time any more.
fn wait_for_changes(lab: &str) {
    while let Some(left) = session::look(lab).unwrap().run.cloud().due_in(journal::now()) {
        thread::sleep(left + Duration::from_millis(10));
    }
}

/// Where changes take time, their states show, what disturbs them is refused, and the kernel follows when they end.
#[test]
fn a_change_takes_its_time() {
    let (text, _) = shipped("task-conflict.toml");
    let machine = Machine::new();
    machine.file("slow.toml", &text.replace("name = \"task-conflict\"", "name = \"slow\""));
    machine.ok("up slow.toml --until 0 --no-verify");
    let status = || {
        let status = machine.ok("status --json").json();
        let ends = status["router_interfaces"].as_array().unwrap().clone();
        let ends =
            ends.iter().map(|end| format!("{} {}", end["name"].as_str().unwrap(), end["status"].as_str().unwrap()));
        ends.collect::<Vec<_>>().join(", ")
    };
    let link = || machine.program("ip netns exec slow.app ip -o link").stdout.contains("ri-app");
    machine.ok("api connect-router-interface ri-app").says("ri-app: Idle → Connecting");
    assert_eq!(status(), "ri-app Connecting, ri-data AcceptingConnecting");
    assert!(!link());
    let entry = "api create-route-entry --vpc app --destination 172.16.0.0/16 --next-hop ri-app";
    machine.peerlab(entry).exits(3).tells("TaskConflict").tells("ri-app is Connecting");
    machine.peerlab("api deactivate-router-interface ri-app").exits(3).tells("IncorrectStatus");
    machine.peerlab("explain web db").says("ri-app is Connecting");
    // A fix waits; so it comes in between.
    machine.ok("explain web db --fix").says("create-route-entry");
    assert_eq!(status(), "ri-app Active, ri-data Active");
    machine.ok("verify");

    machine.ok("api deactivate-router-interface ri-app").says("ri-app: Active → Deactivating");
    assert!(!link(), "nothing passes while it is deactivated");
    machine.ok("undo");
    assert_eq!(status(), "ri-app Active, ri-data Active");
    assert!(link());
    machine.ok("api deactivate-router-interface ri-app");
    wait_for_changes("slow");
    assert_eq!(status(), "ri-app Inactive, ri-data Active");
    machine.ok("api activate-router-interface ri-app");
    assert_eq!(status(), "ri-app Activating, ri-data Active");
    let exported = machine.ok("export").stdout;
    assert!(exported.contains("pace = \"real\"") && exported.contains("activate-router-interface ri-app"));
    assert!(!link());
    wait_for_changes("slow");
    machine.ok("ping web db -c 1").says("answered, as predicted");
    assert!(link(), "the first command afterwards made it");
    machine.ok("verify");
    // Operations of another kind, and time that an operation lets pass.
    machine.ok("api deactivate-router-interface ri-app");
    machine.ok("api create-subnet more --vpc app --cidr 192.168.2.0/24");
    machine.ok("api pass-time 3s");
    assert_eq!(status(), "ri-app Inactive, ri-data Active");
    machine.ok("down");
}

/// An ACL tells the answers to two ports of the client apart.
#[test]
fn a_flow_is_opened_from_the_port_that_was_asked_for() {
    let machine = Machine::new();
    machine.ok("up ephemeral-ports --no-verify");
    machine.ok("ping web-1 db-1 tcp/5432 -c 1").says("tcp/5432 web-1 → db-1 (192.168.2.1); predicted: reach");
    machine.ok("ping web-1 db-1 tcp/5432 -c 2 --source-port 40000").says("2 sent, 2 answered, as predicted");
    let low = "ping web-1 db-1 tcp/5432 -c 1 --source-port 1000";
    let run = machine.peerlab(low).exits(1);
    run.says("predicted: return:egress-network-acl")
        .says("as predicted; `peerlab explain web-1 db-1 tcp/5432 --source-port 1000`");
    let json = machine.peerlab(&format!("{low} --json")).exits(1).json();
    assert_eq!(
        (&json["protocol"], &json["source_port"], &json["agree"]),
        (&"tcp/5432".into(), &1000.into(), &true.into())
    );
    machine.peerlab("ping web-1 db-1 --source-port 1000").exits(2).tells("icmp has no ports");
    machine.peerlab("ping web-1 db-1 tcp/22 -s 1000").exits(2).tells("packets of a size are echo requests");
}

/// Walks a shipped lab in every way; each must end in the same state.
#[track_caller]
fn walks_alike(file: &str) {
    let (text, lab) = shipped(file);
    let name = &*lab.name;
    let machine = Machine::new();
    machine.file(file, &text);
    machine.ok(&format!("up {file} --no-verify"));
    let up = Place::of(&machine, name);
    let begin = |until: usize| {
        machine.ok("down");
        machine.ok(&format!("up {file} --no-verify --until {until}"));
    };

    begin(0);
    for _ in &lab.steps {
        machine.ok("next");
    }
    Place::of(&machine, name).is(&up, "next, one by one");

    begin(1);
    machine.ok("next --all");
    Place::of(&machine, name).is(&up, "up --until 1, next --all");

    begin(0);
    by_hand(&machine, &lab);
    Place::of(&machine, name).is(&up, "by hand");
    machine.ok("next --all");
    // A resource that a step deletes and recreates was created once more than by `up`, so only its id differs.
    Place::of(&machine, name).without_ids().is(&up.without_ids(), "by hand, then next --all");
    machine.ok(&format!("plan {file}")).says("is up to date");
    machine.ok("up --no-verify").tells("nothing to do");
    assert_eq!(session::look(name).unwrap().run.steps_done(), lab.steps.len());
}

macro_rules! walks {
    ($($test:ident: $file:literal;)*) => {
        $(
            #[test]
            fn $test() {
                walks_alike($file);
            }
        )*

        /// The shipped labs that are walked.
        const WALKED: &[&str] = &[$($file),*];
    };
}

walks! {
    alibaba_peer_cross_account_is_walked_alike: "alibaba-peer-cross-account.toml";
    alibaba_peer_delete_force_is_walked_alike: "alibaba-peer-delete-force.toml";
    alibaba_peer_expired_is_walked_alike: "alibaba-peer-expired.toml";
    alibaba_peer_forgotten_accept_is_walked_alike: "alibaba-peer-forgotten-accept.toml";
    aws_same_account_is_walked_alike: "aws-same-account.toml";
    aws_cross_account_is_walked_alike: "aws-cross-account.toml";
    aws_cross_region_is_walked_alike: "aws-cross-region.toml";
    aws_failed_overlap_is_walked_alike: "aws-failed-overlap.toml";
    aws_blackhole_is_walked_alike: "aws-blackhole.toml";
    aws_nacl_ephemeral_is_walked_alike: "aws-nacl-ephemeral.toml";
    aws_stale_rule_is_walked_alike: "aws-stale-rule.toml";
    aws_edge_to_edge_is_walked_alike: "aws-edge-to-edge.toml";
    aws_expired_is_walked_alike: "aws-expired.toml";
    aws_two_peers_one_block_is_walked_alike: "aws-two-peers-one-block.toml";
    tencent_same_account_is_walked_alike: "tencent-same-account.toml";
    tencent_cross_account_is_walked_alike: "tencent-cross-account.toml";
    tencent_two_peers_overlap_is_walked_alike: "tencent-two-peers-overlap.toml";
    alibaba_peer_or_interface_is_walked_alike: "alibaba-peer-or-interface.toml";
    jumbo_frames_is_walked_alike: "jumbo-frames.toml";
    standby_route_is_walked_alike: "standby-route.toml";
    alibaba_peer_same_account_is_walked_alike: "alibaba-peer-same-account.toml";
    asymmetric_routes_is_walked_alike: "asymmetric-routes.toml";
    bandwidth_is_walked_alike: "bandwidth.toml";
    cross_account_is_walked_alike: "cross-account.toml";
    cross_region_group_is_walked_alike: "cross-region-group.toml";
    deactivated_end_is_walked_alike: "deactivated-end.toml";
    ephemeral_ports_is_walked_alike: "ephemeral-ports.toml";
    firewall_in_the_middle_is_walked_alike: "firewall-in-the-middle.toml";
    group_priorities_is_walked_alike: "group-priorities.toml";
    groups_both_ways_is_walked_alike: "groups-both-ways.toml";
    hub_and_spoke_is_walked_alike: "hub-and-spoke.toml";
    internet_is_walked_alike: "internet.toml";
    jd_half_is_walked_alike: "jd-half.toml";
    latency_is_walked_alike: "latency.toml";
    life_of_a_pair_is_walked_alike: "life-of-a-pair.toml";
    longest_prefix_is_walked_alike: "longest-prefix.toml";
    nat_gateway_is_walked_alike: "nat-gateway.toml";
    nat_instance_is_walked_alike: "nat-instance.toml";
    overlapping_is_walked_alike: "overlapping.toml";
    task_conflict_is_walked_alike: "task-conflict.toml";
    public_address_moved_is_walked_alike: "public-address-moved.toml";
    router_interfaces_is_walked_alike: "router-interfaces.toml";
    same_account_is_walked_alike: "same-account.toml";
    same_block_is_walked_alike: "same-block.toml";
    thirty_students_is_walked_alike: "thirty-students.toml";
    transitive_hope_is_walked_alike: "transitive-hope.toml";
    unassociated_is_walked_alike: "unassociated.toml";
    vpc_peering_is_walked_alike: "vpc-peering.toml";
}

#[test]
fn every_shipped_lab_with_steps_is_walked() {
    let labs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("labs")).unwrap();
    let files = labs.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file());
    let names = files.map(|entry| entry.file_name().into_string().unwrap());
    let missing: Vec<_> =
        names.filter(|name| !shipped(name).1.steps.is_empty() && !WALKED.contains(&&**name)).collect();
    assert_eq!(missing, [] as [&str; 0], "labs with steps that no test walks");
}

// -------------------------------------------------------------------------------------- other commands meanwhile

#[test]
fn a_lab_that_comes_and_goes_while_it_is_listed_is_neither_unreadable_nor_drifted() {
    let machine = Machine::new();
    machine.file("small.toml", support::SMALL);
    thread::scope(|threads| {
        let comes_and_goes = threads.spawn(|| {
            for _ in 0..12 {
                machine.ok("up small.toml --no-verify -q");
                machine.ok("down small.toml -q");
            }
        });
        while !comes_and_goes.is_finished() {
            let listed = machine.ok("list --json").json();
            for lab in listed["labs"].as_array().unwrap() {
                let is_up = lab["state"] == "up" && lab["drift"].as_array().unwrap().is_empty();
                assert!(is_up || lab["state"] == "incomplete", "{lab}");
            }
        }
    });
}
