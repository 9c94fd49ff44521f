"""Replies beside the models of the clients' own SDKs: what no model has, and what has another type, no client complains of."""

import functools
import importlib
import inspect
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

import botocore.session

PRODUCTS = {"Vpc": "alibabacloud_vpc20160428", "Ecs": "alibabacloud_ecs20140526", "VpcPeer": "alibabacloud_vpcpeer20220101"}
# What older models of Alibaba Cloud had and today's have no more; clients of the former generation read them.
FORMER = {"InstanceId", "NextHopType", "Code", "Success"}


def alibaba(product, action, reply):
    """Alibaba Cloud's: every member of a reply is in the model of today's SDK, with its type."""
    body = getattr(importlib.import_module(f"{PRODUCTS[product]}.models"), f"{action}ResponseBody", None)
    if body is not None:
        body = body()
        body.from_map(reply)
        same(action, reply, body.to_map())


def same(place, sent, read):
    """What a client reads is all that was sent."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            if value is None or value == [] or name in FORMER and name not in read:
                continue
            assert name in read, f"{place}.{name} is in no model"
            same(f"{place}.{name}", value, read[name])
    elif isinstance(sent, list):
        assert isinstance(read, list) and len(read) == len(sent), f"{place}: {sent} was read as {read}"
        for one, other in zip(sent, read):
            same(place, one, other)
    else:
        assert sent == read, f"{place}: {sent!r} was read as {read!r}"


@functools.cache
def results(service):
    """JD Cloud's: the members of each action's result, with their types, as its client for JavaScript documents them."""
    npm = pathlib.Path(sys.executable).parent.parent / "npm/node_modules"
    text = (npm / f"jdcloud-sdk-js/src/repo/{service}/v1/{service}.js").read_text(encoding="utf-8")
    documented = re.findall(r"/\*\*((?:(?!\*/).)*)\*/\s*(\w+) \(\s*opts", text, re.DOTALL)
    members = lambda told: told.partition("@return {Object} result")[2]
    return {action: {name: kind for kind, name in re.findall(r"@param (\w+) (\w+)", members(told))} for told, action in documented}


# The classes of members whose names do not say them.
CLASSES = {
    "vpcInfo": "VpcPeeringVpcInfo",
    "remoteVpcInfo": "VpcPeeringVpcInfo",
    "primaryNetworkInterface": "InstanceNetworkInterfaceAttachment",
    "networkInterface": "InstanceNetworkInterface",
    "primaryIp": "NetworkInterfacePrivateIp",
    "securityGroups": "SecurityGroupSimple",
}
KINDS = {"string": str, "number": int, "integer": int, "boolean": bool}


def jdcloud(service, action, reply):
    """JD Cloud's: every member is in the result of the action, or in the class of its Python SDK."""
    known = results(service).get(action[0].lower() + action[1:])
    for name, value in (reply or {}).items():
        place = f"{action}.{name}"
        # The client for JavaScript is older, and has no NAT gateways.
        assert known is None or name in known, f"{place} is in no model"
        kind = (known or {}).get(name, "object")
        if kind in KINDS:
            assert all(type(it) is KINDS[kind] for it in (value if isinstance(value, list) else [value])), f"{place}: {value!r}"
        else:
            in_class(place, service, class_of(service, name) if kind == "object" else kind, value)


def class_of(service, member):
    """The class of a member, by its name."""
    known = [member, member.removesuffix("s"), member.removesuffix("es")]
    return CLASSES.get(member) or next((name for name in known if name.lower() in classes(service)), member)


def in_class(place, service, name, value):
    """A value, or each of a list, has the members of a class."""
    for it in value if isinstance(value, list) else [value]:
        if not isinstance(it, dict):
            assert not isinstance(it, list), f"{place}: {value!r}"
            continue
        members = classes(service).get(name.lower())
        assert members is not None, f"{place} has no class {name}"
        for member, inner in it.items():
            assert member in members, f"{place}.{member} is in no model"
            in_class(f"{place}.{member}", service, class_of(service, member), inner)


@functools.cache
def classes(service):
    """The members of each class of a service, by its name in small letters."""
    folder = pathlib.Path(importlib.import_module(f"jdcloud_sdk.services.{service}.models").__file__).parent
    found = {}
    for file in folder.glob("[A-Z]*.py"):
        made = getattr(importlib.import_module(f"jdcloud_sdk.services.{service}.models.{file.stem}"), file.stem)
        found[file.stem.lower()] = set(inspect.signature(made).parameters)
    return found


@functools.cache
def model(service):
    return botocore.session.Session().get_service_model(service)


def aws_bytes(service, action, body):
    """AWS's, as a client from npm received them: it is made of the same model as botocore."""
    aws(model(service).operation_model(action), {"status_code": 200, "body": body.encode()})


def aws(operation_model, response_dict, **_):
    """AWS's, which are bytes here: every element of a reply is a member of the model's shape, by its name on the wire, and reads as its type."""
    shape, body = operation_model.output_shape, response_dict["body"]
    if response_dict["status_code"] >= 300 or shape is None:
        return
    if operation_model.service_model.protocol == "json":
        compare_json(operation_model.name, json.loads(body), shape)
        return
    root = tree.fromstring(body)
    if operation_model.service_model.protocol == "query":
        root = next(it for it in root if tag(it).endswith("Result"))
    compare_xml(operation_model.name, root, shape)


def tag(element):
    return element.tag.split("}")[-1]


def compare_xml(place, element, shape):
    if shape.type_name == "structure":
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for child in element:
            name = tag(child)
            if name in ("requestId", "return") and name not in members:
                continue
            assert name in members, f"{place}.{name} is in no model"
            compare_xml(f"{place}.{name}", child, members[name])
    elif shape.type_name == "list":
        wanted = shape.member.serialization.get("name", "item")
        for child in element:
            assert tag(child) == wanted, f"{place}: {tag(child)}, not {wanted}"
            compare_xml(place, child, shape.member)
    else:
        compare_text(place, element.text or "", shape)


def compare_text(place, text, shape):
    kind = shape.type_name
    if kind == "boolean":
        assert text in ("true", "false"), f"{place}: {text}"
    elif kind in ("integer", "long"):
        int(text)
    elif kind == "timestamp":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text), f"{place}: {text}"
    elif place.endswith("internetGatewaySet.attachmentSet.state"):
        # The reference says so, of internet gateways, and the model does not.
        assert text == "available", text
    elif getattr(shape, "enum", None) and text:
        assert text in shape.enum, f"{place}: {text} is none of {shape.enum}"


def compare_json(place, value, shape):
    kind = shape.type_name
    if kind == "structure":
        for name, member in value.items():
            assert name in shape.members, f"{place}.{name} is in no model"
            compare_json(f"{place}.{name}", member, shape.members[name])
    elif kind == "list":
        for member in value:
            compare_json(place, member, shape.member)
    elif kind == "map":
        for member in value.values():
            compare_json(place, member, shape.value)
    elif kind in ("integer", "long", "float", "double", "timestamp"):
        assert isinstance(value, (int, float)), f"{place}: {value!r}"
    elif kind == "boolean":
        assert isinstance(value, bool), f"{place}: {value!r}"
    elif kind == "string":
        assert isinstance(value, str), f"{place}: {value!r}"
        assert not getattr(shape, "enum", None) or not value or value in shape.enum, f"{place}: {value}"
