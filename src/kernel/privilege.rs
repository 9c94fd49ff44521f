//! What the process may do, and what the kernel can.

use std::fs;
use std::sync::OnceLock;

use netlink_packet_core::{NLM_F_CREATE, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::batch::{Batch, Failure, RouteSocket};
use super::{fault, firewall, link, tc};
use crate::cloud::Bandwidth;
use crate::error::{Error, Errors, Result};
use crate::network::model::{Link, LinkKind, Shaping};

/// Whether the process may make and program namespaces.
pub fn check() -> Result<()> {
    const NEEDED: [(u32, &str); 2] = [(12, "CAP_NET_ADMIN"), (21, "CAP_SYS_ADMIN")];
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0);
    let missing: Vec<_> = NEEDED.iter().filter(|(bit, _)| effective >> bit & 1 == 0).map(|(_, name)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("network namespaces need root: {} missing", missing.join(" and "));
    Err(Error::host(message).code("EPERM").hint("run it with sudo; in a container, start that with --privileged"))
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
        };
        let bridge = link::create_bridge(&"bridge".into(), &bare(LinkKind::Bridge));
        let near = bare(LinkKind::Other("veth".into()));
        let own = fs::File::open("/proc/thread-self/ns/net")?;
        let fd = std::os::fd::AsRawFd::as_raw_fd(&own);
        let veth = link::create_veth((&"a".into(), &near), None, (&"b".into(), &near), fd);
        let tbf = tc::shape(1, Shaping { rate: Some(Bandwidth(8_000_000)), delay: None }).rate;
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
        let message = tc::shape(1, Shaping { rate: None, delay }).delay;
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
