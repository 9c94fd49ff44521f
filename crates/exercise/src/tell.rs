//! What a learner reads: the ticket, which names no cause, and the hints, one step more each.

use crate::assess::{is_mended, subject, with_others_mended};
use crate::cloud::{AccountName, Cloud, Operation};
use crate::flow::{Endpoint, Protocol};
use crate::flows::{failing, flows};
use crate::lab::Lab;
use crate::language::Language;
use crate::message::Message;
use crate::messages::{Said, word_of_protocol};
use crate::msg;
use crate::proof::{attempted, solution};
use crate::trace::explain;

/// A flow as a user of the cloud sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// The sender.
    pub from: Endpoint,
    /// The receiver.
    pub to: Endpoint,
    /// The protocol.
    pub protocol: Protocol,
    /// Whether it should reach.
    pub wanted: bool,
    /// Whether it is as it should be.
    pub holds: bool,
    /// The accounts whose ends these are.
    pub accounts: Vec<AccountName>,
}

impl Symptom {
    /// As its user reports it.
    pub fn message(&self) -> Message {
        let (from, to, what) = (&self.from, &self.to, word_of_protocol(self.protocol));
        match (self.wanted, self.holds) {
            (true, false) => msg!(Said::NoAnswer { from, to, what }),
            (false, false) => msg!(Said::Open { from, to, what }),
            (true, true) => msg!(Said::Works { from, to, what }),
            (false, true) => msg!(Said::Closed { from, to, what }),
        }
    }
}

/// The flows of the lab's checks, those that are not as they should be first; for one account, those with an end of its own.
pub fn symptoms(lab: &Lab, now: &Cloud, account: Option<&AccountName>) -> Vec<Symptom> {
    let owner = |end: &Endpoint| match end {
        Endpoint::Instance(name) => now.instance(name).map(|it| it.account.clone()),
        _ => None,
    };
    let flows = flows(lab.final_checks());
    let mut all: Vec<Symptom> = Vec::new();
    for flow in flows {
        let mut accounts: Vec<_> = [flow.from, flow.to].into_iter().filter_map(owner).collect();
        accounts.dedup();
        let (from, to, protocol) = (flow.from.clone(), flow.to.clone(), flow.check.protocol);
        let symptom = Symptom { from, to, protocol, wanted: flow.wants_reach(), holds: flow.holds(now), accounts };
        if account.is_none_or(|account| symptom.accounts.contains(account)) && !all.contains(&symptom) {
            all.push(symptom);
        }
    }
    all.sort_by_key(|symptom| symptom.holds);
    all
}

/// The hints for the first fault that is not mended.
#[derive(Clone, Debug)]
pub struct Hints {
    /// The fault's index.
    pub fault: usize,
    /// One step more each: which direction, which hop, which thing, which operation.
    pub steps: Vec<Message>,
}

/// The hints for an exercise now; `None`: every fault is mended. `healthy` is the lab as its author wrote it.
pub fn hints(lab: &Lab, healthy: &Cloud, now: &Cloud, language: Language) -> Option<Hints> {
    let solution = solution(lab, healthy);
    let fault = (0..lab.faults.len()).find(|index| !is_mended(lab, healthy, now, &solution, *index))?;
    let own = lab.faults[fault].hints_in(language).iter().map(Message::text);
    let mend = &solution.mends[fault];

    let flows = flows(lab.final_checks());
    let alone = failing(&attempted(healthy, &lab.faults[fault].operations), &flows);
    let seen = with_others_mended(now, &solution, fault);
    let flow = alone.iter().map(|index| &flows[*index]).find(|flow| !flow.holds(&seen));
    let mut steps: Vec<Message> = own.collect();
    if let Some(flow) = flow.filter(|_| steps.is_empty()) {
        let (from, to) = (flow.from, flow.to);
        let explained = explain(&seen, from, to, flow.check.traffic());
        let on_return = explained.blockers.first().is_some_and(|blocker| blocker.on_return);
        steps.push(match (flow.wants_reach(), on_return) {
            (false, _) => msg!(Said::ArrivesAndMustNot { from, to }),
            (true, false) => msg!(Said::LostThere { from, to }),
            (true, true) => msg!(Said::LostBack { from, to }),
        });
        if let Some((place, _)) = explained.trace.last_word() {
            steps.push(msg!(Said::LookAt { place }));
        }
    }
    let mut things: Vec<_> = mend.iter().filter_map(|operation| subject(now, &operation.call)).collect();
    things.dedup();
    if !things.is_empty() {
        steps.push(msg!(Said::ItIs { things: things }));
    }
    if !mend.is_empty() {
        steps.push(msg!(Said::DoThis { operations: mend.iter().map(as_command) }));
    }
    Some(Hints { fault, steps })
}

/// An operation as it is typed.
fn as_command(operation: &Operation) -> String {
    format!("peerlab api --as {} {}", operation.caller, operation.call)
}
