//! Messages about peering connections, in both languages.

use ipnet::Ipv4Net;

use super::super::messages::State;
use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Why an operation on a peering connection is refused.
    pub(crate) enum Refusals in "connection" {
        NotOfAccount { vpc: Vpc, owner: Account, account: Text }
            en "VPC {vpc} is account {owner}'s, not {account}'s"
            zh "VPC {vpc}属于账号{owner}，不属于{account}";
        NotInRegion { vpc: Vpc, region: Text, named: Text }
            en "VPC {vpc} is in {region}, not in {named}"
            zh "VPC {vpc}在{region}，不在{named}";
        OtherChange { vpc: Vpc, connection: Peering, status: State }
            en "another peering connection of VPC {vpc} is being changed: {connection} is {status}"
            zh "VPC {vpc}的另一个VPC对等连接正在变更：{connection}的状态为{status}";
        RequestedAlready { connection: Peering, id: Text, status: State, name: Text }
            en "{connection} ({id}) is {status} already: nothing is requested, and there is no {name}"
            zh "{connection}（{id}）的状态为{status}：不会再次发起请求，也没有创建{name}";
        NoSuchPeer { vpc: Vpc, account: Account, region: Text }
            en "the request fails: account {account} has no VPC {vpc} in {region}"
            zh "请求失败：账号{account}在{region}没有VPC {vpc}";
        NotAcceptedThere { connection: Peering, region: Text, named: Text }
            en "peering connection {connection} is accepted in {region}, its accepter's region, not in {named}"
            zh "VPC对等连接{connection}须在接收端所在地域{region}操作，而不是{named}";
        TooManyOutstanding { account: Account, most: Number, names: And }
            en "account {account} has {most} requests that nobody accepted yet, as many as it can: {names}"
            zh "账号{account}待接收的请求已达上限{most}个：{names}";
        TooManyActive { vpc: Vpc, most: Number, names: And }
            en "VPC {vpc} has {most} active peering connections, as many as it can: {names}"
            zh "VPC {vpc}已激活的对等连接已达上限{most}个：{names}";
        BandwidthIsNotSet
            en "the bandwidth of a peering connection within a region cannot be set"
            zh "同地域的VPC对等连接不能设置带宽";
        NoBandwidth { text: Quoted } en "{text} is no bandwidth" zh "{text}不是带宽";
        TooMuchBandwidth { bandwidth: Text, most: Text }
            en "{bandwidth} is more than the {most} that a peering connection can have"
            zh "{bandwidth}超过VPC对等连接的带宽上限{most}";
        NotOneOfBandwidths { bandwidth: Text }
            en "a peering connection cannot have {bandwidth}"
            zh "VPC对等连接不支持带宽{bandwidth}";
        OwnPeer { vpc: Vpc } en "VPC {vpc} cannot be its own peer" zh "VPC {vpc}不能与自身建立对等连接";
        JoinedAlready { vpc: Vpc, peer: Vpc, connection: Peering, status: State }
            en "a peering connection joins VPCs {vpc} and {peer} already: {connection} ({status})"
            zh "VPC {vpc}与{peer}之间已有VPC对等连接{connection}（{status}）";
        JoinedByInterfaces { vpc: Vpc, peer: Vpc, end: Peering, far: Peering }
            en "router interfaces join VPCs {vpc} and {peer} already: {end} and {far}"
            zh "VPC {vpc}与{peer}已通过路由器接口{end}和{far}互连";
        TooManyLive { vpc: Vpc, most: Number, names: And }
            en "VPC {vpc} has {most} peering connections, as many as it can: {names}"
            zh "VPC {vpc}的对等连接已达上限{most}个：{names}";
        TooManyInRegion { vpc: Vpc, most: Number, names: And }
            en "VPC {vpc} has {most} peering connections in its region, as many as it can: {names}"
            zh "VPC {vpc}的同地域对等连接已达上限{most}个：{names}";
        TooManyAcross { vpc: Vpc, most: Number, names: And }
            en "VPC {vpc} has {most} peering connections to other regions, as many as it can: {names}"
            zh "VPC {vpc}的跨地域对等连接已达上限{most}个：{names}";
        TooManyOfAccount { account: Account, region: Text, most: Number }
            en "account {account} has {most} peering connections in {region}, as many as it can"
            zh "账号{account}在{region}的对等连接已达上限{most}个";
        NotTheAccepter { connection: Peering, account: Account }
            en "peering connection {connection} is not a request to account {account}"
            zh "VPC对等连接{connection}不是发给账号{account}的请求";
        NotTheRequester { connection: Peering, account: Account }
            en "account {account} did not request peering connection {connection}"
            zh "VPC对等连接{connection}不是由账号{account}发起的";
        NeitherSide { connection: Peering, account: Account }
            en "account {account} is neither the requester nor the accepter of peering connection {connection}"
            zh "账号{account}既不是VPC对等连接{connection}的发起端，也不是接收端";
        WrongStatus { connection: Peering, status: State, legal: Or<State> }
            en "peering connection {connection} is {status}, not {legal}"
            zh "VPC对等连接{connection}的状态为{status}，而不是{legal}";
        EntriesLeadToIt { connection: Peering, entries: List }
            en "route entries lead to peering connection {connection}: {entries}"
            zh "仍有路由条目指向VPC对等连接{connection}：{entries}";
        JoinedByConnection { vpc: Vpc, peer: Vpc, connection: Peering, status: State }
            en "peering connection {connection} ({status}) joins VPCs {vpc} and {peer}"
            zh "VPC {vpc}与{peer}之间已有VPC对等连接{connection}（{status}）";
        EntryOf { destination: Ipv4Net, table: RouteTable } en "{destination} of {table}" zh "{destination}（{table}）";
        NoRouteYet { connection: Peering, status: State }
            en "peering connection {connection} is {status}: no route can lead to it"
            zh "VPC对等连接{connection}的状态为{status}，路由不能指向它";
        NotOfThisVpc { connection: Peering, vpc: Vpc, peer: Vpc, table: RouteTable, own: Vpc }
            en "peering connection {connection} joins VPCs {vpc} and {peer}, route table {table} is in VPC {own}"
            zh "VPC对等连接{connection}连接VPC {vpc}与{peer}，而路由表{table}在VPC {own}中";
    }
}

