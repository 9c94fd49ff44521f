//! Messages about the lab's clock, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// Why time does not pass.
    pub(crate) enum Refusals in "clock" {
        NoTime { text: Quoted } en "{text} is no time" zh "{text}不是时间";
    }
}

messages! {
    /// What to write.
    pub(crate) enum Hints in "clock-hint" {
        WriteATime
            en "write a number and s, m, h or d, as in 7d"
            zh "请写数字加s、m、h或d，例如7d";
    }
}
