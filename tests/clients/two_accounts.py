"""Two accounts at once on one lab, each by another generation of SDK: each sees what it did, at once, and nothing else."""

import threading

from alibaba import Before, Today
from lab import Lab

lab = Lab()
EACH = 12
failed = []


def work(client, number):
    try:
        [vpc] = client.call("Vpc", "DescribeVpcs", RegionId=client.region)["Vpcs"]["Vpc"]
        made = []
        for at in range(EACH):
            group = client.call(
                "Ecs", "CreateSecurityGroup", RegionId=client.region, VpcId=vpc["VpcId"], SecurityGroupName=f"g {at}",
            )["SecurityGroupId"]
            made.append(group)
            groups = client.call("Ecs", "DescribeSecurityGroups", RegionId=client.region, PageSize=50)
            names = {it["SecurityGroupId"]: it["SecurityGroupName"] for it in groups["SecurityGroups"]["SecurityGroup"]}
            assert [names[group] for group in made] == [f"g {at}" for at in range(len(made))], names
            # The lab's own group, the VPC's default group, and these.
            assert len(names) == len(made) + 2, names
        for group in made:
            client.call("Ecs", "DeleteSecurityGroup", RegionId=client.region, SecurityGroupId=group)
    except BaseException as error:
        failed.append(f"{number}: {error!r}")


clients = [Before(lab, "A", "cn-qingdao"), Today(lab, "B", "cn-beijing")]
threads = [threading.Thread(target=work, args=(client, number)) for number, client in enumerate(clients)]
for thread in threads:
    thread.start()
# Commands beside it are right meanwhile.
for _ in range(5):
    lab.peerlab("status")
for thread in threads:
    thread.join()
assert not failed, failed
