#: what = "Learns what the host is called."
#: attacks = "host-name"
import os

from attack import TARGETS, harm, tried

if os.uname().nodename == TARGETS["host_name"]:
    harm("the name of the host")
tried("another name", __import__("socket").sethostname, "mine")
