//! Messages about operations, in both languages.

use crate::messages;

messages! {
    /// A part of a lab that can be left out: what an operation does, or one of its arguments.
    pub enum Part in "part" {
        InnerAccess en "this inner access" zh "该组内连通策略";
        InnerAccessChange en "this change of the inner access" zh "该组内连通策略的变更";
        Membership en "this membership" zh "该安全组成员关系";
        Forwarding en "this forwarding" zh "该转发设置";
        Masquerading en "this masquerading" zh "该地址转换设置";
        Starting en "starting this instance" zh "启动该实例的操作";
        Stopping en "stopping this instance" zh "停止该实例的操作";
        ForwardingChange en "this change of forwarding" zh "该转发设置的变更";
        PublicAssociation en "giving this public address" zh "绑定该公网IP的操作";
        PublicRelease en "taking this public address away" zh "解绑该公网IP的操作";
        SnatEntry en "this SNAT entry" zh "该SNAT条目";
        SnatEntryDeletion en "taking this SNAT entry out" zh "删除该SNAT条目的操作";
        DnatEntry en "this DNAT entry" zh "该DNAT条目";
        DnatEntryDeletion en "taking this DNAT entry out" zh "删除该DNAT条目的操作";
        Gateway en "this gateway" zh "该网关";
        GatewayDeletion en "deleting this gateway" zh "删除该网关的操作";
        PublicAddress en "this public address" zh "该公网IP";
        SecondaryBlock en "this secondary block" zh "该附加网段";
        BlockRemoval en "taking this secondary block away" zh "删除该附加网段的操作";
        Association en "this association" zh "该关联";
        MainTable en "making this table the main one" zh "设为主路由表的操作";
        Unassociation en "taking this association back" zh "取消该关联的操作";
        EntryDeletion en "taking this route entry out" zh "删除该路由条目的操作";
        RuleRevocation en "taking this rule out" zh "撤销该规则的操作";
        AclEntry en "this entry of a network ACL" zh "该网络ACL规则";
        AclEntryDeletion en "taking this entry of a network ACL out" zh "删除该网络ACL规则的操作";
        AclAssociation en "this association with a network ACL" zh "该网络ACL关联";
        AclUnassociation en "taking this association with a network ACL back" zh "取消该网络ACL关联的操作";
        Joining en "joining this group" zh "加入该安全组的操作";
        Leaving en "leaving this group" zh "移出该安全组的操作";
        RouterInterface en "this router interface" zh "该路由器接口";
        Binding en "setting this other end" zh "设置该对端的操作";
        Connect en "this connect" zh "该发起连接的操作";
        Activation en "activating this end" zh "激活该端的操作";
        Deactivation en "deactivating this end" zh "停用该端的操作";
        EndDeletion en "deleting this end" zh "删除该端的操作";
        SpecChange en "this change of the bandwidth class" zh "该规格变更";
        Peering en "this peering" zh "该对等连接";
        PeeringConnection en "this peering connection" zh "该VPC对等连接";
        Acceptance en "accepting this peering connection" zh "接收该VPC对等连接的操作";
        Rejection en "rejecting this peering connection" zh "拒绝该VPC对等连接的操作";
        ConnectionDeletion en "deleting this peering connection" zh "删除该VPC对等连接的操作";
        BandwidthChange en "this change of the bandwidth" zh "该带宽变更";
        Mtu en "this MTU" zh "该MTU";
        Passing en "this passing of time" zh "该时间推移";
        Half en "this half of a peering" zh "该对等连接的一半";
        HalfDeletion en "deleting this half of a peering" zh "删除该对等连接一半的操作";
        RouteEntry en "this route entry" zh "该路由条目";
        NextHop en "this next hop" zh "该下一跳";
        Rule en "this rule" zh "该规则";
    }
}

messages! {
    /// How to write an operation.
    pub enum Wanted in "operation" {
        Write
            en "write an operation, as in connect-router-interface ri-a"
            zh "请写一个操作，例如connect-router-interface ri-a";
        Begin
            en "begin with the operation, as in connect-router-interface ri-a"
            zh "请以操作开头，例如connect-router-interface ri-a";
    }
}
