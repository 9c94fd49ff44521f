//! How Alibaba Cloud's clients are pointed at the server.

use crate::pointing::{Access, Pointing};

pub(super) const POINTING: Pointing = Pointing { id: ("LTAI5t", 24), environment, profile: None, clients };

fn environment(access: &Access<'_>) -> Vec<(&'static str, String)> {
    let proxy = format!("http://{}", access.listen);
    vec![
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", access.id.to_owned()),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", access.secret.to_owned()),
        ("ALIBABA_CLOUD_REGION_ID", access.region.to_owned()),
        ("ALICLOUD_ACCESS_KEY", access.id.to_owned()),
        ("ALICLOUD_SECRET_KEY", access.secret.to_owned()),
        ("ALICLOUD_REGION", access.region.to_owned()),
        ("http_proxy", proxy),
        ("no_proxy", String::new()),
    ]
}

fn clients(access: &Access<'_>) -> Vec<(&'static str, String)> {
    let Access { id, secret, listen, region, .. } = access;
    vec![
        (
            "Python alibabacloud_vpc20160428",
            format!("Config(access_key_id='{id}', access_key_secret='{secret}', endpoint='{listen}', protocol='http')"),
        ),
        (
            "Python aliyun-python-sdk-core",
            format!(
                "client = AcsClient('{id}', '{secret}', '{region}'); client.add_endpoint('{region}', 'Vpc', '{listen}')"
            ),
        ),
        (
            "npm @alicloud/pop-core",
            format!("endpoint: 'http://{listen}', accessKeyId: '{id}', accessKeySecret: '{secret}'"),
        ),
        ("aliyuncli, Ansible", format!("http_proxy=http://{listen} no_proxy=")),
        (
            "aliyun",
            format!(
                "aliyun vpc DescribeVpcs --access-key-id {id} --access-key-secret {secret} --region {region} --endpoint {listen} --protocol http"
            ),
        ),
    ]
}
