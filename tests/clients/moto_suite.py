"""A plugin of pytest, by which moto's own tests run against `peerlab serve`: scripts/moto-suite.

Moto's tests know a mode in which a server answers them (TEST_SERVER_MODE). Here that server is peerlab's, and each test has a lab
of its own: an account with a default VPC in the region that the test names first. So tests that moto skips with a server, because
others may have left something there, run too.
"""

import inspect
import json
import os
import re
import subprocess

import botocore.credentials
import pytest

PEERLAB = os.environ["PEERLAB"]
LAB = """
[lab]
name = "moto"
provider = "aws"

[account.A]
id = "123456789012"
access_key = {{ id = "AKIA123456789012", secret = "FOOBARSECRET" }}
default_vpc = true
region = "{region}"
"""
# The other accounts of its tests, which tell by a variable of moto's whose call is next.
for name, id in [("B", "111111111111"), ("C", "222222222222")]:
    LAB += f'[account.{name}]\nid = "{id}"\naccess_key = {{{{ id = "AKIA{id}", secret = "FOOBARSECRET" }}}}\n'


def credentials(_):
    return botocore.credentials.ReadOnlyCredentials(f"AKIA{os.environ.get('MOTO_ACCOUNT_ID', '123456789012')}", "FOOBARSECRET", None)


def peerlab(*words):
    subprocess.run([PEERLAB, *words], check=True, capture_output=True, text=True)


def pytest_configure(config):
    config.server = subprocess.Popen(
        [PEERLAB, "serve", "--listen", "127.0.0.1:0", "--json"],
        stdout=subprocess.PIPE, stderr=open("/run/serve.log", "w"), text=True,
    )
    listen = json.loads(config.server.stdout.readline())["listen"]
    os.environ.update(TEST_SERVER_MODE="true", TEST_SERVER_MODE_ENDPOINT=listen, MOTO_CALL_RESET_API="false", AWS_ENDPOINT_URL=listen)
    import moto.settings
    from moto import mock_aws  # of a server from here on

    moto.settings.TEST_SERVER_MODE = False
    botocore.credentials.Credentials.get_frozen_credentials = credentials


def pytest_unconfigure(config):
    config.server.terminate()
    config.server.wait()


def region(test):
    """The region that a test names first."""
    found = re.search(r"\"((?:us|eu|ap|sa|ca)-[a-z]+-\d)\"", inspect.getsource(test.function))
    return found[1] if found else "us-east-1"


@pytest.fixture(autouse=True)
def lab(request):
    with open("/run/moto.toml", "w") as file:
        file.write(LAB.format(region=region(request.node)))
    peerlab("up", "/run/moto.toml", "--no-verify")
    yield
    peerlab("down", "moto")
