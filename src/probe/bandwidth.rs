//! How much gets through: a TCP flow, measured where it arrives.
