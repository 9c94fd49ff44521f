//! The `peerlab` command.

fn main() -> std::process::ExitCode {
    peerlab::cli::main()
}
