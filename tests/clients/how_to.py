"""Runs every block of Python and JavaScript in docs/how-to/sdk.md, with a key and an address that exist; of AWS, those of
its CLI too.

how_to.py SERVED PAGE BLOCKS
"""

import os
import re
import subprocess
import sys
import tempfile

from lab import Lab
from npm import MODULES, NODE

lab = Lab()
page, provider = sys.argv[2:4]
key = lab.accounts["A"]
OF = {"aws": ("boto3", "@aws-sdk"), "jdcloud": ("jdcloud_sdk", "jdcloud-sdk-js"), "alibaba": ("ali", "@alicloud")}


def blocks_of(language, sign):
    """The page's blocks in a language that have a word of the provider's, as they run here."""
    blocks = re.findall(rf"```{language}\n(.*?)```", open(page, encoding="utf-8").read(), re.S)
    wanted = [block for block in blocks if sign in block]
    assert wanted, blocks
    for block in wanted:
        for shown, real in [
            ("127.0.0.1:8765", lab.listen), ("LTAI5tA", key["access_key_id"]), ("JDC_A", key["access_key_id"]),
            ("AKIAA", key["access_key_id"]), ("not-a-secret", key["access_key_secret"]),
        ]:
            block = block.replace(shown, real)
        yield block


for block in blocks_of("python", OF[provider][0]):
    printed = []
    exec(compile(block, page, "exec"), {"print": printed.append})
    assert len(printed) == 1 and "vpc" in str(printed[0]).lower(), printed
for block in blocks_of("js", OF[provider][1]):
    ran = subprocess.run([NODE, "-"], input=block, capture_output=True, text=True, env={**os.environ, **MODULES})
    assert ran.returncode == 0 and "vpc-" in ran.stdout, f"{block}\n{ran.stdout}{ran.stderr}"


def shell(block, folder):
    """Runs a block with peerlab and aws in front of the PATH; peerlab says where the server really listens."""
    programs = {
        "peerlab": f'"$PEERLAB" "$@" | sed "s/127.0.0.1:8765/{lab.listen}/g"',
        "aws": f'exec "{sys.executable}" "{os.path.join(os.path.dirname(sys.executable), "aws")}" "$@"',
    }
    for name, text in programs.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(path, 0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": folder}
    ran = subprocess.run(["sh", "-e", "-c", block], capture_output=True, text=True, cwd=folder, env=environment)
    assert ran.returncode == 0, f"{block}\n{ran.stdout}{ran.stderr}"
    assert "vpc-" in ran.stdout and "subnet-" in ran.stdout or key["id"] in ran.stdout, ran.stdout


if provider == "aws":
    blocks = re.findall(r"runs it, beside a server -->\n```sh\n(.*?)```", open(page, encoding="utf-8").read(), re.S)
    assert len(blocks) == 2, blocks
    for block in blocks:
        with tempfile.TemporaryDirectory() as folder:
            shell(block, folder)
