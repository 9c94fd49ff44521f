//! Resolves names and ids to resources: every reference accepts a name or an id, and ownership is checked with it
//! (docs/cloud.md §5).

mod messages;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::map::{Keep, Map};
use super::{
    Account, AccountName, Bindings, Call, Cloud, Fault, Gateway, GatewayName, GroupName, Id, Instance, InstanceName,
    NatGateway, NatGatewayName, NetworkAcl, NetworkAclName, NextHop, Operation, Origin, PeeringConnection, PeeringName,
    Refusal, ResourceKind, RouteTable, RouteTableName, RouterInterface, RulePeer, SecurityGroup, Subnet, SubnetName,
    Vpc, VpcName, VpcPeering, check_name,
};
use crate::flow::Reason;
use crate::fnv;
use crate::message::Message;
use crate::msg;
use messages::Said;

/// A resource that was deleted while route entries led to it: they lead nowhere from then on, even if another resource
/// takes the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gone {
    /// The id it had.
    pub id: Id,
    /// The name it had.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: ResourceKind,
    /// The operation that deleted it.
    pub origin: Origin,
}

impl Gone {
    /// Why a packet that a route leads to it ends.
    pub fn reason(&self) -> Reason {
        match self.kind {
            ResourceKind::Instance | ResourceKind::NatGateway => Reason::NextHopGone,
            ResourceKind::Gateway => Reason::NoInternetGateway,
            _ => Reason::PeeringInactive,
        }
    }

    /// Whether `text` is its id or its name.
    pub(super) fn is_named_by(&self, text: &str) -> bool {
        *self.id.0 == *text || *self.name == *text
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.id.0)
    }
}

/// The resource that a name or an id refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Thing {
    Account(AccountName),
    Vpc(VpcName),
    Router(VpcName),
    Subnet(SubnetName),
    RouteTable(RouteTableName),
    SecurityGroup(GroupName),
    NetworkAcl(NetworkAclName),
    Instance(InstanceName),
    NatGateway(NatGatewayName),
    Gateway(GatewayName),
    RouterInterface(PeeringName),
    VpcPeering(PeeringName),
    PeeringConnection(PeeringName),
    /// The pair made by the compound operation, while one of its ends exists.
    Compound(PeeringName),
    /// A resource that was deleted while route entries or rules held its id.
    Gone(ResourceKind),
}

impl Thing {
    /// Its name; of a router, its VPC's; of a deleted resource, its kind.
    fn name(&self) -> String {
        match self {
            Thing::Account(name) => name.to_string(),
            Thing::Vpc(name) | Thing::Router(name) => name.to_string(),
            Thing::Subnet(name) => name.to_string(),
            Thing::RouteTable(name) => name.to_string(),
            Thing::SecurityGroup(name) => name.to_string(),
            Thing::NetworkAcl(name) => name.to_string(),
            Thing::Instance(name) => name.to_string(),
            Thing::NatGateway(name) => name.to_string(),
            Thing::Gateway(name) => name.to_string(),
            Thing::RouterInterface(name)
            | Thing::VpcPeering(name)
            | Thing::PeeringConnection(name)
            | Thing::Compound(name) => name.to_string(),
            Thing::Gone(kind) => kind.to_string(),
        }
    }

    pub(super) fn kind(&self) -> ResourceKind {
        match self {
            Thing::Account(_) => ResourceKind::Account,
            Thing::Vpc(_) => ResourceKind::Vpc,
            Thing::Router(_) => ResourceKind::Router,
            Thing::Subnet(_) => ResourceKind::Subnet,
            Thing::RouteTable(_) => ResourceKind::RouteTable,
            Thing::SecurityGroup(_) => ResourceKind::SecurityGroup,
            Thing::NetworkAcl(_) => ResourceKind::NetworkAcl,
            Thing::Instance(_) => ResourceKind::Instance,
            Thing::NatGateway(_) => ResourceKind::NatGateway,
            Thing::Gateway(_) => ResourceKind::Gateway,
            Thing::RouterInterface(_) => ResourceKind::RouterInterface,
            Thing::VpcPeering(_) => ResourceKind::VpcPeering,
            Thing::PeeringConnection(_) => ResourceKind::PeeringConnection,
            Thing::Compound(_) => ResourceKind::Compound,
            Thing::Gone(kind) => *kind,
        }
    }
}

