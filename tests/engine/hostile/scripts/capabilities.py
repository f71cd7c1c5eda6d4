#: what = "Uses rights of root inside its namespaces."
#: attacks = "capabilities"
import os
import socket

from attack import harm, tried

with open("/proc/self/status") as file:
    facts = dict(line.split(":\t", 1) for line in file if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(facts[name], 16):
        harm(f"{name} is {facts[name].strip()}")
if facts["NoNewPrivs"].strip() != "1":
    harm("it may gain privileges")
tried("a port of root's", socket.create_server, ("127.0.0.1", 80))
tried("becoming root", os.setresuid, 0, 0, 0)
