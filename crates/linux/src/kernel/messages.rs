//! Messages about the kernel, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Messages of the kernel layer.
    pub enum Said in "kernel" {
        LatencyLeftOut en "latency left out: the kernel has no netem (module sch_netem)" zh "时延未生效：内核没有netem（模块sch_netem）";
        RaiseLimitOpenFilesUlimit en "raise the limit of open files (`ulimit -Hn`)" zh "请提高打开文件数的上限（`ulimit -Hn`）";
        KernelHasNo { feature: Message, why: Message } en "the kernel has no {feature}: {why}" zh "内核没有{feature}：{why}";
        UseKernelBuiltWith { module: Text } en "use a kernel that is built with {module}" zh "请使用启用了{module}的内核";
        LoadModprobeInstallDistributionPackage { module: Text }
            en "load it (`modprobe {module}`), or install the distribution's package of extra modules (linux-modules-extra, kernel-modules-extra)"
            zh "请加载模块（`modprobe {module}`），或安装发行版的附加模块包（linux-modules-extra、kernel-modules-extra）";
        BrNetfilterLoadedNamespaceCannot
            en "br_netfilter is loaded, and a namespace cannot switch it off"
            zh "br_netfilter已加载，而命名空间中无法将其关闭";
        JoinsNamespaces en "joins namespaces" zh "连接命名空间";
        Subnet en "is a subnet" zh "构成子网";
        BridgePortIsolation en "bridge port isolation" zh "网桥端口隔离";
        KeepsGroupsInForceInside en "keeps groups in force inside a subnet" zh "使安全组在子网内部也生效";
        BridgeNetfilterNamespace en "bridge netfilter by namespace" zh "按命名空间的网桥过滤";
        KeepsPacketsFromBeingAsked en "keeps groups from checking a packet twice" zh "避免数据包被重复检查";
        ChoosesSubnetRouteTable en "chooses a subnet's route table" zh "为子网选择路由表";
        PolicyRouting en "policy routing" zh "策略路由";
        DelaysPacketsPeeringLatency en "delays the packets of a peering (latency)" zh "为对等连接增加时延（latency）";
        CapsPeeringBandwidth en "caps a peering's bandwidth" zh "限制对等连接的带宽";
        HoldsRulesGroups en "holds the rules of groups" zh "保存安全组规则";
        NfTablesCounters en "nf_tables counters" zh "nf_tables计数器";
        CountsDropsReason en "counts the drops by reason" zh "按原因统计丢包";
        NfTablesMapsRt en "nf_tables maps, rt" zh "nf_tables映射、rt";
        TellsWhyRouteLeadsNowhere en "tells why a route leads nowhere" zh "区分路由无效的原因";
        LetsAnswersPass en "lets answers pass" zh "放行应答";
        MapsPublicAddresses en "maps public addresses" zh "映射公网IP";
        NfTablesBridge en "nf_tables bridge" zh "nf_tables网桥";
        KeepsInstancesFromUsingOthers en "keeps instances from using others' addresses" zh "防止实例冒用他人的地址";
        RunRoot
            en "run as root; the kernel needs network namespaces (CONFIG_NET_NS)"
            zh "请以root身份运行；内核须支持网络命名空间（CONFIG_NET_NS）";
        RunMustWritable en "/run must be writable" zh "/run必须可写";
        NetworkNamespacesNeedMoreThan { missing: And }
            en "network namespaces need more than this root has: {missing} missing"
            zh "使用网络命名空间所需的权限超出当前root所有：缺少{missing}";
        LabsNeedProc en "labs need /proc, and it is not mounted" zh "运行实验需要/proc，但它未挂载";
        MountProc en "mount it: `mount -t proc proc /proc`" zh "请执行`mount -t proc proc /proc`";
        InContainerStartWithPrivileged en "in a container, start that with --privileged" zh "在容器中请以--privileged启动容器";
        NamespacesNeedAboutOpenFiles { namespaces: Number, needed: Number, hard: Text }
            en "{namespaces} namespaces need about {needed} open files, and this process may have {hard}"
            zh "{namespaces}个命名空间约需打开{needed}个文件，而本进程最多可打开{hard}个";
        RaiseHardLimitOpenFiles
            en "raise the hard limit of open files (`ulimit -Hn`), or make the lab smaller"
            zh "请提高打开文件数的硬上限（`ulimit -Hn`），或缩小实验";
        CannotMonitor { error: OsError }
            en "changes of the lab's namespaces cannot be monitored: {error}"
            zh "无法监视实验命名空间的变化：{error}";
        System { words: OsError } en "{words}" zh "{words}";
        Because { message: Message, why: OsError } en "{message}: {why}" zh "{message}：{why}";
        NoNamespaceToTry en "a namespace cannot be made to try the kernel out" zh "无法创建用于试用内核功能的命名空间";
        RunAsRootOrWith en "run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN" zh "请以root身份运行，或具备CAP_NET_ADMIN和CAP_SYS_ADMIN";
        RunAsRootOrWithThese en "run as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN" zh "请以root身份运行，或具备CAP_SYS_ADMIN和CAP_NET_ADMIN";
        ProcSysMustBeWritable
            en "/proc/sys must be writable: start the container with `--security-opt systempaths=unconfined`, or with --privileged"
            zh "/proc/sys必须可写：请以`--security-opt systempaths=unconfined`或--privileged启动容器";
        ShortOfMemory en "the host is short of memory: take another lab down, or make this one smaller" zh "主机内存不足：请删除其他实验，或缩小该实验";
        ChangedMeanwhile en "somebody changed it meanwhile: run `peerlab up` once more" zh "其间被他人改动：请再次执行`peerlab up`";
        UpOnceMore en "run `peerlab up` once more; if it stays, take the lab down and up again" zh "请再次执行`peerlab up`；如仍如此，请删除该实验后重新启动";
        ChangesRightNow en "something changes it right now: run the command once more" zh "此刻正在变更：请再次执行该命令";
        CommandOnceMore en "run the command once more; if it stays, take the lab down and up again" zh "请再次执行该命令；如仍如此，请删除该实验后重新启动";
        RaiseMaxNamespaces en "raise /proc/sys/user/max_net_namespaces, or take another lab down" zh "请提高/proc/sys/user/max_net_namespaces，或删除其他实验";
        FreeMemory en "free memory, or take another lab down" zh "请释放内存，或删除其他实验";
        MountedTwice en "something is mounted on it a second time: see /proc/self/mountinfo" zh "其上有重复挂载：见/proc/self/mountinfo";
        LookAtDmesg en "look at `dmesg`, then run `peerlab up` or `peerlab down` once more" zh "请查看`dmesg`，再执行`peerlab up`或`peerlab down`";
        RaiseMountMax en "raise /proc/sys/fs/mount-max, or take another lab down" zh "请提高/proc/sys/fs/mount-max，或删除其他实验";
        RunAsRootWithRun en "run as root, with /run writable" zh "请以root身份运行，且/run可写";
        RaiseThreads en "raise the limit of threads: `ulimit -u`, or pids.max of the container or service" zh "请提高线程数上限：`ulimit -u`，或容器、服务的pids.max";
        NoThread en "no thread can be started" zh "无法启动线程";
        LacksModule { module: Text }
            en "the kernel lacks {module}: load it (`modprobe {module}`)"
            zh "内核缺少{module}：请加载（`modprobe {module}`）";
        ProcessDoesNotEnd { pid: Number, lab: Lab }
            en "process {pid} inside lab {lab} does not end, even killed"
            zh "实验{lab}内的进程{pid}无法结束，强制终止亦无效";
        ItWaitsInKernel
            en "it waits in the kernel (a dead network mount?); its namespace goes when it ends"
            zh "它正在内核中等待（例如失去响应的网络挂载）；进程结束后其命名空间随之消失";
        InNamespace { lab: Lab, name: Text, why: Message } en "namespace {lab}.{name}: {why}" zh "命名空间{lab}.{name}：{why}";
        CannotRead { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be read" zh "无法读取命名空间{lab}.{name}";
        CannotReadPackets { lab: Lab, name: Text }
            en "packets of namespace {lab}.{name} cannot be read"
            zh "无法读取命名空间{lab}.{name}的数据包";
        RunWithNetRaw en "run as root, or with CAP_NET_RAW" zh "请以root身份运行，或具备CAP_NET_RAW";
        LoadAfPacket en "load it: `modprobe af_packet`" zh "请加载：`modprobe af_packet`";
        SeeDmesg en "look at `dmesg`" zh "请查看`dmesg`";
        TooManyPorts { subnet: Text, lab: Lab, name: Text, instances: Number, ports: Number }
            en "subnet {subnet} in {lab}.{name} has {instances} instances, and a bridge {ports} ports"
            zh "{lab}.{name}中的子网{subnet}有{instances}个实例，而网桥只有{ports}个端口";
        AnotherSubnet en "give some of them another subnet" zh "请将部分实例移到其他子网";
        AndAnother { message: Message } en "{message} (and another like it)" zh "{message}（另有1处相同）";
        AndMore { message: Message, more: Number } en "{message} (and {more} more like it)" zh "{message}（另有{more}处相同）";
        CannotSeeItsEnd
            en "it cannot be seen when the kernel has taken the namespaces apart"
            zh "无法得知内核何时拆除完毕";
        DownAllTheSame
            en "the lab is down all the same: the kernel takes it apart in its own time"
            zh "实验仍已删除：内核会自行拆除";
        CannotProgram { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be programmed" zh "无法配置命名空间{lab}.{name}";
        NoLink { lab: Lab, name: Text, link: Text }
            en "namespace {lab}.{name} is to have no link {link}, but something hangs on it"
            zh "命名空间{lab}.{name}不应有链路{link}，但有配置依赖它";
        Defect en "this is a defect of peerlab: please report it with the lab file" zh "这是peerlab的缺陷，请附上实验文件报告";
        Refuses { lab: Lab, change: Text } en "{lab}.{change}: the kernel refuses" zh "{lab}.{change}：内核拒绝";
        RefusesSaying { lab: Lab, change: Text, words: Text }
            en "{lab}.{change}: the kernel refuses ({words})"
            zh "{lab}.{change}：内核拒绝（{words}）";
        NoNamespace { path: Text } en "{path} is no namespace" zh "{path}不是命名空间";
        UpMakesItAnew { lab: Lab } en "`peerlab up --lab {lab}` makes it again" zh "`peerlab up --lab {lab}`可重新创建";
        NotThere { lab: Lab, name: Text } en "namespace {lab}.{name} does not exist" zh "命名空间{lab}.{name}不存在";
        UpMakesIt { lab: Lab } en "`peerlab up` of lab {lab} makes it" zh "对实验{lab}执行`peerlab up`可创建";
        CannotCreateFolder { folder: Text } en "{folder} cannot be created" zh "无法创建{folder}";
        Taken { lab: Lab, name: Text }
            en "namespace {lab}.{name} exists and is not this lab's"
            zh "命名空间{lab}.{name}已存在，但不属于该实验";
        RemoveOrRename { lab: Lab, name: Text }
            en "remove it (`ip netns delete {lab}.{name}`), or give the lab another name"
            zh "请删除它（`ip netns delete {lab}.{name}`），或为实验换一个名称";
        CannotCreateIn { lab: Lab, name: Text, folder: Text }
            en "namespace {lab}.{name} cannot be created in {folder}"
            zh "无法在{folder}中创建命名空间{lab}.{name}";
        CannotMount { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be mounted" zh "无法挂载命名空间{lab}.{name}";
        CannotCreate { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be created" zh "无法创建命名空间{lab}.{name}";
        CannotPlug { lab: Lab, name: Text }
            en "cannot make {lab}.{name} and its link to the switch"
            zh "无法创建{lab}.{name}及其到交换机的链路";
        CannotUnplug { link: Text } en "cannot change link {link} of this host" zh "无法更改本机的链路{link}";
        CannotEnter { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be entered" zh "无法进入命名空间{lab}.{name}";
        CannotOpen { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be opened" zh "无法打开命名空间{lab}.{name}";
        CannotUnmount { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be unmounted" zh "无法卸载命名空间{lab}.{name}";
        CannotRemove { lab: Lab, name: Text } en "namespace {lab}.{name} cannot be removed" zh "无法删除命名空间{lab}.{name}";
        MakeRoomInRun en "make room in /run: see `df /run` and `df -i /run`" zh "请在/run中腾出空间：见`df /run`和`df -i /run`";
        FilesInRun en "files in /run" zh "/run中的文件";
        LabNeedsAboutMbMemory { lab: Lab, needed: Number, namespaces: Number, there: Text }
            en "lab {lab} needs about {needed} MB of memory for {namespaces} more instances and VPCs, and this host has {there} MB"
            zh "实验{lab}还需创建{namespaces}个实例和VPC，约需{needed} MB内存，而主机仅有{there} MB";
        LabNeedsMoreHostHas { lab: Lab, needed: Number, of: Message, left: Number }
            en "lab {lab} needs {needed} more {of}, and this host has room for {left}"
            zh "实验{lab}还需要{needed}个{of}，而本机只能再容纳{left}个";
        MakeRoomInRunMount
            en "make room in /run (`mount -o remount,nr_inodes=100000 /run`), or take a lab down"
            zh "请在/run中腾出空间（`mount -o remount,nr_inodes=100000 /run`），或删除一个实验";
        MakeSmallerRoomForAbout { room: Number }
            en "make it smaller (there is room for about {room} of them), take another lab down, or free memory"
            zh "请缩小实验（约可容纳{room}个），删除其他实验，或释放内存";
        Mounts en "mounts" zh "挂载";
        Namespaces en "namespaces" zh "命名空间";
        NetworkNamespaces en "network namespaces" zh "网络命名空间";
        RaiseProcSysFsMount en "raise /proc/sys/fs/mount-max, or take a lab down" zh "请提高/proc/sys/fs/mount-max，或删除一个实验";
        RaiseProcSysUserMax
            en "raise /proc/sys/user/max_net_namespaces, or take a lab down"
            zh "请提高/proc/sys/user/max_net_namespaces，或删除一个实验";
    }
}
