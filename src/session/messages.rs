//! Messages of sessions, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// A running lab, and its file.
    pub enum Said in "session" {
        TooLarge { path: Text, mib: Number }
            en "{path} is larger than a lab file may be ({mib} MiB)"
            zh "{path}超出实验文件的大小上限（{mib} MiB）";
        GivePath en "give the path of a lab file" zh "请指定实验文件的路径";
        NotUtf8 { path: Text } en "{path} is not UTF-8 text" zh "{path}不是UTF-8文本";
        GivePathOrSave
            en "give the path of a lab file, or save it as UTF-8 in your editor"
            zh "请指定实验文件的路径，或在编辑器中将其另存为UTF-8";
        NoSuchFile en "there is no such file" zh "文件不存在";
        IsADirectory en "it is a directory" zh "这是一个文件夹";
        CannotRead { path: Text, why: Message } en "cannot read {path}: {why}" zh "无法读取{path}：{why}";
        System { why: OsError } en "{why}" zh "{why}";
        RaiseOpenFiles en "raise the limit of open files (`ulimit -Hn`)" zh "请提高打开文件数的上限（`ulimit -Hn`）";
        DidYouMean { near: Text } en "did you mean {near}?" zh "您要指定的是{near}吗？";
        IsALab { name: Text }
            en "{name} is a lab that is up; give the path of its file: `peerlab status {name}` shows it"
            zh "{name}是正在运行的实验；请指定其文件的路径，可用`peerlab status {name}`查看";
        NotUp { lab: Lab } en "lab {lab} is not up" zh "实验{lab}没有运行";
        CleanRemoves
            en "`peerlab doctor --clean` removes the namespaces that a lab of this name left behind"
            zh "`peerlab doctor --clean`可删除同名实验遗留的命名空间";
        NoneUp en "no lab is up: `peerlab up FILE` brings one up" zh "没有正在运行的实验：`peerlab up FILE`可启动实验";
        UpAre { labs: Names } en "labs that are up: {labs}" zh "正在运行的实验：{labs}";
        OfAnotherPeerlab { lab: Lab }
            en "the journal of lab {lab} is of another peerlab: `peerlab down {lab}`, then bring it up again"
            zh "实验{lab}的日志由另一版本的peerlab写入：请执行`peerlab down {lab}`后重新启动";
        CannotReplay { lab: Lab } en "lab {lab} cannot be replayed" zh "无法重放实验{lab}";
        NotAsItShouldBe { lab: Lab } en "lab {lab} is not as it should be" zh "实验{lab}的状态与应有的不一致";
        TryAgainOrRemove { lab: Lab }
            en "`peerlab up --lab {lab}` tries again, `peerlab down {lab}` removes what is there"
            zh "`peerlab up --lab {lab}`可重试，`peerlab down {lab}`可删除现有部分";
        ArgumentDiffers { argument: Text, is: Text, wanted: Text }
            en "{argument} is {is} instead of {wanted}"
            zh "{argument}为{is}，而不是{wanted}";
        NoAccount { lab: Lab, wanted: Text } en "lab {lab} has no account {wanted}" zh "实验{lab}没有账号{wanted}";
        AccountsAre { accounts: Names } en "its accounts are: {accounts}" zh "现有账号：{accounts}";
        ExportDiffers { lab: Lab } en "lab {lab} as a file is not the lab that is up" zh "实验{lab}导出为文件后与正在运行的实验不一致";
        Defect en "this is a defect of peerlab: please report it" zh "这是peerlab的缺陷，请报告";
        NoThread { error: OsError } en "no thread can be started: {error}" zh "无法启动线程：{error}";
        RaiseThreads
            en "raise the limit of threads: `ulimit -u`, or pids.max of the container or service"
            zh "请提高线程数上限：`ulimit -u`，或容器、服务的pids.max";
        NotHeld { lab: Lab } en "lab {lab} is not held any more" zh "实验{lab}已不再由本进程管理";
        CountsAsDone { command: Text } en "`{command}` lets the step count as done" zh "`{command}`将该步骤视为已完成";
        ThenNext { command: Text } en "`{command}`, then `peerlab next`" zh "先执行`{command}`，再执行`peerlab next`";
        StepDiffers { made: KindAndName, name: Text, step: Number, differences: Clauses }
            en "{made} was made by hand, and is not the {name} of step {step}: {differences}"
            zh "手动创建的{made}不是步骤{step}中的{name}：{differences}";
    }
}
