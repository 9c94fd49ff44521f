//! Refusals of a host to let a user make namespaces: the refused step, the reason, and the remedy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::apparmor;
use super::messages::Said;
use crate::error::Error;
use crate::message::Message;
use crate::msg;

/// A step on the way into the user's namespaces, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The folder with the locks.
    Folder,
    /// The process that will hold the namespaces.
    Start,
    /// `unshare` of a user namespace.
    User,
    /// `deny` to `/proc/self/setgroups`.
    Setgroups,
    /// The user's id.
    UidMap,
    /// The user's group.
    GidMap,
    /// `unshare` of a mount namespace.
    Mounts,
    /// Mounts that do not reach the host.
    Slave,
    /// The user's own `/run`.
    Run,
    /// `setns` into these namespaces.
    Enter,
    /// The holder is in a process namespace that is not visible.
    Elsewhere,
    /// This process is already in them, without their capabilities.
    Inside,
}

impl Step {
    const ALL: [Step; 12] = [
        Step::Folder,
        Step::Start,
        Step::User,
        Step::Setgroups,
        Step::UidMap,
        Step::GidMap,
        Step::Mounts,
        Step::Slave,
        Step::Run,
        Step::Enter,
        Step::Elsewhere,
        Step::Inside,
    ];

    /// Converts an error to a refusal.
    pub(super) fn failed(self) -> impl Fn(io::Error) -> Refusal {
        move |error| {
            let errno = error.raw_os_error().map_or_else(|| of_kind(error.kind()), Errno::from_raw);
            Refusal { step: self, errno }
        }
    }
}

fn of_kind(kind: io::ErrorKind) -> Errno {
    match kind {
        io::ErrorKind::PermissionDenied => Errno::EACCES,
        io::ErrorKind::NotFound => Errno::ENOENT,
        _ => Errno::EIO,
    }
}

/// A step that the host refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The step.
    pub step: Step,
    /// The error.
    pub errno: Errno,
}

impl Refusal {
    /// The text that the holder sends: the step and the errno, as numbers.
    pub(super) fn text(&self) -> String {
        format!("refused {} {}", self.step as usize, self.errno as i32)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (step, errno) = text.strip_prefix("refused ")?.split_once(' ')?;
        let step = *Step::ALL.get(step.parse::<usize>().ok()?)?;
        Some(Refusal { step, errno: Errno::from_raw(errno.parse().ok()?) })
    }

    /// The error with which `up` ends.
    pub fn error(&self) -> Error {
        Error::host(self.what()).code(format!("{:?}", self.errno)).hint(self.remedy())
    }

    /// The step, and why the host refused it.
    pub fn what(&self) -> Message {
        let why = self.errno.desc().to_lowercase();
        match self.step {
            Step::Folder => msg!(Said::Folder { why }),
            Step::Start => msg!(Said::Start { why }),
            Step::User => msg!(Said::User { why }),
            Step::Setgroups => msg!(Said::Setgroups { why }),
            Step::UidMap => msg!(Said::UidMap { why }),
            Step::GidMap => msg!(Said::GidMap { why }),
            Step::Mounts => msg!(Said::Mounts { why }),
            Step::Slave => msg!(Said::Slave { why }),
            Step::Run => msg!(Said::Run { why }),
            Step::Enter => msg!(Said::Enter { why }),
            Step::Elsewhere => msg!(Said::Elsewhere),
            Step::Inside => msg!(Said::Inside),
        }
    }

    /// The remedy.
    pub fn remedy(&self) -> Message {
        self.remedy_on(&Host::look())
    }

    /// The remedy for the first cause that explains it.
    fn remedy_on(&self, host: &Host) -> Message {
        use Errno::{EACCES, EINVAL, ENOSPC, ENOSYS, EPERM, EUSERS};
        let denied = matches!(self.errno, EPERM | EACCES);
        let raise = |limit: &str, now: Option<u64>| {
            let now = now.map_or_else(|| "?".to_owned(), |now| now.to_string());
            msg!(Said::RaiseLimit { limit, now })
        };
        match self.step {
            Step::Folder => msg!(Said::FreeFolder),
            Step::Elsewhere => msg!(Said::RunThere),
            Step::Inside => msg!(Said::LeaveInstance),
            Step::Start if self.errno == Errno::ENOENT => msg!(Said::MountProc),
            Step::Start if self.errno == Errno::EAGAIN => msg!(Said::RaiseProcesses),
            Step::User if denied && host.clone_allowed == Some(0) => msg!(Said::AllowClone),
            Step::User if matches!(self.errno, ENOSPC | EUSERS) => raise("max_user_namespaces", host.most_users),
            Step::Mounts if self.errno == ENOSPC => raise("max_mnt_namespaces", host.most_mounts),
            step if step != Step::User && denied && host.apparmor_restricts => {
                let (binary, file) = (host.binary.display(), apparmor::file(&host.binary));
                msg!(Said::AppArmor { binary, file: file.display() })
            }
            _ if denied && (host.seccomp || host.container) => msg!(Said::Container),
            Step::User if denied && host.chroot => msg!(Said::Chroot),
            _ if denied && host.selinux => msg!(Said::SeLinux),
            Step::User if matches!(self.errno, EINVAL | ENOSYS) => msg!(Said::NoUserNamespaces),
            _ if denied => msg!(Said::SomethingForbids),
            _ => msg!(Said::Sudo),
        }
    }
}

