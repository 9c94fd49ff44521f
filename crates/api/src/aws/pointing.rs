//! How AWS's clients are pointed at the server.

use crate::pointing::{Access, Pointing};

pub(super) const POINTING: Pointing =
    Pointing { id: ("AKIA", 20), environment, profile: Some(("aws", profile)), clients };

fn environment(access: &Access<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ACCESS_KEY_ID", access.id.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", access.secret.to_owned()),
        ("AWS_DEFAULT_REGION", access.region.to_owned()),
        ("AWS_REGION", access.region.to_owned()),
        ("AWS_ENDPOINT_URL", format!("http://{}", access.listen)),
    ]
}

/// A configuration file with a profile for each account.
fn profile(all: &[Access<'_>]) -> String {
    let one = |Access { account, id, secret, listen, region }: &Access<'_>| {
        format!(
            "[profile {account}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\nregion = {region}\n\
             endpoint_url = http://{listen}\n"
        )
    };
    all.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn clients(access: &Access<'_>) -> Vec<(&'static str, String)> {
    let Access { account, id, secret, listen, region } = access;
    vec![
        (
            "boto3",
            format!(
                "boto3.client('ec2', region_name='{region}', endpoint_url='http://{listen}', aws_access_key_id='{id}', aws_secret_access_key='{secret}')"
            ),
        ),
        (
            "aws",
            format!(
                "peerlab credentials --format aws > lab.ini; AWS_CONFIG_FILE=lab.ini aws --profile {account} ec2 describe-vpcs"
            ),
        ),
        ("Ansible, Terraform", format!("eval \"$(peerlab credentials --as {account} --format env)\"")),
    ]
}
