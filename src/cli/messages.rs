//! What the verbs say, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What the verbs say.
    pub enum Said in "cli" {
        Waiting { missing: Clauses } en "{missing}; waiting" zh "{missing}；等待中";
        OfFile { file: Text, warning: Message } en "{file}: {warning}" zh "{file}：{warning}";
    }
}