/// The facts that distinguish causes.
#[derive(Clone, Debug, Default)]
struct Host {
    /// Debian's sysctl; `None` if it does not exist.
    clone_allowed: Option<u64>,
    most_users: Option<u64>,
    most_mounts: Option<u64>,
    /// Ubuntu's sysctl.
    apparmor_restricts: bool,
    seccomp: bool,
    container: bool,
    chroot: bool,
    selinux: bool,
    /// This program.
    binary: PathBuf,
}

impl Host {
    fn look() -> Self {
        let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        Host {
            clone_allowed: number("/proc/sys/kernel/unprivileged_userns_clone"),
            most_users: number("/proc/sys/user/max_user_namespaces"),
            most_mounts: number("/proc/sys/user/max_mnt_namespaces"),
            apparmor_restricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(1),
            seccomp: is_filtered(),
            container: container().is_some(),
            // Without a chroot, something is mounted on its root.
            chroot: !mounts.is_empty() && !mounts.lines().any(|line| line.split(' ').nth(4) == Some("/")),
            selinux: Path::new("/sys/fs/selinux/enforce").exists(),
            binary: std::env::current_exe().unwrap_or_else(|_| "peerlab".into()),
        }
    }
}

/// The container engine, as a word before "container", if this runs in one.
pub fn container() -> Option<&'static str> {
    let marks = [("/.dockerenv", "Docker "), ("/run/.containerenv", "Podman ")];
    let mark = marks.into_iter().find(|(path, _)| Path::new(path).exists()).map(|(_, name)| name);
    mark.or_else(|| std::env::var_os("container").map(|_| ""))
}

/// Whether a seccomp filter is active.
pub fn is_filtered() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_comes_through_the_pipe_as_it_was() {
        for step in Step::ALL {
            let refusal = Refusal { step, errno: Errno::EPERM };
            assert_eq!(Refusal::parse(&refusal.text()), Some(refusal));
        }
        for text in ["", "ready", "refused 99 1", "refused 1", "1 1"] {
            assert_eq!(Refusal::parse(text), None, "{text:?}");
        }
    }

    /// A host that differs only in this.
    fn host(change: impl FnOnce(&mut Host)) -> Host {
        let mut host = Host { binary: "/usr/local/bin/peerlab".into(), ..Host::default() };
        change(&mut host);
        host
    }

    #[test]
    fn each_cause_has_its_remedy() {
        use Errno::{EACCES, EINVAL, ENOSPC, ENOSYS, EPERM};
        let says = |step, errno, host: &Host, part: &str| {
            let remedy = Refusal { step, errno }.remedy_on(host).to_string();
            assert!(remedy.contains(part), "{step:?} {errno:?}: {remedy}");
        };
        let debian = host(|it| it.clone_allowed = Some(0));
        says(Step::User, EPERM, &debian, "kernel.unprivileged_userns_clone=1");
        let few = host(|it| (it.most_users, it.most_mounts) = (Some(0), Some(3)));
        says(Step::User, ENOSPC, &few, "user.max_user_namespaces is 0");
        says(Step::Mounts, ENOSPC, &few, "user.max_mnt_namespaces is 3");
        let ubuntu = host(|it| it.apparmor_restricts = true);
        for (step, errno) in
            [(Step::Setgroups, EACCES), (Step::UidMap, EPERM), (Step::Mounts, EPERM), (Step::Run, EACCES)]
        {
            says(step, errno, &ubuntu, "/etc/apparmor.d/usr.local.bin.peerlab");
        }
        let docker = host(|it| it.seccomp = true);
        for step in [Step::User, Step::Mounts, Step::Slave, Step::Run, Step::Enter] {
            says(step, EPERM, &docker, "--security-opt seccomp=unconfined");
        }
        says(Step::Run, EACCES, &host(|it| it.container = true), "apparmor=unconfined");
        says(Step::User, EPERM, &host(|it| it.chroot = true), "outside of the chroot");
        says(Step::User, EACCES, &host(|it| it.selinux = true), "ausearch");
        says(Step::User, EINVAL, &host(|_| ()), "CONFIG_USER_NS");
        says(Step::User, ENOSYS, &host(|_| ()), "CONFIG_USER_NS");
        says(Step::User, EPERM, &host(|_| ()), "with sudo");
        says(Step::Enter, EINVAL, &host(|_| ()), "with sudo");
    }
}
