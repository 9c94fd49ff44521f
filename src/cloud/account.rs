//! Accounts: every operation is called by one, and acts only on what is its own (docs/cloud.md §5).

use serde::{Deserialize, Serialize};

use super::{AccountName, Id};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name in the lab.
    pub name: AccountName,
    /// Its id, by which other accounts name it.
    pub id: Id,
}
