//! Labs of an ordinary user: without root, without a flag, and with nothing left behind.
//!
//! Each test runs the binary on its own machine (see `support`). If root runs the tests, the user is `nobody`;
//! otherwise `scripts/run-built` runs them as its caller.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, chown, geteuid};
use support::oracle::{oracle, untested};
use support::user::{Refused, become_user, ids, refuse, session};
use support::{CROSS, Machine, Run, SMALL};

const NONE: Option<&str> = None;

fn machine() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.file("small.toml", SMALL);
    // The host's is shared by all users.
    machine.program("mount -t tmpfs -o mode=1777 tmp /tmp").exits(0);
    machine
}

/// Checks that nothing of the user's remains.
#[track_caller]
fn nothing_is_left(machine: &Machine) {
    assert_eq!(machine.holders(), [] as [i32; 0], "processes that hold namespaces");
    assert_eq!(machine.left(), [] as [&str; 0]);
}

// ------------------------------------------------------------------------------------------------------- what users do

#[test]
fn every_lab_that_is_shipped_holds_without_root() {
    let machine = Machine::new();
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut files = Vec::new();
    for entry in fs::read_dir(labs).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            machine.file(&name, &fs::read_to_string(&path).unwrap());
            files.push(name);
        }
    }
    assert!(files.len() > 20, "{files:?}");
    let run = machine.user_ok(&format!("test {}", files.join(" ")));
    run.says(&format!("{} labs, ", files.len())).says(": all hold");
    nothing_is_left(&machine);
}

#[test]
fn every_verb_does_for_a_user_what_it_does_for_root() {
    let machine = machine();
    let before = machine.snapshot();
    let up = machine.user_ok("up cross.toml --until 4").says("all as predicted");
    assert!(!up.stderr.contains("root"), "{up}");
    assert_eq!(machine.holders().len(), 1);
    machine.user_ok("list").says("cross  up");
    machine.user_ok("status").says("ri-a");
    machine.user_ok("plan cross.toml --until 4").says("lab cross is up to date");
    machine.user_ok("next").says("Step 5");
    machine.user_ok("verify --full").says("all as predicted");
    machine.user_ok("api --as A deactivate-router-interface ri-a");
    machine.user_ok("undo");
    machine.user_ok("api --as A deactivate-router-interface ri-a");
    machine.user_ok("explain ecs-a ecs-b --fix").says("reach");
    machine.user_ok("ping ecs-a ecs-b -c1").says("1 answered");
    machine.user_ok("graph").says("ecs-a");
    let exported = session().join("mine.toml");
    machine.user_ok(&format!("export -o {}", exported.display()));
    assert_eq!(fs::metadata(&exported).unwrap().uid(), ids().0);
    machine.user_ok("up --lab cross --no-verify");
    machine.user_ok("down").says("lab cross is down");
    nothing_is_left(&machine);
    fs::remove_file(exported).unwrap();
    fs::remove_dir_all(session().join("peerlab")).unwrap();
    machine.is_as(&before, "every verb by a user");
}

#[test]
fn a_capture_and_a_watch_are_the_users() {
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let file = session().join("ping.pcapng");
    let mut capture = machine.user_command(&format!("capture ecs-a icmp -c2 -w {}", file.display()));
    let mut child = capture.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut said, &mut String::new()).unwrap();
    machine.user_ok("ping ecs-a ecs-b -c1");
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::metadata(&file).unwrap().uid(), ids().0);
    assert!(fs::metadata(&file).unwrap().len() > 200);

    let mut watch = machine.user_command("watch").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(watch.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.contains("cross"), "{line}");
    kill(Pid::from_raw(watch.id() as i32), Signal::SIGTERM).unwrap();
    watch.wait().unwrap();
    machine.user_ok("down");
    nothing_is_left(&machine);
}