/// All ids with their resources, and how many resources of a name were deleted, from which the next id is derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) ids: Map<Arc<str>, Thing>,
    /// The number of deleted resources by kind and name.
    pub(super) former: Map<(ResourceKind, Arc<str>), u32>,
}

impl Directory {
    pub(super) fn get(&self, id: &str) -> Option<&Thing> {
        self.ids.get(id)
    }

    pub(super) fn insert(&mut self, id: &Id, thing: Thing) {
        self.ids.insert(id.0.clone(), thing);
    }

    /// Records the deletion of a resource.
    pub(super) fn remove(&mut self, kind: ResourceKind, name: &str, id: &Id) {
        self.ids.remove(&*id.0);
        *self.former.get_or_default(&(kind, name.into())) += 1;
    }

    /// Records the deletion of a resource whose id route entries or rules hold.
    pub(super) fn bury(&mut self, kind: ResourceKind, name: &str, id: &Id) {
        self.remove(kind, name, id);
        self.insert(id, Thing::Gone(kind));
    }
}

/// A resource that an account owns and operations refer to.
pub(super) trait Resource: Sized {
    const KIND: ResourceKind;

    /// The resource to which `text` (a name or an id) refers.
    fn find<'a>(cloud: &'a Cloud, text: &str) -> Option<&'a Self>;

    /// The owning account.
    fn owner<'a>(&'a self, cloud: &'a Cloud) -> &'a AccountName;

    /// As text.
    fn label(&self) -> String;
}

/// The resource in `$map` with the name in `$variant`.
macro_rules! resource {
    ($type:ident, $variant:ident, $map:ident, $owner:expr, $qualified:expr) => {
        impl Resource for $type {
            const KIND: ResourceKind = ResourceKind::$variant;

            fn find<'a>(cloud: &'a Cloud, text: &str) -> Option<&'a Self> {
                let text = Self::KIND.strip(text)?;
                if let Some((vpc, rest)) = text.split_once('/') {
                    let vpc = Vpc::find(cloud, vpc)?;
                    let qualified: fn(&'a Cloud, &'a Vpc, &str) -> Option<&'a Self> = $qualified;
                    return qualified(cloud, vpc, rest);
                }
                if let Some(Thing::$variant(name)) = cloud.directory.get(text) {
                    return cloud.$map.get(name);
                }
                match cloud.named(Self::KIND, text)? {
                    Thing::$variant(name) => cloud.$map.get(&name),
                    _ => None,
                }
            }

            fn owner<'a>(&'a self, cloud: &'a Cloud) -> &'a AccountName {
                let owner: for<'b> fn(&'b Self, &'b Cloud) -> &'b AccountName = $owner;
                owner(self, cloud)
            }

            fn label(&self) -> String {
                self.name.to_string()
            }
        }
    };
}

resource!(Vpc, Vpc, vpcs, |vpc, _| &vpc.account, |_, _, _| None);
resource!(Subnet, Subnet, subnets, |subnet, cloud| &cloud.vpcs[&subnet.name.vpc].account, |cloud, vpc, rest| {
    let named = cloud.subnets.get(&SubnetName { vpc: vpc.name.clone(), subnet: rest.into() });
    // The id alone identifies the subnet, but may also follow the VPC.
    named.or_else(|| match cloud.directory.get(rest) {
        Some(Thing::Subnet(name)) if name.vpc == vpc.name => cloud.subnets.get(name),
        _ => None,
    })
});
resource!(RouteTable, RouteTable, route_tables, |table, cloud| &cloud.vpcs[&table.vpc].account, |cloud, vpc, rest| {
    cloud.route_tables.get(&RouteTableName::default_of(&vpc.name)).filter(|_| rest == "default")
});
resource!(SecurityGroup, SecurityGroup, security_groups, |group, _| &group.account, |cloud, vpc, rest| {
    cloud.security_groups.get(&GroupName::default_of(&vpc.name)).filter(|_| rest == "default")
});
resource!(NetworkAcl, NetworkAcl, network_acls, |acl, _| &acl.account, |cloud, vpc, rest| {
    cloud.network_acls.get(&NetworkAclName::default_of(&vpc.name)).filter(|_| rest == "default")
});
resource!(Instance, Instance, instances, |instance, _| &instance.account, |_, _, _| None);
resource!(NatGateway, NatGateway, nat_gateways, |nat, _| &nat.account, |_, _, _| None);
resource!(Gateway, Gateway, gateways, |gateway, _| &gateway.account, |_, _, _| None);
resource!(RouterInterface, RouterInterface, router_interfaces, |interface, _| &interface.account, |_, _, _| None);
resource!(VpcPeering, VpcPeering, vpc_peerings, |half, _| &half.account, |_, _, _| None);
resource!(
    PeeringConnection,
    PeeringConnection,
    peering_connections,
    |connection, _| &connection.requester.account,
    |_, _, _| None
);

