"""Ansible's modules for a provider, as a playbook uses them: aws.yml, alibaba.yml beside this file.

playbook.py SERVED PROVIDER
"""

import os
import subprocess
import sys

from lab import Lab

lab = Lab()
provider = sys.argv[2]
key = lab.accounts["A"]
id, secret, address = key["access_key_id"], key["access_key_secret"], f"http://{lab.listen}"
folder = os.path.dirname(os.path.abspath(__file__))
place = os.path.dirname(sys.executable)
OF_PROVIDERS = {
    "aws": {"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": address},
    # ansible-alicloud has no option for the endpoint.
    "alibaba": {
        "ALICLOUD_ACCESS_KEY": id, "ALICLOUD_SECRET_KEY": secret, "ALICLOUD_REGION": "cn-beijing",
        "http_proxy": address, "no_proxy": "",
    },
}
environment = {
    **os.environ, **OF_PROVIDERS[provider], "PEERLAB_LAB": lab.name, "HOME": "/run",
    "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_PYTHON_INTERPRETER": sys.executable, "ANSIBLE_NOCOLOR": "1",
}
program = os.path.join(place, "ansible-playbook")
ran = subprocess.run([sys.executable, program, "-i", "localhost,", "-c", "local", f"{provider}.yml"], cwd=folder, env=environment)
sys.exit(ran.returncode)
