//! What the consoles say in peerlab's own words.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// Peerlab's own words in the consoles.
    pub enum Said in "console" {
        NotDone en "Not done:" zh "未能完成：";
        ToDo en "What to do: " zh "须做：";
        Preview en "Preview" zh "预览";
        Choose en "Choose" zh "请选择";
        NothingToChoose en "there is none" zh "没有可选项";
        EquivalentCall en "Equivalent call" zh "等价调用";
        Copy en "Copy" zh "复制";
        Actions en "Actions" zh "操作";
        Cancel en "Cancel" zh "取消";
        Back en "Back" zh "返回";
        Delete en "Delete" zh "删除";
        SkipToWork en "To the page" zh "跳到页面内容";
        SkipToTutorial en "To the tutorial" zh "跳到教程";
        SkipToNetwork en "To the network" zh "跳到网络";
        Console en "Console" zh "控制台";
        Menu en "Menu" zh "菜单";
        Tutorial en "Tutorial" zh "教程";
        Network en "Network" zh "网络";
        Terminal en "Terminal" zh "终端";
        Settings en "Language and colours" zh "语言与配色";
        Theme en "Colours" zh "配色";
        ThemeSystem en "System" zh "跟随系统";
        ThemeLight en "Light" zh "浅色";
        ThemeDark en "Dark" zh "深色";
        Go en "Go" zh "切换";
        SignedInAs { account: Account } en "signed in as account {account}" zh "已登录账号{account}";
        AccountWord { account: Account } en "Account {account}" zh "账号{account}";
        Earlier en "earlier edition" zh "旧版";
        StepOf { step: Number, steps: Number } en "Step {step} of {steps}" zh "第{step}步/{steps}";
        YourTurn en "your turn" zh "轮到您";
        TurnOf { account: Account } en "account {account}'s turn: waiting" zh "轮到账号{account}：等待中";
        AllDone en "All steps are done" zh "所有步骤均已完成";
        NoSteps en "This lab has no steps" zh "此实验没有步骤";
        StepDone en "done" zh "已完成";
        StepNow en "now" zh "当前";
        StepAhead en "not done" zh "未完成";
        Checks en "Checks" zh "检查";
        CheckPasses en "as wanted" zh "符合预期";
        CheckFails { now: Message } en "not yet: {now}" zh "尚未：{now}";
        Hint { given: Number, hints: Number } en "Hint {given} of {hints}" zh "提示 {given}/{hints}";
        AskHint en "Give a hint" zh "给我提示";
        HintPage en "Where" zh "在哪里";
        HintControl en "What to press" zh "按哪里";
        HintValues en "With what" zh "填什么";
        HintCall en "The call" zh "调用";
        DoStep en "Do this step" zh "执行此步";
        AllSteps en "All steps" zh "所有步骤";
        Exercise en "Exercise" zh "练习";
        Picture en "Picture" zh "图";
        Matrix en "Matrix" zh "矩阵";
        Path en "Path" zh "路径";
        FromTo en "from ↓ to →" zh "从↓到→";
        From en "From" zh "从";
        To en "To" zh "到";
        Protocol en "Protocol" zh "协议";
        Explain en "Explain" zh "解释";
        ExplainCounts en "Explain (counts as hints)" zh "解释（计为提示）";
        Swap en "Swap" zh "互换";
        Ping en "Ping" zh "Ping";
        PingAll en "Ping all pairs" zh "Ping所有实例对";
        There en "There" zh "去程";
        BackWay en "Back" zh "回程";
        Blockers en "Blockers" zh "阻断";
        Fix en "Fix" zh "解决办法";
        MustBeDoneBy { account: Account } en "account {account} must do it" zh "须由账号{account}执行";
        NoFix en "No operation makes it reach" zh "没有操作能使其可达";
        BuildInstead en "Build instead" zh "可改为";
        Reaches en "reach" zh "可达";
        Predicted { what: Message } en "predicted: {what}" zh "预测：{what}";
        PingedAt { what: Message, when: Text } en "pinged {when}: {what}" zh "{when} ping：{what}";
        PingAnswered { ms: Text } en "answer in {ms} ms" zh "{ms} ms收到应答";
        PingAnsweredByAnother en "answered by another" zh "由其他实例应答";
        PingSilent en "no answer" zh "无应答";
        PingDiffers en "not as predicted" zh "与预测不符";
        PingOld en "before the last change" zh "在最近一次变更之前";
        Drift en "Changed by hand in the kernel" zh "内核中有人手工修改";
        NoDrift en "Nothing was changed by hand in the kernel" zh "内核中没有手工修改";
        NoInstances en "This lab has no instances" zh "此实验没有实例";
        TooManyInstances { instances: Number }
            en "{instances} instances: select a pair above"
            zh "共{instances}个实例：请在上方选择实例对";
        Log en "Log" zh "日志";
        Door en "Operation" zh "操作内容";
        NothingDone en "Nothing was done yet" zh "尚未执行任何操作";
        Undo en "Undo" zh "撤销";
        Latest en "Last:" zh "最近：";
        NoLongerLatest
            en "This is no longer what was done last, or it is another account's."
            zh "这已不是最近一次操作，或属于其他账号。";
        Packets en "Packets" zh "数据包";
        PacketsAt en "At" zh "位置";
        PacketsFilter en "Filter" zh "筛选";
        ShowPackets en "Show packets" zh "显示数据包";
        StopPackets en "Stop" zh "停止";
        PingWithPackets { place: Text } en "Ping, and show the packets at {place}" zh "Ping并显示{place}的数据包";
        NoPackets en "No packet passed." zh "没有数据包经过。";
        PacketsWait { missing: Clauses } en "{missing}; waiting" zh "{missing}；等待中";
        PacketsCanPass en "packets can pass now" zh "现在可以通过数据包";
        PacketsLeftOut { packets: Number } en "{packets} more came at once" zh "另有{packets}个同时到达";
        TooManyCaptures { captures: Number }
            en "{captures} pages show packets of this lab already"
            zh "已有{captures}个页面显示此实验的数据包";
        PlaceGone en "the place is gone" zh "该位置已不存在";
        NotYourPlace { place: Text } en "{place} is not yours" zh "{place}不属于您";
        Home en "Home" zh "首页";
        PeeringMade
            en "The peering was created. Go to its route table to configure the routes."
            zh "创建成功，请前往路由表配置相关路由！";
        TableMade
            en "A route table does nothing until its policies are configured and subnets are associated. Configure it now?"
            zh "创建路由表后需要配置路由策略，并关联子网才能生效。是否去配置？";
        SignOut en "Sign out" zh "退出登录";
        OwnThings en "What this account has" zh "此账号拥有";
        EmptyHere { region: Text } en "Nothing in {region}." zh "{region}没有资源。";
        ElsewhereIs { regions: Names } en "There is some in {regions}." zh "{regions}有。";
        NothingYet en "There is none yet." zh "尚无。";
        NotYours { owner: Account } en "It is account {owner}'s: only that account may change it." zh "属于账号{owner}：只有该账号可以更改。";
        WillDelete { name: Text } en "{name} will be deleted." zh "将删除{name}。";
        WithEntries en "the route entries that lead to it too" zh "同时删除指向它的路由条目";
        WillCut en "It carries no traffic from then on." zh "此后不再承载流量。";
        Yes en "Yes" zh "是";
        No en "No" zh "否";
        TypeToConfirm { word: Text } en "To confirm, type {word}" zh "请输入{word}以确认";
        PeerBlock { cidr: Text } en "The peer's block is {cidr}." zh "对端网段为{cidr}。";
        FreeOfCharge en "Nothing costs anything here." zh "此处不产生任何费用。";
        SpeedOf { class: Text } en "class {class}" zh "规格{class}";
        Mine en "own" zh "本账号";
        Of { account: Account } en "account {account}" zh "账号{account}";
        Accepts en "accept" zh "接受";
        Drops en "drop" zh "拒绝";
        InnerAccess en "Members reach each other" zh "组内连通策略";
        TerminalOf { instance: Instance } en "Terminal of {instance}" zh "{instance}的终端";
        Command en "Command" zh "命令";
        Run en "Run" zh "运行";
        Screen en "Screen" zh "屏幕";
        Keys en "Type here; Ctrl-] leaves" zh "在此输入；按Ctrl-]离开";
        Reconnect en "Reconnect" zh "重新连接";
        TerminalEnded en "The shell has ended." zh "Shell已结束。";
        Lost en "The connection is lost; this is the last state. Trying again." zh "连接已断开；显示的是最后的状态。正在重试。";
        SomethingChanged en "Something on this page changed." zh "此页有变更。";
        Show en "Show" zh "查看";
        LinkUsed en "This link was used, or is too old." zh "此链接已使用过，或已过期。";
        AnotherLink en "`peerlab credentials` prints another." zh "`peerlab credentials`会给出新的链接。";
        SignedOut en "You are not signed in here." zh "您尚未登录。";
        SigningIn en "Signing in" zh "正在登录";
        GoOn en "Go on" zh "继续";
        NoSuchPage en "There is no such page." zh "没有此页面。";
        Forged en "This request did not come from this console." zh "此请求并非来自本控制台。";
        LabGone { lab: Lab } en "Lab {lab} is not up." zh "实验{lab}未运行。";
        WithdrawnPage en "Go to the first page" zh "返回首页";
        Teacher en "Class" zh "班级";
        AccountOf en "Account" zh "账号";
        Learner en "Learner" zh "学员";
        AtStep en "At" zh "进度";
        StuckOn en "Last refusal" zh "最近一次拒绝";
        NoLabHere en "Sign in by a link that `peerlab serve` or `peerlab credentials` prints." zh "请使用`peerlab serve`或`peerlab credentials`给出的链接登录。";
        SignedInHere en "Signed in here" zh "已登录";
        Made { what: Text } en "Made: {what}" zh "已创建：{what}";
        Keyboard en "Keyboard" zh "键盘";
        KeysGoTo
            en "Outside of fields, one key opens a page, or goes to a button, which Enter presses."
            zh "在输入框之外，按一个键即可打开页面，或转到按钮，再按Enter即可执行。";
        Key en "Key" zh "按键";
        GoesTo en "Goes to" zh "转到";
        KeysOff en "Turn these keys off" zh "关闭这些按键";
        KeysOn en "Turn these keys on" zh "启用这些按键";
        Ports en "ports" zh "端口";
        Any en "all" zh "全部";
        Target en "Destination" zh "目标";
        Status en "Status" zh "状态";
        Dead en "leads nowhere" zh "无效";
        Carries en "carries traffic" zh "承载流量";
        CarriesNot en "carries no traffic" zh "不承载流量";
    }
}
