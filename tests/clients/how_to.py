"""Runs every block of Python in docs/how-to/sdk.md, with a key and an address that exist.

how_to.py SERVED PAGE BLOCKS
"""

import re
import sys

from lab import Lab

lab = Lab()
page, provider = sys.argv[2:4]
key = lab.accounts["A"]
blocks = re.findall(r"```python\n(.*?)```", open(page, encoding="utf-8").read(), re.S)
wanted = [block for block in blocks if ("jdcloud_sdk" in block) == (provider == "jdcloud")]
assert wanted, blocks
for block in wanted:
    for shown, real in [
        ("127.0.0.1:8765", lab.listen), ("LTAI5tA", key["access_key_id"]), ("JDC_A", key["access_key_id"]),
        ("not-a-secret", key["access_key_secret"]),
    ]:
        block = block.replace(shown, real)
    printed = []
    exec(compile(block, page, "exec"), {"print": printed.append})
    assert len(printed) == 1 and "vpc" in str(printed[0]).lower(), printed
print(f"{len(wanted)} blocks run")
