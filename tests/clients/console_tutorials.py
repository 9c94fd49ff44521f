"""The tutorials, clicked through by their own words: `console_tutorials.py SERVED TUTORIAL LANGUAGE [WIDTH] [noscript]`."""

import sys

from console_reader import Chromium, Reader, words
from lab import Lab

words("""
专有网络对等连接 | VPC Peering Connections
VPC互连 | VPC-to-VPC
创建对等连接 | Create Peering Connection
账号类型 | Account
同账号 | Same Account
跨账号 | Different Account
连接场景 | Connection Type
创建路由器 | Router Creation
同时创建两端 | Create Initiator and Acceptor
只创建发起端 | Create Initiator Only
只创建接收端 | Create Acceptor Only
地域 | Region
本端地域 | Local Region
华北1（青岛） | China (Qingdao)
华北2（北京） | China (Beijing)
华东1（杭州） | China (Hangzhou)
本端VPC ID | VPC ID
对端地域 | Peer Region
对端VPC ID | Peer VPC ID
带宽值 | Bandwidth
默认 | Default
立即购买 | Buy Now
添加发起端 | Add Initiator
添加接收端 | Add Acceptor
跨账号的接口 | No
添加实例 | Add Instance
所属账号类型 | Belong to Same Account
发起端路由器接口 | Initiator Router Interface
接收端路由器接口 | Acceptor Router Interface
确定 | OK
发起端 | Initiator
接收端 | Acceptor
更多 | More
发起连接 | Initiate Connection
已激活 | Activated
路由配置 | Route Settings
添加对端路由 | Add Route Entry
目标网段 | Destination CIDR Block
确认 | Confirm
云服务器ECS | ECS
网络和安全 | Networks and Security
安全组 | Security Groups
配置规则 | Add Rules
添加安全组规则 | Add Security Group Rule
授权类型 | Authorization Type
安全组访问 | Security Group
地址段访问 | CIDR Block
跨账号授权 | Allow Other Accounts
授权账号 | Authorized Account
授权对象 | Authorization Object
账号ID | Account ID
专有网络连接 | VPC Connections
路由器接口 | Router Interfaces
创建路由器接口 | Create Router Interface
计费方式 | Billing Method
按量付费 | Pay-As-You-Go
创建路由器接口场景 | Router Interface Scenario
只创建接受端 | Create Acceptor Only
规格 | Specification
大型1档 | Large.1
编辑对端路由器接口信息 | Edit Opposite Router Interface
对端账号ID | Peer Account ID
对端路由器ID | Peer Router ID
对端路由器接口ID | Peer Router Interface ID
产品 | Products
私有网络 | VPC
VPC对等连接 | VPC Peering Connections
创建 | Create
名称 | Name
华南 | South China
本端VPC | Local VPC
前往配置 | Configure it now
稍后配置 | Configure later
立即配置 | Configure it now
路由表 | Route Tables
路由策略 | Route Policy
编辑 | Edit
新增一条 | Add
目的端 | Destination
下一跳类型 | Next Hop Type
下一跳 | Next Hop
下一跳VPC对等连接 | VPC Peering Connection
保存 | Save
关联子网 | Associate Subnet
子网 | Subnet
""")

lab = Lab()
tutorial, language = sys.argv[2:4]
options = {"language": language, "script": "noscript" not in sys.argv}
options |= {"width": int(word) for word in sys.argv[4:] if word.isdigit()}
is_chinese = language == "zh"
link = {name: account["console"] for name, account in lab.accounts.items()}


