//! Runs every command in the README, `docs/` and the help, each document from its beginning on a separate machine.
//!
//! In a document, the commands are the lines that begin with `$ ` in a `console` block, with the result below them, and
//! all lines of a `sh` block. A result is compared with the real one line by line; times may differ, and a line `…`
//! matches any lines. A document that ends in `.zh.md` runs in a Chinese locale. A comment before a block can be a
//! directive:
//!
//! - `<!-- exit 1 -->`: the block's last command ends with this status;
//! - `<!-- interrupted -->`: the block's last command runs until it is interrupted;
//! - `<!-- not run: why -->`: the block is skipped, and the test says so.
//!
//! With `PEERLAB_DOCS=write`, results that are missing, or that differ and are shown in full, are written below their
//! commands.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod by_hand;
mod document;
mod example;
mod links;
#[path = "../support/mod.rs"]
#[allow(dead_code)]
mod support;
mod visitor;

use std::fs;
use std::path::{Path, PathBuf};

use document::blocks;
use support::at_once::at_once;
use visitor::Visitor;

fn writes() -> bool {
    std::env::var("PEERLAB_DOCS").is_ok_and(|it| it == "write")
}

/// Whether a result differs from the document's, which is shown in full.
fn differs(shown: &[String], real: &str) -> bool {
    !shown.iter().any(|line| line.trim() == "…") && document::compare(shown, real).is_err()
}

/// README.md and all of `docs/`.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<_> = ["README.md", "README.zh.md"].map(|name| root.join(name)).into();
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                found.push(path);
            }
        }
    }
    found.retain(|path| path.exists());
    found.sort();
    found
}

#[test]
fn what_the_documents_show_is_what_happens() {
    let documents = documents();
    let run = at_once(documents.clone(), |path| commands_run(&path));
    let wrong = documents.iter().zip(&run).filter(|(_, run)| run.is_err());
    assert_eq!(wrong.map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(), [""; 0], "these do not hold");
    let commands: usize = run.into_iter().flatten().sum();
    println!("{commands} commands run");
    assert!(commands > 40, "the documents show commands");
}

/// Runs a document's commands, and returns their number.
fn commands_run(path: &Path) -> usize {
    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
    let text = fs::read_to_string(path).unwrap();
    let locale = if name.ends_with(".zh.md") { "zh_CN.UTF-8" } else { "C.UTF-8" };
    let mut visitor = None;
    let mut run = 0;
    let mut written = Vec::new();
    for block in &blocks(&text) {
        if let Some(why) = &block.not_run {
            println!("{name}:{}: NOT RUN: {why}", block.line);
            continue;
        }
        for command in &block.commands {
            let seen = visitor.get_or_insert_with(|| Visitor::new(locale, |_| true)).run(command);
            let rewritten = command.result.as_ref().filter(|shown| writes() && differs(shown, seen.result()));
            if let Some(shown) = rewritten {
                written.push((command.line, shown.len(), seen.result().to_owned()));
            } else {
                seen.hold(&name, command);
            }
            run += 1;
        }
    }
    if !written.is_empty() {
        fs::write(path, document::with_results(&text, &written)).unwrap();
    }
    run
}

#[test]
fn the_examples_of_the_help_run() {
    let verbs = example::verbs();
    assert!(verbs.len() > 12, "{verbs:?}");
    let tcpdump = support::oracle::oracle("tcpdump");
    let run = at_once(verbs.clone(), |verb| example::run(&verb, tcpdump));
    let wrong = verbs.iter().zip(run).filter(|(_, run)| run.is_err());
    assert_eq!(wrong.map(|(verb, _)| verb).collect::<Vec<_>>(), [""; 0]);
}
