//! Packets as `peerlab capture` shows them: to a page while it is open, or for a moment to one without script.

use std::time::{Duration, Instant};

use hyper::body::Bytes;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use peerlab_console::{Given, Said, places};
use tokio::sync::mpsc::Sender;

use super::pages::Reader;
use super::{Answer, Asked, locked};
use crate::capture::{BLINK, Capture, Taken};
use crate::cloud::AccountName;
use crate::error::Errors;
use crate::flow::Protocol;
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::terminal::Terminal;
use crate::verify::sight;

/// How long packets are shown to a page without script.
const MOMENT: Duration = Duration::from_millis(1500);
/// How long packets are gathered that come close together.
const GATHER: Duration = Duration::from_millis(30);
/// The most captures of a lab's pages at once.
const CAPTURES: usize = 8;
/// The most packets shown of those that came together.
const MOST: usize = 100;

/// What a capture shows.
enum Shown {
    /// Packets, a line each, and whether it reports an error.
    Packets(Vec<(String, bool)>),
    /// A sentence about the capture itself.
    Said(Message),
}

impl Asked<'_> {
    /// Sends a page the packets that pass one of its account's places, until the page is closed.
    pub fn send_packets(&self, reader: &Reader, given: &Given, sender: &Sender<Bytes>) {
        let language = reader.sign_in.language;
        let (sender, page) = (sender.clone(), sender.clone());
        let tell = move |shown: Shown| {
            let data = match shown {
                Shown::Packets(lines) => {
                    let line = |(line, bad): (String, bool)| serde_json::json!({"line": line, "bad": bad});
                    lines.into_iter().map(line).collect::<Vec<_>>()
                }
                Shown::Said(message) => vec![serde_json::json!({"said": language.say(message)})],
            };
            let event = format!("event: packets\ndata: {}\n\n", serde_json::Value::Array(data));
            sender.blocking_send(Bytes::from(event)).is_ok()
        };
        let Some(share) = locked(&self.consoles.seen).memory(&reader.key.lab).captures(CAPTURES) else {
            tell(Shown::Said(msg!(Said::TooManyCaptures { captures: CAPTURES })));
            return;
        };
        match self.capture(reader, given) {
            // From here on it takes no rights.
            Ok(capture) => {
                std::thread::spawn(move || {
                    follow(capture, language, || page.is_closed(), tell);
                    drop(share);
                });
            }
            Err(errors) => errors.0.into_iter().for_each(|error| _ = tell(Shown::Said(error.message))),
        }
    }

    /// A ping of a pair, with the packets that pass meanwhile.
    pub fn packets(&self, reader: &Reader, given: &Given) -> Answer {
        let language = reader.sign_in.language;
        let mut output = String::new();
        match self.capture(reader, given) {
            Err(errors) => output.extend(errors.0.iter().map(|error| language.say(&error.message))),
            Ok(capture) => {
                self.ping_beside(reader, given);
                let until = Instant::now() + MOMENT;
                follow(
                    capture,
                    language,
                    || Instant::now() > until,
                    |shown| {
                        match shown {
                            Shown::Packets(lines) => lines.iter().for_each(|(line, _)| output += &format!("{line}\n")),
                            Shown::Said(message) => output += &format!("{}\n", language.say(message)),
                        }
                        true
                    },
                );
                if output.is_empty() {
                    output = language.say(Said::NoPackets);
                }
            }
        }
        self.shown(reader, given, true, None, Some(&output))
    }

    /// Pings the pair of the request, beside a capture.
    fn ping_beside(&self, reader: &Reader, given: &Given) {
        let Ok(seen) = self.seen(&reader.key.lab) else { return };
        let [from, to] = ["from", "to"].map(|name| super::deeds::end(given.text(name)));
        let lab = reader.key.lab.clone();
        self.labs.rights.spawn(move || sight(&lab, &seen.cloud, &from, &to, Protocol::Icmp));
    }

    fn capture(&self, reader: &Reader, given: &Given) -> Result<Capture, Errors> {
        let seen = self.seen(&reader.key.lab)?;
        let place = given.text("packets").to_owned();
        let account = AccountName::trusted(reader.key.account.as_str());
        if !places(&seen.cloud, &account).contains(&place) {
            return Err(crate::error::Error::input(msg!(Said::NotYourPlace { place })).into());
        }
        let filter: Vec<_> = given.text("filter").split_whitespace().map(str::to_owned).collect();
        let opened = self.with_rights(move || Capture::open(&seen.run, &place, &filter));
        Ok(opened.unwrap_or_else(|| Err(crate::error::Error::host(Said::NotDone)))?)
    }
}

/// Shows what passes until `ends`, or until nobody looks.
fn follow(mut capture: Capture, language: Language, ends: impl Fn() -> bool, mut show: impl FnMut(Shown) -> bool) {
    let terminal = Terminal { language, ..Terminal::PLAIN };
    let mut there = capture.catch_up();
    while matches!(there, Ok(true)) && !ends() {
        match capture.learned().missing {
            Some(missing) if missing.is_empty() => _ = show(Shown::Said(Said::PacketsCanPass.into())),
            Some(missing) => _ = show(Shown::Said(msg!(Said::PacketsWait { missing: &missing }))),
            None => {}
        }
        let mut polled: Vec<_> = capture.sockets().map(|socket| PollFd::new(socket, PollFlags::POLLIN)).collect();
        if matches!(poll(&mut polled, PollTimeout::try_from(BLINK).unwrap_or(PollTimeout::ZERO)), Ok(1..)) {
            std::thread::sleep(GATHER);
        }
        drop(polled);
        let Ok(batch) = capture.read() else { return };
        let mut lines = Vec::new();
        let mut left_out = 0;
        for read in batch {
            match capture.take(&read) {
                Ok(Taken::Packet(_)) if lines.len() == MOST => left_out += 1,
                Ok(Taken::Packet(record)) => {
                    let line = capture.teller().line(&record, &terminal);
                    lines.push((terminal.shown(line.trim_end()).into_owned(), record.bad));
                }
                Ok(Taken::Other) => {}
                Ok(Taken::Gone) => there = Ok(false),
                Err(errors) => there = Err(errors),
            }
        }
        let goes_on = lines.is_empty() || show(Shown::Packets(lines));
        if !goes_on || left_out > 0 && !show(Shown::Said(msg!(Said::PacketsLeftOut { packets: left_out }))) {
            return;
        }
        if matches!(there, Ok(true)) {
            there = capture.keep_up();
        }
    }
    match there {
        Ok(true) => {}
        Ok(false) => _ = show(Shown::Said(Said::PlaceGone.into())),
        Err(errors) => errors.0.into_iter().for_each(|error| _ = show(Shown::Said(error.message))),
    }
}
