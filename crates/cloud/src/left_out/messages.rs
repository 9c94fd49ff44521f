//! Messages about what is left out, in both languages.

use crate::messages;

messages! {
    /// The reason, and what to do instead.
    pub(super) enum Said in "left-out" {
        Ipv6
            en "peerlab models IPv4 only: an IPv6 lab has the same peerings, roles, routes and groups to get wrong"
            zh "peerlab只支持IPv4：IPv6实验中会出错的对等连接、角色、路由和安全组与IPv4相同";
        PrefixLists
            en "peerlab has no prefix lists: write a rule or an entry for each of their blocks"
            zh "peerlab不支持前缀列表：请为其中每个网段各写一条规则或路由条目";
        SourcePorts
            en "rules of groups have no source ports here: a network ACL shows what a packet's two ports do"
            zh "此处安全组规则没有源端口：报文两个端口的作用可用网络ACL演示";
        EnterpriseGroups
            en "peerlab has basic groups only: modify-security-group --inner-access drop and an egress rule that drops all, of the last priority, decide as an enterprise group does"
            zh "peerlab只有普通安全组：用modify-security-group --inner-access drop，再加一条最低优先级、拒绝全部的出方向规则，效果与企业安全组相同";
        SecondInterfaces
            en "an instance has one interface with one address here: as a next hop, name the instance"
            zh "此处每个实例只有一块网卡、一个地址：作为下一跳时请写实例名称";
        TransitRouters
            en "peerlab has no transit routers (docs/cloud.md §10 says why): join each two VPCs by a peering"
            zh "peerlab不支持转发路由器（原因见docs/cloud.md第10节）：请用对等连接把VPC两两连接";
        OnPremises
            en "peerlab has no on-premises networks: take a VPC as the other side, and an instance with --forwards as the gateway to it"
            zh "peerlab没有本地数据中心网络：请用一个VPC代表对端，并用带--forwards的实例作为通往它的网关";
        PrivateDns
            en "peerlab has no DNS: instances know each other's names by their hosts file"
            zh "peerlab没有DNS：实例通过hosts文件得知彼此的名称";
        GatewayRouteTables
            en "tables of a gateway are left out: what comes in goes to the instance that has the public address"
            zh "不支持网关路由表：进入VPC的流量直接到达拥有该公网IP的实例";
        Endpoints
            en "peerlab has no endpoints: a lab has instances, and no services of the cloud's own"
            zh "peerlab没有终端节点：实验中只有实例，没有云自身的服务";
    }
}
