#: what = "Opens sockets of families that reach the kernel or other machines."
#: attacks = "sockets"
import socket

from attack import tried

FAMILIES = {
    "NETLINK": 16,
    "PACKET": 17,
    "KEY": 15,
    "ALG": 38,
    "VSOCK": 40,
    "XDP": 44,
    "QIPCRTR": 42,
}
for name, number in FAMILIES.items():
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        tried(f"{name} {int(kind)}", socket.socket, number, kind)