#[test]
fn a_command_inside_is_the_user_and_with_root_it_may_change_the_lab() {
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let (uid, gid) = ids();
    machine.user_ok("exec ecs-a -- id -u").says(&format!("{uid}\n"));
    machine.user_ok("exec ecs-a -- id -g").says(&format!("{gid}\n"));
    let rights = machine.user_ok("exec ecs-a -- grep CapEff /proc/self/status");
    rights.says("CapEff:\t0000000000000000");
    machine.user_ok("exec ecs-a -- ping -c1 -W2 ecs-b").says("1 received");
    machine.user("exec ecs-a -- ip link set eth0 down").exits(2).tells("not permitted");
    // The command may change everything of the lab and nothing of the host.
    machine.user_ok("exec --root ecs-a -- ip link set eth0 mtu 1400");
    machine.user_ok("exec ecs-a -- ip link show eth0").says("mtu 1400");
    machine.user_ok("exec --root VPC1 -- nft list ruleset").says("table ip vpc");
    machine.user_ok("exec --root ecs-a -- sysctl -w net.ipv4.ip_forward=1");
    machine.user("exec --root ecs-a -- mount -o remount,ro /proc").ended_well().then(|| panic!("that is the host's"));
    if oracle("tcpdump") {
        let tcpdump = "timeout 10 tcpdump -c1 -ni any icmp";
        let dump = machine.user_command(&format!("exec --root VPC1 -- {tcpdump}"));
        let mut dump = { dump }.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = std::io::BufReader::new(dump.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening") && std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0 {}
        machine.user_ok("ping ecs-a ecs-b -c1");
        assert!(dump.wait().unwrap().success(), "{line}");
    }
    let mut shell = machine.user_command("shell --root ecs-b");
    let shell = shell.env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    shell.stdin.as_ref().unwrap().write_all(b"id -u; ip addr add 192.0.2.7/32 dev lo && echo added\n").unwrap();
    let output = shell.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{uid}\nadded\n"));
    // A process inside cannot have labs of its own.
    machine.user("exec ecs-a -- /run/test-peerlab list").exits(4).tells("leave the instance");
}

#[test]
fn a_shell_beside_the_labs_has_ip_netns() {
    let machine = machine();
    machine.user("shell --host").exits(2).tells("no lab is up");
    machine.user_ok("up cross.toml --no-verify");
    let script = "ip netns list | sort; ip netns exec cross.VPC1 nft list tables; /run/test-peerlab list; id -u\n";
    let mut shell = machine.user_command("shell --host");
    let mut shell = shell.env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("cross.VPC1\ncross.VPC2\ncross.ecs-a\n"), "{said}");
    assert!(said.contains("table ip vpc") && said.contains("cross  up"), "{said}");
    assert!(said.ends_with(&format!("{}\n", ids().0)), "{said}");
    assert_eq!(machine.namespaces(), [] as [&str; 0], "of the host's");
    machine.user_ok("down");
    nothing_is_left(&machine);
}

// ------------------------------------------------------------------------------------------------------ who sees what

#[test]
fn labs_of_root_and_of_a_user_stand_side_by_side_under_one_name() {
    if !geteuid().is_root() {
        return untested("root", "it takes root and a user");
    }
    let machine = machine();
    machine.ok("up cross.toml --no-verify");
    let before = machine.left();
    machine.user("status").exits(2).tells("no lab is up").tells("sudo peerlab list");
    machine.user_ok("list").tells("no lab is up");
    machine.user_ok("up cross.toml").says("all as predicted");
    machine.user_ok("up small.toml").says("all as predicted");
    machine.ok("list --json").json()["labs"].as_array().map(|labs| assert_eq!(labs.len(), 1)).unwrap();
    machine.ok("verify --lab cross");
    machine.user_ok("down cross");
    machine.ok("verify").says("all as predicted");
    assert_eq!(machine.left(), before);
    machine.ok("down cross");
    machine.user_ok("verify").says("all as predicted");
    machine.user_ok("down");
    nothing_is_left(&machine);
}

#[test]
fn another_user_neither_sees_nor_enters() {
    if !geteuid().is_root() {
        return untested("root", "it takes two users");
    }
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let other = |line: &str| {
        let mut command = machine.command(line);
        // A user without an entry in passwd and a folder in /run/user: labs need neither.
        command.uid(54321).gid(54321);
        Run::of(command)
    };
    other("list").exits(0).tells("no lab is up");
    other("down cross").exits(2).tells("no lab is up");
    other("up cross.toml").exits(0).says("all as predicted");
    assert_eq!(machine.holders().len(), 2);
    assert_eq!(fs::metadata("/tmp/peerlab-54321").unwrap().permissions().mode() & 0o777, 0o700);
    machine.user_ok("down");
    other("verify").exits(0);
    other("down").exits(0);
    nothing_is_left(&machine);
}

