//! The lab's clock, and changes that take a moment. The Cloud reads no other clock: whoever calls says how late it is
//! (docs/cloud.md §11).

mod messages;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::messages::{Hints, Refusals};
use super::{Cloud, Fault, Operation, Outcome, PassTime, Peering, PeeringName, Refusal, Transition, VpcName, value};
use crate::msg;

/// The lab's clock.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Clock {
    /// The time that operations let pass since the lab began, in milliseconds.
    pub(super) now: u64,
    /// How long a change takes, in milliseconds; `None`: no time.
    pace: Option<u64>,
    /// The last time that a caller named, in milliseconds since 1970.
    named: u64,
    /// Whether the operation that is being done takes its time.
    takes_time: bool,
}

/// When a caller last looked at the clock makes no difference.
impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        (self.now, self.pace) == (other.now, other.pace)
    }
}

impl Eq for Clock {}

impl Clock {
    /// A moment, to compare with others of the same lab.
    fn moment(self) -> u64 {
        self.now.saturating_add(self.named)
    }

    /// The moment at which a change that begins now is done; `None`: it is done at once.
    pub(super) fn due(self) -> Option<u64> {
        self.pace.filter(|_| self.takes_time).map(|pace| self.moment().saturating_add(pace))
    }
}

impl Cloud {
    /// A cloud in which changes of peerings take this long, if an operation takes its time.
    #[must_use]
    pub fn at_pace(mut self, pace: Option<Duration>) -> Self {
        self.clock.pace = pace.map(|pace| u64::try_from(pace.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Whether changes take time.
    pub fn has_pace(&self) -> bool {
        self.clock.pace.is_some()
    }

    /// The time since the lab began, in milliseconds, as far as operations let it pass.
    pub fn now(&self) -> u64 {
        self.clock.now
    }

    /// The time at which the caller of the last operation that took its time said it was, in milliseconds since 1970.
    pub fn named_time(&self) -> u64 {
        self.clock.named
    }

    /// Begins a change at a time, in milliseconds since 1970. Where changes take time, [`Cloud::pass`] ends it.
    pub fn begin(&mut self, operation: &Operation, time: u64) -> Result<Outcome, Refusal> {
        self.pass(time);
        self.clock.takes_time = true;
        let begun = self.apply_now(operation);
        self.clock.takes_time = false;
        begun
    }

    /// Lets the time until then pass, in milliseconds since 1970. Returns what ended.
    pub fn pass(&mut self, time: u64) -> Vec<Transition> {
        if !self.has_pace() {
            return Vec::new();
        }
        self.clock.named = self.clock.named.max(time);
        self.finish(self.clock.moment())
    }

    /// Whether a change that is under way is done at a time, in milliseconds since 1970.
    pub fn is_due(&self, time: u64) -> bool {
        self.due_in(time).is_some_and(|left| left.is_zero())
    }

    /// The time, from one in milliseconds since 1970, until the next change that is under way is done; `None` if none is.
    pub fn due_in(&self, time: u64) -> Option<Duration> {
        let then = Clock { named: self.clock.named.max(time), ..self.clock };
        self.next_due().map(|due| Duration::from_millis(due.saturating_sub(then.moment())))
    }

    /// The Cloud when no change is under way any more; `None`: none is.
    pub fn settled(&self) -> Option<Cloud> {
        self.next_due()?;
        let mut settled = self.clone();
        settled.settle();
        Some(settled)
    }

    /// Waits until no change is under way.
    pub fn settle(&mut self) {
        self.finish(u64::MAX);
    }

    /// Lets time pass; what is over then, ends.
    pub(super) fn pass_time(&mut self, operation: &Operation, call: &PassTime) -> Result<Outcome, Refusal> {
        let time = value::time(&call.time).ok_or_else(|| {
            let said = msg!(Refusals::NoTime { text: &call.time });
            Refusal::new(Fault::InvalidTime, said, Hints::WriteATime).at("time")
        })?;
        self.clock.now = self.clock.now.saturating_add(time);
        let mut transitions = self.finish(self.clock.moment());
        transitions.extend(self.expire_requests(&operation.origin));
        Ok(Outcome { transitions, ..Outcome::default() })
    }

    /// Time that passed once passes again.
    pub(super) fn is_over(&self, _: &Operation, _: &PassTime) -> Option<bool> {
        Some(false)
    }

    fn next_due(&self) -> Option<u64> {
        self.clock.pace?;
        let interfaces = self.router_interfaces.values().filter_map(|interface| interface.due);
        let connections = self.peering_connections.values().filter_map(|it| Some(it.under_way.as_ref()?.due));
        interfaces.chain(connections).min()
    }

    /// Ends the changes that are due at a moment, in their order.
    fn finish(&mut self, moment: u64) -> Vec<Transition> {
        let mut ended = Vec::new();
        while let Some(due) = self.next_due().filter(|due| *due <= moment) {
            let interfaces = self.router_interfaces.values().filter(|it| it.due == Some(due));
            let interfaces: Vec<PeeringName> = interfaces.map(|it| it.name.clone()).collect();
            let connections = self.peering_connections.values();
            let connections = connections.filter(|it| it.under_way.as_ref().is_some_and(|it| it.due == due));
            let connections: Vec<PeeringName> = connections.map(|it| it.name.clone()).collect();
            ended.extend(interfaces.iter().filter_map(|name| self.finish_interface(name)));
            ended.extend(connections.iter().filter_map(|name| self.finish_connection(name)));
        }
        ended
    }

    /// Refuses an operation on a VPC of which another router interface than `own` is being changed.
    pub(super) fn check_no_task(
        &self,
        vpc: &VpcName,
        own: Option<&PeeringName>,
        argument: &'static str,
    ) -> Result<(), Refusal> {
        if !self.has_pace() {
            return Ok(());
        }
        let is_task = |end: &Peering| {
            Some(&end.name) != own && self.router_interfaces.get(&end.name).is_some_and(|it| it.due.is_some())
        };
        let Some(end) = self.peerings_of(vpc).find(is_task) else { return Ok(()) };
        let said = msg!(Refusals::Task { vpc, interface: &end.name, status: end.status });
        Err(Refusal::new(Fault::TaskConflict, said, Hints::Wait).at(argument))
    }
}
