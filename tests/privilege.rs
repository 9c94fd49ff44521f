//! Least privilege: the user of commands inside, the rights for reading a lab file, access to a lab's files, and no
//! listeners.
//!
//! Each test runs the binary on a separate machine (see `support`), as root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use nix::mount::{MsFlags, mount};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use support::oracle::others;
use support::{CROSS, Machine, Run, SMALL};

fn machine_with_small() -> Machine {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    machine
}

/// Runs peerlab as root on behalf of a user: variables as `NAME=value`.
fn called(machine: &Machine, line: &str, variables: &[&str]) -> Run {
    let mut command = machine.command(line);
    command.envs(variables.iter().map(|it| it.split_once('=').unwrap()));
    Run::of(command)
}

// ------------------------------------------------------------------------------------------------------- exec, shell

#[test]
fn a_command_runs_as_who_called_sudo_pkexec_or_doas_else_as_root() {
    if !others() {
        return;
    }
    let machine = machine_with_small();
    let id = |line: &str, variables: &[&str]| called(&machine, line, variables).exits(0).stdout;
    for by_nobody in [&["SUDO_UID=65534", "SUDO_GID=65534"][..], &["PKEXEC_UID=65534"], &["DOAS_USER=nobody"]] {
        assert_eq!(id("exec one -- id -u", by_nobody), "65534\n", "{by_nobody:?}");
        assert_eq!(id("exec --root one -- id -u", by_nobody), "0\n", "{by_nobody:?}");
        let rights = id("exec one -- grep Cap /proc/self/status", by_nobody);
        let gone = |set: &str| rights.contains(&format!("{set}:\t0000000000000000\n"));
        assert!(["CapInh", "CapPrm", "CapEff", "CapAmb"].into_iter().all(gone), "{by_nobody:?}: {rights}");
    }
    assert_eq!(id("exec one -- id -u", &[]), "0\n");
    assert_eq!(id("exec one -- id -u", &["SUDO_UID=0", "SUDO_GID=0"]), "0\n");
    let unknown = called(&machine, "exec one -- id -u", &["SUDO_UID=54321"]).exits(4);
    unknown.tells("SUDO_UID is \"54321\": the host has no such user").tells("--root");
    called(&machine, "exec one -- id -u", &["SUDO_UID=-1"]).exits(4).tells("the host has no such user");
}

