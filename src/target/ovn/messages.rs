//! Messages about several hosts, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// What is so on the hosts, and what to do.
    pub enum Said in "hosts" {
        NoDatabase en "this command is not connected to OVN's database" zh "该命令未连接OVN数据库";
        GiveOn en "give it with --on or PEERLAB_ON" zh "请用--on或PEERLAB_ON指定";
        NoHosts en "no host is there to run instances" zh "没有可运行实例的主机";
        StartNodes
            en "start `peerlab node --on …` on each host; `peerlab hosts --on …` lists them"
            zh "请在每台主机上启动`peerlab node --on …`；`peerlab hosts --on …`可列出主机";
        NoSuchHost { host: Text } en "there is no host {host}" zh "没有主机{host}";
        HostsAre { hosts: Names } en "the hosts are {hosts}" zh "现有主机：{hosts}";
        RowGone { table: Text, key: Text } en "{table} {key} is gone" zh "{table} {key}已不存在";
        RowChanged { table: Text, key: Text, columns: Names }
            en "{table} {key} is changed: {columns}"
            zh "{table} {key}已被修改：{columns}";
        RowNotTheLabs { table: Text, key: Text } en "{table} {key} is not the lab's" zh "{table} {key}不属于该实验";
        NoRouter { vpc: Vpc }
            en "over several hosts the router of {vpc} is in no place"
            zh "在多主机实验中{vpc}的路由器不在任何一处";
        EnterInstance en "name an instance" zh "请指定实例";
        Elsewhere { name: Text, host: Text } en "{name} is on host {host}" zh "{name}在主机{host}上";
        RunThere { host: Text, verb: Text, on: Text, lab: Lab, name: Text, rest: Text }
            en "run it on {host}: `peerlab {verb} --on {on} --lab {lab} {name}{rest}`"
            zh "请在{host}上运行：`peerlab {verb} --on {on} --lab {lab} {name}{rest}`";
        RemovesLater { host: Text, lab: Lab }
            en "host {host} does not answer: it removes what it has of {lab} when it is back"
            zh "主机{host}没有应答：恢复后会删除{lab}在其上的内容";
        HostLost { host: Text, parts: Number }
            en "host {host} does not answer: {parts} of the lab's instances are on it"
            zh "主机{host}没有应答：该实验有{parts}个实例在其上";
        NotComputed
            en "OVN has not computed the change yet: is ovn-northd running?"
            zh "OVN尚未计算该更改：ovn-northd是否在运行？";
        HostLate { host: Text } en "host {host} has not made everything yet" zh "主机{host}尚未完成";
        HostTrouble { host: Text, why: Text } en "host {host}: {why}" zh "主机{host}：{why}";
        NotUpYet { name: Text, host: Text }
            en "{name} is not connected yet on {host}: is ovn-controller running there?"
            zh "{host}上的{name}尚未连通：ovn-controller是否在运行？";
    }
}
