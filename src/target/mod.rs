//! Where a lab runs.
//!
//! A session has a lab's Cloud, journal and lock. A target makes the Cloud real. The session uses it only through this
//! trait and does not know how it works. There are two targets: this Linux host, and several hosts by OVN.

pub mod linux;
pub mod ovn;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cloud::{Cloud, InstanceName, VpcName};
use crate::error::{Errors, Result};
use crate::flow::Reason;
use crate::journal;
use crate::message::Message;
use crate::network::model::NamespaceName;
use crate::probe::{Batch, Dropped, Observation, Swept};
use crate::probe::{Flow, Measured};
use crate::progress::{Progress, Watched};
use crate::trace::Trace;

pub use linux::Memory;

/// The target of a lab: the one of all labs of this process.
pub fn of(_lab: &str) -> &'static dyn Target {
    match journal::shared::shared() {
        Some(_) => &ovn::Ovn,
        None => &linux::Linux,
    }
}

/// Checks that this process can run labs at all; the error says what is missing.
pub fn check() -> Result<()> {
    of("").check()
}

/// Something that runs labs.
pub trait Target: fmt::Debug + Send + Sync {
    /// Checks that this process can run labs at all; the error says what is missing.
    fn check(&self) -> Result<()>;

    /// Whether a plan's changes and the journal are one transaction, so that both are made or neither.
    fn is_atomic(&self) -> bool {
        false
    }

    /// Whether labs are on several hosts.
    fn is_spread(&self) -> bool {
        false
    }

    /// The host on which an instance runs; `None` where all run on this one.
    fn host_of(&self, _lab: &str, _instance: &InstanceName) -> Option<String> {
        None
    }

    /// Whether anything of a lab may exist, even if its journal is lost.
    fn has(&self, lab: &str) -> Result<bool>;

    /// Reads the lab and plans the changes to the goal. Reports every problem in advance, and changes nothing.
    fn plan(&self, lab: Watched<'_>, goal: Goal<'_>) -> Result<Box<dyn Plan>, Errors>;

    /// What a process that holds a lab may remember of it between changes; `None`: nothing.
    fn memory(&self, _lab: &str) -> Option<Arc<Memory>> {
        None
    }

    /// The changes between the lab's actual state and this Cloud, or all changes if the lab is not up. Reads the whole lab.
    fn changes(&self, lab: Watched<'_>, is_up: bool, cloud: &Cloud) -> Result<Changes, Errors>;

    /// What somebody changed, as facts: `VPC1: link eth0 is down`. Reads the whole lab.
    fn drift(&self, lab: &str, cloud: &Cloud) -> Result<Vec<Message>, Errors>;

    /// The same for verbs that only show something: in a large lab, only what is quick to find, and what concerns a flow.
    fn drift_at_a_glance(&self, lab: &str, cloud: &Cloud, flow: Option<&Trace>) -> Result<Vec<Message>, Errors>;

    /// A monitor of a lab's changes, by whomever.
    fn monitor(&self, lab: &str) -> Result<Box<dyn Monitor>>;

    /// Packets dropped so far, in the whole lab; `None` if nobody counts them now.
    fn drops(&self, lab: &str, cloud: &Cloud) -> Result<Option<Drops>, Errors>;

    /// The parts of a running lab, and which of them are gone.
    fn parts(&self, lab: &str) -> Result<Parts>;

    /// Whether a namespace of the lab is there, as far as this process can see.
    fn is_there(&self, lab: &str, namespace: &NamespaceName) -> bool;

    /// Sends probes, all at once. `dropped` is the number of drops meanwhile, where somebody counts them.
    fn send(&self, lab: &str, batch: Batch, dropped: &Dropped<'_>, progress: &dyn Progress) -> Result<Sent>;

    /// Measures a flow; `None` if there is no connection.
    fn goodput(&self, lab: &str, flow: &Flow) -> Result<Option<Measured>>;

    /// Checks that a place of a running lab is on this host. If it is on another one, the error says on which, and what to run
    /// there: this verb, with `rest` behind the place's name.
    fn check_here(&self, _lab: &str, _cloud: &Cloud, _place: &Place, _verb: &str, _rest: &str) -> Result<()> {
        Ok(())
    }

    /// Moves this process into a place of a running lab. `/etc/hosts` is `hosts` there.
    fn enter(&self, lab: &str, cloud: &Cloud, place: &Place, hosts: &Path) -> Result<()>;

    /// Removes everything of a lab, with the processes inside, and returns the number of parts. Continues after errors. If the
    /// target has lost its own record of them, it derives them from `cloud`.
    fn remove(&self, lab: Watched<'_>, cloud: &dyn Fn() -> Option<Arc<Cloud>>) -> Result<Removed, Errors>;
}

/// What came of probes.
#[derive(Debug, Default)]
pub struct Sent {
    /// The echo requests.
    pub swept: Swept,
    /// The other probes.
    pub seen: Vec<Observation>,
    /// The namespaces of which nothing is known, because their host did not answer.
    pub lost: BTreeSet<NamespaceName>,
}

/// Packets dropped so far, by the namespace of a router, or of what else drops, and by reason.
pub type Drops = BTreeMap<(NamespaceName, Reason), u64>;

/// What was removed of a lab.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The number of its parts.
    pub parts: usize,
    /// What could not be removed now, and when it will be.
    pub notes: Vec<Message>,
}

/// The parts of a lab.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Their number.
    pub count: usize,
    /// The names of those that are gone.
    pub gone: Vec<String>,
}

/// A place in which commands run.
#[derive(Clone, Debug)]
pub enum Place {
    /// An instance, or a NAT gateway by its host's name.
    Instance(InstanceName),
    /// The router of a VPC.
    Router(VpcName),
    /// The host on the internet.
    Internet,
}

/// Notices changes of a running lab when they happen: those of peerlab, and those of somebody else.
pub trait Monitor: fmt::Debug + Send {
    /// Includes the parts that the lab has gained since. To be called whenever its Cloud has changed.
    fn refresh(&mut self) -> Result<()>;

    /// Waits for a change, at most for this time; returns whether there was one since the last call.
    fn wait(&mut self, most: Duration) -> bool;
}

/// The goal of a plan, and its starting point.
#[derive(Clone, Debug)]
pub struct Goal<'a> {
    /// The desired Cloud.
    pub cloud: Arc<Cloud>,
    /// The expected current state, so that only the difference is read; `None` to read the whole lab.
    pub known: Option<&'a Arc<Cloud>>,
    /// What this process remembers of the lab.
    pub memory: Option<Arc<Memory>>,
    /// Whether the lab has no journal yet.
    pub is_new: bool,
}

/// Changes that a target is ready to make.
pub trait Plan: fmt::Debug {
    /// The number of changes; 0 if the lab is as it should be.
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

/// A list whose items are put into words only when they are read.
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
    /// A list of these changes.
    pub fn new<T: fmt::Display + fmt::Debug + Send + Sync + 'static>(changes: Vec<T>) -> Self {
        Changes(Box::new(changes))
    }

    /// The number of changes.
    pub fn len(&self) -> usize {
        self.0.count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of each change, in order.
    pub fn texts(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.len()).map(|at| self.0.text(at))
    }
}

impl Default for Changes {
    fn default() -> Self {
        Changes::new(Vec::<String>::new())
    }
}
