//! Messages of files that verbs write, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// Files that verbs write: labs, pictures, standard output.
    pub enum Said in "files" {
        Already { path: Text } en "{path} is there already" zh "{path}已存在";
        ForceOverwrites en "give another name, or --force to overwrite it" zh "请换一个名称，或用--force覆盖";
        NoSuchFolder { path: Text } en "cannot write {path}: there is no such folder" zh "无法写入{path}：文件夹不存在";
        MakeItFirst en "make it first" zh "请先创建文件夹";
        NoDirectory en "there is no such directory" zh "文件夹不存在";
        IsADirectory en "it is a directory" zh "这是一个文件夹";
        NameFileInIt en "name a file in it" zh "请指定其中的文件";
        MayNotWrite en "you may not write there" zh "没有写入权限";
        GiveOwnFile en "give a file in a folder of your own" zh "请指定您自己文件夹中的文件";
        MakeRoom en "make room there" zh "请释放空间";
        GiveAnotherFile en "give another file, or see why that one cannot be written" zh "请换一个文件，或检查它为何不可写";
        CannotWrite { file: Text, why: Message } en "cannot write {file}: {why}" zh "无法写入{file}：{why}";
        SeeWhereItLeads en "see where it leads to, and whether that can be written" zh "请检查它指向何处，以及该处是否可写";
        System { why: OsError } en "{why}" zh "{why}";
        CannotWriteOutput { error: OsError } en "standard output cannot be written: {error}" zh "无法写入标准输出：{error}";
        FinishedLab en "finished lab" zh "完成后的实验";
        UntilIsOfAFile en "--until says how far the lab of a file is walked" zh "--until用于指定文件中的实验执行到哪一步";
        GiveFileWithF en "give the file with -f, or leave --until out" zh "请用-f指定文件，或去掉--until";
        PictureAsSvg
            en "this is a picture as SVG: `-o lab.svg` writes it to a file, `-o lab.html` a page to click in"
            zh "以上是SVG格式的图：`-o lab.svg`写入文件，`-o lab.html`写入可点击的网页";
        AsItIs en "as it is" zh "当前状态";
        AfterStep { done: Number, steps: Number, title: Text }
            en "after step {done} of {steps}: {title}"
            zh "已执行第{done}步，共{steps}步：{title}";
        BeforeStep { steps: Number } en "before step 1 of {steps}" zh "尚未执行，共{steps}步";
        OneByHand en ", and 1 operation by hand" zh "，另有1个手动操作";
        MoreByHand { more: Number } en ", and {more} operations by hand" zh "，另有{more}个手动操作";
        IsAFolder { path: Text } en "{path} is a folder" zh "{path}是一个文件夹";
        NameFileInItAs { example: Text } en "name a file in it, as {example}" zh "请给出其中的文件名，例如{example}";
        UnknownFormat { path: Text } en "{path} does not say which format is meant" zh "无法从{path}判断格式";
        LetItEndIn { all: Names } en "let it end in {all}, or give --format" zh "文件名请以{all}结尾，或指定--format";
        Wrote { file: Text } en "wrote {file}" zh "已写入{file}";
        WithSize { size: Message } en ", {size}" zh "，{size}";
        NextUp { file: Text } en "next: peerlab up {file}" zh "下一步：peerlab up {file}";
        NoFileButDevice { path: Text } en "{path} is a device or a pipe, and no lab file" zh "{path}是设备或管道，不是实验文件";
        InitStdout en "`peerlab init --stdout` writes to standard output" zh "`peerlab init --stdout`写到标准输出";
        ManShows { page: Text } en "`man -l {page}` shows the first of them" zh "`man -l {page}`显示首页";
        NoSuchFolderFor { folder: Text }
            en "cannot write to {folder}: there is no such directory"
            zh "无法写入{folder}：文件夹不存在";
        GiveFolder en "give --out a directory that is there" zh "请用--out指定已有的文件夹";
        CannotWritePage { error: OsError } en "cannot write the page: {error}" zh "无法写入手册页：{error}";
        CannotWriteCompletions { error: OsError } en "cannot write the completions: {error}" zh "无法写入补全脚本：{error}";
        MeantProvider { meant: Text } en "did you mean {meant}?" zh "您要指定的是{meant}吗？";
        Providers { names: And } en "the providers are {names}" zh "可选的服务商：{names}";
    }
}
