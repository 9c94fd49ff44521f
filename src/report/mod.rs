//! Renders what peerlab shows: errors, tables, the matrix, JSON.

pub mod count;
pub mod diagnostics;
pub mod drift;
pub mod explain;
pub mod graph;
pub mod matrix;
pub(crate) mod messages;
pub(crate) mod order;
pub mod plan;
pub mod progress;
pub mod status;

#[cfg(test)]
mod tests;

use std::fmt::Display;

use crate::message::Message;
use crate::msg;
use crate::terminal::Terminal;

/// Names and values with the signs of the reader's language between them.
pub(crate) fn listed<T: Display>(items: impl IntoIterator<Item = T>, terminal: &Terminal) -> String {
    let items: Vec<_> = items.into_iter().map(Message::text).collect();
    terminal.say(msg!(messages::Said::Items { items: &items }))
}
