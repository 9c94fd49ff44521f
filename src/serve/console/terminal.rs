//! Terminals in instances: a shell of the unprivileged user on a pseudo-terminal, and its screen, which the page shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::num::NonZeroU16;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::{StatusCode, header};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, geteuid};
use peerlab_console::Given;
use vt100::{Color, Parser};

use super::pages::Reader;
use super::{Answer, Asked, locked};
use crate::serve::errands::NOBODY;

/// The size of a screen, in rows and columns.
const SIZE: (u16, u16) = (24, 80);
/// The most terminals of a lab.
const MOST: usize = 8;
/// How long a shell lives that nobody looks at.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How long a page waits for news of a screen.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it looks.
const STEP: Duration = Duration::from_millis(15);
/// The most bytes of keys at once.
const KEYS: usize = 64 << 10;

/// A shell with its screen.
struct Terminal {
    parser: Parser,
    version: u64,
    ended: bool,
    keys: std::fs::File,
    group: i32,
    looked: Instant,
}

/// All terminals, by lab, account, instance and browser.
#[derive(Default)]
pub(super) struct Terminals(BTreeMap<[String; 4], Arc<Mutex<Terminal>>>);

impl std::fmt::Debug for Terminals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Terminals").field(&self.0.len()).finish()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.group), Signal::SIGHUP);
        let _ = killpg(Pid::from_raw(self.group), Signal::SIGKILL);
    }
}

impl Asked<'_> {
    /// The screen of an instance's terminal, once it is newer than what the page has; starts the shell.
    pub fn screen(&self, reader: &Reader, given: &Given, instance: &str) -> Answer {
        let Some(terminal) = self.terminal(reader, instance, given.get("again").is_some()) else {
            return Answer::page(StatusCode::NOT_FOUND, String::new());
        };
        let had: u64 = given.text("since").parse().unwrap_or_default();
        let until = Instant::now() + PATIENCE;
        let text = loop {
            let mut it = locked(&terminal);
            it.looked = Instant::now();
            if it.version > had || it.ended || Instant::now() > until {
                let rows = rows(&it.parser);
                break serde_json::json!({"version": it.version, "ended": it.ended, "rows": rows}).to_string();
            }
            drop(it);
            std::thread::sleep(STEP);
        };
        Answer::page(StatusCode::OK, text).with(header::CONTENT_TYPE, "application/json".to_owned())
    }

    /// Sends keys to an instance's terminal.
    pub fn keys(&self, reader: &Reader, given: &Given, instance: &str) -> Answer {
        let Some(terminal) = self.terminal(reader, instance, false) else {
            return Answer::page(StatusCode::NOT_FOUND, String::new());
        };
        let mut it = locked(&terminal);
        let keys = given.raw("keys");
        let keys = match it.parser.screen().application_cursor() {
            true => keys
                .replace("\x1b[A", "\x1bOA")
                .replace("\x1b[B", "\x1bOB")
                .replace("\x1b[C", "\x1bOC")
                .replace("\x1b[D", "\x1bOD"),
            false => keys.to_owned(),
        };
        // The terminal is nobody's controlling one: its interrupt is sent here.
        if keys.contains('\x03') {
            let group = Pid::from_raw(it.group);
            self.with_rights(move || killpg(group, Signal::SIGINT));
        }
        let keys: String = keys.replace('\x03', "").chars().take(KEYS).collect();
        let _ = it.keys.write_all(keys.as_bytes());
        Answer::page(StatusCode::NO_CONTENT, String::new())
    }

    fn terminal(&self, reader: &Reader, instance: &str, again: bool) -> Option<Arc<Mutex<Terminal>>> {
        let seen = self.seen(&reader.key.lab).ok()?;
        let is_own = |it: &crate::cloud::Instance| *it.id.0 == *instance && it.account.as_str() == reader.key.account;
        if !seen.cloud.instances().any(is_own) {
            return None;
        }
        let key = [&reader.key.lab, &reader.key.account, instance, &reader.cookie].map(|it: &str| it.to_owned());
        let mut all = locked(&self.consoles.terminals);
        let mut gone: Vec<_> = all.0.extract_if(.., |_, it| locked(it).looked.elapsed() >= IDLE).collect();
        let there = all.0.get(&key).cloned().filter(|it| !(again && locked(it).ended));
        if there.is_some() {
            return there;
        }
        if all.0.keys().filter(|it| it[0] == key[0]).count() >= MOST {
            let oldest = all.0.iter().min_by_key(|(_, it)| locked(it).looked).map(|(key, _)| key.clone())?;
            gone.extend(all.0.remove_entry(&oldest));
        }
        if !gone.is_empty() {
            // To end another user's processes takes rights.
            self.with_rights(move || drop(gone));
        }
        let started = self.start(&reader.key.lab, instance)?;
        all.0.insert(key, started.clone());
        Some(started)
    }

    /// Starts a shell in an instance, and keeps its screen.
    fn start(&self, lab: &str, instance: &str) -> Option<Arc<Mutex<Terminal>>> {
        let size = Winsize { ws_row: SIZE.0, ws_col: SIZE.1, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).ok()?;
        let (lab, instance) = (lab.to_owned(), instance.to_owned());
        let slave = pty.slave;
        let child = self.labs.rights.run(move |starter| {
            let mut command = Command::new("/bin/sh");
            // Without job control: the terminal is nobody's controlling one.
            command.args(["+m", "-i"]).process_group(0).env_clear().current_dir("/");
            command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
            command.env("TERM", "xterm").env("HOME", "/").env("LANG", "C.UTF-8").env("PS1", "$ ");
            command.stdin(Stdio::from(slave.try_clone().ok()?));
            command.stdout(Stdio::from(slave.try_clone().ok()?)).stderr(Stdio::from(slave));
            if geteuid().is_root() {
                command.uid(NOBODY).gid(NOBODY);
            }
            starter(&lab, &instance, &mut command).ok()
        })??;
        let group = i32::try_from(child.id()).ok()?;
        let master = std::fs::File::from(pty.master);
        let mut output = master.try_clone().ok()?;
        let [height, width] = [SIZE.0, SIZE.1].map(|size| NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN));
        let terminal = Terminal {
            parser: Parser::new(height, width, 0),
            version: 1,
            ended: false,
            keys: master,
            group,
            looked: Instant::now(),
        };
        let terminal = Arc::new(Mutex::new(terminal));
        let kept = Arc::downgrade(&terminal);
        let follow = move || {
            let mut child = child;
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut part) {
                let Some(terminal) = kept.upgrade() else { break };
                let mut it = locked(&terminal);
                it.parser.process(&part[..count]);
                it.version += 1;
            }
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            let _ = child.wait();
            if let Some(terminal) = kept.upgrade() {
                let mut it = locked(&terminal);
                (it.ended, it.version) = (true, it.version + 1);
            }
        };
        // It ends another user's processes, which takes rights.
        self.labs.rights.spawn(follow);
        Some(terminal)
    }
}