#[test]
fn a_folder_in_tmp_that_is_somebody_elses_is_not_used() {
    if !geteuid().is_root() {
        return untested("root", "it takes two users");
    }
    let machine = machine();
    fs::remove_dir(session()).unwrap();
    let place = format!("/tmp/peerlab-{}", ids().0);
    fs::create_dir(&place).unwrap();
    let run = machine
        .user("up small.toml")
        .exits(4)
        .tells("need a folder for their lock")
        .tells("remove what is in its place");
    run.tells("EACCES");
    fs::remove_dir(&place).unwrap();
    std::os::unix::fs::symlink("/run/test", &place).unwrap();
    machine.user("up small.toml").exits(4).tells("remove what is in its place");
    fs::remove_file(&place).unwrap();
    machine.user_ok("up small.toml").says("all as predicted");
}

// --------------------------------------------------------------------------------------------------------- the holder

#[test]
fn commands_at_once_from_cold_have_one_holder() {
    let machine = machine();
    let start = |n: usize| {
        let mut command = machine.user_command(&format!("up small.toml --name small-{n} --no-verify"));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..6).map(start).collect();
    for child in children {
        Run::ended("up".into(), child.wait_with_output().unwrap()).exits(0);
    }
    assert_eq!(machine.holders().len(), 1);
    assert_eq!(machine.user_ok("list --json").json()["labs"].as_array().unwrap().len(), 6);
    let start = |n: usize| {
        let mut command = machine.user_command(&format!("down small-{n}"));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in (0..6).map(start).collect::<Vec<_>>() {
        Run::ended("down".into(), child.wait_with_output().unwrap()).exits(0);
    }
    nothing_is_left(&machine);
}

#[test]
fn labs_come_and_go_at_once_and_none_is_lost() {
    let machine = machine();
    std::thread::scope(|scope| {
        for n in 0..3 {
            let machine = &machine;
            scope.spawn(move || {
                for _ in 0..6 {
                    machine.user_ok(&format!("up small.toml --name small-{n}"));
                    machine.user_ok(&format!("status small-{n}"));
                    machine.user_ok(&format!("down small-{n}"));
                }
            });
        }
    });
    nothing_is_left(&machine);
}

#[test]
fn what_fails_or_only_looks_leaves_no_holder() {
    let machine = machine();
    machine.file("torn.toml", "[lab");
    machine.user("up torn.toml").exits(2);
    machine.user("up").exits(2).tells("no lab is up, and no file is given");
    machine.user("test torn.toml").exits(2);
    machine.user_ok("doctor");
    nothing_is_left(&machine);
    for line in ["list", "validate small.toml", "plan small.toml", "explain one two -f small.toml", "down --all"] {
        machine.user_ok(line);
        nothing_is_left(&machine);
    }
    for line in ["status", "down", "down small", "api --as A delete-vpc VPC1", "next", "exec one -- true", "watch"] {
        machine.user(line).exits(2).tells("no lab is up");
        nothing_is_left(&machine);
    }
}

#[test]
fn a_holder_that_was_killed_takes_its_labs_along_and_is_made_anew() {
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let mut inside = machine.user_command("exec ecs-a -- sleep 1000");
    let mut inside = inside.spawn().unwrap();
    let [holder] = machine.holders()[..] else { panic!() };
    kill(Pid::from_raw(holder), Signal::SIGKILL).unwrap();
    while machine.holders().contains(&holder) {
        std::thread::yield_now();
    }
    machine.user_ok("list").tells("no lab is up");
    machine.user("status").exits(2).tells("no lab is up");
    machine.user_ok("up cross.toml").says("all as predicted");
    machine.user_ok("down");
    nothing_is_left(&machine);
    inside.kill().unwrap();
    inside.wait().unwrap();
}

#[test]
fn signals_of_a_terminal_and_a_hangup_do_not_end_the_holder() {
    let machine = machine();
    machine.user_ok("up small.toml --no-verify");
    let [holder] = machine.holders()[..] else { panic!() };
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGPIPE] {
        kill(Pid::from_raw(holder), signal).unwrap();
    }
    machine.user_ok("verify").says("all as predicted");
    assert_eq!(machine.holders(), [holder]);
    // It has none of the caller's descriptors, is alone in its session, and its current folder blocks no unmount.
    let open = fs::read_dir(format!("/proc/{holder}/fd")).unwrap().count();
    assert_eq!(open, 4, "its three standard ones are /dev/null, and its lock");
    for number in 0..3 {
        assert_eq!(fs::read_link(format!("/proc/{holder}/fd/{number}")).unwrap(), Path::new("/dev/null"));
    }
    assert_eq!(fs::read_link(format!("/proc/{holder}/cwd")).unwrap(), Path::new("/"));
    assert_eq!(fs::read(format!("/proc/{holder}/environ")).unwrap(), b"");
    let stat = fs::read_to_string(format!("/proc/{holder}/stat")).unwrap();
    assert_eq!(
        stat.rsplit_once(')').unwrap().1.split_whitespace().nth(3),
        Some(holder.to_string().as_str()),
        "session"
    );
    kill(Pid::from_raw(holder), Signal::SIGTERM).unwrap();
    while machine.holders().contains(&holder) {
        std::thread::yield_now();
    }
    machine.user_ok("list").tells("no lab is up");
}

