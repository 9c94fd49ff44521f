//! The labs that ship in the binary: every file of the folder `labs`, and of `labs/exercises`.

mod messages;

use std::path::Path;

use crate::lab;
use crate::message::Message;
use crate::msg;

use messages::Said;

/// A lab in the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Its name, which is its file's without the ending.
    pub name: &'static str,
    /// Its file's text.
    pub text: &'static str,
}

/// All of them, sorted by name.
pub const ALL: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The exercises that their authors wrote, sorted by name.
pub const EXERCISES: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/exercises.rs"));

/// The shipped lab or exercise of this name.
pub fn named(name: &str) -> Option<Shipped> {
    all().find(|lab| lab.name == name)
}

/// The labs, then the exercises.
pub fn all() -> impl Iterator<Item = Shipped> {
    ALL.iter().chain(EXERCISES).copied()
}

/// The shipped lab whose name is nearest to this one.
pub fn nearest(name: &str) -> Option<Shipped> {
    lab::nearest(name, all().map(|lab| lab.name)).and_then(named)
}

/// The shipped lab that the path of a missing file may mean: `labs/NAME.toml`, or with a slip.
pub fn instead_of(path: &Path) -> Option<Message> {
    let name = path.file_stem()?.to_str()?;
    match named(name) {
        Some(Shipped { name, .. }) => Some(msg!(Said::Ships { name })),
        None => nearest(name).map(|Shipped { name, .. }| msg!(Said::DidYouMean { name })),
    }
}

/// What to give where a lab file is wanted.
pub fn what_to_give() -> Message {
    msg!(Said::GiveFileOrName)
}

/// The problem of a name that no shipped lab has.
pub fn unknown(name: &str) -> (Message, Message) {
    let hint = nearest(name).map_or(msg!(Said::LabsLists), |Shipped { name, .. }| msg!(Said::DidYouMean { name }));
    (msg!(Said::Unknown { name }), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Source;

    #[test]
    fn every_shipped_lab_is_valid_and_has_its_file_s_name() {
        assert!(ALL.is_sorted_by_key(|lab| lab.name) && ALL.len() >= 21);
        assert!(EXERCISES.is_sorted_by_key(|lab| lab.name) && EXERCISES.len() >= 12);
        for Shipped { name, text } in all() {
            let lab = lab::read(Source::new(name, text)).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            assert_eq!(lab.name, name);
            assert_eq!(all().filter(|it| it.name == name).count(), 1, "{name}");
        }
    }

    #[test]
    fn a_path_may_mean_a_shipped_lab() {
        for path in ["cross-account.toml", "labs/cross-account.toml", "labs/cross-acount.toml", "cross_account"] {
            assert!(
                instead_of(Path::new(path)).is_some_and(|hint| hint.to_string().contains("cross-account")),
                "{path}"
            );
        }
        assert_eq!(instead_of(Path::new("no/such.toml")), None);
    }
}
