//! Signature Version 4: in the header `Authorization`, or in the query of a presigned request.

use crate::encoding::{decoded, encoded_path, of_hex, pairs};
use crate::signature::{Way, authorization, canonical_request_of, hash};
use crate::{Refused, Request, SKEW, Signed, time};

/// The name of the signature.
const NAME: &str = "AWS4-HMAC-SHA256";
/// What a scope ends with.
const LAST: &str = "aws4_request";
/// The longest that a presigned request is good for, in seconds.
const LONGEST: i64 = 7 * 86_400;

/// Whether a request has such a signature, or tries to.
pub(super) fn is_there(request: &Request) -> bool {
    header(request).is_some() || request.query.contains("X-Amz-Algorithm=") || request.header("x-amz-date").is_some()
}

/// What follows the signature's name.
fn header(request: &Request) -> Option<&str> {
    request.header("authorization")?.strip_prefix(NAME)
}

/// What a signature is good for.
pub(super) struct Scope {
    key: String,
    date: String,
    pub region: String,
    pub service: String,
}

impl Scope {
    /// The scope of a request's signature.
    pub fn of(request: &Request) -> Option<Self> {
        let text = header(request).and_then(|rest| authorization(rest, "Credential"));
        Self::read(text.or_else(|| request.parameter("X-Amz-Credential"))?)
    }

    fn read(text: &str) -> Option<Self> {
        let [key, date, region, service, LAST] = text.split('/').collect::<Vec<_>>()[..] else { return None };
        let [key, date, region, service] = [key, date, region, service].map(str::to_owned);
        Some(Scope { key, date, region, service })
    }
}

/// The signature of a request.
pub(super) fn of(request: &Request) -> Result<Signed, Refused> {
    let scope = || Scope::of(request).ok_or_else(|| malformed("Credential"));
    if let Some(rest) = header(request) {
        let part = |name: &str| authorization(rest, name).ok_or_else(|| malformed(name));
        let moment = request.header("x-amz-date").ok_or_else(|| malformed("X-Amz-Date"))?;
        let query = pairs(&request.query);
        return made(request, scope()?, moment, part("SignedHeaders")?, part("Signature")?, &query, SKEW);
    }
    if request.parameter("X-Amz-Algorithm") != Some(NAME) {
        let message = "Request is missing Authentication Token";
        return Err(Refused::new(400, "MissingAuthenticationToken", message));
    }
    let part = |name: &str| request.parameter(name).ok_or_else(|| malformed(name));
    let lasts = part("X-Amz-Expires")?.parse().ok().filter(|lasts| (1..=LONGEST).contains(lasts));
    let lasts = lasts.ok_or_else(|| malformed("X-Amz-Expires"))?;
    let query: Vec<_> = pairs(&request.query).into_iter().filter(|(name, _)| name != "X-Amz-Signature").collect();
    let (moment, names, signature) = (part("X-Amz-Date")?, part("X-Amz-SignedHeaders")?, part("X-Amz-Signature")?);
    made(request, scope()?, moment, names, signature, &query, lasts)
}

fn made(
    request: &Request,
    scope: Scope,
    moment: &str,
    names: &str,
    signature: &str,
    query: &[(String, String)],
    lasts: i64,
) -> Result<Signed, Refused> {
    let Scope { key, date, region, service } = scope;
    let signature = of_hex(signature).ok_or_else(|| malformed("Signature"))?;
    let time = time::of_text(moment).filter(|_| moment.starts_with(&date)).ok_or_else(|| malformed("X-Amz-Date"))?;
    if !names.split(';').any(|name| name == "host") {
        return Err(malformed("SignedHeaders"));
    }
    let path = encoded_path(&decoded(&request.path));
    let canonical = canonical_request_of(request, &path, names, query).ok_or_else(|| malformed("SignedHeaders"))?;
    let text = format!("{NAME}\n{moment}\n{date}/{region}/{service}/{LAST}\n{}", hash(canonical.as_bytes()));
    let parts = vec![date, region, service, LAST.to_owned()];
    Ok(Signed { key, time, lasts, text, signature, way: Way::Derived("AWS4", parts) })
}

fn malformed(name: &str) -> Refused {
    let message = format!("Authorization header or parameters are not as AWS Signature Version 4 requires: {name}");
    Refused::new(400, "IncompleteSignature", message)
}

#[cfg(test)]
mod tests {
    use crate::{Dialect, Request};

    const SIGNED: &str = "fd0311410c1dd43b3cd448a95f4d385af94cb3d66bd1d98ba927ba0a01ca1a78";

    fn worked(signature: &str) -> Request {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEA/20260102/us-east-1/ec2/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature={signature}"
        );
        let headers = [
            ("authorization", &*authorization),
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("host", "127.0.0.1:8080"),
            ("x-amz-date", "20260102T030405Z"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let body = b"Action=DescribeVpcs&Version=2016-11-15".to_vec();
        Request::new("POST".into(), "/".into(), String::new(), headers, body)
    }

    /// The example of the team's page on APIs.
    #[test]
    fn the_worked_signature() {
        let request = worked(SIGNED);
        let dialect = Dialect::of(&request).unwrap();
        let signed = dialect.signed(&request).unwrap();
        assert_eq!((dialect.provider, &*signed.key, signed.time), ("aws", "AKIAEXAMPLEA", 1_767_323_045));
        let hash = "25154e4afd02688e87a205567bae4ea3e75bb85e0e4396f2e9ffbb719639c556";
        assert!(signed.text.ends_with(hash), "{}", signed.text);
        assert!(signed.is_by("secretA") && !signed.is_by("secretB"));
        assert_eq!(dialect.check(&request, &signed, Some("secretA"), signed.time + 900), Ok(()));
        for (secret, now, code) in [
            (None, signed.time, "AuthFailure"),
            (Some("secretB"), signed.time, "AuthFailure"),
            (Some("secretA"), signed.time + 901, "RequestExpired"),
            (Some("secretA"), signed.time - 901, "RequestExpired"),
        ] {
            assert_eq!(dialect.check(&request, &signed, secret, now).unwrap_err().code, code);
        }
        let inquiry = dialect.inquiry(&request).unwrap();
        assert_eq!((inquiry.action.name, inquiry.parameters.get("RegionId")), ("DescribeVpcs", Some("us-east-1")));
        let other = Request { body: b"Action=DeleteVpc&Version=2016-11-15".to_vec(), ..worked(SIGNED) };
        assert!(!dialect.signed(&other).unwrap().is_by("secretA"));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let wrong = |change: fn(&mut String)| {
            let mut request = worked(SIGNED);
            change(&mut request.headers[0].1);
            request
        };
        for request in [
            wrong(|header| *header = header.replace("/ec2", "")),
            wrong(|header| *header = header.replace("aws4_request", "aws5_request")),
            wrong(|header| *header = header.replace("Signature=fd", "Signature=fx")),
            wrong(|header| *header = header.replace("content-type;host", "nothing")),
            wrong(|header| *header = header.replace("content-type;host;x-amz-date", "content-type")),
            wrong(|header| *header = header.replace("20260102", "20260103")),
            Request { headers: Vec::new(), query: "X-Amz-Algorithm=AWS4-HMAC-SHA256".into(), ..worked("") },
        ] {
            let dialect = Dialect::of(&request).unwrap();
            assert_eq!((dialect.provider, dialect.signed(&request).unwrap_err().status), ("aws", 400), "{request:?}");
        }
    }
}
