//! Interferes with a program by ptrace at its n-th call to the kernel: sends a signal, makes the call fail, or
//! overwrites messages. The program does not notice.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{self, SigHandler, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// The result of a run under a blow.
pub struct Struck {
    /// The number of calls, up to the blow, that change something outside the process.
    pub calls: usize,
    /// Whether the blow was dealt.
    pub hit: bool,
    /// The program's output.
    pub output: Output,
}

/// The interference with one of a program's calls, or all of them.
#[derive(Clone, Copy, Debug)]
pub enum Blow {
    /// A signal before the `nth` call (from 1) of those that change something outside the process.
    Signal(Signal, usize),
    /// That call fails without effect, as if a resource had run out ([`shortage`]).
    Shortage(usize),
    /// The `nth` netlink answer is lost: its read fails for lack of buffers.
    LostAnswer(usize),
    /// Every call with this number, after the program's start, fails with this errno.
    Every(libc::c_long, Errno),
    /// These bytes in each message to the kernel are replaced by others of the same length.
    Overwrite(&'static [u8], &'static [u8]),
}

/// Runs `command` and sends it `signal` before the `nth` call (from 1) of those that change something outside the
/// process. A program that makes fewer calls ends by itself.
pub fn strike(command: Command, signal: Signal, nth: usize) -> Struck {
    deal(command, Blow::Signal(signal, nth))
}

/// Runs `command` with a blow. A program that does not reach it ends by itself.
pub fn deal(mut command: Command, blow: Blow) -> Struck {
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
    // A thread in a call that must fail, and its errno.
    let mut failing: Option<(Pid, Errno)> = None;
    loop {
        // Only this thread's own: other tests have children too.
        let event = match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
            Ok(event) => event,
            Err(Errno::ECHILD) => break,
            Err(errno) => panic!("waiting for {leader}: {errno}"),
        };
        let (thread, pass_on) = match event {
            WaitStatus::PtraceSyscall(thread) => {
                if let Some((_, errno)) = failing.take_if(|(failing, _)| *failing == thread) {
                    fail(thread, errno);
                } else if let Some(call) = Entry::of(thread) {
                    match blow {
                        Blow::Signal(signal, nth) if call.changes() => {
                            calls += 1;
                            if calls == nth {
                                kill(leader, signal).expect("the program still runs");
                                hit = true;
                            }
                        }
                        Blow::Shortage(nth) if call.changes() => {
                            calls += 1;
                            if calls == nth
                                && let Some(errno) = call.shortage()
                            {
                                skip(thread);
                                failing = Some((thread, errno));
                                hit = true;
                            }
                        }
                        Blow::LostAnswer(nth) if call.number == libc::SYS_recvfrom => {
                            calls += 1;
                            if calls == nth {
                                failing = Some((thread, Errno::ENOBUFS));
                                hit = true;
                            }
                        }
                        // Rust begins by looking whether 0, 1 and 2 are open: what comes before is the loader's.
                        Blow::Every(number, errno) => {
                            calls += usize::from(call.number == libc::SYS_poll);
                            if calls > 0 && call.number == number {
                                skip(thread);
                                failing = Some((thread, errno));
                                hit = true;
                            }
                        }
                        Blow::Overwrite(old, new) if call.number == libc::SYS_sendto => {
                            hit |= overwrite(thread, call.arguments[1], call.arguments[2], old, new);
                        }
                        _ => {}
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
        // The thread was hit meanwhile and is ending.
        let _ = ptrace::syscall(thread, pass_on);
    }
    let status = status.expect("the program has ended");
    Struck { calls, hit, output: collect(&mut child, status) }
}

/// The output of a program that has ended. It is short enough for a pipe's buffer.
fn collect(child: &mut Child, status: i32) -> Output {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child.stdout.take().expect("it is piped").read_to_end(&mut stdout).expect("it can be read");
    child.stderr.take().expect("it is piped").read_to_end(&mut stderr).expect("it can be read");
    Output { status: std::process::ExitStatus::from_raw(status), stdout, stderr }
}

/// A call that a thread is about to make.
struct Entry {
    number: libc::c_long,
    arguments: [u64; 6],
}

impl Entry {
    fn of(thread: Pid) -> Option<Self> {
        let info = ptrace::syscall_info(thread).ok().filter(|it| it.op == libc::PTRACE_SYSCALL_INFO_ENTRY)?;
        // SAFETY: the kernel has filled in this part of the union at an entry.
        let entry = unsafe { info.u.entry };
        Some(Entry { number: entry.nr as libc::c_long, arguments: entry.args })
    }

    /// Whether the call counts.
    fn changes(&self) -> bool {
        match self.number {
            // For reading, nothing changes.
            libc::SYS_openat => self.arguments[2] as i32 & (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT) != 0,
            number => CHANGING.contains(&number),
        }
    }

    /// The errno of the call if a resource runs out; `None` if it never fails for that.
    fn shortage(&self) -> Option<Errno> {
        Some(match self.number {
            libc::SYS_socket | libc::SYS_openat | libc::SYS_pidfd_open => Errno::EMFILE,
            libc::SYS_sendto | libc::SYS_sendmsg => Errno::ENOBUFS,
            libc::SYS_clone | libc::SYS_clone3 => Errno::EAGAIN,
            libc::SYS_mount | libc::SYS_move_mount | libc::SYS_unshare => Errno::ENOMEM,
            libc::SYS_write | libc::SYS_writev | libc::SYS_pwrite64 if self.arguments[0] > 2 => Errno::ENOSPC,
            libc::SYS_ftruncate | libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_mkdirat => Errno::ENOSPC,
            #[cfg(target_arch = "x86_64")]
            libc::SYS_mkdir | libc::SYS_rename => Errno::ENOSPC,
            _ => return None,
        })
    }
}

/// Prevents the call that the thread is about to make.
fn skip(thread: Pid) {
    let mut registers = ptrace::getregs(thread).expect("it is stopped");
    registers.orig_rax = u64::MAX;
    ptrace::setregs(thread, registers).expect("it is stopped");
}

/// Makes the call from which the thread returns fail.
fn fail(thread: Pid, errno: Errno) {
    let mut registers = ptrace::getregs(thread).expect("it is stopped");
    registers.rax = (-(errno as i64)) as u64;
    ptrace::setregs(thread, registers).expect("it is stopped");
}

/// Replaces bytes in a buffer of the thread; returns whether they were found.
fn overwrite(thread: Pid, address: u64, length: u64, old: &[u8], new: &[u8]) -> bool {
    use std::os::unix::fs::FileExt;
    assert_eq!(old.len(), new.len());
    let memory = std::fs::OpenOptions::new().read(true).write(true).open(format!("/proc/{thread}/mem"));
    let memory = memory.expect("it is ours");
    let mut bytes = vec![0; length as usize];
    memory.read_exact_at(&mut bytes, address).expect("it is what the kernel is told to read");
    let places: Vec<_> =
        (0..bytes.len().saturating_sub(old.len() - 1)).filter(|at| bytes[*at..].starts_with(old)).collect();
    for at in &places {
        memory.write_all_at(new, address + *at as u64).expect("it is the program's own");
    }
    !places.is_empty()
}

/// The calls of peerlab that change something outside the process, or begin to: files, mounts, namespaces, messages to
/// the kernel, threads and locks.
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
    libc::SYS_pwrite64,
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
