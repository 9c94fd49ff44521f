//! The problems that keep a peering from carrying traffic, and the account's call that the cloud would accept next. It
//! uses the operations' own guards, so its proposals are never refused. `status`, `explain`, the picture and the fix
//! all use it.

use super::messages::{Lacks, LacksInShort};
use super::peering_connection::{ConnectionLacks, ConnectionLacksInShort};
use super::reference::Resource;
use super::router_interface::{Obstacle, Remedy};
use super::{
    AccountName, ActivateRouterInterface, Call, Cloud, ConnectRouterInterface, CreateRouterInterface, CreateVpcPeering,
    DeactivateRouterInterface, DeleteRouterInterface, Fault, ModifyRouterInterfaceAttribute, NextHop, Opposite,
    Peering, PeeringKind, PeeringName, ResourceKind, Role, RouterInterface, Status, Vpc, VpcName, VpcPeering,
};
use crate::message::Message;
use crate::msg;

/// Something that a peering lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The problem.
    pub lack: Lack,
    /// Its remedy.
    pub next: Next,
}

/// The remedy for a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This account's call, which the cloud would accept now.
    Call(AccountName, Call),
    /// This call, after its placeholders (in capitals) are replaced.
    Choose(String, Call),
    /// No call now: something else must come first, or nothing helps.
    Nothing,
}

