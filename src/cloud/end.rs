//! An end of a peering as its owner sees it: what `status`, `plan` and the picture show, whatever family made it.

use super::messages::Title;
use super::router_interface::{INITIATOR, ends_of};
use super::{Bandwidth, Call, Cloud, PeeringKind, PeeringName, Role, RouterInterface, Spec, VpcName, VpcPeering};
use super::{FarEnd, Peering, ResourceKind};

/// An end of a peering, with what its family says of it.
#[derive(Clone, Debug)]
pub struct End {
    /// The common part of every end.
    pub peering: Peering,
    /// The operation that created it.
    pub family: PeeringKind,
    /// Its side, if the sides differ.
    pub role: Option<Role>,
    /// Its bandwidth class, where its family has them.
    pub spec: Option<&'static str>,
    /// The cap that it has or will have: of the pair, else of its own class.
    pub bandwidth: Option<Bandwidth>,
    /// The other end: the one that it is one pair with, else the one that it names.
    pub opposite: Option<Opposed>,
    /// The VPC that it is made for, where it says so before there is another end.
    pub toward: Option<VpcName>,
    /// Its own values, by their arguments' names: as somebody wrote them.
    pub attributes: Vec<(&'static str, String)>,
}

/// The other end, as an end names it.
#[derive(Clone, Debug)]
pub struct Opposed {
    /// Its name, or what was written.
    pub name: String,
    /// Owning account.
    pub account: Option<String>,
    /// Where it is.
    pub vpc: Option<VpcName>,
    /// The provider's word for its state; `None`: there is no such end.
    pub status: Option<&'static str>,
}

/// How a family's ends are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// In JSON, and in the provider's API.
    pub key: &'static str,
    /// Above a table.
    pub title: Title,
    /// Before a name.
    pub kind: &'static str,
}

impl PeeringKind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [PeeringKind; 2] = [PeeringKind::RouterInterfaces, PeeringKind::VpcPeerings];

    /// How its ends are listed.
    pub fn listing(self) -> Listing {
        match self {
            PeeringKind::RouterInterfaces => {
                Listing { key: "router_interfaces", title: Title::RouterInterfaces, kind: "router-interface" }
            }
            PeeringKind::VpcPeerings => Listing { key: "peerings", title: Title::Peerings, kind: "vpc-peering" },
        }
    }
}

impl Cloud {
    /// The ends of a family's peerings, by name.
    pub fn ends_of(&self, family: PeeringKind) -> Vec<End> {
        match family {
            PeeringKind::RouterInterfaces => {
                self.router_interfaces.values().map(|it| self.end_of_interface(it)).collect()
            }
            PeeringKind::VpcPeerings => self.vpc_peerings.values().map(|it| self.end_of_half(it)).collect(),
        }
    }

    /// An end of a peering, with what its family says of it.
    pub fn end_details(&self, name: &PeeringName) -> Option<End> {
        let interface = self.router_interfaces.get(name).map(|interface| self.end_of_interface(interface));
        interface.or_else(|| self.vpc_peerings.get(name).map(|half| self.end_of_half(half)))
    }

    /// The ends that a name means which is of this kind: one, or those of a pair.
    pub fn ends_named(&self, kind: ResourceKind, name: &str) -> Vec<Peering> {
        let names = match kind {
            ResourceKind::Compound => <[PeeringName; 2]>::from(ends_of(name)).into(),
            _ => vec![PeeringName::trusted(name)],
        };
        names.iter().filter_map(|name| self.peering(name)).collect()
    }

    /// The names by which two ends are called as one.
    pub fn pair_names(&self) -> impl Iterator<Item = String> {
        self.router_interfaces.keys().filter_map(|name| name.as_str().strip_suffix(INITIATOR).map(str::to_owned))
    }

    /// Whether a text that may name things of these kinds names two ends as one.
    pub fn names_a_pair(&self, kinds: &[ResourceKind], text: &str) -> bool {
        kinds.contains(&ResourceKind::RouterInterface) && self.name_of(ResourceKind::Compound, text).is_some()
    }

    /// The other end, as the end's owner wrote it.
    pub fn written_opposite(&self, kind: ResourceKind, end: &str) -> Option<&str> {
        let end = (kind == ResourceKind::RouterInterface).then_some(end)?;
        self.router_interfaces.get(end)?.opposite.as_ref()?.interface.as_deref()
    }

    fn end_of_interface(&self, interface: &RouterInterface) -> End {
        let peering = self.peering_of_interface(interface);
        let written = interface.opposite.as_ref().and_then(|opposite| Some((opposite, opposite.interface.as_ref()?)));
        let named = || {
            let (opposite, written) = written?;
            let end = self.named_by(opposite);
            Some(Opposed {
                name: end.map_or(written.clone(), |end| end.name.to_string()),
                account: end.map_or(opposite.account.clone(), |end| Some(end.account.to_string())),
                vpc: end.map(|end| end.vpc.clone()),
                status: end.map(|end| self.word(end.status)),
            })
        };
        let mut attributes = vec![("vpc", interface.vpc.to_string()), ("role", interface.role.to_string())];
        attributes.extend(interface.spec.map(|spec| ("spec", spec.name.to_owned())));
        attributes.extend(written.map(|(_, interface)| ("opposite-interface", interface.clone())));
        attributes.extend(interface.latency.map(|latency| ("latency", format!("{latency:?}"))));
        attributes.push(("status", peering.status.to_owned()));
        End {
            family: PeeringKind::RouterInterfaces,
            role: Some(interface.role),
            spec: Some(interface.spec.map_or(Spec::OF_ACCEPTOR, |spec| spec.name)),
            bandwidth: peering.bandwidth.or(interface.spec.map(|spec| spec.bandwidth)),
            opposite: self.opposed(peering.far.as_ref()).or_else(named),
            toward: None,
            attributes,
            peering,
        }
    }

    fn end_of_half(&self, half: &VpcPeering) -> End {
        let peering = self.peering_of_half(half);
        let mut attributes = vec![("vpc", half.vpc.to_string()), ("peer-vpc", half.peer_vpc.to_string())];
        attributes.extend(half.latency.map(|latency| ("latency", format!("{latency:?}"))));
        attributes.push(("status", peering.status.to_owned()));
        End {
            family: PeeringKind::VpcPeerings,
            role: None,
            spec: None,
            bandwidth: peering.bandwidth,
            opposite: self.opposed(peering.far.as_ref()),
            toward: self.peer_of_half(half).map(|vpc| vpc.name.clone()),
            attributes,
            peering,
        }
    }

    fn opposed(&self, far: Option<&FarEnd>) -> Option<Opposed> {
        let far = far?;
        let end = self.peering(&far.name);
        Some(Opposed {
            name: far.name.to_string(),
            account: end.as_ref().map(|end| end.account.to_string()),
            vpc: Some(far.vpc.clone()),
            status: end.map(|end| end.status),
        })
    }
}

impl Call {
    /// The end from which it connects two.
    pub fn connects(&self) -> Option<(ResourceKind, &str)> {
        match self {
            Call::ConnectRouterInterface(call) => Some((ResourceKind::RouterInterface, &call.name)),
            _ => None,
        }
    }
}

impl End {
    /// Whether the other end speaks for the pair: it is the one that connects.
    pub fn is_second(&self) -> bool {
        self.role == Some(Role::Acceptor)
    }
}