/// As logind does when a user logs out, if it lets processes continue.
#[test]
fn a_lab_outlives_the_folder_of_the_session_and_is_found_again() {
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let holders = machine.holders();
    fs::remove_dir_all(session()).unwrap();
    machine.user_ok("list").says("cross  up");
    support::user::log_in();
    machine.user_ok("verify").says("all as predicted");
    machine.user_ok("up small.toml").says("all as predicted");
    assert_eq!(machine.holders(), holders, "one world");
    machine.user_ok("down --all");
    nothing_is_left(&machine);
}

#[test]
fn a_holder_that_no_command_finds_is_named_by_doctor() {
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let [first] = machine.holders()[..] else { panic!() };
    // Both have their locks, in folders that replaced each other.
    let away = Path::new("/run/test/away");
    fs::rename(session(), away).unwrap();
    support::user::log_in();
    kill(Pid::from_raw(first), Signal::SIGSTOP).unwrap();
    let mut second = Command::new("/run/test-peerlab");
    second.arg0("peerlab-pause").env_clear().current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped());
    fs::create_dir(session().join("peerlab")).unwrap();
    chown(&session().join("peerlab"), Some(ids().0.into()), Some(ids().1.into())).unwrap();
    let world = fs::read_link("/proc/thread-self/ns/mnt").unwrap();
    second.arg(session().join("peerlab")).arg(world);
    let mut second = become_user(&mut second).spawn().unwrap();
    let mut ready = [0; 5];
    std::io::Read::read_exact(&mut second.stdout.take().unwrap(), &mut ready).unwrap();
    assert_eq!(&ready, b"ready");
    let report = machine.user_ok("doctor --json").json();
    let stray = report["findings"].as_array().unwrap().iter().find(|it| it["what"] == "peerlab-pause").unwrap().clone();
    assert_eq!(stray["remedy"], format!("`kill {first}`"), "{report:#}");
    kill(Pid::from_raw(first), Signal::SIGCONT).unwrap();
    second.wait().unwrap();
    assert_eq!(machine.holders(), [first], "doctor has ended the one that was empty");
    machine.user_ok("down cross");
    nothing_is_left(&machine);
}

#[test]
fn a_pipe_behind_up_ends_with_it() {
    let machine = machine();
    let mut shell = Command::new("sh");
    shell.args(["-c", "out=$(/run/test-peerlab up small.toml 2>&1 | cat); echo \"$out\""]).current_dir("/run/test");
    Run::of({
        become_user(&mut shell);
        shell
    })
    .exits(0)
    .says("all as predicted");
    assert_eq!(machine.holders().len(), 1);
}

// -------------------------------------------------------------------------------------------------------- files of /run

#[test]
fn lab_files_and_the_current_folder_below_run_are_where_they_were() {
    let machine = machine();
    let folder = session().join("labs");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("mine.toml"), SMALL).unwrap();
    machine.user_ok(&format!("up {} --no-verify", folder.join("mine.toml").display()));
    for line in ["up mine.toml", "plan mine.toml", "down mine.toml", "up mine.toml"] {
        let mut command = machine.user_command(line);
        command.current_dir(&folder);
        Run::of(command).exits(0);
    }
    // The host's other entries are visible too: files, folders, links.
    std::os::unix::fs::symlink("/run/test", "/run/link").unwrap();
    machine.user_ok("down");
    machine.user_ok("up /run/link/small.toml --no-verify");
    machine.user_ok("exec one -- cat /run/link/small.toml").says("[instance.one]");
    // Later entries are not, except the current folder.
    fs::create_dir("/run/late").unwrap();
    fs::write("/run/late/late.toml", SMALL.replace("small", "late")).unwrap();
    let mut command = machine.user_command("up late.toml --no-verify");
    command.current_dir("/run/late");
    Run::of(command).exits(0);
    machine.user_ok("list").says("late");
}

