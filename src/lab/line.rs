//! A `run` line, and what is typed after `peerlab api`: words as a shell splits them, read by the one grammar of
//! operations (docs/lab-format.md §2).

use std::sync::LazyLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, FromArgMatches};

use super::reader::nearest;
use crate::cloud::{Call, Grammar};
use crate::error::Span;

/// The grammar, built once: argument names are borrowed from it.
static GRAMMAR: LazyLock<Command> = LazyLock::new(|| {
    let mut grammar = Grammar::command();
    grammar.build();
    grammar
});

/// An operation that was read, with the place in the line of each argument, by its name in the grammar.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) call: Call,
    pub(super) arguments: Vec<(&'static str, Span)>,
}

/// What is wrong with a line, and at which bytes of it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) hint: String,
}

/// A word of a line; its span has the quotes, its text has not.
struct Word {
    text: String,
    span: Span,
}

/// Reads one operation.
pub(super) fn parse(line: &str) -> Result<Line, Fault> {
    let words = split(line)?;
    let Some(first) = words.first() else {
        let hint = "write an operation, as in connect-router-interface ri-a".to_owned();
        return Err(Fault { span: 0..line.len(), message: "there is no operation here".to_owned(), hint });
    };
    if first.text.starts_with('-') {
        let message = format!("{:?} stands where an operation must", first.text);
        let hint = "begin with the operation, as in connect-router-interface ri-a".to_owned();
        return Err(Fault { span: first.span.clone(), message, hint });
    }
    let matches = GRAMMAR.clone().try_get_matches_from(words.iter().map(|word| &word.text));
    let call = matches.and_then(|matches| Grammar::from_arg_matches(&matches).map(|grammar| grammar.call));
    match call {
        Ok(call) => Ok(Line { call, arguments: arguments(&words) }),
        Err(error) => Err(explain(&error, &words, line)),
    }
}

fn split(line: &str) -> Result<Vec<Word>, Fault> {
    let whole = 0..line.len();
    let Ok(texts) = shell_words::split(line) else {
        let message = "a quote is opened and not closed".to_owned();
        return Err(Fault { span: whole, message, hint: "close it; names and CIDR blocks need no quotes".to_owned() });
    };
    let mut spans = spans(line);
    if spans.len() != texts.len() {
        spans = vec![whole; texts.len()];
    }
    Ok(texts.into_iter().zip(spans).map(|(text, span)| Word { text, span }).collect())
}

/// Where the words of a line stand that [`shell_words::split`] takes.
fn spans(line: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut word: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some('"') | None, '\\') => {
                word.get_or_insert(at);
                chars.next();
            }
            (Some(_), _) => {}
            (None, ' ' | '\t' | '\n') => spans.extend(word.take().map(|start| start..at)),
            (None, '#') if word.is_none() => {
                chars.by_ref().find(|(_, c)| *c == '\n');
            }
            (None, '\'' | '"') => {
                word.get_or_insert(at);
                quote = Some(c);
            }
            (None, _) => {
                word.get_or_insert(at);
            }
        }
    }
    spans.extend(word.map(|start| start..line.len()));
    spans
}

/// The grammar of an operation, by its name or an alias.
fn operation(name: &str) -> Option<&'static Command> {
    GRAMMAR.find_subcommand(name)
}

/// The places of the values. The words are known to follow the grammar.
fn arguments(words: &[Word]) -> Vec<(&'static str, Span)> {
    let Some(operation) = words.first().and_then(|word| operation(&word.text)) else { return Vec::new() };
    let mut positionals = operation.get_positionals();
    let mut found = Vec::new();
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let Some(option) = word.text.strip_prefix("--") else {
            found.extend(positionals.next().map(|argument| (argument.get_id().as_str(), word.span.clone())));
            continue;
        };
        let name = option.split_once('=').map_or(option, |(name, _)| name);
        let Some(long) = operation.get_arguments().filter_map(Arg::get_long).find(|long| *long == name) else {
            continue;
        };
        let value = if option.contains('=') { Some(word) } else { rest.next() };
        found.extend(value.map(|value| (long, value.span.clone())));
    }
    found
}

/// How an operation is written, in one line.
fn usage(operation: &Command) -> String {
    let mut usage = operation.get_name().to_owned();
    for argument in operation.get_arguments() {
        let value = argument.get_id().as_str().to_uppercase();
        usage += &match argument.get_long() {
            None => format!(" {value}"),
            Some(long) if argument.is_required_set() => format!(" --{long} {value}"),
            Some(long) => format!(" [--{long} {value}]"),
        };
    }
    usage
}

