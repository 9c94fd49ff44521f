//! Messages about network ACLs, in both languages.

use ipnet::Ipv4Net;

use crate::message::name::{NetworkAcl, Subnet, Vpc};
use crate::message::*;
use crate::messages;
use crate::{Direction, RuleProtocol};

messages! {
    /// Why an operation on a network ACL is refused, and what to do.
    pub(super) enum Said in "network-acl" {
        NoAcls { provider: Text } en "{provider} has no network ACLs" zh "{provider}没有网络ACL";
        UseGroups en "filter by the rules of security groups" zh "请用安全组规则过滤";
        NewOnesDrop { provider: Text }
            en "a new network ACL of {provider} drops everything"
            zh "{provider}新建的网络ACL拒绝所有流量";
        AddAcceptingEntries
            en "leave the default out, and add entries that accept"
            zh "请不要指定默认策略，并添加允许的规则";
        Associated { acl: NetworkAcl, subnets: And }
            en "network ACL {acl} is associated with {subnets}"
            zh "网络ACL {acl}已关联{subnets}";
        UnassociateFirst { acl: NetworkAcl, subnet: Subnet }
            en "first unassociate-network-acl {acl} --subnet {subnet}"
            zh "请先执行unassociate-network-acl {acl} --subnet {subnet}";
        IsDefault { acl: NetworkAcl, vpc: Vpc }
            en "{acl} is the default network ACL of VPC {vpc}"
            zh "{acl}是VPC {vpc}的默认网络ACL";
        GoesWithVpc
            en "it goes with its VPC; delete its entries, or associate the subnets with an ACL of their own"
            zh "默认网络ACL随VPC一起删除；可删除其中的规则，或为子网关联自定义网络ACL";
        AlwaysAssociated { subnet: Subnet, acl: NetworkAcl }
            en "subnet {subnet} has the default network ACL {acl} while it has no other"
            zh "子网{subnet}未关联其他网络ACL时使用默认网络ACL {acl}";
        AssociateAnother en "associate another network ACL with the subnet" zh "请为该子网关联其他网络ACL";
        OtherVpc { acl: NetworkAcl, vpc: Vpc, subnet: Subnet }
            en "network ACL {acl} is in VPC {vpc}, subnet {subnet} is not"
            zh "网络ACL {acl}属于VPC {vpc}，而子网{subnet}不属于该VPC";
        NameAclOf { vpc: Vpc } en "name a network ACL of VPC {vpc}" zh "请指定VPC {vpc}的网络ACL";
        NotAssociated { acl: NetworkAcl, subnet: Subnet }
            en "subnet {subnet} is not associated with network ACL {acl}"
            zh "子网{subnet}未关联网络ACL {acl}";
        AssociatedWith { acl: NetworkAcl } en "it is associated with {acl}" zh "它关联的是{acl}";
        AssociatedWithNone
            en "it is associated with none, so nothing is filtered at its edge"
            zh "它未关联任何网络ACL，其边界不做过滤";
        NoDirection { text: Quoted } en "{text} is no direction" zh "{text}不是合法方向";
        WriteDirection en "write ingress or egress" zh "请写ingress或egress";
        NoNumber { text: Quoted } en "{text} is no number of an entry" zh "{text}不是合法的规则序号";
        WriteNumber { first: Number, last: Number }
            en "write {first} (asked first) to {last}"
            zh "请写{first}（最先匹配）到{last}";
        EntryExists { acl: NetworkAcl, entry: Message }
            en "network ACL {acl} has an entry with this number: {entry}"
            zh "网络ACL {acl}已有此序号的规则：{entry}";
        TakeAnotherNumber en "take another number, or delete that entry first" zh "请使用其他序号，或先删除该规则";
        Full { acl: NetworkAcl, direction: Direction, most: Number }
            en "network ACL {acl} has {most} {direction} entries, as many as it can"
            zh "网络ACL {acl}的{direction}已有{most}条规则，达到上限";
        DeleteAnEntry en "delete an entry, or join several into one" zh "请删除一条规则，或将多条合并为一条";
        NoSuchEntry { acl: NetworkAcl, direction: Direction, number: Number }
            en "network ACL {acl} has no {direction} entry {number}"
            zh "网络ACL {acl}没有{direction}序号为{number}的规则";
        HasNone { direction: Direction }
            en "it has no {direction} entries: there is nothing to delete"
            zh "它没有{direction}规则：无需删除";
        HasNumbers { direction: Direction, all: Names }
            en "the numbers of its {direction} entries are {all}"
            zh "其{direction}规则的序号为{all}";
        NoPorts { protocol: RuleProtocol, text: Quoted }
            en "{protocol} has no ports, and the entry says {text}"
            zh "{protocol}没有端口，而规则指定了{text}";
        LeavePortOut en "leave the port out: only tcp and udp have ports" zh "请不要指定端口：只有tcp和udp有端口";
    }
}

messages! {
    /// An entry of a network ACL.
    pub(super) enum EntrySays in "acl-entry" {
        AcceptsFrom { number: Number, what: Text, cidr: Ipv4Net }
            en "{number} accept {what} from {cidr}"
            zh "{number} 允许{what}，来源{cidr}";
        AcceptsTo { number: Number, what: Text, cidr: Ipv4Net }
            en "{number} accept {what} to {cidr}"
            zh "{number} 允许{what}，目的{cidr}";
        DropsFrom { number: Number, what: Text, cidr: Ipv4Net }
            en "{number} drop {what} from {cidr}"
            zh "{number} 拒绝{what}，来源{cidr}";
        DropsTo { number: Number, what: Text, cidr: Ipv4Net }
            en "{number} drop {what} to {cidr}"
            zh "{number} 拒绝{what}，目的{cidr}";
    }
}
