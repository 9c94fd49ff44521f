//! The current Cloud of a lab, and the events after the lab's tables. Does not need the lab's file.

use std::sync::Arc;

use crate::cloud::{AccountName, Bindings, Call, Cloud, Operation, Origin, Outcome};
use crate::error::Error;
use crate::journal::{self, Event, History, Journal};
use crate::lab;
use crate::msg;
use crate::session::messages::Said;

/// A Cloud, and its history since the lab's tables.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The lab's name.
    lab: String,
    /// Shared, so that the state before a change can be kept.
    pub(super) cloud: Arc<Cloud>,
    pub(super) history: History,
}

impl Standing {
    /// A Cloud, and the events that led to it.
    pub(super) fn new(lab: &str, cloud: impl Into<Arc<Cloud>>, history: History) -> Self {
        Standing { lab: lab.into(), cloud: cloud.into(), history }
    }

    /// Replays operations done by hand; `None` if an event is not one, or is refused.
    pub(super) fn redo(&mut self, events: &[Event]) -> Option<()> {
        for event in events {
            let Event::Operation { account, line, at } = event else { return None };
            self.perform(account, lab::parse_operation(line).ok()?, *at).ok()?;
            self.history.push(event.clone());
        }
        Some(())
    }

    /// Does one operation by hand, as the account of this name or id. A name or id of the lab's lines that does not
    /// exist in the Cloud means the resource made by hand in its place. Where changes take time, it only begins.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        let at = self.cloud.has_pace().then(journal::now);
        self.operate_at(account, call, at)
    }

    /// The same at a time, in milliseconds since 1970; `None`: waits until all that takes time is done, before and after.
    pub(super) fn operate_at(&mut self, account: &str, call: Call, at: Option<u64>) -> Result<Outcome, Error> {
        let (outcome, event) = self.perform(account, call, at)?;
        self.history.push(event);
        Ok(outcome)
    }

    /// Does one operation; the caller adds it to the history.
    fn perform(&mut self, account: &str, call: Call, at: Option<u64>) -> Result<(Outcome, Event), Error> {
        let caller = self.account(account)?;
        let call = self.meant(&call);
        let line: Arc<str> = call.to_string().into();
        let operation = Operation { caller: caller.clone(), call, origin: Origin::Api(line.clone()) };
        let cloud = Arc::make_mut(&mut self.cloud);
        let outcome = match at {
            Some(at) => cloud.begin(&operation, at),
            None => cloud.apply(&operation),
        };
        let outcome = outcome.map_err(|refusal| lab::refused_as_typed(&line, &refusal))?;
        Ok((outcome, Event::Operation { account: caller.to_string(), line: line.to_string(), at }))
    }

    /// Lets the time until then pass, in milliseconds since 1970. Whether a change ended.
    fn pass(&mut self, time: u64) -> bool {
        self.cloud.is_due(time) && !Arc::make_mut(&mut self.cloud).pass(time).is_empty()
    }

    /// Whether a change ended until now that is not in the Cloud yet.
    pub(super) fn is_due(&self) -> bool {
        self.cloud.is_due(journal::now())
    }

    /// Lets time pass until now, from the state that the kernel is in according to the journal. Returns that state, and
    /// whether a change ended since.
    pub(super) fn catch_up(&mut self, journal: &Journal) -> (Arc<Cloud>, bool) {
        if let Some(until) = journal.until {
            self.pass(until);
        }
        let known = self.held_cloud();
        (known, self.pass_until_now())
    }

    /// Lets time pass until now. Whether a change ended.
    pub(super) fn pass_until_now(&mut self) -> bool {
        self.pass(journal::now())
    }

    /// A call with the resources made by hand in place of the lab's missing ones.
    pub(super) fn meant(&self, call: &Call) -> Call {
        self.bindings().resolve_unknown(&self.cloud, call)
    }

    /// The account of this name or id.
    pub fn account(&self, wanted: &str) -> Result<AccountName, Error> {
        self.cloud.find_account(wanted).map(|account| account.name.clone()).ok_or_else(|| {
            let all: Vec<_> = self.cloud.accounts().map(|account| account.name.to_string()).collect();
            Error::input(msg!(Said::NoAccount { lab: &self.lab, wanted }))
                .code("AccountNotFound")
                .hint(msg!(Said::AccountsAre { accounts: all }))
        })
    }

    /// The Cloud.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The current Cloud, for a later comparison.
    pub fn held_cloud(&self) -> Arc<Cloud> {
        self.cloud.clone()
    }

    /// Everything done after the tables, in order.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The bindings of the lab's names to resources made by hand.
    pub fn bindings(&self) -> Bindings {
        self.history.steps().filter_map(Event::step).flat_map(|(_, bound)| bound).cloned().collect()
    }
}
