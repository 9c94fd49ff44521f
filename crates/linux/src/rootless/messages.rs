//! Messages about labs without root, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// The host's refusals to let a user create namespaces, and their remedies.
    pub enum Said in "rootless" {
        NoLabUp en "no lab is up" zh "没有正在运行的实验";
        BringOneUp en "`peerlab up FILE` brings one up" zh "请用`peerlab up FILE`启动实验";
        BringOneUpOrSeeRoots
            en "`peerlab up FILE` brings one up; those that root brought up: `sudo peerlab list`"
            zh "请用`peerlab up FILE`启动实验；root启动的实验请用`sudo peerlab list`查看";
        Folder { why: OsError } en "labs without root need a folder for their lock: {why}" zh "无root运行实验需要一个存放锁文件的目录：{why}";
        Start { why: OsError }
            en "labs without root need a process that holds their namespaces: {why}"
            zh "无root运行实验需要一个保持命名空间的进程：{why}";
        User { why: OsError }
            en "labs without root need a user namespace, and it cannot be made: {why}"
            zh "无root运行实验需要用户命名空间，但无法创建：{why}";
        Setgroups { why: OsError }
            en "labs without root need a user namespace, and setgroups cannot be denied in it: {why}"
            zh "无root运行实验需要用户命名空间，但无法在其中禁用setgroups：{why}";
        UidMap { why: OsError }
            en "labs without root need a user namespace, and your uid cannot be mapped in it: {why}"
            zh "无root运行实验需要用户命名空间，但无法在其中映射您的uid：{why}";
        GidMap { why: OsError }
            en "labs without root need a user namespace, and your gid cannot be mapped in it: {why}"
            zh "无root运行实验需要用户命名空间，但无法在其中映射您的gid：{why}";
        Mounts { why: OsError }
            en "labs without root need a mount namespace, and it cannot be made: {why}"
            zh "无root运行实验需要挂载命名空间，但无法创建：{why}";
        Slave { why: OsError } en "labs without root need mounts of their own: {why}" zh "无root运行实验需要独立的挂载：{why}";
        Run { why: OsError }
            en "labs without root need a /run of their own, and a tmpfs cannot be mounted there: {why}"
            zh "无root运行实验需要独立的/run，但无法在其上挂载tmpfs：{why}";
        Enter { why: OsError } en "your namespaces cannot be entered: {why}" zh "无法进入您的命名空间：{why}";
        Elsewhere en "a process that cannot be seen from here holds your namespaces" zh "保持您的命名空间的进程在此处不可见";
        Inside
            en "this command runs inside your namespaces, without rights over them"
            zh "该命令正在您的命名空间内运行，但没有对其操作的权限";
        RaiseLimit { limit: Text, now: Text }
            en "user.{limit} is {now}, or namespaces are nested too deep: `sudo sysctl -w user.{limit}=15000`, or run it with sudo"
            zh "user.{limit}为{now}，或者命名空间嵌套过深：请执行`sudo sysctl -w user.{limit}=15000`，或用sudo运行";
        FreeFolder
            en "/run/user/UID/peerlab or /tmp/peerlab-UID must be a folder of your own: remove what is in its place"
            zh "/run/user/UID/peerlab或/tmp/peerlab-UID须为您自己的目录：请删除占用该位置的文件";
        RunThere
            en "run it where your labs were brought up: in that container or sandbox"
            zh "请在启动实验的地方（该容器或沙箱中）运行";
        LeaveInstance en "leave the instance (`exit`), and run it there" zh "请退出实例（`exit`）后再运行";
        MountProc
            en "/proc must be mounted; in a chroot also sudo is needed, or run it outside of the chroot"
            zh "须挂载/proc；在chroot环境中还需要sudo，或在chroot之外运行";
        RaiseProcesses
            en "raise the limit of processes: `ulimit -u`, or pids.max of the container or service"
            zh "请提高进程数限制：`ulimit -u`，或容器、服务的pids.max";
        AllowClone
            en "only root may make user namespaces here: `sudo sysctl -w kernel.unprivileged_userns_clone=1`, or run it with sudo"
            zh "本机只允许root创建用户命名空间：请执行`sudo sysctl -w kernel.unprivileged_userns_clone=1`，或用sudo运行";
        AppArmor { binary: Text, file: Text }
            en "AppArmor keeps {binary} from it: `{binary} doctor --apparmor | sudo tee {file}`, then `sudo apparmor_parser -r {file}`; or `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or run it with sudo"
            zh "AppArmor限制了{binary}：请先执行`{binary} doctor --apparmor | sudo tee {file}`，再执行`sudo apparmor_parser -r {file}`；也可以执行`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`，或用sudo运行";
        Container
            en "a container's filter forbids it: start the container with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`, or with --privileged"
            zh "容器的过滤器禁止该操作：请以`--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`或--privileged启动容器";
        Chroot
            en "a chroot forbids it: run it outside of the chroot, or with sudo"
            zh "chroot环境禁止该操作：请在chroot之外运行，或用sudo运行";
        SeLinux
            en "SELinux may forbid it (`sudo ausearch -m avc -ts recent` says so): run it with sudo"
            zh "该操作可能被SELinux禁止（可用`sudo ausearch -m avc -ts recent`查看）：请用sudo运行";
        NoUserNamespaces
            en "this kernel has no user namespaces (CONFIG_USER_NS): run it with sudo, or in a virtual machine"
            zh "该内核不支持用户命名空间（CONFIG_USER_NS）：请用sudo运行，或在虚拟机中运行";
        SomethingForbids
            en "a chroot, a container or a security module forbids it: run it outside of that, or with sudo"
            zh "该操作被chroot、容器或安全模块禁止：请在其外运行，或用sudo运行";
        Sudo en "run it with sudo" zh "请用sudo运行";
    }
}
