"""boto3 and the AWS CLI behind one call; every reply is held against botocore's own model."""

import contextlib
import io
import json
import os
import re

import boto3
import botocore.config
import botocore.exceptions

import npm
import shapes
from lab import Refused

FEW = botocore.config.Config(retries={"max_attempts": 1})


class Boto:
    """boto3 with an account's key."""

    def __init__(self, lab, account, region, secret=None, id=None):
        key = lab.accounts[account]
        self.region = region
        self.session = boto3.Session(
            aws_access_key_id=id or key["access_key_id"],
            aws_secret_access_key=secret or key["access_key_secret"],
            region_name=region,
        )
        self.listen, self.clients = lab.listen, {}

    def client(self, service="ec2"):
        if service not in self.clients:
            made = self.session.client(service, endpoint_url=f"http://{self.listen}", config=FEW)
            made.meta.events.register(f"before-parse.{service}", shapes.aws)
            self.clients[service] = made
        return self.clients[service]

    def call(self, action, service="ec2", **parameters):
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
        try:
            reply = getattr(self.client(service), snake)(**parameters)
        except botocore.exceptions.ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise Refused(error.response["Error"]["Code"], status) from error
        reply.pop("ResponseMetadata", None)
        return reply

    def wait(self, waiter, **parameters):
        """The SDK's own waiter, which must be content at its first look."""
        self.client().get_waiter(waiter).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 1}, **parameters)


class Cli:
    """The AWS CLI with a profile of `peerlab credentials --format aws`."""

    def __init__(self, lab, account, region, secret=None, id=None):
        self.region = region
        profiles = lab.peerlab("credentials", "--format", "aws", "--listen", lab.listen)
        if secret:
            profiles = profiles.replace(lab.accounts[account]["access_key_secret"], secret)
        if id:
            profiles = profiles.replace(lab.accounts[account]["access_key_id"], id)
        self.file = f"/run/aws-{account}-{region}-{secret}-{id}.ini"
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(profiles)
        self.words = ["--profile", account, "--region", region, "--output", "json"]
        self.driver = None

    def run(self, *words):
        """What the program `aws` does, in this process, which has read the models already."""
        from awscli.clidriver import create_clidriver

        os.environ.update(AWS_CONFIG_FILE=self.file, AWS_SHARED_CREDENTIALS_FILE="/dev/null")
        self.driver = self.driver or create_clidriver()
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            code = self.driver.main([*words, *self.words])
        if any(word.startswith("modify-") for word in words):
            self.driver = None  # its handlers of these commands fail at the next one
        return code, out.getvalue(), err.getvalue()

    def call(self, action, service="ec2", **parameters):
        kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", action).lower()
        code, out, err = self.run(service, kebab, "--cli-input-json", json.dumps(parameters))
        if code:
            found = re.search(r"An error occurred \(([\w.]+)\)", err)
            assert found, err
            raise Refused(found[1], None)
        return json.loads(out) if out.strip() else {}

    def wait(self, waiter, **parameters):
        code, _, err = self.run("ec2", "wait", waiter.replace("_", "-"), "--cli-input-json", json.dumps(parameters))
        assert code == 0, f"{waiter}: {err}"


CLIENTS = {"boto3": Boto, "aws": Cli, "npm": npm.Aws}


def tags(kind, **pairs):
    """The tags of a create."""
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}]


def filters(**values):
    """Filters by name, with `_` for `-` and `__` for `.`."""
    name = lambda text: text.replace("__", ".").replace("_", "-")
    return [{"Name": name(key), "Values": value if isinstance(value, list) else [value]} for key, value in values.items()]
