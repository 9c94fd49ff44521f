//! Removes namespaces, with the processes inside.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;

use super::{netns, process, threads};
use crate::error::{Error, Errors};
use crate::kernel::messages::Said;
use crate::msg;
use crate::network::model::NamespaceName;
use crate::progress::{Watched, Work};

/// Ends the processes inside these namespaces and removes the namespaces; missing ones are not an error. Reports errors
/// at the end, when everything else is removed. The kernel dismantles the namespaces afterwards, in about 1.5 ms each.
pub fn remove<'a>(lab: impl Into<Watched<'a>>, names: &[NamespaceName]) -> Result<(), Errors> {
    let Watched { lab, progress } = lab.into();
    progress.begin(Work::Removing, names.len());
    let existing = names.iter().filter(|name| netns::exists(lab, name));
    let inodes: BTreeSet<u64> =
        existing.filter_map(|name| fs::symlink_metadata(netns::path(lab, name)).ok()).map(|it| it.ino()).collect();
    let mut errors = Errors::default();
    if !inodes.is_empty() {
        errors.0.extend(
            process::end_inside(&inodes)
                .into_iter()
                .map(|pid| Error::host(msg!(Said::ProcessDoesNotEnd { pid, lab })).hint(Said::ItWaitsInKernel)),
        );
    }
    if let Err(more) = threads::each(names, |name| {
        progress.advance(1);
        netns::delete(lab, name)
    }) {
        errors.0.extend(more.0);
    }
    errors.into_result()
}
