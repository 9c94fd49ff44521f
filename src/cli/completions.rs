//! `peerlab completions SHELL`: the shell calls peerlab at each Tab, and so gets current names.
//!
//! Any user can see the names of root's running labs, as for `sudo peerlab`, but only users who may read a lab see its
//! contents; the others silently get no names.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;

use clap::{Args, Command, ValueEnum};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};

use super::context::Context;
use super::messages::files::Said;
use super::target::running_lab;
use super::{Ending, stdout};
use crate::cloud::{Allow, Argument, ArgumentKind, Cloud, OperationKind, Provider, ResourceKind};
use crate::error::{Error, Errors};
use crate::msg;
use crate::{journal, session, shipped};

/// Print completions for a shell: verbs, operations, and names in running labs
#[derive(Debug, Args)]
#[command(after_help = "\
Any user can complete names of labs; only the user who brought a lab up can complete names in it.

Examples:
  peerlab completions bash            in ~/.bashrc: source <(peerlab completions bash)
  peerlab completions zsh             in ~/.zshrc, after compinit: source <(peerlab completions zsh)
  peerlab completions fish            in config.fish: peerlab completions fish | source")]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum, ignore_case = true)]
    shell: Shell,
}

/// bash splits words at each `:`. If one was typed, this passes on the words between blanks, and takes from the candidates what is
/// on the line already.
const KINDS_IN_BASH: &str = r#"
_peerlab_complete() {
    local line=${COMP_LINE:0:COMP_POINT}
    if [[ $line != *:* ]]; then
        _clap_complete_peerlab "$@"
        return
    fi
    local -a COMP_WORDS
    IFS=$' \t\n' read -ra COMP_WORDS <<< "$line"
    [[ $line == *[[:blank:]] ]] && COMP_WORDS+=("")
    local COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    local current=${COMP_WORDS[COMP_CWORD]}
    _clap_complete_peerlab "$1" "$current"
    COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
}
"#;

/// As a file `_peerlab` on zsh's path of functions, the script is run at the first Tab, which it must answer.
const AS_A_FILE_OF_ZSH: &str = r#"
[[ $funcstack[1] != _peerlab ]] || _clap_dynamic_completer_peerlab "$@"
"#;

/// The variable by which a shell requests completions and identifies itself.
const VARIABLE: &str = "COMPLETE";

/// A supported shell.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Prints the script that the shell reads when it starts.
pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let shell: &dyn EnvCompleter = match arguments.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut script = Vec::new();
    let written = shell.write_registration(VARIABLE, "peerlab", "peerlab", "peerlab", &mut script);
    written.map_err(|error| Error::host(msg!(Said::CannotWriteCompletions { error })))?;
    let mut script = String::from_utf8_lossy(&script).into_owned();
    match arguments.shell {
        Shell::Bash => script = script.replace("-F _clap_complete_peerlab", "-F _peerlab_complete") + KINDS_IN_BASH,
        Shell::Zsh => script += AS_A_FILE_OF_ZSH,
        Shell::Fish => {}
    }
    context.print_file(&script);
    Ok(Ending::Done)
}

/// Whether a shell asks for completions.
pub(super) fn are_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Answers a shell's request; returns whether there was one.
pub(super) fn answer() -> bool {
    let asked = CompleteEnv::with_factory(|| with_names(super::grammar()))
        .var(VARIABLE)
        .bin("peerlab")
        .completer("peerlab")
        .try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref());
    let asked = asked.unwrap_or_else(|error| {
        match std::error::Error::source(&error).and_then(|source| source.downcast_ref::<std::io::Error>()) {
            Some(source) => stdout::note(Err(source.kind().into())),
            None => error.exit(),
        }
        true
    });
    if asked {
        stdout::note(std::io::stdout().flush());
    }
    asked
}

/// The grammar, with completions for the values of its arguments.
fn with_names(grammar: Command) -> Command {
    grammar.mut_subcommands(|verb| {
        let name = verb.get_name().to_owned();
        let verb = verb.mut_args(|arg| match completer(&name, arg.get_id().as_str()) {
            Some(completer) => arg.add(completer),
            None => arg,
        });
        if name == "api" { verb.mut_subcommands(operation) } else { verb }
    })
}

fn completer(verb: &str, arg: &str) -> Option<ArgValueCompleter> {
    match (verb, arg) {
        (_, "file" | "files") => Some(ArgValueCompleter::new(lab_files)),
        ("labs", "name") => Some(ArgValueCompleter::new(shipped_labs)),
        (_, "lab") | ("status" | "export" | "undo" | "serve" | "credentials", "name") => {
            Some(ArgValueCompleter::new(labs))
        }
        ("down", "which") => Some(ArgValueCompleter::new(|current: &OsStr| {
            let mut found = labs(current);
            found.extend(PathCompleter::file().filter(is_lab_file).complete(current));
            found
        })),
        (_, "account") => names(|cloud| cloud.accounts().map(|it| it.name.to_string()).collect()),
        ("ping" | "explain", "from" | "to") | ("capture", "filter") => {
            names(|cloud| told_apart(&[ResourceKind::Instance], cloud))
        }
        ("exec" | "shell", "instance") => names(inside),
        ("capture", "place") => names(|cloud| {
            let kinds = [&[ResourceKind::Instance, ResourceKind::Vpc], &ResourceKind::PEERINGS[..]].concat();
            told_apart(&kinds, cloud)
        }),
        _ => None,
    }
}

