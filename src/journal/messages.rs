//! Messages of the journal, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// A lab's journal, lock and directory.
    pub enum Said in "journal" {
        NotPeerlabs { place: Text } en "{place} is no directory of peerlab's" zh "{place}不是peerlab的文件夹";
        DownRemovesAnyway { lab: Lab }
            en "`peerlab down {lab}` removes the lab all the same; then bring it up again"
            zh "`peerlab down {lab}`仍可删除该实验；然后请重新启动";
        RemoveDirectory { place: Text, lab: Lab }
            en "remove it: `rm -r {place}`; `peerlab doctor` names the namespaces that are left of lab {lab}"
            zh "请删除它：`rm -r {place}`；`peerlab doctor`会列出实验{lab}遗留的命名空间";
        NoLabName { lab: Quoted } en "{lab} is no name of a lab" zh "{lab}不是合法的实验名称";
        IsALink en "it is a link" zh "这是一个链接";
        IsADirectory en "it is a directory" zh "这是一个文件夹";
        IsADevice en "it is a device or a pipe" zh "这是一个设备或管道";
        TooLarge en "it is too large" zh "文件过大";
        RemoveForeign { path: Text }
            en "remove it, as it is none of peerlab's files: `rm -r {path}`"
            zh "请删除它，它不是peerlab的文件：`rm -r {path}`";
        Cannot { what: Message, path: Text, why: Message } en "cannot {what} {path}: {why}" zh "无法{what}{path}：{why}";
        RunAsRoot en "run peerlab as root, as with sudo" zh "请以root身份运行peerlab，例如使用sudo";
        MakeRoom en "make room there" zh "请释放空间";
        RunMustBeWritable en "/run must be writable" zh "/run必须可写";
        RaiseOpenFiles en "raise the limit of open files (`ulimit -Hn`)" zh "请提高打开文件数的上限（`ulimit -Hn`）";
        SeeWhatIsThere
            en "see what is there: peerlab keeps what it knows of running labs in /run/peerlab"
            zh "请查看该处：peerlab将正在运行的实验的信息保存在/run/peerlab";
        System { why: OsError } en "{why}" zh "{why}";
        Read en "read" zh "读取";
        Write en "write" zh "写入";
        Open en "open" zh "打开";
        Lock en "lock" zh "锁定";
        Make en "make" zh "创建";
        Remove en "remove" zh "删除";
        NoVersion en "it has no version" zh "没有版本信息";
        OtherVersion { lab: Lab, version: Number, read: Number }
            en "lab {lab} was brought up by another peerlab: its journal has version {version}, this peerlab reads version {read}"
            zh "实验{lab}由另一版本的peerlab启动：其日志版本为{version}，当前peerlab只能读取版本{read}";
        UseThatOr { way_out: Message }
            en "use the peerlab that made it, or: {way_out}"
            zh "请使用启动它的peerlab，或：{way_out}";
        Locked { lab: Lab, holder: Message } en "lab {lab} is being changed by {holder}" zh "{holder}正在变更实验{lab}";
        TryAgainOrEndIt en "try again when it is done, or end it" zh "请等它完成后重试，或结束它";
        Process { process: Number } en "process {process}" zh "进程{process}";
        AnotherPeerlab en "another peerlab" zh "另一个peerlab";
        ByteDiffers { at: Number } en "byte {at} is not as it was written" zh "第{at}字节与写入时不同";
        TooMuchUndone en "more is undone than was done" zh "撤销的操作多于已执行的操作";
        NoLabFile en "it names no lab file" zh "没有记录实验文件";
        Unknown en "it says what no peerlab says" zh "含有peerlab不认识的内容";
        Shorter en "it is shorter than it was" zh "比原来短";
        Differs en "it is not as it was written" zh "内容与写入时不同";
        Unreadable { lab: Lab, path: Text, why: Message }
            en "the journal of lab {lab} cannot be read: {path}: {why}"
            zh "无法读取实验{lab}的日志：{path}：{why}";
        Outdated { lab: Lab }
            en "somebody else changed lab {lab} meanwhile, so nothing was changed"
            zh "实验{lab}期间已被他人更改，因此未做任何更改";
        TryOnceMore en "run the command once more" zh "请再次执行该命令";
    }
}
