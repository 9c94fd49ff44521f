//! Messages about a lab file as a whole, in both languages.

use crate::message::{Names, Number, Quoted, Text};
use crate::messages;

messages! {
    /// A lab file cannot be resolved.
    pub(crate) enum Said in "lab" {
        NoFaults en "[exercise] is in a file without [[fault]]" zh "文件中有[exercise]，但没有[[fault]]";
        AddFaults
            en "add a [[fault]], or leave [exercise] out: `peerlab exercise start` writes both"
            zh "请添加[[fault]]，或去掉[exercise]：`peerlab exercise start`会写入两者";
        NotASeed { seed: Quoted } en "{seed} is no seed" zh "{seed}不是有效的种子";
        WriteSeed en "write a whole number from 0" zh "请使用不小于0的整数";
        NoSuchFaultKind { kind: Quoted } en "there is no kind of fault {kind}" zh "不存在故障类别{kind}";
        FaultKindIsOneOf { kinds: Names } en "kind is one of {kinds}" zh "kind可选：{kinds}";
        FaultRunsNothing en "this fault runs nothing" zh "该故障没有要执行的操作";
        FaultOfNobody en "the fault" zh "该故障";
        FileIsNotALabName { stem: Quoted }
            en "{stem}, as the file is called, is no lab name"
            zh "文件名{stem}不是合法的实验名称";
        WriteName
            en "write name: 1 to 32 of a-z, 0-9 and -, not beginning with -"
            zh "请写明name：1至32个a-z、0-9或短划线（-），不以短划线开头";
        NotALabName { name: Quoted } en "{name} is no lab name" zh "{name}不是合法的实验名称";
        NamesAreLower
            en "use 1 to 32 of a-z, 0-9 and -, not beginning with -"
            zh "须为1至32个a-z、0-9或短划线（-），不以短划线开头";
        UntilIsAStep { steps: Number }
            en "give a number from 0 to {steps}, or leave until out"
            zh "请使用0至{steps}之间的数字，或去掉until";
        NoSuchStep { step: Text } en "the lab has no step {step}" zh "实验没有步骤{step}";
        NoSuchRelaxation { relaxation: Quoted } en "there is no relaxation {relaxation}" zh "不存在放宽项{relaxation}";
        AllowKnows en "allow knows cross-region-group" zh "allow只支持cross-region-group";
        NoDefaultVpcs { provider: Text } en "accounts of {provider} have no default VPC" zh "{provider}的账号没有默认VPC";
        WriteVpc en "write a [vpc.NAME] table" zh "请写[vpc.NAME]表";
        RaisesNothing { provider: Text, quota: Text }
            en "{provider} has no limit {quota} that a lab can raise"
            zh "{provider}没有可由实验提高的上限{quota}";
        LeaveQuotaOut en "leave it out" zh "请去掉该项";
        NotALimit { text: Quoted, quota: Text } en "{text} is no limit {quota}" zh "{text}不是合法的{quota}上限";
        WriteLimit { most: Number } en "write 1 to {most}" zh "请写1至{most}";
        NoPace { pace: Quoted } en "there is no pace {pace}" zh "不存在节奏{pace}";
        PaceIsOneOf { paces: Names } en "pace is one of {paces}" zh "pace可选：{paces}";
        NoPaceSeconds { text: Quoted } en "a change cannot take {text} seconds" zh "一次变更不能持续{text}秒";
        WritePaceSeconds en "write a whole number from 1 to 3600" zh "请使用1至3600之间的整数";
        SecondsWithoutPace
            en "changes take no time, so pace_seconds has no effect"
            zh "变更立即完成，因此pace_seconds不起作用";
        AddPace
            en "add pace = \"real\", or leave pace_seconds out"
            zh "请添加pace = \"real\"，或去掉pace_seconds";
        ProviderIsOneOf { providers: Names } en "provider is one of {providers}" zh "provider可选：{providers}";
        NoSuchProvider { provider: Quoted } en "there is no provider {provider}" zh "不存在服务商{provider}";
        AddAccount
            en "add one, as in [account.A]: every operation is called by an account"
            zh "请添加账号，例如[account.A]：每个操作都由某个账号调用";
        NoAccount en "the lab has no account" zh "实验中没有账号";
        NotAnAccountId { id: Quoted } en "{id} is no account id" zh "{id}不是合法的账号ID";
        SameAccountId { id: Text } en "two accounts have the id {id}" zh "两个账号的ID均为{id}";
        GiveEachItsOwnId en "give each account an id of its own" zh "请为每个账号指定不同的ID";
        NotAKeyId { id: Quoted } en "{id} is no id of an access key" zh "{id}不是合法的AccessKey ID";
        WriteKeyId
            en "use up to 128 visible ASCII characters without `/`, `,` and `=`"
            zh "请使用至多128个可见ASCII字符，且不含`/`、`,`和`=`";
        NotASecret en "this is no secret of an access key" zh "这不是合法的AccessKey Secret";
        WriteSecret en "use up to 128 visible ASCII characters" zh "请使用至多128个可见ASCII字符";
        SameKeyId { id: Text } en "two accounts have the access key {id}" zh "两个账号的AccessKey均为{id}";
        GiveEachItsOwnKey en "give each account a key of its own" zh "请为每个账号指定不同的AccessKey";
        StepOfNobody { step: Quoted } en "the step {step} does not say who calls" zh "步骤{step}没有说明由哪个账号调用";
        AddOperation en "add the operation to run, or leave refused out" zh "请添加要执行的操作，或去掉refused";
        NothingIsRun en "nothing is run that could be refused" zh "没有可被拒绝的操作";
    }
}
