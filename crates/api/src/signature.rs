//! Signatures: what was signed, and whether a secret signs it so. The dialects say how the text to sign is made.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::Request;
use crate::encoding::{canonical, hex, pairs};

/// How far a request's time may be from the server's, in seconds, in both directions.
pub const SKEW: i64 = 15 * 60;

/// The signature of a request.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The id of the key.
    pub key: String,
    /// The time of the request, in seconds since 1970.
    pub time: i64,
    /// How long it is good for, in seconds.
    pub lasts: i64,
    /// The text that is signed.
    pub text: String,
    pub(crate) signature: Vec<u8>,
    pub(crate) way: Way,
}

/// How the key of the signature is made of the secret.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// HMAC-SHA1 with the secret and this.
    Sha1(&'static str),
    /// HMAC-SHA256 with the secret and this.
    Sha256(&'static str),
    /// HMAC-SHA256 with a key derived from a prefix and the secret, over each of the parts.
    Derived(&'static str, Vec<String>),
}

impl Signed {
    /// Whether this secret made the signature. Takes the same time for every wrong one.
    pub fn is_by(&self, secret: &str) -> bool {
        let text = self.text.as_bytes();
        match &self.way {
            Way::Sha1(suffix) => {
                let mac = Hmac::<Sha1>::new_from_slice((secret.to_owned() + suffix).as_bytes());
                mac.is_ok_and(|mac| mac.chain_update(text).verify_slice(&self.signature).is_ok())
            }
            Way::Sha256(suffix) => {
                let mac = Hmac::<Sha256>::new_from_slice((secret.to_owned() + suffix).as_bytes());
                mac.is_ok_and(|mac| mac.chain_update(text).verify_slice(&self.signature).is_ok())
            }
            Way::Derived(prefix, parts) => {
                let first = format!("{prefix}{secret}").into_bytes();
                let key = parts.iter().fold(first, |key, part| sign(&key, part.as_bytes()));
                let mac = Hmac::<Sha256>::new_from_slice(&key);
                mac.is_ok_and(|mac| mac.chain_update(text).verify_slice(&self.signature).is_ok())
            }
        }
    }
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec());
    mac.unwrap_or_default()
}

/// The hash of bytes, in hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The canonical request that all signatures with headers share: method, path, query, the signed headers, their names,
/// the hash of the body. `None` if a signed header is missing.
pub(crate) fn canonical_request(request: &Request, path: &str, names: &str) -> Option<String> {
    canonical_request_of(request, path, names, &pairs(&request.query))
}

/// The same with these parameters as the query.
pub(crate) fn canonical_request_of(
    request: &Request,
    path: &str,
    names: &str,
    query: &[(String, String)],
) -> Option<String> {
    let header = |name: &str| Some(format!("{name}:{}\n", request.header(name)?));
    let headers = names.split(';').map(header).collect::<Option<String>>()?;
    let query = canonical(query);
    Some(format!("{}\n{path}\n{query}\n{headers}\n{names}\n{}", request.method, hash(&request.body)))
}

/// The parts of an `Authorization` header after its first word: `Credential=…, SignedHeaders=…, Signature=…`.
pub(crate) fn authorization<'a>(rest: &'a str, name: &str) -> Option<&'a str> {
    rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
}
