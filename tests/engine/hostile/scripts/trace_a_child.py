#: what = "Traces a process and reads and writes its memory."
#: attacks = "tracing"
import os
import time

from attack import call, tried

child = os.fork()
if child == 0:
    time.sleep(20)
    os._exit(0)
tried("attaching", call, "ptrace", 0x4206, child, 0, 0)
tried("comparing", call, "kcmp", os.getpid(), child, 0, 0, 0)
os.kill(child, 9)
