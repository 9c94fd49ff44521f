//! What is shown: errors, tables, the matrix, JSON.

pub mod matrix;
