//! The log of a lab: a change appends its events before it touches the kernel, and `settled` afterwards.
//!
//! The file `journal` has one record per line, after the CRC-32 of the record: `5f3a09c1 {"time":…,"do":[…]}`. The
//! first line contains the version and the generation, which changes each time the log is created anew. A process that
//! is killed while it appends leaves a part of a line at the end: readers skip it, and the next writer truncates it.
//! Any other damage is an error.
//!
//! A snapshot records how much of the log it includes, so that readers read only the rest. An `up` that does not
//! continue the history creates the log anew. Once the log has grown to twice its size, it is compacted: the events
//! stay, because `undo`, `export` and `next` need them; times, requests, undone events and `settled` records are
//! removed.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

use super::history::{About, Base};
use super::record::{Agreement, Record, What, events_of, fold, line, lines, text_of};
use super::snapshot::{Head, Snapshot};
use super::{Event, History, LARGEST, LabFile, Store, content, former, host, ours, torn};
use crate::error::Result;
use crate::journal::messages::Said;
use crate::msg;

/// Its name in the lab's directory.
pub(super) const NAME: &str = "journal";

/// The only supported version of a log.
const VERSION: u64 = 3;

/// The journal of a lab: its file, and the changes since.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The lab file.
    pub file: LabFile,
    /// The changes after the tables, in order.
    pub history: History,
    /// Whether the kernel agrees with it; false during a change, and after an interrupted one.
    pub settled: bool,
    /// Until when the kernel shows what passed, in milliseconds since 1970, in a lab whose changes take time.
    pub until: Option<u64>,
    /// The log's generation; 0 for a journal of another version.
    generation: u64,
    /// The end of the log, in bytes; anything behind it is a partial line.
    end: u64,
    /// The checksum of the log up to that point.
    checksum: u32,
    /// The length when it was created or compacted.
    begun: u64,
    /// The number of events that the snapshot does not include; `None` if there is no usable snapshot.
    unkept: Option<usize>,
}

/// The first line of a log.
#[derive(Serialize, Deserialize)]
struct Title {
    version: u64,
    generation: u64,
}

/// The bytes of a snapshot's Cloud, if there is a usable one.
pub(crate) type Kept = Option<Vec<u8>>;

/// The maximum length of the first line, in bytes.
const TITLE: u64 = 128;

/// The maximum number of events to replay when a lab is opened; after more, a new snapshot is made.
const AGAIN: usize = 8;

/// The minimum size of a log to be compacted, in bytes.
const CUT: u64 = 1 << 20;

/// The number of events per line of a compacted log.
const LINE: usize = 1_000;

/// The maximum size of a log, in bytes: some million operations.
const LARGEST_LOG: u64 = 256 << 20;

impl Journal {
    /// A journal of the previous version.
    fn former(file: LabFile, history: History, settled: bool) -> Self {
        Journal { file, history, settled, until: None, generation: 0, end: 0, checksum: 0, begun: 0, unkept: None }
    }

    /// Parses a log: all of it, or the part after a snapshot.
    fn of(store: &Store, log: &[u8], snapshot: Option<(Head, Option<Vec<u8>>)>) -> Result<Self> {
        let lines = lines(log).map_err(|at| torn(store, NAME, msg!(Said::ByteDiffers { at })))?;
        let (mut records, length) = lines;
        match snapshot {
            Some((Head { about, file }, before)) => {
                let (end, checksum) = (about.end + length as u64, checksum(about.checksum, &log[..length]));
                let (generation, begun, mut agreement) =
                    (about.generation, about.begun, Agreement { settled: true, until: None });
                let since =
                    fold(records, &mut agreement).ok_or_else(|| torn(store, NAME, msg!(Said::TooMuchUndone)))?;
                let unkept = Some(since.len());
                let history = History::after(Base { about, log: before }, since);
                let Agreement { settled, until } = agreement;
                Ok(Journal { file, history, settled, until, generation, end, checksum, begun, unkept })
            }
            None => {
                let title = records.next().and_then(|line| serde_json::from_str(line).ok());
                let Title { version, generation } = title.ok_or_else(|| torn(store, NAME, msg!(Said::NoVersion)))?;
                if version != VERSION {
                    return Err(former::of_another_version(store, version, VERSION));
                }
                let file = match records.next().and_then(|line| serde_json::from_str::<Record>(line).ok()) {
                    Some(Record { what: What::File(file), .. }) => file,
                    _ => return Err(torn(store, NAME, msg!(Said::NoLabFile))),
                };
                let mut agreement = Agreement::default();
                let history = fold(records, &mut agreement).ok_or_else(|| torn(store, NAME, msg!(Said::Unknown)))?;
                let (history, end, checksum) = (History::new(history), length as u64, checksum(0, &log[..length]));
                let Agreement { settled, until } = agreement;
                Ok(Journal { file, history, settled, until, generation, end, checksum, begun: 0, unkept: None })
            }
        }
    }

