//! The command line's help and errors in the reader's language. The English texts are clap's.

use std::io::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::messages::{target, usage::Said};
use super::{operation, stdout};
use crate::cloud::{OperationKind, left_out};
use crate::flow::NoProtocol;
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::printable::tamed;
use crate::terminal::{Terminal, break_line, columns};

/// The grammar with its help in this language: texts, headings and clap's own additions.
pub(super) fn in_language(command: Command, language: Language) -> Command {
    if language == Language::English {
        return command;
    }
    let mut command = texts_in(command, language);
    command.build();
    // From here on the verb `help` exists, with copies of all others, and so does that of the operations.
    let said = |command: Command| match command.find_subcommand("help") {
        Some(_) => command.mut_subcommand("help", |verb| verb.about(language.help(HELP_VERB).to_owned())),
        None => command,
    };
    said(command.mut_subcommands(said))
}

/// Only its texts, before clap builds it, for the manual pages.
pub(super) fn texts_in(command: Command, language: Language) -> Command {
    if language == Language::English { command } else { translated(command, language) }
}

/// The same for clap's layout. clap wraps at spaces, which Chinese does not have between words. So all spaces become
/// no-break spaces, and [`rendered`] wraps the lines.
pub(super) fn fitted(command: Command, language: Language) -> Command {
    if language == Language::English {
        return command;
    }
    let whole = |text: String| text.replace(' ', NO_BREAK);
    let texts = [command.get_about(), command.get_long_about(), command.get_after_help()];
    let [about, long_about, remarks] = texts.map(|text| text.map(|text| whole(text.to_string())));
    let mut command = command.term_width(Terminal::stdout(language).width.min(WIDEST));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long_about) = long_about {
        command = command.long_about(long_about);
    }
    if let Some(remarks) = remarks {
        command = command.after_help(remarks);
    }
    let command = command.mut_args(|argument| match argument.get_help().map(|text| whole(text.to_string())) {
        Some(help) => argument.help(help),
        None => argument,
    });
    command.mut_subcommands(|verb| fitted(verb, language))
}

/// A space at which clap does not wrap.
const NO_BREAK: &str = "\u{a0}";

/// clap's output, wrapped to the terminal.
fn rendered(error: &clap::Error, terminal: Terminal) -> String {
    let text = error.render();
    let text = if terminal.colour { text.ansi().to_string() } else { text.to_string() };
    if terminal.language == Language::English {
        return text;
    }
    let broken = |line: &str| broken(&headed(&line.replace(NO_BREAK, " ")), terminal.width.min(WIDEST));
    text.split('\n').map(broken).collect::<Vec<_>>().join("\n")
}

/// A heading with its language's colon; clap appends its own.
fn headed(line: &str) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    match line.rfind(':').filter(|_| plain.ends_with(':') && plain.starts_with(|c: char| !c.is_ascii())) {
        Some(at) => format!("{}：{}", &line[..at], &line[at + 1..]),
        None => line.to_owned(),
    }
}

/// Wraps a line of help, indented below its last column.
fn broken(line: &str, width: usize) -> String {
    let (left, text) = line.split_at(line.rfind("  ").map_or(0, |gap| gap + 2));
    let margin = columns(left);
    format!("{left}{}", break_line(text, width.saturating_sub(margin)).join(&format!("\n{:margin$}", "")))
}

/// Shows the requested help or version.
pub(super) fn show(error: &clap::Error, language: Language) {
    let terminal = Terminal::stdout(language);
    stdout::write(|out| out.write_all(terminal.shown(&rendered(error, terminal)).as_bytes()));
}

/// The most columns of a line of help on any terminal; the grammar sets the same for clap.
pub(super) const WIDEST: usize = 100;

/// The place of the first option of every verb in its help: after the verb's own, and before `--help` (clap's 999).
pub(super) const LAST: usize = 990;

const HELP: &str = "Print help";
const VERSION: &str = "Print version";
const HELP_VERB: &str = "Print this message or the help of a verb";

