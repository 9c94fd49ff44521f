//! Adds `--lab` to printed commands if several labs are up, so that they run as printed.

use std::borrow::Cow;
use std::sync::OnceLock;

use clap::CommandFactory;

use super::CommandLine;
use super::which_lab::{NONE_UP, meant_lab};
use crate::journal;
use crate::message::Message;

/// The lab to which printed commands refer.
static LAB: OnceLock<String> = OnceLock::new();

/// Makes printed commands refer to this lab from now on.
pub(super) fn speak_of(lab: &str) {
    let _ = LAB.set(lab.to_owned());
}

/// Adds `--lab` to each command in a text that would otherwise mean another lab, or none.
///
/// If no lab is up, the lab of a file (`explain -f`) will be the only one, and needs no name.
pub(super) fn in_full(text: &str) -> Cow<'_, str> {
    let Some(lab) = LAB.get().filter(|_| text.contains("peerlab ")) else { return text.into() };
    match meant_lab(None) {
        Ok(meant) if meant == *lab => text.into(),
        Err(error) if error.message == Message::from(NONE_UP) && journal::labs().is_ok_and(|labs| labs.is_empty()) => {
            text.into()
        }
        _ => with_lab(text, lab),
    }
}

fn with_lab<'t>(text: &'t str, lab: &str) -> Cow<'t, str> {
    let mut out = String::new();
    let mut copied = 0;
    for (at, word) in text.match_indices("peerlab ") {
        let begins = text[..at].chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || "-./_".contains(c)));
        let rest = &text[at + word.len()..];
        let verb = &rest[..rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len())];
        let arguments = &rest[verb.len()..];
        let arguments = &arguments[..arguments.find(['`', '\n']).unwrap_or(arguments.len())];
        if begins && takes_lab(verb, arguments) && lacks_lab(verb, arguments) {
            let end = at + word.len() + verb.len();
            out += &text[copied..end];
            out += " --lab ";
            out += lab;
            copied = end;
        }
    }
    if copied == 0 { text.into() } else { (out + &text[copied..]).into() }
}

/// Whether a verb selects its lab only by `--lab`.
fn takes_lab(verb: &str, arguments: &str) -> bool {
    // With a file, the verb means that file's lab.
    let by_file = verb == "up" && arguments.split(' ').any(|word| !word.is_empty() && !word.starts_with('-'));
    let grammar = CommandLine::command();
    let verb = grammar.find_subcommand(verb).filter(|_| !by_file);
    verb.is_some_and(|verb| verb.get_arguments().any(|argument| argument.get_long() == Some("lab")))
}

fn lacks_lab(verb: &str, arguments: &str) -> bool {
    let mut words = arguments.split(' ').filter(|word| !word.is_empty());
    // A longer word is not a command: `peerlab next's`.
    let ends =
        arguments.is_empty() || arguments.starts_with([' ', ',', '.', ':', ';', ')', '"', '\\', '<', '&', '\x1b']);
    let named = ["status", "down", "export", "undo"].contains(&verb)
        && arguments.starts_with(' ')
        && words.clone().next().is_some_and(|word| !word.starts_with('-'));
    ends && !named && !words.any(|word| word.starts_with("--lab") || word == "-f" || word == "--file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_given_the_lab_that_it_needs() {
        for (text, full) in [
            ("`peerlab explain a b` says why", "`peerlab explain --lab x a b` says why"),
            ("(2 to go: peerlab next)", "(2 to go: peerlab next --lab x)"),
            (
                "peerlab api --as A connect ri\npeerlab ping a b",
                "peerlab api --lab x --as A connect ri\npeerlab ping --lab x a b",
            ),
            ("`peerlab status` lists them", "`peerlab status --lab x` lists them"),
            ("运行`peerlab verify`", "运行`peerlab verify --lab x`"),
            ("`peerlab up` repairs the kernel", "`peerlab up --lab x` repairs the kernel"),
            ("`peerlab watch | cat`", "`peerlab watch --lab x | cat`"),
        ] {
            assert_eq!(with_lab(text, "x"), full);
        }
        for text in [
            "`peerlab up --lab y` repairs it",
            "`peerlab up FILE` brings one up",
            "peerlab status y",
            "peerlab explain a b -f lab.toml",
            "`peerlab explain --lab y a b`",
            "what peerlab does; a defect of peerlab, or so",
            "`peerlab list` shows them",
        ] {
            assert_eq!(with_lab(text, "x"), text);
        }
    }
}
