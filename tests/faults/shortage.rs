//! A host that lacks something, or runs out of it at any moment: the error says what is missing and what to do (exit
//! 4), `up` completes the lab, `down` leaves the host unchanged.
//!
//! Calls are made to fail by ptrace, which knows the registers of one processor.
#![cfg(target_arch = "x86_64")]

use nix::mount::{MsFlags, mount};
use nix::sys::statvfs::statvfs;

use crate::killed::{Way, cross, end, whole_journal};
use crate::killer::{Blow, deal};
use crate::setting;
use crate::support::Run;

/// A normal run makes every `STRIDE`-th call fail.
const STRIDE: usize = 11;

/// The commands before, and the command with the failing call.
const CASES: &[(&[&str], &str)] = &[
    (&[], "up cross.toml --no-verify"),
    (&["up cross.toml --no-verify"], "api --as A deactivate-router-interface ri-a"),
    (&["up cross.toml --no-verify"], "down cross"),
];

#[test]
fn whatever_runs_out_at_any_call_is_named_and_the_rest_goes_on() {
    let machine = cross();
    let untouched = machine.snapshot();
    let stride = setting("PEERLAB_STRIDE", STRIDE);
    for (before, struck) in CASES {
        let (mut nth, mut named, mut borne) = (1, 0, 0);
        loop {
            before.iter().for_each(|line| drop(machine.ok(line)));
            let blow = deal(machine.command(struck), Blow::Shortage(nth));
            let place = format!("{struck}, short of something at call {nth}");
            let run = Run::ended(place.clone(), blow.output);
            let over = nth > blow.calls;
            if run.ended_well() {
                borne += usize::from(blow.hit);
            } else {
                assert!(blow.hit, "{run}");
                let run = run.exits(4);
                assert!(run.stderr.contains("error[") && run.stderr.contains("help: "), "{run}");
                named += 1;
            }
            whole_journal(&place);
            end(&machine, [Way::Up, Way::Down, Way::UpFile][nth / stride % 3], &place);
            assert_eq!(machine.left(), [] as [&str; 0], "{place}");
            if over {
                break;
            }
            nth += stride;
        }
        assert!(named > 0, "{struck}: nothing that ran out was told of");
        println!("{struck}: of {nth} calls, {named} failures were told of, {borne} borne");
    }
    machine.is_as(&untouched, "whatever runs out");
}

/// Requests a kind that no kernel has, in place of one that some kernels lack.
#[test]
fn what_the_kernel_lacks_is_named_with_its_module() {
    let machine = cross();
    let untouched = machine.snapshot();
    // A batch names its subsystem at the end of its first message, after port and family.
    let nf_tables: (&[u8], &[u8]) = (b"\0\0\0\0\0\0\0\x0a", b"\0\0\0\0\0\0\0\x03");
    for (what, old, new) in [
        ("veth", &b"veth\0"[..], &b"vetx\0"[..]),
        ("bridge", b"bridge\0", b"bridgx\0"),
        ("sch_tbf", b"tbf\0", b"tbx\0"),
        ("nf_tables", nf_tables.0, nf_tables.1),
    ] {
        let blow = deal(machine.command("up cross.toml --no-verify"), Blow::Overwrite(old, new));
        assert!(blow.hit, "{what} was not asked for");
        let run = Run::ended(format!("up without {what}"), blow.output).exits(4);
        assert!(run.stderr.contains(what) && run.stderr.contains("modprobe"), "{run}");
        run.tells("lab cross is not as it should be");
        machine.ok("list").says("incomplete");
        machine.ok("up --no-verify");
        machine.ok("up --no-verify").tells("nothing to do");
        machine.ok("down cross");
        assert_eq!(machine.left(), [] as [&str; 0], "{what}");
    }
    machine.is_as(&untouched, "a kernel that lacks something");
}

/// A reading of the kernel that loses an answer starts again.
#[test]
fn an_answer_that_is_lost_for_want_of_buffers_is_asked_for_again() {
    let machine = cross();
    machine.ok("up cross.toml --no-verify");
    let stride = setting("PEERLAB_STRIDE", STRIDE);
    for nth in (1..).step_by(stride) {
        let blow = deal(machine.command("up --no-verify"), Blow::LostAnswer(nth));
        let run = Run::ended(format!("up that loses answer {nth}"), blow.output).exits(0);
        run.tells("nothing to do");
        if !blow.hit {
            break;
        }
    }
    machine.ok("down cross");
}

