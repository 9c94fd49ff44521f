//! Finds the links that a word means, or why there are none yet.

use crate::capture::messages::Said;
use crate::cloud::{Bindings, Cloud, InstanceName, NatGatewayName, PeeringName, ResourceKind, VpcName};
use crate::error::{Error, Result};
use crate::lab::{self, nearest};
use crate::message::Message;
use crate::msg;
use crate::network::compile::{self, INSTANCE_INDEX, INSTANCE_LINK, INTERNET};
use crate::network::model::{Link, LinkKind, LinkName, NamespaceName, Network};
use crate::target;

/// A point of capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an instance's link.
    Instance(InstanceName),
    /// At a NAT gateway's link, where packets pass before and after it translates them.
    NatGateway(NatGatewayName),
    /// One end of a peering, or both ends of a peering that was created as a whole.
    Peering(Vec<(VpcName, PeeringName)>),
    /// All links of a VPC's router to its instances, peerings and the internet.
    Vpc(VpcName),
    /// All links of the internet to VPCs.
    Internet,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its namespace.
    pub namespace: NamespaceName,
    /// Its index there.
    pub index: u32,
    /// As in `ecs-a:eth0`.
    pub name: String,
}

impl Place {
    /// Finds the place with this id or name, its own or the lab's, or `internet`.
    pub fn find(cloud: &Cloud, bindings: &Bindings, text: &str) -> Result<Self> {
        let hosts = [ResourceKind::Instance, ResourceKind::NatGateway];
        let kinds = [&hosts[..], &ResourceKind::PEERINGS, &[ResourceKind::Vpc]].concat();
        if text == INTERNET {
            return Ok(Place::Internet);
        }
        let end = |name: &str| cloud.peering(&PeeringName::trusted(name)).map(|it| (it.vpc, it.name));
        let Some((kind, name)) = lab::resolve_reference(cloud, bindings, &kinds, text)? else {
            // The two ends of the lab's compound may have been made by hand one by one.
            let ends = ResourceKind::Compound.strip(text).and_then(|name| bindings.ends(cloud, name));
            let ends = ends.map(|ends| ends.iter().filter_map(|name| end(name)).collect());
            return ends.map(Place::Peering).ok_or_else(|| unknown(cloud, text));
        };
        Ok(match kind {
            ResourceKind::Instance => Place::Instance(InstanceName::trusted(name)),
            ResourceKind::NatGateway => Place::NatGateway(NatGatewayName::trusted(name)),
            ResourceKind::Vpc => Place::Vpc(VpcName::trusted(name)),
            _ => Place::Peering(cloud.ends_named(kind, &name).into_iter().map(|end| (end.vpc, end.name)).collect()),
        })
    }

    /// The namespaces of its links, present or future.
    pub fn namespaces(&self, cloud: &Cloud) -> Vec<NamespaceName> {
        match self {
            Place::Instance(name) => vec![compile::of_instance(cloud, name)],
            Place::NatGateway(name) => vec![compile::of_nat_gateway(cloud, name)],
            Place::Peering(ends) => ends.iter().map(|(vpc, _)| compile::of_vpc(vpc)).collect(),
            Place::Vpc(name) => vec![compile::of_vpc(name)],
            Place::Internet => vec![INTERNET.into()],
        }
    }

    /// The places of a lab in which its links are.
    pub fn parts(&self, cloud: &Cloud) -> Vec<target::Place> {
        match self {
            Place::Instance(name) => vec![target::Place::Instance(name.clone())],
            Place::NatGateway(name) => {
                let nat = cloud.nat_gateway(name);
                nat.map(|nat| target::Place::Instance(nat.host.name.clone())).into_iter().collect()
            }
            Place::Peering(ends) => ends.iter().map(|(vpc, _)| target::Place::Router(vpc.clone())).collect(),
            Place::Vpc(name) => vec![target::Place::Router(name.clone())],
            Place::Internet => vec![target::Place::Internet],
        }
    }

