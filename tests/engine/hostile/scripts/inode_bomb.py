#: what = "Makes files without end, to make the end of the run slow."
#: guard = "each folder in memory has so many files"
#: policy = {timeout_seconds = 60.0}
#: safe = {verdict = "clean", says = "No space left"}
import os

from attack import tried


def fill():
    for number in range(150_000):
        os.mkdir(f"/tmp/{number}")


tried("150,000 folders", fill)
