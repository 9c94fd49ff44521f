//! Messages of the cloud, in both languages.

use std::fmt;
use std::sync::Arc;

use super::{Bandwidth, Region, ResourceKind};
use crate::language::Language;
use crate::message::name::*;
use crate::message::*;
use crate::{as_it_is, messages, words};

as_it_is!(Bandwidth, Region);

words! {
    ResourceKind, in "kind" {
        Account zh "账号";
        Vpc zh "VPC";
        Router zh "路由器";
        Subnet zh "子网";
        RouteTable zh "路由表";
        SecurityGroup zh "安全组";
        NetworkAcl zh "网络ACL";
        Instance zh "实例";
        NatGateway zh "NAT网关";
        Gateway zh "网关";
        RouterInterface zh "路由器接口";
        VpcPeering zh "VPC对等连接";
        PeeringConnection zh "VPC对等连接";
        Compound zh "由两个路由器接口组成的对等连接";
    }
}

/// A kind in a sentence: `a VPC`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WithArticle(ResourceKind);

impl<T> Of<T> for WithArticle
where
    ResourceKind: Of<T>,
{
    fn of(kind: T) -> Self {
        WithArticle(ResourceKind::of(kind))
    }
}

impl Say for WithArticle {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match language {
            Language::English => f.write_str(self.0.with_article()),
            Language::Chinese => self.0.say(language, f),
        }
    }
}

messages! {
    /// The provider cannot do the operation.
    pub(crate) enum Said in "cloud" {
        OperationOf { operation: Text, theirs: Text, provider: Text }
            en "{operation} is an operation of {theirs}; this lab's provider is {provider}"
            zh "{operation}是{theirs}的操作，本实验的服务商是{provider}";
        OperationOfAnother { operation: Text, provider: Text }
            en "{operation} is an operation of another; this lab's provider is {provider}"
            zh "{operation}是另一家服务商的操作，本实验的服务商是{provider}";
        JoinsBy { provider: Text, ways: Or<Message> } en "{provider} joins VPCs by {ways}" zh "{provider}通过{ways}连接VPC";
        ByInterfaces en "create-router-interface or create-peering" zh "create-router-interface或create-peering";
        ByConnection en "create-vpc-peering-connection" zh "create-vpc-peering-connection";
        ByHalves en "create-vpc-peering on both sides" zh "两端各自的create-vpc-peering";
    }
}

/// A provider's word for a peering's or a route's state; one that is not known here reads as the provider spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(Arc<str>);

impl<T: fmt::Display> Of<T> for State {
    fn of(word: T) -> Self {
        State(word.to_string().into())
    }
}

impl Say for State {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (language, &*self.0) {
            (Language::Chinese, "Idle") => "空闲",
            (Language::Chinese, "Connecting") => "连接中",
            (Language::Chinese, "AcceptingConnecting") => "接受连接中",
            (Language::Chinese, "Activating") => "激活中",
            (Language::Chinese, "Active") => "已激活",
            (Language::Chinese, "Deactivating") => "停用中",
            (Language::Chinese, "Inactive") => "已停用",
            (Language::Chinese, "Deleting") => "删除中",
            (Language::Chinese, "Initiated") => "已发起",
            (Language::Chinese, "Connected") => "已连接",
            (Language::Chinese, "Deleted") => "已删除",
            (Language::Chinese, "Disconnected") => "已断开",
            (Language::Chinese, "Creating") => "创建中",
            (Language::Chinese, "Accepting") => "接收中",
            (Language::Chinese, "Updating") => "更新中",
            (Language::Chinese, "Activated") => "已激活",
            (Language::Chinese, "Rejected") => "已拒绝",
            (Language::Chinese, "Expired") => "已过期",
            (Language::Chinese, "Failed") => "失败",
            (Language::Chinese, "blackhole") => "黑洞",
            (_, word) => word,
        })
    }
}

impl From<State> for Message {
    fn from(state: State) -> Self {
        Message::from(Words::State { state })
    }
}

