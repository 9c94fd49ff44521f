//! `peerlab schema`

use clap::Args;

use super::Ending;
use super::context::Context;
use crate::lab;

/// Print the JSON Schema of lab files, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Editors that know TOML by schema (Even Better TOML in VS Code, taplo elsewhere) then complete keys, say what they are, \
and underline what is wrong. What only the cloud can tell, `peerlab validate` says.

Examples:
  peerlab schema > lab.schema.json
  echo '#:schema ./lab.schema.json'   as the first line of a lab file beside it")]
pub(super) struct Arguments;

pub(super) fn run(context: &Context) -> Ending {
    context.print_json(&lab::schema());
    Ending::Done
}
