"""JD Cloud's ways to the internet by its SDK: elastic IPs and NAT gateways; pings and refusals.

internet_jdcloud.py SERVED CLIENT
"""

import sys

from jdcloud import CLIENTS, filters
from lab import Lab, refuses

lab = Lab()
Client = CLIENTS[sys.argv[2]]
REGION = "cn-north-1"
client = Client(lab, "A")


def vpc(action, optional=None, *required):
    return client.call("vpc", action, optional, REGION, *required)


def vm(action, optional=None, *required):
    return client.call("vm", action, optional, REGION, *required)


def eip(id):
    return vpc("DescribeElasticIp", None, id)["elasticIp"]


def reaches(sender, answered=True):
    lab.pings(sender, "internet", answered)


network = vpc("CreateVpc", {"addressPrefix": "10.0.0.0/16"}, "v")["vpcId"]
outer = vpc("CreateSubnet", None, network, "outer", "10.0.1.0/24")["subnetId"]
inner = vpc("CreateSubnet", None, network, "inner", "10.0.2.0/24")["subnetId"]
table = vpc("CreateRouteTable", None, network, "inner")["routeTableId"]
vpc("AssociateRouteTable", None, table, [inner])
group = vpc("CreateNetworkSecurityGroup", None, network, "g")["networkSecurityGroupId"]
rules = [{"protocol": 300, "direction": direction, "addressPrefix": "0.0.0.0/0", "fromPort": 0, "toPort": 0} for direction in (0, 1)]
vpc("AddNetworkSecurityGroupRules", None, group, rules)


def instance(subnet, **more):
    interface = {"networkInterface": {"subnetId": subnet, "securityGroups": [group]}}
    [id] = vm("CreateInstances", None, {"name": "m", "primaryNetworkInterface": interface, **more})["instanceIds"]
    return id


web, db = instance(outer), instance(inner)
reaches(web, False)
[id] = vpc("CreateElasticIps", {"elasticIpName": "出口"}, 1, {"bandwidthMbps": 10, "provider": "bgp"})["elasticIpIds"]
found = eip(id)
# The client from npm knows no name.
name = "出口" if sys.argv[2] == "python" else ""
assert (found["status"], found["elasticIpName"], found["bandwidthMbps"]) == ("NOT_ASSOCIATED", name, 10), found
vm("AssociateElasticIp", None, web, id)
reaches(web)
found = eip(id)
assert (found["status"], found["instanceId"], found["instanceType"]) == ("ASSOCIATED", web, "compute"), found
shown = vm("DescribeInstance", None, web)["instance"]
assert (shown["elasticIpId"], shown["elasticIpAddress"]) == (id, found["elasticIpAddress"]), shown
taken = refuses("The elastic IP %s is in use" % id, vm, "AssociateElasticIp", None, db, id)
assert taken.status == 409, taken
refuses("The elastic IP %s is in use" % id, vpc, "DeleteElasticIp", None, id)
listed = vpc("DescribeElasticIps", filters(instanceId=[web]))
assert [it["elasticIpId"] for it in listed["elasticIps"]] == [id] and listed["totalCount"] == 1, listed
vpc("DisassociateElasticIp", {"elasticIpId": id}, shown["primaryNetworkInterface"]["networkInterface"]["networkInterfaceId"])
reaches(web, False)
vpc("AssociateElasticIp", {"elasticIpId": id}, shown["primaryNetworkInterface"]["networkInterface"]["networkInterfaceId"])
reaches(web)
vm("DisassociateElasticIp", None, web, id)
if sys.argv[2] == "npm":
    # The client from npm knows no NAT gateways.
    vpc("DeleteElasticIp", None, id)
    sys.exit()

# A NAT gateway translates what routes lead to it.
nat = vpc("CreateNatGateway", {"elasticIpIds": [id]}, "n", network, outer)["natGatewayId"]
found = vpc("DescribeNatGateway", None, nat)["natGateway"]
[address] = found["elasticIps"]
assert (found["natGatewayName"], found["subnetId"], address["elasticIpId"]) == ("n", outer, id), found
assert eip(id)["instanceType"] == "natgw"
reaches(db, False)
lost = {"nextHopType": "natgw", "nextHopId": "natgw-nowhere", "addressPrefix": "0.0.0.0/0"}
refuses("InvalidNextHop.NotFound", vpc, "AddRouteTableRules", None, table, [lost])
vpc("AddRouteTableRules", None, table, [{**lost, "nextHopId": nat}])
reaches(db)
[rule] = [it for it in vpc("DescribeRouteTable", None, table)["routeTable"]["routeTableRules"] if it["nextHopType"] == "natgw"]
assert rule["nextHopId"] == nat and vpc("DescribeNatGateway", None, nat)["natGateway"]["routeTableIds"] == [table]
lab.peerlab("verify")
refuses("DependencyViolation.RouteEntry", vpc, "DeleteNatGateway", None, nat)
vpc("RemoveRouteTableRules", None, table, [rule["ruleId"]])
vpc("DeleteNatGateway", None, nat)
assert eip(id)["status"] == "NOT_ASSOCIATED" and vpc("DescribeNatGateways")["totalCount"] == 0
vpc("DeleteElasticIp", None, id)
gone = refuses("There is no elastic IP %s" % id, vpc, "DescribeElasticIp", None, id)
assert gone.status == 404, gone

# One with its own new address, and an instance with one.
nat = vpc("CreateNatGateway", {"elasticIpCount": 1}, "n", network, outer)["natGatewayId"]
vpc("DeleteNatGateway", {"deleteElasticIp": True}, nat)
assert vpc("DescribeElasticIps")["totalCount"] == 0
own = instance(outer, elasticIp={"bandwidthMbps": 1, "provider": "bgp"})
reaches(own)
assert vpc("DescribeElasticIps", filters(instanceId=[own]))["totalCount"] == 1
lab.peerlab("verify")
