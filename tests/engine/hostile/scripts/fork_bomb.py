#: what = "Forks in every process, each in a session of its own."
#: guard = "the limit on processes, and the end by the clock"
#: policy = {pids = 64, timeout_seconds = 2.0}
#: safe = {verdict = "limit"}
import os

while True:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        pass
