//! Dialects: what the clients of one provider speak.

use std::fmt;

use peerlab_cloud::AccountName;
use serde_json::Value;

use crate::action::{Action, Asked, Caller, Change, Does, Done, Ground};
use crate::kept::{Kept, Note};
use crate::parameters::Parameters;
use crate::pointing::{Access, Pointing};
use crate::{Refused, Reply, Request, SKEW, Signed};

/// What the clients of a provider speak. Another provider's is a value of this type in a folder of its own, and its place
/// in [`DIALECTS`](crate::DIALECTS).
pub struct Dialect {
    /// The provider, by its name in labs.
    pub provider: &'static str,
    /// How its clients are pointed at the server.
    pub(crate) pointing: Pointing,
    /// Whether a request is one of its clients'.
    pub(crate) recognizes: fn(&Request) -> bool,
    /// The request's signature.
    pub(crate) signed: fn(&Request) -> Result<Signed, Refused>,
    /// The action of a request, with its parameters.
    pub(crate) inquiry: fn(&Request) -> Result<Inquiry, Refused>,
    /// Every action.
    pub(crate) actions: fn() -> Vec<&'static Action>,
    /// The parameter that makes a repeated request answered as the first was.
    pub(crate) token: &'static str,
    /// The status of an error code.
    pub(crate) status: fn(&str) -> u16,
    /// The error for an unknown key.
    pub(crate) unknown_key: fn(&Request) -> Refused,
    /// The error for a signature that the key's secret did not make.
    pub(crate) wrong_signature: fn(&Request, &Signed) -> Refused,
    /// The error for a request whose time is too far from the server's.
    pub(crate) too_old: fn(&Request) -> Refused,
    /// The error for a required parameter that is missing.
    pub(crate) missing: fn(&str) -> Refused,
    /// What is said of a thing that is not there, by the code and its id.
    pub(crate) not_there: fn(&str, &str) -> String,
    /// The error for a request that would have worked; `None`: the provider has no dry run.
    pub(crate) dry_run: Option<fn() -> Refused>,
    /// Writes a reply.
    pub(crate) reply: fn(&Request, &str, &Action, Value) -> Reply,
    /// Writes an error.
    pub(crate) error: fn(&Request, &str, &Refused) -> Reply,
    /// The id of a request, from a UUID.
    pub(crate) request_id: fn(&str) -> String,
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dialect").field(&self.provider).finish()
    }
}

/// What a request asks for.
#[derive(Debug)]
pub struct Inquiry {
    /// The action.
    pub action: &'static Action,
    /// Its parameters.
    pub parameters: Parameters,
}