#[test]
fn a_command_has_the_callers_groups_and_no_others() {
    if !others() {
        return;
    }
    let machine = machine_with_small();
    let groups = fs::read_to_string("/etc/group").unwrap() + "testers:x:4242:nobody\nothers:x:4243:daemon\n";
    let file = machine.file("group", &groups);
    mount(Some(&file), "/etc/group", None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
    let run = called(&machine, "exec one -- id -G", &["SUDO_UID=65534", "SUDO_GID=65534"]).exits(0);
    assert_eq!(run.stdout, "65534 4242\n");
}

#[test]
fn who_has_no_capability_can_ping_from_an_instance() {
    if !others() {
        return;
    }
    let machine = machine_with_small();
    // A copy has no capability, like ping in distributions that rely on ping sockets.
    fs::copy("/usr/bin/ping", "/run/test/ping").unwrap();
    let by_nobody = ["SUDO_UID=65534", "SUDO_GID=65534"];
    called(&machine, "exec one -- /run/test/ping -c1 -W2 two", &by_nobody).exits(0);
    called(&machine, "exec internet -- /run/test/ping -c1 -W2 198.51.100.1", &by_nobody).exits(0);
}

#[test]
fn a_shell_is_the_callers_own() {
    if !others() {
        return;
    }
    let machine = machine_with_small();
    let mut command = machine.command("shell one");
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let own = passwd.lines().map(|line| match line.strip_prefix("nobody:") {
        Some(_) => "nobody:x:65534:65534:nobody:/run/test:/bin/sh\n".to_owned(),
        None => format!("{line}\n"),
    });
    let file = machine.file("passwd", &own.collect::<String>());
    mount(Some(&file), "/etc/passwd", None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
    command.env("SUDO_UID", "65534").env("SUDO_GID", "65534").env("SHELL", "/bin/false");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"id -un; echo $HOME\n").unwrap();
    Run::ended("shell".into(), child.wait_with_output().unwrap()).exits(0).says("nobody\n/run/test\n");
}

// ------------------------------------------------------------------------------------------------- reading a lab file

/// A line of a process's status.
fn status(pid: u32, key: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    Some(line.split_whitespace().nth(1)?.to_owned())
}

#[test]
fn a_verb_that_only_reads_gives_up_all_but_reading_before_it_reads() {
    let machine = Machine::new();
    mkfifo("/run/test/lab.toml", Mode::S_IRUSR).unwrap();
    for line in ["validate lab.toml", "explain a b -f lab.toml", "graph -f lab.toml", "test --mutate lab.toml"] {
        let mut child = machine.start(line);
        // It is reading once the pipe can be opened for writing.
        let pipe = fs::OpenOptions::new().write(true).open("/run/test/lab.toml").unwrap();
        for set in ["CapPrm", "CapEff", "CapBnd"] {
            assert_eq!(status(child.id(), set).as_deref(), Some("0000000000000004"), "{line}: {set}");
        }
        assert_eq!(status(child.id(), "CapInh").as_deref(), Some("0000000000000000"), "{line}");
        assert_eq!(status(child.id(), "NoNewPrivs").as_deref(), Some("1"), "{line}");
        drop(pipe);
        assert_eq!(child.wait().unwrap().code(), Some(2), "{line}: an empty file is no lab");
    }
}

#[test]
fn a_lab_file_is_parsed_without_any_capability_and_then_built_with_them() {
    let machine = Machine::new();
    // It takes a while to read.
    let long = format!("{SMALL}{}", "#\n".repeat(1_000_000));
    machine.file("long.toml", &long);
    for line in ["plan long.toml", "up long.toml --no-verify", "test long.toml"] {
        let mut child = machine.start(line);
        let mut seen = Vec::new();
        while child.try_wait().unwrap().is_none() {
            // The thread that tests a lab also reads it.
            let tasks = fs::read_dir(format!("/proc/{}/task", child.id())).into_iter().flatten().flatten();
            seen.extend(tasks.filter_map(|task| status(task.file_name().to_str()?.parse().ok()?, "CapEff")));
            seen.dedup();
        }
        assert!(child.wait().unwrap().success(), "{line}");
        assert!(seen.iter().any(|set| set == "0000000000000000"), "{line}: never lowered: {seen:?}");
    }
    machine.ok("list").says("small");
}

// ---------------------------------------------------------------------------------------------- what others can see

#[test]
fn nobody_but_root_looks_into_a_lab() {
    let machine = machine_with_small();
    machine.ok("exec one -- true");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(Path::new("/run/peerlab/small")), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir("/run/peerlab/small").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // The instances' /etc/hosts must be readable by any user inside.
        let expected = if name == "hosts" { 0o644 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{name}");
        names.push(name);
    }
    names.sort();
    assert_eq!(names, ["hosts", "journal", "lab-1.toml", "lock", "namespaces", "snapshot"]);
    if others() {
        machine.user("status small").exits(2).tells("no lab is up").tells("`sudo peerlab list`");
        let cat = machine.program("setpriv --reuid 65534 --regid 65534 --clear-groups cat /run/peerlab/small/journal");
        cat.exits(1).tells("Permission denied");
    }
}

/// The sockets of a namespace, one per line: everything that the kernel lists below a heading, except closed
/// connections.
fn sockets(machine: &Machine, inside: &str) -> Vec<String> {
    let mut found = Vec::new();
    for kind in ["tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "icmp", "packet", "unix"] {
        let text = machine.program(&format!("{inside} cat /proc/thread-self/net/{kind}")).stdout;
        const TIME_WAIT: &str = "06";
        let open = |line: &&str| !kind.starts_with("tcp") || line.split_whitespace().nth(3) != Some(TIME_WAIT);
        found.extend(text.lines().skip(1).filter(open).map(|line| format!("{kind}: {line}")));
    }
    found
}

#[test]
fn nothing_listens_and_nothing_runs_when_a_command_has_returned() {
    let machine = Machine::new();
    let port = "[[check]]\nfrom = \"ecs-a\"\nto = \"ecs-b\"\nprotocol = \"tcp/22\"\nexpect = \"reach\"\n";
    machine.file("cross.toml", &format!("{CROSS}{port}"));
    machine.ok("up cross.toml").says("checks passed");
    machine.ok("ping ecs-a ecs-b -c1");
    assert_eq!(sockets(&machine, ""), [] as [&str; 0], "on the host");
    for space in machine.namespaces() {
        assert_eq!(sockets(&machine, &format!("ip netns exec {space}")), [] as [&str; 0], "in {space}");
        let inside = machine.program(&format!("ip netns pids {space}")).exits(0).stdout;
        assert_eq!(inside, "", "processes in {space}");
    }
}
