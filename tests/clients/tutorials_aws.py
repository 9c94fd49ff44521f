"""AWS's tutorials by boto3 or by the AWS CLI: what is built, what is refused, pings, and the way back.

tutorials_aws.py SERVED TUTORIAL CLIENT
"""

import sys
import threading
import time
import urllib.error
import urllib.request

from aws import CLIENTS, filters, tags
from lab import Lab, refuses

lab = Lab()
tutorial, kind = sys.argv[2:4]
Client = CLIENTS[kind]
NOWHERE = "0123456789abcdef0"


def named(reply, name):
    """The one thing of a list with this tag Name."""
    [items] = [value for value in reply.values() if isinstance(value, list)]
    [found] = [it for it in items if {"Key": "Name", "Value": name} in it.get("Tags", [])]
    return found


def vpc_of(client, name):
    return named(client.call("DescribeVpcs"), name)


def main_table(client, vpc):
    reply = client.call("DescribeRouteTables", Filters=filters(vpc_id=vpc, association__main="true"))
    [table] = reply["RouteTables"]
    return table


def group_of(client, name):
    [group] = client.call("DescribeSecurityGroups", Filters=filters(group_name=name))["SecurityGroups"]
    return group


def instance_of(client, name):
    reply = client.call("DescribeInstances", Filters=[{"Name": "tag:Name", "Values": [name]}])
    [found] = [it for reservation in reply["Reservations"] for it in reservation["Instances"]]
    return found


def connection(client, id):
    [found] = client.call("DescribeVpcPeeringConnections", VpcPeeringConnectionIds=[id])["VpcPeeringConnections"]
    return found


def state_of_route(client, table, destination):
    [found] = client.call("DescribeRouteTables", RouteTableIds=[table])["RouteTables"]
    [route] = [it for it in found["Routes"] if it.get("DestinationCidrBlock") == destination]
    return route["State"]


def wrong_keys(region):
    """A wrong secret and an unknown key, to EC2 and to STS."""
    for wrong, code_of_sts in [
        (Client(lab, "A", region, secret="not the secret of A"), "SignatureDoesNotMatch"),
        (Client(lab, "A", region, id="AKIANOSUCHKEYATALL00"), "InvalidClientTokenId"),
    ]:
        refuses("AuthFailure", wrong.call, "DescribeVpcs")
        refuses(code_of_sts, wrong.call, "GetCallerIdentity", service="sts")


