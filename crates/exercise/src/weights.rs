//! The score: what counts how much, in a file if a teacher wants it otherwise.

use toml::de::{DeTable, DeValue};

use crate::error::{Error, Errors, Source};
use crate::messages::Said;
use crate::msg;

macro_rules! weights {
    ($($(#[$doc:meta])* $name:ident = $value:literal,)*) => {
        /// What counts how much, in points.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Weights {
            $($(#[$doc])* pub $name: u32,)*
        }

        impl Default for Weights {
            fn default() -> Self {
                Weights { $($name: $value,)* }
            }
        }

        impl Weights {
            /// Every key.
            pub const KEYS: &[&str] = &[$(stringify!($name)),*];

            fn place(&mut self, key: &str) -> Option<&mut u32> {
                match key {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

weights! {
    /// The checks that failed and hold now.
    checks = 50,
    /// The faults that are mended; one that is only found counts a half.
    faults = 25,
    /// No collateral; each pair takes a quarter.
    collateral = 15,
    /// No more operations than the best repair.
    operations = 10,
    /// Taken for each hint.
    hint = 5,
    /// Taken for each full quarter of an hour after the first half hour.
    quarter = 0,
    /// The pass mark.
    pass = 60,
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// The checks that failed at the start.
    pub failed_at_start: usize,
    /// The checks that fail now.
    pub failing: usize,
    /// The faults.
    pub faults: usize,
    /// Those that are mended.
    pub mended: usize,
    /// Those that are found and not mended.
    pub found: usize,
    /// The pairs that the learner made otherwise than the author.
    pub collateral: usize,
    /// The learner's operations.
    pub operations: usize,
    /// Those of the best repair.
    pub best: usize,
    /// The hints.
    pub hints: usize,
    /// The time.
    pub seconds: u64,
}

impl Weights {
    /// Reads a file of weights: whole numbers by name.
    pub fn read(source: &Source) -> Result<Self, Errors> {
        let wrong = |span: std::ops::Range<usize>, message: crate::message::Message| {
            let hint = msg!(Said::WeightsAre { keys: Weights::KEYS });
            Errors::from(Error::input(message).code("InvalidWeights").at(source, span).hint(hint))
        };
        let document = DeTable::parse(&source.text)
            .map_err(|error| wrong(error.span().unwrap_or(0..0), msg!(Said::NotToml { why: error.message() })))?;
        let mut weights = Weights::default();
        for (key, value) in document.get_ref() {
            let number = match value.get_ref() {
                DeValue::Integer(number) => number.as_str().parse().ok().filter(|number| *number <= 1000),
                _ => None,
            };
            match (weights.place(key.get_ref()), number) {
                (None, _) => return Err(wrong(key.span(), msg!(Said::NoSuchWeight { key: key.get_ref() }))),
                (Some(_), None) => return Err(wrong(value.span(), msg!(Said::NotAWeight { key: key.get_ref() }))),
                (Some(place), Some(number)) => *place = number,
            }
        }
        Ok(weights)
    }

    /// The score, 0 to 100. Who mends nothing has nothing, whatever else is right.
    pub fn score(&self, of: &Score) -> u32 {
        let whole = self.checks + self.faults + self.collateral + self.operations;
        if whole == 0 {
            return 0;
        }
        let share = |part: usize, of: usize| if of == 0 { 1.0 } else { part.min(of) as f64 / of as f64 };
        let repaired = share(of.failed_at_start.saturating_sub(of.failing), of.failed_at_start);
        let faults = (of.mended as f64 + of.found as f64 / 2.0) / of.faults.max(1) as f64;
        let clean = 1.0 - share(of.collateral, 4);
        let clean = if of.collateral == 0 { 1.0 } else { clean };
        let economy = share(of.best, of.operations.max(1));
        let points = f64::from(self.checks) * repaired
            + f64::from(self.faults) * faults.min(1.0)
            + repaired * (f64::from(self.collateral) * clean + f64::from(self.operations) * economy);
        let late = of.seconds.saturating_sub(30 * 60) / (15 * 60);
        let taken = f64::from(self.hint) * of.hints as f64 + f64::from(self.quarter) * late as f64;
        let score = points * 100.0 / f64::from(whole) - taken;
        score.round().clamp(0.0, 100.0) as u32
    }
}
