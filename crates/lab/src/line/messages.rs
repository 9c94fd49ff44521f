//! Messages about `run` lines, in both languages.

use crate::message::{Names, Quoted, Text};
use crate::messages;

messages! {
    /// A line is no operation.
    pub(crate) enum Said in "line" {
        NoOperation en "there is no operation here" zh "此处没有操作";
        CloseQuote en "close it; names and CIDR blocks need no quotes" zh "请闭合引号；名称和网段无需加引号";
        OpenQuote en "a quote is opened and not closed" zh "引号没有闭合";
        NotAnOperation { word: Quoted } en "{word} stands where an operation must" zh "此处应为操作，却写了{word}";
        HelpLists en "`peerlab api --help` lists the operations" zh "`peerlab api --help`列出所有操作";
        UnknownOperation { word: Quoted } en "there is no operation {word}" zh "不存在操作{word}";
        DidYouMeanOption { option: Text } en "did you mean --{option}?" zh "您要指定的是--{option}吗？";
        NoSuchOption { operation: Text, option: Quoted }
            en "{operation} has no option {option}"
            zh "{operation}没有选项{option}";
        NoUseFor { operation: Text, word: Quoted } en "{operation} has no use for {word}" zh "{operation}不需要{word}";
        NoValue { option: Text, operation: Text } en "{option} of {operation} has no value" zh "{operation}的{option}没有值";
        Twice { option: Text, operation: Text }
            en "{option} of {operation} is given twice"
            zh "{operation}的{option}出现了两次";
        GiveOnce en "give it once" zh "请只写一次";
        NotBoth { operation: Text, first: Text, second: Text }
            en "{operation} takes {first} or {second}, not both"
            zh "{operation}的{first}与{second}不能同时使用";
        LeaveOneOut en "leave one of the two out" zh "请去掉其中一个";
        Lacks { operation: Text, lacking: Names } en "{operation} lacks {lacking}" zh "{operation}缺少{lacking}";
        Usage { usage: Text } en "write {usage}" zh "请写成{usage}";
    }
}
