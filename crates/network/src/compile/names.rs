//! Names in the kernel: link names, indices, routing tables.
//!
//! All of them are derived from the lab's names alone, so an edit elsewhere in the lab does not change them, and the
//! diff touches only what was edited. If two would share a number, the later one takes the next free number.
//!
//! A namespace is a file. It has the resource's name if that is ASCII; a VPC takes precedence over an instance of the
//! same name. Otherwise it has the ASCII part, a hash, and two check digits that occur in no plain name, so it never
//! takes another resource's name.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::super::model::{LinkName, NamespaceName};
use crate::cloud::{Cloud, InstanceName, NatGatewayName, VpcName};
use crate::fnv;

/// The name of the internet's namespace, and of each VPC's link to it. No resource can have this name.
pub const INTERNET: &str = "internet";

/// The only link of an instance except `lo`.
pub const INSTANCE_LINK: &str = "eth0";

/// The index of an instance's link: the next one after `lo`, as the kernel itself would number it.
pub const INSTANCE_INDEX: u32 = 2;

/// `lo`, in every namespace.
pub const LO: &str = "lo";

/// The index of `lo`, in every namespace.
pub const LO_INDEX: u32 = 1;

/// Linux's ALTIFNAMSIZ minus the closing NUL.
const LONGEST_ALTERNATIVE: usize = 127;

/// Linux's IFNAMSIZ minus the closing NUL.
const LONGEST: usize = 15;

/// Names that a link cannot have: `lo` exists already, the others are directories in /proc/sys/net/ipv4/conf.
const RESERVED: [&str; 3] = [LO, "all", "default"];

/// The range of link indices, above those that the kernel assigns by itself in a new namespace.
const INDICES: Range<u32> = 1_000..1_000_000;

/// The range of routing table numbers, above 0 to 255, which the kernel and `rt_tables` name.
const TABLES: Range<u32> = 1_000..100_000;

/// The namespace of a VPC's router.
pub fn of_vpc(name: &VpcName) -> NamespaceName {
    let name = name.as_str();
    if is_plain(name) { NamespaceName::from(name) } else { NamespaceName::from(&*hashed("vpc", name)) }
}

/// The namespace of an instance of this Cloud.
pub fn of_instance(cloud: &Cloud, name: &InstanceName) -> NamespaceName {
    let text = name.as_str();
    let free = is_plain(text) && cloud.vpc(&VpcName::trusted(text)).is_none();
    if free { NamespaceName::from(text) } else { NamespaceName::from(&*hashed("instance", text)) }
}

/// The namespace of a NAT gateway of this Cloud.
pub fn of_nat_gateway(cloud: &Cloud, name: &NatGatewayName) -> NamespaceName {
    let text = name.as_str();
    let taken = cloud.vpc(&VpcName::trusted(text)).is_some() || cloud.instance(&InstanceName::trusted(text)).is_some();
    if is_plain(text) && !taken { NamespaceName::from(text) } else { NamespaceName::from(&*hashed("nat", text)) }
}

/// The NAT gateway that has this namespace.
pub fn nat_gateway_of(cloud: &Cloud, namespace: &NamespaceName) -> Option<NatGatewayName> {
    let mut names = cloud.nat_gateways().map(|nat| &nat.name);
    names.find(|name| of_nat_gateway(cloud, name) == *namespace).cloned()
}

/// The instance that has this namespace.
pub fn instance_of(cloud: &Cloud, namespace: &NamespaceName) -> Option<InstanceName> {
    let named = InstanceName::trusted(namespace.as_str());
    if is_plain(namespace.as_str()) {
        return cloud.instance(&named).map(|_| named);
    }
    cloud.instances().map(|instance| &instance.name).find(|name| of_instance(cloud, name) == *namespace).cloned()
}

/// Numbers of digits of the hash, and of the checksum over everything before it.
const DIGITS: usize = 10;
const SUM: usize = 2;

/// Whether a resource's namespace can have the resource's name.
pub fn is_plain(name: &str) -> bool {
    let is_hashed = || {
        let (before, sum) = name.split_at(name.len() - SUM);
        name.rfind('-').is_some_and(|at| name.len() - at - 1 == DIGITS + SUM) && sum == digits(hash(before), SUM)
    };
    name.is_ascii() && (name.len() <= SUM || !is_hashed())
}

