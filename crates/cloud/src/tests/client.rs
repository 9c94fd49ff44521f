//! Operations as lines of the providers' own clients, each with the profile of the account that calls.

use super::*;

/// What the client prints for these lines, each as `CALLER: OPERATION`.
fn lines(cloud: &Cloud, client: &str, calls: &str) -> Vec<String> {
    let operation = |line: &str| {
        let (caller, call) = line.trim().split_once(": ").unwrap();
        super::operation(caller, call)
    };
    let operations: Vec<_> = calls.lines().filter(|line| !line.trim().is_empty()).map(operation).collect();
    cloud.as_lines(Client::named(client).unwrap(), &operations)
}

fn built(provider: &str, script: &str) -> Cloud {
    let mut cloud = cloud(provider);
    cloud.run_all(script);
    cloud
}

#[test]
fn every_provider_has_one_client() {
    for provider in Provider::ALL {
        let own = Client::ALL.into_iter().filter(|client| client.provider == provider.name);
        assert_eq!(own.count(), 1, "{}", provider.name);
    }
    assert!(Client::named("az").is_none());
}

#[test]
fn aws_names_the_profile_the_region_and_ids() {
    let cloud = built(
        "aws",
        "A: create-vpc V --region us-east-1 --cidr 10.0.0.0/16 --id vpc-00000001
         A: create-subnet s --vpc V --cidr 10.0.1.0/24 --id subnet-00000001
         A: create-route-table t --vpc V --id rtb-00000001
         A: create-security-group g --vpc V --id sg-00000001
         A: create-network-acl n --vpc V --id acl-00000001
         A: create-instance i --subnet V/s --security-group g --id i-00000001
         A: create-gateway igw --vpc V --id igw-00000001
         A: create-nat-gateway nat --subnet V/s --id nat-00000001
         B: create-vpc W --region us-west-2 --cidr 172.31.0.0/16 --id vpc-00000002
         A: create-vpc-peering-connection p --vpc V --peer-vpc W --peer-account B --peer-region us-west-2 --id pcx-00000001",
    );
    for (call, expected) in [
        (
            "A: create-vpc-peering-connection q --vpc V --peer-vpc W --peer-account B --peer-region us-west-2",
            "create-vpc-peering-connection --profile A --region us-east-1 --vpc-id vpc-00000001 --peer-vpc-id vpc-00000002 --peer-owner-id 2 --peer-region us-west-2",
        ),
        (
            "B: accept-vpc-peering-connection p",
            "accept-vpc-peering-connection --profile B --region us-west-2 --vpc-peering-connection-id pcx-00000001",
        ),
        (
            "A: delete-vpc-peering-connection p",
            "delete-vpc-peering-connection --profile A --region us-east-1 --vpc-peering-connection-id pcx-00000001",
        ),
        (
            "A: create-route-entry --table t --destination 172.31.0.0/16 --next-hop p",
            "create-route --profile A --region us-east-1 --route-table-id rtb-00000001 --destination-cidr-block 172.31.0.0/16 --vpc-peering-connection-id pcx-00000001",
        ),
        (
            "A: create-route-entry --table t --destination 20.0.0.0/16 --next-hop i",
            "create-route --profile A --region us-east-1 --route-table-id rtb-00000001 --destination-cidr-block 20.0.0.0/16 --instance-id i-00000001",
        ),
        (
            "A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop nat",
            "create-route --profile A --region us-east-1 --route-table-id rtb-00000001 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-00000001",
        ),
        (
            "A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop igw",
            "create-route --profile A --region us-east-1 --route-table-id rtb-00000001 --destination-cidr-block 0.0.0.0/0 --gateway-id igw-00000001",
        ),
        (
            "A: delete-route-entry --table t --destination 20.0.0.0/16",
            "delete-route --profile A --region us-east-1 --route-table-id rtb-00000001 --destination-cidr-block 20.0.0.0/16",
        ),
        (
            "A: associate-route-table t --subnet V/s",
            "associate-route-table --profile A --region us-east-1 --route-table-id rtb-00000001 --subnet-id subnet-00000001",
        ),
        (
            "A: authorize-security-group g --protocol tcp --port 22 --cidr 172.31.0.0/16",
            "authorize-security-group-ingress --profile A --region us-east-1 --group-id sg-00000001 --ip-permissions 'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=172.31.0.0/16}]'",
        ),
        (
            "A: revoke-security-group-egress g --protocol all --cidr 0.0.0.0/0",
            "revoke-security-group-egress --profile A --region us-east-1 --group-id sg-00000001 --ip-permissions 'IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]'",
        ),
        (
            "A: create-network-acl-entry n --number 100 --direction egress --protocol tcp --port 1024/65535 --cidr 0.0.0.0/0",
            "create-network-acl-entry --profile A --region us-east-1 --network-acl-id acl-00000001 --rule-number 100 --protocol 6 --port-range From=1024,To=65535 --cidr-block 0.0.0.0/0 --rule-action allow --egress",
        ),
        (
            "A: delete-network-acl-entry n --number 100 --direction ingress",
            "delete-network-acl-entry --profile A --region us-east-1 --network-acl-id acl-00000001 --rule-number 100 --ingress",
        ),
        ("A: start-instance i", "start-instances --profile A --region us-east-1 --instance-ids i-00000001"),
        (
            "A: modify-instance i --forwards true",
            "modify-instance-attribute --profile A --region us-east-1 --instance-id i-00000001 --no-source-dest-check",
        ),
    ] {
        assert_eq!(lines(&cloud, "aws", call), [format!("aws ec2 {expected}")], "{call}");
    }
    assert_eq!(
        lines(&cloud, "aws", "A: associate-public-ip i --public-ip 203.0.113.9"),
        [
            "aws ec2 allocate-address --profile A --region us-east-1",
            "aws ec2 associate-address --profile A --region us-east-1 --instance-id i-00000001 --public-ip 203.0.113.9",
        ]
    );
    let both = "B: create-gateway out --vpc W
        B: create-route-entry --vpc W --destination 0.0.0.0/0 --next-hop out";
    let printed = lines(&cloud, "aws", both);
    let id = printed[1].split(' ').find(|word| word.starts_with("igw-")).unwrap();
    assert!(printed[0].starts_with("aws ec2 create-internet-gateway --profile B"), "{printed:?}");
    assert!(printed[2].ends_with(&format!("--gateway-id {id}")), "{printed:?}");
    // What the client does in no single call is a comment, with its caller.
    assert_eq!(lines(&cloud, "aws", "A: pass-time 1d"), ["# A: pass-time 1d"]);
}

