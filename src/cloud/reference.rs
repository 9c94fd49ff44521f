//! Names and ids to things, in one place: every reference takes a name or an id, whose thing it is comes with it
//! (docs/cloud.md §5).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::map::{Keep, Map};
use super::{
    Account, AccountName, Call, Cloud, Code, GroupName, Id, Instance, InstanceName, Operation, PeeringName, Refusal,
    RouteTable, RouteTableName, RouterInterface, SecurityGroup, Subnet, SubnetName, Vpc, VpcName, VpcPeering,
    check_name,
};

/// What sort of thing a name or an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// An account.
    Account,
    /// A VPC.
    Vpc,
    /// A VPC's router.
    Router,
    /// A subnet.
    Subnet,
    /// A route table.
    RouteTable,
    /// A security group.
    SecurityGroup,
    /// An instance.
    Instance,
    /// A router interface.
    RouterInterface,
    /// A half of a VPC peering.
    VpcPeering,
    /// Two router interfaces that were made as one.
    Compound,
}

impl ResourceKind {
    /// In a sentence: `a VPC`.
    pub(super) fn with_article(self) -> &'static str {
        match self {
            ResourceKind::Account => "an account",
            ResourceKind::Vpc => "a VPC",
            ResourceKind::Router => "a router",
            ResourceKind::Subnet => "a subnet",
            ResourceKind::RouteTable => "a route table",
            ResourceKind::SecurityGroup => "a security group",
            ResourceKind::Instance => "an instance",
            ResourceKind::RouterInterface => "a router interface",
            ResourceKind::VpcPeering => "a VPC peering",
            ResourceKind::Compound => "a peering of two router interfaces",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.with_article();
        f.pad(words.split_once(' ').map_or(words, |(_, noun)| noun))
    }
}

/// What a name or an id stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Thing {
    Account(AccountName),
    Vpc(VpcName),
    Router(VpcName),
    Subnet(SubnetName),
    RouteTable(RouteTableName),
    SecurityGroup(GroupName),
    Instance(InstanceName),
    RouterInterface(PeeringName),
    VpcPeering(PeeringName),
    /// The pair that the compound operation made, while one of its ends lives.
    Compound(PeeringName),
    /// A half of this VPC that was deleted while route entries named it: the name is kept for a half of the same VPC.
    DeletedHalf(VpcName),
}

impl Thing {
    pub(super) fn kind(&self) -> ResourceKind {
        match self {
            Thing::Account(_) => ResourceKind::Account,
            Thing::Vpc(_) => ResourceKind::Vpc,
            Thing::Router(_) => ResourceKind::Router,
            Thing::Subnet(_) => ResourceKind::Subnet,
            Thing::RouteTable(_) => ResourceKind::RouteTable,
            Thing::SecurityGroup(_) => ResourceKind::SecurityGroup,
            Thing::Instance(_) => ResourceKind::Instance,
            Thing::RouterInterface(_) => ResourceKind::RouterInterface,
            Thing::VpcPeering(_) | Thing::DeletedHalf(_) => ResourceKind::VpcPeering,
            Thing::Compound(_) => ResourceKind::Compound,
        }
    }
}

/// Every name and id that is taken, and by what. Subnets stand here by id alone, and a VPC's default table and group not
/// by `VPC/default`: such names are looked up in their VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) things: Map<Arc<str>, Thing>,
}

impl Directory {
    pub(super) fn get(&self, text: &str) -> Option<&Thing> {
        self.things.get(text)
    }

    pub(super) fn insert(&mut self, text: impl Into<Arc<str>>, thing: Thing) {
        self.things.insert(text.into(), thing);
    }

    pub(super) fn remove(&mut self, text: &str) {
        self.things.remove(text);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Thing)> {
        self.things.iter().map(|(text, thing)| (&**text, thing))
    }
}

/// A thing that an account owns and that operations name.
pub(super) trait Resource: Sized {
    const KIND: ResourceKind;

    /// The thing that `text`, a name or an id, stands for.
    fn find<'a>(cloud: &'a Cloud, text: &str) -> Option<&'a Self>;

    /// Whose it is.
    fn owner<'a>(&'a self, cloud: &'a Cloud) -> &'a AccountName;

    /// As text.
    fn label(&self) -> String;
}