impl Cloud {
    /// The names and ids of the resources that a create call made.
    pub fn made_by(&self, call: &Call) -> Vec<(Message, Id)> {
        let Some(created) = call.created(self) else { return Vec::new() };
        let vpc = self.vpcs.get(&*created.name).filter(|_| created.kind == ResourceKind::Vpc);
        let router = vpc.map(|vpc| (msg!(Said::ItsRouter), vpc.router_id.clone()));
        let (kind, names) = created.things();
        let found = names.iter().filter_map(|name| self.found(kind, name));
        found.map(|(name, id)| (Message::text(name), id)).chain(router).collect()
    }

    /// The name of the resource of a kind that has this id; of a router, its VPC's name.
    pub fn with_id(&self, kind: ResourceKind, id: &str) -> Option<String> {
        let thing = self.directory.get(id).filter(|thing| thing.kind() == kind)?;
        let is_there = !matches!(thing, Thing::Compound(_) | Thing::Gone(_));
        is_there.then(|| thing.name())
    }

    /// The id of the router that a text refers to: by the router's id, or its VPC's id or name.
    pub fn router_named(&self, text: &str) -> Option<Id> {
        self.vpc_of_router(text).map(|vpc| vpc.router_id.clone())
    }

    /// An id that no resource has, derived from a text.
    pub fn fresh_id(&self, kind: ResourceKind, text: &str) -> Id {
        self.derived_id(kind, text)
    }

    /// An account by id or name.
    pub fn find_account(&self, text: &str) -> Option<&Account> {
        let text = ResourceKind::Account.strip(text)?;
        match self.directory.get(text) {
            Some(Thing::Account(name)) => self.accounts.get(name),
            _ => self.accounts.get(text),
        }
    }

    /// The VPC of a router, by its router's id, its own id or its name.
    pub(super) fn vpc_of_router(&self, text: &str) -> Option<&Vpc> {
        match self.directory.get(ResourceKind::Router.strip(text).unwrap_or(text)) {
            Some(Thing::Router(vpc)) => self.vpcs.get(vpc),
            _ => Vpc::find(self, text),
        }
    }

    /// The resource of a kind with this name. A subnet's name is relative to its VPC, and a router has none.
    fn named(&self, kind: ResourceKind, name: &str) -> Option<Thing> {
        match kind {
            ResourceKind::Account => self.accounts.get(name).map(|it| Thing::Account(it.name.clone())),
            ResourceKind::Vpc => self.vpcs.get(name).map(|it| Thing::Vpc(it.name.clone())),
            ResourceKind::Router | ResourceKind::Subnet => None,
            ResourceKind::RouteTable => self.route_tables.get(name).map(|it| Thing::RouteTable(it.name.clone())),
            ResourceKind::SecurityGroup => {
                self.security_groups.get(name).map(|it| Thing::SecurityGroup(it.name.clone()))
            }
            ResourceKind::NetworkAcl => self.network_acls.get(name).map(|it| Thing::NetworkAcl(it.name.clone())),
            ResourceKind::Instance => self.instances.get(name).map(|it| Thing::Instance(it.name.clone())),
            ResourceKind::NatGateway => self.nat_gateways.get(name).map(|it| Thing::NatGateway(it.name.clone())),
            ResourceKind::Gateway => self.gateways.get(name).map(|it| Thing::Gateway(it.name.clone())),
            ResourceKind::RouterInterface => {
                self.router_interfaces.get(name).map(|it| Thing::RouterInterface(it.name.clone()))
            }
            ResourceKind::VpcPeering => self.vpc_peerings.get(name).map(|it| Thing::VpcPeering(it.name.clone())),
            ResourceKind::PeeringConnection => {
                self.peering_connections.get(name).map(|it| Thing::PeeringConnection(it.name.clone()))
            }
            ResourceKind::Compound => {
                self.compounds.contains_key(name).then(|| Thing::Compound(PeeringName::trusted(name)))
            }
        }
    }

