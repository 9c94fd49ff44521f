//! `capture`: packets as lines, as JSON, and as files that other programs read.
//!
//! Each test runs the binary on a separate machine (see `support`), as root, with tcpdump as the oracle.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use serde_json::Value;
use support::oracle::{oracle, others};
use support::running::Running;
use support::{CROSS, Machine, Run, SMALL};

/// A machine with lab `cross`, all steps done.
fn machine_with_cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    machine
}

fn machine_with_small() -> Machine {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    machine
}

fn ping(machine: &Machine, to: &str) -> Run {
    machine.peerlab(&format!("exec ecs-a -- ping -c1 -W1 {to}"))
}

/// Whether tcpdump can be asked. As root it becomes another user, of whom a user namespace may know nothing.
fn tcpdump() -> bool {
    oracle("tcpdump") && others()
}

#[test]
fn a_ping_is_seen_on_its_way_there_and_back() {
    let machine = machine_with_cross();
    let captures = ["ecs-a", "ecs-b", "ri-a"].map(|place| Running::start(&machine, &format!("capture {place} icmp")));
    ping(&machine, "172.16.1.10").exits(0);
    for (capture, there, back) in captures
        .into_iter()
        .zip(["out", "in ", "out"])
        .map(|(it, there)| (it, there, if there == "out" { "in " } else { "out" }))
    {
        let run = capture.interrupted().exits(0).tells("2 packets captured");
        let lines: Vec<_> = run.stdout.lines().collect();
        assert_eq!(lines.len(), 2, "{run}");
        assert!(lines[0].starts_with(&format!("  0.000000 {there} ecs-a → ecs-b  icmp echo request id ")), "{run}");
        assert!(lines[1].contains(&format!(" {back} ecs-b → ecs-a  icmp echo reply id ")), "{run}");
        assert!(lines.iter().all(|line| line.ends_with(" seq 1, 64 bytes") && line.chars().count() <= 80), "{run}");
    }
}

#[test]
fn a_vpc_shows_what_comes_in_and_does_not_go_out() {
    let machine = machine_with_cross();
    machine.ok("api --as B delete-route-entry --vpc VPC2 --destination 192.168.0.0/16");
    let capture = Running::start(&machine, "capture VPC2 icmp");
    ping(&machine, "172.16.1.10").exits(1);
    let run = capture.interrupted().exits(0).tells("3 packets captured");
    let said: Vec<_> = run.stdout.lines().map(|line| line[11..].split(" id ").next().unwrap().trim_end()).collect();
    let request = "ecs-a → ecs-b  icmp echo request";
    let expected = [
        format!("ri-b  in  {request}"),
        format!("ecs-b out {request}"),
        "ecs-b in  ecs-b → ecs-a  icmp echo reply".to_owned(),
    ];
    assert_eq!(said, expected, "{run}");
}

#[test]
fn a_file_is_complete_exact_and_the_callers() {
    if !others() {
        return;
    }
    let machine = machine_with_cross();
    fs::set_permissions("/run/test", fs::Permissions::from_mode(0o777)).unwrap();
    let by_nobody = |line: &str| {
        let mut command = machine.command(line);
        command.env("SUDO_UID", "65534").env("SUDO_GID", "65534");
        command
    };
    let line = "capture ecs-a icmp -w ping.pcapng";
    let capture = Running::of(line, by_nobody(line));
    ping(&machine, "-s 100 172.16.1.10").exits(0);
    capture.signal(Signal::SIGTERM);
    capture.ends().exits(0).tells("2 packets captured to ping.pcapng");

    let metadata = fs::metadata("/run/test/ping.pcapng").unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (65534, 65534));
    let mut reader = PcapNgReader::new(fs::File::open("/run/test/ping.pcapng").unwrap()).unwrap();
    let (mut names, mut flags, mut resolved, mut ended) = (Vec::new(), Vec::new(), String::new(), false);
    while let Some(block) = reader.next_block() {
        match block.unwrap() {
            Block::InterfaceDescription(it) => {
                assert!(it.options.contains(&InterfaceDescriptionOption::IfTsResol(9)));
                names.extend(it.options.iter().filter_map(|it| match it {
                    InterfaceDescriptionOption::IfName(name) => Some(name.to_string()),
                    _ => None,
                }));
            }
            Block::EnhancedPacket(it) => {
                assert_eq!((it.original_len, it.data.len()), (142, 142));
                let age = std::time::UNIX_EPOCH.elapsed().unwrap() - it.timestamp;
                assert!(age < Duration::from_secs(60), "{age:?}");
                flags.extend(it.options.iter().filter_map(|it| match it {
                    EnhancedPacketOption::Flags(flags) => Some(*flags),
                    _ => None,
                }));
            }
            Block::NameResolution(it) => resolved = format!("{it:?}"),
            Block::InterfaceStatistics(_) => ended = true,
            _ => {}
        }
    }
    assert_eq!((names, flags, ended), (vec!["cross.ecs-a:eth0".to_owned()], vec![0b10, 0b101], true));
    assert!(resolved.contains("ecs-b") && resolved.contains("[172, 16, 1, 10]"), "{resolved}");

    if !tcpdump() {
        return;
    }
    let seen = machine.program("tcpdump --nano -tt -n -r /run/test/ping.pcapng").exits(0);
    let lines: Vec<_> = seen.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{seen}");
    assert!(lines[0].contains("IP 192.168.1.10 > 172.16.1.10: ICMP echo request, id "), "{seen}");
    assert!(lines[1].contains("IP 172.16.1.10 > 192.168.1.10: ICMP echo reply, id "), "{seen}");
    assert!(lines.iter().all(|line| line.ends_with(", seq 1, length 108")), "{seen}");

    // Nothing is written where the caller may not write.
    fs::write("/run/test/roots", "untouched").unwrap();
    fs::set_permissions("/run/test/roots", fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Run::of(by_nobody("capture ecs-a -w roots")).exits(2).tells("roots cannot be written by user nobody");
    assert_eq!(fs::read_to_string("/run/test/roots").unwrap(), "untouched", "{refused}");
}