/// An operation of `api`, with the values of its arguments.
fn operation(operation: Command) -> Command {
    let Some(kind) = OperationKind::named(operation.get_name()) else { return operation };
    operation.mut_args(|arg| {
        let argument = kind.arguments().find(|argument| arg.get_id() == argument.field);
        match argument.filter(|argument| argument.kind.is_offered()) {
            // Of resources of several kinds, those with one name are told apart.
            Some(Argument { kind: ArgumentKind::NextHop(kinds), .. }) => arg.add(next_hops(kinds)),
            Some(argument) => arg.add(values(argument)),
            None => arg,
        }
    })
}

/// Where a lab file is wanted: those in reach, and the shipped labs.
fn lab_files(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut found = PathCompleter::file().filter(is_lab_file).complete(current);
    found.extend(shipped_labs(current));
    found
}

fn shipped_labs(current: &OsStr) -> Vec<CompletionCandidate> {
    beginning_with(current, shipped::all().map(|lab| lab.name.to_owned()).collect())
}

fn is_lab_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn labs(current: &OsStr) -> Vec<CompletionCandidate> {
    beginning_with(current, journal::labs_in_sight().unwrap_or_default())
}

/// Names in the selected lab, if the user may read it.
fn names(of: fn(&Cloud) -> Vec<String>) -> Option<ArgValueCompleter> {
    Some(names_by(of))
}

fn next_hops(kinds: &'static [ResourceKind]) -> ArgValueCompleter {
    names_by(move |cloud| told_apart(kinds, cloud))
}

fn names_by(of: impl Fn(&Cloud) -> Vec<String> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| beginning_with(current, in_lab(&of).unwrap_or_default()))
}

/// Values of an operation's argument: those in the selected lab, otherwise those that need no lab.
fn values(argument: &'static Argument) -> ArgValueCompleter {
    let clouds = || Provider::ALL.into_iter().map(|provider| Cloud::new(provider, Allow::default(), Vec::new()));
    ArgValueCompleter::new(move |current: &OsStr| {
        let offered = in_lab(|cloud| cloud.offered(argument)).unwrap_or_else(|| {
            let any: BTreeSet<_> = clouds().flat_map(|cloud| cloud.offered(argument)).collect();
            any.into_iter().collect()
        });
        beginning_with(current, offered)
    })
}

/// A value read from the selected lab, if the user may read it.
fn in_lab<T>(of: impl FnOnce(&Cloud) -> T) -> Option<T> {
    let lab = running_lab(named_lab(std::env::args_os()).as_deref());
    let run = lab.ok().and_then(|lab| session::look(&lab).ok())?;
    Some(of(run.run.cloud()))
}

/// The lab that was given before the cursor.
fn named_lab(words: impl Iterator<Item = OsString>) -> Option<String> {
    let mut words = words.map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        if let Some(lab) = word.strip_prefix("--lab=") {
            return Some(lab.to_owned());
        }
        if word == "--lab" {
            return words.next();
        }
    }
    None
}

fn beginning_with(current: &OsStr, names: Vec<String>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    // With its kind, a name is offered if another kind has it too, or if a kind was typed.
    let is_offered = |name: &&String| match name.split_once(':') {
        Some((_, plain)) if !current.contains(':') => {
            let same = names.iter().filter_map(|name| name.split_once(':')).filter(|(_, other)| *other == plain);
            same.count() > 1
        }
        _ => true,
    };
    let fitting = names.iter().filter(|name| name.starts_with(current)).filter(is_offered);
    fitting.map(CompletionCandidate::new).collect()
}

/// The names of resources of these kinds, without those that several have; after them each with its kind, and `internet`.
fn told_apart(kinds: &[ResourceKind], cloud: &Cloud) -> Vec<String> {
    let named = kinds.iter().flat_map(|kind| cloud.names_of(*kind).into_iter().map(|name| (kind.keyword(), name)));
    let named: Vec<_> = named.collect();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, name) in &named {
        *count.entry(name).or_default() += 1;
    }
    let alone = named.iter().filter(|(_, name)| count[name.as_str()] == 1).map(|(_, name)| name.clone());
    alone.chain(named.iter().map(|(kind, name)| format!("{kind}:{name}"))).chain(["internet".to_owned()]).collect()
}

/// An instance comes before a VPC of its name.
fn inside(cloud: &Cloud) -> Vec<String> {
    let mut names = told_apart(&[ResourceKind::Instance, ResourceKind::Vpc], cloud);
    let instances = cloud.names_of(ResourceKind::Instance).into_iter();
    names.extend(instances.filter(|name| !names.contains(name)).collect::<Vec<_>>());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lab_that_was_named_is_looked_at() {
        let words = |line: &str| named_lab(line.split(' ').map(OsString::from));
        assert_eq!(words("peerlab -- peerlab exec --lab one ecs").as_deref(), Some("one"));
        assert_eq!(words("peerlab -- peerlab exec --lab=two ecs").as_deref(), Some("two"));
        assert_eq!(words("peerlab -- peerlab exec ecs"), None);
    }

    #[test]
    fn every_argument_of_an_operation_is_completed_with_what_the_cloud_offers() {
        let api = with_names(super::super::grammar());
        let api = api.find_subcommand("api").unwrap().clone();
        for kind in OperationKind::ALL {
            let operation = api.find_subcommand(kind.name).unwrap();
            for argument in kind.arguments() {
                let arg = operation.get_arguments().find(|arg| arg.get_id() == argument.field).unwrap();
                let completes = arg.get::<ArgValueCompleter>().is_some();
                assert_eq!(completes, argument.kind.is_offered(), "{} {}", kind.name, argument.field);
            }
        }
    }
}