/// A problem that keeps a peering from carrying traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // `account` must do it; the other fields are what the sentence names
pub enum Lack {
    /// A router interface's opposite is not set.
    OppositeNotSet { interface: PeeringName, account: AccountName },
    /// A router interface points at something that does not exist or is not its other end.
    WrongOpposite { interface: PeeringName, account: AccountName, why: Message },
    /// The other end does not exist yet.
    NoOtherEnd { interface: PeeringName, account: String, vpc: String },
    /// A router interface was created for another peering.
    Unfit { interface: PeeringName, account: AccountName, why: Message },
    /// Another pair joins the two VPCs.
    Superfluous { interface: PeeringName, account: AccountName, why: Message },
    /// Nobody has connected the two ends.
    NotConnected { initiator: PeeringName, account: AccountName },
    /// A connected end is inactive.
    Deactivated { interface: PeeringName, account: AccountName },
    /// The other end was deleted, so this one cannot be bound again.
    OtherEndGone { interface: PeeringName, account: AccountName },
    /// The other side has no half; nobody can create it if its VPC was deleted.
    OtherHalf { half: PeeringName, vpc: VpcName, peer: VpcName, account: Option<AccountName> },
    /// The two VPCs cannot be joined.
    Refused { why: Message },
    /// A connection is requested, and its accepter has not accepted it.
    NotAccepted { connection: PeeringName, account: AccountName },
    /// A connection never carries traffic again; the requester can request another.
    Over { connection: PeeringName, status: &'static str, account: AccountName },
    /// A connection never carries traffic again, and no other can take its place.
    OverForGood { connection: PeeringName, status: &'static str },
    /// The last change takes a moment.
    UnderWay { connection: PeeringName, status: &'static str },
}

impl From<&Lack> for Message {
    fn from(lack: &Lack) -> Self {
        match lack {
            Lack::OppositeNotSet { interface, account } => msg!(Lacks::OppositeNotSet { interface, account }),
            Lack::WrongOpposite { interface, account, why } => msg!(Lacks::WrongOpposite { interface, account, why }),
            Lack::NoOtherEnd { interface, account, vpc } => msg!(Lacks::NoOtherEnd { interface, account, vpc }),
            Lack::Unfit { interface, account, why } => msg!(Lacks::Unfit { interface, account, why }),
            Lack::Superfluous { interface, account, why } => msg!(Lacks::Superfluous { interface, account, why }),
            Lack::NotConnected { initiator, account } => msg!(Lacks::NotConnected { initiator, account }),
            Lack::Deactivated { interface, account } => msg!(Lacks::Deactivated { interface, account }),
            Lack::OtherEndGone { interface, account } => msg!(Lacks::OtherEndGone { interface, account }),
            Lack::OtherHalf { half, vpc, peer, account: Some(account) } => {
                msg!(Lacks::OtherHalf { half, vpc, peer, account })
            }
            Lack::OtherHalf { half, vpc, account: None, .. } => msg!(Lacks::OtherVpcGone { half, vpc }),
            Lack::Refused { why } => why.clone(),
            Lack::NotAccepted { connection, account } => msg!(ConnectionLacks::NotAccepted { connection, account }),
            Lack::Over { connection, status, account } => {
                msg!(ConnectionLacks::Over { connection, status, account })
            }
            Lack::OverForGood { connection, status } => msg!(ConnectionLacks::OverForGood { connection, status }),
            Lack::UnderWay { connection, status } => msg!(ConnectionLacks::UnderWay { connection, status }),
        }
    }
}

impl Lack {
    /// In a few words, for a label of the picture.
    pub fn short(&self) -> Message {
        match self {
            Lack::OppositeNotSet { interface, .. } => msg!(LacksInShort::OppositeNotSet { interface }),
            Lack::WrongOpposite { interface, .. } => msg!(LacksInShort::WrongOpposite { interface }),
            Lack::NoOtherEnd { interface, .. } => msg!(LacksInShort::NoOtherEnd { interface }),
            Lack::Unfit { interface, .. } => msg!(LacksInShort::Unfit { interface }),
            Lack::Superfluous { interface, .. } => msg!(LacksInShort::Superfluous { interface }),
            Lack::NotConnected { .. } => msg!(LacksInShort::NotConnected),
            Lack::Deactivated { interface, .. } => msg!(LacksInShort::Deactivated { interface }),
            Lack::OtherEndGone { .. } => msg!(LacksInShort::OtherEndGone),
            Lack::OtherHalf { vpc, .. } => msg!(LacksInShort::OtherHalf { vpc }),
            Lack::Refused { .. } => msg!(LacksInShort::Refused),
            Lack::NotAccepted { account, .. } => msg!(ConnectionLacksInShort::NotAccepted { account }),
            Lack::Over { status, .. } | Lack::OverForGood { status, .. } | Lack::UnderWay { status, .. } => {
                msg!(ConnectionLacksInShort::InState { status })
            }
        }
    }

    /// Whether it comes last: the connection is checked once the two ends name each other.
    pub fn comes_last(&self) -> bool {
        matches!(self, Lack::NotConnected { .. })
    }

    /// Whether the other end is deleted.
    pub fn is_of_deleted_end(&self) -> bool {
        matches!(self, Lack::OtherEndGone { .. })
    }
}

impl From<&Missing> for Message {
    fn from(missing: &Missing) -> Self {
        Message::from(&missing.lack)
    }
}

impl Cloud {
    /// The problems that keep an end of a peering from carrying traffic; empty if it carries traffic or does not exist.
    pub fn missing(&self, name: &PeeringName) -> Vec<Missing> {
        match (self.router_interfaces.get(name), self.vpc_peerings.get(name)) {
            (Some(interface), _) if interface.status == Status::Idle => self.missing_of_idle(interface),
            (Some(interface), _) => self.missing_of_connected(interface),
            (None, Some(half)) => self.missing_of_half(half),
            (None, None) => {
                let connection = self.peering_connections.get(name);
                connection.map(|connection| self.missing_of_connection(connection)).unwrap_or_default()
            }
        }
    }

    /// The other end of a peering, with which an end forms a pair, or will.
    pub fn opposite_end(&self, end: &Peering) -> Option<Peering> {
        if let Some(connection) = self.peering_connections.get(&end.name) {
            return self.ends_of_connection(connection).into_iter().find(|other| other.vpc != end.vpc);
        }
        self.peering(&self.counterpart(&end.name)?)
    }

    /// The end with which an end forms a pair, or will: connected to it, named by it, or naming it.
    pub fn counterpart(&self, name: &PeeringName) -> Option<PeeringName> {
        if let Some(far) = self.peering(name).and_then(|end| end.far) {
            return Some(far.name);
        }
        let interface = self.router_interfaces.get(name)?;
        let named = interface.opposite.as_ref().and_then(|opposite| self.named_by(opposite));
        let other = named.or_else(|| self.pointing_at(interface).next());
        other.map(|other| other.name.clone())
    }

    /// The router interface that an opposite names, even if the rest of the opposite is wrong.
    pub fn named_by(&self, opposite: &Opposite) -> Option<&RouterInterface> {
        RouterInterface::find(self, opposite.interface.as_deref()?)
    }

    /// The end in a VPC of the peering that joins it with another VPC, or is meant to: a connected end, else one bound
    /// from either side, else one side's half, else a suitable Idle end.
    pub fn end_toward(&self, vpc: &VpcName, other: &VpcName) -> Option<Peering> {
        let there = self.vpcs.get(other)?;
        let joined = |end: &Peering| end.far.as_ref().is_some_and(|far| far.vpc == *other);
        let leads = |end: &Peering| {
            let half = self.vpc_peerings.get(&end.name);
            let counterpart = self.counterpart(&end.name).and_then(|name| self.router_interfaces.get(&name));
            half.and_then(|half| self.peer_of_half(half)).is_some_and(|vpc| vpc.name == *other)
                || self.connections_between(vpc, other).any(|connection| connection.name == end.name)
                || counterpart.is_some_and(|end| end.vpc == *other)
        };
        let could = |end: &Peering| {
            let interface = self.router_interfaces.get(&end.name);
            interface.is_some_and(|interface| {
                let free = interface.status == Status::Idle && self.counterpart(&end.name).is_none();
                free && interface.opposite_region == there.region && self.check_can_join(interface, there)
            })
        };
        let ends = || self.peerings_of(vpc);
        ends().find(joined).or_else(|| ends().find(leads)).or_else(|| ends().find(could))
    }

    // ── router interfaces ──────────────────────────────────────────────────────────────────────────────────────────

    fn missing_of_connected(&self, interface: &RouterInterface) -> Vec<Missing> {
        let Some(far) = self.far_of(interface) else {
            let lack = Lack::OtherEndGone { interface: interface.name.clone(), account: interface.account.clone() };
            return vec![Missing { lack, next: self.remove(interface) }];
        };
        let inactive = [interface, far].into_iter().filter(|end| end.status != Status::Active);
        let deactivated = |end: &RouterInterface| {
            let RouterInterface { name, account, .. } = end;
            if end.due.is_some() {
                let lack = Lack::UnderWay { connection: name.clone(), status: self.word(end.status) };
                return Missing { lack, next: Next::Nothing };
            }
            Missing {
                lack: Lack::Deactivated { interface: name.clone(), account: account.clone() },
                next: Next::Call(account.clone(), activation(end)),
            }
        };
        inactive.map(deactivated).collect()
    }

    /// The obstacles to Connect, and Connect itself.
    fn missing_of_idle<'a>(&'a self, interface: &'a RouterInterface) -> Vec<Missing> {
        let is_meant = |other: &RouterInterface| self.counterpart(&interface.name).as_ref() == Some(&other.name);
        let rebuilds = |obstacle: &Obstacle<'_>| matches!(obstacle.remedy, Remedy::Rebuild(_));
        let of_pair = |end, other: &'a RouterInterface| match self.check_pair_of_ends(end, other) {
            Ok(()) if other.role == Role::Initiator => self.check_connect(other).err(),
            Ok(()) => self.check_connect(end).err(),
            Err(obstacle) => Some(obstacle),
        };
        let (other, obstacle) = match self.opposite_of(interface) {
            Ok(other) => (Some(other), of_pair(interface, other)),
            // What the end that points here lacks is the same for both.
            Err(obstacle) => match self.pointing_at(interface).next() {
                Some(other) if is_meant(other) => match self.opposite_of(other) {
                    Ok(_) => (Some(other), of_pair(other, interface)),
                    Err(theirs) if rebuilds(&theirs) && (!rebuilds(&obstacle) || other.name < interface.name) => {
                        (Some(other), Some(theirs))
                    }
                    Err(_) => (Some(other), Some(obstacle)),
                },
                other => (other, Some(obstacle)),
            },
        };
        let initiator = std::iter::once(interface).chain(other).find(|end| end.role == Role::Initiator);
        let connect = initiator.map(|end| {
            let RouterInterface { name, account, .. } = end;
            let next = if obstacle.is_none() { Next::Call(account.clone(), connection(end)) } else { Next::Nothing };
            Missing { lack: Lack::NotConnected { initiator: name.clone(), account: account.clone() }, next }
        });
        let hopeless = matches!(&obstacle, Some(Obstacle { remedy: Remedy::Nothing | Remedy::Delete(_), .. }));
        let obstacle = obstacle.map(|obstacle| self.missing_by(obstacle));
        obstacle.into_iter().chain(connect.filter(|_| !hopeless)).collect()
    }

    fn missing_by(&self, Obstacle { refusal, remedy }: Obstacle<'_>) -> Missing {
        let why = refusal.message;
        match remedy {
            Remedy::Bind(end, other) => {
                let (interface, account) = (end.name.clone(), end.account.clone());
                let lack = match refusal.fault {
                    Fault::OppositeNotSet if end.opposite.is_none() => Lack::OppositeNotSet { interface, account },
                    _ => Lack::WrongOpposite { interface, account, why },
                };
                // An end that is connected with another cannot be its other end, whatever else is wrong.
                match other.filter(|other| other.connected.is_none()) {
                    Some(other) => Missing { lack, next: bind(end, other) },
                    None => self.missing_opposite(end, lack),
                }
            }
            Remedy::Rebuild(end) => {
                let (interface, account) = (end.name.clone(), end.account.clone());
                let lack = match end.status {
                    Status::Idle => Lack::Unfit { interface, account, why },
                    _ => Lack::OtherEndGone { interface, account },
                };
                Missing { lack, next: self.remove(end) }
            }
            Remedy::Delete(end) => {
                let (interface, account) = (end.name.clone(), end.account.clone());
                Missing { lack: Lack::Superfluous { interface, account, why }, next: self.remove(end) }
            }
            Remedy::Nothing => Missing { lack: Lack::Refused { why }, next: Next::Nothing },
        }
    }

    /// For an end without an opposite: bind it to the only possible end; if there is none, create the other end.
    fn missing_opposite(&self, end: &RouterInterface, lack: Lack) -> Missing {
        // It already points at something that is not its other end.
        let current = end.opposite.as_ref().and_then(|opposite| self.named_by(opposite)).map(|current| &current.name);
        let pointing = self.pointing_at(end).filter(|other| other.vpc != end.vpc && Some(&other.name) != current);
        let pointing: Vec<_> = pointing.collect();
        if let [only] = pointing[..] {
            return Missing { lack, next: bind(end, only) };
        }
        // The end that its owner named does not exist yet: create it under that name.
        if pointing.is_empty()
            && let Some(missing) = self.missing_as_named(end)
        {
            return missing;
        }
        let free: Vec<_> = self.router_interfaces.values().filter(|other| self.could_pair(end, other)).collect();
        match if pointing.is_empty() { &free[..] } else { &pointing[..] } {
            [only] => Missing { lack, next: bind(end, only) },
            [] => {
                let vpcs: Vec<_> = self.vpcs.values().filter(|vpc| self.could_join(end, vpc)).collect();
                let missing = self.missing_other_end(end, &vpcs, None);
                missing.unwrap_or(Missing { lack, next: Next::Nothing })
            }
            several => {
                let account = only(several.iter().map(|other| &other.account)).map_or("ACCOUNT", AccountName::as_str);
                let call = bind_call(end, account, "INTERFACE", "ROUTER");
                Missing { lack, next: Next::Choose(end.account.to_string(), call) }
            }
        }
    }

    /// Creates the other end with the name or id that its counterpart uses, if possible.
    fn missing_as_named(&self, end: &RouterInterface) -> Option<Missing> {
        let fits = |vpc: &&Vpc| self.named_to_come(end, vpc).is_some() && self.could_join(end, vpc);
        let vpcs: Vec<_> = self.vpcs.values().filter(fits).collect();
        let name = self.named_to_come(end, vpcs.first()?);
        self.missing_other_end(end, &vpcs, name)
    }

    /// The name that the owner of an end gave to its other end, which does not exist yet and can be created in this VPC.
    pub(super) fn named_to_come<'a>(&self, end: &'a RouterInterface, vpc: &Vpc) -> Option<&'a str> {
        let opposite = end.opposite.as_ref().filter(|opposite| self.named_by(opposite).is_none())?;
        let owner = opposite.account.as_ref();
        let fits = owner.is_none_or(|owner| self.find_account(owner).is_some_and(|it| it.name == vpc.account))
            && opposite.router.as_ref().is_none_or(|router| self.is_router_of(router, &vpc.name));
        let name = opposite.interface.as_deref().filter(|_| fits)?;
        self.free_name(ResourceKind::RouterInterface, name, "name").is_ok().then_some(name)
    }

    /// Creates the other end of `end` in the only one of these VPCs; `named`: its name, if it is named already.
    fn missing_other_end(&self, end: &RouterInterface, vpcs: &[&Vpc], named: Option<&str>) -> Option<Missing> {
        let account = only(vpcs.iter().map(|vpc| &vpc.account)).map_or("ACCOUNT", AccountName::as_str);
        let vpc = only(vpcs.iter().map(|vpc| &vpc.name)).map_or("VPC", VpcName::as_str);
        let name = named.map_or_else(|| self.fresh_name(&format!("ri-{vpc}-{}", end.vpc)), str::to_owned);
        let role = end.role.opposite();
        let call = Call::CreateRouterInterface(CreateRouterInterface {
            name,
            vpc: vpc.to_owned(),
            role: role.to_string(),
            spec: (role == Role::Initiator).then(|| self.provider.ends().specs[0].name.to_owned()),
            opposite_region: self.vpcs[&end.vpc].region.to_string(),
            latency: None,
            mtu: None,
            id: None,
        });
        let next = match vpcs {
            [] => return None,
            [vpc] => Next::Call(vpc.account.clone(), call),
            _ => Next::Choose(account.to_owned(), call),
        };
        let (account, vpc) = (account.to_owned(), vpc.to_owned());
        Some(Missing { lack: Lack::NoOtherEnd { interface: end.name.clone(), account, vpc }, next })
    }

    /// The Idle ends that name this one as their other end.
    pub(super) fn pointing_at<'a>(
        &'a self,
        interface: &'a RouterInterface,
    ) -> impl Iterator<Item = &'a RouterInterface> {
        self.router_interfaces.values().filter(move |other| {
            let named = || other.opposite.as_ref().and_then(|opposite| self.named_by(opposite));
            other.name != interface.name
                && other.status == Status::Idle
                && named().is_some_and(|named| named.name == interface.name)
        })
    }

    /// Whether two unbound ends could form a pair.
    fn could_pair(&self, end: &RouterInterface, other: &RouterInterface) -> bool {
        let there = &self.vpcs[&other.vpc];
        other.status == Status::Idle
            && other.role != end.role
            && other.opposite.as_ref().is_none_or(|opposite| self.named_by(opposite).is_none())
            && other.opposite_region == self.vpcs[&end.vpc].region
            && there.region == end.opposite_region
            && self.check_can_join(end, there)
    }

    /// Whether the other end of `end` could be created in a VPC.
    fn could_join(&self, end: &RouterInterface, vpc: &Vpc) -> bool {
        vpc.region == end.opposite_region
            && self.check_can_join(end, vpc)
            && self.check_peering_quota(PeeringKind::RouterInterfaces, vpc, "vpc").is_ok()
    }

    /// Whether an end's VPC can be joined with another one.
    fn check_can_join(&self, end: &RouterInterface, vpc: &Vpc) -> bool {
        let own = &self.vpcs[&end.vpc];
        own.name != vpc.name
            && self.check_only_connection(own, vpc).is_ok()
            && self.check_disjoint(PeeringKind::RouterInterfaces, own, vpc).is_ok()
    }

    /// The first call for removing an end: deactivate an Active one, delete entries that lead to it, delete the end.
    pub(super) fn removal(&self, end: &RouterInterface) -> Call {
        let name = end.name.to_string();
        let entry = self.entries_naming(&end.vpc, &NextHop::Peering(end.name.clone())).next();
        match (end.status, entry) {
            (Status::Active, _) => Call::DeactivateRouterInterface(DeactivateRouterInterface { name }),
            (_, Some((table, entry))) => Call::DeleteRouteEntry(table.deletion_of(entry)),
            _ => Call::DeleteRouterInterface(DeleteRouterInterface { name }),
        }
    }

    fn remove(&self, end: &RouterInterface) -> Next {
        Next::Call(end.account.clone(), self.removal(end))
    }

    // ── halves ─────────────────────────────────────────────────────────────────────────────────────────────────────

    fn missing_of_half(&self, half: &VpcPeering) -> Vec<Missing> {
        if self.other_half(half).is_some() {
            return Vec::new();
        }
        let (vpc, peer) = (half.peer_vpc.clone(), half.vpc.clone());
        let there = self.peer_of_half(half);
        let account = there.map(|vpc| vpc.account.clone());
        let lack = Lack::OtherHalf { half: half.name.clone(), vpc, peer, account };
        let Some(there) = there else { return vec![Missing { lack, next: Next::Nothing }] };
        let own = &self.vpcs[&half.vpc];
        vec![match self.check_half(there, own) {
            Ok(_) => Missing { lack, next: Next::Call(there.account.clone(), half_of(self, there, own)) },
            Err(refusal) => Missing { lack: Lack::Refused { why: refusal.message }, next: Next::Nothing },
        }]
    }

    /// An unused name similar to the wanted one.
    pub(crate) fn fresh_name(&self, wanted: &str) -> String {
        // A compound's ends need room for their suffixes.
        let stem: String = wanted.chars().take(48).collect();
        let taken = |name: &str| {
            let ends = super::router_interface::ends_of(name);
            let has = |kind, name: &str| self.free_in_kind(kind, name, "name").is_err();
            ResourceKind::NAMED.into_iter().chain([ResourceKind::Compound]).any(|kind| has(kind, name))
                || [&ends.0, &ends.1].into_iter().any(|end| has(ResourceKind::RouterInterface, end.as_str()))
        };
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}

