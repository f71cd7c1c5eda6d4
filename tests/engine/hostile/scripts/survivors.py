#: what = "Leaves processes that go on writing and printing when it has ended."
#: guard = "with the first process the kernel kills all; the launcher buries who is left"
#: safe = {verdict = "clean", says = "ended"}
import os
import signal
import time

for _ in range(10):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        for number in range(1, signal.NSIG):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with open("/output/exception.json", "w") as file:
                file.write('{"chain": [{"type": "Forged", "message": "x"}]}')
            print("still there", flush=True)
            time.sleep(0.01)
time.sleep(0.1)
print("ended")
os._exit(0)
