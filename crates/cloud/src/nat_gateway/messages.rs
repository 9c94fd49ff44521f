//! Messages about NAT gateways, in both languages.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::RuleProtocol;
use crate::message::name::{NatGateway, Vpc};
use crate::message::{Each, Number, Quoted, Text};
use crate::messages;

messages! {
    /// Why an operation on a NAT gateway is refused, and what to do.
    pub(crate) enum Said in "nat-gateway" {
        NoNatGateways { provider: Text }
            en "labs of {provider} have no NAT gateways"
            zh "{provider}的实验不支持NAT网关";
        NoSnatEntries { provider: Text }
            en "NAT gateways of {provider} have no SNAT entries"
            zh "{provider}的NAT网关没有SNAT条目";
        RouteIsEnough
            en "a NAT gateway translates whatever a route leads to it"
            zh "路由指向NAT网关的流量都会被转换";
        NoDnatEntries { provider: Text }
            en "NAT gateways of {provider} have no DNAT entries"
            zh "{provider}的NAT网关没有DNAT条目";
        GiveAddressInstead
            en "give the instance a public address of its own"
            zh "请为实例绑定自己的公网IP";
        SourceOutside { cidr: Ipv4Net, vpc: Vpc, blocks: Each<Ipv4Net> }
            en "{cidr} does not lie in VPC {vpc} ({blocks})"
            zh "{cidr}不在VPC {vpc}（{blocks}）内";
        TakeSourceInside { blocks: Each<Ipv4Net> } en "take a block inside {blocks}" zh "请使用{blocks}内的网段";
        HasSnat { nat: NatGateway, cidr: Ipv4Net }
            en "NAT gateway {nat} has a SNAT entry for {cidr}"
            zh "NAT网关{nat}已有{cidr}的SNAT条目";
        NothingToDo en "there is nothing to do" zh "无需再次操作";
        NoSnat { nat: NatGateway, cidr: Ipv4Net }
            en "NAT gateway {nat} has no SNAT entry for {cidr}"
            zh "NAT网关{nat}没有{cidr}的SNAT条目";
        HasNoSnat en "it has no SNAT entries" zh "它没有SNAT条目";
        HasSnatOf { blocks: Each<Ipv4Net> } en "it has entries for {blocks}" zh "它有{blocks}的条目";
        TargetOutside { to: Ipv4Addr, vpc: Vpc, blocks: Each<Ipv4Net> }
            en "{to} does not lie in VPC {vpc} ({blocks})"
            zh "{to}不在VPC {vpc}（{blocks}）内";
        TakeInstancesAddress en "take the address of an instance of that VPC" zh "请使用该VPC中实例的地址";
        HasDnat { nat: NatGateway, protocol: RuleProtocol, port: Number, to: Ipv4Addr, to_port: Number }
            en "NAT gateway {nat} leads {protocol}/{port} to {to}:{to_port}"
            zh "NAT网关{nat}已将{protocol}/{port}映射到{to}:{to_port}";
        TakeAnotherPort en "take another port, or delete that entry first" zh "请使用其他端口，或先删除该条目";
        NobodyHas { to: Ipv4Addr } en "no instance has {to} yet" zh "尚无实例使用{to}";
        NoDnat { nat: NatGateway, protocol: RuleProtocol, port: Number }
            en "NAT gateway {nat} has no DNAT entry for {protocol}/{port}"
            zh "NAT网关{nat}没有{protocol}/{port}的DNAT条目";
        StatusShowsEntries en "`peerlab status` shows its entries" zh "`peerlab status`会列出它的条目";
        NoPortsOf { text: Quoted } en "{text} is no protocol with ports" zh "{text}不是有端口的协议";
        WriteTcpOrUdp en "write tcp or udp" zh "请写tcp或udp";
        NoPort { text: Quoted } en "{text} is no port" zh "{text}不是端口";
        WritePort en "write one port, 1 to 65535" zh "请写一个端口，1到65535";
    }
}
