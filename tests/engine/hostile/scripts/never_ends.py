#: what = "Does not end, and takes no signal."
#: attacks = "wall-clock"
#: policy = {timeout_seconds = 1.0}
#: safe = {verdict = "limit"}
import signal
import time

from attack import harm

for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(4)
harm("it went on")
