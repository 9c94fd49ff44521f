//! Finds the calls that join two VPCs: starting from the existing ends, call by call, as [`Cloud::missing`] proposes
//! them, until a peering carries traffic. The fix of `explain` uses this.

use super::missing::half_of;
use super::{AccountName, Call, Cloud, Family, Operation, Origin, PeeringKind, Vpc};

/// The most calls of a way: beyond this, a new pair is better.
const LONGEST: usize = 8;

/// Operations in order, and whether a peering carries after them; if not, the cloud refuses the last one.
pub(super) type Way = (Vec<Operation>, bool);

/// An operation as if it were typed.
pub fn typed(caller: &AccountName, call: Call) -> Operation {
    let text = call.to_string();
    Operation { caller: caller.clone(), call, origin: Origin::Api(text.into()) }
}

impl Cloud {
    /// The ways to join two VPCs by a peering that carries traffic, the preferred first. If the cloud would refuse all of
    /// them, one whose last operation it refuses; none if a request would be made and fail.
    pub fn ways_to_join(&self, own: &Vpc, peer: &Vpc) -> Vec<Vec<Operation>> {
        // Where two ends of a family are a pair already, a pair of another family is no better.
        let is_pair = |family: &&Family| {
            let ends = self.ends_of_family(&own.name, family.kind()).filter_map(|name| self.peering(name));
            ends.filter_map(|end| end.far).any(|far| far.vpc == peer.name)
        };
        let paired: Vec<_> = self.provider.families.iter().filter(is_pair).collect();
        let families = if paired.is_empty() { self.families_in_use() } else { paired };
        let ways = families.into_iter().flat_map(|family| match family.kind() {
            PeeringKind::RouterInterfaces => self.ways_by_interfaces(own, peer),
            PeeringKind::VpcPeerings => vec![self.walk(|cloud| cloud.next_half(own, peer))],
            PeeringKind::PeeringConnections => vec![self.way_by_connection(own, peer)],
        });
        let (done, refused): (Vec<_>, Vec<_>) = ways.partition(|(_, carries)| *carries);
        let ways = if done.is_empty() { refused.into_iter().take(1).collect() } else { done };
        ways.into_iter().map(|(operations, _)| operations).filter(|operations| !operations.is_empty()).collect()
    }

    /// The families of peerings that the Cloud has; if it has none, the provider's first, which its tutorials use.
    fn families_in_use(&self) -> Vec<&'static Family> {
        let has = |family: &&Family| match family.kind() {
            PeeringKind::RouterInterfaces => self.router_interfaces.keys().next().is_some(),
            PeeringKind::VpcPeerings => self.vpc_peerings.keys().next().is_some(),
            PeeringKind::PeeringConnections => self.peering_connections.keys().next().is_some(),
        };
        let used: Vec<_> = self.provider.families.iter().filter(has).collect();
        if used.is_empty() { self.provider.families.iter().take(1).collect() } else { used }
    }

    /// Applies the next call until there is none, or the cloud refuses one.
    pub(super) fn walk(&self, next: impl Fn(&Cloud) -> Option<(AccountName, Call)>) -> Way {
        let mut cloud = self.clone();
        cloud.settle();
        let mut operations = Vec::new();
        while let Some((caller, call)) = next(&cloud) {
            let operation = typed(&caller, call);
            let done = operations.len() < LONGEST && cloud.apply(&operation).is_ok();
            operations.push(operation);
            if !done {
                return (operations, false);
            }
        }
        (operations, true)
    }

    /// The first half that is missing.
    fn next_half(&self, own: &Vpc, peer: &Vpc) -> Option<(AccountName, Call)> {
        let mut sides = [(own, peer), (peer, own)].into_iter();
        let (vpc, other) = sides.find(|(vpc, other)| self.half_between(&vpc.name, &other.name).is_none())?;
        Some((vpc.account.clone(), half_of(self, vpc, other)))
    }
}
