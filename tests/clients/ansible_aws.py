"""Ansible's modules for AWS, as a playbook uses them: aws.yml beside this file."""

import os
import subprocess
import sys

from lab import Lab

lab = Lab()
key = lab.accounts["A"]
folder = os.path.dirname(os.path.abspath(__file__))
place = os.path.dirname(sys.executable)
environment = {
    **os.environ, "AWS_ACCESS_KEY_ID": key["access_key_id"], "AWS_SECRET_ACCESS_KEY": key["access_key_secret"],
    "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{lab.listen}", "PEERLAB_LAB": lab.name, "HOME": "/run",
    "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_PYTHON_INTERPRETER": sys.executable, "ANSIBLE_NOCOLOR": "1",
}
program = os.path.join(place, "ansible-playbook")
ran = subprocess.run([sys.executable, program, "-i", "localhost,", "-c", "local", "aws.yml"], cwd=folder, env=environment)
sys.exit(ran.returncode)
