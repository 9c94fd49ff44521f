//! Bindings: a lab's lines mean the resources that a learner made by hand under other names or ids.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::reference::Resource;
use super::router_interface::{ACCEPTOR, INITIATOR, ends_of};
use super::{
    ArgumentKind, Call, Cloud, Gateway, Id, Instance, NatGateway, NetworkAcl, Operation, PeeringConnection,
    ResourceKind, RouteTable, RouterInterface, SecurityGroup, Subnet, Vpc, VpcPeering,
};

/// A resource made by hand, and the name by which a lab's lines refer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Its kind.
    pub kind: ResourceKind,
    /// The lab's name for it, and the lab's id if it gives one; for a subnet `VPC/SUBNET`, with the existing VPC.
    pub lab: Vec<String>,
    /// Its own name.
    pub made: String,
}

/// The bindings of a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    bound: Vec<Binding>,
    /// The resources that the lab itself creates. If a learner gave such a name to a resource of another kind too, the
    /// lab's lines still mean the lab's own.
    own: BTreeSet<(ResourceKind, String)>,
}

impl Extend<Binding> for Bindings {
    fn extend<I: IntoIterator<Item = Binding>>(&mut self, bindings: I) {
        self.bound.extend(bindings);
    }
}

impl FromIterator<Binding> for Bindings {
    fn from_iter<I: IntoIterator<Item = Binding>>(bindings: I) -> Self {
        Bindings { bound: bindings.into_iter().collect(), own: BTreeSet::new() }
    }
}