#[test]
fn a_user_who_is_in_another_group_now_has_the_same_labs() {
    if !geteuid().is_root() {
        return untested("root", "it takes another group");
    }
    let machine = machine();
    machine.user_ok("up cross.toml --no-verify");
    let mut command = machine.command("up small.toml");
    command.uid(ids().0).gid(7);
    Run::of(command).exits(0).says("all as predicted");
    machine.user_ok("plan small.toml").says("lab small is up to date");
    machine.user_ok("down --all");
    nothing_is_left(&machine);
}

// ----------------------------------------------------------------------------------------------------- where it cannot

/// Runs `up` and `doctor` as the user while the kernel refuses a call.
fn refused(machine: &Machine, refused: Refused, says: &[&str]) {
    for line in ["up small.toml", "doctor"] {
        let mut command = machine.user_command(line);
        refuse(&mut command, refused);
        command.env("COLUMNS", "10000");
        let run = Run::of(command).exits(4);
        let all = format!("{}{}", run.stdout, run.stderr);
        for part in says {
            assert!(all.contains(part), "no {part:?} in {run}");
        }
        nothing_is_left(machine);
    }
}

#[test]
fn a_refusal_of_each_step_is_named_with_its_remedy() {
    let machine = machine();
    let plain = |call, errno| Refused { call, with: None, errno };
    let with = |call, argument, value, errno| Refused { call, with: Some((argument, value)), errno };
    let container = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined";
    let only_mounts = libc::CLONE_NEWNS as u32;
    let flags_of_run = (libc::MS_NOSUID | libc::MS_NODEV) as u32;
    let (uid, gid) = ids();
    let map = format!("{uid} {uid} 1").len() as u32;
    refused(&machine, plain(libc::SYS_unshare, libc::EPERM), &["a user namespace, and it cannot be made", container]);
    refused(&machine, plain(libc::SYS_unshare, libc::ENOSPC), &["user.max_user_namespaces", "=15000"]);
    refused(&machine, plain(libc::SYS_unshare, libc::EINVAL), &["CONFIG_USER_NS"]);
    refused(&machine, with(libc::SYS_write, 2, 4, libc::EACCES), &["setgroups cannot be denied", container]);
    refused(&machine, with(libc::SYS_write, 2, map, libc::EPERM), &["your uid cannot be mapped", container]);
    refused(&machine, with(libc::SYS_unshare, 0, only_mounts, libc::EPERM), &["need a mount namespace", container]);
    refused(&machine, with(libc::SYS_unshare, 0, only_mounts, libc::ENOSPC), &["user.max_mnt_namespaces"]);
    refused(&machine, plain(libc::SYS_mount, libc::EPERM), &["need mounts of their own", container]);
    refused(&machine, with(libc::SYS_mount, 3, flags_of_run, libc::EACCES), &["a tmpfs cannot be mounted", container]);
    refused(&machine, plain(libc::SYS_setns, libc::EPERM), &["cannot be entered", container]);
    if geteuid().is_root() {
        let mut command = machine.user_command("up small.toml");
        refuse(command.gid(123), with(libc::SYS_write, 2, "123 123 1".len() as u32, libc::EPERM));
        assert_ne!("123 123 1".len() as u32, map, "for {gid}");
        Run::of(command).exits(4).tells("your gid cannot be mapped");
    } else {
        untested("root", "the refusal of gid_map takes a gid that is shorter than the uid");
    }
}

/// Shows other values of sysctls, because the kernel's cannot be changed for one machine.
fn kernel_says(machine: &Machine, values: &[(&str, &str)]) {
    machine.program("mount -t tmpfs sysctls /proc/sys/kernel").exits(0);
    for (name, value) in values {
        fs::write(Path::new("/proc/sys/kernel").join(name), format!("{value}\n")).unwrap();
    }
}

#[test]
fn a_switch_of_the_distribution_is_named() {
    let denied = Refused { call: libc::SYS_unshare, with: None, errno: libc::EPERM };
    let debian = machine();
    kernel_says(&debian, &[("unprivileged_userns_clone", "0")]);
    refused(&debian, denied, &["sudo sysctl -w kernel.unprivileged_userns_clone=1"]);
    let ubuntu = machine();
    kernel_says(&ubuntu, &[("apparmor_restrict_unprivileged_userns", "1")]);
    let setgroups = Refused { call: libc::SYS_write, with: Some((2, 4)), errno: libc::EACCES };
    let profile = "/run/test-peerlab doctor --apparmor | sudo tee /etc/apparmor.d/run.test-peerlab";
    refused(&ubuntu, setgroups, &[profile, "sudo apparmor_parser -r /etc/apparmor.d/run.test-peerlab"]);
    let printed = ubuntu.user_ok("doctor --apparmor");
    printed.says("abi <abi/4.0>,").says("\n/run/test-peerlab flags=(unconfined) {\n  userns,\n}\n");
}

