//! A host that lacks what labs need: the error names it and says what to do, with exit status 4, and a partial lab is
//! always reported.
#![cfg(target_arch = "x86_64")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Command;

use nix::errno::Errno;
use nix::libc;
use nix::mount::{MsFlags, mount};

use crate::killer::{Blow, deal};
use crate::support::{CROSS, Machine, Run, SMALL};

const NONE: Option<&str> = None;

fn cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.file("small.toml", SMALL);
    machine
}

/// Runs a line with a blow.
fn under(machine: &Machine, line: &str, blow: Blow) -> Run {
    Run::ended(line.to_owned(), deal(machine.command(line), blow).output)
}

/// A failure leaves a reported lab or nothing; `up` completes the lab, and `down` removes it.
#[track_caller]
fn is_told_completed_and_removed(machine: &Machine, failed: impl Fn() -> Run) {
    for complete in [true, false] {
        let run = failed().exits(4);
        let labs = machine.ok("list --json").json()["labs"].as_array().unwrap().len();
        assert!(labs == 1 || machine.left().is_empty(), "{:#?} after {run}", machine.left());
        if labs == 1 {
            run.tells("is not as it should be").tells("peerlab down cross");
            machine.ok("doctor").says("its last change was cut short");
        }
        if complete {
            machine.ok("up cross.toml").says("all as predicted");
        }
        machine.ok("down --all");
        assert_eq!(machine.left(), [] as [&str; 0]);
    }
}

// -------------------------------------------------------------------------------------------------------------- privilege

#[test]
fn root_of_a_container_is_told_what_it_lacks_and_nothing_is_made() {
    let machine = cross();
    for (lacks, name) in [("-net_admin", "CAP_NET_ADMIN"), ("-sys_admin", "CAP_SYS_ADMIN")] {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", lacks, "--inh-caps", lacks, "/run/test-peerlab", "up", "cross.toml"]);
        command.current_dir("/run/test");
        Run::of(command).exits(4).tells(&format!("{name} missing")).tells("--privileged");
        assert_eq!(machine.left(), [] as [&str; 0]);
    }
}

