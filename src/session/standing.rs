//! The current Cloud of a lab, and the events after the lab's tables. Does not need the lab's file.

use std::sync::Arc;

use crate::cloud::{AccountName, Bindings, Call, Cloud, Operation, Origin, Outcome};
use crate::error::Error;
use crate::journal::Event;
use crate::lab;

/// A Cloud, and its history since the lab's tables.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The lab's name.
    lab: String,
    /// Shared, so that the state before a change can be kept.
    pub(super) cloud: Arc<Cloud>,
    pub(super) events: Vec<Event>,
}

impl Standing {
    /// A Cloud that includes these events.
    pub(super) fn new(lab: &str, cloud: Cloud, events: Vec<Event>) -> Self {
        Standing { lab: lab.into(), cloud: cloud.into(), events }
    }

    /// Does one operation by hand, as the account of this name or id. A name or id of the lab's lines that does not
    /// exist in the Cloud means the resource made by hand in its place.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        let caller = self.account(account)?;
        let call = self.bindings().resolve_unknown(&self.cloud, &call);
        let line: Arc<str> = call.to_string().into();
        let operation = Operation { caller: caller.clone(), call, origin: Origin::Api(line.clone()) };
        let outcome = Arc::make_mut(&mut self.cloud).apply(&operation);
        let outcome = outcome.map_err(|refusal| lab::refused_as_typed(&line, &refusal))?;
        self.events.push(Event::Operation { account: caller.to_string(), line: line.to_string() });
        Ok(outcome)
    }

    /// The account of this name or id.
    pub fn account(&self, wanted: &str) -> Result<AccountName, Error> {
        let found = self.cloud.accounts().find(|account| account.name.as_str() == wanted || &*account.id.0 == wanted);
        found.map(|account| account.name.clone()).ok_or_else(|| {
            let all: Vec<_> = self.cloud.accounts().map(|account| account.name.to_string()).collect();
            Error::input(format!("lab {} has no account {wanted}", self.lab))
                .code("AccountNotFound")
                .hint(format!("its accounts are: {}", all.join(", ")))
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
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The operations done by hand, in order: account and call.
    pub fn by_hand(&self) -> impl Iterator<Item = (&str, &str)> {
        self.events.iter().filter_map(|event| match event {
            Event::Operation { account, line } => Some((account.as_str(), line.as_str())),
            _ => None,
        })
    }

    /// The bindings of the lab's names to resources made by hand.
    pub fn bindings(&self) -> Bindings {
        self.events.iter().filter_map(Event::step).flat_map(|(_, bound)| bound).cloned().collect()
    }
}
