//! The Cloud of a running lab at some point of the log, so that opening the lab replays only later events.
//!
//! It is only a cache: if anything is wrong with it, the whole log is replayed. The file is
//!
//! ```text
//! the Cloud │ what it includes (JSON) │ the length of that, 4 bytes │ the form, 16 bytes │ CRC-32 of all before
//! ```
//!
//! The form distinguishes it from the snapshot of another version, which may decode the same bytes differently.

use serde::{Deserialize, Serialize};

use crate::cloud::KEPT_FORM;

use super::history::About;
use super::{LARGEST, LabFile, Store, content};

/// Its name in the lab's directory.
pub(super) const NAME: &str = "snapshot";

/// A Cloud, and the part of the log that it includes.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub head: Head,
    /// The encoded Cloud.
    pub cloud: Vec<u8>,
}

/// The description of a snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub about: About,
    pub file: LabFile,
}

impl Store {
    /// Writes a snapshot; returns its Cloud if it was written.
    pub(super) fn keep(&self, head: &Head, mut cloud: Vec<u8>) -> Option<Vec<u8>> {
        let own = cloud.len();
        let head = serde_json::to_vec(head).expect("it holds nothing that JSON cannot");
        let Ok(length) = u32::try_from(head.len()) else { return None };
        cloud.extend(head);
        cloud.extend(length.to_le_bytes());
        cloud.extend(KEPT_FORM);
        cloud.extend(crc32fast::hash(&cloud).to_le_bytes());
        self.replace(NAME, &cloud, 0o600).ok()?;
        cloud.truncate(own);
        Some(cloud)
    }

    /// The snapshot, if it is intact and of this form.
    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        let mut bytes = content(&self.directory.join(NAME), LARGEST).ok()?;
        let (sealed, checksum) = bytes.split_last_chunk()?;
        let (rest, form) = sealed.split_last_chunk()?;
        if form != KEPT_FORM || crc32fast::hash(sealed) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let (rest, length) = rest.split_last_chunk()?;
        let cloud = rest.len().checked_sub(u32::from_le_bytes(*length) as usize)?;
        let head = serde_json::from_slice(&rest[cloud..]).ok()?;
        bytes.truncate(cloud);
        Some(Snapshot { head, cloud: bytes })
    }
}