#[test]
fn aliyun_names_the_profile_and_the_region() {
    let cloud = built(
        "alibaba",
        "A: create-vpc V --region cn-hangzhou --cidr 10.0.0.0/16 --id vpc-1 --router-id vrt-1
         A: create-subnet s --vpc V --cidr 10.0.1.0/24 --id vsw-1
         A: create-route-table t --vpc V --id vtb-1
         A: create-security-group g --vpc V --id sg-1
         A: create-instance i --subnet V/s --security-group g --id i-1
         B: create-vpc W --region cn-beijing --cidr 172.16.0.0/16 --id vpc-2 --router-id vrt-2
         A: create-router-interface a --vpc V --role initiator --spec Mini.2 --opposite-region cn-beijing --id ri-1
         B: create-router-interface b --vpc W --role acceptor --opposite-region cn-hangzhou --id ri-2
         A: create-vpc Y --region cn-hangzhou --cidr 192.168.0.0/16 --id vpc-3
         A: create-vpc-peering-connection pcc --vpc Y --peer-vpc W --peer-account B --peer-region cn-beijing --id pcc-1",
    );
    for (call, expected) in [
        (
            "A: modify-router-interface-attribute a --opposite-account B --opposite-interface b --opposite-router W",
            "vpc ModifyRouterInterfaceAttribute --profile A --RegionId cn-hangzhou --RouterInterfaceId ri-1 --OppositeInterfaceOwnerId 2 --OppositeRouterId vrt-2 --OppositeInterfaceId ri-2",
        ),
        (
            "A: connect-router-interface a",
            "vpc ConnectRouterInterface --profile A --RegionId cn-hangzhou --RouterInterfaceId ri-1",
        ),
        (
            "B: activate-router-interface b",
            "vpc ActivateRouterInterface --profile B --RegionId cn-beijing --RouterInterfaceId ri-2",
        ),
        (
            "A: create-route-entry --table t --destination 172.16.0.0/16 --next-hop a",
            "vpc CreateRouteEntry --profile A --RegionId cn-hangzhou --RouteTableId vtb-1 --DestinationCidrBlock 172.16.0.0/16 --NextHopType RouterInterface --NextHopId ri-1",
        ),
        (
            "A: associate-route-table t --subnet V/s",
            "vpc AssociateRouteTable --profile A --RegionId cn-hangzhou --RouteTableId vtb-1 --VSwitchId vsw-1",
        ),
        (
            "A: authorize-security-group g --protocol icmp --cidr 172.16.0.0/16",
            "ecs AuthorizeSecurityGroup --profile A --RegionId cn-hangzhou --SecurityGroupId sg-1 --IpProtocol icmp --PortRange -1/-1 --SourceCidrIp 172.16.0.0/16",
        ),
        (
            "B: accept-vpc-peering-connection pcc",
            "vpcpeer AcceptVpcPeerConnection --profile B --RegionId cn-beijing --InstanceId pcc-1",
        ),
        ("A: start-instance i", "ecs StartInstance --profile A --RegionId cn-hangzhou --InstanceId i-1"),
    ] {
        assert_eq!(lines(&cloud, "aliyun", call), [format!("aliyun {expected}")], "{call}");
    }
    assert_eq!(lines(&cloud, "aliyun", "A: delete-instance i"), ["# A: delete-instance i"]);
}

