//! Messages of what arguments mean, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// What an argument means: a lab, its file, a step, an end of a flow.
    pub enum Said in "target" {
        GivePathInIt { example: Text } en "give the path of a lab file in it, as {example}" zh "请指定其中某个实验文件的路径，例如{example}";
        DidYouMean { near: Text } en "did you mean {near}?" zh "您要指定的是{near}吗？";
        NoLabName { name: Quoted } en "{name} is no name of a lab" zh "{name}不是合法的实验名称";
        NameOfLab en "use a-z, 0-9 and -, at most 32, not beginning with -" zh "请使用a-z、0-9和短划线（-），至多32个字符，且不以短划线开头";
        NoStep { lab: Lab, wanted: Text } en "lab {lab} has no step {wanted}" zh "实验{lab}没有步骤{wanted}";
        NoSteps en "it has no steps at all: leave --until out" zh "它没有步骤：请去掉--until";
        DidYouMeanTitle { title: Quoted } en "did you mean {title}?" zh "您要指定的是{title}吗？";
        GiveStep { n: Number } en "give a number from 0 to {n}, or a step's title" zh "请指定0至{n}之间的数字，或步骤的标题";
        NamedByVariable { why: Message } en "{why}; PEERLAB_LAB names it" zh "{why}；由PEERLAB_LAB指定";
        NoneUp en "no lab is up" zh "没有正在运行的实验";
        UpBringsOne en "`peerlab up FILE` brings one up" zh "`peerlab up FILE`可启动实验";
        LabsUp { n: Number } en "{n} labs are up" zh "有{n}个实验正在运行";
        SayWhich { labs: Names }
            en "say which with --lab, or in PEERLAB_LAB: {labs}"
            zh "请用--lab或PEERLAB_LAB指定：{labs}";
        UpFrom { lab: Lab, file: Text }
            en "lab {lab} is up from {file}: name the lab if you mean it"
            zh "实验{lab}由{file}启动：如指该实验，请使用实验名称";
        ListShows en "`peerlab list` shows the labs that are up" zh "`peerlab list`列出正在运行的实验";
        NotUpFrom { path: Text } en "no lab of {path} is up" zh "由{path}启动的实验都不在运行";
        UpTimes { path: Text, n: Number } en "{path} is up {n} times" zh "由{path}启动的实验有{n}个";
        NameLab { labs: Names } en "name the lab: {labs}" zh "请指定实验：{labs}";
        CutShort { lab: Lab }
            en "the last change of lab {lab} was cut short: `peerlab up --lab {lab}` completes it, `peerlab down {lab}` removes it"
            zh "实验{lab}的上一次变更被中断：`peerlab up --lab {lab}`可补全，`peerlab down {lab}`可删除";
        NoAddressOfAHost { address: Text } en "{address} is no host's address" zh "{address}不是主机地址";
        GiveAddressOfOne
            en "give the address of one host: not 0.0.0.0, a multicast or the broadcast address"
            zh "请使用单个主机的地址：不能是0.0.0.0、组播地址或广播地址";
        NothingFromAddress { address: Text } en "nothing can be sent from the address {address}" zh "不能从地址{address}发送";
        NameSender en "name the instance that sends, or internet" zh "请指定发送方实例，或internet";
        IsAVpc { text: Text } en "{text} is a VPC: name an instance in it" zh "{text}是VPC：请指定其中的实例";
        NoInstancesYet en "the lab has no instances yet" zh "实验中还没有实例";
        InstancesAre { names: Names } en "its instances are: {names}" zh "现有实例：{names}";
        HasInstances { n: Number } en "it has {n} instances: see `peerlab status`" zh "它有{n}个实例：见`peerlab status`";
        NoInstance { text: Text } en "the lab has no instance {text}" zh "实验中没有实例{text}";
        UntilIsOfAFile en "--until says how far the lab of a file is walked" zh "--until用于指定文件中的实验执行到哪一步";
        GiveFileWithF en "give the file with -f, or leave --until out" zh "请用-f指定文件，或去掉--until";
        NothingToMend en "there is nothing to repair" zh "无需修复";
    }
}