/// The thing in `$map` under the name that `$variant` holds.
macro_rules! resource {
    ($type:ident, $variant:ident, $map:ident, $owner:expr, $qualified:expr) => {
        impl Resource for $type {
            const KIND: ResourceKind = ResourceKind::$variant;

            fn find<'a>(cloud: &'a Cloud, text: &str) -> Option<&'a Self> {
                if let Some((vpc, rest)) = text.split_once('/') {
                    let vpc = Vpc::find(cloud, vpc)?;
                    let qualified: fn(&'a Cloud, &'a Vpc, &str) -> Option<&'a Self> = $qualified;
                    return qualified(cloud, vpc, rest);
                }
                match cloud.directory.get(text)? {
                    Thing::$variant(name) => cloud.$map.get(name),
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
    // Its id says which VPC it is in, and may be written behind it all the same.
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
resource!(Instance, Instance, instances, |instance, _| &instance.account, |_, _, _| None);
resource!(RouterInterface, RouterInterface, router_interfaces, |interface, _| &interface.account, |_, _, _| None);
resource!(VpcPeering, VpcPeering, vpc_peerings, |half, _| &half.account, |_, _, _| None);

impl Cloud {
    /// What a create call made: each thing's name and id.
    pub fn made_by(&self, call: &Call) -> Vec<(String, Id)> {
        fn made<R: Resource>(cloud: &Cloud, text: &str, id: fn(&R) -> &Id) -> Vec<(String, Id)> {
            R::find(cloud, text).map(|thing| (thing.label(), id(thing).clone())).into_iter().collect()
        }
        match call {
            Call::CreateVpc(call) => {
                let router = Vpc::find(self, &call.name).map(|vpc| ("its router".to_owned(), vpc.router_id.clone()));
                made::<Vpc>(self, &call.name, |vpc| &vpc.id).into_iter().chain(router).collect()
            }
            Call::CreateSubnet(call) => made::<Subnet>(self, &format!("{}/{}", call.vpc, call.name), |it| &it.id),
            Call::CreateInstance(call) => made::<Instance>(self, &call.name, |it| &it.id),
            Call::CreateRouteTable(call) => made::<RouteTable>(self, &call.name, |it| &it.id),
            Call::CreateSecurityGroup(call) => made::<SecurityGroup>(self, &call.name, |it| &it.id),
            Call::CreateRouterInterface(call) => made::<RouterInterface>(self, &call.name, |it| &it.id),
            Call::CreateVpcPeering(call) => made::<VpcPeering>(self, &call.name, |it| &it.id),
            Call::CreatePeering(call) => {
                let (initiator, acceptor) = super::router_interface::ends_of(&call.name);
                let end = |end: PeeringName| made::<RouterInterface>(self, end.as_str(), |it| &it.id);
                [initiator, acceptor].into_iter().flat_map(end).collect()
            }
            _ => Vec::new(),
        }
    }

    /// An account by name or id.
    pub(super) fn find_account(&self, text: &str) -> Option<&Account> {
        match self.directory.get(text)? {
            Thing::Account(name) => self.accounts.get(name),
            _ => None,
        }
    }

    /// The thing that `text` stands for, whoever's it is; else NotFound at `argument`.
    pub(super) fn any<R: Resource>(&self, text: &str, argument: &'static str) -> Result<&R, Refusal> {
        R::find(self, text).ok_or_else(|| self.not_found(R::KIND, text).at(argument))
    }

    /// The caller's own thing; else NotFound or Forbidden at `argument`.
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
        let message = format!("{} {} is account {owner}'s, not {}'s", R::KIND, resource.label(), operation.caller);
        let hint = format!("account {owner} must call it; a call acts on the caller's own things only");
        Err(Refusal::new(Code::NOT_OWNER, message, hint).at(argument))
    }

    /// That `text` is nothing of this kind: what it is instead, or what comes near it.
    pub(super) fn not_found(&self, kind: ResourceKind, text: &str) -> Refusal {
        let code = (self.provider.not_found)(kind);
        match self.directory.get(text) {
            Some(Thing::DeletedHalf(vpc)) => Refusal::new(
                code,
                format!("VPC peering {text:?} was deleted; only route entries of VPC {vpc} still name it"),
                "create it again, or delete the entries",
            ),
            Some(Thing::Compound(name)) if kind == ResourceKind::RouterInterface => Refusal::new(
                code,
                format!("{text:?} is a peering of two router interfaces, not one of them"),
                format!("name one end: {name}.initiator or {name}.acceptor"),
            ),
            Some(thing) => Refusal::new(
                code,
                format!("{text:?} is {}, not {}", thing.kind().with_article(), kind.with_article()),
                format!("name {} by name or id{}", kind.with_article(), self.known(kind)),
            ),
            None => {
                let hint = match self.nearest(kind, text) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("create it first, or name another{}", self.known(kind)),
                };
                Refusal::new(code, format!("there is no {kind} {text:?}"), hint)
            }
        }
    }

    /// The names of a kind, where they are few: `; there are VPC1, VPC2`.
    fn known(&self, kind: ResourceKind) -> String {
        let names = self.names_of(kind);
        match &names[..] {
            [] => format!("; there is no {kind} yet"),
            [one] => format!("; there is {one}"),
            few if few.len() <= 6 => format!("; there are {}", few.join(", ")),
            _ => String::new(),
        }
    }

    fn names_of(&self, kind: ResourceKind) -> Vec<String> {
        fn all<T: ToString + Ord + Keep, U: Keep>(map: &Map<T, U>) -> Vec<String> {
            map.keys().map(T::to_string).collect()
        }
        match kind {
            ResourceKind::Account => all(&self.accounts),
            ResourceKind::Vpc | ResourceKind::Router => all(&self.vpcs),
            ResourceKind::Subnet => all(&self.subnets),
            ResourceKind::RouteTable => all(&self.route_tables),
            ResourceKind::SecurityGroup => all(&self.security_groups),
            ResourceKind::Instance => all(&self.instances),
            ResourceKind::RouterInterface | ResourceKind::Compound => all(&self.router_interfaces),
            ResourceKind::VpcPeering => all(&self.vpc_peerings),
        }
    }

    /// The name of this kind that `text` was perhaps meant to be.
    pub(super) fn nearest(&self, kind: ResourceKind, text: &str) -> Option<String> {
        nearest(text, self.names_of(kind))
    }

    /// A name for something new: well formed, and free over all kinds.
    pub(super) fn free_name(&self, text: &str, argument: &'static str) -> Result<(), Refusal> {
        check_name(text).map_err(|fault| {
            Refusal::new(Code::INVALID_NAME, fault, "choose another name; names are unique over all kinds").at(argument)
        })?;
        match self.directory.get(text) {
            None => Ok(()),
            Some(thing) => Err(self.taken(text, thing).at(argument)),
        }
    }

    pub(super) fn taken(&self, text: &str, thing: &Thing) -> Refusal {
        let message = match thing {
            Thing::DeletedHalf(vpc) => {
                format!("{text:?} was a VPC peering of VPC {vpc}, and route entries of {vpc} still name it")
            }
            _ => format!("{text:?} is {} of the lab already", thing.kind().with_article()),
        };
        Refusal::new(Code::ALREADY_EXISTS, message, "choose another; names and ids are unique over all kinds")
    }

    /// The id of something new: the given one, checked, else one derived from kind and name.
    pub(super) fn new_id(
        &self,
        kind: ResourceKind,
        name: &str,
        given: Option<&str>,
        argument: &'static str,
    ) -> Result<Id, Refusal> {
        let Some(id) = given else { return Ok(self.derived_id(kind, name)) };
        if let Some(fault) = (self.provider.id_fault)(kind, id) {
            return Err(Refusal::new(Code::INVALID_ID, format!("{id:?} is no {kind} id"), fault).at(argument));
        }
        match self.directory.get(id) {
            Some(thing) => Err(self.taken(id, thing).at(argument)),
            None => Ok(Id(id.into())),
        }
    }

    /// The same on every run, and nobody else's.
    pub(super) fn derived_id(&self, kind: ResourceKind, name: &str) -> Id {
        let prefix = (self.provider.id_prefix)(kind);
        let mut seed = fnv(0xcbf2_9ce4_8422_2325, prefix.as_bytes());
        loop {
            seed = fnv(seed, name.as_bytes());
            let id = format!("{prefix}{}", base36(seed));
            if self.directory.get(&id).is_none() {
                return Id(id.into());
            }
        }
    }
}

/// Of `names` the one that `text` was perhaps meant to be: up to two letters wrong, or another case.
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

/// FNV-1a, 64 bits: stable over versions and machines, which std's hasher does not promise.
fn fnv(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// 13 digits and lower case letters.
fn base36(mut value: u64) -> String {
    let mut digits = [b'0'; 13];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(value % 36) as usize];
        value /= 36;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}
