//! JD Cloud's words, of 2017 and 2018.

use crate::words::words;

words! {
    PRODUCTS S "产品" "Products";
    NETWORK T "网络" "Network";
    VPC_PRODUCT T "私有网络" "VPC";
    VM S "云主机" "Virtual Machines";
    COMPUTE S "弹性计算" "Elastic Compute";
    ACCOUNT_CENTER P "账号中心" "Account Center";
    ACCOUNT_ID P "账号ID" "Account ID";
    PEERINGS T "VPC对等连接" "VPC Peering Connections";
    CREATE T "创建" "Create";
    REFRESH S "刷新" "Refresh";
    NEW_PEERING T "创建VPC对等连接" "Create VPC Peering Connection";
    REGION T "地域" "Region";
    NAME T "名称" "Name";
    LOCAL_VPC T "本端VPC" "Local VPC";
    PEER_VPC_ID T "对端VPC ID" "Peer VPC ID";
    PEER_VPC S "对端VPC" "Peer VPC";
    DESCRIPTION S "描述" "Description";
    OK T "确定" "OK";
    CANCEL S "取消" "Cancel";
    STATUS S "状态" "Status";
    ACTIONS S "操作" "Operation";
    DELETE S "删除" "Delete";
    GO_CONFIGURE T "前往配置" "Configure it now";
    LATER T "稍后配置" "Configure later";
    CONFIGURE_NOW T "立即配置" "Configure it now";
    INITIATED D "初始化" "Initialization";
    CONNECTED D "已连接" "Connected";
    DISCONNECTED D "已断开" "Disconnected";
    VPCS S "私有网络" "VPCs";
    VPC T "私有网络" "VPC";
    CREATE_VPC P "创建私有网络" "Create VPC";
    CIDR S "CIDR" "CIDR";
    SUBNETS S "子网" "Subnets";
    SUBNET S "子网" "Subnet";
    CREATE_SUBNET P "创建子网" "Create Subnet";
    FREE S "可用IP" "Available IPs";
    TABLES T "路由表" "Route Tables";
    TABLE T "路由表" "Route Table";
    SYSTEM S "默认路由表" "Default Route Table";
    CUSTOM S "自定义路由表" "Custom Route Table";
    KIND S "类型" "Type";
    ABOUT S "资源信息" "Resource Information";
    POLICY T "路由策略" "Route Policy";
    EDIT T "编辑" "Edit";
    ADD_ROW T "新增一条" "Add";
    SAVE T "保存" "Save";
    DESTINATION T "目的端" "Destination";
    NEXT_HOP_KIND T "下一跳类型" "Next Hop Type";
    NEXT_HOP T "下一跳" "Next Hop";
    TO_PEERING T "VPC对等连接" "VPC Peering Connection";
    TO_INSTANCE S "云主机" "Virtual Machine";
    TO_INTERNET T "Internet" "Internet";
    ASSOCIATE T "关联子网" "Associate Subnet";
    MANAGE P "管理" "Manage";
    TO_NAT S "NAT网关" "NAT Gateway";
    PRIORITY D "优先级" "Priority";
    AVAILABLE P "可用" "Available";
    BLACKHOLE P "不可用" "Unavailable";
    SET_MAIN P "设为默认路由表" "Set as default route table";
    ADD_ENTRY P "新增路由策略" "Add Route Policy";
    INSTANCES S "云主机" "Virtual Machines";
    INSTANCE S "云主机" "Virtual Machine";
    CREATE_INSTANCE P "创建云主机" "Create Virtual Machine";
    ADDRESS P "内网IP" "Private IP";
    PUBLIC_ADDRESS S "公网IP" "Public IP";
    CONNECT P "远程连接" "Connect";
    START P "启动" "Start";
    STOP P "停止" "Stop";
    RUNNING P "运行" "Running";
    STOPPED P "停止" "Stopped";
    GROUPS S "安全组" "Security Groups";
    GROUP S "安全组" "Security Group";
    CREATE_GROUP P "创建安全组" "Create Security Group";
    RULES S "编辑规则" "Edit Rules";
    RULES_OF_GROUP P "安全组规则" "Security Group Rules";
    ADD_RULE S "添加新规则" "Add New Rule";
    INBOUND S "入站规则" "Inbound Rules";
    OUTBOUND S "出站规则" "Outbound Rules";
    RULE_POLICY S "策略" "Policy";
    ACCEPT S "接受" "Accept";
    DROP S "拒绝" "Deny";
    PROTOCOL S "协议" "Protocol";
    PORTS S "目标端口" "Destination Port";
    SOURCE S "源IP" "Source IP";
    TARGET P "目的IP" "Destination IP";
    ACLS S "网络 ACL" "Network ACL";
    ACL S "网络 ACL" "Network ACL";
    CREATE_ACL P "创建网络 ACL" "Create Network ACL";
    NUMBER D "优先级" "Priority";
    MORE S "更多" "More";
    REBOOT P "重启" "Restart";
    CHANGE_FORWARDS P "修改源/目的检查" "Change Forwarding";
    FORWARDS P "转发非本机的流量" "Forwards others' traffic";
    CHANGE_GROUPS P "更改安全组" "Change Security Groups";
    EDIT_BLOCKS P "附加网段" "Secondary CIDRs";
    ADD_BLOCK P "添加附加网段" "Add Secondary CIDR";
    REMOVE_BLOCK P "删除附加网段" "Delete Secondary CIDR";
    CHANGE_BANDWIDTH P "修改带宽" "Change Bandwidth";
    BANDWIDTH P "带宽" "Bandwidth";
    FORCE P "强制删除" "Force Delete";
    NATS S "NAT网关" "NAT Gateways";
    CREATE_NAT P "创建" "Create";
    SNAT P "SNAT规则" "SNAT Rules";
    ADD_SNAT P "新增SNAT规则" "Add SNAT Rule";
    SNAT_SOURCE P "源网段" "Source CIDR";
    DNAT P "DNAT规则" "DNAT Rules";
    ADD_DNAT P "新增DNAT规则" "Add DNAT Rule";
    PUBLIC_PORT P "公网端口" "Public Port";
    PRIVATE_ADDRESS P "内网IP" "Private IP";
    PRIVATE_PORT P "内网端口" "Private Port";
    ADDRESSES S "公网 IP" "Public IPs";
    BIND_ADDRESS P "绑定" "Associate";
    UNBIND_ADDRESS P "解绑" "Disassociate";
    USED_BY P "绑定资源" "Associated Resource";
}

mod regions {
    use crate::words::words;

    words! {
        NORTH S "华北" "North China";
        SOUTH T "华南" "South China";
        EAST S "华东-宿迁" "East China - Suqian";
        EAST_2 S "华东" "East China";
    }
}

/// The regions, by id.
pub(super) const REGIONS: &[(&str, crate::words::Word)] = &[
    ("cn-north-1", regions::NORTH),
    ("cn-south-1", regions::SOUTH),
    ("cn-east-1", regions::EAST),
    ("cn-east-2", regions::EAST_2),
];

pub(super) use regions::ALL as ALL_REGIONS;
