"""AWS's console: a request in one account, accepted in another, routes in both, groups."""

import sys

from console_reader import WORDS, Chromium, Reader, words
from lab import Lab

words("""
对等连接 | Peering connections
您的 VPC | Your VPCs
创建对等连接 | Create peering connection
名称 | Name
VPC ID (请求者) | VPC ID (Requester)
账户 | Account
另一个账户 | Another account
账户 ID | Account ID
VPC ID (接受者) | VPC ID (Accepter)
操作 | Actions
接受请求 | Accept request
立即修改我的路由表 | Modify my route tables now
路由表 | Route tables
编辑路由 | Edit routes
添加路由 | Add route
目标 | Destination
保存更改 | Save changes
安全组 | Security groups
查看规则 | View rules
编辑入站规则 | Edit inbound rules
添加规则 | Add rule
网络 ACL | Network ACLs
端口范围 | Port range
源 | Source
我的 IP | My IP
任何位置 - IPv4 | Anywhere-IPv4
自定义 TCP | Custom TCP
自定义 | Custom
保存规则 | Save rules
编辑 DNS 设置 | Edit DNS settings
编辑 VPC 设置 | Edit VPC settings
启用 DNS 主机名 | Enable DNS hostnames
删除对等连接 | Delete peering connection
删除 | Delete
取消 | Cancel
""")



def choose(row, at, word):
    """Chooses an option of a row's select."""
    row.locator("select").nth(at).select_option(label=WORDS.get(word, word) if language == "en" else word)


lab = Lab()
language = sys.argv[2]
link = {name: account["console"] for name, account in lab.accounts.items()}

with Chromium() as chromium:
    a, b = (Reader(chromium, link[name], language) for name in "AB")
    a.menu("对等连接")
    a.click("创建对等连接")
    a.choose("账户", "另一个账户")
    a.fill("账户 ID", lab.accounts["B"]["id"])
    mine = a.page.locator("main").get_by_role("combobox", name=a.word("VPC ID (请求者)"), exact=True)
    mine.select_option(index=1)
    b.menu("您的 VPC")
    peer = b.page.locator("main tbody tr code.id").first.inner_text()
    a.fill("VPC ID (接受者)", peer)
    a.click("创建对等连接")
    a.sees("Pending acceptance" if language == "en" else "等待接受")
    # The requester cannot accept: greyed.
    a.menu("对等连接")
    row = a.page.locator("main tbody tr").first
    row.get_by_text(a.word("操作"), exact=True).last.click()
    assert row.get_by_role("button", name=a.word("接受请求"), exact=True).get_attribute("aria-disabled") == "true"
    b.menu("对等连接")
    row = b.page.locator("main tbody tr").first
    row.get_by_text(b.word("操作"), exact=True).last.click()
    b.click("接受请求", row)
    b.click("接受请求")
    for reader, block in [(b, "10.0.0.0/16"), (a, "172.31.0.0/16")]:
        reader.menu("对等连接")
        reader.page.locator("main tbody th a").first.click()
        reader.one("立即修改我的路由表", ["link"], reader.page.locator("main")).click()
        reader.page.locator("main tbody th a").first.click()
        reader.click("编辑路由")
        reader.click("添加路由")
        row = reader.page.locator("main tbody tr").filter(has=reader.page.get_by_role("textbox")).last
        # A block with a slip is refused at its field, and nothing is saved.
        row.get_by_role("textbox").fill("10.0.0.0/61")
        row.get_by_role("combobox").nth(0).select_option(label=("Peering Connection" if language == "en" else "对等连接"))
        row.get_by_role("combobox").nth(1).select_option(index=1)
        reader.click("保存更改")
        reader.alert()
        row = reader.page.locator("main tbody tr").filter(has=reader.page.get_by_role("textbox")).last
        row.get_by_role("textbox").fill(block)
        reader.click("保存更改")
        reader.sees(block)
    # Rules have types, and kinds of sources that decide the source.
    a.menu("安全组")
    a.page.locator("main tbody tr a").last.click()
    a.click("编辑入站规则")
    for kind, source in [("SSH", "我的 IP"), ("HTTP", "任何位置 - IPv4"), ("自定义 TCP", "自定义")]:
        a.click("添加规则")
        row = a.page.locator("main tbody tr").filter(has=a.page.get_by_role("textbox")).last
        choose(row, 0, kind)
        choose(row, 1, source)
    port, block = row.get_by_role("textbox", name=a.word("端口范围"), exact=True), row.get_by_role("combobox", name=a.word("源"), exact=True)
    port.fill("8080-8081")
    block.fill("172.31.0.0/61")
    a.click("保存规则")
    a.alert()
    assert "8080" not in lab.peerlab("export"), "half a batch was saved"
    row = a.page.locator("main tbody tr").filter(has=a.page.get_by_role("textbox")).last
    row.get_by_role("combobox", name=a.word("源"), exact=True).fill("172.31.0.0/16")
    a.axe()
    a.click("保存规则")
    a.sees("/32", "0.0.0.0/0", "8080-8081")

    # DNS settings: the API keeps them, and refuses them before the VPC has names.
    a.menu("对等连接")
    row = a.page.locator("main tbody tr").first
    connection = row.locator("code.id").first.inner_text()
    a.more(row, "操作", "编辑 DNS 设置")
    a.page.get_by_role("checkbox").check()
    a.click("保存更改")
    a.alert("InvalidVpcPeeringConnectionState.DnsHostnamesDisabled")
    a.menu("您的 VPC")
    a.page.locator("main tbody th a").first.click()
    a.click("编辑 VPC 设置")
    a.page.get_by_role("checkbox", name=a.word("启用 DNS 主机名"), exact=True).check()
    a.click("保存更改")
    a.go(f"/vpc/peering-connections/{connection}/dns")
    a.page.get_by_role("checkbox").check()
    a.click("保存更改")
    b.go(f"/vpc/peering-connections/{connection}/dns")
    b.sees("是" if language == "zh" else "Yes")

    # What has a word typed is done once it is.
    b.menu("对等连接")
    row = b.page.locator("main tbody tr").first
    row.get_by_text(b.word("操作"), exact=True).last.click()
    b.click("删除对等连接", row)
    b.click("删除")
    b.alert("delete")
    b.page.get_by_label("请输入delete以确认" if language == "zh" else "To confirm, type delete", exact=True).fill("delete")
    b.click("取消")
    a.menu("网络 ACL")
    for reader in (a, b):
        reader.axe()
        reader.well()
