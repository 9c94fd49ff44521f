"""Calls of `peerlab serve` and of moto's server: create-route and describe-vpcs, by boto3 and by sockets that replay signed
requests, 1 and 16 at once. scripts/bench-serve runs it."""

import json
import logging
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials

PROGRAM = sys.argv[1]
REGION = "us-east-1"
LAB = "[lab]\nname = \"{name}\"\nprovider = \"aws\"\nquotas = {{ vpcs_per_region = 100 }}\n[account.A]\nid = \"123456789012\"\n"
EACH = {"boto3": 200, "raw": 400}
logging.disable(logging.CRITICAL)


class Target:
    """A server."""

    def __init__(self, name, address, key=("testing", "testing")):
        self.name, self.address, self.key = name, address, key
        self.ec2 = self.client()
        self.vpcs = 0
        self.vpc = self.create_vpc()

    def create_vpc(self):
        self.vpcs += 1
        return self.ec2.create_vpc(CidrBlock=f"10.{self.vpcs}.0.0/16")["Vpc"]["VpcId"]

    def tables(self, count):
        """Empty route tables of a new VPC, each with the peering to which its routes will lead. Each serves a subnet, so that
        its routes are in the kernel."""
        vpc = self.create_vpc()
        peering = self.ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=self.create_vpc())["VpcPeeringConnection"]
        peering = peering["VpcPeeringConnectionId"]
        self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        tables = []
        for number in range(count):
            block = f"10.{self.vpcs - 1}.{number}.0/24"
            subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
            table = self.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            tables.append((table, peering))
        return tables

    def client(self):
        config = botocore.config.Config(retries={"max_attempts": 0}, max_pool_connections=1)
        return boto3.client(
            "ec2", region_name=REGION, endpoint_url=f"http://{self.address}", aws_access_key_id=self.key[0],
            aws_secret_access_key=self.key[1], config=config,
        )

    def signed(self, body):
        """The bytes of a signed request."""
        request = botocore.awsrequest.AWSRequest("POST", f"http://{self.address}/", data=body, headers={
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        })
        credentials = botocore.credentials.Credentials(*self.key)
        botocore.auth.SigV4Auth(credentials, "ec2", REGION).add_auth(request)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        length = len(body.encode())
        return f"POST / HTTP/1.1\r\nhost: {self.address}\r\n{head}content-length: {length}\r\n\r\n{body}".encode()


def destination(number):
    return f"100.{64 + number // 256}.{number % 256}.0/24"


class Boto3:
    def __init__(self, target, action, table):
        self.ec2, self.action = target.client(), action
        self.table, self.peering = table or (None, None)
        self.number = 0
        self.ec2.describe_vpcs()

    def call(self):
        if self.action == "describe-vpcs":
            self.ec2.describe_vpcs()
        else:
            self.number += 1
            self.ec2.create_route(
                RouteTableId=self.table, DestinationCidrBlock=destination(self.number), VpcPeeringConnectionId=self.peering,
            )


class Raw:
    def __init__(self, target, action, table):
        self.address = target.address.split(":")
        self.connect()
        if action == "describe-vpcs":
            self.requests = [target.signed("Action=DescribeVpcs&Version=2016-11-15")] * EACH["raw"]
        else:
            body = "Action=CreateRoute&Version=2016-11-15&RouteTableId={}&DestinationCidrBlock={}&VpcPeeringConnectionId={}"
            block = lambda number: destination(number + 1).replace("/", "%2F")
            table, peering = table
            self.requests = [target.signed(body.format(table, block(number), peering)) for number in range(EACH["raw"])]
        self.requests.reverse()

    def connect(self):
        host, port = self.address
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self):
        self.socket.sendall(self.requests.pop())
        read = b""
        while b"\r\n\r\n" not in read:
            part = self.socket.recv(65536)
            assert part, "closed"
            read += part
        head, body = read.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200"), read
        [length] = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        while len(body) < length:
            part = self.socket.recv(65536)
            assert part, "closed"
            body += part
        # moto's server closes after each reply.
        if b"connection: close" in head.lower():
            self.socket.close()
            self.connect()


