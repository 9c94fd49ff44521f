//! Messages about rulesets, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What the kernel refuses of a ruleset, and why.
    pub(super) enum Said in "nft" {
        Table { table: Text } en "table {table}" zh "表{table}";
        Counter { name: Text, table: Text } en "counter {name} of table {table}" zh "表{table}的计数器{name}";
        Set { name: Text, table: Text } en "set {name} of table {table}" zh "表{table}的集合{name}";
        Elements { name: Text, table: Text } en "elements of set {name} of table {table}" zh "表{table}的集合{name}的元素";
        Chain { name: Text, table: Text } en "chain {name} of table {table}" zh "表{table}的链{name}";
        Rules { chain: Text, table: Text } en "the rules of chain {chain} of table {table}" zh "表{table}的链{chain}的规则";
        Rule { number: Number, chain: Text, table: Text, rule: Text }
            en "rule {number} of chain {chain} of table {table}, `{rule}`"
            zh "表{table}的链{chain}的第{number}条规则`{rule}`";
        CannotAdd { subject: Message } en "cannot add {subject}" zh "无法添加{subject}";
        CannotDelete { subject: Message } en "cannot delete {subject}" zh "无法删除{subject}";
        CannotChange en "cannot change the nftables ruleset" zh "无法修改nftables规则集";
        CannotRead en "cannot read the nftables ruleset" zh "无法读取nftables规则集";
        CannotUse { doing: Message } en "cannot {doing} nf_tables' socket" zh "无法{doing}nf_tables的套接字";
        Because { what: Message, why: Message } en "{what}: {why}" zh "{what}：{why}";
        BecauseSaying { what: Message, why: Message, says: Quoted } en "{what}: {why}, {says}" zh "{what}：{why}，{says}";
        Open en "open" zh "打开";
        ReadFrom en "read from" zh "读取";
        SetUp en "set up" zh "设置";
        EnlargeBufferOf en "enlarge the buffer of" zh "扩大缓冲区：";
        WriteTo en "write to" zh "写入";
        Use en "use" zh "使用";
        OnlyRoot en "the kernel lets only root do it" zh "内核只允许root执行";
        OnlyOwner en "the kernel lets only its owner do it" zh "内核只允许其所有者执行";
        NamesWhatIsNotThere
            en "a set, chain or counter that it names is not there, or the kernel lacks one of its expressions"
            zh "其引用的集合、链或计数器不存在，或内核缺少其中的某个表达式";
        NotThereAnyMore en "it is not there any more" zh "它已不存在";
        ThereAlready en "it is there already" zh "它已存在";
        ReferredTo en "something still refers to it" zh "它仍被引用";
        LacksPart en "this kernel lacks that part of nf_tables" zh "该内核缺少nf_tables的这一部分";
        Circle en "its chains jump in a circle, or too deep" zh "其链循环跳转，或层次过深";
        NotAsWritten en "the kernel does not take it as it is written" zh "内核不接受其写法";
        NoMemory en "the kernel has no memory left for it" zh "内核没有足够的内存";
        Interrupted en "it was interrupted" zh "操作被中断";
        Refuses { why: OsError } en "the kernel refuses it ({why})" zh "内核拒绝（{why}）";
        KeepsChanging en "it changes all the time" zh "它一直在变化";
        TooManyFiles en "too many files are open" zh "打开的文件过多";
        NoNfnetlink en "this kernel has no nfnetlink" zh "该内核没有nfnetlink";
        TooLargeToSend
            en "the rules of a VPC are more than a socket may send at once"
            zh "一个VPC的规则超出套接字一次可发送的大小";
        NoReply en "the kernel did not answer" zh "内核没有应答";
        System { why: OsError } en "{why}" zh "{why}";
        RunAsRoot en "run peerlab as root" zh "请以root身份运行peerlab";
        EndOwner
            en "end the program that owns the table, or run peerlab as root"
            zh "请结束拥有该表的程序，或以root身份运行peerlab";
        LoadModules
            en "load the modules (`modprobe -a nf_tables nft_ct nft_nat`), or use a kernel with CONFIG_NF_TABLES, NFT_CT and NFT_NAT"
            zh "请加载模块（`modprobe -a nf_tables nft_ct nft_nat`），或使用启用了CONFIG_NF_TABLES、NFT_CT和NFT_NAT的内核";
        LoadAllModules
            en "load the modules (`modprobe -a nf_tables nf_conntrack nft_ct nft_nat`), or use a kernel with CONFIG_NF_TABLES_INET, _IPV4, _BRIDGE and NFT_NAT"
            zh "请加载模块（`modprobe -a nf_tables nf_conntrack nft_ct nft_nat`），或使用启用了CONFIG_NF_TABLES_INET、_IPV4、_BRIDGE和NFT_NAT的内核";
        Again
            en "something else changes the nftables ruleset of this namespace: run the command again"
            zh "其他程序正在修改该命名空间的nftables规则集：请再次执行该命令";
        Report en "this is a defect of peerlab: please report it with the lab file" zh "这是peerlab的缺陷，请附上实验文件报告";
        FreeMemory en "free memory, or build a smaller lab" zh "请释放内存，或缩小实验";
        EndOthers en "end what else programs nftables in this namespace" zh "请结束在该命名空间中配置nftables的其他程序";
        RaiseFiles en "raise the limit: ulimit -n, or fs.file-max" zh "请提高上限：ulimit -n，或fs.file-max";
        LoadNfnetlink
            en "load it (`modprobe nfnetlink`), or use a kernel with CONFIG_NETFILTER_NETLINK"
            zh "请加载（`modprobe nfnetlink`），或使用启用了CONFIG_NETFILTER_NETLINK的内核";
        RaiseWmem
            en "raise it (`sudo sysctl -w net.core.wmem_max=16777216`), or run it with sudo"
            zh "请提高上限（`sudo sysctl -w net.core.wmem_max=16777216`），或用sudo运行";
        RunAgain en "run the command again" zh "请再次执行该命令";
    }
}
