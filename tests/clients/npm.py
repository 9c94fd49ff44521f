"""The providers' clients from npm behind the same calls as those from PyPI: one Node process speaks for all of them."""

import importlib
import itertools
import json
import os
import pathlib
import subprocess
import sys

import shapes
from lab import Refused

BESIDE = pathlib.Path(sys.executable).parent
NODE = BESIDE / "node"
MODULES = {"NODE_PATH": str(BESIDE.parent / "npm/node_modules"), "NODE_NO_WARNINGS": "1"}
NUMBERS = itertools.count()


class Node:
    """The process, once the first client is made."""

    process = None

    @classmethod
    def asks(cls, **request):
        if cls.process is None:
            script = pathlib.Path(__file__).with_suffix(".cjs")
            cls.process = subprocess.Popen(
                [NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **MODULES},
            )
        cls.process.stdin.write(json.dumps(request) + "\n")
        cls.process.stdin.flush()
        answer = json.loads(cls.process.stdout.readline())
        if "error" in answer:
            raise Refused(answer["error"]["code"], answer["error"]["status"])
        assert "reply" in answer, answer["broken"]
        return answer["reply"], answer.get("sent")


class Npm:
    """A client of a kind, with an account's key."""

    kind = None

    def __init__(self, lab, account, region=None, secret=None, id=None):
        key = lab.accounts[account]
        self.region, self.number = region, next(NUMBERS)
        Node.asks(
            client=self.number, kind=self.kind, listen=lab.listen, region=region,
            key=id or key["access_key_id"], secret=secret or key["access_key_secret"],
        )

    def asks(self, service, action, parameters, **more):
        """What the client reads of the reply, and what it received."""
        return Node.asks(client=self.number, service=service, action=action, parameters=parameters, **more)


class PopCore(Npm):
    kind = "pop-core"

    def call(self, product, action, **parameters):
        reply, _ = self.asks(product, action, {"RegionId": self.region, **parameters})
        shapes.alibaba(product, action, reply)
        return reply


class Today(Npm):
    kind = "today"

    def call(self, product, action, **parameters):
        reply, sent = self.asks(product, action, parameters)
        shapes.same(action, sent, reply)
        return reply


class Aws(Npm):
    kind = "aws"

    def call(self, action, service="ec2", **parameters):
        reply, sent = self.asks(service, action, parameters)
        shapes.aws_bytes(service, action, sent)
        return reply

    def wait(self, waiter, **parameters):
        """The SDK's own waiter."""
        self.asks("ec2", None, parameters, waiter="".join(word.capitalize() for word in waiter.split("_")))


def named(service, action, required):
    """What is required, by the names that the SDK's class in Python has for it."""
    module = importlib.import_module(f"jdcloud_sdk.services.{service}.apis.{action}Request")
    given = vars(getattr(module, f"{action}Parameters")(*required))
    return {name: value for name, value in given.items() if value is not None}


class JdCloud(Npm):
    kind = "jdcloud"

    def call(self, service, action, optional=None, *required):
        reply, _ = self.asks(service, action, {**named(service, action, required), **(optional or {})})
        shapes.jdcloud(service, action, reply)
        return reply
