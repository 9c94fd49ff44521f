//! JDCLOUD2 and JDCLOUD3: HMAC-SHA256 over a canonical request, with a key derived from the secret.

use crate::encoding::{decoded, encoded_path, of_hex};
use crate::signature::{Way, authorization, canonical_request, hash};
use crate::{Refused, Request, SKEW, Signed, time};

/// The versions: the name of the signature, what the key begins with, what it ends with.
const VERSIONS: [(&str, &str, &str); 2] = [
    ("JDCLOUD3-HMAC-SHA256", "JDCLOUD3", "jdcloud3_request"),
    ("JDCLOUD2-HMAC-SHA256", "JDCLOUD2", "jdcloud2_request"),
];

/// The signature of a request with this `Authorization`.
pub(super) fn of(request: &Request, header: &str) -> Result<Signed, Refused> {
    let (name, rest) = header.split_once(' ').unwrap_or((header, ""));
    let version = VERSIONS.into_iter().find(|(known, ..)| *known == name);
    let (name, prefix, last) = version.ok_or_else(|| malformed("Authorization"))?;
    let part = |name: &str| authorization(rest, name).ok_or_else(|| malformed(name));
    let (credential, names) = (part("Credential")?, part("SignedHeaders")?);
    let signature = of_hex(part("Signature")?).ok_or_else(|| malformed("Signature"))?;
    let scope: Vec<_> = credential.split('/').collect();
    let [key, date, region, service, end] = scope[..] else { return Err(malformed("Credential")) };
    let moment = request.header("x-jdcloud-date").ok_or_else(|| malformed("x-jdcloud-date"))?;
    let time = time::of_text(moment).filter(|_| moment.starts_with(date));
    let time = time.filter(|_| end == last).ok_or_else(|| malformed("x-jdcloud-date"))?;
    let canonical = canonical_request(request, &path(request), names).ok_or_else(|| malformed("SignedHeaders"))?;
    let text = format!("{name}\n{moment}\n{date}/{region}/{service}/{last}\n{}", hash(canonical.as_bytes()));
    let parts = [date, region, service, last].map(str::to_owned).to_vec();
    Ok(Signed { key: key.to_owned(), time, lasts: SKEW, text, signature, way: Way::Derived(prefix, parts) })
}

/// The path as it is signed: decoded, one slash where several follow each other, encoded again.
fn path(request: &Request) -> String {
    let decoded = decoded(&request.path);
    let mut path = String::new();
    for c in decoded.chars() {
        if c != '/' || !path.ends_with('/') {
            path.push(c);
        }
    }
    encoded_path(&path)
}

fn malformed(name: &str) -> Refused {
    Refused::new(401, "UNAUTHENTICATED", format!("The signature is not as it should be: {name}"))
}

#[cfg(test)]
mod tests {
    use crate::{Dialect, Request};

    fn worked(version: u8, signature: &str) -> Request {
        let authorization = format!(
            "JDCLOUD{version}-HMAC-SHA256 Credential=key/20260102/cn-south-1/vpc/jdcloud{version}_request, \
             SignedHeaders=content-type;host, Signature={signature}"
        );
        let headers = [
            ("authorization", &*authorization),
            ("content-type", "application/json"),
            ("host", "127.0.0.1:8080"),
            ("x-jdcloud-date", "20260102T030405Z"),
        ];
        Request {
            method: "POST".into(),
            path: "/v1/regions/cn-south-1/routeTables/rtb-1:associateRouteTable".into(),
            query: String::new(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: br#"{"subnetIds": ["subnet-1"]}"#.to_vec(),
            ..Request::default()
        }
    }

    /// The examples of the team's page on APIs.
    #[test]
    fn the_worked_signatures_of_both_versions() {
        for (version, signature) in [
            (3, "f3a9d8ab99827501d1376f359f90f3e607228d96994eeb7d18fbebc59f2e9182"),
            (2, "b146fc29d2d81e2b8a74fe8cec57655c57e88366963dbf55a4f8c4f30e9bee6b"),
        ] {
            let mut request = worked(version, signature);
            let dialect = Dialect::of(&request).unwrap();
            let signed = dialect.signed(&request).unwrap();
            assert_eq!((dialect.provider, &*signed.key, signed.time), ("jdcloud", "key", 1_767_323_045));
            let hash = "36c9fb8ad8d3571394586796eed30944733c7fce08134b93b2b6d21dab7027bc";
            assert!(signed.text.ends_with(hash), "{}", signed.text);
            assert!(signed.is_by("secretA") && !signed.is_by("secretB"));
            let inquiry = dialect.inquiry(&request).unwrap();
            assert_eq!(
                (inquiry.action.name, inquiry.parameters.list("subnetIds")),
                ("associateRouteTable", vec!["subnet-1"])
            );
            // The colon may be encoded, and slashes doubled.
            request.path = "/v1//regions/cn-south-1/routeTables/rtb-1%3AassociateRouteTable".into();
            assert!(dialect.signed(&request).unwrap().is_by("secretA"));
            assert_eq!(dialect.inquiry(&request).unwrap().action.name, "associateRouteTable");
            request.body.clear();
            assert!(!dialect.signed(&request).unwrap().is_by("secretA"));
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let good = worked(3, "00");
        let wrong = |change: fn(&mut String)| {
            let mut request = good.clone();
            change(&mut request.headers[0].1);
            request
        };
        for request in [
            wrong(|header| *header = "JDCLOUD4-HMAC-SHA256 x".into()),
            wrong(|header| *header = header.replace("/vpc", "")),
            wrong(|header| *header = header.replace("Signature=00", "Signature=0x")),
            wrong(|header| *header = header.replace("content-type;host", "nothing")),
            wrong(|header| *header = header.replace("20260102", "20260103")),
            Request { headers: Vec::new(), ..good.clone() },
        ] {
            let dialect = Dialect::of(&request).unwrap();
            assert_eq!(dialect.signed(&request).unwrap_err().status, 401, "{request:?}");
        }
    }
}