def same_account():
    a = Client(lab, "A", "us-east-1")
    identity = a.call("GetCallerIdentity", service="sts")
    assert identity["Account"] == lab.accounts["A"]["id"] and identity["Arn"].endswith(":root"), identity
    wrong_keys("us-east-1")
    one, two = vpc_of(a, "vpc-a"), vpc_of(a, "vpc-b")
    assert (one["CidrBlock"], two["CidrBlock"], one["State"]) == ("10.0.0.0/16", "172.31.0.0/16", "available")
    assert Client(lab, "A", "eu-west-1").call("DescribeVpcs")["Vpcs"] == [], "another region has none"

    # Create.
    refuses("InvalidVpcID.NotFound", a.call, "CreateVpcPeeringConnection", VpcId=f"vpc-{NOWHERE}", PeerVpcId=two["VpcId"])
    refuses(
        "DryRunOperation", a.call, "CreateVpcPeeringConnection", VpcId=one["VpcId"], PeerVpcId=two["VpcId"], DryRun=True,
    )
    made = a.call(
        "CreateVpcPeeringConnection", VpcId=one["VpcId"], PeerVpcId=two["VpcId"],
        TagSpecifications=tags("vpc-peering-connection", Name="一 / a-b", team="net"),
    )["VpcPeeringConnection"]
    id = made["VpcPeeringConnectionId"]
    assert made["Status"]["Code"] == "pending-acceptance" and "CidrBlock" not in made["AccepterVpcInfo"], made
    assert {"Key": "Name", "Value": "一 / a-b"} in made["Tags"] and {"Key": "team", "Value": "net"} in made["Tags"]
    again = a.call("CreateVpcPeeringConnection", VpcId=one["VpcId"], PeerVpcId=two["VpcId"])["VpcPeeringConnection"]
    assert again["VpcPeeringConnectionId"] == id, "asking again answers with the pending one"
    a.wait("vpc_peering_connection_exists", VpcPeeringConnectionIds=[id])
    lab.pings("web", "db", answered=False)
    web, db = instance_of(a, "web"), instance_of(a, "db")
    path = dict(Source=web["InstanceId"], Destination=db["InstanceId"], DestinationPort=80)
    found, codes = analysis(a, **path)
    assert "NO_ROUTE_TO_DESTINATION" in codes and "ENI_SG_RULES_MISMATCH" in codes, found

    # A route to a connection that is not accepted is a blackhole.
    table_a, table_b = main_table(a, one["VpcId"])["RouteTableId"], main_table(a, two["VpcId"])["RouteTableId"]
    route = dict(RouteTableId=table_a, DestinationCidrBlock="172.31.0.0/16", VpcPeeringConnectionId=id)
    assert a.call("CreateRoute", **route)["Return"] is True
    assert state_of_route(a, table_a, "172.31.0.0/16") == "blackhole"
    found, codes = analysis(a, **path)
    assert "BAD_STATE_ROUTE" in codes, found
    [bad] = [it for it in found["Explanations"] if it["ExplanationCode"] == "BAD_STATE_ROUTE" and it["RouteTable"]["Id"] == table_a]
    assert bad["VpcPeeringConnection"]["Id"] == id and bad["RouteTableRoute"]["DestinationCidr"] == "172.31.0.0/16", bad
    refuses("RouteAlreadyExists", a.call, "CreateRoute", **route)

    # Accept.
    accepted = a.call("AcceptVpcPeeringConnection", VpcPeeringConnectionId=id)["VpcPeeringConnection"]
    assert accepted["Status"]["Code"] == "active" and accepted["AccepterVpcInfo"]["CidrBlock"] == "172.31.0.0/16", accepted
    refuses("InvalidStateTransition", a.call, "AcceptVpcPeeringConnection", VpcPeeringConnectionId=id)
    assert state_of_route(a, table_a, "172.31.0.0/16") == "active"
    found = a.call("DescribeVpcPeeringConnections", Filters=filters(status_code="active", requester_vpc_info__vpc_id=one["VpcId"]))
    assert [it["VpcPeeringConnectionId"] for it in found["VpcPeeringConnections"]] == [id]
    a.call("CreateRoute", RouteTableId=table_b, DestinationCidrBlock="10.0.0.0/16", VpcPeeringConnectionId=id)
    lab.pings("web", "db", answered=False)

    # The peer's group, and a block.
    sg_a, sg_b = group_of(a, "sg-a"), group_of(a, "sg-b")
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    by_group = {**rule, "UserIdGroupPairs": [{"GroupId": sg_a["GroupId"], "Description": "web's"}]}
    authorized = a.call("AuthorizeSecurityGroupIngress", GroupId=sg_b["GroupId"], IpPermissions=[by_group])
    [shown] = authorized["SecurityGroupRules"]
    assert shown["ReferencedGroupInfo"]["VpcPeeringConnectionId"] == id and shown["Description"] == "web's", shown
    refuses("InvalidPermission.Duplicate", a.call, "AuthorizeSecurityGroupIngress", GroupId=sg_b["GroupId"], IpPermissions=[by_group])
    icmp = {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    a.call("AuthorizeSecurityGroupIngress", GroupId=sg_b["GroupId"], IpPermissions=[icmp])
    lab.pings("web", "db")
    lab.peerlab("explain", "web", "db", "tcp/80")
    lab.peerlab("verify", "--final")
    found, codes = analysis(a, **path)
    ways = [it["Component"]["Id"] for it in found["ForwardPathComponents"]]
    assert codes == [] and ways[0] == web["InstanceId"] and ways[-1] == db["InstanceId"] and id in ways, found
    prove_from_inside(a)
    refuses("InvalidParameterValue", a.call, "CreateNetworkInsightsPath", Protocol="tcp", Source="igw-1", Destination=db["InstanceId"])

    # The way back: stale rules, blackholes, and what is still in the way.
    refuses("DependencyViolation", a.call, "DeleteVpc", VpcId=one["VpcId"])
    a.call("DeleteVpcPeeringConnection", VpcPeeringConnectionId=id)
    a.wait("vpc_peering_connection_deleted", VpcPeeringConnectionIds=[id])
    assert connection(a, id)["Status"]["Code"] == "deleted"
    assert state_of_route(a, table_a, "172.31.0.0/16") == "blackhole"
    lab.pings("web", "db", answered=False)
    [stale] = a.call("DescribeStaleSecurityGroups", VpcId=two["VpcId"])["StaleSecurityGroupSet"]
    [permission] = stale["StaleIpPermissions"]
    assert permission["UserIdGroupPairs"][0]["GroupId"] == sg_a["GroupId"], stale
    refuses("InvalidGroup.NotFound", a.call, "AuthorizeSecurityGroupIngress", GroupId=sg_b["GroupId"], IpPermissions=[
        {**by_group, "FromPort": 81, "ToPort": 81},
    ])
    a.call("RevokeSecurityGroupIngress", GroupId=sg_b["GroupId"], SecurityGroupRuleIds=[shown["SecurityGroupRuleId"]])
    assert a.call("DescribeStaleSecurityGroups", VpcId=two["VpcId"])["StaleSecurityGroupSet"] == []
    a.call("RevokeSecurityGroupIngress", GroupId=sg_b["GroupId"], IpPermissions=[icmp])
    refuses("InvalidPermission.NotFound", a.call, "RevokeSecurityGroupIngress", GroupId=sg_b["GroupId"], IpPermissions=[icmp])
    for table, block in [(table_a, "172.31.0.0/16"), (table_b, "10.0.0.0/16")]:
        a.call("DeleteRoute", RouteTableId=table, DestinationCidrBlock=block)
        refuses("InvalidRoute.NotFound", a.call, "DeleteRoute", RouteTableId=table, DestinationCidrBlock=block)
    for vpc, subnet, instance, group in [(one, "subnet-a", "web", sg_a), (two, "subnet-b", "db", sg_b)]:
        instance, subnet = instance_of(a, instance)["InstanceId"], named(a.call("DescribeSubnets"), subnet)["SubnetId"]
        refuses("DependencyViolation", a.call, "DeleteSubnet", SubnetId=subnet)
        refuses("DependencyViolation", a.call, "DeleteSecurityGroup", GroupId=group["GroupId"])
        a.call("TerminateInstances", InstanceIds=[instance])
        a.wait("instance_terminated", InstanceIds=[instance])
        a.call("DeleteSubnet", SubnetId=subnet)
        a.call("DeleteSecurityGroup", GroupId=group["GroupId"])
        a.call("DeleteVpc", VpcId=vpc["VpcId"])
    assert a.call("DescribeVpcs")["Vpcs"] == []


def cross_account():
    a, b = Client(lab, "A", "us-east-1"), Client(lab, "B", "us-east-1")
    owner_a, owner_b = lab.accounts["A"]["id"], lab.accounts["B"]["id"]
    one, two = vpc_of(a, "vpc-a"), vpc_of(b, "vpc-b")
    assert two["VpcId"] == "vpc-0b1b2b3b4b5b6b7b8" and two["OwnerId"] == owner_b
    # Nobody reaches another account's things: they are not there.
    refuses("InvalidVpcID.NotFound", a.call, "DescribeVpcs", VpcIds=[two["VpcId"]])
    refuses("InvalidVpcID.NotFound", b.call, "DeleteVpc", VpcId=one["VpcId"])
    refuses("InvalidInstanceID.NotFound", a.call, "StopInstances", InstanceIds=[instance_of(b, "db")["InstanceId"]])
    refuses("InvalidGroup.NotFound", a.call, "DeleteSecurityGroup", GroupId=group_of(b, "sg-b")["GroupId"])

    # Without the account's id the request is made, and is failed.
    request = dict(VpcId=one["VpcId"], PeerVpcId=two["VpcId"])
    wrong = a.call("CreateVpcPeeringConnection", **request)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    assert connection(a, wrong)["Status"]["Code"] == "failed"
    refuses("InvalidVpcPeeringConnectionID.NotFound", b.call, "DescribeVpcPeeringConnections", VpcPeeringConnectionIds=[wrong])
    refuses("InvalidStateTransition", a.call, "DeleteVpcPeeringConnection", VpcPeeringConnectionId=wrong)

    # Requested, and rejected; requested anew, and accepted by the other only.
    request["PeerOwnerId"] = owner_b
    rejected = a.call("CreateVpcPeeringConnection", **request)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    refuses("OperationNotPermitted", a.call, "RejectVpcPeeringConnection", VpcPeeringConnectionId=rejected)
    b.call("RejectVpcPeeringConnection", VpcPeeringConnectionId=rejected)
    assert connection(a, rejected)["Status"]["Code"] == connection(b, rejected)["Status"]["Code"] == "rejected"
    id = a.call("CreateVpcPeeringConnection", **request)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    assert connection(b, id)["RequesterVpcInfo"]["OwnerId"] == owner_a
    refuses("OperationNotPermitted", a.call, "AcceptVpcPeeringConnection", VpcPeeringConnectionId=id)
    elsewhere = Client(lab, "B", "eu-west-1")
    refuses("OperationNotPermitted", elsewhere.call, "AcceptVpcPeeringConnection", VpcPeeringConnectionId=id)
    b.call("AcceptVpcPeeringConnection", VpcPeeringConnectionId=id)
    assert connection(a, id)["Status"]["Code"] == connection(b, id)["Status"]["Code"] == "active"

    # A table of one's own, with its association; each side by its owner.
    subnet = named(a.call("DescribeSubnets"), "subnet-a")["SubnetId"]
    table = a.call("CreateRouteTable", VpcId=one["VpcId"], TagSpecifications=tags("route-table", Name="to b"))["RouteTable"]
    table = table["RouteTableId"]
    refuses("InvalidRouteTableID.NotFound", b.call, "CreateRoute", RouteTableId=table, DestinationCidrBlock="10.9.0.0/16", VpcPeeringConnectionId=id)
    a.call("CreateRoute", RouteTableId=table, DestinationCidrBlock="172.31.0.0/16", VpcPeeringConnectionId=id)
    b.call("CreateRoute", RouteTableId=main_table(b, two["VpcId"])["RouteTableId"], DestinationCidrBlock="10.0.0.0/16", VpcPeeringConnectionId=id)
    lab.pings("web", "db", answered=False)
    association = a.call("AssociateRouteTable", RouteTableId=table, SubnetId=subnet)["AssociationId"]
    lab.pings("web", "db")
    lab.pings("db", "web")
    main = main_table(a, one["VpcId"])
    other = a.call("ReplaceRouteTableAssociation", AssociationId=association, RouteTableId=main["RouteTableId"])["NewAssociationId"]
    lab.pings("web", "db", answered=False)
    refuses("InvalidAssociationID.NotFound", a.call, "DisassociateRouteTable", AssociationId=association)
    association = a.call("ReplaceRouteTableAssociation", AssociationId=other, RouteTableId=table)["NewAssociationId"]
    refuses("Resource.AlreadyAssociated", a.call, "AssociateRouteTable", RouteTableId=main["RouteTableId"], SubnetId=subnet)
    refuses("DependencyViolation", a.call, "DeleteRouteTable", RouteTableId=table)
    lab.pings("web", "db")

    # The other account's group in a rule, and the network ACL, which knows no state.
    peer = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [
        {"GroupId": group_of(a, "sg-a")["GroupId"], "UserId": owner_a},
    ]}
    b.call("AuthorizeSecurityGroupIngress", GroupId=group_of(b, "sg-b")["GroupId"], IpPermissions=[peer])
    lab.peerlab("explain", "web", "db", "tcp/443")
    acl = a.call("CreateNetworkAcl", VpcId=one["VpcId"])["NetworkAcl"]["NetworkAclId"]
    [default] = a.call("DescribeNetworkAcls", Filters=filters(default="true", vpc_id=one["VpcId"]))["NetworkAcls"]
    [attached] = default["Associations"]
    attached = a.call("ReplaceNetworkAclAssociation", AssociationId=attached["NetworkAclAssociationId"], NetworkAclId=acl)
    lab.pings("web", "db", answered=False)
    entry = dict(NetworkAclId=acl, RuleNumber=100, Protocol="1", RuleAction="allow", CidrBlock="0.0.0.0/0", IcmpTypeCode={"Type": -1, "Code": -1})
    a.call("CreateNetworkAclEntry", Egress=True, **entry)
    lab.pings("web", "db", answered=False)
    a.call("CreateNetworkAclEntry", Egress=False, **entry)
    refuses("NetworkAclEntryAlreadyExists", a.call, "CreateNetworkAclEntry", Egress=False, **entry)
    lab.pings("web", "db")
    a.call("ReplaceNetworkAclAssociation", AssociationId=attached["NewAssociationId"], NetworkAclId=default["NetworkAclId"])
    a.call("DeleteNetworkAcl", NetworkAclId=acl)
    lab.peerlab("verify", "--final")

    # The way back, by the other side.
    b.call("DeleteVpcPeeringConnection", VpcPeeringConnectionId=id)
    refuses("InvalidStateTransition", a.call, "DeleteVpcPeeringConnection", VpcPeeringConnectionId=id)
    assert state_of_route(a, table, "172.31.0.0/16") == "blackhole"
    a.call("DisassociateRouteTable", AssociationId=association)
    a.call("DeleteRouteTable", RouteTableId=table)
    lab.pings("web", "db", answered=False)


