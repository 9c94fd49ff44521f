//! The operations of the cloud as the verbs of `peerlab api`.

use clap::error::ErrorKind::{InvalidSubcommand, MissingRequiredArgument, MissingSubcommand};
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Subcommand};

use super::messages::usage::Said;
use crate::cloud::{Argument, ArgumentKind, Call, GIVEN, OperationKind};
use crate::message::Message;
use crate::msg;

/// A call as it is typed: a verb and its arguments.
#[derive(Clone, Debug)]
pub(super) struct Typed(pub(super) Call);

impl Subcommand for Typed {
    /// Adds them when clap comes to this verb, and the arguments of the one that is called: nobody pays for the others.
    fn augment_subcommands(command: Command) -> Command {
        command.defer(|verb| match verb.has_subcommands() {
            true => verb,
            false => verb.subcommands(OperationKind::ALL.iter().map(|kind| named(kind).defer(with_arguments))),
        })
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        OperationKind::named(name).is_some()
    }
}

impl FromArgMatches for Typed {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (name, matches) = matches.subcommand().ok_or_else(|| clap::Error::new(MissingSubcommand))?;
        let kind = OperationKind::named(name).ok_or_else(|| clap::Error::new(InvalidSubcommand))?;
        let texts = |argument: &'static Argument| {
            matches.get_many::<String>(argument.field).into_iter().flatten().cloned().collect()
        };
        kind.call(texts).map(Typed).ok_or_else(|| clap::Error::new(MissingRequiredArgument))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The verb with all operations and their arguments.
pub(super) fn with_operations(verb: Command) -> Command {
    verb.subcommands(OperationKind::ALL.iter().map(|kind| with_arguments(named(kind))))
}

fn named(kind: &'static OperationKind) -> Command {
    Command::new(kind.name).about(kind.help()).aliases(kind.aliases)
}

fn with_arguments(operation: Command) -> Command {
    let kind = OperationKind::named(operation.get_name()).expect("it has the name of a kind");
    operation.args(kind.arguments().map(argument)).after_help(remark(kind).to_string())
}

/// What the provider calls it.
pub(super) fn remark(kind: &OperationKind) -> Message {
    let names = kind.api.iter().map(|(provider, actions)| format!("{} ({provider})", actions.join(", ")));
    msg!(Said::InTheApi { names: names.collect::<Vec<_>>().join("; ") })
}

fn argument(argument: &'static Argument) -> Arg {
    let arg = Arg::new(argument.field)
        .help(argument.help())
        .value_name(argument.placeholder())
        .required(argument.required)
        .action(if argument.several { ArgAction::Append } else { ArgAction::Set })
        .allow_hyphen_values(argument.kind.may_begin_with_a_dash());
    let arg = match argument.kind {
        ArgumentKind::Flag => arg.num_args(0..=1).require_equals(true).default_missing_value(GIVEN),
        _ => arg,
    };
    let arg = argument.option.into_iter().fold(arg, Arg::long);
    let arg = argument.with.into_iter().fold(arg, |arg, other| arg.requires(other));
    argument.or.into_iter().fold(arg, |arg, other| arg.conflicts_with(other).required_unless_present(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cloud::random::call_of;

    /// Any call with texts that are easy to confuse with options.
    fn call() -> impl Strategy<Value = Call> {
        let text = prop_oneof![
            "[A-Za-z][A-Za-z0-9_.-]{0,12}",
            Just("--id".to_owned()),
            Just("-1/-1".to_owned()),
            "[ -~äöü✓\n]{0,10}"
        ];
        let texts = prop::collection::vec(prop::collection::vec(text, 0..3), 10);
        (prop::sample::select(OperationKind::ALL), texts, any::<bool>())
            .prop_map(|(kind, texts, first)| call_of(kind, texts, first))
    }

    fn grammar() -> Command {
        Typed::augment_subcommands(Command::new("").no_binary_name(true).subcommand_required(true))
    }

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }

    proptest! {
        /// A call is typed on the command line as it is written in a `run` line.
        #[test]
        fn a_line_is_the_same_call_on_the_command_line(call in call()) {
            let words = shell_words::split(&call.to_string()).expect("a line has words");
            let matches = grammar().try_get_matches_from(words);
            let matches = matches.map_err(|error| TestCaseError::fail(format!("{call}: {error}")))?;
            prop_assert_eq!(Typed::from_arg_matches(&matches).expect("clap has it all").0, call);
        }
    }
}
