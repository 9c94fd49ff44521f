//! Runs a program on a separate terminal, types and reads.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{SigHandler, Signal, signal};

/// How long to wait for output on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program on a terminal.
pub struct Pty {
    keyboard: File,
    child: Child,
    /// The output that was not waited for yet.
    unread: String,
    /// The beginning of a character whose rest was not read yet.
    cut: Vec<u8>,
}

impl Pty {
    /// Starts the program as the leader of a session on a terminal of 24 lines and 80 columns; a dumb one, unless `TERM`
    /// is set for it.
    pub fn start(command: Command) -> Self {
        Pty::start_on(80, command)
    }

    /// The same on a terminal with this many columns.
    pub fn start_on(columns: u16, mut command: Command) -> Self {
        let pair = openpty(&size(24, columns), None).expect("there are terminals to be had");
        let end = || pair.slave.try_clone().expect("a descriptor is left");
        command.stdin(end()).stdout(end()).stderr(end()).env_remove("COLUMNS");
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            command.env("TERM", "dumb");
        }
        let session = || {
            nix::unistd::setsid()?;
            // SAFETY: standard input is the terminal; the call takes an integer and touches no memory of ours.
            Errno::result(unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) })?;
            // If the tests run in the background (`cargo test &`), their processes inherit these as ignored.
            for key in [Signal::SIGINT, Signal::SIGQUIT] {
                // SAFETY: no handler of this process is involved.
                unsafe { signal(key, SigHandler::SigDfl) }?;
            }
            Ok(())
        };
        // SAFETY: the closure makes system calls and allocates nothing.
        unsafe { command.pre_exec(session) };
        let child = command.spawn().expect("the program starts");
        Pty { keyboard: File::from(pair.master), child, unread: String::new(), cut: Vec::new() }
    }

    /// Types keys.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until this is shown, and returns the output until then, without earlier matches.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.unread.find(text) {
                let rest = self.unread.split_off(at + text.len());
                return std::mem::replace(&mut self.unread, rest);
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && self.read(left), "{text:?} was not shown, but\n{}", self.unread);
        }
    }

    /// All output until the program ends, and its exit status.
    #[track_caller]
    pub fn until_its_end(&mut self) -> (String, ExitStatus) {
        let until = Instant::now() + PATIENCE;
        while self.read(until.saturating_duration_since(Instant::now())) {
            assert!(Instant::now() < until, "it has not ended, but shown\n{}", self.unread);
        }
        (std::mem::take(&mut self.unread), self.ends())
    }

    /// Reads available output until the timeout; `false` if the other end is closed.
    fn read(&mut self, patience: Duration) -> bool {
        let mut ready = [PollFd::new(self.keyboard.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(patience).expect("it is short");
        if poll(&mut ready, timeout).expect("the terminal can be waited for") == 0 {
            return true;
        }
        let mut bytes = [0; 4096];
        match self.keyboard.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(n) => {
                self.cut.extend_from_slice(&bytes[..n]);
                let whole = match str::from_utf8(&self.cut) {
                    Err(error) if error.error_len().is_none() => error.valid_up_to(),
                    _ => self.cut.len(),
                };
                let whole: Vec<u8> = self.cut.drain(..whole).collect();
                self.unread += &String::from_utf8_lossy(&whole);
                true
            }
        }
    }

    /// Waits until the program has become this one.
    #[track_caller]
    pub fn becomes(&self, name: &str) {
        let until = Instant::now() + PATIENCE;
        let path = format!("/proc/{}/comm", self.child.id());
        while std::fs::read_to_string(&path).is_ok_and(|comm| comm.trim_end() != name) {
            assert!(Instant::now() < until, "it has not become {name}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Resizes the terminal.
    pub fn resize(&self, lines: u16, columns: u16) {
        let size = size(lines, columns);
        // SAFETY: the descriptor is open, and `size` lives until the call is over.
        let done = unsafe { libc::ioctl(self.keyboard.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
        assert_eq!(done, 0, "a terminal can be resized");
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, signal).expect("it is our child");
    }

    /// Waits for the program's exit status.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            assert!(Instant::now() < until, "it has not ended, but shown\n{}", self.unread);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(ws_row: u16, ws_col: u16) -> Winsize {
    Winsize { ws_row, ws_col, ws_xpixel: 0, ws_ypixel: 0 }
}
