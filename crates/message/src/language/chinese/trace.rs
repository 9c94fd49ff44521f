//! Why a packet arrives or not: decisions, reasons, blockers, and what to build instead.

pub(super) const TEXTS: &[(&str, &str)] = &[
    // Reasons.
    ("reach", "可达"),
    ("egress-security-group", "出方向安全组拒绝"),
    ("no-route", "无路由"),
    ("peering-inactive", "对等连接未激活"),
    ("not-transitive", "对等连接不可传递"),
    ("no-public-ip", "无公网IP"),
    ("no-such-address", "地址不存在"),
    ("ingress-security-group", "入方向安全组拒绝"),
    ("answered-by-another", "由其他实例应答"),
    // The deciding resource, in one word.
    ("local", "本地"),
    ("peering", "对等连接"),
    ("address", "地址"),
    ("answered", "收到应答"),
    ("no answer", "无应答"),
    ("; ", "；"),
    (", ", "，"),
    (": ", "："),
];

/// Texts that the sources put together from several.
pub(super) const COMPOSED: &[(&str, &str)] = &[
    ("return:{reason!}", "回程{reason!}"),
    ("accept {what} from {peer} priority {n}", "允许{what*}，来源{peer}，优先级{n}"),
    ("accept {what} to {peer} priority {n}", "允许{what*}，目的{peer}，优先级{n}"),
    ("drop {what} from {peer} priority {n}", "拒绝{what*}，来源{peer}，优先级{n}"),
    ("drop {what} to {peer} priority {n}", "拒绝{what*}，目的{peer}，优先级{n}"),
    ("accept {what} from {peer}", "允许{what*}，来源{peer}"),
    ("accept {what} to {peer}", "允许{what*}，目的{peer}"),
    ("drop {what} from {peer}", "拒绝{what*}，来源{peer}"),
    ("drop {what} to {peer}", "拒绝{what*}，目的{peer}"),
    ("{place}: {decision!}", "{place*}：{decision!}"),
    ("{code}: {message!}; {hint!}", "{code}：{message!}；{hint!}"),
    ("{message!}; {hint!}", "{message!}；{hint!}"),
    ("{near} {state!}, {far} {other!}", "{near}{state!}，{far}{other!}"),
    ("{near} {state!}, {far} {other!} ({missing})", "{near}{state!}，{far}{other!}（{missing;}）"),
    ("{near} {state!} ({missing})", "{near}{state!}（{missing;}）"),
];
