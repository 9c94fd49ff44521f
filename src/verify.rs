//! Expected × predicted × observed, for every ordered pair.
#![allow(clippy::disallowed_methods)]
