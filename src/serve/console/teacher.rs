//! A teacher's view of all labs that are served: who is at which step, and who is stuck where. Read-only.

use hyper::{Method, StatusCode, header};
use peerlab_console::{AccountSeen, LabSeen, Said, Theme, slug};

use super::guard::same;
use super::{Answer, Asked, language_of, locked, sign_in};
use crate::error::Result;
use crate::serve::keys::random_word;

/// The key of the teacher's link, and of the cookie that it gives; made with the server.
#[derive(Debug, Default)]
pub(super) struct Desk {
    link: Option<String>,
    cookie: Option<String>,
}

impl Desk {
    /// The address, below the server's, by which a teacher signs in, once.
    pub fn open(&mut self) -> Result<String> {
        let (link, cookie) = (random_word::<32>()?, random_word::<32>()?);
        let path = format!("/t/in?k={link}");
        (self.link, self.cookie) = (Some(link), Some(cookie));
        Ok(path)
    }
}

impl Asked<'_> {
    pub fn teacher(&self) -> Answer {
        let language = language_of(&self.head.headers);
        let path = self.head.uri.path();
        let given = self.head.uri.query().and_then(|query| query.strip_prefix("k=")).unwrap_or_default();
        let mut desk = locked(&self.consoles.teacher);
        if path == "/t/in" {
            let is_good = desk.link.as_ref().is_some_and(|link| same(link, given)) && self.head.method == Method::GET;
            let Some(cookie) = desk.cookie.clone().filter(|_| is_good) else {
                return self.problem(StatusCode::UNAUTHORIZED, Said::LinkUsed, None);
            };
            desk.link = None;
            let page = peerlab_console::signed_in_as(language, Theme::System, &language.say(Said::Teacher), "/t/");
            return Answer::page(StatusCode::OK, page).with(header::SET_COOKIE, sign_in::cookie(&cookie, "/t/"));
        }
        let cookie = desk.cookie.clone();
        let is_in = sign_in::cookies(&self.head.headers).any(|value| cookie.as_ref().is_some_and(|it| same(it, value)));
        drop(desk);
        if !is_in {
            return self.problem(StatusCode::UNAUTHORIZED, Said::SignedOut, None);
        }
        let wanted = path.strip_prefix("/t/").unwrap_or_default();
        let names: Vec<_> = self.labs.names();
        if wanted.is_empty() {
            let all: Vec<_> = names.iter().filter_map(|lab| self.lab_seen(lab, language)).collect();
            return Answer::page(StatusCode::OK, peerlab_console::teacher(language, Theme::System, &all, None));
        }
        let Some(lab) = names.iter().find(|name| slug(name) == wanted) else {
            return self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, None);
        };
        let (Some(one), Ok(seen)) = (self.lab_seen(lab, language), self.seen(lab)) else {
            return self.problem(StatusCode::NOT_FOUND, Said::NoSuchPage, None);
        };
        let page = peerlab_console::teacher(language, Theme::System, &[one], Some(&seen.plain_picture(language)));
        Answer::page(StatusCode::OK, page)
    }

    fn lab_seen(&self, lab: &str, language: crate::language::Language) -> Option<LabSeen> {
        let seen = self.seen(lab).ok()?;
        let memory = locked(&self.consoles.seen).memory(lab).clone();
        let file = seen.run.lab();
        let next = seen.current().and_then(|at| file.steps.get(at));
        let whose = |step: &crate::lab::Step| step.account.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
        let account = |name: &crate::cloud::AccountName| {
            let steps = file.steps.iter().zip(&seen.done).filter(|(step, _)| step.account.as_ref() == Some(name));
            let steps: Vec<_> = steps.collect();
            AccountSeen {
                account: name.to_string(),
                steps: steps.iter().map(|(_, done)| **done).collect(),
                next: steps.iter().find(|(_, done)| !**done).map(|(step, _)| step.title_in(language).to_owned()),
                refusal: memory.refusals.get(name.as_str()).cloned(),
            }
        };
        let refusals = memory.refusals.iter().map(|(account, code)| format!("{account}: {code}"));
        Some(LabSeen {
            lab: lab.to_owned(),
            learner: file.exercise.as_ref().and_then(|it| it.learner.clone()),
            steps: seen.done.clone(),
            next: next.map(|step| format!("{}{}", whose(step), step.title_in(language))),
            refusal: Some(refusals.collect::<Vec<_>>().join(", ")).filter(|it| !it.is_empty()),
            accounts: seen.cloud.accounts().map(|it| account(&it.name)).collect(),
            link: format!("/t/{}", slug(lab)),
        })
    }
}
