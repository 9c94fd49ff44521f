"""Alibaba Cloud's ways to the internet by its SDKs: elastic IP addresses, NAT gateways, IPv4 gateways; pings and refusals.

internet_alibaba.py SERVED GENERATION
"""

import sys

from alibaba import GENERATIONS
from lab import Lab, refuses

lab = Lab()
REGION = "cn-qingdao"
client = GENERATIONS[sys.argv[2]](lab, "A", REGION)
BLOCK = "10.0.0.0/16"


def vpc(action, **parameters):
    return client.call("Vpc", action, RegionId=REGION, **parameters)


def ecs(action, **parameters):
    return client.call("Ecs", action, RegionId=REGION, **parameters)


def only(reply, outer, inner):
    [found] = reply[outer][inner]
    return found


def eip(id):
    return only(vpc("DescribeEipAddresses", AllocationId=id), "EipAddresses", "EipAddress")


def reaches(sender, answered=True):
    lab.pings(sender, "internet", answered)


def is_let_in(ip, port, answered=True):
    lab.peerlab("ping", "internet", ip, f"tcp/{port}", "-c", "1", exit=0 if answered else 1)


made = vpc("CreateVpc", CidrBlock=BLOCK)
network, table = made["VpcId"], made["RouteTableId"]
outer = vpc("CreateVSwitch", ZoneId="cn-qingdao-a", VpcId=network, CidrBlock="10.0.1.0/24")["VSwitchId"]
inner = vpc("CreateVSwitch", ZoneId="cn-qingdao-a", VpcId=network, CidrBlock="10.0.2.0/24")["VSwitchId"]
group = ecs("CreateSecurityGroup", VpcId=network, SecurityGroupName="g")["SecurityGroupId"]
ecs("AuthorizeSecurityGroup", SecurityGroupId=group, IpProtocol="tcp", PortRange="22/22", SourceCidrIp="0.0.0.0/0")


def instance(vswitch, **more):
    made = ecs("RunInstances", VSwitchId=vswitch, SecurityGroupId=group, ImageId="i", InstanceType="t", **more)
    [id] = made["InstanceIdSets"]["InstanceIdSet"]
    return id


def shown(id):
    return only(ecs("DescribeInstances", InstanceIds=f'["{id}"]'), "Instances", "Instance")


web, db = instance(outer), instance(inner)

# An elastic IP address moves from one instance to the other.
reaches(web, False)
allocated = vpc("AllocateEipAddress", Bandwidth="10", Name="出口")
id, ip = allocated["AllocationId"], allocated["EipAddress"]
found = eip(id)
assert (found["Status"], found["IpAddress"], found["Name"], found["Bandwidth"]) == ("Available", ip, "出口", "10"), found
vpc("AssociateEipAddress", AllocationId=id, InstanceId=web, InstanceType="EcsInstance")
reaches(web)
found = eip(id)
assert (found["Status"], found["InstanceId"], found["InstanceType"]) == ("InUse", web, "EcsInstance"), found
assert shown(web)["EipAddress"]["AllocationId"] == id and shown(web)["EipAddress"]["IpAddress"] == ip, shown(web)
is_let_in(ip, 22)
refuses("IncorrectEipStatus", vpc, "AssociateEipAddress", AllocationId=id, InstanceId=db)
refuses("IncorrectEipStatus", vpc, "ReleaseEipAddress", AllocationId=id)
other = vpc("AllocateEipAddress")["AllocationId"]
refuses("InvalidAssociation.Duplicated", vpc, "AssociateEipAddress", AllocationId=other, InstanceId=web)
assert vpc("DescribeEipAddresses")["TotalCount"] == 2
assert only(vpc("DescribeEipAddresses", Status="Available"), "EipAddresses", "EipAddress")["AllocationId"] == other
assert only(vpc("DescribeEipAddresses", EipAddress=ip), "EipAddresses", "EipAddress")["AllocationId"] == id
vpc("ReleaseEipAddress", AllocationId=other)
refuses("InvalidAllocationId.NotFound", vpc, "ReleaseEipAddress", AllocationId=other)
vpc("UnassociateEipAddress", AllocationId=id, InstanceId=web)
reaches(web, False)
refuses("IncorrectEipStatus", vpc, "UnassociateEipAddress", AllocationId=id, InstanceId=web)
vpc("ModifyEipAddressAttribute", AllocationId=id, Name="moved")
assert (eip(id)["Status"], eip(id)["Name"]) == ("Available", "moved")

