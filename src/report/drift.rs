//! Drift (what somebody changed in a lab's kernel) in one line.

use crate::terminal::{Terminal, Tone};

/// The drift and what fixes it: `drift: VPC1: link eth0 is down; …`. `None`: there is none.
pub fn text(lab: &str, drift: &[String]) -> Option<String> {
    let (first, more) = drift.split_first()?;
    Some(match more.len() {
        0 => format!("drift: {first}; `peerlab up --lab {lab}` mends it"),
        more => format!("drift: {first}, and {more} more; `peerlab up --lab {lab}` mends it"),
    })
}

/// The same as a separate line; empty if there is no drift.
pub fn line(lab: &str, drift: &[String], out: &Terminal) -> String {
    text(lab, drift).map_or(String::new(), |text| out.paint(Tone::Bad, out.fit(&out.word(text), 2)) + "\n")
}
