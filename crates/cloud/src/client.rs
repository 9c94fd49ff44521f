//! Operations as command lines of the providers' own clients, for `explain --as-cli`.

mod aliyun;
mod aws;
mod jdc;
mod tccli;

use super::reference::Resource;
use super::{
    Account, Cloud, NextHop, Operation, PortRange, RouteTable, RuleArguments, RuleProtocol, Vpc, VpcName,
    security_group,
};

/// A provider's own command-line client.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// Its name on the command line (`explain --as-cli`).
    pub name: &'static str,
    /// The provider whose client it is.
    pub provider: &'static str,
    lines: fn(&Cloud, &Operation) -> Option<Vec<String>>,
}

impl Client {
    /// Every client.
    pub const ALL: [Client; 4] = [
        Client { name: "aws", provider: "aws", lines: aws::lines },
        Client { name: "aliyun", provider: "alibaba", lines: aliyun::lines },
        Client { name: "jdc", provider: "jdcloud", lines: jdc::lines },
        Client { name: "tccli", provider: "tencent", lines: tccli::lines },
    ];

    /// The client of this name, in any case.
    pub fn named(name: &str) -> Option<Client> {
        Client::ALL.into_iter().find(|client| client.name.eq_ignore_ascii_case(name))
    }
}

impl Cloud {
    /// The command lines by which a client does these operations, in order; an operation that the client does in no single
    /// call is a comment.
    pub fn as_lines(&self, client: Client, operations: &[Operation]) -> Vec<String> {
        let mut cloud = self.clone();
        let mut lines = Vec::new();
        for operation in operations {
            let of_one = (client.lines)(&cloud, operation);
            lines.extend(of_one.unwrap_or_else(|| vec![format!("# {}: {}", operation.caller, operation.call)]));
            // The next operation may name what this one makes.
            _ = cloud.apply(operation);
        }
        lines
    }

    fn id<R: Resource>(&self, text: &str, id: impl Fn(&R) -> String) -> String {
        R::find(self, text).map_or_else(|| text.to_owned(), id)
    }

    fn account_id(&self, text: &str) -> String {
        self.find_account(text).map_or_else(|| text.to_owned(), |account: &Account| account.id.to_string())
    }

    /// The table that a call on an entry means.
    fn table_of_call(&self, table: Option<&str>, vpc: Option<&str>) -> Option<&RouteTable> {
        match (table, vpc) {
            (Some(table), _) => RouteTable::find(self, table),
            (None, vpc) => Some(self.main_table_of(&Vpc::find(self, vpc?)?.name)),
        }
    }

    fn region_of(&self, vpc: &VpcName) -> String {
        self.vpcs.get(vpc).map_or_else(String::new, |vpc| vpc.region.to_string())
    }

    /// The next hop that a call on an entry of a table names.
    fn hop_of_call(&self, table: &RouteTable, hop: &str) -> Option<NextHop> {
        self.next_hop(table, hop).ok()
    }
}

/// A command with options: `--name value`, each value quoted where the shell needs it.
fn line(command: &str, options: &[(&str, String)]) -> String {
    let options = options.iter().filter(|(_, value)| !value.is_empty());
    options.fold(command.to_owned(), |line, (name, value)| match &**value {
        " " => format!("{line} --{name}"),
        value if value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=,".contains(&b)) => {
            format!("{line} --{name} {value}")
        }
        value => format!("{line} --{name} '{value}'"),
    })
}

/// The parts of a rule: the protocol and the ports.
fn of_rule(rule: &RuleArguments) -> Option<(RuleProtocol, Option<PortRange>)> {
    let protocol = security_group::protocol(&rule.protocol).ok()?;
    Some((protocol, security_group::ports(protocol, rule.port.as_deref()).ok()?))
}
