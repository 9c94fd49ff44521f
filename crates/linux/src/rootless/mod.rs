//! Labs of an ordinary user, in the user's own namespaces, without root.
//!
//! A user has one user namespace and one mount namespace with a private `/run`. One sleeping process holds them
//! (`peerlab-pause`, `holder`); each command finds it by a lock (`place`) and enters them (`enter`) before it does
//! anything else. In them, a process has every capability over the user's resources, and none over the host. From there
//! on, everything works as for root: the same paths, the same journal, the same messages to the kernel.
//!
//! ```text
//! peerlab up ─ gate ─ lock held? ── no ──▶ peerlab-pause: user namespace, uid and gid, mounts, /run, lock
//!                        │ yes                 │
//!                        └───────── setns ◀────┘   …   last lab down ─ gate ─ nobody else inside? ─▶ it ends
//! ```
//!
//! The user's own id is mapped, not root's. So commands of `exec` have no capability, and do not appear to be root.

mod apparmor;
mod enter;
mod groups;
pub mod holder;
mod messages;
mod place;
mod refusal;
mod run_folder;

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::OnceLock;

use caps::{CapSet, Capability};
use nix::unistd::geteuid;

use crate::error::Error;
use crate::msg;
use messages::Said;
use place::Place;

pub use apparmor::profile;
pub use groups::known_groups;
pub use refusal::{Refusal, Step};
pub use refusal::{container, is_filtered};
pub use run_folder::LABS;

/// A verb's use of the user's namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// None: it reads files, or prints built-in texts.
    Nothing,
    /// Enter them if they exist.
    Join,
    /// Enter them, and make them if they do not exist.
    Make,
}

/// The namespaces of this process.
enum Standing {
    /// The host's, as root or with root's capabilities; it needs no others.
    Native,
    /// The host's, as an ordinary user.
    Outside,
    /// The user's own.
    Inside(Inside),
    /// The host's, because the user's own cannot be made or entered.
    Refused(Refusal),
}

/// The state of a process in the user's namespaces.
struct Inside {
    place: Place,
    holder: holder::Holder,
    /// Shows that a process is inside, as long as it is open.
    presence: File,
    /// `/proc/sys/user/max_net_namespaces` outside; inside, its value means nothing.
    namespaces: Option<u64>,
    /// The folder in which the command was called.
    _cwd: Option<OwnedFd>,
}

static STANDING: OnceLock<Standing> = OnceLock::new();

/// Enters the namespaces of this command's labs. Call this before any thread starts: the kernel moves only a
/// single-threaded process into a user namespace.
pub fn begin(wish: Wish) {
    let standing = match wish {
        _ if !is_ordinary() => Standing::Native,
        Wish::Nothing => Standing::Outside,
        wish => match enter::enter(wish) {
            Ok(Some(inside)) => Standing::Inside(inside),
            Ok(None) => Standing::Outside,
            Err(refusal) => Standing::Refused(refusal),
        },
    };
    let _ = STANDING.set(standing);
}

/// Terminates the process that holds the namespaces, if this command leaves nothing in them and no other process is
/// inside.
pub fn end() {
    if let Some(inside) = inside() {
        inside.end_if_unused();
    }
}

/// Whether the process has neither root's id nor root's capabilities.
fn is_ordinary() -> bool {
    let has = |capability: &Capability| caps::has_cap(None, CapSet::Effective, *capability).unwrap_or(false);
    let capable = [Capability::CAP_NET_ADMIN, Capability::CAP_SYS_ADMIN].iter().all(has);
    !geteuid().is_root() && !capable
}

fn inside() -> Option<&'static Inside> {
    match STANDING.get() {
        Some(Standing::Inside(inside)) => Some(inside),
        _ => None,
    }
}

/// Whether this process is in a user's own namespaces.
pub fn is_inside() -> bool {
    inside().is_some()
}

/// Whether `/run/peerlab` contains this process's labs. An ordinary user outside has no labs; root's belong to root.
pub fn sees_labs() -> bool {
    !matches!(STANDING.get(), Some(Standing::Outside | Standing::Refused(_)))
}

/// Why the user's own namespaces could not be made or entered.
pub fn refusal() -> Option<&'static Refusal> {
    match STANDING.get() {
        Some(Standing::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

/// The error for an ordinary user who uses labs from outside their namespaces.
pub fn why_outside() -> Error {
    match STANDING.get() {
        Some(Standing::Refused(refusal)) => refusal.error(),
        _ => no_lab(),
    }
}

fn no_lab() -> Error {
    let root_has_some = std::fs::read_dir(LABS).is_ok_and(|mut labs| labs.next().is_some());
    Error::input(msg!(Said::NoLabUp)).code("LabNotUp").hint(match root_has_some {
        true => msg!(Said::BringOneUpOrSeeRoots),
        false => msg!(Said::BringOneUp),
    })
}

/// The host's limit of network namespaces per user.
pub fn namespaces_outside() -> Option<u64> {
    inside()?.namespaces
}

/// Keeps the namespaces beyond this command: the program that replaces it is inside.
pub fn stay() {
    if let Some(inside) = inside() {
        // This fails only for a closed descriptor, and this one is open.
        let _ = rustix::io::fcntl_setfd(&inside.presence, rustix::io::FdFlags::empty());
    }
}

/// Processes that hold namespaces of this user that no command finds.
pub fn strays() -> Vec<i32> {
    let known = inside().map(|inside| inside.holder.pid());
    holder::all().into_iter().map(|it| it.pid()).filter(|pid| Some(*pid) != known).collect()
}

impl Inside {
    fn end_if_unused(&self) {
        let is_empty = |folder: &str| std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        let unused = || [run_folder::LABS, run_folder::NAMES].into_iter().all(is_empty);
        // Leave before looking: if two processes leave at once, the last to look finds nobody else inside.
        place::leave(&self.presence);
        if !unused() {
            return;
        }
        // No process enters while the gate is locked.
        let Ok(_gate) = self.place.shut_gate() else { return };
        if place::nobody_is_inside(&self.presence) && unused() {
            self.holder.end(&self.place);
        }
    }
}
