//! The machine that is measured on, and the namespaces in which that happens.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use nix::net::if_::if_nametoindex;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;

use super::floor::netlink::{Batch, End, route_socket};

/// Set for the process that runs in namespaces of its own.
const INSIDE: &str = "PEERLAB_BENCH_INSIDE";

/// Where the run keeps its files: a tmpfs that goes with it.
pub const FOLDER: &str = "/run/bench";

pub fn is_own() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Runs this program again, with the same arguments, as the first process of a process namespace. When it ends, the
/// kernel ends all processes that it started; and it ends when this process ends, for any reason.
pub fn run_in_own() -> Result<ExitCode, String> {
    if !nix::unistd::geteuid().is_root() {
        return Err("namespaces need root: `cargo bench` calls sudo".into());
    }
    let run = || -> io::Result<_> {
        unshare(CloneFlags::CLONE_NEWPID)?;
        let mut inside = Command::new(std::env::current_exe()?);
        inside.args(std::env::args_os().skip(1)).env(INSIDE, "1");
        // SAFETY: prctl is async-signal-safe, and nothing else is done between fork and exec.
        unsafe { inside.pre_exec(|| Ok(set_pdeathsig(Signal::SIGKILL)?)) };
        inside.status()
    };
    let status = run().map_err(|error| format!("cannot start a process namespace: {error}"))?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

/// Leaves the host's mounts and network for own ones, with an empty /run and the processes of the own namespace.
pub fn prepare() -> io::Result<()> {
    let none = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)?;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    mount(Some("bench"), "/run", Some("tmpfs"), MsFlags::empty(), none)?;
    mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), none)?;
    fs::create_dir(FOLDER)?;
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}

/// Waits until the kernel has dismantled every namespace that was given up before.
///
/// It does that in the background, in batches, one after the other. Another namespace is given up, with an end of a veth
/// pair in it: when the other end goes, the batch is done as far as links, and when that of a second one goes, wholly.
pub fn wait_for_the_kernel() -> io::Result<()> {
    for _ in 0..2 {
        let namespace = std::thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net")
        });
        let namespace = namespace.join().map_err(|_| io::Error::other("no namespace could be made"))??;
        let near = End { index: 1000, name: "sentinel", address: [0; 4] };
        let far = End { index: 1000, name: "sentinel", address: [0, 0, 0, 1] };
        let mut batch = Batch::default();
        batch.veth(&near, None, &far, namespace.as_fd());
        batch.send(&route_socket()?)?;
        drop(namespace);
        let end = Instant::now() + Duration::from_secs(120);
        while if_nametoindex("sentinel").is_ok() {
            if Instant::now() > end {
                return Err(io::Error::other("the kernel has not dismantled its namespaces in two minutes"));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    Ok(())
}

/// Memory that programs could have yet, in KiB.
pub fn available_memory() -> f64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(f64::NAN)
}

/// In general words: processors, memory, kernel, and how busy it was.
pub fn describe() -> serde_json::Value {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let memory = read("/proc/meminfo");
    serde_json::json!({
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": memory.lines().next().and_then(|line| line.strip_prefix("MemTotal:")).map(str::trim),
        "kernel": read("/proc/sys/kernel/osrelease"),
        "load": read("/proc/loadavg"),
    })
}
