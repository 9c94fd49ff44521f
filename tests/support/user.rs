//! An ordinary user on a machine: without root, capabilities or setuid programs.
//!
//! If the tests run as root, it is `nobody`; if they run as a user in a user namespace (`scripts/run-built`), it is
//! that user, without rights over the namespace.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use nix::libc;
use nix::unistd::{chown, getegid, geteuid};

use super::{Machine, Run};

/// The name of the process that holds a user's namespaces.
const HOLDER: &str = "peerlab-pause";

/// Its uid and gid.
pub fn ids() -> (u32, u32) {
    const NOBODY: u32 = 65534;
    if geteuid().is_root() { (NOBODY, NOBODY) } else { (geteuid().as_raw(), getegid().as_raw()) }
}

/// The user's own folder of the login, in `/run/user`.
pub fn session() -> PathBuf {
    PathBuf::from(format!("/run/user/{}", ids().0))
}

/// Makes [`session`].
pub fn log_in() {
    let (uid, gid) = ids();
    fs::create_dir_all(session()).expect("the machine's /run takes it");
    // In a user namespace there may be nobody to give it to; then no test asks for that user (`oracle::others`).
    let _ = chown(&session(), Some(uid.into()), Some(gid.into()));
}

/// Makes a command run as the user.
pub fn become_user(command: &mut Command) -> &mut Command {
    if geteuid().is_root() {
        let (uid, gid) = ids();
        return command.uid(uid).gid(gid);
    }
    // SAFETY: one system call between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        })
    }
}

impl Machine {
    /// peerlab with the words of `line` as the user, not yet running.
    pub fn user_command(&self, line: &str) -> Command {
        let mut command = self.command(line);
        become_user(&mut command);
        command
    }

    /// Runs peerlab as the user.
    pub fn user(&self, line: &str) -> Run {
        Run::of(self.user_command(line))
    }

    /// Runs peerlab as the user, and expects exit status 0.
    pub fn user_ok(&self, line: &str) -> Run {
        self.user(line).exits(0)
    }

    /// The processes that hold users' namespaces on this machine.
    pub fn holders(&self) -> Vec<i32> {
        let made_here = fs::read_link("/proc/thread-self/ns/mnt").expect("there is a /proc");
        let made_here = made_here.to_str().expect("the kernel names it").to_owned();
        let pids = fs::read_dir("/proc").expect("there is a /proc").flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let is_one = |pid: &i32| {
            let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
            read("comm").trim() == HOLDER && read("cmdline").split('\0').nth(2) == Some(&made_here)
        };
        pids.filter(is_one).collect()
    }
}

/// A system call that the kernel refuses, as a seccomp filter does in a container.
#[derive(Clone, Copy)]
pub struct Refused {
    /// The call.
    pub call: libc::c_long,
    /// Only with this value of this argument (from 0).
    pub with: Option<(u32, u32)>,
    /// With which error.
    pub errno: i32,
}

/// Applies the filter to a command and its descendants.
pub fn refuse(command: &mut Command, refused: Refused) -> &mut Command {
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    // `struct seccomp_data`: the number, and the arguments from byte 16, each of 8, the low half first.
    let (argument, value) = refused.with.map_or((0, None), |(argument, value)| (16 + 8 * argument, Some(value)));
    let step = |code, jf, k| libc::sock_filter { code, jt: 0, jf, k };
    let mut filter = vec![step(LOAD, 0, 0), step(EQUAL, 3, refused.call as u32)];
    match value {
        Some(value) => filter.extend([step(LOAD, 0, argument), step(EQUAL, 1, value)]),
        // The same number of steps.
        None => filter.extend([step(LOAD, 0, 0), step(EQUAL, 1, refused.call as u32)]),
    }
    filter.push(step(RETURN, 0, libc::SECCOMP_RET_ERRNO | refused.errno as u32));
    filter.push(step(RETURN, 0, libc::SECCOMP_RET_ALLOW));
    // SAFETY: two system calls between fork and exec; the filter lives as long as the closure.
    unsafe {
        command.pre_exec(move || {
            let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
            let done = libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) == 0;
            if done { Ok(()) } else { Err(io::Error::last_os_error()) }
        })
    }
}
