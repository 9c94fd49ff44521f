//! The handshake: each side says which its other end is, and the initiator connects (docs/cloud.md §1).

use super::{Opposite, Role, RouterInterface, Status, check_status, transition};
use crate::cloud::reference::Thing;
use crate::cloud::{
    Cloud, Code, ConnectRouterInterface, Missing, ModifyRouterInterfaceAttribute, Operation, Outcome, PeeringName,
    Refusal, Vpc, VpcName,
};

impl Cloud {
    /// Says which the other end is. What it names is checked when the pair connects; the warning comes before.
    pub(in crate::cloud) fn modify_router_interface_attribute(
        &mut self,
        operation: &Operation,
        call: &ModifyRouterInterfaceAttribute,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        // Decision (docs/cloud.md §1): a pair that was connected once is rebuilt, not bound anew.
        let hint = "only an Idle one can be bound: deactivate it, delete it and build it anew";
        check_status(interface, &[Status::Idle], hint)?;
        let opposite = Opposite {
            account: call.opposite_account.clone(),
            router: call.opposite_router.clone(),
            interface: call.opposite_interface.clone(),
        };
        let planned = RouterInterface { opposite: Some(opposite.clone()), ..interface.clone() };
        let fault = self.opposite_of(&planned).err();
        let warnings = fault.map(|fault| format!("connecting would be refused as things are: {}", fault.message));

        if let Some(interface) = self.router_interfaces.get_mut(&planned.name) {
            interface.opposite = Some(opposite);
        }
        Ok(Outcome { warnings: warnings.into_iter().collect(), ..Outcome::default() })
    }

    /// The initiator connects: both Idle, each pointing at the other (docs/cloud.md §1).
    pub(in crate::cloud) fn connect_router_interface(
        &mut self,
        operation: &Operation,
        call: &ConnectRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        if interface.role != Role::Initiator {
            let message = format!("router interface {} is the acceptor: it is connected to", interface.name);
            let initiator = self.opposite_of(interface).ok();
            let hint = match initiator {
                Some(other) => format!("account {} must connect from the initiator, {}", other.account, other.name),
                None => "connect from the initiator".into(),
            };
            return Err(Refusal::new(Code::NOT_INITIATING_SIDE, message, hint).at("name"));
        }
        let hint = match interface.status {
            Status::Inactive => "it is connected and switched off: activate it",
            _ => "it is connected already",
        };
        check_status(interface, &[Status::Idle], hint)?;
        let other = self.opposite_of(interface)?;
        check_can_pair(interface, other)?;
        let hint = "the other end must be Idle: its owner must delete it and build it anew";
        check_status(other, &[Status::Idle], hint)?;
        self.check_points_back(other, interface)?;
        let (own_vpc, other_vpc) = (&self.vpcs[&interface.vpc], &self.vpcs[&other.vpc]);
        self.check_only_connection(own_vpc, other_vpc)?;
        let warnings = self.check_disjoint(own_vpc, other_vpc).map_err(|refusal| refusal.at("name"))?;

        let (initiator, acceptor) = (interface.name.clone(), other.name.clone());
        self.set_connected(&initiator, &acceptor);
        self.set_connected(&acceptor, &initiator);
        let transitions = vec![
            transition(&initiator, &[Status::Idle, Status::Connecting, Status::Active]),
            transition(&acceptor, &[Status::Idle, Status::AcceptingConnecting, Status::Active]),
        ];
        Ok(Outcome { transitions, warnings })
    }

    fn set_connected(&mut self, name: &PeeringName, far: &PeeringName) {
        if let Some(interface) = self.router_interfaces.get_mut(name) {
            interface.connected = Some(far.clone());
            interface.status = Status::Active;
        }
    }

    /// What an interface points at: set, there, of the account, the router and the region that its owner named.
    pub(super) fn opposite_of(&self, interface: &RouterInterface) -> Result<&RouterInterface, Refusal> {
        let (name, owner) = (&interface.name, &interface.account);
        let Some(opposite) = &interface.opposite else {
            let message = format!("router interface {name} (account {owner}) has no other end set");
            let hint = format!("account {owner} must call modify-router-interface-attribute {name}");
            return Err(Refusal::new(Code::OPPOSITE_NOT_SET, message, hint).at("name"));
        };
        let refused = |message: String, other: Option<&RouterInterface>| {
            let hint = match other {
                Some(other) => bind(interface, other),
                None => {
                    format!("account {owner} must call modify-router-interface-attribute {name} with the other end")
                }
            };
            Err(Refusal::new(Code::WRONG_OPPOSITE, message, hint).at("name"))
        };
        let Opposite { account, router, interface: text } = opposite;
        let Some(Thing::RouterInterface(other)) = self.directory.get(text) else {
            let message = format!("router interface {name} points at {text}, which is no router interface");
            return refused(message, None);
        };
        let other = &self.router_interfaces[other];
        if self.find_account(account).is_none_or(|account| account.name != other.account) {
            let message = format!(
                "router interface {name} points at {text} of account {account}, but {text} is account {}'s",
                other.account
            );
            return refused(message, Some(other));
        }
        if let Some(router) = router
            && !matches!(self.directory.get(router), Some(Thing::Vpc(vpc) | Thing::Router(vpc)) if *vpc == other.vpc)
        {
            let right = &self.vpcs[&other.vpc].router_id;
            let message = format!(
                "router interface {name} points at {text} on router {router}, but {text} is on {right} (VPC {})",
                other.vpc
            );
            return refused(message, Some(other));
        }
        let region = &self.vpcs[&other.vpc].region;
        if *region != interface.opposite_region {
            let message = format!(
                "router interface {name} was created toward {}, but {text} is in {region}",
                interface.opposite_region
            );
            let hint = format!("account {owner} must delete {name} and create it with --opposite-region {region}");
            return Err(Refusal::new(Code::WRONG_OPPOSITE, message, hint).at("name"));
        }
        Ok(other)
    }

