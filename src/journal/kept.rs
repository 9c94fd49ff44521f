//! The Cloud of a running lab, kept beside the journal.
//!
//! It is only a cache: if anything is wrong with it, the Cloud is replayed instead. A seal follows its bytes: the form
//! in which it is written, because another version of peerlab may interpret the bytes differently, and a checksum.

use super::{Store, content};

/// Its name in the lab's directory.
const NAME: &str = "cloud";

/// Identifies this form of a Cloud, which depends on the source (`build.rs`).
const FORM: &[u8; 16] = match env!("PEERLAB_CLOUD_FORM").as_bytes().as_array() {
    Some(form) => form,
    None => panic!("build.rs gives 16 digits"),
};

impl Store {
    /// Keeps a Cloud; returns whether that succeeded.
    pub fn keep(&self, mut cloud: Vec<u8>) -> bool {
        cloud.extend(FORM);
        cloud.extend(crc32fast::hash(&cloud).to_le_bytes());
        self.replace(NAME, &cloud, 0o600).is_ok()
    }

    /// The kept Cloud, if it is intact and in this form.
    pub fn kept(&self) -> Option<Vec<u8>> {
        let mut bytes = content(&self.directory.join(NAME)).ok()?;
        let (sealed, checksum) = bytes.split_last_chunk()?;
        let (cloud, form) = sealed.split_last_chunk()?;
        if crc32fast::hash(sealed) != u32::from_le_bytes(*checksum) || form != FORM {
            return None;
        }
        let length = cloud.len();
        bytes.truncate(length);
        Some(bytes)
    }
}
