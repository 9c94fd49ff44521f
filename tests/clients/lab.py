"""What the scripts here share: the lab that is served, peerlab beside the server, and expectations."""

import json
import os
import subprocess
import sys


class Lab:
    """The first lab of what `peerlab serve --json` printed."""

    def __init__(self):
        served = json.loads(sys.argv[1])
        self.listen = served["listen"].removeprefix("http://")
        lab = served["labs"][0]
        self.name = lab["lab"]
        self.accounts = {account["account"]: account for account in lab["accounts"]}

    def peerlab(self, *words, exit=0):
        """Runs peerlab beside the server; its standard output."""
        ran = subprocess.run([os.environ["PEERLAB"], *words, "--lab", self.name], capture_output=True, text=True)
        assert ran.returncode == exit, f"peerlab {' '.join(words)}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def pings(self, sender, target, answered=True):
        """Sends real pings."""
        self.peerlab("ping", sender, target, "-c", "1", exit=0 if answered else 1)


class Refused(Exception):
    """The provider's error, as a client reports it."""

    def __init__(self, code, status):
        super().__init__(f"{code} ({status})")
        self.code, self.status = code, status


def refuses(code, work, *words, **parameters):
    """Expects a refusal."""
    try:
        done = work(*words, **parameters)
    except Refused as refused:
        assert refused.code == code, f"{refused}, not {code}"
        return refused
    raise AssertionError(f"not refused: {done}")
