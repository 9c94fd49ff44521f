//! Where a lab runs.
//!
//! A session has a lab's Cloud, its journal and its lock. A target makes the Cloud real; the session knows no other way to it, and
//! nothing of how the target does that. There is one target, this Linux host.

pub mod linux;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::cloud::Cloud;
use crate::error::{Errors, Result};
use crate::flow::Reason;
use crate::message::Message;
use crate::progress::{Progress, Watched};

/// The target of a lab.
pub fn of(_lab: &str) -> &'static dyn Target {
    &linux::Linux
}

/// Something that runs labs.
pub trait Target: fmt::Debug + Send + Sync {
    /// Refuses what this process cannot do for any lab, and says what is lacking.
    fn check(&self) -> Result<()>;

    /// Whether there may be anything of a lab, even if its journal is lost.
    fn has(&self, lab: &str) -> Result<bool>;

    /// Reads the lab, and plans the changes to what is wanted. Finds everything that can be wrong with them, and changes nothing.
    fn plan(&self, lab: Watched<'_>, goal: Goal<'_>) -> Result<Box<dyn Plan>, Errors>;

    /// The changes between the lab as it is and this Cloud; of a lab that is not up, all that it takes. Reads the whole lab.
    fn changes(&self, lab: Watched<'_>, is_up: bool, cloud: &Cloud) -> Result<Changes, Errors>;

    /// What somebody changed, as facts: `VPC1: link eth0 is down`. Reads the whole lab.
    fn drift(&self, lab: &str, cloud: &Cloud) -> Result<Vec<String>, Errors>;

    /// The same for verbs that only show a lab's state: in a large lab, only what can be found soon.
    fn drift_at_a_glance(&self, lab: &str, cloud: &Cloud) -> Result<Vec<String>, Errors>;

    /// Packets dropped so far, in the whole lab, by reason.
    fn drops(&self, lab: &str, cloud: &Cloud) -> Result<BTreeMap<Reason, u64>, Errors>;

    /// Removes everything of a lab, with the processes inside; how many parts there were. Continues after errors. If the target's own
    /// record of them is lost, `cloud` is asked for what the lab should have.
    fn remove(&self, lab: Watched<'_>, cloud: &dyn Fn() -> Option<Arc<Cloud>>) -> Result<usize, Errors>;
}

/// What a plan leads to, and from where.
#[derive(Clone, Debug)]
pub struct Goal<'a> {
    /// What the lab is to be.
    pub cloud: Arc<Cloud>,
    /// What the target should have, so that only the difference need be read; `None` to read the whole lab.
    pub known: Option<&'a Cloud>,
    /// Whether the lab has no journal yet.
    pub is_new: bool,
}

/// Changes that a target is ready to make.
pub trait Plan: fmt::Debug {
    /// How many changes there are; 0: everything is as it should be.
    fn count(&self) -> usize;

    /// Writes down what the changes will create, so that it can be removed whenever the process is killed.
    fn announce(&self) -> Result<()>;

    /// Makes the changes.
    fn make(self: Box<Self>, progress: &dyn Progress) -> Result<Made, Errors>;
}

/// Changes that were made.
#[derive(Debug, Default)]
pub struct Made {
    /// The changes, in order.
    pub changes: Changes,
    /// Missing features, and their replacements.
    pub notes: Vec<Message>,
}

/// Changes in a target's own words.
#[derive(Debug)]
pub struct Changes(Box<dyn Listed>);

/// Something that can be listed, put into words only when somebody reads it.
trait Listed: fmt::Debug + Send + Sync {
    fn count(&self) -> usize;
    fn text(&self, at: usize) -> String;
}

impl<T: fmt::Display + fmt::Debug + Send + Sync> Listed for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn text(&self, at: usize) -> String {
        self[at].to_string()
    }
}

impl Changes {
    /// These.
    pub fn new<T: fmt::Display + fmt::Debug + Send + Sync + 'static>(changes: Vec<T>) -> Self {
        Changes(Box::new(changes))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each in words, in order.
    pub fn texts(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.len()).map(|at| self.0.text(at))
    }
}

impl Default for Changes {
    fn default() -> Self {
        Changes::new(Vec::<String>::new())
    }
}
