//! `peerlab doctor` on a host that can run labs, on hosts that cannot, and with leftovers of labs.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::resource::{Resource, setrlimit};
use serde_json::Value;
use support::oracle::others;
use support::{CROSS, Machine, Run, SMALL};

/// The report's finding on a subject.
fn found<'a>(report: &'a Value, what: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["what"] == what).unwrap_or_else(|| panic!("nothing of {what} in {report:#}"))
}

fn machine_with_small() -> Machine {
    let machine = Machine::new();
    // The first `ip netns add` on a machine mounts the folder of names onto itself; do this before there are labs.
    machine.program("ip netns add oracle").exits(0);
    machine.program("ip netns del oracle").exits(0);
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    machine
}

#[test]
fn where_labs_run_everything_they_need_is_found_and_nothing_is_changed() {
    let machine = machine_with_small();
    let before = machine.snapshot();
    let report = machine.ok("doctor --json").json();
    assert_eq!(report["ready"], true);
    for what in
        ["capabilities", "namespaces", "/run", "veth", "bridge", "bridge port isolation", "policy routing", "tbf"]
    {
        assert_eq!(found(&report, what)["state"], "good", "{what}");
    }
    for what in
        ["nf_tables", "nf_tables counters", "nf_tables maps, rt", "nf_tables ct", "nf_tables nat", "nf_tables bridge"]
    {
        assert_eq!(found(&report, what)["state"], "good", "{what}");
    }
    // The result depends on the features of the installed `tc`.
    machine.program("ip netns add oracle").exits(0);
    let netem = machine.program("ip netns exec oracle tc qdisc add dev lo root netem delay 1ms");
    machine.program("ip netns del oracle").exits(0);
    let state = if netem.stderr.is_empty() { "good" } else { "notice" };
    assert_eq!(found(&report, "netem")["state"], state);
    machine.ok("doctor").says("✓ labs can run here");
    machine.is_as(&before, "after doctor has looked at everything");
    assert_eq!(machine.namespaces(), ["small.VPC1", "small.internet", "small.one", "small.two"]);
}

#[test]
fn for_an_ordinary_user_it_looks_at_the_users_own_namespaces() {
    if !others() {
        return;
    }
    let machine = machine_with_small();
    let report = machine.user_ok("doctor --json").json();
    assert_eq!((&report["ready"], &report["rootless"]), (&true.into(), &true.into()));
    for what in ["capabilities", "namespaces", "/run", "veth", "nf_tables bridge", "open files"] {
        assert_eq!(found(&report, what)["state"], "good", "{what}");
    }
    // Root's lab is not the user's.
    assert_eq!(found(&report, "labs")["found"], "none; no lab is up");
    machine.user_ok("doctor").says("✓ labs can run here, without root");
    assert_eq!(machine.ok("doctor --json").json()["rootless"], false);
}

#[test]
fn what_is_taken_away_is_named_with_its_consequence_and_remedy() {
    let machine = Machine::new();
    let doctor = |how: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(how).args(["/run/test-peerlab", "doctor", "--json"]);
        Run::ended(format!("{how:?}"), command.output().unwrap())
    };
    let report = doctor(&["--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"]).exits(4).json();
    let capabilities = found(&report, "capabilities");
    assert!(capabilities["found"].as_str().unwrap().contains("CAP_SYS_ADMIN (namespaces"), "{report:#}");
    assert_eq!(found(&report, "features")["state"], "unknown");
    let report = doctor(&["--bounding-set", "-net_admin", "--inh-caps", "-net_admin"]).exits(4).json();
    assert!(found(&report, "capabilities")["found"].as_str().unwrap().contains("CAP_NET_ADMIN (links"), "{report:#}");
    // Reports the real cause, not missing kernel features.
    let features = found(&report, "features");
    assert_eq!(features["state"], "unknown");
    assert!(features["found"].as_str().unwrap().contains("CAP_NET_ADMIN missing"), "{report:#}");
    let text = report.to_string();
    assert!(!text.contains("modprobe") && !text.contains("nf_tables") && !text.contains("modules-extra"), "{report:#}");
    let report = doctor(&["--bounding-set", "-kill", "--inh-caps", "-kill"]).exits(0).json();
    assert_eq!(found(&report, "capabilities")["state"], "notice");

    let mut command = machine.command("doctor --json");
    // SAFETY: one system call between fork and exec.
    unsafe { command.pre_exec(|| Ok(setrlimit(Resource::RLIMIT_NOFILE, 64, 64)?)) };
    let report = Run::ended("with 64 files".into(), command.output().unwrap()).exits(0).json();
    let files = found(&report, "open files");
    assert_eq!((&files["state"], &files["found"]), (&"notice".into(), &"64: enough for about 32 instances".into()));

    machine.program("mount -o remount,bind,ro /run").exits(0);
    let report = machine.peerlab("doctor --json").exits(4).json();
    assert_eq!(found(&report, "/run")["state"], "bad");
}

