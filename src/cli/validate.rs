//! `peerlab validate FILE…`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::lab_file::read_lab;
use super::messages::steps::Said;
use crate::error::Errors;
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::session;
use crate::terminal::Tone;

/// Find every error in lab files, without privilege and without changing anything
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab validate labs/*.toml
  peerlab validate --json lab.toml")]
pub(super) struct Arguments {
    /// Lab files, or shipped labs; -: standard input
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Valid {
    file: String,
    lab: String,
    steps: usize,
    /// As `peerlab test` counts them: one with `both_ways` is two.
    checks: usize,
    warnings: Vec<Message>,
}

/// Reads every file, even after errors, and plays its steps as `up` would.
pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (mut valid, mut errors) = (Vec::new(), Errors::default());
    for file in &arguments.files {
        match validate(file) {
            Ok(found) => {
                for warning in &found.warnings {
                    context.warn(msg!(Said::OfFile { file: &found.file, warning }));
                }
                valid.push(found);
            }
            Err(found) => errors.0.extend(found.0),
        }
    }
    context.show(&serde_json::json!({ "valid": valid }), |out| {
        let line = |found: &Valid| {
            let Valid { file, lab, steps, checks, .. } = found;
            let said = msg!(Said::Valid {
                file,
                lab,
                steps: count(*steps, Thing::Step),
                checks: count(*checks, Thing::Check)
            });
            format!("{} {}\n", out.paint(Tone::Good, "✓"), out.say(said))
        };
        valid.iter().map(line).collect()
    });
    errors.into_result().map(|()| Ending::Done)
}

fn validate(file: &std::path::Path) -> Result<Valid, Errors> {
    let lab = read_lab(file, None)?;
    let (_, warnings) = lab.rehearse()?;
    let checks = lab.count_checks();
    let file = session::called(file).display().to_string();
    Ok(Valid { file, steps: lab.steps.len(), lab: lab.name, checks, warnings })
}