def tutorial_002(chromium):
    """跨账号VPC互连: two accounts in two browsers, with the mistakes that learners make."""
    initiator, acceptor = "ri-m5e33r3n78zyi5573kf85", "ri-2zeix2q86uoyisagyz0pn"
    a, b = (Reader(chromium, link[name], **options) for name in "AB")
    local = "地域" if is_chinese else "本端地域"
    a.step(1)
    a.sees("轮到您" if is_chinese else "your turn")
    b.sees("轮到账号A" if is_chinese else "account A's turn")

    for reader, role, here, vpc, there, speed in [
        (a, "只创建发起端", "华北1（青岛）", "VPC1", "华北2（北京）", "2Mb"),
        (b, "只创建接收端", "华北2（北京）", "VPC2", "华北1（青岛）", "默认"),
    ]:
        reader.menu("专有网络对等连接", "VPC互连")
        reader.click("创建对等连接")
        # Nothing is filled in: refused at the field, with the provider's code, and what was chosen stays.
        reader.choose("账号类型", "跨账号")
        reader.choose("创建路由器", role)
        reader.click("立即购买")
        reader.alert()
        assert reader.page.locator("[aria-invalid=true]").count() >= 1
        reader.choose("账号类型", "跨账号")
        reader.choose("连接场景", "VPC互连")
        reader.choose("创建路由器", role)
        reader.choose(local, here)
        reader.choose("本端VPC ID", vpc)
        reader.choose("对端地域", there)
        reader.choose("带宽值", speed)
        reader.click("立即购买")
        reader.sees(initiator if reader is a else acceptor)
        # A reload of what answered makes nothing more.
        reader.page.reload()
        reader.click("专有网络对等连接")
        reader.sees(initiator if reader is a else acceptor, "未连接" if is_chinese else "Unconnected")

    # The wrong region has nothing, and says where there is something.
    b.region("华东1（杭州）")
    b.sees("华北2（北京）" if is_chinese else "China (Beijing)")
    b.region("华北2（北京）")
    b.click("添加发起端", b.within(acceptor, "发起端"))
    kind = "账号类型" if is_chinese else "所属账号类型"
    other = "跨账号" if is_chinese else "跨账号的接口"
    # The wrong end is named first: the acceptor itself.
    b.choose(kind, other)
    b.fill("发起端路由器接口", initiator)
    b.click("确定")
    a.step(4)

    a.menu("专有网络对等连接", "VPC互连")
    # Connecting before the opposite is set is refused as the API refuses it.
    a.more(a.within(initiator), "更多", "发起连接")
    a.alert("IncorrectOppositeInterfaceInfo.NotSet")
    a.menu("专有网络对等连接", "VPC互连")
    a.region("华北1（青岛）")
    a.click("添加接收端", a.within(initiator, "接收端"))
    a.choose(kind, other)
    a.fill("接收端路由器接口", acceptor)
    a.click("确定")
    a.more(a.within(initiator), "更多", "发起连接")
    a.sees("已激活" if is_chinese else "Activated")
    b.menu("专有网络对等连接", "VPC互连")
    b.sees("已激活" if is_chinese else "Activated")

    for reader, half, own, block in [(a, "发起端", initiator, "172.16.0.0/16"), (b, "接收端", acceptor, "192.168.0.0/16")]:
        reader.menu("专有网络对等连接", "VPC互连")
        reader.click("路由配置", reader.within(own, half))
        reader.click("添加对端路由")
        reader.sees(block)
        # A block with a slip is refused at its field.
        reader.fill("目标网段", block.replace("/16", "/61"))
        reader.click("确定" if is_chinese else "确认")
        reader.alert()
        reader.fill("目标网段", block)
        reader.click("确定" if is_chinese else "确认")
        reader.sees(block)
    a.step(8)

    for reader, group, others, account in [
        (a, "sg-SecurityGroupIDA", "sg-SecurityGroupIDB", lab.accounts["B"]["id"]),
        (b, "sg-SecurityGroupIDB", "sg-SecurityGroupIDA", lab.accounts["A"]["id"]),
    ]:
        reader.menu("网络和安全", "安全组")
        reader.click("配置规则", reader.within(group))
        reader.click("添加安全组规则")
        reader.choose("授权类型", "安全组访问")
        reader.choose("授权账号", "跨账号授权")
        reader.fill("授权对象", others)
        reader.fill("账号ID", account)
        reader.click("确定" if is_chinese else "确认")
        reader.sees(others)
    a.step(None)
    b.step(None)
    return [a, b]


