//! Messages of `serve` and `credentials`, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// The server, and the access keys.
    pub enum Said in "serve" {
        CannotListen { address: Text, error: OsError } en "cannot listen at {address}: {error}" zh "无法监听{address}：{error}";
        TakeFreePort
            en "take another port, or `--listen 127.0.0.1:0` for a free one"
            zh "请使用其他端口，或用`--listen 127.0.0.1:0`取得空闲端口";
        TakeHigherPort en "take a port from 1024 on" zh "请使用1024及以上的端口";
        GiveOwnAddress
            en "give an address of this host, as --listen 127.0.0.1:8765"
            zh "请使用本机的地址，例如--listen 127.0.0.1:8765";
        CannotServe { error: OsError } en "the server cannot start: {error}" zh "无法启动服务：{error}";
        FreeResources en "raise the limits of open files and threads" zh "请提高打开文件数与线程数的上限";
        KeysUnreadable { lab: Lab } en "the access keys of lab {lab} cannot be read" zh "无法读取实验{lab}的AccessKey";
        MakeKeysAnew
            en "remove the file `keys` in the lab's directory: new ones are made"
            zh "请删除实验目录中的文件`keys`，之后会重新生成";
        NotesUnreadable { lab: Lab } en "the notes of lab {lab} cannot be read" zh "无法读取实验{lab}的notes文件";
        NoRandom { error: OsError } en "the kernel gives no random bytes: {error}" zh "内核未能提供随机数：{error}";
        NoDialect { lab: Lab, provider: Text }
            en "lab {lab}: the API of {provider} is not served"
            zh "实验{lab}：不支持{provider}的API";
        SameKey { id: Text, lab: Lab, other: Lab }
            en "labs {lab} and {other} both have the access key {id}"
            zh "实验{lab}与{other}的AccessKey均为{id}";
        ServeOneOfThem
            en "give each account a key of its own, or name the labs to serve"
            zh "请为每个账号指定不同的AccessKey，或指定要服务的实验";
        ReachableByAll { address: Text }
            en "{address} can be reached from other hosts: whoever has a key, or sees a request on its way, may call; the connection is not encrypted"
            zh "其他主机可以访问{address}：持有AccessKey或能截获请求的人都可以调用；连接未加密";
        Listening { url: Text } en "listening at {url}; Ctrl-C ends it" zh "正在监听{url}；按Ctrl-C结束";
        NoLabYet en "no lab is up yet: labs are served as they come up" zh "还没有正在运行的实验：实验启动后即可访问";
        NowServed { lab: Lab } en "lab {lab} is served" zh "已开始服务实验{lab}";
        NotServed { lab: Lab, why: Message } en "lab {lab} is not served: {why}" zh "未服务实验{lab}：{why}";
        AccountOfLab { account: Account, lab: Lab, id: Text }
            en "account {account} of lab {lab}, {id}"
            zh "实验{lab}的账号{account}，{id}";
        KeyId en "access key id" zh "AccessKey ID";
        Secret en "access key secret" zh "AccessKey Secret";
        TeacherAt { url: Text } en "all labs, for a teacher: {url}" zh "教师查看所有实验：{url}";
        ConsoleOnce en "console; the link signs in once" zh "控制台；链接只能登录一次";
        TooManyCommands en "too many commands run in instances at once" zh "在实例中同时运行的命令过多";
        NoSuchAccount { lab: Lab, wanted: Text } en "lab {lab} has no account {wanted}" zh "实验{lab}中没有账号{wanted}";
        SeveralAccounts en "the lab has several accounts" zh "实验有多个账号";
        AddAs { accounts: Names } en "say which with --as: {accounts}" zh "请用--as指定：{accounts}";
        NoSuchFormat { lab: Lab, format: Text, provider: Text }
            en "clients of {provider} have no {format}: lab {lab} is a lab of {provider}"
            zh "{provider}的客户端没有{format}格式：实验{lab}属于{provider}";
        TakeFormat { formats: Names } en "take --format {formats}" zh "请使用--format {formats}";
    }
}
