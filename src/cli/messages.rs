//! Messages of the verbs, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// Messages of the verbs.
    pub enum Said in "cli" {
        Waiting { missing: Clauses } en "{missing}; waiting" zh "{missing}；等待中";
        OfFile { file: Text, warning: Message } en "{file}: {warning}" zh "{file}：{warning}";
    }
}
