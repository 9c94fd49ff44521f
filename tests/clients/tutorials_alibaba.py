"""Alibaba Cloud's three tutorials, each by both generations of its SDKs: what is refused, and the way back too.

tutorials_alibaba.py SERVED TUTORIAL GENERATION
"""

import sys
import time

from alibaba import GENERATIONS, Refused
from lab import Lab, refuses

lab = Lab()
tutorial, generation = sys.argv[2:4]
Client = GENERATIONS[generation]
DENY = "192.168.0.0/16", "172.16.0.0/16"


def vpc_of(client):
    """The account's only VPC in the client's region."""
    [vpc] = client.call("Vpc", "DescribeVpcs", RegionId=client.region)["Vpcs"]["Vpc"]
    assert vpc["Status"] == "Available" and vpc["RegionId"] == client.region
    return vpc


def create_end(client, role, far, **more):
    vpc = vpc_of(client)
    spec = "Mini.2" if role == "InitiatingSide" else "Negative"
    return client.call(
        "Vpc", "CreateRouterInterface", RegionId=client.region, RouterType="VRouter", RouterId=vpc["VRouterId"],
        Role=role, Spec=more.pop("Spec", spec), OppositeRegionId=far, **more,
    )["RouterInterfaceId"]


def bind(client, end, other, account, router):
    client.call(
        "Vpc", "ModifyRouterInterfaceAttribute", RegionId=client.region, RouterInterfaceId=end,
        OppositeInterfaceId=other, OppositeInterfaceOwnerId=account, OppositeRouterId=router,
        OppositeRouterType="VRouter",
    )


def do(client, verb, end):
    return client.call("Vpc", f"{verb}RouterInterface", RegionId=client.region, RouterInterfaceId=end)


def shown(client, end):
    filters = [{"Key": "RouterInterfaceId", "Values": [end], "Value": [end]}]
    reply = client.call("Vpc", "DescribeRouterInterfaces", RegionId=client.region, Filter=filters)
    [found] = reply["RouterInterfaceSet"]["RouterInterfaceType"]
    return found


def route(client, destination, end):
    table = vpc_of(client)["RouterTableIds"]["RouterTableIds"][0]
    client.call(
        "Vpc", "CreateRouteEntry", RegionId=client.region, RouteTableId=table, DestinationCidrBlock=destination,
        NextHopType="RouterInterface", NextHopId=end,
    )
    entries = client.call("Vpc", "DescribeRouteEntryList", RegionId=client.region, RouteTableId=table)
    [entry] = [it for it in entries["RouteEntrys"]["RouteEntry"] if it["DestinationCidrBlock"] == destination]
    assert (entry["Type"], entry["Status"]) == ("Custom", "Available"), entry
    assert entry["NextHops"]["NextHop"][0]["NextHopId"] == end, entry
    return table


def unroute(client, table, destination, end):
    client.call(
        "Vpc", "DeleteRouteEntry", RegionId=client.region, RouteTableId=table, DestinationCidrBlock=destination,
        NextHopId=end,
    )


def group_of(client, vpc):
    groups = client.call("Ecs", "DescribeSecurityGroups", RegionId=client.region, VpcId=vpc["VpcId"])
    own = [it for it in groups["SecurityGroups"]["SecurityGroup"] if it["EcsCount"]]
    return own[0]["SecurityGroupId"]


def tear_down(a, b, ends, tables):
    """The ends first refuse to go; then routes, ends and all."""
    (end_a, end_b), (table_a, table_b) = ends, tables
    refuses("IncorrectStatus", do, a, "Delete", end_a)
    do(a, "Deactivate", end_a)
    assert shown(a, end_a)["Status"] == "Inactive"
    lab.pings("ecs-a", "ecs-b", answered=False)
    refuses("DependencyViolation.RouterInterfaceReferedByRouteEntry", do, a, "Delete", end_a)
    do(a, "Activate", end_a)
    lab.pings("ecs-a", "ecs-b")
    do(a, "Deactivate", end_a)
    do(b, "Deactivate", end_b)
    unroute(a, table_a, "172.16.0.0/16", end_a)
    unroute(b, table_b, "192.168.0.0/16", end_b)
    do(a, "Delete", end_a)
    do(b, "Delete", end_b)
    refuses("InvalidInstanceId.NotFound", do, a, "Delete", end_a)
    lab.pings("ecs-a", "ecs-b", answered=False)


