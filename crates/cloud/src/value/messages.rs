//! Messages about arguments' values, in both languages.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::message::{Number, Quoted, Text};
use crate::messages;

messages! {
    /// A value cannot be read.
    pub(crate) enum Said in "value" {
        LeadingZero { text: Quoted }
            en "{text} has a number with a leading zero, which is octal elsewhere"
            zh "{text}中有以0开头的数字，在别处会被当作八进制";
        WriteDecimal { decimal: Text }
            en "write {decimal} if its numbers are decimal"
            zh "如果各数字均为十进制，请写{decimal}";
        AddPrefixLength { address: Ipv4Addr }
            en "add its prefix length, as in {address}/16"
            zh "请加上掩码长度，例如{address}/16";
        WriteBlock
            en "write an IPv4 network and its prefix length, as in 10.0.0.0/16"
            zh "请写IPv4网段及其掩码长度，例如10.0.0.0/16";
        NotABlock { text: Quoted } en "{text} is no CIDR block" zh "{text}不是合法网段";
        BitsOutsidePrefix { block: Text, length: Number }
            en "{block} has bits set outside its prefix of {length}"
            zh "网段{block}在{length}位掩码之外有非零位";
        WriteNetwork { block: Ipv4Net } en "write {block}" zh "请写成{block}";
        NotAnAddress { text: Quoted } en "{text} is no IPv4 address" zh "{text}不是合法的IPv4地址";
        WriteAddress en "write four numbers, as in 10.0.0.4" zh "请写四段数字，例如10.0.0.4";
        TakePublicAddress en "take a public address, as one of 203.0.113.0/24" zh "请使用公网IP，例如203.0.113.0/24中的地址";
        IsInternetHost { ip: Ipv4Addr } en "{ip} is the host \"internet\" out there" zh "{ip}是公网主机internet的地址";
        IsNotRouted { ip: Ipv4Addr, block: Ipv4Net }
            en "{ip} lies in {block}, which is not routed on the internet"
            zh "{ip}属于{block}，该网段在公网上不可路由";
        WriteRegion en "write letters, digits and -, as in cn-qingdao" zh "请使用字母、数字和短划线（-），例如cn-qingdao";
        NotARegion { text: Quoted } en "{text} is no region" zh "{text}不是合法地域";
        NotADelay { text: Quoted } en "{text} is no delay" zh "{text}不是合法的时延";
        WriteDelay en "write a number and us, ms or s, as in 30ms" zh "请写数字加单位us、ms或s，例如30ms";
        NotAnMtu { text: Quoted } en "{text} is no MTU" zh "{text}不是合法的MTU";
        WriteAnMtu { least: Number, most: Number }
            en "write a number of bytes, {least} to {most}, as in 8500"
            zh "请写字节数，{least}到{most}，例如8500";
        DelayAtMost en "at most 10s" zh "最大为10s";
    }
}
