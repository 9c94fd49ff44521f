"""Alibaba Cloud's two generations of Python SDKs behind one call, with their own classes for each request."""

import importlib
import json
import os
import re

import npm
import shapes
from lab import Refused

PRODUCTS = {
    "Vpc": ("aliyunsdkvpc.request.v20160428", "alibabacloud_vpc20160428"),
    "Ecs": ("aliyunsdkecs.request.v20140526", "alibabacloud_ecs20140526"),
    "VpcPeer": (None, "alibabacloud_vpcpeer20220101"),
}


class Before:
    """aliyun-python-sdk-core: HMAC-SHA1."""

    def __init__(self, lab, account, region, secret=None):
        from aliyunsdkcore.client import AcsClient

        key = lab.accounts[account]
        self.region = region
        self.client = AcsClient(key["access_key_id"], secret or key["access_key_secret"], region)
        self.point(lab.listen)

    def point(self, listen):
        for product in ["Vpc", "Ecs"]:
            self.client.add_endpoint(self.region, product, listen)

    def call(self, product, action, **parameters):
        from aliyunsdkcore.acs_exception.exceptions import ServerException

        package, _ = PRODUCTS[product]
        request = getattr(importlib.import_module(f"{package}.{action}Request"), f"{action}Request")()
        request.set_accept_format("json")
        for name, value in parameters.items():
            setter = getattr(request, f"set_{name}", None) or getattr(request, f"set_{name}s", None)
            if setter:
                setter(value)
            else:
                request.add_query_param(name, value)
        try:
            reply = json.loads(self.client.do_action_with_exception(request))
        except ServerException as error:
            raise Refused(error.error_code, error.http_status) from error
        shapes.alibaba(product, action, reply)
        return reply


class Proxied(Before):
    """The same without a word of an endpoint: the server is the HTTP proxy, as for `aliyuncli` and Ansible, which are made of it."""

    def point(self, listen):
        os.environ.update(http_proxy=f"http://{listen}", no_proxy="")


class Today:
    """alibabacloud_vpc20160428 and its siblings: ACS3-HMAC-SHA256."""

    def __init__(self, lab, account, region, secret=None):
        from alibabacloud_tea_openapi.models import Config

        key = lab.accounts[account]
        self.region = region
        self.clients = {}
        for product, (_, package) in PRODUCTS.items():
            config = Config(
                access_key_id=key["access_key_id"],
                access_key_secret=secret or key["access_key_secret"],
                endpoint=lab.listen,
                protocol="http",
                region_id=region,
            )
            self.clients[product] = importlib.import_module(f"{package}.client").Client(config)

    def call(self, product, action, **parameters):
        _, package = PRODUCTS[product]
        models = importlib.import_module(f"{package}.models")
        request = getattr(models, f"{action}Request")()
        known = set(inspect_keys(request))
        sent = {name: value for name, value in parameters.items() if name in known}
        if "RegionId" in known:
            sent.setdefault("RegionId", self.region)
        request.from_map(sent)
        method = getattr(self.clients[product], snake(action))
        try:
            reply = method(request)
        except Exception as error:  # two classes, by the version of its core
            code = getattr(error, "code", None)
            if code is None:
                raise
            status = getattr(error, "status_code", None) or (getattr(error, "data", None) or {}).get("statusCode")
            raise Refused(code, status) from error
        return reply.body.to_map()


def snake(action):
    """DescribeVSwitches: describe_vswitches, as the SDK has it."""
    text = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", action).lower()
    text = text.replace("v_switch", "vswitch").replace("v_routers", "vrouters")
    return text.replace("ipv4_gateway", "ipv_4gateway")


def inspect_keys(model):
    """The names of a request's parameters: what its from_map looks for."""
    import inspect

    return re.findall(r"m\.get\('([A-Za-z0-9.]+)'\)", inspect.getsource(type(model).from_map))


GENERATIONS = {"before": Before, "before-proxy": Proxied, "today": Today, "before-npm": npm.PopCore, "today-npm": npm.Today}
