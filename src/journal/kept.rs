//! The Cloud of a lab that is up, kept beside the journal.
//!
//! It is a shortcut and no more: whatever is wrong with it, the Cloud is replayed instead. Behind its bytes stands a seal: which
//! build of peerlab wrote it, as another one may read other things out of the same bytes, and a checksum of all.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::{Store, content};

/// Its name in the lab's directory.
const NAME: &str = "cloud";

impl Store {
    /// Keeps a Cloud; whether it is kept.
    pub fn keep(&self, mut cloud: Vec<u8>) -> bool {
        let Some(build) = build() else { return false };
        cloud.extend(build);
        cloud.extend(crc32fast::hash(&cloud).to_le_bytes());
        self.replace(NAME, &cloud, 0o600).is_ok()
    }

    /// The Cloud that was kept, where it is as this build left it.
    pub fn kept(&self) -> Option<Vec<u8>> {
        let mut bytes = content(&self.directory.join(NAME)).ok()?;
        let (sealed, checksum) = bytes.split_last_chunk()?;
        let (cloud, wrote) = sealed.split_last_chunk()?;
        if crc32fast::hash(sealed) != u32::from_le_bytes(*checksum) || build()? != *wrote {
            return None;
        }
        let length = cloud.len();
        bytes.truncate(length);
        Some(bytes)
    }
}

/// The file of this program, as it tells one build from another: device, inode, length, and when it was written.
fn build() -> Option<[u8; 40]> {
    let file = fs::metadata("/proc/self/exe").ok()?;
    let numbers = [file.dev(), file.ino(), file.len(), file.mtime() as u64, file.mtime_nsec() as u64];
    let mut build = [0; 40];
    build.chunks_exact_mut(8).zip(numbers).for_each(|(bytes, number)| bytes.copy_from_slice(&number.to_le_bytes()));
    Some(build)
}