fn translated(command: Command, language: Language) -> Command {
    let say = |english: &str| language.help(english).to_owned();
    let usage = *command.get_styles().get_usage();
    let template = format!(
        "{{about-with-newline}}\n{usage}{}{usage:#}{{usage}}\n\n{{all-args}}{{after-help}}",
        language.say(Said::Usage)
    );
    let about = command.get_about().map(|text| say(&text.to_string()));
    let long_about = command.get_long_about().map(|text| paragraphs(&text.to_string(), language));
    let after_help = match OperationKind::named(command.get_name()) {
        Some(kind) => Some(language.say(operation::remark(kind))),
        None => command.get_after_help().map(|text| lines(&text.to_string(), language)),
    };
    let heading = say(command.get_subcommand_help_heading().unwrap_or("Commands"));
    let has_version = command.get_version().is_some();

    let mut command = command.help_template(template).subcommand_help_heading(heading).disable_help_flag(true);
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long_about) = long_about {
        command = command.long_about(long_about);
    }
    if let Some(after_help) = after_help {
        command = command.after_help(after_help);
    }
    let last = |arg: Arg| arg.display_order(LAST + 9);
    command = command.arg(last(Arg::new("help").short('h').long("help").action(ArgAction::Help).help(HELP)));
    if has_version {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help(VERSION);
        command = command.disable_version_flag(true).arg(last(version));
    }
    // Below a heading of its own clap sorts arguments without a place by their names.
    let mut place = 0..;
    let placed = |argument: Arg| match argument.is_positional() {
        true => argument.display_order(place.next().unwrap_or_default()),
        false => argument,
    };
    let command = command.mut_args(placed).mut_args(|argument| argument_in(argument, language));
    command.mut_subcommands(|verb| translated(verb, language))
}

fn argument_in(argument: Arg, language: Language) -> Arg {
    let say = |english: &str| language.help(english).to_owned();
    let heading = argument.get_help_heading().unwrap_or(if argument.is_positional() { "Arguments" } else { "Options" });
    let heading = say(heading);
    let mut help = argument.get_help().map(|text| say(&text.to_string())).unwrap_or_default();
    if !argument.get_action().takes_values() {
        return argument.help(help).help_heading(heading);
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && !argument.is_hide_default_value_set() {
        help += &language.say(msg!(Said::Default { values: defaults }));
    }
    let values = argument.get_possible_values();
    if !values.is_empty() && !argument.is_hide_possible_values_set() {
        let names: Vec<_> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
        help += &language.say(msg!(Said::OneOf { names }));
    }
    argument.help(help).help_heading(heading).hide_default_value(true).hide_possible_values(true)
}

/// Paragraphs, the first of which is the short help.
fn paragraphs(text: &str, language: Language) -> String {
    let said = text.split("\n\n").map(|paragraph| match paragraph.strip_suffix('.') {
        Some(sentence) if !sentence.contains(". ") => format!("{}。", language.help(sentence)),
        _ => language.help(paragraph).to_owned(),
    });
    said.collect::<Vec<_>>().join("\n\n")
}

/// Lines of remarks, and of examples with a caption behind each.
fn lines(text: &str, language: Language) -> String {
    let line = |line: &str| match example(line) {
        Some((command, gap, caption)) => format!("{command}{gap}{}", language.help(caption)),
        // A caption on the line below its command.
        None if line.starts_with("   ") => {
            let caption = line.trim_start();
            format!("{}{}", &line[..line.len() - caption.len()], language.help(caption))
        }
        None if line.starts_with(' ') => line.to_owned(),
        None => language.help(line).to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A command, the spaces after it, and its caption.
fn example(line: &str) -> Option<(&str, &str, &str)> {
    let (left, caption) = line.rsplit_once("  ").filter(|(left, _)| !left.trim().is_empty())?;
    let command = left.trim_end();
    Some((command, &line[command.len()..line.len() - caption.len()], caption))
}

/// The error with only the best suggestion: clap offers every operation that shares a word with the typed one, the
/// nearest last. With the advice for a word that belongs elsewhere, as an operation in place of a verb.
pub(super) fn advised(mut error: clap::Error) -> (clap::Error, Option<Message>) {
    if let Some(ContextValue::Strings(several)) = error.get(ContextKind::SuggestedSubcommand)
        && let Some(best) = several.last()
    {
        let best = ContextValue::Strings(vec![best.clone()]);
        error.insert(ContextKind::SuggestedSubcommand, best);
    }
    let operations = crate::cli::grammar();
    let operations = operations.find_subcommand("api").into_iter().flat_map(clap::Command::get_subcommands);
    let tip =
        match (error.kind(), given(&error, ContextKind::InvalidSubcommand), given(&error, ContextKind::InvalidArg)) {
            (ErrorKind::InvalidSubcommand, Some(typed), _)
                if operations.map(clap::Command::get_name).any(|it| it == typed) =>
            {
                error.remove(ContextKind::SuggestedSubcommand);
                msg!(Said::CallsThisOperation { typed })
            }
            (ErrorKind::UnknownArgument, _, Some(typed)) if typed.ends_with(".toml") && takes(&error, "file") => {
                msg!(Said::FileWithF)
            }
            (ErrorKind::UnknownArgument, _, Some(typed)) if !typed.starts_with('-') && takes_a_lab_only(&error) => {
                msg!(Said::LabWithOption { typed })
            }
            (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, operation, option)
                if let Some(why) =
                    operation.as_ref().or(option.as_ref()).and_then(|word| why_left_out(&error, word)) =>
            {
                error.remove(ContextKind::SuggestedSubcommand);
                error.remove(ContextKind::SuggestedArg);
                why
            }
            (ErrorKind::MissingRequiredArgument, _, Some(missing)) if missing.contains("<CMD>") => {
                msg!(Said::ExecOrShell)
            }
            // A list of all forty operations does not help.
            (ErrorKind::MissingSubcommand, _, _) => {
                error.remove(ContextKind::ValidSubcommand);
                msg!(Said::HelpLists)
            }
            _ => return (error, None),
        };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.to_string().into()]));
    (error, Some(tip))
}

