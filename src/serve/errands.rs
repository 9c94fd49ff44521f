//! Commands that clients have run in instances, as an unprivileged user, and what came of them. They are forgotten when the
//! server ends.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, geteuid};
use peerlab_api::{Errand, Ran};
use serde_json::Value;

use super::clock::now;
use super::keys::Key;
use super::messages::Said;
use super::rights::{Rights, Starter};
use crate::cloud::AccountName;
use crate::error::{Error, Errors};

/// How many are remembered.
const REMEMBERED: usize = 1_000;
/// How many run at once.
const AT_ONCE: usize = 32;
/// How much of an output is kept, in bytes.
const OUTPUT: usize = 24 << 10;
/// How often a command is looked at.
const STEP: Duration = Duration::from_millis(5);
/// The user without rights, on every Linux.
pub(super) const NOBODY: u32 = 65_534;

/// What ran, with its lab, the latest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Errands {
    ran: Arc<Mutex<VecDeque<(String, Ran)>>>,
    /// The process groups of those that run.
    groups: Arc<Mutex<BTreeMap<i32, ()>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Errands {
    /// What ran for an account, the latest first.
    pub fn of(&self, key: &Key) -> Vec<Ran> {
        let mine = |(lab, ran): &&(String, Ran)| *lab == key.lab && ran.account.as_str() == key.account;
        locked(&self.ran).iter().rev().filter(mine).map(|(_, ran)| ran.clone()).collect()
    }

    /// Ends those that run.
    pub fn end(&self) {
        for group in std::mem::take(&mut *locked(&self.groups)).into_keys() {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }

    /// Starts a command in each of its instances; returns the reply.
    pub fn run(&self, rights: &Rights, key: &Key, errand: &Errand, began: i64) -> Result<Value, Errors> {
        if locked(&self.groups).len() + errand.instances.len() > AT_ONCE {
            return Err(Error::host(Said::TooManyCommands).code("Throttling").into());
        }
        let id = super::keys::random_word::<8>()?;
        for instance in &errand.instances {
            let ran = Ran {
                errand: id.clone(),
                account: AccountName::trusted(key.account.as_str()),
                instance: instance.clone(),
                script: errand.script.clone(),
                comment: errand.comment.clone(),
                began,
                ended: None,
                status: None,
                output: Vec::new(),
                errors: Vec::new(),
                dropped: 0,
            };
            let (errands, lab) = (self.clone(), key.lab.clone());
            let (seconds, apart) = (errand.seconds, errand.apart);
            let started = rights.run(move |starter| errands.start(&lab, ran, (seconds, apart), starter));
            started.unwrap_or_else(|| Err(Error::host(Said::TooManyCommands).into()))?;
        }
        Ok((errand.reply)(errand, &id, began))
    }

    /// Starts one command, on a thread with the server's rights, and has another wait for its end.
    fn start(self, lab: &str, ran: Ran, (seconds, apart): (u64, bool), starter: Starter) -> Result<(), Errors> {
        let (output, writer) = std::io::pipe().map_err(cannot)?;
        let (errors, errors_writer) = std::io::pipe().map_err(cannot)?;
        let errors_writer = if apart { errors_writer } else { writer.try_clone().map_err(cannot)? };
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &ran.script]).process_group(0).env_clear();
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").current_dir("/");
        command.stdin(Stdio::null()).stdout(writer).stderr(errors_writer);
        if geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let child = starter(lab, &ran.instance, &mut command)?;
        // The end of the output is when all that write have let go of it; this process must not be one of them.
        drop(command);
        let group = i32::try_from(child.id()).unwrap_or_default();
        locked(&self.groups).insert(group, ());
        let (errand, instance) = (ran.errand.clone(), ran.instance.clone());
        self.remember(lab, ran);
        let until = Instant::now() + Duration::from_secs(seconds);
        let waits = Builder::new().name("command".into()).spawn(move || {
            let readers = [output, errors].map(|pipe| {
                let read = Arc::new(Mutex::new((Vec::new(), 0)));
                let into = read.clone();
                (std::thread::spawn(move || read_all(pipe, &into)), read)
            });
            let status = wait(child, until, group);
            locked(&self.groups).remove(&group);
            // What escaped from the group may still have its output open.
            let soon = Instant::now() + Duration::from_secs(1);
            while !readers.iter().all(|(reader, _)| reader.is_finished()) && Instant::now() < soon {
                std::thread::sleep(STEP);
            }
            let [(output, dropped), (errors, _)] = readers.map(|(_, read)| locked(&read).clone());
            let mine = |(_, it): &&mut (String, Ran)| it.errand == errand && it.instance == instance;
            if let Some((_, ran)) = locked(&self.ran).iter_mut().rev().find(mine) {
                (ran.ended, ran.status) = (Some(now()), status);
                (ran.output, ran.errors, ran.dropped) = (output, errors, dropped);
            }
        });
        waits.map(drop).map_err(cannot)
    }

    fn remember(&self, lab: &str, ran: Ran) {
        let mut all = locked(&self.ran);
        if all.len() >= REMEMBERED {
            all.pop_front();
        }
        all.push_back((lab.to_owned(), ran));
    }
}

/// Waits for a command, and ends what is left of its process group; its exit status, unless it took too long.
fn wait(mut child: Child, until: Instant, group: i32) -> Option<i32> {
    let id = Pid::from_raw(group);
    // Its number is its own, and its group's, until it is waited for.
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    let mut in_time = false;
    while !in_time && Instant::now() < until {
        match waitid(Id::Pid(id), look) {
            Ok(WaitStatus::StillAlive) => std::thread::sleep(STEP),
            _ => in_time = true,
        }
    }
    let _ = killpg(id, Signal::SIGKILL);
    let status = child.wait().ok().filter(|_| in_time)?;
    Some(status.code().unwrap_or(128))
}

/// Reads an output to its end, and keeps the last of it, with the number of bytes before.
fn read_all(mut output: std::io::PipeReader, into: &Mutex<(Vec<u8>, usize)>) {
    let mut part = [0; 8192];
    while let Ok(count @ 1..) = output.read(&mut part) {
        let mut into = locked(into);
        let (kept, dropped) = &mut *into;
        kept.extend_from_slice(&part[..count]);
        let over = kept.len().saturating_sub(OUTPUT);
        kept.drain(..over);
        *dropped += over;
    }
}

fn cannot(error: std::io::Error) -> Errors {
    Error::host(crate::msg!(Said::CannotServe { error })).into()
}
