//! A verb's output: results on standard output, progress and errors on standard error.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use super::interrupt::{Hold, Pause};
use super::messages::steps::Said;
use super::{Global, addressed, stdout};
use crate::error::Errors;
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::printable::{JsonWriter, tamed};
use crate::report::diagnostics;
use crate::report::progress::Bar;
use crate::target::Changes;
use crate::terminal::{Terminal, Tone};

/// The global options, and the properties of the streams.
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

    /// The language of output for people; `--json` is in English.
    pub(super) fn language(&self) -> Language {
        if self.json { Language::English } else { self.out.language }
    }

    /// Prints a result for people.
    pub fn print(&self, text: &str) {
        self.print_file(&self.out.shown(text));
    }

    /// Prints a result that is a file, such as a picture or a script: UTF-8 in every locale.
    pub fn print_file(&self, text: &str) {
        let text = addressed::in_full(text);
        let text = tamed(&text, self.out.colour);
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        stdout::write(|out| out.write_all(text.as_bytes()).and_then(|()| out.write_all(newline.as_bytes())));
    }

    /// Prints a result as one JSON object.
    pub fn print_json(&self, value: &impl Serialize) {
        // Piece by piece, because the pairs of a thousand instances take 200 MB.
        stdout::write(|out| {
            serde_json::to_writer_pretty(JsonWriter(&mut *out), value)?;
            out.write_all(b"\n")
        });
    }

    /// Prints a result as JSON if requested, else as text.
    pub fn show(&self, value: &impl Serialize, text: impl FnOnce(&Terminal) -> String) {
        if self.json { self.print_json(value) } else { self.print(&text(&self.out)) }
    }

    /// Prints a progress message.
    pub fn talk(&self, message: impl Into<Message>) {
        if !self.quiet {
            self.say(Tone::Faint, &self.err.say(message));
        }
    }

    /// Prints a warning.
    pub fn warn(&self, message: impl Into<Message>) {
        if !self.quiet {
            self.caution(message);
        }
    }

    /// Prints a warning even with `--quiet`, because something will be lost.
    pub fn caution(&self, message: impl Into<Message>) {
        self.say(Tone::Notice, &format!("{}{}", self.err.say(Said::Warning), self.err.say(message)));
    }

    /// Prints the changes in the kernel, with `--verbose`.
    pub fn show_changes(&self, changes: &Changes) {
        if self.verbose {
            changes.texts().for_each(|change| self.talk(Message::text(change)));
        }
    }

    /// A progress bar, on a terminal and without `--quiet`.
    pub fn progress(&self) -> Bar {
        Bar::new(!self.quiet && !self.json && std::io::stderr().is_terminal(), &self.err)
    }

    /// Reports which process has the lab while this process waits; an interrupt ends the wait.
    pub fn waiting<'a>(&'a self, lab: &str, interrupts: &'a Hold) -> impl FnOnce(&Message) -> Pause<'a> + 'a {
        let lab = lab.to_owned();
        move |holder| {
            let paused = interrupts.pause();
            self.talk(msg!(Said::WaitingFor { holder, lab }));
            paused
        }
    }

    fn say(&self, tone: Tone, text: &str) {
        let text = addressed::in_full(text);
        let text = tamed(&text, self.err.colour);
        // Wrap on a terminal; elsewhere print one line.
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
