//! Messages about peerings of all families, in both languages.

use ipnet::Ipv4Net;

use crate::message::name::{Peering, Subnet, Vpc};
use crate::message::{Each, Message, Number};
use crate::messages;

messages! {
    /// Two VPCs cannot be joined.
    pub(crate) enum Said in "peering" {
        TooMany { vpc: Vpc, most: Number, peerings: Each<Peering> }
            en "VPC {vpc} has {most} peerings, as many as it can: {peerings}"
            zh "VPC {vpc}已有{most}个对等连接，达到上限：{peerings}";
        DeleteOne en "delete one that is not needed" zh "请删除不再需要的对等连接";
        VpcsOverlap { vpc: Vpc, cidr: Ipv4Net, other: Vpc, other_cidr: Ipv4Net }
            en "VPC {vpc} ({cidr}) overlaps VPC {other} ({other_cidr})"
            zh "VPC {vpc}（{cidr}）与VPC {other}（{other_cidr}）网段重叠";
        TakeAnotherBlock
            en "delete one of them and create it again with another block: no route can tell the two apart"
            zh "请用其他网段重建其中一个：路由无法区分两者";
        PeersOverlap { vpc: Vpc, cidr: Ipv4Net, other: Vpc, other_cidr: Ipv4Net, of: Vpc, peering: Peering }
            en "VPC {vpc} ({cidr}) overlaps VPC {other} ({other_cidr}), which {peering} joins with {of}"
            zh "VPC {vpc}（{cidr}）与VPC {other}（{other_cidr}）网段重叠，而后者已通过{peering}与{of}互联";
        PeersMustDiffer
            en "the peers of one VPC must not overlap each other either: create one of them again with another block"
            zh "同一个VPC的多个对端网段也不能相互重叠：请用其他网段重建其中一个";
        SubnetsOverlap { subnet: Subnet, cidr: Ipv4Net, other: Subnet, other_cidr: Ipv4Net }
            en "subnet {subnet} ({cidr}) overlaps subnet {other} ({other_cidr})"
            zh "子网{subnet}（{cidr}）与子网{other}（{other_cidr}）网段重叠";
        RouteBySubnets { overlap: Message }
            en "{overlap}: route by the subnets' blocks, not the VPCs'"
            zh "{overlap}：请按子网网段而不是VPC网段配置路由";
    }
}