    /// Its namespaces' names for a reader, in the same order.
    fn labels(&self) -> Vec<&str> {
        match self {
            Place::Instance(name) => vec![name.as_str()],
            Place::NatGateway(name) => vec![name.as_str()],
            Place::Peering(ends) => ends.iter().map(|(vpc, _)| vpc.as_str()).collect(),
            Place::Vpc(name) => vec![name.as_str()],
            Place::Internet => vec![INTERNET],
        }
    }

    /// The VPC from whose point of view addresses have names.
    pub fn vpc(&self, cloud: &Cloud) -> Option<VpcName> {
        match self {
            Place::Instance(name) => cloud.instance(name).map(|it| it.subnet.vpc.clone()),
            Place::NatGateway(name) => cloud.nat_gateway(name).map(|it| it.host.subnet.vpc.clone()),
            Place::Peering(ends) => ends.first().map(|(vpc, _)| vpc.clone()),
            Place::Vpc(name) => Some(name.clone()),
            Place::Internet => None,
        }
    }

    /// Its links, as they should be now. Over several hosts, the internet has one.
    pub fn interfaces(&self, cloud: &Cloud, network: &Network, is_spread: bool) -> Vec<Interface> {
        if is_spread && *self == Place::Internet {
            let name = format!("{INTERNET}:{INSTANCE_LINK}");
            return vec![Interface { namespace: INTERNET.into(), index: INSTANCE_INDEX, name }];
        }
        let (namespaces, labels) = (self.namespaces(cloud), self.labels());
        let ends = match self {
            Place::Peering(ends) => ends.iter().map(|(vpc, end)| compile::link_of_peering(cloud, vpc, end)).collect(),
            _ => Vec::new(),
        };
        let links = namespaces.iter().enumerate().filter_map(|(place, name)| {
            let links = &network.namespaces.get(name)?.links;
            Some(links.iter().map(move |(link_name, link)| (place, name, link_name, link)))
        });
        let interface = |(place, namespace, name, link): (usize, &NamespaceName, &LinkName, &Link)| {
            let full = link.altname.as_deref().unwrap_or(name.as_str());
            let meant = match self {
                Place::Instance(_) | Place::NatGateway(_) => name.as_str() == INSTANCE_LINK,
                Place::Peering(_) => ends[place].as_ref() == Some(name),
                // Not the bridges: their packets also pass a port.
                Place::Vpc(_) | Place::Internet => matches!(link.kind, LinkKind::Veth { .. }),
            };
            let full = match self {
                Place::Peering(ends) => ends[place].1.as_str(),
                _ => full,
            };
            let (index, name) = (link.index, format!("{}:{full}", labels[place]));
            meant.then(|| Interface { namespace: namespace.clone(), index, name })
        };
        links.flatten().filter_map(interface).collect()
    }

    /// Why it has no link now, a sentence for each end without a link.
    pub fn missing(&self, cloud: &Cloud) -> Vec<Message> {
        let why = |name: &PeeringName| match cloud.peerings().find(|it| it.name == *name) {
            None => Some(msg!(Said::Deleted { name })),
            Some(it) if it.carries => None,
            Some(it) => {
                let (missing, status) = (cloud.missing(name), it.status);
                Some(match missing.is_empty() {
                    true => msg!(Said::CarriesNoPackets { name, status }),
                    false => msg!(Said::CarriesNoPacketsBecause { name, status, missing: &missing }),
                })
            }
        };
        match self {
            Place::Peering(ends) => ends.iter().filter_map(|(_, name)| why(name)).collect(),
            Place::Instance(name) if cloud.instance(name).is_none() => vec![msg!(Said::Deleted { name })],
            Place::NatGateway(name) if cloud.nat_gateway(name).is_none() => vec![msg!(Said::Deleted { name })],
            Place::Vpc(name) if cloud.vpc(name).is_none() => vec![msg!(Said::Deleted { name })],
            Place::Internet if cloud.public_addresses().next().is_none() => {
                vec![msg!(Said::NoInstanceHasPublicAddress)]
            }
            _ => Vec::new(),
        }
    }
}

