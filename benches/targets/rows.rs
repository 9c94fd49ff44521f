//! The rows of the table: what is measured, beside what, and what is aimed at.

use std::collections::{BTreeMap, BTreeSet};

use super::contender::{Contender, Sample};

/// The samples of each contender, by round.
pub type Runs = BTreeMap<String, Vec<Sample>>;

pub struct Row {
    pub name: &'static str,
    /// The measured quantity of peerlab.
    pub measure: &'static str,
    pub unit: Unit,
    pub beside: Beside,
    /// The target, and its size.
    pub target: Option<(Target, &'static str)>,
}

#[derive(Clone, Copy)]
pub enum Unit {
    Seconds,
    Milliseconds,
    PerSecond,
    /// From KiB.
    Megabytes,
    Kibibytes,
}

#[derive(Clone, Copy)]
pub enum Beside {
    Nothing,
    /// Something else of peerlab, in the same round.
    Own(&'static str),
    /// The same of the floor.
    Floor,
    /// The same of every script: a line for each.
    Scripts,
}

#[derive(Clone, Copy)]
pub enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// Peerlab's share of the compared value.
    Share(f64),
    /// How many times faster than a script, by its name.
    Faster(&'static [(&'static str, f64)]),
}

const UP_BESIDE_SCRIPTS: &[(&str, f64)] =
    &[("ip", 30.0), ("ip-script", 30.0), ("ip-batch", 2.5), ("mininet", 15.0), ("patchbay", 25.0)];
const MATRIX_BESIDE_SCRIPTS: &[(&str, f64)] =
    &[("ip", 100.0), ("ip-script", 100.0), ("ip-batch", 100.0), ("mininet", 100.0), ("patchbay", 100.0)];

const fn row(
    name: &'static str,
    measure: &'static str,
    unit: Unit,
    beside: Beside,
    target: Option<(Target, &'static str)>,
) -> Row {
    Row { name, measure, unit, beside, target }
}

use Beside::{Floor, Nothing, Own, Scripts};
use Target::{AtLeast, AtMost, Faster, Share};
use Unit::{Kibibytes, Megabytes, Milliseconds, PerSecond, Seconds};

pub const ROWS: &[Row] = &[
    row("up --no-verify", "up", Seconds, Floor, Some((Share(1.3), "100x10"))),
    row("up by a script", "up", Seconds, Scripts, Some((Faster(UP_BESIDE_SCRIPTS), "10x10"))),
    row("up, nothing to do", "up again", Seconds, Own("up"), Some((Share(0.25), "100x10"))),
    row("api: a route entry", "api", Milliseconds, Nothing, Some((AtMost(0.050), "100x10"))),
    row("api: a rule", "api rule", Milliseconds, Nothing, Some((AtMost(0.050), "100x10"))),
    row("verify", "verify", Seconds, Nothing, Some((AtMost(1.5), "100x10"))),
    row("matrix: verify --full", "matrix", Seconds, Nothing, None),
    row("matrix by a script", "matrix", Seconds, Scripts, Some((Faster(MATRIX_BESIDE_SCRIPTS), "10x10"))),
    row("pings per second", "pings per second", PerSecond, Floor, Some((AtLeast(100_000.0), "100x10"))),
    row("down", "down", Seconds, Own("up"), Some((Share(0.3), "100x10"))),
    row("gone from the kernel", "gone", Seconds, Floor, None),
    row("validate", "validate", Milliseconds, Nothing, Some((AtMost(0.100), "100x10"))),
    row("plan", "plan", Milliseconds, Nothing, Some((AtMost(0.100), "100x10"))),
    row("plan, the lab is up", "plan again", Milliseconds, Nothing, Some((AtMost(0.100), "100x10"))),
    row("explain -f", "explain", Milliseconds, Nothing, Some((AtMost(0.100), "100x10"))),
    row("memory of peerlab", "memory", Megabytes, Nothing, Some((AtMost(100.0 * 1000.0 / 1.024), "100x10"))),
    row("kernel, an instance", "kernel memory", Kibibytes, Nothing, None),
];

/// The measurements of peerlab that these rows need.
pub fn needed(rows: &[&Row]) -> BTreeSet<&'static str> {
    let mut needed = BTreeSet::new();
    for row in rows {
        needed.insert(match row.measure {
            "api rule" => "api",
            "pings per second" | "memory" => "matrix",
            measure => measure,
        });
        if let Own(other) = row.beside {
            needed.insert(other);
        }
    }
    if needed.iter().any(|measure| !["validate", "plan", "explain"].contains(measure)) {
        needed.insert("up");
    }
    needed
}

/// Whether one of these rows includes a contender.
pub fn concern(rows: &[&Row], contender: &Contender) -> bool {
    rows.iter().any(|row| match contender {
        Contender::Peerlab { .. } => true,
        Contender::Floor => matches!(row.beside, Floor),
        Contender::Script { .. } => matches!(row.beside, Scripts),
    })
}