def from_nothing():
    """An account with nothing in it: VPCs, subnets, groups, instances, tags, filters, pages; and back to nothing."""
    a = Client(lab, "A", "us-west-2")
    zones = a.call("DescribeAvailabilityZones")["AvailabilityZones"]
    assert [it["ZoneName"] for it in zones] == ["us-west-2a", "us-west-2b", "us-west-2c"], zones
    assert "us-west-2" in [it["RegionName"] for it in a.call("DescribeRegions")["Regions"]]
    assert a.call("DescribeVpcs")["Vpcs"] == a.call("DescribeInstances")["Reservations"] == []
    if kind == "boto3":
        odd_requests(a)
        attributes(a)
    refuses("InvalidParameterValue", a.call, "DescribeVpcs", Filters=filters(nonsense="x"))
    refuses("InvalidVpc.Range", a.call, "CreateVpc", CidrBlock="10.0.0.0/8")
    vpc = a.call("CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=tags("vpc", Name="V", empty=""))["Vpc"]
    assert vpc["State"] == "available" and {"Key": "empty", "Value": ""} in vpc["Tags"], vpc
    vpc = vpc["VpcId"]
    a.wait("vpc_available", VpcIds=[vpc])
    refuses("InvalidSubnet.Range", a.call, "CreateSubnet", VpcId=vpc, CidrBlock="10.1.0.0/24")
    refuses("InvalidParameterValue", a.call, "CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1a")
    subnet = a.call("CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-west-2b")["Subnet"]
    assert (subnet["AvailabilityZone"], subnet["AvailabilityZoneId"], subnet["AvailableIpAddressCount"]) == ("us-west-2b", "usw2-az2", 251)
    subnet = subnet["SubnetId"]
    a.wait("subnet_available", SubnetIds=[subnet])
    refuses("InvalidSubnet.Conflict", a.call, "CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/25")
    group = a.call("CreateSecurityGroup", GroupName="web", Description="web servers", VpcId=vpc, TagSpecifications=tags("security-group", Name="G"))["GroupId"]
    a.wait("security_group_exists", GroupIds=[group])
    refuses("InvalidGroup.Duplicate", a.call, "CreateSecurityGroup", GroupName="web", Description="d", VpcId=vpc)
    refuses("InvalidGroup.Reserved", a.call, "CreateSecurityGroup", GroupName="default", Description="d", VpcId=vpc)
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "ssh"}, {"CidrIp": "192.168.0.0/16"}]}
    own = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    a.call("AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[ssh, own])
    [shown] = a.call("DescribeSecurityGroups", GroupIds=[group])["SecurityGroups"]
    assert (shown["GroupName"], shown["Description"]) == ("web", "web servers"), shown
    [tcp, everything] = shown["IpPermissions"]
    assert [it["CidrIp"] for it in tcp["IpRanges"]] == ["10.0.0.0/8", "192.168.0.0/16"] and tcp["IpRanges"][0]["Description"] == "ssh"
    assert everything["IpProtocol"] == "-1" and "FromPort" not in everything, everything
    assert len(shown["IpPermissionsEgress"]) == 1, "a new group lets everything out"
    rules = a.call("DescribeSecurityGroupRules", Filters=filters(group_id=group))["SecurityGroupRules"]
    [ssh_rule] = [it for it in rules if it.get("CidrIpv4") == "192.168.0.0/16"]
    a.call("ModifySecurityGroupRules", GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": ssh_rule["SecurityGroupRuleId"], "SecurityGroupRule": {
        "IpProtocol": "tcp", "FromPort": 2222, "ToPort": 2222, "CidrIpv4": "192.168.0.0/16", "Description": "changed",
    }}])
    [changed] = a.call("DescribeSecurityGroupRules", SecurityGroupRuleIds=[ssh_rule["SecurityGroupRuleId"]])["SecurityGroupRules"]
    assert (changed["FromPort"], changed["Description"]) == (2222, "changed"), changed
    run = dict(ImageId="ami-0abc", InstanceType="t3.nano", SubnetId=subnet, SecurityGroupIds=[group], ClientToken="once")
    run.update(MinCount=3, MaxCount=3, TagSpecifications=tags("instance", Name="i", role="web"))
    reservation = a.call("RunInstances", **run)
    again = a.call("RunInstances", **run)
    ids = [it["InstanceId"] for it in reservation["Instances"]]
    assert len(ids) == 3 and ids == [it["InstanceId"] for it in again["Instances"]], "a repeated request is answered as the first was"
    refuses("IdempotentParameterMismatch", a.call, "RunInstances", **{**run, "MaxCount": 4})
    a.wait("instance_running", InstanceIds=ids)
    a.wait("instance_status_ok", InstanceIds=ids)
    first = reservation["Instances"][0]
    assert first["PrivateIpAddress"] == "10.0.1.4" and first["SecurityGroups"] == [{"GroupId": group, "GroupName": "web"}], first
    refuses("InvalidIPAddress.InUse", a.call, "RunInstances", MinCount=1, MaxCount=1, SubnetId=subnet, PrivateIpAddress="10.0.1.4")
    lab.pings(ids[0], ids[1])
    pages, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        reply = a.call("DescribeTags", MaxResults=5, **more)
        pages.append(len(reply["Tags"]))
        token = reply.get("NextToken")
        if not token:
            break
    # The CLI asks for all pages by itself.
    assert sum(pages) == 9 and (kind == "aws" or pages[0] == 5), pages
    found = a.call("DescribeInstances", Filters=[{"Name": "tag:role", "Values": ["w*"]}, {"Name": "vpc-id", "Values": [vpc]}])
    assert len(found["Reservations"]) == 1 and len(found["Reservations"][0]["Instances"]) == 3
    a.call("CreateTags", Resources=[vpc, subnet, ids[0]], Tags=[{"Key": "Name", "Value": "新"}, {"Key": "stage", "Value": "test"}])
    [renamed] = a.call("DescribeVpcs", Filters=[{"Name": "tag:Name", "Values": ["新"]}])["Vpcs"]
    assert renamed["VpcId"] == vpc
    a.call("DeleteTags", Resources=[vpc], Tags=[{"Key": "stage"}, {"Key": "empty", "Value": "not this"}])
    [renamed] = a.call("DescribeVpcs", VpcIds=[vpc])["Vpcs"]
    assert sorted(it["Key"] for it in renamed["Tags"]) == ["Name", "empty"], renamed
    stopped = a.call("StopInstances", InstanceIds=ids[:1])["StoppingInstances"]
    assert (stopped[0]["PreviousState"]["Name"], stopped[0]["CurrentState"]["Name"]) == ("running", "stopped"), stopped
    a.wait("instance_stopped", InstanceIds=ids[:1])
    lab.pings(ids[1], "10.0.1.4", answered=False)
    a.call("StartInstances", InstanceIds=ids[:1])
    lab.pings(ids[1], "10.0.1.4")
    other = a.call("CreateSecurityGroup", GroupName="other", Description="d", VpcId=vpc)["GroupId"]
    a.call("ModifyInstanceAttribute", InstanceId=ids[0], Groups=[other])
    lab.pings(ids[1], "10.0.1.4", answered=False)
    [interface] = a.call("DescribeNetworkInterfaces", Filters=filters(attachment__instance_id=ids[0]))["NetworkInterfaces"]
    assert [it["GroupId"] for it in interface["Groups"]] == [other], interface
    # An internet gateway: attached, routed to, in the way, and gone.
    gateway = a.call("CreateInternetGateway", TagSpecifications=tags("internet-gateway", Name="out"))["InternetGateway"]
    assert gateway["Attachments"] == [] and gateway["Tags"] == [{"Key": "Name", "Value": "out"}], gateway
    gateway = gateway["InternetGatewayId"]
    table = main_table(a, vpc)["RouteTableId"]
    route = dict(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    refuses("InvalidInternetGatewayID.NotFound", a.call, "CreateRoute", **route)
    a.call("AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    refuses("Resource.AlreadyAssociated", a.call, "AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    a.call("CreateRoute", **route)
    assert state_of_route(a, table, "0.0.0.0/0") == "active"
    [found] = a.call("DescribeInternetGateways", Filters=filters(attachment__vpc_id=vpc))["InternetGateways"]
    assert found["InternetGatewayId"] == gateway, found
    refuses("DependencyViolation", a.call, "DeleteInternetGateway", InternetGatewayId=gateway)
    a.call("DeleteRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    a.call("DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    refuses("Gateway.NotAttached", a.call, "DetachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    a.call("DeleteInternetGateway", InternetGatewayId=gateway)
    assert a.call("DescribeInternetGateways")["InternetGateways"] == []
    refuses("DependencyViolation", a.call, "DeleteSubnet", SubnetId=subnet)
    a.call("TerminateInstances", InstanceIds=ids)
    a.wait("instance_terminated", InstanceIds=ids)
    for id in [other, group]:
        a.call("DeleteSecurityGroup", GroupId=id)
    a.call("DeleteSubnet", SubnetId=subnet)
    a.call("DeleteVpc", VpcId=vpc)
    refuses("InvalidVpcID.NotFound", a.call, "DescribeVpcs", VpcIds=[vpc])
    assert a.call("DescribeVpcs")["Vpcs"] == []


def at_once():
    """Two accounts at once on one lab: each sees what it did, at once, and nothing else; commands beside them are right."""
    failed = []

    def work(client, name):
        try:
            vpc = vpc_of(client, name)["VpcId"]
            made = []
            for at in range(12):
                group = client.call("CreateSecurityGroup", GroupName=f"g {at}", Description="d", VpcId=vpc)["GroupId"]
                made.append(group)
                shown = client.call("DescribeSecurityGroups", Filters=filters(vpc_id=vpc))["SecurityGroups"]
                names = {it["GroupId"]: it["GroupName"] for it in shown}
                assert [names[group] for group in made] == [f"g {at}" for at in range(len(made))], names
                # The lab's own group, the VPC's default group, and these.
                assert len(names) == len(made) + 2, names
            for group in made:
                client.call("DeleteSecurityGroup", GroupId=group)
        except BaseException as error:
            failed.append(f"{name}: {error!r}")

    accounts = [("A", "vpc-a"), ("B", "vpc-b")]
    threads = [threading.Thread(target=work, args=(Client(lab, account, "us-east-1"), vpc)) for account, vpc in accounts]
    for thread in threads:
        thread.start()
    for _ in range(5):
        lab.peerlab("status")
    for thread in threads:
        thread.join()
    assert not failed, failed


def odd_requests(a):
    """What is not served, what is presigned, and what is neither."""
    refuses("InvalidAction", a.call, "CreateTransitGateway")
    refuses("UnknownOperationException", a.call, "ListDocuments", service="ssm")
    url = a.client().generate_presigned_url("describe_vpcs", ExpiresIn=60, HttpMethod="GET")
    assert b"<vpcSet/>" in urllib.request.urlopen(url).read()
    for wrong in [url.replace("DescribeVpcs", "DescribeSubnets"), url.replace("Signature=", "Signature=0"), url.split("&X-Amz")[0]]:
        try:
            urllib.request.urlopen(wrong)
        except urllib.error.HTTPError as error:
            assert error.code in (400, 401), error
            assert b"<Error><Code>" in error.read()
        else:
            raise AssertionError(wrong)


def attributes(a):
    """What an emulator's own tests look at: a default VPC, zones, attributes of instances and subnets, blocks without a mask."""
    for block in ["10.0.0.0", "10", "10.0.0.0/33"]:
        refuses("InvalidParameterValue", a.call, "CreateVpc", CidrBlock=block)
    refuses("DefaultVpcDoesNotExist", a.call, "CreateDefaultSubnet", AvailabilityZone="us-west-2b")
    vpc = a.call("CreateDefaultVpc")["Vpc"]
    assert (vpc["IsDefault"], vpc["CidrBlock"]) == (True, "172.31.0.0/16"), vpc
    vpc = vpc["VpcId"]
    refuses("DefaultVpcAlreadyExists", a.call, "CreateDefaultVpc")
    refuses("DefaultSubnetAlreadyExistsInAvailabilityZone", a.call, "CreateDefaultSubnet", AvailabilityZone="us-west-2b")
    assert a.call("DescribeVpcAttribute", VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    refuses("UnsupportedTenancy", a.call, "ModifyVpcTenancy", VpcId=vpc, InstanceTenancy="dedicated")
    one = dict(MinCount=1, MaxCount=1)
    refuses("InvalidParameterValue", a.call, "RunInstances", Placement={"AvailabilityZone": "us-east-1a"}, **one)
    refuses("InvalidParameterValue", a.call, "RunInstances", InstanceType="small", **one)
    [it] = a.call("RunInstances", Placement={"AvailabilityZone": "us-west-2c"}, UserData="true", DisableApiTermination=True, **one)["Instances"]
    assert (it["Placement"]["AvailabilityZone"], it["InstanceType"]) == ("us-west-2c", "m1.small"), it
    name = f"ec2-{it['PublicIpAddress'].replace('.', '-')}.us-west-2.compute.amazonaws.com"
    [[found]] = [it["Instances"] for it in a.call("DescribeInstances", Filters=filters(dns_name=name))["Reservations"]]
    id = found["InstanceId"]
    assert id == it["InstanceId"], found
    [interface] = a.call("DescribeNetworkInterfaces", Filters=filters(attachment__instance_id=id))["NetworkInterfaces"]
    assert interface["Association"]["PublicDnsName"] == name, interface
    attribute = lambda name: a.call("DescribeInstanceAttribute", InstanceId=id, Attribute=name)
    assert attribute("userData")["UserData"]["Value"] == "dHJ1ZQ==", "in Base64"
    refuses("InvalidParameterCombination", a.call, "TerminateInstances", InstanceIds=[])
    refuses("OperationNotPermitted", a.call, "TerminateInstances", InstanceIds=[id])
    a.call("ModifyInstanceAttribute", InstanceId=id, DisableApiTermination={"Value": False})
    a.call("ModifyInstanceAttribute", InstanceId=id, DisableApiStop={"Value": True})
    refuses("OperationNotPermitted", a.call, "StopInstances", InstanceIds=[id])
    assert attribute("disableApiStop")["DisableApiStop"]["Value"] and not attribute("disableApiTermination")["DisableApiTermination"]["Value"]
    subnet = found["SubnetId"]
    for more in [dict(SubnetId=subnet), dict(SecurityGroupIds=["sg-1"])]:
        refuses("InvalidParameterCombination", a.call, "RunInstances", NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet}], **more, **one)
    refuses("InvalidParameterCombination", a.call, "RunInstances", SubnetId=subnet, Placement={"AvailabilityZone": "us-west-2a"}, **one)
    a.call("ModifySubnetAttribute", SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    a.call("ModifySubnetAttribute", SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})
    [shown] = a.call("DescribeSubnets", SubnetIds=[subnet])["Subnets"]
    assert shown["PrivateDnsNameOptionsOnLaunch"]["HostnameType"] == "resource-name" and not shown["MapPublicIpOnLaunch"], shown
    a.call("TerminateInstances", InstanceIds=[id])
    for it in a.call("DescribeSubnets", Filters=filters(vpc_id=vpc))["Subnets"]:
        a.call("DeleteSubnet", SubnetId=it["SubnetId"])
    assert a.call("CreateDefaultSubnet", AvailabilityZone="us-west-2b")["Subnet"]["DefaultForAz"]
    [subnet] = a.call("DescribeSubnets", Filters=filters(vpc_id=vpc))["Subnets"]
    a.call("DeleteSubnet", SubnetId=subnet["SubnetId"])
    [gateway] = a.call("DescribeInternetGateways", Filters=filters(attachment__vpc_id=vpc))["InternetGateways"]
    refuses("Gateway.NotAttached", a.call, "DetachInternetGateway", InternetGatewayId=gateway["InternetGatewayId"], VpcId="vpc-nowhere")
    [table] = a.call("DescribeRouteTables", Filters=filters(vpc_id=vpc))["RouteTables"]
    a.call("DeleteRoute", RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
    a.call("DetachInternetGateway", InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    a.call("DeleteInternetGateway", InternetGatewayId=gateway["InternetGatewayId"])
    a.call("DeleteVpc", VpcId=vpc)


def command(client, instance, line):
    """Runs a command in an instance; the invocation when it has ended."""
    sent = client.call(
        "SendCommand", service="ssm", DocumentName="AWS-RunShellScript", InstanceIds=[instance],
        Parameters={"commands": [line], "executionTimeout": ["20"]}, Comment="a look from inside",
    )["Command"]
    for _ in range(200):
        found = client.call("GetCommandInvocation", service="ssm", CommandId=sent["CommandId"], InstanceId=instance)
        if found["Status"] != "InProgress":
            return found
        time.sleep(0.05)
    raise AssertionError("it does not end")


def prove_from_inside(a, web="web", db="db", reaches=True):
    """The provider's own ways to look from inside: commands without rights, and a path analysed beside a real packet."""
    one, two = instance_of(a, web), instance_of(a, db)
    ping = command(a, one["InstanceId"], f"ping -c1 -W1 {two['PrivateIpAddress']}; echo $?; echo wrong >&2")
    assert ping["Status"] == "Success" and ping["StandardErrorContent"] == "wrong\n", ping
    assert ("1 received" in ping["StandardOutputContent"]) == reaches, ping
    who = command(a, one["InstanceId"], "id -u; grep CapEff /proc/self/status; exit 7")
    assert (who["Status"], who["ResponseCode"], who["Comment"]) == ("Failed", 7, "a look from inside"), who
    user, rights = who["StandardOutputContent"].splitlines()
    assert user != "0" and rights.split() == ["CapEff:", "0000000000000000"], who
    refuses("InvalidInstanceId", a.call, "SendCommand", service="ssm", DocumentName="AWS-RunShellScript", InstanceIds=[f"i-{NOWHERE}"], Parameters={"commands": ["true"]})
    refuses("InvocationDoesNotExist", a.call, "GetCommandInvocation", service="ssm", CommandId="0" * 36, InstanceId=one["InstanceId"])
    refuses("InvalidDocument", a.call, "SendCommand", service="ssm", DocumentName="AWS-RunPowerShellScript", InstanceIds=[one["InstanceId"]])


def analysis(client, **path):
    """A path, and what its analysis says."""
    made = client.call("CreateNetworkInsightsPath", Protocol="tcp", **path)["NetworkInsightsPath"]["NetworkInsightsPathId"]
    begun = client.call("StartNetworkInsightsAnalysis", NetworkInsightsPathId=made)["NetworkInsightsAnalysis"]
    id = begun["NetworkInsightsAnalysisId"]
    [found] = client.call("DescribeNetworkInsightsAnalyses", NetworkInsightsAnalysisIds=[id])["NetworkInsightsAnalyses"]
    assert found["Status"] == "succeeded" and not found.get("WarningMessage"), found
    refuses("AnalysisExistsForNetworkInsightsPath", client.call, "DeleteNetworkInsightsPath", NetworkInsightsPathId=made)
    client.call("DeleteNetworkInsightsAnalysis", NetworkInsightsAnalysisId=id)
    client.call("DeleteNetworkInsightsPath", NetworkInsightsPathId=made)
    codes = [it["ExplanationCode"] for it in found["Explanations"]]
    assert ("A real packet was answered." in found["StatusMessage"]) == found["NetworkPathFound"] == (not codes), found
    return found, codes


globals()[tutorial.replace("-", "_")]()
