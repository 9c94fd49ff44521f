//! Texts of the lab reader and the cloud that other parts said too.

pub(super) const TEXTS: &[(&str, &str)] = &[
    ("its router", "其路由器"),
    ("{address} is no host's address", "{address}不是主机地址"),
    (
        "give the address of one host: not 0.0.0.0, a multicast or the broadcast address",
        "请使用单个主机的地址：不能是0.0.0.0、组播地址或广播地址",
    ),
];

/// Texts that the sources put together from several.
pub(super) const COMPOSED: &[(&str, &str)] = &[
    ("By hand: {operation}", "手动：{operation*}"),
    ("{code}: {message!}; {hint!}", "{code}：{message!}；{hint!}"),
    ("{message!}; {hint!}", "{message!}；{hint!}"),
];
