//! The reference of lab files and operations as Markdown tables, which docs/lab-format.md contains; a test compares the
//! two.

use std::collections::BTreeSet;

use super::keys::Takes::{Boolean, Matching, Named, Number, Reason, Table, Tables, Text, TextOrTexts, Texts, Word};
use super::keys::{Key, Needed, Takes, tables};
use crate::cloud::{Argument, OperationKind, Provider};

/// The part with the providers' own names of operations.
const API: &str = "provider APIs";

/// The part of the reference that has this name: a kind of table (`vpc`, `rule`), or the operations of a provider
/// (`operations NAME`) or of all of them (`operations`), or the names of operations in the providers' APIs (`provider APIs`). `None` where there is no such part.
pub fn reference(name: &str) -> Option<String> {
    match name.strip_prefix("operations") {
        _ if name == API => Some(api()),
        Some(provider) => operations(provider.trim()),
        None => tables().iter().find(|table| table.name == name).map(|table| keys(&table.keys)),
    }
}

/// The names of all parts.
pub fn parts() -> Vec<String> {
    let operations = Provider::ALL.iter().map(|provider| format!("operations {}", provider.name));
    let tables = tables().into_iter().map(|table| table.name.to_owned());
    tables.chain(["operations", API].map(str::to_owned)).chain(operations).collect()
}

fn keys(keys: &[Key]) -> String {
    let row = |Key(name, takes, needed, about): &Key| {
        let needed = if *needed == Needed::Required { ", required" } else { "" };
        format!("| `{name}` | {}{needed} | {about} |\n", kind(takes))
    };
    format!("| key | takes | |\n|---|---|---|\n{}", keys.iter().map(row).collect::<String>())
}

/// The type of a key, in words.
fn kind(takes: &Takes) -> String {
    let words = |words: &[&str]| words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ");
    match takes {
        Text | Matching(_) => "text".into(),
        Word(all) => format!("{}, in any case", words(all)),
        Takes::Provider => format!("{}, in any case", words(&Provider::ALL.map(|provider| provider.name))),
        Reason => "a reason, in any case".into(),
        Number => "a number, or text".into(),
        Boolean => "`true`, `false`".into(),
        Texts => "a list of texts".into(),
        TextOrTexts => "text, or a list of texts".into(),
        Takes::Some(all) => format!("a list of {}, in any case", words(all)),
        Table(_) => "a table".into(),
        Tables(_) => "a list of tables".into(),
        Named(_) => "tables by name".into(),
    }
}

/// A row for each operation that only this provider has, or that all providers have.
fn operations(provider: &str) -> Option<String> {
    let wanted: Vec<_> = match provider {
        "" => vec![None],
        name => Provider::named(name)?.families.iter().map(|family| Some(family.kind())).collect(),
    };
    let rows = OperationKind::ALL.iter().filter(|kind| wanted.contains(&kind.peering)).map(|kind| operation(kind));
    Some(format!("| operation | arguments | |\n|---|---|---|\n{}", rows.collect::<String>()))
}

/// A row for each operation: what each provider's own API calls it.
fn api() -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let providers = Provider::ALL.map(|provider| provider.name);
    let head = row([""].into_iter().chain(providers).map(str::to_owned).collect());
    let rule = format!("|---|{}\n", "---|".repeat(providers.len()));
    let rows = OperationKind::ALL.iter().map(|kind| {
        let actions = |provider: &str| kind.api.iter().find(|(of, _)| *of == provider).map(|(_, actions)| *actions);
        let cell = |provider| match actions(provider) {
            Some(actions) => actions.iter().map(|action| format!("`{action}`")).collect::<Vec<_>>().join(", "),
            None => "–".to_owned(),
        };
        row([format!("`{}`", kind.name)].into_iter().chain(providers.map(cell)).collect())
    });
    head + &rule + &rows.collect::<String>()
}

fn operation(kind: &OperationKind) -> String {
    let (plain, options): (Vec<&Argument>, Vec<&Argument>) =
        kind.arguments().partition(|argument| argument.option.is_none());
    let positional: String = plain.iter().map(|argument| format!(" {}", argument.placeholder())).collect();
    let names = [kind.name].into_iter().chain(kind.aliases.iter().copied());
    let names: Vec<_> = names.map(|name| format!("`{name}{positional}`")).collect();
    let second = |argument: &&Argument| !kind.arguments().any(|it| it.or == Some(argument.field));
    let options: Vec<_> = options.into_iter().filter(second).map(|argument| option(kind, argument)).collect();
    format!("| {} | {} | {} |\n", names.join(", "), options.join(" "), kind.help())
}

/// An option with its default, or with the other option of which exactly one is required.
fn option(kind: &OperationKind, argument: &Argument) -> String {
    let several = if argument.several { "…" } else { "" };
    let name = argument.name();
    if let Some(other) = kind.arguments().find(|it| argument.or == Some(it.field)) {
        return format!("`--{name}` or `--{}`", other.name());
    }
    let defaults: BTreeSet<_> = Provider::ALL.iter().filter_map(|provider| provider.default_for(argument)).collect();
    match (argument.required, defaults.iter().next()) {
        (true, _) => format!("`--{name}`{several}"),
        (false, Some(only)) if defaults.len() == 1 => format!("`[--{name} {only}]`{several}"),
        (false, _) => format!("`[--{name}]`{several}"),
    }
}