def tutorial_003(chromium):
    """Establish an intranet connection between VPCs under the same account."""
    a = Reader(chromium, link["A"], **options)
    a.menu("专有网络对等连接", "VPC互连")
    a.region("华北1（青岛）")
    a.click("创建对等连接")
    a.choose("连接场景", "VPC互连")
    a.choose("创建路由器", "同时创建两端")
    a.choose("地域" if is_chinese else "本端地域", "华北1（青岛）")
    a.choose("本端VPC ID", "VPC1")
    a.choose("对端地域", "华北2（北京）")
    a.choose("对端VPC ID", "VPC2")
    a.choose("带宽值", "2Mb")
    # A double click makes one.
    button = a.one("立即购买", ["button"], a.page.locator("main"))
    button.dblclick(no_wait_after=True)
    a.sees("支付成功" if is_chinese else "Payment completed")
    a.click("专有网络对等连接")
    a.sees("已激活" if is_chinese else "Activated")
    assert a.page.locator("main tbody tr").count() == 1, a.text()
    initiator = a.page.locator("main tbody tr").first
    for half, block in [("发起端", "172.16.0.0/16"), ("接收端", "192.168.0.0/16")]:
        a.menu("专有网络对等连接", "VPC互连")
        row = a.page.locator("main tbody tr").first.get_by_role("group", name=a.word(half), exact=True)
        a.click("路由配置", row)
        a.click("添加对端路由")
        a.fill("目标网段", block)
        a.click("确定" if is_chinese else "确认")
        a.sees(block)
    a.menu("网络和安全", "安全组")
    a.region("华北1（青岛）")
    a.click("配置规则", a.within("sg-a"))
    a.click("添加安全组规则")
    # Two regions: a group is refused, and the advice is the peer's block.
    a.choose("授权类型", "安全组访问")
    a.fill("授权对象", "sg-SecurityGroupIDB")
    a.click("确定" if is_chinese else "确认")
    a.alert("InvalidSourceGroupId", "172.16.0.0/16")
    for group, region, block in [("sg-a", "华北1（青岛）", "172.16.0.0/16"), ("sg-b", "华北2（北京）", "192.168.0.0/16")]:
        a.menu("网络和安全", "安全组")
        a.region(region)
        a.click("配置规则", a.within(group))
        a.click("添加安全组规则")
        a.choose("授权类型", "地址段访问")
        a.fill("授权对象", block)
        a.click("确定" if is_chinese else "确认")
        a.sees(block)
    a.step(None)
    return [a]


def tutorial_004(chromium):
    """阿里云ecs跨账号、跨区域通信: the console of May 2018."""
    a, b = (Reader(chromium, link[name], **options) for name in "AB")
    for reader, role, here, vpc, there in [
        (a, "只创建发起端", "华北2（北京）", "VPC-A", "华东1（杭州）"),
        (b, "只创建接受端", "华东1（杭州）", "VPC-B", "华北2（北京）"),
    ]:
        reader.menu("专有网络连接", "路由器接口")
        reader.click("创建路由器接口")
        reader.choose("计费方式", "按量付费")
        reader.choose("连接场景", "VPC互连")
        reader.choose("创建路由器接口场景", role)
        reader.choose("地域", here)
        reader.choose("本端VPC ID", vpc)
        reader.choose("对端地域", there)
        if reader is a:
            reader.choose("规格", "大型1档")
        reader.click("立即购买")
        reader.sees("ri-AAA" if reader is a else "ri-BBB")
    for reader, own, account, router, other in [
        (b, "ri-BBB", lab.accounts["A"]["id"], "vrt-AAA", "ri-AAA"),
        (a, "ri-AAA", lab.accounts["B"]["id"], "vrt-BBB", "ri-BBB"),
    ]:
        reader.menu("专有网络连接", "路由器接口")
        reader.more(reader.within(own), "更多", "编辑对端路由器接口信息")
        if reader is a:
            # An id with a slip: legal, and found out when it connects.
            reader.fill("对端账号ID", account)
            reader.fill("对端路由器ID", router)
            reader.fill("对端路由器接口ID", "ri-BBC")
            reader.click("确定" if is_chinese else "确认")
            reader.click("发起连接", reader.within(own))
            reader.alert()
            reader.menu("专有网络连接", "路由器接口")
            reader.more(reader.within(own), "更多", "编辑对端路由器接口信息")
        reader.fill("对端账号ID", account)
        reader.fill("对端路由器ID", router)
        reader.fill("对端路由器接口ID", other)
        reader.click("确定" if is_chinese else "确认")
    # The acceptor cannot connect: greyed.
    greyed = b.within("ri-BBB").get_by_role("button", name=b.word("发起连接"), exact=True)
    assert greyed.get_attribute("aria-disabled") == "true"
    a.click("发起连接", a.within("ri-AAA"))
    a.sees("已激活" if is_chinese else "Activated")
    for reader, own, block in [(a, "ri-AAA", "172.16.0.0/16"), (b, "ri-BBB", "192.168.0.0/16")]:
        reader.menu("专有网络连接", "路由器接口")
        reader.click("路由配置", reader.within(own))
        reader.click("添加对端路由")
        reader.fill("目标网段", block)
        reader.click("确定" if is_chinese else "确认")
        reader.sees(block)
    a.step(None)
    return [a, b]


