//! Messages about OVSDB servers, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What is wrong with an address or a server, and what to do.
    pub enum Said in "ovsdb" {
        NoAddress { text: Text } en "`{text}` is no address of a database" zh "“{text}”不是数据库的地址";
        WriteAddress
            en "write `tcp:HOST:PORT` or `unix:PATH`, and several of one cluster with commas: `tcp:10.0.0.1:6641,tcp:10.0.0.2:6641`"
            zh "请写成`tcp:主机:端口`或`unix:路径`；同一集群的多个地址用逗号分隔：`tcp:10.0.0.1:6641,tcp:10.0.0.2:6641`";
        NoTls { text: Text } en "this peerlab does not speak TLS itself: {text}" zh "此版本的peerlab自身不支持TLS：{text}";
        TunnelTls
            en "reach the database through a tunnel (WireGuard, SSH, stunnel), and write its `tcp:` or `unix:` end"
            zh "请通过隧道（WireGuard、SSH、stunnel）访问数据库，并写隧道的`tcp:`或`unix:`端";
        NoServer { remote: Text, why: OsError }
            en "no server answers at {remote}: {why}"
            zh "{remote}处没有服务器应答：{why}";
        StartServer
            en "is ovsdb-server running there, and listening (`ovn-nbctl set-connection ptcp:6641`)? Is the port open?"
            zh "ovsdb-server是否在运行并监听（`ovn-nbctl set-connection ptcp:6641`）？端口是否开放？";
        NotOvsdb { remote: Text } en "what answers at {remote} is no OVSDB server" zh "{remote}处应答的不是OVSDB服务器";
        NoDatabase { remote: Text, database: Text }
            en "the server at {remote} has no database {database}"
            zh "{remote}处的服务器没有数据库{database}";
        NorthboundAddress
            en "`--on` names OVN's northbound database (port 6641), `--ovs` the host's own Open_vSwitch"
            zh "`--on`指OVN的北向数据库（端口6641），`--ovs`指本机的Open_vSwitch";
        TooOld { database: Text, lacking: Text, since: Text }
            en "this {database} is too old: {lacking} is missing, which {since} has"
            zh "该{database}版本过旧：缺少{lacking}（{since}起提供）";
        Upgrade en "upgrade it; Debian 12 has OVN 23.03 and Open vSwitch 3.1" zh "请升级；Debian 12提供OVN 23.03和Open vSwitch 3.1";
        Refused { error: Text, details: Text }
            en "the database refused the change: {error}: {details}"
            zh "数据库拒绝了更改：{error}：{details}";
        Outdated en "somebody else changed it meanwhile" zh "期间已被他人更改";
        TryAgain en "try again" zh "请重试";
    }
}
