//! `peerlab watch [--interval T]`: a board on a terminal, elsewhere a line per change.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::packets::Said;
use super::signals::Signals;
use super::stdout::{self, Stdout};
use super::target::{LabChoice, look};
use crate::error::{Error, Errors};
use crate::kernel::threads::start;
use crate::message::Message;
use crate::msg;
use crate::printable::tamed;
use crate::report::messages::Said as Words;
use crate::watch::{Board, Entry, Guard, Sight, Watcher, draw};

/// Watch who reaches whom while you change the lab, with each change and its cause
#[derive(Debug, Args)]
#[command(after_help = "\
On a terminal, watch shows the matrix and, below it, the changes; q quits. On a pipe it prints a line for each \
change, with --json an object. The cause is an operation or a step, or a change of the kernel by hand.

Examples:
  peerlab watch                           and break something in another terminal
  peerlab watch --interval 5s | tee changes.txt")]
pub(super) struct Arguments {
    #[command(flatten)]
    lab: LabChoice,
    /// Interval between pings
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    interval: Duration,
}

/// How soon keys and signals are noticed.
const BLINK: Duration = Duration::from_millis(100);

/// The shortest interval, to limit the load.
const SHORTEST: Duration = Duration::from_millis(100);

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (lab, run) = look(&arguments.lab, context)?;
    // Before the other thread starts, so that only this one gets the signals.
    let signals = Signals::take()?;
    let (told, sights) = channel();
    let (nudge, nudged) = channel();
    let over = AtomicBool::new(false);
    let language = context.language();
    let watcher = Watcher::new(&lab, language);
    let interval = arguments.interval;
    let ended = std::thread::scope(|scope| {
        let (over, told_of_drift, nudge_of_drift) = (&over, told.clone(), nudge.clone());
        let watch = || {
            start(scope, move || keep_looking(watcher, interval, &told, &nudged, over))?;
            match Guard::new(&lab) {
                Ok(guard) => drop(start(scope, move || keep_guard(guard, &told_of_drift, &nudge_of_drift, over))?),
                // Pings show it too, only later.
                Err(errors) => errors.0.into_iter().for_each(|error| context.warn(error.message)),
            }
            if io::stdout().is_terminal() && !context.json {
                let title = run.lab().title_in(language).unwrap_or_default();
                let board = Board::new(&lab, title, run.cloud(), context.out);
                on_terminal(board, &sights, &signals)
            } else {
                in_lines(&lab, &sights, &signals, context)
            }
        };
        let ended = watch();
        // Also after an error, so that the scope does not wait for the other threads for ever.
        over.store(true, Relaxed);
        let _ = nudge.send(());
        ended
    })?;
    if ended == Ended::Down {
        context.warn(msg!(Said::LabWentDown { lab }));
    }
    Ok(Ending::Done)
}

/// Why it ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The user ended it, or the reader is gone.
    Asked,
    /// The lab is no longer up.
    Down,
}

/// Pings repeatedly until it is over, and at once when nudged.
fn keep_looking(
    mut watcher: Watcher,
    interval: Duration,
    told: &Sender<Result<Sight, Errors>>,
    nudged: &Receiver<()>,
    over: &AtomicBool,
) {
    while !over.load(Relaxed) {
        let begun = Instant::now();
        let sight = watcher.look();
        let pause = match &sight {
            Ok(Sight::Picture(_)) => interval.saturating_sub(begun.elapsed()),
            Ok(Sight::Busy | Sight::Drift(_)) => BLINK,
            Ok(Sight::Down) | Err(_) => {
                let _ = told.send(sight);
                return;
            }
        };
        if told.send(sight).is_err() {
            return;
        }
        let _ = nudged.recv_timeout(pause);
    }
}

