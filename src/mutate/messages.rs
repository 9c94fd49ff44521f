//! Messages of `test --mutate`, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// What no check covers.
    pub enum Said in "mutate" {
        Unchecked { what: Message, lab: Lab }
            en "without {what}, every check of lab {lab} holds all the same"
            zh "去掉{what}后，实验{lab}的所有检查仍然通过";
        AddCheck { check: Message } en "add a check that misses it, such as {check}" zh "请添加依赖它的检查，例如{check}";
        InStep { check: Text, step: Number } en "{check} in step {step}" zh "步骤{step}中的{check}";
        NobodyDepends
            en "no packet of an instance depends on it: leave it out, or say why it is there with unchecked = \"…\""
            zh "没有实例的数据包依赖它：请去掉，或用unchecked = \"…\"说明原因";
        Needless
            en "unchecked excuses nothing: the checks miss every part of this"
            zh "unchecked没有必要：检查已覆盖此处的每一部分";
        LeaveOut en "leave unchecked out" zh "请去掉unchecked";
    }
}
