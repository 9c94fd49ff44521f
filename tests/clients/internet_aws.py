"""AWS's ways to the internet by boto3 or by its CLI: internet gateways, elastic IP addresses, NAT gateways.

internet_aws.py SERVED CLIENT
"""

import sys

from aws import CLIENTS, filters, tags
from lab import Lab, refuses

lab = Lab()
client = CLIENTS[sys.argv[2]](lab, "A", "us-east-1")
call = client.call


def reaches(sender, answered=True):
    lab.pings(sender, "internet", answered)


def address(id):
    [found] = call("DescribeAddresses", AllocationIds=[id])["Addresses"]
    return found


vpc = call("CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
outer = call("CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
inner = call("CreateSubnet", VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
[main] = call("DescribeRouteTables", Filters=filters(vpc_id=vpc))["RouteTables"]
main = main["RouteTableId"]


def instance(subnet, **more):
    [made] = call("RunInstances", MinCount=1, MaxCount=1, SubnetId=subnet, **more)["Instances"]
    return made["InstanceId"]


web, job = instance(outer), instance(inner)

# Addresses, before and after there is a gateway.
allocated = call("AllocateAddress", Domain="vpc", TagSpecifications=tags("elastic-ip", Name="out"))
id, ip = allocated["AllocationId"], allocated["PublicIp"]
assert address(id)["PublicIp"] == ip and address(id)["Tags"] == [{"Key": "Name", "Value": "out"}], address(id)
assert "InstanceId" not in address(id) and address(id)["Domain"] == "vpc"
refuses("Gateway.NotAttached", call, "AssociateAddress", AllocationId=id, InstanceId=web)
gateway = call("CreateInternetGateway")["InternetGateway"]["InternetGatewayId"]
call("AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
public = call("CreateRouteTable", VpcId=vpc)["RouteTable"]["RouteTableId"]
call("AssociateRouteTable", RouteTableId=public, SubnetId=outer)
call("CreateRoute", RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
reaches(web, False)
association = call("AssociateAddress", AllocationId=id, InstanceId=web)["AssociationId"]
reaches(web)
found = address(id)
assert (found["InstanceId"], found["AssociationId"]) == (web, association), found
[[shown]] = [it["Instances"] for it in call("DescribeInstances", InstanceIds=[web])["Reservations"]]
assert shown["PublicIpAddress"] == ip and shown["NetworkInterfaces"][0]["Association"]["PublicIp"] == ip, shown
[interface] = call("DescribeNetworkInterfaces", Filters=filters(association__allocation_id=id))["NetworkInterfaces"]
assert interface["NetworkInterfaceId"] == found["NetworkInterfaceId"], interface
refuses("InvalidIPAddress.InUse", call, "ReleaseAddress", AllocationId=id)
refuses("Resource.AlreadyAssociated", call, "AssociateAddress", AllocationId=id, InstanceId=job, AllowReassociation=False)
call("AssociateAddress", AllocationId=id, NetworkInterfaceId=interface["NetworkInterfaceId"])

# A second address replaces the first, which stays allocated; and one moves.
second = call("AllocateAddress")["AllocationId"]
call("AssociateAddress", AllocationId=second, InstanceId=web)
assert "AssociationId" not in address(id) and address(second)["InstanceId"] == web
assert len(call("DescribeAddresses", Filters=filters(instance_id=web))["Addresses"]) == 1
assert {it["AllocationId"] for it in call("DescribeAddresses")["Addresses"]} == {id, second}
[found] = call("DescribeAddresses", PublicIps=[ip])["Addresses"]
assert found["AllocationId"] == id, found
refuses("InvalidAddress.NotFound", call, "DescribeAddresses", PublicIps=["203.0.113.99"])
refuses("InvalidAllocationID.NotFound", call, "DescribeAddresses", AllocationIds=["eipalloc-0123456789abcdef0"])
refuses("InvalidParameterValue", call, "DescribeAddresses", Filters=[{"Name": "no-such", "Values": ["x"]}])
refuses("DependencyViolation", call, "DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
call("DisassociateAddress", AssociationId=address(second)["AssociationId"])
reaches(web, False)
refuses("InvalidAssociationID.NotFound", call, "DisassociateAddress", AssociationId=association)
call("ReleaseAddress", AllocationId=second)
refuses("InvalidAllocationID.NotFound", call, "ReleaseAddress", AllocationId=second)
refuses("DryRunOperation", call, "AllocateAddress", DryRun=True)
assert len(call("DescribeAddresses")["Addresses"]) == 1

# A NAT gateway for the inner subnet.
refuses("InvalidAllocationID.NotFound", call, "CreateNatGateway", SubnetId=outer, AllocationId=second)
refuses("InvalidSubnetID.NotFound", call, "CreateNatGateway", SubnetId="subnet-0123456789abcdef0", AllocationId=id)
made = call("CreateNatGateway", SubnetId=outer, AllocationId=id, TagSpecifications=tags("natgateway", Name="n"), ClientToken="n-1")
nat = made["NatGateway"]["NatGatewayId"]
again = call("CreateNatGateway", SubnetId=outer, AllocationId=id, TagSpecifications=tags("natgateway", Name="n"), ClientToken="n-1")
assert again["NatGateway"]["NatGatewayId"] == nat, "a repeated request is answered as the first was"
client.wait("nat_gateway_available", NatGatewayIds=[nat])
[found] = call("DescribeNatGateways", Filter=filters(vpc_id=vpc, state="available"))["NatGateways"]
[of] = found["NatGatewayAddresses"]
assert (found["SubnetId"], found["VpcId"], of["PublicIp"], of["AllocationId"]) == (outer, vpc, ip, id), found
assert found["Tags"] == [{"Key": "Name", "Value": "n"}] and address(id)["NetworkInterfaceId"] == of["NetworkInterfaceId"]
[interface] = call("DescribeNetworkInterfaces", NetworkInterfaceIds=[of["NetworkInterfaceId"]])["NetworkInterfaces"]
assert interface["InterfaceType"] == "natGateway" and interface["Groups"] == [], interface
refuses("Resource.AlreadyAssociated", call, "CreateNatGateway", SubnetId=outer, AllocationId=id)
reaches(job, False)
refuses(
    "InvalidNatGatewayID.NotFound", call, "CreateRoute", RouteTableId=main, DestinationCidrBlock="0.0.0.0/0",
    NatGatewayId="nat-0123456789abcdef0",
)
call("CreateRoute", RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
reaches(job)
[table] = call("DescribeRouteTables", Filters=filters(route__nat_gateway_id=nat))["RouteTables"]
assert [it["State"] for it in table["Routes"] if it.get("NatGatewayId") == nat] == ["active"], table
lab.peerlab("verify")
refuses("DependencyViolation", call, "DeleteSubnet", SubnetId=outer)

# Deleted, it leaves a blackhole and its address, and is seen for a while.
call("DeleteNatGateway", NatGatewayId=nat)
client.wait("nat_gateway_deleted", NatGatewayIds=[nat])
[found] = call("DescribeNatGateways", NatGatewayIds=[nat])["NatGateways"]
assert found["State"] == "deleted" and call("DescribeNatGateways", Filter=filters(state="available"))["NatGateways"] == []
[table] = call("DescribeRouteTables", RouteTableIds=[main])["RouteTables"]
assert [it["State"] for it in table["Routes"] if it.get("NatGatewayId") == nat] == ["blackhole"], table
reaches(job, False)
assert "AssociationId" not in address(id)
refuses("NatGatewayNotFound", call, "DeleteNatGateway", NatGatewayId="nat-0123456789abcdef0")
call("ReleaseAddress", AllocationId=id)

# An address that comes with an instance is no elastic one.
call("ModifySubnetAttribute", SubnetId=outer, MapPublicIpOnLaunch={"Value": True})
own = instance(outer)
reaches(own)
[[shown]] = [it["Instances"] for it in call("DescribeInstances", InstanceIds=[own])["Reservations"]]
assert shown["PublicIpAddress"] and call("DescribeAddresses")["Addresses"] == [], shown
lab.peerlab("verify")
call("TerminateInstances", InstanceIds=[web, job, own])
call("DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
call("DeleteInternetGateway", InternetGatewayId=gateway)
for subnet in [outer, inner]:
    call("DeleteSubnet", SubnetId=subnet)
call("DeleteRouteTable", RouteTableId=public)
call("DeleteVpc", VpcId=vpc)
