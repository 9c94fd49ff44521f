//! Drift (what somebody changed in a lab's kernel) in one line.

use crate::message::Message;
use crate::msg;
use crate::report::messages::Said;
use crate::terminal::{Terminal, Tone};

/// The drift and what fixes it: `drift: VPC1: link eth0 is down; …`. `None`: there is none.
pub fn text(lab: &str, drift: &[Message]) -> Option<Message> {
    let (first, more) = drift.split_first()?;
    Some(match more.len() {
        0 => msg!(Said::Drift { first: first, lab }),
        more => msg!(Said::DriftAndMore { first: first, more, lab }),
    })
}

/// The same as a separate line; empty if there is no drift.
pub fn line(lab: &str, drift: &[Message], out: &Terminal) -> String {
    text(lab, drift).map_or(String::new(), |text| out.paint(Tone::Bad, out.fit(&out.say(text), 2)) + "\n")
}
