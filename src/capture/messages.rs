//! Messages of `capture`, in both languages.

use crate::cloud::State;
use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Errors of filters, places and sockets, and the reasons why a place carries no packets.
    pub enum Said in "capture" {
        HasNoPorts { name: Text } en "{name} has no ports" zh "{name}没有端口";
        Write { name: Text } en "write {name}" zh "请写成{name}";
        NoPort { port: Quoted } en "{port} is no port" zh "{port}不是端口";
        WriteNumberFrom { name: Text } en "write {name}/ and a number from 1 to 65535" zh "请写{name}/加1到65535之间的数字";
        WriteInstanceNameAddressAlone en "write the instance's name or the address alone" zh "请只写实例名称或地址";
        WriteTcpUdpPortIn en "write tcp/ or udp/ and the port, as in tcp/22" zh "请写tcp/或udp/加端口，例如tcp/22";
        DidYouMean { near: Text } en "did you mean {near}?" zh "您要指定的是{near}吗？";
        UseIcmpTcpTcpUdp
            en "use icmp, tcp, tcp/22, udp, udp/53, arp, in, out, an instance, an address or a block"
            zh "可用：icmp、tcp、tcp/22、udp、udp/53、arp、in、out、实例、地址或网段";
        SaysNothingPackets { word: Quoted } en "{word} says nothing of packets" zh "{word}不是数据包的筛选条件";
        Deleted { name: Text } en "{name} is deleted" zh "{name}已删除";
        CarriesNoPackets { name: Peering, status: State }
            en "{name} is {status} and carries no packets"
            zh "{name}的状态为{status}，不传输数据包";
        CarriesNoPacketsBecause { name: Peering, status: State, missing: Clauses }
            en "{name} is {status} and carries no packets: {missing}"
            zh "{name}的状态为{status}，不传输数据包：{missing}";
        CannotReadPackets { lab: Lab, namespace: Text, error: OsError }
            en "packets of namespace {lab}.{namespace} cannot be read: {error}"
            zh "无法读取命名空间{lab}.{namespace}的数据包：{error}";
        CannotChoosePackets { namespace: Text, error: OsError }
            en "packets of {namespace} cannot be chosen: {error}"
            zh "无法筛选{namespace}的数据包：{error}";
        NoInstanceHasPublicAddress
            en "no instance has a public address, so no VPC has a link to the internet"
            zh "没有实例拥有公网IP，因此没有VPC与互联网相连";
        ThereAre { names: Names } en "there are {names}" zh "可选：{names}";
        PeerlabStatusShowsInstancesPeerings
            en "`peerlab status` shows its instances, peerings and VPCs"
            zh "`peerlab status`可查看其实例、对等连接和VPC";
        LabHasNoInstancePeering { text: Text }
            en "the lab has no instance, peering or VPC {text}"
            zh "实验中没有实例、对等连接或VPC {text}";
    }
}
