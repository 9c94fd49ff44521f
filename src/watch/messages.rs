//! Messages of `watch`, in both languages.

use crate::cloud::State;
use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Messages of `watch`.
    pub enum Said in "watch" {
        NoPairChanged en "no pair changed" zh "没有实例对发生变化";
        PingingForFirstTime en "pinging for the first time" zh "正在进行首次ping";
        LastChangeCutShort { lab: Lab }
            en "the last change was cut short: `peerlab up --lab {lab}`"
            zh "上一次变更被中断：`peerlab up --lab {lab}`";
        LabBeingChanged en "the lab is being changed" zh "实验正在变更";
        UpWithChangedFile en "up with a changed file" zh "以修改后的文件执行up";
        UpWhereFileLeads en "up, to where the file leads" zh "执行up，恢复到文件描述的状态";
        Operation { account: Text, line: Text } en "{account}: {line}" zh "{account}：{line}";
        Ended { name: Text, was: State, now: State } en "{name}: {was} → {now}" zh "{name}：{was} → {now}";
        Undone { what: Message } en "undone: {what}" zh "已撤销：{what}";
        Step { step: Number, title: Text } en "step {step}: {title}" zh "步骤{step}：{title}";
        Done { done: Clauses } en "{done}" zh "{done}";
        AndMore { more: Number } en " and {more} more" zh "，另有{more}项";
        KernelChangedByHand { lab: Lab, drift: Clauses, more: Option<Message> }
            en "the kernel was changed by hand: {drift}{more}; `peerlab up --lab {lab}` repairs it"
            zh "内核配置被手动改动：{drift}{more}；`peerlab up --lab {lab}`可修复";
        Drift { drift: Clauses, more: Option<Message> }
            en "the kernel was changed by hand: {drift}{more}"
            zh "内核配置被手动改动：{drift}{more}";
        NoDrift en "the kernel is as peerlab made it" zh "内核配置与peerlab所建一致";
        KernelAsItShouldBe { lab: Lab }
            en "not as predicted, though the kernel is as it should be: `peerlab verify --lab {lab}`"
            zh "与预测不符，而内核配置正确：请执行`peerlab verify --lab {lab}`";
        UpRepairedKernel en "`up` repaired the kernel" zh "`up`已修复内核配置";
        PredictedAgain en "as predicted again: the kernel was repaired by hand" zh "已与预测一致：内核配置被手动恢复";
        Pairs { from: Text, to: Text, pairs: Number } en "{from} → {to} ({pairs} pairs)" zh "{from} → {to}（{pairs}对实例）";
        New { now: Message } en "new: {now}" zh "新增：{now}";
        Gone { was: Message } en "{was} → gone" zh "{was} → 已消失";
        DropPredicted { predicted: Message } en "drop! (predicted {predicted})" zh "丢弃！（预测{predicted}）";
        AnotherPredicted { observed: Message, predicted: Message }
            en "{observed}! (predicted {predicted})"
            zh "{observed}！（预测{predicted}）";
        ReachPredicted { predicted: Message } en "reach! (predicted {predicted})" zh "可达！（预测{predicted}）";
        Keys en "q quit   ↑↓←→ scroll   v VPCs/instances" zh "q 退出   ↑↓←→ 滚动   v VPC/实例";
        AllPredicted en "all as predicted" zh "全部与预测一致";
        NotPredicted { wrong: Number } en "{wrong} not as predicted" zh "{wrong}项与预测不符";
        Verdict { reach: Number, pairs: Number, verdict: Message }
            en "{reach} of {pairs} reach, {verdict}"
            zh "{pairs}对中{reach}对可达，{verdict}";
        MoreScroll en "there is more: scroll" zh "还有更多：请滚动";
        Mixed en "mixed" zh "不一";
        Now en "now" zh "刚刚";
        NothingHasChangedYet en "nothing has changed yet: break something in another terminal" zh "尚无变化：请在另一个终端中制造故障";
        More { more: Number } en "and {more} more" zh "另有{more}项";
    }
}
