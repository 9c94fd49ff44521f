//! What the process may do, and what the kernel can.

use std::fs;
use std::sync::OnceLock;

use caps::{CapSet, Capability};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::geteuid;

use super::batch::{Batch, Failure, RouteSocket};
use super::{fault, firewall, link, tc};
use crate::cloud::Bandwidth;
use crate::error::{Error, Errors, Result};
use crate::network::model::{Link, LinkKind, Shaping};

/// Whether the process may make and program namespaces.
pub fn check() -> Result<()> {
    const NEEDED: [Capability; 2] = [Capability::CAP_NET_ADMIN, Capability::CAP_SYS_ADMIN];
    let has = |capability: &Capability| caps::has_cap(None, CapSet::Effective, *capability).unwrap_or(false);
    let missing: Vec<_> = NEEDED.iter().filter(|it| !has(it)).map(ToString::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" and ");
    let error = if geteuid().is_root() {
        Error::host(format!("network namespaces need more than this root has: {missing} missing"))
            .hint("in a container, start that with --privileged")
    } else {
        Error::host(format!("network namespaces need root: {missing} missing")).hint("run it with sudo")
    };
    Err(error.code("EPERM"))
}

/// Runs `work` on this thread with no capability in effect: what somebody else wrote is read so. They are in effect again
/// afterwards.
pub fn lowered<T>(work: impl FnOnce() -> T) -> T {
    let before = caps::read(None, CapSet::Effective);
    // Whoever has none loses none, and then there is nothing to raise again.
    let lowered = caps::clear(None, CapSet::Effective);
    let result = work();
    if let (Ok(before), Ok(())) = (before, lowered) {
        // What is permitted may be put into effect: this fails only where nothing was lowered.
        let _ = caps::set(None, CapSet::Effective, &before);
    }
    result
}

/// Gives up for good what reading a file does not need: for verbs that do nothing else. Root keeps reading whatever file
/// it is given, as in a home that is its owner's alone.
pub fn keep_reading_only() {
    const READ: Capability = Capability::CAP_DAC_READ_SEARCH;
    // Each of these fails only where there is nothing to give up.
    let _ = prctl::set_no_new_privs();
    for capability in caps::all().into_iter().filter(|it| *it != READ) {
        let _ = caps::drop(None, CapSet::Bounding, capability);
    }
    for set in [CapSet::Ambient, CapSet::Inheritable] {
        let _ = caps::clear(None, set);
    }
    let kept = caps::read(None, CapSet::Permitted).unwrap_or_default().into_iter().filter(|it| *it == READ).collect();
    for set in [CapSet::Effective, CapSet::Permitted] {
        let _ = caps::set(None, set, &kept);
    }
}

/// Raises the limit of open files as far as it goes: a large lab holds some for each namespace.
pub(crate) fn raise_descriptor_limit() {
    // Where it cannot be raised, a lab that fits below it still works, and one that does not says so when it happens.
    let _ = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
}

/// Whether the kernel has all that a lab needs, each thing tried in a namespace that goes with its thread. Says all that is
/// missing. What is only wished for (netem) is no error: see [`has_netem`].
pub fn check_kernel() -> Result<(), Errors> {
    let missing = try_out(|socket| {
        let bare = |kind| Link {
            index: 0,
            kind,
            mac: None,
            altname: None,
            group: 0,
            addresses: Default::default(),
            shaping: Shaping::default(),
            up: true,
            plain: true,
        };
        let bridge = link::create_bridge(&"bridge".into(), &bare(LinkKind::Bridge));
        let near = bare(LinkKind::Other("veth".into()));
        let own = fs::File::open("/proc/thread-self/ns/net")?;
        let fd = std::os::fd::AsRawFd::as_raw_fd(&own);
        let veth = link::create_veth((&"a".into(), &near), None, (&"b".into(), &near), fd);
        let tbf = tc::shape(1, Shaping { rate: Some(Bandwidth(8_000_000)), ..Shaping::default() }).rate;
        let tried = [("bridge", "bridge", Some(bridge)), ("veth", "veth", Some(veth)), ("tbf", "sch_tbf", tbf)];
        let lacks = |message| refused(socket, message).is_some();
        let missing = tried.into_iter().filter_map(|(name, module, message)| lacks(message?).then_some((name, module)));
        let errors = missing.map(|(name, module)| {
            let hint = format!("load it (`modprobe {module}`), or install the distribution's package of extra modules");
            Error::host(format!("the kernel has no {name}")).hint(hint)
        });
        Ok(errors.chain(firewall::try_out().err()).collect())
    })?;
    Errors(missing).into_result()
}

/// Whether the kernel can delay packets. Asked once.
pub fn has_netem() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let delay = Some(std::time::Duration::from_millis(1));
        let message = tc::shape(1, Shaping { delay, ..Shaping::default() }).delay;
        let lacks = try_out(|socket| Ok(message.and_then(|message| refused(socket, message))));
        // What else may go wrong here goes wrong again, and is told, where it matters.
        !matches!(lacks, Ok(Some(Errno::ENOENT | Errno::EOPNOTSUPP)))
    })
}

fn refused(socket: &RouteSocket, message: RouteNetlinkMessage) -> Option<Errno> {
    let mut batch = Batch::default();
    batch.push(0, NLM_F_CREATE | NLM_F_REPLACE, message, &[]);
    match batch.send(socket) {
        Ok(()) => None,
        Err(Failure::Refused(refused)) => Some(refused.errno),
        Err(Failure::Socket(errno)) => Some(errno),
    }
}

/// Runs `work` with a socket in a namespace of its own.
fn try_out<T: Send>(work: impl FnOnce(&RouteSocket) -> std::io::Result<T> + Send) -> Result<T> {
    let run = || {
        unshare(CloneFlags::CLONE_NEWNET)?;
        work(&RouteSocket::open()?)
    };
    let result =
        std::thread::scope(|scope| scope.spawn(run).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    result.map_err(|error: std::io::Error| {
        let hint = "run as root; the kernel needs network namespaces (CONFIG_NET_NS)";
        fault::host("a namespace cannot be made to try the kernel out", fault::errno(&error), hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The capabilities of the calling thread, which alone is changed.
    fn effective() -> Vec<String> {
        let mut found: Vec<_> =
            caps::read(None, CapSet::Effective).unwrap().into_iter().map(|it| it.to_string()).collect();
        found.sort();
        found
    }

    #[test]
    fn what_is_lowered_is_raised_again() {
        let before = effective();
        assert!(!before.is_empty(), "this test lowers capabilities: run it as root, as `cargo test` does by sudo");
        assert_eq!(lowered(effective), [] as [&str; 0]);
        assert_eq!(effective(), before);
        check().unwrap();
    }

    #[test]
    fn what_only_reads_can_do_nothing_else_any_more() {
        keep_reading_only();
        assert_eq!(effective(), ["CAP_DAC_READ_SEARCH"]);
        assert_eq!(lowered(effective), [] as [&str; 0]);
        assert_eq!(check().unwrap_err().code.as_deref(), Some("EPERM"));
        assert!(prctl::get_no_new_privs().unwrap());
        assert!(caps::raise(None, CapSet::Effective, Capability::CAP_NET_ADMIN).is_err());
    }
}
