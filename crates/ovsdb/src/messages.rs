//! Messages about OVSDB servers, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What is wrong with an address or a server, and what to do.
    pub enum Said in "ovsdb" {
        NoAddress { text: Text } en "`{text}` is no address of a database" zh "“{text}”不是数据库的地址";
        WriteAddress
            en "write `tcp:HOST:PORT`, `ssl:HOST:PORT` or `unix:PATH`, and several of one cluster with commas: `tcp:10.0.0.1:6641,tcp:10.0.0.2:6641`"
            zh "请写成`tcp:主机:端口`、`ssl:主机:端口`或`unix:路径`；同一集群的多个地址用逗号分隔：`tcp:10.0.0.1:6641,tcp:10.0.0.2:6641`";
        NoIdentity { lacking: Text }
            en "TLS (`ssl:`) needs a private key, its certificate, and the server's CA: {lacking} is missing"
            zh "TLS（`ssl:`）需要私钥、其证书和服务器的CA证书：缺少{lacking}";
        GiveIdentity
            en "give --private-key, --certificate and --ca-cert, as to ovn-nbctl, or PEERLAB_PRIVATE_KEY, PEERLAB_CERTIFICATE and PEERLAB_CA_CERT; `ovs-pki req+sign NAME` makes the first two"
            zh "请像ovn-nbctl那样指定--private-key、--certificate和--ca-cert，或设置PEERLAB_PRIVATE_KEY、PEERLAB_CERTIFICATE和PEERLAB_CA_CERT；`ovs-pki req+sign 名称`可生成前两者";
        CannotRead { path: Text, why: OsError } en "cannot read {path}: {why}" zh "无法读取{path}：{why}";
        NotPem { path: Text, why: Text }
            en "{path} has no usable key or certificate in PEM: {why}"
            zh "{path}中没有可用的PEM密钥或证书：{why}";
        OtherKey { key: Text, certificate: Text }
            en "the private key {key} is not that of the certificate {certificate}"
            zh "私钥{key}与证书{certificate}不匹配";
        OtherCa { remote: Text, ca: Text }
            en "the certificate of the server at {remote} is not signed by {ca}"
            zh "{remote}处服务器的证书不是由{ca}签发的";
        GiveItsCa
            en "--ca-cert is the certificate of the CA that signed the server's; `ovn-nbctl get-ssl` on the server shows its files"
            zh "--ca-cert应为签发服务器证书的CA的证书；在服务器上运行`ovn-nbctl get-ssl`可查看其文件";
        BadCertificate { remote: Text, why: Text }
            en "the certificate of the server at {remote} is not valid: {why}"
            zh "{remote}处服务器的证书无效：{why}";
        LookAtIt
            en "look at it (`openssl x509 -noout -text -in CERTIFICATE`), and at the clocks of both machines"
            zh "请检查该证书（`openssl x509 -noout -text -in 证书`）以及两台机器的时钟";
        NotTaken { remote: Text, certificate: Text, why: Text }
            en "the server at {remote} does not accept the certificate {certificate}: {why}"
            zh "{remote}处的服务器不接受证书{certificate}：{why}";
        TrustsIt
            en "the server must trust the CA that signed it: `ovn-nbctl set-ssl KEY CERTIFICATE CA-CERTIFICATE` on the server"
            zh "服务器必须信任签发它的CA：请在服务器上运行`ovn-nbctl set-ssl 私钥 证书 CA证书`";
        NoHandshake { remote: Text, why: Text } en "TLS with {remote} failed: {why}" zh "与{remote}的TLS连接失败：{why}";
        NotTls { remote: Text } en "what answers at {remote} does not speak TLS" zh "{remote}处应答的不是TLS服务";
        ListenWithTls
            en "does the server listen with TLS (`ovn-nbctl set-connection pssl:6641`) and have a key (`ovn-nbctl set-ssl …`)? Otherwise write `tcp:`"
            zh "服务器是否以TLS监听（`ovn-nbctl set-connection pssl:6641`）并已设置密钥（`ovn-nbctl set-ssl …`）？否则请写`tcp:`";
        IsItTls
            en "the server ends the connection; if it listens with TLS (`pssl:`), write `ssl:`"
            zh "服务器断开了连接；如果它以TLS监听（`pssl:`），请写`ssl:`";
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
        NorthboundOrTls
            en "`--on` names OVN's northbound database (port 6641), `--ovs` the host's own Open_vSwitch; if it listens with TLS (`pssl:`), write `ssl:`"
            zh "`--on`指OVN的北向数据库（端口6641），`--ovs`指本机的Open_vSwitch；如果它以TLS监听（`pssl:`），请写`ssl:`";
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
