//! Two Clouds, as far as their Networks differ.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diff::relinked;
use super::super::model::{Namespace, NamespaceName, Network};
use super::layout::Layout;
use super::{Site, sites};
use crate::cloud::Cloud;

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
    /// Compiles one namespace after the other, and keeps those that are not the same in both.
    pub fn between(before: &Cloud, after: &Cloud) -> Self {
        let (old, new) = (Layout::of(before), Layout::of(after));
        let (old, new) = (Blueprint::of(&old), Blueprint::of(&new));
        let all: BTreeSet<_> = old.sites.keys().chain(new.sites.keys()).collect();
        let mut difference = Difference { names: new.sites.keys().cloned().collect(), ..Difference::default() };
        for name in all {
            let (found, wanted) = (old.namespace(name), new.namespace(name));
            if found != wanted {
                difference.insert(name, found, wanted);
            }
        }
        // A link that is made anew is so at both of its ends, though one of them may be meant as it was.
        for name in relinked(&difference.before, &difference.after) {
            difference.insert(&name, old.namespace(&name), new.namespace(&name));
        }
        difference
    }

    fn insert(&mut self, name: &NamespaceName, before: Option<Namespace>, after: Option<Namespace>) {
        self.before.namespaces.extend(before.map(|it| (name.clone(), it)));
        self.after.namespaces.extend(after.map(|it| (name.clone(), it)));
    }
}

/// A Cloud's namespaces, each compiled when it is asked for.
struct Blueprint<'l> {
    layout: &'l Layout<'l>,
    sites: BTreeMap<NamespaceName, Site<'l>>,
}

impl<'l> Blueprint<'l> {
    fn of(layout: &'l Layout<'l>) -> Self {
        Blueprint { layout, sites: sites(layout) }
    }

    fn namespace(&self, name: &NamespaceName) -> Option<Namespace> {
        self.sites.get(name).map(|site| site.namespace(self.layout))
    }
}