/// Why peerlab leaves out what an unknown operation, or an unknown option of one, asks for.
fn why_left_out(error: &clap::Error, word: &str) -> Option<Message> {
    let usage = given(error, ContextKind::Usage).unwrap_or_default();
    let operation = usage.split_whitespace().find_map(OperationKind::named).map_or("", |kind| kind.name);
    left_out(&format!("{operation} {word}"))
}

/// The verb that was called.
fn verb(error: &clap::Error) -> Option<Command> {
    let usage = given(error, ContextKind::Usage)?;
    let grammar = crate::cli::grammar();
    usage.split_whitespace().find_map(|word| grammar.find_subcommand(word)).cloned()
}

/// Whether the verb has an option of this name.
fn takes(error: &clap::Error, option: &str) -> bool {
    verb(error).is_some_and(|verb| verb.get_arguments().any(|it| it.get_id() == option && !it.is_positional()))
}

/// Whether an argument of the verb can only be meant as a lab.
fn takes_a_lab_only(error: &clap::Error) -> bool {
    takes(error, "lab") && verb(error).is_some_and(|verb| verb.get_positionals().next().is_none())
}

/// Shows an error of the command line on standard error.
pub(super) fn show_error(error: &clap::Error, tip: Option<Message>, language: Language) {
    // A verb without arguments shows its help.
    let shows_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let Some(said) = message(error).filter(|_| language != Language::English && !shows_help) else {
        // clap shows typed text without escaping.
        let terminal = Terminal::stderr(language);
        say_aside(&tamed(&rendered(error, terminal), terminal.colour));
        return;
    };
    let mut text = format!("{}{}\n", language.say(Said::ErrorIs), language.say(said));
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    for near in suggested.into_iter().filter_map(|kind| given(error, kind)) {
        text += &format!("\n  {}\n", language.say(msg!(target::Said::DidYouMean { near })));
    }
    if let Some(tip) =
        tip.or_else(|| given(error, ContextKind::Suggested).filter(|it| !it.is_empty()).map(Message::text))
    {
        text += &format!("\n  {}\n", language.say(tip));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        text += &format!("\n{}{}\n", language.say(Said::Usage), usage.trim_start_matches("Usage: "));
    }
    say_aside(&tamed(&format!("{text}\n{}\n", language.say(Said::MoreInHelp)), false));
}

/// Writes to standard error; a failure cannot be reported anywhere.
fn say_aside(text: &str) {
    let terminal = Terminal::stderr(Language::English);
    let _ = std::io::stderr().write_all(terminal.shown(text).as_bytes());
}

/// The error's message, in English in clap's words; `None` for those that clap alone words.
pub(super) fn message(error: &clap::Error) -> Option<Message> {
    let argument = given(error, ContextKind::InvalidArg);
    let value = given(error, ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::UnknownArgument => msg!(Said::UnexpectedArgument { argument: argument? }),
        ErrorKind::InvalidSubcommand => msg!(Said::UnknownVerb { verb: given(error, ContextKind::InvalidSubcommand)? }),
        ErrorKind::MissingSubcommand => msg!(Said::NoVerb { verb: given(error, ContextKind::InvalidSubcommand)? }),
        ErrorKind::MissingRequiredArgument => msg!(Said::ArgumentsMissing { arguments: argument? }),
        ErrorKind::ArgumentConflict => match given(error, ContextKind::PriorArg) {
            Some(prior) if Some(&prior) == argument.as_ref() => msg!(Said::OnlyOnce { argument: argument? }),
            Some(prior) if matches!(error.get(ContextKind::PriorArg), Some(ContextValue::Strings(_))) => {
                msg!(Said::Conflicts { argument: argument?, prior })
            }
            Some(prior) => msg!(Said::Conflict { argument: argument?, prior }),
            None => msg!(Said::OnlyOnce { argument: argument? }),
        },
        ErrorKind::InvalidValue if value.as_deref() == Some("") => msg!(Said::NeedsValue { argument: argument? }),
        ErrorKind::InvalidValue => match given(error, ContextKind::ValidValue) {
            Some(valid) => msg!(Said::NotOneOf { value: value?, argument: argument?, valid }),
            None => msg!(Said::NoValueOf { value: value?, argument: argument? }),
        },
        ErrorKind::ValueValidation => match std::error::Error::source(error) {
            Some(reason) => {
                msg!(Said::NoValueBecause { value: value?, argument: argument?, reason: reason_of(reason) })
            }
            None => msg!(Said::NoValueOf { value: value?, argument: argument? }),
        },
        ErrorKind::TooManyValues => msg!(Said::OneTooMany { value: value?, argument: argument? }),
        ErrorKind::NoEquals => msg!(Said::NeedsEquals { argument: argument? }),
        _ => return None,
    })
}