fn unknown(cloud: &Cloud, text: &str) -> Error {
    let names = cloud.instances().map(|it| it.name.to_string());
    let names = names.chain(cloud.peerings().map(|it| it.name.to_string())).chain(cloud.pair_names());
    let names = names.chain(cloud.nat_gateways().map(|it| it.name.to_string()));
    let names: Vec<_> = names.chain(cloud.vpcs().map(|it| it.name.to_string())).chain([INTERNET.to_owned()]).collect();
    let hint = match nearest(text, names.iter().map(String::as_str)) {
        Some(near) => msg!(Said::DidYouMean { near }),
        None if names.len() <= 12 => msg!(Said::ThereAre { names }),
        None => msg!(Said::PeerlabStatusShowsInstancesPeerings),
    };
    Error::input(msg!(Said::LabHasNoInstancePeering { text })).code("PlaceNotFound").hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Source;
    use crate::network::compile::compile;

    const LAB: &str = r#"
[lab]
provider = "alibaba"
[account.A]
[vpc.VPC1]
region = "r"
cidr = "10.1.0.0/16"
[vpc.VPC1.subnet.s]
cidr = "10.1.0.0/24"
[vpc.VPC2]
region = "r"
cidr = "10.2.0.0/16"
[vpc.VPC2.subnet.s]
cidr = "10.2.0.0/24"
[instance.an-instance-of-a-long-name]
subnet = "VPC1/s"
[instance.b]
subnet = "VPC2/s"
[peering.p1]
local = "VPC1"
peer = "VPC2"
spec = "Mini.2"
[router_interface.idle]
vpc = "VPC1"
role = "initiator"
spec = "Mini.2"
opposite_region = "r"
"#;

    fn cloud() -> Cloud {
        crate::lab::read(Source::new("lab.toml", LAB)).unwrap().build().unwrap().0
    }

    fn names(text: &str) -> Vec<String> {
        let cloud = cloud();
        let place = Place::find(&cloud, &Bindings::default(), text).unwrap();
        place.interfaces(&cloud, &compile(&cloud), false).into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn a_word_means_the_links_that_a_user_expects() {
        assert_eq!(names("b"), ["b:eth0"]);
        assert_eq!(names("p1"), ["VPC1:p1.initiator", "VPC2:p1.acceptor"]);
        assert_eq!(names("p1.acceptor"), ["VPC2:p1.acceptor"]);
        assert_eq!(names("VPC1"), ["VPC1:an-instance-of-a-long-name", "VPC1:p1.initiator"]);
    }

    #[test]
    fn a_peering_that_carries_nothing_says_why() {
        assert_eq!(names("idle"), [] as [&str; 0]);
        let find = |text| Place::find(&cloud(), &Bindings::default(), text).unwrap();
        let why = find("idle").missing(&cloud());
        assert_eq!(why.len(), 1);
        assert!(
            why[0].to_string().starts_with("idle is Idle and carries no packets: idle has no other end set"),
            "{}",
            why[0]
        );
        assert_eq!(find("p1").missing(&cloud()), [] as [&str; 0]);
    }

    #[test]
    fn a_misspelling_finds_its_name() {
        let hint = |text| Place::find(&cloud(), &Bindings::default(), text).unwrap_err().hint.unwrap();
        assert_eq!(hint("vpc1"), "did you mean VPC1?");
        assert_eq!(hint("p1.acceptr"), "did you mean p1.acceptor?");
        assert!(
            hint("nothing").to_string().starts_with("there are an-instance-of-a-long-name, b, "),
            "{}",
            hint("nothing")
        );
    }
}
