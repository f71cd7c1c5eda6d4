#: what = "Leaves more files than anybody would look at, and folders deeper than any path."
#: guard = "a number of files in /output, a depth that is copied, and no link"
import os

from attack import tried


def fill():
    for number in range(5000):
        os.link("/output/started.json", f"/output/observer-{number}.jsonl")


os.makedirs("/output/" + "d/" * 30)
os.symlink("/", "/output/root")
os.symlink("loop", "/output/loop")
tried("5000 files", fill)
