//! Messages about security groups and their rules, in both languages.

use ipnet::Ipv4Net;

use crate::message::name::{Account, Group, Instance, Vpc};
use crate::message::{Clauses, Each, Message, Number, Quoted, Text};
use crate::{Direction, Policy, Region, Rule, RulePeer, RuleProtocol, Stale, as_it_is, messages, msg, words};

messages! {
    /// A group or a rule cannot be made or deleted.
    pub(crate) enum Said in "security-group" {
        NoInnerAccess { provider: Text }
            en "members of a {provider} group do not reach each other unless a rule says so"
            zh "{provider}的安全组内实例默认不互通，须由规则放行";
        LeaveInnerAccessOut
            en "leave inner access out, and authorize the subnet's block"
            zh "请不要设置组内连通策略，而是授权子网网段";
        NameIsReserved { name: Quoted, provider: Text }
            en "{provider} keeps the name {name} for the default groups"
            zh "名称{name}由{provider}保留给默认安全组";
        ChooseAnotherName en "choose another name" zh "请换一个名称";
        EgressIsFixed { provider: Text, policy: Policy }
            en "a new group of {provider} has no rule, and {policy}s outbound packets that no rule matches"
            zh "{provider}的新建安全组没有规则；未匹配任何规则的出方向流量：{policy}";
        LeaveEgressOut en "leave it out, and authorize egress rules" zh "请不要指定该参数，而是添加出方向规则";
        NothingToAuthorize en "there is nothing to authorize" zh "无需再次授权";
        NotJoinedWith { group: Group, source: Quoted }
            en "group {group} cannot name group {source} of a VPC with which no active peering joins its own"
            zh "安全组{group}不能引用{source}：两者的VPC之间没有已激活的对等连接";
        ActivateFirstOrBlock { vpc: Vpc, peer: Vpc, cidr: Ipv4Net }
            en "first make a peering of VPCs {vpc} and {peer} active; or authorize its block {cidr}"
            zh "请先激活VPC {vpc}与{peer}之间的对等连接；或授权其网段{cidr}";
        RulesOnlyAccept { provider: Text }
            en "rules of {provider} groups only accept"
            zh "{provider}的安全组规则只能放行";
        UseAnAcl
            en "leave the policy out; what no rule accepts is dropped, and a network ACL can drop more"
            zh "请不要指定策略：未被放行的流量会被丢弃；需要拒绝规则时请使用网络ACL";
        RulesHaveNoPriority { provider: Text }
            en "rules of {provider} groups have no priority"
            zh "{provider}的安全组规则没有优先级";
        LeavePriorityOut en "leave the priority out" zh "请不要指定优先级";
        IsDefault { group: Group, vpc: Vpc }
            en "{group} is the default group of VPC {vpc}"
            zh "{group}是VPC {vpc}的默认安全组";
        GoesWithVpc
            en "it goes with its VPC; have the instances join a group of their own"
            zh "默认安全组随VPC一起删除；可将实例加入自定义安全组";
        HasMembers { group: Group, members: Each<Instance> }
            en "group {group} has members: {members}"
            zh "安全组{group}中仍有实例：{members}";
        LeaveFirst { instance: Instance, group: Group }
            en "first leave-security-group {instance} --group {group}, or delete the instance"
            zh "请先执行leave-security-group {instance} --group {group}，或删除该实例";
        IsNamedByRules { groups: Each<Group>, group: Group }
            en "rules of {groups} name group {group}"
            zh "{groups}的规则引用了安全组{group}";
        RevokeThemFirst en "revoke those rules first" zh "请先撤销这些规则";
        RulesAreStale { account: Account, other: Group, name: Group }
            en "rules of {account}'s group {other} by group {name} are stale now"
            zh "账号{account}的安全组{other}中引用安全组{name}的规则已失效";
        HasRule { group: Group, rule: Message }
            en "group {group} has this rule already: {rule}"
            zh "安全组{group}已有此规则：{rule}";
        TooManyRules { group: Group, most: Number }
            en "group {group} has {most} rules, as many as it can"
            zh "安全组{group}已有{most}条规则，达到上限";
        RevokeOrJoinRules en "revoke a rule, or join several into one" zh "请撤销一条规则，或将多条规则合并";
        NoSuchRule { group: Group } en "group {group} has no such rule" zh "安全组{group}中没有此规则";
        HasNoRules { direction: Direction }
            en "it has no {direction} rules: there is nothing to revoke"
            zh "它没有{direction}规则，无可撤销";
        NameOneInFull { direction: Direction, rules: Clauses }
            en "name one of its {direction} rules in full: {rules}"
            zh "请完整写出其某条{direction}规则：{rules}";
        OwnSource { group: Group }
            en "group {group} cannot be the source of its own rule"
            zh "安全组{group}不能作为自身规则的授权对象";
        UseInnerAccess
            en "its members reach each other by inner access; or give the subnet's block"
            zh "组内实例通过组内连通策略互通；也可指定子网的网段";
        GiveBlockOrGroup en "give a CIDR block or a group" zh "请指定网段或安全组";
        NoOtherSide en "the rule has no other side" zh "规则没有授权对象";
        MatchesNothing { stale: Stale }
            en "the rule matches nothing for now: {stale}"
            zh "该规则目前不匹配任何流量：{stale}";
        BlocksOnly { provider: Text } en "rules of {provider} take CIDR blocks only" zh "{provider}的安全组规则只接受网段";
        GiveOtherSidesBlock en "give the block of the other side's subnet or VPC" zh "请指定对端子网或VPC的网段";
        AccountsAre { accounts: Each<Account> } en "the lab's accounts are {accounts}" zh "本实验的账号有{accounts}";
        NoSuchAccount { account: Quoted } en "there is no account {account}" zh "不存在账号{account}";
        GroupOfAnotherAccount { account: Account, group: Quoted, owner: Account }
            en "account {account} has no group {group}: it is account {owner}'s"
            zh "账号{account}没有安全组{group}：它属于账号{owner}";
        NameAccountToo { account: Account }
            en "name its account too: --group-account {account}, or account = \"{account}\" in a lab file"
            zh "请同时指定其账号：--group-account {account}，或在实验文件中写account = \"{account}\"";
        AcrossRegionsAllowed { group: Group, region: Region, source: Group, source_region: Region }
            en "group {group} ({region}) authorizes group {source} ({source_region}) across regions, as this lab allows"
            zh "安全组{group}（{region}）跨地域授权安全组{source}（{source_region}）：本实验允许这样做";
        AcrossRegions { group: Group, region: Region, source: Group, source_region: Region }
            en "group {group} is in {region} and group {source} in {source_region}: a rule by group needs the same region (the tutorial's note on cross-region interconnection)"
            zh "安全组{group}位于{region}，安全组{source}位于{source_region}：按安全组授权要求双方位于同一地域（见教程中关于跨地域互连的说明）";
        AuthorizeBlock { cidr: Ipv4Net }
            en "authorize the peer's block instead: --cidr {cidr}; or let the lab say allow = [\"cross-region-group\"]"
            zh "请改为授权对端网段：--cidr {cidr}；或在实验文件中写allow = [\"cross-region-group\"]";
        NotAProtocol { text: Quoted } en "{text} is no protocol of a rule" zh "{text}不是合法的规则协议";
        WriteProtocol en "write tcp, udp, icmp, gre or all" zh "请写tcp、udp、icmp、gre或all";
        NoPorts { protocol: Text, port: Quoted }
            en "{protocol} has no ports, and the rule says {port}"
            zh "{protocol}没有端口，而规则写了{port}";
        LeavePortOut en "write -1/-1, or leave it out" zh "请写-1/-1，或不指定";
        RunsBackwards { port: Quoted } en "{port} runs backwards" zh "端口范围{port}起止颠倒";
        LowerPortFirst en "write the lower port first, as in 8000/8999" zh "请先写较小的端口，例如8000/8999";
        NotAPortRange { text: Quoted } en "{text} is no port range" zh "{text}不是合法的端口范围";
        WritePorts
            en "write a port of 1 to 65535 or two of them, as in 22 or 8000/8999"
            zh "请写1至65535之间的一个端口，或起止两个端口，例如22或8000/8999";
        NotAPolicy { text: Quoted } en "{text} is no policy" zh "{text}不是合法的授权策略";
        WritePolicy en "write accept or drop" zh "请写accept或drop";
        WritePriority { first: Number, last: Number }
            en "write {first} (asked first) to {last}"
            zh "请写{first}（最优先）至{last}";
        NotAPriority { text: Quoted } en "{text} is no priority" zh "{text}不是合法的优先级";
    }
}