/// Tells of each drift until it is over, and nudges the one who pings.
fn keep_guard(mut guard: Guard, told: &Sender<Result<Sight, Errors>>, nudge: &Sender<()>, over: &AtomicBool) {
    while !over.load(Relaxed) {
        // An error is also the watcher's, who reports it if it lasts.
        let Ok(seen) = guard.wait(BLINK) else {
            std::thread::sleep(BLINK);
            continue;
        };
        if let Some(drift) = seen
            && (told.send(Ok(Sight::Drift(drift))).is_err() || nudge.send(()).is_err())
        {
            return;
        }
    }
}

// -------------------------------------------------------------------------------------------------------- a terminal

fn on_terminal(board: Board, sights: &Receiver<Result<Sight, Errors>>, signals: &Signals) -> Result<Ended, Errors> {
    // From here on a panic restores the terminal before its message is shown.
    let terminal = ratatui::try_init().map_err(|error| no_terminal(&error))?;
    let ended = show(terminal, board, sights, signals);
    ratatui::restore();
    ended
}

fn show(
    mut terminal: DefaultTerminal,
    mut board: Board,
    sights: &Receiver<Result<Sight, Errors>>,
    signals: &Signals,
) -> Result<Ended, Errors> {
    let begun = Instant::now();
    loop {
        board.pass(begun.elapsed());
        terminal.draw(|frame| draw(&board, frame)).map_err(|error| no_terminal(&error))?;
        if event::poll(BLINK).map_err(|error| no_terminal(&error))? {
            let event = event::read().map_err(|error| no_terminal(&error))?;
            if let Event::Key(key) = event
                && key.kind != KeyEventKind::Release
                && pressed(key, &mut board)
            {
                return Ok(Ended::Asked);
            }
        }
        if signals.arrived() {
            return Ok(Ended::Asked);
        }
        while let Ok(sight) = sights.try_recv() {
            match sight? {
                Sight::Picture(seen) => board.see(*seen, begun.elapsed()),
                Sight::Busy => board.busy(),
                Sight::Drift(drift) => board.drifted(drift, begun.elapsed()),
                Sight::Down => return Ok(Ended::Down),
            }
        }
    }
}

/// Handles a key; returns whether it ends the watch.
fn pressed(key: KeyEvent, board: &mut Board) -> bool {
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => return true,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return true,
        KeyCode::Char('v') => board.turn(),
        KeyCode::Up | KeyCode::Char('k') => board.scroll(-1, 0),
        KeyCode::Down | KeyCode::Char('j') => board.scroll(1, 0),
        KeyCode::Left | KeyCode::Char('h') => board.scroll(0, -5),
        KeyCode::Right | KeyCode::Char('l') => board.scroll(0, 5),
        KeyCode::PageUp => board.scroll(-10, 0),
        KeyCode::PageDown => board.scroll(10, 0),
        KeyCode::Home => board.scroll(isize::MIN, isize::MIN),
        _ => {}
    }
    false
}

fn no_terminal(error: &io::Error) -> Errors {
    Error::host(msg!(Said::NoTerminal { error })).hint(Said::WatchInLines).into()
}

// -------------------------------------------------------------------------------------------------------- a pipe

