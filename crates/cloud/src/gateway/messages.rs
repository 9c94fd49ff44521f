//! Messages about gateways to the internet, in both languages.

use std::net::Ipv4Addr;

use crate::message::name::{Gateway, Vpc};
use crate::message::{Each, Text};
use crate::messages;

messages! {
    /// A gateway cannot be made; or what its presence changes.
    pub(crate) enum Said in "gateway" {
        NoGateways { provider: Text } en "{provider} has no gateways to the internet" zh "{provider}没有互联网网关";
        WriteInternet
            en "an entry leads there by the next hop internet"
            zh "路由条目的下一跳写internet即可通往互联网";
        AddressIsEnough
            en "an instance with a public address needs none"
            zh "有公网IP的实例不需要网关";
        HasGateway { vpc: Vpc, gateway: Gateway } en "VPC {vpc} has gateway {gateway}" zh "VPC {vpc}已有网关{gateway}";
        OneIsEnough en "a VPC has one at most" zh "一个VPC最多有一个网关";
        HasNoGateway { vpc: Vpc }
            en "VPC {vpc} has no gateway to the internet"
            zh "VPC {vpc}没有互联网网关";
        CreateGatewayFirst { vpc: Vpc }
            en "first create-gateway NAME --vpc {vpc}"
            zh "请先执行create-gateway NAME --vpc {vpc}";
        HasPublicAddresses { vpc: Vpc, addresses: Each<Ipv4Addr> }
            en "VPC {vpc} has public addresses: {addresses}"
            zh "VPC {vpc}仍有公网IP：{addresses}";
        CallFirst { first: Text } en "first {first}" zh "请先执行{first}";
        EntriesDecideNow { vpc: Vpc, gateway: Gateway }
            en "from now on an instance of VPC {vpc} with a public address needs a route entry to {gateway} for the internet"
            zh "此后，VPC {vpc}中有公网IP的实例需要下一跳为{gateway}的路由条目才能访问互联网";
    }
}