def tutorial_000(chromium):
    """VPC对等连接, of JD Cloud."""
    a = Reader(chromium, link["A"], **options)
    halves = [
        ("peeringAtoB", "VPCforPeeringA", "vpc-xxvpcforpeeringbxx", "RTBforPeeringAtoB", "172.16.0.0/16", "subnet-a"),
        ("peeringBtoA", "VPCforPeeringB", "vpc-xxvpcforpeeringaxx", "RTBforPeeringBtoA", "10.0.0.0/16", "subnet-b"),
    ]
    for name, vpc, peer, table, block, subnet in halves:
        a.page.locator("header").get_by_text(a.word("产品"), exact=True).click()
        a.one("私有网络", ["link"], a.page.locator("header")).click()
        nav = a.page.locator("nav").first
        a.one("VPC对等连接", ["link"], nav).click()
        a.click("创建")
        a.choose("地域", "华南")
        a.fill("名称", name)
        a.choose("本端VPC", vpc)
        a.fill("对端VPC ID", peer)
        a.click("确定")
        pop_up = a.page.get_by_role("alertdialog")
        pop_up.wait_for()
        if is_chinese:
            assert "创建成功，请前往路由表配置相关路由！" in pop_up.inner_text(), pop_up.inner_text()
        a.click("前往配置" if vpc.endswith("A") else "稍后配置", pop_up)
        a.menu("路由表")
        a.click("创建")
        a.choose("地域", "华南")
        a.choose("私有网络", vpc)
        a.fill("名称", table)
        a.click("确定")
        pop_up = a.page.get_by_role("alertdialog")
        if is_chinese:
            assert "创建路由表后需要配置路由策略，并关联子网才能生效。是否去配置？" in pop_up.inner_text()
        a.click("立即配置", pop_up)
        a.click("路由策略")
        a.click("编辑")
        # Half a batch is wrong: nothing of it is done, and what was typed stays.
        for number in range(2):
            a.click("新增一条")
        rows = a.page.locator("main tbody tr").filter(has=a.page.get_by_role("textbox"))
        for row, to in [(rows.nth(0), block), (rows.nth(1), "300.0.0.0/8")]:
            row.get_by_role("textbox", name=a.word("目的端"), exact=True).fill(to)
            kind = "VPC对等连接" if is_chinese else "VPC Peering Connection"
            row.get_by_role("combobox", name=a.word("下一跳类型"), exact=True).select_option(label=kind)
            row.get_by_role("combobox", name=a.word("下一跳"), exact=True).select_option(label=name)
        a.click("保存")
        a.alert()
        assert "300.0.0.0" not in lab.peerlab("export"), "half a batch was saved"
        rows = a.page.locator("main tbody tr").filter(has=a.page.get_by_role("textbox"))
        assert rows.nth(0).get_by_role("textbox").first.input_value() == block
        rows.nth(1).get_by_role("button").last.click()
        a.click("保存")
        a.sees(block)
        a.menu("路由表")
        a.click("关联子网", a.within(table))
        a.page.locator("main").get_by_role("checkbox", name=subnet, exact=True).check()
        a.click("确定")
        a.sees(subnet)
    a.menu("VPC对等连接")
    a.sees("已连接" if is_chinese else "Connected")
    return [a]


with Chromium() as chromium:
    readers = globals()[f"tutorial_{tutorial}"](chromium)
    for reader in readers:
        reader.axe()
        reader.well()
    # The other language, by a click.
    readers[0].switch("en" if is_chinese else "zh")
