//! `peerlab schema`

use clap::Args;

use super::Ending;
use super::context::Context;
use crate::lab;

/// Print the JSON Schema of lab files, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Editors with schema support for TOML (Even Better TOML in VS Code, taplo elsewhere) then complete keys, describe \
them and underline errors. `peerlab validate` also finds the errors that only the cloud's rules reveal.

Examples:
  peerlab schema > lab.schema.json
  echo '#:schema ./lab.schema.json'   as the first line of a lab file in the same directory")]
pub(super) struct Arguments;

pub(super) fn run(context: &Context) -> Ending {
    context.print_json(&lab::schema());
    Ending::Done
}
