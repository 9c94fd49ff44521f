//! Messages about what a name or an id refers to, in both languages.

use crate::ResourceKind;
use crate::message::name::{Account, Peering};
use crate::message::{Each, KindAndName, Message, Names, Quoted, Text};
use crate::messages;
use crate::messages::WithArticle;

messages! {
    /// A name or an id refers to nothing that the call can use.
    pub(crate) enum Said in "reference" {
        Ambiguous { text: Quoted, kinds: Each<WithArticle> }
            en "{text} is a name of several things: {kinds}"
            zh "名称{text}对应多个资源：{kinds}";
        WriteIdOrKind { ways: Names }
            en "write an id, or the kind before the name: {ways}"
            zh "请写ID，或在名称前写明类型：{ways}";
        ItsRouter en "its router" zh "其路由器";
        NotOwner { thing: KindAndName, owner: Account, caller: Account }
            en "{thing} is account {owner}'s, not {caller}'s"
            zh "{thing}属于账号{owner}，不属于账号{caller}";
        OwnerMustCall { owner: Account }
            en "account {owner} must call it; an account can change only its own resources"
            zh "须由账号{owner}调用：账号只能操作自己的资源";
        Deleted { kind: ResourceKind, text: Quoted } en "{kind} {text} was deleted" zh "{kind}{text}已删除";
        CreateAgain en "create it again: it gets another id" zh "请重新创建：新的资源会有另一个ID";
        IsAPair { text: Quoted }
            en "{text} is a peering of two router interfaces, not one of them"
            zh "{text}是由两个路由器接口组成的对等连接，而不是其中一个路由器接口";
        NameOneEnd { name: Peering }
            en "name one end: {name}.initiator or {name}.acceptor"
            zh "请指定其中一端：{name}.initiator或{name}.acceptor";
        IsAnotherKind { text: Quoted, is: WithArticle, wanted: WithArticle }
            en "{text} is {is}, not {wanted}"
            zh "{text}是{is}，不是{wanted}";
        NameOne { kind: WithArticle, known: Option<Message> }
            en "name {kind} by name or id{known}"
            zh "请用名称或ID指定{kind}{known}";
        KindsBeforeNames { kinds: Names }
            en "before a name there may be its kind: {kinds}"
            zh "名称前可以加上其类型：{kinds}";
        DidYouMean { near: Text } en "did you mean {near}?" zh "您要指定的是{near}吗？";
        CreateFirst { known: Option<Message> } en "create it first, or name another{known}" zh "请先创建，或指定其他资源{known}";
        NotFound { kind: ResourceKind, text: Quoted } en "there is no {kind} {text}" zh "不存在{kind}{text}";
        NoneYet { kind: ResourceKind } en "; there is no {kind} yet" zh "；目前还没有{kind}";
        ThereIsOne { name: Text } en "; there is {name}" zh "；现有{name}";
        ThereAre { names: Names } en "; there are {names}" zh "；现有{names}";
        ChooseAnotherName en "choose another name; names are unique in their kind" zh "请换一个名称：同类资源的名称不能重复";
        NotAnId { id: Quoted, kind: ResourceKind } en "{id} is no {kind} id" zh "{id}不是合法的{kind}ID";
        IdIsHeld { id: Quoted, kind: ResourceKind }
            en "{id} was the id of a {kind}, and route entries or rules still hold it"
            zh "{id}曾是{kind}的ID，仍有路由条目或安全组规则引用该ID";
        DeleteHolders en "delete those first, or choose another id" zh "请先删除这些条目或规则，或换一个ID";
        IdWasUsed { text: Quoted, kind: ResourceKind }
            en "{text} was the id of a {kind} of the lab"
            zh "{text}曾是本实验中{kind}的ID";
        IsTaken { text: Quoted, kind: WithArticle }
            en "{text} is {kind} of the lab already"
            zh "{text}已被本实验中的{kind}使用";
        ChooseAnother
            en "choose another; names are unique in their kind, ids over all kinds"
            zh "请换一个：同类资源的名称不能重复，所有资源的ID不能重复";
    }
}