/// The call that creates a VPC's half toward another VPC.
pub(super) fn half_of(cloud: &Cloud, vpc: &Vpc, peer: &Vpc) -> Call {
    let name = cloud.fresh_name(&format!("{}-to-{}", vpc.name, peer.name));
    let (vpc, peer_vpc_id) = (vpc.name.to_string(), peer.id.to_string());
    Call::CreateVpcPeering(CreateVpcPeering { name, vpc, peer_vpc_id, latency: None, mtu: None, id: None })
}

/// The call that switches on an end.
pub(super) fn activation(end: &RouterInterface) -> Call {
    Call::ActivateRouterInterface(ActivateRouterInterface { name: end.name.to_string() })
}

/// The call that connects a bound pair.
pub(super) fn connection(initiator: &RouterInterface) -> Call {
    Call::ConnectRouterInterface(ConnectRouterInterface { name: initiator.name.to_string() })
}

/// The call that makes an end point at another.
pub(super) fn binding(end: &RouterInterface, other: &RouterInterface) -> Call {
    bind_call(end, other.account.as_str(), other.name.as_str(), other.vpc.as_str())
}

fn bind(end: &RouterInterface, other: &RouterInterface) -> Next {
    Next::Call(end.account.clone(), binding(end, other))
}

fn bind_call(end: &RouterInterface, account: &str, interface: &str, router: &str) -> Call {
    Call::ModifyRouterInterfaceAttribute(ModifyRouterInterfaceAttribute {
        name: end.name.to_string(),
        opposite_account: Some(account.to_owned()),
        opposite_interface: Some(interface.to_owned()),
        opposite_router: Some(router.to_owned()),
    })
}

/// The common value of all items, if they are equal.
fn only<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
