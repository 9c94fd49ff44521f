//! Errnos in words, with what to do.

use std::io;

use nix::errno::Errno;
use nix::libc;

use crate::error::{Error, Errors};
use crate::kernel::messages::Said;
use crate::message::Message;
use crate::msg;

/// A host error: `message`, the reason, and what to do.
pub(super) fn host(message: impl Into<Message>, errno: Errno, hint: impl Into<Message>) -> Error {
    let message = msg!(Said::Because { message: message.into(), why: lower(errno.desc()) });
    Error::host(message).code(format!("{errno:?}")).hint(hint)
}

/// Whether the only errors are that answers of the kernel were lost for lack of buffers, so that the outcome is
/// unknown.
pub fn lost_answers(errors: &Errors) -> bool {
    let code = format!("{:?}", Errno::ENOBUFS);
    errors.0.iter().all(|error| error.code.as_deref() == Some(&code))
}

/// The errno behind an I/O error.
pub(super) fn errno(error: &io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO))
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