def measure(way, targets, action, tables):
    """Calls a second, the median and the 99th percentile in ms, of a client for each of the targets."""
    clients = [{"boto3": Boto3, "raw": Raw}[way](target, action, table) for target, table in zip(targets, tables)]
    each = EACH[way] if len(clients) == 1 else EACH[way] // 4
    times, failed = [], []
    start = threading.Barrier(len(clients) + 1)

    def work(client):
        start.wait()
        own = []
        try:
            for _ in range(each):
                begun = time.perf_counter()
                client.call()
                own.append(time.perf_counter() - begun)
        except BaseException as error:
            failed.append(error)
        times.extend(own)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if failed:
        raise failed[0]
    times.sort()
    return len(times) / took, statistics.median(times) * 1000, times[int(len(times) * 0.99)] * 1000


def peerlab(*words):
    ran = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def up(name):
    with open(f"/run/{name}.toml", "w", encoding="utf-8") as file:
        file.write(LAB.format(name=name))
    peerlab("up", f"/run/{name}.toml", "--no-verify")


def started(command, log):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)


def wait_for(address):
    host, port = address.split(":")
    for _ in range(1200):
        try:
            return socket.create_connection((host, int(port))).close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{address} does not listen")


def memory(process):
    status = open(f"/proc/{process.pid}/status", encoding="utf-8").read()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main():
    up("bench")
    names = [f"bench-{number}" for number in range(16)]
    for name in names:
        up(name)
    log = open("/run/serve.log", "w", encoding="utf-8")
    server = started([PROGRAM, "serve", "--listen", "127.0.0.1:8001", "--json"], log)
    served = json.loads(server.stdout.readline())
    keys = {lab["lab"]: lab["accounts"][0] for lab in served["labs"]}
    key = lambda name: (keys[name]["access_key_id"], keys[name]["access_key_secret"])
    moto = started([os.path.join(os.path.dirname(sys.executable), "python"), "-m", "moto.server", "-p", "8002"], subprocess.DEVNULL)
    wait_for("127.0.0.1:8002")
    targets = [Target("peerlab", "127.0.0.1:8001", key("bench")), Target("moto", "127.0.0.1:8002")]
    print(f"{'':34}{'calls/s':>9}{'median ms':>11}{'p99 ms':>9}   of moto")
    for action in ["describe-vpcs", "create-route"]:
        for way in ["boto3", "raw"]:
            for count in [1, 16]:
                rates = {}
                for target in targets[::-1]:
                    tables = target.tables(count) if action == "create-route" else [None] * count
                    rates[target.name], median, last = measure(way, [target] * count, action, tables)
                    share = f"{rates['peerlab'] / rates['moto']:9.1f} ×" if target.name == "peerlab" else ""
                    name = f"{action} {way} {count} {target.name}"
                    print(f"{name:34}{rates[target.name]:9.0f}{median:11.2f}{last:9.2f}{share}", flush=True)
    labs = [Target(name, "127.0.0.1:8001", key(name)) for name in names]
    rate, median, last = measure("raw", labs, "create-route", [lab.tables(1)[0] for lab in labs])
    print(f"{'create-route raw 16 on 16 labs':34}{rate:9.0f}{median:11.2f}{last:9.2f}", flush=True)
    in_server = {}
    for line in open("/run/serve.log", encoding="utf-8"):
        call = json.loads(line)
        in_server.setdefault(call.get("action"), []).append(call.get("ms", 0))
    for action in ["DescribeVpcs", "CreateRoute"]:
        print(f"{action} in the server, median of all: {statistics.median(in_server[action]):.2f} ms")
    target = targets[0]
    subnet = target.ec2.create_subnet(VpcId=target.vpc, CidrBlock="10.1.16.0/20")["Subnet"]["SubnetId"]
    for _ in range(10):
        target.ec2.run_instances(MinCount=100, MaxCount=100, SubnetId=subnet)
    begun = time.perf_counter()
    found = target.ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 1000}).build_full_result()
    took = time.perf_counter() - begun
    count = sum(len(it["Instances"]) for it in found["Reservations"])
    print(f"{count} instances: {memory(server):.0f} MB; describe-instances of all by boto3: {took:.2f} s")
    server.terminate()
    moto.terminate()
    server.wait()
    subprocess.run([PROGRAM, "down", "--all"], capture_output=True)


main()
