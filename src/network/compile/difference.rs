//! Two Clouds, as far as their Networks differ.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diff::relinked;
use super::super::model::{Namespace, NamespaceName, Network};
use super::layout::Layout;
use super::{INTERNET, Site, internet_site, sites_of};
use crate::cloud::{Cloud, VpcName};

/// The namespaces of which something is to be done so that a Cloud becomes another: the diff of the two parts is that of the
/// two whole Networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// As they are meant before.
    pub before: Network,
    /// As they are meant after.
    pub after: Network,
    /// The names of all namespaces that are meant after.
    pub names: BTreeSet<NamespaceName>,
}

impl Difference {
    /// Compiles the VPCs that a change may concern, and keeps those of their namespaces that are not the same in both.
    pub fn between(before: &Cloud, after: &Cloud) -> Self {
        let (old, new) = (Layout::of(before), Layout::of(after));
        let concerned = concerned(before, after);
        let (old_sites, new_sites) = (sites(&old, &concerned), sites(&new, &concerned));
        let mut difference = Difference { names: names(after), ..Difference::default() };
        for name in old_sites.keys().chain(new_sites.keys()).collect::<BTreeSet<_>>() {
            let compiled = |sites: &BTreeMap<_, Site<'_>>, layout| Some(sites.get(name)?.namespace(layout));
            let (found, wanted) = (compiled(&old_sites, &old), compiled(&new_sites, &new));
            if found != wanted {
                difference.insert(name, found, wanted);
            }
        }
        // A link that is made anew is so at both of its ends, though one of them may be meant as it was.
        for name in relinked(&difference.before, &difference.after) {
            let compiled = |layout: &Layout<'_>| Some(site(layout, &name)?.namespace(layout));
            difference.insert(&name, compiled(&old), compiled(&new));
        }
        difference
    }

    fn insert(&mut self, name: &NamespaceName, before: Option<Namespace>, after: Option<Namespace>) {
        self.before.namespaces.extend(before.map(|it| (name.clone(), it)));
        self.after.namespaces.extend(after.map(|it| (name.clone(), it)));
    }
}

/// The VPCs of which a namespace may be another: those that changed, and those to which these have a peering that carries,
/// for they name its ends and the members of its groups.
fn concerned(before: &Cloud, after: &Cloud) -> BTreeSet<VpcName> {
    let changed = before.vpcs_that_differ(after);
    let mut concerned = changed.clone();
    for cloud in [before, after] {
        let ends = changed.iter().flat_map(|vpc| cloud.peerings_of(vpc)).filter(|end| end.carries);
        concerned.extend(ends.filter_map(|end| end.far).map(|far| far.vpc));
    }
    concerned
}

/// All namespaces of a Cloud.
fn names(cloud: &Cloud) -> BTreeSet<NamespaceName> {
    let routers = cloud.vpcs().map(|vpc| vpc.name.as_str());
    let instances = cloud.instances().map(|instance| instance.name.as_str());
    routers.chain(instances).chain([INTERNET]).map(NamespaceName::from).collect()
}

/// The namespaces of these VPCs, and that of the internet.
fn sites<'l>(layout: &'l Layout<'_>, vpcs: &BTreeSet<VpcName>) -> BTreeMap<NamespaceName, Site<'l>> {
    let vpcs = vpcs.iter().filter_map(|vpc| layout.vpc(vpc));
    vpcs.flat_map(sites_of).chain([internet_site()]).collect()
}

/// What a namespace of this name is for; `None` where there is none.
fn site<'l>(layout: &'l Layout<'_>, name: &NamespaceName) -> Option<Site<'l>> {
    let cloud = layout.cloud;
    let of_router = || cloud.vpcs().find(|vpc| vpc.name.as_str() == name.as_str()).map(|vpc| &vpc.name);
    let of_instance = || cloud.instances().find(|it| it.name.as_str() == name.as_str()).map(|it| &it.subnet.vpc);
    let sites = of_router().or_else(of_instance).and_then(|vpc| layout.vpc(vpc)).into_iter().flat_map(sites_of);
    sites.chain([internet_site()]).find(|(other, _)| other == name).map(|(_, site)| site)
}
