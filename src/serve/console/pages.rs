//! Pages: who asks, what there is, and what a form does.

use hyper::{Method, StatusCode, header};
use peerlab_console::{ASKED, Ask, Console, Given, Page, Refused, Said, Side, View, page as page_of, slug};

use std::sync::Arc;

use super::guard::same;
use super::seen::Seen;
use super::sign_in::{SignIn, base};
use super::{Answer, Asked, language_of, locked};
use crate::cloud::{AccountName, Call};
use crate::error::{Error, Errors};
use crate::language::Language;
use crate::message::Message;
use crate::serve::answer::change;
use crate::serve::clock::now;
use crate::serve::keys::{self, Key};
use crate::serve::labs::Lab;
use crate::session::Turn;
use peerlab_console::Theme;

/// How many forms of a browser are remembered, so that a second click does nothing more.
const FORMS: usize = 64;

/// Somebody who is signed in, and what is asked.
#[derive(Clone)]
pub(super) struct Reader {
    pub lab: Arc<Lab>,
    pub key: Key,
    pub cookie: String,
    pub sign_in: SignIn,
    /// The page, below the account's own address.
    pub path: String,
}

impl Reader {
    pub fn base(&self) -> String {
        base(&self.key.lab, &self.key.account)
    }
}

impl Asked<'_> {
    /// The lab and the account of an address: `/c/LAB/ACCOUNT/…`.
    fn place(&self) -> Option<(Arc<Lab>, Key, String)> {
        let path = self.head.uri.path();
        let mut parts = path.strip_prefix("/c/")?.splitn(3, '/');
        let (lab, account, rest) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
        let lab = self.labs.called(|name| slug(name) == lab)?;
        let key = lab.keys.iter().find(|key| slug(&key.account) == account)?.clone();
        Some((lab, key, format!("/{rest}")))
    }

    /// Who asks; else the answer.
    pub fn reader(&self) -> Result<Reader, Answer> {
        let gone = || self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, None);
        let (lab, key, path) = self.place().ok_or_else(gone)?;
        let found = locked(&self.consoles.sign_ins).of(&self.head.headers, &key);
        let (cookie, sign_in) = found.ok_or_else(|| self.problem(StatusCode::UNAUTHORIZED, Said::SignedOut, None))?;
        Ok(Reader { lab, key, cookie, sign_in, path })
    }

    pub fn get(&self, given: &Given) -> Answer {
        if self.place().is_some_and(|(_, _, path)| path == "/in") {
            return self.sign_in(given);
        }
        let reader = match self.reader() {
            Ok(reader) => reader,
            Err(answer) => return answer,
        };
        let instance = reader.path.strip_prefix("/compute/instances/").and_then(|it| it.strip_suffix("/screen"));
        match instance {
            Some(instance) => self.screen(&reader, given, instance),
            None => {
                if reader.path == "/network" {
                    self.look_for_drift(&reader.key.lab);
                }
                self.shown(&reader, given, false, None, None)
            }
        }
    }

    /// A link by which somebody signs in. What only looks at it does not use it up.
    fn sign_in(&self, given: &Given) -> Answer {
        let Some((_, key, _)) = self.place() else {
            return self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, None);
        };
        let headers = &self.head.headers;
        let purpose = ["sec-purpose", "purpose"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
        let uses = self.head.method == Method::GET && !purpose.is_some_and(|it| it.contains("prefetch"));
        let to = format!("{}/", base(&key.lab, &key.account));
        let language = language_of(headers);
        let mut all = locked(&self.consoles.sign_ins);
        if !all.is_good(&key, given.text("k"), uses) {
            let is_in = all.of(headers, &key).is_some();
            drop(all);
            let word = language.say(Said::GoOn);
            let link = is_in.then_some((&*word, &*to));
            let status = if is_in { StatusCode::GONE } else { StatusCode::UNAUTHORIZED };
            return self.problem(status, Said::LinkUsed, link);
        }
        let page = peerlab_console::signed_in_as(language, Theme::System, &key.account, &to);
        let answer = Answer::page(StatusCode::OK, page);
        match all.enter(&key, language).map(|cookie| uses.then_some(cookie)) {
            Ok(Some(cookie)) => answer.with(header::SET_COOKIE, cookie),
            Ok(None) => answer,
            Err(_) => self.problem(StatusCode::INTERNAL_SERVER_ERROR, Said::NoSuchPage, None),
        }
    }

    /// The lab as it is.
    pub fn seen(&self, lab: &str) -> Result<Arc<Seen>, Errors> {
        if let Some(seen) = locked(&self.consoles.seen).current(lab) {
            return Ok(seen);
        }
        let seen = Arc::new(Seen::read(lab)?);
        locked(&self.consoles.seen).keep(lab, &seen);
        Ok(seen)
    }

    /// A page, or what is wrong.
    pub fn shown(
        &self,
        reader: &Reader,
        given: &Given,
        sent: bool,
        refused: Option<&Refused>,
        output: Option<&str>,
    ) -> Answer {
        let document = self.with_view(reader, given, sent, refused, output, |view| {
            let page = page_of(view)?;
            Some(peerlab_console::document(view, &page))
        });
        let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        match document {
            Ok(Some(document)) => Answer::page(status, document),
            Ok(None) => {
                let word = reader.sign_in.language.say(Said::WithdrawnPage);
                let to = format!("{}/", reader.base());
                self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, Some((&word, &to)))
            }
            Err(errors) => self.failed(reader.sign_in.language, &errors),
        }
    }

    fn failed(&self, language: Language, errors: &Errors) -> Answer {
        let say = |error: &Error| {
            let hint = error.hint.as_ref().map(|hint| language.say(hint));
            [Some(language.say(&error.message)), hint]
        };
        let sentences: Vec<_> = errors.0.iter().flat_map(say).flatten().collect();
        let heading = language.say(Said::NoSuchPage);
        let heading = sentences.first().cloned().unwrap_or(heading);
        let page =
            peerlab_console::problem(language, Theme::System, &heading, sentences.get(1..).unwrap_or_default(), None);
        Answer::page(StatusCode::SERVICE_UNAVAILABLE, page)
    }

    /// Does something with what a page is made from.
    pub fn with_view<T>(
        &self,
        reader: &Reader,
        given: &Given,
        sent: bool,
        refused: Option<&Refused>,
        output: Option<&str>,
        work: impl FnOnce(&View<'_>) -> T,
    ) -> Result<T, Errors> {
        let seen = self.seen(&reader.key.lab)?;
        let memory = locked(&self.consoles.seen).memory(&reader.key.lab).clone();
        let SignIn { language, theme, keys, token, .. } = &reader.sign_in;
        let account = AccountName::trusted(reader.key.account.as_str());
        let tutorial = seen.tutorial(*language, &memory);
        let pings = memory.pings(seen.number);
        let log = seen.log(&account, *language);
        let form = keys::random_word::<8>()?;
        let mut notes = reader.lab.notes();
        let kept = notes.current()?;
        let Some(console) = Console::of(reader.key.provider) else {
            let message = Message::text(reader.key.provider);
            return Err(Error::host(message).into());
        };
        Ok(work(&View {
            lab: &reader.key.lab,
            cloud: &seen.cloud,
            console,
            account: &account,
            kept: Some(kept.into()),
            language: *language,
            theme: *theme,
            keys: *keys,
            mark: &seen.mark(&memory),
            base: &reader.base(),
            path: &reader.path,
            given,
            sent,
            form: &form,
            token,
            awaited: &seen.awaited,
            number: seen.number,
            refused,
            tutorial: &tutorial,
            output,
            log: &log,
            side: Side { picture: &seen.picture(*language, &reader.base()), pings: &pings, drift: &memory.drift },
        }))
    }

    pub fn post(&self, given: &Given) -> Answer {
        let reader = match self.reader() {
            Ok(reader) => reader,
            Err(answer) => return answer,
        };
        if !same(given.text("token"), &reader.sign_in.token) {
            return self.problem(StatusCode::FORBIDDEN, Said::Forged, None);
        }
        match self.deed(&reader, given) {
            Some(answer) => answer,
            None => self.form(&reader, given),
        }
    }

    /// Does what a form says, once: a second click leads where the first did.
    fn form(&self, reader: &Reader, given: &Given) -> Answer {
        let sent = given.text("form").to_owned();
        let turn = reader.lab.posting();
        let before = locked(&self.consoles.sign_ins).of(&self.head.headers, &reader.key);
        let before = before.and_then(|(_, it)| it.sent.iter().find(|(form, _)| *form == sent).cloned());
        if let Some((_, led)) = before.filter(|_| !sent.is_empty()) {
            return Answer::see(led);
        }
        let page = self.with_view(reader, given, true, None, None, page_of);
        let form = match page {
            Ok(Some(Page { form: Some(form), .. })) => form,
            Ok(_) => return self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, None),
            Err(errors) => return self.failed(reader.sign_in.language, &errors),
        };
        if let Some(wrong) = &form.wrong {
            return self.shown(reader, given, true, Some(wrong), None);
        }
        if form.again || given.get("preview").is_some() {
            return self.shown(reader, given, true, None, None);
        }
        let done = self.operate(reader, form.calls).and_then(|made| {
            self.ask(reader, &form.asks, made.as_deref().unwrap_or_default()).map_err(Ok)?;
            Ok(made)
        });
        match done {
            Ok(made) => {
                let path = form.then.0.replace("{id}", &peerlab_console::encoded(&made.unwrap_or_default()));
                let led = format!("{}{path}", reader.base());
                locked(&self.consoles.sign_ins).change(&reader.cookie, |it| {
                    it.sent.push_back((sent, led.clone()));
                    if it.sent.len() > FORMS {
                        it.sent.pop_front();
                    }
                });
                drop(turn);
                Answer::see(led)
            }
            Err(Ok(refused)) => self.shown(reader, given, true, Some(&refused), None),
            Err(Err(errors)) => self.failed(reader.sign_in.language, &errors),
        }
    }

    /// Asks the provider's own API for what is no operation of the lab: what it keeps beside the Cloud.
    fn ask(&self, reader: &Reader, all: &[Ask], made: &str) -> Result<(), Refused> {
        if all.is_empty() {
            return Ok(());
        }
        let refused = |code: Option<String>, message: Message| Refused {
            code,
            message,
            hint: None,
            argument: Some(ASKED.to_owned()),
            call: 0,
        };
        for ask in all {
            let value = |value: &String| if value == Ask::MADE { made.to_owned() } else { value.clone() };
            let parameters = ask.parameters.iter().map(|(name, text)| (name.clone(), value(text)));
            let inquiry = reader.lab.dialect.asking(ask.action, parameters);
            let inquiry = inquiry.ok_or_else(|| refused(None, Said::NotDone.into()))?;
            let id = keys::random_word::<8>().map_err(|error| refused(error.code, error.message))?;
            change(reader.lab.dialect, reader.lab.clone(), &reader.key, &inquiry, &id, (now(), None))
                .map_err(|it| refused(Some(it.code), Message::text(it.message)))?;
        }
        locked(&self.consoles.seen).memory(&reader.key.lab).version += 1;
        Ok(())
    }

    /// Does calls together or not at all, as the one who is signed in; the id of the first thing that was made.
    pub fn operate(&self, reader: &Reader, calls: Vec<Call>) -> Result<Option<String>, Result<Refused, Errors>> {
        if calls.is_empty() {
            return Ok(None);
        }
        let account = AccountName::trusted(reader.key.account.as_str());
        let work = move |turn: &mut Turn<'_>| -> Result<Option<String>, (usize, Error)> {
            let awaited = turn.awaited();
            let mut made = None;
            for (at, call) in calls.iter().enumerate() {
                let call = peerlab_console::with_name(turn.cloud(), &account, &awaited, turn.number(), call);
                turn.operate(account.as_str(), call.clone()).map_err(|error| (at, error))?;
                made = made.or_else(|| Some(turn.cloud().made_by(&call).into_iter().next()?.1.to_string()));
            }
            Ok(made)
        };
        let id = keys::random_word::<8>().map_err(|error| Err(error.into()))?;
        let outcome = reader.lab.held.turn(Some(format!("console-{id}")), work, |_| ());
        let code = match &outcome {
            Ok(Err((_, error))) => Some(error.code.clone().unwrap_or_else(|| error.message.to_string())),
            _ => None,
        };
        self.consoles.did(&reader.key.lab, &reader.key.account, code);
        match outcome {
            Ok(Ok((made, _))) => Ok(made),
            Ok(Err((call, error))) => Err(Ok(Refused {
                code: error.code,
                message: error.message,
                hint: error.hint,
                argument: error.argument.map(|it| it.name.to_string()),
                call,
            })),
            Err(errors) => Err(Err(errors)),
        }
    }
}
