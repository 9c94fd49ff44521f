//! Standard output. A failed write is an error, except after the reader closed the pipe.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::close;

use super::messages::files::Said;
use crate::error::Error;
use crate::msg;

/// The first write error.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Standard output, unbuffered. Unlike the standard library's, it also reports a descriptor that is not open for
/// writing, and waits for a full non-blocking descriptor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let out = io::stdout();
        loop {
            match nix::unistd::write(&out, bytes) {
                Err(Errno::EAGAIN) => {
                    let mut polled = [PollFd::new(out.as_fd(), PollFlags::POLLOUT)];
                    // The next write reports any error.
                    let _ = poll(&mut polled, PollTimeout::NONE);
                }
                written => return Ok(written?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a result; [`failure`] reports an error.
pub(super) fn write(result: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let _alone = io::stdout().lock();
    let mut out = BufWriter::with_capacity(64 * 1024, Stdout);
    note(result(&mut out).and_then(|()| out.flush()));
}

/// Records the result of a write to standard output for [`failure`].
pub(super) fn note(written: io::Result<()>) {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => _ = FAILED.set(error),
        _ => {}
    }
}

/// Whether a write has failed so far.
pub(super) fn has_failed() -> bool {
    FAILED.get().is_some()
}

/// The write error, if any. Called at the end, because a file system may report a lack of space only when a file is
/// closed.
pub(super) fn failure() -> Option<Error> {
    if let Ok(copy) = io::stdout().as_fd().try_clone_to_owned() {
        note(close(copy).map_err(io::Error::from));
    }
    FAILED.get().map(unwritable)
}

/// The error for standard output that cannot be written.
pub(super) fn unwritable(error: &io::Error) -> Error {
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Said::MakeRoom,
        _ => Said::SeeWhereItLeads,
    };
    Error::host(msg!(Said::CannotWriteOutput { error })).code("OutputUnwritable").hint(hint)
}
