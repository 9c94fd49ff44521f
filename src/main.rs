//! The `peerlab` command.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    peerlab::cli::main()
}
