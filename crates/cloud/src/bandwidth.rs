//! A bandwidth.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Bandwidth(pub u64);

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        let text = match bits {
            _ if bits >= 1_000_000_000 && bits.is_multiple_of(1_000_000_000) => {
                format!("{} Gbit/s", bits / 1_000_000_000)
            }
            _ if bits >= 1_000_000 && bits.is_multiple_of(1_000_000) => format!("{} Mbit/s", bits / 1_000_000),
            _ if bits >= 1_000 && bits.is_multiple_of(1_000) => format!("{} kbit/s", bits / 1_000),
            _ => format!("{bits} bit/s"),
        };
        f.pad(&text)
    }
}
