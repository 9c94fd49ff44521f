//! Messages about checks of a lab file, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What is wrong with a check, and what to write.
    pub(super) enum Said in "check" {
        IcmpHasNoPorts en "icmp has no ports, so nothing is sent from one" zh "icmp没有端口，因此没有源端口";
        GiveProtocol
            en "leave source_port out, or give protocol = \"tcp/22\" or another"
            zh "请不要指定source_port，或指定protocol = \"tcp/22\"等协议";
        NoPort { text: Quoted } en "{text} is no port" zh "{text}不是合法端口";
        WritePort en "write 1 to 65535, as in 50000" zh "请写1到65535，例如50000";
    }
}