impl Bindings {
    /// Adds the resources that these operations of the lab create as the lab's own.
    pub fn of_lab<'o>(mut self, cloud: &Cloud, operations: impl IntoIterator<Item = &'o Operation>) -> Self {
        let created = operations.into_iter().filter_map(|operation| operation.call.created(cloud));
        self.own.extend(created.map(|it| (it.kind, it.name)));
        self
    }

    fn is_empty(&self) -> bool {
        self.bound.is_empty() && self.own.is_empty()
    }

    /// The name of the bound resource, if it exists; the one that was bound last.
    pub fn made(&self, cloud: &Cloud, kind: ResourceKind, text: &str) -> Option<&str> {
        let text = kind.strip(text)?;
        let mut bound = self.bound.iter().rev().filter(|it| it.kind == kind && it.lab.iter().any(|lab| lab == text));
        bound.find(|it| cloud.name_of(kind, &it.made).is_some()).map(|it| it.made.as_str())
    }

    /// The kind and own name of the bound resource of one of these kinds that the lab's lines call `text`, if it exists.
    pub fn named(&self, cloud: &Cloud, kinds: &[ResourceKind], text: &str) -> Option<(ResourceKind, String)> {
        kinds.iter().find_map(|kind| match kind {
            ResourceKind::Compound => {
                let made = self.ends(cloud, kind.strip(text)?).and_then(|ends| compound_of(&ends));
                made.map(|made| (*kind, made))
            }
            kind => self.made(cloud, *kind, text).map(|made| (*kind, made.to_owned())),
        })
    }

    /// The two ends made by hand of a compound of the lab, the initiator first.
    pub fn ends(&self, cloud: &Cloud, compound: &str) -> Option<[String; 2]> {
        let (initiator, acceptor) = ends_of(compound);
        let made = |end: &str| self.made(cloud, ResourceKind::RouterInterface, end).map(str::to_owned);
        Some([made(initiator.as_str())?, made(acceptor.as_str())?])
    }

    /// The lab's name for a resource made by hand under another name; the one that was bound last.
    pub fn lab_name(&self, cloud: &Cloud, kind: ResourceKind, made: &str) -> Option<&str> {
        let mut bound = self.bound.iter().rev().filter(|it| it.kind == kind && it.made == made);
        let name = bound.find_map(|it| it.lab.first()).map(String::as_str)?;
        (name != made && self.made(cloud, kind, name) == Some(made)).then_some(name)
    }

    /// A call of the lab with the names of the bound resources.
    pub fn resolve(&self, cloud: &Cloud, call: &Call) -> Call {
        if self.is_empty() {
            return call.clone();
        }
        let mut meant = self.references(cloud, call);
        let made = self.made_instead(cloud, &meant).filter(|made| !made.contains(' '));
        if let Some(made) = made.or_else(|| self.anew(cloud, &meant)) {
            meant.rename(made.rsplit_once('/').map_or(&*made, |(_, subnet)| subnet));
        }
        meant
    }

    /// The name of a deleted resource made by hand, if the call recreates it, because remaining references use that
    /// name.
    fn anew(&self, cloud: &Cloud, call: &Call) -> Option<String> {
        let created = call.created(cloud)?;
        let bound =
            self.bound.iter().rev().find(|it| it.kind == created.kind && it.lab.first() == Some(&created.name))?;
        // A learner may have given the lab's name to another resource of the lab.
        let is_anothers = |it: &Binding| it.kind == created.kind && it.made == created.name && *it != *bound;
        let is_free = cloud.name_of(created.kind, &created.name).is_none() || self.bound.iter().any(is_anothers);
        is_free.then(|| bound.made.clone())
    }

    /// The name of the resource made by hand in place of what the lab's call creates.
    pub fn creation(&self, cloud: &Cloud, call: &Call) -> Option<String> {
        self.made_instead(cloud, &self.references(cloud, call))
    }

    /// The same for a call whose references are resolved.
    fn made_instead(&self, cloud: &Cloud, call: &Call) -> Option<String> {
        let created = call.created(cloud)?;
        if created.kind != ResourceKind::Compound {
            return self.made(cloud, created.kind, &created.name).map(str::to_owned);
        }
        let ends = self.ends(cloud, &created.name)?;
        let [initiator, acceptor] = &ends;
        Some(compound_of(&ends).unwrap_or_else(|| format!("{initiator} and {acceptor}")))
    }

    /// The same, without the name of what it creates.
    pub fn references(&self, cloud: &Cloud, call: &Call) -> Call {
        let mut call = call.clone();
        if !self.is_empty() {
            call.each_reference(&mut |kinds, text| {
                if let Some(meant) = self.meant(cloud, kinds, text) {
                    *text = meant;
                }
            });
            self.resolve_compound(cloud, &mut call);
        }
        call
    }

    /// The same for a typed call, whose names first refer to the Cloud's resources.
    pub fn resolve_unknown(&self, cloud: &Cloud, call: &Call) -> Call {
        let mut call = call.clone();
        if !self.is_empty() {
            call.each_reference(&mut |kinds, text| {
                let known = kinds.iter().any(|kind| cloud.name_of(*kind, text).is_some());
                if let Some(meant) = self.meant(cloud, kinds, text).filter(|_| !known) {
                    *text = meant;
                }
            });
        }
        call
    }

    fn meant(&self, cloud: &Cloud, kinds: &[ResourceKind], text: &str) -> Option<String> {
        if let Some((vpc, rest)) = text.split_once('/') {
            let vpc = self.meant(cloud, &[ResourceKind::Vpc], vpc).unwrap_or_else(|| vpc.to_owned());
            let whole = format!("{}/{rest}", cloud.name_of(ResourceKind::Vpc, &vpc).unwrap_or(vpc));
            let made = kinds.iter().find_map(|kind| self.made(cloud, *kind, &whole)).map(str::to_owned);
            return Some(made.unwrap_or(whole));
        }
        let made = kinds.iter().find_map(|kind| Some((*kind, self.made(cloud, *kind, text)?)));
        let Some((kind, made)) = made else { return self.own(cloud, kinds, text) };
        // If references of several kinds are possible, a name of two resources is ambiguous.
        let alone = kinds.iter().filter(|kind| cloud.name_of(**kind, made).is_some()).count() == 1;
        Some(if alone { made.to_owned() } else { cloud.found(kind, made)?.1.to_string() })
    }

    /// The lab's own resource, if references of several kinds are possible and resources of two kinds have this name.
    fn own(&self, cloud: &Cloud, kinds: &[ResourceKind], text: &str) -> Option<String> {
        let named = |kind: &&ResourceKind| cloud.name_of(**kind, text).as_deref() == Some(text);
        let kinds = kinds.iter().chain([&ResourceKind::Compound].into_iter().filter(|_| kinds.len() > 1));
        let things: Vec<_> = kinds.filter(named).collect();
        let own = |kind: &&&ResourceKind| self.own.contains(&(***kind, text.to_owned()));
        match things.iter().filter(own).collect::<Vec<_>>()[..] {
            [kind] if things.len() > 1 => Some(format!("{}:{text}", kind.keyword())),
            _ => None,
        }
    }

    /// A compound as a next hop whose two ends were made by hand: the end in the table's own VPC.
    fn resolve_compound(&self, cloud: &Cloud, call: &mut Call) {
        let (table, vpc, hops) = match call {
            Call::CreateRouteEntry(call) => (call.table.as_deref(), call.vpc.as_deref(), call.next_hop.as_mut_slice()),
            Call::DeleteRouteEntry(call) => (call.table.as_deref(), call.vpc.as_deref(), call.next_hop.as_mut_slice()),
            _ => return,
        };
        let vpc = match (table, vpc) {
            (Some(table), _) => RouteTable::find(cloud, table).map(|table| table.vpc.clone()),
            (None, vpc) => vpc.and_then(|vpc| Vpc::find(cloud, vpc)).map(|vpc| vpc.name.clone()),
        };
        for hop in hops {
            let ends = <[_; 2]>::from(ends_of(hop));
            let made = ends.iter().filter_map(|end| self.made(cloud, ResourceKind::RouterInterface, end.as_str()));
            let mut ends = made.filter_map(|made| RouterInterface::find(cloud, made));
            if let Some(end) = ends.find(|end| Some(&end.vpc) == vpc.as_ref()) {
                *hop = end.name.to_string();
            }
        }
    }
}

