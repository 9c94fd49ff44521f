//! `[account.NAME]`: an account, and where it has a default VPC.

use crate::error::Span;
use crate::message::Message;
use crate::reader::{Faults, Table, Text};

pub(crate) struct AccountTable {
    pub(crate) name: Text,
    pub(crate) id: Option<Text>,
    /// The region of its default VPC, with the place of `default_vpc`.
    pub(crate) default_vpc: Option<(Text, Span)>,
    pub(crate) access_key: Option<AccessKeyTable>,
}

impl AccountTable {
    pub(super) fn read(name: Text, mut table: Table, faults: &mut Faults) -> Self {
        let id = table.text("id", faults);
        let default_vpc = default_vpc(&mut table, faults);
        let what = Message::text(format_args!("access_key = {{ id = \"{}\", secret = \"…\" }}", "LTAI5tA"));
        let access_key = table.table("access_key", what, faults).and_then(|table| AccessKeyTable::read(table, faults));
        table.finish(faults);
        AccountTable { name, id, default_vpc, access_key }
    }
}

pub(crate) struct AccessKeyTable {
    pub(crate) id: Text,
    pub(crate) secret: Text,
}

impl AccessKeyTable {
    fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let id = table.required("id", Message::text("\"LTAI5tA\""), faults);
        let secret = table.required("secret", Message::text("\"…\""), faults);
        table.finish(faults);
        Some(AccessKeyTable { id: id?, secret: secret? })
    }
}

/// The name of an account's default VPC.
pub(crate) fn default_vpc_of(account: &str) -> String {
    format!("default-{account}")
}

/// Where an account has a default VPC, if it has one.
pub(super) fn default_vpc(table: &mut Table, faults: &mut Faults) -> Option<(Text, Span)> {
    let wanted = table.boolean("default_vpc", faults).filter(|wanted| wanted.value);
    match wanted {
        Some(wanted) => {
            let region = table.required("region", Message::text("\"us-east-1\""), faults);
            Some((region?, wanted.span))
        }
        None => {
            _ = table.text("region", faults);
            None
        }
    }
}
