#: what = "Talks to a service on a socket that has no file."
#: attacks = "network"
import socket

from attack import TARGETS, tried

tried("it", socket.socket(socket.AF_UNIX).connect, "\0" + TARGETS["abstract"])
