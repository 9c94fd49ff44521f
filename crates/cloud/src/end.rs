//! An end of a peering as its owner sees it, for `status`, `plan` and the picture, the same for all families.

use super::messages::Title;
use super::router_interface::{INITIATOR, ends_of};
use super::{
    Bandwidth, Call, Cloud, ConnectionSide, FarEnd, Peering, PeeringConnection, PeeringKind, PeeringName, ResourceKind,
    Role, RouterInterface, Spec, VpcName, VpcPeering,
};

/// An end of a peering, with its family's details.
#[derive(Clone, Debug)]
pub struct End {
    /// The common part of every end.
    pub peering: Peering,
    /// The operation that created it.
    pub family: PeeringKind,
    /// Its side, if the sides differ.
    pub role: Option<Role>,
    /// Its bandwidth class, if its family has classes.
    pub spec: Option<&'static str>,
    /// Its present or future cap: the pair's, else its own class's.
    pub bandwidth: Option<Bandwidth>,
    /// The other end: the one with which it forms a pair, else the one that it names.
    pub opposite: Option<Opposed>,
    /// The intended peer VPC, if the end names it before there is another end.
    pub toward: Option<VpcName>,
    /// Its own values as written, by their arguments' names.
    pub attributes: Vec<(&'static str, String)>,
}

/// The other end, as an end names it.
#[derive(Clone, Debug)]
pub struct Opposed {
    /// Its name, or the text that was written.
    pub name: String,
    /// Owning account.
    pub account: Option<String>,
    /// Its VPC.
    pub vpc: Option<VpcName>,
    /// The provider's word for its state; `None`: the end does not exist.
    pub status: Option<&'static str>,
}

/// The listing of a family's ends.
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
    /// All kinds, in the order of listing.
    pub const ALL: [PeeringKind; 3] =
        [PeeringKind::RouterInterfaces, PeeringKind::VpcPeerings, PeeringKind::PeeringConnections];

    /// The listing of its ends.
    pub fn listing(self) -> Listing {
        match self {
            PeeringKind::RouterInterfaces => {
                Listing { key: "router_interfaces", title: Title::RouterInterfaces, kind: "router-interface" }
            }
            PeeringKind::VpcPeerings => Listing { key: "peerings", title: Title::Peerings, kind: "vpc-peering" },
            PeeringKind::PeeringConnections => {
                Listing { key: "peering_connections", title: Title::PeeringConnections, kind: "peering-connection" }
            }
        }
    }
}

impl Cloud {
    /// The ends of a family's peerings, by name; a connection is one, seen from the requester.
    pub fn ends_of(&self, family: PeeringKind) -> Vec<End> {
        match family {
            PeeringKind::RouterInterfaces => {
                self.router_interfaces.values().map(|it| self.end_of_interface(it)).collect()
            }
            PeeringKind::VpcPeerings => self.vpc_peerings.values().map(|it| self.end_of_half(it)).collect(),
            PeeringKind::PeeringConnections => {
                self.peering_connections.values().map(|it| self.end_of_connection(it)).collect()
            }
        }
    }

    /// An end of a peering, with its family's details.
    pub fn end_details(&self, name: &PeeringName) -> Option<End> {
        let interface = self.router_interfaces.get(name).map(|interface| self.end_of_interface(interface));
        let end = interface.or_else(|| self.vpc_peerings.get(name).map(|half| self.end_of_half(half)));
        end.or_else(|| self.peering_connections.get(name).map(|connection| self.end_of_connection(connection)))
    }

    /// The ends to which a name of this kind refers: one end, or both of a pair.
    pub fn ends_named(&self, kind: ResourceKind, name: &str) -> Vec<Peering> {
        if kind == ResourceKind::PeeringConnection {
            let connection = self.peering_connections.get(name);
            return connection.map(|connection| self.ends_of_connection(connection)).unwrap_or_default();
        }
        let names = match kind {
            ResourceKind::Compound => <[PeeringName; 2]>::from(ends_of(name)).into(),
            _ => vec![PeeringName::trusted(name)],
        };
        names.iter().filter_map(|name| self.peering(name)).collect()
    }

    /// The names that refer to a pair of ends.
    pub fn pair_names(&self) -> impl Iterator<Item = String> {
        self.router_interfaces.keys().filter_map(|name| name.as_str().strip_suffix(INITIATOR).map(str::to_owned))
    }

    /// Whether a text that may be of these kinds refers to a pair of ends.
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
        attributes.extend(interface.mtu.map(|mtu| ("mtu", mtu.to_string())));
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
        attributes.extend(half.mtu.map(|mtu| ("mtu", mtu.to_string())));
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

    fn end_of_connection(&self, connection: &PeeringConnection) -> End {
        let peering = self.peering_of_connection(connection, ConnectionSide::Requester);
        let (requester, accepter) = (&connection.requester, &connection.accepter);
        let mut attributes = vec![("vpc", requester.vpc.to_string()), ("peer-vpc", accepter.vpc.to_string())];
        if requester.account != accepter.account {
            attributes.push(("peer-account", accepter.account.to_string()));
        }
        attributes.extend(connection.bandwidth.map(|bandwidth| ("bandwidth", bandwidth.to_string())));
        attributes.extend(connection.latency.map(|latency| ("latency", format!("{latency:?}"))));
        attributes.extend(connection.mtu.map(|mtu| ("mtu", mtu.to_string())));
        attributes.push(("status", peering.status.to_owned()));
        let opposite = Opposed {
            name: connection.name.to_string(),
            account: Some(accepter.account.to_string()),
            vpc: Some(accepter.vpc.clone()),
            status: Some(peering.status),
        };
        End {
            family: PeeringKind::PeeringConnections,
            role: None,
            spec: None,
            bandwidth: connection.bandwidth,
            opposite: Some(opposite),
            toward: self.vpc_of_side(accepter).map(|vpc| vpc.name.clone()),
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
    /// The end from which it connects a pair.
    pub fn connects(&self) -> Option<(ResourceKind, &str)> {
        match self {
            Call::ConnectRouterInterface(call) => Some((ResourceKind::RouterInterface, &call.name)),
            _ => None,
        }
    }
}

impl End {
    /// Whether the other end represents the pair, because it connects.
    pub fn is_second(&self) -> bool {
        self.role == Some(Role::Acceptor)
    }
}
