#: what = "Reads from its own output, and makes the pipe larger for everybody."
#: guard = "a pipe of each run, read to its end"
#: safe = {verdict = "clean"}
import fcntl
import os

os.write(1, b"first\n")
try:
    reader = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK)
    print(os.read(reader, 100))
    fcntl.fcntl(1, 1031, 1 << 20)
except OSError as error:
    print("refused:", error.strerror)
for number in range(64):
    os.set_blocking(1, False)
os.set_blocking(1, True)
