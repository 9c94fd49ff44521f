//! Access keys: those of the lab's file, else random ones, which lie in the lab's directory and end with it.

use std::collections::BTreeMap;

use peerlab_api::Dialect;
use serde::{Deserialize, Serialize};

use super::messages::Said;
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Result};
use crate::journal::{Store, shared};
use crate::lab::AccessKey;
use crate::msg;
use crate::session::{self, Session};

/// An access key of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The lab.
    pub lab: String,
    /// Its provider.
    pub provider: &'static str,
    /// The account's name.
    pub account: String,
    /// The account's id.
    pub account_id: String,
    /// The key's id.
    pub id: String,
    /// The key's secret.
    pub secret: String,
    /// A region that the account uses.
    pub region: String,
}

impl std::fmt::Debug for Key {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("lab", &self.lab).field("account", &self.account).finish_non_exhaustive()
    }
}

/// The kept form: by account, id and secret.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: BTreeMap<String, Pair>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    id: String,
    secret: String,
}

/// The keys of a running lab's accounts, by the accounts' names. Makes those that are missing.
pub fn of(lab: &str) -> Result<Vec<Key>, Errors> {
    let before = session::look(lab)?;
    let (cloud, given) = (before.run.cloud(), &before.run.lab().access_keys);
    let Some(dialect) = Dialect::of_provider(cloud.provider().name) else {
        let message = msg!(Said::NoDialect { lab, provider: cloud.provider().name });
        return Err(Error::input(message).code("ProviderNotServed").into());
    };
    let store = Store::of(lab);
    store.refresh();
    let file = read(&store)?;
    let lacks = |file: &File| cloud.accounts().any(|it| find(given, file, it.name.as_str()).is_none());
    // A lab whose keys are all given has the file too: by it, a lab that came up anew is known.
    let file = if lacks(&file) || store.keys_stamp().is_none() {
        shared::until_current(|_| complete(lab, &store, dialect, cloud, given))?
    } else {
        file
    };
    let key = |account: &crate::cloud::Account| {
        let Pair { id, secret } = find(given, &file, account.name.as_str())?;
        let mut regions = cloud.vpcs().filter(|vpc| vpc.account == account.name).map(|vpc| vpc.region.to_string());
        let usual = || cloud.provider().regions.first().map_or_else(String::new, |region| (*region).to_owned());
        Some(Key {
            lab: lab.to_owned(),
            provider: cloud.provider().name,
            account: account.name.to_string(),
            account_id: account.id.to_string(),
            id,
            secret,
            region: regions.next().unwrap_or_else(usual),
        })
    };
    Ok(cloud.accounts().filter_map(key).collect())
}

fn read(store: &Store) -> Result<File> {
    let bytes = store.keys()?;
    if bytes.is_empty() {
        return Ok(File::default());
    }
    serde_json::from_slice(&bytes).map_err(|_| {
        Error::host(msg!(Said::KeysUnreadable { lab: store.lab() })).code("KeysUnreadable").hint(Said::MakeKeysAnew)
    })
}

fn find(given: &[AccessKey], file: &File, account: &str) -> Option<Pair> {
    let given = given.iter().find(|key| key.account.as_str() == account);
    let given = given.map(|key| Pair { id: key.id.clone(), secret: key.secret.clone() });
    given.or_else(|| file.keys.get(account).cloned())
}

/// Makes the missing keys, with the lab's lock, so that two processes do not make different ones.
fn complete(lab: &str, store: &Store, dialect: &Dialect, cloud: &Cloud, given: &[AccessKey]) -> Result<File, Errors> {
    let _session = Session::lock_only(lab)?;
    let mut file = read(store)?;
    for account in cloud.accounts() {
        let name = account.name.as_str();
        if find(given, &file, name).is_none() {
            let (id, secret) = dialect.new_key(&random()?);
            file.keys.insert(name.to_owned(), Pair { id, secret });
        }
    }
    let text = serde_json::to_vec(&file).unwrap_or_default();
    store.write_keys(&text)?;
    Ok(file)
}

/// Random bytes of the kernel, as hexadecimal digits.
pub(super) fn random_word<const N: usize>() -> Result<String> {
    Ok(peerlab_api::hex(&random::<N>()?))
}

/// Random bytes of the kernel.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while filled < N {
        match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => {
                return Err(Error::host(msg!(Said::NoRandom { error: std::io::Error::from(errno) })).code("NoRandom"));
            }
        }
    }
    Ok(bytes)
}
