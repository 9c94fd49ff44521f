//! Messages about route tables and their entries, in both languages.

use std::fmt;

use ipnet::Ipv4Net;

use crate::NextHop;
use crate::language::Language;
use crate::message::name::{Gateway, Instance, NatGateway, Peering, RouteTable, Subnet, Vpc};
use crate::message::serde_json::Value;
use crate::message::{Each, List, Message, Names, Number, Of, Quoted, Say, Text};
use crate::messages::WithArticle;
use crate::{messages, values};

messages! {
    /// A route table or an entry cannot be made or deleted.
    pub(crate) enum Said in "route-table" {
        IsDefault { table: RouteTable, vpc: Vpc }
            en "{table} is the default table of VPC {vpc}"
            zh "{table}是VPC {vpc}的默认路由表";
        GoesWithVpc
            en "it goes with its VPC; delete its entries, or associate the subnets with a table of their own"
            zh "默认路由表随VPC一起删除；可删除其中的路由条目，或为子网关联自定义路由表";
        IsAssociated { table: RouteTable, subnets: Each<Subnet> }
            en "route table {table} is associated with {subnets}"
            zh "路由表{table}已关联{subnets}";
        UnassociateFirst { table: RouteTable, subnet: Subnet }
            en "first unassociate-route-table {table} --subnet {subnet}"
            zh "请先执行unassociate-route-table {table} --subnet {subnet}";
        InAnotherVpc { table: RouteTable, vpc: Vpc, subnet: Subnet }
            en "route table {table} is in VPC {vpc}, subnet {subnet} is not"
            zh "路由表{table}属于VPC {vpc}，而子网{subnet}不属于该VPC";
        NameTableOf { vpc: Vpc } en "name a table of VPC {vpc}" zh "请指定VPC {vpc}的路由表";
        NotAssociated { subnet: Subnet, table: RouteTable }
            en "subnet {subnet} is not associated with route table {table}"
            zh "子网{subnet}未关联路由表{table}";
        AssociatedWith { table: RouteTable } en "it is associated with {table}" zh "它关联的是{table}";
        AssociatedWithNone
            en "it is associated with none: the VPC's default table serves it"
            zh "它未关联任何路由表，使用VPC的默认路由表";
        AlreadyAssociated { subnet: Subnet, table: RouteTable }
            en "subnet {subnet} is associated with route table {table} already"
            zh "子网{subnet}已关联路由表{table}";
        ReplaceAssociation { table: RouteTable, subnet: Subnet }
            en "replace-route-table-association {table} --subnet {subnet}, or unassociate it first"
            zh "请执行replace-route-table-association {table} --subnet {subnet}，或先取消关联";
        NotAssociatedYet { subnet: Subnet }
            en "subnet {subnet} is associated with no route table: the VPC's main table serves it"
            zh "子网{subnet}未关联任何路由表，使用VPC的主路由表";
        AssociateIt { table: RouteTable, subnet: Subnet }
            en "associate-route-table {table} --subnet {subnet}"
            zh "请执行associate-route-table {table} --subnet {subnet}";
        NoSuchOperation { operation: Text, provider: Text }
            en "{provider} has no operation {operation}"
            zh "{provider}没有{operation}操作";
        AssociateReplaces
            en "associate-route-table replaces the table that the subnet used before"
            zh "associate-route-table会替换子网原来使用的路由表";
        TooManyHops { provider: Text, most: Number }
            en "a route entry of {provider} has {most} next hop"
            zh "{provider}的路由条目只有{most}个下一跳";
        NameFewerHops en "leave the others out" zh "请去掉其余的下一跳";
        GatewayIsHop { provider: Text }
            en "a route of {provider} leads to the internet by a gateway of its VPC"
            zh "{provider}的路由通过VPC的网关通往互联网";
        NameAGateway en "create-gateway, and name the gateway" zh "请执行create-gateway，并指定该网关";
        HopTwice { next_hop: NextHop } en "{next_hop} is named twice" zh "{next_hop}指定了两次";
        NameEachHopOnce
            en "name each next hop once: those of one entry share its flows alike"
            zh "每个下一跳只需指定一次：同一条目的多个下一跳均分流量";
        TooManyEntries { table: RouteTable, most: Number }
            en "route table {table} has {most} entries, as many as it can"
            zh "路由表{table}已有{most}条路由条目，达到上限";
        DeleteOrJoinEntries en "delete an entry, or join several into one" zh "请删除一个条目，或将多个条目合并";
        InOwnBlock { destination: Ipv4Net, vpc: Vpc, cidr: Ipv4Net }
            en "{destination} lies in {vpc}'s own block ({cidr}), and its subnets stay local; for a peering take the other VPC's block"
            zh "{destination}属于VPC {vpc}自己的网段（{cidr}），其中的子网仍是本地路由；通过对等连接互通时，请使用对端VPC的网段";
        NoEntry { table: RouteTable, destination: Ipv4Net }
            en "route table {table} has no entry for {destination}"
            zh "路由表{table}中没有目标网段为{destination}的条目";
        HasNoEntries en "it has no entries: there is nothing to delete" zh "该路由表没有条目，无可删除";
        HasEntriesFor { destinations: Each<Ipv4Net> }
            en "it has entries for {destinations}"
            zh "现有条目的目标网段：{destinations}";
        NoEntryOfPriority { table: RouteTable, destination: Ipv4Net, priority: Text }
            en "route table {table} has no entry for {destination} with priority {priority}"
            zh "路由表{table}中没有目标网段为{destination}、优先级为{priority}的条目";
        PrioritiesAre { priorities: Names }
            en "priorities of its entries are {priorities}"
            zh "现有条目的优先级：{priorities}";
        LeadsElsewhere { destination: Ipv4Net, hops: Each<NextHop>, text: Text }
            en "the entry for {destination} leads to {hops}, not to {text}"
            zh "目标网段为{destination}的条目，其下一跳是{hops}，不是{text}";
        NameHopOrNone { hop: NextHop } en "name {hop}, or leave the next hop out" zh "请指定{hop}，或不指定下一跳";
        SeveralEntries { table: RouteTable, count: Number, destination: Ipv4Net }
            en "route table {table} has {count} such entries for {destination}"
            zh "路由表{table}中有{count}条目标网段为{destination}的此类条目";
        SayWhich { example: Text }
            en "say which by --next-hop and --priority, as in {example}"
            zh "请用--next-hop和--priority指明是哪一条，例如{example}";
        NoPriorities { provider: Text }
            en "route entries of {provider} have no priorities"
            zh "{provider}的路由条目没有优先级";
        LeavePriorityOut
            en "leave it out: a destination stands once in a table, with all its next hops"
            zh "请去掉该参数：一个目标网段在路由表中只有一个条目，包含其全部下一跳";
        WritePriority { first: Number, last: Number }
            en "write {first} (first) to {last}"
            zh "请写{first}（最优先）至{last}";
        NotAPriority { text: Quoted } en "{text} is no priority" zh "{text}不是合法的优先级";
        HasEntry { table: RouteTable, destination: Ipv4Net, next_hop: NextHop }
            en "route table {table} has an entry for {destination}, via {next_hop}"
            zh "路由表{table}中已有目标网段为{destination}的条目，下一跳为{next_hop}";
        DeleteEntryFirst en "delete that entry first" zh "请先删除该条目";
        InServices { destination: Ipv4Net, services: Ipv4Net }
            en "{destination} lies in {services}, which the provider keeps for its own services"
            zh "{destination}属于{services}，该网段由服务商保留给自身服务";
        TakeAnotherDestination en "take another destination" zh "请使用其他目标网段";
        LocalSubnet { subnet: Subnet, cidr: Ipv4Net } en "subnet {subnet} ({cidr})" zh "子网{subnet}（{cidr}）";
        LocalVpc { vpc: Vpc, cidr: Ipv4Net } en "VPC {vpc} ({cidr})" zh "VPC {vpc}（{cidr}）";
        IsLocal { destination: Ipv4Net, local: Message }
            en "{destination} lies in {local}: local routes cannot be overridden"
            zh "{destination}属于{local}：不能覆盖本地路由";
        NoWholeSubnet { destination: Ipv4Net, local: Message }
            en "{destination} lies in {local}, and is no subnet's whole block"
            zh "{destination}属于{local}，且不是某个子网的完整网段";
        TakeASubnetsBlock
            en "for a peering take the other VPC's block; for a way through an instance or a NAT gateway, a subnet's block"
            zh "通过对等连接互通时，请使用对端VPC的网段；需经过实例或NAT网关时，请使用子网的网段";
        NotWithinVpc { destination: Ipv4Net, vpc: Vpc, hop: NextHop }
            en "{destination} lies in VPC {vpc}: no route for it can lead to {hop}"
            zh "{destination}属于VPC {vpc}，其路由的下一跳不能是{hop}";
        NameMiddlebox
            en "name an instance or a NAT gateway of the VPC"
            zh "请指定该VPC的实例或NAT网关";
        TakeOtherVpcsBlock en "for a peering take the other VPC's block" zh "通过对等连接互通时，请使用对端VPC的网段";
        NameHopOrInternet
            en "name a peering or an instance of the table's VPC, or internet"
            zh "请指定路由表所在VPC的对等连接或实例，或internet";
        NameHop en "name a peering or an instance of the table's VPC" zh "请指定路由表所在VPC的对等连接或实例";
        NoRouteToInternet { provider: Text }
            en "no route of {provider} leads to the internet"
            zh "{provider}的路由不能指向公网";
        NameGateway { gateway: Gateway } en "name the VPC's gateway: {gateway}" zh "请指定该VPC的网关：{gateway}";
        LeaveEntryOut
            en "leave this entry out: an instance with a public address needs none"
            zh "请不要创建此条目：有公网IP的实例无需路由条目";
        HopInAnotherVpc { hop: NextHop, vpc: Vpc, table: RouteTable, table_vpc: Vpc }
            en "{hop} is in VPC {vpc}, route table {table} in VPC {table_vpc}"
            zh "{hop}位于VPC {vpc}，而路由表{table}属于VPC {table_vpc}";
        NameEndToward { vpc: Vpc, end: Peering, own_vpc: Text }
            en "toward {vpc} name {end}, the end in {own_vpc}"
            zh "要到达{vpc}，请指定位于{own_vpc}的一端{end}";
        NameHopOf { vpc: Vpc } en "name a peering or an instance of VPC {vpc}" zh "请指定VPC {vpc}的对等连接或实例";
        NoEndInVpc { peering: Peering, vpc: Vpc }
            en "peering {peering} has no end in VPC {vpc}"
            zh "对等连接{peering}在VPC {vpc}中没有接口";
        NamePeeringOfOwnVpc en "name a peering of the table's own VPC" zh "请指定路由表所在VPC的对等连接";
        NotAHop { text: Quoted, kind: WithArticle }
            en "{text} is {kind}: no route can lead there"
            zh "{text}是{kind}，不能作为路由的下一跳";
        NoSuchHop { text: Quoted } en "there is no next hop {text}" zh "不存在下一跳{text}";
        EntryOf { destination: Ipv4Net, table: RouteTable } en "{destination} of {table}" zh "{destination}（{table}）";
        EntriesLeadTo { hop: NextHop, entries: List }
            en "route entries lead to {hop}: {entries}"
            zh "仍有路由条目的下一跳为{hop}：{entries}";
        EntriesLeadNowhere { entries: List }
            en "route entries lead nowhere now: {entries}"
            zh "以下路由条目已失效：{entries}";
        DeleteThatEntry { table: RouteTable, destination: Ipv4Net }
            en "first delete-route-entry --table {table} --destination {destination}"
            zh "请先执行delete-route-entry --table {table} --destination {destination}";
        DeleteOneOfSeveral { call: Text } en "delete that entry first: {call}" zh "请先删除该条目：{call}";
        HasEntryOfPriority { table: RouteTable, destination: Ipv4Net, next_hop: NextHop, priority: Number }
            en "route table {table} has an entry for {destination} via {next_hop} with priority {priority}"
            zh "路由表{table}中已有目标网段为{destination}、下一跳为{next_hop}、优先级为{priority}的条目";
        GiveAnotherPriority
            en "give another priority or next hop, or delete that entry first"
            zh "请使用其他优先级或下一跳，或先删除该条目";
    }
}

values!(NextHop);

impl Say for NextHop {
    fn say(&self, _: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    fn json(&self) -> Value {
        match self {
            NextHop::Peering(name) => Peering::of(name).json(),
            NextHop::Instance(name) => Instance::of(name).json(),
            NextHop::NatGateway(name) => NatGateway::of(name).json(),
            NextHop::Gateway(name) => Gateway::of(name).json(),
            NextHop::Internet | NextHop::Gone(_) => Value::String(self.to_string()),
        }
    }
}