def connect(a, b, accounts, ids, spec="Mini.2"):
    """Two ends, the handshake with its refusals, and the ids that the lab's steps name."""
    end_a = create_end(a, "InitiatingSide", b.region, Spec=spec, Name="一端 / A")
    end_b = create_end(b, "AcceptingSide", a.region)
    assert (end_a, end_b) == ids, "an unnamed create takes the id of the lab's next step"
    assert shown(a, end_a)["Name"] == "一端 / A" and shown(a, end_a)["Status"] == "Idle"
    refuses("IncorrectOppositeInterfaceInfo.NotSet", do, a, "Connect", end_a)
    bind(b, end_b, end_a, accounts[0], vpc_of(a)["VRouterId"])
    refuses("IncorrectRole.NotInitiatingSide", do, b, "Connect", end_b)
    bind(a, end_a, end_b, accounts[1], vpc_of(b)["VRouterId"])
    do(a, "Connect", end_a)
    for client, end, other in [(a, end_a, end_b), (b, end_b, end_a)]:
        found = shown(client, end)
        assert (found["Status"], found["OppositeInterfaceId"]) == ("Active", other), found
    assert shown(b, end_b)["Spec"] == "Negative" and shown(a, end_a)["Spec"] == spec
    refuses("IncorrectStatus", do, a, "Connect", end_a)
    return end_a, end_b


def cross_account():
    a, b = Client(lab, "A", "cn-qingdao"), Client(lab, "B", "cn-beijing")
    accounts = [lab.accounts[name]["id"] for name in "AB"]
    # Nobody reaches another account's things: they are not there.
    stranger = Client(lab, "B", "cn-qingdao")
    assert stranger.call("Vpc", "DescribeVpcs", RegionId="cn-qingdao")["Vpcs"]["Vpc"] == []
    refuses("InvalidVpcId.NotFound", stranger.call, "Vpc", "DeleteVpc", VpcId=vpc_of(a)["VpcId"])
    for wrong in [Client(lab, "A", "cn-qingdao", secret="no secret of A")]:
        try:
            vpc_of(wrong)
        except Refused as refused:
            assert refused.code in ("InvalidAccessKeySecret", "SignatureDoesNotMatch"), refused
            assert refused.status == 400, refused
        else:
            raise AssertionError("a wrong secret opens the door")
    ends = connect(a, b, accounts, ("ri-m5e33r3n78zyi5573kf85", "ri-2zeix2q86uoyisagyz0pn"))
    lab.pings("ecs-a", "ecs-b", answered=False)
    tables = route(a, "172.16.0.0/16", ends[0]), route(b, "192.168.0.0/16", ends[1])
    refuses("InvalidCIDRBlock.Duplicate", route, a, "172.16.0.0/16", ends[0])
    lab.pings("ecs-a", "ecs-b", answered=False)
    groups = group_of(a, vpc_of(a)), group_of(b, vpc_of(b))
    for client, own, other, account in [(a, *groups, accounts[1]), (b, *groups[::-1], accounts[0])]:
        client.call(
            "Ecs", "AuthorizeSecurityGroup", RegionId=client.region, SecurityGroupId=own, IpProtocol="all",
            PortRange="-1/-1", SourceGroupId=other, SourceGroupOwnerId=int(account),
        )
        rules = client.call("Ecs", "DescribeSecurityGroupAttribute", RegionId=client.region, SecurityGroupId=own)
        [rule] = [it for it in rules["Permissions"]["Permission"] if it["Direction"] == "ingress"]
        assert (rule["IpProtocol"], rule["SourceGroupId"]) == ("ALL", other), rule
    lab.pings("ecs-a", "ecs-b")
    lab.pings("ecs-b", "ecs-a")
    lab.peerlab("verify", "--final")
    prove_from_inside(a, b)
    tear_down(a, b, ends, tables)


