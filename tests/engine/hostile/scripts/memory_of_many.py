#: what = "Takes it in many small processes."
#: attacks = "memory"
#: policy = {memory_bytes = 268435456}
#: safe = {verdict = "clean"}
import os
import time

from attack import harm

children = []
for _ in range(10):
    read_end, write_end = os.pipe()
    children.append((os.fork(), read_end))
    if children[-1][0] == 0:
        kept = b"x" * (32 << 20)
        os.write(write_end, b"1")
        time.sleep(60)
    os.close(write_end)
ready = [os.read(read_end, 1) for _, read_end in children]
alive = [child for child, _ in children if os.waitpid(child, os.WNOHANG)[0] == 0]
print(len(alive), "of", len(ready))
if len(alive) == 10:
    harm("320 MiB in ten processes")
