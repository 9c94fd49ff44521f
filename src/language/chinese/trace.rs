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
    // Explanations as a page.
    ("there", "去程"),
    ("back", "回程"),
    ("to make it reach", "按以下操作即可连通"),
    ("no operation makes it reach", "没有操作能使其连通"),
    ("answered", "收到应答"),
    ("no answer", "无应答"),
    ("; ", "；"),
    (", ", "，"),
    (": ", "："),
];

/// Texts that the sources put together from several.
pub(super) const COMPOSED: &[(&str, &str)] = &[
    ("return:{reason!}", "回程{reason!}"),
    ("answered-by-another ({who})", "由{who}代为应答"),
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
    (
        "no rule of {} matches: {policy} ({group}: {rule} is stale, {why})",
        "{,}中没有匹配的规则：{policy!}（{group}的规则“{rule!}”已失效：{why!}）",
    ),
    ("{near} {state!}, {far} {other!}", "{near}{state!}，{far}{other!}"),
    ("{near} {state!}, {far} {other!} ({missing})", "{near}{state!}，{far}{other!}（{missing;}）"),
    ("{near} {state!} ({missing})", "{near}{state!}（{missing;}）"),
    ("{near} {state!}, no other end yet", "{near}{state!}，尚无对端"),
    ("{near} {state!}, no other end yet ({missing})", "{near}{state!}，尚无对端（{missing;}）"),
];
