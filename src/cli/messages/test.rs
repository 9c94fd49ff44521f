//! Messages of `test`, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// `test` and `test --mutate`.
    pub enum Said in "test" {
        JunitWritten { file: Text, cases: Message, stages: Message, verifications: Message, checks: Message }
            en "{file}: {cases}: {stages}, {verifications}, {checks}"
            zh "{file}：{cases}：{stages}，{verifications}，{checks}";
        GiveNumberFromOne en "give a number from 1 on" zh "请指定不小于1的整数";
        EndedAtOnce en "ended at once: `peerlab list` shows what is still up" zh "已立即结束：`peerlab list`列出仍在运行的实验";
        InterruptedTest en "interrupted: what is up is taken down; once more ends at once" zh "已中断：正在删除已启动的实验；再次中断将立即结束";
        SaysWhyFirstFailed { why: Text } en "`{why}` says why the first of them failed" zh "`{why}`说明第一处未通过的原因";
        NotReached en "not reached" zh "未执行";
        Failed { labs: Message } en "{labs} failed" zh "{labs}未通过";
        NotToTheEnd { labs: Message } en "{labs} not tested to the end" zh "{labs}未测试完";
        CutShort { labs: Message } en "{labs} cut short" zh "{labs}被中断";
        ChecksAndPairs { checks: Message, pairs: Message } en "{checks}, {pairs}" zh "{checks}，{pairs}";
        Mutated { file: Text, parts: Message, found: Message } en "{file}: {parts}, {found}" zh "{file}：{parts}，{found}";
        NoJunit { error: Text } en "the JUnit report cannot be made: {error}" zh "无法生成JUnit报告：{error}";
        AllHold en "all hold" zh "全部通过";
        InSeconds { seconds: Text } en ", in {seconds} s" zh "，用时{seconds} s";
        EachWouldBeMissed en "each would be missed" zh "去掉任何一部分都会被检查发现";
        NobodyWouldMiss { n: Number } en "{n} that no check would miss" zh "{n}部分去掉后不会被检查发现";
        Unchecked { unchecked: Number } en ", {unchecked} unchecked" zh "，{unchecked}部分标为unchecked";
        TheFile en "the file" zh "文件";
        StageOfStep { number: Number, title: Text } en "step {number}: {title}" zh "步骤{number}：{title}";
        TheTables en "the tables" zh "各表定义的资源";
        TheFinishedLab en "the finished lab" zh "完成后的实验";
        TakingDown en "taking it down" zh "删除实验";
    }
}
