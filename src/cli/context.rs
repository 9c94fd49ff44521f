//! How a verb speaks: results on standard output, talk and errors on standard error.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use super::interrupt::{Hold, Pause};
use super::{Global, addressed, stdout};
use crate::error::Errors;
use crate::language::Language;
use crate::printable::{JsonWriter, tamed};
use crate::report::diagnostics;
use crate::report::progress::Bar;
use crate::terminal::{Terminal, Tone};

/// What the global options say, and what the streams can show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub json: bool,
    pub verbose: bool,
    pub quiet: bool,
    /// Standard output.
    pub out: Terminal,
    /// Standard error.
    err: Terminal,
}

impl Context {
    pub fn new(global: Global, language: Language) -> Self {
        let Global { json, verbose, quiet } = global;
        Context { json, verbose, quiet, out: Terminal::stdout(language), err: Terminal::stderr(language) }
    }

    /// The language of what is written for the reader; programs that read `--json` get English.
    pub(super) fn language(&self) -> Language {
        if self.json { Language::English } else { self.out.language }
    }

    /// A result for a reader.
    pub fn print(&self, text: &str) {
        self.print_file(&self.out.shown(text));
    }

    /// A result that is a file, such as a picture or a script: UTF-8 in every locale.
    pub fn print_file(&self, text: &str) {
        let text = addressed::in_full(text);
        let text = tamed(&text, self.out.colour);
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        stdout::write(|out| out.write_all(text.as_bytes()).and_then(|()| out.write_all(newline.as_bytes())));
    }

    /// A result, as one JSON object.
    pub fn print_json(&self, value: &impl Serialize) {
        // Piece by piece: the pairs of a thousand instances are 200 MB of it.
        stdout::write(|out| {
            serde_json::to_writer_pretty(JsonWriter(&mut *out), value)?;
            out.write_all(b"\n")
        });
    }

    /// A result: as JSON where that is asked for, else as text.
    pub fn show(&self, value: &impl Serialize, text: impl FnOnce(&Terminal) -> String) {
        if self.json { self.print_json(value) } else { self.print(&text(&self.out)) }
    }

    /// Something about what is being done.
    pub fn talk(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.say(Tone::Faint, &self.err.translate(text.as_ref()));
        }
    }

    /// Something that the user should know all the same.
    pub fn warn(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.caution(text);
        }
    }

    /// Something that the user must know, however little is to be said: what is there now will not be any more.
    pub fn caution(&self, text: impl AsRef<str>) {
        self.say(Tone::Notice, &format!("{}{}", self.err.translate("warning: "), self.err.translate(text.as_ref())));
    }

    /// What the kernel was told to change, where the user asks for it.
    pub fn show_changes<T: std::fmt::Display>(&self, changes: &[T]) {
        if self.verbose {
            changes.iter().for_each(|change| self.talk(change.to_string()));
        }
    }

    /// A bar for work that takes long: on a terminal, unless the user wants no talk.
    pub fn progress(&self) -> Bar {
        Bar::new(!self.quiet && !self.json && std::io::stderr().is_terminal(), &self.err)
    }

    /// Says who holds the lab that this process waits for; an interrupt ends the wait.
    pub fn waiting<'a>(&'a self, lab: &str, interrupts: &'a Hold) -> impl FnOnce(&str) -> Pause<'a> + 'a {
        let lab = lab.to_owned();
        move |holder| {
            let paused = interrupts.pause();
            self.talk(format!("waiting for {holder}, which is changing lab {lab}"));
            paused
        }
    }

    fn say(&self, tone: Tone, text: &str) {
        let text = addressed::in_full(text);
        let text = tamed(&text, self.err.colour);
        // Somebody reads on a terminal; elsewhere a line says one thing.
        let text = if std::io::stderr().is_terminal() { self.err.wrap(&text, 0) } else { text };
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{}", self.err.shown(&self.err.paint(tone, text.trim_end())));
    }

    pub fn show_errors(&self, errors: &Errors) {
        let text = match (self.json, std::io::stderr().is_terminal()) {
            (true, _) => diagnostics::render_json(errors),
            (false, true) => self.err.shown(&diagnostics::render_fitting(errors, &self.err)).into_owned(),
            (false, false) => self.err.shown(&diagnostics::render(errors, &self.err)).into_owned(),
        };
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{}", addressed::in_full(text.trim_end()));
    }
}
