//! Runs a command in a part of a lab: in its network namespace, with a view of the file system that fits.

use std::path::Path;

use nix::Error as Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};

use super::messages::Said;
use crate::cloud::Cloud;
use crate::error::{Error, Result};
use crate::msg;
use crate::network::compile;
use crate::network::model::NamespaceName;
use crate::target::Place;

/// Moves this process, or a thread that has its own view of the file system, into the namespace of a place.
pub(super) fn enter(lab: &str, cloud: &Cloud, place: &Place, hosts: &Path) -> Result<()> {
    let name = format!("{lab}.{}", namespace(cloud, place));
    let trouble = |what: Said, errno: Errno| {
        let why = match errno {
            Errno::EINVAL if what == Said::EnterNamespace => msg!(Said::NoNamespaceAnyMore),
            errno => msg!(Said::System { why: errno.desc() }),
        };
        Error::host(msg!(Said::Cannot { what, name: &name, why })).hint(msg!(Said::UpMakesIt { lab }))
    };
    let file = std::fs::File::open(format!("/run/netns/{name}")).map_err(|error| {
        let errno = Errno::from_raw(error.raw_os_error().unwrap_or(nix::libc::EIO));
        trouble(Said::EnterNamespace, errno)
    })?;
    setns(file, CloneFlags::CLONE_NEWNET).map_err(|errno| trouble(Said::EnterNamespace, errno))?;
    unshare(CloneFlags::CLONE_NEWNS).map_err(|errno| trouble(Said::MakeView, errno))?;
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_SLAVE, none).map_err(|errno| match errno {
        Errno::EINVAL => trouble(Said::MakeView, errno).hint(msg!(Said::ChrootNoMount)),
        errno => trouble(Said::MakeView, errno),
    })?;
    // All of these are a convenience; the command runs without them. `/sys` shows the namespace's links.
    let _ = mount(Some("peerlab"), "/sys", Some("sysfs"), MsFlags::empty(), none);
    if Path::new("/etc/hosts").exists() {
        let _ = mount(Some(hosts), "/etc/hosts", none, MsFlags::MS_BIND, none);
    }
    // No name server is reachable here: make unknown names fail at once instead of after 10 s.
    let _ = mount(Some("/dev/null"), "/etc/resolv.conf", none, MsFlags::MS_BIND, none);
    Ok(())
}

fn namespace(cloud: &Cloud, place: &Place) -> NamespaceName {
    match place {
        Place::Instance(name) => compile::of_instance(cloud, name),
        Place::Router(vpc) => compile::of_vpc(vpc),
        Place::Internet => compile::INTERNET.into(),
    }
}