impl Dialect {
    /// A new id for a key, and its secret, of random bytes, of which there must be 64.
    pub fn new_key(&self, random: &[u8; 64]) -> (String, String) {
        const DIGITS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let text =
            |bytes: &[u8]| bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte & 31)])).collect::<String>();
        let (prefix, length) = self.pointing.id;
        let (id, secret) = random.split_at(32);
        (format!("{prefix}{}", text(&id[..length - prefix.len()])), text(secret))
    }

    /// The variables of the environment that point its clients here.
    pub fn environment(&self, access: &Access<'_>) -> Vec<(&'static str, String)> {
        (self.pointing.environment)(access)
    }

    /// The format of a client's own profiles, if one of its clients has them.
    pub fn format(&self) -> Option<&'static str> {
        self.pointing.profile.map(|(format, _)| format)
    }

    /// The profile file in a client's own format.
    pub fn profile(&self, format: &str, all: &[Access<'_>]) -> Option<String> {
        let (known, write) = self.pointing.profile?;
        (known == format).then(|| write(all))
    }

    /// Its clients, each with the line that points it here.
    pub fn clients(&self, access: &Access<'_>) -> Vec<(&'static str, String)> {
        (self.pointing.clients)(access)
    }

    /// Its actions.
    pub fn actions(&self) -> Vec<&'static Action> {
        (self.actions)()
    }

    /// Who calls an action: the account, its parameters, the time in seconds since 1970, and whether the packet was answered
    /// that was sent for the request, if one was.
    pub fn caller<'a>(
        &self,
        account: &'a AccountName,
        parameters: &'a Parameters,
        now: i64,
        arrived: Option<bool>,
    ) -> Caller<'a> {
        Caller { account, parameters, now, arrived, not_there: self.not_there }
    }

    /// What asks for an action of this name with these parameters, without a request of a client; `None`: there is no such
    /// action.
    pub fn asking(&self, action: &str, parameters: impl IntoIterator<Item = (String, String)>) -> Option<Inquiry> {
        let action = self.actions().into_iter().find(|it| it.name == action)?;
        Some(Inquiry { action, parameters: Parameters::new(parameters, Value::Null) })
    }

    /// The signature of a request. The caller finds the key's secret, and checks the time.
    pub fn signed(&self, request: &Request) -> Result<Signed, Refused> {
        (self.signed)(request)
    }

    /// Whether the signature is that of the key's secret, and the time is near enough.
    pub fn check(&self, request: &Request, signed: &Signed, secret: Option<&str>, now: i64) -> Result<(), Refused> {
        let Some(secret) = secret else { return Err((self.unknown_key)(request)) };
        if !signed.is_by(secret) {
            return Err((self.wrong_signature)(request, signed));
        }
        let age = now - signed.time;
        if age > signed.lasts || -age > SKEW { Err((self.too_old)(request)) } else { Ok(()) }
    }

    /// What a request asks for, with everything that is required.
    pub fn inquiry(&self, request: &Request) -> Result<Inquiry, Refused> {
        let inquiry = (self.inquiry)(request)?;
        match inquiry.action.required().find(|name| !inquiry.parameters.has(name)) {
            Some(name) => Err((self.missing)(name)),
            None => Ok(inquiry),
        }
    }

    /// Answers a question.
    pub fn describe(
        &self,
        does: fn(&Asked<'_>) -> Result<Value, Refused>,
        asked: &Asked<'_>,
    ) -> Result<Value, Refused> {
        let reply = does(asked)?;
        match self.dry_run.filter(|_| asked.parameters().is_set("DryRun")) {
            Some(dry_run) => Err(dry_run()),
            None => Ok(reply),
        }
    }

    /// Makes a change, but for the kernel. A repeated request changes nothing and is answered as the first was.
    pub fn change(
        &self,
        action: &Action,
        ground: &mut dyn Ground,
        caller: Caller<'_>,
        kept: &Kept,
    ) -> Result<Done, Refused> {
        let (Does::Change(does) | Does::Send(_, does)) = action.does else {
            return Err(Refused::new(500, "InternalError", "It changes nothing."));
        };
        let (account, parameters) = (caller.account.as_str(), caller.parameters);
        let token = parameters.get(self.token);
        let print = parameters.print(self.token);
        if let Some((known, reply)) = token.and_then(|token| kept.answer(account, action.name, token)) {
            if *known != print {
                let message = "The ClientToken was used for a request with other parameters.";
                return Err(Refused::new(400, "IdempotentParameterMismatch", message));
            }
            return Ok(Done { reply: reply.clone(), notes: Vec::new() });
        }
        let mut done = Change::new(ground, caller, kept, self.status).run(does)?;
        if let Some(dry_run) = self.dry_run.filter(|_| parameters.is_set("DryRun")) {
            return Err(dry_run());
        }
        if let Some(token) = token {
            let (account, action, token) = (account.to_owned(), action.name.to_owned(), token.to_owned());
            let reply = done.reply.clone();
            done.notes.push(Note::Answer { account, action, token, parameters: print, reply });
        }
        Ok(done)
    }

    /// Writes a reply.
    pub fn reply(&self, request: &Request, id: &str, action: &Action, value: Value) -> Reply {
        (self.reply)(request, id, action, value)
    }

    /// Writes an error.
    pub fn error(&self, request: &Request, id: &str, refused: &Refused) -> Reply {
        (self.error)(request, id, refused)
    }

    /// The id of a request, from a UUID in small letters.
    pub fn request_id(&self, uuid: &str) -> String {
        (self.request_id)(uuid)
    }

    /// The error for something that went wrong in the server.
    pub fn failed(&self, message: &str) -> Refused {
        Refused::new(500, "InternalError", message)
    }
}
