//! Messages of the verbs that change or show a lab, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// What was done to a lab, and how far it is: `up`, `next`, `api`, `undo`, `plan`, `verify`, `list`, `down`.
    pub enum Said in "steps" {
        ToGo { title: Text, ahead: Number } en "{title} ({ahead} to go: peerlab next)" zh "{title}（还剩{ahead}步：peerlab next）";
        MadeByHand { made: KindAndName, name: Text }
            en "{made}, made by hand, is the lab's {name}"
            zh "手动创建的{made}即实验中的{name}";
        AllStepsDone { steps: Number, lab: Lab }
            en "all {steps} steps of lab {lab} are done"
            zh "实验{lab}的{steps}个步骤已全部完成";
        ThatWasTheLast en "that was the last step" zh "这是最后一步";
        StepRemakes { deleted: Number, what: KindAndName, made: Number }
            en "step {deleted} deletes {what}, which was made by hand, and step {made} creates it again, with another id; `peerlab undo` undoes a step"
            zh "步骤{deleted}会删除手动创建的{what}，步骤{made}会重新创建它，其ID将会不同；`peerlab undo`可撤销一个步骤";
        StepOf { number: Number, of: Number, title: Text } en "Step {number} of {of}: {title}" zh "第{number}步，共{of}步：{title}";
        SkippedStep en " (skipped: it counts as done)" zh "（已跳过：视为已完成）";
        RunsNothing en "it runs nothing" zh "不执行任何操作";
        ToContinue en "to continue" zh "可用以下命令继续";
        DoneAlreadyAs { made: Text } en " (done already, as {made})" zh "（此前已执行，名称为{made}）";
        DoneAlready en " (done already)" zh "（此前已执行）";
        ToBeDone en " (to be done)" zh "（待执行）";
        WillBeRefused en " (will be refused, as it must be)" zh "（将按预期被拒绝）";
        RefusedAndPast en " (to be refused, and past)" zh "（本应被拒绝，现已不再适用）";
        MadeByHandDiffers { made: Text } en " ({made}, made by hand, differs)" zh "（手动创建的{made}与此不同）";
        WouldBeRefused en " (it would be refused)" zh "（将被拒绝）";
        AccountActs { account: Account } en "account {account} acts" zh "由账号{account}操作";
        RefusedAsItMust { code: Text } en " (refused, as it must be: {code})" zh "（按预期被拒绝：{code}）";
        HelpOf { hint: Message } en "help: {hint}" zh "建议：{hint}";
        Drift en "drift" zh "偏差";
        WhatItShowsIsPast
            en "what this step was to show is past, because of what was done by hand:"
            zh "由于以下手动执行的操作，本步骤要展示的状态已经过去：";
        FailsByHand
            en "it fails because of what was done by hand:"
            zh "失败的原因是以下手动执行的操作：";
        NoneToTakeBack en "0 operations are nothing to undo" zh "0个操作无可撤销";
        GiveNumberFromOne en "give a number from 1" zh "请使用不小于1的数字";
        LabNamedTwice en "the lab is named twice" zh "实验被指定了两次";
        NameOnce en "name it once: as LAB, or with --lab" zh "请只指定一次：用LAB，或用--lab";
        NothingDone { name: Lab } en "nothing was done in lab {name} after its tables" zh "实验{name}在构建各表定义的资源之后没有执行过任何操作";
        DownRemovesLab { name: Text } en "`peerlab down {name}` removes the lab" zh "`peerlab down {name}`可删除该实验";
        OnlyOneToTakeBack { name: Lab, number: Number }
            en "lab {name} has one operation or step to undo, not {number}"
            zh "实验{name}只有1个操作或步骤可以撤销，没有{number}个";
        UndoTakesItBack { name: Text } en "`peerlab undo {name}` undoes it" zh "`peerlab undo {name}`可撤销它";
        FewerToTakeBack { name: Lab, done: Number, number: Number }
            en "lab {name} has {done} operations and steps to undo, not {number}"
            zh "实验{name}只有{done}个操作和步骤可以撤销，没有{number}个";
        UndoTakesAllBack { name: Text, done: Number }
            en "`peerlab undo {name} {done}` undoes all of them"
            zh "`peerlab undo {name} {done}`可全部撤销";
        TookBackStep { step: Number, title: Text } en "undone: step {step}: {title}" zh "已撤销：第{step}步：{title}";
        TookBackOperation { account: Account, operation: Text }
            en "undone: {account}: {operation}"
            zh "已撤销：{account}：{operation}";
        MadeInKernel { count: Message } en "{count} made in the kernel" zh "内核已完成{count}";
        WasUpFrom { name: Lab, from: Text, to: Text }
            en "lab {name} was up from {from}: it is made what {to} says"
            zh "实验{name}此前由{from}启动：现改为{to}所述的状态";
        NoLabNoFile en "no lab is up, and no file is given" zh "没有正在运行的实验，也没有指定文件";
        GiveLabFile en "give a lab file: `peerlab up FILE`" zh "请指定实验文件：`peerlab up FILE`";
        UpDrops { many: Message, keep: Text }
            en "`up` drops {many} done by hand; `{keep}` before it keeps the lab as it is"
            zh "`up`会放弃手动执行的{many}；事先执行`{keep}`可保留实验现状";
        DoesItAgain { again: Text } en "dropped, `{again}` does it again" zh "放弃，`{again}`可重新执行";
        NothingToDo en "nothing to do: the kernel is as the lab says" zh "无需操作：内核配置与实验一致";
        HasId { name: Message, id: Text } en "{name} has the id {id}" zh "{name}的ID为{id}";
        NobodyCalls en "the command does not name the calling account" zh "没有指定调用账号";
        AddAs { accounts: Names } en "add --as and one of the accounts {accounts}" zh "请用--as指定账号：{accounts}";
        Exported { file: Text, steps: Message, done: Number, by_hand: Number }
            en "wrote {file}: {steps}, {done} of them done, {by_hand} by hand"
            zh "已写入{file}：{steps}，其中已完成{done}个，手动执行{by_hand}个";
        LeftOut { n: Number }
            en "{n} of its checks do not go with what was done by hand: comments in the file"
            zh "其中{n}项检查与手动执行的操作不符，在文件中成为注释";
        UpToDate { lab: Lab } en "lab {lab} is up to date" zh "实验{lab}已是最新";
        NothingChanges en "nothing changes in the cloud" zh "云上没有变更";
        Did { account: Text, operation: Text } en "{account}: {operation}" zh "{account}：{operation}";
        DroppedByHand { line: Message } en "dropped, as it was done by hand: {line}" zh "手动执行，将被放弃：{line}";
        LastChangeCutShort en "the last change was cut short" zh "上一次变更被中断";
        SomebodyChangedKernel en "somebody changed the kernel" zh "内核配置被他人改动";
        UpRepairs { why: Message } en ": {why}; `up` repairs it" zh "：{why}；`up`可修复";
        AndMore { more: Number } en "and {more} more" zh "另有{more}项";
        ChangesOfKernel { count: Message } en "{count} to the kernel" zh "内核将有{count}";
        VerboseShows en "; -v shows them" zh "；-v显示详情";
        OnlyRootReads { lab: Lab, why: Message }
            en "lab {lab} is up, and what it is now only root can read: {why}"
            zh "实验{lab}正在运行，其当前状态只有root可以读取：{why}";
        ByHand { account: Account, operation: Text }
            en "  + by hand, {account}: {operation}"
            zh "  + 手动执行，{account}：{operation}";
        Equal { what: Message } en "  = {what}" zh "  = {what}";
        OfFile { file: Text, warning: Message } en "{file}: {warning}" zh "{file}：{warning}";
        Up en "up" zh "运行中";
        Incomplete en "incomplete" zh "不完整";
        Unreadable en "unreadable" zh "不可读";
        HeldNone { checks: Message } en "{checks} ran: the lab has none" zh "已执行{checks}：实验没有检查";
        HeldNoStepDone { checks: Message }
            en "{checks} ran: no step is done; `peerlab verify --final` runs those of the finished lab"
            zh "已执行{checks}：尚未执行任何步骤；`peerlab verify --final`执行整个实验完成后应满足的检查";
        HeldStepHasNone { checks: Message, step: Number }
            en "{checks} ran: step {step} has none; `peerlab verify --final` runs those of the finished lab"
            zh "已执行{checks}：步骤{step}没有检查；`peerlab verify --final`执行整个实验完成后应满足的检查";
        HeldStepSkipped { checks: Message, step: Number }
            en "{checks} ran: step {step} was skipped; `peerlab verify --final` runs those of the finished lab"
            zh "已执行{checks}：步骤{step}已跳过；`peerlab verify --final`执行整个实验完成后应满足的检查";
        HeldThoseOfStep { checks: Message, step: Number }
            en "{checks} ran: those of step {step}, as the lab has no [[check]]"
            zh "已执行{checks}：步骤{step}的检查，因为实验没有[[check]]";
        HeldThoseOfFinished { checks: Message } en "{checks} ran: those of the finished lab" zh "已执行{checks}：整个实验完成后应满足的检查";
        NothingGraded en "nothing was graded: neither the lab nor a step of it has a check" zh "没有评分：实验及其步骤都没有检查";
        Valid { file: Text, lab: Lab, steps: Message, checks: Message }
            en "{file}: lab {lab}, {steps}, {checks}"
            zh "{file}：实验{lab}，{steps}，{checks}";
        StepsDone { done: Number, steps: Number } en "step {done} of {steps}" zh "第{done}步，共{steps}步";
        Namespaces { namespaces: Number } en "{namespaces} namespaces" zh "{namespaces}个命名空间";
        NamespacesGone { gone: Number, namespaces: Number }
            en "{gone} of {namespaces} namespaces gone"
            zh "{namespaces}个命名空间中有{gone}个已不存在";
        CompletesOrRemoves { lab: Lab }
            en "`peerlab up --lab {lab}` completes it, `peerlab down {lab}` removes it"
            zh "`peerlab up --lab {lab}`可补全，`peerlab down {lab}`可删除";
        DownRemovesIt { lab: Lab } en "`peerlab down {lab}` removes it" zh "`peerlab down {lab}`可删除";
        NoLabUp en "no lab is up: `peerlab up FILE` brings one up" zh "没有正在运行的实验：`peerlab up FILE`可启动实验";
        InterruptedDown { lab: Lab } en "interrupted: lab {lab} is down" zh "已中断：实验{lab}已删除";
        Down { lab: Lab, count: Message } en "lab {lab} is down: {count} removed" zh "实验{lab}已删除：共{count}";
        WaitingForKernel en "waiting for the kernel to take them apart" zh "正在等待内核拆除";
        TakenApart { seconds: Text } en "taken apart by the kernel {seconds} s later" zh "内核在{seconds} s后拆除完毕";
        StillTakingApart
            en "the kernel is still taking them apart, about 1.5 ms each: --wait waits for it"
            zh "内核仍在拆除，每个约1.5 ms：--wait可等待其完成";
        UpUnderAnotherName { path: Text, lab: Lab }
            en "{path} is up under another name: lab {lab}"
            zh "{path}以另一名称运行：实验{lab}";
        InterruptedNotVerified { lab: Lab }
            en "interrupted: lab {lab} is up, not verified; `peerlab verify --lab {lab}` or `peerlab down {lab}`"
            zh "已中断：实验{lab}已启动，尚未验证；请执行`peerlab verify --lab {lab}`或`peerlab down {lab}`";
        Warning en "warning: " zh "警告：";
        WaitingFor { holder: Message, lab: Lab }
            en "waiting for {holder}, which is changing lab {lab}"
            zh "正在等待{holder}，它正在变更实验{lab}";
    }
}
