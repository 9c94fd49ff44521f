//! The host is unchanged after any operations and any errors.

use std::fs;
use std::os::unix::process::CommandExt;

use nix::libc;
use nix::mount::{MsFlags, mount, umount};
use nix::sys::resource::{Resource, setrlimit};

use crate::support::oracle::{others, root};
use crate::support::{self, CROSS, Machine, Run, SMALL};

const NONE: Option<&str> = None;

/// A host with its own networks: namespaces (some with names like a lab's), a bridge, a veth, a ruleset, a rule.
fn busy_host() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.file("small.toml", SMALL);
    for line in [
        "ip netns add foreign",
        "ip netns add cross.foreign",
        "ip netns add small.VPC2",
        "ip link set lo up",
        "ip link add br0 type bridge",
        "ip link add one type veth peer name two netns foreign",
        "ip addr add 10.0.0.1/24 dev br0",
        "ip rule add from 10.9.0.0/16 lookup 77 priority 100",
        "ip route add blackhole 10.77.0.0/16 table 77",
        "nft add table inet filter",
        "nft add table ip vpc",
        "nft add counter ip vpc no-route",
    ] {
        machine.program(line).exits(0);
    }
    machine
}

/// Every verb, once with an effect and once without.
const VERBS: &[(&str, i32)] = &[
    ("validate cross.toml small.toml", 0),
    ("plan cross.toml -v", 0),
    ("up cross.toml --until 2", 0),
    ("up small.toml --no-verify", 0),
    ("up small.toml --no-verify --name small-2", 0),
    ("status", 2),
    ("list", 0),
    ("next --lab cross", 0),
    ("next --lab cross --all", 0),
    ("api --lab cross --as A deactivate-router-interface ri-a", 0),
    ("api --lab cross --as A deactivate-router-interface ri-a", 3),
    ("explain --lab cross ecs-a ecs-b", 0),
    ("explain --lab cross ecs-a ecs-b --fix", 0),
    ("verify --lab cross --full", 0),
    ("ping --lab cross ecs-a ecs-b -c 1", 0),
    ("status cross", 0),
    ("exec --lab cross ecs-a -- ip link", 0),
    ("plan cross.toml", 0),
    ("up cross.toml", 0),
    ("test small.toml", 0),
    ("down small", 0),
    ("down --all", 0),
    ("down --all", 0),
    ("down", 2),
];

#[test]
fn no_verb_touches_the_host_and_down_all_takes_nothing_that_is_not_a_labs() {
    let machine = busy_host();
    let before = machine.snapshot();
    for (line, status) in VERBS {
        machine.peerlab(line).exits(*status);
    }
    machine.is_as(&before, "every verb");
    assert_eq!(machine.namespaces(), ["cross.foreign", "foreign", "small.VPC2"]);
}

#[test]
fn nothing_that_is_refused_leaves_anything() {
    let machine = busy_host();
    machine.file("torn.toml", &CROSS[..CROSS.len() / 2]);
    machine.file("refused.toml", &CROSS.replace("cidr = \"172.16.1.0/24\"", "cidr = \"172.17.1.0/24\""));
    // The last step refers to something that does not exist, so all of the preceding work is void.
    let late = "--vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-z";
    machine.file("late.toml", &CROSS.replace("--vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b", late));
    let before = machine.snapshot();
    for (line, status) in [
        ("up missing.toml", 2),
        ("up torn.toml", 2),
        ("up refused.toml", 3),
        ("up late.toml", 3),
        ("up cross.toml --name ../cross", 2),
        ("up cross.toml --until 77", 2),
        ("up", 2),
        ("next", 2),
        ("api --as A connect-router-interface ri-a", 2),
        ("down nobody", 2),
        ("test torn.toml", 2),
        ("test late.toml", 3),
    ] {
        machine.peerlab(line).exits(status);
        machine.is_as(&before, line);
        assert_eq!(machine.left().len(), 3, "after {line}: {:#?}", machine.left());
    }
    if others() {
        machine.user("up cross.toml --no-verify").exits(0);
        machine.user("down cross").exits(0);
        fs::remove_dir_all(support::user::session().join("peerlab")).unwrap();
        machine.is_as(&before, "up and down by an ordinary user");
    }
    for taken in ["cross.VPC2", "cross.internet", "cross.ecs-a"] {
        machine.program(&format!("ip netns add {taken}")).exits(0);
        let before = machine.snapshot();
        machine.peerlab("up cross.toml").exits(4).tells(&format!("namespace {taken} exists and is not this lab's"));
        machine.is_as(&before, taken);
        machine.program(&format!("ip netns del {taken}")).exits(0);
    }
}

