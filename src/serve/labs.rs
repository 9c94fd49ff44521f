//! The labs that are served, and whose key is whose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use peerlab_api::Dialect;

use super::errands::Errands;
use super::keys::{self, Key};
use super::log::Log;
use super::messages::Said;
use super::notes::Notes;
use super::rights::{Rights, Starter};
use crate::error::{Error, Errors, Result};
use crate::journal::{self, Store};
use crate::message::Message;
use crate::msg;
use crate::session::Held;

/// How long two looks that requests cause are apart.
const APART: Duration = Duration::from_millis(50);

/// A lab that is served.
#[derive(Debug)]
pub(super) struct Lab {
    pub keys: Vec<Key>,
    pub dialect: &'static Dialect,
    pub held: Held,
    notes: Mutex<Notes>,
    posting: Mutex<()>,
    store: Store,
    stamp: Option<(u64, i64, i64)>,
}

impl Lab {
    fn open(name: &str) -> Result<Self, Errors> {
        let keys = keys::of(name)?;
        let store = Store::of(name);
        let stamp = store.keys_stamp();
        let held = Held::open(name)?;
        let dialect = keys.first().and_then(|key| Dialect::of_provider(key.provider));
        let dialect = dialect.ok_or_else(|| Error::input(msg!(Said::NoDialect { lab: name, provider: "" })))?;
        let began = stamp.map_or(0, |(_, seconds, _)| seconds);
        let notes = Mutex::new(Notes::open(name, began)?);
        Ok(Lab { keys, dialect, held, notes, posting: Mutex::default(), store, stamp })
    }

    /// Whether the lab that is up is still the one that was opened.
    fn is_current(&self) -> bool {
        self.stamp.is_some() && self.store.keys_stamp() == self.stamp
    }

    /// Held while a console's form is done, so that a second click finds what the first did.
    pub fn posting(&self) -> MutexGuard<'_, ()> {
        self.posting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept beside its Cloud.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Labs that cannot be served, each with the reason.
pub type Refused = Vec<(String, Message)>;

/// The labs that were found to be up, and those of them that cannot be served.
type Found = (Vec<String>, Vec<(String, Errors)>);

/// All labs that are served.
#[derive(Debug)]
pub struct Labs {
    /// The labs that were named; empty: all that are up.
    named: Vec<String>,
    open: Mutex<Open>,
    /// The thread with the server's rights.
    pub(super) rights: Rights,
    pub(super) errands: Errands,
}

#[derive(Debug, Default)]
struct Open {
    labs: BTreeMap<String, Arc<Lab>>,
    /// By id, the lab and the place of the key.
    keys: BTreeMap<String, (Arc<Lab>, usize)>,
    looked: Option<Instant>,
    /// The labs that cannot be served, and were reported.
    refused: BTreeSet<String>,
}

impl Labs {
    /// Opens the named labs, or all that are up. A named lab that cannot be served is an error; of the others, those
    /// that cannot are returned with the reason.
    pub fn open(named: Vec<String>) -> Result<(Arc<Self>, Refused), Errors> {
        let labs = Labs { named, open: Mutex::default(), rights: Rights::default(), errands: Errands::default() };
        let mut refused = Vec::new();
        for (lab, errors) in labs.look_now()?.1 {
            let is_double = errors.0.iter().any(|error| error.code.as_deref() == Some("DuplicateAccessKey"));
            if !labs.named.is_empty() || is_double {
                return Err(errors);
            }
            refused.push((lab, why(errors)));
        }
        Ok((Arc::new(labs), refused))
    }

    /// Looks for labs that come up or go down from now on, and starts commands, on a thread with this thread's rights.
    pub(super) fn keep_looking(self: &Arc<Self>, log: Log, starter: Starter) -> std::io::Result<()> {
        let labs = Arc::downgrade(self);
        self.rights.start(starter, move || {
            let Some(labs) = labs.upgrade() else { return false };
            if let Ok((new, refused)) = labs.look_now() {
                new.into_iter().for_each(|lab| log.say(&msg!(Said::NowServed { lab })));
                for (lab, errors) in refused {
                    log.say(&msg!(Said::NotServed { lab, why: why(errors) }));
                }
            }
            true
        })
    }

    /// Lets go of all labs; they stay up.
    pub(super) fn close(&self) {
        self.rights.close();
        self.errands.end();
        *self.opened() = Open::default();
    }