    fn check_points_back(&self, other: &RouterInterface, interface: &RouterInterface) -> Result<(), Refusal> {
        let back = self.opposite_of(other)?;
        if back.name == interface.name {
            return Ok(());
        }
        let message = format!("router interface {} points at {}, not at {}", other.name, back.name, interface.name);
        Err(Refusal::new(Code::WRONG_OPPOSITE, message, bind(other, interface)).at("name"))
    }

    /// One connected pair for two routers.
    pub(super) fn check_only_connection(&self, a: &Vpc, b: &Vpc) -> Result<(), Refusal> {
        let mut ends = self.contents[&a.name].peerings.iter().map(|name| &self.router_interfaces[name]);
        let joined = ends.find_map(|end| self.far_of(end).filter(|far| far.vpc == b.name).map(|far| (end, far)));
        let Some((end, far)) = joined else { return Ok(()) };
        let message = format!("VPCs {} and {} are connected already, by {} and {}", a.name, b.name, end.name, far.name);
        let hint = "use that pair, or deactivate and delete both its ends first";
        Err(Refusal::new(Code::ONLY_ONE_CONNECTION, message, hint).at("name"))
    }

    /// What a router interface lacks to carry traffic, on either side.
    pub(in crate::cloud) fn missing_of_interface(&self, interface: &RouterInterface) -> Vec<Missing> {
        if interface.status != Status::Idle {
            let Some(far) = self.far_of(interface) else {
                let (interface, account) = (interface.name.clone(), interface.account.clone());
                return vec![Missing::OtherEndGone { interface, account }];
            };
            let inactive = [interface, far].into_iter().filter(|end| end.status != Status::Active);
            let deactivated = |end: &RouterInterface| Missing::Deactivated {
                interface: end.name.clone(),
                account: end.account.clone(),
            };
            return inactive.map(deactivated).collect();
        }
        let fault = |end: &RouterInterface, refusal: Refusal| {
            let (interface, account) = (end.name.clone(), end.account.clone());
            match refusal.code {
                Code::OPPOSITE_NOT_SET => Missing::OppositeNotSet { interface, account },
                _ => Missing::WrongOpposite { interface, account, why: refusal.message.to_string() },
            }
        };
        let mut missing = Vec::new();
        let other = match self.opposite_of(interface) {
            Ok(other) => {
                missing.extend(self.check_points_back(other, interface).err().map(|refusal| fault(other, refusal)));
                Some(other)
            }
            Err(refusal) => {
                missing.push(fault(interface, refusal));
                let mut all = self.router_interfaces.values();
                all.find(|other| self.opposite_of(other).is_ok_and(|target| target.name == interface.name))
            }
        };
        let initiator = std::iter::once(interface).chain(other).find(|end| end.role == Role::Initiator);
        missing.extend(initiator.map(|initiator| Missing::NotConnected {
            initiator: initiator.name.clone(),
            account: initiator.account.clone(),
        }));
        missing
    }
}

/// How an end comes to point at another.
fn bind(interface: &RouterInterface, other: &RouterInterface) -> String {
    format!(
        "account {} must call modify-router-interface-attribute {} --opposite-account {} --opposite-interface {}",
        interface.account, interface.name, other.account, other.name
    )
}

/// An initiator and an acceptor on two routers.
fn check_can_pair(initiator: &RouterInterface, other: &RouterInterface) -> Result<(), Refusal> {
    if other.role == initiator.role {
        let message = format!("{} and {} are both the {}", initiator.name, other.name, other.role);
        let hint = format!("one end must be the {}: delete one and create it anew", other.role.opposite());
        return Err(Refusal::new(Code::WRONG_OPPOSITE, message, hint).at("name"));
    }
    if other.vpc == initiator.vpc {
        return Err(same_router(&initiator.vpc).at("name"));
    }
    Ok(())
}

pub(super) fn same_router(vpc: &VpcName) -> Refusal {
    let message = format!("both ends are on the router of VPC {vpc}");
    Refusal::new(Code::WRONG_OPPOSITE, message, "a peering joins two VPCs: name another")
}
