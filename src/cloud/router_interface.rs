//! Router interfaces: Alibaba's two ends of a peering, and their handshake (docs/cloud.md §1).

use std::fmt;
use std::time::Duration;

use super::reference::{Thing, nearest};
use super::{
    AccountName, ActivateRouterInterface, Bandwidth, Cloud, Code, ConnectRouterInterface, CreatePeering,
    CreateRouterInterface, DeactivateRouterInterface, DeleteRouterInterface, FarEnd, Id, Missing,
    ModifyRouterInterfaceAttribute, ModifyRouterInterfaceSpec, NextHop, Operation, Origin, Outcome, Peering,
    PeeringName, Refusal, Region, ResourceKind, Transition, Vpc, VpcName, value,
};

/// A router interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouterInterface {
    /// Its name.
    pub name: PeeringName,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// The VPC whose router it is on.
    pub vpc: VpcName,
    /// Which side it is.
    pub role: Role,
    /// The bandwidth class; an acceptor has none ("Negative"): the initiator decides.
    pub spec: Option<Spec>,
    /// The region of the other end.
    pub opposite_region: Region,
    /// What it points at, as written: it is checked when the pair connects.
    pub opposite: Option<Opposite>,
    /// Its state.
    pub status: Status,
    /// The other end, from Connect on.
    pub connected: Option<PeeringName>,
    /// One way delay.
    pub latency: Option<Duration>,
    /// Where it was written.
    pub origin: Origin,
}

/// Which side of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It connects, and its spec decides the bandwidth.
    Initiator,
    /// It is connected to.
    Acceptor,
}

/// A router interface's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Created, not connected.
    Idle,
    /// Passing: the initiator during Connect.
    Connecting,
    /// Passing: the acceptor during Connect.
    AcceptingConnecting,
    /// Passing: during Activate.
    Activating,
    /// Connected, and switched on.
    Active,
    /// Passing: during Deactivate.
    Deactivating,
    /// Connected, and switched off.
    Inactive,
    /// Passing: during Delete.
    Deleting,
}

/// What a router interface points at, as its owner wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opposite {
    /// The other end's account, by name or id.
    pub account: String,
    /// The other end's router, where it was given.
    pub router: Option<String>,
    /// The other end, by name or id.
    pub interface: String,
}

/// A bandwidth class, as in `Mini.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spec {
    /// As the API spells it.
    pub name: &'static str,
    /// What it allows in each direction.
    pub bandwidth: Bandwidth,
}

const fn spec(name: &'static str, mbit: u64) -> Spec {
    Spec { name, bandwidth: Bandwidth(mbit * 1_000_000) }
}

impl Spec {
    /// Every class, the narrowest first.
    pub const ALL: [Spec; 12] = [
        spec("Mini.2", 2),
        spec("Mini.5", 5),
        spec("Small.1", 10),
        spec("Small.2", 20),
        spec("Small.5", 50),
        spec("Middle.1", 100),
        spec("Middle.2", 200),
        spec("Middle.5", 500),
        spec("Large.1", 1_000),
        spec("Large.2", 2_000),
        spec("Large.5", 5_000),
        spec("Xlarge.1", 10_000),
    ];

    /// What an acceptor's spec is called: the initiator decides.
    pub const OF_ACCEPTOR: &'static str = "Negative";

    /// The class of this name.
    pub(super) fn named(text: &str) -> Result<Spec, Refusal> {
        Spec::ALL.into_iter().find(|spec| spec.name == text).ok_or_else(|| {
            let names = Spec::ALL.map(|spec| spec.name);
            let hint = match nearest(text, names) {
                Some(near) => format!("did you mean {near}? The classes are {}", names.join(", ")),
                None => format!("take one of {}", names.join(", ")),
            };
            Refusal::new(Code::INVALID_SPEC, format!("{text:?} is no bandwidth class"), hint).at("spec")
        })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl Role {
    pub(super) fn named(text: &str) -> Result<Role, Refusal> {
        match text {
            "initiator" => Ok(Role::Initiator),
            "acceptor" => Ok(Role::Acceptor),
            _ => {
                let hint = "write initiator (the side that connects) or acceptor";
                Err(Refusal::new(Code::INVALID_ROLE, format!("{text:?} is no role"), hint).at("role"))
            }
        }
    }

    /// The other side's.
    pub fn opposite(self) -> Role {
        match self {
            Role::Initiator => Role::Acceptor,
            Role::Acceptor => Role::Initiator,
        }
    }
}

impl Status {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Idle => "Idle",
            Status::Connecting => "Connecting",
            Status::AcceptingConnecting => "AcceptingConnecting",
            Status::Activating => "Activating",
            Status::Active => "Active",
            Status::Deactivating => "Deactivating",
            Status::Inactive => "Inactive",
            Status::Deleting => "Deleting",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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
    /// A router interface as an end of a peering: it carries while both are Active, and the initiator's class caps
    /// both directions (docs/cloud.md §1).
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
            status: interface.status.as_str(),
            far: far.map(|far| FarEnd { name: far.name.clone(), vpc: far.vpc.clone() }),
            carries: interface.status == Status::Active && far.is_some_and(|far| far.status == Status::Active),
            bandwidth: initiator.and_then(|initiator| initiator.spec).map(|spec| spec.bandwidth),
            latency: interface.latency.max(far.and_then(|far| far.latency)),
            origin: interface.origin.clone(),
        }
    }

