//! A running lab, followed without holding its lock.

use super::{Before, look};
use crate::error::Errors;
use crate::journal::{Stamp, Store};

/// Follows what is done to a lab.
#[derive(Debug)]
pub struct Follower {
    lab: String,
    store: Store,
    /// Of the journal that was read last.
    read: Option<Stamp>,
}

/// What has become of a lab since it was looked at last.
#[derive(Debug)]
pub enum News {
    /// Nothing.
    None,
    /// It is being changed, or was.
    Changed(Box<Before>),
    /// It is not up any more.
    Down,
}

impl Follower {
    /// Of this lab, up or not. The first news is what it is now.
    pub fn new(lab: &str) -> Self {
        Follower { lab: lab.into(), store: Store::of(lab), read: None }
    }

    /// What is new. Costs one look at a file where nothing is.
    pub fn news(&mut self) -> Result<News, Errors> {
        let Some(stamp) = self.store.stamp() else { return Ok(News::Down) };
        if self.read == Some(stamp) {
            return Ok(News::None);
        }
        match look(&self.lab) {
            Ok(before) => {
                // Read after the stamp: what is written in between is news once more.
                self.read = Some(stamp);
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
