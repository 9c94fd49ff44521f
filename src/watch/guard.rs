//! Notices what somebody changes in a lab's kernel by hand.

use std::time::Duration;

use crate::error::Errors;
use crate::journal::Store;
use crate::message::Message;
use crate::session::{Before, Follower, News};
use crate::target::{self, Monitor};

/// Guards a lab. It reads the lab only after something has changed there.
#[derive(Debug)]
pub struct Guard {
    lab: String,
    follower: Follower,
    monitor: Box<dyn Monitor>,
    /// The lab, as the journal has it.
    now: Option<Before>,
    /// Whether something has changed since the lab was read.
    is_due: bool,
    /// The drift at that time.
    drift: Vec<Message>,
}

impl Guard {
    /// A guard of a running lab.
    ///
    /// # Errors The host has no room for a monitor.
    pub fn new(lab: &str) -> Result<Self, Errors> {
        let monitor = target::of(lab).monitor(lab)?;
        let (lab, follower) = (lab.to_owned(), Follower::new(lab));
        Ok(Guard { lab, follower, monitor, now: None, is_due: true, drift: Vec::new() })
    }

    /// Waits for a change of the drift, at most for about this time. Returns the new drift, as facts
    /// (`VPC1: link eth0 is down`); none of them if the lab is as peerlab made it again.
    pub fn wait(&mut self, most: Duration) -> Result<Option<Vec<Message>>, Errors> {
        match self.follower.news()? {
            News::Changed(before) => {
                self.now = Some(*before);
                self.is_due = true;
                self.monitor.refresh()?;
            }
            News::Down => self.now = None,
            News::None => {}
        }
        let most = if self.is_due && self.is_at_rest() { Duration::ZERO } else { most };
        self.is_due |= self.monitor.wait(most);
        let Some(Before { run, .. }) = self.now.as_ref().filter(|_| self.is_due && self.is_at_rest()) else {
            return Ok(None);
        };
        let drift = target::of(&self.lab).drift(&self.lab, run.cloud());
        if !self.follower.is_current() {
            return Ok(None);
        }
        let drift = drift?;
        self.is_due = false;
        let is_new = drift != self.drift;
        self.drift.clone_from(&drift);
        Ok(is_new.then_some(drift))
    }

    /// Whether peerlab is not at work on the lab, nor was interrupted.
    fn is_at_rest(&self) -> bool {
        self.now.as_ref().is_some_and(|now| now.settled) && !Store::of(&self.lab).is_locked()
    }
}
