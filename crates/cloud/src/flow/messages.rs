//! Messages about flows, in both languages.

use super::{Disposition, Endpoint, Protocol, Reason};
use crate::message::*;
use crate::{as_it_is, messages, words};

as_it_is!(Endpoint, Protocol);

words! {
    Reason, in "reason" {
        TooBig zh "数据包过大";
        EgressSecurityGroup zh "出方向安全组拒绝";
        EgressNetworkAcl zh "出方向网络ACL拒绝";
        NoRoute zh "无路由";
        InstanceStopped zh "实例已停止";
        NextHopGone zh "下一跳不可用";
        NotForwarded zh "下一跳不转发";
        PeeringInactive zh "对等连接未激活";
        NotTransitive zh "对等连接不可传递";
        NoInternetGateway zh "无互联网网关";
        NoPublicIp zh "无公网IP";
        NoSuchAddress zh "地址不存在";
        IngressNetworkAcl zh "入方向网络ACL拒绝";
        IngressSecurityGroup zh "入方向安全组拒绝";
        AnsweredByAnother zh "由其他实例应答";
    }
}

messages! {
    /// How a flow ends, and what is no flow.
    pub(crate) enum Said in "flow" {
        Reach en "reach" zh "可达";
        Drop { reason: Reason } en "{reason}" zh "{reason}";
        DropOnReturn { reason: Reason } en "return:{reason}" zh "回程{reason}";
        NoReason { text: Quoted, all: Names }
            en "{text} is no reason: use one of {all}, or return: and one of them"
            zh "{text}不是合法原因：请使用{all}之一，或在其前加return:";
        NoProtocol { text: Quoted } en "{text} is no protocol" zh "{text}不是合法协议";
        WriteProtocol en "write icmp, tcp/PORT or udp/PORT, as in tcp/22" zh "请写icmp、tcp/端口或udp/端口，例如tcp/22";
        DidYouMean { meant: Protocol } en "did you mean {meant}?" zh "您要指定的是{meant}吗？";
        NoProtocolButMeant { text: Quoted, meant: Protocol }
            en "{text} is no protocol: did you mean {meant}?"
            zh "{text}不是合法协议，您要指定的是{meant}吗？";
        NoProtocolWrite { text: Quoted }
            en "{text} is no protocol: write icmp, tcp/PORT or udp/PORT, as in tcp/22"
            zh "{text}不是合法协议：请写icmp、tcp/端口或udp/端口，例如tcp/22";
    }
}

impl From<Disposition> for Message {
    fn from(disposition: Disposition) -> Self {
        Message::from(match disposition {
            Disposition::Reach => Said::Reach,
            Disposition::Drop { reason, on_return: false } => Said::Drop { reason },
            Disposition::Drop { reason, on_return: true } => Said::DropOnReturn { reason },
        })
    }
}

impl From<&Disposition> for Message {
    fn from(disposition: &Disposition) -> Self {
        Message::from(*disposition)
    }
}
