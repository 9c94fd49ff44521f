//! A capture in the background.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Machine, Run};

/// A capture that has reported that it is running.
pub struct Running {
    pub child: Child,
    line: String,
    talk: BufReader<ChildStderr>,
    /// Its output so far.
    said: String,
}

impl Running {
    /// Starts peerlab with the words of `line`.
    pub fn start(machine: &Machine, line: &str) -> Self {
        Running::of(line, machine.command(line))
    }

    /// Starts a command that is a capture.
    pub fn of(line: &str, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let talk = BufReader::new(child.stderr.take().unwrap());
        let mut running = Running { child, line: line.into(), talk, said: String::new() };
        running.says("capturing at");
        running
    }

    /// Waits until it prints this.
    #[track_caller]
    pub fn says(&mut self, part: &str) {
        while !self.said.contains(part) {
            let read = self.talk.read_line(&mut self.said).unwrap();
            assert!(read > 0, "{} ended without saying {part:?}: {}", self.line, self.said);
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// The result, once it ends by itself or by a signal.
    pub fn ends(mut self) -> Run {
        self.talk.read_to_string(&mut self.said).unwrap();
        let mut output = self.child.wait_with_output().unwrap();
        output.stderr = self.said.into_bytes();
        Run::ended(self.line, output)
    }

    /// The result after Ctrl-C.
    pub fn interrupted(self) -> Run {
        self.signal(Signal::SIGINT);
        self.ends()
    }
}
