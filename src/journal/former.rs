//! The previous version's journal: one JSON object, replaced as a whole. peerlab can read it; the first change of the
//! lab rewrites it in the current format.

use serde::Deserialize;

use super::{Event, History, LabFile, Store, torn};
use crate::error::{Error, Result};
use crate::journal::messages::Said;
use crate::message::Message;
use crate::msg;

/// Its name in the lab's directory.
pub(super) const NAME: &str = "journal.json";

/// The file of its kept Cloud.
pub(super) const CLOUD: &str = "cloud";

const VERSION: u64 = 2;

/// Its content.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Former {
    #[serde(rename = "version")]
    _version: u64,
    file: LabFile,
    events: Vec<Event>,
    settled: bool,
    /// The number of events that the kept Cloud included.
    #[serde(rename = "kept")]
    _kept: Option<usize>,
}

/// Parses such a text: the lab file, the changes, and whether the kernel agrees with them.
pub(super) fn decode(store: &Store, text: &[u8]) -> Result<(LabFile, History, bool)> {
    let torn = |why: Message| torn(store, NAME, why);
    let value: serde_json::Value = serde_json::from_slice(text).map_err(|error| torn(Message::text(error)))?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(VERSION) => {
            let Former { file, events, settled, .. } =
                serde_json::from_value(value).map_err(|error| torn(Message::text(error)))?;
            Ok((file, History::new(events), settled))
        }
        Some(version) => Err(of_another_version(store, version, VERSION)),
        None => Err(torn(msg!(Said::NoVersion))),
    }
}

/// A journal that this peerlab cannot read.
pub(super) fn of_another_version(store: &Store, version: u64, read: u64) -> Error {
    Error::host(msg!(Said::OtherVersion { lab: &store.lab, version, read }))
        .code("JournalVersion")
        .hint(msg!(Said::UseThatOr { way_out: store.way_out() }))
}