/// What a parser of a value says; clap's own say it in English.
fn reason_of(reason: &(dyn std::error::Error + 'static)) -> Message {
    let message = reason.downcast_ref::<Message>().cloned();
    let message = message.or_else(|| reason.downcast_ref::<NoProtocol>().map(Message::from));
    message.unwrap_or_else(|| Message::text(reason))
}

/// A part of clap's error.
fn given(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arguments as they are defined, a verb's own options as in English, then the options of every verb.
    #[test]
    fn help_has_arguments_and_options_in_their_order() {
        let [english, chinese] = [Language::English, Language::Chinese].map(|language| {
            let mut grammar = in_language(crate::cli::grammar(), language);
            grammar.build();
            let verbs = grammar.get_subcommands().filter(|verb| verb.get_name() != "help");
            verbs.map(own_options).collect::<Vec<_>>()
        });
        assert_eq!(english, chinese);
    }

    /// A verb's own options in the order of its help, in which the rest has its place.
    fn own_options(verb: &Command) -> Vec<String> {
        let help = verb.clone().render_long_help().to_string();
        let name =
            |argument: &Arg| argument.get_long().map_or_else(|| argument.to_string(), |long| format!("--{long}"));
        let line_of = |argument: &Arg| {
            let name = name(argument);
            let is_it = |line: &str| match argument.is_positional() {
                true => line.trim() == name || line.trim_start().starts_with(&format!("{name} ")),
                false => {
                    line.trim_start().starts_with('-') && line.split([' ', ',', '[', '=']).any(|word| word == name)
                }
            };
            help.lines().position(is_it).unwrap_or_else(|| panic!("{} {name}:\n{help}", verb.get_name()))
        };
        let shown = verb.get_arguments().filter(|it| it.get_id() != "help" && !it.is_hide_set());
        let (arguments, options): (Vec<_>, Vec<_>) = shown.partition(|it| it.is_positional());
        let (mut of_all, mut own): (Vec<_>, Vec<_>) = options
            .into_iter()
            .partition(|it| ["json", "verbose", "quiet", "database"].contains(&it.get_id().as_str()));
        own.sort_by_key(|option| line_of(option));
        of_all.sort_by_key(|option| line_of(option));
        let places = arguments.into_iter().chain(own.clone()).chain(of_all).map(line_of);
        assert!(places.is_sorted(), "{}:\n{help}", verb.get_name());
        own.into_iter().map(name).collect()
    }

    /// JSON has our messages, a terminal clap's: both say the same.
    #[test]
    fn the_messages_of_a_wrong_command_line_are_in_claps_words() {
        for (line, id) in [
            ("foo", "usage.UnknownVerb"),
            ("list --all", "usage.UnexpectedArgument"),
            ("api --as A", "usage.NoVerb"),
            ("ping a", "usage.ArgumentsMissing"),
            ("down --all --lab x", "usage.Conflict"),
            ("ping a b -c 1 -c 2", "usage.OnlyOnce"),
            ("watch --interval", "usage.NeedsValue"),
            ("graph --format xml", "usage.NotOneOf"),
            ("ping a b -c 0", "usage.NoValueBecause"),
            ("explain a b xxx", "usage.NoValueBecause"),
            ("list --json=yes", "usage.OneTooMany"),
        ] {
            let words = std::iter::once("peerlab").chain(line.split(' '));
            let error = crate::cli::grammar().try_get_matches_from(words).expect_err("a wrong line");
            let (error, _) = advised(error);
            let said = message(&error).unwrap_or_else(|| panic!("{line}: {error}"));
            let rendered = error.render().to_string();
            // clap puts a list on lines of its own.
            let paragraph = rendered.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
            let claps: Vec<_> = paragraph.split_whitespace().collect();
            assert_eq!((said.id(), said.to_string()), (id, claps.join(" ")), "{line}");
        }
    }
}
