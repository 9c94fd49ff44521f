//! Files that lie beside the log and end with the lab: access keys, and what `serve` keeps.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use super::{LARGEST, Store, content, host, ours};
use crate::error::Result;
use crate::journal::messages::Said;

pub(super) const KEYS: &str = "keys";
const NOTES: &str = "notes";

impl Store {
    /// The file of access keys; empty if there is none.
    pub fn keys(&self) -> Result<Vec<u8>> {
        let path = self.directory.join(KEYS);
        match content(&path, LARGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            keys => keys.map_err(|error| host(Said::Read, &path, error)),
        }
    }

    /// Replaces the file of access keys, which only its owner can read.
    pub fn write_keys(&self, keys: &[u8]) -> Result<()> {
        self.replace(KEYS, keys, 0o600)?;
        self.share()
    }

    /// What identifies the file of access keys, and so the lab that is up; `None`: there is none.
    pub fn keys_stamp(&self) -> Option<(u64, i64, i64)> {
        let metadata = fs::metadata(self.directory.join(KEYS)).ok()?;
        Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec()))
    }

    /// Whole lines of the notes from a place on, and the place after them.
    pub fn notes(&self, from: u64) -> Result<(Vec<u8>, u64)> {
        let path = self.directory.join(NOTES);
        let read = || {
            let mut file = ours(OpenOptions::new().read(true)).open(&path)?;
            let mut bytes = Vec::new();
            if file.metadata()?.len() > from {
                file.seek(SeekFrom::Start(from))?;
                file.take(LARGEST).read_to_end(&mut bytes)?;
            }
            Ok(bytes)
        };
        let mut bytes = match read() {
            Err(error) if ErrorKind::NotFound == std::io::Error::kind(&error) => return Ok((Vec::new(), 0)),
            bytes => bytes.map_err(|error| host(Said::Read, &path, error))?,
        };
        // A process that was killed while it wrote left a part of a line.
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        let end = from + bytes.len() as u64;
        Ok((bytes, end))
    }

    /// Appends whole lines to the notes.
    pub fn append_notes(&self, lines: &[u8]) -> Result<()> {
        let path = self.directory.join(NOTES);
        let written = ours(OpenOptions::new().read(true).append(true).create(true).mode(0o600)).open(&path).and_then(
            |mut file| {
                // After a part of a line, what follows begins on a line of its own.
                let mut last = [b'\n'];
                if file.metadata()?.len() > 0 {
                    file.seek(SeekFrom::End(-1))?;
                    file.read_exact(&mut last)?;
                }
                let mut all = if last == [b'\n'] { Vec::new() } else { vec![b'\n'] };
                all.extend_from_slice(lines);
                file.write_all(&all)
            },
        );
        written.map_err(|error| host(Said::Write, &path, error))
    }
}
