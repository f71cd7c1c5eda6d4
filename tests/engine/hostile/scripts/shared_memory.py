#: what = "Attaches shared memory of the host's, and leaves some behind."
#: attacks = "own-ipc"

from attack import TARGETS, call, harm, tried

tried("the host's shared memory", call, "shmget", TARGETS["shared_memory"], 0, 0)
call("shmget", 0x48570001, 4096, 0o1600)
with open("/proc/sysvipc/shm") as file:
    if len(file.readlines()) > 2:
        harm("it sees the segments of others")
