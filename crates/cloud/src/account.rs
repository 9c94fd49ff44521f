//! Accounts: an account calls every operation, and an operation acts only on the caller's resources (docs/cloud.md §5).

use serde::{Deserialize, Serialize};

use super::{AccountName, Id};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name in the lab.
    pub name: AccountName,
    /// Its id, by which other accounts refer to it.
    pub id: Id,
}