#[test]
fn jdc_uses_the_profile_before_each_call() {
    let cloud = built(
        "jdcloud",
        "A: create-vpc V --region cn-north-1 --cidr 10.0.0.0/16 --id vpc-1
         A: create-subnet s --vpc V --cidr 10.0.1.0/24 --id subnet-1
         A: create-route-table t --vpc V --id rtb-1
         A: create-security-group g --vpc V --id sg-1
         B: create-vpc W --region cn-north-1 --cidr 172.16.0.0/16 --id vpc-2
         A: create-vpc-peering a --vpc V --peer-vpc-id W --id vpcpr-1",
    );
    for (call, account, expected) in [
        (
            "B: create-vpc-peering b --vpc W --peer-vpc-id V",
            "B",
            "vpc create-vpc-peering --region-id cn-north-1 --vpc-peering-name b --vpc-id vpc-2 --remote-vpc-id vpc-1",
        ),
        (
            "A: create-route-entry --table t --destination 172.16.0.0/16 --next-hop a",
            "A",
            "vpc add-route-table-rules --region-id cn-north-1 --route-table-id rtb-1 --route-table-rule-specs '[{\"nextHopType\":\"vpc_peering\",\"nextHopId\":\"vpcpr-1\",\"addressPrefix\":\"172.16.0.0/16\"}]'",
        ),
        (
            "A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop internet --priority 90",
            "A",
            "vpc add-route-table-rules --region-id cn-north-1 --route-table-id rtb-1 --route-table-rule-specs '[{\"nextHopType\":\"internet\",\"nextHopId\":\"internet\",\"addressPrefix\":\"0.0.0.0/0\",\"priority\":90}]'",
        ),
        (
            "A: authorize-security-group g --protocol tcp --port 22 --cidr 172.16.0.0/16",
            "A",
            "vpc add-network-security-group-rules --region-id cn-north-1 --network-security-group-id sg-1 --network-security-group-rule-specs '[{\"protocol\":6,\"direction\":0,\"addressPrefix\":\"172.16.0.0/16\",\"fromPort\":22,\"toPort\":22,\"ruleAction\":\"allow\"}]'",
        ),
    ] {
        let wanted = [format!("jdc configure use --profile {account}"), format!("jdc {expected}")];
        assert_eq!(lines(&cloud, "jdc", call), wanted, "{call}");
    }
    assert_eq!(lines(&cloud, "jdc", "A: delete-vpc-peering a"), ["# A: delete-vpc-peering a"]);
}

