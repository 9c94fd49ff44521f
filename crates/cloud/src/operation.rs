//! One API call by one account: the single type behind tables, `run` lines and `peerlab api`.
//!
//! The arguments are as written. [`Cloud::apply`](super::Cloud::apply) resolves names and checks values, and answers
//! with the provider's own code.

mod argument;
mod call;
mod kind;
mod messages;
mod offered;
mod table;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{AccountName, Outcome, Refusal};
use crate::error::Span;

pub use argument::{Argument, ArgumentKind};
pub use call::OperationKind;
pub use messages::{Part, Wanted};
pub use table::*;

/// A call, its caller, and where it is written.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The calling account.
    pub caller: AccountName,
    /// The call.
    pub call: Call,
    /// Where it was written.
    pub origin: Origin,
}

/// Where something came from. All origins are equal, so that two Clouds with different histories compare equal.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A table, an entry or a `run` line of the lab file.
    File {
        /// The whole of it.
        span: Span,
        /// Its values.
        values: Arc<[WrittenValue]>,
    },
    /// An operation typed on the running lab, as typed.
    Api(Arc<str>),
    /// The provider created it together with something else.
    Provider,
}

/// A value of an operation as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenValue {
    /// Its argument, by its name in the grammar (`cidr`, `next-hop`). Several values of one argument are in order.
    pub argument: &'static str,
    /// The value, without quotes and escapes.
    pub text: String,
    /// Its place, including quotes.
    pub span: Span,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

impl Origin {
    /// The later of two of which the lab file, if it wrote both, wrote this one: an operation typed on the running lab. This
    /// one, if there is no other.
    pub fn or_later<'a>(&'a self, other: impl Into<Option<&'a Origin>>) -> &'a Origin {
        match other.into() {
            Some(other @ Origin::Api(_)) => other,
            Some(Origin::File { .. } | Origin::Provider) | None => self,
        }
    }
}

impl PartialOrd for Origin {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Origin {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
