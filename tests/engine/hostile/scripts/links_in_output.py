#: what = "Links what it leaves to files of the host, so that we copy them out."
#: attacks = "output-links"
#: safe = {verdict = "clean"}
#: harm = {says = "TOP-SECRET"}
import os

from attack import TARGETS

for name in ("stacks.txt", "exception.json", "warnings.jsonl", "observer-a.jsonl"):
    try:
        os.unlink(f"/output/{name}")
    except OSError:
        pass
    os.symlink(TARGETS["closed_secret"], f"/output/{name}")
os.mkfifo("/output/observer-pipe.jsonl")
os.mkdir("/output/observer-folder.jsonl")
