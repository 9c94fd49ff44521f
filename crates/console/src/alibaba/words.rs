//! Alibaba Cloud's words. Chinese and English of 2018 and 2019, and of today's peering connections.

use crate::words::words;

words! {
    PRODUCTS P "产品与服务" "Products";
    EXPRESS_CONNECT T "高速通道" "Express Connect";
    VPC_PRODUCT S "专有网络VPC" "VPC";
    ECS T "云服务器ECS" "ECS";
    ACCOUNT_CENTER T "账号中心" "Account Center";
    ACCOUNT_ID T "账号ID" "Account ID";
    PEERING T "专有网络对等连接" "VPC Peering Connections";
    VPC_TO_VPC T "VPC互连" "VPC-to-VPC";
    CONNECTIONS T "专有网络连接" "VPC Connections";
    INTERFACES T "路由器接口" "Router Interfaces";
    NETWORKS T "网络和安全" "Networks and Security";
    INSTANCES_GROUP P "实例与镜像" "Instances & Images";
    REFRESH S "刷新" "Refresh";
    CREATE_PEERING T "创建对等连接" "Create Peering Connection";
    ACCOUNT_KIND T "账号类型" "Account";
    SAME T "同账号" "Same Account";
    OTHER T "跨账号" "Different Account";
    SCENE T "连接场景" "Connection Type";
    ROUTER_CREATION T "创建路由器" "Router Creation";
    BOTH D "同时创建两端" "Create Initiator and Acceptor";
    INITIATOR_ONLY T "只创建发起端" "Create Initiator Only";
    ACCEPTOR_ONLY T "只创建接收端" "Create Acceptor Only";
    LOCAL_REGION T "地域" "Local Region";
    REGION T "地域" "Region";
    LOCAL_VPC T "本端VPC ID" "VPC ID";
    PEER_REGION T "对端地域" "Peer Region";
    PEER_VPC T "对端VPC ID" "Peer VPC ID";
    BANDWIDTH T "带宽值" "Bandwidth";
    DEFAULT T "默认" "Default";
    BUY T "立即购买" "Buy Now";
    PAID P "支付成功" "Payment completed";
    CURRENT S "当前配置" "Current configuration";
    PRICE S "配置费用" "Price";
    ADD_ACCEPTOR T "添加接收端" "Add Acceptor";
    ADD_INITIATOR T "添加发起端" "Add Initiator";
    CHANGE S "重新添加" "Change";
    ROUTE_SETTINGS T "路由配置" "Route Settings";
    MORE T "更多" "More";
    CONNECT T "发起连接" "Initiate Connection";
    SUSPEND_INITIATOR P "冻结发起端" "Suspend Initiator";
    SUSPEND_ACCEPTOR P "冻结接收端" "Suspend Acceptor";
    ACTIVATE_INITIATOR P "激活发起端" "Activate Initiator";
    ACTIVATE_ACCEPTOR P "激活接收端" "Activate Acceptor";
    SPEC_CHANGE P "升级/降配" "Upgrade/Downgrade";
    DELETE D "删除" "Delete";
    ADD_INSTANCE T "添加实例" "Add Instance";
    BELONGS D "账号类型" "Belong to Same Account";
    BELONGS_SAME T "同账号" "Yes";
    BELONGS_OTHER T "跨账号" "No";
    INITIATOR_INTERFACE T "发起端路由器接口" "Initiator Router Interface";
    ACCEPTOR_INTERFACE T "接收端路由器接口" "Acceptor Router Interface";
    PEER_ACCOUNT P "对端账号ID" "Peer Account ID";
    OK T "确定" "OK";
    CONFIRM T "确定" "Confirm";
    CANCEL D "取消" "Cancel";
    INITIATOR T "发起端" "Initiator";
    ACCEPTOR T "接收端" "Acceptor";
    ADD_PEER_ROUTE T "添加对端路由" "Add Route Entry";
    DESTINATION S "目标网段" "Destination CIDR Block";
    STATUS S "状态" "Status";
    NEXT_HOP S "下一跳" "Next Hop";
    KIND S "类型" "Type";
    ACTIONS S "操作" "Actions";
    AVAILABLE S "可用" "Available";
    UNAVAILABLE P "不可用" "Unavailable";
    SYSTEM S "系统" "System";
    CUSTOM P "自定义" "Custom";
    CREATE_INTERFACE T "创建路由器接口" "Create Router Interface";
    INTERFACE_ID S "路由器接口ID" "Router Interface ID";
    SEARCH S "搜索" "Search";
    ID_NAME S "ID/名称" "ID/Name";
    ROUTER_ID S "路由器ID/类型" "Router ID/Type";
    LOCAL_PLACE S "本端位置" "Local Location";
    OPPOSITE S "对端路由器接口" "Opposite Router Interface";
    OPPOSITE_PLACE S "对端位置" "Opposite Location";
    ROLE S "连接角色" "Role";
    SPEC T "规格" "Specification";
    BILLING S "付费类型" "Billing";
    PAYS T "按量付费" "Pay-As-You-Go";
    PREPAID D "预付费" "Subscription";
    BILLING_METHOD T "计费方式" "Billing Method";
    ROUTER_SCENE T "创建路由器接口场景" "Router Interface Scenario";
    ACCEPTOR_ONLY_OLD T "只创建接受端" "Create Acceptor Only";
    ROUTER_KIND S "路由器类型" "Router Type";
    PEER_ROUTER_KIND S "对端路由器类型" "Peer Router Type";
    VPC_ROUTER S "VPC路由器" "VPC Router";
    ADD S "添加" "Add";
    SUSPEND S "冻结" "Suspend";
    ACTIVATE P "激活" "Activate";
    EDIT_OPPOSITE T "编辑对端路由器接口信息" "Edit Opposite Router Interface";
    ADD_OPPOSITE S "添加对端路由器接口信息" "Add Opposite Router Interface";
    CHANGE_SPEC P "变配" "Change Specification";
    OWNER S "所属账号" "Account";
    THIS_ACCOUNT S "当前账号" "Current Account";
    ANOTHER_ACCOUNT S "其他账号" "Another Account";
    OPPOSITE_ACCOUNT T "对端账号ID" "Peer Account ID";
    OPPOSITE_ROUTER T "对端路由器ID" "Peer Router ID";
    OPPOSITE_INTERFACE T "对端路由器接口ID" "Peer Router Interface ID";
    IDLE S "未连接" "Unconnected";
    CONNECTING S "连接中" "Connecting";
    ACCEPTING P "接受连接中" "Accepting";
    ACTIVATING P "激活中" "Activating";
    ACTIVE T "已激活" "Activated";
    DEACTIVATING P "冻结中" "Suspending";
    INACTIVE P "已冻结" "Suspended";
    DELETING P "删除中" "Deleting";
    VPCS S "专有网络" "VPCs";
    VPC S "专有网络" "VPC";
    CREATE_VPC P "创建专有网络" "Create VPC";
    INSTANCE_NAME P "实例ID/名称" "Instance ID/Name";
    NAME P "名称" "Name";
    CIDR P "IPv4网段" "IPv4 CIDR Block";
    VSWITCHES P "交换机" "VSwitches";
    VSWITCH P "交换机" "VSwitch";
    CREATE_VSWITCH P "创建交换机" "Create VSwitch";
    FREE P "可用IP数" "Available IPs";
    ROUTE_TABLES S "路由表" "Route Tables";
    ROUTE_TABLE S "路由表" "Route Table";
    CREATE_TABLE P "创建路由表" "Create Route Table";
    MANAGE S "管理" "Manage";
    ABOUT_TABLE S "路由表基本信息" "Route Table Details";
    ENTRIES S "路由条目列表" "Route Entry List";
    ADD_ENTRY S "添加路由条目" "Add Route Entry";
    NEXT_HOP_KIND S "下一跳类型" "Next Hop Type";
    TO_INTERFACE S "路由器接口(专有网络方向)" "Router Interface (To VPC)";
    TO_INSTANCE S "ECS实例" "ECS Instance";
    TO_GATEWAY P "IPv4网关" "IPv4 Gateway";
    TO_NAT D "NAT网关" "NAT Gateway";
    PRIORITY D "优先级" "Priority";
    ASSOCIATED P "已绑定交换机" "Associated VSwitches";
    ASSOCIATE P "绑定交换机" "Associate VSwitch";
    SET_MAIN P "设为系统路由表" "Set as system route table";
    EDIT P "编辑" "Edit";
    ADD_ROW P "添加一行" "Add a row";
    SAVE P "保存" "Save";
    INSTANCES S "实例" "Instances";
    INSTANCE S "ECS实例" "ECS instance";
    CREATE_INSTANCE P "创建实例" "Create Instance";
    ADDRESS P "IP地址" "IP Address";
    PUBLIC_ADDRESS P "公网IP" "Public IP";
    REMOTE P "远程连接" "Connect";
    START P "启动" "Start";
    STOP P "停止" "Stop";
    RUNNING P "运行中" "Running";
    STOPPED P "已停止" "Stopped";
    GROUPS T "安全组" "Security Groups";
    GROUP T "安全组" "Security Group";
    CREATE_GROUP P "创建安全组" "Create Security Group";
    CONFIGURE T "配置规则" "Add Rules";
    RULES T "安全组规则" "Security Group Rules";
    ADD_RULE T "添加安全组规则" "Add Security Group Rule";
    INBOUND D "入方向" "Inbound";
    OUTBOUND D "出方向" "Outbound";
    NIC D "网卡类型" "NIC Type";
    INTERNAL D "内网" "Internal";
    DIRECTION D "规则方向" "Rule Direction";
    POLICY D "授权策略" "Action";
    ALLOW D "允许" "Allow";
    FORBID D "拒绝" "Forbid";
    PROTOCOL D "协议类型" "Protocol Type";
    PORTS D "端口范围" "Port Range";
    AUTHORIZATION T "授权类型" "Authorization Type";
    BY_BLOCK D "地址段访问" "CIDR Block";
    BY_GROUP T "安全组访问" "Security Group";
    ACCOUNT_SCOPE P "授权账号" "Authorized Account";
    THIS_SCOPE D "本账号授权" "Authorize Current Account";
    OTHER_SCOPE T "跨账号授权" "Allow Other Accounts";
    OBJECT T "授权对象" "Authorization Object";
    CUSTOM_TCP D "自定义 TCP" "Custom TCP";
    CUSTOM_UDP D "自定义 UDP" "Custom UDP";
    ALL_ICMP D "全部 ICMP" "All ICMP (IPv4)";
    ALL_GRE D "全部 GRE" "All GRE";
    EVERYTHING D "全部" "All";
    ACLS D "网络ACL" "Network ACLs";
    ACL D "网络ACL" "Network ACL";
    CREATE_ACL P "创建网络ACL" "Create Network ACL";
    NUMBER P "生效顺序" "Order";
    PEER_CONNECTIONS D "VPC对等连接" "VPC Peering Connection";
    CREATE_PEER_CONNECTION D "创建对等连接" "Create VPC Peering Connection";
    REQUESTER D "发起端" "Requester";
    ACCEPTER D "接收端" "Accepter";
    ACCEPT D "接收" "Allow";
    REJECT D "拒绝" "Deny";
    REQUESTER_VPC P "发起端VPC" "Requester VPC";
    ACCEPTER_ACCOUNT D "接收端账号类型" "Accepter Account Type";
    SAME_ACCOUNT D "同账号" "Same-Account";
    CROSS_ACCOUNT D "跨账号" "Cross-Account";
    ACCEPTER_ACCOUNT_ID D "接收端账号ID" "Accepter Account ID";
    ACCEPTER_REGION_KIND D "接收端地域类型" "Accepter Region Type";
    SAME_REGION P "同地域" "Intra-Region";
    CROSS_REGION D "跨地域" "Inter-Region";
    ACCEPTER_REGION D "接收端地域" "Accepter Region";
    ACCEPTER_VPC D "接收端VPC" "Accepter VPC";
    CONFIGURE_ROUTES D "配置路由条目" "Configure route";
    C_CREATING D "创建中" "Creating";
    C_FAILED P "创建失败" "Failed";
    C_ACCEPTING D "对端接收中" "Accepting";
    C_UPDATING P "更新中" "Updating";
    C_ACTIVATED D "已激活" "Activated";
    C_REJECTED D "已拒绝" "Rejected";
    C_EXPIRED D "已过期" "Expired";
    C_DELETING P "删除中" "Deleting";
    C_DELETED P "已删除" "Deleted";
}

