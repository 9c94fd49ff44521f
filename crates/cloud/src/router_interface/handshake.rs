//! The handshake: each side sets its opposite, and the initiator connects (docs/cloud.md §1).

use super::messages::Said;
use super::{Opposite, Role, RouterInterface, Status};
use crate::already::same;
use crate::message::Message;
use crate::msg;
use crate::reference::Resource;
use crate::{
    Cloud, ConnectRouterInterface, Fault, ModifyRouterInterfaceAttribute, NextHop, Operation, Outcome, PeeringKind,
    PeeringName, Refusal, Transition, Vpc, VpcName,
};

/// Why a pair cannot connect, with the remedy. `Cloud::missing` is based on these.
pub(crate) struct Obstacle<'a> {
    pub(crate) refusal: Refusal,
    pub(crate) remedy: Remedy<'a>,
}

/// The remedy for an obstacle.
#[derive(Clone, Copy)]
pub(crate) enum Remedy<'a> {
    /// An end's owner sets its opposite: this one, if it is known.
    Bind(&'a RouterInterface, Option<&'a RouterInterface>),
    /// Delete and recreate an end.
    Rebuild(&'a RouterInterface),
    /// Delete an end, because another pair joins the two VPCs.
    Delete(&'a RouterInterface),
    /// No call.
    Nothing,
}

impl From<Obstacle<'_>> for Refusal {
    fn from(obstacle: Obstacle<'_>) -> Self {
        obstacle.refusal
    }
}

/// The states through which Connect leads an end.
pub(super) fn states_of(role: Role) -> &'static [Status] {
    match role {
        Role::Initiator => &[Status::Idle, Status::Connecting, Status::Active],
        Role::Acceptor => &[Status::Idle, Status::AcceptingConnecting, Status::Active],
    }
}

impl Cloud {
    /// Sets the opposite, or a part of it. Connect checks it; this only warns.
    pub(crate) fn modify_router_interface_attribute(
        &mut self,
        operation: &Operation,
        call: &ModifyRouterInterfaceAttribute,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let given = [&call.opposite_account, &call.opposite_router, &call.opposite_interface];
        if given.iter().all(|part| part.is_none()) {
            let warning = msg!(Said::NothingChanged);
            return Ok(Outcome { warnings: vec![warning], ..Outcome::default() });
        }
        // Decision (docs/cloud.md §1): a pair that was connected once must be recreated, not bound again.
        let hint = msg!(Said::OnlyIdleIsBound);
        self.check_status(interface, &[Status::Idle], hint)?;
        // Omitted values stay unchanged.
        let set = interface.opposite.clone().unwrap_or_default();
        let opposite = Opposite {
            account: call.opposite_account.clone().or(set.account),
            router: call.opposite_router.clone().or(set.router),
            interface: call.opposite_interface.clone().or(set.interface),
        };
        let planned = RouterInterface { opposite: Some(opposite.clone()), ..interface.clone() };
        let fault = self.opposite_of(&planned).err();
        let warnings = fault.map(|fault| msg!(Said::ConnectWouldBeRefused { why: &fault.refusal.message }));

        if let Some(interface) = self.router_interfaces.get_mut(&planned.name) {
            interface.opposite = Some(opposite);
        }
        Ok(Outcome { warnings: warnings.into_iter().collect(), ..Outcome::default() })
    }

    /// Whether both refer to the same other end, by any names or ids.
    pub(crate) fn has_opposite(&self, operation: &Operation, call: &ModifyRouterInterfaceAttribute) -> Option<bool> {
        let opposite = self.mine::<RouterInterface>(operation, &call.name)?.opposite.as_ref()?;
        fn said<T: PartialEq>(
            (wanted, set): (&Option<String>, &Option<String>),
            thing: impl Fn(&str) -> Option<T>,
        ) -> bool {
            match (wanted, set) {
                (Some(wanted), Some(set)) => same(wanted, set, thing),
                (wanted, _) => wanted.is_none(),
            }
        }
        let account = |text: &str| Some(&self.find_account(text)?.name);
        let router = |text: &str| Some(&self.vpc_of_router(text)?.name);
        let interface = |text: &str| Some(&RouterInterface::find(self, text)?.name);
        Some(
            said((&call.opposite_account, &opposite.account), account)
                && said((&call.opposite_router, &opposite.router), router)
                && said((&call.opposite_interface, &opposite.interface), interface),
        )
    }