    /// Resolves a reference to one of several kinds: an id first, then a name, which must be unique among the kinds
    /// (docs/cloud.md §5).
    pub(super) fn one_of(&self, kinds: &[ResourceKind], text: &str) -> Result<Option<Thing>, Refusal> {
        let by_id = |kind: &ResourceKind| self.directory.get(kind.strip(text)?).filter(|it| it.kind() == *kind);
        if let Some(thing) = kinds.iter().find_map(by_id) {
            return Ok((!matches!(thing, Thing::Gone(_))).then(|| thing.clone()));
        }
        let named = |kind: &ResourceKind| self.named(*kind, kind.strip(text)?);
        let mut found = kinds.iter().filter_map(named).collect::<Vec<_>>();
        if found.len() > 1 {
            return Err(self.ambiguous(text, &found));
        }
        Ok(found.pop())
    }

    /// The kind and name of the resource to which a reference to one of several kinds refers: a name or an id in the Cloud
    /// first, then the lab's name for a resource made by hand.
    ///
    /// # Errors
    ///
    /// `AmbiguousReference` if several resources have the name.
    pub fn reference(
        &self,
        bindings: &Bindings,
        kinds: &[ResourceKind],
        text: &str,
    ) -> Result<Option<(ResourceKind, String)>, Refusal> {
        let thing = self.one_of(kinds, text)?.map(|thing| (thing.kind(), thing.name()));
        Ok(thing.or_else(|| bindings.named(self, kinds, text)))
    }

    fn ambiguous(&self, text: &str, things: &[Thing]) -> Refusal {
        let kinds = things.iter().map(Thing::kind);
        let ways = things.iter().map(|thing| {
            let qualified = format!("{}:{text}", thing.kind().keyword());
            match self.id_of(thing) {
                Some(id) => format!("{qualified} ({id})"),
                None => qualified,
            }
        });
        let message = msg!(Said::Ambiguous { text, kinds: kinds });
        let hint = msg!(Said::WriteIdOrKind { ways: ways });
        Refusal::new(Fault::AmbiguousReference, message, hint)
    }

    /// The kind of the resource to which a text refers, among all kinds.
    pub(super) fn kind_of(&self, text: &str) -> Option<ResourceKind> {
        let by_id = self.directory.get(text).filter(|thing| !matches!(thing, Thing::Gone(_))).map(Thing::kind);
        by_id.or_else(|| ResourceKind::NAMED.into_iter().find(|kind| self.named(*kind, text).is_some()))
    }

    fn id_of(&self, thing: &Thing) -> Option<&Id> {
        match thing {
            Thing::Account(name) => self.accounts.get(name).map(|it| &it.id),
            Thing::Vpc(name) => self.vpcs.get(name).map(|it| &it.id),
            Thing::Router(name) => self.vpcs.get(name).map(|it| &it.router_id),
            Thing::Subnet(name) => self.subnets.get(name).map(|it| &it.id),
            Thing::RouteTable(name) => self.route_tables.get(name).map(|it| &it.id),
            Thing::SecurityGroup(name) => self.security_groups.get(name).map(|it| &it.id),
            Thing::NetworkAcl(name) => self.network_acls.get(name).map(|it| &it.id),
            Thing::Instance(name) => self.instances.get(name).map(|it| &it.id),
            Thing::NatGateway(name) => self.nat_gateways.get(name).map(|it| &it.id),
            Thing::Gateway(name) => self.gateways.get(name).map(|it| &it.id),
            Thing::RouterInterface(name) => self.router_interfaces.get(name).map(|it| &it.id),
            Thing::VpcPeering(name) => self.vpc_peerings.get(name).map(|it| &it.id),
            Thing::PeeringConnection(name) => self.peering_connections.get(name).map(|it| &it.id),
            Thing::Compound(_) | Thing::Gone(_) => None,
        }
    }

    /// The resource to which `text` refers, of any account; else NotFound at `argument`.
    pub(super) fn any<R: Resource>(&self, text: &str, argument: &'static str) -> Result<&R, Refusal> {
        R::find(self, text).ok_or_else(|| self.not_found(R::KIND, text).at(argument))
    }

