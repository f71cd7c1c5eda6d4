#: what = "Makes a file that runs as its owner, for a friend on the host."
#: attacks = "privileged-files"
import os

from attack import call, tried

with open("/tmp/tool", "w") as file:
    tried("by its descriptor", os.fchmod, file.fileno(), 0o4755)
tried("by its name", os.chmod, "/tmp/tool", 0o6755)
tried("by a newer call", call, "fchmodat2", -100, b"/tmp/tool", 0o4755, 0)
tried("while it is made", os.open, "/tmp/other", os.O_CREAT | os.O_WRONLY, 0o4755)
tried("in output", os.open, "/output/tool", os.O_CREAT | os.O_WRONLY, 0o4755)