/// The regions that the console of 2018 has, by id.
pub(super) const REGIONS: &[(&str, crate::words::Word)] = &[
    ("cn-qingdao", QINGDAO),
    ("cn-beijing", BEIJING),
    ("cn-zhangjiakou", ZHANGJIAKOU),
    ("cn-huhehaote", HOHHOT),
    ("cn-hangzhou", HANGZHOU),
    ("cn-shanghai", SHANGHAI),
    ("cn-shenzhen", SHENZHEN),
    ("cn-hongkong", HONG_KONG),
];

mod regions {
    use crate::words::words;

    words! {
        QINGDAO T "华北1（青岛）" "China (Qingdao)";
        BEIJING T "华北2（北京）" "China (Beijing)";
        ZHANGJIAKOU S "华北3（张家口）" "China (Zhangjiakou)";
        HOHHOT S "华北5（呼和浩特）" "China (Hohhot)";
        HANGZHOU S "华东1（杭州）" "China (Hangzhou)";
        SHANGHAI S "华东2（上海）" "China (Shanghai)";
        SHENZHEN S "华南1（深圳）" "China (Shenzhen)";
        HONG_KONG S "香港" "Hong Kong";
    }
}

pub(super) use regions::ALL as ALL_REGIONS;
use regions::{BEIJING, HANGZHOU, HOHHOT, HONG_KONG, QINGDAO, SHANGHAI, SHENZHEN, ZHANGJIAKOU};
