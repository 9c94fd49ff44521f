//! Up, change and down, repeatedly, in one process and by the binary: nothing grows.
//!
//! Alone in its binary, so that the process's resources are this test's. `PEERLAB_ROUNDS=500` sets the number of
//! rounds.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and clocks

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fmt;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use peerlab::error::Source;
use peerlab::lab;
use peerlab::progress::Unwatched;
use peerlab::session::{Run, Scope, Session, take_down};
use support::oracle::root;
use support::{CROSS, Machine};

/// Namespaces of the lab.
const NAMESPACES: u64 = 5;

/// The least kernel memory of a namespace with its content, which a leak would cost.
const NAMESPACE: u64 = 300 << 10;

/// The resources that must not grow.
#[derive(Clone, Copy)]
struct Held {
    /// Open files of this process.
    files: u64,
    /// Its memory, in bytes.
    resident: u64,
    mounts: u64,
    /// The kernel's network namespaces, including other programs' and those being dismantled. Only root can count them: else 0.
    namespaces: u64,
    /// The kernel's unreclaimable memory in bytes, including other programs'.
    kernel: u64,
}

fn held(is_root: bool) -> Held {
    let bytes = |file: &str, key: &str| -> u64 {
        let text = fs::read_to_string(file).unwrap();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    };
    let namespaces = |slabs: String| {
        let line = slabs.lines().find(|line| line.starts_with("net_namespace ")).expect("it has namespaces");
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let slabs = is_root.then(|| fs::read_to_string("/proc/slabinfo").expect("root reads what the kernel has"));
    Held {
        files: fs::read_dir("/proc/self/fd").unwrap().count() as u64,
        resident: bytes("/proc/self/status", "VmRSS:"),
        mounts: fs::read_to_string("/proc/thread-self/mountinfo").unwrap().lines().count() as u64,
        namespaces: slabs.map_or(0, namespaces),
        kernel: ["SUnreclaim:", "Percpu:", "KernelStack:"].map(|key| bytes("/proc/meminfo", key)).iter().sum(),
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { files, resident, mounts, namespaces, kernel } = self;
        let (resident, kernel) = (resident >> 10, kernel >> 10);
        write!(
            f,
            "{files} files, {resident} KiB resident, {mounts} mounts, {namespaces} namespaces, kernel {kernel} KiB"
        )
    }
}

/// A round in this process: up to the second step, the rest of them, down.
fn round_inside() {
    let lab = || lab::read(Source::new("cross.toml", CROSS)).unwrap();
    let mut run = Run::begin(lab(), "cross.toml".into()).unwrap();
    let mut session = Session::open("cross", None, |_| {}).unwrap();
    session.settle(&run, Scope::Whole, &Unwatched).unwrap();
    while run.step().unwrap().is_some() {
        session.settle(&run, Scope::Change, &Unwatched).unwrap();
    }
    drop(session);
    take_down("cross", |_| {}).unwrap();
}

#[test]
fn rounds_of_up_and_down_leave_nothing() {
    let rounds = std::env::var("PEERLAB_ROUNDS").map_or(24, |text| text.parse().expect("a number of rounds"));
    let is_root = root("it counts the kernel's namespaces, which takes root");
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    let by_binary = || {
        machine.ok("up cross.toml --no-verify --until 2");
        machine.ok("next --all");
        machine.ok("down cross");
    };
    // Resources that are created once and stay.
    by_binary();
    round_inside();
    let (untouched, before) = (machine.snapshot(), held(is_root));
    println!("before: {before}");
    for round in 1..=rounds {
        by_binary();
        round_inside();
        if round % 50 == 0 {
            println!("after {round} rounds: {}", held(is_root));
        }
    }
    machine.is_as(&untouched, "rounds of up and down");
    // Sockets are closed and namespaces dismantled later.
    let end = Instant::now() + Duration::from_secs(20);
    let half = rounds * NAMESPACES / 2;
    let after = loop {
        let now = held(is_root);
        let closed = now.files == before.files;
        if closed && now.namespaces <= before.namespaces + half && now.kernel <= before.kernel + half * NAMESPACE
            || Instant::now() > end
        {
            break now;
        }
        thread::sleep(Duration::from_millis(100));
    };
    println!("after {rounds} rounds: {after}");
    assert_eq!(after.files, before.files, "open files");
    assert_eq!(after.mounts, before.mounts, "mounts");
    assert!(after.resident <= before.resident + (8 << 20), "memory: {before}, then {after}");
    assert!(after.namespaces <= before.namespaces + half, "namespaces: {before}, then {after}");
    assert!(after.kernel <= before.kernel + half * NAMESPACE, "kernel memory: {before}, then {after}");
}
