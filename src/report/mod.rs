//! What is shown: errors, tables, the matrix, JSON.

pub mod diagnostics;
pub mod matrix;
