//! Messages of `ping`, `capture` and `watch`, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Packets: `ping`, `capture`, `watch`.
    pub enum Said in "packets" {
        ToStandardOutput en " to standard output" zh "，写入标准输出";
        ToFile { path: Text } en " to {path}" zh "，写入{path}";
        Capturing { place: Text, to: Option<Message> }
            en "capturing at {place}{to}; Ctrl-C ends it"
            zh "正在{place}抓包{to}；Ctrl-C结束";
        CannotWait { why: OsError } en "packets cannot be waited for: {why}" zh "无法等待数据包：{why}";
        CanPassNow en "packets can pass now" zh "现在可以通过数据包";
        LabWentDown { lab: Lab } en "lab {lab} went down" zh "实验{lab}已停止";
        NamespaceGone { namespace: Text, lab: Lab } en "{namespace} of lab {lab} is gone" zh "实验{lab}的{namespace}已不存在";
        OfThatPassed { passed: Number } en ", of {passed} that passed" zh "，共经过{passed}个";
        Captured { packets: Message, to: Option<Message>, of: Option<Message> }
            en "{packets} captured{to}{of}"
            zh "已捕获{packets}{to}{of}";
        Waiting { missing: Clauses } en "{missing}; waiting" zh "{missing}；等待中";
        Lost { lost: Number } en "{lost} lost: they came faster than they were written" zh "丢失{lost}个：到达速度超过写入速度";
        FileOrJson en "-w writes a file, and --json says packets on standard output" zh "-w写入文件，而--json将数据包写到标准输出";
        LeaveOneOut en "leave one of them out" zh "请去掉其中一个";
        PcapngOnTerminal
            en "standard output is a terminal, and a pcapng file is not for reading"
            zh "标准输出是终端，而pcapng文件不能直接阅读";
        PipeIt en "pipe it, as in `| wireshark -k -i -`, or give a file" zh "请用管道，例如`| wireshark -k -i -`，或指定文件";
        MakeRoomOfPackets en "make room there; what was written until then can be read" zh "请释放空间；此前写入的内容可以读取";
        SeeWhetherWritable en "see whether it can be written to" zh "请检查是否可写";
        CannotWritePackets { error: OsError } en "packets cannot be written: {error}" zh "无法写入数据包：{error}";
        NoWayToName { from: Text, to: Text } en "{from} has no way to name {to}" zh "{from}无法指明{to}";
        AskForAnAddress en "ask for an address" zh "请使用地址";
        Ping { from: Text, to: Text, address: Text }
            en "ping {from} → {to} ({address}); predicted: "
            zh "ping {from} → {to}（{address}）；预测：";
        PingOf { protocol: Text, from: Text, to: Text, address: Text }
            en "{protocol} {from} → {to} ({address}); predicted: "
            zh "{protocol} {from} → {to}（{address}）；预测：";
        PingOfSize { from: Text, to: Text, address: Text, size: Number }
            en "ping {from} → {to} ({address}), {size} bytes, not to be fragmented; predicted: "
            zh "ping {from} → {to}（{address}），{size}字节，不允许分片；预测：";
        AnswerOf { who: Text, ms: Text } en "answer of {who} {ms} ms" zh "{who}应答 {ms} ms";
        Answer { ms: Text } en "answer {ms} ms" zh "应答 {ms} ms";
        SentAnsweredBy { sent: Number, received: Number, who: Text }
            en "{sent} sent, {received} answered, by {who}"
            zh "已发送{sent}个，收到{who}的应答{received}个";
        SentAnswered { sent: Number, received: Number }
            en "{sent} sent, {received} answered"
            zh "已发送{sent}个，收到应答{received}个";
        PingAsPredicted en ", as predicted" zh "，与预测一致";
        ExplainSaysWhy { from: Text, to: Text }
            en "`peerlab explain {from} {to}` says why"
            zh "`peerlab explain {from} {to}`说明原因";
        PingNotAsPredicted en "not as predicted; run `peerlab verify`" zh "与预测不符；请运行`peerlab verify`";
        NoTerminal { error: OsError } en "the terminal cannot be used: {error}" zh "无法使用终端：{error}";
        WatchInLines en "`peerlab watch | cat` shows a line a change" zh "`peerlab watch | cat`每个变化显示一行";
        PairsReach { lab: Lab, reach: Number, pairs: Number, verdict: Message }
            en "{lab}: {reach} of {pairs} pairs reach, {verdict}"
            zh "{lab}：{pairs}对实例中{reach}对可达，{verdict}";
        NoUnitOfTime { unit: Quoted } en "{unit} is no unit of time: use ms, s or m" zh "{unit}不是时间单位：请用ms、s或m";
        WriteTime en "write it as 1s, 500ms or 2m" zh "请写成1s、500ms或2m";
        NoTime en "it is no time" zh "不是时间";
        Shortest { ms: Number } en "{ms} ms is the shortest" zh "最短为{ms} ms";
    }
}
