//! Messages of the Linux target, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// What is in the way of a lab, and what somebody changed in it.
    pub enum Said in "linux" {
        CleanOrRename
            en "`peerlab doctor --clean` removes them, or bring the lab up under another name with --name"
            zh "`peerlab doctor --clean`可将其删除，或用--name以其他名称启动该实验";
        LeftBehind { lab: Lab, there: Number, first: Text }
            en "an earlier lab {lab} left {there} namespaces behind, such as {lab}.{first}"
            zh "先前的实验{lab}遗留了{there}个命名空间，例如{lab}.{first}";
        Taken { lab: Lab, name: Text }
            en "namespace {lab}.{name} exists and is not this lab's"
            zh "命名空间{lab}.{name}已存在，但不属于该实验";
        RenameOrRemove { lab: Lab, name: Text }
            en "bring the lab up under another name with --name, or remove it with `ip netns del {lab}.{name}`"
            zh "请用--name以其他名称启动实验，或用`ip netns del {lab}.{name}`删除该命名空间";
        NamespaceGone { at: Text } en "{at}: the namespace is gone" zh "{at}：命名空间已不存在";
        LinkDown { at: Text, link: Text } en "{at}: link {link} is down" zh "{at}：链路{link}已停用";
        LinkGone { at: Text, link: Text } en "{at}: link {link} is gone" zh "{at}：链路{link}已不存在";
        AddressGone { at: Text, address: Text, link: Text }
            en "{at}: address {address} of link {link} is gone"
            zh "{at}：链路{link}的地址{address}已不存在";
        RouteGone { at: Text, route: Text } en "{at}: route {route} is gone" zh "{at}：路由{route}已不存在";
        LinkNotTheLabs { at: Text, link: Text } en "{at}: link {link} is not the lab's" zh "{at}：链路{link}不属于该实验";
        RouteNotTheLabs { at: Text, route: Text } en "{at}: route {route} is not the lab's" zh "{at}：路由{route}不属于该实验";
        RulesetChanged { at: Text } en "{at}: the nftables ruleset is changed" zh "{at}：nftables规则集已被修改";
        ChangedByHand { at: Text, change: Text }
            en "{at}: changed by hand: {change}"
            zh "{at}：已被手动修改：{change}";
    }
}
