//! Messages about VPCs and subnets, in both languages.

use ipnet::Ipv4Net;

use crate::Region;
use crate::message::name::{Gateway, Group, Instance, NatGateway, NetworkAcl, Peering, RouteTable, Subnet, Vpc};
use crate::message::{Each, List, Number, Or, Quoted, Text};
use crate::messages;

messages! {
    /// A VPC or a subnet cannot be made or deleted.
    pub(crate) enum Said in "vpc" {
        UnknownRegionLike { provider: Text, region: Region, near: Text }
            en "{provider} has no region {region} that peerlab knows: did you mean {near}?"
            zh "peerlab所知的{provider}地域中没有{region}：您要指定的是{near}吗？";
        UnknownRegion { provider: Text, region: Region }
            en "{provider} has no region {region} that peerlab knows"
            zh "peerlab所知的{provider}地域中没有{region}";
        IdIsVpcs { id: Text }
            en "{id} cannot be the router's id: it is the VPC's own id"
            zh "{id}不能用作路由器ID：它是该VPC自己的ID";
        GiveAnotherRouterId en "give the router another id, or leave it out" zh "请为路由器换一个ID，或不指定";
        TakePrivateBlock { shortest: Number, longest: Number }
            en "take a block inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 with a prefix of {shortest} to {longest}"
            zh "请使用10.0.0.0/8、172.16.0.0/12或192.168.0.0/16内的网段，掩码长度为{shortest}至{longest}";
        NotPrivate { cidr: Ipv4Net } en "a VPC cannot have {cidr}: it is not private" zh "VPC不能使用{cidr}：不是私网网段";
        Kept { cidr: Ipv4Net, block: Ipv4Net }
            en "a VPC cannot have {cidr}: no VPC has addresses of {block}"
            zh "VPC不能使用{cidr}：VPC不能包含{block}的地址";
        VpcPrefixTooShort { cidr: Ipv4Net }
            en "a VPC cannot have {cidr}: its prefix is too short"
            zh "VPC不能使用{cidr}：掩码过短";
        VpcPrefixTooLong { cidr: Ipv4Net }
            en "a VPC cannot have {cidr}: its prefix is too long"
            zh "VPC不能使用{cidr}：掩码过长";
        NotEmpty { vpc: Vpc, contents: List }
            en "VPC {vpc} is not empty: it has {contents}"
            zh "VPC {vpc}非空：仍有{contents}";
        DeleteTheseFirst en "delete these first, in this order" zh "请先按此顺序删除";
        HoldsRouteEntry { destination: Ipv4Net, table: RouteTable }
            en "route entry {destination} of {table}"
            zh "路由条目{destination}（{table}）";
        HoldsInstance { instance: Instance } en "instance {instance}" zh "实例{instance}";
        NoZone { text: Quoted, region: Region }
            en "{text} is no zone of {region}"
            zh "{text}不是{region}的可用区";
        ZonesAre { first: Text }
            en "write one of the region's zones, as in {first}"
            zh "请写该地域的可用区，例如{first}";
        HoldsSubnet { subnet: Subnet } en "subnet {subnet}" zh "子网{subnet}";
        HoldsRouteTable { table: RouteTable } en "route table {table}" zh "路由表{table}";
        HoldsActivePeering { peering: Peering }
            en "peering {peering} (deactivate it first)"
            zh "对等连接{peering}（须先停用）";
        HoldsConnection { connection: Peering }
            en "peering connection {connection}"
            zh "VPC对等连接{connection}";
        HoldsPeering { peering: Peering } en "peering {peering}" zh "对等连接{peering}";
        HoldsNamedGroup { group: Group, by: Group }
            en "security group {group} (revoke the rules of {by} by it first)"
            zh "安全组{group}（须先撤销{by}中引用它的规则）";
        HoldsNatGateway { nat: NatGateway } en "NAT gateway {nat}" zh "NAT网关{nat}";
        HoldsGateway { gateway: Gateway } en "gateway {gateway}" zh "网关{gateway}";
        HasNatGateways { subnet: Subnet, nats: Each<NatGateway> }
            en "subnet {subnet} has NAT gateways: {nats}"
            zh "子网{subnet}中仍有NAT网关：{nats}";
        DeleteNatGatewayFirst { nat: NatGateway } en "first delete-nat-gateway {nat}" zh "请先执行delete-nat-gateway {nat}";
        HoldsNetworkAcl { acl: NetworkAcl } en "network ACL {acl}" zh "网络ACL {acl}";
        HoldsGroup { group: Group } en "security group {group}" zh "安全组{group}";
        ChooseAnotherSubnetName
            en "choose another name; subnets are unique in their VPC"
            zh "请换一个名称：子网名称在VPC内不能重复";
        SubnetExists { vpc: Vpc, subnet: Quoted }
            en "VPC {vpc} has a subnet {subnet} already"
            zh "VPC {vpc}中已有子网{subnet}";
        ChooseAnotherName en "choose another name" zh "请换一个名称";
        OutsideVpc { cidr: Ipv4Net, vpc: Vpc, blocks: Each<Ipv4Net> }
            en "{cidr} does not lie in VPC {vpc} ({blocks})"
            zh "{cidr}不在VPC {vpc}的网段（{blocks}）内";
        TakeBlockInside { blocks: Or<Ipv4Net> } en "take a block inside {blocks}" zh "请使用{blocks}内的网段";
        SubnetPrefixTooShort { cidr: Ipv4Net }
            en "a subnet cannot have {cidr}: its prefix is too short"
            zh "子网不能使用{cidr}：掩码过短";
        SubnetPrefixTooLong { cidr: Ipv4Net }
            en "a subnet cannot have {cidr}: its prefix is too long"
            zh "子网不能使用{cidr}：掩码过长";
        TakePrefix { shortest: Number, longest: Number }
            en "take a prefix of {shortest} to {longest}"
            zh "掩码长度须为{shortest}至{longest}";
        OverlapsSubnet { cidr: Ipv4Net, subnet: Subnet, block: Ipv4Net }
            en "{cidr} overlaps subnet {subnet} ({block})"
            zh "{cidr}与子网{subnet}（{block}）重叠";
        TakeFreeBlock en "take a block that no subnet of the VPC has" zh "请使用该VPC中尚未使用的网段";
        WouldMakeEntryLocal { cidr: Ipv4Net, destination: Ipv4Net, table: RouteTable }
            en "{cidr} would make entry {destination} of route table {table} local"
            zh "{cidr}会使路由表{table}的条目{destination}变为本地路由";
        DeleteEntryOrTakeAnother en "delete the entry first, or take another block" zh "请先删除该路由条目，或换一个网段";
        OverlapsFarSubnet { subnet: Subnet, cidr: Ipv4Net, far: Subnet, far_cidr: Ipv4Net, peering: Peering }
            en "{subnet} ({cidr}) overlaps {far} ({far_cidr}) beyond peering {peering}: they cannot reach each other"
            zh "{subnet}（{cidr}）与对等连接{peering}对端的{far}（{far_cidr}）重叠：两者无法互通";
        HasInstances { subnet: Subnet, instances: Each<Instance> }
            en "subnet {subnet} has instances: {instances}"
            zh "子网{subnet}中仍有实例：{instances}";
        OneBlock { provider: Text }
            en "a VPC of {provider} has one block"
            zh "{provider}的VPC只有一个网段";
        CreateAnotherVpc en "create another VPC for the block" zh "请为该网段另建一个VPC";
        IsFirstBlock { cidr: Ipv4Net, vpc: Vpc }
            en "{cidr} is the first block of VPC {vpc}"
            zh "{cidr}是VPC {vpc}的主网段";
        FirstBlockStays en "only secondary blocks can be removed" zh "只能删除附加网段";
        HasNoSuchBlock { vpc: Vpc, cidr: Ipv4Net }
            en "VPC {vpc} has no block {cidr}"
            zh "VPC {vpc}没有网段{cidr}";
        HasNoSecondaryBlocks en "it has no secondary blocks" zh "该VPC没有附加网段";
        SecondaryBlocksAre { blocks: Each<Ipv4Net> }
            en "its secondary blocks are {blocks}"
            zh "其附加网段为{blocks}";
        BlockHasSubnets { cidr: Ipv4Net, vpc: Vpc, subnets: Each<Subnet> }
            en "block {cidr} of VPC {vpc} has subnets: {subnets}"
            zh "VPC {vpc}的网段{cidr}中仍有子网：{subnets}";
        DeleteSubnetsFirst en "delete the subnets first" zh "请先删除这些子网";
        OverlapsOwnBlock { cidr: Ipv4Net, vpc: Vpc, block: Ipv4Net }
            en "{cidr} overlaps block {block} of VPC {vpc}"
            zh "{cidr}与VPC {vpc}的网段{block}重叠";
        OtherPrivateRange { cidr: Ipv4Net, vpc: Vpc, range: Ipv4Net, first: Ipv4Net }
            en "VPC {vpc} cannot have {cidr} of {range}, because its first block is {first}"
            zh "VPC {vpc}的主网段为{first}，不能添加{range}内的{cidr}";
        TakeBlockOfRange { range: Ipv4Net }
            en "take a block inside {range}, 100.64.0.0/10, or one that is not private"
            zh "请使用{range}、100.64.0.0/10内的网段，或非私网网段";
        TooManyBlocks { vpc: Vpc, most: Number }
            en "VPC {vpc} has {most} secondary blocks, which is the limit"
            zh "VPC {vpc}已有{most}个附加网段，达到上限";
        RemoveOneBlock en "remove one that no subnet uses" zh "请先删除一个没有子网的附加网段";
        RequestIsPending { vpc: Vpc, connection: Peering, status: Text }
            en "VPC {vpc} cannot get another block while its request {connection} is {status}"
            zh "VPC {vpc}的请求{connection}处于{status}状态，期间不能添加网段";
        AwaitOrDeleteRequest { connection: Peering }
            en "wait until {connection} is accepted, or delete it first"
            zh "请等待{connection}被接收，或先将其删除";
        OverlapsPeer { cidr: Ipv4Net, peer: Vpc, block: Ipv4Net, peering: Peering }
            en "{cidr} overlaps block {block} of VPC {peer}, the peer by {peering}"
            zh "{cidr}与对等连接{peering}的对端VPC {peer}的网段{block}重叠";
        DeleteInstancesFirst en "delete the instances first" zh "请先删除这些实例";
    }
}
