#: what = "Stops itself and everybody else, so that nobody can end."
#: guard = "the end kills, which needs nobody's help"
#: policy = {timeout_seconds = 1.0}
#: safe = {verdict = "limit"}
import os
import signal

if os.fork() == 0:
    os.setsid()
os.kill(1, signal.SIGSTOP)
os.kill(-1, signal.SIGSTOP)
os.kill(os.getpid(), signal.SIGSTOP)