#[test]
fn a_run_that_cannot_be_written_is_told_and_nothing_is_made() {
    let machine = cross();
    mount(NONE, "/run", NONE, MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, NONE).unwrap();
    machine.peerlab("up cross.toml").exits(4).tells("Read-only file system").tells("/run must be writable");
    machine.peerlab("doctor").exits(4).says("it is mounted read-only");
    mount(NONE, "/run", NONE, MsFlags::MS_REMOUNT, NONE).unwrap();
    assert_eq!(machine.left(), [] as [&str; 0]);
    machine.ok("up cross.toml --no-verify");
    mount(NONE, "/run", NONE, MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, NONE).unwrap();
    for line in ["up cross.toml", "down cross", "api --as A deactivate-router-interface ri-a"] {
        machine.peerlab(line).exits(4).tells("/run must be writable");
    }
    mount(NONE, "/run", NONE, MsFlags::MS_REMOUNT, NONE).unwrap();
    machine.ok("up cross.toml").says("all as predicted");
    machine.ok("down cross");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

// ---------------------------------------------------------------------------------------------------------------- limits

/// If the lock cannot be created, the lab's directory must not stay, because no verb could remove it.
#[test]
fn a_run_without_an_inode_for_the_lock_keeps_nothing() {
    let machine = cross();
    machine.ok("up cross.toml --no-verify");
    machine.ok("down cross");
    let there = nix::sys::statvfs::statvfs("/run").unwrap();
    let one_more = format!("nr_inodes={}", there.files() - there.files_free() + 1);
    mount(NONE, "/run", NONE, MsFlags::MS_REMOUNT, Some(one_more.as_str())).unwrap();
    machine.peerlab("up cross.toml").exits(4).tells("No space left").tells("make room");
    assert_eq!(machine.left(), [] as [&str; 0]);
    machine.ok("down --all");
}

#[test]
fn an_unreadable_lab_file_for_want_of_files_is_the_hosts_doing() {
    let machine = cross();
    let run = under(&machine, "validate cross.toml", Blow::Every(libc::SYS_openat, Errno::ENFILE));
    run.exits(4).tells("Too many open files in system").tells("ulimit -Hn");
}

#[test]
fn a_host_that_gives_no_thread_is_told_as_that() {
    let machine = cross();
    let no_thread = Blow::Every(libc::SYS_clone3, Errno::EAGAIN);
    let failed = || under(&machine, "up cross.toml", no_thread).tells("no thread can be started").tells("ulimit -u");
    is_told_completed_and_removed(&machine, failed);
    let run = under(&machine, "plan cross.toml", no_thread);
    assert!(!run.stderr.contains("panicked"), "{run}");
    machine.ok("up cross.toml --no-verify");
    for line in [
        "verify --lab cross",
        "ping --lab cross ecs-a ecs-b -c1",
        "status cross",
        "doctor",
        "down cross",
        "test small.toml",
        "exec --lab cross ecs-a -- true",
    ] {
        let run = under(&machine, line, no_thread);
        assert!(!run.stderr.contains("panicked"), "{run}");
        assert!(run.ended_well() || run.ended_with(4) && run.stderr.contains("ulimit -u") || line == "doctor", "{run}");
    }
    machine.ok("down --all");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

/// A namespace also takes memory and a mount; a lack of these must not be reported as the limit of namespaces.
#[test]
fn a_host_that_gives_no_mount_or_no_memory_for_a_namespace_is_told_as_that() {
    for (call, errno, remedy) in [
        (libc::SYS_mount, Errno::ENOSPC, "raise /proc/sys/fs/mount-max"),
        (libc::SYS_unshare, Errno::ENOSPC, "raise /proc/sys/user/max_net_namespaces"),
        (libc::SYS_unshare, Errno::ENOMEM, "free memory"),
    ] {
        let machine = cross();
        let failed = || under(&machine, "up cross.toml", Blow::Every(call, errno)).tells(remedy);
        is_told_completed_and_removed(&machine, failed);
    }
}

// ------------------------------------------------------------------------------------------------------ what is in the way

/// A file with a namespace's name that is not a namespace: left by a crash of the host or by a script.
#[test]
fn a_dead_file_in_the_way_is_told_before_anything_is_made_and_never_taken() {
    let machine = cross();
    fs::create_dir_all("/run/netns").unwrap();
    fs::write("/run/netns/cross.ecs-b", "somebody's").unwrap();
    machine
        .peerlab("up cross.toml")
        .exits(4)
        .tells("cross.ecs-b exists and is not this lab's")
        .tells("ip netns del cross.ecs-b");
    assert_eq!(machine.namespaces(), ["cross.ecs-b"]);
    assert!(!fs::exists("/run/peerlab/cross").unwrap());
    machine.ok("down --all");
    assert_eq!(fs::read_to_string("/run/netns/cross.ecs-b").unwrap(), "somebody's");
    // An empty one is what a killed run leaves.
    fs::write("/run/netns/cross.ecs-b", "").unwrap();
    machine.ok("up cross.toml").says("all as predicted");
    // And the file of a running lab whose namespace somebody unmounted.
    nix::mount::umount("/run/netns/cross.ecs-b").unwrap();
    let gone = "drift: ecs-b: the namespace is gone";
    machine.peerlab("ping ecs-b ecs-a -c1").exits(1).says(gone).says("1 sent, 0 answered");
    let inside = machine.peerlab("exec ecs-b -- true").exits(4);
    inside.tells("it is no namespace any more").tells("peerlab up --lab cross");
    machine.ok("doctor").says("its namespaces are gone: cross.ecs-b");
    machine.ok("up cross.toml").says("all as predicted");
    machine.ok("down cross");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

/// A namespace in use, or mounted elsewhere: its name is removed anyway, and only processes inside are ended.
#[test]
fn a_namespace_in_use_goes_down_with_who_is_inside() {
    let machine = cross();
    machine.ok("up cross.toml --no-verify");
    let mut inside = machine.start("exec ecs-a -- sh -c 'trap \"\" TERM; echo inside; while :; do sleep 1; done'");
    let mut said = String::new();
    BufReader::new(inside.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "inside\n");
    fs::write("/run/test/elsewhere", "").unwrap();
    mount(Some("/run/netns/cross.ecs-b"), "/run/test/elsewhere", NONE, MsFlags::MS_BIND, NONE).unwrap();
    machine.ok("down cross");
    assert!(!inside.wait().unwrap().success());
    assert_eq!(machine.left(), [] as [&str; 0]);
    machine.ok("up cross.toml").says("all as predicted");
    machine.ok("down cross");
    nix::mount::umount("/run/test/elsewhere").unwrap();
}
