//! Messages of the pictures, in both languages.

use crate::cloud::State;
use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Messages in and beside a picture.
    pub enum Said in "picture" {
        Public { ip: Text } en "public {ip}" zh "公网{ip}";
        NoEndYet en "no end yet" zh "尚未创建";
        Colon en ": " zh "：";
        AndOthers en ", …" zh "等";
        SomeDropped { dropped: Number, pairs: Number, reason: Message, more: Option<Message> }
            en "{dropped} of {pairs} ✗ {reason}{more}"
            zh "{pairs}对中{dropped}对 ✗ {reason}{more}";
        IdleAlone { name: Peering, status: State } en "✗ {name} {status}: no other end yet" zh "✗ {name}{status}：尚无对端";
        Alone { name: Peering, status: State }
            en "✗ {name} {status}: other end deleted"
            zh "✗ {name}{status}：对端已删除";
        Inside { complaint: Text } en "inside: {complaint}" zh "内部：{complaint}";
        NoSubnetUses { table: RouteTable } en "✗ no subnet uses {table}" zh "✗ 没有子网使用{table}";
        NotThere en "not there" zh "不存在";
        VpcOfAccount { name: Vpc, cidr: Text, account: Account, region: Text, instances: Message }
            en "VPC {name} {cidr} of account {account} in {region}, {instances}. "
            zh "VPC {name} {cidr}，账号{account}，{region}，{instances}。";
        Comma en ", " zh "，";
        FullStop en ". " zh "。";
        NoPairs en "no pairs of instances" zh "没有实例对";
        PairsReach { reach: Number, pairs: Number, protocol: Text }
            en "{reach} of {pairs} pairs reach by {protocol}"
            zh "{pairs}对实例中{reach}对可达（{protocol}）";
        Account { owner: Account, region: Text } en "account {owner}, {region}" zh "账号{owner}，{region}";
        Internet en "the internet" zh "公网";
        EndOf { vpc: Vpc } en " of {vpc}" zh "（{vpc}）";
        NoOtherEnd en "no other end" zh "尚无对端";
        CarriesAllPairsReach en "carries traffic, all pairs reach" zh "通流量，全部可达";
        CarriesSomePairsDropped en "carries traffic, some pairs are dropped ✗" zh "通流量，部分不可达 ✗";
        CarriesNoPairReaches en "carries traffic, no pair reaches ✗" zh "通流量，全部不可达 ✗";
        DoesNotCarry en "carries no traffic ✗" zh "不通流量 ✗";
        Instance en "instance" zh "实例";
        Subnet { name: Subnet, cidr: Text } en "subnet {name} {cidr}" zh "子网{name} {cidr}";
        AllDropped { reason: Message, more: Option<Message> } en "✗ {reason}{more}" zh "✗ {reason}{more}";
    }
}

/// The texts of the page and of its script, in English as they appear there and in Chinese. The script fills in the
/// placeholders.
pub(super) const PAGE: &[(&str, &str)] = &[
    ("Picture", "图"),
    ("Zoom", "缩放"),
    ("Larger (+)", "放大（+）"),
    ("Smaller (-)", "缩小（-）"),
    ("All of it (0)", "全图（0）"),
    ("fit", "全图"),
    ("Who reaches whom", "连通矩阵"),
    ("Why", "原因"),
    ("from", "从"),
    ("The other way round", "交换方向"),
    ("to", "到"),
    ("Select none (Esc)", "取消选择（Esc）"),
    (
        "Who reaches whom and why is shown by a script, which this browser does not run.",
        "连通矩阵和原因由脚本显示，而当前浏览器没有运行脚本。",
    ),
    ("From {name} to …? Select another one.", "从{name}到……？请再选择一个。"),
    ("itself", "自身"),
    (", ", "，"),
    ("from ↓ to →", "从 ↓ 到 →"),
    ("by {protocol}", "协议：{protocol}"),
    ("There are no two instances.", "实例不足两个。"),
    ("several", "原因不一"),
    (
        "Select a pair: a cell above, or two instances in the picture.",
        "请选择一对实例：点击上方的格子，或图中的两个实例。",
    ),
    ("{name} answers: it has the address where the packet goes", "应答的是{name}：数据包所到之处，该地址属于它"),
    ("it is {name} that the packet gets to", "数据包到达的是{name}"),
    ("there", "去程"),
    ("back", "回程"),
    ("blocker", "阻断"),
    ("{n} blockers, there and back", "{n}处阻断，含去程与回程"),
    ("every blocker, and the fix", "查看每一处阻断和修复方法"),
    ("to make it reach", "按以下操作即可连通"),
    ("no operation makes it reach", "没有操作能使其连通"),
    ("copied", "已复制"),
    ("press Ctrl-C", "请按Ctrl-C"),
    ("copy", "复制"),
];