#[test]
fn a_read_only_proc_sys_is_named() {
    let machine = machine();
    mount(Some("/proc/sys"), "/proc/sys", NONE, MsFlags::MS_BIND, NONE).unwrap();
    mount(NONE, "/proc/sys", NONE, MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, NONE).unwrap();
    let doctor = machine.user("doctor --json").exits(4).json();
    let found = doctor["findings"].as_array().unwrap().iter().find(|it| it["what"] == "namespaces").unwrap().clone();
    assert_eq!(found["found"], "cannot be set to forward: read-only file system");
    assert!(found["remedy"].as_str().unwrap().contains("systempaths=unconfined"), "{found}");
    machine.user("up small.toml").exits(4).tells("systempaths=unconfined");
    machine.user_ok("down small");
    nothing_is_left(&machine);
}

#[test]
fn the_hosts_limit_of_namespaces_counts_and_not_that_inside() {
    let machine = machine();
    machine.file("limit", "4\n");
    machine.program("mount --bind /run/test/limit /proc/sys/user/max_net_namespaces").exits(0);
    let run = machine.user("up cross.toml --json").exits(4);
    assert_eq!(run.error()["code"], "ENOSPC", "{run}");
    assert!(run.error()["message"].as_str().unwrap().contains("needs 5 more network namespaces"), "{run}");
    machine.user_ok("doctor").says("4: enough for about 4 instances");
    nothing_is_left(&machine);
}

#[test]
fn a_chroot_is_named() {
    let _machine = machine();
    let jail = Path::new("/run/jail");
    fs::create_dir(jail).unwrap();
    for entry in fs::read_dir("/").unwrap() {
        let path = entry.unwrap().path();
        let inside = jail.join(path.file_name().unwrap());
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), inside).unwrap();
        } else if path.is_dir() && path != Path::new("/run") {
            fs::create_dir(&inside).unwrap();
            mount(Some(&path), &inside, NONE, MsFlags::MS_BIND | MsFlags::MS_REC, NONE).unwrap();
        }
    }
    fs::create_dir_all(jail.join("run/user")).unwrap();
    fs::copy("/run/test-peerlab", jail.join("run/test-peerlab")).unwrap();
    fs::create_dir(jail.join("run/test")).unwrap();
    fs::write(jail.join("run/test/small.toml"), SMALL).unwrap();
    mount(Some("tmp"), &jail.join("tmp"), Some("tmpfs"), MsFlags::empty(), Some("mode=1777")).unwrap();
    // A process that may still become root is not the user yet.
    let mut wrapped = Command::new("setpriv");
    let (uid, gid) = (ids().0.to_string(), ids().1.to_string());
    if geteuid().is_root() {
        wrapped.args(["--reuid", &uid, "--regid", &gid, "--clear-groups"]);
    } else {
        wrapped.args(["--ambient-caps", "-all"]);
    }
    wrapped.args(["/run/test-peerlab", "up", "small.toml"]).env("NO_COLOR", "1");
    // SAFETY: two system calls between fork and exec.
    unsafe {
        wrapped.pre_exec(|| Ok(nix::unistd::chroot("/run/jail").and_then(|()| nix::unistd::chdir("/run/test"))?))
    };
    Run::of(wrapped).exits(4).tells("a user namespace, and it cannot be made").tells("outside of the chroot");
}

#[test]
fn the_root_of_a_user_namespace_of_a_user_brings_labs_up() {
    let machine = machine();
    let script = "mount -t tmpfs own /run && cp /tmp/lab.toml /run && /proc/self/fd/9 up /run/lab.toml && \
                  /proc/self/fd/9 plan /run/lab.toml && ip netns list | sort";
    fs::write("/tmp/lab.toml", CROSS).unwrap();
    let mut command = Command::new("sh");
    let line = format!("exec 9</run/test-peerlab; exec unshare -Urnm --map-root-user sh -c '{script}'");
    command.args(["-c", &line]);
    become_user(&mut command);
    Run::of(command).exits(0).says("all as predicted").says("lab cross is up to date").says("cross.VPC1");
    nothing_is_left(&machine);
}