#[test]
fn tccli_names_the_profile_the_region_and_ids() {
    let cloud = built(
        "tencent",
        "A: create-vpc V --region ap-guangzhou --cidr 10.0.0.0/16 --id vpc-00000001
         A: create-subnet s --vpc V --cidr 10.0.1.0/24 --id subnet-00000001
         A: create-route-table t --vpc V --id rtb-00000001
         A: create-security-group g --vpc V --id sg-00000001
         A: create-network-acl n --vpc V --id acl-00000001
         A: create-instance i --subnet V/s --security-group g --ip 10.0.1.9
         B: create-vpc W --region ap-beijing --cidr 172.31.0.0/16 --id vpc-00000002
         A: create-vpc-peering-connection p --vpc V --peer-vpc W --id pcx-00000001",
    );
    for (call, expected) in [
        (
            "A: create-vpc-peering-connection q --vpc V --peer-vpc W --bandwidth 100Mbit",
            "CreateVpcPeeringConnection --profile A --region ap-guangzhou --cli-unfold-argument --SourceVpcId vpc-00000001 --PeeringConnectionName q --DestinationVpcId vpc-00000002 --DestinationUin 2 --DestinationRegion ap-beijing --Bandwidth 100",
        ),
        (
            "B: accept-vpc-peering-connection p",
            "AcceptVpcPeeringConnection --profile B --region ap-beijing --cli-unfold-argument --PeeringConnectionId pcx-00000001",
        ),
        (
            "A: modify-vpc-peering-connection p --bandwidth 1Gbit",
            "ModifyVpcPeeringConnection --profile A --region ap-guangzhou --cli-unfold-argument --PeeringConnectionId pcx-00000001 --Bandwidth 1000",
        ),
        (
            "A: create-route-entry --table t --destination 172.31.0.0/16 --next-hop p",
            "CreateRoutes --profile A --region ap-guangzhou --cli-unfold-argument --RouteTableId rtb-00000001 --Routes.0.DestinationCidrBlock 172.31.0.0/16 --Routes.0.GatewayType PEERCONNECTION --Routes.0.GatewayId pcx-00000001",
        ),
        (
            "A: delete-route-entry --table t --destination 172.31.0.0/16",
            "DeleteRoutes --profile A --region ap-guangzhou --cli-unfold-argument --RouteTableId rtb-00000001 --Routes.0.DestinationCidrBlock 172.31.0.0/16",
        ),
        (
            "A: create-route-entry --table t --destination 30.0.0.0/16 --next-hop i",
            "CreateRoutes --profile A --region ap-guangzhou --cli-unfold-argument --RouteTableId rtb-00000001 --Routes.0.DestinationCidrBlock 30.0.0.0/16 --Routes.0.GatewayType NORMAL_CVM --Routes.0.GatewayId 10.0.1.9",
        ),
        (
            "A: associate-route-table t --subnet V/s",
            "ReplaceRouteTableAssociation --profile A --region ap-guangzhou --cli-unfold-argument --SubnetId subnet-00000001 --RouteTableId rtb-00000001",
        ),
        (
            "A: associate-network-acl n --subnet V/s",
            "AssociateNetworkAclSubnets --profile A --region ap-guangzhou --cli-unfold-argument --NetworkAclId acl-00000001 --SubnetIds.0 subnet-00000001",
        ),
        (
            "A: authorize-security-group g --protocol tcp --port 22 --cidr 172.31.0.0/16 --priority 1",
            "CreateSecurityGroupPolicies --profile A --region ap-guangzhou --cli-unfold-argument --SecurityGroupId sg-00000001 --SecurityGroupPolicySet.Ingress.0.PolicyIndex 0 --SecurityGroupPolicySet.Ingress.0.Protocol TCP --SecurityGroupPolicySet.Ingress.0.Port 22 --SecurityGroupPolicySet.Ingress.0.CidrBlock 172.31.0.0/16 --SecurityGroupPolicySet.Ingress.0.Action ACCEPT",
        ),
        (
            "A: authorize-security-group-egress g --protocol icmp --group g --policy drop",
            "CreateSecurityGroupPolicies --profile A --region ap-guangzhou --cli-unfold-argument --SecurityGroupId sg-00000001 --SecurityGroupPolicySet.Egress.0.Protocol ICMP --SecurityGroupPolicySet.Egress.0.SecurityGroupId sg-00000001 --SecurityGroupPolicySet.Egress.0.Action DROP",
        ),
    ] {
        assert_eq!(lines(&cloud, "tccli", call), [format!("tccli vpc {expected}")], "{call}");
    }
    assert_eq!(lines(&cloud, "tccli", "A: stop-instance i"), ["# A: stop-instance i"]);
}
