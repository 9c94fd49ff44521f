"""JD Cloud's Python SDK behind one call, with its own classes for each request."""

import importlib
import re

from jdcloud_sdk.core.config import Config
from jdcloud_sdk.core.credential import Credential
from jdcloud_sdk.core.logger import Logger
import npm
from lab import Refused


class Client:
    def __init__(self, lab, account, secret=None):
        key = lab.accounts[account]
        credential = Credential(key["access_key_id"], secret or key["access_key_secret"])
        config, quiet = Config(lab.listen, "http"), Logger(0)
        from jdcloud_sdk.services.vm.client.VmClient import VmClient
        from jdcloud_sdk.services.vpc.client.VpcClient import VpcClient

        self.clients = {"vpc": VpcClient(credential, config, quiet), "vm": VmClient(credential, config, quiet)}

    def call(self, service, action, optional=None, *required, **more):
        """A call with the SDK's own classes: required parameters by place, others by their setters."""
        module = importlib.import_module(f"jdcloud_sdk.services.{service}.apis.{action}Request")
        parameters = getattr(module, f"{action}Parameters")(*required)
        for name, value in (optional or {}).items():
            getattr(parameters, "set" + name[0].upper() + name[1:])(value)
        reply = self.clients[service].send(getattr(module, f"{action}Request")(parameters))
        if reply.error is not None:
            raise Refused(re.split(":", reply.error.message)[0], reply.error.code)
        return reply.result


def filters(**values):
    return {"filters": [{"name": name, "values": value} for name, value in values.items()]}


CLIENTS = {"python": Client, "npm": npm.JdCloud}
