//! Messages of `doctor`, `exec` and `shell`, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// The host: what `doctor` finds, and what a command in an instance needs.
    pub enum Said in "host" {
        ProgramPathUnknown { error: OsError } en "the path of this program is not known: {error}" zh "无法得知本程序的路径：{error}";
        MountProc en "/proc must be mounted" zh "须挂载/proc";
        LabDead { lab: Lab, left: Message } en "lab {lab} is dead; it left {left}" zh "实验{lab}已失效，遗留：{left}";
        ItsDirectory en "its directory" zh "其文件夹";
        LabCleaned { lab: Lab, count: Message } en "lab {lab} cleaned: {count} removed" zh "实验{lab}的遗留已清理：删除了{count}";
        NothingLeft en "nothing is left of dead labs" zh "没有失效实验的遗留";
        Privileges en "privileges" zh "权限";
        Kernel en "kernel" zh "内核";
        Limits en "limits" zh "限制";
        SeveralHosts en "Several hosts" zh "多主机";
        Leftovers en "leftovers" zh "遗留";
        NotReadyWithoutRoot
            en "✗ labs cannot run here without root: try `sudo peerlab doctor`"
            zh "✗ 没有root权限时本机无法运行实验：请尝试`sudo peerlab doctor`";
        NotReady en "✗ labs cannot run here" zh "✗ 本机无法运行实验";
        ReadyWithoutRoot en "✓ labs can run here, without root" zh "✓ 本机可以运行实验，无需root";
        Ready en "✓ labs can run here" zh "✓ 本机可以运行实验";
        WithWarnings { warnings: Message } en "; {warnings}" zh "；{warnings}";
        UseRoot en "use --root to run the command as root" zh "请用--root以root身份运行该命令";
        InLab { name: Text, lab: Lab } en "in {name} of lab {lab}; `exit` leaves" zh "已进入实验{lab}的{name}；`exit`退出";
        OnHost
            en "on the host, with rights over your labs; `exit` leaves"
            zh "已进入主机的shell，对您的实验拥有权限；`exit`退出";
        System { why: OsError } en "{why}" zh "{why}";
        NoProgram { program: Text } en "there is no program {program}" zh "没有程序{program}";
        CannotRun { program: Text, error: OsError } en "cannot run {program}: {error}" zh "无法运行{program}：{error}";
        GiveProgramOfHost
            en "give a program that the host has: an instance shares the host's file system"
            zh "请指定主机上已有的程序：实例与主机共用文件系统";
        VariableIs { variable: Text, value: Quoted, why: Message } en "{variable} is {value}: {why}" zh "{variable}为{value}：{why}";
        NoSuchUser en "the host has no such user" zh "主机上没有该用户";
        CannotRunAs { user: Text, why: OsError }
            en "cannot run the command as {user}: {why}"
            zh "无法以{user}身份运行该命令：{why}";
        CallAsRoot en "call peerlab as root, and not by sudo" zh "请直接以root身份运行peerlab，而不用sudo";
        ByUser { user: Text } en " by user {user}" zh "（用户{user}）";
        CannotBeWritten { path: Text, by: Option<Message>, error: OsError }
            en "{path} cannot be written{by}: {error}"
            zh "{path}无法写入{by}：{error}";
        GiveOwnFile en "give a file in a folder of your own" zh "请指定您自己文件夹中的文件";
        CannotReadSignals { why: OsError } en "signals cannot be read: {why}" zh "无法读取信号：{why}";
        FreeDescriptors en "free some descriptors" zh "请释放一些文件描述符";
    }
}