#[test]
fn a_file_on_a_pipe_is_there_packet_by_packet() {
    if !tcpdump() {
        return;
    }
    let machine = machine_with_cross();
    let mut command = machine.command("capture ri-b icmp -w - -c 2");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut capture = command.spawn().unwrap();
    // Line by line, without waiting for the end of the pipe.
    let mut tcpdump = Command::new("tcpdump");
    tcpdump.args(["-l", "-n", "-c1", "-r", "-"]).stdin(capture.stdout.take().unwrap()).stderr(Stdio::null());
    let started = tcpdump.stdout(Stdio::piped()).spawn().unwrap();
    // This also drops our end of the pipe.
    drop(tcpdump);
    let mut talk = BufReader::new(capture.stderr.take().unwrap());
    talk.read_line(&mut String::new()).unwrap();
    // One way only: the second packet never comes.
    machine.ok("api --as B delete-route-entry --vpc VPC2 --destination 192.168.0.0/16");
    ping(&machine, "172.16.1.10").exits(1);
    let seen = Run::ended("tcpdump".into(), started.wait_with_output().unwrap()).exits(0);
    assert_eq!(seen.stdout.matches("ICMP echo request").count(), 1, "{seen}");
    // The reader is gone.
    assert_eq!(capture.wait().unwrap().code(), Some(0));
}

#[test]
fn it_ends_after_so_many_packets_that_fit() {
    let machine = machine_with_cross();
    let capture = Running::start(&machine, "capture ecs-a icmp out ecs-b -c 2 --json");
    machine.peerlab("exec ecs-a -- ping -c3 -i0.01 172.16.1.10").exits(0);
    let run = capture.ends().exits(0).tells("2 packets captured, of ");
    let packets: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(packets.len(), 2, "{run}");
    for (packet, number) in packets.iter().zip(1..) {
        for (key, value) in [
            ("interface", "ecs-a:eth0"),
            ("direction", "out"),
            ("from", "ecs-a"),
            ("to", "ecs-b"),
            ("source", "192.168.1.10"),
            ("protocol", "icmp"),
        ] {
            assert_eq!(packet[key], value, "{packet}");
        }
        assert_eq!((&packet["length"], &packet["ttl"]), (&98.into(), &64.into()));
        assert!(packet["info"].as_str().unwrap().ends_with(&format!("seq {number}, 64 bytes")), "{packet}");
        assert!(packet["time"].as_str().unwrap().split_once('.').unwrap().1.len() == 9, "{packet}");
    }
}

#[test]
fn pieces_of_packets_and_errors_have_a_line_of_their_own() {
    let machine = machine_with_small();
    machine.ok("api authorize-security-group VPC1/default --protocol udp --port 9 --cidr 10.0.0.0/16");
    let capture = Running::start(&machine, "capture two one");
    machine.ok("exec one -- ping -c3 -i0.2 -W1 -s 2000 two");
    let mut command = machine.command("exec one -- bash -c");
    command.arg("exec 3<>/dev/udp/two/9; echo hello >&3; ! read -t2 -u3");
    Run::of(command).exits(0);
    let run = capture.interrupted().exits(0);
    let run = run.says(": bytes 0 to 1480\n").says("fragment of ").says(": bytes 1480 to 2008, the last\n");
    let run = run.says(":9  udp 6 bytes\n");
    let error = |line: &str| line.contains("two → one") && line.contains("port unreachable: one → two, ");
    assert!(run.stdout.lines().any(error), "{run}");
}

