//! Leftovers of labs: differences between `/run/peerlab` and `/run/netns`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use nix::sys::statfs::{NSFS_MAGIC, statfs};

use super::{Area, Finding, State};
use crate::doctor::messages::Said;
use crate::journal::{self, Store};
use crate::lab::is_lab_name;
use crate::message::Message;
use crate::msg;
use crate::rootless;

const NAMES: &str = "/run/netns";

pub(super) fn look() -> Vec<Finding> {
    let labs = match journal::labs() {
        Ok(labs) => labs,
        Err(error) => return vec![finding(msg!(Said::Labs), State::Unknown, error.message)],
    };
    let names = names();
    let mut findings: Vec<_> = labs.iter().filter_map(|lab| of_lab(lab, &names)).collect();
    findings.extend(nobodys(&labs, &names));
    findings.extend(rootless::strays().into_iter().map(stray));
    if findings.is_empty() {
        let up = match labs.len() {
            0 => msg!(Said::NoneNoLabUp),
            _ => msg!(Said::NoneUp { labs }),
        };
        findings.push(finding(msg!(Said::Labs), State::Good, up));
    }
    findings
}

fn finding(what: impl Into<Message>, state: State, found: impl Into<Message>) -> Finding {
    Finding::new(Area::Leftovers, what, state, found)
}

/// A process that holds a user's namespaces, while another holds those that commands find.
fn stray(pid: i32) -> Finding {
    finding(Message::text("peerlab-pause"), State::Notice, msg!(Said::HoldsUnfound { pid }))
        .means(msg!(Said::LabsInThemUnreachable))
        .remedy(msg!(Said::Kill { pid }))
}

/// Every name in `/run/netns`, and whether it is a namespace.
fn names() -> BTreeMap<String, bool> {
    let entries = fs::read_dir(NAMES).into_iter().flatten().flatten();
    let is_namespace = |path: &Path| statfs(path).is_ok_and(|found| found.filesystem_type() == NSFS_MAGIC);
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), is_namespace(&entry.path()))).collect()
}

/// A problem of a running lab.
fn of_lab(lab: &str, names: &BTreeMap<String, bool>) -> Option<Finding> {
    let what = msg!(Said::Lab { lab });
    let mend = || msg!(Said::PeerlabUpLabCompletesPeerlab { lab });
    let store = Store::of(lab);
    if let Err(error) = fs::read_dir(Path::new(journal::ROOT).join(lab)) {
        return match error.kind() {
            ErrorKind::PermissionDenied => Some(
                finding(what, State::Unknown, msg!(Said::OnlyRootMayLookAt)).remedy(msg!(Said::RunSudoPeerlabDoctor)),
            ),
            // The lab was taken down meanwhile.
            _ => None,
        };
    }
    let (journal, listed) = match (store.read(), store.namespaces()) {
        (Ok(journal), Ok(listed)) => (journal, listed),
        (Err(error), _) | (_, Err(error)) => {
            let found = finding(what, State::Notice, error.message);
            return Some(found.means(msg!(Said::NoVerbButDownCan)).remedy(msg!(Said::PeerlabDown { lab })));
        }
    };
    // A process is changing it now.
    if store.is_locked() {
        return None;
    }
    let listed: BTreeSet<String> = listed.iter().map(|name| format!("{lab}.{name}")).collect();
    let gone: Vec<_> = listed.iter().filter(|name| !names.get(*name).copied().unwrap_or(false)).collect();
    let own = format!("{lab}.");
    let more: Vec<_> = names.keys().filter(|name| name.starts_with(&own) && !listed.contains(*name)).collect();
    let about = |names: &[&String]| match names {
        [one] => Message::text(one),
        [first, rest @ ..] => msg!(Said::More { first, rest: rest.len() }),
        [] => Message::text(""),
    };
    match journal {
        None => {
            let found = finding(what, State::Notice, msg!(Said::BegunHasNoJournal));
            Some(found.means(msg!(Said::NoVerbButDownCan)).remedy(msg!(Said::PeerlabDown { lab })))
        }
        Some(journal) if !journal.settled => {
            let found = finding(what, State::Notice, msg!(Said::LastChangeCutShort));
            Some(found.means(msg!(Said::KernelNotSays)).remedy(mend()))
        }
        _ if !gone.is_empty() => {
            let found = finding(what, State::Notice, msg!(Said::NamespacesGone { about: about(&gone) }));
            Some(found.means(msg!(Said::InstancesCannotReached)).remedy(mend()))
        }
        _ if !more.is_empty() => {
            let found = finding(what, State::Notice, msg!(Said::NamespacesHasNotMade { about: about(&more) }));
            let means = msg!(Said::InstanceNameCannotCreated);
            Some(found.means(means).remedy(msg!(Said::IpNetnsDeleteIfNobody { name: more[0] })))
        }
        _ => None,
    }
}

/// Names that could belong to a lab but belong to no running lab.
fn nobodys(labs: &[String], names: &BTreeMap<String, bool>) -> Vec<Finding> {
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names.keys() {
        if let Some((lab, _)) = name.split_once('.')
            && is_lab_name(lab)
            && !labs.iter().any(|up| up == lab)
        {
            of.entry(lab).or_default().push(name);
        }
    }
    let finding = |(lab, names): (&str, Vec<&str>)| {
        let found = msg!(Said::InNoLabUp { names: names.len(), folder: NAMES, lab });
        let found = finding(Message::text(format!("{lab}.…")), State::Notice, found);
        let dead = |name: &&str| {
            let name = name.strip_prefix(lab).and_then(|name| name.strip_prefix('.')).unwrap_or_default();
            crate::kernel::is_of_a_lab(lab, &name.into())
        };
        let remedy = match names.iter().all(dead) {
            true => msg!(Said::PeerlabDoctorCleanRemovesThem),
            false => msg!(Said::IpNetnsDeleteOnIf { name: names[0] }),
        };
        found.means(msg!(Said::LabNameCannotComeUp { lab })).remedy(remedy)
    };
    of.into_iter().map(finding).collect()
}
