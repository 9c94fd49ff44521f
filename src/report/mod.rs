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