/// An object of `watch --json`.
#[derive(Serialize)]
struct Line<'a> {
    /// Since 1970, in seconds.
    time: f64,
    lab: &'a str,
    #[serde(flatten)]
    event: Told<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told<'a> {
    /// The first picture.
    Begin { pairs: usize, reach: usize, wrong: usize },
    /// Pairs changed.
    Change(&'a Entry),
    /// An operation or step changed no pair.
    Done(&'a Entry),
    /// Somebody changed the kernel by hand, or nothing is left of that.
    Drift { drift: &'a [Message] },
    /// The lab went down.
    Down,
}

fn in_lines(
    lab: &str,
    sights: &Receiver<Result<Sight, Errors>>,
    signals: &Signals,
    context: &Context,
) -> Result<Ended, Errors> {
    let begun = Instant::now();
    let mut out = BufWriter::new(Stdout);
    let mut first = true;
    let mut early: Option<Vec<Message>> = None;
    let mut say = |event: Told<'_>, text: String| -> io::Result<()> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if context.json {
            serde_json::to_writer(&mut out, &Line { time: time.as_millis() as f64 / 1000.0, lab, event })?;
            out.write_all(b"\n")?;
        } else if !text.is_empty() {
            writeln!(out, "{:>7.1}s  {}", begun.elapsed().as_secs_f64(), context.out.shown(&tamed(&text, false)))?;
        }
        out.flush()
    };
    loop {
        if signals.arrived() || is_closed() {
            return Ok(Ended::Asked);
        }
        let sight = match early.take_if(|_| !first) {
            Some(drift) => Ok(Ok(Sight::Drift(drift))),
            None => sights.recv_timeout(BLINK),
        };
        let said = match sight {
            Err(RecvTimeoutError::Timeout) | Ok(Ok(Sight::Busy)) => Ok(()),
            // The thread has panicked, which is reported where it is joined.
            Err(RecvTimeoutError::Disconnected) => return Ok(Ended::Asked),
            Ok(Err(errors)) => return Err(errors),
            // The picture to which it belongs comes first.
            Ok(Ok(Sight::Drift(drift))) if first => {
                early = Some(drift);
                Ok(())
            }
            Ok(Ok(Sight::Drift(drift))) => {
                let entry = Entry::of_drift(&drift, begun.elapsed(), context.language());
                say(Told::Drift { drift: &drift }, entry.line())
            }
            Ok(Ok(Sight::Down)) => {
                stdout::note(say(Told::Down, String::new()));
                return Ok(Ended::Down);
            }
            Ok(Ok(Sight::Picture(seen))) => {
                let begin = if std::mem::take(&mut first) {
                    let (pairs, reach, wrong) = seen.picture.counts();
                    let verdict = if wrong == 0 {
                        msg!(Words::AllAsPredicted)
                    } else {
                        msg!(Words::SomeNotAsPredicted { wrong })
                    };
                    say(
                        Told::Begin { pairs, reach, wrong },
                        context.out.say(msg!(Said::PairsReach { lab, reach, pairs, verdict })),
                    )
                } else {
                    Ok(())
                };
                let entries = Entry::of(&seen, begun.elapsed(), context.language());
                begin.and_then(|()| {
                    entries.iter().try_for_each(|entry| {
                        let event = if entry.pairs > 0 { Told::Change(entry) } else { Told::Done(entry) };
                        say(event, entry.line())
                    })
                })
            }
        };
        // A closed pipe is not an error.
        match said {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                return Err(stdout::unwritable(&error).into());
            }
            Err(_) => return Ok(Ended::Asked),
            Ok(()) => {}
        }
    }
}

/// Whether the reader of standard output is gone.
fn is_closed() -> bool {
    let out = io::stdout();
    // No events requested: poll always reports that the other end is closed.
    let mut polled = [PollFd::new(out.as_fd(), PollFlags::empty())];
    poll(&mut polled, PollTimeout::ZERO).is_ok() && polled[0].any() == Some(true)
}

/// Parses a time: `1s`, `500ms`, `2m`, or seconds.
fn interval(text: &str) -> Result<Duration, Message> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = match &*text[digits.len()..].to_ascii_lowercase() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        unit => return Err(msg!(Said::NoUnitOfTime { unit })),
    };
    let number: f64 = digits.parse().map_err(|_| msg!(Said::WriteTime))?;
    let time = Duration::try_from_secs_f64(number * unit).map_err(|_| msg!(Said::NoTime))?;
    if time < SHORTEST { Err(msg!(Said::Shortest { ms: SHORTEST.as_millis() as u64 })) } else { Ok(time) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        for (text, milliseconds) in [("1s", 1000), ("500ms", 500), ("2", 2000), ("0.5", 500), ("1m", 60_000)] {
            assert_eq!(interval(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "1h", "-1", "10ms", "NaN", "1e999", "fast"] {
            assert!(interval(text).is_err(), "{text}");
        }
    }
}