messages! {
    /// Words that are said alone.
    pub(crate) enum Words in "word" {
        State { state: State } en "{state}" zh "{state}";
        RouterInterface en "router-interface" zh "路由器接口";
        VpcPeering en "vpc-peering" zh "VPC对等连接";
        PeeringConnection en "peering-connection" zh "VPC对等连接";
    }
}

/// The reader's word for a kind of peering end, by the key that `plan --json` has for it; `None`: no family has it.
pub fn word_of_end(key: &str) -> Option<Message> {
    match key {
        "router-interface" => Some(Words::RouterInterface.into()),
        "vpc-peering" => Some(Words::VpcPeering.into()),
        "peering-connection" => Some(Words::PeeringConnection.into()),
        _ => None,
    }
}

messages! {
    /// The problem of a peering.
    pub(crate) enum Lacks in "lack" {
        OppositeNotSet { interface: Peering, account: Account }
            en "{interface} has no other end set: account {account} must say which it is"
            zh "{interface}尚未设置对端：须由账号{account}设置";
        WrongOpposite { interface: Peering, account: Account, why: Message }
            en "{why}: account {account} must set the other end of {interface}"
            zh "{why}：须由账号{account}设置{interface}的对端";
        NoOtherEnd { interface: Peering, account: Account, vpc: Vpc }
            en "account {account} must create the other end of {interface}, in {vpc}"
            zh "须由账号{account}在{vpc}中创建{interface}的对端";
        Unfit { interface: Peering, account: Account, why: Message }
            en "{why}: account {account} must delete {interface} and create it again"
            zh "{why}：须由账号{account}删除{interface}并重新创建";
        Superfluous { interface: Peering, account: Account, why: Message }
            en "{why}: account {account} can delete {interface}"
            zh "{why}：账号{account}可以删除{interface}";
        NotConnected { initiator: Peering, account: Account }
            en "it is not connected: account {account} must connect {initiator}"
            zh "尚未连接：须由账号{account}从{initiator}发起连接";
        Deactivated { interface: Peering, account: Account }
            en "{interface} is deactivated: account {account} must activate it"
            zh "{interface}已停用：须由账号{account}激活";
        OtherEndGone { interface: Peering, account: Account }
            en "the other end is deleted: account {account} must delete {interface} and build the pair again"
            zh "对端已删除：须由账号{account}删除{interface}，再重新创建两端";
        OtherHalf { half: Peering, vpc: Vpc, peer: Vpc, account: Account }
            en "{half} has no other half: account {account} must create it, from {vpc} to {peer}"
            zh "{half}缺少对端：须由账号{account}创建从{vpc}到{peer}的对等连接";
        OtherVpcGone { half: Peering, vpc: Vpc }
            en "{half} has no other half, and VPC {vpc} is deleted"
            zh "{half}缺少对端，且VPC {vpc}已删除";
    }
}

messages! {
    /// The problem of a peering, in a few words.
    pub(crate) enum LacksInShort in "lack-in-short" {
        OppositeNotSet { interface: Peering } en "{interface}: no other end set" zh "{interface}：未设置对端";
        WrongOpposite { interface: Peering } en "{interface}: wrong other end" zh "{interface}：对端有误";
        NoOtherEnd { interface: Peering } en "{interface}: no other end yet" zh "{interface}：尚无对端";
        Unfit { interface: Peering } en "{interface} must be deleted and created again" zh "{interface}须重新创建";
        Superfluous { interface: Peering } en "{interface} is one too many" zh "{interface}是多余的";
        NotConnected en "not connected" zh "未连接";
        Deactivated { interface: Peering } en "{interface} deactivated" zh "{interface}已停用";
        OtherEndGone en "other end deleted" zh "对端已删除";
        OtherHalf { vpc: Vpc } en "no half from {vpc}" zh "缺少{vpc}一端";
        Refused en "the two VPCs cannot be joined" zh "两个VPC无法连接";
    }
}

messages! {
    /// The heading of a table of a family's ends.
    pub enum Title in "title" {
        RouterInterfaces en "Router interfaces" zh "路由器接口";
        Peerings en "Peerings" zh "对等连接";
        PeeringConnections en "Peering connections" zh "VPC对等连接";
    }
}
