//! The CIDR blocks of a VPC: the first, and secondary ones (docs/cloud.md §3).

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::{Said, Vpc, overlap};
use crate::message::Message;
use crate::value::PRIVATE;
use crate::{
    AddCidr, Cloud, ConnectionSide, ConnectionStatus, Disjoint, Family, Fault, Local, Operation, Origin, Outcome,
    PeeringKind, Refusal, RemoveCidr, SecondaryPolicy, Transition, value,
};
use crate::{PeeringName, msg};

/// A block that a VPC has in addition to its first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondaryBlock {
    /// The block.
    pub cidr: Ipv4Net,
    /// Where it was written.
    pub origin: Origin,
}

impl Vpc {
    /// All its blocks, the first one first, the others in the order in which they were added.
    pub fn blocks(&self) -> impl Iterator<Item = Ipv4Net> + Clone {
        [self.cidr].into_iter().chain(self.secondary.iter().map(|block| block.cidr))
    }

    /// Its block that contains another.
    pub fn block_around(&self, cidr: Ipv4Net) -> Option<Ipv4Net> {
        self.blocks().find(|block| block.contains(&cidr))
    }

    /// Its block that contains an address.
    pub fn block_of(&self, address: Ipv4Addr) -> Option<Ipv4Net> {
        self.block_around(address.into())
    }

    /// Its block that overlaps another.
    pub fn block_overlapping(&self, cidr: Ipv4Net) -> Option<Ipv4Net> {
        self.blocks().find(|block| overlap(*block, cidr))
    }

    /// A block of this VPC and one of another that overlap.
    pub fn overlap_with(&self, other: &Vpc) -> Option<(Ipv4Net, Ipv4Net)> {
        self.blocks().find_map(|own| Some((own, other.block_overlapping(own)?)))
    }
}

impl Cloud {
    /// Adds a block to a VPC.
    pub(crate) fn add_cidr(&mut self, operation: &Operation, call: &AddCidr) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        let policy = self.secondary_policy()?;
        let cidr = self.vpc_cidr(&call.cidr)?;
        self.check_new_block(policy, vpc, cidr)?;
        let (failing, warnings) = self.block_beside_peers(vpc, cidr)?;