# A NAT gateway, which has no address at first.
gateway = vpc("CreateNatGateway", VpcId=network, VSwitchId=outer, NatType="Enhanced", Name="n", ClientToken="n-1")
again = vpc("CreateNatGateway", VpcId=network, VSwitchId=outer, NatType="Enhanced", Name="n", ClientToken="n-1")
nat = gateway["NatGatewayId"]
assert again["NatGatewayId"] == nat, "a repeated request is answered as the first was"
[snat], [forward] = gateway["SnatTableIds"]["SnatTableId"], gateway["ForwardTableIds"]["ForwardTableId"]
found = only(vpc("DescribeNatGateways", VpcId=network), "NatGateways", "NatGateway")
assert (found["NatGatewayId"], found["Status"], found["Name"]) == (nat, "Available", "n"), found
assert found["IpLists"]["IpList"] == [] and found["NatGatewayPrivateInfo"]["VswitchId"] == outer, found
refuses("DependencyViolation.NatGateway", vpc, "DeleteVSwitch", VSwitchId=outer)
refuses("InvalidIp.NotInNatgw", vpc, "CreateSnatEntry", SnatTableId=snat, SnatIp=ip, SourceVSwitchId=inner)
refuses(
    "InvalidNextHop.NotFound", vpc, "CreateRouteEntry", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0",
    NextHopType="NatGateway", NextHopId=nat,
)
vpc("AssociateEipAddress", AllocationId=id, InstanceId=nat, InstanceType="Nat")
assert (eip(id)["InstanceType"], eip(id)["InstanceId"]) == ("Nat", nat), eip(id)
[address] = only(vpc("DescribeNatGateways", NatGatewayId=nat), "NatGateways", "NatGateway")["IpLists"]["IpList"]
assert (address["AllocationId"], address["IpAddress"]) == (id, ip), address
entry = vpc(
    "CreateRouteEntry", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NextHopType="NatGateway", NextHopId=nat,
)["RouteEntryId"]
[hop] = only(vpc("DescribeRouteEntryList", RouteTableId=table, RouteEntryId=entry), "RouteEntrys", "RouteEntry")["NextHops"]["NextHop"]
assert (hop["NextHopType"], hop["NextHopId"]) == ("NatGateway", nat), hop
reaches(db, False)
refuses("InvalidIp.NotInNatgw", vpc, "CreateSnatEntry", SnatTableId=snat, SnatIp="203.0.113.9", SourceVSwitchId=inner)
source = vpc("CreateSnatEntry", SnatTableId=snat, SnatIp=ip, SourceVSwitchId=inner, SnatEntryName="s")["SnatEntryId"]
reaches(db)
refuses(
    "Forbidden.SourceVSwitchId.Duplicated", vpc, "CreateSnatEntry", SnatTableId=snat, SnatIp=ip, SourceCIDR="10.0.2.0/24",
)
found = only(vpc("DescribeSnatTableEntries", SnatTableId=snat), "SnatTableEntries", "SnatTableEntry")
assert (found["SnatEntryId"], found["SourceVSwitchId"], found["SourceCIDR"], found["SnatIp"], found["SnatEntryName"]) == (
    source, inner, "10.0.2.0/24", ip, "s"), found
