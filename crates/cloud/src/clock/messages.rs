//! Messages about the lab's clock, in both languages.

use super::super::messages::State;
use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Why time does not pass.
    pub(crate) enum Refusals in "clock" {
        Task { vpc: Vpc, interface: Peering, status: State }
            en "another task of VPC {vpc} is not finished: {interface} is {status}"
            zh "VPC {vpc}有尚未完成的任务：{interface}的状态为{status}";
        NoTime { text: Quoted } en "{text} is no time" zh "{text}不是时间";
    }
}

messages! {
    /// What to write.
    pub(crate) enum Hints in "clock-hint" {
        Wait en "try again in a moment" zh "请稍后重试";
        WriteATime
            en "write a number and s, m, h or d, as in 7d"
            zh "请写数字加s、m、h或d，例如7d";
    }
}
