//! The user who called sudo, pkexec or doas, whose rights apply to what peerlab does for them.

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::path::Path;

use nix::unistd::{Gid, Uid, User, geteuid, getgrouplist, setgid, setgroups, setuid};

use super::messages::host::Said;
use crate::error::{Error, Result};
use crate::kernel::privilege;
use crate::message::Message;
use crate::msg;

/// The calling user, if it is not root.
pub(super) struct Caller {
    pub user: User,
    group: Gid,
    groups: Vec<Gid>,
}

impl Caller {
    /// The user who called sudo, pkexec or doas; `None` if nobody did. `hint`: what to do if the host does not know
    /// that user.
    pub fn find(hint: impl Into<Message>) -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let hint = hint.into();
        let said = ["SUDO_UID", "PKEXEC_UID", "DOAS_USER"]
            .into_iter()
            .find_map(|name| Some((name, std::env::var(name).ok()?)));
        let Some((variable, value)) = said else { return Ok(None) };
        let nobody = |why: Message| {
            Error::host(msg!(Said::VariableIs { variable, value, why })).code("CallerUnknown").hint(&hint)
        };
        let user = match value.parse() {
            Ok(uid) => User::from_uid(Uid::from_raw(uid)),
            Err(_) => User::from_name(&value),
        };
        let user = user
            .map_err(|errno| nobody(msg!(Said::System { why: errno.desc() })))?
            .ok_or_else(|| nobody(msg!(Said::NoSuchUser)))?;
        if user.uid.is_root() {
            return Ok(None);
        }
        let group = std::env::var("SUDO_GID").ok().and_then(|text| text.parse().ok()).map_or(user.gid, Gid::from_raw);
        let name = CString::new(user.name.as_bytes()).unwrap_or_default();
        let groups = getgrouplist(&name, group).map_err(|errno| nobody(msg!(Said::System { why: errno.desc() })))?;
        Ok(Some(Caller { user, group, groups }))
    }

    /// Switches permanently from root to the caller, with the caller's groups and without capabilities.
    pub fn replace_root(&self, hint: impl Into<Message>) -> Result<()> {
        let became = setgroups(&self.groups).and_then(|()| setgid(self.group)).and_then(|()| setuid(self.user.uid));
        became.map_err(|error| {
            Error::host(msg!(Said::CannotRunAs { user: &self.user.name, why: error.desc() })).hint(hint)
        })
    }
}

/// Creates or truncates a file as the calling user, who owns it; fails where that user may not write.
pub(super) fn create(path: &Path) -> Result<File> {
    let caller = Caller::find(msg!(Said::CallAsRoot))?;
    let open = || OpenOptions::new().write(true).create(true).truncate(true).open(path);
    let opened = match &caller {
        Some(Caller { user, group, groups }) => privilege::as_user(user.uid, *group, groups, open),
        None => open(),
    };
    opened.map_err(|error| {
        let by = caller.map(|caller| msg!(Said::ByUser { user: caller.user.name }));
        Error::input(msg!(Said::CannotBeWritten { path: path.display(), by, error }))
            .code("FileUnwritable")
            .hint(Said::GiveOwnFile)
    })
}
