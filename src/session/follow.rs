//! A running lab, followed without holding its lock.

use std::time::Instant;

use super::{Before, look_now};
use crate::error::Errors;
use crate::journal::{self, Stamp, Store};

/// Follows what is done to a lab.
#[derive(Debug)]
pub struct Follower {
    lab: String,
    store: Store,
    /// The stamp of the last journal read.
    read: Option<Stamp>,
    /// When a change ends that was under way then.
    due: Option<Instant>,
}

/// Changes of a lab since the last look.
#[derive(Debug)]
pub enum News {
    /// Nothing.
    None,
    /// It is changing, or changed.
    Changed(Box<Before>),
    /// It is no longer up.
    Down,
}

impl Follower {
    /// A follower of this lab, up or not. The first news is its current state.
    pub fn new(lab: &str) -> Self {
        Follower { lab: lab.into(), store: Store::of(lab), read: None, due: None }
    }

    /// The news. If there are none, this takes one look at a file.
    pub fn news(&mut self) -> Result<News, Errors> {
        let Some(stamp) = self.store.stamp() else { return Ok(News::Down) };
        let is_due = self.due.is_some_and(|due| due <= Instant::now());
        if self.read == Some(stamp) && !is_due {
            return Ok(News::None);
        }
        match look_now(&self.lab, |_| ()) {
            Ok(before) => {
                // Read after the stamp, so that a change in between is reported again.
                self.read = Some(stamp);
                self.due = before.run.cloud().due_in(journal::now()).map(|left| Instant::now() + left);
                Ok(News::Changed(Box::new(before)))
            }
            // `down` removed it between the two.
            Err(_) if self.store.stamp().is_none() => Ok(News::Down),
            Err(errors) => Err(errors),
        }
    }

    /// Whether nothing was done to the lab since the last news.
    pub fn is_current(&self) -> bool {
        self.store.stamp() == self.read
    }
}
