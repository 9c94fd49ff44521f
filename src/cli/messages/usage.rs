//! Messages of the command line, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// A wrong command line, and the frame of the help.
    pub enum Said in "usage" {
        Usage en "Usage: " zh "用法：";
        Default { values: Names } en " [default: {values}]" zh " [默认值：{values}]";
        OneOf { names: Names } en " [one of: {names}]" zh " [可选值：{names}]";
        InTheApi { names: Text } en "In the provider's API: {names}" zh "在服务商的API中：{names}";
        CallsThisOperation { typed: Text }
            en "`peerlab api --as ACCOUNT {typed}` calls this operation"
            zh "请用`peerlab api --as ACCOUNT {typed}`调用此操作";
        FileWithF en "a lab file is given with -f here" zh "此处请用-f指定实验文件";
        LabWithOption { typed: Text }
            en "a lab that is up is named with --lab: --lab {typed}"
            zh "此处请用--lab指定正在运行的实验：--lab {typed}";
        ExecOrShell
            en "`peerlab exec INSTANCE -- COMMAND` runs a command, `peerlab shell INSTANCE` opens a shell"
            zh "`peerlab exec INSTANCE -- COMMAND`执行命令，`peerlab shell INSTANCE`打开shell";
        HelpLists en "`--help` lists them" zh "`--help`会列出它们";
        ErrorIs en "error: " zh "错误：";
        MoreInHelp en "`--help` says more" zh "更多信息请使用`--help`";
        UnexpectedArgument { argument: Text } en "unexpected argument '{argument}' found" zh "多余的参数{argument}";
        UnknownVerb { verb: Text } en "unrecognized subcommand '{verb}'" zh "不存在命令{verb}";
        NoVerb { verb: Text } en "'{verb}' requires a subcommand but one was not provided" zh "缺少命令：{verb}";
        ArgumentsMissing { arguments: Text }
            en "the following required arguments were not provided: {arguments}"
            zh "缺少参数：{arguments}";
        Conflict { argument: Text, prior: Text }
            en "the argument '{argument}' cannot be used with '{prior}'"
            zh "{argument}不能与{prior}同时使用";
        Conflicts { argument: Text, prior: Text }
            en "the argument '{argument}' cannot be used with: {prior}"
            zh "{argument}不能与{prior}同时使用";
        OnlyOnce { argument: Text } en "the argument '{argument}' cannot be used multiple times" zh "{argument}只能使用一次";
        NeedsValue { argument: Text } en "a value is required for '{argument}' but none was supplied" zh "{argument}需要一个值";
        NotOneOf { value: Text, argument: Text, valid: Text }
            en "invalid value '{value}' for '{argument}' [possible values: {valid}]"
            zh "{value}不是{argument}的合法值，可选值：{valid}";
        NoValueOf { value: Text, argument: Text }
            en "invalid value '{value}' for '{argument}'"
            zh "{value}不是{argument}的合法值";
        NoValueBecause { value: Text, argument: Text, reason: Message }
            en "invalid value '{value}' for '{argument}': {reason}"
            zh "{value}不是{argument}的合法值：{reason}";
        NotInRange { number: Text, least: Text, most: Text }
            en "{number} is not in {least}..={most}"
            zh "{number}不在{least}至{most}之间";
        NoNumber en "invalid digit found in string" zh "不是整数";
        OneTooMany { value: Text, argument: Text }
            en "unexpected value '{value}' for '{argument}' found; no more were expected"
            zh "{value}超出了{argument}的取值个数";
        NeedsEquals { argument: Text }
            en "equal sign is needed when assigning values to '{argument}'"
            zh "{argument}与其值之间需要等号";
        SeeHelp en "see `peerlab help`" zh "请使用`peerlab help`";
    }
}