/// clap's error as one line at the word at fault.
fn explain(error: &clap::Error, words: &[Word], line: &str) -> Fault {
    let typed = &words[0];
    let whole = words[0].span.start..words.last().map_or(line.len(), |word| word.span.end);
    let Some(operation) = operation(&typed.text) else {
        let names = GRAMMAR.get_subcommands().flat_map(|command| command.get_name_and_visible_aliases());
        let hint = match nearest(&typed.text, names) {
            Some(near) => format!("did you mean {near}?"),
            None => "`peerlab api --help` lists the operations".to_owned(),
        };
        let message = format!("there is no operation {:?}", typed.text);
        return Fault { span: typed.span.clone(), message, hint };
    };
    let name = operation.get_name();
    let usage = format!("write {}", usage(operation));
    let argument = context(error, ContextKind::InvalidArg);
    let option = argument.first().map_or("", |text| text.split([' ', '=']).next().unwrap_or(text));
    let at = words.iter().skip(1).find(|word| word.text.split('=').next() == Some(option));
    let span = at.map_or(whole, |word| word.span.clone());
    let (message, hint) = match error.kind() {
        ErrorKind::UnknownArgument => {
            let longs = operation.get_arguments().filter_map(Arg::get_long);
            let hint = match option.strip_prefix("--").and_then(|typed| nearest(typed, longs)) {
                Some(near) => format!("did you mean --{near}?"),
                None => usage,
            };
            let what = if option.starts_with('-') { "has no option" } else { "has no use for" };
            (format!("{name} {what} {option:?}"), hint)
        }
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<_> = argument.iter().map(|text| text.replace(['<', '>'], "")).collect();
            (format!("{name} lacks {}", missing.join(", ")), usage)
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            (format!("{option} of {name} has no value"), usage)
        }
        ErrorKind::ArgumentConflict => {
            let prior = context(error, ContextKind::PriorArg);
            match prior.first().and_then(|text| text.split(' ').next()) {
                Some(prior) if prior != option => {
                    (format!("{name} takes {option} or {prior}, not both"), "leave one of the two out".to_owned())
                }
                _ => (format!("{option} of {name} is given twice"), "give it once".to_owned()),
            }
        }
        _ => (format!("{name} is not written so"), usage),
    };
    Fault { span, message, hint }
}

fn context(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> (String, String, String) {
        let fault = parse(line).unwrap_err();
        (line[fault.span].to_owned(), fault.message, fault.hint)
    }

    #[test]
    fn each_argument_has_its_place() {
        let line = "create-route-entry --vpc=VPC1 --destination '172.16.0.0/16'  --next-hop ri-a";
        let parsed = parse(line).unwrap();
        let places: Vec<_> = parsed.arguments.iter().map(|(name, span)| (*name, &line[span.clone()])).collect();
        assert_eq!(places, [("vpc", "--vpc=VPC1"), ("destination", "'172.16.0.0/16'"), ("next-hop", "ri-a")]);
    }

    #[test]
    fn a_positional_has_its_fields_name() {
        let line = "authorize-security-group sg-a --protocol icmp --port -1/-1 --cidr 10.0.0.0/8";
        let parsed = parse(line).unwrap();
        assert_eq!(parsed.arguments[0], ("security_group", 25..29));
        assert_eq!(&line[parsed.arguments[2].1.clone()], "-1/-1");
    }

    #[test]
    fn an_unknown_operation_is_pointed_at_with_the_nearest_name() {
        let (at, message, hint) = fault("conect-router-interface ri-a");
        assert_eq!(at, "conect-router-interface");
        assert_eq!(message, "there is no operation \"conect-router-interface\"");
        assert_eq!(hint, "did you mean connect-router-interface?");
    }

    #[test]
    fn an_unknown_option_is_pointed_at() {
        let (at, message, hint) = fault("create-vpc V --region r --cdir 10.0.0.0/8");
        assert_eq!((at.as_str(), message.as_str()), ("--cdir", "create-vpc has no option \"--cdir\""));
        assert_eq!(hint, "did you mean --cidr?");
    }

    #[test]
    fn what_is_missing_is_named_in_one_line() {
        let (_, message, hint) = fault("create-vpc V");
        assert_eq!(message, "create-vpc lacks --region REGION, --cidr CIDR");
        assert_eq!(hint, "write create-vpc NAME --region REGION --cidr CIDR [--id ID] [--router-id ROUTER_ID]");
    }

    #[test]
    fn other_slips_are_one_line_each() {
        for line in [
            "",
            "  ",
            "--vpc x",
            "create-vpc 'V",
            "create-vpc V --region",
            "create-vpc V W --region r --cidr c",
            "create-vpc V --region r --region s --cidr c",
            "create-route-entry --table a --vpc b --destination c --next-hop d",
            "create-route-entry --destination c --next-hop d",
            "create-vpc --help",
            "help",
            "-h",
            "--version",
        ] {
            let (_, message, hint) = fault(line);
            assert!(!message.contains('\n') && !hint.contains('\n'), "{line}: {message} / {hint}");
            assert!(!message.contains("written so"), "{line}: {message}");
        }
    }
}
