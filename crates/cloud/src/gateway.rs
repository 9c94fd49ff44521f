//! Gateways between a VPC and the internet (docs/cloud.md §14): Alibaba's IPv4 gateway.

mod messages;

use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, Cloud, CreateGateway, DeleteGateway, Fault, GatewayName, Id, InternetAccess, NextHop, Operation,
    Origin, Outcome, Refusal, ResourceKind, Vpc, VpcName,
};
use crate::msg;
use messages::Said;

/// A gateway between a VPC and the internet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// Its name.
    pub name: GatewayName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// The VPC that it is attached to.
    pub vpc: VpcName,
    /// Where it was written.
    pub origin: Origin,
}

impl Cloud {
    /// All gateways, by name.
    pub fn gateways(&self) -> impl Iterator<Item = &Gateway> {
        self.gateways.values()
    }

    /// A gateway.
    pub fn gateway(&self, name: &GatewayName) -> Option<&Gateway> {
        self.gateways.get(name)
    }

    /// The gateway that is attached to a VPC.
    pub fn gateway_of(&self, vpc: &VpcName) -> Option<&Gateway> {
        self.contents.get(vpc)?.gateway.as_ref().and_then(|name| self.gateways.get(name))
    }

    /// The next hop by which entries of a VPC lead to the internet.
    pub fn way_out(&self, vpc: &VpcName) -> NextHop {
        self.gateway_of(vpc).map_or(NextHop::Internet, |gateway| NextHop::Gateway(gateway.name.clone()))
    }

    pub(super) fn create_gateway(&mut self, operation: &Operation, call: &CreateGateway) -> Result<Outcome, Refusal> {
        if self.provider.internet == InternetAccess::ByEntry {
            let message = msg!(Said::NoGateways { provider: self.provider.name });
            return Err(Refusal::new(Fault::UnsupportedOperation, message, Said::WriteInternet));
        }
        self.free_name(ResourceKind::Gateway, &call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?.name.clone();
        if let Some(other) = self.gateway_of(&vpc) {
            let message = msg!(Said::HasGateway { vpc: &vpc, gateway: &other.name });
            return Err(Refusal::new(Fault::AlreadyExists, message, Said::OneIsEnough).at("vpc"));
        }
        let id = self.new_id(ResourceKind::Gateway, &call.name, call.id.as_deref(), "id")?;

        let public = self.has_public_addresses(&vpc);
        let warning = || msg!(Said::EntriesDecideNow { vpc: &vpc, gateway: &call.name });
        let needed_none = self.provider.internet == InternetAccess::ByAddress;
        let warnings = (public && needed_none).then(warning).into_iter().collect();
        let name = GatewayName::trusted(&*call.name);
        let (account, origin) = (operation.caller.clone(), operation.origin.clone());
        self.directory.insert(&id, Thing::Gateway(name.clone()));
        self.contents.get_or_default(&vpc).gateway = Some(name.clone());
        self.gateways.insert(name.clone(), Gateway { name, id, account, vpc, origin });
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_gateway(&self, operation: &Operation, call: &CreateGateway) -> Option<bool> {
        let (gateway, vpc) = (self.mine::<Gateway>(operation, &call.name)?, Vpc::find(self, &call.vpc)?);
        Some(gateway.vpc == vpc.name && is_given(&call.id, &gateway.id.0))
    }

    pub(super) fn delete_gateway(&mut self, operation: &Operation, call: &DeleteGateway) -> Result<Outcome, Refusal> {
        let gateway = self.own::<Gateway>(operation, &call.name, "name")?;
        self.check_no_entry_names(&gateway.vpc, &NextHop::Gateway(gateway.name.clone()))?;

        let Gateway { name, id, vpc, .. } = gateway.clone();
        self.gateways.remove(&name);
        self.directory.remove(ResourceKind::Gateway, name.as_str(), &id);
        if let Some(contents) = self.contents.get_mut(&vpc) {
            contents.gateway = None;
        }
        Ok(Outcome::default())
    }
}
