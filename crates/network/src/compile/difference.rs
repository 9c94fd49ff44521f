//! Compiles two Clouds as far as their Networks differ.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::super::diff::relinked;
use super::super::model::{Namespace, NamespaceName, Network};
use super::layout::Layout;
use super::{INTERNET, Site, internet_site, names, sites_of};
use crate::cloud::{Cloud, InstanceName, VpcName};

/// The namespaces that must change when one Cloud becomes another. The diff of the two parts is that of the two whole
/// Networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The desired namespaces before.
    pub before: Network,
    /// The desired namespaces after.
    pub after: Network,
}

impl Difference {
    /// Compiles the VPCs that a change may concern, and keeps those of their namespaces that differ.
    pub fn between(before: &Cloud, after: &Cloud) -> Self {
        let (old, new) = (Layout::of(before), Layout::of(after));
        let concerned = Concerned::by_change(before, after);
        let (old_sites, new_sites) = (concerned.sites(&old), concerned.sites(&new));
        let mut difference = Difference::default();
        for name in old_sites.keys().chain(new_sites.keys()).collect::<BTreeSet<_>>() {
            let compiled = |sites: &BTreeMap<_, Site<'_>>, layout| Some(sites.get(name)?.namespace(layout));
            let (found, wanted) = (compiled(&old_sites, &old), compiled(&new_sites, &new));
            if found != wanted {
                difference.insert(name, found, wanted);
            }
        }
        // A recreated link is new at both ends, even if the namespace of one end does not change.
        for name in relinked(&difference.before, &difference.after) {
            let compiled = |sites: &BTreeMap<_, Site<'_>>, layout| {
                let known = sites.get(&name).map(|site| site.namespace(layout));
                known.or_else(|| Some(beyond_internet(layout, &name)?.namespace(layout)))
            };
            let (found, wanted) = (compiled(&old_sites, &old), compiled(&new_sites, &new));
            difference.insert(&name, found, wanted);
        }
        difference
    }

    fn insert(&mut self, name: &NamespaceName, before: Option<Namespace>, after: Option<Namespace>) {
        self.before.namespaces.extend(before.map(|it| (name.clone(), it)));
        self.after.namespaces.extend(after.map(|it| (name.clone(), it)));
    }
}

/// The namespaces that a change may concern.
struct Concerned {
    /// The VPCs whose namespaces may differ: those that changed, and those that an active peering joins with them,
    /// because their rules name the ends of the peering and the members of groups.
    vpcs: BTreeSet<VpcName>,
    /// Whether the internet's namespace may differ, because it contains the public addresses of each VPC.
    internet: bool,
}

impl Concerned {
    fn by_change(before: &Cloud, after: &Cloud) -> Self {
        let changed = before.vpcs_that_differ(after);
        let internet = changed.iter().any(|vpc| public_addresses(before, vpc) != public_addresses(after, vpc));
        let mut vpcs = changed.clone();
        // A VPC that is created or deleted takes or frees the name of a namespace, which may be that of an instance in
        // another VPC.
        let moved = changed.iter().filter(|vpc| before.vpc(vpc).is_none() || after.vpc(vpc).is_none());
        for name in moved.map(|vpc| InstanceName::trusted(vpc.as_str())) {
            vpcs.extend(
                [before, after].into_iter().filter_map(|cloud| Some(cloud.instance(&name)?.subnet.vpc.clone())),
            );
        }
        for cloud in [before, after] {
            let ends = changed.iter().flat_map(|vpc| cloud.peerings_of(vpc)).filter(|end| end.carries);
            vpcs.extend(ends.filter_map(|end| end.far).map(|far| far.vpc));
        }
        Concerned { vpcs, internet }
    }

    fn sites<'l>(&self, layout: &'l Layout<'_>) -> BTreeMap<NamespaceName, Site<'l>> {
        let vpcs = self.vpcs.iter().filter_map(|vpc| layout.vpc(vpc));
        vpcs.flat_map(sites_of).chain(self.internet.then(internet_site)).collect()
    }
}

fn public_addresses(cloud: &Cloud, vpc: &VpcName) -> BTreeSet<Ipv4Addr> {
    cloud.instances_of(vpc).filter_map(|instance| instance.public_ip).collect()
}

/// The site of the namespace with this name that only the internet connects with the change: the internet itself, or a
/// VPC with public addresses.
fn beyond_internet<'l>(layout: &'l Layout<'_>, name: &NamespaceName) -> Option<Site<'l>> {
    if name.as_str() == INTERNET {
        return Some(internet_site().1);
    }
    let vpc = match names::is_plain(name.as_str()) {
        true => layout.vpc(&VpcName::trusted(name.as_str()))?,
        false => layout.vpc(layout.outside().keys().find(|vpc| names::of_vpc(vpc) == *name)?)?,
    };
    Some(Site::Router(vpc))
}