/// The host lacks or runs out of something midway: the error says so, `down` and the other verbs work, and the host is
/// unchanged afterwards.
#[test]
fn a_host_that_cannot_go_on_is_left_as_it_was() {
    let machine = busy_host();
    let before = machine.snapshot();
    let left = machine.left();
    let files = |limit: u64| {
        let mut command = machine.command("up cross.toml --no-verify");
        let limited = move || {
            // Descriptors inherited from the tests would count, and leave none for the loader.
            // SAFETY: a system call that takes numbers.
            if unsafe { libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int) } == -1 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(setrlimit(Resource::RLIMIT_NOFILE, limit, limit)?)
        };
        // SAFETY: between fork and exec only two system calls are made.
        unsafe { command.pre_exec(limited) };
        let output = command.output().unwrap();
        Run::ended(format!("up with {limit} files"), output)
    };
    let mut failed = 0;
    for limit in 6..30 {
        let run = files(limit);
        if run.ended_well() {
            machine.ok("verify");
        } else {
            // The check in advance reports one error, and nothing is created.
            let run = run.exits(4).tells("ulimit");
            assert_eq!(run.stderr.matches("error").count(), 1, "{run}");
            assert_eq!(machine.left(), left, "{run}");
            failed += 1;
        }
        machine.ok("down --all");
        machine.is_as(&before, &format!("{limit} files"));
    }
    assert!(failed > 3, "only {failed} limits were too low");
}

#[test]
fn on_a_full_run_nothing_is_made_and_a_lab_still_goes_down() {
    let machine = busy_host();
    let before = machine.snapshot();
    machine.ok("up small.toml --no-verify");
    let resize = |size| mount(NONE, "/run", NONE, MsFlags::MS_REMOUNT, Some(size)).unwrap();
    resize("size=64k");
    let fill = || drop(machine.program("dd if=/dev/zero of=/run/test/full bs=1k"));
    fill();
    let run = machine.peerlab("up cross.toml").exits(4);
    assert!(run.stderr.contains("No space left") && run.stderr.contains("make room"), "{run}");
    machine.peerlab("api --lab small --as A create-vpc V9 --region cn-south-1 --cidr 10.9.0.0/16").exits(4);
    assert_eq!(machine.left().iter().filter(|it| it.contains("/run/peerlab/")).count(), 6, "{:#?}", machine.left());
    machine.ok("down small");
    fs::remove_file("/run/test/full").unwrap();
    machine.ok("up cross.toml --no-verify");
    fill();
    machine.ok("down cross");
    fs::remove_file("/run/test/full").unwrap();
    resize("size=100m");
    machine.is_as(&before, "a full /run");
}

/// As in a container: peerlab sets sysctls through its own procfs, in its own namespaces, and never through the host's.
#[test]
fn where_proc_sys_cannot_be_written_a_lab_comes_up_all_the_same() {
    // To a user's namespaces the kernel gives no other procfs: tests/rootless.rs has the refusal.
    if !root("it mounts a procfs, which takes root") {
        return;
    }
    let machine = busy_host();
    let before = machine.snapshot();
    let read_only = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(Some("/proc/sys"), "/proc/sys", NONE, MsFlags::MS_BIND, NONE).unwrap();
    mount(NONE, "/proc/sys", NONE, read_only, NONE).unwrap();
    machine.ok("up cross.toml");
    machine.ok("up cross.toml --no-verify").tells("nothing to do");
    machine.ok("down cross");
    umount("/proc/sys").unwrap();
    machine.is_as(&before, "a /proc/sys that cannot be written");
}

/// Without /proc, or in a folder that is no mount, peerlab says so and what to do; otherwise everything works.
#[test]
fn in_a_chroot_root_hears_what_is_lacking() {
    let machine = Machine::new();
    let folder = "/run/test/root";
    for name in ["proc", "sys", "run", "tmp", "usr", "bin", "lib", "lib64", "dev"] {
        fs::create_dir_all(format!("{folder}/{name}")).unwrap();
    }
    for name in ["usr", "bin", "lib", "lib64", "dev"].iter().filter(|name| fs::exists(format!("/{name}")).unwrap()) {
        machine.program(&format!("mount --rbind /{name} {folder}/{name}")).exits(0);
    }
    fs::copy("/run/test-peerlab", format!("{folder}/peerlab")).unwrap();
    let peerlab = |line: &str| machine.program(&format!("chroot {folder} /peerlab {line}"));
    let a_mount = "`mount --bind FOLDER FOLDER`";

    peerlab("up cross-account --no-verify").exits(4).tells("/proc").tells("mount -t proc proc /proc");
    machine.program(&format!("mount -t proc proc {folder}/proc")).exits(0);
    peerlab("up cross-account").exits(0);
    peerlab("exec ecs-a -- true").exits(4).tells(a_mount);
    peerlab("doctor").exits(4).says(a_mount);
    peerlab("down").exits(0);
    machine.program(&format!("mount --rbind {folder} {folder}")).exits(0);
    peerlab("up cross-account").exits(0);
    peerlab("exec ecs-a -- true").exits(0);
    peerlab("doctor").exits(0);
    peerlab("down").exits(0);
}

/// The first `ip netns add` on a host mounts the folder of names onto itself, over existing names.
#[test]
fn names_that_somebody_else_mounts_over_can_still_be_removed() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    machine.program("ip netns add foreign").exits(0);
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml");
    machine.ok("verify --lab small");
    machine.program("ip netns del small.one").exits(1).tells("busy");
    machine.ok("down --all");
    assert_eq!(machine.namespaces(), ["foreign"]);
    machine.program("ip netns exec foreign true").exits(0);
    let mounts = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
    assert!(!mounts.contains("/run/netns/small") && !mounts.contains("/run/netns/cross"), "{mounts}");
    machine.ok("up small.toml");
    machine.ok("down");
}
