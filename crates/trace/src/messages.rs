//! Messages about a packet's path, in both languages.

use std::fmt;

use serde::Serialize;

use crate::cloud::{Direction, Policy, ResourceKind, State as StateWord};
use crate::flow::Endpoint;
use crate::message::name::*;
use crate::message::*;
use crate::{messages, words};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The kind of the deciding resource, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum What {
    Deliver,
    Ingress,
    Egress,
    Acl,
    State,
    Local,
    Route,
    Forward,
    Peering,
    Transit,
    Nat,
    Address,
    Size,
}

impl What {
    /// As JSON and the English column have it.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Deliver => "deliver",
            What::Ingress => "ingress",
            What::Egress => "egress",
            What::Acl => "acl",
            What::State => "state",
            What::Local => "local",
            What::Route => "route",
            What::Forward => "forward",
            What::Peering => "peering",
            What::Transit => "transit",
            What::Nat => "nat",
            What::Address => "address",
            What::Size => "size",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

words! {
    What, in "what" {
        Deliver zh "送达";
        Ingress zh "入方向";
        Egress zh "出方向";
        Acl zh "网络ACL";
        State zh "状态";
        Local zh "本地";
        Forward zh "转发";
        Route zh "路由";
        Peering zh "对等连接";
        Transit zh "转发";
        Nat zh "NAT";
        Address zh "地址";
        Size zh "大小";
    }
}

messages! {
    /// The deciding resource on a packet's path, and what to build instead.
    pub(crate) enum Said in "trace" {
        At { place: Text, decision: Message } en "{place}: {decision}" zh "{place}：{decision}";
        OwnAddress en "it is its own address" zh "这是它自己的地址";
        Rule { group: Group, rule: Message } en "{group}: {rule}" zh "{group}：{rule}";
        InnerAccess { group: Group }
            en "both are in {group}, whose members reach each other"
            zh "双方都在安全组{group}中，组内互通";
        NoRule { groups: And, policy: Policy } en "no rule of {groups} matches: {policy}" zh "{groups}中没有匹配的规则：{policy}";
        NoGroup { policy: Policy } en "no rule of no group matches: {policy}" zh "安全组中没有匹配的规则：{policy}";
        NoRuleAsGroupIsGone { groups: And, policy: Policy, group: Group, rule: Message }
            en "no rule of {groups} matches: {policy} ({group}: {rule} is stale, its group is gone)"
            zh "{groups}中没有匹配的规则：{policy}（{group}的规则“{rule}”已失效：其引用的安全组已删除）";
        NoRuleAsNoPeeringLeads { groups: And, policy: Policy, group: Group, rule: Message }
            en "no rule of {groups} matches: {policy} ({group}: {rule} is stale, no active peering leads to its group's VPC)"
            zh "{groups}中没有匹配的规则：{policy}（{group}的规则“{rule}”已失效：没有已激活的对等连接通往其引用安全组所在的VPC）";
        AclEntry { acl: NetworkAcl, subnet: Subnet, entry: Message }
            en "{acl}, the network ACL of {subnet}: {entry}"
            zh "{subnet}的网络ACL {acl}：{entry}";
        NoAclEntry { acl: NetworkAcl, subnet: Subnet, direction: Direction, packet: Text }
            en "{acl}, the network ACL of {subnet}: no {direction} entry matches {packet}"
            zh "{subnet}的网络ACL {acl}：没有{direction}规则匹配{packet}";
        Stateful en "answer to an accepted flow: no group checks it" zh "已放行流量的应答：不再检查安全组";
        Local { subnet: Subnet, cidr: Ipv4Net } en "subnet {subnet} {cidr}" zh "子网{subnet} {cidr}";
        BetweenSubnets { cidr: Ipv4Net, address: Ipv4Addr }
            en "{address} is in the VPC's {cidr} and in none of its subnets"
            zh "{address}在VPC网段{cidr}内，但不属于任何子网";
        Entry { table: RouteTable, to: Ipv4Net, hop: Text } en "{table}: {to} → {hop}" zh "{table}：{to} → {hop}";
        EntryWithNotes { table: RouteTable, to: Ipv4Net, hop: Text, notes: List }
            en "{table}: {to} → {hop} ({notes})"
            zh "{table}：{to} → {hop}（{notes}）";
        RouteState { state: StateWord } en "{state}" zh "{state}";
        Priority { priority: Number } en "priority {priority}" zh "优先级{priority}";
        OneThatShares { sharing: Number } en "one of {sharing} that share" zh "{sharing}条等价路由之一";
        StandbyFor { hop: Text } en "standby for {hop}" zh "{hop}的备用路由";
        NoEntry { table: RouteTable, subnet: Subnet, address: Ipv4Addr }
            en "{table}, the table of {subnet}, has no entry for {address}"
            zh "{subnet}使用的路由表{table}中没有匹配{address}的条目";
        PublicAddress { instance: Instance, address: Ipv4Addr }
            en "{address} is out there, and {instance}'s public address leads there without an entry"
            zh "{address}在公网上，{instance}的公网IP无需路由条目即可到达";
        Stopped { instance: Instance } en "{instance} is stopped" zh "{instance}已停止";
        Loops { instance: Instance }
            en "{instance} passed it on before: the routes lead round"
            zh "{instance}已转发过该数据包：路由成环";
        UnknownFlow { instance: Instance }
            en "{instance} translates addresses, and this answer belongs to no flow that went through it"
            zh "{instance}做地址转换，而该应答不属于经过它的任何流量";
        AnswerOut { instance: Instance }
            en "{instance} passes on no answer to the internet: only the border knows the address it goes by"
            zh "{instance}无法转发去往公网的应答：只有VPC边界知道应使用的地址";
        Forwards { instance: Instance } en "{instance} passes it on" zh "{instance}转发该数据包";
        PassedOn { source: Instance }
            en "the address of {source} is translated only on what {source} sends itself"
            zh "只有{source}自己发出的数据包，其地址才会被转换";
        NoWayOut { nat: NatGateway }
            en "NAT gateway {nat} has no way to the internet itself: the table of its own subnet does not lead there"
            zh "NAT网关{nat}自身无法访问互联网：它所在子网的路由表没有通往互联网的路由";
        HopGone { name: Text, kind: ResourceKind } en "{kind} {name} is no more" zh "{kind}{name}已不存在";
        NoGateway { vpc: Vpc }
            en "no internet gateway is attached to {vpc}"
            zh "{vpc}没有互联网网关";
        Edge { vpc: Vpc, edges: And }
            en "what comes by a peering cannot use {edges} of {vpc}: they serve its own subnets only"
            zh "来自对等连接的流量不能使用{vpc}的{edges}：它们只服务于该VPC自己的子网";
        NoSnat { nat: NatGateway, address: Ipv4Addr }
            en "NAT gateway {nat} has no SNAT entry for {address}"
            zh "NAT网关{nat}没有匹配{address}的SNAT条目";
        UnknownToNat { nat: NatGateway }
            en "this answer belongs to no flow that went through NAT gateway {nat}"
            zh "该应答不属于经过NAT网关{nat}的任何流量";
        Dnat { nat: NatGateway, from: Text, to: Ipv4Addr, packet: Text }
            en "NAT gateway {nat} leads {from} to {to} {packet}"
            zh "NAT网关{nat}将{from}映射到{to} {packet}";
        NoDnat { nat: NatGateway, packet: Text }
            en "NAT gateway {nat} has no DNAT entry for {packet}"
            zh "NAT网关{nat}没有{packet}的DNAT条目";
        AroundNat { nat: NatGateway, address: Ipv4Addr }
            en "the answer does not go back by NAT gateway {nat}, and {address} waits for none from another address"
            zh "应答没有经NAT网关{nat}返回，而{address}不会接受来自其他地址的应答";
        ForwardsNothing { instance: Instance }
            en "{instance} is an instance that forwards nothing"
            zh "{instance}是普通实例，不转发数据包";
        States { near: Peering, state: StateWord, far: Peering, other: StateWord }
            en "{near} {state}, {far} {other}"
            zh "{near}{state}，{far}{other}";
        State { near: Peering, state: StateWord } en "{near} {state}" zh "{near}{state}";
        NoOtherEndYet { near: Peering, state: StateWord } en "{near} {state}, no other end yet" zh "{near}{state}，尚无对端";
        StatesAndMissing { states: Message, missing: Clauses } en "{states} ({missing})" zh "{states}（{missing}）";
        NoPeering { vpc: Vpc, peer: Vpc } en "no peering joins {vpc} and {peer}" zh "{vpc}与{peer}之间没有对等连接";
        NoInstance { instance: Instance } en "there is no instance {instance}" zh "不存在实例{instance}";
        Transit { cidr: Ipv4Net, address: Ipv4Addr }
            en "{address} is not in this VPC's {cidr}, and a peering leads no further"
            zh "{address}不在本VPC的网段{cidr}内，而对等连接不会继续转发";
        Nat { from: Ipv4Addr, to: Ipv4Addr } en "{from} becomes {to}" zh "{from}转换为{to}";
        NoPublicIp { instance: Instance } en "{instance} has no public address" zh "{instance}没有公网IP";
        PrivateAddress en "a private address is nobody's out there" zh "私网地址在公网上不属于任何主机";
        Reserved { address: Ipv4Addr }
            en "{address} is private or reserved: unknown out there"
            zh "{address}是私网或保留地址，公网上不可达";
        Gateway { subnet: Subnet, address: Ipv4Addr }
            en "{address} is the gateway of {subnet}, no instance"
            zh "{address}是{subnet}的网关，不是实例";
        Nobody { address: Ipv4Addr } en "no instance has {address}" zh "没有实例使用{address}";
        Another { named: Endpoint, address: Ipv4Addr }
            en "it has {address} as well, and answers in place of {named}"
            zh "它也使用{address}，并代替{named}应答";
        Elsewhere { vpc: Vpc, address: Ipv4Addr }
            en "{address} is in a subnet of {vpc} itself: the packet stays there"
            zh "{address}属于{vpc}自己的子网：数据包不会离开该VPC";
        Outside { address: Ipv4Addr }
            en "the answer to {address} leaves for the internet, and who asked is not there"
            zh "发往{address}的应答进入公网，而请求方不在公网上";
        Delivered { address: Ipv4Addr } en "delivered to {address}" zh "已送达{address}";
        TooBig { size: Number, mtu: Number }
            en "{size} bytes are more than its MTU of {mtu}, and the packet must not be fragmented"
            zh "{size}字节超过其MTU {mtu}，且数据包不允许分片";
        SendLess { mtu: Number, data: Number }
            en "send at most {mtu} bytes (ping -s {data}), allow fragments, or give the VPCs on the way a larger mtu"
            zh "请最多发送{mtu}字节（ping -s {data}）、允许分片，或为途经的VPC设置更大的mtu";
        Refused { code: Text, message: Message, hint: Message } en "{code}: {message}; {hint}" zh "{code}：{message}；{hint}";
        AddDnatEntry { nat: NatGateway, packet: Text }
            en "create-dnat-entry {nat} for {packet} leads it to an instance of your choice"
            zh "用create-dnat-entry {nat}为{packet}添加条目，即可映射到所选的实例";
        LetItMasquerade { instance: Instance }
            en "create {instance} with --masquerade true, or lead the packets to a NAT gateway instead"
            zh "请用--masquerade true创建{instance}，或者把数据包改为指向NAT网关";
        AskForAnAddress { address: Ipv4Addr }
            en "ask for an address that an instance has: nobody has {address}"
            zh "请访问某个实例的地址：没有实例使用{address}";
        CreateInstanceFirst { instance: Instance } en "create instance {instance} first" zh "请先创建实例{instance}";
        OverlapsMeant { vpc: Vpc, own: Text, address: Ipv4Addr, meant: Vpc, theirs: Text }
            en "in {vpc}{own} {address} is its own, never {meant}'s{theirs}: build one of the two with a CIDR of its own"
            zh "在{vpc}{own}中，{address}是其自己的地址，而不会是{meant}{theirs}的：请用不重叠的网段重建其中一个";
        BlocksOverlap { vpc: Vpc, own: Text, meant: Vpc, theirs: Text }
            en "{vpc} ({own}) and {meant} ({theirs}) overlap, and no peering joins such VPCs: give one of them other blocks"
            zh "{vpc}（{own}）与{meant}（{theirs}）的网段重叠，对等连接无法连通这样的VPC：请为其中一个使用其他网段";
        OverlapsInternet { vpc: Vpc, address: Ipv4Addr }
            en "in {vpc} {address} is its own, never the internet's: build {vpc} with another CIDR"
            zh "在{vpc}中，{address}是其自己的地址，而不会是互联网的：请用其他网段重建{vpc}";
        OwnWayOut { vpc: Vpc, other: Vpc }
            en "no VPC uses another's way to the internet: give {vpc} its own, a gateway with a public address or a NAT gateway in a public subnet, and lead its route there instead of to {other}"
            zh "VPC不能借用其他VPC的公网出口：请为{vpc}建立自己的出口（互联网网关加公网IP，或公有子网中的NAT网关），并将路由指向该出口而不是{other}";
        PeerDirectly { a: Vpc, b: Vpc }
            en "no route makes a VPC pass on what came by a peering: peer {a} with {b} directly"
            zh "任何路由都不能让VPC转发来自对等连接的流量：请在{a}与{b}之间直接建立对等连接";
    }
}
