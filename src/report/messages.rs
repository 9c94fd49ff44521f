//! Messages of the reports, in both languages.

use crate::cloud::{Direction, Policy, State};
use crate::message::name::{Account as AccountName, Lab, Peering, Vpc};
use crate::message::*;
use crate::messages;
use std::net::Ipv4Addr;

messages! {
    /// Texts of the reports: headings, verdicts, notes.
    pub enum Said in "report" {
        OnHost { host: Text } en "on {host}" zh "位于{host}";
        HostSilent en "unknown: its host does not answer" zh "未知：其主机没有应答";
        WrongUnknown en "unknown!" zh "未知！";
        NoAnswer en "no answer" zh "无应答";
        Answered { who: Text } en "answered by {who}" zh "收到{who}的应答";
        AnsweredAnotherWhichNotKnown en "answered by another, which is not known" zh "收到其他实例的应答，但不知是哪一个";
        AnsweredAtLast en "answered" zh "收到应答";
        AnsweredIn { ms: Text } en "answered in {ms} ms" zh "{ms} ms内收到应答";
        Counted { vpc: Vpc, packets: Number, reason: Message }
            en "; {vpc} counted {packets} {reason}"
            zh "；{vpc}计数：{reason} {packets}个";
        By { rule: Text } en " by {rule}" zh "，规则{rule}";
        OwnLinkRefused en "; the sender's own kernel refused it" zh "；发送端自己的内核拒绝发送";
        NoDropCounted en "; no drop was counted" zh "；没有丢包计数";
        AsPredicted en "as predicted" zh "与预测一致";
        SomebodyChanged en "not as predicted: somebody changed the kernel" zh "与预测不符：内核配置被他人改动";
        DefectOrChanged
            en "not as predicted: a defect of peerlab, or the kernel was changed behind its back"
            zh "与预测不符：peerlab有缺陷，或内核配置被他人改动";
        Sent en "sent" zh "实测";
        Semicolon en "; " zh "；";
        WhatItLeaves
            en "what it leaves: entries that lead nowhere or elsewhere; to remove them"
            zh "它未触及的条目：下一跳不可用或指向他处；如需删除";
        WhatElseChanges en "what else it changes" zh "它还会改变";
        MorePairs { more: Number } en "and {more} more pairs" zh "以及另外{more}对";
        SeenFrom { address: Ipv4Addr } en "the internet sees it from {address}" zh "互联网看到的源地址为{address}";
        AnswersNot { impostor: Text, to: Text }
            en "{impostor} answers, not {to}: it has the address where the packet goes"
            zh "应答的是{impostor}而不是{to}：数据包所到之处，该地址属于前者";
        PacketGetsNot { impostor: Text, to: Text }
            en "it is {impostor} that the packet gets to, not {to}"
            zh "数据包到达的是{impostor}，而不是{to}";
        There en "there" zh "去程";
        Back en "back" zh "回程";
        Blockers { blockers: Number } en "{blockers} blockers" zh "{blockers}处阻断";
        BackEachIfThoseBefore en "there and back, each as if those before were lifted" zh "含去程与回程，逐项假定前面各项均已解决";
        MakeReach en "to make it reach" zh "按以下操作即可连通";
        InClient en "the same by the provider's own client" zh "使用服务商自己的命令行工具";
        NoOperationMakesReach en "no operation makes it reach" zh "没有操作能使其连通";
        WhatLiftsOtherBlockers en "what lifts the other blockers" zh "以下操作可解决其他阻断";
        FromTo en "from ↓ to →" zh "从 ↓ 到 →";
        InstancesVpc { instances: Number } en "{instances} instances, by VPC:" zh "{instances}个实例，按VPC汇总：";
        CapitalsOnWayBack en "capitals: on the way back" zh "大写字母：回程";
        PairsPredicted en "pairs predicted" zh "对，预测";
        Answer { who: Text } en "answer of {who}" zh "{who}应答";
        WrongDrop en "! drop" zh "！丢弃";
        WrongAnswer { who: Text } en "! answer of {who}" zh "！{who}应答";
        WrongReach en "! reach" zh "！可达";
        SomeReach en "some reach, or for several reasons" zh "部分可达，或原因不一";
        NotAsPredicted en "not as predicted" zh "与预测不符";
        ExpectedPredictedObserved { expected: Message, predicted: Message, observed: Message }
            en "expected {expected}, predicted {predicted}, observed {observed}"
            zh "预期{expected}，预测{predicted}，实测{observed}";
        CheckAtLine { at: Text, from: Text, to: Text, asked: Message }
            en "check at line {at}: {from} → {to} {asked}"
            zh "第{at}行的检查：{from} → {to} {asked}";
        PredictedObserved { from: Text, to: Text, protocol: Text, predicted: Message, observed: Message }
            en "{from} → {to} {protocol}: predicted {predicted}, observed {observed}"
            zh "{from} → {to} {protocol}：预测{predicted}，实测{observed}";
        MoreInJson { pairs: Message } en "and {pairs} more (--json has them all)" zh "另有{pairs}（--json列出全部）";
        PredictedObservedAtLine { from: Text, to: Text, asked: Text, at: Text, predicted: Message, observed: Message }
            en "{from} → {to} {asked} (check at line {at}): predicted {predicted}, observed {observed}"
            zh "{from} → {to} {asked}（第{at}行的检查）：预测{predicted}，实测{observed}";
        DropsCounted { reason: Message, predicted: Text, counted: Text }
            en "drops counted as {reason}: predicted {predicted}, counted {counted}"
            zh "{reason}的丢包计数：预测{predicted}，实际{counted}";
        NotPredictedIsADefect
            en "What is not as predicted is a defect of peerlab, or the kernel was changed behind\nits back: `peerlab up` repairs the kernel, `peerlab explain FROM TO` shows the way.\n"
            zh "与预测不符说明peerlab有缺陷，或内核配置被他人改动：`peerlab up`恢复内核配置，\n`peerlab explain 源 目的`显示逐跳路径。\n";
        ReachDropped { pairs: Message, reach: Number, dropped: Number }
            en "{pairs}: {reach} reach, {dropped} dropped"
            zh "{pairs}：{reach}对可达，{dropped}对不可达";
        ReachDroppedAnsweredAnother { pairs: Message, reach: Number, dropped: Number, another: Number }
            en "{pairs}: {reach} reach, {dropped} dropped, {another} answered by another"
            zh "{pairs}：{reach}对可达，{dropped}对不可达，{another}对由其他实例应答";
        PingedFor { pairs: Message, all: Text, reach: Number, dropped: Number }
            en "{pairs} pinged for {all}: {reach} reach, {dropped} dropped (--full pings all)"
            zh "实测{pairs}，代表{all}对：{reach}对可达，{dropped}对不可达（--full逐对实测）";
        PingedForAnsweredByAnother { pairs: Message, all: Text, reach: Number, dropped: Number, another: Number }
            en "{pairs} pinged for {all}: {reach} reach, {dropped} dropped, {another} answered by another (--full pings all)"
            zh "实测{pairs}，代表{all}对：{reach}对可达，{dropped}对不可达，{another}对由其他实例应答（--full逐对实测）";
        AllAsPredicted en "all as predicted" zh "全部与预测一致";
        SomeNotAsPredicted { wrong: Number } en "{wrong} not as predicted" zh "{wrong}项与预测不符";
        Passed { count: Message } en "{count} passed" zh "{count}通过";
        Failed { wrong: Number, count: Message } en "{wrong} of {count} failed" zh "{count}中有{wrong}项未通过";
        Colon en ": " zh "：";
        Comma en ", " zh "，";
        ToCreate en "to create" zh "创建";
        ToChange en "to change" zh "变更";
        ToDelete en "to delete" zh "删除";
        NothingThere en "none" zh "无";
        Error en "error" zh "错误";
        Help en "help" zh "建议";
        Items { items: List } en "{items}" zh "{items}";
        Drift { first: Message, lab: Lab }
            en "drift: {first}; `peerlab up --lab {lab}` repairs it"
            zh "偏差：{first}；`peerlab up --lab {lab}`可修复";
        DriftAndMore { first: Message, more: Number, lab: Lab }
            en "drift: {first}, and {more} more; `peerlab up --lab {lab}` repairs it"
            zh "偏差：{first}，另有{more}处；`peerlab up --lab {lab}`可修复";
        Priority { priority: Text } en "priority {priority}" zh "优先级{priority}";
        OneThatShares { chosen: Number } en "one of {chosen} that share" zh "{chosen}条等价路由之一";
        RouteState { state: State } en "{state}" zh "{state}";
        NoMore { gone: Text } en "{gone} is no more" zh "{gone}已不存在";
        ForwardsNothing { name: Text } en "{name} forwards nothing" zh "{name}不转发数据包";
        GroupNoMore en "the group is no more" zh "该安全组已不存在";
        InnerAccess en "members reach each other (inner access: accept)" zh "组内互通（组内连通策略：accept）";
        NoInnerAccess en "members do not reach each other (inner access: drop)" zh "组内隔离（组内连通策略：drop）";
        MoreCarryNothing { more: Number }
            en "and {more} more that carry nothing; `peerlab status` lists them"
            zh "另有{more}个不转发数据包；`peerlab status`列出全部";
        PeeringsCarryPackets { carrying: Number }
            en "{carrying} peerings carry packets; `peerlab status` lists them"
            zh "{carrying}个对等连接可以转发数据包；`peerlab status`列出全部";
        RouteTables en "Route tables" zh "路由表";
        SecurityGroups en "Security groups" zh "安全组";
        ServesNoSubnet en "serves no subnet, so it has no effect" zh "未关联子网，因此不生效";
        Serves { subnets: Names } en "serves {subnets}" zh "关联{subnets}";
        Dead { why: Message } en "dead: {why}" zh "无效：{why}";
        NoMembers en "no members" zh "没有实例";
        Stale { why: Message } en "stale: {why}" zh "已失效：{why}";
        Public { ip: Text } en " public {ip}" zh " 公网{ip}";
        VpcOf { vpc: Vpc, account: AccountName } en "{vpc} of {account}" zh "{vpc}（{account}）";
        NotThere en "not there" zh "不存在";
        DoesNotPointBack en "does not point back" zh "未指回";
        Missing { command: Text } en "missing: {command}" zh "待办：{command}";
        EgressGroup en "egress-group" zh "出方向组";
        NoRoute en "no-route" zh "无路由";
        Inactive en "inactive" zh "未激活";
        NotTransitiveShort en "not-trans." zh "不可传递";
        NoGateway en "no-gateway" zh "无互联网网关";
        NoPublicIp en "no-public-ip" zh "无公网IP";
        NoAddress en "no-address" zh "无此地址";
        NetworkAcls en "Network ACLs" zh "网络ACL";
        FiltersNoSubnet en "no subnet uses it" zh "未关联子网";
        Filters { subnets: Names } en "at the edge of {subnets}" zh "关联子网{subnets}";
        StoppedShort en "stopped" zh "已停止";
        NextHopGoneShort en "hop-gone" zh "下一跳不可用";
        NotForwardedShort en "no-forward" zh "不转发";
        IsStopped { name: Text } en "{name} is stopped" zh "{name}已停止";
        HasNoWayOut { name: Text } en "{name} has no way to the internet" zh "{name}自身无法访问互联网";
        NatGateways en "NAT gateways" zh "NAT网关";
        Gateways en "Gateways" zh "网关";
        Snat { blocks: Names } en "SNAT of {blocks}" zh "SNAT：{blocks}";
        Dnat { entries: Names } en "DNAT {entries}" zh "DNAT：{entries}";
        NoEntries en "no entries" zh "无条目";
        Stopped en "stopped" zh "已停止";
        Passes en "forwards" zh "转发";
        PassesTranslated en "forwards, masquerades" zh "转发，并做地址转换";
        TooBig en "too-big" zh "包过大";
        EgressAcl en "egress-acl" zh "出方向ACL";
        IngressAcl en "ingress-acl" zh "入方向ACL";
        IngressGroup en "ingress-grp" zh "入方向组";
        Another en "another" zh "其他实例";
        Itself en "itself" zh "自身";
        Standby en "standby" zh "备用";
        IsInState { name: Peering, state: State } en "{name} is {state}" zh "{name}的状态为{state}";
        Accounts en "Accounts" zh "账号";
        Vpcs en "VPCs" zh "VPC";
        Instances en "Instances" zh "实例";
        Sum { n: Number, what: Message } en "{n} {what}" zh "{what}{n}项";
        KindVpc en "vpc" zh "VPC";
        KindSubnet en "subnet" zh "子网";
        KindRouteTable en "route-table" zh "路由表";
        KindNatGateway en "nat-gateway" zh "NAT网关";
        KindSecurityGroup en "security-group" zh "安全组";
        KindInstance en "instance" zh "实例";
        KindRule en "rule" zh "规则";
        Entry { table: Text, destination: Text, priority: Option<Message> }
            en "{table} {destination}{priority}"
            zh "{table} {destination}{priority}";
        EntryPriority { priority: Number } en " priority {priority}" zh " 优先级{priority}";
        Rule {
            group: Text, direction: Direction, policy: Policy, protocol: Text, ports: Option<Message>, peer: Message,
            priority: Number
        }
            en "{group} {direction} policy {policy} protocol {protocol}{ports} {peer} priority {priority}"
            zh "{group} {direction}：策略 {policy}，协议 {protocol}{ports}，{peer}，优先级 {priority}";
        RulePorts { ports: Text } en " port {ports}" zh "，端口 {ports}";
        RuleCidr { cidr: Text } en "cidr {cidr}" zh "网段 {cidr}";
        RuleGroup { group: Text, account: AccountName } en "group {group} of {account}" zh "安全组 {group}（{account}）";
        KindRouteEntry en "route-entry" zh "路由条目";
        Account en "account" zh "账号";
        Region en "region" zh "地域";
        Cidr en "cidr" zh "网段";
        Id en "id" zh "ID";
        Gateway en "gateway" zh "网关";
        Table en "table" zh "路由表";
        Ip en "ip" zh "IP";
        PublicIp en "public-ip" zh "公网IP";
        NextHop en "next-hop" zh "下一跳";
        InnerAccessOf en "inner-access" zh "组内连通策略";
        Role en "role" zh "角色";
        Spec en "spec" zh "规格";
        OppositeInterface en "opposite-interface" zh "对端接口";
        Latency en "latency" zh "时延";
        Mtu en "MTU" zh "MTU";
        Status en "status" zh "状态";
        PeerVpc en "peer-vpc" zh "对端VPC";
    }
}
