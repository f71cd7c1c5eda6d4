#: what = "Has the kernel load protocols that nobody uses."
#: attacks = "sockets"
import socket

from attack import tried

for kind, protocol in ((1, 132), (5, 132), (1, 262), (2, 136), (6, 33), (2, 1), (3, 255)):
    tried(f"kind {kind}, protocol {protocol}", socket.socket, socket.AF_INET, kind, protocol)
