#: what = "Talks to services on the host's loopback, and to other machines."
#: attacks = "network"
import socket

from attack import TARGETS, harm, tried

tried("the host's loopback", socket.create_connection, ("127.0.0.1", TARGETS["port"]), 2)
tried("another machine", socket.create_connection, ("192.0.2.1", 80), 2)
with open("/proc/net/dev") as file:
    names = {line.split(":")[0].strip() for line in file.readlines()[2:]}
if names != {"lo"}:
    harm(f"it has {names}")
