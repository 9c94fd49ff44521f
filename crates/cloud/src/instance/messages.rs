//! Messages about instances, in both languages.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::message::name::{Group, Instance, NatGateway, Subnet, Vpc};
use crate::message::{Each, Number, Quoted, Text};
use crate::messages;

messages! {
    /// An instance cannot be made, deleted, started, stopped or put into a group.
    pub(crate) enum Said in "instance" {
        SubnetIsFull { subnet: Subnet, cidr: Ipv4Net }
            en "subnet {subnet} ({cidr}) has no free address left"
            zh "子网{subnet}（{cidr}）已无空闲地址";
        DeleteOneOrTakeAnotherSubnet en "delete an instance, or take another subnet" zh "请删除一个实例，或使用其他子网";
        IsFree { ip: Ipv4Addr }
            en "{ip} is free; without an address the lowest free one is taken"
            zh "{ip}空闲；不指定地址时使用最小的空闲地址";
        TakeAnotherSubnet { subnet: Subnet }
            en "subnet {subnet} has no free address left: take another"
            zh "子网{subnet}已无空闲地址，请使用其他子网";
        HasAddress { ip: Ipv4Addr, instance: Instance } en "{ip} is instance {instance}'s" zh "{ip}已被实例{instance}使用";
        NatHasAddress { ip: Ipv4Addr, nat: NatGateway } en "{ip} is NAT gateway {nat}'s" zh "{ip}已被NAT网关{nat}使用";
        HasPublicIp { instance: Instance, ip: Ipv4Addr }
            en "instance {instance} has the public address {ip}"
            zh "实例{instance}已绑定公网IP {ip}";
        HasNoPublicIp { instance: Instance } en "instance {instance} has no public address" zh "实例{instance}没有公网IP";
        NoPublicAddressLeft { block: Ipv4Net } en "no address of {block} is free" zh "{block}中已无空闲地址";
        NamePublicAddress en "name another one: --public-ip" zh "请用--public-ip指定其他地址";
        IsReserved { ip: Ipv4Addr, reserved: Each<Ipv4Addr>, subnet: Subnet }
            en "no instance can have {ip} (the provider keeps {reserved} of {subnet})"
            zh "实例不能使用{ip}（服务商保留了{subnet}中的{reserved}）";
        IsGateway { ip: Ipv4Addr, reserved: Each<Ipv4Addr>, subnet: Subnet }
            en "no instance can have {ip}: it is the gateway's (the provider keeps {reserved} of {subnet})"
            zh "实例不能使用{ip}：它是网关地址（服务商保留了{subnet}中的{reserved}）";
        OutsideSubnet { ip: Ipv4Addr, subnet: Subnet, cidr: Ipv4Net }
            en "{ip} does not lie in subnet {subnet} ({cidr})"
            zh "{ip}不在子网{subnet}的网段（{cidr}）内";
        TakeAnotherPublicAddress en "take another public address" zh "请使用其他公网IP";
        InGroupAlready { instance: Instance, group: Group }
            en "instance {instance} is in group {group} already"
            zh "实例{instance}已在安全组{group}中";
        NothingToDo en "there is nothing to do" zh "无需再次操作";
        NotInGroup { instance: Instance, group: Group }
            en "instance {instance} did not join group {group}"
            zh "实例{instance}未加入安全组{group}";
        IsIn { groups: Each<Group> } en "it is in {groups}" zh "它已加入{groups}";
        InDefaultGroupAgain { instance: Instance, default: Group }
            en "instance {instance} is in no other group: it is in {default} again"
            zh "实例{instance}未加入其他安全组，重新归入默认安全组{default}";
        TooManyGroups { instance: Instance, most: Number, group: Group }
            en "instance {instance} is in {most} groups, as many as it can, and {group} would be one more"
            zh "实例{instance}已加入{most}个安全组，达到上限，不能再加入{group}";
        LeaveAnotherGroupFirst en "have it leave another group first" zh "请先将其移出一个安全组";
        GroupOfAnotherVpc { group: Group, group_vpc: Vpc, instance: Instance, vpc: Vpc }
            en "group {group} is in VPC {group_vpc}, instance {instance} in VPC {vpc}"
            zh "安全组{group}属于VPC {group_vpc}，而实例{instance}位于VPC {vpc}";
        NameGroupOf { vpc: Vpc } en "name a group of VPC {vpc}" zh "请指定VPC {vpc}的安全组";
        InState { instance: Instance, state: Text } en "instance {instance} is {state}" zh "实例{instance}的状态为{state}";
        CallFirst { first: Text, instance: Instance } en "first {first} {instance}" zh "请先执行{first} {instance}";
        NeitherTrueNorFalse { text: Quoted } en "{text} is neither true nor false" zh "{text}不是true或false";
        WriteTrueOrFalse en "write true or false" zh "请写true或false";
    }
}
