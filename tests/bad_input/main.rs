//! Bad input: for any content of a file, an argument or a state file, peerlab ends quickly with an error that says what
//! is wrong, prints no control characters, and touches nothing except `/run/peerlab` and `/run/netns`.
//!
//! The parser, the operations, the journal and the decoders have tests with random input beside their code;
//! `PROPTEST_CASES=100000` makes a long run (docs/architecture.md).
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, clocks and oracles

#[allow(dead_code)] // other tests use the rest
#[path = "../support/mod.rs"]
mod support;

mod files;
mod state;
mod typed;

use std::time::{Duration, Instant};

use peerlab::printable::is_hidden;
use support::{Machine, Run};

/// Longer than anything here takes on a busy machine; quadratic behaviour takes minutes.
const SOON: Duration = Duration::from_secs(20);

/// Runs peerlab, and checks that it ends quickly and by itself.
#[track_caller]
fn soon(machine: &Machine, line: &str) -> Run {
    let begun = Instant::now();
    let run = machine.peerlab(line);
    assert!(begun.elapsed() < SOON, "{line} took {:?}", begun.elapsed());
    assert!(!run.stderr.contains("panicked"), "{run}");
    tame(&run);
    run
}

/// Checks that the output contains no control characters.
#[track_caller]
fn tame(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        let hidden: Vec<char> = text.chars().filter(|c| *c != '\n' && is_hidden(*c)).collect();
        assert!(hidden.is_empty(), "{hidden:?} in {run}");
    }
}
