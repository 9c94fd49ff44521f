//! The values that a Cloud offers for an argument: completions show them, and forms can.

use std::collections::BTreeSet;

use super::{Argument, ArgumentKind};
use crate::{Cloud, Direction, Family, NextHop, Policy, Provider, Role, RuleProtocol};

impl ArgumentKind {
    /// Whether a Cloud offers values: names of existing resources, or one of a few words.
    pub fn is_offered(self) -> bool {
        use ArgumentKind::{
            Account, AclDefault, AclNumber, Address, Awaited, Bandwidth, Block, BlockOrAddress, Boolean, Bytes,
            Changed, Deleted, Direction, Duration, EntryPriority, Flag, GroupEgress, InnerAccess, New, NewId, NextHop,
            Policy, Port, Ports, Protocol, Region, Role, RulePriority, Spec, Thing, Time, Zone,
        };
        match self {
            Deleted(_) | Changed(_) | Thing(_) | Awaited(_) | NextHop(_) | Account | Region => true,
            Role | Spec | Protocol | Policy | InnerAccess | Direction | AclDefault | Boolean | GroupEgress => true,
            New(_) | NewId(_) | Block | BlockOrAddress | Address | Time | Bytes | Port | Ports | EntryPriority
            | RulePriority | AclNumber | Duration | Bandwidth | Flag | Zone => false,
        }
    }
}

impl Cloud {
    /// The values for an argument, the likely ones first; empty if it takes anything of its kind.
    pub fn offered(&self, argument: &'static Argument) -> Vec<String> {
        let names = argument.names().iter().flat_map(|kind| self.names_of(*kind));
        match argument.kind {
            ArgumentKind::NextHop(_) => names.chain([NextHop::Internet.to_string()]).collect(),
            ArgumentKind::Account => self.accounts().map(|account| account.name.to_string()).collect(),
            ArgumentKind::Region => self.regions_used_first(),
            ArgumentKind::Role => [Role::Initiator, Role::Acceptor].map(|role| role.to_string()).into(),
            ArgumentKind::Spec => self.specs(),
            ArgumentKind::Protocol => RuleProtocol::ALL.map(|protocol| protocol.to_string()).into(),
            ArgumentKind::Boolean => ["true", "false"].map(str::to_owned).into(),
            ArgumentKind::Direction => {
                [Direction::Ingress, Direction::Egress].map(|direction| direction.to_string()).into()
            }
            ArgumentKind::Policy | ArgumentKind::InnerAccess | ArgumentKind::AclDefault | ArgumentKind::GroupEgress => {
                [Policy::Accept, Policy::Drop].map(|policy| policy.to_string()).into()
            }
            _ => names.collect(),
        }
    }

    fn regions_used_first(&self) -> Vec<String> {
        let used: BTreeSet<_> = self.vpcs().map(|vpc| vpc.region.to_string()).collect();
        let others = self.provider().regions.iter().map(|region| region.to_string());
        let others: Vec<_> = others.filter(|region| !used.contains(region)).collect();
        used.into_iter().chain(others).collect()
    }

    /// The bandwidth classes of all families that have them, the narrowest first.
    fn specs(&self) -> Vec<String> {
        self.provider().families.iter().flat_map(Family::specs).map(|spec| spec.name.to_owned()).collect()
    }
}

impl Provider {
    /// The value of an argument that is left out; `None` if that means something else than a value.
    pub fn default_for(&self, argument: &Argument) -> Option<String> {
        if !argument.has_default {
            return None;
        }
        match argument.kind {
            ArgumentKind::Policy => Some(Policy::Accept.to_string()),
            ArgumentKind::InnerAccess => self.groups().inner_access_set.then(|| self.groups().inner_access.to_string()),
            // In a list, a rule without a place is the last.
            ArgumentKind::RulePriority if self.groups().ordered => None,
            ArgumentKind::RulePriority => self.groups().priorities.as_ref().map(|it| it.default.to_string()),
            ArgumentKind::GroupEgress if self.groups().new_lets_out => Some(Policy::Accept.to_string()),
            ArgumentKind::GroupEgress => Some(self.groups().unmatched_egress.to_string()),
            ArgumentKind::Boolean => Some(false.to_string()),
            ArgumentKind::AclDefault => self.acls().map(|acls| acls.new.to_string()),
            ArgumentKind::EntryPriority => self.entry_priority().map(|priority| priority.to_string()),
            _ => None,
        }
    }
}