/// The name of the compound with these ends.
fn compound_of([initiator, acceptor]: &[String; 2]) -> Option<String> {
    let compound = initiator.strip_suffix(INITIATOR)?;
    (acceptor.strip_suffix(ACCEPTOR) == Some(compound)).then(|| compound.to_owned())
}

/// The resource that a call creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its name; a subnet's is `VPC/SUBNET`.
    pub name: String,
    /// Its id, if the call gives one.
    pub id: Option<String>,
}

impl Created {
    /// The things that it is: their kind, and their names.
    pub fn things(&self) -> (ResourceKind, Vec<String>) {
        match self.kind {
            ResourceKind::Compound => {
                (ResourceKind::RouterInterface, <[_; 2]>::from(ends_of(&self.name)).map(|end| end.to_string()).into())
            }
            kind => (kind, vec![self.name.clone()]),
        }
    }

    /// Whether a text is its name or id, or the name of a thing that it is.
    pub fn is_called(&self, text: &str) -> bool {
        self.name == text || self.id.as_deref() == Some(text) || self.things().1.iter().any(|name| name == text)
    }
}

impl Call {
    /// The resource that it creates, if any.
    pub fn created(&self, cloud: &Cloud) -> Option<Created> {
        self.created_in(|vpc| cloud.name_of(ResourceKind::Vpc, vpc).unwrap_or_else(|| vpc.to_owned()))
    }

    /// The same, with the VPC of a subnet as the call names it.
    pub fn created_as_written(&self) -> Option<Created> {
        self.created_in(str::to_owned)
    }

