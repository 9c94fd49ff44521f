//! Messages of `peerlab explain`, in both languages.

use crate::messages;

messages! {
    /// What is wrong with the command.
    pub(in crate::cli) enum Said in "explain" {
        IcmpHasNoPorts en "icmp has no ports, so nothing is sent from one" zh "icmp没有端口，因此没有源端口";
        AskForAPort en "leave --source-port out, or ask for tcp/PORT or udp/PORT" zh "请不要指定--source-port，或指定tcp/端口或udp/端口";
    }
}
