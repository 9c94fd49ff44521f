//! Messages about checks, in both languages.

use std::net::Ipv4Addr;

use crate::message::{Names, Number, Quoted, Text};
use crate::messages;

messages! {
    /// A check cannot be made.
    pub(crate) enum Said in "check" {
        AddressOfOneHost
            en "give the address of one host: not 0.0.0.0, a multicast or the broadcast address"
            zh "请使用单个主机的地址：不能是0.0.0.0、组播地址或广播地址";
        NotAHostsAddress { address: Ipv4Addr } en "{address} is no host's address" zh "{address}不是主机地址";
        NotAnAddress { text: Quoted } en "{text} is no IPv4 address" zh "{text}不是合法的IPv4地址";
        NoSuchInstance { text: Quoted }
            en "there is no instance {text} at this point of the lab"
            zh "实验进行到此处时不存在实例{text}";
        NameAnEnd
            en "name an instance, internet, or (in `to`) an IPv4 address"
            zh "请指定实例、internet，或（仅`to`）IPv4地址";
        FromIsInstance
            en "from is an instance or internet; only to may be an address"
            zh "from只能是实例或internet；只有to可以是地址";
        FromAnAddress { address: Ipv4Addr } en "nothing can be sent from the address {address}" zh "不能从地址{address}发送";
        TwoDifferentEnds en "name two different ends" zh "请指定不同的两端";
        SameEnds { end: Text } en "from and to are both {end}" zh "from与to都是{end}";
        NameInstanceOfAddress
            en "name the instance that has the address, or leave both_ways out"
            zh "请指定使用该地址的实例，或去掉both_ways";
        BothWaysFromAddress { address: Ipv4Addr }
            en "both_ways asks for packets from the address {address}"
            zh "both_ways要求从地址{address}发送";
        BandwidthIsBetweenInstances en "bandwidth is measured from an instance to an instance" zh "带宽在实例之间测量";
        BandwidthNeedsInstances en "bandwidth needs an instance at both ends" zh "bandwidth要求两端都是实例";
        BandwidthIsACheckOfItsOwn
            en "bandwidth is a check of its own: TCP, and nothing else is asked"
            zh "bandwidth是单独的检查：只测TCP，不检查其他内容";
        PutOthersElsewhere
            en "put expect = \"drop\", because and another protocol into a [[check]] of their own"
            zh "请将expect = \"drop\"、because和其他protocol写入单独的[[check]]";
        AddExpect
            en "add expect = \"reach\" or \"drop\", or bandwidth = \"2Mbit\""
            zh "请添加expect = \"reach\"或\"drop\"，或bandwidth = \"2Mbit\"";
        NoExpect en "this check has no expect" zh "该检查缺少expect";
        ReachHasNoReason
            en "what reaches has no reason: because stands with expect = \"reach\""
            zh "可达时没有原因：because不能与expect = \"reach\"同时使用";
        LeaveBecauseOut en "leave because out, or expect = \"drop\"" zh "请去掉because，或改为expect = \"drop\"";
        NotAnExpectation { text: Quoted } en "{text} cannot be expected" zh "expect不能是{text}";
        WriteBecause { reason: Quoted }
            en "write expect = \"drop\" and because = {reason}"
            zh "请写expect = \"drop\"和because = {reason}";
        ReachOrDrop en "expect is \"reach\" or \"drop\"" zh "expect只能是\"reach\"或\"drop\"";
        ReachIsNoReason
            en "reach is no reason to drop; leave because out, or name one"
            zh "reach不是丢弃的原因；请去掉because，或指定原因";
        GroupsAreStateful
            en "groups are stateful: an answer is never dropped by one"
            zh "安全组是有状态的：应答不会被安全组丢弃";
        UseOneOf { reasons: Names }
            en "use one of {reasons}, or return: and one of them"
            zh "请使用{reasons}之一，或在其前加return:";
        NotAReason { text: Quoted } en "{text} is no reason for a drop" zh "{text}不是合法的丢弃原因";
        NotABandwidth { text: Quoted } en "{text} is no bandwidth" zh "{text}不是合法的带宽";
        WriteBandwidth
            en "write a number and kbit, Mbit or Gbit, as in 2Mbit"
            zh "请写数字加kbit、Mbit或Gbit，例如2Mbit";
        IcmpHasNoPorts en "icmp has no ports, so nothing is sent from one" zh "icmp没有端口，因此没有源端口";
        GiveProtocol
            en "leave source_port out, or give protocol = \"tcp/22\" or another"
            zh "请不要指定source_port，或指定protocol = \"tcp/22\"等协议";
        OnlyIcmpHasASize
            en "packets of a size are echo requests: tcp cuts its own packets to what fits"
            zh "只能指定ICMP请求的大小：TCP会自行调整数据包大小";
        LeaveSizeOut
            en "leave size out, or give the check protocol = \"icmp\" and no bandwidth"
            zh "请不要指定size，或让该检查使用protocol = \"icmp\"且不含bandwidth";
        NoSize { text: Quoted } en "{text} is no size of a packet" zh "{text}不是合法的数据包大小";
        WriteSize { least: Number, most: Number }
            en "write the bytes of the IP packet, {least} to {most}, as in 1500"
            zh "请写IP数据包的字节数，{least}到{most}，例如1500";
        NoPort { text: Quoted } en "{text} is no port" zh "{text}不是合法端口";
        WritePort en "write 1 to 65535, as in 50000" zh "请写1到65535，例如50000";
    }
}
