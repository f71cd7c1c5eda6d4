#: what = "Becomes root of a namespace of its own."
#: attacks = "namespaces"
from attack import call, harm, in_child, tried

if in_child(call, "unshare", 0x10000000) == 0:
    harm("a user namespace by unshare")
for name in ("ipc", "net", "pid", "uts", "user", "mnt", "cgroup"):
    with open(f"/proc/self/ns/{name}") as file:
        tried(f"entering {name}", call, "setns", file.fileno(), 0) or harm(name)
