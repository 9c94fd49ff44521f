//! Lab files to begin with: a small one that teaches the tables, and rings of any size.
//!
//! Pure, as the reader is: [`starter`] and [`Ring::lab_text`] give the text of a file.

mod ring;

pub use self::ring::{MAX_INSTANCES, MAX_VPCS, NoRing, Ring};

use crate::cloud::{PeeringKind, Provider};

/// A commented lab of two VPCs and a peering, called `lab`; `file` is where it is going to stand.
pub fn starter(lab: &str, file: &str, provider: &Provider) -> String {
    let template = match provider.peering {
        PeeringKind::RouterInterfaces => include_str!("alibaba.toml"),
        PeeringKind::VpcPeerings => include_str!("jdcloud.toml"),
    };
    template.replace("FILE", file).replace("LAB", lab)
}

#[cfg(test)]
mod tests;
