//! The reference of lab files and operations as tables of Markdown: docs/lab-format.md shows them, and a test holds that page
//! to them.

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::keys::Takes::{
    Boolean, Matching, Named, Number, One, Reason, Table, Tables, Text, TextOrTexts, Texts, Word,
};
use super::keys::{Key, Needed, Takes, tables};
use super::parse_operation;
use crate::cloud::{Grammar, PeeringKind, Provider};

/// The part of the reference that has this name: a kind of table (`vpc`, `rule`), or the operations of a provider
/// (`operations NAME`) or of all of them (`operations`). `None` where there is no such part.
pub fn reference(name: &str) -> Option<String> {
    match name.strip_prefix("operations") {
        Some(provider) => operations(provider.trim()),
        None => tables().iter().find(|table| table.name == name).map(|table| keys(&table.keys)),
    }
}

/// The names of all parts.
pub fn parts() -> Vec<String> {
    let operations = Provider::ALL.iter().map(|provider| format!("operations {}", provider.name));
    let tables = tables().into_iter().map(|table| table.name.to_owned());
    tables.chain(["operations".to_owned()]).chain(operations).collect()
}

fn keys(keys: &[Key]) -> String {
    let row = |Key(name, takes, needed, about): &Key| {
        let needed = if *needed == Needed::Required { ", required" } else { "" };
        format!("| `{name}` | {}{needed} | {about} |\n", kind(takes))
    };
    format!("| key | takes | |\n|---|---|---|\n{}", keys.iter().map(row).collect::<String>())
}

/// What a key takes, in words.
fn kind(takes: &Takes) -> String {
    let words = |words: &[&str]| words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ");
    match takes {
        Text | Matching(_) => "text".into(),
        One(all) => words(all),
        Word(all) => format!("{}, in any case", words(all)),
        Takes::Provider => words(&Provider::ALL.map(|provider| provider.name)),
        Reason => "a reason".into(),
        Number => "a number, or text".into(),
        Boolean => "`true`, `false`".into(),
        Texts => "a list of texts".into(),
        TextOrTexts => "text, or a list of texts".into(),
        Takes::Some(all) => format!("a list of {}", words(all)),
        Table(_) => "a table".into(),
        Tables(_) => "a list of tables".into(),
        Named(_) => "tables by name".into(),
    }
}

/// A row for each operation that only this provider has, or that all have.
fn operations(provider: &str) -> Option<String> {
    let wanted: Vec<_> = match provider {
        "" => vec![None],
        name => Provider::named(name)?.families.iter().map(|family| Some(family.kind())).collect(),
    };
    let mut grammar = Grammar::command();
    grammar.build();
    let rows = grammar.get_subcommands().filter(|command| wanted.contains(&kind_of(command))).map(operation);
    Some(format!("| operation | arguments | |\n|---|---|---|\n{}", rows.collect::<String>()))
}

/// Whose objects an operation works on, as the call that it stands for says.
fn kind_of(command: &Command) -> Option<PeeringKind> {
    let mut line = command.get_name().to_owned();
    for (argument, instead) in arguments(command) {
        match argument.get_long() {
            None => line += " x",
            Some(long) if argument.is_required_set() || instead.is_some() => line += &format!(" --{long} x"),
            Some(_) => {}
        }
    }
    let call = parse_operation(&line).expect("an operation with all that it needs can be read");
    call.peering_kind()
}

/// An operation's arguments, in order, each with the one that may stand in its place: one of the two must.
fn arguments(command: &Command) -> impl Iterator<Item = (&Arg, Option<&Arg>)> {
    let conflicting = |argument: &Arg| command.get_arg_conflicts_with(argument).into_iter().next();
    let named = |argument: &Arg| command.get_arguments().position(|it| it.get_id() == argument.get_id());
    let pairs = command.get_arguments().map(move |argument| {
        let other = command.get_arguments().find(|it| {
            conflicting(argument).is_some_and(|other| other.get_id() == it.get_id())
                || conflicting(it).is_some_and(|other| other.get_id() == argument.get_id())
        });
        (argument, other)
    });
    pairs.filter(move |(argument, other)| other.is_none_or(|other| named(argument) < named(other)))
}

fn operation(command: &Command) -> String {
    let (plain, options): (Vec<_>, Vec<_>) = arguments(command).partition(|(it, _)| it.get_long().is_none());
    let positional: String = plain.iter().map(|(it, _)| format!(" {}", it.get_id().as_str().to_uppercase())).collect();
    let names = [command.get_name()].into_iter().chain(command.get_all_aliases());
    let names: Vec<_> = names.map(|name| format!("`{name}{positional}`")).collect();
    let options: Vec<_> = options
        .into_iter()
        .map(|(it, instead)| match instead {
            Some(other) => format!("`--{}` or `--{}`", long(it), long(other)),
            None => option(it),
        })
        .collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    format!("| {} | {} | {about} |\n", names.join(", "), options.join(" "))
}

fn option(argument: &Arg) -> String {
    let several = if matches!(argument.get_action(), ArgAction::Append) { "…" } else { "" };
    match argument.is_required_set() {
        true => format!("`--{}`{several}", long(argument)),
        false => format!("`[--{}]`{several}", long(argument)),
    }
}

fn long(argument: &Arg) -> &str {
    argument.get_long().unwrap_or_default()
}
