//! A region.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A region, as in `cn-qingdao`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region(pub Arc<str>);

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