/// Root of a user namespace needs only a `/run` of its own, and leaves nothing behind on the host.
#[test]
fn the_root_of_a_user_namespace_brings_labs_up() {
    let machine = cross();
    // Where `mount` keeps what it has done.
    machine.program("mkdir -p /run/peerlab /run/netns /run/mount").exits(0);
    let untouched = machine.snapshot();
    let inside = |line: &str| {
        let line = format!(
            "cd /run/test; mount -t tmpfs own /run/peerlab; mount -t tmpfs own /run/netns; /run/test-peerlab {line}"
        );
        machine.program(&format!("unshare --user --map-root-user --mount --net sh -c '{line}'"))
    };
    inside("up cross.toml; /run/test-peerlab plan cross.toml").exits(0).says("all as predicted").says("up to date");
    inside("doctor").exits(0).says("not the host's").says("labs can run here");
    assert_eq!(machine.left(), [] as [&str; 0]);
    machine.is_as(&untouched, "up by the root of a user namespace");
}

/// Namespaces count until they are dismantled.
#[test]
fn a_lab_that_has_all_namespaces_there_may_be_goes_down_and_is_waited_for() {
    let machine = cross();
    // The lab's five, and the enclosing one. A user namespace has its own limits, while the host's limits are shared.
    let inside = "mkdir -p -m 700 /run/peerlab/cross; \
                  for name in VPC1 VPC2 ecs-a ecs-b internet; do \
                  ip netns add cross.$name; echo $name >> /run/peerlab/cross/namespaces; done; \
                  echo 6 > /proc/sys/user/max_net_namespaces; /run/test-peerlab down cross --wait";
    let run = machine.program(&format!("unshare --user --map-root-user --mount --net sh -c 'cd /run/test; {inside}'"));
    run.exits(0).says("lab cross is down: 5 namespaces removed").tells("taken apart by the kernel");
}

#[test]
fn a_run_without_room_for_another_file_is_told_of() {
    let machine = cross();
    let untouched = machine.snapshot();
    let remount = |options: &str| {
        mount(None::<&str>, "/run", None::<&str>, MsFlags::MS_REMOUNT, Some(options)).unwrap();
    };
    let there = statvfs("/run").unwrap();
    let used = there.files() - there.files_free();
    let mut failed = 0;
    for room in 0.. {
        remount(&format!("nr_inodes={}", used + room));
        let run = machine.peerlab("up cross.toml --no-verify");
        remount("nr_inodes=100000");
        if run.ended_well() {
            machine.ok("down cross");
            break;
        }
        failed += 1;
        let run = run.exits(4);
        assert!(run.stderr.contains("ENOSPC") && run.stderr.contains("make room"), "{run}");
        assert!(!run.stderr.contains("max_net_namespaces") && !run.stderr.contains("is not as it should be"), "{run}");
        // The number of files is checked in advance; before that, only the lab's directory and its lock are created.
        assert!(room < 4 || run.stderr.contains("more files in /run"), "room for {room}: {run}");
        assert_eq!(machine.namespaces(), [] as [&str; 0], "room for {room}");
        machine.ok("down --all");
        assert_eq!(machine.left(), [] as [&str; 0], "room for {room}");
    }
    assert!(failed > 8, "only {failed} were too few");
    machine.is_as(&untouched, "a /run without room");
}

#[test]
fn a_subnet_with_more_instances_than_a_bridge_has_ports_is_refused_before_anything_is_made() {
    let machine = cross();
    let untouched = machine.snapshot();
    let instances: String = (0..1024).map(|n| format!("[instance.i{n}]\nsubnet = \"v/s\"\n")).collect();
    let head = "[lab]\nprovider = \"jdcloud\"\n[account.A]\n[vpc.v]\nregion = \"cn-south-1\"\ncidr = \"10.0.0.0/16\"\n";
    machine.file("crowd.toml", &format!("{head}[vpc.v.subnet.s]\ncidr = \"10.0.0.0/20\"\n{instances}"));
    machine.peerlab("up crowd.toml").exits(4).tells("1024 instances, and a bridge 1023 ports").tells("another subnet");
    assert_eq!(machine.left(), [] as [&str; 0]);
    machine.is_as(&untouched, "a crowded subnet");
}
