//! The ways of joining two VPCs by calls, with the one that a provider would advise first. [`Cloud::apply`] decides
//! whether the cloud accepts them.

use super::{AccountName, Call, Cloud, CreateVpcPeering, EndState, Operation, Origin, Peering, PeeringKind, Vpc};

/// An operation as if it were typed.
pub fn typed(caller: &AccountName, call: Call) -> Operation {
    let text = call.to_string();
    Operation { caller: caller.clone(), call, origin: Origin::Api(text.into()) }
}

impl Cloud {
    /// The ways of joining two VPCs, with existing ends first.
    pub fn ways_to_join(&self, own: &Vpc, peer: &Vpc) -> Vec<Vec<Operation>> {
        let ways = self.provider.families.iter().flat_map(|family| match family.kind() {
            PeeringKind::RouterInterfaces => self.ways_by_interfaces(own, peer),
            PeeringKind::VpcPeerings => vec![self.way_by_halves(own, peer)],
        });
        ways.filter(|operations| !operations.is_empty()).collect()
    }

    /// The calls that activate each inactive end of a pair, as its own account.
    pub fn way_to_switch_on(&self, end: &Peering) -> Option<Vec<Operation>> {
        let far = self.peering(&end.far.as_ref()?.name);
        let off = [Some(end.clone()), far].into_iter().flatten().filter(|end| end.state == EndState::Off);
        Some(off.filter_map(|end| Some(typed(&end.account, self.call_to_switch_on(&end)?))).collect())
    }

    /// The halves that are missing.
    fn way_by_halves(&self, own: &Vpc, peer: &Vpc) -> Vec<Operation> {
        let sides = [(own, peer), (peer, own)];
        let missing = sides.into_iter().filter(|(vpc, other)| self.half_between(&vpc.name, &other.name).is_none());
        let create = missing.map(|(vpc, other)| {
            let name = self.fresh_name(&format!("{}-to-{}", vpc.name, other.name));
            let (own, peer_vpc_id) = (vpc.name.to_string(), other.id.to_string());
            let half = CreateVpcPeering { name, vpc: own, peer_vpc_id, latency: None, id: None };
            typed(&vpc.account, Call::CreateVpcPeering(half))
        });
        create.collect()
    }

    /// Whether the cloud accepts all of these operations.
    pub(super) fn would_do(&self, operations: &[Operation]) -> bool {
        let mut cloud = self.clone();
        operations.iter().all(|operation| cloud.apply(operation).is_ok())
    }
}
