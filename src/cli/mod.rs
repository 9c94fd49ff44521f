//! The command line: a file per verb.
#![allow(clippy::disallowed_methods)]

/// Runs the command line; the exit status is that of `docs/lab-format.md`.
pub fn main() -> std::process::ExitCode {
    todo!("cli helper")
}
