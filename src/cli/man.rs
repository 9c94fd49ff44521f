//! `peerlab man [--out DIR]`

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::context::Context;
use super::{Ending, help, output};
use crate::error::{Error, Errors, Result};

/// Print peerlab's manual page, or write one for each verb
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab man | man -l -
  sudo peerlab man --out /usr/local/share/man/man1")]
pub(super) struct Arguments {
    /// Write a page for each verb and operation to this directory
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
}

/// Prints the page of peerlab itself, or writes the page of every verb to an existing directory.
pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let grammar = super::grammar().disable_help_subcommand(true);
    let grammar = help::texts_in(grammar, context.out.language);
    match &arguments.out {
        Some(directory) => {
            write_all(grammar, directory)?;
            context.talk(format!("`man -l {}` shows the first of them", directory.join("peerlab.1").display()));
        }
        None => {
            let page = page(&Man::new(grammar));
            context.print_file(&page?);
        }
    }
    Ok(Ending::Done)
}

fn write_all(mut grammar: Command, directory: &Path) -> Result<()> {
    if !directory.is_dir() {
        let missing = Error::input(format!("cannot write to {}: there is no such directory", directory.display()));
        return Err(missing.code("FileUnwritable").hint("give --out a directory that is there"));
    }
    // This gives each command its full name: peerlab-api-connect-router-interface.
    grammar.build();
    let mut commands = vec![grammar];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().filter(|it| it.get_name() != "help").cloned());
        let man = Man::new(command);
        output::write(&directory.join(man.get_filename()), page(&man)?.as_bytes())?;
    }
    Ok(())
}

fn page(man: &Man) -> Result<String> {
    let mut page = Vec::new();
    man.render(&mut page).map_err(|error| Error::host(format!("cannot write the page: {error}")))?;
    let page = String::from_utf8_lossy(&page);
    // The part below the options in `--help`.
    let heading = if page.contains("  peerlab ") { ".SH EXAMPLES\n" } else { ".SH NOTES\n" };
    Ok(page.replace(".SH EXTRA\n", heading))
}
