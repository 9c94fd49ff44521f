//! The events of a lab.

use crate::cloud::Operation;
use crate::lab::{Check, Lab, Step};

/// An event of a lab.
pub(super) enum Event<'a> {
    /// An operation that must succeed.
    Operation(&'a Operation),
    /// The last operation of a step, which must be refused.
    Refused(&'a Operation, &'a Step),
    /// Checks, after a step (from 1) or of the finished lab.
    Checks(&'a [Check], Option<usize>),
}

/// All of a lab, in order.
pub(super) fn events(lab: &Lab) -> Vec<Event<'_>> {
    let mut events: Vec<_> = lab.base.iter().map(Event::Operation).collect();
    for (index, step) in lab.steps.iter().enumerate() {
        let (done, refused) = match (&step.refused, step.operations.split_last()) {
            (Some(_), Some((last, done))) => (done, Some(last)),
            _ => (&*step.operations, None),
        };
        events.extend(done.iter().map(Event::Operation));
        events.extend(refused.map(|operation| Event::Refused(operation, step)));
        events.push(Event::Checks(&step.checks, Some(index + 1)));
    }
    events.push(Event::Checks(&lab.checks, None));
    events
}
