//! Messages of `peerlab explain`, in both languages.

use crate::messages;

messages! {
    /// What is wrong with the command.
    pub(in crate::cli) enum Said in "explain" {
        IcmpHasNoPorts en "icmp has no ports, so nothing is sent from one" zh "icmp没有端口，因此没有源端口";
        OnlyIcmpHasASize
            en "packets of a size are echo requests: tcp cuts its own packets to what fits"
            zh "只能指定ICMP请求的大小：TCP会自行调整数据包大小";
        LeaveSizeOut en "leave --size out, or ask for icmp" zh "请不要指定--size，或使用icmp";
        AskForAPort en "leave --source-port out, or ask for tcp/PORT or udp/PORT" zh "请不要指定--source-port，或指定tcp/端口或udp/端口";
    }
}
