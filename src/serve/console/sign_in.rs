//! Signing in: links that are good once, and the cookies that come of them.
//!
//! A link is signed with the account's own secret, so whoever may read that can make one (`peerlab credentials`), and a lab
//! that is gone takes its links along.

use std::collections::{BTreeMap, VecDeque};

use hmac::{Hmac, KeyInit, Mac};
use hyper::header::{COOKIE, HeaderMap};
use sha2::Sha256;

use super::guard::same;
use crate::error::Result;
use crate::language::Language;
use crate::serve::clock::now;
use crate::serve::keys::{self, Key};
use peerlab_console::{Theme, slug};

/// How long a link may wait, in seconds.
const LIFE: i64 = 12 * 3600;
/// How many sign-ins are kept; the oldest go first.
const MOST: usize = 2_000;
/// The name of the cookie.
const COOKIE_NAME: &str = "peerlab";

/// Where an account's pages begin.
pub(super) fn base(lab: &str, account: &str) -> String {
    format!("/c/{}/{}", slug(lab), slug(account))
}

/// The address, below the server's, by which its reader signs in as this account, once.
pub fn link(key: &Key) -> Result<String> {
    let nonce = keys::random_word::<16>()?;
    let time = now();
    Ok(format!("{}/in?k={nonce}.{time:x}.{}", base(&key.lab, &key.account), signature(key, &nonce, time)))
}

fn mac(key: &Key, nonce: &str, time: i64) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(key.secret.as_bytes()).ok()?;
    Some(mac.chain_update(format!("console\n{}\n{}\n{nonce}\n{time}", key.lab, key.account)))
}

fn signature(key: &Key, nonce: &str, time: i64) -> String {
    mac(key, nonce, time).map_or_else(String::new, |mac| peerlab_api::hex(&mac.finalize().into_bytes()))
}

/// The values of a request's cookies of peerlab.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value)
}

/// A cookie that a browser is to keep for these pages.
pub(super) fn cookie(value: &str, path: &str) -> String {
    format!("{COOKIE_NAME}={value}; Path={path}; HttpOnly; SameSite=Strict")
}

/// A browser that is signed in as an account.
#[derive(Clone, Debug)]
pub(super) struct SignIn {
    /// The lab.
    pub lab: String,
    /// The account.
    pub account: String,
    /// The secret of that account's key when it signed in: another lab of the same name has another.
    secret: String,
    /// What its forms carry.
    pub token: String,
    pub language: Language,
    pub theme: Theme,
    /// Whether single keys go to what a page has.
    pub keys: bool,
    /// The forms that were sent, with where each led.
    pub sent: VecDeque<(String, String)>,
}

/// Everybody who is signed in.
#[derive(Debug, Default)]
pub(super) struct SignIns {
    /// By cookie.
    all: BTreeMap<String, SignIn>,
    order: VecDeque<String>,
    /// The links that were used, with their times.
    used: BTreeMap<String, i64>,
}

impl SignIns {
    /// Whether a link's key is good; `uses` it up.
    pub fn is_good(&mut self, key: &Key, given: &str, uses: bool) -> bool {
        let mut parts = given.split('.');
        let (Some(nonce), Some(time), Some(signed), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let Ok(time) = i64::from_str_radix(time, 16) else { return false };
        let age = now().saturating_sub(time);
        let is_good = same(&signature(key, nonce, time), signed) && (-60..LIFE).contains(&age);
        if !is_good || self.used.contains_key(nonce) {
            return false;
        }
        if uses {
            self.used.retain(|_, time| now().saturating_sub(*time) < LIFE);
            self.used.insert(nonce.to_owned(), time);
        }
        true
    }

    /// Signs a browser in; returns its cookie.
    pub fn enter(&mut self, key: &Key, language: Language) -> Result<String> {
        let (cookie, token) = (keys::random_word::<16>()?, keys::random_word::<16>()?);
        let sign_in = SignIn {
            lab: key.lab.clone(),
            account: key.account.clone(),
            secret: key.secret.clone(),
            token,
            language,
            theme: Theme::System,
            keys: true,
            sent: VecDeque::new(),
        };
        self.all.insert(cookie.clone(), sign_in);
        self.order.push_back(cookie.clone());
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.all.remove(&oldest);
        }
        Ok(self::cookie(&cookie, &format!("{}/", base(&key.lab, &key.account))))
    }

    /// Who a request's cookie is, if it is this account's, and the cookie.
    pub fn of(&self, headers: &HeaderMap, key: &Key) -> Option<(String, SignIn)> {
        cookies(headers).find_map(|value| {
            let found = self.all.get(value)?;
            let is_of = found.lab == key.lab && found.account == key.account && found.secret == key.secret;
            is_of.then(|| (value.to_owned(), found.clone()))
        })
    }

    /// Changes what is kept of a browser.
    pub fn change(&mut self, cookie: &str, change: impl FnOnce(&mut SignIn)) {
        if let Some(found) = self.all.get_mut(cookie) {
            change(found);
        }
    }

    /// Signs it out.
    pub fn leave(&mut self, cookie: &str) {
        self.all.remove(cookie);
        self.order.retain(|it| it != cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(lab: &str, account: &str, secret: &str) -> Key {
        let [lab, account, secret] = [lab, account, secret].map(str::to_owned);
        Key { lab, provider: "x", account, account_id: "1".into(), id: "k".into(), secret, region: "r".into() }
    }

    fn given(link: &str) -> &str {
        link.split_once("k=").unwrap().1
    }

    #[test]
    fn a_link_is_good_once_and_for_its_own_account() {
        let (a, b) = (key("lab", "A", "secret a"), key("lab", "B", "secret b"));
        let link = link(&a).unwrap();
        let mut all = SignIns::default();
        assert!(!all.is_good(&b, given(&link), true));
        assert!(!all.is_good(&key("lab", "A", "another lab's"), given(&link), true));
        assert!(all.is_good(&a, given(&link), false), "a look does not use it up");
        assert!(all.is_good(&a, given(&link), true));
        assert!(!all.is_good(&a, given(&link), true), "only once");
        for wrong in ["", "..", "a.b.c", "a.1.c.d"] {
            assert!(!all.is_good(&a, wrong, true), "{wrong}");
        }
        let old = now() - LIFE;
        assert!(!all.is_good(&a, &format!("n.{old:x}.{}", signature(&a, "n", old)), true));
    }

    #[test]
    fn a_cookie_is_of_one_account_of_one_lab() {
        let (a, b) = (key("lab", "A", "a"), key("lab", "B", "b"));
        let mut all = SignIns::default();
        let cookie = all.enter(&a, Language::English).unwrap();
        assert!(cookie.contains("; Path=/c/lab/A/; HttpOnly; SameSite=Strict"), "{cookie}");
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("other=1; {}", cookie.split(';').next().unwrap()).parse().unwrap());
        let (value, found) = all.of(&headers, &a).unwrap();
        assert_eq!((&*found.account, found.token.len()), ("A", 32));
        assert!(all.of(&headers, &b).is_none());
        assert!(all.of(&headers, &key("lab", "A", "of a later lab")).is_none());
        all.leave(&value);
        assert!(all.of(&headers, &a).is_none());
    }
}
