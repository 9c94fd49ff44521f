"""JD Cloud's Python SDK, its CLI and its client from npm behind one call."""

import contextlib
import importlib
import io
import json
import os
import re

from jdcloud_sdk.core.config import Config
from jdcloud_sdk.core.credential import Credential
from jdcloud_sdk.core.logger import Logger
import npm
import shapes
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
        shapes.jdcloud(service, action, reply.result)
        return reply.result


def filters(**values):
    return {"filters": [{"name": name, "values": value} for name, value in values.items()]}


class Jdc:
    """`jdc` with an account's profile: what the program does, in this process, with the services that are needed here."""

    def __init__(self, lab, account, secret=None):
        key = lab.accounts[account]
        self.home = f"/run/jdc-{account}-{secret}"
        os.makedirs(self.home, exist_ok=True)
        self.run(
            "configure", "add", "--profile", account, "--access-key", key["access_key_id"], "--secret-key",
            secret or key["access_key_secret"], "--region-id", "cn-north-1", "--endpoint", lab.listen, "--scheme", "http",
        )
        self.run("configure", "use", "--profile", account)

    def run(self, *words):
        from jdcloud_cli.controllers.configure_controller import ConfigureController
        from jdcloud_cli.controllers.services.vm import VmController
        from jdcloud_cli.controllers.services.vpc import VpcController
        from jdcloud_cli.jdc import JDC

        os.environ["HOME"] = self.home
        with contextlib.redirect_stdout(io.StringIO()) as out, JDC(argv=list(words)) as app:
            for controller in [ConfigureController, VmController, VpcController]:
                app.handler.register(controller)
            app.run()
        return out.getvalue()

    def call(self, service, action, optional=None, *required):
        kebab = lambda name: re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        words = [service, kebab(action)]
        for name, value in {**npm.named(service, action, required), **(optional or {})}.items():
            words += [f"--{kebab(name)}", value if isinstance(value, str) else json.dumps(value)]
        reply = json.loads(self.run(*words))
        if reply["error"]:
            raise Refused(re.split(":", reply["error"]["message"])[0], reply["error"]["code"])
        shapes.jdcloud(service, action, reply["result"])
        return reply["result"]


CLIENTS = {"python": Client, "npm": npm.JdCloud, "jdc": Jdc}
