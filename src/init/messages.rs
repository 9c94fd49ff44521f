//! Messages of `init`, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What `--peering` lacks.
    pub(crate) enum Peerings in "init-peering" {
        NoWayOfPeering { name: Text, word: Quoted }
            en "{name} joins no VPCs by {word}"
            zh "{name}没有{word}这种互连方式";
        Ways { ways: Or<Text> } en "write {ways}" zh "请写{ways}";
        LargestRing { most: Number }
            en "a ring of peering connections has at most {most} VPCs: an account has no more in a region"
            zh "由VPC对等连接组成的环最多有{most}个VPC：账号在一个地域内的对等连接数量以此为限";
    }
}

messages! {
    /// Messages about rings, and why one cannot be written.
    pub enum Said in "init" {
        VpcsOfRing { most: Number }
            en "a lab may have 1 to {most} VPCs, all of whose blocks lie in 10.0.0.0/8"
            zh "一个实验可以有1至{most}个VPC，其网段都在10.0.0.0/8内";
        InstancesOfVpc { most: Number }
            en "the block of each of so many VPCs has room for 1 to {most} instances"
            zh "VPC达到这一数量时，每个VPC的网段可容纳1至{most}个实例";
        WrittenBy { name: Text, vpcs: Number, per_vpc: Number }
            en "# Written by peerlab init --provider {name} --vpcs {vpcs} --instances {per_vpc}"
            zh "# 由peerlab init --provider {name} --vpcs {vpcs} --instances {per_vpc}写入";
        WhatItIs
            en "# Each VPC is peered with the next, and the last with the first. An instance reaches those of its own VPC\n# and of the VPCs beside it, and no others: a peering is not transitive."
            zh "# 每个VPC与下一个VPC建立对等连接，最后一个与第一个相连。实例可访问本VPC及相邻VPC中的实例，\n# 不能访问其他VPC中的实例：对等连接不可传递。";
        Title { vpcs: Number, per_vpc: Number }
            en "{vpcs} VPCs in a ring, {per_vpc} instances in each"
            zh "{vpcs}个VPC组成环形，每个VPC有{per_vpc}个实例";
    }
}