    fn opened(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of all labs that are served.
    pub fn keys(&self) -> Vec<Key> {
        self.opened().labs.values().flat_map(|lab| lab.keys.clone()).collect()
    }

    /// The labs that are served, by name.
    pub(super) fn names(&self) -> Vec<String> {
        self.opened().labs.keys().cloned().collect()
    }

    /// The number of labs that are served.
    pub(super) fn count(&self) -> usize {
        self.opened().labs.len()
    }

    /// The lab and the key with this id.
    pub(super) fn find(&self, id: &str) -> Option<(Arc<Lab>, Key)> {
        self.known(id).or_else(|| {
            self.look();
            self.known(id)
        })
    }

    /// The lab whose name is meant.
    pub(super) fn called(&self, is_meant: impl Fn(&str) -> bool) -> Option<Arc<Lab>> {
        let find = || {
            let open = self.opened();
            let found = open.labs.iter().find(|(name, _)| is_meant(name)).map(|(_, lab)| lab.clone());
            drop(open);
            found.filter(|lab| lab.is_current())
        };
        find().or_else(|| {
            self.look();
            find()
        })
    }

    fn known(&self, id: &str) -> Option<(Arc<Lab>, Key)> {
        let found = self.opened().keys.get(id).cloned();
        let (lab, at) = found.filter(|(lab, _)| lab.is_current())?;
        let key = lab.keys.get(at).cloned()?;
        Some((lab, key))
    }

    /// Has the other thread look for labs, unless it has just done so.
    fn look(&self) {
        let looked = self.opened().looked;
        if let Some(rest) = looked.and_then(|at| APART.checked_sub(at.elapsed())) {
            std::thread::sleep(rest);
        }
        self.rights.look();
    }

    /// Opens labs that came up and lets go of those that went down; returns the new ones, and those that cannot be
    /// served and were not reported yet.
    fn look_now(&self) -> Result<Found, Errors> {
        let names = if self.named.is_empty() { journal::labs()? } else { self.named.clone() };
        let gone: Vec<_> = {
            let mut open = self.opened();
            open.looked = Some(Instant::now());
            open.refused.retain(|name| names.contains(name));
            let gone = open.labs.iter().filter(|(name, lab)| !names.contains(name) || !lab.is_current());
            let gone: Vec<_> = gone.map(|(name, _)| name.clone()).collect();
            gone.iter().filter_map(|name| open.labs.remove(name)).collect()
        };
        let missing: Vec<_> = {
            let open = self.opened();
            names.into_iter().filter(|name| !open.labs.contains_key(name)).collect()
        };
        let (mut new, mut refused) = (Vec::new(), Vec::new());
        for name in missing {
            let opened = Lab::open(&name).and_then(|lab| self.add(&name, lab));
            let mut open = self.opened();
            match opened {
                Ok(()) => {
                    open.refused.remove(&name);
                    new.push(name);
                }
                // It comes up, or went down, in this moment: the next look finds it.
                Err(errors) if is_passing(&errors) && self.named.is_empty() => {}
                Err(errors) => {
                    if open.refused.insert(name.clone()) {
                        refused.push((name, errors));
                    }
                }
            }
        }
        let mut open = self.opened();
        let keys = open.labs.values().flat_map(|lab| {
            let ids = lab.keys.iter().enumerate();
            ids.map(move |(at, key)| (key.id.clone(), (lab.clone(), at)))
        });
        open.keys = keys.collect();
        drop(open);
        // The owner of a lab may still be at work: nobody waits for it with the list locked.
        drop(gone);
        Ok((new, refused))
    }

    /// One key id in two labs is refused: a request would not say which of the two is meant.
    fn add(&self, name: &str, lab: Lab) -> Result<(), Errors> {
        let mut open = self.opened();
        for (other, there) in &open.labs {
            if let Some(key) = lab.keys.iter().find(|key| there.keys.iter().any(|it| it.id == key.id)) {
                let message = msg!(Said::SameKey { id: &key.id, lab: name, other });
                return Err(Error::input(message).code("DuplicateAccessKey").hint(Said::ServeOneOfThem).into());
            }
        }
        open.labs.insert(name.to_owned(), Arc::new(lab));
        Ok(())
    }
}

fn is_passing(errors: &Errors) -> bool {
    errors.0.iter().any(|error| error.code.as_deref() == Some("LabNotUp"))
}

fn why(errors: Errors) -> Message {
    errors.0.into_iter().next().map_or_else(|| Message::text(""), |error| error.message)
}