    /// The caller's own resource; else NotFound or Forbidden at `argument`.
    pub(super) fn own<R: Resource>(
        &self,
        operation: &Operation,
        text: &str,
        argument: &'static str,
    ) -> Result<&R, Refusal> {
        let resource: &R = self.any(text, argument)?;
        let owner = resource.owner(self);
        if *owner == operation.caller {
            return Ok(resource);
        }
        let message = msg!(Said::NotOwner { thing: (R::KIND, resource.label()), owner, caller: &operation.caller });
        let hint = msg!(Said::OwnerMustCall { owner });
        let fault = if self.provider.hides_others { Fault::NotFound(R::KIND) } else { Fault::NotOwner };
        Err(Refusal::new(fault, message, hint).at(argument))
    }

    /// The refusal for a name of no resource of this kind, with what it is instead or a similar name.
    pub(super) fn not_found(&self, kind: ResourceKind, text: &str) -> Refusal {
        let code = Fault::NotFound(kind);
        let qualified = ResourceKind::ALL.iter().find_map(|kind| kind.strip(text).filter(|rest| *rest != text));
        let instead = self.directory.get(qualified.unwrap_or(text)).cloned().or_else(|| {
            // A compound's name is most likely meant as a router interface.
            let kinds = [ResourceKind::Compound].into_iter().chain(ResourceKind::NAMED);
            kinds.filter(|other| *other != kind).find_map(|other| self.named(other, other.strip(text)?))
        });
        match instead {
            Some(Thing::Gone(_)) => Refusal::new(code, msg!(Said::Deleted { kind, text }), msg!(Said::CreateAgain)),
            Some(Thing::Compound(name)) if kind == ResourceKind::RouterInterface => {
                Refusal::new(code, msg!(Said::IsAPair { text }), msg!(Said::NameOneEnd { name }))
            }
            Some(thing) => Refusal::new(
                code,
                msg!(Said::IsAnotherKind { text, is: thing.kind(), wanted: kind }),
                msg!(Said::NameOne { kind, known: self.known(kind) }),
            ),
            None => {
                let hint = match self.nearest(kind, kind.strip(text).unwrap_or(text)) {
                    _ if text.contains(':') && qualified.is_none() => {
                        let kinds: Vec<_> = ResourceKind::ALL.iter().map(|kind| kind.keyword()).collect();
                        msg!(Said::KindsBeforeNames { kinds: &kinds[..kinds.len() - 1] })
                    }
                    Some(near) => did_you_mean(near),
                    None => msg!(Said::CreateFirst { known: self.known(kind) }),
                };
                Refusal::new(code, msg!(Said::NotFound { kind, text }), hint)
            }
        }
    }

    /// The names of a kind, if there are few: `; there are VPC1, VPC2`.
    fn known(&self, kind: ResourceKind) -> Option<Message> {
        let names = self.names_of(kind);
        match &names[..] {
            [] => Some(msg!(Said::NoneYet { kind })),
            [one] => Some(msg!(Said::ThereIsOne { name: one })),
            few if few.len() <= 6 => Some(msg!(Said::ThereAre { names: few })),
            _ => None,
        }
    }

    /// The names of all resources of a kind, in order.
    pub fn names_of(&self, kind: ResourceKind) -> Vec<String> {
        fn all<T: ToString + Ord + Keep, U: Keep>(map: &Map<T, U>) -> Vec<String> {
            map.keys().map(T::to_string).collect()
        }
        match kind {
            ResourceKind::Account => all(&self.accounts),
            ResourceKind::Vpc | ResourceKind::Router => all(&self.vpcs),
            ResourceKind::Subnet => all(&self.subnets),
            ResourceKind::RouteTable => all(&self.route_tables),
            ResourceKind::SecurityGroup => all(&self.security_groups),
            ResourceKind::NetworkAcl => all(&self.network_acls),
            ResourceKind::Instance => all(&self.instances),
            ResourceKind::NatGateway => all(&self.nat_gateways),
            ResourceKind::Gateway => all(&self.gateways),
            ResourceKind::RouterInterface => all(&self.router_interfaces),
            ResourceKind::Compound => all(&self.compounds),
            ResourceKind::VpcPeering => all(&self.vpc_peerings),
            ResourceKind::PeeringConnection => all(&self.peering_connections),
        }
    }

    /// The name of this kind that is most similar to `text`.
    pub(super) fn nearest(&self, kind: ResourceKind, text: &str) -> Option<String> {
        nearest(text, self.names_of(kind))
    }

