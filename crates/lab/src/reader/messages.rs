//! Messages about a lab file's tables and keys, in both languages.

use crate::message::{Message, Names, Number, Or, Quoted, Text};
use crate::messages;

messages! {
    /// A table cannot be read.
    pub(crate) enum Said in "table" {
        FirstHere en "first here" zh "首次出现于此";
        BesideThis en "beside this" zh "与此处冲突";
        MoreErrors { left_out: Number } en "there are {left_out} more errors" zh "还有{left_out}个错误";
        MendAboveFirst en "correct those above first" zh "请先修正以上错误";
        PutInQuotes { key: Text, written: Quoted } en "put it in quotes: {key} = {written}" zh "请加引号：{key} = {written}";
        WriteText { key: Text } en "write {key} = \"…\"" zh "请写成{key} = \"…\"";
        AText en "a string" zh "字符串";
        NoKey { table: Message, key: Text } en "{table} has no {key}" zh "{table}缺少{key}";
        AddKey { key: Text, example: Message } en "add {key} = {example}" zh "请添加{key} = {example}";
        EmptyKey { table: Message, key: Text } en "{table} has an empty {key}" zh "{table}的{key}为空";
        ANumber en "a number" zh "数字";
        WriteNumber { key: Text } en "write {key} = 1, for example" zh "例如{key} = 1";
        ABoolean en "true or false" zh "true或false";
        WriteTrue { key: Text } en "write {key} = true, without quotes" zh "请写成{key} = true，不加引号";
        WriteInArray { key: Text, written: Text } en "write {key} = [{written}]" zh "请写成{key} = [{written}]";
        WriteTexts { key: Text } en "write {key} = [\"…\"]" zh "请写成{key} = [\"…\"]";
        Texts en "an array of strings" zh "字符串数组";
        EveryItemIsText { key: Text } en "every item of {key} is a string in quotes" zh "{key}的每一项都是带引号的字符串";
        TwoBrackets { key: Text }
            en "there may be several: write [[{key}]], with two brackets"
            zh "可以有多个：请用双方括号写成[[{key}]]";
        WriteTables { key: Text } en "write {key} = [{{ … }}]" zh "请写成{key} = [{{ … }}]";
        Tables en "an array of tables" zh "表数组";
        EveryItemIsTable { key: Text } en "every item of {key} is a table: {{ … }}" zh "{key}的每一项都是表：{{ … }}";
        ATable en "a table" zh "表";
        WriteTable { example: Message } en "write it as a table: {example}" zh "请写成表：{example}";
        SingleBrackets { prefix: Text, key: Text }
            en "give it a name, in single brackets: [{prefix}{key}.NAME]"
            zh "请用单方括号并给出名称：[{prefix}{key}.名称]";
        WriteNamed { prefix: Text, key: Text } en "write it as [{prefix}{key}.NAME]" zh "请写成[{prefix}{key}.名称]";
        NamedTables en "tables by name" zh "按名称组织的表";
        NotATable { key: Text, name: Text, is: Message }
            en "{key}.{name} is {is}, not a table"
            zh "{key}.{name}是{is}，不是表";
        AreNamedTables { example: Text }
            en "the things of this kind are tables by name: {example}"
            zh "此类资源是按名称组织的表：{example}";
        WrongType { key: Text, table: Message, is: Message, wanted: Message }
            en "{key} of {table} is {is}, not {wanted}"
            zh "{table}的{key}是{is}，应为{wanted}";
        KeysAre { keys: Names } en "its keys are {keys}" zh "可用的键：{keys}";
        UnknownKey { table: Message, key: Quoted } en "{table} has no key {key}" zh "{table}没有键{key}";
        AFraction en "a fraction" zh "小数";
        ADate en "a date" zh "日期";
        AnArray en "an array" zh "数组";
        WriteWhy en "write why, or leave unchecked out" zh "请写明原因，或去掉unchecked";
        UncheckedWithoutReason
            en "unchecked does not say why no check misses this"
            zh "unchecked没有说明为何没有检查依赖此处";
        LabFile en "a lab file" zh "实验文件";
        BeginWithLab { providers: Or<Quoted> }
            en "begin with [lab] and provider = {providers}"
            zh "请以[lab]和provider = {providers}开头";
        ExampleOfProvider { providers: Or<Quoted> } en "{providers}" zh "{providers}";
        NoLabTable en "the file has no [lab] table" zh "文件中没有[lab]表";
        ThisCheck en "this [[check]]" zh "该[[check]]";
        ThisFault en "this [[fault]]" zh "该[[fault]]";
        ThisStep en "this [[step]]" zh "该[[step]]";
        ThisRouteEntry en "this route entry" zh "该路由条目";
        ExampleOfTablesVpc en "\"…\", the VPC it belongs to" zh "\"…\"，所属的VPC";
        ExampleOfGroupsVpc en "\"…\", the VPC whose instances may join" zh "\"…\"，其实例可加入该安全组的VPC";
        ThisDnatEntry en "this DNAT entry" zh "该DNAT条目";
        ExampleOfPrivateAddress en "\"…\", the private address of an instance" zh "\"…\"（实例的私网地址）";
        ThisRule en "this rule" zh "该规则";
        RuleWithTwoSides en "a rule looks one way: this one has from and to" zh "一条规则只有一个方向：该规则同时有from和to";
        MakeTwoRules
            en "make two rules: one with from (ingress), one with to (egress)"
            zh "请拆成两条规则：from为入方向，to为出方向";
        AddFromOrTo
            en "add from = \"172.16.0.0/16\" (ingress) or to = \"0.0.0.0/0\" (egress)"
            zh "请添加from = \"172.16.0.0/16\"（入方向）或to = \"0.0.0.0/0\"（出方向）";
        RuleWithoutSide en "this rule has neither from nor to" zh "该规则既没有from也没有to";
        ExampleOfFrom en "\"…\", an instance or internet" zh "\"…\"，实例或internet";
        ExampleOfTo en "\"…\", an instance, internet or an IP address" zh "\"…\"，实例、internet或IP地址";
        ExampleOfTitle en "\"…\", what the step does" zh "\"…\"，该步骤做什么";
        ThisStepsCheck en "this [[step.check]]" zh "该[[step.check]]";
        WordsIn { language: Text, table: Text } en "{language} in {table}" zh "{table}中的{language}";
        UnknownOfPeering { provider: Text, key: Text }
            en "a peering of {provider} has no {key}"
            zh "{provider}的对等连接没有{key}";
        LeaveKeyOut { key: Text } en "leave {key} out" zh "请去掉{key}";
    }
}
