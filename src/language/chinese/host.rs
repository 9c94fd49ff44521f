//! What the host cannot do: privileges, namespaces, links, nftables, probes, files.

pub(super) const TEXTS: &[(&str, &str)] = &[
    ("cannot {what} {name}: {}", "无法{what!}{name}：{*}"),
    ("`peerlab up --lab {}` makes what is missing", "`peerlab up --lab {}`可补全缺失的部分"),
    ("enter namespace", "进入命名空间"),
    ("make a view of the file system for", "创建文件系统视图："),
    ("in {} of lab {}; `exit` leaves", "已进入实验{1}的{0}；`exit`退出"),
    ("{variable} is {value:?}: {why}", "{variable}为{value}：{why!}"),
    ("the host has no such user", "主机上没有该用户"),
    ("use --root to run the command as root", "请用--root以root身份运行该命令"),
    ("cannot run the command as {}: {}", "无法以{}身份运行该命令：{*}"),
    ("there is no program {program}", "没有程序{program*}"),
    ("cannot run {program}: {error}", "无法运行{program*}：{error*}"),
    (
        "give a program that the host has: an instance shares the host's file system",
        "请指定主机上已有的程序：实例与主机共用文件系统",
    ),
    // The journal and the session.
    ("/run must be writable", "/run必须可写"),
    ("raise the limit of open files (`ulimit -Hn`)", "请提高打开文件数的上限（`ulimit -Hn`）"),
    (
        "`peerlab down {0}` removes the lab all the same; then bring it up anew",
        "`peerlab down {0}`仍可删除该实验；然后请重新启动",
    ),
    ("the journal of lab {} cannot be read: {}: {why}", "无法读取实验{}的日志：{*}：{why*}"),
    (
        "lab {} was brought up by another peerlab: its journal has version {version}, this peerlab reads version {VERSION}",
        "实验{}由另一版本的peerlab启动：其日志版本为{version}，当前peerlab只能读取版本{VERSION}",
    ),
    ("use the peerlab that made it, or: {way_out}", "请使用启动它的peerlab，或：{way_out!}"),
    ("another peerlab", "另一个peerlab"),
    ("process {holder}", "进程{holder}"),
    ("lab {lab} is being changed by {holder}", "{holder!}正在变更实验{lab}"),
    ("try again when it is done, or end it", "请等它完成后重试，或结束它"),
    ("run peerlab as root, as with sudo", "请以root身份运行peerlab，例如使用sudo"),
    ("make room there", "请释放空间"),
    (
        "see what is there: peerlab keeps what it knows of running labs in /run/peerlab",
        "请查看该处：peerlab将正在运行的实验的信息保存在/run/peerlab",
    ),
    ("cannot {what} {}: {error}", "无法{what*}{*}：{error*}"),
    ("{} is larger than a lab file may be ({} MiB)", "{*}超出实验文件的大小上限（{} MiB）"),
    ("{} is not UTF-8 text", "{*}不是UTF-8文本"),
    ("a lab file is TOML, as `peerlab up` reads it", "实验文件应为TOML格式，即`peerlab up`可读取的文件"),
    ("there is no such file", "文件不存在"),
    ("it is a directory", "这是一个文件夹"),
    ("cannot read {}: {what}", "无法读取{*}：{what!}"),
    ("give the path of a lab file", "请指定实验文件的路径"),
    ("up are: {}", "正在运行的实验：{,}"),
    ("lab {lab} is not up", "实验{lab}没有运行"),
    (
        "the journal of lab {lab} is of another peerlab: `peerlab down {lab}`, then bring it up anew",
        "实验{lab}的日志由另一版本的peerlab写入：请执行`peerlab down {lab}`后重新启动",
    ),
    ("lab {lab} cannot be replayed", "无法重放实验{lab}"),
    (
        "interrupted: lab {lab} is up, not verified; `peerlab verify --lab {lab}` or `peerlab down {lab}`",
        "已中断：实验{lab}已启动，尚未验证；请执行`peerlab verify --lab {lab}`或`peerlab down {lab}`",
    ),
    ("interrupted: lab {lab} is down", "已中断：实验{lab}已删除"),
    (
        "lab {lab} needs about {needed} MB of memory for {namespaces} more instances and VPCs, and this host has {there} MB",
        "实验{lab}还需创建{namespaces}个实例和VPC，约需{needed} MB内存，而主机仅有{there} MB",
    ),
    (
        "make it smaller (there is room for about {room} of them), take another lab down, or free memory",
        "请缩小实验（约可容纳{room}个），删除其他实验，或释放内存",
    ),
    ("namespace {}.{name} exists and is not this lab's", "命名空间{}.{name}已存在，但不属于该实验"),
    (
        "bring the lab up under another name with --name, or remove it with `ip netns del {}.{name}`",
        "请用--name以其他名称启动实验，或用`ip netns del {}.{name}`删除该命名空间",
    ),
    (
        "`peerlab up --lab {0}` tries again, `peerlab down {0}` removes what is there",
        "`peerlab up --lab {0}`可重试，`peerlab down {0}`可删除现有部分",
    ),
    ("lab {} is not as it should be", "实验{}的状态与应有的不一致"),
    ("it has no version", "没有版本信息"),
    // Privileges.
    ("network namespaces need root: {missing} missing", "使用网络命名空间需要root权限：缺少{missing,}"),
    (
        "network namespaces need more than this root has: {missing} missing",
        "使用网络命名空间所需的权限超出当前root所有：缺少{missing,}",
    ),
    ("run it with sudo", "请用sudo运行"),
    ("in a container, start that with --privileged", "在容器中请以--privileged启动容器"),
];
