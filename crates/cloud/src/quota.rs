//! Limits that a provider raises on request: a lab raises them in `[lab] quotas` (docs/cloud.md §15).

use serde::{Deserialize, Serialize};

use super::{AccountName, Cloud, Fault, Refusal, Region, VpcName};
use crate::message::Message;
use crate::msg;
use messages::Said;

mod messages;

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Quota {
    VpcsPerRegion,
    SubnetsPerVpc,
    RouteTablesPerVpc,
    RoutesPerTable,
    PeeringsPerVpc,
    RulesPerSecurityGroup,
    RulesPerNetworkAcl,
}

impl Quota {
    /// Every limit.
    pub const ALL: [Quota; 7] = [
        Quota::VpcsPerRegion,
        Quota::SubnetsPerVpc,
        Quota::RouteTablesPerVpc,
        Quota::RoutesPerTable,
        Quota::PeeringsPerVpc,
        Quota::RulesPerSecurityGroup,
        Quota::RulesPerNetworkAcl,
    ];

    /// Its key in a lab file.
    pub fn key(self) -> &'static str {
        match self {
            Quota::VpcsPerRegion => "vpcs_per_region",
            Quota::SubnetsPerVpc => "subnets_per_vpc",
            Quota::RouteTablesPerVpc => "route_tables_per_vpc",
            Quota::RoutesPerTable => "routes_per_table",
            Quota::PeeringsPerVpc => "peerings_per_vpc",
            Quota::RulesPerSecurityGroup => "rules_per_security_group",
            Quota::RulesPerNetworkAcl => "rules_per_network_acl",
        }
    }
}

/// The limits that a lab raises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotas([Option<u32>; Quota::ALL.len()]);

impl Quotas {
    /// The raised limit, if it is.
    pub fn get(self, quota: Quota) -> Option<usize> {
        self.0[quota as usize].map(|most| most as usize)
    }

    /// Raises a limit.
    pub fn set(&mut self, quota: Quota, most: u32) {
        self.0[quota as usize] = Some(most);
    }
}

/// The limits of what a provider counts by region and VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VpcLimits {
    /// The most VPCs of an account in a region.
    pub per_region: usize,
    /// The most subnets of a VPC.
    pub subnets: usize,
    /// The most route tables of a VPC, with the main one.
    pub route_tables: usize,
}

impl Cloud {
    /// A limit: raised by the lab, or the provider's usual one.
    pub(super) fn limit(&self, quota: Quota, usual: usize) -> usize {
        self.allow.quotas.get(quota).unwrap_or(usual)
    }

    /// Checks an account's limit of VPCs in a region.
    pub(super) fn check_vpcs_in(&self, account: &AccountName, region: &Region) -> Result<(), Refusal> {
        let Some(limits) = self.provider.vpc_limits else { return Ok(()) };
        let most = self.limit(Quota::VpcsPerRegion, limits.per_region);
        let own = self.vpcs.values().filter(|vpc| vpc.account == *account && vpc.region == *region).count();
        self.check_limit(own, most, || msg!(Said::TooManyVpcs { account, region, most }))
    }

    /// Checks a VPC's limit of subnets.
    pub(super) fn check_subnets_of(&self, vpc: &VpcName) -> Result<(), Refusal> {
        let Some(limits) = self.provider.vpc_limits else { return Ok(()) };
        let most = self.limit(Quota::SubnetsPerVpc, limits.subnets);
        self.check_limit(self.subnets_of(vpc).count(), most, || msg!(Said::TooManySubnets { vpc, most }))
    }

    /// Checks a VPC's limit of route tables.
    pub(super) fn check_tables_of(&self, vpc: &VpcName) -> Result<(), Refusal> {
        let Some(limits) = self.provider.vpc_limits else { return Ok(()) };
        let most = self.limit(Quota::RouteTablesPerVpc, limits.route_tables);
        self.check_limit(self.route_tables_of(vpc).count(), most, || msg!(Said::TooManyTables { vpc, most }))
    }

    fn check_limit(&self, count: usize, most: usize, said: impl FnOnce() -> Message) -> Result<(), Refusal> {
        if count < most {
            return Ok(());
        }
        Err(Refusal::new(Fault::QuotaExceeded, said(), msg!(Said::RaiseIt)))
    }
}
