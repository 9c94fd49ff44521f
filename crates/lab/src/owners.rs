//! The accounts of a lab file, and the owners of its VPCs, who call the operations on what is in them.

mod messages;

use std::collections::BTreeMap;

use super::broken::Broken;
use super::file::{AccountTable, File};
use super::reader::{Faults, Text, nearest};
use crate::cloud::{AccountName, ResourceKind, did_you_mean};
use crate::error::Span;
use crate::message::Message;
use crate::msg;
use messages::Said;

/// The owners of resources, who call the operations on them.
pub(super) struct Owners {
    pub(super) accounts: Vec<(String, Option<String>)>,
    /// A VPC's account, by the VPC's name and id.
    vpcs: BTreeMap<String, AccountName>,
    /// A subnet's VPC, by the subnet's id.
    pub(super) subnets: BTreeMap<String, String>,
    /// The caller if the owner is unknown; the cloud refuses the call for its references.
    pub(super) anybody: AccountName,
}

impl Owners {
    pub(super) fn new(file: &File, broken: &mut Broken, faults: &mut Faults) -> Self {
        let account = |table: &AccountTable| (table.name.value.clone(), table.id.as_ref().map(|id| id.value.clone()));
        let accounts: Vec<_> = file.accounts.iter().map(account).collect();
        let anybody = AccountName::trusted(accounts.first().map_or("nobody", |(name, _)| name.as_str()));
        let mut owners = Owners { accounts, vpcs: BTreeMap::new(), subnets: BTreeMap::new(), anybody };
        for vpc in &file.vpcs {
            let what = msg!(Said::VpcOfNobody { vpc: &vpc.name.value });
            let owner = owners.account(vpc.account.as_ref(), what, &vpc.span, faults).unwrap_or_else(|| {
                broken.insert(ResourceKind::Vpc, vpc.name.value.clone());
                owners.anybody.clone()
            });
            for subnet in &vpc.subnets {
                let path = format!("{}/{}", vpc.name.value, subnet.name.value);
                owners.subnets.extend(subnet.id.as_ref().map(|id| (id.value.clone(), path)));
            }
            owners.vpcs.extend(vpc.id.as_ref().map(|id| (id.value.clone(), owner.clone())));
            owners.vpcs.insert(vpc.name.value.clone(), owner);
        }
        owners
    }

    /// The given account, else the lab's only one. If there are several, reports `what`.
    pub(super) fn account(
        &self,
        written: Option<&Text>,
        what: Message,
        at: &Span,
        faults: &mut Faults,
    ) -> Option<AccountName> {
        let names = || self.accounts.iter().map(|(name, _)| name.as_str());
        let Some(written) = written else {
            return match self.accounts.as_slice() {
                // A lab without accounts is reported once.
                [] => None,
                [(only, _)] => Some(AccountName::trusted(only.as_str())),
                [(first, _), ..] => {
                    let all: Vec<_> = names().collect();
                    let message = msg!(Said::OneOfAccounts { what, count: all.len() });
                    let hint = msg!(Said::AddAccountKey { account: first, others: all });
                    faults.add("MissingKey", at, message, hint);
                    None
                }
            };
        };
        let wanted = ResourceKind::Account.strip(&written.value);
        let by_id = self.accounts.iter().find(|(_, id)| wanted.is_some() && id.as_deref() == wanted);
        let by_name = || self.accounts.iter().find(|(name, _)| Some(name.as_str()) == wanted);
        if let Some((name, _)) = by_id.or_else(by_name) {
            return Some(AccountName::trusted(name.as_str()));
        }
        let hint = match nearest(&written.value, names()) {
            Some(near) => did_you_mean(near),
            None => {
                msg!(Said::AddAccountTable { account: &written.value, others: names() })
            }
        };
        faults.add("UnknownAccount", &written.span, msg!(Said::NoSuchAccount { account: &written.value }), hint);
        None
    }

    /// The owner of a VPC, by its name or id.
    pub(super) fn of_vpc(&self, vpc: &str) -> AccountName {
        self.vpcs.get(ResourceKind::Vpc.strip(vpc).unwrap_or(vpc)).unwrap_or(&self.anybody).clone()
    }

    /// The owner of a subnet's VPC, by `VPC/SUBNET` or its id.
    pub(super) fn of_subnet(&self, subnet: &str) -> AccountName {
        let subnet = ResourceKind::Subnet.strip(subnet).unwrap_or(subnet);
        let path = self.subnets.get(subnet).map_or(subnet, String::as_str);
        self.of_vpc(path.split_once('/').map_or(path, |(vpc, _)| vpc))
    }
}
