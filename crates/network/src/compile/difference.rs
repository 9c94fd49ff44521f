//! Compiles two Clouds as far as their Networks differ.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::super::diff::relinked;
use super::super::model::{Namespace, NamespaceName, Network};
use super::layout::Layout;
use super::{INTERNET, Site, internet_site, names, sites_of};
use crate::cloud::{Cloud, Extent, InstanceName, NatGatewayName, VpcName};

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
        Difference::from_compiled(before, after, &mut BTreeMap::new())
    }

    /// The same where namespaces of the Cloud before are compiled already. Those that differ are taken from there.
    pub fn from_compiled(before: &Cloud, after: &Cloud, compiled: &mut BTreeMap<NamespaceName, Namespace>) -> Self {
        let (old, new) = (Layout::of(before), Layout::of(after));
        let concerned = Concerned::by_change(&old, &new);
        let (old_sites, new_sites) = (concerned.sites(&old), concerned.sites(&new));
        let mut difference = Difference::default();
        for name in old_sites.keys().chain(new_sites.keys()).collect::<BTreeSet<_>>() {
            let compile = |sites: &BTreeMap<_, Site<'_>>, layout| Some(sites.get(name)?.namespace(layout));
            let (known, wanted) = (compiled.remove(name), compile(&new_sites, &new));
            let is_known = known.is_some();
            let found = known.or_else(|| compile(&old_sites, &old));
            if found != wanted {
                difference.insert(name, found, wanted);
            } else if is_known {
                compiled.extend(found.map(|it| (name.clone(), it)));
            }
        }
        // A recreated link is new at both ends, even if the namespace of one end does not change.
        for name in relinked(&difference.before, &difference.after) {
            let compile = |sites: &BTreeMap<_, Site<'_>>, layout| {
                let known = sites.get(&name).map(|site| site.namespace(layout));
                known.or_else(|| Some(beyond_internet(layout, &name)?.namespace(layout)))
            };
            compiled.remove(&name);
            let (found, wanted) = (compile(&old_sites, &old), compile(&new_sites, &new));
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
    /// Of the VPCs of which only the route tables changed, the namespaces that routes concern: the router's, and those of
    /// hosts that pass on what comes.
    routed: BTreeMap<VpcName, BTreeSet<NamespaceName>>,
    /// Whether the internet's namespace may differ, because it contains the public addresses of each VPC.
    internet: bool,
}

impl Concerned {
    fn by_change(old: &Layout<'_>, new: &Layout<'_>) -> Self {
        let (before, after) = (old.cloud, new.cloud);
        let mut changed = BTreeSet::new();
        let mut routed = BTreeMap::new();
        for (vpc, extent) in before.vpcs_that_differ(after) {
            if extent == Extent::Routes {
                let sites = [old.vpc(&vpc).map(sites_of), new.vpc(&vpc).map(sites_of)].into_iter().flatten().flatten();
                let names = sites.filter(|(_, site)| site.follows_routes()).map(|(name, _)| name).collect();
                routed.insert(vpc, names);
            } else {
                changed.insert(vpc);
            }
        }
        let internet = changed.iter().any(|vpc| public_addresses(before, vpc) != public_addresses(after, vpc));
        let mut vpcs = changed.clone();
        // A VPC that is created or deleted takes or frees the name of a namespace, which may be that of an instance or a
        // NAT gateway in another VPC; an instance, that of a NAT gateway.
        let moved = changed.iter().filter(|vpc| before.vpc(vpc).is_none() || after.vpc(vpc).is_none());
        let instances = instances_that_came_or_went(before, after, &changed);
        for name in moved.map(|vpc| vpc.as_str().to_owned()).chain(instances) {
            for cloud in [before, after] {
                vpcs.extend(cloud.instance(&InstanceName::trusted(&*name)).map(|it| it.subnet.vpc.clone()));
                vpcs.extend(cloud.nat_gateway(&NatGatewayName::trusted(&*name)).map(|it| it.host.subnet.vpc.clone()));
            }
        }
        for cloud in [before, after] {
            let ends = changed.iter().flat_map(|vpc| cloud.peerings_of(vpc)).filter(|end| end.carries);
            vpcs.extend(ends.filter_map(|end| end.far).map(|far| far.vpc));
        }
        Concerned { vpcs, routed, internet }
    }

    fn sites<'l>(&self, layout: &'l Layout<'_>) -> BTreeMap<NamespaceName, Site<'l>> {
        let vpcs = self.vpcs.iter().filter_map(|vpc| layout.vpc(vpc));
        let routed = self.routed.iter().filter_map(|(vpc, names)| Some((layout.vpc(vpc)?, names)));
        let routed = routed.flat_map(|(vpc, names)| sites_of(vpc).filter(|(name, _)| names.contains(name)));
        vpcs.flat_map(sites_of).chain(routed).chain(self.internet.then(internet_site)).collect()
    }
}

/// The names of instances that a change creates or deletes, if there is a NAT gateway whose namespace they may take.
fn instances_that_came_or_went(before: &Cloud, after: &Cloud, changed: &BTreeSet<VpcName>) -> Vec<String> {
    if before.nat_gateways().next().is_none() && after.nat_gateways().next().is_none() {
        return Vec::new();
    }
    let all = [before, after].into_iter().flat_map(|cloud| changed.iter().flat_map(|vpc| cloud.instances_of(vpc)));
    all.map(|instance| instance.name.to_string()).collect()
}

fn public_addresses(cloud: &Cloud, vpc: &VpcName) -> BTreeSet<Ipv4Addr> {
    let nats = cloud.nat_gateways_of(vpc).filter_map(|nat| nat.public_ip());
    cloud.instances_of(vpc).filter_map(|instance| instance.public_ip).chain(nats).collect()
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
