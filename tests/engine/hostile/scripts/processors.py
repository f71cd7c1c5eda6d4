#: what = "Keeps the processors for itself."
#: attacks = "cpu"
#: policy = {cpus = 0.1, timeout_seconds = 60.0}
#: safe = {verdict = "clean"}
import time

from attack import harm

highest = 0.0
for _ in range(50):
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() - began < 0.1:
        pass
    highest = max(highest, (time.process_time() - used) / (time.monotonic() - began))
print(f"at most {highest:.2f} of a processor")
if highest > 0.3:
    harm("more than its share")
