#: what = "Starts threads without end."
#: attacks = "processes"
#: policy = {pids = 64}
#: safe = {verdict = "clean"}
import threading
import time

from attack import harm

try:
    for _ in range(150):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    harm("150 threads")
except RuntimeError as error:
    print("refused:", error)
