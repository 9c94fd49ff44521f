//! Messages of `peerlab explain`, in both languages.

use crate::message::{Or, Text};
use crate::messages;

messages! {
    /// What is wrong with the command.
    pub(in crate::cli) enum Said in "explain" {
        IcmpHasNoPorts en "icmp has no ports, so nothing is sent from one" zh "icmp没有端口，因此没有源端口";
        OnlyIcmpHasASize
            en "packets of a size are echo requests: tcp cuts its own packets to what fits"
            zh "只能指定ICMP请求的大小：TCP会自行调整数据包大小";
        LeaveSizeOut en "leave --size out, or ask for icmp" zh "请不要指定--size，或使用icmp";
        ClientOfAnother { client: Text, theirs: Text, provider: Text }
            en "{client} is the client of {theirs}, and the lab's provider is {provider}"
            zh "{client}是{theirs}的命令行工具，而本实验的服务商是{provider}";
        WriteClients { clients: Or<Text> } en "write --as-cli {clients}" zh "请写--as-cli {clients}";
        AskForAPort en "leave --source-port out, or ask for tcp/PORT or udp/PORT" zh "请不要指定--source-port，或指定tcp/端口或udp/端口";
    }
}
