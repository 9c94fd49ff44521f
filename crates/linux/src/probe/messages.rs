//! Messages of the probes, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Why packets cannot be sent or seen.
    pub(super) enum Said in "probe" {
        In { lab: Lab, namespace: Text, what: Message, why: OsError }
            en "namespace {lab}.{namespace}: {what}: {why}"
            zh "命名空间{lab}.{namespace}：{what}：{why}";
        NoSocketForPings en "no socket for pings could be opened" zh "无法打开用于ping的套接字";
        NoSocket en "no socket for a probe could be opened" zh "无法打开用于探测的套接字";
        NoWitness en "no socket could be opened to see who gets a packet" zh "无法打开用于观察数据包去向的套接字";
        NoListener { protocol: Text } en "no listener on {protocol} could be put up" zh "无法监听{protocol}";
        NoListenerForBandwidth { port: Number }
            en "no listener on tcp/{port} could be put up to measure the bandwidth"
            zh "无法监听tcp/{port}以测量带宽";
        FlowBrokeOff en "the flow broke off" zh "数据流中断";
        CannotServe { why: OsError } en "the listeners of the probes cannot be served: {why}" zh "无法运行探测的监听：{why}";
        NoEventLoop { why: OsError } en "no event loop for the probes: {why}" zh "无法创建探测的事件循环：{why}";
        FreeDescriptors en "free some descriptors" zh "请释放一些文件描述符";
        RunAsRoot en "run as root, or with CAP_NET_RAW and CAP_NET_ADMIN" zh "请以root身份运行，或具备CAP_NET_RAW和CAP_NET_ADMIN";
        RaiseOpenFiles en "raise the limit of open files (`ulimit -Hn`)" zh "请提高打开文件数的上限（`ulimit -Hn`）";
        LacksAddress
            en "the namespace lacks that address: `peerlab up` brings it up to date"
            zh "命名空间缺少该地址：`peerlab up`可恢复";
        SeeDoctor en "`peerlab doctor` says what the host lacks" zh "`peerlab doctor`会说明主机缺少什么";
    }
}