as_it_is!(RuleProtocol);

words! {
    Policy, in "policy" {
        Accept zh "允许";
        Drop zh "丢弃";
    }
}

words! {
    Direction, in "direction" {
        Ingress zh "入方向";
        Egress zh "出方向";
    }
}

words! {
    Stale, in "stale" {
        GroupGone zh "该安全组已删除";
        NoActivePeering zh "两个VPC之间没有已激活的对等连接";
    }
}

messages! {
    /// A security group's rule.
    pub(crate) enum RuleSays in "rule" {
        OnlyAcceptsFrom { what: Text, peer: Text }
            en "accept {what} from {peer}"
            zh "允许{what}，来源{peer}";
        OnlyAcceptsTo { what: Text, peer: Text }
            en "accept {what} to {peer}"
            zh "允许{what}，目的{peer}";
        AcceptsFrom { what: Text, peer: Text, priority: Number }
            en "accept {what} from {peer} priority {priority}"
            zh "允许{what}，来源{peer}，优先级{priority}";
        AcceptsTo { what: Text, peer: Text, priority: Number }
            en "accept {what} to {peer} priority {priority}"
            zh "允许{what}，目的{peer}，优先级{priority}";
        DropsFrom { what: Text, peer: Text, priority: Number }
            en "drop {what} from {peer} priority {priority}"
            zh "拒绝{what}，来源{peer}，优先级{priority}";
        DropsTo { what: Text, peer: Text, priority: Number }
            en "drop {what} to {peer} priority {priority}"
            zh "拒绝{what}，目的{peer}，优先级{priority}";
    }
}

impl From<&Rule> for Message {
    fn from(rule: &Rule) -> Self {
        let Rule { priority, .. } = rule;
        let what = rule.ports.map_or_else(|| rule.protocol.to_string(), |ports| format!("{} {ports}", rule.protocol));
        let peer = match &rule.peer {
            RulePeer::Cidr(cidr) => cidr.to_string(),
            RulePeer::Group { group, .. } => group.to_string(),
        };
        match (rule.policy, rule.direction) {
            (Policy::Accept, Direction::Ingress) if *priority == 0 => msg!(RuleSays::OnlyAcceptsFrom { what, peer }),
            (Policy::Accept, Direction::Egress) if *priority == 0 => msg!(RuleSays::OnlyAcceptsTo { what, peer }),
            (Policy::Accept, Direction::Ingress) => msg!(RuleSays::AcceptsFrom { what, peer, priority }),
            (Policy::Accept, Direction::Egress) => msg!(RuleSays::AcceptsTo { what, peer, priority }),
            (Policy::Drop, Direction::Ingress) => msg!(RuleSays::DropsFrom { what, peer, priority }),
            (Policy::Drop, Direction::Egress) => msg!(RuleSays::DropsTo { what, peer, priority }),
        }
    }
}
