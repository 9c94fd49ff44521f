//! The command line: one file per verb, with its arguments; this file has what they share.
//!
//! A verb reads its input, calls the pipeline and prints the result on standard output, and everything else on standard
//! error.
#![allow(clippy::disallowed_methods)]

mod addressed;
mod api;
mod caller;
mod capture;
mod completions;
mod context;
mod credentials;
mod doctor;
mod down;
mod exec;
mod exercise;
mod explain;
mod export;
mod graph;
mod help;
mod hosts;
mod init;
mod interrupt;
mod lab_file;
mod labs;
mod list;
mod man;
mod messages;
mod next;
mod node;
mod number;
mod on;
mod operation;
mod output;
mod ping;
mod plan;
mod schema;
mod serve;
mod side_by_side;
mod signals;
mod status;
mod stdout;
mod target;
mod test;
mod undo;
mod up;
mod validate;
mod verify;
mod watch;
mod which_lab;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::{Error, Errors, Kind};
use crate::journal::shared;
use crate::kernel;
use crate::language::Language;
use crate::rootless::{self, Wish};

use crate::message::Message;
use context::Context;
use messages::usage::Said;
use on::On;

/// Run cloud VPC peering tutorials on one Linux machine.
///
/// A lab file contains what a tutorial's reader enters in the cloud's console. peerlab applies the provider's rules, builds
/// the result with Linux network namespaces, and checks it with real pings.
#[derive(Debug, Parser)]
#[command(
    name = "peerlab",
    version = env!("PEERLAB_VERSION"),
    max_term_width = help::WIDEST,
    after_help = "\
First steps:
  peerlab up cross-account            build a lab that ships with peerlab, and ping every pair
  peerlab down
  peerlab labs                        list the labs that ship with peerlab

A lab of your own:
  peerlab init                        write lab.toml, a small starter lab
  peerlab validate lab.toml           check the file
  peerlab up lab.toml                 build it and ping every pair
  peerlab exec web -- ping -c1 db
  peerlab down lab

Exit status: 0 done, 1 a check or the verification failed, 2 the command line or the lab file is wrong, 3 the cloud \
refused an operation, 4 the host cannot do it."
)]
struct CommandLine {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    on: On,
    #[command(subcommand)]
    verb: Verb,
}

