//! The process that holds a user's namespaces: it makes them, and then sleeps until it is terminated.
//!
//! It runs this program under another name. Because it is a new process, it has one thread, no lock and no memory of the
//! command that started it. It listens to nothing and has no descriptor except its lock's.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{getegid, geteuid, setsid};
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};

use super::place::{self, Place};
use super::refusal::{Refusal, Step};
use super::run_folder;

/// Its name in the kernel and in lists of processes.
const NAME: &str = "peerlab-pause";

/// Its message once it holds them.
const READY: &str = "ready";

/// A process that holds a user's namespaces.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    pid: i32,
}

impl Holder {
    /// The process that has the lock.
    pub(super) fn of(pid: i32) -> Result<Self, Refusal> {
        match pid {
            0 => Err(Refusal { step: Step::Elsewhere, errno: Errno::ESRCH }),
            pid => Ok(Holder { pid }),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Starts one, which takes its lock in `place`.
    pub(super) fn make(place: &Place) -> Result<Self, Refusal> {
        let failed = Step::Start.failed();
        let mut child = Command::new("/proc/self/exe")
            .arg0(NAME)
            .args([place.path().as_os_str(), made_in().as_ref()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(&failed)?;
        let mut said = String::new();
        let read = child.stdout.take().map_or(Ok(0), |mut out| out.read_to_string(&mut said));
        let pid = i32::try_from(child.id()).unwrap_or_default();
        match read {
            Ok(_) if said == READY => Ok(Holder { pid }),
            Ok(_) => {
                let _ = child.wait();
                Err(Refusal::parse(&said).unwrap_or(Refusal { step: Step::Start, errno: Errno::EIO }))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether the process id still belongs to this process: it has the lock, or its name.
    pub(super) fn is_still(&self, place: &Place) -> bool {
        place.holder() == Some(self.pid) || is_one(self.pid)
    }

    /// Terminates it, and with it the namespaces that no other process is in. Returns when it has ended.
    pub(super) fn end(&self, place: &Place) {
        const LONGEST: Duration = Duration::from_secs(10);
        let Some(handle) = Pid::from_raw(self.pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
            return;
        };
        if self.is_still(place) && pidfd_send_signal(&handle, rustix::process::Signal::TERM).is_ok() {
            let mut polled = [PollFd::new(handle.as_fd(), PollFlags::POLLIN)];
            // If it does not end, the next command finds it running.
            let _ = poll(&mut polled, PollTimeout::try_from(LONGEST).unwrap_or(PollTimeout::ZERO));
        }
    }
}

/// All holders of this user that were made in this process's mount namespace; those of another one have other labs.
pub fn all() -> Vec<Holder> {
    let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = folder.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| is_one(*pid)).map(|pid| Holder { pid }).collect()
}

fn is_one(pid: i32) -> bool {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let is_own = fs::metadata(&folder).is_ok_and(|it| it.uid() == geteuid().as_raw());
    is_own
        && fs::read(folder.join("comm")).is_ok_and(|name| name.trim_ascii_end() == NAME.as_bytes())
        && fs::read(folder.join("cmdline"))
            .is_ok_and(|line| line.split(|byte| *byte == 0).nth(2) == Some(made_in().as_bytes()))
}

/// The mount namespace in which the user's are made, by the kernel's name. Call this before this process enters them.
pub(super) fn made_in() -> &'static str {
    static WORLD: OnceLock<String> = OnceLock::new();
    let own = || fs::read_link("/proc/self/ns/mnt").map_or_else(|_| String::new(), |it| it.display().to_string());
    WORLD.get_or_init(own)
}

/// Whether this process was started as a holder.
pub fn is_this() -> bool {
    std::env::args_os().next().is_some_and(|name| name.as_bytes() == NAME.as_bytes())
}

/// Makes the namespaces, reports the result on standard output, and holds them until it is terminated.
pub fn run() -> ExitCode {
    let path = std::env::args_os().nth(1).map(PathBuf::from).unwrap_or_default();
    let (said, status) = match begin(path) {
        Ok(lock) => (Ok(lock), ExitCode::SUCCESS),
        Err(refusal) => (Err(refusal), ExitCode::FAILURE),
    };
    let text = said.as_ref().map_or_else(|refusal| refusal.text(), |_| READY.to_owned());
    // This fails only if the caller is gone.
    let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    if said.is_err() || silence().is_err() {
        return status;
    }
    let ends: SigSet = [Signal::SIGTERM].into_iter().collect();
    while ends.wait() == Err(Errno::EINTR) {}
    status
}

/// Makes the namespaces, then takes the lock.
fn begin(path: PathBuf) -> Result<File, Refusal> {
    close_inherited();
    // It ignores signals of its terminal, its session and its shell; SIGTERM ends it.
    let _ = SigSet::all().thread_block();
    let _ = setsid();
    let _ = rustix::thread::set_name(c"peerlab-pause");
    let pause = Place::open(path).and_then(|place| place.pause()).map_err(Step::Folder.failed())?;
    let (user, group) = (geteuid(), getegid());
    let step = |step: Step, done: Result<(), Errno>| done.map_err(|errno| Refusal { step, errno });
    step(Step::User, unshare(CloneFlags::CLONE_NEWUSER))?;
    // Before Linux 3.19 this file does not exist and is not needed.
    step(
        Step::Setgroups,
        write("setgroups", "deny").or_else(|errno| match errno {
            Errno::ENOENT => Ok(()),
            errno => Err(errno),
        }),
    )?;
    step(Step::UidMap, write("uid_map", &format!("{user} {user} 1")))?;
    step(Step::GidMap, write("gid_map", &format!("{group} {group} 1")))?;
    step(Step::Mounts, unshare(CloneFlags::CLONE_NEWNS))?;
    let none = None::<&str>;
    step(Step::Slave, mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_SLAVE, none))?;
    step(Step::Run, run_folder::cover())?;
    place::lock(&pause).map_err(Step::Folder.failed())?;
    Ok(pause)
}

/// Closes inherited descriptors, so that nobody waits for them. Closing any descriptor of the lock's file would lose
/// the lock.
fn close_inherited() {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers: Vec<i32> = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for number in numbers.into_iter().filter(|number| *number > 2) {
        // One of them belonged to the listing itself.
        let _ = nix::unistd::close(number);
    }
}

/// Redirects standard output to /dev/null, so that its reader sees the end.
fn silence() -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    nix::unistd::dup2_stdout(&null)?;
    Ok(())
}

fn write(file: &str, text: &str) -> Result<(), Errno> {
    let written = File::options().write(true).open(format!("/proc/self/{file}"));
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32)))
}