    fn created_in(&self, vpc: impl FnOnce(&str) -> String) -> Option<Created> {
        let (kind, name) = self.arguments().find_map(|(argument, texts)| match argument.kind {
            ArgumentKind::New(kind) => Some((kind, texts.first()?.clone())),
            _ => None,
        })?;
        let id = self.text_of(ArgumentKind::NewId(kind)).map(str::to_owned);
        let name = match self {
            Call::CreateSubnet(call) => format!("{}/{name}", vpc(&call.vpc)),
            _ => name,
        };
        Some(Created { kind, name, id })
    }

    /// Renames what it creates.
    pub fn rename(&mut self, to: &str) {
        let creates = self.arguments().find_map(|(argument, _)| match argument.kind {
            ArgumentKind::New(kind) => Some(kind),
            _ => None,
        });
        let Some(kind) = creates else { return };
        let renamed = self.with(|argument, texts| match argument.kind {
            ArgumentKind::New(_) => vec![to.to_owned()],
            // The id belonged to the other name.
            ArgumentKind::NewId(of) if of == kind => Vec::new(),
            _ => texts.to_vec(),
        });
        *self = renamed.unwrap_or_else(|| self.clone());
    }

    /// Visits each reference to an existing resource, with its possible kinds.
    pub fn each_reference(&mut self, visit: &mut impl FnMut(&'static [ResourceKind], &mut String)) {
        self.each_text(&mut |argument, text| {
            if !argument.names().is_empty() {
                visit(argument.names(), text);
            }
        });
    }
}

impl Cloud {
    /// The name of the resource of a kind to which `text` (a name or an id) refers.
    pub fn name_of(&self, kind: ResourceKind, text: &str) -> Option<String> {
        self.found(kind, text).map(|(name, _)| name)
    }

    /// The name and the id of the thing of a kind that `text` refers to.
    pub(super) fn found(&self, kind: ResourceKind, text: &str) -> Option<(String, Id)> {
        let of = |name: String, id: &Id| Some((name, id.clone()));
        match kind {
            ResourceKind::Vpc => Vpc::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::Subnet => Subnet::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::RouteTable => RouteTable::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::SecurityGroup => SecurityGroup::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::NetworkAcl => NetworkAcl::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::Instance => Instance::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::NatGateway => NatGateway::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::Gateway => Gateway::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::RouterInterface => RouterInterface::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::VpcPeering => VpcPeering::find(self, text).and_then(|it| of(it.label(), &it.id)),
            ResourceKind::PeeringConnection => {
                PeeringConnection::find(self, text).and_then(|it| of(it.label(), &it.id))
            }
            ResourceKind::Compound => {
                let (initiator, acceptor) = ends_of(text);
                let end = RouterInterface::find(self, initiator.as_str())?;
                RouterInterface::find(self, acceptor.as_str())?;
                of(text.to_owned(), &end.id)
            }
            ResourceKind::Account | ResourceKind::Router => None,
        }
    }

    /// A call with every reference replaced by the resource's name, so that equivalent calls are equal.
    pub fn in_names(&self, call: &Call) -> Call {
        let mut call = call.clone();
        call.each_reference(&mut |kinds, text| {
            if let Some(name) = kinds.iter().find_map(|kind| self.name_of(*kind, text)) {
                *text = name;
            }
        });
        call.each_text(&mut |argument, text| {
            if argument.kind == ArgumentKind::Account
                && let Some(account) = self.find_account(text)
            {
                *text = account.name.to_string();
            }
        });
        match &mut call {
            // A VPC's default table has two spellings.
            Call::CreateRouteEntry(call) => self.as_table(&mut call.table, &mut call.vpc),
            Call::DeleteRouteEntry(call) => self.as_table(&mut call.table, &mut call.vpc),
            _ => {}
        }
        call
    }

    fn as_table(&self, table: &mut Option<String>, vpc: &mut Option<String>) {
        if let Some(of) = vpc.as_deref().and_then(|vpc| Vpc::find(self, vpc)) {
            *table = Some(self.main_table_of(&of.name).name.to_string());
            *vpc = None;
        }
    }
}
