//! `peerlab man [--out DIR]`

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::context::Context;
use super::messages::files::Said;
use super::{Ending, help, output};
use crate::error::{Error, Errors, Result};
use crate::msg;

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
            context.talk(msg!(Said::ManShows { page: directory.join("peerlab.1").display() }));
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
        let missing = Error::input(msg!(Said::NoSuchFolderFor { folder: directory.display() }));
        return Err(missing.code("FileUnwritable").hint(Said::GiveFolder));
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
    man.render(&mut page).map_err(|error| Error::host(msg!(Said::CannotWritePage { error })))?;
    let page = String::from_utf8_lossy(&page);
    // The part below the options in `--help`.
    let heading = if page.contains("  peerlab ") { ".SH EXAMPLES\n" } else { ".SH NOTES\n" };
    Ok(page.replace(".SH EXTRA\n", heading))
}
