//! By which calls two VPCs come to be joined: what the ends lack that exist, or will, as [`Cloud::missing`] knows it, call by call,
//! until a peering carries. The fix of `explain` uses this.

use super::missing::half_of;
use super::{AccountName, Call, Cloud, Family, Operation, Origin, PeeringKind, Vpc};

/// No way has more calls: a new pair is better.
const LONGEST: usize = 8;

/// Operations in order, and whether a peering carries after them; if not, the cloud refuses the last one.
pub(super) type Way = (Vec<Operation>, bool);

/// An operation as if it were typed.
pub fn typed(caller: &AccountName, call: Call) -> Operation {
    let text = call.to_string();
    Operation { caller: caller.clone(), call, origin: Origin::Api(text.into()) }
}

impl Cloud {
    /// The ways of joining two VPCs by a peering that carries, the preferred first. If the cloud would do none of them, one of
    /// which it refuses the last operation.
    pub fn ways_to_join(&self, own: &Vpc, peer: &Vpc) -> Vec<Vec<Operation>> {
        // Where two ends of a family are a pair already, a pair of another family is no better.
        let is_pair = |family: &&Family| {
            let ends = self.ends_of_family(&own.name, family.kind()).filter_map(|name| self.peering(name));
            ends.filter_map(|end| end.far).any(|far| far.vpc == peer.name)
        };
        let paired: Vec<_> = self.provider.families.iter().filter(is_pair).collect();
        let families = if paired.is_empty() { self.provider.families.iter().collect() } else { paired };
        let ways = families.into_iter().flat_map(|family| match family.kind() {
            PeeringKind::RouterInterfaces => self.ways_by_interfaces(own, peer),
            PeeringKind::VpcPeerings => vec![self.walk(|cloud| cloud.next_half(own, peer))],
        });
        let (done, refused): (Vec<_>, Vec<_>) = ways.partition(|(_, carries)| *carries);
        let ways = if done.is_empty() { refused.into_iter().take(1).collect() } else { done };
        ways.into_iter().map(|(operations, _)| operations).collect()
    }

    /// Does what is next until nothing is, or the cloud refuses it.
    pub(super) fn walk(&self, next: impl Fn(&Cloud) -> Option<(AccountName, Call)>) -> Way {
        let mut cloud = self.clone();
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
