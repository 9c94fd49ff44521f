//! The access log: a line for each call on standard error. A reader that does not read does not stop the server: what does
//! not fit is counted, and said later.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use serde_json::json;

use super::clock::now;
use crate::language::Language;
use crate::message::{Message, Say as _};
use crate::printable::printable;

/// How many lines wait for the reader.
const WAITING: usize = 4096;

/// How long the reader may take for the last lines.
const END: Duration = Duration::from_secs(1);

/// Where the lines go.
#[derive(Clone, Debug)]
pub struct Log {
    entries: SyncSender<Entry>,
    lost: Arc<AtomicU64>,
    json: bool,
    language: Language,
}

#[derive(Debug)]
enum Entry {
    Line(String),
    /// Says when all before it is written.
    Flush(SyncSender<()>),
}

/// A call that was answered.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// When, in seconds since 1970.
    pub time: i64,
    /// Lab and account, once the key is known.
    pub caller: Option<(String, String)>,
    /// The provider, if the request is one of its clients'.
    pub provider: &'static str,
    pub action: String,
    /// Whether the action changes something.
    pub changes: bool,
    /// The error's code; none: it was done.
    pub code: Option<String>,
    pub status: u16,
    /// How long it took, in microseconds.
    pub micros: u128,
}

impl Log {
    /// A log on standard error, as JSON or for people.
    pub fn new(json: bool, language: Language) -> std::io::Result<Self> {
        let (entries, waiting) = sync_channel(WAITING);
        Builder::new().name("log".into()).spawn(move || {
            for entry in waiting {
                match entry {
                    Entry::Line(line) => _ = std::io::stderr().write_all(line.as_bytes()),
                    Entry::Flush(flushed) => _ = flushed.send(()),
                }
            }
        })?;
        Ok(Log { entries, lost: Arc::default(), json, language })
    }

    /// Waits until all is written, but not long for a reader that does not read.
    pub(super) fn flush(&self) {
        let (flushed, end) = sync_channel(1);
        if self.entries.try_send(Entry::Flush(flushed)).is_ok() {
            let _ = end.recv_timeout(END);
        }
    }

    /// A message that belongs to no call.
    pub(super) fn say(&self, message: &Message) {
        let now = peerlab_api::at_second(now());
        self.write(match self.json {
            true => json!({"time": now, "message": message.to_string()}).to_string(),
            false => format!("{now} {}", message.in_language(self.language)),
        });
    }

    /// A call.
    pub(super) fn call(&self, record: &Record) {
        let Record { time, caller, provider, action, code, status, micros, .. } = record;
        let (time, ms) = (peerlab_api::at_second(*time), *micros as f64 / 1000.0);
        let (lab, account) = caller.clone().unzip();
        self.write(match self.json {
            true => json!({
                "time": time, "lab": lab, "account": account, "provider": provider, "action": action,
                "outcome": code.as_deref().unwrap_or("ok"), "status": status, "ms": ms,
            })
            .to_string(),
            false => {
                let who = caller.as_ref().map_or_else(|| "-".to_owned(), |(lab, account)| format!("{lab}/{account}"));
                format!("{time} {who} {} {} {ms:.1}", printable(action), code.as_deref().unwrap_or("ok"))
            }
        });
    }

    fn write(&self, line: String) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let line = if lost > 0 { format!("[{lost} …]\n{line}\n") } else { line + "\n" };
        if let Err(TrySendError::Full(_)) = self.entries.try_send(Entry::Line(line)) {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        }
    }
}
