//! How JD Cloud's clients are pointed at the server.

use crate::pointing::{Access, Pointing};

pub(super) const POINTING: Pointing =
    Pointing { id: ("JDC_", 32), environment, profile: Some(("jdc", profile)), clients };

/// Its clients read no environment; a script can.
fn environment(access: &Access<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("JDCLOUD_ACCESS_KEY", access.id.to_owned()),
        ("JDCLOUD_SECRET_KEY", access.secret.to_owned()),
        ("JDCLOUD_REGION", access.region.to_owned()),
        ("JDCLOUD_ENDPOINT", access.listen.to_owned()),
    ]
}

/// The commands that make a profile for each account.
fn profile(all: &[Access<'_>]) -> String {
    let line = |Access { account, id, secret, listen, region }: &Access<'_>| {
        format!(
            "jdc configure add --profile {account} --access-key {id} --secret-key {secret} --region-id {region} --endpoint {listen} --scheme http\n"
        )
    };
    all.iter().map(line).collect()
}

fn clients(access: &Access<'_>) -> Vec<(&'static str, String)> {
    let Access { account, id, secret, listen, .. } = access;
    vec![
        ("Python jdcloud_sdk", format!("VpcClient(Credential('{id}', '{secret}'), Config('{listen}', 'http'))")),
        (
            "npm jdcloud-sdk-js",
            format!(
                "credentials: {{accessKeyId: '{id}', secretAccessKey: '{secret}'}}, endpoint: {{protocol: 'http', host: '{listen}'}}"
            ),
        ),
        (
            "jdc",
            format!(
                "{}jdc configure use --profile {account}",
                profile(std::slice::from_ref(access)).replace('\n', " && ")
            ),
        ),
    ]
}
