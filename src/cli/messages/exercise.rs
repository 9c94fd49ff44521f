//! Messages of `peerlab exercise`, in both languages.

use crate::message::name::Lab;
use crate::message::{Message, Names, Number, Quoted, Text};
use crate::messages;

messages! {
    /// Exercises: to start, to grade.
    pub enum Said in "exercises" {
        ForExercise
            en "exercises, for `peerlab exercise start NAME`"
            zh "练习，用`peerlab exercise start NAME`启动";
        NotAnExercise { lab: Lab } en "lab {lab} is no exercise" zh "实验{lab}不是练习";
        NotStarted { lab: Lab }
            en "lab {lab} is an exercise that `exercise start` did not start, so nobody counts its hints"
            zh "练习{lab}不是用`exercise start`启动的，因此没有提示次数的记录";
        StartIt
            en "give `peerlab exercise start` the lab that it was made of"
            zh "请用`peerlab exercise start`启动原来的实验";
        StartOne en "`peerlab exercise start FILE` starts one" zh "`peerlab exercise start FILE`可启动一个练习";
        IsAnExercise { lab: Lab }
            en "lab {lab} is an exercise: this would show or replace what its learner has to find"
            zh "实验{lab}是练习：此操作会泄露或替换学员要查找的内容";
        IsUp { lab: Lab } en "lab {lab} is up already" zh "实验{lab}已在运行";
        DownFirst { lab: Text }
            en "`peerlab down {lab}` ends it; --name gives another name"
            zh "`peerlab down {lab}`可结束它；用--name可另取名称";
        ExplainCounts { hints: Number } en "in an exercise, explain counts as {hints} hints" zh "在练习中，explain计为{hints}次提示";
        SolutionCounts { hints: Number } en "the solution counts as {hints} hints" zh "查看答案计为{hints}次提示";
        ExerciseKeepsItsFaults
            en "an exercise is not exported: the file would show what was broken"
            zh "练习不能导出：文件会泄露故障";
        ExportWhenDone
            en "export the lab that it was made of"
            zh "请导出原来的实验";
        NoSuchKind { kind: Quoted, kinds: Names }
            en "there is no kind of fault {kind}; the kinds are {kinds}"
            zh "不存在故障类别{kind}；可选：{kinds}";
        LabHasNoChecks en "the lab has no checks, so nothing says what must work" zh "实验没有检查，无从得知什么必须可用";
        AddChecks en "add [[check]] tables" zh "请添加[[check]]";
        ChecksFailBefore en "a check of the lab fails before anything is broken" zh "尚未制造故障，实验的检查就未通过";
        TestIt en "`peerlab test FILE` shows which" zh "`peerlab test FILE`可查看是哪一项";
        NoFaultPossible
            en "no fault of these kinds breaks a check of this lab and can be mended"
            zh "这些类别中没有既会使该实验的检查失败、又可以修复的故障";
        FewerFaults { most: Number }
            en "this lab can have {most} such faults at once, not more"
            zh "该实验最多同时有{most}个这样的故障";
        OtherKinds en "give fewer faults, or other kinds" zh "请减少故障数，或换用其他类别";
        NoSuchDifficulty en "no exercise of this lab is just so hard" zh "该实验没有这一难度的练习";
        DifficultiesAre { levels: Names } en "there are exercises of difficulty {levels}" zh "可用的难度：{levels}";
        FileIsAnExercise en "this file is an exercise already" zh "该文件已是练习";
        GiveTheLab en "give the lab that it was made of" zh "请使用原来的实验文件";
        FaultsAreWritten en "the author of this lab wrote its faults" zh "该实验的故障由作者写定";
        LeaveSeedOut en "leave --seed, --faults, --kinds and --difficulty out" zh "请去掉--seed、--faults、--kinds和--difficulty";
        SeedIs { seed: Number } en "seed {seed} makes the same exercise again" zh "用种子{seed}可再次得到同一练习";
        KernelDisagrees { n: Number }
            en "{n} flows or counters in the kernel are not as predicted"
            zh "内核中有{n}个流或计数器与预测不符";
        SeeVerify { lab: Text } en "`peerlab verify --lab {lab}` shows which" zh "`peerlab verify --lab {lab}`可查看是哪些";
        Ticket { lab: Lab } en "Ticket: lab {lab}" zh "工单：实验{lab}";
        TicketFor { lab: Lab, learner: Text } en "Ticket for {learner}: lab {lab}" zh "{learner}的工单：实验{lab}";
        SinceLastNight
            en "Since last night something is wrong in this network. Its users report:"
            zh "从昨晚开始，这个网络出现异常。用户反馈如下：";
        MendIt
            en "mend it with `peerlab api`; `peerlab exercise hint` helps, and costs points"
            zh "请用`peerlab api`修复；`peerlab exercise hint`可获得提示，但会扣分";
        NothingLeft en "every fault is mended" zh "所有故障均已修复";
        HintOf { step: Number, of: Number } en "Hint {step} of {of}" zh "提示{step}/{of}";
        HintsSoFar { hints: Number } en "hints so far: {hints}" zh "已用提示：{hints}次";
        FaultOf { number: Number, kind: Message, account: Text }
            en "Fault {number}: {kind} (account {account})"
            zh "故障{number}：{kind}（账号{account}）";
        MendedBy en "mended by" zh "修复方法";
        ScoreOf { who: Text, score: Number, pass: Number }
            en "{who}: {score} of 100, pass mark {pass}"
            zh "{who}：{score}分（满分100，及格线{pass}）";
        Checks en "checks" zh "检查";
        HoldAndFail { passed: Number, failed: Number } en "{passed} hold, {failed} fail" zh "{passed}项通过，{failed}项未通过";
        FaultIs { kind: Message } en "fault: {kind}" zh "故障：{kind}";
        Mended en "mended" zh "已修复";
        FoundOnly en "found, not mended" zh "已找到，未修复";
        NotFound en "not found" zh "未找到";
        Collateral en "collateral" zh "附带影响";
        Operations en "operations" zh "操作";
        OperationsAndBest { n: Number, best: Number } en "{n}, the best repair has {best}" zh "{n}次，最佳修复为{best}次";
        Hints en "hints" zh "提示";
        Time en "time" zh "用时";
        Learner en "learner" zh "学员";
        LabHead en "lab" zh "实验";
        ScoreHead en "score" zh "得分";
        FaultsHead en "faults" zh "故障";
        SeedHead en "seed" zh "种子";
        DifficultyHead en "difficulty" zh "难度";
        NotEnoughVariants { n: Number }
            en "the lab has not enough variants of this difficulty: {n} learners have faults that another has"
            zh "该难度的变体不够：{n}名学员的故障与他人相同";
        InterruptedClass
            en "interrupted: labs that have begun are finished, no other begins; once more ends at once"
            zh "已中断：已开始的实验会构建完，不再开始其他实验；再次中断将立即结束";
        LabsAreUp { up: Number, of: Number }
            en "{up} of {of} labs are up; `peerlab list` shows them"
            zh "{of}个实验中已启动{up}个；用`peerlab list`查看";
        LearnerTwice { learner: Quoted } en "{learner} is twice in the list" zh "名单中{learner}出现了两次";
        EachOnce en "each learner needs a name of their own" zh "每名学员的名称须唯一";
        NoLearners en "the list has no learners" zh "名单中没有学员";
        OneOnEachLine en "write one on each line, in the first column" zh "请每行写一名，写在第一列";
    }
}