inside = shown(db)["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0]
rule = {"ForwardTableId": forward, "ExternalIp": ip, "ExternalPort": "8022", "InternalIp": inside, "InternalPort": "22"}
led = vpc("CreateForwardEntry", IpProtocol="TCP", ForwardEntryName="ssh", **rule)["ForwardEntryId"]
is_let_in(ip, 8022)
refuses("AlreadyExists", vpc, "CreateForwardEntry", IpProtocol="tcp", **rule)
found = only(vpc("DescribeForwardTableEntries", ForwardTableId=forward, IpProtocol="tcp"), "ForwardTableEntries", "ForwardTableEntry")
assert (found["ForwardEntryId"], found["InternalPort"], found["ForwardEntryName"]) == (led, "22", "ssh"), found
vpc("ModifyForwardEntry", ForwardTableId=forward, ForwardEntryId=led, ExternalPort="9022")
is_let_in(ip, 8022, False)
is_let_in(ip, 9022)
found = only(vpc("DescribeForwardTableEntries", ForwardTableId=forward), "ForwardTableEntries", "ForwardTableEntry")
assert (found["ExternalPort"], found["ForwardEntryName"]) == ("9022", "ssh"), found
counts = vpc("GetNatGatewayAttribute", NatGatewayId=nat)
assert (counts["SnatTable"]["SnatEntryCount"], counts["ForwardTable"]["ForwardEntryCount"]) == (1, 1), counts

# The way back: entries, route, address, gateway.
refuses("IncorrectEipStatus", vpc, "UnassociateEipAddress", AllocationId=id, InstanceId=nat, InstanceType="Nat")
refuses("DependencyViolation.EIPS", vpc, "DeleteNatGateway", NatGatewayId=nat)
vpc("DeleteForwardEntry", ForwardTableId=forward, ForwardEntryId=found["ForwardEntryId"])
refuses("InvalidForwardEntryId.NotFound", vpc, "DeleteForwardEntry", ForwardTableId=forward, ForwardEntryId=led)
vpc("DeleteSnatEntry", SnatTableId=snat, SnatEntryId=source)
reaches(db, False)
refuses("DependencyViolation.RouteEntry", vpc, "UnassociateEipAddress", AllocationId=id, InstanceId=nat, InstanceType="Nat")
vpc("DeleteRouteEntry", RouteEntryId=entry)
vpc("UnassociateEipAddress", AllocationId=id, InstanceId=nat, InstanceType="Nat")
assert eip(id)["Status"] == "Available"
vpc("DeleteNatGateway", NatGatewayId=nat)
assert vpc("DescribeNatGateways")["TotalCount"] == 0
refuses("InvalidNatGatewayId.NotFound", vpc, "DeleteNatGateway", NatGatewayId=nat)

# An IPv4 gateway decides by the route table, once it is enabled.
vpc("AssociateEipAddress", AllocationId=id, InstanceId=web)
reaches(web)
gateway = vpc("CreateIpv4Gateway", VpcId=network, Ipv4GatewayName="g")["Ipv4GatewayId"]
[found] = vpc("ListIpv4Gateways", VpcId=network)["Ipv4GatewayModels"]
assert (found["Ipv4GatewayId"], found["Enabled"], found["Ipv4GatewayName"]) == (gateway, False, "g"), found
refuses("ResourceAlreadyExist.Ipv4Gateway", vpc, "CreateIpv4Gateway", VpcId=network)
reaches(web)
vpc("EnableVpcIpv4Gateway", Ipv4GatewayId=gateway)
reaches(web, False)
vpc("CreateRouteEntry", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NextHopType="Ipv4Gateway", NextHopId=gateway)
reaches(web)
assert vpc("GetIpv4GatewayAttribute", Ipv4GatewayId=gateway)["Enabled"] is True
refuses("DependencyViolation.RouteEntry", vpc, "DeleteIpv4Gateway", Ipv4GatewayId=gateway)
vpc("DeleteRouteEntry", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NextHopId=gateway)
vpc("DeleteIpv4Gateway", Ipv4GatewayId=gateway)
refuses("ResourceNotFound.Ipv4Gateway", vpc, "GetIpv4GatewayAttribute", Ipv4GatewayId=gateway)
reaches(web)

# An address that comes with an instance is no elastic one.
public = instance(outer, InternetMaxBandwidthOut=5)
[own] = shown(public)["PublicIpAddress"]["IpAddress"]
assert shown(public)["EipAddress"]["AllocationId"] == "" and vpc("DescribeEipAddresses")["TotalCount"] == 1
reaches(public)
is_let_in(own, 22)
lab.peerlab("verify")
for id_of in [web, db, public]:
    ecs("DeleteInstance", InstanceId=id_of, Force=True)
assert eip(id)["Status"] == "Available", "an address that was allocated stays"
vpc("ReleaseEipAddress", AllocationId=id)
ecs("DeleteSecurityGroup", SecurityGroupId=group)
for vswitch in [outer, inner]:
    vpc("DeleteVSwitch", VSwitchId=vswitch)
vpc("DeleteVpc", VpcId=network)
