//! Pings that continue while something else happens.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// As many as show that they went on.
const ENOUGH: usize = 10;

/// One every two milliseconds, from `ecs-a` to `ecs-b`.
pub struct Pings {
    child: Child,
    /// The numbers of the answers.
    answers: Receiver<usize>,
    /// Those that came before something else began.
    answered: Vec<usize>,
}

impl Pings {
    /// Returns when they are answered.
    pub fn start(lab: &str) -> Self {
        let line = format!("netns exec {lab}.ecs-a ping -n -i 0.002 -W 1 172.16.1.10");
        let mut child = Command::new("ip").args(line.split(' ')).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let (send, answers) = channel();
        thread::spawn(move || {
            let number = |line: &str| line.split("icmp_seq=").nth(1)?.split(' ').next()?.parse().ok();
            said.lines().map_while(Result::ok).filter_map(|line| number(&line)).for_each(|it| _ = send.send(it));
        });
        let mut pings = Pings { child, answers, answered: Vec::new() };
        pings.await_more("nothing yet");
        pings
    }

    /// However busy the machine is, the answers to as many as are [`ENOUGH`].
    #[track_caller]
    fn await_more(&mut self, during: &str) {
        for _ in 0..ENOUGH {
            let answer = self.answers.recv_timeout(Duration::from_secs(20));
            self.answered
                .push(answer.unwrap_or_else(|_| panic!("{during}: answered after {:?}", self.answered.last())));
        }
    }

    /// Checks that none was lost.
    #[track_caller]
    pub fn all_answered(mut self, during: &str) {
        self.answered.extend(self.answers.try_iter());
        self.await_more(during);
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT).unwrap();
        self.child.wait().unwrap();
        self.answered.extend(self.answers.iter());
        // The last one may still be in flight when ping ends.
        let lost = (1..).zip(&self.answered).find(|(sent, answered)| sent != *answered);
        assert_eq!(lost, None, "{during}: the first answer out of order");
    }
}
