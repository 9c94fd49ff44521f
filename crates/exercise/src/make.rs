//! Makes exercises: of all faults that a lab can have, those of a seed that can be proven.

use std::collections::BTreeMap;

use crate::cloud::{Cloud, Operation};
use crate::difficulty::difficulty;
use crate::flows::failing;
use crate::kinds::{Candidate, candidates};
use crate::lab::{FaultKind, Lab};
use crate::proof::{Alone, Healthy, Together};
use crate::random::Random;

/// What is wanted of an exercise.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The seed.
    pub seed: u64,
    /// How many faults; `None`: as many as the difficulty takes, else one.
    pub faults: Option<usize>,
    /// How hard, 1 to 5.
    pub difficulty: Option<u8>,
}

/// An exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its faults.
    pub faults: Vec<Candidate>,
    /// How hard it is, 1 to 5.
    pub difficulty: u8,
}

/// Why there is no exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// The lab has no checks.
    NoChecks,
    /// A check of the lab fails before anything is broken.
    Fails,
    /// It cannot have so many faults of these kinds; it can have so many at least.
    TooFew(usize),
    /// It cannot be so hard or so easy; it can be this hard.
    NotSoHard(Vec<u8>),
}

/// The most attempts for a difficulty.
const ATTEMPTS: u64 = 40;
/// The most faults of an exercise whose number is not given.
const MOST_FAULTS: usize = 3;

/// Makes exercises of one lab: what is proven of a fault is proven once.
pub struct Maker<'a> {
    well: Healthy<'a>,
    all: Vec<Candidate>,
    /// What is proven of a candidate, by index.
    alone: BTreeMap<usize, Option<(Vec<Operation>, Alone)>>,
}

impl<'a> Maker<'a> {
    /// Of a lab, with faults of these kinds; none: of all. `healthy` is the lab with all its steps done.
    pub fn new(lab: &'a Lab, healthy: &'a Cloud, kinds: &[FaultKind]) -> Result<Self, Unmade> {
        let well = Healthy::new(healthy, lab.final_checks());
        if well.flows.is_empty() {
            return Err(Unmade::NoChecks);
        }
        if !failing(healthy, &well.flows).is_empty() {
            return Err(Unmade::Fails);
        }
        let kinds = if kinds.is_empty() { &FaultKind::ALL } else { kinds };
        Ok(Maker { well, all: candidates(healthy, kinds), alone: BTreeMap::new() })
    }

    /// The exercise of a wish: always the same.
    pub fn make(&mut self, wish: &Wish) -> Result<Made, Unmade> {
        let (mut most, mut seen) = (0, Vec::new());
        for attempt in 0..ATTEMPTS {
            let number = wish.faults.unwrap_or(match wish.difficulty {
                // The easy ones have few faults, the hard ones may have several.
                Some(1..=2) | None => 1,
                Some(_) => 1 + attempt as usize % MOST_FAULTS,
            });
            match self.attempt(Random::of(wish.seed, attempt), number) {
                Ok(made) if wish.difficulty.is_none_or(|wanted| wanted == made.difficulty) => return Ok(made),
                Ok(made) => seen.push(made.difficulty),
                // Another order hardly finds more.
                Err(few) if seen.is_empty() && attempt >= MOST_FAULTS as u64 => {
                    return Err(Unmade::TooFew(few.max(most)));
                }
                Err(few) => most = most.max(few),
            }
        }
        seen.sort_unstable();
        seen.dedup();
        Err(Unmade::NotSoHard(seen))
    }

    /// So many faults, in a random order; or how many were possible.
    fn attempt(&mut self, mut random: Random, number: usize) -> Result<Made, usize> {
        let mut chosen: Vec<usize> = Vec::new();
        for index in self.shuffled(&mut random) {
            if self.alone(index).is_none() {
                continue;
            }
            chosen.push(index);
            let faults = self.proven(&chosen);
            let Some(together) = self.well.together(&faults) else {
                chosen.pop();
                continue;
            };
            if chosen.len() < number {
                continue;
            }
            let (chosen, together) = self.in_order(chosen, together);
            let mends: Vec<_> = self.proven(&chosen).into_iter().map(|(_, alone)| alone.mend).collect();
            let broken: Vec<_> = together.breaks.iter().map(|index| &self.well.flows[*index]).collect();
            let difficulty = difficulty(&together.cloud, &broken, &mends);
            let faults = chosen.iter().map(|index| self.all[*index].clone()).collect();
            return Ok(Made { faults, difficulty });
        }
        Err(chosen.len())
    }

    /// These faults in an order that does not tell how they were chosen, if that is proven, too: one may need what another
    /// took away.
    fn in_order(&mut self, chosen: Vec<usize>, together: Together) -> (Vec<usize>, Together) {
        let mut sorted = chosen.clone();
        sorted.sort_by(|one, other| self.all[*one].cmp(&self.all[*other]));
        if sorted == chosen {
            return (chosen, together);
        }
        let faults = self.proven(&sorted);
        match self.well.together(&faults) {
            Some(together) => (sorted, together),
            None => (chosen, together),
        }
    }

    /// What is proven of these.
    fn proven(&mut self, chosen: &[usize]) -> Vec<(Vec<Operation>, Alone)> {
        chosen.iter().filter_map(|index| self.alone(*index)).collect()
    }

    /// The candidates in a random order, in which a kind with few of them is as likely as one with many.
    fn shuffled(&self, random: &mut Random) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        random.shuffle(&mut order);
        let mut kinds = FaultKind::ALL;
        random.shuffle(&mut kinds);
        let turn = |index: &usize| kinds.iter().position(|kind| *kind == self.all[*index].kind);
        let mut rounds = BTreeMap::<Option<usize>, usize>::new();
        let mut ranked: Vec<_> = order
            .iter()
            .map(|index| {
                let turn = turn(index);
                let round = rounds.entry(turn).or_default();
                *round += 1;
                (*round, turn, *index)
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, _, index)| index).collect()
    }

    fn alone(&mut self, index: usize) -> Option<(Vec<Operation>, Alone)> {
        let (well, all) = (&self.well, &self.all);
        let prove = || {
            let operations = all[index].operations()?;
            let alone = well.alone(&operations)?;
            Some((operations, alone))
        };
        self.alone.entry(index).or_insert_with(prove).clone()
    }
}

/// The exercise's file: the author's, with the tables that break it. Without `made`, the author's own faults.
pub fn text(lab: &Lab, made: Option<&Made>, seed: Option<u64>, learner: Option<&str>) -> String {
    let mut text = lab.source.text.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text += "\n[exercise]\n";
    if let Some(seed) = seed {
        // TOML's numbers have a sign.
        text += &format!("seed = \"{seed}\"\n");
    }
    if let Some(learner) = learner {
        text += &format!("learner = {}\n", crate::lab::quoted(learner));
    }
    for fault in made.iter().flat_map(|made| &made.faults) {
        let lines: Vec<_> = fault.lines.iter().map(|line| format!("  {},\n", crate::lab::quoted(line))).collect();
        let account = crate::lab::quoted(fault.account.as_str());
        text += &format!("\n[[fault]]\nkind = \"{}\"\naccount = {account}\nrun = [\n{}]\n", fault.kind, lines.concat());
    }
    text
}