        let name = vpc.name.clone();
        let origin = operation.origin.clone();
        if let Some(vpc) = self.vpcs.get_mut(&name) {
            vpc.secondary.push(SecondaryBlock { cidr, origin });
        }
        let states = [ConnectionStatus::Pending, ConnectionStatus::Failed];
        let transitions: Vec<Transition> =
            failing.iter().flat_map(|name| self.become_status(name, &states, &operation.origin).transitions).collect();
        Ok(Outcome { transitions, warnings })
    }

    /// Whether the VPC has the block.
    pub(crate) fn has_block(&self, operation: &Operation, call: &AddCidr) -> Option<bool> {
        let vpc = self.mine::<Vpc>(operation, &call.vpc)?;
        let cidr = value::cidr(&self.as_block(&call.cidr), "cidr").ok()?;
        Some(vpc.blocks().any(|block| block == cidr))
    }

    /// Removes a secondary block from a VPC.
    pub(crate) fn remove_cidr(&mut self, operation: &Operation, call: &RemoveCidr) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        self.secondary_policy()?;
        let cidr = value::cidr(&self.as_block(&call.cidr), "cidr")?;
        let refused = |fault, said: Message, hint: Message| Err(Refusal::new(fault, said, hint).at("cidr"));
        if cidr == vpc.cidr {
            let said = msg!(Said::IsFirstBlock { cidr, vpc: &vpc.name });
            return refused(Fault::DefaultResource, said, Said::FirstBlockStays.into());
        }
        if vpc.block_around(cidr) != Some(cidr) {
            let said = msg!(Said::HasNoSuchBlock { vpc: &vpc.name, cidr });
            let hint = match vpc.secondary.is_empty() {
                true => Said::HasNoSecondaryBlocks.into(),
                false => msg!(Said::SecondaryBlocksAre { blocks: vpc.blocks().skip(1).collect::<Vec<_>>() }),
            };
            return refused(Fault::BlockNotFound, said, hint);
        }
        let inside: Vec<_> = self.subnets_of(&vpc.name).filter(|subnet| cidr.contains(&subnet.cidr)).collect();
        if !inside.is_empty() {
            let subnets: Vec<_> = inside.iter().map(|subnet| &subnet.name).collect();
            let said = msg!(Said::BlockHasSubnets { cidr, vpc: &vpc.name, subnets });
            return refused(Fault::InUseBySubnet, said, Said::DeleteSubnetsFirst.into());
        }

        let name = vpc.name.clone();
        if let Some(vpc) = self.vpcs.get_mut(&name) {
            vpc.secondary.retain(|block| block.cidr != cidr);
        }
        Ok(Outcome::default())
    }

    /// Whether the VPC does not have the block.
    pub(crate) fn has_no_block(&self, operation: &Operation, call: &RemoveCidr) -> Option<bool> {
        let vpc = self.mine::<Vpc>(operation, &call.vpc)?;
        let cidr = value::cidr(&self.as_block(&call.cidr), "cidr").ok()?;
        Some(!vpc.blocks().any(|block| block == cidr))
    }

    /// The provider's rules for secondary blocks; refuses where a VPC has one block.
    fn secondary_policy(&self) -> Result<&'static SecondaryPolicy, Refusal> {
        self.provider.secondary_blocks.as_ref().ok_or_else(|| {
            let said = msg!(Said::OneBlock { provider: self.provider.name });
            Refusal::new(Fault::UnsupportedOperation, said, Said::CreateAnotherVpc).at("cidr")
        })
    }

    /// Checks a new block against the VPC itself: its other blocks, its route entries, the provider's limit.
    fn check_new_block(&self, policy: &SecondaryPolicy, vpc: &Vpc, cidr: Ipv4Net) -> Result<(), Refusal> {
        let refused = |fault, said: Message, hint: Message| Err(Refusal::new(fault, said, hint).at("cidr"));
        if let Some(block) = vpc.block_overlapping(cidr) {
            let said = msg!(Said::OverlapsOwnBlock { cidr, vpc: &vpc.name, block });
            return refused(Fault::OverlappedCidr, said, Said::TakeFreeBlock.into());
        }
        let family = |cidr: Ipv4Net| PRIVATE.iter().find(|block| block.contains(&cidr));
        if policy.one_private_range
            && let (Some(first), Some(range)) = (family(vpc.cidr), family(cidr))
            && first != range
        {
            let said = msg!(Said::OtherPrivateRange { cidr, vpc: &vpc.name, range, first: &vpc.cidr });
            let hint = msg!(Said::TakeBlockOfRange { range: first });
            return refused(Fault::InvalidCidr, said, hint);
        }
        if self.provider.local == Local::WholeVpc {
            let tables = self.route_tables_of(&vpc.name);
            let mut entries = tables.flat_map(|table| table.entries.iter().map(move |entry| (table, entry)));
            if let Some((table, entry)) = entries.find(|(_, entry)| cidr.contains(&entry.destination)) {
                let said =
                    msg!(Said::WouldMakeEntryLocal { cidr, destination: &entry.destination, table: &table.name });
                return refused(Fault::OverlappedCidr, said, Said::DeleteEntryOrTakeAnother.into());
            }
        }
        if vpc.secondary.len() >= policy.most {
            let said = msg!(Said::TooManyBlocks { vpc: &vpc.name, most: policy.most });
            return refused(Fault::QuotaExceeded, said, Said::RemoveOneBlock.into());
        }
        Ok(())
    }

    /// Checks a new block against the VPCs that peerings join, or are to join, with this one: the requests that it
    /// makes fail, and warnings; or a refusal.
    fn block_beside_peers(&self, vpc: &Vpc, cidr: Ipv4Net) -> Result<(Vec<PeeringName>, Vec<Message>), Refusal> {
        let (mut failing, mut warnings) = (Vec::new(), Vec::new());
        let refused = |said: Message, hint: Message| Err(Refusal::new(Fault::OverlappedCidr, said, hint).at("cidr"));
        for end in self.peerings_of(&vpc.name) {
            let Some(peer) = end.far.as_ref().and_then(|far| self.vpcs.get(&far.vpc)) else { continue };
            let connection = self.peering_connections.get(&end.name);
            let family = connection.map_or_else(
                || self.provider.families.iter().find(|it| self.is_of_family(&end.name, it.kind())),
                |_| self.provider.family(PeeringKind::PeeringConnections),
            );
            let fails = matches!(family, Some(Family::Requests(requests)) if requests.overlap_fails);
            let pending = connection.filter(|it| fails && it.status == ConnectionStatus::Pending);
            let side = pending.and_then(|connection| self.side_in(connection, &vpc.name));
            if side == Some(ConnectionSide::Requester) {
                let status = end.status;
                let said = msg!(Said::RequestIsPending { vpc: &vpc.name, connection: &end.name, status });
                return refused(said, msg!(Said::AwaitOrDeleteRequest { connection: &end.name }));
            }
            let Some(theirs) = peer.block_overlapping(cidr) else { continue };
            let said = msg!(Said::OverlapsPeer { cidr, peer: &peer.name, block: theirs, peering: &end.name });
            match (side, family.map(Family::disjoint)) {
                (Some(_), _) => {
                    failing.push(end.name.clone());
                    warnings.push(said);
                }
                (None, Some(Disjoint::WholeVpcs | Disjoint::WithPeers)) => {
                    return refused(said, Said::TakeFreeBlock.into());
                }
                (None, _) => warnings.push(said),
            }
        }
        let all_apart = self.provider.families.iter().any(|it| it.disjoint() == Disjoint::WithPeers);
        let beside = self.peers_of(&vpc.name).filter(|_| all_apart).flat_map(|(_, peer)| self.peers_of(&peer.name));
        for (peering, other) in beside.filter(|(_, other)| other.name != vpc.name) {
            if let Some(block) = other.block_overlapping(cidr) {
                let said = msg!(Said::OverlapsPeer { cidr, peer: &other.name, block, peering });
                return refused(said, Said::TakeFreeBlock.into());
            }
        }
        Ok((failing, warnings))
    }
}
