//! Labs of an ordinary user: in namespaces that are the user's own, without root.
//!
//! A user has one user namespace and one mount namespace, in which `/run` is the user's alone. One process that sleeps holds
//! them (`peerlab-pause`, [`holder`]); each command finds it by a lock ([`place`]) and enters them ([`enter`]) before it does
//! anything else. In them a process has every capability over what the user makes, and none over the host. From there on
//! nothing is different from root: the same paths, the same journal, the same messages to the kernel.
//!
//! ```text
//! peerlab up ─ gate ─ lock held? ── no ──▶ peerlab-pause: user namespace, uid and gid, mounts, /run, lock
//!                        │ yes                 │
//!                        └───────── setns ◀────┘   …   last lab down ─ gate ─ nobody else inside? ─▶ it ends
//! ```
//!
//! The user stays who they are: the user's own id is mapped, not root's. What `exec` runs has no capability then, and does not
//! seem to be root.
#![allow(clippy::disallowed_methods)]

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
pub(crate) use refusal::{container, is_filtered};
pub use run_folder::LABS;

/// What a verb wants of the user's namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Nothing: it reads files, or prints what it knows.
    Nothing,
    /// To be in them, if they are there.
    Join,
    /// To be in them, made if need be.
    Make,
}

/// Where this process is.
enum Standing {
    /// In the host's namespaces, as root or with root's capabilities: no others are needed.
    Native,
    /// In the host's, as an ordinary user.
    Outside,
    /// In the user's own.
    Inside(Inside),
    /// In the host's, as the user's own cannot be made or entered.
    Refused(Refusal),
}

/// What a process in the user's namespaces keeps.
struct Inside {
    place: Place,
    holder: holder::Holder,
    /// Says that somebody is inside, as long as it is open.
    presence: File,
    /// `/proc/sys/user/max_net_namespaces` outside: inside, it says nothing.
    namespaces: Option<u64>,
    /// The folder that the command was called in.
    _cwd: Option<OwnedFd>,
}

static STANDING: OnceLock<Standing> = OnceLock::new();

/// Goes where this command's labs are. Before there is any thread: the kernel takes a process into a user namespace only as
/// a whole.
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

/// Ends the process that holds the namespaces, if this command leaves nothing in them and nobody else is there.
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

/// Whether `/run/peerlab` is where this process's labs are. An ordinary user outside has no labs; root's are none of theirs.
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

/// What an ordinary user is to know who wants to do something with labs and is not where they are.
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

/// How many network namespaces a user may have, as the host says it.
pub fn namespaces_outside() -> Option<u64> {
    inside()?.namespaces
}

/// Has the namespaces outlive this command: whatever program replaces it is inside.
pub fn stay() {
    if let Some(inside) = inside() {
        // It fails for a descriptor that is not open, and this one is.
        let _ = rustix::io::fcntl_setfd(&inside.presence, rustix::io::FdFlags::empty());
    }
}

/// Processes that hold namespaces of this user which no command finds.
pub fn strays() -> Vec<i32> {
    let known = inside().map(|inside| inside.holder.pid());
    holder::all().into_iter().map(|it| it.pid()).filter(|pid| Some(*pid) != known).collect()
}

impl Inside {
    fn end_if_unused(&self) {
        let is_empty = |folder: &str| std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        let unused = || [run_folder::LABS, run_folder::NAMES].into_iter().all(is_empty);
        // Before looking: of two that leave at once, the one that looks last finds nobody else inside.
        place::leave(&self.presence);
        if !unused() {
            return;
        }
        // Nobody comes in while the gate is shut.
        let Ok(_gate) = self.place.shut_gate() else { return };
        if place::nobody_is_inside(&self.presence) && unused() {
            self.holder.end(&self.place);
        }
    }
}
