//! `peerlab credentials [LAB] [--as ACCOUNT] [--format FORMAT]`

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::context::Context;
use super::target::running_lab;
use super::{Ending, stdout};
use crate::error::{Error, Errors};
use crate::msg;
use crate::serve::{self, Key, messages::Said};
use crate::target;
use crate::terminal::{Terminal, Tone};

/// Print the access keys of a running lab's accounts, and how clients are pointed at `peerlab serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Keys are random, unless the lab file gives `access_key`, and end with the lab.

Examples:
  peerlab credentials
  peerlab credentials --as A --format env       then: eval \"$(peerlab credentials --as A --format env)\"")]
pub(super) struct Arguments {
    /// The lab or its file; optional while one lab is up
    #[arg(value_name = "LAB", conflicts_with = "lab")]
    name: Option<String>,
    #[command(flatten)]
    lab: super::target::LabChoice,
    /// Only this account, by name or id
    #[arg(long = "as", value_name = "ACCOUNT")]
    account: Option<String>,
    /// A table, JSON, the environment of clients, or a client's profiles
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    format: Format,
    /// Where `peerlab serve` listens
    #[arg(long, value_name = "ADDRESS", default_value = serve::LISTEN)]
    listen: std::net::SocketAddr,
}

/// The format of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Table,
    Json,
    Env,
    Aws,
    Jdc,
}

/// An account with its key.
#[derive(Serialize)]
pub(super) struct AccountKey<'a> {
    account: &'a str,
    id: &'a str,
    access_key_id: &'a str,
    access_key_secret: &'a str,
    /// Signs its reader in to the console, once.
    console: String,
}

impl<'a> AccountKey<'a> {
    pub fn of(key: &'a Key, listen: &str) -> Result<Self, Error> {
        Ok(AccountKey {
            account: &key.account,
            id: &key.account_id,
            access_key_id: &key.id,
            access_key_secret: &key.secret,
            console: console(key, listen)?,
        })
    }
}

/// The address that signs its reader in to the console, once.
fn console(key: &Key, listen: &str) -> Result<String, Error> {
    Ok(format!("http://{listen}{}", serve::link(key)?))
}

#[derive(Serialize)]
struct LabKeys<'a> {
    lab: &'a str,
    provider: &'a str,
    endpoint: String,
    accounts: Vec<AccountKey<'a>>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let lab = running_lab(arguments.name.as_deref().or(arguments.lab.lab.as_deref()))?;
    let mut keys = serve::keys_of(&lab)?;
    if let Some(wanted) = &arguments.account {
        let all: Vec<_> = keys.iter().map(|key| key.account.clone()).collect();
        keys.retain(|key| key.account == *wanted || key.account_id == *wanted);
        if keys.is_empty() {
            let message = msg!(Said::NoSuchAccount { lab: &lab, wanted });
            return Err(Error::input(message).code("AccountNotFound").hint(msg!(Said::AddAs { accounts: all })).into());
        }
    }
    let listen = arguments.listen.to_string();
    let format = if context.json { Format::Json } else { arguments.format };
    match format {
        Format::Table => context.print(&table(&keys, &listen, &context.out)?),
        Format::Json => {
            let provider = keys.first().map_or("", |key| key.provider);
            let accounts = keys.iter().map(|key| AccountKey::of(key, &listen)).collect::<Result<_, _>>()?;
            context.print_json(&LabKeys { lab: &lab, provider, endpoint: format!("http://{listen}"), accounts });
        }
        Format::Env => {
            let [key] = &keys[..] else {
                let accounts: Vec<_> = keys.iter().map(|key| key.account.clone()).collect();
                let error = Error::input(Said::SeveralAccounts).code("AccountMissing");
                return Err(error.hint(msg!(Said::AddAs { accounts })).into());
            };
            let variables = serve::access(key, &listen).map(|(dialect, access)| dialect.environment(&access));
            let line = |(name, value): (&str, String)| format!("export {name}={}\n", shell_words::quote(&value));
            plain(&variables.into_iter().flatten().map(line).collect::<String>());
        }
        Format::Aws | Format::Jdc => {
            let name = format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
            let all: Vec<_> = keys.iter().filter_map(|key| serve::access(key, &listen)).collect();
            let accesses: Vec<_> = all.iter().map(|(_, access)| access.clone()).collect();
            let profile = all.first().and_then(|(dialect, _)| dialect.profile(&name, &accesses));
            let profile = profile.ok_or_else(|| {
                let provider = keys.first().map_or("", |key| key.provider);
                let message = msg!(Said::NoSuchFormat { lab: &lab, format: &name, provider });
                let own = all.first().and_then(|(dialect, _)| dialect.format());
                let formats: Vec<_> = ["table", "json", "env"].into_iter().chain(own).collect();
                Error::input(message).code("NoSuchFormat").hint(msg!(Said::TakeFormat { formats }))
            })?;
            plain(&profile);
        }
    }
    Ok(Ending::Done)
}

/// Prints what a shell or a file takes.
fn plain(text: &str) {
    stdout::write(|out| out.write_all(text.as_bytes()));
}

/// The keys for people, with the line for each client.
pub(super) fn table(keys: &[Key], listen: &str, out: &Terminal) -> Result<String, Error> {
    let mut text = String::new();
    for key in keys {
        let said = msg!(Said::AccountOfLab { account: &key.account, lab: &key.lab, id: &key.account_id });
        text += &format!("{}\n", out.paint(Tone::Strong, out.say(said)));
        text += &format!("  {}  {}\n", out.say(Said::KeyId), key.id);
        text += &format!("  {}  {}\n", out.say(Said::Secret), key.secret);
        let once = out.paint(Tone::Faint, out.say(Said::ConsoleOnce));
        text += &format!("  {once}\n    {}\n", console(key, listen)?);
        let clients = serve::access(key, listen).map(|(dialect, access)| dialect.clients(&access));
        for (client, line) in clients.into_iter().flatten() {
            text += &format!("  {}\n    {line}\n", out.paint(Tone::Faint, client));
        }
        text.push('\n');
    }
    Ok(text)
}