fn hashed(kind: &str, name: &str) -> String {
    let ascii: String = name.chars().filter(char::is_ascii).collect();
    let before = format!("{ascii}-{}", digits(hash(&format!("{kind} {name}")), DIGITS));
    let sum = digits(hash(&before), SUM);
    before + &sum
}

/// The lowest `count` digits (and lower-case letters) of a number.
fn digits(mut number: u64, count: usize) -> String {
    let mut digit = || {
        let digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
        char::from(digit)
    };
    (0..count).map(|_| digit()).collect()
}

/// The name and index of a link.
#[derive(Clone, Debug)]
pub struct LinkId {
    /// Its name, at most 15 bytes.
    pub name: LinkName,
    /// Its index.
    pub index: u32,
    /// The full name, if it had to be shortened.
    pub altname: Option<Arc<str>>,
}

/// The names and indices of one namespace's links. A name and an alternative name cannot be the same text.
#[derive(Debug)]
pub struct Links {
    names: BTreeSet<Arc<str>>,
    indices: BTreeSet<u32>,
}

impl Links {
    /// Those of a namespace that has `lo` only.
    pub fn new() -> Self {
        Links { names: RESERVED.into_iter().map(Arc::from).collect(), indices: BTreeSet::new() }
    }

    /// Takes `wanted` if it fits and is free, else a shortened name with `full` as the alternative name.
    ///
    /// `full` is unique among the namespace's links and determines the index.
    pub fn claim(&mut self, wanted: &str, full: &str) -> LinkId {
        let index = free(&mut self.indices, INDICES, full);
        let fits = wanted.is_ascii() && wanted.len() <= LONGEST;
        if fits && self.names.insert(wanted.into()) {
            return LinkId { name: LinkName::from(wanted), index, altname: None };
        }
        let name =
            (0..).map(|attempt| shortened(wanted, full, attempt)).find(|name| !self.names.contains(name.as_str()));
        let name = LinkName::from(name.expect("there are more attempts than links").as_str());
        self.names.insert(name.0.clone());
        let altname: Arc<str> = full[..full.floor_char_boundary(LONGEST_ALTERNATIVE)].into();
        let altname = self.names.insert(altname.clone()).then_some(altname);
        LinkId { name, index, altname }
    }
}

/// The numbers of one namespace's routing tables.
#[derive(Debug, Default)]
pub struct Tables(BTreeSet<u32>);

impl Tables {
    /// A number for the table of this name.
    pub fn claim(&mut self, name: &str) -> u32 {
        free(&mut self.0, TABLES, name)
    }
}

/// The number in `range` that `name` hashes to, or the next free one.
fn free(taken: &mut BTreeSet<u32>, range: Range<u32>, name: &str) -> u32 {
    let count = range.end - range.start;
    let first = (hash(name) % u64::from(count)) as u32;
    let number = (first..count).chain(0..first).map(|offset| range.start + offset).find(|number| taken.insert(*number));
    number.expect("no namespace has as many links or tables as the range has numbers")
}

/// The beginning of `wanted` and five digits of a hash of `full`, at most 15 bytes. Non-ASCII letters are left out,
/// because the kernel takes some of their bytes for blanks and refuses them.
fn shortened(wanted: &str, full: &str, attempt: u32) -> String {
    let digits = if attempt == 0 { hash(full) } else { hash(&format!("{full} {attempt}")) };
    let ascii = wanted.chars().filter(char::is_ascii).skip_while(|c| !c.is_ascii_alphanumeric());
    let beginning: String = ascii.take(LONGEST - 6).collect();
    let beginning = if beginning.is_empty() { "link" } else { &beginning };
    format!("{beginning}-{:05x}", digits & 0xf_ffff)
}

/// The longest name of a chain, a set or a map. An nftables name may have 255 bytes; the names of five groups with 63 bytes
/// would have more.
const LONGEST_OF_CHAIN: usize = 120;

