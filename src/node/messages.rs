//! Messages of a host's node, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// What a node lacks, and what to do.
    pub enum Said in "node" {
        NoChassis
            en "this host's Open vSwitch has no system-id, and so no chassis name"
            zh "本机的Open vSwitch没有system-id，因而没有chassis名称";
        SetChassis
            en "set it (`ovs-vsctl set open . external_ids:system-id=NAME`), or give --name"
            zh "请设置它（`ovs-vsctl set open . external_ids:system-id=名称`），或用--name指定";
        NoBridge { bridge: Text } en "this host has no bridge {bridge}" zh "本机没有网桥{bridge}";
        StartController
            en "start ovn-controller (Debian's package ovn-host), with ovn-remote, ovn-encap-type and ovn-encap-ip set"
            zh "请启动ovn-controller（Debian软件包ovn-host），并设置ovn-remote、ovn-encap-type和ovn-encap-ip";
        LatencyLeftOut { port: Text }
            en "latency of {port} left out: the kernel has no netem (module sch_netem)"
            zh "{port}的时延未生效：内核没有netem（模块sch_netem）";
    }
}
