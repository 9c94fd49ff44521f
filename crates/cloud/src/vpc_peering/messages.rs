//! Messages about halves of VPC peerings, in both languages.

use crate::Region;
use crate::message::name::{Account, Peering, Vpc};
use crate::messages;

messages! {
    /// A half cannot be made.
    pub(crate) enum Said in "vpc-peering" {
        OwnPeer { vpc: Vpc } en "VPC {vpc} cannot be its own peer" zh "VPC {vpc}不能与自己建立对等连接";
        NameOtherVpc en "name the other VPC" zh "请指定另一个VPC";
        TwoRegions { vpc: Vpc, region: Region, peer: Vpc, peer_region: Region }
            en "VPC {vpc} is in {region}, VPC {peer} in {peer_region}"
            zh "VPC {vpc}位于{region}，VPC {peer}位于{peer_region}";
        OneRegionNeeded en "a peering needs both VPCs in one region" zh "对等连接要求两个VPC位于同一地域";
        HalfExists { vpc: Vpc, peer: Vpc, half: Peering }
            en "VPC {vpc} has a half toward {peer} already: {half}"
            zh "VPC {vpc}已有到{peer}的对等连接：{half}";
        OneIsEnough en "one is enough: the two are connected" zh "无需重复创建：两端已连接";
        OtherHalfIsMissing { account: Account, peer: Vpc }
            en "the other half is account {account}'s to create, from VPC {peer}"
            zh "另一半须由账号{account}从VPC {peer}创建";
    }
}
