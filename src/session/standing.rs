//! The current Cloud of a lab, and the events after the lab's tables. Does not need the lab's file.

use std::sync::Arc;

use crate::cloud::{AccountName, Bindings, Call, Cloud, Operation, Origin, Outcome};
use crate::error::Error;
use crate::journal::{Event, History};
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
    pub(super) fn new(lab: &str, cloud: Cloud, history: History) -> Self {
        Standing { lab: lab.into(), cloud: cloud.into(), history }
    }

    /// Replays operations done by hand; `None` if an event is not one, or is refused.
    pub(super) fn redo(&mut self, events: &[Event]) -> Option<()> {
        for event in events {
            let Event::Operation { account, line } = event else { return None };
            self.perform(account, lab::parse_operation(line).ok()?).ok()?;
            self.history.push(event.clone());
        }
        Some(())
    }

    /// Does one operation by hand, as the account of this name or id. A name or id of the lab's lines that does not
    /// exist in the Cloud means the resource made by hand in its place.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        let (outcome, event) = self.perform(account, call)?;
        self.history.push(event);
        Ok(outcome)
    }

    /// Does one operation; the caller adds it to the history.
    fn perform(&mut self, account: &str, call: Call) -> Result<(Outcome, Event), Error> {
        let caller = self.account(account)?;
        let call = self.meant(&call);
        let line: Arc<str> = call.to_string().into();
        let operation = Operation { caller: caller.clone(), call, origin: Origin::Api(line.clone()) };
        let outcome = Arc::make_mut(&mut self.cloud).apply(&operation);
        let outcome = outcome.map_err(|refusal| lab::refused_as_typed(&line, &refusal))?;
        Ok((outcome, Event::Operation { account: caller.to_string(), line: line.to_string() }))
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