/// The options of every verb.
#[derive(Clone, Copy, Debug, Default, Args)]
struct Global {
    /// Print the result as JSON on standard output, and errors as JSON on standard error
    #[arg(long, global = true, display_order = help::LAST)]
    json: bool,
    /// Verbose output: show every change to the kernel
    #[arg(short, long, global = true, conflicts_with = "quiet", display_order = help::LAST + 1)]
    verbose: bool,
    /// Print only a one-line result and errors
    #[arg(short, long, global = true, display_order = help::LAST + 2)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Labs(labs::Arguments),
    Init(init::Arguments),
    Validate(validate::Arguments),
    Plan(plan::Arguments),
    Up(up::Arguments),
    Next(next::Arguments),
    Api(api::Arguments),
    Undo(undo::Arguments),
    Status(status::Arguments),
    List(list::Arguments),
    Verify(verify::Arguments),
    Watch(watch::Arguments),
    Ping(ping::Arguments),
    Capture(capture::Arguments),
    Explain(explain::Arguments),
    Graph(graph::Arguments),
    Export(export::Arguments),
    Serve(serve::Arguments),
    Credentials(credentials::Arguments),
    Exec(exec::Arguments),
    Shell(exec::ShellArguments),
    Test(test::Arguments),
    Exercise(exercise::Arguments),
    Down(down::Arguments),
    Hosts(hosts::Arguments),
    Node(node::Arguments),
    Doctor(doctor::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// How a verb without errors ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// All is well: exit 0.
    Done,
    /// A check or the verification failed, and this was shown: exit 1.
    CheckFailed,
    /// The host cannot do it, and this was shown: exit 4.
    NotReady,
    /// The command could not run, and this was shown: the exit status that shells use.
    NotRun(u8),
}

impl Ending {
    fn failed_if(failed: bool) -> Self {
        if failed { Ending::CheckFailed } else { Ending::Done }
    }
}

/// Runs the command line; the exit status is that of `docs/lab-format.md`.
pub fn main() -> ExitCode {
    if rootless::holder::is_this() {
        return rootless::holder::run();
    }
    rootless::begin(wish(std::env::args_os()));
    let status = kernel::threads::with_enough_stack(status);
    rootless::end();
    shared::end();
    status
}

/// What a verb wants of an ordinary user's namespaces. They are entered before there is a thread, and so before the words are
/// understood.
fn wish(words: impl Iterator<Item = OsString>) -> Wish {
    let words: Vec<_> = words.collect();
    // Labs over several hosts are in no namespace of this user's; a node is root's.
    let is_on = |word: &OsString| word.to_str().is_some_and(|word| word == "--on" || word.starts_with("--on="));
    if on::is_in_environment() || words.iter().take_while(|word| *word != "--").any(is_on) {
        return Wish::Nothing;
    }
    let mut words = words.into_iter();
    let is_verb = |word: &OsString| !word.to_string_lossy().starts_with('-');
    match words.by_ref().skip(1).find(is_verb).as_ref().and_then(|verb| verb.to_str()) {
        _ if completions::are_asked_for() => Wish::Join,
        Some("up" | "test" | "exercise" | "doctor" | "serve") => Wish::Make,
        None | Some("labs" | "init" | "validate" | "schema" | "completions" | "man" | "help") => Wish::Nothing,
        Some(_) => Wish::Join,
    }
}

fn status() -> ExitCode {
    let language = Language::of_environment(|name| std::env::var(name).ok());
    let (context, status) = match completions::answer() {
        true => (Context::new(Global::default(), language), ExitCode::SUCCESS),
        false => answer(language),
    };
    match stdout::failure() {
        None => status,
        Some(error) => {
            context.show_errors(&error.into());
            ExitCode::from(Kind::Host.exit_status())
        }
    }
}

/// Runs the command line.
fn answer(language: Language) -> (Context, ExitCode) {
    let parsed = CommandLine::command().try_get_matches().or_else(|error| match language {
        Language::English => Err(error),
        // Only who reads help or an error needs the grammar in words.
        Language::Chinese => help::fitted(grammar_in(language), language).try_get_matches(),
    });
    let read = |matches: &clap::ArgMatches| CommandLine::from_arg_matches(matches);
    let (matches, command_line) = match parsed.and_then(|matches| Ok((read(&matches)?, matches))) {
        Ok((command_line, matches)) => (matches, command_line),
        Err(error) => {
            let (error, tip) = help::advised(error);
            return not_understood(&error, tip, language);
        }
    };
    let context = Context::new(command_line.global, language);
    let on = command_line.on.clone().or_environment();
    let ended = connect(&command_line.verb, &on).map_err(Errors::from);
    let ended = ended
        .and_then(|()| run_again_if_outdated(command_line.verb, || Some(read(&matches).ok()?.verb), &on, &context));
    if context.verbose {
        context.talk(Message::text(crate::kernel::cost::spent()));
    }
    let status = match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::CheckFailed) => ExitCode::from(Kind::Check.exit_status()),
        Ok(Ending::NotReady) => ExitCode::from(Kind::Host.exit_status()),
        Ok(Ending::NotRun(status)) => ExitCode::from(status),
        Err(errors) => {
            context.show_errors(&errors);
            ExitCode::from(errors.kind().map_or(1, |kind| kind.exit_status()))
        }
    };
    (context, status)
}

/// Connects to the database of labs over several hosts, if one is given and the verb is about labs.
fn connect(verb: &Verb, on: &On) -> Result<(), Error> {
    if !verb.is_about_labs() {
        return Ok(());
    }
    let Some(remote) = on.remote()? else { return Ok(()) };
    match verb {
        // What is wrong with the database is one of its findings.
        Verb::Doctor(_) => {
            let _ = shared::begin(&remote);
            return Ok(());
        }
        // It waits for its database.
        Verb::Node(_) => return Ok(()),
        _ => {}
    }
    shared::begin(&remote).map(drop)
}

/// Runs a verb. If somebody else changed a lab over several hosts meanwhile, nothing was changed, and the verb runs again, with what
/// is there now.
fn run_again_if_outdated(
    verb: Verb,
    again: impl Fn() -> Option<Verb>,
    on: &On,
    context: &Context,
) -> Result<Ending, Errors> {
    let mut ended = run(verb, on, context);
    for turn in 1..shared::TRIES {
        match &ended {
            Err(errors) if shared::is_outdated(errors) => {}
            _ => break,
        }
        // Several that wait do not all come back at once.
        std::thread::sleep(Duration::from_millis(u64::from(std::process::id() % 16 + 1) * u64::from(turn)));
        let Some(verb) = again() else { break };
        ended = run(verb, on, context);
    }
    ended
}

