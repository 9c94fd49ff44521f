//! A program that is struck by a signal at its n-th call to the kernel, by ptrace: the program itself knows nothing of it.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{self, SigHandler, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// What was left unstruck, or was.
pub struct Struck {
    /// How many calls there were that change something outside of the process, up to the blow.
    pub calls: usize,
    /// Whether it came to the blow.
    pub hit: bool,
    /// As of a program that ran by itself.
    pub output: Output,
}

/// Runs `command` and sends it `signal` before the `nth` call (from 1) of those that change something outside of the process
/// is carried out. A program that makes fewer ends by itself.
pub fn strike(mut command: Command, signal: Signal, nth: usize) -> Struck {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ready = || {
        // Where the tests run in the background (`cargo test &`), Ctrl-C is ignored by all that they start.
        // SAFETY: no handler of this process is involved.
        unsafe { signal::signal(Signal::SIGINT, SigHandler::SigDfl) }?;
        Ok(ptrace::traceme()?)
    };
    // SAFETY: between fork and exec only system calls are made.
    unsafe { command.pre_exec(ready) };
    let mut child = command.spawn().expect("the program starts");
    let leader = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
    let stopped = waitpid(leader, Some(WaitPidFlag::__WALL)).expect("the program stops at its exec");
    assert!(matches!(stopped, WaitStatus::Stopped(_, Signal::SIGTRAP)), "{stopped:?}");
    let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_EXITKILL;
    ptrace::setoptions(leader, options).expect("the program is ours");
    ptrace::syscall(leader, None).expect("the program goes on");
    let (mut calls, mut hit, mut status) = (0, false, None);
    loop {
        // Only this thread's own: other tests have children too.
        let event = match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
            Ok(event) => event,
            Err(Errno::ECHILD) => break,
            Err(errno) => panic!("waiting for {leader}: {errno}"),
        };
        let (thread, pass_on) = match event {
            WaitStatus::PtraceSyscall(thread) => {
                if is_entry_of_one_that_counts(thread) {
                    calls += 1;
                    if calls == nth {
                        kill(leader, signal).expect("the program still runs");
                        hit = true;
                    }
                }
                (thread, None)
            }
            WaitStatus::PtraceEvent(thread, ..) | WaitStatus::Stopped(thread, Signal::SIGSTOP | Signal::SIGTRAP) => {
                (thread, None)
            }
            WaitStatus::Stopped(thread, other) => (thread, Some(other)),
            WaitStatus::Exited(thread, code) if thread == leader => {
                status = Some(code << 8);
                continue;
            }
            WaitStatus::Signaled(thread, signal, _) if thread == leader => {
                status = Some(signal as i32);
                continue;
            }
            _ => continue,
        };
        // Struck meanwhile: it is on its way out.
        let _ = ptrace::syscall(thread, pass_on);
    }
    let status = status.expect("the program has ended");
    Struck { calls, hit, output: collect(&mut child, status) }
}

/// What a program that was waited for already has said. It says little: a pipe holds it.
fn collect(child: &mut Child, status: i32) -> Output {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child.stdout.take().expect("it is piped").read_to_end(&mut stdout).expect("it can be read");
    child.stderr.take().expect("it is piped").read_to_end(&mut stderr).expect("it can be read");
    Output { status: std::process::ExitStatus::from_raw(status), stdout, stderr }
}

fn is_entry_of_one_that_counts(thread: Pid) -> bool {
    let Ok(info) = ptrace::syscall_info(thread) else { return false };
    if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
        return false;
    }
    // SAFETY: the kernel has filled in this part of the union at an entry.
    let entry = unsafe { info.u.entry };
    let number = entry.nr as libc::c_long;
    match number {
        // For reading, nothing changes.
        libc::SYS_openat => entry.args[2] as i32 & (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT) != 0,
        _ => CHANGING.contains(&number),
    }
}

/// The calls of peerlab that change something outside of the process, or where that begins: files, mounts, namespaces,
/// messages to the kernel, threads and locks.
const CHANGING: &[libc::c_long] = &[
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_socket,
    libc::SYS_bind,
    libc::SYS_setsockopt,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_clone3,
    libc::SYS_clone,
    libc::SYS_execve,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_flock,
    libc::SYS_fchmod,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_exit_group,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mkdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
];
