//! The lines of a log: a record each, after its checksum.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::LabFile;
use super::event::Event;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The time of writing, in milliseconds since 1970.
    pub time: u64,
    /// The caller's name for the request, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The time until which the kernel shows what passed, in a lab whose changes take time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// Its content.
    #[serde(flatten)]
    pub what: What,
}

/// The content of a line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The lab file when the log was created: its second line.
    File(LabFile),
    /// These events are about to be applied to the kernel; if there are none, the kernel is about to be repaired.
    Do(Vec<Event>),
    /// The last N events are about to be undone.
    Undo(usize),
    /// The kernel agrees with the journal, after N changes.
    Settled(usize),
    /// This error interrupted the change.
    Failed(String),
}

impl Record {
    pub(super) fn now(request: Option<&str>, what: What) -> Self {
        Record { time: now(), request: request.map(str::to_owned), until: None, what }
    }
}

/// The time, in milliseconds since 1970.
pub fn now() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether the kernel agrees with the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Agreement {
    pub(super) settled: bool,
    /// See [`Record::until`].
    pub(super) until: Option<u64>,
}

/// Appends a line.
pub(super) fn line(record: &impl Serialize, log: &mut Vec<u8>) {
    let text = serde_json::to_string(record).expect("a record holds nothing that JSON cannot");
    log.extend(format!("{:08x} {text}\n", crc32fast::hash(text.as_bytes())).into_bytes());
}

/// The text of each complete line and the end of the last one; or the place of a damaged line.
pub(super) fn lines(log: &[u8]) -> Result<(impl Iterator<Item = &str>, usize), usize> {
    let (mut texts, mut end) = (Vec::new(), 0);
    for line in log.split_inclusive(|byte| *byte == b'\n') {
        match text_of(line) {
            Some(text) => {
                texts.push(text);
                end += line.len();
            }
            // The process was killed while it appended.
            None if !line.ends_with(b"\n") => break,
            None => return Err(end),
        }
    }
    Ok((texts.into_iter(), end))
}

/// The text of a complete line.
pub(super) fn text_of(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (checksum, text) = line.split_once(' ')?;
    (u32::from_str_radix(checksum, 16).ok()? == crc32fast::hash(text.as_bytes())).then_some(text)
}

/// The events that remain after the lines of a log; `None` if they undo more events than there are, or a line is
/// invalid.
pub(super) fn fold<'a>(lines: impl Iterator<Item = &'a str>, agreement: &mut Agreement) -> Option<Vec<Event>> {
    let mut events = Vec::new();
    for line in lines {
        let Record { what, until, .. } = serde_json::from_str(line).ok()?;
        agreement.settled = matches!(what, What::Settled(_));
        match what {
            What::Do(more) => events.extend(more),
            What::Undo(number) => events.truncate(events.len().checked_sub(number)?),
            What::Settled(_) => agreement.until = until,
            What::Failed(_) => {}
            What::File(_) => return None,
        }
    }
    Some(events)
}

/// The events of a complete log; `None` if it is damaged.
pub(super) fn events_of(log: &[u8]) -> Option<Vec<Event>> {
    lines(log).ok().and_then(|(lines, _)| fold(lines.skip(2), &mut Agreement::default()))
}

/// The events of lines from the middle of a log; `None` if they undo earlier events.
pub(super) fn events_between(log: &[u8]) -> Option<Vec<Event>> {
    lines(log).ok().and_then(|(lines, _)| fold(lines, &mut Agreement::default()))
}
