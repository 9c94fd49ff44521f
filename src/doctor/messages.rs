//! Messages of `doctor`, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// The findings of `doctor`, their consequences and remedies.
    pub enum Said in "doctor" {
        TheyTriedInNamespaceTheir en "they are tried in a namespace of their own" zh "各项功能须在单独的命名空间中试用";
        LeftOutUpSays { use_of_it: Message }
            en "it {use_of_it}: left out, and `up` says so"
            zh "无法{use_of_it}：相应设置不生效，`up`会给出提示";
        NoLabCanRun { use_of_it: Message } en "it {use_of_it}: no lab can run" zh "无法{use_of_it}：任何实验都不能运行";
        NoneNoLabUp en "none; no lab is up" zh "无遗留：没有正在运行的实验";
        NoneUp { labs: Names } en "none; up: {labs}" zh "无遗留；正在运行的实验：{labs}";
        Lab { lab: Lab } en "lab {lab}" zh "实验{lab}";
        PeerlabUpLabCompletesPeerlab { lab: Lab }
            en "`peerlab up --lab {lab}` completes it, `peerlab down {lab}` removes it"
            zh "`peerlab up --lab {lab}`可补全，`peerlab down {lab}`可删除";
        OnlyRootMayLookAt en "only root may look at it" zh "只有root可以查看";
        RunSudoPeerlabDoctor en "run `sudo peerlab doctor`" zh "请执行`sudo peerlab doctor`";
        NoVerbButDownCan en "no verb but `down` can use it" zh "除`down`外，其他命令都不能使用它";
        PeerlabDown { lab: Lab } en "`peerlab down {lab}`" zh "请执行`peerlab down {lab}`";
        More { first: Text, rest: Number } en "{first}, and {rest} more" zh "{first}等，另有{rest}个";
        BegunHasNoJournal en "was begun, and has no journal" zh "已开始创建，但没有日志";
        LastChangeCutShort en "its last change was cut short" zh "上一次变更被中断";
        KernelNotSays en "the kernel is not as it says" zh "内核配置与其记录不一致";
        NamespacesGone { about: Message } en "its namespaces are gone: {about}" zh "其命名空间已不存在：{about}";
        InstancesCannotReached en "its instances cannot be reached" zh "其实例无法访问";
        NamespacesHasNotMade { about: Message } en "namespaces that it has not made: {about}" zh "不是由它创建的命名空间：{about}";
        InstanceNameCannotCreated en "an instance of that name cannot be created" zh "不能再创建该名称的实例";
        IpNetnsDeleteIfNobody { name: Text }
            en "`ip netns delete {name}`, if nobody needs it"
            zh "如无人使用，请执行`ip netns delete {name}`";
        InNoLabUp { names: Number, folder: Text, lab: Lab }
            en "{names} in {folder}, and no lab {lab} is up"
            zh "{folder}中有{names}个，而实验{lab}并未运行";
        PeerlabDoctorCleanRemovesThem en "`peerlab doctor --clean` removes them" zh "`peerlab doctor --clean`可将其删除";
        IpNetnsDeleteOnIf { name: Text }
            en "`ip netns delete {name}`, and so on, if nobody needs them"
            zh "如无人使用，请执行`ip netns delete {name}`，其余同样处理";
        LabNameCannotComeUp { lab: Lab } en "a lab of the name {lab} cannot come up" zh "无法启动名为{lab}的实验";
        RaiseHardLimitUlimitHn
            en "raise the hard limit (`ulimit -Hn`, LimitNOFILE=, nofile in limits.conf)"
            zh "请提高硬限制（`ulimit -Hn`、LimitNOFILE=、limits.conf中的nofile）";
        OpenFiles en "open files" zh "打开文件数";
        MemoryInKib en "memory in KiB" zh "内存（KiB）";
        FreeMemoryBuildSmallerLabs en "free memory, or build smaller labs" zh "请释放内存，或缩小实验";
        RaiseProcSysNetNetfilter
            en "raise /proc/sys/net/netfilter/nf_conntrack_max"
            zh "请提高/proc/sys/net/netfilter/nf_conntrack_max";
        TrackedFlows en "tracked flows" zh "连接跟踪条目";
        KernelDoesNotTell en "this kernel does not tell" zh "内核未提供该信息";
        EnoughForAboutInstances { there: Text, n: Number }
            en "{there}: enough for about {n} instances"
            zh "{there}：约够{n}个实例使用";
        NoLabCanComeUp en "no lab can be brought up" zh "无法启动任何实验";
        LargerLabsDoNotCome en "larger labs do not come up" zh "无法启动更大的实验";
        LinksRoutesNftables en "links, routes, nftables" zh "网卡、路由、nftables";
        NamespacesTheirMounts en "namespaces and their mounts" zh "命名空间及其挂载";
        ChecksPortsBelow en "checks of ports below 1024" zh "检查1024以下的端口";
        EndingWhatOthersRunInside en "ending what others run inside" zh "结束他人在其中运行的进程";
        FindingWhatOthersRunInside en "finding what others run inside" zh "查找他人在其中运行的进程";
        OnlyReadingVerbsWork
            en "no lab can be brought up; validate, plan, explain -f and test --mutate work"
            zh "无法启动任何实验；validate、plan、explain -f和test --mutate仍可使用";
        RunWithSudo en "run it with sudo" zh "请用sudo运行";
        RunRoot { container: Text }
            en "run it as root; start the {container}container with --privileged"
            zh "请以root身份运行；请以--privileged启动{container}容器";
        StartContainerWithPrivileged { container: Text }
            en "start the {container}container with --privileged"
            zh "请以--privileged启动{container}容器";
        GiveBackWhatServiceManager en "give back what a service manager or a sandbox has taken" zh "请恢复被服务管理器或沙箱取消的权限";
        NotRoot en "not root" zh "非root";
        UserInOwnNamespaces en "an ordinary user in namespaces of their own" zh "普通用户（在自己的命名空间中）";
        ChrootNoMount
            en "the folder of a chroot must be a mount: `mount --bind FOLDER FOLDER`, then `chroot FOLDER`"
            zh "chroot的目录须为挂载点：请先执行`mount --bind 目录 目录`，再执行`chroot 目录`";
        RaiseNetNamespaces
            en "raise it: `sudo sysctl -w user.max_net_namespaces=15000`"
            zh "请提高该限制：`sudo sysctl -w user.max_net_namespaces=15000`";
        StartWithSystemPaths
            en "start the container with `--security-opt systempaths=unconfined`, or with --privileged"
            zh "请以`--security-opt systempaths=unconfined`或--privileged启动容器";
        HoldsUnfound { pid: Text } en "process {pid} holds namespaces that no command finds" zh "进程{pid}保持着任何命令都找不到的命名空间";
        LabsInThemUnreachable en "labs in them cannot be reached" zh "其中的实验无法访问";
        Kill { pid: Text } en "`kill {pid}`" zh "请执行`kill {pid}`";
        WithNoneThoseLabsNeed { who: Message } en "{who}, with none of those that labs need" zh "{who}，不具备实验所需的任何权能";
        WithAllLabsNeed { who: Message } en "{who}, with all that labs need" zh "{who}，具备实验所需的全部权能";
        LabsRunButFor en "labs run, but for that" zh "实验可以运行，但以上功能除外";
        Without { who: Message, names: Clauses } en "{who}, without {names}" zh "{who}，缺少{names}";
        CanMadeMountedEntered en "can be made, mounted and entered" zh "可以创建、挂载和进入";
        CannotSeccompFilterInForce { what: Message, why: Message }
            en "cannot be {what}: {why} (a seccomp filter is in force)"
            zh "无法{what}：{why}（有seccomp过滤器生效）";
        Cannot { what: Message, why: Message } en "cannot be {what}: {why}" zh "无法{what}：{why}";
        MountedName en "mounted by name" zh "按名称挂载";
        GivenSys en "given a /sys" zh "获得自己的/sys";
        SetForward en "set to forward" zh "开启转发";
        UserNamespace en "user namespace" zh "用户命名空间";
        NotHost { map: Text } en "not the host's: its users are mapped ({map})" zh "不是主机的用户命名空间：其用户经过映射（{map}）";
        MountedReadOnly en "it is mounted read-only" zh "以只读方式挂载";
        LabsKeptInRunPeerlab
            en "labs are kept in /run/peerlab, their namespaces in /run/netns"
            zh "实验的记录保存在/run/peerlab，其命名空间保存在/run/netns";
        CannotWritten { why: Message } en "cannot be written: {why}" zh "不可写：{why}";
        NoLabCanBeKept en "no lab can be brought up: it is kept there" zh "无法启动任何实验：实验的记录保存在该处";
        MountWritableMountTTmpfs
            en "mount it writable (`mount -t tmpfs tmpfs /run`)"
            zh "请以可写方式挂载（`mount -t tmpfs tmpfs /run`）";
        Features en "features" zh "功能";
        Labs en "labs" zh "实验";
        Pings en "pings" zh "发送ping";
        Capabilities en "capabilities" zh "权能";
        Namespaces en "namespaces" zh "命名空间";
        Made en "made" zh "创建";
        Mounted en "mounted" zh "挂载";
        CapabilityFor { capability: Text, use_of_it: Message } en "{capability} ({use_of_it})" zh "{capability}（{use_of_it}）";
        System { words: OsError } en "{words}" zh "{words}";
        Northbound en "OVN's northbound database" zh "OVN北向数据库";
        NoLabOverHosts en "no lab over several hosts can be seen from here" zh "此处无法使用多主机实验";
        OpenVswitch en "Open vSwitch" zh "Open vSwitch";
        NoInstancesHere en "this host runs no instances of them" zh "本机无法运行其实例";
        Userspace en "in user space" zh "用户态";
        InKernel en "in the kernel" zh "内核态";
        BridgeIn { bridge: Text, datapath: Message } en "bridge {bridge}, {datapath}" zh "网桥{bridge}，{datapath}";
        LargestPacket en "largest packet between hosts" zh "主机间的最大数据包";
        Bytes { mtu: Number } en "{mtu} bytes" zh "{mtu}字节";
        Chassis en "chassis" zh "chassis";
        NoSystemId en "Open vSwitch has no system-id" zh "Open vSwitch没有system-id";
        SetSystemId en "`ovs-vsctl set open . external_ids:system-id=NAME`" zh "`ovs-vsctl set open . external_ids:system-id=名称`";
        ChassisWith { name: Text, encapsulation: Text } en "{name}, {encapsulation}" zh "{name}，{encapsulation}";
        NoEncapsulation
            en "ovn-remote, ovn-encap-type or ovn-encap-ip is not set"
            zh "未设置ovn-remote、ovn-encap-type或ovn-encap-ip";
        SetEncapsulation
            en "`ovs-vsctl set open . external_ids:ovn-remote=tcp:CENTRAL:6642 external_ids:ovn-encap-type=geneve external_ids:ovn-encap-ip=ADDRESS`"
            zh "`ovs-vsctl set open . external_ids:ovn-remote=tcp:中心:6642 external_ids:ovn-encap-type=geneve external_ids:ovn-encap-ip=地址`";
        Node en "node" zh "节点";
        NodeAlive { version: Text } en "runs, peerlab {version}" zh "正在运行，peerlab {version}";
        NodeSilent { seconds: Number } en "was there {seconds} s ago" zh "{seconds} s前曾运行";
        StartNodeOrSetClock
            en "start `peerlab node` again; if it runs, set the clocks of this host and of the others"
            zh "请重新启动`peerlab node`；若它正在运行，请校准各主机的时钟";
        NoNode en "`peerlab node` has not run here" zh "本机尚未运行过`peerlab node`";
        StartNode en "start it: `peerlab node --on …`" zh "请启动：`peerlab node --on …`";
    }
}
