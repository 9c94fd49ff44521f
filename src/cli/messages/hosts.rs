//! Messages of the verbs about several hosts, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What a host does, and which there are.
    pub enum Said in "several-hosts" {
        NodeRuns { host: Text } en "node {host} runs; Ctrl-C ends it, instances stay" zh "节点{host}正在运行；Ctrl-C结束，实例保留";
        WhichNorthbound en "a node needs OVN's northbound database" zh "节点需要OVN北向数据库";
        PartMade { name: Text } en "made {name}" zh "已创建{name}";
        PartRemoved { name: Text } en "removed {name}" zh "已删除{name}";
        Converged { host: Text, made: Number, removed: Number }
            en "host {host} is up to date: {made} made, {removed} removed"
            zh "主机{host}已就绪：创建{made}个，删除{removed}个";
        WhichDatabase en "which hosts? OVN's database is not given" zh "哪些主机？未指定OVN数据库";
        GiveOn en "give it with --on tcp:HOST:6641 or PEERLAB_ON" zh "请用--on tcp:主机:6641或PEERLAB_ON指定";
        HostUp en "up" zh "运行中";
        HostLost { seconds: Number } en "lost for {seconds} s" zh "失联{seconds} s";
        HostHas { parts: Number, labs: Number } en "{parts} parts of {labs} labs" zh "{labs}个实验的{parts}个部分";
        HostSize { processors: Number, mib: Number } en "{processors} processors, {mib} MiB" zh "{processors}个处理器，{mib} MiB";
        NoHosts en "no host has run `peerlab node` yet" zh "尚无主机运行过`peerlab node`";
        NoPin { text: Text } en "`{text}` pins nothing" zh "“{text}”不是有效的固定规则";
        WritePin en "write INSTANCE=HOST, as in `web-*=h2`" zh "请写成“实例=主机”，例如`web-*=h2`";
        PlaceNeedsOn en "--place is for a lab over several hosts" zh "--place用于多主机实验";
    }
}
