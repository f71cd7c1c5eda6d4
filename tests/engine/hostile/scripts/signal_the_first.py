#: what = "Ends the process that tells how the script has ended."
#: guard = "the first process takes no signal from inside"
#: safe = {verdict = "clean", says = "still here"}
import os
import signal
import time

for number in range(1, signal.NSIG):
    try:
        os.kill(1, number)
    except OSError:
        pass
time.sleep(0.2)
print("still here")