/// The name of a chain, a set or a map: this one, shortened with a hash where it is too long.
pub fn bounded(name: &str) -> String {
    if name.len() <= LONGEST_OF_CHAIN {
        return name.to_owned();
    }
    let end = name.floor_char_boundary(LONGEST_OF_CHAIN - 17);
    format!("{}-{:016x}", &name[..end], hash(name))
}

/// A hash of a text whose low digits depend on all of it.
pub fn hash(text: &str) -> u64 {
    let hash = fnv::hash(fnv::SEED, text.as_bytes());
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_is_the_labs_own() {
        let mut links = Links::new();
        let link = links.claim("fifteen-bytes-x", "fifteen-bytes-x");
        assert_eq!((link.name.as_str(), link.altname), ("fifteen-bytes-x", None));
    }

    #[test]
    fn a_long_name_is_shortened_and_kept_as_the_alternative() {
        let mut links = Links::new();
        let first = links.claim("production-web-frontend-1", "production-web-frontend-1");
        let second = links.claim("production-web-frontend-2", "production-web-frontend-2");
        assert_eq!(first.altname.as_deref(), Some("production-web-frontend-1"));
        assert!(first.name.as_str().starts_with("productio-") && first.name.as_str().len() == 15);
        assert_ne!(first.name, second.name);
    }

    #[test]
    fn a_name_that_is_taken_or_reserved_is_given_another() {
        let mut links = Links::new();
        links.claim("web", "web");
        let subnet = links.claim("web", "VPC1/web");
        assert!(subnet.name.as_str().starts_with("web-"), "{}", subnet.name);
        assert_eq!(subnet.altname.as_deref(), Some("VPC1/web"));
        for reserved in RESERVED {
            let link = links.claim(reserved, reserved);
            assert_ne!(link.name.as_str(), reserved);
            assert_eq!(link.altname, None, "the kernel would refuse it");
        }
    }

    #[test]
    fn another_link_does_not_change_a_name_or_an_index() {
        let mut alone = Links::new();
        let mut among = Links::new();
        among.claim("ecs-a", "ecs-a");
        let (alone, among) = (alone.claim("ecs-b", "ecs-b"), among.claim("ecs-b", "ecs-b"));
        assert_eq!((alone.name, alone.index), (among.name, among.index));
    }

    #[test]
    fn numbers_that_collide_are_probed() {
        let mut taken = BTreeSet::new();
        let numbers: BTreeSet<u32> = (0..4).map(|n| free(&mut taken, 7..11, &n.to_string())).collect();
        assert_eq!(numbers, BTreeSet::from([7, 8, 9, 10]));
    }

    fn space(name: &str) -> String {
        of_vpc(&VpcName::trusted(name)).to_string()
    }

    #[test]
    fn a_namespace_is_called_as_its_thing_where_a_file_can_be() {
        let long = "x".repeat(128);
        for name in ["VPC1", "1a", "a", "web-frontend", "a-0123456789ab", &long] {
            assert_eq!(space(name), name);
        }
        for (name, part) in [("生产-1", "-1-"), ("é.x", ".x-"), ("网站", "-")] {
            let space = space(name);
            assert!(space.starts_with(part) && space.is_ascii() && space.len() == part.len() + DIGITS + SUM, "{space}");
        }
        assert_ne!(space("生产"), space("测试"));
    }

    /// A resource whose name is that of another's namespace gets a different namespace.
    #[test]
    fn nobody_takes_the_namespace_of_another() {
        let taken = space("生产");
        assert_ne!(space(&taken), taken);
        assert!(!is_plain(&space(&taken)));
    }

    #[test]
    fn a_link_has_an_ascii_name_and_the_whole_one_beside_it() {
        let mut links = Links::new();
        let link = links.claim("生产-到测试", "生产-到测试");
        assert!(link.name.as_str().is_ascii() && link.name.as_str().starts_with("link-"), "{}", link.name);
        assert_eq!(link.altname.as_deref(), Some("生产-到测试"));
        let long = "名".repeat(128);
        let link = links.claim(&long, &long);
        assert_eq!(link.altname.map(|it| it.len()), Some(126), "a letter is not cut in two");
    }
}
