//! Starter lab files: a small one that teaches the tables, and rings of any size.
//!
//! Pure, like the reader: [`starter`] and [`Ring::lab_text`] return the text of a file.

pub(crate) mod messages;
mod ring;

pub use self::ring::{MAX_INSTANCES, MAX_VPCS, NoRing, Ring};

use crate::cloud::Family;
use crate::language::Language;

/// A lab of two VPCs and a peering of this family, called `lab`, with comments in this language; `file` is its future
/// path.
pub fn starter(lab: &str, file: &str, family: &Family, language: Language) -> String {
    let starter = family.starter();
    let template = match language {
        Language::English => starter.english,
        Language::Chinese => starter.chinese,
    };
    template.replace("FILE", file).replace("LAB", lab)
}

#[cfg(test)]
mod tests;
