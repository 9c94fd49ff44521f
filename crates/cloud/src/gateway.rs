//! Gateways between a VPC and the internet (docs/cloud.md §14, §15): Alibaba's IPv4 gateway, AWS's internet gateway.

mod messages;

use serde::{Deserialize, Serialize};

use super::already::is_given;
use super::reference::{Resource, Thing};
use super::{
    AccountName, Call, Cloud, CreateGateway, DeleteGateway, DeleteNatGateway, Fault, GatewayName, Gone, Id, Instance,
    InternetAccess, NatGateway, NextHop, Operation, Origin, Outcome, Refusal, ReleasePublicIp, ResourceKind, Vpc,
    VpcName,
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

    /// Whether nothing passes between a VPC and the internet, because the provider needs a gateway there and the VPC has
    /// none (docs/cloud.md §15).
    pub fn lacks_gateway(&self, vpc: &VpcName) -> bool {
        self.provider.internet == InternetAccess::ByGateway && self.gateway_of(vpc).is_none()
    }

    /// Refuses a public address in a VPC that needs a gateway and has none.
    pub(super) fn check_gateway_attached(&self, vpc: &VpcName) -> Result<(), Refusal> {
        if !self.lacks_gateway(vpc) {
            return Ok(());
        }
        Err(Refusal::new(Fault::NoGateway, msg!(Said::HasNoGateway { vpc }), msg!(Said::CreateGatewayFirst { vpc })))
    }

    /// The call that creates a gateway for a VPC, by its owner.
    pub fn gateway_call(&self, vpc: &Vpc) -> Call {
        let name = self.fresh_name(&format!("{}-gateway", vpc.name));
        Call::CreateGateway(CreateGateway { name, vpc: vpc.name.to_string(), id: None })
    }

    pub(super) fn create_gateway(&mut self, operation: &Operation, call: &CreateGateway) -> Result<Outcome, Refusal> {
        if !self.provider.gateways {
            let message = msg!(Said::NoGateways { provider: self.provider.name });
            let hint = match self.provider.internet {
                InternetAccess::ByEntry => Said::WriteInternet,
                InternetAccess::ByAddress | InternetAccess::ByGateway => Said::AddressIsEnough,
            };
            return Err(Refusal::new(Fault::UnsupportedOperation, message, hint));
        }
        self.free_name(ResourceKind::Gateway, &call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?.name.clone();
        if let Some(other) = self.gateway_of(&vpc) {
            let message = msg!(Said::HasGateway { vpc: &vpc, gateway: &other.name });
            return Err(Refusal::new(Fault::GatewayExists, message, Said::OneIsEnough).at("vpc"));
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
        self.check_no_public_addresses(gateway)?;
        self.check_no_entry_names(&gateway.vpc, &NextHop::Gateway(gateway.name.clone()))?;

        let Gateway { name, id, vpc, .. } = gateway.clone();
        self.gateways.remove(&name);
        let gone =
            Gone { id, name: name.as_str().into(), kind: ResourceKind::Gateway, origin: operation.origin.clone() };
        let warning = self.remove_hop(&vpc, &NextHop::Gateway(name), gone);
        if let Some(contents) = self.contents.get_mut(&vpc) {
            contents.gateway = None;
        }
        Ok(Outcome { warnings: warning.into_iter().collect(), ..Outcome::default() })
    }

    /// Checks that a gateway without which public addresses lead nowhere is not deleted under them.
    fn check_no_public_addresses(&self, gateway: &Gateway) -> Result<(), Refusal> {
        let vpc = &gateway.vpc;
        if self.provider.internet != InternetAccess::ByGateway || !self.has_public_addresses(vpc) {
            return Ok(());
        }
        let instances = self.instances_of(vpc).filter_map(|it| Some((it.public_ip?, release(it))));
        let nats = self.nat_gateways_of(vpc).filter_map(|nat| Some((nat.public_ip()?, delete(nat))));
        let (addresses, calls): (Vec<_>, Vec<_>) = instances.chain(nats).unzip();
        let first = calls.into_iter().next().map(|call| call.to_string()).unwrap_or_default();
        let message = msg!(Said::HasPublicAddresses { vpc, addresses });
        Err(Refusal::new(Fault::InUse, message, msg!(Said::CallFirst { first })).at("name"))
    }
}

fn release(instance: &Instance) -> Call {
    Call::ReleasePublicIp(ReleasePublicIp { instance: instance.name.to_string() })
}

fn delete(nat: &NatGateway) -> Call {
    Call::DeleteNatGateway(DeleteNatGateway { name: nat.name.to_string() })
}
