//! Answers a request: whose it is, what it asks for, and what the lab says.

use std::sync::Arc;
use std::time::Instant;

use peerlab_api::{Asked, Dialect, Does, Done, Ground, Inquiry, Refused, Reply, Request};

use super::clock::now;
use super::keys::{self, Key};
use super::labs::{Lab, Labs};
use super::log::Record;
use super::packet;
use crate::cloud::{AccountName, Call, Cloud, Operation};
use crate::error::{Error, Errors};
use crate::session::Turn;

/// The reply to a request, what the log says of it, and whether its action is served.
pub(super) fn answer(labs: &Labs, request: &Request) -> (Reply, Record, bool) {
    let (begun, time) = (Instant::now(), now());
    let mut record = Record {
        time,
        caller: None,
        provider: "-",
        action: "-".into(),
        changes: false,
        code: None,
        status: 200,
        micros: 0,
    };
    let Some(dialect) = Dialect::of(request) else {
        let reply = Reply::to_nobody();
        (record.code, record.status) = (Some("NotAnApiCall".into()), reply.status);
        record.micros = begun.elapsed().as_micros();
        return (reply, record, false);
    };
    record.provider = dialect.provider;
    let id = dialect.request_id(&uuid());
    let mut served = false;
    let result = call(labs, dialect, request, &id, &mut record, &mut served);
    let reply = match result {
        Ok((inquiry, value)) => dialect.reply(request, &id, inquiry.action, value),
        Err(refused) => {
            record.code = Some(refused.code.clone());
            dialect.error(request, &id, &refused)
        }
    };
    record.status = reply.status;
    record.micros = begun.elapsed().as_micros();
    (reply, record, served)
}

fn call(
    labs: &Labs,
    dialect: &'static Dialect,
    request: &Request,
    id: &str,
    record: &mut Record,
    served: &mut bool,
) -> Result<(Inquiry, serde_json::Value), Refused> {
    let signed = dialect.signed(request)?;
    // A key of another provider's lab is unknown here.
    let found = labs.find(&signed.key).filter(|(lab, _)| lab.dialect.provider == dialect.provider);
    dialect.check(request, &signed, found.as_ref().map(|(_, key)| key.secret.as_str()), record.time)?;
    let Some((lab, key)) = found else { return Err(dialect.failed("KeyGone")) };
    record.caller = Some((key.lab.clone(), key.account.clone()));
    let inquiry = dialect.inquiry(request).inspect_err(|_| record.action = "?".into())?;
    record.action = inquiry.action.name.to_owned();
    record.changes = matches!(inquiry.action.does, Does::Change(_) | Does::Send(..));
    *served = true;
    let value = match inquiry.action.does {
        Does::Describe(does) => {
            asked(dialect, &lab, &key, &inquiry, record.time, |asked| dialect.describe(does, asked))?
        }
        Does::Change(_) => change(dialect, lab, &key, &inquiry, id, (record.time, None))?,
        Does::Send(flow, _) => {
            let flow = asked(dialect, &lab, &key, &inquiry, record.time, flow)?;
            let cloud = lab.held.view().map_err(|errors| failed(dialect, &errors))?.cloud;
            let arrived = packet::is_answered(&labs.rights, &key.lab, &cloud, &flow);
            change(dialect, lab, &key, &inquiry, id, (record.time, arrived))?
        }
        Does::Run(does) => {
            let errand = asked(dialect, &lab, &key, &inquiry, record.time, does)?;
            labs.errands.run(&labs.rights, &key, &errand, record.time).map_err(|error| failed(dialect, &error))?
        }
        Does::Ran(does) => {
            let ran = labs.errands.of(&key);
            asked(dialect, &lab, &key, &inquiry, record.time, |asked| does(asked, &ran))?
        }
    };
    Ok((inquiry, value))
}

/// Asks the lab as it is now.
fn asked<T>(
    dialect: &'static Dialect,
    lab: &Lab,
    key: &Key,
    inquiry: &Inquiry,
    now: i64,
    question: impl FnOnce(&Asked<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let cloud = lab.held.view().map_err(|errors| failed(dialect, &errors))?.cloud;
    let account = AccountName::trusted(key.account.as_str());
    let caller = dialect.caller(&account, &inquiry.parameters, now, None);
    let mut notes = lab.notes();
    let kept = notes.current().map_err(|error| dialect.failed(&error.message.to_string()))?;
    question(&Asked { cloud: &cloud, caller, kept: kept.into() })
}

/// Makes a change when the lab's turn comes; its notes are written before the next turn, and before the reply.
pub(super) fn change(
    dialect: &'static Dialect,
    lab: Arc<Lab>,
    key: &Key,
    inquiry: &Inquiry,
    id: &str,
    (now, arrived): (i64, Option<bool>),
) -> Result<serde_json::Value, Refused> {
    let account = AccountName::trusted(key.account.as_str());
    let (action, parameters) = (inquiry.action, inquiry.parameters.clone());
    let there = lab.clone();
    let work = move |turn: &mut Turn<'_>| -> Result<Done, Refused> {
        let mut notes = there.notes();
        let kept = notes.current().map_err(|error| dialect.failed(&error.message.to_string()))?;
        let caller = dialect.caller(&account, &parameters, now, arrived);
        let awaited = turn.awaited();
        dialect.change(action, &mut Place { turn, awaited }, caller, kept)
    };
    let there = lab.clone();
    let written = move |done: &Done| _ = there.notes().add(&done.notes);
    match lab.held.turn(Some(id.to_owned()), work, written) {
        Ok(Ok((done, _))) => Ok(done.reply),
        Ok(Err(refused)) => Err(refused),
        Err(errors) => Err(failed(dialect, &errors)),
    }
}

/// The lab as a change sees it.
struct Place<'t, 'o> {
    turn: &'t mut Turn<'o>,
    awaited: Vec<Operation>,
}

impl Ground for Place<'_, '_> {
    fn cloud(&self) -> &Cloud {
        self.turn.cloud()
    }

    fn operate(&mut self, account: &AccountName, call: Call) -> Result<(), Error> {
        self.turn.operate(account.as_str(), call).map(drop)
    }

    fn number(&self) -> usize {
        self.turn.number()
    }

    fn awaited(&self) -> Vec<Operation> {
        self.awaited.clone()
    }
}

fn failed(dialect: &Dialect, errors: &Errors) -> Refused {
    let message = errors.0.first().map(|error| error.message.to_string());
    dialect.failed(&message.unwrap_or_default())
}

/// A random UUID.
fn uuid() -> String {
    let mut bytes = keys::random::<16>().unwrap_or_default();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = peerlab_api::hex(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