    /// Checks a new resource's name: valid, and unused within its kind.
    pub(super) fn free_name(&self, kind: ResourceKind, text: &str, argument: &'static str) -> Result<(), Refusal> {
        check_name(text).map_err(|fault| {
            let hint = msg!(Said::ChooseAnotherName);
            Refusal::new(Fault::InvalidName, fault, hint).at(argument)
        })?;
        self.free_in_kind(kind, text, argument)
    }

    /// Checks that no resource of a kind has this name or id.
    pub(super) fn free_in_kind(&self, kind: ResourceKind, text: &str, argument: &'static str) -> Result<(), Refusal> {
        let kinds = kind.sharing_names();
        let named = kinds.iter().find_map(|kind| self.named(*kind, text));
        let known = named.or_else(|| self.directory.get(text).cloned());
        match known.filter(|thing| kinds.contains(&thing.kind())) {
            None => Ok(()),
            Some(thing) => Err(taken(text, &thing).at(argument)),
        }
    }

    /// The id of a new resource: the given one, checked, else one derived from kind and name.
    pub(super) fn new_id(
        &self,
        kind: ResourceKind,
        name: &str,
        given: Option<&str>,
        argument: &'static str,
    ) -> Result<Id, Refusal> {
        let Some(id) = given else { return Ok(self.derived_id(kind, name)) };
        if let Some(fault) = (self.provider.ids.fault)(kind, id) {
            return Err(Refusal::new(Fault::InvalidId, msg!(Said::NotAnId { id, kind }), fault).at(argument));
        }
        let known = self.directory.get(id).cloned().or_else(|| self.named(kind, id).filter(|_| id != name));
        match known {
            Some(Thing::Gone(kind)) if self.is_held(id) => {
                let message = msg!(Said::IdIsHeld { id, kind });
                Err(Refusal::new(Fault::AlreadyExists, message, msg!(Said::DeleteHolders)).at(argument))
            }
            None | Some(Thing::Gone(_)) => Ok(Id(id.into())),
            Some(thing) => Err(taken(id, &thing).at(argument)),
        }
    }

    /// Whether an entry or a rule holds the id of a deleted resource.
    fn is_held(&self, id: &str) -> bool {
        let mut entries = self.route_tables.values().flat_map(|table| table.entries.iter());
        let mut rules = self.security_groups.values().flat_map(|group| &group.rules);
        entries.any(|entry| matches!(&entry.next_hop, NextHop::Gone(gone) if *gone.id.0 == *id))
            || rules.any(|rule| matches!(&rule.peer, RulePeer::Group { id: held, .. } if *held.0 == *id))
    }

    /// The derived id: the same on every run, unique, and different for each resource of a name.
    pub(super) fn derived_id(&self, kind: ResourceKind, name: &str) -> Id {
        let ids = &self.provider.ids;
        let prefix = (ids.prefix)(kind);
        let mut seed = fnv::hash(fnv::SEED, prefix.as_bytes());
        let mut former = self.directory.former.get(&(kind, name.into())).copied().unwrap_or_default();
        loop {
            seed = fnv::hash(seed, name.as_bytes());
            let id = format!("{prefix}{}", ids.derived.write(seed));
            if former == 0 && self.directory.get(&id).is_none() && self.named(kind, &id).is_none() {
                return Id(id.into());
            }
            former = former.saturating_sub(1);
        }
    }
}

fn taken(text: &str, thing: &Thing) -> Refusal {
    let kind = thing.kind();
    let message = match thing {
        Thing::Gone(_) => msg!(Said::IdWasUsed { text, kind }),
        _ => msg!(Said::IsTaken { text, kind }),
    };
    Refusal::new(Fault::AlreadyExists, message, msg!(Said::ChooseAnother))
}

/// The hint with a similar name.
pub fn did_you_mean(near: impl fmt::Display) -> Message {
    msg!(Said::DidYouMean { near })
}

/// The name that is most similar to `text`: up to two wrong letters, or different case.
pub(super) fn nearest<T: AsRef<str>>(text: &str, names: impl IntoIterator<Item = T>) -> Option<T> {
    let limit = (text.chars().count() / 3).min(2);
    let scored = names.into_iter().map(|name| (distance(&text.to_lowercase(), &name.as_ref().to_lowercase()), name));
    scored.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