    /// Connects from the initiator: both ends must be Idle and point at each other (docs/cloud.md §1).
    pub(crate) fn connect_router_interface(
        &mut self,
        operation: &Operation,
        call: &ConnectRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        if interface.role != Role::Initiator {
            let message = msg!(Said::AcceptorConnects { interface: &interface.name });
            let initiator = self.opposite_of(interface).ok();
            let hint = match initiator {
                Some(other) => msg!(Said::ConnectFrom { account: &other.account, initiator: &other.name }),
                None => msg!(Said::ConnectFromInitiator),
            };
            return Err(Refusal::new(Fault::NotInitiatingSide, message, hint).at("name"));
        }
        let hint = match interface.status {
            Status::Inactive => msg!(Said::ConnectedAndInactive),
            _ => msg!(Said::ConnectedAlready),
        };
        self.check_status(interface, &[Status::Idle], hint)?;
        let (other, warnings) = self.check_connect(interface)?;

        self.check_no_task(&interface.vpc, Some(&interface.name), "name")?;
        self.check_no_task(&other.vpc, Some(&other.name), "name")?;
        let (initiator, acceptor) = (interface.name.clone(), other.name.clone());
        let transitions = vec![
            self.set_connected(&initiator, &acceptor, states_of(Role::Initiator)),
            self.set_connected(&acceptor, &initiator, states_of(Role::Acceptor)),
        ];
        Ok(Outcome { transitions, warnings })
    }

    /// Whether the end is connected.
    pub(crate) fn is_connected(&self, operation: &Operation, call: &ConnectRouterInterface) -> Option<bool> {
        Some(self.mine::<RouterInterface>(operation, &call.name)?.connected.is_some())
    }