    /// The end that this one is connected with.
    fn far_of(&self, interface: &RouterInterface) -> Option<&RouterInterface> {
        interface.connected.as_ref().map(|name| &self.router_interfaces[name])
    }

    /// What a router interface lacks to carry traffic, on either side.
    pub(super) fn missing_of_interface(&self, interface: &RouterInterface) -> Vec<Missing> {
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
                _ => Missing::WrongOpposite { interface, account, why: refusal.message },
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

    pub(super) fn create_router_interface(
        &mut self,
        operation: &Operation,
        call: &CreateRouterInterface,
    ) -> Result<Outcome, Refusal> {
        self.free_name(&call.name, "name")?;
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        let role = Role::named(&call.role)?;
        let spec = spec_of_role(role, call.spec.as_deref())?;
        let opposite_region = value::region(&call.opposite_region, "opposite-region")?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        self.check_peering_quota(vpc, "vpc")?;
        let id = self.new_id(ResourceKind::RouterInterface, &call.name, call.id.as_deref(), "id")?;

        let states = vec![Status::Idle.as_str()];
        let transitions = vec![Transition { name: call.name.clone(), states }];
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
            origin: operation.origin.clone(),
        });
        Ok(Outcome { transitions, ..Outcome::default() })
    }

    fn insert_interface(&mut self, interface: RouterInterface) {
        let name = interface.name.clone();
        self.directory.insert(interface.id.0.clone(), Thing::RouterInterface(name.clone()));
        self.directory.insert(name.as_str(), Thing::RouterInterface(name.clone()));
        self.contents.entry(interface.vpc.clone()).or_default().peerings.insert(name.clone());
        self.router_interfaces.insert(name, interface);
    }

    /// Says which the other end is. What it names is checked when the pair connects; the warning comes before.
    pub(super) fn modify_router_interface_attribute(
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
    pub(super) fn connect_router_interface(
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
    fn opposite_of(&self, interface: &RouterInterface) -> Result<&RouterInterface, Refusal> {
        let (name, owner) = (&interface.name, &interface.account);
        let Some(opposite) = &interface.opposite else {
            let message = format!("router interface {name} (account {owner}) has no other end set");
            let hint = format!("account {owner} must call modify-router-interface-attribute {name}");
            return Err(Refusal::new(Code::OPPOSITE_NOT_SET, message, hint).at("name"));
        };
        let refused = |message: String| {
            let hint = format!("account {owner} must set the other end of {name} anew");
            Err(Refusal::new(Code::WRONG_OPPOSITE, message, hint).at("name"))
        };
        let Opposite { account, router, interface: text } = opposite;
        let Some(Thing::RouterInterface(other)) = self.directory.get(text) else {
            return refused(format!("router interface {name} points at {text}, which is no router interface"));
        };
        let other = &self.router_interfaces[other];
        if self.find_account(account).is_none_or(|account| account.name != other.account) {
            return refused(format!(
                "router interface {name} points at {text} of account {account}, but {text} is account {}'s",
                other.account
            ));
        }
        if let Some(router) = router
            && !matches!(self.directory.get(router), Some(Thing::Vpc(vpc) | Thing::Router(vpc)) if *vpc == other.vpc)
        {
            let right = &self.vpcs[&other.vpc].router_id;
            return refused(format!(
                "router interface {name} points at {text} on router {router}, but {text} is on {right} (VPC {})",
                other.vpc
            ));
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
        let hint = format!(
            "account {} must call modify-router-interface-attribute {} --opposite-account {} --opposite-interface {}",
            other.account, other.name, interface.account, interface.name
        );
        Err(Refusal::new(Code::WRONG_OPPOSITE, message, hint).at("name"))
    }

    /// One connected pair for two routers.
    fn check_only_connection(&self, a: &Vpc, b: &Vpc) -> Result<(), Refusal> {
        let mut ends = self.contents[&a.name].peerings.iter().map(|name| &self.router_interfaces[name]);
        let joined = ends.find_map(|end| self.far_of(end).filter(|far| far.vpc == b.name).map(|far| (end, far)));
        let Some((end, far)) = joined else { return Ok(()) };
        let message = format!("VPCs {} and {} are connected already, by {} and {}", a.name, b.name, end.name, far.name);
        let hint = "use that pair, or deactivate and delete both its ends first";
        Err(Refusal::new(Code::ONLY_ONE_CONNECTION, message, hint).at("name"))
    }

    pub(super) fn activate_router_interface(
        &mut self,
        operation: &Operation,
        call: &ActivateRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let hint = match interface.status {
            Status::Idle => "it was never connected: the initiator must connect",
            _ => "it is active already",
        };
        check_status(interface, &[Status::Inactive], hint)?;
        let name = interface.name.clone();
        Ok(self.pass(&name, &[Status::Inactive, Status::Activating, Status::Active]))
    }

    pub(super) fn deactivate_router_interface(
        &mut self,
        operation: &Operation,
        call: &DeactivateRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let hint = match interface.status {
            Status::Idle => "it was never connected: there is nothing to switch off",
            _ => "it is switched off already",
        };
        check_status(interface, &[Status::Active], hint)?;
        let name = interface.name.clone();
        Ok(self.pass(&name, &[Status::Active, Status::Deactivating, Status::Inactive]))
    }

    /// Passes through states and stays in the last.
    fn pass(&mut self, name: &PeeringName, states: &[Status]) -> Outcome {
        if let (Some(interface), Some(last)) = (self.router_interfaces.get_mut(name), states.last()) {
            interface.status = *last;
        }
        Outcome { transitions: vec![transition(name, states)], ..Outcome::default() }
    }

    pub(super) fn modify_router_interface_spec(
        &mut self,
        operation: &Operation,
        call: &ModifyRouterInterfaceSpec,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        if interface.role != Role::Initiator {
            let message = format!("router interface {} is the acceptor: the initiator's class decides", interface.name);
            let hint = match self.opposite_of(interface) {
                Ok(other) => format!("account {} must change the initiator, {}", other.account, other.name),
                Err(_) => "change the initiator's".into(),
            };
            return Err(Refusal::new(Code::INCORRECT_ROLE, message, hint).at("name"));
        }
        let spec = Spec::named(&call.spec)?;
        check_status(interface, &[Status::Active, Status::Idle], "activate it first")?;

        let name = interface.name.clone();
        if let Some(interface) = self.router_interfaces.get_mut(&name) {
            interface.spec = Some(spec);
        }
        Ok(Outcome::default())
    }

    pub(super) fn delete_router_interface(
        &mut self,
        operation: &Operation,
        call: &DeleteRouterInterface,
    ) -> Result<Outcome, Refusal> {
        let interface = self.own::<RouterInterface>(operation, &call.name, "name")?;
        let hint = format!("first deactivate-router-interface {}", interface.name);
        check_status(interface, &[Status::Idle, Status::Inactive], &hint)?;
        self.check_no_entry_names(&interface.vpc, &NextHop::Peering(interface.name.clone()))?;

        let RouterInterface { name, id, vpc, status, connected, .. } = interface.clone();
        if let Some(far) = connected.and_then(|far| self.router_interfaces.get_mut(&far)) {
            far.connected = None;
        }
        self.router_interfaces.remove(&name);
        self.directory.remove(name.as_str());
        self.directory.remove(&id.0);
        if let Some(contents) = self.contents.get_mut(&vpc) {
            contents.peerings.remove(&name);
        }
        self.forget_compound_of(&name);
        Ok(Outcome { transitions: vec![transition(&name, &[status, Status::Deleting])], ..Outcome::default() })
    }

    /// Creates both ends, sets their other ends and connects them, in one account (docs/cloud.md §1).
    pub(super) fn create_peering(&mut self, operation: &Operation, call: &CreatePeering) -> Result<Outcome, Refusal> {
        self.free_name(&call.name, "name")?;
        let (initiator, acceptor) = ends_of(&call.name);
        for end in [&initiator, &acceptor] {
            if let Some(thing) = self.directory.get(end.as_str()) {
                return Err(self.taken(end.as_str(), thing).at("name"));
            }
        }
        let local = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        let peer = self.own::<Vpc>(operation, &call.peer_vpc, "peer-vpc").map_err(|mut refusal| {
            if refusal.code == Code::NOT_OWNER {
                refusal.hint =
                    "with two accounts each creates its own router interface: create-router-interface".into();
            }
            refusal
        })?;
        if local.name == peer.name {
            return Err(same_router(&local.name).at("peer-vpc"));
        }
        let spec = Spec::named(&call.spec)?;
        let latency = call.latency.as_deref().map(value::latency).transpose()?;
        self.check_peering_quota(local, "vpc")?;
        self.check_peering_quota(peer, "peer-vpc")?;
        self.check_only_connection(local, peer).map_err(|refusal| refusal.at("peer-vpc"))?;
        let warnings = self.check_disjoint(local, peer).map_err(|refusal| refusal.at("peer-vpc"))?;

        let end = |name: &PeeringName, far: &PeeringName, vpc: &Vpc, far_vpc: &Vpc, role| RouterInterface {
            name: name.clone(),
            id: self.derived_id(ResourceKind::RouterInterface, name.as_str()),
            account: operation.caller.clone(),
            vpc: vpc.name.clone(),
            role,
            spec: (role == Role::Initiator).then_some(spec),
            opposite_region: far_vpc.region.clone(),
            opposite: Some(Opposite {
                account: operation.caller.to_string(),
                router: Some(far_vpc.router_id.to_string()),
                interface: far.to_string(),
            }),
            status: Status::Active,
            connected: Some(far.clone()),
            latency: latency.filter(|_| role == Role::Initiator),
            origin: operation.origin.clone(),
        };
        let ends = [
            end(&initiator, &acceptor, local, peer, Role::Initiator),
            end(&acceptor, &initiator, peer, local, Role::Acceptor),
        ];
        let transitions = vec![
            transition(&initiator, &[Status::Idle, Status::Connecting, Status::Active]),
            transition(&acceptor, &[Status::Idle, Status::AcceptingConnecting, Status::Active]),
        ];
        ends.into_iter().for_each(|end| self.insert_interface(end));
        self.directory.insert(&*call.name, Thing::Compound(PeeringName::trusted(&*call.name)));
        Ok(Outcome { transitions, warnings })
    }

    /// A compound's end in a VPC.
    pub(super) fn end_in(&self, compound: &PeeringName, vpc: &VpcName) -> Option<PeeringName> {
        let (initiator, acceptor) = ends_of(compound.as_str());
        [initiator, acceptor].into_iter().find(|end| self.router_interfaces.get(end).is_some_and(|end| end.vpc == *vpc))
    }

    /// A compound's name is free again once both its ends are gone.
    fn forget_compound_of(&mut self, end: &PeeringName) {
        let Some((compound, _)) = end.as_str().rsplit_once('.') else { return };
        let (initiator, acceptor) = ends_of(compound);
        if matches!(self.directory.get(compound), Some(Thing::Compound(_)))
            && !self.router_interfaces.contains_key(&initiator)
            && !self.router_interfaces.contains_key(&acceptor)
        {
            self.directory.remove(compound);
        }
    }
}

/// The two ends of a compound, initiator first.
pub(super) fn ends_of(compound: &str) -> (PeeringName, PeeringName) {
    (PeeringName::trusted(format!("{compound}.initiator")), PeeringName::trusted(format!("{compound}.acceptor")))
}

/// An initiator has a class, an acceptor has none.
pub(super) fn spec_of_role(role: Role, text: Option<&str>) -> Result<Option<Spec>, Refusal> {
    let refused = |message: String, hint: &str| Err(Refusal::new(Code::INVALID_SPEC, message, hint).at("spec"));
    match (role, text) {
        (Role::Initiator, Some(text)) => Spec::named(text).map(Some),
        (Role::Initiator, None) => {
            refused("an initiator needs a bandwidth class".into(), "add --spec, as in --spec Mini.2 for 2 Mbit/s")
        }
        (Role::Acceptor, None | Some(Spec::OF_ACCEPTOR)) => Ok(None),
        (Role::Acceptor, Some(text)) => {
            let message = format!("an acceptor cannot have the class {text:?}: the initiator decides the bandwidth");
            refused(message, "leave the spec out, and give it to the initiator")
        }
    }
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

fn same_router(vpc: &VpcName) -> Refusal {
    let message = format!("both ends are on the router of VPC {vpc}");
    Refusal::new(Code::WRONG_OPPOSITE, message, "a peering joins two VPCs: name another")
}

fn check_status(interface: &RouterInterface, legal: &[Status], hint: &str) -> Result<(), Refusal> {
    if legal.contains(&interface.status) {
        return Ok(());
    }
    let RouterInterface { name, account, status, .. } = interface;
    let legal: Vec<_> = legal.iter().map(|status| status.as_str()).collect();
    let message = format!("router interface {name} (account {account}) is {status}, not {}", legal.join(" or "));
    Err(Refusal::new(Code::INCORRECT_STATUS, message, hint).at("name"))
}

fn transition(name: &PeeringName, states: &[Status]) -> Transition {
    Transition { name: name.to_string(), states: states.iter().map(|status| status.as_str()).collect() }
}
