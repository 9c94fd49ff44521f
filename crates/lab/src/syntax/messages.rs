//! Messages about TOML, in both languages.

use crate::message::{Quoted, Text};
use crate::messages;

messages! {
    /// A lab file is no TOML.
    pub(crate) enum Said in "toml" {
        TableTwice { header: Text } en "{header} is there twice" zh "{header}出现了两次";
        NamesAreUnique
            en "names are unique in their kind: give one of the two another name"
            zh "同类资源的名称不能重复：请为其中一个换一个名称";
        KeyTwice { key: Text } en "{key} is given twice in one table" zh "同一个表中{key}出现了两次";
        KeepOne en "keep one of the two" zh "请保留其中一个";
        FirstHere en "first here" zh "首次出现于此";
        ArrayBeginsHere en "the array begins here" zh "数组由此开始";
        ForeignSpace en "this space is no sign of TOML" zh "此空格不是TOML的符号";
        TypePlainSpace en "type a plain one instead" zh "请改为半角空格";
        ForeignSign { sign: Quoted } en "{sign} is no sign of TOML" zh "{sign}不是TOML的符号";
        TypePlain { plain: Text } en "type {plain} instead" zh "请改为半角的{plain}";
        FourDeepAtMost
            en "a lab file's tables are four deep at most, as in [vpc.VPC1.subnet.s1]"
            zh "实验文件的表最多四层，例如[vpc.VPC1.subnet.s1]";
        TooDeep en "this is nested too deep" zh "嵌套过深";
        OpenArray en "an array above is not closed" zh "上方的数组没有结束";
        CloseArray en "end it with ]" zh "请以]结束";
        WriteEquals en "write = between a key and its value" zh "键与值之间请用等号（=）";
        CommentSign en "a comment begins with #" zh "注释以#开头";
        NoSemicolon en "end the line without ;" zh "行末请去掉分号";
        NotJson
            en "a lab file is TOML, not JSON: `peerlab init` writes one to begin with"
            zh "实验文件是TOML，不是JSON：可用`peerlab init`生成一个作为开始";
        CloseString en "end the string with the quote with which it begins" zh "字符串请以开头所用的引号结束";
        EscapeBackslash en "write \\\\ for a backslash" zh "反斜杠请写成\\\\";
        CloseHeader
            en "end the header with ], as in [vpc.VPC1]; a name has no spaces"
            zh "表头请以]结束，例如[vpc.VPC1]；名称中没有空格";
        CloseTable en "end the table with }}" zh "表请以}}结束";
        KeysAre
            en "a key is a-z, A-Z, digits, - and _; put any other name in quotes"
            zh "键由a-z、A-Z、数字、短划线（-）和下划线（_）组成；其他名称须加引号";
        WriteComma en "write a comma between the two" zh "两者之间请用逗号（,）隔开";
        OneEquals en "write one =" zh "只写一个等号（=）";
        WriteKeyAndValue en "write KEY = VALUE, or # before a remark" zh "请写成KEY = VALUE；注释以#开头";
        QuoteText en "write a text in double quotes" zh "文本须用双引号";
        SeeToml
            en "see https://toml.io for the format; strings stand in double quotes"
            zh "格式见https://toml.io；字符串须用双引号";
        NotToml { why: Text } en "this is not TOML: {why}" zh "不符合TOML格式：{why}";
    }
}
