//! The Cloud of a lab that is up, kept beside the journal.
//!
//! It is a shortcut and no more: whatever is wrong with it, the Cloud is replayed instead. Behind its bytes stands a seal: the form
//! in which it is written, as another peerlab may read other things out of the same bytes, and a checksum of all.

use super::{Store, content};

/// Its name in the lab's directory.
const NAME: &str = "cloud";

/// What tells this form of a Cloud from that of any other source (`build.rs`).
const FORM: &[u8; 16] = match env!("PEERLAB_CLOUD_FORM").as_bytes().as_array() {
    Some(form) => form,
    None => panic!("build.rs gives 16 digits"),
};

impl Store {
    /// Keeps a Cloud; whether it is kept.
    pub fn keep(&self, mut cloud: Vec<u8>) -> bool {
        cloud.extend(FORM);
        cloud.extend(crc32fast::hash(&cloud).to_le_bytes());
        self.replace(NAME, &cloud, 0o600).is_ok()
    }

    /// The Cloud that was kept, where it is as it was left, and in this form.
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
