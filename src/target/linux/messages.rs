//! Messages of the Linux target, in both languages.

use crate::message::name::*;
use crate::message::*;
use crate::messages;

messages! {
    /// What is in the way of a lab, or of a command in it, and what somebody changed in it.
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
        NamespaceNotTheLabs { at: Text }
            en "{at}: the namespace is not the lab's"
            zh "{at}：命名空间不属于该实验";
        LinkReplaced { at: Text, link: Text }
            en "{at}: link {link} is not the one that peerlab made"
            zh "{at}：链路{link}不是peerlab所建的链路";
        LinkHasMac { at: Text, link: Text, mac: Text }
            en "{at}: link {link} has another hardware address, {mac}"
            zh "{at}：链路{link}的硬件地址已变为{mac}";
        LinkInGroup { at: Text, link: Text, group: Number }
            en "{at}: link {link} is in another group, {group}"
            zh "{at}：链路{link}所属的组已变为{group}";
        LinkNames { at: Text, link: Text }
            en "{at}: the alternative name of link {link} is changed"
            zh "{at}：链路{link}的别名已被修改";
        PortChanged { at: Text, link: Text, bridge: Text }
            en "{at}: link {link} is not a port of bridge {bridge} as peerlab made it"
            zh "{at}：链路{link}不再是peerlab所设的网桥{bridge}的端口";
        NoPort { at: Text, link: Text, bridge: Text }
            en "{at}: link {link} is a port of bridge {bridge}"
            zh "{at}：链路{link}成了网桥{bridge}的端口";
        BridgeChanged { at: Text, link: Text }
            en "{at}: the settings of bridge {link} are changed"
            zh "{at}：网桥{link}的设置已被修改";
        LinkChanged { at: Text, link: Text }
            en "{at}: the MTU, flags or IPv4 settings of link {link} are changed"
            zh "{at}：链路{link}的MTU、标志或IPv4设置已被修改";
        ShapingChanged { at: Text, link: Text }
            en "{at}: the queueing disciplines of link {link} are changed"
            zh "{at}：链路{link}的队列规则已被修改";
        AddressNotTheLabs { at: Text, address: Text, link: Text }
            en "{at}: address {address} of link {link} is not the lab's"
            zh "{at}：链路{link}的地址{address}不属于该实验";
        RuleGone { at: Text, rule: Text } en "{at}: policy rule {rule} is gone" zh "{at}：策略路由规则{rule}已不存在";
        RuleNotTheLabs { at: Text, rule: Text }
            en "{at}: policy rule {rule} is not the lab's"
            zh "{at}：策略路由规则{rule}不属于该实验";
        NeighbourGone { at: Text, neighbour: Text }
            en "{at}: neighbour {neighbour} is gone"
            zh "{at}：邻居{neighbour}已不存在";
        NeighbourNotTheLabs { at: Text, neighbour: Text }
            en "{at}: neighbour {neighbour} is not the lab's"
            zh "{at}：邻居{neighbour}不属于该实验";
        ForwardingGone { at: Text, entry: Text }
            en "{at}: forwarding entry {entry} is gone"
            zh "{at}：转发表项{entry}已不存在";
        ForwardingNotTheLabs { at: Text, entry: Text }
            en "{at}: forwarding entry {entry} is not the lab's"
            zh "{at}：转发表项{entry}不属于该实验";
        SysctlChanged { at: Text, key: Text, value: Text }
            en "{at}: {key} is no longer {value}"
            zh "{at}：{key}不再是{value}";
        RulesetChanged { at: Text } en "{at}: the nftables ruleset is changed" zh "{at}：nftables规则集已被修改";
        ChrootNoMount
            en "the folder of a chroot must be a mount: `mount --bind FOLDER FOLDER`, then `chroot FOLDER`"
            zh "chroot的目录须为挂载点：请先执行`mount --bind 目录 目录`，再执行`chroot 目录`";
        EnterNamespace en "enter namespace" zh "进入命名空间";
        NoNamespaceAnyMore en "it is no namespace any more" zh "它已不再是命名空间";
        Cannot { what: Message, name: Text, why: Message } en "cannot {what} {name}: {why}" zh "无法{what}{name}：{why}";
        UpMakesIt { lab: Lab } en "`peerlab up --lab {lab}` makes what is missing" zh "`peerlab up --lab {lab}`可补全缺失的部分";
        MakeView en "make a view of the file system for" zh "创建文件系统视图：";
        System { why: OsError } en "{why}" zh "{why}";
    }
}
