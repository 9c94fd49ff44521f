//! Messages of exercises, in both languages.

use crate::flow::Protocol;
use crate::lab::FaultKind;
use crate::message::*;
use crate::messages;
use crate::msg;

messages! {
    /// Ticket, hints, weights.
    pub(crate) enum Said in "exercise" {
        Ping en "ping" zh "ping";
        Port { protocol: Text } en "{protocol}" zh "{protocol}";
        NoAnswer { from: Text, to: Text, what: Message }
            en "{from} does not reach {to} by {what}"
            zh "{from}无法以{what}访问{to}";
        Open { from: Text, to: Text, what: Message }
            en "{from} gets an answer from {to} by {what}, and must not, or not this way"
            zh "{from}以{what}访问{to}的结果与要求不符";
        Works { from: Text, to: Text, what: Message }
            en "{from} reaches {to} by {what}"
            zh "{from}可以用{what}访问{to}";
        Closed { from: Text, to: Text, what: Message }
            en "{from} does not reach {to} by {what}, as it must be"
            zh "{from}无法以{what}访问{to}，符合要求";
        LostThere { from: Text, to: Text }
            en "what {from} sends to {to} is lost on the way there"
            zh "{from}发往{to}的数据包在去程丢失";
        LostBack { from: Text, to: Text }
            en "what {from} sends arrives at {to}; the answer is lost on the way back"
            zh "{from}发出的数据包到达了{to}，但应答在回程丢失";
        ArrivesAndMustNot { from: Text, to: Text }
            en "what {from} sends to {to} must end otherwise"
            zh "{from}发往{to}的数据包不应有现在的结果";
        LookAt { place: Text } en "look at {place}" zh "请检查{place}";
        ItIs { things: AllOf<KindAndName> } en "what has to change is {things}" zh "需要修改的是{things}";
        DoThis { operations: Names } en "do this: {operations}" zh "请执行：{operations}";
        WeightsAre { keys: Names } en "a file of weights has whole numbers from 0 to 1000: {keys}" zh "权重文件的内容为0至1000的整数：{keys}";
        NotToml { why: Text } en "this is no TOML: {why}" zh "不是有效的TOML：{why}";
        NoSuchWeight { key: Quoted } en "there is no weight {key}" zh "不存在权重{key}";
        NotAWeight { key: Text } en "{key} is no whole number from 0 to 1000" zh "{key}不是0至1000的整数";
        KindRoute en "route" zh "路由";
        KindAssociation en "association" zh "关联";
        KindPeering en "peering" zh "对等连接";
        KindGroup en "group" zh "安全组";
        KindAcl en "ACL" zh "网络ACL";
        KindAddress en "address" zh "地址";
        KindOrder en "order" zh "顺序";
    }
}

/// A protocol as a user says it.
pub(crate) fn word_of_protocol(protocol: Protocol) -> Message {
    match protocol {
        Protocol::Icmp => msg!(Said::Ping),
        _ => msg!(Said::Port { protocol }),
    }
}

/// A kind of fault, for people.
pub fn word_of_kind(kind: FaultKind) -> Message {
    match kind {
        FaultKind::Route => msg!(Said::KindRoute),
        FaultKind::Association => msg!(Said::KindAssociation),
        FaultKind::Peering => msg!(Said::KindPeering),
        FaultKind::Group => msg!(Said::KindGroup),
        FaultKind::Acl => msg!(Said::KindAcl),
        FaultKind::Address => msg!(Said::KindAddress),
        FaultKind::Order => msg!(Said::KindOrder),
    }
}
