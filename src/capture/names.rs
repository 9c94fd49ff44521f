//! The owners of addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::cloud::{Cloud, INTERNET_HOST, VpcName};
use crate::network::compile::INTERNET;

/// The names of addresses, as seen from one place of the lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<Ipv4Addr, String>);

impl Names {
    /// The names seen from a VPC (`None`: from outside all VPCs). If several VPCs have an address, the given VPC takes
    /// precedence, then those peered with it. An address that remains ambiguous has no name.
    pub fn of(cloud: &Cloud, vpc: Option<&VpcName>) -> Self {
        let peered: BTreeSet<_> = cloud
            .peerings()
            .filter(|it| Some(&it.vpc) == vpc)
            .filter_map(|it| it.far)
            .collect::<Vec<_>>()
            .into_iter()
            .map(|far| far.vpc)
            .collect();
        let rank = |other: &VpcName| match vpc {
            Some(vpc) if other == vpc => 0,
            _ if peered.contains(other) => 1,
            _ => 2,
        };
        let mut found: BTreeMap<Ipv4Addr, (u8, BTreeSet<String>)> = BTreeMap::new();
        let mut add = |address, rank, name: String| {
            let entry = found.entry(address).or_insert_with(|| (rank, BTreeSet::new()));
            if rank < entry.0 {
                *entry = (rank, BTreeSet::new());
            }
            if rank == entry.0 {
                entry.1.insert(name);
            }
        };
        for instance in cloud.instances() {
            add(instance.ip, rank(&instance.subnet.vpc), instance.name.to_string());
            if let Some(public) = instance.public_ip {
                add(public, 0, instance.name.to_string());
            }
        }
        for vpc in cloud.vpcs() {
            for subnet in cloud.subnets_of(&vpc.name) {
                add(subnet.gateway, rank(&vpc.name), subnet.name.to_string());
            }
        }
        add(INTERNET_HOST, 0, INTERNET.to_owned());
        let only = |(address, (_, names)): (_, (u8, BTreeSet<String>))| {
            if names.len() == 1 { names.into_iter().next().map(|name| (address, name)) } else { None }
        };
        Names(found.into_iter().filter_map(only).collect())
    }

    /// The name of an address, else the address.
    pub fn of_address(&self, address: Ipv4Addr) -> String {
        self.0.get(&address).cloned().unwrap_or_else(|| address.to_string())
    }

    /// All names.
    pub fn iter(&self) -> impl Iterator<Item = (Ipv4Addr, &str)> {
        self.0.iter().map(|(address, name)| (*address, name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Source;

    #[test]
    fn an_address_that_two_have_is_the_nearer_ones() {
        let mut text = String::from("[lab]\nprovider = \"alibaba\"\n[account.A]\n");
        for vpc in ["V1", "V2", "V3"] {
            text += &format!(
                "[vpc.{vpc}]\nregion = \"r\"\ncidr = \"10.0.0.0/16\"\n[vpc.{vpc}.subnet.s]\ncidr = \"10.0.0.0/24\"\n"
            );
        }
        for (vpc, name) in [("V1", "one"), ("V2", "two")] {
            text += &format!("[instance.{name}]\nsubnet = \"{vpc}/s\"\nip = \"10.0.0.9\"\n");
        }
        let cloud = crate::lab::read(Source::new("lab.toml", text)).unwrap().build().unwrap().0;
        let name = |vpc: Option<&str>| {
            let vpc = vpc.map(|vpc| vpc.parse().unwrap());
            Names::of(&cloud, vpc.as_ref()).of_address([10, 0, 0, 9].into())
        };
        assert_eq!(name(Some("V1")), "one");
        assert_eq!(name(Some("V2")), "two");
        assert_eq!(name(Some("V3")), "10.0.0.9", "it is two others'");
        assert_eq!(name(None), "10.0.0.9");
        assert_eq!(Names::of(&cloud, None).of_address(INTERNET_HOST), "internet");
    }
}
