//! Router interfaces: Alibaba's two ends of a peering, and their handshake (docs/cloud.md §1).

mod compound;
mod handshake;
mod joining;
mod messages;
mod table;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) use compound::{ACCEPTOR, INITIATOR, ends_of};
pub(super) use handshake::{Obstacle, Remedy};
pub(super) use table::TABLE;

use super::already::is_given;
use super::reference::{Resource, Thing, nearest};
use super::{
    AccountName, ActivateRouterInterface, Bandwidth, Cloud, CreateRouterInterface, DeactivateRouterInterface,
    DeleteRouterInterface, EndState, FarEnd, Fault, Id, ModifyRouterInterfaceSpec, NextHop, Operation, Origin, Outcome,
    Peering, PeeringKind, PeeringName, Refusal, Region, ResourceKind, Transition, Vpc, VpcName, value,
};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// A router interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterInterface {
    /// Its name.
    pub name: PeeringName,
    /// Its id.
    pub id: Id,
    /// Owning account.
    pub account: AccountName,
    /// The VPC whose router it is on.
    pub vpc: VpcName,
    /// Its role.
    pub role: Role,
    /// The bandwidth class; an acceptor has none ("Negative"), because the initiator's decides.
    pub spec: Option<Spec>,
    /// The region of the other end.
    pub opposite_region: Region,
    /// Its opposite, as written; checked when the pair connects.
    pub opposite: Option<Opposite>,
    /// Its state.
    pub status: Status,
    /// The other end, from Connect on.
    pub connected: Option<PeeringName>,
    /// One way delay.
    pub latency: Option<Duration>,
    /// The largest packet that passes it, in bytes; `None`: what both VPCs take.
    pub mtu: Option<u16>,
    /// Where it was written.
    pub origin: Origin,
    /// The operation that last activated or deactivated it; where it is written, if none did.
    pub switched: Origin,
    /// The moment at which its transient state ends, by the lab's clock.
    pub(super) due: Option<u64>,
}

/// The role in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// It connects, and its spec decides the bandwidth.
    Initiator,
    /// The initiator connects to it.
    Acceptor,
}

/// A router interface's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Created, not connected.
    Idle,
    /// Transient: the initiator during Connect.
    Connecting,
    /// Transient: the acceptor during Connect.
    AcceptingConnecting,
    /// Transient: during Activate.
    Activating,
    /// Connected and active.
    Active,
    /// Transient: during Deactivate.
    Deactivating,
    /// Connected and inactive.
    Inactive,
    /// Transient: during Delete.
    Deleting,
}

/// A router interface's opposite, as its owner set it, in one call or several; to connect, all parts must be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opposite {
    /// The other end's account, by name or id.
    pub account: Option<String>,
    /// The other end's router: its id, or its VPC's name or id.
    pub router: Option<String>,
    /// The other end, by name or id.
    pub interface: Option<String>,
}

/// A bandwidth class, as in `Mini.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spec {
    /// As the API spells it.
    pub name: &'static str,
    /// The bandwidth in each direction.
    pub bandwidth: Bandwidth,
}

impl Spec {
    /// The value for an acceptor's spec.
    pub const OF_ACCEPTOR: &'static str = "Negative";
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl Role {
    /// The role with this name, in any case; else the refusal.
    pub fn named(text: &str) -> Result<Role, Refusal> {
        match &*text.to_ascii_lowercase() {
            "initiator" => Ok(Role::Initiator),
            "acceptor" => Ok(Role::Acceptor),
            _ => {
                let hint = msg!(Said::WriteRole);
                Err(Refusal::new(Fault::InvalidRole, msg!(Said::NotARole { text }), hint).at("role"))
            }
        }
    }

    /// The other role.
    pub fn opposite(self) -> Role {
        match self {
            Role::Initiator => Role::Acceptor,
            Role::Acceptor => Role::Initiator,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Role::Initiator => "initiator",
            Role::Acceptor => "acceptor",
        })
    }
}

