//! What is done beside the provider's pages: settings, pings, hints, the fix, a step, a command in an instance.

use std::time::{Duration, Instant};

use hyper::{StatusCode, header};
use peerlab_api::Errand;
use peerlab_console::{Given, Ping, Pinged, Refused, Said, Theme};

use super::pages::Reader;
use super::seen::Deed;
use super::{Answer, Asked, locked};
use crate::cloud::{AccountName, Call, InstanceName};
use crate::error::{Error, Errors};
use crate::flow::{Endpoint, Protocol};
use crate::language::Language;
use crate::progress::Unwatched;
use crate::serve::clock::now;
use crate::session::{self, Scope, Session};
use crate::verify::{Observed, Sighting, sight};

/// How long a page waits for a command in an instance.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it looks.
const STEP: Duration = Duration::from_millis(20);
/// The most instances whose pairs are pinged at once.
const MOST: usize = 16;

impl Asked<'_> {
    /// Does one of these; `None` if it is a form of a page.
    pub fn deed(&self, reader: &Reader, given: &Given) -> Option<Answer> {
        match reader.path.as_str() {
            "/settings" => Some(self.settings(reader, given)),
            "/out" => {
                locked(&self.consoles.sign_ins).leave(&reader.cookie);
                let path = format!("{}/", reader.base());
                let gone = format!("peerlab=; Path={path}; Max-Age=0; HttpOnly; SameSite=Strict");
                Some(self.problem(StatusCode::OK, Said::NoLabHere, None).with(header::SET_COOKIE, gone))
            }
            "/ping" => Some(self.ping(reader, given)),
            "/hint" => Some(self.hint(reader, given)),
            "/undo" => Some(self.undo(reader, given)),
            "/do" => Some(self.fix(reader, given)),
            "/step" => Some(self.step(reader, given)),
            "/network" if given.get("packets").is_some() => Some(self.packets(reader, given)),
            "/network" => Some(self.explained(reader, given)),
            path => {
                let rest = path.strip_prefix("/compute/instances/")?;
                match (rest.strip_suffix("/terminal"), rest.strip_suffix("/keys")) {
                    (Some(instance), _) => Some(self.command(reader, given, instance)),
                    (_, Some(instance)) => Some(self.keys(reader, given, instance)),
                    _ => None,
                }
            }
        }
    }

    fn back(&self, reader: &Reader, given: &Given, name: &str) -> Answer {
        let to = given.text(name);
        // Only to a page of this account.
        let to = if to.starts_with('/') && !to.starts_with("//") { to } else { "/" };
        Answer::see(format!("{}{to}", reader.base()))
    }

    fn settings(&self, reader: &Reader, given: &Given) -> Answer {
        locked(&self.consoles.sign_ins).change(&reader.cookie, |it| {
            it.language = match given.text("language") {
                "zh" => Language::Chinese,
                "en" => Language::English,
                _ => it.language,
            };
            it.keys = match given.text("keys") {
                "on" => true,
                "off" => false,
                _ => it.keys,
            };
            it.theme = Theme::named(given.text("theme")).unwrap_or(it.theme);
        });
        self.back(reader, given, "to")
    }

    /// Pings a pair, or all of them.
    fn ping(&self, reader: &Reader, given: &Given) -> Answer {
        let lab = reader.key.lab.clone();
        let seen = match self.seen(&lab) {
            Ok(seen) => seen,
            Err(_) => return self.back(reader, given, "back"),
        };
        let one = [given.text("from"), given.text("to")];
        let pairs: Vec<(Endpoint, Endpoint)> = match one {
            ["", ""] => {
                let all: Vec<_> =
                    seen.cloud.instances().take(MOST).map(|it| Endpoint::Instance(it.name.clone())).collect();
                let others = |from: &Endpoint| all.iter().filter(|to| *to != from).cloned().collect::<Vec<_>>();
                all.iter().flat_map(|from| others(from).into_iter().map(|to| (from.clone(), to))).collect()
            }
            [from, to] => vec![(end(from), end(to))],
        };
        let (cloud, asked) = (seen.cloud.clone(), pairs.clone());
        let sights = self.with_rights(move || {
            let sight = |(from, to): &(Endpoint, Endpoint)| sight(&lab, &cloud, from, to, Protocol::Icmp);
            asked.iter().map(sight).collect::<Vec<Result<Sighting, Errors>>>()
        });
        let when = peerlab_api::at_second(now());
        let when = when.get(11..19).unwrap_or(&when).to_owned();
        let mut all = locked(&self.consoles.seen);
        let memory = all.memory(&reader.key.lab);
        for ((from, to), sighting) in pairs.iter().zip(sights.unwrap_or_default()) {
            let Ok(sighting) = sighting else { continue };
            let ping = match (sighting.observed, sighting.rtt) {
                (Observed::Reach, rtt) => Ping::Answered(rtt.map_or(0.0, |rtt| rtt.as_secs_f64() * 1000.0)),
                (Observed::AnsweredByAnother, _) => Ping::ByAnother,
                _ => Ping::Silent,
            };
            let predicted = crate::trace::predict(&seen.cloud, from, to, Protocol::Icmp);
            let agrees = sighting.agrees(predicted);
            let (from, to) = (from.to_string(), to.to_string());
            memory.pinged(Pinged { from, to, ping, agrees, when: when.clone(), old: false }, seen.number);
        }
        drop(all);
        match one {
            ["", ""] => self.back(reader, given, "back"),
            [from, to] => {
                let [from, to] = [from, to].map(peerlab_console::encoded);
                Answer::see(format!("{}/network?from={from}&to={to}", reader.base()))
            }
        }
    }

    /// One hint more of the step that comes next.
    fn hint(&self, reader: &Reader, given: &Given) -> Answer {
        if let Ok(seen) = self.seen(&reader.key.lab)
            && seen.run.lab().exercise.is_some()
        {
            let lab = reader.key.lab.clone();
            self.with_rights(move || {
                let _lock = Session::lock_only(&lab).ok()?;
                seen.count_hint()
            });
            locked(&self.consoles.seen).memory(&reader.key.lab).version += 1;
        } else if let Ok(seen) = self.seen(&reader.key.lab)
            && let Some(step) = seen.current()
        {
            let mut all = locked(&self.consoles.seen);
            let memory = all.memory(&reader.key.lab);
            *memory.hints.entry(step).or_default() += 1;
            memory.version += 1;
        }
        self.back(reader, given, "back")
    }

    /// The explanation of a pair in an exercise, which counts as hints as `peerlab explain` does.
    fn explained(&self, reader: &Reader, given: &Given) -> Answer {
        let lab = reader.key.lab.clone();
        if self.seen(&lab).is_ok_and(|seen| seen.run.lab().exercise.is_some()) {
            self.with_rights(move || {
                let _lock = Session::lock_only(&lab).ok()?;
                let store = crate::journal::Store::of(&lab);
                let counted = store.read_exercise().ok()??;
                store.write_exercise(&counted.explained(1)).ok()
            });
        }
        self.shown(reader, given, true, None, None)
    }

    /// The call of a fix, as the one who is signed in.
    fn fix(&self, reader: &Reader, given: &Given) -> Answer {
        let back = given.text("back").to_owned();
        let reader = &Reader {
            path: if back.starts_with("/network") { "/network".into() } else { "/".into() },
            ..reader.clone()
        };
        let call: Result<Call, _> = given.text("call").parse();
        let refused = match call {
            Err(_) => return self.problem(StatusCode::BAD_REQUEST, Said::Forged, None),
            Ok(call) => match self.operate(reader, vec![call]) {
                Ok(_) => return Answer::see(format!("{}{}", reader.base(), reader.path)),
                Err(Ok(refused)) => refused,
                Err(Err(errors)) => refusal(&errors),
            },
        };
        self.shown(reader, given, true, Some(&refused), None)
    }

    /// What `peerlab next` does.
    fn step(&self, reader: &Reader, given: &Given) -> Answer {
        let lab = reader.key.lab.clone();
        let done = self.with_rights(move || -> Result<(), Errors> {
            let (mut session, before) = Session::open_running(&lab, |_| ())?;
            let mut run = before.run;
            // Steps that were done by hand are only recorded.
            let steps = run.progress().iter().position(|done| !done).unwrap_or_default();
            while run.steps_done() < steps && run.step()?.is_some() {}
            run.step()?;
            session.settle(&run, Scope::Change, &Unwatched)?;
            Ok(())
        });
        self.then(reader, given, "/tutorial", done)
    }

    /// What `peerlab undo` does: of what was done last, if that is still what the reader saw, and the reader's own.
    fn undo(&self, reader: &Reader, given: &Given) -> Answer {
        let account = AccountName::trusted(reader.key.account.as_str());
        let (lab, seen) = (reader.key.lab.clone(), given.text("number").to_owned());
        let done = self.with_rights(move || -> Result<(), Errors> {
            let (mut session, before) = Session::open_running(&lab, |_| ())?;
            let latest = Deed::of(&before.run).filter(|it| it.number.to_string() == seen && it.is_of(&account));
            if latest.is_none() {
                return Err(Error::input(Said::NoLongerLatest).code("NothingToUndo").into());
            }
            session.settle(&before.run.undone(1)?, Scope::Change, &Unwatched)?;
            Ok(())
        });
        self.then(reader, given, "/log", done)
    }

    /// Back to the page if it is done; else another page, which says why it is not.
    fn then(&self, reader: &Reader, given: &Given, page: &str, done: Option<Result<(), Errors>>) -> Answer {
        match done {
            Some(Err(errors)) => {
                let reader = Reader { path: page.into(), ..reader.clone() };
                self.shown(&reader, given, true, Some(&refusal(&errors)), None)
            }
            _ => self.back(reader, given, "back"),
        }
    }

    /// A command in an instance of the reader's own, as an unprivileged user.
    fn command(&self, reader: &Reader, given: &Given, instance: &str) -> Answer {
        let seen = match self.seen(&reader.key.lab) {
            Ok(seen) => seen,
            Err(_) => return self.problem(StatusCode::SERVICE_UNAVAILABLE, Said::NoSuchPage, None),
        };
        let is_own = |it: &&crate::cloud::Instance| *it.id.0 == *instance && it.account.as_str() == reader.key.account;
        if !seen.cloud.instances().any(|it| is_own(&it)) {
            return self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, None);
        }
        let errand = Errand {
            instances: vec![instance.to_owned()],
            script: given.text("command").to_owned(),
            seconds: PATIENCE.as_secs(),
            apart: false,
            comment: String::new(),
            reply: |_, id, _| serde_json::Value::String(id.to_owned()),
        };
        let output = match self.labs.errands.run(&self.labs.rights, &reader.key, &errand, now()) {
            Err(errors) => errors.0.iter().map(|error| reader.sign_in.language.say(&error.message)).collect(),
            Ok(id) => self.output(reader, id.as_str().unwrap_or_default()),
        };
        self.shown(reader, given, true, None, Some(&output))
    }

    fn output(&self, reader: &Reader, id: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let ran = self.labs.errands.of(&reader.key).into_iter().find(|it| it.errand == id);
            match ran {
                Some(ran) if ran.ended.is_some() || Instant::now() > until => {
                    return String::from_utf8_lossy(&ran.output).into_owned();
                }
                Some(_) => std::thread::sleep(STEP),
                None => return String::new(),
            }
        }
    }

    /// Does `work` with the server's rights, on a thread of its own.
    pub fn with_rights<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        self.labs.rights.spawn(work)?.join().ok()
    }

    /// Reads what somebody changed in the kernel, unless a guard watches it: for pages without script.
    pub fn look_for_drift(&self, lab: &str) {
        if locked(&self.consoles.seen).memory(lab).is_guarded() {
            return;
        }
        let Ok(seen) = self.seen(lab) else { return };
        if let Some(Ok(drift)) = self.with_rights(move || session::drift_at_a_glance(&seen.run, None)) {
            locked(&self.consoles.seen).memory(lab).drifted(drift);
        }
    }
}

/// An end of a pair, as pages write it.
pub(super) fn end(text: &str) -> Endpoint {
    match text {
        "internet" => Endpoint::Internet,
        text => text.parse().map_or_else(|_| Endpoint::Instance(InstanceName::trusted(text)), Endpoint::Address),
    }
}

fn refusal(errors: &Errors) -> Refused {
    let error = errors.0.first().cloned();
    let (code, hint) = error.as_ref().map_or((None, None), |it| (it.code.clone(), it.hint.clone()));
    let message = error.map_or_else(|| Said::NotDone.into(), |it| it.message);
    Refused { code, message, hint, argument: None, call: 0 }
}
