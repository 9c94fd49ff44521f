//! A mount namespace for each test, so that the host's /run/netns does not change; and programs as oracles.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

/// Moves the calling thread, and everything that it starts later, into a mount namespace with an empty /run. The mount
/// namespace, and every namespace mounted in it, ends with the thread.
pub fn isolate() {
    assert!(nix::unistd::geteuid().is_root(), "these tests make namespaces: run them as root");
    unshare(CloneFlags::CLONE_NEWNS).unwrap();
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
    mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
}

fn command(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdin(Stdio::null());
    command
}

fn run(line: &str) -> Output {
    command(line).output().unwrap()
}

/// The output of `line`, which must succeed.
pub fn sh(line: &str) -> String {
    let output = run(line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `line` inside `namespace` (with the lab's name).
pub fn inside(namespace: &str, line: &str) -> String {
    sh(&format!("ip netns exec {namespace} {line}"))
}

/// Whether one of three echo requests is answered.
pub fn pings(namespace: &str, target: impl ToString) -> bool {
    let line = format!("ip netns exec {namespace} ping -n -q -c 3 -i 0.05 -W 1 {}", target.to_string());
    run(&line).status.success()
}

/// Everything in the test thread's namespace that a lab must not touch.
pub fn snapshot() -> String {
    // Load modules first, because the first lab's modules add settings in every namespace.
    static MODULES: Once = Once::new();
    MODULES.call_once(|| drop(peerlab::kernel::features::features()));
    let listings = [
        "ip -d link",
        "ip addr",
        "ip route show table all",
        "ip rule",
        "ip neigh",
        "bridge fdb",
        "nft list ruleset",
        "cat /proc/self/mounts",
        "find /proc/sys/net -type f -readable ! -path '*/netfilter/nf_conntrack_count' -exec grep -H . {} + 2>/dev/null || true",
        "ls -la --time-style=+ /run",
    ];
    listings.map(|line| format!("{line}\n{}", sh(line))).join("\n")
}

/// Waits until `holds`, for two seconds at most.
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(2);
    while !holds() {
        assert!(Instant::now() < end, "not after two seconds: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process runs.
pub fn runs(pid: u32) -> bool {
    // A zombie has ended.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|it| !it.contains(") Z "))
}

/// Starts `line`.
pub fn spawn(line: &str) -> std::process::Child {
    command(&format!("exec {line}")).spawn().unwrap()
}
