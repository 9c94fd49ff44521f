//! Its two signatures: HMAC-SHA1 over the parameters (clients of the former generation), ACS3 over headers, query and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::refused::missing;
use crate::encoding::{canonical, encoded, of_hex};
use crate::signature::{Way, authorization, canonical_request, hash};
use crate::{Refused, Request, SKEW, Signed, time};

/// The signature of a client of the former generation.
pub(super) fn of_before(request: &Request) -> Result<Signed, Refused> {
    let parameters = request.parameters();
    let get = |wanted: &str| {
        let found = parameters.iter().find(|(name, value)| name == wanted && !value.is_empty());
        found.map(|(_, value)| value.clone()).ok_or_else(|| missing(wanted))
    };
    let (key, signature) = (get("AccessKeyId")?, get("Signature")?);
    let way = match &*get("SignatureMethod").unwrap_or_else(|_| "HMAC-SHA1".to_owned()) {
        "HMAC-SHA1" => Way::Sha1("&"),
        "HMAC-SHA256" => Way::Sha256("&"),
        _ => return Err(malformed("SignatureMethod")),
    };
    let time = time_of(&get("Timestamp")?)?;
    let signature = STANDARD.decode(signature).map_err(|_| malformed("Signature"))?;
    let signed = parameters.iter().filter(|(name, _)| name != "Signature");
    let text = format!("{}&%2F&{}", request.method, encoded(&canonical(signed)));
    Ok(Signed { key, time, lasts: SKEW, text, signature, way })
}

/// The signature of a client of today; `rest` is what follows the name of the signature.
pub(super) fn of_today(request: &Request, rest: &str) -> Result<Signed, Refused> {
    let part = |name: &str| authorization(rest, name).ok_or_else(|| malformed(name));
    let (key, names) = (part("Credential")?.to_owned(), part("SignedHeaders")?);
    let signature = of_hex(part("Signature")?).ok_or_else(|| malformed("Signature"))?;
    let time = time_of(request.header("x-acs-date").ok_or_else(|| missing("x-acs-date"))?)?;
    let canonical = canonical_request(request, &request.path, names).ok_or_else(|| malformed("SignedHeaders"))?;
    let text = format!("ACS3-HMAC-SHA256\n{}", hash(canonical.as_bytes()));
    Ok(Signed { key, time, lasts: SKEW, text, signature, way: Way::Sha256("") })
}

fn time_of(text: &str) -> Result<i64, Refused> {
    let message = "Specified time stamp or date value is not well formatted.";
    time::of_text(text).ok_or_else(|| Refused::new(400, "InvalidTimeStamp.Format", message))
}

fn malformed(name: &str) -> Refused {
    let message = format!("The request signature does not conform to Aliyun standards; {name} is not as it should be.");
    Refused::new(400, "IncompleteSignature", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;

    fn request(method: &str, query: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request {
            method: method.into(),
            path: "/".into(),
            query: query.into(),
            headers,
            body: Vec::new(),
            ..Request::default()
        }
    }

    /// The example of the team's page on APIs, as the former generation's SDK sends it.
    #[test]
    fn the_former_generation_s_worked_signature() {
        let query = "AccessKeyId=LTAIexampleA&Action=ConnectRouterInterface&Format=JSON&RegionId=cn-qingdao&\
                     RouterInterfaceId=ri-m5e33r3n78zyi5573kf85&SignatureMethod=HMAC-SHA1&SignatureNonce=n-1&\
                     SignatureType=&SignatureVersion=1.0&Timestamp=2026-01-02T03%3A04%3A05Z&Version=2016-04-28&\
                     Signature=mXX8mcx5hqCD5eBHc8HZpiSXngI%3D";
        let request = request("POST", query, &[]);
        let dialect = Dialect::of(&request).unwrap();
        let signed = dialect.signed(&request).unwrap();
        assert_eq!((dialect.provider, &*signed.key, signed.time), ("alibaba", "LTAIexampleA", 1_767_323_045));
        assert!(signed.text.starts_with("POST&%2F&AccessKeyId%3DLTAIexampleA%26Action%3DConnectRouterInterface%26"));
        assert!(signed.is_by("secretA"), "{}", signed.text);
        assert!(!signed.is_by("secretB") && !signed.is_by(""));
        assert_eq!(dialect.inquiry(&request).unwrap().action.name, "ConnectRouterInterface");
    }

    #[test]
    fn todays_worked_signature() {
        let authorization = "ACS3-HMAC-SHA256 Credential=LTAIexampleA,SignedHeaders=host;x-acs-action;\
                             x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
                             Signature=361bd1a6177fb5975f456b0bec9c3954b3733d967ff23c07604e48ce8580c697";
        let mut request = request(
            "POST",
            "RegionId=cn-qingdao&RouterInterfaceId=ri-m5e33r3n78zyi5573kf85",
            &[
                ("authorization", authorization),
                ("host", "127.0.0.1:8080"),
                ("x-acs-action", "ConnectRouterInterface"),
                ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "n-1"),
                ("x-acs-version", "2016-04-28"),
            ],
        );
        let dialect = Dialect::of(&request).unwrap();
        let signed = dialect.signed(&request).unwrap();
        assert_eq!(signed.text, "ACS3-HMAC-SHA256\nd06b1b5842bc7bb0e7713dc04fec8d3ecaefa0a7f5b009803bfac50342ef6378");
        assert!(signed.is_by("secretA") && !signed.is_by("secretB"));
        assert!(dialect.check(&request, &signed, Some("secretA"), signed.time + 899).is_ok());
        for (secret, now, code) in [
            (None, 0, "InvalidAccessKeyId.NotFound"),
            (Some("secretB"), 0, "SignatureDoesNotMatch"),
            (Some("secretA"), 901, "InvalidTimeStamp.Expired"),
            (Some("secretA"), -901, "InvalidTimeStamp.Expired"),
        ] {
            assert_eq!(dialect.check(&request, &signed, secret, signed.time + now).unwrap_err().code, code);
        }
        // One colon, and then at once what was signed: the former generation's SDK splits there.
        let wrong = dialect.check(&request, &signed, Some("secretB"), signed.time).unwrap_err();
        assert_eq!(wrong.message.split(':').nth(1), Some(&*signed.text));
        request.body = b"x".to_vec();
        assert!(!dialect.signed(&request).unwrap().is_by("secretA"), "the body is signed too");
    }

    #[test]
    fn what_is_no_signature_is_an_error_of_the_provider() {
        for (query, authorization, code) in [
            ("Action=DescribeVpcs", None, "MissingParameter"),
            ("AccessKeyId=a&Signature=%21&Timestamp=2026-01-02T03%3A04%3A05Z", None, "IncompleteSignature"),
            ("AccessKeyId=a&Signature=aaaa&Timestamp=now", None, "InvalidTimeStamp.Format"),
            ("AccessKeyId=a&Signature=aaaa&SignatureMethod=MD5", None, "IncompleteSignature"),
            ("", Some("ACS3-HMAC-SHA256 nothing"), "IncompleteSignature"),
            ("", Some("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=x,Signature=0"), "IncompleteSignature"),
            ("", Some("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=x,Signature=00"), "MissingParameter"),
        ] {
            let headers: Vec<_> = authorization.iter().map(|it| ("authorization", *it)).collect();
            let request = request("POST", query, &headers);
            let dialect = Dialect::of(&request).unwrap();
            assert_eq!(dialect.signed(&request).unwrap_err().code, code, "{query} {authorization:?}");
        }
    }
}
