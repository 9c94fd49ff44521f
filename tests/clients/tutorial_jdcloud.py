"""JD Cloud's tutorial by its SDK, on the shipped lab: halves, tables, associations, what is refused, and the way back.

tutorial_jdcloud.py SERVED CLIENT
"""

import importlib
import sys

from jdcloud import CLIENTS, filters
from lab import Lab, refuses

lab = Lab()
Client = CLIENTS[sys.argv[2]]
REGION = "cn-south-1"


a = Client(lab, "A")
vpcs = {it["vpcName"]: it for it in a.call("vpc", "DescribeVpcs", None, REGION)["vpcs"]}
assert vpcs["VPCforPeeringA"]["vpcId"] == "vpc-xxvpcforpeeringaxx"
assert vpcs["VPCforPeeringA"]["addressPrefix"] == "10.0.0.0/16"
wrong = refuses("Signature not match", Client(lab, "A", secret="wrong").call, "vpc", "DescribeVpcs", None, REGION)
assert wrong.status == 401, wrong
assert a.call("vpc", "DescribeVpcs", None, "cn-north-1")["vpcs"] == [], "another region has none"

subnets = {it["vpcId"]: it for it in a.call("vpc", "DescribeSubnets", None, REGION)["subnets"]}
instances = {it["instanceName"]: it for it in a.call("vm", "DescribeInstances", None, REGION)["instances"]}
assert instances["vm-a"]["privateIpAddress"] == "10.0.1.10" and instances["vm-a"]["status"] == "running"

local, remote = "vpc-xxvpcforpeeringaxx", "vpc-xxvpcforpeeringbxx"
missing = refuses("NotFound", a.call, "vpc", "CreateVpcPeering", None, REGION, "p", local, "vpc-nowhere")
assert missing.status == 404, missing
half = a.call("vpc", "CreateVpcPeering", {"description": "一半"}, REGION, "peering A/B", local, remote)["vpcPeering"]
assert (half["vpcPeeringState"], half["vpcPeeringName"]) == ("Initiated", "peering A/B"), half
again = refuses("AlreadyExists", a.call, "vpc", "CreateVpcPeering", None, REGION, "again", local, remote)
assert again.status == 409, again
other = a.call("vpc", "CreateVpcPeering", None, REGION, "peering B/A", remote, local)["vpcPeering"]
halves = a.call("vpc", "DescribeVpcPeerings", filters(vpcId=[local]), REGION)
assert [it["vpcPeeringState"] for it in halves["vpcPeerings"]] == ["Connected"] and halves["totalCount"] == 1, halves
lab.pings("vm-a", "vm-b", answered=False)

tables = {}
for vpc, name, destination, hop in [
    (local, "RTB A→B", "172.16.0.0/16", half["vpcPeeringId"]),
    (remote, "RTB B→A", "10.0.0.0/16", other["vpcPeeringId"]),
]:
    table = a.call("vpc", "CreateRouteTable", None, REGION, vpc, name)["routeTableId"]
    rule = {"nextHopType": "vpc_peering", "nextHopId": hop, "addressPrefix": destination}
    lost = {"nextHopType": "vpc_peering", "nextHopId": "vpcpr-nowhere", "addressPrefix": "10.9.0.0/16"}
    refuses("InvalidNextHop.NotFound", a.call, "vpc", "AddRouteTableRules", None, REGION, table, [rule, lost])
    shown = a.call("vpc", "DescribeRouteTable", None, REGION, table)["routeTable"]
    assert [it["nextHopType"] for it in shown["routeTableRules"]] == ["local"], "a batch is all or nothing"
    a.call("vpc", "AddRouteTableRules", None, REGION, table, [rule])
    if vpc == local:
        a.call("vpc", "AddRouteTableRules", None, REGION, table, [{"nextHopType": "internet", "nextHopId": "internet", "addressPrefix": "0.0.0.0/0"}])
    a.call("vpc", "AssociateRouteTable", None, REGION, table, [subnets[vpc]["subnetId"]])
    shown = a.call("vpc", "DescribeRouteTable", None, REGION, table)["routeTable"]
    assert shown["subnetIds"] == [subnets[vpc]["subnetId"]] and shown["routeTableName"] == name, shown
    tables[vpc] = shown
