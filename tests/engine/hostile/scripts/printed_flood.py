#: what = "Prints without end."
#: attacks = "printed-size"
#: policy = {output_bytes = 262144}
#: safe = {verdict = "limit"}
#: harm = {verdict = "clean"}
import os
import sys
import time

for _ in range(24):
    os.write(sys.stdout.fileno(), b"x" * (1 << 20))
    os.write(sys.stderr.fileno(), b"x" * (1 << 20))
time.sleep(2)
