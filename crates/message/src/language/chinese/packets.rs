//! `capture` and `watch`: what they say beside packets and pairs.

pub(super) const TEXTS: &[(&str, &str)] = &[
    // Captures.
    ("capturing at {}", "正在{*}抓包"),
    ("; Ctrl-C ends it", "；Ctrl-C结束"),
    (" to {}", "，写入{*}"),
    (" to standard output", "，写入标准输出"),
    ("{packets} captured", "已捕获{packets!}"),
    (", of {} that passed", "，共经过{}个"),
    ("{lost} lost: they came faster than they were written", "丢失{lost}个：到达速度超过写入速度"),
    ("packets can pass now", "现在可以通过数据包"),
    ("{} of lab {lab} is gone", "实验{lab}的{}已不存在"),
    ("lab {lab} went down", "实验{lab}已停止"),
    // Where they go.
    ("-w writes a file, and --json says packets on standard output", "-w写入文件，而--json将数据包写到标准输出"),
    ("leave one of them out", "请去掉其中一个"),
    ("standard output is a terminal, and a pcapng file is not for reading", "标准输出是终端，而pcapng文件不能直接阅读"),
    ("pipe it, as in `| wireshark -k -i -`, or give a file", "请用管道，例如`| wireshark -k -i -`，或指定文件"),
    ("{} cannot be written{by}: {error}", "{*}无法写入{by!}：{error*}"),
    (" by user {}", "（用户{}）"),
    ("give a file in a folder of your own", "请指定您自己文件夹中的文件"),
    ("call peerlab as root, and not by sudo", "请直接以root身份运行peerlab，而不用sudo"),
    // Problems of the host.
    ("packets cannot be waited for: {}", "无法等待数据包：{*}"),
    ("packets cannot be written: {error}", "无法写入数据包：{error*}"),
    ("packets of namespace {}.{} cannot be read: {error}", "无法读取命名空间{}.{}的数据包：{error*}"),
    ("packets of {} cannot be chosen: {error}", "无法筛选{}的数据包：{error*}"),
    ("make room there; what was written until then can be read", "请释放空间；此前写入的内容可以读取"),
    ("see whether it can be written to", "请检查是否可写"),
    ("signals cannot be read: {}", "无法读取信号：{*}"),
    ("free some descriptors", "请释放一些文件描述符"),
    // The watch.
    ("{lab}: {reach} of {pairs} pairs reach, {verdict}", "{lab}：{pairs}对实例中{reach}对可达，{verdict!}"),
    ("the terminal cannot be used: {error}", "无法使用终端：{error*}"),
    ("`peerlab watch | cat` shows a line a change", "`peerlab watch | cat`每个变化显示一行"),
    ("standard output cannot be written: {error}", "无法写入标准输出：{error*}"),
    ("see where it leads to, and whether that can be written", "请检查它指向何处，以及该处是否可写"),
    ("{unit:?} is no unit of time: use ms, s or m", "{unit*}不是时间单位：请用ms、s或m"),
    ("write it as 1s, 500ms or 2m", "请写成1s、500ms或2m"),
    ("it is no time", "不是时间"),
    ("{} ms is the shortest", "最短为{} ms"),
];