    /// Whether an Idle initiator can connect: with which other end, and with which warnings.
    pub(crate) fn check_connect<'a>(
        &'a self,
        initiator: &'a RouterInterface,
    ) -> Result<(&'a RouterInterface, Vec<Message>), Obstacle<'a>> {
        let other = self.opposite_of(initiator)?;
        self.check_pair_of_ends(initiator, other)?;
        let (own_vpc, other_vpc) = (&self.vpcs[&initiator.vpc], &self.vpcs[&other.vpc]);
        let superfluous = |refusal| Obstacle { refusal, remedy: Remedy::Delete(initiator) };
        self.check_only_connection(own_vpc, other_vpc).map_err(superfluous)?;
        let hopeless = |refusal: Refusal| Obstacle { refusal: refusal.at("name"), remedy: Remedy::Nothing };
        let warnings = self.check_disjoint(PeeringKind::RouterInterfaces, own_vpc, other_vpc).map_err(hopeless)?;
        Ok((other, warnings))
    }

    fn set_connected(&mut self, name: &PeeringName, far: &PeeringName, states: &[Status]) -> Transition {
        let (states, due) = self.until_now(states);
        if let (Some(interface), Some(last)) = (self.router_interfaces.get_mut(name), states.last()) {
            interface.connected = Some(far.clone());
            (interface.status, interface.due) = (*last, due);
        }
        self.transition(name, states)
    }

    /// An interface's opposite: it must be set, exist, and have the account, the router and the region that the owner
    /// named.
    pub(crate) fn opposite_of<'a>(
        &'a self,
        interface: &'a RouterInterface,
    ) -> Result<&'a RouterInterface, Obstacle<'a>> {
        let (name, owner) = (&interface.name, &interface.account);
        let Some(opposite) = &interface.opposite else {
            let message = msg!(Said::NoOtherEnd { interface: name, account: owner });
            let hint = msg!(Said::SetOtherEnd { account: owner, interface: name });
            let refusal = Refusal::new(Fault::OppositeNotSet, message, hint).at("name");
            return Err(Obstacle { refusal, remedy: Remedy::Bind(interface, None) });
        };
        let refused = |fault: Fault, message: Message, other: Option<&'a RouterInterface>| {
            let hint = match other {
                Some(other) => bind(interface, other),
                None => {
                    msg!(Said::SetRightOtherEnd { account: owner, interface: name })
                }
            };
            let refusal = Refusal::new(fault, message, hint).at("name");
            Err(Obstacle { refusal, remedy: Remedy::Bind(interface, other) })
        };
        let named = self.named_by(opposite);
        let Opposite { account: Some(account), router: Some(router), interface: Some(text) } = opposite else {
            let parts = [
                (msg!(Said::PartAccount), &opposite.account),
                (msg!(Said::PartRouter), &opposite.router),
                (msg!(Said::PartInterface), &opposite.interface),
            ];
            let unset = parts.into_iter().filter(|(_, part)| part.is_none()).map(|(what, _)| what);
            let message = msg!(Said::OtherEndIncomplete { interface: name, account: owner, unset: unset });
            return refused(Fault::OppositeNotSet, message, named);
        };
        let Some(other) = named else {
            let message = msg!(Said::PointsAtNothing { interface: name, other: text });
            return refused(Fault::WrongOpposite, message, None);
        };
        if self.find_account(account).is_none_or(|account| account.name != other.account) {
            let message =
                msg!(Said::PointsAtAccount { interface: name, other: text, written: account, account: &other.account });
            return refused(Fault::WrongOpposite, message, Some(other));
        }
        if !self.is_router_of(router, &other.vpc) {
            let right = &self.vpcs[&other.vpc].router_id;
            let message = msg!(Said::PointsAtRouter { interface: name, other: text, router, right, vpc: &other.vpc });
            return refused(Fault::WrongOpposite, message, Some(other));
        }
        let region = &self.vpcs[&other.vpc].region;
        if *region != interface.opposite_region {
            let message =
                msg!(Said::CreatedToward { interface: name, toward: &interface.opposite_region, other: text, region });
            let hint = msg!(Said::CreateTowardRegion { account: owner, interface: name, region });
            let refusal = Refusal::new(Fault::WrongOpposite, message, hint).at("name");
            return Err(Obstacle { refusal, remedy: Remedy::Rebuild(interface) });
        }
        Ok(other)
    }

    /// Whether a text names the router of a VPC: by the VPC's name or id, or its own id.
    pub(crate) fn is_router_of(&self, text: &str, of: &VpcName) -> bool {
        self.vpc_of_router(text).is_some_and(|vpc| vpc.name == *of)
    }

    /// Whether two ends, one of which points at the other, are an unconnected pair.
    pub(crate) fn check_pair_of_ends<'a>(
        &'a self,
        end: &'a RouterInterface,
        other: &'a RouterInterface,
    ) -> Result<(), Obstacle<'a>> {
        self.check_can_pair(end, other)?;
        let hint = msg!(Said::OtherEndMustBeIdle);
        self.check_status(other, &[Status::Idle], hint).map_err(|refusal| {
            let remedy = match self.far_of(other) {
                Some(_) => Remedy::Bind(end, None),
                None => Remedy::Rebuild(other),
            };
            Obstacle { refusal, remedy }
        })?;
        self.check_points_back(other, end)
    }

    /// Checks that an end points back at the one that points at it.
    fn check_points_back<'a>(
        &'a self,
        other: &'a RouterInterface,
        interface: &'a RouterInterface,
    ) -> Result<(), Obstacle<'a>> {
        let refusal = match self.opposite_of(other) {
            Ok(back) if back.name == interface.name => return Ok(()),
            Ok(back) => {
                let message =
                    msg!(Said::PointsAtAnother { other: &other.name, at: &back.name, interface: &interface.name });
                Refusal::new(Fault::WrongOpposite, message, bind(other, interface)).at("name")
            }
            Err(obstacle) => obstacle.refusal,
        };
        // An end toward another region cannot be bound.
        let fits = other.opposite_region == self.vpcs[&interface.vpc].region;
        let remedy = if fits { Remedy::Bind(other, Some(interface)) } else { Remedy::Rebuild(other) };
        Err(Obstacle { refusal, remedy })
    }

    /// Checks that two ends are an initiator and an acceptor on different routers.
    pub(super) fn check_can_pair<'a>(
        &'a self,
        end: &'a RouterInterface,
        other: &'a RouterInterface,
    ) -> Result<(), Obstacle<'a>> {
        if other.role == end.role {
            let message = msg!(Said::SameRole { end: &end.name, other: &other.name, role: &other.role });
            let hint = msg!(Said::OneMustBe { role: other.role.opposite() });
            let refusal = Refusal::new(Fault::WrongOpposite, message, hint).at("name");
            // Prefer the end toward another region, which does not fit in any role, then the one to which no entry leads;
            // otherwise always the same one of the two.
            let rank = |end: &RouterInterface, other: &RouterInterface| {
                let leads_there = end.opposite_region == self.vpcs[&other.vpc].region;
                let is_used = self.entries_naming(&end.vpc, &NextHop::Peering(end.name.clone())).next().is_some();
                (leads_there, is_used, std::cmp::Reverse(end.name.clone()))
            };
            let wrong = if rank(end, other) < rank(other, end) { end } else { other };
            return Err(Obstacle { refusal, remedy: Remedy::Rebuild(wrong) });
        }
        if other.vpc == end.vpc {
            let refusal = same_router(&end.vpc).at("name");
            return Err(Obstacle { refusal, remedy: Remedy::Bind(end, None) });
        }
        Ok(())
    }

    /// The router interfaces in a VPC, by name.
    pub(super) fn interfaces_of(&self, vpc: &VpcName) -> impl Iterator<Item = &RouterInterface> {
        self.ends_of_family(vpc, PeeringKind::RouterInterfaces).filter_map(|name| self.router_interfaces.get(name))
    }

    /// The connected pair that joins two VPCs, the end in `a` first.
    pub(crate) fn pair_between(&self, a: &VpcName, b: &VpcName) -> Option<(&RouterInterface, &RouterInterface)> {
        self.interfaces_of(a).find_map(|end| Some((end, self.far_of(end).filter(|far| far.vpc == *b)?)))
    }

    /// Checks that no other pair connects the two routers.
    pub(crate) fn check_only_connection(&self, a: &Vpc, b: &Vpc) -> Result<(), Refusal> {
        if self.provider.family(PeeringKind::PeeringConnections).is_some() {
            self.check_no_connection(a, b)?;
        }
        let Some((end, far)) = self.pair_between(&a.name, &b.name) else { return Ok(()) };
        let message = msg!(Said::VpcsConnectedAlready { vpc: &a.name, other: &b.name, end: &end.name, far: &far.name });
        let hint = msg!(Said::UseThatPair);
        Err(Refusal::new(Fault::OnlyOneConnection, message, hint).at("name"))
    }
}

/// The call that makes an end point at another.
fn bind(interface: &RouterInterface, other: &RouterInterface) -> Message {
    msg!(Said::BindTo {
        account: &interface.account,
        interface: &interface.name,
        other_account: &other.account,
        other: &other.name,
        router: &other.vpc
    })
}

pub(super) fn same_router(vpc: &VpcName) -> Refusal {
    let message = msg!(Said::SameRouter { vpc });
    Refusal::new(Fault::WrongOpposite, message, msg!(Said::NameAnotherVpc))
}