impl Cloud {
    /// A router interface as an end of a peering: it carries traffic while both ends are Active, and the initiator's
    /// class caps both directions (docs/cloud.md §1).
    pub(super) fn peering_of_interface(&self, interface: &RouterInterface) -> Peering {
        let far = self.far_of(interface);
        let initiator = match interface.role {
            Role::Initiator => Some(interface),
            Role::Acceptor => far,
        };
        Peering {
            name: interface.name.clone(),
            id: interface.id.clone(),
            account: interface.account.clone(),
            vpc: interface.vpc.clone(),
            status: self.word(interface.status),
            state: match interface.status {
                Status::Active => EndState::Up,
                Status::Idle | Status::Connecting | Status::AcceptingConnecting | Status::Activating => {
                    EndState::Waiting
                }
                _ if far.is_none() => EndState::Left,
                _ => EndState::Off,
            },
            far: far.map(|far| FarEnd { name: far.name.clone(), vpc: far.vpc.clone() }),
            carries: interface.status == Status::Active && far.is_some_and(|far| far.status == Status::Active),
            bandwidth: initiator.and_then(|initiator| initiator.spec).map(|spec| spec.bandwidth),
            latency: interface.latency.max(far.and_then(|far| far.latency)),
            mtu: self.mtu_of_peering(
                &interface.vpc,
                far.map(|far| &far.vpc),
                [interface.mtu, far.and_then(|far| far.mtu)],
            ),
            origin: match (interface.status, far) {
                (Status::Idle, _) => interface.origin.clone(),
                (Status::Active, Some(far)) if far.status == Status::Active => interface.origin.clone(),
                (Status::Active, Some(far)) => far.switched.clone(),
                _ => interface.switched.clone(),
            },
        }
    }