messages! {
    /// What to do about it.
    pub(crate) enum Hints in "connection-hint" {
        NameItsAccount { account: Account } en "write --peer-account {account}" zh "请写--peer-account {account}";
        NameItsRegion { region: Text } en "write --peer-region {region}" zh "请写--peer-region {region}";
        CallInRegion { region: Text } en "write --region {region}, or leave it out" zh "请写--region {region}，或不指定";
        LeaveBandwidthOut en "leave the bandwidth out: it is not limited" zh "请不要指定带宽：带宽不受限制";
        WriteBandwidth
            en "write a number and Mbit or Gbit, as in 100Mbit"
            zh "请写数字加Mbit或Gbit，例如100Mbit";
        TakeOneOf { all: Or<Text> } en "take {all}" zh "请使用{all}";
        TakeAtMost { most: Text } en "take at most {most}" zh "请不要超过{most}";
        NameTheOtherVpc en "name the other VPC" zh "请指定另一个VPC";
        DeleteTheInterfaces
            en "a pair of VPCs has router interfaces or a peering connection, not both: deactivate and delete both ends first"
            zh "两个VPC之间只能使用路由器接口或VPC对等连接之一：请先停用并删除两端的路由器接口";
        AcceptIt { account: Account, connection: Peering }
            en "account {account} must accept it: accept-vpc-peering-connection {connection}"
            zh "须由账号{account}接收：accept-vpc-peering-connection {connection}";
        UseIt { connection: Peering }
            en "use {connection}, or delete it first"
            zh "请使用{connection}，或先将其删除";
        DeleteOne en "delete one that is not needed" zh "请删除不再需要的VPC对等连接";
        AccountMustCall { account: Account } en "account {account} must call it" zh "须由账号{account}调用";
        OneOfTheTwo { requester: Account, accepter: Account }
            en "account {requester} or account {accepter} must call it"
            zh "须由账号{requester}或{accepter}调用";
        ActiveAlready en "it is active already" zh "它已激活";
        RequestAnew { account: Account }
            en "account {account} must request another"
            zh "须由账号{account}重新发起请求";
        Wait en "wait until that is done" zh "请等待其完成";
        DeleteEntriesOrForce { connection: Peering }
            en "delete them first, or with it: delete-vpc-peering-connection {connection} --force"
            zh "请先删除这些路由条目，或一并删除：delete-vpc-peering-connection {connection} --force";
        DeleteTheConnection { connection: Peering }
            en "use {connection}, or delete it first: a pair of VPCs has router interfaces or a peering connection, not both"
            zh "请使用{connection}，或先将其删除：两个VPC之间只能使用路由器接口或VPC对等连接之一";
        NameTheOther { vpc: Vpc, connection: Peering }
            en "toward {vpc} name {connection}"
            zh "去往{vpc}请指定{connection}";
        NameOneOfVpc { vpc: Vpc }
            en "name a peering or an instance of VPC {vpc}"
            zh "请指定VPC {vpc}的对等连接或实例";
        RouteOnceActive en "add the entry once it is active" zh "请在其激活后再添加路由条目";
    }
}

messages! {
    /// The problem of a peering connection.
    pub(crate) enum ConnectionLacks in "lack" {
        NotAccepted { connection: Peering, account: Account }
            en "{connection} is not accepted: account {account} must accept it"
            zh "{connection}尚未被接收：须由账号{account}接收";
        Over { connection: Peering, status: State, account: Account }
            en "{connection} is {status}: account {account} must request another"
            zh "{connection}的状态为{status}：须由账号{account}重新发起请求";
        OverForGood { connection: Peering, status: State }
            en "{connection} is {status}"
            zh "{connection}的状态为{status}";
        UnderWay { connection: Peering, status: State }
            en "{connection} is {status}: that takes a moment"
            zh "{connection}的状态为{status}，请稍候";
    }
}

messages! {
    /// The same in a few words.
    pub(crate) enum ConnectionLacksInShort in "lack-in-short" {
        NotAccepted { account: Account } en "account {account} must accept" zh "须由账号{account}接收";
        InState { status: State } en "{status}" zh "{status}";
    }
}