    /// The record by which a lab with this file and history continues this journal; `None` if the log must be created
    /// anew.
    pub fn way_to(&self, file: &LabFile, history: &History) -> Option<What> {
        if self.generation == 0 || *file != self.file {
            return None;
        }
        if let Some(more) = history.more_than(&self.history) {
            return Some(What::Do(more));
        }
        self.history.more_than(history).map(|undone| What::Undo(undone.len()))
    }
}

impl Store {
    /// The journal; `None` if the lab was never built far enough to have one. It does not read the events that a
    /// snapshot includes, so do not request them.
    ///
    /// A damaged journal, or one of another version, is an error with a remedy.
    pub fn read(&self) -> Result<Option<Journal>> {
        Ok(self.recall(false)?.map(|(journal, _)| journal))
    }

    /// The journal with all of its events, and the Cloud of the snapshot, to which later events must be applied.
    pub fn read_whole(&self) -> Result<Option<(Journal, Kept)>> {
        self.recall(true)
    }

    /// As [`Store::read`], with the Cloud of the snapshot.
    pub fn read_kept(&self) -> Result<Option<(Journal, Kept)>> {
        self.recall(false)
    }

    fn recall(&self, whole: bool) -> Result<Option<(Journal, Kept)>> {
        // Read the snapshot before the log, so that the log contains everything that it includes.
        let snapshot = self.snapshot();
        let path = self.directory.join(NAME);
        let file = match ours(OpenOptions::new().read(true)).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.read_former(),
            Err(error) => return Err(self.unreadable(&path, error)),
        };
        if let Some(Snapshot { head, cloud }) = snapshot
            && title_of(&file).is_some_and(|it| it.generation == head.about.generation && it.version == VERSION)
            && let Some((before, rest)) = self.behind(&file, &head.about, whole)?
        {
            // If more was undone than came after the snapshot, only the log contains the events.
            if let Ok(journal) = Journal::of(self, &rest, Some((head, before))) {
                return Ok(Some((journal, Some(cloud))));
            }
        }
        let log = content(&path, LARGEST_LOG).map_err(|error| self.unreadable(&path, error))?;
        Journal::of(self, &log, None).map(|journal| Some((journal, None)))
    }

    /// The part of the log that a snapshot includes, if requested, and the rest. `None` if the log does not match the
    /// snapshot.
    fn behind(&self, mut file: &File, about: &About, whole: bool) -> Result<Option<(Kept, Vec<u8>)>> {
        let path = self.directory.join(NAME);
        let mut read = |from: u64| -> std::io::Result<(u64, Vec<u8>)> {
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.take(LARGEST_LOG).read_to_end(&mut bytes)?;
            Ok((length, bytes))
        };
        let read = read(if whole { 0 } else { about.end });
        let (length, mut bytes) = read.map_err(|error| self.unreadable(&path, error))?;
        if length < about.end {
            return Err(torn(self, NAME, msg!(Said::Shorter)));
        }
        if !whole {
            return Ok(Some((None, bytes)));
        }
        let end = usize::try_from(about.end).unwrap_or(usize::MAX).min(bytes.len());
        let rest = bytes.split_off(end);
        Ok((crc32fast::hash(&bytes) == about.checksum).then_some((Some(bytes), rest)))
    }

    fn read_former(&self) -> Result<Option<(Journal, Kept)>> {
        let path = self.directory.join(former::NAME);
        match content(&path, LARGEST) {
            Ok(text) => {
                let (file, history, settled) = former::decode(self, &text)?;
                let mut journal = Journal::former(file, history, settled);
                // That version did not record the checksum of its text.
                if let Ok(text) = self.text(journal.file.text) {
                    journal.file = LabFile::new(journal.file.path, journal.file.text, &text);
                }
                Ok(Some((journal, None)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unreadable(&path, error)),
        }
    }

    /// Parses a journal from the text of its log, for tests.
    #[cfg(test)]
    pub(crate) fn decode(&self, text: &[u8]) -> Result<Journal> {
        Journal::of(self, text, None)
    }

    /// All records of the log, in order.
    pub fn records(&self) -> Result<Vec<Record>> {
        let path = self.directory.join(NAME);
        let log = content(&path, LARGEST_LOG).map_err(|error| self.unreadable(&path, error))?;
        let (lines, _) = lines(&log).map_err(|at| torn(self, NAME, msg!(Said::ByteDiffers { at })))?;
        Ok(lines.skip(1).filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Creates the log anew, before a change of the lab. `former` is the journal until now, if there is one.
    pub fn begin(
        &self,
        former: Option<&Journal>,
        file: LabFile,
        history: History,
        request: Option<&str>,
    ) -> Result<Journal> {
        let generation = former.map_or(0, |journal| journal.generation).wrapping_add(1);
        let mut log = head_of(generation, &file);
        line(&Record::now(request, What::Do(history.to_vec())), &mut log);
        self.replace(NAME, &log, 0o600)?;
        for former in [former::NAME, former::CLOUD] {
            // A leftover file does no harm, and is removed with the lab.
            let _ = fs::remove_file(self.directory.join(former));
        }
        let (end, checksum) = (log.len() as u64, crc32fast::hash(&log));
        Ok(Journal { file, history, settled: false, until: None, generation, end, checksum, begun: end, unkept: None })
    }

    /// Records the change that is about to be made; `history` is the lab's history after it.
    pub fn announce(&self, journal: &mut Journal, what: What, history: &History, request: Option<&str>) -> Result<()> {
        let plain = |events: &[Event]| events.iter().all(|event| event.step().is_none());
        let unkept = match &what {
            // Replaying steps needs the lab's file, and an undo needs the earlier Cloud.
            What::Do(events) if plain(events) => journal.unkept.map(|unkept| unkept + events.len()),
            _ => None,
        };
        self.append(journal, &Record::now(request, what))?;
        (journal.settled, journal.unkept, journal.history) = (false, unkept, history.clone());
        Ok(())
    }

    /// Records that the kernel agrees with the journal, after this many changes; `until`: and with what passed until then.
    pub fn settle(
        &self,
        journal: &mut Journal,
        changes: usize,
        until: Option<u64>,
        request: Option<&str>,
    ) -> Result<()> {
        self.append(journal, &Record { until, ..Record::now(request, What::Settled(changes)) })?;
        (journal.settled, journal.until) = (true, until);
        Ok(())
    }

    /// Records that the change was interrupted, if that is possible.
    pub fn fail(&self, journal: &mut Journal, error: String, request: Option<&str>) {
        let _ = self.append(journal, &Record::now(request, What::Failed(error)));
    }

    /// Records that the kernel is about to change, so that the lab counts as unsettled.
    pub fn unsettle(&self, journal: &Journal) -> Result<()> {
        let mut journal = journal.clone();
        match journal.generation {
            0 => self.begin(None, journal.file.clone(), journal.history.clone(), None).map(drop),
            _ => self.append(&mut journal, &Record::now(None, What::Do(Vec::new()))),
        }
    }

    /// Makes a snapshot of a settled lab if enough events came after the last one, and compacts the log if that has
    /// grown. Returns the snapshot's Cloud if it made one.
    pub fn keep_where_due(&self, journal: &mut Journal, cloud: impl FnOnce() -> Vec<u8>) -> Option<Vec<u8>> {
        if journal.unkept.is_some_and(|unkept| unkept <= AGAIN) {
            return None;
        }
        if journal.end > CUT.max(2 * journal.begun) {
            // If this fails, the log stays as it is.
            let _ = self.cut(journal);
        }
        let kept = self.keep(&Head { about: journal.about(), file: journal.file.clone() }, cloud());
        journal.unkept = kept.is_some().then_some(0);
        kept
    }

    /// Rewrites the log with only its events.
    fn cut(&self, journal: &mut Journal) -> Result<()> {
        let path = self.directory.join(NAME);
        let log = content(&path, LARGEST_LOG).map_err(|error| self.unreadable(&path, error))?;
        let generation = journal.generation.wrapping_add(1);
        let mut anew = head_of(generation, &journal.file);
        let events = events_of(&log).ok_or_else(|| torn(self, NAME, msg!(Said::Differs)))?;
        for events in events.chunks(LINE) {
            line(&Record::now(None, What::Do(events.to_vec())), &mut anew);
        }
        line(&Record { until: journal.until, ..Record::now(None, What::Settled(0)) }, &mut anew);
        self.replace(NAME, &anew, 0o600)?;
        (journal.generation, journal.end, journal.checksum) = (generation, anew.len() as u64, crc32fast::hash(&anew));
        journal.begun = journal.end;
        Ok(())
    }

    fn append(&self, journal: &mut Journal, record: &Record) -> Result<()> {
        let path = self.directory.join(NAME);
        let mut bytes = Vec::new();
        line(record, &mut bytes);
        let written = ours(OpenOptions::new().write(true)).open(&path).and_then(|file| {
            // A process was killed while it appended.
            if file.metadata()?.len() != journal.end {
                file.set_len(journal.end)?;
            }
            file.write_all_at(&bytes, journal.end).inspect_err(|_| {
                // A partial line is useless.
                let _ = file.set_len(journal.end);
            })
        });
        written.map_err(|error| host(Said::Write, &path, error))?;
        (journal.end, journal.checksum) = (journal.end + bytes.len() as u64, checksum(journal.checksum, &bytes));
        Ok(())
    }

    /// Reads the records that others appended since the journal was read or written, adds them to the journal, and
    /// returns the new events in order. `None` if the log does not continue the journal, which must then be read anew.
    pub fn catch_up(&self, journal: &mut Journal) -> Option<Vec<Event>> {
        let file = ours(OpenOptions::new().read(true)).open(self.directory.join(NAME)).ok()?;
        if title_of(&file)?.generation != journal.generation {
            return None;
        }
        let mut more = Vec::new();
        (&file).seek(SeekFrom::Start(journal.end)).ok()?;
        (&file).take(LARGEST_LOG).read_to_end(&mut more).ok()?;
        if more.is_empty() {
            return (file.metadata().ok()?.len() == journal.end).then(Vec::new);
        }
        let (records, length) = lines(&more).ok()?;
        let mut agreement = Agreement { settled: journal.settled, until: journal.until };
        let events = fold(records, &mut agreement)?;
        (journal.settled, journal.until) = (agreement.settled, agreement.until);
        journal.end += length as u64;
        journal.checksum = checksum(journal.checksum, &more[..length]);
        journal.unkept = journal.unkept.map(|unkept| unkept + events.len());
        events.iter().for_each(|event| journal.history.push(event.clone()));
        Some(events)
    }

    /// The files with the lab's history, for [`Store::stamp`](super::Store::stamp).
    pub(super) fn journals(&self) -> [std::path::PathBuf; 2] {
        [NAME, former::NAME].map(|name| self.directory.join(name))
    }
}

impl Journal {
    fn about(&self) -> About {
        About {
            generation: self.generation,
            begun: self.begun,
            end: self.end,
            checksum: self.checksum,
            count: self.history.count(),
            steps: self.history.steps().cloned().collect(),
        }
    }

    /// The same journal after its snapshot was made. Its history is no longer in memory, so do not request it.
    pub(crate) fn rebased(mut self) -> Self {
        self.history = History::after(Base { about: self.about(), log: None }, Vec::new());
        self
    }
}

/// Extends a checksum by more bytes.
fn checksum(until: u32, more: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(until);
    hasher.update(more);
    hasher.finalize()
}

/// The first two lines of a log.
fn head_of(generation: u64, file: &LabFile) -> Vec<u8> {
    let mut log = Vec::new();
    line(&Title { version: VERSION, generation }, &mut log);
    line(&Record::now(None, What::File(file.clone())), &mut log);
    log
}

fn title_of(file: &File) -> Option<Title> {
    let mut bytes = Vec::new();
    let mut file = file;
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(TITLE).read_to_end(&mut bytes).ok()?;
    let line = bytes.split_inclusive(|byte| *byte == b'\n').next()?;
    serde_json::from_str(text_of(line)?).ok()
}

/// Decodes and encodes the lines of a log, for tests.
#[cfg(test)]
pub(crate) mod by_hand {
    use serde_json::Value;

    use super::head_of;
    use crate::journal::Event;
    use crate::journal::LabFile;
    use crate::journal::record::{Record, What, line, lines};

    pub(crate) fn log(file: &LabFile, events: &[Event]) -> Vec<u8> {
        let mut log = head_of(1, file);
        events.iter().for_each(|event| line(&Record::now(None, What::Do(vec![event.clone()])), &mut log));
        line(&Record::now(None, What::Settled(events.len())), &mut log);
        log
    }

    pub(crate) fn values(log: &[u8]) -> Option<Vec<Value>> {
        lines(log).ok()?.0.map(|text| serde_json::from_str(text).ok()).collect()
    }

    pub(crate) fn log_of(values: &[Value]) -> Vec<u8> {
        let mut log = Vec::new();
        values.iter().for_each(|value| line(value, &mut log));
        log
    }
}
