//! Finds the other ends of veths.
//!
//! A veth contains the index of its other end, and a number for that end's namespace. Indices alone may agree by
//! chance, so peerlab asks the kernel, once per veth pair, whether the number means the namespace in question.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::fd::AsRawFd;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};

use super::batch::RouteSocket;
use super::{netns, threads};
use crate::error::Errors;
use crate::network::model::{LinkKind, LinkName, NamespaceName, Network};

/// A namespace that was read, with its veths.
pub(super) struct Place<'a> {
    pub(super) name: &'a NamespaceName,
    pub(super) file: &'a File,
    pub(super) socket: &'a RouteSocket,
    pub(super) veths: Vec<Veth>,
}

/// A veth as the kernel lists it.
pub(super) struct Veth {
    pub(super) index: u32,
    pub(super) name: LinkName,
    /// The index of its other end.
    pub(super) other: u32,
    /// The number of the other end's namespace in this one; `None`: the same namespace.
    pub(super) number: Option<i32>,
}

/// The question whether this is the other end of a veth.
struct Question<'a> {
    veth: &'a Veth,
    there: &'a Place<'a>,
    peer: &'a Veth,
}

/// An end of a wire: its namespace and its index there.
type End<'a> = (&'a NamespaceName, u32);

/// The other ends.
pub(super) struct Peers<'a>(BTreeMap<End<'a>, (&'a NamespaceName, LinkName)>);

impl<'a> Peers<'a> {
    /// Finds the other end of every veth of `places`. For an end in another namespace, takes the one that `desired` has
    /// there.
    pub(super) fn find(lab: &str, places: &'a [Place<'a>], desired: &'a Network) -> Result<Self, Errors> {
        let read: BTreeMap<_, _> = places.iter().map(|place| (place.name, place)).collect();
        // By both indices of a wire, as seen from its other end.
        let mut pointing: BTreeMap<(u32, u32), Vec<(&Place<'_>, &Veth)>> = BTreeMap::new();
        let veths = || places.iter().flat_map(|place| place.veths.iter().map(move |veth| (place, veth)));
        for (place, veth) in veths() {
            pointing.entry((veth.index, veth.other)).or_default().push((place, veth));
        }
        let mut peers = Peers(BTreeMap::new());
        let mut unread = BTreeMap::new();
        // By place, because only one thread at a time can use its socket.
        let mut questions: BTreeMap<_, (&Place<'_>, Vec<Question<'_>>)> = BTreeMap::new();
        let mut asked: BTreeSet<End<'_>> = BTreeSet::new();
        for (place, veth) in veths() {
            if asked.contains(&(place.name, veth.index)) {
                continue;
            }
            if let Some((there, peer)) = meant(place, veth, desired).filter(|(there, _)| !read.contains_key(there)) {
                if let Entry::Vacant(entry) = unread.entry(there) {
                    entry.insert(netns::find(lab, there)?);
                }
                if unread[there].as_ref().is_some_and(|there| place.calls(there, veth.number)) {
                    peers.0.insert((place.name, veth.index), (there, peer.clone()));
                    continue;
                }
            }
            let candidates = pointing.get(&(veth.other, veth.index)).into_iter().flatten();
            let candidates: Vec<_> =
                candidates.filter(|(there, _)| veth.number.is_none() == (there.name == place.name)).collect();
            // Once per pair, if the two ends are unambiguous.
            if let [(there, peer)] = candidates.as_slice() {
                asked.insert((there.name, peer.index));
            }
            let (_, questions) = questions.entry(place.name).or_insert((place, Vec::new()));
            questions.extend(candidates.into_iter().map(|&(there, peer)| Question { veth, there, peer }));
        }
        let questions: Vec<_> = questions.into_values().collect();
        let answers = threads::each(&questions, |(place, questions)| {
            let is_so = |it: &Question<'_>| it.veth.number.is_none() || place.calls(it.there.file, it.veth.number);
            Ok(questions.iter().map(is_so).collect::<Vec<_>>())
        })?;
        for ((place, questions), answers) in questions.iter().zip(answers) {
            for (Question { veth, there, peer }, _) in questions.iter().zip(answers).filter(|(_, yes)| *yes) {
                peers.0.insert((place.name, veth.index), (there.name, peer.name.clone()));
                peers.0.insert((there.name, peer.index), (place.name, veth.name.clone()));
            }
        }
        Ok(peers)
    }

    /// The other end of a veth; `None` if it is in no namespace of the lab.
    pub(super) fn of(&self, namespace: &NamespaceName, index: u32) -> Option<(NamespaceName, LinkName)> {
        self.0.get(&(namespace, index)).map(|(namespace, name)| ((*namespace).clone(), name.clone()))
    }
}

/// The desired other end of a veth of this name.
fn meant<'a>(place: &Place<'_>, veth: &Veth, desired: &'a Network) -> Option<(&'a NamespaceName, &'a LinkName)> {
    match &desired.namespaces.get(place.name)?.links.get(&veth.name)?.kind {
        LinkKind::Veth { peer_namespace, peer, .. } => Some((peer_namespace, peer)),
        _ => None,
    }
}

impl Place<'_> {
    /// Whether this namespace uses this number for that one. A negative number means a namespace that is being removed.
    fn calls(&self, there: &File, number: Option<i32>) -> bool {
        number.is_some_and(|number| number >= 0 && number_of(self.socket, there) == Some(number))
    }
}

/// The number of namespace `there` in a socket's namespace.
fn number_of(here: &RouteSocket, there: &File) -> Option<i32> {
    let mut message = NsidMessage::default();
    message.attributes.push(NsidAttribute::Fd(there.as_raw_fd() as u32));
    match here.get(RouteNetlinkMessage::GetNsId(message)).ok()?? {
        RouteNetlinkMessage::NewNsId(message) => message.attributes.iter().find_map(|it| match it {
            NsidAttribute::Id(number) => Some(*number),
            _ => None,
        }),
        _ => None,
    }
}
