//! The cost of peerlab, compared with the floor and with hand-written scripts: `scripts/bench`, or `cargo bench`.
//!
//! One run measures everything in turn, in its own namespaces (mounts with an empty /run, network, processes). It does
//! not affect labs of the host, and however the run ends, the namespaces vanish with it.
#![allow(clippy::disallowed_methods)] // it measures, and runs what it is measured against

mod contender;
mod machine;
mod rows;
mod table;

#[path = "../floor/mod.rs"]
mod floor;

use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Parser, Subcommand};

use contender::{Contender, Missing};
use rows::{ROWS, Runs};

/// Measure peerlab beside the floor (hand-written netlink) and scripts by hand (ip, nft, ping)
///
/// Every lab is written by `peerlab init`. A round measures each contender once, in turn; a figure is the median of the
/// rounds, a ratio the median of the rounds' ratios.
#[derive(Parser)]
#[command(
    name = "scripts/bench",
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  scripts/bench                                  the whole table: a quarter of an hour
  scripts/bench --sizes 10x10 --rounds 3
  scripts/bench --sizes 100x10 --rows up,api --before /tmp/peerlab-of-yesterday
  scripts/bench --sizes 10x10,100x10 --rootless
  scripts/bench --sizes 10x10 --beside ~/mininet.sh
  scripts/bench floor 100 10"
)]
struct CommandLine {
    #[command(subcommand)]
    alone: Option<Alone>,
    /// Sizes: VPCs x instances in each
    #[arg(long, value_delimiter = ',', default_value = "2x1,10x10,100x10,500x10", value_name = "KxM")]
    sizes: Vec<Size>,
    /// Rows whose name begins with one of these words, as in up,verify,down
    #[arg(long, value_delimiter = ',', value_name = "ROW")]
    rows: Vec<String>,
    /// How often each is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The scripts by hand run at sizes up to this many instances: they take minutes beyond
    #[arg(long, default_value_t = 100, value_name = "INSTANCES")]
    scripts_up_to: u32,
    /// Another peerlab, measured in turn with this one
    #[arg(long, value_name = "PROGRAM")]
    before: Option<PathBuf>,
    /// The same peerlab called by an ordinary user, measured in turn with root's
    #[arg(long, conflicts_with = "before")]
    rootless: bool,
    /// A program that takes K and M and prints {"up_s", "matrix_s", "down_s"} in a line of JSON, named after its file
    #[arg(long, value_name = "PROGRAM")]
    beside: Vec<PathBuf>,
    /// Write every figure of every round as JSON as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Alone {
    /// Run the floor once: a line of JSON
    Floor { vpcs: u32, instances: u32 },
}

/// How large a lab is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// VPCs.
    pub vpcs: u32,
    /// Instances in each.
    pub per_vpc: u32,
}

impl Size {
    /// Instances in all.
    pub fn instances(self) -> u32 {
        self.vpcs * self.per_vpc
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('x').and_then(|(vpcs, per_vpc)| Some((vpcs.parse().ok()?, per_vpc.parse().ok()?)));
        let (vpcs, per_vpc) =
            parts.filter(|size| size.0 > 0 && size.1 > 0).ok_or("write VPCs x instances, as in 100x10")?;
        Ok(Size { vpcs, per_vpc })
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.vpcs, self.per_vpc)
    }
}

fn main() -> ExitCode {
    // `cargo bench` says --bench to every benchmark.
    let command_line = CommandLine::parse_from(std::env::args_os().filter(|word| word != "--bench"));
    let ended = if machine::is_own() { inside(&command_line) } else { machine::run_in_own() };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn inside(command_line: &CommandLine) -> Result<ExitCode, String> {
    machine::prepare().map_err(|error| format!("cannot make namespaces of the benchmark's own: {error}"))?;
    if let Some(Alone::Floor { vpcs, instances }) = command_line.alone {
        let taken = floor::run(vpcs, instances).map_err(|error| error.to_string())?;
        println!("{}", serde_json::to_string(&taken).map_err(|error| error.to_string())?);
        return Ok(ExitCode::SUCCESS);
    }
    let wanted =
        |name: &str| command_line.rows.is_empty() || command_line.rows.iter().any(|row| name.starts_with(row.as_str()));
    let rows: Vec<_> = ROWS.iter().filter(|row| wanted(row.name)).collect();
    if rows.is_empty() {
        let names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!("no row begins so; the rows are: {}", names.join(", ")));
    }

    let (contenders, missing) =
        contender::all(command_line.before.as_deref(), command_line.rootless, &command_line.beside);
    for Missing { name, why } in &missing {
        eprintln!("NOT MEASURED: {name}: {why}");
    }
    let (mut tables, mut failed) = (Vec::new(), false);
    for size in &command_line.sizes {
        let (runs, complete) = measure(*size, &contenders, &rows, command_line);
        failed |= !complete;
        let table = table::Table::new(*size, &runs, &rows, &contenders);
        print!("{}", table.text());
        tables.push(table);
    }
    print!("{}{}", table::growth(&tables), table::LEGEND);
    if let Some(path) = &command_line.json {
        let json = serde_json::json!({
            "machine": machine::describe(),
            "rounds": command_line.rounds,
            "not_measured": missing,
            "sizes": tables,
        });
        fs::write(path, format!("{json:#}\n")).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// All rounds at a size, and whether nothing failed: what fails is said, and is missing from the runs.
fn measure(size: Size, contenders: &[Contender], rows: &[&rows::Row], command_line: &CommandLine) -> (Runs, bool) {
    let (mut runs, mut complete) = (Runs::new(), true);
    let needed = rows::needed(rows);
    for round in 1..=command_line.rounds {
        // The first contender of a round is the last of the next.
        let mut order: Vec<_> = contenders.iter().collect();
        if round % 2 == 0 {
            order.reverse();
        }
        for contender in order {
            if !contender.runs_at(size, command_line.scripts_up_to) || !rows::concern(rows, contender) {
                continue;
            }
            progress(&format!("{size}, round {round} of {}: {}", command_line.rounds, contender.name()));
            match contender.run(size, &needed) {
                Ok(sample) => runs.entry(contender.name().to_owned()).or_default().push(sample),
                Err(error) => {
                    complete = false;
                    progress("");
                    eprintln!("FAILED: {} at {size}: {error}", contender.name());
                }
            }
        }
    }
    progress("");
    (runs, complete)
}

/// The current work, on a terminal.
fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}
