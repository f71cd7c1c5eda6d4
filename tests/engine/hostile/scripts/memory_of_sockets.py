#: what = "Fills the buffers of sockets, of which all users of the host together have so much."
#: attacks = "memory"
#: policy = {memory_bytes = 268435456, timeout_seconds = 20.0}
#: safe = {verdict = "clean"}
import select
import socket

from attack import harm

server = socket.create_server(("127.0.0.1", 0), backlog=400)
held, pairs, stuck = 0, [], 0
while held < 120 << 20 and stuck < 40:
    one = socket.create_connection(server.getsockname(), 5)
    one.setblocking(False)
    pairs.append((one, server.accept()[0]))
    before = held
    try:
        while select.select([], [one], [], 0.05)[1]:
            held += one.send(b"x" * 65536)
    except OSError:
        pass
    stuck = stuck + 1 if held - before < 65536 else 0
print(held >> 20, "MiB in", len(pairs))
if held >= 120 << 20:
    harm("120 MiB in sockets")
