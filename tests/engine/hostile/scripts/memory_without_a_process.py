#: what = "Takes it where no process has it: in files in memory and pipes."
#: attacks = "memory"
#: policy = {memory_bytes = 268435456}
#: safe = {verdict = "limit"}
import os

from attack import harm

kept = os.memfd_create("kept")
with open("/dev/shm/kept", "wb") as file:
    for _ in range(300):
        file.write(b"x" * (1 << 20))
        os.write(kept, b"x" * (1 << 20))
harm("600 MiB in files")
