//! What is shown: errors, tables, the matrix, JSON.