/// The rows of a screen as HTML: spans of a closed set of classes.
fn rows(parser: &Parser) -> Vec<String> {
    let screen = parser.screen();
    let (cursor, hidden) = (screen.cursor_position(), screen.hide_cursor());
    let row = |row: u16| {
        let mut html = String::new();
        let mut open = String::new();
        for column in 0..SIZE.1 {
            let Some(cell) = screen.cell(row, column) else { continue };
            if cell.is_wide_continuation() {
                continue;
            }
            let mut classes = Vec::new();
            for (letter, colour) in [('f', cell.fgcolor()), ('b', cell.bgcolor())] {
                if let Color::Idx(index @ 0..16) = colour {
                    classes.push(format!("{letter}{index}"));
                }
            }
            let marks = [(cell.bold(), "bold"), (cell.underline(), "line"), (cell.inverse(), "turned")];
            classes.extend(marks.iter().filter(|(is, _)| *is).map(|(_, class)| (*class).to_owned()));
            if !hidden && cursor == (row, column) {
                classes.push("cursor".into());
            }
            let classes = classes.join(" ");
            if classes != open {
                if !open.is_empty() {
                    html += "</span>";
                }
                if !classes.is_empty() {
                    let _ = write!(html, "<span class=\"{classes}\">");
                }
                open = classes;
            }
            match cell.contents() {
                "" => html.push(' '),
                text => text.chars().for_each(|c| match c {
                    '<' => html += "&lt;",
                    '>' => html += "&gt;",
                    '&' => html += "&amp;",
                    c => html.push(c),
                }),
            }
        }
        if !open.is_empty() {
            html += "</span>";
        }
        html.trim_end().to_owned()
    };
    (0..SIZE.0).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_html_that_says_nothing_else() {
        let [height, width] = [SIZE.0, SIZE.1].map(|size| NonZeroU16::new(size).unwrap());
        let mut parser = Parser::new(height, width, 0);
        parser.process("\x1b[31m<b>&\x1b[0m 华\x1b[?25l".as_bytes());
        let rows = rows(&parser);
        assert_eq!(rows[0], "<span class=\"f1\">&lt;b&gt;&amp;</span> 华");
        assert_eq!(rows.len(), 24);
    }
}
