//! Reads a running lab from its journal.

use std::path::Path;
use std::sync::Arc;

use super::{Run, Session};
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Source};
use crate::journal::{Journal, Store};
use crate::kernel;
use crate::lab::{self, Lab};
use crate::message::Message;
use crate::msg;
use crate::session::messages::Said;

/// A lab, as the journal has it.
#[derive(Debug)]
pub struct Before {
    /// Its file and its events.
    pub run: Run,
    /// Whether the kernel agrees with it, as far as the journal knows.
    pub settled: bool,
    /// Whether a change ended of which the kernel does not know yet.
    pub(super) is_due: bool,
    /// The Cloud with which the kernel agrees, if it does.
    pub(super) known: Arc<Cloud>,
}

/// The run of a running lab, for reading only.
pub fn look(lab: &str) -> Result<Before, Errors> {
    look_beside(lab, None)
}

/// The same, with what ended since the last command in the kernel.
pub fn look_now<Waiting>(lab: &str, waiting: impl FnOnce(&Message) -> Waiting) -> Result<Before, Errors> {
    let before = look(lab)?;
    if before.is_due { Session::open_running(lab, waiting).map(|(_, before)| before) } else { Ok(before) }
}

/// The same, for a lab that may be up from a file that was read already.
pub fn look_beside(lab: &str, file: Option<&Lab>) -> Result<Before, Errors> {
    read(lab, file).map(|(_, before)| before)
}

/// The journal of a running lab, and its run.
pub(super) fn read(lab: &str, file: Option<&Lab>) -> Result<(Journal, Before), Errors> {
    let store = Store::of(lab);
    let there = if store.exists() { store.read_with_text()? } else { None };
    let (journal, cloud, text) = there.ok_or_else(|| not_up(lab))?;
    let before = replay(lab, &journal, cloud, text, file)?;
    Ok((journal, before))
}

/// The error for a lab that is not up, with the running labs.
pub fn not_up(lab: &str) -> Error {
    if let Err(error) = Store::of(lab).check_place() {
        return error;
    }
    if super::leftover_of(lab).is_some_and(|left| !left.namespaces.is_empty()) {
        return Error::input(msg!(Said::NotUp { lab })).code("LabNotUp").hint(Said::CleanRemoves);
    }
    let hint = match crate::journal::labs().unwrap_or_default() {
        labs if labs.is_empty() => msg!(Said::NoneUp),
        labs => msg!(Said::UpAre { labs }),
    };
    Error::input(msg!(Said::NotUp { lab })).code("LabNotUp").hint(hint)
}

/// Replays the events, those after the snapshot if there is one. A file with this name that was read already is not read
/// again.
pub(super) fn replay(
    lab: &str,
    journal: &Journal,
    cloud: Option<Vec<u8>>,
    text: String,
    file: Option<&Lab>,
) -> Result<Before, Errors> {
    let path = &journal.file.path;
    let source = Source::new(shown(path), text);
    let run = kernel::privilege::lowered(|| {
        let file = match file.filter(|it| it.source.text == source.text && it.name == lab) {
            Some(file) => Lab { source, ..file.clone() },
            None => lab::read_as(source, Some(lab))?,
        };
        let file = Lab { name: lab.into(), ..file };
        // If somebody changed the text, the changed text counts.
        match cloud.filter(|_| journal.file.is_of(&file.source.text)).and_then(Cloud::from_kept) {
            Some(cloud) => Run::resume(file, path.clone(), cloud.whole(), &journal.history),
            None => Run::replay(file, path.clone(), &journal.history),
        }
    });
    let mut run = run.map_err(|mut errors| {
        let hint = msg!(Said::OfAnotherPeerlab { lab });
        errors.0.push(Error::host(msg!(Said::CannotReplay { lab })).hint(hint));
        errors
    })?;
    let (known, is_due) = run.standing.catch_up(journal);
    Ok(Before { run, settled: journal.settled, is_due, known })
}

/// A path as the user would type it here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_string_lossy().into_owned()
}
