//! Pings that continue while something else happens.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// One every two milliseconds, from `ecs-a` to `ecs-b`.
pub struct Pings(Child);

impl Pings {
    pub fn start(lab: &str) -> Self {
        let line = format!("netns exec {lab}.ecs-a ping -n -i 0.002 -W 1 172.16.1.10");
        let child = Command::new("ip").args(line.split(' ')).stdout(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_millis(100));
        Pings(child)
    }

    /// Checks that none was lost.
    #[track_caller]
    pub fn all_answered(self, during: &str) {
        thread::sleep(Duration::from_millis(50));
        kill(Pid::from_raw(self.0.id() as i32), Signal::SIGINT).unwrap();
        let said = String::from_utf8(self.0.wait_with_output().unwrap().stdout).unwrap();
        let number = |line: &str| line.split("icmp_seq=").nth(1)?.split(' ').next()?.parse::<usize>().ok();
        let answered: Vec<_> = said.lines().filter_map(number).collect();
        // The last one may still be in flight when ping ends.
        let lost: Vec<_> = (1..=answered.len()).zip(&answered).filter(|(sent, it)| sent != *it).collect();
        assert!(lost.is_empty(), "{during}: the first answer out of order: {:?}", lost.first());
        assert!(answered.len() >= 10, "{during}: {} pings are too few to tell", answered.len());
    }
}
