//! Finds the operations by hand because of which a step's checks fail, and whether these only go beyond the step.

use super::Run;
use crate::journal::Event;
use crate::lab::Check;
use crate::verify::holds;

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
        let events = self.events();
        let by_hand = |at: &usize| matches!(events[*at], Event::Operation { .. });
        let deeds: Vec<_> = (0..events.len()).filter(by_hand).collect();
        let is_cause = |deeds: &&[usize]| self.without(deeds).is_some_and(|run| failing(&run).is_empty());
        let causes = deeds.chunks(1).rev().chain([&deeds[..]]).find(is_cause)?;
        let operation = |at: &usize| match &events[*at] {
            Event::Operation { account, line, .. } => Some((account.clone(), line.clone())),
            _ => None,
        };
        let operations = causes.iter().filter_map(operation).collect();
        // As the lab calls the instances.
        let written = &self.lab().steps[index].checks;
        let mut own = written.iter().zip(self.checks(written)).filter(|(_, made)| failed.contains(made));
        Some(Against { operations, is_ahead: own.all(|(check, _)| self.ends_after(index, check)) })
    }

    /// The run without the events at these places; operations that are then refused are left out, too. `None` if a step is.
    fn without(&self, left_out: &[usize]) -> Option<Run> {
        let mut run = Run::begin(self.lab().clone(), self.path().to_owned()).ok()?;
        for (at, event) in self.events().iter().enumerate() {
            match event {
                _ if left_out.contains(&at) => {}
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
    fn a_learner_with_a_later_bandwidth_is_ahead() {
        let line = "modify-router-interface-spec ri-a --spec Small.1";
        let against = after("bandwidth", 1, &format!("A: {line}")).against(0).unwrap();
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
