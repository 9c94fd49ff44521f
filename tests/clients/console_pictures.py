"""The pictures of the console in the docs: `console_pictures.py SERVED FOLDER`."""

import sys
from pathlib import Path

from console_reader import Chromium, Reader, words
from lab import Lab

words("""
账号类型 | Account
跨账号 | Different Account
立即购买 | Buy Now
""")

lab = Lab()
folder = Path(sys.argv[2])
link = {name: account["console"] for name, account in lab.accounts.items()}

with Chromium() as chromium:
    # Why a ping fails, with the packets that show it.
    a = Reader(chromium, link["A"], "en")
    a.go("/network?from=ecs-a&to=ecs-b&packets=ecs-a")
    a.sees("ingress-security-group")
    while "echo request" not in a.page.locator("#packet-lines").inner_text():
        lab.pings("ecs-a", "ecs-b", answered=False)
    a.page.screenshot(path=folder / "console.png")
    # A form that was refused, in Chinese.
    b = Reader(chromium, link["B"], "zh")
    b.go("/ec/vpc-to-vpc/new")
    b.choose("账号类型", "跨账号")
    b.click("立即购买")
    b.alert()
    b.page.screenshot(path=folder / "console-form.png")
    # On a phone, dark.
    phone = Reader(chromium, None, "en", width=390, theme="dark", context=None)
    phone.context.add_cookies(a.context.cookies())
    phone.page.goto(a.base + "/ec/vpc-to-vpc")
    phone.sees("Activated")
    phone.page.screenshot(path=folder / "console-phone.png")
    for reader in (a, b, phone):
        reader.well()