#[test]
fn leftovers_are_named_until_they_are_gone() {
    let machine = machine_with_small();
    let lab = || machine.ok("doctor --json").json();
    assert!(found(&lab(), "labs")["found"].as_str().unwrap().contains("small"));

    machine.program("ip netns del small.one").exits(0);
    let report = lab();
    assert_eq!(found(&report, "lab small")["found"], "its namespaces are gone: small.one");
    machine.ok("up --lab small");
    machine.program("ip netns add small.three").exits(0);
    assert_eq!(found(&lab(), "lab small")["found"], "namespaces that it has not made: small.three");
    machine.program("ip netns del small.three").exits(0);

    support::unsettle("small");
    assert_eq!(found(&lab(), "lab small")["found"], "its last change was cut short");
    let journal = "/run/peerlab/small/journal";
    let text = fs::read_to_string(journal).unwrap();
    fs::write(journal, text.replacen("version", "versoin", 1)).unwrap();
    assert_eq!(found(&lab(), "lab small")["remedy"], "`peerlab down small`");

    machine.ok("down small");
    machine.program("ip netns add gone.ecs-a").exits(0);
    machine.program("ip netns add somebodys").exits(0);
    let report = lab();
    assert_eq!(found(&report, "gone.…")["state"], "notice");
    assert!(!report.to_string().contains("somebodys"), "{report:#}");
    machine.program("ip netns del gone.ecs-a").exits(0);
    assert_eq!(found(&lab(), "labs")["state"], "good");
}

/// Known limits are checked in advance. (For the files of `/run` see `faults/shortage.rs`.)
#[test]
fn more_namespaces_or_mounts_than_there_may_be_are_refused_before_anything_is_made() {
    for (limit, what) in [("/proc/sys/user/max_net_namespaces", "namespaces"), ("/proc/sys/fs/mount-max", "mounts")] {
        let machine = machine_with_small();
        machine.file("cross.toml", CROSS);
        machine.file("limit", "100000\n");
        machine.program(&format!("mount --bind /run/test/limit {limit}")).exits(0);
        let left = || {
            let report = machine.peerlab("doctor --json").json();
            let mut limits = report["findings"].as_array().unwrap().iter().filter(|it| it["area"] == "limits");
            let found = limits.find(|it| it["what"] == what).unwrap()["found"].as_str().unwrap();
            found.split(':').next().unwrap().parse::<u64>().unwrap()
        };
        // CROSS has five.
        let used = 100_000 - left();
        machine.file("limit", &format!("{}\n", used + 4));
        assert_eq!(left(), 4);
        let (before, there) = (machine.snapshot(), machine.left());
        let run = machine.peerlab("up cross.toml --json").exits(4);
        assert_eq!(run.error()["code"], "ENOSPC", "{run}");
        assert!(run.error()["message"].as_str().unwrap().contains("needs 5 more"), "{run}");
        assert!(run.error()["hint"].as_str().unwrap().contains(limit), "{run}");
        machine.is_as(&before, "an up that was refused");
        assert_eq!(machine.left(), there);
        // A command that creates nothing needs no more.
        machine.ok("up small.toml --no-verify");
        machine.file("limit", &format!("{}\n", used + 5));
        machine.ok("up cross.toml --no-verify");
    }
}

/// A kernel without memory kills processes, so `up` must check in advance.
#[test]
fn what_does_not_fit_into_memory_is_refused_before_anything_is_made() {
    let machine = machine_with_small();
    machine.file("cross.toml", CROSS);
    let available = |kilobytes: u32| {
        machine.file("meminfo", &format!("MemTotal: 999999 kB\nMemAvailable: {kilobytes} kB\nSwapFree: 0 kB\n"));
    };
    available(1100);
    machine.program("mount --bind /run/test/meminfo /proc/meminfo").exits(0);
    let (before, left) = (machine.snapshot(), machine.left());
    let run = machine.peerlab("up cross.toml --json").exits(4);
    assert_eq!(run.error()["code"], "NotEnoughMemory", "{run}");
    assert!(run.error()["hint"].as_str().unwrap().contains("room for about 2 of them"), "{run}");
    machine.is_as(&before, "an up that was refused");
    assert_eq!(machine.left(), left);
    let report = machine.ok("doctor --json").json();
    let memory = found(&report, "memory in KiB");
    assert_eq!((&memory["state"], &memory["found"]), (&"notice".into(), &"1100: enough for about 2 instances".into()));
    // Existing namespaces, and commands that create nothing, need no more.
    machine.ok("up small.toml --no-verify");
    machine.ok("down small");
    available(100_000);
    machine.ok("up cross.toml --no-verify");
}
