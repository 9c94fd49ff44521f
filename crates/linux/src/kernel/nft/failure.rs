//! Errors for the kernel's refusals, with what to do about them.

use std::io;

use nix::errno::Errno;

use super::encode::{Subject, Thing};
use crate::error::Error;

/// The kernel refuses a change. `says` is its text beside the number, if any.
pub(super) fn refused(subject: Option<Subject>, errno: Errno, says: Option<&str>) -> Error {
    let what = match &subject {
        Some(subject) if subject.adds => format!("cannot add {subject}"),
        Some(subject) => format!("cannot delete {subject}"),
        None => String::from("cannot change the nftables ruleset"),
    };
    let (why, hint) = meaning(subject, errno);
    let says = says.map(|text| format!(", {text:?}")).unwrap_or_default();
    Error::host(format!("{what}: {why}{says}")).code(format!("{errno:?}")).hint(hint)
}

fn meaning(subject: Option<Subject>, errno: Errno) -> (String, &'static str) {
    const AGAIN: &str = "something else changes the nftables ruleset of this namespace: run the command again";
    const REPORT: &str = "this is a defect of peerlab: please report it with the lab file";
    let adds = subject.is_none_or(|subject| subject.adds);
    let (why, hint) = match (errno, subject.map(|subject| subject.thing)) {
        (Errno::EPERM | Errno::EACCES, None) => ("the kernel lets only root do it", "run peerlab as root"),
        (Errno::EPERM | Errno::EACCES, Some(_)) => {
            ("the kernel lets only its owner do it", "end the program that owns the table, or run peerlab as root")
        }
        (Errno::ENOENT, Some(Thing::Rule(..) | Thing::Elements(_))) if adds => (
            "a set, chain or counter that it names is not there, or the kernel lacks one of its expressions",
            "load the modules (`modprobe -a nf_tables nft_ct nft_nat`), or use a kernel with CONFIG_NF_TABLES, NFT_CT and NFT_NAT",
        ),
        (Errno::ENOENT, _) if !adds => ("it is not there any more", AGAIN),
        (Errno::EEXIST, _) => ("it is there already", AGAIN),
        (Errno::EBUSY, _) if !adds => ("something still refers to it", AGAIN),
        (Errno::ENOENT | Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT | Errno::EPROTONOSUPPORT, _) => (
            "this kernel lacks that part of nf_tables",
            "load the modules (`modprobe -a nf_tables nf_conntrack nft_ct nft_nat`), or use a kernel with CONFIG_NF_TABLES_INET, _IPV4, _BRIDGE and NFT_NAT",
        ),
        (Errno::ELOOP | Errno::EMLINK, _) => ("its chains jump in a circle, or too deep", REPORT),
        (Errno::EINVAL | Errno::ERANGE | Errno::EMSGSIZE | Errno::ENAMETOOLONG | Errno::E2BIG, _) => {
            ("the kernel does not take it as it is written", REPORT)
        }
        (Errno::ENOMEM | Errno::ENOBUFS | Errno::ENOSPC | Errno::ENFILE, _) => {
            ("the kernel has no memory left for it", "free memory, or build a smaller lab")
        }
        (Errno::EINTR | Errno::EAGAIN | Errno::ESTALE, _) => ("it was interrupted", AGAIN),
        (errno, _) => return (format!("the kernel refuses it ({})", errno.desc()), REPORT),
    };
    (why.to_string(), hint)
}

/// The kernel refuses to list something.
pub(super) fn unreadable(errno: Errno) -> Error {
    let (why, hint) = meaning(None, errno);
    Error::host(format!("cannot read the nftables ruleset: {why}")).code(format!("{errno:?}")).hint(hint)
}

/// The ruleset changes too often to be read.
pub(super) fn keeps_changing() -> Error {
    Error::host("cannot read the nftables ruleset: it changes all the time")
        .hint("end what else programs nftables in this namespace")
}

/// The socket itself fails.
pub(super) fn socket(doing: &str, error: &io::Error) -> Error {
    let errno = error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw);
    let (why, hint) = match errno {
        Errno::EMFILE | Errno::ENFILE => ("too many files are open", "raise the limit: ulimit -n, or fs.file-max"),
        Errno::EPROTONOSUPPORT | Errno::EAFNOSUPPORT => (
            "this kernel has no nfnetlink",
            "load it (`modprobe nfnetlink`), or use a kernel with CONFIG_NETFILTER_NETLINK",
        ),
        Errno::EPERM | Errno::EACCES => ("the kernel lets only root do it", "run peerlab as root"),
        Errno::EMSGSIZE => (
            "the rules of a VPC are more than a socket may send at once",
            "raise it (`sudo sysctl -w net.core.wmem_max=16777216`), or run it with sudo",
        ),
        Errno::ENOMEM | Errno::ENOBUFS => {
            ("the kernel has no memory left for it", "free memory, or build a smaller lab")
        }
        Errno::EAGAIN => ("the kernel did not answer", "run the command again"),
        errno => {
            let why = format!("cannot {doing} nf_tables' socket: {}", errno.desc());
            return Error::host(why).code(format!("{errno:?}")).hint("run the command again");
        }
    };
    Error::host(format!("cannot {doing} nf_tables' socket: {why}")).code(format!("{errno:?}")).hint(hint)
}
