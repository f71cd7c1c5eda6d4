#: what = "Looks for keys of the service in the variables of every process."
#: attacks = "environment"
import os

from attack import TARGETS, harm

for name in os.listdir("/proc"):
    if name.isdigit():
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if TARGETS["variable"].encode() in file.read():
                    harm(f"process {name} has it")
        except OSError:
            pass
if TARGETS["variable"] in os.environ:
    harm("it is handed over")