#[test]
fn a_peering_is_waited_for_and_its_first_packet_is_not_missed() {
    let machine = machine_with_cross();
    machine.ok("api --as A deactivate-router-interface ri-a");
    let mut capture = Running::start(&machine, "capture ri-b icmp");
    capture.says("ri-b is Active and carries no packets: ri-a is deactivated: account A must activate it; waiting");
    // At once, so that packets arrive before the news of the change.
    machine.ok("api --as A activate-router-interface ri-a");
    ping(&machine, "172.16.1.10").exits(0);
    capture.says("packets can pass now");
    machine.ok("api --as A deactivate-router-interface ri-a");
    ping(&machine, "172.16.1.10").exits(1);
    machine.ok("api --as A activate-router-interface ri-a");
    ping(&machine, "172.16.1.10").exits(0);
    let run = capture.interrupted().exits(0).tells("4 packets captured");
    assert_eq!(run.stdout.matches("echo request").count(), 2, "{run}");
}

#[test]
fn both_ends_of_a_peering_that_was_made_as_one_are_captured() {
    let machine = Machine::new();
    machine.ok("init two --vpcs 2 --instances 1");
    machine.ok("up two.toml --no-verify");
    let status = machine.ok("status --json").json();
    let ends = status["router_interfaces"].as_array().unwrap();
    let end = ends
        .iter()
        .find_map(|it| it["name"].as_str().unwrap().strip_suffix(".initiator"))
        .expect("init makes a compound");
    let instances: Vec<_> =
        status["instances"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    let capture = Running::start(&machine, &format!("capture {end} icmp -w both.pcapng"));
    machine.ok(&format!("ping {} {} -c1", instances[0], instances[1]));
    capture.interrupted().exits(0).tells("4 packets captured to both.pcapng");
    if tcpdump() {
        let seen = machine.program("tcpdump -n -r /run/test/both.pcapng").exits(0);
        assert_eq!(seen.stdout.matches("ICMP echo re").count(), 4, "{seen}");
    }
}

#[test]
fn the_lab_can_go_down_and_be_changed_beside_it() {
    let machine = machine_with_small();
    let capture = Running::start(&machine, "capture one");
    machine.ok("verify");
    machine.ok("down");
    let run = capture.ends().exits(0).tells("lab small went down").tells(" packets captured");
    let pinged = |line: &str| line.contains("one → two ") && line.contains(" icmp echo request");
    assert!(run.stdout.lines().any(pinged), "{run}");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

#[test]
fn it_keeps_the_right_to_read_and_no_other() {
    let machine = machine_with_small();
    let capture = Running::start(&machine, "capture one");
    let status = fs::read_to_string(format!("/proc/{}/status", capture.child.id())).unwrap();
    assert!(["CapPrm", "CapBnd"].iter().all(|set| status.contains(&format!("{set}:\t0000000000000004\n"))), "{status}");
    capture.interrupted().exits(0);
}

#[test]
fn a_wrong_word_says_what_was_perhaps_meant() {
    let machine = machine_with_cross();
    machine.peerlab("capture ecs-c2").exits(2).tells("did you mean ecs-a?");
    machine.peerlab("capture VPC3").exits(2).tells("no instance, peering or VPC VPC3").tells("did you mean VPC1?");
    machine
        .peerlab("capture ecs-a icpm")
        .exits(2)
        .tells("\"icpm\" says nothing of packets")
        .tells("did you mean icmp?");
    machine.peerlab("capture ecs-a -w /nowhere/x").exits(2).tells("/nowhere/x cannot be written");
    machine.peerlab("capture ecs-a -w x --json").exits(2).tells("leave one of them out");
    machine.peerlab("capture ecs-a --lab crss").exits(2).tells("lab crss is not up");
    if others() {
        machine.user("capture ecs-a").exits(2).tells("no lab is up").tells("`sudo peerlab list`");
    }
}

#[test]
fn a_reader_who_goes_away_is_no_error_though_no_packet_comes() {
    let machine = machine_with_cross();
    let mut capture = Running::start(&machine, "capture ecs-a udp");
    drop(capture.child.stdout.take());
    let run = capture.ends().exits(0).tells("0 packets captured");
    assert!(!run.stderr.contains("error") && !run.stderr.contains("panic"), "{run}");
}
