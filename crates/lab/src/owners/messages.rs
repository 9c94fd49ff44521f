//! Messages about who owns what in a lab file, in both languages.

use crate::message::name::Vpc;
use crate::message::{Message, Names, Number, Quoted, Text};
use crate::messages;

messages! {
    /// It does not say which account is meant.
    pub(super) enum Said in "lab" {
        VpcOfNobody { vpc: Vpc } en "[vpc.{vpc}] does not say whose it is" zh "[vpc.{vpc}]没有说明属于哪个账号";
        OneOfAccounts { what: Message, count: Number }
            en "{what}, and the lab has {count} accounts"
            zh "{what}，而实验中有{count}个账号";
        AddAccountKey { account: Quoted, others: Names }
            en "add account = {account}, or another of {others}"
            zh "请添加account = {account}，或指定其他账号：{others}";
        AddAccountTable { account: Text, others: Names }
            en "add [account.{account}], or name one of {others}"
            zh "请添加[account.{account}]，或指定已有账号：{others}";
        NoSuchAccount { account: Quoted } en "there is no account {account}" zh "不存在账号{account}";
    }
}
