//! Which host an instance runs on: a function of its name, the hosts and their weights, so that nothing moves when others come or
//! go.

use std::fmt;
use std::str::FromStr;

use crate::cloud::fnv;

/// A host, by the name of its chassis.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host {
    /// The name of its chassis: the `system-id` of its Open vSwitch.
    pub name: String,
    /// Its share of the instances, relative to the others.
    pub weight: u32,
}

/// Instances whose names match run on this host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// A name; `*` is for any characters.
    pub pattern: String,
    /// The host.
    pub host: String,
}

/// The hosts of a lab, and what is pinned to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The hosts, by name.
    pub hosts: Vec<Host>,
    /// The pins; the first that matches decides.
    pub pins: Vec<Pin>,
}

impl Placement {
    /// The host of the instance, or other thing, with this name. `None` without hosts.
    ///
    /// Rendezvous hashing: each host draws a number for the name as often as its weight says, and the highest wins. So a host that
    /// comes takes only its share, and one that goes moves only what it had.
    pub fn host_of(&self, name: &str) -> Option<&str> {
        if let Some(pin) = self.pins.iter().find(|pin| matches(&pin.pattern, name)) {
            return Some(&pin.host);
        }
        let draw = |host: &Host| (0..host.weight.max(1)).map(|turn| draw(name, &host.name, turn)).max();
        self.hosts.iter().max_by_key(|host| (draw(host), &host.name)).map(|host| host.name.as_str())
    }
}

fn draw(name: &str, host: &str, turn: u32) -> u64 {
    let hash = [name.as_bytes(), &[0], host.as_bytes(), &[0], &turn.to_le_bytes()]
        .iter()
        .fold(fnv::SEED, |hash, bytes| fnv::hash(hash, bytes));
    // The last step of splitmix64: FNV alone hardly mixes its last bytes into the upper ones.
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Whether a name matches a pattern with `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.pattern, self.host)
    }
}

/// Reads `web-*=h2`.
impl FromStr for Pin {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('=') {
            Some((pattern, host)) if !pattern.is_empty() && !host.is_empty() => {
                Ok(Pin { pattern: pattern.into(), host: host.into() })
            }
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(weights: &[u32]) -> Placement {
        let hosts = weights.iter().enumerate().map(|(at, weight)| Host { name: format!("h{at}"), weight: *weight });
        Placement { hosts: hosts.collect(), pins: Vec::new() }
    }

    fn names() -> impl Iterator<Item = String> {
        (0..2000).map(|number| format!("ecs-{number}"))
    }

    #[test]
    fn a_host_that_comes_takes_its_share_and_moves_nothing_else() {
        let (three, four) = (hosts(&[1, 1, 1]), hosts(&[1, 1, 1, 1]));
        let mut moved = 0;
        for name in names() {
            let (before, after) = (three.host_of(&name).unwrap(), four.host_of(&name).unwrap());
            assert!(before == after || after == "h3");
            moved += usize::from(before != after);
        }
        assert!((400..600).contains(&moved), "{moved} of 2000 moved");
    }

    #[test]
    fn weights_are_shares() {
        let placement = hosts(&[1, 3]);
        let heavy = names().filter(|name| placement.host_of(name) == Some("h1")).count();
        assert!((1400..1600).contains(&heavy), "{heavy} of 2000");
    }

    #[test]
    fn a_pin_decides() {
        let mut placement = hosts(&[1, 1]);
        placement.pins = vec!["web-*=h7".parse().unwrap(), "*=h0".parse().unwrap()];
        assert_eq!((placement.host_of("web-1"), placement.host_of("db")), (Some("h7"), Some("h0")));
        assert_eq!(Placement::default().host_of("a"), None);
        for (pattern, name, does) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "axc", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), does, "{pattern} {name}");
        }
        for text in ["", "a", "=h", "a="] {
            assert!(text.parse::<Pin>().is_err());
        }
    }
}
