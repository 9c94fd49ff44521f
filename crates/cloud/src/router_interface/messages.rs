//! Messages about router interfaces, in both languages.

use std::fmt;

use crate::language::Language;
use crate::message::name::{Account, Peering, Vpc};
use crate::message::serde_json::Value;
use crate::message::{AllOf, Each, Message, Or, Quoted, Say, Text};
use crate::messages::State;
use crate::{Region, Role, Spec, messages, values, words};

messages! {
    /// A router interface cannot be made, connected, switched or deleted.
    pub(crate) enum Said in "router-interface" {
        WriteRole en "write initiator (the side that connects) or acceptor" zh "请写initiator（发起连接的一端）或acceptor";
        NotARole { text: Quoted } en "{text} is no role" zh "{text}不是合法角色";
        DidYouMeanSpec { near: Text, all: Each<Spec> }
            en "did you mean {near}? The classes are {all}"
            zh "您要指定的是{near}吗？可选规格：{all}";
        TakeOneOf { all: Each<Spec> } en "take one of {all}" zh "可选规格：{all}";
        NotASpec { text: Quoted } en "{text} is no bandwidth class" zh "{text}不是合法规格";
        Wait en "that takes a moment: try again" zh "变更需要片刻，请稍后重试";
        NeverConnected en "it was never connected: the initiator must connect" zh "它从未建立连接：须由发起端发起连接";
        ActiveAlready en "it is active already" zh "它已处于激活状态";
        OtherEndDeleted { interface: Peering, account: Account }
            en "router interface {interface} (account {account}) has no other end any more: it was deleted"
            zh "路由器接口{interface}（账号{account}）的对端已被删除";
        DeleteAndRebuild { interface: Peering }
            en "delete-router-interface {interface}, and build the pair again"
            zh "请执行delete-router-interface {interface}，再重新创建两端";
        NothingToDeactivate en "it was never connected: there is nothing to switch off" zh "它从未建立连接，无需停用";
        InactiveAlready en "it is switched off already" zh "它已处于停用状态";
        AcceptorHasNoSpec { interface: Peering }
            en "router interface {interface} is the acceptor: the initiator's class decides"
            zh "路由器接口{interface}是接收端：带宽由发起端的规格决定";
        ChangeInitiatorOf { account: Account, initiator: Peering }
            en "account {account} must change the initiator, {initiator}"
            zh "须由账号{account}修改发起端{initiator}的规格";
        ChangeInitiator en "change the initiator's" zh "请修改发起端的规格";
        ActivateFirst en "activate it first" zh "请先激活";
        DeactivateFirst { interface: Peering }
            en "first deactivate-router-interface {interface}"
            zh "请先执行deactivate-router-interface {interface}";
        InitiatorNeedsSpec en "an initiator needs a bandwidth class" zh "发起端必须指定规格";
        AddSpec en "add --spec, as in --spec Mini.2 for 2 Mbit/s" zh "请添加--spec，例如--spec Mini.2表示2 Mbit/s";
        AcceptorWithSpec { spec: Quoted }
            en "an acceptor cannot have the class {spec}: the initiator decides the bandwidth"
            zh "接收端不能指定规格{spec}：带宽由发起端决定";
        GiveSpecToInitiator
            en "leave the spec out, and give it to the initiator"
            zh "请不要为接收端指定规格，而是在发起端指定";
        WrongStatus { interface: Peering, account: Account, status: State, legal: Or<State> }
            en "router interface {interface} (account {account}) is {status}, not {legal}"
            zh "路由器接口{interface}（账号{account}）的状态为{status}，而不是{legal}";
        NothingChanged
            en "nothing is changed: say the other end's account, router or interface"
            zh "未作任何修改：请指定对端的账号、路由器或接口";
        OnlyIdleIsBound
            en "only an Idle one can be bound: deactivate it, delete it and create it again"
            zh "只有空闲状态的路由器接口才能设置对端：请停用并删除后重新创建";
        ConnectWouldBeRefused { why: Message }
            en "connecting would be refused as things are: {why}"
            zh "以当前配置发起连接将被拒绝：{why}";
        AcceptorConnects { interface: Peering }
            en "router interface {interface} is the acceptor: it is connected to"
            zh "路由器接口{interface}是接收端，只能接受连接";
        ConnectFrom { account: Account, initiator: Peering }
            en "account {account} must connect from the initiator, {initiator}"
            zh "须由账号{account}从发起端{initiator}发起连接";
        ConnectFromInitiator en "connect from the initiator" zh "请从发起端发起连接";
        ConnectedAndInactive en "it is connected and switched off: activate it" zh "它已连接但已停用：请激活";
        ConnectedAlready en "it is connected already" zh "它已建立连接";
        NoOtherEnd { interface: Peering, account: Account }
            en "router interface {interface} (account {account}) has no other end set"
            zh "路由器接口{interface}（账号{account}）尚未设置对端";
        SetOtherEnd { account: Account, interface: Peering }
            en "account {account} must call modify-router-interface-attribute {interface}"
            zh "须由账号{account}调用modify-router-interface-attribute {interface}";
        SetRightOtherEnd { account: Account, interface: Peering }
            en "account {account} must call modify-router-interface-attribute {interface} with the other end"
            zh "须由账号{account}调用modify-router-interface-attribute {interface}设置对端";
        OtherEndIncomplete { interface: Peering, account: Account, unset: AllOf<Message> }
            en "router interface {interface} (account {account}) does not say its other end's {unset}"
            zh "路由器接口{interface}（账号{account}）尚未设置对端的{unset}";
        PartAccount en "account" zh "账号";
        PartRouter en "router" zh "路由器";
        PartInterface en "interface" zh "接口";
        PointsAtNothing { interface: Peering, other: Peering }
            en "router interface {interface} points at {other}, which is no router interface"
            zh "路由器接口{interface}的对端{other}不是路由器接口";
        PointsAtAccount { interface: Peering, other: Peering, written: Account, account: Account }
            en "router interface {interface} points at {other} of account {written}, but {other} is account {account}'s"
            zh "路由器接口{interface}的对端设为账号{written}的{other}，但{other}属于账号{account}";
        PointsAtRouter { interface: Peering, other: Peering, router: Text, right: Text, vpc: Vpc }
            en "router interface {interface} points at {other} on router {router}, but {other} is on {right} (VPC {vpc})"
            zh "路由器接口{interface}的对端设为路由器{router}上的{other}，但{other}位于路由器{right}（VPC {vpc}）";
        CreatedToward { interface: Peering, toward: Region, other: Peering, region: Region }
            en "router interface {interface} was created toward {toward}, but {other} is in {region}"
            zh "路由器接口{interface}创建时的对端地域是{toward}，但{other}位于{region}";
        CreateTowardRegion { account: Account, interface: Peering, region: Region }
            en "account {account} must delete {interface} and create it with --opposite-region {region}"
            zh "须由账号{account}删除{interface}，并以--opposite-region {region}重新创建";
        OtherEndMustBeIdle
            en "the other end must be Idle: its owner must delete it and create it again"
            zh "对端必须处于空闲状态：须由其所有者删除后重新创建";
        PointsAtAnother { other: Peering, at: Peering, interface: Peering }
            en "router interface {other} points at {at}, not at {interface}"
            zh "路由器接口{other}的对端是{at}，不是{interface}";
        SameRole { end: Peering, other: Peering, role: Role }
            en "{end} and {other} are both the {role}"
            zh "{end}和{other}都是{role}";
        OneMustBe { role: Role }
            en "one end must be the {role}: delete one and create it again"
            zh "其中一端必须是{role}：请删除一端后重新创建";
        VpcsConnectedAlready { vpc: Vpc, other: Vpc, end: Peering, far: Peering }
            en "VPCs {vpc} and {other} are connected already, by {end} and {far}"
            zh "VPC {vpc}与{other}已通过{end}和{far}连接";
        UseThatPair
            en "use that pair, or deactivate and delete both its ends first"
            zh "请使用已有的连接，或先停用并删除其两端";
        BindTo { account: Account, interface: Peering, other_account: Account, other: Peering, router: Vpc }
            en "account {account} must call modify-router-interface-attribute {interface} --opposite-account {other_account} --opposite-interface {other} --opposite-router {router}"
            zh "须由账号{account}调用modify-router-interface-attribute {interface} --opposite-account {other_account} --opposite-interface {other} --opposite-router {router}";
        OppositeOfNobody
            en "opposite does not say whose the interface is"
            zh "opposite没有说明对端接口属于哪个账号";
        SameRouter { vpc: Vpc } en "both ends are on the router of VPC {vpc}" zh "两端都在VPC {vpc}的路由器上";
        NameAnotherVpc en "a peering joins two VPCs: name another" zh "对等连接用于连接两个VPC：请指定另一个VPC";
        EachAccountCreatesItsOwn
            en "with two accounts each creates its own router interface: create-router-interface"
            zh "跨账号时，须由双方账号各自创建路由器接口：create-router-interface";
    }
}

words! {
    Role, in "role" {
        Initiator zh "发起端";
        Acceptor zh "接收端";
    }
}

values!(Spec);

/// A bandwidth class with its bandwidth: `Mini.2 (2 Mbit/s)`.
impl Say for Spec {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match language {
            Language::English => write!(f, "{} ({})", self.name, self.bandwidth),
            Language::Chinese => write!(f, "{}（{}）", self.name, self.bandwidth),
        }
    }

    fn json(&self) -> Value {
        Value::String(self.name.to_owned())
    }
}
