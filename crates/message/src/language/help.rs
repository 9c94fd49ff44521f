//! The Chinese of the command line's help, in the terms of the providers' own documentation.
//!
//! clap's doc comments have the English, so each text is found by it.

/// English and Chinese.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("Commands", "命令"),
    ("Arguments", "参数"),
    ("Options", "选项"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
    ("Print this message or the help of a verb", "显示本帮助，或某个命令的帮助"),
    ("Examples:", "示例："),
    ("Example:", "示例："),
    // Several hosts.
    (
        "OVN's northbound database, for labs over several hosts: tcp:HOST:6641, unix:PATH, or ssl:HOST:6641 with --private-key, \
         --certificate and --ca-cert; several of one cluster with commas",
        "多主机实验所用的OVN北向数据库：tcp:主机:6641、unix:路径，或ssl:主机:6641（加上--private-key、--certificate和--ca-cert）；同一集群的多个地址用逗号分隔",
    ),
    ("Of `ssl:`: the file with the private key", "用于`ssl:`：私钥文件"),
    ("Of `ssl:`: the file with its certificate", "用于`ssl:`：私钥的证书文件"),
    (
        "Of `ssl:`: the file with the certificate of the CA that signed the server's",
        "用于`ssl:`：签发服务器证书的CA的证书文件",
    ),
    (
        "Over several hosts: run the instances whose names match on this host; `*` is for any characters. Can be given several times",
        "多主机实验：将名称匹配的实例固定在该主机上；`*`表示任意字符。可多次指定",
    ),
    ("List the hosts that run instances of labs over several hosts", "列出运行多主机实验实例的主机"),
    (
        "A host is listed once `peerlab node` has run on it. One that has not said for 12 seconds that it is there counts as lost.",
        "主机上运行过`peerlab node`后即会列出。超过12秒没有报告的主机视为失联。",
    ),
    ("Run the instances that labs over several hosts have on this host", "在本机上运行多主机实验的实例"),
    (
        "Runs until Ctrl-C on each host, beside ovn-controller: makes the namespaces of instances that are placed here, and removes those that are \
         not any more. It keeps no state; it may be ended and started at any time. A database that does not answer is awaited, but not with --once. \
         `peerlab hosts` lists the hosts.",
        "在每台主机上与ovn-controller一同运行，直到Ctrl-C：为分配到本机的实例创建命名空间，并删除不再属于本机的命名空间。它不保存状态，可随时结束和启动。数据库没有应答时会等待（--once除外）。`peerlab hosts`可列出主机。",
    ),
    ("until this host has all its instances", "直到本机就绪"),
    ("The host's name; default: the system-id of its Open vSwitch", "主机名称；默认为其Open vSwitch的system-id"),
    ("End as soon as this host has all its instances", "本机就绪后立即结束"),
    ("also whether this host can run labs over several hosts", "同时检查本机能否运行多主机实验"),
    ("The host's own Open_vSwitch database, with --on", "本机的Open_vSwitch数据库，与--on一同使用"),
    ("Print a systemd unit that runs this command", "输出运行该命令的systemd单元文件"),
    ("The host's own Open_vSwitch database", "本机的Open_vSwitch数据库"),
    (
        "Remove what dead labs left behind: their namespaces, and labs that never came up",
        "删除失效实验的遗留：其命名空间，以及从未启动成功的实验",
    ),
    ("remove what dead labs left behind", "删除失效实验的遗留"),
    // peerlab itself.
    ("Run cloud VPC peering tutorials on one Linux machine", "在一台Linux机器上运行云上VPC对等连接教程"),
    (
        "A lab file contains what a tutorial's reader enters in the cloud's console. peerlab applies the \
         provider's rules, builds the result with Linux network namespaces, and checks it with real pings.",
        "实验文件描述教程读者在云控制台中的操作。peerlab按照服务商的规则作出判断，用Linux网络命名空间构建结果，并用真实的ping加以验证。",
    ),
    ("First steps:", "入门："),
    ("build a lab that ships with peerlab, and ping every pair", "构建peerlab自带的实验，并逐对ping"),
    ("list the labs that ship with peerlab", "列出peerlab自带的实验"),
    ("A lab of your own:", "自己的实验："),
    ("write lab.toml, a small starter lab", "写入一个小型入门实验lab.toml"),
    ("check the file", "检查文件是否正确"),
    ("build it and ping every pair", "构建实验并逐对ping"),
    (
        "Exit status: 0 done, 1 a check or the verification failed, 2 the command line or the lab file is wrong, 3 the \
         cloud refused an operation, 4 the host cannot do it.",
        "退出码：0 成功，1 检查或验证未通过，2 命令行或实验文件有误，3 操作被云拒绝，4 主机无法执行。",
    ),
    (
        "Print the result as JSON on standard output, and errors as JSON on standard error",
        "以JSON格式输出结果（标准输出）和错误（标准错误）",
    ),
    ("Verbose output: show every change to the kernel", "详细输出：显示对内核的每一处变更"),
    ("Print only a one-line result and errors", "只显示一行结果和错误"),
    // Verbs.
    (
        "List the labs and exercises that ship with peerlab, or print one's file",
        "列出peerlab自带的实验和练习，或显示其中一个的文件",
    ),
    (
        "A verb that takes a lab file takes the name of a shipped lab as well, unless there is a file of that name.",
        "凡是需要实验文件的命令，都可以使用自带实验的名称，除非存在同名文件。",
    ),
    ("a file of your own, to change", "得到自己的文件，可以修改"),
    ("Print the file of this lab", "显示该实验的文件"),
    ("a lab that ships with peerlab", "peerlab自带的实验"),
    (
        "Find every error in lab files, without privilege and without changing anything",
        "检查实验文件中的所有错误，无需任何权限，不作任何变更",
    ),
    ("Show what `up` would change, by resource of the cloud", "按云资源显示`up`将作出的变更"),
    ("Needs no privilege if the lab is not up.", "实验未运行时，无需任何权限。"),
    ("with the kernel's objects", "同时显示内核对象"),
    (
        "Build a lab, or update a running lab to its file, then verify it",
        "构建实验，或将正在运行的实验更新为文件所描述的状态，然后验证",
    ),
    (
        "With FILE, drops the operations that were done by hand since the last `up FILE`. Without FILE, repairs a running lab and keeps them: use it \
         after an interrupted `up`, or if somebody changed the kernel.",
        "指定FILE时，放弃上次`up`之后手动执行的操作。不指定FILE时，修复正在运行的实验，并保留手动执行的操作：用于`up`被中断，或内核配置被他人改动的情况。",
    ),
    ("the tables only; then `peerlab next`, step by step", "仅构建各表定义的资源，然后用`peerlab next`逐步执行"),
    ("the same lab again under another name", "以另一名称再启动一个相同的实验"),
    (
        "Do the next step of a running lab and show its text, operations and checks",
        "执行正在运行的实验的下一步：显示说明、执行的操作和检查结果",
    ),
    (
        "Skips a step, or a part of it, that was already done by hand with `peerlab api`, under any names and ids; \
         the lab's later lines then use what was created. If something made by hand differs from what the step \
         creates, `next` says so and gives the command that resolves it.",
        "已用`peerlab api`手动执行的步骤或其部分会被跳过，无论使用何种名称和ID；实验后续的步骤使用手动创建的资源。如果手动创建的资源与步骤要创建的不同，`next`会说明差异，并给出可继续的命令。",
    ),
    ("Count the next step as done", "将下一步视为已完成"),
    (
        "Show what differs from what the next step would create, and do nothing",
        "显示与下一步要创建的内容的差异，不执行任何操作",
    ),
    ("the next step counts as done", "将下一步视为已完成"),
    ("what differs from what the next step would create", "与下一步要创建的内容的差异"),
    ("all remaining steps", "执行剩余的所有步骤"),
    (
        "Call one cloud operation on a running lab; the kernel has changed when the command returns",
        "对正在运行的实验调用一个云操作：命令返回时已在内核中生效",
    ),
    ("The lab file, a shipped lab, or - (standard input)", "实验文件、内置实验的名称，或-（标准输入）"),
    (
        "Write a running lab as a lab file; operations done by hand become steps, in their places",
        "将正在运行的实验导出为实验文件：手动执行的操作按原来的位置成为步骤",
    ),
    (
        "`up` with this file builds the same cloud, including ids. It is the lab's own file with its comments; \
         steps that are not done yet stay in it, `until` in [lab] says how many are done, and `next` does the \
         rest. Checks that cannot hold after what was done by hand (those of a deleted instance, say) become comments.",
        "对该文件执行`up`会得到相同的云资源，ID也相同。内容即实验原来的文件，保留注释；尚未执行的步骤仍保留，[lab]的`until`表示已执行的步骤数，其余由`next`执行。手动执行操作后不可能再成立的检查（如已删除实例的检查）成为注释。",
    ),
    ("then, at any time: peerlab up mine.toml", "之后可随时执行：peerlab up mine.toml"),
    ("on standard output", "输出到标准输出"),
    (
        "Serve the providers' own APIs for running labs, for their SDKs and CLIs",
        "为正在运行的实验提供云服务商自己的API，供其SDK和命令行工具调用",
    ),
    (
        "Prints where it listens, each account's access key, and how each client is pointed there; `peerlab credentials` \
         prints the keys again. What a call changes is in the kernel when the call returns. Other commands can be used \
         beside it. Without LAB, it serves all labs that are up, and those that come up later. Calls are logged on \
         standard error. Ends by Ctrl-C; the labs stay up.",
        "显示监听地址、各账号的AccessKey以及各客户端的配置方法；`peerlab credentials`可再次显示AccessKey。调用返回时，变更已在内核中生效。其他命令可以同时使用。不指定LAB时，服务所有正在运行的实验，以及之后启动的实验。每次调用都记录到标准错误。按Ctrl-C结束，实验继续运行。",
    ),
    ("The labs or their files; default: all that are up, now or later", "实验或其文件；默认为现在及之后运行的所有实验"),
    ("The address and port; port 0 takes a free one", "监听的地址和端口；端口0表示任一空闲端口"),
    (
        "Print the access keys of a running lab's accounts, and how clients are pointed at `peerlab serve`",
        "显示正在运行的实验各账号的AccessKey，以及客户端访问`peerlab serve`的配置方法",
    ),
    (
        "Keys are random, unless the lab file gives `access_key`, and end with the lab.",
        "AccessKey随机生成（实验文件用`access_key`指定的除外），并随实验一同失效。",
    ),
    (
        "then: eval \"$(peerlab credentials --as A --format env)\"",
        "然后：eval \"$(peerlab credentials --as A --format env)\"",
    ),
    ("Only this account, by name or id", "仅此账号，以名称或ID指定"),
    (
        "A table, JSON, the environment of clients, or a client's profiles",
        "表格、JSON、客户端的环境变量，或某个客户端的配置",
    ),
    ("Where `peerlab serve` listens", "`peerlab serve`的监听地址"),
    (
        "Undo the last operations or steps of a running lab, in the kernel too",
        "撤销正在运行的实验最后的操作或步骤：实验（包括内核配置）恢复到此前的状态",
    ),
    (
        "Each operation by hand counts as one, and so does each step, by `up` or by `next`. Ids are restored. \
         Operations that `up FILE` dropped do not come back.",
        "手动执行的每个操作算一个，由`up`或`next`执行的每个步骤也算一个。ID恢复为原来的值。`up FILE`已放弃的操作不会恢复。",
    ),
    ("the last one", "最后一个"),
    (
        "The lab or its file; optional while one lab is up. A single number is N",
        "实验或其文件；仅有一个实验运行时可省略。单独一个数字表示N",
    ),
    ("Number of operations and steps [default: 1]", "操作和步骤的个数[默认：1]"),
    (
        "Show peerings, route tables, groups and instances, and what is missing",
        "显示对等连接、路由表、安全组和实例，以及待完成的操作",
    ),
    ("List the labs that are up", "列出正在运行的实验"),
    (
        "Ping every pair of instances and compare the results with the checks and the prediction",
        "逐对ping所有实例，并与检查和预测对照",
    ),
    (
        "a grade: the finished lab's checks, whichever steps were done",
        "评分：按整个实验完成后应满足的检查，不论执行了哪些步骤",
    ),
    (
        "Run the finished lab's checks, whichever steps were done; exit status 1 if one fails",
        "执行整个实验完成后应满足的检查，不论执行了哪些步骤；有检查未通过时退出码为1",
    ),
    ("every pair; the default is one probe for each class of pairs", "逐对探测；默认对等价的实例对只探测一次"),
    (
        "Send real pings, or packets of another protocol, and show the prediction",
        "真实地ping，或发送其他协议的数据包，并显示预测结果",
    ),
    (
        "FROM is an instance or internet; TO is an instance, internet or an address.",
        "FROM为实例或internet；TO为实例、internet或地址。",
    ),
    (
        "Show hop by hop why a packet arrives or not, every blocker, and the operations that fix it",
        "逐跳说明数据包能否到达及其原因、每一处阻断，以及可修复的操作",
    ),
    ("the finished lab, without privilege and without running it", "完成后的实验，无需任何权限，也无需运行"),
    ("apply the fix, and trace again", "执行修复操作后再次检查"),
    ("Run a command inside an instance", "在实例中运行命令"),
    (
        "The command runs as the user who called peerlab, by sudo (pkexec, doas) or without, and with no rights over the \
         lab. /etc/hosts has the instances' names; the command's exit status is passed on. A VPC's name means its \
         router, and internet the host on the internet. With --root the command runs as root if peerlab does. If an \
         ordinary user calls peerlab, it runs as that user with root's capabilities over the lab, and none over the \
         host.",
        "命令以调用peerlab的用户（无论是否通过sudo、pkexec、doas）的身份运行，不具有对实验的权限。/etc/hosts中含有各实例的名称，命令的退出码会原样返回。VPC的名称表示其路由器，internet表示公网主机。指定--root时，如peerlab以root运行则命令也是root；如由普通用户调用，则仍是该用户，对实验拥有root的全部权能，对主机没有任何权能。",
    ),
    ("Open a shell inside an instance", "在实例中打开shell"),
    (
        "The shell is that of the user who called peerlab, by sudo (pkexec, doas) or without. With --root it may change \
         the lab.",
        "使用调用peerlab的用户（无论是否通过sudo、pkexec、doas）的shell；指定--root时可以更改实验。",
    ),
    ("with your labs' namespaces, for `ip netns`", "可使用您的实验的命名空间，供`ip netns`使用"),
    (
        "Open the shell on the host, with rights over your labs: `ip netns` finds their namespaces there",
        "在主机上打开shell，对您的实验拥有权限：`ip netns`可在其中找到实验的命名空间",
    ),
    ("to change its links and routes", "修改其网卡和路由"),
    (
        "Bring labs up under temporary names, do every step, run every check, take them down",
        "以临时名称启动实验，执行所有步骤和检查，然后删除",
    ),
    ("which parts no check covers; no privilege", "哪些部分没有检查覆盖；无需任何权限"),
    (
        "Take a lab down: end its processes, remove its namespaces and its journal",
        "删除实验：结束其进程，删除其命名空间和日志",
    ),
    ("the only lab that is up", "唯一正在运行的实验"),
    (
        "Write a starter lab file: a small one with comments, or a ring of VPCs of any size",
        "写入入门实验文件：带说明的小型实验，或任意规模的环形VPC实验",
    ),
    (
        "Without --vpcs and --instances: two VPCs and a peering, with comments on every kind of table and a first mistake \
         to try. With them: each VPC is peered with the next, and the last with the first; every instance reaches \
         those of its own VPC and of the neighbouring VPCs.",
        "不指定--vpcs和--instances时：两个VPC和一个对等连接，每种表都有注释，并留有一个可供尝试的错误。指定时：每个VPC与下一个VPC建立对等连接，最后一个与第一个相连；每个实例可访问本VPC及相邻VPC中的实例。",
    ),
    (
        "Ctrl-C takes down what is up and still writes the report of the results so far.",
        "按Ctrl-C会删除已启动的实验，并仍写出到此为止的报告。",
    ),
    ("a report for CI: a case for each step and each check", "供CI使用的报告：每个步骤和检查为一个用例"),
    (
        "Report what this host can do: privileges, kernel, limits, and what labs left behind",
        "检查本机能否运行实验：权限、内核、限制，以及实验的遗留",
    ),
    (
        "Shows each problem with its effect and what to do. Tries kernel features for real, in temporary \
         namespaces, and changes nothing on the host. The answer is for the user who asks: root by sudo, an ordinary \
         user without. Exit status 4: labs cannot run.",
        "每个问题都会说明其影响和处理方法。内核功能在临时命名空间中实际试用，不改变主机。结果针对调用者：用sudo时为root，不用sudo时为普通用户。退出码4：无法运行实验。",
    ),
    (
        "Print an AppArmor profile that lets this program, or the one at this path, create user namespaces",
        "输出允许本程序（或该路径的程序）创建用户命名空间的AppArmor配置文件",
    ),
    ("a profile, if AppArmor forbids user namespaces", "AppArmor禁止用户命名空间时使用的配置文件"),
    (
        "Draw a lab's current state: VPCs, instances, peerings with their states, what is broken and why",
        "绘制实验的当前状态：VPC、实例、对等连接及其状态，哪里不通及其原因",
    ),
    (
        "The picture shows what peerlab predicts, as `verify` does; graph sends no packets. The end of a link to \
         the page selects a pair: lab.html#ecs-a→ecs-b.",
        "可达性为预测结果，与`verify`的预测相同，不发送数据包。在网页中，链接的末尾可指定一对实例：lab.html#ecs-a→ecs-b。",
    ),
    ("the running lab, as a page: select a pair, see why", "正在运行的实验的网页：选一对看原因"),
    ("the finished lab of a file, without privilege", "文件中完成后的实验，无需任何权限"),
    ("for Graphviz", "供Graphviz使用"),
    ("for a document, on standard output", "用于文档，写到标准输出"),
    ("Print the JSON Schema of lab files, for editors", "输出实验文件的JSON Schema，供编辑器使用"),
    (
        "Editors with schema support for TOML (Even Better TOML in VS Code, taplo elsewhere) then complete keys, \
         describe them and underline errors. `peerlab validate` also finds the errors that only the cloud's rules \
         reveal.",
        "支持TOML schema的编辑器（VS Code的Even Better TOML，其他编辑器的taplo）可据此补全键名、显示说明、标出错误。只有云才能判断的问题由`peerlab validate`指出。",
    ),
    ("as the first line of a lab file in the same directory", "作为同一文件夹中实验文件的第一行"),
    (
        "Print completions for a shell: verbs, operations, and names in running labs",
        "输出shell的命令补全：命令、操作，以及正在运行的实验中的资源名称",
    ),
    (
        "Any user can complete names of labs; only the user who brought a lab up can complete names in it.",
        "任何人都可以补全实验名称，实验中的资源名称仅启动该实验的用户可以补全。",
    ),
    ("in ~/.bashrc: source <(peerlab completions bash)", "写入~/.bashrc：source <(peerlab completions bash)"),
    (
        "in ~/.zshrc, after compinit: source <(peerlab completions zsh)",
        "写入~/.zshrc，位于compinit之后：source <(peerlab completions zsh)",
    ),
    ("in config.fish: peerlab completions fish | source", "写入config.fish：peerlab completions fish | source"),
    ("Print peerlab's manual page, or write one for each verb", "输出peerlab的手册页，或写出所有命令的手册页"),
    // Arguments of verbs.
    ("The shell", "shell的种类"),
    ("Write a page for each verb and operation to this directory", "为每个命令和操作各写一个手册页到此文件夹"),
    (
        "Also wait until the kernel has dismantled the namespaces, about 1.5 ms each",
        "同时等待内核拆除命名空间，每个约1.5 ms",
    ),
    (
        "Draw the finished lab of this file, or this shipped lab (-: standard input); needs no privilege and no running lab",
        "绘制该文件（-表示标准输入）或该自带实验完成后的状态；无需任何权限，无需运行",
    ),
    ("Output format; default: by the ending of OUT, else svg", "输出格式；默认由OUT的扩展名决定，否则为svg"),
    ("Output file; default: standard output", "输出文件；默认为标准输出"),
    ("Protocol for every pair: icmp, tcp/PORT or udp/PORT", "检查每一对所用的协议：icmp、tcp/端口或udp/端口"),
    ("Number of labs at a time; default: two per processor", "同时测试的实验个数；默认为处理器数的两倍"),
    ("Write the results to a JUnit file", "将结果写入JUnit文件"),
    ("Lab files, or shipped labs; -: standard input", "实验文件，或自带实验的名称；-表示标准输入"),
    ("The lab file, or a shipped lab; -: standard input", "实验文件，或自带实验的名称；-表示标准输入"),
    (
        "The lab file, a shipped lab, or - (standard input); without it, a running lab is repaired",
        "实验文件，或自带实验的名称，或-（标准输入）；不指定时，修复正在运行的实验",
    ),
    (
        "The lab or its file; optional while one lab is up, or if PEERLAB_LAB names one",
        "实验或其文件；仅有一个实验运行，或已由PEERLAB_LAB指定时可省略",
    ),
    ("The lab or its file; optional while one lab is up", "实验或其文件；仅有一个实验运行时可省略"),
    ("A running lab or its file; optional while one lab is up", "正在运行的实验或其文件；仅有一个实验运行时可省略"),
    ("Take down all running labs", "删除所有正在运行的实验"),
    ("The name under which the lab runs, or would run", "实验运行（或将要运行）时的名称"),
    ("The last step to do, by number or title; 0: none", "执行到哪一步为止，用序号或标题指定；0表示不执行任何步骤"),
    ("Do not ping", "不进行ping验证"),
    ("Give the lab this name instead of its file's", "使用此名称代替文件中的实验名称"),
    ("Without FILE: the running lab to repair", "不指定FILE时：要修复的实验"),
    ("Do all remaining steps", "执行剩余的所有步骤"),
    (
        "The calling account, by name or id; optional in a lab with one account",
        "调用账号的名称或ID；实验只有一个账号时可省略",
    ),
    ("Probe every pair", "逐对探测"),
    ("An instance, or internet", "实例，或internet"),
    ("An instance, internet, or an address", "实例、internet或地址"),
    ("An instance; or a VPC, or internet", "实例；或VPC、internet"),
    ("Number of pings", "ping的次数"),
    (
        "The data bytes of each ping, as with ping(8): the packet is 28 bytes larger, and must not be fragmented",
        "每个ping的数据字节数，与ping(8)相同：数据包再加28字节，且不允许分片",
    ),
    (
        "The data bytes of an echo request, as with ping(8): the packet is 28 bytes larger, and must not be fragmented",
        "ICMP请求的数据字节数，与ping(8)相同：数据包再加28字节，且不允许分片",
    ),
    ("icmp, tcp/PORT or udp/PORT", "icmp、tcp/端口或udp/端口"),
    (
        "Explain the finished lab of this file, or this shipped lab (-: standard input); needs no privilege and no running lab",
        "分析该文件（-表示标准输入）或该自带实验完成后的状态；无需任何权限，无需运行",
    ),
    ("Apply the fix, and trace again", "执行修复操作后再次检查"),
    ("Run with root's rights over the lab", "以root对实验的权限运行"),
    ("The command and its arguments", "命令及其参数"),
    (
        "Test the checks instead: leave out each route, rule, association, … in turn, and list those that no check \
         covers",
        "改为测试检查本身：逐一去掉路由、规则、关联等，指出哪些没有检查覆盖",
    ),
    (
        "The lab's name; the file is NAME.toml. Or the path of such a file, or - for standard output [default: lab]",
        "实验名称，文件名即为NAME.toml；也可以是文件路径，或-表示标准输出 [默认值：lab]",
    ),
    ("The provider: alibaba, jdcloud, aws or tencent", "服务商：alibaba、jdcloud、aws或tencent"),
    (
        "How its VPCs are joined: interfaces, halves or connection; the provider's first way by default",
        "VPC的互连方式：interfaces、halves或connection；默认为服务商的第一种方式",
    ),
    ("Number of VPCs in a ring", "VPC数量：组成环形"),
    ("Number of instances in each VPC of the ring", "每个VPC的实例数量：组成环形"),
    ("Overwrite an existing file", "覆盖已有文件"),
    ("Write the file to standard output", "写到标准输出"),
    // Operations of the cloud.
    ("Create a VPC", "创建VPC"),
    ("Delete an empty VPC", "删除空的VPC"),
    ("Give a VPC another CIDR block", "为VPC添加附加网段"),
    ("Take a secondary CIDR block without subnets away from a VPC", "删除VPC中没有子网的附加网段"),
    ("The block", "网段"),
    ("Show the fix as commands of the provider's own client too", "同时用服务商自己的命令行工具显示修复操作"),
    (
        "Make a subnet that is associated with a route table use another one (aws)",
        "为已关联路由表的子网更换路由表（aws）",
    ),
    (
        "Make a route table the main one of its VPC, which serves every subnet without an association (aws)",
        "将路由表设为VPC的主路由表，供所有未关联路由表的子网使用（aws）",
    ),
    (
        "What it does with outbound packets before it has egress rules: accept (by a rule) or drop",
        "没有出方向规则时如何处理出站流量：accept（通过一条规则）或drop",
    ),
    ("The region in which it is called; else the accepter's", "在哪个地域调用；默认为接收端所在地域"),
    ("Create a subnet (Alibaba's VSwitch)", "创建子网（阿里云的交换机）"),
    ("Delete an empty subnet", "删除空的子网"),
    ("Create an instance", "创建实例"),
    ("Delete an instance", "删除实例"),
    ("Create a custom route table", "创建自定义路由表"),
    ("Delete a custom route table that no subnet uses", "删除未被子网使用的自定义路由表"),
    ("Make a subnet use a route table; the one it used before is replaced", "将子网关联到路由表，替换原有关联"),
    ("Give a subnet back to the VPC's default table", "取消关联，子网重新使用VPC的默认路由表"),
    ("Add an entry to a route table", "在路由表中添加路由条目"),
    ("Remove an entry from a route table", "从路由表中删除路由条目"),
    ("Create a security group", "创建安全组"),
    ("Delete a security group that nothing uses", "删除未被使用的安全组"),
    ("Add an ingress rule to a group", "添加安全组入方向规则"),
    ("Add an egress rule to a group", "添加安全组出方向规则"),
    ("Remove an ingress rule from a group", "撤销安全组入方向规则"),
    ("Remove an egress rule from a group", "撤销安全组出方向规则"),
    ("Put an instance into a group", "将实例加入安全组"),
    ("Take an instance out of a group", "将实例移出安全组"),
    ("Start a stopped instance", "启动已停止的实例"),
    ("Stop a running instance; it keeps its addresses", "停止运行中的实例，其地址保留"),
    ("Restart a running instance", "重启运行中的实例"),
    ("Give an instance a public address", "为实例绑定公网IP"),
    ("Take the public address away from an instance", "解绑实例的公网IP"),
    (
        "The public address; else the lowest free one of 203.0.113.0/24",
        "公网IP；不指定时使用203.0.113.0/24中最小的空闲地址",
    ),
    (
        "Its public address; else the lowest free one of 203.0.113.0/24",
        "它的公网IP；不指定时使用203.0.113.0/24中最小的空闲地址",
    ),
    ("Create a NAT gateway, which leads private subnets to the internet", "创建NAT网关，让私有子网访问互联网"),
    ("Delete a NAT gateway, with its entries and its public address", "删除NAT网关及其条目和公网IP"),
    ("The NAT gateway, by name or id", "NAT网关的名称或ID"),
    ("The subnet that it is in: VPC/SUBNET or its id", "所在的子网：VPC/SUBNET或其ID"),
    ("Let a NAT gateway translate the addresses of a block", "让NAT网关转换一个网段的源地址"),
    ("Let a NAT gateway translate the addresses of a block no more", "让NAT网关不再转换一个网段的源地址"),
    ("The sources: a CIDR block in its VPC, or one address", "源地址：所在VPC内的网段，或单个地址"),
    ("Lead a port of a NAT gateway's public address to an instance", "将NAT网关公网IP的一个端口映射到实例"),
    ("Lead a port of a NAT gateway's public address nowhere again", "取消NAT网关公网IP一个端口的映射"),
    ("tcp or udp", "tcp或udp"),
    ("The port at the public address", "公网IP的端口"),
    ("The private address of the instance", "实例的私网地址"),
    ("The port of the instance; else the same", "实例的端口；不指定时与公网端口相同"),
    (
        "Attach a gateway to the internet to a VPC; then public addresses need a route entry to it (alibaba)",
        "为VPC创建互联网网关，此后公网IP需要指向它的路由条目（alibaba）",
    ),
    ("Delete a gateway to the internet (alibaba)", "删除互联网网关（alibaba）"),
    ("The gateway, by name or id", "网关的名称或ID"),
    ("Let an instance pass on packets that are not for it, or not", "设置实例是否转发目的地不是自己的数据包"),
    ("Whether it passes on packets that are not for it: true or false", "是否转发目的地不是自己的数据包：true或false"),
    ("Whether it puts its own address on what it passes on: true or false", "转发时是否换上自己的地址：true或false"),
    ("true or false", "true或false"),
    (
        "Change whether a group's members reach each other where no rule says so",
        "修改没有规则时组内实例是否互通（组内连通策略）",
    ),
    ("accept or drop", "accept或drop"),
    ("Create a network ACL, a stateless filter at the edge of subnets", "创建网络ACL，即子网边界的无状态过滤"),
    ("Delete a network ACL that no subnet uses", "删除未关联子网的网络ACL"),
    ("Add an entry to a network ACL", "添加网络ACL规则"),
    ("Remove an entry from a network ACL", "删除网络ACL规则"),
    ("Put a network ACL at a subnet's edge; the one it had before is replaced", "将网络ACL关联到子网，替换原有关联"),
    ("Take the network ACL away from a subnet's edge", "取消子网与网络ACL的关联"),
    ("Create one end of a peering (alibaba)", "创建对等连接的一端（alibaba）"),
    ("Say which router interface is the other end (alibaba)", "设置对端路由器接口（alibaba）"),
    ("Connect, from the initiator (alibaba)", "从发起端发起连接（alibaba）"),
    ("Let an inactive end carry traffic again (alibaba)", "激活已停用的一端（alibaba）"),
    ("Stop an end from carrying traffic (alibaba)", "停用一端（alibaba）"),
    ("Delete an idle or inactive end (alibaba)", "删除空闲或已停用的一端（alibaba）"),
    ("Change the bandwidth class, from the initiator (alibaba)", "从发起端变更规格（alibaba）"),
    (
        "Create both ends in one account and connect them (alibaba); they are NAME.initiator and NAME.acceptor",
        "在同一账号下创建两端并建立连接（alibaba），两端为NAME.initiator和NAME.acceptor",
    ),
    ("Create one side's half of a peering (jdcloud)", "创建本端的VPC对等连接（jdcloud）"),
    ("Delete one side's half of a peering (jdcloud)", "删除本端的VPC对等连接（jdcloud）"),
    ("Request a peering connection (alibaba, aws, tencent)", "发起VPC对等连接（alibaba、aws、tencent）"),
    (
        "Accept a request for a peering connection, as the accepter (alibaba, aws, tencent)",
        "由接收端接收VPC对等连接的请求（alibaba、aws、tencent）",
    ),
    (
        "Reject a request for a peering connection, as the accepter (alibaba, aws, tencent)",
        "由接收端拒绝VPC对等连接的请求（alibaba、aws、tencent）",
    ),
    (
        "Change the bandwidth of a peering connection between two regions, as the requester (alibaba, tencent)",
        "由发起端修改跨地域VPC对等连接的带宽（alibaba）",
    ),
    (
        "Delete a peering connection, as either side (alibaba, aws, tencent)",
        "由任意一端删除VPC对等连接（alibaba、aws、tencent）",
    ),
    ("Let the lab's clock go on; what is over then, ends", "拨快实验的时钟；届时到期的随之结束"),
    // Their arguments.
    ("The requester's VPC, by name or id", "发起端VPC的名称或ID"),
    ("The accepter's VPC, by name or id", "接收端VPC的名称或ID"),
    ("The account of the accepter's VPC; else its owner", "接收端VPC的账号；默认为其所有者"),
    ("The region of the accepter's VPC; else where it is", "接收端VPC的地域；默认为其所在地域"),
    ("The bandwidth between two regions, as in 100Mbit", "跨地域的带宽，例如100Mbit"),
    ("The bandwidth, as in 100Mbit", "带宽，例如100Mbit"),
    ("The peering connection, by name or id", "VPC对等连接的名称或ID"),
    ("Delete the route entries that lead to it too", "同时删除指向它的路由条目"),
    ("How long, as in 7d; s, m, h or d", "时长，例如7d；单位为s、m、h或d"),
    ("Its name", "名称"),
    ("Its id", "资源ID"),
    ("lab.toml", "写入lab.toml"),
    ("Its id; derived from the name where it is left out", "ID；不指定时由名称生成"),
    ("Its CIDR block", "网段"),
    ("Its availability zone, as in us-east-1a", "可用区，例如us-east-1a"),
    ("Its region, as in cn-qingdao", "地域，例如cn-qingdao"),
    ("Its router's id", "路由器ID"),
    ("Its private address; else the lowest free one", "私网地址；不指定时使用最小的空闲地址"),
    ("Its public address", "公网IP"),
    ("Its groups; without one it is in the VPC's default group", "安全组；不指定时归入VPC的默认安全组"),
    ("The network ACL, by name or id", "网络ACL的名称或ID"),
    (
        "What it does before it has other entries: accept (by a last entry in each direction) or drop",
        "添加其他规则之前的行为：accept（两个方向各有一条排在最后的规则）或drop",
    ),
    ("Its number: the entry with the lowest that matches decides", "序号：匹配的规则中序号最小的生效"),
    ("Its number", "序号"),
    ("ingress (into the subnet) or egress (out of it)", "ingress（进入子网）或egress（离开子网）"),
    (
        "The destination ports, with tcp and udp: 22, or 8000/8999; all ports if left out",
        "目的端口，仅用于tcp和udp：22或8000/8999；不指定时为所有端口",
    ),
    (
        "The port that the flow is opened from, with tcp and udp; network ACLs tell ports apart [default: 50000]",
        "发起连接的源端口，用于tcp和udp；网络ACL区分端口[默认值：50000]",
    ),
    (
        "1 (first, default) to 100; its place in the list, else the last (tencent)",
        "1（最优先，默认）至100；在列表中的位置，默认为末尾（tencent）",
    ),
    ("Its next hop, as a safeguard, or to tell which", "下一跳，用于核对，或指明是哪一条"),
    ("Its priority, to tell which (jdcloud)", "优先级，用于指明是哪一条（jdcloud）"),
    (
        "1 (first) to 255, default 100 (jdcloud); the entry with the next priority is in use while this one carries no traffic",
        "1（最优先）至255，默认100（jdcloud）；本条目不通流量时，使用优先级次之的条目",
    ),
    (
        "A router interface, peering, instance, NAT gateway or gateway by name or id, or internet; with several, each takes the flows of some instances",
        "路由器接口、对等连接、实例、NAT网关或网关的名称或ID，或internet；指定多个时，每个实例的流量固定走其中一个",
    ),
    ("22, or 8000/8999", "22，或8000/8999"),
    ("The largest IP packet of its links, in bytes, 1280 to 9216", "其链路可承载的最大IP数据包，单位字节，1280至9216"),
    (
        "The largest IP packet that passes it, in bytes; else the smaller one of both VPCs",
        "可通过的最大IP数据包，单位字节；默认取两端VPC中较小的值",
    ),
    ("One-way delay, as in 30ms; needs netem in the kernel", "单向时延，例如30ms；需要内核支持netem"),
    ("The CIDR block it is for, or one address", "目标网段，或单个地址"),
    ("The VPC whose default table is meant", "VPC，指其默认路由表"),
    ("The VPC whose router it is on, by name or id", "路由器接口所在VPC的名称或ID"),
    ("The VPC, by name or id", "VPC的名称或ID"),
    ("The acceptor's VPC, by name or id", "接收端VPC的名称或ID"),
    ("The initiator's VPC, by name or id", "发起端VPC的名称或ID"),
    ("The initiator, by name or id", "发起端的名称或ID"),
    ("The bandwidth class, as in Large.1, or its bandwidth, as in 1Gb", "规格，例如Large.1；也可写带宽，例如1Gb"),
    (
        "The bandwidth class, as in Mini.2, or its bandwidth, as in 2Mb; the initiator's decides",
        "规格，例如Mini.2；也可写带宽，例如2Mb；由发起端的规格决定带宽",
    ),
    ("The bandwidth class, as in Small.1, or its bandwidth, as in 10Mb", "规格，例如Small.1；也可写带宽，例如10Mb"),
    ("The group, by name or id", "安全组的名称或ID"),
    ("The half, by name or id", "VPC对等连接的名称或ID"),
    ("The instance, by name or id", "实例的名称或ID"),
    ("The other VPC, by id or name", "对端VPC的ID或名称"),
    ("The other end's account, by name or id", "对端账号的名称或ID"),
    (
        "The other end's router: the VPC's name, its id or the router's id",
        "对端路由器：VPC的名称、ID或路由器ID；不指定时自动查找",
    ),
    ("The other end, by name or id", "对端的名称或ID"),
    ("The other side: a CIDR block, or one address", "授权对象：网段，或单个地址"),
    ("The other side: a group, by name or id", "授权对象：安全组的名称或ID"),
    ("This side's VPC, by name or id", "本端VPC的名称或ID"),
    ("The peering's name", "对等连接的名称"),
    ("The region of the other end", "对端地域"),
    ("The router interface, by name or id", "路由器接口的名称或ID"),
    ("The subnet: VPC/SUBNET or its id", "子网：VPC/子网，或ID"),
    ("The table, by name or id", "路由表的名称或ID"),
    (
        "Whether its members reach each other where no rule says so: accept (default) or drop",
        "没有规则时组内实例是否互通（组内连通策略）：accept（默认）或drop",
    ),
    ("The account that owns the group; the caller's own if left out", "安全组所属账号；不指定时为本账号"),
    ("accept (default) or drop", "accept（默认）或drop"),
    ("initiator or acceptor", "initiator（发起端）或acceptor（接收端）"),
    ("tcp, udp, icmp, gre or all", "tcp、udp、icmp、gre或all"),
    // capture and watch.
    (
        "Show the packets that pass an instance, a peering or a VPC, or write them for Wireshark",
        "显示经过实例、对等连接或VPC的数据包，或写入文件供Wireshark使用",
    ),
    (
        "An instance means its eth0; a peering means its end in the VPC's router (both ends if create-peering made \
         it); a VPC means every link of its router: a packet that comes in and does not go out was dropped there. \
         If a peering does not carry traffic yet, capture waits for it.",
        "实例指其eth0；对等连接指其在VPC路由器上的一端（由create-peering创建的为两端）；VPC指其路由器的所有链路：进入而未发出的数据包即在该处被丢弃。如果对等连接尚未传输流量，则等待。",
    ),
    (
        "FILTER: icmp, tcp, tcp/22, udp, udp/53, arp, in, out, an instance, internet, an address or a block. Terms \
         of the same kind are ORed; different kinds are ANDed.",
        "FILTER：icmp、tcp、tcp/22、udp、udp/53、arp、in、out、实例、internet、地址或网段。同类条件满足其一即可；有多类条件时，每类都须满足其一。",
    ),
    (
        "Capture ends with Ctrl-C, after COUNT packets, or when the lab goes down.",
        "按Ctrl-C、捕获COUNT个数据包或实验停止时结束。",
    ),
    ("does the ping come in, and go out?", "ping是否进入，又是否发出？"),
    ("for Wireshark, with names and nanoseconds", "供Wireshark使用，含名称和纳秒时间"),
    (
        "An instance, a NAT gateway, a peering or one end of it, a VPC, or internet",
        "实例、NAT网关、对等连接或其一端、VPC，或internet",
    ),
    ("Only packets that match", "只显示符合条件的数据包"),
    ("Write packets to a pcapng file; - is standard output", "将数据包写入pcapng文件；-表示标准输出"),
    ("Stop after this many packets", "捕获指定数量的数据包后结束"),
    (
        "Watch who reaches whom while you change the lab, with each change and its cause",
        "在变更实验的同时观察连通性：发生了什么变化，以及原因",
    ),
    (
        "On a terminal, watch shows the matrix and, below it, the changes; q quits. On a pipe it prints a line for \
         each change, with --json an object. The cause is an operation or a step, or a change of the kernel by \
         hand.",
        "在终端上显示矩阵，下方为变化；按q退出。在管道中每个变化输出一行，使用--json时为一个对象。原因为执行的操作或步骤，或对内核的手动改动。",
    ),
    ("and break something in another terminal", "然后在另一个终端中制造故障"),
    ("Interval between pings", "ping的间隔"),
    // exercise.
    (
        "Break a lab, hand out the ticket, give hints, and grade the repair",
        "在实验中制造故障、发放工单、给出提示，并为修复评分",
    ),
    (
        "The learner gets a lab that does not work, and mends it with `peerlab api`. Nothing in the running lab says what was \
         broken; root can read it in the lab's directory.",
        "学员得到一个不能正常工作的实验，用`peerlab api`修复。运行中的实验不会透露故障所在；root可以在实验的目录中读到。",
    ),
    (
        "The exercise: a running lab; optional while one lab is up, or if PEERLAB_LAB names one",
        "练习，即正在运行的实验；只有一个实验在运行，或由PEERLAB_LAB指定时，可以省略",
    ),
    (
        "Build a lab with faults, check it with real packets, and show the ticket",
        "构建带有故障的实验，用真实的数据包核对，并显示工单",
    ),
    (
        "A file with [[fault]] tables is an exercise that its author wrote. Of any other lab, peerlab makes one: every fault \
         breaks a check, all of them are needed, and the accounts can mend them. The same file, seed, faults and kinds make \
         the same exercise.",
        "含有[[fault]]的文件是由作者写定的练习。对于其他实验，由peerlab生成：每个故障都会使某项检查失败，缺一不可，并且各账号能够修复。相同的文件、种子、故障数和类别得到相同的练习。",
    ),
    ("The seed of its faults; default: another each time", "故障的种子；默认每次不同"),
    ("The number of faults [default: 1, or as many as the difficulty takes]", "故障数[默认：1，或由难度决定]"),
    (
        "The kinds of faults: route, association, peering, group, acl, address, order [default: all]",
        "故障类别：route、association、peering、group、acl、address、order[默认：全部]",
    ),
    ("How hard, 1 to 5 [default: any]", "难度，1至5[默认：不限]"),
    ("Who does it", "学员"),
    ("Show the ticket: what the users of the lab report", "显示工单：实验用户反馈的问题"),
    ("what account B sees of it", "账号B所见的部分"),
    ("Only what this account's own instances see", "只显示该账号自己的实例所见的部分"),
    (
        "Give a hint, one step more at each call: direction, hop, thing, operation; each costs points",
        "给出提示，每次更进一步：方向、位置、对象、操作；每次提示都会扣分",
    ),
    (
        "Grade exercises: checks, faults, collateral, operations, hints, time; exit status 1 below the pass mark",
        "为练习评分：检查、故障、附带影响、操作、提示、用时；低于及格线时退出码为1",
    ),
    (
        "A file of weights has whole numbers: checks, faults, collateral and operations are points for what is right; hint \
         and quarter (of an hour, after the first half hour) are points taken; pass is the pass mark.",
        "权重文件的内容为整数：checks、faults、collateral、operations为得分项；hint和quarter（半小时之后的每一刻钟）为扣分项；pass为及格线。",
    ),
    (
        "The exercises: running labs; optional while one lab is up",
        "练习，即正在运行的实验；只有一个实验在运行时可以省略",
    ),
    ("All exercises that are up", "所有正在运行的练习"),
    (
        "Print a line of comma-separated values for each exercise, after a line of names",
        "以逗号分隔的格式输出，每个练习一行，首行为列名",
    ),
    ("What counts how much", "权重文件"),
    ("Show the faults and the operations that mend them; counts as all hints", "显示故障和修复操作；计为用完全部提示"),
    (
        "Build a lab for each learner of a list, each another exercise of equal difficulty",
        "为名单中的每名学员构建一个实验，难度相同而故障各异",
    ),
    (
        "The list has a learner on each line, in its first column; a first line `learner` or `name` is a heading. Each lab has \
         the name of the file's lab, and the learner's.",
        "名单每行一名学员，取第一列；首行为`learner`或`name`时视为表头。各实验以文件中的实验名加学员名命名。",
    ),
    ("The learners: a file of comma-separated values", "学员名单：逗号分隔的文件"),
    ("The seed of the class [default: 1]", "班级的种子[默认：1]"),
    ("Operations", "操作"),
];
