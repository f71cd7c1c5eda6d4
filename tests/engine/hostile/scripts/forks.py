#: what = "Forks without end."
#: attacks = "processes"
#: policy = {pids = 64}
#: safe = {verdict = "clean"}
import os
import time

from attack import harm

made = 0
try:
    while made < 150:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
    harm(f"{made} processes")
except OSError as error:
    print("refused:", error.strerror, made)
