//! Examples of a lab file's values, in both languages.

use crate::messages;

messages! {
    /// A value of a key, as a hint writes it.
    pub enum Example in "example" {
        Text en "\"…\"" zh "\"…\"";
        Hop en "\"…\", a router interface, a peering or an instance" zh "\"…\"，路由器接口、对等连接或实例";
        InterfacesVpc en "\"…\", the VPC whose router it is on" zh "\"…\"，路由器接口所在的VPC";
        Role en "\"initiator\" or \"acceptor\"" zh "\"initiator\"或\"acceptor\"";
        OppositeRegion en "\"cn-beijing\", the other end's region" zh "\"cn-beijing\"，对端地域";
        Opposite en "{{ account = \"B\", interface = \"ri-b\" }}" zh "{{ account = \"B\", interface = \"ri-b\" }}";
        OtherEnd en "\"…\", the other end's name or id" zh "\"…\"，对端的名称或ID";
        RequesterVpc en "\"…\", the requester's VPC" zh "\"…\"，发起端VPC";
        AccepterVpc en "\"…\", the accepter's VPC" zh "\"…\"，接收端VPC";
        Bandwidth en "\"100Mbit\"" zh "\"100Mbit\"";
        OwnVpc en "\"…\", the own VPC" zh "\"…\"，本端VPC";
        OtherVpc en "\"…\", the other VPC" zh "\"…\"，对端VPC";
        Spec en "\"Mini.2\", the bandwidth class of both directions" zh "\"Mini.2\"，即两个方向的规格";
    }
}
