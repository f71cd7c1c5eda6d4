#: what = "Reads the command lines of the host's processes, and signals them."
#: attacks = "own-processes"
import os

from attack import TARGETS, harm

for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                harm(f"{name} is {file.read()[:80]}")
        except OSError:
            pass
if os.path.exists(f"/proc/{TARGETS['process']}/status") and TARGETS["process"] != os.getpid():
    print("that number is one of its own")