lab.pings("vm-a", "vm-b")
lab.pings("vm-b", "vm-a")
lab.peerlab("verify", "--final")

# A second address of the same block, and a group.
rules = {it["addressPrefix"]: it for it in tables[local]["routeTableRules"]}
change = {"ruleId": rules["172.16.0.0/16"]["ruleId"], "priority": 50}
a.call("vpc", "ModifyRouteTableRules", None, REGION, tables[local]["routeTableId"], [change])
lab.pings("vm-a", "vm-b")
group = a.call("vpc", "CreateNetworkSecurityGroup", None, REGION, local, "a group")["networkSecurityGroupId"]
ingress = {"protocol": 1, "direction": 0, "addressPrefix": "172.16.0.0/16", "fromPort": 0, "toPort": 0}
egress = {"protocol": 6, "direction": 1, "addressPrefix": "0.0.0.0/0", "fromPort": 1, "toPort": 65535}
a.call("vpc", "AddNetworkSecurityGroupRules", None, REGION, group, [ingress, egress])
shown = a.call("vpc", "DescribeNetworkSecurityGroup", None, REGION, group)["networkSecurityGroup"]["securityGroupRules"]
assert [(it["protocol"], it["direction"]) for it in shown] == [(1, 0), (6, 1)], shown
a.call("vpc", "RemoveNetworkSecurityGroupRules", None, REGION, group, [it["ruleId"] for it in shown])
specs = {
    "name": "a machine", "primaryNetworkInterface": {"networkInterface": {
        "subnetId": subnets[local]["subnetId"], "securityGroups": [group], "primaryIpAddress": "10.0.1.77"}},
}
spec = importlib.import_module("jdcloud_sdk.services.vm.models.InstanceSpec")
[made] = a.call("vm", "CreateInstances", {"maxCount": 1, "clientToken": "once"}, REGION, specs)["instanceIds"]
[same] = a.call("vm", "CreateInstances", {"maxCount": 1, "clientToken": "once"}, REGION, specs)["instanceIds"]
assert made == same, "a repeated request is answered as the first was"
assert a.call("vm", "DescribeInstance", None, REGION, made)["instance"]["privateIpAddress"] == "10.0.1.77"
quota = a.call("vpc", "DescribeQuota", None, REGION, "vpc")["quota"]
assert quota["count"] == 2, quota

# The way back.
a.call("vm", "DeleteInstance", None, REGION, made)
a.call("vpc", "DeleteNetworkSecurityGroup", None, REGION, group)
a.call("vpc", "DeleteVpcPeering", None, REGION, half["vpcPeeringId"])
assert a.call("vpc", "DescribeVpcPeering", None, REGION, other["vpcPeeringId"])["vpcPeering"]["vpcPeeringState"] == "Disconnected"
lab.pings("vm-a", "vm-b", answered=False)
gone = refuses("NotFound", a.call, "vpc", "DeleteVpcPeering", None, REGION, half["vpcPeeringId"])
assert gone.status == 404, gone
for vpc, table in tables.items():
    refuses("DependencyViolation", a.call, "vpc", "DeleteRouteTable", None, REGION, table["routeTableId"])
    a.call("vpc", "DisassociateRouteTable", None, REGION, table["routeTableId"], subnets[vpc]["subnetId"])
    a.call("vpc", "DeleteRouteTable", None, REGION, table["routeTableId"])
a.call("vpc", "DeleteVpcPeering", None, REGION, other["vpcPeeringId"])
assert a.call("vpc", "DescribeVpcPeerings", None, REGION)["totalCount"] == 0
