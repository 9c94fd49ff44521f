//! What OVN does not carry of a lab, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// Warnings of a lab over several hosts.
    pub enum Said in "ovn" {
        SameAddress { group: Text, peer: Text, address: Text, other: Text }
            en "{group}: its rule by group {peer} also accepts {other}, which has the same address {address} and can be reached: OVN does not tell by which peering a packet came"
            zh "{group}：按组{peer}授权的规则也会放行{other}，因为其地址同为{address}且可达：OVN无法区分数据包来自哪个对等连接";
        SmallPeering { peering: Text, mtu: Number, vpc: Text }
            en "{peering}: its MTU of {mtu} is smaller than that of {vpc}, and OVN does not report packets that are too big"
            zh "{peering}：其MTU {mtu}小于{vpc}的MTU，而OVN不会报告过大的数据包";
        ForwardsBehindAcl { instance: Text, subnet: Text }
            en "{instance}: it forwards in {subnet}, which has a network ACL; over several hosts it passes nothing on"
            zh "{instance}：其所在子网{subnet}有网络ACL；在多主机实验中它不会转发数据包";
        ForwardsWhatItSaw { instance: Text }
            en "{instance}: over several hosts it drops answers to requests that did not pass it: OVN knows no flow of theirs"
            zh "{instance}：在多主机实验中，若请求未经过它，它会丢弃相应的应答：OVN没有这些流的记录";
        TooFewLinks { peering: Text }
            en "{peering}: there are no more link-local addresses for it, so it carries nothing"
            zh "{peering}：链路本地地址已用尽，该连接无法传输数据";
    }
}