def instance_of(client):
    [found] = client.call("Ecs", "DescribeInstances", RegionId=client.region)["Instances"]["Instance"]
    return found["InstanceId"], found["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0]


def runs(client, instance, command):
    """Runs a command in an instance; its state, exit status and output."""
    invoked = client.call(
        "Ecs", "RunCommand", RegionId=client.region, Type="RunShellScript", CommandContent=command,
        InstanceId=[instance], InstanceIds=[instance], Timeout=20,
    )["InvokeId"]
    for _ in range(200):
        reply = client.call(
            "Ecs", "DescribeInvocationResults", RegionId=client.region, InvokeId=invoked, ContentEncoding="PlainText",
        )
        [result] = reply["Invocation"]["InvocationResults"]["InvocationResult"]
        if result["InvocationStatus"] != "Running":
            return result["InvocationStatus"], result["ExitCode"], result["Output"]
        time.sleep(0.05)
    raise AssertionError("it does not end")


def prove_from_inside(a, b):
    """The provider's own way to run a command, answered by real packets; without rights, and in the own account only."""
    (ecs_a, ip_a), (ecs_b, ip_b) = instance_of(a), instance_of(b)
    status, code, output = runs(a, ecs_a, f"ping -c1 -W2 {ip_b}")
    assert (status, code) == ("Success", 0) and "1 received" in output, output
    status, code, output = runs(b, ecs_b, "ping -c1 -W1 192.168.1.99; echo $?; id -u; cat /proc/self/status | grep CapEff")
    assert status == "Success" and "0 received" in output, output
    assert "CapEff:\t0000000000000000" in output and "\n0\nCap" not in output, output
    assert runs(a, ecs_a, "exit 7")[:2] == ("Failed", 7)
    refuses(
        "InvalidInstanceId.NotFound", a.call, "Ecs", "RunCommand", RegionId=a.region, Type="RunShellScript",
        CommandContent="true", InstanceId=[ecs_b], InstanceIds=[ecs_b],
    )


def router_interfaces():
    a, b = Client(lab, "A", "cn-beijing"), Client(lab, "B", "cn-hangzhou")
    accounts = [lab.accounts[name]["id"] for name in "AB"]
    ends = connect(a, b, accounts, ("ri-AAA", "ri-BBB"), spec="Large.1")
    assert (vpc_of(a)["VRouterId"], vpc_of(b)["VRouterId"]) == ("vrt-AAA", "vrt-BBB")
    assert shown(a, ends[0])["Bandwidth"] == 1000
    tables = [route(a, "172.16.0.0/16", ends[0])]
    lab.pings("ecs-a", "ecs-b", answered=False)
    tables.append(route(b, "192.168.0.0/16", ends[1]))
    lab.pings("ecs-a", "ecs-b")
    lab.peerlab("verify", "--final")
    a.call("Vpc", "ModifyRouterInterfaceSpec", RegionId=a.region, RouterInterfaceId=ends[0], Spec="Small.1")
    assert shown(a, ends[0])["Bandwidth"] == 10
    refuses(
        "InvalidSpec", a.call, "Vpc", "ModifyRouterInterfaceSpec", RegionId=a.region, RouterInterfaceId=ends[0],
        Spec="Tiny.1",
    )
    tear_down(a, b, ends, tables)


def same_account():
    """From an account with nothing in it, to a ping, and back to nothing."""
    regions = {"cn-qingdao": ("192.168.0.0/16", "192.168.1.0/24"), "cn-beijing": ("172.16.0.0/16", "172.16.1.0/24")}
    clients, made = {}, {}
    for region, (block, subnet) in regions.items():
        client = clients[region] = Client(lab, "A", region)
        vpc = client.call("Vpc", "CreateVpc", RegionId=region, CidrBlock=block, VpcName="VPC 一/1", ClientToken=f"t-{region}")
        again = client.call("Vpc", "CreateVpc", RegionId=region, CidrBlock=block, VpcName="VPC 一/1", ClientToken=f"t-{region}")
        assert again["VpcId"] == vpc["VpcId"], "a repeated request is answered as the first was"
        assert vpc_of(client)["VpcName"] == "VPC 一/1" and vpc_of(client)["VRouterId"] == vpc["VRouterId"]
        vswitch = client.call("Vpc", "CreateVSwitch", RegionId=region, ZoneId=f"{region}-b", VpcId=vpc["VpcId"], CidrBlock=subnet)
        vswitch = vswitch["VSwitchId"]
        refuses(
            "InvalidCidrBlock.Overlapped", client.call, "Vpc", "CreateVSwitch", ZoneId=f"{region}-b",
            VpcId=vpc["VpcId"], CidrBlock=subnet,
        )
        [found] = client.call("Vpc", "DescribeVSwitches", RegionId=region, VpcId=vpc["VpcId"])["VSwitches"]["VSwitch"]
        assert (found["VSwitchId"], found["ZoneId"], found["AvailableIpAddressCount"]) == (vswitch, f"{region}-b", 252)
        group = client.call("Ecs", "CreateSecurityGroup", RegionId=region, VpcId=vpc["VpcId"], SecurityGroupName="g 1")
        group = group["SecurityGroupId"]
        refuses(
            "DryRunOperation", client.call, "Ecs", "RunInstances", RegionId=region, VSwitchId=vswitch,
            SecurityGroupId=group, ImageId="any", InstanceType="ecs.t6", DryRun=True,
        )
        [instance] = client.call(
            "Ecs", "RunInstances", RegionId=region, VSwitchId=vswitch, SecurityGroupId=group, ImageId="any",
            InstanceType="ecs.t6", InstanceName="a machine",
        )["InstanceIdSets"]["InstanceIdSet"]
        [found] = client.call("Ecs", "DescribeInstances", RegionId=region, VpcId=vpc["VpcId"])["Instances"]["Instance"]
        assert (found["InstanceId"], found["InstanceName"], found["Status"]) == (instance, "a machine", "Running")
        assert found["SecurityGroupIds"]["SecurityGroupId"] == [group]
        assert found["VpcAttributes"]["VSwitchId"] == vswitch, found
        made[region] = vpc, vswitch, group, instance, found["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0]
    a, b = clients.values()
    (vpc_a, _, group_a, ecs_a, ip_a), (vpc_b, _, group_b, ecs_b, ip_b) = made.values()
    # The console's compound is five calls of the API.
    account = lab.accounts["A"]["id"]
    end_a = create_end(a, "InitiatingSide", b.region)
    end_b = create_end(b, "AcceptingSide", a.region)
    bind(a, end_a, end_b, account, vpc_b["VRouterId"])
    bind(b, end_b, end_a, account, vpc_a["VRouterId"])
    do(a, "Connect", end_a)
    tables = route(a, "172.16.0.0/16", end_a), route(b, "192.168.0.0/16", end_b)
    lab.pings(ecs_a, ecs_b, answered=False)
    # Across regions a rule names a block, not a group.
    refuses(
        "InvalidSourceGroupId.NotFound", a.call, "Ecs", "AuthorizeSecurityGroup", RegionId=a.region,
        SecurityGroupId=group_a, IpProtocol="icmp", PortRange="-1/-1", SourceGroupId=group_b,
    )
    for client, group, block in [(a, group_a, "172.16.0.0/16"), (b, group_b, "192.168.0.0/16")]:
        permissions = [{"IpProtocol": "icmp", "PortRange": "-1/-1", "SourceCidrIp": block, "Policy": "accept", "Priority": "1"}]
        client.call("Ecs", "AuthorizeSecurityGroup", RegionId=client.region, SecurityGroupId=group, Permissions=permissions)
    lab.pings(ecs_a, ip_b)
    lab.pings(ecs_b, ip_a)
    for client, group, block in [(a, group_a, "172.16.0.0/16"), (b, group_b, "192.168.0.0/16")]:
        client.call(
            "Ecs", "RevokeSecurityGroup", RegionId=client.region, SecurityGroupId=group, IpProtocol="icmp",
            PortRange="-1/-1", SourceCidrIp=block,
        )
    lab.pings(ecs_a, ip_b, answered=False)
    for client, table, block, end in [(a, tables[0], "172.16.0.0/16", end_a), (b, tables[1], "192.168.0.0/16", end_b)]:
        unroute(client, table, block, end)
        do(client, "Deactivate", end)
        do(client, "Delete", end)
    for client, (vpc, vswitch, group, instance, _) in zip(clients.values(), made.values()):
        refuses("DependencyViolation.Instance", client.call, "Vpc", "DeleteVpc", VpcId=vpc["VpcId"])
        client.call("Ecs", "DeleteInstance", InstanceId=instance, Force=True)
        client.call("Vpc", "DeleteVSwitch", VSwitchId=vswitch)
        client.call("Ecs", "DeleteSecurityGroup", RegionId=client.region, SecurityGroupId=group)
        client.call("Vpc", "DeleteVpc", VpcId=vpc["VpcId"])
        assert client.call("Vpc", "DescribeVpcs", RegionId=client.region)["Vpcs"]["Vpc"] == []


{"cross-account": cross_account, "router-interfaces": router_interfaces, "same-account": same_account}[tutorial]()
