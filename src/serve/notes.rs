//! What the APIs keep of a lab beside its Cloud, in the lab's directory.

use peerlab_api::{Kept, Note};

use super::messages::Said;
use crate::error::{Error, Result};
use crate::journal::Store;
use crate::msg;

/// The notes of a lab, up to a place in their file.
#[derive(Debug)]
pub(super) struct Notes {
    store: Store,
    kept: Kept,
    end: u64,
}

impl Notes {
    /// Those of a lab that began at this time.
    pub fn open(lab: &str, began: i64) -> Result<Self> {
        let kept = Kept::since(began);
        let mut notes = Notes { store: Store::of(lab), kept, end: 0 };
        notes.catch_up()?;
        Ok(notes)
    }

    /// The notes with what another server of the lab added.
    pub fn current(&mut self) -> Result<&Kept> {
        self.catch_up()?;
        Ok(&self.kept)
    }

    fn catch_up(&mut self) -> Result<()> {
        let (lines, end) = self.store.notes(self.end)?;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            // What was cut short when a process was killed belongs to no answer.
            if let Ok(note) = serde_json::from_slice::<Note>(line) {
                self.kept.note(note);
            }
        }
        self.end = end;
        Ok(())
    }

    /// Adds notes.
    pub fn add(&mut self, notes: &[Note]) -> Result<()> {
        let mut lines = Vec::new();
        for note in notes {
            serde_json::to_writer(&mut lines, note)
                .map_err(|_| Error::host(msg!(Said::NotesUnreadable { lab: self.store.lab() })))?;
            lines.push(b'\n');
        }
        if lines.is_empty() {
            return Ok(());
        }
        self.store.append_notes(&lines)?;
        self.catch_up()
    }
}