impl Verb {
    /// Whether the verb needs to see labs.
    fn is_about_labs(&self) -> bool {
        match self {
            Verb::Labs(_) | Verb::Init(_) | Verb::Validate(_) | Verb::Schema(_) => false,
            Verb::Completions(_) | Verb::Man(_) => false,
            Verb::Node(arguments) => !arguments.prints_only(),
            _ => true,
        }
    }

    /// Whether the verb only reads files.
    fn only_reads_files(&self) -> bool {
        match self {
            Verb::Labs(_) | Verb::Validate(_) => true,
            Verb::Explain(arguments) => arguments.only_reads_files(),
            Verb::Test(arguments) => arguments.only_reads_files(),
            Verb::Graph(arguments) => arguments.only_reads_files(),
            _ => false,
        }
    }
}

fn run(verb: Verb, on: &On, context: &Context) -> Result<Ending, Errors> {
    if verb.only_reads_files() {
        kernel::privilege::keep_reading_only();
    }
    match verb {
        Verb::Labs(arguments) => labs::run(&arguments, context),
        Verb::Init(arguments) => init::run(&arguments, context),
        Verb::Validate(arguments) => validate::run(&arguments, context),
        Verb::Plan(arguments) => plan::run(&arguments, context),
        Verb::Up(arguments) => up::run(&arguments, context),
        Verb::Next(arguments) => next::run(&arguments, context),
        Verb::Api(arguments) => api::run(arguments, context),
        Verb::Undo(arguments) => undo::run(&arguments, context),
        Verb::Status(arguments) => status::run(&arguments, context),
        Verb::List(_) => list::run(context),
        Verb::Verify(arguments) => verify::run(&arguments, context),
        Verb::Watch(arguments) => watch::run(&arguments, context),
        Verb::Ping(arguments) => ping::run(&arguments, context),
        Verb::Capture(arguments) => capture::run(&arguments, context),
        Verb::Explain(arguments) => explain::run(&arguments, context),
        Verb::Graph(arguments) => graph::run(&arguments, context),
        Verb::Export(arguments) => export::run(&arguments, context),
        Verb::Serve(arguments) => serve::run(&arguments, context),
        Verb::Credentials(arguments) => credentials::run(&arguments, context),
        Verb::Exec(arguments) => exec::run(&arguments, context),
        Verb::Shell(arguments) => exec::shell(&arguments, context),
        Verb::Test(arguments) => test::run(&arguments, context),
        Verb::Exercise(arguments) => exercise::run(&arguments, context),
        Verb::Down(arguments) => down::run(&arguments, context),
        Verb::Hosts(_) => hosts::run(context),
        Verb::Node(arguments) => node::run(&arguments, on, context),
        Verb::Doctor(arguments) => doctor::run(&arguments, on, context),
        Verb::Schema(_) => Ok(schema::run(context)),
        Verb::Completions(arguments) => completions::run(&arguments, context),
        Verb::Man(arguments) => man::run(&arguments, context),
    }
}

/// Help and version are results; everything else is a wrong command line.
fn not_understood(error: &clap::Error, tip: Option<Message>, language: Language) -> (Context, ExitCode) {
    let json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    let context = Context::new(Global { json, ..Global::default() }, language);
    if !error.use_stderr() {
        help::show(error, language);
        return (context, ExitCode::SUCCESS);
    }
    if json {
        let message = help::message(error).unwrap_or_else(|| {
            let text = error.render().to_string();
            Message::text(text.lines().next().unwrap_or_default().trim_start_matches("error: "))
        });
        let wrong = Error::input(message).code("CommandLine").hint(Said::SeeHelp);
        context.show_errors(&wrong.into());
    } else {
        help::show_error(error, tip, language);
    }
    (context, ExitCode::from(2))
}

/// The whole grammar, for help and its tests.
pub fn grammar() -> clap::Command {
    CommandLine::command().mut_subcommands(|verb| match verb.get_name() {
        "api" => operation::with_operations(verb),
        _ => verb,
    })
}

/// The same with its help in another language.
pub fn grammar_in(language: Language) -> clap::Command {
    help::in_language(grammar(), language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }
}
