//! Every fault that a Cloud can have: a file for each kind, which proposes operations of the account that owns the thing.
//! Whether the cloud accepts them, and whether they break anything, is the proof's matter.

mod acl;
mod address;
mod association;
mod group;
mod order;
mod peering;
mod route;

use ipnet::Ipv4Net;

use crate::cloud::lines::called;
use crate::cloud::{AccountName, Cloud, Operation};
use crate::lab::FaultKind;

/// A fault that a Cloud may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Its kind.
    pub kind: FaultKind,
    /// Who calls.
    pub account: AccountName,
    /// The operations.
    pub lines: Vec<String>,
}

impl Candidate {
    /// Its operations, as if they were typed; `None`: a line is no operation.
    pub(crate) fn operations(&self) -> Option<Vec<Operation>> {
        self.lines.iter().map(|line| called(&self.account, line)).collect()
    }
}

/// Where a kind's file puts its candidates.
struct Candidates {
    kind: FaultKind,
    found: Vec<Candidate>,
}

impl Candidates {
    fn add(&mut self, account: &AccountName, lines: impl IntoIterator<Item = String>) {
        let lines = lines.into_iter().collect();
        self.found.push(Candidate { kind: self.kind, account: account.clone(), lines });
    }
}

/// The candidates of these kinds, in an order that depends on nothing else.
pub(crate) fn candidates(cloud: &Cloud, kinds: &[FaultKind]) -> Vec<Candidate> {
    let mut all = Vec::new();
    for kind in FaultKind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
        let mut of_kind = Candidates { kind, found: Vec::new() };
        let propose = match kind {
            FaultKind::Route => route::propose,
            FaultKind::Association => association::propose,
            FaultKind::Peering => peering::propose,
            FaultKind::Group => group::propose,
            FaultKind::Acl => acl::propose,
            FaultKind::Address => address::propose,
            FaultKind::Order => order::propose,
        };
        propose(cloud, &mut of_kind);
        all.extend(of_kind.found);
    }
    all.sort();
    all.dedup();
    all
}

/// The block beside this one: a plausible slip of the pen.
fn beside(block: Ipv4Net) -> Option<Ipv4Net> {
    let length = u32::from(block.prefix_len());
    let bit = 1u32.checked_shl(32 - length).filter(|_| length > 8)?;
    Ipv4Net::new((u32::from(block.network()) ^ bit).into(), block.prefix_len()).ok()
}
