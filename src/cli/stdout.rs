//! Standard output. What cannot be written there is an error, except that a reader who closed a pipe wants no more.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::close;

use crate::error::Error;

/// Why writing failed, the first time that it did.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Standard output, unbuffered. Unlike the standard library's it also reports that a descriptor is not open for writing,
/// and it waits where a descriptor that does not block is full.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let out = io::stdout();
        loop {
            match nix::unistd::write(&out, bytes) {
                Err(Errno::EAGAIN) => {
                    let mut polled = [PollFd::new(out.as_fd(), PollFlags::POLLOUT)];
                    // Whatever it says, the next write says more.
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

/// Writes a result. Whether that failed is known to [`failure`].
pub(super) fn write(result: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let _alone = io::stdout().lock();
    let mut out = BufWriter::with_capacity(64 * 1024, Stdout);
    note(result(&mut out).and_then(|()| out.flush()));
}

/// Keeps what came of writing to standard output for [`failure`].
pub(super) fn note(written: io::Result<()>) {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => _ = FAILED.set(error),
        _ => {}
    }
}

/// The error that something could not be written, if that is so. Asked at the end: a file system may find out only when a
/// file is closed that it has no room.
pub(super) fn failure() -> Option<Error> {
    if let Ok(copy) = io::stdout().as_fd().try_clone_to_owned() {
        note(close(copy).map_err(io::Error::from));
    }
    FAILED.get().map(unwritable)
}

/// The error that standard output cannot be written.
pub(super) fn unwritable(error: &io::Error) -> Error {
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room there",
        _ => "see where it leads to, and whether that can be written",
    };
    Error::host(format!("standard output cannot be written: {error}")).code("OutputUnwritable").hint(hint)
}
