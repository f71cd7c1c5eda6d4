#: what = "Gives its processes, threads and files names that are no text."
#: guard = "names are bytes until they are shown"
#: safe = {verdict = "clean"}
import ctypes
import os

ctypes.CDLL(None).prctl(15, b") R 1 1\n\xff\x1b[2J", 0, 0, 0)
for name in (b"\xff\xfe", b"new\nline", b"\x1b[2J", b"-rf", b"observer-\xff.jsonl", b"." * 200):
    with open(b"/output/" + name, "w") as file:
        file.write("x")
os.mkdir(b"/output/\xff\xff")
