//! Errors for the kernel's refusals, with what to do about them.

use std::io;

use nix::errno::Errno;

use super::encode::{Subject, Thing};
use super::messages::Said;
use crate::error::Error;
use crate::message::{Message, Of};
use crate::msg;

/// The kernel refuses a change. `says` is its text beside the number, if any.
pub(super) fn refused(subject: Option<Subject>, errno: Errno, says: Option<&str>) -> Error {
    let what = match &subject {
        Some(subject) if subject.adds => msg!(Said::CannotAdd { subject: subject.message() }),
        Some(subject) => msg!(Said::CannotDelete { subject: subject.message() }),
        None => msg!(Said::CannotChange),
    };
    let (why, hint) = meaning(subject, errno);
    let message = match says {
        Some(says) => msg!(Said::BecauseSaying { what, why, says }),
        None => msg!(Said::Because { what, why }),
    };
    Error::host(message).code(format!("{errno:?}")).hint(hint)
}

fn meaning(subject: Option<Subject>, errno: Errno) -> (Said, Said) {
    let adds = subject.is_none_or(|subject| subject.adds);
    match (errno, subject.map(|subject| subject.thing)) {
        (Errno::EPERM | Errno::EACCES, None) => (Said::OnlyRoot, Said::RunAsRoot),
        (Errno::EPERM | Errno::EACCES, Some(_)) => (Said::OnlyOwner, Said::EndOwner),
        (Errno::ENOENT, Some(Thing::Rule(..) | Thing::Elements(_))) if adds => {
            (Said::NamesWhatIsNotThere, Said::LoadModules)
        }
        (Errno::ENOENT, _) if !adds => (Said::NotThereAnyMore, Said::Again),
        (Errno::EEXIST, _) => (Said::ThereAlready, Said::Again),
        (Errno::EBUSY, _) if !adds => (Said::ReferredTo, Said::Again),
        (Errno::ENOENT | Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT | Errno::EPROTONOSUPPORT, _) => {
            (Said::LacksPart, Said::LoadAllModules)
        }
        (Errno::ELOOP | Errno::EMLINK, _) => (Said::Circle, Said::Report),
        (Errno::EINVAL | Errno::ERANGE | Errno::EMSGSIZE | Errno::ENAMETOOLONG | Errno::E2BIG, _) => {
            (Said::NotAsWritten, Said::Report)
        }
        (Errno::ENOMEM | Errno::ENOBUFS | Errno::ENOSPC | Errno::ENFILE, _) => (Said::NoMemory, Said::FreeMemory),
        (Errno::EINTR | Errno::EAGAIN | Errno::ESTALE, _) => (Said::Interrupted, Said::Again),
        (errno, _) => (Said::Refuses { why: Of::of(errno.desc()) }, Said::Report),
    }
}

/// The kernel refuses to list something.
pub(super) fn unreadable(errno: Errno) -> Error {
    let (why, hint) = meaning(None, errno);
    Error::host(msg!(Said::Because { what: Said::CannotRead, why })).code(format!("{errno:?}")).hint(hint)
}

/// The ruleset changes too often to be read.
pub(super) fn keeps_changing() -> Error {
    Error::host(msg!(Said::Because { what: Said::CannotRead, why: Said::KeepsChanging })).hint(Said::EndOthers)
}

/// The socket itself fails.
pub(super) fn socket(doing: Said, error: &io::Error) -> Error {
    let errno = error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw);
    let (why, hint) = match errno {
        Errno::EMFILE | Errno::ENFILE => (Said::TooManyFiles, Said::RaiseFiles),
        Errno::EPROTONOSUPPORT | Errno::EAFNOSUPPORT => (Said::NoNfnetlink, Said::LoadNfnetlink),
        Errno::EPERM | Errno::EACCES => (Said::OnlyRoot, Said::RunAsRoot),
        Errno::EMSGSIZE => (Said::TooLargeToSend, Said::RaiseWmem),
        Errno::ENOMEM | Errno::ENOBUFS => (Said::NoMemory, Said::FreeMemory),
        Errno::EAGAIN => (Said::NoReply, Said::RunAgain),
        errno => (Said::System { why: Of::of(errno.desc()) }, Said::RunAgain),
    };
    let what: Message = msg!(Said::CannotUse { doing });
    Error::host(msg!(Said::Because { what, why })).code(format!("{errno:?}")).hint(hint)
}