    /// The provider's word for a state.
    pub(super) fn word(&self, status: Status) -> &'static str {
        (self.provider.ends().status)(status)
    }

    /// The class with this name, or with this bandwidth in the console's spelling (`2Mb`).
    pub(super) fn spec_named(&self, text: &str) -> Result<Spec, Refusal> {
        let (specs, wide) = (self.provider.ends().specs, value::bandwidth(text));
        let meant = |spec: &&Spec| spec.name.eq_ignore_ascii_case(text) || wide == Some(spec.bandwidth);
        specs.iter().find(meant).copied().ok_or_else(|| {
            let hint = match nearest(text, specs.iter().map(|spec| spec.name)) {
                Some(near) => msg!(Said::DidYouMeanSpec { near, all: specs }),
                None => msg!(Said::TakeOneOf { all: specs }),
            };
            Refusal::new(Fault::InvalidSpec, msg!(Said::NotASpec { text }), hint).at("spec")
        })
    }

    /// The end that this one is connected to.
    pub(super) fn far_of(&self, interface: &RouterInterface) -> Option<&RouterInterface> {
        interface.connected.as_ref().map(|name| &self.router_interfaces[name])
    }

    pub(super) fn create_router_interface(
        &mut self,
        operation: &Operation,
        call: &CreateRouterInterface,
    ) -> Result<Outcome, Refusal> {
        self.free_name(ResourceKind::RouterInterface, &call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        let role = Role::named(&call.role)?;
        let spec = self.spec_of_role(role, call.spec.as_deref())?;
        let opposite_region = value::region(&call.opposite_region, "opposite-region")?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        let mtu = call.mtu.as_deref().map(value::mtu).transpose()?;
        self.check_peering_quota(PeeringKind::RouterInterfaces, vpc, "vpc")?;
        let id = self.new_id(ResourceKind::RouterInterface, &call.name, call.id.as_deref(), "id")?;

        let warnings = self.doubt_of_region(&opposite_region).into_iter().collect();
        let transitions = vec![self.transition(&call.name, &[Status::Idle])];
        self.insert_interface(RouterInterface {
            name: PeeringName::trusted(&*call.name),
            id,
            account: operation.caller.clone(),
            vpc: vpc.name.clone(),
            role,
            spec,
            opposite_region,
            opposite: None,
            status: Status::Idle,
            connected: None,
            latency,
            mtu,
            origin: operation.origin.clone(),
            switched: operation.origin.clone(),
            due: None,
        });
        Ok(Outcome { transitions, warnings })
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_interface(&self, operation: &Operation, call: &CreateRouterInterface) -> Option<bool> {
        let interface = self.mine::<RouterInterface>(operation, &call.name)?;
        let role = Role::named(&call.role).ok()?;
        let opposite_region = value::region(&call.opposite_region, "opposite-region").ok()?;
        Some(
            interface.vpc == Vpc::find(self, &call.vpc)?.name
                && interface.role == role
                && interface.spec == self.spec_of_role(role, call.spec.as_deref()).ok()?
                && interface.opposite_region == opposite_region
                && is_given(&call.id, &interface.id.0),
        )
    }

    fn insert_interface(&mut self, interface: RouterInterface) {
        let name = interface.name.clone();
        self.directory.insert(&interface.id, Thing::RouterInterface(name.clone()));
        self.contents.get_or_default(&interface.vpc).peerings.insert(name.clone());
        self.router_interfaces.insert(name, interface);
    }

    pub(super) fn activate_router_interface(
        &mut self,
        operation: &Operation,
        call: &ActivateRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let hint = match interface.status {
            Status::Idle => msg!(Said::NeverConnected),
            _ => msg!(Said::ActiveAlready),
        };
        self.check_status(interface, &[Status::Inactive], hint)
            .map_err(|refusal| Refusal { fault: Fault::NotInactive, ..refusal })?;
        if interface.connected.is_none() {
            // Decision (docs/cloud.md §1): the remaining end of a deleted pair can only be deactivated and deleted.
            let RouterInterface { name, account, .. } = interface;
            let message = msg!(Said::OtherEndDeleted { interface: name, account });
            let hint = msg!(Said::DeleteAndRebuild { interface: name });
            return Err(Refusal::new(Fault::NotInactive, message, hint).at("name"));
        }
        self.check_no_task(&interface.vpc, Some(&interface.name), "name")?;
        let name = interface.name.clone();
        Ok(self.go_through(operation, &name, &[Status::Inactive, Status::Activating, Status::Active]))
    }

    /// Whether the end is Active.
    pub(super) fn is_active(&self, operation: &Operation, call: &ActivateRouterInterface) -> Option<bool> {
        Some(self.mine::<RouterInterface>(operation, &call.name)?.status == Status::Active)
    }

    pub(super) fn deactivate_router_interface(
        &mut self,
        operation: &Operation,
        call: &DeactivateRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let hint = match interface.status {
            Status::Idle => msg!(Said::NothingToDeactivate),
            _ => msg!(Said::InactiveAlready),
        };
        self.check_status(interface, &[Status::Active], hint)?;
        self.check_no_task(&interface.vpc, Some(&interface.name), "name")?;
        let name = interface.name.clone();
        Ok(self.go_through(operation, &name, &[Status::Active, Status::Deactivating, Status::Inactive]))
    }

    /// Whether the end is Inactive.
    pub(super) fn is_inactive(&self, operation: &Operation, call: &DeactivateRouterInterface) -> Option<bool> {
        Some(self.mine::<RouterInterface>(operation, &call.name)?.status == Status::Inactive)
    }

    /// Goes through states and stays in the last one; in the transient one, if the change takes time.
    fn go_through(&mut self, operation: &Operation, name: &PeeringName, states: &[Status]) -> Outcome {
        let (states, due) = self.until_now(states);
        if let (Some(interface), Some(last)) = (self.router_interfaces.get_mut(name), states.last()) {
            (interface.status, interface.due) = (*last, due);
            interface.switched = operation.origin.clone();
        }
        Outcome { transitions: vec![self.transition(name, states)], ..Outcome::default() }
    }

    /// The states of a change, the second of which is transient, that are reached when it begins; and the moment at which the
    /// rest follows, if it does not at once.
    fn until_now<'s>(&self, states: &'s [Status]) -> (&'s [Status], Option<u64>) {
        match self.clock.due() {
            Some(due) => (&states[..2], Some(due)),
            None => (states, None),
        }
    }

    /// Ends an end's transient state.
    pub(super) fn finish_interface(&mut self, name: &PeeringName) -> Option<Transition> {
        let interface = self.router_interfaces.get_mut(name)?;
        let before = interface.status;
        interface.due = None;
        interface.status = match before {
            Status::Connecting | Status::AcceptingConnecting | Status::Activating => Status::Active,
            Status::Deactivating => Status::Inactive,
            Status::Deleting => {
                let deletion = interface.switched.clone();
                self.remove_interface(name, &deletion);
                return Some(self.transition(name, &[Status::Deleting]));
            }
            Status::Idle | Status::Active | Status::Inactive => before,
        };
        let states = [before, interface.status];
        Some(self.transition(name, &states))
    }

    pub(super) fn modify_router_interface_spec(
        &mut self,
        operation: &Operation,
        call: &ModifyRouterInterfaceSpec,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        if interface.role != Role::Initiator {
            let message = msg!(Said::AcceptorHasNoSpec { interface: &interface.name });
            let hint = match self.opposite_of(interface) {
                Ok(other) => msg!(Said::ChangeInitiatorOf { account: &other.account, initiator: &other.name }),
                Err(_) => msg!(Said::ChangeInitiator),
            };
            return Err(Refusal::new(Fault::IncorrectRole, message, hint).at("name"));
        }
        let spec = self.spec_named(&call.spec)?;
        self.check_status(interface, &[Status::Active, Status::Idle], msg!(Said::ActivateFirst))?;

        let name = interface.name.clone();
        if let Some(interface) = self.router_interfaces.get_mut(&name) {
            interface.spec = Some(spec);
        }
        Ok(Outcome::default())
    }

    /// Whether the end has the bandwidth class.
    pub(super) fn has_spec(&self, operation: &Operation, call: &ModifyRouterInterfaceSpec) -> Option<bool> {
        Some(self.mine::<RouterInterface>(operation, &call.name)?.spec? == self.spec_named(&call.spec).ok()?)
    }

    pub(super) fn delete_router_interface(
        &mut self,
        operation: &Operation,
        call: &DeleteRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let hint = msg!(Said::DeactivateFirst { interface: &interface.name });
        self.check_status(interface, &[Status::Idle, Status::Inactive], hint)?;
        self.check_no_entry_names(&interface.vpc, &NextHop::Peering(interface.name.clone()))?;
        self.check_no_task(&interface.vpc, Some(&interface.name), "name")?;

        let (name, states) = (interface.name.clone(), [interface.status, Status::Deleting]);
        if self.clock.due().is_some() {
            return Ok(self.go_through(operation, &name, &states));
        }
        self.remove_interface(&name, &operation.origin);
        Ok(Outcome { transitions: vec![self.transition(&name, &states)], ..Outcome::default() })
    }

    fn remove_interface(&mut self, name: &PeeringName, deletion: &Origin) {
        let Some(interface) = self.router_interfaces.get(name) else { return };
        let RouterInterface { name, id, vpc, connected, .. } = interface.clone();
        if let Some(far) = connected.and_then(|far| self.router_interfaces.get_mut(&far)) {
            far.connected = None;
            far.switched = deletion.clone();
        }
        self.router_interfaces.remove(&name);
        self.directory.remove(ResourceKind::RouterInterface, name.as_str(), &id);
        if let Some(contents) = self.contents.get_mut(&vpc) {
            contents.peerings.remove(&name);
        }
        self.forget_compound_of(&name);
    }

    /// The spec for a role: an initiator has a class, an acceptor has none.
    pub(super) fn spec_of_role(&self, role: Role, text: Option<&str>) -> Result<Option<Spec>, Refusal> {
        let refused = |message: Message, hint: Message| Err(Refusal::new(Fault::InvalidSpec, message, hint).at("spec"));
        match (role, text) {
            (Role::Initiator, Some(text)) => self.spec_named(text).map(Some),
            (Role::Initiator, None) => refused(msg!(Said::InitiatorNeedsSpec), msg!(Said::AddSpec)),
            (Role::Acceptor, None) => Ok(None),
            (Role::Acceptor, Some(text)) if text.eq_ignore_ascii_case(Spec::OF_ACCEPTOR) => Ok(None),
            (Role::Acceptor, Some(text)) => {
                let message = msg!(Said::AcceptorWithSpec { spec: text });
                refused(message, msg!(Said::GiveSpecToInitiator))
            }
        }
    }

    fn check_status(&self, interface: &RouterInterface, legal: &[Status], hint: Message) -> Result<(), Refusal> {
        if legal.contains(&interface.status) {
            return Ok(());
        }
        let RouterInterface { name, account, .. } = interface;
        let status = self.word(interface.status);
        let legal: Vec<_> = legal.iter().map(|status| self.word(*status)).collect();
        let message = msg!(Said::WrongStatus { interface: name, account, status, legal });
        let hint = if interface.due.is_some() { msg!(Said::Wait) } else { hint };
        Err(Refusal::new(Fault::IncorrectStatus, message, hint).at("name"))
    }

    fn transition(&self, name: impl ToString, states: &[Status]) -> Transition {
        Transition { name: name.to_string(), states: states.iter().map(|status| self.word(*status)).collect() }
    }
}
