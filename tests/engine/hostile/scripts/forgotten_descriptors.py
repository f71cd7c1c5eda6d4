#: what = "Reads from descriptors that somebody has forgotten to close."
#: attacks = "descriptors"
import os

from attack import harm

for number in range(3, 1024):
    try:
        os.fstat(number)
    except OSError:
        continue
    target = os.readlink(f"/proc/self/fd/{number}")
    if target != "/dev/null" and not target.startswith("/output/"):
        harm(f"{number} is {target}")
