//! Finds the operations by hand because of which a step's checks fail, and whether these only go beyond the step.

use super::Run;
use super::export::holds;
use crate::journal::Event;
use crate::lab::Check;

/// The operations by hand because of which checks of a step fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Against {
    /// Each with its account: the last one alone, if the checks hold without it; else all.
    pub operations: Vec<(String, String)>,
    /// Whether later steps of the lab end the state that the failed checks show, too: the learner is ahead.
    pub is_ahead: bool,
}

impl Run {
    /// The operations by hand because of which checks of a done step (from 0) fail, as predicted; `None` if all hold, or
    /// would fail without them as well.
    pub fn against(&self, index: usize) -> Option<Against> {
        let failing = |run: &Run| -> Vec<Check> {
            let all = run.checks(&run.lab().steps[index].checks);
            all.into_iter().filter(|check| !holds(run.cloud(), check)).collect()
        };
        let failed = failing(self);
        if failed.is_empty() {
            return None;
        }
        let by_hand = |event: &&Event| matches!(event, Event::Operation { .. });
        let places = (0..self.events().len()).rev().filter(|at| by_hand(&&self.events()[*at]));
        let is_cause =
            |without: &dyn Fn(usize, &Event) -> bool| self.without(without).is_some_and(|run| failing(&run).is_empty());
        let one = places.clone().find(|at| is_cause(&|it, _| it == *at));
        let causes: Vec<_> = match one {
            Some(at) => vec![at],
            None if is_cause(&|_, event| by_hand(&event)) => places.rev().collect(),
            None => return None,
        };
        let operation = |at: usize| match &self.events()[at] {
            Event::Operation { account, line } => Some((account.clone(), line.clone())),
            _ => None,
        };
        let operations = causes.into_iter().filter_map(operation).collect();
        // As the lab calls the instances.
        let written = &self.lab().steps[index].checks;
        let mut own = written.iter().zip(self.checks(written)).filter(|(_, made)| failed.contains(made));
        Some(Against { operations, is_ahead: own.all(|(check, _)| self.ends_after(index, check)) })
    }

    /// The run without some events; those after them that are refused are left out, too. `None` if a step is refused.
    fn without(&self, is_left_out: &dyn Fn(usize, &Event) -> bool) -> Option<Run> {
        let mut run = Run::begin(self.lab().clone(), self.path().to_owned()).ok()?;
        for (at, event) in self.events().iter().enumerate() {
            match event {
                event if is_left_out(at, event) => {}
                Event::Operation { .. } => _ = run.redo(event),
                Event::Skipped { .. } => run.redo(event).ok()?,
                Event::Step(_) | Event::Bound { .. } => _ = run.step().ok()??,
            }
        }
        Some(run)
    }

    /// Whether a check that holds after a step of the lab does not after a later one.
    fn ends_after(&self, index: usize, check: &Check) -> bool {
        let Ok(mut run) = Run::begin(self.lab().clone(), self.path().to_owned()) else { return false };
        while let Ok(Some(done)) = run.step() {
            if done.index > index && !holds(run.cloud(), check) {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::recognize::tests::{shipped, type_all};

    /// The run of a lab after some steps, and operations by hand before the last of them.
    fn after(lab: &str, steps: usize, script: &str) -> super::Run {
        let mut run = shipped(lab);
        (1..steps).for_each(|_| _ = run.step().unwrap());
        type_all(&mut run, script);
        run.step().unwrap();
        run
    }

    #[test]
    fn a_learner_with_an_entry_of_ones_own_is_ahead() {
        let line = "create-route-entry --vpc VPC1 --destination 172.16.1.0/24 --next-hop ri-a";
        let run = after("cross-account", 5, &format!("A: create-subnet t --vpc VPC1 --cidr 192.168.7.0/24\nA: {line}"));
        let against = run.against(4).unwrap();
        assert_eq!(against.operations, [("A".to_owned(), line.to_owned())]);
        assert!(against.is_ahead);
    }

    #[test]
    fn a_rule_that_drops_what_the_lab_wants_to_reach_is_against_it() {
        let rule = "authorize-security-group sg-a --protocol all --cidr 0.0.0.0/0 --policy drop --priority 1";
        let run = after("cross-account", 9, &format!("A: {rule}"));
        let against = run.against(8).unwrap();
        assert_eq!(against.operations[0].1, rule);
        assert!(!against.is_ahead);
        assert_eq!(after("cross-account", 9, "A: create-subnet t --vpc VPC1 --cidr 192.168.7.0/24").against(8), None);
    }
}
