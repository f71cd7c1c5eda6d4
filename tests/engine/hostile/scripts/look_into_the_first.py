#: what = "Reads what the process that tells its end has, and reads others' output there."
#: guard = "the first process is not dumpable"
import os

from attack import tried

for name in ("mem", "environ", "maps", "auxv", "syscall", "stack"):
    tried(name, lambda name=name: open(f"/proc/1/{name}", "rb").read(1))
tried("its descriptors", os.listdir, "/proc/1/fd")
tried("its folder", os.readlink, "/proc/1/cwd")
